"""Columns derived from names: whether a reference list has them, and their usual spelling."""

from collections.abc import Mapping
from difflib import get_close_matches
from itertools import chain

import pandas as pd

from rmrp_analysis.loaders.indicators import names_of, suggest_indicators
from rmrp_analysis.packs import pack
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.columns.base import (
    DERIVATION_BY_COLUMN,
    ORGANISATION_COLUMNS,
    ActivityColumns,
    derives,
    join_texts,
    matches,
)
from rmrp_analysis.quality.sent_files import read_sent_files
from rmrp_analysis.tables import Indicators
from rmrp_analysis.vocabulary import (
    NATIONAL_PLACE_KEY,
    UNKNOWN_INDICATOR_TYPE,
    fingerprint,
    fold,
    ocha_places,
    place_key,
    plan_lists,
)

MIN_PLACE_NAME_SIMILARITY = 0.7
"""The smallest similarity (``difflib``, 1: the same) of a misspelt name to a place. Tumbez and Tumbes have 0.83."""


def admin1_list(plan: Plan) -> pd.DataFrame:
    """Return the plan's list of admin1: ``country``, ``pcode``, ``admin1``. Empty without a list."""
    return plan.references.get("admin1", pd.DataFrame(columns=["country", "pcode", "admin1"]))


def indicator_list(plan: Plan) -> pd.DataFrame:
    """Return the plan's list of indicators: the table ``Indicators``, empty without a list."""
    return plan.references.get("indicators", Indicators.empty())


@derives("listed_appealing_organisation", "listed_implementing_partner")
def derive_listed_organisations(activities: ActivityColumns) -> pd.DataFrame:
    """Mark organisations that are in their list, whatever the accents. False without a list.

    Columns: ``listed_appealing_organisation``, ``listed_implementing_partner``.
    """
    lists = {name: activities.list_names(f"{name}s", "name") for name in ORGANISATION_COLUMNS}
    return pd.DataFrame({f"listed_{name}": activities[name].map(fold).isin(lists[name]) for name in lists})


@derives("indicator_of_any_sector")
def derive_indicator_of_any_sector(activities: ActivityColumns) -> pd.Series:
    """Mark indicators that the plan's list has under any sector, by any of their names."""
    names = {*names_of(indicator_list(activities.plan), activities.plan.year)["name"]}
    return matches(activities["indicator"], lambda text: fingerprint(text) in names)


@derives("indicator_as_listed")
def derive_indicator_as_listed(activities: ActivityColumns) -> pd.Series:
    """Mark indicators that are spelled exactly as in their sector's list, or as the coordination writes them."""
    names = {row.name for row in pack.indicators(activities.plan.year.year).values()}
    is_ours = matches(activities["indicator"], lambda text: fingerprint(text) in names)
    return is_as_listed(activities, "indicators", "sector", "indicator") | is_ours


@derives("indicator_suggested")
def derive_suggested_indicator(activities: ActivityColumns) -> pd.Series:
    """Return ``code: label`` of the indicator that a text in no list probably means. Otherwise empty."""
    plan = activities.plan
    suggestions = suggest_indicators(plan.activities, indicator_list(plan), plan.year)
    keys = join_texts(suggestions["sector"], suggestions["indicator"])
    texts = dict(zip(keys, suggestions["code"] + ": " + suggestions["label"], strict=True))
    is_unknown = activities["indicator_type"] == UNKNOWN_INDICATOR_TYPE
    unlisted = join_texts(activities["sector"], activities["indicator"]).where(is_unknown, "")
    return unlisted.map(lambda key: texts.get(key, "")).astype("str")


def is_as_listed(activities: ActivityColumns, reference: str, left: str, right: str) -> pd.Series:
    """Mark rows that have exactly the texts of a row of a reference list in two columns. False without the list.

    ``left`` and ``right`` name the columns, in activities and in the list.
    """
    table = activities.plan.references.get(reference, pd.DataFrame(columns=[left, right]))
    return join_texts(activities[left], activities[right]).isin(join_texts(table[left], table[right]))


@derives("place_listed", "place_of_any_country", "admin1_is_pcode")
def derive_listed_places(activities: ActivityColumns) -> pd.DataFrame:
    """Mark places of the list of admin1, names that the list has under another country, and admin1 that are codes.

    Columns: ``place_listed``, ``place_of_any_country``, ``admin1_is_pcode``. The loader gave a place code to every
    admin1 of the list. Any other kept its name.
    """
    admin1 = admin1_list(activities.plan)
    names = {place_key(country, name) for country, name in zip(admin1["country"], admin1["admin1"], strict=True)}
    codes = set(map(fold, admin1["pcode"]))
    return pd.DataFrame(
        {
            "place_listed": activities["place"].isin(list(admin1["pcode"])),
            "place_of_any_country": activities["place"].isin(list(names)),
            "admin1_is_pcode": matches(activities["admin1"], lambda text: fold(text) in codes),
        }
    )


