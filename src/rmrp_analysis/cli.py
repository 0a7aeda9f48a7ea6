"""The ``rmrp`` command: its commands, their options and their exit codes.

Exit codes: 0 all well, 1 some reports failed, 2 the request is wrong, 3 input refused, or results cannot be written,
130 stopped. Each command imports what it needs, so that a wrong request is answered at once, and the plan pack that a
parameter file names is chosen before any of its lists is read.
"""

import errno
import os
import re
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rmrp_analysis import own_process, terminal
from rmrp_analysis.errors import InputRefused, RequestError, RmrpError, did_you_mean
from rmrp_analysis.fetch_commands import fetch
from rmrp_analysis.publish.near import params_file_of

if TYPE_CHECKING:
    from rmrp_analysis.params import RunParams
    from rmrp_analysis.plan import Plan
    from rmrp_analysis.publish.compare.changes import PublishedRun
    from rmrp_analysis.publish.processes import Way
    from rmrp_analysis.publish.report import ReportResult

app = typer.Typer(
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.add_typer(fetch, name="fetch")

INTERNAL_HELP = "Exact counts of people; not for publication."


def speak_of_pack(path: Path | None) -> Path | None:
    """The parameter file, once this process speaks of the plan pack that it names: before a list of it is read."""
    if path:
        from rmrp_analysis import pack

        pack.choose(path)
    return path


def speak_of_pack_of(folder: Path) -> Path:
    """The folder of a run, once this process speaks of the plan pack of the run, where its parameter file is found."""
    speak_of_pack(params_file_of(folder))
    return folder


ParamsFile = Annotated[
    Path,
    typer.Argument(metavar="PARAMS", help="The run's parameters (YAML).", show_default=False, callback=speak_of_pack),
]
SEVERAL_VALUES = ("--only", "--languages", "--places", "--platforms", "--organisations", "--resource")
STOPPED = 130
"""The exit code of a run that was stopped, as by Ctrl-C."""
NOT_WRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
"""A full or closed disk or folder: the request is right, and yet nothing can be written."""


def main() -> None:
    """Entry point of the ``rmrp`` command: a mistake ends in a sentence and an exit code, never in a traceback."""
    own_process.begin()
    terminal.print_in_any_encoding()
    try:
        app(args=with_repeated_options(sys.argv[1:]))
    except RmrpError as problem:
        terminal.warn(problem)
        sys.exit(problem.exit_code)
    except OSError as problem:
        terminal.warn(f"{problem.filename or 'a file'} cannot be used ({problem.strerror or problem})")
        sys.exit(InputRefused.exit_code if problem.errno in NOT_WRITABLE else RequestError.exit_code)


def command() -> None:
    """The ``rmrp`` command as a process, which ends at once: without waiting for threads, or tidying up its memory."""
    code = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    with suppress(BrokenPipeError):  # whoever read the results has enough
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def with_repeated_options(arguments: Sequence[str]) -> list[str]:
    """``--languages en es`` as ``--languages en --languages es``, the only form that Typer knows.

    The values end at the next option or at a parameter file.
    """
    written: list[str] = []
    option = ""
    for argument in arguments:
        option = "" if argument.startswith("-") or argument.endswith((".yml", ".yaml")) else option
        if option and written[-1] != option:
            written.append(option)
        written.append(argument)
        option = argument if argument in SEVERAL_VALUES else option
    return written


def _show_version(wanted: bool) -> None:
    if wanted:
        import rmrp_analysis

        terminal.show_lines([f"rmrp-analysis {rmrp_analysis.__version__}"])
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="The version; nothing else.")
    ] = False,
) -> None:
    """Key-figures sheets of the regional response plan for refugees and migrants from Venezuela."""


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write.", show_default=False)],
    workbook: Annotated[
        Path | None, typer.Option("--from", help="Activities (5W), and other inputs: .xlsx, .csv, .parquet, .json.")
    ] = None,
    plan: Annotated[int | None, typer.Option(help="The plan year; default: of the activities.")] = None,
) -> None:
    """Start a project of your own: parameters, data, notebooks, an empty folder of narratives."""
    from rmrp_analysis.new_project import new_project

    notes = new_project(folder, workbook, plan)
    terminal.show_new(folder, notes)


