"""The tables that everything is counted from: each column's type, unit, meaning, source headers and allowed values.

A loader reads a file into one of these by the declarations here; nobody asks again afterwards whether a column is
there or a value allowed. The headers that a column goes by in source files stand in ``headers.csv`` of the plan pack.
The data dictionary in ``data/README.md`` is printed from the same declarations.
"""

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

import pandera.pandas as pa
from pandera.typing import Series

from rmrp_analysis.vocabulary import (
    ALL,
    COUNTRIES,
    FUNDING_GROUPINGS,
    FUNDING_STATUSES,
    INDICATOR_TYPES,
    MEASURES,
    MONTH_PATTERN,
    OTHER_SECTORS,
    POPULATION_GROUPS,
    REGIONAL,
    SCOPES,
    SECTORS,
    UNKNOWN_INDICATOR,
    headers_of,
)

Kind = Literal["text", "number", "month", "yes_no", "sector", "country", "indicator_type", "scope"]
ACTIVITY_SECTORS = (*SECTORS, *OTHER_SECTORS)
PLANNED_SECTORS = (*SECTORS, ALL)
SHARE = "share 0-1"


def column(
    meaning: str,
    *,
    kind: Kind = "text",
    unit: str = "",
    allowed: Sequence[str] = (),
    may_be_empty: bool = True,
    may_be_absent: bool = False,
    counted: bool = True,
    longest: int = 300,
) -> Any:
    """Declare a column of a source file: what it means, and what may stand in it.

    A row whose cell is not ``allowed`` (or empty although it must not be) is refused; in a column that no figure is
    ``counted`` by, the cell alone is left out. A file without the column is refused unless it ``may_be_absent``. A text
    of more than ``longest`` letters is cut.
    """
    checks: dict[str, Any] = {"isin": list(allowed)} if allowed else {}
    if kind == "month":
        checks = {"str_matches": f"^{MONTH_PATTERN}$"}
    metadata = {
        "kind": kind,
        "unit": unit,
        "allowed": tuple(allowed),
        "may_be_empty": may_be_empty,
        "may_be_absent": may_be_absent,
        "counted": counted,
        "longest": longest,
    }
    return pa.Field(nullable=kind in ("number", "yes_no"), description=meaning, metadata=metadata, **checks)


def people(meaning: str, *, may_be_absent: bool = False, counted: bool = True) -> Any:
    """Declare a column that counts people."""
    return column(meaning, kind="number", unit="people", may_be_absent=may_be_absent, counted=counted)


def share(meaning: str, *, may_be_empty: bool = True) -> Any:
    """Declare a column of shares of a population group that are of an age and gender."""
    return column(f"Share of {meaning}", kind="number", unit=SHARE, may_be_empty=may_be_empty)


def sectors(meaning: str, allowed: Sequence[str]) -> Any:
    """Declare a column of sectors."""
    return column(meaning, kind="sector", allowed=allowed, may_be_empty=False)


def countries(*, regional: bool = False) -> Any:
    """Declare a column of countries."""
    allowed = (*COUNTRIES, REGIONAL) if regional else (*COUNTRIES,)
    meaning = "Country (ISO 3166 alpha-3)" + (", or Regional" if regional else "")
    return column(meaning, kind="country", allowed=allowed, may_be_empty=False)


def read_off(meaning: str, *, unit: str = "", allowed: Sequence[str] = ()) -> Any:
    """Declare a column that the readers of FTS's formats fill; amounts may be unknown."""
    checks: dict[str, Any] = {"isin": list(allowed)} if allowed else {}
    metadata = {"unit": unit, "allowed": tuple(allowed)}
    return pa.Field(nullable=bool(unit), description=meaning, metadata=metadata, **checks)


class Table(pa.DataFrameModel):
    """What all tables share: every row knows the file and the line it came from."""

    class Config:
        strict = True

    source_file: Series[str] = pa.Field(description="Name of the file the row was read from")
    source_line: Series[int] = pa.Field(description="Line of the row in that file, counted as a spreadsheet does", ge=1)


