"""An attack on a public run: between which values must each count lie, for whoever has all that is printed?

The attacker reads ``figures.csv`` alone: numbers, statuses, shares and cautions of every sheet, with tables of
analysts and an earlier run beside it. Each count of people is an unknown whole number; what is printed of it bounds it,
and every rule that links counts is an equation. A linear and an integer program then give its least and greatest value.
Nothing here knows the keys, nor how a number was rounded.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

import highspy
import numpy as np
import pandas as pd

BASE = 10
ALL, REGION, REST = "Intersector", "region", "not specified"
REACHED, WHOLE, MONTH, AGE, GROUP, ADMIN1 = "people_reached", "", "month", "age_gender", "population_group", "admin1"
PARTS = (MONTH, AGE, GROUP, ADMIN1)
PLACED = {"platform", "country"}
BOUNDS = {" low": 1.0, " high": -1.0}
"""What stands after a sector in the names of the bounds of its counts, with the side on which they are."""
MOST = 1e7
"""More people than any count; what bounds a choice between two equations."""
TINY = 1e-6
IMPOSSIBLE = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)


class Cell(NamedTuple):
    """A count of people: it is one number, wherever it is printed. ``run`` is 0, or 1 for an earlier run."""

    sector: str
    place: str
    by: str = WHOLE
    part: str = ""
    run: int = 0


@dataclass
class Attack:
    """The unknown counts with their bounds, and the rows that link them."""

    places: Mapping[str, Sequence[str]]
    """The places that make a place: the platforms of the region, the countries of a platform."""
    least: dict[Cell, float] = field(default_factory=dict)
    most: dict[Cell, float] = field(default_factory=dict)
    rows: list[tuple[dict[Cell, float], float, float]] = field(default_factory=list)
    choices: set[Cell] = field(default_factory=set)
    """Unknowns that are 0 or 1."""
    partners: bool = False
    """Whether each partner has sheets of its own, ``place by partner``, which make those of everybody."""

    # ---- What is printed ----

    def read(self, printed: pd.DataFrame, run: int = 0) -> None:
        """Take what a run prints: the rows of ``printed_of``."""
        values = printed.set_index(["sector", "place", "figure", "part"])["value"].to_dict()
        for row in printed.itertuples():
            cell = self.cell(Cell(row.sector, row.place, row.by, row.part, run))
            if row.of == REACHED:
                self.bound(cell, *_bounds(row.value, row.status, negative=row.part == REST))
                self._few_and_many(cell, row)
            elif row.of == "target_coverage" and not math.isnan(row.value):
                target = values.get((row.sector, row.place, row.figure.replace("target_coverage", "target"), row.part))
                self._share(cell, row, float(target or math.nan))
        for (sector, place), rows in printed.groupby(["sector", "place"]):
            self._sums(sector, place, run)
            self._sums_of_bounds(sector, place, run)
            is_told = rows["of"].eq(REACHED) & (rows["value"].notna() | rows["status"].ne("not_known"))
            self._cautions(sector, place, run, {*" ".join(rows["rules"]).split()}, {*rows.loc[is_told, "by"]})
        self._models(run)

    def _few_and_many(self, cell: Cell, row: "pd.core.frame.Series") -> None:
        """How few and how many people a count stands for are counts, too, below and above it."""
        for name, sign in BOUNDS.items():
            printed = getattr(row, name.strip())
            if row.part != REST and not math.isnan(printed) and printed != row.value:
                own = cell._replace(sector=f"{cell.sector}{name}")
                self.bound(own, *(_bounds(printed, "known") if printed else (0.0, BASE - 1.0)))
                self.link({cell: sign, own: -sign}, 0.0, MOST)

    def _sums_of_bounds(self, sector: str, place: str, run: int) -> None:
        """The bounds of months and places make the bounds of a sector; those of a count without doubt are the count."""
        whole = Cell(sector, place, run=run)
        months = self._parts(sector, place, MONTH, run)
        places = [whole._replace(place=each) for each in self.places.get(place, ())]
        for name in BOUNDS if sector != ALL else ():
            of_whole = whole._replace(sector=f"{sector}{name}")
            for parts in (months, places):
                own = [part._replace(sector=f"{sector}{name}") for part in parts]
                if of_whole in self.least and all(part in self.least for part in own):
                    self.equal(of_whole, own)

    def cell(self, cell: Cell) -> Cell:
        """The one name of a count that several sheets print."""
        if cell.by in PLACED:
            _, by, partner = cell.place.partition(" by ")
            cell = Cell(cell.sector, f"{cell.part}{by}{partner}", run=cell.run)
        elif cell.by == "sector":
            cell = Cell(cell.part, cell.place, run=cell.run)
        elif cell.by == "organisation":
            cell = Cell(cell.sector, f"{cell.place} by {cell.part}", run=cell.run)
        elif cell.by == "model" and cell.part == "max_sector":
            cell = Cell(ALL, cell.place, run=cell.run)
        return cell

    def bound(self, cell: Cell, least: float, most: float) -> None:
        """What one print of a count says of it; two prints of it say more."""
        self.least[cell] = max(least, self.least.get(cell, -MOST))
        self.most[cell] = min(most, self.most.get(cell, MOST))

    def link(self, terms: Mapping[Cell, float], least: float = 0.0, most: float = 0.0) -> None:
        """A row: the sum of these counts, each by its factor, lies between two numbers."""
        for cell in terms:
            if cell not in self.least:
                self.bound(cell, 0.0, MOST)
        self.rows.append((dict(terms), least, most))

    def rows_of(self, cell: Cell) -> Sequence[Mapping[Cell, float]]:
        """The terms of each row that a count stands in."""
        if self._linked != len(self.rows):
            self._linked, self._rows_of = len(self.rows), {}
            for terms, *_ in self.rows:
                for each in terms:
                    self._rows_of.setdefault(each, []).append(terms)
        return self._rows_of.get(cell, ())

    _linked: int = 0
    _rows_of: dict[Cell, list[dict[Cell, float]]] = field(default_factory=dict)

    def equal(self, whole: Cell, parts: Iterable[Cell]) -> None:
        """A total is the sum of its parts, if there are any."""
        terms = dict.fromkeys(parts, -1.0)
        if terms and terms.keys() != {whole}:
            self.link({whole: 1.0} | terms)

    def _share(self, cell: Cell, row: "pd.core.frame.Series", target: float) -> None:
        """A share is of rounded people without those in transit, whose own number is printed beside."""
        if not target > 0:
            return
        compared = Cell(cell.sector, cell.place, f"compared {cell.by}", cell.part, cell.run)
        self.bound(compared, *_bounds(round(row.value * target, 3), row.status))
        self.link({cell: 1.0, compared: -1.0}, 0.0, MOST)
        in_transit = cell._replace(by=GROUP, part="in_transit")
        if cell.by == WHOLE and in_transit in self.least:
            self.link({cell: 1.0, compared: -1.0, in_transit: -1.0})

    # ---- How counts hang together ----

    def _parts(self, sector: str, place: str, by: str, run: int) -> list[Cell]:
        return [cell for cell in self._by.get((sector, place, run), ()) if cell.by == by]

    @property
    def _by(self) -> dict[tuple[str, str, int], list[Cell]]:
        if self._known != len(self.least):
            self._known, self._index = len(self.least), {}
            for cell in self.least:
                self._index.setdefault((cell.sector, cell.place, cell.run), []).append(cell)
        return self._index

    _known: int = 0
    _index: dict[tuple[str, str, int], list[Cell]] = field(default_factory=dict)

    def _sums(self, sector: str, place: str, run: int) -> None:
        """Months, groups and admin1 make their sheet's total, and places the place that they are in."""
        whole = Cell(sector, place, run=run)
        for by in PARTS:
            self.equal(whole, self._parts(sector, place, by, run))
        if self.partners and sector != ALL:
            begin = f"{place} by "
            self.equal(
                whole,
                [
                    each
                    for each in list(self.least)
                    if each[0] == sector and each.place.startswith(begin) and each[2:] == whole[2:]
                ],
            )
        inside = self.places.get(place, ())
        if not all(Cell(sector, each, run=run) in self.least for each in inside):
            return
        for of_place in [whole, *(cell for by in (MONTH, AGE, GROUP) for cell in self._parts(sector, place, by, run))]:
            parts = [of_place._replace(place=each) for each in inside]
            self.equal(of_place, [part for part in parts if part in self.least])

    def _cautions(self, sector: str, place: str, run: int, cautions: set[str], told: set[str]) -> None:
        """A caution says that a share is above its limit, and none at all that no share is; a number has one.

        Where a breakdown is not told, no caution of it is.
        """
        whole = Cell(sector, place, run=run)
        for by in {AGE, GROUP} & told:
            rest, groups = whole._replace(by=by, part=REST), self._parts(sector, place, by, run)
            if rest not in groups:
                continue
            if self.most[rest] == MOST:  # not told: the total is not known, or the groups exceed it
                if self.most[whole] < MOST and any(self.most[group] < MOST for group in groups if group != rest):
                    self.bound(rest, -MOST, -1.0)
                else:
                    continue
            own = {rule.partition(":")[0] for rule in cautions if rule.endswith(f":{by}")}
            if "not_specified" in own:
                self.link({rest: 1.0, whole: -0.3}, 0.0, MOST)
            elif not own and any(self.least[group] > 0 for group in groups if group != rest):
                self.link({rest: 1.0, whole: -0.3}, -MOST, 0.0)
            if "groups_exceed" in own:
                self.link({rest: -1.0, whole: -0.05}, 0.0, MOST)
            elif not own:
                self.link({rest: -1.0, whole: -0.05}, -MOST, 0.0)

    def _models(self, run: int) -> None:
        """Of all sectors the largest of each admin1 and month counts, with the whole row of its report."""
        sectors = sorted({cell.sector for cell in self.least if not cell.sector.endswith(tuple(BOUNDS))} - {ALL})
        for cell in [cell for cell in self.least if cell.sector == ALL and cell.run == run]:
            of_sectors = [cell._replace(sector=sector) for sector in sectors]
            of_sectors = [each for each in of_sectors if each in self.least]
            if cell.by in (WHOLE, *PARTS) and cell.part != REST and of_sectors:
                self.link({cell: 1.0} | dict.fromkeys(of_sectors, -1.0), -MOST, 0.0)
                for each in of_sectors if cell.by in (WHOLE, MONTH, ADMIN1) else ():
                    self.link({cell: 1.0, each: -1.0}, 0.0, MOST)
        self._other_models(sectors, run)
        for place in sorted({cell.place for cell in self.least if cell.sector == ALL}):
            if len([part for part in self._parts(ALL, place, ADMIN1, run) if self.most[part] > 0]) == 1:
                self._exact_maxima(place, sectors, run)

    def _other_models(self, sectors: Sequence[str], run: int) -> None:
        """No repeats removed is the sum of all sectors; no model gives less than the lower bound."""
        for cell in [cell for cell in self.least if (cell.sector, cell.by, cell.run) == (ALL, "model", run)]:
            whole = [Cell(sector, cell.place, run=run) for sector in sectors]
            if cell.part == "sum":
                self.equal(cell, [each for each in whole if each in self.least])
            elif cell.part == "lower_bound":
                self.link({Cell(ALL, cell.place, run=run): 1.0, cell: -1.0}, 0.0, MOST)

    def _exact_maxima(self, place: str, sectors: Sequence[str], run: int) -> None:
        """In a place of one admin1 a month is that of its largest sector, and so are the groups of a single month."""
        months = [part for part in self._parts(ALL, place, MONTH, run) if self.most[part] > 0]
        groups = [part for by in (AGE, GROUP) for part in self._parts(ALL, place, by, run)]
        for month in months:
            largest = {}
            for sector in sectors:
                of_sector = month._replace(sector=sector)
                if self.most.get(of_sector, 0.0) > 0:
                    choice = month._replace(by=f"largest {month.part}", part=sector)
                    self.bound(choice, 0.0, 1.0)
                    self.choices.add(choice)
                    largest[choice] = 1.0
                    self._same_if(choice, month, of_sector)
                    for group in groups if len(months) == 1 else ():
                        self._same_if(choice, group, group._replace(sector=sector))
            if largest:
                self.link(largest, 1.0, 1.0)

    def _same_if(self, choice: Cell, one: Cell, other: Cell) -> None:
        """Two counts are the same where a choice is 1."""
        if other not in self.least:
            self.bound(other, -MOST if other.part == REST else 0.0, MOST)
        apart = max(self.most[one] - self.least[other], self.most[other] - self.least[one])
        self.link({one: 1.0, other: -1.0, choice: apart}, -MOST, apart)
        self.link({one: 1.0, other: -1.0, choice: -apart}, -apart, MOST)

    # ---- Beside the run ----

    def table(self, sector: str, place: str, by: Sequence[str], table: pd.DataFrame) -> None:
        """An analyst's own table: its lines make the numbers of the sheet, where that prints them.

        What is too few to be divided is not told; nobody is counted where people were assisted and none is new.
        """
        rows = table.reset_index()
        cells = [
            self.cell(Cell(sector, place, "+".join(by), "|".join(key))) for key in rows[[*by]].itertuples(index=False)
        ]
        for cell, value, status in zip(cells, rows["value"], rows["status"], strict=True):
            least, most = _bounds(value, status, negative=REST in cell.part)
            self.bound(cell, *((0.0, 0.0) if status == "not_counted" else (least, most)))
        for size in range(len(by)):
            for dimensions in combinations(by, size):
                by_whole = rows.groupby([*dimensions] if size > 1 else dimensions[0]) if size else None
                groups = by_whole.groups if by_whole is not None else {(): rows.index}
                for key, lines in groups.items():
                    parts = key if isinstance(key, tuple) else (key,)
                    whole = self.cell(Cell(sector, place, "+".join(dimensions), "|".join(map(str, parts))))
                    if whole in self.least:
                        self.equal(whole, [cells[line] for line in lines])

    def late(self, later: Mapping[Cell, str], more: Cell) -> None:
        """The counts that a late report is in: ``all`` of its people, or a ``part``; ``others`` may change anyhow.

        What it is not in is as before.
        """
        self.bound(more, 1.0, MOST)
        for cell in [cell for cell in self.least if cell.run == 0 and cell.by in (WHOLE, *PARTS)]:
            change, how = {cell: 1.0, cell._replace(run=1): -1.0}, later.get(cell, "none")
            if cell._replace(run=1) not in self.least or how == "others":
                continue
            if how == "part":
                self.link(change, 0.0, MOST)
            self.link(change | ({more: -1.0} if how != "none" else {}), -MOST if how == "part" else 0.0, 0.0)


