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
from rmrp_analysis.publish.records.manifest import FAILED_OUTCOMES, NOT_MADE_OUTCOMES

if TYPE_CHECKING:
    from rmrp_analysis.params import RunParams
    from rmrp_analysis.publish.comparison.account import Account
    from rmrp_analysis.publish.comparison.published import PublishedRun
    from rmrp_analysis.publish.records.manifest import ReportRecord
    from rmrp_analysis.publish.records.results import ReportResult

Engine = Literal["rmrp", "workers", "nbclient"]
"""What ``--engine`` takes; ``nbclient`` is what earlier versions took, and is answered (see ``_check_engine``)."""


def _check_engine(engine: Engine) -> Engine:
    """Return the engine; raise ``RequestError`` for ``nbclient``, with the commands that run a notebook in a kernel."""
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
    start_seconds = time.monotonic()
    # Before the run, which may take the place of the earlier one
    earlier_published_run, max_change_share = _read_comparison(compare_with, fail_over)
    param_overrides = {"only": sector, "languages": language, "places": place, "organisations": organisation}
    unchanged_report_records: Sequence[ReportRecord] = ()
    ended_reports: list[ReportResult] = []
    change_accounts: list[Account] = []
    with terminal.stopped_by_signals(lambda: _show_stopped(ended_reports)), ExitStack() as exit_stack:
        run_params = _read_request(path, period=period, sectors=sector, data=data, audience=audience)
        if not dry_run:
            exit_stack.enter_context(tell_problems(run_params))
        tell("Reading {folder}", folder=run_params.data)  # before the libraries are loaded that read tables
        from rmrp_analysis.commands import sheets, summary
        from rmrp_analysis.params import INDEX_PAGE_FILE
        from rmrp_analysis.publish.after import UPLOAD_STEP, EndedRun, run_step, run_steps_after

        run_target = exit_stack.enter_context(
            sheets.open_target(out, run_params, run_params.keep if keep is None else keep)
        )
        if not (force or dry_run or earlier_published_run):
            unchanged_report_records = sheets.find_unchanged(path, run_params, param_overrides, run_target)
        if not unchanged_report_records:
            if cluster:
                _check_cluster(cluster, engine, jobs)
            prepared_run = sheets.prepare(path, run_params, param_overrides)
            if dry_run:
                sheets.show_dry_run(prepared_run, run_target.folder)
                return False
            sheets.make(
                prepared_run,
                run_target,
                sheets.choose_way(engine, cluster),
                ended_reports,
                change_accounts,
                jobs=jobs,
                force=force,
                seconds=report_timeout,
                memory=report_memory,
            )
        ended_run = EndedRun(
            run_params, run_target.folder, run_target.address, ended_reports, destination=run_target.destination
        )
        # also of a run that is there: the last upload may have been cut off
        _show_not_done(run_step(UPLOAD_STEP, ended_run))
    summary.show_causes(ended_reports)
    summary.show_summary(
        ended_reports or unchanged_report_records,
        change_accounts,
        run_params,
        path,
        run_target.folder,
        seconds=time.monotonic() - start_seconds,
    )
    show(run_target.address)
    has_new_reports = _has_news(ended_reports, run_target.statuses)
    _show_not_done(run_steps_after(ended_run) if has_new_reports else ())
    if open_index:
        index_path = run_target.folder / INDEX_PAGE_FILE
        if not webbrowser.open(index_path.resolve().as_uri()):
            alert("there is no browser here; open {file}", file=index_path)
    has_large_changes = earlier_published_run is not None and _report_large_changes(
        max_change_share, earlier_published_run, run_target.folder, path
    )
    if has_large_changes or any(ended_report.status in FAILED_OUTCOMES for ended_report in ended_reports):
        raise Exit(1)
    return has_new_reports


