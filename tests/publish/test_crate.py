"""The accounts of a run: an RO-Crate, as the library for such crates reads it, and run.json of any version."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from rocrate.rocrate import ROCrate

from published_run import Published
from rmrp_analysis.publish.records.crate import CRATE_FILE
from rmrp_analysis.publish.records.manifest import Manifest


@pytest.fixture(scope="module")
def graph(published: Published) -> dict[str, Any]:
    """The entities of the crate by their ids."""
    content = json.loads((published.folder / CRATE_FILE).read_text("utf-8"))
    return {entity["@id"]: entity for entity in content["@graph"]}


def test_the_library_for_crates_finds_every_file_as_it_is(published: Published, graph: dict[str, Any]) -> None:
    crate = ROCrate(published.folder)
    assert crate.metadata.version == "1.1"
    assert crate.name == "End of year 2021 key figures"
    assert {entity.id for entity in crate.data_entities} == published.names() - {CRATE_FILE}
    assert all(entity.type == "File" for entity in crate.data_entities)
    (action,) = [entity for entity in crate.contextual_entities if entity.type == "CreateAction"]
    assert [entity.id for entity in action["instrument"]] == ["#rmrp-analysis", "#pack", "#notebook"]
    assert {entity["name"] for entity in action["object"]} >= {"activities.csv.gz", "indicators.csv", "planning.csv"}
    for name in published.names() - {CRATE_FILE, "run.json"}:
        content = (published.folder / name).read_bytes()
        assert graph[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert graph[name]["contentSize"] == str(len(content))
        assert graph[name]["encodingFormat"] != "application/octet-stream"


def test_whatever_is_referred_to_is_described(graph: dict[str, Any]) -> None:
    meant = set(re.findall(r'{"@id": "([^"]+)"}', json.dumps(graph)))
    assert {name for name in meant if not name.startswith("http")} <= set(graph)
    assert len(meant) > 20


def test_inputs_and_sheets_stand_in_it_with_whose_they_are(published: Published, graph: dict[str, Any]) -> None:
    activities = graph["#input-1"]
    assert activities["name"] == "activities.csv.gz"
    assert activities["sha256"] == hashlib.sha256((published.data / "activities.csv.gz").read_bytes()).hexdigest()
    assert graph[activities["creator"]["@id"]]["name"] == "invented for illustration"
    assert graph[activities["license"]["@id"]]["name"] == "CC0-1.0"
    text = (published.folder / CRATE_FILE).read_text("utf-8")
    assert [folder for folder in (published.data.parent, Path.home()) if str(folder) in text] == []
    assert graph["./"]["inLanguage"] == [{"@id": "#language-es"}]
    assert graph[f"{published.report}.pdf"]["inLanguage"] == {"@id": "#language-es"}
    assert graph["#language-es"]["identifier"] == "es"


# ---- run.json ----


def test_a_file_that_is_read_and_written_again_is_the_same_to_the_byte(published: Published) -> None:
    content = Manifest.read(published.folder / "run.json")
    assert content.text == (published.folder / "run.json").read_text("utf-8")


def test_what_an_earlier_version_did_not_state_has_a_default_and_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    earlier = {"run": "r", "inputs": [{"name": "funding", "path": "..\\data\\fts.csv"}], "reports": [{"id": "wash.en"}]}
    path.write_text(json.dumps(earlier | {"masks": 3}), encoding="utf-8")
    manifest = Manifest.read(path)
    assert (manifest.reports[0].status, manifest.files, manifest.inputs[0].file) == ("ok", {}, "fts.csv")
    assert json.loads(manifest.text) == earlier


@pytest.mark.parametrize("content", [None, "", "[1]", '{"reports": 5}', "\ufeff{"])
def test_what_is_no_account_of_a_run_is_none(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert Manifest.read(path) is None
