"""The registry: each figure and each breakdown of a sheet, declared once.

Disclosure, trace, files, index, cards, placeholders and translations read names, units, labels and rules here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import pandas as pd

from rmrp_analysis.figures import parts
from rmrp_analysis.figures.counted import (
    NEW_NOT_KNOWN,
    Counted,
    Unknown,
    activities,
    designated_funding,
    distinct_organisations,
    knows_organisation,
    organisations_of_money,
    people_compared,
    people_reached,
    planned,
    requirement,
    totals_by_sector,
)
from rmrp_analysis.figures.parts import Parting
from rmrp_analysis.method import Method
from rmrp_analysis.vocabulary import INTERSECTOR, PLATFORMS, REGION, WITHOUT_PEOPLE
from rmrp_analysis.words import N_

if TYPE_CHECKING:
    from rmrp_analysis.selection import Selection

Unit = Literal["people", "usd", "count", "share"]

REASONS: Mapping[str, str] = {
    "no_need_defined": N_("not defined for this sector"),
    "not_in_plan": N_("the planning file has no figure for this sector and place"),
    "no_planning": N_("no planning file in this data folder"),
    "not_by_organisation": N_("the plan gives no figure by organization"),
    "no_people": N_("this sector reaches nobody directly"),
    "no_funding_by_platform": N_("the source gives funding by sector for the region alone"),
    "no_funding_by_sector": N_("the source does not give money by sector"),
    "no_organisations": N_("the source gives totals without organizations"),
    "not_at_source": N_("the source of funding does not name this organization"),
    "no_denominator": N_("cannot be stated without both of its parts"),
    "in_transit_not_known": N_("it is not known how many of the people reached are in transit"),
    "no_report": N_("no report"),
    "no_proportions": N_("this model needs age-gender proportions, which the data folder does not hold"),
    "not_kept": N_("the intersector model does not keep this breakdown"),
    "no_source": N_("no file on funding in this data folder"),
    NEW_NOT_KNOWN: N_("it is not known how many people are new"),
    "withheld": N_("withheld: of few people, or it would reveal a number of few people"),
}
"""Why a figure has no value."""

REASONS_LOST: Mapping[str, str] = {
    "unknown_indicator": N_("their indicator is not in the plan year's list"),
    NEW_NOT_KNOWN: N_("their population groups and their age groups add up to different numbers"),
    "no_proportions": N_("their population group has no age-gender proportions in their place and sector"),
}
"""Why people who were reported are not among the people reached."""


@dataclass(frozen=True)
class Definition:
    """A figure: its name in every file, its unit, how it is called, and the rule it follows.

    ``counted`` gives what it is the sum of. A figure without it follows from two others: ``part`` by ``whole`` as a
    share, ``whole`` less ``part`` as an amount; ``compared`` gives of the part only what the whole counts, too. A
    figure in ``people`` counts persons, so small values are withheld; only what a plan foresees (``planned``) is
    printed however small.
    """

    name: str
    unit: Unit
    label: str
    rule: str
    counted: Counted | None = None
    part: str = ""
    whole: str = ""
    compared: Counted | None = None
    planned: bool = False

    @property
    def protected(self) -> bool:
        """Whether small values are withheld."""
        return self.unit == "people" and not self.planned

    @property
    def tells_of_people(self) -> bool:
        """Whether rows behind it say how many people they reached: it counts people, or is a share of such a count."""
        return self.protected or (self.part in FIGURES and FIGURES[self.part].protected)


@dataclass(frozen=True)
class BreakdownDefinition:
    """A figure by one dimension or several.

    ``key`` is the name of its parts in ``figures.csv`` and JSON; ``tab`` names a worksheet (31 characters at most).
    ``shown`` says in which selections it is published. ``parts`` gives it where it is no grouping of the figure's
    contributions, and ``rows`` its source rows, each with ``part`` and ``contribution``. ``missing`` is the reason of
    a part of which nothing is known. ``adds_up`` says under which method the parts, with ``not specified``, make the
    figure.
    """

    figure: str
    by: tuple[str, ...]
    label: str
    tab: str
    key: Literal["group", "platform", "month"] = "group"
    shown: "Callable[[Selection], bool]" = lambda _: True
    parts: Parting | None = None
    rows: "Callable[[Selection], pd.DataFrame] | None" = None
    missing: str = "no_report"
    adds_up: Callable[[Method], bool] = lambda _: True

    @cached_property
    def name(self) -> str:
        """The breakdown's name in every file."""
        return f"{self.figure}_by_{'_and_'.join(self.by)}"

    @property
    def figure_definition(self) -> Definition:
        """The figure that it splits."""
        return FIGURES[self.figure.removeprefix("plan_")]


