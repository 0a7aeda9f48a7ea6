"""Admin1 that do not make their country, and places of the plan or of reports alone, are said with their people."""

import pytest

from conftest import YEAR, activities, plan, planned_places, planning
from rmrp_analysis.method import Method
from rmrp_analysis.quality import join_audits, review_plan
from rmrp_analysis.quality.planning import planning_findings

GROUPS = ("in_destination", "in_transit", "host_communities")


def found(country: tuple[float, ...], *admin1: tuple[float, ...]) -> list[tuple[str, float, str]]:
    """Severity, people and value of each finding where Peru has these people by group, and its two admin1 those."""
    of_country = zip(GROUPS, country, strict=False)
    rows = [("Health", "PER", group, "target", people) for group, people in of_country]
    places = [
        ("Health", "PER", name, group, "target", people)
        for name, of_place in zip(("Cusco", "Lima"), admin1, strict=False)
        for group, people in zip(GROUPS, of_place, strict=False)
    ]
    table = planning_findings(plan(planning=planning(*rows), planned_places=planned_places(*places)))
    return list(table[["severity", "people", "value"]].itertuples(index=False, name=None))


def test_admin1_that_add_up_are_no_finding_and_what_is_left_is_a_note_or_warning() -> None:
    assert found((100.0, 20.0), (60.0, 0.0), (40.0, 20.0)) == []
    assert found((100.0, 20.0)) == []
    value = "PER, Health: in_transit 0 by admin1, 20 of the country"
    assert found((100.0, 20.0), (60.0, 0.0), (40.0, 0.0)) == [("note", 20.0, value)]
    ((_, people, value),) = found((100.0, 50.0), (70.0, 80.0))
    unlike = "in_destination 70 by admin1, 100 of the country; in_transit 80 by admin1, 50 of the country"
    assert (people, value) == (30 + 30, f"PER, Health: {unlike}")
    assert found((), (70.0,)) == [
        ("warning", 70.0, "PER, Health: in_destination 70 by admin1, no figure of the country")
    ]


@pytest.mark.parametrize(
    ("of_lima", "severity"), [(39.0, "note"), (41.0, "note"), (38.0, "warning"), (42.0, "warning")]
)
def test_admin1_that_do_not_make_their_country_are_a_warning(of_lima: float, severity: str) -> None:
    ((said, people, _),) = found((100.0,), (60.0,), (of_lima,))
    assert (said, people) == (severity, abs(100 - 60 - of_lima))


def test_places_that_no_plan_has_are_named() -> None:
    reports = activities(
        country=["PER", "PER", "PER", "COL"],
        place=["cusco", "ica", "", "cauca"],
        admin1=["Cusco", "Ica", "", "Cauca"],
        new_beneficiaries=[5.0, 1200.0, 9.0, 7.0],
    )
    places = planned_places(("Health", "PER", "Cusco", "all", "target", 6)).assign(place="cusco")
    audits = join_audits(plan(reports, planned_places=places), period=YEAR, method=Method())
    (audit,) = [audit for audit in audits if audit.name == "planned_places"]
    assert audit.unmatched_keys == ("PER: Ica (1,200)",)  # the plan has no admin1 of Colombia at all
    assert (audit.rows_matched, audit.people_matched, audit.loses_people) == (1, 5, False)


def test_planned_places_that_are_not_listed_are_named() -> None:
    places = planned_places(
        ("Health", "PER", "Other", "in_destination", "target", 6),
        ("Health", "PER", "Other", "host_communities", "target", 30),
        ("WASH", "PER", "Other", "in_destination", "people_in_need", 35),
        ("Health", "PER", "Cusco", "in_destination", "target", 99),
    ).assign(place=["other", "other", "other", "PE08"])
    listed = activities(country="PER", admin1="Cusco")[["country", "admin1"]].assign(pcode="PE08")
    audits = join_audits(plan(planned_places=places, references={"admin1": listed}), period=YEAR, method=Method())
    (audit,) = [audit for audit in audits if audit.name == "planning"]
    assert audit.unmatched_keys == ("PER: Other (36)",)
    assert (audit.rows_matched, audit.rows_unmatched, audit.people_matched) == (1, 3, 99)


def test_the_people_of_several_sectors_are_not_added_up() -> None:
    rows = [(sector, "PER", "all", "target", 100) for sector in ("Health", "WASH")]
    places = [(sector, "PER", "Cusco", "all", "target", people) for sector, people in (("Health", 60), ("WASH", 70))]
    small = plan(planning=planning(*rows), planned_places=planned_places(*places))
    review = review_plan(small, period=YEAR, method=Method())
    assert review.by_check().loc["admin1_unlike_country", ["severity", "rows", "people"]].to_list() == [
        "warning",
        2,
        40,
    ]
