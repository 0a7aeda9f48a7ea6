"""Why a number is not known, said in one word of ``REASONS``."""

from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.figures.parts import COVERED, GROUPED, Counts
from rmrp_analysis.figures.registry import BREAKDOWNS, COMPARED, FIGURES, NEW_NOT_KNOWN


def with_reasons(rows: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """Say why a number is not known (``reason``); what was not reported or given, though it might be, is 0.

    ``of`` is the figure that a part is of; ``origin`` the table that a figure is counted from.
    """
    origins = {name: of.origin for name, of in counts.figures.items()}
    figures_of = {name: of.figure.removeprefix("plan_") for name, of in BREAKDOWNS.items()}
    figures_of |= {f"{COMPARED}_by_{by}": COMPARED for by in COVERED}
    figures_of |= {name: name for name in (*FIGURES, COMPARED)}
    rows = rows.assign(of=rows["figure"].map(figures_of), origin=rows["figure"].map(origins).fillna(""))
    given = rows["origin"].isin(["activities", "funding"]) & ~rows["found"] & (rows["figure"] != COMPARED)
    given |= rows["figure"].str.startswith("funding_usd_by_")
    rows = rows.assign(value=rows["value"].mask(given & rows["value"].isna(), 0.0))
    figures, parts = rows[rows["figure"] == rows["of"]], rows[rows["figure"] != rows["of"]]
    figures = figures.assign(reason=_reasons(figures, counts.about.loc[figures["report"]].set_axis(figures.index)))
    reached = figures["report"].map(figures[figures["figure"] == "people_reached"].set_index("report")["reason"])
    unclear = (reached == "") & ~(figures["value"] >= 0)
    compared = reached.mask(unclear, "in_transit_not_known")
    figures = figures.assign(reason=figures["reason"].mask(figures["figure"] == COMPARED, compared))
    of_figure = figures[["report", "figure", "reason"]].rename(columns={"figure": "of", "reason": "of_figure"})
    parts = parts.merge(of_figure, on=["report", "of"], how="left")
    rows = pd.concat([figures, parts.assign(reason=_reasons_of_parts(parts))], ignore_index=True)
    return rows.assign(value=rows["value"].where(rows["reason"] == ""))


def _reasons(rows: pd.DataFrame, about: pd.DataFrame) -> Any:
    """Why a sheet has no such figure; empty where it has one. The first reason that holds is told."""
    name, origin, known = rows["figure"], rows["origin"], rows["value"].notna()
    reached, planned, money = name == "people_reached", origin == "planning", origin == "funding"
    choices = [
        (reached & ~about["people"], "no_people"),
        (reached & ~about["reported"], "no_report"),
        (reached & ~known, "no_proportions"),
        (reached & (rows["rows"] > 0) & (rows["rows"] == rows["rows_not_known"]), NEW_NOT_KNOWN),
        (planned & about["of_organisation"], "not_by_organisation"),
        (planned & known, ""),
        (planned & ~about["people"] & (name != "requirement_usd"), "no_people"),
        (~about["need"] & (name == "people_in_need"), "no_need_defined"),
        (planned & ~about["planning"], "no_planning"),
        (planned, "not_in_plan"),
        (money & ~about["money"], "no_source"),
        (money & about["in_admin1"], "not_by_admin1"),
        (money & about["ledger"] & ~about["named"], "not_at_source"),
        (money & about["ledger"], ""),
        (money & (about["of_organisation"] | (name != "funding_usd")), "no_organisations"),
        (money & ~about["totals"], "no_funding_by_sector"),
        (money & ~about["region"], "no_funding_by_platform"),
    ]
    return np.select([holds for holds, _ in choices], [reason for _, reason in choices], default="")


def _reasons_of_parts(rows: pd.DataFrame) -> Any:
    """Why a part is not known: nothing was reported or planned, the model does not tell, nobody tells who is new."""
    of_parts = rows["figure"].str.replace(f"{COMPARED}_by", "target_coverage_by")
    by = of_parts.map({name: breakdown.by[0] for name, breakdown in BREAKDOWNS.items()})
    missing = of_parts.map({name: breakdown.missing for name, breakdown in BREAKDOWNS.items()})
    people, of_figure, unknown = rows["of"] == "people_reached", rows["of_figure"], rows["value"].isna()
    groups, models = people & by.isin(GROUPED), people & (by == "model")
    placed = people & ~groups & ~models
    there = placed & rows["found"] & (by != "sector")
    choices: list[tuple[pd.Series, Any]] = [
        ((groups | models) & (of_figure == NEW_NOT_KNOWN), NEW_NOT_KNOWN),
        (groups & (of_figure == "no_report"), "no_report"),
        ((groups | models | there) & unknown & (of_figure != ""), of_figure),
        (groups & unknown, "not_kept"),
        (placed & (rows["rows"] > 0) & (rows["rows"] == rows["rows_not_known"]), NEW_NOT_KNOWN),
        (there & unknown, "no_proportions"),
        (unknown & (of_figure == "no_planning"), "no_planning"),
        (unknown, missing),
    ]
    return np.select([holds for holds, _ in choices], [reason for _, reason in choices], default="")