@app.command()
def run(
    path: ParamsFile,
    only: Annotated[list[str] | None, typer.Option(help="Only these sectors.")] = None,
    languages: Annotated[list[str] | None, typer.Option(help="Instead of the languages in PARAMS: en es pt.")] = None,
    places: Annotated[
        list[str] | None, typer.Option("--places", "--platforms", help="Instead of the places in PARAMS.")
    ] = None,
    organisations: Annotated[list[str] | None, typer.Option(help="Instead of the organisations in PARAMS.")] = None,
    period: Annotated[str, typer.Option(help="Instead of the period in PARAMS: 2021-01/2021-06.")] = "",
    data: Annotated[Path | None, typer.Option(help="Instead of the data folder in PARAMS.")] = None,
    audience: Annotated[str, typer.Option(help="Instead of the audience in PARAMS: public or internal.")] = "",
    out: Annotated[Path, typer.Option(help="Where the run's folder goes.")] = Path("reports"),
    jobs: Annotated[int | None, typer.Option(min=1, help="Reports side by side; default: one more than cores.")] = None,
    cluster: Annotated[
        str, typer.Option(help="Make the reports on a Dask cluster: tcp://HOST:PORT, or local:N workers.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Run unchanged reports again.")] = False,
    engine: Annotated[
        terminal.Engine, typer.Option(help="rmrp; workers: few processes; nbclient: a kernel for each report.")
    ] = terminal.Engine.RMRP,
    report_timeout: Annotated[int, typer.Option(min=1, help="Seconds that a report's notebook may take.")] = 900,
    report_memory: Annotated[
        int, typer.Option(min=1, help="MiB of memory that a report may take beside the data (on Linux).")
    ] = 4096,
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell only what is wrong.")] = False,
    log_format: Annotated[
        terminal.LogFormat, typer.Option(help="json: one JSON object a line on standard error.")
    ] = terminal.LogFormat.TEXT,
    compare_with: Annotated[
        Path | None, typer.Option("--compare-with", help="The folder of another run: say what changed since, and why.")
    ] = None,
    fail_over: Annotated[
        str, typer.Option(help="With --compare-with: exit with 1 where a figure moved by more, such as 20%.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be made, from what.")] = False,
    open_index: Annotated[bool, typer.Option("--open", help="Open the run's index in the browser.")] = False,
) -> None:
    """Render a batch of sheets. Reports of the run that are there and not asked for stay as they are."""
    terminal.set_log(log_format, quiet=quiet)
    earlier, limit = _to_compare(compare_with, fail_over)  # now, since the run may take its place
    reports: list[ReportResult] = []
    done: list[ReportResult] = []
    with terminal.signals_that_stop():
        try:
            for place in filter(None, (out, data)):
                _check_local(place)
            from rmrp_analysis.params import QUALITY_PAGE, parsed_period

            params = _load_params(path).changed(
                period=parsed_period(period), data=data and data.resolve(), audience=audience
            )
            terminal.show_reading(params.data)
            from rmrp_analysis.project import changed_notebook
            from rmrp_analysis.publish.publication import check_folder

            folder = out / params.run
            check_folder(folder, params.audience)
            terminal.warn(changed_notebook(params.notebook))
            from rmrp_analysis.publish.unchanged import kept_run, run_fingerprint

            asked = {"only": only, "languages": languages, "places": places, "organisations": organisations}
            fingerprint = run_fingerprint(params, asked)
            if not (force or dry_run or earlier) and (kept := kept_run(folder, fingerprint)):
                terminal.show_kept(kept)
            else:
                from rmrp_analysis.publish.start import started_run

                if cluster:
                    _check_cluster(cluster, engine, jobs)
                prepared = started_run(path, params, fingerprint=fingerprint, **asked)
                terminal.show_inputs(prepared)
                terminal.warn_of_key(params, prepared.plan)
                if dry_run:
                    terminal.show_dry_run(prepared, out)
                    return
                from rmrp_analysis.publish import batch
                from rmrp_analysis.publish.workers import Limits

                limits = Limits(seconds=report_timeout, memory=report_memory)
                with _way(cluster, engine) as way, terminal.progress(len(prepared.reports), done) as show:
                    reports = batch.render(
                        prepared,
                        out,
                        jobs=jobs,
                        force=force,
                        limits=limits,
                        way=way,
                        when_done=show,
                        warn=terminal.warn,
                    )
        except KeyboardInterrupt:
            terminal.show_stopped(done)
            raise typer.Exit(STOPPED) from None
    failed = [report for report in reports if report.status == "failed"]
    for report in failed:
        terminal.show_failed(report)
    if params.audience == "internal" and not (folder / QUALITY_PAGE).is_file():
        terminal.warn(f"the page on the data could not be made; `rmrp check {path} --page` says why")
    terminal.show_result(folder / "index.html")
    if open_index:
        _open_page(folder / "index.html")
    over = _compared(earlier, folder, limit, path) if earlier is not None else False
    raise typer.Exit(1 if failed or over else 0)


