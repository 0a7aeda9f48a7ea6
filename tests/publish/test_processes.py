"""Notebooks run in processes of their own: clean, within limits, and the same whatever engine runs them."""

import gc
import os
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from matplotlib.figure import Figure
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from papermill.engines import papermill_engines
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from published_run import SHIPPED, files_of, written_params
from ready_process import still_there
from rmrp_analysis.commands.sample.write import write_sample
from rmrp_analysis.errors import InputRefused, ReportFailed
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.params import NOTEBOOKS_FOLDER, QualityParams, find_shipped_folder, load_run_params
from rmrp_analysis.plan import keep_plan, kept_plan
from rmrp_analysis.publish.engine import runners, workers
from rmrp_analysis.publish.engine.cluster import open_cluster
from rmrp_analysis.publish.engine.execution import explain_missing_result, run_notebook
from rmrp_analysis.publish.engine.privacy import find_visible_paths
from rmrp_analysis.publish.engine.runners import Batch, Runner, run_in_forks, run_in_processes, uses_seaborn
from rmrp_analysis.publish.engine.workers import CAN_FORK, USUAL_LIMITS, Limits, TaskFailed, run_tasks_in_forks
from rmrp_analysis.publish.run import parallel_preparation
from rmrp_analysis.publish.run.batch import render
from rmrp_analysis.publish.run.preparation import prepare_run
from rmrp_analysis.publish.run.report import Rendering, make_report, warm_up
from rmrp_analysis.vocabulary import REGION

needs_fork = pytest.mark.skipif(not CAN_FORK, reason="this system has no fork")
PARAMS = QualityParams.model_validate(
    {
        "title": "a title", "plan": 2021, "period": {"start": "2021-01", "end": "2021-12"}, "data": "data",
        "language": "en", "method": {},
    }
)  # fmt: skip
SHOWN = [
    "a = 1\nprint('x')\nimport os\nprint('y')", "a", "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    "figure, axes = plt.subplots()\naxes.plot([1, 3])\naxes",
    "import sys\nprint('e', file=sys.stderr)\ndisplay({'a': 1})\n5", "handle = display('before', display_id=True)",
    "handle.update('after')", "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('here')",
    "import pandas as pd\npd.DataFrame({'a': [1, None]})", "await __import__('asyncio').sleep(0)\n_",
    "In[3], Out[3], _3", "%matplotlib inline\n!echo said by a program",
    "class Own:\n    def _repr_mimebundle_(self, **_):\n        return {'text/plain': 'own', 'image/png': b'1'}\nOwn()",
    "None", "", "rmrp_analysis = __import__('rmrp_analysis'); rmrp_analysis.__name__",
    "__name__, '' in sys.path, __builtins__.__name__, __doc__", "1 / 0",
]  # fmt: skip


def written(path: Path, cells: Sequence[str]) -> Path:
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    return path


def in_forks_of_a_clean_process(work: Batch) -> list[tuple[Any, Any]]:
    """Work done by forks, which a process such as pytest, with threads of its own, must not have."""
    with ProcessPoolExecutor(1, mp_context=get_context("forkserver")) as pool:  # a copy of the ready process
        return pool.submit(done_here, work, kept_plan(work.data)).result()


def done_here(work: Batch, plan: Any) -> list[tuple[Any, Any]]:
    keep_plan(work.data, plan)
    return list(run_in_forks(work))


def run_all(
    cells: Mapping[str, Sequence[str]],
    folder: Path,
    data: Path,
    way: Runner = run_in_processes,
    limits: Limits = USUAL_LIMITS,
) -> dict[str, Any]:
    """Notebooks of these cells executed in a folder, one after the other; what ended early as ``TaskFailed``."""
    notebooks = {written(folder / f"{name}.ipynb", each): name for name, each in cells.items()}
    work = Batch(
        partial(run_notebook, PARAMS), list(notebooks), data, limits, uses_seaborn=any(map(uses_seaborn, notebooks))
    )
    return {notebooks[notebook]: made for notebook, made in way(work)}


