"""A run published at an address is there whole or not at all, as it is in a folder."""

import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from conftest import free_port, serving
from made_reports import PARAMS
from published_run import rmrp, written_params
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.files import is_address
from rmrp_analysis.params import BUNDLED_PLAN, find_shipped_folder
from rmrp_analysis.publish.after import EndedRun
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.publish.records.publication import describe_file, list_files
from rmrp_analysis.publish.run import remote
from rmrp_analysis.publish.run.remote import Place, _file_system, open_run_folder, upload

pytest.importorskip("fsspec", reason="fsspec is not installed")
from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem

RUN = "small"


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a folder in a bucket of an S3 server on this computer."""
    pytest.importorskip("obstore", reason="obstore is not installed")
    rclone = shutil.which("rclone", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if not rclone:
        pytest.skip("there is no rclone, whose S3 server this test needs")
    folder = tmp_path_factory.mktemp("s3")
    (folder / "bucket").mkdir()
    port = free_port()
    command = [rclone, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", "KEY,SECRET", folder]
    access = {"ACCESS_KEY_ID": "KEY", "SECRET_ACCESS_KEY": "SECRET", "REGION": "us-east-1", "ALLOW_HTTP": "true"}
    with serving(command, "Starting s3 server on"), pytest.MonkeyPatch.context() as patch:
        for name, text in {**access, "ENDPOINT": f"http://127.0.0.1:{port}"}.items():
            patch.setenv(f"AWS_{name}", text)
        yield "s3://bucket"


@pytest.fixture(params=["memory", "s3"])
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address for the runs of one test, in the memory of this process or on an S3 server."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = request.getfixturevalue("bucket") if request.param == "s3" else "memory://office"
    return f"{root}/{tmp_path.name}"


@contextmanager
def uploaded(address: str, warned: list[str] | None = None, keep: int = 0) -> Iterator[Path]:
    """The folder in which a run is made, which the step after it uploads."""
    with open_run_folder(address, RUN, keep) as (room, _, destination):
        yield room
        lines = upload(EndedRun(PARAMS, room / RUN, address, destination=destination))
        (warned if warned is not None else []).extend(lines)


def publish(address: str, *, warned: list[str] | None = None, edition: str = "", keep: int = 0, **texts: str) -> None:
    with uploaded(address, warned, keep) as room:
        folder = room / RUN
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, text in texts.items():
            (folder / f"{name}.html").write_text(text, encoding="utf-8")
        files = {name: describe_file(path) for name, path in list_files(folder).items()}
        manifest = Manifest(run=RUN, edition=edition, ended=f"2026-07-0{edition or 1}", reports=(), files=files)
        (folder / "run.json").write_text(manifest.text, encoding="utf-8")


def there(address: str) -> dict[str, str]:
    system, root = remote._file_system(address)
    system.invalidate_cache()
    files = system.find(root) if system.exists(root) else []
    return {path.partition(f"{root}/")[2]: system.cat_file(path).decode() for path in files}


def pages(address: str) -> dict[str, str]:
    """The pages of the publication that the pointer of an address names; each of its files is whole."""
    files = there(address)
    edition = f"{RUN}/{json.loads(files[f'{RUN}/latest.json'])['folder']}"
    manifest = Manifest.model_validate_json(files[f"{edition}/run.json"])
    for name, stated in manifest.files.items():
        assert hashlib.sha256(files[f"{edition}/{name}"].encode()).hexdigest() == stated.sha256
    return {name: files[f"{edition}/{name}"] for name in manifest.files if name.endswith(".html")}


def followed(address: str, name: str) -> str:
    """What a browser shows that opens a page in the run's folder."""
    files = there(address)
    (page,) = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', files[f"{RUN}/{name}.html"])
    return files[f"{RUN}/{page}"]


def editions(address: str) -> list[str]:
    """The texts of the page on health in every edition that lies at an address, the oldest first."""
    return [text for name, text in sorted(there(address).items()) if re.search(r"-[0-9a-f]{8}/health\.html$", name)]


def test_a_run_is_published_and_replaced_and_read_from_there_on_another_computer(address: str, tmp_path: Path) -> None:
    publish(address, health="first", wash="first")
    assert pages(address) == {"health.html": "first", "wash.html": "first"}
    assert [followed(address, name) for name in ("health", "wash")] == ["first", "first"]
    publish(address, health="second", index="second")
    assert pages(address) == {"health.html": "second", "index.html": "second"}
    assert [followed(address, name) for name in ("health", "index")] == ["second", "second"]
    assert f"{RUN}/wash.html" not in there(address)
    shutil.rmtree(tmp_path / "cache")
    with uploaded(address) as room:
        assert (room / RUN / "health.html").read_text("utf-8") == "second"
        assert (Manifest.read(room / RUN / "run.json") or Manifest()).run == RUN


