"""Texts become a valid table: headers are matched, each different text is read once, unusable rows are refused."""

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
"""A notation of numbers or an order of day and month, or why a column reads two ways."""

Cells = Mapping[str, tuple[int, int]]
"""For each different text of a column, how many cells hold it, and the line of the first."""

FAULT_COLUMNS = ("file", "line", "column", "check", "severity", "value", "allowed")
"""The columns of faults: the location of a cell, the fault, the cell's text, and what is allowed."""
REFUSED_SEVERITY, WARNING_SEVERITY = "refused", "warning"
"""Severities of a fault: its row is refused, or is used."""
MAX_TEXT_LENGTH = 300
"""Letters of a text in a column that declares no other length. The rest is cut."""
MENDED_TEXT_ALLOWED_NOTE = "text of a usual length without control characters; what was too much is taken out"
BATCH_ROWS = 200_000
"""Rows of a file that are read at once."""
ROW_COUNT_COLUMN = "rows"
"""The column that counts the reports in a row."""
NUMBER_COLUMNS = [name for name, column in Activities.columns.items() if column.kind == "number"]
"""Columns of activities that are added up."""
ONE_REPORT_COLUMNS = [name for name, column in Activities.columns.items() if "of one report" in column.flags]
"""Columns that describe a single report. No figure is counted by these columns."""
GROUPING_COLUMNS = [name for name in Activities.source_columns if name not in (*NUMBER_COLUMNS, *ONE_REPORT_COLUMNS)]
"""Reports with the same values in these columns may be added up."""
SETTINGS = {
    "numbers": f'`numbers: "{notation.COMMA}"` (decimal comma) or `numbers: "{notation.POINT}"` (decimal point)',
    "dates": f"`dates: {notation.DAY_FIRST}` or `dates: {notation.MONTH_FIRST}`",
}
"""The setting that decides a column that reads two ways."""

NO_VALUE_TEXTS = frozenset({"na", "-"})
"""Folded texts that mean an empty cell: R writes ``NA``, accountants a dash. ``n/a`` is not among them."""

ALLOWED_TEXT_BY_KIND = {
    "number": N_("a number"),
    "month": "a month as YYYY-MM",
    "yes_no": "Yes or No",
    "indicator_type": "a type of the plan year",
}
"""The allowed content of a column without a list of choices, by its kind."""


@dataclass(frozen=True)
class Loaded:
    """A file after loading: each of its rows is in ``table``, ``refused`` or ``replaced``.

    - ``table``: texts are Categoricals (as ``values`` returns them), in planning and money strings.
    - ``refused``: columns ``file``, ``line`` and ``reason``, and the cells as they came (not for money).
    - ``faults``: one row for each faulty cell (see ``FAULT_COLUMNS``).
    - ``refused_values``: the refused rows as far as they can be read, in the columns of the file's own table. A cell
      that cannot be read is "" or NaN. Planning has one per figure; money has none.
    - ``records``: usable records of each file, if a record is not a row of ``table``.
    - ``sheets``: the sheet that was read in each workbook.
    - ``replaced``: rows that another file replaces (see ``loaders.overlap``): ``file``, ``line`` and ``reason``.
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
        """The rows that are refused, and the rows that another file replaces."""
        return pd.concat([self.refused, self.replaced], ignore_index=True) if len(self.replaced) else self.refused

    def count_used(self, file: str) -> int:
        """Count the records of one file that are used."""
        return self.records[file] if file in self.records else int((self.table["source_file"] == file).sum())


def load_table(path: Path, table: Table, *, year: int, reading: Reading = Reading()) -> Loaded:  # noqa: B008 - frozen
    """Read a file into ``table``, refusing only the rows that cannot be used.

    The plan ``year`` completes months without a year, and decides the types of indicators and the layout of activities.
    If an optional column of this layout is absent, ``faults`` has a warning. A column that the layout does not have may
    be absent. If other years require it, it is not read. ``reading`` decides where the file is ambiguous. Raises
    ``InputRefused`` when the file itself is unusable, lacks columns (the message names every missing column), or writes
    numbers or dates that read two ways.
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
    """Read a file as ``load_table`` does, ``rows`` at a time, in memory that does not grow with the file.

    A file of more rows is read twice, since only all cells of a column show how it writes its numbers and dates.
    Workbooks and lists of JSON come at once. Only the first batch names columns that are absent or not read. Each batch
    counts its mended texts.
    """
    read_again = partial(read_in_batches, path, lambda row: header_fit(row, table), reading, rows=rows)
    stream = read_again()
    head = list(islice(stream, 2))
    ways = ways_written(chain(head, stream), path, table, year=year, reading=reading)
    for position, texts in enumerate(read_again() if len(head) > 1 else head):
        yield values(texts, path, table, year=year, ways=ways, reading=reading, in_part=position > 0)


