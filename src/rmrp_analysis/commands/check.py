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
    run_params = options.load_params(path, period=period, sectors=sector, languages=language, data=data)
    from rmrp_analysis.loaders import load_plan
    from rmrp_analysis.params import check_same_plan
    from rmrp_analysis.publish.run.review import find_narrative_faults, list_cautions, write_tables, write_workbooks
    from rmrp_analysis.quality import review_plan

    check_same_plan(run_params, path)
    plan = load_plan(run_params.data, project=path.parent)
    run_params = run_params.of_organisations(plan.organisations_named)
    plan_review = review_plan(plan, period=run_params.period, method=run_params.method, repairs=run_params.repairs)
    plan_review = plan_review.of_sectors(run_params.sectors) if sector else plan_review
    written_paths = write_tables(plan_review, out, terminal.log.language)
    _show_checks(plan_review)
    _show_inputs(plan_review)
    exit_code = _show_conditions(run_params, path, plan_review.after)
    terminal.tell_groups("in_doubt", list_cautions(run_params, plan_review.after, terminal.log.language))
    options.warn_of_sheets_to_mend(plan_review.after, list(run_params.reports()))
    if workbooks:
        written_paths.append(write_workbooks(plan_review, run_params, out / "review", language[0] if language else ""))
    if page:
        from rmrp_analysis.publish.engine import runners
        from rmrp_analysis.publish.run.quality_page import render_quality_page

        written_paths.append(render_quality_page(run_params.quality_page(), out, runners.COMMAND_RUNNER))
    tell("Written: {files}", files=", ".join(map(str, written_paths)))
    narrative_error_faults, narrative_doubt_faults = find_narrative_faults(run_params, plan_review.after)
    for narrative_fault in narrative_doubt_faults:
        alert("please check {fault}", fault=str(narrative_fault))
    for narrative_fault in narrative_error_faults:
        alert(narrative_fault)
    raise Exit(exit_code or (1 if narrative_error_faults else 0))


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
    for gate_condition in gate_conditions:
        acceptance_text = translate("accepted") if gate_condition.accepted else translate("a run publishes nothing")
        condition_sentence, *detail_sentences = gate_condition.sentence.split(". ")
        alert(f"{gate_condition.name} ({acceptance_text}): {condition_sentence}")
        for detail_sentence in () if gate_condition.accepted else detail_sentences:
            alert(detail_sentence)
    for accepted_share_dict in shares_accepted(gate_conditions, language):
        alert(LARGE_SHARE_WARNING, **accepted_share_dict)
    refused_conditions = [gate_condition for gate_condition in gate_conditions if not gate_condition.accepted]
    for gate_condition in refused_conditions:
        alert(gate_condition.remedy)
    if acceptance_line := accept_line(refused_conditions):
        alert("to accept this, add to {params}: {line}", params=path, line=acceptance_line)
    reason_by_report = explain_refusals(plan, params)
    for report_name, refusal_reason in reason_by_report.items():
        alert("{report} would not be published: {reason}", report=report_name, reason=refusal_reason)
    return InputRefused.exit_code if refused_conditions else min(len(reason_by_report), 1)


def _show_indicators(plan: "Plan") -> None:
    """Say whose list of indicators was used, and which names that are not in it may be of it, six at most."""
    from rmrp_analysis.loaders.indicators import suggest_indicators
    from rmrp_analysis.packs import pack

    indicator_table, indicator_source = plan.references["indicators"], plan.sources.get("indicators")
    # The names that a person confirmed are rows of the list, too
    indicator_codes = {*indicator_table["indicator_code"]}
    if indicator_source:
        indicator_message_values = {
            "producer": indicator_source.producer,
            "known": len(indicator_codes & {*pack.indicators(plan.year.year)}),
        }
        indicator_message_values |= {"count": len(indicator_codes)}
        tell(
            "Indicators: {count} of the list of {producer}; the package has labels of {known} of them.",
            **indicator_message_values,
        )
    else:
        tell(
            "Indicators: {count}, without a list; the types that the activities state decide.",
            count=len(indicator_codes),
        )
    suggested_indicator_table = suggest_indicators(plan.activities, indicator_table, plan.year).head(MAX_CHECKS_SHOWN)
    if len(suggested_indicator_table):
        tell("Perhaps these are of the list; they count once you write under indicators in sources.yml:")
        suggested_yaml_lines = [
            f"    {json.dumps(reported_indicator_name, ensure_ascii=False)}: {indicator_code}"
            for reported_indicator_name, indicator_code in suggested_indicator_table[["indicator", "code"]].to_numpy()
        ]
        for message_line in ("  other_names:", *suggested_yaml_lines):
            tell(message_line)


