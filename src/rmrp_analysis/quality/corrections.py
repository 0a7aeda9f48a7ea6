"""Corrections by hand: which cell each of them means, whether that still holds what they say, what they change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis.errors import InputRefused, did_you_mean
from rmrp_analysis.loaders.header import matched_headers
from rmrp_analysis.loaders.tabular import allowed_in_words, parsed_cells
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.check import as_text
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import fold

CORRECTABLE = tuple(name for name, about in Activities.to_schema().columns.items() if about.metadata)
BY_HAND = "correction"
LEADING = ["file", "line", "reason"]
"""The columns that loaders put before the cells of a refused row."""

Line = Mapping[Any, Any]
"""A line of the corrections."""


@dataclass
class Edits:
    """Cells that change: of used rows by row and column, of refused rows by row and header; and the log."""

    used: dict[tuple[int, str], Any] = field(default_factory=dict)
    refused: dict[tuple[int, str], str] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)


def edits_by_hand(plan: Plan) -> Edits:
    """What the corrections of the data folder change, in the order of their lines.

    A line means a cell of the row with its ``file`` and ``line``, or of the one row with its ``key``. Raises
    ``InputRefused`` that names every line that is wrong or matches no cell any more.
    """
    unreadable = plan.refused.get("corrections")
    if unreadable is not None:
        reasons = zip(unreadable["file"], unreadable["line"], unreadable["reason"], strict=True)
        raise InputRefused("\n".join(f"{file}:{line}: {reason}" for file, line, reason in reasons))
    lines = plan.references["corrections"].to_dict("records")
    checks_old_value = any(line["old_value"] for line in lines)
    edits, faults = Edits(), []
    for line in lines:
        fault = _wrong(line) or _noted(line, plan, edits, checks_old_value=checks_old_value)
        if fault:
            faults.append(f"{line['source_file']}:{line['source_line']}: {fault}")
    if faults:
        raise InputRefused("\n".join(faults))
    return edits


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
        return f"'{line['new_value']}' cannot stand in {column}; allowed: {allowed_in_words(column, Activities)}"
    return ""


def _parsed(column: str, text: str, year: int = 2000) -> tuple[Any, bool]:
    """A text as a cell of the column holds it, and whether it may stand there."""
    cells, refused = parsed_cells(pd.Series([text], dtype="str"), column, Activities, year=year)
    return cells.iloc[0], not bool(refused.iloc[0])


def _noted(line: Line, plan: Plan, edits: Edits, *, checks_old_value: bool) -> str:
    """Note the change that a line makes; what is wrong when it makes none, else empty."""
    column, year, new_value = line["corrected_column"], plan.year.year, line["new_value"]
    activities, refused = plan.reported.table(), plan.refused.get("activities")
    rows = _rows_meant(line, activities)
    if len(rows) > 1:
        return f"the key fits {len(rows)} rows; it must be one row's alone"
    edited: dict[tuple[int, str], Any]
    if len(rows):
        edited, place, table = edits.used, (int(rows[0]), column), activities
        file, number = (activities.loc[rows[0], name] for name in ("source_file", "source_line"))
        edit = _parsed(column, new_value, year)[0]
    else:
        if refused is not None:
            rows = refused.index[(refused["file"] == line["file"]) & (refused["line"] == line["line"])]
        if refused is None or not len(rows):
            place_named = "this key" if _key(line) else f"line {line['line']:.0f} of {line['file']}"
            return f"no longer matches: there is no row with {place_named}"
        sent, layout = refused.loc[rows].drop(columns=LEADING), plan.year.columns_not_reported
        cells = matched_headers(sent, Activities, Path(line["file"]), not_reported=layout).get(column)
        if cells is None:
            return f"{line['file']} has no column {column}"
        edited, place, table = edits.refused, (int(rows[0]), str(cells.name)), refused
        file, number, edit = line["file"], line["line"], new_value
    held = edited.get(place, table.loc[place])
    before = as_text(pd.Series([held])).iloc[0]
    if checks_old_value and not _same(held, line["old_value"], column, year):
        return f"no longer matches: {column} holds '{before}', not '{line['old_value']}'"
    if _same(held, new_value, column, year):
        return f"{column} already holds '{before}'; take the line out"
    edited[place] = edit
    change = {"file": str(file), "line": int(number), "column": column, "before": before, "after": new_value}
    edits.log.append(change | {"rule": BY_HAND} | {name: line[name] for name in ("reason", "by", "date")})
    return ""


def _rows_meant(line: Line, activities: pd.DataFrame) -> pd.Index:
    """The activities that a line means, by its key, else by its file and line."""
    key = _key(line)
    meant = (activities["source_file"] == line["file"]) & (activities["source_line"] == line["line"])
    if key:
        meant = pd.Series(data=True, index=activities.index)
    for column, text in key.items():
        wanted, cells = _parsed(column, text)[0], activities[column]
        if pd.api.types.is_float_dtype(cells):
            meant &= cells.eq(wanted)
        else:
            same = {cell: fold(str(cell)) == fold(str(wanted)) for cell in cells.dropna().unique()}
            meant &= cells.map(same).fillna(value=False).astype(bool)
    rows: pd.Index = activities.index[meant.fillna(value=False).astype(bool)]
    return rows


def _same(held: Any, text: str, column: str, year: int) -> bool:
    if pd.isna(held) or held == "":
        return text == ""
    wanted = _parsed(column, text, year)[0]
    return bool(held == text or (not pd.isna(wanted) and held == wanted))
