"""What of a text can be printed: no control characters, no halves of characters."""

import re

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff]"
    "|[" + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17)) + "]"
)
"""Control characters, also those that turn the direction of writing, halves of characters, and noncharacters."""


def printable(text: str, longest: int | None = None) -> str:
    """The text without what cannot be printed, and no longer than ``longest`` letters.

    >>> printable("Fundaci\\x00ón", 6)
    'Funda…'
    """
    clean = _UNPRINTABLE.sub("", text)
    return clean if longest is None or len(clean) <= longest else clean[: longest - 1] + "…"
