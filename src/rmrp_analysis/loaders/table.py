"""Texts become a valid table: headers matched, each different text of a column read once, what is unusable refused."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import notation
from rmrp_analysis.loaders.header import header_fit, match_headers
from rmrp_analysis.loaders.read import read_in_batches
from rmrp_analysis.loaders.texts import ERROR, Lines, Texts, strip_texts
from rmrp_analysis.messages import N_
from rmrp_analysis.sources import SOURCES_FILE, Reading
from rmrp_analysis.tables import OPTIONAL_ACTIVITY_COLUMNS, Activities, Column, Table
from rmrp_analysis.vocabulary import PlanYear, fold, plan_lists, plan_year
from rmrp_analysis.yaml_text import printable

Way = str | notation.TwoWays
"""A notation of numbers or an order of day and month; or why a column reads two ways."""

Cells = Mapping[str, tuple[int, int]]
"""The different texts of a column: how many cells hold each, and the line of the first."""

FAULT_COLUMNS = ("file", "line", "column", "check", "severity", "value", "allowed")
REFUSED, WARNING = "refused", "warning"
MAX_TEXT_LENGTH = 300
ALLOWED_TEXT = "text of a usual length without control characters; what was too much is taken out"
BATCH_ROWS = 200_000
ROWS = "rows"
NUMBERS = [name for name, column in Activities.columns.items() if column.kind == "number"]
OF_ONE_REPORT = [name for name, column in Activities.columns.items() if "of one report" in column.flags]
COUNTED_BY = [name for name in Activities.source_columns if name not in (*NUMBERS, *OF_ONE_REPORT)]
"""Reports that are alike in these may be added up; no figure is counted by what is ``OF_ONE_REPORT``."""
SETTINGS = {
    "numbers": f'`numbers: "{notation.COMMA}"` (decimal comma) or `numbers: "{notation.POINT}"` (decimal point)',
    "dates": f"`dates: {notation.DAY_FIRST}` or `dates: {notation.MONTH_FIRST}`",
}
"""What settles a column that reads two ways."""

NO_VALUE = frozenset({"na", "-"})
"""What stands for an empty cell, folded: R writes ``NA``, accountants a dash. ``n/a`` leaves open what is not known."""

ALLOWED_IN_WORDS = {
    "number": N_("a number"),
    "month": "a month as YYYY-MM",
    "yes_no": "Yes or No",
    "indicator_type": "a type of the plan year",
}


@dataclass(frozen=True)
class Loaded:
    """A file after loading: rows in = rows of ``table``, ``refused`` and ``replaced``.

    Texts of ``table`` are Categoricals. ``refused`` keeps the row's cells as they came, with ``file``, ``line`` and
    ``reason``; ``refused_values`` has the columns of ``table`` for the same rows, NaN where a cell cannot be read.
    ``faults`` holds one row a faulty cell (see ``FAULT_COLUMNS``). ``records`` counts the usable records of each file
    where a record is not a row of ``table``, and ``sheets`` the sheet that was read of each workbook. ``replaced`` are
    rows in whose place those of another file stand: ``file``, ``line`` and ``reason`` (see ``loaders.overlap``).
    """

    table: pd.DataFrame
    refused: pd.DataFrame
    faults: pd.DataFrame
    refused_values: pd.DataFrame = field(default_factory=pd.DataFrame)
    records: Mapping[str, int] = field(default_factory=dict)
    sheets: Mapping[str, str] = field(default_factory=dict)
    replaced: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["file", "line", "reason"]))

    @property
    def not_used(self) -> pd.DataFrame:
        """The rows that are refused, and those in whose place another file stands."""
        return pd.concat([self.refused, self.replaced], ignore_index=True) if len(self.replaced) else self.refused

    def count_used(self, file: str) -> int:
        """Count the records of one file that are used."""
        return self.records[file] if file in self.records else int((self.table["source_file"] == file).sum())


def load_table(path: Path, table: Table, *, year: int, reading: Reading = Reading()) -> Loaded:  # noqa: B008 - frozen
    """Read a file into ``table``, refusing only the rows that cannot be used.

    The plan ``year`` completes months that a file gives by name alone, has its words for what indicators count, and its
    layout of activities: a column of it that is absent is a fault; one that it does not have may be absent, and is not
    read where another year's must be there. ``reading`` says what the file leaves open. Raises ``InputRefused`` when
    the file itself is unusable, lacks columns (the message then names all of them at once), or writes numbers or dates
    that read two ways.
    """
    return next(batches(path, table, year=year, reading=reading, rows=0))


def batches(
    path: Path,
    table: Table,
    *,
    year: int,
    reading: Reading = Reading(),  # noqa: B008 - frozen
    rows: int = BATCH_ROWS,
) -> Iterator[Loaded]:
    """Read a file as ``load_table`` does, some of its ``rows`` at a time, in memory that does not grow with the file.

    A file of more rows is read twice: how a column writes its numbers and dates is known from all of its cells.
    Workbooks and lists of JSON come at once. What is said of the whole file stands in the first part.
    """

    def parts() -> Iterator[Texts]:
        return read_in_batches(path, lambda row: header_fit(row, table), reading, rows=rows)

    all_parts = parts()
    first_parts = list(islice(all_parts, 2))
    ways = ways_written(chain(first_parts, all_parts), path, table, year=year, reading=reading)
    for position, texts in enumerate(parts() if len(first_parts) > 1 else first_parts):
        yield values(texts, path, table, year=year, ways=ways, reading=reading, in_part=position > 0)


def whole(parts: Iterator[Loaded], year: PlanYear) -> Loaded:
    """Put the parts of a file of activities together; ``rows`` counts the reports that each row stands for.

    It is one, but of a file of several parts, so that memory does not grow with it: there reports alike in all they are
    counted by are one row, with the line of the first and the sums of their numbers. Plan years that derive new
    beneficiaries from the groups of each report keep every report.
    """
    parts_with_rows = (replace(part, table=part.table.assign(**{ROWS: 1})) for part in parts)
    first_parts = list(islice(parts_with_rows, 2))
    if len(first_parts) == 1 or year.derives_new:
        return merge([*first_parts, *parts_with_rows])

    def merge_batches(merged: Loaded, part: Loaded) -> Loaded:
        merged_parts = merge([merged, part])
        same_reports = merged_parts.table.groupby(COUNTED_BY, observed=True, sort=False, dropna=False)
        first_lines = same_reports[["source_file", "source_line"]].first()
        table = (
            same_reports[NUMBERS]
            .sum(min_count=1)
            .assign(**first_lines, **{ROWS: same_reports[ROWS].sum()})
            .reset_index()
        )
        nothing = dict.fromkeys(OF_ONE_REPORT, pd.Series("", table.index, dtype="category"))
        return replace(merged_parts, table=table.assign(**nothing)[list(merged_parts.table)])

    (file,) = first_parts[0].table["source_file"].cat.categories
    total = reduce(merge_batches, chain(first_parts, parts_with_rows))
    return replace(total, records={file: int(total.table[ROWS].sum())})


def ways_written(parts: Iterable[Texts], path: Path, table: Table, *, year: int, reading: Reading) -> Mapping[str, Way]:
    """Find how each column of a file writes its numbers and dates.

    It is ``TwoWays`` where that is not clear; where rows are refused for such a cell, the file is (``InputRefused``).
    """
    cells_by_column, headers = dict[str, dict[str, tuple[int, int]]](), dict[str, str]()
    for texts in parts:
        for name, column in _columns(texts, path, table, year)[0].items():
            if table.columns[name].kind in ("number", "month"):
                headers[name], cells = str(column.name), cells_by_column.setdefault(name, {})
                typed = column.index.isin(texts.decimals.get(str(column.name), ()))
                for text, (count, first_line) in cells_by_text(column[~typed] if typed.any() else column).items():
                    count_before, line = cells.get(text, (0, first_line))
                    cells[text] = count_before + count, line
    ways = _ways(cells_by_column, table, reading)
    for name, way in ways.items():
        if isinstance(way, notation.TwoWays) and table.columns[name].counted:
            what = f"the column `{headers[name]}` reads"
            raise reads_two_ways(path, what, way, cells_by_column[name], table.columns[name].unit)
    return ways


def _columns(texts: Texts, path: Path, table: Table, year: int) -> tuple[dict[str, pd.Series], dict[str, str]]:
    """Return the file's column for each of the table, and the headers of those that the plan year derives itself."""
    not_reported = plan_year(year).columns_not_reported if table is Activities else ()
    columns = match_headers(texts.table, table, path, sheet=texts.sheet, not_reported=not_reported)
    derived = [name for name in sorted(not_reported) if name in columns and not table.columns[name].optional]
    return columns, {name: str(columns.pop(name).name) for name in derived}


