"""Cells add up as a table grouped by pandas does, whatever part of them is taken and in whatever order they stand."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rmrp_analysis.coded import CodedTable
from rmrp_analysis.metrics import AMOUNT, DECIMALS, ROWS, Cells, Contributions, largest_reports
from rmrp_analysis.metrics.sums import MOST_COUNTED
from rmrp_analysis.vocabulary import NOT_SPECIFIED

TEXTS = st.sampled_from(["", "Peru", "Perú", "peru", "Chile", "ñ", "Ñ", "Z"])
AMOUNTS = st.one_of(
    st.integers(0, 10**9).map(float), st.floats(0, 1e6).map(lambda people: round(people, 3)), st.just(float("nan"))
)
ROW = st.tuples(TEXTS, TEXTS, AMOUNTS, st.integers(0, 5))
TABLES = st.lists(ROW, max_size=30).map(
    lambda rows: pd.DataFrame(rows, columns=["place", "sector", "amount", "women"]).astype(
        {"place": "str", "sector": "str", "amount": "float64", "women": "float64"}
    )
)
BY = st.sampled_from([["place"], ["sector"], ["place", "sector"], ["sector", "place"]])


def added(cells: Cells, by: Sequence[str], column: str = "amount") -> dict[tuple[str, ...], float]:
    numbers, groups = cells.groups(by)
    sums = np.round(cells.sums(column, numbers, len(groups)), DECIMALS).tolist()
    return dict(zip(groups, sums, strict=True))


def grouped(table: pd.DataFrame, by: list[str], column: str = "amount") -> dict[tuple[str, ...], float]:
    sums = table.groupby(by)[[column]].sum(skipna=False).round(DECIMALS)[column]
    return {key if isinstance(key, tuple) else (key,): value for key, value in sums.items()}


@given(TABLES, BY)
def test_groups_and_sums_are_those_of_pandas(table: pd.DataFrame, by: list[str]) -> None:
    found, expected = added(Cells(table), by), grouped(table, by)
    assert list(found) == list(expected)
    np.testing.assert_array_equal(list(found.values()), list(expected.values()))


@given(TABLES, BY)
def test_categories_are_read_as_their_texts(table: pd.DataFrame, by: list[str]) -> None:
    categories = table.astype({"place": "category", "sector": "category"})
    np.testing.assert_equal(added(Cells(categories), by), added(Cells(table), by))


@given(TABLES, BY, st.randoms(use_true_random=False))
def test_the_order_of_rows_shows_in_no_sum(table: pd.DataFrame, by: list[str], chance: object) -> None:
    order = list(range(len(table)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    np.testing.assert_equal(added(Cells(table.iloc[order]), by), added(Cells(table), by))


@given(TABLES, st.lists(TEXTS, max_size=3), st.lists(TEXTS, max_size=3))
def test_a_part_of_a_part_is_the_table_filtered_twice(table: pd.DataFrame, places: list[str], kept: list[str]) -> None:
    whole = Cells(table)
    part = whole.take(whole.has("place", places))
    part = part.with_numbers({"women": part.numbers("women") * 2, "more": part.numbers("women")})
    part = part.take(part.has("sector", kept))
    rows = table[table["place"].isin(places)]
    rows = rows.assign(women=rows["women"] * 2, more=rows["women"])
    rows = rows[rows["sector"].isin(kept)]
    pd.testing.assert_frame_equal(part.table, rows)
    assert len(part) == len(rows)
    np.testing.assert_array_equal(part.numbers("women"), rows["women"])
    np.testing.assert_array_equal(part.numbers("amount"), rows["amount"])
    assert part.names("place") == sorted(rows["place"].unique())
    assert part.different("place") == list(rows["place"].unique())
    np.testing.assert_equal(added(part, ["place", "sector"]), grouped(rows, ["place", "sector"]))


def test_many_possible_groups_are_told_apart_as_few_are() -> None:
    numbers = [f"{number:05}" for number in range(300)]
    table = pd.DataFrame({"place": numbers, "sector": numbers[::-1], "amount": 1.0})
    assert len(numbers) > MOST_COUNTED
    assert added(Cells(table), ["place", "sector"]) == grouped(table, ["place", "sector"])


def test_numbers_keep_the_type_of_their_column() -> None:
    whole = Cells(pd.DataFrame({"place": ["A", "B", "A"], "rows": [1, 2, 3]}))
    assert whole.with_numbers({"rows": np.zeros(3)}).where("place", "A").table["rows"].dtype == "int64"


@given(TABLES, BY, st.lists(TEXTS, max_size=3))
def test_a_table_by_codes_is_added_up_as_the_table_is(table: pd.DataFrame, by: list[str], places: list[str]) -> None:
    held, whole = Cells(CodedTable.of(table)), Cells(table)
    np.testing.assert_equal(added(held, by), added(whole, by))
    part = held.take(held.has("place", places))
    pd.testing.assert_frame_equal(part.table, whole.take(whole.has("place", places)).table, check_index_type=False)


@given(TABLES)
def test_contributions_by_a_split_leave_the_rest_not_specified(table: pd.DataFrame) -> None:
    known = table.dropna().assign(**{ROWS: 1})
    counted = Contributions(
        name="people_reached",
        unit="people",
        cells=Cells(known),
        dimensions=("place", "sector"),
        origin="activities",
        source_rows=lambda: known,
        splits={"age_gender": ("women",)},
    )
    by = counted.by("age_gender", "place")
    for place, rows in known.groupby("place"):
        assert by["women", place] == rows["women"].sum()
        rest = np.round(rows["amount"].sum().round(DECIMALS) - rows["women"].sum(), DECIMALS)
        assert by[NOT_SPECIFIED, place] == pytest.approx(rest, abs=10**-DECIMALS)
    assert list(by.index) == sorted(by.index)
    assert counted.by("place").to_dict() == {key: value for (key,), value in grouped(known, ["place"]).items()}
    assert (counted.total is None) == known.empty


@given(st.lists(st.tuples(st.sampled_from(["Health", "WASH"]), st.sampled_from("AB"), st.integers(0, 3)), max_size=20))
def test_the_largest_report_is_the_first_of_those_with_most_people(rows: list[tuple[str, str, int]]) -> None:
    table = pd.DataFrame(rows, columns=["sector", "country", "new_beneficiaries"]).astype(
        {"sector": "str", "country": "str", "new_beneficiaries": "float64"}
    )
    texts = {"month": "2021-01", "organisation": "A", "rmrp_activity": "Yes"}
    reported = table.assign(**texts, total_monthly_beneficiaries=2.0)
    cells, every = Cells(reported), np.arange(len(reported))
    found = largest_reports(CodedTable.of(reported), every, cells, every >= 0, None)
    largest = zip(*(found.numbers(column).tolist() for column in (AMOUNT, "row", "not_all_new")), strict=True)
    expected = [
        (max(people), people.idxmax(), float(((people > 0) & (people != 2)).any()))
        for _, people in table.groupby(["sector", "country"])["new_beneficiaries"]
        if max(people)
    ]
    assert list(largest) == expected
