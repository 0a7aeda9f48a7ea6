"""What became of reports between two editions of the data: late, corrected, gone."""

from collections.abc import Sequence

import pandas as pd

from rmrp_analysis.ledger.reports import report_hashes, report_sums
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import Dataset

LATE, CORRECTED, GONE = "late", "corrected", "gone"
"""What became of a report between two editions: it came later, was corrected, or is gone."""
PARTNER_CHANGE_COLUMNS = ["change", "organisation", "country", "month"]
"""The columns by which changes of reports are added up for partners."""


def report_changes(earlier: Dataset, later: Dataset, method: Method, months: Sequence[str]) -> pd.DataFrame:
    """Return the reports of these months that differ between two editions: index ``REPORT_KEY_COLUMNS``, in order.

    ``change`` is *late* (only the later edition has it), *gone* (only the earlier one) or *corrected*. ``new_before``
    and ``new`` are people, ``rows_before`` and ``rows`` the rows used; 0 where there is no report.
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
    """Add up the changes of reports over sectors: a row each change, organisation, country and month.

    ``people_before`` and ``people`` are new beneficiaries of these reports, ``rows_before`` and ``rows`` their rows,
    ``sectors`` a tuple. Reports with as many people and rows as before are left out: only their texts differ. Most
    people moved first.
    """
    numbers = {"people_before": "new_before", "people": "new", "rows_before": "rows_before", "rows": "rows"}
    is_moved = changes["new"].ne(changes["new_before"]) | changes["rows"].ne(changes["rows_before"])
    grouped = changes[is_moved].reset_index().groupby(PARTNER_CHANGE_COLUMNS)
    table = grouped.agg(
        sectors=("sector", lambda sectors: tuple(sorted(set(sectors)))),
        **{name: (column, "sum") for name, column in numbers.items()},
    ).reset_index()
    difference = (table["people"] - table["people_before"]).abs()
    sorted_table = table.assign(moved=difference).sort_values(
        ["moved", *PARTNER_CHANGE_COLUMNS], ascending=[False, *[True] * 4]
    )
    return sorted_table.drop(columns="moved").reset_index(drop=True)
