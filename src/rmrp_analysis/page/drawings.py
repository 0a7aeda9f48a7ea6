"""The blocks that hold a drawing: months, flows of money, an analyst's own chart."""

from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pandas as pd

from rmrp_analysis import charts, inline, numbers
from rmrp_analysis.charts import measures
from rmrp_analysis.charts.flow_charts import PASSED_ON, largest_flows
from rmrp_analysis.figures import FROM_TO, Cell
from rmrp_analysis.page import findings
from rmrp_analysis.page.bar_tables import nothing
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.theme import pictures
from rmrp_analysis.vocabulary import NOT_SPECIFIED
from rmrp_analysis.words import N_, Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOW_MM = measures.COLUMNS_6_MM, 27.0
"""The size of months on a page that has more text than charts."""

DONORS_OF_SEVERAL = 4
"""From so many donors to several organisations on money is drawn as flows; else as bars."""

MOST_HEARD = 3
"""Donors and organisations that an alternative text names."""

FLOW_WIDTHS_MM: Mapping[int, float] = {5: 72.7, 6: 88.0}
Chart = Callable[..., "Axes"]
"""A function of ``charts``: a table in, axes out."""
Size = tuple[float, float]
"""Width and height in millimetres."""


def drawing(
    words: Words,
    uid: str,
    svg: str,
    *,
    caption: str,
    columns: list[str],
    rows: list[list[str]],
    summary: str = "",
    span: int = 6,
    page: str = "second",
    **view: Any,
) -> Block:
    """A chart as wide as its block, and its numbers as a table that a reader may open."""
    summary = summary or words("Show the numbers as a table")
    table = {"summary": summary, "caption": caption, "columns": columns, "rows": rows}
    looks = {"empty": None, "width_mm": None, "height_mm": None}
    return Block.of("chart", span, uid=uid, page=page, **{**looks, "svg": svg, "table": table, **view})


def months(
    printed: Printed, draw: Chart, *, title: str = "", uid: str = "months", size_mm: Size | None = None
) -> Block:
    """People newly reached in each month, in a size of their own if one is given."""
    words, breakdown = printed.words, printed.breakdown("people_reached_by_month")
    in_thousands = numbers.digits_of_thousands(breakdown.values().values(), "people", printed.language) is not None
    kicker = N_("People newly reached, by month")
    if in_thousands:
        kicker = N_("People newly reached, by month, in thousands")
    finding, empty, svg, alt, alt_printed = findings.finding(printed, "months"), None, "", "", ""
    if any(cell.present for cell in breakdown.cells):
        table = printed.chart_table(breakdown)
        table.attrs["pace"] = printed.pace if printed.counts_as_target else None
        svg = charts.drawn(draw, table, prefix=uid, size_mm=size_mm, axis_label="", language=printed.language)
        chart = words(
            "Column chart: people newly reached each month, {scope}, {period}.",
            scope=printed.scope(),
            period=printed.period(),
        )
        chart = f"{chart} {finding}." if finding else chart
        alt = printed.aloud(f"{chart} {_months_alt(printed)}")
        # Print has no table of the months: the text names all of them.
        each = "; ".join(f"{printed.month(cell.key)}: {printed.spoken(cell, breakdown)}" for cell in breakdown.cells)
        alt_printed = printed.aloud(f"{chart} {each[:1].upper()}{each[1:]}.")
    else:
        empty = nothing(words, words("No people reached in these months"), breakdown)
    return drawing(
        words,
        uid,
        svg,
        kicker=_with_pace(printed, words(kicker)) if svg else words(kicker),
        finding=title or finding,
        empty=empty,
        alt=alt,
        alt_printed=alt_printed,
        caption=words("People newly reached, by month"),
        columns=[words("Month"), words("People newly reached")],
        rows=[[numbers.month_and_year(cell.key, printed.language), _month(printed, cell)] for cell in breakdown.cells],
    )


def _with_pace(printed: Printed, kicker: str) -> str:
    """The title of the months with the pace that the target needs, where it is of the same people and so drawn."""
    if not printed.pace or not printed.counts_as_target:
        return kicker
    return printed.words("{measure}; line: target pace", measure=kicker)


