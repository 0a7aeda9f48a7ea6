"""The table of figures: every number of a sheet as a tidy row, and the view of it that a page reads."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures.cautions import Caution, cautions
from rmrp_analysis.figures.comparisons import Comparisons, comparisons
from rmrp_analysis.figures.counted import NEW_NOT_KNOWN, Unknown, sources_of
from rmrp_analysis.figures.parts import FROM_TO, Parts
from rmrp_analysis.figures.registry import BREAKDOWNS, FIGURES, REASONS, BreakdownDefinition, Definition
from rmrp_analysis.figures.rounding import Keys, mixed
from rmrp_analysis.method import Method, Period
from rmrp_analysis.metrics import DECIMALS, Contributions
from rmrp_analysis.rounding_key import Secret
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import INTERSECTOR, UNKNOWN_INDICATOR, report_id

if TYPE_CHECKING:
    from rmrp_analysis.selection import Selection

ILLUSTRATIVE = "illustrative"
USD_DECIMALS = 2


class Row(NamedTuple):
    """A row of the table of figures, without the report that it is of.

    ``figure`` names the figure or breakdown. Of a breakdown, ``dimension`` is the name by which files know its parts
    and ``part`` the part; both are empty for a single figure. ``value`` is NaN where it is not known, and ``reason``
    says why (a key of ``REASONS``). ``status`` says what is known: ``known``, ``few`` (people, rounded down to none),
    ``not_reported``, ``not_planned`` or ``not_known``. A share is of its ``numerator``, and by its ``denominator``.
    """

    figure: str
    dimension: str
    part: str
    value: float
    unit: str
    reason: str
    status: str
    illustrative: bool
    rows: int
    source: str
    numerator: float = math.nan
    denominator: float = math.nan


ROW_COLUMNS = Row._fields
TABLE_COLUMNS = ("report", "sector", *ROW_COLUMNS, "key")
TYPES = {
    "value": "float64",
    "illustrative": "bool",
    "rows": "int64",
    "numerator": "float64",
    "denominator": "float64",
}
"""Of the columns that are no texts."""

FEW = "few"
STATUS_OF: Mapping[str, str] = {
    "": "known",
    "no_report": "not_reported",
    "not_in_plan": "not_planned",
    "no_planning": "not_planned",
    "no_need_defined": "not_planned",
    "not_by_organisation": "not_planned",
}
"""What is known of a number without a value, by its reason; of any other reason it is not known."""


@dataclass(frozen=True)
class Figure:
    """One number of a sheet. ``value`` is None when it cannot be known; ``reason`` and ``status`` say why.

    ``status`` is ``few`` where there are people, and their number is rounded down to 0. ``caution`` names the rules by
    which it is in doubt.
    Units: ``people``, ``usd``, ``count``, ``share`` (0–1). ``rows`` counts the source rows behind the number.
    """

    name: str
    value: float | None
    unit: str
    source: str
    rows: int
    illustrative: bool = False
    reason: str = ""
    status: str = "known"
    caution: str = ""

    @property
    def present(self) -> bool:
        """Whether there is something: a number other than 0, or few people."""
        return bool(self.value) or self.status == FEW


@dataclass(frozen=True)
class Cell:
    """One part of a breakdown; see ``Figure`` for ``value``, ``reason``, ``status`` and ``caution``."""

    key: str
    value: float | None
    reason: str = ""
    status: str = "known"
    caution: str = ""

    @property
    def present(self) -> bool:
        """Whether there is something: a number other than 0, or few people."""
        return bool(self.value) or self.status == FEW


@dataclass(frozen=True)
class Breakdown:
    """A figure split by ``dimension`` (platform, group or month); the parts with ``not specified`` make the whole."""

    name: str
    unit: str
    dimension: str
    source: str
    cells: tuple[Cell, ...]

    def values(self) -> dict[str, float]:
        """The parts that have a value, by key."""
        return {cell.key: cell.value for cell in self.cells if cell.value is not None}

    @property
    def definition(self) -> BreakdownDefinition:
        """How the breakdown is declared."""
        return BREAKDOWNS[self.name]


@dataclass(frozen=True)
class KeyFigures:
    """Everything one sheet states about a sector, or all together, in a place and period; see ``Selection``.

    ``rows`` are the sheet's rows of the table of figures (``TABLE_COLUMNS``); figures and breakdowns are views of them.
    ``shown`` names the breakdowns that the sheet has, though one may be without parts.
    ``lost_people`` counts people who were reported and are not among those reached, by cause (``REASONS_LOST``).
    ``repairs`` names what was changed in activities before counting, in ``cells_changed`` cells. ``audience`` is who
    may see it, and so whether counts of people are exact. ``cautions`` say which figures and breakdowns are in doubt;
    the findings hold the sheet against ``comparisons``. Keys follow from ``secret``.
    """

    sector: str
    place: str
    plan_year: int
    period: Period
    method: Method
    rows: pd.DataFrame
    shown: tuple[str, ...]
    sources: Mapping[str, Source]
    lost_people: Mapping[str, float] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()
    cells_changed: int = 0
    cautions: tuple[Caution, ...] = ()
    comparisons: Comparisons = field(default_factory=Comparisons)
    audience: str = "public"
    organisation: str = ""
    secret: Secret = field(default_factory=Secret, repr=False)

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """The single figures by name."""
        return {
            row.figure: Figure(
                name=row.figure,
                value=_known(row.value),
                unit=row.unit,
                source=row.source,
                rows=row.rows,
                illustrative=row.illustrative,
                reason=row.reason,
                status=row.status,
                caution=self.caution(row.figure),
            )
            for row in self._rows
            if not row.dimension
        }

    @cached_property
    def breakdowns(self) -> Mapping[str, Breakdown]:
        """The breakdowns by name."""
        by_name: dict[str, list[Row]] = {name: [] for name in self.shown}
        for row in self._rows:
            if row.dimension and row.figure in by_name:
                by_name[row.figure].append(row)
        return {name: self._breakdown(BREAKDOWNS[name], rows) for name, rows in by_name.items()}

    @cached_property
    def _rows(self) -> list[Row]:
        return [Row(*row) for row in zip(*(self.rows[column].to_list() for column in ROW_COLUMNS), strict=True)]

    def _breakdown(self, definition: BreakdownDefinition, rows: Sequence[Row]) -> Breakdown:
        cells = (
            Cell(row.part, _known(row.value), row.reason, row.status, self.caution(definition.name)) for row in rows
        )
        unit = definition.figure_definition.unit
        return Breakdown(definition.name, unit, definition.key, rows[0].source if rows else "", tuple(cells))

    def value(self, name: str) -> float | None:
        """The value of a figure by its contract name."""
        return self.figures[name].value

    def in_doubt(self, name: str) -> bool:
        """Whether a figure or breakdown bears a caution."""
        return any(caution.of == name for caution in self.cautions)

    def caution(self, name: str) -> str:
        """The rules by which a figure or breakdown is in doubt."""
        return ", ".join(dict.fromkeys(caution.rule for caution in self.cautions if caution.of == name))

    def keys(self, people: Iterable[float]) -> Keys:
        """Stand-in keys of people who are counted: the same number of them has the same key."""
        return stand_in_keys(list(people), self.secret)

    @property
    def is_intersector(self) -> bool:
        """Whether these are all sectors together."""
        return self.sector == INTERSECTOR

    @property
    def base(self) -> int:
        """The base to whose multiples the sheet's counts of people are rounded; 0: they are exact."""
        return 0 if self.audience == "internal" else self.method.base(self.sector)

    @property
    def report(self) -> str:
        """What files about these figures are named after: ``health``, ``health.peru``."""
        return report_id(self.sector, self.place, self.organisation)

    @property
    def rules(self) -> str:
        """The method and the plan year's rules in one line."""
        return self.method.named_for(self.plan_year, repairs=self.repairs, audience=self.audience)

    @property
    def illustrative(self) -> tuple[str, ...]:
        """Names of the figures made from illustrative rows."""
        return tuple(name for name, figure in self.figures.items() if figure.illustrative)

    def table(self) -> pd.DataFrame:
        """The figures as a table to look at: value, unit, rows behind it, source, why there is none."""
        rows = [
            (plain_number(figure.value), figure.unit, figure.rows, figure.source, REASONS.get(figure.reason, ""))
            for figure in self.figures.values()
        ]
        columns = ["value", "unit", "rows", "source", "reason"]
        return pd.DataFrame(rows, index=list(self.figures), columns=columns, dtype="object")

    def as_records(self) -> dict[str, Any]:
        """Plain values for JSON: ``figures`` (a list) and ``tables`` (breakdowns by name)."""
        return {
            "sector": self.sector,
            "scope": self.place,
            **({"organisation": self.organisation} if self.organisation else {}),
            "plan": self.plan_year,
            "period": {"start": self.period.start, "end": self.period.end},
            "method": self.rules,
            "illustrative": list(self.illustrative),
            "rounding": self.base,
            "lost_people": {cause: plain_number(people) for cause, people in self.lost_people.items()},
            "sources": {name: source.model_dump(exclude_defaults=True) for name, source in self.sources.items()},
            "figures": [
                {
                    "name": figure.name,
                    "value": plain_number(figure.value),
                    "unit": figure.unit,
                    "scope": self.place,
                    "method": self.rules,
                    "source": figure.source,
                    "rows": figure.rows,
                    "status": figure.status,
                    "caution": figure.caution,
                    "illustrative": figure.illustrative,
                    "reason": REASONS.get(figure.reason, ""),
                }
                for figure in self.figures.values()
            ],
            "tables": {
                name: [
                    {
                        breakdown.dimension: cell.key,
                        "value": plain_number(cell.value),
                        "unit": breakdown.unit,
                        "source": breakdown.source,
                        "status": cell.status,
                        "caution": cell.caution,
                        "reason": REASONS.get(cell.reason, ""),
                    }
                    for cell in breakdown.cells
                ]
                for name, breakdown in self.breakdowns.items()
            },
        }


