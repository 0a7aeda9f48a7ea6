"""Breakdowns as tables with bars: groups of people, sectors, models, donors, and the places of a sheet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from rmrp_analysis import numbers, pack
from rmrp_analysis.figures import FEW, REASONS, Breakdown, Cell
from rmrp_analysis.labels import MODEL_NAMES
from rmrp_analysis.page import findings
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.place_maps import kind_of_places
from rmrp_analysis.page.printed import WHOLE_BREAKDOWN, Printed, bar_part, falling
from rmrp_analysis.vocabulary import DIRECTLY, NATIONAL_LEVEL, NOT_SPECIFIED, REGION, REGIONAL, SECTORS, WITHOUT_PEOPLE
from rmrp_analysis.words import N_, Words

AGE_GENDER = "people_reached_by_age_gender"
BY_INDICATOR, BY_PARTNER = "people_reached_by_indicator", "activities_by_implementing_partner"
AGE_GENDER_ORDER = ("women", "men", "girls", "boys", "other_18_and_above", "other_under_18", NOT_SPECIFIED)
DONORS_SHOWN = 4
PLACES_SHOWN = 17
PLACES_BESIDE_SECTORS = 10
"""Places on a sheet of all sectors, which has a table more."""

SharesOf = Literal["all", "target", "model", "activities"]
SHARES: Mapping[SharesOf, str] = {
    "all": N_("People reached, and share of all"),
    "target": N_("People reached, and share of target"),
    "model": N_("People reached, and share of those by the model used"),
    "activities": N_("Reported activities, and share of all"),
}
"""What stands in the column of bars, by what its shares are of."""


@dataclass(frozen=True)
class Bars:
    """How a breakdown is said as a table with bars: its finding, what its shares are of, its order, its targets.

    Of more than ``most`` parts, those with most have a row, and the others one together.
    """

    kicker: str
    column: str
    finding: str = ""
    order: Callable[[Cell], Any] = falling
    shares_of: SharesOf = "all"
    targets: str = ""
    kicker_with_targets: str = ""
    tall: bool = False
    span: int = 6
    page: str = "second"
    most: int | None = None


BARS: Mapping[str, Bars] = {
    "people_reached_by_population_group": Bars(
        N_("People reached, by population group"),
        N_("Population group"),
        "population_group",
        targets="target_by_population_group",
        kicker_with_targets=N_("People reached, by population group; tick and share: of target"),
    ),
    AGE_GENDER: Bars(
        N_("People reached, by age and gender"),
        N_("Age and gender"),
        "age_and_gender",
        order=lambda cell: AGE_GENDER_ORDER.index(cell.key),
    ),
    "people_reached_by_model": Bars(
        N_("People reached, by how repeats between sectors are removed"),
        N_("How repeats are removed"),
        "models",
        order=lambda cell: list(MODEL_NAMES).index(cell.key),
        shares_of="model",
    ),
    BY_INDICATOR: Bars(N_("People reached, by indicator"), N_("Indicator"), span=12, page=""),
    BY_PARTNER: Bars(
        N_("Reported activities, by implementing partner"),
        N_("Implementing partner"),
        order=lambda cell: (cell.key == DIRECTLY, -(cell.value or 0), cell.key),
        shares_of="activities",
        span=8,
        most=6,
    ),
}
"""The breakdowns that have words of their own; any other is said by its label."""


def bars(printed: Printed, name: str, *, title: str = "", span: int = 0, page: str | None = None) -> Block:
    """A breakdown as a table with bars, under its own finding or this title; ``span`` and ``page`` other than usual."""
    words, breakdown = printed.words, printed.breakdown(name)
    look = BARS.get(name) or Bars(breakdown.definition.label, N_("Part"))
    targets = printed.breakdown(look.targets).values()
    shares_of: SharesOf = "target" if targets else look.shares_of
    cells = [cell for cell in breakdown.cells if cell.present or targets.get(cell.key) or _may_have(printed, cell.key)]
    cells = _leading(printed, sorted(cells, key=look.order), look.most)
    longest = max([printed.longest(cells), *targets.values()])
    total, rows = printed.key_figures.value(breakdown.definition.figure), []
    for cell in cells:
        target, people = targets.get(cell.key), cell.value or 0
        whole = target if shares_of == "target" else total
        more_than_all = shares_of == "all" and people > (whole or 0)  # it was rounded up, and all of them down
        label = printed.model(cell.key) if shares_of == "model" else printed.label(cell.key)
        if people < 0 and cell.key == NOT_SPECIFIED:
            label, part = words("Groups exceed total by"), bar_part("not_applicable", printed.people(-people))
        elif people < 0:
            part = bar_part("not_applicable", printed.people(people))
        else:
            part = printed.part(cell, breakdown) | {
                "bar": printed.length(cell) / longest if longest else 0,
                "target": target / longest if target and longest else None,
                "share": printed.share(people, whole) if people and not more_than_all else "",
            }
        rows.append({"label": label, "people": part})
    empty, column, caution = None, words(look.column), printed.cautions(name)
    headless = words("No breakdown by {what}", what=column[:1].lower() + column[1:])
    if not any(cell.present for cell in cells if cell.key != NOT_SPECIFIED):
        empty = nothing(words, headless, breakdown)
    elif caution and not printed.internal:
        empty, caution = {"title": headless, "reason": caution}, ""
    return bar_table(
        span or look.span,
        uid=name,
        page=look.page if page is None else page,
        tall=look.tall,
        kicker=words(look.kicker_with_targets if targets else look.kicker),
        finding=title or (findings.finding(printed, look.finding) if look.finding else ""),
        columns=[column, words(SHARES[shares_of])],
        rows=rows,
        empty=empty,
        caution="" if empty else caution,
    )


def _leading(printed: Printed, cells: list[Cell], most: int | None) -> list[Cell]:
    """The first of these parts, the others together, and what is no such part; all of them where they are few."""
    named = [cell for cell in cells if cell.key != DIRECTLY]
    if most is None or len(named) <= most + 1:
        return cells
    others = named[most:]
    label = printed.words.plural("{count} other partner", "{count} other partners", len(others))
    together = Cell(label.format(count=printed.count(len(others))), sum(cell.value or 0 for cell in others))
    return [*named[:most], together, *(cell for cell in cells if cell.key == DIRECTLY)]


def _may_have(printed: Printed, part: str) -> bool:
    """Whether there may be people of a part on this sheet, so that it says so where there are none."""
    only_in = pack.about().only_in.get(part)
    somewhere = only_in is None or (only_in != "" and printed.key_figures.place in (REGION, only_in))
    return part != NOT_SPECIFIED and somewhere


def nothing(words: Words, title: str, breakdown: Breakdown) -> dict[str, str]:
    """What stands in place of a breakdown without parts, and why."""
    reasons = {cell.reason for cell in breakdown.cells} & WHOLE_BREAKDOWN
    reason = words(REASONS[reasons.pop()]) if reasons else ""
    sentence = (
        f"{reason[:1].upper()}{reason[1:]}." if reason else words("No partner reported this breakdown for the period.")
    )
    return {"title": title, "reason": sentence}


def bar_table(span: int, *, uid: str, measures: tuple[str, ...] = ("people",), **view: Any) -> Block:
    """A block of rows with bars: a label, and for each measure (people, money) a part.

    Where ``headed``, the columns have visible headers; ``tall`` stands beside two other blocks. A map may stand beside
    the table.
    """
    looks = {"caution": "", "headed": False, "tall": False, "note": "", "svg": "", "alt": "", "map_kicker": ""}
    blank = {"finding": "", "rows": []} if view.get("empty") else {}
    return Block.of("bars", span, uid=uid, **{"measures": list(measures), "empty": None, **looks, **view, **blank})


def donors(printed: Printed, *, title: str = "", span: int = 6, page: str = "second") -> Block:
    """The largest donors, the others together."""
    words, breakdown = printed.words, printed.breakdown("funding_usd_by_donor")
    usd = breakdown.values()
    passed_on = usd.pop(NOT_SPECIFIED, 0)
    shown = DONORS_SHOWN if len(usd) > DONORS_SHOWN + 1 else len(usd)
    parts = list(usd.items())[:shown]
    if others := list(usd.values())[shown:]:
        label = words.plural("{count} other donor", "{count} other donors", len(others))
        parts.append((label.format(count=printed.count(len(others))), sum(others)))
    if passed_on:
        parts.append((words("Passed on within the plan"), passed_on))
    longest = max((amount for _, amount in parts), default=0)
    rows = []
    for label, amount in parts:
        bar = max(amount, 0) / longest if longest > 0 else 0
        part = bar_part("value", printed.usd(amount), bar=bar, share=printed.share_of("funding_usd", amount))
        rows.append({"label": label, "money": part})
    empty = None
    if not rows:
        known = "funding_usd_by_donor" in printed.key_figures.breakdowns
        reason = (
            words("No funding is designated to this sector here.")
            if known
            else words("The source gives totals without donors.")
        )
        empty = {"title": words("No breakdown by donor"), "reason": reason}
    return bar_table(
        span,
        uid="donors",
        page=page,
        measures=("money",),
        kicker=words("Funding, by donor*, {as_of}", as_of=printed.as_of("funding")),
        finding=title or findings.finding(printed, "donors"),
        columns=[words("Donor"), words("Funding")],
        rows=rows,
        empty=empty,
    )


def bullet(printed: Printed, cell: Cell, breakdown: Breakdown) -> dict[str, Any]:
    """A part against what is wanted of it, where that is known: bar, tick and share, all to one scale."""
    (dimension,), figure = breakdown.definition.by, breakdown.definition.figure
    wanted = printed.breakdown(f"{WANTED[figure]}_by_{dimension}").values()
    shares = {share.key: share for share in printed.breakdown(f"target_coverage_by_{dimension}").cells}
    part, goal = printed.part(cell, breakdown), wanted.get(cell.key)
    if figure != "people_reached":
        share = printed.share(cell.value, goal)
    else:
        of_target = shares.get(cell.key)
        share = printed.number(of_target, "share") if of_target and of_target.value is not None else ""
    shown = (
        number for key, number in wanted.items() if key != NOT_SPECIFIED
    )  # what is planned for no place has no row
    longest = max([printed.longest(breakdown.cells), *shown])
    if printed.length(cell) <= 0 or longest <= 0:
        return part
    target = goal / longest if goal else None
    return part | {"bar": printed.length(cell) / longest, "target": target, "share": share}


def sectors(printed: Printed, *, title: str = "") -> Block | None:
    """Of all sectors together, each one's people reached against its target, and funding against its requirement.

    The sector furthest behind comes first; those whose share is not known or in doubt come last. None for one sector.
    """
    if not printed.key_figures.is_intersector:
        return None
    words, compared = printed.words, printed.key_figures.comparisons.coverage_by_sector
    of_sectors = {name: printed.breakdown(f"{figure}_by_sector") for name, (figure, _) in MEASURES.items()}
    tables = {name: table for name, table in of_sectors.items() if table.cells}
    cells = {name: {cell.key: cell for cell in table.cells} for name, table in tables.items()}
    shown = [sector for sector in SECTORS if any(sector in of_table for of_table in cells.values())]
    if printed.organisation:  # it works in some of them
        parts = {sector: [of_table.get(sector, Cell(sector, None)) for of_table in cells.values()] for sector in shown}
        shown = [sector for sector, found in parts.items() if any(cell.present for cell in found)]
    rows = []
    for sector in sorted(shown, key=lambda name: (name not in compared, compared.get(name, 0), name in WITHOUT_PEOPLE)):
        row = {
            name: bullet(printed, cells[name].get(sector, Cell(sector, None)), table) for name, table in tables.items()
        }
        if sector in WITHOUT_PEOPLE and "people" in row:
            row["people"] = bar_part("not_applicable", numbers.NOTHING, spoken=words("does not apply"))
        elif sector in printed.key_figures.comparisons.sectors_in_doubt and row["people"]["state"] == "value":
            row["people"]["share"] = words("being checked")
        rows.append({"label": printed.label(sector), **row})
    return bar_table(
        12,
        uid="sectors",
        page="first",
        headed=True,
        measures=tuple(tables),
        kicker=words(_kicker_of_sectors(rows, tuple(tables))),
        finding=title or findings.finding(printed, "sectors"),
        columns=[words("Sector"), *(words(MEASURES[name][1]) for name in tables)],
        rows=rows,
        note=words("Some people are reached by several sectors: their numbers do not add up."),
    )


def _kicker_of_sectors(rows: list[dict[str, Any]], measures: tuple[str, ...]) -> str:
    if any(row[name]["target"] for row in rows for name in measures if name in row):
        return N_("People reached and funding, by sector; tick and share: of target, of requirement")
    return N_("People reached and funding, by sector") if "money" in measures else N_("People reached, by sector")


# ---- What checks found ----

CHECKS_SHOWN = 5


def to_mend(printed: Printed, found: pd.DataFrame) -> Block | None:
    """The checks with most people in doubt among these findings, and in how many rows; None where none found any.

    A row counts once for a check.
    """
    words = printed.words
    by_row = found.groupby(["check", "file", "line"])["people"].max().reset_index()
    checks = by_row.groupby("check").agg(rows=("line", "size"), people=("people", "sum"))
    shown = checks.sort_values(["people", "rows"], ascending=False, kind="stable").head(CHECKS_SHOWN)
    if shown.empty:
        return None
    from rmrp_analysis.page.quality_words import rule_sentence  # sheets for the public do without

    longest, rows = shown["people"].max(), []
    for check, count, people in shown.itertuples():
        plural = words.plural("{count} row", "{count} rows", count).format(count=printed.count(count))
        bar = bar_part("value", printed.people(people), bar=people / longest if longest else 0, share=plural)
        rows.append({"label": rule_sentence(str(check), words), "people": bar})
    to_review = len(by_row.drop_duplicates(["file", "line"]))
    return bar_table(
        12,
        uid="to_mend",
        page="",
        kicker=words("Findings to mend, with most people in doubt"),
        finding="",
        columns=[words("What to review"), words("People in doubt, and rows")],
        rows=rows,
        note=words(
            "{rows} of {activities} rows have something to review; all of them are in the organization's workbook "
            "(rmrp check --workbooks). A person may be in several lines.",
            rows=printed.count(to_review),
            activities=printed.figure("activities"),
        ),
    )


# ---- Places ----

PLACE_NAMES = {"platform": N_("Area"), "country": N_("Country"), "admin1": N_("Place")}
PLACE_KICKERS: Mapping[tuple[str, ...], str] = {
    ("platform", "people", "money"): N_("People reached and designated funding by area*"),
    ("platform", "people"): N_("People reached, by each area"),
    ("platform", "money"): N_("Designated funding by area*"),
    ("country", "people", "money"): N_("People reached and designated funding by country*"),
    ("country", "people"): N_("People reached, by country"),
    ("country", "money"): N_("Designated funding by country*"),
    ("admin1", "people"): N_("People reached, by first administrative level"),
}
"""What a table of places is called, by their kind and by what it states."""

WANTED = {"people_reached": "target", "funding_usd": "requirement_usd"}
"""What is wanted of a figure."""

MEASURES = {"people": ("people_reached", N_("People reached")), "money": ("funding_usd", N_("Designated funding"))}


def places(printed: Printed, *, title: str = "") -> Block | None:
    """People and money by platform; on a platform's own sheet by country, or people by admin1; against targets.

    None where nothing is known by place: a country has only its own money, or its reports name no admin1. Where places
    are many, those with most people have a row, and the others one together.
    """
    words = printed.words
    kind = kind_of_places(printed)
    if kind == "admin1" and "people_reached_by_admin1" not in printed.key_figures.breakdowns:
        kind = "country"
    of_kind = {name: printed.breakdown(f"{figure}_by_{kind}") for name, (figure, _) in MEASURES.items()}
    tables = {name: table for name, table in of_kind.items() if table.cells and (name == "people" or printed.has_money)}
    if not tables or {cell.key for cell in of_kind["people"].cells} == {NATIONAL_LEVEL}:
        return None
    if "people" not in tables and len(tables["money"].cells) < 2:
        return None
    rows = _place_rows(printed, tables)
    notes = []
    if kind == "platform":
        if any(row["label"] == printed.place(REGIONAL) for row in rows):
            notes.append(words("Regional: not assigned to a single country."))
        if not of_kind["money"].cells and printed.key_figures.value("funding_usd") is not None:
            notes.append(words("The source of funding gives a sector's money for the region alone."))
    return bar_table(
        7,
        uid="places",
        page="second" if printed.key_figures.is_intersector else "first",
        headed=True,
        measures=tuple(tables),
        kicker=_kicker_of_places(printed, words(PLACE_KICKERS[kind, *tables]), rows),
        finding=title or findings.finding(printed, "platforms" if kind == "platform" else "places"),
        columns=[words(PLACE_NAMES[kind]), *(words(MEASURES[name][1]) for name in tables)],
        rows=rows,
        note=" ".join(filter(None, notes)),
    )


def _kicker_of_places(printed: Printed, measured: str, rows: list[dict[str, Any]]) -> str:
    """What the places are measured by; where a plan gives what is wanted of them, what ticks and shares are of."""
    of_target, of_requirement = (any(row[name]["target"] for row in rows if name in row) for name in MEASURES)
    if of_target and of_requirement:
        return printed.words("{measure}; tick and share: of target, of requirement", measure=measured)
    if of_target:
        return printed.words("{measure}; tick and share: of target", measure=measured)
    if of_requirement:
        return printed.words("{measure}; tick and share: of requirement", measure=measured)
    return measured


def _place_rows(printed: Printed, tables: Mapping[str, Breakdown]) -> list[dict[str, Any]]:
    """The places with most people (without people: most money), and the others together where there are many."""
    usd = tables["money"].values() if "money" in tables else {}
    cells = [{cell.key: cell for cell in table.cells} for table in tables.values()]
    targets = _targets_by_admin1(printed)
    cells[0] |= {place: Cell(place, None, "no_report") for place in targets if place not in cells[0]}
    by_money = sorted(cells[0].values(), key=lambda cell: (-usd.get(cell.key, 0), -targets.get(cell.key, 0), cell.key))
    nothing_regional = not any(of_place[REGIONAL].value for of_place in cells if REGIONAL in of_place)
    parts = (cell for cell in by_money if cell.key != REGIONAL or not nothing_regional)
    if printed.organisation:  # it works in some of them
        worked = {cell.key for table in tables.values() for cell in table.cells if cell.reason != "no_report"}
        parts = (cell for cell in by_money if cell.key in worked and (cell.key != REGIONAL or not nothing_regional))
    leading = sorted(parts, key=lambda cell: falling(cell)[:3])
    national = [cell for cell in leading if cell.key == NATIONAL_LEVEL and cell.present]
    most = PLACES_BESIDE_SECTORS if printed.key_figures.is_intersector else PLACES_SHOWN
    shown = most if len(leading) > most + 1 else len(leading)
    measured = list(zip(tables, cells, tables.values(), strict=True))
    if shown < len(leading) and national:  # it is in no other place
        leading = [*[cell for cell in leading if cell not in national][: shown - 1], *national, *leading[shown - 1 :]]
        leading = list(dict.fromkeys(leading))
    rows = [
        {
            "label": printed.place(place.key),
            **{name: bullet(printed, of_place[place.key], table) for name, of_place, table in measured},
        }
        for place in leading[:shown]
    ]
    if others := leading[shown:]:
        # What they come to; without a bar, since it is no place.
        label = printed.words.plural("{count} other place", "{count} other places", len(others))
        known = sum(cell.value or 0 for cell in others)
        few = sum(cell.status == FEW for cell in others)
        text = printed.people(known)
        if few and not known:
            text = numbers.less_than(few * printed.key_figures.base, "people", printed.language)
        elif all(cell.value is None for cell in others):
            text = printed.words("no report")
        label = label.format(count=printed.count(len(others)))
        rows.append({"label": label, "people": bar_part("not_applicable", text)})
    return rows


def _targets_by_admin1(printed: Printed) -> Mapping[str, float]:
    """What a plan foresees in each admin1, where reports tell them apart: one without a report has a row, too."""
    if not printed.breakdown("target_coverage_by_admin1").cells:
        return {}
    targets = printed.breakdown("target_by_admin1").values()
    return {place: target for place, target in targets.items() if target > 0 and place != NOT_SPECIFIED}