class Activities(Table):
    """Activities as partners report them: who, what, where, when, for whom (the 5W).

    One row a reporting month, organisation, indicator and place.
    """

    appealing_organisation: Series[str] = column("Organisation that appeals in the plan and reports")
    implementation_setup: Series[str] = column(
        "Yes: through an implementing partner; No: directly", kind="yes_no", counted=False
    )
    implementing_partner: Series[str] = column("Organisation that carries the activity out for the appealing one")
    month: Series[str] = column("Month reported on", kind="month", may_be_empty=False)
    sector: Series[str] = sectors("Sector or sub-sector", ACTIVITY_SECTORS)
    indicator: Series[str] = column("Text of the indicator", longest=2_000)
    activity_name: Series[str] = column("Title of the activity", may_be_absent=True, longest=1_000)
    activity_description: Series[str] = column(
        "Free text; may hold contact details, never published", may_be_absent=True, longest=10_000
    )
    covid19: Series[str] = column("Related to COVID-19", kind="yes_no", may_be_absent=True, counted=False)
    rmrp_activity: Series[str] = column("Part of the plan", kind="yes_no")
    support_space: Series[str] = column("Done in a Support Space", kind="yes_no", may_be_absent=True, counted=False)
    cva: Series[str] = column("Cash or voucher assistance", kind="yes_no", counted=False)
    transfer_value_usd: Series[float] = column("Value transferred", kind="number", unit="USD", counted=False)
    delivery_mechanism: Series[str] = column("How cash or vouchers were handed over")
    country: Series[str] = countries(regional=True)
    admin1: Series[str] = column(
        "First administrative level. Empty, `Country level` and the country's own name are one national place"
    )
    admin2: Series[str] = column("Second administrative level", may_be_absent=True)
    quantity: Series[float] = column(
        "Output of indicators that do not count people", kind="number", unit="units", counted=False
    )
    total_monthly_beneficiaries: Series[float] = people(
        "People attended in the month; must not be added over months", counted=False
    )
    new_beneficiaries: Series[float] = people(
        "People attended for the first time this year under this partner and indicator"
    )
    in_destination: Series[float] = people("Of the new: refugees and migrants in destination")
    in_transit: Series[float] = people("Of the new: refugees and migrants in transit")
    host_communities: Series[float] = people("Of the new: members of host communities")
    pendular: Series[float] = people("Of the new: people who move back and forth across a border")
    colombian_returnees: Series[float] = people("Of the new: Colombian returnees")
    girls: Series[float] = people("Of the new: girls, under 18")
    boys: Series[float] = people("Of the new: boys, under 18")
    women: Series[float] = people("Of the new: women, 18 and above")
    men: Series[float] = people("Of the new: men, 18 and above")
    other_under_18: Series[float] = people("Of the new: other gender, under 18", may_be_absent=True)
    other_18_and_above: Series[float] = people("Of the new: other gender, 18 and above", may_be_absent=True)
    record_id: Series[str] = column("Id of the record in ActivityInfo", may_be_absent=True)
    platform_as_reported: Series[str] = column("Platform; only compared, since the country decides", may_be_absent=True)
    stated_indicator_type: Series[str] = column(
        "R4V's word for the type of the indicator; only compared, since the list of indicators decides",
        may_be_absent=True,
    )
    calculated_population_groups: Series[float] = people(
        "ActivityInfo's own sum of the population groups; only compared", may_be_absent=True, counted=False
    )
    calculated_age_gender: Series[float] = people(
        "ActivityInfo's own sum by age and gender; only compared", may_be_absent=True, counted=False
    )


