"""Load the inputs of a run, check them with its narratives, publish nothing: ``rmrp check``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.text import Text
from typer import Exit, Option

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.terminal import alert, format_number, table, tell, translate
from rmrp_analysis.errors import InputRefused

if TYPE_CHECKING:
    from rmrp_analysis.params import RunParams
    from rmrp_analysis.plan import Plan
    from rmrp_analysis.quality import Review

MAX_CHECKS_SHOWN = 6
"""How many checks a terminal shows: with all other lines they fit one screen of 24 lines."""
MAX_LINE_CHARACTERS = 400
"""The most characters of a table's line in a file or a pipe, where each check has one line."""


def check(
    path: options.ParamsFile,
    sector: options.Sectors = None,
    language: options.Languages = None,
    period: options.Months = "",
    data: options.DataFolder = None,
    out: Annotated[Path, Option(metavar="DIR", help="Where quality.csv, refused.csv and repairs.csv go.")] = Path(),
    workbooks: Annotated[bool, Option("--workbooks", help="Also review/: a workbook an organisation.")] = False,
    page: Annotated[bool, Option("--page", help="Also data_quality.html.")] = False,
) -> None:
    """Load and check the inputs and the narratives only."""
    params = options.load_params(path, period=period, sectors=sector, languages=language, data=data)
    from rmrp_analysis.loaders import load_plan
    from rmrp_analysis.params import check_same_plan
    from rmrp_analysis.publish.run.review import find_narrative_faults, list_cautions, write_tables, write_workbooks
    from rmrp_analysis.quality import review_plan

    check_same_plan(params, path)
    plan = load_plan(params.data, project=path.parent)
    params = params.of_organisations(plan.organisations_named)
    review = review_plan(plan, period=params.period, method=params.method, repairs=params.repairs)
    review = review.of_sectors(params.sectors) if sector else review
    written = write_tables(review, out, terminal.log.language)
    _show_checks(review)
    _show_inputs(review)
    exit_code = _show_conditions(params, path, review.after)
    terminal.tell_groups("in_doubt", list_cautions(params, review.after, terminal.log.language))
    options.warn_of_sheets_to_mend(review.after, list(params.reports()))
    if workbooks:
        written.append(write_workbooks(review, params, out / "review", language[0] if language else ""))
    if page:
        from rmrp_analysis.publish.engine import runners
        from rmrp_analysis.publish.run.quality_page import render_quality_page

        written.append(render_quality_page(params.quality_page(), out, runners.COMMAND_RUNNER))
    tell("Written: {files}", files=", ".join(map(str, written)))
    errors, doubtful = find_narrative_faults(params, review.after)
    for fault in doubtful:
        alert("please check {fault}", fault=str(fault))
    for fault in errors:
        alert(fault)
    raise Exit(exit_code or (1 if errors else 0))


def _show_conditions(params: "RunParams", path: Path, plan: "Plan") -> int:
    """Warn of what a run would refuse or only accept, of the plan and of single sheets; return its exit code.

    It is 3 where the plan is refused, 1 where a sheet is, else 0.
    """
    from rmrp_analysis.publish.run.preparation import explain_refusals
    from rmrp_analysis.quality import LARGE_SHARE_WARNING, conditions, secret_condition, shares_accepted
    from rmrp_analysis.quality.gate import accept_line

    period, method, language = params.period, params.method, terminal.log.language
    gate_conditions = conditions(plan, period=period, method=method, language=language)
    gate_conditions += secret_condition(plan, params.audience, method, params.accept, language)
    for condition in gate_conditions:
        state = translate("accepted") if condition.accepted else translate("a run publishes nothing")
        first, *rest = condition.sentence.split(". ")
        alert(f"{condition.name} ({state}): {first}")
        for sentence in () if condition.accepted else rest:
            alert(sentence)
    for share in shares_accepted(gate_conditions, language):
        alert(LARGE_SHARE_WARNING, **share)
    refused = [condition for condition in gate_conditions if not condition.accepted]
    for condition in refused:
        alert(condition.remedy)
    if line := accept_line(refused):
        alert("to accept this, add to {params}: {line}", params=path, line=line)
    reasons = explain_refusals(plan, params)
    for report, reason in reasons.items():
        alert("{report} would not be published: {reason}", report=report, reason=reason)
    return InputRefused.exit_code if refused else min(len(reasons), 1)


