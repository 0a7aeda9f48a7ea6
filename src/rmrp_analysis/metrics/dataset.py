"""The tables that figures are counted from, with the sums that are made once."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import union_categoricals

from rmrp_analysis.method import Method
from rmrp_analysis.metrics.funding import funding_ledger, name_entries
from rmrp_analysis.metrics.funding_totals import totals_of_plan
from rmrp_analysis.metrics.planned import select_planned_rows
from rmrp_analysis.metrics.rounding_key import Secret
from rmrp_analysis.packs.pack import folder
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import (
    AGE_GENDER_GROUPS,
    NATIONAL_LEVEL,
    NATIONAL_PLACE_KEY,
    NOT_SPECIFIED,
    OTHER_GENDER_GROUPS,
    POPULATION_GROUPS,
    PlanYear,
    fold,
    plan_lists,
)

NEW_BENEFICIARIES, NEW_WITH_CVA = "new_beneficiaries", "new_with_cva"
"""Columns of people reported as new: everybody, and the people who got cash or vouchers."""
MONTHLY_TOTAL_COLUMN = "total_monthly_beneficiaries"
"""The column of people assisted in a month, new or not."""
AGE_GENDER_COLUMNS = (*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS)
"""Columns of new beneficiaries by age and gender."""
PEOPLE_COLUMNS = (NEW_BENEFICIARIES, *POPULATION_GROUPS, *AGE_GENDER_COLUMNS, NEW_WITH_CVA)
"""Columns of new beneficiaries: all, by population group, by age and gender, with cash or vouchers."""

NOT_KNOWN_COLUMN = "people_not_known"
"""The column of people for whom it is not known how many are new. No other column of people has them."""

BOUND_COLUMNS = ("low", "low_key", "high", "high_key")
"""The fewest and the most people that a number stands for, and the rounding keys of these people."""
SUM_DECIMALS = 6
"""Decimals of sums of people. Some partners report fractions. The order of rows must never show in a sum."""

DIMENSION_COLUMNS = [
    *("sector", "platform", "country", "place", "admin1", "month"),
    *("organisation", "organisation_type", "implementing_partner"),
    *("indicator", "indicator_code", "indicator_type", "cva", "delivery_mechanism", "rmrp_activity"),
]
"""The columns by which activities are grouped. ``place`` is the key of the admin1, ``admin1`` its name."""

SOURCE_COLUMNS = ["source_file", "source_line"]
"""The file and the line of a row."""
UNGROUPED_PART_BY_SPLIT = {split: f"{NOT_SPECIFIED} {split}" for split in ("population_group", "age_gender")}
"""The part of people in no group, by the name of the split.

