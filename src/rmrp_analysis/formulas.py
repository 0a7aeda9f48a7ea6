"""Texts that a spreadsheet program would run: what a table or workbook may hold of them."""

from typing import Any

FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
"""A spreadsheet program may run a text that begins so."""


def harmless(cell: Any) -> Any:
    """The cell; a text that could run gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
