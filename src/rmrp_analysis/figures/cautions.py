"""Cautions: which numbers must be read with care, one cause a number, the first that applies (``ledger.CAUSES``).

A number has a cause of its own (people are left out; one report makes most of it; …), or half or more of it are people
of a sector in a country that has one. So doubt travels into sums and models, and a share has that of its people.
"""

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from rmrp_analysis import ledger, metrics
from rmrp_analysis.arguments import Period
from rmrp_analysis.figures.registry import COMPARED_FIGURE, PART_BY_DERIVED_FIGURE, SHARES_OF_PEOPLE, SHARES_OF_PLANNED
from rmrp_analysis.figures.shares import add_share_in_doubt, rows_behind
from rmrp_analysis.ledger import (
    COVERAGE_ABOVE,
    EVERYBODY_NEW,
    GROUPS_EXCEED,
    GROUPS_OF_ASSISTED,
    LEFT_OUT,
    MANY_IN_NO_GROUP,
    MOSTLY_IN_DOUBT,
    NOT_COUNTED,
    ONE_REPORT,
)
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import MONTHLY_TOTAL_COLUMN, NEW_BENEFICIARIES, Dataset, Sheets, cached_by_args
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED

if TYPE_CHECKING:
    from rmrp_analysis.figures.parts import FigureSums

Table = TypeVar("Table", pd.Series, pd.DataFrame)
MIN_DOUBTFUL_SHARE_OF_PEOPLE = 0.5
"""A sum of which so much is in doubt is in doubt."""

REACHED_FIGURE = "people_reached"
"""The figure whose cautions these are."""
_SUM_KEY_COLUMNS = ["sheet", "sector", "platform", "country", "part"]
_SUMMED_COLUMNS = ["amount", "assisted", "of_assisted"]
_REPORT_COLUMNS = ["sector", "platform", "country", "month", MONTHLY_TOTAL_COLUMN]
"""Columns of: the keys of an area whose people are in doubt or not, its sums, and each activity."""


def reports_of(people: pd.DataFrame, data: Dataset) -> pd.DataFrame:
    """Return the activities with new people, a row for each sheet and ``row``, with ``new`` and ``total``.

    ``people`` are entries of people reached. ``new`` are the people whom the activity adds to people reached, ``total``
    those assisted in the month, as it gives them. Other columns: ``sheet`` where ``people`` has it, ``row`` (the label
    of the activity), ``key``, ``sector``, ``platform``, ``country``, ``month``.
    """
    keys = ["sheet", "row"] if "sheet" in people else ["row"]
    # Under a model, a report may have several parts
    is_of_new_people = (people["part"] == NEW_BENEFICIARIES) & (people["amount"] > 0)
    new = people.loc[is_of_new_people, [*keys, "amount", "key"]]
    sums = new.groupby(keys, observed=True)[["amount", "key"]].sum().round(metrics.DECIMALS_BY_COLUMN).reset_index()
    reported = data.rows.loc[sums["row"], _REPORT_COLUMNS].reset_index(drop=True)
    return sums.join(reported).rename(columns={"amount": "new", MONTHLY_TOTAL_COLUMN: "total"})


def add_groups_of_assisted(people: pd.DataFrame, data: Dataset, method: Method) -> pd.DataFrame:
    """Add ``of_assisted``: the amount of entries whose report gives groups of the people assisted, else 0."""
    is_of_assisted = people["row"].isin(ledger.rows_of_assisted(data, method))
    return people.assign(of_assisted=people["amount"].where(is_of_assisted, 0.0))


def group_causes(people: pd.DataFrame, keys: Sequence[str], data: Dataset, method: Method) -> pd.DataFrame:
    """Return why the groups of each split exceed the new people of each area: a row an area, a column a split.

    *groups_of_assisted* where only reports whose groups are the people assisted exceed them, which says nothing against
    the total; else *groups_exceed*. An empty text where they do not exceed the limit of the method, or new people are
    not known. ``people`` has ``keys`` (which name an area), ``part``, ``amount``, ``of_assisted``; the index is texts.
    """
    sums = people.groupby([*keys, "part"], observed=True)[["amount", "of_assisted"]].sum(skipna=False)
    parts = sums.index.get_level_values("part")
    total = _with_text_index(sums[parts == NEW_BENEFICIARIES].droplevel("part"))
    causes = {}
    for split, names in data.splits.items():
        groups = _with_text_index(sums[parts.isin(names)].groupby(level=list(keys), observed=True).sum())
        groups = groups.reindex(total.index, fill_value=0.0)
        upper_limit = total["amount"] * (1 + method.cautions.groups_exceed_total)
        explained = groups["of_assisted"] - total["of_assisted"]
        exceeds = (total["amount"] >= 0) & (groups["amount"] > upper_limit)
        is_of_assisted = groups["amount"] - explained <= upper_limit
        causes[split] = np.select([exceeds & is_of_assisted, exceeds], [GROUPS_OF_ASSISTED, GROUPS_EXCEED], default="")
    return pd.DataFrame(causes, index=total.index)


