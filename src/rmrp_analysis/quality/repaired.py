"""A plan with its corrections and declared repairs made: rows in, the same rows out, and a line for every cell changed.

Files stay as they are, and so does the plan that was loaded; what comes back is another one.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis.coded import CodedTable, Column, coded
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.loaders.header import matched_headers
from rmrp_analysis.loaders.joins import join_activities
from rmrp_analysis.loaders.new_beneficiaries import NEW, with_new_beneficiaries
from rmrp_analysis.loaders.tabular import Loaded, load_cells, merge
from rmrp_analysis.method import CORRECTIONS_BY_HAND
from rmrp_analysis.plan import CHANGE_COLUMNS, Plan
from rmrp_analysis.quality.accents import mended_cells
from rmrp_analysis.quality.check import Reports, as_text
from rmrp_analysis.quality.contacts import without_contacts
from rmrp_analysis.quality.corrections import LEADING, edits_by_hand
from rmrp_analysis.quality.repairs import REPAIRS
from rmrp_analysis.tables import Activities, JoinedActivities

JOINED = [name for name in JoinedActivities.to_schema().columns if name not in Activities.to_schema().columns]
MEND_ACCENTS = "mend_accents"


def repaired(plan: Plan, repairs: Collection[str] = ()) -> Plan:
    """The plan after its corrections by hand, then these repairs in their fixed order, with the log in ``changes``.

    Its names hold no contact details of people any more (``without_contacts``). A row that was refused and is mended by
    a correction, or by ``mend_accents``, is used. It is made once for each plan.

    Raises ``InputRefused`` when a correction matches no cell any more,
    ``RequestError`` for an unknown repair or one whose list is missing.
    """
    return plan.once(("repaired", frozenset(repairs)), lambda: _repaired(plan, repairs))


def _repaired(plan: Plan, repairs: Collection[str]) -> Plan:
    for name in repairs:
        _check_can_be_made(name, plan)
    by_hand = (CORRECTIONS_BY_HAND,) if "corrections" in plan.references else ()
    after = _corrected(plan) if by_hand else plan
    if MEND_ACCENTS in repairs:
        after = _with_mended_rows(after)
    ordered = [name for name in REPAIRS if name in repairs]
    for name in ordered:
        after = changes_of(after, name)
    after = replace(after, repairs=(*by_hand, *ordered))
    return without_contacts(_joined(after) if len(after.changes) else after)


def changes_of(plan: Plan, name: str) -> Plan:
    """The plan with one repair made, whatever else was done to it before. Raises as ``repaired`` does."""
    _check_can_be_made(name, plan)
    columns = REPAIRS[name].repaired(Reports(plan))
    log = _differences(plan.reported, columns, name)
    if log.empty:
        return plan
    changed = {column: Column.of(cells) for column, cells in columns.items()}
    after = _logged(plan.with_reported(plan.reported.assign(**changed)), log)
    return _joined(after) if name == MEND_ACCENTS else after


def _check_can_be_made(name: str, plan: Plan) -> None:
    if name not in REPAIRS:
        raise RequestError(f"unknown repair '{name}'; {did_you_mean(name, REPAIRS)}")
    needed = REPAIRS[name].needs
    if needed and needed not in plan.references:
        raise RequestError(f"the repair {name} needs {needed}; name the file in the data folder's sources.yml")


def _differences(activities: CodedTable, columns: Mapping[str, pd.Series], rule: str) -> pd.DataFrame:
    """A line for every cell that is not what it was, in the order of the rows."""
    parts, places = [], activities[["source_file", "source_line"]]
    for column, after in columns.items():
        before = activities[column]
        same = (before == after).fillna(value=False).astype(bool) | (before.isna() & after.isna())
        rows = places[~same]
        place = {"file": rows["source_file"].astype("str"), "line": rows["source_line"], "column": column}
        change = {"before": as_text(before[~same]), "after": as_text(after[~same]), "rule": rule}
        parts.append(pd.DataFrame(place | change))
    log = pd.concat(parts).sort_values(["file", "line"], kind="stable")
    return log.reindex(columns=list(CHANGE_COLUMNS), fill_value="")


def _logged(plan: Plan, log: pd.DataFrame) -> Plan:
    changes = pd.concat([plan.changes, log], ignore_index=True) if len(plan.changes) else log.reset_index(drop=True)
    return replace(plan, changes=changes)


def _joined(plan: Plan) -> Plan:
    """The plan with its activities joined anew to their indicators and places."""
    lists = plan.references
    if "indicators" not in lists:
        return plan
    joined, joins = join_activities(
        plan.reported.without(JOINED), lists["indicators"], lists.get("admin1"), year=plan.year
    )
    return replace(plan.with_reported(joined), joins=joins)


def _corrected(plan: Plan) -> Plan:
    edits = edits_by_hand(plan)
    after = _with_rows_of(plan, _read_again(plan, edits.refused)) if edits.refused else plan
    columns: dict[str, dict[int, Any]] = {}
    for (row, column), cell in edits.used.items():
        columns.setdefault(column, {})[row] = cell
    activities = after.reported.table()
    if plan.year.derives_new:  # from the groups as they are corrected
        activities[NEW] = float("nan")
    for column, cells in columns.items():
        activities.loc[list(cells), column] = list(cells.values())
    reported = with_new_beneficiaries(CodedTable.of(activities), plan.year)
    log = pd.DataFrame(edits.log, columns=list(CHANGE_COLUMNS))
    return _joined(_logged(after.with_reported(reported), log))


# Rows that were refused

Edited = Mapping[tuple[int, str], str]
"""Cells of refused rows, by row and header, as they should be read."""


def _with_mended_rows(plan: Plan) -> Plan:
    """The plan with the refused rows used that can be, once their accents are mended."""
    refused = plan.refused.get("activities")
    if refused is None:
        return plan
    edited: dict[tuple[int, str], str] = {}
    for header, texts in refused.drop(columns=LEADING).fillna("").astype("str").items():
        mended = mended_cells(texts)
        edited |= {(int(str(row)), str(header)): text for row, text in mended[mended != texts].items()}
    again = _read_again(plan, edited) if edited else None
    if again is None or not len(again.held):
        return plan
    used = set(_places(again.table, "source_file", "source_line"))
    of_used = [place in used for place in _places(again.faults)]
    after = _with_rows_of(plan, replace(again, refused=again.refused.iloc[:0], faults=again.faults[of_used]))
    log = []
    for (row, header), text in edited.items():
        file, line = _places(refused.loc[[row]])[0]
        if (file, line) in used:
            cells = refused.loc[[row]].drop(columns=LEADING)
            headers = matched_headers(cells, Activities, Path(file), not_reported=plan.year.columns_not_reported)
            columns = {str(column.name): name for name, column in headers.items()}
            change = {"column": columns.get(header, header), "before": refused.loc[row, header], "after": text}
            log.append({"file": file, "line": line, "rule": MEND_ACCENTS} | change)
    return _logged(after, pd.DataFrame(log).reindex(columns=list(CHANGE_COLUMNS), fill_value=""))


def _read_again(plan: Plan, edited: Edited) -> Loaded:
    """The refused rows of these cells as the loader reads them now."""
    refused = plan.refused["activities"]
    rows = refused.loc[list(dict.fromkeys(row for row, _ in edited))]
    for place, text in edited.items():
        rows.loc[place] = text
    parts = []
    for file, cells in rows.groupby("file", sort=False):
        texts = cells.drop(columns=LEADING).dropna(axis="columns", how="all").fillna("")
        numbered = texts.set_axis(pd.Index(cells["line"], name="line"), axis="index")
        reading, year = plan.sources["activities"], plan.year
        parts.append(
            load_cells(
                numbered,
                Path(str(file)),
                Activities,
                year=year.year,
                reading=reading,
                not_reported=sorted(year.columns_not_reported),
                in_part=True,
            )
        )
    return merge(parts)


def _with_rows_of(plan: Plan, again: Loaded) -> Plan:
    """The plan with refused rows that were read again; one that still cannot be used is refused for its new reason."""
    places = {*_places(again.table, "source_file", "source_line"), *_places(again.refused)}
    refused = plan.refused["activities"]
    stays = [place not in places for place in _places(refused)]
    left = pd.concat([refused[stays], again.refused], ignore_index=True)
    others = {name: table for name, table in plan.refused.items() if name != "activities"}
    kept = [place not in places for place in _places(plan.faults)]
    reported = CodedTable.joined([plan.reported.without(JOINED), coded(again.held)])
    after = replace(
        plan.with_reported(reported),
        refused=others | ({"activities": left} if len(left) else {}),
        faults=pd.concat([plan.faults[kept], again.faults], ignore_index=True),
        inputs=tuple(
            replace(
                file,
                rows=int((reported["source_file"] == file.path.name).sum()),
                rows_refused=int((left["file"] == file.path.name).sum()),
            )
            if file.name == "activities"
            else file
            for file in plan.inputs
        ),
    )
    return _joined(after)


def _places(table: pd.DataFrame, file: str = "file", line: str = "line") -> list[tuple[str, int]]:
    return list(zip(table[file], table[line], strict=True))
