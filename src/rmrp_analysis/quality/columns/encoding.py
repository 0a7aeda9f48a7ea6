"""Texts that were read in the wrong encoding, and contacts of persons in texts."""

import re

import pandas as pd

from rmrp_analysis.quality.columns.base import RULE_FUNCTION_BY_NAME, matches
from rmrp_analysis.vocabulary import holds_contact

MIS_DECODED_LETTER_PATTERN = re.compile("[ÃÂâ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
"""The first two bytes of an accented letter of UTF-8, read as Windows-1252 or Latin-1."""

MAX_DECODING_PASSES = 3
"""How many wrong decodings of a text are undone. Any others stay."""


def mend_text(text: str) -> str:
    """Return a text with its accents as they were typed: ``Nuevo LeÃ³n`` is ``Nuevo León``.

    A text is mended only if every accent fits, because then it can have no other meaning. A letter was read from its
    byte in Windows-1252, or in Latin-1 for the bytes that Windows-1252 leaves empty. Up to ``MAX_DECODING_PASSES``
    wrong decodings are undone. Any other text is returned as it is.
    """
    if not MIS_DECODED_LETTER_PATTERN.search(text):
        return text
    for _ in range(MAX_DECODING_PASSES):
        try:
            raw = (letter.encode("cp1252" if ord(letter) > 0xFF else "latin-1") for letter in text)
            text = b"".join(raw).decode("utf-8") if not text.isascii() else text
        except UnicodeError:
            return text
    return text


def mend_texts(texts: pd.Series) -> pd.Series:
    """Return a column with every mis-decoded text mended, with the same index."""
    return texts.map(mend_text).astype("str")


def has_contact(texts: pd.Series) -> pd.Series:
    """Return a mask of the texts that hold an e-mail address or a telephone number, with the same index."""
    return matches(texts, holds_contact)


RULE_FUNCTION_BY_NAME |= {
    "mended": mend_texts,
    "mis_decoded": lambda texts: matches(texts, lambda text: mend_text(text) != text),
    "holding_contacts": has_contact,
}
