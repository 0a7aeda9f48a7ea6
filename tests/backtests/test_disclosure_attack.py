"""No count of a public run that is withheld can be worked out from all the files of the run, or of two runs."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from disclosure_attack import (
    Attack,
    Finding,
    exact_counts,
    findings,
    findings_of_organisations,
    findings_together,
    report,
    wrong_equations,
    wrong_links,
)
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.params import load_run_params
from rmrp_analysis.publish.figure_rows import exact_figures, published_figures
from rmrp_analysis.publish.prepare import Run, prepare_run
from small_plans import SMALL_PLANS, write_small_plan

BUNDLED = Path(__file__).parents[2] / "params" / "2021-end-of-year.yml"
REAL = "r4v-2021"
PLANS = ("bundled", pytest.param(REAL, marks=pytest.mark.real_data), *SMALL_PLANS)


@pytest.fixture(scope="module", params=PLANS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A public run of every sheet of a plan."""
    name = request.param
    if name == "bundled":
        return public_run(BUNDLED, places=["region", "platforms"])
    if name == REAL:
        folder = request.getfixturevalue("shared_data") / REAL
        return public_run(folder / "params.yml", places=["region", "platforms"])
    return public_run(write_small_plan(tmp_path_factory.mktemp(name), SMALL_PLANS[name]))


@pytest.fixture(scope="module")
def attack(run: Run) -> Attack:
    return attack_on(run)


def public_run(path: Path, **changes: Any) -> Run:
    params = load_run_params(path)
    return prepare_run(path, params.changed(audience="public", **changes))


def attack_on(run: Run, number: int = 0) -> Attack:
    """The attack on the sheets of a run as their JSON has them."""
    return attacks_on(run, number)[0]


def attacks_on(run: Run, number: int = 0) -> list[Attack]:
    """The attack on the sheets of all organisations together, then on those of each, with numbers that follow."""
    printed, exact = defaultdict(list), defaultdict(list)
    for each in run.reports:
        if each.id not in run.empty:
            sheet = as_json(published_figures(run.plan, each))
            whose = sheet.get("organisation", "")
            printed[whose].append({**sheet, "instead": each.instead})
            exact[whose].append(as_json(exact_figures(run.plan, each)))
    return [
        Attack(printed[name], exact_counts(exact[name], number), run=number)
        for number, name in enumerate(sorted(printed), start=number)
    ]


def as_json(figures: KeyFigures) -> dict[str, Any]:
    return {**figures.as_records(), "cautions": [asdict(caution) for caution in figures.cautions]}


def told(found: Sequence[Finding]) -> str:
    """What an attacker learns, as a text for whoever must mend it; empty for nothing."""
    return report(found) if any(finding.verdict(10) != "safe" for finding in found) else ""


def test_the_attacker_believes_nothing_that_is_not_so(attack: Attack) -> None:
    assert wrong_equations(attack) == []


def test_there_is_something_to_attack(attack: Attack) -> None:
    assert any(0 < abs(attack.true(quantity)) < 10 for quantity in attack.withheld)
    assert all(
        0 < abs(people) >= 10 or people == 0 or quantity in attack.withheld for quantity, people in attack.truth.items()
    )


def test_no_withheld_count_can_be_worked_out_from_all_sheets_of_a_run(attack: Attack) -> None:
    assert told(findings(attack)) == ""


@pytest.mark.parametrize("platforms", [["region"], ["region", "chile"]])
def test_places_without_a_sheet_tell_nothing_either(platforms: list[str]) -> None:
    attack = attack_on(public_run(BUNDLED, places=platforms))
    assert wrong_equations(attack) == []
    assert told(findings(attack)) == ""


@pytest.mark.parametrize("places", [["region", "Southern Cone", "ARG", "PRY"], ["region", "ARG"]])
def test_sheets_of_countries_tell_nothing_either(places: list[str], tmp_path: Path) -> None:
    attack = attack_on(public_run(write_small_plan(tmp_path, SMALL_PLANS["up_to_june"]), places=places))
    assert "ARG" in {place for _, place in attack.by_name}
    assert wrong_equations(attack) == []
    assert told(findings(attack)) == ""


@pytest.mark.parametrize(("name", "number"), [("one_sector", None), ("everything_small", 4)])
def test_sheets_of_organisations_tell_nothing_either(name: str, number: int | None, tmp_path: Path) -> None:
    path = write_small_plan(tmp_path, SMALL_PLANS[name])
    names = load_plan(path.parent).organisations[:number]
    whole, *own = attacks_on(public_run(path, places=["region"], organisations=list(names)))
    assert own
    assert [fault for attack in (whole, *own) for fault in wrong_equations(attack)] == []
    assert number or wrong_links(whole, own) == []
    assert told(findings_of_organisations(whole, own, all_have_sheets=number is None)) == ""


@pytest.mark.parametrize("ends", [("2021-05", "2021-06"), ("2021-06", "2021-05"), ("2021-03", "2021-04", "2021-05")])
def test_no_withheld_count_and_no_small_difference_can_be_worked_out_from_several_runs(
    tmp_path: Path, ends: Sequence[str]
) -> None:
    path = write_small_plan(tmp_path / "plan", SMALL_PLANS["up_to_june"])
    attacks = {}
    for end in ends:
        params = load_run_params(path).changed(audience="public", period={"start": "2021-01", "end": end})
        run = prepare_run(path, params.model_copy(update={"run": end}), out=tmp_path / "reports")
        attacks[end] = attack_on(run, int(end[5:]))
        publish(attacks[end], tmp_path / "reports" / end)
    for earlier, later in combinations(sorted(ends), 2):
        assert told(findings_together(attacks[earlier], attacks[later])) == ""


def publish(attack: Attack, folder: Path) -> None:
    """Write what a later run reads of a public one."""
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"audience": "public"}))
    for number, sheet in enumerate(attack.sheets):
        (folder / f"{number}.json").write_text(json.dumps({"audience": "public", **sheet}))
