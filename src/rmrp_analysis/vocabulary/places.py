"""First administrative levels: one name for each, whatever its accents, suffix or year's spelling."""

import re
from collections.abc import Mapping
from functools import cache

from rmrp_analysis.packs import pack
from rmrp_analysis.packs.pack import Row, Text
from rmrp_analysis.vocabulary.lists import COUNTRIES, COUNTRY_SPELLINGS, spelled
from rmrp_analysis.vocabulary.text import fold

NATIONAL = ""
"""The place of what is reported for a country without naming an admin1 of it."""

NATIONAL_LEVEL = "national"
"""What is reported for a country as a whole, as a part of a breakdown by admin1."""


class Accents(Row):
    """A row of ``admin1_accents.csv``."""

    listed_as: Text
    written_as: Text


class Admin1Spelling(Row):
    """A row of ``admin1_spellings.csv``: another name of a country's admin1."""

    country: Text
    admin1: Text
    spelling: Text


class Pcode(Row):
    """A row of ``admin1_pcodes.csv``: the p-code by which OCHA knows a country's admin1."""

    country: Text
    admin1: Text
    pcode: Text


ADMIN1_AS_WRITTEN: Mapping[str, str] = {
    row.listed_as: row.written_as for row in pack.rows("admin1_accents.csv", Accents, optional=True)
}
"""First administrative levels as their people write them, where the plan's list of places leaves accents out."""

_ADMIN1_SPELLINGS = {
    (row.country, fold(row.spelling)): fold(row.admin1)
    for row in pack.rows(
        "admin1_spellings.csv",
        Admin1Spelling,
        optional=True,
        check=lambda row: "" if row.country in COUNTRIES else f"no country has the code '{row.country}'",
    )
}
_NATIONAL_SPELLINGS = {"", *spelled(("Country level",), "country level")}
_REGION_NUMBER = re.compile(r"\s*\([ivx]+\)$")


def place_key(country: str, admin1: str) -> str:
    """The name of a country's admin1 as names are compared, whatever its accents, case, suffix or year's spelling.

    ``NATIONAL`` when the text is empty, names the country itself, or its ``Country level``.

    >>> place_key("CHL", "Libertador Gral. Bernardo O’Higgins") == place_key("CHL", "Libertador (VI)")
    True
    """
    name = _REGION_NUMBER.sub("", fold(admin1))
    if name in _NATIONAL_SPELLINGS or COUNTRY_SPELLINGS.get(name) == country:
        return NATIONAL
    return _ADMIN1_SPELLINGS.get((country, name), name)


@cache
def ocha_pcodes() -> Mapping[tuple[str, str], str]:
    """Give OCHA's p-code of each first administrative level, by country and ``place_key``; empty without a list.

    Source: OCHA's Common Operational Datasets, global table of p-codes on HDX (CC BY-IGO).
    """
    return {(row.country, place_key(row.country, row.admin1)): row.pcode for row in ocha_places()}


@cache
def ocha_places() -> tuple[Pcode, ...]:
    """Give OCHA's list of first administrative levels, with the source that ``ocha_pcodes`` has; empty without one."""
    return tuple(pack.rows("admin1_pcodes.csv", Pcode, optional=True))