def plain_number(value: float | None) -> float | int | None:
    """Whole numbers without a decimal point, as a reader of a file expects of people and dollars."""
    return int(value) if value is not None and float(value).is_integer() else value


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def key_figures(selection: "Selection") -> KeyFigures:
    """Every figure and breakdown of a selection, exact; see ``rounding`` for what is printed of it.

    They are counted once for each plan.
    """
    key = ("key figures", selection.report, selection.organisation, selection.period, selection.method)
    return selection.plan.once(key, lambda: _key_figures(selection))


def _key_figures(selection: "Selection") -> KeyFigures:
    shown = [breakdown for breakdown in BREAKDOWNS.values() if breakdown.shown(selection)]
    exact = KeyFigures(
        sector=selection.sector,
        place=selection.place,
        organisation=selection.organisation,
        plan_year=selection.plan.year.year,
        period=selection.period,
        method=selection.method,
        rows=_table(selection, list(_rows(selection, shown))),
        shown=tuple(breakdown.name for breakdown in shown),
        sources=selection.plan.sources,
        lost_people={cause: people for cause, people in _lost_people(selection).items() if people},
        repairs=selection.plan.repairs,
        cells_changed=len(selection.plan.changes),
        secret=selection.plan.secret,
    )
    return replace(exact, cautions=cautions(selection, exact), comparisons=comparisons(selection, exact))


