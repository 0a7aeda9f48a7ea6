"""Corrections by hand: read the files of activities again, with other texts in the cells that a person corrected.

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
"""Columns of activities that a correction may change: all that are read from files."""
HAND_CORRECTION_RULE, MEND_ACCENTS_RULE = "correction", "mend_accents"
"""The rule of a change in the log: a correction by hand, or mended accents."""
REFUSED_ROW_COLUMNS = ["file", "line", "reason"]
"""The columns that loaders put before the cells of a refused row."""

Line = Mapping[Any, Any]
"""A line of the corrections."""

Change = dict[str, Any]
"""A line of the log: file, line, column of activities (or the header of any other column), and the change."""


def apply_corrections(plan: Plan, *, mend_accents: bool) -> Plan:
    """Return the plan after the corrections of its data folder, in the order of their lines.

    ``changes`` logs them. With ``mend_accents``, a refused row is used, too, if it can be read with its accents mended.
    Raises ``InputRefused``, which names every correction that is wrong or matches no cell any more.
    """
    corrected = plan
    has_corrections = "corrections" in plan.references
    needs_files = has_corrections or (mend_accents and "activities" in plan.refused)
    files = read_sent_files(plan) if needs_files else {}
    log = _read_corrections(plan, files) if has_corrections else []
    if log:
        corrected = _read_corrected(plan, files, log)
    if mend_accents and "activities" in corrected.refused and (mended := _mend_refused_rows(corrected, files, log)):
        corrected = _read_corrected(plan, files, log + mended)
    return corrected


def _read_corrections(plan: Plan, sent: Mapping[str, SentFile]) -> list[Change]:
    """Return the changes of the corrections. Raise ``InputRefused`` with all their faults."""
    refused = plan.refused.get("corrections")
    if refused is not None:
        reasons = zip(refused["file"], refused["line"], refused["reason"], strict=True)
        raise InputRefused("\n".join(f"{file}:{line}: {reason}" for file, line, reason in reasons))
    lines = plan.references["corrections"].to_dict("records")
    has_old = any(line["old_value"] for line in lines)
    log: list[Change] = []
    texts: dict[tuple[str, int, str], str] = {}
    faults = []
    for line in lines:
        change = _find_fault(line, plan.year.year) or _find_change(line, plan, sent, texts, checks_old_value=has_old)
        if isinstance(change, str):
            faults.append(f"{line['source_file']}:{line['source_line']}: {change}")
        else:
            log.append(change)
            texts[change["file"], change["line"], change["column"]] = change["after"]
    if faults:
        raise InputRefused("\n".join(faults))
    return log


def _mend_refused_rows(plan: Plan, sent: Mapping[str, SentFile], by_hand: Sequence[Change]) -> list[Change]:
    """Return the changes that mend accents in refused rows, if the row can be read then.

    The corrections ``by_hand`` are made first. Rows of files that another file replaces are left out.
    """
    log: list[Change] = []
    refused, reading = plan.refused["activities"], plan.sources["activities"]
    for name, group in refused[~refused["reason"].str.startswith(REPLACED)].groupby("file", sort=False):
        file = sent[str(name)]
        rows = _replace_texts(file, plan, by_hand).table.loc[group["line"]].astype("str")
        mended = rows.apply(mend_texts)
        texts, year, ways = Texts(mended.astype("category")), plan.year.year, _notations(file, plan)
        loaded = values(texts, file.path, Activities, year=year, ways=ways, reading=reading, in_part=True)
        columns = {header: column for column, header in file.headers.items()}
        for header in map(str, mended):
            old, new = rows[header].to_dict(), mended[header].to_dict()
            for line in map(int, loaded.table["source_line"]):
                if old[line] != new[line]:
                    place = (str(name), line, columns.get(header, header))
                    cell = (*place, old[line], new[line], MEND_ACCENTS_RULE, "", "", "")
                    log.append(dict(zip(CHANGE_COLUMNS, cell, strict=True)))
    return log


def _key(line: Line) -> dict[str, str]:
    """Return the ``key`` of a correction, a text by column. Empty without a key."""
    parts = (part.partition("=") for part in line["key"].split(";") if part.strip())
    return {name.strip(): content.strip() for name, _, content in parts}


def _find_fault(line: Line, year: int) -> str:
    """Return the fault of a correction, whatever the activities are. Empty without a fault.

    Faults are a row that is named in both ways or not at all, an unknown column, and a value that the column does not
    allow.
    """
    key, column = _key(line), line["corrected_column"]
    if (line["file"] != "" and not pd.isna(line["line"])) == bool(key):
        return "name the row by file and line, or by its key"
    unknown = [name for name in (column, *key) if name not in CORRECTABLE_COLUMNS]
    if unknown:
        name = unknown[0]
        return f"there is no column '{name}'; {did_you_mean(name, CORRECTABLE_COLUMNS)}"
    if not _parse(column, line["new_value"], year)[1]:
        declared = Activities.columns[column]
        return f"'{line['new_value']}' cannot stand in {column}; allowed: {describe_allowed(declared)}"
    return ""


def _parse(column: str, text: str, year: int) -> tuple[Any, bool]:
    """Parse a text as a cell of a column. Return its value and whether the column allows it."""
    cells, refused = parse_cells(pd.Series([text], dtype="str"), column, Activities, year=year)
    return cells.iloc[0], not bool(refused.iloc[0])


def _find_change(
    line: Line, plan: Plan, sent: Mapping[str, SentFile], texts: Mapping[Any, str], *, checks_old_value: bool
) -> str | Change:
    """Return the change of one correction, or a sentence that says why it changes nothing.

    ``texts`` are the cells that earlier corrections changed. With ``checks_old_value``, the cell must hold the
    correction's ``old_value``.
    """
    column, year, new = line["corrected_column"], plan.year.year, line["new_value"]
    matches = _find_rows(line, plan.activities, year)
    if len(matches) > 1:
        return f"the key fits {len(matches)} rows; it must be one row's alone"
    refused = plan.refused.get("activities", pd.DataFrame(columns=REFUSED_ROW_COLUMNS))
    if len(matches):
        place = (str(matches["source_file"].iloc[0]), int(matches["source_line"].iloc[0]), column)
        old = _parse(column, texts[place], year)[0] if place in texts else matches[column].iloc[0]
    elif ((refused["file"] == line["file"]) & (refused["line"] == line["line"])).any():
        place = line["file"], int(line["line"]), column
        file = sent[line["file"]]
        if column not in file.headers:
            return f"{line['file']} has no column {column}"
        old = texts.get(place, file.column(column)[place[1]])
    else:
        row = "this key" if _key(line) else f"line {line['line']:.0f} of {line['file']}"
        return f"no longer matches: there is no row with {row}"
    text = as_text(pd.Series([old])).iloc[0]
    if checks_old_value and not _is_same(old, line["old_value"], column, year):
        return f"no longer matches: {column} holds '{text}', not '{line['old_value']}'"
    if _is_same(old, new, column, year):
        return f"{column} already holds '{text}'; take the line out"
    cell = (*place, text, new, HAND_CORRECTION_RULE, line["reason"], line["by"], line["date"])
    return dict(zip(CHANGE_COLUMNS, cell, strict=True))


def _find_rows(line: Line, activities: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the activities that a correction names, by its key (compared by ``fold``) or by file and line."""
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
    """Return whether a text means this cell of a column. An empty text means an empty cell."""
    if pd.isna(cell) or cell == "":
        return text == ""
    expected = _parse(column, text, year)[0]
    return bool(cell == text or (not pd.isna(expected) and cell == expected))


