"""Correct the structure of a tagged PDF for screen readers: texts, lists, tables with headers of their rows.

Typst tags only the headers of columns, sets captions next to their tables, and tags elements of mere layout.
"""

from itertools import count
from typing import Any

from pikepdf import Array, Dictionary, Name, NameTree, Object, Pdf, String

WHITE = Array([1, 1, 1])
LAYOUT_TAGS = {Name.Div, Name.NonStruct}
"""The tags that Typst gives to the cells of a grid."""

WITHOUT_LABELS = Name("/None")
"""The numbering of a list whose items have no label."""

REMOVED_IF_EMPTY = LAYOUT_TAGS | {Name.P, Name.Span, Name.Lbl}
"""The tags of elements that are removed if they have no text; an empty cell of a table stays."""

BLOCK_TAGS = LAYOUT_TAGS | {Name.Document, Name.Part, Name.Sect}
"""The tags of elements in which a text is a paragraph; in others it is part of a line."""


def add_row_headers(document: Pdf) -> None:
    """Add to every table cell of a tagged PDF the header of its row, next to that of its column.

    Without it a screen reader that goes down a column says "127, 58, 42" and not whose numbers they are. The cells on
    white head their row, else its first cell does.
    """
    elements = [item for item in document.objects if isinstance(item, Dictionary)]
    rows = [element for element in elements if element.get("/S") == Name.TR and element.K[0].S == Name.TD]
    if not rows:
        return
    root = document.Root.StructTreeRoot
    if "/IDTree" not in root:  # no table has a header of columns
        root.IDTree = NameTree.new(document).obj
    identifiers = NameTree(root.IDTree)
    numbers = count()
    for group in {row.P.objgen: row.P for row in rows}.values():
        above: dict[str, int] = {}  # headers that reach down, and how many rows more
        for row in group.K:
            above = _tag_row_headers(row, f"row-{next(numbers):04d}", identifiers, above)


def _tag_row_headers(row: Object, identifier: str, identifiers: NameTree, above: dict[str, int]) -> dict[str, int]:
    """Tag the first cells of a row as headers of the others; return the headers that reach into the next row."""
    cells = list(row.K)
    heads = [
        cell
        for cell in cells
        if any(attributes.get("/BackgroundColor") == WHITE for attributes in _list_values(cell, "/A"))
    ]
    names = list(above)
    reaching = {head_id: remaining_rows - 1 for head_id, remaining_rows in above.items() if remaining_rows > 1}
    for number, head in enumerate(heads or cells[:1]):
        head_id = f"{identifier}-{number}" if number else identifier
        rows = int(_table_attributes(head).get("/RowSpan", 1))
        head.S, head.ID = Name.TH, String(head_id)
        head.A = Array([_describe_cell(head, names, Scope=Name.Row)])
        identifiers[head_id] = head
        names.append(head_id)
        if rows > 1:
            reaching[head_id] = rows - 1
    for cell in cells[len(heads) or 1 :]:
        cell.A = Array([_describe_cell(cell, names)])
    return reaching


def _describe_cell(cell: Object, names: list[str], **attributes: Any) -> Dictionary:
    """Return the table attributes of a cell with these names of headers added to those it has."""
    table = _table_attributes(cell)
    spans: dict[str, Any] = {name[1:]: table[name] for name in ("/RowSpan", "/ColSpan") if name in table}
    headers = Array([*table.get("/Headers", Array()), *map(String, names)])
    return Dictionary(O=Name.Table, **attributes, Headers=headers, **spans)


def _table_attributes(cell: Object) -> Object:
    """Return the attributes that a cell has as part of a table; empty without any."""
    return next((attributes for attributes in _list_values(cell, "/A") if Name.Table == attributes.O), Dictionary())


def _list_values(element: Object, key: str) -> list[Object]:
    """List the values of a key: several, one, or none."""
    content = element.get(key, Array())
    return list(content) if isinstance(content, Array) else [content]


def clear_layout(document: Pdf) -> None:
    """Remove cells of layout and empty elements from a tagged PDF; tag texts between blocks as paragraphs."""
    for element in filter(_is_element, _list_values(document.Root.StructTreeRoot, "/K")):
        _clear(element)


def _clear(element: Object) -> list[Object]:
    """Return what replaces an element: itself, its children if it was only layout, nothing if it was empty."""
    parts: list[Object] = []
    for kid in _list_values(element, "/K"):
        parts += _clear(kid) if _is_element(kid) else [kid]
    if not parts and element.S in REMOVED_IF_EMPTY:
        return []
    if element.S in LAYOUT_TAGS:
        if all(map(_is_element, parts)):
            return parts
        element.S = Name.P
    if all(map(_is_element, parts)):
        parts = _join_neighbours(parts)
    for part in filter(_is_element, parts):
        part.P = element
        if Name.Span == part.S and element.S in BLOCK_TAGS:
            part.S = Name.P
    element.K = Array(parts)
    if Name.L == element.S:
        _describe_list(element)
    return [element]


def _describe_list(element: Object) -> None:
    """Tag a list without labels as such; a name and its number in an item become one text."""
    parts = [part for item in _list_values(element, "/K") for part in _list_values(item, "/K")]
    if any(Name.Lbl == part.S for part in parts):
        return
    element.A = Dictionary(O=Name.List, ListNumbering=WITHOUT_LABELS)
    for text in (text for part in parts for text in _list_values(part, "/K")):
        if _is_element(text) and Name.P == text.S:
            text.S = Name.Span


def _join_neighbours(parts: list[Object]) -> list[Object]:
    """Move a caption into the table after it, and join neighbouring lists without labels into one."""
    joined: list[Object] = []
    for part in parts:
        previous = joined[-1] if joined else Dictionary()
        if (previous.get("/S"), part.S) == (Name.Caption, Name.Table):
            previous.P, part.K = part, Array([previous, *_list_values(part, "/K")])
            joined[-1] = part
        elif previous.get("/S") == part.S == Name.L and all(
            neighbour.A.get("/ListNumbering") == WITHOUT_LABELS for neighbour in (previous, part)
        ):
            for item in _list_values(part, "/K"):
                item.P = previous
                previous.K.append(item)
        else:
            joined.append(part)
    return joined


def _is_element(kid: Object) -> bool:
    """Whether a child is an element of the structure, and not text of a page or a link."""
    return isinstance(kid, Dictionary) and "/S" in kid
