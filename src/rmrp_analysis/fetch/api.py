"""Answers over HTTP: one at a time and not too fast, asked for again when they fail, kept with their time."""

import email.utils
import hashlib
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import tenacity

from rmrp_analysis.errors import HalfAnswer
from rmrp_analysis.files import write_whole

LONGEST_WAIT, LONGEST_ANSWER = 120.0, 300.0
"""Seconds to wait at most for another try, and for the whole of an answer."""

MOST_BYTES = 64 * 2**20
"""A page of flows takes less than a tenth of it."""

ASK_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Answer:
    """What a server said: the bytes as they came, what they mean, and when they were fetched."""

    url: str
    body: bytes
    fetched: datetime

    @property
    def content(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Refused(HalfAnswer):
    """The server will not answer this request, however often it is made."""


class _Failed(Exception):
    """A request failed in a way that may pass; ``wait`` seconds if the server says how long."""

    def __init__(self, problem: str, wait: float | None = None) -> None:
        super().__init__(problem)
        self.wait = wait


class Api(AbstractContextManager["Api"]):
    """A public JSON API.

    ``pause`` seconds lie between two requests. A request that fails is made ``attempts`` times in all, after
    ``first_wait`` seconds, twice as many, and so on, or as long as the server asks for. An answer younger than
    ``max_age`` is taken from the ``cache`` folder (None: nothing is kept).
    """

    def __init__(
        self,
        *,
        cache: Path | None = None,
        max_age: timedelta = timedelta(hours=1),
        pause: float = 1.0,
        first_wait: float = 1.0,
        attempts: int = 5,
        timeout: float = 60.0,
    ) -> None:
        self._cache, self._max_age, self._pause = cache, max_age, pause
        self._first_wait, self._attempts = first_wait, attempts
        self._client = httpx2.Client(
            timeout=timeout,
            follow_redirects=True,
            headers={"User-Agent": "rmrp-analysis"},
            event_hooks={"response": [_stay_with_the_server]},
        )
        self._next_request = 0.0

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, url: str, *, missing: Callable[[Answer], str]) -> Answer:
        """The answer to ``url`` when ``missing`` finds nothing missing from it (else it says what is).

        Raises ``HalfAnswer`` when the server refuses, or still fails or answers in part after every attempt.
        """
        place = self._place(url)
        with suppress(OSError, ValueError, KeyError):  # no answer is kept, or none that can be read
            entry = json.loads(place.read_text(encoding="utf-8")) if place else {}
            kept = Answer(entry["url"], entry["body"].encode(), datetime.fromisoformat(entry["fetched"]))
            if timedelta(0) <= datetime.now(UTC) - kept.fetched < self._max_age and kept.url == url:
                return kept
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Failed),
            stop=tenacity.stop_after_attempt(self._attempts),
            wait=self._wait,
            reraise=True,
        )
        try:
            answer: Answer = retrying(self._ask, url, missing)
        except _Failed as problem:
            raise HalfAnswer(f"{url}: {problem} ({self._attempts} attempts); nothing was written") from None
        if place:
            entry = {"url": url, "fetched": answer.fetched.isoformat(), "body": answer.body.decode()}
            write_whole(place, json.dumps(entry, ensure_ascii=False))
        return answer

    def forget(self, answer: Answer) -> None:
        """Drop an answer from the cache, so that it is asked for anew."""
        if place := self._place(answer.url):
            place.unlink(missing_ok=True)

    def _place(self, url: str) -> Path | None:
        """The file that keeps an answer."""
        return self._cache / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json" if self._cache else None

    def _ask(self, url: str, missing: Callable[[Answer], str]) -> Answer:
        time.sleep(max(0.0, self._next_request - time.monotonic()))
        self._next_request = time.monotonic() + self._pause
        try:
            with self._client.stream("GET", url) as response:
                body = bytearray()
                until = time.monotonic() + LONGEST_ANSWER
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise Refused(f"{url}: the answer holds more than {MOST_BYTES:,} bytes; nothing was written")
                    if time.monotonic() > until:
                        raise _Failed(f"the answer takes longer than {LONGEST_ANSWER:.0f} seconds")
        except (httpx2.TransportError, httpx2.DecodingError) as problem:
            raise _Failed(f"the connection failed ({type(problem).__name__}: {problem})") from None
        except httpx2.HTTPError as problem:
            raise Refused(f"{problem}; nothing was written") from None
        if response.status_code in ASK_AGAIN:
            wait = _seconds(response.headers.get("Retry-After", ""))
            raise _Failed(f"the server answered {response.status_code}", wait)
        if response.status_code != httpx2.codes.OK:
            raise Refused(f"{url}: the server answered {response.status_code}; nothing was written")
        answer = Answer(url, bytes(body), datetime.now(UTC).replace(microsecond=0))
        try:
            fault = missing(answer) if isinstance(answer.content, dict) else "the answer is no JSON object"
        except json.JSONDecodeError:
            fault = "the answer is no JSON; it may have been cut"
        if fault:
            raise _Failed(fault)
        return answer

    def _wait(self, state: tenacity.RetryCallState) -> float:
        """As long as the server asks for, else twice as long as the last time."""
        problem = state.outcome.exception() if state.outcome else None
        if isinstance(problem, _Failed) and problem.wait is not None:
            return min(LONGEST_WAIT, problem.wait)
        return tenacity.wait_exponential(self._first_wait, max=LONGEST_WAIT)(state)


def _stay_with_the_server(response: httpx2.Response) -> None:
    """Refuse to be sent to another server than the one that was named."""
    address = response.request.url
    following = address.join(response.headers["Location"]) if response.has_redirect_location else address
    if following.host != address.host:
        raise Refused(f"{address}: the server sends to {following.host}; nothing was written")


def _seconds(retry_after: str) -> float | None:
    """Seconds that ``Retry-After`` means, written as a number or as a time; None for anything else."""
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        until = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
