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
    run_folder = (out / run.params.run).resolve()
    check_folder(run_folder, run.params.audience)
    with open_next_publication(run_folder, keep) as (next_folder, stopped_publication, current_publication):
        run_record = RunRecord(run, next_folder, current_publication, limits, warn)
        reports_with_sheet = run_record.list_sheets()
        reports_with_notes = _add_notes(run, reports_with_sheet, current_publication, when_compared)
        fingerprint_by_report = _fingerprint_reports(run, reports_with_notes, reports_with_sheet)
        _keep_tables(run, warn)
        reusable_publications = () if force else (stopped_publication, current_publication)
        result_publication_pairs = (
            _find_result(report_params, run, reusable_publications, fingerprint_by_report)
            for report_params in reports_with_notes
        )
        reused_result_pairs = [
            reused_result_pair for reused_result_pair in result_publication_pairs if reused_result_pair
        ]
        for report_result, publication in reused_result_pairs:
            when_done(run_record.add(report_result, publication))
        for report_params in filter(run.is_refused, reports_with_notes):
            when_done(run_record.refuse(report_params))
        reports_to_make = [
            report_params for report_params in reports_with_notes if report_params.id not in run_record.results
        ]
        if run.params.audience == "internal":
            has_new_sheet = bool(reports_to_make) or any(
                source_publication is stopped_publication for _, source_publication in reused_result_pairs
            )
            _write_quality_page(run, next_folder, current_publication, runner, is_new=has_new_sheet)
        run_record.write_manifest()
        shutil.rmtree(stopped_publication.folder, ignore_errors=True)  # its files are given to the next publication
        if reports_to_make:
            report_batch = _plan_batch(
                run, reports_to_make, reports_with_sheet, fingerprint_by_report, limits, jobs or DEFAULT_JOBS
            )
            with closing(runner(report_batch)) as report_result_pairs:
                _publish_results(run_record, report_result_pairs, when_done)
        run_record.write_all()
        _warn_of_removals(run_folder, next_folder, current_publication, warn)
    return [run_record.results[report_params.id] for report_params in run.reports]


def _add_notes(
    run: Run,
    sheets: Sequence[ReportParams],
    published: Publication,
    when_compared: Callable[[Account], object],
) -> list[ReportParams]:
    """Return the run's reports, each with a note on what it changes of the published sheet that it replaces.

    Calls ``when_compared`` with the account of what moved, where any sheet is replaced by another one.
    """
    reports_with_notes = [keep_revision_note(report, published) for report in run.reports]
    fingerprint_by_report = _fingerprint_reports(run, reports_with_notes, sheets)
    replacing_report_ids = {
        report.id
        for report in reports_with_notes
        if report.id not in run.without_sheet
        and is_continuation(report, published_sheet_record := published.read_sheet(report.stem))
        and published_sheet_record
        and published_sheet_record.fingerprint != fingerprint_by_report[report.id]
    }
    if not replacing_report_ids:
        return reports_with_notes
    account = _account_for_sheets(
        run, [report for report in reports_with_notes if report.id in replacing_report_ids], published
    )
    when_compared(account)
    return [
        add_revision_note(report, published, lambda report=report: select_published_figures(run.plan, report), account)  # type: ignore[misc]
        if report.id in replacing_report_ids
        else report
        for report in reports_with_notes
    ]


def _account_for_sheets(run: Run, reports: Sequence[ReportParams], published: Publication) -> Account:
    """Return what moved between the published sheets of these reports and those that the run will make.

    Breakdowns are left out. Where the data of the published run are not kept, the change is not split by its causes.
    """
    sheet_selection_triples, run_params = list_selections(reports), run.params
    figure_row_table = pd.concat(select_rows_by_report(run.plan, reports).values())
    current_number_series = select_published_values(figure_row_table[figure_row_table["part"] == ""])
    published_number_series = read_run(published.folder).select_values(
        {report_params.report for report_params in reports}
    )
    published_number_series = published_number_series[published_number_series.index.get_level_values("part") == ""]
    published_issue = read_issue(published.manifest, published.folder, run.params_path)
    if published_issue is None:
        return make_account(published_number_series, current_number_series, [(NOT_SPLIT_KIND, current_number_series)])
    current_issue = Issue(run.plan, run_params.period, run_params.method, run_params.audience, current_number_series)
    return compare_issues(
        published_number_series, replace(published_issue, only_figures=True), current_issue, sheet_selection_triples
    )


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
    quality_file_names = (
        *QUALITY_FILES,
        *(file_name for file_name in published.files if file_name.startswith(REVIEW_FOLDER)),
    )
    if not is_new and published.is_intact(quality_file_names):
        published.link_files(quality_file_names, folder)
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
    run_params, notebook_path = run.params, run.params.notebook
    rendering_settings = Rendering(
        notebook_path,
        run_params.formats,
        find_visible_paths(run_params, notebook_path.parent),
        tuple(sheets),
        fingerprints,
        limits,
    )
    return Batch(
        partial(make_report, rendering=rendering_settings),
        reports,
        run_params.data,
        limits,
        jobs,
        folders=tuple(filter(None, (notebook_path.parent, run_params.narratives))),
        uses_seaborn=uses_seaborn(notebook_path),
        is_shipped=is_shipped(notebook_path),
        rehearse=partial(rehearse, reports[0], rendering_settings),
    )


