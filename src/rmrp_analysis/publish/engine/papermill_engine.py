"""The papermill engine ``rmrp``: cells run in an IPython shell of this process, with neither a kernel nor sockets.

Its process is new to each notebook: ``papermill --engine rmrp`` starts one, a run forks one a report, or has a process
``renewed`` after each.
"""

import atexit
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rmrp_analysis.publish.engine.shell import Shell


@cache
def shell() -> "Shell":
    """The shell of this process; a fork has its parent's, in which no cell has run."""
    from rmrp_analysis.publish.engine.shell import new_shell  # papermill reads this module whatever engine is asked for

    with tempfile.TemporaryDirectory(prefix="rmrp-") as folder:
        return new_shell(Path(folder))


def forget_shell() -> None:
    """Let the next notebook of this process have a shell of its own."""
    old = shell()
    old.reset(new_session=False)
    atexit.unregister(old.atexit_operations)  # it would keep the shell
    old.clear_instance()
    if loaded := sys.modules.get("matplotlib_inline.config"):
        loaded.InlineBackend.clear_instance()
    shell.cache_clear()


def __getattr__(name: str) -> Any:
    """``RmrpEngine``, made when papermill asks for it: papermill does so while it is itself imported."""
    if name != "RmrpEngine":
        raise AttributeError(f"{__name__} has no '{name}'")
    return _rmrp_engine()


@cache
def _rmrp_engine() -> type:
    from papermill.engines import Engine, NotebookExecutionManager

    class RmrpEngine(Engine):  # type: ignore[misc]  # papermill tells no types
        """Runs a notebook as papermill's own engine does, and leaves the same notebook."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, *_: str, **__: Any) -> None:
            """Run the cells. There is no kernel to choose; a limit of time is that of the process (see ``workers``)."""
            from rmrp_analysis.publish.engine.shell import run_cells

            cells = nb_man.nb.cells

            def ended(place: int, failed: bool) -> None:
                if failed:
                    nb_man.cell_exception(cells[place], place)
                nb_man.cell_complete(cells[place], place)

            run_cells(nb_man.nb, shell(), lambda place: nb_man.cell_start(cells[place], place), ended)

    return RmrpEngine
