"""A real HTTP server on loopback that gives an answer for each address, and fails when it is told to."""

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answers = dict[str, Any]
Fault = Callable[[BaseHTTPRequestHandler, Any], None]
MOST_SECONDS, SECONDS_BETWEEN_BYTES = 60.0, 0.05
"""How long a server that hangs waits for a client that waits for it, so that the test fails in the end."""


class JsonServer(ThreadingHTTPServer):
    """Serves ``answers`` by address: bytes as they are, all else as JSON; a fault takes the place of the next answer.

    ``name_of`` says by which name an address is known. ``heads`` are what the head of an answer says beside;
    ``requests`` are the names asked for, ``asked`` each with the ``Authorization`` that came with it, ``posted`` the
    JSON that came. ``is_over`` is set with the end of the test, ``outwaited`` where a client did not give up before.
    """

    daemon_threads = True

    def __init__(self, answers: Answers, name_of: Callable[[str], str] = str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers, self.name_of = answers, name_of
        self.faults: dict[str, list[Fault]] = {}
        self.heads: dict[str, Mapping[str, str]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.posted: list[Any] = []
        self.is_over, self.outwaited = threading.Event(), threading.Event()

    def handle_error(self, *where: Any) -> None:
        """Tell what is wrong with the server; a client may hang up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*where)

    @property
    def requests(self) -> list[str]:
        return [name for name, _ in self.asked]

    @property
    def address(self) -> str:
        """The server's base address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: JsonServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        name = self.server.name_of(self.path)
        self.server.asked.append((name, self.headers.get("Authorization")))
        faults, answer = self.server.faults.get(name, []), self.server.answers.get(name)
        if faults:
            faults.pop(0)(self, {} if answer is None else answer)
        elif answer is None:
            send(self, 404, b"{}")
        else:
            send(self, 200, _body(answer), **self.server.heads.get(name, {}))

    def do_POST(self) -> None:
        self.server.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Nothing: tests print what they need."""


def _body(answer: Any) -> bytes:
    return answer if isinstance(answer, bytes) else json.dumps(answer).encode()


def send(handler: BaseHTTPRequestHandler, code: int, body: bytes, **headers: str) -> None:
    """Send an answer whole."""
    handler.send_response(code)
    for name, text in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), text)
    handler.end_headers()
    handler.wfile.write(body)


def answering(answer: Any, **headers: str) -> Fault:
    """Gives another answer instead: bytes as they are, all else as JSON."""
    return lambda handler, _: send(handler, 200, _body(answer), **headers)


def failing(code: int, **headers: str) -> Fault:
    """Answers with this code instead."""
    return lambda handler, _: send(handler, code, b"{}", **headers)


def _cut(handler: BaseHTTPRequestHandler, answer: Any, head: Callable[[int], tuple[str, str]]) -> None:
    body = _body(answer)
    handler.send_response(200)
    handler.send_header(*head(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def cut(handler: BaseHTTPRequestHandler, answer: Any) -> None:
    """Promises more than it sends, and hangs up."""
    _cut(handler, answer, lambda size: ("Content-Length", str(size)))


def cut_without_length(handler: BaseHTTPRequestHandler, answer: Any) -> None:
    """Hangs up in the middle of an answer whose length nobody knows."""
    _cut(handler, answer, lambda _: ("Connection", "close"))


def hang(handler: BaseHTTPRequestHandler, _: Any) -> None:
    """Sends nothing for as long as the test lasts."""
    assert isinstance(handler.server, JsonServer)
    if not handler.server.is_over.wait(MOST_SECONDS):
        handler.server.outwaited.set()
    handler.close_connection = True


def drip(write: Callable[[bytes], object], is_over: threading.Event, outwaited: threading.Event) -> None:
    """Send a byte now and then for as long as the test lasts, so that no read of a socket takes long."""
    for _ in range(int(MOST_SECONDS / SECONDS_BETWEEN_BYTES)):
        if is_over.wait(SECONDS_BETWEEN_BYTES):
            return
        write(b"x")
    outwaited.set()


def dripping(head: str) -> Fault:
    """Sends a head, then a byte now and then for as long as the test lasts."""

    def fault(handler: BaseHTTPRequestHandler, _: Any) -> None:
        assert isinstance(handler.server, JsonServer)
        handler.wfile.write(head.encode())
        drip(handler.wfile.write, handler.server.is_over, handler.server.outwaited)

    return fault


@contextmanager
def json_servers(name_of: Callable[[str], str] = str) -> Iterator[Callable[[Answers], JsonServer]]:
    """Starts servers, each with its answers; all end with the block."""
    running: list[JsonServer] = []

    def start(answers: Answers) -> JsonServer:
        server = JsonServer(answers, name_of)
        running.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    try:
        yield start
    finally:
        for server in running:
            server.is_over.set()
            server.shutdown()
            server.server_close()
