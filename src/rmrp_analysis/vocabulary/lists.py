"""The closed lists that a plan counts by, and their spellings, from CSV files of the plan pack and of this folder."""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from rmrp_analysis import pack
from rmrp_analysis.vocabulary.text import REGION, fold

FOLDER = Path(__file__).parent

REGIONAL = "Regional"
"""What belongs to no single country: activities and money of the regional level."""

INTERSECTOR = "Intersector"
"""All sectors together; the people of one are found in others, so it is never their sum unless the method says so."""

ALL = "all"
SUPPORT_SPACES = "Support Spaces"
UNKNOWN_INDICATOR = "unknown"
NOT_SPECIFIED = "not specified"
SHARED = "shared"
"""Money for several sectors or countries at once: in the plan's total, in no single row."""

OVERLAP = "counted more than once"
"""What is taken off again where FTS counts one amount in full in several rows; below 0."""

POPULATION_GROUPS = ("in_destination", "in_transit", "host_communities", "pendular", "colombian_returnees")
AGE_GENDER_GROUPS = ("girls", "boys", "women", "men")
OTHER_GENDER_GROUPS = ("other_under_18", "other_18_and_above")
"""Reported from 2022 on; plans and proportions do not have them."""

INDICATOR_TYPES = ("people in need", "people", "other")
"""Whose beneficiaries are people in need; people trained or informed; quantities that are not people."""

MEASURES = ("people_in_need", "target", "requirement_usd")
"""What a plan states in advance."""

FUNDING_GROUPINGS = ("plan", "sector", "cluster", "country", "organisation")
"""What FTS's totals are parts by."""

FUNDING_STATUSES = ("paid", "commitment", "pledge")


def read_list(name: str, folder: Path = pack.FOLDER) -> list[dict[str, str]]:
    """The rows of a CSV file, as Excel saves it in any country: commas or semicolons, UTF-8."""
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        separator = ";" if ";" in file.readline() else ","
        file.seek(0)
        rows = csv.DictReader(file, delimiter=separator)
        return [{column: cell.strip() for column, cell in row.items()} for row in rows]


@cache
def headers_of(table: str) -> Mapping[str, tuple[str, ...]]:
    """The headers that each column of a table goes by in source files, the usual one first."""
    headers: dict[str, tuple[str, ...]] = {}
    for row in read_list("headers.csv"):
        if row["table"] == table:
            headers[row["column"]] = (*headers.get(row["column"], ()), row["header"])
    return headers


def spelled(names: Iterable[str], list_name: str) -> dict[str, str]:
    """A look-up from folded spellings to names: each name is a spelling of itself, then ``spellings.csv``."""
    listed = {fold(row["spelling"]): row["name"] for row in _SPELLINGS if row["list"] == list_name}
    return {fold(name): name for name in names} | listed


_SPELLINGS = read_list("spellings.csv")
_SECTORS = read_list("sectors.csv")
_COUNTRIES = read_list("countries.csv")
_CLUSTERS = read_list("fts_clusters.csv", FOLDER)

SECTORS = tuple(row["sector"] for row in _SECTORS if row["has_sheet"] == "yes")
"""The sectors that have a sheet, in the plan's order."""

WITHOUT_PEOPLE = frozenset(row["sector"] for row in _SECTORS if row["reaches_people"] == "no")
"""Sectors of activities and money that reach nobody by definition."""

WITHOUT_NEED = frozenset(row["sector"] for row in _SECTORS if row["has_people_in_need"] == "no") - WITHOUT_PEOPLE
"""Sectors with a target for which the plan defines no people in need."""

TIE_ORDER = tuple(
    row["sector"] for row in sorted(_SECTORS, key=lambda row: row["name_at_r4v"]) if row["reaches_people"] == "yes"
)
"""Sectors that reach people, by R4V's own names in the order of the alphabet: the first of two equal ones stands."""

