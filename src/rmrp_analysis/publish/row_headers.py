"""Makes the first cell of a table's row its header in a PDF; Typst tells of the headers of columns alone."""

from io import BytesIO
from itertools import count
from typing import Any

from pikepdf import Array, Dictionary, Name, NameTree, Object, Pdf, String

WHITE = Array([1, 1, 1])


def add_row_headers(document: Pdf) -> None:
    """Let every cell of a table in a tagged PDF name the header of its row beside that of its column.

    Without it a voice that goes down a column says "127, 58, 42" and not whose numbers they are. The cells on a white
    ground head their row, else its first cell does.
    """
    elements = [found for found in document.objects if isinstance(found, Dictionary)]
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
            above = _headed(row, f"row-{next(numbers):04d}", identifiers, above)


def _headed(row: Object, identifier: str, identifiers: NameTree, above: dict[str, int]) -> dict[str, int]:
    """Make headers of the row's first cells, name them in its other cells; returns those that reach into the next."""
    cells = list(row.K)
    heads = [cell for cell in cells if any(each.get("/BackgroundColor") == WHITE for each in _attributes(cell))]
    names = list(above)
    reaching = {name: left - 1 for name, left in above.items() if left > 1}
    for number, head in enumerate(heads or cells[:1]):
        name = f"{identifier}-{number}" if number else identifier
        rows = int(_of_table(head).get("/RowSpan", 1))
        head.S, head.ID = Name.TH, String(name)
        head.A = Array([_named(head, names, Scope=Name.Row)])
        identifiers[name] = head
        names.append(name)
        if rows > 1:
            reaching[name] = rows - 1
    for cell in cells[len(heads) or 1 :]:
        cell.A = Array([_named(cell, names)])
    return reaching


def _named(cell: Object, names: list[str], **more: Any) -> Dictionary:
    """What a table says of the cell, with the names of headers beside those it has."""
    table = _of_table(cell)
    spans: dict[str, Any] = {name[1:]: table[name] for name in ("/RowSpan", "/ColSpan") if name in table}
    headers = Array([*table.get("/Headers", Array()), *map(String, names)])
    return Dictionary(O=Name.Table, **more, Headers=headers, **spans)


def _of_table(cell: Object) -> Object:
    return next((each for each in _attributes(cell) if Name.Table == each.O), Dictionary())


def _attributes(cell: Object) -> list[Object]:
    attributes = cell.get("/A", Array())
    return list(attributes) if isinstance(attributes, Array) else [attributes]


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF has."""
    with Pdf.open(BytesIO(pdf)) as document:
        return len(document.pages)