def _table(selection: "Selection", rows: Sequence[Row]) -> pd.DataFrame:
    columns = dict(zip(ROW_COLUMNS, zip(*rows, strict=True), strict=True))
    arrays: dict[str, Any] = {
        name: pd.array([text] * len(rows), dtype="str")
        for name, text in (("report", selection.report), ("sector", selection.sector))
    }
    for name, column in columns.items():
        arrays[name] = np.array(column, TYPES[name]) if name in TYPES else pd.array(list(column), dtype="str")
    table = pd.DataFrame(arrays, copy=False)
    people = table["value"].where(table["unit"] != "share", table["numerator"])
    return table.assign(key=stand_in_keys(people, selection.plan.secret))


def _rows(selection: "Selection", shown: Sequence[BreakdownDefinition]) -> Iterator[Row]:
    """The rows of every figure, and of the breakdowns ``shown``."""
    figures: dict[str, Figure] = {}
    counted: dict[str, Contributions | Unknown] = {}
    for name, definition in FIGURES.items():
        if definition.counted:
            counted[name] = definition.counted(selection)
            figure = _counted(selection, definition, counted[name])
        else:
            figure = _derived(selection, definition, figures)
        figures[name] = figure
        value = math.nan if figure.value is None else figure.value
        whole = figures[definition.whole].value if definition.unit == "share" else None
        yield _row(name, "", "", value, figure, figure.reason, whole or math.nan)
    planned: dict[tuple[str, str], float] = {}
    for breakdown in shown:
        name = breakdown.figure_definition.name
        for row in _parts(selection, breakdown, figures[name], counted.get(name)):
            planned[(row.figure, row.part)] = row.value
            whole = planned.get((row.figure.replace(name, FIGURES[name].whole), row.part), math.nan)
            yield row._replace(numerator=row.value * whole, denominator=whole) if row.unit == "share" else row


