"""The folder of a run as RO-Crate: read by the library for such crates, and held against the files on disk."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from rocrate.rocrate import ROCrate

from published_run import Published
from rmrp_analysis.publish.records.crate import CRATE


@pytest.fixture(scope="module")
def graph(published: Published) -> dict[str, Any]:
    """The entities of the crate by their ids."""
    content = json.loads((published.folder / CRATE).read_text("utf-8"))
    return {entity["@id"]: entity for entity in content["@graph"]}


def test_the_library_for_crates_reads_it_and_finds_every_file(published: Published) -> None:
    crate = ROCrate(published.folder)
    assert crate.metadata.version == "1.1"
    assert crate.name == "End of year 2021 key figures"
    assert {entity.id for entity in crate.data_entities} == published.names() - {CRATE}
    assert all(entity.type == "File" for entity in crate.data_entities)
    (action,) = [entity for entity in crate.contextual_entities if entity.type == "CreateAction"]
    assert [entity.id for entity in action["instrument"]] == ["#rmrp-analysis", "#pack", "#notebook"]
    assert {entity["name"] for entity in action["object"]} >= {"activities.csv.gz", "indicators.csv", "planning.csv"}


def test_every_file_but_the_two_accounts_stands_in_it_with_its_checksum_and_size(
    published: Published, graph: dict[str, Any]
) -> None:
    for name in published.names() - {CRATE, "run.json"}:
        content = (published.folder / name).read_bytes()
        assert graph[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert graph[name]["contentSize"] == str(len(content))
        assert graph[name]["encodingFormat"] != "application/octet-stream"


def test_whatever_is_referred_to_is_described(graph: dict[str, Any]) -> None:
    def references(content: Any) -> set[str]:
        if isinstance(content, dict) and set(content) == {"@id"}:
            return {content["@id"]}
        inside = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
        return {reference for each in inside for reference in references(each)}

    assert {name for name in references(list(graph.values())) if not name.startswith("http")} <= set(graph)


def test_inputs_stand_in_it_by_name_with_checksum_producer_and_licence(
    published: Published, graph: dict[str, Any]
) -> None:
    activities = graph["#input-1"]
    assert activities["name"] == "activities.csv.gz"
    assert activities["sha256"] == hashlib.sha256((published.data / "activities.csv.gz").read_bytes()).hexdigest()
    assert graph[activities["creator"]["@id"]]["name"] == "invented for illustration"
    assert graph[activities["license"]["@id"]]["name"] == "CC0-1.0"


def test_sheets_name_their_language_and_the_folder_all_of_them_and_none_of_this_computer(
    published: Published, graph: dict[str, Any]
) -> None:
    text = (published.folder / CRATE).read_text("utf-8")
    assert [folder for folder in (published.data.parent, Path.home()) if str(folder) in text] == []
    assert graph["./"]["inLanguage"] == [{"@id": "#language-es"}]
    assert graph[f"{published.report}.pdf"]["inLanguage"] == {"@id": "#language-es"}
    assert graph["#language-es"]["identifier"] == "es"
