"""The check for what must not leave the organisation that reports it."""

import pandas as pd

from rmrp_analysis.quality.check import FREE_TEXT, ORGANISATIONS, Check, Reports, nobody
from rmrp_analysis.vocabulary import holds_contact

SEARCHED = (*FREE_TEXT, *ORGANISATIONS, "indicator", "admin1", "admin2", "delivery_mechanism")


@Check("error", SEARCHED, allowed="no contact details", people=nobody)
def contact_details(reports: Reports) -> pd.DataFrame:
    """The text holds an e-mail address or a telephone number."""
    return pd.DataFrame({column: reports.where(column, holds_contact) for column in SEARCHED})
