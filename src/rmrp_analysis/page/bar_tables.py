"""Sets figures by their parts as rows of bars, against what was planned of each part where that is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from rmrp_analysis import numbers
from rmrp_analysis.charts.parts import Table
from rmrp_analysis.figures import BREAKDOWNS, DIFFERENCES, FEW, FIGURES, REASONS, Cell
from rmrp_analysis.packs import pack
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.printed import WHOLE_BREAKDOWN, Printed, bar_part, falling
from rmrp_analysis.page.tables import BREAKDOWN, cells_of
from rmrp_analysis.vocabulary import DIRECTLY, NATIONAL_LEVEL, NOT_SPECIFIED, REGION, REGIONAL, SECTORS, WITHOUT_PEOPLE
from rmrp_analysis.words import N_, Words

UNNAMED = (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL, DIRECTLY)
"""Parts that stand last and are never put together with others."""
AGE_GENDER = ("women", "men", "girls", "boys", "other_18_and_above", "other_under_18")
PLACES = ("platform", "country", "admin1")

FOLDED, NAMED_TOGETHER = ("places", "sectors"), 2
"""Rows by their name of which those of few people, and those of nobody, are one row where there are several.

So many of them are named.
"""

FEWER_PLACES = 10  # places on a sheet of all sectors, which has a table more, and on one that has a page alone

Order = Literal["value", "share", "table"]
"""Rows by falling value; the smallest share of what was planned first; or as the table has them."""


class Look(pack.Row):
    """How rows of bars by a dimension look: a row of ``dimensions.csv``, the last of which is for any other dimension.

    ``column`` names its parts, ``other`` and ``others`` what have no row of their own. The rows are ``span`` columns of
    twelve wide, on this ``page`` of the PDF, under this ``name``. Those that are ``headed`` have visible headers, and a
    share only where it is of what was planned; ``share`` says what other shares are of. ``people``, ``money`` and
    ``both`` are what the rows are called, by what they state; else they have the label of the breakdown.
    """

    dimension: str
    column: str
    other: str
    others: str
    span: str
    page: str
    headed: str
    name: str
    share: str
    people: str
    money: str
    both: str


LOOKS = {row.dimension: row for row in pack.rows("dimensions.csv", Look, within=Path(__file__).parent)}
MEASURES = {"people_reached": N_("People reached"), "funding_usd": N_("Designated funding")}
KICKERS_WITH_SHARES: Mapping[tuple[bool, bool], str] = {
    (True, True): N_("{measure}; lines mark target and requirement, % is of them"),
    (True, False): N_("{measure}; the line marks the target, % is of it"),
    (False, True): N_("{measure}; the line marks the requirement, % is of it"),
}
"""The same where ticks say what was planned of people, and of money."""


@dataclass(frozen=True)
class Measure:
    """One column of bars: a figure by its parts, what was planned of each, and each one's share of that."""

    figure: str
    unit: str
    cells: Mapping[str, Cell]
    planned: Mapping[str, float]
    shares: Mapping[str, Cell]

    @property
    def kind(self) -> str:
        """How its bars look: as people, as money, or as what is wanted."""
        wanted = self.figure in DIFFERENCES or (self.figure in FIGURES and FIGURES[self.figure].planned)
        return "money" if self.unit == "usd" else "wanted" if wanted else "people"

    def cell(self, part: str) -> Cell:
        """A part; one without a report where the figure does not have it."""
        return self.cells.get(part) or Cell(part, None, "no_report")


