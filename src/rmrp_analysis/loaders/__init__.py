"""Files of outside producers, read into valid tables: a path becomes a table and its refused rows."""

from rmrp_analysis.loaders.fts import load_funding
from rmrp_analysis.loaders.plan import load_plan
from rmrp_analysis.loaders.table import batches, load_table

__all__ = ["batches", "load_funding", "load_plan", "load_table"]
