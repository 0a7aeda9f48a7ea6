"""Rows read from FTS files as valid tables. A repeated or unusable row is refused with its reason."""

import html
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from rmrp_analysis.loaders.notation import COMMA, POINT, USD_UNIT, notation_of, number
from rmrp_analysis.loaders.table import Loaded, fault_rows, list_refused_rows
from rmrp_analysis.tables import FundingFlows, FundingTotals, Table
from rmrp_analysis.vocabulary import CLUSTER_ID_BY_SPELLING, CLUSTER_NAME_BY_ID, fold
from rmrp_analysis.yaml_text import printable

MISSING_ID_TEXTS = ("", "None", "undefined", "null", "NULL")
MISSING_AMOUNT_TEXTS = ("", "(blank)", "-", "–", "null", "n/a")
"""Texts that mean an amount that is not stated, in lower case."""
MAX_NAME_LENGTH = 300
"""Letters of a name. The rest is cut."""
_CLUSTER_NAMES_LONGEST_FIRST = sorted(
    {*CLUSTER_NAME_BY_ID.values(), "Housing, Land and Property"}, key=len, reverse=True
)
"""Names of global clusters, longest first, which keeps a name with commas whole."""
_CLUSTER_PATTERN = re.compile(
    rf"\s*({'|'.join(map(re.escape, _CLUSTER_NAMES_LONGEST_FIRST))}|[^,]*?)\s*(?:,|$)", re.IGNORECASE
)
"""One global cluster of a list with commas."""

Record = dict[str, Any]
"""The cells of a flow or total by column."""
FTS_KEY_BY_FLOW_COLUMN: Mapping[str, str] = {
    "date": "date",
    "flow_type": "flowType",
    "contribution_type": "contributionType",
    "boundary": "boundary",
    "on_boundary": "onBoundary",
}
"""Texts of a flow, and their names in the FTS API."""

Fault = tuple[str, int, str, str, str, str]
"""The file, line, column, check, value and allowed text of a cell that makes its row unusable."""


@dataclass(frozen=True)
class Rows:
    """The content of one file: records of a table (without unknown cells), and the faults of rows left out."""

    kind: Literal["flows", "totals"]
    records: Sequence[Record]
    faults: Sequence[Fault] = ()


def valid_totals(parts: Sequence[Rows]) -> Loaded:
    """Return the totals of several files as one table, with the rows that were left out and their faults."""
    records = [record for part in parts for record in part.records]
    return _load_records(FundingTotals, records, [fault for part in parts for fault in part.faults])


def valid_flows(parts: Sequence[Rows]) -> Loaded:
    """Return the flows of several files as one table. The first copy of a repeated flow is used.

    The other copies are refused, with a fault each.
    """
    flows: dict[str, Record] = {}
    faults = [fault for part in parts for fault in part.faults]
    for record in (record for part in parts for record in part.records):
        earlier = flows.setdefault(record["flow_id"], record)
        if earlier is not record:
            check, differs = "repeated_flow", ""
            if any(record[name] != earlier[name] for name in ("amount_usd", "status")):
                check, differs = "repeated_flow_differs", ", with another amount or status"
            location = f"{earlier['source_file']}, line {earlier['source_line']}{differs}"
            cell = (record["source_file"], record["source_line"], "flow_id", check, record["flow_id"])
            faults.append((*cell, f"each flow once; it is already read from {location}"))
    return _load_records(FundingFlows, list(flows.values()), faults)


def _load_records(model: Table, records: Sequence[Record], faults: Sequence[Fault]) -> Loaded:
    """Return records as a valid table, with their faults and the rows left out for them."""
    rows = fault_rows(*(list(cells) for cells in zip(*faults, strict=True))) if faults else fault_rows(*[[]] * 6)
    blank = {name: {"list": (), "number": None}.get(column.kind, "") for name, column in model.columns.items()}
    table = pd.DataFrame([{**blank, **record} for record in records], columns=list(model.columns))
    return Loaded(model.set_types(table), list_refused_rows(rows), rows)


# ---- Cells ----


def identifier(value: Any) -> str:
    """Return an id as text, also if FTS writes a number. Empty for ``MISSING_ID_TEXTS`` and None."""
    text = str(value).strip()
    return "" if text in MISSING_ID_TEXTS else text


def name(value: Any) -> str:
    """Return a name in plain characters, at most ``MAX_NAME_LENGTH`` long. Empty for None.

    Exports write ``&#039;`` for an apostrophe.
    """
    return printable(" ".join(html.unescape(str(value)).split()), MAX_NAME_LENGTH) if value is not None else ""


def amount(text: str, notation: str = POINT) -> float:
    """Return the dollars of a cell such as ``1,234``, ``$1,234``, ``4e+07``. Negatives stay negative.

    NaN for a missing amount: `` -  `` and ``(Blank)``. Raises ``ValueError`` if it is no amount.
    """
    if text.replace("$", "").strip().casefold() in MISSING_AMOUNT_TEXTS:
        return math.nan
    cell = number(text, USD_UNIT)
    dollars = cell.comma if notation == COMMA else cell.point
    if dollars is None:
        raise ValueError(f"'{text}' is no amount")
    return dollars


def notation(texts: Iterable[str]) -> str:
    """Return the notation of a file's amounts: a decimal point, unless the cells show a comma. Raises ``TwoWays``."""
    cells = {text: number(text, USD_UNIT) for text in texts}
    usual = "" if any(cell.unsure and "." in text for text, cell in cells.items()) else POINT
    return notation_of(cells, unit=USD_UNIT, elsewhere=usual)


def cluster_names(text: str) -> tuple[str, ...]:
    """Split global clusters at commas, but not within ``Protection - Housing, Land and Property``."""
    return tuple(match[1] for match in _CLUSTER_PATTERN.finditer(text) if match[1])


def split_codes(text: str) -> tuple[str, ...]:
    """Split codes at commas and bars."""
    return tuple(part.strip() for part in re.split(r"[,|]", text) if part.strip())


def global_cluster(cluster: str) -> str:
    """Return the id of a global cluster by any of its present or earlier names. Empty for an unknown name."""
    return str(CLUSTER_ID_BY_SPELLING.get(fold(cluster), ""))
