"""Who is named in the parameters hears how a run ended, and no secret leaves the environment."""

import errno
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from fetching import Serve
from json_server import JsonServer, drip, dripping, failing, json_servers

from conftest import contrast, free_port
from made_reports import PARAMS, failed, made, stating
from published_run import Published, rmrp, written_params
from rmrp_analysis.commands.run import tell_problems
from rmrp_analysis.errors import ReportFailed, RequestError
from rmrp_analysis.figures import NOBODY_NEW, WORDS_BY_REASON
from rmrp_analysis.params import BUNDLED_PLAN, Notify, find_shipped_folder, load_run_params
from rmrp_analysis.publish.after import EndedRun
from rmrp_analysis.publish.after.mail import mail
from rmrp_analysis.publish.after.message import MAX_SUBJECT_CHARACTERS, make_message
from rmrp_analysis.publish.after.webhook import webhook
from rmrp_analysis.publish.documents.feed import FEED_FILE, read_latest_news, write_feed
from rmrp_analysis.publish.records.manifest import MANIFEST, CautionRecord, Manifest, Months, SheetRecord
from rmrp_analysis.publish.records.results import ReportResult

SECRET, TOKEN = "s3cret-pass", "t0ken-secret"
ENDED = "2026-07-01T06:00:00+00:00"
FEED_TEXT = f"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:w</id><updated>{ENDED}</updated>
<title>Edition 1a2b3c4d</title><link href="index.html"/><content>2021: 1 sheet.</content></entry>
<entry><id>urn:x</id><updated>{ENDED}</updated>
<title>Health: Edition 1a2b3c4d</title><link href="health.en.html"/>
<content>Health: People reached 5 K (before: 4 K).</content></entry></feed>"""


HOOK = f"/hooks/{SECRET}"
NO_HTTPS = "the variable RMRP_WEBHOOK holds no address that begins with https://"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once."""
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)


@pytest.fixture
def hook(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> JsonServer:
    """A server that is told of runs; the variables hold its address and a token."""
    pytest.importorskip("httpx2", reason="httpx2 is not installed")
    server = serve({HOOK: {}})
    monkeypatch.setenv("RMRP_WEBHOOK", server.address + HOOK)
    monkeypatch.setenv("RMRP_TOKEN", TOKEN)
    return server


class Inbox:
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], Any]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802 - as aiosmtpd calls it
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    (tmp_path / "run.json").write_text(Manifest(edition="1a2b3c4d", ended=ENDED).text, encoding="utf-8")
    (tmp_path / FEED_FILE).write_text(FEED_TEXT, encoding="utf-8")
    return tmp_path


RESULTS = [made(PARAMS.report("Health", "region", "en")), failed(PARAMS.report("WASH", "region", "en"))]
WEBHOOK = {"webhook": {"address": "RMRP_WEBHOOK", "token": "RMRP_TOKEN"}}


def ended(
    folder: Path,
    notify: dict[str, Any],
    results: Sequence[ReportResult] = RESULTS,
    *,
    problem: str = "",
    audience: str = "public",
) -> EndedRun:
    """A run that has ended in a folder of the server, with one sheet and one that failed unless others are given."""
    params = PARAMS.model_copy(update={"notify": Notify.model_validate(notify), "audience": audience})
    return EndedRun(params, folder, f"{folder}/index.html", () if problem else results, problem)


def told(folder: Path, notify: dict[str, Any], *, seconds: float = 30.0, **about: Any) -> list[str]:
    """What is said of messages that were not sent of such a run."""
    run = ended(folder, notify, **about)
    return [*mail(run, seconds=seconds), *webhook(run, seconds=seconds)]


def test_a_webhook_gets_the_facts_of_the_main_sheet_what_moved_and_what_failed(
    hook: JsonServer, run_folder: Path
) -> None:
    assert told(run_folder, WEBHOOK) == []
    (content,) = hook.posted
    assert hook.asked == [(HOOK, f"Bearer {TOKEN}")]
    assert (content["run"], content["edition"], content["made"]) == (PARAMS.run, "1a2b3c4d", ["health.en"])
    assert (content["place"], content["headline"]) == ("Region · Health", "A headline in en.")
    assert content["period"] == {"start": "2021-01", "end": "2021-12", "printed": "a period"}
    assert content["subject"] == "Example · Region · Health, December 2021: A headline in en"
    coverage = next(each for each in content["figures"] if each["name"] == "target_coverage")
    assert (coverage["printed"], coverage["value"], coverage["caution"]) == ("50%", 0.5, "")
    assert content["moved"] == [{"text": "Health: People reached 5 K (before: 4 K).", "page": "health.en.html"}]
    (failure,) = content["failed"]
    assert (failure["id"], failure["name"], failure["cause"]) == ("wash.en", "WASH, Region", RESULTS[1].error)
    assert failure["to_do"] == "Read the run's log, which says more, and start the run again."
    assert content["pages"] == [{"id": "health.en", "name": "Health, Region", "page": "health.en.html"}]
    assert content["text"].startswith(content["subject"])
    for hidden in (SECRET, TOKEN, str(run_folder)):
        assert hidden not in json.dumps(content)


