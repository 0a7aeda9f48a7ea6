"""Send the facts of a run as JSON to a webhook: those of the mail, and its text for Slack, Teams and Mattermost."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from rmrp_analysis.deadline import MayPass
from rmrp_analysis.params import Webhook
from rmrp_analysis.publish.after import EndedRun
from rmrp_analysis.publish.after.delivery import SECONDS, NotSent, deliver, read_variable
from rmrp_analysis.publish.after.message import make_message
from rmrp_analysis.publish.after.text import make_sections, write_plain_text
from rmrp_analysis.words import N_, Translator

NOT_TAKEN = frozenset({429, 502, 503, 504})
"""Answers of a webhook that has not taken what it was sent, so that nobody is told twice by another attempt."""
HTTPX_NEEDED = N_("it needs httpx2, which is not installed: pip install httpx2")
HTTPS_ALONE = N_("the variable {name} holds no address that begins with https://")
THIS_COMPUTER = ("localhost", "127.0.0.1", "::1")
"""Hosts to which nothing goes over a network, so that it need not be encrypted."""


def webhook(run: EndedRun, *, seconds: float = SECONDS) -> Iterator[str]:
    """Send the facts of a run to the webhook of the parameters within so many seconds; yield why they were not sent."""
    settings = run.params.notify.webhook
    message = make_message(run) if settings else None
    if settings and message:
        text = f"{message.subject}\n\n{write_plain_text(message, make_sections(message))}"
        yield from deliver(
            "Webhook",
            partial(_send, settings, {"text": text, **asdict(message)}),
            Translator(message.language),
            seconds,
        )


def _send(settings: Webhook, content: Mapping[str, Any], deadline: float) -> None:
    """Send to a webhook; of its answer the status alone is read."""
    try:
        import httpx2
    except ModuleNotFoundError:
        raise NotSent(HTTPX_NEEDED) from None
    head = {"Authorization": f"Bearer {token}"} if (token := read_variable(settings.token)) else {}
    address, timeout = read_variable(settings.address), max(0.01, deadline - time.monotonic())
    if not _is_private(address):
        raise NotSent(HTTPS_ALONE, settings.address)
    try:
        with httpx2.stream("POST", address, json=content, headers=head, timeout=timeout) as answer:
            status = answer.status_code
    except httpx2.ConnectError as fault:  # its text may hold the address, as that of the others
        raise MayPass(type(fault).__name__) from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
        raise NotSent(type(fault).__name__) from None
    if status in NOT_TAKEN:
        raise MayPass(f"HTTP {status}")
    if not answer.is_success:
        raise NotSent(f"HTTP {status}")


def _is_private(address: str) -> bool:
    """Whether nobody on the way to an address reads what is sent there: it is encrypted, or stays on this computer."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in THIS_COMPUTER)
