"""Small plans drawn at random, with every sheet and own table printed: no count of 1 to 9 has fewer than 5 values."""

import io
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attack.program import BASE, REACHED, REGION, REST, Attack, Cell, Program, of_places, printed_of
from conftest import activities, plan
from rmrp_analysis.files import csv_text
from rmrp_analysis.method import Method, Period
from rmrp_analysis.metrics import AGE_GENDER_CELLS
from rmrp_analysis.page import Page
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.records.figures import FIGURE_COLUMNS, figure_rows
from rmrp_analysis.vocabulary import INTERSECTOR, PLATFORMS, POPULATION_GROUPS, report_id

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
    for names in (AGE_GENDER_CELLS, POPULATION_GROUPS):
        shares = chance.dirichlet([0.5] * (len(names) + 1), rows)
        groups = np.array([chance.multinomial(number, share) for number, share in zip(people, shares, strict=True)])
        columns |= {name: groups[:, at].tolist() for at, name in enumerate(names)}
    return plan(activities(**columns | {"place": columns["admin1"]}))


def sheets_of(made: Plan) -> dict[str, tuple[str, str, str]]:
    """The sheets of a plan's sectors and places, of everybody and of each partner, by their report."""
    there = made.activities
    countries, sectors = set(there["country"]), sorted({*there["sector"], INTERSECTOR})
    platforms = [name for name, codes in PLATFORMS.items() if countries & {*codes}]
    alone = [code for code in countries if (code,) not in PLATFORMS.values()]
    selected = product(sectors, [REGION, *platforms, *alone], ["", *sorted(set(there["appealing_organisation"]))])
    return {report_id(*sheet): sheet for sheet in selected}


def printed(made: Plan, audience: str, method: Method) -> pd.DataFrame:
    """What ``figures.csv`` of a run of all these sheets holds."""
    sheets = sheets_of(made)
    rows = made.rows_of_sheets(sheets.values(), period=PERIOD, method=method, audience=audience)
    table = pd.concat([rows[report] for report in sheets], ignore_index=True)
    table = table[table["kind"] != "unpublished"].assign(method="")
    text = csv_text(FIGURE_COLUMNS, figure_rows(table))
    names = {name: (sector, f"{place} by {who}" if who else place) for name, (sector, place, who) in sheets.items()}
    return printed_of(pd.read_csv(io.StringIO(text)), names)


def attacked(made: Plan, method: Method) -> tuple[Attack, dict[Cell, float]]:
    """All that is printed of a plan, sheets and own tables, and the truth of each count."""
    attack, truth = Attack(of_places(PLATFORMS), partners=True), dict[Cell, float]()
    attack.read(printed(made, "public", method))
    exact = printed(made, "internal", method)
    for row in exact[(exact["of"] == REACHED) & exact["value"].notna()].itertuples():
        truth[attack.cell(Cell(row.sector, row.place, row.by, row.part))] = row.value
    for sector, place, who in sheets_of(made).values():
        if who or place not in COUNTRIES or sector == INTERSECTOR:
            continue
        selection = made.select(sector, place=place, period=PERIOD, method=method)
        public, internal = Page(selection), Page(selection, audience="internal")
        for by in OWN_TABLES:
            attack.table(sector, place, by, public.table(REACHED, *by))
            table = internal.table(REACHED, *by)["value"].dropna()
            for key, people in table.items():
                parts = key if isinstance(key, tuple) else (key,)
                truth[attack.cell(Cell(sector, place, "+".join(by), "|".join(map(str, parts))))] = people
    return attack, truth


def narrow_counts(seed: int, method: Method) -> list[tuple[Cell, float, float, float]]:
    """The counts of 1 to 9 people with fewer values than they must have, or of which a bound is false."""
    attack, truth = attacked(drawn_plan(seed), method)
    small = sorted(cell for cell, people in truth.items() if 1 <= people < BASE and REST not in cell.part)
    every = sorted(attack.least)
    linear, whole = Program(attack, every), Program(attack, every, whole_numbers=True, seconds=2.0)
    ranges = sorted(
        (most - least, cell) for cell in small if cell in attack.least for least, most in [linear.range(cell)]
    )
    found = []
    for _, cell in ranges[:NARROWEST]:
        least, most = whole.range(cell)
        if not least <= truth[cell] <= most or most - least + 1 < LEAST_VALUES:
            found.append((cell, least, truth[cell], most))
    return found


@pytest.mark.parametrize(("seed", "model"), [*((seed, "max_sector") for seed in range(6)), (6, "sum"), (7, "sum")])
def test_what_is_printed_of_a_small_plan_leaves_each_small_count_at_least_5_values(seed: int, model: str) -> None:
    assert narrow_counts(seed, Method(intersector_model=model)) == []
