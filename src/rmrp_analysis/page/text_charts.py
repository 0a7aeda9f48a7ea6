"""A breakdown as a small chart under a paragraph of a narrative: a narrow table with bars, or months as columns."""

from collections.abc import Mapping
from typing import Any

from rmrp_analysis import charts
from rmrp_analysis.page import drawings
from rmrp_analysis.page.bar_tables import BARS
from rmrp_analysis.page.printed import Printed, falling
from rmrp_analysis.words import N_

MONTHS = "people_reached_by_month"
WIDTH_MM, HEIGHT_MM = 57.3, 28.0
"""Of the columns of months: as wide as the narrowest column of running text that is printed on two pages."""

MOST_ROWS = 5
TextChart = Mapping[str, Any]


def text_chart(printed: Printed, name: str) -> TextChart | None:
    """The view of a breakdown of the sheet as a small chart; None where it has no part to draw.

    Of many parts those with most; a breakdown in doubt bears its caution, which for the public stands in its place.
    """
    breakdown, caution = printed.breakdown(name), printed.cautions(name)
    if not any(cell.present for cell in breakdown.cells):
        return None
    chart = _months(printed) if name == MONTHS else _bars(printed, name)
    nothing = {"rows": [], "svg": "", "alt": ""} if caution and not printed.internal else {}
    return {**chart, **nothing, "caution": caution}


def _bars(printed: Printed, name: str) -> TextChart:
    words, breakdown = printed.words, printed.breakdown(name)
    look, figure, money = BARS.get(name), breakdown.definition.figure_definition, breakdown.unit == "usd"
    cells = [cell for cell in breakdown.cells if cell.present and (cell.value or 0) >= 0]
    kicker = words(look.kicker if look else breakdown.definition.label) + ("*" if money else "")
    name_of = printed.place if "admin1" in breakdown.definition.by else printed.label
    if len(cells) > MOST_ROWS:
        cells = sorted(cells, key=falling)[:MOST_ROWS]
        kicker = words("{kicker} ({count} largest)", kicker=kicker, count=str(len(cells)))
    return {
        "kicker": kicker,
        "columns": [words(look.column if look else N_("Part")), words(figure.label)],
        "measure": "money" if money else "wanted" if figure.planned else "people",
        "rows": [
            {"label": name_of(cell.key), "part": printed.part(cell, breakdown)}
            for cell in sorted(cells, key=look.order if look else falling)
        ],
        "svg": "",
        "alt": "",
    }


def _months(printed: Printed) -> TextChart:
    view = drawings.months(printed, charts.months, uid="text-months", size_mm=(WIDTH_MM, HEIGHT_MM)).view
    # The text has no table beneath it: its alternative text names every month.
    kicker = view["kicker"] if view["svg"] else f"{view['kicker']}: {view['empty']['title']}"
    return {
        "kicker": kicker,
        "columns": [],
        "measure": "people",
        "rows": [],
        "svg": view["svg"],
        "alt": view["alt_printed"],
    }