def _show_indicators(plan: "Plan") -> None:
    """Say whose list of indicators was used, and which names that are not in it may be of it, six at most."""
    from rmrp_analysis.loaders.indicators import suggest_indicators
    from rmrp_analysis.packs import pack

    listed, source = plan.references["indicators"], plan.sources.get("indicators")
    # The names that a person confirmed are rows of the list, too
    codes = {*listed["indicator_code"]}
    if source:
        of_list = {"producer": source.producer, "known": len(codes & {*pack.indicators(plan.year.year)})}
        of_list |= {"count": len(codes)}
        tell("Indicators: {count} of the list of {producer}; the package has labels of {known} of them.", **of_list)
    else:
        tell("Indicators: {count}, without a list; the types that the activities state decide.", count=len(codes))
    near = suggest_indicators(plan.activities, listed, plan.year).head(MAX_CHECKS_SHOWN)
    if len(near):
        tell("Perhaps these are of the list; they count once you write under indicators in sources.yml:")
        lines = [
            f"    {json.dumps(text, ensure_ascii=False)}: {code}"
            for text, code in near[["indicator", "code"]].to_numpy()
        ]
        for line in ("  other_names:", *lines):
            tell(line)


def _show_checks(review: "Review") -> None:
    """Show the ``MAX_CHECKS_SHOWN`` checks that put most people in doubt, in words and by name, and how many more."""
    from rmrp_analysis.quality.checks import SENTENCES_BY_KIND, check_sentence

    by_check, repaired = review.by_check(), len(review.after.changes) > 0
    headings = translate("finding|severity|rows|people|left").split("|")[: 4 + repaired]
    checks = table(*headings, numbers=2 + repaired)
    for name, row in by_check.head(MAX_CHECKS_SHOWN).iterrows():
        counts = map(format_number, (row["rows"], row["people"], *[row["rows_left"]] * repaired))
        finding = Text.assemble(translate(check_sentence(str(name))), " ", (str(name), "dim"))
        severity = SENTENCES_BY_KIND["severity"][row["severity"]]
        checks.add_row(finding, translate(severity), *counts)
    if len(by_check) > MAX_CHECKS_SHOWN:
        checks.add_row(translate("... and {count} more in quality.csv", count=len(by_check) - MAX_CHECKS_SHOWN))
    terminal.show_table(checks, max_width=MAX_LINE_CHARACTERS)


def _show_inputs(review: "Review") -> None:
    """Show the rows read, what joins matched and lost, indicators, changed cells, and which checks were not run.

    Of inputs other than activities, only files with refused rows are shown.
    """
    from rmrp_analysis.quality import CHECK_BY_NAME
    from rmrp_analysis.quality.checks import check_sentence

    files = table(*translate("input|file|rows|used|refused").split("|"), numbers=3)
    for file in review.plan.inputs:
        if file.name == "activities" or file.rows_refused:
            counts = map(format_number, (file.rows + file.rows_refused, file.rows, file.rows_refused))
            sheet = translate("{file}, sheet '{sheet}'", file=file.path.name, sheet=file.sheet)
            files.add_row(file.name, sheet if file.sheet else file.path.name, *counts)
    joins = table(*translate("join|rows matched|unmatched|people matched|unmatched|keys doubled").split("|"), numbers=5)
    for join in review.joins:
        people = (join.people_matched, join.people_unmatched)
        joins.add_row(
            join.name, *map(format_number, (join.rows_matched, join.rows_unmatched, *people, join.duplicated))
        )
    for summary_rich_table in (files, joins):
        terminal.show_table(summary_rich_table, max_width=MAX_LINE_CHARACTERS)
    _show_indicators(review.plan)
    options.warn_of_losses(review.after, review.period, review.joins)
    if len(review.after.changes):
        repairs = ", ".join(review.after.repairs)
        tell("{count} cells changed: {repairs}", count=len(review.after.changes), repairs=repairs)
    not_run = {name: CHECK_BY_NAME[name].not_run_because(review.plan, terminal.log.language) for name in review.not_run}
    for reason in dict.fromkeys(not_run.values()):
        checks = [translate(check_sentence(name)).removesuffix(".") for name, why in not_run.items() if why == reason]
        tell("Not run, since {reason}: {checks}", reason=reason, checks="; ".join(checks))
