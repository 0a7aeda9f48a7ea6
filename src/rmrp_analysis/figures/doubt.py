"""Doubt: which numbers must be read with care, by the named rules of the method. Nothing is corrected.

A number is in doubt by a rule of its own (one report makes most of it; its groups are more people than it is; …), or
because half or more of it are people of a sector in a country that are in doubt. So doubt travels into sums and models,
and a share has that of its people.
"""

from typing import TypeVar

import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures.registry import COMPARED, SHARES
from rmrp_analysis.method import CautionLimits, Method, Period
from rmrp_analysis.metrics import NEW, TOTAL_MONTHLY, Contributions, Dataset, Sheets, remembered
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED

ONE_REPORT, BELOW_PARTS, NEW_IS_TOTAL, MOSTLY = "one_report", "total_below_parts", "new_is_total", "mostly_in_doubt"
COVERAGE, EXCEED, MANY_IN_NO_GROUP = "coverage_above", "groups_exceed_total", "not_specified"
CAUTION_RULES = (ONE_REPORT, COVERAGE, BELOW_PARTS, NEW_IS_TOTAL, MOSTLY, EXCEED, MANY_IN_NO_GROUP)
"""The rules, the strongest first."""

Table = TypeVar("Table", pd.Series, pd.DataFrame)
DOUBTFUL_FROM = 0.5
"""A sum of which so much is in doubt is in doubt."""

_BY_SECTOR = "people_reached_by_sector"
_AREAS = ["sheet", "sector", "platform", "country", "part"]
_OF_A_REPORT = ["sector", "platform", "country", "month", TOTAL_MONTHLY]


def reports_of(people: pd.DataFrame, data: Dataset) -> pd.DataFrame:
    """Give the reports that new beneficiaries are of, on each sheet: the ``amount`` that each gives to people reached.

    ``others`` is true where a report attended others than those who are new.
    """
    new = people[(people["part"] == NEW) & (people["amount"] > 0)]  # under a model, a report may have several parts
    keys = ["sheet", "row"] if "sheet" in new else ["row"]
    given = new.groupby(keys, observed=True)[["amount", "key"]].sum().round(metrics.ROUNDED).reset_index()
    reported = data.rows.loc[given["row"], _OF_A_REPORT].reset_index(drop=True)
    return given.join(reported).assign(others=given["amount"] != reported[TOTAL_MONTHLY])


def doubts(people: pd.DataFrame, reports: pd.DataFrame, by: list[str], data: Dataset, method: Method) -> pd.DataFrame:
    """Say which rules doubt the ``people`` of each group: a row a group, a column a rule.

    ``by`` are the columns that tell groups apart.
    """
    limits, of_parts = method.cautions, people.groupby([*by, "part"], observed=True)["amount"].sum(skipna=False)
    parts = of_parts.index.get_level_values("part")
    total = _plain(of_parts[parts == NEW].droplevel("part"))
    sums = {
        split: _plain(of_parts[parts.isin(names)].groupby(level=by, observed=True).sum())
        for split, names in metrics.splits_of(data.year).items()
    }
    most = pd.DataFrame(sums).max(axis="columns")
    total = total.reindex(total.index.union(most.index), fill_value=0.0)
    of_reports = reports.groupby(by, observed=True).agg(
        largest=("amount", "max"), months=("month", "nunique"), others=("others", "max")
    )
    of_reports, enough = _plain(of_reports).reindex(total.index), total >= limits.people_from
    exceeded = total * (1 + limits.groups_exceed_total) < most.reindex(total.index, fill_value=0.0)
    return pd.DataFrame(
        {
            ONE_REPORT: enough & (of_reports["largest"] / total > limits.one_report),
            BELOW_PARTS: (total >= 0) & exceeded,
            NEW_IS_TOTAL: enough & (of_reports["months"] > 1) & of_reports["others"].eq(False),
        }
    )


def _plain(sums: Table) -> Table:
    """The same numbers by plain texts."""
    texts = sums.index.to_frame(index=False).astype("str")
    return sums.set_axis(pd.MultiIndex.from_frame(texts) if texts.shape[1] > 1 else pd.Index(texts.iloc[:, 0]))


@remembered
def in_doubt(data: Dataset, method: Method, period: Period) -> pd.DataFrame:
    """Give the sectors and countries whose people of the period are in doubt: ``sector``, ``country``."""
    people = data.counted(data.people, method)
    own = people[people["month"].isin(period.months)]
    found = doubts(own, reports_of(own, data), ["sector", "country"], data, method)
    return found.index[found.any(axis="columns")].to_frame(index=False)


def with_doubt(amounts: pd.DataFrame, doubtful: pd.DataFrame) -> pd.DataFrame:
    """Mark how much of each amount is people of a sector in a country that are in doubt (``in_doubt``)."""
    keys = ["sector", "country"]
    marks = doubtful.assign(marked=True).astype({key: amounts[key].dtype for key in keys})
    inside = amounts[keys].merge(marks, on=keys, how="left")["marked"].notna().to_numpy()
    return amounts.assign(in_doubt=amounts["amount"].where(inside, 0.0))


