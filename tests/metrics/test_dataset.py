"""What is made of a plan once: names of sources, refused rows, keys of rows, proportions, whom no model sees."""

from dataclasses import replace

import pandas as pd
import pytest

from conftest import activities, flow, flows, plan, planning
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import (
    cached_and_sent,
    cached_by_args,
    count_new_by_sector,
    mix_keys,
    people_outside_model,
    row_keys,
)
from rmrp_analysis.metrics.dataset import fill_categories
from rmrp_analysis.metrics.models import GROUPS_BY_PAIR
from rmrp_analysis.plan import Plan, as_new
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, NATIONAL_LEVEL

NEW = "new_beneficiaries"


def test_a_source_is_named_with_its_day_or_as_one_without() -> None:
    made = replace(
        plan(),
        sources={
            "activities": Source(file="a.csv", producer="R4V", as_of="2021-12-31"),
            "planning": Source(file="b.csv", producer="R4V", illustrative=True),
        },
    )
    sources = [made.source(name) for name in ("activities", "planning", "funding")]
    assert sources == ["R4V, 2021-12-31", "R4V, no date", ""]
    assert [made.is_illustrative(name) for name in ("activities", "planning", "funding")] == [False, True, False]


def with_refused() -> Plan:
    """Two activities, and two that were refused: one of a partner and of a country that no activity has."""
    refused = activities(
        appealing_organisation=["NRC", "iom"], country=["PER", "COL"], **{NEW: [None, 8]}, month=["2021-03", "2021-01"]
    ).assign(people_left_out=[3.0, 8.0])
    return replace(plan(activities(appealing_organisation=["IOM", "IOM"], **{NEW: [5, 6]})), refused_activities=refused)


def test_refused_rows_have_numbers_below_0_and_the_names_of_the_others() -> None:
    made = with_refused()
    assert (made.rows.index.to_list(), made.refused_rows.index.to_list()) == ([0, 1], [-1, -2])
    assert made.refused_rows["people_left_out"].to_list() == [3, 8]
    assert made.refused_rows["organisation"].to_list() == ["NRC", "IOM"]
    assert made.refused_rows["country"].to_list() == ["PER", "COL"]
    assert made.presence["row"].to_list() == [0, 1]
    assert made.months_reported == ("2021-01",)
    assert (plan().refused_rows.empty, "people_left_out" in plan().refused_rows) == (True, True)


def test_a_copy_has_the_results_that_are_sent_and_no_others_and_another_plan_has_none() -> None:
    made = plan()
    calls: list[str] = []
    count = cached_by_args(lambda _, name: calls.append(name) or len(calls))  # type: ignore[func-returns-value]
    send = cached_and_sent(lambda _, name: calls.append(name) or {name: len(calls)})  # type: ignore[func-returns-value]
    assert (count(made, "a"), count(made, "a"), send(made, "b"), send(made, "b")) == (1, 1, {"b": 2}, {"b": 2})
    copied = as_new(made)
    assert (send(copied, "b"), count(copied, "a")) == ({"b": 2}, 3)
    send(copied, "b").clear()  # which the plan itself does not notice
    assert (send(made, "b"), count(made, "a"), send(replace(made), "b")) == ({"b": 2}, 1, {"b": 4})


def test_rows_say_how_many_reports_leave_their_people_unknown() -> None:
    made = plan(activities(**{NEW: [5, None, None]}, people_not_known=[0.0, 9.0, 0.0], rows=[2, 3, 4]))
    assert made.presence[["rows", "rows_not_known"]].to_numpy().tolist() == [[2, 0], [3, 3], [4, 0]]


def test_groups_of_people_who_are_not_known_to_be_new_are_not_counted() -> None:
    numbers = {NEW: [5, None], "women": [2, 4], "people_not_known": [0.0, 9.0]}
    people = plan(activities(**numbers)).people
    by_part = people.groupby(["part", "row"], observed=True)["amount"].sum().to_dict()
    assert by_part == {
        (NEW, 0): 5,
        ("women", 0): 2,
        ("not specified population_group", 0): 5,
        ("not specified age_gender", 0): 5 - 2,
        ("people_not_known", 1): 9,
    }


def test_people_with_cash_are_new_ones_of_rows_with_cash() -> None:
    rows = plan(activities(**{NEW: [5, 6, 7]}, cva=["Yes", "No", None])).rows
    assert rows["new_with_cva"].to_list() == [5, 0, 0]


