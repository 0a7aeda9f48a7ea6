"""The table of figures: every number of a sheet as a tidy row, and the view of it that a page reads."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from rmrp_analysis.method import Method, Period
from rmrp_analysis.metrics import DECIMALS, Contributions
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
    says why (a key of ``REASONS``).
    """

    figure: str
    dimension: str
    part: str
    value: float
    unit: str
    reason: str
    suppressed: bool
    illustrative: bool
    rows: int
    source: str


ROW_COLUMNS = Row._fields
TABLE_COLUMNS = ("report", *ROW_COLUMNS)
TYPES = {"value": "float64", "suppressed": "bool", "illustrative": "bool", "rows": "int64"}
"""Of the columns that are no texts."""


@dataclass(frozen=True)
class Figure:
    """One number of a sheet. ``value`` is None when it cannot be known or must be withheld; ``reason`` says why.

    ``range`` is the least and the most that are printed in place of a withheld number, if any are.
    Units: ``people``, ``usd``, ``count``, ``share`` (0–1). ``rows`` counts the source rows behind the number.
    """

    name: str
    value: float | None
    unit: str
    source: str
    rows: int
    illustrative: bool = False
    reason: str = ""
    suppressed: bool = False
    range: tuple[float, float] | None = None


@dataclass(frozen=True)
class Cell:
    """One part of a breakdown; see ``Figure`` for ``value``, ``reason``, ``suppressed`` and ``range``."""

    key: str
    value: float | None
    reason: str = ""
    suppressed: bool = False
    range: tuple[float, float] | None = None


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
    ``lost_people`` counts people who were reported and are not among those reached, by cause (``REASONS_LOST``);
    None where the count must be withheld. ``repairs`` names what was changed in activities before counting, in
    ``cells_changed`` cells. ``audience`` is who may see it, and so whether small counts are in it. ``cautions`` say
    which figures and breakdowns are in doubt; the findings hold the sheet against ``comparisons``. ``ranges`` are
    printed in place of withheld numbers, by cell: ``people_reached_by_platform[Peru]``.
    """

    sector: str
    place: str
    plan_year: int
    period: Period
    method: Method
    rows: pd.DataFrame
    shown: tuple[str, ...]
    sources: Mapping[str, Source]
    lost_people: Mapping[str, float | None] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()
    cells_changed: int = 0
    cautions: tuple[Caution, ...] = ()
    comparisons: Comparisons = field(default_factory=Comparisons)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    audience: str = "public"
    organisation: str = ""

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
                suppressed=row.suppressed,
                range=self.ranges.get(row.figure),
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
            Cell(
                row.part,
                _known(row.value),
                row.reason,
                row.suppressed,
                self.ranges.get(f"{definition.name}[{row.part}]"),
            )
            for row in rows
        )
        unit = definition.figure_definition.unit
        return Breakdown(definition.name, unit, definition.key, rows[0].source if rows else "", tuple(cells))

    def value(self, name: str) -> float | None:
        """The value of a figure by its contract name."""
        return self.figures[name].value

    def in_doubt(self, name: str) -> bool:
        """Whether a figure or breakdown bears a caution."""
        return any(caution.of == name for caution in self.cautions)

    @property
    def is_intersector(self) -> bool:
        """Whether these are all sectors together."""
        return self.sector == INTERSECTOR

    @property
    def threshold(self) -> int:
        """From how many people on a count of this sheet is printed."""
        return self.method.threshold(self.sector)

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
            **({"rounded_to": self.method.rounded_to} if self.audience == "public" and self.method.rounded_to else {}),
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
                    "suppressed": figure.suppressed,
                    "illustrative": figure.illustrative,
                    "reason": REASONS.get(figure.reason, ""),
                    **({"range": list(map(plain_number, figure.range))} if figure.range else {}),
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
                        "suppressed": cell.suppressed,
                        "reason": REASONS.get(cell.reason, ""),
                        **({"range": list(map(plain_number, cell.range))} if cell.range else {}),
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
    """Every figure and breakdown of a selection, exact; see ``disclosure`` for what may be printed of it.

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
        rows=_table(selection.report, list(_rows(selection, shown))),
        shown=tuple(breakdown.name for breakdown in shown),
        sources=selection.plan.sources,
        lost_people={cause: people for cause, people in _lost_people(selection).items() if people},
        repairs=selection.plan.repairs,
        cells_changed=len(selection.plan.changes),
    )
    return replace(exact, cautions=cautions(selection, exact), comparisons=comparisons(selection, exact))


def _table(report: str, rows: Sequence[Row]) -> pd.DataFrame:
    columns = dict(zip(ROW_COLUMNS, zip(*rows, strict=True), strict=True))
    arrays: dict[str, Any] = {"report": pd.array([report] * len(rows), dtype="str")}
    for name, column in columns.items():
        arrays[name] = np.array(column, TYPES[name]) if name in TYPES else pd.array(list(column), dtype="str")
    return pd.DataFrame(arrays, copy=False)


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
        yield Row(
            name, "", "", value, figure.unit, figure.reason, False, figure.illustrative, figure.rows, figure.source
        )
    for breakdown in shown:
        name = breakdown.figure_definition.name
        yield from _parts(selection, breakdown, figures[name], counted.get(name))


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
        yield Row(breakdown.name, breakdown.key, part, value, unit, reason, False, figure.illustrative, 0, source)


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
