"""Draw flows of money: a bar for each giver and taker, and a band from one to the other."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.path import Path

from rmrp_analysis import numbers
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import ChartFormatter, Table, Unit, draws_table, tidy
from rmrp_analysis.charts.matplotlib_style import hex_of
from rmrp_analysis.charts.svg_sketch import Area, Box, Label, Look, Sketch
from rmrp_analysis.theme import pictures
from rmrp_analysis.vocabulary import NOT_SPECIFIED
from rmrp_analysis.vocabulary.labels import label
from rmrp_analysis.words import Translator

PASSED_ON = "passed on within the plan"
"""The giver, or taker, of money that came into the plan before: from donors of another sector or of none."""
BAND_OPACITY = 0.28
MAX_LABEL_SHARE = 0.36  # of the width, for the names on either side
BAR_MM = 1.6
GAP_MM = 1.2  # between two bars
SPACE_MM = 1.2  # between a name and its bar
SLOT_MM = 7.6  # the height of a label of two lines: its name and its amount
MAX_NAME_LINES = 3
SPARE_HEIGHT_MM = 3.0  # beyond the labels, so that the lengths of bars differ
MIN_HEIGHT_MM = 22.0  # of the drawing
MIN_BAR_MM = 0.3
LINE_MM = 3.2  # between the lines of a label
BASE_LINE_DROP_MM = 1.0  # from the middle of a line of text to its base line


@draws_table
def flows(
    table: Table,
    *,
    ax: Axes | None = None,
    width_mm: float = text_layout.COLUMNS_6_MM,
    shown: int = 4,
    title: str = "",
    unit: Unit | None = None,
    decimals: int | None = None,
    language: str | None = None,
    labels: Mapping[str, str] | None = None,
    color: str = "",
) -> Axes:
    """Draw a band for each amount from a donor (left) to an organisation (right), on axes in millimetres.

    The width of a band is proportional to its US$. Each side lists the largest by name, then the rest together, those
    without a name, and what was passed on. Each has its amount and its share of the total; a long name gives its
    acronym, else has up to three lines, and is cut short where that takes more. Amounts of 0 or below are not drawn.
    All other arguments are options of all charts.

    Args:
        table: Of donors × organisations, in US$.
        shown: How many stand by name on either side; one more in place of "1 other".

    >>> import pandas as pd
    >>> pairs = {"UNHCR": [30, 10], "IOM": [0, 60]}
    >>> pairs = pd.DataFrame(pairs, index=["EU", "USA"])
    >>> axes = rmrp.charts.flows(pairs)
    >>> [text.get_text() for text in axes.texts][:4]
    ['USA', '$70 · 70%', 'EU', '$30 · 30%']
    """
    formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color, default_unit="usd")
    if ax is not None:
        shown = max(1, min(shown, int((sheet_axes.size_mm_of(ax)[1] - SPARE_HEIGHT_MM) / SLOT_MM) - 2))
    money = largest_flows(table, shown=shown, language=formatter.language, labels=labels)
    named_texts = [(name, _format_amount(usd, side, formatter)) for side in money[1:] for name, usd in side.items()]
    names = [_fit_names(side, width_mm * MAX_LABEL_SHARE, MAX_NAME_LINES) for side in money[1:]]
    size_mm = width_mm, max(MIN_HEIGHT_MM, max(map(_labels_height_mm, names)) + SPARE_HEIGHT_MM)
    return sheet_axes.draw_sketch(
        "flows", partial(_sketch_flows, money, formatter), named_texts, formatter, ax=ax, size_mm=size_mm, title=title
    )


def _format_amount(usd: float, side: Mapping[str, float], formatter: ChartFormatter) -> str:
    """Print the amount of a giver or taker, and its share of the sum of its side."""
    return f"{formatter.format_number(usd)} · {numbers.share(usd / sum(side.values()), formatter.language)}"


def _fit_names(side: Iterable[str], room_mm: float, max_lines: int) -> dict[str, str]:
    """Break names into at most so many lines, as few as hold them uncut; an acronym takes one."""

    def fit_name(name: str) -> str:
        candidates = [text_layout.fit_text(name, room_mm, max_lines=lines) for lines in range(1, max_lines + 1)]
        return next((text for text in candidates if "…" not in text), candidates[-1])

    return {name: fit_name(name) for name in side}


def _label_height_mm(name: str) -> float:
    """Return the height of a label: the lines of its name, and its amount."""
    return SLOT_MM + name.count("\n") * LINE_MM


def _labels_height_mm(names: Mapping[str, str]) -> float:
    return sum(map(_label_height_mm, names.values()))


def _sketch_flows(money: "Flows", formatter: ChartFormatter, width_mm: float, height_mm: float) -> Sketch:
    """Sketch givers, takers and the bands between them, on the largest scale that leaves room for all labels."""
    sketch, sides = Sketch(width_mm, height_mm), (money.givers, money.takers)
    label_mm = width_mm * MAX_LABEL_SHARE
    by_lines = [[_fit_names(side, label_mm, lines) for side in sides] for lines in range(MAX_NAME_LINES, 0, -1)]
    names = next((names for names in by_lines if max(map(_labels_height_mm, names)) <= height_mm), by_lines[-1])
    label_heights = [{name: _label_height_mm(text) for name, text in side.items()} for side in names]
    scale = _fit_scale(sides, label_heights, height_mm)
    giver_x, taker_x = label_mm + SPACE_MM, width_mm - label_mm - SPACE_MM - BAR_MM
    giver_tops = _draw_side(sketch, money.givers, names[0], formatter, scale, giver_x, label_mm, "right")
    taker_tops = _draw_side(sketch, money.takers, names[1], formatter, scale, taker_x, width_mm - label_mm, "left")
    for (giver, taker), usd in money.pairs.items():
        start, end = (giver_x + BAR_MM, giver_tops[giver]), (taker_x, taker_tops[taker])
        band = _outline_band(start, end, max(usd * scale, MIN_BAR_MM))
        tip = pictures.tip(f"{giver} → {taker}", formatter.format_number(usd))
        sketch.add(Area(band, Look(formatter.colour(), opacity=BAND_OPACITY), tip))
        giver_tops[giver] -= usd * scale
        taker_tops[taker] -= usd * scale
    return sketch


def _draw_side(
    sketch: Sketch,
    side: Mapping[str, float],
    names: Mapping[str, str],
    formatter: ChartFormatter,
    scale: float,
    bar_x: float,
    label_x: float,
    align: str,
) -> dict[str, float]:
    """Draw the bars and labels of givers or takers one below the other; return the top of each bar in mm.

    ``side`` is their US$ and ``names`` their fitted names, by name; ``scale`` is in mm per US$.
    """
    lengths = {name: max(usd * scale, MIN_BAR_MM) for name, usd in side.items()}
    rooms = {name: max(length + GAP_MM, _label_height_mm(names[name])) for name, length in lengths.items()}
    room_top, bar_tops = (sketch.height_mm + sum(rooms.values())) / 2, dict[str, float]()
    for name, length in lengths.items():
        middle, room_top = room_top - rooms[name] / 2, room_top - rooms[name]
        bar_tops[name] = middle + length / 2
        amount, name_lines = _format_amount(side[name], side, formatter), names[name].split("\n")
        base = middle + len(name_lines) / 2 * LINE_MM - BASE_LINE_DROP_MM
        look, tip = Look(formatter.colour()), pictures.tip(name, amount)
        sketch.add(Box(bar_x, middle - length / 2, BAR_MM, length, look, tip))
        for index, line in enumerate(name_lines):
            sketch.add(Label(label_x, base - index * LINE_MM, line, hex_of("ink"), align))
        sketch.add(Label(label_x, base - len(name_lines) * LINE_MM, amount, hex_of("ink"), align, weight=700))
    return bar_tops


def _outline_band(start: tuple[float, float], end: tuple[float, float], thickness: float) -> Path:
    """Return the outline of a curved band whose upper edge runs from ``start`` to ``end``."""
    middle = (start[0] + end[0]) / 2
    upper_edge = [start, (middle, start[1]), (middle, end[1]), end]
    lower_edge = [(x, y - thickness) for x, y in reversed(upper_edge)]
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    return Path([*upper_edge, *lower_edge, upper_edge[0]], codes)


class Flows(NamedTuple):
    """The amounts that a chart of flows draws: by pair, by giver and by taker, in US$.

    Names are as printed; givers and takers are in the order of the chart.
    """

    pairs: dict[tuple[str, str], float]
    givers: dict[str, float]
    takers: dict[str, float]


def largest_flows(
    table: Table, *, shown: int = 4, language: str = "en", labels: Mapping[str, str] | None = None
) -> Flows:
    """Return what ``flows`` draws: the largest donors and organisations by name, the rest together.

    >>> import pandas as pd
    >>> largest_flows(pd.DataFrame({"IOM": [9.0, 4, 3, 2, 1, 1]}, index=list("ABCDEF"))).givers
    {'A': 9.0, 'B': 4.0, 'C': 3.0, 'D': 2.0, '2 other donors': 2.0}
    """
    translate, amounts = Translator(language), tidy(table, dimensions=2)["value"]
    flows = amounts[amounts > 0].rename_axis(["giver", "taker"]).rename("usd").reset_index()
    sides: list[dict[str, float]] = []
    for side in ("giver", "taker"):
        sums: dict[Any, float] = flows.groupby(side)["usd"].sum().to_dict()
        order = sorted(sums, key=lambda key: (key == PASSED_ON, key == NOT_SPECIFIED, -sums[key], key))
        by_name = [key for key in order if key != PASSED_ON]
        rest_keys = by_name[shown:] if len(by_name) > shown + 1 else []
        if side == "giver":
            passed_on = translate("Passed on within the plan")
            rest_name = translate.plural("{count} other donor", "{count} other donors", len(rest_keys))
        else:
            passed_on, rest_name = (
                translate("Sub-grants"),
                translate.plural("{count} other", "{count} others", len(rest_keys)),
            )
        other_names = {NOT_SPECIFIED: translate("Not named"), PASSED_ON: passed_on, **(labels or {})}
        other_names |= dict.fromkeys(rest_keys, rest_name.format(count=numbers.count(len(rest_keys), language)))
        names = {key: other_names.get(key, label(key, language)) for key in order}
        flows[side] = flows[side].map(names)
        usd_by_name = flows.groupby(side)["usd"].sum().to_dict()
        sides.append({name: usd_by_name[name] for name in dict.fromkeys(names.values())})
    (givers, takers), usd = sides, flows.groupby(["giver", "taker"])["usd"].sum().to_dict()
    return Flows({pair: usd[pair] for pair in product(givers, takers) if pair in usd}, givers, takers)


def _fit_scale(
    sides: Sequence[Mapping[str, float]], slots_mm: Sequence[Mapping[str, float]], height_mm: float
) -> float:
    """Return the scale at which the side that needs most height just fits, in mm per US$.

    Each end takes the height of its bar or of its label, whichever is larger. So the height of a side is the greatest
    of the sums in which n of its ends count by their bars and the others by their labels, those first whose bars
    outgrow their labels first. Each n gives a limit for the scale; the smallest limit holds.
    """
    limits = []
    for side, slot_mm in zip(sides, slots_mm, strict=True):
        order = sorted(side, key=lambda name: (slot_mm[name] - GAP_MM) / side[name])
        for bar_count in range(1, len(order) + 1):
            by_labels = sum(slot_mm[name] for name in order[bar_count:])
            limits.append((height_mm - bar_count * GAP_MM - by_labels) / sum(side[name] for name in order[:bar_count]))
    return max(min(limits, default=0), 0)
