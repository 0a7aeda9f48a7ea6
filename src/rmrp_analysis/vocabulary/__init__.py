"""What a plan counts by: sectors, places, groups of people and plan years, with every spelling of their names.

What is a plan's own stands in its pack (``pack``), what all plans have in the CSV files of this folder.
Every spelling is compared folded (see ``fold``), so that accents, case and blanks never lose a row.
"""
# ruff: noqa: I001 - one import for each module

from rmrp_analysis.vocabulary.contacts import (
    CALLED as CALLED,
    WITHHELD_CONTACT as WITHHELD_CONTACT,
    contact_in as contact_in,
    holds_contact as holds_contact,
)
from rmrp_analysis.vocabulary.lists import (
    ADDED as ADDED,
    AGE_GENDER_GROUPS as AGE_GENDER_GROUPS,
    ALL as ALL,
    ALTERNATIVES as ALTERNATIVES,
    ANSWER_SPELLINGS as ANSWER_SPELLINGS,
    COUNTRIES as COUNTRIES,
    COUNTRY_OF_FTS_LOCATION as COUNTRY_OF_FTS_LOCATION,
    COUNTRY_SPELLINGS as COUNTRY_SPELLINGS,
    FTS_COUNTRY_SPELLINGS as FTS_COUNTRY_SPELLINGS,
    FTS_SECTOR_SPELLINGS as FTS_SECTOR_SPELLINGS,
    FUNDING_GROUPINGS as FUNDING_GROUPINGS,
    FUNDING_STATUSES as FUNDING_STATUSES,
    GLOBAL_CLUSTER_SPELLINGS as GLOBAL_CLUSTER_SPELLINGS,
    GLOBAL_CLUSTERS as GLOBAL_CLUSTERS,
    GROUP_FINDINGS as GROUP_FINDINGS,
    GROUP_NAMES as GROUP_NAMES,
    INDICATOR_TYPES as INDICATOR_TYPES,
    IndicatorType as IndicatorType,
    INTERSECTOR as INTERSECTOR,
    LANGUAGE_OF as LANGUAGE_OF,
    PLANNED_FIGURES as PLANNED_FIGURES,
    MONTH_NUMBERS as MONTH_NUMBERS,
    DIRECTLY as DIRECTLY,
    NOT_SPECIFIED as NOT_SPECIFIED,
    OTHER_GENDER_GROUPS as OTHER_GENDER_GROUPS,
    OTHER_SECTORS as OTHER_SECTORS,
    OVERLAP as OVERLAP,
    PLACES as PLACES,
    PLATFORM_OF as PLATFORM_OF,
    PLATFORM_SPELLINGS as PLATFORM_SPELLINGS,
    PLATFORMS as PLATFORMS,
    POPULATION_GROUP_SPELLINGS as POPULATION_GROUP_SPELLINGS,
    POPULATION_GROUPS as POPULATION_GROUPS,
    REGIONAL as REGIONAL,
    SCOPES as SCOPES,
    SECTOR_OF_GLOBAL_CLUSTER as SECTOR_OF_GLOBAL_CLUSTER,
    SECTOR_SPELLINGS as SECTOR_SPELLINGS,
    SECTORS as SECTORS,
    SHARED as SHARED,
    TIE_ORDER as TIE_ORDER,
    UNKNOWN_INDICATOR as UNKNOWN_INDICATOR,
    WITHOUT_NEED as WITHOUT_NEED,
    WITHOUT_PEOPLE as WITHOUT_PEOPLE,
    headers_of as headers_of,
)
from rmrp_analysis.vocabulary.names import (
    KINDS_OF_PLACES as KINDS_OF_PLACES,
    levels as levels,
    organisation_name as organisation_name,
    place_named as place_named,
    places_named as places_named,
    report_id as report_id,
    sector_named as sector_named,
    full_name as full_name,
    short_name as short_name,
)
from rmrp_analysis.vocabulary.places import (
    ADMIN1_AS_WRITTEN as ADMIN1_AS_WRITTEN,
    NATIONAL as NATIONAL,
    NATIONAL_LEVEL as NATIONAL_LEVEL,
    ocha_pcodes as ocha_pcodes,
    ocha_places as ocha_places,
    place_key as place_key,
)
from rmrp_analysis.vocabulary.plan_years import (
    FTS_PLAN_NAMES as FTS_PLAN_NAMES,
    FTS_PLANS as FTS_PLANS,
    Model as Model,
    PLAN_YEARS as PLAN_YEARS,
    AS_REPORTED as AS_REPORTED,
    PlanYear as PlanYear,
    plan_year as plan_year,
)
from rmrp_analysis.vocabulary.text import (
    MONTH_PATTERN as MONTH_PATTERN,
    REGION as REGION,
    file_stem as file_stem,
    fold as fold,
    slug as slug,
)
