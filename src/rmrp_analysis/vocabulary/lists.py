"""The closed lists that a plan counts by, and their spellings, from CSV files of the plan pack and of this folder."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field

from rmrp_analysis.errors import fault_of
from rmrp_analysis.packs import pack
from rmrp_analysis.packs.pack import Row, Text
from rmrp_analysis.vocabulary.text import REGION, fold
from rmrp_analysis.words import N_

LIST_FOLDER = Path(__file__).parent
"""The folder of the lists that all plans have."""

REGIONAL = "Regional"
"""What belongs to no single country: activities and money of the regional level."""

INTERSECTOR = "Intersector"
"""All sectors together; the people of one are found in others, so it is never their sum unless the method says so."""

ALL = "all"
"""The part of a breakdown that stands for all sectors or population groups together."""
UNKNOWN_INDICATOR_TYPE = "unknown"
"""The type of an indicator that is in no list."""
NOT_SPECIFIED = "not specified"
"""The part of money for which no sector, country or organisation is named."""
NO_PARTNER_PART = "directly"
"""What an organisation did without an implementing partner."""
SHARED_PART = "shared"
"""Money for several sectors or countries at once: in the plan's total, in no single row."""

OVERLAP_PART = "counted more than once"
"""What is taken off again where FTS counts one amount in full in several rows; below 0."""

IndicatorType = Literal["people in need", "people", "other"]
"""What an indicator counts."""
INDICATOR_TYPES = get_args(IndicatorType)
"""Whose beneficiaries are people in need; people trained or informed; quantities that are not people."""

PLANNED_FIGURES = ("people_in_need", "target", "requirement_usd")
"""What a plan states in advance."""

FUNDING_GROUPINGS = ("plan", "sector", "cluster", "country", "organisation")
"""What FTS's totals are parts by."""

FUNDING_STATUSES = ("paid", "commitment", "pledge")
"""How certain money is, the most certain first."""

REPORT_STATES = (
    *("counted", "nobody new", "not counted", "empty", "services", "left out"),
    *("nothing here", "not yet", "country not in", "late", "missed", "irregular", "gone"),
)
"""What a report of an organisation, country, sector and month says of people; or why there is none (see ``ledger``)."""
REPORT_CAUSES = ("left_out", "not_counted", "everybody_new", "one_report", "groups_of_assisted", "groups_exceed")
"""Why the people of a report must be read with care, the first that applies first."""
ZERO_NAME_BY_REASON: Mapping[str, str] = {"nobody_new": N_("nobody new"), "services_only": N_("services only")}
"""What stands for a 0, by its reason (see ``figures/reasons.csv``)."""

Answer = Literal["yes", "no"]
"""What may stand in a column of yes and no of a pack's files."""


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


@pack.cached_by_pack
def headers_of(table: str) -> Mapping[str, tuple[str, ...]]:
    """Return the headers that each column of a table goes by in source files, the usual one first."""
    headers: dict[str, tuple[str, ...]] = {}
    columns = ("table", "column", "header")
    of_all_plans = pack.texts_of("general_headers.csv", *columns, within=LIST_FOLDER)
    for of_table, column, header in (*pack.texts_of("headers.csv", *columns, optional=True), *of_all_plans):
        if of_table == table:
            headers[column] = (*headers.get(column, ()), header)
    return headers


_GENERAL_SPELLING_ROWS = pack.rows("general_spellings.csv", GeneralSpelling, within=LIST_FOLDER)
"""Spellings that all plans have."""


def find_spellings(
    names: Iterable[str], list_name: str, rows: Iterable[Spelling] = _GENERAL_SPELLING_ROWS
) -> dict[str, str]:
    """Return each name by its folded spellings: the name itself, and what ``rows`` list for ``list_name``.

    Names of that list count even if ``names`` does not have them.
    """
    return {fold(listed_name): listed_name for listed_name in names} | {
        fold(spelling_row.spelling): spelling_row.name for spelling_row in rows if spelling_row.list == list_name
    }


