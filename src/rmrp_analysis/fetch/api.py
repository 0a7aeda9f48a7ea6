"""Answers over HTTP: one at a time and not too fast, asked for again when they fail, kept with their time.

No server can block a fetch: each answer and the whole fetch have a deadline. Each answer and all pages together have a
limit of unpacked size. An address that a server names is followed only if ``Api`` allows it.
"""

import email.utils
import hashlib
import json
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from rmrp_analysis.deadline import MayPass, call_within
from rmrp_analysis.errors import HalfAnswer, InputRefused, RequestError
from rmrp_analysis.files import write_whole
from rmrp_analysis.loaders.read import no_number
from rmrp_analysis.messages import N_

try:
    import httpx2
except ModuleNotFoundError as missing:
    raise RequestError(
        N_("fetching needs {library}, which is not installed: pip install {library}").format(library=missing.name)
    ) from None

MAX_SECONDS_OF_ANSWER, MAX_SECONDS_OF_FETCH = 300.0, 3600.0
"""Seconds for the whole of an answer with every attempt, and for all answers of a fetch."""

MAX_ANSWER_BYTES = 2**28
"""Bytes of an answer, and of all its pages. The flows of a plan take less than a tenth."""

MAX_PAGES, MAX_REDIRECTS = 2_000, 10
"""The most pages of one list, and the most redirects of one request."""
MAX_DIGITS_OF_COUNT = 15
"""The most digits of a number of records or bytes that a server states."""
STATUSES_TO_RETRY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP statuses after which a request is made again."""
ADVICE_BY_STATUS: Mapping[int, str] = {
    400: "it does not understand the request; look at the id",
    401: "it asks who you are; ask the producer whether these data are public",
    403: "it does not give you these data; ask the producer whether they are public",
    404: "there is nothing of this id or address; look at both",
    410: "what was there was deleted; ask the producer where it is now",
}
"""The meaning of a status code, and the advice, unless the producer has its own advice."""
BUSY = "it is busy or out of order; try again in an hour"
"""The advice for ``STATUSES_TO_RETRY``."""
OTHER_STATUS_ADVICE = "try again later, and ask the producer if it stays so"
MESSAGE_BY_CONNECTION_ERROR: Mapping[type[BaseException], str] = {
    ssl.SSLCertVerificationError: "the connection failed, since the certificate of the server is not trusted; look at "
    "the date of this computer, and ask who looks after your network",
    ssl.SSLError: "the connection failed, since the server does not answer encrypted; look at its address",
    socket.gaierror: "the connection failed, since there is no server of this name; look at its address, and at your "
    "connection to the internet",
    ConnectionRefusedError: "the connection failed, since the server takes none; look at its address, or try again "
    "later",
    httpx2.TimeoutException: "the connection failed, since the server does not answer; look at your connection to the "
    "internet, or try again later",
    Exception: "the connection failed, since it was cut; try again later",
}
"""The message on a connection that failed, by the first kind of error among its causes."""
MAX_READING_ROUNDS = 2
"""How often answers are read until they fit each other. Data may change between two answers."""

WRONG_SHAPE_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""Errors of reading JSON that has another shape than its reader expects."""

_HALF_SURROGATE_PATTERN = re.compile(rb"\\u[dD][89a-fA-F]")
"""An escape in JSON that is half of a pair, which no file can hold alone."""
WEB_PAGE_STARTS = (b"<!doctype html", b"<html")
"""The beginnings of a web page, in lower case."""
SHAPE_TEXT_BY_TYPE: Mapping[type, str] = {dict: "{…}", list: "[…]"}
"""How the top of an answer of each type looks in JSON, for messages."""
Whole = TypeVar("Whole")
"""The result of reading several answers."""


