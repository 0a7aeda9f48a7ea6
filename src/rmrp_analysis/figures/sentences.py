"""Counts of people that sentences need, and that no file states as figures."""

from dataclasses import replace

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures import counted as count
from rmrp_analysis.figures import doubt
from rmrp_analysis.figures.parts import Counts
from rmrp_analysis.figures.registry import NEW_NOT_KNOWN
from rmrp_analysis.metrics import EMPTY_SUMS, NEW, NOT_KNOWN, Sheets
from rmrp_analysis.vocabulary import UNKNOWN_INDICATOR

LOST_PEOPLE, YEAR_BEFORE = "lost_people", "people_year_before"
LARGEST_REPORT, LARGEST_PARTNER = "largest_report", "largest_partner"


def for_sentences(counts: Counts) -> pd.DataFrame:
    """Counts of people that sentences need: people lost by cause, the largest report and partner, the year before."""
    sheets, reached = counts.sheets, counts.figures["people_reached"]
    partners = reached.sums("sheet", "organisation").reset_index().rename(columns={"organisation": "part"})
    partners = partners.sort_values(["amount", "part"], ascending=[False, True])
    reports = doubt.reports_of(reached.entries, sheets.plan).rename(columns={"month": "part"})
    reports = reports.sort_values(
        ["amount", "part", "key"], ascending=[False, True, True]
    )  # the earliest of equal ones
    rows = {
        LARGEST_PARTNER: partners.drop_duplicates("sheet"),
        LARGEST_REPORT: reports.drop_duplicates("sheet"),
        LOST_PEOPLE: _lost(sheets),
        YEAR_BEFORE: _year_before(sheets),
    }
    found = pd.concat(rows, names=["figure"]).reset_index("figure")[["figure", "sheet", "part", "amount", "key"]]
    found = found.astype({"sheet": "str", "part": "str", "amount": "float64", "key": "uint64"})
    facts = {"reason": "", "source": "", "origin": "activities", "unit": "people", "dimension": "of"}
    facts |= {name: empty for name, empty in EMPTY_SUMS.items() if name not in found}
    return found.assign(illustrative=False, **facts).rename(columns={"sheet": "report", "amount": "value"})


def _lost(sheets: Sheets) -> pd.DataFrame:
    """People who were reported and whom no figure counts, by cause.

    Whom the model of all sectors cannot see may be in several sectors: the largest of each place counts alone.
    """
    data, method = sheets.plan, sheets.method
    people = data.people
    counted = people["indicator_type"].isin(method.counted_indicator_types)
    unknown = (people["indicator_type"] == UNKNOWN_INDICATOR) & (people["part"] == NEW)
    causes = {"unknown_indicator": people[unknown], NEW_NOT_KNOWN: people[counted & (people["part"] == NOT_KNOWN)]}
    rows = pd.concat(causes, names=["cause"]).reset_index("cause").drop(columns="part")
    lost = [sheets.belonging(rows.rename(columns={"cause": "part"}))]
    if sheets.has_all_sectors and data.year.rule_of(method.intersector_model) in metrics.NEEDS_PROPORTIONS:
        unseen = data.people_unseen(method, sheets.organisations).rename("amount").reset_index()
        unseen = unseen.astype(dict.fromkeys(metrics.PLACE_MONTH_SECTOR, "str")).assign(
            organisation=unseen["of"].astype("str")
        )
        unseen = unseen.assign(rmrp_activity="Yes", part=NEW, key=EMPTY_SUMS["key"])
        largest = metrics.largest_of_period(sheets.belonging(unseen.iloc[:0], unseen), ["sheet"], "admin1")
        lost.append(largest.assign(part="no_proportions"))
    sums = (
        pd.concat(lost)
        .groupby(["sheet", "part"], observed=True)[["amount", "key"]]
        .sum()
        .round({"amount": metrics.DECIMALS})
    )
    return sums[sums["amount"] != 0].reset_index()


def _year_before(sheets: Sheets) -> pd.DataFrame:
    """The people reached in the same months of the year before, if something was reported in each of them."""
    earlier = replace(sheets, period=sheets.period.year_before)
    months = earlier.presence.groupby("sheet", observed=True)["month"].nunique()
    whole = months.index[months == len(earlier.period.months)]
    if not len(whole):
        return pd.DataFrame({"sheet": [], "part": [], "amount": [], "key": np.array([], dtype="uint64")})
    reached = count.people_reached(earlier)
    found = reached.sums("sheet").loc[whole]
    cautions = doubt.rules_of(
        earlier, reached.entries, doubt.reports_of(reached.entries, sheets.plan), ["sheet"]
    ).reindex(whole, fill_value="")
    return found[(cautions == "").to_numpy()].reset_index().assign(part="")