# ---- What all plans have ----

_GROUP_ROWS = pack.rows("groups.csv", Group, within=LIST_FOLDER)
"""The rows of ``groups.csv``: groups of people with their names."""
POPULATION_GROUPS, AGE_GENDER_GROUPS, OTHER_GENDER_GROUPS = (
    tuple(row.group for row in _GROUP_ROWS if row.kind == kind)
    for kind in ("population", "age and gender", "other gender")
)
"""Groups of people; those of another gender are reported from 2022 on, and plans and proportions do not have them."""

NAME_BY_GROUP: Mapping[str, str] = {row.group: row.name for row in _GROUP_ROWS}
"""The English name of each group of people."""
FINDING_BY_GROUP: Mapping[str, str] = {row.group: row.finding for row in _GROUP_ROWS}
"""What a sheet says of the group with most people."""

CLUSTER_NAME_BY_ID: Mapping[int, str] = {
    int(number): name for number, name in pack.texts_of("fts_clusters.csv", "id", "cluster", within=LIST_FOLDER)
}
"""FTS global clusters by id, by the names they have had since 2022. Names change at FTS, ids do not."""

CLUSTER_ID_BY_SPELLING: Mapping[str, int] = {
    spelling: int(number) for spelling, number in find_spellings((), "FTS cluster").items()
} | {fold(name): number for number, name in CLUSTER_NAME_BY_ID.items()}
"""Global cluster ids by every folded name they have gone by, for files that give no id."""

MONTH_NUMBER_BY_NAME = {spelling: f"{int(number):02d}" for spelling, number in find_spellings((), "month").items()}
"""Numbers of months, 01 to 12, by their folded names."""


# ---- What is one plan's own ----


