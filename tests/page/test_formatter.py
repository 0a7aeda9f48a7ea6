"""A sheet prints the same number alike everywhere, and tells which numbers are enough for a share or a finding."""

from dataclasses import replace

from conftest import as_printed, sheet, with_range
from rmrp_analysis.figures import FigureValue
from rmrp_analysis.method import Method
from rmrp_analysis.page.formatter import descending_sort_key
from rmrp_analysis.vocabulary import NATIONAL_LEVEL, NOT_SPECIFIED, REGIONAL


def test_a_finding_follows_from_groups_unless_too_many_are_in_none_or_in_several() -> None:
    name = "people_reached_by_age_gender"
    for women, is_reliable in ((700, True), (699, False), (1050, True), (1051, False)):
        assert as_printed(sheet({name: {"women": women}}, people_reached=1000)).is_reliable(name) is is_reliable


def test_shares_are_of_ten_times_the_base_and_each_place_has_its_own_base() -> None:
    printed = as_printed(sheet(people_reached=40, method=Method()))
    assert [printed.is_too_few_for_shares(people) for people in (None, 0, 99, 100)] == [False, True, True, False]
    few = FigureValue("Peru", 0.0, "", "few", base=20)
    assert printed.format_figure_value(few, "people") == "<\u202f20"
    assert printed.format_bar_text(FigureValue(REGIONAL, None, "no_report"), "people") == ("not_applicable", "—")
    assert printed.format_bar_text(FigureValue("Peru", None, "not_counted"), "people")[1] == "not counted"
    assert (printed.bar_length(few), printed.max_bar_length([few, FigureValue("Chile", 15.0)])) == (2, 20)


def test_categories_fall_by_value_and_what_is_of_no_single_one_stands_last() -> None:
    values = {"Peru": 9.0, "Chile": 9.0, "Brazil": 0.0, "Ecuador": None, "Aruba": None}
    values |= dict.fromkeys((REGIONAL, NATIONAL_LEVEL, NOT_SPECIFIED), 99.0)
    cells = [FigureValue("Bolivia", 0.0, "", "few"), *(FigureValue(name, value) for name, value in values.items())]
    order = ["Chile", "Peru", "Bolivia", "Brazil", "Aruba", "Ecuador", REGIONAL, NATIONAL_LEVEL, NOT_SPECIFIED]
    assert [cell.key for cell in sorted(cells, key=descending_sort_key)] == order


def test_two_months_are_named_and_an_organisation_without_money_has_none_to_print() -> None:
    own = as_printed(replace(sheet(funding_usd=0), organisation="International Organization for Migration (IOM)"))
    assert own.format_months(["2021-01", "2021-02"]) == "January and February"
    assert (as_printed(sheet(funding_usd=0)).has_money, own.has_money) == (True, False)
    assert as_printed(sheet(people_in_need=5)).has_planned_people
    assert own.category_name(f"{'a' * 45} {'b' * 45}", "indicator") == f"A{'a' * 44} …"  # 91 letters
    sure = sheet(people_reached=500, target=120)
    sheets = [sure, with_range(sure, 50, 500)]
    assert [as_printed(figures).target_pace for figures in sheets] == [10, None]
    assert not own.is_reach_comparable  # nobody knows how many of those reached are in transit
    assert own.scope_beside_title() == own.scope_name()
    assert as_printed(replace(sheet(), organisation="UNHCR")).scope_beside_title() == ""