FIGURES: Mapping[str, Definition] = {
    definition.name: definition
    for definition in (
        Definition(
            "people_in_need",
            "people",
            N_("People in need"),
            "As planned for the sector and scope, never derived across sectors.",
            counted=planned("people_in_need"),
            planned=True,
        ),
        Definition(
            "target",
            "people",
            N_("People targeted"),
            "As planned for the sector and scope, never derived across sectors.",
            counted=planned("target"),
            planned=True,
        ),
        Definition(
            "people_reached",
            "people",
            N_("People reached"),
            "New beneficiaries of every month, of indicators that count people in need; of all sectors by a model.",
            counted=people_reached,
        ),
        Definition(
            "target_coverage",
            "share",
            N_("People reached, of people targeted"),
            "People reached by target; people in transit are in both or in neither.",
            part="people_reached",
            whole="target",
            compared=people_compared,
        ),
        Definition(
            "need_coverage",
            "share",
            N_("People reached, of people in need"),
            "People reached by people in need; people in transit are in both or in neither.",
            part="people_reached",
            whole="people_in_need",
            compared=people_compared,
        ),
        Definition(
            "reporting_partners",
            "count",
            N_("Reporting partners"),
            "Distinct appealing organisations that reported.",
            counted=distinct_organisations("organisation", "reporting_partners"),
        ),
        Definition(
            "implementing_partners",
            "count",
            N_("Implementing partners"),
            "Distinct organisations named as implementing partner.",
            counted=distinct_organisations("implementing_partner", "implementing_partners"),
        ),
        Definition("activities", "count", N_("Reported activities"), "Rows reported.", counted=activities),
        Definition(
            "requirement_usd",
            "usd",
            N_("Funding required"),
            "As planned; where the planning figures give none, as FTS states it.",
            counted=requirement,
        ),
        Definition(
            "funding_usd",
            "usd",
            N_("Funding"),
            "Paid and committed, not pledged, net of flows within the plan.",
            counted=designated_funding,
        ),
        Definition(
            "unmet_usd",
            "usd",
            N_("Unmet"),
            "Requirement less funding.",
            part="funding_usd",
            whole="requirement_usd",
        ),
        Definition(
            "funding_coverage",
            "share",
            N_("Funding, of funding required"),
            "Funding by requirement.",
            part="funding_usd",
            whole="requirement_usd",
        ),
        Definition(
            "donors",
            "count",
            N_("Donors"),
            "Distinct organisations that give incoming money above 0.",
            counted=organisations_of_money("donors", "donor"),
        ),
        Definition(
            "funded_organisations",
            "count",
            N_("Funded organizations"),
            "Distinct organisations that receive incoming money above 0.",
            counted=organisations_of_money("funded_organisations", "recipient"),
        ),
    )
}
"""Every figure of a sheet, in its order."""


def _has_people(selection: "Selection") -> bool:
    return selection.sector not in WITHOUT_PEOPLE


FEW_COUNTRIES = 5
"""An organisation that reported from so few countries has its people by country, too."""


