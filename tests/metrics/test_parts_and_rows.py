"""What is behind a figure: what is kept of it, its parts, and the rows of each, also of several sheets at once."""

from dataclasses import replace
from math import isnan, nan

import pytest
from pandas.testing import assert_frame_equal

from conftest import activities, flow, flows, plan
from rmrp_analysis.errors import RequestError
from rmrp_analysis.metrics import Contributions
from rmrp_analysis.packs.pack import R4V_FOLDER

JANUARY, FEBRUARY, MARCH = "2021-01", "2021-02", "2021-03"
TWO_PLACES = plan(
    activities(
        sector=["Health", "WASH", "Health", "Health", "Health"],
        country=["PER", "PER", "PER", "COL", "COL"],
        place=["tumbes", "tumbes", "lima", "cauca", "cauca"],
        place_name=["Tumbes", "Tumbes", "Lima", "Cauca", "Cauca"],
        month=[JANUARY, FEBRUARY, MARCH, MARCH, FEBRUARY],
        appealing_organisation=["IOM", "IOM", "NRC", "CARE", "iom"],
        implementing_partner=["", "Aldeas", "", "Aldeas", "Cáritas"],
        new_beneficiaries=[100, 70, 20, 5, 0],
        women=[60, 0, 20, 5, 0],
        girls=[10, 0, 0, 0, 0],
        in_destination=[100, 70, 20, 5, 0],
    )
)
"""Health and WASH in Tumbes, Lima and Colombia; one report of nobody."""


def health() -> Contributions:
    return TWO_PLACES.select("Health", period="2021Q1").people_reached()


def test_a_figure_is_kept_of_places_months_and_one_group() -> None:
    reached = health()
    assert reached.where(admin1=["tumbes", "LIMA"]).total == 100 + 20
    assert reached.where(month="2021-02/2021-03").by("month").to_dict() == {FEBRUARY: 0, MARCH: 20 + 5}
    assert reached.where(month="2021").by("month").to_dict() == {JANUARY: 100, FEBRUARY: 0, MARCH: 25}
    assert reached.where(country="Perú").by("country").to_dict() == {"PER": 100 + 20}
    assert reached.where(platform="Peru", month=JANUARY).rows["contribution"].to_list() == [100]
    assert reached.by(["admin1", "month"]).to_dict() == reached.by("admin1", "month").to_dict()


def test_a_figure_that_always_shows_its_parts_shows_those_that_are_kept() -> None:
    kept = health().where(platform=["Chile", "Peru"])
    assert kept.by("platform").index.to_list() == ["Chile", "Peru"]
    assert isnan(kept.by("platform")["Chile"])
    assert [*kept.always] == [*health().always]
    assert [*health().where(admin1="Lima").always] == [*health().always]


def test_of_a_group_there_are_its_people_in_every_row_and_others_are_nobody() -> None:
    women, girls = (health().where(age_gender=group) for group in ("women", "girls"))
    assert women.by("admin1").to_dict() == {"Cauca": 5, "Lima": 20, "Tumbes": 60}
    assert girls.by("admin1").to_dict() == {"Cauca": 0, "Lima": 0, "Tumbes": 10}  # reported, and nobody
    assert (women.total, girls.total, women.splits) == (60 + 20 + 5, 10, {})
    for wrong in ({"age_gender": ["women", "men"]}, {"admin1": "Limaa"}, {"admin": "Lima"}):
        with pytest.raises(RequestError, match=r"name one age_gender|did you mean"):
            health().where(**wrong)


