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
"""The giver, or taker, of money that came into the plan before, from donors of another sector or without a sector."""
BAND_OPACITY = 0.28  # the opacity of a band (0–1), so that bands below others are seen
MAX_LABEL_WIDTH_SHARE = 0.36  # the share of the width for the names on either side
BAR_WIDTH_MM = 1.6  # the width of the bar of a giver or taker
BAR_GAP_MM = 1.2  # between two bars, one below the other
NAME_BAR_GAP_MM = 1.2  # between a name and its bar
LABEL_SLOT_HEIGHT_MM = 7.6  # the height of a label of two lines: its name and its amount
MAX_NAME_LINES = 3
SPARE_BAR_HEIGHT_MM = 3.0  # the height of a chart beyond its labels, so that the lengths of bars differ
MIN_DRAWING_HEIGHT_MM = 22.0
MIN_BAR_LENGTH_MM = 0.3  # the length of the smallest bar and the thickness of the thinnest band
LABEL_LINE_SPACING_MM = 3.2  # from one line of a label to the next
BASE_LINE_DROP_MM = 1.0  # from the middle of a line of text to its base line


@draws_table
def flows(
    table: Table,
    *,
    ax: Axes | None = None,
    width_mm: float = text_layout.COLUMNS_6_WIDTH_MM,
    shown: int = 4,
    title: str = "",
    unit: Unit | None = None,
    decimals: int | None = None,
    language: str | None = None,
    labels: Mapping[str, str] | None = None,
    color: str = "",
) -> Axes:
    """Draw a band for each amount from a donor (left) to an organisation (right), on axes in millimetres.

    The width of a band is proportional to its US$. Each side lists the largest by name, then the rest together, parties
    without a name, and money passed on. Each has its amount and its share of the total. A long name is replaced by its
    acronym. Without an acronym it has up to three lines, and is cut if it needs more. Amounts of 0 or below are not
    drawn. All other arguments are options of all charts.

    Args:
        table: Of donors × organisations, in US$.
        shown: The number of names on either side, one more in place of "1 other", fewer in a low ``ax``.

    >>> import pandas as pd
    >>> pairs = {"UNHCR": [30, 10], "IOM": [0, 60]}
    >>> pairs = pd.DataFrame(pairs, index=["EU", "USA"])
    >>> axes = rmrp.charts.flows(pairs)
    >>> [text.get_text() for text in axes.texts][:4]
    ['USA', '$70 · 70%', 'EU', '$30 · 30%']
    """
    formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color, default_unit="usd")
    if ax is not None:
        shown = max(1, min(shown, int((sheet_axes.size_mm_of(ax)[1] - SPARE_BAR_HEIGHT_MM) / LABEL_SLOT_HEIGHT_MM) - 2))
    money = largest_flows(table, shown=shown, language=formatter.language, labels=labels)
    sides = [(name, _format_amount(usd, side, formatter)) for side in money[1:] for name, usd in side.items()]
    names = [_fit_names(side, width_mm * MAX_LABEL_WIDTH_SHARE, MAX_NAME_LINES) for side in money[1:]]
    size_mm = (width_mm, max(MIN_DRAWING_HEIGHT_MM, max(map(_labels_height_mm, names)) + SPARE_BAR_HEIGHT_MM))
    return sheet_axes.draw_sketch(
        "flows", partial(_sketch_flows, money, formatter), sides, formatter, ax=ax, size_mm=size_mm, title=title
    )


def _format_amount(usd: float, side: Mapping[str, float], formatter: ChartFormatter) -> str:
    """Return the amount of a giver or taker, and its share of the sum of its side, as text."""
    return f"{formatter.format_number(usd)} · {numbers.share(usd / sum(side.values()), formatter.language)}"


def _fit_names(side: Iterable[str], room_mm: float, max_lines: int) -> dict[str, str]:
    """Return each name in as few lines as possible without a cut, or cut if it needs too many, by name."""

    def fit_name(name: str) -> str:
        texts = [text_layout.fit_text(name, room_mm, max_lines=lines) for lines in range(1, max_lines + 1)]
        return next((text for text in texts if "…" not in text), texts[-1])

    return {name: fit_name(name) for name in side}


