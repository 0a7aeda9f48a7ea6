"""Renders a prepared run: every report side by side, then ``run.json``, ``figures.csv``, the index page, the feed."""

import csv
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from itertools import chain, product
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.files import write_csv, write_json, write_whole
from rmrp_analysis.loaders.editions import keep_edition
from rmrp_analysis.packs import pack
from rmrp_analysis.page.mending import REVIEW_FOLDER
from rmrp_analysis.params import INDEX_PAGE_FILE, QUALITY_PAGE_FILE, ReportParams
from rmrp_analysis.provenance import code, digest
from rmrp_analysis.publish.after import FILE_STEPS, EndedRun, run_step
from rmrp_analysis.publish.comparison.account import (
    NOT_SPLIT_KIND,
    Account,
    Issue,
    compare_issues,
    make_account,
    read_issue,
    select_published_values,
)
from rmrp_analysis.publish.comparison.published import read_run
from rmrp_analysis.publish.comparison.revision import (
    add_revision_note,
    is_continuation,
    keep_revision_note,
    list_selections,
)
from rmrp_analysis.publish.documents.index import render_index_page
from rmrp_analysis.publish.engine.execution import explain_missing_result
from rmrp_analysis.publish.engine.privacy import find_visible_paths
from rmrp_analysis.publish.engine.runners import Batch, Runner, is_shipped, run_in_processes, uses_seaborn
from rmrp_analysis.publish.engine.workers import USUAL_LIMITS, Limits, TaskFailed
from rmrp_analysis.publish.records.datapackage import DATAPACKAGE_FILE, describe_datapackage
from rmrp_analysis.publish.records.figures import (
    COLUMNS_BY_FILE,
    FIGURE_COLUMNS,
    PLACES_FILE,
    list_figure_rows,
    list_place_rows,
    make_run_table,
    select_published_figures,
    select_rows_by_report,
)
from rmrp_analysis.publish.records.fingerprint import list_narratives
from rmrp_analysis.publish.records.manifest import (
    MANIFEST,
    NO_SHEET_OUTCOMES,
    NOT_MADE_OUTCOMES,
    FileRecord,
    Manifest,
    ReportRecord,
)
from rmrp_analysis.publish.records.publication import (
    Publication,
    check_folder,
    describe_file,
    list_files,
    open_next_publication,
)
from rmrp_analysis.publish.records.results import ReportResult, list_output_names, utc_now
from rmrp_analysis.publish.run.preparation import Run, describe_run
from rmrp_analysis.publish.run.quality_page import QUALITY_FILES, write_quality_files
from rmrp_analysis.publish.run.report import (
    NO_FIGURES_REASON,
    Rendering,
    Report,
    find_last_good,
    find_since,
    make_report,
    rehearse,
    write_report,
)
from rmrp_analysis.publish.run.withheld import Withheld
from rmrp_analysis.sources import sha256
from rmrp_analysis.vocabulary import fold, plan_lists, report_id

DEFAULT_JOBS = os.cpu_count() or 1
"""The reports that are made at a time by default: one on each core."""
MANIFEST_INTERVAL_SECONDS = 10
"""The seconds between updates of ``run.json`` while reports are made. A run that is killed loses no more."""


