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
from rmrp_analysis.loaders.texts import ERROR_CELL, Lines, Texts, strip_texts
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
"""The columns of faults: where a cell stands, what is wrong, what stands there, what is allowed."""
REFUSED_SEVERITY, WARNING_SEVERITY = "refused", "warning"
"""Severities of a fault: its row is refused, or is used."""
MAX_TEXT_LENGTH = 300
"""Letters of a text at most in columns that declare no other length; the rest is cut."""
MENDED_TEXT_ALLOWED_NOTE = "text of a usual length without control characters; what was too much is taken out"
"""What is allowed where a text was cut or cleaned."""
BATCH_ROWS = 200_000
"""Rows of a file that are read at once."""
ROW_COUNT_COLUMN = "rows"
"""The column of how many reports a row stands for."""
NUMBER_COLUMNS = [name for name, column in Activities.columns.items() if column.kind == "number"]
"""Columns of activities that are added up."""
ONE_REPORT_COLUMNS = [name for name, column in Activities.columns.items() if "of one report" in column.flags]
"""Columns that say something of one report alone, such as its description."""
GROUPING_COLUMNS = [name for name in Activities.source_columns if name not in (*NUMBER_COLUMNS, *ONE_REPORT_COLUMNS)]
"""Reports that are alike in these may be added up; no figure is counted by what is ``ONE_REPORT_COLUMNS``."""
SETTINGS = {
    "numbers": f'`numbers: "{notation.COMMA}"` (decimal comma) or `numbers: "{notation.POINT}"` (decimal point)',
    "dates": f"`dates: {notation.DAY_FIRST}` or `dates: {notation.MONTH_FIRST}`",
}
"""What settles a column that reads two ways."""

NO_VALUE_TEXTS = frozenset({"na", "-"})
"""What stands for an empty cell, folded: R writes ``NA``, accountants a dash. ``n/a`` leaves open what is not known."""

ALLOWED_TEXT_BY_KIND = {
    "number": N_("a number"),
    "month": "a month as YYYY-MM",
    "yes_no": "Yes or No",
    "indicator_type": "a type of the plan year",
}
"""What may stand in a column without a list of choices, by its kind."""


@dataclass(frozen=True)
class Loaded:
    """A file after loading: rows in = rows of ``table``, ``refused`` and ``replaced``.

    Texts of ``table`` are Categoricals as ``values`` returns them, strings in planning and money. ``refused`` keeps the
    row's cells as they came, with ``file``, ``line`` and ``reason``; of money the reason alone. ``refused_values`` is
    what can be read of the refused rows, in the columns of the file's own table: "" or NaN where a cell cannot be read.
    It is not complete for planning, and empty for money. ``faults`` holds one row a faulty cell (see
    ``FAULT_COLUMNS``). ``records`` counts the usable records of each file where a record is not a row of ``table``, and
    ``sheets`` the sheet that was read of each workbook. ``replaced`` are rows in whose place those of another file
    stand: ``file``, ``line`` and ``reason`` (see ``loaders.overlap``).
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
    layout of activities: an optional column of it that is absent is a warning in ``faults``; one that it does not have
    may be absent, and is not read where other years require it. ``reading`` says what the file leaves open. Raises
    ``InputRefused`` when the file itself is unusable, lacks columns (the message then names all of them at once), or
    writes numbers or dates that read two ways.
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
    Workbooks and lists of JSON come at once. Columns that are absent or not read are named in the first part alone; how
    many texts were mended, in each.
    """

    def parts() -> Iterator[Texts]:
        """Read the texts of the file from its beginning."""
        return read_in_batches(path, lambda row: header_fit(row, table), reading, rows=rows)

    all_parts = parts()
    first_parts = list(islice(all_parts, 2))
    ways = ways_written(chain(first_parts, all_parts), path, table, year=year, reading=reading)
    for position, texts in enumerate(parts() if len(first_parts) > 1 else first_parts):
        yield values(texts, path, table, year=year, ways=ways, reading=reading, in_part=position > 0)


