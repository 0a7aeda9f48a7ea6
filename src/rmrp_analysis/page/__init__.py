"""How a figure is said and drawn: numbers, words, cards, tables, charts, map."""

from rmrp_analysis.page.own_chart import chart
from rmrp_analysis.page.quality_page import QualityPage
from rmrp_analysis.page.sheet import Sheet, look, show

__all__ = ["QualityPage", "Sheet", "chart", "look", "show"]