def test_a_file_that_somebody_changed_is_brought_as_it_is_not(address: str) -> None:
    publish(address, health="first", wash="first")
    system, root = _file_system(address)
    edition = json.loads(there(address)[f"{RUN}/latest.json"])["folder"]
    system.pipe_file(f"{root}/{RUN}/{edition}/health.html", b"another text")
    with uploaded(address) as room:
        assert not (room / RUN / "health.html").exists()
    publish(address, health="first", wash="first", index="x")
    assert pages(address)["health.html"] == "first"


def test_a_run_that_fails_or_an_address_of_something_else_leaves_what_is_there(address: str) -> None:
    publish(address, health="first")
    before = there(address)
    with pytest.raises(OSError, match="full"), uploaded(address) as room:  # noqa: PT012 - of its whole block
        (room / RUN / "health.html").write_text("second", encoding="utf-8")
        raise OSError("full")
    assert there(address) == before
    system, root = _file_system(other := f"{address}/other")
    system.pipe_file(f"{root}/{RUN}/own.html", b"mine")
    with pytest.raises(RequestError, match=r"holds own\.html and no latest\.json"):
        publish(other, health="first")
    assert there(other) == {"small/own.html": "mine"}


CUTS = 100
"""More operations on files than the publication takes that is cut off."""
MORE = {f"page{number}": "more" for number in range(4)}


