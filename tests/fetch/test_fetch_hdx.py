"""Files of a dataset at HDX are fetched with checksums, whole or not at all, and inputs of a plan are recognised."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from json_server import Answers, JsonServer, answering, cut, failing

Serve = Callable[[Answers], JsonServer]
Fetch = Callable[..., int]
SHOW = "/api/3/action/package_show?id=rmrp-2021-lists"
PLACES = b"Country,PCODE,Admin1\nPeru,PE15,Lima\nColombia,CO11,Bogota\n"
NOTE = b"This is a note on the data.\n"
PLACES_AT, NOTE_AT = "/dataset/1/resource/2/download/places%202021.csv", "/files/note.txt"


def dataset(server: JsonServer, **changes: Any) -> dict[str, Any]:
    """What HDX says of a dataset of two files; ``changes`` are those of the first one."""
    places = {
        "id": "r1",
        "name": "Places",
        "format": "CSV",
        "url": server.address + PLACES_AT,
        "hash": hashlib.md5(PLACES, usedforsecurity=False).hexdigest(),
        "size": len(PLACES),
        "last_modified": "2021-06-01T10:00:00.000000",
        **changes,
    }
    note = {"id": "r2", "name": "A note", "format": "TXT", "url": server.address + NOTE_AT, "hash": ""}
    about = {
        "name": "rmrp-2021-lists",
        "title": "Lists",
        "license_title": "CC BY",
        "maintainer_email": "ana@example.org",
    }
    source = {"dataset_source": "R4V", "organization": {"title": "R4V platform"}, "num_resources": 2}
    return {"success": True, "result": {**about, **source, "resources": [places, note]}}


@pytest.fixture
def server(serve: Serve) -> JsonServer:
    server = serve({PLACES_AT: PLACES, NOTE_AT: NOTE})
    server.answers[SHOW] = dataset(server)
    return server


@pytest.fixture
def fetch(fetch_from: Fetch) -> Fetch:
    return lambda server, out, *more, name="rmrp-2021-lists": fetch_from("hdx", server, out, name, *more)


def listing(out: Path) -> dict[str, Any]:
    (path,) = out.glob("hdx-rmrp-2021-lists-20*/listing.json")
    return json.loads(path.read_text("utf-8"))


def test_files_come_with_a_listing_and_an_entry_for_what_is_recognised(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch(server, tmp_path) == 0
    places, note = listing(tmp_path)["files"]
    (folder,) = tmp_path.glob("hdx-*")
    assert {path.name for path in folder.iterdir()} == {"places-2021.csv", "note.txt", "listing.json"}
    assert (folder / places["file"]).read_bytes() == PLACES
    assert places["sha256"] == hashlib.sha256(PLACES).hexdigest()
    assert (places["checked_by"], note["checked_by"]) == ("md5", "")
    assert "ana@example.org" not in (folder / "listing.json").read_text("utf-8")
    described = yaml.safe_load((tmp_path / "sources.yml").read_text("utf-8"))
    entry = described["admin1"]
    assert entry["file"] == f"{folder.name}/places-2021.csv"
    assert (entry["producer"], entry["licence"], str(entry["as_of"])) == ("R4V", "CC BY", "2021-06-01")
    assert (entry["sha256"], described["plan"]) == (places["sha256"], 2021)
    assert "note.txt: is none of the inputs of a plan" in capsys.readouterr().err


def test_only_the_files_that_are_named_are_fetched(server: JsonServer, fetch: Fetch, tmp_path: Path) -> None:
    assert fetch(server, tmp_path, "--resource", "a NOTE") == 0
    assert [file["file"] for file in listing(tmp_path)["files"]] == ["note.txt"]
    assert [address for address, _ in server.asked] == [SHOW, NOTE_AT]
    assert not (tmp_path / "sources.yml").exists()


def test_files_and_datasets_are_named_as_they_are_called(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch(server, tmp_path, name="https://data.humdata.org/dataset/rmrp-2021-lists?") == 2
    assert "did you mean 'rmrp-2021-lists'?" in capsys.readouterr().err
    assert server.asked == []
    assert fetch(server, tmp_path, "--resource", "Plaxes") == 2
    assert "did you mean 'Places'?" in capsys.readouterr().err


def test_an_input_that_the_folder_has_from_elsewhere_stays(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = "title: t\nplan: 2021\nadmin1: {file: mine.csv, producer: me}\n"
    (tmp_path / "sources.yml").write_text(own, "utf-8")
    assert fetch(server, tmp_path) == 0
    assert (tmp_path / "sources.yml").read_text("utf-8") == own
    assert "admin1 stays as" in capsys.readouterr().err


@pytest.mark.parametrize("checksum", ["sha1", "sha256"])
def test_every_usual_checksum_is_checked(server: JsonServer, fetch: Fetch, tmp_path: Path, checksum: str) -> None:
    stated = hashlib.new(checksum, PLACES, usedforsecurity=False).hexdigest().upper()
    server.answers[SHOW] = dataset(server, hash=stated)
    assert fetch(server, tmp_path) == 0
    assert listing(tmp_path)["files"][0]["checked_by"] == checksum


def test_a_file_may_lie_on_another_server(server: JsonServer, serve: Serve, fetch: Fetch, tmp_path: Path) -> None:
    store = serve({PLACES_AT: PLACES})
    server.faults[PLACES_AT] = [failing(302, Location=store.address + PLACES_AT)]
    assert fetch(server, tmp_path) == 0
    assert store.asked == [(PLACES_AT, None)]


@pytest.mark.parametrize(
    ("at", "fault", "message"),
    [
        (SHOW, failing(404), "there is no such dataset"),
        (SHOW, failing(403), "the dataset is not public"),
        (SHOW, failing(500), "the server answered 500"),
        (SHOW, answering(b'{"success": false}'), "does not say that it is one"),
        (SHOW, answering(b"<html>"), "a web page (HTML) instead of JSON"),
        (PLACES_AT, cut, "the connection failed"),
        (PLACES_AT, failing(404), "there is no such dataset or file"),
        (PLACES_AT, answering(PLACES[:-9]), "Places is not the file that the dataset"),
        (NOTE_AT, answering(b"<!doctype html>"), "A note is a web page instead of a file"),
    ],
)
def test_what_is_not_whole_is_told_and_nothing_is_written(
    server: JsonServer,
    fetch: Fetch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    at: str,
    fault: object,
    message: str,
) -> None:
    server.faults[at] = [fault] * 100  # type: ignore[list-item]
    assert fetch(server, tmp_path / "out") == 3
    told = capsys.readouterr().err
    assert message in told
    assert "nothing was written" in told
    assert not (tmp_path / "out").exists()


def test_a_file_without_a_checksum_is_not_shorter_than_it_is_described(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers[SHOW] = dataset(server, hash="not a checksum", size=str(len(PLACES) + 1))
    assert fetch(server, tmp_path) == 3
    assert f"Places has {len(PLACES)} bytes, and {len(PLACES) + 1} are described" in capsys.readouterr().err


def test_files_of_one_name_get_names_of_their_own(server: JsonServer, fetch: Fetch, tmp_path: Path) -> None:
    about = dataset(server)
    about["result"]["resources"] = [
        {**each, "url": f"{server.address}/{n}/../.txt"} for n, each in enumerate(about["result"]["resources"])
    ]
    for each in about["result"]["resources"]:
        each |= {"hash": "", "size": None}
    server.answers |= {SHOW: about, "/.txt": NOTE, "/0/../.txt": NOTE, "/1/../.txt": NOTE}
    assert fetch(server, tmp_path) == 0
    names = [file["file"] for file in listing(tmp_path)["files"]]
    assert len(set(names)) == 2
    assert all("/" not in name and not name.startswith(".") for name in names)
