"""What became of reports between two editions of the data: late, corrected, gone."""

from collections.abc import Sequence

import pandas as pd

from rmrp_analysis.ledger.reports import report_hashes, report_sums
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import Dataset

LATE, CORRECTED, GONE = "late", "corrected", "gone"
PARTNER_CHANGE_COLUMNS = ["change", "organisation", "country", "month"]


def report_changes(earlier: Dataset, later: Dataset, method: Method, months: Sequence[str]) -> pd.DataFrame:
    """Return the reports of these months that differ between two editions: index ``REPORT``, in order.

    ``change`` is *late* (only the later edition has it), *gone* (only the earlier one) or *corrected*. ``new_before``
    and ``new`` are people, ``rows_before`` and ``rows`` the rows used; 0 where there is no report.
    """
    number_columns = ["new", "rows"]
    edition_tables = [
        pd.DataFrame({"hash": report_hashes(dataset)}).join(report_sums(dataset, method)[number_columns])
        for dataset in (earlier, later)
    ]
    changed_reports = edition_tables[0].add_suffix("_before").join(edition_tables[1], how="outer").sort_index()
    changed_reports = changed_reports[
        changed_reports.index.get_level_values("month").isin(months)
        & changed_reports["hash_before"].ne(changed_reports["hash"])
    ]
    change_names = pd.Series(CORRECTED, changed_reports.index, dtype="str")
    change_names = change_names.mask(changed_reports["hash_before"].isna(), LATE).mask(
        changed_reports["hash"].isna(), GONE
    )
    shown_columns = [
        f"{number_column}{column_suffix}" for number_column in number_columns for column_suffix in ("_before", "")
    ]
    return changed_reports[shown_columns].fillna(0).assign(change=change_names)


def changes_by_partner(changes: pd.DataFrame) -> pd.DataFrame:
    """Add up the changes of reports over sectors: a row each change, organisation, country and month.

    ``people_before`` and ``people`` are new beneficiaries of these reports, ``rows_before`` and ``rows`` their rows,
    ``sectors`` a tuple. Reports with as many people and rows as before are left out: only their texts differ. Most
    people moved first.
    """
    source_column_by_sum = {
        "people_before": "new_before",
        "people": "new",
        "rows_before": "rows_before",
        "rows": "rows",
    }
    has_number_changed = changes["new"].ne(changes["new_before"]) | changes["rows"].ne(changes["rows_before"])
    changes_of_partners = changes[has_number_changed].reset_index().groupby(PARTNER_CHANGE_COLUMNS)
    partner_table = changes_of_partners.agg(
        sectors=("sector", lambda sectors: tuple(sorted(set(sectors)))),
        **{sum_column: (source_column, "sum") for sum_column, source_column in source_column_by_sum.items()},
    ).reset_index()
    people_difference = (partner_table["people"] - partner_table["people_before"]).abs()
    sorted_partners = partner_table.assign(moved=people_difference).sort_values(
        ["moved", *PARTNER_CHANGE_COLUMNS], ascending=[False, *[True] * 4]
    )
    return sorted_partners.drop(columns="moved").reset_index(drop=True)