@pytest.mark.parametrize("system", ["memory", "folder"])
def test_at_every_moment_a_whole_issue_stands(system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload is cut off at its first operation, its second one, and so on, and finished by the next run."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    if system == "folder":  # a file system with folders, renames and files that are torn while they are written
        monkeypatch.setattr(remote, "_file_system", folder_system)
    left = [cut_at(operation, tmp_path.name, monkeypatch) for operation in range(CUTS)]
    assert left.count("old") > 5
    assert left.count("new") > 5
    assert left[-1] == "done"


class Folders(LocalFileSystem):
    """A file system with folders that is not one of this computer, as far as anybody can tell."""

    protocol = "folders"


def folder_system(address: str) -> tuple[AbstractFileSystem, str]:
    system, root = _file_system(address)
    if "memory" not in system.protocol:
        return system, root
    room = Path(os.environ["XDG_CACHE_HOME"]).parent / "there" / root.strip("/")
    return Folders(auto_mkdir=True), str(room)


def cut_at(operation: int, name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Publish, publish anew with a cut at this operation; whether the old or new one stands, or nothing was cut."""
    address, done = f"memory://cuts/{name}/{operation}", count()
    publish(address, health="a", gone="a", feed="a")
    publish(address, health="old", wash="old", edition="2")
    system = remote._file_system(address)[0]

    def cutting(whole: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, *arguments: Any, **options: Any) -> Any:
            if next(done) == operation:
                if whole.__name__ == "pipe_file":
                    whole(self, arguments[0], arguments[1][:1])  # torn
                raise ConnectionError("gone")
            return whole(self, *arguments, **options)

        return call

    with monkeypatch.context() as patch:
        for each in ("pipe_file", "cat_file", "find", "get_file", "cp_file", "mv", "rm", "rm_file", "makedirs"):
            patch.setattr(type(system), each, cutting(getattr(type(system), each)))
        try:
            publish(address, health="new", index="new", edition="3", **MORE)
            ended = "done"
        except InputRefused as problem:
            ended = ""
            assert "gone" in str(problem)  # noqa: PT017 - of one that may end well, too
    found = pages(address)
    new = {"health.html": "new", "index.html": "new", **{f"{page}.html": text for page, text in MORE.items()}}
    assert found in ({"health.html": "old", "wash.html": "old"}, new)
    assert followed(address, "health") in ("old", "new")
    publish(address, health="last", edition="4")
    assert pages(address) == {"health.html": "last"}
    assert followed(address, "health") == "last"
    assert {text for text in editions(address) if text != "last"} == {found["health.html"]}
    return ended or found["health.html"]


def test_an_upload_that_was_cut_off_after_the_pointer_is_finished_by_a_run_with_nothing_new(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(address, health="first")
    with monkeypatch.context() as patch:
        patch.setattr(Place, "_write_leading_pages", lambda *_: (_ for _ in ()).throw(ConnectionError("gone")))
        with pytest.raises(InputRefused, match="gone"):
            publish(address, health="second", edition="2")
    assert (pages(address)["health.html"], followed(address, "health")) == ("second", "first")
    with uploaded(address):
        pass
    assert followed(address, "health") == "second"


def test_two_runs_at_once_do_not_mix(address: str) -> None:
    publish(address, health="first")
    with pytest.raises(InputRefused, match="meanwhile"), uploaded(address) as room:  # noqa: PT012 - its end
        other = room.parent / "other"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(other))
            publish(address, health="second")
        manifest = Manifest(run="mine", reports=(), audience="public")
        (room / RUN / "run.json").write_text(manifest.text, encoding="utf-8")
    assert pages(address) == {"health.html": "second"}
    assert sorted(editions(address)) == ["first", "second"]


def test_two_runs_on_one_computer_do_not_share_a_folder(address: str) -> None:
    publish(address, health="first")
    with uploaded(address), pytest.raises(RequestError, match="another run writes to"):
        publish(address, health="second")
    assert pages(address) == {"health.html": "first"}


def test_an_edition_that_another_run_removed_is_not_pointed_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(address, health="first")
    system, _ = _file_system(address)
    write = Place._write

    def removed(place: Place, target: str, content: bytes) -> None:
        write(place, target, content)
        if target.endswith("run.json"):
            system.rm_file(target.replace("run.json", "health.html"))

    with monkeypatch.context() as patch:
        patch.setattr(Place, "_write", removed)
        with pytest.raises(InputRefused, match="meanwhile"):
            publish(address, health="second", edition="2")
    assert pages(address) == {"health.html": "first"}


def test_what_the_run_did_not_make_is_removed_and_named(address: str) -> None:
    publish(address, health="first")
    system, root = _file_system(address)
    system.pipe_file(f"{root}/{RUN}/own.html", b"mine")
    warned: list[str] = []
    publish(address, health="second", warned=warned)
    assert pages(address) == {"health.html": "second"}
    assert f"{RUN}/own.html" not in there(address)
    assert [text for text in warned if "own.html is removed" in text] == warned != []


def test_earlier_editions_are_kept_beside_the_last_one(address: str) -> None:
    for edition in ("1", "2", "2", "3", "4"):
        publish(address, health=f"edition {edition}", edition=edition, keep=2)
    assert editions(address) == ["edition 2", "edition 3", "edition 4"]
    publish(address, health="edition 5", edition="5")
    assert editions(address) == ["edition 4", "edition 5"]  # the one before stays, since somebody may be reading it


def test_pages_are_published_as_what_they_are(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    publish(f"{bucket}/{tmp_path.name}", health="first")
    from obstore import get
    from obstore.store import S3Store

    kinds = [
        get(S3Store("bucket"), f"{tmp_path.name}/{name}").attributes["Content-Type"]
        for name in there(f"{bucket}/{tmp_path.name}")
    ]
    assert sorted(kinds) == ["application/json"] * 2 + ["text/html"] * 3


def test_a_file_address_is_a_folder_and_what_is_none_or_cannot_be_reached_is_said(tmp_path: Path) -> None:
    with uploaded(tmp_path.as_uri()) as room:
        assert room == tmp_path
    assert [is_address(text) for text in ("reports", "C:/reports", "../a", "s3://b", "s3:/b")] == [False] * 3 + [
        True
    ] * 2
    with pytest.raises(RequestError, match="no password"), uploaded("sftp://ana:secret@host/x"):
        pass
    with pytest.raises(InputRefused, match="nowhere"), uploaded("nowhere://x"):
        pass


def test_the_command_publishes_in_a_bucket_and_goes_on_from_there(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(find_shipped_folder(BUNDLED_PLAN), tmp_path / "data")
    params = written_params(tmp_path, sectors=["Health"], period={"start": "2021-01", "end": "2021-06"})
    run = ("run", params, "--out", out := f"{bucket}/{tmp_path.name}")
    assert rmrp(*run, "--dry-run") == 0
    assert there(out) == {}
    assert rmrp(*run) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"{out}/small/index.html"
    system, root = _file_system(f"{out}/small")
    edition = json.loads(system.cat_file(f"{root}/latest.json"))["folder"]
    manifest = Manifest.model_validate_json(system.cat_file(f"{root}/{edition}/run.json"))
    of_edition = [path for path in system.find(root) if edition in path]
    assert {path.rpartition("/")[2] for path in of_edition} == {*manifest.files, "run.json"}
    for name, stated in manifest.files.items():
        assert hashlib.sha256(system.cat_file(f"{root}/{edition}/{name}")).hexdigest() == stated.sha256
    pages_there = {name for name in manifest.files if name.endswith(".html")}
    leading = {path.partition(f"{root}/")[2] for path in system.find(root)} - {
        path.partition(f"{root}/")[2] for path in of_edition
    }
    assert leading == {*pages_there, "feed.xml", "latest.json"}
    for page in re.findall(r'<link href="([^"]+)"', system.cat_file(f"{root}/feed.xml").decode()):
        assert page in leading  # a feed's links stay as they are
    shutil.rmtree(tmp_path / "cache")  # another computer
    assert rmrp(*run) == 0
    assert "sheets unchanged: 1\n" in capsys.readouterr().err
    assert rmrp(*run, "--audience", "internal") == 2
