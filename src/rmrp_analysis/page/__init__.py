"""How a figure is said and placed: numbers, words, cards, tables with bars, prose; the page that holds them."""

from rmrp_analysis.page.drawings import chart
from rmrp_analysis.page.page import Page, look
from rmrp_analysis.page.quality_page import QualityPage, show

__all__ = ["Page", "QualityPage", "chart", "look", "show"]
