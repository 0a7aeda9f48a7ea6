"""What becomes of authors' texts was read and approved: the page, the faults, and what they should look at."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from approved import lines_of, views_of
from conftest import as_printed, sheet
from rmrp_analysis.figures import Caution
from rmrp_analysis.page import Page
from rmrp_analysis.page.narrative import Narrative, divide_columns, parse_narrative
from rmrp_analysis.page.proofread import proofread
from rmrp_analysis.page.typed_numbers import find_typed_numbers
from rmrp_analysis.theme.prose import paragraph, run

WRITTEN = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
TEXTS = [(language, number) for language, texts in WRITTEN["texts"].items() for number in range(len(texts))]
RULES = [(language, rule) for language, rules in WRITTEN["sentences"].items() for rule in rules]
PARTS = {
    "people_reached_by_platform": {"Peru": 4_640, "Central America & Mexico": 0, "Chile": None, "Brazil": 7},
    "people_reached_by_age_gender": {"women": 2_500.0, "men": 2_410.0, "girls": 0.0},
    "people_reached_by_month": {"2021-01": 4_900, "2021-02": 10},
}
SHARES = {"target_coverage": 0.343, "funding_coverage": 0.079}
FIGURES = replace(
    sheet(PARTS, people_reached=4_910, funding_usd=1_470_000, donors=3, people_in_need=9_000, **SHARES),
    cautions=(Caution("groups_exceed", "people_reached_by_age_gender", people=5_000.0),),
)


def what_becomes(text: str, language: str, folder: Path) -> tuple[Narrative, list[list[str]]]:
    """A text as it is read, with the faults of its sheet and what the author should look at."""
    path = folder / f"health.{language}.md"
    path.write_text(text, encoding="utf-8")
    told = proofread(folder, ["health", "wash"], {"health": FIGURES}.get)
    faults = [[str(fault).removeprefix(f"{folder}/") for fault in faults] for faults in told]
    return parse_narrative(path, as_printed(FIGURES, language)), faults


@pytest.mark.parametrize(("language", "number"), TEXTS)
def test_of_a_text_becomes_what_was_approved(
    language: str, number: int, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    text = WRITTEN["texts"][language][number]
    (tmp_path / "helth.es.md").touch()
    read, faults = what_becomes(text, language, tmp_path)
    said = [read.sections, [piece.kind for piece in read.pieces], read.lines, read.illustrative, faults]
    if not read.faults:
        page = Page(FIGURES, language=language, narratives=str(tmp_path))
        page.narrative("Situation", "Response", "Lessons learned")
        said += views_of(page.blocks)
    said += [[each.text, each.number, each.kind] for each in find_typed_numbers(text, language)]
    assert lines_of(said) == snapshot


@pytest.mark.parametrize(("language", "rule"), RULES)
def test_of_a_sentence_becomes_what_was_approved(
    language: str, rule: str, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    told = {}
    for sentence in WRITTEN["sentences"][language][rule]:
        read, faults = what_becomes(f"## Response\n\nFirst line\n{sentence}\n", language, tmp_path)
        told[sentence] = [read.text("Response").removeprefix("First line "), *faults]
    assert lines_of(told) == snapshot


def test_columns_are_divided_as_was_approved(snapshot: SnapshotAssertion) -> None:
    lengths, charts = (0, 40, 400, 4_000), (0, 1, 3)
    texts = {
        (size, many): [paragraph([run("a" * size)]), *[{"kind": "chart"}] * many]
        for size, many in product(lengths, charts)
    }
    pairs = {f"{a} {b}": divide_columns(12, [texts[a], texts[b]]) for a, b in product(texts, repeat=2)}
    threes = {count: divide_columns(count, [*texts.values()][1:9:3]) for count in (8, 9, 10, 12)}
    assert lines_of([pairs, threes, divide_columns(7, [*texts.values()][:1])]) == snapshot
