"""Files that appear whole or not at all."""

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from threading import get_ident
from typing import Any

FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
"""A spreadsheet program may run a text that begins so."""


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write beside the target, then put in its place: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}")
    try:
        temporary.write_bytes(raw)
        return temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> Path:
    """JSON as people can read it."""
    return write_whole(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Path:
    """CSV as spreadsheet programs open it: UTF-8 with its mark; what is unknown is an empty cell."""
    return write_whole(path, "\ufeff" + csv_text(columns, rows))


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV text, each text harmless."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({column: harmless(cell) for column, cell in row.items()} for row in rows)
    return text.getvalue()


def harmless(cell: Any) -> Any:
    """The cell; a text that a spreadsheet program could run as a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
