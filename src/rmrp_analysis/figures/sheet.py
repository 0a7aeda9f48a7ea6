"""One sheet's view of the table of figures: what a page, its files and its sentences read."""

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
from rmrp_analysis.method import MIN_HATCHED_SHARE, Method
from rmrp_analysis.packs.pack import folder
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED, REGION, plan_lists, report_id

REACHED_FIGURE = "people_reached"
GROUPINGS = ("people_reached_by_population_group", "people_reached_by_age_gender")
"""The breakdowns of people reached by groups of people."""

MAIN_FIGURES = (REACHED_FIGURE, "target_coverage")
"""A sheet on which one of these bears a caution is to be mended before it is published."""

MAX_DOUBTFUL_PLACES_NAMED = 3
"""So many sectors or countries in doubt are named."""
MIN_SHARE_OF_LARGEST_NAMED = 0.1
"""A country or month with a smaller share of what the largest of them has is not named."""

MIN_LACKING_SHARE_OF_PEOPLE = 0.01
"""From this share on it is told whom a number lacks."""

Values: TypeAlias = defaultdict[str, dict[str, float]]
"""The values of figures by part, by figure; a figure itself has one, for the part without a name."""

EMPTY_FIGURE_ROWS = pd.DataFrame(columns=["report", "figure", "part", "value", "status", "caution"]).astype(
    {"value": "float64"}
)
"""A table of figures without rows."""


