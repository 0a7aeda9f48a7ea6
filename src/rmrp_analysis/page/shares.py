"""Words that compare a part with its whole, such as *most* and *half*, and when they hold."""

from collections.abc import Mapping
from typing import Literal

Share = Literal["nearly all", "most", "half", "a third", "a quarter"]
SHARES: Mapping[Share, tuple[float, float]] = {
    "nearly all": (0.95, 1),
    "most": (0.5, 1),
    "half": (0.475, 0.525),
    "a third": (0.95 / 3, 1.05 / 3),
    "a quarter": (0.2375, 0.2625),
}
"""Between which shares of the whole a part lies for a word to hold; the lower bound of what is more than it is open."""

SHARE_WORDS: Mapping[str, Mapping[str, Share]] = {
    "en": {
        "nearly_all": "nearly all",
        "most": "most",
        "more_than_half": "most",
        "half": "half",
        "a_third": "a third",
        "a_quarter": "a quarter",
    },
    "es": {
        "casi_todas": "nearly all",
        "casi_todos": "nearly all",
        "la_mayoría": "most",
        "más_de_la_mitad": "most",
        "la_mitad": "half",
        "un_tercio": "a third",
        "una_cuarta_parte": "a quarter",
    },
    "pt": {
        "quase_todas": "nearly all",
        "quase_todos": "nearly all",
        "a_maioria": "most",
        "mais_da_metade": "most",
        "metade": "half",
        "um_terço": "a third",
        "um_quarto": "a quarter",
    },
}
"""The words of each language as an author names them, with ``_`` for a space; the first letter may be a capital."""

OF_THEM: Mapping[str, str] = {
    "en": r"of\s+(?:them|these|those|the\s+people)",
    "es": r"de\s+(?:ellas|ellos|estas|estos|las\s+personas)",
    "pt": r"(?:delas|deles|destas|destes|das\s+pessoas)",
}
"""What follows a word of shares where it speaks of people who were counted."""


def share_word_of(word: str, language: str) -> Share | None:
    """What a word of the language says of a part and its whole; None when it says nothing of them."""
    return SHARE_WORDS[language].get(word[:1].lower() + word[1:])


def is_share(word: Share, part: float, whole: float) -> bool:
    """Whether a part is most, half … of its whole."""
    least, most = SHARES[word]
    share = part / whole if whole else 0.0
    return share <= most and (share > least if most == 1 else share >= least)
