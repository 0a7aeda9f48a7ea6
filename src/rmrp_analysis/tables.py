"""The tables that everything is counted from: each column's type, unit, meaning, source headers and allowed values.

A loader reads a file into one of these by the declarations here; nobody asks again afterwards whether a column is
there or a value allowed. The data dictionary in ``data/README.md`` is printed from the same declarations.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandera.pandas as pa
from pandera.typing import Series

from rmrp_analysis.method import MONTH_PATTERN
from rmrp_analysis.vocabulary import (
    ALL,
    COUNTRIES,
    INDICATOR_TYPES,
    MEASURES,
    POPULATION_GROUPS,
    REGIONAL,
    SCOPES,
    SECTORS,
    SUPPORT_SPACES,
    UNKNOWN_INDICATOR,
)

Kind = Literal["text", "number", "month", "yes_no", "sector", "country", "indicator_type", "scope"]
ACTIVITY_SECTORS = (*SECTORS, SUPPORT_SPACES)
GROUPINGS = ("plan", "sector", "cluster", "country", "organisation")
STATUSES = ("paid", "commitment", "pledge")


def column(
    meaning: str,
    *headers: str,
    kind: Kind = "text",
    unit: str = "",
    allowed: Sequence[str] = (),
    may_be_empty: bool = True,
    may_be_absent: bool = False,
) -> Any:
    """Declare a column: what it means, the headers it goes by in source files, and what may stand in it.

    A row whose cell is not ``allowed`` (or empty although it must not be) is refused; a file without the column is
    refused unless the column ``may_be_absent``.
    """
    checks: dict[str, Any] = {"isin": list(allowed)} if allowed else {}
    if kind == "month":
        checks = {"str_matches": f"^{MONTH_PATTERN}$"}
    return pa.Field(
        nullable=kind in ("number", "yes_no"),
        description=meaning,
        metadata={
            "headers": headers,
            "kind": kind,
            "unit": unit,
            "allowed": tuple(allowed),
            "may_be_empty": may_be_empty,
            "may_be_absent": may_be_absent,
        },
        **checks,
    )


def people(meaning: str, *headers: str, may_be_absent: bool = False) -> Any:
    """Declare a column that counts people."""
    return column(meaning, *headers, kind="number", unit="people", may_be_absent=may_be_absent)


def money(meaning: str) -> Any:
    """Declare a column of amounts that may be unknown."""
    return pa.Field(nullable=True, description=meaning, metadata={"unit": "USD"})


def listed(meaning: str) -> Any:
    """Declare a column of tuples."""
    return pa.Field(description=meaning)


def share(group: str, age_gender: str, *headers: str) -> Any:
    """Declare a column that holds the share of a population group that is of an age and gender."""
    return column(f"Share of {age_gender} among people {group}", *headers, kind="number", unit="share 0-1")


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

    appealing_organisation: Series[str] = column(
        "Organisation that appeals in the plan and reports",
        "Appealing Organization Name",
        "Appealing organisation Name",
        "Appealing_org",
        "Nombre de la organización apelante",
        "Organización apelante",
        "Organización solicitante",
    )
    implementation_setup: Series[str] = column(
        "Yes: through an implementing partner; No: directly",
        "Implementation Set up",
        "Implementation",
        "Implementación",
        "Modalidad de implementación",
        kind="yes_no",
    )
    implementing_partner: Series[str] = column(
        "Organisation that carries the activity out for the appealing one",
        "Implementing partner Name",
        "Implementing_partner",
        "Nombre del socio implementador",
        "Socio implementador",
    )
    month: Series[str] = column(
        "Month reported on", "Reporting Month", "Month", "Mes", "Mes de reporte", kind="month", may_be_empty=False
    )
    sector: Series[str] = column(
        "Sector or sub-sector",
        "Sector / Subsector / WG",
        "Subsector",
        "Sector",
        "SectorSP",
        kind="sector",
        allowed=ACTIVITY_SECTORS,
        may_be_empty=False,
    )
    indicator: Series[str] = column("Text of the indicator", "Indicator", "Indicador")
    activity_name: Series[str] = column(
        "Title of the activity", "Activity name", "Nombre de la actividad", may_be_absent=True
    )
    activity_description: Series[str] = column(
        "Free text; may hold contact details, never published",
        "Activity description",
        "Descripción de la actividad",
        may_be_absent=True,
    )
    covid19: Series[str] = column(
        "Related to COVID-19", "COVID 19 situation", "COVID19", "Situación COVID 19", kind="yes_no", may_be_absent=True
    )
    rmrp_activity: Series[str] = column(
        "Part of the plan", "RMRP Activity", "RMRPActivity", "Actividad RMRP", kind="yes_no"
    )
    support_space: Series[str] = column(
        "Done in a Support Space", "Support Space activity", kind="yes_no", may_be_absent=True
    )
    cva: Series[str] = column("Cash or voucher assistance", "CVA", "PTM", kind="yes_no")
    transfer_value_usd: Series[float] = column(
        "Value transferred",
        "Value of Transfer in USD",
        "Value (in USD)",
        "Value",
        "Valor de la transferencia en USD",
        "Valor (en USD)",
        "Valor",
        kind="number",
        unit="USD",
    )
    delivery_mechanism: Series[str] = column(
        "How cash or vouchers were handed over", "Delivery Mechanism", "Mecanismo de entrega"
    )
    country: Series[str] = column(
        "Country (ISO 3166 alpha-3), or Regional",
        "Country",
        "País",
        kind="country",
        allowed=(*COUNTRIES, REGIONAL),
        may_be_empty=False,
    )
    admin1: Series[str] = column(
        "First administrative level; the country's name where there is none", "Admin1", "Country Admin1", "Admin 1"
    )
    admin2: Series[str] = column("Second administrative level", "Admin2", "Admin 2", may_be_absent=True)
    quantity: Series[float] = column(
        "Output of indicators that do not count people",
        "Quantity of unit measured",
        "Quantity of output",
        "Quantity_output",
        "Cantidad de la unidad medida",
        "Cantidad de producto",
        kind="number",
        unit="units",
    )
    total_monthly_beneficiaries: Series[float] = people(
        "People attended in the month; must not be added over months",
        "Total monthly beneficiaries",
        "Total_monthly",
        "Total de beneficiarios mensuales",
        "Total de beneficiarios del mes",
    )
    new_beneficiaries: Series[float] = people(
        "People attended for the first time this year under this partner and indicator",
        "New beneficiaries of the month",
        "New_beneficiaries",
        "Nuevos beneficiarios del mes",
    )
    in_destination: Series[float] = people(
        "Of the new: refugees and migrants in destination",
        "Refugees and Migrants IN DESTINATION",
        "IN_DESTINATION",
        "Refugiados y Migrantes EN DESTINO",
    )
    in_transit: Series[float] = people(
        "Of the new: refugees and migrants in transit",
        "Refugees and Migrants IN TRANSIT",
        "IN_TRANSIT",
        "Refugiados y Migrantes EN TRÁNSITO",
    )
    host_communities: Series[float] = people(
        "Of the new: members of host communities",
        "Host Communities Beneficiaries",
        "Host_Communities",
        "Beneficiarios de comunidades de acogida",
        "Comunidades de acogida",
    )
    pendular: Series[float] = people(
        "Of the new: people who move back and forth across a border",
        "Refugees and Migrants PENDULARS",
        "PENDULARS",
        "Refugiados y Migrantes PENDULARES",
    )
    colombian_returnees: Series[float] = people(
        "Of the new: Colombian returnees", "Colombian Returnees", "Returnees", "Retornados colombianos"
    )
    girls: Series[float] = people("Of the new: girls, under 18", "Women under 18", "Girls", "Mujeres menores de 18")
    boys: Series[float] = people("Of the new: boys, under 18", "Men under 18", "Boys", "Hombres menores de 18")
    women: Series[float] = people("Of the new: women, 18 and above", "Women above 18", "Mujeres mayores de 18")
    men: Series[float] = people("Of the new: men, 18 and above", "Men above 18", "Hombres mayores de 18")
    other_under_18: Series[float] = people(
        "Of the new: other gender, under 18",
        "Other under 18",
        "Other_under",
        "Otros menores de 18",
        may_be_absent=True,
    )
    other_18_and_above: Series[float] = people(
        "Of the new: other gender, 18 and above",
        "Other above 18",
        "Other_above",
        "Otros mayores de 18",
        may_be_absent=True,
    )


class JoinedActivities(Activities):
    """Activities joined to the year's indicators and places."""

    plan_year: Series[int] = pa.Field(description="Year of the plan; a code means an indicator only within its year")
    place: Series[str] = pa.Field(
        description="P-code of the admin1, or its folded name where the list of admin1 has none; empty: national"
    )
    place_name: Series[str] = pa.Field(description="Name of the place; empty: national")
    indicator_code: Series[str] = pa.Field(description="Code of the indicator in the plan year; empty when unknown")
    indicator_type: Series[str] = pa.Field(
        description="What the indicator counts", isin=[*INDICATOR_TYPES, UNKNOWN_INDICATOR]
    )


