"""An organisation's sheet and the sector's tell nothing of few people: not of its own, and not of the others'."""

import os
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st
from publications import BY_MODEL, BY_MONTH, BY_PLATFORM, BY_SECTOR, PEOPLE, sheet, withheld, worked_out

from rmrp_analysis.disclosure import Decision, Sheet, System, decide, system_of
from rmrp_analysis.disclosure.decision import OF_REGION
from rmrp_analysis.disclosure.rounding import rounded
from rmrp_analysis.method import Period

ALL = "Intersector"
BY_COUNTRY = "people_reached_by_country"


def of(organisation: str, people: float, tables: dict[str, dict[str, float]] | None = None, **more: str) -> Sheet:
    return sheet(people, tables, organisation=organisation, **more)


def decision(*sheets: Sheet) -> Decision:
    """What is withheld of these sheets together; a reader of all of them works nothing out."""
    decided = decide(system_of(sheets))
    assert decided.failed == []
    return decided


def others(system: System) -> list[float]:
    """The people of organisations without a sheet, which stand nowhere."""
    numbers = zip(system.keys, system.people, strict=True)
    return [people for key, people in numbers if key.organisation.startswith("others than")]


def test_a_sector_is_its_organisations_with_sheets_and_the_others_together() -> None:
    system = system_of([sheet(500), of("IOM", 300), of("UNHCR", 120)])
    assert others(system) == [500 - 300 - 120]


def test_where_all_have_sheets_a_reader_is_taken_to_know_that_there_are_no_others() -> None:
    system = system_of([sheet(500), of("IOM", 300), of("UNHCR", 200)])
    assert others(system) == []
    cells = {cell for cell, names in enumerate(system.names) if names}
    assert [set(equation.cells) for equation in system.equations] == [cells]


def test_few_people_of_the_others_do_not_follow_from_the_sector() -> None:
    hidden = withheld(decision(sheet(500), of("IOM", 300), of("UNHCR", 195)))
    assert len(hidden) == 1


def test_few_people_of_the_others_in_one_month_do_not_follow_from_the_sector() -> None:
    months = ("2021-01", "2021-02", "2021-03")
    region = sheet(620, {BY_MONTH: dict(zip(months, (105, 300, 215), strict=True))})
    iom = of("IOM", 450, {BY_MONTH: dict(zip(months, (100, 200, 150), strict=True))})
    hidden = withheld(decision(region, iom))
    assert hidden & {("health", f"{BY_MONTH}[2021-01]"), ("health.by-iom", f"{BY_MONTH}[2021-01]")}


def test_few_people_of_an_organisation_do_not_follow_from_the_sector_and_the_other_organisations() -> None:
    hidden = withheld(decision(sheet(507), of("IOM", 300), of("UNHCR", 200), of("CARE", 7)))
    assert ("health.by-care", PEOPLE) in hidden
    assert hidden & {("health", PEOPLE), ("health.by-iom", PEOPLE), ("health.by-unhcr", PEOPLE)}


def test_people_of_an_organisation_in_a_place_are_a_part_of_the_place() -> None:
    region = sheet(600, {BY_PLATFORM: {"Peru": 105, "Chile": 495}})
    iom = of("IOM", 400, {BY_PLATFORM: {"Peru": 100, "Chile": 300}})
    hidden = withheld(decision(region, iom))
    assert hidden & {("health", f"{BY_PLATFORM}[Peru]"), ("health.by-iom", f"{BY_PLATFORM}[Peru]")}


def test_the_months_of_an_organisation_that_works_in_one_place_alone_are_months_of_that_place() -> None:
    peru = sheet(300, {BY_MONTH: {"2021-01": 104, "2021-02": 196}}, platform="Peru")
    months = {"2021-01": 100.0, "2021-02": 100.0}
    iom = of("IOM", 200, {BY_PLATFORM: {"Peru": 200}, BY_MONTH: months})
    january = f"{BY_MONTH}[2021-01]"
    assert withheld(decision(peru, iom)) & {("health.peru", january), ("health.by-iom", january)}


def test_countries_of_an_organisation_make_their_platform() -> None:
    tables = {BY_PLATFORM: {"Southern Cone": 120, "Peru": 80}, BY_COUNTRY: {"ARG": 115, "URY": 5, "PER": 80}}
    decided = decision(of("IOM", 200, tables))
    hidden = withheld(decided)
    assert ("health.by-iom", f"{BY_COUNTRY}[URY]") in hidden
    assert ("health.by-iom", f"{BY_COUNTRY}[ARG]") in hidden or ("health.by-iom", PEOPLE) in hidden
    names = decided.system.names
    assert [("health.by-iom", f"{BY_PLATFORM}[Peru]"), ("health.by-iom", f"{BY_COUNTRY}[PER]")] in names


