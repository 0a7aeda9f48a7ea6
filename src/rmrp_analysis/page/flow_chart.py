"""Draws money on its way: a bar for each giver and taker, a band for what goes from one to the other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.text import Text

from rmrp_analysis.page import charts

Align = Literal["left", "right"]
FUNDED = "C4"  # burgundy, money that was given
BAND_OPACITY = 0.28
LABEL_SHARE = 0.36  # of the width, for the names on either side
BAR_MM = 1.6
GAP_MM = 1.2  # between two bars
SPACE_MM = 1.2  # between a name and its bar
SLOT_MM = 7.6  # the two lines of a label
SPARE_MM = 3.0  # beyond the labels, so that long bars are told from short ones
LEAST_MM = 22.0  # the least height of the drawing
LEAST_BAR_MM = 0.3
LINE_MM = 3.2  # between the two lines of a label


@dataclass(frozen=True)
class End:
    """A giver or taker: its name and its amount as they are printed."""

    name: str
    text: str


@dataclass(frozen=True)
class _Bar:
    """An end as drawn, in millimetres from the bottom."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return (self.low + self.high) / 2


def flow_bands(
    givers: Sequence[End], takers: Sequence[End], usd: Mapping[tuple[int, int], float], *, width_mm: float
) -> Axes:
    """Bands from givers (left) to takers (right), as wide as their US$ against the whole; axes in millimetres.

    ``usd`` holds amounts above 0 by the places of giver and taker. Both sides are drawn in the order given, from the
    top, each with a label at its middle; a name that is too long is cut short.
    """
    rows = max(len(givers), len(takers))
    height_mm = max(LEAST_MM, rows * SLOT_MM + SPARE_MM)
    sums = [_sums(usd, side, len(named)) for side, named in enumerate((givers, takers))]
    scale = _mm_per_usd(sums, height_mm)
    label_mm = width_mm * LABEL_SHARE
    inner = label_mm + SPACE_MM + BAR_MM, width_mm - label_mm - SPACE_MM - BAR_MM
    with charts.sheet_style():
        axes = charts.blank_axes(width_mm, height_mm)
        axes.set_axis_off()
        sides = [_bars(amounts, scale, height_mm) for amounts in sums]
        for band in _bands(sides, usd, scale, inner):
            axes.add_patch(band)
        _draw_side(axes, sides[0], givers, left=inner[0] - BAR_MM, text=label_mm, align="right")
        _draw_side(axes, sides[1], takers, left=inner[1], text=width_mm - label_mm, align="left")
    return axes


def _sums(usd: Mapping[tuple[int, int], float], side: int, ends: int) -> list[float]:
    return [sum(amount for places, amount in usd.items() if places[side] == end) for end in range(ends)]


def _mm_per_usd(sums: Sequence[Sequence[float]], height_mm: float) -> float:
    """The scale at which the side that needs most height just fits, where a bar takes at least the room of its label.

    That room is the larger of bar and label, so the height of a side is the greatest of the sums in which its n largest
    ends count by their bars and the others by their labels: one limit for each n.
    """
    return min(
        (height_mm - longer * GAP_MM - (len(amounts) - longer) * SLOT_MM) / sum(sorted(amounts)[-longer:])
        for amounts in sums
        for longer in range(1, len(amounts) + 1)
    )


def _bars(amounts: Sequence[float], scale: float, height_mm: float) -> list[_Bar]:
    """Bars from the top, each in the middle of its room, the whole side in the middle of the height."""
    lengths = [max(amount * scale, LEAST_BAR_MM) for amount in amounts]
    rooms = [max(length + GAP_MM, SLOT_MM) for length in lengths]
    top = (height_mm + sum(rooms)) / 2
    middles = [top - sum(rooms[:place]) - room / 2 for place, room in enumerate(rooms)]
    return [_Bar(middle - length / 2, middle + length / 2) for middle, length in zip(middles, lengths, strict=True)]


def _bands(
    sides: Sequence[Sequence[_Bar]], usd: Mapping[tuple[int, int], float], scale: float, ends: tuple[float, float]
) -> Iterator[PathPatch]:
    used: tuple[dict[int, float], dict[int, float]] = ({}, {})
    for (giver, taker), amount in sorted(usd.items()):
        tops = []
        for side, place in enumerate((giver, taker)):
            tops.append(sides[side][place].high - used[side].get(place, 0.0))
            used[side][place] = used[side].get(place, 0.0) + amount * scale
        yield PathPatch(
            _band(ends, tops, max(amount * scale, LEAST_BAR_MM)), facecolor=FUNDED, alpha=BAND_OPACITY, linewidth=0
        )


def _band(ends: tuple[float, float], tops: Sequence[float], thick: float) -> Path:
    (left, right), (giver, taker) = ends, tops
    middle = (left + right) / 2
    upper = [(left, giver), (middle, giver), (middle, taker), (right, taker)]
    lower = [(x, y - thick) for x, y in reversed(upper)]
    corners = [*upper, upper[-1], lower[0], *lower, lower[-1], upper[0], upper[0]]
    # The edges at the ends are curves, too: straight lines after curves are not told apart in the shortened SVG.
    return Path(corners, [Path.MOVETO, *[Path.CURVE4] * (len(corners) - 1)])


def _draw_side(
    axes: Axes, bars: Sequence[_Bar], ends: Sequence[End], *, left: float, text: float, align: Align
) -> None:
    """Bars from ``left``, and at ``text`` the two lines of each label, with as much room as lies outside."""
    room_mm = axes.get_xlim()[1] * LABEL_SHARE
    for bar, end in zip(bars, ends, strict=True):
        axes.add_patch(Rectangle((left, bar.low), BAR_MM, bar.high - bar.low, facecolor=FUNDED))
        look = {"ha": align, "va": "center", "color": rcParams["text.color"]}
        _cut(axes.text(text, bar.middle + LINE_MM / 2, end.name, **look), end.name, room_mm)
        axes.text(text, bar.middle - LINE_MM / 2, end.text, weight=700, **look)


def _cut(text: Text, words: str, room_mm: float) -> None:
    """Where a name is too long, its acronym if it ends in one; else as many letters as fit, with an ellipsis."""
    acronym = re.search(r"\(([^()]+)\)$", words)
    if charts.text_width_mm(text) > room_mm and acronym:
        text.set_text(acronym[1])
    kept = text.get_text()
    while charts.text_width_mm(text) > room_mm and kept:
        kept = kept[:-1].rstrip()
        text.set_text(f"{kept}…")
