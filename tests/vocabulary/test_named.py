"""Whatever known spelling a person types, it means one name; an unknown one is refused with a suggestion."""

import pytest

from rmrp_analysis.errors import RequestError
from rmrp_analysis.vocabulary import find_place, find_sector, levels, plan_lists, slug
from rmrp_analysis.vocabulary.labels import label, level, sheet_name
from rmrp_analysis.words import Translator

SECTOR_SPELLINGS = {
    "Gender-Based Violence": "GBV | VBG",
    "WASH": "wash | agua saneamento e higiene",
    "Protection (General)": "Protection | Proteção",
    "Health": "Salud | Saúde",
    "Human Trafficking & Smuggling": "human-trafficking-and-smuggling | Tráfico de Pessoas",
    "Education": "EDUCAÇÃO",
    "Nutrition": "Nutrição",
    "Shelter": "Abrigo | Alojamento",
    "Humanitarian Transportation": "Transporte Humanitário",
    "Integration": "Integração",
    "Food Security": "Segurança Alimentar",
    "Intersector": "Intersector | all sectors | Todos los sectores",
}
PLACE_SPELLINGS = {"Peru": "Perú | PER", "Caribbean": "Caribe", "region": "Região", "ARG": "ARG", "BOL": "Bolívia"}


def test_a_sector_or_place_is_known_by_any_spelling() -> None:
    for named, spellings in ((find_sector, SECTOR_SPELLINGS), (find_place, PLACE_SPELLINGS)):
        for name, written in spellings.items():
            assert {named(text) for text in written.split(" | ")} == {name}


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_a_name_as_a_sheet_prints_it_is_a_spelling(language: str) -> None:
    translate = Translator(language)
    assert [find_sector(translate(name)) for name in ("Intersector", *plan_lists().sectors)] == [
        "Intersector",
        *plan_lists().sectors,
    ]
    assert [find_place(translate(name)) for name in plan_lists().platforms] == list(plan_lists().platforms)


def test_every_name_and_its_slug_mean_themselves() -> None:
    for name in ("Intersector", *plan_lists().sectors):
        assert find_sector(name) == find_sector(slug(name)) == name
    for name in ("region", *plan_lists().platforms):
        assert find_place(name) == find_place(slug(name)) == name


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (find_sector, "Helth", "unknown sector 'Helth'; did you mean 'Health'?"),
        (find_sector, "all", "unknown sector 'all'; allowed: Intersector, Education"),
        (find_sector, "Support Spaces", "unknown sector 'Support Spaces'; allowed: Intersector"),
        (find_place, "Carribean", "unknown place 'Carribean'; did you mean 'Caribbean'?"),
    ],
)
def test_an_unknown_name_is_refused_with_a_suggestion(name: object, text: str, message: str) -> None:
    with pytest.raises(RequestError) as refused:
        name(text)  # type: ignore[operator]
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("written", "spanish", "portuguese"),
    [
        ("UNHCR", "ACNUR", "ACNUR"),
        ("International Organization for Migration (IOM)", "Organización Internacional para las Migraciones (OIM)",
         "Organização Internacional para as Migrações (OIM)"),
        ("World Food Programme", "Programa Mundial de Alimentos (PMA)", "Programa Mundial de Alimentos (PMA)"),
        ("Germany, Government of", "Alemania", "Alemanha"),
        ("Mercy Corps", "Mercy Corps", "Mercy Corps"),
    ],
)  # fmt: skip
def test_organisations_and_donors_have_their_name_in_the_language(written: str, spanish: str, portuguese: str) -> None:
    assert [label(written, language) for language in ("en", "es", "pt")] == [written, spanish, portuguese]


def test_the_sheet_of_an_organisation_bears_its_acronym_in_the_language() -> None:
    named = "United Nations High Commissioner for Refugees (UNHCR)"
    assert [sheet_name("WASH", "region", language, named)[:5] for language in ("en", "es")] == ["UNHCR", "ACNUR"]


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_levels_name_countries_of_the_plan_and_a_platform_of_one_country_has_its_word(language: str) -> None:
    assert set(levels(language)) <= set(plan_lists().countries)
    assert level("Peru", language, 3) == level("PER", language, 3) != level("PER", language)