def _in_few_countries(selection: "Selection") -> bool:
    """Whether an organisation reported from few countries, in whatever sector: all its sheets tell places alike."""
    of_all = replace(selection, sector=INTERSECTOR)
    return bool(selection.organisation) and 0 < len(of_all.coded_cells.names("country")) <= FEW_COUNTRIES


def _has_flows(selection: "Selection") -> bool:
    return selection.plan.funding_flows is not None and knows_organisation(selection)


def _has_money_by_sector(selection: "Selection") -> bool:
    if selection.organisation:
        return _has_flows(selection)
    return _has_flows(selection) or (selection.place == REGION and totals_by_sector(selection) is not None)


def _planned(planned_parts: parts.Parted) -> "Callable[[Selection], bool]":
    """Whether the plan gives any of these parts of the selection."""

    def known(selection: "Selection") -> bool:
        return any(not isinstance(of, Unknown) for of in planned_parts(selection).values())

    return known


def _people_planned(planned_parts: parts.Parted) -> "Callable[[Selection], bool]":
    return lambda selection: _has_people(selection) and _planned(planned_parts)(selection)


def _covered_by_admin1(selection: "Selection") -> bool:
    """A model for whole countries knows no places."""
    of_countries = selection.is_intersector and selection.method.intersector_level == "country"
    return not of_countries and _people_planned(parts.TARGETS["admin1"])(selection)


def _is_planned(selection: "Selection") -> bool:
    """Whether a plan could state something of the selection; it states nothing by organisation."""
    return not selection.organisation