def values(
    texts: Texts,
    path: Path,
    table: Table,
    *,
    year: int,
    ways: Mapping[str, Way],
    reading: Reading = Reading(),  # noqa: B008 - frozen
    in_part: bool = False,
) -> Loaded:
    """Convert texts into a table, as ``load_table`` does.

    ``ways`` are those in which columns write numbers and dates.
    Where ``reading`` says that empty is 0, it is so in the columns of people that the file has.
    Where the texts are only a part of the file (``in_part``), nothing is said of the layout.
    """
    lines = texts.table.index
    columns, derived = _columns(texts, path, table, year)
    layouts = OPTIONAL_ACTIVITY_COLUMNS - plan_year(year).columns_not_reported
    expected = [] if in_part or table is not Activities else sorted(layouts)
    absent = [name for name in expected if name not in columns]
    how_read, layout = "one visible sheet or text in UTF-8, a value in every cell", "a column of the plan year's layout"
    faults = [
        fault_rows(path.name, texts.top, "", "how_it_was_read", list(texts.messages), how_read, severity=WARNING),
        fault_rows(path.name, texts.top, absent, "absent_column", "", layout, severity=WARNING),
        fault_rows(path.name, texts.top, [*derived], "column_not_read", [*derived.values()], layout, severity=WARNING),
    ]
    zeros = np.zeros(len(lines), dtype="int8")
    data: dict[str, Any] = {"source_file": strip_texts(zeros, [path.name]), "source_line": lines.to_numpy("int64")}
    for name, declared in table.source_columns.items():
        empty_is_0 = reading.empty == "0" and name in columns and declared.unit.startswith("people")
        if name not in columns:
            columns[name] = pd.Series(strip_texts(zeros, [""]), lines)
        column, texts_of_column = columns[name], columns[name].cat.categories
        codes = column.cat.codes.to_numpy()
        meanings, is_bad, is_mended = _meanings(texts_of_column, declared, ways.get(name, ""), year)
        is_unusable = is_bad[codes]
        if declared.kind == "number":
            data[name] = meanings[codes]
            if len(typed_rows := np.flatnonzero(lines.isin(texts.decimals.get(str(column.name), ())))):
                stored = pd.to_numeric(pd.Series(texts_of_column), errors="coerce").to_numpy("float64")
                data[name][typed_rows] = np.where(np.isinf(stored), np.nan, stored)[codes[typed_rows]]
                is_unusable[typed_rows] = np.isnan(data[name][typed_rows])
            if empty_is_0:
                data[name][np.isnan(data[name]) & ~is_unusable] = 0.0
        else:
            data[name] = pd.Categorical(meanings).take(codes)
        if is_unusable.any():
            cells_sent = column[is_unusable].astype("str")
            check = np.where(cells_sent == "", "empty", f"not_{declared.kind}")
            severity, allowed = (REFUSED if declared.counted else WARNING), describe_allowed(declared)
            faults.append(fault_rows(path.name, cells_sent.index, name, check, cells_sent, allowed, severity=severity))
        if is_mended.any():
            count = f"{np.count_nonzero(is_mended[codes]):,} cells"
            faults.append(
                fault_rows(path.name, texts.top, name, ["text_mended"], count, ALLOWED_TEXT, severity=WARNING)
            )
    all_faults = pd.concat(faults).sort_values(["line", "column"], ignore_index=True)
    refused = list_refused_rows(all_faults, texts.table)
    rows = pd.DataFrame(data, copy=False)
    refused_values = rows.iloc[:0]
    if len(refused):
        is_refused = lines.isin(refused["line"])
        refused_values, rows = rows[is_refused], rows[~is_refused].reset_index(drop=True)
        text_columns = rows.select_dtypes("category")
        rows[text_columns.columns] = text_columns.apply(lambda column: column.cat.remove_unused_categories())
    sheets = {path.name: texts.sheet} if texts.sheet else {}
    columns_of_text = refused_values.select_dtypes("category").columns
    refused_values = refused_values.astype(dict.fromkeys(columns_of_text, "str"))
    refused_values = refused_values.fillna(dict.fromkeys(columns_of_text, "")).reset_index(drop=True)
    return Loaded(rows, refused, all_faults, refused_values, sheets=sheets)


