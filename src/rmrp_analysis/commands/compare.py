"""Compare a published run with another one, or with its inputs: ``rmrp diff``, ``rmrp verify``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Exit, Option

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.terminal import alert, format_number, results, show, translate

if TYPE_CHECKING:
    from rmrp_analysis.publish.comparison.difference import Difference
    from rmrp_analysis.publish.records.results import ReportResult

MAX_SHEETS_SHOWN, MAX_REPORTS_SHOWN, MAX_PARTS_SHOWN = 15, 20, 15
"""The most changed sheets, changed reports and moved categories that ``rmrp diff`` shows."""
MAX_DIFFERENCES_SHOWN = 20
"""The most differences of each part of a run that ``rmrp verify`` shows."""

Params = Annotated[Path | None, Option(metavar="PARAMS", help="Its parameters.", callback=options.set_pack)]
"""The option of the parameter file of a compared run."""


def diff(
    earlier_run: options.RunFolder,
    later_run: Annotated[Path, Argument(metavar="LATER", help="The folder of a later run.")],
    out: Annotated[Path | None, options.file_option(".json", ".html", content="All of it, as a file")] = None,
    params_a: Params = None,
    params_b: Params = None,
    language: options.Languages = None,
) -> None:
    """Which figures differ between two runs, by how much, and why."""
    from rmrp_analysis.files import write_json, write_whole
    from rmrp_analysis.publish.comparison.difference import compare_runs, render_difference_page
    from rmrp_analysis.publish.comparison.published import read_run

    difference = compare_runs(read_run(earlier_run), read_run(later_run), params=(params_a, params_b))
    show_difference(difference)
    if out and out.suffix.lower() == ".json":
        write_json(out, difference.to_records())
    elif out:
        code = language[0] if language else terminal.log.language
        write_whole(out, render_difference_page(difference, code, out.resolve().parent))


def show_difference(run_difference: "Difference") -> None:
    """Show the changes between two runs: sheets, the reports behind the changes, and parts that moved.

    Each list has at most ``MAX_…_SHOWN`` lines, and counts the rest.
    """
    from rmrp_analysis.publish.comparison.difference import DifferenceView
    from rmrp_analysis.words import Translator

    view = DifferenceView(run_difference, Translator(terminal.log.language))
    results.print(f"{run_difference.before.folder} → {run_difference.after.folder}")
    if not run_difference.account.numbers.size:
        show("No figure changed.")
    elif not run_difference.is_split:
        show("The tables of one of the runs are not kept near it, so the differences are not split into their parts.")
    for sheets, text in (
        (run_difference.new_sheets, "New sheets: {sheets}."),
        (run_difference.gone_sheets, "No longer made: {sheets}."),
    ):
        if sheets:
            terminal.show_lines([translate(text, sheets=", ".join(map(view.name_sheet, sheets)))])
    if view.sheets:
        _show_sheets(view.sheets)
    parts = translate("Parts that moved in months that both have:") if view.months else translate("Parts that moved:")
    lists = {translate("Reports that changed:"): (view.reports, MAX_REPORTS_SHOWN)}
    lists[parts] = (view.parts, MAX_PARTS_SHOWN)
    for heading, (lines, limit) in lists.items():
        if lines:
            results.print()
            results.print(heading, style="bold")
            terminal.show_lines(lines[:limit])
            _show_rest(len(lines) - limit)
    if view.months and view.expected:
        results.print()
        count = format_number(view.expected)
        text = translate("Numbers that moved by {months} alone, as expected: {count}.", count=count, months=view.months)
        terminal.show_lines([text])


def _show_sheets(sheet_rows: Sequence[Mapping[str, Any]]) -> None:
    """Show the first ``MAX_SHEETS_SHOWN`` of ``DifferenceView.sheets`` as a table, and count the rest."""
    from rmrp_analysis.publish.comparison.difference import HEADING_BY_FIGURE

    table = terminal.table(translate("Sheet"), *map(translate, HEADING_BY_FIGURE.values()))
    for row in sheet_rows[:MAX_SHEETS_SHOWN]:
        cells = (f"{cell['before']} → {cell['after']}" if cell["before"] else cell["after"] for cell in row["cells"])
        table.add_row(row["name"], *cells)
        table.add_row(row["why"], *(cell["moved"] for cell in row["cells"]), style="dim", end_section=True)
    terminal.show_table(table)
    _show_rest(len(sheet_rows) - MAX_SHEETS_SHOWN)


def _show_rest(count: int) -> None:
    """Print how many more lines there are, or nothing for 0 or fewer."""
    if count > 0:
        show("  ... and {count} more; --out FILE.json or .html has all", count=count)


def verify(
    run: options.RunFolder,
    path: Annotated[Path | None, Argument(metavar="[PARAMS]", help="Its file.", callback=options.set_pack)] = None,
    data: options.DataFolder = None,
    sheets: Annotated[bool, Option("--sheets", help="Make every sheet again, compare all files.")] = False,
    jobs: options.Jobs = None,
) -> None:
    """Make a published run again, and say what differs: files, inputs, figures, and with --sheets all sheets."""
    from rmrp_analysis.publish.records.publication import Publication
    from rmrp_analysis.publish.run.verification import verify as verified

    ended: list[ReportResult] = []
    reports = len(Publication(run).reports) if sheets else 0
    with terminal.stopped_by_signals(lambda: None), terminal.progress(reports, ended) as when_done:
        result = verified(run, path, data=data, sheets=sheets, jobs=jobs, when_done=when_done)
    for part in result.parts:
        if part.why_not:
            show("{part}: not compared; {reason}", part=translate(part.name), reason=part.why_not)
            continue
        counts = {"part": translate(part.name), "same": part.same, "differ": len(part.differences)}
        if part.differences:
            show("{part}: {same} the same, {differ} differ", **counts)
        else:
            show("{part}: {same} the same", **counts)
        for line in part.differences[:MAX_DIFFERENCES_SHOWN]:
            show(f"  {line}")
        if len(part.differences) > MAX_DIFFERENCES_SHOWN:
            show("  ... and {count} more", count=len(part.differences) - MAX_DIFFERENCES_SHOWN)
    for remark in result.remarks:
        alert(remark)
    names = {"run": result.run, "edition": result.edition}
    if result.same:
        show("The run '{run}', edition {edition}, comes out the same.", **names)
    else:
        show("The run '{run}', edition {edition}, does not come out the same.", **names)
    raise Exit(0 if result.same else 1)
