"""The cells of FTS files as values: ids, amounts, names, lists of names that hold commas themselves."""

import html
import math
import re
from collections.abc import Iterable
from typing import Any

from rmrp_analysis.vocabulary import GLOBAL_CLUSTER_SPELLINGS, GLOBAL_CLUSTERS, fold

NO_ID = ("", "None", "undefined", "null", "NULL")
NO_AMOUNT = ("", "(blank)", "-", "–", "null", "n/a")
_LONGEST_FIRST = sorted(
    {*GLOBAL_CLUSTERS.values(), "Housing, Land and Property"}, key=lambda name: len(name), reverse=True
)
_CLUSTER = re.compile(
    rf"\s*({'|'.join(map(re.escape, _LONGEST_FIRST))}|[^,]*?)\s*(?:,|$)",
    re.IGNORECASE,
)


def identifier(given: Any) -> str:
    """An id as text: FTS writes the same one as number or text, and ``undefined`` where there is none."""
    text = str(given).strip()
    return "" if text in NO_ID else text


def name(given: Any) -> str:
    """A name in plain characters: exports write ``&#039;`` for an apostrophe."""
    return " ".join(html.unescape(str(given)).split()) if given is not None else ""


def amount(text: str) -> float:
    """Dollars: ``1,234``, ``$1,234``, `` -  `` and ``(Blank)`` (both unknown), ``4e+07``; negatives stay negative.

    NaN for an amount that is not given. Raises ValueError for what is none.
    """
    plain = text.strip().replace("US$", "").replace("$", "").replace(",", "").replace(" ", "")
    if plain.casefold() in NO_AMOUNT:
        return math.nan
    dollars = float(plain)
    if not math.isfinite(dollars):
        raise ValueError(f"'{text}' is no amount")
    return dollars


def cluster_names(text: str) -> tuple[str, ...]:
    """Global clusters joined with commas, though ``Protection - Housing, Land and Property`` has one in its name."""
    return _filled(match[1] for match in _CLUSTER.finditer(name(text)))


def listed(text: str) -> tuple[str, ...]:
    """Codes joined with commas or bars."""
    return _filled(part.strip() for part in re.split(r"[,|]", text))


def global_cluster(name: str) -> str:
    """The id of a global cluster by any name it has gone by; empty for an unknown one."""
    number = GLOBAL_CLUSTER_SPELLINGS.get(fold(name))
    return "" if number is None else str(number)


def _filled(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(part for part in parts if part)
