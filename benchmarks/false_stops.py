"""How often each condition of the door stops a run by chance: ``python benchmarks/false_stops.py``.

The door is asked for parts of a real file, each of a country or all, a sector or all, and some months in a row, as an
office sends them; and for plans that are drawn, which hold no fault but the rows that cannot be used. A plan is read
once; the rows of a part are chosen in memory.

The real file holds real faults: in almost half of its rows a check finds an error. The whole of it passes the door, and
must. Two faults are in it beyond doubt, and are taken out before parts are drawn, or a part would rightly be stopped:
rows that repeat an earlier one in every column, and months in which a country reports people assisted in all sectors
and not one new person (Peru, March and April 2021: 225,065 people assisted). What stops a part then is called false,
though some of it is not: people of indicators that count none, or more new people than people.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.commands.sample.write import write_sample
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Limits, Method
from rmrp_analysis.plan import JoinAudit, Plan
from rmrp_analysis.quality.columns import ActivityColumns
from rmrp_analysis.quality.gate import conditions
from rmrp_analysis.quality.sheets import explain_refused_sheets
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, UNKNOWN_INDICATOR_TYPE, plan_lists

SHARED = Path(os.environ.get("RMRP_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
MAX_FALSE = 0.01
MANY_ASSISTED = 10_000
"""So many people assisted in a month, and none of them new, are no chance."""
SMALLEST_PLAN, LARGEST_PLAN = 200, 2_000
SHEET_REFUSED = "a sheet of the region"
"""Where no condition stops the run, but one refuses a sheet alone."""


def main() -> None:
    """Print a row for each condition: how many parts and drawn plans it stops, and whether that is too often."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, default=SHARED / "r4v-2021", help="data folder of a real plan")
    parser.add_argument("--parts", type=int, default=1000, help="parts of the real plan")
    parser.add_argument("--plans", type=int, default=200, help="plans that are drawn")
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--show", default="", help="a condition: the sentence of each of its stops")
    options = parser.parse_args()
    started, stops = time.perf_counter(), dict[str, Counter[str]]()
    real = load_plan(options.data)
    sources = {
        "parts": draw_parts(without_known_faults(real), options.parts, options.seed),
        "plans": draw_plans(options.plans, options.seed),
        "whole file": iter([(real, span(real))]),
    }
    for name, plans in sources.items():
        counts = stops.setdefault(name, Counter())
        for plan, period in plans:
            found = conditions(plan, period=period, method=Method())
            counts[SHEET_REFUSED] += not found and refuses_a_sheet(plan, period)
            for each in found:
                counts[each.name] += 1
                if each.name == options.show:
                    print(f"{name}, {len(plan.activities):,} rows, {period.start} to {period.end}: {each.sentence}")
    table = pd.DataFrame(stops, index=[*Limits.model_fields, SHEET_REFUSED]).fillna(0).astype("int64")
    shares = table[["parts", "plans"]] / [options.parts, options.plans]
    table[["% of parts", "% of plans"]] = (shares * 100).round(1)
    is_too_often = (shares > MAX_FALSE).any(axis="columns") | (table["whole file"] > 0)
    print(f"{options.parts:,} parts of {len(real.activities):,} rows, {options.plans:,} plans that are drawn")
    print(table.assign(often=is_too_often.map({True: "too often", False: ""})).to_string())
    print(f"{time.perf_counter() - started:.0f} s")
    raise SystemExit(bool(is_too_often.any()))


def refuses_a_sheet(plan: Plan, period: Period) -> bool:
    """Return whether a run that is not stopped would refuse a sheet of the region."""
    sheets = [(sector, REGION, "") for sector in (INTERSECTOR, *plan_lists().sectors)]
    return bool(explain_refused_sheets(plan, sheets, period=period, method=Method(), language="en"))


def without_known_faults(plan: Plan) -> Plan:
    """Return the plan without rows that repeat another in full, and months of a country with nobody new."""
    rows = plan.activities
    counts_people = rows["indicator_type"] == "people in need"
    people = rows[["new_beneficiaries", "total_monthly_beneficiaries"]].where(counts_people, 0.0).fillna(0.0)
    sums = people.groupby([rows["country"], rows["month"]], observed=True).transform("sum")
    has_nobody_new = (sums["new_beneficiaries"] == 0) & (sums["total_monthly_beneficiaries"] >= MANY_ASSISTED)
    return replace(plan, activities=rows[~has_nobody_new & ~ActivityColumns(plan)["repeats_row"]])


def span(plan: Plan) -> Period:
    """Return the months of a plan, from its first to its last, as ``rmrp new`` writes them."""
    months = plan.activities["month"].astype("str")
    return Period(start=months.min(), end=months.max())


def draw_parts(plan: Plan, count: int, seed: int) -> Iterator[tuple[Plan, Period]]:
    """Draw parts that hold activities: of a country or all, of a sector or all, of some months in a row."""
    chance, months = np.random.default_rng(seed), plan.months
    texts = {name: plan.activities[name].astype("str") for name in ("country", "sector", "month")}
    choices = {name: [*sorted(texts[name].unique()), ""] for name in ("country", "sector")}
    while count:
        first, last = sorted(chance.integers(len(months), size=2))
        chosen = {name: str(chance.choice(names)) for name, names in choices.items()}
        part = select_part(plan, chosen, months[first : last + 1])
        if len(part.activities):
            count -= 1
            yield part, span(part)


def select_part(plan: Plan, chosen: Mapping[str, str], months: tuple[str, ...]) -> Plan:
    """Return the plan with the activities of these texts (empty: all) and months alone, used and refused."""
    tables = {"activities": plan.activities, "refused_activities": plan.refused_activities}
    for name, rows in tables.items():
        is_in = rows["month"].isin(months)
        for column, text in chosen.items():
            is_in &= (rows[column] == text) | (text == "")
        tables[name] = rows[is_in].reset_index(drop=True)
    rows = tables["activities"]
    people = rows["new_beneficiaries"].fillna(0.0)
    joined = pd.DataFrame({"rows": rows["rows"], "people": people, "lost": people, "key": rows["indicator"]})
    audit = JoinAudit.of(
        "indicators", joined.assign(known=rows["indicator_type"] != UNKNOWN_INDICATOR_TYPE), loses=True
    )
    return replace(plan, activities=rows, refused_activities=tables["refused_activities"], joins=(audit,))


def draw_plans(count: int, seed: int) -> Iterator[tuple[Plan, Period]]:
    """Draw whole plans of other sizes and seeds, as ``rmrp sample`` does."""
    sizes = np.random.default_rng(seed).integers(SMALLEST_PLAN, LARGEST_PLAN, size=count)
    for number, rows in enumerate(sizes):
        with tempfile.TemporaryDirectory() as folder:
            write_sample(Path(folder), rows=int(rows), seed=seed + number)
            plan = load_plan(folder)
            yield plan, span(plan)


if __name__ == "__main__":
    main()
