"""The closed lists that R4V counts by: sectors, platforms with their countries, groups of people, indicator types.

Lists that hold in every year stand alone; what a plan year names in its own way is declared in ``PLAN_YEARS``.
Every spelling is compared folded (see ``fold``), so that accents, case and blanks never lose a row.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rmrp_analysis.errors import RequestError, did_you_mean

REGION = "region"
REGIONAL = "Regional"
"""What belongs to no single country: activities and money of the regional level."""

SECTORS = (
    "Education",
    "Food Security",
    "Health",
    "Humanitarian Transportation",
    "Integration",
    "Multipurpose Cash Assistance",
    "Nutrition",
    "Protection (General)",
    "Child Protection",
    "Gender-Based Violence",
    "Human Trafficking & Smuggling",
    "Shelter",
    "WASH",
    "Common Services",
)
"""The sectors that have a sheet, in the plan's order."""

INTERSECTOR = "Intersector"
"""All sectors together; the people of one are found in others, so it is never their sum unless the method says so."""

SUPPORT_SPACES = "Support Spaces"
WITHOUT_PEOPLE = frozenset({"Common Services", SUPPORT_SPACES})
"""Sectors of activities and money that reach nobody by definition."""

TIE_ORDER = (
    "Education",
    "Food Security",
    "Health",
    "Humanitarian Transportation",
    "Integration",
    "Multipurpose Cash Assistance",
    "Nutrition",
    "Child Protection",
    "Gender-Based Violence",
    "Protection (General)",
    "Human Trafficking & Smuggling",
    "Shelter",
    "WASH",
)
"""Sectors that reach people, by R4V's own names in the order of the alphabet: the first of two equal ones stands."""

WITHOUT_NEED = frozenset({"Multipurpose Cash Assistance"})
"""Sectors with a target for which the plan defines no people in need."""

COUNTRIES: Mapping[str, str] = {
    "ARG": "Argentina",
    "ABW": "Aruba",
    "BOL": "Bolivia",
    "BRA": "Brazil",
    "CHL": "Chile",
    "COL": "Colombia",
    "CRI": "Costa Rica",
    "CUW": "Curaçao",
    "DOM": "Dominican Republic",
    "ECU": "Ecuador",
    "GUY": "Guyana",
    "MEX": "Mexico",
    "PAN": "Panama",
    "PRY": "Paraguay",
    "PER": "Peru",
    "TTO": "Trinidad and Tobago",
    "URY": "Uruguay",
}

PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "Brazil": ("BRA",),
    "Caribbean": ("ABW", "CUW", "DOM", "GUY", "TTO"),
    "Central America & Mexico": ("CRI", "MEX", "PAN"),
    "Chile": ("CHL",),
    "Colombia": ("COL",),
    "Ecuador": ("ECU",),
    "Peru": ("PER",),
    "Southern Cone": ("ARG", "BOL", "PRY", "URY"),
}
"""The eight national and sub-regional platforms and the countries (ISO 3166 alpha-3) each answers for."""

PLATFORM_OF: Mapping[str, str] = {
    country: platform for platform, countries in PLATFORMS.items() for country in countries
} | {REGIONAL: REGIONAL}

SPANISH_SPEAKING = frozenset(COUNTRIES) - {"ABW", "BRA", "CUW", "GUY", "TTO"}

POPULATION_GROUPS = ("in_destination", "in_transit", "host_communities", "pendular", "colombian_returnees")
AGE_GENDER_GROUPS = ("girls", "boys", "women", "men")
OTHER_GENDER_GROUPS = ("other_under_18", "other_18_and_above")
"""Reported from 2022 on; plans and proportions do not have them."""

INDICATOR_TYPES = ("people in need", "people", "other")
"""Whose beneficiaries are people in need; people trained or informed; quantities that are not people."""

UNKNOWN_INDICATOR = "unknown"
NOT_SPECIFIED = "not specified"
SHARED = "shared"
"""Money for several sectors or countries at once: in the plan's total, in no single row."""

OVERLAP = "counted more than once"
"""What is taken off again where FTS counts one amount in full in several rows; below 0."""

ALL = "all"
MEASURES = ("people_in_need", "target", "requirement_usd")
SCOPES = (REGION, *PLATFORMS, *COUNTRIES)


def fold(text: str) -> str:
    """The text without accents, case and superfluous blanks: equal for two spellings of one name."""
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(letters.casefold().split())


