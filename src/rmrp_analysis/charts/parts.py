"""Reads the tables that charts draw: each part with its printed name and value, or why it has no value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import isnan, nan
from typing import Any, Literal, NamedTuple, TypeAlias, Union, get_args

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.method import USUAL_BASE
from rmrp_analysis.packs import pack
from rmrp_analysis.vocabulary import NATIONAL_LEVEL, NOT_SPECIFIED, REGIONAL, ZERO_NAMES, labels
from rmrp_analysis.words import N_, SOURCE_LANGUAGE, Words

Table: TypeAlias = Union["pd.Series[Any]", pd.DataFrame]
"""Numbers by part, NaN where there is no report: a Series; or a DataFrame with ``value`` and, where they are known,
``status`` (``few``: people, rounded down to 0) and ``reason``. Two dimensions are two levels of the index, or rows and
columns. ``table.attrs`` may hold ``unit`` and ``rounding``, the base to which counts of people are rounded."""
Unit: TypeAlias = str
"""``people``, ``usd``, ``count``, ``share`` (0–1), or words of one's own, such as ``%`` or ``per 1,000 people``."""
Order = Literal["value", "table"]
"""Parts by falling value (but months in order, and last what belongs to no single part), or as the table has them."""
State = Literal["value", "few", "zero", "not_counted", "no_report"]
"""What a part has, the first of these first where parts are in order of value."""

FEW_DRAWN = 0.1  # what is drawn of few people, as a share of the base to which they are rounded
UNIT_NAMES: Mapping[str, str] = {"people": N_("People"), "usd": N_("US dollars"), "count": N_("Number"), "share": "%"}


@dataclass(frozen=True)
class Part:
    """One part of a table. ``value`` is what is drawn: NaN where there is none, a sliver of few people."""

    key: str
    label: str
    value: float
    text: str
    state: State


class Matrix(NamedTuple):
    """Rows of parts, each with its row's key and label, and the keys of the columns; none for one dimension."""

    rows: list[list[Part]]
    columns: list[str]


@dataclass(frozen=True)
class Printing:
    """A table, and how its names and values are printed in a chart."""

    table: Table
    unit: str
    language: str
    labels: Mapping[str, str]
    base: int = USUAL_BASE
    """The base to whose multiples counts of people are rounded."""
    decimals: int | None = None
    """With how many decimals numbers are printed; None: as their unit is."""

    @classmethod
    def of(
        cls,
        table: Table,
        unit: Unit | None,
        language: str | None,
        labels: Mapping[str, str] | None,
        decimals: int | None = None,
        *,
        usual: Unit = "people",
    ) -> "Printing":
        """Give the printing of a table in this unit and language, else in its own.

        Raises ``RequestError`` for a misspelt unit, an unknown language, and for what is no table.
        """
        if not isinstance(table, pd.Series | pd.DataFrame):
            raise RequestError(f'a chart draws a Series or a DataFrame, such as reached.by("month"), not {table!r:.60}')
        chosen = str(unit or table.attrs.get("unit") or usual)
        near = get_close_matches(chosen.lower(), UNIT_NAMES, 1, 0.5) if chosen.isalpha() else []
        if near and chosen not in UNIT_NAMES:
            raise RequestError(f"unit '{chosen}': did you mean '{near[0]}'? A unit of your own has other words")
        language = language or table.attrs.get("language", SOURCE_LANGUAGE)
        if language not in pack.languages():
            which = did_you_mean(str(language), pack.languages())
            raise RequestError(f"a chart cannot be printed in '{language}'; {which}")
        return cls(table, chosen, language, labels or {}, table.attrs.get("rounding") or USUAL_BASE, decimals)

    @property
    def words(self) -> Words:
        """The reader's words."""
        return Words(self.language)

    @property
    def unit_name(self) -> str:
        """The unit in words, for an axis."""
        return self.words(UNIT_NAMES[self.unit]) if self.unit in UNIT_NAMES else self.unit

    def name(self, key: str, dimension: str = "") -> str:
        """A part's own label, else the name of a canonical key; a first administrative level as its people write it."""
        named = labels.place if dimension == "admin1" else labels.label
        return self.labels[key] if key in self.labels else named(key, self.language)

    def number(self, value: float) -> str:
        """A number in the unit."""
        return numbers.printed(value, self.unit, self.language, self.decimals)

    def parts(self) -> list[Part]:
        """The parts of a table of one dimension, in its order. Raises ``RequestError`` where it has two."""
        return [row[0] for row in self.matrix(tidy(self.table, dimensions=1)).rows]

    def matrix(self, rows: pd.DataFrame, order: Order = "table") -> Matrix:
        """The parts of a tidy table; a pair of row and column that it does not hold has no report."""
        keys = [rows.index.get_level_values(level).unique() for level in range(rows.index.nlevels)]
        if len(keys) == 2:
            rows = rows.reindex(pd.MultiIndex.from_product(keys))
        columns = [str(key) for key in keys[1]] if len(keys) == 2 else []
        names = {key: self.name(str(key), str(keys[0].name)) for key in keys[0]}
        few = rows["base"].mask(rows["base"].eq(0), self.base).where(rows["status"].eq("few"), 0)
        cells = zip(rows["value"], few.tolist(), rows["reason"].fillna(""), strict=True)
        row_keys = rows.index.get_level_values(0)
        parts = [Part(str(key), names[key], *self._printed(*cell)) for key, cell in zip(row_keys, cells, strict=True)]
        width = max(len(columns), 1)
        body = [parts[start : start + width] for start in range(0, len(parts), width)]
        if order == "value":
            across = _in_order([[row[place] for row in body] for place in range(len(columns))], columns) or [0]
            body = [[body[down][place] for place in across] for down in _in_order(body)]
            columns = [columns[place] for place in across[: len(columns)]]
        return Matrix(body, columns)

    def pairs(self, matrix: Matrix) -> list[tuple[str, str]]:
        """Each part by the names of its row and, where there are any, its column, with its text."""
        names = [f", {self.name(key)}" for key in matrix.columns] or [""]
        cells = [(part, name) for row in matrix.rows for part, name in zip(row, names, strict=True)]
        return [(f"{part.label}{name}", part.text) for part, name in cells]

    def _printed(self, value: float, few: int, reason: str) -> tuple[float, str, State]:
        """What is drawn and printed of a part; ``few`` is the base of one that has fewer people, else 0."""
        if few:
            return few * FEW_DRAWN, numbers.less_than(few, self.unit, self.language), "few"
        if isnan(value):
            if reason == "not_counted":
                return nan, self.words("not counted"), "not_counted"
            missing = self.unit == "people" and reason in ("", "no_report")
            return nan, self.words("no report") if missing else numbers.NOTHING, "no_report"
        if not value:
            return value, self.words(ZERO_NAMES[reason]) if reason in ZERO_NAMES else self.number(value), "zero"
        return value, self.number(value), "value"


