"""Builds the page on the quality of a data folder, and the findings that an organisation should correct."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from rmrp_analysis import charts, numbers
from rmrp_analysis.locale.sentences import sentences
from rmrp_analysis.page.bar_tables import build_bar_block
from rmrp_analysis.page.block import Block, build_headline_block, build_notice_block
from rmrp_analysis.page.drawings import build_drawing_block
from rmrp_analysis.page.formatter import WORDS_BY_KIND, SheetFormatter, build_bar_entry
from rmrp_analysis.page.sheets_to_mend import find_sheets_to_mend
from rmrp_analysis.quality import CHECK_BY_NAME, STEPS_BY_REPAIR
from rmrp_analysis.quality.checks import FAULT_KEY_COLUMNS, FREE_TEXT_PLACEHOLDER, check_sentence
from rmrp_analysis.quality.checks import SENTENCES_BY_KIND as QUALITY_WORDS
from rmrp_analysis.quality.joins import LOSS_SENTENCE_BY_JOIN
from rmrp_analysis.quality.money import pattern_of, templates_of, text_of_template
from rmrp_analysis.quality.planning import PLANNING_CHECK_NAMES, format_planning_value
from rmrp_analysis.quality.review import Review, effects_of_repairs, people_in_doubt, steps_to_people_reached
from rmrp_analysis.theme import prose, tables
from rmrp_analysis.vocabulary import INTERSECTOR, NAME_BY_GROUP, plan_lists
from rmrp_analysis.vocabulary.labels import label
from rmrp_analysis.words import N_, Translator
from rmrp_analysis.yaml_text import escape_unprintable

LABEL_BY_FAMILY, LABEL_BY_SEVERITY, LABEL_BY_STEP, LABEL_BY_LIST, OTHER_RULE_SENTENCES = (
    QUALITY_WORDS[kind] for kind in ("family", "severity", "step", "list", "rule")
)
"""English words for families and severities of checks, steps of counting, lists of a folder, and rules not declared."""
LABEL_BY_COLUMN = {**LABEL_BY_LIST, **QUALITY_WORDS["column"], **NAME_BY_GROUP}
"""English names of the columns in which something can be found."""
TEXT_FOR_FREE_TEXT = N_("free text, not shown")
"""The text in place of a cell that may name people."""
MAX_DOUBT_BARS, MAX_CHECKS_ON_SHEET, MAX_SHEETS_TO_MEND = 12, 5, 10
"""At most this many organisations or countries, checks on a sheet, and sheets to mend are printed."""
MAX_CELL_CHARACTERS = 80
"""A cell's text is cut after this many characters."""
MAX_ROWS_OF_RULE = 3
"""The page prints at most this many rows of each rule; the tables next to it have all."""

Parts = tuple[Block, ...]
"""The blocks of one part of the page, in their order."""


