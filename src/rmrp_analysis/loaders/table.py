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

    text_batches = parts()
    first_two_batches = list(islice(text_batches, 2))
    notation_by_column = ways_written(chain(first_two_batches, text_batches), path, table, year=year, reading=reading)
    for batch_index, batch_texts in enumerate(parts() if len(first_two_batches) > 1 else first_two_batches):
        yield values(
            batch_texts, path, table, year=year, ways=notation_by_column, reading=reading, in_part=batch_index > 0
        )


def whole(parts: Iterator[Loaded], year: PlanYear) -> Loaded:
    """Merge the parts of a file of activities; the new column ``rows`` counts the reports that each row stands for.

    In a file of one part, and in plan years that derive new beneficiaries, each report keeps its row (``rows`` is 1).
    Else reports alike in ``GROUPING_COLUMNS`` become one row, so that memory does not grow with the file: it has the
    line of the first, the sums of ``NUMBER_COLUMNS``, and "" in ``ONE_REPORT_COLUMNS``.
    """
    batches_with_row_counts = (replace(part, table=part.table.assign(**{ROW_COUNT_COLUMN: 1})) for part in parts)
    first_two_batches = list(islice(batches_with_row_counts, 2))
    if len(first_two_batches) == 1 or year.derives_new:
        return merge([*first_two_batches, *batches_with_row_counts])

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

    (file_name,) = first_two_batches[0].table["source_file"].cat.categories
    merged_file = reduce(merge_batches, chain(first_two_batches, batches_with_row_counts))
    return replace(merged_file, records={file_name: int(merged_file.table[ROW_COUNT_COLUMN].sum())})


def ways_written(parts: Iterable[Texts], path: Path, table: Table, *, year: int, reading: Reading) -> Mapping[str, Way]:
    """Return the notation of each column of numbers and the order of day and month of each column of months.

    What ``reading`` states comes first. For a column that reads two ways the value is a ``TwoWays`` object; where the
    column is one that is counted, ``InputRefused`` is raised.
    """
    counts_and_lines_by_column, headers = dict[str, dict[str, tuple[int, int]]](), dict[str, str]()
    for batch_texts in parts:
        for column_name, file_column_series in _columns(batch_texts, path, table, year)[0].items():
            if table.columns[column_name].kind in ("number", "month"):
                headers[column_name], count_and_line_by_text = (
                    str(file_column_series.name),
                    counts_and_lines_by_column.setdefault(column_name, {}),
                )
                is_stored_number = file_column_series.index.isin(
                    batch_texts.decimals.get(str(file_column_series.name), ())
                )
                for cell_text, (cell_count, first_line) in cells_by_text(
                    file_column_series[~is_stored_number] if is_stored_number.any() else file_column_series
                ).items():
                    earlier_cell_count, earliest_line = count_and_line_by_text.get(cell_text, (0, first_line))
                    count_and_line_by_text[cell_text] = earlier_cell_count + cell_count, earliest_line
    notation_by_column = _find_notations(counts_and_lines_by_column, table, reading)
    for column_name, column_notation in notation_by_column.items():
        if isinstance(column_notation, notation.TwoWays) and table.columns[column_name].counted:
            what = f"the column `{headers[column_name]}` reads"
            raise reads_two_ways(
                path, what, column_notation, counts_and_lines_by_column[column_name], table.columns[column_name].unit
            )
    return notation_by_column


