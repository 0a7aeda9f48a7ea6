"""A figure of a page by dimensions, as the table that charts and rows of bars draw."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.charts.chart_tables import Table
from rmrp_analysis.charts.flow_charts import PASSED_ON
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.exact import ROUNDING_ATTR
from rmrp_analysis.figures import (
    BREAKDOWNS,
    DONOR_ARROW,
    FEW,
    FEW_TO_DIVIDE_REASON,
    FIGURES,
    NOT_COUNTED,
    STATUS_BY_REASON,
    WORDS_BY_REASON,
    FigureValue,
    few,
    is_undivided,
    round_to_base,
)
from rmrp_analysis.packs.pack import PACK_ATTRS_KEY
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.plan import Selection
from rmrp_analysis.words import N_

BREAKDOWN_ATTR = "breakdown"
"""The attribute of a table that names the breakdown of the sheet it holds; a table of anything else lacks it."""
FIGURE_TABLE_COLUMNS = ["value", "status", "reason", "caution", "assisted", "base", "share_in_doubt"]
"""The columns of every table of a figure; ``Page.table`` says what each holds."""
BREAKDOWN_DIMENSIONS = {breakdown.by[0] for breakdown in BREAKDOWNS.values() if len(breakdown.by) == 1}
"""Dimensions by which a sheet can state a figure."""
INTERSECTOR_DIMENSIONS = {"sector", "model"}
"""Dimensions of which one sector alone has a single category."""

NO_PARTS_REASON = N_("no source gives it by these parts")
"""Why a figure has a value and no categories of this dimension: no source gives them."""
ONE_SECTOR_REASON = N_("the page is of one sector")
"""Why a page of one sector has no table by sector or model."""


def build_figure_table(
    formatter: SheetFormatter,
    selection: Selection | None,
    figure: str,
    dimensions: Sequence[str],
    max_categories: int | None,
) -> pd.DataFrame:
    """Return a figure by dimensions, as the sheet states it or from rows.

    The columns are ``FIGURE_TABLE_COLUMNS``, the levels of the index the dimensions; of the first dimension,
    ``max_categories`` with the largest values remain. A table that no source gives, or by sector or model on a page of
    one sector, has no rows, and says why in ``attrs["reason"]``. For what the sheet does not state, it raises
    ``RequestError`` if the figure is not counted from rows, or without a selection.
    """
    key_figures, name = formatter.key_figures, f"{figure}_by_{'_and_'.join(dimensions)}"
    if name in key_figures.breakdowns:
        figure_table = build_breakdown_table(formatter, name)
        if max_categories is None:
            return figure_table
        sum_series_by_category = figure_table["value"].groupby(level=0, sort=False).sum()
        return figure_table[
            figure_table.index.get_level_values(0).isin(sum_series_by_category.nlargest(max_categories).index)
        ]
    is_sum_of_rows = selection is not None and figure in FIGURES and FIGURES[figure].by_any_dimension
    # Neither the plan nor the source of money gives a figure by other dimensions than the sheet states
    has_no_source = not is_sum_of_rows and (name in BREAKDOWNS or {*dimensions} <= BREAKDOWN_DIMENSIONS)
    is_of_one_sector = bool(INTERSECTOR_DIMENSIONS & {*dimensions}) and not key_figures.is_intersector
    if has_no_source or is_of_one_sector:
        figure_table = _build_table([], dimensions)
        total_figure = key_figures.figures.get(figure)
        missing_reason = (
            WORDS_BY_REASON[total_figure.reason] if total_figure and total_figure.reason else NO_PARTS_REASON
        )
        figure_table.attrs["reason"] = formatter.translate(ONE_SECTOR_REASON if is_of_one_sector else missing_reason)
    elif selection is None:
        raise RequestError(f"this page is made of figures alone, which do not state {name}: make it of a selection")
    else:
        figure_table = _count_by_dimensions(formatter, selection, figure, dimensions, max_categories)
    figure_table.attrs |= _describe_figure(formatter, figure)
    return figure_table


def _describe_figure(formatter: SheetFormatter, figure: str) -> dict[str, Any]:
    """Return the attributes of a figure's table: name, unit, rounding base, pack, audience, language and place.

    For what is no name of ``FIGURES``, the unit is empty and the base 0.
    """
    key_figures, figure_definition = formatter.key_figures, FIGURES.get(figure)
    figure_unit, rounding_base = (
        (figure_definition.unit, key_figures.base if figure_definition.protected else 0)
        if figure_definition
        else ("", 0)
    )
    common_table_attrs = {"audience": key_figures.audience, "language": formatter.language, "place": key_figures.place}
    return {
        "figure": figure,
        "unit": figure_unit,
        ROUNDING_ATTR: rounding_base,
        PACK_ATTRS_KEY: str(key_figures.pack),
        **common_table_attrs,
    }


def _build_table(keys: Sequence[Any], dimensions: Sequence[str], rows: Sequence[tuple[Any, ...]] = ()) -> pd.DataFrame:
    """Return a table with ``FIGURE_TABLE_COLUMNS`` (``value`` as float), a row for each key, indexed by dimensions."""
    if len(dimensions) > 1:
        row_index: pd.Index[Any] = pd.MultiIndex.from_tuples(keys, names=list(dimensions))
    else:
        row_index = pd.Index(keys, name=dimensions[0])
    return pd.DataFrame(rows, columns=FIGURE_TABLE_COLUMNS, index=row_index).astype({"value": "float64"})


def build_breakdown_table(formatter: SheetFormatter, name: str) -> pd.DataFrame:
    """Return a breakdown with ``FIGURE_TABLE_COLUMNS``; empty if not stated.

    The index holds the categories; that of money on its way has two levels, its donor and its organisation. A table of
    months has the attributes ``pace`` (the pace of the target, if it can be compared) and ``all_reported`` (whether
    every partner has reported for the last month).
    """
    sheet_breakdown = formatter.breakdown(name)
    breakdown_dimensions = sheet_breakdown.definition.by
    row_keys: list[Any] = [category_figure_value.key for category_figure_value in sheet_breakdown.cells]
    if len(breakdown_dimensions) > 1:
        flow_key_triples = [row_key.partition(DONOR_ARROW) for row_key in row_keys]
        row_keys = [
            (giver, taker) if flow_arrow else (PASSED_ON, PASSED_ON) for giver, flow_arrow, taker in flow_key_triples
        ]
    row_values = [
        np.nan if category_figure_value.value is None else category_figure_value.value
        for category_figure_value in sheet_breakdown.cells
    ]
    facts_of_rows = [
        tuple(getattr(category_figure_value, column_name) for column_name in FIGURE_TABLE_COLUMNS[1:])
        for category_figure_value in sheet_breakdown.cells
    ]
    breakdown_table = _build_table(
        row_keys,
        breakdown_dimensions,
        [(row_value, *category_facts) for row_value, category_facts in zip(row_values, facts_of_rows, strict=True)],
    )
    breakdown_table.attrs |= _describe_figure(formatter, sheet_breakdown.definition.figure)
    if name in formatter.key_figures.breakdowns:
        breakdown_table.attrs[BREAKDOWN_ATTR] = name
    if breakdown_dimensions == ("month",) and formatter.is_reach_comparable:
        breakdown_table.attrs["pace"] = formatter.target_pace
    if breakdown_dimensions == ("month",):
        breakdown_table.attrs["all_reported"] = formatter.key_figures.silence.is_complete
    return breakdown_table


def _count_by_dimensions(
    formatter: SheetFormatter, selection: Selection, figure: str, dimensions: Sequence[str], max_categories: int | None
) -> pd.DataFrame:
    """Return a figure added up from rows, rounded as the audience may see it, with ``FIGURE_TABLE_COLUMNS``.

    The ``max_categories`` largest categories of the first dimension remain. A count of people below 0 is NaN, and so
    are parts too small to be divided. Empty if the sheet has no value of the figure. Raises ``RequestError`` for a
    figure that is not counted from rows.
    """
    figure_definition, key_figures = FIGURES.get(figure), formatter.key_figures
    if figure_definition is None or figure_definition.count is None:
        raise RequestError(f"'{figure}' is not counted from rows; {did_you_mean(figure, FIGURES)}")
    if key_figures.figures[figure].value is None:
        return _build_table([], dimensions)
    figure_contributions, is_rounded = selection[figure], bool(figure_definition.protected and key_figures.base)

    def round_by(*names: str) -> pd.DataFrame:
        """Return the figure by these dimensions, rounded as the audience may see it."""
        return _round_sums(
            figure_contributions.parts(*names), is_rounded=is_rounded, is_of_people=figure_definition.protected
        )

    count_table = round_by(*dimensions)
    if is_rounded:
        total_figure = key_figures.figures[figure]
        total_table = pd.DataFrame(
            {"value": [total_figure.value], "status": [total_figure.status], "base": [total_figure.base]}
        )
        dimension_subsets = [
            dimension_subset
            for subset_size in range(1, len(dimensions))
            for dimension_subset in combinations(dimensions, subset_size)
        ]
        count_table = _hide_small_parts(
            count_table,
            {
                (): total_table,
                **{dimension_subset: round_by(*dimension_subset) for dimension_subset in dimension_subsets},
            },
        )
    if max_categories:
        largest_category_index = round_by(dimensions[0])["value"].nlargest(max_categories).index
        count_table = count_table[count_table.index.get_level_values(0).isin(largest_category_index)]
    return count_table


def _round_sums(sums: pd.DataFrame, *, is_rounded: bool, is_of_people: bool) -> pd.DataFrame:
    """Return ``Contributions.parts`` rounded, or exact unless ``is_rounded``, with ``FIGURE_TABLE_COLUMNS``.

    Reads ``value``, ``key``, ``base``, ``assisted`` and ``assisted_key``. People below 0 become NaN. A missing value
    has the ``status`` ``not_counted`` if people were assisted, else ``not_known``.
    """
    rounding_bases = sums["base"] if is_rounded else 0
    rounded_value_series = pd.Series(round_to_base(sums["value"], sums["key"], rounding_bases), sums.index)
    if is_of_people:
        # Groups that exceed their total leave less than nobody
        rounded_value_series = rounded_value_series.where(rounded_value_series >= 0)
    is_not_counted = rounded_value_series.isna() & (sums["assisted"] > 0)
    value_status_array = np.where(
        rounded_value_series.isna(), "not_known", np.where(few(sums["value"], rounded_value_series), FEW, "known")
    )
    values_by_column = {
        "value": rounded_value_series,
        "status": np.where(is_not_counted, NOT_COUNTED, value_status_array),
        "reason": np.where(is_not_counted, NOT_COUNTED, ""),
        "caution": "",
        "assisted": round_to_base(sums["assisted"].where(is_not_counted, 0.0), sums["assisted_key"], rounding_bases),
        "base": rounding_bases,
        "share_in_doubt": 0.0,
    }
    return pd.DataFrame(values_by_column, sums.index)


def _hide_small_parts(table: pd.DataFrame, totals: Mapping[tuple[str, ...], pd.DataFrame]) -> pd.DataFrame:
    """Return the table with NaN for parts of totals too small to be divided; ``status`` and ``reason`` say so.

    ``totals`` are tables with ``value``, ``status`` and ``base``, by the dimensions that index them: fewer than those
    of ``table``, and none for the total of all rows.
    """
    flat_table = table.reset_index()
    is_part_hidden = pd.Series(data=False, index=flat_table.index)
    for dimension_names, total_table in totals.items():
        if len(dimension_names) > 1:
            total_key_index: Any = pd.MultiIndex.from_frame(flat_table[[*dimension_names]])
        else:
            total_key_index = flat_table[dimension_names[0]] if dimension_names else flat_table.index * 0
        row_totals_table = total_table.reindex(total_key_index).reset_index(drop=True)
        is_part_hidden |= is_undivided(flat_table, row_totals_table, dimension_names)
    is_part_hidden = is_part_hidden.set_axis(table.index) & table["value"].notna()
    hidden_value_by_column = {
        "value": np.nan,
        "status": STATUS_BY_REASON[FEW_TO_DIVIDE_REASON],
        "reason": FEW_TO_DIVIDE_REASON,
    }
    return table.assign(
        **{
            column_name: table[column_name].mask(is_part_hidden, hidden_value)
            for column_name, hidden_value in hidden_value_by_column.items()
        }
    )


def read_figure_values(table: Table) -> list[FigureValue]:
    """Return the rows of a table of one dimension as figure values.

    A column of ``FIGURE_TABLE_COLUMNS`` that the table lacks is empty; a Series is the column ``value``. NaN becomes
    None, and an empty status ``known``.
    """
    value_table = table.to_frame("value") if isinstance(table, pd.Series) else table
    values_of_columns = [
        value_table[column_name].tolist() if column_name in value_table else [""] * len(value_table)
        for column_name in FIGURE_TABLE_COLUMNS
    ]
    return [
        FigureValue(
            *(str(row_key), None if pd.isna(row_value) else float(row_value), missing_reason, status or "known"),
            *(caution, people_assisted or 0.0, rounding_base or 0, share_in_doubt or 0.0),
        )
        for row_key, row_value, status, missing_reason, caution, people_assisted, rounding_base, share_in_doubt in zip(
            value_table.index, *values_of_columns, strict=True
        )
    ]


def has_content(table: Table) -> bool:
    """Return whether any row of a table has something to show.

    That is a value other than 0, few people, or people that are not counted.
    """
    value_table = table.to_frame("value") if isinstance(table, pd.Series) else table
    has_any_value = (value_table["value"].fillna(0) != 0).any()
    return bool(has_any_value or ("status" in value_table and value_table["status"].isin([FEW, NOT_COUNTED]).any()))
