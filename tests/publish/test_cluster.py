"""Reports made by the workers of a Dask cluster: the same bytes, and a worker that dies costs time alone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from nbformat.v4 import new_code_cell

from rmrp_analysis.commands.sample import write_sample
from rmrp_analysis.errors import RequestError
from rmrp_analysis.publish.engine import cluster
from rmrp_analysis.publish.engine.cluster import check_address, files_of
from rmrp_analysis.publish.engine.remote_paths import as_here, placed, settle
from rmrp_analysis.publish.engine.workers import CAN_FORK

pytest.importorskip("distributed")
needs_fork = pytest.mark.skipif(not CAN_FORK, reason="this system has no fork")
ROOT = Path(__file__).parents[2]
RMRP = "from rmrp_analysis.commands.cli import main; main()"
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
WITH_TIMES = ("run.json", "ro-crate-metadata.json", "feed.xml")


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


def add_cell(notebook: Path, code: str) -> None:
    """Put a cell into a notebook, after its parameters."""
    content = json.loads(notebook.read_text("utf-8"))
    content["cells"].insert(4, new_code_cell(code, id=f"added-{len(content['cells'])}"))
    notebook.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="module")
def address(cluster_process: "subprocess.Popen[str]") -> str:
    """The address of the cluster."""
    assert cluster_process.stdout is not None
    return cluster_process.stdout.readline().strip()


@pytest.fixture(scope="module")
def cluster_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.Popen[str]"]:
    """A cluster with two workers, in which a task may lose its worker once."""
    folder = tmp_path_factory.mktemp("cluster")
    script = folder / "cluster.py"
    script.write_text(TWO_WORKERS, encoding="utf-8")
    settings = {"ALLOWED_FAILURES": "1", "WORKER_SATURATION": "1.0"}
    names = {f"DASK_DISTRIBUTED__SCHEDULER__{name}": setting for name, setting in settings.items()}
    with subprocess.Popen(
        [sys.executable, script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=os.environ | names,
    ) as process:
        yield process
        assert servers_in(psutil.Process(process.pid).children(recursive=True)) == []
        process.communicate()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the user who runs the command."""
    return tmp_path_factory.mktemp("home")


