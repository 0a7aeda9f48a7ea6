"""Every join that the figures of a run depend on, with the rows and people it matched, lost or doubled."""

from collections.abc import Sequence

import pandas as pd

from rmrp_analysis.loaders.joins import MOST_NAMED
from rmrp_analysis.loaders.tabular import FAULT_COLUMNS
from rmrp_analysis.method import Method, Period
from rmrp_analysis.plan import JoinAudit, Plan
from rmrp_analysis.vocabulary import INTERSECTOR
from rmrp_analysis.words import N_

LOST = {
    "indicators": N_("not counted: their indicator is not in the plan year's list"),
    "admin1": N_("counted: their admin1 is not in the list"),
    "proportions": N_("not in the intersector figure: no age-gender proportions for them"),
}
"""What becomes of the people whom a join does not match."""


def join_audits(plan: Plan, *, period: Period, method: Method) -> tuple[JoinAudit, ...]:
    """The audits of the loaded tables, and of age-gender proportions where the year's rule for the model needs them."""
    everybody = plan.select(INTERSECTOR, period=period, method=method)
    new, unseen = everybody.new_by_sector(), everybody.people_unseen()
    proportions = plan.proportions.get(method.age_gender_proportions)
    if unseen.empty:
        return plan.joins
    names = unseen.index.to_frame()[["country", "place", "sector"]].agg(": ".join, axis="columns")
    lost = unseen[unseen > 0].groupby(names).sum().sort_values(ascending=False, kind="stable")
    audit = JoinAudit(
        name="proportions",
        rows_matched=int((unseen == 0).sum()),
        rows_unmatched=int((unseen > 0).sum()),
        people_matched=float(new.loc[unseen.index, "new_beneficiaries"].sum() - unseen.sum()),
        people_unmatched=float(unseen.sum()),
        duplicated=0 if proportions is None else int(proportions.duplicated(["country", "place", "sector"]).sum()),
        unmatched_keys=tuple(lost.index[:MOST_NAMED]),
        loses_people=bool(unseen.sum() > 0),
    )
    return (*plan.joins, audit)


def join_message(audit: JoinAudit) -> str:
    """An audit as one sentence, for a terminal or a log."""
    counted = f"{audit.rows_unmatched:,} of {audit.rows:,} rows, {audit.people_unmatched:,.0f} people"
    examples = "; ".join(audit.unmatched_keys[:3])
    return f"join with {audit.name}: {counted} {LOST[audit.name]}" + (f" ({examples})" if examples else "")


def join_findings(audits: Sequence[JoinAudit]) -> pd.DataFrame:
    """One row a join with unmatched rows, in the columns of the loaders' faults; ``people`` are all that it lost."""
    rows = [
        {
            "file": "",
            "line": 0,
            "column": audit.name,
            "check": f"join_{audit.name}",
            "severity": "error" if audit.loses_people else "warning",
            "value": "; ".join(audit.unmatched_keys),
            "allowed": LOST[audit.name],
            "people": audit.people_unmatched,
        }
        for audit in audits
        if audit.rows_unmatched
    ]
    return pd.DataFrame(rows, columns=[*FAULT_COLUMNS, "people"])