@dataclass(frozen=True)
class FigureValue:
    """One number. ``value`` is None when it cannot be known; ``status`` says so in a word.

    ``reason`` says why a number is not known, or is known to be 0.
    ``key`` is the part of a breakdown, or the name of a figure. ``caution`` names the cause that doubts the number.
    ``assisted`` are the people assisted in reports that are not counted, of the month and sector with most of them.
    ``base`` is that to whose multiples people are rounded for the public, ``share_in_doubt`` (0 to 1) how much of the
    number is in doubt.
    """

    key: str
    value: float | None
    reason: str = ""
    status: str = "known"
    caution: str = ""
    assisted: float = 0.0
    base: int = 0
    share_in_doubt: float = 0.0

    @property
    def doubt(self) -> float:
        """The share of the number that is drawn as in doubt.

        It is ``share_in_doubt`` from ``MIN_HATCHED_SHARE`` on; below that, all of it (1) with a caution, else nothing.
        It is 0 where the number is not known, not above 0, or few.
        """
        if not self.value or self.value < 0 or self.status == FEW:
            return 0.0
        return self.share_in_doubt if self.share_in_doubt >= MIN_HATCHED_SHARE else float(bool(self.caution))

    @property
    def present(self) -> bool:
        """Whether there is something: a number other than 0, or few people."""
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

    Where all are known and exact, the parts of people reached by place, month, indicator or group add up to the whole,
    with those ``not specified``, and so does money by donor. Parts by sector or model, what is planned, shares and
    counts of names need not.
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

    ``rule`` is the cause, one of ``ledger.CAUSES``. ``share`` is of what the cause names, ``people`` how many it
    concerns: those left out, of the report that makes most, assisted in reports that are not counted, in doubt, in all
    groups. ``rows`` of ``all_rows`` give everybody assisted as new. ``months`` are those of these rows, of the largest
    report, or not counted; ``places`` the countries (of all sectors together, the sectors) that the cause names.
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
    """Who of a sheet's partners did not report for the last month.

    ``countries`` are those from which nobody reported at all, though partners were expected there. Elsewhere, of the
    partners ``expected`` so many are ``late``; of those who reported, ``other_sectors`` had nothing of this sector.
    """

    countries: tuple[str, ...] = ()
    expected: int = 0
    late: int = 0
    other_sectors: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether partners were expected for the last month, and all of them reported, from every country."""
        return self.expected > 0 and self.late == 0 and not self.countries


@dataclass(frozen=True)
class Comparisons:
    """Numbers beside those of a sheet; None, or no entry, where they are not known, in doubt or of few people.

    ``coverage_by_sector`` (reached of the target) and ``funding_by_sector`` (funded of the requirement) are of the
    sheet's own place, ``money_by_sector`` has both amounts (``funded``, ``required``). ``sectors_in_doubt`` bear a
    caution in the row by sector of the all-sectors sheet, or have coverage above the limit. ``region_people`` and
    ``people_year_before`` are people reached by the same sector: in the whole region (of an organisation: by
    everybody), and in the same months a year earlier (None for a number with a cause of its own; people left out, not
    counted or mostly in doubt are not looked at). ``largest_partner`` is the people whom one organisation reported.
    """

    coverage_by_sector: Mapping[str, float] = field(default_factory=dict)
    funding_by_sector: Mapping[str, float] = field(default_factory=dict)
    sectors_in_doubt: frozenset[str] = frozenset()
    region_people: float | None = None
    people_year_before: float | None = None
    largest_partner: float | None = None
    money_by_sector: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class KeyFigures:
    """Everything one sheet states about a sector, or all together, in a place and period; see ``Selection``.

    ``rows`` are the sheet's rows of the table of figures; figures and breakdowns are views of them. ``region`` and
    ``of_sectors`` are those of the same sector in the region, and of all sectors in the same place. From these rows
    follow (see ``fill_context``) ``year_in_data``: whether the data have the months from January on; ``lost_people``:
    people who were reported and are not among those reached, by cause (``LOST_WORDS_BY_REASON``); ``silence``: partners
    that have not reported; ``lacks``: countries and months of which nobody is counted, where that is no doubt;
    ``people_to_date``: the people reached in the year so far; ``cautions``, the strongest first; ``comparisons``.
    ``pack`` is the folder of the plan pack. ``repairs`` names what was changed in activities before counting, in
    ``cells_changed`` cells. ``audience`` is who may see it: ``internal``, or the ``public``, for whom counts of people
    are rounded to multiples of ``base``.
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
        facts = ["value", "reason", "status", "caution", "assisted", "base", "share_in_doubt"]
        facts += ["unit", "source", "rows", "illustrative"]
        rows = self.rows.loc[self.rows["kind"] == "figure", ["figure", *facts]].itertuples(index=False)
        return {
            name: Figure(
                name, known(value), *other_facts, unit=unit, source=source, rows=behind, illustrative=illustrative
            )
            for name, value, *other_facts, unit, source, behind, illustrative in rows
        }

    @cached_property
    def breakdowns(self) -> Mapping[str, Breakdown]:
        """The breakdowns that the sheet has, by name, in the order of ``BREAKDOWNS``."""
        columns = ["part", "value", "reason", "status", "caution", "assisted", "base", "share_in_doubt"]
        rows = self.rows[self.rows["kind"] == "part"].set_index("figure")
        sources = rows["source"].groupby(level=0).first()
        cells = defaultdict[str, list[FigureValue]](list)
        for name, part, value, *facts in rows[columns].itertuples(name=None):
            cells[name].append(FigureValue(part, known(value), *facts))
        return {
            name: Breakdown(
                name,
                breakdown_definition.figure_definition.unit,
                breakdown_definition.key,
                sources[name],
                tuple(cells[name]),
            )
            for name, breakdown_definition in BREAKDOWNS.items()
            if name in cells
        }

    def value(self, name: str) -> float | None:
        """Return the value of a figure; None where it is not known. Raises ``KeyError`` for one that is not there."""
        return self.figures[name].value

    @cached_property
    def _values_of_region(self) -> Values:
        """The known values of the same sector in the whole region, by figure and part."""
        return _values(self.region)

    def of_region(self, name: str) -> float | None:
        """Return the value of a figure of the same sector in the whole region; None where it is not known, or few."""
        return self._values_of_region[name].get("")

    def in_doubt(self, name: str) -> bool:
        """Return whether a figure or breakdown bears a caution."""
        return any(caution.of == name for caution in self.cautions)

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
        """Whether a sheet tells what was done: of an organisation, or if most activities are of uncounted indicators.

        Most: indicators whose people are counted have less than half of the activities.
        """
        for_people = self.rows.loc[self.rows["figure"] == sentences.ACTIVITIES_FOR_PEOPLE_FIGURE, "value"].sum()
        return bool(self.organisation or for_people < (self.value("activities") or 0) / 2)

    @property
    def base(self) -> int:
        """The base to whose multiples the people reached are rounded, the largest of their sectors; 0: exact."""
        if self.audience == "internal":
            return 0
        return (self.figures[REACHED_FIGURE].base if REACHED_FIGURE in self.figures else 0) or self.method.base(
            self.sector
        )

    @property
    def report(self) -> str:
        """What files about these figures are named after: ``health``, ``health.peru``."""
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

        The context is sector, place, period, method, sources and the like; ``organisation`` only of a sheet of one.
        """

        def record_of(cell: FigureValue, **facts_of_cell: Any) -> dict[str, Any]:
            """Return a number's value, these facts, status, caution, reason in words; ``assisted`` unless it is 0."""
            status_facts = {
                "status": cell.status,
                "caution": cell.caution,
                "reason": WORDS_BY_REASON.get(cell.reason, ""),
            }
            if cell.assisted:
                facts_of_cell["assisted"] = plain_number(cell.assisted)
            return {"value": plain_number(cell.value), **facts_of_cell, **status_facts}

        scope_facts = {"scope": self.place, "method": self.rules}
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
            "sources": {
                source_name: source.model_dump(exclude_defaults=True) for source_name, source in self.sources.items()
            },
            "figures": [
                {"name": figure_name}
                | record_of(
                    figure,
                    unit=figure.unit,
                    **scope_facts,
                    source=figure.source,
                    rows=figure.rows,
                    illustrative=figure.illustrative,
                )
                for figure_name, figure in self.figures.items()
            ],
            "tables": {
                name: [
                    {entry.dimension: cell.key} | record_of(cell, unit=entry.unit, source=entry.source)
                    for cell in entry.cells
                ]
                for name, entry in self.breakdowns.items()
            },
        }