def render(
    run: Run,
    out: Path,
    *,
    jobs: int | None = None,
    force: bool = False,
    limits: Limits = USUAL_LIMITS,
    runner: Runner | None = None,
    keep: int = 0,
    when_done: Callable[[ReportResult], object] = lambda _: None,
    when_compared: Callable[[Account], object] = lambda _: None,
    warn: Callable[[str], object] = lambda _: None,
) -> list[ReportResult]:
    """Render every report of a run, publish them together in ``out/<run>``, and return the results in order.

    - A report that fails does not stop the others.
    - A report in ``run.without_sheet`` is not made. Its result has a status of ``NO_SHEET_OUTCOMES`` and no files.
    - A public report to mend gets a page that says so.
    - A report is made again only if its parameters, inputs, notebook, code or files changed, or with ``force``.
    - Published reports of the same run that are not requested now stay.
    - An internal run also has the page on its data.
    - The publication before stays until the end. If the run is stopped, it stays for good, and the next run takes up
      the reports that were made.
    - Files that the run does not make are removed.
    - The tables of the run are kept beside its data (see ``loaders.editions``).

    ``runner`` runs the notebooks (see ``runners``). ``keep`` earlier editions stay beside the folder. Calls
    ``when_done`` with each result, ``when_compared`` with the account of changes since the published sheets, and
    ``warn`` with each omission or removal. Raises ``RequestError`` if another run is at work, or if the folder holds
    anything but this run for this audience.
    """
    runner = runner or run_in_processes
    folder = (out / run.params.run).resolve()
    check_folder(folder, run.params.audience)
    with open_next_publication(folder, keep) as (following, stopped, published):
        record = RunRecord(run, following, published, limits, warn)
        sheets = record.list_sheets()
        reports = _add_notes(run, sheets, published, when_compared)
        fingerprints = _fingerprint_reports(run, reports, sheets)
        try:
            keep_edition(run.plan, run.params.data)
        except OSError as problem:
            warn(f"the tables of this run are not kept, so the next one cannot say what changed: {problem}")
        sources = () if force else (stopped, published)
        pairs = (_find_result(report, run, sources, fingerprints) for report in reports)
        reused = [pair for pair in pairs if pair]
        for result, source in reused:
            when_done(record.add(result, source))
        changed = [report for report in reports if report.id not in record.results]
        if run.params.audience == "internal":
            is_new = bool(changed) or any(source is stopped for _, source in reused)
            _write_quality_page(run, following, published, runner, is_new=is_new)
        record.write_manifest()
        shutil.rmtree(stopped.folder, ignore_errors=True)  # its files are given to the next publication
        if changed:
            withheld = record.list_withheld(changed)
            batch = _plan_batch(run, changed, sheets, fingerprints, withheld, limits, jobs or DEFAULT_JOBS)
            with closing(runner(batch)) as results:
                _publish_results(record, results, when_done)
        record.write_all()
        _warn_of_removals(folder, following, published, warn)
    return [record.results[report.id] for report in run.reports]


def _add_notes(
    run: Run, sheets: Sequence[ReportParams], published: Publication, when_compared: Callable[[Account], object]
) -> list[ReportParams]:
    """Return the run's reports, each with a note if its numbers differ from the sheet that it replaces.

    Calls ``when_compared`` with the account of changes, if any sheet is replaced by another one.
    """
    reports = [keep_revision_note(report, published) for report in run.reports]
    fingerprints = _fingerprint_reports(run, reports, sheets)
    replacing = {
        report.id
        for report in reports
        if report.id not in run.without_sheet
        and is_continuation(report, sheet := published.read_sheet(report.stem))
        and sheet
        and sheet.fingerprint != fingerprints[report.id]
    }
    if not replacing:
        return reports
    account = _account_for_sheets(run, [report for report in reports if report.id in replacing], published)
    when_compared(account)

    def add_note(report: ReportParams) -> ReportParams:
        return add_revision_note(report, published, lambda: select_published_figures(run.plan, report), account)

    return [add_note(report) if report.id in replacing else report for report in reports]


def _account_for_sheets(run: Run, reports: Sequence[ReportParams], published: Publication) -> Account:
    """Compare the published sheets of these reports with the new ones, without their breakdowns."""
    sheets, params = list_selections(reports), run.params
    rows = pd.concat(select_rows_by_report(run.plan, reports).values())
    numbers = select_published_values(rows[rows["part"] == ""])
    earlier = read_run(published.folder).select_values({report.report for report in reports})
    earlier = earlier[earlier.index.get_level_values("part") == ""]
    issue = read_issue(published.manifest, published.folder, run.params_path)
    if issue is None:
        return make_account(earlier, numbers, [(NOT_SPLIT_KIND, numbers)])
    following = Issue(run.plan, params.period, params.method, params.audience, numbers)
    return compare_issues(earlier, replace(issue, only_figures=True), following, sheets)


def _write_quality_page(run: Run, folder: Path, published: Publication, runner: Runner, *, is_new: bool) -> None:
    """Write the page on the run's data with its tables, and workbooks if a report is to mend.

    Takes over the published files if nothing ``is_new`` and they are intact. Raises nothing if its notebook fails.
    """
    names = (*QUALITY_FILES, *(name for name in published.files if name.startswith(REVIEW_FOLDER)))
    if not is_new and published.is_intact(names):
        published.link_files(names, folder)
        return
    with suppress(ReportFailed):  # `rmrp run` says that the page is missing
        write_quality_files(run.params, folder, runner, with_workbooks=any(map(run.is_to_mend, run.reports)))


