"""Numbers that people type are read as their language means them; a word of closeness holds on its own side alone."""

import pytest

from rmrp_analysis.locale.languages import Closeness, Share, declared
from rmrp_analysis.page.typed_numbers import find_typed_numbers, fits_closeness, fits_share, read_number

TYPED = """
en plain: 5K=5000 | 4.91\u202fK=4910 | 1,470,000=1470000 | 1.5 million=1500000
en usd: $1.47 M=1470000
en share: 34%=0.34 | 8 per cent=0.08
es plain: 4.910=4910 | 4,91 mil=4910 | 3 mil millones=3e9 | 11 204=11204
es usd: USD 1,47 M=1470000
es share: 34\u202f%=0.34
pt plain: 11\u202f204=11204 | 1,5 milhão=1500000
pt usd: US$ 1,47 mi=1470000
pt share: 12 por cento=0.12
"""


@pytest.mark.parametrize("row", TYPED.strip().splitlines())
def test_a_number_has_marks_and_units_of_its_language(row: str) -> None:
    about, _, pairs = row.partition(": ")
    language, kind = about.split()
    for text, number in (pair.split("=") for pair in pairs.split(" | ")):
        read = read_number(text, language)
        assert (read.number, read.kind) == (float(number), kind), text


@pytest.mark.parametrize("text", ["COVID-19", "RE-HE1", "1.2.3", "v2", "Plan21"])
def test_what_is_part_of_a_word_or_a_code_is_no_number(text: str) -> None:
    assert list(find_typed_numbers(f"The {text} text", "en")) == []


def test_numbers_in_a_sentence_keep_their_place_and_their_whole_units() -> None:
    read = [(number.text, number.number) for number in find_typed_numbers("21 millas, 3 mil pasos, 33 minutos", "es")]
    assert read == [("21", 21), ("3 mil", 3_000), ("33", 33)]
    text = "Of 504 K people, 34% were reached; 7 partners."
    assert [(number.text, number.start) for number in find_typed_numbers(text, "en")] == [
        ("504 K", text.index("504")),
        ("34%", text.index("34%")),
        ("7", text.index("7 p")),
    ]
    assert read_number("5 K people", "en") is None


@pytest.mark.parametrize(("text", "is_year"), [("2021", True), ("2,021", False), ("2021 K", False), ("12", False)])
def test_four_digits_alone_may_be_a_year(text: str, is_year: bool) -> None:
    assert read_number(text, "en").is_year is is_year


def test_a_number_is_that_of_every_value_that_rounds_to_it() -> None:
    read = read_number("46%", "en")
    assert [read.matches(value) for value in (0.4549, 0.455, 0.4649, 0.465)] == [False, True, True, False]


# ---- Words of closeness ----


@pytest.mark.parametrize(
    ("closeness", "fit", "do_not"),
    [
        ("almost", (4_750, 4_999.5), (4_749, 5_000)),
        ("over", (5_000.5, 5_250), (5_000, 5_251)),
        ("about", (4_750, 5_000, 5_250), (5_251,)),
    ],
)
def test_almost_is_below_over_is_above_about_is_both(
    closeness: Closeness, fit: tuple[float, ...], do_not: tuple[float, ...]
) -> None:
    assert all(fits_closeness(closeness, number, 5_000) for number in fit)
    assert not any(fits_closeness(closeness, number, 5_000) for number in do_not)


@pytest.mark.parametrize(
    ("share", "fit", "do_not"),
    [
        ("nearly all", (951, 1_000), (950, 1_001)),
        ("most", (501, 1_000), (500, 1_001)),
        ("half", (475, 525), (474, 526)),
        ("a third", (317, 350), (316, 351)),
        ("a quarter", (238, 262), (237, 263)),
    ],
)
def test_a_word_of_shares_holds_between_its_limits(share: Share, fit: tuple[int, int], do_not: tuple[int, int]) -> None:
    assert [fits_share(share, amount, 1_000) for amount in (*fit, *do_not)] == [True, True, False, False]
    assert not fits_share(share, 0, 0)


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_every_language_can_say_each_closeness(language: str) -> None:
    assert set(declared(language).closeness.values()) == {"almost", "over", "about"}
