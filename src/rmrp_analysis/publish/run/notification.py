"""Tells by mail or webhook how a run ended: which sheets were made, which failed, what moved.

Secrets come from the environment alone. Nothing that a server or a library answers is repeated, since it may hold one.
"""

import os
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

from rmrp_analysis.params import Mail, RunParams, Webhook
from rmrp_analysis.publish.documents.feed import latest_news
from rmrp_analysis.publish.records.manifest import MANIFEST, NOT_MADE, Manifest
from rmrp_analysis.publish.records.results import ReportResult, counted
from rmrp_analysis.words import INTERNAL_MARK, N_, Words

SECONDS = 30
"""How long a server may take to answer."""
NOT_SET = N_("the variable {name} is not set")
NEEDED = N_('it needs httpx2, which is not installed: pip install "rmrp-analysis[fetch]"')


class _NotSent(Exception):
    """A notification could not be sent; its text holds no secret, and ``name`` is that of a variable."""

    def __init__(self, reason: str, name: str = "") -> None:
        super().__init__(reason)
        self.name = name


def notified(
    params: RunParams, folder: Path, index: str, results: Sequence[ReportResult] = (), problem: str = ""
) -> Iterator[str]:
    """Tell all whom the parameters name of a run, and say of each notification that was not sent why.

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
    subject = f"{words(params.title)}: {made_of_it}"
    internal = params.audience == "internal"
    moved = [{"title": entry.title, "page": entry.page, "text": "" if internal else entry.text} for entry in news]
    mark, told = f"{words(INTERNAL_MARK)}." if internal else "", "" if problem else index
    failures = (f"{name}: {error}" for name, error in failed.items())
    texts = (f"{entry['title']}\n{entry['text']}".strip() for entry in moved)
    text = "\n\n".join(filter(None, (mark, problem, *failures, *texts, told)))
    facts = {"run": params.run, "edition": manifest.edition, "index": index, "made": made, "failed": failed}
    content = {"text": f"{subject}\n\n{text}", **facts, "moved": moved, "problem": problem}
    for way in filter(None, (params.notify.mail, params.notify.webhook)):
        try:
            if isinstance(way, Mail):
                _mail(way, subject, text)
            elif isinstance(way, Webhook):
                _call(way, content)
        except _NotSent as fault:
            yield f"{type(way).__name__}: {words(str(fault), name=fault.name)}"
        except (OSError, smtplib.SMTPException, ValueError) as fault:  # its text may hold a secret
            code = getattr(fault, "smtp_code", "") or getattr(fault, "strerror", "") or ""
            yield f"{type(way).__name__}: {type(fault).__name__} {code}".rstrip()


def _secret(name: str) -> str:
    """What a variable of the environment holds; empty without a name."""
    if name and not os.environ.get(name):
        raise _NotSent(NOT_SET, name)
    return os.environ[name] if name else ""


def _mail(mail: Mail, subject: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, mail.sender, ", ".join(mail.to)
    message.set_content(text)
    user, password, trusted = _secret(mail.user), _secret(mail.password), ssl.create_default_context()
    connect = partial(smtplib.SMTP_SSL, context=trusted) if mail.security == "tls" else smtplib.SMTP
    with connect(mail.server, mail.port, timeout=SECONDS) as server:
        if mail.security == "starttls":
            server.starttls(context=trusted)
        if user:
            server.login(user, password)
        server.send_message(message)


def _call(webhook: Webhook, content: Mapping[str, Any]) -> None:
    try:
        import httpx2
    except ModuleNotFoundError:
        raise _NotSent(NEEDED) from None
    head = {"Authorization": f"Bearer {token}"} if (token := _secret(webhook.token)) else {}
    try:
        answer = httpx2.post(_secret(webhook.address), json=content, headers=head, timeout=SECONDS)
    except (httpx2.HTTPError, httpx2.InvalidURL) as fault:  # its text may hold the address
        raise _NotSent(type(fault).__name__) from None
    if not answer.is_success:
        raise _NotSent(f"HTTP {answer.status_code}")
