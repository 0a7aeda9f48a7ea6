"""Rows read from FTS files as valid tables; what repeats, or cannot be used, is refused with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from rmrp_analysis.loaders.table import Loaded, fault_rows, refused_rows
from rmrp_analysis.tables import FundingFlows, FundingTotals, Table

Record = dict[str, Any]
FLOW_TEXTS: Mapping[str, str] = {
    "date": "date",
    "flow_type": "flowType",
    "contribution_type": "contributionType",
    "boundary": "boundary",
    "on_boundary": "onBoundary",
}
"""Texts of a flow, and what the FTS API calls them."""

Fault = tuple[str, int, str, str, str, str]
"""File, line, column, check, value and what is allowed of a cell for which its row is left out."""


@dataclass(frozen=True)
class Rows:
    """What one file gave: records of a table (what is not known is not in them), and the faults of rows left out."""

    kind: Literal["flows", "totals"]
    records: Sequence[Record]
    faults: Sequence[Fault] = ()


def valid_totals(parts: Sequence[Rows]) -> Loaded:
    """The totals of several files as one table."""
    records = [record for part in parts for record in part.records]
    return _loaded(FundingTotals, records, [fault for part in parts for fault in part.faults])


def valid_flows(parts: Sequence[Rows]) -> Loaded:
    """The flows of several files as one table; of a flow that is repeated, the first copy is used."""
    first: dict[str, Record] = {}
    faults = [fault for part in parts for fault in part.faults]
    for record in (record for part in parts for record in part.records):
        earlier = first.setdefault(record["flow_id"], record)
        if earlier is not record:
            same = all(record[name] == earlier[name] for name in ("amount_usd", "status"))
            where = f"{earlier['source_file']}, line {earlier['source_line']}"
            allowed = f"each flow once; it is already read from {where}"
            check, differs = (
                ("repeated_flow", "") if same else ("repeated_flow_differs", ", with another amount or status")
            )
            place = (record["source_file"], record["source_line"])
            faults.append((*place, "flow_id", check, record["flow_id"], allowed + differs))
    return _loaded(FundingFlows, list(first.values()), faults)


def _loaded(model: Table, records: Sequence[Record], faults: Sequence[Fault]) -> Loaded:
    rows = fault_rows(*(list(cells) for cells in zip(*faults, strict=True))) if faults else fault_rows(*[[]] * 6)
    nothing = {name: {"list": (), "number": None}.get(column.kind, "") for name, column in model.columns.items()}
    table = pd.DataFrame([{**nothing, **record} for record in records], columns=list(model.columns))
    return Loaded(model.typed(table), refused_rows(rows), rows)