It is below 0 if the groups of a row add up to more than its new beneficiaries.
"""

EMPTY_FLOW_ROWS = pd.DataFrame(
    {name: pd.Series(dtype="str") for name in ("flow_id", "status", "destination_plans", *SOURCE_COLUMNS)}
)
P = ParamSpec("P")
Result = TypeVar("Result")

CACHE_ATTRIBUTE = "cached_results"
"""The attribute of a dataset that holds the results of functions, by ``CacheKey``."""


class CacheKey(NamedTuple):
    """Which function was called with which arguments, and whether its result is sent to other processes."""

    is_sent: bool
    function: str
    args: tuple[Any, ...]


def cached_by_args(compute: Callable[Concatenate[Any, P], Result]) -> Callable[Concatenate[Any, P], Result]:
    """Cache the results of a function in the object that is its first argument, by its other, hashable arguments.

    The object is a ``Dataset`` or ``FigureSums``. Every call returns the same result: do not change it. The cache ends
    with the object, while ``functools.cache`` would keep every dataset of a process alive. Copies of a dataset, and
    processes that receive a dataset, begin without these results.
    """
    return _cached(compute, is_sent=False)


def cached_and_sent(compute: Callable[Concatenate[Any, P], Result]) -> Callable[Concatenate[Any, P], Result]:
    """Cache as ``cached_by_args`` does, but keep the results in copies of the dataset and send them to processes.

    Use it for small results that take long to compute.
    """
    return _cached(compute, is_sent=True)


def _cached(compute: Callable[Concatenate[Any, P], Result], *, is_sent: bool) -> Callable[Concatenate[Any, P], Result]:
    """Return the function with a cache in its first argument, by ``CacheKey``."""
    name = f"{compute.__module__}.{compute.__qualname__}"

    @wraps(compute)
    def compute_once(dataset: Any, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        """Return the result for these arguments from the cache of ``dataset``. Compute and cache it the first time."""
        results = vars(dataset).setdefault(CACHE_ATTRIBUTE, {})
        key = CacheKey(is_sent, name, (*args, *kwargs.items()))
        if key not in results:
            results[key] = compute(dataset, *args, **kwargs)
        result: Result = results[key]
        return result

    return compute_once


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Dataset:
    """The tables of a plan that figures are computed from (columns: see ``tables``).

    ``activities`` are ``JoinedActivities``, with texts as Categoricals. ``refused_activities`` are the activities that
    loaders refused, with ``people_left_out`` (see ``loaders.refused``). ``planning`` has the figures of whole scopes.
    ``planned_places`` has the figures of first administrative levels (``PlacedPlanning``), which are never added to the
    scopes. Money comes as ``funding_flows``, as ``funding_totals``, or both. A table that the source does not give is
    None. Totals may hold rows of other plans. ``proportions`` are age-gender shares, by the measure that they were made
    from (``people_in_need``, ``target``). ``references`` are the folder's lists (indicators, places, organisations), by
    their name in ``sources.yml``. ``secret`` makes the keys of activities, by which public counts of people are
    rounded. ``pack`` is the folder of the plan pack that the tables were read with.
    """

    year: PlanYear
    activities: pd.DataFrame
    planning: pd.DataFrame
    planned_places: pd.DataFrame
    funding_flows: pd.DataFrame | None
    funding_totals: pd.DataFrame | None
    proportions: Mapping[str, pd.DataFrame]
    sources: Mapping[str, Source]
    references: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    refused_activities: pd.DataFrame = field(default_factory=pd.DataFrame)
    secret: Secret = field(default_factory=Secret, repr=False)
    pack: Path = field(default_factory=folder)

    @property
    def splits(self) -> dict[str, tuple[str, ...]]:
        """The groups of new beneficiaries in the plan's year, by the name of the split."""
        return {"population_group": POPULATION_GROUPS, "age_gender": self.year.age_gender_groups}

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Each activity that is used: the rows of ``all_rows`` with a label of 0 or more."""
        return self.all_rows.iloc[: len(self.activities)]

    @cached_property
    def refused_rows(self) -> pd.DataFrame:
        """Each refused activity: the rows of ``all_rows`` with a label below 0."""
        return self.all_rows.iloc[len(self.activities) :]

    @cached_property
    def all_rows(self) -> pd.DataFrame:
        """Used and refused activities, as ``measure_activities`` gives them, with the same categories.

        Refused activities come last, with the labels -1, -2, … ``people_left_out`` are the people that a refused
        activity would have, and 0 for a used activity.
        """
        rows, refused = self.activities, self.refused_activities
        left_out = np.zeros(len(rows))
        if len(refused):
            columns: dict[Any, Any] = {}
            for name, column in rows.items():
                if isinstance(column.dtype, pd.CategoricalDtype):
                    addition = refused[name].astype(column.cat.categories.dtype).astype("category")
                    columns[name] = union_categoricals([column, addition], sort_categories=True)
                else:
                    columns[name] = pd.concat([column, refused[name]], ignore_index=True)
            rows = pd.DataFrame(columns).set_axis([*rows.index, *range(-1, -len(refused) - 1, -1)])
            left_out = np.append(left_out, refused["people_left_out"])
        organisations = self.references.get("appealing_organisations")
        measured = measure_activities(rows, self.splits, organisations, row_keys(rows, self.secret.text))
        return measured.assign(people_left_out=left_out)

    @cached_property
    def presence(self) -> pd.DataFrame:
        """Each used activity: ``DIMENSION_COLUMNS``, ``SOURCE_COLUMNS``, ``rows``, ``rows_not_known``, ``row``.

        ``row`` is its label. ``rows`` is the number of reports that the activity stands for. ``rows_not_known`` is the
        same number if it is not known how many people are new, otherwise 0.
        """
        not_known = self.rows["rows"].where(self.rows[NOT_KNOWN_COLUMN] > 0, 0)
        rows = self.rows[[*DIMENSION_COLUMNS, *SOURCE_COLUMNS, "rows"]]
        return rows.assign(rows_not_known=not_known, row=rows.index)

    @cached_property
    def months_reported(self) -> tuple[str, ...]:
        """The months with used activities, in order."""
        return tuple(sorted(self.rows["month"].unique()))

    @cached_property
    def people(self) -> pd.DataFrame:
        """The people of each used activity: a row for every ``part`` that is not 0.

        Parts are ``PEOPLE_COLUMNS``, people in no group of a split (``UNGROUPED_PART_BY_SPLIT``) and
        ``people_not_known``. Columns: ``part``, ``row`` (the label of the activity), ``amount`` (people), ``key`` (for
        rounding), ``DIMENSION_COLUMNS``, ``SOURCE_COLUMNS``. No column has NaN.
        """
        activities = self.rows
        parts = [*PEOPLE_COLUMNS, *UNGROUPED_PART_BY_SPLIT.values(), NOT_KNOWN_COLUMN]
        tables = {
            part: activities.loc[activities[part] != 0, [part, "key"]].set_axis(["amount", "key"], axis="columns")
            for part in parts
        }
        people = pd.concat(tables, names=["part", "row"]).reset_index().astype({"part": pd.CategoricalDtype(parts)})
        return people.join(activities[[*DIMENSION_COLUMNS, *SOURCE_COLUMNS]], on="row")

    @cached_property
    def planned(self) -> pd.DataFrame:
        """The planning rows of whole scopes (``place`` is empty) and of first administrative levels.

        Columns: the columns of ``PlacedPlanning``, ``amount`` (= ``value``), ``rows`` (1), ``origin`` (planning),
        ``illustrative`` (bool).
        """
        scopes = self.planning.assign(place=NATIONAL_PLACE_KEY, place_name="")
        rows = pd.concat([scopes, self.planned_places], ignore_index=True) if len(self.planned_places) else scopes
        texts = rows.select_dtypes(["category", "string"]).columns
        rows = rows.astype(dict.fromkeys(texts, "str"))
        is_illustrative = rows["source"].str.lower().str.startswith("illustrative")
        return rows.assign(amount=rows["value"], rows=1, origin="planning", illustrative=is_illustrative)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The entries of the whole plan's money, with names instead of ids. Empty if only totals are known.

        Columns: the columns of ``name_entries``, ``SOURCE_COLUMNS``, ``amount`` (US$), ``rows`` (1).
        """
        flows = EMPTY_FLOW_ROWS if self.funding_flows is None else self.funding_flows
        entries = name_entries(funding_ledger(flows, plan_id=self.year.fts_plan_id))
        sources = flows[["flow_id", *SOURCE_COLUMNS]].drop_duplicates("flow_id")
        entries = entries.merge(sources, on="flow_id", how="left")
        return entries.assign(amount=entries["amount_usd"], rows=1)

    @cached_property
    def totals_by_sector(self) -> pd.DataFrame | None:
        """The rows of this plan in the source's totals by sector. None without such rows.

        Columns: the columns of the table ``FundingTotals``, ``sector``, ``rows`` (1).
        """
        if self.funding_totals is None:
            return None
        totals = totals_of_plan(self.funding_totals, self.year.fts_plan_id)
        rows = totals[totals["grouped_by"] == "sector"]
        return rows.assign(sector=rows["part"], rows=1) if len(rows) else None

    def cached_tables(self, name: str, *args: Any) -> dict[str, pd.DataFrame]:
        """Return the dict of tables by report that is cached and sent under a name and arguments. At first it is empty.

        Use it for tables that are computed for many reports at once, and never twice for one report.
        """
        results = vars(self).setdefault(CACHE_ATTRIBUTE, {})
        tables: dict[str, pd.DataFrame] = results.setdefault(CacheKey(True, name, args), {})
        return tables

    @property
    def results_to_send(self) -> dict[CacheKey, Any]:
        """The results that stay with the dataset when it is copied or pickled (``cached_and_sent``)."""
        return {key: result for key, result in vars(self).get(CACHE_ATTRIBUTE, {}).items() if key.is_sent}

    def add_results(self, results: Mapping[CacheKey, Any]) -> None:
        """Add results that another process, or a copy of the dataset, computed. They replace earlier results."""
        vars(self).setdefault(CACHE_ATTRIBUTE, {}).update(results)

    def source(self, name: str) -> str:
        """Return the producer of a table and its date (or *no date*) as a text. Empty without such a table."""
        source = self.sources.get(name)
        return f"{source.producer}, {source.as_of or 'no date'}" if source else ""

    def is_illustrative(self, name: str) -> bool:
        """Return whether a table is made up for illustration. False without such a table."""
        return name in self.sources and self.sources[name].illustrative

    def select_counted_people(self, people: pd.DataFrame, method: Method) -> pd.DataFrame:
        """Return the rows of ``people`` with an indicator type that the method counts.

        With ``rmrp_activities_only``, return only activities of the plan (``rmrp_activity`` is *Yes*).
        """
        is_counted = people["indicator_type"].isin(method.counted_indicator_types)
        return (
            people[is_counted & people["rmrp_activity"].eq("Yes")]
            if method.rmrp_activities_only
            else people[is_counted]
        )

    @cached_by_args
    def select_planned_rows(self, measure: str, method: Method) -> pd.DataFrame:
        """Return the planning rows that make the figure of each sector in each place (see ``metrics.planned``)."""
        return select_planned_rows(self.planned, measure, method)