def _months_alt(printed: Printed) -> str:
    """The highest and lowest months, and those without a value, for a page that has the table of months beneath."""
    words, cells = printed.words, printed.breakdown("people_reached_by_month").cells
    valued = [cell for cell in cells if cell.value is not None]
    highest, lowest = (
        f"{printed.month(cell.key)} {_month(printed, cell)}"
        for cell in (most(valued, key=printed.length) for most in (max, min))
    )
    sentences = [words("Highest of the values shown: {highest}; lowest: {lowest}.", highest=highest, lowest=lowest)]
    if missing := [printed.month(cell.key) for cell in cells if cell.reason == "no_report"]:
        sentences.append(words("Without a report: {months}.", months=printed.listed(missing)))
    return " ".join([*sentences, words("All values are in the table that follows.")])


def _month(printed: Printed, cell: Cell) -> str:
    """A month as the table beneath the chart prints it."""
    return printed.words("no report") if cell.reason == "no_report" else printed.number(cell, "people")


def donor_flows(printed: Printed, draw: Chart, *, title: str = "", span: int = 6, page: str = "second") -> Block | None:
    """Largest donors to largest organisations, the others together; None where the source does not tell.

    Money passed on inside the plan came in before, from donors of another sector or of none.
    """
    words, pairs = printed.words, {}
    for key, usd in printed.breakdown("funding_usd_by_donor_and_organisation").values().items():
        donor, arrow, organisation = key.partition(FROM_TO)
        if usd > 0:
            pairs[(donor, organisation) if arrow else (PASSED_ON, PASSED_ON)] = usd
    if not set(pairs) - {(PASSED_ON, PASSED_ON)}:
        return None
    named = [pair for pair in pairs if PASSED_ON not in pair and NOT_SPECIFIED not in pair]
    several = [donor for donor, given in Counter(donor for donor, _ in named).items() if given > 1]
    if len(several) < DONORS_OF_SEVERAL:
        return None
    names = {NOT_SPECIFIED: words("Not named")}
    rows = [
        [words("Passed on within the plan"), words("Sub-grants"), printed.usd(usd)]
        if donor == PASSED_ON
        else [names.get(donor, donor), names.get(organisation, organisation), printed.usd(usd)]
        for (donor, organisation), usd in pairs.items()
    ]
    flows = pd.Series(pairs)
    ends = largest_flows(flows, language=printed.language)
    donors, organizations = (
        "; ".join(f"{name} {printed.share(usd, sum(end.values()))}" for name, usd in list(end.items())[:MOST_HEARD])
        for end in (ends.givers, ends.takers)
    )
    alt = words(
        "Flow chart: funding from donors to organizations. Largest donors: {donors}. Largest organizations: "
        "{organizations}.",
        donors=donors,
        organizations=organizations,
    )
    return drawing(
        words,
        "donors",
        charts.drawn(draw, flows, prefix="donors", width_mm=FLOW_WIDTHS_MM[span], language=printed.language),
        span=span,
        page=page,
        kicker=words("Funding, from donor to organization*, {as_of}", as_of=printed.as_of("funding")),
        finding=title or findings.finding(printed, "donors"),
        alt=printed.aloud(f"{alt} {words('All values are in the table that follows.')}"),
        alt_printed=printed.aloud(alt),
        caption=words("Funding, from donor to organization"),
        columns=[words("Donor"), words("Organization"), words("Funding")],
        rows=rows,
    )


def own_chart(drawing: Any, *, title: str = "", kicker: str = "", alt: str = "") -> Block:
    """A chart with what a voice says in its place.

    ``drawing`` is what Matplotlib and seaborn return: Axes, a Figure or a grid. Without ``alt``, the alternative text
    is every part that a chart of ``charts`` shows; of another it is drafted from the axes.
    """
    from matplotlib import pyplot

    parts = charts.shown_by(drawing)
    if parts and not alt:
        alt = " ".join(f"{text}." for text in (kicker, title, "; ".join(": ".join(part) for part in parts)) if text)
    figure = getattr(drawing, "figure", drawing)  # Axes and grids have one
    figure = figure.get_figure(root=True) if hasattr(figure, "get_figure") else figure
    bundle, metadata = inline.figure_bundle(figure, alt)
    pyplot.close(figure)  # the end of the cell would show it once more
    picture = pictures.safe_svg(bundle["image/svg+xml"])
    view = pictures.chart(picture, kicker=kicker, finding=title, **metadata["rmrp"])
    return Block("chart", view, uid=f"chart-{sha256(picture.svg.encode()).hexdigest()[:8]}")


def chart(drawing: Any, *, title: str = "", kicker: str = "", alt: str = "") -> None:
    """Show a chart in a notebook that makes no page of a selection; see ``Page.chart``."""
    from IPython.display import display

    display(own_chart(drawing, title=title, kicker=kicker, alt=alt))
