"""The page on the quality of a data folder: what is wrong, with whom, and what that and repairs do to the figures."""

from collections.abc import Iterable, Sequence

import pandas as pd

from rmrp_analysis import charts, numbers
from rmrp_analysis.page.bar_tables import bar_table
from rmrp_analysis.page.block import Block, headline_of, masthead_of, notice_of
from rmrp_analysis.page.drawings import drawing
from rmrp_analysis.page.printed import WORDS_OF, bar_part
from rmrp_analysis.page.quality_words import (
    COLUMNS,
    FAMILIES,
    LISTS,
    NOT_QUOTED,
    SEVERITIES,
    STEPS,
    rule_sentence,
    what_is_right,
)
from rmrp_analysis.quality import CHECKS, REPAIRS, Review, effects_of_repairs, people_in_doubt, steps_to_people_reached
from rmrp_analysis.quality.checks import FAULT, WITHHELD
from rmrp_analysis.quality.joins import LOST
from rmrp_analysis.theme import tables
from rmrp_analysis.vocabulary import COUNTRIES
from rmrp_analysis.words import Words

BARS_SHOWN = 12
LONGEST = 80
"""Letters of a cell's text."""
FIRST_ROWS = 3
"""How many rows of each rule the page shows; the tables beside it have all."""

Parts = tuple[Block, ...]


