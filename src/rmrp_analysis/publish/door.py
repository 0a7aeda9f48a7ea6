"""The door of a run: its data are read, repaired and weighed before anything is published."""

from pathlib import Path

from rmrp_analysis.loaders import load_plan
from rmrp_analysis.params import RunParams, check_same_plan
from rmrp_analysis.plan import Condition, Plan, keep_plan
from rmrp_analysis.quality import check_trusted, conditions, repaired


def trusted_plan(params_path: Path, params: RunParams) -> tuple[Plan, tuple[Condition, ...]]:
    """The run's tables with its repairs made, and the conditions that its parameters accept.

    Raises ``InputRefused`` when the data cannot be read, or are over a limit of the method that is not accepted.
    """
    check_same_plan(params, params_path)
    raw = load_plan(params.data)
    keep_plan(params.data, raw)
    plan = repaired(raw, params.repairs)
    found = conditions(plan, period=params.period, method=params.method)
    check_trusted(found, params_path)
    return plan, found