def whole(parts: Iterator[Loaded], year: PlanYear) -> Loaded:
    """Merge the parts of a file of activities. The new column ``rows`` counts the reports in each row.

    In a file of one part, and in plan years that derive new beneficiaries, each report keeps its row (``rows`` is 1).
    Otherwise reports alike in ``GROUPING_COLUMNS`` become one row, to keep memory small. This row has the line of the
    first report, the sums of ``NUMBER_COLUMNS``, and "" in ``ONE_REPORT_COLUMNS``.
    """
    stream = (replace(part, table=part.table.assign(**{ROW_COUNT_COLUMN: 1})) for part in parts)
    head = list(islice(stream, 2))
    if len(head) == 1 or year.derives_new:
        return merge([*head, *stream])

    def merge_batches(merged: Loaded, part: Loaded) -> Loaded:
        """Add a batch to the merged ones. Reports alike in ``GROUPING_COLUMNS`` become one row."""
        both = merge([merged, part])
        reports = both.table.groupby(GROUPING_COLUMNS, observed=True, sort=False, dropna=False)
        sums = reports[[*NUMBER_COLUMNS, ROW_COUNT_COLUMN]].sum(min_count=1)
        sums = sums.assign(**reports[["source_file", "source_line"]].first()).reset_index()
        blank = dict.fromkeys(ONE_REPORT_COLUMNS, pd.Series("", sums.index, dtype="category"))
        return replace(both, table=sums.assign(**blank)[list(both.table)])

    (file,) = head[0].table["source_file"].cat.categories
    total = reduce(merge_batches, chain(head, stream))
    return replace(total, records={file: int(total.table[ROW_COUNT_COLUMN].sum())})


def ways_written(parts: Iterable[Texts], path: Path, table: Table, *, year: int, reading: Reading) -> Mapping[str, Way]:
    """Return the notation of each column of numbers and the order of day and month of each column of months.

    The notation of ``reading`` comes first. The value is a ``TwoWays`` object for a column that reads two ways. If such
    a column is counted, ``InputRefused`` is raised.
    """
    columns, headers = dict[str, dict[str, tuple[int, int]]](), dict[str, str]()
    for texts in parts:
        for name, column in _columns(texts, path, table, year)[0].items():
            if table.columns[name].kind in ("number", "month"):
                headers[name] = str(column.name)
                cells = columns.setdefault(name, {})
                is_typed = column.index.isin(texts.decimals.get(headers[name], ()))
                for text, (count, start) in cells_by_text(column[~is_typed] if is_typed.any() else column).items():
                    earlier, line = cells.get(text, (0, start))
                    cells[text] = earlier + count, line
    ways = _find_notations(columns, table, reading)
    for name, way in ways.items():
        if isinstance(way, notation.TwoWays) and table.columns[name].counted:
            what = f"the column `{headers[name]}` reads"
            raise reads_two_ways(path, what, way, columns[name], table.columns[name].unit)
    return ways


