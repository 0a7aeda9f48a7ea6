"""The table of figures: every number of every sheet as a tidy row, made for all sheets at once.

Cells of activities, planning rows and entries of money stand once for each sheet that they belong to (``counted``). A
figure is their sum by sheet, a breakdown (``breakdowns.csv``) their sum by sheet and part (``parts``). ``reasons`` says
why a number is not known, ``origins`` where it comes from, ``doubt`` what must be read with care; shares and
differences follow from these rows. ``rounding`` makes of it what the public sees.
"""

import pandas as pd

from rmrp_analysis.figures.cautions import with_cautions
from rmrp_analysis.figures.origins import with_sources
from rmrp_analysis.figures.parts import Counts, stated
from rmrp_analysis.figures.reasons import with_reasons
from rmrp_analysis.figures.registry import (
    BREAKDOWNS,
    COMPARED,
    DIFFERENCES,
    FEW,
    FIGURES,
    KNOWN,
    PARTLY_COUNTED,
    SHARES,
    STATUS,
    figure_definition,
)
from rmrp_analysis.figures.sentences import for_sentences
from rmrp_analysis.metrics import Sheets

TABLE_COLUMNS = {
    **dict.fromkeys(("report", "sector", "place", "organisation", "figure", "dimension", "part"), "str"),
    "value": "float64",
    **dict.fromkeys(("unit", "status", "reason", "caution"), "str"),
    "share_in_doubt": "float64",
    "assisted": "float64",
    "illustrative": "bool",
    "rows": "int64",
    **dict.fromkeys(("source", "origin"), "str"),
    "key": "uint64",
    "assisted_key": "uint64",
}
"""The columns of the table, and their types."""


def table(sheets: Sheets) -> pd.DataFrame:
    """Make the exact figures and breakdowns of sheets: ``TABLE_COLUMNS``, the rows of a sheet together.

    ``report`` is the sheet, of a sector, place and organisation; ``figure`` names the figure or breakdown. Of a
    breakdown, ``dimension`` is the name by which files know its parts and ``part`` the part; both are empty for a
    single figure. ``value`` is NaN where it is not known; ``status`` and ``reason`` (a key of ``REASONS``) say why.
    ``caution`` names the cause of doubt, ``share_in_doubt`` how much of it is in doubt. ``assisted`` are the people
    assisted in reports that are not counted, of the month and sector with most of them. ``rows`` counts the source
    rows behind a figure, ``origin`` is the table that they are of; ``key`` and ``assisted_key`` decide how people are
    rounded.
    """
    counts = Counts(sheets, with_doubt=True)
    rows = stated(counts).rename(columns={"sheet": "report", "amount": "value"})
    rows = with_sources(with_reasons(rows, counts), counts)
    units = {name: figure_definition(name).unit for name in (*FIGURES, *BREAKDOWNS)}
    keys = {name: breakdown.key for name, breakdown in BREAKDOWNS.items()}
    as_named = rows["figure"].str.replace(f"{COMPARED}_by", "target_coverage_by")
    rows = rows.assign(unit=rows["figure"].map(units).fillna("people"), dimension=as_named.map(keys).fillna(""))
    rows = pd.concat([rows, for_sentences(counts)], ignore_index=True)
    has_sectors = "people_reached_by_sector" in counts.parts
    people = {
        name: (each.people(by_sector=False), each.people(by_sector=True) if has_sectors else None)
        for name, each in {"people_reached": counts, COMPARED: counts.to_date}.items()
    }
    rows = with_cautions(with_shares(rows.astype({"value": "float64"})), sheets, people)

    figure = pd.CategoricalDtype([*FIGURES, *BREAKDOWNS, *sorted(set(rows["figure"]) - {*FIGURES, *BREAKDOWNS})])
    sheet = pd.CategoricalDtype(sheets.table.index)
    order = {"sheet": rows["report"].astype(sheet), "name": rows["figure"].astype(figure)}
    rows = rows.assign(**order).sort_values([*order], kind="stable", ignore_index=True)
    status = rows["reason"].map(STATUS)
    is_partly = (rows["people_left_out"] > 0) & (status == KNOWN) & rows["unit"].eq("people")
    rows = rows.assign(status=status.mask(is_partly, PARTLY_COUNTED), assisted=rows["assisted_not_counted"])
    rows = with_status_of_people(rows).join(sheets.table, on="report")
    return rows[list(TABLE_COLUMNS)].astype(TABLE_COLUMNS)


OF_THE_PEOPLE = ("in_transit_not_known", "year_not_in_data", "not_counted", "left_out")
"""Reasons of the people that are those of their share, too."""


def with_status_of_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Give known shares the status *partly counted* or *few* of the people that they are shares of."""
    people = {name: part for name, part, _ in SHARES if not name.startswith(DIFFERENCES)}
    keys = ["report", "figure", "part"]
    is_share = rows["figure"].isin(people) & rows["value"].notna()
    of = rows.loc[is_share, keys].assign(figure=rows.loc[is_share, "figure"].map(people))
    status = rows.set_index(keys)["status"].reindex(pd.MultiIndex.from_frame(of)).set_axis(of.index)
    changed = status[status.isin([FEW, PARTLY_COUNTED])]
    return rows.assign(status=changed.reindex(rows.index).fillna(rows["status"]))


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
    has_reason = first["reason"].isin(OF_THE_PEOPLE) & second["value"].notna()
    has_reason &= ~is_part | (first["reason"] != "in_transit_not_known")
    reason = first["reason"].where(has_reason, "no_denominator").where(value.isna(), "")
    columns = {"value": value, "reason": reason, "illustrative": mine["illustrative"] & (value.notna() | is_part)}
    return pd.concat([rows[~follows], mine.assign(**columns)]).sort_index()
