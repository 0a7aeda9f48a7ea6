"""A real HTTP server on loopback that gives an answer for each address, and fails when it is told to."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from fts_server import Fault, send

Answers = dict[str, Any]


class JsonServer(ThreadingHTTPServer):
    """Serves ``answers`` by address: bytes as they are, all else as JSON; a fault takes the place of the next answer.

    ``heads`` are what the head of an answer says beside, and ``requests`` the addresses asked for, each with the
    ``Authorization`` that came with it.
    """

    daemon_threads = True

    def __init__(self, answers: Answers) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.faults: dict[str, list[Fault]] = {}
        self.heads: dict[str, Mapping[str, str]] = {}
        self.requests: list[tuple[str, str | None]] = []

    @property
    def address(self) -> str:
        """The server's base address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: JsonServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.server.requests.append((self.path, self.headers.get("Authorization")))
        faults = self.server.faults.get(self.path, [])
        answer = self.server.answers.get(self.path)
        if faults:
            faults.pop(0)(self, answer)
        elif answer is None:
            send(self, 404, b"{}")
        else:
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            send(self, 200, body, **self.server.heads.get(self.path, {}))

    def log_message(self, *_: Any) -> None:
        """Nothing: tests print what they need."""


@contextmanager
def json_servers() -> Iterator[Callable[[Answers], JsonServer]]:
    """Starts servers, each with its answers; all end with the block."""
    running: list[JsonServer] = []

    def start(answers: Answers) -> JsonServer:
        server = JsonServer(answers)
        running.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    try:
        yield start
    finally:
        for server in running:
            server.shutdown()
            server.server_close()
