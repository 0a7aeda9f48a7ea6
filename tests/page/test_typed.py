"""Numbers that people type are read as their language means them."""

import pytest

from rmrp_analysis.page.typed import read_number, typed_numbers


@pytest.mark.parametrize(
    ("language", "text", "number", "kind"),
    [
        ("en", "5K", 5_000, "plain"),
        ("en", "4.91\u202fK", 4_910, "plain"),
        ("en", "1,470,000", 1_470_000, "plain"),
        ("en", "$1.47 M", 1_470_000, "usd"),
        ("en", "1.5 million", 1_500_000, "plain"),
        ("en", "34%", 0.34, "share"),
        ("en", "8 per cent", 0.08, "share"),
        ("es", "4.910", 4_910, "plain"),
        ("es", "4,91 mil", 4_910, "plain"),
        ("es", "USD 1,47 M", 1_470_000, "usd"),
        ("es", "3 mil millones", 3_000_000_000, "plain"),
        ("es", "34\u202f%", 0.34, "share"),
        ("es", "11 204", 11_204, "plain"),
        ("pt", "11\u202f204", 11_204, "plain"),
        ("pt", "1,5 milhão", 1_500_000, "plain"),
        ("pt", "US$ 1,47 mi", 1_470_000, "usd"),
        ("pt", "12 por cento", 0.12, "share"),
    ],
)
def test_a_number_has_separators_units_and_signs_of_its_language(
    language: str, text: str, number: float, kind: str
) -> None:
    read = read_number(text, language)
    assert (read.number, read.kind) == (number, kind)


@pytest.mark.parametrize("text", ["COVID-19", "RE-HE1", "1.2.3", "v2", "Plan21"])
def test_what_is_part_of_a_word_or_a_code_is_no_number(text: str) -> None:
    assert list(typed_numbers(f"The {text} text", "en")) == []


def test_numbers_in_a_sentence_keep_their_place_and_their_whole_units() -> None:
    read = [(number.text, number.number) for number in typed_numbers("21 millas, 3 mil pasos, 33 minutos", "es")]
    assert read == [("21", 21), ("3 mil", 3_000), ("33", 33)]
    text = "Of 504 K people, 34% were reached; 7 partners."
    assert [(number.text, number.start) for number in typed_numbers(text, "en")] == [
        ("504 K", text.index("504")),
        ("34%", text.index("34%")),
        ("7", text.index("7 p")),
    ]
    assert read_number("5 K people", "en") is None


@pytest.mark.parametrize(
    ("text", "may_be_a_year"), [("2021", True), ("2,021", False), ("2021 K", False), ("12", False)]
)
def test_four_digits_alone_may_be_a_year(text: str, may_be_a_year: bool) -> None:
    read = read_number(text, "en")
    assert read.is_year is may_be_a_year
