"""Each chart has one sentence, written by rule from its numbers, and none where they say nothing."""

import pytest

from conftest import Build
from rmrp_analysis import labels
from rmrp_analysis.disclosure import withhold_small_counts
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.page import findings
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import PLATFORMS
from rmrp_analysis.words import Words

PEOPLE, MONEY = "people_reached_by_platform", "funding_usd_by_platform"
BY_MONTH, BY_GROUP, BY_DONOR = "people_reached_by_month", "people_reached_by_population_group", "funding_usd_by_donor"


def in_english(figures: KeyFigures) -> Printed:
    return Printed(figures, Words("en"))


def test_the_headline_says_what_was_achieved_with_what_money(sheet: Build) -> None:
    printed = in_english(sheet(people_reached=34, target_coverage=0.34, funding_coverage=0.08))
    assert findings.headline(printed) == "34% of the people targeted were reached, with 8% of the funding required."


def test_without_a_target_the_headline_says_how_many(sheet: Build) -> None:
    assert findings.headline(in_english(sheet(people_reached=4_910))) == "4.91\u202fK people were reached."


@pytest.mark.parametrize(
    ("funding", "said"),
    [(1_470_000, "with $1.47\u202fM of designated funding"), (0, "with no funding designated")],
)
def test_without_a_requirement_the_headline_says_how_much_money(sheet: Build, funding: float, said: str) -> None:
    printed = in_english(sheet(people_reached=4_910, funding_usd=funding))
    assert findings.headline(printed) == f"4.91\u202fK people were reached, {said}."


def test_where_nobody_can_be_reached_the_headline_is_about_money_and_the_response_about_partners(sheet: Build) -> None:
    figures = sheet(
        sector="Common Services",
        reasons={"people_reached": "no_people"},
        reporting_partners=7,
        activities=1_383,
        funding_usd=1_470_000,
        funding_coverage=0.08,
    )
    assert findings.headline(in_english(figures)) == "8% of the funding required was received."
    assert findings.response(in_english(figures)) == "7 partners reported 1,383 activities."


def test_where_nobody_can_be_reached_and_nothing_is_required_the_headline_is_the_money(sheet: Build) -> None:
    figures = sheet(sector="Common Services", reasons={"people_reached": "no_people"}, funding_usd=305_000)
    assert findings.headline(in_english(figures)) == "$305\u202fK of funding was designated."


def test_where_nobody_was_reached_or_nothing_reported_the_sentences_say_so(sheet: Build) -> None:
    printed = in_english(sheet(people_reached=0, reporting_partners=0, activities=0))
    assert findings.headline(printed) == "No people were reached."
    assert findings.response(printed) == "No activity was reported."


def test_one_platform_that_leads_in_people_and_money_is_named_once(sheet: Build) -> None:
    tables = {PEOPLE: {"Peru": 80, "Chile": 20}, MONEY: {"Peru": 30.0, "Regional": 20.0}}
    printed = in_english(sheet(tables, people_reached=80 + 20, funding_usd=30 + 20))
    assert findings.platforms(printed) == "Peru accounts for 80% of people reached and 60% of funding"


def test_two_platforms_that_lead_are_told_apart(sheet: Build) -> None:
    tables = {PEOPLE: {"Peru": 80, "Chile": 20}, MONEY: {"Peru": 10.0, "Chile": 30.0}}
    printed = in_english(sheet(tables, people_reached=100, funding_usd=40))
    assert findings.platforms(printed) == "Peru accounts for 80% of people reached; 75% of funding is for Chile"


def test_money_of_no_single_country_is_told_as_such(sheet: Build) -> None:
    printed = in_english(
        sheet({PEOPLE: {"Peru": 100}, MONEY: {"Peru": 10.0, "Regional": 30.0}}, people_reached=100, funding_usd=40)
    )
    assert findings.platforms(printed).endswith("; 75% of funding names no single country")


def test_without_money_by_platform_only_people_are_told(sheet: Build) -> None:
    printed = in_english(sheet({PEOPLE: {"Peru": 60, "Chile": 40}}, people_reached=60 + 40))
    assert findings.platforms(printed) == "Peru accounts for 60% of people reached"


def test_where_nobody_was_reached_and_nothing_given_nothing_is_said(sheet: Build) -> None:
    printed = in_english(
        sheet({PEOPLE: {"Peru": 0, "Chile": None}, MONEY: {"Peru": 0.0}, BY_MONTH: {"2021-01": 0}}, people_reached=0)
    )
    assert (findings.platforms(printed), findings.peak_month(printed)) == ("", "")
    assert findings.largest_donor(printed) == ""


def test_the_peak_month_is_told_with_its_share(sheet: Build) -> None:
    printed = in_english(sheet({BY_MONTH: {"2021-01": 30, "2021-05": 70, "2021-06": None}}, people_reached=30 + 70))
    assert findings.peak_month(printed) == "Reach peaked in May (70% of the total)"


def test_where_no_month_stands_out_none_is_told(sheet: Build) -> None:
    printed = in_english(sheet({BY_MONTH: {"2021-01": 30, "2021-05": 32, "2021-06": 31}}, people_reached=30 + 32 + 31))
    assert findings.peak_month(printed) == "Reach varied little from month to month"


@pytest.mark.parametrize(
    ("girls", "boys", "women", "men", "said"),
    [
        (44, 46, 6, 4, "90% are children"),
        (20, 20, 40, 20, "60% are women and girls"),
        (None, None, 40, 20, "40% are women"),
        (0, 0, 0, 100, ""),
    ],
)
def test_age_and_gender_tell_of_children_where_most_are_else_of_women_and_girls(
    sheet: Build, girls: float | None, boys: float | None, women: float, men: float, said: str
) -> None:
    parts = {"women": women, "men": men, "girls": girls, "boys": boys}
    assert findings.age_and_gender(in_english(sheet({findings.BY_AGE: parts}, people_reached=100))) == said


