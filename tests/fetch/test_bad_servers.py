"""No server keeps a fetch longer, fills more memory or leads it elsewhere than allowed, and one sentence says why."""

import gzip
import json
import re
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from itertools import chain
from types import SimpleNamespace
from typing import Any

import pytest
from fetching import Serve
from json_server import MOST_SECONDS, Fault, answering, dripping, failing, hang, send

from rmrp_analysis.errors import HalfAnswer
from rmrp_analysis.fetch import api as api_module
from rmrp_analysis.fetch.api import MAX_REDIRECTS, Api

LIMITS = {"pause": 0.0, "first_wait": 0.001, "attempts": 2, "timeout": 30.0, "most_bytes": 100_000}
LIMITS |= {"longest": MOST_SECONDS}


def sending(*heads: str, body: Callable[[], Any]) -> Fault:
    """Sends these lines of a head, then pieces of a body until the client hangs up."""

    def fault(handler: BaseHTTPRequestHandler, _: Any) -> None:
        handler.close_connection = True
        handler.wfile.write("\r\n".join(("HTTP/1.1 200 OK", *heads, "", "")).encode())
        for piece in body():
            handler.wfile.write(piece)

    return fault


def hang_in_the_body(handler: BaseHTTPRequestHandler, answer: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
    hang(handler, answer)


def forever(piece: bytes) -> Callable[[], Any]:
    return lambda: iter(lambda: piece, b"")


def bomb() -> Any:
    packing = zlib.compressobj(wbits=31)
    return iter(lambda: packing.compress(b"0" * 10_000_000), b"")


def redirect_without_end(handler: BaseHTTPRequestHandler, _: Any) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /good\r\n\r\n")
    for piece in forever(b"x" * 100_000)():
        handler.wfile.write(piece)


GOOD = json.dumps({"good": "x" * 1000}).encode()
SLOW, LARGE = "the answer takes longer than 0 seconds", "the answer holds more than 100,000 bytes"
FAULTS: dict[str, tuple[Fault, str]] = {
    "hangs before the head": (hang, SLOW),
    "drips the head": (dripping("HTTP/1.1 200 OK\r\nX-Long: "), SLOW),
    "drips the body": (dripping("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), SLOW),
    "hangs in the body": (hang_in_the_body, SLOW),
    "never ends": (sending(body=forever(b"x" * 10_000)), LARGE),
    "promises 3 GB": (sending("Content-Length: 3000000000", body=lambda: [b"{"]), LARGE),
    "unpacks to too much": (sending("Content-Encoding: gzip", body=bomb), LARGE),
    "closes halfway": (sending("Content-Length: 9", body=lambda: [b"{"]), "the connection failed"),
    "cuts what it packs": (
        lambda handler, _: send(handler, 200, gzip.compress(GOOD)[:-9], Content_Encoding="gzip"),
        "the answer is not packed as it says; it may have been cut, so try again later (2 attempts)",
    ),
    "goes on after what it packs": (
        sending("Content-Encoding: gzip", body=lambda: chain([gzip.compress(GOOD)], forever(b"x" * 10_000)())),
        "the answer is not packed as it says",
    ),
    "packs nothing": (answering(GOOD, Content_Encoding="gzip"), "the answer cannot be unpacked"),
    "packs otherwise": (answering(GOOD, Content_Encoding="gzip, gzip"), "packed as 'gzip, gzip', which was not asked"),
    "redirects in a circle": (failing(302, Location="/bad"), f"redirects more than {MAX_REDIRECTS} times"),
    "redirects to what is no address": (failing(302, Location="http://[::1"), "nothing was written"),
    "redirects to a file": (failing(302, Location="file:///etc/passwd"), "the server sends to file://"),
    "redirects to a private address": (failing(302, Location="http://10.0.0.9/"), "is not public (10.0.0.9)"),
    "redirects to the office by IPv6": (failing(302, Location="http://[fd00::1]/"), "is not public (fd00::1)"),
    "redirects to IPv4 written as IPv6": (failing(302, Location="http://[::ffff:10.0.0.9]/"), "is not public"),
    "redirects to this computer": (failing(302, Location="http://localhost:9/"), "the connection failed"),
    "is of another encoding": (answering('{"país": 1}'.encode("latin-1")), "the answer is no JSON; it may have been"),
    "is half a letter": (answering(b'{"x": "\\ud800"}'), "the answer is no JSON; it may have been cut"),
    "states what is no number": (answering(b'{"x": NaN}'), "the answer is no JSON; it may have been cut"),
    "states a number without end": (answering(b'{"x": %s}' % (b"9" * 5000)), "the answer is no JSON"),
    "is a list": (answering([1]), "the answer is no JSON as this server gives it ({…})"),
    "is null": (answering(b"null"), "the answer is no JSON as this server gives it ({…})"),
    "is a text": (answering("text"), "the answer is no JSON as this server gives it ({…})"),
    "is a page for people": (answering(b"<!doctype html><p>Sign in"), "the answer is a web page (HTML)"),
}


@pytest.mark.parametrize(("fault", "message"), FAULTS.values(), ids=FAULTS)
def test_an_answer_ends_within_its_limits_and_one_sentence_says_why(serve: Serve, fault: Fault, message: str) -> None:
    server = serve({"/good": GOOD})
    server.faults["/bad"] = [fault] * 50
    limits = LIMITS | {"longest": 0.4 if message == SLOW else MOST_SECONDS, "elsewhere": True}
    with Api(**limits) as api, pytest.raises(HalfAnswer, match=re.escape(message)) as refused:
        api.get(f"{server.address}/bad", missing=lambda _: "")
    assert not server.outwaited.is_set()
    assert f"{server.address}/bad" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_packed_is_unpacked_no_further_than_the_limit(serve: Serve) -> None:
    server = serve({"/bomb": gzip.compress(b"0" * 60_000_000)})
    server.heads["/bomb"] = {"Content-Encoding": "gzip"}
    with Api(**LIMITS) as api:
        tracemalloc.start()
        with pytest.raises(HalfAnswer, match=LARGE):
            api.file(f"{server.address}/bomb")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 10_000_000


def test_the_body_of_a_redirect_is_not_read(serve: Serve) -> None:
    server = serve({"/good": GOOD})
    server.faults["/bad"] = [redirect_without_end]
    with Api(**LIMITS) as api:
        assert api.get(f"{server.address}/bad", missing=lambda _: "").body == GOOD


def test_an_answer_that_is_packed_is_unpacked(serve: Serve) -> None:
    server = serve({"/good": gzip.compress(GOOD)})
    server.heads["/good"] = {"Content-Encoding": "gzip"}
    with Api(**LIMITS) as api:
        assert api.get(f"{server.address}/good", missing=lambda _: "").body == GOOD


def test_a_name_that_leads_into_the_office_is_not_asked(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server, look_up = serve({"/file": GOOD}), socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: look_up(str(host).replace("files.example.org", "127.0.0.1"), *rest, **more),
    )
    port = server.server_address[1]
    with Api(**LIMITS, elsewhere=True) as api:
        for host in ("files.example.org", "localhost"):
            with pytest.raises(
                HalfAnswer, match=rf"sends to {host}, an address that is not public \((127\.0\.0\.1|::1)\)"
            ):
                api.file(f"http://{host}:{port}/file", home="http://127.0.0.1:9")
        assert server.asked == []
        assert api.file(f"{server.address}/file", home="http://127.0.0.1:9").body == GOOD


def test_a_name_that_is_not_found_for_long_has_the_same_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    is_over, outwaited = threading.Event(), []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: outwaited.append(not is_over.wait(MOST_SECONDS)))
    with Api(**LIMITS | {"longest": 0.4}) as api, pytest.raises(HalfAnswer, match=SLOW):
        api.file("http://slow.example.org/file")
    assert outwaited == []
    is_over.set()


def test_a_proxy_of_the_office_is_used_and_asked_for_no_number_of_the_office(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = "http://files.example.org/file"
    proxy = serve({there: GOOD, "http://10.0.0.9/file": GOOD})
    monkeypatch.setenv("HTTP_PROXY", proxy.address)
    monkeypatch.setenv("http_proxy", proxy.address)
    monkeypatch.setenv("no_proxy", "")
    with Api(**LIMITS, elsewhere=True) as api:
        assert api.file(there, home="http://hdx.example.org").body == GOOD
        with pytest.raises(HalfAnswer, match=r"is not public \(10\.0\.0\.9\)"):
            api.file("http://10.0.0.9/file", home="http://hdx.example.org")
    assert proxy.requests == [there]


@pytest.mark.parametrize(
    ("home", "address", "options"),
    [
        ("https://a.org", "http://b.org/x", {"elsewhere": True}),
        ("https://a.org", "http://a.org/x", {"elsewhere": True}),
        ("https://a.org", "https://b.org/x", {}),
        ("https://a.org", "https://b.org/x", {"elsewhere": True, "token": "t"}),
        ("http://a.org", "ftp://a.org/x", {"elsewhere": True}),
    ],
)
def test_nothing_is_asked_of_a_server_that_is_not_allowed(home: str, address: str, options: dict[str, Any]) -> None:
    with Api(**LIMITS, **options) as api, pytest.raises(HalfAnswer, match="the server sends to"):
        api.file(address, home=home)


def test_all_answers_together_have_a_deadline(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server, clock = serve({"/good": GOOD, "/bad": GOOD}), [0.0]
    server.faults["/bad"] = [hang]
    with (
        Api(**LIMITS, longest_fetch=0.4) as api,
        pytest.raises(HalfAnswer, match="whole fetch takes longer than 0 sec"),
    ):
        api.file(f"{server.address}/bad")
    monkeypatch.setattr(api_module, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=lambda _: None))
    with Api(**LIMITS) as api:
        api.file(f"{server.address}/good")
        clock[0] = api.longest_fetch
        with pytest.raises(HalfAnswer, match="the whole fetch takes longer than 3,600 seconds"):
            api.file(f"{server.address}/good")
    assert server.requests.count("/good") == 1


def test_pages_together_have_a_limit_of_size_and_do_not_repeat(serve: Serve) -> None:
    server = serve({f"/{n}": {"next": f"/{n + 1}", "text": "x" * 30_000} for n in range(9)})
    with Api(**LIMITS) as api:
        for fault, message in (
            ({}, "the pages hold more than 100,000 bytes"),
            ({"/2": "/1"}, "this one has come before"),
        ):
            server.faults = {name: [answering(server.answers[of])] for name, of in fault.items()}

            def following(page: Any) -> str:
                return server.address + str(page.content["next"]) if page.url[-1] != "2" else f"{server.address}/3"

            with pytest.raises(HalfAnswer, match=message):
                api.pages(f"{server.address}/0", following, missing=lambda _: "")
