"""Files of a dataset at HDX are fetched with checksums, whole or not at all, and inputs of a plan are recognised."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from fetching import Fetching, Serve
from json_server import Fault, JsonServer, answering, cut, failing

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
def fetch(server: JsonServer, fetching: Callable[..., Fetching]) -> Fetching:
    return fetching(server, "hdx", "rmrp-2021-lists")


def listed(fetch: Fetching) -> list[dict[str, Any]]:
    """The files of a listing."""
    return json.loads(fetch.files["listing.json"])["files"]


def test_files_come_with_a_listing_and_an_entry_for_what_is_recognised(server: JsonServer, fetch: Fetching) -> None:
    assert fetch() == 0
    places, note = listed(fetch)
    assert places.items() >= server.answers[SHOW]["result"]["resources"][0].items()
    (folder,) = fetch.folder.glob("hdx-*")
    assert {path.name for path in folder.iterdir()} == {"places-2021.csv", "note.txt", "listing.json"}
    assert fetch.files[places["file"]] == PLACES
    assert places["sha256"] == hashlib.sha256(PLACES).hexdigest()
    assert (places["checked_by"], note["checked_by"]) == ("md5", "")
    assert b"ana@example.org" not in fetch.files["listing.json"]
    entry = fetch.sources["admin1"]
    assert entry["file"] == f"{folder.name}/places-2021.csv"
    assert (entry["producer"], entry["licence"], str(entry["as_of"])) == ("R4V", "CC BY", "2021-06-01")
    assert (entry["sha256"], fetch.sources["plan"]) == (places["sha256"], 2021)
    assert "note.txt: is none of the inputs of a plan" in fetch.told


def test_only_the_files_that_are_named_are_fetched(server: JsonServer, fetch: Fetching) -> None:
    assert fetch("--resource", "a NOTE") == 0
    assert [file["file"] for file in listed(fetch)] == ["note.txt"]
    assert server.requests == [SHOW, NOTE_AT]
    assert "sources.yml" not in fetch.files


def test_files_and_datasets_are_named_as_they_are_called(
    server: JsonServer, fetch: Fetching, fetching: Callable[..., Fetching]
) -> None:
    by_address = fetching(server, "hdx", "https://data.humdata.org/dataset/rmrp-2021-lists?")
    assert by_address() == 2
    assert "did you mean 'rmrp-2021-lists'?" in by_address.told
    assert server.asked == []
    assert fetch("--resource", "Plaxes") == 2
    assert "did you mean 'Places'?" in fetch.told


def test_an_input_that_the_folder_has_from_elsewhere_stays(fetch: Fetching) -> None:
    fetch.describe(own := "title: t\nplan: 2021\nadmin1: {file: mine.csv, producer: me}\n")
    assert fetch() == 0
    assert fetch.files["sources.yml"].decode() == own
    assert "admin1 stays as" in fetch.told


@pytest.mark.parametrize("checksum", ["sha1", "sha256"])
def test_every_usual_checksum_is_checked(server: JsonServer, fetch: Fetching, checksum: str) -> None:
    stated = hashlib.new(checksum, PLACES, usedforsecurity=False).hexdigest().upper()
    server.answers[SHOW] = dataset(server, hash=stated)
    assert fetch() == 0
    assert listed(fetch)[0]["checked_by"] == checksum


def test_a_file_may_lie_on_another_server(server: JsonServer, serve: Serve, fetch: Fetching) -> None:
    store = serve({PLACES_AT: PLACES})
    server.faults[PLACES_AT] = [failing(302, Location=store.address + PLACES_AT)]
    assert fetch() == 0
    assert store.asked == [(PLACES_AT, None)]


def described(resources: list[Any]) -> Fault:
    """A dataset of two files that names these."""
    about = {"name": "rmrp-2021-lists", "num_resources": 2, "resources": resources}
    return answering({"success": True, "result": about})


@pytest.mark.parametrize(
    ("at", "fault", "message"),
    [
        (SHOW, failing(404), "there is no such dataset"),
        (SHOW, failing(403), "the dataset is not public"),
        (SHOW, answering(b'{"success": false}'), "does not say that it is one"),
        (SHOW, described([]), "the dataset has no name or no files"),
        (SHOW, described([{}]), "the dataset has 2 files, and 1 are named"),
        (SHOW, described([{"url": "ftp://example.org/a.csv"}, {}]), "ftp://example.org/a.csv: is no address of a file"),
        (SHOW, described([{"url": "http://[::1"}, {}]), "names a file at 'http://[::1', which is no address"),
        (SHOW, described([{"url": "http://10.0.0.9/a.csv"}, {}]), "10.0.0.9, an address that is not public"),
        (PLACES_AT, failing(302, Location="http://192.168.0.1/"), "192.168.0.1, an address that is not public"),
        (PLACES_AT, cut, "the connection failed"),
        (PLACES_AT, failing(404), "there is no such dataset or file"),
        (PLACES_AT, answering(PLACES[:-9]), "Places is not the file that the dataset"),
        (NOTE_AT, answering(b"<!doctype html>"), "A note is a web page instead of a file"),
    ],
)
def test_what_is_not_whole_is_told_and_nothing_is_written(
    server: JsonServer, fetch: Fetching, at: str, fault: Any, message: str
) -> None:
    server.faults[at] = [fault] * 100
    assert message in fetch.refusal()


def test_a_file_without_a_checksum_is_not_shorter_than_it_is_described(server: JsonServer, fetch: Fetching) -> None:
    server.answers[SHOW] = dataset(server, hash="not a checksum", size=str(len(PLACES) + 1))
    assert f"Places has {len(PLACES)} bytes, and {len(PLACES) + 1} are described" in fetch.refusal()


def test_files_of_one_name_get_names_of_their_own(server: JsonServer, fetch: Fetching) -> None:
    about = dataset(server)
    for number, each in enumerate(about["result"]["resources"]):
        each |= {"hash": "", "size": None, "url": f"{server.address}/{number}/../.txt"}
    server.answers |= {SHOW: about, "/.txt": NOTE, "/0/../.txt": NOTE, "/1/../.txt": NOTE}
    assert fetch() == 0
    names = [file["file"] for file in listed(fetch)]
    assert len(set(names)) == 2
    assert all("/" not in name and not name.startswith(".") for name in names)
