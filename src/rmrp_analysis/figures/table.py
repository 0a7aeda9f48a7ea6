"""The table of figures: every number of a sheet as a tidy row, and the view of it that a page reads."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures.cautions import Caution, cautions
from rmrp_analysis.figures.comparisons import Comparisons, comparisons
from rmrp_analysis.figures.counted import NEW_NOT_KNOWN, Unknown, source_of
from rmrp_analysis.figures.parts import FROM_TO
from rmrp_analysis.figures.registry import BREAKDOWNS, FIGURES, REASONS, BreakdownDefinition, Definition
from rmrp_analysis.method import Method, Period
from rmrp_analysis.metrics import DECIMALS, Contributions
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import INTERSECTOR, UNKNOWN_INDICATOR, report_id

if TYPE_CHECKING:
    from rmrp_analysis.selection import Selection

ILLUSTRATIVE = "illustrative"
USD_DECIMALS = 2
TABLE_COLUMNS = (
    "report",
    "figure",
    "dimension",
    "part",
    "value",
    "unit",
    "reason",
    "suppressed",
    "illustrative",
    "rows",
    "source",
)


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
        single = self.rows[self.rows["dimension"] == ""]
        columns = ["figure", "value", "unit", "source", "rows", "illustrative", "reason", "suppressed"]
        return {
            name: Figure(name, _known(value), *rest, range=self.ranges.get(name))  # type: ignore[misc]
            for name, value, *rest in single[columns].itertuples(index=False)
        }

    @cached_property
    def breakdowns(self) -> Mapping[str, Breakdown]:
        """The breakdowns by name."""
        split = self.rows[self.rows["dimension"] != ""]
        by_name = dict(iter(split.groupby("figure", sort=False)))
        return {name: self._breakdown(BREAKDOWNS[name], by_name.get(name, split.iloc[:0])) for name in self.shown}

    def _breakdown(self, definition: BreakdownDefinition, rows: pd.DataFrame) -> Breakdown:
        cells = (
            Cell(part, _known(value), reason, suppressed, self.ranges.get(f"{definition.name}[{part}]"))
            for part, value, reason, suppressed in zip(
                rows["part"], rows["value"], rows["reason"], rows["suppressed"], strict=True
            )
        )
        source = rows["source"].iloc[0] if len(rows) else ""
        unit = definition.figure_definition.unit
        return Breakdown(definition.name, unit, definition.key, source, tuple(cells))

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


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def key_figures(selection: "Selection") -> KeyFigures:
    """Every figure and breakdown of a selection, exact; see ``disclosure`` for what may be printed of it.

    They are counted once for each plan.
    """
    key = ("key figures", selection.report, selection.period, selection.method)
    return selection.plan.once(key, lambda: _key_figures(selection))


def _key_figures(selection: "Selection") -> KeyFigures:
    exact = KeyFigures(
        sector=selection.sector,
        place=selection.place,
        organisation=selection.organisation,
        plan_year=selection.plan.year.year,
        period=selection.period,
        method=selection.method,
        rows=table_of_figures([selection]),
        shown=tuple(name for name, breakdown in BREAKDOWNS.items() if breakdown.shown(selection)),
        sources=selection.plan.sources,
        lost_people={cause: people for cause, people in _lost_people(selection).items() if people},
        repairs=selection.plan.repairs,
        cells_changed=len(selection.plan.changes),
    )
    return replace(exact, cautions=cautions(selection, exact), comparisons=comparisons(selection, exact))


def table_of_figures(selections: Iterable["Selection"], *, of: Collection[str] = FIGURES) -> pd.DataFrame:
    """Every number of these selections, a row each (``TABLE_COLUMNS``), exact; ``of`` names figures.

    ``report`` names the selection, ``figure`` the figure or breakdown. Of a breakdown, ``dimension`` is the name by
    which files know its parts and ``part`` the part; both are empty for a single figure. ``value`` is NaN where it is
    not known, and ``reason`` says why (a key of ``REASONS``).
    """
    rows = [(selection.report, *row) for selection in selections for row in _rows(selection, of)]
    table = pd.DataFrame(rows, columns=list(TABLE_COLUMNS))
    return table.astype({"value": "float64", "rows": "int64", "suppressed": "bool", "illustrative": "bool"})


def _rows(selection: "Selection", of: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of one selection, without its report: of the figures with these names, and their breakdowns."""
    figures: dict[str, Figure] = {}
    counted: dict[str, Contributions | Unknown] = {}
    for name, definition in FIGURES.items():
        if name not in of:
            continue
        if definition.counted:
            counted[name] = definition.counted(selection)
            figures[name] = _counted(selection, definition, counted[name])
        else:
            figures[name] = _derived(selection, definition, figures)
        figure = figures[name]
        value = float("nan") if figure.value is None else figure.value
        yield name, "", "", value, figure.unit, figure.reason, False, figure.illustrative, figure.rows, figure.source
    for breakdown in BREAKDOWNS.values():
        name = breakdown.figure_definition.name
        if name in of and breakdown.shown(selection):
            yield from _parts(selection, breakdown, figures[name], counted.get(name))


