"""How any spreadsheet file becomes a valid table: headers matched, cells parsed, what cannot be used refused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from rmrp_analysis.coded import CodedTable, Column
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.cells import MESSAGES, read_cells
from rmrp_analysis.loaders.columns import FileColumns, Spellings, Texts, most_people
from rmrp_analysis.loaders.header import ABOVE, AS_NUMBERS, SHEET, header_fit, matched_headers
from rmrp_analysis.loaders.notation import COMMA, DAY_FIRST, MONTH_FIRST, POINT, TwoWays
from rmrp_analysis.sources import SOURCES_FILE, Reading
from rmrp_analysis.tables import Table, source_columns

FAULT_COLUMNS = ("file", "line", "column", "check", "severity", "value", "allowed")
REFUSED, WARNING = "refused", "warning"
MENDED = "text of a usual length without control characters; what was too much is taken out"
ROWS_AT_ONCE = 100_000
SETTINGS = {
    "numbers": f'`numbers: "{COMMA}"` (decimal comma) or `numbers: "{POINT}"` (decimal point)',
    "dates": f"`dates: {DAY_FIRST}` or `dates: {MONTH_FIRST}`",
}
"""What settles a column that reads two ways."""


@dataclass(frozen=True)
class Loaded:
    """A file after loading: rows in = rows of ``table`` + rows of ``refused``.

    ``held`` is the table, as it is or by codes. ``refused`` keeps the row's cells as they came, with ``file``, ``line``
    and ``reason``. ``faults`` holds one row a faulty cell (see ``FAULT_COLUMNS``). ``records`` counts the usable
    records of each file where a record is not a row of ``table``, and ``sheets`` the sheet that was read of each
    workbook.
    """

    held: pd.DataFrame | CodedTable
    refused: pd.DataFrame
    faults: pd.DataFrame
    records: Mapping[str, int] = field(default_factory=dict)
    sheets: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every row that can be used."""
        return self.held.table() if isinstance(self.held, CodedTable) else self.held

    @property
    def rows_in(self) -> int:
        """Records in the file."""
        return (sum(self.records.values()) or len(self.held)) + len(self.refused)

    def used(self, file: str) -> int:
        """Records of one file that are used."""
        if file in self.records:
            return self.records[file]
        if isinstance(self.held, CodedTable):
            return int(np.count_nonzero(self.held.columns["source_file"].where(lambda name: name == file)))
        return int((self.held["source_file"] == file).sum())


def load_table(
    path: Path,
    model: type[Table],
    *,
    year: int,
    reading: Reading = Reading(),  # noqa: B008 - frozen
    indicator_types: Spellings | None = None,
    expected: Collection[str] = (),
    not_reported: Collection[str] = (),
) -> Loaded:
    """Read a file into ``model``, refusing only the rows that cannot be used.

    ``year`` completes months that a file gives by name alone; ``reading`` says what the file leaves open. A column that
    may be absent is a fault when the year's layout has it (``expected``); one that the layout does not have
    (``not_reported``) may be absent, and is not read where another year's must be there. Raises ``InputRefused`` when
    the file itself is unusable, lacks columns (the message then names all of them at once), or writes numbers or dates
    that read two ways.
    """
    return load_cells(
        read_cells(path, lambda row: header_fit(row, model), reading),
        path,
        model,
        year=year,
        reading=reading,
        indicator_types=indicator_types or {},
        expected=expected,
        not_reported=not_reported,
    )


