"""What the terminal shows: results on standard output; messages and progress on standard error."""

import codecs
import io
import json
import signal
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from rmrp_analysis.rounding_key import KNOWN_TO_ALL

if TYPE_CHECKING:
    import pandas as pd

    from rmrp_analysis.fetch.activityinfo import Forms
    from rmrp_analysis.fetch.fts import Fetched
    from rmrp_analysis.fetch.hdx import Dataset
    from rmrp_analysis.params import RunParams
    from rmrp_analysis.plan import Condition, JoinAudit, Plan
    from rmrp_analysis.publish.compare.difference import Difference
    from rmrp_analysis.publish.prepare import Run
    from rmrp_analysis.publish.report import ReportResult
    from rmrp_analysis.publish.verify import Verification
    from rmrp_analysis.quality import Review

CHECKS_SHOWN = 11
"""What fits one screen of 24 lines, with the rows, the joins, the remarks and what is written."""
CAUTIONS_SHOWN = 20
TRACED_SHOWN = 40
CHANGES_SHOWN = 12
"""How many changes of each tier a terminal shows."""
DIFFERENCES_SHOWN = 20
NOTHING = "nothing reported, designated or planned"
EMPTY_SHOWN = 20
"""How many reports without a sheet are named; ``run.json`` has all."""


class LogFormat(StrEnum):
    """How messages are written."""

    TEXT = "text"
    JSON = "json"


class Engine(StrEnum):
    """What runs notebooks; where a system has no fork, the second does by itself."""

    RMRP = "rmrp"
    WORKERS = "workers"
    NBCLIENT = "nbclient"


messages = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
results = Console(soft_wrap=True, highlight=False, markup=False)


def print_in_any_encoding() -> None:
    """Have both outputs print the nearest text of what their encoding lacks, as a pipe on Windows often does."""
    codecs.register_error("nearest", _nearest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="nearest")