PUBLISHED_COLUMNS = ["value", "unit", "status", "caution", "assisted", "rows", "source", "reason"]
"""Columns of the table of figures that analysts see."""


def select_published_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the figures and breakdowns of sheets for a reader; what only sentences and shares need is left out.

    Columns: ``sector``, ``place``, ``organisation``, ``figure``, ``dimension``, ``part``, and ``PUBLISHED_COLUMNS``,
    with ``reason`` in words; ``value`` is NaN where it is not known.
    """
    rows = rows[rows["kind"] != UNPUBLISHED_KIND].reset_index(drop=True)
    columns = ["sector", "place", "organisation", "figure", "dimension", "part", *PUBLISHED_COLUMNS]
    return rows[columns].assign(reason=rows["reason"].map(WORDS_BY_REASON).fillna(""))


def figures_by_name(rows: pd.DataFrame, sheet_keys: Sequence[str] = ()) -> pd.DataFrame:
    """Return the single figures of sheets: ``PUBLISHED_COLUMNS``, by ``sheet_keys`` and name (index).

    Without ``sheet_keys`` (of one sheet) the index is the name alone, and has no name itself.
    """
    rows = select_published_rows(rows[rows["kind"] == "figure"]).set_index([*sheet_keys, "figure"])[PUBLISHED_COLUMNS]
    return rows if sheet_keys else rows.rename_axis(None)


def fill_context(figures: KeyFigures) -> KeyFigures:
    """Return a copy of a sheet with the fields that follow from its rows, and from the rows that it is compared with.

    They are ``lost_people``, ``silence``, ``lacks`` (None beside a caution *not counted*), ``people_to_date``,
    ``year_in_data``, ``comparisons`` and ``cautions``: one for a figure or for a breakdown of ``GROUPINGS``, in the
    order of ``ledger.CAUSES``; of shares and differences only *coverage_above*, of ``GROUPINGS`` not *mostly_in_doubt*.
    """
    values = _values(figures.rows)
    has_caution = (figures.rows["caution"] != "") & figures.rows["figure"].isin([*FIGURES, *GROUPINGS])
    cautious_figures = figures.rows.loc[has_caution, ["figure", "caution"]].drop_duplicates("figure")
    cautions = [
        _caution(figures, values, cause, figure)
        for figure, cause in cautious_figures.itertuples(index=False)
        # A share has the cause of its people; that groups are of people in doubt is said of these people alone
        if cause == ledger.COVERAGE_ABOVE
        or not (figure_definition(figure).part or (cause == ledger.MOSTLY_IN_DOUBT and figure in GROUPINGS))
    ]
    counts = {
        name: int(values[name].get("", 0))
        for name in (sentences.PARTNERS_EXPECTED_FIGURE, sentences.PARTNERS_LATE_FIGURE)
    }
    return replace(
        figures,
        lost_people=values[sentences.LOST_PEOPLE_FIGURE],
        silence=Silence(
            countries=tuple(sorted(country for country in values[sentences.PARTNERS_NOT_IN_FIGURE] if country)),
            expected=counts[sentences.PARTNERS_EXPECTED_FIGURE],
            late=counts[sentences.PARTNERS_LATE_FIGURE],
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

    ``share`` and ``people`` are None where these are not known, or few. A cause without a rule of its own here is read
    as groups that exceed the people reached.
    """
    people_reached = figures.value(REACHED_FIGURE)
    if cause == ledger.COVERAGE_ABOVE:
        return Caution(cause, figure, None if figures.figures[figure].status == FEW else figures.value(figure))
    if cause == ledger.LEFT_OUT:
        lost = sum(
            people
            for loss_cause_name, people in values[sentences.LOST_PEOPLE_FIGURE].items()
            if loss_cause_name != "no_proportions"
        )
        return Caution(cause, figure, lost / (lost + people_reached) if lost and people_reached else None, lost or None)
    if cause == ledger.NOT_COUNTED:
        return _caution_not_counted(figures, figure)
    if cause == ledger.MOSTLY_IN_DOUBT:
        return _caution_mostly_in_doubt(figures, values, figure)
    if cause == ledger.EVERYBODY_NEW:
        rows, all_rows = (
            values[figure_name]
            for figure_name in (sentences.EVERYBODY_NEW_ROWS_FIGURE, sentences.ROWS_OF_PEOPLE_FIGURE)
        )
        counts = int(sum(rows.values())), int(sum(all_rows.values()))
        return Caution(cause, figure, None, None, *counts, months=tuple(sorted(rows)))
    if cause == ledger.ONE_REPORT:
        month, largest = _largest(figures.rows, sentences.LARGEST_REPORT_FIGURE)
        share = min(largest / people_reached, 1.0) if people_reached and largest else None
        return Caution(cause, figure, share, largest or None, months=(month,) if month else ())
    if cause == ledger.MANY_IN_NO_GROUP:
        return Caution(
            cause, figure, values[figure].get(NOT_SPECIFIED, 0.0) / people_reached if people_reached else None
        )
    groups = [values[name] for name in ([figure] if figure in GROUPINGS else GROUPINGS)]
    largest_sum = max(sum(parts[group] for group in parts if group != NOT_SPECIFIED) for parts in groups) or None
    return Caution(
        cause, figure, largest_sum / people_reached - 1 if largest_sum and people_reached else None, people=largest_sum
    )