def bars(
    printed: Printed,
    tables: Sequence[Table],
    targets: Sequence[Table | None],
    *,
    title: str = "",
    kicker: str = "",
    order: Order = "value",
    most: int | None = None,
    note: str = "",
    span: int | None = None,
) -> Block | None:
    """Give tables of one dimension as rows of bars; None where none of them has a part to show."""
    dimension, stated = str(tables[0].index.name or ""), str(tables[0].attrs.get(BREAKDOWN, ""))
    look = LOOKS.get(str(tables[0].attrs.get("figure", ""))) or look_of(dimension)
    words = printed.words
    measures = [_measure(printed, table, goals) for table, goals in zip(tables, targets, strict=True)]
    measures = [measure for measure in measures if measure.cells] or measures[:1]
    named_parts = {part for measure in measures for part in measure.cells} - {NATIONAL_LEVEL, NOT_SPECIFIED}
    if not named_parts or (not look.headed and why_not_shown(printed, tables[0])):
        return None
    # What was planned for others of the first of them, too
    planned = [part for part in measures[0].planned if part != NOT_SPECIFIED]
    every = dict.fromkeys([*(part for measure in measures for part in measure.cells), *planned])
    shown = [part for part in every if _is_shown(printed, part, measures, dimension)]
    parts = _in_order(printed, shown, measures, order)
    if look.name == "places" and most and (printed.key_figures.is_intersector or not printed.is_planned):
        most = min(most, FEWER_PLACES)
    folded = _folded(printed, parts, measures) if look.name in FOLDED else []
    alone = [part for part in parts if not any(part in some for some, _ in folded)]
    named, unnamed = ([part for part in alone if (part in UNNAMED) is last] for last in (False, True))
    others = named[most:] if most is not None and len(named) > most + 1 else []
    together = _together(printed, dimension, len(others))
    if others and not look.headed:
        known = [sum(measure.cell(part).value or 0 for part in others) for measure in measures]
        measures = [
            replace(measure, cells={**measure.cells, together: Cell(together, amount)})
            for measure, amount in zip(measures, known, strict=True)
        ]
    rows = [_row(printed, part, measures, look, dimension) for part in named if part not in others]
    if others and look.headed:
        rows.append({"label": together, **{each.kind: _sum(printed, others, each) for each in measures}})
    for some, each in folded:
        parts_of_each = zip((measure.kind for measure in measures), each, strict=True)
        names = printed.listed([printed.part_name(part, dimension) for part in some])
        more = _together(printed, dimension, len(some))
        if others and dimension == "admin1":  # "11 other departments" are those of the row above
            more = f"{printed.count(len(some))} {printed.level(len(some))}"
        label = names if len(some) <= NAMED_TOGETHER else more
        rows.append({"label": label, **dict(parts_of_each)})
    rows += [
        _row(printed, part, measures, look, dimension)
        for part in ([together] * bool(others and not look.headed)) + unnamed
    ]
    caution, column = "" if look.headed else printed.cautions(stated), column_of(printed, dimension)
    return bar_table(
        span or int(look.span),
        uid=look.name or stated or dimension,
        page="second" if look.name == "places" and printed.key_figures.is_intersector else look.page,
        headed=bool(look.headed),
        measures=tuple(measure.kind for measure in measures),
        kicker=kicker or _kicker(printed, look, measures, rows),
        finding=title,
        columns=[column, *(_header(words, look, measure) for measure in measures)],
        rows=rows,
        caution=caution,
        note=" ".join(filter(None, (_note(printed, dimension, measures, parts), note))),
    )


def look_of(dimension: str) -> Look:
    """Give how rows of bars by a dimension look."""
    return LOOKS.get(dimension, LOOKS[""])


def column_of(printed: Printed, dimension: str) -> str:
    """Give the name of the parts of a dimension; first administrative levels have the country's own word."""
    return printed.level().capitalize() if dimension == "admin1" else printed.words(look_of(dimension).column)


def _together(printed: Printed, dimension: str, count: int) -> str:
    """What parts are called that have no row of their own: 14 other provinces."""
    look, number = look_of(dimension), printed.count(count)
    if dimension == "admin1":
        return printed.words("{count} other {level}", count=number, level=printed.level(count))
    return printed.words.plural(look.other, look.others, count).format(count=number)


def _folded(printed: Printed, parts: Sequence[str], measures: Sequence[Measure]) -> list[tuple[list[str], list[Any]]]:
    """The parts of few people, and those of nobody, where there are several: which, and what each of them has."""
    folded: dict[tuple[str, ...], tuple[list[str], list[Any]]] = {}
    for part in parts:
        cells = [measure.cell(part) for measure in measures]
        is_few = measures[0].unit == "people" and cells[0].status == FEW
        is_wanted = any(part in measure.planned for measure in measures)
        if part in (*UNNAMED, *WITHOUT_PEOPLE) or is_wanted or any(cell.present for cell in cells[is_few:]):
            continue
        each = [printed.part(cell, measure.unit) for cell, measure in zip(cells, measures, strict=True)]
        if is_few:
            few = printed.words("fewer than {count} each", count=printed.count(printed.key_figures.base))
            each[0] = bar_part("not_applicable", few)
        folded.setdefault(tuple(shown["text"] for shown in each), ([], each))[0].append(part)
    return [(some, each) for some, each in folded.values() if len(some) > 1]


