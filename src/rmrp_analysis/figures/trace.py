"""From a figure back to its rows: every source row behind it, and what each contributed."""

from collections.abc import Mapping, Sequence

import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.figures import counted as count
from rmrp_analysis.figures.parts import FROM_TO, NAMED_BY_MONEY, SINGLE, Counts
from rmrp_analysis.figures.registry import BREAKDOWNS, DIFFERENCES, FIGURES, PARTS, REASONS, WHOLES
from rmrp_analysis.metrics import Contributions, Sheets
from rmrp_analysis.vocabulary import DIRECTLY, NOT_SPECIFIED, SHARED

IDENTIFYING_COLUMNS: Mapping[str, Sequence[str]] = {
    "activities": (
        *("month", "country", "admin1", "sector", "appealing_organisation", "implementing_partner"),
        *("indicator_code", "indicator", "indicator_type", "new_beneficiaries", "record_id"),
    ),
    "planning": ("sector", "scope", "admin1", "population_group", "measure", "value", "source"),
    "funding": ("flow_id", "amount_usd", "sector", "country", "donor", "organisation", "recipient_id"),
}
"""What identifies a row of each table for a reader, beside its file and line; ids of records where there are any."""

TRACE_COLUMNS = ("figure", "file", "line", "contribution")


def contributions(sheets: Sheets, name: str) -> Contributions:
    """Give what a figure is the sum of. Raises ``RequestError`` where the name or the value is not known."""
    definition = FIGURES.get(name)
    if definition is None or definition.counted is None:
        counted = [name for name, figure in FIGURES.items() if figure.counted]
        advice = "figures() has it" if definition else did_you_mean(name, counted)
        raise RequestError(f"'{name}' is no figure that is counted from rows; {advice}")
    return definition.counted(sheets)


def trace(sheets: Sheets, figure: str, stated: pd.DataFrame) -> pd.DataFrame:
    """Give the source rows behind a figure of one sheet: ``figure``, ``file``, ``line``, ``contribution``, key columns.

    The contributions add up to the figure. Of a share, the rows of the numerator contribute and those of the
    denominator stand beside them with 0. A count of organisations has 1 in the first row that names each of them. Of
    all sectors together every row stands that could count, with what the model keeps of it. Of a breakdown, ``part``
    says to which part a row contributes. ``stated`` are the sheet's rows of the table of figures. A figure that is not
    known has no rows, and ``attrs["reason"]`` says why. Raises ``RequestError`` for a name that is no figure.
    """
    if figure not in (*FIGURES, *BREAKDOWNS):
        raise RequestError(f"unknown figure '{figure}'; {did_you_mean(figure, (*FIGURES, *BREAKDOWNS))}")
    values = stated[stated["kind"] == "figure"].set_index("figure")
    if reason := _why_nothing(figure, stated, values["reason"]):
        rows = pd.DataFrame(columns=[*TRACE_COLUMNS]).astype({"contribution": "float64"})
        rows.attrs["reason"] = reason
        return rows
    if figure in BREAKDOWNS:
        rows, own = _rows_of_parts(sheets, figure, stated), stated[stated["figure"] == figure]
        return _located(sheets, rows[~rows["part"].isin(own.loc[own["value"].isna(), "part"])], figure, "part")
    definition = FIGURES[figure]
    if definition.counted:
        return _located(sheets, contributions(sheets, figure).rows, figure)
    numerator = Counts(sheets).of(PARTS[figure])
    part = _located(sheets, numerator.rows, definition.part)
    whole = _located(sheets, contributions(sheets, definition.whole).rows, definition.whole)
    if definition.unit == "share":
        part["contribution"] /= values["value"].astype("float64")[definition.whole]
        return pd.concat([part, whole.assign(contribution=0.0)], ignore_index=True)
    return pd.concat([whole, part.assign(contribution=-part["contribution"])], ignore_index=True)


def _why_nothing(name: str, stated: pd.DataFrame, reasons: pd.Series) -> str:
    """Why a figure is not known, or no part of a breakdown; empty where something is."""
    if name in FIGURES:
        first = name if FIGURES[name].counted else FIGURES[name].part
        return REASONS[str(reasons[first] or reasons[name])] if reasons[name] else ""
    breakdown, own = BREAKDOWNS[name], stated[stated["figure"] == name]
    if own["value"].notna().any():
        return ""
    definition = breakdown.figure_definition
    whole = stated[stated["figure"] == (definition.name if definition.counted else definition.whole)]
    missing = [*filter(None, whole["reason"]), *([breakdown.missing] if len(own) else [])]
    return REASONS[missing[0]] if missing else "sheets of this sector and place do not have it"