def _check_cluster(address: str, engine: terminal.Engine, jobs: int | None) -> None:
    """Refuse a cluster that cannot be used, before the data are read."""
    from rmrp_analysis.publish.cluster import check_address

    if engine is not terminal.Engine.RMRP:
        raise RequestError("a cluster runs notebooks by the engine rmrp; leave out --engine")
    if jobs:
        raise RequestError("--jobs is of this computer; how many reports a cluster makes at a time follows from it")
    check_address(address)


def _way(cluster: str, engine: terminal.Engine) -> "AbstractContextManager[Way]":
    """How processes make reports: on a cluster, by papermill's ordinary engine, or else in the command's own way."""
    from rmrp_analysis.publish import processes

    if not cluster:
        return nullcontext(processes.way_of(engine))
    from rmrp_analysis.publish.cluster import on_cluster

    return on_cluster(cluster)


def _to_compare(compare_with: Path | None, fail_over: str) -> "tuple[PublishedRun | None, float | None]":
    """The run to compare with, and the share by which figures may move."""
    limit = _share(fail_over) if fail_over else None
    if compare_with is None:
        if fail_over:
            raise RequestError(
                "--fail-over says by how much figures may move since another run; name it by --compare-with"
            )
        return None, limit
    from rmrp_analysis.publish.compare.changes import read_run

    return read_run(compare_with), limit