def _columns(texts: Texts, path: Path, table: Table, year: int) -> tuple[dict[str, pd.Series], dict[str, str]]:
    """Return the file's columns by name in ``table``, without those that the plan year derives; the headers of these.

    Raises ``InputRefused`` where columns are missing.
    """
    columns_not_reported = plan_year(year).columns_not_reported if table is Activities else ()
    column_series_by_name = match_headers(
        texts.table, table, path, sheet=texts.sheet, not_reported=columns_not_reported
    )
    derived_column_names = [
        column_name
        for column_name in sorted(columns_not_reported)
        if column_name in column_series_by_name and not table.columns[column_name].optional
    ]
    return column_series_by_name, {
        column_name: str(column_series_by_name.pop(column_name).name) for column_name in derived_column_names
    }


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
    line_number_index = texts.table.index
    column_series_by_name, derived_header_by_column = _columns(texts, path, table, year)
    optional_columns_of_year = OPTIONAL_ACTIVITY_COLUMNS - plan_year(year).columns_not_reported
    expected_column_names = frozenset() if in_part or table is not Activities else optional_columns_of_year
    fault_tables = _layout_faults(
        texts,
        path,
        sorted(expected_column_names - column_series_by_name.keys()),
        {} if in_part else derived_header_by_column,
    )
    zero_codes = np.zeros(len(line_number_index), dtype="int8")
    value_arrays_by_column: dict[str, Any] = {
        "source_file": strip_texts(zero_codes, [path.name]),
        "source_line": line_number_index.to_numpy("int64"),
    }
    for column_name, declared_column in table.source_columns.items():
        is_empty_read_as_0 = (
            reading.empty == "0" and column_name in column_series_by_name and declared_column.unit.startswith("people")
        )
        if column_name not in column_series_by_name:
            column_series_by_name[column_name] = pd.Series(strip_texts(zero_codes, [""]), line_number_index)
        file_column_series, column_notation = column_series_by_name[column_name], ways.get(column_name, "")
        text_codes = file_column_series.cat.codes.to_numpy()
        text_meaning_array, is_bad_text, is_mended_text = _meanings(
            file_column_series.cat.categories, declared_column, column_notation, year
        )
        if declared_column.kind == "number":
            decimal_lines = texts.decimals.get(str(file_column_series.name), ())
            cell_numbers, is_unusable_cell = _numbers_of_cells(
                file_column_series, text_meaning_array, is_bad_text, decimal_lines
            )
            cell_numbers[np.isnan(cell_numbers) & ~is_unusable_cell & is_empty_read_as_0] = 0.0
            value_arrays_by_column[column_name] = cell_numbers
        else:
            value_arrays_by_column[column_name] = pd.Categorical(text_meaning_array).take(text_codes)
            is_unusable_cell = is_bad_text[text_codes]
        if is_unusable_cell.any():
            fault_tables.append(
                _unusable_cells(file_column_series[is_unusable_cell], path.name, column_name, declared_column)
            )
        if is_mended_text.any():
            mended_count_text = f"{np.count_nonzero(is_mended_text[text_codes]):,} cells"
            mended_fault_fields = (
                path.name,
                texts.top,
                column_name,
                ["text_mended"],
                mended_count_text,
                MENDED_TEXT_ALLOWED_NOTE,
            )
            fault_tables.append(fault_rows(*mended_fault_fields, severity=WARNING_SEVERITY))
    all_faults = pd.concat(fault_tables).sort_values(["line", "column"], ignore_index=True)
    refused_rows = list_refused_rows(all_faults, texts.table)
    used_rows, refused_value_rows = _split_refused(
        pd.DataFrame(value_arrays_by_column, copy=False), line_number_index.isin(refused_rows["line"])
    )
    sheet_name_by_file = {path.name: texts.sheet} if texts.sheet else {}
    return Loaded(used_rows, refused_rows, all_faults, refused_value_rows, sheets=sheet_name_by_file)


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
        text_column_table = used_rows.select_dtypes("category")
        used_rows[text_column_table.columns] = text_column_table.apply(
            lambda column: column.cat.remove_unused_categories()
        )
    text_column_names = refused_rows.select_dtypes("category").columns
    refused_rows = refused_rows.astype(dict.fromkeys(text_column_names, "str"))
    return used_rows, refused_rows.fillna(dict.fromkeys(text_column_names, "")).reset_index(drop=True)


