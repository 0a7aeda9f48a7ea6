"""Named checks on money: what FTS, HDX or a planning file says that cannot well be true; nothing is changed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from rmrp_analysis.metrics.funding import Split, funding_ledger, funding_usd_by
from rmrp_analysis.metrics.funding_totals import coverage, requirements_usd, totals_of_plan
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.columns import holding_contacts
from rmrp_analysis.quality.contacts import NAMES_OF_FLOWS, NAMES_OF_TOTALS
from rmrp_analysis.sources import SOURCES_FILE
from rmrp_analysis.vocabulary import (
    ALL,
    COUNTRIES,
    FTS_PLANS,
    NOT_SPECIFIED,
    OTHER_SECTORS,
    OVERLAP,
    REGION,
    SECTORS,
    SHARED,
    WITHHELD_CONTACT,
)

MOST_COVERAGE = 1.5
SHARING_COUNTRIES = 3
ROUNDING_USD = 1
"""US$ by which sums of rounded dollars may differ."""

FINDING_COLUMNS = ("file", "line", "column", "check", "severity", "value", "allowed", "people")
KNOWN_PARTS = frozenset({*SECTORS, *OTHER_SECTORS, NOT_SPECIFIED, SHARED, OVERLAP, ALL})
A_SECTOR = "a sector of the plan; this money is on no sheet"
Finding = dict[str, Any]
Row = Mapping[str, Any]


def money_findings(plan: Plan) -> pd.DataFrame:
    """One row a fault in requirements, funding and their dates, in the columns of the loaders' faults; worst first.

    Rows of other plans in the same files are looked at, too: what is wrong in one is worth knowing for the next.
    """
    findings: list[Finding] = []
    for name in ("funding", "planning"):
        source = plan.sources.get(name)
        # Money is revised every day: a figure without its date means nothing.
        if source is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", source.as_of):
            where = {"source_file": SOURCES_FILE, "source_line": 1}
            allowed = "a date as YYYY-MM-DD"
            findings.append(_finding(where, f"{name}.as_of", "as_of_missing", source.as_of, allowed, "error"))
    planned = plan.planning[plan.planning["measure"] == "requirement_usd"].rename(columns={"value": "requirement"})
    for _, of_sector in planned[planned["scope"].isin(list(COUNTRIES))].groupby("sector"):
        findings += _repeated(of_sector)
    if plan.funding_totals is not None:
        findings += _contacts(plan.funding_totals, NAMES_OF_TOTALS)
        findings += _in_totals(plan.funding_totals)
        totals = totals_of_plan(plan.funding_totals, plan.year.fts_plan_id)
        unknown = (totals["grouped_by"] == "sector") & ~totals["part"].isin(list(KNOWN_PARTS))
        for row in _rows(totals[unknown & (totals["funding_usd"].fillna(0) != 0)]):
            findings.append(_finding(row, "part", "unknown_sector", row["part"], A_SECTOR))
    if plan.funding_flows is not None:
        findings += _contacts(plan.funding_flows, NAMES_OF_FLOWS)
        findings += _in_flows(plan, plan.funding_flows)
    table = pd.DataFrame(findings, columns=list(FINDING_COLUMNS))
    return table.sort_values(["severity", "check", "file", "line"], ignore_index=True)


def _finding(row: Row, column: str, check: str, value: str, allowed: str, severity: str = "warning") -> Finding:
    place = {"file": str(row["source_file"]), "line": int(row["source_line"]), "people": 0.0}
    return place | {"column": column, "check": check, "value": value, "allowed": allowed, "severity": severity}


def _of_plan(row: Row) -> str:
    return f" (plan {row['plan']})" if row.get("plan") else ""


def _rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return table.to_dict("records")


def _contacts(table: pd.DataFrame, columns: Sequence[str]) -> Iterator[Finding]:
    """Contact details of people in a name of FTS; a run withholds the name."""
    for column in columns:
        texts = table[column].map(lambda names: names if isinstance(names, str) else "\n".join(names))
        for row in _rows(table[holding_contacts(texts)]):
            yield _finding(row, column, "contact_details", WITHHELD_CONTACT, "no contact details", "error")


def _in_totals(totals: pd.DataFrame) -> Iterator[Finding]:
    """Requirements and coverage of every plan in the files, grouping by grouping."""
    named = totals["plan_id"].where(totals["plan_id"] != "", totals["plan_name"])
    stated = totals.assign(requirement=requirements_usd(totals), plan=named)
    wholes = stated[(stated["part"] == ALL) & stated["requirement"].notna()]
    published = {str(plan.id): float(plan.requirement_usd) for plan in FTS_PLANS.values()}
    of_plan = published | dict(zip(wholes["plan"].astype("str"), wholes["requirement"].astype("float64"), strict=True))
    parts = stated[stated["grouped_by"] != "plan"]
    for (_, plan, grouped_by), rows in parts.groupby(["source_file", "plan", "grouped_by"]):
        whole = of_plan.get(str(plan))
        if grouped_by == "country":
            yield from _repeated(rows, whole)
        # Parts that do not make the plan: too much is wrong; too little may be its regional part, left out by HDX.
        sum_usd = rows["requirement"].sum()
        if whole is None or not rows["requirement"].notna().any() or abs(sum_usd - whole) <= ROUNDING_USD:
            continue
        first = _rows(rows.head(1))[0]
        value = f"{sum_usd:,.0f} by {grouped_by}{_of_plan(first)}, {sum_usd - whole:+,.0f}"
        regional = grouped_by == "country" and sum_usd < whole
        allowed = f"{whole:,.0f}{', unless the rest is regional: HDX leaves that out' if regional else ''}"
        severity = "error" if sum_usd > whole else "warning"
        yield _finding(first, "requirement_usd", "requirements_unlike_plan", value, allowed, severity)
    for row in _rows(stated[~stated["part"].isin([NOT_SPECIFIED, SHARED, OVERLAP])]):
        yield from _overfunded(row, row["funding_usd"], row["requirement"])


def _repeated(rows: pd.DataFrame, whole: float | None = None) -> Iterator[Finding]:
    """One requirement in three or more countries, or the plan's own in a country: repeated instead of divided."""
    stated = rows[rows["requirement"] > 0]
    stated = stated.assign(countries=stated.groupby("requirement")["requirement"].transform("size"))
    shared = stated["countries"] >= SHARING_COUNTRIES
    for row in _rows(stated[shared | ((stated["requirement"] == whole) & (len(stated) > 1))]):
        value = f"{row['requirement']:,.0f} in {row['countries']} countries{_of_plan(row)}"
        allowed = f"each country's own share; at most {SHARING_COUNTRIES - 1} countries alike, none like the whole plan"
        yield _finding(row, "requirement_usd", "same_requirement_repeated", value, allowed, "error")


