"""Which counts of people are the same, and which follow from which."""

import pytest
from publications import BY_COUNTRY, BY_GROUP, BY_MODEL, BY_MONTH, BY_PLATFORM, BY_SECTOR, PEOPLE, sheet

from rmrp_analysis.disclosure import Sheet, System, system_of
from rmrp_analysis.disclosure.equations import Key
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, BreakdownDefinition, Definition
from rmrp_analysis.method import Method, Period

ALL = "Intersector"


def cell(system: System, report: str, name: str = PEOPLE) -> int:
    """The cell that a report prints under this name."""
    (place,) = [place for place, names in enumerate(system.names) if (report, name) in names]
    return place


def equations(system: System) -> list[tuple[set[int], bool]]:
    return [(set(equation.cells), equation.at_least) for equation in system.equations]


def test_people_of_a_place_are_one_cell_on_whatever_sheet_they_stand() -> None:
    region = sheet(500, {BY_PLATFORM: {"Chile": 40, "Peru": 460}})
    chile = sheet(40, platform="Chile")
    all_sectors = sheet(70, {BY_SECTOR: {"Health": 40, "WASH": 70}}, sector=ALL, platform="Chile")
    system = system_of([region, chile, all_sectors])
    assert system.names[cell(system, "health.chile")] == [
        ("health", f"{BY_PLATFORM}[Chile]"),
        ("health.chile", PEOPLE),
        ("intersector.chile", f"{BY_SECTOR}[Health]"),
    ]


def test_parts_make_their_total() -> None:
    system = system_of([sheet(43, {BY_MONTH: {"2021-01": 3, "2021-02": 40}}, platform="Peru")])
    parts = {cell(system, "health.peru", f"{BY_MONTH}[2021-0{month}]") for month in (1, 2)}
    assert equations(system) == [({cell(system, "health.peru"), *parts}, False)]


def test_what_does_not_add_up_tells_nothing() -> None:
    assert system_of([sheet(43, {BY_MONTH: {"2021-01": 3, "2021-02": 41}}, platform="Peru")]).equations == []


def test_each_month_of_the_region_is_that_of_its_platforms_and_of_none() -> None:
    region = sheet(60, {BY_MONTH: {"2021-01": 60}, BY_PLATFORM: {"Peru": 50, "Chile": 10}})
    peru = sheet(50, {BY_MONTH: {"2021-01": 50}}, platform="Peru")
    system = system_of([region, peru])
    january = [cell(system, report, f"{BY_MONTH}[2021-01]") for report in ("health", "health.peru")]
    (found,) = [cells for cells, _ in equations(system) if set(january) <= cells]
    (elsewhere,) = found - set(january)
    assert (system.people[elsewhere], system.names[elsewhere]) == (60 - 50, [])


CONE = {"ARG": 40.0, "BOL": 30.0, "PRY": 20.0, "URY": 10.0}
IN_MARCH = {BY_MONTH: {"2021-03": 25.0}}


def test_people_of_a_country_are_one_cell_on_its_own_sheet_and_its_platforms() -> None:
    system = system_of([sheet(100, {BY_COUNTRY: CONE}, platform="Southern Cone"), sheet(30, platform="BOL")])
    assert system.names[cell(system, "health.bolivia")] == [
        ("health.bolivia", PEOPLE),
        ("health.southern-cone", f"{BY_COUNTRY}[BOL]"),
    ]


def test_each_month_of_a_platform_is_that_of_its_countries_and_of_nothing_else() -> None:
    in_march = {code: {BY_MONTH: {"2021-03": people}} for code, people in zip(CONE, (10.0, 9.0, 6.0, 0.0), strict=True)}
    countries = [sheet(people, in_march[code], platform=code) for code, people in CONE.items()]
    system = system_of([sheet(100, {BY_COUNTRY: CONE, **IN_MARCH}, platform="Southern Cone"), *countries])
    march = [place for place, key in enumerate(system.keys) if key.part == "2021-03"]
    assert len(march) == 1 + 4
    assert (set(march), False) in equations(system)


@pytest.mark.parametrize("platform", [True, False])
def test_where_a_platform_has_no_sheet_those_of_its_countries_stand_for_it(platform: bool) -> None:
    region = sheet(500, {BY_PLATFORM: {"Southern Cone": 100, "Peru": 400}, **IN_MARCH})
    cone = [sheet(100, {BY_COUNTRY: CONE, BY_MONTH: {"2021-03": 20.0}}, platform="Southern Cone")]
    bolivia = sheet(30, {BY_MONTH: {"2021-03": 5.0}}, platform="BOL")
    system = system_of([region, bolivia, *(cone if platform else [])])
    march = cell(system, "health", f"{BY_MONTH}[2021-03]")
    (parts,) = [cells - {march} for cells, _ in equations(system) if march in cells and len(cells) > 2]
    of_sheet = {bool(system.names[part]): system.people[part] for part in parts}
    assert of_sheet == ({True: 20, False: 25 - 20} if platform else {True: 5, False: 25 - 5})


