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
    numbers = {
        name: table.groupby(REPORT_COLUMNS, observed=True, dropna=False, sort=False).ngroup()
        for name, table in tables.items()
    }
    reports = pd.concat([_reports(name, table, numbers[name]) for name, table in tables.items()])
    shared = reports[reports.duplicated(REPORT_COLUMNS, keep=False)].assign(
        order=lambda rows: rows["file"].map([*tables].index)
    )
    pairs = shared.merge(shared, on=REPORT_COLUMNS, suffixes=("", "_later")).query("order < order_later")
    replaced, undecided = dict[tuple[str, int], str](), list[pd.DataFrame]()
    for _, shared_by_two in pairs.groupby(["file", "file_later"], sort=False):
        earlier_file = str(shared_by_two["file"].iloc[0])
        later_file = str(shared_by_two["file_later"].iloc[0])
        if earlier_file in replaces.get(later_file, ()):
            replaced |= {(earlier_file, number): later_file for number in shared_by_two["number"]}
        elif later_file in replaces.get(earlier_file, ()):
            replaced |= {(later_file, number): earlier_file for number in shared_by_two["number_later"]}
        elif not any(name in replaces and not replaces[name] for name in (earlier_file, later_file)):
            undecided.append(shared_by_two)
    if undecided:
        raise InputRefused(_message(undecided, replaces, advice))
    return {
        file_name: report_number_series.map(lambda number, name=file_name: replaced.get((name, number), ""))
        for file_name, report_number_series in numbers.items()
    }


def _reports(name: str, table: pd.DataFrame, number: pd.Series) -> pd.DataFrame:
    """Return a file's reports: ``REPORT_COLUMNS`` (organisation folded), ``name``, ``number``, ``rows``, ``file``.

    The column ``name`` is the organisation as written; the parameters are the name of the file and the report number of
    each row. Reports with an empty cell in ``REPORT_COLUMNS`` are left out.
    """
    reports = table.loc[~number.duplicated(), REPORT_COLUMNS].astype("str").fillna("")
    counts = np.bincount(number, table.get(ROW_COUNT_COLUMN, None)).astype("int64")
    reports = reports.assign(number=range(len(reports)), rows=counts, file=name, name=reports[REPORT_COLUMNS[0]])
    reports[REPORT_COLUMNS[0]] = reports[REPORT_COLUMNS[0]].map(fold)
    return reports[(reports[REPORT_COLUMNS] != "").all(axis="columns")]


def _message(undecided: Sequence[pd.DataFrame], replaces: Replaces, advice: str) -> str:
    """Return which files hold the same reports, and what to write so that one of each stands."""
    proposed = {name: list(names) for name, names in replaces.items()}
    lines = list[str]()
    for both in undecided:
        first, later = both["file"].iloc[0], both["file_later"].iloc[0]
        report_months, rows = both["month"], both[["rows", "rows_later"]].sum()
        proposed.setdefault(later, []).append(first)
        reports = {
            "organisations": both["name"],
            "countries": both["country"].map(lambda code: plan_lists().countries.get(code, code)),
            "sectors": both["sector"],
        }
        listed_names = "; ".join(_list_names([*texts.unique()], kind) for kind, texts in reports.items())
        period = " to ".join(dict.fromkeys([report_months.min(), report_months.max()]))
        lines.append(
            f"{first} and {later} both hold {len(both):,} reports (an organisation's month in a "
            f"country and sector): {listed_names}; {period}; in {rows['rows']:,} rows of {first} and "
            f"{rows['rows_later']:,} rows of {later}"
        )
    decision = ", ".join(f"{name}: [{', '.join(names)}]" for name, names in proposed.items())
    both_count = advice.format(replaces=f"{undecided[-1]['file_later'].iloc[0]}: []")
    lines += [
        "One report comes from one file, or its people count twice. Take a file out, or say which one stands:",
        f"  {advice.format(replaces=decision)}",
        f"or, where both count, that it replaces none: {both_count}",
    ]
    return "\n".join(lines)


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
    stands = find_replacing_files({name: part.table for name, part in files.items()}, source.replaces)
    return [_remove_replaced(part, name, stands[name]) for name, part in files.items()]


def _remove_replaced(part: Loaded, name: str, stands: pd.Series) -> Loaded:
    """Return a file without its rows that another file replaces; a warning says of each such file how many they are.

    ``stands`` names, for each row, the file that replaces it; empty where the row itself stands.
    """
    rows, replaced_by = part.table[stands != ""], stands[stands != ""]
    if rows.empty:
        return part
    sums = rows[[ROW_COUNT_COLUMN, "new_beneficiaries"]].groupby(replaced_by).sum().itertuples(name=None)
    messages = [f"{count:,} rows, {people:,.0f} new beneficiaries: {REPLACED}{file}" for file, count, people in sums]
    fault = fault_rows(name, 1, "", "replaced_by_file", messages, "one file for each report", severity=WARNING_SEVERITY)
    each_row = rows.index.repeat(rows[ROW_COUNT_COLUMN])
    replaced = pd.DataFrame({"file": name, "line": rows["source_line"], "reason": REPLACED + replaced_by}).loc[each_row]
    table = part.table[stands == ""].reset_index(drop=True)
    text_columns = table.select_dtypes("category")
    table[text_columns.columns] = text_columns.apply(lambda column: column.cat.remove_unused_categories())
    return replace(
        part,
        table=table,
        faults=pd.concat([part.faults, fault], ignore_index=True),
        replaced=replaced.reset_index(drop=True),
        records={file: count - len(replaced) for file, count in part.records.items()},
    )