def _caution_mostly_in_doubt(figures: KeyFigures, values: Values, figure: str) -> Caution:
    """Return the caution *mostly in doubt*; it names the places with most people in doubt, the largest first.

    ``places`` are countries; of all sectors together, sectors. They are one where it has half of all people, else at
    most ``MAX_DOUBTFUL_PLACES_NAMED``; ``people`` are those of the places named (None: none).
    """
    people_reached = figures.value(REACHED_FIGURE)
    parts = sorted(values[sentences.PEOPLE_IN_DOUBT_FIGURE].items(), key=lambda part: (-part[1], part[0]))
    if parts and people_reached and parts[0][1] >= people_reached / 2:
        parts = parts[:1]  # one of them is enough to say so
    parts = parts[:MAX_DOUBTFUL_PLACES_NAMED]  # the number is that of the places that are named
    doubtful = sum(people for _, people in parts) or None
    share = min(doubtful / people_reached, 1.0) if doubtful and people_reached else None
    return Caution(ledger.MOSTLY_IN_DOUBT, figure, share, doubtful, places=tuple(place_name for place_name, _ in parts))


def _caution_not_counted(figures: KeyFigures, figure: str) -> Caution:
    """Return the caution *not counted*; it names the countries and months of which nobody is counted.

    Without any, it names the months with reports that are not counted. Those under ``MIN_SHARE_OF_LARGEST_NAMED`` of
    the largest are left out; ``people`` are those of the month with most (None: no number is known).
    """
    is_known = (figures.rows["status"] != FEW) & figures.rows["value"].notna()
    cells = figures.rows[is_known & (figures.rows["month"] != "")]
    areas = cells[cells["figure"] == sentences.NOT_COUNTED_AREAS_FIGURE]
    cells = cells if areas.empty else areas
    if cells.empty:
        return Caution(ledger.NOT_COUNTED, figure)
    by_country = cells.groupby("part")["value"].max()
    by_month = cells.groupby("month")["value"].sum()
    countries, months = (
        tuple(sums.index[sums >= MIN_SHARE_OF_LARGEST_NAMED * sums.max()]) for sums in (by_country, by_month)
    )
    places = () if areas.empty else countries
    return Caution(ledger.NOT_COUNTED, figure, people=float(by_month.max()), months=months, places=places)


