"""No number of a sheet contradicts another: every sheet of the bundled plan and of real reports, read back."""

from collections.abc import Sequence
from itertools import product

import pytest

from conftest import count_at_once, sheet
from contradictions import contradictions
from notebook_page import page_of as whole_sheet
from rmrp_analysis.page import Page
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, plan_lists

ALL_SECTORS = (INTERSECTOR, *plan_lists().sectors)
EVERY_SHEET = [(sector, place) for place, sector in product((REGION, *plan_lists().platforms), ALL_SECTORS)]


def page_of(plan: Plan, sector: str, platform: str, period: str, audience: str) -> Page:
    """A sheet, and the numbers of its months as a table."""
    page = whole_sheet(plan.select(sector, place=platform, period=period), audience=audience)
    page.bars(page.table("people_reached", "month"))
    return page


def assert_no_contradiction(plan: Plan, period: str, audience: str, sheets: Sequence[tuple[str, str]]) -> None:
    base = 10.0 if audience == "public" else 0.0
    count_at_once([plan.select(sector, place=platform, period=period) for sector, platform in sheets])
    found = {
        f"{sector}, {platform}": faults
        for sector, platform in sheets
        if (faults := contradictions(page_of(plan, sector, platform, period, audience).blocks, base))
    }
    assert found == {}


def test_no_sheet_of_the_bundled_plan_contradicts_itself(bundled: Plan) -> None:
    assert_no_contradiction(bundled, "2021-01/2021-12", "public", EVERY_SHEET)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("audience", "platforms"), [("public", plan_lists().platforms), ("internal", ("Peru", "Caribbean"))]
)
def test_no_sheet_of_real_reports_contradicts_itself(real: Plan, audience: str, platforms: Sequence[str]) -> None:
    sheets = [(sector, place) for sector, place in EVERY_SHEET if place in (REGION, *platforms)]
    assert_no_contradiction(real, "2021-01/2021-05", audience, sheets)


def test_a_sheet_that_contradicts_itself_is_found() -> None:
    ages = {"women": 900, "men": 900}
    page = Page(sheet({"people_reached_by_age_gender": ages}, people_reached=100, target=50, target_coverage=0.5))
    page.cards("people_in_need", "target", "people_reached")
    page.bars(page.table("people_reached", "age_gender"))
    assert any("people_reached_by_age_gender: parts" in fault for fault in contradictions(page.blocks))
