"""Where a number comes from: who states it, from how many rows of which table, and whether it is made up."""

import pandas as pd

from rmrp_analysis.figures.parts import Counts
from rmrp_analysis.figures.registry import BREAKDOWNS, COMPARED, FIGURES, KNOWN, OF_TARGET, STATUS
from rmrp_analysis.vocabulary import PLANNED_FIGURES


def with_sources(rows: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """Say who states a number (``source``), and whether it is made up for illustration.

    What a plan foresees has the sources of its own rows; a share those of what it follows from.
    """
    data, origins = counts.sheets.plan, ("activities", "funding")
    figures, parts = rows[rows["figure"] == rows["of"]], rows[rows["figure"] != rows["of"]]
    silent = figures["reason"].isin(["no_source", "no_people"]) & ~figures["figure"].isin(["people_reached", COMPARED])
    is_known = figures["reason"].map(STATUS).eq(KNOWN)
    told = pd.DataFrame(
        {
            "source": figures["origin"].map({name: data.source(name) for name in origins}).fillna(""),
            "illustrative": figures["origin"].map({name: data.is_illustrative(name) for name in origins}).eq(True),
            "origin": figures["origin"],
        }
    )
    planned = _sources_of_planning(rows, counts)
    told = told.mask(figures["origin"] == "planning", _found(planned, figures["report"], figures["figure"]))
    told = told.fillna({"source": "", "illustrative": False, "origin": "planning"}).astype({"illustrative": "bool"})
    told = told.assign(source=told["source"].mask(silent, ""), illustrative=told["illustrative"] & is_known)
    figures = _of_two(figures.assign(**told, rows=figures["rows"].where(is_known, 0)))

    covers = parts["figure"].str.startswith((*OF_TARGET, COMPARED))
    of = _found(figures.set_index(["report", "figure"]), parts["report"], parts["of"].mask(covers, "target"))
    name = parts["figure"].str.replace(f"^({'|'.join((*OF_TARGET, COMPARED))})", "target", regex=True)
    source = _found(planned, parts["report"], name)["source"].fillna(
        of["source"].mask(parts["of"].isin(PLANNED_FIGURES), "")
    )
    both = data.source("activities") + "; " + source
    origin = of["origin"].mask(covers, "").mask(parts["of"] == COMPARED, "activities")
    parts = parts.assign(source=source.mask(covers, both), origin=origin, illustrative=of["illustrative"], rows=0)
    return pd.concat([figures, parts], ignore_index=True)


def _sources_of_planning(rows: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """The sources that planning rows name, each once, by report and figure; the table that the first is from."""
    facts, behind = ["source", "origin", "illustrative"], {**counts.figures, **counts.parts}
    named = {
        name: of.entries[["sheet", *BREAKDOWNS[name].by, *facts]].rename(columns={BREAKDOWNS[name].by[0]: "part"})
        if name in BREAKDOWNS
        else of.entries[["sheet", *facts]].assign(part="")
        for name, of in behind.items()
        if of.origin == "planning"
    }
    every = pd.concat(named, names=["figure"]).reset_index("figure").rename(columns={"sheet": "report"})
    keys = ["report", "figure", "part"]
    in_order = rows[keys].merge(every.astype({"report": "str"}).drop_duplicates(), on=keys)
    of_each = in_order.drop_duplicates(["report", "figure", "source"]).groupby(["report", "figure"])
    return of_each.agg({"source": "; ".join, "origin": "first", "illustrative": "max"})


def _found(table: pd.DataFrame, report: pd.Series, figure: pd.Series) -> pd.DataFrame:
    """The row of each report and figure, aligned with these."""
    return table.reindex(pd.MultiIndex.from_arrays([report, figure])).set_axis(report.index)


def _of_two(figures: pd.DataFrame) -> pd.DataFrame:
    """Give shares and differences what they have of their two parts; their values come with ``with_shares``."""
    mine, known = figures[figures["origin"] == ""], figures.set_index(["report", "figure"])
    part, whole = (
        _found(known, mine["report"], mine["figure"].map({name: getattr(of, side) for name, of in FIGURES.items()}))
        for side in ("part", "whole")
    )
    first = mine["figure"].map({name: of.unit == "share" for name, of in FIGURES.items()})
    pairs = zip(part["source"].where(first, whole["source"]), whole["source"].where(first, part["source"]), strict=True)
    own = {
        "rows": part["rows"] + whole["rows"],
        "illustrative": part["illustrative"] | whole["illustrative"],
        "source": pd.Series(["; ".join(filter(None, dict.fromkeys(pair))) for pair in pairs], mine.index, dtype="str"),
    }
    return pd.concat([figures[figures["origin"] != ""], mine.assign(**own)])
