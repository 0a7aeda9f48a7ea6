"""Each activity with all that figures are counted by and from, once for a whole plan."""

import pandas as pd

from rmrp_analysis.vocabulary import (
    AGE_GENDER_GROUPS,
    NATIONAL,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    OTHER_GENDER_GROUPS,
    POPULATION_GROUPS,
    PlanYear,
    fold,
    plan_lists,
)

NEW, NEW_WITH_CVA = "new_beneficiaries", "new_with_cva"
TOTAL_MONTHLY = "total_monthly_beneficiaries"
AGE_GENDER_CELLS = (*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS)
PEOPLE = (NEW, *POPULATION_GROUPS, *AGE_GENDER_CELLS, NEW_WITH_CVA)
"""Columns of new beneficiaries: all, by population group, by age and gender, with cash or vouchers."""

NOT_KNOWN = "people_not_known"
"""People of whom it is not known how many are new: no other column of people has them."""

DECIMALS = 6
"""Some partners report fractions of people; sums are rounded here so that the order of rows never shows."""

DIMENSIONS = [
    *("sector", "platform", "country", "place", "admin1", "month"),
    *("organisation", "organisation_type", "implementing_partner"),
    *("indicator", "indicator_code", "indicator_type", "cva", "delivery_mechanism", "rmrp_activity"),
]
"""What activities are told apart by. ``place`` is the key of the admin1, ``admin1`` its name."""


SOURCE = ["source_file", "source_line"]
UNGROUPED = {split: f"{NOT_SPECIFIED} {split}" for split in ("population_group", "age_gender")}
"""The part of people who are in no group, by the name of the split."""


def splits_of(year: PlanYear) -> dict[str, tuple[str, ...]]:
    """Return the groups that new beneficiaries of a plan year are split into, by the name of the split."""
    return {"population_group": POPULATION_GROUPS, "age_gender": year.age_gender_groups}


def measure_activities(
    activities: pd.DataFrame, year: PlanYear, organisations: pd.DataFrame | None, keys: pd.Series
) -> pd.DataFrame:
    """Return one row an activity, with its index, and all columns that figures are computed from.

    These are ``DIMENSIONS`` (Categoricals without gaps), ``PEOPLE`` and whom no group of a split names (0 where nothing
    is reported), ``people_not_known``, the total of the month, the reports (``rows``) that it stands for, ``key`` (see
    ``keys``), file and line. An indicator goes by the text of the list, or as it was reported where the list has none.
    Spellings of an organisation that differ by accents, case or blanks are one: the most frequent stands for all. Its
    type is that of the list ``organisations``. What a report's groups hold is not counted where its new beneficiaries
    are not known.
    """
    types = {}
    if organisations is not None:
        types = dict(zip(organisations["name"].map(fold), organisations["organisation_type"], strict=True))
    organisation, place = activities["appealing_organisation"], activities["place"].astype("str")
    place_name, indicator_name = activities["place_name"].astype("str"), activities["indicator_name"].astype("str")
    numbers = activities[[NEW, *POPULATION_GROUPS, *AGE_GENDER_CELLS]].fillna(0.0)
    people = numbers.mask(activities[NOT_KNOWN] > 0, 0.0)
    columns = {
        **{dimension: activities[dimension] for dimension in DIMENSIONS if dimension in activities},
        "platform": activities["country"].map(plan_lists().platform_of),
        "admin1": place_name.where(place_name != "", place).where(place != NATIONAL, NATIONAL_LEVEL),
        "organisation": unify_spellings(organisation),
        "organisation_type": organisation.map(
            {name: types.get(fold(name)) or NOT_SPECIFIED for name in organisation.unique()}
        ),
        "implementing_partner": unify_spellings(activities["implementing_partner"]),
        "indicator": indicator_name.where(indicator_name != "", activities["indicator"].astype("str")),
    }
    return pd.DataFrame(
        {
            **{dimension: fill_categories(columns[dimension]) for dimension in DIMENSIONS},
            **people,
            NEW_WITH_CVA: people[NEW].where((activities["cva"] == "Yes").astype(bool), 0.0),
            **{
                UNGROUPED[split]: (people[NEW] - people[list(groups)].sum(axis="columns")).round(DECIMALS)
                for split, groups in splits_of(year).items()
            },
            NOT_KNOWN: activities[NOT_KNOWN],
            TOTAL_MONTHLY: activities[TOTAL_MONTHLY].fillna(0.0),
            "rows": activities["rows"],
            "key": keys,
            "source_file": activities["source_file"],
            "source_line": activities["source_line"],
        }
    )


def unify_spellings(names: pd.Series) -> pd.Series:
    """Replace names that differ by accents, case or blanks by the most frequent of them; on a tie by the first.

    A Series of texts with the same index; a name of blanks alone becomes an empty text.
    """
    counts = names.value_counts().rename_axis("name").reset_index(name="rows").astype({"name": "str"})
    chosen: dict[str, str] = {}
    for name in counts.sort_values(["rows", "name"], ascending=[False, True])["name"]:
        chosen.setdefault(fold(name), name if fold(name) else "")
    return names.map({name: chosen[fold(name)] for name in names.unique()})


def fill_categories(texts: pd.Series) -> pd.Series:
    """Return texts as a Categorical with sorted categories; a missing value becomes an empty text.

    The empty text is always one of the categories; the index stays.
    """
    names = sorted({"", *texts.dropna().unique()})
    return texts.astype(pd.CategoricalDtype(names)).fillna("")