class JoinedActivities(Activities):
    """Activities joined to the year's indicators and places."""

    plan_year: Series[int] = pa.Field(description="Year of the plan; a code means an indicator only within its year")
    place: Series[str] = pa.Field(
        description="P-code of the admin1, or its folded name where the list of admin1 has none; empty: national"
    )
    place_name: Series[str] = pa.Field(
        description="Name of the place: as the list of admin1 has it, else as most rows spell it; empty: national"
    )
    indicator_code: Series[str] = pa.Field(description="Code of the indicator in the plan year; empty when unknown")
    indicator_type: Series[str] = pa.Field(
        description="What the indicator counts", isin=[*INDICATOR_TYPES, UNKNOWN_INDICATOR]
    )
    r4v_indicator_type: Series[str] = pa.Field(
        description="R4V's word for it, as the list of indicators has it, or else the report; empty when unknown"
    )
    people_not_known: Series[float] = pa.Field(
        description="People of whom a report does not tell how many are new, where the plan year derives that; else 0",
        metadata={"unit": "people"},
    )


class Indicators(Table):
    """The plan year's indicators; the type decides whose beneficiaries count as people reached."""

    indicator_code: Series[str] = column("Code, unique within a plan year only", may_be_empty=False)
    sector: Series[str] = sectors("Sector or sub-sector", ACTIVITY_SECTORS)
    indicator: Series[str] = column("Text of the indicator", may_be_empty=False, longest=2_000)
    indicator_es: Series[str] = column("Text of the indicator in Spanish", may_be_absent=True, longest=2_000)
    indicator_type: Series[str] = column(
        "What the indicator counts", kind="indicator_type", allowed=INDICATOR_TYPES, may_be_empty=False
    )
    r4v_indicator_type: Series[str] = column("R4V's word for it", may_be_absent=True)


class Admin1(Table):
    """First administrative levels with their p-codes."""

    country: Series[str] = countries(regional=True)
    pcode: Series[str] = column("Place code", may_be_empty=False)
    admin1: Series[str] = column("Name", may_be_empty=False)


class Admin2(Table):
    """Second administrative levels of the first ones."""

    admin1: Series[str] = column("Name of the first level", may_be_empty=False)
    admin2: Series[str] = column("Name of the second level", may_be_empty=False)


class Proportions(Table):
    """Age and gender of each population group of a sector in a place, as shares 0-1, from people in need or targets.

    The four shares of a group add up to 1 within rounding, or are 0 where the plan has nobody in it.
    """

    country: Series[str] = countries()
    admin1: Series[str] = column("First administrative level, or Country level", may_be_empty=False)
    sector: Series[str] = sectors("Sector or sub-sector, or all", PLANNED_SECTORS)
    in_destination_girls: Series[float] = share("girls among people in destination")
    in_destination_boys: Series[float] = share("boys among people in destination")
    in_destination_women: Series[float] = share("women among people in destination")
    in_destination_men: Series[float] = share("men among people in destination")
    in_transit_girls: Series[float] = share("girls among people in transit")
    in_transit_boys: Series[float] = share("boys among people in transit")
    in_transit_women: Series[float] = share("women among people in transit")
    in_transit_men: Series[float] = share("men among people in transit")
    host_communities_girls: Series[float] = share("girls among people in host communities")
    host_communities_boys: Series[float] = share("boys among people in host communities")
    host_communities_women: Series[float] = share("women among people in host communities")
    host_communities_men: Series[float] = share("men among people in host communities")
    pendular_girls: Series[float] = share("girls among people pendular")
    pendular_boys: Series[float] = share("boys among people pendular")
    pendular_women: Series[float] = share("women among people pendular")
    pendular_men: Series[float] = share("men among people pendular")
    colombian_returnees_girls: Series[float] = share("girls among people Colombian returnees")
    colombian_returnees_boys: Series[float] = share("boys among people Colombian returnees")
    colombian_returnees_women: Series[float] = share("women among people Colombian returnees")
    colombian_returnees_men: Series[float] = share("men among people Colombian returnees")


class AgeGenderProportions(Table):
    """Age and gender of the people in need of a sector in a country, as shares 0-1 that add up to 1."""

    country: Series[str] = countries()
    sector: Series[str] = sectors("Sector or sub-sector, or all", PLANNED_SECTORS)
    girls: Series[float] = share("girls", may_be_empty=False)
    boys: Series[float] = share("boys", may_be_empty=False)
    women: Series[float] = share("women", may_be_empty=False)
    men: Series[float] = share("men", may_be_empty=False)


