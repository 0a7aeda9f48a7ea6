"""From a figure back to its rows: every source row behind it, with its contribution."""

from collections.abc import Mapping, Sequence

import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.figures import counting
from rmrp_analysis.figures.parts import (
    DONOR_ARROW,
    LEDGER_COLUMN_BY_DIMENSION,
    MONEY_FOR_ONE_PART,
    FigureSums,
    list_fixed_parts_by_word,
)
from rmrp_analysis.figures.registry import (
    BREAKDOWNS,
    DIFFERENCE_FIGURES,
    FIGURES,
    PART_BY_DERIVED_FIGURE,
    WHOLE_BY_DERIVED_FIGURE,
    WORDS_BY_REASON,
)
from rmrp_analysis.metrics import Contributions, Dataset, Sheets
from rmrp_analysis.vocabulary import NO_PARTNER_PART, NOT_SPECIFIED, SHARED_PART

IDENTIFYING_COLUMNS: Mapping[str, Sequence[str]] = {
    "activities": (
        *("month", "country", "admin1", "sector", "appealing_organisation", "implementing_partner"),
        *("indicator_code", "indicator", "indicator_type", "new_beneficiaries", "record_id"),
    ),
    "planning": ("sector", "scope", "admin1", "population_group", "measure", "value", "source"),
    "funding": ("flow_id", "amount_usd", "sector", "country", "donor", "organisation", "recipient_id"),
}
"""The columns by which a reader knows a row of each table, besides its file and line."""

LEADING_TRACE_COLUMNS = ("figure", "file", "line", "contribution")
"""Columns that stand first in a trace."""


def contributions(sheets: Sheets, name: str) -> Contributions:
    """Return the contributions of a figure. Raises ``RequestError`` if no figure of this name is counted from rows."""
    definition = FIGURES.get(name)
    if definition is None or definition.count is None:
        names = [name for name, figure in FIGURES.items() if figure.count]
        advice = "figures() has it" if definition else did_you_mean(name, names)
        raise RequestError(f"'{name}' is no figure that is counted from rows; {advice}")
    return definition.count(sheets)


def trace(sheets: Sheets, figure: str, published: pd.DataFrame) -> pd.DataFrame:
    """Give the source rows behind a figure of one sheet: ``figure``, ``file``, ``line``, ``contribution``, key columns.

    ``published`` are the sheet's rows of the table of figures. The contributions add up to the figure:

    - Share: rows of the numerator contribute, rows of the denominator follow with 0. A share by parts has no rows of
      the denominator.
    - Difference: rows of the whole contribute, rows of the part contribute with a minus.
    - Count of organisations: the first row that names an organisation has 1.
    - All sectors together: every row that could count, with the people that the model keeps.
    - Breakdown: ``part`` says to which part a row contributes. A part that is not known has no rows.

    A figure that is not known has no rows, and ``attrs["reason"]`` says why. Raises ``RequestError`` for a name that is
    no figure or breakdown.
    """
    if figure not in (*FIGURES, *BREAKDOWNS):
        raise RequestError(f"unknown figure '{figure}'; {did_you_mean(figure, (*FIGURES, *BREAKDOWNS))}")
    values = published[published["kind"] == "figure"].set_index("figure")
    if reason := _reason_without_rows(figure, published, values["reason"]):
        rows = pd.DataFrame(columns=[*LEADING_TRACE_COLUMNS]).astype({"contribution": "float64"})
        rows.attrs["reason"] = reason
        return rows
    if figure in BREAKDOWNS:
        rows = _rows_of_parts(sheets, figure, published)
        unknown = published.loc[(published["figure"] == figure) & published["value"].isna(), "part"]
        return _add_location(sheets, rows[~rows["part"].isin(unknown)], figure, "part")
    definition = FIGURES[figure]
    if definition.count:
        return _add_location(sheets, contributions(sheets, figure).rows, figure)
    numerator = FigureSums(sheets).contributions_of(PART_BY_DERIVED_FIGURE[figure])
    part = _add_location(sheets, numerator.rows, definition.part)
    denominator = _add_location(sheets, contributions(sheets, definition.whole).rows, definition.whole)
    if definition.unit == "share":
        part["contribution"] /= values["value"].astype("float64")[definition.whole]
        return pd.concat([part, denominator.assign(contribution=0.0)], ignore_index=True)
    return pd.concat([denominator, part.assign(contribution=-part["contribution"])], ignore_index=True)


def _reason_without_rows(name: str, published: pd.DataFrame, reasons: pd.Series) -> str:
    """Return in words why a figure, or every part of a breakdown, is not known. Empty if a value is known.

    The sheet may not have the breakdown. ``reasons`` are the reasons of figures by name. Columns read of ``published``:
    ``figure``, ``value``, ``reason``.
    """
    if name in FIGURES:
        figure = name if FIGURES[name].count else FIGURES[name].part
        return WORDS_BY_REASON[str(reasons[figure] or reasons[name])] if reasons[name] else ""
    breakdown, part_rows = BREAKDOWNS[name], published[published["figure"] == name]
    if part_rows["value"].notna().any():
        return ""
    definition = breakdown.figure_definition
    totals = published[published["figure"] == (definition.name if definition.count else definition.whole)]
    candidates = [*filter(None, totals["reason"]), *([breakdown.missing] if len(part_rows) else [])]
    return WORDS_BY_REASON[candidates[0]] if candidates else "sheets of this sector and place do not have it"


