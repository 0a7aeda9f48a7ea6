"""Clears the structure of a PDF of what its layout alone needs, so that a voice meets texts, lists and tables only."""

from collections.abc import Iterator

from pikepdf import Array, Dictionary, Name, Object, Pdf

LAYOUT = {Name.Div, Name.NonStruct}
"""What Typst calls the cells of a grid."""

EMPTIED = LAYOUT | {Name.P, Name.Span, Name.Lbl}
"""What says nothing without a text; an empty cell of a table is still a cell."""

BLOCKS = LAYOUT | {Name.Document, Name.Part, Name.Sect}
"""In these a text is a paragraph; within others it is a part of a line."""


def clear_layout(document: Pdf) -> None:
    """Take the cells of grids and elements without a text out of a tagged PDF; texts between blocks are paragraphs."""
    for element in _elements(document.Root.StructTreeRoot):
        _clear(element)


def _clear(element: Object) -> list[Object]:
    """What takes the element's place: itself, its parts where it was layout alone, nothing where it was empty."""
    parts: list[Object] = []
    for kid in _kids(element):
        parts += _clear(kid) if _is_element(kid) else [kid]
    if not parts and element.S in EMPTIED:
        return []
    if element.S in LAYOUT:
        if all(map(_is_element, parts)):
            return parts
        element.S = Name.P
    for part in filter(_is_element, parts):
        part.P = element
        if Name.Span == part.S and element.S in BLOCKS:
            part.S = Name.P
    element.K = Array(parts)
    if Name.L == element.S and not any(Name.Lbl == part.S for item in parts for part in _kids(item)):
        element.A = Dictionary(O=Name.List, ListNumbering=Name("/None"))
    return [element]


def _elements(parent: Object) -> Iterator[Object]:
    return filter(_is_element, _kids(parent))


def _kids(element: Object) -> list[Object]:
    kids = element.get("/K", Array())
    return list(kids) if isinstance(kids, Array) else [kids]


def _is_element(kid: Object) -> bool:
    """Whether it is a part of the structure, and no text of a page or link."""
    return isinstance(kid, Dictionary) and "/S" in kid