def _show_checks(review: "Review") -> None:
    """Show the ``MAX_CHECKS_SHOWN`` checks that put most people in doubt, in words and by name, and how many more."""
    from rmrp_analysis.quality.checks import SENTENCES_BY_KIND, check_sentence

    check_totals_table, has_repairs = review.by_check(), len(review.after.changes) > 0
    table_headings = translate("finding|severity|rows|people|left").split("|")[: 4 + has_repairs]
    check_rich_table = table(*table_headings, numbers=2 + has_repairs)
    for check_name, check_totals_row in check_totals_table.head(MAX_CHECKS_SHOWN).iterrows():
        count_texts = map(
            format_number,
            (check_totals_row["rows"], check_totals_row["people"], *[check_totals_row["rows_left"]] * has_repairs),
        )
        finding_rich_text = Text.assemble(translate(check_sentence(str(check_name))), " ", (str(check_name), "dim"))
        severity_word = SENTENCES_BY_KIND["severity"][check_totals_row["severity"]]
        check_rich_table.add_row(finding_rich_text, translate(severity_word), *count_texts)
    if len(check_totals_table) > MAX_CHECKS_SHOWN:
        check_rich_table.add_row(
            translate("... and {count} more in quality.csv", count=len(check_totals_table) - MAX_CHECKS_SHOWN)
        )
    terminal.show_table(check_rich_table, max_width=MAX_LINE_CHARACTERS)


def _show_inputs(review: "Review") -> None:
    """Show the rows read, what joins matched and lost, indicators, changed cells, and which checks were not run.

    Of inputs other than activities, only files with refused rows are shown.
    """
    from rmrp_analysis.quality import CHECK_BY_NAME
    from rmrp_analysis.quality.checks import check_sentence

    input_rich_table = table(*translate("input|file|rows|used|refused").split("|"), numbers=3)
    for input_file in review.plan.inputs:
        if input_file.name == "activities" or input_file.rows_refused:
            row_count_texts = map(
                format_number, (input_file.rows + input_file.rows_refused, input_file.rows, input_file.rows_refused)
            )
            file_and_sheet_text = translate(
                "{file}, sheet '{sheet}'", file=input_file.path.name, sheet=input_file.sheet
            )
            input_rich_table.add_row(
                input_file.name, file_and_sheet_text if input_file.sheet else input_file.path.name, *row_count_texts
            )
    join_rich_table = table(
        *translate("join|rows matched|unmatched|people matched|unmatched|keys doubled").split("|"), numbers=5
    )
    for join_audit in review.joins:
        joined_people_count_pair = (join_audit.people_matched, join_audit.people_unmatched)
        join_rich_table.add_row(
            join_audit.name,
            *map(
                format_number,
                (join_audit.rows_matched, join_audit.rows_unmatched, *joined_people_count_pair, join_audit.duplicated),
            ),
        )
    for summary_rich_table in (input_rich_table, join_rich_table):
        terminal.show_table(summary_rich_table, max_width=MAX_LINE_CHARACTERS)
    _show_indicators(review.plan)
    options.warn_of_losses(review.after, review.period, review.joins)
    if len(review.after.changes):
        repair_names_text = ", ".join(review.after.repairs)
        tell("{count} cells changed: {repairs}", count=len(review.after.changes), repairs=repair_names_text)
    skip_reason_by_check = {
        check_name: CHECK_BY_NAME[check_name].not_run_because(review.plan, terminal.log.language)
        for check_name in review.not_run
    }
    for skip_reason in dict.fromkeys(skip_reason_by_check.values()):
        check_sentences = [
            translate(check_sentence(check_name)).removesuffix(".")
            for check_name, check_reason in skip_reason_by_check.items()
            if check_reason == skip_reason
        ]
        tell("Not run, since {reason}: {checks}", reason=skip_reason, checks="; ".join(check_sentences))