def _find_notations(cells_by_column: Mapping[str, Iterable[str]], table: Table, reading: Reading) -> dict[str, Way]:
    """Return how each column of numbers or months writes them, by its different cells; other columns are left out.

    A value is a notation, an order, or, where cells do not show it, a ``TwoWays`` object. What ``reading`` states comes
    first.
    """
    reading_dicts_by_column: dict[str, dict[str, notation.Number]] = {}
    chosen_notation_by_column: dict[str, Way] = {}
    for column_name, column_cell_texts in cells_by_column.items():
        filled_cell_texts = [cell_text for cell_text in column_cell_texts if cell_text and not _is_no_value(cell_text)]
        if table.columns[column_name].kind == "number":
            are_all_digits = all(map(notation.of_digits, filled_cell_texts))
            column_unit = _unit(table.columns[column_name])
            reading_dicts_by_column[column_name] = (
                {}
                if are_all_digits
                else {cell_text: notation.number(cell_text, column_unit) for cell_text in filled_cell_texts}
            )
        elif table.columns[column_name].kind == "month":
            chosen_notation_by_column[column_name] = reading.dates or _find_notation(
                notation.order_of, filled_cell_texts
            )
    number_notations_by_column = {
        column_name: {number_reading_pair.notation for number_reading_pair in reading_pair_by_text.values()} - {""}
        for column_name, reading_pair_by_text in reading_dicts_by_column.items()
    }
    for column_name, reading_pair_by_text in reading_dicts_by_column.items():
        other_notations = set[str]().union(
            *(
                column_notations
                for other_column, column_notations in number_notations_by_column.items()
                if other_column != column_name
            )
        )
        notation_elsewhere = other_notations.pop() if len(other_notations) == 1 else ""
        find_notation = partial(
            notation.notation_of, unit=_unit(table.columns[column_name]), elsewhere=notation_elsewhere
        )
        chosen_notation_by_column[column_name] = reading.numbers or _find_notation(find_notation, reading_pair_by_text)
    return chosen_notation_by_column


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
        texts_with_na_blanked = ["" if cell_text in ("NA", ERROR_CELL) else cell_text for cell_text in texts]
    else:
        texts_with_na_blanked = ["" if _is_no_value(cell_text) else cell_text for cell_text in texts]
    ambiguous_texts = frozenset(way.cells if isinstance(way, notation.TwoWays) else ())
    is_empty_text = np.array([cell_text == "" for cell_text in texts_with_na_blanked], dtype="bool")
    text_meanings = list[str | None](texts_with_na_blanked)
    if column.kind == "number":
        reading_pairs_of_texts = [
            notation.NO_NUMBER if cell_text in ambiguous_texts else notation.number(cell_text, _unit(column))
            for cell_text in texts_with_na_blanked
        ]
        number_values = np.array(
            [
                text_reading_pair.comma if way == notation.COMMA else text_reading_pair.point
                for text_reading_pair in reading_pairs_of_texts
            ],
            dtype="float64",
        )
        number_values[np.isinf(number_values)] = np.nan
        return (
            number_values,
            np.isnan(number_values) & ~is_empty_text | (is_empty_text & column.required),
            np.zeros(len(texts_with_na_blanked), dtype="bool"),
        )
    if column.kind == "text":
        text_meanings = [
            printable(cell_text, int(column.longest or MAX_TEXT_LENGTH)) for cell_text in texts_with_na_blanked
        ]
    elif column.kind == "month":
        unambiguous_texts = [cell_text for cell_text in texts_with_na_blanked if cell_text not in ambiguous_texts]
        month_by_text = notation.months(unambiguous_texts, year=year, order=way if isinstance(way, str) else "")
        text_meanings = [month_by_text.get(cell_text) for cell_text in texts_with_na_blanked]
    else:
        choice_by_spelling = plan_lists().spellings_by_kind.get(column.kind) or {
            fold(allowed_choice): allowed_choice for allowed_choice in column.choices
        } | {
            type_spelling: plan_year(year).indicator_types[type_word]
            for type_spelling, type_word in plan_year(year).indicator_words.items()
        }
        text_meanings = [choice_by_spelling.get(fold(cell_text)) for cell_text in texts_with_na_blanked]
    allowed_choices = frozenset(column.choices)
    is_wrong_meaning = [
        text_meaning is None or bool(allowed_choices and text_meaning not in allowed_choices)
        for text_meaning in text_meanings
    ]
    is_shortened_text = [
        column.kind == "text" and text_meaning != cell_text
        for text_meaning, cell_text in zip(text_meanings, texts_with_na_blanked, strict=True)
    ]
    is_bad_text = np.array(is_wrong_meaning, dtype="bool") & ~is_empty_text | (is_empty_text & column.required)
    return pd.array(text_meanings, dtype="str"), is_bad_text, np.array(is_shortened_text, dtype="bool")


