"""How any spreadsheet file becomes a valid table: headers matched, cells parsed, what cannot be used refused."""

import datetime
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.cells import MESSAGES, read_cells
from rmrp_analysis.tables import Table, source_columns
from rmrp_analysis.vocabulary import (
    ALL,
    ANSWER_SPELLINGS,
    COUNTRY_SPELLINGS,
    MEASURES,
    MONTH_NUMBERS,
    MONTH_PATTERN,
    PLATFORM_SPELLINGS,
    POPULATION_GROUP_SPELLINGS,
    SECTOR_SPELLINGS,
    fold,
)

FAULT_COLUMNS = ("file", "line", "column", "check", "severity", "value", "allowed")
Spellings = Mapping[str, str]
EXCEL_DAY_0 = datetime.date(1899, 12, 30)

SPELLINGS_BY_KIND: Mapping[str, Spellings] = {
    "yes_no": ANSWER_SPELLINGS,
    "sector": SECTOR_SPELLINGS,
    "country": COUNTRY_SPELLINGS,
    # Where a platform is one country, its name means the platform.
    "scope": {fold(name): name for name in (ALL, *MEASURES)}
    | COUNTRY_SPELLINGS
    | POPULATION_GROUP_SPELLINGS
    | PLATFORM_SPELLINGS,
}


@dataclass(frozen=True)
class Loaded:
    """A file after loading: rows in = rows of ``table`` + rows of ``refused``.

    ``refused`` keeps the row's cells as they came, with ``file``, ``line`` and ``reason``.
    ``faults`` holds one row a faulty cell (see ``FAULT_COLUMNS``). ``records`` counts the usable records of each file
    where a record is not a row of ``table``.
    """

    table: pd.DataFrame
    refused: pd.DataFrame
    faults: pd.DataFrame
    records: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows_in(self) -> int:
        """Records in the file."""
        return (sum(self.records.values()) or len(self.table)) + len(self.refused)

    def used(self, file: str) -> int:
        """Records of one file that are used."""
        return self.records.get(file, int((self.table["source_file"] == file).sum()))


def load_table(
    path: Path,
    model: type[Table],
    *,
    year: int,
    indicator_types: Spellings | None = None,
    expected: Collection[str] = (),
) -> Loaded:
    """Read a file into ``model``, refusing only the rows that cannot be used.

    ``year`` completes months that a file gives by name alone. A column that may be absent is a fault when the year's
    layout has it (``expected``). Raises ``InputRefused`` when the file itself is unusable or lacks columns; the message
    then names all of them at once.
    """
    cells = read_cells(path, lambda row: is_header(row, model))
    return load_cells(cells, path, model, year=year, indicator_types=indicator_types or {}, expected=expected)


def load_cells(
    cells: pd.DataFrame,
    path: Path,
    model: type[Table],
    *,
    year: int,
    indicator_types: Spellings,
    expected: Collection[str] = (),
) -> Loaded:
    """As ``load_table``, from cells that were read from ``path`` (see ``read_cells``)."""
    columns = matched_headers(cells, model, path)
    absent = [name for name in expected if name not in columns]
    how_read = "one visible sheet or text in UTF-8, a value in every cell"
    layout = "a column of the plan year's layout"
    faults = [
        fault_rows(path.name, 1, "", "how_it_was_read", cells.attrs.get(MESSAGES, []), how_read, severity="warning"),
        fault_rows(path.name, 1, absent, "absent_column", "", layout, severity="warning"),
    ]
    parsed: dict[str, pd.Series] = {}
    for name, about in source_columns(model).items():
        texts = columns[name] if name in columns else pd.Series("", index=cells.index, dtype="str")
        parsed[name], bad = _parsed(texts, about, year, indicator_types)
        check = np.where(texts[bad] == "", "empty", f"not_{about['kind']}")
        faults.append(fault_rows(path.name, texts.index[bad], name, check, texts[bad], _allowed(about)))
    all_faults = pd.concat(faults).sort_values(["line", "column"], ignore_index=True)
    refused = refused_rows(all_faults, cells)
    lines = cells.index
    del cells, columns, texts  # a million rows are not held twice
    kept = ~lines.isin(refused["line"])
    usable = {
        "source_file": pd.Series(path.name, index=range(int(kept.sum())), dtype="string[pyarrow]"),
        "source_line": pd.Series(lines[kept], dtype="int64"),
        **{name: parsed.pop(name)[kept].reset_index(drop=True) for name in list(parsed)},
    }
    return Loaded(model.validate(pd.DataFrame(usable, copy=False), lazy=True), refused, all_faults)


def merge(parts: list[Loaded]) -> Loaded:
    """Several files of one kind as one table."""
    if len(parts) == 1:
        return parts[0]
    return Loaded(
        pd.concat([part.table for part in parts], ignore_index=True),
        pd.concat([part.refused for part in parts], ignore_index=True),
        pd.concat([part.faults for part in parts], ignore_index=True),
        {file: records for part in parts for file, records in part.records.items()},
    )


def fault_rows(
    file: Any, line: Any, column: Any, check: Any, value: Any, allowed: Any, *, severity: str = "refused"
) -> pd.DataFrame:
    """Faults, one a cell, in ``FAULT_COLUMNS``: lists of contents, at least one; what is no list holds for all."""
    cells = (file, line, column, check, severity, np.asarray(value) if isinstance(value, pd.Series) else value, allowed)
    rows = pd.DataFrame(dict(zip(FAULT_COLUMNS, cells, strict=True)))
    return rows.astype(dict.fromkeys(FAULT_COLUMNS, "str") | {"line": "int64"})


