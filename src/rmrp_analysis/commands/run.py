"""Render a batch of sheets: ``rmrp run``."""

import re
import time
import webbrowser
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Exit, Option

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.compare import show_difference
from rmrp_analysis.commands.options import rare
from rmrp_analysis.commands.terminal import LogFormat, alert, show, tell, translate
from rmrp_analysis.errors import InputRefused, RequestError, RmrpError
from rmrp_analysis.files import is_address
from rmrp_analysis.publish.records.manifest import FAILED_OUTCOMES, MADE_OUTCOMES, NOT_MADE_OUTCOMES

if TYPE_CHECKING:
    from rmrp_analysis.params import RunParams
    from rmrp_analysis.publish.comparison.account import Account
    from rmrp_analysis.publish.comparison.published import PublishedRun
    from rmrp_analysis.publish.records.manifest import ReportRecord
    from rmrp_analysis.publish.records.results import ReportResult

Engine = Literal["rmrp", "workers", "nbclient"]
"""The values of ``--engine``. Earlier versions accepted ``nbclient``, which now gets an explanation (see
``_check_engine``)."""


def _check_engine(engine: Engine) -> Engine:
    """Return the engine, or raise ``RequestError`` for ``nbclient``, with the commands to use instead."""
    if engine == "nbclient":
        raise RequestError(
            translate(
                "--engine nbclient: papermill itself runs a notebook in a kernel: write `papermill NOTEBOOK out.ipynb "
                "-f report.yml`, then `jupyter nbconvert --to rmrp_html out.ipynb`; `rmrp params` writes report.yml"
            )
        )
    return engine


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
    engine: Annotated[
        Engine, rare(metavar="rmrp|workers", callback=_check_engine, help="What runs the notebooks.")
    ] = "rmrp",
    report_timeout: Annotated[int, rare(min=1, metavar="SECONDS", help="For a notebook.")] = 900,
    report_memory: Annotated[int, rare(min=1, metavar="MIB", help="For a notebook.")] = 4096,
    quiet: Annotated[bool, rare("--quiet", help="Tell only what is wrong.")] = False,
    log_format: Annotated[LogFormat, rare(help="How messages are written.", show_default=False)] = "text",
) -> bool:
    """Render a batch of sheets. Other reports of the run that are there stay."""
    # returns whether anything was new, which `rmrp month` asks; a docstring would say it in --help
    terminal.log.format, terminal.log.quiet = log_format, quiet
    start = time.monotonic()
    # Before the run, which may take the place of the earlier one
    earlier, limit = _read_comparison(compare_with, fail_over)
    requested = {"only": sector, "languages": language, "places": place, "organisations": organisation}
    unchanged: Sequence[ReportRecord] = ()
    results: list[ReportResult] = []
    accounts: list[Account] = []
    with terminal.stopped_by_signals(lambda: _show_stopped(results)), ExitStack() as ending:
        params = _read_request(path, period=period, sectors=sector, data=data, audience=audience)
        if not dry_run:
            ending.enter_context(tell_problems(params))
        tell("Reading {folder}", folder=params.data)  # before the libraries are loaded that read tables
        from rmrp_analysis.commands import sheets, summary
        from rmrp_analysis.params import INDEX_PAGE_FILE
        from rmrp_analysis.publish.after import UPLOAD_STEP, EndedRun, run_step, run_steps_after
        from rmrp_analysis.publish.records.fingerprint import compute_fingerprint, find_unchanged_reports

        target = ending.enter_context(sheets.open_target(out, params, params.keep if keep is None else keep))
        if not (force or dry_run or earlier):
            fingerprint = compute_fingerprint(params, path, requested)
            unchanged = find_unchanged_reports(target.folder, fingerprint) or ()
        if not unchanged:
            if cluster:
                _check_cluster(cluster, engine, jobs)
            prepared = sheets.prepare(path, params, requested)
            if dry_run:
                sheets.show_dry_run(prepared, target.folder)
                return False
            sheets.make(
                prepared,
                target,
                sheets.choose_way(engine, cluster),
                results,
                accounts,
                jobs=jobs,
                force=force,
                seconds=report_timeout,
                memory=report_memory,
            )
        ended = EndedRun(params, target.folder, target.address, results, destination=target.destination)
        # also of a run that is there: the last upload may have been cut off
        _show_not_done(run_step(UPLOAD_STEP, ended))
    summary.show_causes(results)
    summary.show_summary(results or unchanged, accounts, params, path, target.folder, seconds=time.monotonic() - start)
    show(target.address)
    is_new = _has_news(results, target.statuses)
    _show_not_done(run_steps_after(ended) if is_new else ())
    if open_index:
        index = target.folder / INDEX_PAGE_FILE
        if not webbrowser.open(index.resolve().as_uri()):
            alert("there is no browser here; open {file}", file=index)
    is_over = earlier is not None and _report_large_changes(limit, earlier, target.folder, path)
    is_without_sheet = bool(results) and not any(report.status in MADE_OUTCOMES for report in results)
    if is_over or is_without_sheet or any(report.status in FAILED_OUTCOMES for report in results):
        raise Exit(1)
    return is_new


