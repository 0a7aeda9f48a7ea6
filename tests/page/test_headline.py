"""The headline and the paragraph on the response say what the figures bear, the strongest statement first."""

import re
from dataclasses import replace

import pytest

from conftest import Build, with_few
from rmrp_analysis.figures import Caution, Comparisons, KeyFigures
from rmrp_analysis.page.headline import headline, response
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.words import Words

PEOPLE = "people_reached_by_platform"


def in_english(figures: KeyFigures) -> Printed:
    return Printed(figures, Words("en"))


def test_the_headline_says_what_was_achieved_with_what_money(sheet: Build) -> None:
    printed = in_english(sheet(people_reached=34, target=100, target_coverage=0.34, funding_coverage=0.08))
    assert headline(printed) == "34% of the people targeted were reached, with 8% of the funding required."


def test_a_large_gap_to_the_target_is_told_in_people(sheet: Build) -> None:
    printed = in_english(sheet(people_reached=34_000, target=100_000, target_coverage=0.34, funding_coverage=0.08))
    assert headline(printed) == (
        "34% of the people targeted were reached, 66.0\u202fK people short of the target, "
        "with 8% of the funding required."
    )


def test_in_a_part_of_the_year_the_months_are_told_in_place_of_the_gap(sheet: Build) -> None:
    figures = sheet(people_reached=34_000, target=100_000, target_coverage=0.34)
    months = replace(figures, period=figures.period.model_copy(update={"end": "2021-05"}))
    assert headline(in_english(months)) == "34% of the people targeted were reached in 5 of 12 months."


def test_reach_above_the_target_is_said_as_such(sheet: Build) -> None:
    printed = in_english(sheet(people_reached=112, target=100, target_coverage=1.12, funding_coverage=0.08))
    assert headline(printed) == "Reach equals 112% of the target, with 8% of the funding required."


@pytest.mark.parametrize(
    ("own", "rank"), [(0.3, "the lowest share of 3 sectors compared"), (0.8, "the highest share of 3 sectors compared")]
)
def test_the_first_and_the_last_of_the_sectors_are_told_as_such(sheet: Build, own: float, rank: str) -> None:
    shares = {"Health": own, "WASH": 0.5, "Shelter": 0.6}
    figures = sheet(people_reached=30, target=100, target_coverage=own)
    ranked = replace(figures, comparisons=Comparisons(coverage_by_sector=shares))
    assert headline(in_english(ranked)) == f"{own:.0%} of the people targeted were reached, {rank}."


def test_a_tie_as_printed_has_no_first_and_no_last(sheet: Build) -> None:
    shares = {"Health": 0.301, "WASH": 0.304, "Shelter": 0.6}
    figures = sheet(people_reached=30, target=100, target_coverage=0.301)
    ranked = replace(figures, comparisons=Comparisons(coverage_by_sector=shares))
    assert headline(in_english(ranked)) == "30% of the people targeted were reached."


def test_money_that_is_ahead_of_reach_is_told_first(sheet: Build) -> None:
    printed = in_english(sheet(people_reached=34, target=100, target_coverage=0.34, funding_coverage=0.6))
    assert headline(printed) == (
        "60% of the funding required was received, and 34% of the people targeted were reached."
    )


def test_of_all_sectors_the_one_furthest_behind_is_named_with_its_funding(sheet: Build) -> None:
    compared = Comparisons({"Health": 0.5, "WASH": 0.3, "Shelter": 0.9}, {"WASH": 0.1, "Health": 0.2, "Shelter": 0.3})
    figures = sheet(sector="Intersector", people_reached=60, target=100, target_coverage=0.6, funding_coverage=0.2)
    assert headline(in_english(replace(figures, comparisons=compared))) == (
        "60% of the people targeted were reached; of 3 sectors compared, WASH is furthest behind: "
        "30% of its target, 10% of its requirement."
    )


def test_people_in_doubt_are_not_in_the_sentences(sheet: Build) -> None:
    caution = Caution("one_report", "people_reached", 0.99, "2021-01")
    figures = sheet(
        people_reached=129_000,
        target_coverage=9.02,
        target=14_300,
        reporting_partners=4,
        activities=123,
        funding_usd=10.0,
        funding_coverage=0.1,
    )
    printed = in_english(replace(figures, cautions=(caution,)))
    assert headline(printed) == (
        "4 partners reported 123 activities, with 10% of the funding required. "
        "The number of people reached is being checked."
    )
    assert response(printed) == "4 partners reported 123 activities."


def test_a_place_without_a_target_is_told_by_its_share_of_the_region(sheet: Build) -> None:
    figures = replace(sheet(people_reached=300), comparisons=Comparisons(region_people=1200.0))
    assert headline(in_english(figures)) == "300 people were reached, 25% of those reached in the region."


