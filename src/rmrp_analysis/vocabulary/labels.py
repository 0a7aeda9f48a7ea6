"""The names of keys of figures in the reader's language: groups, models, months, sectors, places."""

import re
from collections.abc import Mapping

from rmrp_analysis import numbers
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.packs import pack
from rmrp_analysis.vocabulary import (
    INTERSECTOR,
    NAME_BY_GROUP,
    NATIONAL_LEVEL,
    NO_PARTNER_PART,
    NOT_SPECIFIED,
    REGION,
    REGIONAL,
    SHARED_PART,
    admin1_as_written,
    levels,
    organisation_name,
    plan_lists,
    short_name,
)
from rmrp_analysis.words import N_, Translator

NAME_BY_MODEL: Mapping[str, str] = {
    "sum": N_("No repeats removed"),
    "max_sector": N_("Largest sector"),
    "max_age_gender": N_("Largest groups"),
    "southern_cone": N_("Some sectors in full"),
    "lower_bound": N_("Lower bound"),
}
"""The English name of each model of people reached by all sectors."""
NAME_BY_ANSWER: Mapping[str, str] = {"Yes": N_("Yes"), "No": N_("No")}
"""The English word of each answer to a question of the form."""
_MONTH_KEY_PATTERN = re.compile(r"\d{4}-\d\d")
_NAME_PARTICLE_PATTERN = re.compile(r"(?<=\s)(?:De|Del|La|Las|Los|Y)(?=\s)")
_ROMAN_NUMERAL_PATTERN = re.compile(r"(?<=\()[IVXivx]+(?=\))")
"""Parts of a place's name in another case than its words: small words, Roman numerals in brackets."""


@pack.cached_by_pack
def _place_names() -> Mapping[str, str]:
    """Return the English name of each place, by its key."""
    platforms = {platform: platform for platform in (*plan_lists().platforms, REGIONAL)}
    special = {NATIONAL_LEVEL: N_("National level"), NOT_SPECIFIED: NAME_BY_GROUP[NOT_SPECIFIED]}
    return {**special, SHARED_PART: N_("Several"), **plan_lists().countries, **platforms}


@pack.cached_by_pack
def _names() -> Mapping[str, str]:
    """Return the English name of each group, model, place and sector, by its key."""
    sectors = {sector: sector for sector in (*plan_lists().sectors, *plan_lists().other_sectors)}
    groups = {
        NO_PARTNER_PART: N_("Without an implementing partner"),
        **NAME_BY_GROUP,
        **NAME_BY_MODEL,
        **NAME_BY_ANSWER,
    }
    return {**groups, **_place_names(), INTERSECTOR: N_("All sectors"), **sectors}


def label(key: str, language: str) -> str:
    """Return the name of a group, model, month, sector, platform, country (ISO 3166 alpha-3), organisation or donor.

    Words of the plan's form, such as its delivery mechanisms, are translated by the pack's ``texts.csv``. Other keys
    stay as they are.

    >>> label("PER", "es"), label("2021-05", "es"), label("UNHCR", "es"), label("Mercy Corps", "es")
    ('Perú', 'mayo de 2021', 'ACNUR', 'Mercy Corps')
    >>> label("Cash in hand", "es"), label("Cash in hand", "en")
    ('Efectivo en mano', 'Cash in hand')
    """
    if key in _names():
        return Translator(language)(_names()[key])
    if is_month(key):
        return numbers.month_and_year(key, language)
    return pack.texts(language).get(key) or organisation_name(key, language)


def level(place: str, language: str, count: int = 1) -> str:
    """Return a country's word for its first administrative level, in the singular or plural: department, state.

    It is the word *place* if the pack has none, or the place has several countries.

    >>> level("Peru", "en"), level("ECU", "pt", 14), level("CHL", "es"), level("Caribbean", "en")
    ('department', 'províncias', 'región', 'place')
    """
    codes = plan_lists().places.get(place, ())
    code = codes[0] if len(codes) == 1 else place
    singular, several = levels(language).get(code, ("", ""))
    return (singular if count == 1 else several) or Translator(language).plural("place", "places", count)


