"""Reads the data of a run in a process of its own, beside the imports of what draws: so the ``rmrp`` command begins.

Reading starts threads of pyarrow, which forks of this process would not have.
"""

from contextlib import closing, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pandas as pd  # noqa: F401 - both processes need it

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.params import RunParams
from rmrp_analysis.plan import keep_plan, kept_plan
from rmrp_analysis.publish.engine import workers
from rmrp_analysis.publish.run.preparation import Run, prepare_run


def started_run(params_path: Path, params: RunParams, **asked: Any) -> Run:
    """As ``prepare_run``, which gets what is ``asked``; this process then keeps the plan, for the reports it forks."""
    if not workers.CAN_FORK:
        return prepare_run(params_path, params, **asked)
    with closing(workers.Worker("fork", _answer, params_path, params, asked)) as reader:
        from rmrp_analysis.publish.run import batch, rehearsal  # noqa: F401 - what draws, for those who go on

        with suppress(Exception):  # the reports will tell
            rehearsal.warm_up()
        try:
            plan, run = reader.connection.recv()
        except EOFError:
            advice = "perhaps the computer has too little memory"
            raise InputRefused(f"the data could not be read to their end; {advice}") from None
    if isinstance(run, Exception):
        raise run
    keep_plan(params.data, plan)
    return run


def _answer(connection: Connection, params_path: Path, params: RunParams, asked: dict[str, Any]) -> None:
    workers.belong_to_parent()
    try:
        run = prepare_run(params_path, params, **asked)
        connection.send((kept_plan(params.data), run))
    except Exception as problem:
        connection.send((None, problem))
