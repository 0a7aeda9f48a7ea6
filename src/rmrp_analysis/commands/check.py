"""Load the inputs of a run, check them with its narratives, publish nothing: ``rmrp check``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.text import Text
from typer import Exit, Option

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.terminal import alert, format_number, table, tell, translate
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.publish.engine import fast_start

if TYPE_CHECKING:
    from rmrp_analysis.params import RunParams
    from rmrp_analysis.plan import Plan
    from rmrp_analysis.quality import Review

MAX_CHECKS_SHOWN = 6
"""The checks that a terminal shows, so that everything fits a screen of 24 lines."""
MAX_LINE_CHARACTERS = 400
"""The most characters of a table's line in a file or a pipe, where each check takes one line."""


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
    fast_start.begin_tables()
    plan = load_plan(params.data, project=path.parent)
    params = params.of_organisations(plan.organisations_named)
    review = review_plan(plan, period=params.period, method=params.method, repairs=params.repairs)
    review = review.of_sectors(params.sectors) if sector else review
    files = write_tables(review, out, terminal.log.language)
    _show_checks(review)
    _show_inputs(review)
    exit_code = _show_conditions(params, path, review.after)
    terminal.tell_groups("in_doubt", list_cautions(params, review.after, terminal.log.language))
    options.warn_of_sheets_to_mend(review.after, list(params.reports()))
    if workbooks:
        files.append(write_workbooks(review, params, out / "review", language[0] if language else ""))
    if page:
        from rmrp_analysis.publish.engine import runners
        from rmrp_analysis.publish.run.quality_page import render_quality_page

        files.append(render_quality_page(params.quality_page(), out, runners.COMMAND_RUNNER))
    tell("Written: {files}", files=", ".join(map(str, files)))
    errors, doubtful = find_narrative_faults(params, review.after)
    for fault in doubtful:
        alert("please check {fault}", fault=str(fault))
    for fault in errors:
        alert(fault)
    raise Exit(exit_code or (1 if errors else 0))


def _show_conditions(params: "RunParams", path: Path, plan: "Plan") -> int:
    """Warn of the conditions that a run would refuse or accept, for plan and sheets. Return its exit code.

    The code is 3 if the plan is refused, 1 if only a sheet is refused, or 0.
    """
    from rmrp_analysis.publish.run.preparation import explain_refusals
    from rmrp_analysis.quality import LARGE_SHARE_WARNING, conditions, secret_condition, shares_accepted
    from rmrp_analysis.quality.gate import accept_line

    language = terminal.log.language
    gate = conditions(plan, period=params.period, method=params.method, language=language)
    gate += secret_condition(plan, params.audience, params.method, params.accept, language)
    for condition in gate:
        state = translate("accepted") if condition.accepted else translate("a run publishes nothing")
        opening, *rest = condition.sentence.split(". ")
        alert(f"{condition.name} ({state}): {opening}")
        for sentence in () if condition.accepted else rest:
            alert(sentence)
    for share in shares_accepted(gate, language):
        alert(LARGE_SHARE_WARNING, **share)
    refused = [condition for condition in gate if not condition.accepted]
    for condition in refused:
        alert(condition.remedy)
    if line := accept_line(refused):
        alert("to accept this, add to {params}: {line}", params=path, line=line)
    reasons = explain_refusals(plan, params)
    for report, reason in reasons.items():
        alert("{report} would not be published: {reason}", report=report, reason=reason)
    options.tell_decisions(params)
    return InputRefused.exit_code if refused else min(len(reasons), 1)


def _show_indicators(plan: "Plan") -> None:
    """Say which list of indicators was used, and suggest up to six names that may be on it."""
    from rmrp_analysis.loaders.indicators import suggest_indicators
    from rmrp_analysis.packs import pack

    listed, source = plan.references["indicators"], plan.sources.get("indicators")
    # The names that a person confirmed are rows of the list, too
    codes = {*listed["indicator_code"]}
    if source:
        facts = {"producer": source.producer, "known": len(codes & {*pack.indicators(plan.year.year)})}
        facts |= {"count": len(codes)}
        tell("Indicators: {count} of the list of {producer}; the package has labels of {known} of them.", **facts)
    else:
        tell("Indicators: {count}, without a list; the types that the activities state decide.", count=len(codes))
    hints = suggest_indicators(plan.activities, listed, plan.year).head(MAX_CHECKS_SHOWN)
    if len(hints):
        tell("Perhaps these are of the list; they count once you write under indicators in sources.yml:")
        rows = hints[["indicator", "code"]].to_numpy()
        for line in ("  other_names:", *(f"    {json.dumps(text, ensure_ascii=False)}: {code}" for text, code in rows)):
            tell(line)


def _show_checks(review: "Review") -> None:
    """Show the ``MAX_CHECKS_SHOWN`` checks that put most people in doubt, and how many more there are."""
    from rmrp_analysis.quality.checks import SENTENCES_BY_KIND, check_sentence

    rows, repaired = review.by_check(), len(review.after.changes) > 0
    headings = translate("finding|severity|rows|people|left").split("|")[: 4 + repaired]
    checks = table(*headings, numbers=2 + repaired)
    for name, row in rows.head(MAX_CHECKS_SHOWN).iterrows():
        counts = map(format_number, (row["rows"], row["people"], *[row["rows_left"]] * repaired))
        finding = Text.assemble(translate(check_sentence(str(name))), " ", (str(name), "dim"))
        severity = SENTENCES_BY_KIND["severity"][row["severity"]]
        checks.add_row(finding, translate(severity), *counts)
    if len(rows) > MAX_CHECKS_SHOWN:
        checks.add_row(translate("... and {count} more in quality.csv", count=len(rows) - MAX_CHECKS_SHOWN))
    terminal.show_table(checks, max_width=MAX_LINE_CHARACTERS)


def _show_inputs(review: "Review") -> None:
    """Show the rows read, joined and lost, the indicators, changed cells, and the checks that were not run.

    A file of another input than activities is shown only if it has refused rows.
    """
    from rmrp_analysis.quality import CHECK_BY_NAME
    from rmrp_analysis.quality.checks import check_sentence

    files = table(*translate("input|file|rows|used|refused").split("|"), numbers=3)
    for file in review.plan.inputs:
        if file.name == "activities" or file.rows_refused:
            counts = (file.rows + file.rows_refused, file.rows, file.rows_refused)
            sheet = translate("{file}, sheet '{sheet}'", file=file.path.name, sheet=file.sheet)
            files.add_row(file.name, sheet if file.sheet else file.path.name, *map(format_number, counts))
    joins = table(*translate("join|rows matched|unmatched|people matched|unmatched|keys doubled").split("|"), numbers=5)
    for join in review.joins:
        sizes = (join.rows_matched, join.rows_unmatched, join.people_matched, join.people_unmatched, join.duplicated)
        joins.add_row(join.name, *map(format_number, sizes))
    for content in (files, joins):
        terminal.show_table(content, max_width=MAX_LINE_CHARACTERS)
    _show_indicators(review.plan)
    options.warn_of_losses(review.after, review.period, review.joins)
    if len(review.after.changes):
        repairs = ", ".join(review.after.repairs)
        tell("{count} cells changed: {repairs}", count=len(review.after.changes), repairs=repairs)
    not_run = {name: CHECK_BY_NAME[name].not_run_because(review.plan, terminal.log.language) for name in review.not_run}
    for reason in dict.fromkeys(not_run.values()):
        checks = [translate(check_sentence(name)).removesuffix(".") for name, why in not_run.items() if why == reason]
        tell("Not run, since {reason}: {checks}", reason=reason, checks="; ".join(checks))