def _label_height_mm(name: str) -> float:
    """Return the height of a label: the lines of its name, and its amount."""
    return LABEL_SLOT_HEIGHT_MM + name.count("\n") * LABEL_LINE_SPACING_MM


def _labels_height_mm(names: Mapping[str, str]) -> float:
    """Return the height of all labels of a side, one below the other, for names as they fit."""
    return sum(map(_label_height_mm, names.values()))


def _sketch_flows(money: "Flows", formatter: ChartFormatter, width_mm: float, height_mm: float) -> Sketch:
    """Return a sketch of givers, takers and the bands between them, as large as the labels allow."""
    sketch, sides = Sketch(width_mm, height_mm), (money.givers, money.takers)
    label_mm = width_mm * MAX_LABEL_WIDTH_SHARE
    choices = [[_fit_names(side, label_mm, lines) for side in sides] for lines in range(MAX_NAME_LINES, 0, -1)]
    names = next((names for names in choices if max(map(_labels_height_mm, names)) <= height_mm), choices[-1])
    slots = [{name: _label_height_mm(text) for name, text in side.items()} for side in names]
    scale = _fit_scale(sides, slots, height_mm)
    giver_x = label_mm + NAME_BAR_GAP_MM
    taker_x = width_mm - label_mm - NAME_BAR_GAP_MM - BAR_WIDTH_MM
    giver_tops = _draw_side(sketch, money.givers, names[0], formatter, scale, giver_x, label_mm, "right")
    taker_tops = _draw_side(sketch, money.takers, names[1], formatter, scale, taker_x, width_mm - label_mm, "left")
    for (giver, taker), usd in money.pairs.items():
        start = (giver_x + BAR_WIDTH_MM, giver_tops[giver])
        end = (taker_x, taker_tops[taker])
        band = _outline_band(start, end, max(usd * scale, MIN_BAR_LENGTH_MM))
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
    """Draw the bars and labels of givers or takers one below the other. Return the top of each bar in mm.

    ``side`` has their US$ and ``names`` their fitted names, both by name. ``scale`` is in mm per US$.
    """
    lengths = {name: max(usd * scale, MIN_BAR_LENGTH_MM) for name, usd in side.items()}
    slots = {name: max(length + BAR_GAP_MM, _label_height_mm(names[name])) for name, length in lengths.items()}
    top, tops = (sketch.height_mm + sum(slots.values())) / 2, dict[str, float]()
    for name, length in lengths.items():
        middle = top - slots[name] / 2
        top -= slots[name]
        tops[name] = middle + length / 2
        amount = _format_amount(side[name], side, formatter)
        lines = names[name].split("\n")
        base = middle + len(lines) / 2 * LABEL_LINE_SPACING_MM - BASE_LINE_DROP_MM
        look, tip = Look(formatter.colour()), pictures.tip(name, amount)
        sketch.add(Box(bar_x, middle - length / 2, BAR_WIDTH_MM, length, look, tip))
        for number, line in enumerate(lines):
            sketch.add(Label(label_x, base - number * LABEL_LINE_SPACING_MM, line, hex_of("ink"), align))
        foot = base - len(lines) * LABEL_LINE_SPACING_MM
        sketch.add(Label(label_x, foot, amount, hex_of("ink"), align, weight=700))
    return tops


def _outline_band(start: tuple[float, float], end: tuple[float, float], thickness: float) -> Path:
    """Return the outline of a curved band with its upper edge from ``start`` to ``end``."""
    middle = (start[0] + end[0]) / 2
    above = [start, (middle, start[1]), (middle, end[1]), end]
    below = [(x, y - thickness) for x, y in reversed(above)]
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    return Path([*above, *below, above[0]], codes)


