"""Delivers a message to a server within a time limit, or says why not without repeating any secret.

Secrets come from the environment only. The answer of a server or a library is never repeated, since it may hold one.
"""

import os
import smtplib
from collections.abc import Callable, Iterator

from rmrp_analysis.deadline import MayPass, call_within
from rmrp_analysis.words import N_, Translator

MAX_DELIVERY_SECONDS = 30.0
"""The seconds that a server may take for a message, all attempts together."""
SERVER_TOO_SLOW_REASON = N_("it takes longer than {seconds} seconds")
"""Why a message was not sent."""
VARIABLE_NOT_SET_REASON = N_("the variable {name} is not set")
"""Why a message was not sent. The variable is a variable of the environment."""


class NotSent(Exception):
    """A message could not be sent, for a reason without secrets. ``name`` is the name of a variable."""

    def __init__(self, reason: str, name: str = "") -> None:
        """Take the reason as the text of the error, and the name of its variable, if any."""
        super().__init__(reason)
        self.name = name


def deliver(name: str, send: Callable[[float], None], translate: Translator, seconds: float) -> Iterator[str]:
    """Call a function that sends. If it did not send, yield one line with the channel's ``name``.

    The function gets the deadline (of ``time.monotonic``). It is called again only if the server has taken nothing
    (``MayPass``), so that no message arrives twice. All attempts together have ``seconds``. For an ``OSError``, a
    ``ValueError`` or an error of SMTP, the line has only type and code. Other errors are raised.
    """
    try:
        call_within(seconds, send, first_wait=seconds / 30)
    except TimeoutError:
        yield f"{name}: {translate(SERVER_TOO_SLOW_REASON, seconds=f'{seconds:.0f}')}"
    except MayPass as fault:
        yield f"{name}: {fault}"
    except NotSent as fault:
        yield f"{name}: {translate(str(fault), name=fault.name)}"
    except (OSError, smtplib.SMTPException, ValueError) as fault:  # its text may hold a secret
        code = getattr(fault, "smtp_code", "") or getattr(fault, "strerror", "") or ""
        yield f"{name}: {type(fault).__name__} {code}".rstrip()


def read_variable(name: str) -> str:
    """Return the value of a variable of the environment, or an empty text without a name.

    Raises ``NotSent`` if it is empty or not set.
    """
    if name and not os.environ.get(name):
        raise NotSent(VARIABLE_NOT_SET_REASON, name)
    return os.environ[name] if name else ""
