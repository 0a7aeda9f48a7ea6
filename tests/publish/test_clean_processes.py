"""Whatever the notebook of one report changes, the next sheets are those of a run in which nothing was changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from published_run import small_plan, written_params
from ready_process import command
from rmrp_analysis.params import NOTEBOOKS, SHEET_NOTEBOOK, find_shipped_folder, load_run_params
from rmrp_analysis.publish.engine.runners import is_shipped
from rmrp_analysis.publish.engine.workers import CAN_FORK

SPOILS: Sequence[dict[str, str]] = (
    {
        "a module's attribute": "import rmrp_analysis.numbers as n\nn.SIGNIFICANT_DIGITS = 1",
        "a submodule's functions": "import rmrp_analysis.numbers as n\nn.share = n.people = lambda *_, **__: '248%'",
        "a function of the package": "import rmrp_analysis as rmrp\nrmrp.load_plan = rmrp.Page.figures = None",
    },
    {
        "methods of pandas": "import pandas as pd\npd.Series.sum = pd.DataFrame.groupby = lambda *_, **__: 0",
        "options of pandas": "import pandas as pd\npd.options.mode.copy_on_write = pd.options.display.max_rows = 1",
    },
    {
        "signs of Babel": (
            "import babel\nfor name in ('en', 'es', 'pt'):\n    symbols = babel.Locale.parse(name).number_symbols\n"
            "    for system in symbols: symbols[system]['group'] = symbols[system]['decimal'] = '!'"
        ),
        "the locale": "import locale\nlocale.setlocale(locale.LC_ALL, 'C')",
        "the time zone": "import os, time\nos.environ['TZ'] = 'Asia/Tokyo'\ntime.tzset()",
    },
    {
        "the environment": (
            "import os\nos.environ.update(RMRP_LANGUAGE='pt', RMRP_ROUNDING_KEY='x' * 20, MPLBACKEND='agg')"
        ),
        "the folder": "import os\nos.chdir('/')",
        "warnings": "import warnings\nwarnings.simplefilter('error')",
        "logging": "import logging\nlogging.disable()\nlogging.root.handlers.clear()",
    },
    {
        "Matplotlib's settings": "import matplotlib as mpl\nmpl.rcParams.update({'font.size': 99})",
        "Matplotlib's backend": "import matplotlib.pyplot as plt\nplt.switch_backend('pdf')\nplt.figure()",
    },
    {"the path of imports": "import sys\nsys.path.clear()\nsys.meta_path.clear()"},
    {
        "modules": (
            "import sys\nfor name in [*sys.modules]:\n"
            "    if name.startswith(('rmrp_analysis', 'json', 'csv')): sys.modules[name] = None"
        )
    },
    {"builtins": "import builtins\nbuiltins.sorted = lambda items, **_: [*items]\nbuiltins.round = lambda x, *_: x"},
    {
        "the state of NumPy": "import numpy as np\nnp.random.seed(1)\nnp.seterr(all='raise')\nnp.set_printoptions(1)",
        "decimals": "import decimal\ndecimal.getcontext().prec = decimal.DefaultContext.prec = 1",
        "collection of garbage": "import gc\ngc.disable()\ngc.unfreeze()\ngc.set_threshold(1)",
        "the limit of recursion": "import sys\nsys.setrecursionlimit(200)",
    },
    {
        "threads": "import threading, time\nfor _ in range(5): threading.Thread(target=time.sleep, args=[600]).start()",
        "what is done at exit": "import atexit, os\natexit.register(os._exit, 9)",
        "signals": "import signal\nfor each in (signal.SIGTERM, signal.SIGINT): signal.signal(each, signal.SIG_IGN)",
        "the way to start processes": "import multiprocessing\nmultiprocessing.set_start_method('spawn', force=True)",
    },
    {"files that are open": "import os\nos.closerange(3, 1000)"},
    {
        "standard output": "import sys\nsys.stdout = sys.stderr = sys.__stdout__ = None",
        "the mask of files": "import os\nos.umask(0o777)",
        "limits of the process": "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))",
    },
    {
        "JSON and CSV": (
            "import csv, json\njson.dumps = json.dump = lambda *_, **__: '{}'\ncsv.writer = csv.DictWriter = None"
        ),
        "encodings": (
            "import pathlib\nread = pathlib.Path.read_text\n"
            "pathlib.Path.read_text = lambda path, *_, **__: read(path, encoding='cp500')"
        ),
        "the folder of temporary files": "import tempfile\ntempfile.tempdir = '/nowhere'",
    },
    {
        "tables of the plan": (
            "for column in ('new_beneficiaries', 'total_beneficiaries'):\n"
            "    if column in plan_tables.activities: plan_tables.activities.loc[:, column] = 1"
        ),
        "memory of the plan": (
            "import ctypes\nnumbers = plan_tables.activities['new_beneficiaries'].to_numpy()\n"
            "ctypes.memset(numbers.ctypes.data, 0, numbers.nbytes)"
        ),
        "what the plan caches": (
            "for cached in plan_tables.cached_results.values():\n    if hasattr(cached, 'clear'): cached.clear()"
        ),
        "what functions keep": (
            "import gc\nfor each in gc.get_objects():\n    if hasattr(each, 'cache_clear'): each.cache_clear()\n"
            "    elif isinstance(each, dict) and 'number_symbols' in each: each.clear()"
        ),
    },
    {
        "hooks of Python": (
            "import sys\nsys.displayhook = sys.excepthook = None\nsys.setprofile(lambda *_: None)\n"
            "sys.set_int_max_str_digits(640)"
        ),
        "hooks of IPython": (
            "shell = get_ipython()\nshell.events.register('pre_run_cell', lambda *_: 1 / 0)\n"
            "type(shell).run_cell = shell.run_cell = shell.display_formatter.format = None\n"
            "shell.input_transformers_post.append(lambda lines: ['1 / 0'])"
        ),
    },
)
"""What the notebooks of some reports change, by the sector of the report; each name is that of one change."""
LANGUAGES, SPOILT = ["en", "es", "pt"], "es"
"""The languages of the sheets, and that of those whose notebooks change something."""
needs_fork = pytest.mark.skipif(not CAN_FORK, reason="this system has no fork")


CHANGES = [pytest.param(number, id=", ".join(spoils)) for number, spoils in enumerate(SPOILS)]


OBEY = """
import json, os
if os.environ["SPOIL"] == "yes":
    with open({code!r}) as code, open({log!r}, "a", buffering=1) as log:
        for name, change in json.load(code).get(report.id, dict()).items():
            log.write(name + chr(10))
            exec(change, globals())
