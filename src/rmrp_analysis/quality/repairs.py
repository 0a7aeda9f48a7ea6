"""The repairs of ``repairs.csv``: R4V's cleaning steps, each under its R4V name, in a fixed order.

Source of the steps: R4V's cleaning of the RMRP 2021 reports, where no step is logged and one
(``pin_auto_apportioning``) changes nothing, another (``complete_pin_apportioning``) overwrites what is right. Here each
does what it is meant to do. The two that take new beneficiaries from one of their breakdowns are our own.
"""

import csv
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.plan import CHANGE_COLUMNS, Plan
from rmrp_analysis.quality.columns import Reports, as_text

MEND_ACCENTS = "mend_accents"


class Step(NamedTuple):
    """What a repair does to ``columns``, each as ``{column}``: cells ``where`` a condition holds become another
    expression, or nothing; both are written as the rules of checks are.
    """

    columns: tuple[str, ...]
    where: str
    becomes: str


@dataclass(frozen=True)
class Repair:
    """A change to whatever rows need it: the rows of ``repairs.csv`` with its name, all done to the same reports.

    ``needs`` names a reference list. ``sentence`` says what changes; it is the key of its translation.
    """

    sentence: str
    needs: str
    steps: tuple[Step, ...]


def _read() -> dict[str, Repair]:
    repairs = {}
    with Path(__file__).with_name("repairs.csv").open(encoding="utf-8", newline="") as file:
        for name, rows in groupby(csv.DictReader(file), lambda row: row["repair"]):
            first, *more = rows
            steps = (Step(tuple(row["columns"].split()), row["where"], row["becomes"]) for row in (first, *more))
            repairs[name] = Repair(first["sentence"], first["needs"], tuple(steps))
    return repairs


REPAIRS = _read()
"""By name, in the order in which they are applied."""


def check_can_be_made(name: str, plan: Plan) -> None:
    """Raise ``RequestError`` for an unknown repair, or one whose list the plan does not have."""
    if name not in REPAIRS:
        raise RequestError(f"unknown repair '{name}'; {did_you_mean(name, REPAIRS)}")
    needed = REPAIRS[name].needs
    if needed and needed not in plan.references:
        raise RequestError(f"the repair {name} needs {needed}; name the file in the data folder's sources.yml")


def repaired_by(plan: Plan, name: str) -> Plan:
    """The plan after one repair, with a line in ``changes`` for every cell that it changed, in the order of the rows.

    Raises as ``check_can_be_made`` does.
    """
    check_can_be_made(name, plan)
    reports, columns, log = Reports(plan), {}, []
    for step in REPAIRS[name].steps:
        for column in step.columns:
            before = plan.activities[column]
            rows = reports.fulfilling(step.where, column)
            becomes = reports.evaluated(step.becomes, column)[rows] if step.becomes else np.nan
            after = pd.Series(
                becomes, index=before.index[rows], dtype="float64" if before.dtype == "float64" else "str"
            )
            after = after[as_text(after) != as_text(before[rows])]
            if len(after):
                changed = columns.get(column, before).astype("str" if after.dtype == "str" else "float64")
                columns[column] = changed.mask(changed.index.isin(after.index), after)
                places = plan.activities.loc[after.index, ["source_file", "source_line"]]
                log.append(
                    pd.DataFrame(
                        {
                            "file": places["source_file"].astype("str"),
                            "line": places["source_line"],
                            "column": column,
                            "before": as_text(before[after.index]),
                            "after": as_text(after),
                            "rule": name,
                        }
                    )
                )
    if not log:
        return plan
    changes = pd.concat(log).sort_values(["file", "line"], kind="stable")
    texts = {column: cells.astype("category") for column, cells in columns.items() if cells.dtype == "str"}
    return replace(
        plan,
        activities=plan.activities.assign(**(columns | texts)),
        changes=with_changes(plan, changes),
    )


def with_changes(plan: Plan, changes: pd.DataFrame) -> pd.DataFrame:
    """The log of a plan with more changes."""
    new = changes.reindex(columns=list(CHANGE_COLUMNS), fill_value="")
    return pd.concat([plan.changes, new], ignore_index=True) if len(plan.changes) else new.reset_index(drop=True)
