"""The ``rmrp`` command: what is asked goes in, exit codes and plain sentences come out.

Exit codes: 0 all well, 1 some reports failed, 2 the request is wrong, 3 input refused.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from rmrp_analysis.errors import RequestError, RmrpError, did_you_mean
from rmrp_analysis.params import (
    Language,
    ReportParams,
    RunParams,
    check_same_plan,
    load_run_params,
    notebooks_folder,
)

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Key-figures sheets of the regional response plan for refugees and migrants from Venezuela.",
)
fetch = typer.Typer(no_args_is_help=True, help="Fetch a producer's data, whole or not at all.")
app.add_typer(fetch, name="fetch")
messages = Console(stderr=True, soft_wrap=True, highlight=False)
results = Console(soft_wrap=True, highlight=False)

ParamsFile = Annotated[
    Path, typer.Argument(metavar="PARAMS", help="The run's parameter file (YAML).", show_default=False)
]


TRACED_SHOWN = 40
SEVERAL_VALUES = ("--only", "--languages")


def main() -> None:
    """Entry point of the ``rmrp`` command."""
    app(args=with_repeated_options(sys.argv[1:]))


def with_repeated_options(arguments: Sequence[str]) -> list[str]:
    """``--languages en es`` as ``--languages en --languages es``, the only form that Typer knows.

    The values end at the next option or at a parameter file.
    """
    written: list[str] = []
    option = ""
    for argument in arguments:
        ends = argument.startswith("-") or argument.endswith((".yml", ".yaml"))
        option = "" if ends else option
        if option and written[-1] != option:
            written.append(option)
        written.append(argument)
        option = argument if argument in SEVERAL_VALUES else option
    return written


def _speaking(command: Callable[..., None]) -> Callable[..., None]:
    """A mistake an analyst can act on ends in its sentence and its exit code, never in a traceback."""

    @wraps(command)
    def told(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except RmrpError as problem:
            for line in str(problem).splitlines():
                messages.print(f"rmrp: {line}", markup=False)
            raise typer.Exit(problem.exit_code) from None

    return told


@app.command()
@_speaking
def run(
    params: ParamsFile,
    only: Annotated[list[str] | None, typer.Option(help="Only these sectors.")] = None,
    languages: Annotated[list[str] | None, typer.Option(help="Instead of the languages in PARAMS: en es pt.")] = None,
    out: Annotated[Path, typer.Option(help="Where the run's folder goes.")] = Path("reports"),
    jobs: Annotated[int | None, typer.Option(min=1, help="Reports side by side; default: one more than cores.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Run unchanged reports again.")] = False,
) -> None:
    """Render a batch of sheets."""
    asked = _asked_for(params, languages)
    from rmrp_analysis.publish.batch import prepare_run, render

    prepared = prepare_run(params, asked, only=only or ())
    plan = _load_repaired(asked, params)
    _tell_refused(plan)
    joins = _told_joins(asked, plan)
    with _Progress(len(prepared.reports)) as told:
        reports = render(prepared, plan.inputs, out, joins=joins, jobs=jobs, force=force, told=told)
    failed = [report for report in reports if report.status == "failed"]
    for report in failed:
        messages.print(f"rmrp: {report.params.id} failed: {report.error}", markup=False)
    results.print(str(out / asked.run / "index.html"), markup=False)
    raise typer.Exit(1 if failed else 0)


@app.command()
@_speaking
def check(
    params: ParamsFile,
    out: Annotated[Path, typer.Option(help="Where quality.csv, refused.csv and repairs.csv go.")] = Path(),
    workbooks: Annotated[
        bool, typer.Option("--workbooks", help="Also a workbook an organisation, in review/.")
    ] = False,
    page: Annotated[bool, typer.Option("--page", help="Also data_quality.html.")] = False,
    language: Annotated[str, typer.Option(help="Of the page and of all workbooks: en, es, pt.")] = "",
) -> None:
    """Load and check the inputs and the narratives only."""
    asked = _asked_for(params, [language] if language else None)
    plan = _load(asked, params)
    from rmrp_analysis.publish.files import write_table
    from rmrp_analysis.quality import reviewed

    review = reviewed(plan, period=asked.period, method=asked.method, repairs=asked.repairs)
    written = [write_table(out / "quality.csv", review.faults()), write_table(out / "refused.csv", _refused_rows(plan))]
    written.append(write_table(out / "repairs.csv", review.changes()))
    results.print(_rows_table(review))
    results.print(_joins_table(review.joins))
    results.print(_checks_table(review))
    for line in _remarks(review):
        messages.print(line, markup=False)
    if workbooks:
        written.append(_write_workbooks(review, out / "review", language))
    if page:
        written.append(_write_page(asked, out))
    messages.print(f"Written: {', '.join(map(str, written))}", markup=False)
    _proofread(asked, review.after)


@app.command()
@_speaking
def figures(
    params: ParamsFile,
    out: Annotated[Path | None, typer.Option(help="A .csv, .json or .xlsx file; default: CSV to the terminal.")] = None,
) -> None:
    """Every figure of the run, tidy, without notebooks."""
    asked = _asked_for(params, None)
    suffix = out.suffix.lower() if out else ".csv"
    if suffix not in (".csv", ".json", ".xlsx"):
        raise RequestError(f"--out {out}: the format is not written; allowed: .csv, .json, .xlsx")
    plan = _load_repaired(asked, params)
    from rmrp_analysis.publish.data_files import figures_workbook
    from rmrp_analysis.publish.figure_rows import FIGURE_COLUMNS, figure_rows
    from rmrp_analysis.publish.files import csv_text, write_csv, write_json, write_whole

    rows: list[dict[str, Any]] = []
    for report in {report.report: report for report in asked.reports()}.values():
        rows.extend(figure_rows(report.report, _figures_shown(plan, report).as_records()))
    if out is None:
        sys.stdout.write(csv_text(FIGURE_COLUMNS, rows))
    elif suffix == ".csv":
        write_csv(out, FIGURE_COLUMNS, rows)
    elif suffix == ".json":
        write_json(out, rows)
    else:
        write_whole(out, figures_workbook(FIGURE_COLUMNS, rows))


@fetch.command("fts")
@_speaking
def fetch_fts(
    plan: Annotated[int, typer.Option(min=1, help="The plan's id at FTS: 1021 is the RMRP 2021.", show_default=False)],
    out: Annotated[Path, typer.Option(help="The data folder to write to.", show_default=False)],
    base_address: Annotated[
        str, typer.Option(envvar="RMRP_FTS_ADDRESS", help="Where the FTS API is.")
    ] = "https://api.hpc.tools",
    cache: Annotated[
        Path | None, typer.Option(envvar="RMRP_CACHE", help="Where answers are kept; default: the user's cache folder.")
    ] = None,
    max_age: Annotated[float, typer.Option(min=0, help="Hours for which a kept answer is good; 0: ask anew.")] = 1.0,
    pause: Annotated[float, typer.Option(min=0, help="Seconds between two requests.")] = 1.0,
) -> None:
    """Fetch a plan's flows and requirements from the Financial Tracking Service."""
    from datetime import timedelta

    import platformdirs

    from rmrp_analysis.fetch import Api, fetch_plan_funding, write_fetched

    folder = (cache or platformdirs.user_cache_path("rmrp-analysis")) / "fts" / f"for-{_fingerprint(out)}"
    with Api(cache=folder, max_age=timedelta(hours=max_age), pause=pause) as api:
        fetched = fetch_plan_funding(api, plan_id=plan, base_address=base_address)
    written = write_fetched(fetched, out)
    messages.print(
        f"FTS plan {plan}: {fetched.flows:,} flows, US$ {fetched.funding_usd:,.0f} funded, "
        f"US$ {fetched.pledges_usd:,.0f} pledged, as of {fetched.fetched:%Y-%m-%d %H:%M} UTC"
    )
    for grouping in fetched.left_out:
        messages.print(f"rmrp: the server does not group by {grouping}; those totals are left out", markup=False)
    for difference in fetched.differences:
        messages.print(f"rmrp: {difference}", markup=False)
    results.print(str(written), markup=False)


