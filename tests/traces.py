"""Whether the rows behind each figure and breakdown of a sheet add up to it."""

from collections.abc import Iterator

import pandas as pd
import pytest

from rmrp_analysis.figures import BREAKDOWNS, FIGURES
from rmrp_analysis.plan import Selection


def untraced(selection: Selection) -> Iterator[tuple[str, object, object]]:
    """The figures and breakdowns of a sheet whose trace does not add up to them, or says nothing of why there is none.

    Names that the sheet does not have must say so, too; no row may lead to a part that is not stated.
    """
    sheet = selection.key_figures()
    for name in (*FIGURES, *BREAKDOWNS):
        of_parts = name in BREAKDOWNS
        breakdown = sheet.breakdowns.get(name) if of_parts else None
        stated = (breakdown.values() if breakdown else {}) if of_parts else {"": sheet.figures[name].value}
        rows = selection.trace(name)
        if reason := rows.attrs.get("reason"):
            if len(rows) or any(value is not None for value in stated.values()):
                yield name, reason, stated
            continue
        if of_parts and breakdown is None:
            continue
        sums = rows.groupby("part")["contribution"].sum() if of_parts else pd.Series({"": rows["contribution"].sum()})
        known = pd.Series(stated, dtype="float64")
        found = sums.reindex(known.index.union(sums.index[sums.round(6) != 0]), fill_value=0.0)
        if found.to_dict() != pytest.approx(known.to_dict(), abs=1e-5):
            yield name, found.to_dict(), stated
