"""Correct the structure of a tagged PDF for screen readers: texts, lists, tables with headers of their rows.

Typst tags only the headers of columns, sets captions next to their tables, and tags elements of mere layout.
"""

from itertools import count
from typing import Any

from pikepdf import Array, Dictionary, Name, NameTree, Object, Pdf, String

WHITE_COLOUR = Array([1, 1, 1])
"""The background of the cells that head a row, as red, green and blue."""
LAYOUT_TAGS = {Name.Div, Name.NonStruct}
"""The tags that Typst gives to the cells of a grid."""

UNLABELLED_LIST_NUMBERING = Name("/None")
"""The numbering of a list whose items have no label."""

REMOVABLE_EMPTY_TAGS = LAYOUT_TAGS | {Name.P, Name.Span, Name.Lbl}
"""The tags of elements that are removed if they have no text; an empty cell of a table stays."""

BLOCK_TAGS = LAYOUT_TAGS | {Name.Document, Name.Part, Name.Sect}
"""The tags of elements in which a text is a paragraph; in others it is part of a line."""


def add_row_headers(document: Pdf) -> None:
    """Add to every table cell of a tagged PDF the header of its row, next to that of its column.

    Without it a screen reader that goes down a column says "127, 58, 42" and not whose numbers they are. A row is
    headed by its cells on white and by headers of rows above that reach into it; without either, by its first cell.
    """
    structure_elements = [pdf_object for pdf_object in document.objects if isinstance(pdf_object, Dictionary)]
    table_rows = [
        structure_element
        for structure_element in structure_elements
        if structure_element.get("/S") == Name.TR and structure_element.K[0].S == Name.TD
    ]
    if not table_rows:
        return
    structure_root = document.Root.StructTreeRoot
    if "/IDTree" not in structure_root:  # no table has a header of columns
        structure_root.IDTree = NameTree.new(document).obj
    header_tree = NameTree(structure_root.IDTree)
    row_counter = count()
    for row_group in {table_row.P.objgen: table_row.P for table_row in table_rows}.values():
        remaining_row_count_by_header: dict[str, int] = {}  # headers that reach down, and how many rows more
        for table_row in row_group.K:
            remaining_row_count_by_header = _tag_row_headers(
                table_row, f"row-{next(row_counter):04d}", header_tree, remaining_row_count_by_header
            )


def _tag_row_headers(
    row: Object, identifier: str, header_tree: NameTree, previous_headers: dict[str, int]
) -> dict[str, int]:
    """Tag the first cells of a row as headers of the others, and register their ids in ``header_tree``.

    Returns how many more rows each header reaches into, by its id, as ``previous_headers`` has it of the row above.
    """
    row_cells = list(row.K)
    header_cells = [
        row_cell
        for row_cell in row_cells
        if any(
            cell_attributes.get("/BackgroundColor") == WHITE_COLOUR for cell_attributes in _list_values(row_cell, "/A")
        )
    ]
    header_ids = list(previous_headers)
    remaining_row_count_by_header = {
        header_id: remaining_row_count - 1
        for header_id, remaining_row_count in previous_headers.items()
        if remaining_row_count > 1
    }
    if not header_cells and not previous_headers:
        header_cells = row_cells[:1]
    for header_index, header_cell in enumerate(header_cells):
        header_id = f"{identifier}-{header_index}" if header_index else identifier
        spanned_row_count = int(_table_attributes(header_cell).get("/RowSpan", 1))
        header_cell.S, header_cell.ID = Name.TH, String(header_id)
        header_cell.A = Array([_describe_cell(header_cell, header_ids, Scope=Name.Row)])
        header_tree[header_id] = header_cell
        header_ids.append(header_id)
        if spanned_row_count > 1:
            remaining_row_count_by_header[header_id] = spanned_row_count - 1
    for row_cell in row_cells[len(header_cells) :]:
        row_cell.A = Array([_describe_cell(row_cell, header_ids)])
    return remaining_row_count_by_header


