"""Corrections by hand: the files of activities are read again with other texts in the cells that a person corrected.

Each row of the data folder's corrections names one cell of a row, used or refused. The files stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.errors import InputRefused, did_you_mean
from rmrp_analysis.loaders.joins import join_activities
from rmrp_analysis.loaders.overlap import REPLACED, without_replaced
from rmrp_analysis.loaders.refused import list_refused_activities
from rmrp_analysis.loaders.table import (
    ROW_COUNT_COLUMN,
    Loaded,
    Way,
    describe_allowed,
    merge,
    parse_cells,
    values,
    ways_written,
)
from rmrp_analysis.loaders.texts import Texts
from rmrp_analysis.plan import CHANGE_COLUMNS, Plan
from rmrp_analysis.quality.columns import as_text, mend_texts
from rmrp_analysis.quality.sent_files import SentFile, read_sent_files
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import fold

CORRECTABLE_COLUMNS = tuple(Activities.source_columns)
"""Columns of activities that a correction may change: those that are read from files."""
HAND_CORRECTION_RULE, MEND_ACCENTS_RULE = "correction", "mend_accents"
"""What the log names as the rule of a change: a correction by hand, or mended accents."""
REFUSED_ROW_COLUMNS = ["file", "line", "reason"]
"""The columns that loaders put before the cells of a refused row."""

Line = Mapping[Any, Any]
"""A line of the corrections."""

Change = dict[str, Any]
"""A line of the log: a cell (file, line, and the column of activities, or its header where it is of none), and how."""


def apply_corrections(plan: Plan, *, mend_accents: bool) -> Plan:
    """Return the plan after the corrections of its data folder, in the order of their lines; ``changes`` logs them.

    With ``mend_accents``, refused rows that become readable once their accents are mended are used, too. Raises
    ``InputRefused``, which names every correction that is wrong or matches no cell any more.
    """
    corrected_plan = plan
    needs_sent_files = "corrections" in plan.references or (mend_accents and "activities" in plan.refused)
    files_sent = read_sent_files(plan) if needs_sent_files else {}
    log = _read_corrections(plan, files_sent) if "corrections" in plan.references else []
    if log:
        corrected_plan = _read_corrected(plan, files_sent, log)
    if (
        mend_accents
        and "activities" in corrected_plan.refused
        and (mended_cells := _mend_refused_rows(corrected_plan, files_sent, log))
    ):
        corrected_plan = _read_corrected(plan, files_sent, log + mended_cells)
    return corrected_plan


def _read_corrections(plan: Plan, sent: Mapping[str, SentFile]) -> list[Change]:
    """Return the changes of the corrections in the data folder. Raises ``InputRefused`` with all faults."""
    unreadable = plan.refused.get("corrections")
    if unreadable is not None:
        reasons = zip(unreadable["file"], unreadable["line"], unreadable["reason"], strict=True)
        raise InputRefused("\n".join(f"{file}:{line}: {reason}" for file, line, reason in reasons))
    lines = plan.references["corrections"].to_dict("records")
    checks_old_value = any(line["old_value"] for line in lines)
    log: list[Change] = []
    texts: dict[tuple[str, int, str], str] = {}
    faults = []
    for line in lines:
        change = _find_fault(line, plan.year.year) or _find_change(
            line, plan, sent, texts, checks_old_value=checks_old_value
        )
        if isinstance(change, str):
            faults.append(f"{line['source_file']}:{line['source_line']}: {change}")
        else:
            log.append(change)
            texts[change["file"], change["line"], change["column"]] = change["after"]
    if faults:
        raise InputRefused("\n".join(faults))
    return log


def _mend_refused_rows(plan: Plan, sent: Mapping[str, SentFile], by_hand: Sequence[Change]) -> list[Change]:
    """Return the changes by mending accents in refused rows that become readable by it.

    The corrections ``by_hand`` are made first. Rows of files that another file replaces are left out.
    """
    log: list[Change] = []
    refused_rows = plan.refused["activities"]
    for name, refused in refused_rows[~refused_rows["reason"].str.startswith(REPLACED)].groupby("file", sort=False):
        file = sent[str(name)]
        rows = _replace_texts(file, plan, by_hand).table.loc[refused["line"]].astype("str")
        mended_texts = rows.apply(mend_texts)
        part, year = Texts(mended_texts.astype("category")), plan.year.year
        reading = plan.sources["activities"]
        loaded = values(
            part, file.path, Activities, year=year, ways=_notations(file, plan), reading=reading, in_part=True
        )
        used_lines = loaded.table["source_line"]
        columns = {header: column for column, header in file.headers.items()}
        for header in map(str, mended_texts):
            texts_before, texts_after = (rows[header].to_dict(), mended_texts[header].to_dict())
            for line in [line for line in map(int, used_lines) if texts_before[line] != texts_after[line]]:
                place = (str(name), line, columns.get(header, header))
                cell = (*place, texts_before[line], texts_after[line], MEND_ACCENTS_RULE, "", "", "")
                log.append(dict(zip(CHANGE_COLUMNS, cell, strict=True)))
    return log


def _key(line: Line) -> dict[str, str]:
    """Return the text of each column by which a correction names its row (``key``); empty where it has no key."""
    parts = (part.partition("=") for part in line["key"].split(";") if part.strip())
    return {name.strip(): content.strip() for name, _, content in parts}


def _find_fault(line: Line, year: int) -> str:
    """Return what is wrong with a correction, whatever the activities are; empty where nothing is.

    Wrong are: a row named in both ways or in none, an unknown column, a new value that the column does not allow.
    """
    key, column = _key(line), line["corrected_column"]
    if (line["file"] != "" and not pd.isna(line["line"])) == bool(key):
        return "name the row by file and line, or by its key"
    unknown = [name for name in (column, *key) if name not in CORRECTABLE_COLUMNS]
    if unknown:
        unknown_column_name = unknown[0]
        return f"there is no column '{unknown_column_name}'; {did_you_mean(unknown_column_name, CORRECTABLE_COLUMNS)}"
    if not _parse(column, line["new_value"], year)[1]:
        column_type = Activities.columns[column]
        return f"'{line['new_value']}' cannot stand in {column}; allowed: {describe_allowed(column_type)}"
    return ""


def _parse(column: str, text: str, year: int) -> tuple[Any, bool]:
    """Parse a text as a cell of the column; return its value and whether the column allows it."""
    cells, refused = parse_cells(pd.Series([text], dtype="str"), column, Activities, year=year)
    return cells.iloc[0], not bool(refused.iloc[0])


def _find_change(
    line: Line, plan: Plan, sent: Mapping[str, SentFile], texts: Mapping[Any, str], *, checks_old_value: bool
) -> str | Change:
    """Return the change of one correction, or a sentence that says why it changes nothing.

    ``texts`` are the cells that corrections before it changed. With ``checks_old_value``, the cell must hold the
    correction's ``old_value``.
    """
    column, year, new_value = line["corrected_column"], plan.year.year, line["new_value"]
    used = _find_rows(line, plan.activities, year)
    if len(used) > 1:
        return f"the key fits {len(used)} rows; it must be one row's alone"
    refused = plan.refused.get("activities", pd.DataFrame(columns=REFUSED_ROW_COLUMNS))
    if len(used):
        place = (str(used["source_file"].iloc[0]), int(used["source_line"].iloc[0]), column)
        old_cell_value = _parse(column, texts[place], year)[0] if place in texts else used[column].iloc[0]
    elif ((refused["file"] == line["file"]) & (refused["line"] == line["line"])).any():
        place = line["file"], int(line["line"]), column
        file = sent[line["file"]]
        if column not in file.headers:
            return f"{line['file']} has no column {column}"
        old_cell_value = texts.get(place, file.column(column)[place[1]])
    else:
        row_phrase = "this key" if _key(line) else f"line {line['line']:.0f} of {line['file']}"
        return f"no longer matches: there is no row with {row_phrase}"
    old_cell_text = as_text(pd.Series([old_cell_value])).iloc[0]
    if checks_old_value and not _is_same(old_cell_value, line["old_value"], column, year):
        return f"no longer matches: {column} holds '{old_cell_text}', not '{line['old_value']}'"
    if _is_same(old_cell_value, new_value, column, year):
        return f"{column} already holds '{old_cell_text}'; take the line out"
    cell = (*place, old_cell_text, new_value, HAND_CORRECTION_RULE, line["reason"], line["by"], line["date"])
    return dict(zip(CHANGE_COLUMNS, cell, strict=True))


def _find_rows(line: Line, activities: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the activities that a correction names: by its key, else by ``source_file`` and ``source_line``.

    Texts of a key are compared by ``fold``. Columns: those of ``activities``.
    """
    is_meant = (activities["source_file"] == line["file"]) & (activities["source_line"] == line["line"])
    if key := _key(line):
        is_meant = pd.Series(data=True, index=activities.index)
    for column, text in key.items():
        expected, cells = _parse(column, text, year)[0], activities[column]
        if pd.api.types.is_float_dtype(cells):
            is_meant &= cells == expected
        else:
            is_meant &= cells.isin([cell for cell in cells.unique() if fold(str(cell)) == fold(str(expected))])
    rows: pd.DataFrame = activities[is_meant]
    return rows


