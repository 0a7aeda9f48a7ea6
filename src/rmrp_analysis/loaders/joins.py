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
    """Return activities with the code and type of their indicator and their place; and the audits.

    The columns are those of ``JoinedActivities``. An indicator is found by sector and name, whatever its spelling (see
    ``find_indicators``); one that is not found has no code and the type ``unknown``, so its people are not counted. Ids
    of records do not join, though ActivityInfo gives them: R4V's own rule compares sector and text, and an id would
    count a row whose sector or text is in no list. A place is found by p-code or folded name; one that is not found
    keeps its folded name as place, and its people count. Without a list of ``admin1`` there is no audit of places.
    """
    row_numbers, combinations = _number_combinations(activities, ["sector", "indicator", "stated_indicator_type"])
    columns = find_indicators(combinations, indicators, year)
    duplicated_indicators = int(
        indicators.assign(name=indicators["indicator"].map(fingerprint)).duplicated(["sector", "name"]).sum()
    )
    place_numbers, places, duplicated = _find_places(activities, admin1)
    typed = activities.assign(
        plan_year=year.year,
        rows=activities.get(ROW_COUNT_COLUMN, 1),
        **{str(name): pd.Categorical(texts.astype("str")).take(row_numbers) for name, texts in columns.items()},
        **{name: pd.Categorical(places[name]).take(place_numbers) for name in ("place", "place_name")},
    )
    joined = with_new_beneficiaries(typed, year)
    people = joined["new_beneficiaries"].fillna(0.0)
    rows = pd.DataFrame({"rows": joined[ROW_COUNT_COLUMN], "people": people, "lost": people})
    keys = pd.Categorical(combinations["sector"].astype("str") + ": " + combinations["indicator"].astype("str"))
    is_listed = (columns["indicator_type"] != UNKNOWN_INDICATOR_TYPE).to_numpy(dtype="bool")
    matched = rows.assign(known=is_listed.take(row_numbers), key=keys.take(row_numbers))
    audits = [JoinAudit.of("indicators", matched, duplicated=duplicated_indicators, loses=True)]
    if admin1 is not None:
        keys = pd.Categorical(places["country"] + ": " + places["admin1"])
        matched = rows.assign(known=places["known"].to_numpy().take(place_numbers), key=keys.take(place_numbers))
        audits.append(JoinAudit.of("admin1", matched, duplicated=duplicated))
    return joined[list(JoinedActivities.columns)], tuple(audits)


def join_proportions(proportions: pd.DataFrame, admin1: pd.DataFrame | None) -> pd.DataFrame:
    """Return age-gender shares with the column ``place``, by which they meet activities, whatever the spelling."""
    number, places, _ = _find_places(proportions, admin1)
    return PlacedProportions.set_types(proportions.assign(place=places["place"].to_numpy()[number]))


def join_planning(planning: pd.DataFrame, admin1: pd.DataFrame | None) -> pd.DataFrame:
    """Return planned figures of admin1 with the columns ``place`` and ``place_name``.

    A place is found by p-code where the list has it, else by name, as those of activities are.
    """
    of_country = planning.rename(columns={"scope": "country"})
    code_or_name = planning["pcode"].where(planning["pcode"] != "", planning["admin1"])
    lookups = (_find_places(table, admin1) for table in (of_country, of_country.assign(admin1=code_or_name)))
    by_name, by_code = (places.take(number).set_axis(planning.index) for number, places, _ in lookups)
    use_name = ~by_code["known"] & (planning["admin1"] != "")
    columns = {name: by_code[name].mask(use_name, by_name[name]) for name in ("place", "place_name")}
    return PlacedPlanning.set_types(planning.assign(**columns))


def _number_combinations(table: pd.DataFrame, names: Sequence[str]) -> tuple[Lines, pd.DataFrame]:
    """Return each row's number of its combination of texts in ``names``, and the different combinations.

    These are a table in the order of their first rows.
    """
    number = table.groupby([*names], sort=False, observed=True, dropna=False).ngroup().to_numpy()
    return number, table[[*names]].drop_duplicates(ignore_index=True)


def _find_places(table: pd.DataFrame, admin1: pd.DataFrame | None) -> tuple[Lines, pd.DataFrame, int]:
    """Return the number of each row's place, the different places as a table, and how often the list repeats one.

    Columns: ``country``, ``admin1``, ``rows``, ``place``, ``place_name``, and ``known``: whether it is listed.
    The place is the p-code of the row's admin1, its folded name when it is not listed, and ``NATIONAL_PLACE_KEY`` when
    it names the country. Its name is the one in the list, or else the spelling of most rows; of equal ones the first in
    the order of the alphabet.
    """
    pcodes: dict[tuple[str, str], str] = {}
    names: dict[tuple[str, str], str] = {}
    duplicated = 0
    listed = [] if admin1 is None else admin1[["country", "pcode", "admin1"]].to_numpy().tolist()
    for country, pcode, name in listed:
        key = place_key(country, name)
        duplicated += key != NATIONAL_PLACE_KEY and (country, key) in pcodes
        place = pcodes.setdefault((country, key), NATIONAL_PLACE_KEY if key == NATIONAL_PLACE_KEY else pcode)
        pcodes.setdefault((country, fold(pcode)), place)
        names.setdefault((country, place), name)
    number, pairs = _number_combinations(table, ["country", "admin1"])
    pairs = pairs.astype("str").assign(rows=np.bincount(number, minlength=len(pairs)))
    places = {}
    # The commonest first
    ordered = pairs.sort_values(["rows", "admin1"], ascending=[False, True])
    for pair, country, spelling in zip(ordered.index, ordered["country"], ordered["admin1"], strict=True):
        key = place_key(country, spelling)
        place = pcodes.get((country, key), key)
        name = NATIONAL_PLACE_KEY if place == NATIONAL_PLACE_KEY else names.setdefault((country, place), spelling)
        places[pair] = (place, name, key == NATIONAL_PLACE_KEY or (country, key) in pcodes)
    table_of_places = pd.DataFrame.from_dict(places, orient="index", columns=["place", "place_name", "known"])
    return (
        number,
        pairs.join(table_of_places.astype({"place": "str", "place_name": "str", "known": "bool"})),
        duplicated,
    )
