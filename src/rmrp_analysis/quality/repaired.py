"""A plan with its corrections and declared repairs made: rows in, the same rows out, and a line for every cell changed.

Files stay as they are, and so does the plan that was loaded; what comes back is another one.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis.counting import CORRECTIONS_BY_HAND, Method, Period
from rmrp_analysis.errors import InputRefused, RequestError, did_you_mean
from rmrp_analysis.loaders.joins import join_activities
from rmrp_analysis.loaders.tabular import Loaded, load_cells, matched_headers, merge
from rmrp_analysis.plan import CHANGE_COLUMNS, InputFile, Plan
from rmrp_analysis.quality.accents import mended_cells
from rmrp_analysis.quality.check import Reports
from rmrp_analysis.quality.checks import as_text
from rmrp_analysis.quality.corrections import Correction, corrections_in, parsed, row_of
from rmrp_analysis.quality.repairs import REPAIRS, Columns, Repair
from rmrp_analysis.tables import Activities, JoinedActivities

EVER = Period(start="1900-01", end="2099-12")
BY_HAND = "correction"
JOINED = [name for name in JoinedActivities.to_schema().columns if name not in Activities.to_schema().columns]
LEADING = ["file", "line", "reason"]


def repaired(plan: Plan, repairs: Collection[str] = ()) -> Plan:
    """The plan after its corrections by hand, then these repairs in their fixed order, with the log in ``changes``.

    A row that was refused and is mended by a correction, or by ``mend_accents``, is used. Raises ``InputRefused`` when
    a correction matches no cell any more, ``RequestError`` for an unknown repair or one whose list is not given.
    """
    for name in repairs:
        _check_can_be_made(name, plan)
    changed = _corrected(plan)
    if "mend_accents" in repairs:
        changed = _with_mended_rows(changed)
    for name, repair in REPAIRS.items():
        if name in repairs:
            changed = _with_repair(changed, name, repair)
    by_hand = (CORRECTIONS_BY_HAND,) if "corrections" in plan.references else ()
    done = replace(changed, repairs=(*by_hand, *(name for name in REPAIRS if name in repairs)))
    return _joined(done, done.activities) if len(done.changes) else done


def changes_of(plan: Plan, name: str) -> Plan:
    """The plan with one repair made, whatever else was done to it before."""
    _check_can_be_made(name, plan)
    return _with_repair(plan, name, REPAIRS[name])


def _check_can_be_made(name: str, plan: Plan) -> None:
    if name not in REPAIRS:
        raise RequestError(f"unknown repair '{name}'; {did_you_mean(name, REPAIRS)}")
    needed = REPAIRS[name].needs
    if needed and needed not in plan.references:
        raise RequestError(f"the repair {name} needs {needed}; name the file in the data folder's sources.yml")


def _with_repair(plan: Plan, name: str, repair: Repair) -> Plan:
    columns = repair.repaired(Reports.of(plan, period=EVER, method=Method()))
    log = _differences(plan.activities, columns, name)
    if log.empty:
        return plan
    activities = plan.activities.assign(**columns)
    after = replace(plan, activities=activities, changes=_appended(plan.changes, log))
    return _joined(after, activities) if name == "mend_accents" else after


def _differences(activities: pd.DataFrame, columns: Columns, rule: str) -> pd.DataFrame:
    """A line for every cell that is not what it was, in the order of the rows."""
    parts = []
    for column, after in columns.items():
        before = activities[column]
        same = (before == after).fillna(value=False).astype(bool) | (before.isna() & after.isna())
        rows = activities.loc[~same]
        parts.append(
            pd.DataFrame(
                {
                    "file": rows["source_file"].astype("str"),
                    "line": rows["source_line"],
                    "column": column,
                    "before": as_text(before[~same]),
                    "after": as_text(after[~same]),
                    "rule": rule,
                }
            )
        )
    log = pd.concat(parts).sort_values(["file", "line"], kind="stable")
    return log.reindex(columns=list(CHANGE_COLUMNS), fill_value="")


def _appended(log: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([log, more], ignore_index=True) if len(log) else more.reset_index(drop=True)


def _joined(plan: Plan, activities: pd.DataFrame) -> Plan:
    """The plan with these activities joined anew to their indicators and places."""
    if "indicators" not in plan.references:
        return replace(plan, activities=activities)
    bare = activities.drop(columns=JOINED)
    lists = plan.references
    joined, joins = join_activities(bare, lists["indicators"], lists.get("admin1"), plan_year=plan.year.year)
    return replace(plan, activities=joined, joins=joins)


# Corrections by hand


@dataclass
class _Edits:
    """What corrections change: cells of used rows, cells of refused rows (by header), and the log."""

    used: dict[str, dict[int, Any]] = field(default_factory=dict)
    refused: dict[int, dict[str, str]] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def _corrected(plan: Plan) -> Plan:
    if "corrections" not in plan.references:
        return plan
    unreadable = plan.refused.get("corrections")
    if unreadable is not None:
        told = zip(unreadable["file"], unreadable["line"], unreadable["reason"], strict=True)
        raise InputRefused("\n".join(f"{file}:{line}: {reason}" for file, line, reason in told))
    edits = _Edits()
    for correction in corrections_in(plan.references["corrections"]):
        _note(correction, plan, edits)
    if edits.faults:
        raise InputRefused("\n".join(edits.faults))
    after = _with_edited_rows(plan, edits.refused)
    columns = {column: after.activities[column].copy() for column in edits.used}
    for column, cells in edits.used.items():
        columns[column].loc[list(cells)] = list(cells.values())
    log = pd.DataFrame(edits.log, columns=list(CHANGE_COLUMNS))
    return _joined(replace(after, changes=_appended(plan.changes, log)), after.activities.assign(**columns))


def _note(correction: Correction, plan: Plan, edits: _Edits) -> None:
    row = row_of(correction, plan.activities)
    if row is not None:
        _note_used(correction, plan, row, edits)
    elif not correction.key and _refused_row(correction, plan) is not None:
        _note_refused(correction, plan, edits)
    else:
        place = "this key" if correction.key else f"line {correction.line} of {correction.file}"
        edits.faults.append(f"{correction.where}: no longer matches: there is no row with {place}")


def _note_used(correction: Correction, plan: Plan, row: int, edits: _Edits) -> None:
    column, year = correction.column, plan.year.year
    cells = edits.used.setdefault(column, {})
    held = cells.get(row, plan.activities.loc[row, column])
    file, line = _place(plan.activities, row, "source_file", "source_line")
    if _note_change(correction, held, file, line, edits, year=year):
        cells[row] = parsed(column, correction.new_value, year=year)[0]


def _place(table: pd.DataFrame, row: int, file: str, line: str) -> tuple[str, int]:
    """The file and line of a row of a table."""
    return str(table[file].loc[row]), int(str(table[line].loc[row]))


def _note_refused(correction: Correction, plan: Plan, edits: _Edits) -> None:
    row = _refused_row(correction, plan)
    assert row is not None  # noqa: S101 - asked before
    cells = plan.refused["activities"].loc[[row]]
    column = matched_headers(cells.drop(columns=LEADING), Activities, Path(correction.file)).get(correction.column)
    if column is None:
        edits.faults.append(f"{correction.where}: {correction.file} has no column {correction.column}")
        return
    edited = edits.refused.setdefault(row, {})
    held = edited.get(str(column.name), column.iloc[0])
    if _note_change(correction, held, correction.file, correction.line, edits, year=plan.year.year):
        edited[str(column.name)] = correction.new_value


def _refused_row(correction: Correction, plan: Plan) -> int | None:
    refused = plan.refused.get("activities")
    if refused is None:
        return None
    rows = refused.index[(refused["file"] == correction.file) & (refused["line"] == correction.line)]
    return int(rows[0]) if len(rows) else None


def _note_change(correction: Correction, held: Any, file: str, line: int, edits: _Edits, *, year: int) -> bool:
    """Whether the cell is as the correction expects it; then the change is logged, else the fault."""
    before = as_text(pd.Series([held])).iloc[0]
    if correction.old_value is not None and not _same(held, correction.old_value, correction.column, year):
        edits.faults.append(
            f"{correction.where}: no longer matches: {correction.column} holds '{before}', not '{correction.old_value}'"
        )
        return False
    if _same(held, correction.new_value, correction.column, year):
        edits.faults.append(f"{correction.where}: {correction.column} already holds '{before}'; take the line out")
        return False
    told = {"file": file, "line": line, "column": correction.column, "before": before, "after": correction.new_value}
    edits.log.append(
        told | {"rule": BY_HAND, "reason": correction.reason, "by": correction.by, "date": correction.date}
    )
    return True


def _same(held: Any, text: str, column: str, year: int) -> bool:
    wanted = parsed(column, text, year=year)[0]
    if pd.isna(held) or held == "":
        return text == ""
    return bool(held == text or (not pd.isna(wanted) and held == wanted))


# Rows that were refused


def _with_mended_rows(plan: Plan) -> Plan:
    """The plan with the refused rows used that can be, once their accents are mended."""
    refused = plan.refused.get("activities")
    if refused is None:
        return plan
    edited: dict[int, dict[str, str]] = {}
    for header, cells in refused.drop(columns=LEADING).fillna("").astype("str").items():
        mended = mended_cells(cells)
        for row, text in mended[mended != cells].items():
            edited.setdefault(int(str(row)), {})[str(header)] = text
    used = _rows_used(plan, edited)
    kept = {row: cells for row, cells in edited.items() if row in used}
    log = pd.DataFrame(list(_mended_lines(refused, kept)), columns=list(CHANGE_COLUMNS))
    after = _with_edited_rows(plan, kept)
    return replace(after, changes=_appended(after.changes, log)) if len(log) else plan


def _mended_lines(refused: pd.DataFrame, edited: Mapping[int, Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    for row, cells in edited.items():
        file, line = _place(refused, row, "file", "line")
        given = matched_headers(refused.loc[[row]].drop(columns=LEADING), Activities, Path(file))
        names = {str(column.name): name for name, column in given.items()}
        for header, text in cells.items():
            yield {
                "file": file,
                "line": line,
                "column": names.get(header, header),
                "before": refused[header].loc[row],
                "after": text,
                "rule": "mend_accents",
                **dict.fromkeys(("reason", "by", "date"), ""),
            }


def _rows_used(plan: Plan, edited: Mapping[int, Mapping[str, str]]) -> set[int]:
    """Which refused rows are read once their cells are edited."""
    refused = plan.refused["activities"]
    table = _reread(plan, edited).table if edited else pd.DataFrame({"source_file": [], "source_line": []})
    used = set(zip(table["source_file"], table["source_line"], strict=True))
    return {row for row in edited if _place(refused, row, "file", "line") in used}


def _with_edited_rows(plan: Plan, edited: Mapping[int, Mapping[str, str]]) -> Plan:
    """The plan with edited refused rows read again; one that still cannot be used stays refused, for its new reason."""
    if not edited:
        return plan
    again = _reread(plan, edited)
    refused = plan.refused["activities"]
    left = pd.concat([refused.drop(index=list(edited)), again.refused], ignore_index=True)
    touched = set(zip(refused.loc[list(edited), "file"], refused.loc[list(edited), "line"], strict=True))
    told = [place not in touched for place in zip(plan.faults["file"], plan.faults["line"], strict=True)]
    tables = {name: table for name, table in plan.refused.items() if name != "activities"}
    bare = pd.concat([plan.activities.drop(columns=JOINED), again.table], ignore_index=True)
    after = replace(
        plan,
        activities=bare.assign(**dict.fromkeys(JOINED, "")),
        refused=tables | ({"activities": left} if len(left) else {}),
        faults=pd.concat([plan.faults[told], again.faults], ignore_index=True),
        inputs=tuple(_recounted(file, bare, left) for file in plan.inputs),
    )
    return _joined(after, after.activities)


def _reread(plan: Plan, edited: Mapping[int, Mapping[str, str]]) -> Loaded:
    rows = plan.refused["activities"].loc[list(edited)]
    parts = []
    for file, cells in rows.groupby("file", sort=False):
        texts = cells.drop(columns=LEADING).dropna(axis="columns", how="all").fillna("")
        for row in texts.index:
            for header, text in edited[int(row)].items():
                texts.loc[row, header] = text
        numbered = texts.set_axis(pd.Index(cells["line"], name="line"), axis="index")
        types = plan.year.indicator_types
        parts.append(load_cells(numbered, Path(str(file)), Activities, year=plan.year.year, indicator_types=types))
    return merge(parts)


def _recounted(file: InputFile, activities: pd.DataFrame, refused: pd.DataFrame) -> InputFile:
    if file.name != "activities":
        return file
    used, left = (activities["source_file"] == file.path.name, refused["file"] == file.path.name)
    return replace(file, rows=int(used.sum()), rows_refused=int(left.sum()))