def servers_in(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those of some processes in which reports are made."""
    found = []
    for each in processes:
        with suppress(psutil.Error):  # it has just ended
            found += [each] * all("spawn_main" in " ".join(of.cmdline()) for of in (each, each.parent()))
    return found


def still_there(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those of some processes that have not ended within ten seconds."""
    left = list(processes)
    for _ in range(50):
        left = [each for each in left if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
        if not left:
            break
        time.sleep(0.2)
    return left


def command(home: Path, *options: str, code: str = RMRP) -> dict[str, Any]:
    """What starts the command on some sheets of the project, by a user with a home."""
    environment = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    args = [sys.executable, "-c", code, "run", "params/2021-end-of-year.yml", *options]
    return {"args": args, "env": environment, "text": True}


def run(project: Path, home: Path, *options: str, code: str = RMRP) -> "subprocess.CompletedProcess[str]":
    """What the command did."""
    return subprocess.run(**command(home, *options, code=code), cwd=project, capture_output=True, check=False)


def files_in(folder: Path) -> dict[str, bytes]:
    """The files of a run but for its accounts, which tell when it was."""
    run = next(folder.iterdir())
    return {path.name: path.read_bytes() for path in run.iterdir() if path.name not in WITH_TIMES}


@needs_fork
def test_a_cluster_makes_the_same_bytes_and_leaves_nothing_behind(
    project: Path, home: Path, address: str, tmp_path: Path
) -> None:
    asked = ("--only", "WASH", "--audience", "internal")
    ways = {"here": ("--jobs", "2"), "apart": ("--cluster", "local:2"), "there": ("--cluster", address)}
    for out, options in ways.items():
        done = run(project, home, *asked, "--out", str(tmp_path / out), *options)
        assert (done.returncode, "distributed" in done.stderr) == (0, False), done.stderr
    here, *others = (files_in(tmp_path / out) for out in ways)
    assert {"wash.en.internal.pdf", "wash.en.internal.ipynb", "wash.en.internal.xlsx", "data_quality.html"} <= set(here)
    for there in others:
        assert {name for name in here | there if here.get(name) != there.get(name)} == set()
    assert "rmrp-2021 notebooks beside.py found a text x.csv" in here["wash.en.internal.ipynb"].decode()
    assert {path.name for path in home.iterdir()} <= {"cache", ".config"}
    assert not list(project.rglob("dask*"))


@needs_fork
def test_a_worker_that_is_killed_costs_time_and_one_report_at_most(
    project: Path, home: Path, address: str, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(project, other)
    add_cell(other / "notebooks" / "sector_key_figures.ipynb", DIE.format(mark=str(tmp_path / "mark")))
    asked = ("--only", "WASH", "Health", "Shelter", "--out", str(tmp_path / "out"), "--cluster", address)
    done = run(other, home, *asked)
    reports = json.loads((tmp_path / "out" / "2021-end-of-year" / "run.json").read_text("utf-8"))["reports"]
    assert {report["id"]: report["status"] for report in reports} == {
        "health.en": "ok",
        "shelter.en": "failed",
        "wash.en": "ok",
    }, done.stderr
    assert "ended early" in next(report["error"] for report in reports if report["status"] == "failed")
    assert done.returncode == 1


@needs_fork
def test_a_run_that_is_stopped_ends_its_servers_without_a_word_of_the_cluster(
    project: Path, home: Path, address: str, cluster_process: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    started = command(home, "--only", "WASH", "--out", str(tmp_path / "out"), "--cluster", address)
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with subprocess.Popen(**started, **pipes, cwd=project, start_new_session=True) as process:
        servers: list[psutil.Process] = []
        while process.poll() is None and not servers:
            time.sleep(0.2)
            servers = servers_in(psutil.Process(cluster_process.pid).children(recursive=True))
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
        _, said = process.communicate()
    assert process.returncode == 130, said
    assert said.splitlines()[-1].startswith("rmrp: stopped; reports made: 0")
    assert "Traceback" not in said
    assert still_there(servers) == []


@needs_fork
def test_a_worker_with_other_code_is_refused(project: Path, home: Path, address: str, tmp_path: Path) -> None:
    code = f"from rmrp_analysis import provenance; provenance.package_digest = lambda: 'other'; {RMRP}"
    done = run(project, home, "--out", str(tmp_path / "out"), "--cluster", address, code=code)
    assert done.returncode == 2
    assert "would not make the same sheets as this computer, since it differs in: rmrp-analysis;" in done.stderr
    assert not list((tmp_path / "out").glob("*/*"))


@pytest.mark.parametrize("address", ["local:0", "local:x", "local", "host:8786", "tcp://host", "tcp://host:port"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(
        RequestError, match=r"write the address of a Dask scheduler, such as tcp://host:8786, or local:N"
    ):
        check_address(address)


def test_an_address_at_which_nobody_answers_is_refused() -> None:
    with pytest.raises(RequestError, match=r"tcp://127.0.0.1:1: no Dask scheduler answers there"):
        check_address("tcp://127.0.0.1:1")


def test_without_dask_the_command_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    with pytest.raises(RequestError, match=r'pip install "rmrp-analysis\[cluster\]"'):
        check_address("tcp://host:8786")


def test_the_folders_that_travel_go_without_data_and_hidden_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.ipynb", "modules/b.py", "data/rows.csv", ".git/x", "__pycache__/b.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text", encoding="utf-8")
    there = files_of([tmp_path, tmp_path / "modules"], without=tmp_path / "data")
    assert there == {tmp_path / "a.ipynb": b"text", tmp_path / "modules" / "b.py": b"text"}
    monkeypatch.setattr(cluster, "MOST_BYTES", 7)
    with pytest.raises(RequestError, match="put the notebook and what it needs into a folder of their own"):
        files_of([tmp_path], without=tmp_path / "data")


def test_a_path_on_another_computer_is_told_as_it_is_here(tmp_path: Path) -> None:
    root = str(tmp_path)
    here = Path.cwd() / "data" / "x.csv"
    assert placed(here) == here
    assert placed(here, root).is_relative_to(root)
    settle(root)
    assert as_here(f"read {placed(here)}") == f"read {here}"
    settle("")
