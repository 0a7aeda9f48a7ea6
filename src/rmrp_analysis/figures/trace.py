"""From a figure back to its rows: every source row behind it, and what each contributed."""

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
"""What identifies a row of each table for a reader, beside its file and line; ids of records where there are any."""

LEADING_TRACE_COLUMNS = ("figure", "file", "line", "contribution")
"""Columns that stand first in a trace."""


def contributions(sheets: Sheets, name: str) -> Contributions:
    """Return the contributions of a figure. Raises ``RequestError`` for a name that no figure counted from rows has."""
    figure_declaration = FIGURES.get(name)
    if figure_declaration is None or figure_declaration.count is None:
        countable_names = [name for name, figure_definition in FIGURES.items() if figure_definition.count]
        advice = "figures() has it" if figure_declaration else did_you_mean(name, countable_names)
        raise RequestError(f"'{name}' is no figure that is counted from rows; {advice}")
    return figure_declaration.count(sheets)


def trace(sheets: Sheets, figure: str, published: pd.DataFrame) -> pd.DataFrame:
    """Give the source rows behind a figure of one sheet: ``figure``, ``file``, ``line``, ``contribution``, key columns.

    The contributions add up to the figure. Of a share, the rows of the numerator contribute and those of the
    denominator stand beside them with 0; of a share by parts, the rows of the denominator do not stand there. Of a
    difference, rows of the whole contribute and rows of the part with a minus. A count of organisations has 1 in the
    first row that names each of them. Of all sectors together every row stands that could count, with what the model
    keeps of it. Of a breakdown, ``part`` says to which part a row contributes; a part that is not known has no rows.
    ``published`` are the sheet's rows of the table of figures. A figure that is not known has no rows, and
    ``attrs["reason"]`` says why. Raises ``RequestError`` for a name that is no figure or breakdown.
    """
    if figure not in (*FIGURES, *BREAKDOWNS):
        raise RequestError(f"unknown figure '{figure}'; {did_you_mean(figure, (*FIGURES, *BREAKDOWNS))}")
    published_figure_rows = published[published["kind"] == "figure"].set_index("figure")
    if unknown_reason := _reason_without_rows(figure, published, published_figure_rows["reason"]):
        traced_rows = pd.DataFrame(columns=[*LEADING_TRACE_COLUMNS]).astype({"contribution": "float64"})
        traced_rows.attrs["reason"] = unknown_reason
        return traced_rows
    if figure in BREAKDOWNS:
        traced_rows = _rows_of_parts(sheets, figure, published)
        published_part_rows = published[published["figure"] == figure]
        return _add_location(
            sheets,
            traced_rows[
                ~traced_rows["part"].isin(published_part_rows.loc[published_part_rows["value"].isna(), "part"])
            ],
            figure,
            "part",
        )
    figure_declaration = FIGURES[figure]
    if figure_declaration.count:
        return _add_location(sheets, contributions(sheets, figure).rows, figure)
    numerator_contributions = FigureSums(sheets).contributions_of(PART_BY_DERIVED_FIGURE[figure])
    numerator_rows = _add_location(sheets, numerator_contributions.rows, figure_declaration.part)
    denominator_rows = _add_location(
        sheets, contributions(sheets, figure_declaration.whole).rows, figure_declaration.whole
    )
    if figure_declaration.unit == "share":
        numerator_rows["contribution"] /= published_figure_rows["value"].astype("float64")[figure_declaration.whole]
        return pd.concat([numerator_rows, denominator_rows.assign(contribution=0.0)], ignore_index=True)
    return pd.concat(
        [denominator_rows, numerator_rows.assign(contribution=-numerator_rows["contribution"])], ignore_index=True
    )


