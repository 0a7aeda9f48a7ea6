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
    return [getattr(money_check, column) for money_check in MONEY_CHECKS if money_check.check == check]


def text_of_template(template: str) -> str:
    """Return a template whose fields have their names alone, without formats: the key of its translation."""
    template_parts = Formatter().parse(template)
    return "".join(
        literal_text + (f"{{{field_name}}}" if field_name else "") for literal_text, field_name, *_ in template_parts
    )


def pattern_of(template: str) -> re.Pattern[str]:
    """Return the pattern of the texts that a template makes: each field is a group of its name, a number one word."""
    number_field_pattern, text_field_pattern = r"\S*", ".*?"
    pattern_parts = [
        re.escape(literal_text)
        + (f"(?P<{field_name}>{number_field_pattern if field_format else text_field_pattern})" if field_name else "")
        for literal_text, field_name, field_format, _ in Formatter().parse(template)
    ]
    return re.compile("".join(pattern_parts))


def money_findings(plan: Plan) -> pd.DataFrame:
    """Return one row a fault in requirements, funding and their dates: ``SOURCE_FINDING_COLUMNS``, errors first.

    Rows of other plans in the same files are checked, too; in totals by part and in flows, only rows of the plan.
    """
    finding_dicts = []
    for table_name, checked_table in _tables(plan):
        for money_check in (money_check for money_check in MONEY_CHECKS if money_check.table == table_name):
            for table_row_dict in checked_table.query(money_check.where, engine="python").to_dict("records"):
                finding_location_fields = {
                    "file": str(table_row_dict["source_file"]),
                    "line": int(table_row_dict["source_line"]),
                    "people": 0.0,
                }
                finding_text_by_column = {
                    column_name: getattr(money_check, column_name).format_map(table_row_dict)
                    for column_name in ("column", "value", "allowed")
                }
                finding_dicts.append(
                    finding_location_fields
                    | finding_text_by_column
                    | {"check": money_check.check, "severity": money_check.severity}
                )
    finding_table = pd.DataFrame(finding_dicts, columns=list(SOURCE_FINDING_COLUMNS))
    return finding_table.sort_values(["severity", "check", "file", "line"], ignore_index=True)


