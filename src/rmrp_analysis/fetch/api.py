"""Answers over HTTP: one at a time and not too fast, asked for again when they fail, kept with their time."""

import email.utils
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import tenacity

from rmrp_analysis.errors import HalfAnswer
from rmrp_analysis.files import write_whole

LONGEST_WAIT = 120.0
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


class Api:
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
        self._client = httpx.Client(timeout=timeout, follow_redirects=True, headers={"User-Agent": "rmrp-analysis"})
        self._next_request = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def get(self, url: str, *, whole: Callable[[Answer], str]) -> Answer:
        """The answer to ``url``, for which ``whole`` finds nothing missing (it says what is, or nothing).

        Raises ``HalfAnswer`` when the server refuses, or still fails or answers in part after every attempt.
        """
        kept = self._kept(url)
        if kept is not None:
            return kept
        asking = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_AskAgain),
            stop=tenacity.stop_after_attempt(self._attempts),
            wait=self._wait,
            reraise=True,
        )
        try:
            answer: Answer = asking(self._ask, url, whole)
        except _AskAgain as problem:
            raise HalfAnswer(f"{url}: {problem} ({self._attempts} attempts); nothing was written") from None
        self._keep(answer)
        return answer

    def forget(self, answer: Answer) -> None:
        """Drop an answer from the cache, so that it is asked for anew."""
        if self._cache:
            self._place(answer.url).unlink(missing_ok=True)

    def _ask(self, url: str, whole: Callable[[Answer], str]) -> Answer:
        time.sleep(max(0.0, self._next_request - time.monotonic()))
        self._next_request = time.monotonic() + self._pause
        with _failures_told():
            response = self._client.get(url)
        if response.status_code in ASK_AGAIN:
            raise _AskAgain(f"the server answered {response.status_code}", _asked_wait(response))
        if response.status_code != httpx.codes.OK:
            raise Refused(f"{url}: the server answered {response.status_code}; nothing was written")
        answer = Answer(url, response.content, datetime.now(UTC).replace(microsecond=0))
        missing = _not_json(answer) or whole(answer)
        if missing:
            raise _AskAgain(missing)
        return answer

    def _wait(self, state: tenacity.RetryCallState) -> float:
        problem = state.outcome.exception() if state.outcome else None
        asked = problem.wait if isinstance(problem, _AskAgain) else None
        doubled = self._first_wait * 2 ** (state.attempt_number - 1)
        return min(LONGEST_WAIT, doubled if asked is None else asked)

    def _place(self, url: str) -> Path:
        assert self._cache is not None  # noqa: S101  # asked for only when there is one
        return self._cache / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"

    def _kept(self, url: str) -> Answer | None:
        if self._cache is None:
            return None
        try:
            kept = json.loads(self._place(url).read_text(encoding="utf-8"))
            answer = Answer(kept["url"], kept["body"].encode(), datetime.fromisoformat(kept["fetched"]))
        except (OSError, ValueError, KeyError):
            return None
        fresh = timedelta(0) <= datetime.now(UTC) - answer.fetched < self._max_age
        return answer if fresh and answer.url == url else None

    def _keep(self, answer: Answer) -> None:
        if self._cache:
            kept = {"url": answer.url, "fetched": answer.fetched.isoformat(), "body": answer.body.decode()}
            write_whole(self._place(answer.url), json.dumps(kept, ensure_ascii=False))


class Refused(HalfAnswer):
    """The server will not answer this request, however often it is made."""


class _AskAgain(Exception):
    """An answer that failed in a way that may pass; ``wait`` seconds if the server says how long."""

    def __init__(self, problem: str, wait: float | None = None) -> None:
        super().__init__(problem)
        self.wait = wait


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except (httpx.TransportError, httpx.DecodingError) as problem:
        raise _AskAgain(f"the connection failed ({type(problem).__name__}: {problem})") from None
    except httpx.HTTPError as problem:
        raise Refused(f"{problem}; nothing was written") from None


def _not_json(answer: Answer) -> str:
    try:
        return "" if isinstance(answer.content, dict) else "the answer is no JSON object"
    except ValueError:
        return "the answer is no JSON; it may have been cut"


def _asked_wait(response: httpx.Response) -> float | None:
    """Seconds the server asks to wait: ``Retry-After`` as a number or as a time."""
    asked = response.headers.get("Retry-After", "")
    if asked.isdecimal():
        return float(asked)
    try:
        until = email.utils.parsedate_to_datetime(asked)
    except ValueError:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
