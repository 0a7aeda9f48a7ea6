"""One place has one key, whatever its accents, its year's spelling, or the apostrophe of a word processor."""

import pytest

from rmrp_analysis.vocabulary import fold, place_key


@pytest.mark.parametrize(
    "text",
    [
        "Libertador (VI)",
        "Libertador Gral. Bernardo O'Higgins",
        "Libertador Gral. Bernardo O’Higgins",
        "Libertador General Bernardo (O'Higgins)",
        "LIBERTADOR GENERAL BERNARDO O´HIGGINS",
        "O’Higgins",
    ],
)
def test_libertador_is_one_place(text: str) -> None:
    assert place_key("CHL", text) == "libertador"


@pytest.mark.parametrize("text", ["", "Country level", "Nivel país", "Nível nacional", "Chile", "CHL", " chile "])
def test_what_names_no_admin1_is_the_country(text: str) -> None:
    assert place_key("CHL", text) == ""


def test_another_countrys_name_is_no_national_level() -> None:
    assert place_key("CHL", "Peru") == "peru"


@pytest.mark.parametrize(
    ("typed", "plain"), [("O’Higgins", "o'higgins"), ("“a” – b", '"a" - b'), ("San  José", "san jose"), ("a´b", "a'b")]
)
def test_typographic_marks_are_plain_ones(typed: str, plain: str) -> None:
    assert fold(typed) == plain
