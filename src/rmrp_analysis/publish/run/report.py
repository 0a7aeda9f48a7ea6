"""Makes one report: runs its notebook, exports it, and writes its files.

A failed report also has files: a page with the reason, and the last good sheet.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import nbformat
from babel.dates import format_date
from nbformat import NotebookNode
from nbformat.v4.rwbase import strip_transient
from pikepdf import Pdf

from rmrp_analysis import numbers, theme
from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.files import DISK_ERRNOS, json_text, write_whole
from rmrp_analysis.packs import pack
from rmrp_analysis.page.drawings import keep_map
from rmrp_analysis.params import NOTEBOOKS_FOLDER, SHEET_NOTEBOOK, ReportParams, find_shipped_folder
from rmrp_analysis.publish.documents.data_files import format_data_csv, make_data_workbook
from rmrp_analysis.publish.documents.html import render_html_page
from rmrp_analysis.publish.documents.navigation import adapt_last_good_page, make_navigation_bar, name_sheet
from rmrp_analysis.publish.documents.outputs import NOT_PUBLIC_REASON, Document, read_document
from rmrp_analysis.publish.documents.pdf import load_fonts, render_pdf
from rmrp_analysis.publish.engine.execution import (
    NOTEBOOK_UNREADABLE_REASON,
    TOO_LARGE_REASON,
    describe_error,
    find_failure,
    run_notebook,
)
from rmrp_analysis.publish.engine.privacy import VisiblePaths, prepare_for_readers
from rmrp_analysis.publish.engine.remote_paths import resolve_path
from rmrp_analysis.publish.engine.workers import USUAL_LIMITS, Limits, trim_memory
from rmrp_analysis.publish.records.data_set import describe_data_set
from rmrp_analysis.publish.records.manifest import WITHHELD_OUTCOMES, SheetRecord
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.publish.records.results import (
    COMPANION_SUFFIXES,
    FORMATS,
    LAST_GOOD_MARK,
    LAST_GOOD_SUFFIXES,
    ReportResult,
    utc_now,
)
from rmrp_analysis.publish.run.withheld import Withheld, make_withheld_sheet
from rmrp_analysis.vocabulary import REGION
from rmrp_analysis.words import INTERNAL_MARK, N_, Translator
from rmrp_analysis.yaml_text import escape_unprintable

MAX_PDF_PAGES = 2
"""The pages for which a sheet is designed. A sheet with longer texts has more pages, and a warning."""
NO_FIGURES_REASON = N_("Its notebook makes no page of figures.")
NO_ACCOUNT_WARNING = "it does not say how its figures were counted, and from what: its notebook has no page.account()"
NO_LAYOUT_REASON = N_("Its text and figures could not be set as a page.")
NOT_WRITTEN_REASON = N_("Its files could not be written.")


@dataclass(frozen=True)
class Report:
    """A report before it is written: the ``contents`` of its files by suffix, or the ``problem`` it failed with.

    It exists since many processes make reports, and only one writes them.
    """

    params: ReportParams
    seconds: float
    contents: Mapping[str, str | bytes]
    figures: SheetRecord | None = None
    problem: ReportFailed | None = None

    def answers(self, params: ReportParams) -> bool:
        """Tell whether this is a valid report for these parameters, since a notebook can change the sent report."""
        fields = ((self.seconds, float | int), (self.figures, SheetRecord | None), (self.problem, ReportFailed | None))
        has_texts = all(isinstance(content, str | bytes) for content in self.contents.values())
        return self.params == params and has_texts and all(isinstance(content, kind) for content, kind in fields)


@dataclass(frozen=True)
class Rendering:
    """The common settings of all reports of a run, sent once to each process that makes reports.

    The page of each report leads to the other ``sheets``. ``fingerprints`` digest everything that each report uses, by
    report id. ``visible`` has the paths as readers see them. ``withheld`` has the reports that are not published.
    """

    notebook: Path
    formats: tuple[str, ...]
    visible: VisiblePaths
    sheets: tuple[ReportParams, ...] = ()
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = USUAL_LIMITS
    withheld: Mapping[str, Withheld] = field(default_factory=dict)


def warm_up() -> None:
    """Import and cache the common needs of reports: shell, templates, fonts, map of the region.

    Typst compiles nothing here, and no thread starts: a fork would wait for either for ever.
    """
    from rmrp_analysis.publish.engine import shell  # noqa: F401

    theme.keep_templates()
    load_fonts()
    keep_map(REGION)
    # nbformat caches the schema by which it checks notebooks
    nbformat.read(find_shipped_folder(NOTEBOOKS_FOLDER) / SHEET_NOTEBOOK, as_version=4)


def rehearse(params: ReportParams, rendering: Rendering) -> None:
    """Make a report by the package's notebook and drop it, so that forks have its imports and caches.

    It has no PDF, since Typst starts threads (see ``warm_up``).
    """
    notebook = find_shipped_folder(NOTEBOOKS_FOLDER) / SHEET_NOTEBOOK
    make_report(params, replace(rendering, notebook=notebook, formats=("html",)))


def make_report(params: ReportParams, rendering: Rendering) -> Report:
    """Run the notebook with these parameters and export it. Write nothing, and raise nothing.

    Returns a report with the contents of its files, or with the problem it failed with. A failed report for an internal
    audience has its notebook, if that ran.
    """
    start = time.perf_counter()
    contents: dict[str, str | bytes] = {}
    if withheld := rendering.withheld.get(params.id):
        return _make_withheld_report(params, withheld, rendering)
    try:
        ran = run_notebook(params, rendering.notebook)
        failed = find_failure(ran, params, rendering.limits)
        executed = prepare_for_readers(ran, params, rendering.notebook.parent, rendering.visible)
        contents["ipynb"] = notebook_text(executed)
        if failed:
            raise failed  # noqa: TRY301 - once its notebook is kept
        figures = _find_output(executed, theme.FIGURES_MIME)
        tables = _find_output(executed, theme.TABLES_MIME)
        document = read_document(executed, folder=resolve_path(rendering.notebook.parent), added_count=False)
        contents |= _export_document(document, params, rendering, figures, tables)
        if params.audience == "public" and document.internal:
            raise ReportFailed(NOT_PUBLIC_REASON, detail="its notebook makes a page with audience='internal'")  # noqa: TRY301
    except ReportFailed as problem:
        fault = problem
    except MemoryError as problem:
        fault = ReportFailed(TOO_LARGE_REASON, memory=str(rendering.limits.memory), detail=describe_error(problem))
    except Exception as problem:
        fault = ReportFailed(NOTEBOOK_UNREADABLE_REASON, detail=describe_error(problem))
    else:
        warnings = dict.fromkeys(document.warnings)
        if not document.accounted:
            warnings[NO_ACCOUNT_WARNING] = None
        if isinstance(pdf := contents.get("pdf"), bytes) and not document.foreign:
            warnings |= dict.fromkeys(warn_of_length(pdf))
        content = {
            "id": params.id,
            "audience": params.audience,
            "fingerprint": rendering.fingerprints.get(params.id, ""),
            **figures,
            "warnings": list(warnings),
        }
        contents["json"] = json_text(content)
        return Report(params, round(time.perf_counter() - start, 2), contents, SheetRecord(**content))
    is_internal = params.audience == "internal"  # the outputs of a failed notebook are only for its author
    notebook = {"ipynb": contents["ipynb"]} if contents and is_internal else {}
    return Report(params, round(time.perf_counter() - start, 2), notebook, problem=fault)


def _make_withheld_report(params: ReportParams, withheld: Withheld, rendering: Rendering) -> Report:
    """Make the page in place of a report that is not published. Without contents if that fails."""
    start, pages = time.perf_counter(), dict[str, str | bytes]()
    with suppress(Exception):  # the page of a failure stands in for it
        pages |= make_withheld_sheet(params, withheld, rendering.sheets, rendering.formats)
    return Report(params, round(time.perf_counter() - start, 2), pages, problem=withheld.problem)


def _export_document(
    document: Document,
    params: ReportParams,
    rendering: Rendering,
    figures_output: Mapping[str, Any],
    tables_output: Mapping[str, Any],
) -> dict[str, str | bytes]:
    """Export a sheet to the formats of the run, CSV and Excel, and return the contents by suffix.

    Raises ``ReportFailed`` if its text and figures cannot be set, and lets ``MemoryError`` pass.
    """
    contents: dict[str, str | bytes] = {}
    try:
        bar = make_navigation_bar(params, rendering.sheets, rendering.formats)
        sheet = SheetRecord(**figures_output)
        metadata = describe_data_set(
            document.masthead["document"],
            sheet.headline,
            language=params.language,
            place=params.place,
            period=sheet.period,
            sources=sheet.sources.values(),
            publisher=params.publisher or pack.about().publisher,
            files=[f"{params.stem}.{suffix}" for suffix in ("csv", "xlsx", "json")],
        )
        if "html" in rendering.formats:
            contents["html"] = render_html_page(document, bar, metadata)
        if "pdf" in rendering.formats:
            trim_memory()  # Typst takes the most memory: free the memory of earlier steps
            contents["pdf"] = render_pdf(document)
        return contents | {"xlsx": make_data_workbook(tables_output), "csv": format_data_csv(tables_output)}
    except MemoryError:
        raise
    except Exception as problem:
        raise ReportFailed(NO_LAYOUT_REASON, detail=describe_error(problem)) from None


def notebook_text(notebook: NotebookNode) -> str:
    """Return the text of a notebook's file, on one line since its long drawings are not read as text."""
    return escape_unprintable(json.dumps(strip_transient(notebook), ensure_ascii=False, sort_keys=True)) + "\n"


