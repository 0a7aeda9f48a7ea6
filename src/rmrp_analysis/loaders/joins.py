"""Joins between the tables of a plan, each with an audit: no row is lost or doubled, and the unmatched are named."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rmrp_analysis.loaders.indicators import find_indicators
from rmrp_analysis.loaders.new_beneficiaries import with_new_beneficiaries
from rmrp_analysis.loaders.table import ROW_COUNT_COLUMN
from rmrp_analysis.loaders.texts import Lines
from rmrp_analysis.plan import JoinAudit
from rmrp_analysis.tables import JoinedActivities, PlacedPlanning, PlacedProportions
from rmrp_analysis.vocabulary import NATIONAL_PLACE_KEY, UNKNOWN_INDICATOR_TYPE, PlanYear, fingerprint, fold, place_key


def join_activities(
    activities: pd.DataFrame, indicators: pd.DataFrame, admin1: pd.DataFrame | None, *, year: PlanYear
) -> tuple[pd.DataFrame, tuple[JoinAudit, ...]]:
    """Return ``JoinedActivities``, with the code and type of each indicator and the place, and the audits.

    An indicator is found by sector and name, whatever its spelling (see ``find_indicators``). If it is not found, it
    has no code and the type ``unknown``, so its people are not counted. Ids of records do not join, though ActivityInfo
    gives them: R4V's own rule compares sector and text, and an id would count a row with a sector or text in no list. A
    place is found by p-code or folded name. If it is not found, its folded name is the place, and its people count.
    Without a list of ``admin1``, places have no audit.
    """
    numbers, combinations = _number_combinations(activities, ["sector", "indicator", "stated_indicator_type"])
    columns = find_indicators(combinations, indicators, year)
    names = indicators.assign(name=indicators["indicator"].map(fingerprint))
    repeated = int(names.duplicated(["sector", "name"]).sum())
    place_numbers, places, repeated_places = _find_places(activities, admin1)
    typed = activities.assign(
        plan_year=year.year,
        rows=activities.get(ROW_COUNT_COLUMN, 1),
        **{str(name): pd.Categorical(texts.astype("str")).take(numbers) for name, texts in columns.items()},
        **{name: pd.Categorical(places[name]).take(place_numbers) for name in ("place", "place_name")},
    )
    joined = with_new_beneficiaries(typed, year)
    people = joined["new_beneficiaries"].fillna(0.0)
    rows = pd.DataFrame({"rows": joined[ROW_COUNT_COLUMN], "people": people, "lost": people})
    keys = pd.Categorical(combinations["sector"].astype("str") + ": " + combinations["indicator"].astype("str"))
    is_listed = (columns["indicator_type"] != UNKNOWN_INDICATOR_TYPE).to_numpy(dtype="bool")
    matched = rows.assign(known=is_listed.take(numbers), key=keys.take(numbers))
    audits = [JoinAudit.of("indicators", matched, duplicated=repeated, loses=True)]
    if admin1 is not None:
        keys = pd.Categorical(places["country"] + ": " + places["admin1"])
        matched = rows.assign(known=places["known"].to_numpy().take(place_numbers), key=keys.take(place_numbers))
        audits.append(JoinAudit.of("admin1", matched, duplicated=repeated_places))
    return joined[list(JoinedActivities.columns)], tuple(audits)


def join_proportions(proportions: pd.DataFrame, admin1: pd.DataFrame | None) -> pd.DataFrame:
    """Return age-gender shares with the column ``place``, which joins them to activities, whatever the spelling."""
    numbers, places, _ = _find_places(proportions, admin1)
    return PlacedProportions.set_types(proportions.assign(place=places["place"].to_numpy()[numbers]))


def join_planning(planning: pd.DataFrame, admin1: pd.DataFrame | None) -> pd.DataFrame:
    """Return planned figures of admin1 with the columns ``place`` and ``place_name``.

    A place is found by p-code if the list has it, otherwise by name, as in activities.
    """
    rows = planning.rename(columns={"scope": "country"})
    codes = planning["pcode"].where(planning["pcode"] != "", planning["admin1"])
    lookups = (_find_places(table, admin1) for table in (rows, rows.assign(admin1=codes)))
    by_name, by_code = (places.take(numbers).set_axis(planning.index) for numbers, places, _ in lookups)
    is_by_name = ~by_code["known"] & (planning["admin1"] != "")
    columns = {name: by_code[name].mask(is_by_name, by_name[name]) for name in ("place", "place_name")}
    return PlacedPlanning.set_types(planning.assign(**columns))


def _number_combinations(table: pd.DataFrame, names: Sequence[str]) -> tuple[Lines, pd.DataFrame]:
    """Return each row's number of its combination of texts in ``names``, and the combinations in the order of rows."""
    numbers = table.groupby([*names], sort=False, observed=True, dropna=False).ngroup().to_numpy()
    return numbers, table[[*names]].drop_duplicates(ignore_index=True)


def _find_places(table: pd.DataFrame, admin1: pd.DataFrame | None) -> tuple[Lines, pd.DataFrame, int]:
    """Return the number of each row's place, the table of places, and how often the list repeats one.

    Columns: ``country``, ``admin1``, ``rows``, ``place``, ``place_name``, and ``known``, which says if it is listed.
    The place is the p-code of the row's admin1, its folded name if it is not listed, and ``NATIONAL_PLACE_KEY`` if it
    names the country. Its name is the one in the list, or the spelling of most rows, on a tie the first in the
    alphabet.
    """
    pcodes: dict[tuple[str, str], str] = {}
    names: dict[tuple[str, str], str] = {}
    repeats = 0
    listed = [] if admin1 is None else admin1[["country", "pcode", "admin1"]].to_numpy().tolist()
    for country, pcode, name in listed:
        key = place_key(country, name)
        repeats += key != NATIONAL_PLACE_KEY and (country, key) in pcodes
        place = pcodes.setdefault((country, key), NATIONAL_PLACE_KEY if key == NATIONAL_PLACE_KEY else pcode)
        pcodes.setdefault((country, fold(pcode)), place)
        names.setdefault((country, place), name)
    numbers, pairs = _number_combinations(table, ["country", "admin1"])
    pairs = pairs.astype("str").assign(rows=np.bincount(numbers, minlength=len(pairs)))
    places = {}
    # The commonest spelling first
    ordered = pairs.sort_values(["rows", "admin1"], ascending=[False, True])
    for pair, country, spelling in zip(ordered.index, ordered["country"], ordered["admin1"], strict=True):
        key = place_key(country, spelling)
        place = pcodes.get((country, key), key)
        name = NATIONAL_PLACE_KEY if place == NATIONAL_PLACE_KEY else names.setdefault((country, place), spelling)
        places[pair] = (place, name, key == NATIONAL_PLACE_KEY or (country, key) in pcodes)
    matched = pd.DataFrame.from_dict(places, orient="index", columns=["place", "place_name", "known"])
    return numbers, pairs.join(matched.astype({"place": "str", "place_name": "str", "known": "bool"})), repeats