def _is_no_value(text: str) -> bool:
    """Return whether a text stands for an empty cell, such as ``NA``."""
    return not text.isdecimal() and fold(text) in NO_VALUE_TEXTS


def _unit(column: Column) -> str:
    """Return the unit of a column without what it says after a comma."""
    return column.unit.partition(",")[0]


def cells_by_text(column: pd.Series) -> Cells:
    """Return, for each different text of a column, how many cells hold it and the line (index) of the first."""
    category_accessor = column.astype("category").cat
    count_and_line_table = pd.Series(column.index).groupby(category_accessor.codes.to_numpy()).agg(["size", "min"])
    return dict(
        zip(
            category_accessor.categories[count_and_line_table.index],
            zip(count_and_line_table["size"], count_and_line_table["min"], strict=True),
            strict=True,
        )
    )


def reads_two_ways(path: Path, what: str, two_ways: notation.TwoWays, cells: Cells, unit: str = "") -> InputRefused:
    """Return the refusal of a file because of a column (``what``), with what is at stake and how to settle it."""
    count_and_line_by_text = {ambiguous_text: cells[ambiguous_text] for ambiguous_text in two_ways.cells}
    total = sum(cell_count for cell_count, _ in count_and_line_by_text.values())
    first_line = min(text_line for _, text_line in count_and_line_by_text.values())
    people = ""
    if unit.startswith("people"):
        cell_counts = [cell_count for cell_count, _ in count_and_line_by_text.values()]
        people = f", {(most_people(pd.Series([*count_and_line_by_text])) * cell_counts).sum():,.0f} people at stake"
    return InputRefused(
        f"{path}: {what} two ways: {two_ways.readings} ({total:,} cell{'' if total == 1 else 's'}, the first on line "
        f"{first_line}{people}). Nothing there says which. Add {SETTINGS[two_ways.kind]} to this input in "
        f"{SOURCES_FILE}"
    )


def most_people(texts: pd.Series) -> pd.Series:
    """Return the most people that each cell may mean, with its marks as thousands; 0 if empty, NaN if no number."""
    reading_pair_by_text = {cell_text: notation.number(cell_text, "people") for cell_text in texts.unique()}
    largest_number_by_text = {
        cell_text: max(number_reading_pair.point or 0.0, number_reading_pair.comma or 0.0)
        for cell_text, number_reading_pair in reading_pair_by_text.items()
        if number_reading_pair != notation.NO_NUMBER
    }
    return texts.map(
        largest_number_by_text
        | {cell_text: 0.0 for cell_text in reading_pair_by_text if not cell_text or fold(cell_text) in NO_VALUE_TEXTS}
    ).astype("float64")


