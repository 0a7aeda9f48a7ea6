"""What an author wrote is filled in with the sheet's figures; anything else between braces is refused."""

from pathlib import Path

import pytest

from conftest import Build
from rmrp_analysis.disclosure import withhold_small_counts
from rmrp_analysis.errors import RequestError
from rmrp_analysis.show.narrative import narrative_path, read_narrative
from rmrp_analysis.show.printed import Printed
from rmrp_analysis.words import Words

PLATFORMS = {"Peru": 4_640, "Central America & Mexico": 0, "Chile": None}


@pytest.fixture(scope="module")
def printed(sheet: Build) -> Printed:
    return Printed(
        sheet({"people_reached_by_platform": PLATFORMS}, people_reached=4_910, funding_usd=1_470_000), Words("en")
    )


def write(folder: Path, text: str) -> Path:
    path = folder / "health.en.md"
    path.write_text(text, encoding="utf-8")
    return path


def plain(folder: Path, text: str, printed: Printed) -> dict[str, list[str]]:
    sections = read_narrative(write(folder, text), printed)
    return {
        section: ["".join(run["text"] for run in runs) for runs in paragraphs]
        for section, paragraphs in sections.items()
    }


def refusal(folder: Path, text: str, printed: Printed) -> str:
    with pytest.raises(RequestError) as refused:
        read_narrative(write(folder, text), printed)
    return str(refused.value).removeprefix(f"{folder / 'health.en.md'}:")


def test_figures_are_filled_in_as_the_sheet_prints_them(tmp_path: Path, printed: Printed) -> None:
    text = "## Response\n\nReached {{ people_reached }} people with {{funding_usd}}.\n"
    assert plain(tmp_path, text, printed) == {"Response": ["Reached 4.91\u202fK people with $1.47\u202fM."]}


@pytest.mark.parametrize(("part", "text"), [("Peru", "4.64\u202fK"), ("Central America & Mexico", "0"), ("Chile", "—")])
def test_a_part_of_a_breakdown_is_filled_in_by_its_key(tmp_path: Path, printed: Printed, part: str, text: str) -> None:
    narrative = f"## Response\n\nHere {{{{ people_reached_by_platform.{part} }}}} people.\n"
    assert plain(tmp_path, narrative, printed) == {"Response": [f"Here {text} people."]}


def test_a_withheld_part_is_withheld_in_prose_too(tmp_path: Path, sheet: Build) -> None:
    small = withhold_small_counts(sheet({"people_reached_by_platform": {"Peru": 3, "Chile": 500}}, people_reached=503))
    text = "## Response\n\nIn Peru {{ people_reached_by_platform.Peru }} people.\n"
    assert plain(tmp_path, text, Printed(small, Words("en"))) == {"Response": ["In Peru <\u202f10 people."]}


def test_sections_and_paragraphs_keep_the_files_order(tmp_path: Path, printed: Printed) -> None:
    text = "## Lessons learned\n\nOne.\n\nTwo\nlines.\n\n## Situation\n"
    assert plain(tmp_path, text, printed) == {"Lessons learned": ["One.", "Two lines."], "Situation": []}


def test_bold_words_are_runs_of_their_own(tmp_path: Path, printed: Printed) -> None:
    path = write(tmp_path, "## Situation\n\nSome **{{ people_reached }} bold** words.\n")
    assert read_narrative(path, printed) == {
        "Situation": [
            [
                {"text": "Some ", "bold": False},
                {"text": "4.91\u202fK bold", "bold": True},
                {"text": " words.", "bold": False},
            ]
        ]
    }


def test_an_unknown_figure_is_refused_with_line_and_suggestion(tmp_path: Path, printed: Printed) -> None:
    text = "## Situation\n\nFine.\n\nReached {{ people_reachd }}.\n"
    assert (
        refusal(tmp_path, text, printed)
        == "5: this sheet has no figure 'people_reachd'; did you mean 'people_reached'?"
    )


def test_an_unknown_part_is_refused_with_the_nearest_one(tmp_path: Path, printed: Printed) -> None:
    text = "## Situation\n\nIn {{ people_reached_by_platform.Perú }}.\n"
    assert refusal(tmp_path, text, printed).endswith("did you mean 'people_reached_by_platform.Peru'?")


@pytest.mark.parametrize("inside", ["people_reached + 1", "people_reached|upper", "", "1"])
def test_nothing_but_a_name_is_allowed_between_braces(tmp_path: Path, printed: Printed, inside: str) -> None:
    text = f"## Situation\n\n{{{{ {inside} }}}}\n"
    assert refusal(tmp_path, text, printed).startswith(f"3: this sheet has no figure '{inside}'; ")


def test_an_unknown_section_is_refused_with_line_and_suggestion(tmp_path: Path, printed: Printed) -> None:
    text = "## Situation\n\nFine.\n\n## Lesson learned\n"
    assert refusal(tmp_path, text, printed) == "5: unknown section 'Lesson learned'; did you mean 'Lessons learned'?"


def test_text_before_the_first_heading_is_refused(tmp_path: Path, printed: Printed) -> None:
    assert refusal(tmp_path, "\nHello.\n", printed) == "2: text before the first heading; begin with '## Situation'"


def test_a_narrative_lies_under_the_sectors_name_and_language(tmp_path: Path) -> None:
    path = tmp_path / "human-trafficking-and-smuggling.es.md"
    path.write_text("", encoding="utf-8")
    assert narrative_path(str(tmp_path), "Human Trafficking & Smuggling", "es") == path
    assert narrative_path(str(tmp_path), "Human Trafficking & Smuggling", "en") is None
    assert narrative_path("", "Human Trafficking & Smuggling", "es") is None


def test_a_figure_name_may_stand_on_a_line_of_its_own(tmp_path: Path, printed: Printed) -> None:
    text = "## Response\n\nPartners reached {{\npeople_reached }} people.\n"
    assert plain(tmp_path, text, printed)["Response"] == ["Partners reached 4.91\u202fK people."]


def test_braces_that_do_not_close_are_refused(tmp_path: Path, printed: Printed) -> None:
    assert "braces" in refusal(tmp_path, "## Response\n\nPartners reached {{ people_reached.\n", printed)
