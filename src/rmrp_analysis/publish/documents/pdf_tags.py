"""Corrects the structure of a tagged PDF for screen readers: texts, lists, tables with row headers.

Typst tags only the headers of columns, puts captions next to their tables, and tags elements that are only layout.
"""

from itertools import count
from typing import Any

from pikepdf import Array, Dictionary, Name, NameTree, Object, Pdf, String

WHITE_COLOUR = Array([1, 1, 1])
"""The background of cells that are row headers, as red, green and blue."""
LAYOUT_TAGS = {Name.Div, Name.NonStruct}
"""The tags that Typst gives to the cells of a grid."""

UNLABELLED_LIST_NUMBERING = Name("/None")

REMOVABLE_EMPTY_TAGS = LAYOUT_TAGS | {Name.P, Name.Span, Name.Lbl}
"""The tags of elements that are removed without text. An empty cell of a table stays."""

BLOCK_TAGS = LAYOUT_TAGS | {Name.Document, Name.Part, Name.Sect}
"""The tags of elements in which a text is a paragraph. In other elements it is part of a line."""


def add_row_headers(document: Pdf) -> None:
    """Add the headers of its row to every table cell of a tagged PDF, next to the header of its column.

    Otherwise a screen reader that goes down a column says "127, 58, 42", without the names of the rows. Row headers are
    the cells on white, and headers of rows above that reach down. A row without either has its first cell as header.
    """
    elements = [entry for entry in document.objects if isinstance(entry, Dictionary)]
    rows = [element for element in elements if element.get("/S") == Name.TR and element.K[0].S == Name.TD]
    if not rows:
        return
    root = document.Root.StructTreeRoot
    if "/IDTree" not in root:  # no table has a header of columns
        root.IDTree = NameTree.new(document).obj
    tree = NameTree(root.IDTree)
    numbers = count()
    for group in {row.P.objgen: row.P for row in rows}.values():
        above: dict[str, int] = {}  # headers that reach down, and how many rows more
        for row in group.K:
            above = _tag_row_headers(row, f"row-{next(numbers):04d}", tree, above)


def _tag_row_headers(
    row: Object, identifier: str, header_tree: NameTree, previous_headers: dict[str, int]
) -> dict[str, int]:
    """Tag the first cells of a row as headers of the others, and register their ids in the tree.

    Returns how many more rows each header reaches into, by its id, as ``previous_headers`` does for the row above.
    """
    cells = list(row.K)
    heads = [
        cell
        for cell in cells
        if any(attributes.get("/BackgroundColor") == WHITE_COLOUR for attributes in _list_values(cell, "/A"))
    ]
    names = list(previous_headers)
    reaching = {name: rows - 1 for name, rows in previous_headers.items() if rows > 1}
    if not heads and not previous_headers:
        heads = cells[:1]
    for number, head in enumerate(heads):
        name = f"{identifier}-{number}" if number else identifier
        rows = int(_table_attributes(head).get("/RowSpan", 1))
        head.S, head.ID = Name.TH, String(name)
        head.A = Array([_describe_cell(head, names, Scope=Name.Row)])
        header_tree[name] = head
        names.append(name)
        if rows > 1:
            reaching[name] = rows - 1
    for cell in cells[len(heads) :]:
        cell.A = Array([_describe_cell(cell, names)])
    return reaching


def _describe_cell(cell: Object, added_ids: list[str], **attributes: Any) -> Dictionary:
    """Return table attributes of a cell: spans, headers with ``added_ids``, and ``attributes``."""
    table = _table_attributes(cell)
    spans: dict[str, Any] = {name[1:]: table[name] for name in ("/RowSpan", "/ColSpan") if name in table}
    headers = Array([*table.get("/Headers", Array()), *map(String, added_ids)])
    return Dictionary(O=Name.Table, **attributes, Headers=headers, **spans)


def _table_attributes(cell: Object) -> Object:
    """Return the table attributes of a cell, or an empty dictionary."""
    return next((attributes for attributes in _list_values(cell, "/A") if Name.Table == attributes.O), Dictionary())


def _list_values(element: Object, key: str) -> list[Object]:
    """List the values of a key, whether they are an array, one value or missing."""
    content = element.get(key, Array())
    return list(content) if isinstance(content, Array) else [content]


def clear_layout(document: Pdf) -> None:
    """Remove cells of layout and empty elements from a tagged PDF, in place.

    Also tags texts between blocks as paragraphs, moves captions into their tables, and joins neighbouring lists without
    labels.
    """
    for element in filter(_is_element, _list_values(document.Root.StructTreeRoot, "/K")):
        _clear(element)


def _clear(element: Object) -> list[Object]:
    """Clear an element in place. Return the element, its children if it is only layout, or nothing."""
    parts: list[Object] = []
    for kid in _list_values(element, "/K"):
        parts += _clear(kid) if _is_element(kid) else [kid]
    if not parts and element.S in REMOVABLE_EMPTY_TAGS:
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
    """Tag a list without labels as such, and paragraphs in its items as spans."""
    parts = [part for item in _list_values(element, "/K") for part in _list_values(item, "/K")]
    if any(Name.Lbl == part.S for part in parts):
        return
    element.A = Dictionary(O=Name.List, ListNumbering=UNLABELLED_LIST_NUMBERING)
    for part in parts:
        for text in filter(_is_element, _list_values(part, "/K")):
            if Name.P == text.S:
                text.S = Name.Span


def _join_neighbours(elements: list[Object]) -> list[Object]:
    """Move captions into the next table, and join neighbouring lists without labels, in place."""
    joined: list[Object] = []
    for part in elements:
        previous = joined[-1] if joined else Dictionary()
        if (previous.get("/S"), part.S) == (Name.Caption, Name.Table):
            part.K = Array([previous, *_list_values(part, "/K")])
            previous.P = part
            joined[-1] = part
        elif previous.get("/S") == part.S == Name.L and all(
            element.A.get("/ListNumbering") == UNLABELLED_LIST_NUMBERING for element in (previous, part)
        ):
            for item in _list_values(part, "/K"):
                item.P = previous
                previous.K.append(item)
        else:
            joined.append(part)
    return joined


def _is_element(kid: Object) -> bool:
    """Tell whether a child is an element of the structure, and not text of a page or a link."""
    return isinstance(kid, Dictionary) and "/S" in kid