class QualityPage:
    """The parts of the page, in the reader's language; it names organisations, so it is for internal use."""

    def __init__(self, review: Review, *, title: str, language: str = "en") -> None:
        self.review = review
        self.title = title
        self.words = Words(language)

    def opening(self) -> Parts:
        """Title and the state of the files in one sentence."""
        words, review = self.words, self.review
        months = numbers.months(review.period.start, review.period.end, words.language)
        masthead = masthead_of(
            words,
            words("Data quality"),
            title=f"{words('Data quality')} · {words(self.title)}",
            period=words(self.title),
            scope=words("For internal use"),
            plan=f"{review.plan.year.named(words.language)} · {months}",
        )
        rows = review.findings[review.findings["severity"] != "note"].drop_duplicates(["file", "line"])
        text = words(
            "{rows} of {reports} reports have something to review.",
            rows=self._count(len(rows)),
            reports=self._count(len(review.plan.activities)),
        )
        if refused := len(review.plan.refused.get("activities", ())):
            text += " " + words("{refused} more cannot be used.", refused=self._count(refused))
        sources, notice = review.plan.sources, []
        for_inputs = WORDS_OF["invented"].items()
        invented = [words(text) for name, text in for_inputs if name in sources and sources[name].illustrative]
        if invented:
            listed = words("Invented: {list}.", list=numbers.listed(invented, words.language))
            notice.append(notice_of(f"{words('Illustrative data')}.", listed))
        return masthead, *notice, headline_of(text)

    def steps(self) -> Parts:
        """From the people of the files to the people reached."""
        words, steps = self.words, steps_to_people_reached(self.review)
        moved = steps[(steps["step"] == "sent") | (steps["people"].round() != 0)]
        names = moved["step"].map(lambda step: words(STEPS[step]))
        reached = float(steps["left"].iloc[-1])
        axes = charts.waterfall(moved.set_axis(names)["people"], total=words("People reached"), language=words.language)
        finding = words(
            "{sent} new beneficiaries were sent, {reached} people reached are counted",
            sent=self._people(float(steps["left"].iloc[0])),
            reached=self._people(reached),
        )
        left = [*moved["left"], reached]
        shown = charts.drawing_of(axes)
        assert shown  # noqa: S101 - it is a chart of this package
        rows = [[*part, self._people(people)] for part, people in zip(shown.parts, left, strict=True)]
        waterfall = drawing(
            words,
            "waterfall",
            charts.svg(axes, prefix="waterfall"),
            kicker=words("From the files to the people reached"),
            finding=finding,
            alt=f"{finding}. {'; '.join(f'{row[0]}: {row[1]}' for row in rows)}.",
            summary=words("All values"),
            caption=finding,
            columns=[words("Step"), words("People"), words("People left")],
            rows=rows,
        )
        months = people_in_doubt(self.review, "month").sort_index()
        named = months.rename(index=lambda month: numbers.month_and_year(str(month), words.language))
        return waterfall, self._bars("months", words("People in doubt, by month"), words("Month"), named)

    def rules(self) -> Parts:
        """Findings by rule, most people in doubt first; each leads to its first rows."""
        words, repaired = self.words, len(self.review.after.changes) > 0
        headers = [words("What to review"), words("Family"), words("Severity"), words("Rows"), words("People in doubt")]
        rows = []
        by_check = self.review.by_check()
        for name, row in by_check.iterrows():
            rule, count = rule_sentence(str(name), words), self._count(row["rows"])
            family, severity = words(FAMILIES.get(row["family"], "")), words(SEVERITIES[row.severity])
            left = [self._count(row["rows_left"])] if repaired else []
            rows.append([rule, family, severity, count, self._people(row["people"]), *left])
        if repaired:
            headers.append(words("Rows left by repairs"))
        table = self._table("rules", words("Findings by rule"), headers, rows, names=by_check.index)
        for name, (heading, *_) in zip(by_check.index, table.view["rows"], strict=True):
            heading["href"] = f"#{_anchor(name)}"
        return (table,)

    def rows(self) -> Parts:
        """The first rows of each rule, in its order: where each stands, what it holds, what would be right."""
        words, faults = self.words, self.review.faults().drop_duplicates(FAULT)
        headers = [
            words("What to review"),
            words("File"),
            words("Line"),
            words("Column"),
            words("Value"),
            words("What would be right"),
        ]
        by_rule = dict(iter(faults.groupby("check", sort=False)))
        shown = [(str(name), by_rule[name].head(FIRST_ROWS)) for name in self.review.by_check().index]
        rows = [
            [
                rule_sentence(rule, words),
                str(found.file),
                str(found.line) if found.line else "",
                words(COLUMNS.get(str(found.column), str(found.column))),
                words(NOT_QUOTED) if found.value == WITHHELD else _cut(str(found.value)),
                _cut(what_is_right(rule, str(found.allowed), words)),
            ]
            for rule, first in shown
            for found in first.itertuples(index=False)
        ]
        table = self._table("rows", words("First rows of each finding"), headers, rows)
        lines = iter(table.view["rows"])
        for rule, first in shown:
            heading = next(lines)[0]
            heading |= {"rows": len(first), "id": _anchor(rule), "note": rule}
            for _ in range(len(first) - 1):
                next(lines).pop(0)  # the first row's cell reaches over them
        return (table,)

    def who_and_where(self) -> Parts:
        """People in doubt by organisation and by country."""
        words = self.words
        by_organisation = people_in_doubt(self.review, "appealing_organisation")
        by_country = people_in_doubt(self.review, "country").rename(index=lambda code: words(COUNTRIES.get(code, code)))
        kicker, column = words("People in doubt, by organization"), words("Organization")
        organisations = self._bars("organisations", kicker, column, by_organisation)
        return organisations, self._bars(
            "countries", words("People in doubt, by country"), words("Country"), by_country
        )

    def repairs(self) -> Parts:
        """What each repair would change on its own."""
        words, declared = self.words, self.review.after.repairs
        headers = [
            words("Repair"),
            words("Cells"),
            words("Rows"),
            words("People reached"),
            words("Findings"),
            words("Declared"),
        ]
        effects = effects_of_repairs(self.review)
        rows = [
            [
                words(REPAIRS[name].sentence),
                self._count(cells),
                self._count(changed),
                numbers.change(people, "people", words.language),
                numbers.change(findings, "people", words.language),
                words("Yes") if name in declared else words("No"),
            ]
            for name, cells, changed, people, findings in effects.itertuples(index=False)
        ]
        kicker = words("What each repair would change on its own")
        return (self._table("repairs", kicker, headers, rows, names=effects["repair"]),)

    def joins(self) -> Parts:
        """What each join between the tables matched, and which checks could not be made."""
        words = self.words
        headers = [words("Join"), words("Rows matched"), words("Rows without a partner"), words("People without"), ""]
        rows = [
            [
                words(LISTS[audit.name]),
                self._count(audit.rows_matched),
                self._count(audit.rows_unmatched),
                self._people(audit.people_unmatched),
                words(LOST[audit.name]) if audit.rows_unmatched else "",
            ]
            for audit in self.review.joins
        ]
        joins = self._table("joins", words("Joins between the tables"), headers, rows)
        if not self.review.not_run:
            return (joins,)
        headers = [words("Check"), words("Why it was not made")]
        not_run = []
        for name in self.review.not_run:  # for want of a list in the data folder, or of a column in the files
            check = CHECKS[name]
            if check.needs:
                why = words("The data folder has no such list: {list}.", list=words(LISTS[check.needs]))
            else:
                why = words("The files have no such column: {column}.", column=words(COLUMNS[check.needs_column]))
            not_run.append([rule_sentence(name, words), why])
        kicker = words("Checks that were not made")
        return joins, self._table("not-run", kicker, headers, not_run, names=self.review.not_run)

    def closing(self) -> Parts:
        """The tables beside the page, and the line that closes it."""
        files = [
            {"name": f"{name} ({self.words(content)})", "href": name} for name, content in WORDS_OF["file"].items()
        ]
        data = {"label": self.words("Tables beside this page"), "files": files}
        text = f"{self.words('Data quality')} · {self.words(self.title)}"
        return (
            Block.of("account", method=None, text=text, status=self.words("For internal use"), data=data, edition=""),
        )

    def _bars(self, uid: str, kicker: str, column: str, table: pd.DataFrame) -> Block:
        """People in doubt by name, as a table with bars."""
        words, shown = self.words, table.head(BARS_SHOWN)
        most = float(shown["people"].max()) if len(shown) else 0.0
        rows = []
        for name, row in shown.iterrows():
            people, count = row["people"], self._count(row["rows"])
            part = bar_part(
                "value" if people else "zero",
                self._people(people) if people else words("none"),
                bar=people / most if most else 0,
                share=words("in {rows} rows", rows=count),
            )
            rows.append({"label": str(name), "people": part})
        name = str(shown["people"].idxmax()) if most else ""
        return bar_table(
            6,
            uid=uid,
            page="second",
            kicker=kicker,
            finding=words("{name} has most people in doubt", name=name[:1].upper() + name[1:]) if name else "",
            columns=[column, words("People in doubt")],
            rows=rows,
            empty=None if rows else {"title": words("Nothing found"), "reason": ""},
        )

    def _table(
        self, uid: str, kicker: str, headers: Sequence[str], rows: Sequence[Sequence[str]], *, names: Iterable[str] = ()
    ) -> Block:
        """A table; ``names`` are those by which the files know its rows, in small print after their first cell."""
        empty = None if rows else {"title": self.words("Nothing found"), "reason": ""}
        view = tables.table(headers, rows) | {"kicker": kicker, "empty": empty}
        for name, (heading, *_) in zip(names, view["rows"], strict=False):
            heading["note"] = name
        return Block("table", view, uid=uid)

    def _people(self, people: float) -> str:
        return numbers.people(people, self.words.language)

    def _count(self, count: float) -> str:
        return numbers.count(count, self.words.language)


def _anchor(rule: str) -> str:
    """Where the first rows of a rule stand on the page."""
    return f"rows-{rule}"


def _cut(text: str) -> str:
    """A text at a length that a cell of the page takes."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def show(*parts: Parts) -> None:
    """Display the blocks of these parts of a page, in order."""
    from IPython.display import display

    for part in parts:
        display(*part)