def test_with_an_address_every_page_is_a_link(hook: JsonServer, run_folder: Path) -> None:
    assert told(run_folder, WEBHOOK | {"address": "https://figures.example.org/may/"}) == []
    (content,) = hook.posted
    assert content["index"] == "https://figures.example.org/may/index.html"
    assert content["pages"][0]["page"] == "https://figures.example.org/may/health.en.html"
    assert content["failed"][0]["page"] == "https://figures.example.org/may/wash.en.html"
    assert "https://figures.example.org/may/health.en.html" in content["text"]


def test_no_number_and_no_sheet_of_an_internal_run_leaves_the_office(hook: JsonServer, run_folder: Path) -> None:
    doubtful = {"of": "people_reached", "rule": "one_report", "text": "one report accounts for 7,777 people"}
    facts = {"headline": "7,777 people were reached.", "cautions": [doubtful], "to_mend": True}
    facts |= {"completeness": "One of 7,777 partners has not reported."}
    internal = PARAMS.model_copy(update={"audience": "internal"})
    sheet = made(internal.report("Health", "region", "en"), people_reached="7,777")
    assert sheet.figures
    results = [replace(sheet, figures=SheetRecord.model_validate(sheet.figures.model_dump() | facts))]
    problem = ReportFailed("Its texts or its data are not as they should be.", advice="7,777 people are not 5 K.")
    results += [replace(RESULTS[1], error=str(problem), problem=problem)]
    (run_folder / f"{sheet.params.stem}.pdf").write_bytes(b"%PDF 7,777")
    with inbox() as (box, notify):
        notify["mail"]["security"] = "none"
        assert told(run_folder, WEBHOOK | notify, results=results, audience="internal") == []
    (content,), ((_, letter),) = hook.posted, box.mails
    assert [*letter.iter_attachments()] == []
    for text in (json.dumps(content), letter["Subject"], *bodies(letter)):
        assert "Internal: not for publication" in text
        assert not re.search("7,777|5 K|50%", text)
    assert content["to_mend"][0]["cause"] == "One report accounts for most of it."
    assert content["to_mend"][0]["to_do"] == "Ask the partner to confirm or correct this number."
    assert content["failed"][0]["cause"] == "Its texts or its data are not as they should be."
    assert content["moved"] == [{"text": "Health", "page": "health.en.html"}]


def test_a_run_that_was_refused_says_why_and_what_to_do(hook: JsonServer, tmp_path: Path) -> None:
    assert told(tmp_path, WEBHOOK, problem="/srv/plan/activities.csv, line 3: no such month\nline 4: too") == []
    (content,) = hook.posted
    assert content["subject"] == "Region, December 2021: nothing was published"
    assert content["problem"] == "activities.csv, line 3: no such month (1 more)"
    assert "`rmrp check` lists all that is to be corrected" in content["to_do"]
    assert content["problem"] in content["text"]
    assert content["to_do"] in content["text"]


def test_a_gate_that_refuses_is_told_without_its_numbers_of_people(hook: JsonServer, tmp_path: Path) -> None:
    problem = (
        "people_refused: 4,321 of 98,765 people (4.4%) are in rows that cannot be used\n"
        "nobody_new: 8,642 of the 98,765 people assisted\n"
        "Nothing is published. Mend the data, or add this line to /srv/params.yml:\n"
        "accept: [people_refused: 4.4 %, nobody_new: 9 %]"
    )
    assert told(tmp_path, WEBHOOK, problem=problem) == []
    expected = "The data were refused: people in rows that cannot be used; rows in which nobody is new."
    assert hook.posted[0]["problem"] == expected
    assert not re.search("4,321|98,765|4.4|8,642|/srv", json.dumps(hook.posted[0]))