def _ways(cells_by_column: Mapping[str, Iterable[str]], table: Table, reading: Reading) -> dict[str, Way]:
    """Find how each column writes numbers and dates, by its different cells; ``TwoWays`` where it is not clear."""
    numbers: dict[str, dict[str, notation.Number]] = {}
    ways: dict[str, Way] = {}
    for name, column_cells in cells_by_column.items():
        cells = [text for text in column_cells if text and not _is_no_value(text)]
        if table.columns[name].kind == "number":
            all_digits, unit = all(map(notation.of_digits, cells)), _unit(table.columns[name])
            numbers[name] = {} if all_digits else {text: notation.number(text, unit) for text in cells}
        elif table.columns[name].kind == "month":
            ways[name] = reading.dates or _way(notation.order_of, cells)
    notations_by_column = {name: {cell.notation for cell in cells.values()} - {""} for name, cells in numbers.items()}
    for name, column_cells in numbers.items():
        other_notations = set[str]().union(
            *(notations for other_name, notations in notations_by_column.items() if other_name != name)
        )
        notation_elsewhere = other_notations.pop() if len(other_notations) == 1 else ""
        decide = partial(notation.notation_of, unit=_unit(table.columns[name]), elsewhere=notation_elsewhere)
        ways[name] = reading.numbers or _way(decide, column_cells)
    return ways


