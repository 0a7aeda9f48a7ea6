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
    facts = SOURCE_FACT_COLUMNS
    contributions_by_name = {
        name: figure_sums.contributions_of(name) for name in (*figure_sums.figures, *figure_sums.sheets_by_breakdown)
    }
    entries = {
        name: contributions.entries.assign(part=contributions.entries[BREAKDOWNS[name].by[0]])
        if name in BREAKDOWNS
        else contributions.entries.assign(part="")
        for name, contributions in contributions_by_name.items()
        if contributions.origin == "planning"
    }
    sources = pd.concat({name: table[["sheet", "part", *facts]] for name, table in entries.items()}, names=["figure"])
    sources = sources.reset_index("figure").rename(columns={"sheet": "report"}).astype({"report": "str"})
    ordered_sources = rows[["report", "figure", "part"]].merge(
        sources.drop_duplicates(), on=["report", "figure", "part"]
    )
    by_source = ordered_sources.drop_duplicates(["report", "figure", "source"]).groupby(["report", "figure"])
    return by_source.agg({"source": "; ".join, "origin": "first", "illustrative": "max"})


def add_figure_sources(figures: pd.DataFrame, planned: pd.DataFrame, figure_sums: FigureSums) -> pd.DataFrame:
    """Add ``SOURCE_FACT_COLUMNS`` to figures; what a plan foresees has the sources of its own rows (``planned``).

    ``source`` is empty for the reasons *no_source* and *no_people* (people reached keep theirs). Where a figure is not
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
    """Change ``source`` of parts, which is that of their figure, and set their ``rows`` to 0.

    Planned parts have the source that ``planned`` gives for their breakdown (empty: none). Shares and differences have
    the source text ``activities``, then that of their planned parts. Other parts keep theirs.
    """
    keys = parts[["report"]].assign(figure=parts["figure"].map(WHOLE_BY_DERIVED_FIGURE).fillna(parts["figure"]))
    planned_source = keys.join(planned["source"], on=["report", "figure"])["source"].fillna("")
    source = parts["source"].mask(parts["total"].isin(PLANNED_FIGURES), planned_source)
    joint_source = (activities + "; " + planned_source).where(planned_source != "", activities)
    return parts.assign(source=source.mask(parts["figure"].isin(WHOLE_BY_DERIVED_FIGURE), joint_source), rows=0)


def _with_sources_of_two(figures: pd.DataFrame) -> pd.DataFrame:
    """Set ``source``, ``rows``, ``illustrative`` of shares and differences from their two figures; move them last.

    ``source`` names both (of a share the part first, else the whole), ``rows`` is their sum, ``illustrative`` true if
    one of them is. ``value`` stays.
    """
    definitions = {name: definition for name, definition in FIGURES.items() if definition.part}
    rows = figures[figures["figure"].isin(definitions)]
    first_names = {
        name: definition.part if definition.unit == "share" else definition.whole
        for name, definition in definitions.items()
    }
    second_names = {
        name: definition.whole if definition.unit == "share" else definition.part
        for name, definition in definitions.items()
    }
    first, second = (rows_behind(rows, figures, names) for names in (first_names, second_names))
    pairs = zip(first["source"], second["source"], strict=True)
    rows = rows.assign(
        source=["; ".join(filter(None, dict.fromkeys(pair))) for pair in pairs],
        rows=first["rows"] + second["rows"],
        illustrative=first["illustrative"] | second["illustrative"],
    )
    return pd.concat([figures.drop(rows.index), rows])
