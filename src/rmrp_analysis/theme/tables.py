"""Tables as the view of a ``table`` block: header rows, rows, what heads a row, which columns are numbers."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bs4 import Tag

View = dict[str, Any]
MOST_COLUMNS = 200
_NUMBER = re.compile(
    r"[<>≤≥~+\-−(]*\s?(?:USD|US\$|\$|€)?\s?[+\-−]?\d[\d.,\s]*(?:e[+-]?\d+)?\s?(?:%|K|M|B|bi|mi|mil)?\)?", re.IGNORECASE
)
_WHOLE = re.compile(r"(-?\d+)\.0+")  # a whole number as pandas writes it in a column that may have others
_MISSING = frozenset({"NaN", "nan", "<NA>", "NaT", "None"})
_BREAKS = re.compile(r"\s+|(?<=[_/])")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> View:
    """A table of texts, in which the first cell of a row heads it."""
    header_row = [_cell(text, column, header=True) for column, text in enumerate(head)]
    return _view([header_row], [[_cell(text, at, header=at == 0) for at, text in enumerate(row)] for row in rows])


def html_table(found: Tag, grounds: Mapping[str, str]) -> View:
    """A table of HTML, as pandas and its Stylers write them; ``grounds`` are colours of cells by their id.

    Whole numbers of a DataFrame lose the zeros after their point; a Styler's are as it has them.
    """
    rows = [row for row in found("tr") if row.find_parent("table") is found]
    above = sum(1 for row in rows if row.find_parent("thead")) or int(bool(rows) and not rows[0]("td", recursive=False))
    caption = found.find("caption")
    is_of_pandas = "dataframe" in found.get_attribute_list("class")
    for cell in found("td"):
        cell["data-ground"] = grounds.get(str(cell.get("id")), "")
        if is_of_pandas and (number := _WHOLE.fullmatch(cell.get_text())):
            cell.string = number[1]
    head, body = _placed(rows[:above], header=True), _placed(rows[above:])
    return _view(head, body, _words(caption) if caption else "")


def _placed(rows: Sequence[Tag], *, header: bool = False) -> list[list[View]]:
    """The cells of these rows, each with its column; a cell that reaches over rows or columns keeps off the others."""
    placed: list[list[View]] = []
    taken: dict[int, int] = {}  # column: how many rows a cell from above still covers
    for number, row in enumerate(rows):
        cells, column = [], 0
        for found in row.find_all(["th", "td"], recursive=False):
            while taken.get(column):
                column += 1
            if column >= MOST_COLUMNS:
                break
            reach = range(column, min(column + _span(found, "colspan"), MOST_COLUMNS))
            columns = next((each for each in reach if taken.get(each)), reach.stop) - column
            down = min(_span(found, "rowspan"), len(rows) - number)
            cell = _cell(_words(found), column, columns, down, header=header or found.name == "th")
            cells.append(cell | _coloured(str(found.get("data-ground", ""))))
            taken |= dict.fromkeys(range(column, column + columns), down)
            column += columns
        taken = {column: left - 1 for column, left in taken.items()}
        placed.append(cells)
    return placed


def _span(found: Tag, name: str) -> int:
    number = str(found.get(name, "1"))
    return min(max(int(number), 1), MOST_COLUMNS) if number.isdecimal() else 1


def _words(found: Tag) -> str:
    words = " ".join(found.get_text(" ").split())
    return "—" if words in _MISSING else words


def _cell(text: str, column: int, columns: int = 1, rows: int = 1, *, header: bool) -> View:
    cell = {"text": text, "column": column, "columns": columns, "rows": rows, "header": header, "number": False}
    return cell | {"ground": "", "ink": ""}


def _coloured(ground: str) -> View:
    """The colour of a cell, and black or white for its text, whichever stands out more; none on the white page."""
    if ground.lower() in ("", "#ffffff"):
        return {}
    channels = [int(ground[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    light = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]  # as WCAG has it
    luminance = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
    return {"ground": ground, "ink": "#000000" if luminance > 0.179 else "#ffffff"}


def _view(head: list[list[View]], rows: list[list[View]], caption: str = "") -> View:
    row_headers = max((cell["column"] + cell["columns"] for row in rows for cell in row if cell["header"]), default=0)
    if len(head) > 1 and not any(cell["text"] for cell in head[-1] if cell["column"] >= row_headers):
        names = {cell["column"]: cell["text"] for cell in head.pop()}  # pandas: names of the index, alone in a row
        for cell in head[-1]:
            cell["text"] = cell["text"] or names.get(cell["column"], "")
    cells = [cell for row in (*head, *rows) for cell in row]
    columns = max((cell["column"] + 1 for cell in cells), default=0)
    longest = []
    for column in range(columns):
        inside = [cell for cell in cells if cell["column"] == column]
        stated = {cell["text"] for cell in inside if not cell["header"]} - {"", "..."}
        numbers = bool(stated) and all(map(_NUMBER.fullmatch, stated - {"—"}))
        for cell in inside:
            cell["columns"] = min(cell["columns"], columns - column)
            cell["number"] = numbers and cell["columns"] == 1
        texts = {cell["text"] for cell in inside if cell["columns"] == 1}
        words = {word[:24] for text in texts for word in _BREAKS.split(text)}
        longest.append({"texts": _longest(texts), "words": _longest(words)})
    blank = {"span": 12, "kicker": "", "finding": "", "empty": None, "caption": caption}
    shape = {"columns": columns, "row_headers": row_headers, "longest": longest}
    return {**blank, **shape, "head": head, "rows": rows}


def _longest(texts: set[str]) -> list[str]:
    """The texts of which one is the widest in print."""
    return sorted(texts, key=lambda text: (-len(text), text))[:6]
