"""Which indicator of the plan year's list each activity reports, by its sector and the name it writes."""

from collections.abc import Mapping

import pandas as pd

from rmrp_analysis.errors import InputRefused, did_you_mean
from rmrp_analysis.packs import pack
from rmrp_analysis.sources import SOURCES_FILE
from rmrp_analysis.tables import Indicators
from rmrp_analysis.vocabulary import (
    MIN_SHARED_WORD_SHARE,
    UNKNOWN_INDICATOR_TYPE,
    PlanYear,
    beginning,
    fingerprint,
    fold,
    label_of,
    labels_of,
    names_alike,
)

NAME_KEY_COLUMNS = ["sector", "name"]
"""The columns by which an indicator is found: its sector, and the fingerprint of its name."""
INDICATOR_COLUMNS = ["indicator_code", "indicator_type", "r4v_indicator_type"]
"""The columns of the list that are joined to a found indicator."""


def with_other_names(indicators: pd.DataFrame, other_names: Mapping[str, str]) -> pd.DataFrame:
    """Add a row for each of the ``other_names`` of ``sources.yml``, which give the code of a name in reports.

    Raises ``InputRefused`` for a code that is in no row of the list.
    """
    listed = indicators.drop_duplicates("indicator_code").set_index("indicator_code")
    for code in other_names.values():
        if code not in listed.index:
            advice = did_you_mean(code, listed.index)
            raise InputRefused(f"{SOURCES_FILE}: other_names: the list of indicators has no {code}; {advice}")
    if not other_names:
        return indicators
    rows = listed.loc[list(other_names.values())].reset_index()
    aliases = rows.assign(indicator=list(other_names), indicator_es="")
    return Indicators.set_types(pd.concat([indicators, aliases], ignore_index=True))


def names_of(indicators: pd.DataFrame, year: PlanYear) -> pd.DataFrame:
    """Return every name that finds an indicator of a list: ``sector``, ``name`` (fingerprint), ``INDICATOR_COLUMNS``.

    The list's own names in English and Spanish come first, then the pack's names for their codes: the coordination's
    name, and our labels. If a sector has the same name twice, the first is taken.
    """
    listed = indicators[["sector", "indicator", "indicator_es", *INDICATOR_COLUMNS]].astype("str")
    entries = pack.indicators(year.year).items()
    pairs = [(code, name) for code, row in entries for name in (row.name, *map(fingerprint, labels_of(row)))]
    lists = [listed.assign(name=listed[column].map(fingerprint)) for column in ("indicator", "indicator_es")]
    packed = listed.merge(pd.DataFrame(pairs, columns=["indicator_code", "name"]), on="indicator_code")
    names = pd.concat([*lists, packed], ignore_index=True)
    return names[names["name"] != ""].drop_duplicates(NAME_KEY_COLUMNS)[[*NAME_KEY_COLUMNS, *INDICATOR_COLUMNS]]


def find_indicators(reported: pd.DataFrame, indicators: pd.DataFrame, year: PlanYear) -> pd.DataFrame:
    """Find the indicator of each row of ``reported`` (``sector``, ``indicator``, ``stated_indicator_type``).

    Returns ``indicator_code``, ``indicator_name`` (our label, or the list's name), ``indicator_type`` and
    ``r4v_indicator_type`` (the list's word, or the stated one, empty if the year does not know it), with the index of
    ``reported``. A row that is not found has an empty code and name, and the type ``unknown``.
    """
    texts = reported.astype("str")
    keys = texts.assign(name=texts["indicator"].map(fingerprint))
    joined = keys.merge(names_of(indicators, year), on=NAME_KEY_COLUMNS, how="left").set_axis(reported.index)
    codes = joined["indicator_code"].fillna("")
    labels = {"": ""} | labels_by_code(indicators, year)
    words = joined["r4v_indicator_type"].fillna("")
    words = words.where(words != "", texts["stated_indicator_type"])
    types = {word: year.indicator_words.get(fold(word), "") for word in words.unique()}
    return pd.DataFrame(
        {
            "indicator_code": codes,
            "indicator_name": codes.map(labels),
            "indicator_type": joined["indicator_type"].fillna(UNKNOWN_INDICATOR_TYPE),
            "r4v_indicator_type": words.map(types),
        }
    )


