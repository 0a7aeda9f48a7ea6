"""An analyst's own table on a public page: withheld with what the sheet prints, and does not undo it."""

from typing import Any

import pandas as pd
import pytest

from conftest import Build
from rmrp_analysis import Page
from rmrp_analysis.disclosure import protected_parts
from rmrp_analysis.method import Method

REACHED = "people_reached"


def page(plan: Build, activities: Build, people: list[float], audience: str = "public", **columns: Any) -> Page:
    reports = activities(country="PER", place="PE15", admin1="Lima", new_beneficiaries=people, **columns)
    return Page(plan(reports).select("Health", platform="Peru"), audience=audience)


def hidden(table: pd.DataFrame) -> list[Any]:
    return table.index[table["suppressed"]].to_list()


def test_a_table_that_the_sheet_has_withholds_what_the_sheet_withholds(plan: Build, activities: Build) -> None:
    own = page(plan, activities, [3.0, 40.0, 500.0], month=["2021-01", "2021-02", "2021-03"])
    printed = own.key_figures.breakdowns["people_reached_by_month"].cells
    assert hidden(own.table(REACHED, "month")) == [cell.key for cell in printed if cell.suppressed]
    assert hidden(own.table(REACHED, "month")) == ["2021-01", "2021-02"]


def test_a_small_part_of_another_dimension_takes_a_companion(plan: Build, activities: Build) -> None:
    table = page(plan, activities, [3.0, 40.0, 500.0], appealing_organisation=["IOM", "NRC", "WFP"]).table(
        REACHED, "organisation"
    )
    assert hidden(table) == ["IOM", "NRC"]
    assert table["value"].dropna().to_dict() == {"WFP": 500}
    assert set(table.loc[table["suppressed"], "reason"]) == {"withheld"}


def test_a_small_part_of_two_dimensions_follows_from_no_row_and_no_column(plan: Build, activities: Build) -> None:
    table = page(
        plan,
        activities,
        [3.0, 40.0, 500.0, 60.0],
        month=["2021-01", "2021-01", "2021-02", "2021-02"],
        appealing_organisation=["IOM", "NRC", "IOM", "NRC"],
    ).table(REACHED, "month", "organisation")
    assert len(hidden(table)) == 4  # each row and column of two has to have none or two


def test_what_the_run_prints_instead_is_no_known_number_to_a_table(plan: Build, activities: Build) -> None:
    selection = page(plan, activities, [30.0, 500.0], month=["2021-01", "2021-02"]).selection
    whole_run = {"people_reached_by_month[2021-01]": None, "people_reached_by_month[2021-02]": None}
    table = Page(selection, instead=whole_run).table(REACHED, "month")
    assert hidden(table) == ["2021-01", "2021-02"]


def test_an_internal_page_withholds_nothing(plan: Build, activities: Build) -> None:
    table = page(plan, activities, [3.0, 500.0], "internal", month=["2021-01", "2021-02"]).table(REACHED, "month")
    assert table["value"].dropna().to_list() == [3, 500]


def test_what_counts_no_people_is_printed(sheet: Build) -> None:
    money = pd.Series({"USA": 5.0}, name="usd").rename_axis("donor")
    assert hidden(protected_parts(money, "funding_usd", sheet(people_reached=500), None)) == []


@pytest.mark.parametrize(("threshold", "withheld"), [(0, []), (5, ["IOM", "NRC"]), (50, ["IOM", "NRC", "WFP"])])
def test_the_threshold_is_that_of_the_sheet(sheet: Build, threshold: int, withheld: list[str]) -> None:
    exact = sheet(people_reached=543, method=Method(small_count_threshold=threshold))
    people = pd.Series({"IOM": 3, "NRC": 40, "WFP": 500}, dtype="float64").rename_axis("organisation")
    assert hidden(protected_parts(people, REACHED, exact, None)) == withheld
