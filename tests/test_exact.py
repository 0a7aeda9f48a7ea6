"""Counts of people keep their type through all that pandas does, and lose it where they are divided."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rmrp_analysis import exact
from rmrp_analysis.exact import EXACT, may_be_count, state_of, state_of_numbers, take_note

MONTHS = pd.MultiIndex.from_product([["Peru", "Chile"], ["2021-01", "2021-02"]], names=["place", "month"])
PEOPLE = pd.Series([127.0, 4.0, 33.0, np.nan], index=MONTHS, name="people", dtype=EXACT)
ROWS = PEOPLE.reset_index()

COUNTS: dict[str, Callable[[], Any]] = {
    "reset_index": PEOPLE.reset_index,
    "sort_values": PEOPLE.sort_values,
    "unstack": PEOPLE.unstack,
    "pivot": lambda: ROWS.pivot(index="place", columns="month", values="people"),
    "pivot_table": lambda: ROWS.pivot_table(index="place", columns="month", values="people"),
    "melt": lambda: PEOPLE.unstack().reset_index().melt(id_vars="place"),
    "groupby": lambda: PEOPLE.groupby("place").sum(),
    "agg": lambda: ROWS.groupby("place").agg(Reached=("people", "sum")),
    "merge": lambda: ROWS.merge(ROWS, on=["place", "month"]),
    "concat": lambda: pd.concat([PEOPLE, pd.Series([1.0])]),
    "DataFrame": lambda: pd.DataFrame({"a": PEOPLE}),
    "sum": lambda: PEOPLE.unstack().sum(axis="columns"),
    "sum down": lambda: PEOPLE.unstack().sum(),
    "difference": lambda: PEOPLE - 1,
    "round": PEOPLE.round,
    "fillna": lambda: PEOPLE.fillna(0),
    "astype": lambda: PEOPLE.dropna().astype(int),
}
OTHERS: dict[str, Callable[[], Any]] = {
    "share": lambda: PEOPLE / PEOPLE.sum(),
    "percent": lambda: (100 * PEOPLE / PEOPLE.sum()).round(),
    "cost": lambda: 1000 / PEOPLE,
    "wide": lambda: PEOPLE.unstack().div(PEOPLE.unstack().sum(axis="columns"), axis="index"),
    "rank": PEOPLE.rank,
    "months": lambda: ROWS["month"],
    "compare": lambda: PEOPLE > 30,
}


@pytest.mark.parametrize("verb", COUNTS)
def test_counts_stay_counts(verb: str) -> None:
    assert state_of(COUNTS[verb]()) == EXACT


@pytest.mark.parametrize("verb", OTHERS)
def test_what_is_divided_is_no_count(verb: str) -> None:
    assert state_of(OTHERS[verb]()) == ""


def test_a_missing_count_is_not_a_number() -> None:
    assert np.isnan(PEOPLE.iloc[3])
    assert PEOPLE.sum() == 127 + 4 + 33


def test_what_a_picture_shows_is_known_by_its_numbers() -> None:
    exact._released.clear()  # what other tests released
    PEOPLE.to_numpy()
    assert state_of_numbers([127.0, 33.0]) == EXACT
    assert state_of_numbers([4.0]) == "not known"  # any small table has a 4
    assert state_of_numbers([128.0, 33.0]) == "not known"
    assert (state_of_numbers([120.0, 30.0]), state_of_numbers([0.5, 33.0])) == ("", "")
    assert not may_be_count([])


def test_a_text_of_counts_is_noted_and_a_file_is_not(tmp_path: Any) -> None:
    take_note()
    PEOPLE.to_csv(tmp_path / "people.csv")
    assert take_note() == ""
    for write in (PEOPLE.to_string, ROWS.to_html, ROWS.__repr__):
        write()
        assert take_note() == EXACT
