"""Names that people type, in any spelling that is known, and the names they stand for."""

from collections.abc import Mapping

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.vocabulary.lists import (
    ALL,
    COUNTRIES,
    COUNTRY_SPELLINGS,
    INTERSECTOR,
    PLATFORM_OF,
    PLATFORM_SPELLINGS,
    PLATFORMS,
    REGIONAL,
    SECTOR_SPELLINGS,
    SECTORS,
)
from rmrp_analysis.vocabulary.text import REGION, slug

_BY_SLUG: Mapping[str, Mapping[str, str]] = {
    "sector": {
        slug(spelling): INTERSECTOR if sector == ALL else sector
        for spelling, sector in SECTOR_SPELLINGS.items()
        if spelling != ALL  # which means each sector, where sectors are listed
    },
    "platform": {
        slug(spelling): PLATFORM_OF[code]
        for spelling, code in COUNTRY_SPELLINGS.items()
        if code != REGIONAL and len(PLATFORMS[PLATFORM_OF[code]]) == 1
    }
    | {slug(spelling): platform for spelling, platform in PLATFORM_SPELLINGS.items()},
    "country": {slug(spelling): code for spelling, code in COUNTRY_SPELLINGS.items() if code != REGIONAL},
}


def sector_named(text: str) -> str:
    """The sector, or ``Intersector`` for all of them, that any known spelling means.

    A spelling is a name of any year or language, an abbreviation, or a slug. Raises ``RequestError`` for another text.

    >>> [sector_named(text) for text in ("GBV", "Saúde", "human-trafficking-and-smuggling", "All sectors")]
    ['Gender-Based Violence', 'Health', 'Human Trafficking & Smuggling', 'Intersector']
    """
    return _named("sector", text, {name: name for name in (INTERSECTOR, *SECTORS)})


def platform_named(text: str) -> str:
    """The platform, or ``region``, that any known spelling means; a country's where the platform is that country.

    Raises ``RequestError`` for another text.

    >>> [platform_named(text) for text in ("Perú", "PER", "Cono Sur", "Region")]
    ['Peru', 'Peru', 'Southern Cone', 'region']
    """
    country = _BY_SLUG["country"].get(slug(text))
    if country and slug(text) not in _BY_SLUG["platform"]:
        raise RequestError(f"'{text}' is no platform; it belongs to the platform '{PLATFORM_OF[country]}'")
    return _named("platform", text, {name: name for name in (REGION, *PLATFORMS)})


def country_named(text: str) -> str:
    """The code (ISO 3166 alpha-3) of the country that any known spelling means.

    Raises ``RequestError`` for another text.

    >>> [country_named(text) for text in ("peru", "Brasil", "CUW")]
    ['PER', 'BRA', 'CUW']
    """
    return _named("country", text, COUNTRIES)


def _named(what: str, text: str, allowed: Mapping[str, str]) -> str:
    """The name behind a spelling; ``allowed`` gives for each name how a message shows it."""
    name = _BY_SLUG[what].get(slug(text), "")
    if name not in allowed:
        raise RequestError(f"unknown {what} '{text}'; {did_you_mean(text, allowed.values())}")
    return name