def measure_activities(
    activities: pd.DataFrame, splits: Mapping[str, Sequence[str]], organisations: pd.DataFrame | None, keys: pd.Series
) -> pd.DataFrame:
    """Return one row for each activity, with its index, and all columns that figures are computed from.

    Columns:

    - ``DIMENSION_COLUMNS``, as Categoricals without NaN. An indicator has its name in the list, or as it was reported
      if the list has none. Spellings of an organisation that differ by accents, case or blanks become the most frequent
      one. ``organisation_type`` comes from the list ``organisations``, otherwise it is *not specified*.
    - ``PEOPLE_COLUMNS``: 0 if nothing is reported, or if it is not known how many people are new.
    - People in no group of a split (``UNGROUPED_PART_BY_SPLIT``), ``people_not_known``, the total of the month.
    - ``rows`` (the reports that the activity stands for), ``key`` (see ``row_keys``), ``SOURCE_COLUMNS``.
    """
    types = {}
    if organisations is not None:
        types = dict(zip(organisations["name"].map(fold), organisations["organisation_type"], strict=True))
    organisation, place = activities["appealing_organisation"], activities["place"].astype("str")
    labels = {name: types.get(fold(name)) or NOT_SPECIFIED for name in organisation.unique()}
    admin1, indicator = (activities["place_name"].astype("str"), activities["indicator_name"].astype("str"))
    numbers = activities[[NEW_BENEFICIARIES, *POPULATION_GROUPS, *AGE_GENDER_COLUMNS]].fillna(0.0)
    people = numbers.mask(activities[NOT_KNOWN_COLUMN] > 0, 0.0)
    new = people[NEW_BENEFICIARIES]
    ungrouped = {
        UNGROUPED_PART_BY_SPLIT[split]: (new - people[list(groups)].sum(axis="columns")).round(SUM_DECIMALS)
        for split, groups in splits.items()
    }
    columns = {
        **{dimension: activities[dimension] for dimension in DIMENSION_COLUMNS if dimension in activities},
        "platform": activities["country"].map(plan_lists().platform_of),
        "admin1": admin1.where(admin1 != "", place).where(place != NATIONAL_PLACE_KEY, NATIONAL_LEVEL),
        "organisation": unify_spellings(organisation),
        "organisation_type": organisation.map(labels),
        "implementing_partner": unify_spellings(activities["implementing_partner"]),
        "indicator": indicator.where(indicator != "", activities["indicator"].astype("str")),
    }
    return pd.DataFrame(
        {
            **{dimension: fill_categories(columns[dimension]) for dimension in DIMENSION_COLUMNS},
            **people,
            NEW_WITH_CVA: new.where((activities["cva"] == "Yes").astype(bool), 0.0),
            **ungrouped,
            NOT_KNOWN_COLUMN: activities[NOT_KNOWN_COLUMN],
            MONTHLY_TOTAL_COLUMN: activities[MONTHLY_TOTAL_COLUMN].fillna(0.0),
            "rows": activities["rows"],
            "key": keys,
            "source_file": activities["source_file"],
            "source_line": activities["source_line"],
        }
    )


