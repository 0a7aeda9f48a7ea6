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
"""The most organisations or countries, checks on a sheet, and sheets to mend that are printed."""
MAX_CELL_CHARACTERS = 80
MAX_ROWS_OF_RULE = 3
"""The most rows of a rule on the page. The tables beside the page have all rows."""

Parts = tuple[Block, ...]
"""The blocks of one part of the page, in their order."""


class QualityPage:
    """Builds the parts of the page in one language. They name organisations, so the page is for internal use.

    A notebook shows each part with ``show`` (see ``data_quality.ipynb``).

    Args:
        review: The result of ``quality.review_plan``.
        title: The title of the run.
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
        """Keep the review. Each part is built when its method is called."""
        self.review = review
        self.title = title
        self.translate = Translator(language)
        self._people = partial(numbers.people, language=language)
        self._count = partial(numbers.count, language=language)
        self._change = partial(numbers.change, language=language)

    def opening(self) -> Parts:
        """Build the masthead (*for internal use*), a notice on invented inputs (if any), and the headline.

        The headline counts the rows with a finding that is more than a note, the activities read, and the refused rows
        of activities.
        """
        translate, review = self.translate, self.review
        months = numbers.months(review.period.start, review.period.end, translate.language)
        plan = f"{review.plan.year.name_for(translate.language)} · {months}"
        name = translate("Data quality")
        period = translate(self.title)
        scope = translate("For internal use")
        texts = {"period": period, "scope": scope, "plan": plan, "last_month": review.period.end}
        view = prose.masthead(translate, name, title=f"{name} · {period}", **texts)
        rows = review.findings[review.findings["severity"] != "note"].drop_duplicates(["file", "line"])
        counts = {"rows": self._count(len(rows)), "reports": self._count(len(review.plan.activities))}
        text = translate("{rows} of {reports} reports have something to review.", **counts)
        if refused := len(review.plan.refused.get("activities", ())):
            text += " " + translate("{refused} more cannot be used.", refused=self._count(refused))
        marked = {name for name, source in review.plan.sources.items() if source.illustrative}
        invented = [translate(label) for name, label in WORDS_BY_KIND["invented"].items() if name in marked]
        listed = translate("Invented: {list}.", list=numbers.join_names(invented, translate.language))
        notice = [build_notice_block(f"{translate('Illustrative data')}.", listed)] if invented else []
        return Block("masthead", view), *notice, build_headline_block(text)

    def steps(self) -> Parts:
        """Build the chart from the people in the files to the people reached, and the people in doubt by month.

        Steps that change no number are left out.
        """
        translate, steps = self.translate, steps_to_people_reached(self.review)
        visible = steps[(steps["step"] == "sent") | (steps["people"].round() != 0)]
        names = visible["step"].map(lambda step: translate(LABEL_BY_STEP[step]))
        reached = float(steps["left"].iloc[-1])
        axes = charts.waterfall(
            visible.set_axis(names)["people"], total=translate("People reached"), language=translate.language
        )
        counts = {"sent": self._people(float(steps["left"].iloc[0])), "reached": self._people(reached)}
        finding = translate("{sent} new beneficiaries were sent, {reached} people reached are counted", **counts)
        drawing = charts.drawing_of(axes)
        assert drawing  # noqa: S101 - it is a chart of this package
        remaining = map(self._people, [*visible["left"], reached])
        rows = [[*part, people] for part, people in zip(drawing.parts, remaining, strict=True)]
        waterfall = build_drawing_block(
            translate,
            "waterfall",
            charts.svg(axes, prefix="waterfall"),
            kicker=translate("From the files to the people reached"),
            finding=finding,
            alt=f"{finding}. {'; '.join(f'{row[0]}: {row[1]}' for row in rows)}.",
            summary=translate("All values"),
            caption=finding,
            columns=[translate("Step"), translate("People"), translate("People left")],
            rows=rows,
        )
        months = people_in_doubt(self.review, "month").sort_index()
        doubts = months.rename(index=lambda month: numbers.month_and_year(str(month), translate.language))
        return waterfall, self._build_bars("months", translate("People in doubt, by month"), translate("Month"), doubts)

    def sheets(self) -> Parts:
        """Build the table of sheets to mend, with the causes, most people concerned first.

        It has at most ``MAX_SHEETS_TO_MEND`` rows. A note says if there are more sheets.
        """
        translate, review, language = self.translate, self.review, self.translate.language
        keys = [(sector, place, "") for sector in (INTERSECTOR, *plan_lists().sectors) for place in plan_lists().places]
        to_mend = find_sheets_to_mend(
            review.after, keys, period=review.period, method=review.method, audience="internal", language=language
        )
        largest = to_mend[:MAX_SHEETS_TO_MEND]
        columns = {
            translate("Sheet"): [sheet.name for sheet in largest],
            translate("Why it cannot be published yet"): [_capitalise(sheet.cause) for sheet in largest],
            translate("People concerned"): [sheet.people_printed for sheet in largest],
        }
        count = len(to_mend)
        finding = translate.plural("{count} sheet to mend", "{count} sheets to mend", count, count=self._count(count))
        more = translate(
            "The {count} with most people concerned; the index of the run shows all.", count=self._count(len(largest))
        )
        table = self._build_table("sheets", translate("Sheets that cannot be published yet"), columns)
        view = {**table.view, "finding": finding if count else ""}
        return (replace(table, view=view | _build_note(more if count > len(largest) else "")),)

    def rules(self) -> Parts:
        """Build the table of findings by rule, most people in doubt first, each with a link to its first rows."""
        translate, by_check = self.translate, self.review.by_check()
        columns = {
            translate("What to review"): [format_rule(str(name), translate) for name in by_check.index],
            translate("Family"): [translate(LABEL_BY_FAMILY.get(family, "")) for family in by_check["family"]],
            translate("Severity"): [translate(LABEL_BY_SEVERITY[severity]) for severity in by_check["severity"]],
            translate("Rows"): map(self._count, by_check["rows"]),
            translate("People in doubt"): map(self._people, by_check["people"]),
        }
        if len(self.review.after.changes):
            columns[translate("Rows left by repairs")] = map(self._count, by_check["rows_left"])
        table = self._build_table("rules", translate("Findings by rule"), columns, names=by_check.index)
        for name, (heading, *_) in zip(by_check.index, table.view["rows"], strict=True):
            heading["href"] = f"#rows-{name}"
        return (table,)

    def rows(self) -> Parts:
        """Build the table of the first rows of each rule, with location, value, and right content.

        It has at most ``MAX_ROWS_OF_RULE`` rows of a rule. Free text is not shown.
        """
        translate, faults = self.translate, self.review.faults().drop_duplicates(FAULT_KEY_COLUMNS)
        groups = dict(iter(faults.groupby("check", sort=False)))
        samples = {str(rule): groups[rule].head(MAX_ROWS_OF_RULE) for rule in self.review.by_check().index}
        pairs = [(rule, row) for rule, sample in samples.items() for row in sample.itertuples(index=False)]
        columns = {
            translate("What to review"): [format_rule(rule, translate) for rule, _ in pairs],
            translate("File"): [str(row.file) for _, row in pairs],
            translate("Line"): [str(row.line) if row.line else "" for _, row in pairs],
            translate("Column"): [translate(LABEL_BY_COLUMN.get(str(row.column), str(row.column))) for _, row in pairs],
            translate("Value"): [self._format_cell(rule, str(row.value)) for rule, row in pairs],
        }
        expected = [format_expected(rule, str(row.allowed), translate) for rule, row in pairs]
        columns[translate("What would be right")] = [_cut(text) for text in expected]
        table = self._build_table("rows", translate("First rows of each finding"), columns)
        lines = iter(table.view["rows"])
        for rule, sample in samples.items():
            heading, file, *_ = next(lines)
            heading |= {"rows": len(sample), "id": f"rows-{rule}", "note": rule}
            is_one_file = len({*sample["file"]}) == 1
            file["rows"] = len(sample) if is_one_file else 1
            for _ in range(len(sample) - 1):
                del next(lines)[: 1 + is_one_file]  # the cells of the first row span these
        return (table,)

    def _format_cell(self, rule: str, value: str) -> str:
        """Write the value of a finding, cut to ``MAX_CELL_CHARACTERS``. Free text is not quoted."""
        if value == FREE_TEXT_PLACEHOLDER:
            return self.translate(TEXT_FOR_FREE_TEXT)
        return _cut(format_finding_value(rule, value, self.translate))

    def who_and_where(self) -> Parts:
        """Build the bars of people in doubt by organisation and by country."""
        translate = self.translate
        table = people_in_doubt(self.review, "appealing_organisation")
        table = table.rename(index=lambda name: label(name, translate.language))
        kicker, column = translate("People in doubt, by organization"), translate("Organization")
        organisations = self._build_bars("organisations", kicker, column, table)

        table = people_in_doubt(self.review, "country")
        table = table.rename(index=lambda code: translate(plan_lists().countries.get(code, code)))
        kicker, column = translate("People in doubt, by country"), translate("Country")
        return organisations, self._build_bars("countries", kicker, column, table)

    def repairs(self) -> Parts:
        """Build the table of the effect of each repair on its own. A note counts repairs without effect."""
        translate, declared = self.translate, self.review.after.repairs
        repairs = effects_of_repairs(self.review)
        effects = repairs[repairs["cells"] > 0]
        columns = {
            translate("Repair"): [translate(STEPS_BY_REPAIR[name][0].sentence) for name in effects["repair"]],
            translate("Cells"): map(self._count, effects["cells"]),
            translate("Rows"): map(self._count, effects["rows"]),
            translate("People reached"): map(self._change, effects["people"]),
            translate("Findings"): map(self._change, effects["findings"]),
        }
        if declared:
            answers = ["Yes" if name in declared else "No" for name in effects["repair"]]
            columns[translate("Declared")] = [label(answer, translate.language) for answer in answers]
        kicker = translate("What each repair would change on its own")
        table = self._build_table("repairs", kicker, columns, names=effects["repair"])
        idle = len(repairs) - len(effects)
        note = translate.plural(
            "{count} other repair would change nothing.",
            "{count} other repairs would change nothing.",
            idle,
            count=self._count(idle),
        )
        return (replace(table, view={**table.view, **_build_note(note if idle else "")}),)

    def joins(self) -> Parts:
        """Build the table of matches of each join between the tables, and of checks that were not run, if any."""
        translate, audits, not_run = self.translate, self.review.joins, self.review.not_run
        columns = {
            translate("Join"): [translate(LABEL_BY_LIST[audit.name]) for audit in audits],
            translate("Rows matched"): [self._count(audit.rows_matched) for audit in audits],
            translate("Rows without a match"): [self._count(audit.rows_unmatched) for audit in audits],
            translate("People without a match"): [self._people(audit.people_unmatched) for audit in audits],
        }
        if any(audit.rows_unmatched for audit in audits):
            lost = [translate(LOSS_SENTENCE_BY_JOIN[audit.name]) if audit.rows_unmatched else "" for audit in audits]
            columns[translate("What becomes of them")] = lost
        matched = self._build_table("joins", translate("Joins between the tables"), columns)
        if not not_run:
            return (matched,)
        columns = {
            translate("Data check"): [format_rule(check, translate) for check in not_run],
            translate("Why it was not made"): list(map(self._format_missing_input, not_run)),
        }
        return matched, self._build_table("not-run", translate("Checks that were not made"), columns, names=not_run)

    def _format_missing_input(self, check: str) -> str:
        """Write why a check could not run: the data folder has no such list, or the files no such column."""
        translate, declared = self.translate, CHECK_BY_NAME[check]
        if declared.needs:
            return translate("The data folder has no such list: {list}.", list=translate(LABEL_BY_LIST[declared.needs]))
        column = translate(LABEL_BY_COLUMN[declared.needs_column])
        return translate("The files have no such column: {column}.", column=column)

    def closing(self) -> Parts:
        """Build the closing block: the tables next to the page, and the line at its end."""
        translate, labels = self.translate, WORDS_BY_KIND["file"]
        files = [{"name": f"{file} ({translate(label)})", "href": file} for file, label in labels.items()]
        data = {"label": translate("Tables beside this page"), "files": files}
        text = f"{translate('Data quality')} · {translate(self.title)}"
        status = translate("For internal use")
        return (Block.build("account", method=None, text=text, status=status, data=data, edition=""),)

    def _build_bars(self, uid: str, kicker: str, column: str, table: pd.DataFrame) -> Block:
        """Build rows with bars of people in doubt.

        ``table`` has ``people`` (float) and ``rows`` (int) by name. Only its first ``MAX_DOUBT_BARS`` rows have a bar.
        Without rows the block says that nothing was found.
        """
        translate, largest = self.translate, table.head(MAX_DOUBT_BARS)
        most = float(largest["people"].max()) if len(largest) else 0.0
        rows = []
        for name, people, count in largest[["people", "rows"]].itertuples():
            state, text = ("value", self._people(people)) if people else ("zero", translate("none"))
            share = translate.plural("in {rows} row", "in {rows} rows", count, rows=self._count(count))
            part = build_bar_entry(state, text, bar=people / most if most else 0, share=share)
            rows.append({"label": str(name), "people": part})
        name = str(largest["people"].idxmax()) if most else ""
        finding = translate("{name} has the most people in doubt", name=_capitalise(name)) if name else ""
        empty = None if rows else {"title": translate("Nothing found"), "reason": ""}
        columns = [column, translate("People in doubt")]
        return build_bar_block(6, uid=uid, kicker=kicker, finding=finding, columns=columns, rows=rows, empty=empty)

    def _build_table(
        self, uid: str, kicker: str, columns: Mapping[str, Iterable[str]], *, names: Iterable[str] = ()
    ) -> Block:
        """Build a table of these columns, with ``names`` as in files in small print in the first cells."""
        rows = list(zip(*columns.values(), strict=True))
        empty = None if rows else {"title": self.translate("Nothing found"), "reason": ""}
        view = tables.table(list(columns), rows) | {"kicker": kicker, "empty": empty}
        for name, (heading, *_) in zip(names, view["rows"], strict=False):
            heading["note"] = name
        return Block("table", view, uid=uid)


def _cut(text: str) -> str:
    """Cut a text to ``MAX_CELL_CHARACTERS``, and escape characters that cannot be printed."""
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

    for part in parts:
        display(*part)


def build_findings_to_mend(formatter: SheetFormatter, findings: pd.DataFrame) -> Block | None:
    """Build the bars of the checks with most people in doubt. Return None without findings.

    ``findings`` has the columns ``check``, ``file``, ``line`` and ``people`` (float). A row counts once for a check. At
    most ``MAX_CHECKS_ON_SHEET`` checks have a bar.
    """
    translate = formatter.translate
    by_row = findings.groupby(["check", "file", "line"])["people"].max().reset_index()
    checks = by_row.groupby("check").agg(rows=("line", "size"), people=("people", "sum"))
    largest = checks.sort_values(["people", "rows"], ascending=False, kind="stable").head(MAX_CHECKS_ON_SHEET)
    if largest.empty:
        return None
    longest, rows = largest["people"].max(), []
    for check, count, people in largest.itertuples():
        share = translate.plural("{count} row", "{count} rows", count).format(count=formatter.format_count(count))
        length = people / longest if longest else 0
        bar = build_bar_entry("value", formatter.format_people(people), bar=length, share=share)
        rows.append({"label": format_rule(str(check), translate), "people": bar})
    note = translate(
        "{rows} of {activities} rows have something to review; all of them are in the organization's workbook "
        "(rmrp check --workbooks). A person may be in several lines.",
        rows=formatter.format_count(len(by_row.drop_duplicates(["file", "line"]))),
        activities=formatter.format_figure("activities"),
    )
    kicker = translate("Findings to mend, with most people in doubt")
    columns = [translate("What to review"), translate("People in doubt, and rows")]
    return build_bar_block(12, uid="to_mend", kicker=kicker, finding="", columns=columns, rows=rows, note=note)


def format_rule(rule: str, translate: Translator) -> str:
    """Write the sentence of a rule. A rule without a sentence keeps its name."""
    return translate(check_sentence(rule))


def format_expected(rule: str, allowed: str, translate: Translator) -> str:
    """Write the right content, from the ``allowed`` of a finding, or nothing if the rule's sentence says it."""
    if check := CHECK_BY_NAME.get(rule):
        expected = check.read_expected(allowed)
        return "" if "{expected}" in check.allowed and not expected else translate(check.allowed, expected=expected)
    if rule == "empty" or rule.startswith("not_"):
        return ""
    return translate_by_template(allowed, templates_of(rule, "allowed"), translate)


