"""The closed lists that a plan counts by, and their spellings, from CSV files of the plan pack and of this folder."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field

from rmrp_analysis.errors import fault_of
from rmrp_analysis.packs import pack
from rmrp_analysis.packs.pack import Row, Text
from rmrp_analysis.vocabulary.text import REGION, fold
from rmrp_analysis.words import N_

FOLDER = Path(__file__).parent

REGIONAL = "Regional"
"""What belongs to no single country: activities and money of the regional level."""

INTERSECTOR = "Intersector"
"""All sectors together; the people of one are found in others, so it is never their sum unless the method says so."""

ALL = "all"
UNKNOWN_INDICATOR = "unknown"
NOT_SPECIFIED = "not specified"
DIRECTLY = "directly"
"""What an organisation did without an implementing partner."""
SHARED = "shared"
"""Money for several sectors or countries at once: in the plan's total, in no single row."""

OVERLAP = "counted more than once"
"""What is taken off again where FTS counts one amount in full in several rows; below 0."""

IndicatorType = Literal["people in need", "people", "other"]
INDICATOR_TYPES = get_args(IndicatorType)
"""Whose beneficiaries are people in need; people trained or informed; quantities that are not people."""

PLANNED_FIGURES = ("people_in_need", "target", "requirement_usd")
"""What a plan states in advance."""

FUNDING_GROUPINGS = ("plan", "sector", "cluster", "country", "organisation")
"""What FTS's totals are parts by."""

FUNDING_STATUSES = ("paid", "commitment", "pledge")

REPORT_STATES = (
    *("counted", "nobody new", "not counted", "empty", "services", "left out"),
    *("nothing here", "not yet", "country not in", "late", "missed", "irregular", "gone"),
)
"""What a report of an organisation, country, sector and month says of people; or why there is none (see ``ledger``)."""
REPORT_CAUSES = ("left_out", "not_counted", "everybody_new", "one_report", "groups_of_assisted", "groups_exceed")
"""Why the people of a report must be read with care, the first that applies first."""
ZERO_NAMES: Mapping[str, str] = {"nobody_new": N_("nobody new"), "services_only": N_("services only")}
"""What stands for a 0, by its reason (see ``figures/reasons.csv``)."""

Answer = Literal["yes", "no"]


class Sector(Row):
    """A row of ``sectors.csv``.

    ``tie_name`` is the name by whose place in the alphabet the first of two equal sectors stands (empty: its own);
    ``southern_cone`` what the sector is in the consolidation model of that name, in packs whose years have it.
    """

    sector: Text
    has_sheet: Answer
    reaches_people: Answer
    has_people_in_need: Answer
    tie_name: str = ""
    fts_clusters: Annotated[str, Field(pattern=r"^[\d ]*$")] = ""
    southern_cone: Literal["", "largest", "in full"] = ""


class Country(Row):
    """A row of ``countries.csv``. Without a ``platform`` the country is one of its own."""

    code: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    country: Text
    platform: str = ""
    language: str = ""
    fts_location: Annotated[str, Field(pattern=r"^\d*$")] = ""


class Spelling(Row):
    """A row of ``spellings.csv``: another name, as files have it."""

    list: Literal["sector", "country", "platform", "population group", "indicator type"]
    name: Text
    spelling: Text
    language: str = ""


class GeneralSpelling(Spelling):
    """A row of ``general_spellings.csv``: another name, whatever the plan."""

    list: str  # type: ignore[assignment]


class Group(Row):
    """A row of ``groups.csv``: a group of people, its name, and what a sheet says where it has most people."""

    group: Text
    kind: Literal["", "population", "age and gender", "other gender"]
    name: Text
    finding: str


@cache
def headers_of(table: str) -> Mapping[str, tuple[str, ...]]:
    """Return the headers that each column of a table goes by in source files, the usual one first."""
    headers: dict[str, tuple[str, ...]] = {}
    columns = ("table", "column", "header")
    of_all_plans = pack.texts_of("general_headers.csv", *columns, within=FOLDER)
    for of_table, column, header in (*pack.texts_of("headers.csv", *columns, optional=True), *of_all_plans):
        if of_table == table:
            headers[column] = (*headers.get(column, ()), header)
    return headers


