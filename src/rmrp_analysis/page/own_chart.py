"""An analyst's own chart as a block of the page."""

from hashlib import sha256
from typing import Any

from rmrp_analysis import charts, inline
from rmrp_analysis.page.block import Block
from rmrp_analysis.theme import pictures


def chart_block(drawing: Any, *, title: str = "", kicker: str = "", alt: str = "") -> Block:
    """A chart with what a voice says in its place.

    ``drawing`` is what Matplotlib and seaborn return: Axes, a Figure or a grid. Without ``alt``, the alternative text
    is every part that a chart of ``charts`` shows; of another it is drafted from the axes.
    """
    from matplotlib import pyplot

    parts = charts.shown_by(drawing)
    if parts and not alt:
        alt = " ".join(f"{text}." for text in (kicker, title, "; ".join(": ".join(part) for part in parts)) if text)
    figure = getattr(drawing, "figure", drawing)  # Axes and grids have one
    figure = figure.get_figure(root=True) if hasattr(figure, "get_figure") else figure
    bundle, metadata = inline.figure_bundle(figure, alt)
    pyplot.close(figure)  # the end of the cell would show it once more
    picture = pictures.safe_svg(bundle["image/svg+xml"])
    view = pictures.chart(picture, kicker=kicker, finding=title, **metadata["rmrp"])
    return Block("chart", view, uid=f"chart-{sha256(picture.svg.encode()).hexdigest()[:8]}")


def chart(drawing: Any, *, title: str = "", kicker: str = "", alt: str = "") -> None:
    """Show a chart in a notebook that makes no page of a selection; see ``Page.chart``."""
    from IPython.display import display

    display(chart_block(drawing, title=title, kicker=kicker, alt=alt))
