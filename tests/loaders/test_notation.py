"""How a column writes numbers and months: all cells decide; what reads two ways is said, and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rmrp_analysis.loaders.notation import (
    COMMA,
    DAY_FIRST,
    MONTH_FIRST,
    POINT,
    Number,
    TwoWays,
    months,
    notation_of,
    number,
    order_of,
)


def notation(texts: list[str], unit: str = "people", elsewhere: str = "") -> str:
    return notation_of({text: number(text, unit) for text in texts}, unit=unit, elsewhere=elsewhere)


IN_BOTH = """
people: 1 234=1234 | 1\u202f234=1234 | 1\u00a0234\u00a0567=1234567 | 1'234=1234 | (12)=-12 | 12-=-12 | \u221212=-12
people: +5=5 | 12 personas=12 | 9 pers.=9 | 9*=9 | 9†=9 | 9‡=9 | '9=9 | 1e+05=100000
people: 1\u2007234=1234 | 1\u2009234=1234
USD: US$ 12=12 | $12=12
share 0-1: 25 %=0.25
"""


@pytest.mark.parametrize("row", IN_BOTH.strip().splitlines())
def test_a_number_is_one_in_both_notations(row: str) -> None:
    unit, _, pairs = row.partition(": ")
    for text, value in (pair.rsplit("=", 1) for pair in pairs.split(" | ")):
        assert number(text, unit) == Number(float(value), float(value)), text


def test_clear_cells_of_the_column_or_of_others_show_its_notation() -> None:
    assert notation(["1.234", "12,5"], "USD") == COMMA
    assert notation(["1,234", "12.5"]) == POINT
    assert notation(["1.234", "2.500", "12.040", "7"]) == COMMA
    assert notation(["1,234", "2,500", "12,040", "7"]) == POINT
    assert notation(["1.234"], elsewhere=COMMA) == COMMA
    assert notation(["1.234"], "USD", elsewhere=POINT) == POINT
    with pytest.raises(TwoWays):
        notation(["1.234", "2.345", "3.456"], elsewhere=POINT)


def test_what_the_column_shows_comes_before_what_others_and_the_unit_show() -> None:
    assert notation(["12,5", "1.234"], "USD", elsewhere=POINT) == COMMA
    assert notation(["12,5", "1.234"], "share 0-1") == COMMA
    assert notation(["12.5", "1,234"], "share 0-1", elsewhere=COMMA) == POINT


@pytest.mark.parametrize(("text", "readings"), [("1.234", "1,234 or 1.234"), ("-1,234", "-1,234 or -1.234")])
def test_both_readings_of_a_cell_are_told_the_larger_first(text: str, readings: str) -> None:
    with pytest.raises(TwoWays, match=f"'{text}' is {readings}"):
        notation([text])


@given(st.lists(st.integers(1000, 10**9), min_size=3, unique=True), st.sampled_from([".", ","]))
def test_thousands_are_read_as_they_were_written(values: list[int], mark: str) -> None:
    texts = [f"{value:,}".replace(",", mark) for value in values]
    read = {text: number(text, "people") for text in texts}
    shown = notation_of(read, unit="people")
    assert [read[text].comma if shown == COMMA else read[text].point for text in texts] == values


WRITTEN = {
    "2020-12": "dic-20", "2021-01": "ene-21 | Ene. 2021 | enero de 2021 | 2021/1", "2021-02": "1-feb-21 | 1-feb",
    "2021-03": "Mzo 2021 | 202103 | 2021.03.31 | 03/2021",
    "2021-05": "5 de mayo de 2021 | May 5, 2021 | 44320 | 44320.5 | '2021-05 | '31/05/2021 | ’may-21",
    "2021-06": "30/06/21", "2021-09": "set/2021",
    "2021-11": "11",
}  # fmt: skip


@pytest.mark.parametrize("month", WRITTEN)
def test_a_month_is_read_as_it_is_written_here(month: str) -> None:
    for text in WRITTEN[month].split(" | "):
        assert months([text], year=2021) == {text: month}


def test_a_part_above_twelve_one_that_never_changes_or_an_order_settles_dates() -> None:
    assert months(["01/02/2021", "31/01/2021"], year=2021)["01/02/2021"] == "2021-02"
    assert months(["01/02/2021", "1/31/2021"], year=2021)["01/02/2021"] == "2021-01"
    assert months(["01/01/2021", "01/02/2021", "01/03/2021"], year=2021)["01/02/2021"] == "2021-02"
    assert months(["01/01/2021", "02/01/2021", "03/01/2021"], year=2021)["02/01/2021"] == "2021-02"
    assert months(["01/02/2021"], year=2021, order=DAY_FIRST) == {"01/02/2021": "2021-02"}
    assert months(["01/02/2021"], year=2021, order=MONTH_FIRST) == {"01/02/2021": "2021-01"}


def test_a_date_of_the_thirteenth_was_not_turned_round() -> None:
    assert order_of(["2021-05-13 00:00:00", "13/02/2021"]) == DAY_FIRST
    assert order_of(["2021-05-03 00:00:00", "12/12/2021", "13/02/2021"]) == DAY_FIRST


def test_dates_in_both_orders_are_refused_with_one_of_each() -> None:
    with pytest.raises(TwoWays) as refused:
        order_of(["01/25/2021", "25/01/2021"])
    assert refused.value.readings == "'25/01/2021' begins with the day, '01/25/2021' with the month"
