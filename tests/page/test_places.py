"""A platform's own sheet shows its countries, or its admin1 where it is one country."""

import re
from dataclasses import replace
from typing import Any

import pytest

from conftest import (
    YEAR,
    activities,
    as_printed,
    count_at_once,
    flow,
    flows,
    plan,
    planned_places,
    planning,
    sheet,
    sheet_of,
    with_few,
    with_range,
)
from notebook_page import page_of, places_of
from rmrp_analysis.arguments import Period
from rmrp_analysis.figures import FEW, KeyFigures
from rmrp_analysis.ledger import GROUPS_OF_ASSISTED
from rmrp_analysis.method import Method
from rmrp_analysis.page.bar_tables import build_bars
from rmrp_analysis.page.page import Page
from rmrp_analysis.page.tables import build_breakdown_table

PLACES_SHOWN = 15


def view_of(plan: Any, platform: str, sector: str = "Health") -> dict[str, Any] | None:
    figures = sheet_of(plan, sector, platform=platform, method=Method(rounding=0))
    return places_of(figures).get("places")


def rows(view: dict[str, Any] | None) -> list[tuple[str, str]]:
    return [(row["label"], row["people"]["text"].replace("\u202f", " ")) for row in view["rows"]]


def test_a_platform_shows_people_and_money_by_country() -> None:
    reports = activities(country=["BOL", "URY"], place="", new_beneficiaries=[30.0, 500.0])
    money = flows(flow(70, destination_sectors=("Health",), destination_countries=("BOL",)))
    view = view_of(plan(reports, flows=money), "Southern Cone")
    assert rows(view) == [("Uruguay", "500"), ("Bolivia", "30"), ("Argentina; Paraguay", "no report")]
    assert [row["money"]["text"] for row in view["rows"]] == ["none designated", "$70", "none designated"]
    assert view["finding"] == "Uruguay accounts for 94% of people reached"


def test_a_platform_of_one_country_shows_its_admin1_and_the_others_together() -> None:
    people = {f"Place {number:02d}": 1000 - number for number in range(PLACES_SHOWN + 3)}
    figures = sheet({"people_reached_by_admin1": people}, people_reached=sum(people.values()))
    listed = rows(places_of(replace(figures, place="Peru"))["places"])
    assert listed[0] == ("Place 00", "1.00 K")
    assert listed[-1] == (f"{PLACES_SHOWN + 3 - 8} other departments", "9.88 K")  # 992 + 991 + … + 983
    assert len(listed) == 8 + 1


def test_few_people_are_less_than_the_base_on_a_map_and_in_one_row_after_the_others() -> None:
    names = [f"Place {number:02d}" for number in range(PLACES_SHOWN + 3)]
    exact = replace(sheet({"people_reached_by_admin1": dict.fromkeys(names, 50.0)}, people_reached=900), place="Peru")
    listed = rows(places_of(with_few(exact, *names[2:]))["places"])
    count = str(len(names) - 2)
    assert listed == [("Place 00", "50"), ("Place 01", "50"), (f"{count} other departments", "fewer than 10 each")]
    listed = rows(places_of(with_few(exact, *names[-2:]))["places"])
    assert listed[-1] == (f"{names[-2]}; {names[-1]}", "fewer than 10 each")
    people = {"Tacna": 6.0, "Lima": 900.0, "Puno": 500.0}
    exact = replace(sheet({"people_reached_by_admin1": people}, people_reached=1_406), place="Peru")
    listed, view = map(places_of(with_few(exact, "Tacna")).get, ("places", "map"))
    assert rows(listed)[-1] == ("Tacna", "< 10")
    assert "Lima: 900; Puno: 500; Tacna: fewer than 10." in view["alt"]
    assert [text for text in texts_of(view["svg"]) if text in people] == ["Lima", "Puno", "Tacna"]


def bars_of(figures: KeyFigures, name: str, target: str = "", most: int | None = None) -> Any:
    reached, goals = (build_breakdown_table(as_printed(figures), each) if each else None for each in (name, target))
    return build_bars(as_printed(figures), [reached], [goals], max_rows=most).view


def test_parts_above_all_and_rounded_parts_of_few_people_have_no_share() -> None:
    parts = {"boys": 110.0, "women": 20.0, "men": 10.0, "not specified": 5.0}
    tables = {"people_reached_by_age_gender": parts, "people_reached_by_model": {"sum": 405.0, "max_sector": 400.0}}
    for people, shares in {100: ["", "20%", "10%", "5%", "405%", "400%"], 20: [""] * 6}.items():
        figures = sheet(tables, people_reached=people, method=Method())
        listed = [row for name in tables for row in bars_of(figures, name)["rows"]]
        assert [listed[3]["label"], *(row["people"]["share"] for row in listed)] == ["Not specified", *shares]
    assisted = build_breakdown_table(as_printed(figures), next(iter(tables))).assign(caution=GROUPS_OF_ASSISTED)
    assisted.loc["men", "status"] = FEW
    assert rows(build_bars(as_printed(figures), [assisted], [None]).view) == [("Boys", "85%"), ("Women", "15%")]