@app.command()
@_speaking
def trace(
    params: ParamsFile,
    sector: Annotated[str, typer.Option(help="The sector, or Intersector.", show_default=False)],
    figure: Annotated[str, typer.Option(help="The figure, for example people_reached.", show_default=False)],
    platform: Annotated[str, typer.Option(help="The region, or a platform.")] = "region",
    out: Annotated[Path | None, typer.Option(help="A .csv file; default: the terminal.")] = None,
) -> None:
    """The source rows behind one figure."""
    asked = _asked_for(params, None)
    report = asked.report(sector, platform)
    if out and out.suffix.lower() != ".csv":
        raise RequestError(f"--out {out}: the format is not written; allowed: .csv")
    plan = _load_repaired(asked, params)
    from rmrp_analysis.publish.files import table_text, write_table
    from rmrp_analysis.trace import trace as trace_rows

    rows = trace_rows(plan, report.sector, figure, platform=report.platform, period=report.period, method=report.method)
    if out:
        write_table(out, rows)
    elif results.is_terminal:
        results.print(_trace_table(rows))
    else:
        sys.stdout.write(table_text(rows))
    messages.print(
        f"{figure}: {len(rows):,} rows, contributions add up to {rows['contribution'].sum():,.12g}", markup=False
    )


@app.command()
@_speaking
def sample(
    out: Annotated[Path, typer.Option(help="The folder to write.", show_default=False)],
    rows: Annotated[int, typer.Option(min=1, help="Activities.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same plan.")] = 2021,
) -> None:
    """Write an illustrative plan of any size."""
    from rmrp_analysis.sample import write_sample

    write_sample(out, rows=rows, seed=seed)
    results.print(str(out), markup=False)