def _rows_of_parts(sheets: Sheets, name: str, stated: pd.DataFrame) -> pd.DataFrame:
    """The rows behind every part of a breakdown; a row stands once for each part that it contributes to."""
    breakdown, own, counts = BREAKDOWNS[name], stated[stated["figure"] == name], Counts(sheets)
    by = breakdown.by[0]
    if breakdown.special == "plan":  # of the whole plan, by whether they name one sector (country), several or none
        split, data = NAMED_BY_MONEY[by], sheets.plan
        if data.funding_flows is not None:
            rows = data.ledger.assign(contribution=data.ledger["amount"])
        else:
            totals = data.totals_by_sector
            assert totals is not None  # noqa: S101 - shown only where one of them is known
            rows = totals.assign(contribution=totals["funding_usd"].fillna(0.0))
        apart = rows[split].where(rows[split].isin([SHARED, NOT_SPECIFIED]), SINGLE)
        return rows.rename(columns={"source_file": "file", "source_line": "line"}).assign(part=apart)
    if breakdown.special == "models":
        return _rows_of_models(sheets, own)
    rows = counts.of(name).rows_by(by)
    if name in PARTS:  # the counted activities of each part, as a share of the target or as what it leaves
        known = own.loc[own["value"].notna(), "part"]
        rows, wanted = (each[each["part"].isin(known)] for each in (rows, counts.of(WHOLES[name]).rows_by(by)))
        if name in DIFFERENCES:
            return pd.concat([wanted, rows.assign(contribution=-rows["contribution"])], ignore_index=True)
        targets = stated[stated["figure"] == WHOLES[name]].set_index("part")["value"]
        return rows.assign(contribution=rows["contribution"] / rows["part"].map(targets))
    if breakdown.parts in ("sectors_with_people", "countries"):  # not all that a row names is a part of the sheet
        return rows[rows["part"].isin(own["part"])]
    if breakdown.special == "donors":
        named = rows["part"] + FROM_TO + rows["organisation"] if "organisation" in breakdown.by else rows["part"]
        return rows.assign(part=named.where(rows["part"] != metrics.PASSED_ON, NOT_SPECIFIED))
    return rows.replace({"part": {"": DIRECTLY}}) if breakdown.special == "partners" else rows


def _rows_of_models(sheets: Sheets, own: pd.DataFrame) -> pd.DataFrame:
    """The counted activities with what each model keeps of them; to the lower bound largest sectors give in full."""
    models = own.loc[own["value"].notna() & (own["part"] != metrics.LOWER_BOUND), "part"]
    rows = {model: count.people_reached(sheets, model).rows for model in models}
    people = count.people_reached(sheets, by_sector=True)
    largest = metrics.largest_of_period(people.entries, ["sheet"], sheets.method.intersector_level)
    place = ["country", "sector"] if sheets.method.intersector_level == "country" else ["country", "place", "sector"]
    chosen = pd.MultiIndex.from_frame(people.rows[place].astype("str")).isin(
        pd.MultiIndex.from_frame(largest[place].astype("str"))
    )
    rows[metrics.LOWER_BOUND] = people.rows.assign(contribution=people.rows["contribution"].where(chosen, 0.0))
    return pd.concat([of_model.assign(part=model) for model, of_model in rows.items()])


def _located(sheets: Sheets, rows: pd.DataFrame, figure: str, *more: str) -> pd.DataFrame:
    """The rows with their file, line and keys; ``more`` are further columns."""
    origin = (
        "planning" if "measure" in rows else "funding" if "pledges_usd" in rows or "flow_id" in rows else "activities"
    )
    if origin == "activities":  # as they were reported, not as they were counted
        reported = sheets.plan.activities.loc[rows.index, [*IDENTIFYING_COLUMNS[origin]]]
        rows = rows.drop(columns=[key for key in IDENTIFYING_COLUMNS[origin] if key in rows]).assign(**reported)
    named = rows.assign(figure=figure)
    keys = [
        key for key in IDENTIFYING_COLUMNS[origin] if key in named and (key != "record_id" or named[key].ne("").any())
    ]
    return named[[*TRACE_COLUMNS, *more, *keys]].reset_index(drop=True)
