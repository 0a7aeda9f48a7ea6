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

from rmrp_analysis.errors import ReportFailed, ReportRefused, ReportToMend
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
from rmrp_analysis.publish.run.report import NO_FIGURES_REASON, Rendering, Report, make_report, rehearse, write_report
from rmrp_analysis.sources import sha256
from rmrp_analysis.vocabulary import fold, plan_lists, report_id
from rmrp_analysis.words import N_

DEFAULT_JOBS = os.cpu_count() or 1
"""How many reports are made at a time where nobody says it: one on each core."""
REFUSED_SHEET_REASON = N_("Too many of its people are in rows that cannot be right, and are to be corrected first.")
"""Why a sheet is not published whose gate refuses it, for every reader: how many rows they are is for the log."""
NOT_USABLE_REASON = N_("What its reports say of the people reached cannot be used yet, and is to be corrected first.")
"""Why a sheet is not published whose main number cannot be used, for every reader."""
MANIFEST_INTERVAL_SECONDS = 10
"""Seconds after which ``run.json`` is written again while reports are made: a run that is killed loses no more."""


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
    """Render every report of a run, and publish them in ``out/<run>`` as a whole; one that fails leaves others alone.

    A report in ``run.without_sheet`` is not made: its result has a status of ``NO_SHEET_OUTCOMES`` and no files. A
    public one to mend gets a page that says so. One whose parameters, inputs, notebook and code are those of the last
    time, and whose files are as ``run.json`` has them, is not run again unless ``force``. Reports of the same run that
    are there and are not asked for keep their place. An internal run has the page on its data, too. Until the end, what
    was published before stays as it is; for good where the run is stopped, and the next run takes up what was made.
    Files that the run does not make are removed. The tables of the run are kept beside its data (``loaders.editions``).

    ``when_done`` is called as each report ends, ``when_compared`` with what moved since the published sheets, ``warn``
    with what is left out or removed. ``runner`` runs the notebooks (see ``runners``), ``keep`` how many earlier
    editions stay beside the folder. Returns the results in the run's order. Raises ``RequestError`` where another run
    is at work, or where the folder holds anything but this run for this audience.
    """
    runner = runner or run_in_processes
    folder = (out / run.params.run).resolve()
    check_folder(folder, run.params.audience)
    with open_next_publication(folder, keep) as (following, stopped, published):
        record = RunRecord(run, following, published, limits, warn)
        sheets = record.list_sheets()
        reports = _add_notes(run, sheets, published, when_compared)
        fingerprints = _fingerprint_reports(run, reports, sheets)
        _keep_tables(run, warn)
        sources = () if force else (stopped, published)
        result_publication_pairs = (_find_result(report, run, sources, fingerprints) for report in reports)
        reused = [reused_result_pair for reused_result_pair in result_publication_pairs if reused_result_pair]
        for report_result, publication in reused:
            when_done(record.add(report_result, publication))
        for report in filter(run.is_refused, reports):
            when_done(record.refuse(report))
        changed = [report for report in reports if report.id not in record.results]
        if run.params.audience == "internal":
            is_new = bool(changed) or any(source_publication is stopped for _, source_publication in reused)
            _write_quality_page(run, following, published, runner, is_new=is_new)
        record.write_manifest()
        shutil.rmtree(stopped.folder, ignore_errors=True)  # its files are given to the next publication
        if changed:
            report_batch = _plan_batch(run, changed, sheets, fingerprints, limits, jobs or DEFAULT_JOBS)
            with closing(runner(report_batch)) as results:
                _publish_results(record, results, when_done)
        record.write_all()
        _warn_of_removals(folder, following, published, warn)
    return [record.results[report.id] for report in run.reports]


