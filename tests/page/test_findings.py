"""Each chart has one sentence, the strongest that holds, and none where the numbers bear none."""

from dataclasses import replace

import pytest

from conftest import as_printed, sheet, with_few, with_range
from rmrp_analysis.figures import Caution, Comparisons, KeyFigures
from rmrp_analysis.method import Method
from rmrp_analysis.page import findings
from rmrp_analysis.vocabulary import labels, plan_lists

DEPENDING = "depending on how people helped by several sectors are counted"
PEOPLE, MONEY = "people_reached_by_platform", "funding_usd_by_platform"
BY_MONTH, BY_GROUP, BY_DONOR = "people_reached_by_month", "people_reached_by_population_group", "funding_usd_by_donor"
BY_AGE, TARGETS = "people_reached_by_age_gender", "target_by_population_group"


def said(figures: KeyFigures, chart: str) -> str:
    return findings.choose_finding(as_printed(figures), chart)


# ---- Places ----


def test_a_place_where_nobody_is_still_to_reach_is_not_ranked_among_those_that_are_left() -> None:
    for ecuador, told in ((1, "60% of the people still to reach in these places are in Peru"), (0, "")):
        left = {"people_to_reach_by_platform": {"Peru": 60, "Chile": 40 - ecuador, "Ecuador": ecuador}}
        assert said(sheet(left, people_reached=50, people_to_reach=100), "gap") == told


def test_nobody_is_told_as_still_to_reach_where_the_people_reached_are_in_doubt() -> None:
    left = {"people_to_reach_by_platform": {"Peru": 60, "Chile": 30, "Ecuador": 10}}
    well = sheet(left, people_reached=50, people_to_reach=100)
    doubtful = with_range(well, 20, 50)
    assert (bool(said(well, "gap")), said(doubtful, "gap")) == (True, "")


def test_platforms_that_lead_in_people_and_in_money_are_named() -> None:
    tables = {PEOPLE: {"Peru": 80, "Chile": 20}, MONEY: {"Peru": 30.0, "Regional": 20.0}}
    figures = sheet(tables, people_reached=80 + 20, funding_usd=30 + 20)
    assert said(figures, "places") == "Peru accounts for 80% of people reached and 60% of funding"
    tables = {PEOPLE: {"Peru": 80, "Chile": 20}, MONEY: {"Peru": 10.0, "Chile": 30.0}}
    figures = sheet(tables, people_reached=100, funding_usd=40)
    assert said(figures, "places") == "Peru accounts for 80% of people reached; 75% of funding is for Chile"
    tables = {PEOPLE: {"Peru": 90, "Chile": 10}, MONEY: {"Peru": 10.0, "Regional": 30.0}}
    figures = sheet(tables, people_reached=100, funding_usd=40)
    assert said(figures, "places").endswith("; 75% of funding is not assigned to a single country")


@pytest.mark.parametrize(("people", "told"), [(100, "Peru accounts for 90% of people reached"), (90, "")])
def test_a_place_of_everybody_and_parts_of_few_people_are_no_finding(people: int, told: str) -> None:
    parts = {PEOPLE: {"Peru": people * 0.9, "Chile": people * 0.1}}
    assert said(sheet(parts, people_reached=people, method=Method()), "places") == told
    assert said(sheet({PEOPLE: {"Peru": 100}}, people_reached=100), "places") == ""


def test_the_platform_with_the_smallest_share_of_its_funding_comes_first() -> None:
    required = {"requirement_usd_by_platform": {"Peru": 100.0, "Chile": 100.0, "Brazil": 100.0}}
    money = {MONEY: {"Peru": 50.0, "Chile": 20.0, "Brazil": 30.0}}
    assert said(sheet({**required, **money}, funding_usd=100), "places") == (
        "Chile is the least funded: 20% of what it needs"
    )


@pytest.mark.parametrize("chile", [49, 50])
def test_a_tie_is_told_as_no_lead(chile: int) -> None:
    figures = sheet({PEOPLE: {"Peru": 50, "Chile": chile}}, people_reached=50 + chile)
    assert bool(said(figures, "places")) == (chile == 49)