def _reason_without_rows(name: str, published: pd.DataFrame, reasons: pd.Series) -> str:
    """Return in words why a figure, or every part of a breakdown, is not known; empty where a value is.

    That may be that the sheet does not have the breakdown. Columns read of ``published``: ``figure``, ``value``,
    ``reason``. ``reasons`` are those of figures by name.
    """
    if name in FIGURES:
        counted_figure_name = name if FIGURES[name].count else FIGURES[name].part
        return WORDS_BY_REASON[str(reasons[counted_figure_name] or reasons[name])] if reasons[name] else ""
    breakdown_definition, published_part_rows = BREAKDOWNS[name], published[published["figure"] == name]
    if published_part_rows["value"].notna().any():
        return ""
    figure_declaration = breakdown_definition.figure_definition
    total_rows = published[
        published["figure"] == (figure_declaration.name if figure_declaration.count else figure_declaration.whole)
    ]
    candidate_reasons = [
        *filter(None, total_rows["reason"]),
        *([breakdown_definition.missing] if len(published_part_rows) else []),
    ]
    return (
        WORDS_BY_REASON[candidate_reasons[0]] if candidate_reasons else "sheets of this sector and place do not have it"
    )


def _rows_of_plan_money(dataset: Dataset, dimension: str) -> pd.DataFrame:
    """Return the rows of the whole plan's money, from flows or else from totals by sector, with their ``contribution``.

    ``part`` says whether they name one sector (country), several or none; ``file`` and ``line`` where they stand.
    """
    ledger_column = LEDGER_COLUMN_BY_DIMENSION[dimension]
    if dataset.funding_flows is not None:
        contributing_rows = dataset.ledger.assign(contribution=dataset.ledger["amount"])
    else:
        sector_total_rows = dataset.totals_by_sector
        assert sector_total_rows is not None  # noqa: S101 - shown only where one of them is known
        contributing_rows = sector_total_rows.assign(contribution=sector_total_rows["funding_usd"].fillna(0.0))
    part_name_by_row = contributing_rows[ledger_column].where(
        contributing_rows[ledger_column].isin([SHARED_PART, NOT_SPECIFIED]), MONEY_FOR_ONE_PART
    )
    contributing_rows = contributing_rows.rename(columns={"source_file": "file", "source_line": "line"})
    return contributing_rows.assign(part=part_name_by_row)


def _rows_of_parts(sheets: Sheets, name: str, published: pd.DataFrame) -> pd.DataFrame:
    """Return the rows behind every ``part`` of a breakdown, each with its ``contribution``.

    A row is repeated for each part that it contributes to. Sectors and countries that are no parts of the sheet are
    left out. Of a share, rows of the numerator have what they add to it; of shares and differences, parts without a
    value have none.
    """
    breakdown_definition = BREAKDOWNS[name]
    published_part_rows = published[published["figure"] == name]
    figure_sums = FigureSums(sheets)
    dimension = breakdown_definition.by[0]
    if breakdown_definition.special == "plan":
        return _rows_of_plan_money(sheets.dataset, dimension)
    if breakdown_definition.special == "models":
        return _rows_of_models(sheets, published_part_rows)
    contributing_rows = figure_sums.contributions_of(name).rows_by(dimension)
    if name in PART_BY_DERIVED_FIGURE:
        # The counted activities of each part, as a share of the target or as what it leaves
        valued_part_name_series = published_part_rows.loc[published_part_rows["value"].notna(), "part"]
        contributing_rows, rows_of_total = (
            contribution_rows[contribution_rows["part"].isin(valued_part_name_series)]
            for contribution_rows in (
                contributing_rows,
                figure_sums.contributions_of(WHOLE_BY_DERIVED_FIGURE[name]).rows_by(dimension),
            )
        )
        if name in DIFFERENCE_FIGURES:
            return pd.concat(
                [rows_of_total, contributing_rows.assign(contribution=-contributing_rows["contribution"])],
                ignore_index=True,
            )
        target_series_by_part = published[published["figure"] == WHOLE_BY_DERIVED_FIGURE[name]].set_index("part")[
            "value"
        ]
        return contributing_rows.assign(
            contribution=contributing_rows["contribution"] / contributing_rows["part"].map(target_series_by_part)
        )
    # Not all that a row names is a part of the sheet
    if breakdown_definition.parts in ("sectors_with_people", "countries"):
        return contributing_rows[contributing_rows["part"].isin(published_part_rows["part"])]
    if breakdown_definition.special == "donors":
        donor_label_by_row = (
            contributing_rows["part"] + DONOR_ARROW + contributing_rows["organisation"]
            if "organisation" in breakdown_definition.by
            else contributing_rows["part"]
        )
        return contributing_rows.assign(
            part=donor_label_by_row.where(contributing_rows["part"] != metrics.PASSED_ON_NAME, NOT_SPECIFIED)
        )
    if breakdown_definition.parts in list_fixed_parts_by_word(sheets):
        return contributing_rows
    return contributing_rows.replace(
        {"part": {"": NO_PARTNER_PART if breakdown_definition.special == "partners" else NOT_SPECIFIED}}
    )


