"""Answers over HTTP: one at a time and not too fast, asked for again when they fail, kept with their time."""

import email.utils
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from rmrp_analysis.errors import HalfAnswer, RequestError
from rmrp_analysis.files import write_whole

try:
    import httpx2
    import tenacity
except ModuleNotFoundError as missing:
    raise RequestError(
        f'fetching needs {missing.name}, which is not installed: pip install "rmrp-analysis[fetch]"'
    ) from None

LONGEST_WAIT, LONGEST_ANSWER = 120.0, 300.0
"""Seconds to wait at most for another try, and for the whole of an answer."""

MOST_BYTES = 64 * 2**20
"""A page of flows takes less than a tenth of it."""

MOST_PAGES = 2_000
ASK_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
ROUNDS = 2
"""Answers that do not fit each other are asked for once more: the data may have changed between two of them."""

WEB_PAGE = (b"<!doctype html", b"<html")
SHAPES: Mapping[type, str] = {dict: "object", list: "list"}
Whole = TypeVar("Whole")


@dataclass(frozen=True)
class Answer:
    """What a server said: the bytes as they came, what they mean, and when they were fetched.

    ``following`` is the address of the next page and ``stated`` the number of records in all, where the head of the
    answer names them (``Link``, ``X-Total-Count``).
    """

    url: str
    body: bytes
    fetched: datetime
    following: str = ""
    stated: int | None = None

    @cached_property
    def content(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Refused(HalfAnswer):
    """The server will not answer this request, however often it is made."""


class _Failed(Exception):
    """A request failed in a way that may pass, after ``wait`` seconds if the server says when: a number, or a time."""

    def __init__(self, problem: str, retry_after: str = "") -> None:
        super().__init__(problem)
        self.wait = float(retry_after) if retry_after.isdecimal() else None
        if self.wait is None:
            with suppress(ValueError, TypeError):  # a time without its zone, too
                pause = email.utils.parsedate_to_datetime(retry_after) - datetime.now(UTC)
                self.wait = max(0.0, pause.total_seconds())


@dataclass(kw_only=True, eq=False)
class Api(AbstractContextManager["Api"]):
    """A server that answers requests for JSON and files.

    ``pause`` seconds lie between two requests. A request that fails is made ``attempts`` times in all, after
    ``first_wait`` seconds, twice as many, and so on, or as long as the server asks for. An answer younger than
    ``max_age`` is taken from the ``cache`` folder (None: nothing is kept). An answer takes up to ``most_bytes`` and
    ``longest`` seconds. ``token`` goes to the server that is asked and to no other. ``advice`` says for a status code
    what it means and what to do. Only with ``elsewhere`` may the server send on to another one, never with a token.
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
    most_bytes: int = MOST_BYTES
    longest: float = LONGEST_ANSWER

    def __post_init__(self) -> None:
        self._client = httpx2.Client(
            timeout=self.timeout,
            follow_redirects=True,
            headers={"User-Agent": "rmrp-analysis"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {}),
            event_hooks={"response": [self._stay_with_the_server]},
            mounts={"http://": httpx2.HTTPTransport()} if self.token else None,  # a proxy would read what is in clear
        )
        self._next_request = 0.0
        self._given: list[Answer] = []

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, url: str, *, missing: Callable[[Answer], str], shapes: tuple[type, ...] = (dict,)) -> Answer:
        """The answer to ``url``: JSON of one of these ``shapes``, from which ``missing`` finds nothing missing.

        Raises ``HalfAnswer`` when the server refuses, or still fails or answers in part after every attempt.
        """

        def fault(answer: Answer) -> str:
            if answer.body.lstrip()[:20].lower().startswith(WEB_PAGE):
                page = "a web page (HTML) instead of JSON; the address may be that of a page for people"
                raise Refused(f"{url}: the answer is {page}")
            try:
                fits = isinstance(answer.content, shapes)
            except ValueError:  # no UTF-8, too
                return "the answer is no JSON; it may have been cut"
            except RecursionError:
                return "the answer is nested too deeply"
            wanted = " or ".join(SHAPES[shape] for shape in shapes)
            return missing(answer) if fits else f"the answer is no JSON {wanted}"

        place = self._place(url)
        with suppress(OSError, ValueError, KeyError):  # no answer is kept, or none that can be read
            entry = json.loads(place.read_text(encoding="utf-8")) if place else {}
            kept = Answer(entry["url"], entry["body"].encode(), datetime.fromisoformat(entry["fetched"]))
            if timedelta(0) <= datetime.now(UTC) - kept.fetched < self.max_age and kept.url == url:
                self._given.append(kept)
                return kept
        answer = self.file(url, missing=fault)
        if place:
            entry = {"url": url, "fetched": answer.fetched.isoformat(), "body": answer.body.decode()}
            write_whole(place, json.dumps(entry, ensure_ascii=False))
        self._given.append(answer)
        return answer

    def pages(
        self,
        url: str,
        following: Callable[[Answer], str],
        *,
        missing: Callable[[Answer], str],
        shapes: tuple[type, ...] = (dict,),
    ) -> list[Answer]:
        """The answers from ``url`` on, each ``following`` the one before, to the last, after which there is none."""
        pages: list[Answer] = []
        while url:
            if url in (page.url for page in pages) or len(pages) == MOST_PAGES:
                raise HalfAnswer(f"{url}: the pages go round in a circle")
            pages.append(self.get(url, missing=missing, shapes=shapes))
            url = following(pages[-1])
        return pages

    def file(self, url: str, *, missing: Callable[[Answer], str] = lambda _: "") -> Answer:
        """The answer to ``url`` as it is, whatever it holds, when ``missing`` finds nothing wrong with it.

        Raises ``HalfAnswer`` as ``get`` does.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Failed),
            stop=tenacity.stop_after_attempt(self.attempts),
            wait=self._wait,
            reraise=True,
        )
        try:
            answer: Answer = retrying(self._ask, url, missing)
        except _Failed as problem:
            raise HalfAnswer(f"{url}: {problem} ({self.attempts} attempts)") from None
        return answer

    def agreeing(self, read: Callable[[], Whole]) -> Whole:
        """What ``read`` makes of several answers, which it refuses (``HalfAnswer``) where they do not fit each other.

        They are then asked for once more, and no kept answer is used.
        """
        for turn in range(1, ROUNDS + 1):
            self._given.clear()
            try:
                return read()
            except Refused:
                raise
            except HalfAnswer:
                for answer in self._given:
                    if place := self._place(answer.url):
                        place.unlink(missing_ok=True)
                if turn == ROUNDS:
                    raise
        raise AssertionError  # pragma: no cover

    def _place(self, url: str) -> Path | None:
        """The file that keeps an answer."""
        return self.cache / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json" if self.cache else None

    def _ask(self, url: str, missing: Callable[[Answer], str]) -> Answer:
        time.sleep(max(0.0, self._next_request - time.monotonic()))
        self._next_request = time.monotonic() + self.pause
        try:
            with self._client.stream("GET", url) as response:
                body = bytearray()
                until = time.monotonic() + self.longest
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > self.most_bytes:
                        most = f"{self.most_bytes:,}"
                        raise Refused(f"{url}: the answer holds more than {most} bytes")
                    if time.monotonic() > until:
                        raise _Failed(f"the answer takes longer than {self.longest:.0f} seconds")
        except (httpx2.TransportError, httpx2.DecodingError) as problem:
            raise _Failed(f"the connection failed ({type(problem).__name__}: {problem})") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as problem:
            raise Refused(f"{url}: {problem}") from None
        if response.status_code in ASK_AGAIN:
            raise _Failed(f"the server answered {response.status_code}", response.headers.get("Retry-After", ""))
        if response.status_code != httpx2.codes.OK:
            advice = self.advice.get(response.status_code, "")
            means = f": {advice}" if advice else ""
            raise Refused(f"{url}: the server answered {response.status_code}{means}")
        total = response.headers.get("X-Total-Count", "")
        answer = Answer(
            url,
            bytes(body),
            datetime.now(UTC).replace(microsecond=0),
            following=response.links.get("next", {}).get("url", ""),
            stated=int(total) if total.isdecimal() else None,
        )
        if fault := missing(answer):
            raise _Failed(fault)
        return answer

    def _wait(self, state: tenacity.RetryCallState) -> float:
        """As long as the server asks for, else twice as long as the last time."""
        problem = state.outcome.exception() if state.outcome else None
        if isinstance(problem, _Failed) and problem.wait is not None:
            return min(LONGEST_WAIT, problem.wait)
        return tenacity.wait_exponential(self.first_wait, max=LONGEST_WAIT)(state)

    def _stay_with_the_server(self, response: httpx2.Response) -> None:
        """Refuse to be sent to another server than the one that was named, or to one that does not encrypt."""
        if not response.has_redirect_location:
            return
        address = response.request.url
        following = address.join(response.headers["Location"])
        same = (following.scheme, following.host, following.port) == (address.scheme, address.host, address.port)
        encrypted = (address.scheme, following.scheme) == ("http", "https") and following.host == address.host
        allowed = self.elsewhere and not self.token and not (address.scheme == "https" and following.scheme != "https")
        if not (same or encrypted or allowed):
            raise Refused(f"{address}: the server sends to {following.scheme}://{following.host}")


def checked_address(base_address: str, example: str, *, secret: bool = False) -> str:
    """An address without a slash at its end. Raises ``RequestError`` for what is none.

    Where a ``secret`` is sent to it, it must be encrypted, or on this computer.
    """
    parts = urlsplit(base_address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise RequestError(f"'{base_address}' is no address; write it with http:// or https://, for example {example}")
    if parts.username or parts.password:
        raise RequestError(f"the address of {parts.hostname} holds a name or a password; leave them out")
    on_this_computer = parts.hostname == "localhost"
    with suppress(ValueError):  # a name, and no number
        on_this_computer = ip_address(parts.hostname or "").is_loopback
    if secret and parts.scheme == "http" and not on_this_computer:
        raise RequestError(f"'{base_address}': the token would be sent where others can read it; write https://")
    return base_address.rstrip("/")