def spellings(names: Mapping[str, str]) -> dict[str, str]:
    """A look-up from every folded spelling to its canonical name; each canonical name is a spelling of itself."""
    return {fold(name): name for name in names.values()} | {fold(spelling): name for spelling, name in names.items()}


SECTOR_SPELLINGS = spellings(
    {sector: sector for sector in (*SECTORS, SUPPORT_SPACES)}
    | {
        "Multipurpose CBI": "Multipurpose Cash Assistance",
        "Multipurpose Cash Assistance (MPC)": "Multipurpose Cash Assistance",
        "Multipurpose Cash": "Multipurpose Cash Assistance",
        "Protection": "Protection (General)",
        "Protection (Child Protection)": "Child Protection",
        "Protection (GBV)": "Gender-Based Violence",
        "GBV": "Gender-Based Violence",
        "Protection (Human Trafficking & Smuggling)": "Human Trafficking & Smuggling",
        "Protection (Human Trafficking and Smuggling)": "Human Trafficking & Smuggling",
        "Human Trafficking and Smuggling": "Human Trafficking & Smuggling",
        "Protection (Support Spaces)": SUPPORT_SPACES,
        "Common Services (Communication)": "Common Services",
        "Common Services (Coordination)": "Common Services",
        "Common Services (Fundraising)": "Common Services",
        "Common Services (IM)": "Common Services",
        "Common Services (Reporting)": "Common Services",
        "Common Services (Transversal [CwC, PSEA, AAP])": "Common Services",
        "Educación": "Education",
        "Seguridad Alimentaria": "Food Security",
        "Salud": "Health",
        "Transporte Humanitario": "Humanitarian Transportation",
        "Integración": "Integration",
        "Asistencia en Efectivo Multipropósito": "Multipurpose Cash Assistance",
        "Asistencia en Efectivo Multipropósito (MPC)": "Multipurpose Cash Assistance",
        "Efectivo Multipropósito": "Multipurpose Cash Assistance",
        "Transferencias Monetarias Multipropósito": "Multipurpose Cash Assistance",
        "Transferencias Monetarias Multipropósito (MPC)": "Multipurpose Cash Assistance",
        "Nutrición": "Nutrition",
        "Protección": "Protection (General)",
        "Protección (General)": "Protection (General)",
        "Protección (Protección de la Niñez)": "Child Protection",
        "Protección (Protección de la Infancia)": "Child Protection",
        "Protección (Niñez)": "Child Protection",
        "Protección de la Niñez": "Child Protection",
        "Protección (VBG)": "Gender-Based Violence",
        "VBG": "Gender-Based Violence",
        "Violencia Basada en Género": "Gender-Based Violence",
        "Protección (Trata y Tráfico)": "Human Trafficking & Smuggling",
        "Protección (Trata y Tráfico de Personas)": "Human Trafficking & Smuggling",
        "Protección (Trata de Personas y Tráfico de Migrantes)": "Human Trafficking & Smuggling",
        "Trata y Tráfico": "Human Trafficking & Smuggling",
        "Trata de Personas y Tráfico de Migrantes": "Human Trafficking & Smuggling",
        "Protección (Espacios de Apoyo)": SUPPORT_SPACES,
        "Espacios de Apoyo": SUPPORT_SPACES,
        "Alojamiento": "Shelter",
        "Agua, Saneamiento e Higiene": "WASH",
        "Agua, Saneamiento e Higiene (WASH)": "WASH",
        "Servicios Comunes": "Common Services",
        "Servicios Comunes (Comunicación)": "Common Services",
        "Servicios Comunes (Coordinación)": "Common Services",
        "Servicios Comunes (Recaudación de Fondos)": "Common Services",
        "Servicios Comunes (Manejo de Información)": "Common Services",
        "Servicios Comunes (Reportes)": "Common Services",
        "Servicios Comunes (Transversal [CwC, PSEA, AAP])": "Common Services",
        INTERSECTOR: ALL,
    }
)

COUNTRY_SPELLINGS = {
    fold(spelling): code
    for spelling, code in (
        *((name, code) for code, name in COUNTRIES.items()),
        *((code, code) for code in COUNTRIES),
        ("Aruba (Netherlands)", "ABW"),
        ("Bolivia, Plurinational State of", "BOL"),
        ("Brasil", "BRA"),
        ("Curaçao (Netherlands)", "CUW"),
        ("México", "MEX"),
        ("Perú", "PER"),
        ("Panamá", "PAN"),
        ("República Dominicana", "DOM"),
        ("Trinidad & Tobago", "TTO"),
        ("Trinidad y Tobago", "TTO"),
        (REGIONAL, REGIONAL),
    )
}

