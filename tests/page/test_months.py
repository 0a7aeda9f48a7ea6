"""Months are printed as all people are; where their columns have no room for a unit, the title says it once."""

from collections.abc import Sequence

import pytest

from conftest import sheet
from notebook_page import page_of


@pytest.mark.parametrize(
    ("language", "people", "printed", "in_thousands"),
    [
        ("en", (1_105, 947, 38), (">1,105<", ">947<", ">38<"), False),
        ("en", (156_400, 22_140, 400), (">156<", ">22<", "1<"), True),
        ("es", (1_105, 2_470, 38), (">1105<", ">2470<", ">38<"), False),
        ("es", (22_140, 7_690, 400), (">22,1<", ">7,7<", ">0,4<"), True),
        ("pt", (156_400, 92_600, 400), (">156<", ">93<", "1<"), True),
    ],
)
def test_months_have_at_most_three_digits_or_four_in_full(
    language: str, people: Sequence[float], printed: Sequence[str], in_thousands: bool
) -> None:
    parts = {f"2021-{number:02d}": each for number, each in enumerate(people, start=1)}
    figures = sheet({"people_reached_by_month": parts}, people_reached=sum(people))
    view = page_of(figures, cell="charts.months", language=language).blocks[0].view
    assert view["kicker"].endswith(("in thousands", "en miles", "em milhares")) is in_thousands
    assert [text for text in printed if text not in view["svg"]] == []
