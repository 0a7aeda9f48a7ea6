"""Runs the cells of a notebook in this process; records what they show as a Jupyter kernel would send it.

There is no server, no socket and no thread: ``workers`` gives each notebook a process of its own.
"""

import atexit
import builtins
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from io import TextIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.profiledir import ProfileDir
from jupyter_client.jsonutil import json_default
from matplotlib._pylab_helpers import Gcf
from nbformat import NotebookNode
from traitlets import Type
from traitlets.config import Config

from rmrp_analysis.theme.inline import load_ipython_extension

if TYPE_CHECKING:
    from papermill.engines import NotebookExecutionManager

MOST_RECORDED = 16 * 2**20
"""How many characters of what a cell prints are recorded; of these a sheet has the first few (``cut_outputs``)."""
INLINE = "module://matplotlib_inline.backend_inline"
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": sys.version_info.major},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": f"ipython{sys.version_info.major}",
    "version": sys.version.split()[0],
}
"""What a kernel says of its language, as notebooks keep it."""


class Recorder:
    """The outputs of the cell that runs, and those of earlier cells that it may still change.

    While the cell runs, the text of a stream is a list of pieces, as in a notebook's file; ``end`` joins them.
    """

    def __init__(self) -> None:
        self.outputs: list[NotebookNode] = []
        self.collect: Callable[[], None] = lambda: None
        """Takes up what other programs have written since."""
        self._shown: dict[str, list[NotebookNode]] = {}
        self._clear, self._formatter = False, 0

    def begin(self) -> list[NotebookNode]:
        """The outputs of the next cell, which fill as it runs."""
        self.outputs, self._clear, self._formatter = [], False, 0
        return self.outputs

    def end(self) -> None:
        """Leave the outputs of the cell as a notebook has them."""
        self.collect()
        for output in self.outputs:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])

    def add(self, kind: str, display_id: str = "", **content: Any) -> None:
        """Take one output; text of a stream goes on where the last output was of the same stream."""
        if kind == "stream":
            self._formatter += len(content["text"])
            if self._formatter > MOST_RECORDED:
                return
            content["text"] = [content["text"]]
        else:
            self.collect()
        if self._clear:
            self.outputs.clear()
            self._clear = False
        last = self.outputs[-1] if self.outputs else {}
        if kind == "stream" and last.get("output_type") == kind and last["name"] == content["name"]:
            last["text"] += content["text"]
            return
        self.outputs.append(NotebookNode(output_type=kind, **content))  # as IPython makes it, so it is valid
        if display_id:
            self._shown.setdefault(display_id, []).append(self.outputs[-1])

    def update(self, display_id: str, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Show something else in the place of what was shown under this name."""
        for output in self._shown.get(display_id, ()):
            output["data"], output["metadata"] = dict(data), dict(metadata)

    def clear(self, *, wait: bool) -> None:
        """Take away what the cell has shown, now or when it shows something new."""
        self._clear = wait
        if not wait:
            self.outputs.clear()


class _Stream(TextIOBase):
    """Standard output or standard error of cells."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, recorder: Recorder, name: str) -> None:
        self._recorder, self.name = recorder, name

    def write(self, text: str) -> int:
        if text:
            self._recorder.add("stream", name=self.name, text=text)
        return len(text)

    def writable(self) -> bool:
        return True


def _as_sent(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a kernel would send of this: JSON, with bytes in base64."""
    sent: dict[str, Any] = json.loads(json.dumps(content, default=json_default))
    return sent


class _Publisher(DisplayPublisher):
    shell: "Shell"

    def publish(  # type: ignore[override]  # IPython's own takes a source, too
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        shown = {"data": _as_sent(data), "metadata": _as_sent(metadata or {})}
        display_id = (transient or {}).get("display_id", "")
        if display_id:
            self.shell.recorder.update(display_id, **shown)
        if not update:
            self.shell.recorder.add("display_data", display_id, **shown)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.recorder.clear(wait=wait)


class _Hook(DisplayHook):
    shell: "Shell"

    def write_output_prompt(self) -> None:
        """The number goes with the output."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        shown = {"data": _as_sent(format_dict), "metadata": _as_sent(md_dict or {})}
        self.shell.recorder.add("execute_result", "", execution_count=self.prompt_count, **shown)

    def finish_displayhook(self) -> None:
        self._is_active = False


class Shell(InteractiveShell):
    """The one IPython shell of a process."""

    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def __init__(self, **settings: Any) -> None:
        self.recorder = Recorder()
        super().__init__(**settings)

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no window, so no event loop of one."""

    def _showtraceback(self, etype: type, evalue: object, stb: list[str]) -> None:
        self.recorder.add("error", ename=etype.__name__, evalue=str(evalue), traceback=stb)


@cache
def shell() -> Shell:
    """The shell of this process, which keeps no history; a fork has its parent's, in which no cell has run.

    Raises ``RuntimeError`` where this process has a shell already, such as a kernel.
    """
    if InteractiveShell.initialized():
        raise RuntimeError("this process has an IPython shell; a notebook is run in a process of its own")
    config = Config()
    config.HistoryManager.enabled = False
    with tempfile.TemporaryDirectory(prefix="rmrp-") as folder:
        config.ProfileDir.location = folder
        shell: Shell = Shell.instance(config=config, ipython_dir=folder, profile_dir=ProfileDir(location=folder))
    os.environ["MPLBACKEND"] = INLINE  # what the cells start has it, too
    matplotlib.rcParams["backend"] = INLINE  # imported when a cell draws, as in a kernel
    load_ipython_extension(shell)
    if pyplot := sys.modules.get("matplotlib.pyplot"):  # an earlier notebook of this process has drawn
        from matplotlib_inline.backend_inline import configure_inline_support

        pyplot.switch_backend(INLINE)
        configure_inline_support(shell, INLINE)
    return shell


def leave_notebook() -> None:
    """Let the next notebook of this process have a shell of its own, and none of the figures of the one before."""
    Gcf.destroy_all()
    old = shell()
    old.reset(new_session=False)
    atexit.unregister(old.atexit_operations)  # it would keep the shell
    old.clear_instance()
    if loaded := sys.modules.get("matplotlib_inline.config"):
        loaded.InlineBackend.clear_instance()
    shell.cache_clear()


def run_cells(manager: "NotebookExecutionManager", shell: Shell) -> None:
    """Run the code cells of papermill's manager until one fails that is not tagged ``raises-exception``."""
    process = os.getpid()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for place, cell in enumerate(manager.nb.cells):
            manager.cell_start(cell, place)
            tags = cell.metadata.get("tags", [])
            failed = False
            if cell.cell_type == "code" and cell.source.strip() and "skip-execution" not in tags:
                with _recorded(shell.recorder, Path(folder)) as cell["outputs"]:
                    result = shell.run_cell(cell.source, store_history=True)
                    if os.getpid() != process:
                        os._exit(0)  # the cell has forked: this copy is not to make the report, too
                cell["execution_count"] = result.execution_count
                failed = not result.success and "raises-exception" not in tags
            if failed:
                manager.cell_exception(cell, place)
            manager.cell_complete(cell, place)
            if failed:
                break
    manager.nb.metadata["language_info"] = LANGUAGE


@contextmanager
def _recorded(recorder: Recorder, folder: Path) -> Iterator[list[NotebookNode]]:
    """The outputs of a cell, with what it and the programs that it starts write; nobody answers its questions.

    What programs write goes through files of the ``folder``.
    """
    streams = {"stdout": 1, "stderr": 2}
    before = sys.stdout, sys.stderr, builtins.input
    with ExitStack() as at_end:
        written = {}
        for name, number in streams.items():
            file = at_end.enter_context((folder / name).open("ab"))
            written[name] = at_end.enter_context((folder / name).open("rb"))
            written[name].seek(0, os.SEEK_END)
            kept = os.dup(number)
            at_end.callback(os.close, kept)
            at_end.callback(os.dup2, kept, number)
            os.dup2(file.fileno(), number)

        def collect() -> None:
            for name, file in written.items():
                if text := file.read(MOST_RECORDED).decode(errors="replace"):
                    recorder.add("stream", name=name, text=text)

        def no_input(*_: object) -> str:
            raise StdinNotImplementedError("a report is made without anybody who answers; give it parameters")

        recorder.collect = collect
        sys.stdout, sys.stderr = _Stream(recorder, "stdout"), _Stream(recorder, "stderr")
        builtins.input = no_input
        try:
            yield recorder.begin()
            recorder.end()
        finally:
            sys.stdout, sys.stderr, builtins.input = before
