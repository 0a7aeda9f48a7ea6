"""Cautions: the first cause (``ledger.CAUSES``) why a number must be read with care.

A number has a cause of its own (for example, people are left out, or one report makes most of the number), or at least
half of its people are in doubt (see ``doubt``). So doubt travels into sums and models. A share has the doubt of its
people.
"""

from itertools import product

import numpy as np
import pandas as pd

from rmrp_analysis import ledger
from rmrp_analysis.figures.doubt import add_groups_of_assisted, area_marks, group_causes, reports_of
from rmrp_analysis.figures.parts import FigureSums
from rmrp_analysis.figures.registry import COMPARED_FIGURE, PART_BY_DERIVED_FIGURE, SHARES_OF_PEOPLE, SHARES_OF_PLANNED
from rmrp_analysis.figures.shares import add_share_in_doubt, rows_behind
from rmrp_analysis.ledger import (
    COVERAGE_ABOVE,
    EVERYBODY_NEW,
    GROUPS_EXCEED,
    LEFT_OUT,
    MANY_IN_NO_GROUP,
    MOSTLY_IN_DOUBT,
    NOT_COUNTED,
    ONE_REPORT,
)
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED

MIN_DOUBTFUL_SHARE_OF_PEOPLE = 0.5
"""A sum is in doubt if at least this share of its people is in doubt."""

REACHED_FIGURE = "people_reached"
_SUM_KEY_COLUMNS = ["sheet", "sector", "platform", "country", "part"]
_SUMMED_COLUMNS = ["amount", "assisted", "of_assisted"]


def number_causes(figure_sums: FigureSums) -> pd.Series:
    """Return the first cause of ``area_marks`` of people reached, by sheet, platform, country and sector.

    A Series of texts (empty: no cause). Its index has ``sheet``, ``by`` (the dimension, empty for everybody) and
    ``name`` (of the part). Only sheets of all sectors have parts by sector. On such a sheet only these can have
    *everybody_new*.
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
    areas = pd.concat(by_area, ignore_index=True)
    reports = pd.concat(by_report, ignore_index=True)
    marks = area_marks(areas, reports, ["sheet", "by", "name"], sheets.dataset, sheets.method)
    is_all = marks.index.get_level_values("sheet").isin(sheets.table.index[sheets.table["sector"] == INTERSECTOR])
    marks[EVERYBODY_NEW] &= ~is_all | (marks.index.get_level_values("by") == "sector")
    return first_cause(marks)


def add_cautions(rows: pd.DataFrame, figure_sums: FigureSums) -> pd.DataFrame:
    """Add ``caution`` (why a number is in doubt) and ``share_in_doubt`` (0 to 1) to rows of the table of figures.

    ``caution`` is the first of ``ledger.CAUSES`` that applies. It is empty if none applies, or if the number is not
    known. A share has the caution of its people. If they have no caution, a share over the limit has *coverage_above*.
    The cause of a whole split (see ``_causes_of_splits``) replaces the cautions of its parts.
    """
    limits, to_date = figure_sums.sheets.method.cautions, figure_sums.to_date
    keys = ["report", "total", "by", "part"]
    reached = number_causes(figure_sums)
    compared = reached if to_date is figure_sums else number_causes(to_date)
    causes = pd.concat({REACHED_FIGURE: reached, COMPARED_FIGURE: compared}, names=["total"]).rename("cause")
    causes.index = causes.index.set_names({"sheet": "report", "name": "part"})
    causes = rows[keys].join(causes.reorder_levels(keys), on=keys)["cause"]
    rows = add_share_in_doubt(rows)
    positive = rows["value"].clip(lower=0)  # money and people to reach may be below 0
    marks = pd.DataFrame(
        {
            LEFT_OUT: rows["people_left_out"] > limits.left_out * (positive + rows["people_left_out"]),
            NOT_COUNTED: rows["assisted_not_counted"] > limits.left_out * (positive + rows["assisted_not_counted"]),
            **{cause: causes == cause for cause in (EVERYBODY_NEW, ONE_REPORT, GROUPS_EXCEED)},
            MOSTLY_IN_DOUBT: rows["unit"].eq("people") & (rows["share_in_doubt"] >= MIN_DOUBTFUL_SHARE_OF_PEOPLE),
        }
    )
    doubtful = rows.assign(caution=first_cause(marks).where(rows["value"].notna(), ""))
    is_share = rows["figure"].isin(SHARES_OF_PEOPLE)  # a share has the doubt of its people
    people = rows_behind(doubtful[is_share], doubtful, PART_BY_DERIVED_FIGURE)
    doubtful.loc[is_share, "caution"] = people["caution"].fillna("")
    is_above = rows["figure"].isin(SHARES_OF_PLANNED) & (rows["value"] > limits.coverage_above)
    caution = doubtful["caution"].mask((doubtful["caution"] == "") & is_above, COVERAGE_ABOVE)
    splits = _causes_of_splits(rows, figure_sums)
    return doubtful.assign(caution=caution.where(splits == "", splits))


def _causes_of_splits(rows: pd.DataFrame, figure_sums: FigureSums) -> pd.Series:
    """Return the cause that all parts of a split of people reached share: groups exceed it, or many are in no group.

    A Series of texts with the index of ``rows`` (see ``figure_rows``). Empty for rows of other figures, for splits
    without a cause, if people reached are not known, and if everybody is in no group.
    """
    sheets, limits = figure_sums.sheets, figure_sums.sheets.method.cautions
    people = add_groups_of_assisted(figure_sums.people(by_sector=False).entries, sheets.dataset, sheets.method)
    causes = group_causes(people, ["sheet"], sheets.dataset, sheets.method).rename_axis(columns="by")
    stacked: pd.Series = causes.stack()  # type: ignore[assignment]
    splits = rows[(rows["total"] == REACHED_FIGURE) & rows["by"].isin(causes.columns)]
    keys = pd.MultiIndex.from_frame(splits[["report", "by"]])
    exceeding = stacked.reindex(keys).set_axis(splits.index)
    rest = splits["value"].where(splits["part"] == NOT_SPECIFIED).groupby(keys).transform("first")
    total = splits["report"].map(rows[rows["figure"] == REACHED_FIGURE].set_index("report")["value"])
    is_many = (exceeding == "") & (total != 0) & (rest > limits.not_specified * total) & (rest < total)
    parts = exceeding.where(total.notna(), "").mask(is_many, MANY_IN_NO_GROUP)
    return parts.reindex(rows.index, fill_value="")


def first_cause(marks: pd.DataFrame) -> pd.Series:
    """Return the first cause that is marked in each row, in the order of ``ledger.CAUSES``. Empty without a mark.

    The columns of ``marks`` are causes. A missing mark counts as false.
    """
    order = [cause for cause in ledger.CAUSES if cause in marks]
    causes = np.select([marks[cause].fillna(value=False) for cause in order], order, default="")
    return pd.Series(causes, marks.index, dtype="str")