def _header(words: Words, look: Look, measure: Measure) -> str:
    """What stands above a column of bars."""
    if measure.planned and not look.headed:
        return words("People reached, and share of target")
    label = MEASURES.get(measure.figure) or (FIGURES[measure.figure].label if measure.figure in FIGURES else "")
    return words(label if look.headed else look.share)


def is_left_out(printed: Printed, table: Table) -> bool:
    """Say whether a sheet does without a table.

    So it does without donors of all sectors, what people in doubt leave, and what an organisation has nobody of.
    """
    stated, figures = str(table.attrs.get(BREAKDOWN, "")), printed.key_figures
    if table.index.names[0] == "donor" and (figures.is_intersector or not printed.has_money):
        return True
    if table.attrs.get("figure") in DIFFERENCES and figures.in_doubt("people_reached"):
        return True
    cells = [cell for cell in printed.breakdown(stated).cells if cell.key != NOT_SPECIFIED]
    return bool(stated and figures.organisation) and not any(cell.present for cell in cells)


def _measure(printed: Printed, table: Table, targets: Table | None) -> Measure:
    figure, dimension = str(table.attrs.get("figure", "")), str(table.index.name or "")
    planned = {} if targets is None else {cell.key: cell.value for cell in cells_of(targets) if cell.value}
    shares = (
        printed.breakdown(f"target_coverage_by_{dimension}").cells if figure == "people_reached" and planned else ()
    )
    return Measure(
        figure,
        str(table.attrs.get("unit", "people")),
        {cell.key: cell for cell in cells_of(table) if figure not in DIFFERENCES or (cell.value or 0) > 0},
        planned,
        {cell.key: cell for cell in shares},
    )


def _is_shown(printed: Printed, part: str, measures: Sequence[Measure], dimension: str) -> bool:
    """Whether a part has a row: one with something, or one that may have, so that the sheet says so."""
    cells = [measure.cell(part) for measure in measures]
    if dimension == "sector" and part not in SECTORS:  # money of several sectors, or of none
        return False
    if any(cell.present for cell in cells):
        return True
    if dimension in (*PLACES, "sector") and printed.organisation:  # it works in some of them
        return part not in UNNAMED and any(cell.reason != "no_report" for cell in cells)
    only_in = pack.about().only_in.get(part)
    somewhere = only_in is None or (only_in != "" and printed.key_figures.place in (REGION, only_in))
    return part in measures[0].planned or (somewhere and part not in (NOT_SPECIFIED, REGIONAL))


def in_usual_order(part: str) -> int:
    """Give the place of a group by age and gender as sheets print it; other parts keep theirs."""
    return AGE_GENDER.index(part) if part in AGE_GENDER else len(AGE_GENDER)


def _in_order(printed: Printed, parts: Sequence[str], measures: Sequence[Measure], order: Order) -> list[str]:
    if order == "table":
        return sorted(parts, key=in_usual_order)

    def by_value(part: str) -> tuple[Any, ...]:
        others = [-(measure.cell(part).value or 0) for measure in measures[1:]]
        return *falling(measures[0].cell(part))[:3], *others, -measures[0].planned.get(part, 0), part

    if order == "value":
        return sorted(parts, key=by_value)
    compared = printed.key_figures.comparisons.coverage_by_sector
    return sorted(
        parts, key=lambda part: (part not in compared, compared.get(part, 0), part in WITHOUT_PEOPLE, by_value(part))
    )


def _row(printed: Printed, part: str, measures: Sequence[Measure], look: Look, dimension: str) -> dict[str, Any]:
    """A part under its name, with its bar of each figure."""
    name, people = printed.part_name(part, dimension), measures[0].cell(part).value or 0
    if part == NOT_SPECIFIED and dimension == "donor":
        name = printed.words("Passed on within the plan")
    elif part == NOT_SPECIFIED and people < 0 and measures[0].unit == "people":
        too_many = bar_part("not_applicable", printed.people(-people))
        return {"label": printed.words("Groups exceed total by"), "people": too_many}
    return {"label": name, **{measure.kind: _bar(printed, part, measure, look) for measure in measures}}


def _bar(printed: Printed, part: str, measure: Measure, look: Look) -> dict[str, Any]:
    """A part as a bar on the scale of its figure and of what was planned, with its share."""
    if measure.unit == "people" and part in WITHOUT_PEOPLE:
        return bar_part("not_applicable", numbers.NOTHING, spoken=printed.words("does not apply"))
    cell, goal = measure.cell(part), measure.planned.get(part)
    longest = max(
        [
            printed.longest(measure.cells.values()),
            *(goal for key, goal in measure.planned.items() if key != NOT_SPECIFIED),
        ]
    )
    shown = printed.part(cell, measure.unit)
    if shown["state"] != "value" or printed.length(cell) <= 0 or longest <= 0:
        return shown
    return shown | {
        "bar": printed.length(cell) / longest,
        "target": goal / longest if goal else None,
        "share": _share(printed, cell, measure, look),
    }


