"""One sheet's view of the table of figures, for its page, its files and its sentences."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pandas as pd

from rmrp_analysis import ledger
from rmrp_analysis.arguments import Period
from rmrp_analysis.figures import sentences
from rmrp_analysis.figures.registry import (
    BREAKDOWNS,
    FEW,
    FIGURES,
    UNPUBLISHED_KIND,
    WORDS_BY_REASON,
    BreakdownDefinition,
    figure_definition,
)
from rmrp_analysis.method import Method
from rmrp_analysis.packs.pack import folder
from rmrp_analysis.ranges import is_sure
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED, REGION, plan_lists, report_id

REACHED_FIGURE = "people_reached"
GROUPINGS = ("people_reached_by_population_group", "people_reached_by_age_gender")
"""The breakdowns of people reached by groups of people."""

MAIN_FIGURES = (REACHED_FIGURE, "target_coverage")
"""A sheet must be mended before it is published if one of these figures has a caution."""

MAX_DOUBTFUL_PLACES_NAMED = 3
"""The most sectors or countries in doubt that are named."""
MIN_SHARE_OF_LARGEST_NAMED = 0.1
"""A country or month with a smaller share of the people of the largest one is not named."""

MIN_DOUBTFUL_SHARE_OF_PARTS = 0.05
"""A part that is not sure puts its breakdown in doubt if it may be more than this share of all parts."""

MAX_SILENT_SHARE = 0.1
"""No change is told if partners without a later report gave more of the earlier people."""
MIN_LACKING_SHARE_OF_PEOPLE = 0.01
"""The least share of people missing from a number that a sheet mentions."""

CELL_FACTS = ["reason", "status", "caution", "assisted", "base"]
"""The columns of the table of figures that every number of a sheet has, besides its value and its bounds."""

Values: TypeAlias = defaultdict[str, dict[str, float]]
"""Values by figure, then by part. The part of the figure itself is an empty text."""

EMPTY_FIGURE_ROWS = pd.DataFrame(
    columns=["report", "figure", "part", "value", "status", "caution", "low", "high", "base"]
).astype(dict.fromkeys(["value", "low", "high"], "float64"))


@dataclass(frozen=True)
class FigureValue:
    """One number: ``value`` is None if it is not known. ``status`` says how far it is known.

    ``key`` is the part of a breakdown, or the name of a figure. ``reason`` says why a number is not known, or is known
    to be 0. ``caution`` names the cause of doubt. ``assisted`` are the people assisted in reports that are not counted,
    in the month and sector with most of them. For the public, people are rounded to multiples of ``base``. ``low`` and
    ``high`` say how few and how many the number stands for. They are None if that is not known.
    """

    key: str
    value: float | None
    reason: str = ""
    status: str = "known"
    caution: str = ""
    assisted: float = 0.0
    base: int = 0
    low: float | None = None
    high: float | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """How few and how many a known number stands for: the number itself if its bounds are not known."""
        value = self.value or 0.0
        return (value if self.low is None else self.low), (value if self.high is None else self.high)

    @property
    def is_sure(self) -> bool:
        """Whether a number is near both its bounds. So is a number that is not known, and few people."""
        return self.value is None or self.status == FEW or is_sure(self.value, *self.bounds, self.base)

    @property
    def end(self) -> float:
        """Where a bar ends: the number, or its upper bound if it is not sure. At least 0."""
        return max((self.value or 0.0) if self.is_sure else self.bounds[1], 0.0)

    @property
    def doubt(self) -> float:
        """The share of a bar that is hatched: from the lower bound to its end. 0 for a sure number."""
        return 0.0 if self.is_sure or not self.end else min(1 - max(self.bounds[0], 0.0) / self.end, 1.0)

    @property
    def present(self) -> bool:
        """Whether the number is not 0, or few people."""
        return bool(self.value) or self.status == FEW


@dataclass(frozen=True, kw_only=True)
class Figure(FigureValue):
    """One figure of a sheet, in ``people``, ``usd``, ``count`` or ``share`` (0–1), from so many source ``rows``."""

    unit: str
    source: str
    rows: int
    illustrative: bool


@dataclass(frozen=True)
class Breakdown:
    """A figure split by ``dimension`` (platform, group or month).

    If all parts are known and exact, people reached by place, month, indicator or group (with *not specified*) and
    money by donor add up to the whole. Parts by sector or model, planned figures, shares and counts of names need not.
    """

    name: str
    unit: str
    dimension: str
    source: str
    cells: tuple[FigureValue, ...]

    def values(self) -> dict[str, float]:
        """Return the parts that have a value, by key."""
        return {cell.key: cell.value for cell in self.cells if cell.value is not None}

    @property
    def definition(self) -> BreakdownDefinition:
        """How the breakdown is declared."""
        return BREAKDOWNS[self.name]


@dataclass(frozen=True)
class Caution:
    """Why a figure or breakdown (``of``) is in doubt: the cause (``rule``), its size, rows, months and places.

    ``rule`` is one of ``ledger.CAUSES``. Depending on it, ``people`` are left out, in the largest report, assisted in
    reports that are not counted, in doubt, or in all groups. ``share`` is their share, or the coverage. ``rows`` of
    ``all_rows`` give everybody assisted as new. ``months`` are the months of these rows, of the largest report, or of
    reports that are not counted. ``places`` are the countries that the cause names, or the sectors on a sheet of all
    sectors.
    """

    rule: str
    of: str
    share: float | None = None
    people: float | None = None
    rows: int = 0
    all_rows: int = 0
    months: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Silence:
    """Which partners of a sheet did not report for the last month.

    From ``countries`` nobody reported, although partners were expected. From other countries, ``late`` is the number of
    ``expected`` partners that did not report. ``other_sectors`` is the number of partners that reported, but not this
    sector.
    """

    countries: tuple[str, ...] = ()
    expected: int = 0
    late: int = 0
    other_sectors: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether partners were expected for the last month, and all reported, from every country."""
        return self.expected > 0 and self.late == 0 and not self.countries


