"""The CSV files of a run as a Data Package: held against the published profile, and every cell against its schema."""

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest

from published_run import Published, rows_of, written_params
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.params import BUNDLED_PLAN, RunParams, find_shipped_folder, load_run_params
from rmrp_analysis.publish.records.datapackage import DATAPACKAGE_FILE, describe_datapackage
from rmrp_analysis.publish.records.figures import (
    COLUMNS_BY_FILE,
    PLACE_KEY_COLUMNS,
    list_figure_rows,
    list_place_rows,
    make_run_table,
)
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.publish.run.review import QUALITY_CSV_FILES
from rmrp_analysis.quality.checks import FINDING_COLUMNS
from rmrp_analysis.vocabulary import plan_lists

PROFILE = json.loads((Path(__file__).parent / "datapackage-2.0.json").read_text("utf-8"))
Build = Callable[..., Any]
READ: Mapping[str, Callable[[str], object]] = {
    "string": str, "number": float, "integer": int, "date": date.fromisoformat,
    "yearmonth": lambda text: date.fromisoformat(f"{text}-01"),
}  # fmt: skip


@pytest.fixture(scope="module")
def package(published: Published) -> dict[str, Any]:
    return json.loads((published.folder / DATAPACKAGE_FILE).read_text("utf-8"))


def faults(descriptor: dict[str, Any]) -> list[str]:
    return [error.message for error in jsonschema.Draft7Validator(PROFILE).iter_errors(descriptor)]


def is_right(cell: str, field: Mapping[str, Any]) -> bool:
    """Whether a cell is what the schema says of its column."""
    constraints = field.get("constraints", {})
    if not cell:
        return not constraints.get("required", False)
    with suppress(ValueError):
        READ[field["type"]](cell.replace(field.get("decimalChar", "."), "."))
        return cell in constraints.get("enum", [cell])
    return False


def test_it_is_what_the_published_profile_says_and_states_whose_and_when_it_is(package: dict[str, Any]) -> None:
    assert faults(package) == []
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    (first, *others) = package["resources"]
    assert len(faults(package | {"resources": [{**first, "path": "../figures.csv"}, *others]})) == 1
    unknown = {**first["schema"], "fields": [{"name": "value", "type": "money"}]}
    assert len(faults(package | {"resources": [{**first, "schema": unknown}]})) == 1
    assert uuid.UUID(package["id"]).version == 5
    days = [source["as_of"] for source in package["sources"] if re.fullmatch(r"\d{4}-\d\d-\d\d", source["as_of"])]
    assert package["created"] == f"{max(days)}T00:00:00Z"
    titles = {licence["name"]: licence["title"] for licence in package["licenses"]}
    assert "activities" in titles["CC0-1.0"]
    assert "not stated" not in titles["CC0-1.0"]


def test_the_same_run_has_the_same_descriptor_and_another_edition_another_id(tmp_path: Path) -> None:
    manifest = Manifest(run="r", edition="e", sources={"activities": {"producer": "P", "as_of": "2021-06-01"}})
    assert describe_datapackage(manifest, tmp_path) == describe_datapackage(manifest, tmp_path)
    other = describe_datapackage(manifest.model_copy(update={"edition": "f"}), tmp_path)
    assert other["id"] != describe_datapackage(manifest, tmp_path)["id"]
    assert other["licenses"] == [{"name": "not-stated", "title": "not stated (activities)"}]


def test_every_csv_file_is_in_it_and_each_cell_of_its_type(published: Published, package: dict[str, Any]) -> None:
    resources = {resource["path"]: resource for resource in package["resources"]}
    assert set(resources) == {name for name in published.names() if name.endswith(".csv")}
    assert [*resources][:2] == ["figures.csv", "places.csv"]  # those of single sheets follow
    for path, resource in resources.items():
        content = (published.folder / path).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)
    for resource in package["resources"]:
        rows = rows_of(published.folder / resource["path"], resource["dialect"]["delimiter"])
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == list(rows[0])
        assert not [field for field in fields if field["description"].endswith("as it was sent")]
        cells = [(row[field["name"]], field) for row in rows for field in fields]
        assert [(cell, field["name"]) for cell, field in cells if not is_right(cell, field)] == []
    of_sheets = [resource for path, resource in resources.items() if ".es." in path]
    assert {resource["dialect"]["delimiter"] for resource in of_sheets} == {";"}
    (value,) = (field for field in of_sheets[0]["schema"]["fields"] if field["name"] == "Valor")
    assert (value["type"], value["decimalChar"]) == ("number", ",")
    assert re.search(r";\d+,\d+;", (published.folder / of_sheets[0]["path"]).read_text("utf-8-sig"))
    assert (resources["figures.csv"]["dialect"]["delimiter"], "decimalChar" in str(resources["figures.csv"])) == (
        ",",
        False,
    )