POPULATION_GROUP_SPELLINGS = spellings({group: group for group in (ALL, *POPULATION_GROUPS)}) | {
    "in destination": "in_destination",
    "in transit": "in_transit",
    "host communities": "host_communities",
    "pendulars": "pendular",
    "returnees": "colombian_returnees",
    "colombian returnees": "colombian_returnees",
}

SECTOR_OF_GLOBAL_CLUSTER: Mapping[int, str] = {
    2: "Integration",
    3: "Education",
    4: "Shelter",
    6: "Food Security",
    7: "Health",
    8: "Humanitarian Transportation",
    9: "Nutrition",
    10: "Protection (General)",
    11: "WASH",
    12: "Child Protection",
    13: "Gender-Based Violence",
    16: "Multipurpose Cash Assistance",
    26479: "Multipurpose Cash Assistance",
    26480: "Common Services",
    26546: "Human Trafficking & Smuggling",
}
"""FTS global cluster id to sector. Names change at FTS, ids do not."""

GLOBAL_CLUSTERS: Mapping[int, str] = {
    1: "Camp Coordination / Management",
    2: "Early Recovery",
    3: "Education",
    4: "Emergency Shelter and NFI",
    5: "Emergency Telecommunications",
    6: "Food Security",
    7: "Health",
    8: "Logistics",
    9: "Nutrition",
    10: "Protection",
    11: "Water Sanitation Hygiene",
    12: "Protection - Child Protection",
    13: "Protection - Gender-Based Violence",
    14: "Protection - Housing, Land and Property",
    15: "Protection - Mine Action",
    16: "Multipurpose Cash",
    26479: "Multi-sector",
    26480: "Coordination and support services",
    26481: "Other",
    26512: "Agriculture",
    26513: "COVID-19",
    26546: "Protection - Human Trafficking & Smuggling",
}
"""FTS global clusters by id, by the names they have had since 2022."""

GLOBAL_CLUSTER_SPELLINGS: Mapping[str, int] = {fold(name): number for number, name in GLOBAL_CLUSTERS.items()} | {
    fold("Child Protection"): 12,
    fold("Gender Based Violence"): 13,
    fold("Housing, Land and Property"): 14,
    fold("Mine Action"): 15,
    fold("Human Trafficking & Smuggling"): 26546,
}
"""Global cluster ids by every folded name they have gone by, for files that give no id."""

FTS_SECTOR_SPELLINGS = (
    {fold(sector): sector for sector in (*SECTORS, SUPPORT_SPACES)}
    | {
        name: SECTOR_OF_GLOBAL_CLUSTER[number]
        for name, number in GLOBAL_CLUSTER_SPELLINGS.items()
        if number in SECTOR_OF_GLOBAL_CLUSTER
    }
    | dict.fromkeys(
        map(fold, ("Not reported", "Not specified", "CLUSTER NOT YET SPECIFIED", "SECTOR NOT YET SPECIFIED")),
        NOT_SPECIFIED,
    )
    | dict.fromkeys(
        map(
            fold,
            (
                "Multiple Sectors (shared)",
                "Multiple clusters/sectors (shared)",
                "Multiple Field clusters (shared)",
                "Multiple Global clusters (shared)",
            ),
        ),
        SHARED,
    )
)
"""Sectors by the names of rows in FTS tables; what FTS writes for money of no sector, and of several."""

FTS_COUNTRY_SPELLINGS = COUNTRY_SPELLINGS | {
    fold("Not specified"): NOT_SPECIFIED,
    fold("Multiple Countries (shared)"): SHARED,
}

COUNTRY_OF_FTS_LOCATION: Mapping[int, str] = {
    11: "ARG",
    13: "ABW",
    27: "BOL",
    32: "BRA",
    45: "CHL",
    49: "COL",
    54: "CRI",
    58: "CUW",
    64: "DOM",
    65: "ECU",
    95: "GUY",
    144: "MEX",
    172: "PAN",
    174: "PRY",
    175: "PER",
    227: "TTO",
    239: "URY",
}


NATIONAL_LEVEL = "national"
"""What is reported for a country as a whole, as a part of a breakdown by admin1."""

NATIONAL = ""
"""The place of what is reported for a country without naming an admin1 of it."""

