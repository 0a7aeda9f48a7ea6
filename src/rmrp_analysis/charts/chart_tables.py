"""Read the tables that charts draw, and format their names and numbers."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import wraps
from math import isnan, nan
from pathlib import Path
from typing import Any, Literal, NamedTuple, ParamSpec, TypeAlias, TypeVar, Union, get_args

import pandas as pd
from matplotlib.colors import is_color_like, to_hex, to_rgb

from rmrp_analysis import numbers
from rmrp_analysis.arguments import in_sentences, names_in
from rmrp_analysis.charts.matplotlib_style import colour_of, hex_of
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.method import USUAL_ROUNDING_BASE
from rmrp_analysis.packs import pack
from rmrp_analysis.ranges import format_range, is_sure, shape_of
from rmrp_analysis.vocabulary import NATIONAL_LEVEL, NOT_SPECIFIED, REGIONAL, ZERO_NAME_BY_REASON, labels
from rmrp_analysis.words import N_, SOURCE_LANGUAGE, Translator

Table: TypeAlias = Union["pd.Series[Any]", pd.DataFrame]
"""Numbers by category. NaN means no report. A Series, or a DataFrame with ``value`` and any of ``status`` (``few``:
people, rounded down to 0), ``reason`` (why there is no number), ``low`` and ``high`` (how few and how many the number
stands for) and ``assisted`` (people of a category that is not counted). Two dimensions are two levels of the index, or
rows and columns. ``table.attrs`` may hold ``unit`` and ``rounding``, the base to which counts of people are
rounded."""
Bounds: TypeAlias = tuple[float, float]
"""How few and how many a number stands for."""
P = ParamSpec("P")  # the arguments of a chart function
Drawn = TypeVar("Drawn")  # the result of a chart function

Unit: TypeAlias = str
"""``people``, ``usd``, ``count``, ``share`` (0–1), or other words, such as ``%`` or ``per 1,000 people``."""
Order = Literal["value", "table"]
"""``value`` puts the largest first, but months by date, and rows of no single category last. ``table`` keeps the
order."""
Sign = Literal["people", "changes"]
"""Whether numbers below 0 are errors (``people``), or differences (``changes``)."""
State = Literal["value", "few", "zero", "not_counted", "not_known", "no_report"]
"""Whether a category has a number, or why not. A category in an earlier state stands before one in a later state."""
HATCHED_LABEL, OPEN_LABEL = N_("{label}; hatched: not sure"), N_("{label}; open: not sure")
"""The label of an axis with a number that is not sure: its bar is hatched, its point is open."""
DASHED_STATES = ("not_known", "no_report")
"""The states of categories that have a dash in place of a bar, or an outline in place of a column."""

FEW_VALUE_SHARE_OF_BASE = 0.1  # the value drawn for few people, as a share of the rounding base
TINT_WHITE_SHARE = 0.8  # the share of white in the pale colour of targets
MAX_WHOLE_NUMBER_RESIDUE = 1e-6  # how far a sum of whole numbers may be from a whole number
MAX_WARNED_CATEGORIES = 3  # the most categories that a warning names
UNIT_NAME_BY_KEY: Mapping[str, str] = {
    "people": N_("People"),
    "usd": N_("US dollars"),
    "count": N_("Number"),
    "share": "%",
}
"""The words of each unit for an axis, by the key of the unit."""
WHOLE_NUMBER_UNITS = ("people", "count")


@dataclass(frozen=True)
class DataPoint:
    """The values and texts that a chart draws for one category, or for one row and column.

    ``key`` is the category (of its row), ``label`` its name in print. ``value`` is drawn: NaN without a number, a small
    share of the rounding base for few people, the upper bound of a number that is not sure. ``text`` is printed.
    ``doubt`` is the share of the value (0–1) above the lower bound, which is hatched. ``shape`` is the template of the
    range (see ``ranges.shape_of``). ``assisted`` are the people assisted if these are not counted. ``few_base`` is the
    rounding base if there are fewer people than the base, or 0.
    """

    key: str
    label: str
    value: float
    text: str
    state: State
    doubt: float = 0.0
    shape: str = ""
    assisted: float = 0.0
    few_base: int = 0


class Matrix(NamedTuple):
    """Rows of points, each with the key and label of its row, and the keys and dimension of the columns.

    A table of one dimension has no column keys and one point in each row.
    """

    rows: list[list[DataPoint]]
    columns: list[str]
    column_dimension: str


@dataclass(frozen=True)
class ChartFormatter:
    """A table with the facts that its chart prints and colours it by: unit, language, labels, highlights.

    Every chart makes one from its arguments, so that all charts check and print alike.
    """

    table: Table
    unit: str
    language: str
    labels: Mapping[str, str]
    base: int = USUAL_ROUNDING_BASE
    """Counts of people are rounded to multiples of this number."""
    decimals: int | None = None
    """The decimals of a number in print. None means the decimals of its unit."""
    color: str = ""
    """The colour as ``#rrggbb``. Empty means the colour of the unit."""
    highlight: tuple[str, ...] = ()
    """The categories, by key or printed name, that alone have the colour. If empty, all have the colour."""

    @classmethod
    def for_table(
        cls,
        table: Table,
        unit: Unit | None,
        language: str | None,
        labels: Mapping[str, str] | None,
        decimals: int | None = None,
        *,
        color: str = "",
        highlight: str | Sequence[str] = (),
        default_unit: Unit = "people",
    ) -> "ChartFormatter":
        """Return the formatter of a table in this unit and language, by default in the table's own.

        Numbers without a unit get ``default_unit``, but no unit if that is people and some numbers are not whole.
        Raises ``RequestError`` for a misspelt unit, an unknown language or colour, and if ``table`` is no table.
        """
        if not isinstance(table, pd.Series | pd.DataFrame):
            raise RequestError(f'a chart draws a Series or a DataFrame, such as reached.by("month"), not {table!r:.60}')
        if default_unit == "people" and not _has_whole_numbers_alone(table):
            default_unit = ""
        chosen = str(unit or table.attrs.get("unit") or default_unit)
        similar = get_close_matches(chosen.lower(), UNIT_NAME_BY_KEY, 1, 0.5) if chosen.isalpha() else []
        if similar and chosen not in UNIT_NAME_BY_KEY:
            raise RequestError(f"unit '{chosen}': did you mean '{similar[0]}'? A unit of your own has other words")
        language = language or table.attrs.get("language", SOURCE_LANGUAGE)
        if language not in pack.languages():
            suggestion = did_you_mean(str(language), pack.languages())
            raise RequestError(f"a chart cannot be printed in '{language}'; {suggestion}")
        names = pack.colours()
        if color and color not in names and not is_color_like(color):
            raise RequestError(f"there is no colour '{color}': write '#00787b', or {did_you_mean(color, names)}")
        color = hex_of(color) if color in names else str(to_hex(color)) if color else ""
        base = table.attrs.get("rounding") or USUAL_ROUNDING_BASE
        highlight = tuple(names_in(highlight, "highlight"))
        return cls(table, chosen, language, labels or {}, base, decimals, color, highlight)

    def colour(self, *names: str) -> str:
        """Return the colour of a category with these names: pale if only others are highlighted.

        Without names it is the colour of the chart.
        """
        if self.highlight and names and not {*names} & {*self.highlight}:
            return hex_of("land")
        return self.color or colour_of(self.unit)

    @property
    def translate(self) -> Translator:
        """The translator into the language of the chart."""
        return Translator(self.language)

    @property
    def unit_name(self) -> str:
        """The unit in words, for an axis."""
        return self.translate(UNIT_NAME_BY_KEY[self.unit]) if self.unit in UNIT_NAME_BY_KEY else self.unit

    def name(self, key: str, dimension: str = "") -> str:
        """Return the caller's label of a category, or its name in the language.

        Admin1 are spelt as in their country.
        """
        translate = labels.place if dimension == "admin1" else labels.label
        return self.labels[key] if key in self.labels else translate(key, self.language)

    def format_number(self, value: float) -> str:
        """Return a number as text in the unit, with the decimals of the chart."""
        return numbers.format_value(value, self.unit, self.language, self.decimals)

    @property
    def tint(self) -> str:
        """The pale colour of targets."""
        if not self.color:
            return colour_of(self.unit, "-tint")
        red, green, blue = (TINT_WHITE_SHARE + (1 - TINT_WHITE_SHARE) * channel for channel in to_rgb(self.color))
        return str(to_hex((red, green, blue)))

    def read_points(self, *, sign: Sign = "people") -> list[DataPoint]:
        """Return the points of a table of one dimension, in its order. Warn and raise as ``read_matrix``.

        Raises ``RequestError`` if the table has two dimensions.
        """
        return [row[0] for row in self.read_matrix(tidy(self.table, dimensions=1), sign=sign).rows]

    def read_matrix(self, rows: pd.DataFrame, order: Order = "table", *, sign: Sign = "people") -> Matrix:
        """Return the points of a tidy table, in its order or (``value``) the largest first.

        A pair of row and column that is not in the table has no report. People below 0 become unknown, with a warning,
        unless the numbers are ``changes``.
        Raises ``RequestError`` if a category to highlight is not in the table.
        """
        keys = [rows.index.get_level_values(level).unique() for level in range(rows.index.nlevels)]
        if len(keys) == 2:
            rows = rows.reindex(pd.MultiIndex.from_product(keys))
        columns = [str(key) for key in keys[1]] if len(keys) == 2 else []
        names = {key: self.name(str(key), str(keys[0].name)) for key in keys[0]}
        dimension = str(keys[-1].name)
        heads = [self.name(key, dimension) for key in columns]
        allowed = [*map(str, names), *names.values(), *columns, *heads]
        if unknown := [name for name in self.highlight if name not in allowed]:
            raise RequestError(f"highlight: the table has no '{unknown[0]}'; {did_you_mean(unknown[0], allowed)}")
        if self.unit == "people" and sign == "people":
            rows = _forget_negative_people(rows)
        bases = rows["base"].mask(rows["base"].eq(0), self.base).where(rows["status"].eq("few"), 0)
        facts = zip(
            rows.index.get_level_values(0),
            rows["value"],
            bases.tolist(),
            rows["reason"].fillna(""),
            _find_bounds(rows),
            rows["assisted"].astype("Float64").fillna(0).tolist(),
            strict=True,
        )
        points = []
        for key, value, base, reason, bounds, assisted in facts:
            low, high = bounds or (nan, nan)
            text = format_range(value, low, high, self.unit, self.translate)
            if not text:
                cell = self._format_cell(value, base, reason)
                points.append(DataPoint(str(key), names[key], *cell, assisted=assisted, few_base=base))
                continue
            doubt = 1 - max(low, 0.0) / high
            points.append(DataPoint(str(key), names[key], high, text, "value", doubt, shape_of(value, low, high)))
        width = max(len(columns), 1)
        body = [points[start : start + width] for start in range(0, len(points), width)]
        matrix = Matrix(body, columns, dimension)
        return _rank_matrix(matrix) if order == "value" else matrix

    def explain_doubt(self, label: str, doubts: Iterable[float], explained_label: str = HATCHED_LABEL) -> str:
        """Return an axis label. If a number is not sure, put it into ``explained_label``, which explains the mark.

        ``doubts`` has for each number the share (0–1) that is not sure.
        """
        return self.translate(explained_label, label=label) if any(doubts) else label

    def name_points(self, matrix: Matrix) -> list[tuple[str, str]]:
        """Return pairs of name and text, row by row. The name has the row and, if the table has columns, the column."""
        names = [f", {self.name(key, matrix.column_dimension)}" for key in matrix.columns] or [""]
        cells = [(point, name) for row in matrix.rows for point, name in zip(row, names, strict=True)]
        return [(f"{point.label}{name}", point.text) for point, name in cells]

    def _format_cell(self, value: float, few_base: int, reason: str) -> tuple[float, str, State]:
        """Return the value to draw, the text to print and the state of a point.

        ``few_base`` is the rounding base if there are fewer people than the base, or 0.
        """
        if few_base:
            return few_base * FEW_VALUE_SHARE_OF_BASE, numbers.less_than(few_base, self.unit, self.language), "few"
        if isnan(value):
            if reason == "not_counted":
                return nan, self.translate("not counted"), "not_counted"
            if self.unit == "people" and reason in ("", "no_report"):
                return nan, self.translate("no report"), "no_report"
            return nan, numbers.NO_NUMBER_TEXT, "not_known"
        if not value and reason in ZERO_NAME_BY_REASON:
            return value, self.translate(ZERO_NAME_BY_REASON[reason]), "zero"
        return value, self.format_number(value), "value" if value else "zero"