def _overfunded(row: Row, funding_usd: float, requirement_usd: float) -> Iterator[Finding]:
    share = coverage(funding_usd, requirement_usd)
    if share is not None and share > MOST_COVERAGE:
        value = f"{share:.0%}: {funding_usd:,.0f} of {requirement_usd:,.0f}{_of_plan(row)}"
        yield _finding(row, "funding_usd", "coverage_above_150", value, f"at most {MOST_COVERAGE:.0%}")


def _in_flows(plan: Plan, flows: pd.DataFrame) -> Iterator[Finding]:
    """Plans and sectors of flows, coverage by them, and FTS's own totals against their sums."""
    plan_id = plan.year.fts_plan_id
    for row in _rows(flows[[str(plan_id) in plans for plans in flows["destination_plans"]]]):
        plans, sectors = row["destination_plans"], row["destination_sectors"]
        if len(plans) > 1:
            allowed = "one plan; it counts in full in each"
            yield _finding(row, "destination_plans", "flow_of_several_plans", ", ".join(plans), allowed)
        if row["status"] != "pledge" and len(sectors) == 1 and sectors[0] not in KNOWN_PARTS:
            yield _finding(row, "destination_sectors", "unknown_sector", sectors[0], A_SECTOR)
    ledger = funding_ledger(flows, plan_id=plan_id)
    by_sector = funding_usd_by(ledger, "sector")
    planning = plan.planning
    for row in _rows(planning[(planning["measure"] == "requirement_usd") & (planning["scope"] == REGION)]):
        yield from _overfunded(row, float(by_sector.get(row["sector"], 0.0)), row["value"])
    if plan.funding_totals is None:
        return
    # FTS's own totals that are not the sums of its flows were read at another time, or flows are missing.
    totals = totals_of_plan(plan.funding_totals, plan_id)
    splits: Mapping[str, Split] = {"sector": "global_cluster", "cluster": "cluster"}
    comparable = totals["funding_usd"].notna() & totals["grouped_by"].isin(["sector", "cluster", "country"])
    for row in _rows(totals[comparable]):
        split = splits.get(row["grouped_by"]) or ("location" if row["fts_id"] else "country")
        part = row["fts_id"] or row["part"]
        sum_usd = float(ledger.loc[ledger[split] == part, "amount_usd"].sum())
        if part != OVERLAP and abs(sum_usd - row["funding_usd"]) > ROUNDING_USD:
            value = f"{row['part']}: {row['funding_usd']:,.0f}"
            allowed = f"the sum of the flows, {sum_usd:,.0f}"
            yield _finding(row, "funding_usd", "totals_unlike_flows", value, allowed)
