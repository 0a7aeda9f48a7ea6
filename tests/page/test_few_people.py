"""An author's small number of people beside what the sheet withholds is an error."""

from pathlib import Path

import pytest

from conftest import Build
from rmrp_analysis.disclosure import for_audience
from rmrp_analysis.page.few_people import few_people_told
from rmrp_analysis.page.narrative import look_through
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.words import Words

BY_PLATFORM = "people_reached_by_platform"


def printed(sheet: Build, language: str = "en", audience: str = "public") -> Printed:
    figures = sheet({BY_PLATFORM: {"Chile": 4, "Peru": 300, "Brazil": 5000}}, people_reached=5304)
    return Printed(for_audience(figures, audience), Words(language))


@pytest.mark.parametrize(
    ("language", "text", "numbers"),
    [
        ("en", "We helped 4 people in Chile.", ["4"]),
        ("en", "In Chile, four young women got a place.", ["four"]),
        ("es", "Se asistió a 4 mujeres en Chile.", ["4"]),
        ("pt", "No Chile, três pessoas receberam apoio.", ["três"]),
        ("en", "We helped 4 people in Brazil.", []),  # which is printed
        ("en", "In Chile, 4 partners work with people.", []),
        ("en", "In Chile, 40 people came.", []),
        ("en", "Nobody was left out in Chile. We trained 4 people in Brazil.", []),
    ],
)
def test_a_small_number_beside_a_withheld_place_is_found(
    sheet: Build, language: str, text: str, numbers: list[str]
) -> None:
    assert [number for number, _ in few_people_told(text, printed(sheet, language))] == numbers


def test_an_internal_sheet_may_tell(sheet: Build) -> None:
    assert not list(few_people_told("We helped 4 people in Chile.", printed(sheet, audience="internal")))


def test_the_narrative_is_refused_with_file_and_line(sheet: Build, tmp_path: Path) -> None:
    path = tmp_path / "health.en.md"
    path.write_text("## Situation\n\nWell.\n\n## Response\n\nWe helped 4 people in Chile.\n", encoding="utf-8")
    (fault,) = look_through(path, printed(sheet)).faults
    assert str(fault).endswith(
        "health.en.md:7: '4' tells of few people, and the sheet withholds the number of Chile; leave it out"
    )
