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
"""What the parts of people by a dimension are; those by any other are ``places``."""


class Rule(pack.Row):
    """A row of ``unknown.csv``: why a ``figure`` or ``part`` is not known where a condition on its columns holds.

    The first rule that holds decides. Its ``reason`` may be a column that has it; an empty one: it is known.
    """

    kind: Literal["figure", "part"]
    where: pack.Text
    reason: str


UNKNOWN_VALUE_RULES = pack.rows("unknown.csv", Rule, within=Path(__file__).parent)
"""Rules that say why a number is not known; the first that holds is the reason."""


def add_figure_reasons(figures: pd.DataFrame, figure_sums: FigureSums) -> pd.DataFrame:
    """Add ``reason`` (why a figure is not known, or is known to be 0; empty: neither) and ``origin`` to ``figures``.

    ``figures`` are those of ``figure_rows``. ``origin`` is the table that a figure is counted from (empty: none).
    ``value`` becomes 0 where no activity or money is there to be counted, and NaN where a number is not known.
    The columns of ``FigureSums.sheet_facts``, ``split``, ``unknown`` and ``is_reach`` stay in the table, too.
    """
    origins = {name: contributions.origin for name, contributions in figure_sums.figures.items()}
    figures = figures.assign(origin=figures["figure"].map(origins).fillna(""), split="places")
    is_given = (
        figures["origin"].isin(["activities", "funding"]) & ~figures["found"] & (figures["figure"] != COMPARED_FIGURE)
    )
    figures = figures.assign(value=figures["value"].mask(is_given & figures["value"].isna(), 0.0))
    figures = figures.join(figure_sums.sheet_facts, on="report").pipe(_add_first_reason, "figure")
    reached = figures["report"].map(figures[figures["figure"] == "people_reached"].set_index("report")["reason"])
    has_no_model = (figures["reason"] == "in_transit_not_known") & (reached == "no_proportions")
    return _mask_unknown_values(figures.assign(reason=figures["reason"].mask(has_no_model, reached)), figure_sums)


def add_part_reasons(parts: pd.DataFrame, figure_sums: FigureSums) -> pd.DataFrame:
    """Add ``reason`` (why a part is not known, or is known to be 0; empty: neither) to ``parts``.

    ``parts`` are those of ``part_rows``, with the reason of their figure as ``figure_reason``. ``value`` becomes 0 for
    money that was not given, and NaN where a number is not known. The columns ``split``, ``unknown`` and ``is_reach``
    stay in the table, too.
    """
    is_given = (parts["total"] == "funding_usd") & parts["value"].isna()
    split = (
        parts["by"]
        .map(PART_KIND_BY_DIMENSION)
        .fillna("places")
        .where(parts["total"].isin(_list_figures_of_people()), "")
    )
    parts = parts.assign(value=parts["value"].mask(is_given, 0.0), split=split)
    return _mask_unknown_values(_add_first_reason(parts, "part"), figure_sums)


def _add_first_reason(rows: pd.DataFrame, rule_kind: str) -> pd.DataFrame:
    """Add the column ``reason``: that of the first rule of this kind that holds in a row; empty where none does.

    Also added: ``unknown`` (``value`` is NaN), ``is_reach`` (people of reports, or compared).
    """
    rules = [rule for rule in UNKNOWN_VALUE_RULES if rule.kind == rule_kind]
    is_reach = rows["total"].isin([*_list_figures_of_people(), COMPARED_FIGURE])
    rows = rows.assign(unknown=rows["value"].isna(), is_reach=is_reach)
    columns: list[Mapping[Any, Any]] = [dict(rows.items())]
    holds: list[Any] = [pd.eval(rule.where, engine="python", resolvers=columns) for rule in rules]
    reasons: list[Any] = [rows.get(rule.reason, rule.reason) for rule in rules]
    return rows.assign(reason=np.select(holds, reasons, default=""))


def _list_figures_of_people() -> list[str]:
    """Return the names of the figures that count people of reports: people reached, and those that a plan declares."""
    return [name for name, definition in FIGURES.items() if definition.protected and definition.count]


def _mask_unknown_values(rows: pd.DataFrame, figure_sums: FigureSums) -> pd.DataFrame:
    """Set ``value`` to NaN in rows that have a ``reason``; say in ``reason`` why a number of people is known to be 0.

    ``SERVICES_ONLY``: no row counts people. ``NOBODY_NEW``: people were assisted; not of all sectors together under a
    model that may leave people out. Both are said where ``people_reached`` is 0, too: another figure may leave out rows
    or groups. Another 0, and a 0 by group or model, gets no reason.
    """
    value = rows["value"].where(rows["reason"] == "")
    is_number_of_people = (
        rows["total"].isin(_list_figures_of_people()) & rows["split"].isin(["places", "sectors"]) & rows["found"]
    )
    leaves_out = figure_sums.sheet_facts["all_sectors"] & (
        figure_sums.sheets.method.intersector_model not in ("sum", "max_sector")
    )
    is_nobody_new = (rows["assisted"] > 0) & (~rows["report"].map(leaves_out) | (rows["split"] == "sectors"))
    part_key_index = pd.MultiIndex.from_frame(rows[["report", "by", "part"]])
    zero_reached_key_index = part_key_index[(rows["total"] == "people_reached") & (value == 0)]
    is_zero = is_number_of_people & (value == 0) & part_key_index.isin(zero_reached_key_index)
    reason = rows["reason"].mask(is_zero & is_nobody_new, NOBODY_NEW)
    return rows.assign(value=value, reason=reason.mask(is_zero & (rows["rows"] == 0), SERVICES_ONLY))
