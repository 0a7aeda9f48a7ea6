"""The closed lists of a plan, and their spellings, from CSV files of the plan pack and of this folder."""

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

REGIONAL = "Regional"
"""The country of activities and money of the regional level, which belong to no single country."""

INTERSECTOR = "Intersector"
"""All sectors together. Sectors reach the same people, so it is never their sum unless the method says so."""

ALL = "all"
"""The part for all sectors or population groups together."""
UNKNOWN_INDICATOR_TYPE = "unknown"
"""The type of an indicator that is in no list."""
NOT_SPECIFIED = "not specified"
"""The part of money without a sector, country or organisation."""
NO_PARTNER_PART = "directly"
"""The part of people and activities of an organisation without an implementing partner."""
SHARED_PART = "shared"
"""Money for several sectors or countries at once: in the plan's total, in no single row."""

OVERLAP_PART = "counted more than once"
"""The amount, below 0, that is subtracted again if FTS counts one amount in full in several rows."""

IndicatorType = Literal["people in need", "people", "other"]
"""The kinds of people or quantities that an indicator counts."""
INDICATOR_TYPES = get_args(IndicatorType)
"""People in need, people trained or informed, and quantities that are not people."""

PLANNED_FIGURES = ("people_in_need", "target", "requirement_usd")
"""The figures that a plan states in advance."""

FUNDING_GROUPINGS = ("plan", "sector", "cluster", "country", "organisation")
"""The dimensions by which FTS's totals are split."""

FUNDING_STATUSES = ("paid", "commitment", "pledge")
"""How certain money is, the most certain first."""

REPORT_STATES = (
    *("counted", "nobody new", "not counted", "empty", "services", "left out"),
    *("nothing here", "not yet", "country not in", "late", "missed", "irregular", "gone"),
)
"""The states of an organisation's report for a country, sector and month, or why it is missing (see ``ledger``)."""
REPORT_CAUSES = ("left_out", "not_counted", "everybody_new", "one_report", "groups_of_assisted", "groups_exceed")
"""Why the people of a report must be read with care. The first that applies counts."""
ZERO_NAME_BY_REASON: Mapping[str, str] = {"nobody_new": N_("nobody new"), "services_only": N_("services only")}
"""The text in place of a 0, by its reason (see ``figures/reasons.csv``)."""

Answer = Literal["yes", "no"]
"""The allowed texts of a yes-or-no column in a pack's files."""


