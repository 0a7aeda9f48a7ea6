"""What many tests need: small valid tables, plans and sheets, and the folder of real data where there is one."""

import gc
import math
import os
import pickle
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import papermill
import pytest
from fetching import Fetching, Serve
from hypothesis import settings
from json_server import json_servers
from nbformat import NotebookNode
from pypdf import PdfReader
from seaborn.utils import relative_luminance
from syrupy.assertion import SnapshotAssertion

from approved import ApprovedLines
from published_run import Published, publish, rmrp
from ready_process import copied_processes
from rmrp_analysis import extensions
from rmrp_analysis.arguments import Period
from rmrp_analysis.commands import terminal
from rmrp_analysis.figures import (
    BREAKDOWNS,
    FIGURES,
    PART_BY_DERIVED_FIGURE,
    TABLE_COLUMNS,
    WHOLE_BY_DERIVED_FIGURE,
    KeyFigures,
    Silence,
    figure_definition,
)
from rmrp_analysis.files import lock_of
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.loaders.table import FAULT_COLUMNS
from rmrp_analysis.messages import set_language
from rmrp_analysis.method import Method
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.params import BUNDLED_PLAN, find_shipped_folder
from rmrp_analysis.plan import Plan, Selection, keep_plan, list_compared_sheets
from rmrp_analysis.publish.engine import fast_start, runners, workers
from rmrp_analysis.publish.engine.shell import leave_notebook
from rmrp_analysis.sources import Source
from rmrp_analysis.tables import FundingFlows, FundingTotals, JoinedActivities, PlacedPlanning, Planning
from rmrp_analysis.vocabulary import plan_year
from rmrp_analysis.words import Translator

settings.register_profile("suite", deadline=None, max_examples=25, database=None, derandomize=True)
settings.load_profile("suite")

os.environ["RMRP_LANGUAGE"] = "en"
gc.set_threshold(fast_start.OBJECTS_BETWEEN_GC_RUNS, 20, 100)  # as in the command; the plans are no garbage

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WHOLE = {"bundled", "real", "shared_data", "published", "site", "browser", "serve", "papermill_here"}
"""Fixtures of whole plans, runs, browsers and servers: ``--fast`` leaves out the tests that ask for one."""
Build = Callable[..., Any]
Answer = Callable[..., tuple[int, str]]
YEAR = Period(start="2021-01", end="2021-12")
MANY = 500
"""Tests of which some surely load the bundled plan."""
ACTIVITY = {
    "source_file": "activities.csv",
    "appealing_organisation": "IOM",
    "implementation_setup": "No",
    "implementing_partner": "",
    "month": "2021-01",
    "sector": "Health",
    "indicator": "# of people who received health care",
    "rmrp_activity": "Yes",
    "country": "COL",
    "indicator_code": "RE-HLTH01",
    "indicator_type": "people in need",
    "plan_year": 2021,
    "rows": 1,
    "people_not_known": 0.0,
}
FUNDING_SOURCE = "OCHA FTS"
FLOW_LISTS = [name.removeprefix("source_") for name in FundingFlows.columns if name.startswith("source_")][
    2:
]  # after source_file and source_line
FLOW_TEXTS = dict.fromkeys(("date", "flow_type", "contribution_type", "boundary", "on_boundary"), "")
ALWAYS_STATED = (
    *("people_in_need", "target", "people_reached", "target_coverage", "need_coverage"),
    *("funding_usd", "funding_coverage", "activities", "reporting_partners", "implementing_partners"),
    *("requirement_usd", "unmet_usd", "donors", "funded_organisations"),
    *("people_to_reach", "reporting_completeness", "months_reported"),
)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed modules, empty so far."""
    folder = tmp_path / "installed"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="leave out whole plans, processes, browsers and servers")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the slow tests out for the one who edits: by what they ask for, or by their module's mark *slow*."""
    if config.option.fast:
        slow = [
            item for item in items if item.get_closest_marker("slow") or WHOLE & {*getattr(item, "fixturenames", ())}
        ]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in {*slow}]


def pytest_configure() -> None:
    """Begin as the command does, which looks for garbage more seldom: a sixth of the time of small plans."""
    fast_start.begin_imports()
    fast_start.begin_tables()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has tests in the background ignore it