def test_of_all_sectors_the_sum_alone_is_the_organisations_together() -> None:
    region = sheet(400, {BY_SECTOR: {"Health": 400, "WASH": 60}, BY_MODEL: {"sum": 460, "max_sector": 400}}, sector=ALL)
    iom = of(
        "IOM", 300, {BY_SECTOR: {"Health": 300, "WASH": 20}, BY_MODEL: {"sum": 320, "max_sector": 300}}, sector=ALL
    )
    system = system_of([region, iom])
    sums = [key for key in system.keys if key.organisation.startswith("others than") and key.sector.startswith(ALL)]
    assert [key.sector for key in sums] == [f"{ALL}:sum"]
    totals = [cell for cell, names in enumerate(system.names) if (f"{ALL.lower()}", PEOPLE) in names]
    own = [cell for cell, names in enumerate(system.names) if ("intersector.by-iom", PEOPLE) in names]
    assert any(equation.at_least and equation.cells == [*totals, *own] for equation in system.equations)


def test_a_share_of_the_sector_is_told_only_where_the_run_prints_the_sectors_number() -> None:
    alone = decision(of("IOM", 300)).instead()
    beside = decision(sheet(500), of("IOM", 300)).instead()
    assert alone == {"health.by-iom": {OF_REGION: None}}
    assert beside == {}


def test_what_an_earlier_run_told_of_an_organisation_is_known() -> None:
    half = Period(start="2021-01", end="2021-05")
    earlier = sheet(300, organisation="IOM", period=half, printed="all")
    decided = decision(earlier, of("IOM", 304))
    assert ("health.by-iom", PEOPLE) in withheld(decided)


NUMBERS = st.integers(0, 30) | st.integers(0, 300)


@settings(max_examples=30)
@given(
    people=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=4),
    with_sheets=st.integers(1, 4),
)
def test_no_small_number_can_be_worked_out_from_the_sheets_of_organisations(
    people: list[tuple[int, int]], with_sheets: int
) -> None:
    made = people[:with_sheets]
    names = [f"ORG{number}" for number in range(len(made))]
    months = ("2021-01", "2021-02")
    totals = [sum(of_one[month] for of_one in people) for month in (0, 1)]
    region = sheet(sum(totals), {BY_MONTH: dict(zip(months, map(float, totals), strict=True))})
    own = [
        of(name, sum(numbers), {BY_MONTH: dict(zip(months, map(float, numbers), strict=True))})
        for name, numbers in zip(names, made, strict=True)
    ]
    decided = decide(system_of([region, *own]))
    assert decided.failed == []
    hidden = withheld(decided)
    exact = {
        (each.report, f"{BY_MONTH}[{month}]" if month else PEOPLE): value
        for each in (region, *own)
        for _, month, value in each.rows
    }
    rest = {month: totals[at] - sum(numbers[at] for numbers in made) for at, month in enumerate(months)}
    exact |= {("others", f"{BY_MONTH}[{month}]"): float(number) for month, number in rest.items()}
    exact |= {("others", PEOPLE): float(sum(rest.values()))}
    reports = ["health", *(each.report for each in own), *(["others"] if len(made) < len(people) else [])]
    equations = [([(report, PEOPLE)], [(report, f"{BY_MONTH}[{month}]") for month in months]) for report in reports]
    equations += [
        ([("health", name)], [(report, name) for report in reports[1:]])
        for name in (PEOPLE, *(f"{BY_MONTH}[{month}]" for month in months))
    ]
    unknown = {cell for cell in exact if cell in hidden or (cell[0] == "others" and exact[cell])}
    ranges = {
        (report, name): bounds
        for report, instead in decided.instead().items()
        for name, bounds in instead.items()
        if isinstance(bounds, tuple)
    }
    bounds = worked_out(equations, exact, unknown, ranges)
    small = [cell for cell in unknown if 0 < exact[cell] < 10]
    assert [cell for cell in small if bounds[cell][1] - bounds[cell][0] < 10 - 1e-3] == []


def test_where_counts_are_rounded_those_of_organisations_and_of_the_others_add_up() -> None:
    found = rounded(system_of([sheet(507), of("IOM", 304), of("UNHCR", 198)]), 10)
    of_others = [cell for cell, key in enumerate(found.system.keys) if key.organisation.startswith("others than")]
    (total,), *own = ([found.rounded[cell] for cell in cells] for cells in ([0], [1, 2, *of_others]))
    assert total == sum(own[0])
    assert all(number % 10 == 0 for number in found.rounded.values())


NUMBERED = """
from rmrp_analysis import bundled_plan, load_plan
from rmrp_analysis.disclosure import sheet_of, system_of
from rmrp_analysis.figures import key_figures

plan = load_plan(bundled_plan())
whose = ["", *plan.organisations[:6]]
sheets = [plan.select(sector, organisation=name) for sector in ("Health", "WASH", "Intersector") for name in whose]
print(system_of([sheet_of(key_figures(sheet)) for sheet in sheets]).keys)
"""


def test_the_cells_of_a_publication_have_the_same_numbers_in_every_process() -> None:
    of_processes = {
        subprocess.run(
            [sys.executable, "-c", NUMBERED], env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(of_processes) == 1
