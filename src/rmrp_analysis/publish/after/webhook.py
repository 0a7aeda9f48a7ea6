"""Sends the facts of a run as JSON to a webhook: the message, and its text for Slack, Teams and Mattermost."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from rmrp_analysis.deadline import MayPass
from rmrp_analysis.params import Webhook
from rmrp_analysis.publish.after import EndedRun
from rmrp_analysis.publish.after.delivery import MAX_DELIVERY_SECONDS, NotSent, deliver, read_variable
from rmrp_analysis.publish.after.message import make_message
from rmrp_analysis.publish.after.text import make_sections, write_plain_text
from rmrp_analysis.words import N_, Translator

RETRY_HTTP_STATUSES = frozenset({429, 502, 503, 504})
"""HTTP statuses of a webhook that has not taken the message, so that a second attempt does not send it twice."""
HTTPX_NEEDED_REASON = N_("it needs httpx2, which is not installed: pip install httpx2")
"""Why a message was not sent: a library is not installed."""
HTTPS_NEEDED_REASON = N_("the variable {name} holds no address that begins with https://")
"""Why a message was not sent: the address is not encrypted."""
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
"""Hosts that are this computer. Nothing goes over a network, so http is allowed."""


def webhook(run: EndedRun, *, seconds: float = MAX_DELIVERY_SECONDS) -> Iterator[str]:
    """Send the facts of a run to the webhook of the parameters, or yield a line if they were not sent.

    All attempts together have ``seconds``. Sends nothing if the parameters have no webhook, or the run has no message
    (see ``make_message``).
    """
    settings = run.params.notify.webhook
    message = make_message(run) if settings else None
    if settings and message:
        text = f"{message.subject}\n\n{write_plain_text(message, make_sections(message))}"
        send = partial(_send, settings, {"text": text, **asdict(message)})
        yield from deliver("Webhook", send, Translator(message.language), seconds)


def _send(settings: Webhook, content: Mapping[str, Any], deadline: float) -> None:
    """Post content as JSON to a webhook, and read only the status of its response.

    Raises ``MayPass`` if it cannot connect or gets one of ``RETRY_HTTP_STATUSES``. Raises ``NotSent`` for any other
    failure: another status, an address that is not private, a variable that is not set, or ``httpx2`` not installed.
    """
    try:
        import httpx2
    except ModuleNotFoundError:
        raise NotSent(HTTPX_NEEDED_REASON) from None
    headers = {"Authorization": f"Bearer {token}"} if (token := read_variable(settings.token)) else {}
    address, timeout = read_variable(settings.address), max(0.01, deadline - time.monotonic())
    if not _is_private(address):
        raise NotSent(HTTPS_NEEDED_REASON, settings.address)
    try:
        with httpx2.stream("POST", address, json=content, headers=headers, timeout=timeout) as response:
            status = response.status_code
    except httpx2.ConnectError as fault:  # its text may hold the address, as that of the others
        raise MayPass(type(fault).__name__) from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
        raise NotSent(type(fault).__name__) from None
    if status in RETRY_HTTP_STATUSES:
        raise MayPass(f"HTTP {status}")
    if not response.is_success:
        raise NotSent(f"HTTP {status}")


def _is_private(address: str) -> bool:
    """Return whether content for an address is encrypted (https) or stays on this computer."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS)