def whole(parts: Iterator[Loaded], year: PlanYear) -> Loaded:
    """Merge the parts of a file of activities; the new column ``rows`` counts the reports that each row stands for.

    In a file of one part, and in plan years that derive new beneficiaries, each report keeps its row (``rows`` is 1).
    Else reports alike in ``GROUPING_COLUMNS`` become one row, so that memory does not grow with the file: it has the
    line of the first, the sums of ``NUMBER_COLUMNS``, and "" in ``ONE_REPORT_COLUMNS``.
    """
    parts_with_rows = (replace(part, table=part.table.assign(**{ROW_COUNT_COLUMN: 1})) for part in parts)
    first_parts = list(islice(parts_with_rows, 2))
    if len(first_parts) == 1 or year.derives_new:
        return merge([*first_parts, *parts_with_rows])

    def merge_batches(merged: Loaded, part: Loaded) -> Loaded:
        """Add a batch to those before it; reports alike in ``GROUPING_COLUMNS`` become one row."""
        merged_batch = merge([merged, part])
        rows_grouped_by_report = merged_batch.table.groupby(GROUPING_COLUMNS, observed=True, sort=False, dropna=False)
        first_location_rows = rows_grouped_by_report[["source_file", "source_line"]].first()
        summed_reports = (
            rows_grouped_by_report[NUMBER_COLUMNS]
            .sum(min_count=1)
            .assign(**first_location_rows, **{ROW_COUNT_COLUMN: rows_grouped_by_report[ROW_COUNT_COLUMN].sum()})
            .reset_index()
        )
        empty_column_by_name = dict.fromkeys(ONE_REPORT_COLUMNS, pd.Series("", summed_reports.index, dtype="category"))
        return replace(merged_batch, table=summed_reports.assign(**empty_column_by_name)[list(merged_batch.table)])

    (file,) = first_parts[0].table["source_file"].cat.categories
    total = reduce(merge_batches, chain(first_parts, parts_with_rows))
    return replace(total, records={file: int(total.table[ROW_COUNT_COLUMN].sum())})


def ways_written(parts: Iterable[Texts], path: Path, table: Table, *, year: int, reading: Reading) -> Mapping[str, Way]:
    """Return the notation of each column of numbers and the order of day and month of each column of months.

    What ``reading`` states comes first. For a column that reads two ways the value is a ``TwoWays`` object; where the
    column is one that is counted, ``InputRefused`` is raised.
    """
    cells_by_column, headers = dict[str, dict[str, tuple[int, int]]](), dict[str, str]()
    for texts in parts:
        for name, column in _columns(texts, path, table, year)[0].items():
            if table.columns[name].kind in ("number", "month"):
                headers[name], cells = (str(column.name), cells_by_column.setdefault(name, {}))
                typed = column.index.isin(texts.decimals.get(str(column.name), ()))
                for text, (count, first_line) in cells_by_text(column[~typed] if typed.any() else column).items():
                    count_before, line = cells.get(text, (0, first_line))
                    cells[text] = count_before + count, line
    ways = _find_notations(cells_by_column, table, reading)
    for name, way in ways.items():
        if isinstance(way, notation.TwoWays) and table.columns[name].counted:
            what = f"the column `{headers[name]}` reads"
            raise reads_two_ways(path, what, way, cells_by_column[name], table.columns[name].unit)
    return ways


