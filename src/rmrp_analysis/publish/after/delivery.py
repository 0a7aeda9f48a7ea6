"""Deliver a message to a server within a time limit, and say why it was not taken without repeating any secret.

Secrets come from the environment alone. Nothing that a server or a library answers is repeated, since it may hold one.
"""

import os
import smtplib
from collections.abc import Callable, Iterator

from rmrp_analysis.deadline import MayPass, call_within
from rmrp_analysis.words import N_, Translator

MAX_DELIVERY_SECONDS = 30.0
"""How long a server may take for a message, with all attempts."""
SERVER_TOO_SLOW_REASON = N_("it takes longer than {seconds} seconds")
"""Why a message was not sent: its server took too long."""
VARIABLE_NOT_SET_REASON = N_("the variable {name} is not set")
"""Why a message was not sent: a variable of the environment is not set."""


class NotSent(Exception):
    """A message could not be sent, for a reason that may be shown: it holds no secret; ``name`` is a variable's."""

    def __init__(self, reason: str, name: str = "") -> None:
        """Take the reason as the text of the error, and the name of the variable that it is about, if any."""
        super().__init__(reason)
        self.name = name


def deliver(name: str, send: Callable[[float], None], translate: Translator, seconds: float) -> Iterator[str]:
    """Call a function that sends; yield one line, with the channel's ``name``, if it did not send.

    It is given the deadline (of ``time.monotonic``), and called again only where the server has taken nothing
    (``MayPass``), so that nobody gets a message twice; all attempts have ``seconds`` in total. Of an ``OSError``,
    ``ValueError`` or error of SMTP, the line has type and code alone. Other errors are raised.
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
    """Return what a variable of the environment holds; empty without a name.

    Raises ``NotSent`` where it is empty or not set.
    """
    if name and not os.environ.get(name):
        raise NotSent(VARIABLE_NOT_SET_REASON, name)
    return os.environ[name] if name else ""
