"""The check for what must not leave the organisation that reports it."""

import pandas as pd

from rmrp_analysis.quality.check import FREE_TEXT, ORGANISATIONS, Check, Reports, nobody
from rmrp_analysis.quality.contacts import holding_contacts

SEARCHED = (*FREE_TEXT, *ORGANISATIONS, "indicator", "admin1", "admin2", "delivery_mechanism")


@Check("error", SEARCHED, allowed="no contact details", people=nobody)
def contact_details(reports: Reports) -> pd.DataFrame:
    """The text holds an e-mail address or a telephone number."""
    return pd.DataFrame({column: holding_contacts(reports.activities[column]) for column in SEARCHED})
