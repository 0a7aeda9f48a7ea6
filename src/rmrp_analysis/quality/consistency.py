"""Checks for cells of a report that contradict each other."""

import pandas as pd

from rmrp_analysis.quality.check import (
    COUNTS,
    OTHER,
    PEOPLE,
    PEOPLE_IN_NEED,
    WORTH_A_NUMBER,
    Check,
    Reports,
    nobody,
)
from rmrp_analysis.quality.completeness import indicator_of_any_sector
from rmrp_analysis.vocabulary import COUNTRY_SPELLINGS, PLATFORM_OF, PLATFORM_SPELLINGS, UNKNOWN_INDICATOR, fold


@Check("error", ("indicator",), allowed="an indicator of the sector")
def indicator_of_another_sector(reports: Reports) -> pd.Series:
    """The indicator belongs to another sector, so its people are not counted."""
    return reports.of_type(UNKNOWN_INDICATOR) & indicator_of_any_sector(reports)


@Check(
    "note",
    ("stated_indicator_type",),
    allowed="as in the list of indicators: {expected}",
    people=nobody,
    expected=lambda reports, _: reports.plan.reported["r4v_indicator_type"],
)
def indicator_type_unlike_list(reports: Reports) -> pd.Series:
    """The type of the indicator is not that in the plan year's list, which decides."""
    words = reports.plan.year.indicator_words
    number, types = reports.combinations(("stated_indicator_type", "r4v_indicator_type"))
    stated = types["stated_indicator_type"].map(lambda text: words.get(fold(text), "")).astype("str")
    unlike = pd.Series((stated != types["r4v_indicator_type"].astype("str")).to_numpy().take(number))
    return ~reports.empty("stated_indicator_type") & ~reports.of_type(UNKNOWN_INDICATOR) & unlike


@Check(
    "warning",
    ("platform_as_reported",),
    allowed="the area of the country: {expected}",
    people=nobody,
    expected=lambda reports, _: reports.mapped("country", PLATFORM_OF.get),
)
def platform_of_another_country(reports: Reports) -> pd.Series:
    """The area is not the one that the country belongs to; the country decides."""
    number, areas = reports.combinations(("platform_as_reported", "country"))
    named = areas["platform_as_reported"].map(lambda text: _platform_named(fold(text)))
    unlike = named.astype("str") != areas["country"].map(PLATFORM_OF).astype("str")
    return ~reports.empty("platform_as_reported") & pd.Series(unlike.to_numpy().take(number))


def _platform_named(folded: str) -> str:
    """The platform that a text means, with or without its own name in brackets: ``Peru (GTRM)``."""
    name = folded.partition("(")[0].strip()
    country = COUNTRY_SPELLINGS.get(name, "")
    return PLATFORM_SPELLINGS.get(name) or PLATFORM_OF.get(country, "")


@Check("warning", ("transfer_value_usd",), allowed="a value in US$, since CVA is Yes", people=nobody)
def cva_without_value(reports: Reports) -> pd.Series:
    """Cash or voucher assistance without a value transferred."""
    return reports.says("cva", "Yes") & reports.empty("transfer_value_usd")


@Check(
    "warning", ("transfer_value_usd",), allowed="a value above 0, since CVA is Yes", in_some_years=True, people=nobody
)
def cva_worth_nothing(reports: Reports) -> pd.Series:
    """Cash or voucher assistance with a value of 0."""
    return reports.says("cva", "Yes") & _is_zero(reports, "transfer_value_usd")


@Check(
    "warning", ("transfer_value_usd",), allowed="a value above 0, since CVA is Yes", in_some_years=True, people=nobody
)
def cva_of_negative_value(reports: Reports) -> pd.Series:
    """Cash or voucher assistance with a value below 0."""
    return reports.says("cva", "Yes") & (reports.number("transfer_value_usd") < 0)