def _plan_batch(
    run: Run,
    reports: Sequence[ReportParams],
    sheets: Sequence[ReportParams],
    fingerprints: Mapping[str, str],
    withheld: Mapping[str, Withheld],
    limits: Limits,
    jobs: int,
) -> Batch:
    """Make the batch of tasks for these reports. Their pages lead to all ``sheets`` of the folder."""
    params, notebook = run.params, run.params.notebook
    visible = find_visible_paths(params, notebook.parent)
    rendering = Rendering(notebook, params.formats, visible, tuple(sheets), fingerprints, limits, withheld)
    return Batch(
        partial(make_report, rendering=rendering),
        reports,
        params.data,
        limits,
        jobs,
        folders=tuple(filter(None, (notebook.parent, params.narratives))),
        uses_seaborn=uses_seaborn(notebook),
        is_shipped=is_shipped(notebook),
        rehearse=partial(rehearse, reports[0], rendering),
    )


def _publish_results(
    record: "RunRecord", results: Iterable[tuple[ReportParams, Any]], when_done: Callable[[ReportResult], object]
) -> None:
    """Write each report as it is made, and call ``when_done`` with its result.

    If this is stopped, writes ``run.json`` for the next run and raises the exception again.
    """
    try:
        for report, result in results:
            when_done(record.publish(report, result))
    except BaseException:
        record.write_manifest()
        raise


def _warn_of_removals(folder: Path, following: Path, published: Publication, warn: Callable[[str], object]) -> None:
    """Warn of each file that somebody put into the run's folder, outside subfolders. The run removes it."""
    for name in sorted(path.name for path in folder.iterdir()) if folder.is_dir() else ():
        if name not in published.files and name != MANIFEST and not (following / name).exists():
            warn(f"{folder / name} is removed: the run did not make it")


