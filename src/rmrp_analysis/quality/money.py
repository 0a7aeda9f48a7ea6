"""Named checks on money: what FTS, HDX or a planning file says that cannot well be true; nothing is changed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from rmrp_analysis.metrics.funding import Split, funding_ledger, funding_usd_by
from rmrp_analysis.metrics.funding_totals import coverage, requirements_usd, totals_of_plan
from rmrp_analysis.plan import Plan
from rmrp_analysis.sources import SOURCES_FILE
from rmrp_analysis.vocabulary import (
    ALL,
    COUNTRIES,
    FTS_PLANS,
    NOT_SPECIFIED,
    OVERLAP,
    REGION,
    SECTORS,
    SHARED,
    SUPPORT_SPACES,
)

MOST_COVERAGE = 1.5
SHARING_COUNTRIES = 3
ROUNDED = 1
"""US$ by which sums of rounded dollars may differ."""

COLUMNS = ("file", "line", "column", "check", "severity", "value", "allowed", "people")
_KNOWN_PARTS = frozenset({*SECTORS, SUPPORT_SPACES, NOT_SPECIFIED, SHARED, OVERLAP, ALL})
_PLAN_TOTALS = {str(plan.id): float(plan.requirement_usd) for plan in FTS_PLANS.values()}
Finding = dict[str, Any]


def money_findings(plan: Plan) -> pd.DataFrame:
    """One row a fault found in requirements, funding and their dates, as loaders tell of faults; worst first.

    Rows of other plans in the same files are looked at, too: what is wrong in one is worth knowing for the next.
    """
    found = [*_dates(plan), *_planned(plan.planning)]
    if plan.funding_totals is not None:
        found += _totals(plan.funding_totals)
        found += _unknown_sectors(totals_of_plan(plan.funding_totals, plan.year.fts_plan_id))
    if plan.funding_flows is not None:
        found += _flows(plan, plan.funding_flows)
    table = pd.DataFrame(found, columns=list(COLUMNS))
    return table.sort_values(["severity", "check", "file", "line"], ignore_index=True)


def _finding(row: Mapping[str, Any], column: str, check: str, value: str, allowed: str, severity: str) -> Finding:
    place = {"file": str(row["source_file"]), "line": int(row["source_line"]), "people": 0.0}
    return place | {"column": column, "check": check, "value": value, "allowed": allowed, "severity": severity}


def _of_plan(row: Mapping[str, Any]) -> str:
    return f" (plan {row['plan']})" if row.get("plan") else ""


def _rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in table.itertuples(index=False, name=None):
        yield dict(zip(table.columns, row, strict=True))


def _dates(plan: Plan) -> Iterator[Finding]:
    """Money is revised every day: a figure without its date means nothing."""
    for name in ("funding", "planning"):
        source = plan.sources.get(name)
        if source is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", source.as_of):
            where = {"source_file": SOURCES_FILE, "source_line": 1}
            yield _finding(where, f"{name}.as_of", "as_of_missing", source.as_of, "a date as YYYY-MM-DD", "error")


def _planned(planning: pd.DataFrame) -> Iterator[Finding]:
    asked = planning[planning["measure"] == "requirement_usd"]
    by_country = asked[asked["scope"].isin(list(COUNTRIES))].assign(requirement=lambda rows: rows["value"])
    for _, rows in by_country.groupby("sector"):
        yield from _repeated(rows)


def _totals(totals: pd.DataFrame) -> Iterator[Finding]:
    """Requirements and coverage of every plan in the files, grouping by grouping."""
    stated = totals.assign(
        requirement=requirements_usd(totals), plan=totals["plan_id"].where(totals["plan_id"] != "", totals["plan_name"])
    )
    whole = _wholes(stated)
    parts = stated[stated["grouped_by"] != "plan"]
    for (_, plan, grouped_by), rows in parts.groupby(["source_file", "plan", "grouped_by"]):
        total = whole.get(str(plan))
        if grouped_by == "country":
            yield from _repeated(rows, total)
        yield from _unlike_plan(rows, total, str(grouped_by))
    for row in _rows(stated[~stated["part"].isin([NOT_SPECIFIED, SHARED, OVERLAP])]):
        yield from _overfunded(row, row["funding_usd"], row["requirement"])


def _wholes(stated: pd.DataFrame) -> dict[str, float]:
    """Each plan's requirement: as its source states it, else as published."""
    rows = stated[(stated["part"] == ALL) & stated["requirement"].notna()]
    return _PLAN_TOTALS | {
        str(plan): float(dollars) for plan, dollars in zip(rows["plan"], rows["requirement"], strict=True)
    }


