"""The papermill engine ``rmrp``: cells run in an IPython shell of this process, without kernel and sockets.

Its process is new: ``papermill --engine rmrp`` starts one, and a run starts one for each notebook of an analyst.
"""

from functools import cache
from typing import Any


@cache
def __getattr__(name: str) -> Any:
    """Return the class ``RmrpEngine``, or raise ``AttributeError`` for any other name.

    The class is made at the first call, since papermill imports this module while papermill is being imported.
    """
    if name != "RmrpEngine":
        raise AttributeError(f"{__name__} has no '{name}'")
    from papermill.engines import Engine, NotebookExecutionManager

    class RmrpEngine(Engine):  # type: ignore[misc]  # papermill tells no types
        """Runs a notebook as papermill's usual engine does, with the same resulting notebook."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, *_: str, **__: Any) -> None:
            """Run the cells in the shell of this process (see ``run_cells``).

            Ignores other arguments: there is no kernel, and the process limits the time (see ``workers``).
            """
            from rmrp_analysis.publish.engine.shell import run_cells, shell

            run_cells(nb_man, shell())

    return RmrpEngine