def test_neither_a_place_of_few_people_nor_no_named_place_is_told_of() -> None:
    tables = {
        "people_reached_by_country": {"BOL": 40, "ARG": 3, "URY": 60},
        "target_by_country": {"BOL": 100, "ARG": 100, "URY": 100},
        "target_coverage_by_country": {"BOL": 0.4, "ARG": 0.03, "URY": 0.6},
    }
    figures = sheet(tables, people_reached=103)
    assert said(figures, "places") == "Argentina: furthest behind, at 3% of target"
    assert "behind" not in said(with_few(figures, "ARG"), "places")
    parts = {"people_reached_by_admin1": {"national": 25, "Lima": 60, "Ica": 15}}
    assert said(sheet(parts, people_reached=100), "places") == "Lima accounts for 60% of people reached"
    parts = {"people_reached_by_admin1": {"national": 35, "Lima": 60, "Ica": 5}}
    assert said(sheet(parts, people_reached=100), "places") == ""  # too many are in no place


def test_nothing_is_said_of_nobody_what_is_withheld_negative_or_in_doubt() -> None:
    figures = sheet({PEOPLE: {"Peru": 0}, MONEY: {"Peru": 0.0}, BY_MONTH: {"2021-01": 0}}, people_reached=0)
    assert {said(figures, chart) for chart in ("places", "months", "donors")} == {""}
    assert said(sheet({BY_GROUP: {"in_transit": 30}}), "population_group") == ""
    assert said(sheet({BY_DONOR: {"USA": 100.0, "EU": -40.0}}, funding_usd=60), "donors") == ""
    assert said(sheet({PEOPLE: {"Chile": 120, "Peru": -20}}, people_reached=100), "places") == ""
    tables = {PEOPLE: {"Peru": 80, "Chile": 20}, BY_AGE: {"women": 60, "girls": 20, "boys": 20, "men": 0}}
    figures = sheet(tables, people_reached=100)
    of_groups = replace(figures, cautions=(Caution("groups_exceed", BY_AGE, 0.2),))
    assert said(of_groups, "age_and_gender") == ""
    assert said(of_groups, "places")
    of_all = with_range(figures, 10, 100)
    assert {said(of_all, chart) for chart in ("age_and_gender", "places", "months")} == {""}


# ---- Months ----


def test_the_peak_month_the_pace_of_the_target_and_a_change_by_the_year_are_told() -> None:
    months = {"2021-01": 70, "2021-02": 70, "2021-05": 100, "2021-06": None}  # 100 = 1.25 * 240 / 3
    assert said(sheet({BY_MONTH: months}, people_reached=240), "months") == "Peak in May: 42% of people reached"
    with_transit, without = (
        as_printed(sheet({BY_GROUP: {"in_transit": people}}, people_reached=700, target=1200)) for people in (5, 0)
    )
    assert (with_transit.target_pace, with_transit.is_reach_comparable) == (1200 / 12, False)
    assert (without.target_pace, without.is_reach_comparable) == (1200 / 12, True)
    figures = replace(sheet(people_reached=150), comparisons=Comparisons(of_both_years=(100.0, 120.0)))
    assert said(figures, "months") == "The same partners reached 20% more people than in the same months a year before"
    figures = replace(sheet(people_reached=600), comparisons=Comparisons(of_both_years=(100.0, 500.0)))
    more = "The same partners reached more than 4 times as many people as in the same months a year before"
    assert said(figures, "months") == more
    figures = replace(sheet(people_reached=195), comparisons=Comparisons(of_both_years=(100.0, 95.0)))
    assert said(figures, "months") == ""  # too little to be told


@pytest.mark.parametrize(
    "months", [{"2021-01": 70, "2021-05": 99, "2021-06": 70}, {"2021-01": 90, "2021-05": 90, "2021-06": 1}]
)
def test_where_no_month_stands_out_nothing_is_said(months: dict[str, int]) -> None:
    assert said(sheet({BY_MONTH: months}, people_reached=sum(months.values())), "months") == ""


def test_months_below_the_pace_are_counted_except_where_they_hold_people_in_transit() -> None:
    months = dict.fromkeys((f"2021-{month:02d}" for month in range(1, 13)), 50) | {"2021-05": 150}
    tables = {BY_MONTH: months, BY_GROUP: {"in_transit": 0}}
    figures = sheet(tables, people_reached=700, target=1200, target_coverage=700 / 1200)  # 100 a month are needed
    assert said(figures, "months") == (
        "Fewer than the 100 a month that the target needs, in 11 of 12 months with reports"
    )
    low = sheet(
        tables | {BY_MONTH: months | {"2021-05": 60}}, people_reached=610, target=1200, target_coverage=610 / 1200
    )
    assert said(low, "months") == ("Fewer than the 100 a month that the target needs, in 12 of 12 months with reports")
    months = dict.fromkeys((f"2021-{month:02d}" for month in range(1, 13)), 50) | {"2021-05": 150}
    tables = {BY_MONTH: months, BY_GROUP: {"in_transit": 30}}
    assert "target" not in said(sheet(tables, people_reached=700, target=1200, target_coverage=700 / 1200), "months")
    for people, target in ((150, 1200), (0, 2)):  # the only month with a report met it; it is less than one person
        tables = {BY_MONTH: {"2021-01": people}, BY_GROUP: {"in_transit": 0}}
        assert (
            said(sheet(tables, people_reached=people, target=target, target_coverage=people / target), "months") == ""
        )


