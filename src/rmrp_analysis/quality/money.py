"""Named checks on money: facts of FTS, HDX or a planning file that are hardly true. Nothing is changed."""

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
"""The texts that tables of money have in place of a sector."""


class MoneyCheck(pack.Row):
    """A row of ``money.csv``: the fault in a row of a table (see ``_tables``) that meets the condition ``where``.

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


def templates_of(check: str, column: Literal["value", "allowed"]) -> list[str]:
    """Return the texts of a check in a column of ``money.csv``, a list with fields in braces."""
    return [getattr(row, column) for row in MONEY_CHECKS if row.check == check]


def text_of_template(template: str) -> str:
    """Return a template without the formats of its fields: the key of its translation."""
    parts = Formatter().parse(template)
    return "".join(literal + (f"{{{field}}}" if field else "") for literal, field, *_ in parts)


def pattern_of(template: str) -> re.Pattern[str]:
    """Return the pattern of the texts that a template makes. Each field is a named group, and a number is one word."""
    number, text = r"\S*", ".*?"
    parts = [
        re.escape(literal) + (f"(?P<{field}>{number if form else text})" if field else "")
        for literal, field, form, _ in Formatter().parse(template)
    ]
    return re.compile("".join(parts))


def money_findings(plan: Plan) -> pd.DataFrame:
    """Return one row a fault in requirements, funding and their dates: ``SOURCE_FINDING_COLUMNS``, errors first.

    Rows of other plans in the same files are checked, too. In totals by part and in flows, only the plan's rows are.
    """
    faults = []
    for name, table in _tables(plan):
        for check in (check for check in MONEY_CHECKS if check.table == name):
            for row in table.query(check.where, engine="python").to_dict("records"):
                place = {"file": str(row["source_file"]), "line": int(row["source_line"]), "people": 0.0}
                texts = {column: getattr(check, column).format_map(row) for column in ("column", "value", "allowed")}
                faults.append(place | texts | {"check": check.check, "severity": check.severity})
    order = ["severity", "check", "file", "line"]
    return pd.DataFrame(faults, columns=list(SOURCE_FINDING_COLUMNS)).sort_values(order, ignore_index=True)


def _tables(plan: Plan) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each table that is checked, with its name in ``money.csv``.

    *sources* has ``name`` and ``as_of``. *names* comes once for each column of names, with ``name`` and ``held``
    (whether it has a contact). ``_requirement_tables`` and ``_flow_tables`` have the others.
    """
    totals = FundingTotals.empty() if plan.funding_totals is None else plan.funding_totals
    flows = FundingFlows.empty() if plan.funding_flows is None else plan.funding_flows
    sources, ledger = plan.sources, funding_ledger(flows, plan_id=plan.year.fts_plan_id)
    # Money is revised every day: a figure without its date means nothing
    dates = [(name, sources[name].as_of, SOURCES_FILE, 1) for name in ("funding", "planning") if name in sources]
    yield "sources", pd.DataFrame(dates, columns=["name", "as_of", *SOURCE_COLUMNS]).astype({"as_of": "str"})
    for table, columns in ((totals, FUNDING_TOTAL_NAME_COLUMNS), (flows, FUNDING_FLOW_NAME_COLUMNS)):
        for name in columns:
            texts: pd.Series = table[name].map(lambda names: names if isinstance(names, str) else "\n".join(names))
            yield "names", table.assign(name=name, held=has_contact(texts.astype("str")))
    yield from _requirement_tables(plan, _with_wholes(totals), ledger)
    yield from _flow_tables(plan, totals, flows, ledger)


