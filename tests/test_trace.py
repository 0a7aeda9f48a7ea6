"""Every figure of every sheet leads back to rows whose contributions add up to it."""

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from conftest import Build, sheet_of
from rmrp_analysis.errors import RequestError
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method, Period
from rmrp_analysis.plan import Plan

YEAR = Period(start="2021-01", end="2021-12")


def trace(
    plan: Plan, sector: str, figure: str, *, platform: str = "region", period: Period, method: Method | None = None
) -> pd.DataFrame:
    """The rows behind a figure."""
    return plan.select(sector, place=platform, period=period, method=method).trace(figure)


@cache
def bundled() -> Plan:
    """The bundled plan."""
    return load_plan(Path(__file__).parents[1] / "data" / "rmrp-2021")


@pytest.mark.parametrize("sector", ["Human Trafficking & Smuggling", "Health", "Common Services", "Intersector"])
@pytest.mark.parametrize("platform", ["region", "Peru"])
def test_contributions_add_up_to_every_figure_that_has_a_value(sector: str, platform: str) -> None:
    figures = sheet_of(bundled(), sector, platform=platform, period=YEAR).figures
    known = {name: figure.value for name, figure in figures.items() if figure.value is not None}
    sums = {
        name: trace(bundled(), sector, name, platform=platform, period=YEAR)["contribution"].sum() for name in known
    }
    assert sums == pytest.approx(known)
    assert len(known) >= 6


@pytest.mark.parametrize("model", ["sum", "max_sector", "max_age_gender", "southern_cone"])
@pytest.mark.parametrize("level", ["admin1", "country"])
def test_contributions_add_up_under_every_model(model: str, level: str) -> None:
    method = Method.model_validate({"intersector_model": model, "intersector_level": level})
    stated = sheet_of(bundled(), "Intersector", period=YEAR, method=method).value("people_reached")
    rows = trace(bundled(), "Intersector", "people_reached", period=YEAR, method=method)
    assert rows["contribution"].sum() == pytest.approx(stated)


def test_a_row_is_told_by_its_file_and_line(plan: Build, activities: Build) -> None:
    rows = trace(plan(activities(new_beneficiaries=[3.0, 4.0])), "Health", "people_reached", period=YEAR)
    assert rows[["file", "line", "contribution"]].to_numpy().tolist() == [
        ["activities.csv", 2, 3.0],
        ["activities.csv", 3, 4.0],
    ]


def test_an_organisation_counts_once_in_its_first_row(plan: Build, activities: Build) -> None:
    reports = activities(appealing_organisation=["IOM", "UNHCR", "iom "])
    rows = trace(plan(reports), "Health", "reporting_partners", period=YEAR)
    assert rows["contribution"].to_list() == [1, 1, 0]


def test_a_place_taken_by_another_sector_contributes_nothing(plan: Build, activities: Build) -> None:
    reports = activities(sector=["Health", "Shelter", "Health"], place="A", new_beneficiaries=[3.0, 5.0, 1.0])
    rows = trace(plan(reports), "Intersector", "people_reached", period=YEAR)
    assert rows["contribution"].to_list() == [0, 5, 0]  # Shelter 5 against Health 3 + 1


def test_a_month_of_a_breakdown_is_told_with_its_rows(plan: Build, activities: Build) -> None:
    reports = activities(month=["2021-02", "2021-01"], new_beneficiaries=[3.0, 4.0])
    rows = trace(plan(reports), "Health", "people_reached_by_month", period=YEAR)
    assert rows.groupby("part")["contribution"].sum().to_dict() == {"2021-01": 4, "2021-02": 3}


def test_an_unknown_figure_is_told_with_the_nearest(plan: Build) -> None:
    with pytest.raises(RequestError, match="unknown figure 'people_reach'; did you mean 'people_reached'"):
        trace(plan(), "Health", "people_reach", period=YEAR)


def test_a_figure_without_a_value_says_why(plan: Build) -> None:
    with pytest.raises(RequestError, match="target has no value here: no planning file"):
        trace(plan(), "Health", "target", period=YEAR)


def test_tracing_changes_nothing(plan: Build, activities: Build) -> None:
    reports = activities(new_beneficiaries=[3.0, 4.0])
    before = reports.copy()
    trace(plan(reports), "Intersector", "people_reached", period=YEAR)
    pd.testing.assert_frame_equal(reports, before)