def test_models_are_told_by_their_range_and_by_what_they_count_twice_or_leave_out() -> None:
    models = {"sum": 188, "max_sector": 172, "max_age_gender": 243, "lower_bound": 168}
    assert said(sheet({"people_reached_by_model": models}, people_reached=172), "models") == (
        "The age and gender groups add up to more than the people reported, so a count by groups is higher"
    )
    models = {"sum": 673_000, "max_sector": 288_000, "max_age_gender": 148_000, "lower_bound": 284_000}
    left_out = sheet({"people_reached_by_model": models}, people_reached=288_000)
    assert said(left_out, "models") == (
        "The total is between 148\u202fK and 673\u202fK; some ways of counting leave people out"
    )
    alike = sheet({"people_reached_by_model": models | {"max_age_gender": 284_000}}, people_reached=288_000)
    assert said(alike, "models") == f"The total is between 284\u202fK and 673\u202fK, {DEPENDING}"
    figures = sheet(
        {"people_reached_by_model": {"sum": 405, "max_sector": 400, "lower_bound": 300}}, people_reached=400
    )
    assert said(figures, "models") == f"The total is between 300 and 405, {DEPENDING}"
    unsure = with_range(figures, 250, 400, "people_reached_by_model", "max_sector")
    assert said(unsure, "models") == ""  # its range is of the reports, not of the way of counting
    assert said(with_few(figures, "lower_bound"), "models") == ""


# ---- Groups ----


@pytest.mark.parametrize(
    ("girls", "boys", "women", "men", "sentence"),
    [
        (44, 46, 6, 4, "90% of people reached are children"),
        (20, 20, 40, 20, "60% of people reached are women and girls"),
        (None, None, 60, 40, "60% of people reached are women"),
        (0, 0, 0, 100, ""),  # of everybody it would tell nothing
    ],
)
def test_age_and_gender_tell_of_children_where_most_are_else_of_women_and_girls(
    girls: float | None, boys: float | None, women: float, men: float, sentence: str
) -> None:
    parts = {"women": women, "men": men, "girls": girls, "boys": boys}
    assert said(sheet({BY_AGE: parts}, people_reached=100), "age_and_gender") == sentence


@pytest.mark.parametrize(
    ("pendular", "told"),
    [
        (20, "Pendular: furthest behind, at 5% of target"),  # 20 = 10% of 80 + 40 + 20 + 60
        (19, "58% of people reached live at destination"),
    ],
)
def test_the_group_furthest_behind_is_told_if_it_has_a_tenth_of_all_targets(pendular: int, told: str) -> None:
    reached = {"in_destination": 60, "in_transit": 30, "pendular": 1, "host_communities": 12}
    targets = {"in_destination": 80, "in_transit": 40, "pendular": pendular, "host_communities": 60}
    assert said(sheet({BY_GROUP: reached, TARGETS: targets}, people_reached=103), "population_group") == told


def test_before_the_end_of_the_year_the_group_with_the_largest_gap_comes_first() -> None:
    reached = {"in_destination": 60_000, "in_transit": 30_000, "pendular": 10_000}
    targets = {"in_destination": 80_000, "in_transit": 40_000, "pendular": 10_000}
    figures = sheet({BY_GROUP: reached, TARGETS: targets}, people_reached=100_000)
    period = figures.period.model_copy(update={"end": "2021-05"})
    told = said(replace(figures, period=period), "population_group")
    assert told == "In destination: 20.0\u202fK to reach, 2.86\u202fK a month"


@pytest.mark.parametrize(
    ("rest", "sentence"),
    [(5, "70% of people reached are in transit"), (6, ""), (-1, "70% of people reached are in transit"), (-5, "")],
)
def test_no_share_of_a_group_is_told_where_too_many_are_in_none_or_in_two(rest: float, sentence: str) -> None:
    parts = {"in_transit": 70, "pendular": 30 - rest, "not specified": rest}
    assert said(sheet({BY_GROUP: parts}, people_reached=100), "population_group") == sentence