def _columns(texts: Texts, path: Path, table: Table, year: int) -> tuple[dict[str, pd.Series], dict[str, str]]:
    """Return the file's columns by name in ``table``, without those that the plan year derives; the headers of these.

    Raises ``InputRefused`` where columns are missing.
    """
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

    ``ways`` come from ``ways_written``. Where ``reading`` says that empty is 0, it is so in the columns of people that
    the file has. Where the texts are a later part of the file (``in_part``), absent and derived columns are not named
    again. Texts that were mended are counted in each part.
    """
    lines = texts.table.index
    columns, derived = _columns(texts, path, table, year)
    layouts = OPTIONAL_ACTIVITY_COLUMNS - plan_year(year).columns_not_reported
    expected_column_names = frozenset() if in_part or table is not Activities else layouts
    faults = _layout_faults(texts, path, sorted(expected_column_names - columns.keys()), {} if in_part else derived)
    zeros = np.zeros(len(lines), dtype="int8")
    data: dict[str, Any] = {"source_file": strip_texts(zeros, [path.name]), "source_line": lines.to_numpy("int64")}
    for name, declared in table.source_columns.items():
        empty_is_0 = reading.empty == "0" and name in columns and declared.unit.startswith("people")
        if name not in columns:
            columns[name] = pd.Series(strip_texts(zeros, [""]), lines)
        column, column_notation = columns[name], ways.get(name, "")
        codes = column.cat.codes.to_numpy()
        text_meaning_array, is_bad, is_mended = _meanings(column.cat.categories, declared, column_notation, year)
        if declared.kind == "number":
            decimal_lines = texts.decimals.get(str(column.name), ())
            cell_numbers, is_unusable = _numbers_of_cells(column, text_meaning_array, is_bad, decimal_lines)
            cell_numbers[np.isnan(cell_numbers) & ~is_unusable & empty_is_0] = 0.0
            data[name] = cell_numbers
        else:
            data[name] = pd.Categorical(text_meaning_array).take(codes)
            is_unusable = is_bad[codes]
        if is_unusable.any():
            faults.append(_unusable_cells(column[is_unusable], path.name, name, declared))
        if is_mended.any():
            count = f"{np.count_nonzero(is_mended[codes]):,} cells"
            mended_fault_fields = (path.name, texts.top, name, ["text_mended"], count, MENDED_TEXT_ALLOWED_NOTE)
            faults.append(fault_rows(*mended_fault_fields, severity=WARNING_SEVERITY))
    all_faults = pd.concat(faults).sort_values(["line", "column"], ignore_index=True)
    refused = list_refused_rows(all_faults, texts.table)
    rows, refused_values = _split_refused(pd.DataFrame(data, copy=False), lines.isin(refused["line"]))
    sheets = {path.name: texts.sheet} if texts.sheet else {}
    return Loaded(rows, refused, all_faults, refused_values, sheets=sheets)


def _layout_faults(
    texts: Texts, path: Path, absent_columns: list[str], derived_headers: Mapping[str, str]
) -> list[pd.DataFrame]:
    """Return the warnings about a whole file: how it was read, columns it lacks, columns that are not read."""
    make_warning_rows = partial(fault_rows, path.name, texts.top, severity=WARNING_SEVERITY)
    allowed_reading_text = "one visible sheet or text in UTF-8, a value in every cell"
    allowed_column_text = "a column of the plan year's layout"
    return [
        make_warning_rows("", "how_it_was_read", list(texts.messages), allowed_reading_text),
        make_warning_rows(absent_columns, "absent_column", "", allowed_column_text),
        make_warning_rows([*derived_headers], "column_not_read", [*derived_headers.values()], allowed_column_text),
    ]


def _numbers_of_cells(
    column: pd.Series, number_of_text: Lines, is_bad_text: Lines, decimal_lines: Collection[int]
) -> tuple[Lines, Lines]:
    """Return the number of each cell, and which cells are unusable, by what the different texts of a column mean.

    On ``decimal_lines`` the file itself holds a number with decimals, whatever notation its other cells have.
    """
    text_codes = column.cat.codes.to_numpy()
    cell_numbers, is_unusable_cell = number_of_text[text_codes], is_bad_text[text_codes]
    is_decimal = column.index.isin(decimal_lines)
    if is_decimal.any():
        stored_numbers = pd.to_numeric(pd.Series(column.cat.categories), errors="coerce").to_numpy("float64")
        finite_numbers = np.where(np.isinf(stored_numbers), np.nan, stored_numbers)
        cell_numbers[is_decimal] = finite_numbers[text_codes[is_decimal]]
        is_unusable_cell[is_decimal] = np.isnan(cell_numbers[is_decimal])
    return cell_numbers, is_unusable_cell


def _unusable_cells(cells: pd.Series, file: str, column_name: str, column: Column) -> pd.DataFrame:
    """Return a fault for each of these cells; its row is refused where the column is one that is counted."""
    sent_texts = cells.astype("str")
    check_names = np.where(sent_texts == "", "empty", f"not_{column.kind}")
    severity = REFUSED_SEVERITY if column.counted else WARNING_SEVERITY
    return fault_rows(
        file, cells.index, column_name, check_names, sent_texts, describe_allowed(column), severity=severity
    )


def _split_refused(rows: pd.DataFrame, is_refused: Lines) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows to use, and the refused ones; only these have strings ("" for missing), no Categoricals."""
    used_rows, refused_rows = rows, rows[is_refused]
    if is_refused.any():
        used_rows = rows[~is_refused].reset_index(drop=True)
        text_columns = used_rows.select_dtypes("category")
        used_rows[text_columns.columns] = text_columns.apply(lambda column: column.cat.remove_unused_categories())
    columns_of_text = refused_rows.select_dtypes("category").columns
    refused_rows = refused_rows.astype(dict.fromkeys(columns_of_text, "str"))
    return used_rows, refused_rows.fillna(dict.fromkeys(columns_of_text, "")).reset_index(drop=True)


