"""Declared repairs of activities: R4V's cleaning steps, each under its R4V name, in a fixed order.

A repair says what the cells of a column should be; it is a pure function, and it changes only what it is about.
Source of the steps: R4V's cleaning of the RMRP 2021 reports, where no step is logged and one
(``pin_auto_apportioning``) changes nothing, another (``complete_pin_apportioning``) overwrites what is right. Here each
does what it is meant to do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rmrp_analysis.quality.accents import mended_cells
from rmrp_analysis.quality.check import OTHER, PEOPLE, PEOPLE_IN_NEED, WORTH_A_NUMBER, Reports
from rmrp_analysis.quality.plausibility import TEXTS
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, OTHER_GENDER_GROUPS, POPULATION_GROUPS

NEW, TOTAL, QUANTITY = "new_beneficiaries", "total_monthly_beneficiaries", "quantity"
ALL_AGE_GENDER = (*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS)
ROUNDING = 2
"""A breakdown that misses new beneficiaries by no more was rounded."""

Columns = Mapping[str, pd.Series]


@dataclass(frozen=True)
class Repair:
    """A change to whatever rows need it. ``repaired`` gives columns as they should be; ``needs`` names a list."""

    sentence: str
    repaired: Callable[[Reports], Columns]
    needs: str = ""


def _filled(column: str, content: str) -> Callable[[Reports], Columns]:
    return lambda reports: {column: reports.activities[column].mask(reports.empty(column), content)}


def _accents(reports: Reports) -> Columns:
    return {column: mended_cells(reports.activities[column]) for column in TEXTS}


def _cva_to_yes(reports: Reports) -> Columns:
    transfer = ~reports.empty("delivery_mechanism") & (reports.number("transfer_value_usd") > 0)
    return {"cva": reports.activities["cva"].mask(transfer & ~reports.says("cva", "Yes"), "Yes")}


def _new_from_breakdowns(reports: Reports) -> Columns:
    """Both breakdowns where they agree; the quantity where nobody is reported in any other cell."""
    groups, cells = reports.sum_of(POPULATION_GROUPS), reports.sum_of(ALL_AGE_GENDER)
    agree = (groups > 0) & ((groups - cells).abs() <= WORTH_A_NUMBER)
    quantity = reports.number(QUANTITY).where((groups == 0) & (cells == 0) & (reports.total == 0), 0.0)
    found = groups.where(agree, quantity)
    absent = reports.of_type(PEOPLE_IN_NEED) & (reports.new == 0) & (found > 0)
    return {NEW: reports.activities[NEW].mask(absent, found)}


def _total_at_least_new(*types: str) -> Callable[[Reports], Columns]:
    def repaired(reports: Reports) -> Columns:
        lower = reports.of_type(*types) & (reports.new - reports.total > WORTH_A_NUMBER)
        return {TOTAL: reports.activities[TOTAL].mask(lower, reports.new)}

    return repaired


def _in_destination(reports: Reports) -> Columns:
    no_group = reports.of_type(PEOPLE_IN_NEED) & (reports.new > 0) & (reports.sum_of(POPULATION_GROUPS) == 0)
    return {"in_destination": reports.activities["in_destination"].mask(no_group, reports.new)}


def _rest_to_largest_group(reports: Reports) -> Columns:
    missing = reports.new - reports.sum_of(POPULATION_GROUPS)
    some = reports.of_type(PEOPLE_IN_NEED) & (missing > WORTH_A_NUMBER) & (missing < reports.new)
    return _added_to_largest(reports, POPULATION_GROUPS, missing.where(some, 0.0))


def _rounding(reports: Reports) -> Columns:
    """Both breakdowns, each for itself; the largest cell never falls below 0."""
    return {
        column: cells
        for groups in (POPULATION_GROUPS, reports.year.age_gender_groups)
        for column, cells in _added_to_largest(reports, groups, _rounding_difference(reports, groups)).items()
    }


def _rounding_difference(reports: Reports, groups: tuple[str, ...]) -> pd.Series:
    parts = reports.sum_of(groups)
    missing = reports.new - parts
    small = (missing.abs() > WORTH_A_NUMBER) & (missing.abs() <= ROUNDING) & (parts > 0) & (reports.new > 0)
    largest = reports.activities[list(groups)].max(axis="columns").fillna(0.0)
    return missing.where(reports.of_type(PEOPLE_IN_NEED) & small & (largest + missing >= 0), 0.0)


def _added_to_largest(reports: Reports, groups: tuple[str, ...], missing: pd.Series) -> Columns:
    """``missing`` people added to each row's largest group, the first of equal ones; fractions without noise."""
    cells = reports.activities[list(groups)]
    largest = cells.fillna(0.0).to_numpy().argmax(axis=1)
    return {
        column: cells[column].mask((missing != 0) & (largest == number), (cells[column] + missing).round(6))
        for number, column in enumerate(groups)
    }


def _apportioned_where_empty(reports: Reports) -> Columns:
    empty = reports.sum_of(ALL_AGE_GENDER) == 0
    return _apportioned(reports, empty)


def _apportioned_where_unlike(reports: Reports) -> Columns:
    unlike = (reports.sum_of(ALL_AGE_GENDER) - reports.new).abs() > WORTH_A_NUMBER
    return _apportioned(reports, unlike)


