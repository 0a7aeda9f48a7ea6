"""Named checks on money: what FTS, HDX or a planning file says that cannot well be true; nothing is changed."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis.metrics.dataset import SOURCE_COLUMNS
from rmrp_analysis.metrics.funding import Split, funding_ledger, funding_usd_by
from rmrp_analysis.metrics.funding_totals import requirements_usd, totals_of_plan
from rmrp_analysis.packs import pack
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.columns import has_contact
from rmrp_analysis.quality.contacts import FUNDING_FLOW_NAME_COLUMNS, FUNDING_TOTAL_NAME_COLUMNS
from rmrp_analysis.sources import SOURCES_FILE
from rmrp_analysis.tables import FundingFlows, FundingTotals
from rmrp_analysis.vocabulary import ALL, NOT_SPECIFIED, OVERLAP_PART, REGION, SHARED_PART, fts_plans, plan_lists

SOURCE_FINDING_COLUMNS = ("file", "line", "column", "check", "severity", "value", "allowed", "people")
"""Columns of findings on money and planning: ``FAULT_COLUMNS`` and ``people``, which is 0 for money."""
NON_SECTOR_PART_NAMES = (NOT_SPECIFIED, SHARED_PART, OVERLAP_PART, ALL)
"""What stands in the place of a sector in tables of money."""


class MoneyCheck(pack.Row):
    """A row of ``money.csv``: what is wrong in a row of one of the tables (see ``_tables``) where a condition holds.

    ``column``, ``value`` and ``allowed`` have columns of that row in braces.
    """

    check: pack.Text
    severity: Literal["error", "warning"]
    table: pack.Text
    column: pack.Text
    where: pack.Text
    value: pack.Text
    allowed: pack.Text


MONEY_CHECKS = pack.rows("money.csv", MoneyCheck, within=Path(__file__).parent)
"""The rows of ``money.csv``, in its order."""


def templates_of(check: str, column: Literal["value", "allowed"]) -> list[str]:
    """Return what the rows of ``money.csv`` of a check have in a column: texts with fields in braces; empty if none."""
    return [getattr(row, column) for row in MONEY_CHECKS if row.check == check]


def text_of_template(template: str) -> str:
    """Return a template whose fields have their names alone, without formats: the key of its translation."""
    parts = Formatter().parse(template)
    return "".join(literal + (f"{{{field}}}" if field else "") for literal, field, *_ in parts)


def pattern_of(template: str) -> re.Pattern[str]:
    """Return the pattern of the texts that a template makes: each field is a group of its name, a number one word."""
    number, text = r"\S*", ".*?"
    parts = [
        re.escape(literal) + (f"(?P<{field}>{number if form else text})" if field else "")
        for literal, field, form, _ in Formatter().parse(template)
    ]
    return re.compile("".join(parts))


def money_findings(plan: Plan) -> pd.DataFrame:
    """Return one row a fault in requirements, funding and their dates: ``SOURCE_FINDING_COLUMNS``, errors first.

    Rows of other plans in the same files are checked, too; in totals by part and in flows, only rows of the plan.
    """
    findings = []
    for name, table in _tables(plan):
        for check in (check for check in MONEY_CHECKS if check.table == name):
            for row in table.query(check.where, engine="python").to_dict("records"):
                place = {"file": str(row["source_file"]), "line": int(row["source_line"]), "people": 0.0}
                texts = {column: getattr(check, column).format_map(row) for column in ("column", "value", "allowed")}
                findings.append(place | texts | {"check": check.check, "severity": check.severity})
    finding_table = pd.DataFrame(findings, columns=list(SOURCE_FINDING_COLUMNS))
    return finding_table.sort_values(["severity", "check", "file", "line"], ignore_index=True)


def _tables(plan: Plan) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each table that is checked, with the name that rows of ``money.csv`` use for it.

    *sources* (``name``, ``as_of``), *names* (once for each column of names, with ``name`` and ``held``: a contact
    stands in it), and those of ``_requirement_tables`` and ``_flow_tables``.
    """
    totals = FundingTotals.empty() if plan.funding_totals is None else plan.funding_totals
    flows = FundingFlows.empty() if plan.funding_flows is None else plan.funding_flows
    sources, money_ledger_table = (plan.sources, funding_ledger(flows, plan_id=plan.year.fts_plan_id))
    # Money is revised every day: a figure without its date means nothing
    dates = [
        (source_name, sources[source_name].as_of, SOURCES_FILE, 1)
        for source_name in ("funding", "planning")
        if source_name in sources
    ]
    yield "sources", pd.DataFrame(dates, columns=["name", "as_of", *SOURCE_COLUMNS]).astype({"as_of": "str"})
    for table, columns in ((totals, FUNDING_TOTAL_NAME_COLUMNS), (flows, FUNDING_FLOW_NAME_COLUMNS)):
        for name in columns:
            texts: pd.Series = table[name].map(lambda names: names if isinstance(names, str) else "\n".join(names))
            yield "names", table.assign(name=name, held=has_contact(texts.astype("str")))
    yield from _requirement_tables(plan, _with_wholes(totals), money_ledger_table)
    yield from _flow_tables(plan, totals, flows, money_ledger_table)


