"""Round public counts of people by the keys of the people behind them: up or down, so that on average nothing is added.

Each reported row has a key that follows from its content and a secret. Keys are added up (modulo 2^64) with the people,
so the same people have the same key, and the same number, wherever they are counted; a late report changes the key of
every count that it is in. Nothing here remembers anything: a number follows from its exact value, its key and the base.
Source: the cell key method of the Australian Bureau of Statistics; random rounding of Statistics Canada and Stats NZ.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from rmrp_analysis.figures.cautions import GROUPINGS, REACHED, Caution
from rmrp_analysis.figures.comparisons import Comparisons
from rmrp_analysis.figures.registry import BREAKDOWNS, figure_definition
from rmrp_analysis.method import Method
from rmrp_analysis.vocabulary import NOT_SPECIFIED

if TYPE_CHECKING:
    from rmrp_analysis.figures.table import KeyFigures

Keys = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.float64]

SOURCE_COLUMNS = ("source_file", "source_line")
"""Where a row stands is no part of its content: files may be sorted or split."""
DECIMALS = 6
"""Of sums of people; what is beyond them is no part of a number."""


# ---- Keys ----


def row_keys(activities: pd.DataFrame, secret: str) -> pd.Series:
    """Give each row a key that follows from what its producer sent, and from a secret.

    Columns are known by name and numbers as pandas prints them; where a row stands, what is empty, and the order of
    rows and columns do not matter. Rows of the same content have the same key: their people are told apart by nobody,
    and the sum of their keys is no less random.

    >>> rows = pd.DataFrame({"country": ["Peru", "Chile", "Peru"], "new": [3.0, 4.0, 3.0], "source_line": [2, 3, 4]})
    >>> keys = row_keys(rows, "a secret of the project")
    >>> str(keys.dtype), bool(keys[0] == keys[2]), bool(keys[0] == keys[1])
    ('uint64', True, False)
    """
    hash_key = base64.b64encode(hashlib.sha256(secret.encode()).digest()[:12]).decode()  # SipHash takes 16 bytes
    keys = np.zeros(len(activities), dtype=np.uint64)
    for name in activities.columns.difference(list(SOURCE_COLUMNS)):
        codes, contents = pd.factorize(activities[name], use_na_sentinel=True)
        texts = pd.Index(contents).astype("str")
        cells = (name + "\x1f" + texts).to_numpy(dtype=object)
        hashes = pd.util.hash_array(cells, hash_key=hash_key, categorize=False)
        hashes[texts == ""] = 0
        keys += np.append(hashes, np.uint64(0))[codes]  # what is missing has the code -1
    return pd.Series(_scrambled(keys), index=activities.index, name="key")


def mixed(keys: Keys | pd.Series, name: str) -> Keys:
    """Keys for the part of people that a name stands for, such as an age group: other keys than those of all of them.

    >>> keys = np.array([7, 7], dtype=np.uint64)
    >>> women, girls = mixed(keys, "women"), mixed(keys, "girls")
    >>> bool(women[0] == women[1]), bool(women[0] == girls[0])
    (True, False)
    """
    of_name = np.frombuffer(hashlib.sha256(name.encode()).digest()[:8], dtype=np.uint64)
    return _scrambled(np.asarray(keys, dtype=np.uint64) ^ of_name)


def _scrambled(keys: Keys) -> Keys:
    """Keys in which every bit depends on every bit (SplitMix64), so that sums of keys tell nothing of each other."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


# ---- Numbers ----


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


# ---- The table of figures ----


def public(rows: pd.DataFrame, method: Method) -> pd.DataFrame:
    """Round the counts of people in the table of figures, and the shares that follow from them.

    What a plan foresees, money and other counts stay as they are.
    """
    bases = bases_of(rows, method)
    shares = (rows["unit"] == "share") & (bases > 0)
    people = rows["value"].mask(shares, rows["numerator"])
    multiples = pd.Series(rounded(people, rows["key"], bases), index=rows.index)
    small = (bases > 0) & people.notna() & few(people, multiples)
    return rows.assign(
        value=multiples.mask(shares, multiples / rows["denominator"]), status=rows["status"].mask(small, "few")
    )


