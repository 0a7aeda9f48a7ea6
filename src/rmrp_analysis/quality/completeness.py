"""Checks for what a report must say: who, where, what, and by whose list."""

import numpy as np
import pandas as pd

from rmrp_analysis.quality.check import PEOPLE, PEOPLE_IN_NEED, Check, Reports, nobody
from rmrp_analysis.vocabulary import UNKNOWN_INDICATOR, fold, place_key


@Check("warning", ("appealing_organisation",), allowed="a name")
def missing_appealing_organisation(reports: Reports) -> pd.Series:
    """The appealing organization is empty."""
    return reports.empty("appealing_organisation")


@Check(
    "warning",
    ("appealing_organisation",),
    allowed="a name of the list of appealing organisations",
    needs="appealing_organisations",
)
def appealing_organisation_not_listed(reports: Reports) -> pd.Series:
    """The appealing organization is not in the plan's list."""
    return _unlisted(reports, "appealing_organisation")


@Check("warning", ("implementation_setup",), allowed="Yes through a partner, No if direct", people=nobody)
def missing_implementation_setup(reports: Reports) -> pd.Series:
    """The implementation set-up is empty."""
    return reports.empty("implementation_setup")


@Check("warning", ("implementing_partner",), allowed="a name, since the set-up is Yes")
def missing_implementing_partner(reports: Reports) -> pd.Series:
    """The activity is done through a partner, but no implementing partner is named."""
    return reports.says("implementation_setup", "Yes") & reports.empty("implementing_partner")


@Check(
    "warning",
    ("implementing_partner",),
    allowed="a name of the list of implementing partners",
    needs="implementing_partners",
)
def implementing_partner_not_listed(reports: Reports) -> pd.Series:
    """The implementing partner is not in the plan's list."""
    return reports.says("implementation_setup", "Yes") & _unlisted(reports, "implementing_partner")


def _unlisted(reports: Reports, organisation: str) -> pd.Series:
    listed = reports.listed(f"{organisation}s", "name")
    return ~reports.empty(organisation) & ~reports.where(organisation, lambda name: fold(name) in listed)


@Check("warning", ("implementing_partner",), allowed="empty, since the set-up is No")
def implementing_partner_of_direct_activity(reports: Reports) -> pd.Series:
    """The activity is done directly, but an implementing partner is named."""
    return reports.says("implementation_setup", "No") & ~reports.empty("implementing_partner")


@Check("error", ("indicator",), allowed="an indicator of the plan year")
def missing_indicator(reports: Reports) -> pd.Series:
    """The indicator is empty, so its people are not counted."""
    return reports.empty("indicator")


@Check("error", ("indicator",), allowed="an indicator of the plan year")
def indicator_not_listed(reports: Reports) -> pd.Series:
    """The indicator is not in the plan year's list, so its people are not counted."""
    return reports.of_type(UNKNOWN_INDICATOR) & ~reports.empty("indicator") & ~indicator_of_any_sector(reports)


def indicator_of_any_sector(reports: Reports) -> pd.Series:
    """Where the indicator is in the plan year's list, in English or Spanish, whatever the row's sector."""
    known = reports.listed("indicators", "indicator") | reports.listed("indicators", "indicator_es")
    return reports.where("indicator", lambda text: fold(text) in known - {""})


@Check("note", ("activity_name",), allowed="a name", needs_column="activity_name", people=nobody)
def missing_activity_name(reports: Reports) -> pd.Series:
    """The activity has no name."""
    return reports.empty("activity_name")


@Check(
    "warning",
    ("new_beneficiaries",),
    allowed="0 or more new beneficiaries",
    in_some_years=True,
    people=lambda reports: reports.not_known,
)
def new_beneficiaries_missing(reports: Reports) -> pd.Series:
    """The indicator counts people, but how many of them are new is not known, or below 0."""
    return reports.of_type(PEOPLE_IN_NEED, PEOPLE) & (reports.empty("new_beneficiaries") | (reports.new < 0))


@Check("note", ("covid19",), allowed="Yes or No", in_some_years=True, needs_column="covid19", people=nobody)
def missing_covid19(reports: Reports) -> pd.Series:
    """It is not said whether the activity is related to COVID-19."""
    return reports.empty("covid19")


@Check("warning", ("rmrp_activity",), allowed="Yes or No")
def missing_rmrp_activity(reports: Reports) -> pd.Series:
    """It is not said whether the activity is part of the plan."""
    return reports.empty("rmrp_activity")


@Check("note", ("cva",), allowed="Yes or No", people=nobody)
def missing_cva(reports: Reports) -> pd.Series:
    """It is not said whether the activity is cash or voucher assistance."""
    return reports.empty("cva")


@Check("warning", ("admin1",), allowed="a name, or the country's where there is none")
def missing_admin1(reports: Reports) -> pd.Series:
    """The first administrative level is empty."""
    return reports.empty("admin1")


@Check("warning", ("admin1",), allowed="a first administrative level of the country", needs="admin1")
def admin1_not_listed(reports: Reports) -> pd.Series:
    """The first administrative level is in no country's list."""
    return _admin1_unlisted(reports) & ~_admin1_of_any_country(reports)


@Check("warning", ("admin1",), allowed="a first administrative level of the country", needs="admin1")
def admin1_of_another_country(reports: Reports) -> pd.Series:
    """The first administrative level belongs to another country."""
    return _admin1_unlisted(reports) & _admin1_of_any_country(reports)


def _admin1_unlisted(reports: Reports) -> pd.Series:
    """The loader gave a place code to every admin1 of the list; what is not in it kept its name."""
    codes = frozenset(reports.plan.references["admin1"]["pcode"])
    listed = reports.where("place", lambda place: place in codes)
    return ~reports.empty("admin1") & ~reports.empty("place") & ~listed


def _admin1_of_any_country(reports: Reports) -> pd.Series:
    listed = reports.plan.references["admin1"]
    names = {place_key(country, name) for country, name in zip(listed["country"], listed["admin1"], strict=True)}
    return reports.where("place", lambda place: place in names)


@Check(
    "note",
    ("admin1",),
    allowed="a first administrative level of the country",
    in_some_years=True,
    needs="admin1",
    people=nobody,
)
def national_place_not_listed(reports: Reports) -> pd.Series:
    """The first administrative level names the country, which is not in the list; the row counts for the country."""
    listed = reports.plan.references["admin1"]
    known = set(zip(listed["country"], listed["admin1"], strict=True))
    listed_there = reports.in_list(("country", "admin1"), known)
    return ~reports.empty("admin1") & reports.empty("place") & ~listed_there


@Check(
    "note",
    ("admin2",),
    allowed="a second administrative level of the first one, or empty",
    in_some_years=True,
    needs="admin2",
    people=nobody,
)
def admin2_not_listed(reports: Reports) -> pd.Series:
    """The second administrative level is not in the list of the first one."""
    listed = reports.plan.references["admin2"]
    known = {(fold(first), fold(second)) for first, second in zip(listed["admin1"], listed["admin2"], strict=True)}
    number, places = reports.combinations(("admin1", "admin2"))
    pairs = zip(places["admin1"].map(fold), places["admin2"].map(fold), strict=True)
    unlisted = np.array([pair not in known for pair in pairs], dtype="bool")
    return ~reports.empty("admin2") & pd.Series(unlisted.take(number))
