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
from rmrp_analysis.method import CORRECTIONS_BY_HAND
from rmrp_analysis.packs import pack
from rmrp_analysis.plan import CHANGE_COLUMNS, Plan
from rmrp_analysis.quality.columns import Reports, as_text
from rmrp_analysis.quality.contacts import without_contacts
from rmrp_analysis.quality.corrections import MEND_ACCENTS, put_right
from rmrp_analysis.tables import Activities


class Step(pack.Row):
    """A row of ``repairs.csv``: what a repair does to ``columns``, each as ``{column}``.

    Cells ``where`` a condition holds become another expression, or nothing; both are written as the rules of checks
    are. The first step of a repair says what it changes (``sentence``, the key of its translation), and which reference
    list it ``needs``.
    """

    repair: str
    columns: str
    where: str
    becomes: str
    needs: str
    sentence: str


REPAIRS = {
    name: tuple(steps)
    for name, steps in groupby(pack.rows("repairs.csv", Step, within=Path(__file__).parent), lambda step: step.repair)
}
"""The steps of each repair, all done to the same reports, by its name; in the order in which repairs are applied."""


def repaired(plan: Plan, repairs: Collection[str] = ()) -> Plan:
    """The plan after its corrections by hand, then these repairs in their fixed order, with the log in ``changes``.

    Rows in, the same rows out; files stay as they are, and so does the plan that was loaded. The names of what comes
    back hold no contact details of people any more (``without_contacts``). A row that was refused and is mended by a
    correction, or by ``mend_accents``, is used. It is made once for each plan.

    Raises ``InputRefused`` when a correction matches no cell any more,
    ``RequestError`` for an unknown repair or one whose list is missing.
    """
    return plan.once(("repaired", frozenset(repairs)), lambda: _repaired(plan, repairs))


def _repaired(plan: Plan, repairs: Collection[str]) -> Plan:
    for name in repairs:
        check_allowed(name, REPAIRS, "unknown repair")
        needed = REPAIRS[name][0].needs
        if needed and needed not in plan.references:
            raise RequestError(f"the repair {name} needs {needed}; name the file in the data folder's sources.yml")
    by_hand = (CORRECTIONS_BY_HAND,) if "corrections" in plan.references else ()
    after = put_right(plan, mend_accents=MEND_ACCENTS in repairs)
    ordered = [name for name in REPAIRS if name in repairs]
    for name in ordered:
        after = repaired_by(after, name)
    after = replace(after, repairs=(*by_hand, *ordered))
    return without_contacts(_joined(after) if len(after.changes) else after)


def repaired_by(plan: Plan, name: str) -> Plan:
    """Return the plan after a repair whose list it has, with a line in ``changes`` for every cell."""
    reports, columns, log = Reports(plan), dict[str, pd.Series](), []
    for step in REPAIRS[name]:
        for column in step.columns.split():
            before = plan.activities[column]
            kind: Literal["float64", "str"] = "float64" if before.dtype == "float64" else "str"
            rows = reports.fulfilling(step.where, column)
            becomes = reports.evaluated(step.becomes, column)[rows] if step.becomes else np.nan
            right = pd.Series(becomes, index=before.index[rows], dtype=kind)
            right = right[as_text(right) != as_text(before[rows])]
            if right.empty:
                continue
            changed = columns.get(column, before).astype(kind)
            columns[column] = changed.mask(changed.index.isin(right.index), right)
            sources = plan.activities.loc[right.index, ["source_file", "source_line"]]
            cells = {"column": column, "before": as_text(before[right.index]), "after": as_text(right), "rule": name}
            places = {"file": sources["source_file"].astype("str"), "line": sources["source_line"]}
            log.append(pd.DataFrame(places | cells))
    if not log:
        return plan
    changes = pd.concat(log).sort_values(["file", "line"], kind="stable")
    changes = changes.reindex(columns=list(CHANGE_COLUMNS), fill_value="")
    texts = {column: cells.astype("category") for column, cells in columns.items() if cells.dtype == "str"}
    after = replace(
        plan,
        activities=plan.activities.assign(**(columns | texts)),
        changes=pd.concat([plan.changes, changes] if len(plan.changes) else [changes], ignore_index=True),
    )
    return _joined(after) if name == MEND_ACCENTS else after


def _joined(plan: Plan) -> Plan:
    """The plan with its activities joined anew to their indicators and places."""
    lists = plan.references
    if "indicators" not in lists:
        return plan
    sent = plan.activities[list(Activities.columns)]
    activities, joins = join_activities(sent, lists["indicators"], lists.get("admin1"), year=plan.year)
    return replace(plan, activities=activities, joins=joins)