@dataclass(frozen=True)
class Comparisons:
    """Numbers to compare a sheet with. None, or no entry, if a number is not known, in doubt, or of few people.

    Numbers of the sheet's place, by sector: ``coverage_by_sector`` (reached of the target), ``funding_by_sector``
    (funded of the requirement) and ``money_by_sector`` (the amounts ``funded`` and ``required``). ``sectors_in_doubt``
    are not sure on the sheet of all sectors, or have coverage above the limit.

    People reached of the sheet's sector: ``region_people`` (in the whole region, or by everybody if the sheet is of an
    organisation). ``largest_partner`` are the people of the organisation that reported most.

    An earlier and a later number of the same partners: ``of_both_months`` (newly reached in the last two months) and
    ``of_both_years`` (reached in the same months of two years). They are None if silent partners gave more than
    ``MAX_SILENT_SHARE`` of the earlier number of everybody. ``of_both_years`` is also None if the year before has a
    cause, except *left out*, *not counted* and *mostly in doubt*. If silent partners gave more in the last month but
    one, ``silent_people`` are the people that they gave, otherwise 0.
    """

    coverage_by_sector: Mapping[str, float] = field(default_factory=dict)
    funding_by_sector: Mapping[str, float] = field(default_factory=dict)
    sectors_in_doubt: frozenset[str] = frozenset()
    region_people: float | None = None
    of_both_months: tuple[float, float] | None = None
    silent_people: float = 0.0
    of_both_years: tuple[float, float] | None = None
    largest_partner: float | None = None
    money_by_sector: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class KeyFigures:
    """All figures of one sheet: a sector, or all sectors together, in a place and period (see ``Selection``).

    ``rows`` are the sheet's rows of the table of figures. Figures and breakdowns are views of these rows. ``region``
    has the rows of the same sector in the region, ``of_sectors`` the rows of all sectors in the same place. ``pack`` is
    the folder of the plan pack. ``repairs`` names the changes of activities before counting, in ``cells_changed``
    cells. ``audience`` is who may see the sheet: ``internal``, or the ``public``, for whom counts of people are rounded
    to multiples of ``base``.

    These fields follow from the rows (see ``fill_context``):

    - ``year_in_data``: whether the data have the months from January on.
    - ``lost_people``: reported people who are not among the people reached, by cause (``LOST_WORDS_BY_REASON``).
    - ``silence``: partners that have not reported.
    - ``lacks``: countries and months without anybody counted, if this is no caution.
    - ``people_to_date``: the people reached in the year so far.
    - ``cautions``, the strongest first, and ``comparisons``.
    """

    sector: str
    place: str
    plan_year: int
    period: Period
    method: Method
    rows: pd.DataFrame
    sources: Mapping[str, Source]
    audience: str
    region: pd.DataFrame = field(default_factory=lambda: EMPTY_FIGURE_ROWS)
    of_sectors: pd.DataFrame = field(default_factory=lambda: EMPTY_FIGURE_ROWS)
    lost_people: Mapping[str, float] = field(default_factory=dict)
    silence: Silence = field(default_factory=Silence)
    lacks: Caution | None = None
    people_to_date: float | None = None
    year_in_data: bool = True
    cautions: tuple[Caution, ...] = ()
    comparisons: Comparisons = field(default_factory=Comparisons)
    repairs: tuple[str, ...] = ()
    cells_changed: int = 0
    organisation: str = ""
    pack: Path = field(default_factory=folder)

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """The single figures by name."""
        facts = [*CELL_FACTS, "unit", "source", "rows", "illustrative"]
        rows = self.rows.loc[self.rows["kind"] == "figure", ["figure", "value", "low", "high", *facts]]
        return {
            name: Figure(
                *(name, known(value), *values, known(low), known(high)),
                unit=unit,
                source=source,
                rows=count,
                illustrative=illustrative,
            )
            for name, value, low, high, *values, unit, source, count, illustrative in rows.itertuples(index=False)
        }

    @cached_property
    def breakdowns(self) -> Mapping[str, Breakdown]:
        """The breakdowns that the sheet has, by name, in the order of ``BREAKDOWNS``."""
        columns = ["part", "value", "low", "high", *CELL_FACTS]
        rows = self.rows[self.rows["kind"] == "part"].set_index("figure")
        sources = rows["source"].groupby(level=0).first()
        cells = defaultdict[str, list[FigureValue]](list)
        for name, part, value, low, high, *facts in rows[columns].itertuples(name=None):
            cells[name].append(FigureValue(*(part, known(value), *facts, known(low), known(high))))
        return {
            name: Breakdown(name, breakdown.figure_definition.unit, breakdown.key, sources[name], tuple(cells[name]))
            for name, breakdown in BREAKDOWNS.items()
            if name in cells
        }

    def value(self, name: str) -> float | None:
        """Return the value of a figure, None if it is not known. Raises ``KeyError`` if the sheet lacks the figure."""
        return self.figures[name].value

    @cached_property
    def _values_of_region(self) -> Values:
        """The known values of the same sector in the whole region, by figure and part."""
        return _values(self.region)

    def of_region(self, name: str) -> float | None:
        """Return the value of a figure of the same sector in the whole region, or None if it is not known, or few."""
        return self._values_of_region[name].get("")

    def in_doubt(self, name: str) -> bool:
        """Return whether a figure is not sure, or a breakdown has a caution or a large part that is not sure."""
        if figure := self.figures.get(name):
            return not figure.is_sure or figure.caution == ledger.COVERAGE_ABOVE
        if any(caution.of == name for caution in self.cautions):
            return True
        cells = self.breakdowns[name].cells if name in self.breakdowns else ()
        total = sum(cell.value or 0.0 for cell in cells)
        return any(not cell.is_sure and cell.end > MIN_DOUBTFUL_SHARE_OF_PARTS * total for cell in cells)

    @property
    def unusable(self) -> tuple[Caution, ...]:
        """The cautions for which the main numbers cannot be used."""
        return tuple(caution for caution in self.cautions if caution.of in MAIN_FIGURES)

    @property
    def is_intersector(self) -> bool:
        """Whether these are all sectors together."""
        return self.sector == INTERSECTOR

    @property
    def is_about_services(self) -> bool:
        """Whether a sheet describes activities: of an organisation, or mostly of uncounted indicators.

        Mostly means that less than half of the activities have an indicator with people that are counted.
        """
        people = self.rows.loc[self.rows["figure"] == sentences.ACTIVITIES_FOR_PEOPLE_FIGURE, "value"].sum()
        return bool(self.organisation or people < (self.value("activities") or 0) / 2)

    @property
    def base(self) -> int:
        """The base of rounding of the people reached, the largest of their sectors. 0 if they are exact."""
        if self.audience == "internal":
            return 0
        reached = self.figures.get(REACHED_FIGURE)
        return (reached.base if reached else 0) or self.method.base(self.sector)

    @property
    def report(self) -> str:
        """The id of the sheet, with which the names of its files begin: ``health``, ``health.peru``."""
        return report_id(self.sector, self.place, self.organisation)

    @property
    def rules(self) -> str:
        """The method and the plan year's rules in one line."""
        return self.method.describe_for(self.plan_year, repairs=self.repairs, audience=self.audience)

    @property
    def illustrative(self) -> tuple[str, ...]:
        """Names of the figures made from illustrative rows."""
        return tuple(name for name, figure in self.figures.items() if figure.illustrative)

    def as_records(self) -> dict[str, Any]:
        """Return plain values for JSON: ``figures`` (a list), ``tables`` (by breakdown, a list of parts), and context.

        The context is sector, place, period, method, sources and so on. Only a sheet of one organisation has
        ``organisation``.
        """

        def record_of(cell: FigureValue, **facts_of_cell: Any) -> dict[str, Any]:
            """Return a number with its bounds, these facts, status, caution and reason, and ``assisted`` if not 0."""
            status = {"status": cell.status, "caution": cell.caution, "reason": WORDS_BY_REASON.get(cell.reason, "")}
            if cell.assisted:
                facts_of_cell["assisted"] = plain_number(cell.assisted)
            bounds = {"low": plain_number(cell.low), "high": plain_number(cell.high)}
            return {"value": plain_number(cell.value), **bounds, **facts_of_cell, **status}

        def figure_record(name: str, figure: Figure) -> dict[str, Any]:
            """Return the record of a figure."""
            scope = {"scope": self.place, "method": self.rules, "source": figure.source, "rows": figure.rows}
            return {"name": name} | record_of(figure, unit=figure.unit, **scope, illustrative=figure.illustrative)

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
            "figures": [figure_record(name, figure) for name, figure in self.figures.items()],
            "tables": {
                name: [
                    {entry.dimension: cell.key} | record_of(cell, unit=entry.unit, source=entry.source)
                    for cell in entry.cells
                ]
                for name, entry in self.breakdowns.items()
            },
        }