def last(executed: NotebookNode) -> Any:
    (output,) = executed.cells[-1].outputs
    return eval(output["data"]["text/plain"])  # noqa: S307 - our own cells


@pytest.fixture(scope="module")
def plan_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small plan, which this process keeps."""
    folder = tmp_path_factory.mktemp("plan")
    write_sample(folder, rows=10, seed=1)
    plan = load_plan(folder)
    plan.select("Health").key_figures()  # as the data of a run are counted
    keep_plan(folder, plan)
    return folder


@pytest.fixture(scope="module", params=[pytest.param(in_forks_of_a_clean_process, marks=needs_fork), run_in_processes])
def runs(
    request: pytest.FixtureRequest, plan_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, NotebookNode]:
    """Notebooks that ran one after the other in forks of one process, or in one process, by name."""
    folder = tmp_path_factory.mktemp("notebooks")
    (folder / "beside.py").write_text("WORD = 'found'\n", encoding="utf-8")
    load = f"from rmrp_analysis.loaders import load_plan\nplan = load_plan({str(plan_folder)!r})"
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    spoil = (
        "plan.activities['sector'] = None\nplan.activities.loc[:, 'new_beneficiaries'] = -1\nplan.references.clear()\n"
        "plan.select('Health').key_figures().rows.loc[:, 'value'] = 0\nplt.figure()\nplt.switch_backend('agg')"
    )
    content = (
        "bool(plan.activities['sector'].notna().any()), float(plan.activities['new_beneficiaries'].sum()), "
        "len(plan.references), plan.select('Health').key_figures().value('people_reached')"
    )
    leave = [
        "import builtins, os, random, warnings, pandas, matplotlib\nimport numpy as np",
        "sector, builtins.leak, os.environ['LEAK'] = 'Health', 1, 'x'",
        "os.chdir('/')\nmatplotlib.rcParams['figure.dpi'] = 7\npandas.set_option('display.max_rows', 3)",
        "random.seed(1)\nnp.random.seed(1)\nwarnings.simplefilter('error')\npandas.leak = 1",
    ]
    traces = (
        "import builtins, os, random, warnings, pandas, matplotlib\nimport numpy as np\n"
        "['sector' in globals(), hasattr(builtins, 'leak'), 'LEAK' in os.environ, os.getcwd() == '/', "
        "matplotlib.rcParams['figure.dpi'] == 7, pandas.get_option('display.max_rows') == 3, hasattr(pandas, 'leak'), "
        "random.random() == random.Random(1).random(), np.random.rand() == np.random.RandomState(1).rand(), "
        "('error', None, Warning, None, 0) in warnings.filters, len(In) > 3]"
    )
    cells = {
        "leave": leave,
        "traces": [traces],
        "place": ["import os, beside", "os.getcwd(), beside.WORD"],
        "libraries": ["import sys\n['pandas' in sys.modules, 'seaborn' in sys.modules]"],
        "plan": [load, f"plan is load_plan({str(plan_folder)!r})"],
        "home": ["from IPython import get_ipython\nimport os\nget_ipython().history_manager.enabled"],
        "started": [
            "import os, subprocess\nstarted = subprocess.Popen(['sleep', '600'])",
            "[os.getpid(), started.pid]",
        ],
        "random": (random := ["import random\nimport numpy as np\nrandom.random(), float(np.random.rand())"]),
        "random again": random,
        "question": ["try:\n    input('?')\nexcept Exception as problem:\n    said = type(problem).__name__", "said"],
        "fails": ["1 / 0", "2"],
        "before it is spoiled": [load, draw, content],
        "spoils": [load, draw, spoil],
        "after it was spoiled": [load, draw, content],
        "shown": SHOWN,
        "shown again": SHOWN,
    }
    return run_all(cells, folder, plan_folder, request.param)


def test_a_notebook_leaves_no_trace_and_shows_its_pictures_whatever_came_before(runs: dict[str, NotebookNode]) -> None:
    assert all(not cell.outputs for cell in runs["leave"].cells)
    assert last(runs["traces"]) == [False] * 11
    before, after = (runs[f"{when} spoiled"].cells[2].outputs for when in ("before it is", "after it was"))
    assert before == after != []
    one, other = last(runs["random"]), last(runs["random again"])
    assert (one[0] != other[0], one[1] != other[1]) == (True, True)


def test_a_notebook_runs_where_it_lies_without_history_or_answers(runs: dict[str, NotebookNode]) -> None:
    folder, word = last(runs["place"])
    assert (Path(folder).name.startswith("notebooks"), word) == (True, "found")
    assert last(runs["home"]) is False
    assert last(runs["question"]) == "StdinNotImplementedError"


@needs_fork
def test_a_notebook_has_the_libraries_imported_and_the_plan_as_it_was_read(runs: dict[str, NotebookNode]) -> None:
    assert last(runs["libraries"]) == [True, True]
    assert last(runs["plan"]) is True
    has_sectors, *_ = last(runs["before it is spoiled"])
    assert has_sectors
    assert last(runs["after it was spoiled"]) == last(runs["before it is spoiled"])


def test_matplotlib_is_imported_beforehand_and_the_engine_alone_before_papermill() -> None:
    shipped = find_shipped_folder(NOTEBOOKS_FOLDER)
    names = {path.stem: uses_seaborn(path) for path in shipped.glob("*.ipynb")}
    assert names == {"data_quality": False, "explore": True, "sector_in_depth": True, "sector_key_figures": False}
    said = subprocess.run([sys.executable, "-c", IN_EVERY_ORDER], capture_output=True, text=True, check=False)
    assert (said.stdout, said.stderr) == (4 * "RmrpEngine\n", "")


def test_a_cell_that_fails_ends_its_notebook_and_a_notebook_what_it_started(runs: dict[str, NotebookNode]) -> None:
    assert [ended(pid) for pid in last(runs["started"])] == [True, True]
    *_, first, second = runs["fails"].cells
    assert (first.outputs[0].ename, first.metadata.papermill.exception, second.outputs) == (
        "ZeroDivisionError",
        True,
        [],
    )


def ended(pid: int) -> bool:
    """Whether a process ends, however busy the machine is."""
    return not still_there([process for process in psutil.process_iter() if process.pid == pid])


@pytest.fixture(scope="module")
def of_a_kernel(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    """The notebook that shows a lot, after papermill's ordinary engine ran it in a kernel."""
    notebook = load_notebook_node(str(written(tmp_path_factory.mktemp("kernel") / "shown.ipynb", SHOWN)))
    source = parameterize_notebook(notebook, PARAMS.model_dump(mode="json"), kernel_name="python3", language="python")
    options = ["--ext=rmrp_analysis.theme.inline", "--HistoryManager.enabled=False"]
    return papermill_engines.execute_notebook_with_engine(
        "nbclient", source, kernel_name="python3", progress_bar=False, extra_arguments=options
    )


