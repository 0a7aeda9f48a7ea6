"""Records with ids are known where lines moved; without the files, organisations by their number of rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis.commands.sample import write_sample
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.comparison.causes import causes
from rmrp_analysis.publish.comparison.rows import plan_of, row_changes, rows_by_organisation
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.sources import sha256

Build = Callable[..., Any]
ORGANISATIONS = ["IOM", "UNHCR", "UNHCR"]


def with_ids(rows: pd.DataFrame, ids: list[str]) -> pd.DataFrame:
    return rows.assign(record_id=ids)


def changes(before: Plan, after: Plan) -> list[tuple[str, str, float]]:
    table = row_changes(before, after)
    return sorted(zip(table["change"], table["organisation"], table["people"], strict=True))


def test_a_record_is_known_by_its_id_where_every_cell_and_line_of_it_changed(plan: Build, activities: Build) -> None:
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


def test_two_records_alike_but_for_their_numbers_are_one_gone_and_one_new(plan: Build, activities: Build) -> None:
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


def test_the_same_content_in_a_file_of_another_name_is_no_cause(plan: Build, activities: Build) -> None:
    rows = plan(with_ids(activities(new_beneficiaries=[1]), ["a"]))
    assert causes(manifest(rows, "1"), manifest(rows, "1", "later.json")) == []


def test_the_order_of_records_is_no_difference(plan: Build, activities: Build) -> None:
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