def _columns(texts: Texts, path: Path, table: Table, year: int) -> tuple[dict[str, pd.Series], dict[str, str]]:
    """Return the file's columns by name in ``table``, and the headers of columns that the plan year derives.

    The derived columns are not among the first. Raises ``InputRefused`` when columns are missing.
    """
    omitted = plan_year(year).columns_not_reported if table is Activities else ()
    columns = match_headers(texts.table, table, path, sheet=texts.sheet, not_reported=omitted)
    derived = [name for name in sorted(omitted) if name in columns and not table.columns[name].optional]
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

    ``ways`` come from ``ways_written``. If ``reading`` says that empty is 0, this holds for the columns of people that
    the file has. If the texts are a later part of the file (``in_part``), absent and derived columns are not named
    again. Texts that were mended are counted in each part.
    """
    lines = texts.table.index
    columns, derived = _columns(texts, path, table, year)
    layout = OPTIONAL_ACTIVITY_COLUMNS - plan_year(year).columns_not_reported
    absent = sorted(layout - columns.keys()) if table is Activities and not in_part else []
    faults = _layout_faults(texts, path, absent, {} if in_part else derived)
    zeros = np.zeros(len(lines), dtype="int8")
    data: dict[str, Any] = {"source_file": strip_texts(zeros, [path.name]), "source_line": lines.to_numpy("int64")}
    for name, declared in table.source_columns.items():
        is_zero = reading.empty == "0" and name in columns and declared.unit.startswith("people")
        if name not in columns:
            columns[name] = pd.Series(strip_texts(zeros, [""]), lines)
        column, way = columns[name], ways.get(name, "")
        codes = column.cat.codes.to_numpy()
        meanings, is_bad, is_mended = _meanings(column.cat.categories, declared, way, year)
        if declared.kind == "number":
            decimals = texts.decimals.get(str(column.name), ())
            numbers, is_unusable = _numbers_of_cells(column, meanings, is_bad, decimals)
            numbers[np.isnan(numbers) & ~is_unusable & is_zero] = 0.0
            data[name] = numbers
        else:
            data[name] = pd.Categorical(meanings).take(codes)
            is_unusable = is_bad[codes]
        if is_unusable.any():
            cells = column[is_unusable].astype("str")
            checks = np.where(cells == "", "empty", f"not_{declared.kind}")
            severity = REFUSED_SEVERITY if declared.counted else WARNING_SEVERITY
            allowed = describe_allowed(declared)
            faults.append(fault_rows(path.name, cells.index, name, checks, cells, allowed, severity=severity))
        if is_mended.any():
            count = f"{np.count_nonzero(is_mended[codes]):,} cells"
            fields = (path.name, texts.top, name, ["text_mended"], count, MENDED_TEXT_ALLOWED_NOTE)
            faults.append(fault_rows(*fields, severity=WARNING_SEVERITY))
    all_faults = pd.concat(faults).sort_values(["line", "column"], ignore_index=True)
    refused = list_refused_rows(all_faults, texts.table)
    rows, refused_values = _split_refused(pd.DataFrame(data, copy=False), lines.isin(refused["line"]))
    sheets = {path.name: texts.sheet} if texts.sheet else {}
    return Loaded(rows, refused, all_faults, refused_values, sheets=sheets)


def _layout_faults(
    texts: Texts, path: Path, absent_columns: list[str], derived_headers: Mapping[str, str]
) -> list[pd.DataFrame]:
    """Return the warnings about a file: how it was read, columns it lacks, columns that are not read."""
    warn = partial(fault_rows, path.name, texts.top, severity=WARNING_SEVERITY)
    reading = "one visible sheet or text in UTF-8, a value in every cell"
    layout = "a column of the plan year's layout"
    return [
        warn("", "how_it_was_read", list(texts.messages), reading),
        warn(absent_columns, "absent_column", "", layout),
        warn([*derived_headers], "column_not_read", [*derived_headers.values()], layout),
    ]


def _numbers_of_cells(
    column: pd.Series, number_of_text: Lines, is_bad_text: Lines, decimal_lines: Collection[int]
) -> tuple[Lines, Lines]:
    """Return the number of each cell, and a mask of the unusable cells, from the meanings of a column's texts.

    On ``decimal_lines`` the file itself holds a number with decimals, whatever notation its other cells have.
    """
    codes = column.cat.codes.to_numpy()
    numbers, is_bad = number_of_text[codes], is_bad_text[codes]
    is_decimal = column.index.isin(decimal_lines)
    if is_decimal.any():
        stored = pd.to_numeric(pd.Series(column.cat.categories), errors="coerce").to_numpy("float64")
        finite = np.where(np.isinf(stored), np.nan, stored)
        numbers[is_decimal] = finite[codes[is_decimal]]
        is_bad[is_decimal] = np.isnan(numbers[is_decimal])
    return numbers, is_bad


def _split_refused(rows: pd.DataFrame, is_refused: Lines) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows to use, and the refused ones with strings in place of Categoricals ("" for missing)."""
    usable, refused = rows, rows[is_refused]
    if is_refused.any():
        usable = rows[~is_refused].reset_index(drop=True)
        texts = usable.select_dtypes("category")
        usable[texts.columns] = texts.apply(lambda column: column.cat.remove_unused_categories())
    names = refused.select_dtypes("category").columns
    refused = refused.astype(dict.fromkeys(names, "str"))
    return usable, refused.fillna(dict.fromkeys(names, "")).reset_index(drop=True)