def test_a_run_that_a_full_disk_stopped_is_told_without_a_folder(hook: JsonServer) -> None:
    params = PARAMS.model_copy(update={"notify": Notify.model_validate(WEBHOOK)})
    with pytest.raises(OSError, match="No space"), tell_problems(params):
        raise OSError(errno.ENOSPC, "No space left on device", "/home/ana/reports/index.html")
    assert hook.posted[0]["problem"] == "No space left on device"


@pytest.mark.parametrize(("language", "cause"), [("en", "One report accounts"), ("es", "Un solo reporte")])
def test_a_sheet_to_mend_is_told_with_its_cause_in_the_language_of_the_office(
    run_folder: Path, language: str, cause: str
) -> None:
    params = PARAMS.model_copy(update={"languages": (language,)})
    reports = [params.report(sector, "region", language) for sector in ("Health", "WASH")]
    rules = [CautionRecord(of="people_reached", rule=rule) for rule in ("one_report", "everybody_new")]
    doubtful = SheetRecord(cautions=tuple(rules), to_mend=True)
    results = [
        made(reports[0]),
        ReportResult(reports[1], "ok", 0, (f"wash.{language}.html",), figures=doubtful),
    ]
    message = make_message(EndedRun(params, run_folder, "", results))
    assert message
    assert message.failed == []
    (fault,) = message.to_mend
    assert fault.cause.startswith(cause)
    assert (fault.id, fault.status) == (f"wash.{language}", "to_mend")


def test_the_main_sheet_is_that_of_all_sectors_in_the_first_place(run_folder: Path) -> None:
    params = PARAMS.model_copy(update={"places": ("Peru", "region")})
    asked = [("Health", "Peru"), ("Intersector", "region"), ("Intersector", "Peru")]
    results = [made(params.report(*each, "en")) for each in asked]
    message = make_message(EndedRun(params, run_folder, "", results))
    assert message
    assert (message.place, message.sheet) == ("Peru", "All sectors in Peru")
    without = make_message(EndedRun(params, run_folder, "", results[:2]))
    assert without
    assert without.place == "Peru · Health"


def test_a_number_bears_its_caution_and_its_kind_of_nothing(run_folder: Path) -> None:
    facts = {
        "figures": [
            {
                "name": "people_reached",
                "value": 0,
                "status": "known",
                "reason": WORDS_BY_REASON[NOBODY_NEW],
                "unit": "people",
            },
            {"name": "unmet_usd", "value": -5e6, "unit": "usd", "status": "known"},
            {"name": "funding_coverage", "value": 1.7, "unit": "share", "caution": "coverage_above"},
        ],
        "printed": {"people_reached": "0", "unmet_usd": "−$5 M", "funding_coverage": "170%", "target": "—"},
        "cautions": [{"of": "funding_coverage", "rule": "coverage_above", "text": "funding equals 170% of it"}],
    }
    sheet = made(PARAMS.report("Health", "region", "en"))
    message = make_message(ended(run_folder, {}, [replace(sheet, figures=SheetRecord.model_validate(facts))]))
    assert message
    told_of = {each.name: (each.printed, each.caution) for each in message.figures}
    assert told_of == {
        "people_reached": ("nobody new", ""),
        "funding_coverage": ("170%", "Read with care: funding equals 170% of it."),
        "unmet_usd": ("$0", ""),
    }


def test_nobody_is_told_of_a_run_that_made_nothing_anew(hook: JsonServer, run_folder: Path) -> None:
    params = PARAMS.model_copy(update={"notify": Notify.model_validate(WEBHOOK)})
    assert make_message(EndedRun(params, run_folder, "index.html")) is None
    assert [*webhook(EndedRun(params, run_folder, "index.html"))] == []
    assert hook.asked == []


