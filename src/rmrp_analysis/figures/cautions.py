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
from rmrp_analysis.figures.registry import COMPARED, PART_BY_DERIVED_FIGURE, SHARES_OF_PEOPLE, SHARES_OF_PLANNED
from rmrp_analysis.figures.shares import add_share_in_doubt, rows_behind
from rmrp_analysis.ledger import (
    COVERAGE,
    EVERYBODY_NEW,
    GROUPS_EXCEED,
    GROUPS_OF_ASSISTED,
    LEFT_OUT,
    MANY_IN_NO_GROUP,
    MOSTLY,
    NOT_COUNTED,
    ONE_REPORT,
)
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import NEW, TOTAL_MONTHLY, Dataset, Sheets, cached_by_args
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED

if TYPE_CHECKING:
    from rmrp_analysis.figures.parts import FigureSums

Table = TypeVar("Table", pd.Series, pd.DataFrame)
MIN_DOUBTFUL_SHARE_OF_PEOPLE = 0.5
"""A sum of which so much is in doubt is in doubt."""

REACHED = "people_reached"
"""The figure whose cautions these are."""
_AREA_COLUMNS = ["sheet", "sector", "platform", "country", "part"]
_SUMMED_COLUMNS = ["amount", "assisted", "of_assisted"]
_REPORT_COLUMNS = ["sector", "platform", "country", "month", TOTAL_MONTHLY]
"""Columns of: the keys of an area whose people are in doubt or not, its sums, and each activity."""


def reports_of(people: pd.DataFrame, data: Dataset) -> pd.DataFrame:
    """Return the reports with new people on each sheet: ``new`` (what each gives to people reached), its ``total``.

    ``people`` are entries of people reached. Other columns: ``sheet`` where ``people`` has it, ``row``, ``key``,
    ``sector``, ``platform``, ``country``, ``month``. ``total`` are the people assisted in the month, by the report.
    """
    group_columns = ["sheet", "row"] if "sheet" in people else ["row"]
    # Under a model, a report may have several parts
    is_of_new_people = (people["part"] == NEW) & (people["amount"] > 0)
    new_people_rows = people.loc[is_of_new_people, [*group_columns, "amount", "key"]]
    report_sum_rows = (
        new_people_rows.groupby(group_columns, observed=True)[["amount", "key"]]
        .sum()
        .round(metrics.ROUNDED)
        .reset_index()
    )
    report_fields = data.rows.loc[report_sum_rows["row"], _REPORT_COLUMNS].reset_index(drop=True)
    return report_sum_rows.join(report_fields).rename(columns={"amount": "new", TOTAL_MONTHLY: "total"})


def add_groups_of_assisted(people: pd.DataFrame, data: Dataset, method: Method) -> pd.DataFrame:
    """Add ``of_assisted``: the amount of entries whose report gives groups of the people assisted, else 0."""
    has_groups_of_assisted = people["row"].isin(ledger.rows_of_assisted(data, method))
    return people.assign(of_assisted=people["amount"].where(has_groups_of_assisted, 0.0))


def group_causes(people: pd.DataFrame, keys: Sequence[str], data: Dataset, method: Method) -> pd.DataFrame:
    """Return why the groups of each split exceed the people of each area; empty where they do not.

    ``people`` has ``part``, ``amount`` and ``of_assisted``. One row an area (``by``), one column a split. Where the
    excess comes from reports whose groups are those of the people assisted, it says nothing against the total.
    """
    part_sums = people.groupby([*keys, "part"], observed=True)[["amount", "of_assisted"]].sum(skipna=False)
    part_names = part_sums.index.get_level_values("part")
    new_people_sums = _with_text_index(part_sums[part_names == NEW].droplevel("part"))
    causes_by_split = {}
    for split_name, group_names in data.splits.items():
        group_sums = _with_text_index(
            part_sums[part_names.isin(group_names)].groupby(level=list(keys), observed=True).sum()
        )
        group_sums = group_sums.reindex(new_people_sums.index, fill_value=0.0)
        max_group_people = new_people_sums["amount"] * (1 + method.cautions.groups_exceed_total)
        explained_excess = group_sums["of_assisted"] - new_people_sums["of_assisted"]
        exceeds_total = (new_people_sums["amount"] >= 0) & (group_sums["amount"] > max_group_people)
        is_excess_of_assisted = group_sums["amount"] - explained_excess <= max_group_people
        causes_by_split[split_name] = np.select(
            [exceeds_total & is_excess_of_assisted, exceeds_total], [GROUPS_OF_ASSISTED, GROUPS_EXCEED], default=""
        )
    return pd.DataFrame(causes_by_split, index=new_people_sums.index)