def test_both_engines_leave_the_same_notebook(runs: dict[str, NotebookNode], of_a_kernel: NotebookNode) -> None:
    ours, theirs = runs["shown again"], of_a_kernel
    assert ours.metadata.language_info == theirs.metadata.language_info
    for our_cell, their_cell in zip(ours.cells, theirs.cells, strict=True):
        assert without_breaks(our_cell.get("outputs", [])) == without_breaks(their_cell.get("outputs", []))
        assert our_cell.get("execution_count") == their_cell.get("execution_count")
        mine, other = our_cell.metadata.papermill, their_cell.metadata.papermill
        assert (set(mine), mine.status, mine.exception) == (set(other), other.status, other.exception)


def without_breaks(outputs: list[NotebookNode]) -> list[dict[str, Any]]:
    """Outputs with the text of a stream in one piece: a kernel sends it in as many as it likes."""
    joined: list[dict[str, Any]] = []
    for output in outputs:
        before = joined[-1] if joined else {}
        if output["output_type"] == "stream" and before.get("name") == output["name"]:
            before["text"] += output["text"]
        else:
            joined.append(dict(output))
        if output["output_type"] == "error":  # a kernel colours less of the line
            joined[-1]["traceback"] = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in output["traceback"]]
    return joined


IN_EVERY_ORDER = """
import importlib, sys
ours, theirs = "rmrp_analysis.publish.engine.papermill_engine", "papermill"
for order in ([ours], [ours, theirs], [theirs, ours], [theirs]):
    for name in order:
        importlib.import_module(name)
    from papermill.engines import papermill_engines
    print(papermill_engines.get_engine("rmrp").__name__)
    for name in [name for name in sys.modules if name.startswith(("papermill", "rmrp_analysis"))]:
        del sys.modules[name]
"""


