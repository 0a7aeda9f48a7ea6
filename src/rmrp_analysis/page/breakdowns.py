"""The blocks of figures split: by month, population group, age and gender, donor."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rmrp_analysis import charts, numbers
from rmrp_analysis.figures import REASONS, Breakdown, Cell
from rmrp_analysis.labels import GROUP_NAMES, MODEL_NAMES
from rmrp_analysis.page import findings
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.donor_flows import Chart, donor_flows
from rmrp_analysis.page.parts import (
    WHOLE_BREAKDOWN,
    chart_table,
    drawn_part,
    falling,
    people_text,
    spoken_people,
    withheld_note,
)
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import NOT_SPECIFIED
from rmrp_analysis.words import N_

AGE_GENDER = "people_reached_by_age_gender"
DONORS_SHOWN = 4
AGE_GENDER_ORDER = ("women", "men", "girls", "boys", "other_18_and_above", "other_under_18", NOT_SPECIFIED)
SharesOf = Literal["all", "target", "model"]
SHARES: Mapping[SharesOf, str] = {
    "all": N_("People reached, and share of all"),
    "target": N_("People reached, and share of target"),
    "model": N_("People reached, and share of those by the model used"),
}
"""What stands in the column of bars, by what its shares are of."""


def months(printed: Printed, draw: Chart, *, title: str = "") -> Block:
    """People newly reached in each month."""
    words, breakdown = printed.words, printed.key_figures.breakdowns["people_reached_by_month"]
    in_full = numbers.digits_of_thousands(breakdown.values().values()) is None
    drawn, svg = any((cell.value or 0) > 0 for cell in breakdown.cells), ""
    if drawn:
        axes = draw(chart_table(printed, breakdown), axis_label="", language=printed.language)
        svg = charts.svg(axes, prefix="months")
    view = {
        "block": "columns",
        "span": 6,
        "kicker": words("People newly reached, by month")
        if in_full
        else words("People newly reached, by month, in thousands"),
        "finding": title or findings.peak_month(printed),
        "svg": svg,
        "alt": _months_alt(printed, breakdown) if drawn else "",
        "alt_printed": _months_in_words(printed, breakdown) if drawn else "",
        "table": {
            "summary": words("Show the numbers as a table"),
            "caption": words("People newly reached, by month"),
            "columns": [words("Month"), words("People newly reached")],
            "rows": [
                [numbers.month_and_year(cell.key, printed.language), _month_cell(printed, cell)]
                for cell in breakdown.cells
            ],
        },
        "empty": None if drawn else _no_months(printed, breakdown),
    }
    return Block("columns", view, uid="months")


def _month_cell(printed: Printed, cell: Cell) -> str:
    """A month as the table beside the chart states it: in full."""
    return numbers.count(cell.value, printed.language) if cell.value is not None else people_text(printed, cell)


def _no_months(printed: Printed, breakdown: Breakdown) -> dict[str, str]:
    if any(cell.suppressed for cell in breakdown.cells):
        return {"title": printed.words("Too few people in each month"), "reason": withheld_note(printed, breakdown)}
    return _nothing(printed, printed.words("No people reached in these months"), breakdown.cells)


def _months_alt(printed: Printed, breakdown: Breakdown) -> str:
    """What the chart shows, for a page that has its table beneath."""
    withheld = _month_list(printed, breakdown, lambda cell: cell.suppressed)
    missing = _month_list(printed, breakdown, lambda cell: cell.reason == "no_report")
    words, finding = printed.words, findings.peak_month(printed)
    parts = (
        _months_title(printed),
        f"{finding}.",
        _extremes(printed, breakdown),
        words("Withheld: {months}.", months=withheld) if withheld else "",
        words("Without a report: {months}.", months=missing) if missing else "",
        words("All values are in the table that follows."),
    )
    return " ".join(part for part in parts if part)


def _months_in_words(printed: Printed, breakdown: Breakdown) -> str:
    """The same with every month, for print, which has no table of them."""
    told = (
        f"{numbers.month_name(cell.key, printed.language)}: {spoken_people(printed, cell, breakdown)}"
        for cell in breakdown.cells
    )
    return f"{_months_title(printed)} {findings.peak_month(printed)}. {'; '.join(told)}."


def _months_title(printed: Printed) -> str:
    return printed.words(
        "Column chart: people newly reached each month, {scope}, {period}.",
        scope=printed.scope(),
        period=printed.period(),
    )


def _extremes(printed: Printed, breakdown: Breakdown) -> str:
    """The first highest and the first lowest of the months with a value."""
    valued = [cell for cell in breakdown.cells if cell.value is not None]
    ends = {
        "highest": max(valued, key=lambda cell: cell.value or 0),
        "lowest": min(valued, key=lambda cell: cell.value or 0),
    }
    told = {
        name: f"{numbers.month_name(cell.key, printed.language)} {_month_cell(printed, cell)}"
        for name, cell in ends.items()
    }
    return printed.words("Highest of the values shown: {highest}; lowest: {lowest}.", **told)


def _month_list(printed: Printed, breakdown: Breakdown, which: Callable[[Cell], bool]) -> str:
    months = [numbers.month_name(cell.key, printed.language) for cell in breakdown.cells if which(cell)]
    if months and len(months) == len(breakdown.cells):
        return printed.words("every month")
    return numbers.listed(months, printed.language)


@dataclass(frozen=True)
class Bars:
    """How a breakdown is said as a table with bars: by what its shares are, in which order, against which targets."""

    kicker: str
    column: str
    finding: Callable[[Printed], str]
    order: Callable[[Cell], Any] = falling
    shares_of: SharesOf = "all"
    targets: str = ""
    kicker_with_targets: str = ""
    tall: bool = False


BARS: Mapping[str, Bars] = {
    "people_reached_by_population_group": Bars(
        N_("People reached, by population group"),
        N_("Population group"),
        findings.population_group,
        targets="target_by_population_group",
        kicker_with_targets=N_("People reached, by population group; share of target"),
    ),
    AGE_GENDER: Bars(
        N_("People reached, by age and gender"),
        N_("Age and gender"),
        findings.age_and_gender,
        order=lambda cell: AGE_GENDER_ORDER.index(cell.key),
    ),
    "people_reached_by_sector": Bars(
        N_("People reached, by sector (some by several)"),
        N_("Sector"),
        findings.largest_sector,
        shares_of="target",
        targets="target_by_sector",
        kicker_with_targets=N_("People reached, by sector (some by several); share of target"),
        tall=True,
    ),
    "people_reached_by_model": Bars(
        N_("People reached under each model; share of the one used"),
        N_("Consolidation model"),
        findings.models,
        order=lambda cell: list(MODEL_NAMES).index(cell.key),
        shares_of="model",
    ),
}
"""The breakdowns that have words of their own; any other is said by its label."""


def bars(printed: Printed, name: str, *, title: str = "", span: int = 6) -> Block:
    """A breakdown as a table with bars, under its own finding or this title."""
    words, breakdown = printed.words, printed.key_figures.breakdowns[name]
    said = BARS.get(name) or Bars(breakdown.definition.label, N_("Part"), lambda _: "")
    targets = printed.key_figures.breakdowns[said.targets].values() if said.targets else {}
    shares_of: SharesOf = "target" if targets else said.shares_of
    cells = sorted(
        (cell for cell in breakdown.cells if cell.key != NOT_SPECIFIED or cell.value or cell.suppressed),
        key=said.order,
    )
    nothing = not any(cell.value or cell.suppressed for cell in cells if cell.key != NOT_SPECIFIED)
    column = words(said.column)
    without = words("No breakdown by {what}", what=column[:1].lower() + column[1:])
    view = {
        "block": "bars",
        "span": span,
        "tall": said.tall,
        "kicker": words(said.kicker_with_targets if targets else said.kicker),
        "finding": "" if nothing else title or said.finding(printed),
        "colour": "people",
        "columns": [column, words(SHARES[shares_of])],
        "rows": [] if nothing else [_bar_row(printed, cell, breakdown, shares_of, targets) for cell in cells],
        "empty": _nothing(printed, without, breakdown.cells) if nothing else None,
    }
    return Block("bars", view, uid=name)


def donors(printed: Printed, draw: Chart, *, title: str = "", span: int = 6) -> Block:
    """The largest donors and where their money goes; without organisations, donors alone, the others together."""
    flows = donor_flows(printed, draw, title=title, span=span)
    if flows is not None:
        return flows
    words, figures = printed.words, printed.key_figures
    breakdown = figures.breakdowns.get("funding_usd_by_donor")
    view = {
        "block": "bars",
        "span": span,
        "tall": False,
        "kicker": words("Funding, by donor*, {as_of}", as_of=printed.as_of("funding")),
        "finding": title or findings.largest_donor(printed),
        "colour": "money",
        "columns": [words("Donor"), words("Funding")],
        "rows": _donor_rows(printed, breakdown) if breakdown else [],
        "empty": None,
    }
    if not view["rows"]:
        reason = (
            words("No funding is designated to this sector here.")
            if breakdown
            else words("The source gives totals without donors.")
        )
        view |= {"finding": "", "empty": {"title": words("No breakdown by donor"), "reason": reason}}
    return Block("bars", view, uid="donors")


def _donor_rows(printed: Printed, breakdown: Breakdown) -> list[dict[str, Any]]:
    words = printed.words
    named = [(cell.key, cell.value or 0.0) for cell in breakdown.cells if cell.key != NOT_SPECIFIED]
    shown, others = (named, []) if len(named) <= DONORS_SHOWN + 1 else (named[:DONORS_SHOWN], named[DONORS_SHOWN:])
    parts = list(shown)
    if others:
        label = words.plural("{count} other donor", "{count} other donors", len(others))
        parts.append(
            (label.format(count=numbers.count(len(others), printed.language)), sum(amount for _, amount in others))
        )
    rest = breakdown.values().get(NOT_SPECIFIED)
    if rest:
        parts.append((words("Passed on within the plan"), rest))
    longest = max((amount for _, amount in parts), default=0)
    total = printed.key_figures.value("funding_usd")
    return [
        {
            "label": label,
            "state": "value",
            "bar": max(amount, 0) / longest if longest > 0 else 0,
            "target": None,
            "value": printed.usd(amount),
            "share": printed.share(amount, total),
        }
        for label, amount in parts
    ]


def _bar_row(
    printed: Printed, cell: Cell, breakdown: Breakdown, shares_of: SharesOf, targets: Mapping[str, float]
) -> dict[str, Any]:
    label = _bar_label(printed, cell, shares_of)
    if (cell.value or 0) < 0:
        text = numbers.people(abs(cell.value or 0), printed.language)
        return {"label": label, "state": "not_applicable", "bar": 0, "target": None, "value": text, "share": ""}
    longest = max([*breakdown.values().values(), *targets.values()], default=0)
    target = targets.get(cell.key)
    whole = target if shares_of == "target" else printed.key_figures.value("people_reached")
    drawn = drawn_part(printed, cell, breakdown)
    return {
        "label": label,
        "state": drawn["state"],
        "bar": (cell.value or 0) / longest if longest else 0,
        "target": target / longest if target and longest else None,
        "value": drawn["text"],
        "spoken": drawn["spoken"],
        "share": printed.share(cell.value, whole) if cell.value else "",
    }


def _bar_label(printed: Printed, cell: Cell, shares_of: SharesOf) -> str:
    label = printed.words(_group_label(cell))
    used = shares_of == "model" and cell.key == printed.key_figures.method.intersector_model
    return printed.words("{model} (used)", model=label) if used else label


def _group_label(cell: Cell) -> str:
    if cell.key == NOT_SPECIFIED and (cell.value or 0) < 0:
        return N_("Groups exceed total by")
    return GROUP_NAMES.get(cell.key) or MODEL_NAMES.get(cell.key) or cell.key


def _nothing(printed: Printed, title: str, cells: Sequence[Cell] = ()) -> dict[str, str]:
    reasons = {cell.reason for cell in cells} & WHOLE_BREAKDOWN
    told = printed.words(REASONS[reasons.pop()]) if reasons else ""
    reason = f"{told[:1].upper()}{told[1:]}." if told else printed.words("No partner reported one for this period.")
    return {"title": title, "reason": reason}
