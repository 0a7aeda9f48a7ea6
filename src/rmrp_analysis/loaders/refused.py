"""The refused rows of activities as far as they can be read, with the people that each would have had."""

import pandas as pd

from rmrp_analysis.loaders.joins import join_activities
from rmrp_analysis.loaders.table import Loaded
from rmrp_analysis.vocabulary import POPULATION_GROUPS, PlanYear

NEW_BENEFICIARIES_COLUMN, MONTHLY_TOTAL_COLUMN = "new_beneficiaries", "total_monthly_beneficiaries"
PEOPLE_LEFT_OUT_COLUMN = "people_left_out"
TOTAL_PATTERN = r"(?i)\W*(?:sub|gran |grand )?[ -]?total\b"
"""The beginning of a cell in a row of totals."""


def list_refused_activities(
    loaded: Loaded, activities: pd.DataFrame, indicators: pd.DataFrame, admin1: pd.DataFrame | None, *, year: PlanYear
) -> pd.DataFrame:
    """Return the refused rows of activities: the columns of ``JoinedActivities`` and ``people_left_out``.

    A text that cannot be read is empty, a number NaN. ``activities`` are the joined activities that were not refused.
    ``people_left_out`` is the first of these that is known, never NaN:

    1. the row's new beneficiaries (derived from the groups, if the plan year derives them)
    2. its monthly total (everybody assisted in the month), if above 0
    3. the sum of its population groups, if above 0
    4. the mean of the used rows of its indicator
    5. the mean of all used rows

    It is 0 for a total, and for a repeated header.
    """
    if loaded.refused_values.empty:
        return activities.iloc[:0].assign(**{PEOPLE_LEFT_OUT_COLUMN: 0.0})
    rows, _ = join_activities(loaded.refused_values, indicators, admin1, year=year)
    groups = rows[list(POPULATION_GROUPS)].sum(axis="columns")
    means = activities.groupby(activities["indicator"].astype("str"))[NEW_BENEFICIARIES_COLUMN].mean()
    people = rows[NEW_BENEFICIARIES_COLUMN]
    for estimate in (
        rows[MONTHLY_TOTAL_COLUMN].where(rows[MONTHLY_TOTAL_COLUMN] > 0),
        groups.where(groups > 0),
        rows["indicator"].astype("str").map(means),
    ):
        people = people.fillna(estimate)
    people = people.fillna(activities[NEW_BENEFICIARIES_COLUMN].mean()).fillna(0.0)
    return rows.assign(**{PEOPLE_LEFT_OUT_COLUMN: people.mask(is_no_report(loaded), 0.0)})


def is_no_report(loaded: Loaded) -> pd.Series:
    """Mark refused rows that are totals or a repeated header: they have no organisation, indicator, place or month."""
    cells, rows = loaded.refused.fillna("").astype("str"), loaded.refused_values
    headers = [str(name) for name in cells.columns]
    is_marked = pd.DataFrame({name: cells[name].str.match(TOTAL_PATTERN) | (cells[name] == name) for name in headers})
    texts = rows[["appealing_organisation", "indicator"]].astype("str")
    is_empty = (texts == "") | texts.apply(lambda column: column.str.match(TOTAL_PATTERN)) | texts.isin(headers)
    has_no_key = (rows[["month", "sector", "country"]] == "").all(axis="columns")
    marks: pd.Series = is_marked.any(axis="columns") & is_empty.all(axis="columns") & has_no_key
    return marks
