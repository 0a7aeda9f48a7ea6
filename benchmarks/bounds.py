"""How often the truth is within the bounds of people reached: ``python benchmarks/bounds.py``.

Faults are planted in a real file and in the bundled one: new people emptied in some reports, months told as new again
in some areas, one report times ten in some areas, rows that are refused. The truth is the number of the file as it was,
where that is sure and of ``MIN_PEOPLE`` at least. A sheet is one sector in one country; it counts if a fault moves its
number or its bounds.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from rmrp_analysis.api import bundled_plan
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.metrics import MONTHLY_TOTAL_COLUMN, NEW_BENEFICIARIES
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, INTERSECTOR, POPULATION_GROUPS

SHARED = Path(os.environ.get("RMRP_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
MIN_PEOPLE, SURE = 100, 0.05
"""A truth has at least so many people, and both bounds within this share of it."""
MAX_TIMES_NEEDED, MIN_INSIDE, MIN_NARROW = 2, 0.95, 0.8
"""Limits: the widest range by what the fault needs, and the shares of sheets with the truth inside, and so narrow."""
AREA = ["sector", "country"]
REPORT = ["appealing_organisation", *AREA, "month"]
PEOPLE = [NEW_BENEFICIARIES, MONTHLY_TOTAL_COLUMN, *POPULATION_GROUPS, *AGE_GENDER_GROUPS]

Chance = np.random.Generator


def main() -> None:
    """Print, for each file and fault, the sheets moved, the share with the truth inside, the share that is narrow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10, help="copies of each file with each fault")
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--show", action="store_true", help="print each sheet with the truth outside")
    options = parser.parse_args()
    results = []
    for path in (SHARED / "r4v-2021", bundled_plan()):
        plan = load_plan(path)
        before = bounds(plan)
        for fault, plant in FAULTS.items():
            chance = np.random.default_rng(options.seed)
            trials = [judge(before, bounds(plant(plan, chance))) for _ in range(options.trials)]
            sheets = pd.concat(trials)
            if options.show:
                print(path.name, fault, sheets[~sheets["inside"]].round().to_string(), sep="\n")
            results.append((path.name, fault, len(sheets), sheets["inside"].mean(), sheets["narrow"].mean()))
    table = pd.DataFrame(results, columns=["file", "fault", "sheets", "inside", "narrow"]).round(3)
    print(table.to_string(index=False))
    raise SystemExit(bool((table["inside"] < MIN_INSIDE).any() or (table["narrow"] < MIN_NARROW).any()))


def bounds(plan: Plan) -> pd.DataFrame:
    """Return ``value``, ``low``, ``high`` of people reached by sector and country."""
    parts = plan.select("all", place="countries", period=(min(plan.months), max(plan.months))).people_reached().parts()
    return parts.loc[parts.index.get_level_values("sector") != INTERSECTOR, ["value", "low", "high"]]


def judge(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the sheets that a fault moved: the truth, its bounds, ``inside`` and ``narrow`` (bool)."""
    truth = before["value"].rename("truth")
    is_sure = (before["low"] >= (1 - SURE) * truth) & (before["high"] <= (1 + SURE) * truth) & (truth >= MIN_PEOPLE)
    sheets = after.join(truth[is_sure], how="inner")
    sheets = sheets[after.ne(before).any(axis="columns").reindex(sheets.index)]
    needed = (sheets["truth"] - sheets["value"].fillna(sheets["low"])).abs()
    return sheets.assign(
        inside=sheets["truth"].between(sheets["low"] - 0.5, sheets["high"] + 0.5),
        narrow=sheets["high"] - sheets["low"] <= MAX_TIMES_NEEDED * needed + SURE * sheets["truth"],
    )


def empty_new_people(plan: Plan, chance: Chance) -> Plan:
    """Empty the new people of every twentieth report."""
    rows = plan.activities
    new = rows[NEW_BENEFICIARIES].mask(draw(rows, REPORT, 0.05, chance), 0.0)
    return replace(plan, activities=rows.assign(**{NEW_BENEFICIARIES: new}))


def empty_month(plan: Plan, chance: Chance) -> Plan:
    """Empty the new people of one month in every fifth country."""
    rows = plan.activities
    month = chance.choice(plan.months[1:])
    is_empty = draw(rows, ["country"], 0.2, chance) & (rows["month"] == month)
    return replace(plan, activities=rows.assign(**{NEW_BENEFICIARIES: rows[NEW_BENEFICIARIES].mask(is_empty, 0.0)}))


def tell_again(plan: Plan, chance: Chance) -> Plan:
    """Tell everybody as new, month after month, in every tenth area."""
    rows = plan.activities
    again = rows[[NEW_BENEFICIARIES, MONTHLY_TOTAL_COLUMN]].max(axis="columns")
    new = rows[NEW_BENEFICIARIES].mask(draw(rows, AREA, 0.1, chance), again)
    return replace(plan, activities=rows.assign(**{NEW_BENEFICIARIES: new}))


def times_ten(plan: Plan, chance: Chance) -> Plan:
    """Multiply all people of one row by ten, in every tenth area."""
    rows = plan.activities
    with_new = rows[draw(rows, AREA, 0.1, chance) & (rows[NEW_BENEFICIARIES] > 0)]
    chosen = with_new.sample(frac=1, random_state=chance).drop_duplicates(AREA).index
    factor = pd.Series(np.where(rows.index.isin(chosen), 10.0, 1.0), rows.index)
    return replace(plan, activities=rows.assign(**rows[PEOPLE].mul(factor, axis="index")))


def refuse_rows(plan: Plan, chance: Chance) -> Plan:
    """Refuse one row of fifty, because a number in it cannot be read."""
    rows = plan.activities
    is_refused = pd.Series(chance.random(len(rows)) < 0.02, rows.index)
    left_out = rows[[NEW_BENEFICIARIES, MONTHLY_TOTAL_COLUMN]].max(axis="columns")
    refused = rows[is_refused].assign(people_left_out=left_out).reset_index(drop=True)
    return replace(plan, activities=rows[~is_refused].reset_index(drop=True), refused_activities=refused)


def draw(rows: pd.DataFrame, keys: list[str], share: float, chance: Chance) -> pd.Series:
    """Mark the rows of a share of the different ``keys``."""
    numbers = rows.groupby(keys, observed=True, sort=True).ngroup()
    return numbers.isin(np.flatnonzero(chance.random(numbers.max() + 1) < share))


FAULTS: dict[str, Callable[[Plan, Chance], Plan]] = {
    "new people emptied": empty_new_people,
    "new people of a month emptied": empty_month,
    "told as new again": tell_again,
    "one report times ten": times_ten,
    "rows refused": refuse_rows,
}

if __name__ == "__main__":
    main()