def _requirement_tables(
    plan: Plan, published_totals: pd.DataFrame, money_ledger: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables of requirements: of each country, of each plan by its parts, and beside their funding.

    ``published_totals`` are those of ``_with_wholes``, of every plan. Columns that are added:

    - *requirements*: ``countries`` (rows of the group with the same requirement), ``stated`` (rows of the group)
    - *groupings*: ``requirement``, ``whole``, ``gap`` (USD; NaN: not known)
    - *coverage*: ``share`` (funding by requirement, NaN without one)
    """
    required = plan.planning[plan.planning["measure"] == "requirement_usd"].rename(columns={"value": "requirement"})
    required = required.assign(of_plan="", whole=np.nan, among=required["sector"])
    totals_with_requirement = pd.concat(
        [
            required[required["scope"].isin(list(plan_lists().countries))],
            published_totals[published_totals["grouped_by"] == "country"],
        ]
    ).query("requirement > 0")
    same_keys = {"countries": ["among", "requirement"], "stated": ["among"]}
    sizes = {
        name: totals_with_requirement.groupby(keys)["requirement"].transform("size") for name, keys in same_keys.items()
    }
    yield "requirements", totals_with_requirement.assign(**sizes)
    # Parts that do not make the plan: too much is wrong; too little may be its regional part, left out by HDX
    parts = published_totals[published_totals["grouped_by"] != "plan"].groupby(["source_file", "plan", "grouped_by"])
    first_total_rows = parts[["source_line", "of_plan", "whole"]].first()
    requirement_sum_series = parts["requirement"].sum(min_count=1)
    requirement_gap_series = requirement_sum_series - first_total_rows["whole"]
    yield (
        "groupings",
        first_total_rows.assign(requirement=requirement_sum_series, gap=requirement_gap_series).reset_index(),
    )
    of_region = required[required["scope"] == REGION]
    funded = of_region["sector"].map(funding_usd_by(money_ledger, "sector").to_dict()).fillna(0.0)
    specified = published_totals[~published_totals["part"].isin([NOT_SPECIFIED, SHARED_PART, OVERLAP_PART])]
    funded_requirement_table = pd.concat([specified, of_region.assign(funding_usd=funded)])
    positive_requirement_series = funded_requirement_table["requirement"].where(
        funded_requirement_table["requirement"] > 0
    )
    yield (
        "coverage",
        funded_requirement_table.assign(share=funded_requirement_table["funding_usd"] / positive_requirement_series),
    )


def _flow_tables(
    plan: Plan, funding_totals: pd.DataFrame, funding_flows: pd.DataFrame, money_ledger: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the plan's totals with the sums of its flows, and the flows that come into the plan.

    Columns that are added:

    - *totals*: ``known`` (the part is ours), ``of_flows`` (USD, NaN where not comparable)
    - *flows*: ``plans``, ``sectors`` (counts), ``plan_ids``, ``sector`` (the first), ``known`` (the sector is ours)
    """
    plan_id = plan.year.fts_plan_id
    plan_totals = totals_of_plan(funding_totals, plan_id)
    comparable = (plan.funding_flows is not None) & (plan_totals["part"] != OVERLAP_PART)
    comparable &= plan_totals["grouped_by"].isin(["sector", "cluster", "country"])
    splits: Mapping[str, Split] = {"sector": "global_cluster", "cluster": "cluster"}
    of_flows = [
        money_ledger.loc[
            money_ledger[splits.get(grouping) or ("location" if fts_id else "country")] == (fts_id or part),
            "amount_usd",
        ]
        for grouping, fts_id, part in plan_totals[["grouped_by", "fts_id", "part"]].itertuples(index=False)
    ]
    # FTS's own totals that are not the sums of its flows were read at another time, or flows are missing
    flow_sum_series = pd.Series(
        [flow_amount_series.sum() for flow_amount_series in of_flows], plan_totals.index, dtype="float64"
    )
    known_part_names = [*plan_lists().sectors, *plan_lists().other_sectors, *NON_SECTOR_PART_NAMES]
    has_known_part = plan_totals["part"].isin(known_part_names)
    yield "totals", plan_totals.assign(known=has_known_part, of_flows=flow_sum_series.where(comparable))
    into = funding_flows[funding_flows["destination_plans"].map(lambda plans: str(plan_id) in plans).astype("bool")]
    destination_plans, sectors = (into["destination_plans"], into["destination_sectors"])
    sector = sectors.map(lambda names: next(iter(names), "")).astype("str")
    counts: dict[str, Any] = {
        "plans": destination_plans.map(len),
        "sectors": sectors.map(len),
        "plan_ids": destination_plans.map(", ".join),
    }
    has_known_sector = sector.isin(known_part_names)
    yield ("flows", into.assign(**counts, sector=sector, known=has_known_sector))


def _with_wholes(totals: pd.DataFrame) -> pd.DataFrame:
    """Return the totals of every plan with ``requirement`` and its plan's (``whole``), in USD; NaN: not known.

    Columns of text that are added, too: ``plan`` (id, else name), ``of_plan`` (for a sentence; empty without a plan),
    ``among`` (file and plan).
    """
    plan = totals["plan_id"].where(totals["plan_id"] != "", totals["plan_name"]).astype("str")
    table = totals.assign(requirement=requirements_usd(totals), plan=plan)
    published = {str(fts_plan.id): float(fts_plan.requirement_usd) for fts_plan in fts_plans().values()}
    plan_requirements = table[table["part"] == ALL].dropna(subset="requirement").set_index("plan")["requirement"]
    return table.assign(
        whole=plan.map(published | plan_requirements.to_dict()).astype("float64"),
        of_plan=(" (plan " + plan + ")").where(plan != "", ""),
        among=table["source_file"].astype("str") + plan,
    )