def rules_of(sheets: Sheets, people: pd.DataFrame, reports: pd.DataFrame, by: list[str]) -> pd.Series:
    """Name the rules that doubt the people of each group, the strongest first; empty where none does.

    Of all sectors together it says nothing that everybody of a month is new: models keep some of them.
    """
    found = doubts(people, reports, by, sheets.plan, sheets.method)
    together = found.index.get_level_values("sheet").isin(sheets.table.index[sheets.table["sector"] == INTERSECTOR])
    of_sector = "figure" in by and found.index.get_level_values("figure") == _BY_SECTOR
    found[NEW_IS_TOTAL] &= ~together | of_sector
    return _named(found)


def _of_figures(of_all: pd.DataFrame, of_sectors: pd.DataFrame | None = None) -> pd.DataFrame:
    """People or reports once for each figure that they are in: the people reached, and these by area and sector."""
    parts = {"": of_all, "_by_platform": of_all, "_by_country": of_all}
    parts |= {} if of_sectors is None else {"_by_sector": of_sectors}
    figures = {
        f"people_reached{by}": rows.assign(of=rows[by.removeprefix("_by_")].astype("str") if by else "")
        for by, rows in parts.items()
    }
    return pd.concat(figures, names=["figure"]).reset_index("figure")


def with_cautions(
    rows: pd.DataFrame, sheets: Sheets, reached: Contributions, by_sector: Contributions | None
) -> pd.DataFrame:
    """Add ``caution`` (the rules that doubt a number) and ``share_in_doubt`` (0 to 1) to rows of the table."""
    limits = sheets.method.cautions
    keys = pd.MultiIndex.from_frame(rows[["report", "figure", "part"]])
    counted = [of.entries for of in (reached, by_sector) if of]
    areas = (people.groupby(_AREAS, observed=True)[["amount"]].sum(skipna=False).reset_index() for people in counted)
    by_area = _of_figures(*areas)
    reports = _of_figures(*(reports_of(people, sheets.plan) for people in counted))
    named = rules_of(sheets, by_area, reports, ["sheet", "figure", "of"])
    cautions = named.reindex(keys).fillna("").set_axis(rows.index)
    share = (rows["in_doubt"] / rows["value"].where(rows["value"] > 0)).clip(0, 1).fillna(0.0)
    people = {name: part.replace(COMPARED, "people_reached") for name, part, _ in SHARES if name != "unmet_usd"}
    mine = rows["figure"].isin(people)  # a share has the doubt of its people
    of = pd.MultiIndex.from_arrays([rows["report"], rows["figure"].map(people), rows["part"]])[mine]
    share[mine] = share.set_axis(keys).reindex(of).fillna(0.0).to_numpy()
    cautions[mine] = cautions.set_axis(keys).reindex(of).fillna("").to_numpy()
    exceed, not_told = groups_in_doubt(rows, limits)
    covered = rows["figure"].str.match("(target|need|funding)_coverage")
    marks = pd.DataFrame(
        {
            COVERAGE: covered & (rows["value"] > limits.coverage_above),
            MOSTLY: rows["unit"].isin(["people", "share"]) & (share >= DOUBTFUL_FROM) & (cautions == ""),
            EXCEED: exceed,
            MANY_IN_NO_GROUP: not_told,
        }
    )
    both = cautions.str.cat(_named(marks), sep=", ").str.strip(", ")
    return rows.assign(caution=both, share_in_doubt=share)


def groups_in_doubt(rows: pd.DataFrame, limits: CautionLimits) -> tuple[pd.Series, pd.Series]:
    """Mark parts of a breakdown whose groups exceed the people reached, or that leaves too many in no group."""
    of_groups = rows["figure"].isin(["people_reached_by_population_group", "people_reached_by_age_gender"])
    totals = rows[rows["figure"] == "people_reached"].set_index("report")["value"]
    rest = rows[of_groups & (rows["part"] == NOT_SPECIFIED)].set_index(["report", "figure"])["value"]
    keys = pd.MultiIndex.from_frame(rows[["report", "figure"]])
    left, total = rest.reindex(keys).set_axis(rows.index), rows["report"].map(totals)
    exceed = of_groups & (-left > limits.groups_exceed_total * total)
    return exceed, of_groups & (total != 0) & (left > limits.not_specified * total) & (left < total)


def _named(marks: pd.DataFrame) -> pd.Series:
    """The names of the columns that are true, in each row."""
    names = pd.Series("", marks.index)
    for rule in marks:
        names = names.str.cat(marks[rule].map({True: f"{rule}, ", False: ""}))
    return names.str.removesuffix(", ")