def refused_rows(faults: pd.DataFrame, cells: pd.DataFrame | None = None) -> pd.DataFrame:
    """A row for each line with faults that refuse it: file, line, reason, and its cells as they were sent.

    ``cells`` are those of one file, by line; without them only the reason is known.
    """
    refusing = faults[faults["severity"] == "refused"]
    values = refusing["value"].map(lambda value: f"'{value}'" if value else "empty")
    reasons = refusing["column"] + " is " + values + "; allowed: " + refusing["allowed"]
    by_line = reasons.groupby([refusing["file"], refusing["line"]]).agg("; ".join)
    rows = by_line.rename("reason").reset_index()
    if cells is None or rows.empty:
        return rows
    own = {name: f"{name} (as sent)" for name in rows.columns}
    as_sent = cells.loc[rows["line"]].rename(columns=own).reset_index(drop=True)
    return pd.concat([rows, as_sent], axis="columns")


def header_key(header: str) -> str:
    """A header as it is compared: ``Value of Transfer (in USD)``, as typed or as R mangles it, is one key."""
    return " ".join(re.findall(r"[0-9a-z]+", fold(header)))


def parsed_cells(texts: pd.Series, column: str, model: type[Table], *, year: int) -> tuple[pd.Series, pd.Series]:
    """Texts as they would be read in a column of ``model``, and which of them would be refused there."""
    return _parsed(texts, source_columns(model)[column], year, {})


def allowed_in_words(column: str, model: type[Table]) -> str:
    """What may stand in a column of ``model``."""
    return _allowed(source_columns(model)[column])


def is_header(row: Sequence[str], model: type[Table]) -> bool:
    """Whether a row names every column that a file of ``model`` must have."""
    keys = set(map(header_key, row))
    return all(
        about["may_be_absent"] or keys & set(map(header_key, about["headers"]))
        for about in source_columns(model).values()
    )


def matched_headers(cells: pd.DataFrame, model: type[Table], path: Path) -> dict[str, pd.Series]:
    """The file's column for each column of ``model``; one that may be absent and is, is left out.

    Raises ``InputRefused`` that names every column missing.
    """
    by_key = {header_key(header): header for header in reversed(list(map(str, cells.columns)))}
    found, missing = {}, []
    for name, about in source_columns(model).items():
        header = next((by_key[key] for key in map(header_key, about["headers"]) if key in by_key), None)
        if header is not None:
            found[name] = cells[header]
        elif not about["may_be_absent"]:
            missing.append(about["headers"][0])
    if missing:
        raise InputRefused(
            f"{path}: {'column' if len(missing) == 1 else 'columns'} missing: {', '.join(missing)}. "
            f"The file has: {', '.join(map(str, cells.columns))}"
        )
    return found


def _parsed(
    texts: pd.Series, about: Mapping[str, Any], year: int, indicator_types: Spellings
) -> tuple[pd.Series, pd.Series]:
    """The column's values, and which cells cannot be used; R writes ``NA`` into an empty cell."""
    texts = texts.mask(texts == "NA", "")
    empty = texts == ""
    values: pd.Series
    if about["kind"] == "number":
        values = pd.to_numeric(texts, errors="coerce").astype("float64").replace([np.inf, -np.inf], np.nan)
    elif about["kind"] == "text":
        values = texts.astype("string[pyarrow]")
    else:  # each distinct text is translated once, however many rows repeat it
        translate = _translation(about["kind"], year, indicator_types)
        values = texts.map({text: translate(text) for text in texts.unique()}).astype("string[pyarrow]")
    bad = values.isna() & ~empty
    if about["allowed"]:
        bad |= ~values.isin(about["allowed"]) & ~empty
    return values, bad if about["may_be_empty"] else bad | empty


def _translation(kind: str, year: int, indicator_types: Spellings) -> Callable[[str], str | None]:
    if kind == "month":
        return lambda text: _month(text, year)
    if kind == "indicator_type":
        types = {fold(spelling): name for spelling, name in indicator_types.items()}
        return lambda text: types.get(fold(text))
    return lambda text: SPELLINGS_BY_KIND[kind].get(fold(text))


def _month(text: str, year: int) -> str | None:
    """``2021-05``, a date of that month as a spreadsheet stores it (also as a number, in ``year``), or its name."""
    leading = text[:7]
    if re.fullmatch(MONTH_PATTERN, leading) and re.fullmatch(r"(-\d\d([ T][\d:.]+)?)?", text[7:]):
        return leading
    if re.fullmatch(r"[34]\d{4}", text):  # a date that lost its format: days since the end of 1899
        date = EXCEL_DAY_0 + datetime.timedelta(days=int(text))
        return f"{date:%Y-%m}" if date.year == year else None
    number = MONTH_NUMBERS.get(fold(text))
    return f"{year}-{number}" if number else None


def _allowed(about: Mapping[str, Any]) -> str:
    kinds = {
        "number": "a number",
        "month": "a month as YYYY-MM",
        "yes_no": "Yes or No",
        "indicator_type": "a type of the plan year",
    }
    return ", ".join(about["allowed"]) or kinds.get(about["kind"], "not empty")