@app.command()
def diff(
    before: Annotated[
        Path,
        typer.Argument(metavar="RUN_A", help="The folder of a run.", show_default=False, callback=speak_of_pack_of),
    ],
    after: Annotated[Path, typer.Argument(metavar="RUN_B", help="The folder of a later run.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="All of it, as a .json or .html file.")] = None,
    params_a: Annotated[
        Path | None, typer.Option(help="The parameter file of RUN_A; default: looked for.", callback=speak_of_pack)
    ] = None,
    params_b: Annotated[
        Path | None, typer.Option(help="The parameter file of RUN_B; default: looked for.", callback=speak_of_pack)
    ] = None,
    language: Annotated[str, typer.Option(help="Of the page: en, es, pt.")] = "en",
) -> None:
    """Which figures differ between two runs, by how much, and why."""
    _check_format(out, ".json", ".html")
    from rmrp_analysis.words import LANGUAGE_NAMES

    if language not in LANGUAGE_NAMES:
        raise RequestError(f"unknown language '{language}'; {did_you_mean(language, LANGUAGE_NAMES)}")
    from rmrp_analysis.files import write_json, write_whole
    from rmrp_analysis.publish.compare.changes import read_run
    from rmrp_analysis.publish.compare.difference import difference, difference_page

    found = difference(read_run(before), read_run(after), params=(params_a, params_b))
    terminal.show_difference(found)
    if out and out.suffix.lower() == ".json":
        write_json(out, found.as_records())
    elif out:
        write_whole(out, difference_page(found, language))


@app.command()
def check(
    path: ParamsFile,
    out: Annotated[Path, typer.Option(help="Where quality.csv, refused.csv and repairs.csv go.")] = Path(),
    workbooks: Annotated[bool, typer.Option("--workbooks", help="Also review/: a workbook an organisation.")] = False,
    page: Annotated[bool, typer.Option("--page", help="Also data_quality.html.")] = False,
    language: Annotated[str, typer.Option(help="Of the page and of all workbooks: en, es, pt.")] = "",
) -> None:
    """Load and check the inputs and the narratives only."""
    params = _load_params(path).in_languages([language] if language else ())
    params, plan = _load(path, params, repaired=False)
    from rmrp_analysis.publish.check import cautions, narrative_faults, write_tables, write_workbooks
    from rmrp_analysis.quality import conditions, reviewed

    review = reviewed(plan, period=params.period, method=params.method, repairs=params.repairs)
    found = conditions(review.after, period=params.period, method=params.method)
    written = write_tables(review, out)
    terminal.show_conditions(found, path)
    terminal.show_review(review)
    terminal.show_cautions(cautions(params, review.after))
    terminal.warn_of_key(params, plan)
    if workbooks:
        written.append(write_workbooks(review, out / "review", language))
    if page:
        from rmrp_analysis.publish import processes
        from rmrp_analysis.publish.quality_page import render_quality_page

        written.append(render_quality_page(params.quality_page(), out, processes.OWN_WAY))
    terminal.show_written(written)
    errors, doubts = narrative_faults(params, review.after)
    for doubt in doubts:
        terminal.warn(f"please check {doubt}")
    for error in errors:
        terminal.warn(error)
    refused = any(not condition.accepted for condition in found)
    raise typer.Exit(InputRefused.exit_code if refused else 1 if errors else 0)


@app.command()
def figures(
    path: ParamsFile,
    out: Annotated[Path | None, typer.Option(help="A .csv, .json or .xlsx file; default: CSV to the terminal.")] = None,
    internal: Annotated[bool, typer.Option("--internal", help=INTERNAL_HELP)] = False,
) -> None:
    """Every figure of the run, tidy, without notebooks."""
    params = _load_params(path).changed(audience="internal" if internal else "")
    _check_format(out, ".csv", ".json", ".xlsx")
    from rmrp_analysis.publish.door import trusted_plan

    plan, _ = trusted_plan(path, params)
    params = params.of_organisations(plan.organisations_named)
    from rmrp_analysis.files import csv_text, write_csv, write_json, write_whole
    from rmrp_analysis.publish.data_files import figures_workbook
    from rmrp_analysis.publish.figure_rows import FIGURE_COLUMNS, figure_rows, table_of_run

    rows = list(figure_rows(table_of_run(plan, params.reports())))
    terminal.warn_of_key(params, plan)
    if out is None:
        sys.stdout.write(csv_text(FIGURE_COLUMNS, rows))
    elif out.suffix.lower() == ".csv":
        write_csv(out, FIGURE_COLUMNS, rows)
    elif out.suffix.lower() == ".json":
        write_json(out, rows)
    else:
        write_whole(out, figures_workbook(FIGURE_COLUMNS, rows))


@app.command()
def verify(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN", help="The folder of a run.", show_default=False, callback=speak_of_pack_of)
    ],
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PARAMS]",
            help="Its parameter file; default: looked for here and near the run.",
            callback=speak_of_pack,
        ),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Instead of the data folder in PARAMS.")] = None,
    sheets: Annotated[bool, typer.Option("--sheets", help="Make every sheet again, and compare all files.")] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Reports side by side; default: as many as cores.")] = None,
) -> None:
    """Make a published run again, and say what differs: files, inputs, figures, and with --sheets all sheets."""
    from rmrp_analysis.publish.publication import Publication
    from rmrp_analysis.publish.verify import verify as verified

    done: list[ReportResult] = []
    reports = len(Publication(folder).reports) if sheets else 0
    with terminal.signals_that_stop():
        try:
            with terminal.progress(reports, done) as show:
                verification = verified(folder, path, data=data, sheets=sheets, jobs=jobs, when_done=show)
        except KeyboardInterrupt:
            raise typer.Exit(STOPPED) from None
    terminal.show_verification(verification)
    raise typer.Exit(0 if verification.same else 1)


@app.command()
def trace(
    path: ParamsFile,
    sector: Annotated[str, typer.Option(help="The sector, or Intersector.", show_default=False)],
    figure: Annotated[str, typer.Option(help="The figure, for example people_reached.", show_default=False)],
    place: Annotated[
        str, typer.Option("--place", "--platform", help="The region, a platform or a country.")
    ] = "region",
    organisation: Annotated[str, typer.Option(help="Only what this organisation reported.")] = "",
    out: Annotated[Path | None, typer.Option(help="A .csv file; default: the terminal.")] = None,
    internal: Annotated[bool, typer.Option("--internal", help=INTERNAL_HELP)] = False,
) -> None:
    """The source rows behind one figure."""
    params = _load_params(path).changed(audience="internal" if internal else "")
    _check_format(out, ".csv")
    params, plan = _load(path, params)
    report = params.report(sector, place, organisation=organisation and plan.organisation_named(organisation))
    from rmrp_analysis.files import write_table
    from rmrp_analysis.publish.check import traced

    rows, of_people = traced(params, plan, report, figure)
    if out:
        write_table(out, rows)
    terminal.show_traced(figure, rows, out, of_people=of_people)


