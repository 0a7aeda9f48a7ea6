"""Do a month's work without a hand, for a timer: ``rmrp month``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Exit, Option

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.options import rare
from rmrp_analysis.commands.terminal import LogFormat, alert, tell, translate
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.files import is_address, lock_of

if TYPE_CHECKING:
    from rmrp_analysis.params import RunParams

NOTHING_NEW_EXIT_CODE = 4
"""The exit code where there is nothing to make."""


def month(
    path: options.ParamsFile,
    quarter: Annotated[bool, Option("--quarter", help="Move on by whole quarters.")] = False,
    out: Annotated[str, Option(metavar="DIR", help="Where the run's folder goes: also s3://…")] = "reports",
    jobs: options.Jobs = None,
    quiet: Annotated[bool, rare("--quiet", help="Tell only what is wrong.")] = False,
    log_format: Annotated[LogFormat, rare(help="How messages are written.")] = "text",
) -> None:
    """Fetch, move to the next month, check and run, as far as there is anything new. For a timer."""
    terminal.log.format, terminal.log.quiet = log_format, quiet
    run_params, project_folder = options.load_params(path), path.resolve().parent
    with lock_of(project_folder) as is_locked_by_us:
        if not is_locked_by_us:
            raise RequestError(
                translate("another `rmrp month` is at work in {folder}; wait until it ends", folder=str(project_folder))
            )
        from rmrp_analysis.commands.run import tell_problems

        with tell_problems(run_params):
            fetch_problems = _fetch_and_move(path, run_params, quarter=quarter, out=out)
        exit_code = _check_and_run(path, out=out, jobs=jobs, quiet=quiet, log_format=log_format)
        if exit_code == NOTHING_NEW_EXIT_CODE and fetch_problems:
            with tell_problems(run_params):
                raise InputRefused("\n".join(fetch_problems))
        if exit_code == NOTHING_NEW_EXIT_CODE and options.load_params(path).period.end == f"{run_params.plan}-12":
            tell(
                "nothing new; the plan year {year} is over: start a project of the next plan by "
                "`rmrp new DIR --from FILE`, and have the timer start `rmrp month` with its parameters",
                year=str(run_params.plan),
            )
        elif exit_code == NOTHING_NEW_EXIT_CODE:
            tell("nothing new")
        else:
            _drop_files(path)
    raise Exit(exit_code)


def _fetch_and_move(path: Path, params: "RunParams", *, quarter: bool, out: str) -> Sequence[str]:
    """Fetch what the project fetches, and move it on where its data hold the next month; return what was not fetched.

    Where other bytes lie there than the last run read, the day of these files moves, and what changed is told.
    """
    from rmrp_analysis.commands.fetch import refetch_inputs
    from rmrp_analysis.commands.next_month import find_next_end, move_project

    fetch_problems = refetch_inputs(params.data)
    for fetch_problem in fetch_problems:
        alert("not fetched, the data of before stay: {problem}", problem=fetch_problem)
    next_end_month_text = find_next_end(path, by_quarter=quarter)
    if next_end_month_text or not _is_unchanged_since_run(path, params, out):
        for change_line in move_project(path, next_end_month_text or params.period.end):
            tell(change_line)
    return fetch_problems


def _check_and_run(path: Path, *, out: str, jobs: int | None, quiet: bool, log_format: LogFormat) -> int:
    """Check the data where the last run read others, then run; return the exit code.

    It is that of the run where the run ends with one, ``NOTHING_NEW_EXIT_CODE`` where nothing is new, else that of the
    check. Where the check refuses the inputs, the run is made all the same, and says so, too.
    """
    from rmrp_analysis.commands.check import check
    from rmrp_analysis.commands.run import run

    exit_code = 0
    try:
        if not _is_unchanged_since_run(path, options.load_params(path), out):
            check(path, out=path.parent)
    except InputRefused as problem:  # which the run says, too, to all whom it tells
        tell(str(problem))
    except Exit as ended:
        exit_code = ended.exit_code
    try:
        has_new_reports = run(path, out=out, jobs=jobs, quiet=quiet, log_format=log_format)
    except Exit as ended:
        return ended.exit_code
    return exit_code if has_new_reports else NOTHING_NEW_EXIT_CODE


def _is_unchanged_since_run(path: Path, params: "RunParams", out: str) -> bool:
    """Return whether parameters, inputs and narratives are those of the last run here; false without one."""
    from rmrp_analysis.publish.records.fingerprint import list_narratives
    from rmrp_analysis.publish.records.manifest import MANIFEST, Manifest
    from rmrp_analysis.publish.run.remote import resolve_mirror
    from rmrp_analysis.sources import load_sources, sha256

    runs_folder = resolve_mirror(out, params.run) if is_address(out) else Path(out)
    manifest_of_last_run = Manifest.read(runs_folder / params.run / MANIFEST) or Manifest()
    input_paths = {
        params.data / file_name
        for _, input_source in load_sources(params.data).items()
        for file_name in input_source.names
    }
    checksum_by_narrative = {narrative_path.name: sha256(narrative_path) for narrative_path in list_narratives(params)}
    return (
        manifest_of_last_run.params_sha256 == sha256(path)
        and {input_record.sha256 for input_record in manifest_of_last_run.inputs}
        == {sha256(input_path) for input_path in input_paths}
        and manifest_of_last_run.narratives == checksum_by_narrative
    )


def _drop_files(path: Path) -> None:
    """Remove files that no source names and whose rows the editions keep, and say so.

    So a daily fetch does not fill the disk.
    """
    from rmrp_analysis.commands.next_month import drop_replaced, read_move

    project_move = read_move(path)
    drop_replaced(project_move)
    for removal_note in project_move.notes:
        tell(removal_note)
