"""Names that people type, in any spelling that is known, and the names they stand for."""

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.packs import pack
from rmrp_analysis.packs.pack import Row, Text
from rmrp_analysis.vocabulary import lists
from rmrp_analysis.vocabulary.text import REGION, REMEMBERED, fold, slug

_BY_SLUG: Mapping[str, Mapping[str, str]] = {
    "sector": {
        slug(spelling): lists.INTERSECTOR if sector == lists.ALL else sector
        for spelling, sector in lists.SECTOR_SPELLINGS.items()
        if spelling != lists.ALL  # which means each sector, where sectors are listed
    },
    "place": {
        slug(spelling): code if code in lists.PLACES else lists.PLATFORM_OF[code]
        for spelling, code in lists.COUNTRY_SPELLINGS.items()
        if code != lists.REGIONAL
    }
    | {slug(spelling): platform for spelling, platform in lists.PLATFORM_SPELLINGS.items()},
}


def sector_named(text: str) -> str:
    """The sector, or ``Intersector`` for all of them, that any known spelling means.

    A spelling is a name of any year or language, an abbreviation, or a slug. Raises ``RequestError`` for another text.

    >>> [sector_named(text) for text in ("GBV", "Saúde", "human-trafficking-and-smuggling", "All sectors")]
    ['Gender-Based Violence', 'Health', 'Human Trafficking & Smuggling', 'Intersector']
    """
    return _named("sector", text, {name: name for name in (lists.INTERSECTOR, *lists.SECTORS)})


def place_named(text: str) -> str:
    """What any known spelling means: ``region``, a platform, or a country by its code (ISO 3166 alpha-3).

    A country that is a platform of its own goes by the platform's name. Raises ``RequestError`` for another text.

    >>> [place_named(text) for text in ("Perú", "PER", "Cono Sur", "Region", "Bolivia")]
    ['Peru', 'Peru', 'Southern Cone', 'region', 'BOL']
    """
    return _named("place", text, {place: lists.COUNTRIES.get(place, place) for place in lists.PLACES})


KINDS_OF_PLACES = {
    "platforms": tuple(lists.PLATFORMS),
    "countries": tuple(code if code in lists.PLACES else lists.PLATFORM_OF[code] for code in lists.COUNTRIES),
}
"""Words that stand for several places."""


def places_named(texts: str | Iterable[str]) -> tuple[str, ...]:
    """The places that texts mean, in any spelling; ``platforms``, ``countries`` and ``all`` stand for each of them.

    >>> places_named("Perú"), places_named(["region", "platforms"])[:3], len(places_named("countries"))
    (('Peru',), ('region', 'Brazil', 'Caribbean'), 17)
    """
    listed = [texts] if isinstance(texts, str) else texts
    kinds = KINDS_OF_PLACES | {lists.ALL: tuple(lists.PLACES)}
    return tuple(place_named(place) for text in listed for place in kinds.get(text.lower(), (text,)))


def _named(what: str, text: str, allowed: Mapping[str, str]) -> str:
    """The name behind a spelling; ``allowed`` gives for each name how a message shows it."""
    name = _BY_SLUG[what].get(slug(text), "")
    if name not in allowed:
        raise RequestError(f"unknown {what} '{text}'; {did_you_mean(text, allowed.values())}")
    return name


_ACRONYM = re.compile(r"\(([^()]+)\)\s*$")


def short_name(organisation: str) -> str:
    """The acronym that ends an organisation's name in brackets, or else the whole name.

    >>> short_name("International Organization for Migration (IOM)"), short_name("Mercy Corps")
    ('IOM', 'Mercy Corps')
    """
    acronym = _ACRONYM.search(organisation)
    return acronym[1].strip() if acronym else organisation


def full_name(organisation: str) -> str:
    """An organisation's name without the acronym that ends it in brackets.

    >>> full_name("International Organization for Migration (IOM)"), full_name("Mercy Corps")
    ('International Organization for Migration', 'Mercy Corps')
    """
    return _ACRONYM.sub("", organisation).strip()


class Organisation(Row):
    """A row of ``organisations.csv``: an organisation or donor as reports and FTS write it, its name in each language.

    ``source`` is where it calls itself so.
    """

    name: Text
    source: Text


class Level(Row):
    """A row of ``levels.csv``: what these countries (codes) call their first administrative level: one, and several."""

    countries: Text


@cache
def _organisations(language: str) -> Mapping[str, str]:
    """Names of organisations in a language, by their folded name with acronym, without it, and the acronym alone."""
    rows = pack.rows("organisations.csv", pack.in_languages(Organisation, "{}"), within=lists.FOLDER, unique="name")
    named = [(row.name, name) for row in rows if (name := getattr(row, language, ""))]
    acronyms = {fold(short_name(key)): short_name(name) for key, name in named if short_name(key) != key}
    return acronyms | {fold(spelling): name for key, name in named for spelling in (full_name(key), key)}


@lru_cache(REMEMBERED)
def organisation_name(name: str, language: str) -> str:
    """The name of an organisation or donor in a language, where it has one there; else the name as it is.

    >>> organisation_name("UNHCR", "es"), organisation_name("International Organization for Migration", "pt")
    ('ACNUR', 'Organização Internacional para as Migrações (OIM)')
    """
    return _organisations(language).get(fold(name), name)


@cache
def levels(language: str) -> Mapping[str, tuple[str, str]]:
    """The country's own word for its first administrative level, by code: one department, several departments."""
    rows = pack.rows("levels.csv", pack.in_languages(Level, "{}", "{}_several"), optional=True)
    words = {row.countries: (getattr(row, language), getattr(row, f"{language}_several")) for row in rows}
    return {code: word for codes, word in words.items() if all(word) for code in codes.split()}


@lru_cache(REMEMBERED)
def report_id(sector: str, place: str, organisation: str = "") -> str:
    """What the files about a sector in a place are named after; of an organisation's own reports with its short name.

    >>> report_id("Health", "region"), report_id("Health", "BOL"), report_id("WASH", "region", "Mercy Corps")
    ('health', 'health.bolivia', 'wash.by-mercy-corps')
    """
    parts = [slug(sector), slug(lists.COUNTRIES.get(place, place)) if place != REGION else ""]
    parts.append(f"by-{slug(short_name(organisation))}" if organisation else "")
    return ".".join(filter(None, parts))
