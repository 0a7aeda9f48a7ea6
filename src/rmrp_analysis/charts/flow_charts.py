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
BAND_OPACITY = 0.28  # the opacity of a band (0–1), so that bands below others are seen
MAX_LABEL_WIDTH_SHARE = 0.36  # the share of the width for the names on either side
BAR_WIDTH_MM = 1.6  # the width of the bar of a giver or taker
BAR_GAP_MM = 1.2  # between two bars, one below the other
NAME_BAR_GAP_MM = 1.2  # between a name and its bar
LABEL_SLOT_HEIGHT_MM = 7.6  # the height of a label of two lines: its name and its amount
MAX_NAME_LINES = 3  # the most lines of a name
SPARE_BAR_HEIGHT_MM = 3.0  # the height of a chart beyond its labels, so that the lengths of bars differ
MIN_DRAWING_HEIGHT_MM = 22.0  # the least height of the chart
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

    The width of a band is proportional to its US$. Each side lists the largest by name, then the rest together, those
    without a name, and what was passed on. Each has its amount and its share of the total; a long name gives its
    acronym, else has up to three lines, and is cut short where that takes more. Amounts of 0 or below are not drawn.
    All other arguments are options of all charts.

    Args:
        table: Of donors × organisations, in US$.
        shown: How many stand by name on either side; one more in place of "1 other", fewer in a low ``ax``.

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
    """Return each name broken into as few lines as hold it uncut, by its full name.

    A name that does not fit into ``max_lines`` lines of ``room_mm`` is cut, with ``…``.
    """

    def fit_name(name: str) -> str:
        fitted_name_texts = [
            text_layout.fit_text(name, room_mm, max_lines=line_count) for line_count in range(1, max_lines + 1)
        ]
        return next(
            (fitted_name_text for fitted_name_text in fitted_name_texts if "…" not in fitted_name_text),
            fitted_name_texts[-1],
        )

    return {party_name: fit_name(party_name) for party_name in side}


def _label_height_mm(name: str) -> float:
    """Return the height of a label: the lines of its name, and its amount."""
    return LABEL_SLOT_HEIGHT_MM + name.count("\n") * LABEL_LINE_SPACING_MM


def _labels_height_mm(names: Mapping[str, str]) -> float:
    """Return the height of all labels of a side, one below the other; ``names`` are as they fit."""
    return sum(map(_label_height_mm, names.values()))


def _sketch_flows(money: "Flows", formatter: ChartFormatter, width_mm: float, height_mm: float) -> Sketch:
    """Return a sketch of givers, takers and the bands between them, on the largest scale that leaves room for labels.

    Names have fewer lines, at least one, where the labels are higher than ``height_mm``.
    """
    sketch, usd_dicts_of_sides = Sketch(width_mm, height_mm), (money.givers, money.takers)
    label_width_mm = width_mm * MAX_LABEL_WIDTH_SHARE
    fitted_name_choices = [
        [_fit_names(party_dict_of_side, label_width_mm, line_count) for party_dict_of_side in usd_dicts_of_sides]
        for line_count in range(MAX_NAME_LINES, 0, -1)
    ]
    fitted_name_dicts = next(
        (
            fitted_name_dicts
            for fitted_name_dicts in fitted_name_choices
            if max(map(_labels_height_mm, fitted_name_dicts)) <= height_mm
        ),
        fitted_name_choices[-1],
    )
    label_height_dicts = [
        {party_name: _label_height_mm(fitted_name_text) for party_name, fitted_name_text in party_dict_of_side.items()}
        for party_dict_of_side in fitted_name_dicts
    ]
    mm_per_usd = _fit_scale(usd_dicts_of_sides, label_height_dicts, height_mm)
    giver_bar_x = label_width_mm + NAME_BAR_GAP_MM
    taker_bar_x = width_mm - label_width_mm - NAME_BAR_GAP_MM - BAR_WIDTH_MM
    bar_top_by_giver = _draw_side(
        sketch, money.givers, fitted_name_dicts[0], formatter, mm_per_usd, giver_bar_x, label_width_mm, "right"
    )
    bar_top_by_taker = _draw_side(
        sketch,
        money.takers,
        fitted_name_dicts[1],
        formatter,
        mm_per_usd,
        taker_bar_x,
        width_mm - label_width_mm,
        "left",
    )
    for (giver_name, taker_name), pair_usd in money.pairs.items():
        band_start_xy = (giver_bar_x + BAR_WIDTH_MM, bar_top_by_giver[giver_name])
        band_end_xy = (taker_bar_x, bar_top_by_taker[taker_name])
        band_outline_path = _outline_band(band_start_xy, band_end_xy, max(pair_usd * mm_per_usd, MIN_BAR_LENGTH_MM))
        tooltip = pictures.tip(f"{giver_name} → {taker_name}", formatter.format_number(pair_usd))
        sketch.add(Area(band_outline_path, Look(formatter.colour(), opacity=BAND_OPACITY), tooltip))
        bar_top_by_giver[giver_name] -= pair_usd * mm_per_usd
        bar_top_by_taker[taker_name] -= pair_usd * mm_per_usd
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
    lengths = {name: max(amount_usd * scale, MIN_BAR_LENGTH_MM) for name, amount_usd in side.items()}
    slot_height_by_party = {
        name: max(length + BAR_GAP_MM, _label_height_mm(names[name])) for name, length in lengths.items()
    }
    slot_top_y, tops = (sketch.height_mm + sum(slot_height_by_party.values())) / 2, dict[str, float]()
    for name, length in lengths.items():
        middle = slot_top_y - slot_height_by_party[name] / 2
        slot_top_y -= slot_height_by_party[name]
        tops[name] = middle + length / 2
        amount, lines = _format_amount(side[name], side, formatter), names[name].split("\n")
        base = middle + len(lines) / 2 * LABEL_LINE_SPACING_MM - BASE_LINE_DROP_MM
        bar_look, tooltip = Look(formatter.colour()), pictures.tip(name, amount)
        sketch.add(Box(bar_x, middle - length / 2, BAR_WIDTH_MM, length, bar_look, tooltip))
        for number, line in enumerate(lines):
            sketch.add(Label(label_x, base - number * LABEL_LINE_SPACING_MM, line, hex_of("ink"), align))
        amount_base_line_y = base - len(lines) * LABEL_LINE_SPACING_MM
        sketch.add(Label(label_x, amount_base_line_y, amount, hex_of("ink"), align, weight=700))
    return tops


