"""The headline and the paragraph on the response say what the figures bear, the strongest statement first."""

from dataclasses import replace
from typing import Any

import pytest

from conftest import as_printed, sheet, with_few, with_range
from rmrp_analysis.arguments import Period
from rmrp_analysis.figures import Caution, Comparisons, KeyFigures, Silence
from rmrp_analysis.method import Method, Movement, Revision
from rmrp_analysis.page.findings import choose_finding
from rmrp_analysis.page.headline import build_headline
from rmrp_analysis.page.late_reports import format_late_reports, format_missing_reports
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import INTERSECTOR, plan_lists
from rmrp_analysis.words import claims_of

PEOPLE, PERU = "people_reached_by_platform", ("PER",)


def in_months(figures: KeyFigures, end: str) -> KeyFigures:
    return replace(figures, period=figures.period.model_copy(update={"end": end}))


def of_days(figures: KeyFigures, activities: str, funding: str) -> KeyFigures:
    days = {"activities": activities, "funding": funding}
    sources = {name: Source(file="f.csv", producer="P", as_of=day, illustrative=False) for name, day in days.items()}
    return replace(figures, sources=sources)


def test_reach_and_money_of_one_day_stand_in_one_sentence_and_of_two_days_do_not() -> None:
    figures = sheet(people_reached=34, target=100, target_coverage=0.34, funding_coverage=0.08)
    same, other = of_days(figures, "2021-12-31", "2021-12-31"), of_days(figures, "2021-12-31", "2022-03-01")
    assert (
        build_headline(as_printed(same)) == "34% of the people targeted were reached, with 8% of the funding required."
    )
    assert build_headline(as_printed(other)) == "34% of the people targeted were reached."


def test_a_large_gap_to_the_target_is_told_in_people_once_most_partners_have_reported() -> None:
    gap = {"people_reached": 34_000, "target": 100_000, "target_coverage": 0.34, "people_to_reach": 66_000}
    reach = "34% of the people targeted were reached"
    assert build_headline(as_printed(sheet(**gap))) == f"{reach}; 66.0\u202fK were not reached."
    for people, told in ((10_000, "; 10.0\u202fK were not reached"), (9_990, "")):
        assert build_headline(as_printed(sheet(**gap | {"people_to_reach": people}))) == f"{reach}{told}."
    late = sheet(**gap, reporting_partners=4, partners_last_month=1)
    assert build_headline(as_printed(late)) == f"{reach}; 3 of 4 partners have not sent all reports for December."


def test_reach_is_told_by_its_month_and_what_is_above_the_target() -> None:
    figures = sheet(people_reached=34_000, target=100_000, target_coverage=0.34)
    expected = "By May, 34% of the people targeted for the year were reached."
    assert build_headline(as_printed(in_months(figures, "2021-05"))) == expected
    printed = as_printed(sheet(people_reached=112, target=100, target_coverage=1.12))
    assert build_headline(printed) == "Reach equals 112% of the target."


SHARES = {sector: 0.5 + number / 100 for number, sector in enumerate(plan_lists().sectors[:8]) if sector != "Health"}


@pytest.mark.parametrize(("own", "rank"), [(0.3, "lowest"), (0.8, "highest")])
def test_the_first_and_the_last_of_many_sectors_are_told_as_such(own: float, rank: str) -> None:
    figures = sheet(people_reached=30, target=100, target_coverage=own)
    many = SHARES | {"Health": own, "WASH": 0.6}
    ranked = replace(figures, comparisons=Comparisons(coverage_by_sector=many))
    reach = f"{own:.0%} of the people targeted were reached"
    told = f"{reach}, the {rank} share of the {len(many)} sectors that have a target."
    assert build_headline(as_printed(ranked)) == told
    few = replace(figures, comparisons=Comparisons(coverage_by_sector={"Health": own, "WASH": 0.5, "Shelter": 0.6}))
    assert build_headline(as_printed(few)) == f"{reach}."


