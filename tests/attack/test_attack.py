"""With all that a run prints in hand, nobody knows a count of 1 to 9 people, nor how many a late report added."""

import gzip
import io
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attack.program import (
    ADMIN1,
    ALL,
    BASE,
    MONTH,
    REACHED,
    REGION,
    REST,
    Attack,
    Cell,
    Program,
    neighbours,
    of_places,
    possible,
    printed_of,
)
from rmrp_analysis.arguments import Period
from rmrp_analysis.files import csv_text
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method
from rmrp_analysis.metrics.rounding_key import KEY_FILE
from rmrp_analysis.page import Page
from rmrp_analysis.params import BUNDLED_PLAN, RunParams, find_shipped_folder
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.records.figures import FIGURE_COLUMNS, list_figure_rows, make_run_table
from rmrp_analysis.sources import SOURCES_FILE, load_sources, sha256
from rmrp_analysis.vocabulary import plan_lists, report_id

SHEETS = {
    report_id(sector, place): (sector, place) for sector in plan_lists().report_sectors for place in plan_lists().places
}
LEAST_VALUES = 5
"""So many values at least must be possible of a count of 1 to 9 people."""
LP_CELLS, WHOLE_CELLS = 60, 20
"""How many small counts the linear program of everything attacks, and the integer program of the narrowest of them."""
OWN_TABLES = (("platform", "month"), ("country", "population_group"), ("platform", "age_gender"))


def params_of(data: Path, audience: str, end: str = "2021-12") -> RunParams:
    """A run of all sheets of all places."""
    content = {"run": "all", "title": "All", "plan": 2021, "data": data, "places": "all", "audience": audience}
    return RunParams.of({**content, "period": {"start": "2021-01", "end": end}})


def figures_csv(plan: Plan, params: RunParams) -> pd.DataFrame:
    """What ``figures.csv`` of a run holds, read as anybody reads it."""
    text = csv_text(FIGURE_COLUMNS, list_figure_rows(make_run_table(plan, params.reports())))
    return printed_of(pd.read_csv(io.StringIO(text)), SHEETS)


def truth_of(printed: pd.DataFrame, attack: Attack, run: int = 0) -> dict[Cell, float]:
    """The exact counts, by the attacker's names."""
    reached = printed[(printed["of"] == REACHED) & printed["value"].notna()]
    return {attack.cell(Cell(row.sector, row.place, row.by, row.part, run)): row.value for row in reached.itertuples()}


@cache
def attacked(data: Path, end: str = "2021-12") -> tuple[Plan, Attack, dict[Cell, float]]:
    """A plan, what is printed of it, and the truth."""
    plan, attack = load_plan(data), Attack(of_places(plan_lists().platforms))
    attack.read(figures_csv(plan, params_of(data, "public", end)))
    return plan, attack, truth_of(figures_csv(plan, params_of(data, "internal", end)), attack)


