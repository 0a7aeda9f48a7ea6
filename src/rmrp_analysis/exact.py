"""Exact counts of people as a type of pandas, by which a notebook knows where it shows such counts.

A public page shows only rounded counts, and only pandas knows which column of a table holds which numbers. ``attrs``
belong to whole tables, and ``unstack``, ``pivot``, ``groupby(...).agg(...)`` and ``DataFrame({...})`` lose them (pandas
3.0). A column's type stays through all these methods, and through ``merge``, ``concat``, sums and differences. A
quotient or product is no count any more and has an ordinary type.
"""

from collections import deque
from collections.abc import Callable, Iterable
from math import gcd, isfinite
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api.extensions import register_extension_dtype

EXACT: Literal["exact"] = "exact"
"""The name of the type of columns that count people exactly, and the state of a table or picture that shows them."""
UNKNOWN_STATE: Literal["not known"] = "not known"
"""The state of a table or picture with numbers that may count people."""
DIVIDED_COUNT_TYPE = "Float64"
"""The type of counts that were divided or multiplied."""
COUNTED_COLUMNS_ATTR = "counts_people"
"""The key in ``attrs`` by which a table of source rows names its columns that count people."""

COUNT_PRESERVING_METHODS = frozenset(
    ("add", "radd", "sub", "rsub", "sum", "cumsum", "min", "max", "first", "last", "nth")
)
"""The methods of pandas that make counts of counts."""
AVERAGE_METHODS = frozenset(("mean", "median"))
"""The methods that give counts if every number of the result is whole, as over the single rows of ``pivot_table``."""
ROUNDING_ATTR = "rounding"
"""The key in ``attrs`` by which a table of a page gives the base of its rounded counts of people."""
MIN_UNLIKELY_NUMBER = 100
"""From this number on, a number of a picture that is also in a released column is hardly chance."""
MIN_ROUNDED_DIVISOR = 5
"""Numbers without a common divisor of this size were not rounded (see ``method.ROUNDING_BASES``)."""
MAX_NUMBERS_NOTED, MAX_COLUMNS_NOTED = 2000, 500
"""The most numbers of a column, and the most columns, that are remembered to recognise them in pictures."""


_FloatingArray: Any = pd.arrays.FloatingArray  # its parts are not in the types of pandas


class ExactArray(_FloatingArray):  # type: ignore[misc]
    """The column of a table that counts people exactly.

    It notes when its numbers become text, or leave pandas.
    """

    dtype: Any
    """The type ``ExactDtype``."""

    def _arith_method(self, other: Any, op: Callable[..., Any]) -> Any:
        """Return a sum or difference as counts, and any other result with an ordinary type."""
        return self._count(op.__name__.strip("_"), super()._arith_method(other, op))

    def _groupby_op(self, *, how: str, **options: Any) -> Any:
        """Return the aggregation of groups, as counts if it makes counts of counts."""
        return self._count(how, super()._groupby_op(how=how, **options))

    def _reduce(self, name: str, **options: Any) -> Any:
        """Return the aggregation of the column, as a count if it makes a count of counts."""
        return self._count(name, super()._reduce(name, **options))

    def round(self, decimals: int = 0, *args: Any, **options: Any) -> "ExactArray":
        """Return the counts rounded, still as counts."""
        rounded: ExactArray = self._count("sum", super().round(decimals, *args, **options))
        return rounded

    def _count(self, verb: str, result: Any) -> Any:
        """Return a result as counts if the method ``verb`` makes counts of counts. Otherwise return it as it is.

        An average is a count only if every number of the result is whole.
        """
        if not isinstance(result, _FloatingArray):
            return result
        is_mean = verb in AVERAGE_METHODS and _is_whole(result._data[~result._mask])
        return ExactArray(result._data, result._mask) if verb in COUNT_PRESERVING_METHODS or is_mean else result

    def _formatter(self, boxed: bool = False) -> Callable[[Any], str | None]:
        """Return the function by which pandas writes a number. Note that exact counts become text."""
        note(EXACT)
        write: Callable[[Any], str | None] = super()._formatter(boxed)
        return write

    def to_numpy(self, dtype: Any = None, copy: bool = False, na_value: Any = pd.api.extensions.no_default) -> Any:
        """Return ordinary numbers for charts. Remember them if they are at most ``MAX_NUMBERS_NOTED``."""
        if len(self) <= MAX_NUMBERS_NOTED:
            _released.append(self._data[~self._mask])
        return super().to_numpy(dtype=dtype, copy=copy, na_value=na_value)


