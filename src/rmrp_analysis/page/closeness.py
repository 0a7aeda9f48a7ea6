"""Words that say how a rounded figure lies to the true one, and whether they hold.

*Almost* N: below N by at most 5 % of it. *Over* N: above N by at most 5 % of it. *About* N: at most 5 % of it away, on
either side. N itself is about N, and neither almost nor over it.
"""

from collections.abc import Mapping
from typing import Literal

Closeness = Literal["almost", "over", "about"]
WITHIN = 0.05
"""How far from the rounded figure the true one may lie, as a share of the rounded one."""

WORDS: Mapping[str, Mapping[str, Closeness]] = {
    "en": {"almost": "almost", "nearly": "almost", "over": "over", "more_than": "over", "about": "about"},
    "es": {
        "casi": "almost",
        "casi_el": "almost",
        "más_de": "over",
        "más_del": "over",
        "cerca_de": "about",
        "cerca_del": "about",
        "alrededor_de": "about",
        "alrededor_del": "about",
        "en_torno_a": "about",
        "en_torno_al": "about",
    },
    "pt": {
        "quase": "almost",
        "mais_de": "over",
        "cerca_de": "about",
        "em_torno_de": "about",
        "por_volta_de": "about",
    },
}
"""The words of each language as an author names them, with ``_`` for a space; the first letter may be a capital."""

MEANINGS: Mapping[Closeness, str] = {
    "almost": "below it by at most 5%",
    "over": "above it by at most 5%",
    "about": "at most 5% away from it",
}


def closeness_of(word: str, language: str) -> Closeness | None:
    """What a word of the language says; None when it is not one of its words of closeness."""
    return WORDS[language].get(word[:1].lower() + word[1:])


def holds(closeness: Closeness, number: float, rounded: float) -> bool:
    """Whether a true number is almost, over or about a rounded one."""
    off, most = number - rounded, abs(rounded) * WITHIN
    if closeness == "almost":
        return -most <= off < 0
    return 0 < off <= most if closeness == "over" else abs(off) <= most
