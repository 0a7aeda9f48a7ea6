"""The plans of 2025 and 2026 from ActivityInfo's forms to sheets: every figure and every flagged row, worked out apart.

Everything goes through the command: ``rmrp fetch`` from a server on this machine, ``check``, ``figures``, ``run``.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import isnan, nan
from pathlib import Path

import pandas as pd
import pytest
from json_server import json_servers

import activityinfo_2026 as made
import recomputed_models as oracle
from data_folders import data_folder
from published_run import rmrp
from recomputed_2026 import ALL_SECTORS, SECTORS, Key, Recomputed, Row, flagged, fold, rows_2025, rows_2026, shares_of
from rmrp_analysis.figures import FIGURES

EXPORT = made.export(2026, seed=2026, rows=1500)
EXPORT_2025 = made.export(2025, seed=2025, rows=1200)
PLANNING, PROPORTIONS = made.planning(7), made.proportions(7)
MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 7))
FORMS = {
    "form": "activities26",
    "indicators": "indicators26",
    "partners": "partners26",
    "implementing-partners": "implementing26",
    "places": "places26",
}
PLACES = ("region", "Peru", "Southern Cone", "Bolivia")
"""The region, a platform that is a country, one of several, and a country of its own."""
ALL_SHEETS = tuple(name for name in (*SECTORS.values(), ALL_SECTORS) if name != "Support Spaces")
"""Activities of Support Spaces are on the sheets of all sectors alone."""
PARAMS = """\
run: test
title: Key figures
plan: {year}
period: {{start: {year}-01, end: {year}-06}}
data: data
organisations: {organisations}
sectors: {sectors}
places: {places}
languages: [en]
formats: [html]
audience: {audience}
accept: [{accepted}]
method: {{intersector_model: {model}}}
"""


ACCEPTED = ["people_lost_by_joins", "people_with_errors", "same_content_twice", "new_above_total", "people_empty"]
"""What the made-up reports have much of, so that each check finds some."""


HIDDEN = ("not_counted", "partly_counted")
"""What has such a status and no number was not counted, or less of it than was left out; it reads as NaN."""


@dataclass(frozen=True)
class Project:
    """A folder with ``data`` and as many parameter files as are asked for."""

    folder: Path

    def params(
        self,
        year: int,
        sectors: Sequence[str] = ("Health",),
        places: Sequence[str] = ("region",),
        *,
        organisations: Sequence[str] = (),
        model: str = "sum",
        audience: str = "internal",
    ) -> Path:
        """A parameter file of the first half of a year."""
        path = self.folder / f"{year}-{model}-{audience}.yml"
        names = {"sectors": sectors, "places": places, "organisations": organisations}
        lists = {name: json.dumps(listed, ensure_ascii=False) for name, listed in names.items()}
        accepted = ", ".join(f"{name}: 100 %" for name in ACCEPTED)
        content = PARAMS.format(year=year, model=model, audience=audience, accepted=accepted, **lists)
        path.write_text(content, encoding="utf-8")
        return path


@pytest.fixture(scope="module")
def nested(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose records were fetched with an object for each reference."""
    return fetch(Project(tmp_path_factory.mktemp("nested")), EXPORT.forms(nested=True))


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose records were fetched with dotted names."""
    return fetch(Project(tmp_path_factory.mktemp("flat")), EXPORT.forms(nested=False))


def fetch(project: Project, forms: Mapping[str, list[made.Record]]) -> Project:
    """Fetch the forms from a server, beside planning figures and proportions."""
    (data := project.folder / "data").mkdir()
    data_folder(data, 2026, planning=pd.DataFrame(PLANNING), people_in_need_proportions=pd.DataFrame(PROPORTIONS))
    options = [part for option, form in FORMS.items() for part in (f"--{option}", form)]
    answers = {f"/resources/query/v43/form/{form}": records for form, records in forms.items()}
    with json_servers() as start, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACTIVITYINFO_TOKEN", "a-token-of-nobody")
        where = ("--base-address", start(answers).address, "--pause", "0", "--out", data)
        command = ("fetch", "activityinfo", *options, *where)
        assert rmrp(*command) == 0
    return project


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    forms = EXPORT.forms(nested=True)
    return rows_2026(forms["activities26"], forms["indicators26"])


def recomputed(rows: list[Row], model: str) -> Recomputed:
    planning = {
        (SECTORS.get(row["sector"], "all"), row["scope"], row["population_group"], row["measure"]): row["value"]
        for row in PLANNING
    }
    return Recomputed(rows, planning, shares_of(PROPORTIONS), MONTHS, model)


def report_id(sector: str, place: str) -> str:
    names = [sector] if place == "region" else [sector, place]
    return ".".join("-".join(fold(name.replace("&", "and")).translate({40: "", 41: ""}).split()) for name in names)


def read_figures(path: Path) -> dict[str, dict[Key, float | None]]:
    """The table of figures: a report's numbers by figure, platform, group (a place without accents) and month."""
    sheets: dict[str, dict[Key, float | None]] = defaultdict(dict)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            group = fold(row["group"]) if row["figure"].endswith("_admin1") else row["group"]
            number = float(row["value"]) if row["value"] else None
            is_hidden = number is None and row["status"] in HIDDEN
            sheets[row["report"]][row["figure"], row["platform"], group, row["month"]] = nan if is_hidden else number
    return sheets


