"""The repairs of ``repairs.csv``: R4V's cleaning steps, each under its R4V name, in a fixed order.

Source of the steps: R4V's cleaning of the RMRP 2021 reports, where no step is logged and one
(``pin_auto_apportioning``) changes nothing, another (``complete_pin_apportioning``) overwrites what is right. Here each
does what it is meant to do. The two that take new beneficiaries from one of their breakdowns are our own.
"""

from collections.abc import Collection
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from rmrp_analysis.errors import RequestError, check_allowed
from rmrp_analysis.loaders.joins import join_activities
from rmrp_analysis.loaders.table import ROW_COUNT_COLUMN
from rmrp_analysis.method import CORRECTIONS_REPAIR_NAME
from rmrp_analysis.metrics import cached_and_sent
from rmrp_analysis.packs import pack
from rmrp_analysis.plan import CHANGE_COLUMNS, Plan
from rmrp_analysis.quality.columns import ActivityColumns, as_text
from rmrp_analysis.quality.contacts import without_contacts
from rmrp_analysis.quality.corrections import MEND_ACCENTS_RULE, apply_corrections
from rmrp_analysis.tables import Activities


class Step(pack.Row):
    """A row of ``repairs.csv``: one step of a repair, for each of ``columns`` (``{column}``).

    Cells that meet the condition ``where`` get the value of the expression ``becomes``, or are emptied; both are
    written as the rules of checks. The first step of a repair also has ``sentence`` (what the repair changes; the key
    of its translation) and ``needs`` (the reference list without which it cannot be made).
    """

    repair: str
    columns: str
    where: str
    becomes: str
    needs: str
    sentence: str


STEPS_BY_REPAIR = {
    name: tuple(steps)
    for name, steps in groupby(pack.rows("repairs.csv", Step, within=Path(__file__).parent), lambda step: step.repair)
}
"""The steps of each repair, all done to the same reports, by its name; in the order in which repairs are applied."""


def repair_plan(plan: Plan, repairs: Collection[str] = ()) -> Plan:
    """Return the plan after its corrections by hand and these repairs; ``changes`` has a row for each changed cell.

    Repairs are made in their fixed order. No row is added or lost, except that a refused row which a correction or
    ``mend_accents`` makes readable is used. The plan that was loaded and the files stay as they are. Names hold no
    contact details of people any more (``without_contacts``). The result is cached in the plan.

    Raises ``InputRefused`` when a correction matches no cell any more,
    ``RequestError`` for an unknown repair or one whose list is missing.
    """
    return _repair_once(plan, frozenset(repairs))


@cached_and_sent
def _repair_once(plan: Plan, repairs: frozenset[str]) -> Plan:
    """Return the plan after corrections and repairs, without contacts; cached in the plan (see ``repair_plan``)."""
    for name in repairs:
        check_allowed(name, STEPS_BY_REPAIR, "unknown repair")
        needed = STEPS_BY_REPAIR[name][0].needs
        if needed and needed not in plan.references:
            raise RequestError(f"the repair {name} needs {needed}; name the file in the data folder's sources.yml")
    correction_rule_names = (CORRECTIONS_REPAIR_NAME,) if "corrections" in plan.references else ()
    repaired_plan = apply_corrections(plan, mend_accents=MEND_ACCENTS_RULE in repairs)
    ordered_repair_names = [name for name in STEPS_BY_REPAIR if name in repairs]
    for name in ordered_repair_names:
        repaired_plan = apply_repair(repaired_plan, name)
    repaired_plan = replace(repaired_plan, repairs=(*correction_rule_names, *ordered_repair_names))
    return without_contacts(join_again(repaired_plan) if len(repaired_plan.changes) else repaired_plan)


def apply_repair(plan: Plan, name: str) -> Plan:
    """Return the plan after a repair whose list it has, with a line in ``changes`` for each cell of each step.

    A repair that changes nothing returns the same plan. Activities are joined again only after ``mend_accents``; after
    other repairs ``people_not_known`` is as before.
    """
    activity_series_by_column, repaired_column_by_name, change_tables = (
        ActivityColumns(plan),
        dict[str, pd.Series](),
        [],
    )
    for repair_step in STEPS_BY_REPAIR[name]:
        for column_name in repair_step.columns.split():
            column_before_repair = plan.activities[column_name]
            cell_dtype_name: Literal["float64", "str"] = "float64" if column_before_repair.dtype == "float64" else "str"
            is_repaired_row = activity_series_by_column.meets(repair_step.where, column_name)
            repaired_values = (
                activity_series_by_column.evaluate(repair_step.becomes, column_name)[is_repaired_row]
                if repair_step.becomes
                else np.nan
            )
            repaired_cell_series = pd.Series(
                repaired_values, index=column_before_repair.index[is_repaired_row], dtype=cell_dtype_name
            )
            repaired_cell_series = repaired_cell_series[
                as_text(repaired_cell_series) != as_text(column_before_repair[is_repaired_row])
            ]
            if repaired_cell_series.empty:
                continue
            column_after_repair = repaired_column_by_name.get(column_name, column_before_repair).astype(cell_dtype_name)
            repaired_column_by_name[column_name] = column_after_repair.mask(
                column_after_repair.index.isin(repaired_cell_series.index), repaired_cell_series
            )
            source_location_table = plan.activities.loc[repaired_cell_series.index, ["source_file", "source_line"]]
            cells_by_change_column = {
                "column": column_name,
                "before": as_text(column_before_repair[repaired_cell_series.index]),
                "after": as_text(repaired_cell_series),
                "rule": name,
            }
            location_by_change_column = {
                "file": source_location_table["source_file"].astype("str"),
                "line": source_location_table["source_line"],
            }
            change_tables.append(pd.DataFrame(location_by_change_column | cells_by_change_column))
    if not change_tables:
        return plan
    logged_change_table = pd.concat(change_tables).sort_values(["file", "line"], kind="stable")
    logged_change_table = logged_change_table.reindex(columns=list(CHANGE_COLUMNS), fill_value="")
    categorical_column_by_name = {
        column_name: column_cells.astype("category")
        for column_name, column_cells in repaired_column_by_name.items()
        if column_cells.dtype == "str"
    }
    repaired_plan = replace(
        plan,
        activities=plan.activities.assign(**(repaired_column_by_name | categorical_column_by_name)),
        changes=pd.concat(
            [plan.changes, logged_change_table] if len(plan.changes) else [logged_change_table], ignore_index=True
        ),
    )
    return join_again(repaired_plan) if name == MEND_ACCENTS_RULE else repaired_plan


def join_again(plan: Plan) -> Plan:
    """Return the plan with its activities joined again to the lists of indicators and places, and ``joins`` renewed.

    The same plan without a list of indicators.
    """
    reference_list_by_name = plan.references
    if "indicators" not in reference_list_by_name:
        return plan
    reported_activity_table = plan.activities[[*Activities.columns, ROW_COUNT_COLUMN]]
    joined_activity_table, join_audits = join_activities(
        reported_activity_table,
        reference_list_by_name["indicators"],
        reference_list_by_name.get("admin1"),
        year=plan.year,
    )
    return replace(plan, activities=joined_activity_table, joins=join_audits)
