"""A process without threads that keeps a plan, and makes what it is told in forks of its own.

Whoever talks to it needs none of the libraries that it imports.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

LENGTH = 8
"""Bytes that say how long a message between processes is."""
COMMAND = (
    "from rmrp_analysis import own_process; own_process.begin(); "
    "from rmrp_analysis.publish.processes import main; main()"
)


class Server:
    """The process from our side; ``close`` it, or it ends with the thread that started it."""

    def __init__(self, content: bytes, root: str = "", environment: Mapping[str, str] | None = None) -> None:
        """Start it, with these variables beside those of this process.

        ``content`` is the plan and the work (``processes.content_of``); ``root`` is where the files of the work lie.
        """
        self._first: tuple[bytes, str] | None = (content, root)
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us: it ends with us
            env={**os.environ, **(environment or {})},
        )

    def results(self, places: Sequence[int]) -> Generator[bytes]:
        """Have it make the tasks at these places of the work; yields each with what was made, pickled, as it is done.

        There are fewer results than places where the process ends before.
        """
        if self._first:
            self._send(self._first)
            self._first = None
        self._send(places)
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        for _ in places:
            answer = read_message(self._process.stdout)
            if not answer:
                return
            yield answer

    def close(self) -> None:
        """End it, and its forks with it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]  # both are pipes

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        with suppress(BrokenPipeError):  # that there is no answer tells
            send_message(self._process.stdin, pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL))


def send_message(file: IO[bytes], content: bytes) -> None:
    """Write a message, so that ``read_message`` finds its end."""
    file.write(len(content).to_bytes(LENGTH) + content)
    file.flush()


def read_message(file: IO[bytes]) -> bytes:
    """The next message; empty where there is none any more, or none whole."""
    length = file.read(LENGTH)
    content = file.read(int.from_bytes(length))
    return content if len(length) == LENGTH and len(content) == int.from_bytes(length) else b""