def write_report(report: Report, folder: Path, published: Publication) -> ReportResult:
    """Write a report's files into a folder without them, and return its result.

    A failed report gets a page that says so, the last good sheet from the ``published`` folder, and its notebook if it
    has one. If the files of a report cannot be written, it has failed, too. Raises ``OSError`` if the disk is full or
    broken, since then no report can be written.
    """
    params, problem = report.params, report.problem
    if not problem:
        suffixes = [suffix for suffix in (*FORMATS, *COMPANION_SUFFIXES) if suffix in report.contents]
        names = tuple(f"{params.stem}.{suffix}" for suffix in suffixes)
        try:
            for suffix, content in report.contents.items():
                write_whole(folder / f"{params.stem}.{suffix}", content, durable=False)
            return ReportResult(params, "ok", report.seconds, names, figures=report.figures, made=utc_now())
        except (OSError, ValueError) as unwritable:
            if _is_disk_problem(unwritable):
                raise
            problem = ReportFailed(NOT_WRITTEN_REASON, detail=str(unwritable))
            for name in names:
                (folder / name).unlink(missing_ok=True)
    return _write_failure(replace(report, problem=problem), problem, folder, published)


def _write_failure(report: Report, problem: ReportFailed, folder: Path, published: Publication) -> ReportResult:
    """Write the page in place of a sheet, the last good sheet and the notebook of a failure.

    The page is the report's own (see ``withheld``), or one that says why the sheet is missing. Raises ``OSError`` as
    ``write_report``.
    """
    params, ended = report.params, utc_now()
    since = find_since(params, published) if problem.status in WITHHELD_OUTCOMES else ""
    try:
        _keep_last_good(params, folder, published)
        pages: dict[str, str | bytes] = {"html": _make_failure_page(params, problem, folder, since)}
        pages |= {suffix: report.contents[suffix] for suffix in (*FORMATS, "ipynb") if suffix in report.contents}
        for suffix, page in pages.items():
            write_whole(folder / f"{params.stem}.{suffix}", page)
    except OSError as unwritable:
        if _is_disk_problem(unwritable):
            raise
    suffixes = ["html", "pdf", *(f"{LAST_GOOD_MARK}.{suffix}" for suffix in LAST_GOOD_SUFFIXES), "ipynb"]
    possible = (f"{params.stem}.{suffix}" for suffix in suffixes)
    names = tuple(name for name in possible if (folder / name).is_file())
    return ReportResult(
        params,
        problem.status,
        report.seconds,
        names,
        error=str(problem),
        detail=problem.detail,
        problem=problem,
        made=ended,
        since=since,
    )


