"""What a number stands for: of which months it is, what it lacks, and whether anybody was counted at all."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from conftest import activities, plan, planning, sheet_of
from rmrp_analysis.arguments import Period
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.page import Page
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.records.figures import list_figure_rows

PLANNED = (("Health", "region", "all", "target", 100.0), ("Health", "region", "all", "people_in_need", 1000.0))
LANGUAGES = ("en", "es", "pt")


def figures(start: str, end: str, **columns: Any) -> KeyFigures:
    made = plan(activities(**columns), planning(*PLANNED))
    return sheet_of(made, "Health", period=Period(start=start, end=end))


THREE_MONTHS: dict[str, Any] = {"month": ["2021-01", "2021-02", "2021-03"], "new_beneficiaries": [10, 20, 30]}


@pytest.mark.parametrize("start", ["2021-01", "2021-02", "2021-03"])
def test_volumes_are_of_the_period_and_shares_of_the_year_so_far(start: str) -> None:
    sheet = figures(start, "2021-03", **THREE_MONTHS)
    assert sheet.value("people_reached") == {"2021-01": 60, "2021-02": 50, "2021-03": 30}[start]
    shares = [sheet.value(name) for name in ("target_coverage", "need_coverage", "people_to_reach")]
    assert shares == [60 / 100, 60 / 1000, 100 - 60]


def test_the_year_so_far_is_not_known_where_the_data_begin_later() -> None:
    sheet = figures("2021-03", "2021-03", month=["2021-02", "2021-03"], new_beneficiaries=[20, 30])
    assert (sheet.value("people_reached"), sheet.value("target_coverage"), sheet.value("people_to_reach")) == (
        30,
        None,
        None,
    )
    assert sheet.figures["target_coverage"].reason == "year_not_in_data"


@pytest.mark.real_data
def test_every_period_that_ends_in_may_has_the_same_share_of_the_target(real: Plan) -> None:
    periods = ("2021-01/2021-05", "2021-05", "2021-04/2021-05")
    sheets = [real.select("Health", period=period).key_figures() for period in periods]
    assert {round(sheet.value("target_coverage") or 0, 3) for sheet in sheets} == {0.234}
    assert {round(sheet.value("people_to_reach") or 0, -4) for sheet in sheets} == {1_380_000}
    assert len({sheet.value("people_reached") for sheet in sheets}) == len(periods)


@pytest.mark.parametrize(
    ("left_out", "value", "status", "caution"),
    [
        (0, 90, "known", ""),
        (10, 90, "partly_counted", ""),
        (11, 90, "partly_counted", "left_out"),
        (90, 90, "partly_counted", "left_out"),
        (91, None, "partly_counted", ""),
    ],
)
def test_a_number_says_how_much_of_it_is_left_out(left_out: int, value: float, status: str, caution: str) -> None:
    sheet = figures(
        "2021-01", "2021-01", new_beneficiaries=[90, left_out], indicator_type=["people in need", "unknown"]
    )
    figure = sheet.figures["people_reached"]
    assert (figure.value, figure.status) == (value, status)
    assert [each.rule for each in sheet.cautions if each.of == "people_reached"] == [caution] * bool(caution)
    assert (sheet.value("target_coverage") is None) == (value is None)


@pytest.mark.real_data
def test_a_list_of_another_year_leaves_more_people_out_than_it_counts(shared_data: Path, tmp_path: Path) -> None:
    for name in ("r4v-2021", "fts"):
        shutil.copytree(shared_data / name, tmp_path / name)
    listed = pd.read_csv(shared_data / "r4v-2021" / "indicators.csv", dtype="str", keep_default_na=False)
    is_of_health = listed["Sector...Subsector...WG"] == "Health"
    listed[~is_of_health | (listed.index % 4 == 0)].to_csv(tmp_path / "r4v-2021" / "indicators.csv", index=False)
    sheet = load_plan(tmp_path / "r4v-2021").select("Health", period="2021-01/2021-05").key_figures()
    assert sheet.value("people_reached") is None
    assert sheet.figures["people_reached"].reason == "left_out"


ZEROS: dict[str, dict[str, Any]] = {
    "not_counted": {"new_beneficiaries": [20, 0], "total_monthly_beneficiaries": [20, 90]},
    "nobody_new": {"new_beneficiaries": [90, 0], "total_monthly_beneficiaries": [90, 70]},
    "services_only": {"new_beneficiaries": [90, 5], "indicator_type": ["people in need", "other"]},
    "nobody": {"new_beneficiaries": [90, 0], "total_monthly_beneficiaries": [90, 0]},
}
"""What is reported of February, after a January with people."""
TOLD = {
    "not_counted": ("not counted: 90 assisted", "sin contar: 90 asistidas", "sem contagem: 90 assistidas"),
    "nobody_new": ("nobody new", "nadie nuevo", "ninguém novo"),
    "services_only": ("services only", "solo servicios", "só serviços"),
    "nobody": ("0", "0", "0"),
}


@pytest.mark.parametrize("kind", ZEROS)
def test_a_zero_is_told_as_what_it_is_in_every_language(kind: str) -> None:
    sheet = figures("2021-01", "2021-02", **ZEROS[kind], month=["2021-01", "2021-02"])
    _, february, *_ = sheet.breakdowns["people_reached_by_month"].cells
    assert (february.value, february.status) == ((None, "not_counted") if kind == "not_counted" else (0, "known"))
    told = []
    for language in LANGUAGES:
        page = Page(sheet, language=language, audience="internal")
        page.bars(page.table("people_reached", "month"))
        told.append(page.blocks[-1].view["rows"][1]["people"]["text"])
    assert tuple(told) == TOLD[kind]


def test_not_counted_is_in_the_files_with_the_people_assisted() -> None:
    columns = {"new_beneficiaries": [90, 0], "total_monthly_beneficiaries": [90, 5000], "month": ["2021-01", "2021-02"]}
    sheet = figures("2021-01", "2021-02", **columns)
    rows = {
        (row["figure"], row.get("month", "")): (row["value"], row["status"], row["people_assisted"], row["caution"])
        for row in list_figure_rows(sheet.rows.assign(method="", caution=sheet.rows["caution"]))
        if row["figure"] in ("people_reached", "people_reached_by_month")
    }
    assert rows["people_reached", ""] == (90, "known", 5000, "not_counted")
    assert rows["people_reached_by_month", "2021-02"] == ("", "not_counted", 5000, "")
