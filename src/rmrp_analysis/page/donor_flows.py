"""The block of money on its way from donors to the organisations they fund."""

from collections.abc import Callable, Mapping

import pandas as pd
from matplotlib.axes import Axes

from rmrp_analysis import charts
from rmrp_analysis.charts.flow_charts import PASSED_ON, Flows, largest_flows
from rmrp_analysis.figures import FROM_TO, Breakdown
from rmrp_analysis.page import findings
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import NOT_SPECIFIED

WIDTHS_MM: Mapping[int, float] = {5: 72.7, 6: 88.0}
BREAKDOWN = "funding_usd_by_donor_and_organisation"
Pairs = Mapping[tuple[str, str], float]
Chart = Callable[..., Axes]
"""A function of ``charts``: a table in, axes out."""


def donor_flows(printed: Printed, draw: Chart, *, title: str = "", span: int) -> Block | None:
    """Largest donors to largest organisations, the others together; None where the source does not tell.

    Money passed on inside the plan came in before, from donors of another sector or of none.
    """
    pairs = _pairs(printed.key_figures.breakdowns.get(BREAKDOWN))
    if not pairs:
        return None
    words, usd = printed.words, pd.Series(pairs)
    ends = largest_flows(usd, language=printed.language)
    axes = draw(usd, width_mm=WIDTHS_MM[span], language=printed.language)
    view = {
        "block": "columns",
        "span": span,
        "kicker": printed.words("Funding, from donor to organization*, {as_of}", as_of=printed.as_of("funding")),
        "finding": title or findings.largest_donor(printed),
        "svg": charts.svg(axes, prefix="flows"),
        "alt": _alt(printed, ends, words("All values are in the table that follows.")),
        "alt_printed": _alt(printed, ends, _pairs_in_words(printed, pairs)),
        "table": _table(printed, pairs),
        "empty": None,
    }
    return Block("columns", view, uid="donors")


def _pairs(breakdown: Breakdown | None) -> Pairs:
    """Amounts above 0 by donor and organisation; nothing when all that is known was passed on inside the plan."""
    told = breakdown.values() if breakdown else {}
    pairs = {_ends_of(key): usd for key, usd in told.items() if usd > 0}
    return pairs if set(pairs) - {(PASSED_ON, PASSED_ON)} else {}


def _ends_of(key: str) -> tuple[str, str]:
    donor, arrow, organisation = key.partition(FROM_TO)
    return (donor, organisation) if arrow else (PASSED_ON, PASSED_ON)


def _alt(printed: Printed, ends: Flows, rest: str) -> str:
    chart = printed.words(
        "Flow chart: funding from donors to organizations. Donors: {donors}. Organizations: {organizations}.",
        donors=_listed(printed, ends.givers),
        organizations=_listed(printed, ends.takers),
    )
    return f"{chart} {rest}"


def _pairs_in_words(printed: Printed, pairs: Pairs) -> str:
    """Who gave how much to whom, for print, which has no table of it."""
    told = (f"{donor}{FROM_TO}{organisation}: {usd}" for donor, organisation, usd in _table_rows(printed, pairs))
    return f"{'; '.join(told)}."


def _listed(printed: Printed, ends: Mapping[str, float]) -> str:
    total = sum(ends.values())
    return "; ".join(f"{name}: {printed.usd(usd)} · {printed.share(usd, total)}" for name, usd in ends.items())


def _table(printed: Printed, pairs: Pairs) -> dict[str, object]:
    words = printed.words
    return {
        "summary": words("Show the numbers as a table"),
        "caption": words("Funding, from donor to organization"),
        "columns": [words("Donor"), words("Organization"), words("Funding")],
        "rows": _table_rows(printed, pairs),
    }


def _table_rows(printed: Printed, pairs: Pairs) -> list[list[str]]:
    words = printed.words
    labels = {NOT_SPECIFIED: words("Not named")}
    return [
        [labels.get(donor, donor), labels.get(organisation, organisation), printed.usd(usd)]
        if donor != PASSED_ON
        else [words("Passed on within the plan"), words("Sub-grants"), printed.usd(usd)]
        for (donor, organisation), usd in pairs.items()
    ]