class Corrections(Table):
    """Corrections of activities by hand, one a cell: declared beside the data, so that raw files are never edited.

    The row is named by ``file`` and ``line``, or by a ``key`` that one row alone has, such as
    ``appealing_organisation=IOM; month=2021-01; indicator=...``.
    """

    file: Series[str] = column("File of the row to correct", may_be_absent=True)
    line: Series[float] = column("Its line, counted as a spreadsheet does", kind="number", may_be_absent=True)
    key: Series[str] = column("What the row is known by, in place of file and line", may_be_absent=True)
    corrected_column: Series[str] = column("Column of activities (see Activities)", may_be_empty=False)
    old_value: Series[str] = column(
        "What the cell holds; the correction is refused when it holds something else", may_be_absent=True
    )
    new_value: Series[str] = column("What it should hold; empty for nothing")
    reason: Series[str] = column("Why", may_be_empty=False)
    by: Series[str] = column("Who decided", may_be_empty=False)
    date: Series[str] = column("When, as YYYY-MM-DD", may_be_empty=False)


class PlacedProportions(Proportions):
    """Proportions joined to the year's places, as activities are."""

    place: Series[str] = pa.Field(description="As in activities: p-code, folded name, or empty for the country level")


class Organisations(Table):
    """Organisations that appeal in the plan, or that implement for those who do."""

    organisation_id: Series[str] = column("Identifier; a list of names alone is a list, too", may_be_absent=True)
    name: Series[str] = column("Name as partners report it", may_be_empty=False)
    acronym: Series[str] = column("Acronym or short name", may_be_absent=True)
    organisation_type: Series[str] = column("Type, such as national NGO or UN", may_be_absent=True)


class Planning(Table):
    """Planned figures, one a row: people in need, target and requirement by sector, scope and population group.

    A row that names an admin1 is a part of its country's figure, and never added to it.
    """

    sector: Series[str] = sectors("Sector, or all for the whole plan", PLANNED_SECTORS)
    scope: Series[str] = column(
        "The region, a platform or a country (ISO 3166 alpha-3)", kind="scope", allowed=SCOPES, may_be_empty=False
    )
    population_group: Series[str] = column(
        "Population group; all is the total without people in transit",
        kind="scope",
        allowed=(ALL, *POPULATION_GROUPS),
        may_be_empty=False,
    )
    measure: Series[str] = column("What is planned", kind="scope", allowed=MEASURES, may_be_empty=False)
    value: Series[float] = column(
        "The planned figure", kind="number", unit="people, or USD for requirement_usd", may_be_empty=False
    )
    source: Series[str] = column(
        "Where the figure was published; begins with 'illustrative' when it was not", may_be_empty=False
    )
    admin1: Series[str] = column(
        "First administrative level of the country in scope. Empty, `Country level` and the country's own name are the "
        "whole country",
        may_be_absent=True,
    )
    pcode: Series[str] = column("Place code of the admin1; it comes before the name", may_be_absent=True)


class PlacedPlanning(Planning):
    """Planned figures of first administrative levels, joined to the year's places as activities are."""

    place: Series[str] = pa.Field(description="As in activities: p-code, or folded name")
    place_name: Series[str] = pa.Field(description="Name of the place: as the list of admin1 has it, else as most rows")


class PlanningSheet(Table):
    """R4V's wide sheet of people in need or of targets: a row a country or admin1 and sector.

    The admin1 rows of a country are parts of its ``Country level`` row, and never added to it.
    """

    country: Series[str] = countries()
    admin1: Series[str] = column("First administrative level, or Country level", may_be_empty=False)
    sector: Series[str] = sectors("Sector, or all", PLANNED_SECTORS)
    in_destination: Series[float] = people("In destination")
    in_transit: Series[float] = people("In transit")
    host_communities: Series[float] = people("Host communities")
    pendular: Series[float] = people("Pendular")
    colombian_returnees: Series[float] = people("Colombian returnees")


