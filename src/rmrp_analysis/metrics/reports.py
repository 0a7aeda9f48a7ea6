"""The largest reports: what single rows make of the people reached, held by all that selections are told apart by."""

import numpy as np

from rmrp_analysis.coded import CodedTable, Codes
from rmrp_analysis.metrics.cells import NEW, TOTAL_MONTHLY
from rmrp_analysis.metrics.consolidation import Kept
from rmrp_analysis.metrics.contributions import AMOUNT
from rmrp_analysis.metrics.sums import Cells, Inside

KEPT_APART = ["sector", "country", "month", "organisation", "rmrp_activity"]
ROW, NOT_ALL_NEW = "row", "not_all_new"


def largest_reports(rows: CodedTable, cell: Codes, cells: Cells, counts: Inside, kept: Kept | None) -> Cells:
    """The largest report of each sector, country, month and organisation, of those that reached people.

    ``cell`` is the number of each row's cell, ``counts`` says which ``cells`` count, and ``kept`` what a model keeps of
    them (None: everybody). ``amount`` is what the largest gives, ``row`` its place among all rows, ``not_all_new`` is
    true where a report attended others than those who are new.
    """
    largest, places = np.zeros(len(cells)), np.full(len(cells), len(rows))
    others = np.zeros(len(cells), dtype="bool")
    shares = kept.shares(cells) if kept else None
    for start, some in rows.pieces():
        piece, of = Cells(some), cell[start : start + len(some)]
        new = kept.share_of(piece, shares[0], shares[1][of], (NEW,))[NEW] if kept and shares else piece.numbers(NEW)
        amounts = np.where(counts[of], new, 0.0)
        before = largest.copy()
        np.maximum.at(largest, of, amounts)
        places[largest > before] = len(rows)
        first = np.flatnonzero((amounts == largest[of]) & (places[of] == len(rows)))
        np.minimum.at(places, of[first], start + first)
        others[of[(amounts > 0) & (amounts != piece.numbers(TOTAL_MONTHLY))]] = True
    by_cell = cells.table[KEPT_APART].assign(**{AMOUNT: largest, ROW: places, NOT_ALL_NEW: others})[largest > 0]
    first_of_most = by_cell.sort_values([AMOUNT, ROW], ascending=[False, True]).groupby(KEPT_APART, as_index=False)
    return Cells(first_of_most.agg({AMOUNT: "first", ROW: "first", NOT_ALL_NEW: "max"}))
