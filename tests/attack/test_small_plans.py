"""Small plans drawn at random, with every sheet and own table printed: no count of 1 to 9 has fewer than 5 values."""

import io
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attack.program import ALL, BASE, MONTH, REACHED, REGION, REST, Attack, Cell, Program, of_places, printed_of
from conftest import activities, plan
from rmrp_analysis.arguments import Period
from rmrp_analysis.files import csv_text
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import AGE_GENDER_COLUMNS, Secret
from rmrp_analysis.page import Page
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.records.figures import FIGURE_COLUMNS, list_figure_rows
from rmrp_analysis.vocabulary import INTERSECTOR, POPULATION_GROUPS, plan_lists, report_id

LEAST_VALUES = 5
"""So many values at least must be possible of a count of 1 to 9 people."""
NARROWEST = 8
"""So many counts of a plan are attacked with whole numbers: those to which the linear program leaves least."""
COUNTRIES = ("ABW", "CUW", "DOM", "GUY", "TTO", "BOL", "ARG")
MONTHS = ("2021-01", "2021-02", "2021-03")
PARTNERS = ("CARE", "IOM", "NRC", "UNHCR", "WFP", "WVI")
PERIOD = Period(start=MONTHS[0], end=MONTHS[-1])
OWN_TABLES = (("organisation",), ("month", "organisation"), ("month", "age_gender"), ("admin1", "population_group"))


def drawn_plan(seed: int) -> Plan:
    """A plan of 1 to 14 reports of few people, of one or two sectors and some countries, partners, months, groups."""
    chance = np.random.default_rng(seed)
    rows, most = int(chance.integers(1, 15)), int(chance.choice([1, 2, 5, 12]))
    pick = lambda names, several: chance.choice(names[:several], rows).tolist()  # noqa: E731
    countries = chance.permutation(COUNTRIES)
    columns: dict[str, Any] = {
        "sector": pick(("Health", "WASH"), int(chance.integers(1, 3))),
        "country": pick(countries, int(chance.integers(1, 7))),
        "appealing_organisation": pick(PARTNERS, int(chance.integers(1, 7))),
        "month": pick(MONTHS, int(chance.integers(1, 4))),
        "admin1": pick(("North", "South"), 2),
        "place": "",
        "new_beneficiaries": (people := chance.integers(1, most + 1, rows)).tolist(),
    }
    for names in (AGE_GENDER_COLUMNS, POPULATION_GROUPS):
        shares = chance.dirichlet([0.5] * (len(names) + 1), rows)
        groups = np.array([chance.multinomial(number, share) for number, share in zip(people, shares, strict=True)])
        columns |= {name: groups[:, at].tolist() for at, name in enumerate(names)}
    return plan(activities(**columns | {"place": columns["admin1"]}))


def sheets_of(made: Plan) -> dict[str, tuple[str, str, str]]:
    """The sheets of a plan's sectors and places, of everybody and of each partner, by their report."""
    there = made.activities
    countries, sectors = set(there["country"]), sorted({*there["sector"], INTERSECTOR})
    platforms = [name for name, codes in plan_lists().platforms.items() if countries & {*codes}]
    alone = [code for code in countries if (code,) not in plan_lists().platforms.values()]
    selected = product(sectors, [REGION, *platforms, *alone], ["", *sorted(set(there["appealing_organisation"]))])
    return {report_id(*sheet): sheet for sheet in selected}


def printed(made: Plan, audience: str, method: Method, period: Period = PERIOD) -> pd.DataFrame:
    """What ``figures.csv`` of a run of all these sheets holds."""
    sheets = sheets_of(made)
    rows = made.rows_of_sheets(sheets.values(), period=period, method=method, audience=audience)
    table = pd.concat([rows[report] for report in sheets], ignore_index=True)
    table = table[table["kind"] != "unpublished"].assign(method="")
    text = csv_text(FIGURE_COLUMNS, list_figure_rows(table))
    names = {name: (sector, f"{place} by {who}" if who else place) for name, (sector, place, who) in sheets.items()}
    return printed_of(pd.read_csv(io.StringIO(text)), names)


