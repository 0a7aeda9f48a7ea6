"""Make tables the view of a ``table`` block: header rows, rows, row headers, columns of numbers."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bs4 import Tag

View = dict[str, Any]
MAX_COLUMNS = 200
_NUMBER = re.compile(
    r"[<>≤≥~+\-−(]*\s?(?:USD|US\$|\$|€)?\s?[+\-−]?\d[\d.,\s]*(?:e[+-]?\d+)?\s?(?:%|K|M|B|bi|mi|mil)?\)?", re.IGNORECASE
)
_WHOLE_NUMBER = re.compile(r"(-?\d+)\.0+")  # a whole number as pandas writes it in a column that may have others
_MISSING = frozenset({"NaN", "nan", "<NA>", "NaT", "None"})
_WORD_BREAKS = re.compile(r"\s+|(?<=[_/])")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> View:
    """Return the view of a table of texts; the first cell of a row is its header."""
    header_row = [_cell(text, column, header=True) for column, text in enumerate(head)]
    return _view(
        [header_row], [[_cell(text, column, header=column == 0) for column, text in enumerate(row)] for row in rows]
    )


def html_table(table: Tag, colour_by_cell_id: Mapping[str, str]) -> View:
    """Return the view of an HTML table of pandas or a Styler; ``colour_by_cell_id`` are backgrounds of cells.

    Whole numbers of a DataFrame lose the zeros after their point; a Styler's are as it has them.
    """
    rows = [row for row in table("tr") if row.find_parent("table") is table]
    starts_with_headers = bool(rows) and not rows[0]("td", recursive=False)
    head_count = sum(1 for row in rows if row.find_parent("thead")) or int(starts_with_headers)
    caption = table.find("caption")
    is_of_pandas = "dataframe" in table.get_attribute_list("class")
    for cell in table("td"):
        cell["data-ground"] = colour_by_cell_id.get(str(cell.get("id")), "")
        if is_of_pandas and (number := _WHOLE_NUMBER.fullmatch(cell.get_text())):
            cell.string = number[1]
    head, body = _place_cells(rows[:head_count], header=True), _place_cells(rows[head_count:])
    return _view(head, body, _text_of(caption) if caption else "")


def _place_cells(rows: Sequence[Tag], *, header: bool = False) -> list[list[View]]:
    """Give each cell of these rows its column, beside cells that span several rows or columns."""
    placed_rows: list[list[View]] = []
    rows_covered: dict[int, int] = {}  # column: how many rows a cell from above still covers
    for row_number, row in enumerate(rows):
        cells, column = [], 0
        for element in row.find_all(["th", "td"], recursive=False):
            while rows_covered.get(column):
                column += 1
            if column >= MAX_COLUMNS:
                break
            reach = range(column, min(column + _span(element, "colspan"), MAX_COLUMNS))
            end = next((next_column for next_column in reach if rows_covered.get(next_column)), reach.stop)
            columns = end - column
            row_span = min(_span(element, "rowspan"), len(rows) - row_number)
            cell = _cell(_text_of(element), column, columns, row_span, header=header or element.name == "th")
            cells.append(cell | _colour_cell(str(element.get("data-ground", ""))))
            rows_covered |= dict.fromkeys(range(column, column + columns), row_span)
            column += columns
        rows_covered = {column: count - 1 for column, count in rows_covered.items()}
        placed_rows.append(cells)
    return placed_rows


def _span(cell: Tag, name: str) -> int:
    """Return the ``rowspan`` or ``colspan`` of a cell, at least 1."""
    span = str(cell.get(name, "1"))
    return min(max(int(span), 1), MAX_COLUMNS) if span.isdecimal() else 1


def _text_of(element: Tag) -> str:
    """Return the text of a cell on one line, a dash for a missing value."""
    text = " ".join(element.get_text(" ").split())
    return "—" if text in _MISSING else text


def _cell(text: str, column: int, columns: int = 1, rows: int = 1, *, header: bool) -> View:
    cell = {"text": text, "column": column, "columns": columns, "rows": rows, "header": header, "number": False}
    return cell | {"ground": "", "ink": ""}


def _colour_cell(background: str) -> View:
    """Return the colour of a cell, and black or white for its text by contrast; nothing on white."""
    if background.lower() in ("", "#ffffff"):
        return {}
    channels = [int(background[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    light = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]  # as WCAG has it
    luminance = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
    return {"ground": background, "ink": "#000000" if luminance > 0.179 else "#ffffff"}


def _view(head: list[list[View]], rows: list[list[View]], caption: str = "") -> View:
    """Return the view of a table, with what a page needs to choose the widths of columns."""
    row_headers = max((cell["column"] + cell["columns"] for row in rows for cell in row if cell["header"]), default=0)
    if len(head) > 1 and not any(cell["text"] for cell in head[-1] if cell["column"] >= row_headers):
        names = {cell["column"]: cell["text"] for cell in head.pop()}  # pandas: names of the index, alone in a row
        for cell in head[-1]:
            cell["text"] = cell["text"] or names.get(cell["column"], "")
    cells = [cell for row in (*head, *rows) for cell in row]
    columns = max((cell["column"] + 1 for cell in cells), default=0)
    longest = []
    for column in range(columns):
        column_cells = [cell for cell in cells if cell["column"] == column]
        values = {cell["text"] for cell in column_cells if not cell["header"]} - {"", "..."}
        is_numeric = bool(values) and all(map(_NUMBER.fullmatch, values - {"—"}))
        for cell in column_cells:
            cell["columns"] = min(cell["columns"], columns - column)
            cell["number"] = is_numeric and cell["columns"] == 1
        texts = {cell["text"] for cell in column_cells if cell["columns"] == 1}
        words = {word[:24] for text in texts for word in _WORD_BREAKS.split(text)}
        longest.append({"texts": _longest(texts), "words": _longest(words)})
    blank = {"span": 12, "kicker": "", "finding": "", "empty": None, "caption": caption}
    shape = {"columns": columns, "row_headers": row_headers, "longest": longest}
    return {**blank, **shape, "head": head, "rows": rows}


def _longest(texts: set[str]) -> list[str]:
    """Return the longest texts, of which one is the widest in print."""
    return sorted(texts, key=lambda text: (-len(text), text))[:6]
