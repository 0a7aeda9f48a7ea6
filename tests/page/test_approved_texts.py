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
from rmrp_analysis.page.narrative import divide_columns, parse_narrative
from rmrp_analysis.page.proofread import proofread
from rmrp_analysis.page.typed_numbers import find_typed_numbers
from rmrp_analysis.theme.prose import paragraph, run

TEXTS = [
    (language, number, text)
    for language, texts in yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8")).items()
    for number, text in enumerate(texts)
]
PARTS = {
    "people_reached_by_platform": {"Peru": 4_660, "Chile": 7, "Southern Cone": None},
    "people_reached_by_age_gender": {"women": 2_600.0, "men": 2_310.0, "girls": 0.0},
    "people_reached_by_month": {"2021-01": 4_900, "2021-02": 10},
}
FIGURES = replace(
    sheet(PARTS, people_reached=4_910, target_coverage=0.343, funding_usd=1_470_000, donors=3, people_in_need=9_000),
    cautions=(Caution("groups_exceed", "people_reached_by_age_gender", people=5_000.0),),
)


@pytest.mark.parametrize(("language", "number", "text"), TEXTS, ids=lambda value: str(value)[:2])
def test_of_a_text_becomes_what_was_approved(
    language: str, number: int, text: str, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    path = tmp_path / f"health.{language}.md"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "helth.es.md").touch()
    read = parse_narrative(path, as_printed(FIGURES, language))
    told = proofread(tmp_path, ["health", "wash"], {"health": FIGURES}.get)
    faults = [[str(fault).removeprefix(f"{tmp_path}/") for fault in faults] for faults in told]
    said = [read.sections, [piece.kind for piece in read.pieces], read.lines, read.illustrative, faults]
    if not read.faults:
        page = Page(FIGURES, language=language, narratives=str(tmp_path))
        page.narrative("Situation", "Response", "Lessons learned")
        said += views_of(page.blocks)
    assert (
        lines_of([*said, [[each.text, each.number, each.kind] for each in find_typed_numbers(text, language)]])
        == snapshot
    )


def test_columns_are_divided_as_was_approved(snapshot: SnapshotAssertion) -> None:
    lengths, charts = (0, 40, 400, 4_000), (0, 1, 3)
    texts = {
        (size, many): [paragraph([run("a" * size)]), *[{"kind": "chart"}] * many]
        for size, many in product(lengths, charts)
    }
    pairs = {f"{a} {b}": divide_columns(12, [texts[a], texts[b]]) for a, b in product(texts, repeat=2)}
    threes = {count: divide_columns(count, [*texts.values()][1:9:3]) for count in (8, 9, 10, 12)}
    assert lines_of([pairs, threes, divide_columns(7, [*texts.values()][:1])]) == snapshot