def _add_notes(
    run: Run, sheets: Sequence[ReportParams], published: Publication, when_compared: Callable[[Account], object]
) -> list[ReportParams]:
    """Return the run's reports, each with a note on what it changes of the published sheet that it replaces.

    Calls ``when_compared`` with the account of what moved, where any sheet is replaced by another one.
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
    return [
        add_revision_note(report, published, lambda report=report: select_published_figures(run.plan, report), account)  # type: ignore[misc]
        if report.id in replacing
        else report
        for report in reports
    ]


def _account_for_sheets(run: Run, reports: Sequence[ReportParams], published: Publication) -> Account:
    """Return what moved between the published sheets of these reports and those that the run will make.

    Breakdowns are left out. Where the data of the published run are not kept, the change is not split by its causes.
    """
    sheets, params = list_selections(reports), run.params
    rows = pd.concat(select_rows_by_report(run.plan, reports).values())
    numbers = select_published_values(rows[rows["part"] == ""])
    published_numbers = read_run(published.folder).select_values({report.report for report in reports})
    published_numbers = published_numbers[published_numbers.index.get_level_values("part") == ""]
    issue = read_issue(published.manifest, published.folder, run.params_path)
    if issue is None:
        return make_account(published_numbers, numbers, [(NOT_SPLIT_KIND, numbers)])
    next_issue = Issue(run.plan, params.period, params.method, params.audience, numbers)
    return compare_issues(published_numbers, replace(issue, only_figures=True), next_issue, sheets)


def _keep_tables(run: Run, warn: Callable[[str], object]) -> None:
    """Keep the run's tables beside its data, so that the next run can say what changed; warn where that fails."""
    try:
        keep_edition(run.plan, run.params.data)
    except OSError as problem:
        warn(f"the tables of this run are not kept, so the next one cannot say what changed: {problem}")


def _write_quality_page(run: Run, folder: Path, published: Publication, runner: Runner, *, is_new: bool) -> None:
    """Write the page on the run's data with its tables, and workbooks where a report is to mend.

    The published ones are taken over where nothing ``is_new`` and they are intact. Where its notebook fails, nothing is
    raised.
    """
    names = (*QUALITY_FILES, *(name for name in published.files if name.startswith(REVIEW_FOLDER)))
    if not is_new and published.is_intact(names):
        published.link_files(names, folder)
        return
    with suppress(ReportFailed):  # `rmrp run` says that there is none
        write_quality_files(run.params, folder, runner, with_workbooks=any(map(run.is_to_mend, run.reports)))


