"""Which numbers a sheet states, each with its unit, its source and the rows behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.counting import Method, Period
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.metrics.planned import planned, planned_by_population_group, total
from rmrp_analysis.plan import Plan
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import (
    INTERSECTOR,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    PLATFORM_OF,
    PLATFORMS,
    POPULATION_GROUPS,
    REGION,
    REGIONAL,
    SECTORS,
    SHARED,
    UNKNOWN_INDICATOR,
    WITHOUT_NEED,
    WITHOUT_PEOPLE,
)

ILLUSTRATIVE = "illustrative"
FROM_TO = " → "
"""Stands between donor and organisation in the keys of ``funding_usd_by_donor_and_organisation``."""

SINGLE = "single"
"""Money that names one sector (country)."""
PEOPLED_SECTORS = tuple(sector for sector in SECTORS if sector not in WITHOUT_PEOPLE)
REASONS: Mapping[str, str] = {
    "no_need_defined": "not defined for this sector",
    "not_in_plan": "not published for this sector and scope",
    "no_people": "this sector reaches nobody directly",
    "no_funding_by_platform": "the source does not give money of a sector by country",
    "no_funding_by_sector": "the source does not give money by sector",
    "no_organisations": "the source gives totals without organizations",
    "no_denominator": "cannot be stated without both of its parts",
    "no_report": "no report",
    "no_proportions": "this model needs age-gender proportions, which the data folder does not hold",
    "not_kept": "the intersector model does not keep this breakdown",
    "no_source": "the data folder holds no such source",
    "withheld": "withheld: fewer people than may be published",
    "withheld_together": "withheld, so that no smaller number can be worked out",
}
"""Why a figure has no value."""

REASONS_LOST: Mapping[str, str] = {
    "unknown_indicator": "their indicator is not in the plan year's list",
    "no_proportions": "their population group has no age-gender proportions in their place and sector",
}
"""Why people who were reported are in no figure."""


@dataclass(frozen=True)
class Figure:
    """One number of a sheet. ``value`` is None when it cannot be known or must be withheld; ``reason`` says why.

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


@dataclass(frozen=True)
class Cell:
    """One part of a breakdown; see ``Figure`` for ``value``, ``reason`` and ``suppressed``."""

    key: str
    value: float | None
    reason: str = ""
    suppressed: bool = False


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


@dataclass(frozen=True)
class SectorKeyFigures:
    """Everything one sheet states about a sector, or all together, in a scope (``region`` or a platform) and period.

    ``lost_people`` counts people who were reported and are in no figure, by cause (``REASONS_LOST``); None where the
    count must be withheld. ``repairs`` names what was changed in activities before counting, in ``cells_changed``
    cells.
    """

    sector: str
    platform: str
    plan_year: int
    period: Period
    method: Method
    figures: Mapping[str, Figure]
    breakdowns: Mapping[str, Breakdown]
    sources: Mapping[str, Source]
    lost_people: Mapping[str, float | None] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()
    cells_changed: int = 0

    def value(self, name: str) -> float | None:
        """The value of a figure by its contract name."""
        return self.figures[name].value

    @property
    def rules(self) -> str:
        """The method and the plan year's rules in one line."""
        return self.method.named_for(self.plan_year, repairs=self.repairs)

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
            "scope": self.platform,
            "plan": self.plan_year,
            "period": {"start": self.period.start, "end": self.period.end},
            "method": self.rules,
            "illustrative": list(self.illustrative),
            "lost_people": {cause: plain_number(people) for cause, people in self.lost_people.items()},
            "sources": {name: source.model_dump(exclude_defaults=True) for name, source in self.sources.items()},
            "figures": [self._figure_record(figure) for figure in self.figures.values()],
            "tables": {name: self._breakdown_record(breakdown) for name, breakdown in self.breakdowns.items()},
        }

    def _figure_record(self, figure: Figure) -> dict[str, Any]:
        return {
            "name": figure.name,
            "value": plain_number(figure.value),
            "unit": figure.unit,
            "scope": self.platform,
            "method": self.rules,
            "source": figure.source,
            "rows": figure.rows,
            "suppressed": figure.suppressed,
            "illustrative": figure.illustrative,
            "reason": REASONS.get(figure.reason, ""),
        }

    def _breakdown_record(self, breakdown: Breakdown) -> list[dict[str, Any]]:
        return [
            {
                breakdown.dimension: cell.key,
                "value": plain_number(cell.value),
                "unit": breakdown.unit,
                "source": breakdown.source,
                "suppressed": cell.suppressed,
                "reason": REASONS.get(cell.reason, ""),
            }
            for cell in breakdown.cells
        ]


