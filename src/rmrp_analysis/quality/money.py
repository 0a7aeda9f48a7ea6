"""Named checks on money: what FTS, HDX or a planning file says that cannot well be true; nothing is changed."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis.metrics.dataset import SOURCE
from rmrp_analysis.metrics.funding import Split, funding_ledger, funding_usd_by
from rmrp_analysis.metrics.funding_totals import requirements_usd, totals_of_plan
from rmrp_analysis.packs import pack
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.columns import has_contact
from rmrp_analysis.quality.contacts import NAMES_OF_FLOWS, NAMES_OF_TOTALS
from rmrp_analysis.sources import SOURCES_FILE
from rmrp_analysis.tables import FundingFlows, FundingTotals
from rmrp_analysis.vocabulary import ALL, NOT_SPECIFIED, OVERLAP, REGION, SHARED, fts_plans, plan_lists

FINDING_COLUMNS = ("file", "line", "column", "check", "severity", "value", "allowed", "people")
NO_SECTORS = (NOT_SPECIFIED, SHARED, OVERLAP, ALL)
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


def templates_of(check: str, column: Literal["value", "allowed"]) -> list[str]:
    """Return what the rows of ``money.csv`` of a check have in a column: texts with fields in braces."""
    return [getattr(row, column) for row in MONEY_CHECKS if row.check == check]


def text_of_template(template: str) -> str:
    """Return a template with the names of its fields alone, the key of its translation."""
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
    """Return one row a fault in requirements, funding and their dates: ``FINDING_COLUMNS``, errors first.

    Rows of other plans in the same files are checked, too.
    """
    findings = []
    for name, table in _tables(plan):
        for check in (check for check in MONEY_CHECKS if check.table == name):
            for row in table.query(check.where, engine="python").to_dict("records"):
                place = {"file": str(row["source_file"]), "line": int(row["source_line"]), "people": 0.0}
                texts = {column: getattr(check, column).format_map(row) for column in ("column", "value", "allowed")}
                findings.append(place | texts | {"check": check.check, "severity": check.severity})
    table = pd.DataFrame(findings, columns=list(FINDING_COLUMNS))
    return table.sort_values(["severity", "check", "file", "line"], ignore_index=True)


def _tables(plan: Plan) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each table that is checked, by the name that rows of ``money.csv`` use."""
    totals = FundingTotals.empty() if plan.funding_totals is None else plan.funding_totals
    flows = FundingFlows.empty() if plan.funding_flows is None else plan.funding_flows
    plan_id, sources = plan.year.fts_plan_id, plan.sources
    # Money is revised every day: a figure without its date means nothing
    dates = [(name, sources[name].as_of, SOURCES_FILE, 1) for name in ("funding", "planning") if name in sources]
    yield "sources", pd.DataFrame(dates, columns=["name", "as_of", *SOURCE]).astype({"as_of": "str"})
    for table, columns in ((totals, NAMES_OF_TOTALS), (flows, NAMES_OF_FLOWS)):
        for name in columns:
            texts: pd.Series = table[name].map(lambda names: names if isinstance(names, str) else "\n".join(names))
            yield "names", table.assign(name=name, held=has_contact(texts.astype("str")))

    required = plan.planning[plan.planning["measure"] == "requirement_usd"].rename(columns={"value": "requirement"})
    required = required.assign(of_plan="", whole=np.nan, among=required["sector"])
    published, ledger = _with_wholes(totals), funding_ledger(flows, plan_id=plan_id)
    by_country = [
        required[required["scope"].isin(list(plan_lists().countries))],
        published[published["grouped_by"] == "country"],
    ]
    totals_with_requirement = pd.concat(by_country).query("requirement > 0")
    same_keys = {"countries": ["among", "requirement"], "stated": ["among"]}
    sizes = {
        name: totals_with_requirement.groupby(keys)["requirement"].transform("size") for name, keys in same_keys.items()
    }
    yield "requirements", totals_with_requirement.assign(**sizes)
    # Parts that do not make the plan: too much is wrong; too little may be its regional part, left out by HDX
    parts = published[published["grouped_by"] != "plan"].groupby(["source_file", "plan", "grouped_by"])
    first_rows, sums = parts[["source_line", "of_plan", "whole"]].first(), parts["requirement"].sum(min_count=1)
    yield "groupings", first_rows.assign(requirement=sums, gap=sums - first_rows["whole"]).reset_index()
    of_region = required[required["scope"] == REGION]
    funded = of_region["sector"].map(funding_usd_by(ledger, "sector").to_dict()).fillna(0.0)
    specified = published[~published["part"].isin([NOT_SPECIFIED, SHARED, OVERLAP])]
    totals_with_requirement = pd.concat([specified, of_region.assign(funding_usd=funded)])
    yield (
        "coverage",
        totals_with_requirement.assign(
            share=totals_with_requirement["funding_usd"]
            / totals_with_requirement["requirement"].where(totals_with_requirement["requirement"] > 0)
        ),
    )

    plan_totals = totals_of_plan(totals, plan_id)
    comparable = (plan.funding_flows is not None) & (plan_totals["part"] != OVERLAP)
    comparable &= plan_totals["grouped_by"].isin(["sector", "cluster", "country"])
    splits: Mapping[str, Split] = {"sector": "global_cluster", "cluster": "cluster"}
    of_flows = [
        ledger.loc[
            ledger[splits.get(grouping) or ("location" if fts_id else "country")] == (fts_id or part), "amount_usd"
        ]
        for grouping, fts_id, part in plan_totals[["grouped_by", "fts_id", "part"]].itertuples(index=False)
    ]
    # FTS's own totals that are not the sums of its flows were read at another time, or flows are missing
    summed = pd.Series([amounts.sum() for amounts in of_flows], plan_totals.index, dtype="float64").where(comparable)
    known_parts = [*plan_lists().sectors, *plan_lists().other_sectors, *NO_SECTORS]
    yield "totals", plan_totals.assign(known=plan_totals["part"].isin(known_parts), of_flows=summed)
    into = flows[flows["destination_plans"].map(lambda plans: str(plan_id) in plans).astype("bool")]
    plans, sectors = into["destination_plans"], into["destination_sectors"]
    sector = sectors.map(lambda names: next(iter(names), "")).astype("str")
    counts: dict[str, Any] = {"plans": plans.map(len), "sectors": sectors.map(len), "plan_ids": plans.map(", ".join)}
    yield "flows", into.assign(**counts, sector=sector, known=sector.isin(known_parts))


def _with_wholes(totals: pd.DataFrame) -> pd.DataFrame:
    """Add columns to the totals of every plan: ``requirement``, ``plan``, ``whole`` (of its plan, USD), ``of_plan``
    (for a sentence), ``among`` (plan and file). NaN: not known.
    """
    plan = totals["plan_id"].where(totals["plan_id"] != "", totals["plan_name"]).astype("str")
    table = totals.assign(requirement=requirements_usd(totals), plan=plan)
    published = {str(plan.id): float(plan.requirement_usd) for plan in fts_plans().values()}
    plan_requirements = table[table["part"] == ALL].dropna(subset="requirement").set_index("plan")["requirement"]
    return table.assign(
        whole=plan.map(published | plan_requirements.to_dict()).astype("float64"),
        of_plan=(" (plan " + plan + ")").where(plan != "", ""),
        among=table["source_file"].astype("str") + plan,
    )
