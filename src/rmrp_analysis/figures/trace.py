"""From a figure back to its rows: every source row behind it, and what each contributed."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.figures.counted import PLANNING_KEYS, Counted, Unknown
from rmrp_analysis.figures.parts import FROM_TO
from rmrp_analysis.figures.registry import BREAKDOWNS, FIGURES, REASONS, BreakdownDefinition
from rmrp_analysis.metrics import DECIMALS, Contributions
from rmrp_analysis.vocabulary import NOT_SPECIFIED

if TYPE_CHECKING:
    from rmrp_analysis.selection import Selection

KEYS: Mapping[str, Sequence[str]] = {
    "activities": (
        "month",
        "country",
        "admin1",
        "sector",
        "appealing_organisation",
        "implementing_partner",
        "indicator_code",
        "indicator_type",
        "new_beneficiaries",
        "record_id",
    ),
    "planning": PLANNING_KEYS,
    "funding": ("flow_id", "amount_usd", "sector", "country", "donor", "recipient_id"),
}
"""What identifies a row of each table for a reader, beside its file and line; ids of records where there are any."""

LEADING = ("figure", "file", "line", "contribution")


def contributions(selection: "Selection", name: str) -> Contributions:
    """What a figure is the sum of. Raises ``RequestError`` where the name or the value is not known."""
    definition = FIGURES.get(name)
    if definition is None or definition.counted is None:
        counted = [name for name, figure in FIGURES.items() if figure.counted]
        raise RequestError(f"'{name}' is no figure that is counted from rows; {did_you_mean(name, counted)}")
    return _known(definition.counted, selection, name)


def _known(counted: Counted | None, selection: "Selection", name: str) -> Contributions:
    assert counted is not None  # noqa: S101 - shares and differences are of figures that are counted
    found = counted(selection)
    if isinstance(found, Unknown):
        raise RequestError(f"{name} has no value here: {REASONS[found.reason]}")
    return found


def trace(selection: "Selection", figure: str) -> pd.DataFrame:
    """The source rows behind a figure: ``figure``, ``file``, ``line``, ``contribution``, then key columns of the row.

    The contributions add up to the figure. Of a share, the rows of the numerator contribute and those of the
    denominator stand beside them with 0. A count of organisations has 1 in the first row that names each of them. Of
    all sectors together every row stands that could count, with what the model keeps of it. Of a breakdown, ``part``
    says to which part a row contributes. Raises ``RequestError`` for a figure that is unknown or has no value here.
    """
    if figure in BREAKDOWNS:
        return _of_breakdown(selection, figure)
    if figure not in FIGURES:
        raise RequestError(f"unknown figure '{figure}'; {did_you_mean(figure, (*FIGURES, *BREAKDOWNS))}")
    definition = FIGURES[figure]
    if definition.counted:
        return _located(selection, contributions(selection, figure).rows, figure)
    numerator = _known(definition.compared or FIGURES[definition.part].counted, selection, definition.part)
    part = _located(selection, numerator.rows, definition.part)
    whole = _located(selection, contributions(selection, definition.whole).rows, definition.whole)
    if definition.unit == "share":
        denominator = contributions(selection, definition.whole).total
        if not denominator:
            raise RequestError(f"{figure} has no value here: {REASONS['no_denominator']}")
        part["contribution"] /= denominator
        return pd.concat([part, whole.assign(contribution=0.0)], ignore_index=True)
    return pd.concat([whole, part.assign(contribution=-part["contribution"])], ignore_index=True)


def _of_breakdown(selection: "Selection", name: str) -> pd.DataFrame:
    """The rows behind every part of a breakdown; a row stands once for each part that it contributes to."""
    breakdown = BREAKDOWNS[name]
    _check_stated(selection, breakdown)
    if breakdown.rows:
        rows = breakdown.rows(selection)
    else:
        counted = contributions(selection, breakdown.figure)
        rows = counted.rows
        for dimension in breakdown.by:
            if dimension in counted.splits:
                rows = _split_rows(rows, counted.splits[dimension], dimension)
        rows = rows.assign(part=rows[list(breakdown.by)].astype("str").agg(FROM_TO.join, axis="columns"))
    return _located(selection, rows, name, "part")


def _check_stated(selection: "Selection", breakdown: BreakdownDefinition) -> None:
    """Raise ``RequestError`` where a sheet does not have the breakdown, or nothing is known of its parts."""
    shown = breakdown.shown(selection)
    if not breakdown.rows:  # a grouping of any contributions that have the dimensions, on a sheet or not
        counted = contributions(selection, breakdown.figure)
        stated = {*breakdown.by} <= {*counted.dimensions, *counted.splits}
    else:
        amounts = breakdown.parts(selection).amounts.values() if shown and breakdown.parts else ()
        stated = shown and (not amounts or not all(map(math.isnan, amounts)))
    if not stated:
        figure = breakdown.figure_definition
        _known(figure.counted or FIGURES[figure.whole].counted, selection, breakdown.name)
        reason = REASONS[breakdown.missing] if shown else "sheets of this sector and place do not have it"
        raise RequestError(f"{breakdown.name} has no value here: {reason}")


def _located(selection: "Selection", rows: pd.DataFrame, figure: str, *more: str) -> pd.DataFrame:
    """The rows with their file, line and keys; ``more`` are further columns."""
    origin = (
        "planning" if "measure" in rows else "funding" if "pledges_usd" in rows or "flow_id" in rows else "activities"
    )
    if origin == "activities":  # as they were reported, not as they were counted
        numbers = rows.index.unique()
        reported = selection.plan.reported.only(KEYS[origin]).taken(numbers.to_numpy()).table().set_axis(numbers)
        rows = rows.drop(columns=[key for key in KEYS[origin] if key in rows]).join(reported)
    named = rows.assign(figure=figure).rename(columns={"source_file": "file", "source_line": "line"})
    keys = [key for key in KEYS[origin] if key in named and (key != "record_id" or named[key].ne("").any())]
    return named[[*LEADING, *more, *keys]].reset_index(drop=True)


def _split_rows(rows: pd.DataFrame, groups: Sequence[str], dimension: str) -> pd.DataFrame:
    """Each row once for every group that it holds people of, and for what its groups leave."""
    rest = (rows["contribution"] - rows[list(groups)].sum(axis="columns")).round(DECIMALS)
    parts = [rows.assign(contribution=rows[group]) for group in groups]
    names = [*groups, NOT_SPECIFIED]
    long = pd.concat([*parts, rows.assign(contribution=rest)], keys=names, names=[dimension]).reset_index(level=0)
    return long[long["contribution"] != 0]