def _plan_batch(
    run: Run,
    reports: Sequence[ReportParams],
    sheets: Sequence[ReportParams],
    fingerprints: Mapping[str, str],
    limits: Limits,
    jobs: int,
) -> Batch:
    """Return the batch of tasks that make these reports, whose pages lead to all ``sheets`` of the folder."""
    params, notebook = run.params, run.params.notebook
    rendering = Rendering(
        notebook, params.formats, find_visible_paths(params, notebook.parent), tuple(sheets), fingerprints, limits
    )
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

    Where that is stopped, writes ``run.json`` for the next run to take it up, and raises what stopped it.
    """
    try:
        for report, result in results:
            when_done(record.publish(report, result))
    except BaseException:
        record.write_manifest()
        raise


def _warn_of_removals(folder: Path, following: Path, published: Publication, warn: Callable[[str], object]) -> None:
    """Warn of each file that somebody put into the run's folder, and that the next publication does not have.

    It removes nothing, and does not look into subfolders.
    """
    for name in sorted(path.name for path in folder.iterdir()) if folder.is_dir() else ():
        if name not in published.files and name != MANIFEST and not (following / name).exists():
            warn(f"{folder / name} is removed: the run did not make it")


class RunRecord:
    """The reports that a run's folder will hold: its own as they end, and those of earlier runs that stay there.

    It exists since ``run.json``, ``figures.csv`` and the index are of all reports that are there, whatever run made
    them. ``results`` are theirs by the reports' ids.
    """

    def __init__(
        self, run: Run, folder: Path, published: Publication, limits: Limits, warn: Callable[[str], object]
    ) -> None:
        """Take over the reports of the publication that stay; ``warn`` is called for one that cannot."""
        self._run, self._folder, self._published, self._limits = run, folder, published, limits
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
        """List the reports that have a sheet in the folder, by id: of the run, and of earlier runs that stay."""
        by_id = {report.id: report for report in self._run.reports if report.id not in self._run.without_sheet}
        by_id |= {
            name: result.params for name, result in self.results.items() if result.status not in NO_SHEET_OUTCOMES
        }
        return [by_id[name] for name in sorted(by_id)]

    def add(self, result: ReportResult, publication: Publication | None) -> ReportResult:
        """Add the result of a report that is not made now; take over its files from a publication, if it has any."""
        if publication:
            publication.link_files(result.outputs, self._folder)
            self._files |= {name: publication.files[name] for name in result.outputs}
        self.results[result.id] = result
        return result

    def publish(self, params: ReportParams, output: Report | TaskFailed) -> ReportResult:
        """Write the files of a report, add its result and return it; from time to time write ``run.json``.

        ``output`` is what a process sent for the report: anything else than an answer to it is a failure.
        """
        if isinstance(output, Report) and output.answers(params):
            report = output
        else:
            failed_task = output if isinstance(output, TaskFailed) else TaskFailed()
            report = Report(params, 0, {}, problem=explain_missing_result(failed_task, self._limits))
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

    def refuse(self, params: ReportParams) -> ReportResult:
        """Write the page that stands in place of a report that is to be mended; add and return its result."""
        refused = self._run.refused.get(params.report, "")
        unusable = self._run.unusable.get(params.report, ())
        fault = (
            ReportRefused(REFUSED_SHEET_REASON, detail=refused)
            if refused
            else ReportToMend(NOT_USABLE_REASON, unusable)
        )
        return self.publish(params, Report(params, 0, {}, problem=fault))

    def write_manifest(self, ended: str = "") -> None:
        """Write ``run.json``, without the time when the run ``ended`` while it is at work."""
        write_whole(self._folder / MANIFEST, self.build_manifest(ended).text)
        self._written_at = time.monotonic()

    def write_all(self) -> None:
        """Write the figures, the index, ``run.json`` and what the file steps write, of all reports that are there.

        Warns of what a step could not do.
        """
        results, params = self._sort_results(), self._run.params
        self._write_tables(results)
        languages = {result.params.language for result in results}
        shown_languages = tuple(code for code in self._languages if code in languages) or params.languages
        quality_page = QUALITY_PAGE_FILE if (self._folder / QUALITY_PAGE_FILE).is_file() else ""
        page = render_index_page(
            params.model_copy(update={"languages": shown_languages}),
            self.build_manifest(),
            results,
            quality_page=quality_page,
        )
        write_whole(self._folder / INDEX_PAGE_FILE, page)
        ended = utc_now()
        self.write_manifest(ended)
        for name in FILE_STEPS:
            run = EndedRun(params, self._folder, "", results, before=self._published.folder)
            for line in run_step(name, run):
                self._warn(line)
            self.write_manifest(ended)  # which the next step reads

    def _write_tables(self, results: Sequence[ReportResult]) -> None:
        """Write ``figures.csv``, ``places.csv`` and ``datapackage.json``, with the figures of all these reports.

        Reports that were not made, or of which nothing is reported, have no rows. Figures of a report that the run was
        not asked for are those of the publication; they are counted where it no longer has them.
        """
        reports = {
            result.params.report: result.params
            for result in results
            if result.status not in (*NOT_MADE_OUTCOMES, "empty")
        }
        published_rows = self._read_published_rows()
        requested = {report.report for report in self._run.reports}
        rows = (
            published_rows[name] if name in published_rows.keys() - requested else self._figure_rows(report)
            for name, report in reports.items()
        )
        write_csv(self._folder / "figures.csv", FIGURE_COLUMNS, chain.from_iterable(rows))
        write_csv(self._folder / PLACES_FILE, tuple(COLUMNS_BY_FILE[PLACES_FILE]), list_place_rows(self._run.plan))
        write_json(self._folder / DATAPACKAGE_FILE, describe_datapackage(self.build_manifest(), self._folder))

    def _read_published_rows(self) -> dict[str, list[dict[str, Any]]]:
        """Read the rows of the published ``figures.csv`` by report, as texts; none where it was changed since.

        Rows with other columns than ``FIGURE_COLUMNS`` are left out.
        """
        rows: dict[str, list[dict[str, Any]]] = {}
        if self._published.is_intact(["figures.csv"]):
            with (self._published.folder / "figures.csv").open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    if set(row) == set(FIGURE_COLUMNS):
                        rows.setdefault(row["report"], []).append(row)
        return rows

    def _figure_rows(self, report: ReportParams) -> list[dict[str, Any]]:
        """Return the rows of ``figures.csv`` of a report; those of all reports are made at once and cached."""
        if report.report not in self._rows:
            table = make_run_table(self._run.plan, [report, *self._run.reports])
            self._rows |= {
                str(name): list(list_figure_rows(rows)) for name, rows in table.groupby("report", sort=False)
            }
        return self._rows[report.report]

    def _sort_results(self) -> list[ReportResult]:
        """Return the results of all reports that are there, by sector, place, organisation and language.

        Sectors, places and languages are in the order of the parameter file, then of the plan.
        """
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
        """Return what ``run.json`` says so far: its reports, and the files in the folder, each read once.

        Its parameter ``organisations`` names those of its reports. An empty ``ended`` is None.
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
    """Yield the results of published reports that stay: not of this run, of its period, with files as they were made.

    Calls ``warn`` for one that is left out since somebody changed its files.
    """
    requested = {report.id for report in run.reports}
    period = f"{run.params.period.start}/{run.params.period.end}"
    if str(published.manifest.period) != period or requested.issuperset(published.reports):
        return
    organisations = ("", *run.plan.organisations)
    for sector, place, language, organisation in product(
        plan_lists().report_sectors, plan_lists().places, pack.languages(), organisations
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
    """Return the result of a report that need not be made, with the publication that has its files.

    A report without a sheet has no publication. None for a report that is to be made, or is refused.
    """
    if report.id in run.without_sheet:
        return ReportResult(report, run.without_sheet[report.id], 0, made=utc_now()), None
    if run.is_refused(report):
        return None
    names = list_output_names(report, run.params.formats)
    for publication in sources:
        sheet = publication.read_sheet(report.stem)
        if not sheet or sheet.fingerprint != fingerprints[report.id]:
            continue
        if publication.manifest.audience == report.audience and publication.is_intact(names):
            made_time_text = publication.reports.get(report.id, ReportRecord()).made
            return ReportResult(report, "unchanged", 0, names, figures=sheet, made=made_time_text), publication
    return None


def _fingerprint_reports(run: Run, reports: Sequence[ReportParams], sheets: Sequence[ReportParams]) -> dict[str, str]:
    """Digest what each report follows from, by its id: parameters, numbers, inputs, texts, notebook, code, sheets.

    The list of ``sheets`` belongs to it since each page leads to all others.
    """
    texts = {path.name: f"{path.name} {sha256(path)}" for path in list_narratives(run.params)}
    texts_of_one_report = {f"{report.id}.md" for report in (*reports, *sheets)}
    selections = product(plan_lists().report_sectors, plan_lists().places, pack.languages())
    texts_of_one_report |= {f"{report_id(sector, place)}.{language}.md" for sector, place, language in selections}
    shared = [code()["sha256"], *(f"{file.path.name} {file.sha256}" for file in run.plan.inputs)]
    shared += [f"{run.params.notebook.name} {sha256(run.params.notebook)}"]
    shared += [text for name, text in texts.items() if name not in texts_of_one_report]
    shared += [report.id for report in sheets]
    locations = {"data", "narratives"}  # the same files elsewhere make the same report
    return {
        report.id: digest(
            [
                report.model_dump_json(exclude=locations),
                run.numbers[report.report],
                texts.get(f"{report.id}.md"),
                shared,
            ]
        )
        for report in reports
    }