def load_cells(
    cells: pd.DataFrame,
    path: Path,
    model: type[Table],
    *,
    year: int,
    reading: Reading = Reading(),  # noqa: B008 - frozen
    indicator_types: Spellings | None = None,
    expected: Collection[str] = (),
    not_reported: Collection[str] = (),
    in_part: bool = False,
) -> Loaded:
    """As ``load_table``, from cells that were read from ``path`` (see ``read_cells``).

    Where they are only a part of the file, a cell that reads two ways is refused, and not the file.
    """
    as_numbers, sheet = cells.attrs.pop(AS_NUMBERS, {}), cells.attrs.get(SHEET, "")
    above = cells.attrs.get(ABOVE, 1)
    columns = matched_headers(cells, model, path, not_reported=not_reported)
    about = source_columns(model)
    unusable: set[str] = set()
    absent = [name for name in expected if name not in columns]
    derived = [name for name in not_reported if name in columns and not about[name]["may_be_absent"]]
    left_out = [str(columns.pop(name).name) for name in derived]
    how_read = "one visible sheet or text in UTF-8, a value in every cell"
    layout = "a column of the plan year's layout"
    messages = cells.attrs.get(MESSAGES, [])
    faults = [fault_rows(path.name, above, "", "how_it_was_read", messages, how_read, severity=WARNING)]
    if absent:
        faults.append(fault_rows(path.name, above, absent, "absent_column", "", layout, severity=WARNING))
    if derived:
        faults.append(fault_rows(path.name, above, derived, "column_not_read", left_out, layout, severity=WARNING))
    nothing = Texts(np.broadcast_to(np.zeros(1, dtype="uint8"), len(cells)), [""], np.zeros(1, dtype="bool"))
    of_file = FileColumns(
        texts={
            name: Texts.of(columns[name], as_numbers.get(columns[name].name, ())) if name in columns else nothing
            for name in about
        },
        about=about,
        year=year,
        reading=reading,
        indicator_types=indicator_types or {},
    )
    values: dict[str, Column] = {}
    for name, parsed in of_file.parsed():
        values[name] = parsed.column
        if parsed.two_ways and about[name]["counted"] and not in_part:
            of_people = about[name]["unit"].startswith("people")
            what = f"the column `{columns[name].name}` reads"
            raise reads_two_ways(path, what, parsed.two_ways, columns[name].astype("str"), of_people=of_people)
        if len(rows := parsed.bad_rows()):
            bad = pd.Series("", index=cells.index[rows], dtype="str")
            bad = columns[name].iloc[rows].astype("str") if name in columns else bad
            check = np.where(bad == "", "empty", f"not_{about[name]['kind']}")
            severity = REFUSED if about[name]["counted"] else WARNING
            faults.append(fault_rows(path.name, bad.index, name, check, bad, _allowed(about[name]), severity=severity))
            unusable.update({name} if severity == REFUSED else ())
    for name, mended in of_file.mended.items():
        cells_mended = f"{mended:,} cells"
        faults.append(fault_rows(path.name, above, name, ["text_mended"], cells_mended, MENDED, severity=WARNING))
    all_faults = pd.concat(faults).sort_values(["line", "column"], ignore_index=True)
    refused = refused_rows(all_faults, cells)
    lines = cells.index
    del cells, columns, of_file, parsed  # a million rows are not held twice
    kept = ~lines.isin(refused["line"])
    values = {
        "source_file": Column.constant(path.name, len(lines), "string[pyarrow]"),
        "source_line": Column(np.arange(len(lines), dtype=np.min_scalar_type(len(lines))), lines),
        **values,
    }
    usable: dict[str, Column] = {}
    for name in list(values):  # one after the other, for the same reason
        usable |= CodedTable({name: values.pop(name)}, len(lines)).kept(kept).columns
    columns_used = {name: usable[name].used() for name in about if name in unusable or not about[name]["may_be_empty"]}
    table = valid(CodedTable(usable | columns_used, int(np.count_nonzero(kept))), model)
    return Loaded(table, refused, all_faults, sheets={path.name: sheet} if sheet else {})


_valid: WeakKeyDictionary[Column, tuple[str, type[Table]]] = WeakKeyDictionary()
"""Columns whose contents are what a table declares of the column of this name."""


def valid(table: CodedTable, model: type[Table]) -> CodedTable:
    """The table, if each of its contents is what ``model`` declares of its column.

    A column that a table which ``model`` extends was found to have is not looked at again. Raises what pandera raises.
    """
    schema, columns = model.to_schema(), table.columns
    if columns.keys() == schema.columns.keys():
        known = {name: _valid.get(column, ("", model)) for name, column in columns.items()}
        columns = {
            name: columns[name] for name, (of, other) in known.items() if of != name or not issubclass(model, other)
        }
        schema = schema.select_columns(list(columns))
    contents = {
        name: column.contents.take(column.codes[[0, -1]] if table.rows else column.codes)
        if isinstance(column.contents, pd.RangeIndex) or not table.rows
        else column.contents
        for name, column in columns.items()
    }
    for start in range(0, max(map(len, contents.values()), default=0) or 1, ROWS_AT_ONCE):
        pieces = {name: each[start : start + ROWS_AT_ONCE] for name, each in contents.items()}
        pieces = {name: each if len(each) else contents[name][:1] for name, each in pieces.items()}
        length = max(map(len, pieces.values()), default=0)
        rows = {name: pd.Series(each.take(np.arange(length) % max(len(each), 1))) for name, each in pieces.items()}
        schema.validate(pd.DataFrame(rows, copy=False), lazy=True)
    _valid.update({column: (name, model) for name, column in columns.items()})
    return table


