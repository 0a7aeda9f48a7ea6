"""Who is named in the parameters hears how a run ended, and no secret leaves the environment."""

import errno
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from fetching import Serve
from json_server import JsonServer, failing

from conftest import free_port
from made_reports import PARAMS, failed, made
from published_run import Published, rmrp, written_params
from rmrp_analysis.commands.run import problems_told
from rmrp_analysis.errors import RequestError
from rmrp_analysis.params import Notify, load_run_params
from rmrp_analysis.publish.documents.feed import FEED
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.publish.run.notification import notified

SECRET, TOKEN = "s3cret-pass", "t0ken-secret"
ENDED = "2026-07-01T06:00:00+00:00"
FEED_TEXT = f"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:x</id><updated>{ENDED}</updated>
<title>Health: Edition 1a2b3c4d</title><link href="health.en.html"/>
<content>Health: People reached 5 K (before: 4 K).</content></entry></feed>"""


HOOK = f"/hooks/{SECRET}"


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
    (tmp_path / FEED).write_text(FEED_TEXT, encoding="utf-8")
    return tmp_path


RESULTS = [made(PARAMS.report("Health", "region", "en")), failed(PARAMS.report("WASH", "region", "en"))]
WEBHOOK = {"webhook": {"address": "RMRP_WEBHOOK", "token": "RMRP_TOKEN"}}


def told(
    folder: Path, notify: dict[str, Any], *, problem: str = "", audience: str = "public", seconds: float = 30.0
) -> list[str]:
    """What is said of notifications that were not sent of a run with one sheet and one that failed."""
    params = PARAMS.model_copy(update={"notify": Notify.model_validate(notify), "audience": audience})
    return [*notified(params, folder, "reports/x/index.html", () if problem else RESULTS, problem, seconds=seconds)]


def test_a_webhook_is_told_what_was_made_what_failed_and_what_moved(hook: JsonServer, run_folder: Path) -> None:
    assert told(run_folder, WEBHOOK) == []
    (content,) = hook.posted
    assert hook.asked == [(HOOK, f"Bearer {TOKEN}")]
    assert (content["run"], content["edition"], content["made"]) == (PARAMS.run, "1a2b3c4d", ["health.en"])
    assert content["failed"] == {"wash.en": RESULTS[1].error}
    assert content["moved"][0]["text"] == "Health: People reached 5 K (before: 4 K)."
    assert content["text"].startswith("End of year 2021 key figures: 1 sheet, 1 could not be made\n")
    assert SECRET not in json.dumps(content)
    assert TOKEN not in json.dumps(content)


def test_no_number_of_an_internal_run_leaves_the_office(hook: JsonServer, run_folder: Path) -> None:
    assert told(run_folder, WEBHOOK, audience="internal") == []
    (content,) = hook.posted
    assert "5 K" not in json.dumps(content)
    assert "Internal: not for publication" in content["text"]
    assert content["moved"][0]["title"] == "Health: Edition 1a2b3c4d"


def test_a_run_that_was_refused_is_told(hook: JsonServer, tmp_path: Path) -> None:
    assert told(tmp_path, WEBHOOK, problem="activities.csv, line 3: no such month") == []
    (content,) = hook.posted
    assert content["text"] == (
        "End of year 2021 key figures: nothing was published\n\nactivities.csv, line 3: no such month"
    )


def test_a_run_that_a_full_disk_stopped_is_told_without_a_folder(hook: JsonServer) -> None:
    params = PARAMS.model_copy(update={"notify": Notify.model_validate(WEBHOOK)})
    with pytest.raises(OSError, match="No space"), problems_told(params):
        raise OSError(errno.ENOSPC, "No space left on device", "/home/ana/reports/index.html")
    assert hook.posted[0]["problem"] == "No space left on device"


def test_nobody_is_told_of_a_run_that_made_nothing_anew(hook: JsonServer, run_folder: Path) -> None:
    params = PARAMS.model_copy(update={"notify": Notify.model_validate(WEBHOOK)})
    assert [*notified(params, run_folder, "index.html")] == []
    assert hook.asked == []


@pytest.mark.parametrize(
    ("status", "variables", "reason"),
    [
        (500, {}, "Webhook: HTTP 500"),
        (302, {}, "Webhook: HTTP 302"),
        (None, {"RMRP_TOKEN": ""}, "Webhook: the variable RMRP_TOKEN is not set"),
        (None, {"RMRP_WEBHOOK": f"http://127.0.0.1:9/{SECRET}"}, "Webhook: ConnectError (3 attempts)"),
        (None, {"RMRP_WEBHOOK": f"no address {SECRET}"}, "Webhook: UnsupportedProtocol"),
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
    assert told(run_folder, WEBHOOK, seconds=3) == [reason]


def test_a_webhook_that_takes_nothing_for_a_moment_is_told_once(hook: JsonServer, run_folder: Path) -> None:
    hook.faults[HOOK] = [failing(503), failing(429)]
    assert told(run_folder, WEBHOOK, seconds=3) == []
    assert len(hook.posted) == 3
    hook.faults[HOOK] = [failing(503)] * 3
    assert told(run_folder, WEBHOOK, seconds=3) == ["Webhook: HTTP 503 (3 attempts)"]


def test_a_webhook_whose_answer_does_not_end_is_told_and_not_waited_for(hook: JsonServer, run_folder: Path) -> None:
    def drip_body(handler: Any, _: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        drip(handler.wfile.write)

    def drip_head(handler: Any, _: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        drip(handler.wfile.write)

    hook.faults[HOOK], started = [drip_body, drip_head], time.monotonic()
    assert told(run_folder, WEBHOOK, seconds=0.5) == []
    assert told(run_folder, WEBHOOK, seconds=0.5) == ["Webhook: it takes longer than 0 seconds"]
    assert time.monotonic() - started < 3


def drip(write: Callable[[bytes], object]) -> None:
    """Send a byte now and then for five seconds, so that no read of a socket takes long."""
    for _ in range(100):
        write(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_mail_server_that_sends_byte_by_byte_is_not_waited_for(run_folder: Path, security: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                drip(connection.sendall)

        threading.Thread(target=answer, daemon=True).start()
        mail = {"to": ["a@b.org"], "sender": "c@d.org", "server": "127.0.0.1", "port": server.getsockname()[1]}
        started = time.monotonic()
        (reason,) = told(run_folder, {"mail": {**mail, "security": security}}, seconds=0.5)
    assert time.monotonic() - started < 3
    assert reason == "Mail: it takes longer than 0 seconds" if security != "tls" else reason.startswith("Mail: ")


def test_a_mail_server_that_is_not_there_is_tried_again(run_folder: Path) -> None:
    mail = {"to": ["a@b.org"], "sender": "c@d.org", "server": "127.0.0.1", "port": free_port()}
    assert told(run_folder, {"mail": mail}, seconds=3) == ["Mail: ConnectionRefusedError (3 attempts)"]


@contextmanager
def inbox(**options: Any) -> Iterator[tuple[Inbox, dict[str, Any]]]:
    """A mail server of this computer with these options, and the parameters that name it."""
    controller = pytest.importorskip("aiosmtpd.controller", reason="aiosmtpd is not installed")
    box, named = Inbox(), {"server": "127.0.0.1", "port": free_port()}
    server = controller.Controller(box, hostname=named["server"], port=named["port"], **options)
    server.start()
    yield box, {"mail": {"to": ["ana@example.org", "luz@example.org"], "sender": "rmrp@example.org", **named}}
    server.stop()


def test_a_mail_says_what_was_made_failed_and_moved(run_folder: Path) -> None:
    with inbox() as (box, notify):
        notify["mail"]["security"] = "none"
        assert told(run_folder, notify) == []
    ((recipients, mail),) = box.mails
    assert recipients == ["ana@example.org", "luz@example.org"]
    assert mail["Subject"] == "End of year 2021 key figures: 1 sheet, 1 could not be made"
    text = mail.get_content()
    assert "Health: People reached 5 K (before: 4 K)." in text
    assert f"wash.en: {RESULTS[1].error}" in text
    assert "reports/x/index.html" in text


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
        ({"mial": {}}, "unknown key 'mial'; did you mean 'mail'?"),
    ],
)
def test_a_secret_in_the_parameters_is_refused(tmp_path: Path, notify: dict[str, Any], fault: str) -> None:
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
