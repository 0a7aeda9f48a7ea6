"""Whatever becomes of a report or a run, what stands in its folder is whole and true."""

import errno
import hashlib
import json
import multiprocessing
import os
import select
import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from made_reports import PARAMS, unrun
from published_run import SHIPPED, small_plan, written_params
from ready_process import below, command, still_there
from rmrp_analysis import files, provenance
from rmrp_analysis.commands.sample.write import write_sample
from rmrp_analysis.errors import ReportFailed, RequestError
from rmrp_analysis.files import lock_of, write_whole
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.publish.engine.execution import CELL_FAILED_REASON
from rmrp_analysis.publish.engine.privacy import find_visible_paths
from rmrp_analysis.publish.records import publication
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.publish.records.publication import Publication, describe_file, locate_work_folder
from rmrp_analysis.publish.records.results import ReportResult
from rmrp_analysis.publish.run import batch, report
from rmrp_analysis.publish.run.batch import render
from rmrp_analysis.publish.run.preparation import Run, prepare_run
from rmrp_analysis.publish.run.quality_page import QUALITY_FILES
from rmrp_analysis.publish.run.report import Rendering, Report, write_report
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, POPULATION_GROUPS

WASH = PARAMS.report("WASH", "region", "es")
NOTHING = Publication(Path("no such folder"))
KILLS, NO_STEP = 12, 0
needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


def good(params: ReportParams, text: str = "good") -> Report:
    return unrun(params, text, fingerprint=text)


def bad(params: ReportParams) -> Report:
    problem = ReportFailed(CELL_FAILED_REASON, detail="NameError: name 'x' is not defined in /home/ana/x.py")
    return Report(params, 1.0, {"ipynb": "{}"}, problem=problem)


def published(*reports: Report, before: Path, folder: Path) -> list[ReportResult]:
    """The results of reports whose files are written into a folder of their own, with its ``run.json``."""
    folder.mkdir()
    results = [write_report(each, folder, Publication(before)) for each in reports]
    files = {path.name: describe_file(path) for path in folder.iterdir()}
    (folder / "run.json").write_text(Manifest(files=files).text, encoding="utf-8")
    return results


def names_in(folder: Path) -> set[str]:
    """The files of the report in a folder, by what follows its id."""
    return {path.name.removeprefix(f"{WASH.id}.") for path in folder.iterdir() if path.name != "run.json"}


def test_a_failed_report_says_why_without_path_or_error_also_where_files_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = write_report(bad(WASH), tmp_path, NOTHING)
    page = (tmp_path / "wash.es.html").read_text("utf-8")
    assert "Un paso de su cuaderno terminó con un error." in page
    assert '<html lang="es">' in page
    assert [word for word in ("NameError", "/home", "Traceback") if word in page + result.error] == []
    assert (result.status, result.outputs) == ("failed", ("wash.es.html", "wash.es.ipynb"))

    def unwritable(path: Path, content: object, **_: object) -> None:
        raise OSError(errno.ENAMETOOLONG, "File name too long", str(path))

    monkeypatch.setattr(report, "write_whole", unwritable)
    assert write_report(good(WASH), tmp_path, NOTHING).error == "Its files could not be written."


