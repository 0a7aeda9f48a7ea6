"""Two runs of a plan held against each other: which figures changed, and why."""

from rmrp_analysis.publish.compare.causes import Cause, causes, run_facts
from rmrp_analysis.publish.compare.changes import TIERS, Change, changes_between, read_run
from rmrp_analysis.publish.compare.difference import KINDS, Difference, difference, difference_page, exactly, moved
from rmrp_analysis.publish.compare.revision import as_published, revised

__all__ = [
    "KINDS",
    "TIERS",
    "Cause",
    "Change",
    "Difference",
    "as_published",
    "causes",
    "changes_between",
    "difference",
    "difference_page",
    "exactly",
    "moved",
    "read_run",
    "revised",
    "run_facts",
]
