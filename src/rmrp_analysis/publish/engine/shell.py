"""Runs the cells of a notebook in this process, and records their outputs as a Jupyter kernel would send them.

There is no server, no socket and no thread: ``workers`` gives each notebook its own process.
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

MAX_RECORDED_CHARACTERS = 16 * 2**20
"""The characters that are recorded of a cell's printed text. A sheet has fewer (see ``output_limits``)."""
INLINE_BACKEND = "module://matplotlib_inline.backend_inline"
"""Matplotlib's backend that shows figures as outputs of a cell."""
KERNEL_LANGUAGE_INFO = {
    "codemirror_mode": {"name": "ipython", "version": sys.version_info.major},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": f"ipython{sys.version_info.major}",
    "version": sys.version.split()[0],
}
"""How a kernel describes its language in the metadata of a notebook."""


class Recorder:
    """The outputs of the running cell, and outputs of earlier cells that it may still change.

    While the cell runs, the text of a stream is a list of pieces, as in a notebook's file. ``end`` joins the pieces.
    """

    def __init__(self) -> None:
        """Start without outputs and with a ``collect`` that does nothing until it is set."""
        self.outputs: list[NotebookNode] = []
        self.collect: Callable[[], None] = lambda: None
        """Adds the text that other programs have written since its last call."""
        self._by_display_id: dict[str, list[NotebookNode]] = {}
        self._is_to_clear = False
        self._printed_characters = 0

    def begin(self) -> list[NotebookNode]:
        """Start the next cell and return its list of outputs, which ``add`` fills."""
        self.outputs = []
        self._is_to_clear = False
        self._printed_characters = 0
        return self.outputs

    def end(self) -> None:
        """Collect the last text of other programs, and join the pieces of each stream."""
        self.collect()
        for output in self.outputs:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])

    def add(self, kind: str, display_id: str = "", **content: Any) -> None:
        """Add one output. Text continues the last output if that is the same stream.

        The text with which a cell exceeds ``MAX_RECORDED_CHARACTERS`` is dropped, and all text after it. If ``clear``
        waits, earlier outputs are removed first. An output that is no stream comes after the text of other programs.
        ``update`` can change an output with a ``display_id``.
        """
        if kind == "stream":
            self._printed_characters += len(content["text"])
            if self._printed_characters > MAX_RECORDED_CHARACTERS:
                return
            content["text"] = [content["text"]]
        else:
            self.collect()
        if self._is_to_clear:
            self.outputs.clear()
            self._is_to_clear = False
        previous = self.outputs[-1] if self.outputs else {}
        if kind == "stream" and previous.get("output_type") == kind and previous["name"] == content["name"]:
            previous["text"] += content["text"]
            return
        self.outputs.append(NotebookNode(output_type=kind, **content))  # valid, since IPython made the content
        if display_id:
            self._by_display_id.setdefault(display_id, []).append(self.outputs[-1])

    def update(self, display_id: str, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Replace data and metadata of all outputs with this display id. Ignore an unknown id."""
        for output in self._by_display_id.get(display_id, ()):
            output["data"], output["metadata"] = dict(data), dict(metadata)

    def clear(self, *, wait: bool) -> None:
        """Remove the outputs of the cell now, or with ``wait`` before its next output."""
        self._is_to_clear = wait
        if not wait:
            self.outputs.clear()


class _Stream(TextIOBase):
    """Standard output or standard error of cells."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, recorder: Recorder, name: str) -> None:
        """Record written text as the stream ``name``: ``stdout`` or ``stderr``."""
        self._recorder, self.name = recorder, name

    def write(self, text: str) -> int:
        """Record a text that a cell prints and return its length."""
        if text:
            self._recorder.add("stream", name=self.name, text=text)
        return len(text)

    def writable(self) -> bool:
        return True


def _encode_as_kernel(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return content as a kernel sends it: as JSON, with bytes in base64."""
    encoded: dict[str, Any] = json.loads(json.dumps(content, default=json_default))
    return encoded


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
        """Replace the outputs with the same display id. Unless ``update``, also record a new output."""
        bundle = {"data": _encode_as_kernel(data), "metadata": _encode_as_kernel(metadata or {})}
        display_id = (transient or {}).get("display_id", "")
        if display_id:
            self.shell.recorder.update(display_id, **bundle)
        if not update:
            self.shell.recorder.add("display_data", display_id, **bundle)

    def clear_output(self, wait: bool = False) -> None:
        """Remove the outputs of the cell now, or before its next output."""
        self.shell.recorder.clear(wait=wait)


class _Hook(DisplayHook):
    shell: "Shell"

    def write_output_prompt(self) -> None:
        """Do nothing: the output has the number of the cell."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Record the value of the last line of a cell, with the cell's number."""
        bundle = {"data": _encode_as_kernel(format_dict), "metadata": _encode_as_kernel(md_dict or {})}
        self.shell.recorder.add("execute_result", "", execution_count=self.prompt_count, **bundle)

    def finish_displayhook(self) -> None:
        """Mark the hook as no longer active, and write nothing."""
        self._is_active = False


class Shell(InteractiveShell):
    """The one IPython shell of a process."""

    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def __init__(self, **settings: Any) -> None:
        """Make a shell with its own ``recorder``. IPython takes the settings."""
        self.recorder = Recorder()
        super().__init__(**settings)

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: there is no window, so no event loop."""

    def _showtraceback(self, etype: type, evalue: object, stb: list[str]) -> None:
        """Record an error of a cell."""
        self.recorder.add("error", ename=etype.__name__, evalue=str(evalue), traceback=stb)


@cache
def shell() -> Shell:
    """Return the shell of this process, made at the first call and without history.

    A fork has the shell of its parent.

    Sets Matplotlib's backend, also for programs that cells start. Raises ``RuntimeError`` if this process has another
    shell, such as a kernel.
    """
    if InteractiveShell.initialized():
        raise RuntimeError("this process has an IPython shell; a notebook is run in a process of its own")
    config = Config()
    config.HistoryManager.enabled = False
    with tempfile.TemporaryDirectory(prefix="rmrp-") as folder:
        config.ProfileDir.location = folder
        new_shell: Shell = Shell.instance(config=config, ipython_dir=folder, profile_dir=ProfileDir(location=folder))
    os.environ["MPLBACKEND"] = INLINE_BACKEND  # for programs that cells start
    matplotlib.rcParams["backend"] = INLINE_BACKEND  # imported when a cell draws, as in a kernel
    load_ipython_extension(new_shell)
    if pyplot := sys.modules.get("matplotlib.pyplot"):  # an earlier notebook of this process has drawn
        from matplotlib_inline.backend_inline import configure_inline_support

        pyplot.switch_backend(INLINE_BACKEND)
        configure_inline_support(new_shell, INLINE_BACKEND)
    return new_shell


def leave_notebook() -> None:
    """Drop the shell and the figures of this process, so that its next notebook gets new ones."""
    Gcf.destroy_all()
    old = shell()
    old.reset(new_session=False)
    old.recorder = Recorder()  # IPython keeps the shell until the next one, and need not keep the outputs
    atexit.unregister(old.atexit_operations)  # it would keep the shell
    old.clear_instance()
    if loaded := sys.modules.get("matplotlib_inline.config"):
        loaded.InlineBackend.clear_instance()
    shell.cache_clear()


def run_cells(manager: "NotebookExecutionManager", shell: Shell) -> None:
    """Run the code cells of papermill's manager until one fails that is not tagged ``raises-exception``.

    Each cell gets its outputs and its number. Cells that are empty or tagged ``skip-execution`` are not run. A failed
    cell raises nothing. If a cell forks this process, the copy exits after the cell.
    """
    process = os.getpid()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for index, cell in enumerate(manager.nb.cells):
            manager.cell_start(cell, index)
            tags = cell.metadata.get("tags", [])
            failed = False
            if cell.cell_type == "code" and cell.source.strip() and "skip-execution" not in tags:
                with _record_outputs(shell.recorder, Path(folder)) as cell["outputs"]:
                    result = shell.run_cell(cell.source, store_history=True)
                    if os.getpid() != process:
                        os._exit(0)  # the cell has forked: only the original makes the report
                cell["execution_count"] = result.execution_count
                failed = not result.success and "raises-exception" not in tags
            if failed:
                manager.cell_exception(cell, index)
            manager.cell_complete(cell, index)
            if failed:
                break
    manager.nb.metadata["language_info"] = KERNEL_LANGUAGE_INFO


@contextmanager
def _record_outputs(recorder: Recorder, folder: Path) -> Iterator[list[NotebookNode]]:
    """Yield the list of outputs that a cell, and programs that it starts, fill within the block.

    Within the block, standard output and standard error are replaced, and ``input`` raises
    ``StdinNotImplementedError``. The text of programs goes through files in ``folder``.
    """
    streams = {"stdout": 1, "stderr": 2}
    originals = sys.stdout, sys.stderr, builtins.input
    with ExitStack() as stack:
        readers = {}
        for name, number in streams.items():
            file = stack.enter_context((folder / name).open("ab"))
            readers[name] = stack.enter_context((folder / name).open("rb"))
            readers[name].seek(0, os.SEEK_END)
            original = os.dup(number)
            stack.callback(os.close, original)
            stack.callback(os.dup2, original, number)
            os.dup2(file.fileno(), number)

        def collect() -> None:
            """Add the text that programs have written since the last call to the outputs of the cell."""
            for name, file in readers.items():
                if text := file.read(MAX_RECORDED_CHARACTERS).decode(errors="replace"):
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
            sys.stdout, sys.stderr, builtins.input = originals
