"""A table by codes holds what the table holds, and tells rows apart as pandas does."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rmrp_analysis import coded
from rmrp_analysis.coded import CodedTable, Column

TEXTS = st.sampled_from(["", "a", "b", "ñ", "a "])
NUMBERS = st.sampled_from([0.0, 1.0, 2.5, float("nan")])
ANSWERS = st.sampled_from(["Yes", "No", None])
NAMES = ("text", "other", "number", "answer")


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.lists(st.tuples(TEXTS, TEXTS, NUMBERS, ANSWERS), max_size=12))
    table = pd.DataFrame(rows, columns=list(NAMES))
    return table.astype({"text": "str", "other": "string[pyarrow]", "number": "float64", "answer": "string[pyarrow]"})


@given(table=tables(), data=st.data())
def test_a_table_by_codes_is_the_table(table: pd.DataFrame, data: st.DataObject) -> None:
    held = CodedTable.of(table)
    pd.testing.assert_frame_equal(held.table(), table)
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(table), max_size=len(table))), dtype="bool")
    pd.testing.assert_frame_equal(held.kept(kept).table(), table[kept].reset_index(drop=True))
    twice = pd.concat([table, table[kept]], ignore_index=True)
    pd.testing.assert_frame_equal(CodedTable.joined([held, held.kept(kept)]).table(), twice)


@settings(max_examples=200)
@given(table=tables(), looked_up=st.sampled_from([1, 4, 2**22]), names=st.permutations(NAMES))
def test_combinations_are_numbered_as_they_come(table: pd.DataFrame, looked_up: int, names: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(coded, "MOST_LOOKED_UP", looked_up)
        patched.setattr(coded, "LOOKED_UP_AT_ONCE", 5)
        number, found = CodedTable.of(table).combinations(names)
    grouped = table.groupby(names, sort=False, dropna=False).ngroup()
    assert number.tolist() == grouped.tolist()
    pd.testing.assert_frame_equal(found, table[names].drop_duplicates(ignore_index=True))


def test_contents_that_are_alike_make_one_combination() -> None:
    codes = np.array([0, 1, 2, 0], dtype="uint8")
    table = CodedTable({"country": Column(codes, pd.array(["PER", "PER", "CHL"], dtype="str"))}, 4)
    number, found = table.combinations(["country"])
    assert (number.tolist(), found["country"].to_list()) == ([0, 0, 1, 0], ["PER", "CHL"])


def test_a_copy_for_another_process_holds_the_columns_alone() -> None:
    table = CodedTable.of(pd.DataFrame({"country": ["PER", "CHL"]}))
    size = len(pickle.dumps(table))
    assert table.first_rows(["country"]) is table.first_rows(["country"])
    assert len(pickle.dumps(table)) == size


def test_a_constant_takes_no_memory_and_stays_one() -> None:
    table = CodedTable({"file": Column.constant("a.csv", 1_000_000, "string[pyarrow]")}, 1_000_000)
    kept = table.kept(np.arange(1_000_000) % 2 == 0)
    assert kept.columns["file"].codes.strides == (0,)
    assert kept["file"].eq("a.csv").sum() == 500_000


def test_contents_of_no_row_are_left_out() -> None:
    column = Column(np.array([2, 0, 2], dtype="uint8"), pd.array(["a", "b", "c"], dtype="str")).used()
    assert list(column.contents) == ["a", "c"]
    assert column.cells().to_list() == ["c", "a", "c"]
