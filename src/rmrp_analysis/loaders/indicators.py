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
"""What the list says of an indicator that is found."""


def with_other_names(indicators: pd.DataFrame, other_names: Mapping[str, str]) -> pd.DataFrame:
    """Add a row for each of the ``other_names`` of ``sources.yml``: a name that reports write, and its code.

    Raises ``InputRefused`` for a code that is in no row of the list.
    """
    list_rows_with_code_index = indicators.drop_duplicates("indicator_code").set_index("indicator_code")
    for code in other_names.values():
        if code not in list_rows_with_code_index.index:
            advice = did_you_mean(code, list_rows_with_code_index.index)
            raise InputRefused(f"{SOURCES_FILE}: other_names: the list of indicators has no {code}; {advice}")
    if not other_names:
        return indicators
    list_rows_of_codes = list_rows_with_code_index.loc[list(other_names.values())].reset_index()
    other_name_rows = list_rows_of_codes.assign(indicator=list(other_names), indicator_es="")
    return Indicators.set_types(pd.concat([indicators, other_name_rows], ignore_index=True))


def names_of(indicators: pd.DataFrame, year: PlanYear) -> pd.DataFrame:
    """Return every name that finds an indicator of a list: ``sector``, ``name`` (fingerprint), ``INDICATOR_COLUMNS``.

    The list's own names in English and Spanish stand first; then what the pack knows of their codes: the coordination's
    name, and our labels. Of the same name in a sector the first is taken.
    """
    listed_indicator_rows = indicators[["sector", "indicator", "indicator_es", *INDICATOR_COLUMNS]].astype("str")
    pack_indicator_pairs = pack.indicators(year.year).items()
    codes_and_pack_names = [
        (indicator_code, indicator_name)
        for indicator_code, pack_indicator in pack_indicator_pairs
        for indicator_name in (pack_indicator.name, *map(fingerprint, labels_of(pack_indicator)))
    ]
    list_name_tables = [
        listed_indicator_rows.assign(name=listed_indicator_rows[name_column].map(fingerprint))
        for name_column in ("indicator", "indicator_es")
    ]
    pack_name_rows = listed_indicator_rows.merge(
        pd.DataFrame(codes_and_pack_names, columns=["indicator_code", "name"]), on="indicator_code"
    )
    indicator_name_table = pd.concat([*list_name_tables, pack_name_rows], ignore_index=True)
    return indicator_name_table[indicator_name_table["name"] != ""].drop_duplicates(NAME_KEY_COLUMNS)[
        [*NAME_KEY_COLUMNS, *INDICATOR_COLUMNS]
    ]


def find_indicators(reported: pd.DataFrame, indicators: pd.DataFrame, year: PlanYear) -> pd.DataFrame:
    """Find the indicator of each row of ``reported`` (``sector``, ``indicator``, ``stated_indicator_type``).

    Returns ``indicator_code``, ``indicator_name`` (our label, else the list's own name), ``indicator_type`` and
    ``r4v_indicator_type`` (the list's word, else the stated one; empty where the year does not know it), with the index
    of ``reported``. A row that is not found has an empty code and name, and the type ``unknown``.
    """
    reported_text_table = reported.astype("str")
    rows_with_fingerprints = reported_text_table.assign(name=reported_text_table["indicator"].map(fingerprint))
    rows_joined_to_indicators = rows_with_fingerprints.merge(
        names_of(indicators, year), on=NAME_KEY_COLUMNS, how="left"
    ).set_axis(reported.index)
    indicator_codes = rows_joined_to_indicators["indicator_code"].fillna("")
    label_by_code = {"": ""} | labels_by_code(indicators, year)
    type_word_by_row = rows_joined_to_indicators["r4v_indicator_type"].fillna("")
    type_word_by_row = type_word_by_row.where(type_word_by_row != "", reported_text_table["stated_indicator_type"])
    return pd.DataFrame(
        {
            "indicator_code": indicator_codes,
            "indicator_name": indicator_codes.map(label_by_code),
            "indicator_type": rows_joined_to_indicators["indicator_type"].fillna(UNKNOWN_INDICATOR_TYPE),
            "r4v_indicator_type": type_word_by_row.map(
                {type_text: year.indicator_words.get(fold(type_text), "") for type_text in type_word_by_row.unique()}
            ),
        }
    )


def labels_by_code(indicators: pd.DataFrame, year: PlanYear) -> dict[str, str]:
    """Return the name of each indicator of a list as sheets print it: our label, else the list's own name."""
    code_and_name_rows = indicators.drop_duplicates("indicator_code")[["indicator_code", "indicator"]]
    return {
        indicator_code: label_of(year.year, indicator_code, name_in_list)
        for indicator_code, name_in_list in code_and_name_rows.itertuples(index=False, name=None)
    }