@pytest.mark.parametrize(
    ("status", "variables", "reason"),
    [
        (500, {}, "Webhook: HTTP 500"),
        (302, {}, "Webhook: HTTP 302"),
        (None, {"RMRP_TOKEN": ""}, "Webhook: the variable RMRP_TOKEN is not set"),
        (None, {"RMRP_WEBHOOK": f"http://127.0.0.1:9/{SECRET}"}, "Webhook: ConnectError (3 attempts)"),
        (None, {"RMRP_WEBHOOK": f"no address {SECRET}"}, f"Webhook: {NO_HTTPS}"),
        (None, {"RMRP_WEBHOOK": f"http://example.org/{SECRET}"}, f"Webhook: {NO_HTTPS}"),
        (None, {"RMRP_WEBHOOK": f"http://127.0.0.1@example.org/{SECRET}"}, f"Webhook: {NO_HTTPS}"),
        (None, {"RMRP_WEBHOOK": f"http://[{SECRET}"}, f"Webhook: {NO_HTTPS}"),
    ],
)
def test_what_could_not_be_sent_is_said_without_a_secret(
    hook: JsonServer,
    run_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int | None,
    variables: dict[str, str],
    reason: str,
) -> None:
    hook.faults[HOOK] = [failing(status)] if status else []
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    assert told(run_folder, WEBHOOK) == [reason]


def test_a_webhook_that_takes_nothing_for_a_moment_is_told_once(hook: JsonServer, run_folder: Path) -> None:
    hook.faults[HOOK] = [failing(503), failing(429)]
    assert told(run_folder, WEBHOOK) == []
    assert len(hook.posted) == 3
    hook.faults[HOOK] = [failing(503)] * 3
    assert told(run_folder, WEBHOOK) == ["Webhook: HTTP 503 (3 attempts)"]


def test_a_webhook_whose_answer_does_not_end_is_told_and_not_waited_for(hook: JsonServer, run_folder: Path) -> None:
    hook.faults[HOOK] = [dripping("HTTP/1.1 200 OK\r\n\r\n"), dripping("HTTP/1.1 200 OK\r\n")]
    assert told(run_folder, WEBHOOK) == []
    assert told(run_folder, WEBHOOK, seconds=0.5) == ["Webhook: it takes longer than 0 seconds"]
    assert not hook.outwaited.is_set()


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_mail_server_that_sends_byte_by_byte_is_not_waited_for(run_folder: Path, security: str) -> None:
    is_over, outwaited = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                drip(connection.sendall, is_over, outwaited)

        threading.Thread(target=answer, daemon=True).start()
        mail = {"to": ["a@b.org"], "sender": "c@d.org", "server": "127.0.0.1", "port": server.getsockname()[1]}
        (reason,) = told(run_folder, {"mail": {**mail, "security": security}}, seconds=0.5)
        is_over.set()
    assert not outwaited.is_set()
    assert reason == "Mail: it takes longer than 0 seconds" if security != "tls" else reason.startswith("Mail: ")


def test_a_mail_server_that_is_not_there_is_tried_again(run_folder: Path) -> None:
    mail = {"to": ["a@b.org"], "sender": "c@d.org", "server": "127.0.0.1", "port": free_port()}
    assert told(run_folder, {"mail": mail}) == ["Mail: ConnectionRefusedError (3 attempts)"]


@contextmanager
def inbox(**options: Any) -> Iterator[tuple[Inbox, dict[str, Any]]]:
    """A mail server of this computer with these options, and the parameters that name it."""
    controller = pytest.importorskip("aiosmtpd.controller", reason="aiosmtpd is not installed")
    box, named = Inbox(), {"server": "127.0.0.1", "port": free_port()}
    server = controller.Controller(box, hostname=named["server"], port=named["port"], **options)
    server.start()
    yield box, {"mail": {"to": ["ana@example.org", "luz@example.org"], "sender": "rmrp@example.org", **named}}
    server.stop()


def bodies(letter: Any) -> tuple[str, str]:
    """The text of a mail, and the same as HTML."""
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    return plain.get_content(), html.get_content()


def received(folder: Path, results: Sequence[ReportResult] = RESULTS, **settings: Any) -> Any:
    """The mail that comes of such a run, sent with these settings."""
    with inbox() as (box, notify):
        notify["mail"] |= {"security": "none", **settings}
        notify["address"] = notify["mail"].pop("address", "")
        assert told(folder, notify, results=results) == []
    ((recipients, letter),) = box.mails
    assert recipients == ["ana@example.org", "luz@example.org"]
    return letter