def build_spelling_lookup(names: Iterable[str], list_name: str) -> dict[str, str]:
    """Return each name by its folded spellings: itself, its translations, and the spellings of list ``list_name``."""
    names_by_spelling: dict[str, str] = {}
    for name in names:
        name_row = pack.names().get(name)
        in_languages = (getattr(name_row, code, "") for code in reversed(list(pack.languages())))
        names_by_spelling |= {fold(text): name for text in (*in_languages, name) if text}
    return names_by_spelling | {fold(row.spelling): row.name for row in _SPELLINGS if row.list == list_name}


pack.about()
_GROUPS = pack.rows("groups.csv", Group, within=FOLDER)
POPULATION_GROUPS, AGE_GENDER_GROUPS, OTHER_GENDER_GROUPS = (
    tuple(row.group for row in _GROUPS if row.kind == kind) for kind in ("population", "age and gender", "other gender")
)
"""Groups of people; those of another gender are reported from 2022 on, and plans and proportions do not have them."""

GROUP_NAMES: Mapping[str, str] = {row.group: row.name for row in _GROUPS}
GROUP_FINDINGS: Mapping[str, str] = {row.group: row.finding for row in _GROUPS}
"""What a sheet says of the group with most people."""

_SECTORS = pack.rows("sectors.csv", Sector, unique="sector")
_COUNTRIES = pack.rows("countries.csv", Country, unique="code")

SECTORS = tuple(row.sector for row in _SECTORS if row.has_sheet == "yes")
"""The sectors that have a sheet, in the plan's order."""

OTHER_SECTORS = tuple(row.sector for row in _SECTORS if row.has_sheet == "no")
"""Sectors that activities may be of, and that have no sheet."""

WITHOUT_PEOPLE = frozenset(row.sector for row in _SECTORS if row.reaches_people == "no")
"""Sectors of activities and money that reach nobody by definition."""

WITHOUT_NEED = frozenset(row.sector for row in _SECTORS if row.has_people_in_need == "no") - WITHOUT_PEOPLE
"""Sectors with a target for which the plan defines no people in need."""

TIE_ORDER = tuple(
    row.sector for row in sorted(_SECTORS, key=lambda row: row.tie_name or row.sector) if row.reaches_people == "yes"
)
"""Sectors that reach people, in the alphabet of the plan's own names: the first of two equal ones stands."""

ALTERNATIVES = tuple(row.sector for row in _SECTORS if row.southern_cone == "largest")
"""Sectors of the Southern Cone model that help the same people: the largest stands for all."""

ADDED = tuple(row.sector for row in _SECTORS if row.southern_cone == "in full")
"""Sectors of the Southern Cone model that count in full; the ones in neither list do not count."""

COUNTRIES: Mapping[str, str] = {row.code: row.country for row in _COUNTRIES}
"""The countries of the plan by their code (ISO 3166 alpha-3)."""

PLATFORMS: Mapping[str, tuple[str, ...]] = {
    platform: tuple(row.code for row in _COUNTRIES if (row.platform or row.country) == platform)
    for platform in sorted({row.platform or row.country for row in _COUNTRIES})
}
"""The areas that coordinate the plan, national and sub-regional platforms at R4V: the countries each answers for."""

PLATFORM_OF: Mapping[str, str] = {code: platform for platform, countries in PLATFORMS.items() for code in countries} | {
    REGIONAL: REGIONAL
}
PLACES: dict[str, tuple[str, ...]] = {REGION: ()}
"""What a sheet can be of, and its countries: the region (no borders), and each platform.

A platform is followed by its countries where it has several; a country that is a platform of its own is that.
"""
for _platform, _codes in PLATFORMS.items():
    PLACES |= {_platform: _codes} | {code: (code,) for code in _codes if len(_codes) > 1}

LANGUAGE_OF: Mapping[str, str] = {row.code: row.language for row in _COUNTRIES}
"""The language of each country's workbooks."""

SCOPES = (REGION, *PLATFORMS, *COUNTRIES)
"""What a plan states figures for."""

