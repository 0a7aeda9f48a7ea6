"""Names of indicators: fingerprints by which a name is found however it is written, and the pack's short labels.

The coordination's own names are long sentences that the package does not carry. It carries a hash of each.
"""

import hashlib
from functools import lru_cache

from rmrp_analysis.packs import pack
from rmrp_analysis.vocabulary.text import MAX_TEXTS_CACHED, slug

BEGINNING_WORD_COUNT = 8
"""So many first words tell the indicators of a sector apart, and stay when the end of a name is changed or cut."""
MIN_SHARED_WORD_SHARE = 0.6
"""The least share of words, of all in two names, that both have where one is suggested for the other."""


@lru_cache(MAX_TEXTS_CACHED)
def fingerprint(name: str) -> str:
    """Return a hash (16 hexadecimal digits) of a name's letters and digits, without accents, case, blanks, marks.

    Empty where it has none.

    >>> fingerprint("# of people  trained, in first aid") == fingerprint("Of people trained in First Aid.")
    True
    """
    words = slug(name)
    return hashlib.sha256(words.encode()).hexdigest()[:16] if words else ""


def beginning(name: str) -> str:
    """Return the fingerprint of the first ``BEGINNING_WORD_COUNT`` words of a name; empty where it has fewer."""
    words = slug(name).split("-")
    return fingerprint(" ".join(words[:BEGINNING_WORD_COUNT])) if len(words) >= BEGINNING_WORD_COUNT else ""


def names_alike(name: str, other_name: str) -> float:
    """Return the share of words, of all that two names have, that both have: 0 to 1."""
    first, second = set(slug(name).split("-")), set(slug(other_name).split("-"))
    return len(first & second) / len(first | second)


def label_of(year: int, code: str, name: str) -> str:
    """Return the pack's short English label of an indicator, by year and code; else its own name.

    The name stays, too, where the pack knows another indicator under that code.
    """
    pack_indicator = pack.indicators(year).get(code)
    if not pack_indicator:
        return name
    names = {
        pack_indicator.name,
        pack_indicator.beginning,
        *(fingerprint(label) for label in labels_of(pack_indicator)),
    } - {""}
    return pack_indicator.label_en if names & {fingerprint(name), beginning(name)} else name


def labels_of(indicator: pack.Indicator) -> list[str]:
    """Return the labels of an indicator in every language that it has one in."""
    return [label for code in pack.languages() if (label := getattr(indicator, f"label_{code}"))]