def area_marks(
    people: pd.DataFrame, reports: pd.DataFrame, keys: list[str], data: Dataset, method: Method
) -> pd.DataFrame:
    """Mark the causes of each area: bool columns *everybody_new*, *one_report*, *groups_exceed*; a row an area.

    ``keys`` are the columns that name an area; the index holds them as texts. ``people`` has ``keys``, ``part``,
    ``amount``, ``assisted`` and ``of_assisted``; ``reports`` (see ``reports_of``) has ``keys``, ``new``, ``total`` and
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
    """Return a copy of sums whose index holds plain texts instead of categories."""
    texts = sums.index.to_frame(index=False).astype("str")
    return sums.set_axis(pd.MultiIndex.from_frame(texts) if texts.shape[1] > 1 else pd.Index(texts.iloc[:, 0]))


@cached_by_args
def areas_in_doubt(data: Dataset, method: Method, period: Period) -> pd.DataFrame:
    """Return the pairs of ``sector`` and ``country`` (texts) whose people of the period have a cause of ``area_marks``.

    People left out or not counted put no pair in doubt: they are added up in columns of their own. Cached.
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
    """Add ``in_doubt`` and ``doubt_key``: ``amount`` and ``key`` of rows whose sector and country are in doubt, else 0.

    Columns read: ``sector``, ``country``, ``amount``, ``key``. See ``areas_in_doubt``.
    """
    areas, keys = (areas_in_doubt(sheets.dataset, sheets.method, sheets.period), ["sector", "country"])
    marks = areas.assign(is_doubtful=True).astype({key: amounts[key].dtype for key in keys})
    is_doubtful = amounts[keys].merge(marks, on=keys, how="left")["is_doubtful"].notna().to_numpy()
    doubt_key = amounts["key"].where(is_doubtful, np.uint64(0))
    return amounts.assign(in_doubt=amounts["amount"].where(is_doubtful, 0.0), doubt_key=doubt_key)


def number_causes(figure_sums: "FigureSums") -> pd.Series:
    """Return the first cause of ``area_marks`` (empty: none) of people reached, by sheet, platform, country and sector.

    A Series with the index ``sheet``, ``by`` (the dimension; empty: everybody), ``name`` (of the part). Only sheets of
    all sectors have parts by sector; only in these parts can such a sheet have *everybody_new*.
    """
    sheets = figure_sums.sheets
    by_area, by_report = list[pd.DataFrame](), list[pd.DataFrame]()
    for by_sector, dimensions in ((False, ("", "platform", "country")), (True, ("sector",))):
        if sheets.has_all_sectors or not by_sector:
            people = figure_sums.people(by_sector=by_sector)
            entries = add_groups_of_assisted(people.entries, sheets.dataset, sheets.method)
            areas = entries.groupby(_SUM_KEY_COLUMNS, observed=True)[_SUMMED_COLUMNS].sum(skipna=False).reset_index()
            reports = reports_of(entries, sheets.dataset)
            for dimension, (rows, tables) in product(dimensions, ((areas, by_area), (reports, by_report))):
                tables.append(rows.assign(by=dimension, name=rows[dimension].astype("str") if dimension else ""))
    areas, reports = (pd.concat(tables, ignore_index=True) for tables in (by_area, by_report))
    marks = area_marks(areas, reports, ["sheet", "by", "name"], sheets.dataset, sheets.method)
    is_all_sectors = marks.index.get_level_values("sheet").isin(
        sheets.table.index[sheets.table["sector"] == INTERSECTOR]
    )
    marks[EVERYBODY_NEW] &= ~is_all_sectors | (marks.index.get_level_values("by") == "sector")
    return first_cause(marks)


