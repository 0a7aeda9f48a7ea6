"""The table of figures: every number of every sheet as a tidy row, made for all sheets at once.

Activities, planning rows and entries of money are repeated for each sheet that they belong to (``counting``). A figure
is their sum by sheet. A breakdown (``breakdowns.csv``) is their sum by sheet and part (``parts``). ``reasons`` says why
a number is not known, or is known to be 0. ``origins`` says where it comes from. Shares and differences follow from
these rows (``shares``). ``cautions`` marks numbers in doubt. ``rounding`` makes the numbers for the public.
"""

import pandas as pd

from rmrp_analysis.figures.cautions import add_cautions
from rmrp_analysis.figures.origins import SOURCE_FACT_COLUMNS, add_figure_sources, add_part_sources, sources_of_planning
from rmrp_analysis.figures.parts import ROUNDING_KEY_COLUMNS, FigureSums, figure_rows, part_rows
from rmrp_analysis.figures.reasons import add_figure_reasons, add_part_reasons
from rmrp_analysis.figures.registry import BREAKDOWNS, FIGURES, KNOWN, PARTLY_COUNTED, STATUS_BY_REASON
from rmrp_analysis.figures.sentences import sentence_rows
from rmrp_analysis.figures.shares import copy_status_of_people, fill_bounds, fill_shares
from rmrp_analysis.metrics import Sheets

TABLE_COLUMNS = {
    **dict.fromkeys(("report", "sector", "place", "organisation", "figure", "dimension", "part", "month"), "str"),
    **dict.fromkeys(("value", "low", "high"), "float64"),
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
"""The types of the columns of the table, in order."""


def table(sheets: Sheets, *, only_figures: bool = False) -> pd.DataFrame:
    """Make the exact figures and breakdowns of sheets: ``TABLE_COLUMNS``, in the order of sheets, then of figures.

    With ``only_figures`` breakdowns are not counted, which takes half of the time. Columns:

    - ``report``: the sheet, of a ``sector``, ``place`` and ``organisation``. ``figure``: the figure or breakdown.
    - ``kind``: ``figure``, ``part`` (of a breakdown) or ``unpublished`` (only sentences and shares need it).
    - ``dimension``: the name of a breakdown's parts in files. ``part``: the part. Both are empty for a single figure.
    - ``month``: the month of people who are not counted (rows of ``sentences``), otherwise empty.
    - ``value``, in the ``unit`` ``people``, ``usd``, ``count`` or ``share`` (0 to 1). NaN: not known.
    - ``low`` and ``high``: how few and how many the value stands for (see ``shares.fill_bounds``).
    - ``status`` and ``reason`` (a key of ``WORDS_BY_REASON``): why it is not known, or is known to be 0. The status
      *partly_counted* is of a known number without some people who are left out.
    - ``caution``: the cause of doubt. ``in_doubt`` (people), ``share_in_doubt`` (0 to 1): how much is in doubt.
    - ``assisted``: people assisted in reports that are not counted, in the month and sector with most of them.
    - ``rows``: the number of source rows. ``origin``: their table. ``source``: their producer (empty: none).
      ``illustrative``: whether they are made up for illustration.
    - ``key``, ``assisted_key``, ``doubt_key``: how ``value``, ``assisted`` and ``in_doubt`` are rounded to multiples of
      ``base``.
    """
    figure_sums = FigureSums(sheets, only_figures=only_figures)
    figures, parts = figure_rows(figure_sums), part_rows(figure_sums)
    planned = sources_of_planning(pd.concat([figures, parts]), figure_sums)
    figures = add_figure_sources(add_figure_reasons(figures, figure_sums), planned, figure_sums)
    inherited = figures[["report", "total", "reason", *SOURCE_FACT_COLUMNS]].rename(columns={"reason": "figure_reason"})
    parts = add_part_reasons(parts.merge(inherited, on=["report", "total"], how="left"), figure_sums)
    parts = add_part_sources(parts, planned, sheets.dataset.source("activities"))
    rows = pd.concat([figures, parts, sentence_rows(figure_sums)], ignore_index=True)
    rows = rows.fillna({"month": ""}).astype(dict.fromkeys(("value", "low", "high"), "float64"))
    rows = add_cautions(fill_shares(fill_bounds(rows)), figure_sums)

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
