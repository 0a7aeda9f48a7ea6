"""The look of charts: the sheet's Matplotlib style with its fonts and colours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

from matplotlib import font_manager, style

THEME = Path(__file__).parent.parent / "theme"
FAMILY = "Source Sans 3"
REACHED, MUTED, LAND, OTHER_LAND, FUNDED, TARGET, UNMET = "C0", "C1", "C2", "C3", "C4", "C5", "C6"
"""Places in the style's colour cycle. Lines look theirs up again when they are drawn: give them ``to_hex(MUTED)``."""
WITHHELD: Mapping[str, Any] = {"facecolor": "white", "edgecolor": MUTED, "linewidth": 0.6, "hatch": "//////"}
"""How a bar or cell is filled whose value is withheld."""


def colour_of(unit: str) -> str:
    """Teal for people and counts, burgundy for money."""
    return FUNDED if unit == "usd" else REACHED


def wanted_of(unit: str) -> str:
    """The pale colour of what was planned or required."""
    return UNMET if unit == "usd" else TARGET


_STYLE_LOCK = RLock()


@contextmanager
def sheet_style() -> Iterator[None]:
    """Matplotlib and seaborn draw in the sheet's style within the block, one thread at a time; then all is as before.

    >>> import seaborn as sns
    >>> with sheet_style():
    ...     axes = sns.barplot(x=["Colombia", "Peru"], y=[742_000, 296_000])
    >>> float(axes.patches[0].get_height())
    742000.0
    """
    with _STYLE_LOCK:
        _register_fonts()
        with style.context(THEME / "rmrp.mplstyle", after_reset=True):
            yield


@cache
def _register_fonts() -> None:
    for path in sorted((THEME / "fonts").glob("SourceSans3-*.ttf")):
        font_manager.fontManager.addfont(path)
    # The semibold file calls itself a family of its own, in regular weight
    semibold = next(f for f in font_manager.fontManager.ttflist if f.name == f"{FAMILY} Semibold")
    font_manager.fontManager.ttflist.append(replace(semibold, name=FAMILY, weight=600))
