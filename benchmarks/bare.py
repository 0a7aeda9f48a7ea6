"""What the sheets of a run cost in bare warm Python: forks of a process in which all is imported and read.

Prints seconds by the clock and of the processors, as JSON; called by ``run.py``.
"""

import argparse
import json
import tempfile
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rmrp_analysis.publish.engine import fast_start

fast_start.begin_imports()

from measuring import Cost, cost_of  # noqa: E402
from rmrp_analysis.params import load_run_params  # noqa: E402
from rmrp_analysis.publish.run.parallel_preparation import prepare_run_in_parallel  # noqa: E402


def main() -> None:
    """Make the sheets of a parameter file by the clock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("params", type=Path)
    parser.add_argument("--jobs", type=int, required=True)
    options = parser.parse_args()
    run = prepare_run_in_parallel(options.params, load_run_params(options.params))
    from rmrp_analysis.publish.engine.runners import Batch, run_in_forks
    from rmrp_analysis.publish.run.batch import render

    costs: list[Cost] = []

    def timed(work: Batch) -> Generator[tuple[Any, Any]]:
        made: list[tuple[Any, Any]] = []
        costs.append(cost_of(lambda: made.extend(run_in_forks(work))))
        yield from made

    with tempfile.TemporaryDirectory() as out:
        results = render(run, Path(out), jobs=options.jobs, runner=timed)
    assert all(result.status == "ok" for result in results)  # noqa: S101
    print(json.dumps(asdict(costs[0])))


if __name__ == "__main__":
    main()
