"""Joins between the tables of a plan, each with an audit: no row is lost or doubled, and who is unmatched is told."""

from collections.abc import Callable

import pandas as pd

from rmrp_analysis.plan import JoinAudit
from rmrp_analysis.tables import JoinedActivities, PlacedProportions
from rmrp_analysis.vocabulary import NATIONAL, UNKNOWN_INDICATOR, fold, place_key

MOST_TOLD = 20


def join_activities(
    activities: pd.DataFrame, indicators: pd.DataFrame, admin1: pd.DataFrame | None, *, plan_year: int
) -> tuple[pd.DataFrame, tuple[JoinAudit, ...]]:
    """Each activity with the code and type of its indicator and its place (``JoinedActivities``), and the audits.

    An indicator is found by sector and folded text, English or Spanish; one that is not found has no code and the type
    ``unknown``, so its people are not counted. A place is found by p-code or folded name; one that is not found keeps
    its folded name as place, and its people count.
    """
    types = _indicator_look_up(indicators)
    keys = _keys(activities["sector"], activities["indicator"])
    places = _Places(admin1)
    joined = activities.assign(
        plan_year=plan_year,
        place=places.of(activities),
        place_name=lambda rows: _majority(rows),
        indicator_code=keys.map(types["indicator_code"]).fillna("").astype("string[pyarrow]"),
        indicator_type=keys.map(types["indicator_type"]).fillna(UNKNOWN_INDICATOR).astype("string[pyarrow]"),
    )
    named = activities["sector"].astype("str") + ": " + activities["indicator"].astype("str")
    audits = [_audit("indicators", activities, keys.isin(types.index), named, types.attrs["duplicated"], loses=True)]
    if admin1 is not None:
        audits.append(
            _audit("admin1", activities, places.known(activities), _place_names(activities), places.duplicated)
        )
    return JoinedActivities.validate(joined), tuple(audits)


def join_proportions(proportions: pd.DataFrame, admin1: pd.DataFrame | None) -> pd.DataFrame:
    """Age-gender shares with their places, so that they meet the activities whatever the year's spelling."""
    return PlacedProportions.validate(proportions.assign(place=_Places(admin1).of(proportions)))


class _Places:
    """The list of admin1 as a look-up by p-code and by folded name."""

    def __init__(self, admin1: pd.DataFrame | None) -> None:
        self._pcodes: dict[tuple[str, str], str] = {}
        self.duplicated = 0
        listed = [] if admin1 is None else admin1[["country", "pcode", "admin1"]].itertuples(index=False)
        for country, pcode, name in listed:
            key = (country, place_key(country, name))
            self.duplicated += key in self._pcodes
            self._pcodes.setdefault(key, NATIONAL if key[1] == NATIONAL else pcode)
            self._pcodes.setdefault((country, fold(pcode)), self._pcodes[key])

    def of(self, table: pd.DataFrame) -> pd.Series:
        """P-code of each row's admin1, its folded name when it is not listed, empty when it names the country."""
        return self._looked_up(table, lambda key: self._pcodes.get(key, key[1])).astype("string[pyarrow]")

    def known(self, table: pd.DataFrame) -> pd.Series:
        """Whether each row's admin1 is listed, or names the country itself."""
        return self._looked_up(table, lambda key: key in self._pcodes or key[1] == NATIONAL).astype(bool)

    def _looked_up(self, table: pd.DataFrame, answer: Callable[[tuple[str, str]], str | bool]) -> pd.Series:
        pairs = pd.MultiIndex.from_frame(table[["country", "admin1"]])
        answers = {pair: answer((pair[0], place_key(*pair))) for pair in pairs.unique()}
        return pd.Series([answers[pair] for pair in pairs], index=table.index)


def _indicator_look_up(indicators: pd.DataFrame) -> pd.DataFrame:
    english = indicators.assign(key=_keys(indicators["sector"], indicators["indicator"]))
    spanish = indicators.assign(key=_keys(indicators["sector"], indicators["indicator_es"]))
    both = pd.concat([english, spanish[spanish["indicator_es"] != ""]])
    look_up = both.drop_duplicates("key").set_index("key")
    look_up.attrs["duplicated"] = int(english["key"].duplicated().sum())
    return look_up


def _keys(sectors: pd.Series, texts: pd.Series) -> pd.Series:
    folded = {text: fold(text) for text in texts.unique()}
    return sectors.astype("str") + "\n" + texts.map(folded).astype("str")


def _place_names(activities: pd.DataFrame) -> pd.Series:
    return activities["country"].astype("str") + ": " + activities["admin1"].astype("str")


def _audit(
    name: str, rows: pd.DataFrame, matched: pd.Series, keys: pd.Series, duplicated: int, *, loses: bool = False
) -> JoinAudit:
    people = rows["new_beneficiaries"].fillna(0)
    lost = people[~matched].groupby(keys[~matched]).sum()
    ordered = lost.sort_values(ascending=False, kind="stable").index[:MOST_TOLD]
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


def _majority(rows: pd.DataFrame) -> pd.Series:
    spelled = rows.groupby(["country", "place"])["admin1"].agg(lambda names: names.value_counts(sort=True).index[0])
    keys = pd.MultiIndex.from_frame(rows[["country", "place"]])
    named = pd.Series(spelled.reindex(keys).to_numpy(), index=rows.index)
    return named.where(rows["place"] != NATIONAL, "").astype("string[pyarrow]")
