"""Every sentence of a sheet is derived once more, in three languages, from the claims that it carries and the table."""

import math
import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pandas as pd
import pytest

from conftest import activities, count_at_once, plan
from notebook_page import page_of
from rmrp_analysis import numbers
from rmrp_analysis.method import Movement, Revision
from rmrp_analysis.page import Page
from rmrp_analysis.plan import Plan, Selection
from rmrp_analysis.publish.comparison.account import Issue, compare_issues
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED, REGION, report_id

GROUPS = ("people_reached_by_population_group", "people_reached_by_age_gender")
DATE = r"\d{1,2} (?:de )?[A-Za-zçáéíóú]{3,} (?:de )?20\d\d|1[ºo] de \w+ de 20\d\d|\b20\d\d\b"


class Sheet:
    """The rows of a sheet of the table of figures, as the public sees them, and how claims are read from them."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        sector, place, organisation = selection.sheets.selected[0]
        self.report = report_id(sector, place, organisation)
        beside = [(sector, REGION, ""), (INTERSECTOR, place, organisation)]
        rows = selection.plan.rows_of_sheets(
            [(sector, place, organisation), *beside],
            period=selection.period,
            method=selection.method,
            audience="public",
        )
        table = pd.concat([rows[report_id(*each)] for each in ((sector, place, organisation), *beside)])
        cells = table[table["month"] != ""].drop_duplicates(["report", "figure", "part", "month"])
        self.cells = cells.set_index(["report", "figure"])
        self.table = table.drop_duplicates(["report", "figure", "part"]).set_index(["report", "figure", "part"])

    def parts(self, figure: str, report: str = "") -> Mapping[str, float]:
        """The known values of a figure by part."""
        own = self.table.loc[self.report or report] if not report else self.table.loc[report]
        values = own[own.index.get_level_values("figure") == figure]["value"].droplevel("figure")
        return {str(part): float(value) for part, value in values.dropna().items()}

    def value(self, name: str, part: str, months: Sequence[str]) -> float:
        """The value that a name of a claim means."""
        report, _, figure = name.rpartition("/")
        if bracket := re.fullmatch(r"(.+)\[(.+)\]", figure):
            figure, part = bracket[1], bracket[2]
        if special := getattr(self, f"_{figure.replace('+', '_and_')}", None):
            return float(special(part, months))
        if " less " in figure:
            whole, less = figure.split(" less ")
            return self.value(whole, part, months) - self.parts(less).get(part, 0.0)
        if figure in ("people_reached", *GROUPS) and part == "groups":
            of = GROUPS if figure == "people_reached" else [figure]
            return max(sum(v for name, v in self.parts(each).items() if name != NOT_SPECIFIED) for each in of)
        if part in ("low", "high", "high less value"):
            row = self.table.loc[(report or self.report, figure, "")]
            return max(float(row[part[:4].strip()]), 0.0) - (row["value"] if part.endswith("value") else 0.0)
        values = self.parts(figure, report)
        return sum(values[each] for each in part.split("+"))

    def _months_left(self, *_: Any) -> int:
        return 12 - int(self.selection.period.end[-2:])

    def _months_of_the_plan(self, *_: Any) -> int:
        return 12

    def _months_counted(self, *_: Any) -> int:
        return len(self.parts("people_reached_by_month"))

    def _months_below_pace(self, *_: Any) -> int:
        pace = self.parts("target")[""] / 12
        return sum(people <= pace for people in self.parts("people_reached_by_month").values())

    def _sectors_with_target(self, *_: Any) -> int:
        together = report_id(INTERSECTOR, *self.selection.sheets.selected[0][1:])
        rows = self.table.loc[together].reset_index()
        reached = rows[rows["figure"] == "people_reached_by_sector"]
        sure = (reached["low"] >= 0.95 * reached["value"]) & (reached["high"] <= 1.05 * reached["value"])
        sure |= (reached["high"] - reached["low"]) <= reached["base"]
        doubted = {*reached.loc[~sure | (reached["status"] == "few"), "part"]}
        shares = self.parts("target_coverage_by_sector", together)
        return sum(sector not in doubted and share <= 1.5 for sector, share in shares.items())

    def _sectors_without_target(self, *_: Any) -> int:
        return 13 - len(self.parts("target_by_sector"))

    def _sectors_with_people(self, *_: Any) -> int:
        return 13

    def _people_reached_and_lost_people(self, *_: Any) -> float:
        return self.parts("people_reached")[""] + self._lost_people("", ())

    def _lost_people(self, part: str, _: Any) -> float:
        lost = self.parts("lost_people")
        return lost[part] if part else sum(people for cause, people in lost.items() if cause != "no_proportions")

    def _not_counted_people(self, *_: Any) -> float:
        figure = "not_counted_areas" if self.parts("not_counted_areas") else "not_counted_people"
        return float(self.cells.loc[[(self.report, figure)]].groupby("month")["value"].sum().max())

    def _rows_of_everybody_new(self, *_: Any) -> float:
        return sum(self.parts("rows_of_everybody_new").values())

    def _rows_of_people(self, *_: Any) -> float:
        return sum(self.parts("rows_of_people").values())

    def _partners_expected(self, part: str, _: Any) -> float:
        late = self.parts("partners_late").get("", 0.0) if part else 0.0
        return self.parts("partners_expected").get("", 0.0) - late

    def _people_assisted(self, part: str, _: Any) -> float:
        figure, own = ("people_reached", "") if part == "people_reached" else ("people_reached_by_month", part)
        return float(self.table.loc[(self.report, figure, own), "assisted"])

    def _largest_report(self, part: str, _: Any) -> float:
        return self.parts("largest_report")[part]

    def _largest_partner(self, *_: Any) -> float:
        return max(self.parts("people_by_partner").values())


class SheetAfterAnIssue(Sheet):
    """A sheet with the table of the issue before, and of the months of that issue as the later plan has them."""

    def __init__(self, selection: Selection, before: Selection) -> None:
        super().__init__(selection)
        sector, place, organisation = selection.sheets.selected[0]
        months = selection.plan.select(sector, place=place, organisation=organisation, period=before.period)
        self.before = Sheet(before)
        self.reports = pd.DataFrame({"before": reports_of(before), "after": reports_of(months)})

    def _people_reached_in_issue(self, *_: Any) -> float:
        return self.before.parts("people_reached")[""]

    def _people_reached_since_issue(self, kind: str, *_: Any) -> float:
        missing = self.reports.isna()
        of_kind = {"late": missing["before"], "gone": missing["after"], "corrected": ~missing.any(axis=1)}[kind]
        people = self.reports[of_kind].fillna(0).sum()
        return people["after"] - people["before"]


def reports_of(selection: Selection) -> pd.Series:
    """New people by organisation and month, straight from the reports of a small plan."""
    rows = selection.plan.activities
    rows = rows[rows["month"].isin(selection.period.months)]
    return rows.groupby(["appealing_organisation", "month"])["new_beneficiaries"].sum()


def printed_as(claim: Mapping[str, Any], value: float, base: float | None, language: str) -> set[str]:
    """The texts that a value, by its base, may have."""
    amount = value if base is None else value / base
    if claim["figure"] == "people_reached_since_issue":  # the sentence says whether they are more or fewer
        return {numbers.share(abs(amount), language)}
    texts = {numbers.format_value(amount, claim["unit"], language)}
    if claim["unit"] == "share":
        texts |= {numbers.share(min(amount, 1.0), language), numbers.share(abs(amount - 1), language)}
        texts |= {numbers.count(math.ceil(amount) - 1, language)}  # more than so many times as many
    return texts


def faults_of(page: Any, sheet: Sheet, language: str) -> list[str]:
    """Sentences whose claims do not follow from the table, or that hold a number which no claim has."""
    records, faults = page.figures().records, []
    cautions = [{"kind": "caution", **caution} for caution in records["cautions"]]
    for statement in [*records["statements"], *cautions]:
        text, claims = statement["text"], statement["claims"]
        for claim in claims:
            value = sheet.value(claim["figure"], claim["part"], claim["months"])
            base = sheet.value(claim["compared_with"], "", claim["months"]) if claim["compared_with"] else None
            is_same = value == pytest.approx(claim["value"]) and (base is None or base == pytest.approx(claim["base"]))
            if not is_same or claim["printed"] not in printed_as(claim, value, base, language) | FEW:
                faults.append(f"{text}: {claim} is {value} of {base}")
        rest = re.sub(DATE, "", text)
        for claim in sorted(claims, key=lambda claim: -len(claim["printed"])):
            number = claim["printed"].split("\u202f")[0] if "mill" in text or "milh" in text else claim["printed"]
            rest = rest.replace(number, "", 1)
        if re.search(r"\d", rest):
            faults.append(f"{text}: no claim for a number of '{rest}'")
    return faults


FEW = {"10"}
"""What stands for few people: the base of rounding."""


def checked(
    plan: Plan, sectors: Sequence[str], places: Sequence[str], period: str, language: str
) -> tuple[list[str], int]:
    """The faults of sheets, and how many sentences were looked at."""
    selections = [plan.select(sector, place=place, period=period) for sector, place in product(sectors, places)]
    count_at_once(selections)
    faults, seen = [], 0
    for selection in selections:
        page = page_of(selection, language=language)
        seen += len(page.figures().records["statements"])
        faults += [f"{selection}: {fault}" for fault in faults_of(page, Sheet(selection), language)]
    return faults, seen


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_every_sentence_of_the_bundled_plan_is_derived_again(bundled: Plan, language: str) -> None:
    sectors = ["All sectors", "Health", "Human Trafficking & Smuggling", "WASH", "Common Services"]
    faults, seen = checked(bundled, sectors, ["region", "Peru", "Caribbean"], "2021", language)
    of_quarter, more = checked(bundled, ["Health", "All sectors"], ["region"], "2021Q2", language)
    assert faults + of_quarter == []
    assert seen + more > 60


def issue(people: Mapping[tuple[str, str], float], period: str) -> Selection:
    """Health in Peru as reports of an organisation and month tell of so many new people."""
    organisations, months = map(list, zip(*people, strict=True))
    counts = list(people.values())
    rows = {"new_beneficiaries": counts, "total_monthly_beneficiaries": [2 * count for count in counts]}
    where = {"appealing_organisation": organisations, "month": months, "country": "PER", "admin1": "Lima"}
    return plan(activities(**rows, **where, women=counts)).select("Health", place="Peru", period=period)


FIRST_ISSUE = {("A", "2021-01"): 1_230.0, ("B", "2021-02"): 2_340.0, ("C", "2021-02"): 1_110.0}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({("B", "2021-02"): 1_350.0}, "fewer"),
        ({("C", "2021-02"): None, ("D", "2021-02"): 2_460.0, ("A", "2021-03"): 770.0}, "more"),
    ],
)
def test_what_moved_since_the_issue_before_is_derived_again_from_both_tables(
    changes: Mapping[tuple[str, str], float | None], word: str
) -> None:
    later = {report: people for report, people in {**FIRST_ISSUE, **changes}.items() if people is not None}
    before, after = issue(FIRST_ISSUE, "2021-01/2021-02"), issue(later, "2021-01/2021-03")
    issues = [Issue(each.plan, each.period, each.method, "public", only_figures=True) for each in (before, after)]
    sheets = after.sheets.selected
    parts = compare_issues(issues[0].count_values(sheets), *issues, sheets).amounts_by_kind(
        "health.peru", "people_reached"
    )
    moved = Movement(before="4.68 K", parts=parts)
    sheet, revision = SheetAfterAnIssue(after, before), Revision(until="2021-02", figures={"people_reached": moved})
    for language in ("en", "es", "pt"):
        page = Page(after, language=language, revision=revision)
        page.headline()
        (statement,) = page.figures().records["statements"]
        assert statement["claims"][0]["figure"] == "people_reached_since_issue"
        assert (word in statement["text"]) == (language == "en")
        assert faults_of(page, sheet, language) == []


@pytest.mark.real_data
@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_every_sentence_of_the_real_reports_is_derived_again(real: Plan, language: str) -> None:
    sectors = ["All sectors", "Health", "Food Security", "Child Protection", "WASH", "Protection (General)"]
    faults, seen = checked(real, sectors, ["region", "Peru", "Ecuador", "Colombia"], "2021-01/2021-05", language)
    of_may, more = checked(real, ["Health", "WASH", "All sectors"], ["region", "Peru"], "2021-05", language)
    assert faults + of_may == []
    assert seen + more > 60
