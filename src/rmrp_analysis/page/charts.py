"""Draws the charts of a key-figures sheet as Matplotlib axes that print as small, repeatable SVG."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from io import StringIO
from itertools import groupby
from math import nan
from pathlib import Path
from threading import RLock
from typing import Literal, TypeAlias, cast

import seaborn as sns
from matplotlib import font_manager, rcParams, style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

State: TypeAlias = Literal["value", "withheld", "zero", "no_report"]

THEME = Path(__file__).parent.parent / "theme"
FAMILY = "Source Sans 3"
REACHED, MUTED, LAND, OTHER_LAND = "C0", "C1", "C2", "C3"  # places in the style's colour cycle

WIDTH_MM, HEIGHT_MM = 88.0, 44.0
FOOT_MM = 6.0  # below the axis, for the months' letters
PEAK_MM = 30.8  # the highest column
SLOT_MM = 11.0  # the most room one month takes
COLUMN_SHARE = 0.7  # of its slot
LEAST_COLUMN_MM, LEAST_STUB_MM = 0.5, 0.8
GAP_MM = 0.9  # between a column and its value
DASH_MM = 1.2  # above the axis, where no report came in
DESCENDER_MM = 0.5  # more room over a dash, for the p of report
EDGE_MM = 0.5  # free at left and right, for a wide first or last value
LEAST_GAP_MM = 0.2  # between two texts
LINE_MM = 4.0  # how far a crowded peak value is lifted
WIDEST_SHARE = 1.1  # of a slot, for a value that lies flat
WITHHELD_BELOW = 10.0  # people

_STYLE_LOCK = RLock()


@dataclass(frozen=True)
class Column:
    """One month: its letter, the people as a height (None when not shown), the text above it."""

    label: str
    height: float | None
    text: str
    state: State


def month_columns(columns: Sequence[Column]) -> Axes:
    """Columns of people by month, 88 × 44 mm, in the order given.

    Heights are people, from zero; a column lower than 0.5 mm is drawn 0.5 mm high so that it can
    be seen. The first highest column is in bold, a withheld month is a hatched stub as high as
    10 people, a reported zero is only its text, neighbouring months without a report share one
    text. A text wider than the room of its months stands upright.
    """
    with sheet_style():
        axes = _month_axes(columns)
        _draw_stubs(axes, columns)
        texts = [*_value_texts(axes, columns), *_missing_texts(axes, columns)]
        _stand_where_crowded(texts)
        _draw_peak(axes, columns, beside=texts)
    return axes


def svg(axes: Axes, *, prefix: str) -> str:
    """The drawing as an SVG element to embed, the same to the byte every time.

    Text stays text, sizes are in mm, every id begins with `prefix` so that several drawings may
    stand in one page; there is no XML prolog, no metadata, no date. The figure is unknown to
    pyplot, so it needs no closing and may be printed again.
    """
    drawn = StringIO()
    with sheet_style():
        cast(Figure, axes.figure).savefig(drawn, format="svg", metadata={"Date": None})
    return _tidied(drawn.getvalue(), prefix)


@contextmanager
def sheet_style() -> Iterator[None]:
    """Apply the theme's style within the block, one thread at a time; afterwards all is as before."""
    with _STYLE_LOCK:
        _register_fonts()
        with style.context(THEME / "rmrp.mplstyle", after_reset=True):
            yield


def blank_axes(width_mm: float, height_mm: float, *, foot_mm: float = 0) -> Axes:
    """Axes over the whole of a new figure but its foot, in millimetres from the bottom left."""
    figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4))
    FigureCanvasAgg(figure)  # a canvas that can measure text
    axes = figure.add_axes((0, foot_mm / height_mm, 1, 1 - foot_mm / height_mm))
    axes.set(xlim=(0, width_mm), ylim=(0, height_mm - foot_mm))
    return axes


def text_width_mm(text: Text) -> float:
    """The printed width of a text that lies flat, in millimetres."""
    return float(text.get_window_extent().width / rcParams["figure.dpi"] * 25.4)


@cache
def _register_fonts() -> None:
    for path in sorted((THEME / "fonts").glob("SourceSans3-*.ttf")):
        font_manager.fontManager.addfont(path)
    # The semibold file calls itself a family of its own, in regular weight
    semibold = next(f for f in font_manager.fontManager.ttflist if f.name == f"{FAMILY} Semibold")
    font_manager.fontManager.ttflist.append(replace(semibold, name=FAMILY, weight=600))


def _month_axes(columns: Sequence[Column]) -> Axes:
    axes = blank_axes(WIDTH_MM, HEIGHT_MM, foot_mm=FOOT_MM)
    people_per_mm = _most_people(columns) / PEAK_MM
    heights = [_column_height(column, least=LEAST_COLUMN_MM * people_per_mm) for column in columns]
    months = list(range(len(columns)))
    sns.barplot(x=months, y=heights, ax=axes, color=REACHED, saturation=1, width=COLUMN_SHARE, errorbar=None)
    axes.set_xticks(months, [column.label for column in columns])
    axes.tick_params(axis="x", pad=4.5)
    first = -0.5 - EDGE_MM / _slot_mm(columns)
    axes.set_xlim(first, first + WIDTH_MM / _slot_mm(columns))
    axes.set_ylim(0, (HEIGHT_MM - FOOT_MM) * people_per_mm)
    axes.patch.set_visible(False)
    for bar in axes.patches:
        bar.set_clip_on(False)
    return axes


def _most_people(columns: Sequence[Column]) -> float:
    peak = _peak_month(columns)
    return (columns[peak].height if peak is not None else None) or 10 * WITHHELD_BELOW


def _peak_month(columns: Sequence[Column]) -> int | None:
    reported = (month for month, column in enumerate(columns) if column.state == "value")
    return max(reported, key=lambda month: columns[month].height or 0, default=None)


