"""Which numbers a sheet states: the registry that declares them, the table that holds them, the rows behind them."""

from rmrp_analysis.figures.cautions import Caution
from rmrp_analysis.figures.comparisons import Comparisons
from rmrp_analysis.figures.counted import NEW_NOT_KNOWN, Unknown, funding, nothing_known
from rmrp_analysis.figures.parts import FROM_TO, SINGLE
from rmrp_analysis.figures.registry import (
    BREAKDOWNS,
    FIGURES,
    REASONS,
    REASONS_LOST,
    BreakdownDefinition,
    Definition,
    Unit,
    figure_definition,
)
from rmrp_analysis.figures.table import (
    ILLUSTRATIVE,
    TABLE_COLUMNS,
    Breakdown,
    Cell,
    Figure,
    KeyFigures,
    key_figures,
    plain_number,
)
from rmrp_analysis.figures.trace import contributions, trace

__all__ = [
    "BREAKDOWNS",
    "FIGURES",
    "FROM_TO",
    "ILLUSTRATIVE",
    "NEW_NOT_KNOWN",
    "REASONS",
    "REASONS_LOST",
    "SINGLE",
    "TABLE_COLUMNS",
    "Breakdown",
    "BreakdownDefinition",
    "Caution",
    "Cell",
    "Comparisons",
    "Definition",
    "Figure",
    "KeyFigures",
    "Unit",
    "Unknown",
    "contributions",
    "figure_definition",
    "funding",
    "key_figures",
    "nothing_known",
    "plain_number",
    "trace",
]
