"""The SVG of a chart: our maps and flows are written as they stand, whatever Matplotlib draws is drawn by it."""

from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.axes import Axes

from rmrp_analysis.charts.circle_maps import circles_map, circles_sketch
from rmrp_analysis.charts.flow_charts import flows, flows_sketch
from rmrp_analysis.charts.look import svg
from rmrp_analysis.charts.parts import Table
from rmrp_analysis.charts.sketches import Sketch

SKETCHES: Mapping[Callable[..., Axes], Callable[..., Sketch]] = {circles_map: circles_sketch, flows: flows_sketch}


def drawn(draw: Callable[..., Axes], table: Table, *, prefix: str = "chart", **options: Any) -> str:
    """What a chart function draws of a table, as ``svg`` has it; a map or flows without Matplotlib, which is quicker.

    >>> import pandas as pd
    >>> from rmrp_analysis import charts
    >>> charts.drawn(charts.flows, pd.Series({("EU", "IOM"): 30})).count("</text>")
    4
    """
    if draw in SKETCHES:
        return SKETCHES[draw](table, **options).svg(prefix)
    return svg(draw(table, **options), prefix=prefix)