PUBLISHED_COLUMNS = ["value", "low", "high", "unit", "status", "caution", "assisted", "rows", "source", "reason"]
"""The columns of the table of figures that analysts see, besides its keys."""


def select_published_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the figures and breakdowns of sheets for a reader, without rows that only sentences and shares need.

    Columns: ``sector``, ``place``, ``organisation``, ``figure``, ``dimension``, ``part``, and ``PUBLISHED_COLUMNS``.
    ``reason`` is in words. ``value`` is NaN if it is not known.
    """
    rows = rows[rows["kind"] != UNPUBLISHED_KIND].reset_index(drop=True)
    columns = ["sector", "place", "organisation", "figure", "dimension", "part", *PUBLISHED_COLUMNS]
    return rows[columns].assign(reason=rows["reason"].map(WORDS_BY_REASON).fillna(""))


def figures_by_name(rows: pd.DataFrame, sheet_keys: Sequence[str] = ()) -> pd.DataFrame:
    """Return the single figures of sheets: ``PUBLISHED_COLUMNS``, by ``sheet_keys`` and name (index).

    Without ``sheet_keys``, for one sheet, the index holds only the names of figures, and has no name itself.
    """
    rows = select_published_rows(rows[rows["kind"] == "figure"]).set_index([*sheet_keys, "figure"])[PUBLISHED_COLUMNS]
    return rows if sheet_keys else rows.rename_axis(None)


def fill_context(figures: KeyFigures) -> KeyFigures:
    """Return a copy of a sheet with the fields that follow from its rows, and from the rows that it is compared with.

    These are ``lost_people``, ``silence``, ``lacks`` (None if there is a caution *not counted*), ``people_to_date``,
    ``year_in_data``, ``comparisons`` and ``cautions``. Each figure, and each breakdown of ``GROUPINGS``, has at most
    one caution. The cautions are in the order of ``ledger.CAUSES``. Shares and differences have only *coverage_above*.
    ``GROUPINGS`` have no *mostly_in_doubt*.
    """
    values = _values(figures.rows)
    has_caution = (figures.rows["caution"] != "") & figures.rows["figure"].isin([*FIGURES, *GROUPINGS])
    doubtful = figures.rows.loc[has_caution, ["figure", "caution"]].drop_duplicates("figure")
    cautions = [
        _caution(figures, values, cause, figure)
        for figure, cause in doubtful.itertuples(index=False)
        # A share has the cause of its people, and groups are in doubt because their people are: it is said once
        if cause == ledger.COVERAGE_ABOVE
        or not (figure_definition(figure).part or (cause == ledger.MOSTLY_IN_DOUBT and figure in GROUPINGS))
    ]
    return replace(
        figures,
        lost_people=values[sentences.LOST_PEOPLE_FIGURE],
        silence=Silence(
            countries=tuple(sorted(country for country in values[sentences.PARTNERS_NOT_IN_FIGURE] if country)),
            expected=int(values[sentences.PARTNERS_EXPECTED_FIGURE].get("", 0)),
            late=int(values[sentences.PARTNERS_LATE_FIGURE].get("", 0)),
            other_sectors=int(values[sentences.OTHER_SECTORS_FIGURE].get("", 0)),
        ),
        lacks=None if any(caution.rule == ledger.NOT_COUNTED for caution in cautions) else _lacks(figures),
        people_to_date=values[sentences.PEOPLE_TO_DATE_FIGURE].get(""),
        year_in_data="year_not_in_data" not in figures.rows["reason"].array,
        cautions=tuple(sorted(cautions, key=lambda caution: ledger.CAUSES.index(caution.rule))),
        comparisons=_comparisons(figures, values),
    )


def _caution(figures: KeyFigures, values: Values, cause: str, figure: str) -> Caution:
    """Return the caution of a figure for a cause, with the numbers that this audience sees.

    ``share`` and ``people`` are None if they are not known, or few. A cause that is not mentioned here means groups
    that exceed the people reached.
    """
    reached = figures.value(REACHED_FIGURE)
    if cause == ledger.COVERAGE_ABOVE:
        return Caution(cause, figure, None if figures.figures[figure].status == FEW else figures.value(figure))
    if cause == ledger.LEFT_OUT:
        lost = sum(people for loss, people in values[sentences.LOST_PEOPLE_FIGURE].items() if loss != "no_proportions")
        return Caution(cause, figure, lost / (lost + reached) if lost and reached else None, lost or None)
    if cause == ledger.NOT_COUNTED:
        return _caution_not_counted(figures, figure)
    if cause == ledger.MOSTLY_IN_DOUBT:
        return _caution_mostly_in_doubt(figures, values, figure)
    if cause == ledger.EVERYBODY_NEW:
        rows, all_rows = values[sentences.EVERYBODY_NEW_ROWS_FIGURE], values[sentences.ROWS_OF_PEOPLE_FIGURE]
        counts = int(sum(rows.values())), int(sum(all_rows.values()))
        return Caution(cause, figure, None, None, *counts, months=tuple(sorted(rows)))
    if cause == ledger.ONE_REPORT:
        month, largest = _largest(figures.rows, sentences.LARGEST_REPORT_FIGURE)
        share = min(largest / reached, 1.0) if reached and largest else None
        return Caution(cause, figure, share, largest or None, months=(month,) if month else ())
    if cause == ledger.MANY_IN_NO_GROUP:
        return Caution(cause, figure, values[figure].get(NOT_SPECIFIED, 0.0) / reached if reached else None)
    groups = [values[name] for name in ([figure] if figure in GROUPINGS else GROUPINGS)]
    total = max(sum(parts[group] for group in parts if group != NOT_SPECIFIED) for parts in groups) or None
    return Caution(cause, figure, total / reached - 1 if total and reached else None, people=total)


def _caution_mostly_in_doubt(figures: KeyFigures, values: Values, figure: str) -> Caution:
    """Return the caution *mostly in doubt*, which names the places with most people in doubt, the largest first.

    ``places`` are countries, or sectors on a sheet of all sectors. If the largest one has half of all people, it is
    named alone. Otherwise at most ``MAX_DOUBTFUL_PLACES_NAMED`` places are named. ``people`` are the people in doubt of
    the places named (None instead of 0).
    """
    reached = figures.value(REACHED_FIGURE)
    parts = sorted(values[sentences.PEOPLE_IN_DOUBT_FIGURE].items(), key=lambda part: (-part[1], part[0]))
    if parts and reached and parts[0][1] >= reached / 2:
        parts = parts[:1]  # one place is enough
    parts = parts[:MAX_DOUBTFUL_PLACES_NAMED]  # the number is that of the places that are named
    doubtful = sum(people for _, people in parts) or None
    share = min(doubtful / reached, 1.0) if doubtful and reached else None
    return Caution(ledger.MOSTLY_IN_DOUBT, figure, share, doubtful, places=tuple(place for place, _ in parts))


def _caution_not_counted(figures: KeyFigures, figure: str) -> Caution:
    """Return the caution *not counted*, which names the countries and months without anybody counted.

    Without any, it names the months with reports that are not counted. Countries and months with less than
    ``MIN_SHARE_OF_LARGEST_NAMED`` of the largest are left out. ``people`` are the people of the month with most people
    (None: no number is known).
    """
    is_known = (figures.rows["status"] != FEW) & figures.rows["value"].notna()
    cells = figures.rows[is_known & (figures.rows["month"] != "")]
    areas = cells[cells["figure"] == sentences.NOT_COUNTED_AREAS_FIGURE]
    cells = cells if areas.empty else areas
    if cells.empty:
        return Caution(ledger.NOT_COUNTED, figure)
    countries = cells.groupby("part")["value"].max()
    countries = countries[countries >= MIN_SHARE_OF_LARGEST_NAMED * countries.max()]
    months = cells.groupby("month")["value"].sum()
    people = float(months.max())
    months = months[months >= MIN_SHARE_OF_LARGEST_NAMED * people]
    places = () if areas.empty else tuple(countries.index)
    return Caution(ledger.NOT_COUNTED, figure, people=people, months=tuple(months.index), places=places)


def _lacks(figures: KeyFigures) -> Caution | None:
    """Return which people are missing from the people reached, as a caution *not counted*. None if they are too few.

    They are too few if the caution names no country, if its people are under ``MIN_LACKING_SHARE_OF_PEOPLE``, or if
    people reached are not known.
    """
    caution, reached = _caution_not_counted(figures, REACHED_FIGURE), figures.value(REACHED_FIGURE)
    people = caution.people or 0.0
    is_enough = reached is not None and people >= MIN_LACKING_SHARE_OF_PEOPLE * (reached + people)
    return caution if caution.places and is_enough else None


def _comparisons(figures: KeyFigures, values: Values) -> Comparisons:
    """Return the numbers to compare a sheet with, from its ``values``, its ``of_sectors`` and its ``region``.

    Sectors in doubt or with few people have no coverage. Sectors above the limit have no funding. ``region_people``,
    ``of_both_years`` and ``largest_partner`` are None if the sector reaches nobody by definition, or if people
    reached are 0 or not known. ``region_people`` is also None if no region is compared or it is in doubt.
    ``largest_partner`` is also None for an organisation.
    """
    of_sectors, limit = _values(figures.of_sectors), figures.method.cautions.coverage_above
    shares = of_sectors["target_coverage_by_sector"]
    required, money = of_sectors["requirement_usd_by_sector"], of_sectors["funding_usd_by_sector"]
    sectors = figures.of_sectors[figures.of_sectors["figure"] == f"{REACHED_FIGURE}_by_sector"]
    numbers = sectors.loc[
        sectors["value"].notna() & (sectors["status"] != FEW), ["part", "value", "low", "high", "base"]
    ]
    in_doubt = {part for part, *number in numbers.itertuples(index=False) if not is_sure(*number)}
    in_doubt |= {sector for sector, share in shares.items() if share > limit}
    small = {*sectors.loc[sectors["status"] == FEW, "part"]}
    funded = {sector: usd / required[sector] for sector, usd in sorted(money.items()) if required.get(sector, 0) > 0}
    months = figures.period.months
    month_before = values[f"{REACHED_FIGURE}_by_month"].get(months[-2]) if len(months) > 1 else None
    comparisons = Comparisons(
        coverage_by_sector={sector: share for sector, share in shares.items() if sector not in in_doubt | small},
        funding_by_sector={sector: share for sector, share in funded.items() if share <= limit},
        money_by_sector={"funded": money, "required": required},
        sectors_in_doubt=frozenset(in_doubt),
        of_both_months=_of_both(values, sentences.PEOPLE_OF_BOTH_MONTHS_FIGURE, everybody=month_before),
        silent_people=_silent_people(values, months[-2:], month_before),
    )
    if figures.sector in plan_lists().without_people or not figures.value(REACHED_FIGURE):
        return comparisons
    is_partner = bool(figures.organisation)
    has_no_region = figures.is_intersector if is_partner else figures.place == REGION
    _, partner = _largest(figures.rows, sentences.PEOPLE_BY_PARTNER_FIGURE)
    region = figures.region.loc[figures.region["figure"] == REACHED_FIGURE, ["value", "low", "high"]].dropna()
    is_region_sure = all(is_sure(*number) for number in region.itertuples(index=False))
    return replace(
        comparisons,
        region_people=None if has_no_region or not is_region_sure else figures.of_region(REACHED_FIGURE) or None,
        of_both_years=_of_both(
            values,
            sentences.PEOPLE_OF_BOTH_YEARS_FIGURE,
            everybody=values[sentences.PEOPLE_YEAR_BEFORE_FIGURE].get(""),
        ),
        largest_partner=None if is_partner else partner or None,
    )


def _of_both(values: Values, figure: str, everybody: float | None) -> tuple[float, float] | None:
    """Return the earlier and the later number of the partners that reported for both.

    ``everybody`` is the earlier number of all partners. The result is None if a number is not known or of few people,
    if the earlier one is 0, or if silent partners make more than ``MAX_SILENT_SHARE`` of ``everybody``.
    """
    people = [number for _, number in sorted(values[figure].items())]
    if everybody is None or len(people) < 2:
        return None
    earlier, later = people
    return (earlier, later) if earlier and earlier >= (1 - MAX_SILENT_SHARE) * everybody else None


def _silent_people(values: Values, months: Sequence[str], month_before: float | None) -> float:
    """Return what partners without a report for the later of two months gave in the earlier one, 0 if not too much."""
    people = values[sentences.PEOPLE_OF_BOTH_MONTHS_FIGURE]
    if not month_before or months[0] not in people:
        return 0.0
    silent = month_before - people[months[0]]
    return silent if silent > MAX_SILENT_SHARE * month_before else 0.0


def _largest(rows: pd.DataFrame, figure: str) -> tuple[str, float]:
    """Return the part of a figure with most people, and its people, as this audience sees them.

    If parts are equal, the first by name. An empty text and 0 if no part is known. Columns read: ``figure``, ``part``,
    ``value``, ``status``.
    """
    parts = rows[(rows["figure"] == figure) & (rows["status"] != FEW) & rows["value"].notna()]
    largest = parts.sort_values(["value", "part"], ascending=[False, True])[["part", "value"]]
    return next(largest.itertuples(index=False, name=None), ("", 0.0))


def reason_for_no_sheet(rows: pd.DataFrame) -> Literal["", "empty", "nobody", "few"]:
    """Return why a report makes no sheet, by the rows that its audience sees. Empty if it makes a sheet.

    A sheet is made if people in need, target, requirement or funding (``funding_usd``) is not 0. Otherwise the answer
    is ``empty`` without activities. It is ``few`` or ``nobody`` if the people reached of a single sector have no
    caution, and the status ``few``, or the value 0 without a reason. Columns read of ``rows`` (table of figures):
    ``sector``, ``figure``, ``part``, ``value``, ``status``, ``reason``, ``caution``.
    """
    has_value = rows["value"].fillna(0) != 0
    if (has_value & rows["figure"].isin(["people_in_need", "target", "requirement_usd", "funding_usd"])).any():
        return ""
    if not (has_value & (rows["figure"] == "activities")).any():
        return "empty"
    reached = rows[(rows["figure"] == REACHED_FIGURE) & (rows["part"] == "") & (rows["sector"] != INTERSECTOR)]
    if not (reached["caution"] == "").all():
        return ""
    is_few = reached["status"] == FEW
    is_zero = (reached["value"] == 0) & (reached["reason"] == "")
    return "few" if is_few.any() else "nobody" if is_zero.any() else ""


def causes_against(rows: pd.DataFrame) -> list[str]:
    """Return the causes for which the main numbers of a sheet cannot be used, each once (see ``KeyFigures.unusable``).

    They are the cautions in ``rows`` of the people reached, and *coverage_above* of the target coverage.
    """
    figures = rows["figure"].where(rows["caution"] != "")
    is_main = figures.eq(REACHED_FIGURE) | (figures.eq("target_coverage") & rows["caution"].eq(ledger.COVERAGE_ABOVE))
    return [*rows.loc[is_main, "caution"].unique()]


def plain_number(value: float | None) -> float | int | None:
    """Return a whole number as an int, which files write without a decimal point. Other numbers and None stay."""
    return int(value) if value is not None and float(value).is_integer() else value


def known(value: float) -> float | None:
    """Return a number as a float, or None for NaN."""
    return None if math.isnan(value) else float(value)


def _values(rows: pd.DataFrame) -> Values:
    """Return the known values by figure, then by part (empty: the figure itself). An unknown figure has no parts.

    Columns read: ``figure``, ``part``, ``value`` (NaN: not known), ``status`` (*few* is not known).
    """
    values = Values(dict)
    for figure, part, value, status in rows[["figure", "part", "value", "status"]].itertuples(index=False, name=None):
        if status != FEW and not math.isnan(value):
            values[figure][part] = value
    return values
