"""A file that is read some rows at a time gives what it gives at once; one of very many is added up as it is read."""

import csv
import gzip
from functools import partial
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rmrp_analysis import bundled_plan, figures
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.loaders import plan as loading
from rmrp_analysis.loaders.table import Loaded, batches, load_table, merge, whole
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.sources import load_sources
from rmrp_analysis.tables import Activities, Planning
from rmrp_analysis.vocabulary import INTERSECTOR, plan_lists, plan_year

HEADERS = ("sector", "scope", "population_group", "measure", "value", "source")
NAMES, VALUES = st.sampled_from(["Health", "WASH", "Helth", ""]), st.sampled_from(["10", "1.250", "1250", "many", ""])
LINES = st.lists(st.tuples(NAMES, VALUES).map(lambda pair: f"{pair[0]},PER,all,target,{pair[1]},R4V"), min_size=1)


def written(path: Path, lines: list[str]) -> Path:
    if path.suffix == ".parquet":
        pd.DataFrame([line.split(",") for line in lines], columns=list(HEADERS)).to_parquet(path, index=False)
    else:
        path.write_text("\n".join([",".join(HEADERS), *lines]), encoding="utf-8")
    return path


def together(path: Path, rows: int) -> Loaded:
    return merge(list(batches(path, Planning, year=2021, rows=rows)))


@pytest.mark.parametrize("name", ["planning.csv", "planning.parquet"])
@given(lines=LINES, rows=st.integers(1, 4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_together_are_the_whole(name: str, lines: list[str], rows: int, tmp_path: Path) -> None:
    path = written(tmp_path / name, lines)
    try:
        whole = load_table(path, Planning, year=2021)
    except InputRefused as refused:
        with pytest.raises(InputRefused) as again:
            together(path, rows)
        assert str(again.value) == str(refused)  # noqa: PT017 - either end is right
        return
    parts = together(path, rows)
    pd.testing.assert_frame_equal(parts.table, whole.table)
    pd.testing.assert_frame_equal(parts.refused, whole.refused)
    pd.testing.assert_frame_equal(parts.faults, whole.faults)


def test_every_part_has_about_as_many_rows_as_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path / "planning.csv", ["Health,PER,all,target,10,R4V"] * 100)
    sizes = [len(part.table) for part in batches(path, Planning, year=2021, rows=10)]
    assert sum(sizes) == 100
    assert max(sizes) < 20


def test_a_column_shows_by_one_part_how_it_writes_the_numbers_of_another(tmp_path: Path) -> None:
    lines = ["Health,PER,all,target,1.250,R4V", *["WASH,PER,all,target,10,R4V"] * 20, 'WASH,PER,all,target,"2,5",R4V']
    path = written(tmp_path / "planning.csv", lines)
    assert next(batches(path, Planning, year=2021, rows=1)).table["value"][0] == 1250


KEY = ["report", "figure", "part"]


@pytest.fixture(scope="module")
def added() -> Plan:
    """The bundled plan, read 3,000 rows at a time."""
    folder = bundled_plan()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "batches", partial(batches, rows=3_000))
        return load_plan(folder, load_sources(folder))


def stated(plan: Plan) -> pd.DataFrame:
    """What the sheets state that files hold; sentences on the largest report follow from reports one by one."""
    sheets = [(*sheet, "") for sheet in product((INTERSECTOR, *plan_lists().sectors), plan_lists().places)]
    table = figures.table(plan.sheets(sheets, period=plan.whole_year, method=Method()))
    stated = (table["kind"] != "unpublished") | table["figure"].str.startswith("people_compared")
    return table[stated].set_index(KEY)[["value", "unit", "status", "reason", "rows", "source"]]


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


def test_reports_added_up_keep_the_first_line_and_what_nobody_tells_stays_missing(tmp_path: Path) -> None:
    with gzip.open(bundled_plan() / "activities.csv.gz", "rt", encoding="utf-8-sig") as file:
        (report, *_) = csv.DictReader(file)
    path = tmp_path / "activities.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(report))
        writer.writeheader()
        writer.writerows(
            report | {"Refugees.and.Migrants.IN.TRANSIT": people, "New.beneficiaries.of.the.month": ""}
            for people in ("3", "", "4")
        )
    (row,) = whole(batches(path, Activities, year=2021, rows=1), plan_year(2021)).table.to_dict("records")
    assert (row["source_line"], row["rows"], row["in_transit"]) == (2, 3, 3 + 4)
    assert pd.isna(row["new_beneficiaries"])
