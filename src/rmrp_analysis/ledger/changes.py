"""The changes of reports between two editions of the data: late, corrected, gone."""

from collections.abc import Sequence

import pandas as pd

from rmrp_analysis.ledger.reports import report_hashes, report_sums
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import Dataset

LATE, CORRECTED, GONE = "late", "corrected", "gone"
PARTNER_CHANGE_COLUMNS = ["change", "organisation", "country", "month"]
"""The columns by which ``changes_by_partner`` adds up changes of reports."""


def report_changes(earlier: Dataset, later: Dataset, method: Method, months: Sequence[str]) -> pd.DataFrame:
    """Return the reports of these months that differ between two editions, by ``REPORT_KEY_COLUMNS`` (index), sorted.

    ``change`` is *late* (only in the later edition), *gone* (only in the earlier edition) or *corrected*.
    ``new_before`` and ``new`` are new beneficiaries, ``rows_before`` and ``rows`` the rows used. Without a report they
    are 0.
    """
    names = ["new", "rows"]
    editions = [
        pd.DataFrame({"hash": report_hashes(dataset)}).join(report_sums(dataset, method)[names])
        for dataset in (earlier, later)
    ]
    reports = editions[0].add_suffix("_before").join(editions[1], how="outer")
    reports = reports[reports.index.get_level_values("month").isin(months) & reports["hash_before"].ne(reports["hash"])]
    change = pd.Series(CORRECTED, reports.index, dtype="str")
    change = change.mask(reports["hash_before"].isna(), LATE).mask(reports["hash"].isna(), GONE)
    columns = [f"{name}{side}" for name in names for side in ("_before", "")]
    return reports[columns].fillna(0).assign(change=change)


def changes_by_partner(changes: pd.DataFrame) -> pd.DataFrame:
    """Add up the changes of reports over sectors: a row for each change, organisation, country and month.

    ``changes`` comes from ``report_changes``. ``people_before`` and ``people`` are new beneficiaries. ``rows_before``
    and ``rows`` are rows. ``sectors`` is a tuple. Reports with the same people and rows in both editions are left out:
    only their texts differ. The largest change of people comes first.
    """
    numbers = {"people_before": "new_before", "people": "new", "rows_before": "rows_before", "rows": "rows"}
    is_moved = changes["new"].ne(changes["new_before"]) | changes["rows"].ne(changes["rows_before"])
    grouped = changes[is_moved].reset_index().groupby(PARTNER_CHANGE_COLUMNS)
    table = grouped.agg(
        sectors=("sector", lambda sectors: tuple(sorted(set(sectors)))),
        **{name: (column, "sum") for name, column in numbers.items()},
    ).reset_index()
    difference = (table["people_before"] - table["people"]).abs()
    table = table.assign(order=-difference).sort_values(["order", *PARTNER_CHANGE_COLUMNS])
    return table.drop(columns="order").reset_index(drop=True)
