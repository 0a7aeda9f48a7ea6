"""Rows read from FTS files as valid tables; what repeats, or cannot be used, is refused with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from rmrp_analysis.loaders.tabular import FAULT_COLUMNS, Loaded, fault_rows, refused_rows
from rmrp_analysis.tables import FundingFlows, FundingTotals

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
    name.removeprefix("destination_") for name in FundingFlows.to_schema().columns if name.startswith("destination_")
)
"""What a flow lists of each of its sides."""


@dataclass(frozen=True)
class Rows:
    """What one file gave: records of a table, and the faults (see ``tabular.fault_rows``) of rows left out."""

    kind: Literal["flows", "totals"]
    records: Sequence[Record]
    faults: pd.DataFrame | None = None


def flow_side(side: str, **lists: Iterable[str]) -> Record:
    """The lists of one side of a flow, ``source`` or ``destination``; those not named are empty."""
    return {f"{side}_{kind}": tuple(lists.get(kind, ())) for kind in FLOW_LISTS}


def valid_totals(parts: Sequence[Rows]) -> Loaded:
    """The totals of several files as one table."""
    return _loaded([record for part in parts for record in part.records], parts, FundingTotals)


def valid_flows(parts: Sequence[Rows]) -> Loaded:
    """The flows of several files as one table; of a flow that is repeated, the first copy is used."""
    first: dict[str, Record] = {}
    repeated = []
    for record in (record for part in parts for record in part.records):
        earlier = first.setdefault(record["flow_id"], record)
        if earlier is not record:
            same = all(record[name] == earlier[name] for name in ("amount_usd", "status"))
            check = "repeated_flow" if same else "repeated_flow_differs"
            where = f"{earlier['source_file']}, line {earlier['source_line']}"
            allowed = f"each flow once; it is already read from {where}"
            allowed += "" if same else ", with another amount or status"
            place = (record["source_file"], record["source_line"])
            repeated.append(fault_rows(*place, "flow_id", check, [record["flow_id"]], allowed))
    return _loaded(list(first.values()), [*parts, *(Rows("flows", (), fault) for fault in repeated)], FundingFlows)


def _loaded(
    records: Sequence[Record], parts: Sequence[Rows], model: type[FundingFlows] | type[FundingTotals]
) -> Loaded:
    types = {name: str(column.dtype) for name, column in model.to_schema().columns.items()}
    texts = {name: "string[pyarrow]" if dtype in ("str", "string") else dtype for name, dtype in types.items()}
    table = pd.DataFrame(records, columns=list(types)).astype(texts)
    faults = [part.faults for part in parts if part.faults is not None] or [pd.DataFrame(columns=list(FAULT_COLUMNS))]
    all_faults = pd.concat(faults, ignore_index=True)
    return Loaded(model.validate(table, lazy=True), refused_rows(all_faults), all_faults)
