"""Which numbers a sheet states: the registry that declares them, the table that holds them, the rows behind them."""
# ruff: noqa: I001 - one import for each module, in the order in which a figure passes them

from rmrp_analysis.figures.registry import (
    BREAKDOWNS as BREAKDOWNS,
    DIFFERENCES as DIFFERENCES,
    FEW as FEW,
    FIGURES as FIGURES,
    NEW_NOT_KNOWN as NEW_NOT_KNOWN,
    REASONS as REASONS,
    REASONS_LOST as REASONS_LOST,
    SHARES as SHARES,
    BreakdownDefinition as BreakdownDefinition,
    Definition as Definition,
    Status as Status,
    Unit as Unit,
    figure_definition as figure_definition,
)
from rmrp_analysis.metrics import ILLUSTRATIVE as ILLUSTRATIVE
from rmrp_analysis.figures.parts import FROM_TO as FROM_TO
from rmrp_analysis.figures.table import TABLE_COLUMNS as TABLE_COLUMNS, table as table
from rmrp_analysis.figures.sheet import (
    Breakdown as Breakdown,
    Caution as Caution,
    Cell as Cell,
    Comparisons as Comparisons,
    Figure as Figure,
    KeyFigures as KeyFigures,
    in_context as in_context,
    listed as listed,
    plain_number as plain_number,
    told as told,
)
from rmrp_analysis.figures.rounding import (
    few as few,
    for_audience as for_audience,
    public as public,
    steps_of as steps_of,
    rounded as rounded,
)
from rmrp_analysis.figures.trace import contributions as contributions, trace as trace