def test_of_all_sectors_the_one_with_most_people_left_is_named_unless_printed_alike_or_unsure() -> None:
    """A small sector at 3 % has fewer people left than a large one at 30 %; a sector that is not sure may have more."""
    compared = Comparisons(SHARES | {"Health": 0.03, "WASH": 0.3})
    targets = dict.fromkeys(SHARES, 1000) | {"Health": 800, "WASH": 2000}
    numbers = {"people_reached": 60, "target": 100, "target_coverage": 0.6}
    figures = replace(sheet({"target_by_sector": targets}, sector="Intersector", **numbers), comparisons=compared)
    said = "WASH has the most people left to reach: 30% of its target of 2.00\u202fK were reached."
    assert build_headline(as_printed(figures)) == said
    for unsure in ({"Protection (LGBTI)": 1401}, {"WASH": 1108}):  # who may have more left, as many people
        others = sheet({"target_by_sector": targets | unsure}, sector="Intersector", **numbers)
        assert (
            build_headline(as_printed(replace(others, comparisons=compared)))
            == "60% of the people targeted were reached."
        )
    figures = sheet(people_reached=30, target=100, target_coverage=0.301)
    ranked = replace(figures, comparisons=Comparisons(coverage_by_sector=SHARES | {"Health": 0.301, "WASH": 0.304}))
    assert build_headline(as_printed(ranked)) == "30% of the people targeted were reached."


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0.35, 0.48, "Between 35% and 48% of the people targeted were reached."),
        (0.4, 0.9, "No less than 40% of the people targeted were reached."),
        (0.01, 0.4, "No more than 40% of the people targeted were reached."),
        (0.39, 0.41, "40% of the people targeted were reached."),
    ],
)
def test_a_share_that_is_not_sure_is_told_as_its_range(low: float, high: float, told: str) -> None:
    figures = sheet(people_reached=4_000, target_coverage=0.4, target=10_000)
    assert build_headline(as_printed(with_range(figures, low, high, "target_coverage"))) == told


def test_a_range_on_both_sides_of_the_target_tells_no_gap() -> None:
    figures = sheet(people_reached=9_000, target_coverage=0.9, target=10_000, funding_coverage=0.08)
    for high, told in ((1.25, "No more than 125% of the people targeted"), (1.26, "8% of the funding required")):
        printed = as_printed(with_range(figures, 0.01, high, "target_coverage"))
        assert build_headline(printed).startswith(told)


def test_of_people_who_are_not_sure_nothing_is_told_but_what_was_reported() -> None:
    parts = {"people_reached_by_admin1": {"La Paz": 670, "Oruro": 330}}
    figures = sheet(parts, people_reached=1_000, reporting_partners=2, activities=16)
    assert "La Paz" in build_headline(as_printed(figures))
    assert build_headline(as_printed(with_range(figures, 100, 1_000))) == "2 partners reported 16 activities."


def test_who_has_not_reported_for_the_last_month_is_told_beside_the_news() -> None:
    parts = {"people_reached_by_admin1": {"La Paz": 67, "Oruro": 33}}
    figures = in_months(sheet(parts, people_reached=100, reporting_partners=4, partners_last_month=0), "2021-05")
    where = "67% of the people reached are in La Paz"
    assert build_headline(as_printed(figures)) == f"No partner has reported for May yet. {where}."
    for reported, told in (
        (1, f"4 of 5 partners have not sent all reports for May. {where}."),  # from a quarter on silence leads
        (4, f"{where}; one of 5 partners has not sent all reports for May."),
        (5, f"{where}."),
    ):
        some = sheet(parts, people_reached=100, reporting_partners=5, partners_last_month=reported)
        assert build_headline(as_printed(in_months(some, "2021-05"))) == told


@pytest.mark.parametrize(
    ("silence", "said"),
    [
        (
            Silence(PERU, 8, 1),
            "No report for December yet from Peru; elsewhere one of 8 partners has not sent all reports.",
        ),
        (Silence(PERU, 8), "No report for December yet from Peru."),
        (Silence(PERU), "No partner has reported for December yet."),
        (Silence((), 8, 8, 5), "No partner has reported for December yet."),
        (
            Silence((), 8, 1, 3),
            "One of 8 partners has not sent all reports for December. 3 of 7 had no activity in December.",
        ),
    ],
)
def test_countries_then_partners_are_late_and_others_reported_for_other_sectors(silence: Silence, said: str) -> None:
    for sector, told in (("Health", said), (INTERSECTOR, said.partition(" 3 of 7")[0])):
        assert format_late_reports(as_printed(replace(sheet(sector=sector), silence=silence))) == told
    assert (silence.is_complete, Silence((), 8).is_complete, Silence().is_complete) == (False, True, False)
    quarter = [as_printed(replace(sheet(), silence=Silence((), expected, 2))) for expected in (8, 9)]
    assert list(map(bool, map(format_missing_reports, quarter))) == [True, False]


