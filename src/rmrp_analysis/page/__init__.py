"""Pages of key figures: their blocks of texts, cards, charts and tables, and the data files beside them."""

from typing import TYPE_CHECKING, Any

from rmrp_analysis.page.drawings import chart
from rmrp_analysis.page.page import Page, figures_of, look

if TYPE_CHECKING:
    from rmrp_analysis.page.quality_page import QualityPage as QualityPage
    from rmrp_analysis.page.quality_page import show as show

__all__ = ["Page", "QualityPage", "chart", "figures_of", "look", "show"]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """Return ``QualityPage`` or ``show``, loaded at first use, or raise ``AttributeError``."""
    if name in ("QualityPage", "show"):
        from rmrp_analysis.page import quality_page  # sheets do without the checks that it tells of

        return getattr(quality_page, name)
    raise AttributeError(f"rmrp_analysis.page has no '{name}'")
