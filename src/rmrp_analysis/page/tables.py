"""A figure of a page by dimensions, as the table that charts and rows of bars draw."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.charts.chart_tables import Table
from rmrp_analysis.charts.flow_charts import PASSED_ON
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.exact import ROUNDED
from rmrp_analysis.figures import (
    BREAKDOWNS,
    FEW,
    FEW_TO_DIVIDE,
    FIGURES,
    FROM_TO,
    NOT_COUNTED,
    REASONS,
    STATUS,
    FigureValue,
    few,
    is_undivided,
    round_to_base,
)
from rmrp_analysis.packs.pack import PACK_ATTR
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.plan import Selection
from rmrp_analysis.words import N_

BREAKDOWN_ATTR = "breakdown"
"""The attribute of a table that names the breakdown of the sheet it holds; a table of anything else lacks it."""
FIGURE_TABLE_COLUMNS = ["value", "status", "reason", "caution", "assisted", "base", "share_in_doubt"]
"""The columns of every table of a figure; ``Page.table`` says what each holds."""
REPORTED_FIGURES = ("people_reached", "activities", "reporting_partners", "implementing_partners")
"""Figures that activity reports give by any dimension of their rows."""
BREAKDOWN_DIMENSIONS = {breakdown.by[0] for breakdown in BREAKDOWNS.values() if len(breakdown.by) == 1}
"""Dimensions by which a sheet can state a figure."""
INTERSECTOR_DIMENSIONS = {"sector", "model"}
"""Dimensions of which one sector alone has a single category."""

NO_PARTS_REASON = N_("no source gives it by these parts")
ONE_SECTOR_REASON = N_("the page is of one sector")
"""Why a figure has a value and no categories of this dimension."""


def build_figure_table(
    formatter: SheetFormatter,
    selection: Selection | None,
    figure: str,
    dimensions: Sequence[str],
    max_categories: int | None,
) -> pd.DataFrame:
    """Return a figure by dimensions, as the sheet states it or from rows.

    The columns are ``FIGURE_TABLE_COLUMNS``, the levels of the index the dimensions; of the first dimension,
    ``max_categories`` with the largest values remain. A table that no source gives has no rows, and says why in
    ``attrs["reason"]``. Raises ``RequestError`` for a figure that is not counted from rows, or without a selection.
    """
    figures, name = formatter.key_figures, f"{figure}_by_{'_and_'.join(dimensions)}"
    if name in figures.breakdowns:
        table = build_breakdown_table(formatter, name)
        if max_categories is None:
            return table
        sums = table["value"].groupby(level=0, sort=False).sum()
        return table[table.index.get_level_values(0).isin(sums.nlargest(max_categories).index)]
    is_of_reports = figure in REPORTED_FIGURES and selection is not None
    # Neither the plan nor the source of money gives a figure by other dimensions than the sheet states
    has_no_source = not is_of_reports and (name in BREAKDOWNS or {*dimensions} <= BREAKDOWN_DIMENSIONS)
    is_of_one_sector = bool(INTERSECTOR_DIMENSIONS & {*dimensions}) and not figures.is_intersector
    if has_no_source or is_of_one_sector:
        table = _build_table([], dimensions)
        total = figures.figures.get(figure)
        reason = REASONS[total.reason] if total and total.reason else NO_PARTS_REASON
        table.attrs["reason"] = formatter.translate(ONE_SECTOR_REASON if is_of_one_sector else reason)
    elif selection is None:
        raise RequestError(f"this page is made of figures alone, which do not state {name}: make it of a selection")
    else:
        table = _count_by_dimensions(formatter, selection, figure, dimensions, max_categories)
    table.attrs |= _describe_figure(formatter, figure)
    return table


def _describe_figure(formatter: SheetFormatter, figure: str) -> dict[str, Any]:
    """Return the attributes of a figure's table, such as unit and audience."""
    figures, definition = formatter.key_figures, FIGURES.get(figure)
    unit, base = (definition.unit, figures.base if definition.protected else 0) if definition else ("", 0)
    page = {"audience": figures.audience, "language": formatter.language, "place": figures.place}
    return {"figure": figure, "unit": unit, ROUNDED: base, PACK_ATTR: str(figures.pack), **page}


def _build_table(keys: Sequence[Any], dimensions: Sequence[str], rows: Sequence[tuple[Any, ...]] = ()) -> pd.DataFrame:
    """Return a table with ``FIGURE_TABLE_COLUMNS``, indexed by dimensions."""
    if len(dimensions) > 1:
        index: pd.Index[Any] = pd.MultiIndex.from_tuples(keys, names=list(dimensions))
    else:
        index = pd.Index(keys, name=dimensions[0])
    return pd.DataFrame(rows, columns=FIGURE_TABLE_COLUMNS, index=index).astype({"value": "float64"})


def build_breakdown_table(formatter: SheetFormatter, name: str) -> pd.DataFrame:
    """Return a breakdown with ``FIGURE_TABLE_COLUMNS``; empty if not stated.

    The index holds the categories; that of money on its way has two levels, its donor and its organisation. A table of
    months has the pace of the target as an attribute.
    """
    breakdown = formatter.breakdown(name)
    dimensions = breakdown.definition.by
    keys: list[Any] = [cell.key for cell in breakdown.cells]
    if len(dimensions) > 1:
        ends = [key.partition(FROM_TO) for key in keys]
        keys = [(start, end) if arrow else (PASSED_ON, PASSED_ON) for start, arrow, end in ends]
    values = [np.nan if cell.value is None else cell.value for cell in breakdown.cells]
    facts = [tuple(getattr(cell, column) for column in FIGURE_TABLE_COLUMNS[1:]) for cell in breakdown.cells]
    table = _build_table(keys, dimensions, [(value, *row) for value, row in zip(values, facts, strict=True)])
    table.attrs |= _describe_figure(formatter, breakdown.definition.figure)
    if name in formatter.key_figures.breakdowns:
        table.attrs[BREAKDOWN_ATTR] = name
    if dimensions == ("month",) and formatter.is_reach_comparable:
        table.attrs["pace"] = formatter.target_pace
    return table


