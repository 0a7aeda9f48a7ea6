"""The workbook and tables beside a sheet hold each of its numbers once, in the reader's words, and no empty cell."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from conftest import activities, as_printed, plan, planning, sheet, with_few
from rmrp_analysis.figures import BREAKDOWNS, DONOR_ARROW, Caution, KeyFigures, for_audience
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.page import Page
from rmrp_analysis.page.data_tables import build_data_tables
from rmrp_analysis.page.worksheets import READERS_TITLE_BY_DIMENSION, build_cover, build_worksheets
from rmrp_analysis.params import BUNDLED_PLAN, find_shipped_folder
from rmrp_analysis.vocabulary import INTERSECTOR
from rmrp_analysis.words import Translator

BY_PLATFORM = {"people_reached_by_platform": {"Peru": 40.0, "Chile": 0.0}, "funding_usd_by_platform": {"Peru": 500.0}}
WHOLE = {"people_reached": 40, "target": 100, "target_coverage": 0.4, "funding_usd": 900}


def worksheets_of(figures: KeyFigures, language: str = "en") -> dict[str, dict[str, Any]]:
    """The worksheets by the names of their tables."""
    printed = as_printed(figures, language)
    written = build_worksheets(printed, build_data_tables(printed, "Key figures", "health"), place="platform")
    return {sheet["name"]: sheet for sheet in written}


def contents(sheet: Mapping[str, Any]) -> list[list[Any]]:
    """Headers and cells, without their looks."""
    return [list(sheet["headers"]), *([content for content, _ in row] for row in sheet["rows"])]


def test_readers_find_people_and_money_of_each_place_in_one_table_beneath_the_whole() -> None:
    by_platform = worksheets_of(sheet(BY_PLATFORM, **WHOLE))["key_figures_by_platform"]
    assert contents(by_platform) == [
        ["Platform", "People reached", "Funding (US dollars)"],
        ["Region", 40, 900],
        ["Peru", 40, 500],
        ["Chile", 0, "[z]"],
    ]
    assert [look for _, look in by_platform["rows"][1]] == ["", "people", "usd"]
    assert by_platform["above"][1:3] == ["Health · Region · January–December 2021", "Illustrative: no"]


def test_a_share_stands_beside_its_two_parts_where_both_are_known() -> None:
    parts = {
        "funding_usd_by_sector": {"Health": 30.0, "WASH": 5.0, "Nutrition": 20.0},
        "requirement_usd_by_sector": {"Health": 60.0, "WASH": None, "Nutrition": 0.0},
    }
    money = {"requirement_usd": 100, "funding_usd": 55, "funding_coverage": 0.55}
    assert contents(worksheets_of(sheet(parts, sector=INTERSECTOR, **money))["key_figures_by_sector"]) == [
        ["Sector", "Funding required (US dollars)", "Funding (US dollars)", "Funding, of funding required"],
        ["All sectors", 100, 55, 0.55],
        ["Health", 60, 30, 30 / 60],
        ["WASH", "[x]", 5, "[x]"],
        ["Nutrition", 0, 20, "[z]"],
    ]
    parts = {
        "people_reached_by_sector": {"Health": 30.0, "WASH": 5.0, "Nutrition": 20.0},
        "target_by_sector": {"Health": 60.0, "WASH": 50.0, "Nutrition": None},
        "target_coverage_by_sector": {"Health": 30 / 60, "WASH": 5 / 50, "Nutrition": None},
    }
    figures = with_few(sheet(parts, sector=INTERSECTOR, **WHOLE), "WASH")
    assert contents(worksheets_of(figures)["key_figures_by_sector"]) == [
        ["Sector", "People targeted", "People reached", "People reached, of people targeted"],
        ["All sectors", 100, 40, 0.4],
        ["Health", 60, 30, 30 / 60],
        ["WASH", 50, "<\u202f10", "<\u202f20%"],
        ["Nutrition", "[x]", 20, "[x]"],
    ]


def test_a_table_in_doubt_says_so_above_its_numbers() -> None:
    parts = {"people_reached_by_age_gender": {"women": 70.0, "not specified": -30.0}}
    doubt = Caution("groups_exceed", "people_reached_by_age_gender", 0.75, people=70.0)
    figures = replace(sheet(parts, **WHOLE), cautions=(doubt,))
    above = worksheets_of(figures)["people_reached_by_age_gender"]["above"]
    assert "Read with care: these groups add up to 70, more than the people reached." in above


def test_a_table_has_no_column_without_a_value_and_above_it_what_all_rows_share() -> None:
    unknown = {"people_reached_by_platform": {"Peru": 40.0}, "funding_usd_by_platform": {"Peru": None}}
    assert worksheets_of(sheet(unknown, **WHOLE))["key_figures_by_platform"]["headers"] == [
        "Platform",
        "People reached",
    ]
    assert "key_figures_by_platform" not in worksheets_of(sheet(**WHOLE))
    by_month = worksheets_of(sheet({"people_reached_by_month": {"2021-01": 40, "2021-02": 50}}, **WHOLE))[
        "people_reached_by_month"
    ]
    assert by_month["headers"] == ["From", "To", "People reached"]
    assert by_month["above"][:2] == ["People newly reached, by month", "Health · Region · January–December 2021"]
    assert by_month["above"][2].startswith("Unit: people · Illustrative: no · ")
    assert by_month["above"][2].endswith("Name of the figure in all files: people_reached_by_month")
    one = worksheets_of(sheet({"people_reached_by_age_gender": {"women": 40}}, **WHOLE))["people_reached_by_age_gender"]
    assert contents(one) == [["Group of people", "People reached"], ["Women", 40]]


def test_few_people_stand_as_less_than_the_base_and_what_does_not_apply_by_its_sign() -> None:
    people = {"people_reached_by_platform": {"Peru": 3, "Brazil": 6_000}}
    sheets = worksheets_of(with_few(sheet(people, people_reached=6_003), "Peru"))
    assert contents(sheets["people_reached_by_platform"])[1:] == [
        ["Peru", "PER", "<\u202f10"],
        ["Brazil", "BRA", 6_000],
    ]
    assert contents(sheets["key_figures_by_platform"])[-2:] == [["Peru", "<\u202f10"], ["Brazil", 6_000]]
    parts = {"people_reached_by_platform": {"Peru": 40.0, "Chile": None, "Regional": None}}
    rows = contents(worksheets_of(sheet(parts, **WHOLE))["key_figures_by_platform"])
    assert rows[-2:] == [["Chile", "[x]"], ["Regional", "[z]"]]


def test_an_internal_workbook_says_that_counts_are_exact_on_each_worksheet_and_its_cover() -> None:
    exact = sheet({"people_reached_by_platform": {"Peru": 3}}, people_reached=3)
    internal = worksheets_of(for_audience(exact, "internal"), "pt")
    assert {each["above"][1] for each in internal.values()} == {"Uso interno: não publicar"}
    assert contents(internal["key_figures_by_platform"])[-1] == ["Peru", 3]
    figures = replace(sheet(BY_PLATFORM, **WHOLE), audience="internal")
    lines = build_cover(as_printed(figures), "Key figures", [])["lines"]
    exact = "Counts of people are exact: they are not for publication."
    assert lines[1] == ["Internal: not for publication", exact, ""]


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_the_cover_names_every_worksheet_and_explains_every_sign(language: str) -> None:
    figures = sheet(BY_PLATFORM, **WHOLE)
    printed, sheets = as_printed(figures, language), list(worksheets_of(figures, language).values())
    lines = build_cover(printed, "End of year 2021 key figures", sheets)["lines"]
    assert [leads_to for _, _, leads_to in lines if leads_to] == [each["tab"] for each in sheets]
    texts = {heading: text for heading, text, _ in lines}
    assert all(texts[sign] for sign in ("[x]", "[z]"))
    assert all(heading for heading, _, _ in lines)


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize(
    ("sector", "platform"),
    [("Intersector", "region"), ("Human Trafficking & Smuggling", "Southern Cone"), ("Common Services", "Peru")],
)
def test_no_cell_is_empty_and_no_two_headers_or_names_are_alike(sector: str, platform: str, language: str) -> None:
    selection = load_plan(find_shipped_folder(BUNDLED_PLAN)).select(sector, platform=platform)
    data = Page(selection, language=language).figures().tables
    cells = [cell for worksheet in data["worksheets"] for row in worksheet["rows"] for cell in row]
    assert [content for content, _ in cells if content is None or content == ""] == []
    for headers, rows in ((worksheet["headers"], worksheet["rows"]) for worksheet in data["worksheets"]):
        assert len({header.lower() for header in headers}) == len(headers)
        assert all(headers)
        assert {len(row) for row in rows} == {len(headers)}
    for key in ("name", "tab"):
        assert len({worksheet[key] for worksheet in data["worksheets"]}) == len(data["worksheets"])


def test_coverage_of_a_place_leads_back_to_its_rows() -> None:
    reports = activities(country=["PER", "PER", "CHL"], new_beneficiaries=[20, 10, 40])
    targets = planning(("Health", "region", "all", "target", 200), ("Health", "PER", "all", "target", 60))
    health = plan(reports, targets).select("Health")
    worksheets = Page(health, audience="internal").figures().tables["worksheets"]
    rows = contents(next(worksheet for worksheet in worksheets if worksheet["name"] == "key_figures_by_platform"))
    assert rows[0][:4] == ["Platform", "People targeted", "People reached", "People reached, of people targeted"]
    stated = {row[0]: row[1:4] for row in rows[1:]}
    assert stated["Region"] == [200, 70, 70 / 200]
    assert (stated["Peru"], stated["Chile"]) == ([60, 30, 30 / 60], ["[x]", 40, "[x]"])
    traced = health.trace("target_coverage_by_platform")
    assert traced[["part", "contribution"]].to_numpy().tolist() == [["Peru", 20 / 60], ["Peru", 10 / 60]]


STATED = {"people_in_need": 500, "target": 100, "people_reached": 40, "funding_usd": 1_000}


def tables_of(figures: KeyFigures, language: str = "en") -> dict[str, dict[str, Any]]:
    written = build_data_tables(as_printed(figures, language), "End of year 2021 key figures", "health")
    return {table["name"]: table for table in written["tables"]}


def rows_of(table: Mapping[str, Any], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple({**table["shared"], **row}.get(column) for column in columns) for row in table["rows"]]


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_names_of_worksheets_are_short_and_differ(language: str) -> None:
    breakdown_tabs = (breakdown.tab for breakdown in BREAKDOWNS.values() if breakdown.tab)
    tabs = list(map(Translator(language), (*breakdown_tabs, *READERS_TITLE_BY_DIMENSION.values(), "Figures", "Cover")))
    assert max(map(len, tabs)) <= 31
    assert len(set(tabs)) == len(tabs)


def test_a_figure_has_its_value_and_its_form_in_words_also_of_few_people() -> None:
    table = tables_of(sheet(**STATED | {"people_reached": 4_912}))["figures"]
    assert ("people_reached", 4_912, "4.91\u202fK") in rows_of(table, "code", "value", "printed")
    table = tables_of(sheet({"people_reached_by_platform": {"Peru": 40}}, **STATED), "es")["people_reached_by_platform"]
    rows = rows_of(table, "sector", "place", "countries", "unit", "code")
    assert rows == [("Salud", "Perú", "PER", "personas", "people_reached_by_platform")]
    columns = build_data_tables(as_printed(sheet(**STATED), "pt"), "", "health")["columns"]
    assert [columns[name] for name in ("sector", "value")] == ["Setor", "Valor"]
    people = {"people_reached_by_platform": {"Peru": 3, "Brazil": 6_000}}
    table = tables_of(with_few(sheet(people, people_reached=6_003), "Peru"))["people_reached_by_platform"]
    assert rows_of(table, "value", "printed", "reason", "shorthand") == [
        (0, "<\u202f10", "", "<\u202f10"),
        (6_000, "6.00\u202fK", "", ""),
    ]


def test_months_donors_and_money_of_the_plan_stand_in_columns_of_their_own() -> None:
    table = tables_of(sheet({"people_reached_by_month": {"2020-02": 40}}, **STATED))["people_reached_by_month"]
    assert rows_of(table, "start", "end") == [("2020-02-01", "2020-02-29")]
    name = "funding_usd_by_donor_and_organisation"
    pairs = {f"Donor A{DONOR_ARROW}Fund B": 600.0, f"Donor A{DONOR_ARROW}not specified": 300.0, "not specified": 100.0}
    assert rows_of(tables_of(sheet({name: pairs}, **STATED))[name], "donor", "organisation") == [
        ("Donor A", "Fund B"),
        ("Donor A", "Not specified"),
        ("Not specified", "Not specified"),
    ]
    name = "plan_funding_usd_by_sector_named"
    table = tables_of(sheet({name: {"single": 5.0}}, **STATED))[name]
    assert rows_of(table, "part", "sector", "value") == [("One alone", "All sectors", 5)]


def test_every_row_has_its_own_identifier_and_no_table_is_empty() -> None:
    assert list(tables_of(sheet({"funding_usd_by_donor": {}}, **STATED))) == ["figures"]
    tables = tables_of(sheet({"people_reached_by_month": {"2021-01": 1, "2021-02": 2}}, **STATED))
    identifiers = [row["id"] for table in tables.values() for row in table["rows"]]
    assert len(set(identifiers)) == len(identifiers)
