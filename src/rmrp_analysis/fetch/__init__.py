"""Files fetched from their producers, whole or not at all, with the time they were fetched."""

from rmrp_analysis.fetch.activityinfo import fetch_forms
from rmrp_analysis.fetch.api import Api
from rmrp_analysis.fetch.entry import write_fetched
from rmrp_analysis.fetch.fts import fetch_plan_funding

__all__ = ["Api", "fetch_forms", "fetch_plan_funding", "write_fetched"]
