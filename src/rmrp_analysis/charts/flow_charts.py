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
MAX_LABEL_WIDTH_SHARE = 0.36  # of the width, for the names on either side
BAR_WIDTH_MM = 1.6
BAR_GAP_MM = 1.2  # between two bars
NAME_BAR_GAP_MM = 1.2  # between a name and its bar
LABEL_SLOT_MM = 7.6  # the height of a label of two lines: its name and its amount
MAX_NAME_LINES = 3
SPARE_BAR_HEIGHT_MM = 3.0  # beyond the labels, so that the lengths of bars differ
MIN_DRAWING_HEIGHT_MM = 22.0  # of the drawing
MIN_BAR_LENGTH_MM = 0.3
LABEL_LINE_MM = 3.2  # between the lines of a label
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
    chart_formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color, default_unit="usd")
    if ax is not None:
        shown = max(1, min(shown, int((sheet_axes.size_mm_of(ax)[1] - SPARE_BAR_HEIGHT_MM) / LABEL_SLOT_MM) - 2))
    flow_amounts = largest_flows(table, shown=shown, language=chart_formatter.language, labels=labels)
    names_with_texts = [
        (party_name, _format_amount(amount_usd, flow_side, chart_formatter))
        for flow_side in flow_amounts[1:]
        for party_name, amount_usd in flow_side.items()
    ]
    fitted_names = [
        _fit_names(flow_side, width_mm * MAX_LABEL_WIDTH_SHARE, MAX_NAME_LINES) for flow_side in flow_amounts[1:]
    ]
    chart_size_mm = (
        width_mm,
        max(MIN_DRAWING_HEIGHT_MM, max(map(_labels_height_mm, fitted_names)) + SPARE_BAR_HEIGHT_MM),
    )
    return sheet_axes.draw_sketch(
        "flows",
        partial(_sketch_flows, flow_amounts, chart_formatter),
        names_with_texts,
        chart_formatter,
        ax=ax,
        size_mm=chart_size_mm,
        title=title,
    )


def _format_amount(usd: float, side: Mapping[str, float], formatter: ChartFormatter) -> str:
    """Print the amount of a giver or taker, and its share of the sum of its side."""
    return f"{formatter.format_number(usd)} · {numbers.share(usd / sum(side.values()), formatter.language)}"


def _fit_names(side: Iterable[str], room_mm: float, max_lines: int) -> dict[str, str]:
    """Break names into at most so many lines, as few as hold them uncut; an acronym takes one."""

    def fit_name(name: str) -> str:
        fitted_candidates = [
            text_layout.fit_text(name, room_mm, max_lines=line_count) for line_count in range(1, max_lines + 1)
        ]
        return next(
            (fitted_candidate for fitted_candidate in fitted_candidates if "…" not in fitted_candidate),
            fitted_candidates[-1],
        )

    return {name: fit_name(name) for name in side}


def _label_height_mm(name: str) -> float:
    """Return the height of a label: the lines of its name, and its amount."""
    return LABEL_SLOT_MM + name.count("\n") * LABEL_LINE_MM


def _labels_height_mm(names: Mapping[str, str]) -> float:
    return sum(map(_label_height_mm, names.values()))


def _sketch_flows(money: "Flows", formatter: ChartFormatter, width_mm: float, height_mm: float) -> Sketch:
    """Sketch givers, takers and the bands between them, on the largest scale that leaves room for all labels."""
    sketch, flow_sides = Sketch(width_mm, height_mm), (money.givers, money.takers)
    label_width_mm = width_mm * MAX_LABEL_WIDTH_SHARE
    name_choices = [
        [_fit_names(side, label_width_mm, line_count) for side in flow_sides]
        for line_count in range(MAX_NAME_LINES, 0, -1)
    ]
    fitted_names = next(
        (fitted_names for fitted_names in name_choices if max(map(_labels_height_mm, fitted_names)) <= height_mm),
        name_choices[-1],
    )
    label_heights = [
        {party_name: _label_height_mm(fitted_name) for party_name, fitted_name in side.items()} for side in fitted_names
    ]
    mm_per_usd = _fit_scale(flow_sides, label_heights, height_mm)
    giver_bar_x = label_width_mm + NAME_BAR_GAP_MM
    taker_bar_x = width_mm - label_width_mm - NAME_BAR_GAP_MM - BAR_WIDTH_MM
    bar_top_by_giver = _draw_side(
        sketch, money.givers, fitted_names[0], formatter, mm_per_usd, giver_bar_x, label_width_mm, "right"
    )
    bar_top_by_taker = _draw_side(
        sketch, money.takers, fitted_names[1], formatter, mm_per_usd, taker_bar_x, width_mm - label_width_mm, "left"
    )
    for (giver, taker), pair_usd in money.pairs.items():
        band_start = (giver_bar_x + BAR_WIDTH_MM, bar_top_by_giver[giver])
        band_end = (taker_bar_x, bar_top_by_taker[taker])
        band_outline = _outline_band(band_start, band_end, max(pair_usd * mm_per_usd, MIN_BAR_LENGTH_MM))
        tooltip = pictures.tip(f"{giver} → {taker}", formatter.format_number(pair_usd))
        sketch.add(Area(band_outline, Look(formatter.colour(), opacity=BAND_OPACITY), tooltip))
        bar_top_by_giver[giver] -= pair_usd * mm_per_usd
        bar_top_by_taker[taker] -= pair_usd * mm_per_usd
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
    length_by_name = {party_name: max(amount_usd * scale, MIN_BAR_LENGTH_MM) for party_name, amount_usd in side.items()}
    room_by_name = {
        party_name: max(bar_length + BAR_GAP_MM, _label_height_mm(names[party_name]))
        for party_name, bar_length in length_by_name.items()
    }
    room_top, bar_top_by_name = (sketch.height_mm + sum(room_by_name.values())) / 2, dict[str, float]()
    for party_name, bar_length in length_by_name.items():
        bar_middle, room_top = room_top - room_by_name[party_name] / 2, room_top - room_by_name[party_name]
        bar_top_by_name[party_name] = bar_middle + bar_length / 2
        amount_text, name_lines = _format_amount(side[party_name], side, formatter), names[party_name].split("\n")
        base_line_y = bar_middle + len(name_lines) / 2 * LABEL_LINE_MM - BASE_LINE_DROP_MM
        bar_look, tooltip = Look(formatter.colour()), pictures.tip(party_name, amount_text)
        sketch.add(Box(bar_x, bar_middle - bar_length / 2, BAR_WIDTH_MM, bar_length, bar_look, tooltip))
        for line_index, name_line in enumerate(name_lines):
            sketch.add(Label(label_x, base_line_y - line_index * LABEL_LINE_MM, name_line, hex_of("ink"), align))
        sketch.add(
            Label(label_x, base_line_y - len(name_lines) * LABEL_LINE_MM, amount_text, hex_of("ink"), align, weight=700)
        )
    return bar_top_by_name