class RunRecord:
    """The reports that a run's folder will hold: new ones as they end, and earlier ones that stay.

    It exists since ``run.json``, ``figures.csv`` and the index cover all reports of the folder, whichever run made
    them. ``results`` are by report id.
    """

    def __init__(
        self, run: Run, folder: Path, published: Publication, limits: Limits, warn: Callable[[str], object]
    ) -> None:
        """Take over the published reports that stay. Call ``warn`` for a report that cannot."""
        self._run = run
        self._folder = folder
        self._published = published
        self._limits = limits
        self._warn = warn
        self._run_facts = describe_run(run).model_copy(update={"started": utc_now()})
        self._languages = tuple(dict.fromkeys((*run.params.languages, *pack.languages())))
        self._written_at = time.monotonic()
        self._files: dict[str, FileRecord] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self.results: dict[str, ReportResult] = {}
        for result in _find_kept_reports(run, published, warn):
            self.add(result, published)

    def list_sheets(self) -> list[ReportParams]:
        """List the reports that have a sheet in the folder, of this run and of earlier ones, sorted by id."""
        sheets = {report.id: report for report in self._run.reports if report.id not in self._run.without_sheet}
        sheets |= {
            name: result.params for name, result in self.results.items() if result.status not in NO_SHEET_OUTCOMES
        }
        return [sheets[name] for name in sorted(sheets)]

    def add(self, result: ReportResult, publication: Publication | None) -> ReportResult:
        """Add and return the result of a report that is not made now. Link its files from a publication, if given."""
        if publication:
            publication.link_files(result.outputs, self._folder)
            self._files |= {name: publication.files[name] for name in result.outputs}
        self.results[result.id] = result
        return result

    def publish(self, params: ReportParams, output: Report | TaskFailed) -> ReportResult:
        """Write the files of a report, add its result and return it. Write ``run.json`` from time to time.

        ``output`` comes from a process. If it is no valid report for these parameters, the report has failed.
        """
        if isinstance(output, Report) and output.answers(params):
            report = output
        else:
            failure = output if isinstance(output, TaskFailed) else TaskFailed()
            report = Report(params, 0, {}, problem=explain_missing_result(failure, self._limits))
        if problem := self._run.find_withholding(params):
            contents = report.contents if str(report.problem) == str(problem) else {}
            report = Report(params, report.seconds, contents, problem=problem)
        if not report.problem:
            try:
                self._figure_rows(report.params)
            except Exception as problem:
                fault = ReportFailed(NO_FIGURES_REASON, detail=f"{type(problem).__name__}: {problem}")
                report = replace(report, problem=fault)
        result = write_report(report, self._folder, self._published)
        self.results[report.params.id] = result
        if time.monotonic() - self._written_at > MANIFEST_INTERVAL_SECONDS:
            self.write_manifest()
        return result

    def list_withheld(self, reports: Iterable[ReportParams]) -> dict[str, Withheld]:
        """Return why reports are not published, and the last good sheet of each, by report id."""
        return {
            report.id: Withheld(problem, find_since(report, self._published), *find_last_good(report, self._published))
            for report in reports
            if (problem := self._run.find_withholding(report))
        }

    def write_manifest(self, ended: str = "") -> None:
        """Write ``run.json``. ``ended`` is empty while the run is at work."""
        write_whole(self._folder / MANIFEST, self.build_manifest(ended).text)
        self._written_at = time.monotonic()

    def write_all(self) -> None:
        """Write figures, index, ``run.json`` and the files of later steps. Warn of each failure of a step."""
        results, params = self._sort_results(), self._run.params
        self._write_tables(results)
        codes = {result.params.language for result in results}
        languages = tuple(code for code in self._languages if code in codes) or params.languages
        quality = QUALITY_PAGE_FILE if (self._folder / QUALITY_PAGE_FILE).is_file() else ""
        listed = params.model_copy(update={"languages": languages})
        page = render_index_page(listed, self.build_manifest(), results, quality_page=quality)
        write_whole(self._folder / INDEX_PAGE_FILE, page)
        ended = utc_now()
        self.write_manifest(ended)
        for name in FILE_STEPS:
            run = EndedRun(params, self._folder, "", results, before=self._published.folder)
            for line in run_step(name, run):
                self._warn(line)
            self.write_manifest(ended)  # which the next step reads

    def _write_tables(self, results: Sequence[ReportResult]) -> None:
        """Write ``figures.csv``, ``places.csv`` and ``datapackage.json`` for these reports.

        A report that was not made or is ``empty`` has no rows. The rows of a report that the run does not make come
        from the publication. If it no longer has them, they are counted.
        """
        skipped = (*NOT_MADE_OUTCOMES, "empty")
        reports = {result.params.report: result.params for result in results if result.status not in skipped}
        published = self._read_published_rows()
        requested = {report.report for report in self._run.reports}
        rows = (
            published[name] if name in published.keys() - requested else self._figure_rows(report)
            for name, report in reports.items()
        )
        write_csv(self._folder / "figures.csv", FIGURE_COLUMNS, chain.from_iterable(rows))
        write_csv(self._folder / PLACES_FILE, tuple(COLUMNS_BY_FILE[PLACES_FILE]), list_place_rows(self._run.plan))
        write_json(self._folder / DATAPACKAGE_FILE, describe_datapackage(self.build_manifest(), self._folder))

    def _read_published_rows(self) -> dict[str, list[dict[str, Any]]]:
        """Read the published rows of ``figures.csv`` by report, as texts, if file and columns are unchanged."""
        rows: dict[str, list[dict[str, Any]]] = {}
        if self._published.is_intact(["figures.csv"]):
            with (self._published.folder / "figures.csv").open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    if set(row) == set(FIGURE_COLUMNS):
                        rows.setdefault(row["report"], []).append(row)
        return rows

    def _figure_rows(self, report: ReportParams) -> list[dict[str, Any]]:
        """Return a report's rows of ``figures.csv``. The rows of all reports are made at once and cached."""
        if report.report not in self._rows:
            table = make_run_table(self._run.plan, [report, *self._run.reports])
            self._rows |= {
                str(name): list(list_figure_rows(rows)) for name, rows in table.groupby("report", sort=False)
            }
        return self._rows[report.report]

    def _sort_results(self) -> list[ReportResult]:
        """Return all results in the order of the parameter file, then of the plan."""
        params = self._run.params
        sectors = (*params.sectors, *plan_lists().report_sectors)
        places = (*params.places, *plan_lists().places)
        return sorted(
            self.results.values(),
            key=lambda result: (
                sectors.index(result.params.sector),
                places.index(result.params.place),
                fold(result.params.organisation),
                self._languages.index(result.params.language),
            ),
        )

    def build_manifest(self, ended: str = "") -> Manifest:
        """Return the content of ``run.json`` so far: its reports, and the files in the folder, each read once.

        Its parameter ``organisations`` lists the organisations of its reports. An empty ``ended`` becomes None.
        """
        results = self._sort_results()
        for name, path in list_files(self._folder).items():
            if name not in self._files:  # one that is there does not change any more
                self._files[name] = describe_file(path)
        organisations = list(dict.fromkeys(filter(None, (result.params.organisation for result in results))))
        content = {
            "params": self._run_facts.params | {"organisations": organisations},
            "ended": ended or None,
            "reports": tuple(ReportRecord.model_validate(result, from_attributes=True) for result in results),
            "files": dict(sorted(self._files.items())),
        }
        return self._run_facts.model_copy(update=content)