def _find_notations(cells_by_column: Mapping[str, Iterable[str]], table: Table, reading: Reading) -> dict[str, Way]:
    """Return how each column of numbers or months writes them. Other columns are left out.

    A value is a notation or an order, or a ``TwoWays`` object if the cells do not show it. The notation of ``reading``
    comes first.
    """
    numbers: dict[str, dict[str, notation.Number]] = {}
    ways: dict[str, Way] = {}
    for name, texts in cells_by_column.items():
        cells = [text for text in texts if text and not _is_no_value(text)]
        if table.columns[name].kind == "number":
            is_plain = all(map(notation.of_digits, cells))
            unit = _unit(table.columns[name])
            numbers[name] = {} if is_plain else {text: notation.number(text, unit) for text in cells}
        elif table.columns[name].kind == "month":
            ways[name] = reading.dates or _find_notation(notation.order_of, cells)
    columns = {name: {cell.notation for cell in readings.values()} - {""} for name, readings in numbers.items()}
    for name, readings in numbers.items():
        elsewhere = set[str]().union(*(notations for column, notations in columns.items() if column != name))
        usual = elsewhere.pop() if len(elsewhere) == 1 else ""
        decide = partial(notation.notation_of, unit=_unit(table.columns[name]), elsewhere=usual)
        ways[name] = reading.numbers or _find_notation(decide, readings)
    return ways


def _find_notation(decide: Callable[[Any], str], cells: Collection[str]) -> Way:
    """Return the notation or order that ``decide`` finds, or the ``TwoWays`` that it raises."""
    try:
        return decide(cells)
    except notation.TwoWays as problem:
        return problem


def _meanings(texts: Iterable[str], column: Column, way: Way, year: int) -> tuple[Any, Lines, Lines]:
    """Return the meaning of each different text of a column, and masks: which are unusable, which were mended.

    Meanings are floats in a column of numbers, otherwise strings. A text without a meaning is missing. Texts that read
    two ways, and empty ones of a required column, are unusable. Mended texts were shortened or cleaned.
    """
    if column.kind == "text":
        cells = ["" if text in ("NA", ERROR_CELL) else text for text in texts]
    else:
        cells = ["" if _is_no_value(text) else text for text in texts]
    ambiguous = frozenset(way.cells if isinstance(way, notation.TwoWays) else ())
    is_empty = np.array([text == "" for text in cells], dtype="bool")
    meanings: list[str | None]
    if column.kind == "number":
        readings = [notation.NO_NUMBER if text in ambiguous else notation.number(text, _unit(column)) for text in cells]
        numbers = np.array([cell.comma if way == notation.COMMA else cell.point for cell in readings], dtype="float64")
        numbers[np.isinf(numbers)] = np.nan
        is_bad = np.isnan(numbers) & ~is_empty | (is_empty & column.required)
        return numbers, is_bad, np.zeros(len(cells), dtype="bool")
    if column.kind == "text":
        meanings = [printable(text, int(column.longest or MAX_TEXT_LENGTH)) for text in cells]
    elif column.kind == "month":
        clear = [text for text in cells if text not in ambiguous]
        months = notation.months(clear, year=year, order=way if isinstance(way, str) else "")
        meanings = [months.get(text) for text in cells]
    else:
        spellings = plan_lists().spellings_by_kind.get(column.kind)
        if not spellings:
            types, words = plan_year(year).indicator_types, plan_year(year).indicator_words
            spellings = {fold(choice): choice for choice in column.choices}
            spellings |= {spelling: types[word] for spelling, word in words.items()}
        meanings = [spellings.get(fold(text)) for text in cells]
    choices = frozenset(column.choices)
    is_wrong = [meaning is None or bool(choices and meaning not in choices) for meaning in meanings]
    is_changed = [column.kind == "text" and meaning != text for meaning, text in zip(meanings, cells, strict=True)]
    is_bad = np.array(is_wrong, dtype="bool") & ~is_empty | (is_empty & column.required)
    return pd.array(meanings, dtype="str"), is_bad, np.array(is_changed, dtype="bool")


