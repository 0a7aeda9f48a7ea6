"""The blocks of figures split: by month, population group, age and gender, donor."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rmrp_analysis.key_figures import REASONS, Breakdown, Cell
from rmrp_analysis.show import findings, numbers
from rmrp_analysis.show.block import Block
from rmrp_analysis.show.charts import Column, month_columns, svg
from rmrp_analysis.show.donor_flows import donor_flows
from rmrp_analysis.show.parts import WHOLE_BREAKDOWN, chart_state, drawn_part, falling, people_text
from rmrp_analysis.show.printed import Printed
from rmrp_analysis.vocabulary import NOT_SPECIFIED

DONORS_SHOWN = 4
IN_THOUSANDS_FROM = 10_000
GROUP_NAMES: Mapping[str, str] = {
    "in_destination": "In destination",
    "in_transit": "In transit",
    "host_communities": "Host communities",
    "pendular": "Pendular",
    "colombian_returnees": "Colombian returnees",
    "women": "Women",
    "men": "Men",
    "girls": "Girls",
    "boys": "Boys",
    "other_under_18": "Other gender, under 18",
    "other_18_and_above": "Other gender, 18 and above",
    NOT_SPECIFIED: "Not specified",
}
AGE_GENDER_ORDER = ("women", "men", "girls", "boys", "other_18_and_above", "other_under_18", NOT_SPECIFIED)
MODEL_NAMES: Mapping[str, str] = {
    "sum": "Sum of sectors",
    "max_sector": "Largest sector",
    "max_age_gender": "Largest groups",
    "southern_cone": "Southern Cone model",
    "lower_bound": "Lower bound",
}


def months(printed: Printed) -> Block:
    """People newly reached in each month."""
    words, breakdown = printed.words, printed.key_figures.breakdowns["people_reached_by_month"]
    in_thousands = max(breakdown.values().values(), default=0) >= IN_THOUSANDS_FROM
    kicker = (
        words("People newly reached, by month, in thousands")
        if in_thousands
        else words("People newly reached, by month")
    )
    shown = [
        Column(
            numbers.month_letter(cell.key, printed.language),
            cell.value,
            _month_text(printed, cell, in_thousands),
            chart_state(cell),
        )
        for cell in breakdown.cells
    ]
    nothing = not any(cell.value or cell.suppressed for cell in breakdown.cells)
    view = {
        "block": "columns",
        "span": 6,
        "kicker": kicker,
        "finding": findings.peak_month(printed),
        "svg": "" if nothing else svg(month_columns(shown), prefix="months"),
        "alt": "" if nothing else _months_alt(printed, breakdown, in_thousands),
        "table": {
            "summary": words("Show the numbers as a table"),
            "caption": words("People newly reached, by month"),
            "columns": [words("Month"), words("People newly reached")],
            "rows": [
                [numbers.month_and_year(cell.key, printed.language), _month_cell(printed, cell, in_thousands)]
                for cell in breakdown.cells
            ],
        },
        "empty": _nothing(printed, words("No people reached in these months"), breakdown.cells) if nothing else None,
    }
    return Block("columns", view, uid="months")


def _month_text(printed: Printed, cell: Cell, in_thousands: bool) -> str:
    if cell.value and in_thousands:
        thousands = cell.value / 1000
        return numbers.count(thousands, printed.language) if thousands >= 1 else people_text(printed, cell)
    return (
        people_text(printed, cell)
        if cell.suppressed or cell.value is None
        else numbers.count(cell.value, printed.language)
    )


def _month_cell(printed: Printed, cell: Cell, in_thousands: bool) -> str:
    """A month as the table beside the chart states it: as in the chart, but not cut to whole thousands."""
    return people_text(printed, cell) if in_thousands else _month_text(printed, cell, in_thousands)


def _months_alt(printed: Printed, breakdown: Breakdown, in_thousands: bool) -> str:
    words, finding = printed.words, findings.peak_month(printed)
    chart = words(
        "Column chart: people newly reached each month, {scope}, {period}.",
        scope=printed.scope(),
        period=printed.period(),
    )
    withheld = _month_list(printed, breakdown, lambda cell: cell.suppressed)
    missing = _month_list(printed, breakdown, lambda cell: cell.reason == "no_report")
    parts = (
        chart,
        f"{finding}." if finding else "",
        _extremes(printed, breakdown, in_thousands) if finding else "",
        words("Withheld: {months}.", months=withheld) if withheld else "",
        words("Without a report: {months}.", months=missing) if missing else "",
        words("All values are in the table that follows."),
    )
    return " ".join(part for part in parts if part)


def _extremes(printed: Printed, breakdown: Breakdown, in_thousands: bool) -> str:
    """The first highest and the first lowest of the months with a value."""
    valued = [cell for cell in breakdown.cells if cell.value is not None]
    ends = {
        "highest": max(valued, key=lambda cell: cell.value or 0),
        "lowest": min(valued, key=lambda cell: cell.value or 0),
    }
    told = {
        name: f"{numbers.month_name(cell.key, printed.language)} {_month_cell(printed, cell, in_thousands)}"
        for name, cell in ends.items()
    }
    return printed.words("Highest of the values shown: {highest}; lowest: {lowest}.", **told)


def _month_list(printed: Printed, breakdown: Breakdown, which: Callable[[Cell], bool]) -> str:
    months = [numbers.month_name(cell.key, printed.language) for cell in breakdown.cells if which(cell)]
    if months and len(months) == len(breakdown.cells):
        return printed.words("every month")
    return numbers.listed(months, printed.language)


def population_groups(printed: Printed, *, span: int = 6) -> Block:
    """People reached by population group, against the target where the plan gives one."""
    words, figures = printed.words, printed.key_figures
    targets = figures.breakdowns["target_by_population_group"].values()
    kicker = (
        words("People reached, by population group; share of target (pale bar)")
        if targets
        else words("People reached, by population group")
    )
    return _bars(
        printed,
        "people_reached_by_population_group",
        kicker=kicker,
        column=words("Population group"),
        finding=findings.largest_group(printed, "people_reached_by_population_group"),
        span=span,
        order=falling,
        targets=targets,
    )


def age_and_gender(printed: Printed, *, span: int = 6) -> Block:
    """People reached by age and gender."""
    words = printed.words
    return _bars(
        printed,
        "people_reached_by_age_gender",
        kicker=words("People reached, by age and gender"),
        column=words("Age and gender"),
        finding=findings.largest_group(printed, "people_reached_by_age_gender"),
        span=span,
        order=lambda cell: AGE_GENDER_ORDER.index(cell.key),
        targets={},
    )


def sectors(printed: Printed) -> Block:
    """People reached by each sector, against its target; a person may be in several."""
    words, figures = printed.words, printed.key_figures
    targets = figures.breakdowns["target_by_sector"].values()
    kicker = (
        words("People reached, by sector (some by several); share of target")
        if targets
        else words("People reached, by sector (some by several)")
    )
    return _bars(
        printed,
        "people_reached_by_sector",
        kicker=kicker,
        column=words("Sector"),
        finding=findings.largest_sector(printed),
        order=falling,
        targets=targets,
        tall=True,
    )


def models(printed: Printed) -> Block:
    """The intersector figure under every model, the chosen one marked."""
    words, figures = printed.words, printed.key_figures
    return _bars(
        printed,
        "people_reached_by_model",
        kicker=words("People reached under each model; share of the one used"),
        column=words("Consolidation model"),
        finding=findings.models(printed),
        order=lambda cell: list(MODEL_NAMES).index(cell.key),
        targets={},
        marked=figures.method.intersector_model,
    )


def donors(printed: Printed, *, span: int = 6) -> Block:
    """The largest donors and where their money goes; without organisations, donors alone, the others together."""
    flows = donor_flows(printed, span=span)
    if flows is not None:
        return flows
    words, figures = printed.words, printed.key_figures
    breakdown = figures.breakdowns.get("funding_usd_by_donor")
    view = {
        "block": "bars",
        "span": span,
        "tall": False,
        "kicker": words("Funding, by donor*, {as_of}", as_of=printed.as_of("funding")),
        "finding": findings.largest_donor(printed),
        "colour": "money",
        "columns": [words("Donor"), words("Funding")],
        "rows": _donor_rows(printed, breakdown) if breakdown else [],
        "empty": None,
    }
    if not view["rows"]:
        reason = (
            words("No funding is designated to this sector.")
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


def _bars(
    printed: Printed,
    name: str,
    *,
    kicker: str,
    column: str,
    finding: str,
    order: Callable[[Cell], Any],
    targets: Mapping[str, float],
    span: int = 6,
    tall: bool = False,
    marked: str = "",
) -> Block:
    words, breakdown = printed.words, printed.key_figures.breakdowns[name]
    cells = sorted(
        (cell for cell in breakdown.cells if cell.key != NOT_SPECIFIED or cell.value or cell.suppressed), key=order
    )
    nothing = not any(cell.value or cell.suppressed for cell in cells if cell.key != NOT_SPECIFIED)
    longest = max([*breakdown.values().values(), *targets.values()], default=0)
    view = {
        "block": "bars",
        "span": span,
        "tall": tall,
        "kicker": kicker,
        "finding": "" if nothing else finding,
        "colour": "people",
        "columns": [column, words("People reached")],
        "rows": []
        if nothing
        else [
            _bar_row(printed, cell, breakdown, targets, longest, by_target=tall or bool(targets), marked=marked)
            for cell in cells
        ],
        "empty": _nothing(
            printed, words("No breakdown by {what}", what=column[:1].lower() + column[1:]), breakdown.cells
        )
        if nothing
        else None,
    }
    return Block("bars", view, uid=name)


def _bar_row(
    printed: Printed,
    cell: Cell,
    breakdown: Breakdown,
    targets: Mapping[str, float],
    longest: float,
    *,
    by_target: bool,
    marked: str,
) -> dict[str, Any]:
    label = printed.words(_group_label(cell))
    row = {"label": printed.words("{model} (used)", model=label) if cell.key == marked else label, "target": None}
    if (cell.value or 0) < 0:
        return {
            **row,
            "state": "not_applicable",
            "bar": 0,
            "value": numbers.people(abs(cell.value or 0), printed.language),
            "share": "",
        }
    target = targets.get(cell.key)
    whole = target if by_target else printed.key_figures.value("people_reached")
    drawn = drawn_part(printed, cell, breakdown)
    return {
        **row,
        "state": drawn["state"],
        "bar": (cell.value or 0) / longest if longest else 0,
        "target": target / longest if target and longest else None,
        "value": drawn["text"],
        "share": printed.share(cell.value, whole) if cell.value else "",
    }


def _group_label(cell: Cell) -> str:
    if cell.key == NOT_SPECIFIED and (cell.value or 0) < 0:
        return "Groups exceed the total by"
    return GROUP_NAMES.get(cell.key) or MODEL_NAMES.get(cell.key) or cell.key


def _nothing(printed: Printed, title: str, cells: Sequence[Cell] = ()) -> dict[str, str]:
    reasons = {cell.reason for cell in cells} & WHOLE_BREAKDOWN
    told = printed.words(REASONS[reasons.pop()]) if reasons else ""
    reason = f"{told[:1].upper()}{told[1:]}." if told else printed.words("No partner reported one for this period.")
    return {"title": title, "reason": reason}
