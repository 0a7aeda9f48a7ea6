"""How long figures and their rounding take, against plain pandas groupings of the same activities: ``make bench``.

All in one process, in CPU seconds, once the plan is read: 15 sheets (the region), 135 (the platforms, too), 765 (every
place, and sheets of thirty organisations). The plain grouping adds up people by month, by indicator and by partner for
each sheet, as an analyst would; a sheet has some forty figures and breakdowns.
"""

import argparse
import pickle
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pandas as pd

from rmrp_analysis.figures import public
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.metrics import NEW_BENEFICIARIES
from rmrp_analysis.plan import Plan, Selection, list_compared_sheets
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, plan_lists

DATA = Path(__file__).parents[1] / "data" / "rmrp-2021"
ORGANISATIONS = 30
GROUPINGS = ("month", "indicator", "organisation")


def main() -> None:
    """Print CPU seconds and ratios by the number of sheets, and what the plan weighs when it is sent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, default=DATA, help="the plan's folder")
    parser.add_argument("--sheets", nargs="*", type=int, default=[15, 135, 765], choices=[15, 135, 765])
    options = parser.parse_args()
    plan = load_plan(options.data)
    print(f"{len(plan.activities):,} activities")
    print(f"{'sheets':>6} {'figures':>8} {'rounding':>8} {'grouping':>8} {'figures by grouping':>20}")
    for count in options.sheets:
        fresh = pickle.loads(pickle.dumps(plan))  # noqa: S301 - our own, without what was computed before
        sheets = list(selections(fresh, count))
        figures, exact = timed_figures(sheets)
        rounding = seconds_of_rounding(exact)
        grouping = seconds_of_grouping(sheets)
        print(f"{len(sheets):>6} {figures:>8.2f} {rounding:>8.2f} {grouping:>8.2f} {figures / grouping:>20.2f}")
        print(f"       the plan with what was computed of it: {len(pickle.dumps(fresh)) / 2**20:.1f} MiB")


def selections(plan: Plan, count: int) -> Iterator[Selection]:
    """The selections of so many sheets."""
    places = {15: [REGION], 135: [REGION, *plan_lists().platforms]}.get(count, list(plan_lists().places))
    for sector, place in product((INTERSECTOR, *plan_lists().sectors), places):
        yield plan.select(sector, place=place)
    whose = plan.organisations[:ORGANISATIONS] if count > 135 else ()
    for sector, organisation in product((INTERSECTOR, *plan_lists().sectors), whose):
        yield plan.select(sector, organisation=organisation)


def count_at_once(sheets: list[Selection]) -> None:
    """Count the figures of these sheets, and of those that they are compared with."""
    compared = [each for sheet in sheets for each in list_compared_sheets(*sheet.sheets.selected[0])]
    sheets[0].plan.rows_of_sheets(compared, period=sheets[0].period, method=sheets[0].method)


def timed_figures(sheets: list[Selection]) -> tuple[float, list[pd.DataFrame]]:
    """CPU seconds of the exact figures of these sheets, counted as a run counts them, and the figures."""
    started = time.process_time()
    count_at_once(sheets)
    seconds = time.process_time() - started
    return seconds, [sheet.table() for sheet in sheets]


def seconds_of_rounding(exact: list[pd.DataFrame]) -> float:
    """CPU seconds of rounding them for the public, as a run does: all at once."""
    started = time.process_time()
    public(pd.concat(exact, ignore_index=True))
    return time.process_time() - started


def seconds_of_grouping(sheets: list[Selection]) -> float:
    """CPU seconds of plain groupings of the people of each sheet."""
    started = time.process_time()
    for sheet in sheets:
        people = sheet.plan.people
        ((sector, place, organisation),) = sheet.sheets.selected
        inside = (people["indicator_type"] == "people in need") & (people["part"] == NEW_BENEFICIARIES)
        if sector != INTERSECTOR:
            inside &= people["sector"] == sector
        if plan_lists().places[place]:
            inside &= people["country"].isin(plan_lists().places[place])
        if organisation:
            inside &= people["organisation"] == organisation
        for grouping in GROUPINGS:
            people[inside].groupby(grouping, observed=True)["amount"].sum()
    return time.process_time() - started


if __name__ == "__main__":
    main()