def test_places_beyond_the_most_are_added_up() -> None:
    people = {"Lima": 900.0, "Tacna": 50.0, **dict.fromkeys(few := ["Cusco", "Puno", "A", "B", "C"], 5.0)}
    tables = {"people_reached_by_admin1": people, "target_by_admin1": dict.fromkeys([*few[:2], "Ica", "Loreto"], 50.0)}
    figures = with_few(replace(sheet(tables, method=Method()), place="Peru"), *few)
    for most, added_up in {0: "950", 2: "< 20", 4: "no report"}.items():
        added_up_rows = [(f"{6 - most} other departments", added_up), ("3 departments", "fewer than 10 each")]
        assert rows(bars_of(figures, *tables, most))[most:] == added_up_rows
    assert [label for label, _ in rows(bars_of(figures, *tables, 5))[5:]] == ["Loreto", "3 other departments"]


def test_months_of_a_year_have_no_line_at_its_target() -> None:
    tables = {f"{name}_by_platform": {"Peru": 9.0} for name in ("people_reached", "target", "target_coverage")}
    for start, told, tick, usd in (("01", "target (line)", 1.0, 50.0), ("03", "the year's target by May", None, None)):
        figures = replace(sheet(tables, funding_usd=usd), period=Period(start=f"2021-{start}", end="2021-05"))
        view = bars_of(figures, *[*tables][:2])
        assert [view["rows"][0]["people"]["target"], told in view["kicker"], view["note"] > ""] == [tick, 1, usd == 50]


@pytest.mark.parametrize(
    ("place", "language", "kicker", "header", "others"),
    [
        ("Colombia", "en", "People reached, by department", "Department", "3 other departments"),
        ("Ecuador", "es", "Personas alcanzadas, por provincia", "Provincia", "3 provincias más"),
        ("Brazil", "pt", "Pessoas alcançadas, por estado", "Estado", "Mais 3 estados"),
        ("Chile", "es", "Personas alcanzadas, por región", "Región", "3 regiones más"),
        ("TTO", "en", "People reached, by place", "Place", "3 other places"),
    ],
)
def test_places_of_a_country_are_called_by_its_own_word(
    place: str, language: str, kicker: str, header: str, others: str
) -> None:
    people = {"A": 500.0, "B": 0.0, "C": 0.0, "D": 0.0}
    view = places_of(replace(sheet({"people_reached_by_admin1": people}), place=place), language=language)["places"]
    assert (view["kicker"], view["columns"][0], view["rows"][-1]["label"]) == (kicker, header, others)


