"""Text whose accents were read in the wrong encoding: how it is recognised, how it is mended."""

import re

import pandas as pd

MARKS = "[ÃÂâ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
"""What the first two bytes of an accented letter of UTF-8 look like as Windows-1252 or Latin-1."""

MOST_PASSES = 3
"""A text that went wrong more often than this is not mended."""


def mended(text: str) -> str:
    """The text with its accents as they were typed: ``Nuevo LeÃ³n`` is ``Nuevo León``; any other text as it is.

    A text is only mended when every one of its accents fits; then nothing else could have been meant.
    """
    for _ in range(MOST_PASSES):
        try:
            text = bytes(map(_byte, text)).decode("utf-8") if not text.isascii() else text
        except (UnicodeError, ValueError):
            return text
    return text


def _byte(letter: str) -> int:
    """The byte that a letter was read from: Windows-1252, and Latin-1 for the bytes that it leaves empty."""
    try:
        return letter.encode("cp1252")[0]
    except UnicodeEncodeError:
        return ord(letter)  # above 255, bytes() raises ValueError: no such byte, so not mis-decoded


def mended_cells(texts: pd.Series) -> pd.Series:
    """A column with every mis-decoded text mended."""
    suspects = texts.str.contains(MARKS, regex=True).fillna(value=False).astype(bool)
    return texts.mask(suspects, texts[suspects].map(mended)) if suspects.any() else texts


def mis_decoded(text: str) -> bool:
    """Whether a text can be mended."""
    return bool(re.search(MARKS, text)) and mended(text) != text
