"""The names that keys of figures go by in the reader's language: groups, models, months, sectors, places."""

import re
from collections.abc import Mapping

from rmrp_analysis import numbers
from rmrp_analysis.vocabulary import (
    ADMIN1_AS_WRITTEN,
    ARTICLES,
    COUNTRIES,
    INTERSECTOR,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    PLATFORMS,
    REGION,
    REGIONAL,
    SECTORS,
    SUPPORT_SPACES,
    short_name,
)
from rmrp_analysis.words import N_, Words

GROUP_NAMES: Mapping[str, str] = {
    "in_destination": N_("In destination"),
    "in_transit": N_("In transit"),
    "host_communities": N_("Host communities"),
    "pendular": N_("Pendular"),
    "colombian_returnees": N_("Colombian returnees"),
    "women": N_("Women"),
    "men": N_("Men"),
    "girls": N_("Girls"),
    "boys": N_("Boys"),
    "other_under_18": N_("Other gender, under 18"),
    "other_18_and_above": N_("Other gender, 18 and above"),
    NOT_SPECIFIED: N_("Not specified"),
}
MODEL_NAMES: Mapping[str, str] = {
    "sum": N_("No repeats removed"),
    "max_sector": N_("Largest sector"),
    "max_age_gender": N_("Largest groups"),
    "southern_cone": N_("Southern Cone rule"),
    "lower_bound": N_("Lower bound"),
}
IN_PLACE: Mapping[str, str] = {
    "Brazil": N_("in Brazil"),
    "Caribbean": N_("in the Caribbean"),
    "Central America & Mexico": N_("in Central America & Mexico"),
    "Chile": N_("in Chile"),
    "Colombia": N_("in Colombia"),
    "Ecuador": N_("in Ecuador"),
    "Peru": N_("in Peru"),
    "Southern Cone": N_("in the Southern Cone"),
    "DOM": N_("in the Dominican Republic"),
}
"""Places within a sentence, where languages want an article: each platform, and the country that has one everywhere."""

_PLACES = {NATIONAL_LEVEL: N_("National level"), **COUNTRIES, **{name: name for name in (*PLATFORMS, REGIONAL)}}
_SECTORS = {INTERSECTOR: N_("All sectors"), **{name: name for name in (*SECTORS, SUPPORT_SPACES)}}
_NAMES = {**GROUP_NAMES, **MODEL_NAMES, **_PLACES, **_SECTORS}
_MONTH = re.compile(r"\d{4}-\d\d")
_PARTICLE, _NUMERAL = re.compile(r"(?<=\s)(?:De|Del|La|Las|Los|Y)(?=\s)"), re.compile(r"(?<=\()[IVXivx]+(?=\))")


def label(key: str, language: str) -> str:
    """The name of a group, model, month, sector, platform or country (ISO 3166 alpha-3); other keys stay as they are.

    >>> label("PER", "es"), label("2021-05", "es"), label("UNHCR", "es")
    ('Perú', 'mayo de 2021', 'UNHCR')
    """
    if key in _NAMES:
        return Words(language)(_NAMES[key])
    return numbers.month_and_year(key, language) if is_month(key) else key


def sheet_name(sector: str, place: str, language: str, organisation: str = "") -> str:
    """What a sheet is called: its sector, and the place or organisation that it is of.

    >>> sheet_name("Health", "Peru", "pt"), sheet_name("WASH", "region", "en", "CARE")
    ('Saúde no Peru', 'CARE: WASH')
    """
    name = label(sector, language)
    if organisation:
        name = f"{short_name(organisation)}: {name}"
    return name if place == REGION else f"{name} {Words(language)(IN_PLACE.get(place, place))}"


def is_month(key: str) -> bool:
    """Whether a key is a month, written ``YYYY-MM``."""
    return _MONTH.fullmatch(key) is not None


def place(key: str, language: str) -> str:
    """The name of a platform, of a country, or of an admin1 as its people write it: ``Aysén (XI)``.

    >>> place("NORTE DE SANTANDER", "en"), place("national", "pt")
    ('Norte de Santander', 'Nível nacional')
    """
    if key in _PLACES:
        return Words(language)(_PLACES[key])
    admin1 = key.title() if key.isupper() else key
    name = _NUMERAL.sub(lambda found: found[0].upper(), _PARTICLE.sub(lambda found: found[0].lower(), admin1))
    return ADMIN1_AS_WRITTEN.get(name, name)


def place_in_sentence(key: str, language: str) -> str:
    """The name of a platform or country with the article that it has within a sentence.

    >>> place_in_sentence("DOM", "en"), place_in_sentence("PER", "es"), place_in_sentence("PER", "pt")
    ('the Dominican Republic', 'Perú', 'o Peru')
    """
    return f"{ARTICLES.get(key, {}).get(language, '')} {place(key, language)}".strip()