def test_the_countries_of_a_platform_without_sheets_are_a_count_that_can_be_worked_out() -> None:
    region = sheet(500, {BY_PLATFORM: {"Southern Cone": 100, "Peru": 400}})
    three = [sheet(people, platform=code) for code, people in CONE.items() if code != "URY"]
    system = system_of([region, *three])
    (rest,) = [place for place, key in enumerate(system.keys) if key.place == "elsewhere in Southern Cone"]
    assert (system.people[rest], system.thresholds[rest], system.names[rest]) == (10.0, 10, [])
    countries = {cell(system, each.report) for each in three}
    assert ({cell(system, "health", f"{BY_PLATFORM}[Southern Cone]"), rest, *countries}, False) in equations(system)


def test_the_largest_sectors_of_a_platform_are_those_of_its_countries() -> None:
    cone = [
        sheet(people, {BY_COUNTRY: countries}, sector=sector, platform="Southern Cone")
        for sector, people, countries in (("Health", 70, {"ARG": 40, "BOL": 30}), ("WASH", 55, {"ARG": 5, "BOL": 50}))
    ]
    tables = {BY_SECTOR: {"Health": 70, "WASH": 55}, BY_MODEL: {"max_sector": 90, "lower_bound": 90}}
    system = system_of([*cone, sheet(90, tables, sector=ALL, platform="Southern Cone")])
    largest = {key.place: place for place, key in enumerate(system.keys) if key.measure == "largest sector"}
    assert {place: system.people[cell] for place, cell in largest.items()} == {
        "Southern Cone": 90,
        "ARG": 40,
        "BOL": 50,
    }
    assert (set(largest.values()), False) in equations(system)
    assert ({largest["BOL"], cell(system, "wash.southern-cone", f"{BY_COUNTRY}[BOL]")}, True) in equations(system)


def test_the_sum_of_sectors_is_exact_and_the_largest_sector_a_bound() -> None:
    tables = {BY_SECTOR: {"Health": 400, "WASH": 50}, BY_MODEL: {"sum": 450, "max_sector": 400}}
    system = system_of([sheet(400, tables, sector=ALL, method=Method(intersector_model="max_sector"))])
    total, of_sum = cell(system, "intersector"), cell(system, "intersector", f"{BY_MODEL}[sum]")
    sectors = {cell(system, "intersector", f"{BY_SECTOR}[{sector}]") for sector in ("Health", "WASH")}
    assert total == cell(system, "intersector", f"{BY_MODEL}[max_sector]")
    assert ({of_sum, *sectors}, False) in equations(system)
    assert [({total, sector}, True) in equations(system) for sector in sectors] == [True, True]


def test_a_share_tells_of_the_people_in_transit_whom_it_leaves_out() -> None:
    reached = sheet(
        500, {BY_GROUP: {"in_transit": 4, "in_destination": 496}}, shares=[("target_coverage", "", 0.496, 1000)]
    )
    (share,) = system_of([reached]).shares
    system = system_of([reached])
    assert (system.people[share.people], system.people[share.compared]) == (500, 496)
    assert ({share.people, share.compared, cell(system, "health", f"{BY_GROUP}[in_transit]")}, False) in equations(
        system
    )
    with_transit = Method(in_transit_in_denominators=True)
    (whole,) = system_of([sheet(500, method=with_transit, shares=[("target_coverage", "", 0.5, 1000)])]).shares
    assert whole.compared == whole.people


def months(end: str, people: float, **more: str) -> Sheet:
    return sheet(people, period=Period(start=more.pop("start", "2021-01"), end=end), **more)


def test_of_two_publications_of_nested_periods_the_difference_is_a_cell() -> None:
    system = system_of([months("2021-05", 104), months("2021-04", 100, printed="all")])
    (added,) = [place for place, key in enumerate(system.keys) if key.version == "difference"]
    assert (system.people[added], system.names[added]) == (4, [])
    assert [system.people[place] for place in system.known] == [100]


def test_periods_side_by_side_have_no_difference() -> None:
    system = system_of([months("2021-05", 104, start="2021-05"), months("2021-04", 100, printed="all")])
    assert [key for key in system.keys if key.version == "difference"] == []


