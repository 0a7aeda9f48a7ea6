"""Changed rows explain the numbers of their own cells; records are known by their ids, else by organisation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rmrp_analysis.commands.sample.write import write_sample
from rmrp_analysis.method import Method, Period
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.comparison.causes import causes
from rmrp_analysis.publish.comparison.changes import SELECTIONS, selected, with_facts
from rmrp_analysis.publish.comparison.rows import RowChanges, are_touched, plan_of, row_changes, rows_by_organisation
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.sources import sha256

Build = Callable[..., Any]
Explains = Callable[..., bool]
YEAR = Period(start="2021-01", end="2021-12")


@pytest.fixture(scope="module")
def explains(plan: Build) -> Callable[[pd.DataFrame, pd.DataFrame], Explains]:
    """Whether the rows that differ between two tables explain that a number changed."""

    def between(before: pd.DataFrame, after: pd.DataFrame, period: Period = YEAR) -> Explains:
        plans: tuple[Plan, ...] = plan(before), plan(after)
        reports = [*SELECTIONS, "health.by-iom", "health.peru.by-unhcr"]
        sheets = tuple(
            each.sheets((selected(report, each.organisations) for report in reports), period=period, method=Method())
            for each in plans
        )
        rows = RowChanges(plans, plans, sheets)
        touched = rows.touched(rows.table)

        def of(report: str, figure: str, part: str = "", kind: str = "changed") -> bool:
            change = pd.DataFrame([{"report": report, "figure": figure, "part": part, "kind": kind}])
            return bool(are_touched(with_facts(change), touched).item())

        return of

    return between


@pytest.fixture(scope="module")
def of_peru(activities: Build, explains: Callable[..., Explains]) -> Explains:
    """A row of Health in Lima in March says 7 women more; one of Ecuador stays as it is."""
    columns = {"country": ["PER", "ECU"], "admin1": ["Lima", "Pichincha"], "month": ["2021-03", "2021-04"]}
    columns |= {"place": ["PE15", "EC17"], "appealing_organisation": ["UNHCR", "IOM"]}
    before = activities(new_beneficiaries=[10, 20], women=[10, 20], in_destination=[10, 20], **columns)
    after = activities(new_beneficiaries=[17, 20], women=[17, 20], in_destination=[17, 20], **columns)
    return explains(before, after)


@pytest.mark.parametrize(
    ("report", "figure", "part", "explained"),
    [
        ("health", "people_reached", "", True),
        ("health.peru", "people_reached", "", True),
        ("health.ecuador", "people_reached", "", False),
        ("wash", "people_reached", "", False),
        ("intersector", "people_reached", "", True),
        ("intersector.ecuador", "people_reached", "", False),
        ("health", "people_reached_by_platform", "Peru", True),
        ("health", "people_reached_by_platform", "Ecuador", False),
        ("health", "target_coverage_by_country", "PER", True),
        ("health", "target_coverage_by_country", "ECU", False),
        ("health.peru", "people_reached_by_admin1", "Lima", True),
        ("health.peru", "people_reached_by_admin1", "Tacna", False),
        ("health", "people_reached_by_month", "2021-03", True),
        ("health", "people_reached_by_month", "2021-04", False),
        ("intersector", "people_reached_by_sector", "Health", True),
        ("intersector", "people_reached_by_sector", "WASH", False),
        ("intersector", "people_reached_by_model", "max_sector", True),
        ("health", "people_reached_by_age_gender", "women", True),
        ("health", "people_reached_by_age_gender", "men", False),
        ("health", "people_reached_by_population_group", "in_destination", True),
        ("health", "people_reached_by_population_group", "not specified", False),
        ("intersector", "people_reached_by_age_gender", "men", True),  # of the largest sector come all groups
        ("intersector.ecuador", "people_reached_by_age_gender", "men", False),
        ("health.peru.by-unhcr", "people_reached", "", True),
        ("health.by-iom", "people_reached", "", False),
        ("health.peru.by-unhcr", "activities_by_implementing_partner", "directly", True),
        ("health.peru.by-unhcr", "activities_by_implementing_partner", "Partner A", False),
    ],
)
def test_a_row_explains_the_numbers_of_its_own_cells(
    of_peru: Explains, report: str, figure: str, part: str, explained: bool
) -> None:
    assert of_peru(report, figure, part) is explained


def test_a_row_explains_its_places_and_activities(activities: Build, explains: Callable[..., Explains]) -> None:
    of = explains(activities(country="PER", new_beneficiaries=5), activities(country="ECU", new_beneficiaries=5))
    assert [of(f"health.{place}", "people_reached") for place in ("peru", "ecuador", "colombia")] == [True, True, False]
    before = activities(country="ECU", new_beneficiaries=5)
    more = activities(country=["ECU", "PER"], new_beneficiaries=[5, 5], indicator_type=["people in need", "other"])
    of = explains(before, more)
    assert of("health.peru", "activities")
    assert of("health.peru", "reporting_partners")
    assert not of("health.peru", "people_reached")
    assert of("health.peru", "people_reached", kind="new")
    assert of("health.peru", "people_reached_by_age_gender", "women", kind="new")
    months = {"month": ["2021-01", "2021-09"]}
    before, after = (activities(new_beneficiaries=[1, people], **months) for people in (2, 3))
    of = explains(before, after, Period(start="2021-01", end="2021-06"))
    assert not of("health", "people_reached")
    assert not of("health", "activities")


# ---- Records ----


ORGANISATIONS = ["IOM", "UNHCR", "UNHCR"]


def with_ids(rows: pd.DataFrame, ids: list[str]) -> pd.DataFrame:
    return rows.assign(record_id=ids)


def changes(before: Plan, after: Plan) -> list[tuple[str, str, float]]:
    table = row_changes(before, after)
    return sorted(zip(table["change"], table["organisation"], table["people"], strict=True))


def test_a_record_is_known_by_its_id_whatever_else_changed(plan: Build, activities: Build) -> None:
    before = with_ids(activities(appealing_organisation=ORGANISATIONS, new_beneficiaries=[1, 2, 3]), ["a", "b", "c"])
    after = with_ids(
        activities(appealing_organisation=["UNHCR", "WFP", "IOM"], month="2021-02", new_beneficiaries=[30, 20, 1]),
        ["c", "b", "a"],
    )
    assert changes(plan(before), plan(after)) == [
        ("changed", "IOM", 1 - 1),
        ("changed", "UNHCR", 30 - 3),
        ("changed", "WFP", 20 - 2),
    ]
    before = with_ids(activities(new_beneficiaries=[5]), ["a"])
    after = with_ids(activities(new_beneficiaries=[7]), ["b"])
    assert changes(plan(before), plan(after)) == [("added", "IOM", 7), ("removed", "IOM", -5)]
    without = activities(new_beneficiaries=[5])
    assert changes(plan(without), plan(after)) == [("changed", "IOM", 7 - 5)]


def manifest(plan: Plan, checksum: str, file: str = "5w.json") -> Manifest:
    inputs = [{"name": "activities", "path": f"data/{file}", "sha256": checksum}]
    params = {"plan": 2021, "repairs": [], "method": Method().model_dump(mode="json")}
    return Manifest(inputs=inputs, params=params, rows_by_organisation=rows_by_organisation(plan))


def test_without_the_files_the_organisations_with_more_or_fewer_rows_are_named(plan: Build, activities: Build) -> None:
    rows = activities(appealing_organisation=ORGANISATIONS, new_beneficiaries=[1, 2, 3])
    before, after = plan(rows), plan(activities(appealing_organisation=["IOM", "UNHCR"]))
    opening = "activities: other content of 5w.json"
    (cause,) = causes(manifest(before, "1"), manifest(after, "2"))
    assert cause.sentence() == f"{opening}; rows by organization: UNHCR -1"
    (cause,) = causes(manifest(before, "1"), manifest(before, "2"))
    assert cause.sentence() == opening


def test_neither_the_name_of_a_file_nor_the_order_of_records_is_a_difference(plan: Build, activities: Build) -> None:
    rows = plan(with_ids(activities(new_beneficiaries=[1]), ["a"]))
    assert causes(manifest(rows, "1"), manifest(rows, "1", "later.json")) == []
    rows = with_ids(activities(appealing_organisation=ORGANISATIONS, new_beneficiaries=[1, 2, 3]), ["a", "b", "c"])
    assert changes(plan(rows), plan(rows.iloc[::-1])) == []


def test_the_plan_of_an_earlier_run_is_found_beside_the_files_that_took_its_place(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_sample(data, rows=50, seed=1)
    first = data / "activities.csv.gz"
    names = ("activities", "indicators", "planning", "funding", "admin1", "appealing_organisations")
    before = [
        {"name": name, "path": f"data/{path.name}", "sha256": sha256(path)}
        for name in (*names, "implementing_partners")
        for path in data.glob(f"{name}.*")
    ]
    manifest_before = Manifest(params={"data": "data"}, inputs=before)
    write_sample(tmp_path / "later", rows=60, seed=2)
    (tmp_path / "later" / first.name).rename(data / "activities-2.csv.gz")
    text = (data / "sources.yml").read_text("utf-8").replace(first.name, "activities-2.csv.gz")
    text = text.replace(sha256(first), sha256(data / "activities-2.csv.gz"))
    (data / "sources.yml").write_text(text, "utf-8")
    found = plan_of(manifest_before, [tmp_path])
    assert next(file.path.name for file in found.inputs) == first.name
    assert len(found.activities) <= 50
    first.write_bytes(b"another file")
    assert plan_of(manifest_before, [tmp_path]) is None
