"""Numbers from tables: pure functions that read nothing, print nothing and change nothing they receive."""
# ruff: noqa: F403 - the names of these modules are what there is to call

from rmrp_analysis.metrics.activities import *
from rmrp_analysis.metrics.contributions import *
from rmrp_analysis.metrics.dataset import *
from rmrp_analysis.metrics.funding import *
from rmrp_analysis.metrics.funding_totals import *
from rmrp_analysis.metrics.keys import *
from rmrp_analysis.metrics.models import *
from rmrp_analysis.metrics.planned import *
from rmrp_analysis.metrics.sheets import *