def _tables(plan: Plan) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each table that is checked, with the name that rows of ``money.csv`` use for it.

    *sources* (``name``, ``as_of``), *names* (once for each column of names, with ``name`` and ``held``: a contact
    stands in it), and those of ``_requirement_tables`` and ``_flow_tables``.
    """
    funding_total_table = FundingTotals.empty() if plan.funding_totals is None else plan.funding_totals
    funding_flow_table = FundingFlows.empty() if plan.funding_flows is None else plan.funding_flows
    source_by_input_name, money_ledger_table = (
        plan.sources,
        funding_ledger(funding_flow_table, plan_id=plan.year.fts_plan_id),
    )
    # Money is revised every day: a figure without its date means nothing
    source_date_rows = [
        (source_name, source_by_input_name[source_name].as_of, SOURCES_FILE, 1)
        for source_name in ("funding", "planning")
        if source_name in source_by_input_name
    ]
    yield "sources", pd.DataFrame(source_date_rows, columns=["name", "as_of", *SOURCE_COLUMNS]).astype({"as_of": "str"})
    for named_table, name_columns in (
        (funding_total_table, FUNDING_TOTAL_NAME_COLUMNS),
        (funding_flow_table, FUNDING_FLOW_NAME_COLUMNS),
    ):
        for name_column in name_columns:
            name_text_series: pd.Series = named_table[name_column].map(
                lambda names: names if isinstance(names, str) else "\n".join(names)
            )
            yield "names", named_table.assign(name=name_column, held=has_contact(name_text_series.astype("str")))
    yield from _requirement_tables(plan, _with_wholes(funding_total_table), money_ledger_table)
    yield from _flow_tables(plan, funding_total_table, funding_flow_table, money_ledger_table)


def _requirement_tables(
    plan: Plan, published_totals: pd.DataFrame, money_ledger: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables of requirements: of each country, of each plan by its parts, and beside their funding.

    ``published_totals`` are those of ``_with_wholes``, of every plan. Columns that are added:

    - *requirements*: ``countries`` (rows of the group with the same requirement), ``stated`` (rows of the group)
    - *groupings*: ``requirement``, ``whole``, ``gap`` (USD; NaN: not known)
    - *coverage*: ``share`` (funding by requirement, NaN without one)
    """
    planned_requirement_table = plan.planning[plan.planning["measure"] == "requirement_usd"].rename(
        columns={"value": "requirement"}
    )
    planned_requirement_table = planned_requirement_table.assign(
        of_plan="", whole=np.nan, among=planned_requirement_table["sector"]
    )
    country_requirement_rows = pd.concat(
        [
            planned_requirement_table[planned_requirement_table["scope"].isin(list(plan_lists().countries))],
            published_totals[published_totals["grouped_by"] == "country"],
        ]
    ).query("requirement > 0")
    key_columns_by_size_name = {"countries": ["among", "requirement"], "stated": ["among"]}
    group_sizes_by_name = {
        size_name: country_requirement_rows.groupby(group_key_columns)["requirement"].transform("size")
        for size_name, group_key_columns in key_columns_by_size_name.items()
    }
    yield "requirements", country_requirement_rows.assign(**group_sizes_by_name)
    # Parts that do not make the plan: too much is wrong; too little may be its regional part, left out by HDX
    grouped_totals = published_totals[published_totals["grouped_by"] != "plan"].groupby(
        ["source_file", "plan", "grouped_by"]
    )
    first_total_rows = grouped_totals[["source_line", "of_plan", "whole"]].first()
    requirement_sum_series = grouped_totals["requirement"].sum(min_count=1)
    requirement_gap_series = requirement_sum_series - first_total_rows["whole"]
    yield (
        "groupings",
        first_total_rows.assign(requirement=requirement_sum_series, gap=requirement_gap_series).reset_index(),
    )
    region_requirement_table = planned_requirement_table[planned_requirement_table["scope"] == REGION]
    region_funding_usd_series = (
        region_requirement_table["sector"].map(funding_usd_by(money_ledger, "sector").to_dict()).fillna(0.0)
    )
    specified_total_table = published_totals[~published_totals["part"].isin([NOT_SPECIFIED, SHARED_PART, OVERLAP_PART])]
    funded_requirement_table = pd.concat(
        [specified_total_table, region_requirement_table.assign(funding_usd=region_funding_usd_series)]
    )
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
    fts_plan_id = plan.year.fts_plan_id
    plan_total_table = totals_of_plan(funding_totals, fts_plan_id)
    is_comparable_total = (plan.funding_flows is not None) & (plan_total_table["part"] != OVERLAP_PART)
    is_comparable_total &= plan_total_table["grouped_by"].isin(["sector", "cluster", "country"])
    split_column_by_grouping: Mapping[str, Split] = {"sector": "global_cluster", "cluster": "cluster"}
    flow_amounts_of_totals = [
        money_ledger.loc[
            money_ledger[split_column_by_grouping.get(grouping) or ("location" if fts_id else "country")]
            == (fts_id or part_name),
            "amount_usd",
        ]
        for grouping, fts_id, part_name in plan_total_table[["grouped_by", "fts_id", "part"]].itertuples(index=False)
    ]
    # FTS's own totals that are not the sums of its flows were read at another time, or flows are missing
    flow_sum_series = pd.Series(
        [flow_amount_series.sum() for flow_amount_series in flow_amounts_of_totals],
        plan_total_table.index,
        dtype="float64",
    )
    known_part_names = [*plan_lists().sectors, *plan_lists().other_sectors, *NON_SECTOR_PART_NAMES]
    has_known_part = plan_total_table["part"].isin(known_part_names)
    yield "totals", plan_total_table.assign(known=has_known_part, of_flows=flow_sum_series.where(is_comparable_total))
    incoming_flow_table = funding_flows[
        funding_flows["destination_plans"].map(lambda plans: str(fts_plan_id) in plans).astype("bool")
    ]
    destination_plans, destination_sectors = (
        incoming_flow_table["destination_plans"],
        incoming_flow_table["destination_sectors"],
    )
    first_sector_by_flow = destination_sectors.map(lambda names: next(iter(names), "")).astype("str")
    cells_by_flow_column: dict[str, Any] = {
        "plans": destination_plans.map(len),
        "sectors": destination_sectors.map(len),
        "plan_ids": destination_plans.map(", ".join),
    }
    has_known_sector = first_sector_by_flow.isin(known_part_names)
    yield (
        "flows",
        incoming_flow_table.assign(**cells_by_flow_column, sector=first_sector_by_flow, known=has_known_sector),
    )


def _with_wholes(totals: pd.DataFrame) -> pd.DataFrame:
    """Return the totals of every plan with ``requirement`` and its plan's (``whole``), in USD; NaN: not known.

    Columns of text that are added, too: ``plan`` (id, else name), ``of_plan`` (for a sentence; empty without a plan),
    ``among`` (file and plan).
    """
    plan_id_or_name_series = totals["plan_id"].where(totals["plan_id"] != "", totals["plan_name"]).astype("str")
    totals_with_plan = totals.assign(requirement=requirements_usd(totals), plan=plan_id_or_name_series)
    published_requirement_by_plan = {
        str(fts_plan.id): float(fts_plan.requirement_usd) for fts_plan in fts_plans().values()
    }
    requirement_series_by_plan = (
        totals_with_plan[totals_with_plan["part"] == ALL].dropna(subset="requirement").set_index("plan")["requirement"]
    )
    return totals_with_plan.assign(
        whole=plan_id_or_name_series.map(published_requirement_by_plan | requirement_series_by_plan.to_dict()).astype(
            "float64"
        ),
        of_plan=(" (plan " + plan_id_or_name_series + ")").where(plan_id_or_name_series != "", ""),
        among=totals_with_plan["source_file"].astype("str") + plan_id_or_name_series,
    )