def _publish_results(
    record: "RunRecord", results: Iterable[tuple[ReportParams, Any]], when_done: Callable[[ReportResult], object]
) -> None:
    """Write each report as it is made, and call ``when_done`` with its result.

    Where that is stopped, writes ``run.json`` for the next run to take it up, and raises what stopped it.
    """
    try:
        for report_params, report_output in results:
            when_done(record.publish(report_params, report_output))
    except BaseException:
        record.write_manifest()
        raise


def _warn_of_removals(folder: Path, following: Path, published: Publication, warn: Callable[[str], object]) -> None:
    """Warn of each file that somebody put into the run's folder, and that the next publication does not have.

    It removes nothing, and does not look into subfolders.
    """
    for file_name in sorted(path.name for path in folder.iterdir()) if folder.is_dir() else ():
        if file_name not in published.files and file_name != MANIFEST and not (following / file_name).exists():
            warn(f"{folder / file_name} is removed: the run did not make it")


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
        for kept_result in _find_kept_reports(run, published, warn):
            self.add(kept_result, published)

    def list_sheets(self) -> list[ReportParams]:
        """List the reports that have a sheet in the folder, by id: of the run, and of earlier runs that stay."""
        params_by_id = {
            report_params.id: report_params
            for report_params in self._run.reports
            if report_params.id not in self._run.without_sheet
        }
        params_by_id |= {
            report_name: report_result.params
            for report_name, report_result in self.results.items()
            if report_result.status not in NO_SHEET_OUTCOMES
        }
        return [params_by_id[report_name] for report_name in sorted(params_by_id)]

    def add(self, result: ReportResult, publication: Publication | None) -> ReportResult:
        """Add the result of a report that is not made now; take over its files from a publication, if it has any."""
        if publication:
            publication.link_files(result.outputs, self._folder)
            self._files |= {file_name: publication.files[file_name] for file_name in result.outputs}
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
                report_failure = ReportFailed(NO_FIGURES_REASON, detail=f"{type(problem).__name__}: {problem}")
                report = replace(report, problem=report_failure)
        report_result = write_report(report, self._folder, self._published)
        self.results[report.params.id] = report_result
        if time.monotonic() - self._written_at > MANIFEST_INTERVAL_SECONDS:
            self.write_manifest()
        return report_result

    def refuse(self, params: ReportParams) -> ReportResult:
        """Write the page that stands in place of a report that is to be mended; add and return its result."""
        refusal_detail = self._run.refused.get(params.report, "")
        unusable_cause_names = self._run.unusable.get(params.report, ())
        refusal_error = (
            ReportRefused(REFUSED_SHEET_REASON, detail=refusal_detail)
            if refusal_detail
            else ReportToMend(NOT_USABLE_REASON, unusable_cause_names)
        )
        return self.publish(params, Report(params, 0, {}, problem=refusal_error))

    def write_manifest(self, ended: str = "") -> None:
        """Write ``run.json``, without the time when the run ``ended`` while it is at work."""
        write_whole(self._folder / MANIFEST, self.build_manifest(ended).text)
        self._written_at = time.monotonic()

    def write_all(self) -> None:
        """Write the figures, the index, ``run.json`` and what the file steps write, of all reports that are there.

        Warns of what a step could not do.
        """
        sorted_results, run_params = self._sort_results(), self._run.params
        self._write_tables(sorted_results)
        result_languages = {report_result.params.language for report_result in sorted_results}
        shown_languages = (
            tuple(language for language in self._languages if language in result_languages) or run_params.languages
        )
        quality_page_name = QUALITY_PAGE_FILE if (self._folder / QUALITY_PAGE_FILE).is_file() else ""
        index_html = render_index_page(
            run_params.model_copy(update={"languages": shown_languages}),
            self.build_manifest(),
            sorted_results,
            quality_page=quality_page_name,
        )
        write_whole(self._folder / INDEX_PAGE_FILE, index_html)
        end_time_text = utc_now()
        self.write_manifest(end_time_text)
        for step_name in FILE_STEPS:
            ended_run = EndedRun(run_params, self._folder, "", sorted_results, before=self._published.folder)
            for step_warning_text in run_step(step_name, ended_run):
                self._warn(step_warning_text)
            self.write_manifest(end_time_text)  # which the next step reads

    def _write_tables(self, results: Sequence[ReportResult]) -> None:
        """Write ``figures.csv``, ``places.csv`` and ``datapackage.json``, with the figures of all these reports.

        Reports that were not made, or of which nothing is reported, have no rows. Figures of a report that the run was
        not asked for are those of the publication; they are counted where it no longer has them.
        """
        params_by_report = {
            report_result.params.report: report_result.params
            for report_result in results
            if report_result.status not in (*NOT_MADE_OUTCOMES, "empty")
        }
        published_row_dicts_by_report = self._read_published_rows()
        requested_report_ids = {report_params.report for report_params in self._run.reports}
        rows_of_reports = (
            published_row_dicts_by_report[report_name]
            if report_name in published_row_dicts_by_report.keys() - requested_report_ids
            else self._figure_rows(report_params)
            for report_name, report_params in params_by_report.items()
        )
        write_csv(self._folder / "figures.csv", FIGURE_COLUMNS, chain.from_iterable(rows_of_reports))
        write_csv(self._folder / PLACES_FILE, tuple(COLUMNS_BY_FILE[PLACES_FILE]), list_place_rows(self._run.plan))
        write_json(self._folder / DATAPACKAGE_FILE, describe_datapackage(self.build_manifest(), self._folder))

    def _read_published_rows(self) -> dict[str, list[dict[str, Any]]]:
        """Read the rows of the published ``figures.csv`` by report, as texts; none where it was changed since.

        Rows with other columns than ``FIGURE_COLUMNS`` are left out.
        """
        row_dicts_by_report: dict[str, list[dict[str, Any]]] = {}
        if self._published.is_intact(["figures.csv"]):
            with (self._published.folder / "figures.csv").open(encoding="utf-8-sig", newline="") as figures_file:
                for figure_row_dict in csv.DictReader(figures_file):
                    if set(figure_row_dict) == set(FIGURE_COLUMNS):
                        row_dicts_by_report.setdefault(figure_row_dict["report"], []).append(figure_row_dict)
        return row_dicts_by_report

    def _figure_rows(self, report: ReportParams) -> list[dict[str, Any]]:
        """Return the rows of ``figures.csv`` of a report; those of all reports are made at once and cached."""
        if report.report not in self._rows:
            figure_table = make_run_table(self._run.plan, [report, *self._run.reports])
            self._rows |= {
                str(report_name): list(list_figure_rows(report_row_table))
                for report_name, report_row_table in figure_table.groupby("report", sort=False)
            }
        return self._rows[report.report]

    def _sort_results(self) -> list[ReportResult]:
        """Return the results of all reports that are there, by sector, place, organisation and language.

        Sectors, places and languages are in the order of the parameter file, then of the plan.
        """
        run_params = self._run.params
        ordered_sectors = (*run_params.sectors, *plan_lists().report_sectors)
        ordered_place_keys = (*run_params.places, *plan_lists().places)
        return sorted(
            self.results.values(),
            key=lambda result: (
                ordered_sectors.index(result.params.sector),
                ordered_place_keys.index(result.params.place),
                fold(result.params.organisation),
                self._languages.index(result.params.language),
            ),
        )

    def build_manifest(self, ended: str = "") -> Manifest:
        """Return what ``run.json`` says so far: its reports, and the files in the folder, each read once.

        Its parameter ``organisations`` names those of its reports. An empty ``ended`` is None.
        """
        sorted_results = self._sort_results()
        for file_name, path in list_files(self._folder).items():
            if file_name not in self._files:  # one that is there does not change any more
                self._files[file_name] = describe_file(path)
        organisations = list(
            dict.fromkeys(filter(None, (report_result.params.organisation for report_result in sorted_results)))
        )
        manifest_fields = {
            "params": self._run_facts.params | {"organisations": organisations},
            "ended": ended or None,
            "reports": tuple(
                ReportRecord.model_validate(report_result, from_attributes=True) for report_result in sorted_results
            ),
            "files": dict(sorted(self._files.items())),
        }
        return self._run_facts.model_copy(update=manifest_fields)


