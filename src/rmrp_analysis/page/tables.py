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
    fill_bounds,
    is_undivided,
    round_bounds,
    round_to_base,
)
from rmrp_analysis.packs.pack import PACK_ATTRS_KEY
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.plan import Selection
from rmrp_analysis.words import N_

BREAKDOWN_ATTR = "breakdown"
"""The attribute of a table that names its breakdown of the sheet. Other tables do not have it."""
FIGURE_TABLE_COLUMNS = ["value", "status", "reason", "caution", "assisted", "base", "low", "high"]
"""The columns of every table of a figure. ``Page.table`` describes them."""
BREAKDOWN_DIMENSIONS = {breakdown.by[0] for breakdown in BREAKDOWNS.values() if len(breakdown.by) == 1}
"""Dimensions by which a sheet can state a figure."""
INTERSECTOR_DIMENSIONS = {"sector", "model"}
"""Dimensions that have a single category on a sheet of one sector."""

NO_PARTS_REASON = N_("no source gives it by these parts")
"""Why a figure has a value and no categories of a dimension."""
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

    The columns are ``FIGURE_TABLE_COLUMNS``, and the levels of the index the dimensions. Of the first dimension, the
    ``max_categories`` with the largest values remain. A table that no source gives has no rows. Nor has a table by
    sector or model on a page of one sector. ``attrs["reason"]`` says why. Raises ``RequestError`` if the sheet does not
    state the figure by these dimensions, and there is no selection or the figure is not counted from rows.
    """
    figures, name = formatter.key_figures, f"{figure}_by_{'_and_'.join(dimensions)}"
    if name in figures.breakdowns:
        table = build_breakdown_table(formatter, name)
        if max_categories is None:
            return table
        sums = table["value"].groupby(level=0, sort=False).sum()
        return table[table.index.get_level_values(0).isin(sums.nlargest(max_categories).index)]
    is_sum = selection is not None and figure in FIGURES and FIGURES[figure].by_any_dimension
    # Neither the plan nor the source of money gives a figure by other dimensions than those of the sheet
    is_unknown = not is_sum and (name in BREAKDOWNS or {*dimensions} <= BREAKDOWN_DIMENSIONS)
    is_single = bool(INTERSECTOR_DIMENSIONS & {*dimensions}) and not figures.is_intersector
    if is_unknown or is_single:
        table = _empty_table(dimensions)
        total = figures.figures.get(figure)
        reason = WORDS_BY_REASON[total.reason] if total and total.reason else NO_PARTS_REASON
        table.attrs["reason"] = formatter.translate(ONE_SECTOR_REASON if is_single else reason)
    elif selection is None:
        raise RequestError(f"this page is made of figures alone, which do not state {name}: make it of a selection")
    else:
        table = _count_by_dimensions(formatter, selection, figure, dimensions, max_categories)
    table.attrs |= _describe_figure(formatter, figure)
    return table


def _describe_figure(formatter: SheetFormatter, figure: str) -> dict[str, Any]:
    """Return the attributes of a figure's table: name, unit, rounding base, pack, audience, language and place.

    Without a figure of this name in ``FIGURES``, the unit is empty and the base 0.
    """
    figures, declared = formatter.key_figures, FIGURES.get(figure)
    unit, base = (declared.unit, figures.base if declared.protected else 0) if declared else ("", 0)
    attrs = {"audience": figures.audience, "language": formatter.language, "place": figures.place}
    return {"figure": figure, "unit": unit, ROUNDING_ATTR: base, PACK_ATTRS_KEY: str(figures.pack), **attrs}


def _index_of(keys: Sequence[Any], dimensions: Sequence[str]) -> Any:
    """Return an index of these keys, with the dimensions as its levels."""
    if len(dimensions) > 1:
        return pd.MultiIndex.from_tuples(keys, names=list(dimensions))
    return pd.Index(keys, name=dimensions[0])


def _empty_table(dimensions: Sequence[str]) -> pd.DataFrame:
    """Return a table with ``FIGURE_TABLE_COLUMNS`` without rows."""
    table = pd.DataFrame(columns=FIGURE_TABLE_COLUMNS, index=_index_of([], dimensions))
    return table.astype({"value": "float64"})


def build_breakdown_table(formatter: SheetFormatter, name: str) -> pd.DataFrame:
    """Return a breakdown with ``FIGURE_TABLE_COLUMNS``, or an empty one if it is not stated.

    The index holds the categories. For money by donor and organisation it has these two levels. A table of months has
    the attributes ``pace`` (the pace of the target, if it can be compared), ``all_reported`` (whether every partner
    has reported for the last month) and ``silent_people`` (of partners without a report for it, in the month before).
    """
    rows = formatter.key_figures.rows
    rows = rows[(rows["figure"] == name) & (rows["kind"] == "part")]
    breakdown, keys = BREAKDOWNS[name], list[Any](rows["part"])
    dimensions = breakdown.by
    if len(dimensions) > 1:
        parts = [key.partition(DONOR_ARROW) for key in keys]
        keys = [(giver, taker) if arrow else (PASSED_ON, PASSED_ON) for giver, arrow, taker in parts]
    table = rows[FIGURE_TABLE_COLUMNS].set_axis(_index_of(keys, dimensions))
    table.attrs |= _describe_figure(formatter, breakdown.figure)
    if name in formatter.key_figures.breakdowns:
        table.attrs[BREAKDOWN_ATTR] = name
    if dimensions == ("month",) and formatter.is_reach_comparable:
        table.attrs["pace"] = formatter.target_pace
    if dimensions == ("month",):
        table.attrs["all_reported"] = formatter.key_figures.silence.is_complete
        table.attrs["silent_people"] = formatter.key_figures.comparisons.silent_people
    return table


def _count_by_dimensions(
    formatter: SheetFormatter, selection: Selection, figure: str, dimensions: Sequence[str], max_categories: int | None
) -> pd.DataFrame:
    """Return a figure added up from rows, rounded for the audience, with ``FIGURE_TABLE_COLUMNS``.

    The ``max_categories`` largest categories of the first dimension remain. A count of people below 0 and parts too
    small to be divided are NaN. The table is empty if the sheet has no value of the figure. Raises ``RequestError`` for
    a figure that is not counted from rows.
    """
    declared, figures = FIGURES.get(figure), formatter.key_figures
    if declared is None or declared.count is None:
        raise RequestError(f"'{figure}' is not counted from rows; {did_you_mean(figure, FIGURES)}")
    if figures.figures[figure].value is None:
        return _empty_table(dimensions)
    amounts, is_rounded = selection[figure], bool(declared.protected and figures.base)

    def round_by(*names: str) -> pd.DataFrame:
        """Return the figure by these dimensions, rounded as the audience may see it."""
        return _round_sums(amounts.parts(*names), is_rounded=is_rounded, is_of_people=declared.protected)

    table = round_by(*dimensions)
    if is_rounded:
        total = figures.figures[figure]
        sheet = pd.DataFrame({"value": [total.value], "status": [total.status], "base": [total.base]})
        subsets = [subset for size in range(1, len(dimensions)) for subset in combinations(dimensions, size)]
        table = _hide_small_parts(table, {(): sheet, **{subset: round_by(*subset) for subset in subsets}})
    if max_categories:
        largest = round_by(dimensions[0])["value"].nlargest(max_categories).index
        table = table[table.index.get_level_values(0).isin(largest)]
    return table


def _round_sums(sums: pd.DataFrame, *, is_rounded: bool, is_of_people: bool) -> pd.DataFrame:
    """Return ``Contributions.parts`` rounded, or exact unless ``is_rounded``, with ``FIGURE_TABLE_COLUMNS``.

    Reads ``value``, ``key``, ``base``, ``assisted`` and ``assisted_key``. People below 0 become NaN. A missing value
    has the ``status`` ``not_counted`` if people were assisted, or ``not_known``.
    """
    sums = fill_bounds(sums.assign(origin="activities" if is_of_people else ""))
    bases = sums["base"] if is_rounded else sums["base"] * 0
    values = pd.Series(round_to_base(sums["value"], sums["key"], bases), sums.index)
    if is_of_people:
        # Groups that exceed their total leave less than nobody
        values = values.where(values >= 0)
    is_uncounted = values.isna() & (sums["assisted"] > 0)
    status = np.where(values.isna(), "not_known", np.where(few(sums["value"], values), FEW, "known"))
    columns = {
        "value": values,
        "status": np.where(is_uncounted, NOT_COUNTED, status),
        "reason": np.where(is_uncounted, NOT_COUNTED, ""),
        "caution": "",
        "assisted": round_to_base(sums["assisted"].where(is_uncounted, 0.0), sums["assisted_key"], bases),
        "base": bases,
        **round_bounds(sums, values, bases),
    }
    return pd.DataFrame(columns, sums.index)


def _hide_small_parts(table: pd.DataFrame, totals: Mapping[tuple[str, ...], pd.DataFrame]) -> pd.DataFrame:
    """Return the table with NaN for parts of totals too small to be divided.

    ``status`` and ``reason`` of such parts say so. ``totals`` are tables with ``value``, ``status`` and ``base``, by
    the dimensions of their index. They have fewer dimensions than ``table``. The total of all rows has no dimension.
    """
    rows = table.reset_index()
    is_hidden = pd.Series(data=False, index=rows.index)
    for names, total in totals.items():
        if len(names) > 1:
            keys: Any = pd.MultiIndex.from_frame(rows[[*names]])
        else:
            keys = rows[names[0]] if names else rows.index * 0
        parents = total.reindex(keys).reset_index(drop=True)
        is_hidden |= is_undivided(rows, parents, names)
    is_hidden = is_hidden.set_axis(table.index) & table["value"].notna()
    blank: dict[str, Any] = {"status": STATUS_BY_REASON[FEW_TO_DIVIDE_REASON], "reason": FEW_TO_DIVIDE_REASON}
    blank |= dict.fromkeys(("value", "low", "high"), np.nan)
    return table.assign(**{name: table[name].mask(is_hidden, empty) for name, empty in blank.items()})


def read_figure_values(table: Table) -> list[FigureValue]:
    """Return the rows of a table of one dimension as figure values.

    A missing column of ``FIGURE_TABLE_COLUMNS`` is empty. A Series is the column ``value``. NaN becomes None, and an
    empty status ``known``.
    """
    rows = table.to_frame("value") if isinstance(table, pd.Series) else table
    columns = [rows[name].tolist() if name in rows else [""] * len(rows) for name in FIGURE_TABLE_COLUMNS]
    return [
        FigureValue(
            *(str(key), None if pd.isna(value) else float(value), reason, status or "known"),
            *(caution, assisted or 0.0, base or 0),
            *(None if bound == "" or pd.isna(bound) else float(bound) for bound in bounds),
        )
        for key, value, status, reason, caution, assisted, base, *bounds in zip(rows.index, *columns, strict=True)
    ]


def has_content(table: Table) -> bool:
    """Return whether any row of a table has content to show.

    Content is a value other than 0, few people, or people that are not counted.
    """
    rows = table.to_frame("value") if isinstance(table, pd.Series) else table
    has_value = (rows["value"].fillna(0) != 0).any()
    return bool(has_value or ("status" in rows and rows["status"].isin([FEW, NOT_COUNTED]).any()))