class Indicators(Table):
    """The plan year's indicators; the type decides whose beneficiaries count as people reached."""

    indicator_code: Series[str] = column("Code, unique within a plan year only", "CODE", "Código", may_be_empty=False)
    sector: Series[str] = column(
        "Sector or sub-sector",
        "Sector / Subsector / WG",
        "Subsector",
        "Sector",
        "SectorSP",
        kind="sector",
        allowed=ACTIVITY_SECTORS,
        may_be_empty=False,
    )
    indicator: Series[str] = column("Text of the indicator", "Indicator", "Indicador", may_be_empty=False)
    indicator_es: Series[str] = column(
        "Text of the indicator in Spanish", "Indicator_ES", "Indicador", "Indicator Spanish", may_be_absent=True
    )
    indicator_type: Series[str] = column(
        "What the indicator counts",
        "Indicator_Type",
        "Indicatortype",
        "Type",
        "Tipo de indicador",
        kind="indicator_type",
        allowed=INDICATOR_TYPES,
        may_be_empty=False,
    )


class Admin1(Table):
    """First administrative levels with their p-codes."""

    country: Series[str] = column(
        "Country (ISO 3166 alpha-3), or Regional",
        "Country",
        kind="country",
        allowed=(*COUNTRIES, REGIONAL),
        may_be_empty=False,
    )
    pcode: Series[str] = column("Place code", "PCODE", may_be_empty=False)
    admin1: Series[str] = column("Name", "Admin1", may_be_empty=False)