@register_extension_dtype
class ExactDtype(pd.Float64Dtype):
    """The type ``exact``: ``Float64`` that counts people and is not rounded."""

    name = EXACT
    na_value: Any = np.nan  # as in the table of figures

    def construct_array_type(self) -> type[ExactArray]:
        """Return the class of its arrays."""
        return ExactArray

    def _get_common_dtype(self, dtypes: list[Any]) -> Any:
        """Return this type for a column that is joined with other columns of numbers. Otherwise None."""
        return self if all(getattr(dtype, "kind", "") in "iuf" for dtype in dtypes) else None


ExactArray.dtype = ExactDtype()


State = Literal["", "exact", "not known"]
"""The content of a table or picture: nothing to stop, exact counts of people, or numbers that may be such counts."""
STATES_WORST_FIRST: tuple[State, ...] = (EXACT, UNKNOWN_STATE)
"""The states of numbers that are or may be exact counts, the worst first."""

_released: deque[Any] = deque(maxlen=MAX_COLUMNS_NOTED)
"""The exact numbers of the latest columns that left pandas."""
_noted: set[State] = set()
"""The states that were noted since the last ``take_note``."""


def note(state: State) -> None:
    """Note the state of numbers that a notebook shows or has turned into text."""
    _noted.add(state)


def take_note() -> State:
    """Return the worst state noted since the last call, and forget them all."""
    state = worst_of(_noted)
    _noted.clear()
    return state


def worst_of(states: Iterable[State]) -> State:
    """Return the worst of some states. Empty if no state is exact or unknown."""
    every = {*states}
    return next((state for state in STATES_WORST_FIRST if state in every), "")


def state_of(table: Any) -> State:
    """Return whether a DataFrame or Series shows exact counts of people, as a state.

    They are exact if a column has the type ``exact``, or if ``attrs`` says that it counts people. The state is empty if
    ``attrs`` says that the table is rounded, or of another unit. Otherwise ``state_of_numbers`` decides, without
    columns of divided counts.
    """
    names = table.attrs.get(COUNTED_COLUMNS_ATTR, ())
    columns = [*table.items()] if isinstance(table, pd.DataFrame) else [(table.name, table)]
    numeric = [(name, column) for name, column in columns if getattr(column.dtype, "kind", "") in "iuf"]
    if any(column.dtype == EXACT or name in names for name, column in numeric):
        return EXACT
    if ROUNDING_ATTR in table.attrs or table.attrs.get("unit", "people") != "people":
        return ""
    return worst_of(state_of_numbers(column.dropna()) for _, column in numeric if column.dtype != DIVIDED_COUNT_TYPE)


def state_of_numbers(values: Iterable[float]) -> State:
    """Return the state of numbers that have lost their type, such as those of a picture.

    Empty if they cannot be counts (see ``may_be_count``). Exact if one remembered column has all these numbers, and one
    is ``MIN_UNLIKELY_NUMBER`` or more or they are the whole column. Otherwise not known. Zeros do not matter.
    """
    numbers = {float(value) for value in values if isfinite(value) and value}
    if not may_be_count(numbers):
        return ""
    columns = ({*column.tolist()} for column in _released)
    is_exact = any(
        numbers <= column and (max(numbers) >= MIN_UNLIKELY_NUMBER or numbers == column) for column in columns
    )
    return EXACT if is_exact else UNKNOWN_STATE


def may_be_count(values: Iterable[float]) -> bool:
    """Return whether numbers are whole and were not rounded.

    Rounded numbers have a common divisor of ``MIN_ROUNDED_DIVISOR`` or more. False without numbers, or with only zeros.
    Numbers that are not finite do not matter.

    >>> may_be_count([120.0, 30.0, 0.0]), may_be_count([0.25, 3.0]), may_be_count([127.0, 30.0])
    (False, False, True)
    """
    numbers = np.array([value for value in values if isfinite(value)], dtype="float64")
    return _is_whole(numbers) and 0 < gcd(*map(int, numbers)) < MIN_ROUNDED_DIVISOR


def as_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of exact counts as float64, and remember its numbers as one column.

    More than ``MAX_NUMBERS_NOTED`` numbers are not remembered. A table without exact counts, or with a column of
    anything but numbers, is returned as it is.
    """
    if EXACT not in [*table.dtypes] or not {getattr(dtype, "kind", "") for dtype in table.dtypes} <= {*"iuf"}:
        return table
    numbers = table.astype("float64")
    if numbers.size <= MAX_NUMBERS_NOTED:
        _released.append(numbers.stack().to_numpy())
    return numbers


def _is_whole(numbers: Any) -> bool:
    """Return whether all numbers of an array are whole. True for an empty array."""
    return bool((numbers % 1 == 0).all())
