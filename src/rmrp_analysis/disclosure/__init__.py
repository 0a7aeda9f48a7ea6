"""What may be printed of a whole publication: counts of so few people that one could be recognised are withheld.

Three small steps over one table of equations (``equations``): every small count; the companions without which it could
be worked out, from whatever sheet (``decision``); and an audit with a reader's eyes (``audit``). Their result reaches
each report as what is printed *instead* of its exact numbers (``sheets``). Zero is printed: it is about nobody.
"""

from rmrp_analysis.disclosure.decision import Decision, decide
from rmrp_analysis.disclosure.equations import Sheet, System, cell_name, people_rows, system_of
from rmrp_analysis.disclosure.rounding import Rounding
from rmrp_analysis.disclosure.sheets import Instead, decided, for_audience, sheet_of
from rmrp_analysis.disclosure.tables import CHECKED, protected_parts

__all__ = [
    "CHECKED",
    "Decision",
    "Instead",
    "Rounding",
    "Sheet",
    "System",
    "cell_name",
    "decide",
    "decided",
    "for_audience",
    "people_rows",
    "protected_parts",
    "sheet_of",
    "system_of",
]