def _way(decide: Callable[[Any], str], cells: Collection[str]) -> Way:
    try:
        return decide(cells)
    except notation.TwoWays as problem:
        return problem


def _meanings(texts: Iterable[str], column: Column, way: Way, year: int) -> tuple[Any, Lines, Lines]:
    """Return the meaning of each different text of a column, and masks: which are unusable, which were shortened."""
    if column.kind == "text":
        texts_or_empty = ["" if text in ("NA", ERROR) else text for text in texts]
    else:
        texts_or_empty = ["" if _is_no_value(text) else text for text in texts]
    ambiguous = frozenset(way.cells if isinstance(way, notation.TwoWays) else ())
    is_empty, meanings = (
        np.array([text == "" for text in texts_or_empty], dtype="bool"),
        list[str | None](texts_or_empty),
    )
    if column.kind == "number":
        numbers_read = [
            notation.NO_NUMBER if text in ambiguous else notation.number(text, _unit(column)) for text in texts_or_empty
        ]
        numbers = np.array(
            [cell.comma if way == notation.COMMA else cell.point for cell in numbers_read], dtype="float64"
        )
        numbers[np.isinf(numbers)] = np.nan
        return (
            numbers,
            np.isnan(numbers) & ~is_empty | (is_empty & column.required),
            np.zeros(len(texts_or_empty), dtype="bool"),
        )
    if column.kind == "text":
        meanings = [printable(text, int(column.longest or MAX_TEXT_LENGTH)) for text in texts_or_empty]
    elif column.kind == "month":
        unambiguous = [text for text in texts_or_empty if text not in ambiguous]
        month_of_text = notation.months(unambiguous, year=year, order=way if isinstance(way, str) else "")
        meanings = [month_of_text.get(text) for text in texts_or_empty]
    else:
        spellings = plan_lists().spellings_by_kind.get(column.kind) or {
            fold(choice): choice for choice in column.choices
        } | {
            spelling: plan_year(year).indicator_types[word]
            for spelling, word in plan_year(year).indicator_words.items()
        }
        meanings = [spellings.get(fold(text)) for text in texts_or_empty]
    choices = frozenset(column.choices)
    is_wrong = [meaning is None or bool(choices and meaning not in choices) for meaning in meanings]
    is_changed = [
        column.kind == "text" and meaning != text for meaning, text in zip(meanings, texts_or_empty, strict=True)
    ]
    is_bad = np.array(is_wrong, dtype="bool") & ~is_empty | (is_empty & column.required)
    return pd.array(meanings, dtype="str"), is_bad, np.array(is_changed, dtype="bool")


def _is_no_value(text: str) -> bool:
    return not text.isdecimal() and fold(text) in NO_VALUE


def _unit(column: Column) -> str:
    return column.unit.partition(",")[0]


def cells_by_text(column: pd.Series) -> Cells:
    """Count the cells of each different text of a column, by line."""
    texts = column.astype("category").cat
    by_text = pd.Series(column.index).groupby(texts.codes.to_numpy()).agg(["size", "min"])
    return dict(zip(texts.categories[by_text.index], zip(by_text["size"], by_text["min"], strict=True), strict=True))


