"""A breakdown as a small chart under a paragraph of a narrative: a narrow table with bars, or months as columns."""

from collections.abc import Mapping
from typing import Any

from rmrp_analysis import charts
from rmrp_analysis.page import findings
from rmrp_analysis.page.bar_tables import column_of, in_usual_order
from rmrp_analysis.page.drawings import words_of_months
from rmrp_analysis.page.printed import Printed, falling
from rmrp_analysis.page.tables import stated_table

MONTHS = "people_reached_by_month"
WIDTH_MM, HEIGHT_MM = 57.3, 28.0
"""Of the columns of months: as wide as the narrowest column of running text that is printed on two pages."""

MOST_ROWS = 5
IN_ORDER = ("age_gender", "model")  # dimensions whose parts stay in the order of the sheet
TextChart = Mapping[str, Any]


def text_chart(printed: Printed, name: str) -> TextChart | None:
    """The view of a breakdown of the sheet as a small chart; None where it has no part to draw.

    Of many parts those with most; a breakdown in doubt bears its caution, which for the public stands in its place.
    """
    breakdown, caution = printed.breakdown(name), printed.cautions(name)
    if not any(cell.present for cell in breakdown.cells):
        return None
    chart = _months(printed, name) if name == MONTHS else _bars(printed, name)
    nothing = {"rows": [], "svg": "", "alt": ""} if caution and not printed.internal else {}
    return {"headed": False, **chart, **nothing, "caution": caution}


def _bars(printed: Printed, name: str) -> TextChart:
    words, breakdown = printed.words, printed.breakdown(name)
    declared, figure = breakdown.definition, breakdown.definition.figure_definition
    cells = [cell for cell in breakdown.cells if cell.present and (cell.value or 0) >= 0]
    kicker = words(declared.label, level=printed.level()) + ("*" if breakdown.unit == "usd" else "")
    measure = "money" if breakdown.unit == "usd" else "wanted" if figure.planned else "people"
    longest = printed.longest(breakdown.cells)
    if len(cells) > MOST_ROWS:
        cells = sorted(cells, key=falling)[:MOST_ROWS]
        kicker = words("{kicker} ({count} largest)", kicker=kicker, count=str(len(cells)))
    return {
        "kicker": kicker,
        "columns": [column_of(printed, declared.by[0]), words(figure.label)],
        "measures": [measure],
        "rows": [
            {"label": printed.part_name(cell.key, declared.by[0]), measure: printed.part(cell, breakdown.unit, longest)}
            for cell in sorted(
                cells, key=(lambda cell: in_usual_order(cell.key)) if declared.by[0] in IN_ORDER else falling
            )
        ],
        "svg": "",
        "alt": "",
    }


def _months(printed: Printed, name: str) -> TextChart:
    chart = charts.drawing_of(charts.months(stated_table(printed, name)))
    assert chart  # noqa: S101 - the months are a chart of this package
    view = words_of_months(printed, chart, findings.finding(printed, "months"))
    svg = chart.svg("text-months", size_mm=(WIDTH_MM, HEIGHT_MM))
    # The text has no table beneath it: its alternative text names every month.
    return {
        "kicker": view["kicker"],
        "columns": [],
        "measures": [],
        "rows": [],
        "svg": svg,
        "alt": view["alt_printed"],
    }