def differences(stated: Mapping[Key, float | None], expected: Mapping[Key, float | None]) -> Iterator[str]:
    """Where a sheet and what was worked out apart are not the same; a number that is not there is not known."""
    names = {key[0] for key in expected}
    for key in sorted({key for key in stated if key[0] in names} | set(expected)):
        its, ours = stated.get(key), expected.get(key)
        if its is not None and isnan(its):
            continue
        if its != ours if None in (its, ours) else its != pytest.approx(ours, abs=1e-9):
            yield f"{' '.join(filter(None, key))}: {its} is not {ours}"


def listed(faults: Mapping[str, Sequence[str]]) -> str:
    """How many numbers of which sheets are not as worked out apart, and the first twenty of them."""
    lines = [f"{sheet}: {fault}" for sheet, of_sheet in faults.items() for fault in of_sheet]
    return "\n".join([f"{len(lines):,} numbers of {len(faults)} sheets are not the ones worked out apart", *lines[:20]])


def quality(path: Path) -> dict[str, set[int]]:
    """The flagged lines of the activities by R4V's name of the check."""
    lines: dict[str, set[int]] = defaultdict(set)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["r4v_check"]:
                lines[row["r4v_check"]].add(int(row["line"]))
    return lines


def unlike(stated: Mapping[str, set[int]], expected: Mapping[str, set[int]]) -> dict[str, tuple[list[int], list[int]]]:
    """Of each check of R4V's, the lines that should not be flagged, and those that should."""
    return {
        name: (sorted(stated[name] - lines), sorted(lines - stated[name]))
        for name, lines in expected.items()
        if stated[name] != lines
    }


def unequal(
    project: Project, rows: list[Row], sectors: Sequence[str], places: Sequence[str], model: str
) -> dict[str, list[str]]:
    """The sheets of which ``rmrp figures`` says something else than what was worked out apart."""
    out = project.folder / f"{model}.csv"
    assert rmrp("figures", project.params(2026, sectors, places, model=model), "--out", out) == 0
    sheets, apart = read_figures(out), recomputed(rows, model)
    faults = {}
    for sector, place in product(sectors, places):
        name, expected = report_id(sector, place), apart.sheet(sector, place)
        if name not in sheets:  # nothing was reported, so there is no sheet
            assert not any(expected.values()), name
        elif unequal_numbers := [*differences(sheets[name], expected)]:
            faults[name] = unequal_numbers
    return faults


def test_every_figure_of_an_organisation_is_the_one_worked_out_apart(nested: Project, rows: list[Row]) -> None:
    names, sectors, out = made.ORGANISATIONS[:4], ("Education", "Health", ALL_SECTORS), nested.folder / "own.csv"
    params = nested.params(2026, sectors, organisations=names, model="max_sector")
    assert rmrp("figures", params, "--out", out) == 0
    sheets, apart = read_figures(out), recomputed(rows, "max_sector")
    found = {
        f"{sector}, {name}": faults
        for sector, name in product(sectors, names)
        if (own := sheets.get(f"{report_id(sector, 'region')}.by-{name.partition('(')[2].strip(')').lower()}"))
        if (faults := [*differences(own, replace(apart, organisation=name).sheet(sector, "region"))])
    }
    assert not found, listed(found)
    assert sum(".by-" in sheet for sheet in sheets) > len(names)


