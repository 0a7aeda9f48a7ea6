"""Partners are distinct organisations, activities are rows."""

from conftest import Build


def count(plan: Build, figure: str, activities: object) -> float | None:
    """A count of the Health sector."""
    total: float | None = plan(activities).select("Health").contributions(figure).total
    return total


def test_one_partner_twice_is_one_partner(plan: Build, activities: Build) -> None:
    assert count(plan, "reporting_partners", activities(appealing_organisation=["IOM", "IOM", "UNHCR"])) == 2


def test_spellings_that_differ_by_accents_case_and_blanks_are_one_partner(plan: Build, activities: Build) -> None:
    names = ["Cáritas Perú", "CARITAS PERU", "Caritas  Peru ", "Caritas Chile"]
    assert count(plan, "reporting_partners", activities(appealing_organisation=names)) == 2


def test_no_implementing_partner_is_nobody(plan: Build, activities: Build) -> None:
    assert count(plan, "implementing_partners", activities(implementing_partner=["", "Aldeas", " "])) == 1


def test_an_implementing_partner_counts_whatever_the_set_up_says(plan: Build, activities: Build) -> None:
    table = activities(implementation_setup=["No", None], implementing_partner=["Aldeas", "Cáritas"])
    assert count(plan, "implementing_partners", table) == 2


def test_an_organisation_that_appeals_and_implements_is_in_both_counts(plan: Build, activities: Build) -> None:
    table = activities(appealing_organisation=["IOM", "NRC"], implementing_partner=["NRC", ""])
    assert (count(plan, "reporting_partners", table), count(plan, "implementing_partners", table)) == (2, 1)


def test_partners_by_country_count_in_each_of_theirs(plan: Build, activities: Build) -> None:
    table = activities(appealing_organisation=["IOM", "IOM", "NRC"], country=["PER", "COL", "COL"])
    by_country = plan(table).select("Health").contributions("reporting_partners").by("country")
    assert by_country.to_dict() == {"COL": 2, "PER": 1}


def test_activities_are_rows_even_when_two_are_alike(plan: Build, activities: Build) -> None:
    assert count(plan, "activities", activities(month=["2021-01", "2021-01", "2021-02"])) == 3


def test_nothing_reported_is_nobody_and_no_activity(plan: Build, activities: Build) -> None:
    figures = plan(activities().iloc[:0]).select("Health").figures()
    names = ["reporting_partners", "implementing_partners", "activities"]
    assert figures.loc[names, "value"].to_list() == [0, 0, 0]