@needs_fork
def test_papermill_knows_the_engine(tmp_path: Path) -> None:
    notebook = written(tmp_path / "in.ipynb", ["import os\nos.getpid()", "1 + 1"])
    papermill = str(Path(sys.executable).with_name("papermill"))
    command = [papermill, str(notebook), str(tmp_path / "out.ipynb"), "--engine", "rmrp", "-k", "python3"]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "HOME": str(tmp_path)})
    assert last(nbformat.read(tmp_path / "out.ipynb", as_version=4)) == 2
    assert not (tmp_path / ".ipython").exists()


def test_what_is_no_notebook_fails_in_words(tmp_path: Path) -> None:
    notebook = tmp_path / "x.ipynb"
    notebook.write_text("no notebook", encoding="utf-8")
    with pytest.raises(ReportFailed, match="could not be read or started"):
        run_notebook(PARAMS, notebook)


@pytest.mark.usefixtures("papermill_here")
def test_what_a_notebook_computed_is_dropped_before_its_page_is_set(plan_folder: Path, tmp_path: Path) -> None:
    cell = f"from rmrp_analysis.loaders import load_plan\nplan = load_plan({str(plan_folder)!r})\nlen(plan.rows)"
    executed = run_notebook(PARAMS, written(tmp_path / "x.ipynb", [cell]))
    plan = kept_plan(plan_folder)
    assert last(executed) == len(plan.activities)  # type: ignore[union-attr]
    assert "rows" not in vars(plan)