def _find_kept_reports(run: Run, published: Publication, warn: Callable[[str], object]) -> Iterator[ReportResult]:
    """Yield the results of published reports that stay: not of this run, of its period, with files as they were made.

    Calls ``warn`` for one that is left out since somebody changed its files.
    """
    requested_report_ids = {requested_report.id for requested_report in run.reports}
    run_period_text = f"{run.params.period.start}/{run.params.period.end}"
    if str(published.manifest.period) != run_period_text or requested_report_ids.issuperset(published.reports):
        return
    organisations = ("", *run.plan.organisations)
    for sector, place_key, language, organisation in product(
        plan_lists().report_sectors, plan_lists().places, pack.languages(), organisations
    ):
        report_record = published.reports.get(f"{report_id(sector, place_key, organisation)}.{language}")
        if (
            not report_record
            or report_record.id in requested_report_ids
            or not published.has_files(report_record.outputs)
        ):
            continue
        report_params = run.params.report(sector, place_key, language, organisation)
        if not published.is_intact(report_record.outputs):
            warn(f"{report_params.id} is left out: its files are not those that the run made; run it again")
            continue
        published_sheet_record = published.read_sheet(report_params.stem)
        has_no_figures = report_record.status in (*NOT_MADE_OUTCOMES, *NO_SHEET_OUTCOMES)
        if has_no_figures or published_sheet_record:
            kept_status = report_record.status if has_no_figures else "unchanged"
            record_fields = report_record.model_copy(update={"status": kept_status}).model_dump(
                exclude={"id", "cautions", "warnings"}
            )
            yield ReportResult(report_params, **record_fields, figures=published_sheet_record)


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
    output_names = list_output_names(report, run.params.formats)
    for publication in sources:
        published_sheet_record = publication.read_sheet(report.stem)
        if not published_sheet_record or published_sheet_record.fingerprint != fingerprints[report.id]:
            continue
        if publication.manifest.audience == report.audience and publication.is_intact(output_names):
            made_time_text = publication.reports.get(report.id, ReportRecord()).made
            return ReportResult(
                report, "unchanged", 0, output_names, figures=published_sheet_record, made=made_time_text
            ), publication
    return None