class FundingTotals(Table):
    """Money as FTS totals it: one row a plan, sector, cluster, country or organisation.

    Rows of one grouping with 'not specified' and 'shared' make the plan's total. Groupings must not be added up.
    """

    plan_id: Series[str] = read_off("FTS plan id; empty where the source names no plan")
    plan_name: Series[str] = read_off("Name of the plan as the source writes it")
    plan_year: Series[str] = read_off("Year of the plan; empty where the source gives none")
    grouped_by: Series[str] = read_off(
        "What the row is a part by; sectors are global clusters, clusters the plan's own", allowed=FUNDING_GROUPINGS
    )
    part: Series[str] = read_off(
        "Sector, country (ISO 3166 alpha-3), 'not specified' or 'shared'; what is none of these keeps its name; 'all' "
        "for the whole plan"
    )
    fts_id: Series[str] = read_off("FTS id of the part; empty where there is none")
    fts_name: Series[str] = read_off("Name of the part as the source writes it")
    requirement_usd: Series[float] = read_off(
        "Requirement as revised; NA where none is given, which is not 0", unit="USD"
    )
    original_requirement_usd: Series[float] = read_off("Requirement as first published", unit="USD")
    funding_usd: Series[float] = read_off("Money paid or committed, net of internal flows; may be below 0", unit="USD")
    pledges_usd: Series[float] = read_off("Money announced; never counted as funding", unit="USD")


class FundingFlows(Table):
    """Flows of money as FTS records them, each once. Lists hold one side's objects, empty when none is given."""

    flow_id: Series[str] = pa.Field(description="FTS flow id", unique=True)
    amount_usd: Series[float] = pa.Field(description="Amount; 0 or below for parked flows", metadata={"unit": "USD"})
    status: Series[str] = read_off("Standing of the money", allowed=FUNDING_STATUSES)
    date: Series[str] = read_off("Day of the flow, YYYY-MM-DD")
    flow_type: Series[str] = read_off("Standard, Parked, Pass through or Carryover")
    contribution_type: Series[str] = read_off("Financial or in kind")
    boundary: Series[str] = read_off("Incoming, internal or outgoing, as seen from what the source was asked for")
    on_boundary: Series[str] = read_off(
        "Single, or shared with what lies outside of what the source was asked for, such as another year"
    )
    source_plans: Series[object] = read_off("FTS plan ids the money comes from")
    source_clusters: Series[object] = read_off("Ids of plans' own clusters the money comes from")
    source_cluster_names: Series[object] = read_off("Names of plans' own clusters the money comes from")
    source_global_clusters: Series[object] = read_off("FTS global cluster ids the money comes from")
    source_global_cluster_names: Series[object] = read_off("Names of global clusters the money comes from")
    source_sectors: Series[object] = read_off("Sectors, each once the money comes from")
    source_locations: Series[object] = read_off("FTS location ids the money comes from")
    source_location_names: Series[object] = read_off("Names of locations the money comes from")
    source_countries: Series[object] = read_off("Countries (ISO 3166 alpha-3) the money comes from")
    source_organisations: Series[object] = read_off("FTS organisation ids the money comes from")
    source_organisation_names: Series[object] = read_off("Names of organisations the money comes from")
    source_overlaps: Series[object] = read_off("Which of these lists hold the amount in full in each of their parts")
    destination_plans: Series[object] = read_off("FTS plan ids the money goes to")
    destination_clusters: Series[object] = read_off("Ids of plans' own clusters the money goes to")
    destination_cluster_names: Series[object] = read_off("Names of plans' own clusters the money goes to")
    destination_global_clusters: Series[object] = read_off("FTS global cluster ids the money goes to")
    destination_global_cluster_names: Series[object] = read_off("Names of global clusters the money goes to")
    destination_sectors: Series[object] = read_off("Sectors, each once the money goes to")
    destination_locations: Series[object] = read_off("FTS location ids the money goes to")
    destination_location_names: Series[object] = read_off("Names of locations the money goes to")
    destination_countries: Series[object] = read_off("Countries (ISO 3166 alpha-3) the money goes to")
    destination_organisations: Series[object] = read_off("FTS organisation ids the money goes to")
    destination_organisation_names: Series[object] = read_off("Names of organisations the money goes to")
    destination_overlaps: Series[object] = read_off(
        "Which of these lists hold the amount in full in each of their parts"
    )