def _read_corrected(plan: Plan, sent: Mapping[str, SentFile], log: Sequence[Change]) -> Plan:
    """Return the plan with its activities read again with these changes, and joined again.

    Refused rows, faults, joins and the counts of ``inputs`` are renewed. ``changes`` is ``log``.
    """
    year, reading, parts = plan.year.year, plan.sources["activities"], dict[str, Loaded]()
    for name, file in sent.items():
        texts = _replace_texts(file, plan, log)
        part = values(texts, file.path, Activities, year=year, ways=_notations(file, plan), reading=reading)
        for change in log:
            column = change["column"]
            if change["rule"] == HAND_CORRECTION_RULE and change["file"] == name and not _is_read(column, plan):
                is_line = part.table["source_line"] == change["line"]
                part.table.loc[is_line, column] = _parse(column, change["after"], year)[0]
        parts[name] = replace(part, table=part.table.assign(**{ROW_COUNT_COLUMN: 1}))
    loaded = merge(without_replaced(parts, reading))
    indicators, admin1 = plan.references["indicators"], plan.references.get("admin1")
    activities, joins = join_activities(loaded.table, indicators, admin1, year=plan.year)
    refused = {name: table for name, table in plan.refused.items() if name != "activities"}
    if len(loaded.not_used):
        refused["activities"] = loaded.not_used
    counts = loaded.not_used["file"].value_counts()
    inputs = (
        replace(item, rows=loaded.count_used(item.path.name), rows_refused=int(counts.get(item.path.name, 0)))
        if item.name == "activities"
        else item
        for item in plan.inputs
    )
    faults = [plan.faults[plan.faults["input"] != "activities"], loaded.faults.assign(input="activities")]
    return replace(
        plan,
        activities=activities,
        refused_activities=list_refused_activities(loaded, activities, indicators, admin1, year=plan.year),
        joins=joins,
        inputs=tuple(inputs),
        refused=refused,
        faults=pd.concat(faults, ignore_index=True),
        changes=pd.DataFrame(log, columns=list(CHANGE_COLUMNS)),
    )


def _notations(file: SentFile, plan: Plan) -> Mapping[str, Way]:
    """Return how a sent file writes the numbers and dates of each column."""
    return ways_written([file.texts], file.path, Activities, year=plan.year.year, reading=plan.sources["activities"])


def _is_read(column: str, plan: Plan) -> bool:
    """Return whether a column is read from the files of the plan year. Optional columns always are."""
    return column not in plan.year.columns_not_reported or Activities.columns[column].optional


def _replace_texts(file: SentFile, plan: Plan, log: Sequence[Change]) -> Texts:
    """Return the texts of a file with these changes. Corrections are read whatever the column's notation.

    Changes of other files, and of columns that are not read, are left out.
    """
    table, decimals = file.texts.table.copy(), dict(file.texts.decimals)
    cells: dict[str, dict[int, str]] = {}
    for change in log:
        line, column, text = change["line"], change["column"], change["after"]
        is_ours = column in Activities.columns
        if change["file"] != file.path.name or (is_ours and not _is_read(column, plan)):
            continue
        header = file.headers.get(column) or (Activities.columns[column].headers[0] if is_ours else column)
        if change["rule"] == HAND_CORRECTION_RULE:
            kind = Activities.columns[column].kind
            typed = decimals.get(header, np.array([], dtype="int64"))
            if text and kind in ("number", "month"):
                text = str(_parse(column, text, plan.year.year)[0])
            decimals[header] = (np.union1d if text and kind == "number" else np.setdiff1d)(typed, [line])
        cells.setdefault(header, {})[line] = text
    for header, texts in cells.items():
        merged = table[header].astype("str") if header in table else pd.Series("", table.index, dtype="str")
        merged.update(pd.Series(texts, dtype="str"))
        table[header] = merged.astype("category")
    return replace(file.texts, table=table, decimals=decimals)
