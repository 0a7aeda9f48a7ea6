"""The structure of a tagged PDF as a voice needs it: texts, lists, tables with headers of their rows.

Typst tells of the headers of columns alone, sets captions beside their tables, and names what its layout alone needs.
"""

from itertools import count
from typing import Any

from pikepdf import Array, Dictionary, Name, NameTree, Object, Pdf, String

WHITE = Array([1, 1, 1])
LAYOUT = {Name.Div, Name.NonStruct}
"""What Typst calls the cells of a grid."""

WITHOUT_LABELS = Name("/None")
"""The numbering of a list whose items have no label."""

EMPTIED = LAYOUT | {Name.P, Name.Span, Name.Lbl}
"""What says nothing without a text; an empty cell of a table is still a cell."""

BLOCKS = LAYOUT | {Name.Document, Name.Part, Name.Sect}
"""In these a text is a paragraph; within others it is a part of a line."""


def add_row_headers(document: Pdf) -> None:
    """Let every cell of a table in a tagged PDF name the header of its row beside that of its column.

    Without it a voice that goes down a column says "127, 58, 42" and not whose numbers they are. The cells on a white
    ground head their row, else its first cell does.
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
    """Make headers of the row's first cells, name them in its other cells; returns those that reach into the next."""
    cells = list(row.K)
    heads = [
        cell
        for cell in cells
        if any(attributes.get("/BackgroundColor") == WHITE for attributes in _list_values(cell, "/A"))
    ]
    names = list(above)
    reaching = {name: remaining_rows - 1 for name, remaining_rows in above.items() if remaining_rows > 1}
    for number, head in enumerate(heads or cells[:1]):
        name = f"{identifier}-{number}" if number else identifier
        rows = int(_table_attributes(head).get("/RowSpan", 1))
        head.S, head.ID = Name.TH, String(name)
        head.A = Array([_describe_cell(head, names, Scope=Name.Row)])
        identifiers[name] = head
        names.append(name)
        if rows > 1:
            reaching[name] = rows - 1
    for cell in cells[len(heads) or 1 :]:
        cell.A = Array([_describe_cell(cell, names)])
    return reaching


def _describe_cell(cell: Object, names: list[str], **attributes: Any) -> Dictionary:
    """What a table says of the cell, with the names of headers beside those it has."""
    table = _table_attributes(cell)
    spans: dict[str, Any] = {name[1:]: table[name] for name in ("/RowSpan", "/ColSpan") if name in table}
    headers = Array([*table.get("/Headers", Array()), *map(String, names)])
    return Dictionary(O=Name.Table, **attributes, Headers=headers, **spans)


def _table_attributes(cell: Object) -> Object:
    return next((attributes for attributes in _list_values(cell, "/A") if Name.Table == attributes.O), Dictionary())


def _list_values(element: Object, key: str) -> list[Object]:
    """What stands under a key: several, one, or nothing."""
    content = element.get(key, Array())
    return list(content) if isinstance(content, Array) else [content]


def clear_layout(document: Pdf) -> None:
    """Take the cells of grids and elements without a text out of a tagged PDF; texts between blocks are paragraphs."""
    for element in filter(_is_element, _list_values(document.Root.StructTreeRoot, "/K")):
        _clear(element)


def _clear(element: Object) -> list[Object]:
    """What takes the element's place: itself, its parts where it was layout alone, nothing where it was empty."""
    parts: list[Object] = []
    for kid in _list_values(element, "/K"):
        parts += _clear(kid) if _is_element(kid) else [kid]
    if not parts and element.S in EMPTIED:
        return []
    if element.S in LAYOUT:
        if all(map(_is_element, parts)):
            return parts
        element.S = Name.P
    if all(map(_is_element, parts)):
        parts = _join_neighbours(parts)
    for part in filter(_is_element, parts):
        part.P = element
        if Name.Span == part.S and element.S in BLOCKS:
            part.S = Name.P
    element.K = Array(parts)
    if Name.L == element.S:
        _describe_list(element)
    return [element]


def _describe_list(element: Object) -> None:
    """Say of a list whose items have no label that it has none; a name and its number in an item are one text."""
    parts = [part for item in _list_values(element, "/K") for part in _list_values(item, "/K")]
    if any(Name.Lbl == part.S for part in parts):
        return
    element.A = Dictionary(O=Name.List, ListNumbering=WITHOUT_LABELS)
    for text in (text for part in parts for text in _list_values(part, "/K")):
        if _is_element(text) and Name.P == text.S:
            text.S = Name.Span


def _join_neighbours(parts: list[Object]) -> list[Object]:
    """Give a table the caption before it as its own, and make one list of lists without labels beside each other."""
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
    """Whether it is a part of the structure, and no text of a page or link."""
    return isinstance(kid, Dictionary) and "/S" in kid
