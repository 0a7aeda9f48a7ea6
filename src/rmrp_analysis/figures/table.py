"""The table of figures: every number of every sheet as a tidy row, made for all sheets at once.

Cells of activities, planning rows and entries of money stand once for each sheet that they belong to (``counted``). A
figure is their sum by sheet, a breakdown (``breakdowns.csv``) their sum by sheet and part (``parts``). ``reasons`` says
why a number is not known, ``origins`` where it comes from, ``doubt`` what must be read with care; shares and
differences follow from these rows. ``rounding`` makes of it what the public sees.
"""

import pandas as pd

from rmrp_analysis.figures import doubt
from rmrp_analysis.figures.origins import with_sources
from rmrp_analysis.figures.parts import Counts, stated
from rmrp_analysis.figures.reasons import with_reasons
from rmrp_analysis.figures.registry import BREAKDOWNS, COMPARED, DIFFERENCES, FIGURES, SHARES, STATUS, figure_definition
from rmrp_analysis.figures.sentences import for_sentences
from rmrp_analysis.metrics import Sheets

TABLE_COLUMNS = {
    **dict.fromkeys(("report", "sector", "place", "organisation", "figure", "dimension", "part"), "str"),
    "value": "float64",
    **dict.fromkeys(("unit", "status", "reason", "caution"), "str"),
    "share_in_doubt": "float64",
    "illustrative": "bool",
    "rows": "int64",
    **dict.fromkeys(("source", "origin"), "str"),
    "key": "uint64",
}
"""The columns of the table, and their types."""


def table(sheets: Sheets) -> pd.DataFrame:
    """Make the exact figures and breakdowns of sheets: ``TABLE_COLUMNS``, the rows of a sheet together.

    ``report`` is the sheet, of a sector, place and organisation; ``figure`` names the figure or breakdown. Of a
    breakdown, ``dimension`` is the name by which files know its parts and ``part`` the part; both are empty for a
    single figure. ``value`` is NaN where it is not known; ``status`` and ``reason`` (a key of ``REASONS``) say why.
    ``caution`` names the rules that doubt it, ``share_in_doubt`` how much of it is in doubt. ``rows`` counts the source
    rows behind a figure, ``origin`` is the table that they are of, and ``key`` decides how people are rounded.
    """
    counts = Counts(sheets, with_doubt=True)
    rows = stated(counts).rename(columns={"sheet": "report", "amount": "value"})
    rows = with_sources(with_reasons(rows, counts), counts)
    units = {name: figure_definition(name).unit for name in (*FIGURES, *BREAKDOWNS)}
    keys = {name: breakdown.key for name, breakdown in BREAKDOWNS.items()}
    as_named = rows["figure"].str.replace(f"{COMPARED}_by", "target_coverage_by")
    rows = rows.assign(unit=rows["figure"].map(units).fillna("people"), dimension=as_named.map(keys).fillna(""))
    rows = pd.concat([rows, for_sentences(counts)], ignore_index=True)
    by_sector = counts.parts.get("people_reached_by_sector")
    rows = doubt.with_cautions(with_shares(rows), sheets, counts.of("people_reached"), by_sector)

    figure = pd.CategoricalDtype([*FIGURES, *BREAKDOWNS, *sorted(set(rows["figure"]) - {*FIGURES, *BREAKDOWNS})])
    sheet = pd.CategoricalDtype(sheets.table.index)
    order = {"sheet": rows["report"].astype(sheet), "name": rows["figure"].astype(figure)}
    rows = rows.assign(**order).sort_values([*order], kind="stable", ignore_index=True)
    rows = rows.assign(status=rows["reason"].map(STATUS)).join(sheets.table, on="report")
    return rows[list(TABLE_COLUMNS)].astype(TABLE_COLUMNS)


def with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Fill in what follows from other rows of the same sheet: shares, and what is unmet.

    A share is not clipped at 1; a difference is below 0 where the part exceeds the whole. Neither is known without both
    of its parts. Shares of a target are of the people whom it counts.
    """
    follows = rows["figure"].isin([name for name, *_ in SHARES])
    mine, known = rows[follows], rows.set_index(["report", "figure", "part"])[["value", "reason"]]
    first, second = (
        known.reindex(pd.MultiIndex.from_arrays([mine["report"], mine["figure"].map(names), mine["part"]])).set_axis(
            mine.index
        )
        for names in ({name: part for name, part, _ in SHARES}, {name: whole for name, _, whole in SHARES})
    )
    is_part = mine["figure"].str.contains("_by_")
    value = first["value"] / second["value"].where(second["value"] != 0)
    value = value.where(~is_part | ((first["value"] >= 0) & (second["value"] > 0)))
    value = value.mask(mine["figure"].str.startswith(DIFFERENCES), second["value"] - first["value"])
    unclear = (first["reason"] == "in_transit_not_known") & second["value"].notna() & ~is_part
    reason = pd.Series("no_denominator", mine.index).mask(unclear, "in_transit_not_known").where(value.isna(), "")
    columns = {"value": value, "reason": reason, "illustrative": mine["illustrative"] & (value.notna() | is_part)}
    return pd.concat([rows[~follows], mine.assign(**columns)]).sort_index()
