"""One report comes from one file: which reports several files of activities hold, and whose rows stand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.table import ROW_COUNT_COLUMN, WARNING_SEVERITY, Loaded, fault_rows
from rmrp_analysis.sources import SOURCES_FILE, Source
from rmrp_analysis.vocabulary import fold, plan_lists

REPORT_COLUMNS = ["appealing_organisation", "country", "sector", "month"]
"""What a report is known by. A country may send a workbook a sector, so a month and country alone tell too little."""

MAX_NAMES_OF_KIND = 3
"""So many organisations, countries, sectors and months are named where two files hold the same reports."""

REPLACED = "replaced by "
"""How the reason of a row begins in whose place another file stands."""

REPLACES_IN_SOURCES_TEMPLATE = f"`replaces: {{{{{{replaces}}}}}}` under `activities` in {SOURCES_FILE}"
"""Where ``sources.yml`` says which file replaces which."""
REPLACES_OPTION_TEMPLATE = '--replaces "{replaces}"'
"""Where it is written which file replaces which."""

Replaces = Mapping[str, Sequence[str]]
"""For a file the names of those that it replaces; of none where what it holds counts beside what other files hold."""


def find_replacing_files(
    tables: Mapping[str, pd.DataFrame], replaces: Replaces, advice: str = REPLACES_IN_SOURCES_TEMPLATE
) -> dict[str, pd.Series]:
    """Return for each file the name of the file that replaces each row of it; empty where the row itself stands.

    ``tables`` have ``REPORT_COLUMNS``, by which a report is known, whatever the spelling of the organisation, and may
    have ``rows``: how many rows of the file a row stands for. A report with an empty cell in these columns always
    stands. Where ``replaces`` says of one of two files that it replaces none (``[]``), the reports of both stand.
    Raises ``InputRefused`` for reports in two files of which ``replaces`` says nothing; the ``advice`` says where to
    write ``{replaces}``.
    """
    report_number_series_by_file = {
        name: file_table.groupby(REPORT_COLUMNS, observed=True, dropna=False, sort=False).ngroup()
        for name, file_table in tables.items()
    }
    all_report_rows = pd.concat(
        [_reports(name, file_table, report_number_series_by_file[name]) for name, file_table in tables.items()]
    )
    repeated_report_rows = all_report_rows[all_report_rows.duplicated(REPORT_COLUMNS, keep=False)].assign(
        order=lambda rows: rows["file"].map([*tables].index)
    )
    report_pair_rows = repeated_report_rows.merge(
        repeated_report_rows, on=REPORT_COLUMNS, suffixes=("", "_later")
    ).query("order < order_later")
    replacing_file_name_by_report, undecided_pair_tables = dict[tuple[str, int], str](), list[pd.DataFrame]()
    for _, pair_rows_of_two_files in report_pair_rows.groupby(["file", "file_later"], sort=False):
        earlier_file = str(pair_rows_of_two_files["file"].iloc[0])
        later_file = str(pair_rows_of_two_files["file_later"].iloc[0])
        if earlier_file in replaces.get(later_file, ()):
            replacing_file_name_by_report |= {
                (earlier_file, number): later_file for number in pair_rows_of_two_files["number"]
            }
        elif later_file in replaces.get(earlier_file, ()):
            replacing_file_name_by_report |= {
                (later_file, number): earlier_file for number in pair_rows_of_two_files["number_later"]
            }
        elif not any(name in replaces and not replaces[name] for name in (earlier_file, later_file)):
            undecided_pair_tables.append(pair_rows_of_two_files)
    if undecided_pair_tables:
        raise InputRefused(_message(undecided_pair_tables, replaces, advice))
    return {
        file_name: report_number_series.map(
            lambda number, name=file_name: replacing_file_name_by_report.get((name, number), "")
        )
        for file_name, report_number_series in report_number_series_by_file.items()
    }


def _reports(name: str, table: pd.DataFrame, number: pd.Series) -> pd.DataFrame:
    """Return a file's reports: ``REPORT_COLUMNS`` (organisation folded), ``name``, ``number``, ``rows``, ``file``.

    The column ``name`` is the organisation as written; the parameters are the name of the file and the report number of
    each row. Reports with an empty cell in ``REPORT_COLUMNS`` are left out.
    """
    file_report_rows = table.loc[~number.duplicated(), REPORT_COLUMNS].astype("str").fillna("")
    report_row_count_array = np.bincount(number, table.get(ROW_COUNT_COLUMN, None)).astype("int64")
    file_report_rows = file_report_rows.assign(
        number=range(len(file_report_rows)),
        rows=report_row_count_array,
        file=name,
        name=file_report_rows[REPORT_COLUMNS[0]],
    )
    file_report_rows[REPORT_COLUMNS[0]] = file_report_rows[REPORT_COLUMNS[0]].map(fold)
    return file_report_rows[(file_report_rows[REPORT_COLUMNS] != "").all(axis="columns")]


def _message(undecided: Sequence[pd.DataFrame], replaces: Replaces, advice: str) -> str:
    """Return which files hold the same reports, and what to write so that one of each stands."""
    replaced_name_lists_by_file = {file_name: list(replaced_names) for file_name, replaced_names in replaces.items()}
    message_lines = list[str]()
    for shared_reports in undecided:
        earlier_file, later_file = shared_reports["file"].iloc[0], shared_reports["file_later"].iloc[0]
        report_months, rows = shared_reports["month"], shared_reports[["rows", "rows_later"]].sum()
        replaced_name_lists_by_file.setdefault(later_file, []).append(earlier_file)
        name_series_by_noun = {
            "organisations": shared_reports["name"],
            "countries": shared_reports["country"].map(lambda code: plan_lists().countries.get(code, code)),
            "sectors": shared_reports["sector"],
        }
        listed_names = "; ".join(
            _list_names([*name_text_series.unique()], kind_noun)
            for kind_noun, name_text_series in name_series_by_noun.items()
        )
        period = " to ".join(dict.fromkeys([report_months.min(), report_months.max()]))
        message_lines.append(
            f"{earlier_file} and {later_file} both hold {len(shared_reports):,} reports (an organisation's month in a "
            f"country and sector): {listed_names}; {period}; in {rows['rows']:,} rows of {earlier_file} and "
            f"{rows['rows_later']:,} rows of {later_file}"
        )
    decision = ", ".join(
        f"{file_name}: [{', '.join(replaced_names)}]"
        for file_name, replaced_names in replaced_name_lists_by_file.items()
    )
    both_count = advice.format(replaces=f"{undecided[-1]['file_later'].iloc[0]}: []")
    message_lines += [
        "One report comes from one file, or its people count twice. Take a file out, or say which one stands:",
        f"  {advice.format(replaces=decision)}",
        f"or, where both count, that it replaces none: {both_count}",
    ]
    return "\n".join(message_lines)


def _list_names(names: Sequence[str], kind: str) -> str:
    """Join the first ``MAX_NAMES_OF_KIND`` names with commas, and count the others."""
    remaining_count, listed = len(names) - MAX_NAMES_OF_KIND, ", ".join(names[:MAX_NAMES_OF_KIND])
    return f"{listed} and {remaining_count:,} more {kind}" if remaining_count > 0 else listed


def without_replaced(files: Mapping[str, Loaded], source: Source) -> list[Loaded]:
    """Return files of activities without the rows that ``replaces`` takes out, which stand in ``Loaded.replaced``.

    A single file is returned as it is. Raises ``InputRefused`` as ``find_replacing_files`` does.
    """
    if len(files) == 1:
        return [*files.values()]
    replacing_file_series_by_file = find_replacing_files(
        {file_name: loaded_file.table for file_name, loaded_file in files.items()}, source.replaces
    )
    return [
        _remove_replaced(loaded_file, file_name, replacing_file_series_by_file[file_name])
        for file_name, loaded_file in files.items()
    ]


def _remove_replaced(part: Loaded, name: str, stands: pd.Series) -> Loaded:
    """Return a file without its rows that another file replaces; a warning says of each such file how many they are.

    ``stands`` names, for each row, the file that replaces it; empty where the row itself stands.
    """
    replaced_rows, replacing_file_of_row = part.table[stands != ""], stands[stands != ""]
    if replaced_rows.empty:
        return part
    sums_of_replacing_files = (
        replaced_rows[[ROW_COUNT_COLUMN, "new_beneficiaries"]]
        .groupby(replacing_file_of_row)
        .sum()
        .itertuples(name=None)
    )
    warning_texts = [
        f"{count:,} rows, {people:,.0f} new beneficiaries: {REPLACED}{file}"
        for file, count, people in sums_of_replacing_files
    ]
    replaced_warnings = fault_rows(
        name, 1, "", "replaced_by_file", warning_texts, "one file for each report", severity=WARNING_SEVERITY
    )
    row_index_of_reports = replaced_rows.index.repeat(replaced_rows[ROW_COUNT_COLUMN])
    replaced_line_table = pd.DataFrame(
        {"file": name, "line": replaced_rows["source_line"], "reason": REPLACED + replacing_file_of_row}
    ).loc[row_index_of_reports]
    remaining_rows = part.table[stands == ""].reset_index(drop=True)
    categorical_column_table = remaining_rows.select_dtypes("category")
    remaining_rows[categorical_column_table.columns] = categorical_column_table.apply(
        lambda column: column.cat.remove_unused_categories()
    )
    return replace(
        part,
        table=remaining_rows,
        faults=pd.concat([part.faults, replaced_warnings], ignore_index=True),
        replaced=replaced_line_table.reset_index(drop=True),
        records={file: count - len(replaced_line_table) for file, count in part.records.items()},
    )
