"""Checks for cells of a report that contradict each other."""

import pandas as pd

from rmrp_analysis.quality.check import (
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
from rmrp_analysis.quality.completeness import indicator_of_another_sector
from rmrp_analysis.vocabulary import OTHER_GENDER_GROUPS, POPULATION_GROUPS

NUMBERS = (
    "quantity",
    "total_monthly_beneficiaries",
    "new_beneficiaries",
    *POPULATION_GROUPS,
    "girls",
    "boys",
    "women",
    "men",
    *OTHER_GENDER_GROUPS,
)
"""What a report can count; the value of a transfer alone makes no report."""


def _cva_without_value(reports: Reports) -> pd.Series:
    return reports.says("cva", "Yes") & reports.empty("transfer_value_usd")


def _cva_worth_nothing(reports: Reports) -> pd.Series:
    return reports.says("cva", "Yes") & (reports.activities["transfer_value_usd"] == 0)


def _cva_without_mechanism(reports: Reports) -> pd.Series:
    return reports.says("cva", "Yes") & reports.empty("delivery_mechanism")


def _transfer_though_no_cva(reports: Reports) -> pd.Series:
    transfer = ~reports.empty("delivery_mechanism") & ~reports.empty("transfer_value_usd")
    return reports.says("cva", "No") & transfer


def _value_or_mechanism_though_no_cva(reports: Reports) -> pd.Series:
    either = ~reports.empty("delivery_mechanism") | (reports.number("transfer_value_usd") > 0)
    return reports.says("cva", "No") & either


def _multipurpose_without_cva(reports: Reports) -> pd.Series:
    return reports.says("sector", "Multipurpose Cash Assistance") & reports.says("cva", "No")


def _nobody_assisted(reports: Reports) -> pd.Series:
    return reports.of_type(PEOPLE_IN_NEED) & (reports.total == 0) & (reports.new == 0)


def _nobody_trained(reports: Reports) -> pd.Series:
    return reports.of_type(PEOPLE) & (reports.total == 0) & (reports.new == 0)


def _no_total_trained(reports: Reports) -> pd.Series:
    return reports.of_type(PEOPLE) & (reports.total == 0)


def _new_above_total(reports: Reports) -> pd.Series:
    return ~reports.empty("total_monthly_beneficiaries") & (reports.new - reports.total > WORTH_A_NUMBER)


def _no_output(reports: Reports) -> pd.Series:
    return reports.of_type(OTHER) & (reports.number("quantity") == 0)


def _no_number(reports: Reports) -> pd.Series:
    return (reports.activities[list(NUMBERS)].fillna(0.0) == 0).all(axis="columns")


CONSISTENCY = (
    Check(
        name="indicator_of_another_sector",
        family="consistency",
        severity="error",
        columns=("indicator",),
        sentence="The indicator belongs to another sector, so its people are not counted.",
        allowed="an indicator of the sector",
        fails=indicator_of_another_sector,
        r4v_2022="wrongsectindicator",
    ),
    Check(
        name="cva_without_value",
        family="consistency",
        severity="warning",
        columns=("transfer_value_usd",),
        sentence="Cash or voucher assistance without a value transferred.",
        allowed="a value in US$, since CVA is Yes",
        fails=_cva_without_value,
        r4v_2021="CVA.Indicator.with.Missing.Value",
        r4v_2022="zeroCVA",
        people=nobody,
    ),
    Check(
        name="cva_worth_nothing",
        family="consistency",
        severity="warning",
        columns=("transfer_value_usd",),
        sentence="Cash or voucher assistance with a value of 0.",
        allowed="a value above 0, since CVA is Yes",
        fails=_cva_worth_nothing,
        years=FROM_2022,
        r4v_2022="zeroCVA",
        people=nobody,
    ),
    Check(
        name="cva_without_mechanism",
        family="consistency",
        severity="warning",
        columns=("delivery_mechanism",),
        sentence="Cash or voucher assistance without a delivery mechanism.",
        allowed="a delivery mechanism, since CVA is Yes",
        fails=_cva_without_mechanism,
        r4v_2021="CVA.Indicator.with.Missing.Value",
        r4v_2022="missingmechanism",
        people=nobody,
    ),
    Check(
        name="transfer_without_cva",
        family="consistency",
        severity="warning",
        columns=("cva",),
        sentence="A value transferred and a delivery mechanism, but CVA is No.",
        allowed="Yes, or no value and no mechanism",
        fails=_transfer_though_no_cva,
        years=IN_2021,
        r4v_2021="Non.CVA.Indicators.with.Value",
    ),
    Check(
        name="value_or_mechanism_without_cva",
        family="consistency",
        severity="warning",
        columns=("cva",),
        sentence="A value transferred or a delivery mechanism, but CVA is No.",
        allowed="Yes, or no value and no mechanism",
        fails=_value_or_mechanism_though_no_cva,
        years=FROM_2022,
        r4v_2022="CVANotoYes",
    ),
    Check(
        name="multipurpose_cash_without_cva",
        family="consistency",
        severity="warning",
        columns=("cva",),
        sentence="Multipurpose cash, but CVA is No.",
        allowed="Yes, since the sector is multipurpose cash",
        fails=_multipurpose_without_cva,
        r4v_2022="MultipurposeSector",
    ),
    Check(
        name="nobody_assisted",
        family="consistency",
        severity="warning",
        columns=("total_monthly_beneficiaries",),
        sentence="The indicator counts people assisted, but new and total beneficiaries are 0 or empty.",
        allowed="above 0, since the indicator counts people",
        fails=_nobody_assisted,
        r4v_2021="PinPeople.Beneficaries.equal.0",
        r4v_2022="DirectAssistanceNoBenef",
    ),
    Check(
        name="nobody_trained",
        family="consistency",
        severity="warning",
        columns=("total_monthly_beneficiaries",),
        sentence="The indicator counts people trained or informed, but new and total beneficiaries are 0 or empty.",
        allowed="above 0, since the indicator counts people",
        fails=_nobody_trained,
        years=IN_2021,
        r4v_2021="PinPeople.Beneficaries.equal.0",
    ),
    Check(
        name="no_total_of_people_trained",
        family="consistency",
        severity="warning",
        columns=("total_monthly_beneficiaries",),
        sentence="The indicator counts people trained or informed, but the total of the month is 0 or empty.",
        allowed="above 0, since the indicator counts people",
        fails=_no_total_trained,
        years=FROM_2022,
        r4v_2022="CBuildingNoBenef",
    ),
    Check(
        name="new_above_total",
        family="consistency",
        severity="error",
        columns=("new_beneficiaries",),
        sentence="More new beneficiaries than total beneficiaries of the month.",
        allowed="at most the total monthly beneficiaries: {expected}",
        fails=_new_above_total,
        r4v_2021="New.beneficiaries.superior.to.total",
        r4v_2022="NewBenefvstotal",
        people=lambda reports: (reports.people - reports.total).clip(lower=0.0),
        expected=lambda reports, _: reports.total,
    ),
    Check(
        name="no_output",
        family="consistency",
        severity="warning",
        columns=("quantity",),
        sentence="The indicator counts an output, but its quantity is 0 or empty.",
        allowed="a quantity above 0",
        fails=_no_output,
        r4v_2021="Other.quantity.equal.0",
        r4v_2022="NoOutput",
    ),
    Check(
        name="no_number",
        family="consistency",
        severity="warning",
        columns=("quantity",),
        sentence="The report holds no number above 0.",
        allowed="a quantity or beneficiaries",
        fails=_no_number,
        r4v_2021="Empty.data",
    ),
)
