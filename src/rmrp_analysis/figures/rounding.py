"""Round public counts of people by the keys of the people behind them: up or down, so the average stays.

Each reported row has a key that follows from its content and a secret. Keys are added up (modulo 2^64) with the people.
So the same people have the same key, and the same number, wherever they are counted. A late report changes the key of
every count that includes it. No state is kept: a number follows from its exact value, its key and the base. Source: the
cell key method of the Australian Bureau of Statistics, and random rounding of Statistics Canada and Stats NZ.
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
"""The least possible values of a part: one more than 5, since several divisions have the same people."""
MAX_BASES_OF_SMALL_WHOLE = 4
"""Parts of fewer bases than this must not say more of their whole than the number of the whole does."""
DIVISION_DIMENSIONS = ("month", "admin1", "population_group", "age_gender", "indicator")
"""Dimensions with parts that add up to the people reached, and have no sheets of their own."""
PLACE_AND_PARTNER_DIMENSIONS = ("platform", "country", "partner")
"""Dimensions with parts that add up to the people reached, and have sheets of their own."""
SUM_MODEL = "sum"
FEW_TO_DIVIDE_REASON = "few_to_divide"
"""The reason of a part if its whole is too few to be divided."""


def round_to_base(values: npt.ArrayLike, keys: npt.ArrayLike, base: npt.ArrayLike) -> Numbers:
    """Round each value to one of the two multiples of the base next to it, more often to the nearer one.

    The key decides between the two, so many values keep their sum on average. A multiple stays, and NaN stays. Negative
    values are rounded as positive ones. ``base`` is one number for all values, or one for each. A base of 0 leaves a
    value as it is.

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
    """Mark values that are not 0 but were rounded to 0 (``multiples``): they are printed as ``< 10``."""
    is_people = np.round(np.asarray(values, dtype=np.float64), SUM_DECIMALS) != 0
    is_few: npt.NDArray[np.bool_] = is_people & (np.asarray(multiples, dtype=np.float64) == 0)
    return is_few


def public(rows: pd.DataFrame) -> pd.DataFrame:
    """Round the counts of people in the table of figures, and compute again the numbers that follow.

    Shares, doubt and the order of parts follow from the rounded numbers. Planned figures, money and other counts stay
    as they are. A number of people that is rounded down to 0 has the status ``few``, and so has its share. Parts of a
    total that is too few to be divided become NaN (see ``hide_undivided``).
    """
    bases = rounding_bases(rows)
    multiples = pd.Series(round_to_base(rows["value"], rows["key"], bases), rows.index)
    is_few = (bases > 0) & rows["value"].notna() & few(rows["value"], multiples)
    rounded = hide_undivided(
        rows.assign(
            value=multiples,
            status=rows["status"].mask(is_few, FEW),
            **round_bounds(rows, multiples, bases),
            assisted=round_to_base(rows["assisted"], rows["assisted_key"], rows["base"]),
            in_doubt=round_to_base(rows["in_doubt"], rows["doubt_key"], bases),
        )
    )
    return copy_status_of_people(add_share_in_doubt(fill_shares(_sort_by_size(rounded))))


def round_bounds(rows: pd.DataFrame, value: pd.Series, bases: pd.Series) -> dict[str, pd.Series]:
    """Return ``low`` and ``high`` of the table of figures, rounded by their own keys; they never cross the value.

    ``value`` is the rounded value, which a bound of the exact value has, too. If somebody may be missing, ``high`` is
    at least one base.
    """
    low, high = (
        pd.Series(round_to_base(rows[name], rows[f"{name}_key"], bases), rows.index).mask(
            rows[name] == rows["value"], value
        )
        for name in ("low", "high")
    )
    high = high.mask((high == 0) & (rows["high"] > 0) & (rows["high"] != rows["value"]), bases.astype("float64"))
    return {"low": low.mask(low > value, value), "high": high.mask(high < value, value)}


def rounding_bases(rows: pd.DataFrame) -> pd.Series:
    """Return the base to which each row of the table of figures is rounded. Exact numbers have 0.

    Numbers of people are rounded, unless they come from the plan. Columns read: ``base``, ``unit``, ``origin``.
    """
    return rows["base"].where((rows["unit"] == "people") & (rows["origin"] == "activities"), 0)


