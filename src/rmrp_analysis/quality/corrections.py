"""Corrections of texts as they were sent: the files of activities are read again with the texts that should be there.

A line of the data folder's corrections means one cell of a row, used or refused. Files stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.errors import InputRefused, did_you_mean
from rmrp_analysis.loaders.joins import join_activities
from rmrp_analysis.loaders.overlap import REPLACED, without_replaced
from rmrp_analysis.loaders.refused import refused_activities
from rmrp_analysis.loaders.table import ROWS, Loaded, Way, allowed_in_words, merge, parsed_cells, values, ways_written
from rmrp_analysis.loaders.texts import Texts
from rmrp_analysis.plan import CHANGE_COLUMNS, Plan
from rmrp_analysis.quality.columns import as_text, mended
from rmrp_analysis.quality.sent import SentFile, sent_files
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import fold

CORRECTABLE = tuple(Activities.source_columns)
BY_HAND, MEND_ACCENTS = "correction", "mend_accents"
CORRECTION_COLUMNS = ["file", "line", "reason"]
"""The columns that loaders put before the cells of a refused row."""

Line = Mapping[Any, Any]
"""A line of the corrections."""

Change = dict[str, Any]
"""A line of the log: a cell (file, line, and the column of activities, or its header where it is of none), and how."""


def put_right(plan: Plan, *, mend_accents: bool) -> Plan:
    """The plan with the corrections of its data folder made, in the order of their lines, and with their log.

    With ``mend_accents`` the refused rows are used, too, that can be once their accents are mended. Raises
    ``InputRefused`` that names every correction that is wrong or matches no cell any more.
    """
    after = plan
    sent = (
        sent_files(plan) if "corrections" in plan.references or (mend_accents and "activities" in plan.refused) else {}
    )
    log = _by_hand(plan, sent) if "corrections" in plan.references else []
    if log:
        after = _read_again(plan, sent, log)
    if mend_accents and "activities" in after.refused and (more := _mended(after, sent, log)):
        after = _read_again(plan, sent, log + more)
    return after


def _by_hand(plan: Plan, sent: Mapping[str, SentFile]) -> list[Change]:
    """What the corrections of the data folder change."""
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
        change = _wrong(line) or _change(line, plan, sent, texts, checks_old_value=checks_old_value)
        if isinstance(change, str):
            faults.append(f"{line['source_file']}:{line['source_line']}: {change}")
        else:
            log.append(change)
            texts[change["file"], change["line"], change["column"]] = change["after"]
    if faults:
        raise InputRefused("\n".join(faults))
    return log


def _mended(plan: Plan, sent: Mapping[str, SentFile], by_hand: Sequence[Change]) -> list[Change]:
    """What mending changes in the refused rows that can be used then."""
    log: list[Change] = []
    refused_rows = plan.refused["activities"]
    for name, refused in refused_rows[~refused_rows["reason"].str.startswith(REPLACED)].groupby("file", sort=False):
        file = sent[str(name)]
        rows = _with_texts(file, plan, by_hand).table.loc[refused["line"]].astype("str")
        right = rows.apply(mended)
        part, year = Texts(right.astype("category")), plan.year.year
        reading = plan.sources["activities"]
        loaded = values(part, file.path, Activities, year=year, ways=_ways(file, plan), reading=reading, in_part=True)
        used = loaded.table["source_line"]
        columns = {header: column for column, header in file.headers.items()}
        for header in map(str, right):
            before, after = rows[header].to_dict(), right[header].to_dict()
            for line in [line for line in map(int, used) if before[line] != after[line]]:
                place = (str(name), line, columns.get(header, header))
                cell = (*place, before[line], after[line], MEND_ACCENTS, "", "", "")
                log.append(dict(zip(CHANGE_COLUMNS, cell, strict=True)))
    return log


def _key(line: Line) -> dict[str, str]:
    parts = (part.partition("=") for part in line["key"].split(";") if part.strip())
    return {name.strip(): content.strip() for name, _, content in parts}


def _wrong(line: Line) -> str:
    """What is wrong with a line, whatever the activities hold; empty when nothing is."""
    key, column = _key(line), line["corrected_column"]
    if (line["file"] != "" and not pd.isna(line["line"])) == bool(key):
        return "name the row by file and line, or by its key"
    unknown = [name for name in (column, *key) if name not in CORRECTABLE]
    if unknown:
        return f"there is no column '{unknown[0]}'; {did_you_mean(unknown[0], CORRECTABLE)}"
    if not _parsed(column, line["new_value"])[1]:
        return (
            f"'{line['new_value']}' cannot stand in {column}; allowed: {allowed_in_words(Activities.columns[column])}"
        )
    return ""


def _parsed(column: str, text: str, year: int = 2000) -> tuple[Any, bool]:
    """A text as a cell of the column holds it, and whether it may stand there."""
    cells, refused = parsed_cells(pd.Series([text], dtype="str"), column, Activities, year=year)
    return cells.iloc[0], not bool(refused.iloc[0])


def _change(
    line: Line, plan: Plan, sent: Mapping[str, SentFile], texts: Mapping[Any, str], *, checks_old_value: bool
) -> str | Change:
    """The change that a line makes, after those before it; what is wrong where it makes none."""
    column, year, new_value = line["corrected_column"], plan.year.year, line["new_value"]
    used = _rows_meant(line, plan.activities)
    if len(used) > 1:
        return f"the key fits {len(used)} rows; it must be one row's alone"
    refused = plan.refused.get("activities", pd.DataFrame(columns=CORRECTION_COLUMNS))
    if len(used):
        place = str(used["source_file"].iloc[0]), int(used["source_line"].iloc[0]), column
        held = _parsed(column, texts[place], year)[0] if place in texts else used[column].iloc[0]
    elif ((refused["file"] == line["file"]) & (refused["line"] == line["line"])).any():
        place = line["file"], int(line["line"]), column
        file = sent[line["file"]]
        if column not in file.headers:
            return f"{line['file']} has no column {column}"
        held = texts.get(place, file.column(column)[place[1]])
    else:
        place_named = "this key" if _key(line) else f"line {line['line']:.0f} of {line['file']}"
        return f"no longer matches: there is no row with {place_named}"
    before = as_text(pd.Series([held])).iloc[0]
    if checks_old_value and not _same(held, line["old_value"], column, year):
        return f"no longer matches: {column} holds '{before}', not '{line['old_value']}'"
    if _same(held, new_value, column, year):
        return f"{column} already holds '{before}'; take the line out"
    cell = (*place, before, new_value, BY_HAND, line["reason"], line["by"], line["date"])
    return dict(zip(CHANGE_COLUMNS, cell, strict=True))


def _rows_meant(line: Line, activities: pd.DataFrame) -> pd.DataFrame:
    """The activities that a line means, by its key, else by its file and line."""
    meant = (activities["source_file"] == line["file"]) & (activities["source_line"] == line["line"])
    if key := _key(line):
        meant = pd.Series(data=True, index=activities.index)
    for column, text in key.items():
        wanted, cells = _parsed(column, text)[0], activities[column]
        if pd.api.types.is_float_dtype(cells):
            meant &= cells == wanted
        else:
            meant &= cells.isin([cell for cell in cells.unique() if fold(str(cell)) == fold(str(wanted))])
    rows: pd.DataFrame = activities[meant]
    return rows


def _same(held: Any, text: str, column: str, year: int) -> bool:
    if pd.isna(held) or held == "":
        return text == ""
    wanted = _parsed(column, text, year)[0]
    return bool(held == text or (not pd.isna(wanted) and held == wanted))


def _read_again(plan: Plan, sent: Mapping[str, SentFile], log: Sequence[Change]) -> Plan:
    """The plan with its activities read from the files with these changes, and joined anew."""
    year, parts = plan.year.year, dict[str, Loaded]()
    for name, file in sent.items():
        texts, reading = _with_texts(file, plan, log), plan.sources["activities"]
        part = values(texts, file.path, Activities, year=year, ways=_ways(file, plan), reading=reading)
        for change in log:
            column = change["column"]
            if change["rule"] == BY_HAND and change["file"] == name and not _is_read(column, plan):
                of_line = part.table["source_line"] == change["line"]
                part.table.loc[of_line, column] = _parsed(column, change["after"], year)[0]
        parts[name] = replace(part, table=part.table.assign(**{ROWS: 1}))
    loaded, lists = merge(without_replaced(parts, plan.sources["activities"])), plan.references
    indicators, admin1 = lists["indicators"], lists.get("admin1")
    activities, joins = join_activities(loaded.table, indicators, admin1, year=plan.year)
    others = {name: table for name, table in plan.refused.items() if name != "activities"}
    rows_refused = loaded.not_used["file"].value_counts()
    inputs = (
        replace(file, rows=loaded.used(file.path.name), rows_refused=int(rows_refused.get(file.path.name, 0)))
        if file.name == "activities"
        else file
        for file in plan.inputs
    )
    return replace(
        plan,
        activities=activities,
        refused_activities=refused_activities(loaded, activities, indicators, admin1, year=plan.year),
        joins=joins,
        inputs=tuple(inputs),
        refused=others | ({"activities": loaded.not_used} if len(loaded.not_used) else {}),
        faults=pd.concat([plan.faults[~plan.faults["file"].isin(list(sent))], loaded.faults], ignore_index=True),
        changes=pd.DataFrame(log, columns=list(CHANGE_COLUMNS)),
    )


def _ways(file: SentFile, plan: Plan) -> Mapping[str, Way]:
    """How the columns of a file write numbers and dates, as they were sent."""
    return ways_written([file.texts], file.path, Activities, year=plan.year.year, reading=plan.sources["activities"])


def _is_read(column: str, plan: Plan) -> bool:
    """Whether a column is read from files of the plan year, and does not follow from other columns."""
    return column not in plan.year.columns_not_reported or Activities.columns[column].optional


def _with_texts(file: SentFile, plan: Plan, log: Sequence[Change]) -> Texts:
    """A file with other texts: those of corrections as what they mean, whatever the notation of their column."""
    table, decimals = file.texts.table.copy(), dict(file.texts.decimals)
    cells: dict[str, dict[int, str]] = {}
    for change in log:
        line, column, text = change["line"], change["column"], change["after"]
        if change["file"] != file.path.name or not (column not in Activities.columns or _is_read(column, plan)):
            continue
        header = file.headers.get(column) or next(iter(Activities.columns[column].headers), column)
        if change["rule"] == BY_HAND:
            kind, typed = Activities.columns[column].kind, decimals.get(header, np.array([], dtype="int64"))
            if text and kind in ("number", "month"):
                text = str(_parsed(column, text, plan.year.year)[0])
            decimals[header] = (np.union1d if text and kind == "number" else np.setdiff1d)(typed, [line])
        cells.setdefault(header, {})[line] = text
    for header, texts in cells.items():
        of_column = table[header].astype("str") if header in table else pd.Series("", table.index, dtype="str")
        of_column.update(pd.Series(texts, dtype="str"))
        table[header] = of_column.astype("category")
    return replace(file.texts, table=table, decimals=decimals)