def dimensions_of(table: Table) -> int:
    """How many dimensions a table has: the levels of its index, and its columns where they are parts."""
    return table.index.nlevels + int(isinstance(table, pd.DataFrame) and "value" not in table)


def tidy(table: Table, *, dimensions: int) -> pd.DataFrame:
    """The table as ``value``, ``status``, ``reason`` and ``base`` by part.

    Raises ``RequestError`` where it has another number of dimensions, or a part twice.
    """
    if (own := dimensions_of(table)) != dimensions:
        drawn = f"this chart draws tables of {dimensions} dimension{'s'[: dimensions - 1]}, and this table has {own}"
        raise RequestError(f"{drawn}: group its rows by what the chart is to show")
    if isinstance(table, pd.DataFrame) and "value" not in table:
        table = table.stack()
    if not table.index.is_unique:
        twice = table.index[table.index.duplicated()][0]
        raise RequestError(f"'{twice}' is in the table more than once: group its rows, so that each part has one value")
    known = table.to_dict("series") if isinstance(table, pd.DataFrame) else {"value": table}
    rows = pd.DataFrame({"status": "", "reason": "", "base": 0} | known, index=table.index)
    values = pd.to_numeric(rows["value"], errors="coerce")
    if len(strange := rows["value"][values.isna() & rows["value"].notna()]):
        raise RequestError(f"'{strange.iloc[0]}' is no number: a chart draws numbers, NaN where there is no report")
    return rows.assign(value=values.astype("Float64").to_numpy(float, na_value=nan))


def _in_order(lines: Sequence[Sequence[Part]], keys: Sequence[str] = ()) -> list[int]:
    """The places of rows or columns: months in order; others by falling value, state, and key."""
    keys, states = keys or [parts[0].key for parts in lines], get_args(State)

    def rank(place: int) -> tuple[bool, int, float, str]:
        state = min((states.index(part.state) for part in lines[place]), default=0)
        total = sum(part.value for part in lines[place] if not isnan(part.value))
        return keys[place] in (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL), state, -total, keys[place]

    return sorted(range(len(lines)), key=keys.__getitem__ if all(map(labels.is_month, keys)) else rank)