@Check(
    "warning",
    ("delivery_mechanism",),
    allowed="a delivery mechanism of the plan year's list",
    in_some_years=True,
    people=nobody,
)
def delivery_mechanism_not_listed(reports: Reports) -> pd.Series:
    """Cash or voucher assistance by a delivery mechanism that is not in the plan year's list."""
    known = frozenset(reports.plan.year.delivery_mechanisms)
    listed = reports.where("delivery_mechanism", lambda mechanism: mechanism in known)
    return reports.says("cva", "Yes") & ~reports.empty("delivery_mechanism") & ~listed


@Check("warning", ("delivery_mechanism",), allowed="a delivery mechanism, since CVA is Yes", people=nobody)
def cva_without_mechanism(reports: Reports) -> pd.Series:
    """Cash or voucher assistance without a delivery mechanism."""
    return reports.says("cva", "Yes") & reports.empty("delivery_mechanism")


@Check("warning", ("cva",), allowed="Yes, or no value and no mechanism", in_some_years=True)
def transfer_without_cva(reports: Reports) -> pd.Series:
    """A value transferred and a delivery mechanism, but CVA is No."""
    transfer = ~reports.empty("delivery_mechanism") & ~reports.empty("transfer_value_usd")
    return reports.says("cva", "No") & transfer


@Check("warning", ("cva",), allowed="Yes, or no value and no mechanism", in_some_years=True)
def value_or_mechanism_without_cva(reports: Reports) -> pd.Series:
    """A value transferred or a delivery mechanism, but CVA is No."""
    either = ~reports.empty("delivery_mechanism") | (reports.number("transfer_value_usd") > 0)
    return reports.says("cva", "No") & either


@Check("warning", ("cva",), allowed="Yes, since the sector is multipurpose cash")
def multipurpose_cash_without_cva(reports: Reports) -> pd.Series:
    """Multipurpose cash, but CVA is No."""
    return reports.says("sector", "Multipurpose Cash Assistance") & reports.says("cva", "No")


@Check(
    "warning",
    ("total_monthly_beneficiaries",),
    allowed="above 0, since the indicator counts people",
    in_some_years=True,
)
def nobody_assisted(reports: Reports) -> pd.Series:
    """The indicator counts people assisted, but new and total beneficiaries are 0 or empty."""
    return reports.of_type(PEOPLE_IN_NEED) & (reports.total == 0) & (reports.new == 0)


@Check(
    "warning",
    ("total_monthly_beneficiaries",),
    allowed="above 0, since the indicator counts people",
    in_some_years=True,
)
def nobody_trained(reports: Reports) -> pd.Series:
    """The indicator counts people trained or informed, but new and total beneficiaries are 0 or empty."""
    return reports.of_type(PEOPLE) & (reports.total == 0) & (reports.new == 0)


@Check(
    "warning",
    ("total_monthly_beneficiaries",),
    allowed="above 0, since the indicator counts people",
    in_some_years=True,
)
def no_total_of_people_trained(reports: Reports) -> pd.Series:
    """The indicator counts people trained or informed, but the total of the month is 0 or empty."""
    return reports.of_type(PEOPLE) & (reports.total == 0)


@Check(
    "warning",
    ("total_monthly_beneficiaries",),
    allowed="above 0, since the indicator counts people",
    in_some_years=True,
)
def no_total_of_people_assisted(reports: Reports) -> pd.Series:
    """The indicator counts people assisted, but the total of the month is 0 or empty."""
    return reports.of_type(PEOPLE_IN_NEED) & (reports.total == 0)


@Check(
    "note",
    ("total_monthly_beneficiaries",),
    allowed="above 0, or an indicator of the plan year",
    in_some_years=True,
    people=nobody,
)
def no_total_of_unknown_indicator(reports: Reports) -> pd.Series:
    """It is not known what the indicator counts, and the total of the month is 0 or empty."""
    return reports.of_unknown_type & (reports.total == 0)


@Check("warning", ("total_monthly_beneficiaries",), allowed="above 0, since it is a campaign", in_some_years=True)
def no_total_of_campaign(reports: Reports) -> pd.Series:
    """The indicator counts a campaign, but the total of the month is 0 or empty."""
    return reports.says("r4v_indicator_type", "Campaign") & (reports.total == 0)


