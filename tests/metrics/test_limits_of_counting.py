"""What is counted at a limit, with an empty cell, or where two are equal."""

import numpy as np
import pandas as pd
import pytest

from conftest import activities, plan
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import row_keys
from rmrp_analysis.metrics.dataset import unify_spellings
from rmrp_analysis.metrics.models import GROUPS_BY_PAIR, PLACE_MONTH_SECTOR_COLUMNS, shares_of
from rmrp_analysis.vocabulary import NATIONAL_PLACE_KEY

NEW = "new_beneficiaries"


def test_only_partners_of_the_last_month_count_for_it() -> None:
    reports = activities(appealing_organisation=["A", "B", "A"], month=["2021-04", "2021-04", "2021-05"])
    sheet = plan(reports).select("Health", period="2021-01/2021-05").key_figures()
    assert (sheet.figures["reporting_partners"].value, sheet.figures["partners_last_month"].value) == (2, 1)
    assert plan(reports).select("Health", period="2021-01/2021-05")["partners_last_month"].total == 1


@pytest.mark.parametrize("empty", [None, "", np.nan])
def test_an_empty_cell_adds_nothing_to_the_key_of_its_row(empty: object) -> None:
    rows = pd.DataFrame({"country": ["Peru", "Chile"], NEW: [3.0, 4.0]})
    with_gap = rows.assign(activity_name=[empty, "Vaccination"], source_line=[2, 3])
    keys, of_gap = row_keys(rows, "a secret"), row_keys(with_gap, "a secret")
    assert (keys == of_gap).to_list() == [True, False]


def test_a_key_follows_from_column_content_and_secret_and_not_from_places() -> None:
    rows = pd.DataFrame({"country": ["Peru"], "admin1": ["Lima"], "source_file": "a", "source_line": [2], "rows": [1]})
    (key,) = row_keys(rows, "a secret")
    assert row_keys(rows.assign(source_file="b", source_line=9, rows=5), "a secret").to_list() == [key]
    assert row_keys(rows[list(reversed(rows.columns))], "a secret").to_list() == [key]
    for other in ({"country": "Lima", "admin1": "Peru"}, {"country": "Chile"}):
        assert row_keys(rows.assign(**other), "a secret").to_list() != [key]
    assert row_keys(rows, "another secret").to_list() != [key]


@pytest.mark.parametrize(
    ("names", "spelling"),
    [
        (["Acnur", "ACNUR", "ACNUR"], "ACNUR"),  # the most frequent
        (["Acnur", "ACNUR"], "ACNUR"),  # of equal ones the first in the alphabet, whatever the order of rows
        (["ACNUR", "Acnur"], "ACNUR"),
        (["Ácnur", "Acnur", "acnur "], "Acnur"),
    ],
)
@pytest.mark.parametrize("dtype", ["category", "str"])
def test_the_most_frequent_spelling_stands_for_all_and_the_first_of_equal_ones(
    names: list[str], spelling: str, dtype: str
) -> None:
    written = unify_spellings(pd.Series([*names, ""], dtype=dtype)).astype("str").to_list()
    assert written == [*[spelling] * len(names), ""]


@pytest.mark.parametrize(("left_out", "people"), [(99, 100), (100, 100), (101, None)])
def test_a_number_is_not_known_where_more_people_are_left_out_than_counted(left_out: int, people: int | None) -> None:
    reports = activities(**{NEW: [100, left_out]}, indicator_type=["people in need", "unknown"])
    assert plan(reports).select("Health").key_figures().figures["people_reached"].value == people


def test_a_group_of_a_number_that_is_not_known_is_not_known() -> None:
    reports = activities(**{NEW: [100, 101]}, indicator_type=["people in need", "unknown"], women=[60, 0])
    reached = plan(reports).select("Health").people_reached()
    assert reached.by("age_gender").isna().all()
    assert np.isnan(reached.total)


def test_a_share_that_a_listed_place_leaves_empty_is_0_and_not_that_of_the_country() -> None:
    first, second, *_ = GROUPS_BY_PAIR
    new = pd.DataFrame(
        index=pd.MultiIndex.from_tuples([("", "PER", "Lima", "2021-01", "Health")], names=PLACE_MONTH_SECTOR_COLUMNS)
    )
    lima, country = dict.fromkeys(GROUPS_BY_PAIR, np.nan) | {first: 1.0}, dict.fromkeys(GROUPS_BY_PAIR, 0.5)
    where = [{"country": "PER", "place": place, "sector": "Health"} for place in ("Lima", NATIONAL_PLACE_KEY)]
    proportions = pd.DataFrame([where[0] | lima, where[1] | country])
    shares = shares_of(new, proportions, method=Method(without_proportions="country_proportions"))
    assert shares[[first, second]].to_numpy().tolist() == [[1.0, 0.0]]
