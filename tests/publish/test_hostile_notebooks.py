"""Whatever a notebook does, it ends within its limits, the run says why, and the other sheets are made."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
import yaml
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell

from published_run import small_plan, written_params
from ready_process import command, is_at_work
from rmrp_analysis.numbers import count
from rmrp_analysis.params import NOTEBOOKS_FOLDER, SHEET_NOTEBOOK, find_shipped_folder, load_run_params
from rmrp_analysis.publish.engine.output_limits import MAX_PRINTED_CHARACTERS, MAX_PRINTED_LINES, TEXT_CUT_NOTICE
from rmrp_analysis.publish.engine.workers import CAN_FORK
from rmrp_analysis.vocabulary import plan_lists
from rmrp_analysis.words import Translator

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="this system has no fork")
SECONDS, MEBIBYTES = 6, 512
ENOUGH_SECONDS = 600
"""The limit of time of the notebooks that end by themselves, on a busy machine, too."""
TOO_LONG = f"It took longer than {SECONDS} seconds, which is the limit for one report."
TOO_LARGE = f"It needed more memory than {MEBIBYTES} MiB, which is the limit for one report."
DIED = "The program that calculates it ended early, two times. Perhaps the computer has too little memory."
CELL = "A step of its notebook ended with an error."
MADE = ""
SLEEPERS = """
import os, time
from pathlib import Path
def sleep():
    with Path(mark).open("a") as file:
        print(os.getpid(), file=file)
    time.sleep(600)
"""
ENDS = {"too long": TOO_LONG, "too large": TOO_LARGE, "died": DIED, "cell": CELL, "made": MADE}
HOSTILE = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
"""What the notebook of a report does, and how the report fails, or that it is made."""


@dataclass
class Done:
    """A run: the entries of its reports in ``run.json``, by what the notebook of each did; what the run said."""

    reports: dict[str, Any]
    others: list[Any]
    messages: str
    exit_code: int | None
    folder: Path

    def text(self, name: str) -> str:
        """The text of the page of a report."""
        html = (self.folder / f"{self.reports[name]['id']}.html").read_text("utf-8")
        return BeautifulSoup(html, "html.parser").get_text(" ", strip=True)


def hostile_notebook(folder: Path, code_by_report: Path) -> Path:
    """The package's notebook with a cell that runs what a file has for its report."""
    notebook = nbformat.read(find_shipped_folder(NOTEBOOKS_FOLDER) / SHEET_NOTEBOOK, as_version=4)
    code = f"import json\nexec(json.load(open({str(code_by_report)!r})).get(report.id, ''), globals())"
    at = next(place for place, cell in enumerate(notebook.cells) if "page.narrative" in cell.source)
    notebook.cells.insert(at, new_code_cell(code))
    nbformat.write(nbformat.v4.upgrade(notebook), folder / "own.ipynb")
    return folder / "own.ipynb"


@pytest.fixture(scope="module")
def mark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file in which processes that notebooks start write their numbers."""
    return tmp_path_factory.mktemp("mark") / "started"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, mark: Path) -> Done:
    """Two runs by the command: of the notebooks that do not end, and of the others, with three plain sheets."""
    endless = [name for name, does in HOSTILE.items() if does["end"] == "too long"]
    late = run_hostile(tmp_path_factory.mktemp("late"), mark, endless, SECONDS, sectors=2)
    ending = [name for name in HOSTILE if name not in endless]
    done = run_hostile(tmp_path_factory.mktemp("ending"), mark, ending, ENOUGH_SECONDS, sectors=9)
    return replace(done, reports=late.reports | done.reports, messages=late.messages + done.messages)


def run_hostile(folder: Path, mark: Path, hostile: Sequence[str], seconds: int, sectors: int) -> Done:
    """One run by the command of these sectors in three languages; the first reports do what is hostile, one each."""
    small_plan(folder / "data", rows=400)
    code_by_report = folder / "code.json"
    asked = {"notebook": str(hostile_notebook(folder, code_by_report)), "languages": ["en", "es", "pt"]}
    path = written_params(folder, **asked, sectors=list(plan_lists().report_sectors[:sectors]))
    names = dict(zip((report.id for report in load_run_params(path).reports()), hostile, strict=False))
    assert [*names.values()] == [*hostile]
    code = {report: f"mark = {str(mark)!r}\n{SLEEPERS}{HOSTILE[name]['code']}" for report, name in names.items()}
    code_by_report.write_text(json.dumps(code), encoding="utf-8")
    limits = ("--report-timeout", seconds, "--report-memory", MEBIBYTES)
    process = command(folder / "said", "run", path, "--out", folder / "out", *limits)
    process.join(ENOUGH_SECONDS)
    run = folder / "out" / "small"
    entries = json.loads((run / "run.json").read_text("utf-8"))["reports"]
    by_name = {names[entry["id"]]: entry for entry in entries if entry["id"] in names}
    others = [entry for entry in entries if entry["id"] not in names]
    return Done(by_name, others, (folder / "said").read_text("utf-8"), process.exitcode, run)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_report_says_in_a_sentence_why_it_was_not_made(done: Done, name: str) -> None:
    entry, reason = done.reports[name], ENDS[HOSTILE[name]["end"]]
    assert (entry["status"], entry.get("error", "")) == ("failed" if reason else "ok", reason)
    assert len(entry.get("detail", "")) <= 1100
    if reason:
        lines = [line for line in done.messages.splitlines() if line.startswith("rmrp: failed: ") and reason in line]
        assert sum(entry["id"] in re.split("[:;.] ", line) for line in lines) == 1  # with all others of this reason


def test_the_run_makes_the_other_sheets_and_says_that_some_failed(done: Done) -> None:
    assert [entry["status"] for entry in done.others] == ["ok"] * 3
    assert done.exit_code == 1


def test_no_process_that_a_notebook_started_is_left(done: Done, mark: Path) -> None:
    started = [int(line) for line in mark.read_text().split()]
    assert len(started) == 22
    assert [pid for pid in started if psutil.pid_exists(pid) and is_at_work(psutil.Process(pid))] == []


@pytest.mark.parametrize("name", ["prints many lines", "prints much", "starts a program that writes for ever"])
def test_a_text_that_is_cut_says_so_on_the_sheet_and_in_the_run(done: Done, name: str) -> None:
    entry = done.reports[name]
    translate = Translator(entry["id"].rpartition(".")[2])
    limits = {"lines": MAX_PRINTED_LINES, "characters": MAX_PRINTED_CHARACTERS}
    sentence = translate(TEXT_CUT_NOTICE, **{limit: count(most, translate.language) for limit, most in limits.items()})
    assert sentence in done.text(name)
    (warning,) = (warning for warning in entry["warnings"] if "stderr" in warning)
    assert sentence[:40] in warning


def test_what_a_copy_of_a_notebook_prints_is_not_on_the_sheet_twice(done: Done) -> None:
    assert done.text("forks").count("printed once") == 1