def _fingerprint_reports(run: Run, reports: Sequence[ReportParams], sheets: Sequence[ReportParams]) -> dict[str, str]:
    """Digest what each report follows from, by its id: parameters, numbers, inputs, texts, notebook, code, sheets.

    The list of ``sheets`` belongs to it since each page leads to all others.
    """
    digest_by_narrative = {
        narrative_path.name: f"{narrative_path.name} {sha256(narrative_path)}"
        for narrative_path in list_narratives(run.params)
    }
    report_narrative_names = {f"{report_params.id}.md" for report_params in (*reports, *sheets)}
    sheet_selections = product(plan_lists().report_sectors, plan_lists().places, pack.languages())
    report_narrative_names |= {
        f"{report_id(sector, place_key)}.{language}.md" for sector, place_key, language in sheet_selections
    }
    digests_in_every_report = [
        code()["sha256"],
        *(f"{input_file.path.name} {input_file.sha256}" for input_file in run.plan.inputs),
    ]
    digests_in_every_report += [f"{run.params.notebook.name} {sha256(run.params.notebook)}"]
    digests_in_every_report += [
        narrative_digest
        for narrative_name, narrative_digest in digest_by_narrative.items()
        if narrative_name not in report_narrative_names
    ]
    digests_in_every_report += [report_params.id for report_params in sheets]
    location_parameter_names = {"data", "narratives"}  # the same files elsewhere make the same report
    return {
        report_params.id: digest(
            [
                report_params.model_dump_json(exclude=location_parameter_names),
                run.numbers[report_params.report],
                digest_by_narrative.get(f"{report_params.id}.md"),
                digests_in_every_report,
            ]
        )
        for report_params in reports
    }
