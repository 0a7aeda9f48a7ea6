"""Round public counts of people by the keys of the people behind them: up or down, so that on average nothing is added.

Each reported row has a key that follows from its content and a secret. Keys are added up (modulo 2^64) with the people,
so the same people have the same key, and the same number, wherever they are counted; a late report changes the key of
every count that it is in. Nothing here remembers anything: a number follows from its exact value, its key and the base.
Source: the cell key method of the Australian Bureau of Statistics; random rounding of Statistics Canada and Stats NZ.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rmrp_analysis.figures import sentences
from rmrp_analysis.figures.parts import LARGEST_FIRST_ORDER, LAST_PARTS
from rmrp_analysis.figures.registry import (
    BREAKDOWNS,
    COMPARED_FIGURE,
    DIFFERENCE_FIGURES,
    FEW,
    PART_BY_DERIVED_FIGURE,
    SHARES_OF_PEOPLE,
    STATUS_BY_REASON,
    UNPUBLISHED_KIND,
    WHOLE_BY_DERIVED_FIGURE,
    row_facts,
)
from rmrp_analysis.figures.shares import add_share_in_doubt, copy_status_of_people, fill_shares, rows_behind
from rmrp_analysis.figures.sheet import REACHED_FIGURE, KeyFigures, fill_context
from rmrp_analysis.metrics import SUM_DECIMALS
from rmrp_analysis.vocabulary import NOT_SPECIFIED

Numbers = npt.NDArray[np.float64]

MIN_POSSIBLE_VALUES = 6
"""So many values of a part must be possible; one more than 5, since several divisions tell of the same people."""
MAX_BASES_OF_SMALL_WHOLE = 4
"""Less than so many bases are so few that their parts must not say more of them than their own number."""
DIVISION_DIMENSIONS = ("month", "admin1", "population_group", "age_gender", "indicator")
"""Dimensions whose parts add up to the people reached and have no sheets of their own."""
PLACE_AND_PARTNER_DIMENSIONS = ("platform", "country", "partner")
"""Dimensions whose parts add up to the people reached and have sheets of their own."""
SUM_MODEL = "sum"
"""The model that adds up all sectors."""
FEW_TO_DIVIDE_REASON = "few_to_divide"
"""The reason of a part whose whole is too few to be divided."""


def round_to_base(values: npt.ArrayLike, keys: npt.ArrayLike, base: npt.ArrayLike) -> Numbers:
    """Round each value to one of the two multiples of the base beside it, up as often as it is near the upper one.

    The key decides which: so that many values keep their sum on average. A multiple stays, and so does what is not
    known; below 0 it is as above. ``base`` is one for all, or one for each; 0 leaves a value as it is.

    >>> keys = np.array([0, 2**63, 2**64 - 1], dtype=np.uint64)
    >>> round_to_base([14.0, 14.0, 14.0], keys, 10).tolist(), round_to_base([0.0, -3.0, 3.0], keys, 10).tolist()
    ([20.0, 10.0, 10.0], [0.0, 0.0, 0.0])
    """
    numbers = np.asarray(values, dtype=np.float64)
    bases = np.broadcast_to(np.asarray(base, dtype=np.float64), numbers.shape)
    steps = np.where(bases > 0, bases, 1.0)
    amounts = np.abs(np.round(numbers, SUM_DECIMALS))
    below = np.floor(amounts / steps) * steps
    chances = (np.asarray(keys, dtype=np.uint64) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    multiples = below + steps * (chances < (amounts - below) / steps)
    return np.where(bases > 0, np.sign(numbers) * multiples + 0.0, numbers)


def few(values: npt.ArrayLike, multiples: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Mark values of people that are not 0 and were rounded to 0 (``multiples``): they are printed as ``< 10``."""
    is_few: npt.NDArray[np.bool_] = (np.round(np.asarray(values, dtype=np.float64), SUM_DECIMALS) != 0) & (
        np.asarray(multiples, dtype=np.float64) == 0
    )
    return is_few


def public(rows: pd.DataFrame) -> pd.DataFrame:
    """Round the counts of people in the table of figures, and compute again what follows from them.

    Shares, doubt and the order of parts follow from the rounded numbers. What a plan foresees, money and other counts
    stay as they are. Where there are people and their number is rounded down to 0, the status of the number, and of a
    share that follows from it, is ``few``. Parts of a total that is too few to be divided become NaN (see
    ``hide_undivided``).
    """
    bases = rounding_bases(rows)
    multiples = pd.Series(round_to_base(rows["value"], rows["key"], bases), rows.index)
    is_few = (bases > 0) & rows["value"].notna() & few(rows["value"], multiples)
    rounded_rows = hide_undivided(
        rows.assign(
            value=multiples,
            status=rows["status"].mask(is_few, FEW),
            assisted=round_to_base(rows["assisted"], rows["assisted_key"], rows["base"]),
            in_doubt=round_to_base(rows["in_doubt"], rows["doubt_key"], bases),
        )
    )
    return copy_status_of_people(add_share_in_doubt(fill_shares(_sort_by_size(rounded_rows))))