def test_figures_name_only_places_and_figures_that_there_are(published: Published, package: dict[str, Any]) -> None:
    schema = package["resources"][0]["schema"]
    figures, places = (rows_of(published.folder / f"{name}.csv") for name in ("figures", "places"))
    (key,) = schema["foreignKeys"]
    assert key == {"fields": ["platform"], "reference": {"resource": "places", "fields": ["key"]}}
    assert {row["platform"] for row in figures} - {""} <= {row["key"] for row in places}
    named = next(field for field in schema["fields"] if field["name"] == "figure")["categories"]
    assert {row["figure"] for row in figures} <= {each["value"] for each in named}
    assert len({tuple(row[name] for name in PLACE_KEY_COLUMNS) for row in places}) == len(places)


def test_an_internal_run_says_so_and_describes_its_tables_on_the_data(tmp_path: Path) -> None:
    assert set(COLUMNS_BY_FILE["quality.csv"]) == {*FINDING_COLUMNS, "finding"}
    tables = {name: [*COLUMNS_BY_FILE[name], *(["Mes"] if name == "refused.csv" else [])] for name in QUALITY_CSV_FILES}
    for name, columns in tables.items():
        (tmp_path / name).write_text("\ufeff" + ",".join(columns) + "\n", "utf-8")
    files = {name: {"bytes": 1, "sha256": "0" * 64} for name in tables}
    manifest = Manifest(run="r", title="T", edition="e", audience="internal", files=files)
    descriptor = describe_datapackage(manifest, tmp_path)
    assert faults(descriptor) == []
    assert "Internal: not for publication." in descriptor["description"]
    meanings = {field["name"]: field["description"] for field in descriptor["resources"][1]["schema"]["fields"]}
    assert meanings["line"].startswith("Its line")
    assert {resource["path"]: resource["schema"]["fields"][-1]["name"] for resource in descriptor["resources"]}[
        "refused.csv"
    ] == "Mes"


def test_parts_by_country_and_by_admin1_are_keys_of_places(tmp_path: Path) -> None:
    data = find_shipped_folder(BUNDLED_PLAN)
    plan = load_plan(data)
    path = written_params(tmp_path, data=str(data), sectors=["Health"], places=["Peru", "Southern Cone", "ARG"])
    params: RunParams = load_run_params(path)
    rows = list(list_figure_rows(make_run_table(plan, params.reports())))
    places = list(list_place_rows(plan))
    for split, kind, countries in (("country", "country", None), ("admin1", "admin1", {"PER", "ARG"})):
        parts = {row["group"] for row in rows if row["figure"] == f"people_reached_by_{split}"} - {"national"}
        of_kind = [place for place in places if place["kind"] == kind]
        assert parts
        assert parts <= {place["key"] for place in of_kind if countries is None or place["iso3"] in countries}
    slugs = {place.get("slug") for place in places}
    assert {re.sub(r"^health\.?", "", row["report"]) for row in rows} <= slugs


def listed(*rows: tuple[str, str, str]) -> dict[str, pd.DataFrame]:
    return {"admin1": pd.DataFrame(rows, columns=["country", "pcode", "admin1"])}


def test_all_places_of_the_list_are_told_whatever_was_reported(plan: Build, activities: Build) -> None:
    places = listed(("PER", "PE15", "Lima"), ("COL", "CO11", "Bogotá"), ("PER", "PE00", "Peru"))
    told = [
        list(list_place_rows(plan(activities(country="PER", admin1=[name, "Elsewhere"]), references=places)))
        for name in ("Lima", "")
    ]
    assert told[0] == told[1]
    by_key = {(place["kind"], place["key"]): place for place in told[0]}
    assert by_key["admin1", "Lima"] == {
        "key": "Lima", "kind": "admin1", "name": "Lima", "iso3": "PER", "pcode": "PE15", "ocha_pcode": "PE15",
        "platform": "Peru",
    }  # fmt: skip
    assert by_key["country", "PER"]["pcode"] == "PE00"
    assert [key for kind, key in by_key if kind == "admin1"] == ["Lima", "Bogotá"]


def test_without_a_list_the_countries_are_told_alone_and_a_name_with_contact_details_is_no_place(plan: Build) -> None:
    places = list(list_place_rows(plan()))
    assert [place["key"] for place in places if place["kind"] == "country"] == list(plan_lists().countries)
    assert not [place for place in places if place["kind"] == "admin1"]
    references = listed(("PER", "PE15", "Lima, ana@example.org"), ("PER", "PE01", "Amazonas"))
    places = list_place_rows(plan(references=references))
    assert [place["key"] for place in places if place["kind"] == "admin1"] == ["Amazonas"]
