"""OCHA's p-codes are found by the names that R4V's list has, whatever marks a word processor makes of theirs."""

import pytest

from rmrp_analysis.vocabulary import fold, ocha_pcodes, place_key, plan_lists


def test_codes_are_found_whatever_the_spelling():
    codes = ocha_pcodes()
    names = {
        ("CHL", "Valparaiso (V)"): "CL05",
        ("CHL", "Libertador (Vi)"): "CL06",
        ("CHL", "Aysen Del Gen.D.C. (Xi)"): "CL11",
        ("COL", "Bogotá D.C."): "CO11",
        ("COL", "Archipielago De San Andrés"): "CO88",
        ("BOL", "El Beni"): "BO08",
        ("PER", "Áncash"): "PE02",
        ("ARG", "Ciudad Autónoma de Buenos Aires"): "AR002",
    }
    assert {name: codes.get((name[0], place_key(*name))) for name in names} == names


def test_each_code_stands_once_and_names_its_country():
    codes = ocha_pcodes()
    assert len(set(codes.values())) == len(codes)
    assert {country for country, _ in codes} <= set(plan_lists().countries)


@pytest.mark.parametrize(
    ("typed", "plain"), [("O’Higgins", "o'higgins"), ("“a” – b", '"a" - b'), ("San  José", "san jose"), ("a´b", "a'b")]
)
def test_typographic_marks_are_plain_ones(typed: str, plain: str) -> None:
    assert fold(typed) == plain