def _is_disk_problem(problem: Exception) -> bool:
    """Tell whether the disk is full or broken, so that the run must stop."""
    return isinstance(problem, OSError) and problem.errno in DISK_ERRNOS


def find_since(params: ReportParams, published: Publication) -> str:
    """Return since when a report is withheld, in ISO 8601: the time of the first such run, or now."""
    entry = published.reports.get(params.id)
    earlier = entry.since or entry.made if entry and entry.status in WITHHELD_OUTCOMES else ""
    return earlier or utc_now()


def find_last_good(params: ReportParams, published: Publication) -> tuple[list[str], str]:
    """Return the names of the pages of the last good sheet, as the run will keep them, and its day (ISO)."""
    pages = [(suffix, name) for suffix, name in _list_last_good(params, published) if suffix in FORMATS]
    names = {f"{params.stem}.{LAST_GOOD_MARK}.{suffix}": name for suffix, name in pages}
    times = [(published.folder / name).stat().st_mtime for name in names.values()]
    return [*names], datetime.fromtimestamp(max(times), UTC).date().isoformat() if times else ""


def _list_last_good(params: ReportParams, published: Publication) -> list[tuple[str, str]]:
    """Return the files of the last good sheet as pairs of suffix and name: of the published sheet, or an earlier one.

    A published sheet with an intact ``<id>.json`` is good. Files that are not intact are left out.
    """
    is_good = published.read_sheet(params.stem) is not None and published.is_intact([f"{params.stem}.json"])
    names = [
        (suffix, f"{params.stem}.{'' if is_good else f'{LAST_GOOD_MARK}.'}{suffix}") for suffix in LAST_GOOD_SUFFIXES
    ]
    return [(suffix, name) for suffix, name in names if published.is_intact([name])]