def add_cautions(rows: pd.DataFrame, figure_sums: "FigureSums") -> pd.DataFrame:
    """Add ``caution`` (why a number is in doubt) and ``share_in_doubt`` (0 to 1) to rows of the table of figures.

    ``caution`` is the first of ``ledger.CAUSES`` that applies; empty for none, or for a number that is not known. A
    share has the caution of its people; without one, *coverage_above* where it is over the limit. The cause of a whole
    split (see ``_causes_of_splits``) replaces that of its parts.
    """
    limits, keys = figure_sums.sheets.method.cautions, ["report", "total", "by", "part"]
    causes = {figure_sums: number_causes(figure_sums) for figure_sums in {figure_sums, figure_sums.to_date}}
    by_figure = {REACHED_FIGURE: causes[figure_sums], COMPARED_FIGURE: causes[figure_sums.to_date]}
    own_causes = pd.concat(by_figure, names=["total"]).rename("own")
    own_causes.index = own_causes.index.set_names({"sheet": "report", "name": "part"})
    own_causes = rows[keys].join(own_causes.reorder_levels(keys), on=keys)["own"]
    rows = add_share_in_doubt(rows)
    counted_people = rows["value"].clip(lower=0)  # money and people to reach may be below 0
    marks = pd.DataFrame(
        {
            LEFT_OUT: rows["people_left_out"] > limits.left_out * (counted_people + rows["people_left_out"]),
            NOT_COUNTED: rows["assisted_not_counted"]
            > limits.left_out * (counted_people + rows["assisted_not_counted"]),
            **{cause: own_causes == cause for cause in (EVERYBODY_NEW, ONE_REPORT, GROUPS_EXCEED)},
            MOSTLY_IN_DOUBT: rows["unit"].eq("people") & (rows["share_in_doubt"] >= MIN_DOUBTFUL_SHARE_OF_PEOPLE),
        }
    )
    doubtful_rows = rows.assign(caution=first_cause(marks).where(rows["value"].notna(), ""))
    is_share = rows["figure"].isin(SHARES_OF_PEOPLE)  # a share has the doubt of its people
    doubtful_rows.loc[is_share, "caution"] = rows_behind(
        doubtful_rows[is_share], doubtful_rows, PART_BY_DERIVED_FIGURE
    )["caution"].fillna("")
    is_above = rows["figure"].isin(SHARES_OF_PLANNED) & (rows["value"] > limits.coverage_above)
    caution = doubtful_rows["caution"].mask((doubtful_rows["caution"] == "") & is_above, COVERAGE_ABOVE)
    causes_of_splits = _causes_of_splits(rows, figure_sums)
    return doubtful_rows.assign(caution=caution.where(causes_of_splits == "", causes_of_splits))


def _causes_of_splits(rows: pd.DataFrame, figure_sums: "FigureSums") -> pd.Series:
    """Return the cause that all parts of a split of people reached have: groups exceed it, or many are in no group.

    A Series with the index of ``rows`` (see ``figure_rows``); empty for other rows, for splits without a cause, where
    people reached are not known, and where everybody is in no group.
    """
    sheets, limits = figure_sums.sheets, figure_sums.sheets.method.cautions
    people = add_groups_of_assisted(figure_sums.people(by_sector=False).entries, sheets.dataset, sheets.method)
    causes = group_causes(people, ["sheet"], sheets.dataset, sheets.method).rename_axis(columns="by")
    by_figure: pd.Series = causes.stack()  # type: ignore[assignment]
    splits = rows[(rows["total"] == REACHED_FIGURE) & rows["by"].isin(causes.columns)]
    keys = pd.MultiIndex.from_frame(splits[["report", "by"]])
    exceeding = by_figure.reindex(keys).set_axis(splits.index)
    rest = splits["value"].where(splits["part"] == NOT_SPECIFIED).groupby(keys).transform("first")
    total = splits["report"].map(rows[rows["figure"] == REACHED_FIGURE].set_index("report")["value"])
    is_many = (exceeding == "") & (total != 0) & (rest > limits.not_specified * total) & (rest < total)
    causes_of_parts = exceeding.where(total.notna(), "").mask(is_many, MANY_IN_NO_GROUP)
    return causes_of_parts.reindex(rows.index, fill_value="")


def first_cause(marks: pd.DataFrame) -> pd.Series:
    """Return the first cause (column) that is marked in each row; empty where none is.

    The columns of ``marks`` are of ``ledger.CAUSES``, whose order counts; a missing mark is none.
    """
    order = [cause for cause in ledger.CAUSES if cause in marks]
    causes = np.select([marks[cause].fillna(value=False) for cause in order], order, default="")
    return pd.Series(causes, marks.index, dtype="str")