def plain_number(value: float | None) -> float | int | None:
    """Whole numbers without a decimal point, as a reader of a file expects of people and dollars."""
    return int(value) if value is not None and float(value).is_integer() else value


def build_sector_key_figures(
    plan: Plan, sector: str, *, platform: str = REGION, period: Period, method: Method | None = None
) -> SectorKeyFigures:
    """Every figure of a sector's sheet, exact; see ``disclosure`` for what may be printed of it.

    ``sector`` may be ``Intersector``: all sectors together, by the model of the method. ``platform`` is ``region`` or
    one of the eight platforms. Raises ``RequestError`` for an unknown sector or platform.
    """
    rows = reported(plan, sector, platform=platform, period=period, method=method or Method())
    figures = (*rows.people(), *rows.presence(), *rows.money())
    breakdowns = (*rows.people_breakdowns(), *rows.money_breakdowns())
    return SectorKeyFigures(
        sector=sector,
        platform=platform,
        plan_year=plan.year.year,
        period=period,
        method=rows.method,
        figures={figure.name: figure for figure in figures},
        breakdowns={breakdown.name: breakdown for breakdown in breakdowns},
        sources=plan.sources,
        lost_people={cause: people for cause, people in rows.lost_people().items() if people},
        repairs=plan.repairs,
        cells_changed=len(plan.changes),
    )


def reported(plan: Plan, sector: str, *, platform: str, period: Period, method: Method) -> "Reported":
    """The rows that a sheet is about. Raises ``RequestError`` for an unknown sector or platform."""
    _check_name("sector", sector, (INTERSECTOR, *SECTORS))
    _check_name("platform", platform, (REGION, *PLATFORMS))
    activities = metrics.activities_in_scope(plan.activities, sector, platform=platform, period=period, method=method)
    of = AllSectors if sector == INTERSECTOR else Reported
    return of(plan, activities, sector, platform, period, method)


def _check_name(what: str, name: str, allowed: tuple[str, ...]) -> None:
    if name not in allowed:
        raise RequestError(f"unknown {what} '{name}'; {did_you_mean(name, allowed)}")


