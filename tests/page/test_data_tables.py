"""The tables beside a sheet hold each of its numbers once, in the reader's words."""

from collections.abc import Mapping
from typing import Any

import pytest

from conftest import Build, with_few
from rmrp_analysis.figures import BREAKDOWNS, FROM_TO, KeyFigures
from rmrp_analysis.page.data_tables import data_tables
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.page.worksheets import READERS_TABLES
from rmrp_analysis.words import Words

STATED = {"people_in_need": 500, "target": 100, "people_reached": 40, "funding_usd": 1_000}


def tables_of(figures: KeyFigures, language: str = "en") -> dict[str, dict[str, Any]]:
    """The tables by name."""
    written = data_tables(Printed(figures, Words(language)), "End of year 2021 key figures", "health")
    return {table["name"]: table for table in written["tables"]}


def rows_of(table: Mapping[str, Any], *columns: str) -> list[tuple[Any, ...]]:
    """The cells of these columns."""
    return [tuple({**table["shared"], **row}.get(column) for column in columns) for row in table["rows"]]


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_names_of_worksheets_are_short_and_differ(language: str) -> None:
    words = Words(language)
    readers = (tab for tab, _ in READERS_TABLES.values())
    own = (each.tab for each in BREAKDOWNS.values() if each.tab)
    tabs = [words(tab) for tab in (*own, *readers, "Figures", "Cover")]
    assert max(map(len, tabs)) <= 31
    assert len(set(tabs)) == len(tabs)


def test_a_figure_has_its_value_and_its_form_in_the_readers_words(sheet: Build) -> None:
    table = tables_of(sheet(**STATED | {"people_reached": 4_912}))["figures"]
    assert ("people_reached", 4_912, "4.91\u202fK") in rows_of(table, "code", "value", "printed")
    table = tables_of(sheet({"people_reached_by_platform": {"Peru": 40}}, **STATED), "es")["people_reached_by_platform"]
    rows = rows_of(table, "sector", "place", "countries", "unit", "code")
    assert rows == [("Salud", "Perú", "PER", "personas", "people_reached_by_platform")]
    columns = data_tables(Printed(sheet(**STATED), Words("pt")), "", "health")["columns"]
    assert [columns[name] for name in ("sector", "value")] == ["Setor", "Valor"]


def test_few_people_are_a_0_whose_printed_form_says_so(sheet: Build) -> None:
    people = {"people_reached_by_platform": {"Peru": 3, "Brazil": 6_000}}
    table = tables_of(with_few(sheet(people, people_reached=6_003), "Peru"))["people_reached_by_platform"]
    assert rows_of(table, "value", "printed", "reason", "shorthand") == [
        (0, "<\u202f10", "", "<\u202f10"),
        (6_000, "6.00\u202fK", "", ""),
    ]


def test_months_donors_and_money_of_the_plan_stand_in_columns_of_their_own(sheet: Build) -> None:
    table = tables_of(sheet({"people_reached_by_month": {"2020-02": 40}}, **STATED))["people_reached_by_month"]
    assert rows_of(table, "start", "end") == [("2020-02-01", "2020-02-29")]
    name = "funding_usd_by_donor_and_organisation"
    pairs = {f"Donor A{FROM_TO}Fund B": 600.0, f"Donor A{FROM_TO}not specified": 300.0, "not specified": 100.0}
    assert rows_of(tables_of(sheet({name: pairs}, **STATED))[name], "donor", "organisation") == [
        ("Donor A", "Fund B"),
        ("Donor A", "Not specified"),
        ("Not specified", "Not specified"),
    ]
    name = "plan_funding_usd_by_sector_named"
    table = tables_of(sheet({name: {"single": 5.0}}, **STATED))[name]
    assert rows_of(table, "part", "sector", "value") == [("One alone", "All sectors", 5)]


def test_every_row_has_its_own_identifier_and_no_table_is_empty(sheet: Build) -> None:
    assert list(tables_of(sheet({"funding_usd_by_donor": {}}, **STATED))) == ["figures"]
    tables = tables_of(sheet({"people_reached_by_month": {"2021-01": 1, "2021-02": 2}}, **STATED))
    identifiers = [row["id"] for table in tables.values() for row in table["rows"]]
    assert len(set(identifiers)) == len(identifiers)