def reads_two_ways(
    path: Path, what: str, two_ways: TwoWays, texts: pd.Series, *, of_people: bool = False
) -> InputRefused:
    """The refusal of a file because of a column (``what``), with what is at stake and how to settle it."""
    unsure = texts[texts.isin(two_ways.cells)]
    cells = f"{len(unsure):,} cell" + ("" if len(unsure) == 1 else "s")
    people = f", {most_people(unsure).sum():,.0f} people at stake" if of_people else ""
    return InputRefused(
        f"{path}: {what} two ways: {two_ways.readings} ({cells}, the first on line {unsure.index[0]}{people}). "
        f"Nothing there says which. Add {SETTINGS[two_ways.kind]} to this input in {SOURCES_FILE}"
    )


def merge(parts: list[Loaded]) -> Loaded:
    """Several files of one kind as one table."""
    if len(parts) == 1:
        return parts[0]
    return Loaded(
        _one_below_the_other([part.held for part in parts]),
        pd.concat([part.refused for part in parts], ignore_index=True),
        pd.concat([part.faults for part in parts], ignore_index=True),
        {file: records for part in parts for file, records in part.records.items()},
        {file: sheet for part in parts for file, sheet in part.sheets.items()},
    )


def _one_below_the_other(tables: Sequence[pd.DataFrame | CodedTable]) -> pd.DataFrame | CodedTable:
    coded = [table for table in tables if isinstance(table, CodedTable)]
    if len(coded) == len(tables):
        return CodedTable.joined(coded)
    frames = [table.table() if isinstance(table, CodedTable) else table for table in tables]
    return pd.concat(frames, ignore_index=True)


def fault_rows(
    file: Any, line: Any, column: Any, check: Any, value: Any, allowed: Any, *, severity: str = REFUSED
) -> pd.DataFrame:
    """Faults, one a cell, in ``FAULT_COLUMNS``: lists of contents, at least one; what is no list holds for all."""
    cells = (file, line, column, check, severity, np.asarray(value) if isinstance(value, pd.Series) else value, allowed)
    rows = pd.DataFrame(dict(zip(FAULT_COLUMNS, cells, strict=True)))
    return rows.astype(dict.fromkeys(FAULT_COLUMNS, "str") | {"line": "int64"})


def refused_rows(faults: pd.DataFrame, cells: pd.DataFrame | None = None) -> pd.DataFrame:
    """A row for each line with faults that refuse it: file, line, reason, and its cells as they were sent.

    ``cells`` are those of one file, by line; without them only the reason is known.
    """
    refusing = faults[faults["severity"] == REFUSED]
    if refusing.empty:
        return refusing[["file", "line"]].assign(reason=pd.Series(dtype="str")).reset_index(drop=True)
    values = refusing["value"].map(lambda value: f"'{value}'" if value else "empty")
    reasons = refusing["column"] + " is " + values + "; allowed: " + refusing["allowed"]
    by_line = reasons.groupby([refusing["file"], refusing["line"]]).agg("; ".join)
    rows = by_line.rename("reason").reset_index()
    if cells is None:
        return rows
    own = {name: f"{name} (as sent)" for name in rows.columns}
    as_sent = cells.loc[rows["line"]].astype("str").rename(columns=own).reset_index(drop=True)
    return pd.concat([rows, as_sent], axis="columns")


def parsed_cells(texts: pd.Series, column: str, model: type[Table], *, year: int) -> tuple[pd.Series, pd.Series]:
    """Texts as they would be read in a column of ``model``, and which of them would be refused there."""
    about = {column: source_columns(model)[column]}
    file = FileColumns({column: Texts.of(texts)}, about, year, Reading(numbers="1,234.5"))
    (_, parsed), *_ = file.parsed()
    bad = pd.Series(parsed.bad.take(parsed.column.codes), index=texts.index)
    return parsed.column.cells().set_axis(texts.index), bad


def allowed_in_words(column: str, model: type[Table]) -> str:
    """What may stand in a column of ``model``."""
    return _allowed(source_columns(model)[column])


def _allowed(about: Mapping[str, Any]) -> str:
    kinds = {
        "number": "a number",
        "month": "a month as YYYY-MM",
        "yes_no": "Yes or No",
        "indicator_type": "a type of the plan year",
    }
    return ", ".join(about["allowed"]) or kinds.get(about["kind"], "not empty")