def rounding_bases(rows: pd.DataFrame) -> pd.Series:
    """Return the base to which each row of the table of figures is rounded; 0 where it is exact.

    Numbers of people are rounded (``unit``, ``origin``), unless a plan foresees them.
    """
    return rows["base"].where((rows["unit"] == "people") & (rows["origin"] == "activities"), 0)


def rounding_steps(rows: pd.DataFrame) -> pd.Series:
    """Return how much another key may move each number of the table: a base of people, or the share that it makes.

    A Series in the unit of each row, with the index of ``rows`` (the table of figures); 0 where a number is exact, or
    a share is not known.
    """
    steps = rounding_bases(rows).astype("float64")
    shares = rows[rows["figure"].isin(SHARES_OF_PEOPLE)]
    denominators = rows_behind(shares, rows, WHOLE_BY_DERIVED_FIGURE)["value"].mask(
        shares["figure"].isin(DIFFERENCE_FIGURES), 1.0
    )
    counted_parts = {
        name: part.replace(COMPARED_FIGURE, REACHED_FIGURE) for name, part in PART_BY_DERIVED_FIGURE.items()
    }
    steps.loc[shares.index] = rows_behind(shares, rows, counted_parts)["base"] / denominators
    return steps.fillna(0.0)


def _sort_by_size(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort the parts of people that stand largest first by their rounded ``value``, within each report and figure.

    ``LAST_PARTS`` stay last, whatever their size; equal parts stand by name. Other rows keep their place.
    """
    by_size = [
        name
        for name, breakdown in BREAKDOWNS.items()
        if breakdown.parts == LARGEST_FIRST_ORDER and breakdown.figure_definition.protected
    ]
    parts = rows[rows["figure"].isin(by_size)]
    sortable = parts.assign(last=parts["part"].isin(LAST_PARTS), size=-parts["value"])
    sorted_parts = sortable.sort_values(["report", "figure", "last", "size", "part"])[list(rows)]
    positions = parts.sort_values(["report", "figure"], kind="stable").index
    return pd.concat([rows.drop(parts.index), sorted_parts.set_axis(positions)]).sort_index() if len(parts) else rows


# ---- What is too few to be divided ----


def is_undivided(parts: pd.DataFrame, wholes: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Mark each part whose whole is too few to be divided: then no part of it may be told, not even nobody.

    ``parts`` and ``wholes`` (the whole of each part, with the same index) have ``value``, ``status`` and ``base``, as
    they are printed; the columns ``keys`` of ``parts`` name the whole. A whole is too few if its status is ``few``; if
    it ``is_narrowed``; or if it is below ``MAX_BASES_OF_SMALL_WHOLE`` bases, a part may be one person, and the parts
    together leave it fewer possible values than its own number does: sheets within sheets would add up what each says.
    """
    people, whole_bounds = _possible_people(parts), _possible_people(wholes)
    sums = people.groupby(_group_keys(parts, keys), sort=False).transform("sum")
    says_more = (sums["least"] > whole_bounds["least"]) | (sums["most"] < whole_bounds["most"])
    is_telling = says_more & (whole_bounds["most"] < MAX_BASES_OF_SMALL_WHOLE * parts["base"]) & (people["least"] == 1)
    is_telling = is_telling.groupby(_group_keys(parts, keys), sort=False).transform("any")
    return wholes["status"].eq(FEW) | is_telling | is_narrowed(parts, wholes, keys)


def is_narrowed(parts: pd.DataFrame, wholes: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Mark all parts of a whole whose printed numbers leave one of them fewer than ``MIN_POSSIBLE_VALUES`` values.

    Only parts that may be one person, and are rounded, are looked at. One whose own number allows fewer values must
    keep all of these. Arguments are those of ``is_undivided``. Each part that is not nobody is somebody, so many parts
    of a small whole tell each other's number.
    """
    people = _possible_people(parts)
    whole_bounds = _possible_people(wholes)
    groups = _group_keys(parts, keys)
    # Groups may add up to more than the whole; then it is not known who is in none
    exceeds = parts.isin([NOT_SPECIFIED]).any(axis="columns") & parts["value"].isna()
    people = people.assign(least=people["least"].mask(exceeds, -np.inf))
    other_sums = people.groupby(groups, sort=False).transform("sum") - people.where(np.isfinite(people), 0.0)
    upper = np.minimum(people["most"], whole_bounds["most"] - other_sums["least"])
    lower = np.maximum(people["least"], whole_bounds["least"] - other_sums["most"])
    min_values = np.minimum(people["most"] - people["least"] + 1, MIN_POSSIBLE_VALUES)
    is_narrow: pd.Series = (people["least"] == 1) & (upper - lower + 1 < min_values) & (parts["base"] > 0)
    return is_narrow.groupby(groups, sort=False).transform("any")


def _group_keys(parts: pd.DataFrame, keys: Sequence[str]) -> list[pd.Series]:
    """Return the columns ``keys`` of parts to group by; without any, one group of all."""
    return [parts[name] for name in keys] or [pd.Series(0, parts.index)]


def _possible_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the ``least`` and the ``most`` people that a printed number may stand for; 0 and inf where not known."""
    value = rows["value"]
    is_few = rows["status"] == FEW
    base = rows["base"].where(rows["base"] > 0, 1)
    lower = (value - base + 1).clip(lower=1).where(value > 0, 0.0).mask(is_few, 1.0)
    upper = (value + base - 1).where((value != 0) | is_few, 0.0)
    return pd.DataFrame({"least": lower, "most": upper.fillna(np.inf)})


def hide_undivided(rows: pd.DataFrame) -> pd.DataFrame:
    """Empty the parts of totals that are too few to be divided, in a rounded table of figures.

    See ``is_undivided``; of places and partners, which have sheets of their own, only wholes of the status ``few``.
    With parts of people reached go the same parts of the people compared. Where a place or partner ``is_narrowed``, all
    people of the sheet that they divide are emptied, except those by sector. Where a sector is, the sum of sectors is
    emptied; where the total has the key of this sum, so are all people of the sheet, again except those by sector.
    Columns changed: ``value`` (NaN), ``reason`` (``FEW_TO_DIVIDE_REASON``) and its ``status``, ``caution`` (empty),
    ``in_doubt`` (0).
    """
    facts = rows.reset_index()[["figure"]].join(row_facts()[["total", "by"]], on="figure").set_axis(rows.index)
    is_partner = rows["figure"] == sentences.COUNTRY_PARTNER_FIGURE
    total = facts["total"].mask(is_partner, REACHED_FIGURE)
    dimension = facts["by"].mask(is_partner, "partner")
    table = rows.assign(total=total, by=dimension)
    wholes = table[table["by"] == ""].set_index(["report", "total"])[["value", "status", "base"]]
    parts = table[
        table["total"].isin([REACHED_FIGURE, COMPARED_FIGURE])
        & table["by"].isin([*DIVISION_DIMENSIONS, *PLACE_AND_PARTNER_DIMENSIONS])
    ]
    wholes_of_parts = parts[["report", "total"]].join(wholes, on=["report", "total"])
    is_narrow = is_narrowed(parts, wholes_of_parts, ["report", "total", "by"])
    has_sheets = parts["by"].isin(PLACE_AND_PARTNER_DIMENSIONS)
    undivided_parts = parts[
        (wholes_of_parts["status"] == FEW)
        | (is_undivided(parts, wholes_of_parts, ["report", "total", "by"]) & ~has_sheets)
    ]
    divisions = undivided_parts.loc[undivided_parts["total"] == REACHED_FIGURE, ["report", "by"]]
    is_of_division = parts.set_index(["report", "by"]).index.isin(pd.MultiIndex.from_frame(divisions))

    sums = _find_narrowed_sums(table)
    is_sum = table[(table["figure"] == REACHED_FIGURE)].merge(sums[["report", "key"]], on=["report", "key"])
    hidden_sheets = {*parts.loc[is_narrow & has_sheets, "report"], *is_sum["report"]}

    is_of_people = table["total"].isin([REACHED_FIGURE, COMPARED_FIGURE]) | (
        rows["kind"].eq(UNPUBLISHED_KIND) & rows["unit"].eq("people")
    )
    hidden = table.index[table["report"].isin(hidden_sheets) & is_of_people & (table["by"] != "sector")]
    hidden = hidden.union(undivided_parts.index).union(parts.index[is_of_division]).union(sums.index)
    is_hidden = rows.index.isin(hidden) & rows["value"].notna()
    empty_values = {
        "value": np.nan,
        "status": STATUS_BY_REASON[FEW_TO_DIVIDE_REASON],
        "reason": FEW_TO_DIVIDE_REASON,
        "caution": "",
        "in_doubt": 0.0,
    }
    return rows.assign(**{name: rows[name].mask(is_hidden, value) for name, value in empty_values.items()})


def _find_narrowed_sums(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of people by ``SUM_MODEL`` on sheets where a sector ``is_narrowed`` as a part of this sum."""
    sectors = rows[rows["figure"] == f"{REACHED_FIGURE}_by_sector"]
    sums = rows[(rows["figure"] == f"{REACHED_FIGURE}_by_model") & (rows["part"] == SUM_MODEL)]
    sums_of_sectors = sectors[["report"]].join(sums.set_index("report")[["value", "status", "base"]], on="report")
    narrowed_report_series = sectors.loc[is_narrowed(sectors, sums_of_sectors, ["report"]), "report"]
    return sums[sums["report"].isin(narrowed_report_series)]


def for_audience(key_figures: KeyFigures, audience: str) -> KeyFigures:
    """Return a sheet as an audience may see it: exact (``internal``), or rounded (``public``).

    A rounded sheet has the context of its rounded rows (see ``fill_context``). A method without bases rounds nothing.
    """
    method = key_figures.method
    if audience == "internal" or not any(method.bases):
        return replace(key_figures, audience=audience)
    rows, region, of_sectors = (
        public(table) if len(table) else table
        for table in (key_figures.rows, key_figures.region, key_figures.of_sectors)
    )
    return fill_context(replace(key_figures, rows=rows, region=region, of_sectors=of_sectors, audience=audience))
