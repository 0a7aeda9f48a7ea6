"""From a figure back to its rows: every source row behind it, and what each contributed."""

from collections.abc import Mapping, Sequence

import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.figures import counted as count
from rmrp_analysis.figures.parts import FROM_TO, SINGLE
from rmrp_analysis.figures.registry import BREAKDOWNS, DIFFERENCES, FIGURES, OF_TARGET, REASONS
from rmrp_analysis.metrics import AMOUNT, PART, SHEET, Contributions, Sheets
from rmrp_analysis.vocabulary import DIRECTLY, NOT_SPECIFIED, PLANNED_FIGURES, SHARED

IDENTIFYING_COLUMNS: Mapping[str, Sequence[str]] = {
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
    "planning": count.PLANNING_KEYS,
    "funding": ("flow_id", "amount_usd", "sector", "country", "donor", "recipient_id"),
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
    if figure in BREAKDOWNS:
        if reason := _why_no_parts(figure, stated):
            return _nothing(reason)
        return _located(sheets, _rows_of_parts(sheets, figure, stated), figure, PART)
    definition, values = FIGURES[figure], stated[stated["dimension"] == ""].set_index("figure")
    if values.loc[figure, "reason"]:
        name = figure if definition.counted else definition.part
        return _nothing(REASONS[str(values["reason"][name] or values["reason"][figure])])
    if definition.counted:
        return _located(sheets, contributions(sheets, figure).rows, figure)
    numerator = (definition.compared or FIGURES[definition.part].counted)(sheets)  # type: ignore[misc]
    part = _located(sheets, numerator.rows, definition.part)
    whole = _located(sheets, contributions(sheets, definition.whole).rows, definition.whole)
    if definition.unit == "share":
        part["contribution"] /= values["value"].astype("float64")[definition.whole]
        return pd.concat([part, whole.assign(contribution=0.0)], ignore_index=True)
    return pd.concat([whole, part.assign(contribution=-part["contribution"])], ignore_index=True)


def _nothing(reason: str) -> pd.DataFrame:
    rows = pd.DataFrame(columns=[*TRACE_COLUMNS]).astype({"contribution": "float64"})
    rows.attrs["reason"] = reason
    return rows


def _why_no_parts(name: str, stated: pd.DataFrame) -> str:
    """Why nothing is known of any part of a breakdown; empty where something is."""
    breakdown, own = BREAKDOWNS[name], stated[stated["figure"] == name]
    if own["value"].notna().any():
        return ""
    definition = breakdown.figure_definition
    whole = stated[stated["figure"] == (definition.name if definition.counted else definition.whole)]
    reasons = [*filter(None, whole["reason"]), *([breakdown.missing] if len(own) else [])]
    return REASONS[reasons[0]] if reasons else "sheets of this sector and place do not have it"


def _rows_of_parts(sheets: Sheets, name: str, stated: pd.DataFrame) -> pd.DataFrame:
    """The rows behind every part of a breakdown; a row stands once for each part that it contributes to."""
    breakdown, own = BREAKDOWNS[name], stated[stated["figure"] == name]
    figure, (by, *_) = breakdown.figure, breakdown.by
    if figure in PLANNED_FIGURES:
        return _by(count.planned_by(figure, by)(sheets).rows, by)
    if figure == "plan_funding_usd":
        return _rows_of_plan(sheets, by.removesuffix("_named"))
    if figure in OF_TARGET:  # the counted activities of each part, as a share of the target or as what it leaves
        reached = count.people_reached(sheets, by_sector=by == "sector")
        rows, wanted = (
            rows[rows[PART].isin(own.loc[own["value"].notna(), PART])]
            for rows in (
                _by(count.as_planned(reached, sheets).rows, by),
                _by(count.planned_by("target", by)(sheets).rows, by),
            )
        )
        if figure in DIFFERENCES:
            return pd.concat([wanted, rows.assign(contribution=-rows["contribution"])], ignore_index=True)
        targets = stated[stated["figure"] == f"target_by_{by}"].set_index(PART)["value"]
        return rows.assign(contribution=rows["contribution"] / rows[PART].map(targets))
    if name == "people_reached_by_model":
        return _rows_of_models(sheets, own)
    if name == "people_reached_by_sector":
        rows = count.people_reached(sheets, by_sector=True).rows
        return _by(rows[rows["sector"].isin(count.PEOPLED_SECTORS)], by)
    counted = contributions(sheets, figure)
    if by in counted.splits:
        return _rows_of_groups(counted, by)
    rows = _by(counted.rows, by, counted.distinct)
    if by == "donor":
        named = rows[PART] + FROM_TO + rows["organisation"] if "organisation" in breakdown.by else rows[PART]
        return rows.assign(**{PART: named.where(rows[PART] != metrics.PASSED_ON, NOT_SPECIFIED)})
    return rows.replace({PART: {"": DIRECTLY}}) if by == "implementing_partner" else rows


def _rows_of_groups(counted: Contributions, split: str) -> pd.DataFrame:
    """Each row once for every group that it holds people of, and for those who are in none."""
    rows = counted.source_rows()
    new = rows[rows[PART] == counted.whole]
    named = rows[rows[PART].isin(counted.splits[split]) & (rows["contribution"] != 0)]
    left = new["contribution"] - named.groupby(level=0)["contribution"].sum().reindex(new.index, fill_value=0.0)
    rest = new.assign(**{PART: NOT_SPECIFIED}, contribution=left.round(metrics.DECIMALS))
    both = pd.concat([named, rest[rest["contribution"] != 0]])
    return both.rename(columns={"source_file": "file", "source_line": "line"})


def _by(rows: pd.DataFrame, dimension: str, distinct: str = "") -> pd.DataFrame:
    """The rows by part; of what counts different names, the first row of each part that has one counts it."""
    parts = rows.assign(**{PART: rows[dimension].astype("str")})
    if not distinct:
        return parts
    first = (parts[distinct] != "") & ~parts.duplicated([PART, distinct])
    return parts.assign(contribution=first.astype("float64"))


def _rows_of_models(sheets: Sheets, own: pd.DataFrame) -> pd.DataFrame:
    """The counted activities with what each model keeps of them; to the lower bound largest sectors give in full."""
    models = own.loc[own["value"].notna() & (own[PART] != metrics.LOWER_BOUND), PART]
    rows = {model: count.people_reached(sheets, model).rows for model in models}
    people = count.people_reached(sheets, by_sector=True)
    largest = metrics.largest_of_period(people.entries, [SHEET], sheets.method.intersector_level)
    place = ["country", "sector"] if sheets.method.intersector_level == "country" else ["country", "place", "sector"]
    chosen = pd.MultiIndex.from_frame(people.rows[place].astype("str")).isin(
        pd.MultiIndex.from_frame(largest[place].astype("str"))
    )
    rows[metrics.LOWER_BOUND] = people.rows.assign(contribution=people.rows["contribution"].where(chosen, 0.0))
    return pd.concat([of_model.assign(**{PART: model}) for model, of_model in rows.items()])


def _rows_of_plan(sheets: Sheets, split: str) -> pd.DataFrame:
    """The entries of the whole plan's money, by whether they name one sector (country), several or none."""
    data = sheets.dataset
    if data.ledger is not None:
        entries, flows = data.ledger.assign(contribution=data.ledger[AMOUNT]), data.flows
        assert flows is not None  # noqa: S101 - entries are made from flows
        rows = entries.merge(flows[["flow_id", *count.SOURCE]], on="flow_id", how="left")
    else:
        totals = data.totals_by_sector
        assert totals is not None  # noqa: S101 - shown only where one of them is known
        rows = totals.assign(contribution=totals["funding_usd"].fillna(0.0))
    apart = rows[split].where(rows[split].isin([SHARED, NOT_SPECIFIED]), SINGLE)
    return rows.rename(columns={"source_file": "file", "source_line": "line"}).assign(**{PART: apart})


def _located(sheets: Sheets, rows: pd.DataFrame, figure: str, *more: str) -> pd.DataFrame:
    """The rows with their file, line and keys; ``more`` are further columns."""
    origin = (
        "planning" if "measure" in rows else "funding" if "pledges_usd" in rows or "flow_id" in rows else "activities"
    )
    if origin == "activities":  # as they were reported, not as they were counted
        reported = sheets.dataset.activities.loc[rows.index, [*IDENTIFYING_COLUMNS[origin]]]
        rows = rows.drop(columns=[key for key in IDENTIFYING_COLUMNS[origin] if key in rows]).assign(**reported)
    named = rows.assign(figure=figure)
    keys = [
        key for key in IDENTIFYING_COLUMNS[origin] if key in named and (key != "record_id" or named[key].ne("").any())
    ]
    return named[[*TRACE_COLUMNS, *more, *keys]].reset_index(drop=True)
