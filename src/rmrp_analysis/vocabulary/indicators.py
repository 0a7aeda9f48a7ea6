"""Names of indicators: fingerprints that find a name in any spelling, and the pack's short labels.

The coordination's own names are long sentences that the package does not carry. It carries a hash of each.
"""

import hashlib
from functools import lru_cache

from rmrp_analysis.packs import pack
from rmrp_analysis.vocabulary.text import MAX_TEXTS_CACHED, slug

BEGINNING_WORD_COUNT = 8
"""So many first words identify an indicator in its sector, also if the end of its name is changed or cut."""
MIN_SHARED_WORD_SHARE = 0.6
"""One name is suggested for another if both have at least this share of the words of the two names."""


@lru_cache(MAX_TEXTS_CACHED)
def fingerprint(name: str) -> str:
    """Return a hash (16 hexadecimal digits) of a name's letters and digits, without accents, case, blanks, marks.

    Empty if it has none.

    >>> fingerprint("# of people  trained, in first aid") == fingerprint("Of people trained in First Aid.")
    True
    """
    words = slug(name)
    return hashlib.sha256(words.encode()).hexdigest()[:16] if words else ""


def beginning(name: str) -> str:
    """Return the fingerprint of the first ``BEGINNING_WORD_COUNT`` words of a name. Empty if it has fewer words."""
    words = slug(name).split("-")
    return fingerprint(" ".join(words[:BEGINNING_WORD_COUNT])) if len(words) >= BEGINNING_WORD_COUNT else ""


def names_alike(name: str, other_name: str) -> float:
    """Return how many of the words of two names are in both, as a share from 0 to 1."""
    first, second = set(slug(name).split("-")), set(slug(other_name).split("-"))
    return len(first & second) / len(first | second)


def label_of(year: int, code: str, name: str) -> str:
    """Return the pack's short English label of an indicator, by year and code. Without a label, return its own name.

    The name also stays if the pack knows another indicator under that code.
    """
    indicator = pack.indicators(year).get(code)
    if not indicator:
        return name
    prints = {indicator.name, indicator.beginning, *map(fingerprint, labels_of(indicator))} - {""}
    return indicator.label_en if prints & {fingerprint(name), beginning(name)} else name


def labels_of(indicator: pack.Indicator) -> list[str]:
    """Return the labels of an indicator in all languages that have one."""
    return [label for code in pack.languages() if (label := getattr(indicator, f"label_{code}"))]