def test_what_was_printed_of_older_data_is_another_cell() -> None:
    system = system_of([sheet(104), sheet(100, printed="all")])
    assert sorted(system.people) == [100, 104]


def test_cells_are_linked_where_equations_join_them_through_what_is_unknown() -> None:
    system = System()
    a, b, c, d = (system.cell(Key("people", name, ""), 10.0, 10) for name in "abcd")
    system.equal(a, [b])
    system.equal(b, [c])
    system.equal(c, [d])
    assert system.linked(a, {a, b, d}) == [a, b]
    assert system.linked(a, {a, b, c, d}) == [a, b, c, d]


@pytest.fixture
def _trained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FIGURES, "people_trained", Definition("people_trained", "people", "Trained", "Trained."))
    by_organisation = BreakdownDefinition("people_trained", ("organisation",), "Trained", "Trained")
    monkeypatch.setitem(BREAKDOWNS, by_organisation.name, by_organisation)


@pytest.mark.usefixtures("_trained")
def test_a_count_of_people_that_is_declared_has_the_same_equations() -> None:
    trained = {"people_trained": {"": 43}, "people_trained_by_organisation": {"IOM": 3, "NRC": 40}}
    system = system_of([sheet(None, trained), sheet(None, trained, platform="Peru")])
    parts = {cell(system, "health", f"people_trained_by_organisation[{name}]") for name in ("IOM", "NRC")}
    total = cell(system, "health", "people_trained")
    assert ({total, *parts}, False) in equations(system)
    assert [cells for cells, _ in equations(system) if {total, cell(system, "health.peru", "people_trained")} <= cells]


def test_the_largest_sector_of_each_place_makes_the_lower_bound() -> None:
    by_admin1, models = "people_reached_by_admin1", {"max_sector": 47, "lower_bound": 47}
    of_all = {BY_SECTOR: {"Health": 43, "WASH": 11}, BY_MODEL: models, by_admin1: {"Lima": 40, "Cusco": 7}}
    health = sheet(43, {by_admin1: {"Lima": 40, "Cusco": 3}}, platform="Peru")
    wash = sheet(11, {by_admin1: {"Lima": 4, "Cusco": 7}}, sector="WASH", platform="Peru")
    system = system_of([sheet(47, of_all, sector=ALL, platform="Peru"), health, wash])
    keys = {key.part: place for place, key in enumerate(system.keys) if key.measure == "largest sector"}
    assert {part: system.people[place] for part, place in keys.items()} == {"": 47, "Lima": 40, "Cusco": 7}
    assert ({cell(system, "intersector.peru", f"{BY_MODEL}[lower_bound]"), keys[""]}, False) in equations(system)
    assert (set(keys.values()), False) in equations(system)
    assert ({keys["Cusco"], cell(system, "wash.peru", f"{by_admin1}[Cusco]")}, True) in equations(system)


def test_cells_of_age_and_gender_bound_the_model_that_keeps_the_largest_of_them() -> None:
    by_cell = "people_reached_by_age_gender"
    of_all = {BY_SECTOR: {"Health": 43, "WASH": 11}, BY_MODEL: {"max_age_gender": 44}}
    health = sheet(43, {by_cell: {"women": 40, "men": 0, "not specified": 3}}, platform="Peru")
    wash = sheet(11, {by_cell: {"women": 5, "men": 4, "not specified": 2}}, sector="WASH", platform="Peru")
    system = system_of([sheet(47, of_all, sector=ALL, platform="Peru"), health, wash])
    model = cell(system, "intersector.peru", f"{BY_MODEL}[max_age_gender]")
    of_health, of_wash = (
        {cell(system, f"{sector}.peru", f"{by_cell}[{part}]") for part in ("women", "men")}
        for sector in ("health", "wash")
    )
    assert [({model, *cells}, True) in equations(system) for cells in (of_health, of_wash, of_health | of_wash)] == [
        True,
        True,
        True,
    ]


def test_a_sector_that_stands_on_sheets_of_all_sectors_alone_adds_up_over_places() -> None:
    cone = sheet(300, {BY_SECTOR: {"Health": 52}}, sector=ALL, platform="Southern Cone")
    bolivia = sheet(40, {BY_SECTOR: {"Health": 2}}, sector=ALL, platform="BOL")
    uruguay = sheet(60, {BY_SECTOR: {"Health": 50}}, sector=ALL, platform="URY")
    system = system_of([cone, bolivia, uruguay])
    health = f"{BY_SECTOR}[Health]"
    whole, *parts = (cell(system, f"intersector.{name}", health) for name in ("southern-cone", "bolivia", "uruguay"))
    assert any(whole in found and set(parts) < found for found, at_least in equations(system) if not at_least)
