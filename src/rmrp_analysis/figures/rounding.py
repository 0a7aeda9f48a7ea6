"""Round public counts of people by the keys of the people behind them: up or down, so that on average nothing is added.

Each reported row has a key that follows from its content and a secret. Keys are added up (modulo 2^64) with the people,
so the same people have the same key, and the same number, wherever they are counted; a late report changes the key of
every count that it is in. Nothing here remembers anything: a number follows from its exact value, its key and the base.
Source: the cell key method of the Australian Bureau of Statistics; random rounding of Statistics Canada and Stats NZ.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rmrp_analysis.figures.registry import DIFFERENCES, FEW, SHARES_OF_PEOPLE, WHOLES, row_facts
from rmrp_analysis.figures.shares import rows_behind, with_shares, with_status_of_people
from rmrp_analysis.figures.sheet import KeyFigures, in_context
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import DECIMALS

Numbers = npt.NDArray[np.float64]


def rounded(values: npt.ArrayLike, keys: npt.ArrayLike, base: npt.ArrayLike) -> Numbers:
    """Round each value to one of the two multiples of the base beside it, up as often as it is near the upper one.

    The key decides which: so that many values keep their sum on average. A multiple stays, and so does what is not
    known; below 0 it is as above. ``base`` is one for all, or one for each; 0 leaves a value as it is.

    >>> keys = np.array([0, 2**63, 2**64 - 1], dtype=np.uint64)
    >>> rounded([14.0, 14.0, 14.0], keys, 10).tolist(), rounded([0.0, -3.0, 3.0], keys, 10).tolist()
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
    """Tell where there are people, and fewer than the base: what is printed as ``< 10``."""
    is_few: npt.NDArray[np.bool_] = (np.round(np.asarray(values, dtype=np.float64), DECIMALS) != 0) & (
        np.asarray(multiples, dtype=np.float64) == 0
    )
    return is_few


def public(rows: pd.DataFrame, method: Method) -> pd.DataFrame:
    """Round the counts of people in the table of figures, and make the shares anew that follow from them.

    What a plan foresees, money and other counts stay as they are. Where there are people and their number is rounded
    down to 0, the status of the number, and of a share that follows from it, is ``few``.
    """
    bases = bases_of(rows, method)
    multiples = pd.Series(rounded(rows["value"], rows["key"], bases), rows.index)
    is_few = (bases > 0) & rows["value"].notna() & few(rows["value"], multiples)
    assisted = rounded(rows["assisted"], rows["assisted_key"], bases)
    rounded_rows = rows.assign(value=multiples, assisted=assisted, status=rows["status"].mask(is_few, FEW))
    return with_status_of_people(with_shares(rounded_rows))


def bases_of(rows: pd.DataFrame, method: Method) -> pd.Series:
    """Give the base to which each row of the table of figures is rounded; 0 where it is exact.

    Counts of people are rounded, unless a plan foresees them.
    """
    return _bases(rows, method).where((rows["unit"] == "people") & (rows["origin"] == "activities"), 0)


def steps_of(rows: pd.DataFrame, method: Method) -> pd.Series:
    """Give how much another key may move each number of the table: a base of people, or the share that it makes."""
    steps, bases = bases_of(rows, method).astype("float64"), _bases(rows, method)
    shares = rows[rows["figure"].isin(SHARES_OF_PEOPLE)]
    wholes = rows_behind(shares, rows, WHOLES)["value"].mask(shares["figure"].isin(DIFFERENCES), 1.0)
    steps.loc[shares.index] = bases[shares.index] / wholes
    return steps.fillna(0.0)


def _bases(rows: pd.DataFrame, method: Method) -> pd.Series:
    """The base of each row's sector; in a breakdown by sector each part has that of its sector."""
    facts = row_facts()
    sectors = rows["sector"].mask(rows["figure"].isin(facts.index[facts["by"] == "sector"]), rows["part"])
    return sectors.map({sector: method.base(sector) for sector in sectors.unique()})


def for_audience(key_figures: KeyFigures, audience: str) -> KeyFigures:
    """Give a sheet as an audience may see it: exact (``internal``), or rounded (``public``)."""
    method = key_figures.method
    if audience == "internal" or not any(method.bases):
        return replace(key_figures, audience=audience)
    rows, region, of_sectors = (
        public(table, method) if len(table) else table
        for table in (key_figures.rows, key_figures.region, key_figures.of_sectors)
    )
    return in_context(replace(key_figures, rows=rows, region=region, of_sectors=of_sectors, audience=audience))
