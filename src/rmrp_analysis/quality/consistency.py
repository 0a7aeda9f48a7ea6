"""Checks for cells of a report that contradict each other."""

import pandas as pd

from rmrp_analysis.quality.check import (
    COUNTS,
    FROM_2022,
    IN_2021,
    OTHER,
    PEOPLE,
    PEOPLE_IN_NEED,
    WORTH_A_NUMBER,
    Check,
    Reports,
    nobody,
)
from rmrp_analysis.quality.completeness import indicator_of_any_sector
from rmrp_analysis.vocabulary import UNKNOWN_INDICATOR


@Check("error", ("indicator",), allowed="an indicator of the sector")
def indicator_of_another_sector(reports: Reports) -> pd.Series:
    """The indicator belongs to another sector, so its people are not counted."""
    return reports.of_type(UNKNOWN_INDICATOR) & indicator_of_any_sector(reports)


@Check("warning", ("transfer_value_usd",), allowed="a value in US$, since CVA is Yes", people=nobody)
def cva_without_value(reports: Reports) -> pd.Series:
    """Cash or voucher assistance without a value transferred."""
    return reports.says("cva", "Yes") & reports.empty("transfer_value_usd")


@Check("warning", ("transfer_value_usd",), allowed="a value above 0, since CVA is Yes", years=FROM_2022, people=nobody)
def cva_worth_nothing(reports: Reports) -> pd.Series:
    """Cash or voucher assistance with a value of 0."""
    return reports.says("cva", "Yes") & (reports.activities["transfer_value_usd"] == 0)


@Check("warning", ("delivery_mechanism",), allowed="a delivery mechanism, since CVA is Yes", people=nobody)
def cva_without_mechanism(reports: Reports) -> pd.Series:
    """Cash or voucher assistance without a delivery mechanism."""
    return reports.says("cva", "Yes") & reports.empty("delivery_mechanism")


@Check("warning", ("cva",), allowed="Yes, or no value and no mechanism", years=IN_2021)
def transfer_without_cva(reports: Reports) -> pd.Series:
    """A value transferred and a delivery mechanism, but CVA is No."""
    transfer = ~reports.empty("delivery_mechanism") & ~reports.empty("transfer_value_usd")
    return reports.says("cva", "No") & transfer


@Check("warning", ("cva",), allowed="Yes, or no value and no mechanism", years=FROM_2022)
def value_or_mechanism_without_cva(reports: Reports) -> pd.Series:
    """A value transferred or a delivery mechanism, but CVA is No."""
    either = ~reports.empty("delivery_mechanism") | (reports.number("transfer_value_usd") > 0)
    return reports.says("cva", "No") & either


@Check("warning", ("cva",), allowed="Yes, since the sector is multipurpose cash")
def multipurpose_cash_without_cva(reports: Reports) -> pd.Series:
    """Multipurpose cash, but CVA is No."""
    return reports.says("sector", "Multipurpose Cash Assistance") & reports.says("cva", "No")


@Check("warning", ("total_monthly_beneficiaries",), allowed="above 0, since the indicator counts people")
def nobody_assisted(reports: Reports) -> pd.Series:
    """The indicator counts people assisted, but new and total beneficiaries are 0 or empty."""
    return reports.of_type(PEOPLE_IN_NEED) & (reports.total == 0) & (reports.new == 0)


@Check("warning", ("total_monthly_beneficiaries",), allowed="above 0, since the indicator counts people", years=IN_2021)
def nobody_trained(reports: Reports) -> pd.Series:
    """The indicator counts people trained or informed, but new and total beneficiaries are 0 or empty."""
    return reports.of_type(PEOPLE) & (reports.total == 0) & (reports.new == 0)


@Check(
    "warning", ("total_monthly_beneficiaries",), allowed="above 0, since the indicator counts people", years=FROM_2022
)
def no_total_of_people_trained(reports: Reports) -> pd.Series:
    """The indicator counts people trained or informed, but the total of the month is 0 or empty."""
    return reports.of_type(PEOPLE) & (reports.total == 0)


@Check(
    "error",
    ("new_beneficiaries",),
    allowed="at most the total monthly beneficiaries: {expected}",
    people=lambda reports: (reports.people - reports.total).clip(lower=0.0),
    expected=lambda reports, _: reports.total,
)
def new_above_total(reports: Reports) -> pd.Series:
    """More new beneficiaries than total beneficiaries of the month."""
    return ~reports.empty("total_monthly_beneficiaries") & (reports.new - reports.total > WORTH_A_NUMBER)


@Check("warning", ("quantity",), allowed="a quantity above 0")
def no_output(reports: Reports) -> pd.Series:
    """The indicator counts an output, but its quantity is 0 or empty."""
    return reports.of_type(OTHER) & (reports.number("quantity") == 0)


@Check("warning", ("quantity",), allowed="a quantity or beneficiaries")
def no_number(reports: Reports) -> pd.Series:
    """The report holds no number above 0."""
    return (reports.activities[list(COUNTS)].fillna(0.0) == 0).all(axis="columns")