def _read_request(path: Path, *, data: Path | None, sectors: Sequence[str] | None, **values: str) -> "RunParams":
    """Return the parameters with the changes of the command and all sectors. Read no data.

    Raises ``RequestError`` for a fault in the parameters and for a sector that the run does not have, and
    ``InputRefused`` for data at an address.
    """
    if data and is_address(str(data)):
        address = str(data).replace(":/", "://", 1)  # a Path keeps one slash
        raise InputRefused(
            translate("{address} is no folder of this computer; other places are not supported", address=address)
        )
    params = options.load_params(path, data=data, **values)
    params.of_sectors(sectors or params.sectors)
    return params


def _has_news(reports: Sequence["ReportResult"], statuses: Mapping[str, str]) -> bool:
    """Return whether a report was made, or is missing for another reason than in the last run."""
    return any(
        report.status == "ok" or (report.status in NOT_MADE_OUTCOMES and report.status != statuses.get(report.id))
        for report in reports
    )


@contextmanager
def tell_problems(params: "RunParams") -> Iterator[None]:
    """If the block raises, call the steps after a run, which send the reason, and raise again."""
    try:
        yield
    except Exception as problem:
        from rmrp_analysis.publish.after import EndedRun, run_steps_after
        from rmrp_analysis.publish.engine.privacy import remove_folders

        reason = getattr(problem, "strerror", None) or type(problem).__name__  # such as that the disk is full
        text = remove_folders(str(problem)) if isinstance(problem, RmrpError) else reason
        _show_not_done(run_steps_after(EndedRun(params, Path(), "", problem=text)))
        raise


def _show_not_done(lines: Iterable[str]) -> None:
    """Warn of the failures of steps after a run."""
    for line in lines:
        alert("after the run: {line}", line=line)


def _check_cluster(address: str, engine: Engine, jobs: int | None) -> None:
    """Raise ``RequestError`` for a wrong address of a cluster, another engine, or ``--jobs``."""
    from rmrp_analysis.publish.engine.cluster import check_address

    if engine != "rmrp":
        raise RequestError(translate("a cluster runs notebooks by the engine rmrp; leave out --engine"))
    if jobs:
        raise RequestError(
            translate("--jobs is of this computer; how many reports a cluster makes at a time follows from it")
        )
    check_address(address)


def _show_stopped(ended_reports: "list[ReportResult]") -> None:
    """Say how many reports were made and failed when a run was stopped."""
    alert(
        "stopped; reports made: {made}, failed: {failed}; nothing is published; the next run takes up what was made",
        made=sum(report.status == "ok" for report in ended_reports),
        failed=sum(report.status in NOT_MADE_OUTCOMES for report in ended_reports),
    )


def _read_comparison(compare_with: Path | None, fail_over: str) -> "tuple[PublishedRun | None, float | None]":
    """Return the run to compare with and the share by which figures may move, or None if not requested.

    Raises ``RequestError`` for a share that is no percentage, a share without a run, or a folder without a run.
    """
    percent = re.fullmatch(r"(\d+(?:[.,]\d+)?) ?%", fail_over)
    if fail_over and not percent:
        raise RequestError(translate("--fail-over {share}: write a percentage, such as 20%", share=fail_over))
    limit = float(percent[1].replace(",", ".")) / 100 if percent else None
    if compare_with:
        from rmrp_analysis.publish.comparison.published import read_run

        return read_run(compare_with), limit
    if fail_over:
        raise RequestError(
            translate("--fail-over says by how much figures may move since another run; name it by --compare-with")
        )
    return None, None


def _report_large_changes(limit: float | None, earlier_run: "PublishedRun", folder: Path, params: Path) -> bool:
    """Show the changes since another run, and return whether a figure moved by more than the limit.

    Warns of each such figure of a sheet. Without a limit there is no such figure.
    """
    from rmrp_analysis.publish.comparison.difference import compare_runs
    from rmrp_analysis.publish.comparison.published import read_run

    difference = compare_runs(earlier_run, read_run(folder), params=(None, params))
    show_difference(difference)
    changes = [] if limit is None else [*difference.select_large_changes(limit).itertuples()]
    for change in changes:
        movement = translate("moved from 0")
        if change.kind == "gone":
            movement = translate("is no longer known")
        elif change.before:
            movement = translate("moved by {share}", share=f"{change.share:+.1%}")
        alert(
            "{report} {figure} {moved}; the limit is {limit} (--fail-over)",
            report=change.report,
            figure=change.figure,
            moved=movement,
            limit=f"{limit:.4g}",
        )
    return bool(changes)
