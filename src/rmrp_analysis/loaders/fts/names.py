"""The cells of FTS files as values: ids, amounts, names, lists of names that hold commas themselves."""

import html
import math
import re
from collections.abc import Iterable
from typing import Any

from rmrp_analysis.loaders.notation import COMMA, POINT, USD, notation_of, number
from rmrp_analysis.vocabulary import GLOBAL_CLUSTER_SPELLINGS, GLOBAL_CLUSTERS, fold
from rmrp_analysis.yaml_text import printable

NO_ID = ("", "None", "undefined", "null", "NULL")
NO_AMOUNT = ("", "(blank)", "-", "–", "null", "n/a")
LONGEST_NAME = 300
_LONGEST_FIRST = sorted({*GLOBAL_CLUSTERS.values(), "Housing, Land and Property"}, key=len, reverse=True)
_CLUSTER = re.compile(rf"\s*({'|'.join(map(re.escape, _LONGEST_FIRST))}|[^,]*?)\s*(?:,|$)", re.IGNORECASE)


def identifier(value: Any) -> str:
    """An id as text: FTS writes the same one as number or text, and ``undefined`` where there is none."""
    text = str(value).strip()
    return "" if text in NO_ID else text


def name(value: Any) -> str:
    """A name in plain characters, not too long: exports write ``&#039;`` for an apostrophe."""
    return printable(" ".join(html.unescape(str(value)).split()), LONGEST_NAME) if value is not None else ""


def amount(text: str, notation: str = POINT) -> float:
    """Dollars: ``1,234``, ``$1,234``, `` -  `` and ``(Blank)`` (both unknown), ``4e+07``; negatives stay negative.

    NaN for an amount that is not stated. Raises ValueError for what is none.
    """
    if text.replace("$", "").strip().casefold() in NO_AMOUNT:
        return math.nan
    cell = number(text, USD)
    dollars = cell.comma if notation == COMMA else cell.point
    if dollars is None:
        raise ValueError(f"'{text}' is no amount")
    return dollars


def notation(texts: Iterable[str]) -> str:
    """How a file writes amounts: FTS with a decimal point, unless the cells show a comma. Raises ``TwoWays``."""
    cells = {text: number(text, USD) for text in texts}
    usual = "" if any(cell.unsure and "." in text for text, cell in cells.items()) else POINT
    return notation_of(cells, unit=USD, elsewhere=usual)


def cluster_names(text: str) -> tuple[str, ...]:
    """Global clusters joined with commas, though ``Protection - Housing, Land and Property`` has one in its name."""
    return tuple(match[1] for match in _CLUSTER.finditer(text) if match[1])


def listed(text: str) -> tuple[str, ...]:
    """Codes joined with commas or bars."""
    return tuple(part.strip() for part in re.split(r"[,|]", text) if part.strip())


def global_cluster(cluster: str) -> str:
    """The id of a global cluster by any name it has gone by; empty for an unknown one."""
    return str(GLOBAL_CLUSTER_SPELLINGS.get(fold(cluster), ""))
