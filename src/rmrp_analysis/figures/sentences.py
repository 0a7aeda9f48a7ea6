"""Counts of people that sentences need, and that no file states as figures."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures import counted as count
from rmrp_analysis.figures import doubt
from rmrp_analysis.figures.parts import Counts
from rmrp_analysis.figures.registry import NEW_NOT_KNOWN, VALUE
from rmrp_analysis.metrics import AMOUNT, EMPTY_SUMS, ILLUSTRATIVE, KEY, NEW, NOT_KNOWN, PART, SHEET, Sheets
from rmrp_analysis.vocabulary import UNKNOWN_INDICATOR

LOST_PEOPLE, LARGEST_REPORT, LARGEST_PARTNER, YEAR_BEFORE = (
    "lost_people",
    "largest_report",
    "largest_partner",
    "people_year_before",
)


def for_sentences(counts: Counts) -> pd.DataFrame:
    """Counts of people that sentences need: people lost by cause, the largest report and partner, the year before."""
    sheets, reached = counts.sheets, counts.figures["people_reached"]
    partners = reached.sums(SHEET, "organisation").reset_index().rename(columns={"organisation": PART})
    partners = partners.sort_values([AMOUNT, PART], ascending=[False, True])
    reports = doubt.largest_first(doubt.largest_reports(sheets)).rename(columns={"month": PART})
    rows = {
        LARGEST_PARTNER: partners.drop_duplicates(SHEET),
        LARGEST_REPORT: reports.drop_duplicates(SHEET),
        LOST_PEOPLE: _lost(sheets),
        YEAR_BEFORE: _year_before(sheets),
    }
    found = pd.concat(rows, names=["figure"]).reset_index("figure")[["figure", SHEET, PART, AMOUNT, KEY]]
    found = found.astype({SHEET: "str", PART: "str", AMOUNT: "float64", KEY: "uint64"})
    facts: dict[str, Any] = {
        **EMPTY_SUMS,
        ILLUSTRATIVE: False,
        "reason": "",
        "source": "",
        "origin": "activities",
        "unit": "people",
    }
    facts |= {"dimension": "of", **{name: found[name] for name in (AMOUNT, KEY)}}
    return found.assign(**facts).rename(columns={SHEET: "report", AMOUNT: VALUE})


def _lost(sheets: Sheets) -> pd.DataFrame:
    """People who were reported and whom no figure counts, by cause.

    Whom the model of all sectors cannot see may be in several sectors: the largest of each place counts alone.
    """
    data, method = sheets.plan, sheets.method
    people = data.cells.people
    counted = people["indicator_type"].isin(method.counted_indicator_types)
    unknown = (people["indicator_type"] == UNKNOWN_INDICATOR) & (people[PART] == NEW)
    causes = {"unknown_indicator": people[unknown], NEW_NOT_KNOWN: people[counted & (people[PART] == NOT_KNOWN)]}
    rows = pd.concat(causes, names=["cause"]).reset_index("cause").drop(columns=PART)
    lost = [sheets.belonging(rows.rename(columns={"cause": PART}))]
    if sheets.has_all_sectors and data.year.rule_of(method.intersector_model) in metrics.NEEDS_PROPORTIONS:
        unseen = data.people_unseen(method, sheets.organisations).rename(AMOUNT).reset_index()
        unseen = unseen.astype(dict.fromkeys(metrics.PLACE_MONTH_SECTOR, "str")).assign(
            organisation=unseen[metrics.OF].astype("str")
        )
        unseen = unseen.assign(rmrp_activity="Yes", **{PART: NEW, KEY: EMPTY_SUMS[KEY]})
        largest = metrics.largest_of_period(sheets.belonging(unseen.iloc[:0], unseen), [SHEET], "admin1")
        lost.append(largest.assign(**{PART: "no_proportions"}))
    sums = pd.concat(lost).groupby([SHEET, PART], observed=True)[[AMOUNT, KEY]].sum().round({AMOUNT: metrics.DECIMALS})
    return sums[sums[AMOUNT] != 0].reset_index()


def _year_before(sheets: Sheets) -> pd.DataFrame:
    """The people reached in the same months of the year before, if something was reported in each of them."""
    earlier = replace(sheets, period=sheets.period.year_before)
    months = earlier.presence.groupby(SHEET, observed=True)["month"].nunique()
    whole = months.index[months == len(earlier.period.months)]
    if not len(whole):
        return pd.DataFrame({SHEET: [], PART: [], AMOUNT: [], KEY: np.array([], dtype="uint64")})
    reached = count.people_reached(earlier)
    found = reached.sums(SHEET).loc[whole]
    cautions = doubt.rules_of(earlier, reached.entries, doubt.largest_reports(earlier), [SHEET]).reindex(
        whole, fill_value=""
    )
    return found[(cautions == "").to_numpy()].reset_index().assign(**{PART: ""})
