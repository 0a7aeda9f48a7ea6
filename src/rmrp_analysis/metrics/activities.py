"""Each activity with all that figures are counted by and from, once for a whole plan."""

from collections.abc import Callable

import pandas as pd

from rmrp_analysis.vocabulary import (
    AGE_GENDER_GROUPS,
    NATIONAL,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    OTHER_GENDER_GROUPS,
    PLATFORM_OF,
    POPULATION_GROUPS,
    PlanYear,
    fold,
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


def rest_of(split: str) -> str:
    """Name the part of people whom no group of a split (``population_group``, ``age_gender``) names."""
    return f"{NOT_SPECIFIED} {split}"


def splits_of(year: PlanYear) -> dict[str, tuple[str, ...]]:
    """Give the groups that new beneficiaries of a plan year are split into, by the name of the split."""
    return {"population_group": POPULATION_GROUPS, "age_gender": year.age_gender_groups}


def measured(
    activities: pd.DataFrame, year: PlanYear, organisations: pd.DataFrame | None, keys: pd.Series
) -> pd.DataFrame:
    """Give each activity the columns that figures are counted by and from: one row an activity, with its index.

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
    reporting, place = activities["appealing_organisation"], activities["place"].astype("str")
    name, indicator = activities["place_name"].astype("str"), activities["indicator_name"].astype("str")
    numbers = activities[[NEW, *POPULATION_GROUPS, *AGE_GENDER_CELLS]].fillna(0.0)
    people = numbers.mask(activities[NOT_KNOWN] > 0, 0.0)
    texts = {
        **{name: activities[name] for name in DIMENSIONS if name in activities},
        "platform": activities["country"].map(PLATFORM_OF),
        "admin1": name.where(name != "", place).where(place != NATIONAL, NATIONAL_LEVEL),
        "organisation": one_spelling(reporting),
        "organisation_type": each_once(reporting, lambda name: types.get(fold(name)) or NOT_SPECIFIED),
        "implementing_partner": one_spelling(activities["implementing_partner"]),
        "indicator": indicator.where(indicator != "", activities["indicator"].astype("str")),
    }
    return pd.DataFrame(
        {
            **{dimension: without_gaps(texts[dimension]) for dimension in DIMENSIONS},
            **people,
            NEW_WITH_CVA: people[NEW].where((activities["cva"] == "Yes").astype(bool), 0.0),
            **{
                rest_of(split): (people[NEW] - people[list(groups)].sum(axis="columns")).round(DECIMALS)
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


def people_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the people of measured rows, a row for each part that is not 0: ``row``, ``part``, ``amount``, ``key``."""
    parts = [*PEOPLE, *(str(name) for name in rows if str(name).startswith(NOT_SPECIFIED)), NOT_KNOWN]
    each = {
        part: rows.loc[rows[part] != 0, [part, "key"]].set_axis(["amount", "key"], axis="columns") for part in parts
    }
    long = pd.concat(each, names=["part", "row"]).reset_index()
    return long.astype({"part": pd.CategoricalDtype(parts)})


def each_once(texts: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """Change each different text of a column once."""
    return texts.map({text: change(text) for text in texts.unique()})


def one_spelling(names: pd.Series) -> pd.Series:
    """Write names that differ by accents, case or blanks as the most frequent of them, the first of equal ones."""
    counts = names.value_counts().rename_axis("name").reset_index(name="rows").astype({"name": "str"})
    chosen: dict[str, str] = {}
    for name in counts.sort_values(["rows", "name"], ascending=[False, True])["name"]:
        chosen.setdefault(fold(name), name if fold(name) else "")
    return each_once(names, lambda name: chosen[fold(name)])


def without_gaps(texts: pd.Series) -> pd.Series:
    """Give texts as a Categorical of sorted names in which an empty cell is an empty text."""
    names = sorted({"", *texts.dropna().unique()})
    return texts.astype(pd.CategoricalDtype(names)).fillna("")