@pytest.mark.parametrize("left_out", [0, 99, 101])
def test_one_group_is_that_among_its_groups_also_where_people_are_left_out(left_out: int) -> None:
    numbers = {"new_beneficiaries": [80, 20, left_out], "girls": [9, 0, 0], "women": [8, 1, 0]}
    reports = activities(
        month=[JANUARY, FEBRUARY, MARCH], **numbers, indicator_type=[*["people in need"] * 2, "unknown"]
    )
    reached = plan(reports).select(["Health", "Intersector"], period="2021Q1").people_reached()
    of_quarter = reached.where(month="2021Q1")
    for group in ("girls", "boys"):
        for kept in (reached.where(age_gender=group), of_quarter.where(age_gender=group)):
            for dimensions in ([], ["month"], ["country", "month"]):
                parts = reached.parts(*dimensions, "age_gender").xs(group, level="age_gender")
                assert_frame_equal(kept.parts(*dimensions), parts)
    assert reached.where(age_gender="girls", month=JANUARY).by().to_list() == [9, 9]
    one = plan(reports).select("Health").people_reached()
    totals = [one.where(age_gender=group).total for group in ("girls", "boys")]
    assert totals == pytest.approx([9, 0] if left_out < 100 else [nan] * 2, nan_ok=True)


def test_parts_have_the_key_of_their_people_and_what_nobody_reported_none() -> None:
    parts = health().parts("month")
    assert parts["value"].to_dict() == {JANUARY: 100, FEBRUARY: 0, MARCH: 25}
    assert parts["key"].dtype == parts["assisted_key"].dtype == "uint64"
    assert parts["key"].map(bool).to_dict() == {JANUARY: True, FEBRUARY: False, MARCH: True}
    by_platform = health().parts("platform")
    assert by_platform["key"].map(bool).to_dict() == {
        platform: platform in ("Peru", "Colombia") for platform in by_platform.index
    }
    assert set(by_platform["assisted"]) == {0}
    assert TWO_PLACES.select("Health")["activities"].sums("sheet")["key"].to_list() == [0]
    assert set(TWO_PLACES.select("Health")["activities"].parts("country")["key"]) == {0}


def test_several_sheets_are_told_apart_in_order_whatever_order_the_dimensions_have() -> None:
    both = TWO_PLACES.select(["WASH", "Health"], place=["Peru", "Colombia"]).people_reached()
    by_month = both.by("month")
    assert by_month.index.names == ["sector", "place", "month"]
    assert [*by_month.index] == sorted(by_month.index)
    assert by_month["Health", "Peru", MARCH] == 20
    assert [*both.by().items()] == [
        (("WASH", "Peru"), 70),
        (("Health", "Peru"), 100 + 20),
        (("Health", "Colombia"), 5),
    ]  # as they were selected
    with pytest.raises(RequestError, match=r"must not be added up: take \.by\(\)"):
        _ = both.total
    assert repr(both).startswith("people_reached of 4 sheets, from 5 rows; by sector, platform")
    of_places = TWO_PLACES.select("Health", place=["Peru", "Colombia"]).people_reached()
    assert [*of_places.differing_keys] == ["place"]
    assert of_places.by().to_dict() == {"Peru": 120, "Colombia": 5}


def test_groups_by_place_stand_in_the_order_that_is_asked_for() -> None:
    reached = health()
    assert reached.by("age_gender", "country").index.names == ["age_gender", "country"]
    by_both = reached.by("country", "age_gender")
    assert [*by_both.index] == sorted(by_both.index)
    assert by_both["PER"].to_dict() == {"boys": 0, "girls": 10, "men": 0, "not specified": 30, "women": 80}
    assert reached.by("population_group")[["in_destination", "not specified"]].to_list() == [125, 0]
    with pytest.raises(RequestError, match="can be split by one of age_gender, population_group at a time"):
        reached.by("age_gender", "population_group")
    with pytest.raises(RequestError, match="name a dimension: "):
        reached.by()


def test_fractions_of_groups_leave_exactly_nobody() -> None:
    reports = activities(new_beneficiaries=[0.3, 0.1], women=[0.1, 0.1], girls=[0.2, 0.0])
    reached = plan(reports).select("Health").people_reached()
    by_age = reached.parts("age_gender")
    assert by_age["value"].to_dict() == {"girls": 0.2, "boys": 0, "women": 0.2, "men": 0, "not specified": 0}
    only_women = plan(activities(new_beneficiaries=[0.1, 0.2], women=[0.3, 0])).select("Health").people_reached()
    assert 0.1 + 0.2 != 0.3  # as a computer adds them up, and women are everybody
    assert only_women.parts("age_gender")["key"]["women"] == only_women.sums("sheet")["key"].iloc[0]


