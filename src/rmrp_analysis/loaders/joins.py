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
    combination_number_by_row, indicator_combinations = _number_combinations(
        activities, ["sector", "indicator", "stated_indicator_type"]
    )
    found_indicator_rows = find_indicators(indicator_combinations, indicators, year)
    repeated_indicator_count = int(
        indicators.assign(name=indicators["indicator"].map(fingerprint)).duplicated(["sector", "name"]).sum()
    )
    place_number_by_row, different_place_rows, repeated_place_count = _find_places(activities, admin1)
    activities_with_types = activities.assign(
        plan_year=year.year,
        rows=activities.get(ROW_COUNT_COLUMN, 1),
        **{
            str(column_name): pd.Categorical(column_texts.astype("str")).take(combination_number_by_row)
            for column_name, column_texts in found_indicator_rows.items()
        },
        **{
            column_name: pd.Categorical(different_place_rows[column_name]).take(place_number_by_row)
            for column_name in ("place", "place_name")
        },
    )
    joined_activities = with_new_beneficiaries(activities_with_types, year)
    new_people_by_activity = joined_activities["new_beneficiaries"].fillna(0.0)
    audited_amounts = pd.DataFrame(
        {"rows": joined_activities[ROW_COUNT_COLUMN], "people": new_people_by_activity, "lost": new_people_by_activity}
    )
    audit_key_categorical = pd.Categorical(
        indicator_combinations["sector"].astype("str") + ": " + indicator_combinations["indicator"].astype("str")
    )
    is_listed_combination = (found_indicator_rows["indicator_type"] != UNKNOWN_INDICATOR_TYPE).to_numpy(dtype="bool")
    audited_rows = audited_amounts.assign(
        known=is_listed_combination.take(combination_number_by_row),
        key=audit_key_categorical.take(combination_number_by_row),
    )
    join_audits = [JoinAudit.of("indicators", audited_rows, duplicated=repeated_indicator_count, loses=True)]
    if admin1 is not None:
        audit_key_categorical = pd.Categorical(different_place_rows["country"] + ": " + different_place_rows["admin1"])
        audited_rows = audited_amounts.assign(
            known=different_place_rows["known"].to_numpy().take(place_number_by_row),
            key=audit_key_categorical.take(place_number_by_row),
        )
        join_audits.append(JoinAudit.of("admin1", audited_rows, duplicated=repeated_place_count))
    return joined_activities[list(JoinedActivities.columns)], tuple(join_audits)


def join_proportions(proportions: pd.DataFrame, admin1: pd.DataFrame | None) -> pd.DataFrame:
    """Return age-gender shares with the column ``place``, by which they meet activities, whatever the spelling."""
    place_number_by_row, different_place_rows, _ = _find_places(proportions, admin1)
    return PlacedProportions.set_types(
        proportions.assign(place=different_place_rows["place"].to_numpy()[place_number_by_row])
    )


def join_planning(planning: pd.DataFrame, admin1: pd.DataFrame | None) -> pd.DataFrame:
    """Return planned figures of admin1 with the columns ``place`` and ``place_name``.

    A place is found by p-code where the list has it, else by name, as those of activities are.
    """
    planning_with_country = planning.rename(columns={"scope": "country"})
    pcode_or_name = planning["pcode"].where(planning["pcode"] != "", planning["admin1"])
    place_lookups = (
        _find_places(planned_table, admin1)
        for planned_table in (planning_with_country, planning_with_country.assign(admin1=pcode_or_name))
    )
    place_rows_by_name, place_rows_by_code = (
        different_place_rows.take(place_number_by_row).set_axis(planning.index)
        for place_number_by_row, different_place_rows, _ in place_lookups
    )
    is_found_by_name = ~place_rows_by_code["known"] & (planning["admin1"] != "")
    place_texts_by_column = {
        column_name: place_rows_by_code[column_name].mask(is_found_by_name, place_rows_by_name[column_name])
        for column_name in ("place", "place_name")
    }
    return PlacedPlanning.set_types(planning.assign(**place_texts_by_column))


def _number_combinations(table: pd.DataFrame, names: Sequence[str]) -> tuple[Lines, pd.DataFrame]:
    """Return each row's number of its combination of texts in ``names``, and the different combinations.

    These are a table in the order of their first rows.
    """
    combination_number_by_row = table.groupby([*names], sort=False, observed=True, dropna=False).ngroup().to_numpy()
    return combination_number_by_row, table[[*names]].drop_duplicates(ignore_index=True)


def _find_places(table: pd.DataFrame, admin1: pd.DataFrame | None) -> tuple[Lines, pd.DataFrame, int]:
    """Return the number of each row's place, the different places as a table, and how often the list repeats one.

    Columns: ``country``, ``admin1``, ``rows``, ``place``, ``place_name``, and ``known``: whether it is listed.
    The place is the p-code of the row's admin1, its folded name when it is not listed, and ``NATIONAL_PLACE_KEY`` when
    it names the country. Its name is the one in the list, or else the spelling of most rows; of equal ones the first in
    the order of the alphabet.
    """
    place_code_by_key: dict[tuple[str, str], str] = {}
    name_by_place_code: dict[tuple[str, str], str] = {}
    listed_place_repeat_count = 0
    listed_place_rows = [] if admin1 is None else admin1[["country", "pcode", "admin1"]].to_numpy().tolist()
    for country_code, pcode, place_name in listed_place_rows:
        admin1_key = place_key(country_code, place_name)
        listed_place_repeat_count += (
            admin1_key != NATIONAL_PLACE_KEY and (country_code, admin1_key) in place_code_by_key
        )
        place_code = place_code_by_key.setdefault(
            (country_code, admin1_key), NATIONAL_PLACE_KEY if admin1_key == NATIONAL_PLACE_KEY else pcode
        )
        place_code_by_key.setdefault((country_code, fold(pcode)), place_code)
        name_by_place_code.setdefault((country_code, place_code), place_name)
    pair_number_by_row, country_admin1_table = _number_combinations(table, ["country", "admin1"])
    country_admin1_table = country_admin1_table.astype("str").assign(
        rows=np.bincount(pair_number_by_row, minlength=len(country_admin1_table))
    )
    place_fields_by_pair_number = {}
    # The commonest first
    pair_rows_commonest_first = country_admin1_table.sort_values(["rows", "admin1"], ascending=[False, True])
    for pair_number, country_code, admin1_spelling in zip(
        pair_rows_commonest_first.index,
        pair_rows_commonest_first["country"],
        pair_rows_commonest_first["admin1"],
        strict=True,
    ):
        admin1_key = place_key(country_code, admin1_spelling)
        place_code = place_code_by_key.get((country_code, admin1_key), admin1_key)
        place_name = (
            NATIONAL_PLACE_KEY
            if place_code == NATIONAL_PLACE_KEY
            else name_by_place_code.setdefault((country_code, place_code), admin1_spelling)
        )
        place_fields_by_pair_number[pair_number] = (
            place_code,
            place_name,
            admin1_key == NATIONAL_PLACE_KEY or (country_code, admin1_key) in place_code_by_key,
        )
    place_rows_of_pairs = pd.DataFrame.from_dict(
        place_fields_by_pair_number, orient="index", columns=["place", "place_name", "known"]
    )
    return (
        pair_number_by_row,
        country_admin1_table.join(place_rows_of_pairs.astype({"place": "str", "place_name": "str", "known": "bool"})),
        listed_place_repeat_count,
    )