class Flows(NamedTuple):
    """The amounts that a chart of flows draws: by pair, by giver and by taker, in US$.

    Names are as printed. Givers and takers are in the order of the chart.
    """

    pairs: dict[tuple[str, str], float]
    givers: dict[str, float]
    takers: dict[str, float]


def largest_flows(
    table: Table, *, shown: int = 4, language: str = "en", labels: Mapping[str, str] | None = None
) -> Flows:
    """Return the amounts that ``flows`` draws: the largest donors and organisations by name, the rest together.

    Each side lists the largest first, then the rest, parties without a name, and money passed on. Amounts of 0 or below
    are left out. Raises ``RequestError`` for a table without two dimensions.

    >>> import pandas as pd
    >>> largest_flows(pd.DataFrame({"IOM": [9.0, 4, 3, 2, 1, 1]}, index=list("ABCDEF"))).givers
    {'A': 9.0, 'B': 4.0, 'C': 3.0, 'D': 2.0, '2 other donors': 2.0}
    """
    amounts = tidy(table, dimensions=2)["value"]
    rows = amounts[amounts > 0].rename_axis(["giver", "taker"]).rename("usd").reset_index()
    sides: list[dict[str, float]] = []
    for side in ("giver", "taker"):
        sums: dict[Any, float] = rows.groupby(side)["usd"].sum().to_dict()
        names = _name_parties(sums, side, shown, language, labels or {})
        rows[side] = rows[side].map(names)
        totals = rows.groupby(side)["usd"].sum().to_dict()
        sides.append({name: totals[name] for name in dict.fromkeys(names.values())})
    givers, takers = sides
    pairs = rows.groupby(["giver", "taker"])["usd"].sum().to_dict()
    ordered = {pair: pairs[pair] for pair in product(givers, takers) if pair in pairs}
    return Flows(ordered, givers, takers)


def _name_parties(
    usd_by_party_key: Mapping[Any, float], side_column: str, shown: int, language: str, labels: Mapping[str, str]
) -> dict[Any, str]:
    """Return the printed name of each giver or taker by its key, the largest first.

    All beyond the ``shown`` largest share one name, unless there is only one more. Parties without a name, then money
    passed on, come last. ``side_column`` is *giver* or *taker*.
    """
    translate, sums = Translator(language), usd_by_party_key
    order = sorted(sums, key=lambda key: (key == PASSED_ON, key == NOT_SPECIFIED, -sums[key], key))
    parties = [key for key in order if key not in (PASSED_ON, NOT_SPECIFIED)]
    tail = parties[shown:] if len(parties) > shown + 1 else []
    if side_column == "giver":
        passed_on = translate("Passed on within the plan")
        rest = translate.plural("{count} other donor", "{count} other donors", len(tail))
    else:
        passed_on = translate("Sub-grants")
        rest = translate.plural("{count} other", "{count} others", len(tail))
    rest = rest.format(count=numbers.count(len(tail), language))
    names = {NOT_SPECIFIED: translate("Not named"), PASSED_ON: passed_on, **labels}
    names |= dict.fromkeys(tail, rest)
    return {key: names.get(key, label(key, language)) for key in order}


def _fit_scale(
    sides: Sequence[Mapping[str, float]], slots_mm: Sequence[Mapping[str, float]], height_mm: float
) -> float:
    """Return the scale at which the side that needs most height just fits, in mm per US$, or 0 without a side.

    Each end takes the height of its bar or of its label, whichever is larger. When the scale grows, the bars outgrow
    their labels one after the other, in ``order``. If n bars have outgrown their labels, the height of the side is the
    sum of n bars and of the other labels. Each n gives a limit for the scale. The smallest limit holds.
    """
    limits = []
    for side, slots in zip(sides, slots_mm, strict=True):
        order = sorted(side, key=lambda name: (slots[name] - BAR_GAP_MM) / side[name])
        for count in range(1, len(order) + 1):
            labels_mm = sum(slots[name] for name in order[count:])
            limits.append((height_mm - count * BAR_GAP_MM - labels_mm) / sum(side[name] for name in order[:count]))
    return max(min(limits, default=0), 0)
