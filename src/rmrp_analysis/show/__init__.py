"""How a figure is said and drawn: numbers, words, cards, tables, charts, map."""

from rmrp_analysis.show.sheet import Sheet, look, show

__all__ = ["Sheet", "look", "show"]