def list_stated_indicators(activities: pd.DataFrame, year: PlanYear) -> pd.DataFrame:
    """Return the list of indicators that activities state themselves: ``Indicators``, for a plan without a list.

    Each name of a sector has the type that most of its rows state; where several do so, the first in the alphabet.
    Names without a type that the year knows are left out. A code is the sector and a number, such as ``WASH 2``.
    """
    indicator_key_columns = ["sector", "indicator", "stated_indicator_type"]
    stated_indicator_rows = activities[indicator_key_columns].astype("str").value_counts().reset_index()
    type_word_by_row = stated_indicator_rows["stated_indicator_type"].map(
        lambda text: year.indicator_words.get(fold(text), "")
    )
    stated_indicator_rows = stated_indicator_rows.assign(r4v_indicator_type=type_word_by_row).query(
        "r4v_indicator_type != '' and indicator != ''"
    )
    stated_indicator_rows = stated_indicator_rows.sort_values(["count", "r4v_indicator_type"], ascending=[False, True])
    stated_indicator_rows = stated_indicator_rows.drop_duplicates(indicator_key_columns[:2]).sort_values(
        indicator_key_columns[:2], ignore_index=True
    )
    indicator_number_in_sector = stated_indicator_rows.groupby("sector").cumcount() + 1
    return Indicators.set_types(
        stated_indicator_rows.assign(
            indicator_code=stated_indicator_rows["sector"] + " " + indicator_number_in_sector.astype("str"),
            indicator_type=stated_indicator_rows["r4v_indicator_type"].map(dict(year.indicator_types)),
            indicator_es="",
            source_file=activities["source_file"].astype("str").min() if len(activities) else "",
            source_line=0,
        )
    )


def suggest_indicators(activities: pd.DataFrame, indicators: pd.DataFrame, year: PlanYear) -> pd.DataFrame:
    """Return what the indicators of activities that are in no list may be: a row a sector and text that has a near one.

    Columns: ``sector``, ``indicator`` (as reported), ``code`` and ``label`` of the one that it may be, ``rows``,
    ``people``. Near is who has the same first words, else most words (at least ``MIN_SHARED_WORD_SHARE``).
    Most people first.
    """
    is_unknown_indicator = (activities["indicator_type"] == UNKNOWN_INDICATOR_TYPE) & (activities["indicator"] != "")
    unknown_rows_grouped = activities[is_unknown_indicator].groupby(["sector", "indicator"], observed=True)
    unknown_indicator_totals = unknown_rows_grouped.agg(
        rows=("rows", "sum"), people=("new_beneficiaries", "sum")
    ).reset_index()
    pack_indicator_by_code = pack.indicators(year.year)
    nearest_indicator_codes = []
    for sector, reported_text in zip(
        unknown_indicator_totals["sector"], unknown_indicator_totals["indicator"], strict=True
    ):
        likeness_by_code: dict[str, float] = {}
        sector_indicator_rows = indicators[indicators["sector"] == sector]
        for indicator_code, *names_in_list in sector_indicator_rows[
            ["indicator_code", "indicator", "indicator_es"]
        ].itertuples(index=False, name=None):
            known_name_beginnings = {
                *map(beginning, names_in_list),
                pack_indicator_by_code[indicator_code].beginning if indicator_code in pack_indicator_by_code else "",
            } - {""}
            names_of_indicator = [
                *filter(None, names_in_list),
                *(
                    labels_of(pack_indicator_by_code[indicator_code])
                    if indicator_code in pack_indicator_by_code
                    else ()
                ),
            ]
            likeness_by_code[indicator_code] = (
                1.0
                if beginning(reported_text) in known_name_beginnings
                else max(names_alike(reported_text, known_name) for known_name in names_of_indicator)
            )
        nearest_indicator_codes.append(
            max(likeness_by_code, key=lambda indicator_code: likeness_by_code[indicator_code])
            if max(likeness_by_code.values(), default=0) >= MIN_SHARED_WORD_SHARE
            else ""
        )
    suggested_code_series = pd.Series(nearest_indicator_codes, unknown_indicator_totals.index, dtype="str")
    suggested_label_series = suggested_code_series.map({"": ""} | labels_by_code(indicators, year))
    suggested_indicator_rows = unknown_indicator_totals.assign(
        code=suggested_code_series, label=suggested_label_series
    ).query("code != ''")
    return suggested_indicator_rows.sort_values(["people", "rows"], ascending=False, kind="stable", ignore_index=True)