def _read_request(path: Path, *, data: Path | None, sectors: Sequence[str] | None, **values: str) -> "RunParams":
    """Return the parameters as the command changes them, with all their sectors; no data are read.

    Raises ``RequestError`` for what is wrong in them, also for sectors that the run does not have, and ``InputRefused``
    for data at an address.
    """
    if data and is_address(str(data)):
        data_folder_address = str(data).replace(":/", "://", 1)  # a Path keeps one slash
        raise InputRefused(
            translate(
                "{address} is no folder of this computer; other places are not supported", address=data_folder_address
            )
        )
    run_params = options.load_params(path, data=data, **values)
    run_params.of_sectors(sectors or run_params.sectors)
    return run_params


def _has_news(reports: Sequence["ReportResult"], statuses: Mapping[str, str]) -> bool:
    """Return whether a report was made, or is missing for another reason than its earlier status says."""
    return any(
        report_result.status == "ok"
        or (report_result.status in NOT_MADE_OUTCOMES and report_result.status != statuses.get(report_result.id))
        for report_result in reports
    )


@contextmanager
def tell_problems(params: "RunParams") -> Iterator[None]:
    """Call the steps after a run when the block raises: they tell that nothing was published, and why; raise again."""
    try:
        yield
    except Exception as problem:
        from rmrp_analysis.publish.after import EndedRun, run_steps_after
        from rmrp_analysis.publish.engine.privacy import remove_folders

        error_reason = getattr(problem, "strerror", None) or type(problem).__name__  # such as that the disk is full
        problem_text = remove_folders(str(problem)) if isinstance(problem, RmrpError) else error_reason
        _show_not_done(run_steps_after(EndedRun(params, Path(), "", problem=problem_text)))
        raise


def _show_not_done(lines: Iterable[str]) -> None:
    """Say what steps after a run tell, such as what they could not do."""
    for step_line in lines:
        alert("after the run: {line}", line=step_line)


def _check_cluster(address: str, engine: Engine, jobs: int | None) -> None:
    """Raise ``RequestError`` for a cluster that cannot be used: by its address, with another engine, or ``--jobs``."""
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
    made_report_count, failed_report_count = (
        sum(report_result.status in statuses_to_count for report_result in ended_reports)
        for statuses_to_count in (("ok",), NOT_MADE_OUTCOMES)
    )
    alert(
        "stopped; reports made: {made}, failed: {failed}; nothing is published; the next run takes up what was made",
        made=made_report_count,
        failed=failed_report_count,
    )


def _read_comparison(compare_with: Path | None, fail_over: str) -> "tuple[PublishedRun | None, float | None]":
    """Return the run to compare with, and the share by which figures may move; each None where it is not asked.

    Raises ``RequestError`` for a share that is no percentage, a share without a run, or a folder without one.
    """
    percent_match = re.fullmatch(r"(\d+(?:[.,]\d+)?) ?%", fail_over)
    if fail_over and not percent_match:
        raise RequestError(translate("--fail-over {share}: write a percentage, such as 20%", share=fail_over))
    max_change_share = float(percent_match[1].replace(",", ".")) / 100 if percent_match else None
    if compare_with:
        from rmrp_analysis.publish.comparison.published import read_run

        return read_run(compare_with), max_change_share
    if fail_over:
        raise RequestError(
            translate("--fail-over says by how much figures may move since another run; name it by --compare-with")
        )
    return None, None


def _report_large_changes(limit: float | None, earlier_run: "PublishedRun", folder: Path, params: Path) -> bool:
    """Show what changed since another run; return whether a figure of a sheet moved by more than the limit.

    Warns of each such figure. Without a limit there is none.
    """
    from rmrp_analysis.publish.comparison.difference import compare_runs
    from rmrp_analysis.publish.comparison.published import read_run

    run_difference = compare_runs(earlier_run, read_run(folder), params=(None, params))
    show_difference(run_difference)
    large_changes = [] if limit is None else [*run_difference.select_large_changes(limit).itertuples()]
    for large_change in large_changes:
        movement_text = (
            translate("moved by {share}", share=f"{large_change.share:+.1%}")
            if large_change.before
            else translate("moved from 0")
        )
        alert(
            "{report} {figure} {moved}; the limit is {limit} (--fail-over)",
            report=large_change.report,
            figure=large_change.figure,
            moved=translate("is no longer known") if large_change.kind == "gone" else movement_text,
            limit=f"{limit:.4g}",
        )
    return bool(large_changes)
