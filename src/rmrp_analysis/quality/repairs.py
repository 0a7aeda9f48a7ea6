"""Declared repairs of activities: R4V's cleaning steps, each under its R4V name, in a fixed order.

A repair says what the cells of a column should be; it is a pure function, and it changes only what it is about.
Source of the steps: R4V's cleaning of the RMRP 2021 reports, where no step is logged and one
(``pin_auto_apportioning``) changes nothing, another (``complete_pin_apportioning``) overwrites what is right. Here each
does what it is meant to do. The two that take new beneficiaries from one of their breakdowns are our own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from rmrp_analysis.quality.accents import mended_cells
from rmrp_analysis.quality.check import (
    ALL_AGE_GENDER,
    COUNTS_OF_PEOPLE,
    OTHER,
    PEOPLE,
    PEOPLE_IN_NEED,
    TEXTS,
    WORTH_A_NUMBER,
    Reports,
)
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, OTHER_GENDER_GROUPS, POPULATION_GROUPS

NEW, TOTAL, QUANTITY = "new_beneficiaries", "total_monthly_beneficiaries", "quantity"
ROUNDING = 2
"""A breakdown that misses new beneficiaries by no more was rounded."""

Columns = Mapping[str, pd.Series]
Repaired = Callable[[Reports], Columns]


@dataclass(frozen=True)
class Repair:
    """A change to whatever rows need it, written as a decorator of the function that gives columns as they should be.

    The function's name is the repair's; its docstring is the sentence that says what changes. ``needs`` names a list.
    """

    needs: str = ""
    repaired: Repaired = lambda _: {}

    def __call__(self, repaired: Repaired) -> Repaired:
        """Add the repair that this function makes to ``REPAIRS``."""
        REPAIRS[repaired.__name__] = replace(self, repaired=repaired)
        return repaired

    @property
    def sentence(self) -> str:
        """What the repair changes; the key of its translation."""
        return " ".join((self.repaired.__doc__ or "").split())


REPAIRS: dict[str, Repair] = {}
"""By name, in the order in which they are applied: the order below."""


@Repair()
def mend_accents(reports: Reports) -> Columns:
    """Accented letters that were read in the wrong encoding are put right."""
    return {column: mended_cells(reports.activities[column]) for column in TEXTS}


def _filled(reports: Reports, column: str, content: str) -> Columns:
    return {column: reports.activities[column].mask(reports.empty(column), content)}


@Repair()
def empty_covid_to_no(reports: Reports) -> Columns:
    """Empty COVID-19 becomes No."""
    return _filled(reports, "covid19", "No")


@Repair()
def empty_support_space_to_no(reports: Reports) -> Columns:
    """Empty Support Space becomes No."""
    return _filled(reports, "support_space", "No")


@Repair()
def empty_rmrp_to_yes(reports: Reports) -> Columns:
    """An activity that does not say whether it is part of the plan becomes part of it."""
    return _filled(reports, "rmrp_activity", "Yes")


@Repair()
def cva_to_yes(reports: Reports) -> Columns:
    """CVA becomes Yes where there are a value and a mechanism."""
    transfer = ~reports.empty("delivery_mechanism") & (reports.number("transfer_value_usd") > 0)
    return {"cva": reports.activities["cva"].mask(transfer & ~reports.says("cva", "Yes"), "Yes")}


def _new_where_empty(reports: Reports, people: pd.Series) -> Columns:
    absent = reports.of_type(PEOPLE_IN_NEED) & reports.empty(NEW) & (people > 0)
    return {NEW: reports.activities[NEW].mask(absent, people)}


@Repair()
def new_from_population_groups(reports: Reports) -> Columns:
    """People assisted: new beneficiaries that are not known are taken from the population groups."""
    return _new_where_empty(reports, reports.sum_of(POPULATION_GROUPS))


@Repair()
def new_from_age_gender(reports: Reports) -> Columns:
    """People assisted: new beneficiaries that are not known are taken from the age and gender groups."""
    return _new_where_empty(reports, reports.sum_of(reports.plan.year.age_gender_groups))


@Repair()
def pin_benef_fill(reports: Reports) -> Columns:
    """People assisted: missing new beneficiaries are taken from both breakdowns where these agree, or from the
    quantity where nobody is reported.
    """
    groups, cells = reports.sum_of(POPULATION_GROUPS), reports.sum_of(ALL_AGE_GENDER)
    agree = (groups > 0) & ((groups - cells).abs() <= WORTH_A_NUMBER)
    quantity = reports.number(QUANTITY).where((groups == 0) & (cells == 0) & (reports.total == 0), 0.0)
    people = groups.where(agree, quantity)
    absent = reports.of_type(PEOPLE_IN_NEED) & (reports.new == 0) & (people > 0)
    return {NEW: reports.activities[NEW].mask(absent, people)}


def _total_at_least_new(reports: Reports, indicator_type: str) -> Columns:
    lower = reports.of_type(indicator_type) & (reports.new - reports.total > WORTH_A_NUMBER)
    return {TOTAL: reports.activities[TOTAL].mask(lower, reports.new)}


@Repair()
def total_lower_new(reports: Reports) -> Columns:
    """People assisted: a total below the new beneficiaries is raised to them."""
    return _total_at_least_new(reports, PEOPLE_IN_NEED)


@Repair()
def assign_in_destination(reports: Reports) -> Columns:
    """People assisted: new beneficiaries without any population group are in destination."""
    no_group = reports.of_type(PEOPLE_IN_NEED) & (reports.new > 0) & (reports.sum_of(POPULATION_GROUPS) == 0)
    return {"in_destination": reports.activities["in_destination"].mask(no_group, reports.new)}


@Repair()
def assign_all_destination(reports: Reports) -> Columns:
    """People assisted: new beneficiaries missing in the population groups are added to the largest one."""
    missing = reports.new - reports.sum_of(POPULATION_GROUPS)
    some = reports.of_type(PEOPLE_IN_NEED) & (missing > WORTH_A_NUMBER) & (missing < reports.new)
    return _added_to_largest(reports, POPULATION_GROUPS, missing.where(some, 0.0))


def _added_to_largest(reports: Reports, groups: tuple[str, ...], missing: pd.Series) -> Columns:
    """``missing`` people added to each row's largest group, the first of equal ones; fractions without noise."""
    cells = reports.activities[list(groups)]
    largest = cells.fillna(0.0).to_numpy().argmax(axis=1)
    return {
        column: cells[column].mask((missing != 0) & (largest == number), (cells[column] + missing).round(6))
        for number, column in enumerate(groups)
    }


