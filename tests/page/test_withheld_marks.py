"""Two plans that differ in withheld counts alone make the same sheet: no bar, circle, word or order tells which."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from conftest import Build
from notebook_page import page_of
from rmrp_analysis.plan import Plan

CHIPS, COLUMNS, CIRCLES = "td .chip", ".rmrp-columns [data-tip*='withheld']", ".rmrp-map [style*=dasharray]"
"""How a withheld count is shown in a table, among the months, on the map."""


def plan_of(plan: Build, activities: Build, chile: int, peru: int) -> Plan:
    """Many people in Colombia and Ecuador; few in Chile in March, and in Peru in April."""
    people = [400, 3000, chile, peru]
    months = [f"2021-{month:02d}" for month in range(1, 5)]
    table: pd.DataFrame = activities(
        new_beneficiaries=people,
        in_destination=people,
        women=[200, 1000, 0, 0],
        men=[200, 2000, 0, 0],
        country=["COL", "ECU", "CHL", "PER"],
        month=months,
    )
    result: Plan = plan(table)
    return result


@pytest.mark.parametrize("sector", ["Health", "Intersector"])
def test_plans_that_differ_in_withheld_counts_alone_make_the_same_sheet(
    plan: Build, activities: Build, sector: str
) -> None:
    pages = [page_of(plan_of(plan, activities, *few).select(sector)) for few in ((3, 7), (7, 3))]
    one, other = ("\n".join(block.html() for block in page.blocks) for page in pages)
    assert one == other
    assert pages[0].figures() == pages[1].figures()
    parts = BeautifulSoup(one, "html.parser")
    assert [len(parts.select(marks)) >= 2 for marks in (CHIPS, COLUMNS, CIRCLES)] == [True, True, True]
