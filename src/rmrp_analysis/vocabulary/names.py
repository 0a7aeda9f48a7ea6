"""Names that people type, in any known spelling, and their meaning."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Literal

from rmrp_analysis.errors import RequestError
from rmrp_analysis.messages import language, say
from rmrp_analysis.packs import pack
from rmrp_analysis.packs.pack import Row, Text
from rmrp_analysis.vocabulary import lists
from rmrp_analysis.vocabulary.places import ocha_places
from rmrp_analysis.vocabulary.text import REGION, fold, slug

MAX_PIECES_OF_NAME = 4
"""Commas split a name into no more pieces."""
AND_PATTERN = r"\s+(?:y|e|and|&)\s+"
_PLACE_GROUP_BY_SPELLING = lists.find_spellings(("platforms", "countries", lists.ALL), "several")
"""The meaning of texts for several places or sectors."""


@pack.cached_by_pack
def _names_by_slug(kind: Literal["sector", "place"]) -> Mapping[str, str]:
    """Return sectors and ``Intersector``, or keys of places, by the slugs of their spellings, without ``all``."""
    plan = lists.plan_lists()
    if kind == "sector":
        return {
            slug(spelling): lists.INTERSECTOR if sector == lists.ALL else sector
            for spelling, sector in plan.sector_spellings.items()
            if spelling != lists.ALL  # which means each sector in a list of sectors
        }
    return {
        slug(spelling): code if code in plan.places else plan.platform_of[code]
        for spelling, code in plan.country_spellings.items()
        if code != lists.REGIONAL
    } | {slug(spelling): platform for spelling, platform in plan.platform_spellings.items()}


def find_sector(text: str) -> str:
    """Find the sector, or ``Intersector`` for all sectors, that any known spelling means.

    A spelling is a name of any year or language, an abbreviation, or a slug. Raises ``RequestError`` for another text,
    and for a sector without a sheet.

    >>> [find_sector(text) for text in ("GBV", "Saúde", "human-trafficking-and-smuggling", "All sectors")]
    ['Gender-Based Violence', 'Health', 'Human Trafficking & Smuggling', 'Intersector']
    """
    names = {name: name for name in (lists.INTERSECTOR, *lists.plan_lists().sectors)}
    if (sector := _names_by_slug("sector").get(slug(text), "")) in names:
        return sector
    suggestion = _suggest("sector", text, names)
    raise RequestError(say("unknown sector '{name}'; {suggestion}", name=text, suggestion=suggestion))


def find_place(text: str) -> str:
    """Find the place of any known spelling: ``region``, a platform, or a country by its code (ISO 3166 alpha-3).

    A country that is a platform of its own has the platform's name. Raises ``RequestError`` for another text.

    >>> [find_place(text) for text in ("Perú", "PER", "Cono Sur", "Region", "Bolivia")]
    ['Peru', 'Peru', 'Southern Cone', 'region', 'BOL']
    """
    if key := _names_by_slug("place").get(slug(text), ""):
        return key
    plan = lists.plan_lists()
    names = {key: plan.countries.get(key, key) for key in plan.places}
    codes = dict.fromkeys(code for code, name, _ in ocha_places() if slug(name) == slug(text))
    if codes:
        countries = [plan.countries[code] for code in codes]
        place = names[_names_by_slug("place")[slug(countries[0])]]
        message = say(
            "'{admin1}' is a first administrative level of {country}: sheets are of the region, a platform or a "
            "country, and show such places in their tables; write {place} (or one of: {names})",
            admin1=text,
            country=", ".join(map(local_name, countries)),
            place=local_name(place),
            names=", ".join(map(local_name, names.values())),
        )
        raise RequestError(message)
    suggestion = _suggest("place", text, names)
    raise RequestError(say("unknown place '{name}'; {suggestion}", name=text, suggestion=suggestion))


def is_all(texts: Any) -> bool:
    """Return whether a text, or a list of one text, is ``all`` in any language."""
    text = texts[0] if isinstance(texts, list | tuple) and len(texts) == 1 else texts
    return isinstance(text, str) and _PLACE_GROUP_BY_SPELLING.get(fold(text)) == lists.ALL


def find_sectors(texts: str | Iterable[str]) -> tuple[str, ...]:
    """Find the sectors that texts mean, in any spelling. A text may name several, with commas between them.

    Raises ``RequestError`` for a name that means no sector.

    >>> find_sectors("Salud, Agua, Saneamiento e Higiene")
    ('Health', 'WASH')
    """
    return tuple(find_sector(name) for name in _split_names("sector", texts))


def find_places(texts: str | Iterable[str]) -> tuple[str, ...]:
    """Find the places that texts mean, in any spelling. ``platforms``, ``countries`` and ``all`` mean several.

    A text may name several, with commas between them. Raises ``RequestError`` for a name that means no place.

    >>> find_places("Perú, Chile"), find_places(["region", "platforms"])[:3], len(find_places("countries"))
    (('Peru', 'Chile'), ('region', 'Brazil', 'Caribbean'), 17)
    """
    kinds = {**lists.plan_lists().place_groups, lists.ALL: tuple(lists.plan_lists().places)}
    names = _split_names("place", texts)
    places = (kinds.get(_PLACE_GROUP_BY_SPELLING.get(fold(name), ""), (name,)) for name in names)
    return tuple(find_place(place) for group in places for place in group)


def split_list(text: str, separators: str = ",;") -> list[str]:
    """Split a text that should be a list: at separators, and at hyphens before a word, which were meant as items.

    >>> split_list("html; pdf"), split_list("-html -pdf"), split_list("es pt", ",; ")
    (['html', 'pdf'], ['html', 'pdf'], ['es', 'pt'])
    """
    pieces = re.split(rf"[{separators}\n]|(?:^|(?<=\s))-\s*(?=\S)", text)
    return [piece.strip() for piece in pieces if piece and piece.strip()]


def _split_names(kind: Literal["sector", "place"], texts: str | Iterable[str]) -> list[str]:
    """Split texts into names. A known name with commas stays whole, also if YAML has split it.

    Names with *and* between them are also split if all are known.
    """
    listed = [texts] if isinstance(texts, str) else texts
    pieces = [piece for text in listed for piece in split_list(text) or [text]]
    names: list[str] = []
    while pieces:
        slugs = _names_by_slug(kind)
        lengths = range(min(len(pieces), MAX_PIECES_OF_NAME), 1, -1)
        length = next((length for length in lengths if slug(" ".join(pieces[:length])) in slugs), 1)
        name = ", ".join(pieces[:length])
        parts = re.split(AND_PATTERN, name)
        is_list = slug(name) not in slugs and all(slug(part) in slugs for part in parts)
        names.extend(parts if is_list else [name])
        del pieces[:length]
    return names


def _suggest(kind: Literal["sector", "place"], text: str, allowed: Mapping[str, str]) -> str:
    """Suggest the name with the spelling nearest to a text, or all names, in the language of messages."""
    spellings = [spelling for spelling, name in _names_by_slug(kind).items() if name in allowed]
    if nearest := get_close_matches(slug(text), spellings, n=1, cutoff=0.7):
        return say("did you mean '{name}'?", name=local_name(allowed[_names_by_slug(kind)[nearest[0]]]))
    return say("allowed: {names}", names=", ".join(map(local_name, allowed.values())))


def local_name(name: str) -> str:
    """Return the name of a sector or place in the language of messages. Another name stays as it is."""
    return getattr(pack.names().get(name), language(), "") or name


_ACRONYM_PATTERN = re.compile(r"\(([^()]+)\)\s*$")


def short_name(organisation: str) -> str:
    """Return the acronym that ends an organisation's name in brackets. Without an acronym, return the whole name.

    >>> short_name("International Organization for Migration (IOM)"), short_name("Mercy Corps")
    ('IOM', 'Mercy Corps')
    """
    acronym = _ACRONYM_PATTERN.search(organisation)
    return acronym[1].strip() if acronym else organisation


def full_name(organisation: str) -> str:
    """Return an organisation's name without the acronym that ends it in brackets.

    >>> full_name("International Organization for Migration (IOM)"), full_name("Mercy Corps")
    ('International Organization for Migration', 'Mercy Corps')
    """
    return _ACRONYM_PATTERN.sub("", organisation).strip()


class Organisation(Row):
    """A row of ``organisations.csv``: a name as reports and FTS write it, with its translations.

    ``source`` is where the organisation or donor uses this name.
    """

    name: Text
    source: Text


class Level(Row):
    """A row of ``levels.csv``: the name of the first administrative level in countries (codes), and its plural."""

    countries: Text


@pack.cached_by_pack
def _organisations(language: str) -> Mapping[str, str]:
    """Return names of organisations in a language, by folded name with acronym, without it, and by acronym."""
    model = pack.in_languages(Organisation, "{}")
    rows = pack.rows("organisations.csv", model, within=lists.LIST_FOLDER, unique="name")
    pairs = [(row.name, name) for row in rows if (name := getattr(row, language, ""))]
    acronyms = {fold(short_name(key)): short_name(name) for key, name in pairs if short_name(key) != key}
    return acronyms | {fold(spelling): name for key, name in pairs for spelling in (full_name(key), key)}


@pack.cached_by_pack
def organisation_name(name: str, language: str) -> str:
    """Return the name of an organisation or donor in a language, if it has such a name. Otherwise as it is.

    >>> organisation_name("UNHCR", "es"), organisation_name("International Organization for Migration", "pt")
    ('ACNUR', 'Organização Internacional para as Migrações (OIM)')
    """
    return _organisations(language).get(fold(name), name)


@pack.cached_by_pack
def levels(language: str) -> Mapping[str, tuple[str, str]]:
    """Return the singular and plural of each country's word for its first administrative level, by country code.

    Countries without both words in this language are left out.
    """
    rows = pack.rows("levels.csv", pack.in_languages(Level, "{}", "{}_several"), optional=True)
    words = {row.countries: (getattr(row, language), getattr(row, f"{language}_several")) for row in rows}
    return {code: word for codes, word in words.items() if all(word) for code in codes.split()}


@pack.cached_by_pack
def report_id(sector: str, place: str, organisation: str = "") -> str:
    """Return the id that names the files of a sector, a place and, if given, an organisation.

    >>> report_id("Health", "region"), report_id("Health", "BOL"), report_id("WASH", "region", "Mercy Corps")
    ('health', 'health.bolivia', 'wash.by-mercy-corps')
    """
    parts = [slug(sector), slug(lists.plan_lists().countries.get(place, place)) if place != REGION else ""]
    parts.append(f"by-{slug(short_name(organisation))}" if organisation else "")
    return ".".join(filter(None, parts))
