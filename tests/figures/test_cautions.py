"""What may not be printed as if it were well bears a caution, by the named rules of the method."""

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from conftest import activities, count_at_once, plan, planning, sheet_of
from rmrp_analysis.figures import Caution, for_audience
from rmrp_analysis.method import CautionLimits, Method
from rmrp_analysis.page import Page
from rmrp_analysis.page.cautions import format_caution
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.vocabulary import plan_lists
from rmrp_analysis.words import Translator

MONTHS = [f"2021-{month:02d}" for month in range(1, 6)]
BY_AGE, BY_GROUP = "people_reached_by_age_gender", "people_reached_by_population_group"


CASES = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
"""What is reported of a sector, and the cautions of its sheet: the rule and what is in doubt."""


def sheets_of(method: Method | None = None) -> dict[str, list[tuple[str, str]]]:
    """The cautions of each case, which are the sheets of one plan, each of its own sector and country."""
    places = [(sector, country) for country in ("COL", "PER") for sector in plan_lists().sectors[: len(CASES) // 2 + 1]]
    tables = [
        activities(**case["reported"], sector=sector, country=country)
        for (sector, country), case in zip(places, CASES.values(), strict=False)
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
    assert sheets_of() == {name: list(map(tuple, case["cautions"])) for name, case in CASES.items()}
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


def test_groups_exceed_a_total_of_nobody() -> None:
    reports = activities(new_beneficiaries=0, total_monthly_beneficiaries=0, women=55)
    rows = plan(reports).select("Health").table().set_index(["figure", "part"])
    assert rows.loc[(BY_AGE, "not specified"), "reason"] == "groups_exceed"
    assert rows.loc[(BY_AGE, "women"), "caution"] == "groups_exceed"


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
    assert BY_AGE not in views  # one report alone is how a partner reports, and groups are in doubt
    assert views["people"]["caution"] == ""


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