"""
"""The last cell of the notebook: it does what a file has for its report, and tells so in another file."""


def notebook_that_obeys(folder: Path) -> Path:
    """The package's notebook with one cell more."""
    notebook = nbformat.read(find_shipped_folder(NOTEBOOKS) / SHEET_NOTEBOOK, as_version=4)
    code = OBEY.format(code=str(folder / "code.json"), log=str(folder / "log"))
    notebook.cells.append(new_code_cell(code))
    nbformat.write(nbformat.v4.upgrade(notebook), folder / "own.ipynb")
    return folder / "own.ipynb"


@dataclass
class Runs:
    """Two runs of the same reports, of which the notebooks of one change things; a log of the changes."""

    spoilt: Path
    clean: Path
    log: Path
    ids: list[str]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Two runs by the command at the same time, each with one process for all of its reports."""
    folder = tmp_path_factory.mktemp("spoilt")
    small_plan(folder / "data", rows=400)
    notebook = notebook_that_obeys(folder)
    path = written_params(folder, notebook=str(notebook), languages=LANGUAGES, formats=["html"])
    reports = load_run_params(path).reports()
    spoiling = [report.id for report in reports if report.language == SPOILT]
    (folder / "code.json").write_text(json.dumps(dict(zip(spoiling, SPOILS, strict=True))), encoding="utf-8")
    processes = []
    for spoil in ("yes", "no"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SPOIL", spoil)
            processes.append(command(folder / f"said-{spoil}", "run", path, "--out", folder / spoil, "--jobs", 1))
    for process in processes:
        process.join(300)
    return Runs(folder / "yes" / "small", folder / "no" / "small", folder / "log", [report.id for report in reports])


@needs_fork
@pytest.mark.parametrize("number", CHANGES)
def test_what_a_notebook_changes_changes_no_other_sheet(runs: Runs, number: int) -> None:
    place = number * len(LANGUAGES) + LANGUAGES.index(SPOILT)
    for report in (*runs.ids[place - 1 : place], *runs.ids[place + 1 : place + 3]):
        for suffix in ("html", "json", "csv", "xlsx", "ipynb"):
            spoilt, clean = (folder / f"{report}.{suffix}" for folder in (runs.spoilt, runs.clean))
            assert spoilt.read_bytes() == clean.read_bytes(), spoilt.name


@needs_fork
def test_notebooks_made_each_change_and_the_run_without_them_is_whole(runs: Runs) -> None:
    assert set(runs.log.read_text("utf-8").splitlines()) == {name for spoils in SPOILS for name in spoils}
    reports = json.loads((runs.clean / "run.json").read_text("utf-8"))["reports"]
    assert [report["status"] for report in reports] == ["ok"] * len(runs.ids)
    assert len(runs.ids) == len(SPOILS) * len(LANGUAGES)


# ---- Which notebooks are the package's ----


def notebook_of(folder: Path, *, parameters: str = "", code: str = "", text: str = "") -> Path:
    """The package's notebook with something added to its parameters, to its code, and to its first text."""
    notebook = nbformat.read(find_shipped_folder(NOTEBOOKS) / SHEET_NOTEBOOK, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cells[0].source += f"\n{parameters}"
    cells[1].source += code
    next(cell for cell in notebook.cells if cell.cell_type == "markdown").source += text
    nbformat.write(notebook, folder / "any name.ipynb")
    return folder / "any name.ipynb"


def test_a_notebook_is_the_packages_by_its_code_whatever_its_name_texts_and_parameters(tmp_path: Path) -> None:
    assert all(is_shipped(path) for path in find_shipped_folder(NOTEBOOKS).glob("*.ipynb"))
    assert is_shipped(notebook_of(tmp_path, text=" More.", parameters="sector = 'Health'\nrepairs = ['x']"))


@pytest.mark.parametrize(
    "added",
    [{"code": "\nx = 1"}, {"parameters": "import os"}, {"parameters": "x = print()"}, {"parameters": "a.b = 1"}],
)
def test_a_notebook_with_other_code_is_not_the_packages(added: dict[str, str], tmp_path: Path) -> None:
    assert not is_shipped(notebook_of(tmp_path, **added))
    (tmp_path / "no.ipynb").write_text("no notebook", encoding="utf-8")
    assert not is_shipped(tmp_path / "no.ipynb")
