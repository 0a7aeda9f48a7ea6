"""The block of money on its way from donors to the organisations they fund."""

from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes

from rmrp_analysis.figures import FROM_TO, Breakdown
from rmrp_analysis.page import findings, numbers
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.charts import svg
from rmrp_analysis.page.flow_chart import End, flow_bands
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import NOT_SPECIFIED

ENDS_SHOWN = 4
WIDTHS_MM: Mapping[int, float] = {5: 72.7, 6: 88.0}
PASSED_ON = "passed on within the plan"
BREAKDOWN = "funding_usd_by_donor_and_organisation"
Pairs = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class _Side:
    """Who is drawn on one side: the largest by name, the rest together, then what was passed on, if anything was."""

    shown: tuple[str, ...]
    others: int
    usd: tuple[float, ...]

    def place(self, name: str) -> int:
        """Which of the bars is this one's."""
        if name == PASSED_ON:
            return len(self.usd) - 1
        return self.shown.index(name) if name in self.shown else len(self.shown)


def donor_flows(printed: Printed, *, title: str = "", span: int) -> Block | None:
    """Largest donors to largest organisations, the others together; None where the source does not tell.

    Money passed on inside the plan came in before, from donors of another sector or of none.
    """
    pairs = _pairs(printed.key_figures.breakdowns.get(BREAKDOWN))
    if not pairs:
        return None
    words = printed.words
    givers, takers = _side(pairs, 0), _side(pairs, 1)
    named = _ends(printed, givers, "donors"), _ends(printed, takers, "organizations")
    view = {
        "block": "columns",
        "span": span,
        "kicker": printed.words("Funding, from donor to organization*, {as_of}", as_of=printed.as_of("funding")),
        "finding": title or findings.largest_donor(printed),
        "svg": svg(_drawn(pairs, givers, takers, named, WIDTHS_MM[span]), prefix="flows"),
        "alt": _alt(printed, words("All values are in the table that follows."), *named),
        "alt_printed": _alt(printed, _pairs_in_words(printed, pairs), *named),
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


def _side(pairs: Pairs, side: int) -> _Side:
    sums: dict[str, float] = {}
    for ends, usd in pairs.items():
        sums[ends[side]] = sums.get(ends[side], 0.0) + usd
    passed_on = sums.pop(PASSED_ON, None)
    order = sorted(sums, key=lambda name: (name == NOT_SPECIFIED, -sums[name], name))
    shown = tuple(order if len(order) <= ENDS_SHOWN + 1 else order[:ENDS_SHOWN])
    others = order[len(shown) :]
    together = [sum(sums[name] for name in others)] if others else []
    apart = [] if passed_on is None else [passed_on]
    return _Side(shown, len(others), (*(sums[name] for name in shown), *together, *apart))


def _ends(printed: Printed, side: _Side, who: str) -> list[End]:
    words, total = printed.words, sum(side.usd)
    forms = {
        "donors": ("{count} other donor", "{count} other donors"),
        "organizations": ("{count} other", "{count} others"),
    }
    labels = {"donors": "Passed on within the plan", "organizations": "Sub-grants"}
    names = [words("Not named") if name == NOT_SPECIFIED else name for name in side.shown]
    if side.others:
        count = numbers.count(side.others, printed.language)
        names.append(words.plural(*forms[who], side.others).format(count=count))
    names += [words(labels[who])] * (len(side.usd) - len(names))
    return [
        End(name, f"{printed.usd(usd)} · {printed.share(usd, total)}")
        for name, usd in zip(names, side.usd, strict=True)
    ]


def _drawn(pairs: Pairs, givers: _Side, takers: _Side, named: tuple[list[End], list[End]], width_mm: float) -> Axes:
    usd: dict[tuple[int, int], float] = {}
    for (donor, organisation), amount in pairs.items():
        ends = givers.place(donor), takers.place(organisation)
        usd[ends] = usd.get(ends, 0.0) + amount
    return flow_bands(*named, usd, width_mm=width_mm)


def _alt(printed: Printed, rest: str, givers: list[End], takers: list[End]) -> str:
    chart = printed.words(
        "Flow chart: funding from donors to organizations. Donors: {donors}. Organizations: {organizations}.",
        donors=_listed(givers),
        organizations=_listed(takers),
    )
    return f"{chart} {rest}"


def _pairs_in_words(printed: Printed, pairs: Pairs) -> str:
    """Who gave how much to whom, for print, which has no table of it."""
    told = (f"{donor}{FROM_TO}{organisation}: {usd}" for donor, organisation, usd in _table_rows(printed, pairs))
    return f"{'; '.join(told)}."


def _listed(ends: list[End]) -> str:
    return "; ".join(f"{end.name}: {end.text}" for end in ends)


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