def test_an_admin1_without_a_name_goes_by_its_key_and_none_is_the_whole_country() -> None:
    rows = plan(
        activities(place=["pe-15", "pe-15", ""], place_name=["Lima", "", ""], indicator_name=["a", "", "b"])
    ).rows
    assert rows["admin1"].to_list()[:2] == ["Lima", "pe-15"]
    assert rows["admin1"].to_list()[2] == NATIONAL_LEVEL
    assert rows["indicator"].to_list() == ["a", "# of people who received health care", "b"]


def test_texts_are_in_the_order_of_the_alphabet_with_an_empty_one_for_none() -> None:
    texts = fill_categories(pd.Series(["b", None, "a", "b"], dtype="category"))
    assert (texts.to_list(), texts.cat.categories.to_list()) == (["b", "", "a", "b"], ["", "a", "b"])


def test_keys_are_those_that_published_numbers_were_rounded_by() -> None:
    """Another key would move public numbers of which nothing changed: so each step of the hash is pinned here."""
    rows = pd.DataFrame({"country": ["Peru", "Chile"], NEW: [3.0, 4.0]})
    keys = row_keys(rows, "a secret")
    assert keys.to_list() == KEYS
    assert mix_keys(keys, "women").to_list() == KEYS_OF_WOMEN


KEYS = [2694394997066884598, 10391506969458838241]
KEYS_OF_WOMEN = [12407815485310410025, 15186514326031262962]


def of_2022(*shares: tuple[str, str, tuple[float, ...]], **columns: object) -> Plan:
    """Reports of Health in Peru with proportions of people in destination: place, group, shares by age and gender."""
    rows = [
        {"country": "PER", "place": place, "sector": "Health"}
        | dict.fromkeys(GROUPS_BY_PAIR, 0.0)
        | {f"{group}_{part}": share for part, share in zip(AGE_GENDER_GROUPS, of_parts, strict=False)}
        for place, group, of_parts in shares
    ]
    proportions = {"people_in_need": pd.DataFrame(rows, columns=["country", "place", "sector", *GROUPS_BY_PAIR])}
    return replace(plan(activities(country="PER", **columns), year=2022), proportions=proportions)


QUARTERS = (0.25, 0.25, 0.25, 0.25)


def test_whom_no_model_sees_is_in_no_group_or_in_one_without_shares() -> None:
    people = {NEW: [100, 40], "in_destination": [60, 50], "in_transit": [30, 0], "place": ["lima", "cusco"]}
    made = of_2022(("", "in_destination", QUARTERS), **people)
    unseen = people_outside_model(made, Method(), ()).droplevel(["sheet_organisation", "country", "month", "sector"])
    assert unseen.to_dict() == {"lima": 100 - 60, "cusco": 0}  # 30 in transit have no shares; 50 are more than 40
    assert people_outside_model(made, Method(intersector_model="sum"), ()).empty


def test_of_two_lists_of_proportions_of_a_place_the_first_counts() -> None:
    shares = (("", "in_destination", (1.0, 0.0, 0.0, 0.0)), ("", "in_destination", (0.0, 0.0, 1.0, 0.0)))
    made = of_2022(*shares, **{NEW: [10], "in_destination": [10]})
    reached = made.select("Intersector", period="2021-01").people_reached()
    assert reached.by("age_gender")[["girls", "women"]].to_list() == [10, 0]


def test_a_part_that_nobody_reports_is_0_for_the_models() -> None:
    new = count_new_by_sector(plan(activities(**{NEW: [5]})), Method(), ())
    assert new.columns.to_list()[0] == NEW
    assert {"women", "in_transit", "new_with_cva"} <= {*new.columns}
    assert new.drop(columns=NEW).to_numpy().sum() == 0


@pytest.mark.parametrize(("source", "is_invented"), [("Illustrative: by us", True), ("R4V, illustrative", False)])
def test_what_begins_with_illustrative_was_made_up(source: str, is_invented: bool) -> None:
    made = plan(planning=planning(("Health", "region", "all", "target", 3), source=source))
    assert made.planned[["illustrative", "amount", "rows"]].iloc[0].to_list() == [is_invented, 3, 1]


def test_entries_of_money_stand_once_with_the_line_of_their_flow() -> None:
    both = flow(9, destination_countries=("COL", "PER"), destination_overlaps=("locations",))
    ledger = plan(flows=flows(flow(4), both)).ledger
    assert ledger.groupby("source_line")["amount"].sum().to_dict() == {1: 4, 2: 9}
    assert ledger.groupby("country")["amount"].sum().to_dict() == {
        "COL": 9,
        "PER": 9,
        "counted more than once": -9,
        "not specified": 4,
    }
    assert set(ledger["rows"]) == {1}