@app.command()
@_speaking
def lab() -> None:
    """Open JupyterLab on the notebooks."""
    folder = notebooks_folder()
    if not folder.is_dir():
        raise RequestError(f"the notebooks folder {folder} is not there")
    ended = subprocess.run([sys.executable, "-m", "jupyterlab", str(folder)], check=False)  # noqa: S603
    raise typer.Exit(ended.returncode)


def _asked_for(path: Path, languages: list[str] | None) -> RunParams:
    """The parameter file, with the languages of the command line in place of its own."""
    asked = load_run_params(path)
    if languages:
        known = get_args(Language)
        unknown = [code for code in languages if code not in known]
        if unknown:
            raise RequestError(f"unknown language '{unknown[0]}'; {did_you_mean(unknown[0], known)}")
        asked = asked.model_copy(update={"languages": tuple(dict.fromkeys(languages))})
    return asked


def _load(asked: RunParams, params: Path) -> Any:
    """The plan's tables; loading is imported here, so that a wrong request is told at once."""
    check_same_plan(asked, params)
    from rmrp_analysis.loaders import load_plan

    return load_plan(asked.data)


def _load_repaired(asked: RunParams, params: Path) -> Any:
    """The plan's tables with their corrections and the run's repairs made."""
    plan = _load(asked, params)
    from rmrp_analysis.quality import repaired

    return repaired(plan, asked.repairs)


def _told_joins(asked: RunParams, plan: Any) -> Any:
    """The audits of every join; one that loses people is told at once."""
    from rmrp_analysis.quality import join_audits, told

    audits = join_audits(plan, period=asked.period, method=asked.method)
    for audit in audits:
        if audit.loses_people:
            messages.print(f"rmrp: {told(audit)}", style="bold", markup=False)
    return audits


def _figures_shown(plan: Any, report: ReportParams) -> Any:
    """The figures of one report as its audience may see them."""
    from rmrp_analysis.disclosure import withhold_small_counts
    from rmrp_analysis.key_figures import build_sector_key_figures

    exact = build_sector_key_figures(
        plan, report.sector, platform=report.platform, period=report.period, method=report.method
    )
    return exact if report.audience == "internal" else withhold_small_counts(exact)


def _proofread(asked: RunParams, plan: Any) -> None:
    """Tell of every narrative that would fail its sheet, and of numbers to look at; the former end in exit code 1."""
    if not asked.narratives:
        return
    from rmrp_analysis.show.proofread import proofread

    reports = {report.report: report for report in asked.possible_reports()}

    def sheet_of(name: str) -> Any:
        return _figures_shown(plan, reports[name]) if reports[name].sector in asked.sectors else None

    errors, warnings = proofread(asked.narratives, reports, sheet_of)
    for fault in warnings:
        messages.print(f"rmrp: please check {fault}", markup=False)
    for fault in errors:
        messages.print(f"rmrp: {fault}", markup=False)
    if errors:
        raise typer.Exit(1)


def _tell_refused(plan: Any) -> None:
    refused = sum(file.rows_refused for file in plan.inputs)
    if refused:
        messages.print(f"{refused} rows cannot be used and are left out; `rmrp check` lists them with reasons.")


class _Progress:
    """Tells of each report as it ends: a bar on a terminal, a plain line in a log."""

    def __init__(self, reports: int) -> None:
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=messages,
            disable=not messages.is_terminal,
        )
        self._task = self._bar.add_task("reports", total=reports)

    def __enter__(self) -> Callable[[Any], None]:
        self._bar.start()
        return self._told

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _told(self, result: Any) -> None:
        self._bar.advance(self._task)
        messages.print(f"{result.status:>9}  {result.seconds:5.1f} s  {result.params.id}", markup=False)
        for warning in result.warnings:
            messages.print(f"{'':>9}  {warning}", markup=False)


