"""The sheet of an organisation says what it did, and leaves out what nobody states of one organisation."""

from dataclasses import replace
from typing import Any

from conftest import activities, as_printed, plan, planning
from notebook_page import page_of
from rmrp_analysis.figures import Comparisons, KeyFigures
from rmrp_analysis.page import Page
from rmrp_analysis.page.headline import build_headline

IOM = "International Organization for Migration (IOM)"


TABLES = plan(
    activities(
        appealing_organisation=[IOM, IOM, "CARE"],
        sector="Health",
        country=["PER", "ARG", "PER"],
        implementing_partner=["Local", "", ""],
        new_beneficiaries=[120.0, 60.0, 500.0],
        women=[120.0, 60.0, 500.0],
    ),
    planning(("Health", "region", "all", "target", 900)),
    funding_by_sector={"Health": 7.0},
)


def block(page: Page, name: str) -> dict[str, Any]:
    (found,) = [block.view for block in page.blocks if block.name == name]
    return dict(found)


def test_counts_stand_beside_people_and_partners_and_places_have_their_tables() -> None:
    view = block(page_of(TABLES.select("Health", organisation="IOM")), "people")
    assert [card["label"] for card in view["cards"]] == [
        "People reached", "Implementing partners", "Reported activities",
    ]  # fmt: skip
    of_place, of_iom = (page_of(TABLES.select("Health", organisation=name)) for name in ("", "IOM"))
    labels = [[card["label"] for card in block(of_place, "partners")["cards"]]]
    labels += [[card["label"] for card in block(of_iom, "people")["cards"]]]
    assert labels[0][1:] == labels[1][1:] == ["Implementing partners", "Reported activities"]
    view = block(page_of(TABLES.select("Health", organisation="IOM")), "activities_by_implementing_partner")
    assert [(row["label"], row["people"]["text"], row["people"]["share"]) for row in view["rows"]] == [
        ("Local", "1", "50%"),
        ("Without an implementing partner", "1", "50%"),
    ]
    uids = [each.uid for each in page_of(TABLES.select("Health")).blocks]
    assert "activities_by_implementing_partner" not in uids
    page = page_of(TABLES.select("Health", organisation="IOM"))
    assert [row["label"] for row in block(page, "places")["rows"]] == ["Peru", "Argentina"]
    assert block(page, "map")["alt"].startswith(
        "Map of the response countries, with a circle for the people reached in each."
    )


def test_of_many_partners_those_with_most_have_a_row() -> None:
    partners = [f"P{number}" for number in range(12)] + ["P0"]
    made = plan(activities(appealing_organisation="CARE", sector="Health", implementing_partner=partners))
    page = page_of(made.select("Health", organisation="CARE"))
    rows = block(page, "activities_by_implementing_partner")["rows"]
    assert [row["label"] for row in rows] == ["P0", "P1", "P10", "9 other partners"]
    assert [row["people"]["bar"] for row in rows] == [2 / 9, 1 / 9, 1 / 9, 1]


def test_the_title_has_the_short_name_and_no_word_is_of_money_that_is_not_known() -> None:
    of_iom, of_care = (
        block(page_of(TABLES.select("Health", organisation=name)), "masthead") for name in ("IOM", "CARE")
    )
    assert (of_iom["sector"], of_iom["scope"]) == ("IOM: Health", "January–December 2021")
    assert of_iom["whom"].startswith(f"{IOM} · ")
    assert (of_care["sector"], of_care["scope"]) == ("CARE: Health", "January–December 2021")
    page = page_of(TABLES.select("Health", organisation="IOM"))
    assert [each for each in page.blocks if each.name in ("funding", "donors")] == []
    assert "Funding" not in {line["name"] for line in block(page, "account")["method"]["lines"]}
    assert block(page, "account")["note"] == []


def test_findings_to_mend_are_for_internal_use() -> None:
    selection = TABLES.select("Health", organisation="IOM")
    internal, public = page_of(selection, audience="internal"), page_of(selection)
    view = block(internal, "to_mend")
    assert view["rows"]
    assert "rmrp check --workbooks" in view["note"]
    assert [each for each in public.blocks if each.uid == "to_mend"] == []
    assert not [each for each in page_of(TABLES.select("Health"), audience="internal").blocks if each.uid == "to_mend"]


def test_data_files_name_who_reported() -> None:
    of_iom, of_place = (Page(TABLES.select("Health", organisation=name)).figures().tables for name in ("IOM", ""))
    assert of_iom["columns"]["reported_by"] == "Reporting organization"
    assert {table["shared"]["reported_by"] for table in of_iom["tables"]} == {IOM}
    assert "reported_by" not in of_place["columns"]


# ---- What is said ----


def said(figures: KeyFigures, language: str = "en", **compared: Any) -> str:
    return build_headline(as_printed(replace(figures, comparisons=Comparisons(**compared)), language))


def test_the_headline_says_whom_the_organisation_reached() -> None:
    figures = TABLES.select("Health", organisation="IOM", period="2021-01").key_figures()
    assert said(figures, region_people=680.0) == (
        "IOM reached 26% of the people whom the sector reached, 67% of them in Peru."
    )
    assert said(figures, "es", region_people=680.0).startswith("OIM alcanzó al 26")