def _share(printed: Printed, cell: Cell, measure: Measure, look: Look) -> str:
    """Which part of what was planned for it a part is, else of all; nothing where that is not known."""
    if measure.shares:
        share = measure.shares.get(cell.key)
        if cell.key in printed.key_figures.comparisons.sectors_in_doubt:
            return printed.words("read with care")
        return printed.number(share, "share") if share and share.value is not None else ""
    if measure.planned or look.headed:
        return printed.share(cell.value, measure.planned.get(cell.key)) if cell.value else ""
    total = printed.key_figures.value(measure.figure) if measure.figure in FIGURES else None
    # One part may be rounded up, and all of them down; a model may see more people than the one used
    is_part = cell.value is not None and (cell.value <= (total or 0) or look.dimension == "model")
    return printed.share(cell.value, total) if cell.value and is_part else ""


def _sum(printed: Printed, parts: Sequence[str], measure: Measure) -> dict[str, Any]:
    """What places come to that have no row of their own. It has no bar, since it is no place."""
    cells = [measure.cell(part) for part in parts]
    known = sum(cell.value or 0 for cell in cells)
    few = sum(cell.status == FEW for cell in cells)
    if few and not known:
        return bar_part("not_applicable", numbers.less_than(few * printed.key_figures.base, "people", printed.language))
    nothing = all(cell.value is None for cell in cells)
    return bar_part("not_applicable", printed.part(Cell("", None if nothing else known), measure.unit)["text"])


def _kicker(printed: Printed, look: Look, measures: Sequence[Measure], rows: Sequence[Mapping[str, Any]]) -> str:
    """What the rows are called; where a plan gives what is wanted of them, what ticks and shares are of."""
    figure, words, level = measures[0].figure, printed.words, printed.level()
    stated = BREAKDOWNS.get(f"{figure}_by_{look.dimension}") or FIGURES.get(figure)
    own = look.both if len(measures) > 1 else {"people_reached": look.people, "funding_usd": look.money}.get(figure)
    measured = words(own or (stated.label if stated else ""), as_of=printed.as_of("funding"), level=level)
    ticks = {kind: any(row[kind]["target"] for row in rows if kind in row) for kind in ("people", "money")}
    with_ticks = KICKERS_WITH_SHARES.get((ticks["people"], ticks["money"]))
    return words(with_ticks, measure=measured) if with_ticks else measured


def _note(printed: Printed, dimension: str, measures: Sequence[Measure], parts: Sequence[str]) -> str:
    """What a reader must know of these parts."""
    if dimension == "sector":
        return printed.words("Some people are reached by several sectors: their numbers do not add up.")
    notes = [printed.words("Regional: not assigned to a single country.")] * (REGIONAL in parts)
    has_money = any(measure.unit == "usd" for measure in measures)
    if dimension == "platform" and not has_money and printed.key_figures.value("funding_usd") is not None:
        notes.append(printed.words("Funding by sector is published for the region only."))
    return " ".join(notes)


def why_not_shown(printed: Printed, table: Table) -> str:
    """Why a sheet does without the parts of a figure: none is known, or all are in doubt; empty where it has them."""
    stated, measure = str(table.attrs.get(BREAKDOWN, "")), _measure(printed, table, None)
    if any(cell.present for cell in measure.cells.values() if cell.key != NOT_SPECIFIED):
        return "" if printed.internal else printed.doubts(stated)
    reasons = {cell.reason for cell in measure.cells.values()} & WHOLE_BREAKDOWN
    return printed.words(REASONS[reasons.pop()] if reasons else N_("no partner reported it"))


def bar_table(span: int, *, uid: str, measures: tuple[str, ...] = ("people",), **view: Any) -> Block:
    """A block of rows with bars: a label, and for each measure (people, money) a part.

    Where ``headed``, the columns have visible headers.
    """
    looks = {"caution": "", "headed": False, "note": ""}
    blank = {"finding": "", "rows": []} if view.get("empty") else {}
    return Block.of("bars", span, uid=uid, **{"measures": list(measures), "empty": None, **looks, **view, **blank})
