"""The page on the quality of a data folder: what is wrong, with whom, and what that and repairs do to the figures."""

from collections.abc import Mapping, Sequence

import pandas as pd

from rmrp_analysis import charts, numbers
from rmrp_analysis.page.block import Block
from rmrp_analysis.quality import (
    CHECKS,
    REPAIRS,
    Review,
    effects_of_repairs,
    people_in_doubt,
    steps_to_people_reached,
)
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


class QualityPage:
    """The parts of the page, in the reader's language; it names organisations, so it is for internal use."""

    def __init__(self, review: Review, *, title: str, language: str = "en") -> None:
        self.review = review
        self.title = title
        self.words = Words(language)

    def opening(self) -> tuple[Block, ...]:
        """Title and the state of the files in one sentence."""
        words, review = self.words, self.review
        months = numbers.months(review.period.start, review.period.end, words.language)
        names = f"{words('Data quality')} · {words(self.title)}"
        view = {
            "block": "masthead",
            "span": 12,
            "period": words(self.title),
            "scope": words("For internal use"),
            "sector": words("Data quality"),
            "plan": f"{words(review.plan.year.name)} · {months}",
            "title": names,
            "status": "",
            "lang": words.language,
            "page": words("Page {page} / {pages}", page="{page}", pages="{pages}"),
            "languages": [],
        }
        headline = {"block": "headline", "span": 12, "note": "", "text": self._headline()}
        return Block("masthead", view), Block("headline", headline)

    def _headline(self) -> str:
        refused = len(self.review.plan.refused.get("activities", ()))
        findings = self.review.findings
        rows = findings[findings["severity"] != "note"].drop_duplicates(["file", "line"])
        text = self.words(
            "{rows} of {reports} reports have something to review.",
            rows=self._count(len(rows)),
            reports=self._count(len(self.review.plan.activities)),
        )
        more = self.words("{refused} more cannot be used.", refused=self._count(refused)) if refused else ""
        return f"{text} {more}".strip()

    def steps(self) -> tuple[Block, ...]:
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
        columns = [words("Step"), words("People"), words("People left")]
        summary, listed = words("All values"), "; ".join(f"{row[0]}: {row[1]}" for row in rows)
        view = {
            "block": "columns",
            "span": 6,
            "kicker": words("From the files to the people reached"),
            "finding": finding,
            "empty": None,
            "svg": charts.svg(axes, prefix="waterfall"),
            "alt": f"{finding}. {listed}.",
            "table": {"summary": summary, "caption": finding, "columns": columns, "rows": rows},
        }
        return (Block("columns", view, uid="waterfall"), self._by_month())

    def rules(self) -> tuple[Block, ...]:
        """Findings by rule: most people in doubt first."""
        words, by_check = self.words, self.review.by_check()
        columns = [words("What to review"), words("Family"), words("Severity"), words("Rows"), words("People in doubt")]
        repaired = len(self.review.after.changes) > 0
        rows = [
            [
                self._rule(str(name)),
                words(FAMILIES.get(row["family"], "")),
                words(SEVERITIES[row.severity]),
                self._count(row["rows"]),
                self._people(row["people"]),
                *([self._count(row["rows_left"])] if repaired else []),
            ]
            for name, row in by_check.iterrows()
        ]
        headers = [*columns, words("Rows left by repairs")] if repaired else columns
        return (self._table("rules", words("Findings by rule"), headers, rows),)

    def _rule(self, name: str) -> str:
        labels = {
            "empty": N_("A cell that must not be empty is empty, so the row is not used."),
            "absent_column": N_("A column of the plan year is not in the file."),
            "how_it_was_read": N_("The file could only be read with a reservation."),
        }
        if name in CHECKS:
            return self.words(CHECKS[name].sentence)
        if name.startswith("not_"):
            return self.words("A cell cannot be read, so the row is not used.") + f" ({name})"
        if name.startswith("join_"):
            return self.words("Rows without a partner in a list.") + f" ({name})"
        return self.words(labels[name]) if name in labels else name

    def who_and_where(self) -> tuple[Block, ...]:
        """People in doubt by organisation and by country."""
        words = self.words
        organisations = people_in_doubt(self.review, "appealing_organisation")
        countries = people_in_doubt(self.review, "country").rename(index=lambda code: words(COUNTRIES.get(code, code)))
        return (
            self._bars(
                "organisations", words("People in doubt, by organization"), words("Organization"), organisations
            ),
            self._bars("countries", words("People in doubt, by country"), words("Country"), countries),
        )

    def _by_month(self) -> Block:
        words = self.words
        months = people_in_doubt(self.review, "month").sort_index()
        named = months.rename(index=lambda month: f"{numbers.month_name(month, words.language)} {month[:4]}")
        return self._bars("months", words("People in doubt, by month"), words("Month"), named)

    def _bars(self, uid: str, kicker: str, column: str, table: pd.DataFrame) -> Block:
        words, shown = self.words, table.head(BARS_SHOWN)
        most = float(shown["people"].max()) if len(shown) else 0.0
        rows = [
            {
                "label": str(name),
                "state": "value" if row["people"] else "zero",
                "bar": row["people"] / most if most else 0,
                "target": None,
                "value": self._people(row["people"]) if row["people"] else words("none"),
                "share": words("in {rows} rows", rows=self._count(row["rows"])),
            }
            for name, row in shown.iterrows()
        ]
        named = str(shown["people"].idxmax()) if most else ""
        finding = words("{name} has most people in doubt", name=named[:1].upper() + named[1:]) if named else ""
        view = {
            "block": "bars",
            "span": 6,
            "kicker": kicker,
            "finding": finding,
            "columns": [column, words("People in doubt")],
            "colour": "people",
            "tall": False,
            "rows": rows,
            "empty": None if rows else {"title": words("Nothing found"), "reason": ""},
        }
        return Block("bars", view, uid=uid)

    def repairs(self) -> tuple[Block, ...]:
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
                self._change(people),
                self._change(findings),
                words("Yes") if name in declared else words("No"),
            ]
            for name, cells, changed, people, findings in effects_of_repairs(self.review).itertuples(index=False)
        ]
        return (self._table("repairs", words("What each repair would change on its own"), headers, rows),)

    def joins(self) -> tuple[Block, ...]:
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
        not_run = [[name, reason] for name, reason in self.review.not_run.items()]
        blocks = [self._table("joins", words("Joins between the tables"), headers, rows)]
        if not_run:
            headers = [words("Check"), words("Why it was not made")]
            blocks.append(self._table("not-run", words("Checks that were not made"), headers, not_run))
        return tuple(blocks)

    def closing(self) -> tuple[Block, ...]:
        """The line that closes the page."""
        words = self.words
        text = f"{words('Data quality')} · {words(self.title)}"
        status = words("For internal use")
        return (Block("footer", {"block": "footer", "span": 12, "text": text, "status": status, "data": None}),)

    def _table(self, uid: str, kicker: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Block:
        empty = None if rows else {"title": self.words("Nothing found"), "reason": ""}
        view = tables.table(headers, rows) | {"kicker": kicker, "empty": empty}
        return Block("table", view, uid=uid)

    def _people(self, people: float) -> str:
        return numbers.people(people, self.words.language)

    def _count(self, count: float) -> str:
        return numbers.count(count, self.words.language)

    def _change(self, change: float) -> str:
        return numbers.change(change, "people", self.words.language)


def show(*parts: tuple[Block, ...]) -> None:
    """Display the blocks of these parts of a page, in order."""
    from IPython.display import display

    for part in parts:
        display(*part)
