"""The tool that makes the outlines of first administrative levels."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import make_admin1


def topology(**names: str) -> dict[str, Any]:
    """Two squares of 10 × 10 degrees side by side, which share the arc 0; the shared border bends a little."""
    arcs = [
        [[10, 0], [0.01, 5], [-0.01, 5]],
        [[10, 10], [-10, 0], [0, -10], [10, 0]],
        [[10, 10], [10, 0], [0, -10], [-10, 0]],
    ]
    shapes = [
        {"type": "Polygon", "id": code, "properties": {"name": name}, "arcs": [ring]}
        for (code, name), ring in zip(names.items(), ([0, 1], [~0, ~2]), strict=True)
    ]
    return {
        "transform": {"scale": [1, 1], "translate": [-80, -20]},
        "arcs": arcs,
        "objects": {"per": {"geometries": shapes}},
    }


def written(tmp_path: Path, **names: str) -> dict[str, Any]:
    (tmp_path / "per.topo.json").write_text(json.dumps(topology(**names)), encoding="utf-8")
    return make_admin1.outlines("PER", tmp_path)


def test_neighbours_keep_one_common_border_that_is_simpler(tmp_path: Path) -> None:
    places = written(tmp_path, west="Lima", east="Junín")
    lima, junin = ({tuple(point) for point in places[key]["rings"][0]} for key in ("lima", "junin"))
    assert lima & junin == {(-70.0, -20.0), (-70.0, -10.0)}


def test_a_place_has_a_point_inside(tmp_path: Path) -> None:
    west, south = written(tmp_path, west="Lima", east="Junín")["lima"]["at"]
    assert (round(west), round(south)) == (-75, -15)


def test_a_place_goes_by_the_name_that_r4v_has_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_admin1, "NAMED", {("east", "Callao"): "Puno"})
    assert list(written(tmp_path, west="Callao", east="Callao")) == ["callao", "puno"]


def test_far_islands_are_moved_and_the_file_says_by_how_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_admin1, "MOVED", {("PER", "Lima"): (3.0, -2.0)})
    lima = written(tmp_path, west="Lima", east="Junín")["lima"]
    assert lima["moved"] == [3.0, -2.0]
    assert np.min(lima["rings"][0], axis=0).tolist() == [-77.0, -22.0]