@dataclass(frozen=True)
class Reported:
    """The rows of one sheet, and the figures that follow from them."""

    plan: Plan
    activities: pd.DataFrame
    sector: str
    platform: str
    period: Period
    method: Method

    def value(self, name: str) -> float | None:
        """The value of a figure by its contract name."""
        return self._by_name[name].value if name in self._by_name else None

    def reason(self, name: str) -> str:
        """Why a figure has no value; empty when it has one."""
        return REASONS.get(self._by_name[name].reason, "") if name in self._by_name else ""

    @cached_property
    def _by_name(self) -> dict[str, Figure]:
        return {figure.name: figure for figure in (*self.people(), *self.presence(), *self.money())}

    def planned_rows(self, measure: str) -> pd.DataFrame:
        """The planning rows whose values add up to the planned figure."""
        return planned(self.plan.planning, measure, self.sector, scope=self.platform, method=self.method)

    def money_rows(self) -> pd.DataFrame:
        """The entries of money that add up to the funding, each with its file and line and ``amount_usd``."""
        if self._ledger is not None:
            return self._with_lines(self._ledger)
        by_sector = self._own_totals("sector")
        assert by_sector is not None  # noqa: S101 - without either source the funding has no value
        rows = self._totals_here(by_sector)
        return rows.assign(amount_usd=rows["funding_usd"], sector=rows["part"])

    def organisation_rows(self) -> pd.DataFrame:
        """The entries whose donors and recipients are counted, each with its file and line."""
        return self._with_lines(
            metrics.giving(self._ledger_of_organisations, also_in=self.method.organisations_also_in)
        )

    def _with_lines(self, ledger: pd.DataFrame) -> pd.DataFrame:
        assert self.plan.funding_flows is not None  # noqa: S101 - a ledger is made from flows
        located = self.plan.funding_flows[["flow_id", "source_file", "source_line"]]
        named = ledger.assign(
            donor=ledger["donors"].map("; ".join), recipient_id=ledger["recipient_ids"].map("; ".join)
        )
        return named.merge(located, on="flow_id", how="left")

    def _totals_here(self, by_sector: pd.DataFrame) -> pd.DataFrame:
        return by_sector if self.sector == INTERSECTOR else by_sector[by_sector["part"] == self.sector]

    def people(self) -> tuple[Figure, ...]:
        """People in need, target, people reached, and the shares between them."""
        need, target = self._planned("people_in_need"), self._planned("target")
        reached = self._people_reached()
        return (
            need,
            target,
            reached,
            _share("target_coverage", reached, target),
            _share("need_coverage", reached, need),
        )

    def presence(self) -> tuple[Figure, ...]:
        """Partners and activities."""
        counts = {
            "reporting_partners": metrics.reporting_partners(self.activities),
            "implementing_partners": metrics.implementing_partners(self.activities),
            "activities": metrics.activities_reported(self.activities),
        }
        return tuple(self._of_activities(name, count, "count", len(self.activities)) for name, count in counts.items())

    def money(self) -> tuple[Figure, ...]:
        """Requirement, funding, unmet, coverage, donors and funded organisations."""
        requirement, funding = self._requirement(), self._funding()
        return (
            requirement,
            funding,
            _difference("unmet_usd", requirement, funding),
            _share("funding_coverage", funding, requirement),
            self._organisations("donors", metrics.donors),
            self._organisations("funded_organisations", metrics.funded_organisations),
        )

    def people_breakdowns(self) -> tuple[Breakdown, ...]:
        """People reached by platform (region only), month, population group, and age and gender; targets by group."""
        if self.sector in WITHOUT_PEOPLE:
            return ()
        rules = {"method": self.method}
        by_platform = metrics.people_reached_by_platform(self.activities, **rules)
        by_month = metrics.people_reached_by_month(self.activities, period=self.period, **rules)
        by_group = metrics.people_reached_by_population_group(self.activities, **rules)
        by_age_gender = metrics.people_reached_by_age_gender(
            self.activities, groups=self.plan.year.age_gender_groups, **rules
        )
        return (
            self._by_place(by_platform),
            self._people("month", "month", by_month),
            self._people("population_group", "group", by_group),
            self._people("age_gender", "group", by_age_gender),
            self._targets_by_group(),
        )

    def _by_place(self, by_platform: pd.Series) -> Breakdown:
        """People reached where the scope is divided: the region in platforms, these in countries, one in its admin1."""
        if self.platform == REGION:
            return self._people("platform", "platform", by_platform)
        if len(PLATFORMS[self.platform]) > 1:
            return self._people("country", "group", self._by_country())
        return self._people("admin1", "group", self._by_admin1())

    def _by_country(self) -> pd.Series:
        return metrics.people_reached_by_country(self.activities, platform=self.platform, method=self.method)

    def _by_admin1(self) -> pd.Series:
        return metrics.people_reached_by_admin1(self.activities, method=self.method)

    def money_breakdowns(self) -> tuple[Breakdown, ...]:
        """Funding by platform and by donor, where the source gives them; what of the plan's money names no sector."""
        if self._ledger is None:
            return self._plan_money()
        source = self._source("funding")
        by_donor = self._with_rest(metrics.funding_by_donor(self._ledger))
        by_pair = self._with_rest(_by_pair(metrics.funding_by_donor_and_recipient(self._ledger)))
        organisations = (
            self._breakdown("funding_usd_by_donor", "usd", "group", by_donor, source),
            self._breakdown("funding_usd_by_donor_and_organisation", "usd", "group", by_pair, source),
        )
        if self.platform != REGION:
            by_country = metrics.funding_usd_by(self._ledger, "country")
            complete = by_country.reindex(list(PLATFORMS[self.platform]), fill_value=0.0)
            places = self._breakdown("funding_usd_by_country", "usd", "group", complete, source)
            return (places, *organisations, *self._plan_money())
        by_platform = metrics.funding_usd_by(self._ledger, "platform").groupby(_platform_of_money).sum()
        complete = by_platform.reindex([*PLATFORMS, REGIONAL], fill_value=0.0)
        return (
            self._breakdown("funding_usd_by_platform", "usd", "platform", complete, source),
            *organisations,
            *self._plan_money(),
        )

    def _plan_money(self) -> tuple[Breakdown, ...]:
        """All money of the plan by what it names: one sector (country), several, or none."""
        splits: dict[str, pd.Series] = {}
        if self._plan_ledger is not None:
            splits = {split: metrics.funding_usd_by(self._plan_ledger, split) for split in ("sector", "country")}
        elif (by_sector := self._own_totals("sector")) is not None:
            splits = {"sector": by_sector.groupby("part")["funding_usd"].sum()}
        return tuple(
            self._breakdown(
                f"plan_funding_usd_by_{split}_named", "usd", "group", _named(parts), self._source("funding")
            )
            for split, parts in splits.items()
        )

    def _own_totals(self, grouped_by: str) -> pd.DataFrame | None:
        """This plan's rows of one grouping, where the source gives them."""
        if self.plan.funding_totals is None:
            return None
        own = metrics.totals_of_plan(self.plan.funding_totals, self.plan.year.fts_plan_id)
        rows = own[own["grouped_by"] == grouped_by]
        return rows if len(rows) else None

    @cached_property
    def _plan_ledger(self) -> pd.DataFrame | None:
        """The money entries of the whole plan; None when the source gives only totals."""
        if self.plan.funding_flows is None:
            return None
        rule = self.method.money_of_several_countries
        return metrics.funding_ledger(
            self.plan.funding_flows, plan_id=self.plan.year.fts_plan_id, several_countries=rule
        )

    @cached_property
    def _ledger(self) -> pd.DataFrame | None:
        """The money entries of this sector and scope; None when the source gives only totals."""
        if self._plan_ledger is None:
            return None
        return metrics.in_platform(self._of_sector(self._plan_ledger), self.platform)

    def _of_sector(self, ledger: pd.DataFrame) -> pd.DataFrame:
        return metrics.in_sector(ledger, self.sector)

    def lost_people(self) -> dict[str, float]:
        """People reported in the sheet's scope whom no figure counts, by cause."""
        unknown = self.activities["indicator_type"] == UNKNOWN_INDICATOR
        return {"unknown_indicator": float(self.activities.loc[unknown, "new_beneficiaries"].sum())}

    def _planned(self, measure: str) -> Figure:
        unit = "usd" if measure == "requirement_usd" else "people"
        rows = self.planned_rows(measure)
        reason = "" if len(rows) else self._why_not_planned(measure)
        return Figure(
            name=measure,
            value=total(rows),
            unit=unit,
            source="; ".join(rows["source"].unique()),
            rows=len(rows),
            illustrative=bool(rows["source"].str.lower().str.startswith(ILLUSTRATIVE).any()),
            reason=reason,
        )

    def _why_not_planned(self, measure: str) -> str:
        if measure == "requirement_usd":
            return "not_in_plan"
        if self.sector in WITHOUT_PEOPLE:
            return "no_people"
        return "no_need_defined" if measure == "people_in_need" and self.sector in WITHOUT_NEED else "not_in_plan"

    def _people_reached(self) -> Figure:
        reason = self._why_not_reached()
        if reason:
            return Figure("people_reached", None, "people", self._source("activities"), 0, reason=reason)
        counted = metrics.counts_people(self.activities, method=self.method)
        return self._of_activities("people_reached", self._count_reached(), "people", int(counted.sum()))

    def _why_not_reached(self) -> str:
        if self.sector in WITHOUT_PEOPLE:
            return "no_people"
        return "no_report" if self.activities.empty else ""

    def _count_reached(self) -> float:
        return metrics.people_reached(self.activities, method=self.method)

    def _of_activities(self, name: str, value: float, unit: str, rows: int) -> Figure:
        source = self.plan.sources["activities"]
        return Figure(name, value, unit, self._source("activities"), rows, illustrative=source.illustrative)

    def _requirement(self) -> Figure:
        """As planned; where the planning figures give none, as FTS states it for the sector."""
        planned_here, by_sector = self._planned("requirement_usd"), self._own_totals("sector")
        if planned_here.value is not None or by_sector is None or self.platform != REGION:
            return planned_here
        rows = self._totals_here(by_sector)
        stated = metrics.requirements_usd(rows).dropna()
        if stated.empty:
            return planned_here
        illustrative = self.plan.sources["funding"].illustrative
        return Figure("requirement_usd", float(stated.sum()), "usd", self._source("funding"), len(stated), illustrative)

    def _funding(self) -> Figure:
        if "funding" not in self.plan.sources:
            return Figure("funding_usd", None, "usd", "", 0, reason="no_source")
        source, illustrative = self._source("funding"), self.plan.sources["funding"].illustrative
        if self._ledger is not None:
            funding, rows = round(float(self._ledger["amount_usd"].sum()), 2), len(self._ledger)
            return Figure("funding_usd", funding, "usd", source, rows, illustrative)
        by_sector = self._own_totals("sector")
        if by_sector is None or self.platform != REGION:
            reason = "no_funding_by_sector" if by_sector is None else "no_funding_by_platform"
            return Figure("funding_usd", None, "usd", source, 0, reason=reason)
        rows_of_sector = self._totals_here(by_sector)
        funding = float(rows_of_sector["funding_usd"].sum())
        return Figure("funding_usd", funding, "usd", source, len(rows_of_sector), illustrative)

    def _organisations(self, name: str, count: Any) -> Figure:
        if "funding" not in self.plan.sources:
            return Figure(name, None, "count", "", 0, reason="no_source")
        source, illustrative = self._source("funding"), self.plan.sources["funding"].illustrative
        if self._ledger is None:
            return Figure(name, None, "count", source, 0, reason="no_organisations")
        ledger = self._ledger_of_organisations
        counted = count(ledger, also_in=self.method.organisations_also_in)
        return Figure(name, counted, "count", source, len(ledger), illustrative)

    @property
    def _ledger_of_organisations(self) -> pd.DataFrame:
        """The entries of this sector and scope; those shared with others, too, if the method says so."""
        assert self._ledger is not None  # noqa: S101 - asked for only where there are flows
        assert self._plan_ledger is not None  # noqa: S101
        if "shared" not in self.method.organisations_also_in:
            return self._ledger
        sector = None if self.sector == INTERSECTOR else self.sector
        return metrics.touching(self._plan_ledger, sector=sector, platform=self.platform)

    def _people(self, by: str, dimension: str, parts: pd.Series, missing: str = "no_report") -> Breakdown:
        source = self._source("activities")
        return self._breakdown(f"people_reached_by_{by}", "people", dimension, parts, source, missing)

    def _targets_by_group(self) -> Breakdown:
        parts = planned_by_population_group(self.plan.planning, "target", self.sector, scope=self.platform)
        source = self._planned("target").source
        return self._breakdown("target_by_population_group", "people", "group", parts, source, missing="not_in_plan")

    def _with_rest(self, by_donor: pd.Series) -> pd.Series:
        """Donors, then what the sector holds beyond them: passed on inside the plan, or without a named donor."""
        named = by_donor[by_donor.index != ""]
        rest = round(float(self._ledger["amount_usd"].sum() - named.sum()), 2) if self._ledger is not None else 0.0
        return pd.concat([named, pd.Series({NOT_SPECIFIED: rest})]) if rest else named

    def _breakdown(
        self, name: str, unit: str, dimension: str, parts: pd.Series, source: str, missing: str = "no_report"
    ) -> Breakdown:
        cells = tuple(
            Cell(str(key), None, reason=missing) if pd.isna(value) else Cell(str(key), float(value))
            for key, value in parts.items()
        )
        return Breakdown(name, unit, dimension, source, cells)

    def _source(self, table: str) -> str:
        source = self.plan.sources[table]
        return f"{source.producer}, {source.as_of or 'no date'}"


