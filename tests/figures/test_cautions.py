"""What may not be printed as if it were well bears a caution, by the named rules of the method."""

from typing import Any

import pandas as pd

from conftest import activities, count_at_once, plan, planning, sheet_of
from rmrp_analysis.figures import Caution, for_audience
from rmrp_analysis.method import CautionLimits, Method
from rmrp_analysis.page import Page
from rmrp_analysis.page.cautions import format_caution
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.theme.prose import headline_in
from rmrp_analysis.vocabulary import plan_lists
from rmrp_analysis.words import Translator

MONTHS = [f"2021-{month:02d}" for month in range(1, 6)]
BY_AGE, BY_GROUP = "people_reached_by_age_gender", "people_reached_by_population_group"


Case = tuple[dict[str, Any], list[tuple[str, str]]]
CASES: dict[str, Case] = {
    "most is of one report": (
        {"new_beneficiaries": [5_000, 4_000], "month": MONTHS[:2]},
        [("one_report", "people_reached")],
    ),
    "half is of one report": ({"new_beneficiaries": [4_000, 4_000], "month": MONTHS[:2]}, []),
    "a small number may be of one report": ({"new_beneficiaries": [999]}, []),
    "a thousand people may not": ({"new_beneficiaries": [1_000]}, [("one_report", "people_reached")]),
    "groups are little above their total": ({"new_beneficiaries": [100], "women": [105]}, []),
    "groups are above their total, and put both in doubt": (
        {"new_beneficiaries": [100], "women": [106]},
        [("groups_exceed", "people_reached"), ("groups_exceed", BY_AGE)],
    ),
    "groups that are those of the people assisted say nothing against the total": (
        {"new_beneficiaries": [100, 50], "total_monthly_beneficiaries": [900, 50], "women": [900, 50]},
        [("groups_of_assisted", BY_AGE)],
    ),
    "a number that nobody can have counted is not known, so that it is not in doubt": (
        {"new_beneficiaries": [0], "in_destination": [1_370]},
        [],
    ),
    "some people are in no group": ({"new_beneficiaries": [100], "women": [70]}, []),
    "too many people are in no group": ({"new_beneficiaries": [100], "women": [69]}, [("not_specified", BY_AGE)]),
    "nobody is in any group": ({"new_beneficiaries": [100], "women": [0]}, []),
    "people are always new": (
        {"new_beneficiaries": [800, 800, 0], "total_monthly_beneficiaries": [800, 800, 70], "month": MONTHS[:3]},
        [("everybody_new", "people_reached")],
    ),
    "everybody is new, and most people were not": (
        {"new_beneficiaries": [800, 800, 0], "total_monthly_beneficiaries": [800, 800, 700], "month": MONTHS[:3]},
        [],
    ),
    "some people are left out": (
        {"new_beneficiaries": [90, 11], "indicator_type": ["people in need", "unknown"]},
        [("left_out", "people_reached")],
    ),
    "a tenth is left out": ({"new_beneficiaries": [90, 10], "indicator_type": ["people in need", "unknown"]}, []),
    "what is left out comes before what one report makes": (
        {"new_beneficiaries": [4_000, 50, 900], "indicator_type": ["people in need", "people in need", "unknown"]},
        [("left_out", "people_reached")],
    ),
    "some reports tell nobody as new": (
        {"new_beneficiaries": [90, 0], "total_monthly_beneficiaries": [90, 101], "month": MONTHS[:2]},
        [("not_counted", "people_reached")],
    ),
    "a tenth of the people assisted is in a report that tells nobody as new": (
        {
            "appealing_organisation": ["A", "B"],
            "new_beneficiaries": [900, 0],
            "total_monthly_beneficiaries": [900, 100],
        },
        [],
    ),
    "more than a tenth of them is": (
        {
            "appealing_organisation": ["A", "B"],
            "new_beneficiaries": [900, 0],
            "total_monthly_beneficiaries": [900, 101],
        },
        [("not_counted", "people_reached")],
    ),
    "people are new most often": (
        {"new_beneficiaries": [800, 800, 0], "total_monthly_beneficiaries": [800, 900, 70], "month": MONTHS[:3]},
        [],
    ),
}
"""What is reported of a sector, and the cautions of its sheet: the rule and what is in doubt."""


