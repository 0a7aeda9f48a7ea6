"""Render a batch of sheets: ``rmrp run``."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Exit, Option

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.compare import show_difference
from rmrp_analysis.commands.options import rare
from rmrp_analysis.commands.terminal import LogFormat, alert, show, tell, words
from rmrp_analysis.errors import InputRefused, RequestError, RmrpError
from rmrp_analysis.files import is_address
from rmrp_analysis.words import N_

if TYPE_CHECKING:
    from rmrp_analysis.params import RunParams
    from rmrp_analysis.publish.comparison.account import Account
    from rmrp_analysis.publish.comparison.published import PublishedRun
    from rmrp_analysis.publish.records.results import ReportResult
    from rmrp_analysis.publish.run.preparation import Run

MAX_REPORTS = 20
"""So many changed reports are named on a terminal; ``rmrp diff`` has all."""
Engine = Literal["rmrp", "workers", "nbclient"]


def run(
    path: options.ParamsFile,
    sector: options.Sectors = None,
    place: options.Places = None,
    organisation: options.Organisations = None,
    language: options.Languages = None,
    period: options.Months = "",
    audience: options.Audience = "",
    data: options.DataFolder = None,
    out: Annotated[str, Option(metavar="DIR", help="Where the run's folder goes: also s3://…")] = "reports",
    force: Annotated[bool, Option("--force", help="Make unchanged reports again.")] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Only say what would be made.")] = False,
    open_index: Annotated[bool, Option("--open", help="Open the index in the browser.")] = False,
    compare_with: Annotated[Path | None, rare(metavar="RUN", help="Say what changed since.")] = None,
    fail_over: Annotated[str, rare(metavar="20%", help="Exit 1 above this change.")] = "",
    keep: Annotated[int | None, rare(min=0, metavar="N", help="Earlier editions to keep.")] = None,
    jobs: options.Jobs = None,
    cluster: Annotated[str, rare(metavar="ADDRESS", help="Of Dask, or local:N.")] = "",
    engine: Annotated[Engine, rare(help="What runs the notebooks.")] = "rmrp",
    report_timeout: Annotated[int, rare(min=1, metavar="SECONDS", help="For a notebook.")] = 900,
    report_memory: Annotated[int, rare(min=1, metavar="MIB", help="For a notebook.")] = 4096,
    quiet: Annotated[bool, rare("--quiet", help="Tell only what is wrong.")] = False,
    log_format: Annotated[LogFormat, rare(help="How messages are written.")] = "text",
) -> bool:
    """Render a batch of sheets. Other reports of the run that are there stay."""
    # returns whether anything was new, which `rmrp month` asks; a docstring would say it in --help
    terminal.log.format, terminal.log.quiet = log_format, quiet
    earlier, limit = _to_compare(compare_with, fail_over)  # now, since the run may take its place
    reports: list[ReportResult] = []
    statuses: dict[str, str] = {}
    done: list[ReportResult] = []
    accounts: list[Account] = []
    with terminal.stopped_by_signals(lambda: _show_stopped(done)), ExitStack() as ending:
        if data and is_address(str(data)):
            address = str(data).replace(":/", "://", 1)  # a Path keeps one slash
            raise InputRefused(
                words("{address} is no folder of this computer; other places are not supported", address=address)
            )
        params = options.load_params(path, period=period, data=data, audience=audience)
        params.of_sectors(sector or params.sectors)  # a misspelt one is refused before the data are read
        if not dry_run:
            ending.enter_context(problems_told(params))
        keep = params.keep if keep is None else keep
        tell("Reading {folder}", folder=params.data)  # before the libraries are loaded that read tables
        from rmrp_analysis.commands.notebooks import changed_notebook
        from rmrp_analysis.publish.after import UPLOAD, EndedRun, run_step, steps_after
        from rmrp_analysis.publish.records.fingerprint import kept_run, run_fingerprint
        from rmrp_analysis.publish.records.publication import Publication, check_folder
        from rmrp_analysis.publish.run.remote import folder_at

        room, kept_here, destination = ending.enter_context(folder_at(out, params.run, keep))
        folder = room / params.run
        check_folder(folder, params.audience)
        statuses |= {name: report.status for name, report in Publication(folder).reports.items()}
        alert(changed_notebook(params.notebook))
        asked = {"only": sector, "languages": language, "places": place, "organisations": organisation}
        fingerprint = run_fingerprint(params, path, asked)
        if not (force or dry_run or earlier) and (kept := kept_run(folder, fingerprint)):
            terminal.tell_unchanged(sum(report.status == "unchanged" for report in kept), len(kept))
        else:
            from rmrp_analysis.publish.run.preparation import started_run

            if cluster:
                _check_cluster(cluster, engine, jobs)
            prepared = started_run(path, params, fingerprint=fingerprint, **asked)
            _show_inputs(prepared)
            if dry_run:
                _show_dry_run(prepared, folder)
                return False
            from rmrp_analysis.publish.engine.cluster import on_cluster
            from rmrp_analysis.publish.engine.ways import way_of
            from rmrp_analysis.publish.engine.workers import Limits
            from rmrp_analysis.publish.run import batch

            limits = Limits(seconds=report_timeout, memory=report_memory)
            way_there = on_cluster(cluster) if cluster else nullcontext(way_of(engine))
            with way_there as way, terminal.progress(len(prepared.reports), done) as when_done:
                reports = batch.render(
                    prepared,
                    room,
                    jobs=jobs,
                    force=force,
                    limits=limits,
                    way=way,
                    keep=kept_here,
                    when_done=when_done,
                    when_compared=accounts.append,
                    warn=alert,
                )
        index = folder / "index.html"
        address = f"{out.rstrip('/')}/{params.run}/index.html" if is_address(out) else str(index)
        ended = EndedRun(params, folder, address, reports, destination=destination)
        _show_not_done(run_step(UPLOAD, ended))  # also of a run that is there: the last upload may have been cut off
    failed = _show_failed(params, path, folder, reports)
    if reports:
        _show_news(folder, accounts)
    show(address)
    is_new = _has_news(reports, statuses)
    _show_not_done(steps_after(ended) if is_new else ())
    if open_index:
        import webbrowser

        if not webbrowser.open(index.resolve().as_uri()):
            alert("there is no browser here; open {file}", file=index)
    over = earlier is not None and _moved_over(limit, earlier, folder, path)
    if failed or over:
        raise Exit(1)
    return is_new


def _has_news(reports: Sequence["ReportResult"], statuses: Mapping[str, str]) -> bool:
    """Whether a report was made, or is not there for another reason than in the run before, by its ``statuses``."""
    from rmrp_analysis.publish.records.manifest import NOT_MADE

    return any(
        report.status == "ok" or (report.status in NOT_MADE and report.status != statuses.get(report.id))
        for report in reports
    )


FAILED, REFUSED = N_("{report} failed: {reason}"), N_("{report} is not published: {reason}")


def _show_failed(params: "RunParams", path: Path, folder: Path, reports: Sequence["ReportResult"]) -> bool:
    """Say which reports are not published and why, the page on the data among them; whether any failed or is refused.

    One whose number cannot be used is no failure of the run: its page says that it is being corrected.
    """
    from rmrp_analysis.publish.records.manifest import CORRECTED, FAILURES, NOT_MADE

    failed = [report for report in reports if report.status in NOT_MADE]
    for report in failed:
        detail = f" ({report.detail})" if report.detail and report.detail not in report.error else ""
        reason = f"{words(report.error)}{detail}"
        told = REFUSED if report.status in CORRECTED else FAILED
        alert(told, report=report.params.id, reason=reason, status="failed")
    if params.audience == "internal" and not (folder / "data_quality.html").is_file():
        alert("the page on the data could not be made; `rmrp check {params} --page` says why", params=path)
    return any(report.status in FAILURES for report in failed)


def _show_news(folder: Path, accounts: Sequence["Account"]) -> None:
    """Say what the feed says of this run, and whose reports are late, corrected or gone."""
    from rmrp_analysis.publish.comparison.difference import changed_reports
    from rmrp_analysis.publish.documents.feed import latest_news

    news = [line for entry in latest_news(folder)[1:] for line in entry.text.splitlines()]
    changed = [line for account in accounts for line in changed_reports(account.reports, terminal.log.language)]
    for line in (*dict.fromkeys(news), *changed[:MAX_REPORTS]):
        tell(line)
    if len(changed) > MAX_REPORTS:
        tell("... and {count} more; `rmrp diff` has all", count=len(changed) - MAX_REPORTS)


@contextmanager
def problems_told(params: "RunParams") -> Iterator[None]:
    """Call the steps after a run when the block raises: then nothing is published, which they are told."""
    try:
        yield
    except Exception as problem:
        from rmrp_analysis.publish.after import EndedRun, steps_after
        from rmrp_analysis.publish.engine.privacy import without_folders

        reason = getattr(problem, "strerror", None) or type(problem).__name__  # such as that the disk is full
        text = without_folders(str(problem)) if isinstance(problem, RmrpError) else reason
        _show_not_done(steps_after(EndedRun(params, Path(), "", problem=text)))
        raise


def _show_not_done(lines: Iterable[str]) -> None:
    """Say what steps after a run tell, such as what they could not do."""
    for line in lines:
        alert("after the run: {line}", line=line)


def _check_cluster(address: str, engine: Engine, jobs: int | None) -> None:
    """Refuse a cluster that cannot be used, before the data are read."""
    from rmrp_analysis.publish.engine.cluster import check_address

    if engine != "rmrp":
        raise RequestError(words("a cluster runs notebooks by the engine rmrp; leave out --engine"))
    if jobs:
        raise RequestError(
            words("--jobs is of this computer; how many reports a cluster makes at a time follows from it")
        )
    check_address(address)


def _show_inputs(run: "Run") -> None:
    """Say what was read from where, which rows cannot be used, whom joins lose, what was accepted, what is unread."""
    from rmrp_analysis.publish.run.review import unread_narratives
    from rmrp_analysis.quality import MUCH_ACCEPTED, shares_accepted

    beside = run.params.data.parent
    for file in run.plan.inputs:
        if file.sheet:
            names = {"input": file.name, "sheet": file.sheet, "file": file.path.name}
            tell("{input}: the sheet '{sheet}' of {file} is read.", **names)
        if not file.path.resolve().is_relative_to(beside.resolve()):
            alert("{input} is read from outside of {folder}: {file}", input=file.name, folder=beside, file=file.path)
    for condition in run.conditions:
        alert("accepted: {name}: {sentence}", name=condition.name, sentence=condition.sentence)
    for share in shares_accepted(run.conditions):
        alert(MUCH_ACCEPTED, **share)
    if refused := sum(file.rows_refused for file in run.plan.inputs):
        tell("{rows} rows cannot be used and are left out; `rmrp check` lists them with reasons.", rows=refused)
    if withheld := run.plan.names_withheld:
        alert("{count} names hold contact details and are withheld; `rmrp check` lists them.", count=withheld)
    options.warn_of_losses(run.plan, run.params.period, run.joins, style="bold")
    for fault in unread_narratives(run.params):
        alert(fault)


def _show_dry_run(run: "Run", folder: Path) -> None:
    """Say what a run would make, and from what."""
    from rmrp_analysis.publish.run.review import reports_to_mend

    params, formats = run.params, ", ".join(run.params.formats)
    made = {"count": len(run.reports), "folder": folder, "formats": formats}
    show("{count} reports in {folder}, each as {formats} and data files:", **made)
    line = words("no sheet, a line of the index: nobody or few people reached, no target and no funding")
    reasons = {"empty": words("no sheet: nothing reported, designated or planned"), "nobody": line, "few": line}
    to_mend = {
        sheet.report: words(
            "to mend: {cause}; people concerned: {people}", cause=sheet.cause, people=sheet.people_printed
        )
        for sheet in reports_to_mend(run.plan, run.reports, terminal.log.language)
    }
    refused = {name: words("to mend: {cause}", cause=reason) for name, reason in run.refused.items()}
    for report in run.reports:
        why = reasons.get(run.without_sheet.get(report.id, "")) or (refused | to_mend).get(report.report)
        show(f"  {report.id}" + (f" ({why})" if why else ""))
    show("notebook: {file}", file=params.notebook)
    show("narratives: {folder}", folder=params.narratives or words("none"))
    for file in run.plan.inputs:
        show("{input}: {file} ({rows} rows)", input=file.name, file=file.path, rows=file.rows)
    tell("Nothing was made: --dry-run.")


def _show_stopped(done: "list[ReportResult]") -> None:
    from rmrp_analysis.publish.records.manifest import NOT_MADE

    made, failed = (sum(report.status in status for report in done) for status in (("ok",), NOT_MADE))
    alert(
        "stopped; reports made: {made}, failed: {failed}; nothing is published; the next run takes up what was made",
        made=made,
        failed=failed,
    )


def _to_compare(compare_with: Path | None, fail_over: str) -> "tuple[PublishedRun | None, float | None]":
    """Read the run to compare with, and the share by which figures may move."""
    percent = re.fullmatch(r"(\d+(?:[.,]\d+)?) ?%", fail_over)
    if fail_over and not percent:
        raise RequestError(words("--fail-over {share}: write a percentage, such as 20%", share=fail_over))
    limit = float(percent[1].replace(",", ".")) / 100 if percent else None
    if compare_with:
        from rmrp_analysis.publish.comparison.published import read_run

        return read_run(compare_with), limit
    if fail_over:
        raise RequestError(
            words("--fail-over says by how much figures may move since another run; name it by --compare-with")
        )
    return None, None


def _moved_over(limit: float | None, before: "PublishedRun", after: Path, params: Path) -> bool:
    """Show what changed since another run; whether a figure of a sheet moved by more than the limit."""
    from rmrp_analysis.publish.comparison.difference import difference
    from rmrp_analysis.publish.comparison.published import read_run

    found = difference(before, read_run(after), params=(None, params))
    show_difference(found)
    over = [] if limit is None else [*found.over(limit).itertuples()]
    for change in over:
        by = words("moved by {share}", share=f"{change.share:+.1%}") if change.before else words("moved from 0")
        alert(
            "{report} {figure} {moved}; the limit is {limit} (--fail-over)",
            report=change.report,
            figure=change.figure,
            moved=words("is no longer known") if change.kind == "gone" else by,
            limit=f"{limit:.4g}",
        )
    return bool(over)