def _platform_of_money(platform: str) -> str:
    """Money of no single platform is regional: shared, not specified, or of a place outside the plan."""
    return platform if platform in PLATFORMS else REGIONAL


def _by_pair(pairs: pd.DataFrame) -> pd.Series:
    """USD by donor and organisation in one key; a side that FTS does not name is ``not specified``."""
    named = pairs[pairs["amount_usd"] != 0].replace({"donor": {"": NOT_SPECIFIED}, "recipient": {"": NOT_SPECIFIED}})
    keys = named["donor"] + FROM_TO + named["recipient"]
    return pd.Series(named["amount_usd"].to_numpy(), index=keys.to_numpy(), dtype="float64")


def _named(parts: pd.Series) -> pd.Series:
    """Money of single parts together, then of several at once, then of none."""
    apart = {part: float(parts.get(part, 0.0)) for part in (SHARED, NOT_SPECIFIED)}
    return pd.Series({SINGLE: float(parts.sum()) - sum(apart.values()), **apart})


class AllSectors(Reported):
    """The rows of all sectors together; their people by the model of the method, never by adding sectors."""

    def people_breakdowns(self) -> tuple[Breakdown, ...]:
        """As for a sector, where the model keeps it; then people reached by sector and by model, targets by sector."""
        by_group, by_age_gender = self._parts(POPULATION_GROUPS), self._parts(self.plan.year.age_gender_groups)
        return (
            self._by_place(self._by_platform()),
            self._people("month", "month", self._by_month(), missing=self._missing("no_report")),
            self._people("population_group", "group", by_group, missing=self._missing("not_kept")),
            self._people("age_gender", "group", by_age_gender, missing=self._missing("not_kept")),
            self._targets_by_group(),
            self._people("sector", "group", self._by_sector()),
            self._targets_by_sector(),
            self._people("model", "group", self._scenarios, missing="no_proportions"),
        )

    def lost_people(self) -> dict[str, float]:
        """Also people whom a model cannot see that works by age-gender proportions."""
        return {**super().lost_people(), "no_proportions": self._people_unseen()}

    @cached_property
    def _new(self) -> pd.DataFrame:
        return metrics.new_by_sector(self.activities, method=self.method)

    @cached_property
    def taken(self) -> pd.DataFrame | None:
        """What the model takes of each place, month and sector; None when it lacks proportions."""
        return metrics.taken_by_model(self._new, **self._model)

    @cached_property
    def _scenarios(self) -> pd.Series:
        return metrics.scenarios(self._new, **self._model)

    @property
    def _model(self) -> dict[str, Any]:
        proportions = self.plan.proportions.get(self.method.age_gender_proportions)
        return {"year": self.plan.year, "method": self.method, "proportions": proportions}

    def _missing(self, otherwise: str) -> str:
        return "no_proportions" if self.taken is None else otherwise

    def _people_unseen(self) -> float:
        return 0.0 if self.taken is None else float(metrics.people_unseen(self._new, **self._model).sum())

    def _why_not_reached(self) -> str:
        return super()._why_not_reached() or self._missing("")

    def _count_reached(self) -> float:
        assert self.taken is not None  # noqa: S101 - else there is a reason for no count
        return round(float(self.taken["new_beneficiaries"].sum()), metrics.DECIMALS)

    def _by(self, level: str, name: Callable[[str], str]) -> pd.Series:
        taken = self._new * float("nan") if self.taken is None else self.taken
        by_level: pd.Series = taken["new_beneficiaries"].groupby(level=level).sum(min_count=1)
        renamed: pd.Series = by_level.groupby(by_level.index.map(name)).sum(min_count=1)
        return renamed

    def _reported(self, parts: pd.Series, keys: pd.Series, order: Sequence[str]) -> pd.Series:
        """Parts in order: 0 where something was reported that reached nobody, NA where nothing was."""
        ordered: pd.Series = parts.reindex(list(order))
        known = self.taken is not None
        return ordered.mask(ordered.isna() & ordered.index.isin(keys) & known, 0.0)

    def _by_platform(self) -> pd.Series:
        by_platform = self._by("country", PLATFORM_OF.__getitem__)
        return self._reported(by_platform, self.activities["country"].map(PLATFORM_OF), (*PLATFORMS, REGIONAL))

    def _by_country(self) -> pd.Series:
        return self._reported(self._by("country", str), self.activities["country"], PLATFORMS[self.platform])

    def _by_admin1(self) -> pd.Series:
        if self.method.intersector_level == "country":
            return self._by("place", lambda _: NATIONAL_LEVEL)
        names = metrics.place_names(self.activities)
        places = self.activities["place"].map(names)
        return self._reported(self._by("place", names.__getitem__), places, tuple(names.values()))

    def _by_month(self) -> pd.Series:
        return self._reported(self._by("month", str), self.activities["month"], self.period.months)

    def _by_sector(self) -> pd.Series:
        by_sector = self._new["new_beneficiaries"].groupby(level="sector").sum()
        return self._reported(by_sector, self.activities["sector"], PEOPLED_SECTORS)

    def _targets_by_sector(self) -> Breakdown:
        targets = {
            sector: planned(self.plan.planning, "target", sector, scope=self.platform, method=self.method)
            for sector in PEOPLED_SECTORS
        }
        sources = "; ".join(dict.fromkeys(source for rows in targets.values() for source in rows["source"]))
        parts = pd.Series({sector: total(rows) for sector, rows in targets.items()}, dtype="float64")
        return self._breakdown("target_by_sector", "people", "group", parts, sources, missing="not_in_plan")

    def _parts(self, groups: Sequence[str]) -> pd.Series:
        """People of each group, then ``not specified``; NA throughout where the model does not keep the groups."""
        unknown = pd.Series(float("nan"), index=[*groups, NOT_SPECIFIED])
        if self.taken is None:
            return unknown
        sums = self.taken[["new_beneficiaries", *groups]].sum(min_count=1).round(metrics.DECIMALS)
        parts = sums[list(groups)]
        if len(self.taken) and parts.isna().all():
            return unknown
        rest = round(float(sums["new_beneficiaries"] - parts.sum()), metrics.DECIMALS)
        complete: pd.Series = pd.concat([parts, pd.Series({NOT_SPECIFIED: rest})]).fillna(0.0)
        return complete

    def _of_sector(self, ledger: pd.DataFrame) -> pd.DataFrame:
        return ledger


def _share(name: str, part: Figure, whole: Figure) -> Figure:
    """Part by whole, not clipped at 1; None when either is unknown or the whole is 0."""
    known = part.value is not None and whole.value
    return _derived(name, part.value / whole.value if known else None, "share", part, whole)  # type: ignore[operator]


def _difference(name: str, whole: Figure, part: Figure) -> Figure:
    """What of the whole is missing; below 0 when the part exceeds it."""
    known = part.value is not None and whole.value is not None
    return _derived(name, whole.value - part.value if known else None, whole.unit, whole, part)  # type: ignore[operator]


def _derived(name: str, value: float | None, unit: str, *parts: Figure) -> Figure:
    return Figure(
        name=name,
        value=value,
        unit=unit,
        source="; ".join(dict.fromkeys(part.source for part in parts if part.source)),
        rows=sum(part.rows for part in parts),
        illustrative=value is not None and any(part.illustrative for part in parts),
        reason="" if value is not None else "no_denominator",
    )
