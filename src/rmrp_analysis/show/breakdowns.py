"""The blocks of figures split: by platform, month, population group, age and gender, donor."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rmrp_analysis.key_figures import REASONS, Breakdown, Cell
from rmrp_analysis.show import findings, numbers
from rmrp_analysis.show.block import Block
from rmrp_analysis.show.charts import Column, month_columns, svg
from rmrp_analysis.show.donor_flows import donor_flows
from rmrp_analysis.show.platform_map import Circle, platform_circles
from rmrp_analysis.show.printed import Printed
from rmrp_analysis.vocabulary import NOT_SPECIFIED, PLATFORMS, REGIONAL

DONORS_SHOWN = 4
PLACES_SHOWN = 8
PLACE_KICKERS: Mapping[tuple[str, ...], str] = {
    ("people", "money"): "People reached and designated funding by country*",
    ("people",): "People reached, by country",
    ("money",): "Designated funding by country*",
}
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
WHOLE_BREAKDOWN = {"not_kept", "no_proportions"}
"""Reasons for which a breakdown has no part at all."""

NOT_GIVEN = {"state": "not_applicable", "bar": 0, "text": numbers.NOTHING}
AGE_GENDER_ORDER = ("women", "men", "girls", "boys", "other_18_and_above", "other_under_18", NOT_SPECIFIED)
MODEL_NAMES: Mapping[str, str] = {
    "sum": "Sum of sectors",
    "max_sector": "Largest sector",
    "max_age_gender": "Largest groups",
    "southern_cone": "Southern Cone",
    "lower_bound": "Lower bound",
}


def platforms(printed: Printed) -> Block:
    """People reached and designated funding by platform, most people first, Regional last."""
    words = printed.words
    people = _cells(printed, "people_reached_by_platform")
    money = _cells(printed, "funding_usd_by_platform")
    order = _platform_order(people or money)
    rows = [
        {
            "label": printed.platform(name),
            **({"people": _state(printed, people[name], "people_reached_by_platform")} if people else {}),
            "money": _state(printed, money[name], "funding_usd_by_platform") if money else NOT_GIVEN,
        }
        for name in order
    ]
    keys = ["people", "money"] if people else ["money"]
    columns = [words("Platform"), *([words("People reached")] if people else []), words("Designated funding")]
    kicker = (
        words("People reached and designated funding by national and sub-regional platform*")
        if people
        else words("Designated funding by national and sub-regional platform*")
    )
    view = {
        "block": "platforms",
        "span": 7,
        "tall": False,
        "measures": keys,
        "kicker": kicker,
        "finding": findings.platforms(printed),
        "columns": columns,
        "rows": rows,
        "note": _platform_note(printed, people, money),
        "empty": None,
    }
    return Block("platforms", view)


def places(printed: Printed) -> Block | None:
    """A platform's people and money by country, or its people by admin1; None where nothing is known by place."""
    words = printed.words
    by_admin1 = "people_reached_by_admin1" in printed.key_figures.breakdowns
    by = "people_reached_by_admin1" if by_admin1 else "people_reached_by_country"
    people = _cells(printed, by)
    money = {} if by_admin1 else _cells(printed, "funding_usd_by_country")
    if not people and len(money) < 2:
        return None
    names = {"people": words("People reached"), "money": words("Designated funding")}
    keys = [key for key, cells in (("people", people), ("money", money)) if cells]
    kicker = "People reached, by first administrative level" if by_admin1 else PLACE_KICKERS[tuple(keys)]
    view = {
        "block": "platforms",
        "span": 7,
        "tall": bool(people),
        "kicker": words(kicker),
        "finding": findings.places(printed),
        "measures": keys,
        "columns": [words("Place") if by_admin1 else words("Country"), *(names[key] for key in keys)],
        "rows": _place_rows(printed, by, people, money),
        "note": _withheld_note(printed, people),
        "empty": None,
    }
    return Block("platforms", view)