def draws_table(draw: Callable[P, Drawn], name: str = "") -> Callable[P, Drawn]:
    """Return a chart function that draws in the plan pack named in ``table.attrs``, if there is one.

    It raises ``RequestError`` for arguments that it does not take. ``name`` is its name in that error, by default the
    function's.
    """

    @wraps(draw)
    def draw_in_pack(*args: P.args, **options: P.kwargs) -> Drawn:
        table = args[0] if args else options.get("table")
        folder = getattr(table, "attrs", {}).get(pack.PACK_ATTRS_KEY)
        with pack.use(folder and Path(folder)):
            return draw(*args, **options)

    return in_sentences(draw_in_pack, name)


def count_dimensions(table: Table) -> int:
    """Count the dimensions of a table: the levels of its index, and one more if its columns are categories."""
    return table.index.nlevels + int(isinstance(table, pd.DataFrame) and "value" not in table)


def tidy(table: Table, *, dimensions: int) -> pd.DataFrame:
    """Return the table with one row for each category, or each pair of categories, as its index.

    Columns: ``value`` (float, NaN: no number), ``status``, ``reason``, ``base`` (rounding base, 0 means the base of the
    table), ``low``, ``high`` (NaN: unknown) and ``assisted`` (people). Raises ``RequestError`` if the table has
    another number of dimensions, a category twice, or a value that is no number.
    """
    if (depth := count_dimensions(table)) != dimensions:
        shape = f"{dimensions} dimension{'s'[: dimensions - 1]}"
        fault = f"this chart draws tables of {shape}, and this table has {depth}"
        raise RequestError(f"{fault}: group its rows by what the chart is to show")
    if isinstance(table, pd.DataFrame) and "value" not in table:
        table = table.stack()
    if not table.index.is_unique:
        twice = table.index[table.index.duplicated()][0]
        raise RequestError(f"'{twice}' is in the table more than once: group its rows, so that each part has one value")
    columns = table.to_dict("series") if isinstance(table, pd.DataFrame) else {"value": table}
    blank = {"status": "", "reason": "", "base": 0, "low": nan, "high": nan, "assisted": 0.0}
    rows = pd.DataFrame(blank | columns, index=table.index)
    values = pd.to_numeric(rows["value"], errors="coerce")
    if len(strange := rows["value"][values.isna() & rows["value"].notna()]):
        raise RequestError(f"'{strange.iloc[0]}' is no number: a chart draws numbers, NaN where there is no report")
    return rows.assign(value=values.astype("Float64").to_numpy(float, na_value=nan))


