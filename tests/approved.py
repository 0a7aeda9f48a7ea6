"""What a page, a chart or a file says, in few lines that a reader can compare: for snapshots.

Where something is meant to say something else, renew the snapshots with ``pytest --snapshot-update``, and read the
difference. A long text is written in full where it is said first; ``″`` after its first letters says that it comes
again, so that a change of one legend changes one line.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from hashlib import sha256
from itertools import groupby
from textwrap import wrap
from typing import Any

import pandas as pd
from syrupy.extensions.amber import AmberSnapshotExtension

from rmrp_analysis.page.block import Block

MOVES_WITH_THE_CODE = "edition"
"""What stands in the foot of a sheet."""
TEXT_OF_DRAWING = re.compile(r"<(text|title|desc)\b.*?</\1>", re.DOTALL)
WIDTH, SHORT, LONG_TEXT, FIRST_LETTERS = 176, 60, 48, 16
"""Letters of a line, of parts that share one, of a text that is written once, and of what stands for it."""
CELL_PLACE = {"text", "column", "columns", "rows", "header"}
SAME_ON_A_PAGE = ("rounding",)


class ApprovedLines(AmberSnapshotExtension):
    """Keeps the lines as they are, without quotation marks around them."""

    def serialize(self, data: Any, **_: Any) -> str:
        """Give the lines of what is compared."""
        return lines_of(data)


def hash_of(content: object) -> str:
    """Eight digits that change with the content, where nobody would read it."""
    return sha256(str(content).encode()).hexdigest()[:8]


def hash_of_numbers(content: Any) -> str:
    """Eight digits that change with the numbers of content and with what it has, and not with the words of a text."""
    return hash_of(_wordless(_plain(content)))


def lines_of(content: Any) -> str:
    """Content of views and files without what is empty, as many facts in a line as it holds."""
    return content if isinstance(content, str) else "\n".join(_lines(_once(_plain(content), set()), WIDTH))


def views_of(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """The views of blocks by kind and name, without what all blocks of a page have."""
    return [
        {f"{block.kind} {block.uid}".strip(): {k: v for k, v in block.view.items() if k not in SAME_ON_A_PAGE}}
        for block in blocks
    ]


def _plain(content: Any) -> Any:
    if isinstance(content, Mapping):
        plain = {str(key): _plain(value) for key, value in content.items() if key != MOVES_WITH_THE_CODE}
        plain = {key: value for key, value in plain.items() if value or (value == 0 and value is not False)}
        return _brief(plain)
    if isinstance(content, pd.DataFrame):
        return [_plain(row) for row in content.to_dict("records")]
    if is_dataclass(content):
        return _plain(vars(content))
    if isinstance(content, list | tuple | frozenset):
        plain = [_plain(value) for value in (sorted(content) if isinstance(content, frozenset) else content)]
        return "".join(map(_run, plain)) if plain and all(map(_is_run, plain)) else plain
    if isinstance(content, float):
        return f"{content:.4g}" if abs(content) < 1 else f"{content:.7g}"
    if isinstance(content, str) and content.startswith("<svg"):
        texts = [re.sub(r"<[^>]+>", "", found[0]).strip() for found in TEXT_OF_DRAWING.finditer(content)]
        return [*texts, f"shapes {hash_of(re.sub(r'>[^<>]+<', '><', content))}"]
    return content if content is None or isinstance(content, int) else re.sub(r"\s*[\r\n]+\s*", " ⏎ ", str(content))


def _wordless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _wordless(each) for key, each in value.items()}
    if isinstance(value, list):
        return [*map(_wordless, value)]
    return (
        value if not isinstance(value, str) or (value.islower() and value.isidentifier()) else re.findall(r"\d+", value)
    )


def _is_run(value: Any) -> bool:
    return isinstance(value, Mapping) and "text" in value and set(value) <= {"text", "href", "bold"}


def _run(run: Mapping[str, Any]) -> str:
    text = f"**{run['text']}**" if run.get("bold") else run["text"]
    return f"[{text}]({run['href']})" if run.get("href") else text


def _brief(view: dict[str, Any]) -> Any:
    """A zone, a cell of a table, and the cell of a row of bars in a few words."""
    if set(view) == {"start", "end", "kind"}:
        return f"{view['start']}–{view['end']} {view['kind']}"
    if set(view) >= {"column", "columns", "rows"}:
        left_out = CELL_PLACE if "header" in view else CELL_PLACE | {"number"}
        marks = _flow_items({key: value for key, value in view.items() if key not in left_out})
        span = f"{view['columns']}×{view['rows']}"
        return " ".join([view.get("text", "—"), *[span] * (span != "1×1"), *[f"({', '.join(marks)})"] * bool(marks)])
    if set(view) >= {"state", "text", "bar"}:
        rest = {key: value for key, value in view.items() if key not in ("state", "text") and value != "0"}
        return " · ".join([view["text"], *_flow_items(rest), *[view["state"]] * (view["state"] != "value")])
    return view | {"longest": hash_of(view["longest"])} if "longest" in view else view


def _flow_items(items: Mapping[str, Any]) -> list[str]:
    return [key if value is True else f"{key}: {_flow(value)}" for key, value in items.items()]


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(_flow_items(value)) + "}"
    if isinstance(value, list):
        return "[" + " | ".join(map(_flow, value)) + "]"
    return str(value)


def _once(value: Any, said: set[str]) -> Any:
    """The same content, with a mark for each long text that was said before."""
    if isinstance(value, Mapping):
        return {key: _once(each, said) for key, each in value.items()}
    if isinstance(value, list):
        return [_once(each, said) for each in value]
    if not isinstance(value, str) or len(value) < LONG_TEXT:
        return value
    if value in said:
        return f"{value[:FIRST_LETTERS]}″"
    said.add(value)
    return value


def _lines(value: Any, width: int) -> list[str]:
    flow = _flow(value)
    if not isinstance(value, Mapping | list):
        return wrap(flow, width, subsequent_indent="    ", break_long_words=False)
    if len(flow) - 2 <= width:
        return [flow[1:-1]]
    if isinstance(value, Mapping):
        return _filled([_part(f"{key}:", each, width) for key, each in value.items()], ", ", width)
    if _is_table(value, width):
        return _table(value, width)
    if not any(isinstance(each, Mapping | list) for each in value):
        return _filled([_lines(each, width) for each in value], " | ", width)
    lines = list[str]()
    for is_short, group in groupby(value, lambda each: len(_flow(each)) < SHORT):
        some = [*group]
        filled = _filled([[_flow(each)] for each in some], " | ", width - 2) if is_short else []
        for part in [[line] for line in filled] or [_lines(each, width - 2) for each in some]:
            lines += [f"{'  ' if at else '- '}{line}" for at, line in enumerate(part)]
    return lines


def _part(key: str, value: Any, width: int) -> list[str]:
    """Lines of what has a key: beside it, or below it where it does not fit."""
    flow = f"{key} {_flow(value)}"
    if len(flow) <= width or not isinstance(value, Mapping | list):
        return wrap(flow, width, subsequent_indent="    ", break_long_words=False)
    return [key, *(f"  {line}" for line in _lines(value, width - 2))]


def _filled(parts: Iterable[list[str]], separator: str, width: int) -> list[str]:
    """Lines of parts; those of one line share it with others, as far as it holds them."""
    lines, is_open = list[str](), False
    for part in parts:
        if is_open and len(part) == 1 and len(lines[-1]) + len(separator) + len(part[0]) <= width:
            lines[-1] += separator + part[0]
        else:
            lines += part
        is_open = len(part) == 1
    return lines


def _is_table(rows: list[Any], width: int) -> bool:
    """Whether these are records that fit in a line each, of which most have the same keys."""
    if len(rows) < 2 or not all(isinstance(row, Mapping) and len(row) > 1 for row in rows):
        return False
    names = {key for row in rows for key in row}
    return (
        sum(map(len, rows)) >= len(rows) * len(names) / 2 and max(len(_flow([*row.values()])) for row in rows) < width
    )


def _table(rows: list[Mapping[str, Any]], width: int) -> list[str]:
    """Records: what all of them have the same, then a line each for what they differ in."""
    names = [*dict.fromkeys(key for row in rows for key in row)]
    same = {name: rows[0][name] for name in names if all(row.get(name) == rows[0].get(name) for row in rows)}
    differ = [name for name in names if name not in same]
    lines = [" | ".join(differ), *(" | ".join(_flow(row.get(name, "")) for name in differ) for row in rows)]
    head = [f"all: {line}" for line in _lines(same, width - 5) if same]
    return [*head, *(each for line in lines for each in wrap(line.rstrip(" |"), width, subsequent_indent="    "))]
