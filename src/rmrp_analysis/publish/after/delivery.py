"""Deliver a message to a server within a time limit, and say why it was not taken without repeating any secret.

Secrets come from the environment alone. Nothing that a server or a library answers is repeated, since it may hold one.
"""

import os
import smtplib
from collections.abc import Callable, Iterator

from rmrp_analysis.deadline import MayPass, call_within
from rmrp_analysis.words import N_, Translator

SECONDS = 30.0
"""How long a server may take for the whole of a message, with every attempt."""
TOO_SLOW = N_("it takes longer than {seconds} seconds")
NOT_SET = N_("the variable {name} is not set")


class NotSent(Exception):
    """A message could not be sent; its text holds no secret, and ``name`` is that of a variable."""

    def __init__(self, reason: str, name: str = "") -> None:
        super().__init__(reason)
        self.name = name


def deliver(name: str, send: Callable[[float], None], translate: Translator, seconds: float) -> Iterator[str]:
    """Send by a function that is given its deadline; yield why it was not sent, after the ``name`` of the way.

    It is tried again where the server has taken nothing (``MayPass``), so that nobody hears twice.
    """
    try:
        call_within(seconds, send, first_wait=seconds / 30)
    except TimeoutError:
        yield f"{name}: {translate(TOO_SLOW, seconds=f'{seconds:.0f}')}"
    except MayPass as fault:
        yield f"{name}: {fault}"
    except NotSent as fault:
        yield f"{name}: {translate(str(fault), name=fault.name)}"
    except (OSError, smtplib.SMTPException, ValueError) as fault:  # its text may hold a secret
        code = getattr(fault, "smtp_code", "") or getattr(fault, "strerror", "") or ""
        yield f"{name}: {type(fault).__name__} {code}".rstrip()


def read_variable(name: str) -> str:
    """Return what a variable of the environment holds; empty without a name. Raises ``NotSent`` where it is not set."""
    if name and not os.environ.get(name):
        raise NotSent(NOT_SET, name)
    return os.environ[name] if name else ""