def texts_of(svg: str) -> list[str]:
    return [text.replace("\u202f", " ") for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def test_beside_the_places_of_a_country_stands_its_map_with_the_three_largest_named() -> None:
    names = ["Lima", "Cusco", "Puno", "Ica", "Junín", "Áncash", "Tacna", "Piura", "Pasco"]
    people = dict(zip(names, [900.0, 800.0, 700.0, *[50.0] * 6], strict=True))
    figures = sheet({"people_reached_by_admin1": people}, people_reached=2_700)
    view = places_of(replace(figures, place="Peru"))["map"]
    assert [text for text in texts_of(view["svg"]) if text in names] == ["Lima", "Cusco", "Puno"]
    assert view["alt"].replace("\u202f", " ") == (
        "Map of Peru with a circle for the people reached in each department. "
        "Lima accounts for 33% of people reached. Lima: 900; Cusco: 800; Puno: 700. "
        "The other places are in the table beside the map."
    )
    assert view["kicker"] == "On the map"


def test_a_country_and_a_platform_of_several_have_a_map_of_their_own_places() -> None:
    reports = activities(country=["ABW", "GUY"], place="", new_beneficiaries=[30.0, 500.0])
    caribbean = plan(reports).select("Health", place="Caribbean", method=Method(rounding=0))
    view = places_of(caribbean, language="pt")["map"]
    assert {"Aruba", "Guiana"} <= set(texts_of(view["svg"]))
    assert view["alt"].startswith("Mapa dos países da plataforma (Caribe)")
    assert "Guiana: 500; " in view["alt"]
    reports = activities(country="BOL", place=["la paz", "oruro"], admin1=["La Paz", "Oruro"], new_beneficiaries=50.0)
    views = places_of(plan(reports).select("Health", place="Bolivia"))
    assert [row["label"] for row in views["places"]["rows"]] == ["La Paz", "Oruro"]
    assert views["map"]["alt"].startswith("Map of Bolivia with a circle")
    assert views["map"]["alt"].endswith("La Paz: 50; Oruro: 50.")  # there is no other one beside the map


def test_people_of_no_admin1_stand_as_national_level_and_not_on_the_map() -> None:
    names = ["Lima", "Peru", "Nowhere"]
    reports = activities(country="PER", place=["PE15", "", "PE99"], admin1=names, new_beneficiaries=[90.0, 80.0, 70.0])
    views = places_of(plan(reports).select("Health", place="Peru", method=Method(rounding=0)))
    assert rows(views["places"]) == [("Lima", "90"), ("Nowhere", "70"), ("National level", "80")]
    assert views["map"]["note"] == "Not on the map: Nowhere and National level."


def test_without_a_place_to_draw_there_is_no_map_and_the_notebook_says_so() -> None:
    nowhere = activities(country="PER", place="elsewhere", admin1="Elsewhere", new_beneficiaries=50.0, women=50.0)
    page = page_of(plan(nowhere).select("Health", place="Peru"))
    blocks = {block.uid: block.view for block in page.blocks}
    assert "map" not in blocks
    assert [blocks[uid]["span"] for uid in ("places", "months", "people_reached_by_age_gender")] == [7, 4, 4]
    assert blocks["months"]["svg"].startswith('<svg width="57.3mm" height="24mm"')
    assert "Not on the page: None of these places is on the map." in page.absent
    assert "Boundaries" not in str(blocks[""]["sources"])


def test_nothing_is_shown_where_no_place_is_known() -> None:
    made = plan(activities(country=["PER", "ABW"], place="", new_beneficiaries=50.0))
    count_at_once(selections := [made.select("Health", place=country) for country in ("PER", "ABW")])
    assert [[*places_of(selection)] for selection in selections] == [[""], [""]]  # where a page may turn
    reported = plan(activities(country="COL"))
    assert view_of(replace(reported, funding_flows=None), "Peru") is None


def test_an_admin1_is_written_as_its_people_write_it() -> None:
    written = {
        "Norte De Santander": "Norte de Santander",
        "Santo Domingo De Los Tsachilas": "Santo Domingo de los Tsáchilas",
        "La Guajira": "La Guajira",
        "Magallanes (Xii)": "Magallanes (XII)",
        "DISTRITO FEDERAL": "Distrito Federal",
        "Aysen Del Gen.D.C. (Xi)": "Aysén (XI)",
        "Bolivar": "Bolívar",
        "Los Ríos (Xiv)": "Los Ríos (XIV)",
    }
    people = {name: 900.0 - number for number, name in enumerate(written)}
    figures = sheet({"people_reached_by_admin1": people}, people_reached=sum(people.values()))
    listed = rows(places_of(replace(figures, place="Peru"))["places"])
    assert listed == [(written[name], f"{number:.0f}") for name, number in people.items()]


def test_money_stands_by_country_without_people_and_in_a_row_of_none() -> None:
    money = flows(flow(70, destination_sectors=("Common Services",), destination_countries=("BOL",)))
    view = view_of(plan(flows=money), "Southern Cone", "Common Services")
    assert (view["kicker"], view["measures"]) == ("Designated funding by country*", ["money"])
    reports, health = activities(country="PER", new_beneficiaries=50.0), {"destination_sectors": ("Health",)}
    in_peru = flow(70, **health, destination_countries=("PER",))
    without = places_of(plan(reports, flows=flows(in_peru)).select("Health"))["places"]
    assert "Regional" not in [row["label"] for row in without["rows"]]
    assert without["note"] == ""
    regional = places_of(plan(reports, flows=flows(in_peru, flow(30, **health))).select("Health"))["places"]
    assert regional["rows"][-1]["label"] == "Regional"
    assert regional["note"].startswith("Regional: not assigned to a single country.")


def test_countries_stand_there_where_the_source_gives_no_money_by_country() -> None:
    reports = activities(country=["BOL", "URY"], place="", new_beneficiaries=[30.0, 500.0])
    made = plan(reports, funding_by_sector={"Health": 70.0})
    exact = {"place": "Southern Cone", "period": YEAR, "method": Method(rounding=0)}
    count_at_once([made.select(sector, **exact) for sector in ("Health", "Intersector")])
    for sector in ("Health", "Intersector"):
        view = view_of(made, "Southern Cone", sector)
        assert rows(view)[:2] == [("Uruguay", "500"), ("Bolivia", "30")]
        assert (view["kicker"], view["measures"]) == ("People reached, by country", ["people"])


def test_colombian_returnees_have_a_row_elsewhere_only_where_some_are_reported() -> None:
    def with_row(group: str) -> list[str]:
        made = plan(activities(country=["PER", "COL"], new_beneficiaries=90.0, **{group: 90.0}))
        places = ("Peru", "Colombia", "region")
        count_at_once(selections := [made.select("Health", place=place) for place in places])
        for page in (pages := [Page(selection) for selection in selections]):
            page.bars(page.table("people_reached", "population_group"))
        labels = [[row["label"] for row in page.blocks[0].view["rows"]] for page in pages]
        return [place for place, listed in zip(places, labels, strict=True) if "Colombian returnees" in listed]

    assert with_row("in_destination") == ["Colombia", "region"]
    assert with_row("colombian_returnees") == ["Peru", "Colombia", "region"]


def test_admin1_are_held_against_their_targets_and_those_without_a_report_have_a_row() -> None:
    reports = activities(
        country="PER", place=["cusco", "lima"], admin1=["Cusco", "Lima"], new_beneficiaries=[60.0, 500.0]
    )
    targets = (("Cusco", 240), ("Lima", 400), ("Ica", 80), ("Puno", 0), ("Tacna", 90))
    places = planned_places(*(("Health", "PER", name, "all", "target", people) for name, people in targets))
    national = planning(("Health", "PER", "all", "target", 5000))
    small = plan(reports, national, planned_places=places.assign(place=["cusco", "lima", "ica", "puno", "tacna"]))
    view = view_of(small, "Peru")
    assert rows(view) == [("Lima", "500"), ("Cusco", "60"), ("Tacna", "no report"), ("Ica", "no report")]
    assert [row["people"]["share"] for row in view["rows"]] == ["125%", "25%", "", ""]
    ticks = [row["people"]["target"] for row in view["rows"]]
    assert ticks == [400 / 500, 240 / 500, None, None]  # what is planned for no admin1 does not shorten the bars
    assert view["kicker"] == "People reached, by department; % of target (line)"


def test_countries_are_held_against_targets_if_all_reported() -> None:
    reports = activities(country=["ARG", "BOL", "PRY", "URY"], place="", new_beneficiaries=[80.0, 300.0, 200.0, 100.0])
    targets = (("ARG", 1000), ("BOL", 400), ("PRY", 400), ("URY", 400))
    small = plan(reports, planning(*(("Health", country, "all", "target", people) for country, people in targets)))
    view = view_of(small, "Southern Cone")
    assert {row["label"]: row["people"]["share"] for row in view["rows"]} == {
        "Argentina": "8%",
        "Bolivia": "75%",
        "Paraguay": "50%",
        "Uruguay": "25%",
    }
    assert view["finding"] == "Argentina: furthest behind, at 8% of target"
    reports = activities(country=["ARG", "BOL", "PRY"], place="", new_beneficiaries=[80.0, 300.0, 200.0])
    small = plan(reports, planning(*(("Health", country, "all", "target", people) for country, people in targets)))
    assert view_of(small, "Southern Cone")["finding"] == "Bolivia accounts for 52% of people reached"


def test_people_still_to_reach_stand_by_place_without_those_whose_target_is_met() -> None:
    left = {"people_to_reach_by_platform": {"Peru": 600, "Chile": 300, "Brazil": 100, "Ecuador": -50}}
    figures = sheet(left, people_reached=500, target=1_500, target_coverage=1 / 3, people_to_reach=1_000)
    page = page_of(figures)
    view = next(block.view for block in page.blocks if block.uid == "to_reach")
    assert [(row["label"], row["wanted"]["text"]) for row in view["rows"]] == [
        ("Peru", "600"), ("Chile", "300"), ("Brazil", "100"),
    ]  # fmt: skip
    assert view["finding"] == "60% of the people still to reach in these places are in Peru"
    doubtful = with_range(figures, 550, 1_000, "people_to_reach_by_platform", "Peru")
    view = next(block.view for block in page_of(doubtful).blocks if block.uid == "to_reach")
    assert view["rows"][0]["wanted"]["text"] == "550 to 1.00\u202fK"


@pytest.mark.parametrize(
    ("wash_target", "order", "rule"), [(500, "WHSEC", "furthest behind first"), (None, "HWCSE", "most people first")]
)
def test_sectors_of_the_region_have_one_order_and_the_table_says_which(
    wash_target: int | None, order: str, rule: str
) -> None:
    reports = activities(sector=["Health", "WASH"], new_beneficiaries=[300.0, 100.0])
    funded = [("Education",), ("Shelter",), ("Common Services",), ("Health", "WASH")]
    money = flows(*(flow(usd, destination_sectors=sectors) for usd, sectors in enumerate(funded, start=1)))
    targets = [("Health", "region", "all", "target", 400.0)]
    targets += [("WASH", "region", "all", "target", float(wash_target))] if wash_target else []
    view = places_of(plan(reports, planning(*targets), flows=money).select("All sectors"))["sectors"]
    assert "".join(row["label"][0] for row in view["rows"][:5]) == order
    assert view["kicker"].endswith(f"; {rule}")
