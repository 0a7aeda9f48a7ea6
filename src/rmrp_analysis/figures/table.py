"""The table of figures: every number of every sheet as a tidy row, made for all sheets at once.

Cells of activities, planning rows and entries of money stand once for each sheet that they belong to (``counting``). A
figure is their sum by sheet, a breakdown (``breakdowns.csv``) their sum by sheet and part (``parts``). ``reasons`` says
why a number is not known, or is known to be 0, ``origins`` where it comes from, both of parts after their figure;
shares and differences follow from these rows. ``cautions`` says what must be read with care. ``rounding`` makes of it
what the public sees.
"""

import pandas as pd

from rmrp_analysis.figures.cautions import add_cautions
from rmrp_analysis.figures.origins import SOURCE_FACT_COLUMNS, add_figure_sources, add_part_sources, sources_of_planning
from rmrp_analysis.figures.parts import ROUNDING_KEY_COLUMNS, FigureSums, figure_rows, part_rows
from rmrp_analysis.figures.reasons import add_figure_reasons, add_part_reasons
from rmrp_analysis.figures.registry import BREAKDOWNS, FIGURES, KNOWN, PARTLY_COUNTED, STATUS_BY_REASON
from rmrp_analysis.figures.sentences import sentence_rows
from rmrp_analysis.figures.shares import copy_status_of_people, fill_shares
from rmrp_analysis.metrics import Sheets

TABLE_COLUMNS = {
    **dict.fromkeys(("report", "sector", "place", "organisation", "figure", "dimension", "part", "month"), "str"),
    "value": "float64",
    **dict.fromkeys(("kind", "unit", "status", "reason", "caution"), "str"),
    "share_in_doubt": "float64",
    "assisted": "float64",
    "illustrative": "bool",
    "rows": "int64",
    **dict.fromkeys(("source", "origin"), "str"),
    **dict.fromkeys(ROUNDING_KEY_COLUMNS, "uint64"),
    "in_doubt": "float64",
    "base": "int64",
}
"""The columns of the table, and their types."""


def table(sheets: Sheets, *, only_figures: bool = False) -> pd.DataFrame:
    """Make the exact figures and breakdowns of sheets: ``TABLE_COLUMNS``, in the order of sheets, then of figures.

    ``report`` is the sheet, of a sector, place and organisation; ``figure`` names the figure or breakdown. ``kind`` is
    ``figure``, ``part`` (of a breakdown) or ``unpublished``: what sentences and shares need, and no file has. Of a
    breakdown, ``dimension`` is the name by which files know its parts and ``part`` the part; both are empty for a
    single figure. ``month`` is that of people who are not counted (rows of ``sentences``), else empty. ``value`` is NaN
    where it is not known, in the ``unit`` ``people``, ``usd``, ``count`` or ``share`` (0 to 1); ``status`` and
    ``reason`` (a key of ``WORDS_BY_REASON``) say why it is not known, or is known to be 0; *partly_counted* is a known
    number without some people who are left out. ``caution`` names the cause of doubt, ``share_in_doubt`` how much of it
    is in doubt. ``assisted`` are the people assisted in reports that are not counted, of the month and sector with
    most. ``rows`` counts the source rows behind a figure, ``origin`` is the table that they are of, ``source`` names
    their producer (empty: none), and ``illustrative`` says whether they are made up for illustration. ``key``,
    ``assisted_key`` and ``doubt_key`` decide how people, those ``assisted`` and those ``in_doubt`` are rounded to
    multiples of ``base``. With ``only_figures`` breakdowns are not counted, which takes half of the time.
    """
    figure_sums = FigureSums(sheets, only_figures=only_figures)
    figures, parts = figure_rows(figure_sums), part_rows(figure_sums)
    planned = sources_of_planning(pd.concat([figures, parts]), figure_sums)
    figures = add_figure_sources(add_figure_reasons(figures, figure_sums), planned, figure_sums)
    inherited = figures[["report", "total", "reason", *SOURCE_FACT_COLUMNS]].rename(columns={"reason": "figure_reason"})
    parts = add_part_reasons(parts.merge(inherited, on=["report", "total"], how="left"), figure_sums)
    parts = add_part_sources(parts, planned, sheets.dataset.source("activities"))
    rows = pd.concat([figures, parts, sentence_rows(figure_sums)], ignore_index=True)
    rows = add_cautions(fill_shares(rows.fillna({"month": ""}).astype({"value": "float64"})), figure_sums)

    names = [*FIGURES, *BREAKDOWNS]
    figure = pd.CategoricalDtype([*names, *sorted({*rows["figure"]} - {*names})])
    order = {
        "sheet": rows["report"].astype(pd.CategoricalDtype(sheets.table.index)),
        "name": rows["figure"].astype(figure),
    }
    rows = rows.assign(**order).sort_values([*order], kind="stable", ignore_index=True)
    status = rows["reason"].map(STATUS_BY_REASON)
    is_partly = (rows["people_left_out"] > 0) & (status == KNOWN) & rows["unit"].eq("people")
    rows = rows.assign(status=status.mask(is_partly, PARTLY_COUNTED), assisted=rows["assisted_not_counted"])
    rows = copy_status_of_people(rows).join(sheets.table, on="report")
    return rows[list(TABLE_COLUMNS)].astype(TABLE_COLUMNS)
