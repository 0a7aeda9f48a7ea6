"""The figures of a sheet: the registry that declares them, the table that holds them, the rows behind them."""
# ruff: noqa: F403 - the names of these modules are what there is to call

from rmrp_analysis.figures.parts import *
from rmrp_analysis.figures.registry import *
from rmrp_analysis.figures.rounding import *
from rmrp_analysis.figures.sheet import *
from rmrp_analysis.figures.table import *
from rmrp_analysis.figures.trace import *