def _nearest(problem: UnicodeError) -> tuple[str, int]:
    """The nearest ASCII text of a character, or else its number, and the place of the next one."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    character = problem.object[problem.start]
    plain = unicodedata.normalize("NFKD", character.replace("→", "->"))
    text = plain if plain.isascii() else character.encode("ascii", "backslashreplace").decode()
    return text, problem.start + 1


_log = {"format": LogFormat.TEXT, "quiet": False}


def set_log(log_format: LogFormat, *, quiet: bool = False) -> None:
    """Write messages in this format from here on; with ``quiet`` only what is wrong."""
    _log.update(format=log_format, quiet=quiet)


def tell(text: str, **facts: object) -> None:
    """A message on what goes well. ``facts`` stand beside it in a log of JSON objects."""
    if not _log["quiet"]:
        _write("info", text, text, facts)


def _write(level: str, text: str, line: str, facts: Mapping[str, object], style: str = "") -> None:
    if _log["format"] == LogFormat.JSON:
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        sys.stderr.write(
            json.dumps({"time": time, "level": level, "message": text, **facts}, ensure_ascii=False) + "\n"
        )
        sys.stderr.flush()
    else:
        messages.print(line, style=style)


@contextmanager
def signals_that_stop() -> Iterator[None]:
    """Have SIGTERM and SIGHUP raise ``KeyboardInterrupt``, as Ctrl-C does; what follows the first one is ignored."""

    def stop(*_: object) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers if signal.getsignal(number) != signal.SIG_IGN}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def show_result(path: Path) -> None:
    """The path of what a command made."""
    results.print(str(path))


def show_lines(lines: Iterable[str]) -> None:
    """Results, one a line."""
    for line in lines:
        results.print(line)


def warn(text: object, *, style: str = "", **facts: object) -> None:
    """A message to whoever started the command; each of its lines names the command."""
    for line in str(text).splitlines():
        _write("warning", line, f"rmrp: {line}", facts, style)


def show_reading(folder: Path) -> None:
    """That a command has begun, before the libraries are loaded that read tables."""
    tell(f"Reading {folder}")


def show_dry_run(run: "Run", out: Path) -> None:
    """What a run would make, and from what; it makes nothing."""
    params = run.params
    results.print(
        f"{len(run.reports)} reports in {out / params.run}, each as {', '.join(params.formats)} and data files:"
    )
    for report in run.reports:
        results.print(f"  {report.id}" + (f" (no sheet: {NOTHING})" if report.id in run.empty else ""))
    results.print(f"notebook: {params.notebook}")
    results.print(f"narratives: {params.narratives or 'none'}")
    for file in run.plan.inputs:
        results.print(f"{file.name}: {file.path} ({file.rows:,} rows)")
    tell("Nothing was made: --dry-run.")


def show_inputs(run: "Run") -> None:
    """What was read from where, the rows that cannot be used, the people that joins lose, and what was accepted."""
    beside = run.params.data.parent
    for file in run.plan.inputs:
        if file.sheet:
            tell(f"{file.name}: the sheet '{file.sheet}' of {file.path.name} is read.")
        if not file.path.resolve().is_relative_to(beside.resolve()):
            warn(f"{file.name} is read from outside of {beside}: {file.path}")
    for condition in run.conditions:
        warn(f"accepted: {condition.name}: {condition.sentence}")
    refused = sum(file.rows_refused for file in run.plan.inputs)
    if refused:
        tell(f"{refused} rows cannot be used and are left out; `rmrp check` lists them with reasons.")
    if run.plan.names_withheld:
        warn(f"{run.plan.names_withheld} names hold contact details and are withheld; `rmrp check` lists them.")
    for loss in _losses(run.joins):
        warn(loss, style="bold")


def show_conditions(conditions: Sequence["Condition"], params: Path) -> None:
    """What a run of these parameters would not publish, or has accepted, and the lines that accept it."""
    for condition in conditions:
        state = "accepted" if condition.accepted else "a run publishes nothing"
        warn(f"{condition.name} ({state}): {condition.sentence}", style="bold")
    refused = [condition for condition in conditions if not condition.accepted]
    if refused:
        from rmrp_analysis.quality import accept_line

        warn(f"to accept this, add to {params}: {accept_line(refused)}")


def _losses(joins: Iterable["JoinAudit"]) -> list[str]:
    losses = [join for join in joins if join.loses_people]
    if not losses:
        return []
    from rmrp_analysis.quality import join_message

    return [join_message(join) for join in losses]


def show_kept(reports: Sequence[Mapping[str, object]]) -> None:
    """That a run makes nothing anew: what its ``run.json`` says of its reports."""
    unchanged = sum(report["status"] == "unchanged" for report in reports)
    tell(f"unchanged: {unchanged} of {len(reports)} reports", status="unchanged", reports=unchanged)


@contextmanager
def progress(reports: int, done: list["ReportResult"]) -> Iterator[Callable[["ReportResult"], None]]:
    """A function that shows a report as it ends, and adds it to ``done``: with a bar on a terminal, as lines in a log.

    Reports without a sheet are one line together, and so are unchanged ones.
    """
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with_bar = reports > 0 and messages.is_terminal and not _log["quiet"] and _log["format"] == LogFormat.TEXT
    with Progress(*columns, console=messages, disable=not with_bar, auto_refresh=False) as bar:  # without a thread
        task = bar.add_task("reports", total=reports)
        told = False

        def tell_not_made() -> None:
            nonlocal told
            unchanged = sum(report.status == "unchanged" for report in done)
            empty = [report.params.report for report in done if report.status == "empty"]
            if empty and not told:
                names = list(dict.fromkeys(empty))  # in any language
                more = len(names) - EMPTY_SHOWN
                named = ", ".join(names[:EMPTY_SHOWN]) + (f" and {more} more" if more > 0 else "")
                line = f"no sheet, {NOTHING}: {len(empty)} of {reports} reports ({named})"
                tell(line, status="empty", reports=len(empty))
            if unchanged and not told:
                tell(f"unchanged: {unchanged} of {reports} reports", status="unchanged", reports=unchanged)
            told = True

        def show(report: "ReportResult") -> None:
            bar.update(task, advance=1, refresh=True)
            if report.status not in ("unchanged", "empty"):
                tell_not_made()
                facts = {"report": report.params.id, "status": report.status, "seconds": report.seconds}
                tell(f"{report.status:>9}  {report.seconds:5.1f} s  {report.params.id}", **facts)
                for warning in report.warnings:
                    tell(f"{'':>9}  {warning}", report=report.params.id)
                for caution in report.cautions:
                    tell(f"{'':>9}  in doubt: {caution['of']}: {caution['text']}", report=report.params.id)
            done.append(report)

        yield show
        tell_not_made()


def show_failed(report: "ReportResult") -> None:
    """What a report failed with, and what the analyst may need to find the reason."""
    detail = f" ({report.detail})" if report.detail and report.detail not in report.error else ""
    warn(f"{report.params.id} failed: {report.error}{detail}", report=report.params.id, status="failed")


def show_stopped(done: Sequence["ReportResult"]) -> None:
    """What a run has made that was stopped."""
    made = sum(report.status == "ok" for report in done)
    failed = sum(report.status == "failed" for report in done)
    kept = "nothing of it is published; the next run takes up what was made"
    warn(f"stopped; reports made: {made}, failed: {failed}; {kept}", made=made, failed=failed)


def show_review(review: "Review") -> None:
    """The rows read, what every join matched, the checks that put most people in doubt, and what was not run."""
    files = Table("input", "file", "rows", "used", "refused", box=None, header_style="bold")
    for file in review.plan.inputs:
        if file.name == "activities" or file.rows_refused:
            counts = (file.rows + file.rows_refused, file.rows, file.rows_refused)
            name = f"{file.path.name}, sheet '{file.sheet}'" if file.sheet else file.path.name
            files.add_row(file.name, name, *(f"{count:,}" for count in counts))
    joins = Table("join", "rows matched", "unmatched", "people matched", "unmatched", "keys doubled", box=None)
    for join in review.joins:
        people = (f"{join.people_matched:,.0f}", f"{join.people_unmatched:,.0f}")
        rows = (f"{join.rows_matched:,}", f"{join.rows_unmatched:,}")
        joins.add_row(join.name, *rows, *people, f"{join.duplicated:,}")
    for table in (files, joins, _checks(review)):
        results.print(table)
    for loss in _losses(review.joins):
        warn(loss)
    if len(review.after.changes):
        messages.print(f"{len(review.after.changes):,} cells changed: {', '.join(review.after.repairs)}")
    by_reason: dict[str, list[str]] = {}
    for name, reason in review.not_run.items():
        by_reason.setdefault(reason, []).append(name)
    for reason, names in by_reason.items():
        messages.print(f"Not run, since {reason}: {', '.join(names)}")


def _checks(review: "Review") -> Table:
    by_check, repaired = review.by_check(), len(review.after.changes) > 0
    table = Table("check", "severity", "rows", "people", *(["left"] if repaired else []), box=None, header_style="bold")
    for name, row in by_check.head(CHECKS_SHOWN).iterrows():
        left = [f"{row['rows_left']:,}"] if repaired else []
        table.add_row(str(name), row["severity"], f"{row['rows']:,}", f"{row['people']:,.0f}", *left)
    if len(by_check) > CHECKS_SHOWN:
        table.add_row(f"... and {len(by_check) - CHECKS_SHOWN} more in quality.csv")
    return table


def show_cautions(cautions: Sequence[str]) -> None:
    """Which numbers of the sheets are in doubt, and why; their sheets say so."""
    if cautions:
        messages.print(f"In doubt on the sheets ({len(cautions)}):")
    for caution in cautions[:CAUTIONS_SHOWN]:
        messages.print(f"  {caution}")
    if len(cautions) > CAUTIONS_SHOWN:
        messages.print(f"  ... and {len(cautions) - CAUTIONS_SHOWN} more, each on its sheet and in run.json")


def warn_of_key(params: "RunParams", plan: "Plan") -> None:
    """Warn of a public run whose counts of people are rounded by what everybody knows."""
    if params.audience == "public" and any(params.method.bases) and not plan.secret.own:
        warn(KNOWN_TO_ALL)


def show_verification(verification: "Verification") -> None:
    """What of a run is the same when it is made again, and what differs."""
    for part in verification.parts:
        if part.why_not:
            results.print(f"{part.name}: not compared; {part.why_not}")
            continue
        same = f"{part.same:,} the same"
        results.print(f"{part.name}: {same}" + (f", {len(part.differences):,} differ" if part.differences else ""))
        for difference in part.differences[:DIFFERENCES_SHOWN]:
            results.print(f"  {difference}")
        if len(part.differences) > DIFFERENCES_SHOWN:
            results.print(f"  ... and {len(part.differences) - DIFFERENCES_SHOWN:,} more")
    for remark in verification.remarks:
        warn(remark)
    verdict = "comes out the same" if verification.same else "does not come out the same"
    results.print(f"The run '{verification.run}', edition {verification.edition}, {verdict}.")


def show_written(paths: Sequence[Path]) -> None:
    """The files and folders that were written."""
    messages.print(f"Written: {', '.join(map(str, paths))}")


def show_new(folder: Path, notes: Sequence[str]) -> None:
    """What a new project holds, and which command comes next."""
    for note in notes:
        messages.print(note)
    show_result(folder)
    messages.print(f"Next: cd {quote(str(folder))}, then rmrp check params.yml, then rmrp run params.yml")


def show_lab(copies: Path, other: Sequence[str]) -> None:
    """Where the copies of notebooks are, which are not those that runs use, and what a run uses."""
    messages.print(
        f"Copies of the notebooks, for experiments: {copies}. `rmrp run` uses the notebook that PARAMS names."
    )
    for name in other:
        messages.print(f"{copies / name} was changed, or its notebook was; delete the copy to get a new one.")


def show_fetched(plan_id: int, fetched: "Fetched") -> None:
    """What came from FTS, what it left out, and where its totals are not those of its flows."""
    messages.print(
        f"FTS plan {plan_id}: {fetched.flows:,} flows, US$ {fetched.funding_usd:,.0f} funded, "
        f"US$ {fetched.pledges_usd:,.0f} pledged, as of {fetched.fetched:%Y-%m-%d %H:%M} UTC"
    )
    for grouping in fetched.left_out:
        warn(f"the server does not group by {grouping}; those totals are left out")
    for difference in fetched.differences:
        warn(difference)


def show_forms(forms: "Forms", *, history: bool) -> None:
    """What came from ActivityInfo, and what differs from the last fetch."""
    for name, form in forms.by_input.items():
        edited = f", last edited {form.last_edit:%Y-%m-%d %H:%M}" if form.last_edit else ""
        changes = {"new": form.added or (), "changed": form.changed, "gone": form.removed}
        counts = ", ".join(f"{len(ids):,} {change}" for change, ids in changes.items())
        since = "" if form.added is None else f"; since the last fetch {counts}"
        at = f"{form.fetched:%Y-%m-%d %H:%M} UTC"
        messages.print(f"{name}: {len(form.records):,} records of the form {form.id}{edited}, as of {at}{since}")
        if form.of_users:
            warn(f"{name}: fields about users are left out: {', '.join(form.of_users)}")
        if history and form.added is None:
            warn(f"{name}: there is no earlier file of this form to compare with, so no history was fetched")
        if form.without_history:
            warn(f"{name}: the history of {form.without_history:,} more changed records was not fetched")


def show_dataset(dataset: "Dataset") -> None:
    """What came from HDX, and which of it is an input of a plan."""
    for file in dataset.files:
        checked = f"checked by its {file.checked_by}" if file.checked_by else "HDX states no checksum of it"
        messages.print(f"{file.name}: {len(file.body):,} bytes, {checked}")
    for name, (file, sheet) in dataset.inputs.items():
        messages.print(f"{name}: {file.name}" + (f", the sheet '{sheet}'" if sheet else ""))
    for note in dataset.notes:
        messages.print(note)


def show_difference(found: "Difference") -> None:
    """What changed between two runs, the largest changes first, with what may explain each."""
    from rmrp_analysis.publish.compare.difference import exactly, moved
    from rmrp_analysis.words import Words

    results.print(f"{found.before.folder} → {found.after.folder}: {len(found.changes)} figures changed")
    for heading, sheets in (("new sheets", found.new_sheets), ("sheets that are gone", found.gone_sheets)):
        if sheets:
            results.print(f"{heading}: {', '.join(sheets)}")
    if found.causes:
        results.print("Why:")
    for number, (cause, count) in enumerate(found.explained, start=1):
        results.print(f"  [{number}] {cause.sentence()} (may explain {count})")
    for tier, changes in found.tiers.items():
        results.print(f"{tier} changes: {len(changes)}")
        lines = []
        for change in changes[:CHANGES_SHOWN]:
            numbers = [exactly(number, change.unit, "en") for number in (change.before, change.after)]
            why = "".join(f"[{number + 1}]" for number in change.causes)
            lines.append((change.report, change.name, " → ".join(numbers), moved(change, Words("en")), why))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            results.print("  " + "  ".join(map(str.ljust, line, widths)).rstrip())
        if len(changes) > CHANGES_SHOWN:
            results.print(f"  ... and {len(changes) - CHANGES_SHOWN} more; --out FILE.json or .html has all")


def show_traced(figure: str, rows: "pd.DataFrame", out: Path | None, *, of_people: bool) -> None:
    """The rows behind a figure: on a terminal those that contribute most, into a pipe all; what they add up to.

    ``of_people``: they tell how many people single rows reached.
    """
    if not out and results.is_terminal:
        order = rows["contribution"].abs().sort_values(ascending=False, kind="stable").index[:TRACED_SHOWN]
        table = Table(*rows.columns, box=None, header_style="bold")
        for row in rows.reindex(order).itertuples(index=False):
            table.add_row(*(f"{cell:,.6g}" if isinstance(cell, float) else str(cell) for cell in row))
        if len(rows) > TRACED_SHOWN:
            table.caption = f"the {TRACED_SHOWN} rows that contribute most; --out FILE.csv writes all {len(rows):,}"
        results.print(table)
    elif not out:
        from rmrp_analysis.files import table_text

        sys.stdout.write(table_text(rows))
    messages.print(f"{figure}: {len(rows):,} rows, contributions add up to {rows['contribution'].sum():,.12g}")
    if of_people:
        messages.print("Single rows tell numbers of few people: they are not for publication.")