def test_where_bars_show_shares_of_targets_the_finding_says_what_its_own_is_of(sheet: Build) -> None:
    tables = {BY_GROUP: {"in_destination": 60, "in_transit": 40}, "target_by_population_group": {"in_destination": 80}}
    printed = in_english(sheet(tables, people_reached=60 + 40))
    assert findings.population_group(printed) == "In destination: 60% of people reached"


@pytest.mark.parametrize(("rest", "said"), [(-5, "30% are in transit"), (-6, "")])
def test_groups_that_exceed_the_total_by_much_say_nothing_of_it(sheet: Build, rest: float, said: str) -> None:
    parts = {"in_transit": 30, "not specified": rest}
    assert findings.largest_group(in_english(sheet({BY_GROUP: parts}, people_reached=100)), BY_GROUP) == said


def test_models_of_which_one_is_withheld_have_no_range(sheet: Build) -> None:
    tables = {
        "people_reached_by_sector": {"Health": 400, "WASH": 5},
        "people_reached_by_model": {"sum": 405, "max_sector": 400, "lower_bound": 300},
    }
    shown = withhold_small_counts(sheet(tables, sector="Intersector", people_reached=400))
    assert findings.models(in_english(shown)) == ""


def test_the_largest_group_is_told_even_when_more_are_not_specified(sheet: Build) -> None:
    tables = {BY_GROUP: {"in_destination": 10, "in_transit": 30, "not specified": 60}}
    printed = in_english(sheet(tables, people_reached=10 + 30 + 60))
    assert findings.largest_group(printed, BY_GROUP) == "30% are in transit"


def test_no_group_is_told_where_the_total_is_withheld(sheet: Build) -> None:
    assert findings.largest_group(in_english(sheet({BY_GROUP: {"in_transit": 30}})), BY_GROUP) == ""


def test_the_largest_donor_is_told_by_its_share_alone(sheet: Build) -> None:
    printed = in_english(sheet({BY_DONOR: {"USA": 30.0, "not specified": 50.0}}, funding_usd=30 + 50))
    assert findings.largest_donor(printed) == "The largest donor gave 38% of the funding"


@pytest.mark.parametrize("parts", [{}, {"a": None}, {"a": 0}, {"a": -5}, {"not specified": 9}])
def test_where_no_part_is_above_zero_none_is_largest(sheet: Build, parts: dict[str, float | None]) -> None:
    assert findings.largest(sheet({BY_MONTH: parts}).breakdowns[BY_MONTH]) == ("", 0)


def test_the_largest_part_is_told_with_its_key(sheet: Build) -> None:
    assert findings.largest(sheet({BY_MONTH: {"a": 1, "b": 3, "c": 2}}).breakdowns[BY_MONTH]) == ("b", 3)


@pytest.mark.parametrize(
    ("partners", "said"), [(1, "1 partner reported 1 activity"), (0, "0 partners reported 1 activity")]
)
def test_one_partner_and_one_activity_are_told_in_the_singular(sheet: Build, partners: int, said: str) -> None:
    figures = sheet(
        sector="Common Services", reasons={"people_reached": "no_people"}, reporting_partners=partners, activities=1
    )
    assert findings.headline(in_english(figures)) == findings.response(in_english(figures)) == f"{said}."


def test_where_few_were_reached_the_sentences_tell_no_more_than_that(sheet: Build) -> None:
    few = withhold_small_counts(sheet(people_reached=3, reporting_partners=2, activities=16))
    assert findings.headline(in_english(few)) == "Fewer than 10 people were reached."
    assert findings.response(in_english(few)) == "2 partners reported 16 activities."


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "7 partners reached 1.57\u202fM people through 383 activities; 80% of the people in the Caribbean."),
        (
            "es",
            "7 socios alcanzaron a 1,57\u202fmillones de personas mediante 383 actividades; "
            "el 80\u202f% de las personas, en el Caribe.",
        ),
        (
            "pt",
            "7 parceiros alcançaram 1,57\u202fmilhões de pessoas por meio de 383 atividades; "
            "80% das pessoas no Caribe.",
        ),
    ],
)
def test_the_first_sentence_on_the_response_is_drafted_in_each_language(sheet: Build, language: str, said: str) -> None:
    parts = {PEOPLE: {"Caribbean": 0.8 * 1_570_000, "Chile": 0.2 * 1_570_000}}
    figures = sheet(parts, people_reached=1_570_000, activities=383, reporting_partners=7)
    assert findings.response(Printed(figures, Words(language))) == said


def test_on_a_platforms_own_sheet_the_response_names_the_place_with_most_people(sheet: Build) -> None:
    parts = {"people_reached_by_admin1": {"Lima": 52, "Ica": 48}}
    printed = in_english(sheet(parts, people_reached=100, activities=1, reporting_partners=1))
    assert findings.response(printed) == "1 partner reached 100 people through 1 activity; 52% of the people in Lima."


def test_the_only_donor_is_told_as_such(sheet: Build) -> None:
    printed = in_english(sheet({BY_DONOR: {"USA": 30.0}}, funding_usd=30))
    assert findings.largest_donor(printed) == "One donor gave all of the funding"


def test_every_platform_has_its_place_in_a_sentence() -> None:
    assert list(labels.IN_PLACE) == [*PLATFORMS, "DOM"]


def test_people_of_no_named_place_are_not_where_most_were_reached(sheet: Build) -> None:
    parts = {"people_reached_by_admin1": {"national": 70, "Lima": 30}}
    printed = in_english(sheet(parts, people_reached=100))
    assert findings.places(printed) == "Lima accounts for 30% of people reached"