COUNTRIES: Mapping[str, str] = {row["code"]: row["country"] for row in _COUNTRIES}
"""The countries of the plan by their code (ISO 3166 alpha-3)."""

PLATFORMS: Mapping[str, tuple[str, ...]] = {
    platform: tuple(row["code"] for row in _COUNTRIES if row["platform"] == platform)
    for platform in sorted({row["platform"] for row in _COUNTRIES})
}
"""The national and sub-regional platforms, and the countries that each answers for."""

PLATFORM_OF: Mapping[str, str] = {code: platform for platform, countries in PLATFORMS.items() for code in countries} | {
    REGIONAL: REGIONAL
}
ARTICLES: Mapping[str, Mapping[str, str]] = {row.pop("place"): row for row in read_list("articles.csv")}
"""The articles that platforms and countries (by code) have within a sentence, by language; none where not listed."""

CONTRACTIONS: Mapping[tuple[str, str], str] = {
    (row["language"], row["words"]): row["contracted"] for row in read_list("contractions.csv", FOLDER)
}
"""What a preposition and the article after it become, by language."""

PLACES: Mapping[str, tuple[str, ...]] = {
    REGION: (),
    **PLATFORMS,
    **{code: (code,) for code in COUNTRIES if len(PLATFORMS[PLATFORM_OF[code]]) > 1},
}
"""What a sheet can be of, and its countries: the region (no borders), platforms, countries that are not one alone."""

SPANISH_SPEAKING = frozenset(row["code"] for row in _COUNTRIES if row["language"] == "es")
SCOPES = (REGION, *PLATFORMS, *COUNTRIES)
"""What a plan states figures for."""

GLOBAL_CLUSTERS: Mapping[int, str] = {int(row["id"]): row["cluster"] for row in _CLUSTERS}
"""FTS global clusters by id, by the names they have had since 2022. Names change at FTS, ids do not."""

SECTOR_OF_GLOBAL_CLUSTER: Mapping[int, str] = {int(row["id"]): row["sector"] for row in _CLUSTERS if row["sector"]}
COUNTRY_OF_FTS_LOCATION: Mapping[int, str] = {int(row["fts_location"]): row["code"] for row in _COUNTRIES}

SECTOR_SPELLINGS = spelled((*SECTORS, SUPPORT_SPACES, ALL), "sector")
COUNTRY_SPELLINGS = (
    {fold(name): code for code, name in COUNTRIES.items()} | spelled((*COUNTRIES, REGIONAL), "country")
)  # fmt: skip
PLATFORM_SPELLINGS = spelled((REGION, *PLATFORMS), "platform")
POPULATION_GROUP_SPELLINGS = spelled((ALL, *POPULATION_GROUPS), "population group")
ANSWER_SPELLINGS = spelled(("Yes", "No"), "answer")
MONTH_NUMBERS = {spelling: f"{int(number):02d}" for spelling, number in spelled((), "month").items()}
"""Numbers of months, 01 to 12, by their folded names."""

GLOBAL_CLUSTER_SPELLINGS: Mapping[str, int] = {
    spelling: int(number) for spelling, number in spelled((), "FTS cluster").items()
} | {fold(name): number for number, name in GLOBAL_CLUSTERS.items()}
"""Global cluster ids by every folded name they have gone by, for files that give no id."""

_FTS_PARTS = spelled((NOT_SPECIFIED, SHARED), "FTS part")
FTS_SECTOR_SPELLINGS = (
    {fold(sector): sector for sector in (*SECTORS, SUPPORT_SPACES)}
    | {
        name: SECTOR_OF_GLOBAL_CLUSTER[number]
        for name, number in GLOBAL_CLUSTER_SPELLINGS.items()
        if number in SECTOR_OF_GLOBAL_CLUSTER
    }
    | _FTS_PARTS
)
"""Sectors by the names of rows in FTS tables; what FTS writes for money of no sector, and of several."""

FTS_COUNTRY_SPELLINGS = COUNTRY_SPELLINGS | _FTS_PARTS
