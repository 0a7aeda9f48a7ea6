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
        return {figure_value.key: figure_value.value for figure_value in self.cells if figure_value.value is not None}

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
        fact_columns = ["value", "reason", "status", "caution", "assisted", "base", "share_in_doubt"]
        fact_columns += ["unit", "source", "rows", "illustrative"]
        figure_rows = self.rows.loc[self.rows["kind"] == "figure", ["figure", *fact_columns]].itertuples(index=False)
        return {
            figure_name: Figure(
                figure_name,
                known(numeric_value),
                *other_facts,
                unit=unit,
                source=source_name,
                rows=row_count,
                illustrative=is_illustrative,
            )
            for figure_name, numeric_value, *other_facts, unit, source_name, row_count, is_illustrative in figure_rows
        }

    @cached_property
    def breakdowns(self) -> Mapping[str, Breakdown]:
        """The breakdowns that the sheet has, by name, in the order of ``BREAKDOWNS``."""
        value_columns = ["part", "value", "reason", "status", "caution", "assisted", "base", "share_in_doubt"]
        part_rows = self.rows[self.rows["kind"] == "part"].set_index("figure")
        breakdown_source_series = part_rows["source"].groupby(level=0).first()
        values_by_breakdown = defaultdict[str, list[FigureValue]](list)
        for breakdown_name, part_name, numeric_part_value, *value_facts in part_rows[value_columns].itertuples(
            name=None
        ):
            values_by_breakdown[breakdown_name].append(FigureValue(part_name, known(numeric_part_value), *value_facts))
        return {
            breakdown_name: Breakdown(
                breakdown_name,
                breakdown_definition.figure_definition.unit,
                breakdown_definition.key,
                breakdown_source_series[breakdown_name],
                tuple(values_by_breakdown[breakdown_name]),
            )
            for breakdown_name, breakdown_definition in BREAKDOWNS.items()
            if breakdown_name in values_by_breakdown
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
        activity_count_for_people = self.rows.loc[
            self.rows["figure"] == sentences.ACTIVITIES_FOR_PEOPLE_FIGURE, "value"
        ].sum()
        return bool(self.organisation or activity_count_for_people < (self.value("activities") or 0) / 2)

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
        return tuple(figure_name for figure_name, figure in self.figures.items() if figure.illustrative)

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
            "lost_people": {cause: plain_number(people_count) for cause, people_count in self.lost_people.items()},
            "sources": {
                source_name: input_source.model_dump(exclude_defaults=True)
                for source_name, input_source in self.sources.items()
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
                breakdown_name: [
                    {breakdown.dimension: cell.key} | record_of(cell, unit=breakdown.unit, source=breakdown.source)
                    for cell in breakdown.cells
                ]
                for breakdown_name, breakdown in self.breakdowns.items()
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
    reader_columns = ["sector", "place", "organisation", "figure", "dimension", "part", *PUBLISHED_COLUMNS]
    return rows[reader_columns].assign(reason=rows["reason"].map(WORDS_BY_REASON).fillna(""))


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
    part_value_dicts_by_figure = _values(figures.rows)
    is_cautioned_row = (figures.rows["caution"] != "") & figures.rows["figure"].isin([*FIGURES, *GROUPINGS])
    figure_cause_rows = figures.rows.loc[is_cautioned_row, ["figure", "caution"]].drop_duplicates("figure")
    sheet_cautions = [
        _caution(figures, part_value_dicts_by_figure, cause, doubtful_figure_name)
        for doubtful_figure_name, cause in figure_cause_rows.itertuples(index=False)
        # A share has the cause of its people; that groups are of people in doubt is said of these people alone
        if cause == ledger.COVERAGE_ABOVE
        or not (
            figure_definition(doubtful_figure_name).part
            or (cause == ledger.MOSTLY_IN_DOUBT and doubtful_figure_name in GROUPINGS)
        )
    ]
    partner_count_by_figure = {
        figure_name: int(part_value_dicts_by_figure[figure_name].get("", 0))
        for figure_name in (sentences.PARTNERS_EXPECTED_FIGURE, sentences.PARTNERS_LATE_FIGURE)
    }
    return replace(
        figures,
        lost_people=part_value_dicts_by_figure[sentences.LOST_PEOPLE_FIGURE],
        silence=Silence(
            countries=tuple(
                sorted(
                    country_code
                    for country_code in part_value_dicts_by_figure[sentences.PARTNERS_NOT_IN_FIGURE]
                    if country_code
                )
            ),
            expected=partner_count_by_figure[sentences.PARTNERS_EXPECTED_FIGURE],
            late=partner_count_by_figure[sentences.PARTNERS_LATE_FIGURE],
            other_sectors=int(part_value_dicts_by_figure[sentences.OTHER_SECTORS_FIGURE].get("", 0)),
        ),
        lacks=None if any(caution.rule == ledger.NOT_COUNTED for caution in sheet_cautions) else _lacks(figures),
        people_to_date=part_value_dicts_by_figure[sentences.PEOPLE_TO_DATE_FIGURE].get(""),
        year_in_data="year_not_in_data" not in figures.rows["reason"].array,
        cautions=tuple(sorted(sheet_cautions, key=lambda caution: ledger.CAUSES.index(caution.rule))),
        comparisons=_comparisons(figures, part_value_dicts_by_figure),
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
        lost_people_count = sum(
            people
            for loss_cause_name, people in values[sentences.LOST_PEOPLE_FIGURE].items()
            if loss_cause_name != "no_proportions"
        )
        return Caution(
            cause,
            figure,
            lost_people_count / (lost_people_count + people_reached) if lost_people_count and people_reached else None,
            lost_people_count or None,
        )
    if cause == ledger.NOT_COUNTED:
        return _caution_not_counted(figures, figure)
    if cause == ledger.MOSTLY_IN_DOUBT:
        return _caution_mostly_in_doubt(figures, values, figure)
    if cause == ledger.EVERYBODY_NEW:
        new_row_count_by_month, row_count_by_month = (
            values[figure_name]
            for figure_name in (sentences.EVERYBODY_NEW_ROWS_FIGURE, sentences.ROWS_OF_PEOPLE_FIGURE)
        )
        new_and_all_row_counts = int(sum(new_row_count_by_month.values())), int(sum(row_count_by_month.values()))
        return Caution(cause, figure, None, None, *new_and_all_row_counts, months=tuple(sorted(new_row_count_by_month)))
    if cause == ledger.ONE_REPORT:
        report_month, people_of_report = _largest(figures.rows, sentences.LARGEST_REPORT_FIGURE)
        report_share = min(people_of_report / people_reached, 1.0) if people_reached and people_of_report else None
        return Caution(
            cause, figure, report_share, people_of_report or None, months=(report_month,) if report_month else ()
        )
    if cause == ledger.MANY_IN_NO_GROUP:
        return Caution(
            cause, figure, values[figure].get(NOT_SPECIFIED, 0.0) / people_reached if people_reached else None
        )
    people_by_group_mappings = [
        values[breakdown_name] for breakdown_name in ([figure] if figure in GROUPINGS else GROUPINGS)
    ]
    largest_group_sum = (
        max(
            sum(people_by_group[group_name] for group_name in people_by_group if group_name != NOT_SPECIFIED)
            for people_by_group in people_by_group_mappings
        )
        or None
    )
    return Caution(
        cause,
        figure,
        largest_group_sum / people_reached - 1 if largest_group_sum and people_reached else None,
        people=largest_group_sum,
    )


def _caution_mostly_in_doubt(figures: KeyFigures, values: Values, figure: str) -> Caution:
    """Return the caution *mostly in doubt*; it names the places with most people in doubt, the largest first.

    ``places`` are countries; of all sectors together, sectors. They are one where it has half of all people, else at
    most ``MAX_DOUBTFUL_PLACES_NAMED``; ``people`` are those of the places named (None: none).
    """
    people_reached = figures.value(REACHED_FIGURE)
    place_people_pairs = sorted(values[sentences.PEOPLE_IN_DOUBT_FIGURE].items(), key=lambda part: (-part[1], part[0]))
    if place_people_pairs and people_reached and place_people_pairs[0][1] >= people_reached / 2:
        place_people_pairs = place_people_pairs[:1]  # one of them is enough to say so
    place_people_pairs = place_people_pairs[
        :MAX_DOUBTFUL_PLACES_NAMED
    ]  # the number is that of the places that are named
    doubtful_people = sum(people for _, people in place_people_pairs) or None
    doubtful_share = min(doubtful_people / people_reached, 1.0) if doubtful_people and people_reached else None
    return Caution(
        ledger.MOSTLY_IN_DOUBT,
        figure,
        doubtful_share,
        doubtful_people,
        places=tuple(place_name for place_name, _ in place_people_pairs),
    )


def _caution_not_counted(figures: KeyFigures, figure: str) -> Caution:
    """Return the caution *not counted*; it names the countries and months of which nobody is counted.

    Without any, it names the months with reports that are not counted. Those under ``MIN_SHARE_OF_LARGEST_NAMED`` of
    the largest are left out; ``people`` are those of the month with most (None: no number is known).
    """
    is_known_number = (figures.rows["status"] != FEW) & figures.rows["value"].notna()
    uncounted_rows = figures.rows[is_known_number & (figures.rows["month"] != "")]
    uncounted_area_rows = uncounted_rows[uncounted_rows["figure"] == sentences.NOT_COUNTED_AREAS_FIGURE]
    uncounted_rows = uncounted_rows if uncounted_area_rows.empty else uncounted_area_rows
    if uncounted_rows.empty:
        return Caution(ledger.NOT_COUNTED, figure)
    people_by_country = uncounted_rows.groupby("part")["value"].max()
    people_by_month = uncounted_rows.groupby("month")["value"].sum()
    country_codes, named_months = (
        tuple(people_sum_series.index[people_sum_series >= MIN_SHARE_OF_LARGEST_NAMED * people_sum_series.max()])
        for people_sum_series in (people_by_country, people_by_month)
    )
    named_country_codes = () if uncounted_area_rows.empty else country_codes
    return Caution(
        ledger.NOT_COUNTED, figure, people=float(people_by_month.max()), months=named_months, places=named_country_codes
    )


def _lacks(figures: KeyFigures) -> Caution | None:
    """Return whom the people reached lack, as a caution *not counted*; None where that is next to nothing.

    That is: it names no country, its people are under ``MIN_LACKING_SHARE_OF_PEOPLE``, or people reached are not known.
    """
    caution, reached_people_count = _caution_not_counted(figures, REACHED_FIGURE), figures.value(REACHED_FIGURE)
    has_many_uncounted = reached_people_count is not None and (caution.people or 0.0) >= MIN_LACKING_SHARE_OF_PEOPLE * (
        reached_people_count + (caution.people or 0.0)
    )
    return caution if caution.places and has_many_uncounted else None


def _comparisons(figures: KeyFigures, values: Values) -> Comparisons:
    """Return the numbers beside those of a sheet, from its ``values``, its ``of_sectors`` and its ``region``.

    ``region_people``, ``people_year_before`` and ``largest_partner`` are None where the sector reaches nobody by
    definition, or people reached are 0 or not known; ``region_people`` also where no region is compared or it is in
    doubt, ``largest_partner`` for an organisation. Sectors in doubt or of few people have no coverage, sectors above
    the limit no funding.
    """
    part_value_dicts_by_figure, max_coverage = _values(figures.of_sectors), figures.method.cautions.coverage_above
    breakdown_names = (
        f"{figure_name}_by_sector" for figure_name in ("target_coverage", "requirement_usd", "funding_usd")
    )
    coverage_by_sector, required_usd_by_sector, funded_usd_by_sector = (
        part_value_dicts_by_figure[breakdown_name] for breakdown_name in breakdown_names
    )
    is_sector_people_row = figures.of_sectors["figure"] == f"{REACHED_FIGURE}_by_sector"
    sector_rows = figures.of_sectors.loc[is_sector_people_row, ["part", "caution", "status"]]
    doubtful_sectors = {
        *sector_rows.loc[sector_rows["caution"] != "", "part"],
        *(sector for sector in coverage_by_sector if coverage_by_sector[sector] > max_coverage),
    }
    sectors_of_few = {*sector_rows.loc[sector_rows["status"] == FEW, "part"]}
    funded_share_by_sector = {
        sector: funded_usd / required_usd_by_sector[sector]
        for sector, funded_usd in sorted(funded_usd_by_sector.items())
        if required_usd_by_sector.get(sector, 0) > 0
    }
    comparisons = Comparisons(
        coverage_by_sector={
            sector: sector_share
            for sector, sector_share in coverage_by_sector.items()
            if sector not in doubtful_sectors | sectors_of_few
        },
        funding_by_sector={
            sector: sector_share
            for sector, sector_share in funded_share_by_sector.items()
            if sector_share <= max_coverage
        },
        money_by_sector={"funded": funded_usd_by_sector, "required": required_usd_by_sector},
        sectors_in_doubt=frozenset(doubtful_sectors),
    )
    if figures.sector in plan_lists().without_people or not figures.value(REACHED_FIGURE):
        return comparisons
    is_of_organisation = bool(figures.organisation)
    has_no_region = figures.is_intersector if is_of_organisation else figures.place == REGION
    _, people_of_largest_partner = _largest(figures.rows, sentences.PEOPLE_BY_PARTNER_FIGURE)
    region_causes = {*figures.region.loc[figures.region["figure"] == REACHED_FIGURE, "caution"]} - {""}
    return replace(
        comparisons,
        region_people=None if has_no_region or region_causes else figures.of_region(REACHED_FIGURE) or None,
        people_year_before=values[sentences.PEOPLE_YEAR_BEFORE_FIGURE].get("") or None,
        largest_partner=None if is_of_organisation else people_of_largest_partner or None,
    )


def _largest(rows: pd.DataFrame, figure: str) -> tuple[str, float]:
    """Return the part of a figure with most people, and its people, as this audience sees them.

    Columns read: ``figure``, ``part``, ``value``, ``status``. The first of equal ones; an empty text and 0 where
    nothing is known.
    """
    part_rows = rows[(rows["figure"] == figure) & (rows["status"] != FEW) & rows["value"].notna()]
    sorted_part_rows = part_rows.sort_values(["value", "part"], ascending=[False, True])[["part", "value"]]
    return next(sorted_part_rows.itertuples(index=False, name=None), ("", 0.0))


def reason_for_no_sheet(rows: pd.DataFrame) -> Literal["", "empty", "nobody", "few"]:
    """Return why a report makes no sheet, by the rows that its audience sees; an empty text for one that makes a sheet.

    ``rows`` are those of the table of figures, with ``sector``, ``figure``, ``part``, ``value``, ``status``, ``reason``
    and ``caution``. A sheet is made where people in need, target, requirement or funding (``funding_usd``) is not 0.
    Else ``empty``: there are no activities; ``few`` or ``nobody``: the people reached of a single sector have an empty
    ``caution``, and the status ``few`` or the value 0 without a reason.
    """
    has_nonzero_value = rows["value"].fillna(0) != 0
    if (has_nonzero_value & rows["figure"].isin(["people_in_need", "target", "requirement_usd", "funding_usd"])).any():
        return ""
    if not (has_nonzero_value & (rows["figure"] == "activities")).any():
        return "empty"
    reached_rows = rows[(rows["figure"] == REACHED_FIGURE) & (rows["part"] == "") & (rows["sector"] != INTERSECTOR)]
    if not (reached_rows["caution"] == "").all():
        return ""
    is_row_of_few = reached_rows["status"] == FEW
    is_row_of_nobody = (reached_rows["value"] == 0) & (reached_rows["reason"] == "")
    return "few" if is_row_of_few.any() else "nobody" if is_row_of_nobody.any() else ""


def causes_against(rows: pd.DataFrame) -> list[str]:
    """Return the causes for which the main numbers cannot be used, each once, by the rows of a sheet; see ``unusable``.

    They are the cautions of the people reached, and of the target coverage only *coverage_above*.
    """
    cautioned_name_by_row = rows["figure"].where(rows["caution"] != "")
    is_main_number = cautioned_name_by_row.eq(REACHED_FIGURE) | (
        cautioned_name_by_row.eq("target_coverage") & rows["caution"].eq(ledger.COVERAGE_ABOVE)
    )
    return [*rows.loc[is_main_number, "caution"].unique()]


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
    part_value_dicts_by_figure = Values(dict)
    for figure_name, part_name, numeric_value, value_status in rows[["figure", "part", "value", "status"]].itertuples(
        index=False, name=None
    ):
        if value_status != FEW and not math.isnan(numeric_value):
            part_value_dicts_by_figure[figure_name][part_name] = numeric_value
    return part_value_dicts_by_figure