def _lacks(figures: KeyFigures) -> Caution | None:
    """Return whom the people reached lack, as a caution *not counted*; None where that is next to nothing.

    That is: it names no country, its people are under ``MIN_LACKING_SHARE_OF_PEOPLE``, or people reached are not known.
    """
    caution, people = _caution_not_counted(figures, REACHED_FIGURE), figures.value(REACHED_FIGURE)
    is_enough = people is not None and (caution.people or 0.0) >= MIN_LACKING_SHARE_OF_PEOPLE * (
        people + (caution.people or 0.0)
    )
    return caution if caution.places and is_enough else None


def _comparisons(figures: KeyFigures, values: Values) -> Comparisons:
    """Return the numbers beside those of a sheet, from its ``values``, its ``of_sectors`` and its ``region``.

    ``region_people``, ``people_year_before`` and ``largest_partner`` are None where the sector reaches nobody by
    definition, or people reached are 0 or not known; ``region_people`` also where no region is compared or it is in
    doubt, ``largest_partner`` for an organisation. Sectors in doubt or of few people have no coverage, sectors above
    the limit no funding.
    """
    of_sectors, max_coverage = _values(figures.of_sectors), figures.method.cautions.coverage_above
    names = (f"{figure_name}_by_sector" for figure_name in ("target_coverage", "requirement_usd", "funding_usd"))
    shares, required, money = (of_sectors[name] for name in names)
    reached = figures.of_sectors["figure"] == f"{REACHED_FIGURE}_by_sector"
    sectors = figures.of_sectors.loc[reached, ["part", "caution", "status"]]
    in_doubt = {
        *sectors.loc[sectors["caution"] != "", "part"],
        *(sector for sector in shares if shares[sector] > max_coverage),
    }
    few = {*sectors.loc[sectors["status"] == FEW, "part"]}
    funded = {sector: usd / required[sector] for sector, usd in sorted(money.items()) if required.get(sector, 0) > 0}
    comparisons = Comparisons(
        coverage_by_sector={sector: share for sector, share in shares.items() if sector not in in_doubt | few},
        funding_by_sector={sector: share for sector, share in funded.items() if share <= max_coverage},
        money_by_sector={"funded": money, "required": required},
        sectors_in_doubt=frozenset(in_doubt),
    )
    if figures.sector in plan_lists().without_people or not figures.value(REACHED_FIGURE):
        return comparisons
    is_of_organisation = bool(figures.organisation)
    has_no_region = figures.is_intersector if is_of_organisation else figures.place == REGION
    _, partner = _largest(figures.rows, sentences.PEOPLE_BY_PARTNER_FIGURE)
    region_causes = {*figures.region.loc[figures.region["figure"] == REACHED_FIGURE, "caution"]} - {""}
    return replace(
        comparisons,
        region_people=None if has_no_region or region_causes else figures.of_region(REACHED_FIGURE) or None,
        people_year_before=values[sentences.PEOPLE_YEAR_BEFORE_FIGURE].get("") or None,
        largest_partner=None if is_of_organisation else partner or None,
    )


