"""Checks for what a report must say: who, where, what, and by whose list."""

import pandas as pd

from rmrp_analysis.quality.check import FROM_2022, IN_2021, Check, Reports, nobody
from rmrp_analysis.vocabulary import UNKNOWN_INDICATOR, fold, place_key


def _unlisted(reports: Reports, column: str, reference: str) -> pd.Series:
    return ~reports.empty(column) & ~reports.folded(column).isin(reports.listed(reference, "name"))


def _appealing_unlisted(reports: Reports) -> pd.Series:
    return _unlisted(reports, "appealing_organisation", "appealing_organisations")


def _through_nobody(reports: Reports) -> pd.Series:
    return reports.says("implementation_setup", "Yes") & reports.empty("implementing_partner")


def _through_unlisted(reports: Reports) -> pd.Series:
    unlisted = _unlisted(reports, "implementing_partner", "implementing_partners")
    return reports.says("implementation_setup", "Yes") & unlisted


def _through_somebody_though_direct(reports: Reports) -> pd.Series:
    return reports.says("implementation_setup", "No") & ~reports.empty("implementing_partner")


def _indicator_nowhere(reports: Reports) -> pd.Series:
    return _unknown(reports) & ~reports.empty("indicator") & ~reports.folded("indicator").isin(_indicators(reports))


def indicator_of_another_sector(reports: Reports) -> pd.Series:
    """Where the indicator is known, but not in the row's sector."""
    return _unknown(reports) & reports.folded("indicator").isin(_indicators(reports))


def _unknown(reports: Reports) -> pd.Series:
    return reports.of_type(UNKNOWN_INDICATOR)


def _indicators(reports: Reports) -> frozenset[str]:
    both = (reports.listed("indicators", "indicator"), reports.listed("indicators", "indicator_es"))
    return frozenset.union(*both) - {""}


def _admin1_nowhere(reports: Reports) -> pd.Series:
    return _admin1_unlisted(reports) & ~_admin1_of_any(reports)


def _admin1_elsewhere(reports: Reports) -> pd.Series:
    return _admin1_unlisted(reports) & _admin1_of_any(reports)


def _admin1_unlisted(reports: Reports) -> pd.Series:
    """The loader gave a place code to every admin1 of the list; what is not in it kept its name."""
    codes = frozenset(reports.references["admin1"]["pcode"])
    place = reports.activities["place"]
    return ~reports.empty("admin1") & ~reports.empty("place") & ~place.isin(codes).astype(bool)


def _admin1_of_any(reports: Reports) -> pd.Series:
    listed = reports.references["admin1"]
    names = {place_key(country, name) for country, name in zip(listed["country"], listed["admin1"], strict=True)}
    return reports.activities["place"].isin(names).astype(bool)


def _admin2_unlisted(reports: Reports) -> pd.Series:
    listed = reports.references["admin2"]
    known = {(fold(first), fold(second)) for first, second in zip(listed["admin1"], listed["admin2"], strict=True)}
    pairs = zip(reports.folded("admin1"), reports.folded("admin2"), strict=True)
    return ~reports.empty("admin2") & pd.Series([pair not in known for pair in pairs], index=reports.new.index)


