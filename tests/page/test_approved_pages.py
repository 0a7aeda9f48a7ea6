"""What pages of a small plan and of the bundled one say was read and approved.

Where something is meant to say something else, renew the snapshots with ``pytest --snapshot-update``, and read the
difference.
"""

from dataclasses import replace
from functools import cache

import pytest
from syrupy.assertion import SnapshotAssertion

from approved import lines_of, views_of
from notebook_page import page_of
from rmrp_analysis.arguments import Period
from rmrp_analysis.page.data_tables import build_data_tables
from rmrp_analysis.page.worksheets import build_cover, build_worksheets
from rmrp_analysis.plan import Plan, Selection
from small_plan import Case, cases

LANGUAGES = ("en", "es", "pt")
SHEETS = [(name, *sheet) for name, case in cases().items() for sheet in case.sheets]
WHOLE, FIVE_MONTHS = "2021-01/2021-12", "2021-01/2021-05"
BUNDLED = {
    ("Health", "region", WHOLE): "sector_key_figures",
    ("All sectors", "region", FIVE_MONTHS): "sector_key_figures",
    ("All sectors", "Peru", WHOLE): "sector_key_figures",
    ("WASH", "Southern Cone", "2021-06"): "sector_key_figures",
    ("All sectors", "region", WHOLE): "sector_in_depth",
    ("Education", "Colombia", FIVE_MONTHS): "sector_in_depth",
}
"""The notebook of each page of the bundled plan."""


@cache
def usable_cases() -> dict[str, Case]:
    """The cases of the small plan without reports that were refused: with these, most sheets are to be mended."""
    usable = {}
    for name, case in cases().items():
        reports = case.plan.activities.assign(people_left_out=0.0)
        plan = replace(case.plan, activities=reports, refused_activities=case.plan.refused_activities.iloc[:0])
        period = Period.parse(case.period)
        plan.rows_of_sheets(case.sheets, period=period, method=case.method, audience="public")
        usable[name] = replace(case, plan=plan)
    return usable


def selected(case: Case, sector: str, place: str, organisation: str) -> Selection:
    of_one = {"organisation": organisation} if organisation else {}
    return case.plan.select(sector, place=place, period=Period.parse(case.period), method=case.method, **of_one)


@pytest.mark.parametrize("number", range(len(SHEETS)), ids=lambda number: " ".join(SHEETS[number]).strip())
def test_a_sheet_of_the_small_plan_says_what_was_approved(number: int, snapshot: SnapshotAssertion) -> None:
    name, *of = SHEETS[number]
    language = LANGUAGES[number % 3]
    page = page_of(selected(usable_cases()[name], *of), title="Key figures", language=language)
    said = [*views_of(page.blocks), page.absent]
    if number in (16, 29):
        tables = build_data_tables(page._formatter, "Key figures", "health")
        worksheets = build_worksheets(page._formatter, tables, place=page.place)
        said += [tables, worksheets, build_cover(page._formatter, "Key figures", worksheets)]
    assert lines_of(said) == snapshot


@pytest.mark.parametrize(("number", "audience"), [(0, "internal"), (4, "internal"), (8, "public"), (10, "internal")])
def test_a_sheet_to_mend_says_what_was_approved(number: int, audience: str, snapshot: SnapshotAssertion) -> None:
    name, *of = SHEETS[number]
    page = page_of(selected(cases()[name], *of), audience=audience, language=LANGUAGES[number % 3])
    assert lines_of(views_of(page.blocks)) == snapshot


@pytest.mark.parametrize("number", [6, 9, 16, 27])
def test_a_page_in_depth_of_the_small_plan_says_what_was_approved(number: int, snapshot: SnapshotAssertion) -> None:
    name, *of = SHEETS[number]
    page = page_of(selected(usable_cases()[name], *of), language=LANGUAGES[number % 3], notebook="sector_in_depth")
    assert lines_of([*views_of(page.blocks), page.absent]) == snapshot


@pytest.mark.parametrize("of", BUNDLED, ids=" ".join)
def test_a_page_of_the_bundled_plan_says_what_was_approved(
    of: tuple[str, str, str], bundled: Plan, snapshot: SnapshotAssertion
) -> None:
    selection = bundled.select(of[0], place=of[1], period=of[2])
    page = page_of(selection, title="Key figures", language=LANGUAGES[len(of[0]) % 3], notebook=BUNDLED[of])
    assert lines_of([*views_of(page.blocks), page.absent]) == snapshot