@Check(
    "warning", ("new_beneficiaries",), allowed="above 0, since the indicator counts people assisted", in_some_years=True
)
def nobody_new(reports: Reports) -> pd.Series:
    """The indicator counts people assisted, but nobody of them is new."""
    return reports.of_type(PEOPLE_IN_NEED) & _is_zero(reports, "new_beneficiaries")


@Check("warning", ("new_beneficiaries",), allowed="empty, since the indicator counts no people", in_some_years=True)
def new_of_other_indicators(reports: Reports) -> pd.Series:
    """The indicator does not count people, but new beneficiaries are reported."""
    return reports.of_type(OTHER) & ~reports.empty("new_beneficiaries")


UNDER_18 = ("girls", "boys", "other_under_18")


def _nobody_under_18(reports: Reports, sector: str) -> pd.Series:
    return reports.of_type(PEOPLE_IN_NEED) & reports.says("sector", sector) & (reports.sum_of(UNDER_18) == 0)


@Check("warning", ("girls",), allowed="people under 18, since the sector is Education", in_some_years=True)
def no_child_in_education(reports: Reports) -> pd.Series:
    """People reached in Education, but nobody under 18."""
    return _nobody_under_18(reports, "Education") & (reports.new > 0)


@Check("note", ("girls",), allowed="people under 18, since the sector is Education", in_some_years=True)
def nobody_new_in_education(reports: Reports) -> pd.Series:
    """An activity of Education that reached nobody under 18, and nobody at all."""
    return _nobody_under_18(reports, "Education") & (reports.new <= 0)


@Check("warning", ("girls",), allowed="people under 18, since the sector is Child Protection", in_some_years=True)
def no_child_in_child_protection(reports: Reports) -> pd.Series:
    """People reached in Child Protection, but nobody under 18."""
    return _nobody_under_18(reports, "Child Protection") & (reports.new > 0)


@Check("note", ("girls",), allowed="people under 18, since the sector is Child Protection", in_some_years=True)
def nobody_new_in_child_protection(reports: Reports) -> pd.Series:
    """An activity of Child Protection that reached nobody under 18, and nobody at all."""
    return _nobody_under_18(reports, "Child Protection") & (reports.new <= 0)


@Check(
    "error",
    ("new_beneficiaries",),
    allowed="at most the total monthly beneficiaries: {expected}",
    people=lambda reports: (reports.people - reports.total).clip(lower=0.0),
    expected=lambda reports, _: reports.total,
    r4v=lambda reports: reports.of_type(PEOPLE_IN_NEED),
)
def new_above_total(reports: Reports) -> pd.Series:
    """More new beneficiaries than total beneficiaries of the month."""
    return ~reports.empty("total_monthly_beneficiaries") & (reports.new - reports.total > WORTH_A_NUMBER)


def _is_zero(reports: Reports, column: str) -> pd.Series:
    """Where a column of numbers is 0; an empty cell is not."""
    return reports.where(column, lambda number: number == 0)


@Check("warning", ("quantity",), allowed="a quantity above 0, or empty", in_some_years=True)
def output_of_zero(reports: Reports) -> pd.Series:
    """The indicator does not count people assisted, and its quantity is 0."""
    return reports.of_type(PEOPLE, OTHER) & _is_zero(reports, "quantity")


@Check("warning", ("quantity",), allowed="a quantity above 0", in_some_years=True)
def no_output(reports: Reports) -> pd.Series:
    """The indicator counts an output, but its quantity is 0 or empty."""
    return reports.of_type(OTHER) & (reports.number("quantity") == 0)


@Check("warning", ("quantity",), allowed="a quantity or beneficiaries")
def no_number(reports: Reports) -> pd.Series:
    """The report holds no number above 0."""
    return pd.DataFrame({name: reports.number(name) == 0 for name in COUNTS}).all(axis="columns")