def _find_kept_reports(run: Run, published: Publication, warn: Callable[[str], object]) -> Iterator[ReportResult]:
    """Yield the published reports that stay: not requested now, of the same period, with intact files.

    If somebody changed the files of such a report, it is left out and ``warn`` is called.
    """
    requested = {report.id for report in run.reports}
    period = f"{run.params.period.start}/{run.params.period.end}"
    if str(published.manifest.period) != period or requested.issuperset(published.reports):
        return
    lists, organisations = plan_lists(), ("", *run.plan.organisations)
    for sector, place, language, organisation in product(
        lists.report_sectors, lists.places, pack.languages(), organisations
    ):
        entry = published.reports.get(f"{report_id(sector, place, organisation)}.{language}")
        if not entry or entry.id in requested or not published.has_files(entry.outputs):
            continue
        params = run.params.report(sector, place, language, organisation)
        if not published.is_intact(entry.outputs):
            warn(f"{params.id} is left out: its files are not those that the run made; run it again")
            continue
        sheet = published.read_sheet(params.stem)
        has_no_figures = entry.status in (*NOT_MADE_OUTCOMES, *NO_SHEET_OUTCOMES)
        if has_no_figures or sheet:
            status = entry.status if has_no_figures else "unchanged"
            fields = entry.model_copy(update={"status": status}).model_dump(exclude={"id", "cautions", "warnings"})
            yield ReportResult(params, **fields, figures=sheet)


def _find_result(
    report: ReportParams, run: Run, sources: Sequence[Publication], fingerprints: Mapping[str, str]
) -> tuple[ReportResult, Publication | None] | None:
    """Return the result of a report that need not be made with its publication, or None if it must be made."""
    if report.id in run.without_sheet:
        return ReportResult(report, run.without_sheet[report.id], 0, made=utc_now()), None
    if run.find_withholding(report):
        return None
    names = list_output_names(report, run.params.formats)
    for publication in sources:
        sheet = publication.read_sheet(report.stem)
        if not sheet or sheet.fingerprint != fingerprints[report.id]:
            continue
        if publication.manifest.audience == report.audience and publication.is_intact(names):
            ended = publication.reports.get(report.id, ReportRecord()).made
            return ReportResult(report, "unchanged", 0, names, figures=sheet, made=ended), publication
    return None


def _fingerprint_reports(run: Run, reports: Sequence[ReportParams], sheets: Sequence[ReportParams]) -> dict[str, str]:
    """Digest everything that each report uses, also the list of sheets, since each page leads to all."""
    texts = {path.name: f"{path.name} {sha256(path)}" for path in list_narratives(run.params)}
    single = {f"{report.id}.md" for report in (*reports, *sheets)}
    selections = product(plan_lists().report_sectors, plan_lists().places, pack.languages())
    single |= {f"{report_id(sector, place)}.{language}.md" for sector, place, language in selections}
    shared = [code()["sha256"], *(f"{file.path.name} {file.sha256}" for file in run.plan.inputs)]
    shared += [f"{run.params.notebook.name} {sha256(run.params.notebook)}"]
    shared += [text for name, text in texts.items() if name not in single]
    shared += [report.id for report in sheets]
    locations = {"data", "narratives"}  # the same files elsewhere make the same report

    def fingerprint(report: ReportParams) -> str:
        content, numbers = report.model_dump_json(exclude=locations), run.numbers[report.report]
        return digest([content, numbers, texts.get(f"{report.id}.md"), shared])

    return {report.id: fingerprint(report) for report in reports}
