"""Calls to other servers: each ends by its deadline, and is repeated if its failure may pass."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import tenacity

Result = TypeVar("Result")
MAX_WAIT_SECONDS = 120.0
"""The most seconds to wait for another attempt."""


class MayPass(Exception):
    """A call failed for a reason that may pass.

    ``wait`` are the seconds until then, if the server says so.
    """

    def __init__(self, problem: str, wait: float | None = None) -> None:
        super().__init__(problem)
        self.wait = wait


def call_within(
    seconds: float, call: Callable[[float], Result], *, attempts: int = 3, first_wait: float = 1.0
) -> Result:
    """Call a function, with repeats, and return its result, within ``seconds`` for all attempts and waits.

    The call runs in a thread, because the time limit of a socket does not end a slow answer. It gets the deadline (of
    ``time.monotonic``), by which it should end. Otherwise the thread goes on alone.

    A call that raises ``MayPass`` is repeated after ``first_wait`` seconds, then twice as many each time, or as many as
    the server asks for, at most ``MAX_WAIT_SECONDS``. Raises ``MayPass`` with the last problem and the number of
    attempts when no attempt or time is left, ``TimeoutError`` at the deadline, and any other error at once.
    """

    def wait(state: tenacity.RetryCallState) -> float:
        """Return the seconds to wait: as the server asks, otherwise twice as many each time."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, MayPass) and error.wait is not None:
            return min(MAX_WAIT_SECONDS, error.wait)
        return tenacity.wait_exponential(first_wait, max=MAX_WAIT_SECONDS)(state)

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(MayPass),
        stop=tenacity.stop_after_attempt(attempts) | tenacity.stop_before_delay(seconds),
        wait=wait,
    )
    deadline, outcome = time.monotonic() + seconds, Future[Result]()

    def work() -> None:
        """Make the call with its attempts, and set the result or the error of the future."""
        try:
            outcome.set_result(retrying(call, deadline))
        except tenacity.RetryError as failed:
            number, problem = failed.last_attempt.attempt_number, failed.last_attempt.exception()
            outcome.set_exception(MayPass(f"{problem} ({number} attempts)"))
        except BaseException as problem:
            outcome.set_exception(problem)

    if seconds <= 0:
        raise TimeoutError
    threading.Thread(target=work, daemon=True).start()
    return outcome.result(seconds)
