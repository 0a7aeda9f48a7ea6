"""Words that compare a part with its whole, such as *most* and *half*, and when they hold."""

from collections.abc import Mapping

from rmrp_analysis.languages import Share, declared

SHARES: Mapping[Share, tuple[float, float]] = {
    "nearly all": (0.95, 1),
    "most": (0.5, 1),
    "half": (0.475, 0.525),
    "a third": (0.95 / 3, 1.05 / 3),
    "a quarter": (0.2375, 0.2625),
}
"""Between which shares of the whole a part lies for a word to hold; the lower bound of what is more than it is open."""


def share_word_of(word: str, language: str) -> Share | None:
    """What a word of the language says of a part and its whole; None when it says nothing of them."""
    return declared(language).shares.get(word[:1].lower() + word[1:])


def is_share(word: Share, part: float, whole: float) -> bool:
    """Whether a part is most, half … of its whole."""
    least, most = SHARES[word]
    share = part / whole if whole else 0.0
    return share <= most and (share > least if most == 1 else share >= least)
