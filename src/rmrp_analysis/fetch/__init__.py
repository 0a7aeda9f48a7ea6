"""Files fetched from their producers, whole or not at all, with the time they were fetched."""

from rmrp_analysis.fetch.activityinfo import fetch_forms
from rmrp_analysis.fetch.api import Api
from rmrp_analysis.fetch.entry import write_fetched
from rmrp_analysis.fetch.fts import fetch_plan_funding
from rmrp_analysis.fetch.hdx import fetch_dataset
from rmrp_analysis.fetch.run import fetch_run, write_run

__all__ = ["Api", "fetch_dataset", "fetch_forms", "fetch_plan_funding", "fetch_run", "write_fetched", "write_run"]