def unify_spellings(names: pd.Series) -> pd.Series:
    """Replace names that differ by accents, case or blanks by the most frequent one.

    On a tie, the first name in the alphabet is chosen. A name of blanks alone becomes an empty text. The index stays.
    """
    counts = names.value_counts().rename_axis("name").reset_index(name="rows").astype({"name": "str"})
    chosen: dict[str, str] = {}
    for name in counts.sort_values(["rows", "name"], ascending=[False, True])["name"]:
        chosen.setdefault(fold(name), name if fold(name) else "")
    return names.map({name: chosen[fold(name)] for name in names.unique()})


def fill_categories(texts: pd.Series) -> pd.Series:
    """Return texts as a Categorical with sorted categories. A missing value becomes an empty text.

    The empty text is always a category. The index stays.
    """
    names = sorted({"", *texts.dropna().unique()})
    return texts.astype(pd.CategoricalDtype(names)).fillna("")


# ---- Rounding keys: they decide whether a count of people is rounded up or down ----
# They are added up (modulo 2^64) with the people, so the same people have the same key wherever they are counted.

Keys = npt.NDArray[np.uint64]

COLUMNS_WITHOUT_CONTENT = ("source_file", "source_line", "rows")
"""Columns that do not change a key: files may be sorted or split, and a row may stand for several reports."""


