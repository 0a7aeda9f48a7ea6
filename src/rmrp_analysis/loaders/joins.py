"""Joins between the tables of a plan, each with an audit: no row is lost or doubled, and the unmatched are named."""

from typing import Any

import pandas as pd

from rmrp_analysis.loaders.new_beneficiaries import with_new_beneficiaries
from rmrp_analysis.plan import JoinAudit
from rmrp_analysis.tables import JoinedActivities, PlacedPlanning, PlacedProportions
from rmrp_analysis.vocabulary import NATIONAL, UNKNOWN_INDICATOR, PlanYear, fold, place_key

MOST_NAMED = 20


def join_activities(
    activities: pd.DataFrame, indicators: pd.DataFrame, admin1: pd.DataFrame | None, *, year: PlanYear
) -> tuple[pd.DataFrame, tuple[JoinAudit, ...]]:
    """Each activity with the code and type of its indicator and its place (``JoinedActivities``), and the audits.

    An indicator is found by sector and folded text, English or Spanish; one that is not found has no code and the type
    ``unknown``, so its people are not counted. Ids of records do not join, though ActivityInfo gives them: R4V's own
    rule compares sector and text, and an id would count a row whose sector or text is in no list. A place is found by
    p-code or folded name; one that is not found keeps its folded name as place, and its people count.
    """
    types = _indicator_look_up(indicators)
    keys = _keys(activities["sector"], activities["indicator"])
    placed, duplicated = _placed(activities, admin1)
    words = keys.map(types["r4v_indicator_type"]).fillna("")
    said = words.where(words != "", activities["stated_indicator_type"])
    typed = activities.assign(
        plan_year=year.year,
        place=placed["place"],
        place_name=placed["place_name"],
        indicator_code=keys.map(types["indicator_code"]).fillna("").astype("string[pyarrow]"),
        indicator_type=keys.map(types["indicator_type"]).fillna(UNKNOWN_INDICATOR).astype("string[pyarrow]"),
        r4v_indicator_type=said.map(_r4v_words(said, year)).astype("string[pyarrow]"),
    )
    joined = with_new_beneficiaries(typed, year)
    named = activities["sector"].astype("str") + ": " + activities["indicator"].astype("str")
    audits = [_audit("indicators", joined, keys.isin(types.index), named, types.attrs["duplicated"], loses=True)]
    if admin1 is not None:
        named = activities["country"].astype("str") + ": " + activities["admin1"].astype("str")
        audits.append(_audit("admin1", joined, placed["known"], named, duplicated))
    return JoinedActivities.validate(joined), tuple(audits)


def join_proportions(proportions: pd.DataFrame, admin1: pd.DataFrame | None) -> pd.DataFrame:
    """Age-gender shares with their places, so that they meet the activities whatever the year's spelling."""
    return PlacedProportions.validate(proportions.assign(place=_placed(proportions, admin1)[0]["place"]))


def join_planning(planning: pd.DataFrame, admin1: pd.DataFrame | None) -> pd.DataFrame:
    """Planned figures of admin1 with their places: by p-code where the list has it, else by name, as activities are."""
    of_country = planning.rename(columns={"scope": "country"})
    placed, _ = _placed(
        of_country.assign(admin1=of_country["pcode"].where(of_country["pcode"] != "", of_country["admin1"])), admin1
    )
    by_name, _ = _placed(of_country, admin1)
    better = ~placed["known"] & (planning["admin1"] != "")
    columns = {name: placed[name].mask(better, by_name[name]) for name in ("place", "place_name")}
    return PlacedPlanning.validate(planning.assign(**columns))


def _placed(table: pd.DataFrame, admin1: pd.DataFrame | None) -> tuple[pd.DataFrame, int]:
    """For each row its ``place``, its ``place_name`` and whether it is ``known``; how often the list repeats a place.

    The place is the p-code of the row's admin1, its folded name when it is not listed, and ``NATIONAL`` when it names
    the country. Its name is the one in the list, or else the spelling of most rows; of equal ones the first in the
    order of the alphabet.
    """
    pcodes: dict[tuple[str, str], str] = {}
    names: dict[tuple[str, str], str] = {}
    duplicated = 0
    listed = [] if admin1 is None else admin1[["country", "pcode", "admin1"]].to_numpy().tolist()
    for country, pcode, name in listed:
        key = place_key(country, name)
        duplicated += (country, key) in pcodes
        place = pcodes.setdefault((country, key), NATIONAL if key == NATIONAL else pcode)
        pcodes.setdefault((country, fold(pcode)), place)
        names.setdefault((country, place), name)
    rows_of: Any = table.groupby(["country", "admin1"]).size().to_dict()
    places = {}
    for country, name in sorted(rows_of, key=lambda pair: (-rows_of[pair], pair)):  # the commonest spelling first
        key = place_key(country, name)
        place = pcodes.get((country, key), key)
        place_name = NATIONAL if place == NATIONAL else names.setdefault((country, place), name)
        places[country, name] = place, place_name, key == NATIONAL or (country, key) in pcodes
    index = pd.MultiIndex.from_tuples(list(places), names=["country", "admin1"])
    found = pd.DataFrame(list(places.values()), index=index, columns=["place", "place_name", "known"])
    placed = found.reindex(pd.MultiIndex.from_frame(table[["country", "admin1"]])).set_axis(table.index)
    return placed.astype({"place": "string[pyarrow]", "place_name": "string[pyarrow]", "known": "bool"}), duplicated


def _indicator_look_up(indicators: pd.DataFrame) -> pd.DataFrame:
    english = indicators.assign(key=_keys(indicators["sector"], indicators["indicator"]))
    spanish = indicators.assign(key=_keys(indicators["sector"], indicators["indicator_es"]))
    both = pd.concat([english, spanish[spanish["indicator_es"] != ""]])
    look_up = both.drop_duplicates("key").set_index("key")
    look_up.attrs["duplicated"] = int(english["key"].duplicated().sum())
    return look_up


def _r4v_words(texts: pd.Series, year: PlanYear) -> dict[str, str]:
    """R4V's word for each text that says what an indicator counts; empty for one that is none of the year's."""
    return {text: year.indicator_words.get(fold(text), "") for text in texts.unique()}


def _keys(sectors: pd.Series, texts: pd.Series) -> pd.Series:
    folded = {text: fold(text) for text in texts.unique()}
    return sectors.astype("str") + "\n" + texts.map(folded).astype("str")


def _audit(
    name: str, rows: pd.DataFrame, matched: pd.Series, keys: pd.Series, duplicated: int, *, loses: bool = False
) -> JoinAudit:
    people = rows["new_beneficiaries"].fillna(0)
    lost = people[~matched].groupby(keys[~matched]).sum()
    ordered = lost.sort_values(ascending=False, kind="stable").index[:MOST_NAMED]
    return JoinAudit(
        name=name,
        rows_matched=int(matched.sum()),
        rows_unmatched=int((~matched).sum()),
        people_matched=float(people[matched].sum()),
        people_unmatched=float(people[~matched].sum()),
        duplicated=duplicated,
        unmatched_keys=tuple(map(str, ordered)),
        loses_people=loses and bool(people[~matched].sum() > 0),
    )