@pytest.mark.parametrize("women", [99, 100, 104])
def test_no_share_above_the_whole_is_told(women: int) -> None:
    figures = sheet({BY_AGE: {"women": women, "girls": 0, "boys": 0, "not specified": 100 - women}}, people_reached=100)
    assert bool(said(figures, "age_and_gender")) == (women == 99)


# ---- Sectors, models, donors ----


def test_the_sector_with_most_people_left_is_named_of_eight_and_of_fewer_how_many_have_no_target() -> None:
    shares = {sector: 0.5 + number / 100 for number, sector in enumerate(plan_lists().sectors[:8])} | {"WASH": 0.3}
    figures = sheet({"target_by_sector": dict.fromkeys(shares, 1000)}, sector="Intersector")
    figures = replace(figures, comparisons=Comparisons(coverage_by_sector=shares))
    told = "WASH has the most people left to reach: 30% of its target of 1.00\u202fK were reached"
    assert said(figures, "sectors") == told
    three = replace(figures, comparisons=Comparisons(coverage_by_sector=dict(list(shares.items())[:3])))
    assert said(three, "sectors") == ""
    targets = dict.fromkeys(plan_lists().sectors[:13]) | {"Health": 10, "WASH": 20}
    assert said(sheet({"target_by_sector": targets}, sector="Intersector"), "sectors") == (
        "11 of 13 sectors have no target here"
    )


def test_the_largest_donor_is_told_where_it_gave_much_and_most_is_named() -> None:
    figures = sheet({BY_DONOR: {"USA": 30.0, "EU": 40.0, "not specified": 10.0}}, funding_usd=80)
    assert said(figures, "donors") == "The largest donor gave 50% of the funding"
    assert said(sheet({BY_DONOR: {"USA": 30.0, "not specified": 50.0}}, funding_usd=80), "donors") == ""
    many = {f"D{number}": 10.0 + number / 10 for number in range(10)}
    assert said(sheet({BY_DONOR: many}, funding_usd=sum(many.values())), "donors") == ""
    assert said(sheet({BY_DONOR: {"USA": 30.0}}, funding_usd=30), "donors") == "One donor gave all of the funding"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("Caribbean", ("in the Caribbean", "en el Caribe", "no Caribe")),
        (
            "Central America & Mexico",
            ("in Central America & Mexico", "en Centroamérica y México", "na América Central e no México"),
        ),
        ("BOL", ("in Bolivia", "en Bolivia", "na Bolívia")),
        ("ABW", ("in Aruba", "en Aruba", "em Aruba")),
        ("DOM", ("in the Dominican Republic", "en la República Dominicana", "na República Dominicana")),
    ],
)
def test_a_place_where_something_is_has_its_preposition_and_article(place: str, said: tuple[str, ...]) -> None:
    assert tuple(labels.in_place(place, language) for language in ("en", "es", "pt")) == said


def test_the_sector_with_most_people_is_told_where_no_number_is_in_doubt() -> None:
    people = {"Health": 900.0, "WASH": 400.0, "Nutrition": 20.0}
    figures = sheet({"people_reached_by_sector": people}, sector="Intersector", people_reached=1000)
    assert said(figures, "sectors") == "Health reached the most people: 900"
    doubtful = replace(figures, comparisons=replace(figures.comparisons, sectors_in_doubt=frozenset({"WASH"})))
    assert said(doubtful, "sectors") == ""
    everybody = sheet({"people_reached_by_sector": people}, sector="Intersector", people_reached=900)
    assert said(everybody, "sectors") == ""
    alike = sheet({"people_reached_by_sector": people | {"WASH": 900.0}}, sector="Intersector", people_reached=1000)
    assert said(alike, "sectors") == ""


@pytest.mark.parametrize(
    ("planned", "sentence"), [(6, "One of 7 sectors has no target here"), (5, "2 of 7 sectors have no target here")]
)
def test_one_sector_without_a_target_is_told_in_the_singular(planned: int, sentence: str) -> None:
    names = plan_lists().sectors[:7]
    targets = {name: 10.0 if number < planned else None for number, name in enumerate(names)}
    assert said(sheet({"target_by_sector": targets}, sector="Intersector"), "sectors") == sentence
