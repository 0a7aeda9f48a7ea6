"""Tells by mail or webhook how a run ended: which sheets were made, which failed, what moved.

Secrets come from the environment alone. Nothing that a server or a library answers is repeated, since it may hold one.
"""

import os
import smtplib
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from socket import gaierror
from typing import Any

from rmrp_analysis.deadline import MayPass, call_within
from rmrp_analysis.params import Mail, RunParams, Webhook
from rmrp_analysis.publish.documents.feed import latest_news
from rmrp_analysis.publish.records.manifest import MANIFEST, NOT_MADE, Manifest
from rmrp_analysis.publish.records.results import ReportResult, counted
from rmrp_analysis.words import INTERNAL_MARK, N_, Words

SECONDS = 30.0
"""How long a server may take for the whole of a notification, with every attempt."""
NOT_TAKEN = frozenset({429, 502, 503, 504})
"""Answers of a webhook that has not taken what it was sent, so that nobody is told twice by another attempt."""
TOO_SLOW = N_("it takes longer than {seconds} seconds")
NOT_SET = N_("the variable {name} is not set")
NEEDED = N_('it needs httpx2, which is not installed: pip install "rmrp-analysis[fetch]"')


class _NotSent(Exception):
    """A notification could not be sent; its text holds no secret, and ``name`` is that of a variable."""

    def __init__(self, reason: str, name: str = "") -> None:
        super().__init__(reason)
        self.name = name


def notified(
    params: RunParams,
    folder: Path,
    index: str,
    results: Sequence[ReportResult] = (),
    problem: str = "",
    *,
    seconds: float = SECONDS,
) -> Iterator[str]:
    """Tell all whom the parameters name of a run, and say of each notification that was not sent why.

    Each takes ``seconds`` at most. It is tried again where the server has taken nothing, so that nobody hears twice.
    ``index`` is where readers find the run. A run with a ``problem`` made nothing, and its folder is the one before.
    Nobody is told of a run that made nothing anew. Of an internal run, no number is told.
    """
    made = [result.id for result in results if result.status == "ok"]
    failed = {result.id: result.error for result in results if result.status in NOT_MADE}
    if not (made or failed or problem):
        return
    words = Words(params.languages[0])
    manifest = Manifest() if problem else Manifest.read(folder / MANIFEST) or Manifest()
    news = [] if problem else latest_news(folder)
    made_of_it = words("nothing was published") if problem else counted(words, len(made), results)
    subject = f"{words(params.title_in(words.language))}: {made_of_it}"
    internal = params.audience == "internal"
    moved = [{"title": entry.title, "page": entry.page, "text": "" if internal else entry.text} for entry in news]
    mark, told = f"{words(INTERNAL_MARK)}." if internal else "", "" if problem else index
    failures = (f"{name}: {error}" for name, error in failed.items())
    texts = (f"{entry['title']}\n{entry['text']}".strip() for entry in moved)
    text = "\n\n".join(filter(None, (mark, problem, *failures, *texts, told)))
    facts = {"run": params.run, "edition": manifest.edition, "index": index, "made": made, "failed": failed}
    content = {"text": f"{subject}\n\n{text}", **facts, "moved": moved, "problem": problem}
    ways: tuple[Mail | Webhook | None, ...] = (params.notify.mail, params.notify.webhook)
    for way in [way for way in ways if way]:
        send = partial(_mail, way, subject, text) if isinstance(way, Mail) else partial(_call, way, content)
        name = type(way).__name__
        try:
            call_within(seconds, send, first_wait=seconds / 30)
        except TimeoutError:
            yield f"{name}: {words(TOO_SLOW, seconds=f'{seconds:.0f}')}"
        except MayPass as fault:
            yield f"{name}: {fault}"
        except _NotSent as fault:
            yield f"{name}: {words(str(fault), name=fault.name)}"
        except (OSError, smtplib.SMTPException, ValueError) as fault:  # its text may hold a secret
            code = getattr(fault, "smtp_code", "") or getattr(fault, "strerror", "") or ""
            yield f"{name}: {type(fault).__name__} {code}".rstrip()


def _secret(name: str) -> str:
    """What a variable of the environment holds; empty without a name."""
    if name and not os.environ.get(name):
        raise _NotSent(NOT_SET, name)
    return os.environ[name] if name else ""


def _mail(mail: Mail, subject: str, text: str, deadline: float) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, mail.sender, ", ".join(mail.to)
    message.set_content(text)
    user, password, trusted = _secret(mail.user), _secret(mail.password), ssl.create_default_context()
    connect = partial(smtplib.SMTP_SSL, context=trusted) if mail.security == "tls" else smtplib.SMTP
    try:
        connected = connect(mail.server, mail.port, timeout=max(0.01, deadline - time.monotonic()))
    except (ConnectionError, gaierror, smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected) as fault:
        raise MayPass(type(fault).__name__) from None
    with connected as server:
        if mail.security == "starttls":
            server.starttls(context=trusted)
        if user:
            server.login(user, password)
        server.send_message(message)


def _call(webhook: Webhook, content: Mapping[str, Any], deadline: float) -> None:
    """Send to a webhook; of its answer the status alone is read."""
    try:
        import httpx2
    except ModuleNotFoundError:
        raise _NotSent(NEEDED) from None
    head = {"Authorization": f"Bearer {token}"} if (token := _secret(webhook.token)) else {}
    timeout = max(0.01, deadline - time.monotonic())
    try:
        with httpx2.stream("POST", _secret(webhook.address), json=content, headers=head, timeout=timeout) as answer:
            status = answer.status_code
    except httpx2.ConnectError as fault:  # its text may hold the address, as that of the others
        raise MayPass(type(fault).__name__) from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
        raise _NotSent(type(fault).__name__) from None
    if status in NOT_TAKEN:
        raise MayPass(f"HTTP {status}")
    if not answer.is_success:
        raise _NotSent(f"HTTP {status}")
