"""Commands in processes of their own: copies of one that has imported libraries, and nothing of the package yet."""

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from subprocess import PIPE
from tempfile import TemporaryFile

from rmrp_analysis.publish.engine import fast_start

LIBRARIES = (
    *("IPython.core.interactiveshell", "PIL.Image", "babel.numbers", "bs4", "fontTools.ttLib", "jinja2", "lxml.etree"),
    *("markdown_it", "matplotlib.figure", "nbclient", "nbformat", "pandas", "papermill", "pikepdf", "pyarrow", "typer"),
    *("typst", "xlsxwriter"),
)
TaskFailed = subprocess.CompletedProcess[str]
Command = Callable[..., TaskFailed]


@contextmanager
def commands() -> Iterator[Command]:
    """Answers ``rmrp`` with these arguments, or the ``code`` alone, each with an environment of its own.

    Whatever is asked chooses its plan pack and reads its lists as a new process does, without the seconds of imports.
    """

    def ask(*arguments: object, code: str = "", **environment: str) -> TaskFailed:
        texts, own = list(map(str, arguments)), {**os.environ, **environment}
        if ready is None:
            typed = ["-c", code] if code else ["-m", "rmrp_analysis", *texts]
            return subprocess.run([sys.executable, *typed], capture_output=True, text=True, env=own, check=False)
        print(json.dumps([texts, code, own]), file=ready.stdin, flush=True)
        return TaskFailed(texts, *json.loads(ready.stdout.readline()))

    if sys.platform != "linux":
        ready = None
        yield ask
    else:
        with subprocess.Popen([sys.executable, __file__], stdin=PIPE, stdout=PIPE, text=True) as ready:
            yield ask


def _answer(asked: str) -> None:
    """Have a copy of this process do what is asked, and print its exit code, its results and its messages."""
    arguments, code, environment = json.loads(asked)
    with TemporaryFile("w+") as results, TemporaryFile("w+") as messages:
        if not (copy := os.fork()):
            for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), results.fileno(), messages.fileno())):
                os.dup2(file, number)
            os.environ.clear()
            os.environ.update(environment)
            sys.argv = ["rmrp", *arguments]
            if not code:
                runpy.run_module("rmrp_analysis", run_name="__main__")
            sys.exit(exec(code, {}))  # noqa: S102 - our own
        ended = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
        said = [os.pread(file.fileno(), 10**7, 0).decode() for file in (results, messages)]
    print(json.dumps([ended, *said]), flush=True)


if __name__ == "__main__":
    fast_start.begin_imports()
    for library in LIBRARIES:
        import_module(library)
    for line in sys.stdin:
        _answer(line)
