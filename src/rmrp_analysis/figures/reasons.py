"""Find the reason why a number is not known, or is known to be 0: a key of ``WORDS_BY_REASON``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis.figures.parts import FigureSums
from rmrp_analysis.figures.registry import COMPARED_FIGURE, FIGURES, NOBODY_NEW, SERVICES_ONLY
from rmrp_analysis.packs import pack

PART_KIND_BY_DIMENSION = {
    **dict.fromkeys(("population_group", "age_gender"), "groups"),
    "model": "models",
    "sector": "sectors",
}
"""The kind of parts of people by a dimension. Parts by any other dimension are ``places``."""


class Rule(pack.Row):
    """A row of ``unknown.csv``: why a ``figure`` or ``part`` is not known if the condition ``where`` holds.

    The first rule that holds gives the ``reason``. This is a reason, the name of a column that has the reason, or empty
    for a number that is known.
    """

    kind: Literal["figure", "part"]
    where: pack.Text
    reason: str


UNKNOWN_VALUE_RULES = pack.rows("unknown.csv", Rule, within=Path(__file__).parent)
"""The rules that say why a number is not known, in the order in which they are tried."""


def add_figure_reasons(figures: pd.DataFrame, figure_sums: FigureSums) -> pd.DataFrame:
    """Add ``reason`` (why a figure is not known, or is known to be 0, otherwise empty) and ``origin`` to ``figures``.

    ``figures`` come from ``figure_rows``. ``origin`` is the table that a figure is counted from (empty: none).
    ``value`` becomes 0 if there is no activity or money to count, and NaN if the number is not known. Also added: the
    columns of ``FigureSums.sheet_facts``, ``split``, ``unknown`` and ``is_reach``.
    """
    origins = {name: figure.origin for name, figure in figure_sums.figures.items()}
    figures = figures.assign(origin=figures["figure"].map(origins).fillna(""), split="places")
    is_empty = figures["origin"].isin(["activities", "funding"]) & ~figures["found"] & figures["value"].isna()
    is_empty &= figures["figure"] != COMPARED_FIGURE
    figures = figures.assign(value=figures["value"].mask(is_empty, 0.0))
    figures = figures.join(figure_sums.sheet_facts, on="report").pipe(_add_first_reason, "figure")
    reached = figures["report"].map(figures[figures["figure"] == "people_reached"].set_index("report")["reason"])
    has_no_model = (figures["reason"] == "in_transit_not_known") & (reached == "no_proportions")
    return _mask_unknown_values(figures.assign(reason=figures["reason"].mask(has_no_model, reached)), figure_sums)


def add_part_reasons(parts: pd.DataFrame, figure_sums: FigureSums) -> pd.DataFrame:
    """Add ``reason`` (why a part is not known, or is known to be 0, otherwise empty) to ``parts``.

    ``parts`` come from ``part_rows``, with the reason of their figure as ``figure_reason``. ``value`` becomes 0 for
    money that was not given, and NaN if the number is not known. Also added: ``split``, ``unknown`` and ``is_reach``.
    """
    is_empty = (parts["total"] == "funding_usd") & parts["value"].isna()
    kinds = parts["by"].map(PART_KIND_BY_DIMENSION).fillna("places")
    split = kinds.where(parts["total"].isin(_list_figures_of_people()), "")
    parts = parts.assign(value=parts["value"].mask(is_empty, 0.0), split=split)
    return _mask_unknown_values(_add_first_reason(parts, "part"), figure_sums)


def _add_first_reason(rows: pd.DataFrame, rule_kind: str) -> pd.DataFrame:
    """Add ``reason``: the reason of the first rule of this kind that holds in a row. Empty if no rule holds.

    Also add ``unknown`` (``value`` is NaN) and ``is_reach`` (people of reports, or people compared).
    """
    rules = [rule for rule in UNKNOWN_VALUE_RULES if rule.kind == rule_kind]
    is_reach = rows["total"].isin([*_list_figures_of_people(), COMPARED_FIGURE])
    rows = rows.assign(unknown=rows["value"].isna(), is_reach=is_reach)
    columns: list[Mapping[Any, Any]] = [dict(rows.items())]
    holds: list[Any] = [pd.eval(rule.where, engine="python", resolvers=columns) for rule in rules]
    reasons: list[Any] = [rows.get(rule.reason, rule.reason) for rule in rules]
    return rows.assign(reason=np.select(holds, reasons, default=""))


def _list_figures_of_people() -> list[str]:
    """List the figures that count people of reports: people reached, and figures that a plan declares."""
    return [name for name, figure in FIGURES.items() if figure.protected and figure.count]


def _mask_unknown_values(rows: pd.DataFrame, figure_sums: FigureSums) -> pd.DataFrame:
    """Set ``value`` to NaN in rows that have a ``reason``, and give the reason why a number of people is known to be 0.

    ``SERVICES_ONLY``: no row counts people. ``NOBODY_NEW``: people were assisted, but nobody is new. All sectors
    together do not have this reason under a model that may leave people out. Both need a ``people_reached`` of 0, since
    another figure may leave out rows or groups. Any other 0, and a 0 by group or model, has no reason.
    """
    value = rows["value"].where(rows["reason"] == "")
    is_people = rows["total"].isin(_list_figures_of_people()) & rows["split"].isin(["places", "sectors"])
    is_people &= rows["found"]
    has_model = figure_sums.sheets.method.intersector_model not in ("sum", "max_sector")
    leaves_out = figure_sums.sheet_facts["all_sectors"] & has_model
    is_nobody_new = (rows["assisted"] > 0) & (~rows["report"].map(leaves_out) | (rows["split"] == "sectors"))
    keys = pd.MultiIndex.from_frame(rows[["report", "by", "part"]])
    zeros = keys[(rows["total"] == "people_reached") & (value == 0)]
    is_zero = is_people & (value == 0) & keys.isin(zeros)
    reason = rows["reason"].mask(is_zero & is_nobody_new, NOBODY_NEW)
    return rows.assign(value=value, reason=reason.mask(is_zero & (rows["rows"] == 0), SERVICES_ONLY))