def test_one_that_fails_hangs_or_dies_takes_no_other_with_it(plan_folder: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    cells = {
        "good": ["import os\nos.getpid()"],
        "hangs": [
            "import subprocess, time",
            f"s = subprocess.Popen(['sleep', '600'])\nopen({str(mark)!r}, 'w').write(str(s.pid))\ntime.sleep(600)",
        ],
        "dies": ["import os\nos._exit(1)"],
        "fails": ["1 / 0"],
        "starts a thread": [
            "import threading, time, os\nthreading.Thread(target=time.sleep, args=[600]).start()\nos.getpid()"
        ],
        "also good": ["import os\nos.getpid()"],
    }
    made = run_all(cells, tmp_path, plan_folder, limits=Limits(seconds=10))
    assert (made["hangs"], made["dies"]) == (TaskFailed(too_long=True), TaskFailed())
    assert ended(int(mark.read_text()))
    assert made["fails"].cells[-1].outputs[0].ename == "ZeroDivisionError"
    processes = [last(made[name]) for name in ("good", "starts a thread", "also good")]
    assert len(set(processes)) == 3
    assert all(map(ended, processes))


@pytest.mark.parametrize(("is_shipped", "processes"), [(True, 1), (False, 2)])
def test_where_no_process_can_fork_a_notebook_of_ones_own_has_one_to_itself(
    is_shipped: bool, processes: int, tmp_path: Path
) -> None:
    notebooks = [written(tmp_path / f"{name}.ipynb", ["import os\nos.getpid()"]) for name in ("one", "two")]
    work = Batch(partial(run_notebook, PARAMS), [], tmp_path, USUAL_LIMITS, is_shipped=is_shipped)
    start = partial(workers.Worker, "forkserver", serve_without_forks, work)
    made = [last(result) for _, result in workers.run_tasks(notebooks, start, jobs=1, limits=USUAL_LIMITS)]
    assert (len(made), len(set(made))) == (2, processes)
    assert all(map(ended, made))


def serve_without_forks(connection: Connection, work: Batch) -> None:
    runners.CAN_FORK = False
    runners._serve_batch(work, None, connection, "")


def test_a_script_that_guards_nothing_is_not_run_again_by_the_processes_that_it_starts(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import pickle, time\nfrom rmrp_analysis.publish.engine.workers import start_worker\nprint('once')\n"
        "worker = start_worker(pickle.dumps(pickle.loads))\nworker.connection.close()\nworker._process.join()\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, "bootstrapping" in done.stderr) == ("once\n", False)


def double(number: int) -> int:
    return 2 * number


def results(tasks: Sequence[Any], work: Any, *, jobs: int = 2, limits: Limits = Limits()) -> dict[Any, Any]:  # noqa: B008
    return dict(run_tasks_in_forks(tasks, work, jobs=jobs, limits=limits))


def own_children() -> list[psutil.Process]:
    """The processes that this one started, but for those that multiprocessing keeps to the end."""
    kept = ("resource_tracker", "forkserver")
    return [each for each in psutil.Process().children() if not any(name in str(each.cmdline()) for name in kept)]


def open_files() -> set[tuple[str, str]]:
    """Number and name of each file, pipe and socket that this process holds."""
    listed = list(Path("/proc/self/fd").iterdir())
    return {(each.name, str(each.readlink())) for each in listed if each.is_symlink()}


@pytest.fixture
def _leaves_nothing() -> Iterator[None]:
    """What earlier tests left open may be closed meanwhile; nothing else is open afterwards."""
    before = open_files()
    yield
    assert open_files() <= before
    assert own_children() == []


@needs_fork
@pytest.mark.usefixtures("_leaves_nothing")
def test_every_task_has_its_result_whatever_its_size_and_no_process_and_no_file_is_left() -> None:
    assert results(range(20), double, jobs=3) == {number: 2 * number for number in range(20)}
    assert results([3_000_000], partial(bytes)) == {3_000_000: bytes(3_000_000)}


def die(mark: Path) -> str:
    """Die the first time, unless there is no first time."""
    if mark.name == "always" or not mark.exists():
        mark.touch()
        os._exit(1)
    return "done"


@needs_fork
def test_a_task_whose_process_dies_is_begun_once_more(tmp_path: Path) -> None:
    once, always = tmp_path / "once", tmp_path / "always"
    assert results([once, always], die) == {once: "done", always: TaskFailed()}
    assert "ended early, two times" in str(explain_missing_result(TaskFailed(), Limits()))


@needs_fork
def test_a_task_that_raises_has_no_result_and_the_others_have() -> None:
    assert results([1, "x"], partial(divmod, 7)) == {1: (7, 0), "x": TaskFailed()}


@needs_fork
def test_a_task_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    assert results([mark], sleep_with_another, limits=Limits(seconds=2)) == {mark: TaskFailed(too_long=True)}
    assert all(ended(int(pid)) for pid in mark.read_text().split())


@needs_fork
def test_a_process_that_sends_a_part_of_a_message_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "MAX_MESSAGE_PAUSE_SECONDS", 1)
    assert results([tmp_path], send_a_part, limits=Limits(seconds=300)) == {tmp_path: TaskFailed()}


def send_a_part(_: Path) -> None:
    for number in range(3, 100):
        with suppress(OSError):
            os.write(number, struct.pack("!i", 1000))
    time.sleep(600)


def sleep_with_another(mark: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as other:  # noqa: S607
        mark.write_text(f"{os.getpid()} {other.pid}")


@needs_fork
def test_a_task_meets_its_limit_of_memory() -> None:
    assert results([2**33], eat, limits=Limits(memory=2048)) == {2**33: "met"}


def eat(size: int) -> str:
    try:
        bytearray(size)
    except MemoryError:
        return "met"
    return "not met"


@needs_fork
def test_files_that_are_unmapped_are_read_again_where_they_are_needed() -> None:
    program = (
        "import numpy, psutil\n"
        "from rmrp_analysis.publish.engine.workers import unmap_files\n"
        "before = psutil.Process().memory_info().shared\n"
        "unmap_files()\n"
        "print(before / psutil.Process().memory_info().shared > 2, int(numpy.arange(4).sum()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "6"]


@needs_fork
@pytest.mark.usefixtures("_leaves_nothing")
def test_no_process_and_no_file_is_left_when_the_work_is_given_up() -> None:
    work: Iterator[Any] = run_tasks_in_forks([0, 600, 600], time_asleep, jobs=3, limits=Limits())
    next(work)
    work.close()  # type: ignore[attr-defined]


def time_asleep(seconds: int) -> int:
    time.sleep(seconds)
    return seconds


@needs_fork
@pytest.mark.parametrize("when", ["before a message", "within a message"])
def test_data_are_read_once_more_where_the_process_that_reads_them_is_killed(when: str, tmp_path: Path) -> None:
    write_sample(tmp_path / "data", rows=10, seed=1)
    path = written_params(tmp_path, sectors=["Health"])
    with ProcessPoolExecutor(1, mp_context=get_context("forkserver")) as pool:
        assert pool.submit(run_with_kills, path, when, kills=1).result(timeout=120) == ["health.en"]
        with pytest.raises(
            InputRefused, match="was ended from outside, two times; perhaps the computer has too little"
        ):
            pool.submit(run_with_kills, path, when, kills=2).result(timeout=120)


def run_with_kills(path: Path, when: str, kills: int) -> list[str]:
    """The reports of a run for which the process that reads is killed so many times."""
    send, begun = parallel_preparation._send_steps, iter(range(10))

    def be_killed(connection: Connection, steps: Any) -> None:
        if place < kills:
            os.write(connection.fileno(), struct.pack("!i", 1000) + b"x" if when == "within a message" else b"")
            os.kill(os.getpid(), signal.SIGKILL)
        send(connection, steps)

    def prepare(*arguments: Any, **options: Any) -> Any:
        nonlocal place
        place = next(begun)
        return prepare_beside_fork(*arguments, **options)

    place, prepare_beside_fork = 0, parallel_preparation._prepare_beside_fork
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel_preparation, "_send_steps", be_killed)
        patch.setattr(parallel_preparation, "_prepare_beside_fork", prepare)
        run = parallel_preparation.prepare_run_in_parallel(path, load_run_params(path))
        return [report.id for report in run.reports]


@needs_fork
def test_a_fork_of_a_warm_process_sets_a_sheet_and_draws_it_without_matplotlib_and_seaborn() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("forkserver")) as pool:
        assert pool.submit(sheets_of_a_warm_process).result(timeout=120) == [("Health", (b"%PDF-", 0, False))]


def sheets_of_a_warm_process() -> list[tuple[str, Any]]:
    warm_up()
    return list(run_tasks_in_forks(["Health"], what_is_made, jobs=1, limits=USUAL_LIMITS))


def what_is_made(sector: str) -> tuple[Any, int, bool]:
    """How a sheet's PDF begins, how many figures Matplotlib drew for it, and whether seaborn was imported."""
    run = load_run_params(SHIPPED)
    made = make_report(
        run.report(sector, REGION), Rendering(run.notebook, ("pdf",), find_visible_paths(run, run.notebook.parent))
    )
    figures = [each for each in gc.get_objects() if isinstance(each, Figure)]
    return made.contents["pdf"][:5], len(figures), "seaborn" in sys.modules


@needs_fork
def test_a_report_is_the_same_bytes_whatever_process_makes_it(tmp_path: Path) -> None:
    write_sample(tmp_path / "data", rows=300, seed=3)
    path = written_params(tmp_path, sectors=["Health", "Education", "Intersector", "Nutrition"])
    with open_cluster("local:2") as runner:  # processes of this computer, without Dask
        render(prepare_run(path, load_run_params(path)), tmp_path / "one", runner=runner)
    command = [sys.executable, "-m", "rmrp_analysis", "run", str(path), "--out", str(tmp_path / "forks")]
    subprocess.run(command, check=True, capture_output=True)
    one, forks = (files_of(tmp_path / name / "small") for name in ("one", "forks"))
    assert len(one) == 4 * 6 + 4  # beside the sheets: index, figures, places, data package
    assert {name for name in one | forks if one.get(name) != forks.get(name)} == set()
