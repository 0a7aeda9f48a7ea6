"""Partners are distinct organisations, activities are rows."""

from hypothesis import given
from hypothesis import strategies as st

from conftest import Build
from rmrp_analysis.metrics.presence import activities_reported, implementing_partners, reporting_partners

NAMES = st.lists(st.sampled_from(["IOM", "iom", "Cáritas", "CARITAS ", "UNHCR", ""]), min_size=1, max_size=5)


def test_one_partner_twice_is_one_partner(activities: Build) -> None:
    assert reporting_partners(activities(appealing_organisation=["IOM", "IOM", "UNHCR"])) == 2


def test_spellings_that_differ_by_accents_case_and_blanks_are_one_partner(activities: Build) -> None:
    names = ["Cáritas Perú", "CARITAS PERU", "Caritas  Peru ", "Caritas Chile"]
    assert reporting_partners(activities(appealing_organisation=names)) == 2


def test_no_implementing_partner_is_nobody(activities: Build) -> None:
    assert implementing_partners(activities(implementing_partner=["", "Aldeas", " "])) == 1


def test_an_implementing_partner_counts_whatever_the_set_up_says(activities: Build) -> None:
    table = activities(implementation_setup=["No", None], implementing_partner=["Aldeas", "Cáritas"])
    assert implementing_partners(table) == 2


def test_an_organisation_that_appeals_and_implements_is_in_both_counts(activities: Build) -> None:
    table = activities(appealing_organisation=["IOM", "NRC"], implementing_partner=["NRC", ""])
    assert (reporting_partners(table), implementing_partners(table)) == (2, 1)


def test_activities_are_rows_even_when_two_are_alike(activities: Build) -> None:
    assert activities_reported(activities(month=["2021-01", "2021-01", "2021-02"])) == 3


def test_nothing_reported_is_nobody_and_no_activity(activities: Build) -> None:
    nothing = activities().iloc[:0]
    assert (reporting_partners(nothing), implementing_partners(nothing), activities_reported(nothing)) == (0, 0, 0)


@given(orders=NAMES.flatmap(lambda names: st.tuples(st.just(names), st.permutations(names))))
def test_the_order_of_rows_changes_no_count(orders: tuple[list[str], ...], activities: Build) -> None:
    counted = [implementing_partners(activities(implementing_partner=names)) for names in orders]
    assert counted[0] == counted[1]