def labels_by_code(indicators: pd.DataFrame, year: PlanYear) -> dict[str, str]:
    """Return the name of each indicator of a list as sheets print it: our label, or the list's name."""
    names = indicators.drop_duplicates("indicator_code")[["indicator_code", "indicator"]]
    return {code: label_of(year.year, code, name) for code, name in names.itertuples(index=False, name=None)}


def list_stated_indicators(activities: pd.DataFrame, year: PlanYear) -> pd.DataFrame:
    """Return the indicators that activities state, as ``Indicators``, for a plan without a list.

    Each name of a sector has the type that most of its rows state, on a tie the first in the alphabet. Names without a
    type that the year knows are left out. A code is the sector and a number, such as ``WASH 2``.
    """
    columns = ["sector", "indicator", "stated_indicator_type"]
    rows = activities[columns].astype("str").value_counts().reset_index()
    words = rows["stated_indicator_type"].map(lambda text: year.indicator_words.get(fold(text), ""))
    rows = rows.assign(r4v_indicator_type=words).query("r4v_indicator_type != '' and indicator != ''")
    rows = rows.sort_values(["count", "r4v_indicator_type"], ascending=[False, True])
    rows = rows.drop_duplicates(columns[:2]).sort_values(columns[:2], ignore_index=True)
    numbers = rows.groupby("sector").cumcount() + 1
    return Indicators.set_types(
        rows.assign(
            indicator_code=rows["sector"] + " " + numbers.astype("str"),
            indicator_type=rows["r4v_indicator_type"].map(dict(year.indicator_types)),
            indicator_es="",
            source_file=activities["source_file"].astype("str").min() if len(activities) else "",
            source_line=0,
        )
    )


def suggest_indicators(activities: pd.DataFrame, indicators: pd.DataFrame, year: PlanYear) -> pd.DataFrame:
    """Suggest a listed indicator for each sector and text in activities that no list has.

    Columns: ``sector``, ``indicator`` (as reported), ``code`` and ``label`` of the suggestion, ``rows``, ``people``.
    Most people come first. The suggestion begins with the same words, or shares most words (at least
    ``MIN_SHARED_WORD_SHARE``). A text without a suggestion has no row.
    """
    is_unknown = (activities["indicator_type"] == UNKNOWN_INDICATOR_TYPE) & (activities["indicator"] != "")
    unknown = activities[is_unknown].groupby(["sector", "indicator"], observed=True)
    reported = unknown.agg(rows=("rows", "sum"), people=("new_beneficiaries", "sum")).reset_index()
    entries = pack.indicators(year.year)
    nearest = []
    for sector, text in zip(reported["sector"], reported["indicator"], strict=True):
        shares: dict[str, float] = {}
        listed = indicators[indicators["sector"] == sector]
        for code, *names in listed[["indicator_code", "indicator", "indicator_es"]].itertuples(index=False, name=None):
            starts = {*map(beginning, names), entries[code].beginning if code in entries else ""} - {""}
            spellings = [*filter(None, names), *(labels_of(entries[code]) if code in entries else ())]
            shares[code] = 1.0 if beginning(text) in starts else max(names_alike(text, name) for name in spellings)
        best = max(shares, key=shares.__getitem__, default="")
        nearest.append(best if shares.get(best, 0) >= MIN_SHARED_WORD_SHARE else "")
    codes = pd.Series(nearest, reported.index, dtype="str")
    labels = codes.map({"": ""} | labels_by_code(indicators, year))
    table = reported.assign(code=codes, label=labels).query("code != ''")
    return table.sort_values(["people", "rows"], ascending=False, kind="stable", ignore_index=True)
