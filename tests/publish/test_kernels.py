"""Kernels start warm and clean, talk in private, and end with the run."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.params import QualityParams
from rmrp_analysis.publish import kernels
from rmrp_analysis.publish.kernels import warm_kernels
from rmrp_analysis.publish.report import ReportLimits, executed_notebook
from rmrp_analysis.sample import write_sample

Kernels = type[kernels.RunKernelManager]
PARAMS = QualityParams.model_validate(
    {
        "title": "a title",
        "plan": 2021,
        "period": {"start": "2021-01", "end": "2021-12"},
        "data": "data",
        "language": "en",
        "method": {},
    }
)
NO_LIMITS = ReportLimits()
needs_fork = pytest.mark.skipif(not kernels.CAN_FORK, reason="this system has no fork")


@pytest.fixture(scope="module")
def plan_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small plan."""
    folder = tmp_path_factory.mktemp("plan")
    write_sample(folder, rows=10, seed=1)
    return folder


@pytest.fixture(scope="module")
def warm(plan_folder: Path) -> Iterator[Kernels]:
    """Kernels that have the small plan read."""
    with warm_kernels(plan_folder) as managers:
        yield managers


def last_value(managers: Kernels, folder: Path, *cells: str, limits: ReportLimits = NO_LIMITS) -> Any:
    """What the last of these cells shows, run in a kernel of their own."""
    notebook = folder / "cells.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), notebook)
    executed = executed_notebook(PARAMS, notebook, managers, limits)
    (output,) = executed.cells[-1].outputs
    return eval(output["data"]["text/plain"])  # noqa: S307 - our own cells