_PLACE_SPELLINGS = {
    ("ARG", "ciudad autonoma de buenos aires"): "ciudad de buenos aires",
    ("CHL", "aysen del gral. carlos ibanez del campo"): "aysen del gen.d.c.",
    ("CHL", "la araucania"): "araucania",
    ("CHL", "libertador gral. bernardo o'higgins"): "libertador",
    ("CHL", "magallanes y de la antartica chilena"): "magallanes",
    ("CHL", "metropolitana de santiago"): "metropolitana",
    ("COL", "san andres y providencia"): "archipielago de san andres",
}
_NATIONAL_NAMES = frozenset({"", "country level", "nivel pais", "nivel nacional", "nacional", "national"})
_REGION_NUMBER = re.compile(r"\s*\([ivx]+\)$")


def place_key(country: str, admin1: str) -> str:
    """The name of a country's admin1 as names are compared, whatever its accents, case, suffix or year's spelling.

    ``NATIONAL`` when the text names the country itself or its ``Country level``.
    """
    name = _REGION_NUMBER.sub("", fold(admin1))
    national = name in _NATIONAL_NAMES or COUNTRY_SPELLINGS.get(name) == country
    return NATIONAL if national else _PLACE_SPELLINGS.get((country, name), name)


@dataclass(frozen=True)
class FtsPlan:
    """A plan as FTS knows it. The id stays; codes are used twice, and names change."""

    id: int
    code: str
    requirement_usd: int
    """Revised requirement, regional part included. Source: OCHA HDX, humanitarian response plans, April 2026."""


FTS_PLANS: Mapping[int, FtsPlan] = {
    2019: FtsPlan(726, "RSAMR19", 737_611_378),
    2020: FtsPlan(944, "RREG20", 1_407_580_167),
    2021: FtsPlan(1021, "RREG21", 1_439_234_410),
    2022: FtsPlan(1069, "RREG22", 1_786_198_773),
    2023: FtsPlan(1129, "RREG23", 1_715_042_189),
    2024: FtsPlan(1163, "RREG24", 1_587_428_979),
    2025: FtsPlan(1219, "RREG25", 1_395_806_906),
    2026: FtsPlan(1525, "RREG26b", 763_092_338),
}
"""The regional plans for refugees and migrants from Venezuela at FTS, by year."""

_FTS_NAMES_OF_YEARS = {
    f"Venezuela Regional Refugee and Migrant Response Plan (RMRP) {year}": plan.id for year, plan in FTS_PLANS.items()
}
FTS_PLAN_NAMES: Mapping[str, int] = {
    fold(name): plan_id
    for name, plan_id in {
        **_FTS_NAMES_OF_YEARS,
        "Regional Refugee and Migrant Response Plan (for Refugees and Migrants from Venezuela)": 726,
        "Refugee and Migrant Response Plan 2020 for Refugees and Migrants from Venezuela (RMRP": 944,
        "Refugee and Migrant Response Plan 2020 for Refugees and Migrants from Venezuela (RMRP)": 944,
        "Refugee and Migrant Response Plan for Venezuela 2021 (RMRP)": 1021,
    }.items()
}
"""FTS plan ids by the names that tables without an id write; a missing bracket is theirs."""


@dataclass(frozen=True)
class PlanYear:
    """What one plan year names, reports and consolidates in its own way; adding a year is adding one of these."""

    year: int
    name: str
    indicator_types: Mapping[str, str]
    """The year's words for what an indicator counts."""
    columns_not_reported: frozenset[str]
    """Columns of activities that the year's layout does not have; every other one must be there."""
    age_gender_groups: tuple[str, ...]
    consolidation: Mapping[str, str]
    """The rule by which the year applies each intersector model (see ``metrics.intersector``)."""

    @property
    def fts_plan_id(self) -> int:
        """The plan's id at FTS."""
        return FTS_PLANS[self.year].id


_TYPES_OF_2022 = {
    "Capacity Building": "people",
    "Infrastructure": "other",
    "Campaign": "other",
    "Mechanism": "other",
    "Mechanism/Advocacy": "other",
    "Advocacy": "other",
    "Other": "other",
    "Fortalecimiento de capacidades": "people",
    "Infraestructura": "other",
    "Campaña": "other",
    "Mecanismo": "other",
    "Otro": "other",
}
_TYPES_OF_2023 = _TYPES_OF_2022 | {"Direct Assistance": "people in need", "Asistencia directa": "people in need"}
_CONSOLIDATION_OF_2021 = {
    "sum": "sum_of_sectors",
    "max_sector": "largest_sector",
    "max_age_gender": "largest_age_gender_cells",
    "southern_cone": "southern_cone_rows",
}
_CONSOLIDATION_OF_2022 = _CONSOLIDATION_OF_2021 | {
    "max_sector": "largest_modelled_cells",
    "southern_cone": "southern_cone_modelled",
}

