"""Doubt: which people reached are of a sector and country that has a cause of doubt."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

from rmrp_analysis import ledger, metrics
from rmrp_analysis.arguments import Period
from rmrp_analysis.ledger import GROUPS_EXCEED, GROUPS_OF_ASSISTED
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import MONTHLY_TOTAL_COLUMN, NEW_BENEFICIARIES, Dataset, Sheets, cached_by_args

Table = TypeVar("Table", pd.Series, pd.DataFrame)
_REPORT_COLUMNS = ["sector", "platform", "country", "month", MONTHLY_TOTAL_COLUMN]
"""Columns of activities that ``reports_of`` adds."""


def reports_of(people: pd.DataFrame, data: Dataset) -> pd.DataFrame:
    """Return the activities that add new people: a row for each sheet and activity.

    ``people`` are entries of people reached. Columns: ``sheet`` (only if ``people`` has it), ``row`` (the label of the
    activity), ``new`` (the people whom it adds to people reached), ``total`` (the people assisted in the month, as the
    activity gives them), ``key``, ``sector``, ``platform``, ``country``, ``month``.
    """
    keys = ["sheet", "row"] if "sheet" in people else ["row"]
    # Under a model, a report may have several parts
    is_new = (people["part"] == NEW_BENEFICIARIES) & (people["amount"] > 0)
    new = people.loc[is_new, [*keys, "amount", "key"]]
    sums = new.groupby(keys, observed=True)[["amount", "key"]].sum().round(metrics.DECIMALS_BY_COLUMN).reset_index()
    reported = data.rows.loc[sums["row"], _REPORT_COLUMNS].reset_index(drop=True)
    return sums.join(reported).rename(columns={"amount": "new", MONTHLY_TOTAL_COLUMN: "total"})


def add_groups_of_assisted(people: pd.DataFrame, data: Dataset, method: Method) -> pd.DataFrame:
    """Add ``of_assisted``: ``amount`` if the groups of the entry's report are of the people assisted, otherwise 0."""
    is_of_assisted = people["row"].isin(ledger.rows_of_assisted(data, method))
    return people.assign(of_assisted=people["amount"].where(is_of_assisted, 0.0))


def group_causes(people: pd.DataFrame, keys: Sequence[str], data: Dataset, method: Method) -> pd.DataFrame:
    """Return why the groups of each split exceed the new people of an area: a row an area, a column a split.

    ``people`` has ``part``, ``amount``, ``of_assisted`` and the columns ``keys``, which name an area. The index holds
    the keys as texts. Values:

    - *groups_of_assisted*: the groups exceed the total only in reports that give groups of the people assisted. This
      says nothing against the total.
    - *groups_exceed*: they exceed it in other reports, too.
    - empty: they are within the limit of the method, or new people are not known.
    """
    sums = people.groupby([*keys, "part"], observed=True)[["amount", "of_assisted"]].sum(skipna=False)
    parts = sums.index.get_level_values("part")
    total = _with_text_index(sums[parts == NEW_BENEFICIARIES].droplevel("part"))
    limit = total["amount"] * (1 + method.cautions.groups_exceed_total)
    causes = {}
    for split, names in data.splits.items():
        groups = _with_text_index(sums[parts.isin(names)].groupby(level=list(keys), observed=True).sum())
        groups = groups.reindex(total.index, fill_value=0.0)
        explained = groups["of_assisted"] - total["of_assisted"]
        exceeds = (total["amount"] >= 0) & (groups["amount"] > limit)
        is_of_assisted = groups["amount"] - explained <= limit
        causes[split] = np.select([exceeds & is_of_assisted, exceeds], [GROUPS_OF_ASSISTED, GROUPS_EXCEED], default="")
    return pd.DataFrame(causes, index=total.index)


def area_marks(
    people: pd.DataFrame, reports: pd.DataFrame, keys: list[str], data: Dataset, method: Method
) -> pd.DataFrame:
    """Mark the causes of each area: bool columns *everybody_new*, *one_report*, *groups_exceed*, a row an area.

    ``keys`` are the columns that name an area. The index holds them as texts. ``people`` has ``keys``, ``part``,
    ``amount``, ``assisted`` and ``of_assisted``. ``reports`` (see ``reports_of``) has ``keys``, ``new``, ``total`` and
    ``month``.
    """
    is_new = people["part"] == NEW_BENEFICIARIES
    sums = people[is_new].groupby(keys, observed=True)[["amount", "assisted"]].sum(skipna=False)
    sums = _with_text_index(sums.rename(columns={"amount": "new"}))
    facts = _with_text_index(ledger.row_facts(reports, keys))
    marks = ledger.area_causes(sums, facts, method.cautions)
    exceeds = (group_causes(people, keys, data, method) == GROUPS_EXCEED).any(axis="columns")
    return marks.assign(**{GROUPS_EXCEED: exceeds.reindex(marks.index, fill_value=False)})


def _with_text_index(sums: Table) -> Table:
    """Return a copy of sums with plain texts in the index instead of categories."""
    texts = sums.index.to_frame(index=False).astype("str")
    return sums.set_axis(pd.MultiIndex.from_frame(texts) if texts.shape[1] > 1 else pd.Index(texts.iloc[:, 0]))


@cached_by_args
def areas_in_doubt(data: Dataset, method: Method, period: Period) -> pd.DataFrame:
    """Return the pairs of ``sector`` and ``country`` (texts) that have a cause of ``area_marks`` in the period. Cached.

    People left out or not counted put no pair in doubt: they are added up in columns of their own.
    """
    people = data.select_counted_people(data.people, method)
    people = people[people["month"].isin(period.months)]
    rows = ledger.people_rows(data, method)
    assisted = rows.loc[rows["month"].isin(period.months), ["sector", "country", "assisted"]]
    assisted = assisted.assign(part=NEW_BENEFICIARIES, amount=0.0).astype({"part": people["part"].dtype})
    entries = pd.concat([people.assign(assisted=0.0), assisted.assign(row=-1)], ignore_index=True)
    entries = add_groups_of_assisted(entries, data, method)
    marks = area_marks(entries, reports_of(people, data), ["sector", "country"], data, method)
    return marks.index[marks.any(axis="columns")].to_frame(index=False)


def add_doubt(amounts: pd.DataFrame, sheets: Sheets) -> pd.DataFrame:
    """Add ``in_doubt`` and ``doubt_key``: ``amount`` and ``key`` in a sector and country in doubt, otherwise 0.

    Columns read: ``sector``, ``country``, ``amount``, ``key``. See ``areas_in_doubt``.
    """
    keys = ["sector", "country"]
    areas = areas_in_doubt(sheets.dataset, sheets.method, sheets.period).assign(is_doubtful=True)
    areas = areas.astype({key: amounts[key].dtype for key in keys})
    is_doubtful = amounts[keys].merge(areas, on=keys, how="left")["is_doubtful"].notna().to_numpy()
    doubt_key = amounts["key"].where(is_doubtful, np.uint64(0))
    return amounts.assign(in_doubt=amounts["amount"].where(is_doubtful, 0.0), doubt_key=doubt_key)
