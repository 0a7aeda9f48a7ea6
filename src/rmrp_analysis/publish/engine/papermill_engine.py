"""The papermill engine ``rmrp``: cells run in an IPython shell of this process, with neither a kernel nor sockets.

Its process is new: ``papermill --engine rmrp`` starts one, a run has one for each notebook that is an analyst's own.
"""

from functools import cache
from typing import Any


@cache
def __getattr__(name: str) -> Any:
    """Return the class ``RmrpEngine``, made at the first call; raise ``AttributeError`` for any other name.

    Papermill asks for it while papermill is itself imported.
    """
    if name != "RmrpEngine":
        raise AttributeError(f"{__name__} has no '{name}'")
    from papermill.engines import Engine, NotebookExecutionManager

    class RmrpEngine(Engine):  # type: ignore[misc]  # papermill tells no types
        """Runs a notebook as papermill's own engine does, and leaves the same notebook."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, *_: str, **__: Any) -> None:
            """Run the cells in the shell of this process (see ``run_cells``).

            Other arguments are ignored: there is no kernel, and the process limits the time (see ``workers``).
            """
            from rmrp_analysis.publish.engine.shell import run_cells, shell

            run_cells(nb_man, shell())

    return RmrpEngine
