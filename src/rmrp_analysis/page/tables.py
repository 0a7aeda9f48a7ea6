"""Gives a figure of a page by dimensions, as the table that charts and rows of bars draw."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.charts.flow_charts import PASSED_ON
from rmrp_analysis.charts.parts import Table
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
    rounded,
)
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.plan import Selection
from rmrp_analysis.words import N_

BREAKDOWN = "breakdown"  # by this key, a table of what the sheet states tells the name of that breakdown
COLUMNS = ["value", "status", "reason", "caution", "assisted", "base", "share_in_doubt"]
REPORTED = ("people_reached", "activities", "reporting_partners", "implementing_partners")
"""Figures that activity reports give by any dimension of their rows."""
DIMENSIONS = {declared.by[0] for declared in BREAKDOWNS.values() if len(declared.by) == 1}
OF_ALL_SECTORS = {"sector", "model"}  # dimensions that only all sectors together have several parts of

NO_PARTS = N_("no source gives it by these parts")
ONE_SECTOR = N_("the page is of one sector")
"""Why a figure that is known has no parts of this kind."""


def figure_table(
    formatter: SheetFormatter, selection: Selection | None, figure: str, dimensions: Sequence[str], most: int | None
) -> pd.DataFrame:
    """Give a figure by these dimensions: as the sheet states it, else added up from the rows of the selection.

    Raises ``RequestError`` for a figure that is not counted from rows, and where there are no rows.
    """
    figures, name = formatter.key_figures, f"{figure}_by_{'_and_'.join(dimensions)}"
    if name in figures.breakdowns:
        table = stated_table(formatter, name)
        if most is None:
            return table
        sums = table["value"].groupby(level=0, sort=False).sum()
        return table[table.index.get_level_values(0).isin(sums.nlargest(most).index)]
    # The plan, or the source of money, tells no such parts
    is_unknown = (name in BREAKDOWNS or {*dimensions} <= DIMENSIONS) and (figure not in REPORTED or selection is None)
    of_one_sector = bool(OF_ALL_SECTORS & {*dimensions}) and not figures.is_intersector
    if is_unknown or of_one_sector:
        table = _table([], dimensions)
        stated = figures.figures.get(figure)
        why = ONE_SECTOR if of_one_sector else REASONS[stated.reason] if stated and stated.reason else NO_PARTS
        table.attrs["reason"] = formatter.translate(why)
    elif selection is None:
        raise RequestError(f"this page is made of figures alone, which do not state {name}: make it of a selection")
    else:
        table = _counted(formatter, selection, figure, dimensions, most)
    table.attrs |= _facts(formatter, figure)
    return table


def _facts(formatter: SheetFormatter, figure: str) -> dict[str, Any]:
    """What a table tells of its figure beside the parts."""
    figures, declared = formatter.key_figures, FIGURES.get(figure)
    unit, base = (declared.unit, figures.base if declared.protected else 0) if declared else ("", 0)
    whom = {"audience": figures.audience, "language": formatter.language, "place": figures.place}
    return {"figure": figure, "unit": unit, ROUNDED: base, **whom}


def _table(keys: Sequence[Any], dimensions: Sequence[str], rows: Sequence[tuple[Any, ...]] = ()) -> pd.DataFrame:
    several = len(dimensions) > 1
    index = pd.MultiIndex.from_tuples(keys, names=list(dimensions)) if several else pd.Index(keys, name=dimensions[0])
    return pd.DataFrame(rows, columns=COLUMNS, index=index).astype({"value": "float64"})


def stated_table(formatter: SheetFormatter, name: str) -> pd.DataFrame:
    """Give a breakdown of the sheet; of money on its way, by both ends; of months, with the pace of the target."""
    breakdown = formatter.breakdown(name)
    dimensions = breakdown.definition.by
    keys: list[Any] = [cell.key for cell in breakdown.cells]
    if len(dimensions) > 1:
        ends = [key.partition(FROM_TO) for key in keys]
        keys = [(start, end) if arrow else (PASSED_ON, PASSED_ON) for start, arrow, end in ends]
    cells = ((np.nan if cell.value is None else cell.value, cell) for cell in breakdown.cells)
    facts = [(value, *(getattr(cell, name) for name in COLUMNS[1:])) for value, cell in cells]
    table = _table(keys, dimensions, facts)
    pace = {"pace": formatter.target_pace} if dimensions == ("month",) and formatter.is_reach_comparable else {}
    stated = {BREAKDOWN: name} if name in formatter.key_figures.breakdowns else {}
    table.attrs |= {**_facts(formatter, breakdown.definition.figure), **stated, **pace}
    return table


def _counted(
    formatter: SheetFormatter, selection: Selection, figure: str, dimensions: Sequence[str], most: int | None
) -> pd.DataFrame:
    """A figure added up from rows, as the audience may see it; a part that is below 0 is not known."""
    definition, figures = FIGURES.get(figure), formatter.key_figures
    if definition is None or definition.count is None:
        raise RequestError(f"'{figure}' is not counted from rows; {did_you_mean(figure, FIGURES)}")
    if figures.figures[figure].value is None:  # nothing to show
        return _table([], dimensions)
    counted, is_rounded = selection[figure], bool(definition.protected and figures.base)

    def printed_by(*names: str) -> pd.DataFrame:
        return _rounded(counted.parts(*names), is_rounded=is_rounded, is_of_people=definition.protected)

    table = printed_by(*dimensions)
    if is_rounded:
        total = figures.figures[figure]
        whole = pd.DataFrame({"value": [total.value], "status": [total.status], "base": [total.base]})
        some = [names for size in range(1, len(dimensions)) for names in combinations(dimensions, size)]
        table = _undivided(table, {(): whole, **{names: printed_by(*names) for names in some}})
    if most:
        largest = printed_by(dimensions[0])["value"].nlargest(most).index
        table = table[table.index.get_level_values(0).isin(largest)]
    return table


def _rounded(parts: pd.DataFrame, *, is_rounded: bool, is_of_people: bool) -> pd.DataFrame:
    """Parts of a figure (see ``Contributions.parts``) as they are printed: the columns ``COLUMNS``."""
    bases = parts["base"] if is_rounded else 0
    values = pd.Series(rounded(parts["value"], parts["key"], bases), parts.index)
    if is_of_people:
        values = values.where(values >= 0)  # groups that exceed their total leave less than nobody
    is_not_counted = values.isna() & (parts["assisted"] > 0)
    status = np.where(values.isna(), "not_known", np.where(few(parts["value"], values), FEW, "known"))
    facts = {
        "status": np.where(is_not_counted, NOT_COUNTED, status),
        "reason": np.where(is_not_counted, NOT_COUNTED, ""),
    }
    assisted = rounded(parts["assisted"].where(is_not_counted, 0.0), parts["assisted_key"], bases)
    numbers = {"assisted": assisted, "base": bases, "share_in_doubt": 0.0}
    return pd.DataFrame({"value": values, **facts, "caution": "", **numbers}, parts.index)


def _undivided(table: pd.DataFrame, wholes: Mapping[tuple[str, ...], pd.DataFrame]) -> pd.DataFrame:
    """Take away the parts of each whole that is too few to be divided: of all, and of each line of the table.

    ``wholes`` are printed by some of the table's dimensions, by none for all.
    """
    rows = table.reset_index()
    is_hidden = pd.Series(data=False, index=rows.index)
    for names, whole in wholes.items():
        keys = (
            pd.MultiIndex.from_frame(rows[[*names]]) if len(names) > 1 else rows[names[0]] if names else rows.index * 0
        )
        of_rows = whole.reindex(keys).reset_index(drop=True)
        is_hidden |= is_undivided(rows, of_rows, names)
    is_hidden = is_hidden.set_axis(table.index) & table["value"].notna()
    nothing = {"value": np.nan, "status": STATUS[FEW_TO_DIVIDE], "reason": FEW_TO_DIVIDE}
    return table.assign(**{name: table[name].mask(is_hidden, empty) for name, empty in nothing.items()})


def cells_of(table: Table) -> list[FigureValue]:
    """Give the parts of a table of one dimension; a Series or other columns than ``value`` say nothing of doubt."""
    rows = table.to_frame("value") if isinstance(table, pd.Series) else table
    columns = [rows[name].tolist() if name in rows else [""] * len(rows) for name in COLUMNS]
    return [
        FigureValue(
            *(str(key), None if pd.isna(value) else float(value), reason, status or "known"),
            *(caution, assisted or 0.0, base or 0, doubt or 0.0),
        )
        for key, value, status, reason, caution, assisted, base, doubt in zip(rows.index, *columns, strict=True)
    ]


def has_anything(table: Table) -> bool:
    """Say whether a table has a part with something: a number other than 0, few people, or people not counted."""
    rows = table.to_frame("value") if isinstance(table, pd.Series) else table
    return bool(
        (rows["value"].fillna(0) != 0).any() or ("status" in rows and rows["status"].isin([FEW, NOT_COUNTED]).any())
    )
