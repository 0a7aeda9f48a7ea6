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


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1.234", 1.234, 1234.0), ("1,234", 1234.0, 1.234), ("1.234,5", None, 1234.5), ("1,234.5", 1234.5, None),
        ("1.234.567", None, 1234567.0), ("0.123", 0.123, None), ("0,25", None, 0.25), ("1'234.5", 1234.5, None),
    ],
)  # fmt: skip
def test_a_mark_is_a_decimal_or_parts_thousands(text: str, point: float | None, comma: float | None) -> None:
    assert number(text, "people") == Number(point, comma)


@pytest.mark.parametrize(
    "text",
    [
        "12 de 15",
        "2 mil",
        "12k",
        "1 M",
        "1.2.3",
        "12 34",
        "--3",
        "€5",
        "25%",
        "1.23E+05",
        "120\u00b9",
        "\u00bd",
        "(12",
        "12)",
        "(-12)",
    ],
)
def test_what_is_no_number_of_people_has_no_reading(text: str) -> None:
    assert number(text, "people") == Number(None, None)


def test_clear_cells_of_the_column_or_of_others_show_its_notation() -> None:
    assert notation(["1.234", "12,5"], "USD") == COMMA
    assert notation(["1,234", "12.5"]) == POINT
    assert notation(["1.234", "2.500", "12.040", "7"]) == COMMA
    assert notation(["1,234", "2,500", "12,040", "7"]) == POINT
    assert notation(["1.234"], elsewhere=COMMA) == COMMA
    assert notation(["1.234"], "USD", elsewhere=POINT) == POINT
    with pytest.raises(TwoWays):
        notation(["1.234", "2.345", "3.456"], elsewhere=POINT)


@pytest.mark.parametrize(
    "texts",
    [
        ["1.234"],
        ["1.234", "2.345", "3.456", "4000"],  # 4000 has no mark
        ["1.234", "2,345", "3.456"],
        ["1.234", "88.27"],  # then 1.234 would be a person and a quarter
        ["12.5", "12,5"],
    ],
)
def test_people_that_read_two_ways_are_not_guessed(texts: list[str]) -> None:
    with pytest.raises(TwoWays):
        notation(texts)


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


@pytest.mark.parametrize("text", ["2021-13", "2021", "Jan 15", "enero-febrero 2021", "43831", "32/01/2021", "soon"])
def test_what_is_no_month_of_the_plan_is_none(text: str) -> None:
    assert months([text], year=2021) == {text: None}


def test_a_part_above_twelve_one_that_never_changes_or_an_order_settles_dates() -> None:
    assert months(["01/02/2021", "31/01/2021"], year=2021)["01/02/2021"] == "2021-02"
    assert months(["01/02/2021", "1/31/2021"], year=2021)["01/02/2021"] == "2021-01"
    assert months(["01/01/2021", "01/02/2021", "01/03/2021"], year=2021)["01/02/2021"] == "2021-02"
    assert months(["01/01/2021", "02/01/2021", "03/01/2021"], year=2021)["02/01/2021"] == "2021-02"
    assert months(["01/02/2021"], year=2021, order=DAY_FIRST) == {"01/02/2021": "2021-02"}
    assert months(["01/02/2021"], year=2021, order=MONTH_FIRST) == {"01/02/2021": "2021-01"}


@pytest.mark.parametrize(
    "texts",
    [
        ["01/02/2021"],
        ["01/02/2021", "03/04/2021"],
        ["31/01/2021", "1/31/2021"],
        ["2021-05-03 00:00:00", "13/02/2021"],  # a program turned what it could into dates
        ["2021-05-12 00:00:00", "13/02/2021"],
    ],
)
def test_dates_that_read_two_ways_are_not_guessed(texts: list[str]) -> None:
    with pytest.raises(TwoWays):
        months(texts, year=2021)


@pytest.mark.parametrize(
    ("texts", "unit", "expected"),
    [
        (["1.234", "2.345"], "share 0-1", POINT),  # no share is 1,234: these are decimals
        (["1,234", "2,345"], "share 0-1", COMMA),
        (["1.234", "2.500"], "people", None),  # two cells may be so by chance, three are a custom
        (["1.234", "2.500", "3.100"], "people", COMMA),
        (["1.234", "2.500", "3.100", "1000"], "people", None),  # from 1000 on, numbers have no mark here
        (["1.234", "2.500", "3.100", "999"], "people", COMMA),
        (["1.234", "2.500", "3.100"], "USD", None),
        (["12", "7"], "people", POINT),
    ],
)
def test_cells_that_read_two_ways_agree_or_are_refused(texts: list[str], unit: str, expected: str | None) -> None:
    if expected:
        assert notation(texts, unit) == expected
    else:
        with pytest.raises(TwoWays) as refused:
            notation(texts, unit)
        assert set(refused.value.cells) == {text for text in texts if "." in text}


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("enero 2000", None), ("enero 2001", "2001-01"), ("ene-20", "2020-01"), ("ene-22", "2022-01"),
        ("ene-23", None), ("ene-19", None), ("23-ene", "2021-01"), ("31-ene", "2021-01"), ("32-ene", None),
        ("0-ene", None), ("12", "2021-12"), ("13", None), ("0", None), ("2021-12-31", "2021-12"), ("2021-12-32", None),
        ("2021-13", None), ("44196", None), ("44197", "2021-01"), ("44561", "2021-12"), ("44562", None),
    ],
)  # fmt: skip
def test_a_month_is_one_of_a_calendar_and_near_the_plan_year(text: str, month: str | None) -> None:
    assert months([text], year=2021) == {text: month}


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["12/01/2021", "13/01/2021"], DAY_FIRST), (["01/12/2021", "01/13/2021"], MONTH_FIRST),
        (["01/02/2021", "01/03/2021", "01/04/2021"], DAY_FIRST),  # the day never changes
        (["02/01/2021", "03/01/2021", "04/01/2021"], MONTH_FIRST),
        (["01/02/2021", "01/03/2021"], None),  # two values may be so by chance
        (["05/05/2021"], DAY_FIRST),  # the same in both
    ],
)  # fmt: skip
def test_dates_show_which_of_day_and_month_comes_first(texts: list[str], order: str | None) -> None:
    if order:
        assert order_of(texts) == order
    else:
        with pytest.raises(TwoWays, match="'01/02/2021' is day 1 of month 2, or day 2 of month 1"):
            order_of(texts)


def test_a_date_of_the_thirteenth_was_not_turned_round() -> None:
    assert order_of(["2021-05-13 00:00:00", "13/02/2021"]) == DAY_FIRST
    assert order_of(["2021-05-03 00:00:00", "12/12/2021", "13/02/2021"]) == DAY_FIRST


def test_dates_in_both_orders_are_refused_with_one_of_each() -> None:
    with pytest.raises(TwoWays) as refused:
        order_of(["01/25/2021", "25/01/2021"])
    assert refused.value.readings == "'25/01/2021' begins with the day, '01/25/2021' with the month"
