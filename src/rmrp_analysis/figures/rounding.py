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
from rmrp_analysis.figures.parts import LARGEST_FIRST, LAST
from rmrp_analysis.figures.registry import (
    BREAKDOWNS,
    COMPARED,
    DIFFERENCES,
    FEW,
    PARTS,
    SHARES_OF_PEOPLE,
    STATUS,
    UNPUBLISHED,
    WHOLES,
    row_facts,
)
from rmrp_analysis.figures.shares import add_share_in_doubt, copy_status_of_people, fill_shares, rows_behind
from rmrp_analysis.figures.sheet import REACHED, KeyFigures, fill_context
from rmrp_analysis.metrics import DECIMALS
from rmrp_analysis.vocabulary import NOT_SPECIFIED

Numbers = npt.NDArray[np.float64]

MIN_VALUES = 6
"""So many values of a part must be possible; one more than 5, since several divisions tell of the same people."""
MAX_BASES_OF_FEW = 4
"""Less than so many bases are so few that their parts must not say more of them than their own number."""
DIVISIONS, PLACES_AND_PARTNERS = (
    ("month", "admin1", "population_group", "age_gender", "indicator"),
    ("platform", "country", "partner"),
)
"""The dimensions whose parts add up to the people reached; parts by the second ones have sheets of their own."""
SUM = "sum"
"""The model that adds up all sectors."""
FEW_TO_DIVIDE = "few_to_divide"
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
    amounts = np.abs(np.round(numbers, DECIMALS))
    below = np.floor(amounts / steps) * steps
    chances = (np.asarray(keys, dtype=np.uint64) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    multiples = below + steps * (chances < (amounts - below) / steps)
    return np.where(bases > 0, np.sign(numbers) * multiples + 0.0, numbers)


def few(values: npt.ArrayLike, multiples: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Mark values of people that are fewer than the base, but not 0: they are printed as ``< 10``."""
    is_few: npt.NDArray[np.bool_] = (np.round(np.asarray(values, dtype=np.float64), DECIMALS) != 0) & (
        np.asarray(multiples, dtype=np.float64) == 0
    )
    return is_few


def public(rows: pd.DataFrame) -> pd.DataFrame:
    """Round the counts of people in the table of figures, and compute again what follows from them.

    Shares, doubt and the order of parts follow from the rounded numbers. What a plan foresees, money and other counts
    stay as they are. Where there are people and their number is rounded down to 0, the status of the number, and of a
    share that follows from it, is ``few``. What is too few to be divided is not (see ``hide_undivided``).
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

    A Series in the unit of each row, with the index of ``rows`` (the table of figures); 0 where a number is exact.
    """
    steps = rounding_bases(rows).astype("float64")
    shares = rows[rows["figure"].isin(SHARES_OF_PEOPLE)]
    denominators = rows_behind(shares, rows, WHOLES)["value"].mask(shares["figure"].isin(DIFFERENCES), 1.0)
    counted_parts = {name: part.replace(COMPARED, REACHED) for name, part in PARTS.items()}
    steps.loc[shares.index] = rows_behind(shares, rows, counted_parts)["base"] / denominators
    return steps.fillna(0.0)


def _sort_by_size(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort the parts of people that stand by size by their rounded numbers (``value``); all columns stay."""
    by_size = [
        name
        for name, breakdown in BREAKDOWNS.items()
        if breakdown.parts == LARGEST_FIRST and breakdown.figure_definition.protected
    ]
    parts = rows[rows["figure"].isin(by_size)]
    sortable = parts.assign(last=parts["part"].isin(LAST), size=-parts["value"])
    sorted_parts = sortable.sort_values(["report", "figure", "last", "size", "part"])[list(rows)]
    positions = parts.sort_values(["report", "figure"], kind="stable").index
    return pd.concat([rows.drop(parts.index), sorted_parts.set_axis(positions)]).sort_index() if len(parts) else rows


# ---- What is too few to be divided ----


def is_undivided(parts: pd.DataFrame, wholes: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Tell of each part whether its whole is too few to be divided: so no part of it may be told, not even nobody.

    ``parts`` and ``wholes`` (the whole of each part, with the same index) have ``value``, ``status`` and ``base``, as
    they are printed; the columns ``by`` of ``parts`` name the whole. Too few are less than a base, and people of whom
    a part ``is_narrowed``. Of less than ``MAX_BASES_OF_FEW`` bases the parts may say no more than the whole's own
    number: together they have no higher least, and no lower most; else sheets within sheets add up what each says.
    """
    people, people_of_whole = _possible_people(parts), _possible_people(wholes)
    sums = people.groupby(_group_keys(parts, keys), sort=False).transform("sum")
    says_more = (sums["least"] > people_of_whole["least"]) | (sums["most"] < people_of_whole["most"])
    is_telling = says_more & (people_of_whole["most"] < MAX_BASES_OF_FEW * parts["base"]) & (people["least"] == 1)
    is_telling = is_telling.groupby(_group_keys(parts, keys), sort=False).transform("any")
    return wholes["status"].eq(FEW) | is_telling | is_narrowed(parts, wholes, keys)


def is_narrowed(parts: pd.DataFrame, wholes: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Tell of each part whether what is printed leaves a part of its whole fewer than ``MIN_VALUES`` values.

    Arguments are those of ``is_undivided``. Each part that is not nobody is somebody, so many parts of a small whole
    tell each other's number.
    """
    people, people_of_whole, groups = _possible_people(parts), _possible_people(wholes), _group_keys(parts, keys)
    # Groups may add up to more than the whole; then it is not known who is in none
    exceeds = parts.isin([NOT_SPECIFIED]).any(axis="columns") & parts["value"].isna()
    people = people.assign(least=people["least"].mask(exceeds, -np.inf))
    other_sums = people.groupby(groups, sort=False).transform("sum") - people.where(np.isfinite(people), 0.0)
    upper = np.minimum(people["most"], people_of_whole["most"] - other_sums["least"])
    lower = np.maximum(people["least"], people_of_whole["least"] - other_sums["most"])
    min_values = np.minimum(people["most"] - people["least"] + 1, MIN_VALUES)
    is_narrow: pd.Series = (people["least"] == 1) & (upper - lower + 1 < min_values) & (parts["base"] > 0)
    return is_narrow.groupby(groups, sort=False).transform("any")


def _group_keys(parts: pd.DataFrame, keys: Sequence[str]) -> list[pd.Series]:
    """Return the columns ``keys`` of parts to group by; without any, one group of all."""
    return [parts[name] for name in keys] or [pd.Series(0, parts.index)]


def _possible_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the ``least`` and the ``most`` people that a printed number may stand for; unbounded where unknown."""
    value, is_few, base = rows["value"], rows["status"] == FEW, rows["base"].where(rows["base"] > 0, 1)
    lower = (value - base + 1).clip(lower=1).where(value > 0, 0.0).mask(is_few, 1.0)
    upper = (value + base - 1).where((value != 0) | is_few, 0.0)
    return pd.DataFrame({"least": lower, "most": upper.fillna(np.inf)})


def hide_undivided(rows: pd.DataFrame) -> pd.DataFrame:
    """Empty the parts of totals that are too few to be divided, in a rounded table of figures.

    Those are wholes of fewer people than their base, and those with a part that ``is_narrowed``. Places, partners and
    sectors have sheets of their own: where one of these is narrowed, their total is hidden instead.
    """
    facts = rows.reset_index()[["figure"]].join(row_facts()[["total", "by"]], on="figure").set_axis(rows.index)
    is_partner = rows["figure"] == sentences.PARTNERS_BY_COUNTRY
    total, dimension = facts["total"].mask(is_partner, REACHED), facts["by"].mask(is_partner, "partner")
    table = rows.assign(total=total, by=dimension)
    wholes = table[table["by"] == ""].set_index(["report", "total"])[["value", "status", "base"]]
    parts = table[table["total"].isin([REACHED, COMPARED]) & table["by"].isin([*DIVISIONS, *PLACES_AND_PARTNERS])]
    wholes_of_parts = parts[["report", "total"]].join(wholes, on=["report", "total"])
    is_narrow, has_sheets = (
        is_narrowed(parts, wholes_of_parts, ["report", "total", "by"]),
        parts["by"].isin(PLACES_AND_PARTNERS),
    )
    undivided_parts = parts[
        (wholes_of_parts["status"] == FEW)
        | (is_undivided(parts, wholes_of_parts, ["report", "total", "by"]) & ~has_sheets)
    ]
    divisions = undivided_parts.loc[undivided_parts["total"] == REACHED, ["report", "by"]]
    is_of_division = parts.set_index(["report", "by"]).index.isin(pd.MultiIndex.from_frame(divisions))

    # Where sectors are added up, they are parts, too
    sectors = table[table["figure"] == f"{REACHED}_by_sector"]
    sums = table[(table["figure"] == f"{REACHED}_by_model") & (table["part"] == SUM)]
    sums_of_sectors = sectors[["report"]].join(sums.set_index("report")[["value", "status", "base"]], on="report")
    sums = sums[sums["report"].isin(sectors.loc[is_narrowed(sectors, sums_of_sectors, ["report"]), "report"])]
    is_sum = table[(table["figure"] == REACHED)].merge(sums[["report", "key"]], on=["report", "key"])
    hidden_sheets = {*parts.loc[is_narrow & has_sheets, "report"], *is_sum["report"]}

    is_of_people = table["total"].isin([REACHED, COMPARED]) | (rows["kind"].eq(UNPUBLISHED) & rows["unit"].eq("people"))
    hidden = table.index[table["report"].isin(hidden_sheets) & is_of_people & (table["by"] != "sector")]
    hidden = hidden.union(undivided_parts.index).union(parts.index[is_of_division]).union(sums.index)
    is_hidden = rows.index.isin(hidden) & rows["value"].notna()
    empty_values = {
        "value": np.nan,
        "status": STATUS[FEW_TO_DIVIDE],
        "reason": FEW_TO_DIVIDE,
        "caution": "",
        "in_doubt": 0.0,
    }
    return rows.assign(**{name: rows[name].mask(is_hidden, value) for name, value in empty_values.items()})


def for_audience(key_figures: KeyFigures, audience: str) -> KeyFigures:
    """Return a sheet as an audience may see it: exact (``internal``), or rounded (``public``)."""
    method = key_figures.method
    if audience == "internal" or not any(method.bases):
        return replace(key_figures, audience=audience)
    rows, region, of_sectors = (
        public(table) if len(table) else table
        for table in (key_figures.rows, key_figures.region, key_figures.of_sectors)
    )
    return fill_context(replace(key_figures, rows=rows, region=region, of_sectors=of_sectors, audience=audience))
