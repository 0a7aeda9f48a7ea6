"""A file of very many reports is added up as it is read: every figure is what it is of the reports one by one."""

from functools import partial
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from rmrp_analysis import figures
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.loaders import plan as loading
from rmrp_analysis.loaders.table import batches
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.sources import load_sources
from rmrp_analysis.vocabulary import INTERSECTOR, PLACES, SECTORS

BUNDLED = Path(__file__).parents[2] / "data" / "rmrp-2021"
KEY = ["report", "figure", "part"]


@pytest.fixture(scope="module")
def added() -> Plan:
    """The bundled plan, read 3,000 rows at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "batches", partial(batches, rows=3_000))
        return load_plan(BUNDLED, load_sources(BUNDLED))


def stated(plan: Plan) -> pd.DataFrame:
    """What the sheets state that files hold; sentences on the largest report follow from reports one by one."""
    sheets = [(*sheet, "") for sheet in product((INTERSECTOR, *SECTORS), PLACES)]
    table = figures.table(plan.sheets(sheets, period=plan.whole_year, method=Method()))
    return table[table["dimension"] != "of"].set_index(KEY)[["value", "unit", "status", "reason", "rows", "source"]]


def test_figures_and_traces_are_those_of_the_reports_one_by_one(added: Plan, bundled: Plan) -> None:
    assert len(added.activities) < len(bundled.activities) == added.activities["rows"].sum()
    assert added.joins == bundled.joins
    assert [(file.rows, file.rows_refused) for file in added.inputs] == [
        (file.rows, file.rows_refused) for file in bundled.inputs
    ]
    pd.testing.assert_frame_equal(stated(added), stated(bundled))
    health = added.select("Health")
    rows = health.trace("activities")
    assert rows["contribution"].sum() == health.figures()["value"]["activities"] > len(rows)
