"""Every figure and every part of every breakdown is the sum of its rows, in every scope and under every model."""

from itertools import product
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from conftest import count_at_once
from rmrp_analysis import figures
from rmrp_analysis.arguments import Period
from rmrp_analysis.figures import BREAKDOWNS, FIGURES
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import INTERSECTOR, Model, plan_lists, report_id
from traces import untraced

BUNDLED = Path(__file__).parents[2] / "data" / "rmrp-2021"
TWELVE_MONTHS, FIVE_MONTHS = "2021-01/2021-12", "2021-01/2021-05"


def unlike(stated: pd.DataFrame, rows: pd.DataFrame, name: str, *by: str) -> pd.DataFrame:
    """The reports, and parts, whose rows do not add up to what is stated of them, with both numbers."""
    parts = rows.assign(**{dimension: rows[dimension].astype("str") for dimension in by})
    sums = parts.groupby(["sheet", *by], observed=True)["contribution"].sum().rename("rows")
    own = stated[(stated["figure"] == name) & stated["value"].notna()]
    value = own.set_index(["report", *["part" for _ in by]])["value"]
    both = value.to_frame().join(sums.rename_axis(value.index.names)).fillna({"rows": 0.0})
    assert len(both) > 0, name
    return both[(both["rows"] - both["value"]).abs() > 1e-5]


def assert_rows_make_all_sheets(plan: Plan, period: str) -> None:
    selected = [
        (sector, place, "") for sector, place in product((INTERSECTOR, *plan_lists().sectors), plan_lists().places)
    ]
    sheets = plan.sheets(selected, period=Period.parse(period), method=Method())
    stated, checked = figures.table(sheets), set()
    for name, definition in FIGURES.items():
        counted = definition.count(sheets) if definition.count else None
        if counted is None or counted.distinct or name in ("donors", "funded_organisations"):
            continue  # shares follow from two figures; who is counted once stands in one row of each sheet
        rows = counted.rows
        assert unlike(stated, rows, name).empty, name
        for breakdown in BREAKDOWNS.values():
            if breakdown.figure == name and breakdown.by[0] in ({"platform", "country", "month"} & {*rows}):
                assert unlike(stated, rows, breakdown.name, *breakdown.by).empty, breakdown.name
                checked.add(breakdown.name)
    assert {"people_reached_by_month", "people_reached_by_platform", "people_reached_by_country"} <= checked


def test_rows_make_every_sheet_of_the_bundled_plan(bundled: Plan) -> None:
    assert_rows_make_all_sheets(bundled, TWELVE_MONTHS)


@pytest.mark.real_data
def test_rows_make_every_sheet_of_the_real_reports(real: Plan) -> None:
    assert_rows_make_all_sheets(real, FIVE_MONTHS)


def faults_of_traces(plan: Plan, period: str, *sheets: tuple[str, str, str]) -> dict[str, list[object]]:
    """The figures of each sheet that its trace does not make; sheets are sector, place and organisation."""
    selections = {
        report_id(*sheet): plan.select(sheet[0], place=sheet[1], organisation=sheet[2], period=period)
        for sheet in sheets
    }
    count_at_once([*selections.values()])
    return {report: faults for report, selection in selections.items() if (faults := [*untraced(selection)])}


def test_a_trace_of_the_bundled_plan_adds_up_or_says_why_not(bundled: Plan) -> None:
    partner = bundled.organisation_named("SO01")
    sheets = [
        *[("Health", "region", ""), ("Health", "Southern Cone", partner), ("Health", "Argentina", "")],
        *[("Common Services", "region", partner), ("Common Services", "Peru", "")],
        *[(INTERSECTOR, "region", ""), (INTERSECTOR, "Peru", partner), (INTERSECTOR, "Southern Cone", "")],
    ]
    assert faults_of_traces(bundled, TWELVE_MONTHS, *sheets) == {}


@pytest.mark.real_data
def test_a_trace_of_the_real_reports_adds_up_or_says_why_not(real: Plan) -> None:
    sheets = [(sector, "region", "") for sector in ("Gender-Based Violence", "Common Services", INTERSECTOR)]
    assert faults_of_traces(real, FIVE_MONTHS, *sheets) == {}


@pytest.mark.parametrize("reports", ["bundled", pytest.param("real", marks=pytest.mark.real_data)])
@pytest.mark.parametrize("level", ["admin1", "country"])
def test_rows_make_the_figure_of_all_sectors_under_every_model(
    reports: str, level: str, request: pytest.FixtureRequest
) -> None:
    plan = request.getfixturevalue(reports)
    methods = {model: Method(intersector_model=model, intersector_level=level) for model in get_args(Model)}
    selections = {model: plan.select(INTERSECTOR, period=FIVE_MONTHS, method=each) for model, each in methods.items()}
    under_every_model = selections["max_sector"].models()
    for model, selection in selections.items():
        reached = selection.people_reached()
        assert reached.rows["contribution"].sum() == pytest.approx(reached.total)
        assert reached.by("organisation").sum() == pytest.approx(reached.total)
        assert reached.total == under_every_model[model]
