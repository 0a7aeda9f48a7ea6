"""What a Spanish officer is told of a server that fails: one sentence in Spanish, which says what to do."""

import re
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from fetching import Fetching, Serve
from json_server import Fault, answering, cut, cut_without_length, failing, hang

from rmrp_analysis.fetch import activityinfo, api
from rmrp_analysis.locale.sentences import sentences

ASKED = {
    "fts": ("fts", "--plan", "1021"),
    "activityinfo": ("activityinfo", "--form", "c1"),
    "hdx": ("hdx", "rmrp-2021"),
}
ADVICE = re.compile(r"\b(intente|revise|pregunte|pida|avise|cree)\b|está en (su|la) dirección")
ENGLISH = re.compile(r"\b(the|is|it|not|of|and|or|with|by|try|look|error|failed|refused|list|object)\b", re.IGNORECASE)


FAULTS: dict[str, Fault] = {str(code): failing(code) for code in (400, 401, 403, 404, 410, 418, 429, 500, 503)} | {
    "no answer": hang,
    "a page": answering(b"<!doctype html><p>Sign in"),
    "broken JSON": answering(b'{"a": '),
    "another JSON": answering({"a": 1}),
    "a text": answering("x"),
    "nothing": answering(b""),
    "cut": cut,
    "cut without a length": cut_without_length,
    "not packed": answering(b"{}", Content_Encoding="gzip"),
    "packed otherwise": answering(b"{}", Content_Encoding="br"),
    "a circle": failing(302, Location="/again"),
    "elsewhere": failing(302, Location="http://10.0.0.9/"),
    "a file": failing(302, Location="file:///etc/passwd"),
}


@pytest.fixture(params=ASKED)
def fetch(
    request: pytest.FixtureRequest,
    serve: Serve,
    fetching: Callable[..., Fetching],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Fetching:
    """Fetches from a producer in Spanish, without long waits."""
    monkeypatch.setenv("RMRP_LANGUAGE", "es")
    monkeypatch.setenv("RMRP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ACTIVITYINFO_TOKEN", "4f1c-not-a-real-token-9d")
    monkeypatch.setattr(activityinfo, "MAX_SECONDS_OF_ANSWER", 0.5)
    monkeypatch.setattr(api, "Api", partial(api.Api, first_wait=0.001, attempts=2, longest=0.5))
    return fetching(serve({}), *ASKED[request.param])


def check_sentence(told: str) -> None:
    """Check that it is one line in Spanish, with advice, apart from addresses and codes."""
    (line,) = told.splitlines()
    assert line.endswith("; no se escribió nada")
    said = re.sub(r"https?://\S+|file://\S*|\([\w.]+\)|meta\.count", "", line)
    assert ENGLISH.findall(said) == []
    assert ADVICE.search(said), said


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_a_server_is_told_in_spanish_with_what_to_do(fault: str, fetch: Fetching) -> None:
    server = fetch.server
    server.name_of = lambda _: "all"
    server.faults["all"] = [FAULTS[fault]] * 50
    assert fetch() == 3
    check_sentence(fetch.told)
    assert not fetch.folder.exists()


def test_connections_that_fail_are_told_in_spanish_with_what_to_do(fetch: Fetching) -> None:
    for address, said in {
        fetch.server.address.replace("http", "https"): "el servidor no responde de forma cifrada",
        "http://127.0.0.1:1": "el servidor no acepta ninguna",
        "https://no-such-server.invalid": "no hay ningún servidor con este nombre",
    }.items():
        assert fetch(address=address) == 3
        check_sentence(fetch.told)
        assert f"falló la conexión, pues {said}" in fetch.told
    assert fetch(address="example.org") == 2
    assert "«example.org» no es una dirección de la web; escríbala completa, por ejemplo https://" in fetch.told


def test_a_certificate_that_is_not_trusted_is_told_apart_from_other_faults() -> None:
    problem = OSError("a connection")
    problem.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    said = sentences("es")(f"https://example.org/a: {api.explain_connection(problem)}; nothing was written")
    assert "falló la conexión, pues no se confía en el certificado del servidor; revise la fecha" in said