def _is_same(cell: Any, text: str, column: str, year: int) -> bool:
    """Return whether a cell is what a text means in its column; an empty cell is an empty text."""
    if pd.isna(cell) or cell == "":
        return text == ""
    expected = _parse(column, text, year)[0]
    return bool(cell == text or (not pd.isna(expected) and cell == expected))


def _read_corrected(plan: Plan, sent: Mapping[str, SentFile], log: Sequence[Change]) -> Plan:
    """Return the plan with its activities read again from the files with these changes, and joined again.

    Refused rows, faults, joins and the counts of ``inputs`` are renewed; ``changes`` is ``log``.
    """
    year, parts = plan.year.year, dict[str, Loaded]()
    for name, sent_file in sent.items():
        texts, reading = _replace_texts(sent_file, plan, log), plan.sources["activities"]
        part = values(texts, sent_file.path, Activities, year=year, ways=_notations(sent_file, plan), reading=reading)
        for change in log:
            column = change["column"]
            if change["rule"] == HAND_CORRECTION_RULE and change["file"] == name and not _is_read(column, plan):
                of_line = part.table["source_line"] == change["line"]
                part.table.loc[of_line, column] = _parse(column, change["after"], year)[0]
        parts[name] = replace(part, table=part.table.assign(**{ROW_COUNT_COLUMN: 1}))
    loaded = merge(without_replaced(parts, plan.sources["activities"]))
    lists = plan.references
    indicators, admin1 = lists["indicators"], lists.get("admin1")
    activities, joins = join_activities(loaded.table, indicators, admin1, year=plan.year)
    refused_of_other_tables = {name: table for name, table in plan.refused.items() if name != "activities"}
    rows_refused = loaded.not_used["file"].value_counts()
    inputs = (
        replace(file, rows=loaded.count_used(file.path.name), rows_refused=int(rows_refused.get(file.path.name, 0)))
        if file.name == "activities"
        else file
        for file in plan.inputs
    )
    return replace(
        plan,
        activities=activities,
        refused_activities=list_refused_activities(loaded, activities, indicators, admin1, year=plan.year),
        joins=joins,
        inputs=tuple(inputs),
        refused=refused_of_other_tables | ({"activities": loaded.not_used} if len(loaded.not_used) else {}),
        faults=pd.concat(
            [plan.faults[plan.faults["input"] != "activities"], loaded.faults.assign(input="activities")],
            ignore_index=True,
        ),
        changes=pd.DataFrame(log, columns=list(CHANGE_COLUMNS)),
    )