@app.command("params")
def report_params(
    path: ParamsFile,
    report: Annotated[str, typer.Option(help="A report, for example health.peru.es; default: list them.")] = "",
) -> None:
    """The parameters of one report as YAML, for `papermill -f` and Airflow."""
    params, _ = _load(path, _load_params(path))
    if not report:
        terminal.show_lines(each.id for each in params.reports())
        return
    import yaml

    wanted = params.report_named(report)
    content = wanted.model_dump(mode="json")
    sys.stdout.write(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="The folder to write.", show_default=False)],
    rows: Annotated[int, typer.Option(min=1, help="Activities.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same plan.")] = 2021,
) -> None:
    """Write an illustrative plan of any size."""
    from rmrp_analysis.sample import write_sample

    write_sample(out, rows=rows, seed=seed)
    terminal.show_result(out)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab on copies of the project's notebooks; takes the options of `jupyter lab`."""
    from jupyterlab.labapp import LabApp

    from rmrp_analysis.project import lab_copies

    copies, other = lab_copies(Path.cwd())
    terminal.show_lab(copies, other)
    # in this process: a signal that ends the command ends the server and its kernels
    LabApp.launch_instance([f"--ServerApp.preferred_dir={copies}", *context.args])


def _load_params(path: Path) -> "RunParams":
    from rmrp_analysis.params import load_run_params, other_words

    params = load_run_params(path)
    for note in other_words(path):
        terminal.warn(note)
    return params


def _load(path: Path, params: "RunParams", *, repaired: bool = True) -> "tuple[RunParams, Plan]":
    """The parameters with the organisations of the plan, and its tables: repaired and corrected, or as sent."""
    from rmrp_analysis import loaders, quality
    from rmrp_analysis.params import check_same_plan

    check_same_plan(params, path)

    plan = loaders.load_plan(params.data)
    plan = quality.repaired(plan, params.repairs) if repaired else plan
    return params.of_organisations(plan.organisations_named), plan


def _check_local(place: Path) -> None:
    """Refuse an address of the web or of a cloud, of which ``Path`` keeps one slash."""
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):/", str(place))
    if scheme:
        address = str(place).replace(":/", "://", 1)
        raise InputRefused(f"{address} is no folder of this computer; other places are not supported")


def _share(percent: str) -> float:
    """``20%`` as 0.2; raises ``RequestError`` for what is no percentage."""
    found = re.fullmatch(r"(\d+(?:[.,]\d+)?) ?%", percent)
    if not found:
        raise RequestError(f"--fail-over {percent}: write a percentage, such as 20%")
    return float(found[1].replace(",", ".")) / 100


def _compared(before: "PublishedRun", after: Path, limit: float | None, params: Path) -> bool:
    """Show what changed since another run; whether a figure of a sheet moved by more than the limit."""
    from rmrp_analysis.publish.compare.changes import read_run
    from rmrp_analysis.publish.compare.difference import difference

    found = difference(before, read_run(after), params=(None, params))
    terminal.show_difference(found)
    if limit is None:
        return False
    over: list[Any] = [*found.over(limit).itertuples()]
    for change in over:
        by = f"moved by {change.share:+.1%}" if change.before else "moved from 0"
        by = "is no longer known" if change.kind == "gone" else by
        terminal.warn(f"{change.report} {change.name} {by}; the limit is {limit:.4g} (--fail-over)")
    return bool(over)


def _open_page(path: Path) -> None:
    import webbrowser

    if not webbrowser.open(path.resolve().as_uri()):
        terminal.warn(f"there is no browser here; open {path}")


def _check_format(out: Path | None, *suffixes: str) -> None:
    if out and out.suffix.lower() not in suffixes:
        raise RequestError(f"--out {out}: the format is not written; allowed: {', '.join(suffixes)}")