def _find_notations(cells_by_column: Mapping[str, Iterable[str]], table: Table, reading: Reading) -> dict[str, Way]:
    """Return how each column of numbers or months writes them, by its different cells; other columns are left out.

    A value is a notation, an order, or, where cells do not show it, a ``TwoWays`` object. What ``reading`` states comes
    first.
    """
    numbers: dict[str, dict[str, notation.Number]] = {}
    ways: dict[str, Way] = {}
    for name, column_cells in cells_by_column.items():
        cells = [text for text in column_cells if text and not _is_no_value(text)]
        if table.columns[name].kind == "number":
            all_digits = all(map(notation.of_digits, cells))
            unit = _unit(table.columns[name])
            numbers[name] = {} if all_digits else {text: notation.number(text, unit) for text in cells}
        elif table.columns[name].kind == "month":
            ways[name] = reading.dates or _find_notation(notation.order_of, cells)
    notations_by_column = {
        name: {cell.notation for cell in reading_pair_by_text.values()} - {""}
        for name, reading_pair_by_text in numbers.items()
    }
    for name, reading_pair_by_text in numbers.items():
        other_notations = set[str]().union(
            *(notations for other_name, notations in notations_by_column.items() if other_name != name)
        )
        notation_elsewhere = other_notations.pop() if len(other_notations) == 1 else ""
        decide = partial(notation.notation_of, unit=_unit(table.columns[name]), elsewhere=notation_elsewhere)
        ways[name] = reading.numbers or _find_notation(decide, reading_pair_by_text)
    return ways


def _find_notation(decide: Callable[[Any], str], cells: Collection[str]) -> Way:
    """Return the notation or order that ``decide`` finds; where it raises ``TwoWays``, return that object."""
    try:
        return decide(cells)
    except notation.TwoWays as problem:
        return problem


