"""Rows read from FTS files as valid tables; what repeats, or cannot be used, is refused with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from rmrp_analysis.loaders.table import Loaded, fault_rows, refused_rows
from rmrp_analysis.tables import FundingFlows, FundingTotals, Table

Record = dict[str, Any]
NOTHING_KNOWN: Mapping[str, Any] = dict.fromkeys(
    ("plan_id", "plan_name", "plan_year", "fts_id", "fts_name"), ""
) | dict.fromkeys(("requirement_usd", "original_requirement_usd", "funding_usd", "pledges_usd"))
"""A row of ``FundingTotals`` before anything is read."""

FLOW_TEXTS: Mapping[str, str] = {
    "date": "date",
    "flow_type": "flowType",
    "contribution_type": "contributionType",
    "boundary": "boundary",
    "on_boundary": "onBoundary",
}
"""Texts of a flow, and what the FTS API calls them."""

FLOW_LISTS = tuple(
    name.removeprefix("destination_") for name in FundingFlows.columns if name.startswith("destination_")
)
"""What a flow lists of each of its sides."""


Fault = tuple[str, int, str, str, str, str]
"""File, line, column, check, value and what is allowed of a cell for which its row is left out."""


@dataclass(frozen=True)
class Rows:
    """What one file gave: records of a table, and the faults of rows left out."""

    kind: Literal["flows", "totals"]
    records: Sequence[Record]
    faults: Sequence[Fault] = ()


def flow_side(side: str, **lists: Iterable[str]) -> Record:
    """The lists of one side of a flow, ``source`` or ``destination``; those not named are empty."""
    return {f"{side}_{kind}": tuple(lists.get(kind, ())) for kind in FLOW_LISTS}


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
    table = model.typed(pd.DataFrame(records, columns=list(model.columns)))
    return Loaded(table, refused_rows(rows), rows)
