"""The largest reports: what single rows make of the people reached, held by all that selections are told apart by."""

import numpy as np
import pandas as pd

from rmrp_analysis.metrics.cells import NEW, TOTAL_MONTHLY
from rmrp_analysis.metrics.consolidation import Kept
from rmrp_analysis.metrics.contributions import AMOUNT
from rmrp_analysis.metrics.sums import Cells

KEPT_APART = ("sector", "country", "month", "organisation", "rmrp_activity")
ROW, NOT_ALL_NEW = "row", "not_all_new"


def largest_reports(rows: Cells, kept: Kept | None) -> Cells:
    """The largest report of each sector, country, month and organisation, of those that reached people.

    ``rows`` are those that count, and ``kept`` what a model keeps of them (None: everybody). ``amount`` is what the
    largest gives, ``row`` its place among all rows, ``not_all_new`` is 1 where a report attended others than those who
    are new.
    """
    amounts = rows.numbers(NEW) if kept is None else kept.of(rows, (NEW,))[NEW]
    numbers, groups = rows.groups(KEPT_APART)
    largest = np.zeros(len(groups))
    np.maximum.at(largest, numbers, amounts)
    is_largest = np.flatnonzero(amounts == largest[numbers])
    places = np.full(len(groups), len(rows))
    np.minimum.at(places, numbers[is_largest], is_largest)
    others = np.bincount(numbers, (amounts > 0) & (amounts != rows.numbers(TOTAL_MONTHLY)), len(groups)) > 0
    table = pd.DataFrame(groups, columns=list(KEPT_APART), dtype="str")
    return Cells(table.assign(**{AMOUNT: largest, ROW: places, NOT_ALL_NEW: others})[largest > 0])
