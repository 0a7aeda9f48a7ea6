"""The figures of a report are tidy rows, one a number, with no number lost."""

from conftest import Build
from rmrp_analysis.disclosure import for_audience
from rmrp_analysis.publish.figure_rows import FIGURE_COLUMNS, figure_rows

TABLES = {"people_reached_by_month": {"2021-01": 40, "2021-02": None}, "funding_usd_by_platform": {"Peru": 0.5}}


def test_every_figure_and_every_part_is_one_row(sheet: Build) -> None:
    figures = sheet(TABLES, people_reached=40)
    rows = list(figure_rows(figures.rows.assign(method=figures.rules)))
    assert [row["figure"] for row in rows] == [
        *figures.figures,
        "people_reached_by_month",
        "people_reached_by_month",
        "funding_usd_by_platform",
    ]
    assert {row["report"] for row in rows} == {"health"}


def test_a_row_has_only_the_columns_of_the_file(sheet: Build) -> None:
    rows = figure_rows(sheet(TABLES, people_reached=40).rows.assign(method="m"))
    assert {column for row in rows for column in row} <= set(FIGURE_COLUMNS)


def test_a_part_stands_under_its_own_dimension(sheet: Build) -> None:
    tables = TABLES | {"people_reached_by_age_gender": {"women": 30}}
    rows = figure_rows(sheet(tables).rows.assign(method="m"))
    keys = [{key: row[key] for key in ("platform", "group", "month") if key in row} for row in rows]
    assert [key for key in keys if key] == [
        {"month": "2021-01"},
        {"month": "2021-02"},
        {"platform": "Peru"},
        {"group": "women"},
    ]


def test_what_is_unknown_is_an_empty_cell_and_zero_is_zero(sheet: Build) -> None:
    records = sheet({"people_reached_by_month": {"2021-01": 0, "2021-02": None}}).rows
    parts = [
        row["value"] for row in figure_rows(records.assign(method="m")) if row["figure"] == "people_reached_by_month"
    ]
    assert parts == [0, ""]


def test_what_is_withheld_is_an_empty_cell(sheet: Build) -> None:
    records = for_audience(sheet(people_reached=3), "public").rows
    reached = next(row for row in figure_rows(records.assign(method="m")) if row["figure"] == "people_reached")
    assert reached["value"] == ""


def test_every_row_says_unit_method_and_source(sheet: Build) -> None:
    figures = sheet(TABLES, people_reached=40)
    rows = list(figure_rows(figures.rows.assign(method=figures.rules)))
    assert {(row["method"], row["source"]) for row in rows} == {(figures.rules, "R4V")}
    assert [row["unit"] for row in rows[-3:]] == ["people", "people", "usd"]
