"""Corrections by hand: which cell each of them means, what it should hold, and whether that still matches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from rmrp_analysis.errors import InputRefused, did_you_mean
from rmrp_analysis.loaders.tabular import allowed_in_words, parsed_cells
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import fold

CORRECTABLE = tuple(name for name, about in Activities.to_schema().columns.items() if about.metadata)


@dataclass(frozen=True)
class Correction:
    """One line of the corrections: a cell of the file it names, by ``file`` and ``line`` or by ``key``."""

    where: str
    file: str
    line: int
    key: Mapping[str, str]
    column: str
    old_value: str | None
    new_value: str
    reason: str
    by: str
    date: str


def corrections_in(declared: pd.DataFrame) -> list[Correction]:
    """The corrections of a folder, in the order of their lines. Raises ``InputRefused`` that names every wrong one."""
    checks_old_value = bool((declared["old_value"] != "").any())
    faults: list[str] = []
    corrections = []
    for row in declared.to_dict("records"):
        where = f"{row['source_file']}:{row['source_line']}"
        fault = _fault(row)
        if fault:
            faults.append(f"{where}: {fault}")
            continue
        corrections.append(
            Correction(
                where=where,
                file=row["file"],
                line=0 if pd.isna(row["line"]) else int(row["line"]),
                key=dict(_key(row["key"])),
                column=row["corrected_column"],
                old_value=row["old_value"] if checks_old_value else None,
                **{name: row[name] for name in ("new_value", "reason", "by", "date")},
            )
        )
    if faults:
        raise InputRefused("\n".join(faults))
    return corrections


def _fault(row: Mapping[str, str]) -> str:
    """What is wrong with one line; empty when nothing is."""
    by_line = row["file"] != "" and not pd.isna(row["line"])
    if by_line == (row["key"] != ""):
        return "name the row by file and line, or by its key"
    key = list(_key(row["key"]))
    unknown = [name for name in (row["corrected_column"], *(name for name, _ in key)) if name not in CORRECTABLE]
    if unknown:
        return f"there is no column '{unknown[0]}'; {did_you_mean(unknown[0], CORRECTABLE)}"
    return "" if parsed(row["corrected_column"], row["new_value"])[1] else _not_allowed(row)


def _not_allowed(row: Mapping[str, str]) -> str:
    column = row["corrected_column"]
    return f"'{row['new_value']}' cannot stand in {column}; allowed: {allowed_in_words(column, Activities)}"


def _key(text: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, _, content = part.partition("=")
        yield name.strip(), content.strip()


def parsed(column: str, text: str, *, year: int = 2000) -> tuple[object, bool]:
    """A text as a cell of the column holds it, and whether it may stand there."""
    cells, refused = parsed_cells(pd.Series([text], dtype="str"), column, Activities, year=year)
    return cells.iloc[0], not bool(refused.iloc[0])


def row_of(correction: Correction, activities: pd.DataFrame) -> int | None:
    """The index of the one activity that is meant; None when there is none. Raises when the key fits several."""
    if not correction.key:
        mask = (activities["source_file"] == correction.file) & (activities["source_line"] == correction.line)
    else:
        mask = pd.Series(data=True, index=activities.index)
        for column, text in correction.key.items():
            mask &= _holds(activities[column], column, text)
    rows = activities.index[mask.fillna(value=False).astype(bool)]
    if len(rows) > 1:
        raise InputRefused(f"{correction.where}: the key fits {len(rows)} rows; it must be one row's alone")
    return int(rows[0]) if len(rows) else None


def _holds(cells: pd.Series, column: str, text: str) -> pd.Series:
    if pd.api.types.is_float_dtype(cells):
        return cells == parsed(column, text)[0]
    wanted = parsed(column, text)[0]
    same = {cell: fold(str(cell)) == fold(str(wanted)) for cell in cells.dropna().unique()}
    return cells.map(same).fillna(value=False).astype(bool)