def merge(parts: Sequence[Loaded]) -> Loaded:
    """Merge the tables, refused rows and faults of several files or parts of one kind.

    A single one is returned as it is. Categories are sorted.
    """
    if len(parts) == 1:
        return parts[0]
    column_series_by_name: dict[str, Any] = {}
    for column_name, first_column_series in parts[0].table.items():
        columns_of_files = [loaded_file.table[column_name] for loaded_file in parts]
        if isinstance(first_column_series.dtype, pd.CategoricalDtype):
            column_series_by_name[str(column_name)] = union_categoricals(columns_of_files, sort_categories=True)
        else:
            column_series_by_name[str(column_name)] = pd.concat(columns_of_files, ignore_index=True)
    return Loaded(
        pd.DataFrame(column_series_by_name, copy=False),
        pd.concat([loaded_file.refused for loaded_file in parts], ignore_index=True),
        pd.concat([loaded_file.faults for loaded_file in parts], ignore_index=True),
        pd.concat([loaded_file.refused_values for loaded_file in parts], ignore_index=True),
        {file_name: record_count for loaded_file in parts for file_name, record_count in loaded_file.records.items()},
        {file_name: sheet_name for loaded_file in parts for file_name, sheet_name in loaded_file.sheets.items()},
        pd.concat([loaded_file.replaced for loaded_file in parts], ignore_index=True),
    )


def fault_rows(
    file: Any, line: Any, column: Any, check: Any, value: Any, allowed: Any, *, severity: str = REFUSED_SEVERITY
) -> pd.DataFrame:
    """Return a table with a row for each faulty cell, in ``FAULT_COLUMNS``.

    At least one argument is a list, with an item for each row; one that is no list holds for all rows.
    """
    fault_column_values = (
        file,
        line,
        column,
        check,
        severity,
        np.asarray(value) if isinstance(value, pd.Series) else value,
        allowed,
    )
    fault_table = pd.DataFrame(dict(zip(FAULT_COLUMNS, fault_column_values, strict=True)))
    return fault_table.astype(dict.fromkeys(FAULT_COLUMNS, "str") | {"line": "int64"})


def list_refused_rows(faults: pd.DataFrame, cells: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a row for each line with faults that refuse it: file, line, reason, and its cells as they were sent.

    ``cells`` are those of one file, by line; without them, or where no line is refused, the other three are all.
    A column of ``cells`` that is named like one of the three gets *(as sent)* behind its name.
    """
    refusing_faults = faults[faults["severity"] == REFUSED_SEVERITY]
    if refusing_faults.empty:
        return refusing_faults[["file", "line"]].assign(reason=pd.Series(dtype="str")).reset_index(drop=True)
    quoted_values = refusing_faults["value"].map(lambda value: f"'{value}'" if value else "empty")
    cell_reasons = refusing_faults["column"] + " is " + quoted_values + "; allowed: " + refusing_faults["allowed"]
    reasons_text_by_line = cell_reasons.groupby([refusing_faults["file"], refusing_faults["line"]]).agg("; ".join)
    reason_rows = reasons_text_by_line.rename("reason").reset_index()
    if cells is None:
        return reason_rows
    sent_name_by_column = {name: f"{name} (as sent)" for name in reason_rows.columns}
    sent_cells = cells.loc[reason_rows["line"]].astype("str").rename(columns=sent_name_by_column).reset_index(drop=True)
    return pd.concat([reason_rows, sent_cells], axis="columns")


def parse_cells(texts: pd.Series, column: str, table: Table, *, year: int) -> tuple[pd.Series, pd.Series]:
    """Return texts as they would be read in a column of ``table``, and the mask of those that cannot be used there.

    Numbers are read with a decimal point. In a column that is not counted, a row with such a cell would stay.
    """
    declared_column, category_accessor = table.columns[column], texts.astype("category").cat
    column_notation = _find_notations({column: category_accessor.categories}, table, Reading(numbers="1,234.5")).get(
        column, ""
    )
    text_meaning_array, is_bad_text, _ = _meanings(category_accessor.categories, declared_column, column_notation, year)
    text_codes = category_accessor.codes.to_numpy()
    return pd.Series(text_meaning_array[text_codes], texts.index), pd.Series(is_bad_text[text_codes], texts.index)


def describe_allowed(column: Column) -> str:
    """Return what may stand in a column: its choices, else the words for its kind, else *not empty*."""
    return ", ".join(column.choices) or ALLOWED_TEXT_BY_KIND.get(column.kind, N_("not empty"))