class Admin2(Table):
    """Second administrative levels of the first ones."""

    admin1: Series[str] = column("Name of the first level", "Admin1", may_be_empty=False)
    admin2: Series[str] = column("Name of the second level", "Admin2", may_be_empty=False)


class Proportions(Table):
    """Age and gender of each population group of a sector in a place, as shares 0-1, from people in need or targets.

    The four shares of a group add up to 1 within rounding, or are 0 where the plan has nobody in it.
    """

    country: Series[str] = column(
        "Country (ISO 3166 alpha-3)", "Country", kind="country", allowed=(*COUNTRIES,), may_be_empty=False
    )
    admin1: Series[str] = column("First administrative level, or Country level", "Admin1", may_be_empty=False)
    sector: Series[str] = column(
        "Sector or sub-sector, or all",
        "Subsector",
        "Sector",
        kind="sector",
        allowed=(*SECTORS, ALL),
        may_be_empty=False,
    )
    in_destination_girls: Series[float] = share("in destination", "girls", "Dest_Girls")
    in_destination_boys: Series[float] = share("in destination", "boys", "Dest_Boys")
    in_destination_women: Series[float] = share("in destination", "women", "Dest_Women")
    in_destination_men: Series[float] = share("in destination", "men", "Dest_Men")
    in_transit_girls: Series[float] = share("in transit", "girls", "Transit_Girls")
    in_transit_boys: Series[float] = share("in transit", "boys", "Transit_Boys")
    in_transit_women: Series[float] = share("in transit", "women", "Transit_Women")
    in_transit_men: Series[float] = share("in transit", "men", "Transit_Men")
    host_communities_girls: Series[float] = share("in host communities", "girls", "HC_Girls")
    host_communities_boys: Series[float] = share("in host communities", "boys", "HC_Boys")
    host_communities_women: Series[float] = share("in host communities", "women", "HC_Women")
    host_communities_men: Series[float] = share("in host communities", "men", "HC_Men")
    pendular_girls: Series[float] = share("pendular", "girls", "Pendular_Girls")
    pendular_boys: Series[float] = share("pendular", "boys", "Pendular_Boys")
    pendular_women: Series[float] = share("pendular", "women", "Pendular_Women")
    pendular_men: Series[float] = share("pendular", "men", "Pendular_Men")
    colombian_returnees_girls: Series[float] = share("Colombian returnees", "girls", "Returnees_Girls")
    colombian_returnees_boys: Series[float] = share("Colombian returnees", "boys", "Returnees_Boys")
    colombian_returnees_women: Series[float] = share("Colombian returnees", "women", "Returnees_Women")
    colombian_returnees_men: Series[float] = share("Colombian returnees", "men", "Returnees_Men")


