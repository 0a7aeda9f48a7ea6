"""Reports made by the workers of a Dask cluster: the same bytes, and a worker that dies costs time alone."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from notebook_page import add_cell
from published_run import files_of, rmrp
from ready_process import below, command, still_there
from rmrp_analysis.commands.sample.write import write_sample
from rmrp_analysis.errors import RequestError
from rmrp_analysis.publish.engine import cluster
from rmrp_analysis.publish.engine.cluster import check_address, read_files
from rmrp_analysis.publish.engine.remote_paths import remove_root, resolve_path, set_root
from rmrp_analysis.publish.engine.workers import CAN_FORK

pytest.importorskip("distributed")
from rmrp_analysis.publish.engine.cluster_worker import describe_computer

needs_fork = pytest.mark.skipif(not CAN_FORK, reason="this system has no fork")
ROOT = Path(__file__).parents[2]
TWO_WORKERS = """
if __name__ == "__main__":
    import sys
    from distributed import LocalCluster
    with LocalCluster(2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""
TELL = """
import os, warnings, beside
from pathlib import Path
print(report.data, os.getcwd(), beside.__file__, beside.WORD, Path("notes/text.txt").read_text(), Path.home() / "x.csv")
warnings.warn(report.narratives)
"""
DIE = """
import os
from pathlib import Path
mark = Path({mark!r})
if report.sector == "Shelter" or report.sector == "Health" and not mark.exists():
    mark.touch()
    os.kill(os.getppid(), 9)
    import time
    time.sleep(600)
"""
RUN = "2021-end-of-year"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose notebook tells where it runs, and needs what lies beside it."""
    folder = tmp_path_factory.mktemp("people") / "a project"
    for name in ("notebooks", "params"):
        shutil.copytree(ROOT / name, folder / name)
    write_sample(folder / "data" / "rmrp-2021", rows=600, seed=3)
    notebooks = folder / "notebooks"
    (notebooks / "notes").mkdir()
    (notebooks / "notes" / "text.txt").write_text("a text", encoding="utf-8")
    (notebooks / "beside.py").write_text("WORD = 'found'\n", encoding="utf-8")
    add_cell(notebooks / "sector_key_figures.ipynb", TELL)
    return folder


@pytest.fixture(scope="module")
def address(cluster_process: "subprocess.Popen[str]") -> str:
    return cluster_process.stdout.readline().strip()


@pytest.fixture(scope="module")
def cluster_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.Popen[str]"]:
    """A cluster with two workers, in which a task may lose its worker once."""
    folder = tmp_path_factory.mktemp("cluster")
    script = folder / "cluster.py"
    script.write_text(TWO_WORKERS, encoding="utf-8")
    # Dask gives its processes titles where it can, and then nobody sees which were spawned
    (folder / "setproctitle.py").write_text("raise ImportError", encoding="utf-8")
    settings = {"ALLOWED_FAILURES": "1", "WORKER_SATURATION": "1.0"}
    names = {f"DASK_DISTRIBUTED__SCHEDULER__{name}": setting for name, setting in settings.items()}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, script], **pipes, cwd=folder, env=os.environ | names) as process:
        yield process
        assert servers_left(process.pid) == []
        process.communicate()


def servers_left(cluster: int) -> list[psutil.Process]:
    """The servers of a cluster that do not end, with those that begin while others end."""
    while (servers := servers_in(below(cluster))) and not still_there(servers):
        pass
    return servers


def servers_in(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those of some processes in which reports are made."""
    servers = []
    for process in processes:
        with suppress(psutil.Error):  # it has just ended
            parent = process.parent()
            if parent and all("spawn_main" in " ".join(each.cmdline()) for each in (process, parent)):
                servers.append(process)
    return servers


@needs_fork
def test_a_cluster_makes_the_same_bytes_and_leaves_nothing_behind(
    project: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("run", "params/2021-end-of-year.yml", "--only", "WASH", "--audience", "internal", "--out")
    (home := tmp_path / "home").mkdir()
    monkeypatch.chdir(project)
    assert rmrp(*asked, tmp_path / "here") == 0
    done = subprocess.run(
        [sys.executable, "-m", "rmrp_analysis", *asked, tmp_path / "there", "--cluster", address],
        env=os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "distributed" in done.stderr) == (0, False), done.stderr
    here, there = (files_of(tmp_path / name / RUN) for name in ("here", "there"))
    assert {"wash.en.internal.pdf", "wash.en.internal.ipynb", "wash.en.internal.xlsx", "data_quality.html"} <= set(here)
    assert {name for name in here | there if here.get(name) != there.get(name)} == set()
    assert "rmrp-2021 notebooks beside.py found a text x.csv" in here["wash.en.internal.ipynb"].decode()
    assert {path.name for path in home.iterdir()} <= {"cache", ".config"}
    assert not list(project.rglob("dask*"))


@needs_fork
def test_a_worker_that_is_killed_costs_time_and_one_report_at_most(project: Path, address: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(project, other)
    add_cell(other / "notebooks" / "sector_key_figures.ipynb", DIE.format(mark=str(tmp_path / "mark")))
    asked = ("--only", "WASH", "Health", "Shelter", "--out", tmp_path / "out", "--cluster", address)
    process = command(tmp_path / "messages", "run", "params/2021-end-of-year.yml", *asked, folder=other)
    process.join(300)
    reports = json.loads((tmp_path / "out" / RUN / "run.json").read_text("utf-8"))["reports"]
    statuses = {report["id"]: report["status"] for report in reports}
    assert statuses == {"health.en": "ok", "shelter.en": "failed", "wash.en": "ok"}
    assert "ended early" in next(report["error"] for report in reports if report["status"] == "failed")
    assert process.exitcode == 1


@needs_fork
def test_a_run_that_is_stopped_ends_its_servers_without_a_word_of_the_cluster(
    project: Path, address: str, cluster_process: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    assert servers_left(cluster_process.pid) == []  # those of a run before end a moment after it
    messages, asked = tmp_path / "messages", ("--only", "WASH", "--out", tmp_path / "out", "--cluster", address)
    process = command(messages, "run", "params/2021-end-of-year.yml", *asked, folder=project)
    servers: list[psutil.Process] = []
    while process.is_alive() and not servers:
        process.join(0.2)
        servers = servers_in(below(cluster_process.pid))
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
    process.join(60)
    said = messages.read_text("utf-8")
    assert process.exitcode == 130, said
    assert said.splitlines()[-1].startswith("rmrp: stopped; reports made: 0")
    assert "Traceback" not in said
    assert still_there(servers) == []


class OtherWorkers:
    """The client of a cluster whose worker has other code than this computer."""

    def wait_for_workers(self, *_: object, **__: object) -> None:
        """There is one."""

    def run(self, describe: Callable[[], dict[str, str]]) -> dict[str, dict[str, str]]:
        return {"tcp://host:1": describe() | {"rmrp-analysis": "other"}}


def test_other_code_nobody_at_the_address_and_no_dask_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        RequestError,
        match="tcp://host:1 would not make the same sheets as this computer, since it differs in: rmrp-analysis;",
    ):
        cluster._check_workers(OtherWorkers(), "tcp://host:8786", describe_computer)
    with pytest.raises(RequestError, match=r"tcp://127.0.0.1:1: no Dask scheduler answers there"):
        check_address("tcp://127.0.0.1:1")
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    with pytest.raises(RequestError, match="pip install distributed"):
        check_address("tcp://host:8786")


@pytest.mark.parametrize("address", ["local:0", "local:x", "local", "host:8786", "tcp://host", "tcp://host:port"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    advice = r"write the address of a Dask scheduler, such as tcp://host:8786, or local:N"
    with pytest.raises(RequestError, match=advice):
        check_address(address)


def test_folders_travel_without_data_and_hidden_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.ipynb", "modules/b.py", "data/rows.csv", ".git/x", "__pycache__/b.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text", encoding="utf-8")
    there = read_files([tmp_path, tmp_path / "modules"], excluded=tmp_path / "data")
    assert there == {tmp_path / "a.ipynb": b"text", tmp_path / "modules" / "b.py": b"text"}
    monkeypatch.setattr(cluster, "MAX_FOLDER_BYTES", 7)
    with pytest.raises(RequestError, match="put the notebook and what it needs into a folder of their own"):
        read_files([tmp_path], excluded=tmp_path / "data")


def test_a_path_on_another_computer_is_told_as_it_is_here(tmp_path: Path) -> None:
    root = str(tmp_path)
    here = Path.cwd() / "data" / "x.csv"
    assert resolve_path(here) == here
    assert resolve_path(here, root).is_relative_to(root)
    set_root(root)
    assert remove_root(f"read {resolve_path(here)}") == f"read {here}"
    set_root("")