def row_keys(activities: pd.DataFrame, secret: str) -> pd.Series:
    """Return a key (uint64) for each row: a hash of its cells and of a secret.

    A cell is hashed with the name of its column, a number as pandas prints it. ``COLUMNS_WITHOUT_CONTENT``, empty
    cells, and the order of rows and columns do not matter. Rows of the same content have the same key. A sum of keys is
    as random as a key.

    >>> rows = pd.DataFrame({"country": ["Peru", "Chile", "Peru"], "new": [3.0, 4.0, 3.0], "source_line": [2, 3, 4]})
    >>> keys = row_keys(rows, "a secret of the project")
    >>> str(keys.dtype), bool(keys[0] == keys[2]), bool(keys[0] == keys[1])
    ('uint64', True, False)
    """
    hash_key = base64.b64encode(hashlib.sha256(secret.encode()).digest()[:12]).decode()  # SipHash takes 16 bytes
    keys = np.zeros(len(activities), dtype=np.uint64)
    for name in activities.columns.difference(list(COLUMNS_WITHOUT_CONTENT)):
        codes, contents = pd.factorize(activities[name], use_na_sentinel=True)
        texts = pd.Index(contents).astype("str")
        cells = (name + "\x1f" + texts).to_numpy(dtype=object)
        hashes = pd.util.hash_array(cells, hash_key=hash_key, categorize=False)
        hashes[texts == ""] = 0
        keys += np.append(hashes, np.uint64(0))[codes]  # a missing value has the code -1
    return pd.Series(_scramble_bits(keys), index=activities.index, name="key")


def mix_keys(keys: pd.Series, name: str) -> pd.Series:
    """Return other keys for a part of the same people, by its name, such as an age group.

    >>> keys = pd.Series([7, 7], dtype="uint64")
    >>> women, girls = mix_keys(keys, "women"), mix_keys(keys, "girls")
    >>> bool(women[0] == women[1]), bool(women[0] == girls[0])
    (True, False)
    """
    name_hash = np.frombuffer(hashlib.sha256(name.encode()).digest()[:8], dtype=np.uint64)
    return pd.Series(_scramble_bits(keys.to_numpy("uint64") ^ name_hash), keys.index)


def _scramble_bits(keys: Keys) -> Keys:
    """Mix the bits of keys (SplitMix64). Then sums of keys say nothing about each other."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