class AgeGenderProportions(Table):
    """Age and gender of the people in need of a sector in a country, as shares 0-1 that add up to 1."""

    country: Series[str] = column(
        "Country (ISO 3166 alpha-3)", "Country", kind="country", allowed=(*COUNTRIES,), may_be_empty=False
    )
    sector: Series[str] = column(
        "Sector or sub-sector, or all",
        "Subsector",
        "Sector",
        kind="sector",
        allowed=(*SECTORS, ALL),
        may_be_empty=False,
    )
    girls: Series[float] = column("Share of girls", "Girls", kind="number", unit="share 0-1", may_be_empty=False)
    boys: Series[float] = column("Share of boys", "Boys", kind="number", unit="share 0-1", may_be_empty=False)
    women: Series[float] = column("Share of women", "Women", kind="number", unit="share 0-1", may_be_empty=False)
    men: Series[float] = column("Share of men", "Men", kind="number", unit="share 0-1", may_be_empty=False)


class Corrections(Table):
    """Corrections of activities by hand, one a cell: declared beside the data, so that raw files are never edited.

    The row is named by ``file`` and ``line``, or by a ``key`` that one row alone has, such as
    ``appealing_organisation=IOM; month=2021-01; indicator=...``.
    """

    file: Series[str] = column("File of the row to correct", "file", may_be_absent=True)
    line: Series[float] = column("Its line, counted as a spreadsheet does", "line", kind="number", may_be_absent=True)
    key: Series[str] = column("What the row is known by, in place of file and line", "key", may_be_absent=True)
    corrected_column: Series[str] = column("Column of activities (see Activities)", "column", may_be_empty=False)
    old_value: Series[str] = column(
        "What the cell holds; the correction is refused when it holds something else", "old_value", may_be_absent=True
    )
    new_value: Series[str] = column("What it should hold; empty for nothing", "new_value", "new value")
    reason: Series[str] = column("Why", "reason", may_be_empty=False)
    by: Series[str] = column("Who decided", "by", may_be_empty=False)
    date: Series[str] = column("When, as YYYY-MM-DD", "date", may_be_empty=False)


class PlacedProportions(Proportions):
    """Proportions joined to the year's places, as activities are."""

    place: Series[str] = pa.Field(description="As in activities: p-code, folded name, or empty for the country level")


class Organisations(Table):
    """Organisations that appeal in the plan, or that implement for those who do."""

    organisation_id: Series[str] = column("Identifier", "IDIP", "IDORG", may_be_empty=False)
    name: Series[str] = column("Name as partners report it", "Name", may_be_empty=False)
    acronym: Series[str] = column("Acronym or short name", "Acronym Short Name", may_be_absent=True)
    organisation_type: Series[str] = column("Type, such as national NGO or UN", "Type", may_be_absent=True)


class Planning(Table):
    """Planned figures, one a row: people in need, target and requirement by sector, scope and population group."""

    sector: Series[str] = column(
        "Sector, or all for the whole plan", "sector", kind="sector", allowed=(*SECTORS, ALL), may_be_empty=False
    )
    scope: Series[str] = column(
        "The region, a platform or a country (ISO 3166 alpha-3)",
        "scope",
        kind="scope",
        allowed=SCOPES,
        may_be_empty=False,
    )
    population_group: Series[str] = column(
        "Population group; all is the total without people in transit",
        "population_group",
        kind="scope",
        allowed=(ALL, *POPULATION_GROUPS),
        may_be_empty=False,
    )
    measure: Series[str] = column("What is planned", "measure", kind="scope", allowed=MEASURES, may_be_empty=False)
    value: Series[float] = column(
        "The planned figure", "value", kind="number", unit="people, or USD for requirement_usd", may_be_empty=False
    )
    source: Series[str] = column(
        "Where the figure was published; begins with 'illustrative' when it was not", "source", may_be_empty=False
    )


