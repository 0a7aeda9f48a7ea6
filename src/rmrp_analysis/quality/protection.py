"""Checks for what must not leave the organisation that reports it."""

import pandas as pd

from rmrp_analysis.quality.check import Check, Reports, nobody

FREE_TEXT = ("activity_name", "activity_description")
NAMES = ("implementing_partner", "admin1", "admin2", "delivery_mechanism")
E_MAIL = r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+"
PHONE = (
    r"\+\d[\d ().-]{7,}\d"  # +57 301 555 0101
    r"|\b\d{9,12}\b"  # 3015550101
    r"|\b\(?\d{2,4}\)?[ .-]\d{3,4}[ .-]\d{3,4}\b"  # 301 555 0101
    r"|(?i:\b(?:tel|cel|m[oó]vil|whats?app|phone|tel[eé]fono|celular)\b)[^\d\n]{0,12}\d[\d ().-]{5,}\d"
)


def _contact_details(reports: Reports) -> pd.DataFrame:
    return pd.DataFrame({column: holds_contact(reports.activities[column]) for column in (*FREE_TEXT, *NAMES)})


def holds_contact(texts: pd.Series) -> pd.Series:
    """Which texts hold an e-mail address or what looks like a telephone number."""
    return texts.str.contains(f"{E_MAIL}|{PHONE}", regex=True).fillna(value=False).astype(bool)


PROTECTION = (
    Check(
        name="contact_details",
        family="protection",
        severity="error",
        columns=(*FREE_TEXT, *NAMES),
        sentence="The text holds an e-mail address or a telephone number.",
        allowed="no contact details",
        fails=_contact_details,
        people=nobody,
    ),
)
