"""The two accounts of a run: what is read is what was written, and what an earlier version did not state is missed."""

import json
from pathlib import Path

import pytest

from published_run import Published
from rmrp_analysis.publish.records.manifest import Manifest


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