def test_where_no_partner_has_reported_silence_stands_before_the_gap_and_else_after_it() -> None:
    reach = "By May, 34% of the people targeted for the year were reached"
    gap = {"people_reached": 34_000, "target": 100_000, "target_coverage": 0.34, "reporting_partners": 4}
    silent, late = (in_months(sheet(**gap, partners_last_month=reported), "2021-05") for reported in (0, 1))
    assert build_headline(as_printed(silent)) == f"No partner has reported for May yet. {reach}."
    assert build_headline(as_printed(late)) == f"{reach}; 3 of 4 partners have not sent all reports for May."


@pytest.mark.parametrize(
    ("region", "said"),
    [
        (300 / 0.05, "5% of the people reached in the region are in Peru."),
        (300 / 0.049, "2 partners reported 16 activities in Peru."),
    ],
)
def test_a_place_without_a_target_is_told_by_its_share_of_the_region_unless_small(region: float, said: str) -> None:
    figures = sheet(people_reached=300, reporting_partners=2, activities=16)
    figures = replace(figures, place="Peru", comparisons=Comparisons(region_people=region))
    assert build_headline(as_printed(figures)) == said


MONTHS = "people_reached_by_month"


def of_two_months(april: float, may: float, **figures: Any) -> KeyFigures:
    parts = {MONTHS: dict.fromkeys(("2021-02", "2021-03", "2021-04"), april) | {"2021-05": may}}
    made = in_months(sheet(parts, people_reached=3 * april + may, **figures), "2021-05")
    return replace(made, comparisons=Comparisons(of_both_months=(april, may)))


@pytest.mark.parametrize(
    ("april", "may", "said"),
    [
        (1000.0, 660.0, "In May, the same partners newly reached 34% fewer people than in April."),
        (1000.0, 1200.0, "In May, the same partners newly reached 20% more people than in April."),
        (1000.0, 3000.0, "In May, the same partners newly reached 200% more people than in April."),
        (1000.0, 4000.0, "In May, the same partners newly reached over 3 times as many people as in April."),
        (1000.0, 0.0, "In May, the same partners newly reached nobody, after 1000 people in April."),
        (1000.0, 950.0, "2 partners reported 16 activities."),
    ],
)
def test_a_change_on_the_month_before_is_told_of_many_people(april: float, may: float, said: str) -> None:
    told = build_headline(as_printed(of_two_months(april, may, reporting_partners=2, activities=16)))
    assert told.replace("\u202f", "").replace("1.00K", "1000") == said


def test_a_change_on_a_month_of_few_people_or_in_doubt_is_not_told() -> None:
    few = of_two_months(90, 30, reporting_partners=2, activities=16, method=Method())
    assert build_headline(as_printed(replace(few, audience="public"))) == "2 partners reported 16 activities."
    of_years = replace(few, audience="public", comparisons=Comparisons(of_both_years=(90.0, 30.0)))
    assert build_headline(as_printed(of_years)) == "2 partners reported 16 activities."
    many = of_two_months(1000, 660, reporting_partners=2, activities=16)
    two_months = replace(many, period=Period(start="2021-04", end="2021-05"))
    assert build_headline(as_printed(two_months)).startswith("In May, the same partners newly reached 34% fewer people")
    doubtful = replace(many, cautions=(Caution("groups_exceed", MONTHS, 0.2),))
    assert build_headline(as_printed(doubtful)) == "2 partners reported 16 activities."


def test_a_change_is_told_with_those_who_have_not_reported_if_they_are_many() -> None:
    fell = "In May, the same partners newly reached 34% fewer people than in April"
    of_ten, of_two = (
        of_two_months(1000, 660, reporting_partners=count, partners_last_month=count - 1) for count in (10, 2)
    )
    assert build_headline(as_printed(of_ten)) == f"{fell}."
    assert build_headline(as_printed(of_two)) == f"{fell}; one of 2 partners has not sent all reports for May."
    rose = build_headline(as_printed(of_two_months(1000, 1200, reporting_partners=2, partners_last_month=1)))
    late = "one of 2 partners has not sent all reports for May."
    assert rose == f"In May, the same partners newly reached 20% more people than in April; {late}"