def area_marks(
    people: pd.DataFrame, reports: pd.DataFrame, keys: list[str], data: Dataset, method: Method
) -> pd.DataFrame:
    """Mark which causes each area (``by``) has of its own: *everybody new*, *one report*, *groups exceed*."""
    is_of_new_people = people["part"] == NEW
    area_sums = people[is_of_new_people].groupby(keys, observed=True)[["amount", "assisted"]].sum(skipna=False)
    area_sums = _with_text_index(area_sums.rename(columns={"amount": "new"}))
    area_facts = _with_text_index(ledger.row_facts(reports, keys))
    cause_marks = ledger.area_causes(area_sums, area_facts, method.cautions)
    exceeds_total = (group_causes(people, keys, data, method) == GROUPS_EXCEED).any(axis="columns")
    return cause_marks.assign(**{GROUPS_EXCEED: exceeds_total.reindex(cause_marks.index, fill_value=False)})


def _with_text_index(sums: Table) -> Table:
    """Replace the categories in the index of sums by plain texts."""
    index_texts = sums.index.to_frame(index=False).astype("str")
    return sums.set_axis(
        pd.MultiIndex.from_frame(index_texts) if index_texts.shape[1] > 1 else pd.Index(index_texts.iloc[:, 0])
    )


@cached_by_args
def areas_in_doubt(data: Dataset, method: Method, period: Period) -> pd.DataFrame:
    """Return the sectors and countries whose people of the period are in doubt: ``sector``, ``country``.

    What is left out or not counted travels by itself, as people who are added up.
    """
    counted_people = data.select_counted_people(data.people, method)
    counted_people = counted_people[counted_people["month"].isin(period.months)]
    activity_rows = ledger.people_rows(data, method)
    assisted_rows = activity_rows.loc[activity_rows["month"].isin(period.months), ["sector", "country", "assisted"]]
    assisted_rows = assisted_rows.assign(part=NEW, amount=0.0).astype({"part": counted_people["part"].dtype})
    people_entries = pd.concat([counted_people.assign(assisted=0.0), assisted_rows.assign(row=-1)], ignore_index=True)
    people_entries = add_groups_of_assisted(people_entries, data, method)
    cause_marks = area_marks(people_entries, reports_of(counted_people, data), ["sector", "country"], data, method)
    return cause_marks.index[cause_marks.any(axis="columns")].to_frame(index=False)


def add_doubt(amounts: pd.DataFrame, sheets: Sheets) -> pd.DataFrame:
    """Add ``in_doubt``: how much of each amount is people of a sector in a country that is in doubt; ``doubt_key``."""
    doubtful_areas, area_columns = areas_in_doubt(sheets.dataset, sheets.method, sheets.period), ["sector", "country"]
    marked_areas = doubtful_areas.assign(is_doubtful=True).astype(
        {area_column: amounts[area_column].dtype for area_column in area_columns}
    )
    is_area_in_doubt = (
        amounts[area_columns].merge(marked_areas, on=area_columns, how="left")["is_doubtful"].notna().to_numpy()
    )
    doubt_keys = amounts["key"].where(is_area_in_doubt, np.uint64(0))
    return amounts.assign(in_doubt=amounts["amount"].where(is_area_in_doubt, 0.0), doubt_key=doubt_keys)


def number_causes(figure_sums: "FigureSums") -> pd.Series:
    """Return the own cause of the people reached, and of these by platform, country and sector.

    Index: ``sheet``, ``by`` (the dimension, empty for all), ``name`` of the part. Of all sectors together it says
    nothing that everybody of a month is new: models keep some of them.
    """
    sheets = figure_sums.sheets
    area_tables, report_tables = list[pd.DataFrame](), list[pd.DataFrame]()
    for is_by_sector, dimensions in ((False, ("", "platform", "country")), (True, ("sector",))):
        if sheets.has_all_sectors or not is_by_sector:
            people_contributions = figure_sums.people(by_sector=is_by_sector)
            people_entries = add_groups_of_assisted(people_contributions.entries, sheets.dataset, sheets.method)
            area_sums = (
                people_entries.groupby(_AREA_COLUMNS, observed=True)[_SUMMED_COLUMNS].sum(skipna=False).reset_index()
            )
            report_rows = reports_of(people_entries, sheets.dataset)
            for dimension, (people_rows, collected_tables) in product(
                dimensions, ((area_sums, area_tables), (report_rows, report_tables))
            ):
                collected_tables.append(
                    people_rows.assign(by=dimension, name=people_rows[dimension].astype("str") if dimension else "")
                )
    area_sums, report_rows = (
        pd.concat(collected_tables, ignore_index=True) for collected_tables in (area_tables, report_tables)
    )
    cause_marks = area_marks(area_sums, report_rows, ["sheet", "by", "name"], sheets.dataset, sheets.method)
    is_all_sectors = cause_marks.index.get_level_values("sheet").isin(
        sheets.table.index[sheets.table["sector"] == INTERSECTOR]
    )
    cause_marks[EVERYBODY_NEW] &= ~is_all_sectors | (cause_marks.index.get_level_values("by") == "sector")
    return first_cause(cause_marks)


