"""A word of closeness holds only within 5 % of the rounded figure, and on its own side."""

import pytest

from conftest import Build
from rmrp_analysis.locale.languages import Closeness, declared
from rmrp_analysis.page.placeholders import pieces
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.page.typed import holds
from rmrp_analysis.words import Words


@pytest.mark.parametrize(
    ("closeness", "number", "fits"),
    [
        ("almost", 4_750, True),
        ("almost", 4_749, False),
        ("almost", 4_999, True),
        ("almost", 5_000, False),
        ("over", 5_000, False),
        ("over", 5_001, True),
        ("over", 5_250, True),
        ("over", 5_251, False),
        ("about", 4_750, True),
        ("about", 5_000, True),
        ("about", 5_250, True),
        ("about", 5_251, False),
    ],
)
def test_almost_is_below_over_is_above_about_is_both_within_five_percent(
    closeness: Closeness, number: float, fits: bool
) -> None:
    assert holds(closeness, number, 5_000) is fits


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_every_language_can_say_each_closeness(language: str) -> None:
    assert set(declared(language).closeness.values()) == {"almost", "over", "about"}


@pytest.mark.parametrize(
    ("word", "language", "is_known"),
    [("Almost", "en", True), ("Más_de", "es", True), ("quase", "pt", True), ("almost", "es", False)],
)
def test_a_word_belongs_to_its_language_and_may_begin_a_sentence(
    sheet: Build, word: str, language: str, is_known: bool
) -> None:
    printed = Printed(sheet(people_reached=4_880), Words(language))
    (piece,) = pieces(f'{{{{ people_reached | {word}("x") }}}}', printed, line=1)
    assert piece.kind == "fault"
    assert ("is no word of closeness" in piece.text) is not is_known
