"""Which numbers a sheet states: the registry that declares them, the table that holds them, the rows behind them."""

from rmrp_analysis.figures.parts import FROM_TO, SPECIAL_SUMS
from rmrp_analysis.figures.registry import (
    BREAKDOWNS,
    DIFFERENCES,
    FEW,
    FIGURES,
    ILLUSTRATIVE,
    NEW_NOT_KNOWN,
    NOBODY_NEW,
    NOT_COUNTED,
    PARTS,
    REASONS,
    REASONS_LOST,
    SERVICES_ONLY,
    STATUS,
    UNPUBLISHED,
    WHOLES,
    BreakdownDefinition,
    Definition,
    Status,
    Unit,
    figure_definition,
)
from rmrp_analysis.figures.rounding import FEW_TO_DIVIDE, few, for_audience, public, rounded, steps_of, undivided
from rmrp_analysis.figures.sheet import (
    GROUPINGS,
    MAIN_NUMBERS,
    REACHED,
    Breakdown,
    Caution,
    Cell,
    Comparisons,
    Figure,
    KeyFigures,
    Silence,
    figures_by_name,
    in_context,
    plain_number,
    published_rows,
)
from rmrp_analysis.figures.table import TABLE_COLUMNS, table
from rmrp_analysis.figures.trace import contributions, trace

__all__ = ["BREAKDOWNS", "DIFFERENCES", "FEW", "FEW_TO_DIVIDE", "FIGURES", "FROM_TO", "GROUPINGS", "ILLUSTRATIVE"]
__all__ += ["MAIN_NUMBERS", "NEW_NOT_KNOWN", "NOBODY_NEW", "NOT_COUNTED", "PARTS", "REACHED", "REASONS", "REASONS_LOST"]
__all__ += ["SERVICES_ONLY", "SPECIAL_SUMS", "STATUS", "TABLE_COLUMNS", "UNPUBLISHED", "WHOLES", "Breakdown"]
__all__ += ["BreakdownDefinition", "Caution", "Cell", "Comparisons", "Definition", "Figure", "KeyFigures", "Silence"]
__all__ += ["Status", "Unit", "contributions", "few", "figure_definition", "figures_by_name", "for_audience"]
__all__ += ["in_context", "plain_number", "public", "published_rows", "rounded", "steps_of", "table", "trace"]
__all__ += ["undivided"]
