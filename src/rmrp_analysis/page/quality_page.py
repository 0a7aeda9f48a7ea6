"""The page on the quality of a data folder: what is wrong, with whom, and what that and repairs do to the figures."""

from collections.abc import Mapping, Sequence

import pandas as pd

from rmrp_analysis import charts, numbers
from rmrp_analysis.page.bar_tables import bar_table
from rmrp_analysis.page.block import Block, masthead_of
from rmrp_analysis.page.drawings import drawing
from rmrp_analysis.page.printed import bar_part
from rmrp_analysis.quality import CHECKS, REPAIRS, Review, effects_of_repairs, people_in_doubt, steps_to_people_reached
from rmrp_analysis.quality.joins import LOST
from rmrp_analysis.theme import tables
from rmrp_analysis.vocabulary import COUNTRIES
from rmrp_analysis.words import N_, Words

BARS_SHOWN = 12
FAMILIES: Mapping[str, str] = {
    "completeness": N_("Completeness"),
    "consistency": N_("Consistency"),
    "accuracy": N_("Accuracy"),
    "plausibility": N_("Plausibility"),
    "protection": N_("Protection"),
}
SEVERITIES: Mapping[str, str] = {
    "refused": N_("Refused"),
    "error": N_("Error"),
    "warning": N_("Warning"),
    "note": N_("Note"),
}
STEPS: Mapping[str, str] = {
    "sent": N_("New beneficiaries as sent"),
    "refused": N_("Rows that cannot be used"),
    "repairs": N_("Corrections and repairs"),
    "outside_period": N_("Months outside the period"),
    "unknown_indicator": N_("Indicators that are not known"),
    "other_types": N_("Indicators that do not count people in need"),
    "not_rmrp": N_("Activities that are not part of the plan"),
    "several_sectors": N_("People counted in several sectors"),
}
JOINS: Mapping[str, str] = {
    "indicators": N_("Indicators"),
    "admin1": N_("First administrative levels"),
    "proportions": N_("Age and gender proportions"),
}
UNREADABLE: Mapping[str, str] = {
    "empty": N_("A cell that must not be empty is empty, so the row is not used."),
    "absent_column": N_("A column of the plan year is not in the file."),
    "how_it_was_read": N_("The file could only be read with a reservation."),
}
"""Findings of the loader, which are no checks."""

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
            plan=f"{words(review.plan.year.name)} · {months}",
        )
        rows = review.findings[review.findings["severity"] != "note"].drop_duplicates(["file", "line"])
        text = words(
            "{rows} of {reports} reports have something to review.",
            rows=self._count(len(rows)),
            reports=self._count(len(review.plan.activities)),
        )
        if refused := len(review.plan.refused.get("activities", ())):
            text += " " + words("{refused} more cannot be used.", refused=self._count(refused))
        return masthead, Block.of("headline", page="first", note="", text=text)

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
        rows = [[*shown, self._people(people)] for shown, people in zip(charts.shown_by(axes) or (), left, strict=True)]
        waterfall = drawing(
            words,
            "waterfall",
            axes,
            kicker=words("From the files to the people reached"),
            finding=finding,
            alt=f"{finding}. {'; '.join(f'{row[0]}: {row[1]}' for row in rows)}.",
            summary=words("All values"),
            caption=finding,
            columns=[words("Step"), words("People"), words("People left")],
            rows=rows,
        )
        months = people_in_doubt(self.review, "month").sort_index()
        named = months.rename(index=lambda month: f"{numbers.month_name(month, words.language)} {month[:4]}")
        return waterfall, self._bars("months", words("People in doubt, by month"), words("Month"), named)

    def rules(self) -> Parts:
        """Findings by rule: most people in doubt first."""
        words, repaired = self.words, len(self.review.after.changes) > 0
        headers = [words("What to review"), words("Family"), words("Severity"), words("Rows"), words("People in doubt")]
        rows = []
        for name, row in self.review.by_check().iterrows():
            rule, count = str(name), self._count(row["rows"])
            if rule in CHECKS:
                rule = words(CHECKS[rule].sentence)
            elif rule.startswith("not_"):
                rule = words("A cell cannot be read, so the row is not used.") + f" ({rule})"
            elif rule.startswith("join_"):
                rule = words("Rows without a partner in a list.") + f" ({rule})"
            else:
                rule = words(UNREADABLE.get(rule, rule))
            family, severity = words(FAMILIES.get(row["family"], "")), words(SEVERITIES[row.severity])
            left = [self._count(row["rows_left"])] if repaired else []
            rows.append([rule, family, severity, count, self._people(row["people"]), *left])
        if repaired:
            headers.append(words("Rows left by repairs"))
        return (self._table("rules", words("Findings by rule"), headers, rows),)

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
        rows = [
            [
                f"{words(REPAIRS[name].sentence)} ({name})",
                self._count(cells),
                self._count(changed),
                numbers.change(people, "people", words.language),
                numbers.change(findings, "people", words.language),
                words("Yes") if name in declared else words("No"),
            ]
            for name, cells, changed, people, findings in effects_of_repairs(self.review).itertuples(index=False)
        ]
        return (self._table("repairs", words("What each repair would change on its own"), headers, rows),)

    def joins(self) -> Parts:
        """What each join between the tables matched, and which checks could not be made."""
        words = self.words
        headers = [words("Join"), words("Rows matched"), words("Rows without a partner"), words("People without"), ""]
        rows = [
            [
                words(JOINS[audit.name]),
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
        not_run = [[name, reason] for name, reason in self.review.not_run.items()]
        return joins, self._table("not-run", words("Checks that were not made"), headers, not_run)

    def closing(self) -> Parts:
        """The line that closes the page."""
        text = f"{self.words('Data quality')} · {self.words(self.title)}"
        return (Block.of("account", method=None, text=text, status=self.words("For internal use"), data=None),)

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

    def _table(self, uid: str, kicker: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Block:
        empty = None if rows else {"title": self.words("Nothing found"), "reason": ""}
        return Block("table", tables.table(headers, rows) | {"kicker": kicker, "empty": empty}, uid=uid)

    def _people(self, people: float) -> str:
        return numbers.people(people, self.words.language)

    def _count(self, count: float) -> str:
        return numbers.count(count, self.words.language)


def show(*parts: Parts) -> None:
    """Display the blocks of these parts of a page, in order."""
    from IPython.display import display

    for part in parts:
        display(*part)
