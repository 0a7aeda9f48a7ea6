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
"""Producer of a number, the table that it is from, and whether it is made up for illustration."""


def sources_of_planning(rows: pd.DataFrame, figure_sums: FigureSums) -> pd.DataFrame:
    """Return the ``SOURCE_FACT_COLUMNS`` of planned figures and breakdowns, by report and figure (index).

    Only those that have a row in ``rows`` and in the plan are there. ``source`` holds the sources of their planning
    rows, each once, with ``; `` between them; ``origin`` is that of the first. ``illustrative`` is true if one of them
    is.
    """
    fact_columns = SOURCE_FACT_COLUMNS
    contributions_by_name = {
        figure_name: figure_sums.contributions_of(figure_name)
        for figure_name in (*figure_sums.figures, *figure_sums.sheets_by_breakdown)
    }
    entry_tables_by_figure = {
        figure_name: figure_contributions.entries.assign(
            part=figure_contributions.entries[BREAKDOWNS[figure_name].by[0]]
        )
        if figure_name in BREAKDOWNS
        else figure_contributions.entries.assign(part="")
        for figure_name, figure_contributions in contributions_by_name.items()
        if figure_contributions.origin == "planning"
    }
    source_rows = pd.concat(
        {
            figure_name: entry_table[["sheet", "part", *fact_columns]]
            for figure_name, entry_table in entry_tables_by_figure.items()
        },
        names=["figure"],
    )
    source_rows = source_rows.reset_index("figure").rename(columns={"sheet": "report"}).astype({"report": "str"})
    ordered_source_rows = rows[["report", "figure", "part"]].merge(
        source_rows.drop_duplicates(), on=["report", "figure", "part"]
    )
    grouped_sources = ordered_source_rows.drop_duplicates(["report", "figure", "source"]).groupby(["report", "figure"])
    return grouped_sources.agg({"source": "; ".join, "origin": "first", "illustrative": "max"})


def add_figure_sources(figures: pd.DataFrame, planned: pd.DataFrame, figure_sums: FigureSums) -> pd.DataFrame:
    """Add ``SOURCE_FACT_COLUMNS`` to figures; what a plan foresees has the sources of its own rows (``planned``).

    ``source`` is empty for the reasons *no_source* and *no_people* (people reached keep theirs). Where a figure is not
    known, ``illustrative`` is false and ``rows`` becomes 0. Rows of shares and differences move to the end.
    """
    dataset, origin_names = figure_sums.sheets.dataset, ["activities", "funding"]
    origin_facts_by_column = {
        "source": map(dataset.source, origin_names),
        "illustrative": map(dataset.is_illustrative, origin_names),
    }
    planned_fact_table = figures[["report", "figure"]].join(planned, on=["report", "figure"])[SOURCE_FACT_COLUMNS]
    source_fact_table = figures[["origin"]].join(pd.DataFrame(origin_facts_by_column, origin_names), on="origin")
    source_fact_table = source_fact_table.mask(figures["origin"] == "planning", planned_fact_table)
    source_fact_table = source_fact_table.fillna({"source": "", "illustrative": False, "origin": "planning"}).astype(
        {"illustrative": "bool"}
    )
    has_no_source = figures["reason"].isin(["no_source", "no_people"])
    has_no_source &= ~figures["figure"].isin(["people_reached", COMPARED_FIGURE])
    is_known_figure = figures["reason"].map(STATUS_BY_REASON).eq(KNOWN)
    source_fact_table = source_fact_table.assign(
        source=source_fact_table["source"].mask(has_no_source, ""),
        illustrative=source_fact_table["illustrative"] & is_known_figure,
    )
    return _with_sources_of_two(figures.assign(**source_fact_table, rows=figures["rows"].where(is_known_figure, 0)))


def add_part_sources(parts: pd.DataFrame, planned: pd.DataFrame, activities: str) -> pd.DataFrame:
    """Change ``source`` of parts, which is that of their figure, and set their ``rows`` to 0.

    Planned parts have the source that ``planned`` gives for their breakdown (empty: none). Shares and differences have
    the source text ``activities``, then that of their planned parts. Other parts keep theirs.
    """
    figure_key_table = parts[["report"]].assign(
        figure=parts["figure"].map(WHOLE_BY_DERIVED_FIGURE).fillna(parts["figure"])
    )
    planned_source_series = figure_key_table.join(planned["source"], on=["report", "figure"])["source"].fillna("")
    part_source_series = parts["source"].mask(parts["total"].isin(PLANNED_FIGURES), planned_source_series)
    joint_source_series = (activities + "; " + planned_source_series).where(planned_source_series != "", activities)
    return parts.assign(
        source=part_source_series.mask(parts["figure"].isin(WHOLE_BY_DERIVED_FIGURE), joint_source_series), rows=0
    )


def _with_sources_of_two(figures: pd.DataFrame) -> pd.DataFrame:
    """Set ``source``, ``rows``, ``illustrative`` of shares and differences from their two figures; move them last.

    ``source`` names both (of a share the part first, else the whole), ``rows`` is their sum, ``illustrative`` true if
    one of them is. ``value`` stays.
    """
    figure_declaration_by_name = {
        figure_name: figure_declaration
        for figure_name, figure_declaration in FIGURES.items()
        if figure_declaration.part
    }
    derived_rows = figures[figures["figure"].isin(figure_declaration_by_name)]
    first_figure_by_name = {
        figure_name: figure_declaration.part if figure_declaration.unit == "share" else figure_declaration.whole
        for figure_name, figure_declaration in figure_declaration_by_name.items()
    }
    second_figure_by_name = {
        figure_name: figure_declaration.whole if figure_declaration.unit == "share" else figure_declaration.part
        for figure_name, figure_declaration in figure_declaration_by_name.items()
    }
    first_figure_rows, second_figure_rows = (
        rows_behind(derived_rows, figures, source_figure_by_name)
        for source_figure_by_name in (first_figure_by_name, second_figure_by_name)
    )
    source_pairs = zip(first_figure_rows["source"], second_figure_rows["source"], strict=True)
    derived_rows = derived_rows.assign(
        source=["; ".join(filter(None, dict.fromkeys(source_pair))) for source_pair in source_pairs],
        rows=first_figure_rows["rows"] + second_figure_rows["rows"],
        illustrative=first_figure_rows["illustrative"] | second_figure_rows["illustrative"],
    )
    return pd.concat([figures.drop(derived_rows.index), derived_rows])