def _place_rows(
    printed: Printed, by: str, people: Mapping[str, Cell], money: Mapping[str, Cell]
) -> list[dict[str, Any]]:
    """The places with most people, and the others together where there are many."""
    order = _platform_order(people or money)
    shown = order if len(order) <= PLACES_SHOWN + 1 else order[:PLACES_SHOWN]
    rows = [
        {
            "label": printed.place(name),
            **({"people": _state(printed, people[name], by)} if people else {}),
            **({"money": _state(printed, money[name], "funding_usd_by_country")} if money else {}),
        }
        for name in shown
    ]
    others = [people[name] for name in order[len(shown) :]]
    return [*rows, _other_places(printed, others)] if others else rows


def _other_places(printed: Printed, others: Sequence[Cell]) -> dict[str, Any]:
    """What the places that are not shown come to, as far as it may be said; no bar, since it is no place."""
    count, known = len(others), sum(cell.value or 0 for cell in others)
    label = printed.words.plural("{count} other place", "{count} other places", count)
    text = numbers.people(known, printed.language)
    if any(cell.suppressed for cell in others):
        text = printed.words("{people} and those withheld", people=text) if known else printed.withheld
    return {
        "label": label.format(count=numbers.count(count, printed.language)),
        "people": {"state": "not_applicable", "bar": 0, "text": text},
    }


def _withheld_note(printed: Printed, people: Mapping[str, Cell]) -> str:
    if not any(cell.suppressed for cell in people.values()):
        return ""
    return printed.words("{few}: withheld, so that nobody can be identified.", few=printed.withheld)


def _platform_order(cells: Mapping[str, Cell]) -> list[str]:
    """Values falling, then withheld, then zeros, then without a report, each of these by name; Regional last."""

    def place(name: str) -> tuple[bool, int, float, str]:
        cell = cells[name]
        kind = 1 if cell.suppressed else 3 if cell.value is None else 0 if cell.value else 2
        return name == REGIONAL, kind, -(cell.value or 0), name

    return sorted(cells, key=place)


def _platform_note(printed: Printed, people: Mapping[str, Cell], money: Mapping[str, Cell]) -> str:
    words, notes = printed.words, [printed.words("Regional: for no single country.")]
    if money:
        notes.append(words("Funding {as_of}.", as_of=printed.as_of("funding")))
    if any(cell.suppressed for cell in people.values()):
        notes.append(words("{few}: withheld, so that nobody can be identified.", few=printed.withheld))
    if people and not money and printed.key_figures.value("funding_usd") is not None:
        notes.append(words("The source of funding gives a sector's money for the region alone."))
    return " ".join(notes)


def platform_map(printed: Printed) -> Block:
    """The map of the response countries, a circle for each platform."""
    words, people = printed.words, _cells(printed, "people_reached_by_platform")
    circles = [
        Circle(
            name,
            printed.platform(name),
            people[name].value,
            _map_text(printed, people[name]),
            _drawn_state(people[name]),
        )
        for name in PLATFORMS
    ]
    axes = platform_circles(circles, caption=words("Circle area =\npeople reached"), venezuela=words("Venezuela"))
    listed = ", ".join(f"{circle.label} {circle.text}" for circle in circles)
    view = {
        "block": "map",
        "span": 5,
        "kicker": words("People reached, by platform"),
        "svg": svg(axes, prefix="map"),
        "alt": words(
            "Map of the 17 response countries with a circle for each of eight platforms. {finding}. {list}.",
            finding=findings.platforms(printed),
            list=listed,
        ),
    }
    return Block("map", view)


def _map_text(printed: Printed, cell: Cell) -> str:
    return numbers.NOTHING if cell.value is None and not cell.suppressed else _people_text(printed, cell)


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
            _drawn_state(cell),
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
        return numbers.count(thousands, printed.language) if thousands >= 1 else _people_text(printed, cell)
    return (
        _people_text(printed, cell)
        if cell.suppressed or cell.value is None
        else numbers.count(cell.value, printed.language)
    )


def _month_cell(printed: Printed, cell: Cell, in_thousands: bool) -> str:
    """A month as the table beside the chart states it: as in the chart, but not cut to whole thousands."""
    return _people_text(printed, cell) if in_thousands else _month_text(printed, cell, in_thousands)