_PLAN_OF_2023 = PlanYear(
    year=2023,
    name="Regional Refugee and Migrant Response Plan (RMRP) 2023-2024",
    indicator_types=_TYPES_OF_2023,
    columns_not_reported=frozenset({"support_space", "covid19"}),
    age_gender_groups=(*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS),
    consolidation=_CONSOLIDATION_OF_2022,
)
PLAN_YEARS: Mapping[int, PlanYear] = {
    2021: PlanYear(
        year=2021,
        name="Regional Refugee and Migrant Response Plan (RMRP) 2021",
        indicator_types={"Pin": "people in need", "People": "people", "Other": "other"},
        columns_not_reported=frozenset({"admin2", *OTHER_GENDER_GROUPS}),
        age_gender_groups=AGE_GENDER_GROUPS,
        consolidation=_CONSOLIDATION_OF_2021,
    ),
    2022: PlanYear(
        year=2022,
        name="Regional Refugee and Migrant Response Plan (RMRP) 2022",
        indicator_types=_TYPES_OF_2022 | {"PiN": "people in need"},
        columns_not_reported=frozenset({"support_space"}),
        age_gender_groups=(*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS),
        consolidation=_CONSOLIDATION_OF_2022,
    ),
    2023: _PLAN_OF_2023,
    2024: replace(_PLAN_OF_2023, year=2024, name=f"{_PLAN_OF_2023.name}, update 2024"),
}


def plan_year(year: int) -> PlanYear:
    """The declarations of a plan year. Raises ``RequestError`` for a year that has none."""
    if year not in PLAN_YEARS:
        known = ", ".join(map(str, sorted(PLAN_YEARS)))
        raise RequestError(f"plan {year} is not known; known plan years: {known}")
    return PLAN_YEARS[year]


ADMIN1_AS_WRITTEN: Mapping[str, str] = {
    "Ancash": "Áncash",
    "Apurimac": "Apurímac",
    "Araucania (IX)": "Araucanía (IX)",
    "Archipielago de San Andrés": "Archipiélago de San Andrés",
    "Aysen del Gen.D.C. (XI)": "Aysén (XI)",
    "Biobio (VIII)": "Biobío (VIII)",
    "Bolivar": "Bolívar",
    "Boyaca": "Boyacá",
    "Galapagos": "Galápagos",
    "Huanuco": "Huánuco",
    "Junin": "Junín",
    "Los Rios": "Los Ríos",
    "Manabi": "Manabí",
    "Quindio": "Quindío",
    "San Martin": "San Martín",
    "Santo Domingo de los Tsachilas": "Santo Domingo de los Tsáchilas",
    "Sucumbios": "Sucumbíos",
    "Tarapaca (I)": "Tarapacá (I)",
    "Valparaiso (V)": "Valparaíso (V)",
    "Vaupes": "Vaupés",
}
"""First administrative levels as their people write them, where R4V's list of RMRP 2021 leaves accents out."""


def sector_named(text: str) -> str:
    sector = INTERSECTOR if fold(text) == fold(INTERSECTOR) else SECTOR_SPELLINGS.get(fold(text))
    if sector not in (INTERSECTOR, *SECTORS):
        raise RequestError(f"unknown sector '{text}'; {did_you_mean(text, (INTERSECTOR, *SECTORS))}")
    return sector


def platform_named(text: str) -> str:
    by_folded = {fold(platform): platform for platform in (REGION, *PLATFORMS)}
    if fold(text) not in by_folded:
        raise RequestError(f"unknown platform '{text}'; {did_you_mean(text, by_folded.values())}")
    return by_folded[fold(text)]


def report_id(sector: str, platform: str) -> str:
    """What the files about a sector and scope are named after: ``health`` for the region, ``health.peru``."""
    return slug(sector) if platform == REGION else f"{slug(sector)}.{slug(platform)}"


def slug(name: str) -> str:
    """The name as it stands in a file name: lower case, hyphens, ``&`` as ``and``."""
    words = fold(name).replace("&", " and ")
    return "-".join("".join(letter if letter.isalnum() else " " for letter in words).split())
