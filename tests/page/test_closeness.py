"""A word of closeness holds only within 5 % of the rounded figure, and on its own side."""

import pytest

from rmrp_analysis.locale.languages import Closeness, declared
from rmrp_analysis.page.typed import closeness_of, holds


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
    ("word", "language", "said"),
    [("Almost", "en", "almost"), ("Más_de", "es", "over"), ("quase", "pt", "almost"), ("almost", "es", None)],
)
def test_a_word_belongs_to_its_language_and_may_begin_a_sentence(word: str, language: str, said: str | None) -> None:
    assert closeness_of(word, language) == said
