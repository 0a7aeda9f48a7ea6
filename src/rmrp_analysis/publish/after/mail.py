"""Sends the main sheet of a run by mail: its numbers, changes, silent partners, sheets to mend, and the PDFs."""

import math
import smtplib
import ssl
import time
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from email.utils import localtime, make_msgid, parseaddr
from functools import partial
from pathlib import Path
from socket import gaierror

from rmrp_analysis import numbers, theme
from rmrp_analysis.deadline import MayPass
from rmrp_analysis.packs import pack
from rmrp_analysis.params import Mail
from rmrp_analysis.publish.after import EndedRun
from rmrp_analysis.publish.after.delivery import MAX_DELIVERY_SECONDS, deliver, read_variable
from rmrp_analysis.publish.after.message import Message, make_message, sort_results
from rmrp_analysis.publish.after.text import Section, make_section, make_sections, write_plain_text
from rmrp_analysis.words import Translator

FILE_BYTES_PER_MAIL_MB = 730_000
"""The bytes of a file that fill a megabyte of a mail, which writes 57 bytes as a line of 78."""


def mail(run: EndedRun, *, seconds: float = MAX_DELIVERY_SECONDS) -> Iterator[str]:
    """Send the mail of a run to the addresses of the parameters, or yield a line if it was not sent.

    All attempts together have ``seconds``. Sends nothing if the parameters have no mail, or the run has no message (see
    ``make_message``).
    """
    settings = run.params.notify.mail
    message = make_message(run) if settings else None
    if settings and message:
        send = partial(_send, settings, write_mail(run, settings, message))
        yield from deliver("Mail", send, Translator(message.language), seconds)


def write_mail(run: EndedRun, settings: Mail, message: Message) -> EmailMessage:
    """Write the mail as plain text and as HTML.

    The mail of a public run without a problem has the PDFs that its size allows, the main sheet first. Any other mail
    has no PDF. If no address leads readers to the sheets, it names the sheets without room for their PDFs.
    """
    is_public = run.params.audience == "public" and not run.problem  # an internal sheet stays in the office
    attached, left_out = _choose_pdfs(run, settings.attach_mb * FILE_BYTES_PER_MAIL_MB) if is_public else ([], [])
    sections = [*make_sections(message)]
    if left_out and settings.attach_mb and not message.index:
        translate, size = Translator(message.language), numbers.plain(settings.attach_mb, message.language)
        heading = translate("Not attached, for a mail of at most {size} MB", size=size)
        lines = [(page.name, "", "") for page in message.pages if page.id in left_out]
        sections.append(make_section(heading, lines, message))
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = message.subject, settings.sender, ", ".join(settings.to)
    letter["Date"], letter["Auto-Submitted"] = localtime(), "auto-generated"
    letter["Message-ID"] = make_msgid(domain=parseaddr(settings.sender)[1].rpartition("@")[2] or "localhost")
    letter.set_content(write_plain_text(message, sections))
    letter.add_alternative(write_html(message, sections), subtype="html")
    for path in attached:
        letter.add_attachment(path.read_bytes(), maintype="application", subtype="pdf", filename=path.name)
    return letter


def write_html(message: Message, sections: Sequence[Section]) -> str:
    """Write the message as HTML: one column, styled in its elements, with other colours on a dark screen."""
    dark = {name: colour.dark for name, colour in pack.colours().items()}
    all_sheets = Translator(message.language)("All sheets")
    return theme.render("mail.html.j2", message=message, sections=sections, dark=dark, all_sheets=all_sheets)


def _choose_pdfs(run: EndedRun, free_bytes: float) -> tuple[list[Path], list[str]]:
    """Return the PDFs that fit into ``free_bytes``, main sheet first, and the ids of sheets left out."""
    attached, left_out = list[Path](), list[str]()
    for result in sort_results(run.params, run.results):
        path = run.folder / f"{result.params.stem}.pdf"
        if result.status not in ("ok", "unchanged") or path.name not in result.outputs:
            continue
        size = path.stat().st_size if path.is_file() else math.inf
        if size <= free_bytes:
            attached.append(path)
            free_bytes -= size
        else:
            left_out.append(result.id)
    return attached, left_out


def _send(settings: Mail, letter: EmailMessage, deadline: float) -> None:
    """Send a mail by SMTP before the deadline, with user and password from the environment.

    Raises ``MayPass`` if it cannot connect, ``NotSent`` if a variable is not set, and later errors of SMTP.
    """
    user, password = read_variable(settings.user), read_variable(settings.password)
    trusted = ssl.create_default_context()
    connect = partial(smtplib.SMTP_SSL, context=trusted) if settings.security == "tls" else smtplib.SMTP
    try:
        connected = connect(settings.server, settings.port, timeout=max(0.01, deadline - time.monotonic()))
    except (ConnectionError, gaierror, smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected) as fault:
        raise MayPass(type(fault).__name__) from None
    with connected as server:
        if settings.security == "starttls":
            server.starttls(context=trusted)
        if user:
            server.login(user, password)
        server.send_message(letter)
