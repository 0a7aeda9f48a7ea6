"""The papermill engine ``rmrp``: cells run in an IPython shell of this process, with neither a kernel nor sockets.

Its process is new: ``papermill --engine rmrp`` starts one, a run has one for each notebook that is an analyst's own.
"""

from functools import cache
from typing import Any


@cache
def __getattr__(name: str) -> Any:
    """``RmrpEngine``, made when papermill asks for it: papermill does so while it is itself imported."""
    if name != "RmrpEngine":
        raise AttributeError(f"{__name__} has no '{name}'")
    from papermill.engines import Engine, NotebookExecutionManager

    class RmrpEngine(Engine):  # type: ignore[misc]  # papermill tells no types
        """Runs a notebook as papermill's own engine does, and leaves the same notebook."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, *_: str, **__: Any) -> None:
            """Run the cells. There is no kernel to choose; a limit of time is that of the process (see ``workers``)."""
            from rmrp_analysis.publish.engine.shell import run_cells, shell

            run_cells(nb_man, shell())

    return RmrpEngine
