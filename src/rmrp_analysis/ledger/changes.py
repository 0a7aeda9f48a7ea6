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
    people_and_row_columns = ["new", "rows"]
    edition_report_tables = [
        pd.DataFrame({"hash": report_hashes(edition_dataset)}).join(
            report_sums(edition_dataset, method)[people_and_row_columns]
        )
        for edition_dataset in (earlier, later)
    ]
    changed_reports = edition_report_tables[0].add_suffix("_before").join(edition_report_tables[1], how="outer")
    changed_reports = changed_reports[
        changed_reports.index.get_level_values("month").isin(months)
        & changed_reports["hash_before"].ne(changed_reports["hash"])
    ]
    change_kind_by_report = pd.Series(CORRECTED, changed_reports.index, dtype="str")
    change_kind_by_report = change_kind_by_report.mask(changed_reports["hash_before"].isna(), LATE).mask(
        changed_reports["hash"].isna(), GONE
    )
    suffixed_number_columns = [
        f"{number_column}{edition_suffix}"
        for number_column in people_and_row_columns
        for edition_suffix in ("_before", "")
    ]
    return changed_reports[suffixed_number_columns].fillna(0).assign(change=change_kind_by_report)


def changes_by_partner(changes: pd.DataFrame) -> pd.DataFrame:
    """Add up the changes of reports over sectors: a row each change, organisation, country and month.

    ``people_before`` and ``people`` are new beneficiaries of these reports, ``rows_before`` and ``rows`` their rows,
    ``sectors`` a tuple. Reports with as many people and rows as before are left out: only their texts differ. Most
    people moved first.
    """
    report_column_by_sum_column = {
        "people_before": "new_before",
        "people": "new",
        "rows_before": "rows_before",
        "rows": "rows",
    }
    has_number_changed = changes["new"].ne(changes["new_before"]) | changes["rows"].ne(changes["rows_before"])
    changes_grouped_by_partner = changes[has_number_changed].reset_index().groupby(PARTNER_CHANGE_COLUMNS)
    partner_change_sums = changes_grouped_by_partner.agg(
        sectors=("sector", lambda sectors: tuple(sorted(set(sectors)))),
        **{sum_column: (source_column, "sum") for sum_column, source_column in report_column_by_sum_column.items()},
    ).reset_index()
    moved_people_series = (partner_change_sums["people"] - partner_change_sums["people_before"]).abs()
    sums_most_moved_first = partner_change_sums.assign(moved=moved_people_series).sort_values(
        ["moved", *PARTNER_CHANGE_COLUMNS], ascending=[False, *[True] * 4]
    )
    return sums_most_moved_first.drop(columns="moved").reset_index(drop=True)
