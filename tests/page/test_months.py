"""Months are printed so that every one has room: in full, or in thousands of three digits."""

from collections.abc import Sequence

import pytest

from conftest import Build
from rmrp_analysis import charts
from rmrp_analysis.numbers import thousands
from rmrp_analysis.page.drawings import months
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.words import Words


def kicker_and_svg(sheet: Build, people: Sequence[float]) -> tuple[str, str]:
    parts = {f"2021-{number:02d}": each for number, each in enumerate(people, start=1)}
    view = months(
        Printed(sheet({"people_reached_by_month": parts}, people_reached=sum(people)), Words("en")), charts.months
    ).view
    return view["kicker"], view["svg"]


@pytest.mark.parametrize(
    ("people", "printed", "in_thousands"),
    [
        ((1_105, 947, 38), (">1,105<", ">947<", ">38<"), False),  # one long number has room
        ((1_105, 2_470, 38), (">1.11<", ">2.47<", ">0.04<"), True),  # most are long
        ((22_140, 7_690, 400), (">22.1<", ">7.7<", ">0.4<"), True),
        ((156_400, 92_600, 400), (">156<", ">93<", "1<"), True),
    ],
)
def test_months_have_three_digits_at_the_most_where_more_have_no_room(
    sheet: Build, people: Sequence[float], printed: Sequence[str], in_thousands: bool
) -> None:
    kicker, svg = kicker_and_svg(sheet, people)
    assert ("in thousands" in kicker) is in_thousands
    assert [text for text in printed if text not in svg] == []


def test_what_is_less_than_the_last_digit_is_said_to_be_less() -> None:
    assert thousands(400, 0, "en") == "<\u202f1"
    assert thousands(22_140, 1, "es") == "22,1"
