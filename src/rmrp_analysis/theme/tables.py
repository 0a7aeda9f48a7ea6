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
"""What pandas writes for a missing value; the page has a dash."""
_WORD_BREAK_PATTERN = re.compile(r"\s+|(?<=[_/])")
"""Where the text of a cell may break into lines."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> View:
    """Return the view of a table of texts; the first cell of a row is its header."""
    header_cell_views = [_cell(cell_text, column_index, header=True) for column_index, cell_text in enumerate(head)]
    return _view(
        [header_cell_views],
        [
            [
                _cell(cell_text, column_index, header=column_index == 0)
                for column_index, cell_text in enumerate(text_row)
            ]
            for text_row in rows
        ],
    )


def html_table(table: Tag, colour_by_cell_id: Mapping[str, str]) -> View:
    """Return the view of an HTML table of pandas or a Styler; ``colour_by_cell_id`` are backgrounds of cells.

    Whole numbers of a DataFrame lose the zeros after their point; a Styler's are as it has them. Changes the elements
    of ``table``. Columns beyond ``MAX_TABLE_COLUMNS`` are left out.
    """
    table_rows = [table_row for table_row in table("tr") if table_row.find_parent("table") is table]
    starts_with_headers = bool(table_rows) and not table_rows[0]("td", recursive=False)
    header_row_count = sum(1 for table_row in table_rows if table_row.find_parent("thead")) or int(starts_with_headers)
    caption_element = table.find("caption")
    is_pandas_table = "dataframe" in table.get_attribute_list("class")
    for body_cell_element in table("td"):
        body_cell_element["data-ground"] = colour_by_cell_id.get(str(body_cell_element.get("id")), "")
        if is_pandas_table and (whole_number_match := _WHOLE_NUMBER_PATTERN.fullmatch(body_cell_element.get_text())):
            body_cell_element.string = whole_number_match[1]
    header_rows = _place_cells(table_rows[:header_row_count], header=True)
    body_rows = _place_cells(table_rows[header_row_count:])
    return _view(header_rows, body_rows, _text_of(caption_element) if caption_element else "")


def _place_cells(rows: Sequence[Tag], *, header: bool = False) -> list[list[View]]:
    """Return the cells of each row with their column, beside cells that span several rows or columns.

    Cells beyond ``MAX_TABLE_COLUMNS`` are left out. With ``header``, all cells are headers.
    """
    placed_rows: list[list[View]] = []
    covered_row_count_by_column: dict[int, int] = {}  # column: how many rows a cell from above still covers
    for row_index, table_row in enumerate(rows):
        row_cells, column_index = [], 0
        for cell_element in table_row.find_all(["th", "td"], recursive=False):
            while covered_row_count_by_column.get(column_index):
                column_index += 1
            if column_index >= MAX_TABLE_COLUMNS:
                break
            column_range = range(column_index, min(column_index + _span(cell_element, "colspan"), MAX_TABLE_COLUMNS))
            end_column_index = next(
                (
                    spanned_column_index
                    for spanned_column_index in column_range
                    if covered_row_count_by_column.get(spanned_column_index)
                ),
                column_range.stop,
            )
            column_count = end_column_index - column_index
            row_span = min(_span(cell_element, "rowspan"), len(rows) - row_index)
            placed_cell_dict = _cell(
                _text_of(cell_element), column_index, column_count, row_span, header=header or cell_element.name == "th"
            )
            row_cells.append(placed_cell_dict | _colour_cell(str(cell_element.get("data-ground", ""))))
            covered_row_count_by_column |= dict.fromkeys(range(column_index, column_index + column_count), row_span)
            column_index += column_count
        covered_row_count_by_column = {
            column_index: covered_row_count - 1
            for column_index, covered_row_count in covered_row_count_by_column.items()
        }
        placed_rows.append(row_cells)
    return placed_rows


def _span(cell: Tag, name: str) -> int:
    """Return the ``rowspan`` or ``colspan`` of a cell, from 1 to ``MAX_TABLE_COLUMNS``; 1 for what is no number."""
    span_text = str(cell.get(name, "1"))
    return min(max(int(span_text), 1), MAX_TABLE_COLUMNS) if span_text.isdecimal() else 1


def _text_of(element: Tag) -> str:
    """Return the text of a cell on one line; a dash for a missing value of pandas."""
    cell_text = " ".join(element.get_text(" ").split())
    return "—" if cell_text in _MISSING_VALUE_TEXTS else cell_text


def _cell(text: str, column: int, columns: int = 1, rows: int = 1, *, header: bool) -> View:
    """Return the view of a cell that stands in a column and spans ``columns`` and ``rows``."""
    cell_view_dict = {
        "text": text,
        "column": column,
        "columns": columns,
        "rows": rows,
        "header": header,
        "number": False,
    }
    return cell_view_dict | {"ground": "", "ink": ""}


def _colour_cell(background: str) -> View:
    """Return the colour of a cell (``ground``) and black or white for its text (``ink``); empty for white or none."""
    if background.lower() in ("", "#ffffff"):
        return {}
    colour_channels = [
        int(background[hex_start_index : hex_start_index + 2], 16) / 255 for hex_start_index in (1, 3, 5)
    ]
    # The formula of WCAG
    linear_channels = [
        channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4 for channel in colour_channels
    ]
    luminance = 0.2126 * linear_channels[0] + 0.7152 * linear_channels[1] + 0.0722 * linear_channels[2]
    return {"ground": background, "ink": "#000000" if luminance > 0.179 else "#ffffff"}


def _view(head: list[list[View]], rows: list[list[View]], caption: str = "") -> View:
    """Return the view of a table, with what a page needs to choose the widths of columns.

    Changes the cells: those of columns of numbers are marked (``number``), and a header row that has only the names of
    the index is merged into the one above it.
    """
    header_column_count = max(
        (
            cell_view_dict["column"] + cell_view_dict["columns"]
            for row_cell_dicts in rows
            for cell_view_dict in row_cell_dicts
            if cell_view_dict["header"]
        ),
        default=0,
    )
    if len(head) > 1 and not any(
        cell_view_dict["text"] for cell_view_dict in head[-1] if cell_view_dict["column"] >= header_column_count
    ):
        # pandas writes the names of the index alone in a row
        index_name_by_column = {cell_view_dict["column"]: cell_view_dict["text"] for cell_view_dict in head.pop()}
        for cell_view_dict in head[-1]:
            cell_view_dict["text"] = cell_view_dict["text"] or index_name_by_column.get(cell_view_dict["column"], "")
    all_cells = [cell_view_dict for row_cell_dicts in (*head, *rows) for cell_view_dict in row_cell_dicts]
    column_count = max((cell_view_dict["column"] + 1 for cell_view_dict in all_cells), default=0)
    longest_text_dicts = []
    for column_index in range(column_count):
        column_cells = [cell_view_dict for cell_view_dict in all_cells if cell_view_dict["column"] == column_index]
        column_texts = {cell_view_dict["text"] for cell_view_dict in column_cells if not cell_view_dict["header"]} - {
            "",
            "...",
        }
        is_numeric_column = bool(column_texts) and all(map(_NUMBER_PATTERN.fullmatch, column_texts - {"—"}))
        for cell_view_dict in column_cells:
            cell_view_dict["columns"] = min(cell_view_dict["columns"], column_count - column_index)
            cell_view_dict["number"] = is_numeric_column and cell_view_dict["columns"] == 1
        single_column_texts = {
            cell_view_dict["text"] for cell_view_dict in column_cells if cell_view_dict["columns"] == 1
        }
        unbroken_words = {
            unbreakable_piece[:24]
            for cell_text in single_column_texts
            for unbreakable_piece in _WORD_BREAK_PATTERN.split(cell_text)
        }
        longest_text_dicts.append({"texts": _longest(single_column_texts), "words": _longest(unbroken_words)})
    default_view_fields = {"span": 12, "kicker": "", "finding": "", "empty": None, "caption": caption}
    table_shape_fields = {"columns": column_count, "row_headers": header_column_count, "longest": longest_text_dicts}
    return {**default_view_fields, **table_shape_fields, "head": head, "rows": rows}


def _longest(texts: set[str]) -> list[str]:
    """Return the six longest texts, longest first, of which one is the widest in print."""
    return sorted(texts, key=lambda text: (-len(text), text))[:6]
