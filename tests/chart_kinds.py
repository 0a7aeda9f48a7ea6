"""The kinds of charts of the library, for tests of the pages that show them."""

import inspect

from rmrp_analysis import charts


def chart_kinds() -> list[str]:
    """Return the names of the charts that draw on axes of Matplotlib."""
    return [name for name in charts.__all__ if "ax" in inspect.signature(getattr(charts, name)).parameters]
