"""Totals of FTS become requirement, funding, unmet and coverage, and what is unknown stays unknown."""

import pandas as pd
import pytest

from rmrp_analysis.metrics.funding_totals import coverage, requirements_usd, totals_of_plan


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
