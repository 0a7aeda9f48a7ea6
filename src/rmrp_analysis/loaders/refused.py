"""The refused rows of activities as far as they can be read, with the people that each would have had."""

import pandas as pd

from rmrp_analysis.loaders.joins import join_activities
from rmrp_analysis.loaders.table import Loaded
from rmrp_analysis.vocabulary import POPULATION_GROUPS, PlanYear

NEW_BENEFICIARIES_COLUMN, MONTHLY_TOTAL_COLUMN = "new_beneficiaries", "total_monthly_beneficiaries"
"""Columns of activities: new beneficiaries, and everybody assisted in the month."""
PEOPLE_LEFT_OUT_COLUMN = "people_left_out"
"""The column of people that a refused row leaves out."""
TOTAL_PATTERN = r"(?i)\W*(?:sub|gran |grand )?[ -]?total\b"
"""How a cell begins that calls its row a total."""


def list_refused_activities(
    loaded: Loaded, activities: pd.DataFrame, indicators: pd.DataFrame, admin1: pd.DataFrame | None, *, year: PlanYear
) -> pd.DataFrame:
    """Return the refused rows of activities: the columns of ``JoinedActivities`` and ``people_left_out``.

    A text that cannot be read is empty, a number NaN. ``activities`` are the joined activities that were not refused.
    ``people_left_out`` are the row's new beneficiaries; where these are empty or cannot be read, the row's monthly
    total if above 0, else the sum of its population groups if above 0, else the mean of the used rows of its indicator,
    else that of all used rows; never NaN. Where the plan year derives new beneficiaries they are those of the groups. A
    total, or the header once more, is nobody's report: 0.
    """
    if loaded.refused_values.empty:
        return activities.iloc[:0].assign(**{PEOPLE_LEFT_OUT_COLUMN: 0.0})
    refused_rows, _ = join_activities(loaded.refused_values, indicators, admin1, year=year)
    population_group_sum_by_row = refused_rows[list(POPULATION_GROUPS)].sum(axis="columns")
    mean_people_by_indicator = activities.groupby(activities["indicator"].astype("str"))[
        NEW_BENEFICIARIES_COLUMN
    ].mean()
    left_out_people_by_row = refused_rows[NEW_BENEFICIARIES_COLUMN]
    for estimated_people in (
        refused_rows[MONTHLY_TOTAL_COLUMN].where(refused_rows[MONTHLY_TOTAL_COLUMN] > 0),
        population_group_sum_by_row.where(population_group_sum_by_row > 0),
        refused_rows["indicator"].astype("str").map(mean_people_by_indicator),
    ):
        left_out_people_by_row = left_out_people_by_row.fillna(estimated_people)
    left_out_people_by_row = left_out_people_by_row.fillna(activities[NEW_BENEFICIARIES_COLUMN].mean()).fillna(0.0)
    return refused_rows.assign(**{PEOPLE_LEFT_OUT_COLUMN: left_out_people_by_row.mask(is_no_report(loaded), 0.0)})


def is_no_report(loaded: Loaded) -> pd.Series:
    """Mark refused rows that are totals or a repeated header: they say neither who, what, where nor when."""
    refused_cells, refused_rows = loaded.refused.fillna("").astype("str"), loaded.refused_values
    header_texts = [str(column_name) for column_name in refused_cells.columns]
    is_total_or_own_header = pd.DataFrame(
        {
            column_name: refused_cells[column_name].str.match(TOTAL_PATTERN)
            | (refused_cells[column_name] == column_name)
            for column_name in header_texts
        }
    )
    key_texts = refused_rows[["appealing_organisation", "indicator"]].astype("str")
    is_empty_key_text = (
        (key_texts == "")
        | key_texts.apply(lambda column: column.str.match(TOTAL_PATTERN))
        | key_texts.isin(header_texts)
    )
    has_no_report_key = (refused_rows[["month", "sector", "country"]] == "").all(axis="columns")
    is_total_or_header: pd.Series = (
        is_total_or_own_header.any(axis="columns") & is_empty_key_text.all(axis="columns") & has_no_report_key
    )
    return is_total_or_header