def _outline_band(start: tuple[float, float], end: tuple[float, float], thickness: float) -> Path:
    """Return the outline of a curved band whose upper edge runs from ``start`` to ``end``."""
    middle = (start[0] + end[0]) / 2
    above = [start, (middle, start[1]), (middle, end[1]), end]
    below = [(x, y - thickness) for x, y in reversed(above)]
    curve = [Path.CURVE4] * 3
    path_codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    return Path([*above, *below, above[0]], path_codes)


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

    Each side lists the largest first, then the rest, those not named, and what was passed on. Amounts of 0 or below are
    left out. Raises ``RequestError`` for a table without two dimensions.

    >>> import pandas as pd
    >>> largest_flows(pd.DataFrame({"IOM": [9.0, 4, 3, 2, 1, 1]}, index=list("ABCDEF"))).givers
    {'A': 9.0, 'B': 4.0, 'C': 3.0, 'D': 2.0, '2 other donors': 2.0}
    """
    amounts = tidy(table, dimensions=2)["value"]
    flows = amounts[amounts > 0].rename_axis(["giver", "taker"]).rename("usd").reset_index()
    sides: list[dict[str, float]] = []
    for side in ("giver", "taker"):
        sums: dict[Any, float] = flows.groupby(side)["usd"].sum().to_dict()
        names = _name_parties(sums, side, shown, language, labels or {})
        flows[side] = flows[side].map(names)
        by_printed = flows.groupby(side)["usd"].sum().to_dict()
        sides.append({name: by_printed[name] for name in dict.fromkeys(names.values())})
    (giver_usd_dict, taker_usd_dict) = sides
    pair_usd_dict = flows.groupby(["giver", "taker"])["usd"].sum().to_dict()
    ordered_pair_usd_dict = {
        giver_and_taker: pair_usd_dict[giver_and_taker]
        for giver_and_taker in product(giver_usd_dict, taker_usd_dict)
        if giver_and_taker in pair_usd_dict
    }
    return Flows(ordered_pair_usd_dict, giver_usd_dict, taker_usd_dict)


def _name_parties(
    usd_by_party_key: Mapping[Any, float], side_column: str, shown: int, language: str, labels: Mapping[str, str]
) -> dict[Any, str]:
    """Return the printed name of each giver or taker by its key, the largest first.

    All beyond the ``shown`` largest share one name, unless that is only one more. Those not named, then what was passed
    on, come last. ``side_column`` is *giver* or *taker*.
    """
    translate = Translator(language)
    order = sorted(
        usd_by_party_key,
        key=lambda party_key: (
            party_key == PASSED_ON,
            party_key == NOT_SPECIFIED,
            -usd_by_party_key[party_key],
            party_key,
        ),
    )
    by_name = [party_key for party_key in order if party_key not in (PASSED_ON, NOT_SPECIFIED)]
    rest_party_keys = by_name[shown:] if len(by_name) > shown + 1 else []
    if side_column == "giver":
        passed_on = translate("Passed on within the plan")
        rest = translate.plural("{count} other donor", "{count} other donors", len(rest_party_keys))
    else:
        passed_on = translate("Sub-grants")
        rest = translate.plural("{count} other", "{count} others", len(rest_party_keys))
    rest = rest.format(count=numbers.count(len(rest_party_keys), language))
    special_name_by_key = {NOT_SPECIFIED: translate("Not named"), PASSED_ON: passed_on, **labels}
    special_name_by_key |= dict.fromkeys(rest_party_keys, rest)
    return {party_key: special_name_by_key.get(party_key, label(party_key, language)) for party_key in order}


def _fit_scale(
    sides: Sequence[Mapping[str, float]], slots_mm: Sequence[Mapping[str, float]], height_mm: float
) -> float:
    """Return the scale at which the side that needs most height just fits, in mm per US$; 0 where there is none.

    Each end takes the height of its bar or of its label, whichever is larger. So the height of a side is the greatest
    of the sums in which n of its ends count by their bars and the others by their labels, those first whose bars
    outgrow their labels first. Each n gives a limit for the scale; the smallest limit holds.
    """
    limits = []
    for side, slot_mm in zip(sides, slots_mm, strict=True):
        order = sorted(side, key=lambda party_name: (slot_mm[party_name] - BAR_GAP_MM) / side[party_name])
        for longer in range(1, len(order) + 1):
            by_labels = sum(slot_mm[party_name] for party_name in order[longer:])
            limits.append(
                (height_mm - longer * BAR_GAP_MM - by_labels) / sum(side[party_name] for party_name in order[:longer])
            )
    return max(min(limits, default=0), 0)