@dataclass
class Known:
    """An attack, and the truth of the counts that it is of."""

    method: Method
    attack: Attack = field(default_factory=lambda: Attack(of_places(plan_lists().platforms), partners=True))
    truth: dict[Cell, float] = field(default_factory=dict)

    def read(self, made: Plan, period: Period = PERIOD, run: int = 0) -> None:
        """Take all that a run prints."""
        self.attack.read(printed(made, "public", self.method, period), run)
        exact = printed(made, "internal", self.method, period)
        for row in exact[(exact["of"] == REACHED) & exact["value"].notna()].itertuples():
            self.truth[self.attack.cell(Cell(row.sector, row.place, row.by, row.part, run))] = row.value

    def read_own_tables(self, made: Plan) -> None:
        """Take tables that analysts publish beside the sheets of countries."""
        for sector, place, who in sheets_of(made).values():
            if who or place not in COUNTRIES or sector == INTERSECTOR:
                continue
            selection = made.select(sector, place=place, period=PERIOD, method=self.method)
            public, internal = Page(selection), Page(selection, audience="internal")
            for by in OWN_TABLES:
                self.attack.table(sector, place, by, public.table(REACHED, *by))
                for key, people in internal.table(REACHED, *by)["value"].dropna().items():
                    parts = "|".join(map(str, key if isinstance(key, tuple) else (key,)))
                    self.truth[self.attack.cell(Cell(sector, place, "+".join(by), parts))] = people

    def narrow_counts(self, most: int = NARROWEST) -> list[tuple[Cell, float, float, float]]:
        """The counts of 1 to 9 people with fewer values than they must have, or of which a bound is false."""
        every = sorted(self.attack.least)
        linear, whole = (Program(self.attack, every, whole_numbers=each, seconds=2.0) for each in (False, True))
        is_small = {cell: 1 <= people < BASE and REST not in cell.part for cell, people in self.truth.items()}
        small = sorted(cell for cell in every if is_small.get(cell, False))
        ranges = sorted((most - least, cell) for cell in small for least, most in [linear.range(cell)])
        found = []
        for _, cell in ranges[:most]:
            least, greatest = whole.range(cell)
            if not least <= self.truth[cell] <= greatest or greatest - least + 1 < LEAST_VALUES:
                found.append((cell, least, self.truth[cell], greatest))
        assert small
        return found


@pytest.mark.parametrize(("seed", "model"), [*((seed, "max_sector") for seed in range(4)), (6, "sum"), (7, "sum")])
def test_what_is_printed_of_a_small_plan_leaves_each_small_count_at_least_5_values(seed: int, model: str) -> None:
    known, made = Known(Method(intersector_model=model)), drawn_plan(seed)
    known.read(made)
    known.read_own_tables(made)
    assert known.narrow_counts() == []


@pytest.mark.parametrize("seed", [20, 21])
def test_a_second_key_and_a_partner_who_is_taken_back_leave_each_small_count_at_least_5_values(seed: int) -> None:
    known, made = Known(Method()), drawn_plan(seed)
    known.read(made)
    known.read(replace(made, secret=Secret("another secret of these tests")))
    gone = made.activities["appealing_organisation"].iloc[0]
    fewer = made.activities[made.activities["appealing_organisation"] != gone]
    if len(fewer):
        known.read(plan(fewer.reset_index(drop=True)), run=1)
    for cell in [
        cell for cell in known.attack.least if cell.run == 1 and cell.sector != ALL and " by " not in cell.place
    ]:
        before = cell._replace(run=0)
        of_partner = before._replace(place=f"{cell.place} by {gone}")
        if before in known.attack.least and of_partner in known.attack.least and cell.by != "model":
            known.attack.link({before: 1.0, cell: -1.0, of_partner: -1.0})
    assert known.narrow_counts() == []


@pytest.mark.parametrize("seed", [30, 31])
def test_periods_that_overlap_leave_each_small_count_at_least_5_values(seed: int) -> None:
    known, made = Known(Method()), drawn_plan(seed)
    known.read(made)
    for run, (start, end) in enumerate(((0, 1), (1, 2), (0, 0)), start=1):
        known.read(made, Period(start=MONTHS[start], end=MONTHS[end]), run)
    for cell in [cell for cell in known.attack.least if cell.run and cell.by == MONTH]:
        known.attack.link({cell: 1.0, cell._replace(run=0): -1.0})
    assert known.narrow_counts() == []
