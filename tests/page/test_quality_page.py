"""The page on data quality shows the steps to the people reached, the rules, who, where, repairs and joins."""

from pathlib import Path

import pytest

from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method, Period
from rmrp_analysis.page import QualityPage
from rmrp_analysis.quality import Review, people_in_doubt, reviewed, steps_to_people_reached

BUNDLED = Path(__file__).parents[2] / "data" / "rmrp-2021"
YEAR = Period(start="2021-01", end="2021-12")


@pytest.fixture(scope="module")
def review() -> Review:
    return reviewed(load_plan(BUNDLED), period=YEAR, method=Method(), repairs=("total_lower_new",))


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_every_part_is_drawn_in_every_language(review: Review, language: str) -> None:
    page = QualityPage(review, title="End of year 2021 key figures", language=language)
    parts = (page.opening, page.steps, page.rules, page.who_and_where, page.repairs, page.joins, page.closing)
    blocks = [block for part in parts for block in part()]
    assert {block.kind for block in blocks} == {"masthead", "headline", "chart", "bars", "table", "account"}
    assert all(block.html() for block in blocks)


def test_the_steps_add_up_from_what_was_sent_to_what_is_counted(review: Review) -> None:
    steps = steps_to_people_reached(review)
    assert steps["step"].to_list()[:2] == ["sent", "refused"]
    assert steps["left"].iloc[-1] == pytest.approx(steps["people"].sum())


def test_nobody_is_in_doubt_twice(review: Review) -> None:
    by_month = people_in_doubt(review, "month")
    assert by_month["people"].sum() <= review.plan.activities["new_beneficiaries"].sum()
    assert by_month["reports"].sum() == len(review.plan.activities)


def test_a_check_is_told_with_the_rows_that_repairs_leave(review: Review) -> None:
    above = review.by_check().loc["new_above_total"]
    assert above["rows_left"] < above["rows"]
