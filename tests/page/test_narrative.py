"""What an author wrote is filled in with the sheet's figures; anything else between braces is refused."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conftest import as_printed, sheet, with_few
from rmrp_analysis.errors import RequestError
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.page.narrative import Narrative, find_narrative, read_narrative
from rmrp_analysis.theme.prose import paragraph, run, words_of

PLATFORMS = {"Peru": 4_640, "Central America & Mexico": 0, "Chile": None}
PRINTED = as_printed(sheet({"people_reached_by_platform": PLATFORMS}, people_reached=4_910, funding_usd=1_470_000))
AGES = {"women": 2_600.0, "men": 2_400.0, "girls": 0.0}


def read(text: str, printed: SheetFormatter = PRINTED) -> Narrative:
    """Read a text, of the sheet at hand or of another."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "health.en.md"
        path.write_text(text, encoding="utf-8")
        return read_narrative(path, printed)


def response(text: str, *of: SheetFormatter) -> str:
    """One paragraph with its figures filled in, spaces made plain."""
    (node,) = read(f"## Response\n\n{text}\n", *of).sections["Response"]
    return words_of([node]).replace("\u202f", " ")


def refusal(text: str, *of: SheetFormatter) -> str:
    """What is said of a text that is refused, without the file."""
    with pytest.raises(RequestError) as refused:
        read(text, *of)
    return re.sub(r"^.*health\.en\.md:", "", str(refused.value), flags=re.MULTILINE)


def test_few_people_are_told_in_prose_as_less_than_the_base() -> None:
    small = with_few(sheet({"people_reached_by_platform": {"Peru": 3, "Chile": 500}}, people_reached=503), "Peru")
    few = as_printed(small)
    assert response("In Peru {{ people_reached_by_platform['Peru'] }} people.", few) == "In Peru < 10 people."
    size = "## Response\n\n{{ people_reached_by_platform['Peru'] | almost('4') }}\n"
    assert "'almost 4' does not fit" in refusal(size, few)


def test_sections_keep_their_order_and_bold_words_are_runs_of_their_own() -> None:
    sections = read("## Lessons learned\n\nOne.\n\nTwo\nlines.\n\n## Situation\n").sections
    texts = {section: [words_of([node]) for node in nodes] for section, nodes in sections.items()}
    assert texts == {"Lessons learned": ["One.", "Two lines."], "Situation": []}
    invented, true = read("---\nillustrative: true\n---\n\n## Situation\n\nHard.\n"), read("## Situation\n\nHard.\n")
    assert (invented.illustrative, invented.text("Situation"), true.illustrative) == (True, "Hard.", False)
    runs = [run("Some "), run("4.91\u202fK bold", bold=True), run(" words.")]
    made = read(
        "## Headline\n\nHelp for **{{ people_reached }}** people.\n\n"
        "## Situation\n\nSome **{{ people_reached }} bold** words.\n"
    )
    assert (made.headline, made.sections["Situation"]) == ("Help for 4.91\u202fK people.", [paragraph(runs)])


def test_a_narrative_lies_under_the_reports_name_and_language(tmp_path: Path) -> None:
    path = tmp_path / "human-trafficking-and-smuggling.es.md"
    path.write_text("", encoding="utf-8")
    assert find_narrative(str(tmp_path), "human-trafficking-and-smuggling", "es") == path
    assert find_narrative(str(tmp_path), "human-trafficking-and-smuggling", "en") is None
    assert find_narrative(str(tmp_path), "human-trafficking-and-smuggling.peru", "es") is None
    assert find_narrative("", "human-trafficking-and-smuggling", "es") is None


@pytest.mark.parametrize(("language", "word", "rounded"), [("en", "almost", "5 K"), ("es", "casi", "5000")])
def test_almost_five_thousand_is_an_error_for_5200(language: str, word: str, rounded: str) -> None:
    printed = as_printed(sheet(people_reached=5_200), language)
    text = f'## Response\n\n\nReached {{{{ people_reached | {word}("{rounded}") }}}}.\n'
    said = refusal(text, printed).replace("\u202f", " ")
    assert said.startswith(f"4: '{word} {rounded}' does not fit people_reached, 5")
    assert said.endswith(": almost means below it by at most 5%")


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = "## Responce\n\nOne {{ people }}\ntwo **{{ people_reached | almost('4 K') }}**.\n\n## Response\n\n{{ x\n"
    lines = refusal(text).splitlines()
    assert [line.partition(":")[0] for line in lines] == list("1348")
    nothing = as_printed(sheet({"people_reached_by_platform": {"Peru": None}}))
    said = refusal('## Response\n\nA.\n{{ chart("people_reached_by_platform") }}\n', nothing)
    assert said == "4: people_reached_by_platform has no part on this sheet, so there is nothing to draw"
    (tmp_path / "health.en.md").write_bytes("## Response\n\nPerú\n".encode("latin-1"))
    with pytest.raises(RequestError, match=r"health.en.md:1: this is not UTF-8 text"):
        read_narrative(tmp_path / "health.en.md", PRINTED)


@pytest.mark.parametrize(
    ("language", "people", "said"),
    [
        ("es", 1_570_000, "a 1,57 millones de personas"),
        ("es", 504_000, "a 504 mil personas"),
        ("pt", 1_570_000, "a 1,57 milhão de pessoas"),
        ("pt", 21_500_000, "a 21,5 milhões de pessoas"),
        ("en", 1_570_000, "a 1.57 M personas"),
    ],
)
def test_millions_of_people_are_said_in_full_where_a_language_has_it(language: str, people: float, said: str) -> None:
    printed = as_printed(sheet(people_reached=people), language)
    assert response(f"a {{{{ people_reached }}}} {said.split()[-1]}", printed) == said