@pytest.mark.parametrize(("status", "suffix"), [("good", ".xlsx"), ("bad", ".html")])
def test_a_full_disk_stops_the_run_and_what_was_published_stays(
    whole_run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    made_without_notebooks: dict[str, Any],
    status: str,
    suffix: str,
) -> None:
    render(whole_run, tmp_path, jobs=1)
    folder = tmp_path / whole_run.params.run
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    whole = write_whole

    def full(path: Path, content: object, **more: object) -> object:
        if path.suffix == suffix:  # a file that is small enough is written
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return whole(path, content, **more)

    monkeypatch.setattr(report, "write_whole", full)
    if status == "bad":
        made_without_notebooks |= {each.id: bad for each in whole_run.reports}
    with pytest.raises(OSError, match="No space left"):
        render(whole_run, tmp_path, jobs=1, force=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_last_good_sheet_is_kept_with_its_date_until_there_is_a_new_one(tmp_path: Path) -> None:
    first, second, third, fourth = (tmp_path / name for name in ("first", "second", "third", "fourth"))
    published(good(WASH, "first"), before=tmp_path, folder=first)
    for name in ("html", "pdf"):
        os.utime(first / f"wash.es.{name}", (0, 0))
    for before, folder in ((first, second), (second, third)):  # a second failure keeps the same sheet
        published(bad(WASH), before=before, folder=folder)
        assert names_in(folder) == {"html", "ipynb", "last-good.html", "last-good.pdf", "last-good.json"}
        assert (folder / "wash.es.last-good.html").read_text() == "first"
        assert json.loads((folder / "wash.es.last-good.json").read_text())["fingerprint"] == "first"
        page = (folder / "wash.es.html").read_text("utf-8")
        assert "1 de enero de 1970" in page
        assert 'href="wash.es.last-good.pdf"' in page
    published(good(WASH, "second"), before=third, folder=fourth)
    assert names_in(fourth) == {"html", "pdf", "xlsx", "csv", "ipynb", "json"}


@pytest.mark.parametrize("fault", [ValueError("a vertical tab"), KeyError("x"), RuntimeError("y"), MemoryError()])
def test_any_error_of_a_report_is_its_result(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(report, "run_notebook", fail)
    made = report.make_report(WASH, report.Rendering(SHIPPED, ("html",), find_visible_paths(WASH, SHIPPED.parent)))
    assert made.problem.detail.startswith(type(fault).__name__)


@pytest.fixture(autouse=True)
def made_without_notebooks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Reports are made without notebooks; what is put in here by a report's id is done in place of making it."""
    instead: dict[str, Any] = {}

    def make(params: ReportParams, rendering: Rendering) -> Report:
        return instead.get(params.id, lambda each: good(each, rendering.fingerprints[params.id]))(params)

    def write_quality_files(params: RunParams, folder: Path, way: object, *, with_workbooks: bool) -> None:
        if problem := instead.get("data_quality"):
            raise problem
        for name in QUALITY_FILES:
            (folder / name).write_text(params.title, encoding="utf-8")

    monkeypatch.setattr(batch, "write_quality_files", write_quality_files)
    monkeypatch.setattr(batch, "run_in_processes", lambda work: ((task, work.make(task)) for task in work.tasks))
    monkeypatch.setattr(batch, "make_report", make)
    return instead


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Three sectors of a small plan, in English."""
    write_sample(data := tmp_path_factory.mktemp("data"), rows=600, seed=7)
    return prepare_run(SHIPPED, PARAMS.change(data=data), only=["WASH", "Shelter", "Common Services"])


def part_of(run: Run, *sectors: str, language: str = "en") -> Run:
    """These sectors of a run, in this language."""
    reports = tuple(run.params.report(sector, "region", language) for sector in sectors)
    return Run(run.params, run.params_path, reports, run.plan, run.joins, run.conditions)


def manifest(out: Path) -> dict[str, Any]:
    return json.loads((out / PARAMS.run / "run.json").read_text("utf-8"))


def statuses(out: Path) -> dict[str, str]:
    return {entry["id"]: entry["status"] for entry in manifest(out)["reports"]}


def reports_of_figures(out: Path) -> set[str]:
    return {line.split(",")[0] for line in (out / PARAMS.run / "figures.csv").read_text("utf-8-sig").splitlines()[1:]}


def test_a_part_of_a_run_keeps_what_else_is_there(whole_run: Run, tmp_path: Path) -> None:
    render(whole_run, tmp_path)
    render(part_of(whole_run, "WASH", language="es"), tmp_path)
    assert list(statuses(tmp_path)) == ["shelter.en", "wash.en", "wash.es", "common-services.en"]
    assert reports_of_figures(tmp_path) == {"shelter", "wash", "common-services"}
    index = (tmp_path / PARAMS.run / "index.html").read_text("utf-8")
    assert '<html lang="en">' in index
    assert all(f'href="{name}.html"' in index for name in statuses(tmp_path))
    assert manifest(tmp_path)["started"] <= manifest(tmp_path)["ended"]


def test_an_internal_run_has_a_page_on_its_data_and_a_public_one_leads_to_none(
    made_without_notebooks: dict[str, Any], whole_run: Run, tmp_path: Path
) -> None:
    index, page = (tmp_path / PARAMS.run / name for name in ("index.html", "data_quality.html"))
    internal = replace(whole_run, params=whole_run.params.change(audience="internal"))
    internal = part_of(internal, "Shelter", "WASH", "Common Services")
    render(internal, tmp_path)
    assert 'href="data_quality.html"' in index.read_text("utf-8")
    made = page.stat().st_mtime_ns
    render(internal, tmp_path)  # nothing has changed
    assert page.stat().st_mtime_ns == made
    made_without_notebooks["data_quality"] = ReportFailed(CELL_FAILED_REASON)
    render(internal, tmp_path, force=True)
    assert not page.exists()
    assert statuses(tmp_path) == dict.fromkeys(("shelter.en", "wash.en", "common-services.en"), "ok")
    assert "data_quality" not in index.read_text("utf-8")
    render(whole_run, tmp_path / "public")
    public = tmp_path / "public" / PARAMS.run
    assert not (public / "data_quality.html").exists()
    assert "data_quality" not in (public / "index.html").read_text("utf-8")


def test_a_run_goes_on_when_a_report_fails(
    made_without_notebooks: dict[str, Any], whole_run: Run, tmp_path: Path
) -> None:
    made_without_notebooks["wash.en"] = bad
    render(whole_run, tmp_path)
    assert statuses(tmp_path) == {"shelter.en": "ok", "wash.en": "failed", "common-services.en": "ok"}
    assert reports_of_figures(tmp_path) == {"shelter", "common-services"}
    assert 'href="wash.en.html"' in (tmp_path / PARAMS.run / "index.html").read_text("utf-8")


def stop(_: ReportParams) -> Report:
    raise KeyboardInterrupt


def test_a_stopped_run_publishes_nothing_and_the_next_one_takes_up_what_it_made_whole(
    made_without_notebooks: dict[str, Any], whole_run: Run, tmp_path: Path
) -> None:
    render(part_of(whole_run, "Shelter"), tmp_path)
    before = contents(tmp_path)
    four = replace(whole_run, reports=(*part_of(whole_run, "WASH", language="es").reports, *whole_run.reports))
    made_without_notebooks["common-services.en"] = stop
    for _ in range(2):  # a second one that is stopped loses nothing, either
        with pytest.raises(KeyboardInterrupt):
            render(four, tmp_path, jobs=1)
        assert contents(tmp_path) == before
    (locate_work_folder(tmp_path / PARAMS.run) / "next" / "wash.es.html").write_text("half of")
    del made_without_notebooks["common-services.en"]
    render(four, tmp_path)
    made_again = {name for name, status in statuses(tmp_path).items() if status == "ok"}
    assert (made_again, len(statuses(tmp_path))) == ({"wash.es", "common-services.en"}, 4)
    assert contents(tmp_path)["wash.es.html"] != b"half of"
    assert [path.name for path in tmp_path.iterdir()] == [PARAMS.run]


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / PARAMS.run).iterdir()}


def test_run_json_names_every_file_and_others_are_removed_with_a_word(whole_run: Run, tmp_path: Path) -> None:
    render(whole_run, tmp_path)
    folder = tmp_path / PARAMS.run
    (folder / "old").mkdir()
    (folder / "old" / "sheet.html").touch()
    (folder / ".hidden").touch()
    warnings: list[str] = []
    render(whole_run, tmp_path, warn=warnings.append)
    assert [warning.split(" is removed")[0] for warning in warnings] == [f"{folder}/.hidden", f"{folder}/old"]
    files = manifest(tmp_path)["files"]
    paths = [path for path in sorted(folder.iterdir()) if path.name != "run.json"]
    assert files == {path.name: dict(describe_file(path)) for path in paths}
    assert files["wash.en.pdf"]["sha256"] == hashlib.sha256((folder / "wash.en.pdf").read_bytes()).hexdigest()
    assert files["wash.en.pdf"]["bytes"] == (folder / "wash.en.pdf").stat().st_size


def test_a_report_is_unchanged_by_its_bytes_whatever_their_time(whole_run: Run, tmp_path: Path) -> None:
    render(whole_run, tmp_path)
    page = tmp_path / PARAMS.run / "wash.en.html"
    os.utime(page, (0, 0))
    render(whole_run, tmp_path)
    assert set(statuses(tmp_path).values()) == {"unchanged"}
    times = page.stat()
    assert times.st_mtime_ns == 0
    page.write_text("edited")
    os.utime(page, ns=(times.st_atime_ns, times.st_mtime_ns))
    render(whole_run, tmp_path)
    assert statuses(tmp_path) == {"shelter.en": "unchanged", "wash.en": "ok", "common-services.en": "unchanged"}


def test_reports_not_asked_for_with_files_gone_or_edited_are_left_out(whole_run: Run, tmp_path: Path) -> None:
    render(whole_run, tmp_path)
    (tmp_path / PARAMS.run / "shelter.en.html").write_text("edited")
    (tmp_path / PARAMS.run / "common-services.en.pdf").unlink()
    warnings: list[str] = []
    render(part_of(whole_run, "WASH"), tmp_path, warn=warnings.append)
    assert set(statuses(tmp_path)) == {"wash.en"}
    assert warnings == ["shelter.en is left out: its files are not those that the run made; run it again"]
    assert list((tmp_path / PARAMS.run).glob("shelter.*")) == []


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"run.json": '{"run": "x", "reports": [], "audience": "internal"}'}, "for the audience 'internal'"),
        ({"wash.en.internal.html": ""}, "is not the folder of a run"),
        ({"letter.docx": ""}, "is not the folder of a run"),
        ({"run.json": '{"run": "x", "reports": []}'}, "is not the folder of a run"),
        (
            {"run.json": '{"run": "x", "reports": [], "audience": "public"}', "wash.en.internal.pdf": ""},
            "which is not for publication",
        ),
        ({"run.json": '{"run": "x", "reports": [], "audience": "public"}', ".git": ""}, "is a git repository"),
    ],
)
def test_a_public_run_replaces_no_folder_but_that_of_a_public_run(
    files: dict[str, str], reason: str, whole_run: Run, tmp_path: Path
) -> None:
    (tmp_path / PARAMS.run).mkdir()
    for name, text in files.items():
        (tmp_path / PARAMS.run / name).write_text(text)
    before = contents(tmp_path)
    with pytest.raises(RequestError, match=reason):
        render(whole_run, tmp_path)
    assert contents(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == [PARAMS.run]


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_reader_meets_one_run_or_the_other_and_never_a_mixture(
    *, can_exchange: bool, whole_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not can_exchange:
        monkeypatch.setattr(files, "_exchange_folders", lambda *_: False)
    render(whole_run, tmp_path)
    folder = tmp_path / PARAMS.run
    seen: set[tuple[str, ...]] = set()

    def look(_: ReportResult) -> None:
        seen.add(tuple(sorted(f"{path.name} {path.stat().st_mtime_ns}" for path in folder.iterdir())))

    before = tuple(sorted(f"{path.name} {path.stat().st_mtime_ns}" for path in folder.iterdir()))
    render(whole_run, tmp_path, force=True, when_done=look)
    assert seen == {before}
    look(ReportResult(WASH, "ok", 0))
    assert len(seen) == 2


def test_replaced_editions_are_kept_to_a_limit(whole_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editions = []
    for version in "0123":
        monkeypatch.setattr(provenance, "code", lambda version=version: {"name": "x", "sha256": version * 64})
        monkeypatch.setattr(batch, "utc_now", lambda version=version: f"2021-12-31T00:00:0{version}+00:00")
        render(part_of(whole_run, "WASH"), tmp_path, keep=2, force=True)
        editions.append((manifest(tmp_path)["edition"], contents(tmp_path)["wash.en.json"]))
    kept = [Publication(each) for each in sorted((tmp_path / f"{PARAMS.run}.earlier").iterdir())]
    found = {(each.manifest.edition, (each.folder / "wash.en.json").read_bytes()) for each in kept}
    assert found == set(editions[1:3])
    assert len(set(editions)) == 4
    assert all(each.is_intact(each.files) for each in kept)
    assert sorted(each.name for each in tmp_path.iterdir()) == [PARAMS.run, f"{PARAMS.run}.earlier"]


def test_a_run_killed_between_two_renames_leaves_the_old_publication(whole_run: Run, tmp_path: Path) -> None:
    render(whole_run, tmp_path)
    before = contents(tmp_path)
    work = locate_work_folder(tmp_path / PARAMS.run)
    work.mkdir()
    (tmp_path / PARAMS.run).rename(work / "previous")
    with publication.open_next_publication(tmp_path / PARAMS.run) as (following, _, published):
        assert {path.name: path.read_bytes() for path in published.folder.iterdir()} == before
        assert list(following.iterdir()) == []


@needs_signals
@pytest.mark.skipif(sys.platform != "linux", reason="folders are exchanged in one step on Linux alone")
def test_a_run_that_is_killed_at_any_moment_leaves_a_whole_publication(whole_run: Run, tmp_path: Path) -> None:
    render(whole_run, tmp_path, jobs=1)
    folder, fork = tmp_path / PARAMS.run, multiprocessing.get_context("fork")
    steps = fork.Value("i")

    def ending(last_step: int) -> int | None:
        run = fork.Process(target=render_until, args=(whole_run, tmp_path, steps, last_step), daemon=True)
        run.start()
        run.join()
        return run.exitcode

    assert ending(NO_STEP) == 0
    count = steps.value
    for last_step in {*range(1, count, count // KILLS), count - 2, count - 1, count}:
        assert ending(last_step) == -signal.SIGKILL
        published = Publication(folder)
        assert published.is_intact(published.files)
        assert {path.name for path in folder.iterdir()} == {*published.files, "run.json"}
    render(whole_run, tmp_path, jobs=1)
    assert [path.name for path in tmp_path.iterdir()] == [PARAMS.run]


def render_until(run: Run, out: Path, steps: Any, last_step: int) -> None:
    """Render a run, count its calls to the system in ``steps``, and be killed at one of them."""
    steps.value, process = 0, os.getpid()

    def count(event: str, _: object) -> None:
        if event.startswith(("open", "os.", "ctypes.call")) and os.getpid() == process:
            steps.value += 1
            if steps.value == last_step:
                os.kill(process, signal.SIGKILL)

    sys.addaudithook(count)
    render(run, out, jobs=1, force=True)


@needs_signals
def test_a_link_stays_one_also_without_hard_links(
    whole_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(publication.os, "link", no_links)
    elsewhere = tmp_path / "elsewhere" / "published"
    elsewhere.mkdir(parents=True)
    (tmp_path / PARAMS.run).symlink_to(elsewhere)
    render(whole_run, tmp_path)
    render(whole_run, tmp_path)
    assert set(statuses(tmp_path).values()) == {"unchanged"}
    assert (tmp_path / PARAMS.run).is_symlink()
    assert (elsewhere / "wash.en.html").is_file()


@needs_signals
def test_a_folder_removed_before_it_was_locked_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr(fcntl, "flock", lambda *_: (work.rename(tmp_path / "gone"), work.mkdir()))
    with lock_of(work) as ours:
        assert not ours


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """This system says that it is Windows: its locks are those of ``msvcrt``, and nothing can be exchanged."""
    fcntl = pytest.importorskip("fcntl")
    msvcrt = ModuleType("msvcrt")
    vars(msvcrt).update(LK_NBLCK=fcntl.LOCK_EX | fcntl.LOCK_NB, locking=lambda file, mode, _: fcntl.flock(file, mode))
    monkeypatch.setitem(sys.modules, "msvcrt", msvcrt)
    monkeypatch.setattr(os, "O_TEMPORARY", 0, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    return monkeypatch


@needs_signals
@pytest.mark.parametrize("system", ["this", "windows"])
def test_one_run_at_a_time_writes_to_a_folder(
    system: str, whole_run: Run, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if system == "windows":
        request.getfixturevalue("windows")
    work = locate_work_folder(tmp_path / PARAMS.run)
    work.mkdir()
    with lock_of(work), pytest.raises(RequestError, match="another run writes to"):
        render(whole_run, tmp_path)
    render(whole_run, tmp_path)


@pytest.mark.parametrize("refusals", [3, 1_000])
def test_on_windows_a_run_waits_for_a_reader_and_names_the_file_that_stays_open(
    refusals: int, windows: pytest.MonkeyPatch, whole_run: Run, tmp_path: Path
) -> None:
    render(whole_run, tmp_path)
    folder, replace_file, left = tmp_path / PARAMS.run, os.replace, iter(range(refusals))

    def replace_as_windows(made: Path, path: Path) -> None:
        if made in (folder, folder / "wash.en.pdf") and next(left, None) is not None:
            raise PermissionError(13, "Access is denied", str(made))
        replace_file(made, path)

    windows.setattr(os, "replace", replace_as_windows)
    windows.setattr(files, "MAX_SECONDS_FILE_IN_USE", 1)
    before = folder.stat().st_ino
    if refusals < 1_000:
        render(whole_run, tmp_path, force=True)
        assert folder.stat().st_ino != before
        return
    with pytest.raises(OSError, match=r"wash\.en\.pdf is open in another program; close it and run again"):
        render(whole_run, tmp_path, force=True)
    assert folder.stat().st_ino == before


@needs_signals
@pytest.mark.skipif(sys.platform != "linux", reason="asks for processes as Linux tells of them")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_a_run(number: signal.Signals, tmp_path: Path) -> None:
    messages, door, own = tmp_path / "messages", tmp_path / "door", tmp_path / "own.ipynb"
    os.mkfifo(door)
    waiting = new_code_cell(f"import time\nopen({str(door)!r}, 'wb').write(b'x')\ntime.sleep(600)")
    nbformat.write(new_notebook(cells=[waiting]), own)
    small_plan(tmp_path / "data", rows=50)
    path = written_params(tmp_path, notebook=str(own), sectors=["Common Services", "WASH"], languages=["en"])
    process = command(messages, "run", path, "--out", tmp_path)
    report_is_made = os.open(door, os.O_RDONLY | os.O_NONBLOCK)
    assert select.select([report_is_made], [], [], 120)[0]
    os.close(report_is_made)
    started = below(process.pid)
    assert started
    os.killpg(process.pid, number)
    process.join(30)
    assert process.exitcode == (-number if number == signal.SIGKILL else 130)
    said = messages.read_text("utf-8")
    if number != signal.SIGKILL:
        assert "stopped; reports made: " in said
    assert not (tmp_path / "small").exists()
    assert "Traceback" not in said
    assert still_there(started) == []


def with_nothing_of(run: Run, sector: str, platform: str = "region") -> Run:
    """A run for which nobody reports, funds or plans a sector."""
    plan = run.plan
    reported, planned = (table[table["sector"] != sector] for table in (plan.activities, plan.planning))
    flows = plan.funding_flows
    flows = flows[[sector not in sectors for sectors in flows["destination_sectors"]]]
    nothing = replace(plan, activities=reported, planning=planned, funding_flows=flows)
    reports = tuple(run.params.report(each.sector, platform) for each in run.reports)
    return Run(run.params, run.params_path, reports, nothing, run.joins, run.conditions)


def test_a_report_is_removed_while_nothing_is_known_of_it(whole_run: Run, tmp_path: Path) -> None:
    render(whole_run, tmp_path)
    told: list[str] = []
    render(with_nothing_of(whole_run, "WASH"), tmp_path, when_done=lambda result: told.append(result.params.id))
    assert statuses(tmp_path)["wash.en"] == "empty"
    assert next(entry for entry in manifest(tmp_path)["reports"] if entry["id"] == "wash.en")["outputs"] == []
    assert list((tmp_path / PARAMS.run).glob("wash.*")) == []
    assert "wash" not in reports_of_figures(tmp_path)
    assert sorted(told) == ["common-services.en", "shelter.en", "wash.en"]
    index = (tmp_path / PARAMS.run / "index.html").read_text("utf-8")
    assert "Nothing reported" in index
    assert "2 sheets" in index
    render(part_of(whole_run, "Shelter"), tmp_path)
    assert statuses(tmp_path)["wash.en"] == "empty"
    render(whole_run, tmp_path)
    assert statuses(tmp_path)["wash.en"] == "ok"
    assert (tmp_path / PARAMS.run / "wash.en.html").is_file()


def test_what_is_planned_or_designated_alone_has_a_sheet(whole_run: Run) -> None:
    without = with_nothing_of(whole_run, "WASH")
    assert without.without_sheet == {"wash.en": "empty"}
    planned_only = replace(without, plan=replace(without.plan, planning=whole_run.plan.planning))
    funded_only = replace(without, plan=replace(without.plan, funding_flows=whole_run.plan.funding_flows))
    assert (planned_only.without_sheet, funded_only.without_sheet) == ({}, {})


def with_people_alone(run: Run, sector: str, people: int) -> Run:
    """A run without texts for which one report is all that is known of a sector: so many new people."""
    without, activities = with_nothing_of(run, sector), run.plan.activities
    rows = activities["sector"] == sector
    first = activities.index[
        rows & (activities["indicator_type"] == "people in need") & (activities["new_beneficiaries"] > 0)
    ][:1]
    activities = activities.loc[~rows | activities.index.isin(first)].copy()
    activities.loc[first, [*POPULATION_GROUPS, *AGE_GENDER_GROUPS]] = 0.0
    activities.loc[first, ["new_beneficiaries", "total_monthly_beneficiaries", "in_destination", "women"]] = people
    params = run.params.model_copy(update={"narratives": None})
    return replace(without, plan=replace(without.plan, activities=activities), params=params)


@pytest.mark.parametrize(("people", "status"), [(1, "few"), (0, "nobody")])
def test_nobody_or_few_people_are_a_line_of_the_index_and_no_sheet(
    whole_run: Run, tmp_path: Path, people: int, status: str
) -> None:
    render(whole_run, tmp_path)
    render(with_people_alone(whole_run, "WASH", people), tmp_path)
    assert statuses(tmp_path)["wash.en"] == status
    assert list((tmp_path / PARAMS.run).glob("wash.*")) == []
    assert "wash" in reports_of_figures(tmp_path)
    index = (tmp_path / PARAMS.run / "index.html").read_text("utf-8")
    assert "wash.en.html" not in index
    shown = {"few": '<span aria-hidden="true">•</span><span class="hidden">fewer than 10</span>', "nobody": "0"}[status]
    assert f'data-label="WASH" data-sort="0">{shown}</td>' in index
    assert {"few": "Fewer than 10 people reached, no target", "nobody": "Nobody reached, no target"}[status] in index
    assert "2 sheets" in index
    assert "wash.en.html" not in (tmp_path / PARAMS.run / "shelter.en.html").read_text("utf-8")
    assert "No longer made: WASH" in (tmp_path / PARAMS.run / "feed.xml").read_text("utf-8")
    render(part_of(whole_run, "Shelter"), tmp_path)
    assert statuses(tmp_path)["wash.en"] == status


def test_few_people_have_a_sheet_where_more_is_known(whole_run: Run, tmp_path: Path) -> None:
    few = with_people_alone(whole_run, "WASH", 1)
    assert few.without_sheet == {"wash.en": "few"}
    assert with_people_alone(whole_run, "WASH", 30).without_sheet == {}
    services = few.plan.activities.assign(indicator_type="other")
    assert replace(few, plan=replace(few.plan, activities=services)).without_sheet == {}
    assert replace(few, refused={"wash": "a reason"}).without_sheet == {}
    planned = replace(few, plan=replace(few.plan, planning=whole_run.plan.planning))
    funded = replace(few, plan=replace(few.plan, funding_flows=whole_run.plan.funding_flows))
    assert (planned.without_sheet, funded.without_sheet) == ({}, {})
    (tmp_path / "wash.en.md").write_text("## Situation\n\nWords.", encoding="utf-8")
    params = whole_run.params.model_copy(update={"narratives": tmp_path})
    assert replace(few, params=params).without_sheet == {}
    exact = tuple(report.model_copy(update={"audience": "internal"}) for report in few.reports)
    assert replace(few, reports=exact).without_sheet == {}
