"""An analyst's own chart as a block of the page."""

from typing import Any

from rmrp_analysis import inline
from rmrp_analysis.page.block import Block
from rmrp_analysis.theme import pictures


def chart(drawing: Any, *, title: str = "", kicker: str = "", alt: str = "") -> None:
    """Show a chart on the page, and in its HTML and PDF, with what a voice says in its place.

    ``drawing`` is what Matplotlib and seaborn return: Axes, a Figure or a grid. ``title`` says the finding, ``kicker``
    what is drawn. Without ``alt``, the alternative text is drafted from the axes, and the run says so.

    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> _ = axes.bar(["Peru", "Chile"], [120, 58])
    >>> chart(axes, title="Most people are in Peru", alt="Bars: Peru 120 people, Chile 58.")
    <chart of a sheet>
    """
    from IPython.display import display
    from matplotlib import pyplot

    figure = getattr(drawing, "figure", drawing)  # Axes and grids have one
    figure = figure.get_figure(root=True) if hasattr(figure, "get_figure") else figure
    bundle, metadata = inline.figure_bundle(figure, alt)
    pyplot.close(figure)  # the end of the cell would show it once more
    picture = pictures.safe_svg(bundle["image/svg+xml"])
    display(Block("chart", pictures.chart(picture, kicker=kicker, finding=title, **metadata["rmrp"])))