def _describe_cell(cell: Object, added_ids: list[str], **attributes: Any) -> Dictionary:
    """Return new table attributes of a cell: its spans, its headers with ``added_ids`` after them, ``attributes``.

    Other attributes that it has are left out; the cell is not changed.
    """
    table_attributes = _table_attributes(cell)
    span_by_attribute: dict[str, Any] = {
        attribute_name[1:]: table_attributes[attribute_name]
        for attribute_name in ("/RowSpan", "/ColSpan")
        if attribute_name in table_attributes
    }
    header_id_array = Array([*table_attributes.get("/Headers", Array()), *map(String, added_ids)])
    return Dictionary(O=Name.Table, **attributes, Headers=header_id_array, **span_by_attribute)


def _table_attributes(cell: Object) -> Object:
    """Return the attributes that a cell has as part of a table; empty without any."""
    return next(
        (cell_attributes for cell_attributes in _list_values(cell, "/A") if Name.Table == cell_attributes.O),
        Dictionary(),
    )


def _list_values(element: Object, key: str) -> list[Object]:
    """List the values of a key, whether it has several, one, or none."""
    key_content = element.get(key, Array())
    return list(key_content) if isinstance(key_content, Array) else [key_content]


def clear_layout(document: Pdf) -> None:
    """Remove cells of layout and empty elements from a tagged PDF; tag texts between blocks as paragraphs.

    Also moves captions into their tables, and joins neighbouring lists without labels. Changes the document in place.
    """
    for root_child_element in filter(_is_element, _list_values(document.Root.StructTreeRoot, "/K")):
        _clear(root_child_element)


def _clear(element: Object) -> list[Object]:
    """Clear an element and all in it, in place; return what replaces it.

    That is itself, its children if it was only layout, or nothing if it was empty.
    """
    child_objects: list[Object] = []
    for child_object in _list_values(element, "/K"):
        child_objects += _clear(child_object) if _is_element(child_object) else [child_object]
    if not child_objects and element.S in REMOVABLE_EMPTY_TAGS:
        return []
    if element.S in LAYOUT_TAGS:
        if all(map(_is_element, child_objects)):
            return child_objects
        element.S = Name.P
    if all(map(_is_element, child_objects)):
        child_objects = _join_neighbours(child_objects)
    for child_element in filter(_is_element, child_objects):
        child_element.P = element
        if Name.Span == child_element.S and element.S in BLOCK_TAGS:
            child_element.S = Name.P
    element.K = Array(child_objects)
    if Name.L == element.S:
        _describe_list(element)
    return [element]


def _describe_list(element: Object) -> None:
    """Tag a list without labels as such, and paragraphs in its items as spans; a list with labels stays as it is."""
    item_parts = [item_part for list_item in _list_values(element, "/K") for item_part in _list_values(list_item, "/K")]
    if any(Name.Lbl == item_part.S for item_part in item_parts):
        return
    element.A = Dictionary(O=Name.List, ListNumbering=UNLABELLED_LIST_NUMBERING)
    for text_element in (text_element for item_part in item_parts for text_element in _list_values(item_part, "/K")):
        if _is_element(text_element) and Name.P == text_element.S:
            text_element.S = Name.Span


def _join_neighbours(elements: list[Object]) -> list[Object]:
    """Return these elements with each caption moved into the table after it.

    Neighbouring lists without labels are joined into the first one. Changes the elements in place.
    """
    joined_elements: list[Object] = []
    for structure_element in elements:
        previous_element = joined_elements[-1] if joined_elements else Dictionary()
        if (previous_element.get("/S"), structure_element.S) == (Name.Caption, Name.Table):
            previous_element.P, structure_element.K = (
                structure_element,
                Array([previous_element, *_list_values(structure_element, "/K")]),
            )
            joined_elements[-1] = structure_element
        elif previous_element.get("/S") == structure_element.S == Name.L and all(
            neighbour_element.A.get("/ListNumbering") == UNLABELLED_LIST_NUMBERING
            for neighbour_element in (previous_element, structure_element)
        ):
            for list_item in _list_values(structure_element, "/K"):
                list_item.P = previous_element
                previous_element.K.append(list_item)
        else:
            joined_elements.append(structure_element)
    return joined_elements


def _is_element(kid: Object) -> bool:
    """Whether a child is an element of the structure, and not text of a page or a link."""
    return isinstance(kid, Dictionary) and "/S" in kid