def runs(pid: int) -> bool:
    """Whether a process runs: one that waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ended(pid: int) -> bool:
    """Whether a process ends within ten seconds."""
    for _ in range(100):
        if not runs(pid):
            return True
        time.sleep(0.1)
    return False


def test_a_kernel_starts_where_its_notebook_lies(warm: Kernels, tmp_path: Path) -> None:
    assert last_value(warm, tmp_path, "import os", "os.getcwd()") == str(tmp_path)


@needs_fork
def test_a_kernel_has_the_libraries_imported_and_the_tables_read(
    warm: Kernels, plan_folder: Path, tmp_path: Path
) -> None:
    imported = "import sys\n[name in sys.modules for name in ('pandas', 'matplotlib', 'rmrp_analysis.page')]"
    assert last_value(warm, tmp_path, imported) == [True, True, True]
    load = f"load_plan({str(plan_folder)!r})"
    same = f"from rmrp_analysis.loaders import load_plan\n{load} is {load}"
    assert last_value(warm, tmp_path, same) is True


def test_a_kernel_knows_nothing_of_another_report(warm: Kernels, tmp_path: Path) -> None:
    last_value(warm, tmp_path, "import builtins, os\nsector = 'Health'\nbuiltins.leak = os.environ['LEAK'] = 'x'", "1")
    left = "import builtins, os\n['sector' in globals(), hasattr(builtins, 'leak'), 'LEAK' in os.environ]"
    assert last_value(warm, tmp_path, left) == [False, False, False]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such sockets")
def test_kernels_are_reached_over_sockets_in_a_folder_of_our_own(warm: Kernels) -> None:
    first, second = warm(), warm()
    folder = Path(first.ip).parent
    assert (first.transport, folder == Path(second.ip).parent, first.ip != second.ip) == ("ipc", True, True)
    assert folder.stat().st_mode & 0o077 == 0


@needs_fork
def test_a_kernel_ends_with_its_notebook_and_whatever_it_started_with_it(warm: Kernels, tmp_path: Path) -> None:
    start = "import os, subprocess\nstarted = subprocess.Popen(['sleep', '600'])"
    pids = last_value(warm, tmp_path, start, "[os.getpid(), started.pid]")
    assert [ended(pid) for pid in pids] == [True, True]


@needs_fork
def test_a_kernel_that_ended_leaves_no_zombie(warm: Kernels, tmp_path: Path) -> None:
    pid = last_value(warm, tmp_path, "import os", "os.getpid()")
    assert ended(pid)
    assert not Path(f"/proc/{pid}").exists()


@needs_fork
def test_a_kernel_dies_with_the_run(plan_folder: Path, tmp_path: Path) -> None:
    with warm_kernels(plan_folder) as managers:
        manager = managers()
        asyncio.run(manager.start_kernel())
        pid = manager.provisioner.pid
        assert runs(pid)
    assert ended(pid)
    asyncio.run(manager.cleanup_resources())


@pytest.mark.parametrize("death", ["os._exit(1)", "os.kill(os.getpid(), 9)"])
def test_a_kernel_that_dies_is_reported(death: str, warm: Kernels, tmp_path: Path) -> None:
    with pytest.raises(ReportFailed, match="ended early, two times"):
        last_value(warm, tmp_path, f"import os\n{death}")


def test_a_kernel_that_dies_is_tried_once_more(warm: Kernels, tmp_path: Path) -> None:
    dies_once = f"import os, pathlib\nmark = pathlib.Path({str(tmp_path / 'mark')!r})\nmark.exists() or "
    assert last_value(warm, tmp_path, f"{dies_once}(mark.touch(), os._exit(1))", "5") == 5


def test_a_report_that_takes_too_long_fails_in_words(warm: Kernels, tmp_path: Path) -> None:
    with pytest.raises(ReportFailed, match="took longer than 2 seconds"):
        last_value(warm, tmp_path, "import time", "time.sleep(60)", limits=ReportLimits(seconds=2))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process")
def test_a_report_that_needs_too_much_memory_meets_its_limit(plan_folder: Path, tmp_path: Path) -> None:
    with warm_kernels(plan_folder, memory=2048) as managers:
        eats = "try:\n    bytearray(4 * 2**30)\nexcept MemoryError:\n    met = True"
        assert last_value(managers, tmp_path, eats, "met") is True


@needs_fork
def test_kernels_start_in_the_ordinary_way_when_the_warm_process_has_ended(plan_folder: Path, tmp_path: Path) -> None:
    with warm_kernels(plan_folder) as managers:
        os.kill(last_value(managers, tmp_path, "import os", "os.getppid()"), signal.SIGKILL)
        assert last_value(managers, tmp_path, "2") == 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it takes a second")
def test_kernels_end_with_the_warm_process(plan_folder: Path, tmp_path: Path) -> None:
    with warm_kernels(plan_folder) as managers:
        warm_parent = last_value(managers, tmp_path, "import os", "os.getppid()")
        manager = managers()
        asyncio.run(manager.start_kernel())
        pid = manager.provisioner.pid
        os.kill(warm_parent, signal.SIGKILL)
        assert ended(pid)
        asyncio.run(manager.cleanup_resources())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such sockets")
def test_a_long_path_for_temporary_files_is_not_used_for_sockets(
    plan_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_path = tmp_path / ("x" * 100)
    long_path.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long_path))
    with warm_kernels(plan_folder) as managers:
        assert last_value(managers, tmp_path, "3") == 3


def test_folders_of_runs_that_were_killed_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(kernels, "LONGEST_PLACE", 1000)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (f"rmrp-{dead.pid}-x", f"rmrp-{os.getpid()}-x", "rmrp-other"):
        (tmp_path / name).mkdir()
    with kernels.scratch_folder() as folder:
        left = {path.name for path in tmp_path.iterdir()} - {folder.name}
    assert left == {f"rmrp-{os.getpid()}-x", "rmrp-other"}
    assert not folder.exists()


def test_a_file_that_is_no_notebook_fails_its_report_in_words(warm: Kernels, tmp_path: Path) -> None:
    notebook = tmp_path / "x.ipynb"
    notebook.write_text("no notebook", encoding="utf-8")
    with pytest.raises(ReportFailed, match="could not be read or started"):
        executed_notebook(PARAMS, notebook, warm)


def test_where_there_is_no_fork_kernels_start_in_the_ordinary_way(
    plan_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "CAN_FORK", False)
    with warm_kernels(plan_folder) as managers:
        assert last_value(managers, tmp_path, "1 + 1") == 2