@dataclass(frozen=True)
class Answer:
    """An answer of a server: the bytes as they came, their meaning, and the time of the fetch.

    ``following`` is the address of the next page, and ``stated`` the number of all records, if the headers of the
    answer state them (``Link``, ``X-Total-Count``).
    """

    url: str
    body: bytes
    fetched: datetime
    following: str = ""
    stated: int | None = None

    @cached_property
    def content(self) -> Any:
        """The body as JSON. Raises ``ValueError`` if it is no JSON, or holds a text that no file can hold."""
        content = json.loads(self.body.decode("utf-8-sig"), parse_constant=no_number)
        if _HALF_SURROGATE_PATTERN.search(self.body):
            json.dumps(content, ensure_ascii=False).encode()  # half a pair of surrogates is no letter
        return content


class Refused(HalfAnswer):
    """The server will not answer this request, however often it is made."""


@dataclass(kw_only=True, eq=False)
class Api(AbstractContextManager["Api"]):
    """A server that answers requests for JSON and files.

    - ``pause``: seconds between two requests.
    - ``attempts``, ``first_wait``: a request that fails is made ``attempts`` times in all. The first wait is
      ``first_wait`` seconds, each next one twice as long, or as long as the server asks for.
    - ``cache``, ``max_age``: an answer younger than ``max_age`` is taken from this folder (None: no cache).
    - ``most_bytes``, ``longest``, ``longest_fetch``: limits of an answer in bytes and, with all attempts, in seconds,
      and of all answers in seconds.
    - ``token``: it goes only to the server that is asked.
    - ``advice``: for a status code, its meaning and the advice.
    - ``elsewhere``: only with it may the server send on to another one: never with a token, never from HTTPS to HTTP,
      and only to public addresses. So nobody who edits a server's answers can reach computers of the office's network.
    """

    token: str = field(default="", repr=False)
    advice: Mapping[int, str] = field(default_factory=dict)
    elsewhere: bool = False
    cache: Path | None = None
    max_age: timedelta = timedelta(hours=1)
    pause: float = 1.0
    first_wait: float = 1.0
    attempts: int = 5
    timeout: float = 60.0
    most_bytes: int = MAX_ANSWER_BYTES
    longest: float = MAX_SECONDS_OF_ANSWER
    longest_fetch: float = MAX_SECONDS_OF_FETCH

    def __post_init__(self) -> None:
        """Open the HTTP client, with the token in its headers. The time of the whole fetch begins."""
        head = {"User-Agent": "rmrp-analysis", "Accept-Encoding": "gzip"}
        self._client = httpx2.Client(
            timeout=self.timeout,
            headers=head | ({"Authorization": f"Bearer {self.token}"} if self.token else {}),
            mounts={"http://": httpx2.HTTPTransport()} if self.token else None,  # a proxy would read unencrypted text
        )
        self._next_request, self._deadline = 0.0, time.monotonic() + self.longest_fetch
        self._answers: list[Answer] = []

    def __exit__(self, *_: object) -> None:
        """Close the HTTP client."""
        self._client.close()

    def get(self, url: str, *, missing: Callable[[Answer], str], shapes: tuple[type, ...] = (dict,)) -> Answer:
        """Return the answer to ``url``: JSON of one of these ``shapes``, in which ``missing`` finds no fault.

        ``missing`` returns the fault, or an empty text. An answer in ``cache`` younger than ``max_age`` is returned
        without a request or check. A new one is cached. Raises ``HalfAnswer`` when the server refuses, or still fails
        or answers in part after every attempt.
        """

        def fault_of(answer: Answer) -> str:
            """Return the fault of an answer. Empty without a fault. Raises ``Refused`` for a web page."""
            if answer.body.lstrip()[:20].lower().startswith(WEB_PAGE_STARTS):
                raise Refused(
                    f"{url}: the answer is a web page (HTML) instead of JSON; look whether the address is that of a "
                    "page for people"
                )
            try:
                is_valid = isinstance(answer.content, shapes)
            except ValueError:  # no UTF-8, too
                return "the answer is no JSON; it may have been cut, so try again later"
            except RecursionError:
                return "the answer is nested too deeply; tell the producer"
            expected = ", ".join(SHAPE_TEXT_BY_TYPE[shape] for shape in shapes)
            try:
                fault = missing(answer) if is_valid else f"the answer is no JSON as this server gives it ({expected})"
            except InputRefused as problem:
                fault = str(problem)
            except WRONG_SHAPE_ERRORS as problem:
                fault = f"the answer is not as this server describes its answers ({type(problem).__name__})"
            return fault and f"{fault}; try again later, and tell the producer if it stays so"

        path = self._cache_path(url)
        with suppress(OSError, ValueError, KeyError):  # no cached answer that can be read
            entry = json.loads(path.read_text(encoding="utf-8")) if path else {}
            cached = Answer(entry["url"], entry["body"].encode(), datetime.fromisoformat(entry["fetched"]))
            if timedelta(0) <= datetime.now(UTC) - cached.fetched < self.max_age and cached.url == url:
                self._answers.append(cached)
                return cached
        answer = self.file(url, missing=fault_of)
        if path:
            entry = {"url": url, "fetched": answer.fetched.isoformat(), "body": answer.body.decode()}
            write_whole(path, json.dumps(entry, ensure_ascii=False))
        self._answers.append(answer)
        return answer

    def pages(
        self,
        url: str,
        following: Callable[[Answer], str],
        *,
        missing: Callable[[Answer], str],
        shapes: tuple[type, ...] = (dict,),
    ) -> list[Answer]:
        """Return the answers from ``url`` on, page by page.

        ``following`` returns the address of the next page, or an empty text after the last. Raises ``HalfAnswer`` as
        ``get`` does, for a page that comes again, for more than ``MAX_PAGES`` pages or ``most_bytes`` bytes, and for a
        next page on another server.
        """
        pages: list[Answer] = []
        while url:
            if url in (page.url for page in pages) or len(pages) == MAX_PAGES:
                raise HalfAnswer(f"{url}: the pages go round in a circle, or are more than {MAX_PAGES:,}")
            pages.append(self.get(url, missing=missing, shapes=shapes))
            if any(page.body == pages[-1].body for page in pages[:-1]):
                raise HalfAnswer(f"{url}: the pages go round in a circle: this one has come before")
            if sum(len(page.body) for page in pages) > self.most_bytes:
                raise Refused(f"{url}: the pages hold more than {self.most_bytes:,} bytes")
            try:
                url = following(pages[-1])
                is_elsewhere = url and not _same_server(pages[-1].url, url)
            except (ValueError, httpx2.InvalidURL):
                raise Refused(f"{pages[-1].url}: the link to the next page is no address; tell the producer") from None
            if is_elsewhere:
                raise Refused(f"{pages[-1].url}: the next page is on another server, {urlsplit(url).netloc}")
        return pages

    def file(self, url: str, *, missing: Callable[[Answer], str] = lambda _: "", home: str = "") -> Answer:
        """Return the answer to ``url``, whatever it holds, when ``missing`` finds no fault. ``cache`` is not used.

        ``home`` is an address of the server that named ``url``, by default ``url`` itself. Raises ``HalfAnswer`` as
        ``get`` does, and after the deadline of the answer or the fetch.
        """
        self._deadline += self.pause  # which is ours, and not the server's
        seconds = min(self.longest + self.pause, self._deadline - time.monotonic())
        ask = partial(self._ask, url, missing, home or url)
        try:
            return call_within(seconds, ask, attempts=self.attempts, first_wait=self.first_wait)
        except MayPass as problem:
            raise HalfAnswer(f"{url}: {problem}") from None
        except TimeoutError:
            is_over = time.monotonic() >= self._deadline
            what, limit = ("whole fetch", self.longest_fetch) if is_over else ("answer", self.longest)
            raise HalfAnswer(f"{url}: the {what} takes longer than {limit:,.0f} seconds; try again later") from None

    def agreeing(self, read: Callable[[], Whole]) -> Whole:
        """Return the result of ``read``, which uses several answers. Call it again if it raises ``HalfAnswer``.

        The cached answers that it used are deleted first. Raises ``Refused`` at once, and the second ``HalfAnswer``.
        """
        for turn in range(1, MAX_READING_ROUNDS + 1):
            self._answers.clear()
            try:
                return read()
            except Refused:
                raise
            except HalfAnswer:
                for answer in self._answers:
                    if path := self._cache_path(answer.url):
                        path.unlink(missing_ok=True)
                if turn == MAX_READING_ROUNDS:
                    raise
        raise AssertionError  # pragma: no cover

    def _cache_path(self, url: str) -> Path | None:
        """Return the file that keeps an answer. None without a cache."""
        return self.cache / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json" if self.cache else None

    def _ask(self, url: str, missing: Callable[[Answer], str], home: str, deadline: float) -> Answer:
        """Wait for the pause, make one request, follow its redirects and return the answer.

        Raises ``MayPass`` if another attempt may help, also for a fault that ``missing`` finds. Raises ``Refused`` if
        no attempt helps, and ``TimeoutError`` after ``deadline``.
        """
        time.sleep(max(0.0, self._next_request - time.monotonic()))
        self._next_request = time.monotonic() + self.pause
        address = url
        try:
            for _ in range(MAX_REDIRECTS + 1):
                trace = self._check_address(address, home)
                with self._client.stream("GET", address, extensions={"trace": trace}) as response:
                    if not response.has_redirect_location:
                        body = self._read_body(response, url, deadline)
                        break
                    address = str(response.url.join(response.headers["Location"]))
            else:
                raise Refused(f"{url}: the server redirects more than {MAX_REDIRECTS} times; tell the producer")
        except httpx2.UnsupportedProtocol:
            raise Refused(f"{url}: the server sends to what is no address of the web; tell the producer") from None
        except httpx2.TransportError as problem:
            raise MayPass(explain_connection(problem)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise Refused(f"{url}: the server sends to what is no address of the web; tell the producer") from None
        total = response.headers.get("X-Total-Count", "")
        answer = Answer(
            url,
            body,
            datetime.now(UTC).replace(microsecond=0),
            following=response.links.get("next", {}).get("url", ""),
            stated=int(total) if total.isdecimal() and len(total) <= MAX_DIGITS_OF_COUNT else None,
        )
        if fault := missing(answer):
            raise MayPass(fault)
        return answer

    def _read_body(self, response: httpx2.Response, url: str, deadline: float) -> bytes:
        """Check the status of an answer, then read and unpack its body.

        Raises ``MayPass`` for one of ``STATUSES_TO_RETRY`` and a body that cannot be unpacked, ``Refused`` for any
        other status but 200, an unknown packing and more than ``most_bytes``, ``TimeoutError`` after ``deadline``.
        """
        if response.status_code in STATUSES_TO_RETRY:
            wait = _parse_retry_after(response.headers.get("Retry-After", ""))
            raise MayPass(f"the server answered {response.status_code}: {BUSY}", wait)
        if response.status_code != httpx2.codes.OK:
            advice = {**ADVICE_BY_STATUS, **self.advice}.get(response.status_code, OTHER_STATUS_ADVICE)
            raise Refused(f"{url}: the server answered {response.status_code}: {advice}")
        encoding = response.headers.get("Content-Encoding", "").strip().lower() or "identity"
        if encoding not in ("identity", "gzip", "x-gzip"):
            raise Refused(f"{url}: the answer is packed as '{encoding}', which was not asked for; tell the producer")
        unpacking = None if encoding == "identity" else zlib.decompressobj(wbits=31)
        body = bytearray()
        is_larger = int(response.headers.get("Content-Length", "0")) > self.most_bytes
        for piece in () if is_larger else response.iter_raw():
            try:
                body += unpacking.decompress(piece, self.most_bytes + 1 - len(body)) if unpacking else piece
            except zlib.error:
                raise MayPass("the answer cannot be unpacked; try again later") from None
            if (is_larger := len(body) > self.most_bytes) or (unpacking and unpacking.unused_data):
                break
            if time.monotonic() > deadline:
                raise TimeoutError
        if is_larger:
            raise Refused(f"{url}: the answer holds more than {self.most_bytes:,} bytes")
        if unpacking and (not unpacking.eof or unpacking.unused_data):
            raise MayPass("the answer is not packed as it says; it may have been cut, so try again later")
        return bytes(body)

    def _check_address(self, following: str, home: str) -> Callable[[str, dict[str, Any]], None]:
        """Raise ``Refused`` if ``home`` may not send to an address. Return the check of its connection.

        The check is called as the client's ``trace``. It checks the connected IP address, since a name may have another
        address at each look-up.
        """
        url, origin = httpx2.URL(following), httpx2.URL(home)
        is_allowed = self.elsewhere and not self.token and (url.scheme == "https" or url.scheme == origin.scheme)
        if not (is_allowed or _same_server(home, following)):
            raise Refused(
                f"{home}: the server sends to {url.scheme}://{url.host}, where nothing is fetched; tell the producer"
            )
        is_proxied = False

        def refuse_private_address(event: str, event_facts: dict[str, Any]) -> None:
            """Close the connection and raise ``Refused`` if its IP address is not public.

            The host of ``home`` and connections by a proxy are not checked.
            """
            nonlocal is_proxied
            if event.endswith("connect_tcp.started"):
                is_proxied = event_facts["host"] != url.raw_host.decode()  # then the proxy looks up the name
            if event.endswith("connect_tcp.complete") and not is_proxied and url.host != origin.host:
                try:
                    check_public(event_facts["return_value"].get_extra_info("server_addr")[0])
                except Refused:
                    event_facts["return_value"].close()
                    raise

        def check_public(text: str) -> None:
            """Raise ``Refused`` for an IP address of a network that is not public."""
            if not ip_address(text.partition("%")[0]).is_global:
                raise Refused(
                    f"{home}: the server sends to {url.host}, an address that is not public ({text}); tell the producer"
                )

        with suppress(ValueError):  # a name
            if url.host != origin.host:
                check_public(url.host)
        return refuse_private_address


def explain_connection(problem: BaseException) -> str:
    """Return the sentence of ``MESSAGE_BY_CONNECTION_ERROR`` that fits an error or its causes. The last fits any."""
    causes: list[BaseException] = [problem]
    while cause := causes[-1].__cause__ or causes[-1].__context__:
        causes.append(cause)
    messages = MESSAGE_BY_CONNECTION_ERROR.items()
    return next(text for kind, text in messages if any(isinstance(error, kind) for error in causes))


def _same_server(address: str, following: str) -> bool:
    """Return whether two addresses have the same scheme, host and port, or the same host and HTTPS after HTTP."""
    url, target = httpx2.URL(address), httpx2.URL(following)
    is_same = (url.scheme, url.host, url.port) == (target.scheme, target.host, target.port)
    return is_same or (url.host == target.host and (url.scheme, target.scheme) == ("http", "https"))


def _parse_retry_after(retry_after: str) -> float | None:
    """Return the seconds to wait that a ``Retry-After`` text states, as number or date. None for another text."""
    with suppress(ValueError, TypeError, OverflowError):  # a time without its zone, too
        if retry_after.isdecimal():
            return float(retry_after)
        return max(0.0, (email.utils.parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    return None


def check_address(base_address: str, example: str, *, secret: bool = False) -> str:
    """Return an address without a slash at its end. ``example`` is a valid one for the message.

    Raises ``RequestError`` if it is no HTTP(S) address, holds a name or password, or is not encrypted though a
    ``secret`` is sent to it. Without encryption a secret goes to this computer alone.
    """
    parts = urlsplit(base_address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise RequestError(f"'{base_address}' is no address of the web; write it whole, such as {example}")
    if parts.username or parts.password:
        raise RequestError(f"the address of {parts.hostname} holds a name or a password; leave them out")
    is_local = parts.hostname == "localhost"
    with suppress(ValueError):  # a name, and no number
        is_local = ip_address(parts.hostname or "").is_loopback
    if secret and parts.scheme == "http" and not is_local:
        raise RequestError(
            f"'{base_address}': the token would be sent where others can read it; write the address with https"
        )
    return base_address.rstrip("/")