def _months_alt(printed: Printed, breakdown: Breakdown, in_thousands: bool) -> str:
    words, values = printed.words, breakdown.values()
    parts = [
        words(
            "Column chart: people newly reached each month, {scope}, {period}.",
            scope=printed.scope(),
            period=printed.period(),
        ),
        f"{findings.peak_month(printed)}." if findings.peak_month(printed) else "",
    ]
    if values:
        valued = sorted((cell for cell in breakdown.cells if cell.value is not None), key=lambda cell: cell.value or 0)
        first = next(cell for cell in valued if cell.value == valued[-1].value)
        told = {
            name: f"{numbers.month_name(cell.key, printed.language)} {_month_cell(printed, cell, in_thousands)}"
            for name, cell in (("highest", first), ("lowest", valued[0]))
        }
        parts.append(words("Highest: {highest}; lowest: {lowest}.", **told))
    withheld = [numbers.month_name(cell.key, printed.language) for cell in breakdown.cells if cell.suppressed]
    missing = [numbers.month_name(cell.key, printed.language) for cell in breakdown.cells if cell.reason == "no_report"]
    parts.append(words("Withheld: {months}.", months=", ".join(withheld)) if withheld else "")
    parts.append(words("Without a report: {months}.", months=", ".join(missing)) if missing else "")
    parts.append(words("All values are in the table that follows."))
    return " ".join(part for part in parts if part)


def population_groups(printed: Printed, *, span: int = 6) -> Block:
    """People reached by population group, against the target where the plan gives one."""
    words, figures = printed.words, printed.key_figures
    targets = figures.breakdowns["target_by_population_group"].values()
    kicker = (
        words("People reached, by population group; % of target (pale bar)")
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
        order=_falling,
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
        order=_falling,
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


def _falling(cell: Cell) -> tuple[bool, int, float, str]:
    kind = 1 if cell.suppressed else 0 if cell.value else 2
    return cell.key == NOT_SPECIFIED, kind, -(cell.value or 0), cell.key


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
    target = targets.get(cell.key)
    whole = target if by_target else printed.key_figures.value("people_reached")
    drawn = _state(printed, cell, breakdown.name)
    label = printed.words(_group_label(cell))
    return {
        "label": printed.words("{model} (used)", model=label) if cell.key == marked else label,
        "state": drawn["state"],
        "bar": max(cell.value or 0, 0) / longest if longest else 0,
        "target": target / longest if target and longest else None,
        "value": drawn["text"],
        "share": printed.share(cell.value, whole) if drawn["state"] == "value" and (cell.value or 0) > 0 else "",
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


def _cells(printed: Printed, breakdown: str) -> dict[str, Cell]:
    breakdowns = printed.key_figures.breakdowns
    return {cell.key: cell for cell in breakdowns[breakdown].cells} if breakdown in breakdowns else {}


def _state(printed: Printed, cell: Cell, name: str) -> dict[str, Any]:
    """How a part is drawn in a table with bars: its state, the length of its bar, its text."""
    words, breakdown = printed.words, printed.key_figures.breakdowns[name]
    longest = max(breakdown.values().values(), default=0)
    if cell.suppressed:
        return {"state": "withheld", "bar": 0, "text": printed.withheld}
    if cell.value is None and cell.reason in WHOLE_BREAKDOWN:
        return NOT_GIVEN
    if cell.value is None:
        regional = cell.key == REGIONAL
        state = "not_applicable" if regional else "no_report"
        return {"state": state, "bar": 0, "text": numbers.NOTHING if regional else words("no report")}
    if not cell.value:
        text = words("none designated") if breakdown.unit == "usd" else words("none reported")
        return {"state": "zero", "bar": 0, "text": text}
    return {
        "state": "value",
        "bar": max(cell.value, 0) / longest if longest > 0 else 0,
        "text": printed.part(cell, breakdown),
    }


def _people_text(printed: Printed, cell: Cell) -> str:
    if cell.suppressed:
        return printed.withheld
    return numbers.people(cell.value, printed.language) if cell.value is not None else printed.words("no report")


def _drawn_state(cell: Cell) -> Any:
    if cell.suppressed:
        return "withheld"
    return "no_report" if cell.value is None else "value" if cell.value else "zero"