def scripts_of(html: str) -> list[str]:
    """The content of every script of a page, in whatever way its element is written."""
    scripts = re.findall(r"<\s*script[^>]*>(.*?)</\s*script\s*>", html, re.DOTALL | re.IGNORECASE)
    assert len(scripts) == len(re.findall(r"<\s*script", html, re.IGNORECASE))
    return scripts


def contrast(*colours: str | Sequence[float]) -> float:
    """How much lighter one of two colours is than the other, by WCAG 2: ``rgb(19, 42, 62)`` or three shares."""
    lights = [
        relative_luminance([int(part) / 255 for part in re.findall(r"\d+", each)[:3]] if "(" in each else each) + 0.05
        for each in colours
    ]
    return float(max(lights) / min(lights))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(command: Sequence[object], says: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a server, and wait until it says on its standard error that it serves; it ends with the block."""
    with subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True, **options) as server:
        assert server.stderr
        limit, rest = threading.Timer(120, server.kill), threading.Thread(target=server.stderr.read)
        limit.start()
        assert any(says in line for line in server.stderr)
        limit.cancel()
        rest.start()  # else the pipe would be full, and the server would wait
        try:
            yield server
        finally:
            server.terminate()
            rest.join()


def structure(pdf: bytes, kind: str | None = None) -> list[Any]:
    """The elements of a PDF's structure, of this kind or of all."""

    def below(element: Any) -> Iterator[Any]:
        element = element.get_object()
        if isinstance(element, dict):
            yield element
            kids = element.get("/K", [])
            for kid in kids if isinstance(kids, list) else [kids]:
                yield from below(kid) if not isinstance(kid, int) else ()

    root = PdfReader(BytesIO(pdf)).trailer["/Root"]["/StructTreeRoot"]
    return [element for element in below(root) if "/S" in element and kind in (None, element["/S"])]


def categorical(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its texts as Categoricals, as loaders give it."""
    return table.astype(dict.fromkeys(table.select_dtypes(["str", "string", "object"]).columns, "category"))


def drawn(seed: int, rows: int, **cells: Sequence[Any]) -> dict[str, list[Any]]:
    """Columns of so many rows, each cell drawn from those that are named for it; a seed always draws the same."""
    chance = np.random.default_rng(seed)
    return {name: [some[at] for at in chance.integers(0, len(some), rows)] for name, some in cells.items()}


def as_printed(figures: KeyFigures, language: str = "en", **more: Any) -> SheetFormatter:
    """A sheet with the words that it is printed in."""
    return SheetFormatter(figures, Translator(language), **more)


def sheet_of(
    plan: Plan, sector: str, *, platform: str = "region", period: Period | None = None, method: Method | None = None
) -> KeyFigures:
    """A sheet with exact figures, by default of the plan's whole year."""
    return plan.select(sector, place=platform, period=period, method=method).key_figures()


def count_at_once(selections: Sequence[Selection]) -> None:
    """Count the figures of many sheets of a plan at once, as a run does: one by one takes much longer."""
    selected = [sheet for selection in selections for sheet in selection.sheets.selected]
    sheets = [each for sheet in selected for each in list_compared_sheets(*sheet)]
    selections[0].plan.rows_of_sheets(sheets, period=selections[0].period, method=selections[0].method)


@pytest.fixture(scope="session")
def bundled() -> Plan:
    """The bundled plan, read once for all tests and commands of this process; a few tests read it anew."""
    keep_plan(folder := find_shipped_folder(BUNDLED_PLAN), load_plan(folder))
    return load_plan(folder)


@pytest.fixture(scope="session", autouse=True)
def _bundled_plan_read_once(request: pytest.FixtureRequest) -> None:
    if len(request.session.items) > MANY:
        request.getfixturevalue("bundled")


@pytest.fixture(scope="session")
def real(shared_data: Path) -> Plan:
    """The real reports of January to May 2021, read once."""
    keep_plan(folder := shared_data / "r4v-2021", load_plan(folder))
    return load_plan(folder)


@pytest.fixture(scope="session", autouse=True)
def _no_forks_of_pytest() -> Iterator[None]:
    """Has commands that are called within pytest, which may have threads, run notebooks in processes of their own."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as cache:
        patch.setenv("XDG_CACHE_HOME", cache)
        patch.setattr(runners, "COMMAND_RUNNER", runners.run_in_processes)
        patch.setattr(workers, "CAN_FORK", False)
        with copied_processes() if sys.platform == "linux" else nullcontext():
            yield


@pytest.fixture(scope="session", name="activities")
def _activities() -> Build:
    return activities


@pytest.fixture(scope="session", name="plan")
def _plan() -> Build:
    return plan


@pytest.fixture(scope="session", name="sheet")
def _sheet() -> Build:
    return sheet


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A small project with its published run, made once. Do not change it: ``copy`` it."""
    return publish(tmp_path_factory.mktemp("published") / "project")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the documentation site, built once for all processes of the tests, without a word.

    Its pages show the steps of their reader without results: a test of its own follows them.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "site"
    shared.mkdir(exist_ok=True)
    folder, is_built = shared / "html", shared / "built"
    while not is_built.exists():
        with lock_of(shared) as is_first:
            if is_first and not is_built.exists():
                options = ("-W", "--keep-going", "-q", "-d", shared / "doctrees", "-D", "follow_steps=0")
                command = (sys.executable, "-m", "sphinx", *options, Path(__file__).parents[1] / "docs", folder)
                ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
                assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
                is_built.touch()
        time.sleep(0.5)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def plain_page(browser: Any) -> Iterator[Any]:
    """A page whose scripts do not run."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def as_in_a_new_process() -> Iterator[None]:
    """The language in which a command spoke, and what it found installed, end with the test."""
    yield
    set_language()
    extensions._entry_points.cache_clear()


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Answers a command with its exit code and its messages; their language ends with the test."""
    monkeypatch.setattr(terminal, "log", terminal.Log())
    return lambda *arguments: (rmrp(*arguments), capsys.readouterr().err)


@pytest.fixture
def papermill_here() -> Iterator[Callable[..., NotebookNode]]:
    """Has papermill run a notebook by the engine ``rmrp`` in this process, whose shell ends with the test."""
    main = sys.modules["__main__"]  # which the shell replaces by its namespace
    yield partial(papermill.execute_notebook, engine_name="rmrp", progress_bar=False)
    leave_notebook()
    sys.modules["__main__"] = main


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server with these answers; it ends with the test."""
    with json_servers() as start:
        yield start


@pytest.fixture
def fetching(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Fetching]:
    """Fetches what is named from a server without waiting, into a folder that there is not yet."""
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)
    return lambda server, *what: Fetching(server, tmp_path / "out", capsys, what)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, which is not part of the project."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("RMRP_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip("needs the shared data folder")
    return folder


def activities(**columns: Any) -> pd.DataFrame:
    """Valid activities, one keyword a column: a list, or one content for all rows; the rest has defaults."""
    lengths = {len(cells) for cells in columns.values() if isinstance(cells, list)} or {1}
    (rows,) = lengths
    row_cells = {
        "source_line": list(range(2, 2 + rows)),
        "place_name": columns.get("admin1", ""),
        **ACTIVITY,
        **columns,
    }
    contents = {
        name: row_cells.get(name, None if column.kind == "number" else "")
        for name, column in JoinedActivities.columns.items()
    }
    return JoinedActivities.set_types(pd.DataFrame(contents, index=range(rows)))


def planning(*rows: tuple[str, str, str, str, float], source: str = "R4V") -> pd.DataFrame:
    """Valid planning rows from tuples ``(sector, scope, population_group, measure, value)``."""
    columns = ["sector", "scope", "population_group", "measure", "value"]
    table = pd.DataFrame(rows, columns=columns).assign(source_file="planning.csv", source=source, admin1="", pcode="")
    return Planning.set_types(table.assign(source_line=range(2, 2 + len(rows))))


def planned_places(*rows: tuple[str, str, str, str, str, float], source: str = "R4V") -> pd.DataFrame:
    """Valid planning rows of admin1: ``(sector, country, name, population_group, measure, value)``."""
    columns = ["sector", "scope", "admin1", "population_group", "measure", "value"]
    table = pd.DataFrame(rows, columns=columns).assign(source_file="planning.csv", source=source, pcode="")
    lines = {"source_line": range(2, 2 + len(rows)), "place": table["admin1"], "place_name": table["admin1"]}
    return PlacedPlanning.set_types(table.assign(**lines))


def flow(amount_usd: float, **columns: Any) -> dict[str, Any]:
    """A flow of money into plan 1021; a keyword names the content of a column."""
    sides = {f"{side}_{what}": () for side in ("source", "destination") for what in FLOW_LISTS}
    into_plan = {"destination_plans": ("1021",)}
    return {"status": "paid", **FLOW_TEXTS, **sides, **into_plan, **columns, "amount_usd": float(amount_usd)}


def flows(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """The valid table of flows; they get the ids f1, f2 … in the order given."""
    numbered = [
        {"source_file": "flows.json", "source_line": line, "flow_id": f"f{line}", **row}
        for line, row in enumerate(rows, start=1)
    ]
    return FundingFlows.set_types(pd.DataFrame(numbered, columns=list(FundingFlows.columns)))


def plan(*tables: pd.DataFrame | None, **options: Any) -> Plan:
    """A plan of 2021 from activities, planning rows, and flows or funding by sector; Shelter alone has money."""
    return _plan_of(pickle.dumps((tables, options)))


@lru_cache(maxsize=60)  # what was counted of a plan is known where another test has the same one
def _plan_of(content: bytes) -> Plan:
    tables, options = pickle.loads(content)  # noqa: S301 - our own
    return _new_plan(*tables, **options)


USUAL: Mapping[str, Build] = {
    "activities": activities,
    "planning": planning,
    "planned_places": planned_places,
    "flows": lambda: flows(flow(1, destination_sectors=("Shelter",))),
}
"""What a small plan holds where a test says nothing of it."""


def _new_plan(
    activities: pd.DataFrame | None = None,
    planning: pd.DataFrame | None = None,
    flows: pd.DataFrame | None = None,
    funding_by_sector: Mapping[str, float] | None = None,
    *,
    illustrative: bool = False,
    year: int = 2021,
    references: Mapping[str, pd.DataFrame] | None = None,
    planned_places: pd.DataFrame | None = None,
) -> Plan:
    made_up = Source(file="x.csv", producer="R4V", as_of="2021-12-31", illustrative=illustrative)
    funding = Source(file="y.csv", producer=FUNDING_SOURCE, as_of="2021-12-31")
    return Plan(
        title="a small plan",
        year=plan_year(year),
        activities=categorical(USUAL["activities"]() if activities is None else activities),
        planning=USUAL["planning"]() if planning is None else planning,
        funding_flows=None if funding_by_sector is not None else USUAL["flows"]() if flows is None else flows,
        funding_totals=None if funding_by_sector is None else _funding_by_sector(funding_by_sector),
        proportions={},
        joins=(),
        sources={"activities": made_up, "funding": funding},
        inputs=(),
        faults=pd.DataFrame(columns=[*FAULT_COLUMNS, "input"]),
        refused={},
        references=references or {},
        planned_places=USUAL["planned_places"]() if planned_places is None else planned_places,
    )


def _funding_by_sector(funding_usd: Mapping[str, float]) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "source_file": "fts.csv", "source_line": range(2, 2 + len(funding_usd)), "plan_id": "1021", "plan_name": "",
            "plan_year": "2021", "grouped_by": "sector", "part": list(funding_usd), "fts_id": "", "fts_name": "",
            "requirement_usd": None, "original_requirement_usd": None, "funding_usd": list(funding_usd.values()),
            "pledges_usd": 0,
        }
    )  # fmt: skip
    return FundingTotals.set_types(table)


def sheet(
    breakdowns: Mapping[str, Mapping[str, float | None]] | None = None,
    *,
    method: Method | None = None,
    sector: str = "Health",
    reasons: Mapping[str, str] | None = None,
    **figures: float | None,
) -> KeyFigures:
    """A sheet that states the figures given by name, with breakdowns ``{name: {key: value}}``."""
    stated: dict[str, float | None] = {**dict.fromkeys(ALWAYS_STATED), **figures}
    stated.setdefault("partners_last_month", stated["reporting_partners"])
    facts = {
        "report": "health",
        "sector": sector,
        "place": "region",
        "dimension": "",
        "part": "",
        "month": "",
        "kind": "figure",
        "origin": "activities",
    }
    facts |= dict.fromkeys(("organisation", "reason", "caution"), "") | {"status": "known", "source": "R4V"}
    facts |= {"illustrative": False, "share_in_doubt": 0.0, "assisted": 0.0, "assisted_key": 0, "rows": 1}
    facts |= {"in_doubt": 0.0, "doubt_key": 0, "base": (method or Method.model_validate({"rounding": 0})).base(sector)}
    single = [
        facts | {"figure": name, "value": number, "unit": FIGURES[name].unit, "reason": (reasons or {}).get(name, "")}
        for name, number in stated.items()
    ]
    split = [
        facts
        | {"figure": name, "dimension": BREAKDOWNS[name].key, "part": part, "value": number, "rows": 0}
        | {"unit": BREAKDOWNS[name].figure_definition.unit, "kind": "part"}
        for name, parts in (breakdowns or {}).items()
        for part, number in parts.items()
    ]
    partners, reported = (int(stated[name] or 0) for name in ("reporting_partners", "partners_last_month"))
    silent = [
        facts | {"figure": name, "kind": "unpublished", "value": number, "unit": "count"}
        for name, number in {"partners_expected": partners, "partners_late": partners - reported}.items()
    ]
    rows = pd.DataFrame([*single, *split, *silent]).astype({"value": "float64"})
    compared = [
        rows[rows["figure"] == share].assign(
            figure=PART_BY_DERIVED_FIGURE[share],
            kind="unpublished",
            unit="people",
            value=(stated[share] or math.nan) * (stated[whole] or 0),
        )
        for share, whole in WHOLE_BY_DERIVED_FIGURE.items()
        if share in ("target_coverage", "need_coverage") and stated[whole]
    ]
    rows = pd.concat([rows, *compared[:1]], ignore_index=True)
    rows.loc[rows["figure"].isin(["people_in_need", "target"]), "origin"] = "planning"
    bounds = {"low": rows["value"], "high": rows["value"]}
    keys = dict.fromkeys(("key", "low_key", "high_key"), pd.util.hash_array(rows["value"].to_numpy()))
    rows = rows.assign(**bounds, **keys)
    return KeyFigures(
        sector=sector,
        place="region",
        plan_year=2021,
        audience="public",
        period=Period(start="2021-01", end="2021-12"),
        method=method or Method.model_validate({"rounding": 0}),
        rows=rows[list(TABLE_COLUMNS)],
        sources={},
        silence=Silence(expected=partners, late=partners - reported),
    )


def with_few(figures: KeyFigures, *names: str) -> KeyFigures:
    """The public sheet on which the people of these figures or parts are few, and rounded down to none."""
    rows = figures.rows
    of_people = rows["figure"].map(
        lambda name: name in (*FIGURES, *BREAKDOWNS) and figure_definition(name).tells_of_people
    )
    few = of_people & (rows["part"].isin(names) | (rows["figure"].isin(names) & rows["part"].eq("")))
    rows = rows.assign(value=rows["value"].mask(few, 0.0), status=rows["status"].mask(few, "few"))
    return replace(figures, rows=rows, method=Method())


def with_range(
    figures: KeyFigures, low: float, high: float, name: str = "people_reached", part: str = ""
) -> KeyFigures:
    """The sheet on which a figure or part stands for as few and as many people."""
    rows = figures.rows
    is_row = (rows["figure"] == name) & (rows["part"] == part)
    bounds = {"low": rows["low"].mask(is_row, low), "high": rows["high"].mask(is_row, high)}
    return replace(figures, rows=rows.assign(**bounds))


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """What was approved, as lines."""
    return snapshot.use_extension(ApprovedLines)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the test, by a name that is the same everywhere."""
    monkeypatch.chdir(tmp_path)
    return Path()