class Sector(Row):
    """A row of ``sectors.csv``.

    If two sectors are equal, the first in the alphabet by ``tie_name`` (empty: its own name) counts. ``southern_cone``
    is the role of the sector in the consolidation model of that name, in packs with years that have the model.
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
    """A row of ``groups.csv``: a group of people, its name, and the sentence of a sheet if it has most people."""

    group: Text
    kind: Literal["", "population", "age and gender", "other gender"]
    name: Text
    finding: str


@pack.cached_by_pack
def headers_of(table: str) -> Mapping[str, tuple[str, ...]]:
    """Return the headers of each column of a table in source files, the usual one first."""
    headers: dict[str, tuple[str, ...]] = {}
    columns = ("table", "column", "header")
    general = pack.texts_of("general_headers.csv", *columns, within=LIST_FOLDER)
    for owner, column, header in (*pack.texts_of("headers.csv", *columns, optional=True), *general):
        if owner == table:
            headers[column] = (*headers.get(column, ()), header)
    return headers


_GENERAL_SPELLING_ROWS = pack.rows("general_spellings.csv", GeneralSpelling, within=LIST_FOLDER)
"""Spellings that all plans have."""


def find_spellings(
    names: Iterable[str], list_name: str, rows: Iterable[Spelling] = _GENERAL_SPELLING_ROWS
) -> dict[str, str]:
    """Return each name by its folded spellings: the name itself, and the spellings in ``rows`` of ``list_name``.

    Names of that list count even if ``names`` does not have them.
    """
    listed = {fold(row.spelling): row.name for row in rows if row.list == list_name}
    return {fold(name): name for name in names} | listed


# ---- What all plans have ----

_GROUP_ROWS = pack.rows("groups.csv", Group, within=LIST_FOLDER)
POPULATION_GROUPS, AGE_GENDER_GROUPS, OTHER_GENDER_GROUPS = (
    tuple(row.group for row in _GROUP_ROWS if row.kind == kind)
    for kind in ("population", "age and gender", "other gender")
)
"""Groups of people. Reports have other genders from 2022 on. Plans and proportions do not have them."""

NAME_BY_GROUP: Mapping[str, str] = {row.group: row.name for row in _GROUP_ROWS}
FINDING_BY_GROUP: Mapping[str, str] = {row.group: row.finding for row in _GROUP_ROWS}
"""The sentence of a sheet about the group with most people."""

CLUSTER_NAME_BY_ID: Mapping[int, str] = {
    int(number): name for number, name in pack.texts_of("fts_clusters.csv", "id", "cluster", within=LIST_FOLDER)
}
"""The names of FTS global clusters since 2022, by id. Names change at FTS, ids do not."""

CLUSTER_ID_BY_SPELLING: Mapping[str, int] = {
    spelling: int(number) for spelling, number in find_spellings((), "FTS cluster").items()
} | {fold(name): number for number, name in CLUSTER_NAME_BY_ID.items()}
"""Global cluster ids by every folded name that they have had, for files that give no id."""

MONTH_NUMBER_BY_NAME = {spelling: f"{int(number):02d}" for spelling, number in find_spellings((), "month").items()}
"""Numbers of months, 01 to 12, by their folded names."""


# ---- What is one plan's own ----


class PlanLists:
    """The closed lists of one plan pack, and all spellings of their names.

    Raises ``RequestError`` that names every fault of a file of the pack, with its line. It also checks files that are
    only used when a sheet is made.
    """

    def __init__(self) -> None:
        """Read the files of the active pack, also colours and texts. Raises ``RequestError`` with faults of a file."""
        pack.about()
        self._sector_rows = pack.rows("sectors.csv", Sector, unique="sector")
        self._country_rows = pack.rows("countries.csv", Country, unique="code")
        admin1 = pack.texts_of("admin1_pcodes.csv", "country", "admin1", "pcode", optional=True)
        names = (*self.sectors, *self.other_sectors, *self.platforms, *self.countries.values())
        allowed = (*names, *(name for _, name, _ in admin1))
        self._name_rows = pack.read_names(lambda row: fault_of(row.name, allowed, "no sector or place is"))
        self._languages = tuple(pack.languages())
        pack.colours()
        pack.texts("en")
        lists = {
            "sector": (*self.sectors, *self.other_sectors, ALL),
            "country": (*self.countries, REGIONAL),
            "platform": (REGION, *self.platforms),
            "population group": (*POPULATION_GROUPS, ALL),
        }
        self._spelling_rows = pack.rows(
            "spellings.csv",
            Spelling,
            optional=True,
            check=lambda row: fault_of(row.name, lists.get(row.list, (row.name,)), f"no {row.list} is"),
        )

    def find_spellings(self, names: Iterable[str], list_name: str) -> dict[str, str]:
        """Return each name by its folded spellings: itself, its translations, and its spellings in ``list_name``."""
        spellings: dict[str, str] = {}
        for name in names:
            translations = (getattr(self._name_rows.get(name), code, "") for code in reversed(self._languages))
            spellings |= {fold(spelling): name for spelling in (*translations, name) if spelling}
        rows = (*_GENERAL_SPELLING_ROWS, *self._spelling_rows)
        return spellings | find_spellings((), list_name, rows)

    @cached_property
    def sectors(self) -> tuple[str, ...]:
        """The sectors that have a sheet, in the plan's order."""
        return tuple(row.sector for row in self._sector_rows if row.has_sheet == "yes")

    @cached_property
    def other_sectors(self) -> tuple[str, ...]:
        """Sectors of activities that have no sheet."""
        return tuple(row.sector for row in self._sector_rows if row.has_sheet == "no")

    @cached_property
    def without_people(self) -> frozenset[str]:
        """Sectors of activities and money that reach nobody by definition."""
        return frozenset(row.sector for row in self._sector_rows if row.reaches_people == "no")

    @cached_property
    def with_people(self) -> tuple[str, ...]:
        """Sectors that have a sheet and reach people, in the plan's order."""
        return tuple(sector for sector in self.sectors if sector not in self.without_people)

    @cached_property
    def report_sectors(self) -> tuple[str, ...]:
        """All sectors together, and each sector: the sectors that have sheets."""
        return (INTERSECTOR, *self.sectors)

    @cached_property
    def without_need(self) -> frozenset[str]:
        """Sectors with a target for which the plan defines no people in need."""
        sectors = frozenset(row.sector for row in self._sector_rows if row.has_people_in_need == "no")
        return sectors - self.without_people

    @cached_property
    def tie_order(self) -> tuple[str, ...]:
        """Sectors that reach people, in the alphabet of the plan's own names: the first of two equal ones counts."""
        rows = sorted(self._sector_rows, key=lambda row: row.tie_name or row.sector)
        return tuple(row.sector for row in rows if row.reaches_people == "yes")

    @cached_property
    def alternatives(self) -> tuple[str, ...]:
        """Sectors of the Southern Cone model that help the same people: the largest stands for all."""
        return tuple(row.sector for row in self._sector_rows if row.southern_cone == "largest")

    @cached_property
    def added(self) -> tuple[str, ...]:
        """Sectors of the Southern Cone model that count in full. A sector in neither list does not count."""
        return tuple(row.sector for row in self._sector_rows if row.southern_cone == "in full")

    @cached_property
    def countries(self) -> Mapping[str, str]:
        """The countries of the plan by their code (ISO 3166 alpha-3)."""
        return {row.code: row.country for row in self._country_rows}

    @cached_property
    def platforms(self) -> Mapping[str, tuple[str, ...]]:
        """The areas that coordinate the plan, in the alphabet, each with its countries.

        At R4V they are national and sub-regional platforms.
        """
        platforms = {row.code: row.platform or row.country for row in self._country_rows}
        return {
            platform: tuple(code for code, name in platforms.items() if name == platform)
            for platform in sorted({*platforms.values()})
        }

    @cached_property
    def platform_of(self) -> Mapping[str, str]:
        """The platform of each country. The regional level is its own platform."""
        return {code: platform for platform, codes in self.platforms.items() for code in codes} | {REGIONAL: REGIONAL}

    @cached_property
    def places(self) -> Mapping[str, tuple[str, ...]]:
        """The places that have sheets, each with its countries: the region (an empty tuple), and each platform.

        A platform is followed by its countries if it has several. A platform with one country stands for its country.
        """
        places: dict[str, tuple[str, ...]] = {REGION: ()}
        for platform, codes in self.platforms.items():
            places |= {platform: codes} | {code: (code,) for code in codes if len(codes) > 1}
        return places

    @cached_property
    def place_groups(self) -> Mapping[str, tuple[str, ...]]:
        """The words for several places, ``platforms`` and ``countries``, each with its keys of ``places``."""
        places = (code if code in self.places else self.platform_of[code] for code in self.countries)
        return {"platforms": tuple(self.platforms), "countries": tuple(places)}

    @cached_property
    def scopes(self) -> tuple[str, ...]:
        """The places for which a plan states figures."""
        return (REGION, *self.platforms, *self.countries)

    @cached_property
    def language_of(self) -> Mapping[str, str]:
        """The language of each country's workbooks."""
        return {row.code: row.language for row in self._country_rows}

    @cached_property
    def sector_of_global_cluster(self) -> Mapping[int, str]:
        """The sector of each FTS global cluster, by its id."""
        return {int(number): row.sector for row in self._sector_rows for number in row.fts_clusters.split()}

    @cached_property
    def country_of_fts_location(self) -> Mapping[int, str]:
        """The country of each FTS location, by its id."""
        return {int(row.fts_location): row.code for row in self._country_rows if row.fts_location}

    @cached_property
    def sector_spellings(self) -> Mapping[str, str]:
        """Sectors by their folded spellings."""
        return self.find_spellings((*self.sectors, *self.other_sectors, ALL), "sector")

    @cached_property
    def country_spellings(self) -> Mapping[str, str]:
        """Codes of countries, and the regional level, by their folded spellings."""
        codes = {name: code for code, name in self.countries.items()}
        spellings = self.find_spellings((*codes, *self.countries, REGIONAL), "country")
        return {spelling: codes.get(name, name) for spelling, name in spellings.items()}

    @cached_property
    def platform_spellings(self) -> Mapping[str, str]:
        """Platforms and the region by their folded spellings."""
        return self.find_spellings((REGION, *self.platforms), "platform")

    @cached_property
    def spellings_by_kind(self) -> Mapping[str, Mapping[str, str]]:
        """The meaning of each folded spelling, by kind of column (see ``columns.csv``) or dimension.

        In a ``scope``, the name of a platform of one country means the platform.
        """
        return {
            "yes_no": find_spellings(("Yes", "No"), "answer"),
            "sector": self.sector_spellings,
            "country": self.country_spellings,
            "platform": self.platform_spellings,
            "scope": {
                **{fold(name): name for name in (ALL, *PLANNED_FIGURES)},
                **self.country_spellings,
                **self.find_spellings((*POPULATION_GROUPS, ALL), "population group"),
                **self.platform_spellings,
            },
        }

    @cached_property
    def fts_sector_spellings(self) -> Mapping[str, str]:
        """Sectors, and the parts for money of no or several sectors, by the folded names of rows in FTS tables."""
        sectors = self.sector_of_global_cluster
        return (
            {fold(sector): sector for sector in (*self.sectors, *self.other_sectors)}
            | {name: sectors[number] for name, number in CLUSTER_ID_BY_SPELLING.items() if number in sectors}
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
