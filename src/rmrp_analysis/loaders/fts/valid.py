"""Rows read from FTS files as valid tables; what repeats, or cannot be used, is refused with its reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from rmrp_analysis.loaders.tabular import FAULT_COLUMNS, Loaded
from rmrp_analysis.tables import FundingFlows, FundingTotals, Table

LEADING = ("file", "line", "reason")


@dataclass(frozen=True)
class Fault:
    """A cell that cannot be used."""

    file: str
    line: int
    column: str
    check: str
    value: str
    allowed: str

    @property
    def reason(self) -> str:
        """The fault in words."""
        return f"{self.column} is '{self.value}'; allowed: {self.allowed}"


@dataclass(frozen=True)
class Rows:
    """What one file gave: records of a table, and the faults for which rows were left out."""

    of: Literal["flows", "totals"]
    records: Sequence[dict[str, Any]]
    faults: Sequence[Fault] = field(default_factory=tuple)


def valid_totals(parts: Sequence[Rows]) -> Loaded:
    """The totals of several files as one table."""
    records = [record for part in parts for record in part.records]
    return _loaded(_typed(records, FundingTotals), [fault for part in parts for fault in part.faults])


def valid_flows(parts: Sequence[Rows]) -> Loaded:
    """The flows of several files as one table; of a flow that is repeated, the first copy is used."""
    first: dict[str, dict[str, Any]] = {}
    faults = [fault for part in parts for fault in part.faults]
    for part in parts:
        for record in part.records:
            earlier = first.setdefault(record["flow_id"], record)
            if earlier is not record:
                faults.append(_repeated(record, earlier))
    return _loaded(_typed(list(first.values()), FundingFlows), faults)


def _repeated(record: dict[str, Any], earlier: dict[str, Any]) -> Fault:
    where = f"{earlier['source_file']}, line {earlier['source_line']}"
    same = all(record[name] == earlier[name] for name in ("amount_usd", "status"))
    allowed = f"each flow once; it is already read from {where}" + ("" if same else ", with another amount or status")
    check = "repeated_flow" if same else "repeated_flow_differs"
    return Fault(record["source_file"], record["source_line"], "flow_id", check, record["flow_id"], allowed)


def _typed(records: Sequence[dict[str, Any]], model: type[Table]) -> pd.DataFrame:
    columns = model.to_schema().columns
    table = pd.DataFrame(list(records), columns=list(columns))
    types = {name: str(column.dtype) for name, column in columns.items()}
    texts = {name: "string[pyarrow]" if kind in ("str", "string") else kind for name, kind in types.items()}
    return model.validate(table.astype(texts), lazy=True)


def _loaded(table: pd.DataFrame, faults: Sequence[Fault]) -> Loaded:
    refused = pd.DataFrame(
        [(fault.file, fault.line, fault.reason) for fault in _first_of_each_line(faults)], columns=list(LEADING)
    )
    told = pd.DataFrame(
        [
            (fault.file, fault.line, fault.column, fault.check, "refused", fault.value, fault.allowed)
            for fault in faults
        ],
        columns=list(FAULT_COLUMNS),
    )
    return Loaded(table, refused, told)


def _first_of_each_line(faults: Sequence[Fault]) -> Iterator[Fault]:
    yield from {(fault.file, fault.line): fault for fault in reversed(faults)}.values()
