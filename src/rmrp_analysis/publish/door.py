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
    _, plan = read_plan(params_path, params)
    return plan, check_trust(plan, params_path, params)


def read_plan(params_path: Path, params: RunParams) -> tuple[Plan, Plan]:
    """The run's tables as they were read, which this process then keeps, and with the run's repairs made."""
    check_same_plan(params, params_path)
    raw = load_plan(params.data)
    keep_plan(params.data, raw)
    return raw, repaired(raw, params.repairs)


def check_trust(plan: Plan, params_path: Path, params: RunParams) -> tuple[Condition, ...]:
    """The conditions of a repaired plan that the parameters accept; ``InputRefused`` for one that they do not."""
    found = conditions(plan, period=params.period, method=params.method)
    check_trusted(found, params_path)
    return found
