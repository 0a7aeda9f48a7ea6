"""Tables of charts, and whether the texts of a chart can be read: none runs into another, none is cut at the edge."""

from collections.abc import Hashable, Mapping
from itertools import combinations
from math import hypot

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox

TOUCHING = 0.16  # of the type size: so much of the boxes of two texts may overlap before their letters do


def counted(people: Mapping[Hashable, object]) -> pd.DataFrame:
    """People by part, where a text stands for few; what is no number has no report."""
    rows = [(0, "few") if isinstance(number, str) else (number, "known") for number in people.values()]
    table = pd.DataFrame(rows, columns=["value", "status"], index=list(people))
    return table.assign(reason="").astype({"value": "float64"})


def texts_of(axes: Axes) -> list[Text]:
    axes.figure.draw_without_rendering()  # a key gets its place when it is drawn
    legend = axes.get_legend()
    rows = [text for row in axes.child_axes for text in row.texts]
    texts = [*axes.texts, *rows, axes.title, axes._left_title, *(legend.get_texts() if legend else [])]
    if axes.axison:
        texts += [*axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label, axes.yaxis.label]
    return [text for text in texts if text.get_text() and text.get_visible()]


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def box_of(text: Text) -> Bbox:
    box = text.get_window_extent()
    return box.padded(-TOUCHING * text.get_fontsize() / 72 * text.figure.dpi)


def clearance(box: Bbox, x: float, y: float, radius: float) -> float:
    """How far a circle is from a box; below zero, they overlap."""
    return hypot(max(box.x0 - x, x - box.x1, 0), max(box.y0 - y, y - box.y1, 0)) - radius


def overlapping(axes: Axes) -> list[tuple[str, str]]:
    """Pairs of texts that run into each other."""
    boxes = [(text.get_text(), box_of(text)) for text in texts_of(axes)]
    return [(one, other) for (one, a), (other, b) in combinations(boxes, 2) if a.overlaps(b)]


def cut(axes: Axes) -> list[str]:
    """Texts that leave the figure."""
    paper = axes.figure.bbox.padded(0.5)
    boxes = [(text.get_text(), box_of(text)) for text in texts_of(axes)]
    return [
        words
        for words, box in boxes
        if not (paper.x0 <= box.x0 and box.x1 <= paper.x1 and paper.y0 <= box.y0 and box.y1 <= paper.y1)
    ]