def test_a_group_has_a_key_of_its_own_unless_everybody_is_in_it() -> None:
    reports = activities(new_beneficiaries=[10, 6], women=[10, 5], in_destination=[10, 6])
    reached = plan(reports).select("Health").people_reached()
    (key,) = reached.sums("sheet")["key"]
    assert reached.parts("population_group")["key"]["in_destination"] == key
    assert key not in {*reached.parts("age_gender")["key"]}
    twice = activities(new_beneficiaries=[7], women=[7], girls=[7])  # both are everybody, so neither is alone
    both = plan(twice).select("Health").people_reached()
    assert both.sums("sheet")["key"].iloc[0] not in {*both.parts("age_gender")["key"]}


def test_the_rows_of_a_figure_and_of_its_groups_add_up_to_it() -> None:
    reached = health()
    rows = reached.rows
    assert rows["contribution"].to_list() == [100, 20, 5, 0]
    assert rows[["file", "line"]].to_numpy().tolist() == [["activities.csv", line] for line in (2, 4, 5, 6)]
    assert rows["admin1"].to_list() == ["Tumbes", "Lima", "Cauca", "Cauca"]
    by_age = reached.rows_by("age_gender")
    assert by_age.groupby("part", observed=True)["contribution"].sum().to_dict() == {
        "girls": 10,
        "women": 60 + 20 + 5,
        "not specified": 100 - 70,
    }
    assert by_age[["line", "part"]].to_numpy().tolist() == [[2, "girls"], [2, "women"], [4, "women"], [5, "women"],
                                                            [2, "not specified"]]  # fmt: skip
    by_month = reached.rows_by("month")
    assert by_month[["part", "contribution"]].to_numpy().tolist() == [
        [JANUARY, 100],
        [MARCH, 20],
        [MARCH, 5],
        [FEBRUARY, 0],
    ]


def test_who_is_counted_once_has_1_in_the_first_row_that_names_it() -> None:
    partners = TWO_PLACES.select("Health")["implementing_partners"]
    assert partners.total == 2
    assert partners.rows["contribution"].to_list() == [0, 0, 1, 1]  # no partner, no partner, Aldeas, Cáritas
    organisations = TWO_PLACES.select("Health")["reporting_partners"]
    assert organisations.rows["contribution"].to_list() == [1, 1, 1, 0]
    by_country = organisations.rows_by("country")
    assert by_country[["part", "contribution"]].to_numpy().tolist() == [["PER", 1], ["PER", 1], ["COL", 1], ["COL", 1]]
    assert organisations.by("country").to_dict() == {"COL": 2, "PER": 2}
    assert organisations.by("month").dropna().to_dict() == {JANUARY: 1, FEBRUARY: 1, MARCH: 2}


def test_rows_of_two_sheets_are_those_of_each() -> None:
    both = TWO_PLACES.select(["Health", "Intersector"], place="Peru").people_reached()
    sums = both.rows.groupby("sheet", observed=True)["contribution"].sum()
    assert sums.to_dict() == {"health.peru": 120, "intersector.peru": 190}
    assert both.rows.groupby("sheet", observed=True)["line"].agg(list).to_dict() == {
        "health.peru": [2, 4],
        "intersector.peru": [2, 3, 4],
    }
    ungrouped = (
        both.rows_by("age_gender").query("part == 'not specified'").groupby("sheet", observed=True)["contribution"]
    )
    assert ungrouped.sum().to_dict() == {"health.peru": 30, "intersector.peru": 100}
    partners = TWO_PLACES.select(["Health", "Intersector"], place="Peru")["reporting_partners"]
    for rows, at_most in ((partners.rows, 1), (partners.rows_by("month"), 2)):
        assert rows.groupby("sheet", observed=True)["contribution"].sum().to_list() == [2, 1 + at_most]
    of_all = TWO_PLACES.select("Intersector", place="Peru").people_reached()
    assert [*of_all.rows] == [*TWO_PLACES.select("Health", place="Peru").people_reached().rows]


