"""Makes the first cell of a table's row its header in a PDF; Typst tells of the headers of columns alone."""

from io import BytesIO

from pikepdf import Array, Dictionary, Name, NameTree, Object, ObjectStreamMode, Pdf, String


def with_row_headers(pdf: bytes) -> bytes:
    """The same tagged PDF, in which every cell of a table names the header of its row beside that of its column.

    Without it a voice that goes down a column says "127, 58, 42" and not whose numbers they are. The structure is
    also packed, which makes the file a third smaller. The same bytes give the same bytes.
    """
    with Pdf.open(BytesIO(pdf)) as document:
        elements = [found for found in document.objects if isinstance(found, Dictionary)]
        rows = [element for element in elements if element.get("/S") == Name.TR]
        headed = [row for row in rows if row.K[0].S == Name.TD]
        if headed:
            identifiers = NameTree(document.Root.StructTreeRoot.IDTree)
            for number, row in enumerate(headed):
                identifiers[f"row-{number:04d}"] = _headed(row, f"row-{number:04d}")
        packed = BytesIO()
        document.save(packed, deterministic_id=True, object_stream_mode=ObjectStreamMode.generate)
    return packed.getvalue()


def _headed(row: Object, identifier: str) -> Object:
    """The row's first cell, now its header, named by all other cells."""
    header, *cells = row.K
    header.S, header.ID = Name.TH, String(identifier)
    header.A = Array([Dictionary(O=Name.Table, Scope=Name.Row, Headers=_named_by(header))])
    for cell in cells:
        cell.A = Array([Dictionary(O=Name.Table, Headers=Array([*_named_by(cell), String(identifier)]))])
    return header


def _named_by(cell: Object) -> Object:
    """The headers that a cell names already."""
    attributes = cell.get("/A", Array())
    listed = attributes if isinstance(attributes, Array) else [attributes]
    return next((each.Headers for each in listed if "/Headers" in each), Array())


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF has."""
    with Pdf.open(BytesIO(pdf)) as document:
        return len(document.pages)
