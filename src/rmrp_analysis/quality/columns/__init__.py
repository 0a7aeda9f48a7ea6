"""The columns that checks and repairs read: the columns of activities, and columns derived from these."""

from rmrp_analysis.quality.columns import comparison, names, numbers  # noqa: F401 - each declares its columns
from rmrp_analysis.quality.columns.base import ORGANISATION_COLUMNS, ActivityColumns, as_text
from rmrp_analysis.quality.columns.encoding import has_contact, mend_texts

__all__ = ["ORGANISATION_COLUMNS", "ActivityColumns", "as_text", "has_contact", "mend_texts"]