def test_want_of_money_is_told_before_a_change_and_a_gap_to_the_need_before_both() -> None:
    funded = of_two_months(1000, 660, funding_coverage=0.08, funding_usd=8)
    assert build_headline(as_printed(funded)) == "8% of the funding required was received."
    needed = of_two_months(1000, 660, funding_coverage=0.08, funding_usd=8, people_in_need=5000, need_coverage=0.33)
    assert build_headline(as_printed(needed)) == "33% of the people in need were reached."


def test_money_leads_composition_where_the_requirement_is_not_known() -> None:
    parts = {PEOPLE: {"Caribbean": 800, "Chile": 200}}
    composed = "80% of the people reached"
    for amount, told in ((2_500_000.0, "$2.50\u202fM of funding was designated."), (9_999.0, composed)):
        figures = sheet(parts, people_reached=1_000, funding_usd=amount)
        assert build_headline(as_printed(figures)).startswith(told)


def test_who_is_furthest_behind_is_told_beside_the_gap_and_not_again_in_its_chart() -> None:
    parts = {
        PEOPLE: {"Peru": 10_000, "Chile": 30_000, "Ecuador": 20_000},
        "target_by_platform": dict.fromkeys(("Peru", "Chile", "Ecuador"), 40_000),
        "target_coverage_by_platform": {"Peru": 0.25, "Chile": 0.75, "Ecuador": 0.5},
    }
    printed = as_printed(sheet(parts, people_reached=60_000, target=120_000, target_coverage=0.5))
    told = build_headline(printed)
    assert told == "50% of the people targeted were reached; furthest behind: Peru, at 25%."
    assert choose_finding(printed, "places") == "Peru: furthest behind, at 25% of target"
    assert choose_finding(printed, "places", headline=claims_of(told)) == "Chile accounts for 50% of people reached"


def issue_before(until: str, **parts: float) -> Revision:
    return Revision(until=until, figures={"people_reached": Movement(before="800", parts=parts)})


def test_what_reports_changed_in_the_same_months_is_news_with_its_cause() -> None:
    figures = in_months(sheet(people_reached=1200, reporting_partners=2, activities=16), "2021-05")
    late = as_printed(figures, revision=issue_before("2021-04", new_months=200, late=200))
    assert build_headline(late) == "Late reports: 25% more people for the same months than in the issue before."
    gone = as_printed(figures, revision=issue_before("", gone=-300))
    assert build_headline(gone) == "Reports taken back: 20% fewer people for the same months than in the issue before."
    for causes in ({"new_months": 400}, {"not_split": 400}, {"method": 300, "rounding": 100}, {"lists": -400}):
        other = as_printed(figures, revision=issue_before("2021-04", **causes))
        assert build_headline(other) == "2 partners reported 16 activities."
    both = as_printed(figures, revision=issue_before("2021-04", new_months=400, corrected=-200, method=-300, late=100))
    assert build_headline(both) == "Corrected reports: 17% fewer people for the same months than in the issue before."


def test_activities_are_told_as_such_and_the_number_below_is_not_repeated() -> None:
    printed = as_printed(sheet(people_reached=4_910, reporting_partners=7, partners_last_month=7, activities=383))
    assert build_headline(printed) == "7 partners reported 383 activities."
    kinds = {"reasons": {"people_reached": "services_only"}}
    services = sheet(people_reached=0, reporting_partners=2, partners_last_month=2, activities=20, **kinds)
    assert build_headline(as_printed(services)) == (
        "2 partners reported 20 activities, counted as services or trainings, not as people."
    )
    printed = as_printed(sheet(people_reached=0, reporting_partners=0, activities=0))
    assert build_headline(printed) == "No activity was reported."


NOBODY = {"sector": "Common Services", "reasons": {"people_reached": "no_people"}}


def test_where_nobody_can_be_reached_the_headline_is_about_money() -> None:
    counts = {"reporting_partners": 7, "partners_last_month": 7, "activities": 1_383}
    figures = sheet(funding_usd=1_470_000, funding_coverage=0.08, **counts, **NOBODY)
    assert build_headline(as_printed(figures)) == "8% of the funding required was received."
    assert build_headline(as_printed(sheet(funding_usd=305_000, **NOBODY))) == "$305\u202fK of funding was designated."