def sheet_name(sector: str, place: str, language: str, organisation: str = "") -> str:
    """Return the name of a sheet: the organisation's short name, if any, its sector, its place (not the region).

    >>> sheet_name("Health", "BOL", "pt"), sheet_name("WASH", "region", "en", "CARE")
    ('Saúde na Bolívia', 'CARE: WASH')
    """
    name = label(sector, language)
    if organisation:
        name = f"{short_name(organisation_name(organisation, language))}: {name}"
    return name if place == REGION else f"{name} {in_place(place, language)}"


def is_month(key: str) -> bool:
    """Return whether a key is a month, written ``YYYY-MM``."""
    return _MONTH_KEY_PATTERN.fullmatch(key) is not None


def place(key: str, language: str) -> str:
    """Return the name of a platform, of a country, or of an admin1 as its people write it: ``Aysén (XI)``.

    >>> place("NORTE DE SANTANDER", "en"), place("national", "pt"), place("not specified", "es")
    ('Norte de Santander', 'Nível nacional', 'Sin especificar')
    """
    if key in _place_names():
        return Translator(language)(_place_names()[key])
    admin1 = key.title() if key.isupper() else key
    admin1 = _NAME_PARTICLE_PATTERN.sub(lambda match: match[0].lower(), admin1)
    name = _ROMAN_NUMERAL_PATTERN.sub(lambda match: match[0].upper(), admin1)
    return admin1_as_written().get(name, name)


def place_in_sentence(key: str, language: str) -> str:
    """Return the name of a platform, country or admin1 with its article, as a sentence writes it.

    The pack's ``names.csv`` has the name of an admin1 that needs more words in a sentence than in a table.

    >>> place_in_sentence("DOM", "en"), place_in_sentence("PER", "es"), place_in_sentence("PER", "pt")
    ('the Dominican Republic', 'Perú', 'o Peru')
    >>> place_in_sentence("Metropolitana (Xiii)", "es"), place("Metropolitana (Xiii)", "es")
    ('la Región Metropolitana', 'Metropolitana (XIII)')
    """
    name, label = plan_lists().countries.get(key, key), place(key, language)
    admin1 = label.partition(" (")[0]
    if name not in pack.names() and admin1 in pack.names():
        name, label = admin1, Translator(language)(admin1)
    article = getattr(pack.names().get(name), f"article_{language}", "")
    joint = "" if article.endswith(("'", "’")) else " "
    return f"{article}{joint}{label}".strip()


def with_place(text: str, name: str, language: str) -> str:
    """Append the name of a place to a text. Join its article to a preposition that ends the text.

    At the start of a sentence the name gets a capital.
    """
    if not text.strip() or text.rstrip().endswith((".", "?", "!")):
        return text + name[:1].upper() + name[1:]
    article, space, rest = name.partition(" ")
    preposition = re.split(r"\s", text.rstrip())[-1]
    joined = declared(language).contractions.get(f"{preposition.lower()} {article}")
    if not joined or not space:
        return text + name
    joined = joined.capitalize() if preposition[:1].isupper() else joined
    return f"{text.rstrip().removesuffix(preposition)}{joined} {rest}"


def contract(sentence: str, language: str) -> str:
    """Join each preposition to the article of the place after it.

    >>> contract("los reportes de el Cono Sur", "es")
    'los reportes del Cono Sur'
    """
    for words, contraction in declared(language).contractions.items():
        sentence = sentence.replace(f" {words} ", f" {contraction} ")
    return sentence


def in_place(key: str, language: str) -> str:
    """Return a platform or country after the word *in*, with its article.

    >>> in_place("Southern Cone", "en"), in_place("DOM", "es"), in_place("PER", "pt")
    ('in the Southern Cone', 'en la República Dominicana', 'no Peru')
    """
    if in_phrase := getattr(pack.names().get(plan_lists().countries.get(key, key)), f"in_{language}", ""):
        return str(in_phrase)
    words, grammar = place_in_sentence(key, language), declared(language)
    article, _, name = words.partition(" ")
    joined = grammar.contractions.get(f"{grammar.within} {article}")
    return f"{joined} {name}" if joined else f"{grammar.within} {words}"