def _counted(selection: "Selection", definition: Definition, counted: Contributions | Unknown) -> Figure:
    """A figure that is the sum of its contributions."""
    if isinstance(counted, Unknown):
        return Figure(definition.name, None, definition.unit, counted.source, 0, reason=counted.reason)
    total = counted.total or 0.0
    source, illustrative = _origin(selection, counted)
    value = round(total, USD_DECIMALS) if definition.unit == "usd" else total
    return Figure(definition.name, value, definition.unit, source, counted.row_count, illustrative)


def _origin(selection: "Selection", counted: Contributions) -> tuple[str, bool]:
    """Where the rows come from, and whether any of them is illustrative; planning rows name their own source."""
    if counted.origin != "planning":
        return source_of(selection, counted.origin), selection.plan.sources[counted.origin].illustrative
    sources = counted.table["source"].unique()
    return "; ".join(sources), any(source.lower().startswith(ILLUSTRATIVE) for source in sources)


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
) -> Iterator[tuple[Any, ...]]:
    """The rows of one breakdown. Where a figure is unknown, its parts are given as far as they are known."""
    contributions = counted.known_parts if isinstance(counted, Unknown) else counted
    if breakdown.parts:
        parts = breakdown.parts(selection)
    elif contributions is not None:
        parts = contributions.by(*breakdown.by)
    else:
        return
    source = parts.attrs.get("source", figure.source)
    not_known = _parts_not_known(selection, breakdown, figure, parts.index)
    for key, value in parts.mask(parts.index.isin(not_known)).items():
        part = FROM_TO.join(map(str, key)) if isinstance(key, tuple) else str(key)
        reason = _why_unknown(breakdown, part, figure, contributions) if pd.isna(value) else ""
        reason = NEW_NOT_KNOWN if key in not_known else reason
        unit = breakdown.figure_definition.unit
        yield breakdown.name, breakdown.key, part, float(value), unit, reason, False, figure.illustrative, 0, source


def _parts_not_known(
    selection: "Selection", breakdown: BreakdownDefinition, figure: Figure, keys: pd.Index
) -> set[Any]:
    """The parts of which no report tells how many people are new; of groups and models all of them, or none."""
    if not breakdown.figure_definition.tells_of_people:
        return set()
    if not set(breakdown.by) <= {*metrics.DIMENSIONS}:
        return set(keys) if figure.reason == NEW_NOT_KNOWN else set()
    rows = selection.counted_cells.groupby(list(breakdown.by))[[metrics.ROWS, metrics.ROWS_NOT_KNOWN]].sum()
    return set(rows.index[rows[metrics.ROWS] == rows[metrics.ROWS_NOT_KNOWN]])


def _why_unknown(breakdown: BreakdownDefinition, part: str, figure: Figure, contributions: Contributions | None) -> str:
    """Why a part has no value: nothing was reported of it, or its model does not keep it or see its people."""
    if figure.reason == "no_planning":
        return figure.reason
    if breakdown.parts or contributions is None:
        return breakdown.missing
    (dimension, *_) = breakdown.by
    if dimension in contributions.splits:
        return figure.reason or "not_kept"
    reported = (contributions.table[dimension] == part).any()
    return figure.reason or "no_proportions" if reported else breakdown.missing


def _lost_people(selection: "Selection") -> dict[str, float]:
    """People reported in the selection whom no figure counts, by cause.

    Whom the model of all sectors cannot see may be in several sectors: the largest of each place counts alone.
    """
    cells = selection.cells
    unknown = cells.loc[cells["indicator_type"] == UNKNOWN_INDICATOR, metrics.NEW].sum()
    not_known = cells.loc[metrics.counts_people(cells, method=selection.method), metrics.NOT_KNOWN].sum()
    lost = {
        "unknown_indicator": round(float(unknown), DECIMALS),
        NEW_NOT_KNOWN: round(float(not_known), DECIMALS),
    }
    if selection.is_intersector:
        lost["no_proportions"] = metrics.largest_of_period(selection.people_unseen())
    return lost
