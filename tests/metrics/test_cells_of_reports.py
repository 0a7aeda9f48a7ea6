"""Cells are what pandas makes of the rows, whatever the codes behind them."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from conftest import Build
from rmrp_analysis import metrics
from rmrp_analysis.coded import CodedTable, Column
from rmrp_analysis.metrics.cells import DIMENSIONS, MEASURES

ROWS = st.tuples(
    st.sampled_from(["IOM", "iom", "UNHCR", ""]),
    st.sampled_from(["Lima", "LIMA", "Tacna"]),
    st.sampled_from(["Yes", "No", None]),
    st.sampled_from([0.0, 3.0, 0.1, 0.2, float("nan")]),
)


def summed(activities: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = metrics.measured(CodedTable.of(activities))
    cells, _ = metrics.cells_of(rows)
    return cells.table(), rows.table().groupby(list(DIMENSIONS), as_index=False)[list(MEASURES)].sum()


@given(rows=st.lists(ROWS, min_size=1, max_size=12))
def test_cells_are_the_sums_of_their_rows(activities: Build, rows: list[tuple[str, str, str | None, float]]) -> None:
    names, places, cash, people = map(list, zip(*rows, strict=True))
    table = activities(
        appealing_organisation=names, place=places, place_name=places, cva=cash, new_beneficiaries=people, girls=people
    )
    cells, expected = summed(table)
    pd.testing.assert_frame_equal(cells, expected, check_exact=True)


def test_texts_of_one_meaning_are_in_one_cell(activities: Build) -> None:
    held = CodedTable.of(activities(new_beneficiaries=[1.0, 2.0, 4.0]))
    twice = Column(np.array([0, 1, 0], dtype="uint8"), pd.array(["PER", "PER"], dtype="string[pyarrow]"))
    cells, number = metrics.cells_of(metrics.measured(held.assign(country=twice)))
    assert number.tolist() == [0, 0, 0]
    assert cells["new_beneficiaries"].to_list() == [7.0]