def _count_by_dimensions(
    formatter: SheetFormatter, selection: Selection, figure: str, dimensions: Sequence[str], max_categories: int | None
) -> pd.DataFrame:
    """Return a figure added up from rows, with ``FIGURE_TABLE_COLUMNS``.

    A count of people below 0 is NaN, and so are people that may not be divided. Raises ``RequestError`` for a figure
    that is not counted from rows.
    """
    definition, figures = FIGURES.get(figure), formatter.key_figures
    if definition is None or definition.count is None:
        raise RequestError(f"'{figure}' is not counted from rows; {did_you_mean(figure, FIGURES)}")
    if figures.figures[figure].value is None:
        return _build_table([], dimensions)
    contributions, is_rounded = selection[figure], bool(definition.protected and figures.base)

    def round_by(*names: str) -> pd.DataFrame:
        return _round_sums(contributions.parts(*names), is_rounded=is_rounded, is_of_people=definition.protected)

    table = round_by(*dimensions)
    if is_rounded:
        total = figures.figures[figure]
        totals = pd.DataFrame({"value": [total.value], "status": [total.status], "base": [total.base]})
        fewer_dimensions = [names for size in range(1, len(dimensions)) for names in combinations(dimensions, size)]
        table = _hide_small_parts(table, {(): totals, **{names: round_by(*names) for names in fewer_dimensions}})
    if max_categories:
        largest = round_by(dimensions[0])["value"].nlargest(max_categories).index
        table = table[table.index.get_level_values(0).isin(largest)]
    return table


def _round_sums(sums: pd.DataFrame, *, is_rounded: bool, is_of_people: bool) -> pd.DataFrame:
    """Return ``Contributions.parts`` rounded, with ``FIGURE_TABLE_COLUMNS``."""
    bases = sums["base"] if is_rounded else 0
    values = pd.Series(round_to_base(sums["value"], sums["key"], bases), sums.index)
    if is_of_people:
        values = values.where(values >= 0)  # groups that exceed their total leave less than nobody
    is_not_counted = values.isna() & (sums["assisted"] > 0)
    status = np.where(values.isna(), "not_known", np.where(few(sums["value"], values), FEW, "known"))
    columns = {
        "value": values,
        "status": np.where(is_not_counted, NOT_COUNTED, status),
        "reason": np.where(is_not_counted, NOT_COUNTED, ""),
        "caution": "",
        "assisted": round_to_base(sums["assisted"].where(is_not_counted, 0.0), sums["assisted_key"], bases),
        "base": bases,
        "share_in_doubt": 0.0,
    }
    return pd.DataFrame(columns, sums.index)


def _hide_small_parts(table: pd.DataFrame, totals: Mapping[tuple[str, ...], pd.DataFrame]) -> pd.DataFrame:
    """Replace by NaN the parts of totals too small to be divided.

    ``totals`` are tables with ``value``, ``status`` and ``base``, by the dimensions that index them: fewer than those
    of ``table``, and none for the total of all rows.
    """
    rows = table.reset_index()
    is_hidden = pd.Series(data=False, index=rows.index)
    for names, totals_by_names in totals.items():
        if len(names) > 1:
            keys: Any = pd.MultiIndex.from_frame(rows[[*names]])
        else:
            keys = rows[names[0]] if names else rows.index * 0
        row_totals = totals_by_names.reindex(keys).reset_index(drop=True)
        is_hidden |= is_undivided(rows, row_totals, names)
    is_hidden = is_hidden.set_axis(table.index) & table["value"].notna()
    hidden_facts = {"value": np.nan, "status": STATUS[FEW_TO_DIVIDE], "reason": FEW_TO_DIVIDE}
    return table.assign(**{name: table[name].mask(is_hidden, fact) for name, fact in hidden_facts.items()})


def read_figure_values(table: Table) -> list[FigureValue]:
    """Return the rows of a table of one dimension as figure values.

    A column of ``FIGURE_TABLE_COLUMNS`` that the table lacks is empty; a Series is the column ``value``.
    """
    rows = table.to_frame("value") if isinstance(table, pd.Series) else table
    columns = [rows[name].tolist() if name in rows else [""] * len(rows) for name in FIGURE_TABLE_COLUMNS]
    return [
        FigureValue(
            *(str(key), None if pd.isna(value) else float(value), reason, status or "known"),
            *(caution, assisted or 0.0, base or 0, share_in_doubt or 0.0),
        )
        for key, value, status, reason, caution, assisted, base, share_in_doubt in zip(
            rows.index, *columns, strict=True
        )
    ]


def has_content(table: Table) -> bool:
    """Return whether any row of a table has something to show.

    That is a value other than 0, few people, or people that are not counted.
    """
    rows = table.to_frame("value") if isinstance(table, pd.Series) else table
    has_value = (rows["value"].fillna(0) != 0).any()
    return bool(has_value or ("status" in rows and rows["status"].isin([FEW, NOT_COUNTED]).any()))
