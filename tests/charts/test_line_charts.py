"""What lines over months, slopes and small multiples draw."""

from math import nan

import pandas as pd
import pytest
from legible import texts
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from rmrp_analysis import charts
from rmrp_analysis.charts.matplotlib_style import hex_of
from rmrp_analysis.errors import RequestError

MONTHS = pd.period_range("2021-01", "2021-12", freq="M").strftime("%Y-%m")
NAMES = ["COL", "ECU", "PER", "BRA", "CHL", "ARG", "PAN", "URY"]


def by_month(count: int) -> pd.DataFrame:
    """People of so many countries, the first with most, by month."""
    return pd.DataFrame(
        {
            name: [100_000 // (place + 1) + 900 * month for month in range(12)]
            for place, name in enumerate(NAMES[:count])
        },
        index=MONTHS,
    )


def long_lines(axes: Axes) -> dict[str, list[float]]:
    """The values of each line by its colour and dashes; points are lines of one value."""
    return {
        f"{to_hex(line.get_color())} {line.get_linestyle()}": list(line.get_ydata())
        for line in axes.lines
        if len(line.get_ydata()) > 1
    }


def test_months_without_a_report_are_a_gap_also_where_the_table_leaves_them_out() -> None:
    axes = charts.lines(pd.Series({"2021-01": 40.0, "2021-02": 45.0, "2021-04": 50.0}))
    (values,) = long_lines(axes).values()
    assert [str(value) for value in values] == ["40.0", "45.0", "nan", "50.0"]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["Jan", "Feb", "Mar", "Apr"]
    assert texts(axes) == ["50"]


def test_of_many_lines_those_highlighted_alone_are_named_and_more_than_six_are_refused() -> None:
    with pytest.raises(RequestError, match=r"6 lines are told apart at most, and there are 8: name some in highlight="):
        charts.lines(by_month(8))
    axes = charts.lines(by_month(8), highlight=["Peru", "BRA"])
    assert [text.split()[0] for text in texts(axes)] == ["Peru", "Brazil"]
    assert sum(to_hex(line.get_color()) == hex_of("land") for line in axes.lines) == 6


def test_what_is_in_doubt_is_an_open_point_and_the_axis_says_so() -> None:
    table = pd.DataFrame({"value": [40.0, 50.0], "low": [40.0, 10.0], "high": [40.0, 50.0]}, index=MONTHS[:2])
    axes = charts.lines(table)
    faces = [to_hex(line.get_markerfacecolor()) for line in axes.lines if len(line.get_ydata()) == 1]
    assert faces == [hex_of("people"), "#ffffff"]
    assert axes.get_ylabel() == "People; open: not sure"


def test_a_slope_needs_two_columns_and_names_no_end_that_is_not_known() -> None:
    with pytest.raises(RequestError, match="a slope joins two columns, and the table has 12"):
        charts.slope(by_month(2).T)
    table = pd.DataFrame({"2020": [310, nan], "2021": [420, 80]}, index=["PER", "ECU"])
    axes = charts.slope(table)
    assert texts(axes) == ["Peru 310", "420 Peru", "80 Ecuador"]
    assert axes.get_ylim()[0] < 0  # lines begin at zero
    ends = {"2020": [1, 2], "2021": [123_456_789, 80]}
    long = charts.slope(
        pd.DataFrame(ends, index=["An organisation with a long name, as some have", "ECU"]), unit="number"
    )
    assert long.get_xlim()[0] < 0 < 1 < long.get_xlim()[1]  # the longer value leaves the lines their width


def test_two_panels_of_one_printed_name_are_two() -> None:
    table = pd.Series([3, 2, 1], index=pd.MultiIndex.from_tuples([("a", "PER"), ("a", "ECU"), ("b", "PER")]))
    drawn = charts.bars(table.rename_axis(["group", "country"]), panels="group", labels={"a": "Adults", "b": "Adults"})
    assert len(drawn.figure.axes) == 1 + 2


def test_panels_say_what_the_mark_of_a_doubt_means() -> None:
    keys = pd.MultiIndex.from_tuples([("PER", "2021-01"), ("COL", "2021-01")], names=["country", "month"])
    table = pd.DataFrame({"value": [3, 2], "low": [1, 2], "high": [3, 2]}, index=keys)
    for chart, mark in ((charts.bars, "hatched"), (charts.lines, "open")):
        assert chart(table, panels="country").get_xlabel() == f"People; {mark}: not sure"
