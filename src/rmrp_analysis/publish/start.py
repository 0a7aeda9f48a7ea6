"""How the ``rmrp`` command begins a run: the data are read and counted beside the imports of what draws."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd  # noqa: F401 - both processes need it

from rmrp_analysis.params import RunParams
from rmrp_analysis.plan import Plan, keep_plan, kept_plan
from rmrp_analysis.publish.forks import begun
from rmrp_analysis.publish.plan_cache import cache_plan, cached_plan

if TYPE_CHECKING:
    from rmrp_analysis.publish.prepare import Run


def started_run(params_path: Path, params: RunParams, **asked: Any) -> "Run":
    """As ``prepare_run``, which gets what is ``asked``; this process then keeps the plan, for the reports it forks.

    A plan that is in the user's cache is not read again.
    """

    def prepared() -> "tuple[Run, Plan | None]":
        from rmrp_analysis.publish.prepare import prepare_run

        if cached := cached_plan(params.data):
            keep_plan(params.data, cached)
        run = prepare_run(params_path, params, **asked)
        plan = kept_plan(params.data)
        if plan is not None and plan is not cached:
            cache_plan(params.data, plan)
        return run, plan

    with begun(prepared) as result:
        from rmrp_analysis.publish import batch  # noqa: F401 - for those who go on with the run

        run, plan = result()
    if plan is not None:
        keep_plan(params.data, plan)
    return run