def _meanings(texts: Iterable[str], column: Column, way: Way, year: int) -> tuple[Any, Lines, Lines]:
    """Return the meaning of each different text of a column, and masks: which are unusable, which were mended.

    Meanings are floats in a column of numbers, else strings; missing where a text has none. Texts that read two ways,
    and empty ones of a required column, are unusable. Mended are texts that were shortened or cleaned.
    """
    if column.kind == "text":
        texts_or_empty = ["" if text in ("NA", ERROR_CELL) else text for text in texts]
    else:
        texts_or_empty = ["" if _is_no_value(text) else text for text in texts]
    ambiguous = frozenset(way.cells if isinstance(way, notation.TwoWays) else ())
    is_empty = np.array([text == "" for text in texts_or_empty], dtype="bool")
    meanings = list[str | None](texts_or_empty)
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
        month_by_text = notation.months(unambiguous, year=year, order=way if isinstance(way, str) else "")
        meanings = [month_by_text.get(text) for text in texts_or_empty]
    else:
        spellings = plan_lists().spellings_by_kind.get(column.kind) or {
            fold(allowed_choice): allowed_choice for allowed_choice in column.choices
        } | {
            type_spelling: plan_year(year).indicator_types[type_word]
            for type_spelling, type_word in plan_year(year).indicator_words.items()
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
    """Return whether a text stands for an empty cell, such as ``NA``."""
    return not text.isdecimal() and fold(text) in NO_VALUE_TEXTS


def _unit(column: Column) -> str:
    """Return the unit of a column without what it says after a comma."""
    return column.unit.partition(",")[0]


def cells_by_text(column: pd.Series) -> Cells:
    """Return, for each different text of a column, how many cells hold it and the line (index) of the first."""
    texts = column.astype("category").cat
    by_text = pd.Series(column.index).groupby(texts.codes.to_numpy()).agg(["size", "min"])
    return dict(zip(texts.categories[by_text.index], zip(by_text["size"], by_text["min"], strict=True), strict=True))


def reads_two_ways(path: Path, what: str, two_ways: notation.TwoWays, cells: Cells, unit: str = "") -> InputRefused:
    """Return the refusal of a file because of a column (``what``), with what is at stake and how to settle it."""
    ambiguous = {text: cells[text] for text in two_ways.cells}
    total = sum(count for count, _ in ambiguous.values())
    first = min(text_line for _, text_line in ambiguous.values())
    people = ""
    if unit.startswith("people"):
        counts = [count for count, _ in ambiguous.values()]
        people = f", {(most_people(pd.Series([*ambiguous])) * counts).sum():,.0f} people at stake"
    return InputRefused(
        f"{path}: {what} two ways: {two_ways.readings} ({total:,} cell{'' if total == 1 else 's'}, the first on line "
        f"{first}{people}). Nothing there says which. Add {SETTINGS[two_ways.kind]} to this input in "
        f"{SOURCES_FILE}"
    )


def most_people(texts: pd.Series) -> pd.Series:
    """Return the most people that each cell may mean, with its marks as thousands; 0 if empty, NaN if no number."""
    cells = {text: notation.number(text, "people") for text in texts.unique()}
    largest = {
        text: max(cell.point or 0.0, cell.comma or 0.0) for text, cell in cells.items() if cell != notation.NO_NUMBER
    }
    return texts.map(largest | {text: 0.0 for text in cells if not text or fold(text) in NO_VALUE_TEXTS}).astype(
        "float64"
    )


def merge(parts: Sequence[Loaded]) -> Loaded:
    """Merge the tables, refused rows and faults of several files or parts of one kind.

    A single one is returned as it is. Categories are sorted.
    """
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
    file: Any, line: Any, column: Any, check: Any, value: Any, allowed: Any, *, severity: str = REFUSED_SEVERITY
) -> pd.DataFrame:
    """Return a table with a row for each faulty cell, in ``FAULT_COLUMNS``.

    At least one argument is a list, with an item for each row; one that is no list holds for all rows.
    """
    cells = (file, line, column, check, severity, np.asarray(value) if isinstance(value, pd.Series) else value, allowed)
    rows = pd.DataFrame(dict(zip(FAULT_COLUMNS, cells, strict=True)))
    return rows.astype(dict.fromkeys(FAULT_COLUMNS, "str") | {"line": "int64"})


def list_refused_rows(faults: pd.DataFrame, cells: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a row for each line with faults that refuse it: file, line, reason, and its cells as they were sent.

    ``cells`` are those of one file, by line; without them, or where no line is refused, the other three are all.
    A column of ``cells`` that is named like one of the three gets *(as sent)* behind its name.
    """
    refusing = faults[faults["severity"] == REFUSED_SEVERITY]
    if refusing.empty:
        return refusing[["file", "line"]].assign(reason=pd.Series(dtype="str")).reset_index(drop=True)
    quoted = refusing["value"].map(lambda value: f"'{value}'" if value else "empty")
    reasons = refusing["column"] + " is " + quoted + "; allowed: " + refusing["allowed"]
    by_line = reasons.groupby([refusing["file"], refusing["line"]]).agg("; ".join)
    rows = by_line.rename("reason").reset_index()
    if cells is None:
        return rows
    names_as_sent = {name: f"{name} (as sent)" for name in rows.columns}
    as_sent = cells.loc[rows["line"]].astype("str").rename(columns=names_as_sent).reset_index(drop=True)
    return pd.concat([rows, as_sent], axis="columns")


def parse_cells(texts: pd.Series, column: str, table: Table, *, year: int) -> tuple[pd.Series, pd.Series]:
    """Return texts as they would be read in a column of ``table``, and the mask of those that cannot be used there.

    Numbers are read with a decimal point. In a column that is not counted, a row with such a cell would stay.
    """
    declared, cells = table.columns[column], texts.astype("category").cat
    way = _find_notations({column: cells.categories}, table, Reading(numbers="1,234.5")).get(column, "")
    meanings, is_bad, _ = _meanings(cells.categories, declared, way, year)
    codes = cells.codes.to_numpy()
    return pd.Series(meanings[codes], texts.index), pd.Series(is_bad[codes], texts.index)


def describe_allowed(column: Column) -> str:
    """Return what may stand in a column: its choices, else the words for its kind, else *not empty*."""
    return ", ".join(column.choices) or ALLOWED_TEXT_BY_KIND.get(column.kind, N_("not empty"))