def _apportioned(reports: Reports, where: pd.Series) -> Columns:
    """New beneficiaries split by the proportions of people in need of their country and sector, whole people.

    The remainder of rounding goes to the cells that lost most by it. Rows without proportions stay as they are.
    """
    shares = _shares(reports)
    whole = (reports.new > 0) & (reports.new % 1 == 0)
    rows = reports.of_type(PEOPLE_IN_NEED) & where & whole & (shares.sum(axis="columns") > 0)
    cells = pd.DataFrame(
        _split(reports.new[rows].to_numpy(), shares[rows].to_numpy()),
        index=reports.new[rows].index,
        columns=list(AGE_GENDER_GROUPS),
    )
    columns = {name: reports.activities[name].mask(rows, cells[name]) for name in AGE_GENDER_GROUPS}
    return columns | {name: reports.activities[name].mask(rows, np.nan) for name in OTHER_GENDER_GROUPS}


def _shares(reports: Reports) -> pd.DataFrame:
    given = reports.references["age_gender_proportions"].drop_duplicates(["country", "sector"])
    by_key = given.set_index(["country", "sector"])[list(AGE_GENDER_GROUPS)]
    keys = pd.MultiIndex.from_frame(reports.activities[["country", "sector"]])
    return by_key.reindex(keys).fillna(0.0).set_axis(reports.activities.index, axis="index")


def _split(people: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Whole numbers in these proportions that add up to ``people`` (largest remainders)."""
    exact = people[:, None] * shares / shares.sum(axis=1, keepdims=True)
    cells = np.floor(exact)
    order = np.argsort(np.argsort(cells - exact, axis=1, kind="stable"), axis=1, kind="stable")
    split: np.ndarray = cells + (order < (people - cells.sum(axis=1))[:, None])
    return split


def _erased(columns: tuple[str, ...], indicator_type: str) -> Callable[[Reports], Columns]:
    """Numbers that the indicator type does not count, taken out; a 0 says nothing and stays."""

    def repaired(reports: Reports) -> Columns:
        rows = reports.of_type(indicator_type)
        return {
            column: reports.activities[column].mask(rows & (reports.number(column) != 0), np.nan) for column in columns
        }

    return repaired


def _trained_from_breakdown(reports: Reports) -> Columns:
    """New from age and gender, or from the quantity where nobody is reported elsewhere; then the total from new."""
    cells = reports.sum_of(ALL_AGE_GENDER)
    found = cells.where(cells > 0, reports.number(QUANTITY).where(reports.total == 0, 0.0))
    trained = reports.of_type(PEOPLE)
    new = reports.activities[NEW].mask(trained & (reports.new == 0) & (found > 0), found)
    total = reports.activities[TOTAL].mask(trained & (reports.total == 0) & (new.fillna(0) > 0), new)
    return {NEW: new, TOTAL: total}


def _output_from_people(reports: Reports) -> Columns:
    found = reports.total.where(reports.total > 0, reports.new)
    absent = reports.of_type(OTHER) & (reports.number(QUANTITY) == 0) & (found > 0)
    return {QUANTITY: reports.activities[QUANTITY].mask(absent, found)}


REPAIRS: Mapping[str, Repair] = {
    "mend_accents": Repair("Accented letters that were read in the wrong encoding are put right.", _accents),
    "empty_covid_to_no": Repair("Empty COVID-19 becomes No.", _filled("covid19", "No")),
    "empty_support_space_to_no": Repair("Empty Support Space becomes No.", _filled("support_space", "No")),
    "empty_rmrp_to_yes": Repair("Empty RMRP activity becomes Yes.", _filled("rmrp_activity", "Yes")),
    "cva_to_yes": Repair("CVA becomes Yes where there are a value and a mechanism.", _cva_to_yes),
    "pin_benef_fill": Repair(
        "People assisted: missing new beneficiaries are taken from both breakdowns where these agree, or from the "
        "quantity where nobody is reported.",
        _new_from_breakdowns,
    ),
    "total_lower_new": Repair(
        "People assisted: a total below the new beneficiaries is raised to them.", _total_at_least_new(PEOPLE_IN_NEED)
    ),
    "assign_in_destination": Repair(
        "People assisted: new beneficiaries without any population group are in destination.", _in_destination
    ),
    "assign_all_destination": Repair(
        "People assisted: new beneficiaries missing in the population groups are added to the largest one.",
        _rest_to_largest_group,
    ),
    "pin_auto_apportioning": Repair(
        "People assisted: a missing age and gender breakdown is made from the proportions of people in need.",
        _apportioned_where_empty,
        needs="age_gender_proportions",
    ),
    "complete_pin_apportioning": Repair(
        "People assisted: an age and gender breakdown that does not add up is replaced by the proportions of people "
        "in need.",
        _apportioned_where_unlike,
        needs="age_gender_proportions",
    ),
    "rounding_diff1": Repair(
        "People assisted: a breakdown that misses the new beneficiaries by at most 2 is evened out in its largest "
        "group.",
        _rounding,
    ),
    "pin_erase_quantity": Repair("People assisted: the quantity is taken out.", _erased((QUANTITY,), PEOPLE_IN_NEED)),
    "people_fill": Repair(
        "People trained: missing new beneficiaries are taken from age and gender, or from the quantity where nobody is "
        "reported; a missing total is taken from them.",
        _trained_from_breakdown,
    ),
    "total_lower_new_people": Repair(
        "People trained: a total below the new beneficiaries is raised to them.", _total_at_least_new(PEOPLE)
    ),
    "people_erase_extradata": Repair(
        "People trained: population groups and quantity are taken out.",
        _erased((QUANTITY, *POPULATION_GROUPS), PEOPLE),
    ),
    "other_fill": Repair(
        "Outputs: a missing quantity is taken from the total, else from the new beneficiaries.", _output_from_people
    ),
    "other_erase_extradata": Repair(
        "Outputs: every number of people is taken out.",
        _erased((TOTAL, NEW, *POPULATION_GROUPS, *ALL_AGE_GENDER), OTHER),
    ),
}
"""By name, in the order in which they are applied."""