class QualityPage:
    """Builds the parts of the page in one language; they name organisations, so the page is for internal use.

    A notebook shows each part with ``show`` (see ``data_quality.ipynb``).

    Args:
        review: What ``quality.review_plan`` found in a plan.
        title: What the run is called.
        language: The language of the page.

    >>> from rmrp_analysis.quality import review_plan
    >>> review = review_plan(plan, period=plan.whole_year, method=plan.method)
    >>> page = QualityPage(review, title="End of year 2021")
    >>> [block.kind for block in (*page.opening(), *page.steps(), *page.sheets(), *page.rules())]
    ['masthead', 'text', 'text', 'chart', 'bars', 'table', 'table']
    >>> [block.kind for block in (*page.rows(), *page.who_and_where(), *page.repairs(), *page.joins())]
    ['table', 'bars', 'bars', 'table', 'table']
    >>> [block.kind for block in page.closing()]
    ['account']
    """

    def __init__(self, review: Review, *, title: str, language: str = "en") -> None:
        """Keep the review; each part is built when it is asked for."""
        self.review = review
        self.title = title
        self.translate = Translator(language)
        self._people, self._count, self._change = (
            partial(format_number, language=language)
            for format_number in (numbers.people, numbers.count, numbers.change)
        )

    def opening(self) -> Parts:
        """Build the masthead (*for internal use*), a notice on invented inputs (if any), and the headline.

        The headline says how many rows have a finding that is more than a note, beside the number of activities read,
        and how many rows of activities were refused.
        """
        translate, plan_review = self.translate, self.review
        period_text = numbers.months(plan_review.period.start, plan_review.period.end, translate.language)
        plan_and_period_text = f"{plan_review.plan.year.name_for(translate.language)} · {period_text}"
        page_name = translate("Data quality")
        run_title = translate(self.title)
        internal_use_text = translate("For internal use")
        masthead_text_by_key = {
            "period": run_title,
            "scope": internal_use_text,
            "plan": plan_and_period_text,
            "last_month": plan_review.period.end,
        }
        masthead_view_dict = prose.masthead(
            translate, page_name, title=f"{page_name} · {run_title}", **masthead_text_by_key
        )
        review_rows_table = plan_review.findings[plan_review.findings["severity"] != "note"].drop_duplicates(
            ["file", "line"]
        )
        count_text_by_placeholder = {
            "rows": self._count(len(review_rows_table)),
            "reports": self._count(len(plan_review.plan.activities)),
        }
        headline_text = translate("{rows} of {reports} reports have something to review.", **count_text_by_placeholder)
        if refused_row_count := len(plan_review.plan.refused.get("activities", ())):
            headline_text += " " + translate("{refused} more cannot be used.", refused=self._count(refused_row_count))
        illustrative_input_names = {
            input_name for input_name, source in plan_review.plan.sources.items() if source.illustrative
        }
        invented_labels = [
            translate(input_label)
            for input_name, input_label in WORDS_BY_KIND["invented"].items()
            if input_name in illustrative_input_names
        ]
        invented_text = translate("Invented: {list}.", list=numbers.join_names(invented_labels, translate.language))
        notice_blocks = (
            [build_notice_block(f"{translate('Illustrative data')}.", invented_text)] if invented_labels else []
        )
        return Block("masthead", masthead_view_dict), *notice_blocks, build_headline_block(headline_text)

    def steps(self) -> Parts:
        """Build the chart from the people in the files to the people reached, and the people in doubt by month.

        Steps that change no number are left out.
        """
        translate, step_table = self.translate, steps_to_people_reached(self.review)
        changing_step_rows = step_table[(step_table["step"] == "sent") | (step_table["people"].round() != 0)]
        step_name_series = changing_step_rows["step"].map(lambda step: translate(LABEL_BY_STEP[step]))
        people_reached_count = float(step_table["left"].iloc[-1])
        waterfall_axes = charts.waterfall(
            changing_step_rows.set_axis(step_name_series)["people"],
            total=translate("People reached"),
            language=translate.language,
        )
        people_text_by_placeholder = {
            "sent": self._people(float(step_table["left"].iloc[0])),
            "reached": self._people(people_reached_count),
        }
        chart_finding = translate(
            "{sent} new beneficiaries were sent, {reached} people reached are counted", **people_text_by_placeholder
        )
        waterfall_drawing = charts.drawing_of(waterfall_axes)
        assert waterfall_drawing  # noqa: S101 - it is a chart of this package
        people_left_texts = map(self._people, [*changing_step_rows["left"], people_reached_count])
        step_rows = [
            [*step_name_and_people, people_left_text]
            for step_name_and_people, people_left_text in zip(waterfall_drawing.parts, people_left_texts, strict=True)
        ]
        waterfall_block = build_drawing_block(
            translate,
            "waterfall",
            charts.svg(waterfall_axes, prefix="waterfall"),
            kicker=translate("From the files to the people reached"),
            finding=chart_finding,
            alt=f"{chart_finding}. {'; '.join(f'{step_row[0]}: {step_row[1]}' for step_row in step_rows)}.",
            summary=translate("All values"),
            caption=chart_finding,
            columns=[translate("Step"), translate("People"), translate("People left")],
            rows=step_rows,
        )
        month_doubt_table = people_in_doubt(self.review, "month").sort_index()
        month_name_doubt_table = month_doubt_table.rename(
            index=lambda month: numbers.month_and_year(str(month), translate.language)
        )
        return waterfall_block, self._build_bars(
            "months", translate("People in doubt, by month"), translate("Month"), month_name_doubt_table
        )

    def sheets(self) -> Parts:
        """Build the table of sheets whose main number cannot be used, with the causes; most people concerned first.

        It has at most ``MAX_SHEETS_TO_MEND`` rows; a note says that there are more.
        """
        translate, plan_review = self.translate, self.review
        sheet_key_triples = [
            (sector, place, "") for sector in (INTERSECTOR, *plan_lists().sectors) for place in plan_lists().places
        ]
        sheets_to_mend = find_sheets_to_mend(
            plan_review.after,
            sheet_key_triples,
            period=plan_review.period,
            method=plan_review.method,
            audience="internal",
            language=translate.language,
        )
        printed_sheets_to_mend = sheets_to_mend[:MAX_SHEETS_TO_MEND]
        text_lists_by_header = {
            translate("Sheet"): [sheet_to_mend.name for sheet_to_mend in printed_sheets_to_mend],
            translate("Why it cannot be published yet"): [
                _capitalise(sheet_to_mend.cause) for sheet_to_mend in printed_sheets_to_mend
            ],
            translate("People concerned"): [sheet_to_mend.people_printed for sheet_to_mend in printed_sheets_to_mend],
        }
        sheet_count = len(sheets_to_mend)
        table_finding = translate.plural(
            "{count} sheet to mend", "{count} sheets to mend", sheet_count, count=self._count(sheet_count)
        )
        table_note = translate(
            "The {count} with most people concerned; the index of the run shows all.",
            count=self._count(len(printed_sheets_to_mend)),
        )
        sheet_table_block = self._build_table(
            "sheets", translate("Sheets that cannot be published yet"), text_lists_by_header
        )
        table_view_dict = {**sheet_table_block.view, "finding": table_finding if sheet_count else ""}
        return (
            replace(
                sheet_table_block,
                view=table_view_dict | _build_note(table_note if sheet_count > len(printed_sheets_to_mend) else ""),
            ),
        )

    def rules(self) -> Parts:
        """Build the table of findings by rule, most people in doubt first, each with a link to its first rows."""
        translate, rule_sums_table = self.translate, self.review.by_check()
        text_lists_by_header = {
            translate("What to review"): [
                format_rule(str(rule_name), translate) for rule_name in rule_sums_table.index
            ],
            translate("Family"): [
                translate(LABEL_BY_FAMILY.get(rule_family, "")) for rule_family in rule_sums_table["family"]
            ],
            translate("Severity"): [
                translate(LABEL_BY_SEVERITY[rule_severity]) for rule_severity in rule_sums_table["severity"]
            ],
            translate("Rows"): map(self._count, rule_sums_table["rows"]),
            translate("People in doubt"): map(self._people, rule_sums_table["people"]),
        }
        if len(self.review.after.changes):
            text_lists_by_header[translate("Rows left by repairs")] = map(self._count, rule_sums_table["rows_left"])
        rule_table_block = self._build_table(
            "rules", translate("Findings by rule"), text_lists_by_header, names=rule_sums_table.index
        )
        for rule_name, (heading_cell_dict, *_) in zip(
            rule_sums_table.index, rule_table_block.view["rows"], strict=True
        ):
            heading_cell_dict["href"] = f"#rows-{rule_name}"
        return (rule_table_block,)

    def rows(self) -> Parts:
        """Build the table of the first rows of each rule: where each is, its value, and what would be right.

        It has at most ``MAX_ROWS_OF_RULE`` rows of a rule; free text is not shown.
        """
        translate, fault_rows_table = self.translate, self.review.faults().drop_duplicates(FAULT_KEY_COLUMNS)
        fault_table_by_rule = dict(iter(fault_rows_table.groupby("check", sort=False)))
        rows_table_by_rule = {
            str(rule_name): fault_table_by_rule[rule_name].head(MAX_ROWS_OF_RULE)
            for rule_name in self.review.by_check().index
        }
        rule_row_pairs = [
            (check_name, fault_row)
            for check_name, first_rows_of_rule in rows_table_by_rule.items()
            for fault_row in first_rows_of_rule.itertuples(index=False)
        ]
        text_lists_by_header = {
            translate("What to review"): [format_rule(check_name, translate) for check_name, _ in rule_row_pairs],
            translate("File"): [str(fault_row.file) for _, fault_row in rule_row_pairs],
            translate("Line"): [str(fault_row.line) if fault_row.line else "" for _, fault_row in rule_row_pairs],
            translate("Column"): [
                translate(LABEL_BY_COLUMN.get(str(fault_row.column), str(fault_row.column)))
                for _, fault_row in rule_row_pairs
            ],
            translate("Value"): [
                self._format_cell(check_name, str(fault_row.value)) for check_name, fault_row in rule_row_pairs
            ],
            translate("What would be right"): [
                _cut(format_expected(check_name, str(fault_row.allowed), translate))
                for check_name, fault_row in rule_row_pairs
            ],
        }
        fault_table_block = self._build_table("rows", translate("First rows of each finding"), text_lists_by_header)
        cell_rows = iter(fault_table_block.view["rows"])
        for check_name, first_rows_of_rule in rows_table_by_rule.items():
            heading_cell_dict, file_cell_dict, *_ = next(cell_rows)
            heading_cell_dict |= {"rows": len(first_rows_of_rule), "id": f"rows-{check_name}", "note": check_name}
            is_of_one_file = len({*first_rows_of_rule["file"]}) == 1
            file_cell_dict["rows"] = len(first_rows_of_rule) if is_of_one_file else 1
            for _ in range(len(first_rows_of_rule) - 1):
                del next(cell_rows)[: 1 + is_of_one_file]  # the cells of the first row span these
        return (fault_table_block,)

    def _format_cell(self, rule: str, value: str) -> str:
        """Write the value of a finding, cut to its length; free text is not quoted."""
        if value == FREE_TEXT_PLACEHOLDER:
            return self.translate(TEXT_FOR_FREE_TEXT)
        return _cut(format_finding_value(rule, value, self.translate))

    def who_and_where(self) -> Parts:
        """Build the bars of people in doubt by organisation and by country."""
        translate = self.translate
        organisation_doubt_table = people_in_doubt(self.review, "appealing_organisation").rename(
            index=lambda name: label(name, translate.language)
        )
        country_doubt_table = people_in_doubt(self.review, "country").rename(
            index=lambda code: translate(plan_lists().countries.get(code, code))
        )
        chart_kicker, column_header = translate("People in doubt, by organization"), translate("Organization")
        organisation_block = self._build_bars("organisations", chart_kicker, column_header, organisation_doubt_table)
        chart_kicker, column_header = translate("People in doubt, by country"), translate("Country")
        return organisation_block, self._build_bars("countries", chart_kicker, column_header, country_doubt_table)

    def repairs(self) -> Parts:
        """Build the table of what each repair would change on its own; a note counts those that change nothing."""
        translate, declared_repair_names = self.translate, self.review.after.repairs
        repair_effects_table = effects_of_repairs(self.review)
        changing_repairs_table = repair_effects_table[repair_effects_table["cells"] > 0]
        text_lists_by_header = {
            translate("Repair"): [
                translate(STEPS_BY_REPAIR[repair_name][0].sentence) for repair_name in changing_repairs_table["repair"]
            ],
            translate("Cells"): map(self._count, changing_repairs_table["cells"]),
            translate("Rows"): map(self._count, changing_repairs_table["rows"]),
            translate("People reached"): map(self._change, changing_repairs_table["people"]),
            translate("Findings"): map(self._change, changing_repairs_table["findings"]),
        }
        if declared_repair_names:
            text_lists_by_header[translate("Declared")] = [
                label("Yes" if repair_name in declared_repair_names else "No", translate.language)
                for repair_name in changing_repairs_table["repair"]
            ]
        repair_table_block = self._build_table(
            "repairs",
            translate("What each repair would change on its own"),
            text_lists_by_header,
            names=changing_repairs_table["repair"],
        )
        idle_repair_count = len(repair_effects_table) - len(changing_repairs_table)
        table_note = translate.plural(
            "{count} other repair would change nothing.",
            "{count} other repairs would change nothing.",
            idle_repair_count,
            count=self._count(idle_repair_count),
        )
        return (
            replace(
                repair_table_block,
                view={**repair_table_block.view, **_build_note(table_note if idle_repair_count else "")},
            ),
        )

    def joins(self) -> Parts:
        """Build the table of what each join between the tables matched, and that of checks not run, if any."""
        translate, join_audits, reason_by_skipped_check = self.translate, self.review.joins, self.review.not_run
        text_lists_by_header = {
            translate("Join"): [translate(LABEL_BY_LIST[join_audit.name]) for join_audit in join_audits],
            translate("Rows matched"): [self._count(join_audit.rows_matched) for join_audit in join_audits],
            translate("Rows without a match"): [self._count(join_audit.rows_unmatched) for join_audit in join_audits],
            translate("People without a match"): [
                self._people(join_audit.people_unmatched) for join_audit in join_audits
            ],
        }
        if any(join_audit.rows_unmatched for join_audit in join_audits):
            lost_rows_texts = [
                translate(LOSS_SENTENCE_BY_JOIN[join_audit.name]) if join_audit.rows_unmatched else ""
                for join_audit in join_audits
            ]
            text_lists_by_header[translate("What becomes of them")] = lost_rows_texts
        join_table_block = self._build_table("joins", translate("Joins between the tables"), text_lists_by_header)
        if not reason_by_skipped_check:
            return (join_table_block,)
        text_lists_by_header = {
            translate("Data check"): [format_rule(check_name, translate) for check_name in reason_by_skipped_check],
            translate("Why it was not made"): list(map(self._format_missing_input, reason_by_skipped_check)),
        }
        return join_table_block, self._build_table(
            "not-run", translate("Checks that were not made"), text_lists_by_header, names=reason_by_skipped_check
        )

    def _format_missing_input(self, check: str) -> str:
        """Write why a check could not run: the data folder has no such list, or the files no such column."""
        translate, declared_check = self.translate, CHECK_BY_NAME[check]
        if declared_check.needs:
            return translate(
                "The data folder has no such list: {list}.", list=translate(LABEL_BY_LIST[declared_check.needs])
            )
        return translate(
            "The files have no such column: {column}.", column=translate(LABEL_BY_COLUMN[declared_check.needs_column])
        )

    def closing(self) -> Parts:
        """Build the closing block: the tables next to the page, and the line at its end."""
        translate = self.translate
        file_link_dicts = [
            {"name": f"{file_name} ({translate(content_label)})", "href": file_name}
            for file_name, content_label in WORDS_BY_KIND["file"].items()
        ]
        files_view_dict = {"label": translate("Tables beside this page"), "files": file_link_dicts}
        document_title = f"{translate('Data quality')} · {translate(self.title)}"
        status_text = translate("For internal use")
        return (
            Block.build(
                "account", method=None, text=document_title, status=status_text, data=files_view_dict, edition=""
            ),
        )

    def _build_bars(self, uid: str, kicker: str, column: str, table: pd.DataFrame) -> Block:
        """Build a table with bars of people in doubt; ``table`` has ``people`` (float) and ``rows`` (int) by name.

        Only its first ``MAX_DOUBT_BARS`` rows have a bar. Without rows it says that nothing was found.
        """
        translate, largest_rows_table = self.translate, table.head(MAX_DOUBT_BARS)
        max_doubtful_people = float(largest_rows_table["people"].max()) if len(largest_rows_table) else 0.0
        bar_row_dicts = []
        for row_name, doubtful_people, row_count in largest_rows_table[["people", "rows"]].itertuples():
            value_state, doubtful_people_text = (
                ("value", self._people(doubtful_people)) if doubtful_people else ("zero", translate("none"))
            )
            row_count_text = translate.plural("in {rows} row", "in {rows} rows", row_count, rows=self._count(row_count))
            bar_entry_dict = build_bar_entry(
                value_state,
                doubtful_people_text,
                bar=doubtful_people / max_doubtful_people if max_doubtful_people else 0,
                share=row_count_text,
            )
            bar_row_dicts.append({"label": str(row_name), "people": bar_entry_dict})
        row_name = str(largest_rows_table["people"].idxmax()) if max_doubtful_people else ""
        chart_finding = translate("{name} has the most people in doubt", name=_capitalise(row_name)) if row_name else ""
        empty_view_dict = None if bar_row_dicts else {"title": translate("Nothing found"), "reason": ""}
        column_headers = [column, translate("People in doubt")]
        return build_bar_block(
            6,
            uid=uid,
            kicker=kicker,
            finding=chart_finding,
            columns=column_headers,
            rows=bar_row_dicts,
            empty=empty_view_dict,
        )

    def _build_table(
        self, uid: str, kicker: str, columns: Mapping[str, Iterable[str]], *, names: Iterable[str] = ()
    ) -> Block:
        """Build a table of these columns; ``names``, as files have them, stand in small print in the first cells.

        Without rows it says that nothing was found.
        """
        table_rows = list(zip(*columns.values(), strict=True))
        empty_view_dict = None if table_rows else {"title": self.translate("Nothing found"), "reason": ""}
        table_view_dict = tables.table(list(columns), table_rows) | {"kicker": kicker, "empty": empty_view_dict}
        for name_in_files, (heading_cell_dict, *_) in zip(names, table_view_dict["rows"], strict=False):
            heading_cell_dict["note"] = name_in_files
        return Block("table", table_view_dict, uid=uid)