CHECKS_TOLD = 11
"""What fits one screen of 24 lines, with the rows, the joins, the remarks and what is written."""


def _refused_rows(plan: Any) -> Any:
    import pandas as pd

    if not plan.refused:
        return pd.DataFrame(columns=["file", "line", "reason", "input"])
    return pd.concat([table.assign(input=name) for name, table in plan.refused.items()], ignore_index=True)


def _rows_table(review: Any) -> Table:
    """Rows of the activities, and of every other input that had some refused."""
    table = Table("input", "file", "rows", "used", "refused", box=None, header_style="bold")
    for file in review.plan.inputs:
        if file.name == "activities" or file.rows_refused:
            counts = (file.rows + file.rows_refused, file.rows, file.rows_refused)
            table.add_row(file.name, file.path.name, *(f"{count:,}" for count in counts))
    return table


def _joins_table(audits: Any) -> Table:
    table = Table("join", "rows matched", "unmatched", "people matched", "unmatched", "keys doubled", box=None)
    for audit in audits:
        people = (f"{audit.people_matched:,.0f}", f"{audit.people_unmatched:,.0f}")
        rows = (f"{audit.rows_matched:,}", f"{audit.rows_unmatched:,}")
        table.add_row(audit.name, *rows, *people, f"{audit.duplicated:,}")
    return table


def _checks_table(review: Any) -> Table:
    """The checks that put most people in doubt."""
    by_check, repaired = review.by_check(), len(review.after.changes) > 0
    table = Table("check", "severity", "rows", "people", *(["left"] if repaired else []), box=None, header_style="bold")
    for name, row in by_check.head(CHECKS_TOLD).iterrows():
        left = [f"{row['rows_left']:,}"] if repaired else []
        table.add_row(str(name), row["severity"], f"{row['rows']:,}", f"{row['people']:,.0f}", *left)
    if len(by_check) > CHECKS_TOLD:
        table.add_row(f"... and {len(by_check) - CHECKS_TOLD} more in quality.csv")
    return table


def _remarks(review: Any) -> Iterator[str]:
    """What the numbers alone do not say: rows that joins lose, changes made, checks that were not run."""
    from rmrp_analysis.quality import told

    yield from (f"rmrp: {told(audit)}" for audit in review.joins if audit.loses_people)
    if len(review.after.changes):
        yield f"{len(review.after.changes):,} cells changed: {', '.join(review.after.repairs)}"
    reasons: dict[str, list[str]] = {}
    for name, reason in review.not_run.items():
        reasons.setdefault(reason, []).append(name)
    yield from (f"Not run, since {reason}: {', '.join(names)}" for reason, names in reasons.items())


def _write_workbooks(review: Any, folder: Path, language: str) -> Path:
    """A workbook for each organisation with rows to review, in its language unless one is asked for."""
    from rmrp_analysis.publish.files import file_names, write_whole
    from rmrp_analysis.quality import rows_to_review
    from rmrp_analysis.show.review_workbook import review_workbook

    asked = list(rows_to_review(review))
    for of_organisation, name in zip(asked, file_names([one.organisation for one in asked]), strict=True):
        made = review_workbook(of_organisation, language=language or of_organisation.language)
        write_whole(folder / f"{name}.xlsx", made)
    return folder


def _write_page(asked: RunParams, out: Path) -> Path:
    """The page on data quality, in the run's first language."""
    from rmrp_analysis.params import QualityParams
    from rmrp_analysis.publish.quality_page import render_quality_page

    return render_quality_page(QualityParams.of_run(asked), out)


def _fingerprint(folder: Path) -> str:
    """What tells one data folder's kept answers from another's."""
    import hashlib

    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


def _trace_table(rows: Any) -> Table:
    """The rows that contribute most; all of them go to a file or a pipe."""
    table = Table(*rows.columns, box=None, header_style="bold")
    most = rows.reindex(rows["contribution"].abs().sort_values(ascending=False, kind="stable").index[:TRACED_SHOWN])
    for row in most.itertuples(index=False):
        table.add_row(*(f"{cell:,.6g}" if isinstance(cell, float) else str(cell) for cell in row))
    if len(rows) > TRACED_SHOWN:
        table.caption = f"the {TRACED_SHOWN} rows that contribute most; --out FILE.csv writes all {len(rows):,}"
    return table