@pytest.mark.parametrize(("partners", "said"), [(1, "One partner reported"), (0, "0 partners reported")])
def test_one_partner_and_one_activity_are_told_in_the_singular(partners: int, said: str) -> None:
    figures = sheet(reporting_partners=partners, partners_last_month=partners, activities=1, **NOBODY)
    assert build_headline(as_printed(figures)) == f"{said} one activity."


def test_where_few_were_reached_the_sentences_tell_no_more_than_that() -> None:
    figures = sheet(people_reached=3, target=50, target_coverage=3 / 50, reporting_partners=2, activities=16)
    few = with_few(figures, "people_reached", "target_coverage")
    said = {code: build_headline(as_printed(few, code)) for code in ("en", "es", "pt")}
    assert said == {
        "en": "Fewer than 10 people were reached.",
        "es": "Se alcanzó a menos de 10 personas.",
        "pt": "Menos de 10 pessoas foram alcançadas.",
    }


@pytest.mark.parametrize(
    ("language", "where"),
    [
        ("en", "80% of the people reached are in the Caribbean."),
        ("es", "El 80\u202f% de las personas alcanzadas está en el Caribe."),
        ("pt", "80% das pessoas alcançadas estão no Caribe."),
    ],
)
def test_where_most_people_are_is_told_in_each_language(language: str, where: str) -> None:
    parts = {PEOPLE: {"Caribbean": 0.8 * 1_570_000, "Chile": 0.2 * 1_570_000}}
    assert build_headline(as_printed(sheet(parts, people_reached=1_570_000), language)) == where


def test_what_was_done_is_told_before_concentration_and_composition() -> None:
    parts = {
        "activities_by_indicator": {"kits distributed": 2.0, "R4V website visits": 1.0},
        "people_reached_by_age_gender": {"women": 70.0, "men": 30.0},
    }
    most = sheet(parts, people_reached=100, activities=3, reporting_partners=3)
    most = replace(most, comparisons=Comparisons(largest_partner=62.0))
    assert build_headline(as_printed(most)) == "3 activities, most often kits distributed."


def test_one_partner_that_reported_most_people_is_told_among_several() -> None:
    figures = sheet(people_reached=100, activities=3, reporting_partners=3)
    most = replace(figures, comparisons=Comparisons(largest_partner=62.0))
    assert build_headline(as_printed(most)) == "One partner accounts for 62% of the people reached."
    all_of_them = replace(figures, comparisons=Comparisons(largest_partner=100.0))
    of_two = replace(
        most, rows=most.rows.assign(value=most.rows["value"].mask(most.rows["figure"] == "reporting_partners", 2))
    )
    assert "One partner" not in build_headline(as_printed(of_two)) + build_headline(as_printed(all_of_them))


@pytest.mark.parametrize(
    "people", [{"girls": 35, "boys": 30, "women": 20, "men": 15}, {"girls": 30, "women": 40, "men": 30}]
)
def test_who_most_people_are_is_told_with_the_place(people: dict[str, int]) -> None:
    parts = {"people_reached_by_age_gender": {"girls": 0, "boys": 0, "women": 0, "men": 0, "not specified": 0} | people}
    figures = replace(sheet(parts, people_reached=100), place="Peru")
    who = "Children are 65%" if people.get("boys") else "Women and girls are 70%"
    assert build_headline(as_printed(figures)) == f"{who} of the people reached in Peru."


def test_what_was_done_most_often_is_told_where_nothing_else_is_known() -> None:
    indicators = {"published communication materials": 5.0, "R4V website visits": 1.0}
    services = NOBODY | {"reporting_partners": 2}
    figures = sheet({"activities_by_indicator": indicators}, activities=6, **services)
    said = {code: build_headline(as_printed(figures, code)) for code in ("en", "es", "pt")}
    assert said == {
        "en": "6 activities, most often published communication materials.",
        "es": "6 actividades, sobre todo materiales de comunicación publicados.",
        "pt": "6 atividades, sobretudo materiais de comunicação publicados.",
    }
    alone = sheet({"activities_by_indicator": {"R4V website visits": 1.0}}, activities=1, **services)
    assert build_headline(as_printed(replace(alone, place="Peru"))) == "One activity in Peru: R4V website visits."