@derives("near_place")
def derive_near_place(activities: ActivityColumns) -> pd.Series:
    """Return the name of the place that an admin1 in no list probably means. Empty if no place is similar.

    The places are in the folder's list, in the plan, and in OCHA's list of the country. A place of another country is
    not misspelt.
    """
    admin1, planned = admin1_list(activities.plan), activities.plan.planned_places
    places: dict[str, dict[str, str]] = {}
    for country, name in chain(
        zip(admin1["country"], admin1["admin1"], strict=True),
        zip(planned["scope"], planned["place_name"], strict=True),
        ((country, place) for country, place, _ in ocha_places()),
    ):
        places.setdefault(country, {}).setdefault(place_key(country, name), name)
    keys = {key for names in places.values() for key in names}
    correct = {NATIONAL_PLACE_KEY, *admin1["pcode"], *keys}

    def suggest_place(text: str) -> str:
        """Return the most similar name to a country and place (``join_texts``). Empty for a known place."""
        country, _, place = text.partition("\n")
        if place in correct:
            return ""
        names = places.get(country, {})
        return "".join(names[key] for key in get_close_matches(place, names, n=1, cutoff=MIN_PLACE_NAME_SIMILARITY))

    return join_texts(activities["country"], activities["place"]).astype("category").map(suggest_place).astype("str")


@derives("admin2_listed")
def derive_listed_admin2(activities: ActivityColumns) -> pd.Series:
    """Mark second administrative levels that the list has in the same first one.

    Columns read: ``admin1``, ``admin2``, of activities and of the list. Raises ``KeyError`` without the list.
    """
    tables = (activities.plan.references["admin2"], activities)
    listed, reported = (join_texts(table["admin1"].map(fold), table["admin2"].map(fold)) for table in tables)
    return reported.isin(listed)


@derives("right_appealing_organisation", "right_implementing_partner")
def derive_usual_organisations(activities: ActivityColumns) -> pd.DataFrame:
    """Return the usual spelling of each organisation: as in its list, otherwise as in most rows.

    Columns: ``right_appealing_organisation``, ``right_implementing_partner``.
    """
    usual = {}
    for name in ORGANISATION_COLUMNS:
        table = activities.plan.references.get(f"{name}s")
        spellings = {} if table is None else {fold(text): text for text in table["name"]}
        usual[f"right_{name}"] = usual_spelling(activities[name], activities[name].map(fold), spellings)
    return pd.DataFrame(usual)


@derives("right_admin1")
def derive_usual_admin1(activities: ActivityColumns) -> pd.Series:
    """Return the usual spelling of each admin1: as in the list of admin1, otherwise as in most rows."""
    admin1 = admin1_list(activities.plan).drop_duplicates(["country", "pcode"])  # the first name of a code stands
    spellings = dict(zip(join_texts(admin1["country"], admin1["pcode"]), admin1["admin1"], strict=True))
    return usual_spelling(activities["admin1"], join_texts(activities["country"], activities["place"]), spellings)


@derives("sent_sector", "sent_sector_listed", "sent_country", "sent_country_listed")
def derive_sent_texts(activities: ActivityColumns) -> pd.DataFrame:
    """Return the text of sector and country as sent, or as a repair made it, and whether a list has exactly that text.

    Columns: ``sent_sector``, ``sent_country``, and the masks ``sent_sector_listed`` (in the list of indicators) and
    ``sent_country_listed`` (in the list of admin1): R4V knows no other spelling. Texts are empty if a plan has no
    files.
    """
    plan, changes = activities.plan, activities.plan.changes
    lines = pd.MultiIndex.from_arrays([activities["source_file"].astype("str"), activities["source_line"]])
    files, columns = read_sent_files(plan), dict[str, pd.Series]()
    for column, reference in (("sector", "indicators"), ("country", "admin1")):
        texts = {name: file.column(column).astype("str") for name, file in files.items()}
        corrections = changes[changes["column"] == column].set_index(["file", "line"])["after"]
        sent = pd.concat([pd.concat(texts), corrections] if texts else [corrections])
        sent = sent[~sent.index.duplicated(keep="last")].reindex(lines).fillna("").set_axis(plan.activities.index)
        listed = {text for file in read_sent_files(plan, reference).values() for text in file.column(column).unique()}
        columns |= {f"sent_{column}": sent, f"sent_{column}_listed": sent.isin(list(listed))}
    return pd.DataFrame(columns)


def usual_spelling(names: pd.Series, keys: pd.Series, spellings: Mapping[str, str]) -> pd.Series:
    """Return the usual spelling of each name: by its key in ``spellings``, otherwise the most frequent of the key.

    If two spellings are equally frequent, the first in the alphabet is usual.
    """
    counts = pd.DataFrame({"key": keys.astype("str"), "name": names.astype("str")}).value_counts().reset_index()
    usual = counts.sort_values(["count", "name"], ascending=[False, True]).drop_duplicates("key").set_index("key")
    return keys.astype("str").map(usual["name"].to_dict() | dict(spellings)).astype("str")


def platform_named(text: str) -> str:
    """Return the platform that a text means, with or without its abbreviation in brackets: ``Peru (GTRM)``.

    The text may name the platform or one of its countries. Otherwise the result is empty.
    """
    name, lists = fold(text).partition("(")[0].strip(), plan_lists()
    return lists.platform_spellings.get(name) or lists.platform_of.get(lists.country_spellings.get(name, ""), "")


DERIVATION_BY_COLUMN |= {
    "admin1_as_listed": lambda activities: is_as_listed(activities, "admin1", "country", "admin1"),
    "platform": lambda activities: activities["country"].map(plan_lists().platform_of).astype("str"),
    "platform_named": lambda activities: activities["platform_as_reported"].map(platform_named).astype("str"),
    "stated_word": lambda activities: (
        activities["stated_indicator_type"]
        .map(lambda text: activities.plan.year.indicator_words.get(fold(text), ""))
        .astype("str")
    ),
    "mechanism_listed": lambda activities: activities["delivery_mechanism"].isin(
        activities.plan.year.delivery_mechanisms
    ),
}