def _apportioned(reports: Reports, where: pd.Series) -> Columns:
    """New beneficiaries split by the proportions of people in need of their country and sector, whole people.

    The remainder of rounding goes to the cells that lost most by it. Rows without proportions stay as they are.
    """
    listed = reports.plan.references["age_gender_proportions"].drop_duplicates(["country", "sector"])
    by_key = listed.set_index(["country", "sector"])[list(AGE_GENDER_GROUPS)]
    keys = pd.MultiIndex.from_frame(reports.activities[["country", "sector"]])
    shares = by_key.reindex(keys).fillna(0.0).set_axis(reports.new.index, axis="index")
    whole = (reports.new > 0) & (reports.new % 1 == 0)
    rows = reports.of_type(PEOPLE_IN_NEED) & where & whole & (shares.sum(axis="columns") > 0)
    split = _split(reports.new[rows].to_numpy(), shares[rows].to_numpy())
    cells = pd.DataFrame(split, index=rows.index[rows], columns=list(AGE_GENDER_GROUPS))
    columns = {name: reports.activities[name].mask(rows, cells[name]) for name in AGE_GENDER_GROUPS}
    return columns | {name: reports.activities[name].mask(rows, np.nan) for name in OTHER_GENDER_GROUPS}


def _split(people: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Whole numbers in these proportions that add up to ``people`` (largest remainders)."""
    exact = people[:, None] * shares / shares.sum(axis=1, keepdims=True)
    cells = np.floor(exact)
    order = np.argsort(np.argsort(cells - exact, axis=1, kind="stable"), axis=1, kind="stable")
    split: np.ndarray = cells + (order < (people - cells.sum(axis=1))[:, None])
    return split


@Repair(needs="age_gender_proportions")
def pin_auto_apportioning(reports: Reports) -> Columns:
    """People assisted: a missing age and gender breakdown is made from the proportions of people in need."""
    return _apportioned(reports, reports.sum_of(ALL_AGE_GENDER) == 0)


@Repair(needs="age_gender_proportions")
def complete_pin_apportioning(reports: Reports) -> Columns:
    """People assisted: an age and gender breakdown that does not add up is replaced by the proportions of people
    in need.
    """
    return _apportioned(reports, (reports.sum_of(ALL_AGE_GENDER) - reports.new).abs() > WORTH_A_NUMBER)


@Repair()
def rounding_diff1(reports: Reports) -> Columns:
    """People assisted: a breakdown that misses the new beneficiaries by at most 2 is evened out in its largest
    group.
    """
    columns: dict[str, pd.Series] = {}
    for groups in (POPULATION_GROUPS, reports.plan.year.age_gender_groups):  # each breakdown for itself
        parts = reports.sum_of(groups)
        missing = reports.new - parts
        small = (missing.abs() > WORTH_A_NUMBER) & (missing.abs() <= ROUNDING) & (parts > 0) & (reports.new > 0)
        largest = reports.activities[list(groups)].max(axis="columns").fillna(0.0)
        rows = reports.of_type(PEOPLE_IN_NEED) & small & (largest + missing >= 0)
        columns |= _added_to_largest(reports, groups, missing.where(rows, 0.0))
    return columns


def _erased(reports: Reports, columns: tuple[str, ...], indicator_type: str) -> Columns:
    """Numbers that the indicator type does not count, taken out; a 0 says nothing and stays."""
    rows = reports.of_type(indicator_type)
    return {column: reports.activities[column].mask(rows & (reports.number(column) != 0), np.nan) for column in columns}


@Repair()
def pin_erase_quantity(reports: Reports) -> Columns:
    """People assisted: the quantity is taken out."""
    return _erased(reports, (QUANTITY,), PEOPLE_IN_NEED)


@Repair()
def people_fill(reports: Reports) -> Columns:
    """People trained: missing new beneficiaries are taken from age and gender, or from the quantity where nobody is
    reported; a missing total is taken from them.
    """
    cells = reports.sum_of(ALL_AGE_GENDER)
    people = cells.where(cells > 0, reports.number(QUANTITY).where(reports.total == 0, 0.0))
    trained = reports.of_type(PEOPLE)
    new = reports.activities[NEW].mask(trained & (reports.new == 0) & (people > 0), people)
    total = reports.activities[TOTAL].mask(trained & (reports.total == 0) & (new.fillna(0) > 0), new)
    return {NEW: new, TOTAL: total}


@Repair()
def total_lower_new_people(reports: Reports) -> Columns:
    """People trained: a total below the new beneficiaries is raised to them."""
    return _total_at_least_new(reports, PEOPLE)


@Repair()
def people_erase_extradata(reports: Reports) -> Columns:
    """People trained: population groups and quantity are taken out."""
    return _erased(reports, (QUANTITY, *POPULATION_GROUPS), PEOPLE)


@Repair()
def other_fill(reports: Reports) -> Columns:
    """Outputs: a missing quantity is taken from the total, else from the new beneficiaries."""
    people = reports.total.where(reports.total > 0, reports.new)
    absent = reports.of_type(OTHER) & (reports.number(QUANTITY) == 0) & (people > 0)
    return {QUANTITY: reports.activities[QUANTITY].mask(absent, people)}


@Repair()
def other_erase_extradata(reports: Reports) -> Columns:
    """Outputs: every number of people is taken out."""
    return _erased(reports, COUNTS_OF_PEOPLE, OTHER)