def narrowest(attack: Attack, small: list[Cell]) -> list[Cell]:
    """Small counts beside which much is printed: parts of few people, all sectors of few; then others by chance."""
    few = {cell for cell in small if attack.most[cell] < BASE}
    tight = [
        cell
        for cell in small
        if (cell.by and Cell(cell.sector, cell.place) in few) or (cell.sector == ALL and cell in few)
    ]
    others = [cell for cell in small if cell not in set(tight)]
    chosen = np.random.default_rng(1).permutation(len(others))[: LP_CELLS // 2]
    return [*tight[: LP_CELLS - len(chosen)], *(others[number] for number in chosen)]


def check(attack: Attack, truth: Mapping[Cell, float]) -> None:
    """Every bound is true, and no small count has fewer possible values than it must."""
    small = sorted(cell for cell, people in truth.items() if 1 <= people < BASE and cell.part != REST)
    assert len(small) > LP_CELLS
    found = list(possible(attack, narrowest(attack, small)))
    assert [(cell, truth[cell]) for cell, least, most in found if not least <= truth[cell] <= most] == []
    assert [(cell, least, most) for cell, least, most in found if most - least + 1 < LEAST_VALUES] == []
    if any(people % 1 for people in truth.values()):  # some partners report fractions of people
        return
    by_width = sorted(found, key=lambda each: each[2] - each[1])[:WHOLE_CELLS]
    for cell, *_ in by_width:
        near = neighbours(attack, cell, 2)
        least, most = Program(attack, near, whole_numbers=True).range(cell)
        assert least <= truth[cell] <= most
        assert most - least + 1 >= LEAST_VALUES, (cell, truth[cell], least, most)


def test_the_printed_numbers_of_the_bundled_plan_leave_each_small_count_at_least_5_values() -> None:
    plan, attack, truth = attacked(find_shipped_folder(BUNDLED_PLAN))
    for sector in ("Human Trafficking & Smuggling", "Nutrition"):
        page = Page(plan.select(sector, period="2021-01/2021-12"))
        for by in OWN_TABLES:
            attack.table(sector, REGION, by, page.table(REACHED, *by))
    check(attack, truth)


@pytest.mark.real_data
def test_the_printed_numbers_of_the_real_plan_leave_each_small_count_at_least_5_values(shared_data: Path) -> None:
    _, attack, truth = attacked(shared_data / "r4v-2021", "2021-05")
    check(attack, truth)


# ---- The attack finds what can be found ----


def test_an_exact_number_is_found_where_numbers_are_exact() -> None:
    attack = Attack({})
    health = [Cell("Health", "Peru", MONTH, f"2021-0{month}") for month in (1, 2, 3)]
    for cell, people in zip(health, (40.0, 300.0, None), strict=True):
        attack.bound(cell, *((people, people) if people else (0.0, 1e7)))
    attack.bound(Cell("Health", "Peru"), 343.0, 343.0)
    attack.equal(Cell("Health", "Peru"), health)
    assert list(possible(attack, health[2:])) == [(health[2], 3, 3)]


def test_whole_numbers_and_exact_maxima_say_more_than_sums() -> None:
    attack, place = Attack({}), "ABW"
    for sector, people in (("Health", (1, 9)), ("WASH", (1, 9)), (ALL, (5, 5))):
        for by, part in ((MONTH, "2021-01"), (ADMIN1, "Aruba"), ("", "")):
            attack.bound(Cell(sector, place, by, part), *map(float, people))
        attack.equal(Cell(sector, place), [Cell(sector, place, MONTH, "2021-01")])
        attack.equal(Cell(sector, place), [Cell(sector, place, ADMIN1, "Aruba")])
    attack._models(0)
    wash = Cell("WASH", place)
    attack.bound(Cell("Health", place), 1.0, 3.0)
    assert Program(attack, sorted(attack.least), whole_numbers=True).range(wash) == (5, 5)
    assert Program(attack, sorted(attack.least)).range(wash)[0] < 5


# ---- Late and corrected data ----


LATE = 3
"""The people of the report that comes late."""


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan, pd.Series]:
    """A copy of the bundled plan without one report, the plan, and that report."""
    folder = tmp_path_factory.mktemp("late") / "earlier"
    shutil.copytree(find_shipped_folder(BUNDLED_PLAN), folder)
    (folder / KEY_FILE).write_text("a secret of these tests\n", encoding="utf-8")
    file = folder / load_sources(folder).activities.file
    before = sha256(file)
    rows = load_plan(find_shipped_folder(BUNDLED_PLAN)).activities
    counted = rows[(rows["indicator_type"] == "people in need") & (rows["new_beneficiaries"] == LATE)]
    late = counted[counted["country"] == "PER"].iloc[0]
    lines = gzip.decompress(file.read_bytes()).decode("utf-8-sig").splitlines(keepends=True)
    del lines[int(late["source_line"]) - 1]
    file.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    sources = folder / SOURCES_FILE
    sources.write_text(sources.read_text(encoding="utf-8").replace(before, sha256(file)), encoding="utf-8")
    return folder, load_plan(folder), late


def test_a_late_report_of_3_people_is_not_found_from_two_runs(
    earlier: tuple[Path, Plan, pd.Series], tmp_path: Path
) -> None:
    folder, fewer, late = earlier
    whole = tmp_path / "later"
    shutil.copytree(find_shipped_folder(BUNDLED_PLAN), whole)
    (whole / KEY_FILE).write_text("a secret of these tests\n", encoding="utf-8")
    plans = {whole: load_plan(whole), folder: fewer}
    later, before = (figures_csv(plan, params_of(data, "public")) for data, plan in plans.items())
    attack = Attack(of_places(plan_lists().platforms))
    attack.read(later)
    attack.read(before, run=1)
    touched: dict[Cell, str] = {}
    of_late = [cell for cell in attack.least if cell.place in (REGION, "Peru") and cell.sector in (late["sector"], ALL)]
    for cell in of_late:
        if cell.by in ("", MONTH, ADMIN1):
            if cell.part in ("", late["month"], late["admin1"]):
                touched[cell] = "part" if cell.sector == ALL else "all"
        else:  # of all sectors another report may be the largest now, with all of its groups
            touched[cell] = "others" if cell.sector == ALL or cell.part == REST else "part"
    more = Cell(late["sector"], "late")
    attack.late(touched, more)
    moved = later.merge(before, on=["sector", "place", "figure", "part"])
    assert (moved["value_x"] - moved["value_y"]).abs().max() >= BASE  # something of it is printed
    least, most = Program(attack, sorted(attack.least)).range(more)
    assert least <= LATE <= most
    assert most - least + 1 >= LEAST_VALUES


def test_what_is_printed_follows_from_data_and_key_alone_whatever_was_published_before(
    earlier: tuple[Path, Plan, pd.Series], tmp_path: Path
) -> None:
    folder, published, _ = earlier
    twin = tmp_path / "another folder"
    shutil.copytree(folder, twin)
    method, period = Method(), Period(start="2021-01", end="2021-12")
    one, other = (
        Page(plan.select("Health", place="Peru", period=period, method=method)).key_figures.rows["value"].to_numpy()
        for plan in (published, load_plan(twin))
    )
    np.testing.assert_array_equal(one, other)
