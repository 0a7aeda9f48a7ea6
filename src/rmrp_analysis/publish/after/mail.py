"""Send the main sheet of a run by mail: its numbers, what moved, who is silent, what to mend, with the PDFs."""

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
"""Bytes of a file that take a megabyte in a mail, which writes 57 of them as a line of 78."""


def mail(run: EndedRun, *, seconds: float = MAX_DELIVERY_SECONDS) -> Iterator[str]:
    """Send the mail of a run to the addresses of the parameters, within a time limit; yield a line if it was not sent.

    Sends nothing where the parameters have no mail, or the run has no message (see ``make_message``).
    """
    mail_settings = run.params.notify.mail
    run_message = make_message(run) if mail_settings else None
    if mail_settings and run_message:
        send_letter_function = partial(_send, mail_settings, write_mail(run, mail_settings, run_message))
        yield from deliver("Mail", send_letter_function, Translator(run_message.language), seconds)


def write_mail(run: EndedRun, settings: Mail, message: Message) -> EmailMessage:
    """Write the mail: plain text, and the same as HTML.

    Of a public run without a problem it has the PDFs that its size allows, the main sheet first; of another one none.
    Where readers have no address, it names the sheets whose PDFs did not fit.
    """
    is_public_run = run.params.audience == "public" and not run.problem  # an internal sheet stays in the office
    attached_pdf_paths, unattached_sheet_ids = (
        _choose_pdfs(run, settings.attach_mb * FILE_BYTES_PER_MAIL_MB) if is_public_run else ([], [])
    )
    text_sections = [*make_sections(message), *_list_left_out(message, unattached_sheet_ids, settings.attach_mb)]
    mail_letter = EmailMessage()
    mail_letter["Subject"], mail_letter["From"], mail_letter["To"] = (
        message.subject,
        settings.sender,
        ", ".join(settings.to),
    )
    mail_letter["Date"], mail_letter["Auto-Submitted"] = localtime(), "auto-generated"
    mail_letter["Message-ID"] = make_msgid(domain=parseaddr(settings.sender)[1].rpartition("@")[2] or "localhost")
    mail_letter.set_content(write_plain_text(message, text_sections))
    mail_letter.add_alternative(write_html(message, text_sections), subtype="html")
    for pdf_path in attached_pdf_paths:
        mail_letter.add_attachment(pdf_path.read_bytes(), maintype="application", subtype="pdf", filename=pdf_path.name)
    return mail_letter


def write_html(message: Message, sections: Sequence[Section]) -> str:
    """Write the message as HTML: one column, its looks in the elements themselves, other colours on a dark screen."""
    dark_colour_by_name = {colour_name: theme_colour.dark for colour_name, theme_colour in pack.colours().items()}
    return theme.render(
        "mail.html.j2",
        message=message,
        sections=sections,
        dark=dark_colour_by_name,
        all_sheets=Translator(message.language)("All sheets"),
    )


def _choose_pdfs(run: EndedRun, free_bytes: float) -> tuple[list[Path], list[str]]:
    """Return the PDFs that fit into ``free_bytes``, main sheet first, and the ids of the sheets left out.

    Only sheets that were made and have a PDF are looked at. A smaller PDF may follow one that is too large.
    """
    attached_pdf_paths, unattached_sheet_ids = list[Path](), list[str]()
    for report_result in sort_results(run.params, run.results):
        pdf_path = run.folder / f"{report_result.params.stem}.pdf"
        if report_result.status not in ("ok", "unchanged") or pdf_path.name not in report_result.outputs:
            continue
        pdf_size_bytes = pdf_path.stat().st_size if pdf_path.is_file() else math.inf
        if pdf_size_bytes <= free_bytes:
            attached_pdf_paths.append(pdf_path)
            free_bytes -= pdf_size_bytes
        else:
            unattached_sheet_ids.append(report_result.id)
    return attached_pdf_paths, unattached_sheet_ids


def _list_left_out(message: Message, left_out: Sequence[str], limit: float) -> Iterator[Section]:
    """Yield a section that names the sheets whose PDFs are not attached.

    Yields nothing where all are attached, an address leads to them, or the ``limit`` (in MB) is 0.
    """
    translate = Translator(message.language)
    if left_out and not message.index and limit:
        section_heading = translate(
            "Not attached, for a mail of at most {size} MB", size=numbers.plain(limit, message.language)
        )
        yield make_section(
            section_heading,
            [(unattached_page.name, "", "") for unattached_page in message.pages if unattached_page.id in left_out],
            message,
        )


def _send(settings: Mail, letter: EmailMessage, deadline: float) -> None:
    """Send a mail by SMTP before the deadline; read user and password from the environment.

    Raises ``MayPass`` where it cannot connect, ``NotSent`` where a variable is not set, and what SMTP raises later.
    """
    smtp_user, smtp_password = read_variable(settings.user), read_variable(settings.password)
    tls_context = ssl.create_default_context()
    connect_server_function = (
        partial(smtplib.SMTP_SSL, context=tls_context) if settings.security == "tls" else smtplib.SMTP
    )
    try:
        smtp_connection = connect_server_function(
            settings.server, settings.port, timeout=max(0.01, deadline - time.monotonic())
        )
    except (ConnectionError, gaierror, smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected) as fault:
        raise MayPass(type(fault).__name__) from None
    with smtp_connection as open_smtp_connection:
        if settings.security == "starttls":
            open_smtp_connection.starttls(context=tls_context)
        if smtp_user:
            open_smtp_connection.login(smtp_user, smtp_password)
        open_smtp_connection.send_message(letter)
