"""Which numbers of which sheets follow from rows of activities: those of the cells that the rows are in."""

from typing import Any

import pandas as pd

from rmrp_analysis.figures import BREAKDOWNS
from rmrp_analysis.metrics import DIMENSIONS, Dataset, Sheets, remembered, rest_of, splits_of
from rmrp_analysis.vocabulary import DIRECTLY, INTERSECTOR, NATIONAL_LEVEL, NOT_SPECIFIED

Touched = pd.MultiIndex
"""Parts of sheets: report, whether people are counted, dimension, and part; both are empty for the whole sheet."""

OF_ROWS = [name for name in DIMENSIONS if any(name == each.by[0] for each in BREAKDOWNS.values())]
"""The dimensions of rows that sheets are broken down by."""

SPLITS = ("population_group", "age_gender")
"""What the people of a row are split into."""


@remembered
def _lines(data: Dataset) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(data.rows[["source_file", "source_line"]].astype({"source_file": "str"}))


def touched(sheets: Sheets, places: pd.MultiIndex) -> Touched:
    """Give the parts of sheets in which the activities of these files and lines are."""
    rows, found = sheets.plan.rows, _lines(sheets.plan).get_indexer_for(places)
    inside = sheets.belonging(rows.iloc[found[found >= 0]]).assign(**{"": ""})
    partner = inside["implementing_partner"].astype("str")
    inside = inside.assign(implementing_partner=partner.mask(partner == "", DIRECTLY))
    counted = inside[inside["indicator_type"].isin(sheets.method.counted_indicator_types)]
    parts = [
        some[["sheet", by]].set_axis(["sheet", "part"], axis="columns").assign(counts=counts, by=by)
        for counts, some in ((False, inside), (True, counted))
        for by in ("", *OF_ROWS)
    ]
    for split in SPLITS:
        groups = [*splits_of(sheets.plan.year)[split], NOT_SPECIFIED]
        people = counted.rename(columns={rest_of(split): NOT_SPECIFIED}).melt("sheet", groups, "part")
        parts.append(people[people["value"] != 0].assign(counts=True, by=split))
    every = pd.concat([part.astype({"sheet": "str", "part": "str"}).drop_duplicates() for part in parts])
    return pd.MultiIndex.from_frame(every[["sheet", "counts", "by", "part"]])


def are_touched(changes: pd.DataFrame, parts: Touched) -> Any:
    """Tell of each change whether the cells that the number follows from are among these parts.

    Where a number appeared or vanished, rows that count nobody may be the reason: something is reported, or nothing.
    On sheets of all sectors, the largest sector brings its groups along, and a model by country knows no first levels.
    """
    by, of_all_sectors = changes["by"], changes["sector"] == INTERSECTOR
    people = changes["people"] & (changes["kind"] == "changed")
    of_sheet = (
        (by == "model")
        | (by.isin(SPLITS) & (of_all_sectors | ~people))
        | ((by == "admin1") & of_all_sectors & (changes["part"] == NATIONAL_LEVEL))
    )
    keys = [changes["report"], people, by.mask(of_sheet, ""), changes["part"].mask(of_sheet, "")]
    return pd.MultiIndex.from_arrays(keys).isin(parts)
