"""Tables as the view of a ``table`` block: header rows, rows, what heads a row, which columns are numbers."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bs4 import BeautifulSoup, Tag

View = dict[str, Any]
MOST_COLUMNS = 200
_NUMBER = re.compile(
    r"[<>≤≥~+\-−(]*\s?(?:USD|US\$|\$|€)?\s?[+\-−]?\d[\d.,\s]*(?:e[+-]?\d+)?\s?(?:%|K|M|B|bi|mi|mil)?\)?", re.IGNORECASE
)
_MISSING = frozenset({"NaN", "nan", "<NA>", "NaT", "None"})
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_GROUND = re.compile(r"background-color:\s*(#[0-9a-fA-F]{6})\b")
_ID = re.compile(r"#([\w-]+)")
_BREAKS = re.compile(r"\s+|(?<=[_/])")
_SHORTENED = re.compile(r"\d+ rows × \d+ columns")


def table(
    head: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], *, row_headers: int = 1, caption: str = ""
) -> View:
    """A table of texts, in which the first cells of a row head it."""
    header_rows = [[_cell(text, column, header=True) for column, text in enumerate(row)] for row in head]
    body = [[_cell(text, column, header=column < row_headers) for column, text in enumerate(row)] for row in rows]
    return _view(header_rows, body, caption)


def html_tables(html: str) -> tuple[list[View], str]:
    """The tables in an HTML text as pandas and its Stylers write them, and the words that stand beside them."""
    page = BeautifulSoup(html, "html.parser")
    rules = [rule for style in page("style") for rule in _RULE.findall(style.get_text())]
    painted = [(names, ground[1]) for names, rule in rules if (ground := _GROUND.search(rule))]
    grounds = {name: ground for names, ground in painted for name in _ID.findall(names)}
    for unseen in page(["style", "script", "template"]):
        unseen.decompose()
    outermost = [found for found in page("table") if not found.find_parent("table")]
    views = [_view_of(found.extract(), grounds) for found in outermost]
    if views and any("gradient(" in rule for _, rule in rules):
        views[-1]["left_out"] = "bars in the cells of its table"
    words = " ".join(page.get_text(" ").split())
    if views and _SHORTENED.fullmatch(words):
        views[-1]["note"], words = words, ""
    return views, words


def _view_of(found: Tag, grounds: Mapping[str, str]) -> View:
    rows = [row for row in found("tr") if row.find_parent("table") is found]
    header_rows = [row for row in rows if row.find_parent("thead") or _heads_alone(row)]
    body = [row for row in rows if row not in header_rows]
    caption = found.find("caption")
    for cell in found("td"):
        own = _GROUND.search(str(cell.get("style", "")))
        cell["data-ground"] = own[1] if own else grounds.get(str(cell.get("id")), "")
    return _view(_placed(header_rows, header=True), _placed(body), _words(caption) if caption else "")


def _heads_alone(row: Tag) -> bool:
    """Whether this is the first row, and of headers only."""
    return not row.find_previous("tr") and not row.find("td", recursive=False)


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
            across = next((each for each in reach if taken.get(each)), reach.stop) - column
            down = min(_span(found, "rowspan"), len(rows) - number)
            cell = _cell(_words(found), column, across, down, header=header or found.name == "th")
            cells.append(cell | _coloured(str(found.get("data-ground", ""))))
            taken |= dict.fromkeys(range(column, column + across), down)
            column += across
        taken = {column: left - 1 for column, left in taken.items()}
        placed.append(cells)
    return placed


def _span(found: Tag, name: str) -> int:
    number = str(found.get(name, "1"))
    return min(max(int(number), 1), MOST_COLUMNS) if number.isdigit() else 1


def _words(found: Tag) -> str:
    return " ".join(found.get_text(" ").split())


def _cell(text: str, column: int, columns: int = 1, rows: int = 1, *, header: bool) -> View:
    shown = "—" if text in _MISSING else text
    placed = {"text": shown, "column": column, "columns": columns, "rows": rows, "header": header, "number": False}
    return placed | _coloured("")


def _coloured(ground: str) -> View:
    """The colour of a cell, and black or white for its text, whichever stands out more."""
    ground = "" if ground.lower() == "#ffffff" else ground  # the page itself is white
    channels = [int(ground[at : at + 2], 16) / 255 for at in (1, 3, 5)] if ground else [1, 1, 1]
    light = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]  # as WCAG reckons contrast
    luminance = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
    return {"ground": ground, "ink": ("#000000" if luminance > 0.179 else "#ffffff") if ground else ""}


def _view(head: list[list[View]], rows: list[list[View]], caption: str) -> View:
    if len(head) > 1 and not any(cell["text"] for cell in head[-1] if cell["column"] >= _row_headers(rows)):
        names = {cell["column"]: cell["text"] for cell in head.pop()}  # pandas: names of the index, alone in a row
        for cell in head[-1]:
            cell["text"] = cell["text"] or names.get(cell["column"], "")
    columns = max((cell["column"] + 1 for row in (*head, *rows) for cell in row), default=0)
    for cell in (cell for row in (*head, *rows) for cell in row):
        cell["columns"] = min(cell["columns"], columns - cell["column"])
    for column in range(columns):
        below = [cell["text"] for row in rows for cell in row if cell["column"] == column and not cell["header"]]
        stated = [text for text in below if text not in ("", "—", "...")]
        if stated and all(map(_NUMBER.fullmatch, stated)):
            for cell in (cell for row in (*head, *rows) for cell in row if cell["column"] == column):
                cell["number"] = cell["columns"] == 1
    seen = [cell for row in (*head, *rows) for cell in row if cell["columns"] == 1]
    longest = []
    for column in range(columns):
        texts = {cell["text"] for cell in seen if cell["column"] == column}
        words = {word[:24] for text in texts for word in _BREAKS.split(text)}
        longest.append({"texts": _longest(texts), "words": _longest(words)})
    return {
        "block": "table",
        "span": 12,
        "kicker": "",
        "finding": "",
        "empty": None,
        "caption": caption,
        "label": "",
        "continued": "",
        "columns": columns,
        "longest": longest,
        "row_headers": _row_headers(rows),
        "head": head,
        "rows": rows,
        "note": "",
        "left_out": "",
    }


def _longest(texts: set[str]) -> list[str]:
    """The texts of which one is the widest in print."""
    return sorted(texts, key=lambda text: (-len(text), text))[:6]


def _row_headers(rows: list[list[View]]) -> int:
    """How many columns head the rows."""
    heads = [cell["column"] + cell["columns"] for row in rows for cell in row if cell["header"]]
    return max(heads, default=0)
