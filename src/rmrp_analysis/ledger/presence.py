"""Why a report is there or not: presence is a matter of organisation, country and month, whatever the sector."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rmrp_analysis.vocabulary import REPORT_STATES

PARTNER_COLUMNS = ["organisation", "country"]
"""The columns that tell partners apart: an organisation in one country."""
REPORTED = "reported"
"""The state of presence in a month in which the partner reported."""
*_, NOTHING_HERE, NOT_YET, COUNTRY_NOT_IN, LATE, MISSED, IRREGULAR, GONE = REPORT_STATES
"""States of a month without a report, by the reason why there is none."""

MONTHS_UNTIL_GONE, MONTHS_UNTIL_GONE_IF_ONCE = 3, 2
"""A partner that is silent in so many months in which its country reported has ended; it may have reported once."""
MIN_REPORTED_SHARE_OF_MONTHS = 0.5
"""A partner is not expected each month if it reported in less than this share of the months, from its first to its
last, in which its country reported."""


def presence_states(reports: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """Return a row for each organisation and country, a column for each of ``months``: its state of presence.

    ``reports`` has the columns ``organisation``, ``country`` and ``month``, a row for each report of any sector.
    ``months`` are in order. States, the first that applies: ``reported``; ``not yet`` (before its first month);
    ``country not in`` (nobody reported from the country); ``missed`` (a later month is there); ``gone`` (silent in
    three months in which its country reported, in two if it reported only once); ``irregular`` (it reported in less
    than half of the months, from its first to its last, in which its country reported); ``late``.
    """
    partner_month_rows = reports[[*PARTNER_COLUMNS, "month"]].drop_duplicates().assign(is_there=True)
    month_presence_table = partner_month_rows.pivot(index=PARTNER_COLUMNS, columns="month", values="is_there").reindex(
        columns=list(months)
    )
    has_report_in_month = month_presence_table.notna().to_numpy()
    has_country_report_in_month = month_presence_table.notna().groupby(level="country").transform("any").to_numpy()
    month_indexes, last_month_index = np.arange(len(months)), len(months) - 1
    first_report_index = has_report_in_month.argmax(axis=1)[:, None]
    last_report_index = last_month_index - has_report_in_month[:, ::-1].argmax(axis=1)[:, None]
    country_month_count_so_far = has_country_report_in_month.cumsum(axis=1)
    country_month_count_until_last = np.take_along_axis(country_month_count_so_far, last_report_index, axis=1)
    country_month_count_before_own = np.take_along_axis(
        country_month_count_so_far - has_country_report_in_month, first_report_index, axis=1
    )
    silent_month_count = country_month_count_so_far - country_month_count_until_last
    reported_month_count = has_report_in_month.sum(axis=1)[:, None]
    silent_month_limit_by_partner = np.where(reported_month_count == 1, MONTHS_UNTIL_GONE_IF_ONCE, MONTHS_UNTIL_GONE)
    is_irregular_partner = reported_month_count < MIN_REPORTED_SHARE_OF_MONTHS * (
        country_month_count_until_last - country_month_count_before_own
    )
    mask_by_state = {
        REPORTED: has_report_in_month,
        NOT_YET: month_indexes < first_report_index,
        COUNTRY_NOT_IN: ~has_country_report_in_month,
        MISSED: month_indexes < last_report_index,
        GONE: silent_month_count >= silent_month_limit_by_partner,
        IRREGULAR: np.broadcast_to(is_irregular_partner, has_report_in_month.shape),
    }
    presence_state_array = np.select(list(mask_by_state.values()), list(mask_by_state), default=LATE)
    return pd.DataFrame(presence_state_array, index=month_presence_table.index, columns=pd.Index(months, name="month"))


def late_partners(states: pd.DataFrame) -> pd.DataFrame:
    """Mark what the last month says of each partner and country: ``is_expected``, ``is_late``, ``is_country_in``.

    ``states`` are those of ``presence_states``. Late is who reported for the month before the last, and whose state in
    the last is ``late`` or ``country not in`` (then ``is_country_in`` is false). Expected is who is late, or reported
    for the last month. A longer silence is no news.
    """
    last_month_states = states.iloc[:, -1]
    has_reported_last_month = last_month_states == REPORTED
    has_reported_month_before = (states.iloc[:, -2:-1] == REPORTED).any(axis="columns")
    is_late_partner = last_month_states.isin([LATE, COUNTRY_NOT_IN]) & has_reported_month_before
    return pd.DataFrame(
        {
            "is_expected": has_reported_last_month | is_late_partner,
            "is_late": is_late_partner,
            "is_country_in": last_month_states != COUNTRY_NOT_IN,
        }
    )