COMPLETENESS = (
    Check(
        name="appealing_organisation_not_listed",
        family="completeness",
        severity="warning",
        columns=("appealing_organisation",),
        sentence="The appealing organization is not in the plan's list.",
        allowed="a name of the list of appealing organisations",
        fails=_appealing_unlisted,
        r4v_2021="Missing.Appealing.org.name",
        r4v_2022="miss_appeal_org",
        needs=("appealing_organisations",),
    ),
    Check(
        name="missing_implementation_setup",
        family="completeness",
        severity="warning",
        columns=("implementation_setup",),
        sentence="The implementation set-up is empty.",
        allowed="Yes through a partner, No if direct",
        fails=lambda reports: reports.empty("implementation_setup"),
        r4v_2021="Missing.Implementation.Setup",
        r4v_2022="miss_setup",
        people=nobody,
    ),
    Check(
        name="missing_implementing_partner",
        family="completeness",
        severity="warning",
        columns=("implementing_partner",),
        sentence="The activity is done through a partner, but no implementing partner is named.",
        allowed="a name, since the set-up is Yes",
        fails=_through_nobody,
        r4v_2021="Missing.ImplementingPartner",
        r4v_2022="miss_implementing_org",
    ),
    Check(
        name="implementing_partner_not_listed",
        family="completeness",
        severity="warning",
        columns=("implementing_partner",),
        sentence="The implementing partner is not in the plan's list.",
        allowed="a name of the list of implementing partners",
        fails=_through_unlisted,
        r4v_2021="Missing.ImplementingPartner",
        r4v_2022="miss_implementing_org",
        needs=("implementing_partners",),
    ),
    Check(
        name="implementing_partner_of_direct_activity",
        family="completeness",
        severity="warning",
        columns=("implementing_partner",),
        sentence="The activity is done directly, but an implementing partner is named.",
        allowed="empty, since the set-up is No",
        fails=_through_somebody_though_direct,
        r4v_2022="miss_implementing_org",
    ),
    Check(
        name="missing_indicator",
        family="completeness",
        severity="error",
        columns=("indicator",),
        sentence="The indicator is empty, so its people are not counted.",
        allowed="an indicator of the plan year",
        fails=lambda reports: reports.empty("indicator"),
        r4v_2021="Missing.Indicator",
        r4v_2022="missing_what",
    ),
    Check(
        name="indicator_not_listed",
        family="completeness",
        severity="error",
        columns=("indicator",),
        sentence="The indicator is not in the plan year's list, so its people are not counted.",
        allowed="an indicator of the plan year",
        fails=_indicator_nowhere,
        r4v_2021="Missing.Indicator",
        r4v_2022="wrongsectindicator",
    ),
    Check(
        name="missing_activity_name",
        family="completeness",
        severity="note",
        columns=("activity_name",),
        sentence="The activity has no name.",
        allowed="a name",
        fails=lambda reports: reports.empty("activity_name"),
        r4v_2021="Missing.Activity.Name",
        r4v_2022="missing_what",
        needs_column="activity_name",
        people=nobody,
    ),
    Check(
        name="missing_covid19",
        family="completeness",
        severity="note",
        columns=("covid19",),
        sentence="It is not said whether the activity is related to COVID-19.",
        allowed="Yes or No",
        fails=lambda reports: reports.empty("covid19"),
        years=IN_2021,
        r4v_2021="Missing.covid19",
        needs_column="covid19",
        people=nobody,
    ),
    Check(
        name="missing_rmrp_activity",
        family="completeness",
        severity="warning",
        columns=("rmrp_activity",),
        sentence="It is not said whether the activity is part of the plan.",
        allowed="Yes or No",
        fails=lambda reports: reports.empty("rmrp_activity"),
        r4v_2021="Missing.RMRP.Activity",
        r4v_2022="missing_what",
    ),
    Check(
        name="missing_cva",
        family="completeness",
        severity="note",
        columns=("cva",),
        sentence="It is not said whether the activity is cash or voucher assistance.",
        allowed="Yes or No",
        fails=lambda reports: reports.empty("cva"),
        r4v_2021="Missing.CVA",
        r4v_2022="missing_what",
        people=nobody,
    ),
    Check(
        name="missing_admin1",
        family="completeness",
        severity="warning",
        columns=("admin1",),
        sentence="The first administrative level is empty.",
        allowed="a name, or the country's where there is none",
        fails=lambda reports: reports.empty("admin1"),
        r4v_2021="Missing.CountryAdmin1",
        r4v_2022="missingcountry",
    ),
    Check(
        name="admin1_not_listed",
        family="completeness",
        severity="warning",
        columns=("admin1",),
        sentence="The first administrative level is in no country's list.",
        allowed="a first administrative level of the country",
        fails=_admin1_nowhere,
        r4v_2021="Missing.CountryAdmin1",
        r4v_2022="countryadmincheck",
        needs=("admin1",),
    ),
    Check(
        name="admin1_of_another_country",
        family="completeness",
        severity="warning",
        columns=("admin1",),
        sentence="The first administrative level belongs to another country.",
        allowed="a first administrative level of the country",
        fails=_admin1_elsewhere,
        r4v_2022="countryadmincheck",
        needs=("admin1",),
    ),
    Check(
        name="admin2_not_listed",
        family="completeness",
        severity="note",
        columns=("admin2",),
        sentence="The second administrative level is not in the list of the first one.",
        allowed="a second administrative level of the first one, or empty",
        fails=_admin2_unlisted,
        years=FROM_2022,
        r4v_2022="admin1and2check",
        needs=("admin2",),
        people=nobody,
    ),
)