def test_a_number_that_is_not_known_is_no_news(tmp_path: Path) -> None:
    before = made(PARAMS.report("Health", "region", "en"))
    assert before.figures
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "health.en.json").write_text(before.figures.model_dump_json(), encoding="utf-8")
    figures = {"people_reached": {"before": "4 K"}, "funding_usd": {"before": "—"}}
    after = stating(before, printed={"people_reached": "5 K", "funding_usd": "—"})
    after = stating(
        after, revision={"until": "2021-04", "figures": figures}, period=Months(start="2021-01", end="2021-05")
    )
    manifest = Manifest(edition="1a2b3c4d", ended=ENDED)
    (tmp_path / MANIFEST).write_text(manifest.text, encoding="utf-8")
    assert list(write_feed(EndedRun(PARAMS, tmp_path, "", [after], before=tmp_path / "before"))) == []
    message = make_message(ended(tmp_path, {}, [after]))
    assert message
    assert [each.text for each in message.moved] == ["Health: People reached 5 K (before: 4 K)"]


def test_a_mail_is_the_main_sheet_with_what_moved_and_what_failed(run_folder: Path) -> None:
    letter = received(run_folder)
    assert letter["Subject"] == "Example · Region · Health, December 2021: A headline in en"
    assert letter["Auto-Submitted"] == "auto-generated"
    for text in bodies(letter):
        assert "People in need" in text
        assert "Health: People reached 5 K (before: 4 K)." in text
        assert "WASH, Region" in text
        assert str(run_folder) not in text
        assert "wash.en.html" not in text  # without an address no link leads anywhere
    assert RESULTS[1].error in bodies(letter)[0]
    assert RESULTS[1].error not in bodies(letter)[1]  # its signs are escaped
    assert "name &#39;x&#39; is not &lt;defined&gt;" in bodies(letter)[1]


def test_a_headline_ends_no_header_and_no_element(run_folder: Path) -> None:
    headline = "A <b>gap</b>\r\nBcc: eve@example.org\u2028\u202eX: y; " + "and so on " * 20
    sheet = stating(made(PARAMS.report("Health", "region", "en")), headline=headline)
    letter = received(run_folder, [sheet])
    assert letter["Bcc"] is None
    assert letter["Subject"].isprintable()
    assert len(letter["Subject"]) <= MAX_SUBJECT_CHARACTERS
    assert letter["Subject"].endswith("A <b>gap</b> Bcc: eve@example.org X: y")
    assert "<b>" not in bodies(letter)[1]


@pytest.mark.parametrize(
    ("limit", "address", "attached", "left_out"),
    [
        (5, "", ["intersector.en.pdf", "health.en.pdf", "wash.en.pdf"], []),
        (0.0035, "", ["intersector.en.pdf", "wash.en.pdf"], ["Health, Region"]),
        (0.0035, "https://example.org/x", ["intersector.en.pdf", "wash.en.pdf"], []),
        (0, "", [], []),
    ],
)
def test_pdfs_are_attached_up_to_a_size_the_main_sheet_first(
    run_folder: Path, limit: float, address: str, attached: list[str], left_out: list[str]
) -> None:
    sectors = {"Health": 2000, "Intersector": 1000, "WASH": 1500}
    results = [made(PARAMS.report(sector, "region", "en")) for sector in sectors]
    for result, size in zip(results, sectors.values(), strict=True):
        (run_folder / f"{result.params.stem}.pdf").write_bytes(b"%" * size)
    letter = received(run_folder, results, attach_mb=limit, address=address)
    assert [each.get_filename() for each in letter.iter_attachments()] == attached
    for text in bodies(letter):
        _, _, after = text.casefold().partition("not attached, for a mail of at most 0.0035 mb")
        assert ["Health, Region"] * ("health, region" in after) == left_out
        assert text.count("https://example.org/x/health.en.html") == bool(address)


def test_a_server_that_does_not_encrypt_is_not_used(run_folder: Path) -> None:
    with inbox() as (box, notify):
        assert told(run_folder, notify) == ["Mail: SMTPNotSupportedError"]
    assert box.mails == []


