"""The figures of a report are tidy rows, one a number, with no number lost."""

import pandas as pd

from conftest import Build, with_few
from made_reports import PARAMS
from rmrp_analysis.figures import BREAKDOWNS, FIGURES
from rmrp_analysis.publish.records.figures import FIGURE_COLUMNS, list_figure_rows, make_run_table

TABLES = {"people_reached_by_month": {"2021-01": 40, "2021-02": None}, "funding_usd_by_platform": {"Peru": 0.5}}


def as_written(rows: pd.DataFrame, method: str = "m") -> pd.DataFrame:
    """The table of figures of a sheet as a run writes it."""
    return rows[rows["figure"].isin([*FIGURES, *BREAKDOWNS])].assign(method=method, caution="")


def test_every_figure_and_part_is_one_row_under_its_own_dimension(sheet: Build) -> None:
    figures = sheet(TABLES, people_reached=40)
    rows = list(list_figure_rows(as_written(figures.rows, figures.rules)))
    assert {column for row in rows for column in row} <= set(FIGURE_COLUMNS)
    assert {(row["method"], row["source"]) for row in rows} == {(figures.rules, "R4V")}
    assert [row["unit"] for row in rows[-3:]] == ["people", "people", "usd"]
    assert [row["figure"] for row in rows] == [
        *figures.figures,
        "people_reached_by_month",
        "people_reached_by_month",
        "funding_usd_by_platform",
    ]
    assert {row["report"] for row in rows} == {"health"}
    tables = TABLES | {"people_reached_by_age_gender": {"women": 30}}
    rows = list_figure_rows(as_written(sheet(tables).rows))
    keys = [{key: row[key] for key in ("platform", "group", "month") if key in row} for row in rows]
    assert [key for key in keys if key] == [
        {"month": "2021-01"},
        {"month": "2021-02"},
        {"platform": "Peru"},
        {"group": "women"},
    ]


def test_what_is_unknown_few_or_in_doubt_says_so(sheet: Build, plan: Build, activities: Build) -> None:
    records = sheet({"people_reached_by_month": {"2021-01": 0, "2021-02": None}}).rows
    rows = list_figure_rows(as_written(records))
    parts = [row["value"] for row in rows if row["figure"] == "people_reached_by_month"]
    assert parts == [0, ""]
    records = with_few(sheet(people_reached=3), "people_reached").rows
    reached = next(row for row in list_figure_rows(as_written(records)) if row["figure"] == "people_reached")
    assert (reached["value"], reached["status"]) == (0, "few")
    made = plan(activities(new_beneficiaries=[5_000, 50], month=["2021-01", "2021-02"]))
    params = PARAMS.report("Health", "region")
    rows = {(row["figure"], row["status"]): row["caution"] for row in list_figure_rows(make_run_table(made, [params]))}
    assert rows["people_reached", "known"] == "one_report"
    assert rows["activities", "known"] == ""