def _rows_of_models(sheets: Sheets, part_rows: pd.DataFrame) -> pd.DataFrame:
    """Return the counted activities with the ``contribution`` that each model (``part``) keeps of them.

    To the lower bound, activities of the largest sectors contribute in full, the others 0. Another model without a
    value in ``part_rows`` has no rows.
    """
    model_name_series = part_rows.loc[
        part_rows["value"].notna() & (part_rows["part"] != metrics.LOWER_BOUND_MODEL), "part"
    ]
    rows_by_model = {model_name: counting.people_reached(sheets, model_name).rows for model_name in model_name_series}
    people_contributions = counting.people_reached(sheets, by_sector=True)
    largest_sector_rows = metrics.largest_of_period(
        people_contributions.entries, ["sheet"], sheets.method.intersector_level
    )
    place_columns = (
        ["country", "sector"] if sheets.method.intersector_level == "country" else ["country", "place", "sector"]
    )
    is_largest_sector = pd.MultiIndex.from_frame(people_contributions.rows[place_columns].astype("str")).isin(
        pd.MultiIndex.from_frame(largest_sector_rows[place_columns].astype("str"))
    )
    rows_by_model[metrics.LOWER_BOUND_MODEL] = people_contributions.rows.assign(
        contribution=people_contributions.rows["contribution"].where(is_largest_sector, 0.0)
    )
    return pd.concat([model_rows.assign(part=model_name) for model_name, model_rows in rows_by_model.items()])


def _add_location(sheets: Sheets, rows: pd.DataFrame, figure: str, *columns: str) -> pd.DataFrame:
    """Return ``LEADING_TRACE_COLUMNS``, these other columns and ``IDENTIFYING_COLUMNS`` of rows, with a new index.

    Cells of activities are as they were reported; ``record_id`` is left out where no row has one.
    """
    origin_table_name = (
        "planning" if "measure" in rows else "funding" if "pledges_usd" in rows or "flow_id" in rows else "activities"
    )
    if origin_table_name == "activities":  # as they were reported, not as they were counted
        reported_rows = sheets.dataset.activities.loc[rows.index, [*IDENTIFYING_COLUMNS[origin_table_name]]]
        rows = rows.drop(
            columns=[
                identifying_column
                for identifying_column in IDENTIFYING_COLUMNS[origin_table_name]
                if identifying_column in rows
            ]
        ).assign(**reported_rows)
    located_rows = rows.assign(figure=figure)
    identifying_columns = [
        identifying_column
        for identifying_column in IDENTIFYING_COLUMNS[origin_table_name]
        if identifying_column in located_rows
        and (identifying_column != "record_id" or located_rows[identifying_column].ne("").any())
    ]
    return located_rows[[*LEADING_TRACE_COLUMNS, *columns, *identifying_columns]].reset_index(drop=True)
