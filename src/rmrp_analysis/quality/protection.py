"""The check for what must not leave the organisation that reports it."""

import pandas as pd

from rmrp_analysis.quality.check import FREE_TEXT, Check, Reports, nobody

E_MAIL = r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+"
PHONE = (
    r"\+\d[\d ().-]{7,}\d"  # +57 301 555 0101
    r"|\b\d{9,12}\b"  # 3015550101
    r"|\b\(?\d{2,4}\)?[ .-]\d{3,4}[ .-]\d{3,4}\b"  # 301 555 0101
    r"|(?i:\b(?:tel|cel|m[oó]vil|whats?app|phone|tel[eé]fono|celular)\b)[^\d\n]{0,12}\d[\d ().-]{5,}\d"
)
SEARCHED = (*FREE_TEXT, "implementing_partner", "admin1", "admin2", "delivery_mechanism")


@Check("error", SEARCHED, allowed="no contact details", people=nobody)
def contact_details(reports: Reports) -> pd.DataFrame:
    """The text holds an e-mail address or a telephone number."""
    texts = {column: reports.activities[column].str.contains(f"{E_MAIL}|{PHONE}", regex=True) for column in SEARCHED}
    return pd.DataFrame(texts).fillna(value=False).astype(bool)
