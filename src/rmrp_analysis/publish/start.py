"""How the ``rmrp`` command begins a run: the data are read and counted beside the imports of what draws."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd  # noqa: F401 - both processes need it

from rmrp_analysis.params import RunParams
from rmrp_analysis.publish.forks import WORTH_A_REHEARSAL, begun

if TYPE_CHECKING:
    from rmrp_analysis.publish.prepare import Counted, Run


def started_run(params_path: Path, params: RunParams, *, folder: Path | None = None, **asked: Any) -> "Run":
    """As ``prepare_run``, which gets what is ``asked``; this process then keeps the plan, for the reports it forks.

    A plan that is in the user's cache is not read again. A first report is rehearsed while the data are
    weighed, unless the run's ``folder`` holds sheets already, of which many may be as they would be made.
    """

    def steps() -> Iterator["Counted | Run"]:
        from rmrp_analysis.plan import keep_plan
        from rmrp_analysis.publish.plan_cache import cache_plan, cached_plan
        from rmrp_analysis.publish.prepare import Counted, preparation

        if cached := cached_plan(params.data):
            keep_plan(params.data, cached)
        for step in preparation(params_path, params, **asked):
            yield step
            if isinstance(step, Counted) and step.raw is not cached:
                cache_plan(params.data, step.raw)

    with begun(steps) as made:
        from rmrp_analysis.plan import keep_plan
        from rmrp_analysis.publish import batch, rehearsal  # noqa: F401 - what draws, for those who go on with the run
        from rmrp_analysis.publish.prepare import Counted, Run

        with suppress(Exception):  # the reports will tell
            rehearsal.warm_up()
        run = next(made)
        if isinstance(run, Counted):
            keep_plan(params.data, run.raw)
            if len(run.reports) >= WORTH_A_REHEARSAL and not (folder and folder.exists()):
                with suppress(Exception):
                    rehearsal.rehearse(run.reports)
            run = next(made)
    assert isinstance(run, Run)  # noqa: S101 - the last step
    return run
