"""A run published at an address is there whole or not at all, as it is in a folder."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import free_port
from published_run import rmrp, written_params
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.files import is_address
from rmrp_analysis.params import BUNDLED_PLAN, shipped_folder
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.publish.records.publication import described, files_in
from rmrp_analysis.publish.run.remote import _file_system, _Place, folder_at

pytest.importorskip("fsspec", reason="fsspec is not installed")
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
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        with pytest.MonkeyPatch.context() as patch:
            access = {
                "ACCESS_KEY_ID": "KEY",
                "SECRET_ACCESS_KEY": "SECRET",
                "REGION": "us-east-1",
                "ALLOW_HTTP": "true",
            }
            for name, text in {**access, "ENDPOINT": f"http://127.0.0.1:{port}"}.items():
                patch.setenv(f"AWS_{name}", text)
            yield "s3://bucket"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(params=["memory", "s3"])
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address for the runs of one test, in the memory of this process or on an S3 server."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = request.getfixturevalue("bucket") if request.param == "s3" else "memory://office"
    return f"{root}/{tmp_path.name}"


def publish(address: str, *, warned: list[str] | None = None, edition: str = "", keep: int = 0, **texts: str) -> None:
    with folder_at(address, RUN, (warned if warned is not None else []).append, keep) as (room, _):
        folder = room / RUN
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, text in texts.items():
            (folder / f"{name}.html").write_text(text, encoding="utf-8")
        files = {name: described(path) for name, path in files_in(folder).items()}
        manifest = Manifest(run=RUN, edition=edition, ended=f"2026-07-0{edition or 1}", reports=(), files=files)
        (folder / "run.json").write_text(manifest.text, encoding="utf-8")


def there(address: str) -> dict[str, str]:
    system, root = _file_system(address)
    system.invalidate_cache()
    files = system.find(root) if system.exists(root) else []
    return {path.partition(f"{root}/")[2]: system.cat_file(path).decode() for path in files}


def pages(address: str) -> dict[str, str]:
    """The pages of the run at an address; it has a ``run.json``."""
    files = there(address)
    assert f"{RUN}/run.json" in files
    return {name: text for name, text in files.items() if name.endswith(".html")}


def test_a_run_is_published_and_replaced_and_read_from_there_on_another_computer(address: str, tmp_path: Path) -> None:
    publish(address, health="first", wash="first")
    assert pages(address) == {"small/health.html": "first", "small/wash.html": "first"}
    publish(address, health="second", index="second")
    assert pages(address) == {"small/health.html": "second", "small/index.html": "second"}
    assert [name for name in there(address) if ".work" in name] == []
    shutil.rmtree(tmp_path / "cache")
    with folder_at(address, RUN, print) as (room, _):
        assert (room / RUN / "health.html").read_text("utf-8") == "second"
        assert (Manifest.read(room / RUN / "run.json") or Manifest()).run == RUN


def test_a_file_that_somebody_changed_is_brought_as_it_is_not(address: str) -> None:
    publish(address, health="first", wash="first")
    system, root = _file_system(address)
    system.pipe_file(f"{root}/{RUN}/health.html", b"another text")
    with folder_at(address, RUN, print) as (room, _):
        assert not (room / RUN / "health.html").exists()
    publish(address, health="first", wash="first", index="x")
    assert pages(address)["small/health.html"] == "first"


def test_a_run_that_fails_or_an_address_of_something_else_leaves_what_is_there(address: str) -> None:
    publish(address, health="first")
    before = there(address)
    with pytest.raises(OSError, match="full"), folder_at(address, RUN, print) as (room, _):  # noqa: PT012 - of its whole block
        (room / RUN / "health.html").write_text("second", encoding="utf-8")
        raise OSError("full")
    assert there(address) == before
    system, root = _file_system(other := f"{address}/other")
    system.pipe_file(f"{root}/{RUN}/own.html", b"mine")
    with pytest.raises(RequestError, match=r"holds own\.html and no run\.json"):
        publish(other, health="first")
    assert there(other) == {"small/own.html": "mine"}


@pytest.mark.parametrize("files_uploaded", range(3))
def test_an_upload_that_is_cut_off_leaves_what_is_there(
    address: str, files_uploaded: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(address, health="first", wash="first")
    whole, done = _Place._upload, []

    def cut_off(place: _Place, path: Path, target: str) -> None:
        if len(done) == files_uploaded:
            raise ConnectionError("gone")
        done.append(path)
        whole(place, path, target)

    with monkeypatch.context() as patch:
        patch.setattr(_Place, "_upload", cut_off)
        with pytest.raises(InputRefused, match="gone"):
            publish(address, health="second", wash="second")
    assert {name: text for name, text in pages(address).items() if ".work" not in name} == {
        "small/health.html": "first",
        "small/wash.html": "first",
    }
    publish(address, health="third")
    assert pages(address) == {"small/health.html": "third"}


@pytest.mark.parametrize("moved", range(4))
def test_a_step_that_is_cut_off_is_finished_by_the_next(
    address: str, moved: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(address, health="first", wash="first")
    system, _ = _file_system(address)
    move, done = type(system).mv, []

    def cut_off(*arguments: str) -> None:
        if len(done) == moved:
            raise ConnectionError("gone")
        done.append(arguments)
        move(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(type(system), "mv", cut_off)
        if moved < 3:  # two files and run.json
            with pytest.raises(InputRefused, match="gone"):
                publish(address, health="second", wash="second")
            assert f"{RUN}/run.json" not in there(address)
        else:
            publish(address, health="second", wash="second")
    with folder_at(address, RUN, print) as (room, _):
        assert (room / RUN / "wash.html").read_text("utf-8") == "second"
    assert pages(address) == {"small/health.html": "second", "small/wash.html": "second"}


def test_two_runs_at_once_do_not_mix(address: str) -> None:
    publish(address, health="first")
    with pytest.raises(InputRefused, match="meanwhile"), folder_at(address, RUN, print) as (room, _):  # noqa: PT012 - its end
        other = room.parent / "other"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(other))
            publish(address, health="second")
        manifest = Manifest(run="mine", reports=(), audience="public")
        (room / RUN / "run.json").write_text(manifest.text, encoding="utf-8")
    assert pages(address) == {"small/health.html": "second"}


def test_what_the_run_did_not_make_is_removed_and_named(address: str) -> None:
    publish(address, health="first")
    system, root = _file_system(address)
    system.pipe_file(f"{root}/{RUN}/own.html", b"mine")
    warned: list[str] = []
    publish(address, health="second", warned=warned)
    assert pages(address) == {"small/health.html": "second"}
    assert [text for text in warned if "own.html is removed" in text] == warned != []


def test_earlier_editions_are_kept_beside_the_run(address: str) -> None:
    for edition in ("1", "2", "2", "3", "4"):
        publish(address, health=f"edition {edition}", edition=edition, keep=2)
    assert pages(address) == {
        "small/health.html": "edition 4",
        "small.earlier/20260702-2/health.html": "edition 2",
        "small.earlier/20260703-3/health.html": "edition 3",
    }
    publish(address, health="edition 5", edition="5")
    assert len(pages(address)) == 3


def test_pages_are_published_as_what_they_are(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    publish(f"{bucket}/{tmp_path.name}", health="first")
    from obstore import get
    from obstore.store import S3Store

    page = get(S3Store("bucket"), f"{tmp_path.name}/{RUN}/health.html")
    assert page.attributes["Content-Type"] == "text/html"


def test_a_file_address_is_a_folder_and_what_is_none_or_cannot_be_reached_is_said(tmp_path: Path) -> None:
    with folder_at(tmp_path.as_uri(), RUN, print) as (room, _):
        assert room == tmp_path
    assert [is_address(text) for text in ("reports", "C:/reports", "../a", "s3://b", "s3:/b")] == [False] * 3 + [
        True
    ] * 2
    with pytest.raises(RequestError, match="no password"), folder_at("sftp://ana:secret@host/x", RUN, print):
        pass
    with pytest.raises(InputRefused, match="nowhere"), folder_at("nowhere://x", RUN, print):
        pass


def test_the_command_publishes_in_a_bucket_and_goes_on_from_there(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(shipped_folder(BUNDLED_PLAN), tmp_path / "data")
    params = written_params(tmp_path, sectors=["Health"], period={"start": "2021-01", "end": "2021-06"})
    run = ("run", params, "--out", out := f"{bucket}/{tmp_path.name}")
    assert rmrp(*run, "--dry-run") == 0
    assert there(out) == {}
    assert rmrp(*run) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"{out}/small/index.html"
    system, root = _file_system(f"{out}/small")
    manifest = Manifest.model_validate_json(system.cat_file(f"{root}/run.json"))
    assert {path.rpartition("/")[2] for path in system.find(root)} == {*manifest.files, "run.json"}
    for name, stated in manifest.files.items():
        assert hashlib.sha256(system.cat_file(f"{root}/{name}")).hexdigest() == stated.sha256
    shutil.rmtree(tmp_path / "cache")  # another computer
    assert rmrp(*run) == 0
    assert "unchanged: 1 of 1 reports" in capsys.readouterr().err
    assert rmrp(*run, "--audience", "internal") == 2
