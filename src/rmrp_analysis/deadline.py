"""Calls to other servers: each ends by its deadline, and is repeated where its failure may pass."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import tenacity

Result = TypeVar("Result")
MAX_WAIT_SECONDS = 120.0
"""Seconds to wait at most for another attempt."""


class MayPass(Exception):
    """A call failed in a way that may pass.

    ``wait`` are the seconds after which it may, where the server says so.
    """

    def __init__(self, problem: str, wait: float | None = None) -> None:
        super().__init__(problem)
        self.wait = wait


def call_within(
    seconds: float, call: Callable[[float], Result], *, attempts: int = 3, first_wait: float = 1.0
) -> Result:
    """Call a function within ``seconds``; return what it returns.

    The time is for all its attempts and the waits between them. A time limit of a socket is one for each read, so that
    a server that sends a byte now and then is waited for without end, and finding a name's address has no limit at all.
    So the call runs in a thread, which is left to itself at the deadline; it is given the deadline (of
    ``time.monotonic``), by which it should end, too.

    A call that raises ``MayPass`` is repeated after ``first_wait`` seconds, twice as many, and so on, or as long as the
    server asks for. Raises the last ``MayPass`` with the number of attempts, or ``TimeoutError`` at the deadline.
    """

    def wait(state: tenacity.RetryCallState) -> float:
        """Return the seconds to wait: those that the server asked for, else twice as many each time.

        They are ``MAX_WAIT_SECONDS`` at most.
        """
        raised_exception = state.outcome.exception() if state.outcome else None
        if isinstance(raised_exception, MayPass) and raised_exception.wait is not None:
            return min(MAX_WAIT_SECONDS, raised_exception.wait)
        return tenacity.wait_exponential(first_wait, max=MAX_WAIT_SECONDS)(state)

    retry_policy = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(MayPass),
        stop=tenacity.stop_after_attempt(attempts) | tenacity.stop_before_delay(seconds),
        wait=wait,
    )
    deadline_time, call_future = time.monotonic() + seconds, Future[Result]()

    def work() -> None:
        """Make the call with its attempts, and set the result or the error of the future."""
        try:
            call_future.set_result(retry_policy(call, deadline_time))
        except tenacity.RetryError as failed:
            number, problem = failed.last_attempt.attempt_number, failed.last_attempt.exception()
            call_future.set_exception(MayPass(f"{problem} ({number} attempts)"))
        except BaseException as problem:
            call_future.set_exception(problem)

    if seconds <= 0:
        raise TimeoutError
    threading.Thread(target=work, daemon=True).start()
    return call_future.result(seconds)
