"""How many people of a selection stand in rows with something to review."""

from conftest import Build
from rmrp_analysis.method import Period
from rmrp_analysis.quality import people_to_review

YEAR = Period(start="2021-01", end="2021-12")
GOOD = {"activity_name": ["A", "B", "C", "D"], "admin1": "Lima", "covid19": "No", "cva": "No", "girls": 0}


def test_people_of_rows_with_a_finding_count_once_and_in_their_selection_alone(activities: Build, plan: Build) -> None:
    people = [10, 20, 40, 80]
    table = activities(
        **GOOD | {"girls": people, "in_destination": [10, 0, 40, 80]},
        new_beneficiaries=people,
        total_monthly_beneficiaries=[10, 5, 40, 8],  # the second and the fourth are above their total
        sector=["Health", "Health", "Health", "WASH"],
        country=["COL", "COL", "PER", "COL"],
    )
    made = plan(table)
    assert people_to_review(made.select("Health", period=YEAR)) == (20, 10 + 20 + 40)
    assert people_to_review(made.select("Health", platform="Peru", period=YEAR)) == (0, 40)
    assert people_to_review(made.select("All sectors", period=YEAR)) == (20 + 80, 10 + 20 + 40 + 80)


def test_nobody_is_in_doubt_where_no_people_move_or_none_are_reported(activities: Build, plan: Build) -> None:
    people = {"new_beneficiaries": 10, "total_monthly_beneficiaries": 10, "in_destination": 10, "girls": 10}
    table = activities(**GOOD | people | {"activity_name": ["A"], "cva": "Yes"})
    assert people_to_review(plan(table).select("Health", period=YEAR)) == (0, 10)
    table = activities(**GOOD | {"activity_name": ["A"], "girls": None})
    assert people_to_review(plan(table).select("Health", period=YEAR)) == (0, 0)
