"""Files that appear whole or not at all."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write beside the target, then put in its place: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = content.encode("utf-8") if isinstance(content, str) else content
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as temporary:
        temporary.write(raw)
    Path(temporary.name).chmod(0o644)
    return Path(temporary.name).replace(path)


def write_json(path: Path, content: Any) -> Path:
    """JSON as people can read it."""
    return write_whole(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Path:
    """CSV as spreadsheet programs open it: UTF-8 with its mark; what is unknown is an empty cell."""
    return write_whole(path, "\ufeff" + csv_text(columns, rows))


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV text."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