def _column_height(column: Column, *, least: float) -> float:
    return max(column.height or 0, least) if column.state == "value" else nan


def _slot_mm(columns: Sequence[Column]) -> float:
    return min((WIDTH_MM - 2 * EDGE_MM) / max(len(columns), 1), SLOT_MM)


def _people_per_mm(axes: Axes) -> float:
    return axes.get_ylim()[1] / (HEIGHT_MM - FOOT_MM)


def _stub_height(axes: Axes) -> float:
    return max(WITHHELD_BELOW, LEAST_STUB_MM * _people_per_mm(axes))


def _draw_stubs(axes: Axes, columns: Sequence[Column]) -> None:
    axes.bar(
        [month for month, column in enumerate(columns) if column.state == "withheld"],
        _stub_height(axes),
        width=COLUMN_SHARE,
        facecolor="white",
        edgecolor=MUTED,
        linewidth=0.6,
        hatch="//////",
    )


def _value_texts(axes: Axes, columns: Sequence[Column]) -> list[Annotation]:
    texts = []
    for month, column in enumerate(columns):
        if column.state != "no_report" and month != _peak_month(columns):
            people = _stub_height(axes) if column.state == "withheld" else column.height or 0
            texts.append(_text_above(axes, column.text, month, people))
            _stand_if_wider(texts[-1], WIDEST_SHARE * _slot_mm(columns))
    return texts


def _missing_texts(axes: Axes, columns: Sequence[Column]) -> list[Annotation]:
    texts = []
    people, foot = DASH_MM * _people_per_mm(axes), (DASH_MM + DESCENDER_MM) * _people_per_mm(axes)
    for months in _runs_without_report(columns):
        axes.hlines([people] * len(months), [m - 0.15 for m in months], [m + 0.15 for m in months], color=MUTED)
        texts.append(_text_above(axes, columns[months[0]].text, sum(months) / len(months), foot))
        texts[-1].set_fontstyle("italic")
        _stand_if_wider(texts[-1], len(months) * _slot_mm(columns))
    return texts


def _runs_without_report(columns: Sequence[Column]) -> list[list[int]]:
    runs = groupby(range(len(columns)), key=lambda month: columns[month].state)
    return [list(months) for state, months in runs if state == "no_report"]


def _draw_peak(axes: Axes, columns: Sequence[Column], *, beside: Sequence[Text]) -> None:
    month = _peak_month(columns)
    if month is None:
        return
    text = _text_above(axes, columns[month].text, month, columns[month].height or 0)
    text.set(color=rcParams["text.color"], weight=700, size=rcParams["axes.titlesize"])
    if _is_crowded(text, beside):
        text.xyann = (0, _points(GAP_MM + LINE_MM))


def _text_above(axes: Axes, words: str, month: float, people: float) -> Annotation:
    return axes.annotate(
        words,
        (month, people),
        xytext=(0, _points(GAP_MM)),
        textcoords="offset points",
        ha="center",
        color=rcParams["xtick.color"],
    )


def _points(length_mm: float) -> float:
    return length_mm / 25.4 * 72


def _stand_if_wider(text: Text, room_mm: float) -> None:
    if text_width_mm(text) > room_mm:
        text.set(rotation=90, va="bottom")


def _stand_where_crowded(texts: Sequence[Text]) -> None:
    for position, text in enumerate(texts):
        if _is_crowded(text, texts[:position]):
            text.set(rotation=90, va="bottom")


def _is_crowded(text: Text, beside: Sequence[Text]) -> bool:
    box = text.get_window_extent().padded(_points(LEAST_GAP_MM) / 72 * rcParams["figure.dpi"])
    return any(box.overlaps(other.get_window_extent()) for other in beside)


_FAMILIES = f"'{FAMILY}', 'RMRP Sans', sans-serif"  # the PDF's name for the font, then the page's
_LEFT_OUT = re.compile(
    r"<metadata>.*?</metadata>"
    r"|<defs>\s*<style.*?</style>\s*</defs>"  # would apply to the whole page around it
    r'|<path d="[^"]*" style="fill: none"/>'  # backgrounds
    r'|<g id="[^"]*"/>'
    r'| transform="rotate\(-0 [^"]*"'
    r'|font-family: [^;"]*;? ?'
    r"|^\s+",
    re.DOTALL | re.MULTILINE,
)
_EMPTY_GROUP = re.compile(r'<g id="[^"]*">\s*</g>\n?')
_ID = re.compile(r'(?<= id=")|(?<=href="#)|(?<=url\(#)')
_DECIMAL = re.compile(r"-?\d+\.\d{3,}")
_SIZE = re.compile(r'width="([\d.]+)pt" height="([\d.]+)pt"')


def _tidied(drawn: str, prefix: str) -> str:
    element = _EMPTY_GROUP.sub("", _LEFT_OUT.sub("", drawn[drawn.index("<svg") :]))
    element = _SIZE.sub(_root_attributes, element, count=1)
    element = element.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "", "xlink:" not in element)
    element = re.sub(r">\n+<", ">\n<", _ID.sub(f"{prefix}-", element))
    return re.sub(r"<[^>]*>", _short_tag, element)


def _root_attributes(size: re.Match[str]) -> str:
    width_mm, height_mm = (round(float(points) / 72 * 25.4, 2) for points in size.groups())
    return f'width="{width_mm:g}mm" height="{height_mm:g}mm" font-family="{_FAMILIES}" stroke-linejoin="round"'


def _short_tag(tag: re.Match[str]) -> str:
    rounded = _DECIMAL.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), tag[0])
    return rounded.replace(" \nL ", " ").replace(" \n", "").replace("\n", "")
