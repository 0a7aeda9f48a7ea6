"""Draw charts in the sheet's style: each takes a table and returns Matplotlib axes.

A table is a Series of numbers by category, in which NaN means that there is no report. Or it is a DataFrame with
``value`` and, as in the table of figures, ``status`` (``few``: people, rounded down to 0), ``reason``, ``low`` and
``high`` (a number that is not sure is drawn to ``high``, hatched from ``low`` on). Two dimensions are two levels of the
index, or rows and columns. These options are the same in all charts that have them:

Args:
    table: Such a table.
    ax: Existing axes to draw in. Without it the chart has the size that it has on a sheet, in a figure of its own
        outside pyplot, which a notebook shows as the last line of a cell. Matplotlib calls restyle the result.
    title: The finding.
    axis_label: The measure, by default the unit, ``""`` for no label.
    unit: ``people``, ``usd``, ``count``, ``share`` (0–1), or other words, such as ``%`` or ``per 1,000``, by
        default ``table.attrs["unit"]``, or people, or US dollars for flows. Numbers without a unit that are not all
        whole are printed as they are. Few people are drawn as a tenth of ``table.attrs["rounding"]``. People below 0
        become unknown, with a warning.
    decimals: How many decimals a number has.
    language: ``en``, ``es`` or ``pt``. Groups, months, sectors, platforms and countries (ISO 3166 alpha-3) are named in
        it. First administrative levels are named as their people write them if the index is named ``admin1``. Other
        keys stay as they are.
    labels: Other names, by key.
    color: A colour of the plan (``people``, ``money``, ``ink`` …) or of Matplotlib.
    highlight: The categories, by key or name, that alone have this colour.
    order: ``value`` puts the largest first, but months in order. ``table`` keeps the order of the table.
    width_mm: How wide the chart is on paper.

A long name breaks into two lines. If that is too long, it is its acronym or ends in an ellipsis. A table that a chart
cannot draw raises ``RequestError``.
"""

from inspect import unwrap

from rmrp_analysis.charts.axes_style import style_axes
from rmrp_analysis.charts.bar_charts import bars
from rmrp_analysis.charts.base_maps import has_map_of, is_on_map
from rmrp_analysis.charts.chart_tables import draws_table
from rmrp_analysis.charts.circle_maps import circles_map
from rmrp_analysis.charts.dot_charts import dots, scatter
from rmrp_analysis.charts.flow_charts import flows
from rmrp_analysis.charts.heat_maps import heatmap
from rmrp_analysis.charts.line_charts import lines, slope
from rmrp_analysis.charts.matplotlib_style import sheet_style, use_style
from rmrp_analysis.charts.month_charts import months
from rmrp_analysis.charts.sheet_axes import Drawing as Drawing
from rmrp_analysis.charts.sheet_axes import drawing_of as drawing_of
from rmrp_analysis.charts.sheet_axes import svg
from rmrp_analysis.charts.waterfalls import waterfall

grouped_bars = draws_table(unwrap(bars), "grouped_bars")
map = draws_table(unwrap(circles_map), "map")  # noqa: A001 - charts.map, as analysts call it

__all__ = ["bars", "circles_map", "dots", "flows", "grouped_bars", "has_map_of", "heatmap", "is_on_map", "lines"]
__all__ += ["map", "months", "scatter", "sheet_style", "slope", "style_axes", "svg", "use_style", "waterfall"]


def __dir__() -> list[str]:
    """Return the public names, ``__all__``, alone."""
    return __all__
