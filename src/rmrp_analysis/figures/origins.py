"""The source of a number: its producer, the table and count of its rows, and whether it is illustrative."""

import pandas as pd

from rmrp_analysis.figures.parts import FigureSums
from rmrp_analysis.figures.registry import (
    BREAKDOWNS,
    COMPARED_FIGURE,
    FIGURES,
    KNOWN,
    STATUS_BY_REASON,
    WHOLE_BY_DERIVED_FIGURE,
)
from rmrp_analysis.figures.shares import rows_behind
from rmrp_analysis.vocabulary import PLANNED_FIGURES

SOURCE_FACT_COLUMNS = ["source", "origin", "illustrative"]
"""The producer of a number, the table that it is counted from, and whether it is made up for illustration."""


def sources_of_planning(rows: pd.DataFrame, figure_sums: FigureSums) -> pd.DataFrame:
    """Return the ``SOURCE_FACT_COLUMNS`` of planned figures and breakdowns, by report and figure (index).

    A figure or breakdown without a row in ``rows`` or in the plan is left out. ``source`` joins the different sources
    of the planning rows with ``; ``. ``origin`` comes from the first row. ``illustrative`` is true if one row is
    illustrative.
    """
    tables = {}
    for name in (*figure_sums.figures, *figure_sums.sheets_by_breakdown):
        figure = figure_sums.contributions_of(name)
        if figure.origin == "planning":
            part = figure.entries[BREAKDOWNS[name].by[0]] if name in BREAKDOWNS else ""
            tables[name] = figure.entries.assign(part=part)[["sheet", "part", *SOURCE_FACT_COLUMNS]]
    sources = pd.concat(tables, names=["figure"]).reset_index("figure")
    sources = sources.rename(columns={"sheet": "report"}).astype({"report": "str"})
    ordered = rows[["report", "figure", "part"]].merge(sources.drop_duplicates(), on=["report", "figure", "part"])
    grouped = ordered.drop_duplicates(["report", "figure", "source"]).groupby(["report", "figure"])
    return grouped.agg({"source": "; ".join, "origin": "first", "illustrative": "max"})


def add_figure_sources(figures: pd.DataFrame, planned: pd.DataFrame, figure_sums: FigureSums) -> pd.DataFrame:
    """Add ``SOURCE_FACT_COLUMNS`` to figures. Planned figures take them from ``planned`` (see ``sources_of_planning``).

    ``source`` is empty for the reasons *no_source* and *no_people*, except for people reached. If a figure is not
    known, ``illustrative`` is false and ``rows`` becomes 0. Rows of shares and differences move to the end.
    """
    data, origins = figure_sums.sheets.dataset, ["activities", "funding"]
    sources = {"source": map(data.source, origins), "illustrative": map(data.is_illustrative, origins)}
    planned_facts = figures[["report", "figure"]].join(planned, on=["report", "figure"])[SOURCE_FACT_COLUMNS]
    facts = figures[["origin"]].join(pd.DataFrame(sources, origins), on="origin")
    facts = facts.mask(figures["origin"] == "planning", planned_facts)
    facts = facts.fillna({"source": "", "illustrative": False, "origin": "planning"}).astype({"illustrative": "bool"})
    is_silent = figures["reason"].isin(["no_source", "no_people"])
    is_silent &= ~figures["figure"].isin(["people_reached", COMPARED_FIGURE])
    is_known = figures["reason"].map(STATUS_BY_REASON).eq(KNOWN)
    facts = facts.assign(source=facts["source"].mask(is_silent, ""), illustrative=facts["illustrative"] & is_known)
    return _with_sources_of_two(figures.assign(**facts, rows=figures["rows"].where(is_known, 0)))


def add_part_sources(parts: pd.DataFrame, planned: pd.DataFrame, activities: str) -> pd.DataFrame:
    """Replace ``source`` of planned parts, shares and differences, and set ``rows`` of all parts to 0.

    Parts come with the source of their figure. A planned part gets the source of its breakdown in ``planned``
    (otherwise empty). A share or difference gets the text ``activities``, followed by the source of its planned parts.
    Other parts keep their source.
    """
    keys = parts[["report"]].assign(figure=parts["figure"].map(WHOLE_BY_DERIVED_FIGURE).fillna(parts["figure"]))
    plan_source = keys.join(planned["source"], on=["report", "figure"])["source"].fillna("")
    source = parts["source"].mask(parts["total"].isin(PLANNED_FIGURES), plan_source)
    joint = (activities + "; " + plan_source).where(plan_source != "", activities)
    return parts.assign(source=source.mask(parts["figure"].isin(WHOLE_BY_DERIVED_FIGURE), joint), rows=0)


def _with_sources_of_two(figures: pd.DataFrame) -> pd.DataFrame:
    """Set ``source``, ``rows``, ``illustrative`` of shares and differences from their two figures, and move them last.

    ``source`` names both figures' sources: for a share first the part, for a difference first the whole. ``rows`` is
    the sum of both. ``illustrative`` is true if one figure is. ``value`` stays.
    """
    names = {
        name: (figure.part, figure.whole) if figure.unit == "share" else (figure.whole, figure.part)
        for name, figure in FIGURES.items()
        if figure.part
    }
    rows = figures[figures["figure"].isin(names)]
    first, second = (rows_behind(rows, figures, {name: pair[side] for name, pair in names.items()}) for side in (0, 1))
    sources = zip(first["source"], second["source"], strict=True)
    rows = rows.assign(
        source=["; ".join(filter(None, dict.fromkeys(pair))) for pair in sources],
        rows=first["rows"] + second["rows"],
        illustrative=first["illustrative"] | second["illustrative"],
    )
    return pd.concat([figures.drop(rows.index), rows])