class PlanLists:
    """The closed lists of one plan pack, and all spellings of their names.

    Raises ``RequestError`` that names every fault of a file of the pack, with its line; also of what is read only when
    a sheet is made.
    """

    def __init__(self) -> None:
        """Read the files of the active pack, also colours and texts. Raises ``RequestError`` with faults of a file."""
        pack.about()
        self._sector_rows = pack.rows("sectors.csv", Sector, unique="sector")
        self._country_rows = pack.rows("countries.csv", Country, unique="code")
        admin1_triples = pack.texts_of("admin1_pcodes.csv", "country", "admin1", "pcode", optional=True)
        sector_and_place_names = (*self.sectors, *self.other_sectors, *self.platforms, *self.countries.values())
        allowed_names = (*sector_and_place_names, *(admin1_name for _, admin1_name, _ in admin1_triples))
        self._name_rows = pack.read_names(lambda row: fault_of(row.name, allowed_names, "no sector or place is"))
        self._languages = tuple(pack.languages())
        pack.colours()
        pack.texts("en")
        names_by_list = {
            "sector": (*self.sectors, *self.other_sectors, ALL),
            "country": (*self.countries, REGIONAL),
            "platform": (REGION, *self.platforms),
            "population group": (*POPULATION_GROUPS, ALL),
        }
        self._spelling_rows = pack.rows(
            "spellings.csv",
            Spelling,
            optional=True,
            check=lambda row: fault_of(row.name, names_by_list.get(row.list, (row.name,)), f"no {row.list} is"),
        )

    def find_spellings(self, names: Iterable[str], list_name: str) -> dict[str, str]:
        """Return each name by its folded spellings: itself, its translations, and those of list ``list_name``."""
        name_by_spelling: dict[str, str] = {}
        for listed_name in names:
            translated_names = (
                getattr(self._name_rows.get(listed_name), language_code, "")
                for language_code in reversed(self._languages)
            )
            name_by_spelling |= {
                fold(translated_name): listed_name
                for translated_name in (*translated_names, listed_name)
                if translated_name
            }
        spelling_rows = (*_GENERAL_SPELLING_ROWS, *self._spelling_rows)
        return name_by_spelling | find_spellings((), list_name, spelling_rows)

    @cached_property
    def sectors(self) -> tuple[str, ...]:
        """The sectors that have a sheet, in the plan's order."""
        return tuple(sector_row.sector for sector_row in self._sector_rows if sector_row.has_sheet == "yes")

    @cached_property
    def other_sectors(self) -> tuple[str, ...]:
        """Sectors that activities may be of, and that have no sheet."""
        return tuple(sector_row.sector for sector_row in self._sector_rows if sector_row.has_sheet == "no")

    @cached_property
    def without_people(self) -> frozenset[str]:
        """Sectors of activities and money that reach nobody by definition."""
        return frozenset(sector_row.sector for sector_row in self._sector_rows if sector_row.reaches_people == "no")

    @cached_property
    def with_people(self) -> tuple[str, ...]:
        """Sectors that have a sheet and reach people, in the plan's order."""
        return tuple(sector for sector in self.sectors if sector not in self.without_people)

    @cached_property
    def report_sectors(self) -> tuple[str, ...]:
        """What has a sheet: all sectors together, and each of them."""
        return (INTERSECTOR, *self.sectors)

    @cached_property
    def without_need(self) -> frozenset[str]:
        """Sectors with a target for which the plan defines no people in need."""
        sectors_without_need = frozenset(
            sector_row.sector for sector_row in self._sector_rows if sector_row.has_people_in_need == "no"
        )
        return sectors_without_need - self.without_people

    @cached_property
    def tie_order(self) -> tuple[str, ...]:
        """Sectors that reach people, in the alphabet of the plan's own names: the first of two equal ones stands."""
        ordered_sector_rows = sorted(self._sector_rows, key=lambda row: row.tie_name or row.sector)
        return tuple(row.sector for row in ordered_sector_rows if row.reaches_people == "yes")

    @cached_property
    def alternatives(self) -> tuple[str, ...]:
        """Sectors of the Southern Cone model that help the same people: the largest stands for all."""
        return tuple(sector_row.sector for sector_row in self._sector_rows if sector_row.southern_cone == "largest")

    @cached_property
    def added(self) -> tuple[str, ...]:
        """Sectors of the Southern Cone model that count in full; the ones in neither list do not count."""
        return tuple(sector_row.sector for sector_row in self._sector_rows if sector_row.southern_cone == "in full")

    @cached_property
    def countries(self) -> Mapping[str, str]:
        """The countries of the plan by their code (ISO 3166 alpha-3)."""
        return {country_row.code: country_row.country for country_row in self._country_rows}

    @cached_property
    def platforms(self) -> Mapping[str, tuple[str, ...]]:
        """The areas that coordinate the plan, in the alphabet, and the countries each answers for.

        At R4V they are national and sub-regional platforms.
        """
        platform_by_country = {
            country_row.code: country_row.platform or country_row.country for country_row in self._country_rows
        }
        return {
            listed_platform_name: tuple(
                country_code
                for country_code, platform_name in platform_by_country.items()
                if platform_name == listed_platform_name
            )
            for listed_platform_name in sorted({*platform_by_country.values()})
        }

    @cached_property
    def platform_of(self) -> Mapping[str, str]:
        """The platform of each country; of the regional level, itself."""
        return {
            country_code: platform_name
            for platform_name, country_codes in self.platforms.items()
            for country_code in country_codes
        } | {REGIONAL: REGIONAL}

    @cached_property
    def places(self) -> Mapping[str, tuple[str, ...]]:
        """What a sheet can be of, and its countries: the region (an empty tuple), and each platform.

        A platform is followed by its countries where it has several; one with a single country stands for it.
        """
        country_codes_by_place: dict[str, tuple[str, ...]] = {REGION: ()}
        for platform_name, country_codes in self.platforms.items():
            country_codes_by_place |= {platform_name: country_codes} | {
                country_code: (country_code,) for country_code in country_codes if len(country_codes) > 1
            }
        return country_codes_by_place

    @cached_property
    def place_groups(self) -> Mapping[str, tuple[str, ...]]:
        """Words that stand for several places, ``platforms`` and ``countries``, and the keys of ``places`` meant."""
        places_of_countries = (
            country_code if country_code in self.places else self.platform_of[country_code]
            for country_code in self.countries
        )
        return {"platforms": tuple(self.platforms), "countries": tuple(places_of_countries)}

    @cached_property
    def scopes(self) -> tuple[str, ...]:
        """What a plan states figures for."""
        return (REGION, *self.platforms, *self.countries)

    @cached_property
    def language_of(self) -> Mapping[str, str]:
        """The language of each country's workbooks."""
        return {country_row.code: country_row.language for country_row in self._country_rows}

    @cached_property
    def sector_of_global_cluster(self) -> Mapping[int, str]:
        """The sector of each FTS global cluster, by its id."""
        return {
            int(cluster_id_text): sector_row.sector
            for sector_row in self._sector_rows
            for cluster_id_text in sector_row.fts_clusters.split()
        }

    @cached_property
    def country_of_fts_location(self) -> Mapping[int, str]:
        """The country of each FTS location, by its id."""
        return {
            int(country_row.fts_location): country_row.code
            for country_row in self._country_rows
            if country_row.fts_location
        }

    @cached_property
    def sector_spellings(self) -> Mapping[str, str]:
        """Sectors by their folded spellings."""
        return self.find_spellings((*self.sectors, *self.other_sectors, ALL), "sector")

    @cached_property
    def country_spellings(self) -> Mapping[str, str]:
        """Codes of countries, and the regional level, by their folded spellings."""
        code_by_country_name = {country_name: country_code for country_code, country_name in self.countries.items()}
        country_by_spelling = self.find_spellings((*code_by_country_name, *self.countries, REGIONAL), "country")
        return {
            spelling: code_by_country_name.get(country_name, country_name)
            for spelling, country_name in country_by_spelling.items()
        }

    @cached_property
    def platform_spellings(self) -> Mapping[str, str]:
        """Platforms and the region by their folded spellings."""
        return self.find_spellings((REGION, *self.platforms), "platform")

    @cached_property
    def spellings_by_kind(self) -> Mapping[str, Mapping[str, str]]:
        """By kind of column (see ``columns.csv``) or dimension, what each folded spelling means there.

        In a ``scope``, the name of a platform of one country means the platform.
        """
        return {
            "yes_no": find_spellings(("Yes", "No"), "answer"),
            "sector": self.sector_spellings,
            "country": self.country_spellings,
            "platform": self.platform_spellings,
            # Where a platform is one country, its name means the platform.
            "scope": {
                **{fold(figure_name): figure_name for figure_name in (ALL, *PLANNED_FIGURES)},
                **self.country_spellings,
                **self.find_spellings((*POPULATION_GROUPS, ALL), "population group"),
                **self.platform_spellings,
            },
        }

    @cached_property
    def fts_sector_spellings(self) -> Mapping[str, str]:
        """Sectors, and the parts for money of none or several, by the folded names of rows in FTS tables."""
        sector_by_cluster_id = self.sector_of_global_cluster
        return (
            {fold(sector): sector for sector in (*self.sectors, *self.other_sectors)}
            | {
                cluster_name: sector_by_cluster_id[cluster_id]
                for cluster_name, cluster_id in CLUSTER_ID_BY_SPELLING.items()
                if cluster_id in sector_by_cluster_id
            }
            | find_spellings((NOT_SPECIFIED, SHARED_PART), "FTS part")
        )

    @cached_property
    def fts_country_spellings(self) -> Mapping[str, str]:
        """Countries by the names of rows in FTS tables."""
        return {**self.country_spellings, **find_spellings((NOT_SPECIFIED, SHARED_PART), "FTS part")}


@pack.cached_by_pack
def plan_lists() -> PlanLists:
    """Return the closed lists of the active plan pack. Raises ``RequestError`` for faults in its files."""
    return PlanLists()