def test_without_a_target_the_headline_says_how_many(sheet: Build) -> None:
    assert headline(in_english(sheet(people_reached=4_910))) == "4.91\u202fK people were reached."


@pytest.mark.parametrize(
    ("funding", "money"),
    [(1_470_000, "with $1.47\u202fM of designated funding"), (0, "with no funding designated")],
)
def test_without_a_requirement_the_headline_says_how_much_money(sheet: Build, funding: float, money: str) -> None:
    printed = in_english(sheet(people_reached=4_910, funding_usd=funding))
    assert headline(printed) == f"4.91\u202fK people were reached, {money}."


def test_where_nobody_can_be_reached_the_headline_is_about_money_and_the_response_about_partners(sheet: Build) -> None:
    figures = sheet(
        sector="Common Services",
        reasons={"people_reached": "no_people"},
        reporting_partners=7,
        activities=1_383,
        funding_usd=1_470_000,
        funding_coverage=0.08,
    )
    assert headline(in_english(figures)) == "8% of the funding required was received."
    assert response(in_english(figures)) == "7 partners reported 1,383 activities."


def test_where_nobody_can_be_reached_and_nothing_is_required_the_headline_is_the_money(sheet: Build) -> None:
    figures = sheet(sector="Common Services", reasons={"people_reached": "no_people"}, funding_usd=305_000)
    assert headline(in_english(figures)) == "$305\u202fK of funding was designated."


def test_where_nobody_was_reached_or_nothing_reported_the_sentences_say_so(sheet: Build) -> None:
    printed = in_english(sheet(people_reached=0, reporting_partners=0, activities=0))
    assert headline(printed) == "No people were reached."
    assert response(printed) == "No activity was reported."


@pytest.mark.parametrize(
    ("partners", "said"), [(1, "1 partner reported 1 activity"), (0, "0 partners reported 1 activity")]
)
def test_one_partner_and_one_activity_are_told_in_the_singular(sheet: Build, partners: int, said: str) -> None:
    figures = sheet(
        sector="Common Services", reasons={"people_reached": "no_people"}, reporting_partners=partners, activities=1
    )
    assert headline(in_english(figures)) == response(in_english(figures)) == f"{said}."


def test_where_few_were_reached_the_sentences_tell_no_more_than_that(sheet: Build) -> None:
    figures = sheet(people_reached=3, target=50, target_coverage=3 / 50, reporting_partners=2, activities=16)
    few = with_few(figures, "people_reached", "target_coverage")
    said = {code: headline(Printed(few, Words(code))) for code in ("en", "es", "pt")}
    assert said == {
        "en": "Fewer than 10 people were reached.",
        "es": "Se alcanzó a menos de 10 personas.",
        "pt": "Menos de 10 pessoas foram alcançadas.",
    }
    assert response(in_english(few)) == "2 partners reported 16 activities."


@pytest.mark.parametrize(
    ("language", "where"),
    [
        ("en", "80% of the people reached are in the Caribbean."),
        ("es", "El 80\u202f% de las personas alcanzadas está en el Caribe."),
        ("pt", "80% das pessoas alcançadas estão no Caribe."),
    ],
)
def test_the_response_says_by_whom_how_and_where_in_each_language(sheet: Build, language: str, where: str) -> None:
    parts = {PEOPLE: {"Caribbean": 0.8 * 1_570_000, "Chile": 0.2 * 1_570_000}}
    figures = sheet(parts, people_reached=1_570_000, activities=383, reporting_partners=7)
    done, _, rest = response(Printed(figures, Words(language))).partition(". ")
    assert {"7", "383"} <= set(re.findall(r"\d+", done))
    assert rest == where


def test_one_partner_that_reported_most_people_is_told_among_several(sheet: Build) -> None:
    figures = sheet(people_reached=100, activities=3, reporting_partners=3)
    most = replace(figures, comparisons=Comparisons(largest_partner=62.0))
    assert response(in_english(most)).endswith("One partner reported 62% of the people reached.")
    of_two = replace(
        most, rows=most.rows.assign(value=most.rows["value"].mask(most.rows["figure"] == "reporting_partners", 2))
    )
    assert "One partner" not in response(in_english(of_two))


def test_on_a_platforms_own_sheet_the_response_names_the_place_with_most_people(sheet: Build) -> None:
    parts = {"people_reached_by_admin1": {"Lima": 52, "Ica": 48}}
    printed = in_english(sheet(parts, people_reached=100, activities=1, reporting_partners=1))
    assert response(printed) == (
        "1 partner reached 100 people through 1 activity. 52% of the people reached are in Lima."
    )