def _is_no_value(text: str) -> bool:
    """Return whether a text means an empty cell, such as ``NA``."""
    return not text.isdecimal() and fold(text) in NO_VALUE_TEXTS


def _unit(column: Column) -> str:
    """Return the unit of a column without the words after a comma."""
    return column.unit.partition(",")[0]


def cells_by_text(column: pd.Series) -> Cells:
    """Return for each different text of a column how many cells hold it, and the line (index) of the first."""
    texts = column.astype("category").cat
    groups = pd.Series(column.index).groupby(texts.codes.to_numpy()).agg(["size", "min"])
    return dict(zip(texts.categories[groups.index], zip(groups["size"], groups["min"], strict=True), strict=True))


def reads_two_ways(path: Path, what: str, two_ways: notation.TwoWays, cells: Cells, unit: str = "") -> InputRefused:
    """Return the refusal of a file because of ``what`` (such as a column), with the people at stake and the advice."""
    ambiguous = {text: cells[text] for text in two_ways.cells}
    total = sum(count for count, _ in ambiguous.values())
    line = min(line for _, line in ambiguous.values())
    people = ""
    if unit.startswith("people"):
        counts = [count for count, _ in ambiguous.values()]
        people = f", {(most_people(pd.Series([*ambiguous])) * counts).sum():,.0f} people at stake"
    return InputRefused(
        f"{path}: {what} two ways: {two_ways.readings} ({total:,} cell{'' if total == 1 else 's'}, the first on line "
        f"{line}{people}). Nothing there says which. Add {SETTINGS[two_ways.kind]} to this input in "
        f"{SOURCES_FILE}"
    )


def most_people(texts: pd.Series) -> pd.Series:
    """Return the largest number of people that each cell may mean. 0 if empty, NaN if no number."""
    people = {}
    for text in texts.unique():
        cell = notation.number(text, "people")
        if not text or fold(text) in NO_VALUE_TEXTS:
            people[text] = 0.0
        elif cell != notation.NO_NUMBER:
            people[text] = max(cell.point or 0.0, cell.comma or 0.0)
    return texts.map(people).astype("float64")


def merge(parts: Sequence[Loaded]) -> Loaded:
    """Merge several files or parts of one kind. A single one is returned as it is. Categories are sorted."""
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

    At least one argument is a list with an item for each row. An argument that is no list holds for all rows.
    """
    cells = (file, line, column, check, severity, np.asarray(value) if isinstance(value, pd.Series) else value, allowed)
    rows = pd.DataFrame(dict(zip(FAULT_COLUMNS, cells, strict=True)))
    return rows.astype(dict.fromkeys(FAULT_COLUMNS, "str") | {"line": "int64"})


def list_refused_rows(faults: pd.DataFrame, cells: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a row for each refused line: ``file``, ``line``, ``reason``, and its cells as they were sent.

    ``cells`` are the cells of one file, by line. Without them, or if no line is refused, the table has only the first
    three columns. A column of ``cells`` with the name of one of the three gets *(as sent)* behind its name.
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
    aliases = {name: f"{name} (as sent)" for name in rows.columns}
    sent = cells.loc[rows["line"]].astype("str").rename(columns=aliases).reset_index(drop=True)
    return pd.concat([rows, sent], axis="columns")


def parse_cells(texts: pd.Series, column: str, table: Table, *, year: int) -> tuple[pd.Series, pd.Series]:
    """Return texts as a column of ``table`` reads them, and the mask of the texts that cannot be used there.

    Numbers are read with a decimal point. If the column is not counted, loading keeps a row with such a cell.
    """
    declared, cells = table.columns[column], texts.astype("category").cat
    way = _find_notations({column: cells.categories}, table, Reading(numbers="1,234.5")).get(column, "")
    meanings, is_bad, _ = _meanings(cells.categories, declared, way, year)
    codes = cells.codes.to_numpy()
    return pd.Series(meanings[codes], texts.index), pd.Series(is_bad[codes], texts.index)


def describe_allowed(column: Column) -> str:
    """Return the allowed content of a column: its choices, or the words for its kind, or *not empty*."""
    return ", ".join(column.choices) or ALLOWED_TEXT_BY_KIND.get(column.kind, N_("not empty"))
