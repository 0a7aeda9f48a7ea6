"""A parameter file is read strictly: each fault is told with file, line and what is allowed."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from approved import lines_of
from rmrp_analysis.errors import RequestError
from rmrp_analysis.params import (
    NOTEBOOKS_FOLDER,
    ReportParams,
    RunParams,
    check_same_plan,
    find_shipped_folder,
    load_run_params,
)
from rmrp_analysis.vocabulary import plan_lists

LINES = {
    "run": "run: 2021-may", "title": "title: January to May 2021", "plan": "plan: 2021",
    "period": "period: {start: 2021-01, end: 2021-05}", "data": "data: .",
}  # fmt: skip


def write(folder: Path, **lines: str) -> Path:
    path = folder / "run.yml"
    path.write_text("\n".join(line for line in (LINES | lines).values() if line), encoding="utf-8")
    return path


def read(folder: Path, **lines: str) -> RunParams:
    return load_run_params(write(folder, **lines))


def faults(folder: Path, **lines: str) -> list[str]:
    with pytest.raises(RequestError) as refused:
        read(folder, **lines)
    return [fault.removeprefix(f"{folder / 'run.yml'}:") for fault in str(refused.value).splitlines()]


def test_paths_are_relative_to_the_file_and_the_rest_has_its_defaults(tmp_path: Path) -> None:
    params = read(tmp_path)
    assert (params.sectors, params.places, params.languages) == (
        ("Intersector", *plan_lists().sectors),
        ("region",),
        ("en",),
    )
    assert (params.formats, params.audience) == (("html", "pdf"), "public")
    assert params.method.counted_indicator_types == ("people in need",)
    (tmp_path / "texts").mkdir()
    params = read(tmp_path, data="data: ../data", narratives="narratives: texts")
    assert params.data == tmp_path.parent / "data"
    assert params.narratives == tmp_path / "texts"
    assert params.notebook == find_shipped_folder(NOTEBOOKS_FOLDER) / "sector_key_figures.ipynb"


@pytest.mark.parametrize(
    ("typed", "platforms"),
    [
        ("all", ("region", *plan_lists().platforms)),
        ("[all]", ("region", *plan_lists().platforms)),
        ("[PERU]", ("Peru",)),
    ],
)
def test_all_stands_for_every_name(tmp_path: Path, typed: str, platforms: tuple[str, ...]) -> None:
    assert read(tmp_path, platforms=f"platforms: {typed}").places == platforms


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ("all", tuple(plan_lists().places)),
        (
            "[region, platforms, countries]",
            ("region", *plan_lists().platforms, *plan_lists().place_groups["countries"]),
        ),
        ("[Bolivia, ARG, Perú]", ("BOL", "ARG", "Peru")),
    ],
)
def test_places_are_platforms_and_countries(tmp_path: Path, typed: str, places: tuple[str, ...]) -> None:
    params = read(tmp_path, places=f"places: {typed}")
    assert params.places == places
    assert len({report.id for report in params.reports()}) == len({*places}) * len(params.sectors)


def test_a_report_names_places_organisations_and_a_sector_in_every_spelling(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="unknown key 'platforms'"):
        read(tmp_path, places="places: [region]", platforms="platforms: [Peru]")
    params = read(tmp_path, s="sectors: [Health]", p="places: [Peru]", o="organisations: [Care (CARE)]")
    assert [report.id for report in params.reports()] == ["health.peru.en", "health.by-care.en"]
    assert params.report_named("health.by-care").organisation == "Care (CARE)"
    (report,) = read(tmp_path, sectors="sectors: [Health]").reports()
    assert ReportParams.of(report.model_dump() | {"platform": "Peru"}).place == "Peru"
    names = "[gbv, Multipurpose CBI, HEALTH, Nutrição, food-security, Todos los sectores]"
    params = read(tmp_path, sectors=f"sectors: {names}", platforms="platforms: [Perú, Cono Sur, Región]")
    assert params.sectors[:3] == ("Gender-Based Violence", "Multipurpose Cash Assistance", "Health")
    assert params.sectors[3:] == ("Nutrition", "Food Security", "Intersector")
    assert params.places == ("Peru", "Southern Cone", "region")


def test_a_fault_is_told_with_its_line_and_what_is_allowed(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    told = {}
    for line in yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8")):
        key, _, value = line.partition(":")
        try:
            told[line] = f"read: {getattr(read(tmp_path, **{key: line if value else ''}), key, '')}"
        except RequestError as refused:
            told[line] = str(refused).replace(f"{tmp_path / 'run.yml'}:", "").splitlines()
    assert lines_of(told) == snapshot


@pytest.mark.parametrize("name", ["../up", "a b", "", "-x", "a/b"])
def test_a_run_is_named_as_a_folder_can_be(tmp_path: Path, name: str) -> None:
    (fault,) = faults(tmp_path, run=f"run: '{name}'")
    assert fault == (
        f"1: run: '{name}' cannot be used; write it with letters, digits, points and hyphens alone, such as 2021-05"
        if name
        else "1: run: nothing stands here; write a value, such as 2021-05"
    )


def test_every_fault_is_told_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    messages = faults(tmp_path, plan="", title="title: [x]", sectors="sectors: [Helth]", other="colour: red")
    assert [fault.split(":")[0] for fault in messages] == ["1", "2", "5", "6"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("notebook: gone.ipynb", "the notebook {} is not there"),
        ("narratives: gone", "the narratives folder {} is not there"),
    ],
)
def test_a_notebook_or_folder_that_is_not_there_is_told(tmp_path: Path, line: str, message: str) -> None:
    (fault,) = faults(tmp_path, more=line)
    assert fault.startswith(f"6: {message.format(tmp_path / line.split(': ')[1])}; ")


def test_a_run_makes_each_report_once_under_a_file_name(tmp_path: Path) -> None:
    params = read(
        tmp_path,
        sectors="sectors: [Health, health, GBV]",
        platforms="platforms: [region, Peru]",
        l="languages: [en, es]",
    )
    assert [report.id for report in params.reports()] == [
        f"{sector}{platform}.{language}"
        for sector in ("health", "gender-based-violence")
        for platform in ("", ".peru")
        for language in ("en", "es")
    ]
    params = read(tmp_path, s="sectors: [Human Trafficking & Smuggling]", p="platforms: [Central America & Mexico]")
    (report,) = params.reports()
    assert report.report == "human-trafficking-and-smuggling.central-america-and-mexico"


def test_a_report_takes_its_parameters_from_a_notebook_that_has_each(tmp_path: Path) -> None:
    (report,) = read(tmp_path, sectors="sectors: [Health]").reports()
    names: dict[str, Any] = report.model_dump() | {"pd": object()}
    assert ReportParams.of(names) == report
    names = report.model_dump(exclude={"title"}) | {"language": "fr"}
    with pytest.raises(RequestError) as refused:
        ReportParams.of(names)
    assert [fault.split(":")[0] for fault in str(refused.value).splitlines()] == ["title", "language"]


def test_parameters_and_data_of_different_plans_are_refused(tmp_path: Path) -> None:
    source = "{file: run.yml, producer: R4V, as_of: 2021-06-01}"
    entries = "\n".join(f"{name}: {source}" for name in ("activities", "indicators", "planning", "funding"))
    (tmp_path / "sources.yml").write_text(f"title: next year\nplan: 2022\n{entries}\n", encoding="utf-8")
    params = read(tmp_path)
    with pytest.raises(RequestError) as refused:
        check_same_plan(params, tmp_path / "run.yml")
    assert str(refused.value) == (
        f"{tmp_path / 'run.yml'}:3: plan is 2021, but the data in {tmp_path} are of plan 2022; write plan: 2022, or "
        "name other data"
    )


@pytest.mark.parametrize(
    ("period", "titles"),
    [
        ("2021-01/2021-12", ["Key figures 2021", "Cifras clave 2021", "Números-chave 2021"]),
        (
            "2021-01/2021-05",
            ["Key figures up to May 2021", "Cifras clave hasta mayo de 2021", "Números-chave até maio de 2021"],
        ),
        (
            "2021-03/2021-05",
            ["Key figures, March–May 2021", "Cifras clave, marzo–mayo de 2021", "Números-chave, março–maio de 2021"],
        ),
    ],
)
def test_sheets_without_a_title_are_called_after_their_months(tmp_path: Path, period: str, titles: list[str]) -> None:
    params = read(tmp_path, title="", period=f"period: {period}", languages="languages: [en, es, pt]")
    assert [report.title for report in params.reports()[:3]] == titles
    assert params.quality_page().title == titles[0]


def test_a_title_may_be_given_in_each_language_that_there_is(tmp_path: Path) -> None:
    titled = read(tmp_path, titles="titles: {es: Mitad de 2021}", languages="languages: [en, es, pt]").reports()
    assert [report.title for report in titled[:3]] == ["January to May 2021", "Mitad de 2021", "January to May 2021"]
    by_language = read(
        tmp_path, title="title: {es: Mitad de 2021, pt: Meio de 2021}", languages="languages: [en, es, pt]"
    )
    assert [report.title for report in by_language.reports()[:3]] == ["Mitad de 2021", "Mitad de 2021", "Meio de 2021"]
    assert RunParams.of(by_language.model_dump()) == by_language
    (fault,) = faults(tmp_path, titles="titles: {fr: x}")
    assert fault.startswith("6: titles.fr")