def _notations(file: SentFile, plan: Plan) -> Mapping[str, Way]:
    """Return the notation of numbers and dates of each column of a file, as it was sent."""
    return ways_written([file.texts], file.path, Activities, year=plan.year.year, reading=plan.sources["activities"])


def _is_read(column: str, plan: Plan) -> bool:
    """Return whether a column is read from the files of the plan year (optional ones always are), not derived."""
    return column not in plan.year.columns_not_reported or Activities.columns[column].optional


def _replace_texts(file: SentFile, plan: Plan, log: Sequence[Change]) -> Texts:
    """Return the texts of a file with these changes; those of corrections are read whatever the column's notation.

    Changes of other files, or of columns that are not read, are left out. The file stays as it is.
    """
    table, decimals = file.texts.table.copy(), dict(file.texts.decimals)
    cells: dict[str, dict[int, str]] = {}
    for change in log:
        line, column, text = change["line"], change["column"], change["after"]
        if change["file"] != file.path.name or not (column not in Activities.columns or _is_read(column, plan)):
            continue
        declared_headers = Activities.columns[column].headers if column in Activities.columns else ()
        header = file.headers.get(column) or next(iter(declared_headers), column)
        if change["rule"] == HAND_CORRECTION_RULE:
            kind = Activities.columns[column].kind
            typed = decimals.get(header, np.array([], dtype="int64"))
            if text and kind in ("number", "month"):
                text = str(_parse(column, text, plan.year.year)[0])
            decimals[header] = (np.union1d if text and kind == "number" else np.setdiff1d)(typed, [line])
        cells.setdefault(header, {})[line] = text
    for header, texts in cells.items():
        of_column = table[header].astype("str") if header in table else pd.Series("", table.index, dtype="str")
        of_column.update(pd.Series(texts, dtype="str"))
        table[header] = of_column.astype("category")
    return replace(file.texts, table=table, decimals=decimals)