BREAKDOWNS: Mapping[str, BreakdownDefinition] = {
    definition.name: definition
    for definition in (
        BreakdownDefinition(
            "people_reached",
            ("platform",),
            N_("People reached, by area"),
            N_("Reached by area"),
            key="platform",
            shown=lambda selection: _has_people(selection) and selection.place == REGION,
        ),
        BreakdownDefinition(
            "people_reached",
            ("country",),
            N_("People reached, by country"),
            N_("Reached by country"),
            shown=lambda selection: (
                _has_people(selection) and (len(selection.countries) > 1 or _in_few_countries(selection))
            ),
        ),
        BreakdownDefinition(
            "people_reached",
            ("admin1",),
            N_("People reached, by first administrative level"),
            N_("Reached by admin1"),
            shown=lambda selection: _has_people(selection) and len(selection.countries) == 1,
            parts=parts.people_by_admin1,
            missing="no_proportions",
        ),
        BreakdownDefinition(
            "people_reached",
            ("month",),
            N_("People newly reached, by month"),
            N_("Reached by month"),
            key="month",
            shown=_has_people,
        ),
        BreakdownDefinition(
            "people_reached",
            ("population_group",),
            N_("People reached, by population group"),
            N_("Reached by population group"),
            shown=_has_people,
        ),
        BreakdownDefinition(
            "people_reached",
            ("age_gender",),
            N_("People reached, by age and gender"),
            N_("Reached by age and gender"),
            shown=_has_people,
        ),
        BreakdownDefinition(
            "people_reached",
            ("indicator",),
            N_("People reached, by indicator"),
            N_("Reached by indicator"),
            shown=lambda selection: (
                _has_people(selection) and bool(selection.organisation) and not selection.is_intersector
            ),
            parts=parts.people_by_indicator,
            rows=parts.rows_of_people_by_indicator,
        ),
        BreakdownDefinition(
            "activities",
            ("implementing_partner",),
            N_("Reported activities, by implementing partner"),
            N_("Activities by partner"),
            shown=lambda selection: bool(selection.organisation),
            parts=parts.activities_by_partner,
            rows=parts.rows_of_activities_by_partner,
        ),
        BreakdownDefinition(
            "target",
            ("population_group",),
            N_("People targeted, by population group"),
            N_("Target by population group"),
            shown=lambda selection: _has_people(selection) and _is_planned(selection),
            parts=parts.targets_by_group,
            rows=parts.rows_of_targets_by_group,
            missing="not_in_plan",
        ),
        BreakdownDefinition(
            "people_reached",
            ("sector",),
            N_("People reached, by sector (some by several)"),
            N_("Reached by sector"),
            shown=lambda selection: selection.is_intersector,
            parts=parts.people_by_sector,
            rows=parts.rows_of_people_by_sector,
            adds_up=lambda method: method.intersector_model == "sum",
        ),
        BreakdownDefinition(
            "target",
            ("sector",),
            N_("People targeted, by sector"),
            N_("Target by sector"),
            shown=lambda selection: selection.is_intersector and _is_planned(selection),
            parts=parts.amounts_of(parts.TARGETS["sector"]),
            rows=parts.rows_of(parts.TARGETS["sector"]),
            missing="not_in_plan",
        ),
        BreakdownDefinition(
            "target_coverage",
            ("sector",),
            N_("People reached, of people targeted, by sector"),
            N_("Coverage by sector"),
            shown=lambda selection: selection.is_intersector and _is_planned(selection),
            parts=parts.coverage_by("sector"),
            rows=parts.rows_of_coverage_by("sector"),
            missing="no_denominator",
            adds_up=lambda _: False,
        ),
        BreakdownDefinition(
            "target",
            ("platform",),
            N_("People targeted, by area"),
            N_("Target by area"),
            key="platform",
            shown=_people_planned(parts.TARGETS["platform"]),
            parts=parts.amounts_of(parts.TARGETS["platform"]),
            rows=parts.rows_of(parts.TARGETS["platform"]),
            missing="not_in_plan",
        ),
        BreakdownDefinition(
            "target_coverage",
            ("platform",),
            N_("People reached, of people targeted, by area"),
            N_("Coverage by area"),
            key="platform",
            shown=_people_planned(parts.TARGETS["platform"]),
            parts=parts.coverage_by("platform"),
            rows=parts.rows_of_coverage_by("platform"),
            missing="no_denominator",
            adds_up=lambda _: False,
        ),
        BreakdownDefinition(
            "people_in_need",
            ("country",),
            N_("People in need, by country"),
            N_("Need by country"),
            shown=_people_planned(parts.NEEDS["country"]),
            parts=parts.amounts_of(parts.NEEDS["country"]),
            rows=parts.rows_of(parts.NEEDS["country"]),
            missing="not_in_plan",
        ),
        BreakdownDefinition(
            "target",
            ("country",),
            N_("People targeted, by country"),
            N_("Target by country"),
            shown=_people_planned(parts.TARGETS["country"]),
            parts=parts.amounts_of(parts.TARGETS["country"]),
            rows=parts.rows_of(parts.TARGETS["country"]),
            missing="not_in_plan",
        ),
        BreakdownDefinition(
            "target_coverage",
            ("country",),
            N_("People reached, of people targeted, by country"),
            N_("Coverage by country"),
            shown=_people_planned(parts.TARGETS["country"]),
            parts=parts.coverage_by("country"),
            rows=parts.rows_of_coverage_by("country"),
            missing="no_denominator",
            adds_up=lambda _: False,
        ),
        BreakdownDefinition(
            "people_in_need",
            ("admin1",),
            N_("People in need, by first administrative level"),
            N_("Need by admin1"),
            shown=_people_planned(parts.NEEDS["admin1"]),
            parts=parts.amounts_of(parts.NEEDS["admin1"]),
            rows=parts.rows_of(parts.NEEDS["admin1"]),
            missing="not_in_plan",
        ),
        BreakdownDefinition(
            "target",
            ("admin1",),
            N_("People targeted, by first administrative level"),
            N_("Target by admin1"),
            shown=_people_planned(parts.TARGETS["admin1"]),
            parts=parts.amounts_of(parts.TARGETS["admin1"]),
            rows=parts.rows_of(parts.TARGETS["admin1"]),
            missing="not_in_plan",
        ),
        BreakdownDefinition(
            "target_coverage",
            ("admin1",),
            N_("People reached, of people targeted, by first administrative level"),
            N_("Coverage by admin1"),
            shown=_covered_by_admin1,
            parts=parts.coverage_by("admin1"),
            rows=parts.rows_of_coverage_by("admin1"),
            missing="no_denominator",
            adds_up=lambda _: False,
        ),
        BreakdownDefinition(
            "people_reached",
            ("model",),
            N_("People reached, by consolidation model"),
            N_("Reached by model"),
            shown=lambda selection: selection.is_intersector,
            parts=parts.models,
            rows=parts.rows_of_models,
            missing="no_proportions",
            adds_up=lambda _: False,
        ),
        BreakdownDefinition(
            "funding_usd",
            ("platform",),
            N_("Funding, by area"),
            N_("Funding by area"),
            key="platform",
            shown=lambda selection: _has_flows(selection) and selection.place == REGION,
            parts=parts.money_by("platform"),
        ),
        BreakdownDefinition(
            "funding_usd",
            ("country",),
            N_("Funding, by country"),
            N_("Funding by country"),
            shown=lambda selection: _has_flows(selection) and selection.place in PLATFORMS,
            parts=parts.money_by("country"),
        ),
        BreakdownDefinition(
            "requirement_usd",
            ("platform",),
            N_("Funding required, by area"),
            N_("Required by area"),
            key="platform",
            shown=_planned(parts.REQUIREMENTS["platform"]),
            parts=parts.amounts_of(parts.REQUIREMENTS["platform"]),
            rows=parts.rows_of(parts.REQUIREMENTS["platform"]),
            missing="not_in_plan",
        ),
        BreakdownDefinition(
            "funding_usd",
            ("sector",),
            N_("Funding, by sector"),
            N_("Funding by sector"),
            shown=lambda selection: selection.is_intersector and _has_money_by_sector(selection),
            parts=parts.money_by_sector,
        ),
        BreakdownDefinition(
            "requirement_usd",
            ("sector",),
            N_("Funding required, by sector"),
            N_("Required by sector"),
            shown=lambda selection: selection.is_intersector and _is_planned(selection),
            parts=parts.amounts_of(parts.REQUIREMENTS["sector"]),
            rows=parts.rows_of(parts.REQUIREMENTS["sector"]),
            missing="not_in_plan",
        ),
        BreakdownDefinition(
            "funding_usd",
            ("donor",),
            N_("Funding, by donor"),
            N_("Funding by donor"),
            shown=_has_flows,
            parts=parts.donors,
            rows=parts.rows_of_donors,
        ),
        BreakdownDefinition(
            "funding_usd",
            ("donor", "organisation"),
            N_("Funding, from donor to organization"),
            N_("Donors to organizations"),
            shown=lambda selection: _has_flows(selection) and not selection.organisation,
            parts=parts.donors_to_organisations,
            rows=parts.rows_of_donors_to_organisations,
        ),
        BreakdownDefinition(
            "plan_funding_usd",
            ("sector_named",),
            N_("Funding of the plan, by how many sectors it names"),
            N_("Plan funding, sectors named"),
            shown=lambda selection: (
                _has_flows(selection) or (not selection.organisation and totals_by_sector(selection) is not None)
            ),
            parts=parts.named("sector"),
            rows=parts.rows_named("sector"),
        ),
        BreakdownDefinition(
            "plan_funding_usd",
            ("country_named",),
            N_("Funding of the plan, by how many countries it names"),
            N_("Plan funding, countries named"),
            shown=_has_flows,
            parts=parts.named("country"),
            rows=parts.rows_named("country"),
        ),
    )
}
"""Every breakdown that a sheet may state, in its order."""


def figure_definition(name: str) -> Definition:
    """How a figure is declared, or the figure that a breakdown of this name splits."""
    return BREAKDOWNS[name].figure_definition if name in BREAKDOWNS else FIGURES[name]
