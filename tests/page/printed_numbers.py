"""Reads a printed English number back: between which bounds the exact number lies."""

import re

POWERS = {"": 0, "K": 3, "M": 6, "B": 9}
NUMBER = r"[<>−]?\u202f?\$?\d[\d,]*(?:\.\d+)?(?:\u202f[KMB]|%)?"
EXACT = re.compile(
    r"(?P<sign>[<>]\u202f)?\$?(?P<digits>\d[\d,]*)(?:\.(?P<decimals>\d+))?(?:\u202f(?P<unit>[KMB])|(?P<percent>%))?"
)


def bounds(printed: str) -> tuple[float, float]:
    """The smallest and the largest number that is printed so."""
    found = EXACT.fullmatch(printed)
    assert found, printed
    number = float(f"{found['digits'].replace(',', '')}.{found['decimals'] or 0}")
    scale = 10.0 ** POWERS[found["unit"] or ""] / (100 if found["percent"] else 1)
    half = 0.5 * 10.0 ** -len(found["decimals"] or "")
    if found["sign"]:
        return (0.0, number * scale) if found["sign"][0] == "<" else (number * scale, 1.0)
    return (number - half) * scale - 1e-9, (number + half) * scale + 1e-9


def holds(printed: str, exact: float) -> bool:
    """Whether an exact number may be printed so."""
    least, most = bounds(printed)
    return least <= exact <= most
