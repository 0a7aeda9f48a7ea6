"""What checks found, for a reader: the page on the quality of a data folder, and what an organisation should mend."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from rmrp_analysis import charts, numbers
from rmrp_analysis.locale.sentences import sentences
from rmrp_analysis.page.bar_tables import bar_table
from rmrp_analysis.page.block import Block, headline_of, notice_of
from rmrp_analysis.page.drawings import drawing
from rmrp_analysis.page.formatter import WORDS_OF, SheetFormatter, bar_part
from rmrp_analysis.page.sheets_to_mend import sheets_to_mend
from rmrp_analysis.quality import CHECKS, REPAIRS
from rmrp_analysis.quality.checks import FAULT_KEYS, WITHHELD, check_sentence
from rmrp_analysis.quality.checks import SENTENCES_BY_KIND as QUALITY_WORDS
from rmrp_analysis.quality.joins import LOST
from rmrp_analysis.quality.money import pattern_of, templates_of, text_of_template
from rmrp_analysis.quality.review import Review, effects_of_repairs, people_in_doubt, steps_to_people_reached
from rmrp_analysis.theme import prose, tables
from rmrp_analysis.vocabulary import COUNTRIES, GROUP_NAMES, INTERSECTOR, PLACES, SECTORS
from rmrp_analysis.vocabulary.labels import label
from rmrp_analysis.words import N_, Translator
from rmrp_analysis.yaml_text import escape_unprintable

FAMILIES, SEVERITIES, STEPS, LISTS, OTHER_RULES = (
    QUALITY_WORDS[kind] for kind in ("family", "severity", "step", "list", "rule")
)
COLUMNS = {**LISTS, **QUALITY_WORDS["column"], **GROUP_NAMES}  # those in which something is found
NOT_QUOTED = N_("free text, not shown")  # what stands for the text of a cell that may name people
BARS_SHOWN, CHECKS_SHOWN, SHEETS_SHOWN = 12, 5, 10
LONGEST = 80  # letters of a cell's text
FIRST_ROWS = 3  # how many rows of each rule the page shows; the tables beside it have all

Parts = tuple[Block, ...]


class QualityPage:
    """The parts of the page, in the reader's language; it names organisations, so it is for internal use.

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
        self.review = review
        self.title = title
        self.translate = Translator(language)
        self._people, self._count, self._change = (
            partial(number, language=language) for number in (numbers.people, numbers.count, numbers.change)
        )

    def opening(self) -> Parts:
        """Title and the state of the files in one sentence."""
        translate, review = self.translate, self.review
        months = numbers.months(review.period.start, review.period.end, translate.language)
        plan = f"{review.plan.year.named(translate.language)} · {months}"
        name, period, scope = translate("Data quality"), translate(self.title), translate("For internal use")
        texts = {"period": period, "scope": scope, "plan": plan, "last_month": review.period.end}
        view = prose.masthead(translate, name, title=f"{name} · {period}", **texts)
        rows = review.findings[review.findings["severity"] != "note"].drop_duplicates(["file", "line"])
        counts = {"rows": self._count(len(rows)), "reports": self._count(len(review.plan.activities))}
        text = translate("{rows} of {reports} reports have something to review.", **counts)
        if refused := len(review.plan.refused.get("activities", ())):
            text += " " + translate("{refused} more cannot be used.", refused=self._count(refused))
        illustrative = {name for name, source in review.plan.sources.items() if source.illustrative}
        invented = [translate(text) for name, text in WORDS_OF["invented"].items() if name in illustrative]
        listed = translate("Invented: {list}.", list=numbers.listed(invented, translate.language))
        notice = [notice_of(f"{translate('Illustrative data')}.", listed)] if invented else []
        return Block("masthead", view), *notice, headline_of(text)

    def steps(self) -> Parts:
        """From the people of the files to the people reached."""
        translate, steps = self.translate, steps_to_people_reached(self.review)
        moved = steps[(steps["step"] == "sent") | (steps["people"].round() != 0)]
        names = moved["step"].map(lambda step: translate(STEPS[step]))
        reached = float(steps["left"].iloc[-1])
        axes = charts.waterfall(
            moved.set_axis(names)["people"], total=translate("People reached"), language=translate.language
        )
        counts = {"sent": self._people(float(steps["left"].iloc[0])), "reached": self._people(reached)}
        finding = translate("{sent} new beneficiaries were sent, {reached} people reached are counted", **counts)
        shown = charts.drawing_of(axes)
        assert shown  # noqa: S101 - it is a chart of this package
        left = map(self._people, [*moved["left"], reached])
        rows = [[*part, people] for part, people in zip(shown.parts, left, strict=True)]
        waterfall = drawing(
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
        named = months.rename(index=lambda month: numbers.month_and_year(str(month), translate.language))
        return waterfall, self._bars("months", translate("People in doubt, by month"), translate("Month"), named)

    def sheets(self) -> Parts:
        """The sheets whose main number cannot be used, with the causes that they bear themselves; most people first."""
        translate, review = self.translate, self.review
        sheets = [(sector, place, "") for sector in (INTERSECTOR, *SECTORS) for place in PLACES]
        to_mend = sheets_to_mend(
            review.after,
            sheets,
            period=review.period,
            method=review.method,
            audience="internal",
            language=translate.language,
        )
        shown = to_mend[:SHEETS_SHOWN]
        columns = {
            translate("Sheet"): [sheet.name for sheet in shown],
            translate("Why it cannot be published yet"): [_capitalised(sheet.cause) for sheet in shown],
            translate("People concerned"): [sheet.people_printed for sheet in shown],
        }
        count = len(to_mend)
        finding = translate.plural("{count} sheet to mend", "{count} sheets to mend", count, count=self._count(count))
        more = translate(
            "The {count} with most people concerned; the index of the run shows all.", count=self._count(len(shown))
        )
        table = self._table("sheets", translate("Sheets that cannot be published yet"), columns)
        view = {**table.view, "finding": finding if count else ""}
        return (replace(table, view=view | _noted(more if count > len(shown) else "")),)

    def rules(self) -> Parts:
        """Findings by rule, most people in doubt first; each leads to its first rows."""
        translate, by_check = self.translate, self.review.by_check()
        columns = {
            translate("What to review"): [rule_sentence(str(name), translate) for name in by_check.index],
            translate("Family"): [translate(FAMILIES.get(family, "")) for family in by_check["family"]],
            translate("Severity"): [translate(SEVERITIES[severity]) for severity in by_check["severity"]],
            translate("Rows"): map(self._count, by_check["rows"]),
            translate("People in doubt"): map(self._people, by_check["people"]),
        }
        if len(self.review.after.changes):
            columns[translate("Rows left by repairs")] = map(self._count, by_check["rows_left"])
        table = self._table("rules", translate("Findings by rule"), columns, names=by_check.index)
        for name, (heading, *_) in zip(by_check.index, table.view["rows"], strict=True):
            heading["href"] = f"#rows-{name}"
        return (table,)

    def rows(self) -> Parts:
        """The first rows of each rule, in its order: where each stands, what it holds, what would be right."""
        translate, faults = self.translate, self.review.faults().drop_duplicates(FAULT_KEYS)
        by_rule = dict(iter(faults.groupby("check", sort=False)))
        shown = [(str(name), by_rule[name].head(FIRST_ROWS)) for name in self.review.by_check().index]
        found = [(rule, row) for rule, first in shown for row in first.itertuples(index=False)]
        columns = {
            translate("What to review"): [rule_sentence(rule, translate) for rule, _ in found],
            translate("File"): [str(row.file) for _, row in found],
            translate("Line"): [str(row.line) if row.line else "" for _, row in found],
            translate("Column"): [translate(COLUMNS.get(str(row.column), str(row.column))) for _, row in found],
            translate("Value"): [
                translate(NOT_QUOTED) if row.value == WITHHELD else _cut(say_value(rule, str(row.value), translate))
                for rule, row in found
            ],
            translate("What would be right"): [
                _cut(what_is_right(rule, str(row.allowed), translate)) for rule, row in found
            ],
        }
        table = self._table("rows", translate("First rows of each finding"), columns)
        lines = iter(table.view["rows"])
        for rule, first in shown:
            heading, file, *_ = next(lines)
            heading |= {"rows": len(first), "id": f"rows-{rule}", "note": rule}
            is_one_file = len({*first["file"]}) == 1
            file["rows"] = len(first) if is_one_file else 1
            for _ in range(len(first) - 1):
                del next(lines)[: 1 + is_one_file]  # the first row's cells reach over them
        return (table,)

    def who_and_where(self) -> Parts:
        """People in doubt by organisation and by country."""
        translate = self.translate
        by_organisation = people_in_doubt(self.review, "appealing_organisation").rename(
            index=lambda name: label(name, translate.language)
        )
        by_country = people_in_doubt(self.review, "country").rename(
            index=lambda code: translate(COUNTRIES.get(code, code))
        )
        kicker, column = translate("People in doubt, by organization"), translate("Organization")
        organisations = self._bars("organisations", kicker, column, by_organisation)
        kicker, column = translate("People in doubt, by country"), translate("Country")
        return organisations, self._bars("countries", kicker, column, by_country)

    def repairs(self) -> Parts:
        """What each repair would change on its own; those that would change nothing are counted."""
        translate, declared = self.translate, self.review.after.repairs
        every = effects_of_repairs(self.review)
        effects = every[every["cells"] > 0]
        columns = {
            translate("Repair"): [translate(REPAIRS[name][0].sentence) for name in effects["repair"]],
            translate("Cells"): map(self._count, effects["cells"]),
            translate("Rows"): map(self._count, effects["rows"]),
            translate("People reached"): map(self._change, effects["people"]),
            translate("Findings"): map(self._change, effects["findings"]),
        }
        if declared:
            columns[translate("Declared")] = [
                translate("Yes") if name in declared else translate("No") for name in effects["repair"]
            ]
        table = self._table(
            "repairs", translate("What each repair would change on its own"), columns, names=effects["repair"]
        )
        idle = len(every) - len(effects)
        note = translate.plural(
            "{count} other repair would change nothing.",
            "{count} other repairs would change nothing.",
            idle,
            count=self._count(idle),
        )
        return (replace(table, view={**table.view, **_noted(note if idle else "")}),)

    def joins(self) -> Parts:
        """What each join between the tables matched, and which checks could not be made."""
        translate, joins, not_run = self.translate, self.review.joins, self.review.not_run
        columns = {
            translate("Join"): [translate(LISTS[audit.name]) for audit in joins],
            translate("Rows matched"): [self._count(audit.rows_matched) for audit in joins],
            translate("Rows without a match"): [self._count(audit.rows_unmatched) for audit in joins],
            translate("People without a match"): [self._people(audit.people_unmatched) for audit in joins],
        }
        if any(audit.rows_unmatched for audit in joins):
            lost = [translate(LOST[audit.name]) if audit.rows_unmatched else "" for audit in joins]
            columns[translate("What becomes of them")] = lost
        matched = self._table("joins", translate("Joins between the tables"), columns)
        if not not_run:
            return (matched,)
        columns = {
            translate("Check"): [rule_sentence(name, translate) for name in not_run],
            translate("Why it was not made"): list(map(self._why_not_made, not_run)),
        }
        return matched, self._table("not-run", translate("Checks that were not made"), columns, names=not_run)

    def _why_not_made(self, check: str) -> str:
        """For want of a list in the data folder, or of a column in the files."""
        translate, declared = self.translate, CHECKS[check]
        if declared.needs:
            return translate("The data folder has no such list: {list}.", list=translate(LISTS[declared.needs]))
        return translate("The files have no such column: {column}.", column=translate(COLUMNS[declared.needs_column]))

    def closing(self) -> Parts:
        """The tables beside the page, and the line that closes it."""
        translate, about = self.translate, WORDS_OF["file"].items()
        files = [{"name": f"{name} ({translate(content)})", "href": name} for name, content in about]
        data = {"label": translate("Tables beside this page"), "files": files}
        text, status = f"{translate('Data quality')} · {translate(self.title)}", translate("For internal use")
        return (Block.of("account", method=None, text=text, status=status, data=data, edition=""),)

    def _bars(self, uid: str, kicker: str, column: str, table: pd.DataFrame) -> Block:
        """People in doubt by name, as a table with bars."""
        translate, shown = self.translate, table.head(BARS_SHOWN)
        most = float(shown["people"].max()) if len(shown) else 0.0
        rows = []
        for name, people, count in shown[["people", "rows"]].itertuples():
            state, text = ("value", self._people(people)) if people else ("zero", translate("none"))
            share = translate.plural("in {rows} row", "in {rows} rows", count, rows=self._count(count))
            part = bar_part(state, text, bar=people / most if most else 0, share=share)
            rows.append({"label": str(name), "people": part})
        name = str(shown["people"].idxmax()) if most else ""
        finding = translate("{name} has most people in doubt", name=name[:1].upper() + name[1:]) if name else ""
        empty = None if rows else {"title": translate("Nothing found"), "reason": ""}
        columns = [column, translate("People in doubt")]
        return bar_table(6, uid=uid, kicker=kicker, finding=finding, columns=columns, rows=rows, empty=empty)

    def _table(
        self, uid: str, kicker: str, columns: Mapping[str, Iterable[str]], *, names: Iterable[str] = ()
    ) -> Block:
        """A table; ``names`` are those by which the files know its rows, in small print after their first cell."""
        rows = list(zip(*columns.values(), strict=True))
        empty = None if rows else {"title": self.translate("Nothing found"), "reason": ""}
        view = tables.table(list(columns), rows) | {"kicker": kicker, "empty": empty}
        for name, (heading, *_) in zip(names, view["rows"], strict=False):
            heading["note"] = name
        return Block("table", view, uid=uid)


def _cut(text: str) -> str:
    """A text at a length that a cell of the page takes; what cannot be printed is escaped."""
    text = escape_unprintable(text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


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


def to_mend(formatter: SheetFormatter, findings: pd.DataFrame) -> Block | None:
    """Give the checks with most people in doubt among these findings, and in how many rows; None where none is.

    A row counts once for a check.
    """
    translate = formatter.translate
    by_row = findings.groupby(["check", "file", "line"])["people"].max().reset_index()
    checks = by_row.groupby("check").agg(rows=("line", "size"), people=("people", "sum"))
    shown = checks.sort_values(["people", "rows"], ascending=False, kind="stable").head(CHECKS_SHOWN)
    if shown.empty:
        return None
    longest, rows = shown["people"].max(), []
    for check, count, people in shown.itertuples():
        plural = translate.plural("{count} row", "{count} rows", count).format(count=formatter.count(count))
        bar = bar_part("value", formatter.people(people), bar=people / longest if longest else 0, share=plural)
        rows.append({"label": rule_sentence(str(check), translate), "people": bar})
    note = translate(
        "{rows} of {activities} rows have something to review; all of them are in the organization's workbook "
        "(rmrp check --workbooks). A person may be in several lines.",
        rows=formatter.count(len(by_row.drop_duplicates(["file", "line"]))),
        activities=formatter.figure("activities"),
    )
    kicker = translate("Findings to mend, with most people in doubt")
    columns = [translate("What to review"), translate("People in doubt, and rows")]
    return bar_table(12, uid="to_mend", kicker=kicker, finding="", columns=columns, rows=rows, note=note)


def rule_sentence(rule: str, translate: Translator) -> str:
    """What is wrong, for a reader; a rule that has no sentence keeps its name."""
    return translate(check_sentence(rule))


def what_is_right(rule: str, allowed: str, translate: Translator) -> str:
    """What would be right, from a finding's ``allowed``; empty where the rule says it, or free text would."""
    if rule not in CHECKS:
        is_said_by_rule = rule == "empty" or rule.startswith("not_")
        return "" if is_said_by_rule else say_in_words(allowed, templates_of(rule, "allowed"), translate)
    check = CHECKS[rule]
    expected = check.expected_in(allowed)
    return "" if "{expected}" in check.allowed and not expected else translate(check.allowed, expected=expected)


def say_value(rule: str, text: str, translate: Translator) -> str:
    """What stands in the files; what a check of money says of several cells is in the reader's words."""
    return say_in_words(text, templates_of(rule, "value"), translate) if rule not in CHECKS else text


def say_in_words(text: str, templates: Iterable[str], translate: Translator) -> str:
    """Translate a text that one of these templates made; a text of another origin is translated as it is."""
    for template in templates:
        if match := pattern_of(template).fullmatch(text):
            numbers_said = {name: _number(part, translate.language) for name, part in match.groupdict().items()}
            return translate(text_of_template(template), **numbers_said)
    said = translate(text)
    return said if said != text else sentences(translate.language)(text)


def _number(text: str, language: str) -> str:
    """A number as templates of Python write it, as a page prints it; another text stays."""
    digits = text.replace(",", "")
    if text.endswith("%") and digits[:-1].isdecimal():
        return numbers.share(int(digits[:-1]) / 100, language)
    return numbers.count(int(digits), language) if digits.isdecimal() else text


def _noted(text: str) -> dict[str, Any]:
    """The note under a table, of one part without a link; without a text none."""
    return {"note": [{"text": text, "href": ""}]} if text else {}


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
