"""One report comes from one file: finds the reports that several files of activities hold, and the rows that count."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.table import ROW_COUNT_COLUMN, WARNING_SEVERITY, Loaded, fault_rows
from rmrp_analysis.sources import SOURCES_FILE, Source
from rmrp_analysis.vocabulary import fold, plan_lists

REPORT_COLUMNS = ["appealing_organisation", "country", "sector", "month"]
"""The key of a report. A country may send a workbook for each sector, so month and country are not enough."""

MAX_NAMES_OF_KIND = 3
"""The most organisations, countries and sectors that are named if two files hold the same reports."""

REPLACED = "replaced by "
"""The beginning of the reason of a row that another file replaces."""

REPLACES_IN_SOURCES_TEMPLATE = f"`replaces: {{{{{{replaces}}}}}}` under `activities` in {SOURCES_FILE}"
"""The place in ``sources.yml`` that says which file replaces which."""
REPLACES_OPTION_TEMPLATE = '--replaces "{replaces}"'
"""The option that says which file replaces which."""

Replaces = Mapping[str, Sequence[str]]
"""For a file, the names of the files that it replaces. Empty if it counts next to the other files."""


def find_replacing_files(
    tables: Mapping[str, pd.DataFrame], replaces: Replaces, advice: str = REPLACES_IN_SOURCES_TEMPLATE
) -> dict[str, pd.Series]:
    """Return for each file a column with the file that replaces each row. Empty for a row that counts.

    ``tables`` have ``REPORT_COLUMNS``, the key of a report, whatever the spelling of the organisation. They may have
    ``rows``, the number of rows in the file. A report with an empty cell in ``REPORT_COLUMNS`` always counts. If
    ``replaces`` has an empty list (``[]``) for one of two files, the reports of both count. Raises ``InputRefused`` for
    reports in two files if ``replaces`` does not decide between them. ``advice`` says where to write ``{replaces}``.
    """
    numbers = {
        name: table.groupby(REPORT_COLUMNS, observed=True, dropna=False, sort=False).ngroup()
        for name, table in tables.items()
    }
    reports = pd.concat([_reports(name, table, numbers[name]) for name, table in tables.items()])
    shared = reports[reports.duplicated(REPORT_COLUMNS, keep=False)]
    shared = shared.assign(order=shared["file"].map([*tables].index))
    pairs = shared.merge(shared, on=REPORT_COLUMNS, suffixes=("", "_later")).query("order < order_later")
    replaced, undecided = dict[tuple[str, int], str](), list[pd.DataFrame]()
    for _, both in pairs.groupby(["file", "file_later"], sort=False):
        earlier = str(both["file"].iloc[0])
        later = str(both["file_later"].iloc[0])
        if earlier in replaces.get(later, ()):
            replaced |= {(earlier, number): later for number in both["number"]}
        elif later in replaces.get(earlier, ()):
            replaced |= {(later, number): earlier for number in both["number_later"]}
        elif not any(name in replaces and not replaces[name] for name in (earlier, later)):
            undecided.append(both)
    if undecided:
        raise InputRefused(_message(undecided, replaces, advice))
    return {
        name: column.map(lambda number, name=name: replaced.get((name, number), "")) for name, column in numbers.items()
    }


def _reports(name: str, table: pd.DataFrame, number: pd.Series) -> pd.DataFrame:
    """Return a file's reports: ``REPORT_COLUMNS`` (organisation folded), ``name``, ``number``, ``rows``, ``file``.

    The column ``name`` is the organisation as written. The parameters are the name of the file, and the report number
    of each row. Reports with an empty cell in ``REPORT_COLUMNS`` are left out.
    """
    reports = table.loc[~number.duplicated(), REPORT_COLUMNS].astype("str").fillna("")
    counts = np.bincount(number, table.get(ROW_COUNT_COLUMN, None)).astype("int64")
    reports = reports.assign(number=range(len(reports)), rows=counts, file=name, name=reports[REPORT_COLUMNS[0]])
    reports[REPORT_COLUMNS[0]] = reports[REPORT_COLUMNS[0]].map(fold)
    return reports[(reports[REPORT_COLUMNS] != "").all(axis="columns")]


def _message(undecided: Sequence[pd.DataFrame], replaces: Replaces, advice: str) -> str:
    """Return which files hold the same reports, and the line that makes each report count once."""
    proposed = {name: list(names) for name, names in replaces.items()}
    lines = list[str]()
    for both in undecided:
        earlier, later = both["file"].iloc[0], both["file_later"].iloc[0]
        months, rows = both["month"], both[["rows", "rows_later"]].sum()
        proposed.setdefault(later, []).append(earlier)
        reports = {
            "organisations": both["name"],
            "countries": both["country"].map(lambda code: plan_lists().countries.get(code, code)),
            "sectors": both["sector"],
        }
        listed = "; ".join(_list_names([*texts.unique()], kind) for kind, texts in reports.items())
        period = " to ".join(dict.fromkeys([months.min(), months.max()]))
        lines.append(
            f"{earlier} and {later} both hold {len(both):,} reports (an organisation's month in a "
            f"country and sector): {listed}; {period}; in {rows['rows']:,} rows of {earlier} and "
            f"{rows['rows_later']:,} rows of {later}"
        )
    decision = ", ".join(f"{name}: [{', '.join(names)}]" for name, names in proposed.items())
    example = advice.format(replaces=f"{undecided[-1]['file_later'].iloc[0]}: []")
    lines += [
        "One report comes from one file, or its people count twice. Take a file out, or say which one stands:",
        f"  {advice.format(replaces=decision)}",
        f"or, where both count, that it replaces none: {example}",
    ]
    return "\n".join(lines)


def _list_names(names: Sequence[str], kind: str) -> str:
    """Join the first ``MAX_NAMES_OF_KIND`` names with commas, and count the rest."""
    rest, listed = len(names) - MAX_NAMES_OF_KIND, ", ".join(names[:MAX_NAMES_OF_KIND])
    return f"{listed} and {rest:,} more {kind}" if rest > 0 else listed


def without_replaced(files: Mapping[str, Loaded], source: Source) -> list[Loaded]:
    """Return files of activities without replaced rows, which move to ``Loaded.replaced``.

    A single file is returned as it is. Raises ``InputRefused`` as ``find_replacing_files`` does.
    """
    if len(files) == 1:
        return [*files.values()]
    stands = find_replacing_files({name: part.table for name, part in files.items()}, source.replaces)
    return [_remove_replaced(part, name, stands[name]) for name, part in files.items()]


def _remove_replaced(part: Loaded, name: str, stands: pd.Series) -> Loaded:
    """Return a file without its replaced rows, with a warning that counts them for each replacing file.

    ``stands`` has the name of the file that replaces each row, or an empty text for a row that counts.
    """
    rows, replacing = part.table[stands != ""], stands[stands != ""]
    if rows.empty:
        return part
    sums = rows[[ROW_COUNT_COLUMN, "new_beneficiaries"]].groupby(replacing).sum().itertuples(name=None)
    messages = [f"{count:,} rows, {people:,.0f} new beneficiaries: {REPLACED}{file}" for file, count, people in sums]
    fault = fault_rows(name, 1, "", "replaced_by_file", messages, "one file for each report", severity=WARNING_SEVERITY)
    repeated = rows.index.repeat(rows[ROW_COUNT_COLUMN])
    replaced = pd.DataFrame({"file": name, "line": rows["source_line"], "reason": REPLACED + replacing}).loc[repeated]
    table = part.table[stands == ""].reset_index(drop=True)
    texts = table.select_dtypes("category")
    table[texts.columns] = texts.apply(lambda column: column.cat.remove_unused_categories())
    return replace(
        part,
        table=table,
        faults=pd.concat([part.faults, fault], ignore_index=True),
        replaced=replaced.reset_index(drop=True),
        records={file: count - len(replaced) for file, count in part.records.items()},
    )
