"""What a page, a chart or a file says, as lines that a reader can compare: for snapshots.

Where something is meant to say something else, renew the snapshots with ``pytest --snapshot-update``, and read the
difference.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from hashlib import sha256
from typing import Any

import pandas as pd
import yaml

from rmrp_analysis.page.block import Block

EDITION = re.compile(r"(edition: \w+) [0-9a-f]{8}")
"""The edition in the foot of a sheet, which moves with every change of the code."""
TEXT_OF_DRAWING = re.compile(r"<(text|title|desc)\b.*?</\1>", re.DOTALL)


def lines_of(content: Any) -> str:
    """Content of views and files as YAML, without what is empty; of a drawing, its texts and a hash of its shapes."""
    lines = yaml.dump(_plain(content), default_flow_style=None, width=118, allow_unicode=True, sort_keys=False)
    return EDITION.sub(r"\1", lines)


def views_of(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    return [{f"{block.kind} {block.uid}".strip(): block.view} for block in blocks]


def _plain(content: Any) -> Any:
    if isinstance(content, Mapping):
        plain = {str(key): _plain(value) for key, value in content.items()}
        return {key: value for key, value in plain.items() if value or (value == 0 and value is not False)}
    if isinstance(content, pd.DataFrame):
        return [_plain(row) for row in content.to_dict("records")]
    if is_dataclass(content):
        return _plain(vars(content))
    if isinstance(content, list | tuple | frozenset):
        return [_plain(value) for value in (sorted(content) if isinstance(content, frozenset) else content)]
    if isinstance(content, float):
        return round(content, 4)
    if isinstance(content, str) and content.startswith("<svg"):
        texts = [re.sub(r"<[^>]+>", "", found[0]).strip() for found in TEXT_OF_DRAWING.finditer(content)]
        return [*texts, f"shapes {sha256(content.encode()).hexdigest()[:8]}"]
    return content if content is None or isinstance(content, int) else str(content)