def test_rows_that_no_model_sees_have_a_contribution_that_is_not_known() -> None:
    reports = activities(country=["MEX", "MEX"], month=["2022-01", "2022-02"], new_beneficiaries=[4, 0])
    reached = plan(reports, year=2022).select("Intersector").people_reached()
    assert reached.rows["contribution"].isna().to_list() == [True, False]  # nobody was new in the second
    assert isnan(reached.total)


def test_refused_rows_are_behind_no_figure() -> None:
    refused = activities(month=MARCH, new_beneficiaries=[None]).assign(people_left_out=[3.0])
    reached = plan(activities(new_beneficiaries=[9, 0])).select("Health").people_reached()
    assert len(reached.rows) == 2
    with_refused = replace(plan(activities(new_beneficiaries=[9, 0])), refused_activities=refused)
    reached = with_refused.select("Health").people_reached()
    assert (reached.rows["contribution"].to_list(), reached.total) == ([9, 0], 9)
    assert reached.sums("sheet", "month")["people_left_out"].to_list() == [0, 3]
    assert repr(reached).startswith("people_reached: 9 people, from 2 rows; by ")


def test_a_number_says_what_it_is_in_a_line() -> None:
    money = plan(flows=flows(flow(1_234_567, destination_sectors=("Health",)))).select("Health").funding()
    assert repr(money) == (
        "funding_usd: 1,234,567 usd, from 1 rows; by sector, platform, country, donor, organisation, entry, date"
    )
    assert money._repr_html_() == f"<p>{money!r}</p>"
    table_facts = {"figure": "funding_usd", "unit": "usd", "reason": "", "pack": str(R4V_FOLDER)}
    assert money.by("sector").attrs == table_facts
    nobody = plan(activities(new_beneficiaries=[1, 9], indicator_type=["people in need", "unknown"])).select("Health")
    assert repr(nobody.people_reached()).startswith("people_reached: not known; ")


NEW, TOTAL = "new_beneficiaries", "total_monthly_beneficiaries"


def test_people_of_reports_that_are_not_counted_are_those_of_the_largest_month_and_sector() -> None:
    reports = activities(
        sector=["Health", "Health", "WASH"], month=[JANUARY, FEBRUARY, FEBRUARY], **{NEW: 0, TOTAL: [30, 40, 50]}
    )
    reached = plan(reports).select(["Health", "Intersector"]).people_reached()
    sums = reached.sums("sheet")
    assert sums["assisted_not_counted"].to_dict() == {"health": 40, "intersector": 50}
    assert sums["amount"].isna().all()  # nobody is counted, which is not nobody
    one = plan(reports).select("Health").people_reached()
    assert one.parts("month")["assisted"].dropna().to_dict() == {JANUARY: 30, FEBRUARY: 40} | dict.fromkeys(
        one.always["month"][2:], 0.0
    )
    keys = one.sums("sheet", "month")["assisted_key"]
    assert one.sums("sheet")["assisted_key"].to_list() == [keys.iloc[1]]


@pytest.mark.parametrize(("new", "people"), [(0.0, None), (1.0, 1.0), (2.0, 2.0)])
def test_who_is_counted_beside_reports_that_are_not_is_known(new: float, people: float | None) -> None:
    reports = activities(appealing_organisation=["A", "B"], **{NEW: [new, 0], TOTAL: [new, 70]})
    reached = plan(reports).select("Health").people_reached()
    assert (None if isnan(reached.total) else reached.total) == people
    assert reached.sums("sheet")["assisted_not_counted"].to_list() == [70]


def test_zero_people_of_indicators_that_count_nobody_are_known() -> None:
    reached = plan(activities(new_beneficiaries=[9], indicator_type=["other"])).select("Health").people_reached()
    assert (reached.total, reached.rows["contribution"].to_list()) == (0, [])
    assert reached.sums("sheet")["key"].to_list() == [0]