def add_cautions(rows: pd.DataFrame, figure_sums: "FigureSums") -> pd.DataFrame:
    """Add ``caution`` (why a number is in doubt) and ``share_in_doubt`` (0 to 1) to rows of the table of figures."""
    caution_limits, key_columns = figure_sums.sheets.method.cautions, ["report", "total", "by", "part"]
    causes_by_figure_sums = {
        figure_sums: number_causes(figure_sums) for figure_sums in {figure_sums, figure_sums.to_date}
    }
    causes_by_figure = {
        REACHED: causes_by_figure_sums[figure_sums],
        COMPARED: causes_by_figure_sums[figure_sums.to_date],
    }
    own_causes = pd.concat(causes_by_figure, names=["total"]).rename("own")
    own_causes.index = own_causes.index.set_names({"sheet": "report", "name": "part"})
    own_causes = rows[key_columns].join(own_causes.reorder_levels(key_columns), on=key_columns)["own"]
    rows = add_share_in_doubt(rows)
    cause_marks = pd.DataFrame(
        {
            LEFT_OUT: rows["people_left_out"] > caution_limits.left_out * (rows["value"] + rows["people_left_out"]),
            NOT_COUNTED: rows["assisted_not_counted"]
            > caution_limits.left_out * (rows["value"] + rows["assisted_not_counted"]),
            **{cause: own_causes == cause for cause in (EVERYBODY_NEW, ONE_REPORT, GROUPS_EXCEED)},
            MOSTLY: rows["unit"].eq("people") & (rows["share_in_doubt"] >= MIN_DOUBTFUL_SHARE_OF_PEOPLE),
        }
    )
    rows_with_caution = rows.assign(caution=first_cause(cause_marks).where(rows["value"].notna(), ""))
    is_share_of_people = rows["figure"].isin(SHARES_OF_PEOPLE)  # a share has the doubt of its people
    rows_with_caution.loc[is_share_of_people, "caution"] = rows_behind(
        rows_with_caution[is_share_of_people], rows_with_caution, PART_BY_DERIVED_FIGURE
    )["caution"].fillna("")
    is_share_above_limit = rows["figure"].isin(SHARES_OF_PLANNED) & (rows["value"] > caution_limits.coverage_above)
    row_cautions = rows_with_caution["caution"].mask(
        (rows_with_caution["caution"] == "") & is_share_above_limit, COVERAGE
    )
    causes_of_splits = _causes_of_splits(rows, figure_sums)
    return rows_with_caution.assign(caution=row_cautions.where(causes_of_splits == "", causes_of_splits))


def _causes_of_splits(rows: pd.DataFrame, figure_sums: "FigureSums") -> pd.Series:
    """Return the cause of each part of a breakdown by groups: they exceed the total, or too many are in none.

    A Series of causes with the index of ``rows`` (see ``figure_rows``), empty where there is none.
    """
    sheets, caution_limits = figure_sums.sheets, figure_sums.sheets.method.cautions
    people_entries = add_groups_of_assisted(figure_sums.people(by_sector=False).entries, sheets.dataset, sheets.method)
    sheet_cause_table = group_causes(people_entries, ["sheet"], sheets.dataset, sheets.method).rename_axis(columns="by")
    cause_by_split: pd.Series = sheet_cause_table.stack()  # type: ignore[assignment]
    split_rows = rows[(rows["total"] == REACHED) & rows["by"].isin(sheet_cause_table.columns)]
    split_keys = pd.MultiIndex.from_frame(split_rows[["report", "by"]])
    exceeding_causes = cause_by_split.reindex(split_keys).fillna("").set_axis(split_rows.index)
    people_in_no_group = (
        split_rows["value"].where(split_rows["part"] == NOT_SPECIFIED).groupby(split_keys).transform("first")
    )
    people_reached = split_rows["report"].map(rows[rows["figure"] == REACHED].set_index("report")["value"])
    has_many_in_no_group = (
        (exceeding_causes == "")
        & (people_reached != 0)
        & (people_in_no_group > caution_limits.not_specified * people_reached)
        & (people_in_no_group < people_reached)
    )
    causes_of_parts = exceeding_causes.where(people_reached.notna(), "").mask(has_many_in_no_group, MANY_IN_NO_GROUP)
    return causes_of_parts.reindex(rows.index, fill_value="")


def first_cause(marks: pd.DataFrame) -> pd.Series:
    """Return the first cause (column) that is marked in each row; empty where none is.

    The columns of ``marks`` are of ``ledger.CAUSES``, whose order counts; a missing mark is none.
    """
    ordered_causes = [cause for cause in ledger.CAUSES if cause in marks]
    first_causes = np.select([marks[cause].fillna(value=False) for cause in ordered_causes], ordered_causes, default="")
    return pd.Series(first_causes, marks.index, dtype="str")