def reads_two_ways(path: Path, what: str, two_ways: notation.TwoWays, cells: Cells, unit: str = "") -> InputRefused:
    """Refuse a file because of a column (``what``), with what is at stake and how to settle it."""
    ambiguous = {text: cells[text] for text in two_ways.cells}
    total, first_line = sum(count for count, _ in ambiguous.values()), min(line for _, line in ambiguous.values())
    people = ""
    if unit.startswith("people"):
        counts = [count for count, _ in ambiguous.values()]
        people = f", {(most_people(pd.Series([*ambiguous])) * counts).sum():,.0f} people at stake"
    return InputRefused(
        f"{path}: {what} two ways: {two_ways.readings} ({total:,} cell{'' if total == 1 else 's'}, the first on line "
        f"{first_line}{people}). Nothing there says which. Add {SETTINGS[two_ways.kind]} to this input in "
        f"{SOURCES_FILE}"
    )


def most_people(texts: pd.Series) -> pd.Series:
    """Return the most people that each cell may mean, with its marks as thousands; 0 if empty, NaN if no number."""
    cells = {text: notation.number(text, "people") for text in texts.unique()}
    largest = {
        text: max(cell.point or 0.0, cell.comma or 0.0) for text, cell in cells.items() if cell != notation.NO_NUMBER
    }
    return texts.map(largest | {text: 0.0 for text in cells if not text or fold(text) in NO_VALUE}).astype("float64")


def merge(parts: Sequence[Loaded]) -> Loaded:
    """Put several files of one kind into one table."""
    if len(parts) == 1:
        return parts[0]
    columns: dict[str, Any] = {}
    for name, column in parts[0].table.items():
        cells = [part.table[name] for part in parts]
        if isinstance(column.dtype, pd.CategoricalDtype):
            columns[str(name)] = union_categoricals(cells, sort_categories=True)
        else:
            columns[str(name)] = pd.concat(cells, ignore_index=True)
    return Loaded(
        pd.DataFrame(columns, copy=False),
        pd.concat([part.refused for part in parts], ignore_index=True),
        pd.concat([part.faults for part in parts], ignore_index=True),
        pd.concat([part.refused_values for part in parts], ignore_index=True),
        {file: records for part in parts for file, records in part.records.items()},
        {file: sheet for part in parts for file, sheet in part.sheets.items()},
        pd.concat([part.replaced for part in parts], ignore_index=True),
    )


def fault_rows(
    file: Any, line: Any, column: Any, check: Any, value: Any, allowed: Any, *, severity: str = REFUSED
) -> pd.DataFrame:
    """Return a table with a row for each faulty cell, in ``FAULT_COLUMNS``.

    At least one argument is a list, with an item for each row; one that is no list holds for all rows.
    """
    cells = (file, line, column, check, severity, np.asarray(value) if isinstance(value, pd.Series) else value, allowed)
    rows = pd.DataFrame(dict(zip(FAULT_COLUMNS, cells, strict=True)))
    return rows.astype(dict.fromkeys(FAULT_COLUMNS, "str") | {"line": "int64"})


def list_refused_rows(faults: pd.DataFrame, cells: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a row for each line with faults that refuse it: file, line, reason, and its cells as they were sent.

    ``cells`` are those of one file, by line; without them only the reason is known.
    """
    refusing = faults[faults["severity"] == REFUSED]
    if refusing.empty:
        return refusing[["file", "line"]].assign(reason=pd.Series(dtype="str")).reset_index(drop=True)
    quoted = refusing["value"].map(lambda value: f"'{value}'" if value else "empty")
    cell_reasons = refusing["column"] + " is " + quoted + "; allowed: " + refusing["allowed"]
    by_line = cell_reasons.groupby([refusing["file"], refusing["line"]]).agg("; ".join)
    rows = by_line.rename("reason").reset_index()
    if cells is None:
        return rows
    names_as_sent = {name: f"{name} (as sent)" for name in rows.columns}
    as_sent = cells.loc[rows["line"]].astype("str").rename(columns=names_as_sent).reset_index(drop=True)
    return pd.concat([rows, as_sent], axis="columns")


def parse_cells(texts: pd.Series, column: str, table: Table, *, year: int) -> tuple[pd.Series, pd.Series]:
    """Return texts as they would be read in a column of ``table``, and which of them would be refused there."""
    declared, cells = table.columns[column], texts.astype("category").cat
    way = _ways({column: cells.categories}, table, Reading(numbers="1,234.5")).get(column, "")
    meanings, is_bad, _ = _meanings(cells.categories, declared, way, year)
    codes = cells.codes.to_numpy()
    return pd.Series(meanings[codes], texts.index), pd.Series(is_bad[codes], texts.index)


def describe_allowed(column: Column) -> str:
    """Say what may stand in a column, for who sent something else."""
    return ", ".join(column.choices) or ALLOWED_IN_WORDS.get(column.kind, N_("not empty"))
