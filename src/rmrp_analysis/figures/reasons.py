"""Why a number is not known, said in one word of ``REASONS``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis.figures.parts import COVERED, GROUPED, Counts
from rmrp_analysis.figures.registry import BREAKDOWNS, COMPARED, FIGURES, NOBODY_NEW, SERVICES_ONLY
from rmrp_analysis.packs import pack

SPLITS = {**dict.fromkeys(GROUPED, "groups"), "model": "models", "sector": "sectors"}
"""What the parts of people by a dimension are; those by any other are ``places``."""


class Rule(pack.Row):
    """A row of ``unknown.csv``: why a ``figure`` or ``part`` is not known where a condition on its columns holds.

    The first rule that holds is told. Its ``reason`` may be a column that has it; an empty one: it is known.
    """

    of: Literal["figure", "part"]
    where: pack.Text
    reason: str


RULES = pack.rows("unknown.csv", Rule, within=Path(__file__).parent)


def with_reasons(rows: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """Add why a number is not known (``reason``); what was not reported or given, though it might be, is 0.

    Also added: ``of`` is the figure that a part is of; ``origin`` the table that a figure is counted from. A number of
    people that is known to be 0 has a reason, too: nobody was new, or no row counts people.
    """
    origins = {name: contributions.origin for name, contributions in counts.figures.items()}
    figures_of = {name: breakdown.figure.removeprefix("plan_") for name, breakdown in BREAKDOWNS.items()}
    figures_of |= {f"{COMPARED}_by_{by}": COMPARED for by in COVERED}
    figures_of |= {name: name for name in (*FIGURES, COMPARED)}
    rows = rows.assign(of=rows["figure"].map(figures_of), origin=rows["figure"].map(origins).fillna(""))
    rows = rows.assign(is_reach=rows["of"].isin(["people_reached", COMPARED]))
    given = rows["origin"].isin(["activities", "funding"]) & ~rows["found"] & (rows["figure"] != COMPARED)
    given |= rows["figure"].str.startswith("funding_usd_by_")
    rows = rows.assign(value=rows["value"].mask(given & rows["value"].isna(), 0.0))
    figures, parts = rows[rows["figure"] == rows["of"]], rows[rows["figure"] != rows["of"]]
    figures = figures.assign(reason=_first_that_holds(figures.join(counts.about, on="report"), "figure"))
    reached = figures["report"].map(figures[figures["figure"] == "people_reached"].set_index("report")["reason"])
    has_no_model = (figures["reason"] == "in_transit_not_known") & (reached == "no_proportions")
    figures = figures.assign(reason=figures["reason"].mask(has_no_model, reached))
    of_figure = figures[["report", "figure", "reason"]].rename(columns={"figure": "of", "reason": "of_figure"})
    parts = parts.merge(of_figure, on=["report", "of"], how="left")
    of_parts = parts["figure"].str.replace(f"{COMPARED}_by", "target_coverage_by")
    split = of_parts.map({name: SPLITS.get(breakdown.by[0], "places") for name, breakdown in BREAKDOWNS.items()})
    missing = of_parts.map({name: breakdown.missing for name, breakdown in BREAKDOWNS.items()})
    parts = parts.assign(split=split.where(parts["of"] == "people_reached", ""), missing=missing)
    parts = parts.assign(reason=_first_that_holds(parts, "part"))
    rows = pd.concat([figures.assign(split="places"), parts], ignore_index=True)
    rows = rows.assign(value=rows["value"].where(rows["reason"] == ""))
    return rows.assign(reason=rows["reason"].mask(rows["value"] == 0, _reasons_of_zero(rows, counts)))


def _reasons_of_zero(rows: pd.DataFrame, counts: Counts) -> pd.Series:
    """Why a number of people is known to be 0; empty where people were asked for and there are none.

    Of all sectors together a model may leave people out, so that nobody there need not mean that nobody was new.
    """
    is_number = (rows["of"] == "people_reached") & rows["split"].isin(["places", "sectors"]) & rows["found"]
    leaves_out = counts.about["all_sectors"] & (counts.sheets.method.intersector_model not in ("sum", "max_sector"))
    is_nobody_new = (rows["assisted"] > 0) & (~rows["report"].map(leaves_out) | (rows["split"] == "sectors"))
    reasons = pd.Series("", rows.index).mask(is_number & is_nobody_new, NOBODY_NEW)
    return reasons.mask(is_number & (rows["rows"] == 0), SERVICES_ONLY)


def _first_that_holds(rows: pd.DataFrame, of: str) -> Any:
    """The reason of each row by the first rule that holds; empty where none does."""
    rules = [rule for rule in RULES if rule.of == of]
    rows = rows.assign(unknown=rows["value"].isna())
    columns: list[Mapping[Any, Any]] = [dict(rows.items())]
    holds: list[Any] = [pd.eval(rule.where, engine="python", resolvers=columns) for rule in rules]
    reasons: list[Any] = [rows.get(rule.reason, rule.reason) for rule in rules]
    return np.select(holds, reasons, default="")