def test_every_figure_of_2026_is_the_one_worked_out_apart(nested: Project, rows: list[Row]) -> None:
    faults = unequal(nested, rows, ALL_SHEETS, PLACES, "max_sector")
    assert not faults, listed(faults)
    stated = [number for of in read_figures(nested.folder / "max_sector.csv").values() for number in of.values()]
    hidden = [number for number in stated if number is not None and isnan(number)]
    assert 20 < len(hidden) < 0.03 * len(stated)


@pytest.mark.parametrize("model", sorted({*oracle.MODELS[2022]} - {"max_sector"}))
def test_every_model_of_2026_is_the_one_worked_out_apart(flat: Project, rows: list[Row], model: str) -> None:
    faults = unequal(flat, rows, [ALL_SECTORS], ["region", "Caribbean"], model)
    assert not faults, listed(faults)


@pytest.mark.parametrize("project", ["nested", "flat"])
def test_rows_of_2026_are_flagged_by_r4vs_rules(project: str, rows: list[Row], request: pytest.FixtureRequest) -> None:
    fetched = request.getfixturevalue(project)
    assert rmrp("check", fetched.params(2026), "--out", fetched.folder / "check") == 0
    expected = flagged(rows, places=LISTED_PLACES, indicators=LISTED_INDICATORS)
    assert unlike(quality(fetched.folder / "check" / "quality.csv"), expected) == {}
    assert all(0 < len(lines) < len(rows) for lines in expected.values())


LISTED_PLACES = [(place["Country"], place["Admin1"]) for place in made.places()]
LISTED_INDICATORS = [(one.sector, one.text) for one in EXPORT.indicators]


def test_published_sheets_of_2026_print_nothing_else(nested: Project, rows: list[Row]) -> None:
    sectors, places = ("Health", ALL_SECTORS), ("region", "Peru")
    params = nested.params(2026, sectors, places, model="max_sector", audience="public")
    assert rmrp("run", params, "--out", nested.folder / "reports", "--quiet") == 0
    apart, folder = recomputed(rows, "max_sector"), nested.folder / "reports" / "test"
    for sector, place in product(sectors, places):
        path = folder / f"{report_id(sector, place)}.en.json"
        figures = json.loads(path.read_text(encoding="utf-8"))["figures"]
        of_people = {one["name"] for one in figures if FIGURES[one["name"]].tells_of_people}
        printed = {(one["name"], "", "", ""): one["value"] for one in figures}
        expected = apart.sheet(sector, place)
        exact = {key: expected[key] for key in printed if key in expected and key[0] not in of_people}
        faults = [*differences({key: printed[key] for key in exact}, exact)]
        assert not faults, listed({path.name: faults})
        reached = ("people_reached", "", "", "")
        assert abs(printed[reached] - expected[reached]) < 10
        assert printed["people_reached", "", "", ""] is not None


@pytest.mark.parametrize("dotted", [False, True])
def test_rows_of_2025_are_flagged_by_r4vs_rules(dotted: bool, tmp_path: Path) -> None:
    (data := tmp_path / "data").mkdir()
    sent, forms = [*map(made.sent_in_2025, EXPORT_2025.reports)], EXPORT_2025.forms(nested=False)
    table = pd.DataFrame(sent, dtype="object").rename(columns=made.as_r_writes if dotted else {})
    data_folder(data, 2025, activities=table, indicators=forms["indicators26"], admin1=forms["places26"])
    assert rmrp("check", Project(tmp_path).params(2025), "--out", tmp_path / "check") == 0
    expected = flagged(rows_2025(sent), places=LISTED_PLACES, indicators=LISTED_INDICATORS)
    assert unlike(quality(tmp_path / "check" / "quality.csv"), expected) == {}
    assert all(0 < len(lines) < len(sent) for lines in expected.values())
