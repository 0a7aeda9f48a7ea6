"""The lists that officers edit hold together: readable in Excel, complete, and no spelling means two things."""

import csv
from pathlib import Path

import pytest

from rmrp_analysis import vocabulary
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.packs import pack
from rmrp_analysis.tables import TABLE_BY_INPUT, FundingFlows, FundingTotals, PlanningSheet
from rmrp_analysis.vocabulary import fold, lists

FILES = sorted((*lists.LIST_FOLDER.glob("*.csv"), *pack.R4V_FOLDER.glob("*.csv")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_list_opens_in_excel_with_its_accents(path: Path) -> None:
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    text = raw.decode("utf-8-sig")
    assert not {"Ã", "\ufffd"} & set(text)
    header, *rows = csv.reader(text.splitlines())
    assert all(len(row) == len(header) for row in rows)
    assert len(set(map(tuple, rows))) == len(rows)


def test_a_list_saved_with_semicolons_is_read_alike(tmp_path: Path) -> None:
    before = pack.rows("countries.csv", lists.Country)
    text = (pack.R4V_FOLDER / "countries.csv").read_text(encoding="utf-8-sig")
    (tmp_path / "countries.csv").write_text(text.replace(",", ";"), encoding="utf-8-sig")
    assert pack.rows("countries.csv", lists.Country, within=tmp_path) == before


SPELLINGS = (
    *pack.rows("spellings.csv", lists.GeneralSpelling),
    *pack.rows("general_spellings.csv", lists.GeneralSpelling, within=lists.LIST_FOLDER),
)
HEADERS = (
    *pack.texts_of("headers.csv", "table", "column", "header"),
    *pack.texts_of("general_headers.csv", "table", "column", "header", within=lists.LIST_FOLDER),
)


def test_no_spelling_stands_for_two_names() -> None:
    meanings: dict[tuple[str, str], set[str]] = {}
    for row in SPELLINGS:
        meanings.setdefault((row.list, fold(row.spelling)), set()).add(row.name)
    assert {spelling: names for spelling, names in meanings.items() if len(names) > 1} == {}


def test_spellings_stand_for_names_that_there_are() -> None:
    names = {
        "sector": {*vocabulary.plan_lists().sectors, *vocabulary.plan_lists().other_sectors, vocabulary.ALL},
        "country": {*vocabulary.plan_lists().countries},
        "platform": {vocabulary.REGION, *vocabulary.plan_lists().platforms},
        "population group": {*vocabulary.POPULATION_GROUPS},
        "FTS cluster": set(map(str, vocabulary.CLUSTER_NAME_BY_ID)),
        "FTS part": {vocabulary.NOT_SPECIFIED, vocabulary.SHARED_PART},
        "month": {str(number) for number in range(1, 13)},
        "answer": {"Yes", "No"},
        "indicator type": {word for year in vocabulary.plan_years().values() for word in year.indicator_types},
        "country level": {"Country level"},
        "several": {*vocabulary.plan_lists().place_groups, vocabulary.ALL},
    }
    assert {row.list for row in SPELLINGS} == {*names}
    assert [row for row in SPELLINGS if row.name not in names[row.list]] == []


def test_ties_go_by_r4vs_own_names_in_the_order_of_the_alphabet() -> None:
    assert vocabulary.plan_lists().tie_order[6:11] == (
        "Nutrition",
        "Child Protection",
        "Gender-Based Violence",
        "Protection (General)",
        "Human Trafficking & Smuggling",
    )
    assert len(vocabulary.plan_lists().tie_order) == 13


def test_clusters_of_fts_are_sectors_of_the_plan() -> None:
    assert set(vocabulary.plan_lists().sector_of_global_cluster.values()) <= set(vocabulary.plan_lists().sectors)


def test_headers_are_those_of_columns_that_there_are() -> None:
    declared = {table.name: set(table.columns) for table in (*TABLE_BY_INPUT.values(), PlanningSheet)}
    funding = set(FundingTotals.columns) | set(FundingFlows.columns) | {"error"}
    for table, column, _ in HEADERS:
        assert column in declared.get(table, funding), (table, column)


def test_names_are_of_sectors_and_places_and_every_one_has_its_name_in_all_languages() -> None:
    known = {
        *vocabulary.plan_lists().sectors,
        *vocabulary.plan_lists().other_sectors,
        *vocabulary.plan_lists().platforms,
        *vocabulary.plan_lists().countries.values(),
    }
    assert set(pack.names()) - known == {"Metropolitana"}  # a region of Chile, whose name is no name within a sentence
    untranslated = {name for name, row in pack.names().items() if not all(dict(row)[code] for code in pack.languages())}
    assert untranslated == set(vocabulary.plan_lists().other_sectors)  # they stand on no sheet


def test_articles_contract_with_known_prepositions() -> None:
    articles = {
        (language, article)
        for row in pack.names().values()
        for language in ("en", "es", "pt")
        if (article := getattr(row, f"article_{language}"))
    }
    contracted = {(code, words.split()[1]) for code in pack.languages() for words in declared(code).contractions}
    plurals = {("pt", "os"), ("pt", "as")}  # no place of R4V has one
    assert contracted <= articles | plurals