def _row(name: str, dimension: str, part: str, value: float, figure: Figure, reason: str, whole: float) -> Row:
    status = STATUS_OF.get(reason, "not_known")
    return Row(
        name,
        dimension,
        part,
        value,
        figure.unit,
        reason,
        status,
        figure.illustrative,
        figure.rows,
        figure.source,
        value * whole,
        whole,
    )


def stand_in_keys(people: Sequence[float] | pd.Series, secret: Secret) -> Keys:
    """Keys by the number of people, in place of those of their rows: the same number is rounded alike everywhere."""
    numbers = np.round(np.asarray(people, dtype="float64"), DECIMALS)
    return mixed(pd.util.hash_array(np.abs(numbers)), secret.text)


def _counted(selection: "Selection", definition: Definition, counted: Contributions | Unknown) -> Figure:
    """A figure that is the sum of its contributions."""
    if isinstance(counted, Unknown):
        return Figure(definition.name, None, definition.unit, counted.source, 0, reason=counted.reason)
    total = counted.total or 0.0
    sources = sources_of(selection, counted)
    illustrative = (
        any(source.lower().startswith(ILLUSTRATIVE) for source in sources)
        if counted.origin == "planning"
        else selection.plan.sources[counted.origin].illustrative
    )
    value = round(total, USD_DECIMALS) if definition.unit == "usd" else total
    return Figure(definition.name, value, definition.unit, "; ".join(sources), counted.row_count, illustrative)


def _derived(selection: "Selection", definition: Definition, figures: Mapping[str, Figure]) -> Figure:
    """A share (not clipped at 1) or a difference (below 0 when the part exceeds the whole); None without its parts."""
    part, whole = figures[definition.part], figures[definition.whole]
    value, reason = None, "no_denominator"
    if definition.compared and part.value is not None and whole.value is not None:
        compared = definition.compared(selection)
        if isinstance(compared, Unknown):
            part, reason = replace(part, value=None), compared.reason
        else:
            part = replace(part, value=compared.total)
    if part.value is not None and whole.value is not None:
        if definition.unit == "share":
            value = part.value / whole.value if whole.value else None
        else:
            value = whole.value - part.value
    parts = (part, whole) if definition.unit == "share" else (whole, part)
    return Figure(
        name=definition.name,
        value=value,
        unit=definition.unit,
        source="; ".join(dict.fromkeys(of.source for of in parts if of.source)),
        rows=sum(of.rows for of in parts),
        illustrative=value is not None and any(of.illustrative for of in parts),
        reason="" if value is not None else reason,
    )


