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
    pairs = reports[[*PARTNER_COLUMNS, "month"]].drop_duplicates().assign(is_there=True)
    presence = pairs.pivot(index=PARTNER_COLUMNS, columns="month", values="is_there").reindex(columns=list(months))
    has_report = presence.notna().to_numpy()
    has_country = presence.notna().groupby(level="country").transform("any").to_numpy()
    position, last_position = np.arange(len(months)), len(months) - 1
    first_position = has_report.argmax(axis=1)[:, None]
    last_of_partner = last_position - has_report[:, ::-1].argmax(axis=1)[:, None]
    months_in = has_country.cumsum(axis=1)
    in_until_last = np.take_along_axis(months_in, last_of_partner, axis=1)
    in_before_first = np.take_along_axis(months_in - has_country, first_position, axis=1)
    silent_months = months_in - in_until_last
    month_count = has_report.sum(axis=1)[:, None]
    until_gone = np.where(month_count == 1, MONTHS_UNTIL_GONE_IF_ONCE, MONTHS_UNTIL_GONE)
    is_irregular = month_count < MIN_REPORTED_SHARE_OF_MONTHS * (in_until_last - in_before_first)
    conditions = {
        REPORTED: has_report,
        NOT_YET: position < first_position,
        COUNTRY_NOT_IN: ~has_country,
        MISSED: position < last_of_partner,
        GONE: silent_months >= until_gone,
        IRREGULAR: np.broadcast_to(is_irregular, has_report.shape),
    }
    states = np.select(list(conditions.values()), list(conditions), default=LATE)
    return pd.DataFrame(states, index=presence.index, columns=pd.Index(months, name="month"))


def late_partners(states: pd.DataFrame) -> pd.DataFrame:
    """Mark what the last month says of each partner and country: ``is_expected``, ``is_late``, ``is_country_in``.

    ``states`` are those of ``presence_states``. Late is who reported for the month before the last, and whose state in
    the last is ``late`` or ``country not in`` (then ``is_country_in`` is false). Expected is who is late, or reported
    for the last month. A longer silence is no news.
    """
    last_states = states.iloc[:, -1]
    is_there = last_states == REPORTED
    reported_before = (states.iloc[:, -2:-1] == REPORTED).any(axis="columns")
    is_late = last_states.isin([LATE, COUNTRY_NOT_IN]) & reported_before
    return pd.DataFrame(
        {"is_expected": is_there | is_late, "is_late": is_late, "is_country_in": last_states != COUNTRY_NOT_IN}
    )