GLOBAL_CLUSTERS: Mapping[int, str] = {
    int(number): name for number, name in pack.texts_of("fts_clusters.csv", "id", "cluster", within=FOLDER)
}
"""FTS global clusters by id, by the names they have had since 2022. Names change at FTS, ids do not."""

SECTOR_OF_GLOBAL_CLUSTER: Mapping[int, str] = {
    int(number): row.sector for row in _SECTORS for number in row.fts_clusters.split()
}
COUNTRY_OF_FTS_LOCATION: Mapping[int, str] = {int(row.fts_location): row.code for row in _COUNTRIES if row.fts_location}

_NAMES = {
    "sector": (*SECTORS, *OTHER_SECTORS, ALL),
    "country": (*COUNTRIES, REGIONAL),
    "platform": (REGION, *PLATFORMS),
    "population group": (*POPULATION_GROUPS, ALL),
}

_ADMIN1 = [name for _, name, _ in pack.texts_of("admin1_pcodes.csv", "country", "admin1", "pcode", optional=True)]
_PRINTED = (*SECTORS, *OTHER_SECTORS, *PLATFORMS, *COUNTRIES.values(), *_ADMIN1)
pack.names(lambda row: fault_of(row.name, _PRINTED, "no sector or place is"))
pack.colours()  # a fault in what is read when a sheet is made is told before any is
pack.texts("en")
_SPELLINGS = (
    *pack.rows("general_spellings.csv", GeneralSpelling, within=FOLDER),
    *pack.rows(
        "spellings.csv",
        Spelling,
        optional=True,
        check=lambda row: fault_of(row.name, _NAMES.get(row.list, (row.name,)), f"no {row.list} is"),
    ),
)

SECTOR_SPELLINGS = build_spelling_lookup(_NAMES["sector"], "sector")
_CODES = {name: code for code, name in COUNTRIES.items()}
COUNTRY_SPELLINGS = {
    spelling: _CODES.get(name, name)
    for spelling, name in build_spelling_lookup((*_CODES, *_NAMES["country"]), "country").items()
}
PLATFORM_SPELLINGS = build_spelling_lookup(_NAMES["platform"], "platform")
SPELLINGS_BY_KIND: Mapping[str, Mapping[str, str]] = {
    "yes_no": build_spelling_lookup(("Yes", "No"), "answer"),
    "sector": SECTOR_SPELLINGS,
    "country": COUNTRY_SPELLINGS,
    # Where a platform is one country, its name means the platform.
    "scope": {fold(name): name for name in (ALL, *PLANNED_FIGURES)}
    | COUNTRY_SPELLINGS
    | build_spelling_lookup(_NAMES["population group"], "population group")
    | PLATFORM_SPELLINGS,
}
"""What texts mean in a column, by its kind in ``columns.csv``."""

MONTH_NUMBERS = {spelling: f"{int(number):02d}" for spelling, number in build_spelling_lookup((), "month").items()}
"""Numbers of months, 01 to 12, by their folded names."""

GLOBAL_CLUSTER_SPELLINGS: Mapping[str, int] = {
    spelling: int(number) for spelling, number in build_spelling_lookup((), "FTS cluster").items()
} | {fold(name): number for number, name in GLOBAL_CLUSTERS.items()}
"""Global cluster ids by every folded name they have gone by, for files that give no id."""

_FTS_PARTS = build_spelling_lookup((NOT_SPECIFIED, SHARED), "FTS part")
FTS_SECTOR_SPELLINGS = (
    {fold(sector): sector for sector in (*SECTORS, *OTHER_SECTORS)}
    | {
        name: SECTOR_OF_GLOBAL_CLUSTER[number]
        for name, number in GLOBAL_CLUSTER_SPELLINGS.items()
        if number in SECTOR_OF_GLOBAL_CLUSTER
    }
    | _FTS_PARTS
)
"""Sectors by the names of rows in FTS tables; what FTS writes for money of no sector, and of several."""

FTS_COUNTRY_SPELLINGS = COUNTRY_SPELLINGS | _FTS_PARTS