def _repeated(rows: pd.DataFrame, whole: float | None = None) -> Iterator[Finding]:
    """One requirement in three or more countries, or the plan's own in a country: repeated instead of divided."""
    asked = rows[rows["requirement"] > 0]
    times = asked.groupby("requirement")["requirement"].transform("size")
    suspect = (times >= SHARING_COUNTRIES) | ((asked["requirement"] == whole) & (len(asked) > 1))
    for row, count in zip(_rows(asked[suspect]), times[suspect], strict=True):
        value = f"{row['requirement']:,.0f} in {count} countries{_of_plan(row)}"
        allowed = f"each country's own share; at most {SHARING_COUNTRIES - 1} countries alike, none like the whole plan"
        yield _finding(row, "requirement_usd", "same_requirement_repeated", value, allowed, "error")


def _unlike_plan(rows: pd.DataFrame, whole: float | None, grouped_by: str) -> Iterator[Finding]:
    """Parts that do not make the plan: too much is wrong; too little may be its regional part, left out by HDX."""
    made = rows["requirement"].sum()
    if whole is None or not rows["requirement"].notna().any() or abs(made - whole) <= ROUNDED:
        return
    severity = "error" if made > whole else "warning"
    first = next(_rows(rows))
    value = f"{made:,.0f} by {grouped_by}{_of_plan(first)}, {made - whole:+,.0f}"
    regional = grouped_by == "country" and made < whole
    allowed = f"{whole:,.0f}{', unless the rest is regional: HDX leaves that out' if regional else ''}"
    yield _finding(first, "requirement_usd", "requirements_unlike_plan", value, allowed, severity)


def _overfunded(row: Mapping[str, Any], funding: float, requirement: float) -> Iterator[Finding]:
    share = coverage(funding, requirement)
    if share is not None and share > MOST_COVERAGE:
        value = f"{share:.0%}: {funding:,.0f} of {requirement:,.0f}{_of_plan(row)}"
        yield _finding(row, "funding_usd", "coverage_above_150", value, f"at most {MOST_COVERAGE:.0%}", "warning")


def _unknown_sectors(own: pd.DataFrame) -> Iterator[Finding]:
    by_sector = own[(own["grouped_by"] == "sector") & ~own["part"].isin(list(_KNOWN_PARTS))]
    for row in _rows(by_sector[by_sector["funding_usd"].fillna(0) != 0]):
        yield _finding(row, "part", "unknown_sector", row["part"], _A_SECTOR, "warning")


_A_SECTOR = "a sector of the plan; this money is on no sheet"


def _flows(plan: Plan, flows: pd.DataFrame) -> Iterator[Finding]:
    plan_id = plan.year.fts_plan_id
    into = flows[[str(plan_id) in plans for plans in flows["destination_plans"]]]
    for row in _rows(into):
        if len(row["destination_plans"]) > 1:
            value = ", ".join(row["destination_plans"])
            yield _finding(
                row,
                "destination_plans",
                "flow_of_several_plans",
                value,
                "one plan; it counts in full in each",
                "warning",
            )
        if row["status"] != "pledge" and len(row["destination_sectors"]) == 1:
            (sector,) = row["destination_sectors"]
            if sector not in _KNOWN_PARTS:
                yield _finding(row, "destination_sectors", "unknown_sector", sector, _A_SECTOR, "warning")
    ledger = funding_ledger(flows, plan_id=plan_id)
    yield from _overfunded_sectors(plan.planning, funding_usd_by(ledger, "sector"))
    if plan.funding_totals is not None:
        yield from _unlike_fts(totals_of_plan(plan.funding_totals, plan_id), ledger)


def _overfunded_sectors(planning: pd.DataFrame, by_sector: pd.Series) -> Iterator[Finding]:
    asked = planning[(planning["measure"] == "requirement_usd") & (planning["scope"] == REGION)]
    for row in _rows(asked):
        yield from _overfunded(row, float(by_sector.get(row["sector"], 0.0)), row["value"])


def _unlike_fts(own: pd.DataFrame, ledger: pd.DataFrame) -> Iterator[Finding]:
    """FTS's own totals against the sums of its flows: the two were not read at one time, or flows are missing."""
    splits: Mapping[str, Split] = {"sector": "global_cluster", "cluster": "cluster"}
    for row in _rows(own[own["funding_usd"].notna() & own["grouped_by"].isin(["sector", "cluster", "country"])]):
        split = splits.get(row["grouped_by"]) or ("location" if row["fts_id"] else "country")
        part = row["fts_id"] or row["part"]
        ours = float(ledger.loc[ledger[split] == part, "amount_usd"].sum())
        if part != OVERLAP and abs(ours - row["funding_usd"]) > ROUNDED:
            value = f"{row['part']}: {row['funding_usd']:,.0f}"
            yield _finding(
                row, "funding_usd", "totals_unlike_flows", value, f"the sum of the flows, {ours:,.0f}", "warning"
            )