def sheets_of(method: Method | None = None) -> dict[str, list[tuple[str, str]]]:
    """The cautions of each case, which are the sheets of one plan, each of its own sector and country."""
    places = [(sector, country) for country in ("COL", "PER") for sector in plan_lists().sectors[: len(CASES) // 2 + 1]]
    tables = [
        activities(**columns, sector=sector, country=country)
        for (sector, country), (columns, _) in zip(places, CASES.values(), strict=False)
    ]
    reports = pd.concat(tables, ignore_index=True)
    reports["source_line"] = range(2, 2 + len(reports))
    made = plan(reports)
    selections = [made.select(sector, place=country, method=method) for sector, country in places[: len(CASES)]]
    count_at_once(selections)
    sheets = [selection.key_figures() for selection in selections]
    return {
        case: [(caution.rule, caution.of) for caution in sheet.cautions]
        for case, sheet in zip(CASES, sheets, strict=True)
    }


def test_what_may_not_be_printed_as_it_is_bears_a_caution_by_its_limits() -> None:
    assert sheets_of() == {case: expected for case, (_, expected) in CASES.items()}
    found = sheets_of(Method(cautions=CautionLimits(people_from=900)))
    assert found["a small number may be of one report"] == [("one_report", "people_reached")]


def test_reach_far_above_the_target_bears_a_caution() -> None:
    planned = planning(*((sector, "region", "all", "target", 100) for sector in ("Health", "WASH")))
    made = plan(activities(sector=["Health", "WASH"], new_beneficiaries=[151, 150]), planned)
    count_at_once(selections := [made.select(sector) for sector in ("Health", "WASH")])
    of_151, of_150 = (selection.key_figures() for selection in selections)
    assert of_151.cautions == (Caution("coverage_above", "target_coverage", 1.51),)
    assert of_150.cautions == ()


def test_that_everybody_is_new_is_said_of_a_sector_and_not_of_all_together() -> None:
    reports = activities(new_beneficiaries=[800, 800], total_monthly_beneficiaries=[800, 800], month=MONTHS[:2])
    rows = plan(reports).select("Intersector").table().set_index(["figure", "part"])["caution"]
    assert rows["people_reached_by_sector", "Health"] == "everybody_new"  # models keep some of them alone
    for figure, part in (("people_reached", ""), ("people_reached_by_platform", "Colombia")):
        assert rows[figure, part] == "mostly_in_doubt"


def test_a_sector_that_a_model_does_not_keep_has_the_doubt_of_its_own_people() -> None:
    reports = activities(sector=["Health", "WASH"], new_beneficiaries=[1_500, 1_600])
    rows = plan(reports).select("Intersector").table().set_index(["figure", "part"])["caution"]
    assert rows["people_reached_by_sector"][["Health", "WASH"]].to_list() == ["one_report", "one_report"]


def views_of(exact: Any, audience: str) -> dict[str, Any]:
    """The blocks of people, of age and gender, and of what accounts for them."""
    page = Page(exact, audience=audience)
    page.cards("people_in_need", "target", "people_reached")
    page.bars(page.table("people_reached", "age_gender"))
    page.account()
    return {block.name: block.view for block in page.blocks}


def test_the_number_bears_its_first_cause_and_the_breakdown_gives_way_to_it() -> None:
    reports = activities(new_beneficiaries=[4_000, 50], month=["2021-01", "2021-02"], women=[5_000, 50])
    exact = sheet_of(plan(reports), "Health")
    assert [(each.rule, each.of) for each in for_audience(exact, "public").cautions] == [
        ("one_report", "people_reached"),
        ("groups_exceed", BY_AGE),
    ]
    views = views_of(exact, "public")
    assert set(views) == {"account"}  # the number cannot be used, so the public sees no number


def test_what_the_headline_says_of_doubts_is_not_said_again() -> None:
    reports = activities(new_beneficiaries=[4_000, 50], month=["2021-01", "2021-02"], women=[5_000, 50])
    page = Page(sheet_of(plan(reports), "Health"), audience="internal")
    page.headline()
    page.cards("people_reached")
    headline, people, *_ = (block.view for block in page.blocks)
    said = "one report for January accounts for 99% of the people reached"
    assert (headline_in([headline]), people["caution"]) == (f"Not yet usable: {said}.", "")


def test_groups_of_the_people_assisted_are_drawn_as_shares_of_them() -> None:
    reports = activities(
        new_beneficiaries=[100, 50], total_monthly_beneficiaries=[900, 50], women=[800, 50], girls=[100, 0]
    )
    for view in (views_of(sheet_of(plan(reports), "Health"), audience)[BY_AGE] for audience in ("public", "internal")):
        assert [(row["label"], row["people"]["text"], row["people"]["share"]) for row in view["rows"]] == [
            ("Women", "89%", ""),
            ("Girls", "11%", ""),
        ]  # of 850 + 100
        assert view["caution"] == (
            "Read with care: these groups are those of the people assisted, not of the people newly reached."
        )


def test_a_public_caution_tells_what_follows_from_rounded_numbers() -> None:
    exact = sheet_of(plan(activities(new_beneficiaries=[102], women=[55])), "Health")
    public = for_audience(exact, "public")
    (caution,) = public.cautions
    rest = public.breakdowns[BY_AGE].values()["not specified"]
    assert (caution.rule, caution.share) == ("not_specified", rest / (public.value("people_reached") or 0))
    assert {rest, public.value("people_reached")} <= {40, 50, 100, 110}


def test_a_caution_of_few_people_tells_no_number() -> None:
    told = set()
    for women in range(2, 10):
        exact = sheet_of(plan(activities(new_beneficiaries=[1], women=[women])), "Health")
        public = for_audience(exact, "public")
        printed = SheetFormatter(public, Translator("en"))
        told |= {(caution.people, format_caution(printed, caution)) for caution in public.cautions}
    start = "the reports contradict themselves, since their groups add up to"
    rest = "these groups add up to more than the people reached"
    assert told == {(None, f"{start} more"), (None, rest)}  # so few people are not divided


def test_what_is_mostly_in_doubt_tells_the_people_of_the_places_that_it_names() -> None:
    people = {"PER": 1100, "BRA": 1200, "CHL": 1300, "ECU": 1400, "COL": 1500}
    doubtful = {country: new for country, new in people.items() if country != "COL"}
    rows = [
        *((country, "2021-01", new - 10) for country, new in doubtful.items()),
        *((country, "2021-02", 10) for country in doubtful),
        *(("COL", "2021-01", 500) for _ in range(3)),
    ]
    country, month, new = map(list, zip(*rows, strict=True))
    sheet = sheet_of(plan(activities(country=country, month=month, new_beneficiaries=new)), "Health")
    (caution,) = [each for each in sheet.cautions if each.of == "people_reached"]
    assert (caution.rule, caution.places) == ("mostly_in_doubt", ("ECU", "CHL", "BRA"))
    assert caution.people == 1400 + 1300 + 1200