def _bounds(value: float, status: str, *, negative: bool = False) -> tuple[float, float]:
    """Between which whole numbers a printed count lies."""
    if math.isnan(value):
        return (0.0, 0.0) if status == "not_reported" else (-MOST if negative else 0.0, MOST)
    if status == "few":
        return (1.0 - BASE, BASE - 1.0) if negative else (1.0, BASE - 1.0)
    if value == 0:
        return 0.0, 0.0
    return (value - BASE + 1 if negative else max(value - BASE + 1, 1.0)), value + BASE - 1


@dataclass
class Program:
    """The attack as a linear or an integer program of the counts that hang together with some of them."""

    attack: Attack
    cells: Sequence[Cell]
    whole_numbers: bool = False
    seconds: float = 10.0

    def __post_init__(self) -> None:
        attack, place = self.attack, {cell: number for number, cell in enumerate(self.cells)}
        rows = [row for row in attack.rows if row[0].keys() <= place.keys()]
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(place), len(rows)
        model.col_cost_ = np.zeros(len(place))
        model.col_lower_ = np.array([attack.least[cell] for cell in self.cells])
        model.col_upper_ = np.array([attack.most[cell] for cell in self.cells])
        model.row_lower_, model.row_upper_ = (
            np.array([math.copysign(math.inf, row[side]) if abs(row[side]) >= MOST else row[side] for row in rows])
            for side in (1, 2)
        )
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *(len(terms) for terms, *_ in rows)]).astype("int32")
        model.a_matrix_.index_ = np.array([place[cell] for terms, *_ in rows for cell in terms], dtype="int32")
        model.a_matrix_.value_ = np.array([factor for terms, *_ in rows for factor in terms.values()])
        if self.whole_numbers:
            model.integrality_ = [highspy.HighsVarType.kInteger] * len(place)
        self._place, self._solver = place, highspy.Highs()
        self._solver.silent()
        self._solver.setOptionValue("mip_feasibility_tolerance", 1e-9)
        self._solver.passModel(model)

    def range(self, cell: Cell) -> tuple[float, float]:
        """The least and the greatest value of a count; for an unfinished search what is sure."""
        return self._end(cell, 1.0), -self._end(cell, -1.0)

    def _end(self, cell: Cell, sign: float) -> float:
        column = self._place[cell]
        self._solver.changeColCost(column, sign)
        if self.whole_numbers:  # the solver's clock never stops
            self._solver.setOptionValue("time_limit", self._solver.getRunTime() + self.seconds)
        self._solver.run()
        status, info = self._solver.getModelStatus(), self._solver.getInfo()
        self._solver.changeColCost(column, 0.0)
        if status == highspy.HighsModelStatus.kUnbounded:
            return -MOST
        if (status != highspy.HighsModelStatus.kOptimal and not self.whole_numbers) or status in IMPOSSIBLE:
            raise ValueError(f"what is printed contradicts itself around {cell}")
        bound = info.mip_dual_bound if self.whole_numbers else info.objective_function_value
        return math.ceil(bound - TINY) if math.isfinite(bound) and abs(bound) < MOST else -MOST


