"""Make tables the view of a ``table`` block: header rows, rows, row headers, columns of numbers."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bs4 import Tag

View = dict[str, Any]
"""The view of a table or of one of its cells, as templates read it."""
MAX_TABLE_COLUMNS = 200
"""Cells of an HTML table beyond this many columns are left out."""
_NUMBER_PATTERN = re.compile(
    r"[<>≤≥~+\-−(]*\s?(?:USD|US\$|\$|€)?\s?[+\-−]?\d[\d.,\s]*(?:e[+-]?\d+)?\s?(?:%|K|M|B|bi|mi|mil)?\)?", re.IGNORECASE
)
"""The text of a cell that is a number, with its signs and its unit."""
_WHOLE_NUMBER_PATTERN = re.compile(r"(-?\d+)\.0+")  # a whole number as pandas writes it in a column of floats
_MISSING_VALUE_TEXTS = frozenset({"NaN", "nan", "<NA>", "NaT", "None"})
"""The texts that pandas writes for a missing value. The page has a dash."""
_WORD_BREAK_PATTERN = re.compile(r"\s+|(?<=[_/])")
"""Where the text of a cell may break into lines."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> View:
    """Return the view of a table of texts. The first cell of a row is its header."""
    header = [_cell(text, column, header=True) for column, text in enumerate(head)]
    return _view(
        [header], [[_cell(text, column, header=column == 0) for column, text in enumerate(row)] for row in rows]
    )


def html_table(table: Tag, colour_by_cell_id: Mapping[str, str]) -> View:
    """Return the view of an HTML table of pandas or a Styler.

    ``colour_by_cell_id`` are backgrounds of cells. Whole numbers of a DataFrame lose the zeros after their point. A
    Styler's numbers stay as they are. Changes the elements of ``table``. Columns beyond ``MAX_TABLE_COLUMNS`` are left
    out.
    """
    rows = [row for row in table("tr") if row.find_parent("table") is table]
    has_headers = bool(rows) and not rows[0]("td", recursive=False)
    height = sum(1 for row in rows if row.find_parent("thead")) or int(has_headers)
    caption = table.find("caption")
    is_of_pandas = "dataframe" in table.get_attribute_list("class")
    for cell in table("td"):
        cell["data-ground"] = colour_by_cell_id.get(str(cell.get("id")), "")
        if is_of_pandas and (number := _WHOLE_NUMBER_PATTERN.fullmatch(cell.get_text())):
            cell.string = number[1]
    head = _place_cells(rows[:height], header=True)
    body = _place_cells(rows[height:])
    return _view(head, body, _text_of(caption) if caption else "")


def _place_cells(rows: Sequence[Tag], *, header: bool = False) -> list[list[View]]:
    """Return the cells of each row with their column. A cell may span several rows or columns.

    Cells beyond ``MAX_TABLE_COLUMNS`` are left out. With ``header``, all cells are headers.
    """
    placed: list[list[View]] = []
    covered: dict[int, int] = {}  # column: how many rows a cell from above still covers
    for number, row in enumerate(rows):
        cells, column = [], 0
        for element in row.find_all(["th", "td"], recursive=False):
            while covered.get(column):
                column += 1
            if column >= MAX_TABLE_COLUMNS:
                break
            reach = range(column, min(column + _span(element, "colspan"), MAX_TABLE_COLUMNS))
            end = next((place for place in reach if covered.get(place)), reach.stop)
            columns = end - column
            down = min(_span(element, "rowspan"), len(rows) - number)
            cell = _cell(_text_of(element), column, columns, down, header=header or element.name == "th")
            cells.append(cell | _colour_cell(str(element.get("data-ground", ""))))
            covered |= dict.fromkeys(range(column, column + columns), down)
            column += columns
        covered = {column: covered - 1 for column, covered in covered.items()}
        placed.append(cells)
    return placed


def _span(cell: Tag, name: str) -> int:
    """Return the ``rowspan`` or ``colspan`` of a cell, from 1 to ``MAX_TABLE_COLUMNS``, by default 1."""
    number = str(cell.get(name, "1"))
    return min(max(int(number), 1), MAX_TABLE_COLUMNS) if number.isdecimal() else 1


def _text_of(element: Tag) -> str:
    """Return the text of a cell on one line, or a dash for a missing value of pandas."""
    words = " ".join(element.get_text(" ").split())
    return "—" if words in _MISSING_VALUE_TEXTS else words


def _cell(text: str, column: int, columns: int = 1, rows: int = 1, *, header: bool) -> View:
    """Return the view of a cell that stands in a column and spans ``columns`` and ``rows``."""
    cell = {"text": text, "column": column, "columns": columns, "rows": rows, "header": header, "number": False}
    return cell | {"ground": "", "ink": ""}


def _colour_cell(background: str) -> View:
    """Return the colour of a cell (``ground``) and of its text (``ink``), or nothing for a white cell."""
    if background.lower() in ("", "#ffffff"):
        return {}
    channels = [int(background[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    # The formula of WCAG
    light = [channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    luminance = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
    return {"ground": background, "ink": "#000000" if luminance > 0.179 else "#ffffff"}


def _view(head: list[list[View]], rows: list[list[View]], caption: str = "") -> View:
    """Return the view of a table, with the longest texts by which a page chooses the widths of columns.

    Changes the cells: the cells of columns of numbers are marked (``number``), and a header row that has only the names
    of the index is merged into the row above it.
    """
    row_headers = max((cell["column"] + cell["columns"] for row in rows for cell in row if cell["header"]), default=0)
    if len(head) > 1 and not any(cell["text"] for cell in head[-1] if cell["column"] >= row_headers):
        # pandas writes the names of the index alone in a row
        names = {cell["column"]: cell["text"] for cell in head.pop()}
        for cell in head[-1]:
            cell["text"] = cell["text"] or names.get(cell["column"], "")
    cells = [cell for row in (*head, *rows) for cell in row]
    columns = max((cell["column"] + 1 for cell in cells), default=0)
    longest = []
    for column in range(columns):
        inside = [cell for cell in cells if cell["column"] == column]
        contents = {cell["text"] for cell in inside if not cell["header"]} - {"", "..."}
        numbers = bool(contents) and all(map(_NUMBER_PATTERN.fullmatch, contents - {"—"}))
        for cell in inside:
            cell["columns"] = min(cell["columns"], columns - column)
            cell["number"] = numbers and cell["columns"] == 1
        texts = {cell["text"] for cell in inside if cell["columns"] == 1}
        words = {word[:24] for text in texts for word in _WORD_BREAK_PATTERN.split(text)}
        longest.append({"texts": _longest(texts), "words": _longest(words)})
    blank = {"span": 12, "kicker": "", "finding": "", "empty": None, "caption": caption}
    shape = {"columns": columns, "row_headers": row_headers, "longest": longest}
    return {**blank, **shape, "head": head, "rows": rows}


def _longest(texts: set[str]) -> list[str]:
    """Return the six longest texts, longest first. One of these is the widest in print."""
    return sorted(texts, key=lambda text: (-len(text), text))[:6]
