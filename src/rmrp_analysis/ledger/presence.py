"""Presence: whether a partner reported, by organisation, country and month, whatever the sector."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rmrp_analysis.vocabulary import REPORT_STATES

PARTNER_COLUMNS = ["organisation", "country"]
"""The keys of a partner: an organisation in one country."""
SERIES_COLUMNS = [*PARTNER_COLUMNS, "sector"]
"""The keys of a series of monthly reports."""
REPORT_KEY_COLUMNS = [*SERIES_COLUMNS, "month"]
"""The keys of a report: a series and its month."""
REPORTED = "reported"
"""The state of presence in a month in which the partner reported."""
*_, NOTHING_HERE, NOT_YET, COUNTRY_NOT_IN, LATE, MISSED, IRREGULAR, GONE = REPORT_STATES
"""States of a month without a report: the reasons why the report is missing."""

MONTHS_UNTIL_GONE, MONTHS_UNTIL_GONE_IF_ONCE = 3, 2
"""Months of silence, with reports from the country, until a partner is gone. The second is for a single report."""
MIN_REPORTED_SHARE_OF_MONTHS = 0.5
"""A partner is irregular if it reported in less than this share of the months in which its country reported.

Only the months from its first to its last report count.
"""


def presence_states(reports: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """Return a row for each organisation and country, a column for each of ``months``: its state of presence.

    ``reports`` has the columns ``organisation``, ``country`` and ``month``, a row for each report of any sector.
    ``months`` are in order. The first state that applies counts:

    - ``reported``
    - ``not yet``: before its first report.
    - ``country not in``: nobody reported from the country.
    - ``missed``: it reported for a later month.
    - ``gone``: silent in three months in which its country reported, or in two if it reported only once.
    - ``irregular``: it reported in less than half of the months in which its country reported, from its first to its
      last report.
    - ``late``
    """
    pairs = reports[[*PARTNER_COLUMNS, "month"]].drop_duplicates().assign(is_there=True)
    presence = pairs.pivot(index=PARTNER_COLUMNS, columns="month", values="is_there").reindex(columns=list(months))
    has_report = presence.notna().to_numpy()
    has_country = presence.notna().groupby(level="country").transform("any").to_numpy()
    index = np.arange(len(months))
    start = has_report.argmax(axis=1)[:, None]
    end = len(months) - 1 - has_report[:, ::-1].argmax(axis=1)[:, None]
    months_in = has_country.cumsum(axis=1)
    until_end = np.take_along_axis(months_in, end, axis=1)
    before_start = np.take_along_axis(months_in - has_country, start, axis=1)
    silent = months_in - until_end
    reported = has_report.sum(axis=1)[:, None]
    limit = np.where(reported == 1, MONTHS_UNTIL_GONE_IF_ONCE, MONTHS_UNTIL_GONE)
    is_irregular = reported < MIN_REPORTED_SHARE_OF_MONTHS * (until_end - before_start)
    conditions = {
        REPORTED: has_report,
        NOT_YET: index < start,
        COUNTRY_NOT_IN: ~has_country,
        MISSED: index < end,
        GONE: silent >= limit,
        IRREGULAR: np.broadcast_to(is_irregular, has_report.shape),
    }
    states = np.select(list(conditions.values()), list(conditions), default=LATE)
    return pd.DataFrame(states, index=presence.index, columns=pd.Index(months, name="month"))


def late_partners(states: pd.DataFrame) -> pd.DataFrame:
    """Mark each partner in a country by its last month: ``is_expected``, ``is_late``, ``is_country_in`` (bool).

    ``states`` come from ``presence_states``. A partner is late if it reported for the month before the last, and its
    state in the last month is ``late`` or ``country not in``. In the latter case ``is_country_in`` is false. A partner
    is expected if it is late, or if it reported for the last month. A longer silence is no news.
    """
    latest = states.iloc[:, -1]
    is_there = latest == REPORTED
    was_there = (states.iloc[:, -2:-1] == REPORTED).any(axis="columns")
    is_late = latest.isin([LATE, COUNTRY_NOT_IN]) & was_there
    return pd.DataFrame(
        {"is_expected": is_there | is_late, "is_late": is_late, "is_country_in": latest != COUNTRY_NOT_IN}
    )
