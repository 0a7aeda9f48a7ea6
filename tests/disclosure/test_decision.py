"""What a publication withholds: small counts, and companions without which they could be worked out."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publications import BY_GROUP, BY_MODEL, BY_MONTH, BY_PLATFORM, BY_SECTOR, PEOPLE, Name, sheet, withheld, worked_out

from rmrp_analysis.disclosure import Decision, Sheet, decide, system_of
from rmrp_analysis.disclosure.decision import range_around
from rmrp_analysis.method import Method, Period

JANUARY, FEBRUARY, MARCH = (f"{BY_MONTH}[2021-0{month}]" for month in (1, 2, 3))
ALL = "Intersector"


def decision(*sheets: Sheet) -> Decision:
    """What is withheld of these sheets together; a reader of all of them works nothing out."""
    decided = decide(system_of(sheets))
    assert decided.failed == []
    return decided


def by_month(*people: float) -> dict[str, dict[str, float]]:
    return {BY_MONTH: {f"2021-{month:02d}": number for month, number in enumerate(people, start=1)}}


@pytest.mark.parametrize(("people", "printed"), [(0, True), (1, False), (9, False), (10, True), (11, True)])
def test_people_from_one_up_to_the_threshold_are_withheld(people: int, printed: bool) -> None:
    assert (withheld(decision(sheet(people))) == set()) == printed


def test_one_small_part_takes_the_smallest_companion_that_is_large_enough() -> None:
    assert withheld(decision(sheet(543, by_month(3, 500, 40, 0)))) == {("health", JANUARY), ("health", MARCH)}


@pytest.mark.parametrize(
    ("small", "companions"),
    [((1, 1), 1), ((2, 3), 1), ((9, 9), 1), ((5, 5, 5), 1), ((6, 6, 6), 0)],  # of 9 and 9 none can be more than 17
)
def test_small_parts_take_a_larger_one_with_them_where_each_could_not_be_ten_more(
    small: tuple[int, ...], companions: int
) -> None:
    decided = decision(sheet(sum(small) + 560, by_month(*small, 500, 60)))
    assert len(withheld(decided)) == len(small) + companions


def test_zero_is_printed_and_protects_nothing() -> None:
    assert withheld(decision(sheet(503, by_month(3, 500, 0, 0)))) == {("health", JANUARY), ("health", FEBRUARY)}


def test_a_country_without_a_sheet_cannot_be_worked_out_from_those_of_the_others() -> None:
    region = sheet(500, {BY_PLATFORM: {"Southern Cone": 100, "Peru": 400}})
    others = [sheet(people, platform=code) for code, people in (("ARG", 40), ("BOL", 30), ("PRY", 26))]
    assert len(withheld(decision(region, *others))) > 0  # 4 people in Uruguay


def test_a_small_place_is_withheld_on_every_sheet_on_which_it_stands() -> None:
    region = sheet(547, {BY_PLATFORM: {"Chile": 7, "Peru": 500, "Brazil": 40}})
    chile, peru, brazil = (sheet(n, platform=place) for n, place in ((7, "Chile"), (500, "Peru"), (40, "Brazil")))
    all_sectors = sheet(300, {BY_SECTOR: {"Health": 7, "WASH": 300}}, sector=ALL, platform="Chile")
    assert withheld(decision(region, chile, peru, brazil, all_sectors)) == {
        *(("health", f"{BY_PLATFORM}[{place}]") for place in ("Chile", "Brazil")),
        *(("health.chile", PEOPLE), ("health.brazil", PEOPLE)),
        ("intersector.chile", f"{BY_SECTOR}[Health]"),
    }


def test_a_small_month_does_not_follow_from_the_region_and_its_other_platforms() -> None:
    region = sheet(600, {BY_PLATFORM: {"Chile": 100, "Peru": 500}} | by_month(303, 297))
    chile = sheet(100, by_month(3, 97), platform="Chile")
    peru = sheet(500, by_month(300, 200), platform="Peru")
    hidden = withheld(decision(region, chile, peru))
    assert ("health.chile", JANUARY) in hidden
    assert hidden & {("health", JANUARY), ("health.peru", JANUARY)}
    assert hidden & {("health.chile", FEBRUARY), ("health.chile", PEOPLE)}


@pytest.mark.parametrize(("small", "hidden"), [(5, 3), (50, 0)])
def test_a_small_sector_does_not_follow_from_the_sum_of_sectors(small: int, hidden: int) -> None:
    tables = {BY_SECTOR: {"Health": 400, "WASH": small, "Shelter": 60}}
    together = sheet(460 + small, tables, sector=ALL, method=Method(intersector_model="sum"))
    wash = sheet(small, sector="WASH")
    assert len(withheld(decision(together, wash))) == hidden


def test_the_sum_of_sectors_is_withheld_where_it_stands_beside_the_model_that_is_used() -> None:
    tables = {BY_SECTOR: {"Health": 400, "WASH": 5}, BY_MODEL: {"sum": 405, "max_sector": 400}}
    assert withheld(decision(sheet(400, tables, sector=ALL))) == {
        ("intersector", f"{BY_SECTOR}[WASH]"),
        ("intersector", f"{BY_MODEL}[sum]"),
    }


@pytest.mark.parametrize(
    ("target", "printed"),
    [(40_000, 0.13), (900, None)],  # a whole percent of 40,000 is 400 people, of 900 it is 9
)
def test_a_share_that_would_tell_of_few_people_in_transit_is_rounded_or_withheld(
    target: int, printed: float | None
) -> None:
    groups = {BY_GROUP: {"in_destination": 5_053, "in_transit": 4, "pendular": 43}}
    share = ("target_coverage", "", (5_100 - 4) / target, target)
    assert decision(sheet(5_100, groups, shares=[share])).instead()["health"]["target_coverage"] == printed


def test_a_share_tells_of_few_people_in_transit_though_no_sheet_prints_them() -> None:
    shares = [("target_coverage_by_sector", "Health", (400 - 4) / 900, 900)]
    together = sheet(400, {BY_SECTOR: {"Health": 400}}, sector=ALL, shares=shares)
    assert decision(together).instead()["intersector"] == {"target_coverage_by_sector[Health]": None}


@pytest.mark.parametrize(("dimension", "places"), [("admin1", ("Lima", "Puno")), ("country", ("ARG", "BOL"))])
@pytest.mark.parametrize(
    ("target", "printed"),
    [(40_000, 0.13), (900, None)],  # a whole percent of 40,000 is 400 people, of 900 it is 9
)
def test_a_share_of_a_place_does_not_tell_of_few_people_in_transit_there(
    dimension: str, places: tuple[str, str], target: int, printed: float | None
) -> None:
    name = f"target_coverage_by_{dimension}"
    tables = {f"{PEOPLE}_by_{dimension}": {places[0]: 5_100, places[1]: 900}}
    tables[BY_GROUP] = {"in_destination": 5_900, "in_transit": 100}
    share = (name, places[0], (5_100 - 4) / target, target)
    decided = decision(sheet(6_000, tables, platform="Southern Cone", shares=[share]))
    assert decided.instead()["health.southern-cone"] == {f"{name}[{places[0]}]": printed}


@pytest.mark.parametrize(
    ("dimension", "places"),
    [("admin1", ("Lima", "Puno")), ("country", ("ARG", "BOL")), ("platform", ("Peru", "Chile"))],
)
def test_few_people_in_transit_in_a_place_do_not_follow_from_the_others(
    dimension: str, places: tuple[str, str]
) -> None:
    """Of 104 in transit 100 are in the second place, as its share tells: so 4 are in the first."""
    name = f"target_coverage_by_{dimension}"
    tables = {f"{PEOPLE}_by_{dimension}": dict(zip(places, (5_100, 900), strict=True))}
    tables[BY_GROUP] = {"in_destination": 5_896, "in_transit": 104}
    share = (name, places[1], (900 - 100) / 2_000, 2_000)
    both = [share, (name, places[0], (5_100 - 4) / 6_000, 6_000)]
    decided = decision(sheet(6_000, tables, platform="Southern Cone", shares=both))
    hidden = decided.instead()["health.southern-cone"]
    assert set(hidden) >= {f"{name}[{places[0]}]"}
    assert set(hidden) & {f"{name}[{places[1]}]", f"{BY_GROUP}[in_transit]"}


def test_the_share_of_a_number_that_is_withheld_is_withheld() -> None:
    few = sheet(5, platform="Peru", shares=[("target_coverage", "", 0.005, 1000)])
    assert decision(few).instead()["health.peru"] == {PEOPLE: (0, 50), "target_coverage": None}


def test_each_sector_has_its_own_threshold() -> None:
    method = Method(small_count_threshold=10, small_count_thresholds={"human-trafficking-and-smuggling": 20})
    trafficking, health = (
        sheet(15, sector=name, method=method) for name in ("Human Trafficking & Smuggling", "Health")
    )
    assert withheld(decision(trafficking, health)) == {("human-trafficking-and-smuggling", PEOPLE)}


def test_with_a_threshold_of_zero_nothing_is_withheld() -> None:
    assert withheld(decision(sheet(3, by_month(1, 2), method=Method(small_count_threshold=0)))) == set()


def test_a_total_is_printed_as_a_range_be_it_small_or_withheld_for_another() -> None:
    region = sheet(1_103, {BY_PLATFORM: {"Chile": 4, "Peru": 1_000, "Brazil": 99}})
    places = [sheet(n, platform=place) for n, place in ((4, "Chile"), (1_000, "Peru"), (99, "Brazil"))]
    instead = decision(region, *places).instead()
    assert instead["health.chile"] == {PEOPLE: (0, 50)}  # as if it were not the small one
    assert instead["health.brazil"][PEOPLE] == instead["health"][f"{BY_PLATFORM}[Brazil]"] == (75, 125)


@given(people=st.floats(0, 1e6), threshold=st.integers(1, 50))
def test_a_range_holds_its_number_well_inside_and_stands_on_a_grid(people: float, threshold: int) -> None:
    least, most = range_around(people, threshold)
    width = 5 * threshold
    assert 0 <= least <= people <= most
    assert most % (width / 2) == 0
    assert most - people >= width / 4 - 1e-6
    assert least == 0 or people - least >= width / 4 - 1e-6
    assert least > 0 or most == width  # nobody sees from the first range that a number is small


def test_the_summary_counts_and_names_no_cell() -> None:
    summary = decision(sheet(543, by_month(3, 500, 40, 0))).summary
    assert summary == {
        "cells": 5,
        "withheld": 2,
        "for_others": 1,
        "ranges": 0,
        "narrowest_interval": 41,  # each is 1 to 42
        "too_narrow": 0,
        "told_before": 0,
    }


# ---- Publications over time ----

APRIL, MAY, JUNE = (Period(start="2021-01", end=f"2021-0{month}") for month in (4, 5, 6))


def test_what_was_added_since_an_earlier_publication_does_not_follow_from_both() -> None:
    now, before = sheet(104, period=MAY), sheet(100, period=APRIL, printed="all")
    assert withheld(decision(now, before)) == {("health", PEOPLE)}
    assert withheld(decision(sheet(150, period=MAY), before)) == set()


def test_what_an_earlier_publication_withheld_is_not_known() -> None:
    before = sheet(100, period=APRIL, printed=frozenset())
    assert withheld(decision(sheet(104, period=MAY), before)) == set()


def test_nothing_more_is_withheld_for_what_earlier_publications_have_told() -> None:
    before = [sheet(100, period=APRIL, printed="all"), sheet(104, period=MAY, printed="all")]
    assert withheld(decision(sheet(150, period=JUNE), *before)) == set()


def test_only_what_is_not_published_yet_has_a_name_to_withhold() -> None:
    before = sheet(43, by_month(3, 40), printed="all")
    assert withheld(decision(sheet(43, by_month(3, 40)), before)) >= {("health", JANUARY)}
    assert decide(system_of([before])).instead() == {}


# ---- Any publication ----

PLACES, MONTHS, GROUPS = ("Peru", "Chile", "Brazil"), ("2021-01", "2021-02"), ("in_destination", "host_communities")
COUNTS = st.one_of(st.just(0), st.integers(1, 12), st.integers(0, 300))
People = Mapping[tuple[str, str, str], int]


@st.composite
def people_of_sectors(draw: Any) -> dict[str, People]:
    """The people of one or two sectors by place, month and group."""
    cells = list(product(PLACES, MONTHS, GROUPS))
    sectors = ("Health", "WASH")[: draw(st.integers(1, 2))]
    return {
        sector: dict(zip(cells, draw(st.lists(COUNTS, min_size=12, max_size=12)), strict=True)) for sector in sectors
    }


def counted(people: People, *parts: str) -> int:
    return sum(number for cell, number in people.items() if set(parts) <= set(cell))


def published(sectors: Mapping[str, People]) -> list[Sheet]:
    """Sheets of the region and of each place, and of all sectors by their sum."""

    def one(sector: str, people: list[People], place: str) -> Sheet:
        here = () if place == "region" else (place,)

        def of(*parts: str) -> int:
            return sum(counted(each, *here, *parts) for each in people)

        tables = {BY_MONTH: {month: of(month) for month in MONTHS}, BY_GROUP: {group: of(group) for group in GROUPS}}
        if not here:
            tables[BY_PLATFORM] = {each: of(each) for each in PLACES}
        if sector == ALL:
            tables[BY_SECTOR] = {each: counted(sectors[each], *here) for each in sectors}
        return sheet(of(), tables, sector=sector, platform=place, method=Method(intersector_model="sum"))

    together = [(ALL, list(sectors.values()))] if len(sectors) > 1 else []
    named = [*((sector, [people]) for sector, people in sectors.items()), *together]
    return [one(sector, people, place) for sector, people in named for place in ("region", *PLACES)]


def readers_equations(sheets: list[Sheet]) -> list[tuple[list[Name], list[Name]]]:
    """What a reader knows of all of these sheets: parts and totals, the region and its places, all sectors."""
    named = {(each.sector, each.place): each for each in sheets}
    found: list[tuple[list[Name], list[Name]]] = []
    for (sector, place), each in named.items():
        tables: dict[str, list[tuple[str, str]]] = {}
        for figure, part, _ in each.rows:
            if part:
                tables.setdefault(figure, []).append((each.report, f"{figure}[{part}]"))
        found += [([(each.report, PEOPLE)], parts) for parts in tables.values()]
        kept = [f"{BY_MONTH}[{month}]" for month in MONTHS] + [f"{BY_GROUP}[{group}]" for group in GROUPS]
        if place == "region":
            places = [named[sector, each_place] for each_place in PLACES]
            found += [([(each.report, f"{BY_PLATFORM}[{one.place}]")], [(one.report, PEOPLE)]) for one in places]
            found += [([(each.report, name)], [(one.report, name) for one in places]) for name in kept]
        if sector == ALL:
            others = [one for one in sheets if one.place == place and one.sector != ALL]
            found += [([(each.report, f"{BY_SECTOR}[{one.sector}]")], [(one.report, PEOPLE)]) for one in others]
            found += [([(each.report, name)], [(one.report, name) for one in others]) for name in kept]
    return found


def all_people(sheets: list[Sheet]) -> dict[Name, float]:
    return {
        (each.report, f"{figure}[{part}]" if part else figure): number
        for each in sheets
        for figure, part, number in each.rows
    }


@given(sectors=people_of_sectors())
def test_a_reader_of_all_sheets_leaves_every_small_count_as_wide_as_the_threshold(sectors: dict[str, People]) -> None:
    sheets = published(sectors)
    decided, people = decision(*sheets), all_people(sheets)
    hidden = withheld(decided)
    ranges = {name: bounds for cell, bounds in decided.ranges.items() for name in decided.system.names[cell]}
    found = worked_out(readers_equations(sheets), people, sorted(hidden), ranges)
    small = {name for name, number in people.items() if 0 < number < 10}
    assert small <= hidden
    assert {name: found[name] for name in small if found[name][1] - found[name][0] < 10 - 1e-4} == {}
    assert [name for name, (least, most) in found.items() if not least - 1e-4 <= people[name] <= most + 1e-4] == []


@given(sectors=people_of_sectors())
@settings(max_examples=5)
def test_the_same_publication_is_decided_alike(sectors: dict[str, People]) -> None:
    assert decision(*published(sectors)).instead() == decision(*published(sectors)).instead()


@given(sectors=people_of_sectors(), random=st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_the_order_of_sheets_does_not_matter(sectors: dict[str, People], random: Any) -> None:
    sheets = published(sectors)
    shuffled = random.sample(sheets, len(sheets))
    assert withheld(decision(*shuffled)) == withheld(decision(*sheets))