@pytest.fixture
def encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Encryption by a certificate of this computer that this process trusts."""
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    subprocess.run([*made, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.parametrize(
    ("password", "trusted", "reasons"),
    [
        (SECRET, True, []),
        ("another", True, ["Mail: SMTPAuthenticationError 535"]),
        (SECRET, False, ["Mail: SSLCertVerificationError"]),
    ],
)
def test_a_password_goes_encrypted_to_a_server_with_a_certificate_that_is_trusted(
    encrypted: ssl.SSLContext,
    run_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    password: str,
    *,
    trusted: bool,
    reasons: list[str],
) -> None:
    smtp = pytest.importorskip("aiosmtpd.smtp", reason="aiosmtpd is not installed")

    def known(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        return smtp.AuthResult(success=(data.login, data.password) == (b"rmrp", SECRET.encode()), handled=False)

    if not trusted:
        monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("RMRP_MAIL_USER", "rmrp")
    monkeypatch.setenv("RMRP_MAIL_PASSWORD", password)
    options = {"tls_context": encrypted, "require_starttls": True, "authenticator": known, "auth_required": True}
    with inbox(**options) as (box, notify):
        notify["mail"] |= {"user": "RMRP_MAIL_USER", "password": "RMRP_MAIL_PASSWORD"}
        assert [reason.partition(" [")[0] for reason in told(run_folder, notify)] == reasons
    assert len(box.mails) == (0 if reasons else 1)


MAIL = {"to": ["a@b.org"], "sender": "c@d.org", "server": "e.org"}


@pytest.mark.parametrize(
    ("notify", "fault"),
    [
        ({"webhook": {"address": "https://x.org/y"}}, "notify.webhook.address: write the name of a variable"),
        ({"mail": {**MAIL, "password": "hunter2"}}, "notify.mail.password: write the"),
        ({"mail": {**MAIL, "security": "none", "password": "P"}}, "starttls or tls alone"),
        ({"mail": {**MAIL, "sender": "c@d.org\nBcc: eve@e.org"}}, "notify.mail.sender: write one address on one line"),
        ({"mail": {**MAIL, "to": ["a@b.org\r\nX: y"]}}, "notify.mail.to.0: write one address on one line"),
        ({"mial": {}}, "unknown key 'mial'; did you mean 'mail'?"),
        ({"address": "/srv/www/sheets"}, "notify.address: write the address of the run's folder"),
        ({"address": "https://ana:hunter2@example.org/"}, "notify.address: write the address of the run's folder"),
        ({"address": "javascript:alert(1)"}, "notify.address: write the address of the run's folder"),
    ],
)
def test_a_secret_or_a_wrong_address_in_the_parameters_is_refused(
    tmp_path: Path, notify: dict[str, Any], fault: str
) -> None:
    with pytest.raises(RequestError, match=re.escape(fault)) as refused:
        load_run_params(written_params(tmp_path, notify=notify))
    assert "hunter2" not in str(refused.value)


def test_the_command_tells_of_what_it_made_and_no_file_of_the_run_names_who_was_told(
    published: Published, hook: JsonServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = published.copy(tmp_path / "b")
    text = other.params.read_text("utf-8")
    notify = "notify: {webhook: {address: RMRP_WEBHOOK, token: RMRP_TOKEN}}\n"
    other.params.write_text(text.replace("end: 2021-12", "end: 2021-05") + notify, encoding="utf-8")
    run = ("run", other.params, "--sector", "Human Trafficking & Smuggling", "--out", other.project / "reports")
    assert rmrp(*run) == 0
    assert rmrp(*run) == 0
    assert len(hook.posted) == 1
    for path in other.folder.iterdir():
        assert not [word for word in (b"RMRP_WEBHOOK", SECRET.encode(), TOKEN.encode()) if word in path.read_bytes()]
    hook.faults[HOOK] = [failing(404)]
    (other.data / "sources.yml").write_text("title: x\n", encoding="utf-8")
    capsys.readouterr()
    assert rmrp(*run) == 3
    said = capsys.readouterr().err
    assert "after the run: Webhook: HTTP 404" in said
    assert SECRET not in said
    assert "nothing was published" in hook.posted[1]["text"]


@pytest.fixture(scope="module", params=["es", "pt"])
def mailed_run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any]:
    """The folder of a run of the bundled plan that goes on from an earlier one; what came by mail and by webhook."""
    pytest.importorskip("httpx2", reason="httpx2 is not installed")
    folder, asked = tmp_path_factory.mktemp("mailed"), {"languages": [request.param], "formats": ["html", "pdf"]}
    asked |= {"sectors": ["Intersector"], "places": ["region", "Peru"]}
    asked |= {"publisher": {"name": "R4V"}, "calendar": []}
    shutil.copytree(find_shipped_folder(BUNDLED_PLAN), folder / "data")
    until_june = written_params(folder, **asked, period="2021-01/2021-06")
    assert rmrp("run", until_june, "--out", folder / "out") == 0
    with inbox() as (box, notify), json_servers() as serve, pytest.MonkeyPatch.context() as patch:
        notify["mail"]["security"], server = "none", serve({HOOK: {}})
        patch.setenv("RMRP_WEBHOOK", server.address + HOOK)
        notify |= {"webhook": {"address": "RMRP_WEBHOOK"}, "address": "https://figures.example.org/x"}
        until_july = written_params(folder, **asked, period="2021-01/2021-07", notify=notify)
        assert rmrp("run", until_july, "--out", folder / "out") == 0
    ((_, letter),) = box.mails
    return folder / "out" / "small", letter, server.posted[0]


NUMBER = r"\d+(?:[.,\u202f]\d+)*"


def numbers_in(text: str) -> set[str]:
    return set(re.findall(NUMBER, text))


def test_the_mail_of_a_real_run_says_what_its_sheets_print_in_their_language(mailed_run: tuple[Path, Any, Any]) -> None:
    folder, letter, content = mailed_run
    language = content["language"]
    sheet = json.loads((folder / f"intersector.{language}.json").read_text("utf-8"))
    assert content["headline"] == sheet["headline"]
    assert len(letter["Subject"]) <= MAX_SUBJECT_CHARACTERS
    assert letter["Subject"] == content["subject"]
    begins = {"es": "Ejemplo · Región, julio de 2021: ", "pt": "Exemplo · Região, julho de 2021: "}
    assert letter["Subject"].startswith(begins[language])
    assert {each["printed"] for each in content["figures"]} == {
        sheet["printed"][each["name"]] for each in content["figures"]
    }
    assert {each["name"] for each in content["figures"]} >= {"people_reached", "target", "people_in_need", "unmet_usd"}
    sheets = [json.loads(path.read_text("utf-8")) for path in folder.glob("intersector*.json")]
    texts = [each[name] for each in sheets for name in ("headline", "completeness", "doubt", "period_printed")]
    texts += [text for each in sheets for name in ("printed", "notes") for text in each[name].values()]
    texts += [entry.text for entry in read_latest_news(folder)]
    for text in bodies(letter):
        visible = re.sub(r"<style.*?</style>|<[^>]+>|https://\S+", " ", text, flags=re.DOTALL)
        assert sheet["headline"] in visible
        assert sheet["completeness"] in visible
        assert (sheet["doubt"] or sheet["notes"]["target_coverage"]) in visible
        assert numbers_in(visible) <= numbers_in(" ".join(texts))
        assert not re.search("Sheets|What changed|People|Region|reported", visible)  # English of no office in Spanish


def test_the_mail_of_a_real_run_moves_as_its_feed_does(mailed_run: tuple[Path, Any, Any]) -> None:
    folder, letter, content = mailed_run
    in_feed = [line for entry in read_latest_news(folder) for line in entry.text.splitlines()]
    moved = [each["text"] for each in content["moved"]]
    assert moved
    assert moved == [line for line in in_feed if "lustrativos" not in line]
    assert all(line in text for line in moved for text in bodies(letter)[:1])
    assert not [line for line in moved if "—" in line]


def test_the_mail_of_a_real_run_leads_to_its_pages_and_brings_its_pdfs(mailed_run: tuple[Path, Any, Any]) -> None:
    folder, letter, content = mailed_run
    language = content["language"]
    names = ["intersector", "intersector.peru"]
    assert [each.get_filename() for each in letter.iter_attachments()] == [f"{name}.{language}.pdf" for name in names]
    for attached in letter.iter_attachments():
        assert attached.get_content() == (folder / attached.get_filename()).read_bytes()
    for each in (*content["pages"], {"page": content["index"]}):
        assert (folder / each["page"].removeprefix("https://figures.example.org/x/")).is_file()
        assert each["page"] in bodies(letter)[1]
    for text in (json.dumps(content), *bodies(letter)):
        assert str(folder.parent) not in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_mail_is_one_column_on_a_phone_and_readable_in_the_dark(
    mailed_run: tuple[Path, Any, Any], browser: Any, scheme: str
) -> None:
    _, letter, _ = mailed_run
    page = browser.new_page(viewport={"width": 375, "height": 700}, color_scheme=scheme)
    page.set_content(bodies(letter)[1])
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    assert page.evaluate("document.images.length") == 0
    paper, *inks = page.evaluate(
        """() => [getComputedStyle(document.body).backgroundColor,
        ...[...document.querySelectorAll("h1, h2, p, div")].filter(each => !each.matches(".care"))
            .map(each => getComputedStyle(each).color)]"""
    )
    assert all(contrast(ink, paper) >= 4.5 for ink in set(inks))
    page.close()