SOURCE_TABLES: Mapping[str, type[Table]] = {
    "activities": Activities,
    "indicators": Indicators,
    "admin1": Admin1,
    "admin2": Admin2,
    "appealing_organisations": Organisations,
    "implementing_partners": Organisations,
    "planning": Planning,
    "people_in_need_proportions": Proportions,
    "target_proportions": Proportions,
    "age_gender_proportions": AgeGenderProportions,
    "corrections": Corrections,
}


@cache
def source_columns(table: type[Table]) -> Mapping[str, Mapping[str, Any]]:
    """What is declared of each column that is read from files; its ``headers`` end with its own name."""
    headers = headers_of(table.__name__)
    return {
        name: column.metadata | {"headers": (*headers.get(name, ()), name)}
        for name, column in table.to_schema().columns.items()
        if column.metadata and "kind" in column.metadata
    }


OF_ACTIVITYINFO = (
    "record_id",
    "platform_as_reported",
    "stated_indicator_type",
    "calculated_population_groups",
    "calculated_age_gender",
)
"""Columns of activities that ActivityInfo adds to what an organisation reports: no template has them."""

OPTIONAL_ACTIVITY_COLUMNS = (
    frozenset(name for name, about in source_columns(Activities).items() if about["may_be_absent"])
    - {"activity_name", "activity_description"}
    - {*OF_ACTIVITYINFO}
)
"""Columns that only some plan years' layouts have; free text may always be taken out of a file."""

DICTIONARY_OPENING = """# Data

`rmrp-2021/` is the bundled plan: illustrative activities and funding in the producers' own formats, published planning
figures where they are known. Its `sources.yml` says what each file is; `tools/make_bundled_plan.py` makes it.

The tables below are what files are read into. A column is found by its own name, too. This page is printed from
`src/rmrp_analysis/tables.py` and `packs/r4v/headers.csv` (`python -m rmrp_analysis.tables > data/README.md`).
"""


def data_dictionary() -> str:
    """Every table and column in Markdown: name, unit, meaning, what may stand in it."""
    documented: list[type[Table]] = [*dict.fromkeys(SOURCE_TABLES.values()), PlanningSheet, FundingTotals, FundingFlows]
    return "\n".join((DICTIONARY_OPENING, *map(_table_description, documented))).rstrip() + "\n"


def _table_description(table: type[Table]) -> str:
    heading = f"## {table.__name__}\n\n{' '.join((table.__doc__ or '').split())}\n"
    rows = ["| column | unit | meaning | allowed | headers in source files |", "|---|---|---|---|---|"]
    for name, column in table.to_schema().columns.items():
        about = source_columns(table).get(name, column.metadata or {})
        headers = ", ".join(about.get("headers", ())[:-1])
        unit = about.get("unit", "")
        rows.append(f"| `{name}` | {unit} | {column.description} | {_allowed_in_words(about)} | {headers} |")
    return "\n".join((heading, *rows, ""))


def _allowed_in_words(about: Mapping[str, Any]) -> str:
    kinds = {"month": "YYYY-MM", "yes_no": "Yes, No or empty", "number": "a number or empty"}
    words = ", ".join(about.get("allowed", ())) or kinds.get(about.get("kind", ""), "")
    return words if about.get("may_be_empty", True) else words.replace(" or empty", "") or "not empty"


if __name__ == "__main__":
    sys.stdout.write(data_dictionary())