def _keep_last_good(params: ReportParams, folder: Path, published: Publication) -> None:
    """Copy the last good sheet into a folder. A copy keeps the time of its file."""
    for suffix, name in _list_last_good(params, published):
        last_good = f"{params.stem}.{LAST_GOOD_MARK}.{suffix}"
        if name == last_good:
            published.link_files([last_good], folder)
            continue
        page = published.folder / name
        content = page.read_bytes()
        if suffix == "html":
            content = adapt_last_good_page(content.decode(), params, f"{params.stem}.{LAST_GOOD_MARK}").encode()
        modified = page.stat().st_mtime_ns  # the page on the failure prints this day
        os.utime(write_whole(folder / last_good, content), ns=(modified, modified))


def _make_failure_page(params: ReportParams, problem: ReportFailed, folder: Path, since: str) -> str:
    """Make the page in place of a sheet that failed, or is refused ``since`` a day, without advice."""
    translate = Translator(params.language)
    last_good = [path for suffix in FORMATS if (path := folder / f"{params.stem}.{LAST_GOOD_MARK}.{suffix}").is_file()]
    days = {datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in last_good}
    return theme.render(
        "_failed.html.j2",
        css=theme.index_style_sheet(),
        language=translate.language,
        title=translate(params.title),
        sheet=name_sheet(params, translate),
        reason=translate(problem.reason, **problem.values),
        day=format_date(max(days), "long", locale=translate.language) if days else "",
        since=numbers.date(since[:10], translate.language) if since else "",
        kept=[(translate("Page") if path.suffix == ".html" else "PDF", path.name) for path in last_good],
        mark=translate(INTERNAL_MARK) if params.audience == "internal" else "",
        is_refused=problem.status in WITHHELD_OUTCOMES,
        translate=translate,
    )


def warn_of_length(pdf: bytes) -> list[str]:
    """Return a list of one warning if a sheet's PDF has more than ``MAX_PDF_PAGES`` pages, or an empty list."""
    with Pdf.open(BytesIO(pdf)) as document:
        pages = len(document.pages)
    if pages <= MAX_PDF_PAGES:
        return []
    return [f"its PDF has {pages} pages in place of {MAX_PDF_PAGES}: shorten the texts about it, or take out blocks"]


def _find_output(executed: NotebookNode, mime: str) -> dict[str, Any]:
    """Return the first output of this type, or raise ``ReportFailed``."""
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}):
                return dict(output["data"][mime])
    raise ReportFailed(NO_FIGURES_REASON, detail="it makes no rmrp.Page")