def _rows_of_plan_money(dataset: Dataset, dimension: str) -> pd.DataFrame:
    """Return the rows of the whole plan's money with their ``contribution``: flows, or totals by sector without flows.

    ``part`` says whether a row names one sector (country), several or no sector. ``file`` and ``line`` are its
    location.
    """
    column = LEDGER_COLUMN_BY_DIMENSION[dimension]
    if dataset.funding_flows is not None:
        rows = dataset.ledger.assign(contribution=dataset.ledger["amount"])
    else:
        totals = dataset.totals_by_sector
        assert totals is not None  # noqa: S101 - shown only where one of them is known
        rows = totals.assign(contribution=totals["funding_usd"].fillna(0.0))
    part = rows[column].where(rows[column].isin([SHARED_PART, NOT_SPECIFIED]), MONEY_FOR_ONE_PART)
    return rows.rename(columns={"source_file": "file", "source_line": "line"}).assign(part=part)


def _rows_of_parts(sheets: Sheets, name: str, published: pd.DataFrame) -> pd.DataFrame:
    """Return the rows behind every ``part`` of a breakdown, each with its ``contribution``.

    A row is repeated for each part that it contributes to. Sectors and countries that are no parts of the sheet are
    left out. A row of a share has the amount that it adds to the share. Shares and differences have no rows for parts
    without a value.
    """
    breakdown, sums = BREAKDOWNS[name], FigureSums(sheets)
    part_rows, dimension = published[published["figure"] == name], breakdown.by[0]
    if breakdown.special == "plan":
        return _rows_of_plan_money(sheets.dataset, dimension)
    if breakdown.special == "models":
        return _rows_of_models(sheets, part_rows)
    rows = sums.contributions_of(name).rows_by(dimension)
    if name in PART_BY_DERIVED_FIGURE:
        # The counted activities of each part, as a share of the target or as a difference from it
        parts, total = part_rows.loc[part_rows["value"].notna(), "part"], WHOLE_BY_DERIVED_FIGURE[name]
        rows = rows[rows["part"].isin(parts)]
        if name in DIFFERENCE_FIGURES:
            wholes = sums.contributions_of(total).rows_by(dimension)
            wholes = wholes[wholes["part"].isin(parts)]
            return pd.concat([wholes, rows.assign(contribution=-rows["contribution"])], ignore_index=True)
        targets = published[published["figure"] == total].set_index("part")["value"]
        return rows.assign(contribution=rows["contribution"] / rows["part"].map(targets))
    # A row may name a sector or country that is no part of the sheet
    if breakdown.parts in ("sectors_with_people", "countries"):
        return rows[rows["part"].isin(part_rows["part"])]
    if breakdown.special == "donors":
        donors = rows["part"] + DONOR_ARROW + rows["organisation"] if "organisation" in breakdown.by else rows["part"]
        return rows.assign(part=donors.where(rows["part"] != metrics.PASSED_ON_NAME, NOT_SPECIFIED))
    if breakdown.parts in list_fixed_parts_by_word(sheets):
        return rows
    return rows.replace({"part": {"": NO_PARTNER_PART if breakdown.special == "partners" else NOT_SPECIFIED}})


def _rows_of_models(sheets: Sheets, part_rows: pd.DataFrame) -> pd.DataFrame:
    """Return the counted activities with the ``contribution`` that each model (``part``) keeps of them.

    For the lower bound, activities of the largest sectors contribute in full. All others contribute 0. Another model
    without a value in ``part_rows`` has no rows.
    """
    models = part_rows.loc[part_rows["value"].notna() & (part_rows["part"] != metrics.LOWER_BOUND_MODEL), "part"]
    rows = {model: counting.people_reached(sheets, model).rows for model in models}
    people = counting.people_reached(sheets, by_sector=True)
    largest = metrics.largest_of_period(people.entries, ["sheet"], sheets.method.intersector_level)
    place = ["country", "sector"] if sheets.method.intersector_level == "country" else ["country", "place", "sector"]
    is_largest = pd.MultiIndex.from_frame(people.rows[place].astype("str")).isin(
        pd.MultiIndex.from_frame(largest[place].astype("str"))
    )
    bound = people.rows["contribution"].where(is_largest, 0.0)
    rows[metrics.LOWER_BOUND_MODEL] = people.rows.assign(contribution=bound)
    return pd.concat([table.assign(part=model) for model, table in rows.items()])


def _add_location(sheets: Sheets, rows: pd.DataFrame, figure: str, *columns: str) -> pd.DataFrame:
    """Return ``LEADING_TRACE_COLUMNS``, ``columns`` and ``IDENTIFYING_COLUMNS`` of rows, with a new index.

    Cells of activities are as they were reported. ``record_id`` is left out if no row has one.
    """
    origin = "funding" if "pledges_usd" in rows or "flow_id" in rows else "activities"
    origin = "planning" if "measure" in rows else origin
    keys = IDENTIFYING_COLUMNS[origin]
    if origin == "activities":  # as they were reported, not as they were counted
        reported = sheets.dataset.activities.loc[rows.index, [*keys]]
        rows = rows.drop(columns=[key for key in keys if key in rows]).assign(**reported)
    rows = rows.assign(figure=figure)
    keys = [key for key in keys if key in rows and (key != "record_id" or rows[key].ne("").any())]
    return rows[[*LEADING_TRACE_COLUMNS, *columns, *keys]].reset_index(drop=True)