class PlanningSheet(Table):
    """R4V's wide sheet of people in need or of targets: a row a country or admin1 and sector.

    The ``Country level`` row of a country is the sum of its admin1 rows; the two are never added.
    """

    country: Series[str] = column(
        "Country (ISO 3166 alpha-3)",
        "PiN Country",
        "Target Country",
        kind="country",
        allowed=(*COUNTRIES,),
        may_be_empty=False,
    )
    admin1: Series[str] = column(
        "First administrative level, or Country level", "PiN Admin1", "Target Admin1", may_be_empty=False
    )
    sector: Series[str] = column(
        "Sector, or all", "Subsector", kind="sector", allowed=(*SECTORS, ALL), may_be_empty=False
    )
    in_destination: Series[float] = people("In destination", "PiN Dest Total", "Target Dest Total")
    in_transit: Series[float] = people("In transit", "PiN Transit Total", "Target Transit Total")
    host_communities: Series[float] = people("Host communities", "PiN HC Total", "Target HC Total")
    pendular: Series[float] = people("Pendular", "PiN Pendular Total", "Target Pendular Total")
    colombian_returnees: Series[float] = people("Colombian returnees", "PiN Returnees Total", "Target Returnees Total")


class FundingTotals(Table):
    """Money as FTS totals it: one row a plan, sector, cluster, country or organisation.

    Rows of one grouping with 'not specified' and 'shared' make the plan's total. Groupings must not be added up.
    """

    plan_id: Series[str] = pa.Field(description="FTS plan id; empty where the source names no plan")
    plan_name: Series[str] = pa.Field(description="Name of the plan as the source writes it")
    plan_year: Series[str] = pa.Field(description="Year of the plan; empty where the source gives none")
    grouped_by: Series[str] = pa.Field(
        description="What the row is a part by; sectors are global clusters, clusters the plan's own",
        isin=list(GROUPINGS),
        metadata={"allowed": GROUPINGS},
    )
    part: Series[str] = pa.Field(
        description="Sector, country (ISO 3166 alpha-3), 'not specified' or 'shared'; what is none of these keeps its "
        "name; 'all' for the whole plan"
    )
    fts_id: Series[str] = pa.Field(description="FTS id of the part; empty where there is none")
    fts_name: Series[str] = pa.Field(description="Name of the part as the source writes it")
    requirement_usd: Series[float] = money("Requirement as revised; NA where none is given, which is not 0")
    original_requirement_usd: Series[float] = money("Requirement as first published")
    funding_usd: Series[float] = money("Money paid or committed, net of internal flows; may be below 0")
    pledges_usd: Series[float] = money("Money announced; never counted as funding")


