"""First administrative levels: one name for each, whatever its accents, suffix or year's spelling."""

import re
from collections.abc import Mapping

from rmrp_analysis.packs import pack
from rmrp_analysis.vocabulary.lists import REGIONAL, find_spellings, plan_lists
from rmrp_analysis.vocabulary.text import fold

NATIONAL_PLACE_KEY = ""
"""The place of reports for a country without an admin1."""

NATIONAL_LEVEL = "national"
"""The part of reports for a country as a whole, in a breakdown by admin1."""

_NATIONAL_SPELLINGS = {"", *find_spellings(("Country level",), "country level")}
"""Folded texts that name no admin1, but the country as a whole."""
_REGION_NUMBER_PATTERN = re.compile(r"\s*\([ivx]+\)$")
"""The Roman number in brackets that ends the name of a region."""


@pack.cached_by_pack
def admin1_as_written() -> Mapping[str, str]:
    """Return names of admin1 as their people write them, by the plan's name, if that leaves accents out."""
    return dict(pack.texts_of("admin1_accents.csv", "listed_as", "written_as", optional=True))


@pack.cached_by_pack
def _admin1_spellings() -> Mapping[tuple[str, str], str]:
    """Return the folded name of an admin1 for each other spelling, by country and folded spelling.

    Raises ``RequestError`` for a country that the plan does not have.
    """
    countries = plan_lists().countries
    rows = pack.texts_of(
        "admin1_spellings.csv",
        *("country", "admin1", "spelling"),
        optional=True,
        check=lambda row: "" if row.country in countries else f"no country has the code '{row.country}'",
    )
    return {(country, fold(spelling)): fold(name) for country, name, spelling in rows}


def place_key(country: str, admin1: str) -> str:
    """Return the key of an admin1: its folded name, equal for all known spellings, whatever accents, case or suffix.

    It is ``NATIONAL_PLACE_KEY`` (an empty text) if the text is empty, means ``Country level``, or names ``country`` (a
    code) itself. For the regional level, any country's name is enough. A name that is in no list is its own key.

    >>> place_key("CHL", "Libertador Gral. Bernardo O’Higgins") == place_key("CHL", "Libertador (VI)")
    True
    """
    name = _REGION_NUMBER_PATTERN.sub("", fold(admin1))
    spellings = plan_lists().country_spellings
    is_country = name in spellings if country == REGIONAL else spellings.get(name) == country
    if name in _NATIONAL_SPELLINGS or is_country:
        return NATIONAL_PLACE_KEY
    return _admin1_spellings().get((country, name), name)


@pack.cached_by_pack
def ocha_pcodes() -> Mapping[tuple[str, str], str]:
    """Return OCHA's p-code of each first administrative level, by country and ``place_key``. Empty without a list.

    Source: OCHA's Common Operational Datasets, global table of p-codes on HDX (CC BY-IGO).
    """
    return {(country, place_key(country, admin1)): pcode for country, admin1, pcode in ocha_places()}


@pack.cached_by_pack
def ocha_places() -> tuple[tuple[str, str, str], ...]:
    """Return country, name and p-code of each first administrative level, in the order of OCHA's list."""
    return pack.texts_of("admin1_pcodes.csv", "country", "admin1", "pcode", optional=True)