def rounding_steps(rows: pd.DataFrame) -> pd.Series:
    """Return how much another key may move each number of the table of figures: a base, or its share of the whole.

    A Series in the unit of each row, with the index of ``rows``. It is 0 for exact numbers and for unknown shares.
    """
    steps = rounding_bases(rows).astype("float64")
    shares = rows[rows["figure"].isin(SHARES_OF_PEOPLE)]
    wholes = rows_behind(shares, rows, WHOLE_BY_DERIVED_FIGURE)["value"]
    wholes = wholes.mask(shares["figure"].isin(DIFFERENCE_FIGURES), 1.0)
    parts = {name: part.replace(COMPARED_FIGURE, REACHED_FIGURE) for name, part in PART_BY_DERIVED_FIGURE.items()}
    steps.loc[shares.index] = rows_behind(shares, rows, parts)["base"] / wholes
    return steps.fillna(0.0)


def _sort_by_size(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort parts of people that stand largest first by their rounded ``value``, within each report and figure.

    Equal parts are sorted by name. ``LAST_PARTS`` stay last, whatever their size. Other rows keep their place.
    """
    names = [
        name
        for name, breakdown in BREAKDOWNS.items()
        if breakdown.parts == LARGEST_FIRST_ORDER and breakdown.figure_definition.protected
    ]
    parts = rows[rows["figure"].isin(names)]
    sortable = parts.assign(last=parts["part"].isin(LAST_PARTS), size=-parts["value"])
    ordered = sortable.sort_values(["report", "figure", "last", "size", "part"])[list(rows)]
    positions = parts.sort_values(["report", "figure"], kind="stable").index
    return pd.concat([rows.drop(parts.index), ordered.set_axis(positions)]).sort_index() if len(parts) else rows


# ---- What is too few to be divided ----


def is_undivided(parts: pd.DataFrame, wholes: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Mark the parts of wholes that have too few people to be divided. No such part may be published, not even a 0.

    ``parts`` and ``wholes`` (the whole of each part, with the same index) have ``value``, ``status`` and ``base``, as
    they are printed. The columns ``keys`` of ``parts`` name the whole. A whole is too few in three cases:

    - Its status is ``few``.
    - It ``is_narrowed``.
    - It is below ``MAX_BASES_OF_SMALL_WHOLE`` bases, a part may be one person, and the parts together leave it fewer
      possible values than its own number does. A reader of sheets within sheets could add up their limits.
    """
    people, bounds = _possible_people(parts), _possible_people(wholes)
    sums = people.groupby(_group_keys(parts, keys), sort=False).transform("sum")
    says_more = (sums["least"] > bounds["least"]) | (sums["most"] < bounds["most"])
    is_telling = says_more & (bounds["most"] < MAX_BASES_OF_SMALL_WHOLE * parts["base"]) & (people["least"] == 1)
    is_telling = is_telling.groupby(_group_keys(parts, keys), sort=False).transform("any")
    return wholes["status"].eq(FEW) | is_telling | is_narrowed(parts, wholes, keys)


def is_narrowed(parts: pd.DataFrame, wholes: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Mark all parts of a whole if printed numbers leave one part fewer than ``MIN_POSSIBLE_VALUES`` possible values.

    Only rounded parts that may be one person are looked at. If the number of a part itself allows fewer values, the
    part must keep all its possible values. Arguments: see ``is_undivided``. Each part that is not 0 is at least one
    person. So many parts of a small whole reveal each other's number.
    """
    people, bounds = _possible_people(parts), _possible_people(wholes)
    groups = _group_keys(parts, keys)
    # Groups may add up to more than the whole: then the rest is not known
    exceeds = parts.isin([NOT_SPECIFIED]).any(axis="columns") & parts["value"].isna()
    people = people.assign(least=people["least"].mask(exceeds, -np.inf))
    rest = people.groupby(groups, sort=False).transform("sum") - people.where(np.isfinite(people), 0.0)
    upper = np.minimum(people["most"], bounds["most"] - rest["least"])
    lower = np.maximum(people["least"], bounds["least"] - rest["most"])
    minimum = np.minimum(people["most"] - people["least"] + 1, MIN_POSSIBLE_VALUES)
    is_narrow: pd.Series = (people["least"] == 1) & (upper - lower + 1 < minimum) & (parts["base"] > 0)
    return is_narrow.groupby(groups, sort=False).transform("any")


def _group_keys(parts: pd.DataFrame, keys: Sequence[str]) -> list[pd.Series]:
    """Return the columns ``keys`` of parts to group by. Without keys, all parts are one group."""
    return [parts[name] for name in keys] or [pd.Series(0, parts.index)]


def _possible_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the ``least`` and the ``most`` people that a printed number may be (0 and inf if it is not known)."""
    value, is_few = rows["value"], rows["status"] == FEW
    base = rows["base"].where(rows["base"] > 0, 1)
    lower = (value - base + 1).clip(lower=1).where(value > 0, 0.0).mask(is_few, 1.0)
    upper = (value + base - 1).where((value != 0) | is_few, 0.0)
    return pd.DataFrame({"least": lower, "most": upper.fillna(np.inf)})


def hide_undivided(rows: pd.DataFrame) -> pd.DataFrame:
    """Empty the parts of totals that are too few to be divided, in a rounded table of figures.

    - Parts of a total that ``is_undivided`` are emptied. Places and partners have their own sheets. So their parts are
      emptied only if the total has the status ``few``.
    - The same parts of the people compared are emptied, too.
    - If a place or partner ``is_narrowed``, all people of the sheet that it divides are emptied, except by sector.
    - If a sector ``is_narrowed``, the sum of sectors is emptied. If the total has the key of this sum, all people of
      the sheet are emptied, too, except by sector.

    Columns changed: ``value``, ``low`` and ``high`` (NaN), ``reason`` (``FEW_TO_DIVIDE_REASON``) and its ``status``,
    ``caution`` (empty), ``in_doubt`` (0).
    """
    facts = rows.reset_index()[["figure"]].join(row_facts()[["total", "by"]], on="figure").set_axis(rows.index)
    is_partner = rows["figure"] == sentences.COUNTRY_PARTNER_FIGURE
    total = facts["total"].mask(is_partner, REACHED_FIGURE)
    table = rows.assign(total=total, by=facts["by"].mask(is_partner, "partner"))
    totals = table[table["by"] == ""].set_index(["report", "total"])[["value", "status", "base"]]
    is_count = table["total"].isin([REACHED_FIGURE, COMPARED_FIGURE])
    parts = table[is_count & table["by"].isin([*DIVISION_DIMENSIONS, *PLACE_AND_PARTNER_DIMENSIONS])]
    wholes = parts[["report", "total"]].join(totals, on=["report", "total"])
    keys = ["report", "total", "by"]
    is_narrow = is_narrowed(parts, wholes, keys)
    has_sheets = parts["by"].isin(PLACE_AND_PARTNER_DIMENSIONS)
    undivided = parts[wholes["status"].eq(FEW) | (is_undivided(parts, wholes, keys) & ~has_sheets)]
    divisions = undivided.loc[undivided["total"] == REACHED_FIGURE, ["report", "by"]]
    in_division = parts.set_index(["report", "by"]).index.isin(pd.MultiIndex.from_frame(divisions))

    sums = _find_narrowed_sums(table)
    is_sum = table[(table["figure"] == REACHED_FIGURE)].merge(sums[["report", "key"]], on=["report", "key"])
    reports = {*parts.loc[is_narrow & has_sheets, "report"], *is_sum["report"]}

    is_people = is_count | (rows["kind"].eq(UNPUBLISHED_KIND) & rows["unit"].eq("people"))
    hidden = table.index[table["report"].isin(reports) & is_people & (table["by"] != "sector")]
    hidden = hidden.union(undivided.index).union(parts.index[in_division]).union(sums.index)
    is_hidden = rows.index.isin(hidden) & rows["value"].notna()
    empty = {
        **dict.fromkeys(("value", "low", "high"), np.nan),
        "status": STATUS_BY_REASON[FEW_TO_DIVIDE_REASON],
        "reason": FEW_TO_DIVIDE_REASON,
        "caution": "",
        "in_doubt": 0.0,
    }
    return rows.assign(**{name: rows[name].mask(is_hidden, value) for name, value in empty.items()})


def _find_narrowed_sums(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``SUM_MODEL`` of the sheets on which a sector ``is_narrowed`` as a part of this sum."""
    sectors = rows[rows["figure"] == f"{REACHED_FIGURE}_by_sector"]
    sums = rows[(rows["figure"] == f"{REACHED_FIGURE}_by_model") & (rows["part"] == SUM_MODEL)]
    totals = sectors[["report"]].join(sums.set_index("report")[["value", "status", "base"]], on="report")
    narrowed = sectors.loc[is_narrowed(sectors, totals, ["report"]), "report"]
    return sums[sums["report"].isin(narrowed)]


def for_audience(key_figures: KeyFigures, audience: str) -> KeyFigures:
    """Return a sheet as an audience may see it: exact (``internal``), or rounded (``public``).

    The context of a rounded sheet (see ``fill_context``) follows from its rounded rows. A method without bases rounds
    nothing.
    """
    if audience == "internal" or not any(key_figures.method.bases):
        return replace(key_figures, audience=audience)
    tables = key_figures.rows, key_figures.region, key_figures.of_sectors
    rows, region, of_sectors = (public(table) if len(table) else table for table in tables)
    return fill_context(replace(key_figures, rows=rows, region=region, of_sectors=of_sectors, audience=audience))