def _cut(text: str) -> str:
    """Cut a text to ``MAX_CELL_CHARACTERS``, and escape what cannot be printed."""
    text = escape_unprintable(text)
    return text if len(text) <= MAX_CELL_CHARACTERS else f"{text[:MAX_CELL_CHARACTERS]}…"


def show(*parts: Parts) -> None:
    """Display the blocks of these parts of a page, in order.

    >>> from rmrp_analysis.quality import review_plan
    >>> review = review_plan(plan, period=plan.whole_year, method=plan.method)
    >>> show(QualityPage(review, title="End of year 2021").joins())
    Block(kind='table', ...
    """
    from IPython.display import display

    for blocks_of_part in parts:
        display(*blocks_of_part)


def build_findings_to_mend(formatter: SheetFormatter, findings: pd.DataFrame) -> Block | None:
    """Build the bars of the checks with most people in doubt; None without findings.

    ``findings`` has the columns ``check``, ``file``, ``line`` and ``people`` (float). A row counts once for a check. At
    most ``MAX_CHECKS_ON_SHEET`` checks have a bar.
    """
    translate = formatter.translate
    row_people_table = findings.groupby(["check", "file", "line"])["people"].max().reset_index()
    check_sums_table = row_people_table.groupby("check").agg(rows=("line", "size"), people=("people", "sum"))
    largest_checks_table = check_sums_table.sort_values(["people", "rows"], ascending=False, kind="stable").head(
        MAX_CHECKS_ON_SHEET
    )
    if largest_checks_table.empty:
        return None
    max_doubtful_people, bar_row_dicts = largest_checks_table["people"].max(), []
    for check_name, row_count, doubtful_people in largest_checks_table.itertuples():
        row_count_text = translate.plural("{count} row", "{count} rows", row_count).format(
            count=formatter.format_count(row_count)
        )
        bar_share = doubtful_people / max_doubtful_people if max_doubtful_people else 0
        bar_entry_dict = build_bar_entry(
            "value", formatter.format_people(doubtful_people), bar=bar_share, share=row_count_text
        )
        bar_row_dicts.append({"label": format_rule(str(check_name), translate), "people": bar_entry_dict})
    block_note = translate(
        "{rows} of {activities} rows have something to review; all of them are in the organization's workbook "
        "(rmrp check --workbooks). A person may be in several lines.",
        rows=formatter.format_count(len(row_people_table.drop_duplicates(["file", "line"]))),
        activities=formatter.format_figure("activities"),
    )
    block_kicker = translate("Findings to mend, with most people in doubt")
    column_headers = [translate("What to review"), translate("People in doubt, and rows")]
    return build_bar_block(
        12, uid="to_mend", kicker=block_kicker, finding="", columns=column_headers, rows=bar_row_dicts, note=block_note
    )


