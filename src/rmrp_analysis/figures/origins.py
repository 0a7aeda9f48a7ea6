"""Where a number comes from: who states it, from how many rows of which table, and whether it is made up."""

import pandas as pd

from rmrp_analysis.figures.parts import Counts
from rmrp_analysis.figures.registry import BREAKDOWNS, COMPARED, FIGURES, KNOWN, STATUS, WHOLES
from rmrp_analysis.figures.shares import rows_behind
from rmrp_analysis.vocabulary import PLANNED_FIGURES

SOURCE_FACTS = ["source", "origin", "illustrative"]
"""Who states a number, the table that it is from, and whether it is made up for illustration."""


def sources_of_planning(rows: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """Return the ``SOURCE_FACTS`` of what a plan foresees, by report and figure: the sources of its rows, each once.

    ``origin`` is the table that the first of them is from.
    """
    facts, behind = SOURCE_FACTS, {name: counts.of(name) for name in (*counts.figures, *counts.shown)}
    entries = {
        name: contributions.entries.assign(part=contributions.entries[BREAKDOWNS[name].by[0]])
        if name in BREAKDOWNS
        else contributions.entries.assign(part="")
        for name, contributions in behind.items()
        if contributions.origin == "planning"
    }
    every = pd.concat({name: each[["sheet", "part", *facts]] for name, each in entries.items()}, names=["figure"])
    every = every.reset_index("figure").rename(columns={"sheet": "report"}).astype({"report": "str"})
    in_order = rows[["report", "figure", "part"]].merge(every.drop_duplicates(), on=["report", "figure", "part"])
    by_source = in_order.drop_duplicates(["report", "figure", "source"]).groupby(["report", "figure"])
    return by_source.agg({"source": "; ".join, "origin": "first", "illustrative": "max"})


def with_figure_sources(figures: pd.DataFrame, planned: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """Add ``SOURCE_FACTS`` to figures; what a plan foresees has the sources of its own rows (``planned``)."""
    data, origins = counts.sheets.plan, ["activities", "funding"]
    sources = {"source": map(data.source, origins), "illustrative": map(data.is_illustrative, origins)}
    own = figures[["report", "figure"]].join(planned, on=["report", "figure"])[SOURCE_FACTS]
    facts = figures[["origin"]].join(pd.DataFrame(sources, origins), on="origin")
    facts = facts.mask(figures["origin"] == "planning", own)
    facts = facts.fillna({"source": "", "illustrative": False, "origin": "planning"}).astype({"illustrative": "bool"})
    is_silent = figures["reason"].isin(["no_source", "no_people"])
    is_silent &= ~figures["figure"].isin(["people_reached", COMPARED])
    is_known = figures["reason"].map(STATUS).eq(KNOWN)
    facts = facts.assign(source=facts["source"].mask(is_silent, ""), illustrative=facts["illustrative"] & is_known)
    return _with_sources_of_two(figures.assign(**facts, rows=figures["rows"].where(is_known, 0)))


def with_part_sources(parts: pd.DataFrame, planned: pd.DataFrame, activities: str) -> pd.DataFrame:
    """Say who states parts, which have the ``SOURCE_FACTS`` of their figure: the plan's own rows for these parts.

    Where people meet what is ``planned`` for them, also the source of ``activities``. No part counts its rows.
    """
    keys = parts[["report"]].assign(figure=parts["figure"].map(WHOLES).fillna(parts["figure"]))
    of_plan = keys.join(planned["source"], on=["report", "figure"])["source"].fillna("")
    source = parts["source"].mask(parts["total"].isin(PLANNED_FIGURES), of_plan)
    both = (activities + "; " + of_plan).where(of_plan != "", activities)
    return parts.assign(source=source.mask(parts["figure"].isin(WHOLES), both), rows=0)


def _with_sources_of_two(figures: pd.DataFrame) -> pd.DataFrame:
    """Give shares and differences the facts of their two figures: of a share the part first, else the whole.

    Their values come with ``with_shares``.
    """
    of_two = {name: each for name, each in FIGURES.items() if each.part}
    mine = figures[figures["figure"].isin(of_two)]
    firsts = {name: each.part if each.unit == "share" else each.whole for name, each in of_two.items()}
    seconds = {name: each.whole if each.unit == "share" else each.part for name, each in of_two.items()}
    first, second = (rows_behind(mine, figures, names) for names in (firsts, seconds))
    pairs = zip(first["source"], second["source"], strict=True)
    mine = mine.assign(
        source=["; ".join(filter(None, dict.fromkeys(pair))) for pair in pairs],
        rows=first["rows"] + second["rows"],
        illustrative=first["illustrative"] | second["illustrative"],
    )
    return pd.concat([figures.drop(mine.index), mine])
