"""No change is told that silent partners made: months and years are compared by partners of both."""

from random import Random

import pandas as pd
import pytest

from conftest import activities, plan, planning, sheet_of
from rmrp_analysis.arguments import Period
from rmrp_analysis.page.findings import format_change_on_month_before, format_change_on_year_before
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import plan_lists
from rmrp_analysis.words import Translator

MAX_SILENT_SHARE = 0.1
MONTHS = ("2020-12", "2021-11", "2021-12")
LAST = MONTHS[-1]
STEADY = [(month, name, people) for name in "ab" for month, people in zip(MONTHS, (800, 1000, 790), strict=True)]
REPORTS = {
    "Health": STEADY,
    "WASH": [*STEADY, ("2021-11", "large and silent", 9000)],
    "Shelter": [*STEADY, ("2021-11", "small and silent", 100)],
    "Education": [*STEADY, (LAST, "new", 9000)],
}
"""Month, partner and people by sector. The same partners fell by 21 % in each."""


@pytest.fixture(scope="module")
def reports() -> pd.DataFrame:
    """Reports of all sectors: some with a known answer, the rest drawn, with much silence."""
    chance, drawn = Random(7), dict(REPORTS)  # noqa: S311
    for sector in sorted(set(plan_lists().sectors) - set(REPORTS) - set(plan_lists().without_people)):
        partners = [f"{sector} {number}" for number in range(chance.randrange(1, 7))]
        rows = [(month, name, 100 * chance.randrange(1, 40)) for name in partners for month in MONTHS]
        each_month = [(month, "always", 500) for month in MONTHS]
        drawn[sector] = [row for row in rows if chance.random() < chance.choice((0.5, 0.95))] + each_month
    rows = [(sector, *row) for sector, of_sector in drawn.items() for row in of_sector]
    return pd.DataFrame(rows, columns=["sector", "month", "appealing_organisation", "new_beneficiaries"])


@pytest.fixture(scope="module")
def told(reports: pd.DataFrame) -> Plan:
    columns = reports.astype({"new_beneficiaries": float}).to_dict("list")
    return plan(activities(**columns), planning(("Health", "region", "all", "people_in_need", 10.0**6)))


@pytest.mark.parametrize("before", MONTHS[:-1])
def test_a_change_is_of_partners_that_reported_before_and_now(told: Plan, reports: pd.DataFrame, before: str) -> None:
    period = Period(start="2021-11" if before == "2021-11" else LAST, end=LAST)
    answers = []
    for sector, rows in reports.groupby("sector"):
        people = rows.pivot(index="appealing_organisation", columns="month", values="new_beneficiaries")
        of_both = people[[before, LAST]].dropna().sum()
        is_told = of_both[before] >= (1 - MAX_SILENT_SHARE) * people[before].sum()
        sheet = sheet_of(told, str(sector), period=period)
        if before != "2021-11":  # people of the year before may not be known
            is_told &= "people_year_before" in {*sheet.rows["figure"]}
        compared = sheet.comparisons.of_both_months if before == "2021-11" else sheet.comparisons.of_both_years
        assert compared == (tuple(of_both) if is_told else None)
        formatter = SheetFormatter(sheet, Translator("en"))
        texts = [str(change(formatter)) for change in (format_change_on_month_before, format_change_on_year_before)]
        assert is_told or not texts[before != "2021-11"]
        answers.append(is_told)
    assert {*answers} == {True, False}  # both kinds were drawn


def test_the_silence_of_a_large_partner_tells_no_change_and_that_of_a_small_one_changes_nothing(told: Plan) -> None:
    period = Period(start="2021-11", end=LAST)
    formatters = [SheetFormatter(sheet_of(told, sector, period=period), Translator("en")) for sector in REPORTS]
    fewer = "In December, the same partners newly reached 21% fewer people than in November"
    assert [str(format_change_on_month_before(each)) for each in formatters] == [fewer, "", fewer, fewer]


def test_the_last_month_is_open_by_what_partners_without_a_report_gave_the_month_before(told: Plan) -> None:
    period = Period(start="2021-11", end=LAST)
    silent = [sheet_of(told, sector, period=period).comparisons.silent_people for sector in REPORTS]
    assert silent == [0, 9000, 0, 0]  # 100 of 2,100 are too few to say so