def format_rule(rule: str, translate: Translator) -> str:
    """Write what is wrong by a rule; a rule without a sentence keeps its name."""
    return translate(check_sentence(rule))


def format_expected(rule: str, allowed: str, translate: Translator) -> str:
    """Write what would be right, from the ``allowed`` of a finding; empty where the sentence of the rule says it."""
    if rule not in CHECK_BY_NAME:
        is_said_by_rule = rule == "empty" or rule.startswith("not_")
        return "" if is_said_by_rule else translate_by_template(allowed, templates_of(rule, "allowed"), translate)
    declared_check = CHECK_BY_NAME[rule]
    expected_text = declared_check.read_expected(allowed)
    return (
        ""
        if "{expected}" in declared_check.allowed and not expected_text
        else translate(declared_check.allowed, expected=expected_text)
    )


def format_finding_value(rule: str, text: str, translate: Translator) -> str:
    """Write the value of a finding as it is in the files; one of a check of money or planning is translated."""
    if rule in PLANNING_CHECK_NAMES:
        return format_planning_value(text, translate)
    return translate_by_template(text, templates_of(rule, "value"), translate) if rule not in CHECK_BY_NAME else text


def translate_by_template(text: str, templates: Iterable[str], translate: Translator) -> str:
    """Translate a text that one of these templates made, with its numbers; any other text is translated as it is."""
    for sentence_template in templates:
        if template_match := pattern_of(sentence_template).fullmatch(text):
            number_text_by_group = {
                group_name: _format_number(typed_number_text, translate.language)
                for group_name, typed_number_text in template_match.groupdict().items()
            }
            return translate(text_of_template(sentence_template), **number_text_by_group)
    translated_text = translate(text)
    return translated_text if translated_text != text else sentences(translate.language)(text)


def _format_number(text: str, language: str) -> str:
    """Format a number that Python wrote (``1,234``, ``5%``) as a page prints it; return another text as it is."""
    number_digits = text.replace(",", "")
    if text.endswith("%") and number_digits[:-1].isdecimal():
        return numbers.share(int(number_digits[:-1]) / 100, language)
    return numbers.count(int(number_digits), language) if number_digits.isdecimal() else text


def _build_note(text: str) -> dict[str, Any]:
    """Return the entry ``note`` of a table's view, in one piece without a link; no entry for an empty text."""
    return {"note": [{"text": text, "href": ""}]} if text else {}


def _capitalise(text: str) -> str:
    """Return a text with a capital letter, and the rest as it is."""
    return text[:1].upper() + text[1:]
