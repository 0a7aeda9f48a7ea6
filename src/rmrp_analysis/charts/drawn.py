"""The SVG of a chart of a sheet: what it shows is written as it stands, where that needs no Matplotlib."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rmrp_analysis.charts.circle_maps import circles_map, circles_sketch
from rmrp_analysis.charts.flow_charts import flows, flows_sketch
from rmrp_analysis.charts.look import svg
from rmrp_analysis.charts.month_charts import months, months_sketch
from rmrp_analysis.charts.parts import Table
from rmrp_analysis.charts.sketches import Sketch

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SKETCHES: Mapping[Callable[..., "Axes"], Callable[..., Sketch | None]] = {
    circles_map: circles_sketch,
    flows: flows_sketch,
    months: months_sketch,
}


def drawn(
    draw: Callable[..., "Axes"],
    table: Table,
    *,
    prefix: str = "chart",
    size_mm: tuple[float, float] | None = None,
    **options: Any,
) -> str:
    """What a chart function draws of a table, as ``svg`` has it, in the size it has by itself or in this one.

    Maps, flows and months of our own are written without Matplotlib, which takes ten times as long.

    >>> import pandas as pd
    >>> from rmrp_analysis import charts
    >>> charts.drawn(charts.flows, pd.Series({("EU", "IOM"): 30})).count("</text>")
    4
    """
    sized = {"size_mm": size_mm} if size_mm else {}
    sketch = SKETCHES[draw](table, **sized, **options) if draw in SKETCHES else None
    if sketch:
        return sketch.svg(prefix)
    from rmrp_analysis.charts.paper import blank

    within = {"ax": blank(*size_mm)} if size_mm else {}
    return svg(draw(table, **within, **options), prefix=prefix)
