"""Joins between the tables of a plan, each with an audit: no row is lost or doubled, and the unmatched are named."""

import numpy as np
import pandas as pd

from rmrp_analysis.coded import CodedTable, Codes, Column, smallest
from rmrp_analysis.loaders.new_beneficiaries import with_new_beneficiaries
from rmrp_analysis.loaders.tabular import valid
from rmrp_analysis.plan import JoinAudit
from rmrp_analysis.tables import JoinedActivities, PlacedPlanning, PlacedProportions
from rmrp_analysis.vocabulary import NATIONAL, UNKNOWN_INDICATOR, PlanYear, fold, place_key

MOST_NAMED = 20


def join_activities(
    activities: CodedTable, indicators: pd.DataFrame, admin1: pd.DataFrame | None, *, year: PlanYear
) -> tuple[CodedTable, tuple[JoinAudit, ...]]:
    """Each activity with the code and type of its indicator and its place (``JoinedActivities``), and the audits.

    An indicator is found by sector and folded text, English or Spanish; one that is not found has no code and the type
    ``unknown``, so its people are not counted. Ids of records do not join, though ActivityInfo gives them: R4V's own
    rule compares sector and text, and an id would count a row whose sector or text is in no list. A place is found by
    p-code or folded name; one that is not found keeps its folded name as place, and its people count.
    """
    types = _indicator_look_up(indicators)
    number, told = activities.combinations(["sector", "indicator", "stated_indicator_type"])
    keys = _keys(told["sector"], told["indicator"])
    words = keys.map(types["r4v_indicator_type"]).fillna("")
    said = words.where(words != "", told["stated_indicator_type"])
    of_indicator = {
        "indicator_code": keys.map(types["indicator_code"]).fillna(""),
        "indicator_type": keys.map(types["indicator_type"]).fillna(UNKNOWN_INDICATOR),
        "r4v_indicator_type": said.map(_r4v_words(said, year)),
    }
    codes = smallest(number, len(told))
    (in_place, places), duplicated = _placed(activities, admin1)
    typed = activities.assign(
        plan_year=Column.constant(year.year, len(activities), "int64"),
        place=Column(in_place, places["place"].array),
        place_name=Column(in_place, places["place_name"].array),
        **{name: Column(codes, texts.astype("string[pyarrow]").array) for name, texts in of_indicator.items()},
    )
    joined = with_new_beneficiaries(typed, year)
    people = joined.columns["new_beneficiaries"].filled().cells()
    named = told["sector"].astype("str") + ": " + told["indicator"].astype("str")
    listed = keys.isin(types.index).to_numpy(dtype="bool")
    audits = [_audit("indicators", people, codes, listed, named, types.attrs["duplicated"], loses=True)]
    if admin1 is not None:
        named = places["country"].astype("str") + ": " + places["admin1"].astype("str")
        audits.append(_audit("admin1", people, in_place, places["known"].to_numpy(), named, duplicated))
    return valid(joined, JoinedActivities), tuple(audits)


def join_proportions(proportions: pd.DataFrame, admin1: pd.DataFrame | None) -> pd.DataFrame:
    """Age-gender shares with their places, so that they meet the activities whatever the year's spelling."""
    return PlacedProportions.validate(proportions.assign(place=_places(proportions, admin1)["place"]))


def join_planning(planning: pd.DataFrame, admin1: pd.DataFrame | None) -> pd.DataFrame:
    """Planned figures of admin1 with their places: by p-code where the list has it, else by name, as activities are."""
    of_country = planning.rename(columns={"scope": "country"})
    placed = _places(
        of_country.assign(admin1=of_country["pcode"].where(of_country["pcode"] != "", of_country["admin1"])), admin1
    )
    by_name = _places(of_country, admin1)
    better = ~placed["known"] & (planning["admin1"] != "")
    columns = {name: placed[name].mask(better, by_name[name]) for name in ("place", "place_name")}
    return PlacedPlanning.validate(planning.assign(**columns))


def _places(table: pd.DataFrame, admin1: pd.DataFrame | None) -> pd.DataFrame:
    """The ``place`` of each row, as ``_placed`` finds it."""
    (number, places), _ = _placed(CodedTable.of(table[["country", "admin1"]]), admin1)
    return places.take(number).set_axis(table.index)


def _placed(table: CodedTable, admin1: pd.DataFrame | None) -> tuple[tuple[Codes, pd.DataFrame], int]:
    """The number of each row's place among the different ones, and these: ``country``, ``admin1``, ``place``,
    ``place_name`` and whether it is ``known``; how often the list repeats a place.

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
    number, pairs = table.combinations(["country", "admin1"])
    rows_of = np.bincount(number, minlength=len(pairs)).tolist()
    named = list(zip(pairs["country"], pairs["admin1"], strict=True))
    places = {}
    for pair, _ in sorted(zip(named, rows_of, strict=True), key=lambda each: (-each[1], each[0])):  # commonest first
        country, name = pair
        key = place_key(country, name)
        place = pcodes.get((country, key), key)
        place_name = NATIONAL if place == NATIONAL else names.setdefault((country, place), name)
        places[pair] = place, place_name, key == NATIONAL or (country, key) in pcodes
    found = pd.DataFrame([places[pair] for pair in named], columns=["place", "place_name", "known"])
    found = found.astype({"place": "string[pyarrow]", "place_name": "string[pyarrow]", "known": "bool"})
    return (smallest(number, len(pairs)), pairs.assign(**found)), duplicated


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
    name: str, people: pd.Series, codes: Codes, known: Codes, keys: pd.Series, duplicated: int, *, loses: bool = False
) -> JoinAudit:
    """What a join found, from the ``people`` of each row, and for each code whether it is ``known``, and its key."""
    matched = known.take(codes)
    unmatched = people[~matched]
    of_key = pd.Series(pd.Categorical(keys).take(codes[~matched]), index=unmatched.index)
    ordered = unmatched.groupby(of_key, observed=True).sum().sort_values(ascending=False, kind="stable").index
    return JoinAudit(
        name=name,
        rows_matched=int(np.count_nonzero(matched)),
        rows_unmatched=int(np.count_nonzero(~matched)),
        people_matched=float((people if matched.all() else people[matched]).sum()),
        people_unmatched=float(unmatched.sum()),
        duplicated=duplicated,
        unmatched_keys=tuple(map(str, ordered[:MOST_NAMED])),
        loses_people=loses and bool(unmatched.sum() > 0),
    )