def neighbours(attack: Attack, cell: Cell, steps: int) -> list[Cell]:
    """The counts within so many equations of one."""
    near = {cell}
    for _ in range(steps):
        near |= {each for one in near for terms in attack.rows_of(one) for each in terms}
    return sorted(near)


def possible(attack: Attack, cells: Iterable[Cell]) -> Iterator[tuple[Cell, float, float]]:
    """The least and the greatest value of each of these counts, by the linear program of everything."""
    program = Program(attack, sorted(attack.least))
    for cell in cells:
        yield (cell, *program.range(cell))


def printed_of(rows: pd.DataFrame, sheets: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """The rows of ``figures.csv`` that an attacker looks at, by what they are of."""
    texts = rows[["platform", "group", "month"]].astype("str").where(rows[["platform", "group", "month"]].notna(), "")
    figures = rows["figure"].str.partition("_by_")
    named = rows.assign(
        sector=rows["report"].map(lambda report: sheets[report][0]),
        place=rows["report"].map(lambda report: sheets[report][1]),
        of=figures[0],
        by=figures[2],
        part=texts["platform"] + texts["group"] + texts["month"],
        caution=rows["caution"].astype("str").where(rows["caution"].notna(), ""),
    )
    rules = named["caution"].str.split(", ").map(lambda names: [name for name in names if name])
    named["rules"] = [
        " " + " ".join(f"{rule}:{by}" for rule in names) for names, by in zip(rules, named["by"], strict=True)
    ]
    kept = named["of"].isin([REACHED, "target_coverage", "target"])
    return named[kept].drop_duplicates(["sector", "place", "figure", "part"])


def of_places(platforms: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """The places that make a place, as the plan has them; a platform of one country is that country."""
    return {REGION: tuple(platforms), **{name: codes for name, codes in platforms.items() if len(codes) > 1}}