def _requirement_tables(
    plan: Plan, published_totals: pd.DataFrame, money_ledger: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables of requirements: of each country, of each plan by its parts, and with their funding.

    ``published_totals`` come from ``_with_wholes``. Columns that are added:

    - *requirements*: ``countries`` (rows of the group with the same requirement), ``stated`` (rows of the group)
    - *groupings*: ``requirement``, ``whole``, ``gap`` (USD, NaN: not known)
    - *coverage*: ``share`` (funding by requirement, NaN without a requirement)
    """
    required = plan.planning[plan.planning["measure"] == "requirement_usd"].rename(columns={"value": "requirement"})
    required = required.assign(of_plan="", whole=np.nan, among=required["sector"])
    countries = required[required["scope"].isin(list(plan_lists().countries))]
    totals = published_totals[published_totals["grouped_by"] == "country"]
    rows = pd.concat([countries, totals]).query("requirement > 0")
    alike = rows.groupby(["among", "requirement"])["requirement"].transform("size")
    yield "requirements", rows.assign(countries=alike, stated=rows.groupby(["among"])["requirement"].transform("size"))
    # Parts that do not make the plan: too much is wrong. Too little may be its regional part, left out by HDX
    parts = published_totals[published_totals["grouped_by"] != "plan"].groupby(["source_file", "plan", "grouped_by"])
    heads = parts[["source_line", "of_plan", "whole"]].first()
    sums = parts["requirement"].sum(min_count=1)
    yield "groupings", heads.assign(requirement=sums, gap=sums - heads["whole"]).reset_index()
    region = required[required["scope"] == REGION]
    funding = region["sector"].map(funding_usd_by(money_ledger, "sector").to_dict()).fillna(0.0)
    specified = published_totals[~published_totals["part"].isin([NOT_SPECIFIED, SHARED_PART, OVERLAP_PART])]
    table = pd.concat([specified, region.assign(funding_usd=funding)])
    share = table["funding_usd"] / table["requirement"].where(table["requirement"] > 0)
    yield "coverage", table.assign(share=share)


def _flow_tables(
    plan: Plan, funding_totals: pd.DataFrame, funding_flows: pd.DataFrame, money_ledger: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the plan's totals with the sums of its flows, and the flows that come into the plan.

    Columns that are added:

    - *totals*: ``known`` (the part is ours), ``of_flows`` (USD, NaN: not comparable)
    - *flows*: ``plans``, ``sectors`` (counts), ``plan_ids``, ``sector`` (the first), ``known`` (the sector is ours)
    """
    plan_id = plan.year.fts_plan_id
    totals = totals_of_plan(funding_totals, plan_id)
    comparable = (plan.funding_flows is not None) & (totals["part"] != OVERLAP_PART)
    comparable &= totals["grouped_by"].isin(["sector", "cluster", "country"])
    splits: Mapping[str, Split] = {"sector": "global_cluster", "cluster": "cluster"}
    amounts = []
    for grouping, fts_id, part in totals[["grouped_by", "fts_id", "part"]].itertuples(index=False):
        column = splits.get(grouping) or ("location" if fts_id else "country")
        amounts.append(money_ledger.loc[money_ledger[column] == (fts_id or part), "amount_usd"].sum())
    # FTS's own totals that are not the sums of its flows were read at another time, or flows are missing
    sums = pd.Series(amounts, totals.index, dtype="float64")
    parts = [*plan_lists().sectors, *plan_lists().other_sectors, *NON_SECTOR_PART_NAMES]
    yield "totals", totals.assign(known=totals["part"].isin(parts), of_flows=sums.where(comparable))
    flows = funding_flows[funding_flows["destination_plans"].map(lambda plans: str(plan_id) in plans).astype("bool")]
    plans, sectors = flows["destination_plans"], flows["destination_sectors"]
    sector = sectors.map(lambda names: next(iter(names), "")).astype("str")
    counts: dict[str, Any] = {"plans": plans.map(len), "sectors": sectors.map(len), "plan_ids": plans.map(", ".join)}
    yield "flows", flows.assign(**counts, sector=sector, known=sector.isin(parts))


def _with_wholes(totals: pd.DataFrame) -> pd.DataFrame:
    """Return the totals of every plan with five more columns.

    ``requirement`` and ``whole`` (the requirement of the plan) are in USD, NaN if not known. Texts are ``plan`` (its
    id, or its name), ``of_plan`` (for a sentence, empty without a plan) and ``among`` (file and plan).
    """
    plan = totals["plan_id"].where(totals["plan_id"] != "", totals["plan_name"]).astype("str")
    table = totals.assign(requirement=requirements_usd(totals), plan=plan)
    published = {str(row.id): float(row.requirement_usd) for row in fts_plans().values()}
    required = table[table["part"] == ALL].dropna(subset="requirement").set_index("plan")["requirement"]
    return table.assign(
        whole=plan.map(published | required.to_dict()).astype("float64"),
        of_plan=(" (plan " + plan + ")").where(plan != "", ""),
        among=table["source_file"].astype("str") + plan,
    )