def bases_of(rows: pd.DataFrame, method: Method) -> pd.Series:
    """The base to which each row of the table of figures is rounded, or its numerator; 0 where it is exact.

    Of a breakdown by sector each part has the base of its sector.
    """
    names = rows["figure"].unique()
    of_people = [name for name in names if figure_definition(name).tells_of_people]
    by_sector = [name for name in names if name in BREAKDOWNS and BREAKDOWNS[name].by == ("sector",)]
    sectors = rows["sector"].astype("str").mask(rows["figure"].isin(by_sector), rows["part"].astype("str"))
    bases = sectors.map({sector: method.base(sector) for sector in sectors.unique()})
    return bases.where(rows["figure"].isin(of_people), 0)


def for_audience(key_figures: "KeyFigures", audience: str) -> "KeyFigures":
    """A sheet as an audience may see it: exact (``internal``), or rounded (``public``)."""
    method = key_figures.method
    if audience == "internal" or not any(method.bases):
        return replace(key_figures, audience=audience)
    sheet = replace(key_figures, rows=public(key_figures.rows, method), audience=audience)
    base, lost = method.base(sheet.sector), key_figures.lost_people
    people = rounded(list(lost.values()), key_figures.keys(lost.values()), base)
    return replace(
        sheet,
        lost_people=dict(zip(lost, people.tolist(), strict=True)),
        cautions=tuple(_public_cautions(key_figures, sheet)),
        comparisons=_public_comparisons(key_figures),
    )


def _public_cautions(exact: "KeyFigures", sheet: "KeyFigures") -> Iterator[Caution]:
    """The cautions with the numbers that the rounded sheet prints; without them where it has none."""
    people = sheet.value(REACHED) or 0.0
    for caution in exact.cautions:
        share, most = None, None
        if caution.rule == "coverage_above":
            share = sheet.value(caution.of)
        elif caution.rule == "not_specified" and people:
            share = sheet.breakdowns[caution.of].values()[NOT_SPECIFIED] / people
        elif caution.rule == "one_report" and people and caution.share:
            report = caution.share * (exact.value(REACHED) or 0.0)
            (multiple,) = rounded([report], exact.keys([report]), exact.method.base(exact.sector))
            share = min(float(multiple) / people, 1.0)
        elif caution.people is not None:  # groups of a breakdown are more than the people reached
            names = [caution.of] if caution.of in GROUPINGS else GROUPINGS
            most = max(_in_groups(sheet, names), default=0.0) or None
            share = most / people - 1 if most and people else None
        yield replace(caution, share=share, people=most)


def _in_groups(sheet: "KeyFigures", names: Iterable[str]) -> Iterator[float]:
    """How many people the groups of each breakdown add up to."""
    for name in names:
        if name in sheet.breakdowns:
            yield sum(people for group, people in sheet.breakdowns[name].values().items() if group != NOT_SPECIFIED)


def _public_comparisons(exact: "KeyFigures") -> Comparisons:
    """The comparisons by rounded numbers; none of a sector with few people."""
    compared, base = exact.comparisons, exact.method.base(exact.sector)
    named = ("region_people", "people_year_before", "largest_partner")
    people = {name: amount for name in named if (amount := getattr(compared, name)) is not None}
    multiples = rounded(list(people.values()), exact.keys(people.values()), base).tolist()
    targets = compared.targets_by_sector
    shares = {sector: share for sector, share in compared.coverage_by_sector.items() if targets.get(sector)}
    reached = [round(share * targets[sector], DECIMALS) for sector, share in shares.items()]
    of_sectors = rounded(reached, exact.keys(reached), [exact.method.base(sector) for sector in shares])
    coverage = {
        sector: float(multiple) / targets[sector]
        for sector, multiple, is_few in zip(shares, of_sectors, few(reached, of_sectors), strict=True)
        if not is_few
    }
    return replace(compared, coverage_by_sector=coverage, **dict(zip(people, multiples, strict=True)))
