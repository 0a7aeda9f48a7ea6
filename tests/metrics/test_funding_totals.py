"""Totals of FTS become requirement, funding, unmet and coverage, and what is unknown stays unknown."""

import pandas as pd
import pytest

from rmrp_analysis.metrics.funding_totals import coverage, requirements_usd, totals_by, totals_of_plan


def totals(*rows: tuple[str, float | None, float | None], grouped_by: str = "country") -> pd.DataFrame:
    """Totals as ``(part, requirement, funding)``."""
    table = pd.DataFrame(rows, columns=["part", "requirement_usd", "funding_usd"])
    return table.assign(grouped_by=grouped_by, original_requirement_usd=None, pledges_usd=None).astype(
        {f"{name}_usd": "float64" for name in ("requirement", "original_requirement", "funding", "pledges")}
    )


@pytest.mark.parametrize(
    ("funding", "requirement", "share"),
    [(5, 10, 0.5), (0, 10, 0), (593, 100, 5.93), (-1, 10, -0.1), (5, 0, None), (5, None, None), (None, 10, None)],
)
def test_coverage_is_unknown_without_a_requirement_and_never_clipped(
    funding: float | None, requirement: float | None, share: float | None
) -> None:
    assert coverage(funding, requirement) == share


def test_a_requirement_revised_to_zero_is_zero_and_one_without_revision_is_the_original() -> None:
    rows = pd.DataFrame(
        {"requirement_usd": [0, None, 5, None], "original_requirement_usd": [2_010_000_000, 7, 6, None]},
        dtype="float64",
    )
    assert requirements_usd(rows).to_list()[:3] == [0, 7, 5]
    assert requirements_usd(rows).isna().to_list() == [False, False, False, True]


def test_rows_of_a_plan_are_known_by_its_id_or_stand_in_a_table_that_names_no_plan() -> None:
    rows = pd.DataFrame({"plan_id": ["1021", "", "944", ""], "plan_name": ["a", "", "b", "Not specified"]})
    assert totals_of_plan(rows, 1021).index.to_list() == [0, 1]


def test_a_platform_is_the_sum_of_its_countries() -> None:
    cone = totals_by(totals(("ARG", 6.0, 3.0), ("BOL", 4.0, None), ("COL", 9.0, 1.0)), "platform").loc["Southern Cone"]
    assert (cone["requirement_usd"], cone["funding_usd"], cone["unmet_usd"], cone["coverage"]) == (10, 3, 10 - 3, 0.3)


def test_money_of_no_country_or_several_has_a_row_without_coverage() -> None:
    rows = totals_by(totals(("COL", 9.0, 1.0), ("not specified", 66.0, 5.0), ("shared", None, 2.0)), "platform")
    assert rows["funding_usd"].to_dict() == {"Colombia": 1, "not specified": 5, "shared": 2}
    assert rows["coverage"].isna().to_dict() == {"Colombia": False, "not specified": True, "shared": True}


def test_more_money_than_was_asked_for_leaves_less_than_nothing_unmet() -> None:
    health = totals_by(totals(("Health", 4.0, 10.0), grouped_by="sector"), "sector").loc["Health"]
    assert (health["unmet_usd"], health["coverage"]) == (4 - 10, 2.5)


@pytest.mark.parametrize("requirement", [0.0, None])
def test_without_a_requirement_there_is_neither_unmet_nor_coverage(requirement: float | None) -> None:
    row = totals_by(totals(("COL", requirement, 10.0)), "country").loc["COL"]
    assert row[["unmet_usd", "coverage"]].isna().all()


def test_a_part_without_any_report_has_unknown_funding_and_is_wholly_unmet() -> None:
    row = totals_by(totals(("COL", 4.0, None)), "country").loc["COL"]
    assert pd.isna(row["funding_usd"])
    assert row["unmet_usd"] == 4
