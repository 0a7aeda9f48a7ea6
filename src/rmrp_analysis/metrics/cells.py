"""Cells: activities alike in everything that figures are counted by, added up once for a whole plan."""

from collections.abc import Mapping

import pandas as pd

from rmrp_analysis.metrics.contributions import ROWS
from rmrp_analysis.vocabulary import (
    AGE_GENDER_GROUPS,
    NATIONAL,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    OTHER_GENDER_GROUPS,
    PLATFORM_OF,
    POPULATION_GROUPS,
    fold,
)

NEW = "new_beneficiaries"
NEW_WITH_CVA = "new_with_cva"
TOTAL_MONTHLY = "total_monthly_beneficiaries"
AGE_GENDER_CELLS = (*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS)
PEOPLE = (NEW, *POPULATION_GROUPS, *AGE_GENDER_CELLS, NEW_WITH_CVA)
"""Columns of new beneficiaries: all, by population group, by age and gender, with cash or vouchers."""

NOT_KNOWN = "people_not_known"
"""People of whom it is not known how many are new; they are in no other column of people."""

ROWS_NOT_KNOWN = "rows_not_known"
"""Source rows of which that is so, among ``rows``."""

OTHER_MEASURES = (TOTAL_MONTHLY, "transfer_value_usd", "quantity", NOT_KNOWN)
DIMENSIONS = (
    "sector",
    "platform",
    "country",
    "place",
    "admin1",
    "month",
    "organisation",
    "organisation_type",
    "implementing_partner",
    "indicator",
    "indicator_code",
    "indicator_type",
    "cva",
    "delivery_mechanism",
    "rmrp_activity",
)
"""What activities are told apart by. ``place`` is the key of the admin1, ``admin1`` its name."""


def measured_rows(activities: pd.DataFrame, organisations: pd.DataFrame | None = None) -> pd.DataFrame:
    """Each activity with the columns of ``DIMENSIONS``, its measures (0 where nothing is reported), file and line.

    What a report's groups hold is no measure where its new beneficiaries are not known.

    Spellings of an organisation that differ by accents, case or blanks are one: the most frequent stands for all. Its
    type is that in the list ``organisations``. A place goes by its canonical name, or its key where that is unknown.
    """
    people = [column for column in PEOPLE if column != NEW_WITH_CVA]
    reporting, types = activities["appealing_organisation"], {}
    if organisations is not None:
        listed = zip(organisations["name"], organisations["organisation_type"], strict=True)
        types = {fold(name): kind for name, kind in listed if kind}
    named = activities["place_name"].where(activities["place_name"] != "", activities["place"])
    rows = activities.assign(
        platform=activities["country"].map(PLATFORM_OF),
        admin1=named.where(activities["place"] != NATIONAL, NATIONAL_LEVEL),
        organisation=_one_spelling(reporting),
        organisation_type=reporting.map({name: types.get(fold(name), NOT_SPECIFIED) for name in reporting.unique()}),
        implementing_partner=_one_spelling(activities["implementing_partner"]),
        **{measure: activities[measure].fillna(0.0) for measure in (*people, *OTHER_MEASURES)},
        **{ROWS: 1},
    )
    rows[ROWS_NOT_KNOWN] = (rows[NOT_KNOWN] > 0).astype("int64")
    rows[people] = rows[people].where(rows[NOT_KNOWN] == 0, 0.0)
    rows[NEW_WITH_CVA] = rows[NEW].where((rows["cva"] == "Yes").fillna(value=False), 0.0)
    texts = {dimension: rows[dimension].astype("str").fillna("") for dimension in DIMENSIONS}
    return rows.assign(**texts)[
        [*DIMENSIONS, *PEOPLE, *OTHER_MEASURES, ROWS, ROWS_NOT_KNOWN, "source_file", "source_line"]
    ]


def cells_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The cells of measured rows: a row for each combination of ``DIMENSIONS``, with sums and the number of rows."""
    measures = [*PEOPLE, *OTHER_MEASURES, ROWS, ROWS_NOT_KNOWN]
    return rows.groupby(list(DIMENSIONS), as_index=False)[measures].sum()


def _one_spelling(names: pd.Series) -> pd.Series:
    """The names with one spelling each: the most frequent, of equal ones the first of the alphabet."""
    counts = names.value_counts().rename_axis("name").reset_index(name="rows")
    ordered = counts.sort_values(["rows", "name"], ascending=[False, True])
    chosen: dict[str, str] = {}
    for name in ordered["name"]:
        chosen.setdefault(fold(name), str(name) if fold(name) else "")
    spelling: Mapping[str, str] = {name: chosen[fold(name)] for name in counts["name"]}
    return names.map(spelling)