class FundingFlows(Table):
    """Flows of money as FTS records them, each once. Lists hold one side's objects, empty when none is given."""

    flow_id: Series[str] = pa.Field(description="FTS flow id", unique=True)
    amount_usd: Series[float] = pa.Field(description="Amount; 0 or below for parked flows", metadata={"unit": "USD"})
    status: Series[str] = pa.Field(
        description="Standing of the money", isin=list(STATUSES), metadata={"allowed": STATUSES}
    )
    date: Series[str] = pa.Field(description="Day of the flow, YYYY-MM-DD")
    flow_type: Series[str] = pa.Field(description="Standard, Parked, Pass through or Carryover")
    contribution_type: Series[str] = pa.Field(description="Financial or in kind")
    boundary: Series[str] = pa.Field(
        description="Incoming, internal or outgoing, as seen from what the source was asked for"
    )
    on_boundary: Series[str] = pa.Field(
        description="Single, or shared with what lies outside of what the source was asked for, such as another year"
    )
    source_plans: Series[object] = listed("FTS plan ids the money comes from")
    source_clusters: Series[object] = listed("Ids of plans' own clusters the money comes from")
    source_cluster_names: Series[object] = listed("Names of plans' own clusters the money comes from")
    source_global_clusters: Series[object] = listed("FTS global cluster ids the money comes from")
    source_global_cluster_names: Series[object] = listed("Names of global clusters the money comes from")
    source_sectors: Series[object] = listed("Sectors, each once the money comes from")
    source_locations: Series[object] = listed("FTS location ids the money comes from")
    source_location_names: Series[object] = listed("Names of locations the money comes from")
    source_countries: Series[object] = listed("Countries (ISO 3166 alpha-3) the money comes from")
    source_organisations: Series[object] = listed("FTS organisation ids the money comes from")
    source_organisation_names: Series[object] = listed("Names of organisations the money comes from")
    source_overlaps: Series[object] = listed("Which of these lists hold the amount in full in each of their parts")
    destination_plans: Series[object] = listed("FTS plan ids the money goes to")
    destination_clusters: Series[object] = listed("Ids of plans' own clusters the money goes to")
    destination_cluster_names: Series[object] = listed("Names of plans' own clusters the money goes to")
    destination_global_clusters: Series[object] = listed("FTS global cluster ids the money goes to")
    destination_global_cluster_names: Series[object] = listed("Names of global clusters the money goes to")
    destination_sectors: Series[object] = listed("Sectors, each once the money goes to")
    destination_locations: Series[object] = listed("FTS location ids the money goes to")
    destination_location_names: Series[object] = listed("Names of locations the money goes to")
    destination_countries: Series[object] = listed("Countries (ISO 3166 alpha-3) the money goes to")
    destination_organisations: Series[object] = listed("FTS organisation ids the money goes to")
    destination_organisation_names: Series[object] = listed("Names of organisations the money goes to")
    destination_overlaps: Series[object] = listed("Which of these lists hold the amount in full in each of their parts")


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
OPTIONAL_ACTIVITY_COLUMNS = frozenset(
    name
    for name, about in Activities.to_schema().columns.items()
    if (about.metadata or {}).get("may_be_absent") and name not in ("activity_name", "activity_description")
)
"""Columns that only some plan years' layouts have; free text may always be taken out of a file."""

DICTIONARY_OPENING = """# Data

`rmrp-2021/` is the bundled plan: illustrative activities and funding in the producers' own formats, published planning
figures where they are known. Its `sources.yml` says what each file is; `tools/make_bundled_plan.py` makes it.

The tables below are what files are read into. This page is printed from their declarations in
`src/rmrp_analysis/tables.py` (`python -m rmrp_analysis.tables > data/README.md`).
"""


def data_dictionary() -> str:
    """Every table and column in Markdown: name, unit, meaning, what may stand in it."""
    documented: list[type[Table]] = [
        *dict.fromkeys(SOURCE_TABLES.values()),
        PlanningSheet,
        FundingTotals,
        FundingFlows,
    ]
    return "\n".join((DICTIONARY_OPENING, *map(_table_description, documented))).rstrip() + "\n"


def _table_description(table: type[Table]) -> str:
    columns = table.to_schema().columns
    heading = f"## {table.__name__}\n\n{' '.join((table.__doc__ or '').split())}\n"
    header = "| column | unit | meaning | allowed | headers in source files |\n|---|---|---|---|---|"
    rows = [
        f"| `{name}` | {_about(column, 'unit')} | {column.description} | {_allowed_in_words(column)} | "
        f"{', '.join(_about(column, 'headers') or ())} |"
        for name, column in columns.items()
    ]
    return "\n".join((heading, header, *rows, ""))


def _about(column: Any, key: str) -> Any:
    return (column.metadata or {}).get(key, "")


def _allowed_in_words(column: Any) -> str:
    listed = ", ".join(_about(column, "allowed") or ())
    kinds = {"month": "YYYY-MM", "yes_no": "Yes, No or empty", "number": "a number or empty"}
    words = listed or kinds.get(_about(column, "kind"), "")
    return words if _about(column, "may_be_empty") in (True, "") else words.replace(" or empty", "") or "not empty"


if __name__ == "__main__":
    sys.stdout.write(data_dictionary())