def _find_bounds(rows: pd.DataFrame) -> list[Bounds | None]:
    """Return the bounds of each number that is not sure, and None for the others. ``rows`` come from ``tidy``."""
    numbers = rows[["value", "low", "high", "base"]].apply(pd.to_numeric, errors="coerce").astype("float64")
    is_number = (numbers["value"] >= 0) & (numbers["high"] > 0) & (rows["status"] != "few")
    return [
        None if not number or is_sure(value, low, high, base) else (low, high)
        for number, (value, low, high, base) in zip(is_number, numbers.itertuples(index=False), strict=True)
    ]


def has_doubt(rows: pd.DataFrame) -> bool:
    """Tell whether any number of a tidy table is not sure."""
    return any(_find_bounds(rows))


def _has_whole_numbers_alone(table: Table) -> bool:
    """Tell whether all numbers but NaN are whole. Also True for a value that is no number (see ``tidy``)."""
    values: Any = table["value"] if isinstance(table, pd.DataFrame) and "value" in table else table
    try:
        amounts = values.astype("float64")
    except (TypeError, ValueError):
        return True
    return not bool(((amounts - amounts.round()).abs() > MAX_WHOLE_NUMBER_RESIDUE).to_numpy().any())


def _forget_negative_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Return tidy rows in which people below 0 have ``value`` NaN and ``reason`` "-". Warn of the first three."""
    is_negative = rows["value"] < 0
    if not is_negative.any():
        return rows
    keys = ", ".join(str(key) for key in rows.index[is_negative][:MAX_WARNED_CATEGORIES])
    fault = f"people below 0 are drawn as not known: {keys}"
    warnings.warn(f"{fault}; give a difference a unit of its own, such as unit='more people'", stacklevel=4)
    return rows.assign(value=rows["value"].mask(is_negative), reason=rows["reason"].mask(is_negative, "-"))


def _rank_matrix(matrix: Matrix) -> Matrix:
    """Return the points with rows and columns in the order of ``_rank_lines``."""
    rows, keys, dimension = matrix
    columns = [[row[column] for row in rows] for column in range(len(keys))]
    order = _rank_lines(columns, keys) or [0]
    ranked = [[rows[line][column] for column in order] for line in _rank_lines(rows)]
    return Matrix(ranked, [keys[column] for column in order[: len(keys)]], dimension)


def _rank_lines(lines: Sequence[Sequence[DataPoint]], keys: Sequence[str] = ()) -> list[int]:
    """Return the indices of rows or columns in order: by best state, falling sum and key, but months by date.

    Rows of no single category (not specified, national, regional) come last. ``keys`` are by default the keys of the
    points.
    """
    keys, states = keys or [line[0].key for line in lines], get_args(State)

    def rank(index: int) -> tuple[bool, int, float, str]:
        """Return the sort key of a row or column that is no month."""
        best = min((states.index(point.state) for point in lines[index]), default=0)
        total = sum(point.value for point in lines[index] if not isnan(point.value))
        return keys[index] in (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL), best, -total, keys[index]

    return sorted(range(len(lines)), key=keys.__getitem__ if all(map(labels.is_month, keys)) else rank)