def _largest(rows: pd.DataFrame, figure: str) -> tuple[str, float]:
    """Return the part of a figure with most people, and its people, as this audience sees them.

    Columns read: ``figure``, ``part``, ``value``, ``status``. The first of equal ones; an empty text and 0 where
    nothing is known.
    """
    parts = rows[(rows["figure"] == figure) & (rows["status"] != FEW) & rows["value"].notna()]
    largest = parts.sort_values(["value", "part"], ascending=[False, True])[["part", "value"]]
    return next(largest.itertuples(index=False, name=None), ("", 0.0))


def reason_for_no_sheet(rows: pd.DataFrame) -> Literal["", "empty", "nobody", "few"]:
    """Return why a report makes no sheet, by the rows that its audience sees; an empty text for one that makes a sheet.

    ``rows`` are those of the table of figures, with ``sector``, ``figure``, ``part``, ``value``, ``status``, ``reason``
    and ``caution``. A sheet is made where people in need, target, requirement or funding (``funding_usd``) is not 0.
    Else ``empty``: there are no activities; ``few`` or ``nobody``: the people reached of a single sector have an empty
    ``caution``, and the status ``few`` or the value 0 without a reason.
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
    """Return the causes for which the main numbers cannot be used, each once, by the rows of a sheet; see ``unusable``.

    They are the cautions of the people reached, and of the target coverage only *coverage_above*.
    """
    figures = rows["figure"].where(rows["caution"] != "")
    is_main = figures.eq(REACHED_FIGURE) | (figures.eq("target_coverage") & rows["caution"].eq(ledger.COVERAGE_ABOVE))
    return [*rows.loc[is_main, "caution"].unique()]


def plain_number(value: float | None) -> float | int | None:
    """Return a whole number as an int, which files write without a decimal point; others, and None, as they are."""
    return int(value) if value is not None and float(value).is_integer() else value


def known(value: float) -> float | None:
    """Give a number, or None for NaN."""
    return None if math.isnan(value) else float(value)


def _values(rows: pd.DataFrame) -> Values:
    """Return the known values by figure, then by part (empty: the figure itself); a figure without any has no parts.

    Columns read: ``figure``, ``part``, ``value`` (NaN: not known), ``status`` (*few* is no number).
    """
    values = Values(dict)
    for figure, part, value, status in rows[["figure", "part", "value", "status"]].itertuples(index=False, name=None):
        if status != FEW and not math.isnan(value):
            values[figure][part] = value
    return values
