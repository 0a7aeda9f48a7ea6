"""The repairs of ``repairs.csv``: R4V's cleaning steps, each under its R4V name, in a fixed order.

Source of the steps: R4V's cleaning of the RMRP 2021 reports. There no step is logged, one (``pin_auto_apportioning``)
changes nothing, and another (``complete_pin_apportioning``) overwrites right cells. Here each step has its intended
effect. The two repairs that take new beneficiaries from one of their breakdowns are our own.
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

    Cells that meet the condition ``where`` get the value of the expression ``becomes``, or are emptied. Both are
    written like the rules of checks. The first step of a repair also has ``sentence`` (the change that the repair
    makes, which is the key of its translation) and ``needs`` (the reference list that the repair needs).
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
"""The steps of each repair, by its name, in the order of repairs. All steps of one repair read the same reports."""


def repair_plan(plan: Plan, repairs: Collection[str] = ()) -> Plan:
    """Return the plan after its corrections by hand and these repairs. ``changes`` has a row for each changed cell.

    Repairs are made in their fixed order. No row is lost, and the only rows added are refused rows that a correction or
    ``mend_accents`` makes readable. The plan that was loaded and the files stay as they are. Names hold no contact
    details of people any more (``without_contacts``). The result is cached in the plan.

    Raises ``InputRefused`` when a correction matches no cell any more, and ``RequestError`` for an unknown repair or a
    repair without its list.
    """
    return _repair_once(plan, frozenset(repairs))


@cached_and_sent
def _repair_once(plan: Plan, repairs: frozenset[str]) -> Plan:
    """Do the work of ``repair_plan``. Cached in the plan."""
    for name in repairs:
        check_allowed(name, STEPS_BY_REPAIR, "unknown repair")
        needed = STEPS_BY_REPAIR[name][0].needs
        if needed and needed not in plan.references:
            raise RequestError(f"the repair {name} needs {needed}; name the file in the data folder's sources.yml")
    by_hand = (CORRECTIONS_REPAIR_NAME,) if "corrections" in plan.references else ()
    repaired = apply_corrections(plan, mend_accents=MEND_ACCENTS_RULE in repairs)
    ordered = [name for name in STEPS_BY_REPAIR if name in repairs]
    for name in ordered:
        repaired = apply_repair(repaired, name)
    repaired = replace(repaired, repairs=(*by_hand, *ordered))
    return without_contacts(join_again(repaired) if len(repaired.changes) else repaired)


def apply_repair(plan: Plan, name: str) -> Plan:
    """Return the plan after one repair, with a line in ``changes`` for each cell of each step.

    The plan must have the repair's list. A repair that changes nothing returns the same plan. Activities are joined
    again only after ``mend_accents``. After other repairs ``people_not_known`` is as before.
    """
    reports, columns, log = ActivityColumns(plan), dict[str, pd.Series](), []
    for step in STEPS_BY_REPAIR[name]:
        for column in step.columns.split():
            old = plan.activities[column]
            kind: Literal["float64", "str"] = "float64" if old.dtype == "float64" else "str"
            is_repaired = reports.meets(step.where, column)
            new = reports.evaluate(step.becomes, column)[is_repaired] if step.becomes else np.nan
            right = pd.Series(new, index=old.index[is_repaired], dtype=kind)
            right = right[as_text(right) != as_text(old[is_repaired])]
            if right.empty:
                continue
            changed = columns.get(column, old).astype(kind)
            columns[column] = changed.mask(changed.index.isin(right.index), right)
            sources = plan.activities.loc[right.index, ["source_file", "source_line"]]
            cells = {"column": column, "before": as_text(old[right.index]), "after": as_text(right), "rule": name}
            places = {"file": sources["source_file"].astype("str"), "line": sources["source_line"]}
            log.append(pd.DataFrame(places | cells))
    if not log:
        return plan
    changes = pd.concat(log).sort_values(["file", "line"], kind="stable")
    changes = changes.reindex(columns=list(CHANGE_COLUMNS), fill_value="")
    texts = {column: series.astype("category") for column, series in columns.items() if series.dtype == "str"}
    repaired = replace(
        plan,
        activities=plan.activities.assign(**(columns | texts)),
        changes=pd.concat([plan.changes, changes] if len(plan.changes) else [changes], ignore_index=True),
    )
    return join_again(repaired) if name == MEND_ACCENTS_RULE else repaired


def join_again(plan: Plan) -> Plan:
    """Return the plan with activities joined again to the lists of indicators and places, and ``joins`` renewed.

    Without a list of indicators, return the same plan.
    """
    lists = plan.references
    if "indicators" not in lists:
        return plan
    sent = plan.activities[[*Activities.columns, ROW_COUNT_COLUMN]]
    activities, joins = join_activities(sent, lists["indicators"], lists.get("admin1"), year=plan.year)
    return replace(plan, activities=activities, joins=joins)