def format_finding_value(rule: str, text: str, translate: Translator) -> str:
    """Write the value of a finding as in the files. Values of checks of money and planning are translated."""
    if rule in PLANNING_CHECK_NAMES:
        return format_planning_value(text, translate)
    return text if rule in CHECK_BY_NAME else translate_by_template(text, templates_of(rule, "value"), translate)


def translate_by_template(text: str, templates: Iterable[str], translate: Translator) -> str:
    """Translate a text with its numbers by the template that made it, or any other text as a whole."""
    for template in templates:
        if match := pattern_of(template).fullmatch(text):
            values = {name: _format_number(part, translate.language) for name, part in match.groupdict().items()}
            return translate(text_of_template(template), **values)
    sentence = translate(text)
    return sentence if sentence != text else sentences(translate.language)(text)


def _format_number(text: str, language: str) -> str:
    """Format a number that Python wrote (``1,234``, ``5%``) as a page prints it. Other texts stay as they are."""
    digits = text.replace(",", "")
    if text.endswith("%") and digits[:-1].isdecimal():
        return numbers.share(int(digits[:-1]) / 100, language)
    return numbers.count(int(digits), language) if digits.isdecimal() else text


def _build_note(text: str) -> dict[str, Any]:
    """Return the entry ``note`` of a table's view, without a link, or no entry for an empty text."""
    return {"note": [{"text": text, "href": ""}]} if text else {}


def _capitalise(text: str) -> str:
    """Return a text with a capital first letter."""
    return text[:1].upper() + text[1:]
