"""Do a month's work without a person, for a timer: ``rmrp month``."""

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
    params, project = options.load_params(path), path.resolve().parent
    with lock_of(project) as ours:
        if not ours:
            raise RequestError(
                translate("another `rmrp month` is at work in {folder}; wait until it ends", folder=str(project))
            )
        from rmrp_analysis.commands.run import tell_problems

        with tell_problems(params):
            problems = _fetch_and_move(path, params, quarter=quarter, out=out)
        code = _check_and_run(path, out=out, jobs=jobs, quiet=quiet, log_format=log_format)
        if code == NOTHING_NEW_EXIT_CODE and problems:
            with tell_problems(params):
                raise InputRefused("\n".join(problems))
        if code == NOTHING_NEW_EXIT_CODE and options.load_params(path).period.end == f"{params.plan}-12":
            tell(
                "nothing new; the plan year {year} is over: start a project of the next plan by "
                "`rmrp new DIR --from FILE`, and have the timer start `rmrp month` with its parameters",
                year=str(params.plan),
            )
        elif code == NOTHING_NEW_EXIT_CODE:
            tell("nothing new")
        else:
            _drop_files(path)
    raise Exit(code)


def _fetch_and_move(path: Path, params: "RunParams", *, quarter: bool, out: str) -> Sequence[str]:
    """Fetch the project's inputs, move it on if its data hold the next month, and return the failures.

    If a file differs from the file that the last run read, the day of its input moves, and the changes are printed.
    """
    from rmrp_analysis.commands.fetch import refetch_inputs
    from rmrp_analysis.commands.next_month import find_next_end, move_project

    problems = refetch_inputs(params.data)
    for problem in problems:
        alert("not fetched, the data of before stay: {problem}", problem=problem)
    end = find_next_end(path, by_quarter=quarter)
    if end or not _is_unchanged_since_run(path, params, out):
        for line in move_project(path, end or params.period.end):
            tell(line)
    return problems


def _check_and_run(path: Path, *, out: str, jobs: int | None, quiet: bool, log_format: LogFormat) -> int:
    """Check the data if the last run read other data, then run. Return the exit code.

    It is the code of the run if the run exits, ``NOTHING_NEW_EXIT_CODE`` if nothing is new, or the code of the check.
    If the check refuses the inputs, the run is still started, and also says so.
    """
    from rmrp_analysis.commands.check import check
    from rmrp_analysis.commands.run import run

    code = 0
    try:
        if not _is_unchanged_since_run(path, options.load_params(path), out):
            check(path, out=path.parent)
    except InputRefused as problem:  # the run says it, too, to everybody who gets its messages
        tell(str(problem))
    except Exit as ended:
        code = ended.exit_code
    try:
        is_new = run(path, out=out, jobs=jobs, quiet=quiet, log_format=log_format)
    except Exit as ended:
        return ended.exit_code
    return code if is_new else NOTHING_NEW_EXIT_CODE


def _is_unchanged_since_run(path: Path, params: "RunParams", out: str) -> bool:
    """Return whether parameters, inputs and narratives are unchanged since the last run. False without a run."""
    from rmrp_analysis.publish.records.fingerprint import list_narratives
    from rmrp_analysis.publish.records.manifest import MANIFEST, Manifest
    from rmrp_analysis.publish.run.remote import resolve_mirror
    from rmrp_analysis.sources import load_sources, sha256

    room = resolve_mirror(out, params.run) if is_address(out) else Path(out)
    manifest = Manifest.read(room / params.run / MANIFEST) or Manifest()
    files = {params.data / name for _, source in load_sources(params.data).items() for name in source.names}
    narratives = {text.name: sha256(text) for text in list_narratives(params)}
    return (
        manifest.params_sha256 == sha256(path)
        and {record.sha256 for record in manifest.inputs} == {sha256(file) for file in files}
        and manifest.narratives == narratives
    )


def _drop_files(path: Path) -> None:
    """Remove files that no source names if an edition keeps their rows, and say so.

    Otherwise a daily fetch would fill the disk.
    """
    from rmrp_analysis.commands.next_month import drop_replaced, read_move

    move = read_move(path)
    drop_replaced(move)
    for note in move.notes:
        tell(note)