def _outline_band(start: tuple[float, float], end: tuple[float, float], thickness: float) -> Path:
    """Return the outline of a curved band whose upper edge runs from ``start`` to ``end``."""
    middle_x = (start[0] + end[0]) / 2
    upper_edge = [start, (middle_x, start[1]), (middle_x, end[1]), end]
    lower_edge = [(x, y - thickness) for x, y in reversed(upper_edge)]
    curve_codes = [Path.CURVE4] * 3
    path_codes = [Path.MOVETO, *curve_codes, Path.LINETO, *curve_codes, Path.CLOSEPOLY]
    return Path([*upper_edge, *lower_edge, upper_edge[0]], path_codes)


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
    translate, pair_amounts = Translator(language), tidy(table, dimensions=2)["value"]
    flow_rows = pair_amounts[pair_amounts > 0].rename_axis(["giver", "taker"]).rename("usd").reset_index()
    usd_of_sides: list[dict[str, float]] = []
    for side_column in ("giver", "taker"):
        usd_by_key: dict[Any, float] = flow_rows.groupby(side_column)["usd"].sum().to_dict()
        ordered_keys = sorted(
            usd_by_key,
            key=lambda party_key: (
                party_key == PASSED_ON,
                party_key == NOT_SPECIFIED,
                -usd_by_key[party_key],
                party_key,
            ),
        )
        named_keys = [party_key for party_key in ordered_keys if party_key != PASSED_ON]
        rest_keys = named_keys[shown:] if len(named_keys) > shown + 1 else []
        if side_column == "giver":
            passed_on_name = translate("Passed on within the plan")
            rest_name = translate.plural("{count} other donor", "{count} other donors", len(rest_keys))
        else:
            passed_on_name = translate("Sub-grants")
            rest_name = translate.plural("{count} other", "{count} others", len(rest_keys))
        special_name_by_key = {NOT_SPECIFIED: translate("Not named"), PASSED_ON: passed_on_name, **(labels or {})}
        special_name_by_key |= dict.fromkeys(rest_keys, rest_name.format(count=numbers.count(len(rest_keys), language)))
        name_by_key = {
            party_key: special_name_by_key.get(party_key, label(party_key, language)) for party_key in ordered_keys
        }
        flow_rows[side_column] = flow_rows[side_column].map(name_by_key)
        usd_by_name = flow_rows.groupby(side_column)["usd"].sum().to_dict()
        usd_of_sides.append({party_name: usd_by_name[party_name] for party_name in dict.fromkeys(name_by_key.values())})
    (usd_by_giver, usd_by_taker) = usd_of_sides
    usd_by_pair = flow_rows.groupby(["giver", "taker"])["usd"].sum().to_dict()
    return Flows(
        {
            party_pair: usd_by_pair[party_pair]
            for party_pair in product(usd_by_giver, usd_by_taker)
            if party_pair in usd_by_pair
        },
        usd_by_giver,
        usd_by_taker,
    )


def _fit_scale(
    sides: Sequence[Mapping[str, float]], slots_mm: Sequence[Mapping[str, float]], height_mm: float
) -> float:
    """Return the scale at which the side that needs most height just fits, in mm per US$.

    Each end takes the height of its bar or of its label, whichever is larger. So the height of a side is the greatest
    of the sums in which n of its ends count by their bars and the others by their labels, those first whose bars
    outgrow their labels first. Each n gives a limit for the scale; the smallest limit holds.
    """
    scale_limits = []
    for side_amounts, slot_mm_by_name in zip(sides, slots_mm, strict=True):
        ordered_names = sorted(side_amounts, key=lambda name: (slot_mm_by_name[name] - BAR_GAP_MM) / side_amounts[name])
        for bar_count in range(1, len(ordered_names) + 1):
            labels_height_mm = sum(slot_mm_by_name[name] for name in ordered_names[bar_count:])
            scale_limits.append(
                (height_mm - bar_count * BAR_GAP_MM - labels_height_mm)
                / sum(side_amounts[name] for name in ordered_names[:bar_count])
            )
    return max(min(scale_limits, default=0), 0)
