"""A prepared run made: every report side by side, then ``run.json``, ``figures.csv``, the index page, the feed."""

import csv
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from rmrp_analysis.params import QUALITY_PAGE, REPORT_SECTORS, ReportParams
from rmrp_analysis.provenance import code, digest
from rmrp_analysis.publish.after import FILE_STEPS, EndedRun, run_step
from rmrp_analysis.publish.comparison.account import (
    NOT_SPLIT,
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
from rmrp_analysis.publish.engine.execution import without_result
from rmrp_analysis.publish.engine.privacy import seen_of
from rmrp_analysis.publish.engine.ways import Way, Work, apart, draws, is_shipped
from rmrp_analysis.publish.engine.workers import USUAL_LIMITS, Ended, Limits
from rmrp_analysis.publish.records.datapackage import DATAPACKAGE, describe_datapackage
from rmrp_analysis.publish.records.figures import (
    COLUMNS,
    FIGURE_COLUMNS,
    PLACES_FILE,
    list_figure_rows,
    list_place_rows,
    make_run_table,
    select_published_figures,
    select_rows_by_report,
)
from rmrp_analysis.publish.records.fingerprint import list_narratives
from rmrp_analysis.publish.records.manifest import MANIFEST, NOT_MADE, WITHOUT_SHEET, FileRecord, Manifest, ReportRecord
from rmrp_analysis.publish.records.publication import (
    Publication,
    check_folder,
    describe_file,
    list_files,
    open_next_publication,
)
from rmrp_analysis.publish.records.results import ReportResult, list_output_names, utc_now
from rmrp_analysis.publish.run.preparation import Run, manifest_of
from rmrp_analysis.publish.run.quality_page import QUALITY_FILES, write_quality
from rmrp_analysis.publish.run.report import NO_FIGURES, Rendering, Report, make_report, publish, rehearse
from rmrp_analysis.sources import sha256
from rmrp_analysis.vocabulary import PLACES, fold, report_id
from rmrp_analysis.words import N_

JOBS = os.cpu_count() or 1
"""Reports made side by side: each core makes one."""
REFUSED_SHEET = N_("Too many of its people are in rows that cannot be right, and are to be corrected first.")
NOT_USABLE = N_("What its reports say of the people reached cannot be used yet, and is to be corrected first.")
"""Why a sheet is not published, for every reader: how many they are is for the run's log."""
SECONDS_BETWEEN_NOTES = 10
"""How much of its work a run that is killed may have to do again."""


def render(
    run: Run,
    out: Path,
    *,
    jobs: int | None = None,
    force: bool = False,
    limits: Limits = USUAL_LIMITS,
    way: Way | None = None,
    keep: int = 0,
    when_done: Callable[[ReportResult], object] = lambda _: None,
    when_compared: Callable[[Account], object] = lambda _: None,
    warn: Callable[[str], object] = lambda _: None,
) -> list[ReportResult]:
    """Render every report of a run, and publish them in ``out/<run>`` as a whole; one that fails leaves others alone.

    A report of which nothing is known, or one number of few people or nobody alone, is not made: its result has a
    status of ``WITHOUT_SHEET`` and no files. One whose parameters,
    inputs, notebook and code are those of the last time, and whose files are as ``run.json`` has them, is not run again
    unless ``force``. Reports of the same run that are there and are not asked for keep their place. An internal run has
    the page on its data, too. Until the end, what was published before stays as it is; for good where the run is
    stopped, and the next run takes up what was made. Files that the run does not make are removed. The tables of the
    run are kept beside its data (``loaders.editions``).

    ``when_done`` is called as each report ends, ``when_compared`` with what moved since the published sheets, ``warn``
    with what is left out or removed. ``way`` is how processes make the reports (see ``ways``), ``keep`` how many
    earlier editions stay beside the folder. Returns the results in the run's order. Raises ``RequestError`` where
    another run is at work, or where the folder holds anything but this run for this audience.
    """
    way = way or apart
    folder = (out / run.params.run).resolve()
    check_folder(folder, run.params.audience)
    with open_next_publication(folder, keep) as (following, stopped, published):
        record = Record(run, following, published, limits, warn)
        made = record.reports()
        noted = _with_notes(run, made, published, when_compared)
        try:
            keep_edition(run.plan, run.params.data)
        except OSError as problem:
            warn(f"the tables of this run are not kept, so the next one cannot say what changed: {problem}")
        fingerprints = _fingerprints(run, noted, made)
        before = () if force else (stopped, published)
        known = [found for report in noted if (found := _known(report, run, before, fingerprints))]
        for result in [*(record.add(*each) for each in known), *map(record.refuse, filter(run.refuses, noted))]:
            when_done(result)
        changed = [report for report in noted if report.id not in record.results]
        if run.params.audience == "internal":
            new = changed or any(publication is stopped for _, publication in known)
            kept = (*QUALITY_FILES, *(name for name in published.files if name.startswith(REVIEW_FOLDER)))
            if not new and published.is_intact(kept):
                published.link_files(kept, following)
            else:
                with suppress(ReportFailed):  # `rmrp run` says that there is none
                    write_quality(run.params, following, way, with_workbooks=any(map(run.is_to_mend, run.reports)))
        record.write_manifest()
        shutil.rmtree(stopped.folder, ignore_errors=True)  # its files are given to the next publication
        if changed:
            params, folders = run.params, (run.params.notebook.parent, run.params.narratives)
            seen = seen_of(params, params.notebook.parent)
            rendering = Rendering(params.notebook, params.formats, seen, tuple(made), fingerprints, limits)
            make = partial(make_report, rendering=rendering)
            work = Work(
                make,
                changed,
                params.data,
                limits,
                jobs or JOBS,
                folders=tuple(filter(None, folders)),
                draws=draws(params.notebook),
                is_shipped=is_shipped(params.notebook),
                rehearse=partial(rehearse, changed[0], rendering),
            )
            with closing(way(work)) as results:
                try:
                    for report, result in results:
                        when_done(record.publish(report, result))
                except BaseException:  # stopped: the next run takes up what was made
                    record.write_manifest()
                    raise
        record.write_all()
        for name in sorted(path.name for path in folder.iterdir()) if folder.is_dir() else ():
            if name not in published.files and name != MANIFEST and not (following / name).exists():
                warn(f"{folder / name} is removed: the run did not make it")
    return [record.results[report.id] for report in run.reports]


def _with_notes(
    run: Run,
    made: Sequence[ReportParams],
    published: Publication,
    when_compared: Callable[[Account], object],
) -> list[ReportParams]:
    """The reports with what each says of the published sheet that it replaces."""
    noted = [keep_revision_note(report, published) for report in run.reports]
    fingerprints = _fingerprints(run, noted, made)
    changed = {
        report.id
        for report in noted
        if report.id not in run.without_sheet
        and is_continuation(report, sheet := published.read_sheet(report.stem))
        and sheet
        and sheet.fingerprint != fingerprints[report.id]
    }
    if not changed:
        return noted
    account = _account(run, [report for report in noted if report.id in changed], published)
    when_compared(account)
    return [
        add_revision_note(report, published, lambda report=report: select_published_figures(run.plan, report), account)  # type: ignore[misc]
        if report.id in changed
        else report
        for report in noted
    ]


def _account(run: Run, reports: Sequence[ReportParams], published: Publication) -> Account:
    """What moved between the published sheets of these reports and those that a run will make."""
    sheets, params = list_selections(reports), run.params
    rows = pd.concat(select_rows_by_report(run.plan, reports).values())
    numbers = select_published_values(rows[rows["part"] == ""])
    before = read_run(published.folder).select_values({report.report for report in reports})
    before = before[before.index.get_level_values("part") == ""]
    issue = read_issue(published.manifest, published.folder, run.params_path)
    if issue is None:
        return make_account(before, numbers, [(NOT_SPLIT, numbers)])
    after = Issue(run.plan, params.period, params.method, params.audience, numbers)
    return compare_issues(before, replace(issue, only_figures=True), after, sheets)


class Record:
    """What will stand in a run's folder: its own reports as they end, and those of earlier runs that stay there."""

    def __init__(
        self, run: Run, folder: Path, published: Publication, limits: Limits, warn: Callable[[str], object]
    ) -> None:
        self._run, self._folder, self._published, self._limits = run, folder, published, limits
        self._warn = warn
        self._manifest = manifest_of(run).model_copy(update={"started": utc_now()})
        self._languages = tuple(dict.fromkeys((*run.params.languages, *pack.languages())))
        self._noted = time.monotonic()
        self._files: dict[str, FileRecord] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self.results: dict[str, ReportResult] = {}
        for result in _reports_kept(run, published, warn):
            self.add(result, published)

    def reports(self) -> list[ReportParams]:
        """All reports that have a sheet in the folder: of the run, and of earlier runs that stay."""
        every = {report.id: report for report in self._run.reports if report.id not in self._run.without_sheet}
        every |= {name: result.params for name, result in self.results.items() if result.status not in WITHOUT_SHEET}
        return [every[name] for name in sorted(every)]

    def add(self, result: ReportResult, publication: Publication | None) -> ReportResult:
        """Keep the result of a report that is not made now: its files are those of a publication, or it has none."""
        if publication:
            publication.link_files(result.outputs, self._folder)
            self._files |= {name: publication.files[name] for name in result.outputs}
        self.results[result.id] = result
        return result

    def publish(self, params: ReportParams, made: Report | Ended) -> ReportResult:
        """Write the files of a report, and ``run.json`` with its result."""
        report = made if isinstance(made, Report) and made.answers(params) else None
        if report is None:
            ended = made if isinstance(made, Ended) else Ended()
            report = Report(params, 0, {}, problem=without_result(ended, self._limits))
        if not report.problem:
            try:
                self._rows_of(report.params)
            except Exception as problem:
                fault = ReportFailed(NO_FIGURES, detail=f"{type(problem).__name__}: {problem}")
                report = replace(report, problem=fault)
        result = publish(report, self._folder, self._published)
        self.results[report.params.id] = result
        if time.monotonic() - self._noted > SECONDS_BETWEEN_NOTES:
            self.write_manifest()
        return result

    def refuse(self, params: ReportParams) -> ReportResult:
        """Write the page in place of a report that is to be mended before it is published."""
        refused, unusable = self._run.refused.get(params.report, ""), self._run.unusable.get(params.report, ())
        fault = ReportRefused(REFUSED_SHEET, detail=refused) if refused else ReportToMend(NOT_USABLE, unusable)
        return self.publish(params, Report(params, 0, {}, problem=fault))

    def write_manifest(self, ended: str = "") -> None:
        """Write ``run.json``; one that has not ``ended`` stands in no published folder."""
        write_whole(self._folder / MANIFEST, self.manifest(ended).text)
        self._noted = time.monotonic()

    def write_all(self) -> None:
        """Write the figures, the index, ``run.json`` and what steps write, of all reports that are there."""
        results = self._in_order()
        made = {each.params.report: each.params for each in results if each.status not in (*NOT_MADE, "empty")}
        earlier: dict[str, list[dict[str, Any]]] = {}
        if self._published.is_intact(["figures.csv"]):
            with (self._published.folder / "figures.csv").open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    if set(row) == set(FIGURE_COLUMNS):
                        earlier.setdefault(row["report"], []).append(row)
        asked = {report.report for report in self._run.reports}
        rows = (earlier[name] if name in earlier.keys() - asked else self._rows_of(made[name]) for name in made)
        write_csv(self._folder / "figures.csv", FIGURE_COLUMNS, chain.from_iterable(rows))
        write_csv(self._folder / PLACES_FILE, tuple(COLUMNS[PLACES_FILE]), list_place_rows(self._run.plan))
        write_json(self._folder / DATAPACKAGE, describe_datapackage(self.manifest(), self._folder))
        there = {result.params.language for result in results}
        languages = tuple(code for code in self._languages if code in there) or self._run.params.languages
        params_there = self._run.params.model_copy(update={"languages": languages})
        quality_page = QUALITY_PAGE if (self._folder / QUALITY_PAGE).is_file() else ""
        page = render_index_page(params_there, self.manifest(), results, quality_page=quality_page)
        write_whole(self._folder / "index.html", page)
        ended = utc_now()
        self.write_manifest(ended)
        for name in FILE_STEPS:
            run = EndedRun(self._run.params, self._folder, "", results, before=self._published.folder)
            for line in run_step(name, run):
                self._warn(line)
            self.write_manifest(ended)  # which the next step reads

    def _rows_of(self, report: ReportParams) -> list[dict[str, Any]]:
        """The rows of ``figures.csv`` of a report; those of all reports of the run are made at once."""
        if report.report not in self._rows:
            table = make_run_table(self._run.plan, [report, *self._run.reports])
            self._rows |= {
                str(name): list(list_figure_rows(rows)) for name, rows in table.groupby("report", sort=False)
            }
        return self._rows[report.report]

    def _in_order(self) -> list[ReportResult]:
        """All reports that are there, in the order of the parameter file."""
        params = self._run.params
        sectors, places = (*params.sectors, *REPORT_SECTORS), (*params.places, *PLACES)
        return sorted(
            self.results.values(),
            key=lambda result: (
                sectors.index(result.params.sector),
                places.index(result.params.place),
                fold(result.params.organisation),
                self._languages.index(result.params.language),
            ),
        )

    def manifest(self, ended: str = "") -> Manifest:
        """What the run states of itself so far; its organisations are those with reports, where it asked for all."""
        results = self._in_order()
        for name, path in list_files(self._folder).items():
            if name not in self._files:  # one that is there does not change any more
                self._files[name] = describe_file(path)
        organisations = list(dict.fromkeys(filter(None, (result.params.organisation for result in results))))
        stated = {
            "params": self._manifest.params | {"organisations": organisations},
            "ended": ended or None,
            "reports": tuple(ReportRecord.model_validate(result, from_attributes=True) for result in results),
            "files": dict(sorted(self._files.items())),
        }
        return self._manifest.model_copy(update=stated)


def _reports_kept(run: Run, published: Publication, warn: Callable[[str], object]) -> Iterator[ReportResult]:
    """The reports that a run does not ask for, are there as ``run.json`` has them, and tell of the same period."""
    asked = {report.id for report in run.reports}
    period = f"{run.params.period.start}/{run.params.period.end}"
    if str(published.manifest.period) != period or asked.issuperset(published.reports):
        return
    organisations = ("", *run.plan.organisations)
    for sector, place, language, organisation in product(REPORT_SECTORS, PLACES, pack.languages(), organisations):
        entry = published.reports.get(f"{report_id(sector, place, organisation)}.{language}")
        if not entry or entry.id in asked or not published.has_files(entry.outputs):
            continue
        params = run.params.report(sector, place, language, organisation)
        if not published.is_intact(entry.outputs):
            warn(f"{params.id} is left out: its files are not those that the run made; run it again")
            continue
        sheet = published.read_sheet(params.stem)
        without_figures = entry.status in (*NOT_MADE, *WITHOUT_SHEET)
        if without_figures or sheet:
            status = entry.status if without_figures else "unchanged"
            stated = entry.model_copy(update={"status": status}).model_dump(exclude={"id", "cautions", "warnings"})
            yield ReportResult(params, **stated, figures=sheet)


def _known(
    report: ReportParams, run: Run, before: Sequence[Publication], fingerprints: Mapping[str, str]
) -> tuple[ReportResult, Publication | None] | None:
    """The result of a report that need not be made: it has no sheet, or a publication has its files as they are."""
    if report.id in run.without_sheet:
        return ReportResult(report, run.without_sheet[report.id], 0, made=utc_now()), None
    if run.refuses(report):
        return None
    names = list_output_names(report, run.params.formats)
    for publication in before:
        sheet = publication.read_sheet(report.stem)
        if not sheet or sheet.fingerprint != fingerprints[report.id]:
            continue
        if publication.manifest.audience == report.audience and publication.is_intact(names):
            made = publication.reports.get(report.id, ReportRecord()).made
            result = ReportResult(report, "unchanged", 0, names, figures=sheet, made=made)
            return result, publication
    return None


def _fingerprints(run: Run, reports: Sequence[ReportParams], made: Sequence[ReportParams]) -> dict[str, str]:
    """By report, what changes whenever it could: its parameters, numbers, inputs, narrative, notebook, code, others."""
    texts = {path.name: f"{path.name} {sha256(path)}" for path in list_narratives(run.params)}
    own = {f"{report.id}.md" for report in (*reports, *made)}  # texts of one report alone
    places = product(REPORT_SECTORS, PLACES, pack.languages())
    own |= {f"{report_id(sector, place)}.{language}.md" for sector, place, language in places}
    shared = [code()["sha256"], *(f"{file.path.name} {file.sha256}" for file in run.plan.inputs)]
    shared += [f"{run.params.notebook.name} {sha256(run.params.notebook)}"]
    shared += [text for name, text in texts.items() if name not in own]
    shared += [report.id for report in made]  # its page leads to them
    where = {"data", "narratives"}  # the same files elsewhere make the same report
    return {
        each.id: digest(
            [each.model_dump_json(exclude=where), run.numbers[each.report], texts.get(f"{each.id}.md"), shared]
        )
        for each in reports
    }