def _parts(
    selection: "Selection", breakdown: BreakdownDefinition, figure: Figure, counted: Contributions | Unknown | None
) -> Iterator[Row]:
    """The rows of one breakdown. Where a figure is unknown, its parts are given as far as they are known."""
    contributions = counted.known_parts if isinstance(counted, Unknown) else counted
    if breakdown.parts:
        parts = breakdown.parts(selection)
    elif contributions is not None:
        parts = Parts(contributions.parts_by(*breakdown.by))
    else:
        return
    source = figure.source if parts.source is None else parts.source
    unit = breakdown.figure_definition.unit
    not_known = _parts_not_known(selection, breakdown, figure, parts.amounts)
    reported = frozenset[str]()
    if contributions is not None and not breakdown.parts and breakdown.by[0] not in contributions.splits:
        reported = frozenset(contributions.cells.names(breakdown.by[0]))
    for key, amount in parts.amounts.items():
        part = FROM_TO.join(key) if isinstance(key, tuple) else key
        reason, value = "", amount
        if key in not_known:
            reason, value = NEW_NOT_KNOWN, math.nan
        elif math.isnan(value):
            reason = _why_unknown(breakdown, part, figure, contributions, reported)
        of_part = replace(figure, unit=unit, rows=0, source=source)
        yield _row(breakdown.name, breakdown.key, part, value, of_part, reason, math.nan)


def _parts_not_known(
    selection: "Selection", breakdown: BreakdownDefinition, figure: Figure, parts: Collection[Any]
) -> Collection[Any]:
    """The parts of which no report tells how many people are new; of groups and models all of them, or none."""
    if not breakdown.figure_definition.tells_of_people:
        return ()
    if not set(breakdown.by) <= {*metrics.DIMENSIONS}:
        return parts if figure.reason == NEW_NOT_KNOWN else ()
    cells = selection.counted_cells
    if not cells.numbers(metrics.ROWS_NOT_KNOWN).any():
        return ()
    numbers, groups = cells.groups(breakdown.by)
    rows, not_known = (cells.sums(column, numbers, len(groups)) for column in (metrics.ROWS, metrics.ROWS_NOT_KNOWN))
    keys = groups if len(breakdown.by) > 1 else [key for (key,) in groups]
    return set(compress(keys, rows == not_known))


def _why_unknown(
    breakdown: BreakdownDefinition,
    part: str,
    figure: Figure,
    contributions: Contributions | None,
    reported: Collection[str],
) -> str:
    """Why a part has no value: nothing was ``reported`` of it, or its model does not keep it or see its people."""
    if figure.reason == "no_planning":
        return figure.reason
    if breakdown.parts or contributions is None:
        return breakdown.missing
    if breakdown.by[0] in contributions.splits:
        return figure.reason or "not_kept"
    return figure.reason or "no_proportions" if part in reported else breakdown.missing


def _lost_people(selection: "Selection") -> dict[str, float]:
    """People reported in the selection whom no figure counts, by cause.

    Whom the model of all sectors cannot see may be in several sectors: the largest of each place counts alone.
    """
    unknown = selection.coded_cells.where("indicator_type", UNKNOWN_INDICATOR).numbers(metrics.NEW).sum()
    not_known = selection.counted_cells.numbers(metrics.NOT_KNOWN).sum()
    lost = {
        "unknown_indicator": round(float(unknown), DECIMALS),
        NEW_NOT_KNOWN: round(float(not_known), DECIMALS),
    }
    if selection.is_intersector:
        lost["no_proportions"] = metrics.largest_of_period(selection.people_unseen())
    return lost
