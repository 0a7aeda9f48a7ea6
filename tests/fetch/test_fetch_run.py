"""Another project fetches a published run by its datapackage.json: whole, as its checksums say, or not at all."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fts_server import cut, failing, send
from json_server import Answers, JsonServer, json_servers

from published_run import Published
from rmrp_analysis import files
from rmrp_analysis.cli import main

Serve = Callable[[Answers], JsonServer]
Fetch = Callable[..., int]
AT = "/reports/2021"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server with these answers; it ends with the test."""
    with json_servers() as start:
        yield start


@pytest.fixture
def server(serve: Serve, published: Published) -> JsonServer:
    """Serves the files of a run."""
    return serve({f"{AT}/{path.name}": path.read_bytes() for path in published.folder.iterdir()})


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch) -> Fetch:
    """Runs ``rmrp fetch run`` and gives its exit code."""
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)

    def run(place: object, out: Path) -> int:
        monkeypatch.setattr(sys, "argv", ["rmrp", "fetch", "run", str(place), "--out", str(out), "--pause", "0"])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return run


def data_of(folder: Path) -> dict[str, bytes]:
    """The CSV files and the description of a run's folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".csv"} | {
        "datapackage.json": (folder / "datapackage.json").read_bytes()
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("named", ["", "/", "/datapackage.json"])
def test_a_run_on_a_server_is_fetched_with_every_csv_file(
    server: JsonServer, published: Published, fetch: Fetch, tmp_path: Path, named: str
) -> None:
    assert fetch(f"{server.address}{AT}{named}", tmp_path / "copy") == 0
    assert contents(tmp_path / "copy") == data_of(published.folder)
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


@pytest.mark.parametrize("named", ["", "datapackage.json"])
def test_a_run_in_a_folder_is_fetched_too(published: Published, fetch: Fetch, tmp_path: Path, named: str) -> None:
    assert fetch(published.folder / named, tmp_path / "copy") == 0
    assert contents(tmp_path / "copy") == data_of(published.folder)


def test_what_was_fetched_can_be_fetched_on(published: Published, fetch: Fetch, tmp_path: Path) -> None:
    assert fetch(published.folder, tmp_path / "first") == 0
    assert fetch(tmp_path / "first", tmp_path / "second") == 0
    assert contents(tmp_path / "second") == data_of(published.folder)


@pytest.mark.parametrize(
    ("name", "fault", "message"),
    [
        ("figures.csv", cut, "the connection failed"),
        ("figures.csv", failing(404), "the server answered 404"),
        ("places.csv", failing(500), "the server answered 500"),
        ("places.csv", lambda handler, _: send(handler, 200, b"key,kind\n"), "another sha256 (9 bytes came,"),
        ("datapackage.json", lambda handler, _: send(handler, 200, b"<html></html>"), "is no JSON"),
        ("datapackage.json", lambda handler, _: send(handler, 200, b"{}"), "names no files (resources)"),
    ],
)
def test_after_a_failure_what_was_there_stays(
    server: JsonServer,
    fetch: Fetch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    fault: object,
    message: str,
) -> None:
    out = tmp_path / "copy"
    assert fetch(f"{server.address}{AT}", out) == 0
    before = contents(out)
    server.faults[f"{AT}/{name}"] = [fault] * 100  # type: ignore[list-item]
    assert fetch(f"{server.address}{AT}", out) == 3
    told = capsys.readouterr().err
    assert message in told
    assert "nothing was written" in told
    assert contents(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_a_run_that_was_replaced_while_it_was_read_is_read_anew(
    server: JsonServer, published: Published, fetch: Fetch, tmp_path: Path
) -> None:
    old = json.loads(server.answers[f"{AT}/datapackage.json"])
    old["resources"][0]["hash"] = f"sha256:{'0' * 64}"
    server.faults[f"{AT}/datapackage.json"] = [lambda handler, _: send(handler, 200, json.dumps(old).encode())]
    assert fetch(f"{server.address}{AT}", tmp_path / "copy") == 0
    assert contents(tmp_path / "copy") == data_of(published.folder)


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_later_run_takes_the_place_of_the_earlier_as_a_whole(
    *, can_exchange: bool, published: Published, fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not can_exchange:
        monkeypatch.setattr(files, "_exchanged", lambda *_: False)
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    for name, content in data_of(published.folder).items():
        (earlier / name).write_bytes(content)
    descriptor = json.loads((earlier / "datapackage.json").read_bytes())
    gone = descriptor["resources"][-1]
    descriptor["resources"].append({**gone, "name": "gone", "path": "gone.csv"})
    (earlier / "gone.csv").write_bytes((earlier / gone["path"]).read_bytes())
    (earlier / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    assert fetch(earlier, tmp_path / "copy") == 0
    assert "gone.csv" in contents(tmp_path / "copy")
    assert fetch(published.folder, tmp_path / "copy") == 0
    assert contents(tmp_path / "copy") == data_of(published.folder)
    assert {path.name for path in tmp_path.iterdir()} == {"earlier", "copy"}


@pytest.mark.parametrize("path", ["../x.csv", "/etc/x.csv", "a/b.csv", "https://example.org/x.csv", "", ".hidden.csv"])
def test_a_name_that_leads_elsewhere_is_refused(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    descriptor = json.loads(server.answers[f"{AT}/datapackage.json"])
    descriptor["resources"][0]["path"] = path
    server.answers[f"{AT}/datapackage.json"] = descriptor
    assert fetch(f"{server.address}{AT}", tmp_path / "copy") == 3
    assert "is no name of a file beside it" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_a_checksum_is_refused(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    descriptor = json.loads(server.answers[f"{AT}/datapackage.json"])
    del descriptor["resources"][1]["hash"]
    server.answers[f"{AT}/datapackage.json"] = descriptor
    assert fetch(f"{server.address}{AT}", tmp_path / "copy") == 3
    assert "says no sha256 of" in capsys.readouterr().err


def test_a_folder_with_other_files_is_left_alone(
    published: Published, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    assert fetch(published.folder, tmp_path) == 2
    assert "holds mine.txt, which was not fetched from a run" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_without_a_run_is_told(fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch(tmp_path, tmp_path / "copy") == 2
    assert "holds no published run" in capsys.readouterr().err
