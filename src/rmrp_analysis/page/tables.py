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
    figures, name = formatter.key_figures, f"{figure}_by_{'_and_'.join(dimensions)}"
    if name in figures.breakdowns:
        table = build_breakdown_table(formatter, name)
        if max_categories is None:
            return table
        sums = table["value"].groupby(level=0, sort=False).sum()
        return table[table.index.get_level_values(0).isin(sums.nlargest(max_categories).index)]
    is_sum_of_rows = selection is not None and figure in FIGURES and FIGURES[figure].by_any_dimension
    # Neither the plan nor the source of money gives a figure by other dimensions than the sheet states
    is_unknown = not is_sum_of_rows and (name in BREAKDOWNS or {*dimensions} <= BREAKDOWN_DIMENSIONS)
    of_one_sector = bool(INTERSECTOR_DIMENSIONS & {*dimensions}) and not figures.is_intersector
    if is_unknown or of_one_sector:
        table = _build_table([], dimensions)
        total_figure = figures.figures.get(figure)
        missing_reason = (
            WORDS_BY_REASON[total_figure.reason] if total_figure and total_figure.reason else NO_PARTS_REASON
        )
        table.attrs["reason"] = formatter.translate(ONE_SECTOR_REASON if of_one_sector else missing_reason)
    elif selection is None:
        raise RequestError(f"this page is made of figures alone, which do not state {name}: make it of a selection")
    else:
        table = _count_by_dimensions(formatter, selection, figure, dimensions, max_categories)
    table.attrs |= _describe_figure(formatter, figure)
    return table


def _describe_figure(formatter: SheetFormatter, figure: str) -> dict[str, Any]:
    """Return the attributes of a figure's table: name, unit, rounding base, pack, audience, language and place.

    For what is no name of ``FIGURES``, the unit is empty and the base 0.
    """
    figures, declared = formatter.key_figures, FIGURES.get(figure)
    unit, base = (declared.unit, figures.base if declared.protected else 0) if declared else ("", 0)
    common_table_attrs = {"audience": figures.audience, "language": formatter.language, "place": figures.place}
    return {
        "figure": figure,
        "unit": unit,
        ROUNDING_ATTR: base,
        PACK_ATTRS_KEY: str(figures.pack),
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
    definition, figures = FIGURES.get(figure), formatter.key_figures
    if definition is None or definition.count is None:
        raise RequestError(f"'{figure}' is not counted from rows; {did_you_mean(figure, FIGURES)}")
    if figures.figures[figure].value is None:
        return _build_table([], dimensions)
    counted, is_rounded = selection[figure], bool(definition.protected and figures.base)

    def round_by(*names: str) -> pd.DataFrame:
        """Return the figure by these dimensions, rounded as the audience may see it."""
        return _round_sums(counted.parts(*names), is_rounded=is_rounded, is_of_people=definition.protected)

    table = round_by(*dimensions)
    if is_rounded:
        total = figures.figures[figure]
        total_table = pd.DataFrame({"value": [total.value], "status": [total.status], "base": [total.base]})
        some = [
            dimension_subset
            for size in range(1, len(dimensions))
            for dimension_subset in combinations(dimensions, size)
        ]
        table = _hide_small_parts(
            table, {(): total_table, **{dimension_subset: round_by(*dimension_subset) for dimension_subset in some}}
        )
    if max_categories:
        largest = round_by(dimensions[0])["value"].nlargest(max_categories).index
        table = table[table.index.get_level_values(0).isin(largest)]
    return table


def _round_sums(sums: pd.DataFrame, *, is_rounded: bool, is_of_people: bool) -> pd.DataFrame:
    """Return ``Contributions.parts`` rounded, or exact unless ``is_rounded``, with ``FIGURE_TABLE_COLUMNS``.

    Reads ``value``, ``key``, ``base``, ``assisted`` and ``assisted_key``. People below 0 become NaN. A missing value
    has the ``status`` ``not_counted`` if people were assisted, else ``not_known``.
    """
    bases = sums["base"] if is_rounded else 0
    values = pd.Series(round_to_base(sums["value"], sums["key"], bases), sums.index)
    if is_of_people:
        # Groups that exceed their total leave less than nobody
        values = values.where(values >= 0)
    is_not_counted = values.isna() & (sums["assisted"] > 0)
    status = np.where(values.isna(), "not_known", np.where(few(sums["value"], values), FEW, "known"))
    values_by_column = {
        "value": values,
        "status": np.where(is_not_counted, NOT_COUNTED, status),
        "reason": np.where(is_not_counted, NOT_COUNTED, ""),
        "caution": "",
        "assisted": round_to_base(sums["assisted"].where(is_not_counted, 0.0), sums["assisted_key"], bases),
        "base": bases,
        "share_in_doubt": 0.0,
    }
    return pd.DataFrame(values_by_column, sums.index)


def _hide_small_parts(table: pd.DataFrame, totals: Mapping[tuple[str, ...], pd.DataFrame]) -> pd.DataFrame:
    """Return the table with NaN for parts of totals too small to be divided; ``status`` and ``reason`` say so.

    ``totals`` are tables with ``value``, ``status`` and ``base``, by the dimensions that index them: fewer than those
    of ``table``, and none for the total of all rows.
    """
    rows = table.reset_index()
    is_hidden = pd.Series(data=False, index=rows.index)
    for names, total_table in totals.items():
        if len(names) > 1:
            keys: Any = pd.MultiIndex.from_frame(rows[[*names]])
        else:
            keys = rows[names[0]] if names else rows.index * 0
        of_rows = total_table.reindex(keys).reset_index(drop=True)
        is_hidden |= is_undivided(rows, of_rows, names)
    is_hidden = is_hidden.set_axis(table.index) & table["value"].notna()
    nothing = {"value": np.nan, "status": STATUS_BY_REASON[FEW_TO_DIVIDE_REASON], "reason": FEW_TO_DIVIDE_REASON}
    return table.assign(**{name: table[name].mask(is_hidden, empty) for name, empty in nothing.items()})


def read_figure_values(table: Table) -> list[FigureValue]:
    """Return the rows of a table of one dimension as figure values.

    A column of ``FIGURE_TABLE_COLUMNS`` that the table lacks is empty; a Series is the column ``value``. NaN becomes
    None, and an empty status ``known``.
    """
    rows = table.to_frame("value") if isinstance(table, pd.Series) else table
    columns = [rows[name].tolist() if name in rows else [""] * len(rows) for name in FIGURE_TABLE_COLUMNS]
    return [
        FigureValue(
            *(str(key), None if pd.isna(value) else float(value), reason, status or "known"),
            *(caution, assisted or 0.0, base or 0, doubt or 0.0),
        )
        for key, value, status, reason, caution, assisted, base, doubt in zip(rows.index, *columns, strict=True)
    ]


def has_content(table: Table) -> bool:
    """Return whether any row of a table has something to show.

    That is a value other than 0, few people, or people that are not counted.
    """
    value_table = table.to_frame("value") if isinstance(table, pd.Series) else table
    has_any_value = (value_table["value"].fillna(0) != 0).any()
    return bool(has_any_value or ("status" in value_table and value_table["status"].isin([FEW, NOT_COUNTED]).any()))
