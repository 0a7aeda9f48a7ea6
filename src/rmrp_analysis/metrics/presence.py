"""Who is there: partners that report, partners that implement, and the activities they report."""

import pandas as pd

from rmrp_analysis.vocabulary import fold


def reporting_partners(activities: pd.DataFrame) -> int:
    """Distinct appealing organisations that reported an activity; spellings that differ by accents or case are one."""
    return _distinct(activities["appealing_organisation"])


def implementing_partners(activities: pd.DataFrame) -> int:
    """Distinct organisations named as implementing partner, whatever the set-up says.

    An organisation that appeals and implements is in both counts: never add the two.
    """
    return _distinct(activities["implementing_partner"])


def activities_reported(activities: pd.DataFrame) -> int:
    """Rows reported: one a month, organisation, indicator and place."""
    return len(activities)


def _distinct(names: pd.Series) -> int:
    return len({fold(name) for name in names.unique()} - {""})
