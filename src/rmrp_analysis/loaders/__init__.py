"""Files of outside producers, read into valid tables: a path goes in, a table and its refused rows come out."""

from rmrp_analysis.loaders.fts import load_funding, load_funding_flows, load_funding_totals
from rmrp_analysis.loaders.plan import load_plan
from rmrp_analysis.loaders.tabular import Loaded, load_table

__all__ = [
    "Loaded",
    "load_funding",
    "load_funding_flows",
    "load_funding_totals",
    "load_plan",
    "load_table",
]
