"""What stands in a cell of a worksheet that has no value, after the conventions of official statistics."""

from collections.abc import Mapping

from rmrp_analysis.figures import Cell, Figure
from rmrp_analysis.vocabulary import REGIONAL
from rmrp_analysis.words import N_

NOT_AVAILABLE, NOT_APPLICABLE = "[x]", "[z]"
SHORTHAND: Mapping[str, str] = {
    NOT_AVAILABLE: N_("not available"),
    NOT_APPLICABLE: N_("does not apply"),
}
"""Each sign, and what it says."""

NO_NUMBER_BY_NATURE = frozenset({"no_need_defined", "no_people"})
"""Reasons for which there can be no number."""


def shorthand(stated: Figure | Cell | None) -> str:
    """The sign in place of a number; empty where there is a number. None: the number is not split in this way."""
    if stated is not None and stated.value is not None:
        return ""
    of_no_place = isinstance(stated, Cell) and stated.key == REGIONAL  # money of no country; people are always in one
    by_nature = stated is None or of_no_place or stated.reason in NO_NUMBER_BY_NATURE
    return NOT_APPLICABLE if by_nature else NOT_AVAILABLE
