"""Every narrative is read against its sheet before a run: faults, and typed numbers that the sheet knows."""

from dataclasses import replace
from pathlib import Path

import pytest

from conftest import sheet
from rmrp_analysis.figures import Caution, KeyFigures
from rmrp_analysis.page.proofread import proofread

REPORTS = ("health", "health.peru", "wash")


HEALTH = sheet(
    {"people_reached_by_platform": {"Peru": 4_660, "Chile": 7}},
    people_reached=4_910,
    target_coverage=0.343,
    funding_usd=1_470_000,
    donors=3,
)


def doubts(folder: Path, sentence: str, language: str = "en", figures: KeyFigures = HEALTH) -> list[str]:
    """What is told of one sentence, without where."""
    path = folder / f"health.{language}.md"
    path.write_text(f"## Response\n\n{sentence}\n", encoding="utf-8")
    errors, warnings = proofread(folder, REPORTS, {"health": figures}.get)
    assert errors == []
    assert {(fault.path, fault.line) for fault in warnings} <= {(path, 3)}
    return [fault.message.replace("\u202f", " ") for fault in warnings]


def test_a_figure_in_doubt_that_a_text_names_is_told(tmp_path: Path) -> None:
    doubtful = replace(HEALTH, cautions=(Caution("one_report", "people_reached", 0.84, 4_120.0, months=("2021-03",)),))
    assert doubts(tmp_path, "We reached {{ people_reached }} people with {{ donors }} donors.", figures=doubtful) == [
        "people_reached (4.91 K) is in doubt. Read with care: one report for March accounts for 84% of the people "
        "reached."
    ]


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "health.en.md").write_text("## Respons\n\n{{ people }}\n", encoding="utf-8")
    (tmp_path / "health.es.md").write_text("## Respuesta\n\n{{ x }}\n{{ y }}\n", encoding="utf-8")
    (tmp_path / "wash.en.md").write_text("{{ not of this run }}\n", encoding="utf-8")
    errors, warnings = proofread(tmp_path, REPORTS, {"health": HEALTH}.get)
    assert [(fault.path.name, fault.line) for fault in errors] == [
        ("health.en.md", 1),
        ("health.en.md", 3),
        ("health.es.md", 3),
        ("health.es.md", 4),
    ]
    assert warnings == []


def test_a_file_that_no_sheet_reads_is_told(tmp_path: Path) -> None:
    (tmp_path / "helth.en.md").write_text("## Response\n", encoding="utf-8")
    errors, warnings = proofread(tmp_path, REPORTS, {"health": HEALTH}.get)
    assert (errors, [str(fault) for fault in warnings]) == (
        [],
        [f"{tmp_path / 'helth.en.md'}:1: no sheet reads this file; did you mean 'health.en.md'?"],
    )


def test_a_platforms_own_file_is_read_against_its_own_sheet(tmp_path: Path) -> None:
    sheets = {"health": sheet(people_reached=4_910), "health.peru": sheet(people_reached=640)}
    for report in sheets:
        (tmp_path / f"{report}.en.md").write_text("## Response\n\nWe reached 640 people.\n", encoding="utf-8")
    _, warnings = proofread(tmp_path, REPORTS, sheets.get)
    assert [fault.path.name for fault in warnings] == ["health.peru.en.md"]


@pytest.mark.parametrize(("language", "most"), [("en", 250), ("es", 300), ("pt", 300)])
def test_a_section_longer_than_its_budget_is_told(tmp_path: Path, language: str, most: int) -> None:
    path = tmp_path / f"health.{language}.md"
    path.write_text(f"## Response\n\n{'Word ' * most}\n", encoding="utf-8")
    assert proofread(tmp_path, REPORTS, {"health": HEALTH}.get) == ([], [])
    path.write_text(f"\n## Response\n\n{'Word ' * (most + 1)}\n", encoding="utf-8")
    _, (warning,) = proofread(tmp_path, REPORTS, {"health": HEALTH}.get)
    told = f"{path}:2: Response has {most + 1} words; two printed pages have room for {most}"
    assert str(warning) == told
