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


@pytest.mark.parametrize(
    ("sentence", "number", "figure"),
    [
        ("We reached 4,910 people.", "4,910", "people_reached (4.91 K)"),
        ("We reached 4.91K people.", "4.91K", "people_reached (4.91 K)"),
        ("We reached almost 5 K people.", "5 K", "people_reached (4.91 K)"),
        ("In Peru 4.65 K people.", "4.65 K", 'people_reached_by_platform["Peru"] (4.66 K)'),
        ("Only 34% of the target.", "34%", "target_coverage (34%)"),
        ("We had 1.47 million dollars.", "1.47 million", "funding_usd ($1.47 M)"),
        ("We had $1.5 M.", "$1.5 M", "funding_usd ($1.47 M)"),
        ("There were 3 donors.", "3", "donors (3)"),
    ],
)
def test_a_typed_number_that_the_sheet_knows_is_told_with_the_figures_name(
    tmp_path: Path, sentence: str, number: str, figure: str
) -> None:
    (doubt,) = doubts(tmp_path, sentence)
    assert doubt.startswith(f"'{number}' may be {figure}; write {{{{ {figure.rpartition(' (')[0]} }}}}, or {{{{ ")


@pytest.mark.parametrize(
    "sentence",
    [
        "In 2021 and 2022.", "In 17 countries, 33 people.", "We reached {{ people_reached }} people.",
        'We reached {{ people_reached | almost("5 K") }} people.', 'In {{ "4,910" }} homes.', "5.2 K people",
        "34 people", "In 7 cities.",
    ],
)  # fmt: skip
def test_other_numbers_and_figures_by_name_pass(tmp_path: Path, sentence: str) -> None:
    assert doubts(tmp_path, sentence) == []


def test_a_figure_in_doubt_that_a_text_names_is_told(tmp_path: Path) -> None:
    doubtful = replace(HEALTH, cautions=(Caution("one_report", "people_reached", 0.84, 4_120.0, months=("2021-03",)),))
    assert doubts(tmp_path, "We reached {{ people_reached }} people with {{ donors }} donors.", figures=doubtful) == [
        "people_reached (4.91 K) is in doubt. Read with care: one report for March accounts for 84% of the people "
        "reached."
    ]


def test_each_language_is_read_with_its_separators_and_other_senses_of_words_pass(tmp_path: Path) -> None:
    assert doubts(tmp_path, "Se alcanzó a 4,91 mil personas.", "es")[0].startswith("'4,91 mil' may be people_")
    (tmp_path / "health.es.md").unlink()
    assert doubts(tmp_path, "US$ 1,47 milhão e 4.910 pessoas.", "pt")[0].startswith("'US$ 1,47 milhão' may be")
    (tmp_path / "health.pt.md").unlink()
    assert doubts(tmp_path, "Speed matters most. Most schools reopened by the half of the year.") == []


@pytest.mark.parametrize(
    ("language", "sentence", "advice"),
    [
        ("en", "Over {{ people_reached }} people", "'Over' stands before an exact figure (4.91 K); round it: "),
        ("es", "más de {{ people_reached }}", "'más de' stands before an exact figure (4910); round it: "),
    ],
)
def test_a_word_of_closeness_before_an_exact_figure_is_told(
    tmp_path: Path, language: str, sentence: str, advice: str
) -> None:
    (doubt,) = doubts(tmp_path, sentence, language)
    assert doubt.startswith(advice)
    assert ("Over" if language == "en" else "más_de") + '("…")' in doubt


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


@pytest.mark.parametrize(
    ("language", "sentence", "word"),
    [
        ("en", "Most of them live in Peru.", "Most"),
        ("es", "La mayoría de ellas vive en Perú.", "La_mayoría"),
        ("pt", "Mais da metade das pessoas vive no Peru.", "Mais_da_metade"),
    ],
)
def test_a_comparison_that_nothing_checks_is_told(tmp_path: Path, language: str, sentence: str, word: str) -> None:
    (doubt,) = doubts(tmp_path, sentence, language)
    assert doubt.startswith("nothing checks '")
    assert f'{{{{ name["part"] | {word} }}}}' in doubt
