"""The columns of the activities by name, and the declaration of derived columns."""

import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import cached_by_args
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, OTHER_GENDER_GROUPS, POPULATION_GROUPS, fold

EVERY_MONTH_PERIOD = Period(start="1900-01", end="2099-12")
"""A period that leaves out no month."""

ORGANISATION_COLUMNS = ("appealing_organisation", "implementing_partner")
"""The columns of activities that name an organisation."""
ALL_AGE_GENDER_COLUMNS = (*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS)
"""The columns of people by age and gender, of every plan year."""
COUNT_COLUMNS = (
    "quantity",
    "total_monthly_beneficiaries",
    "new_beneficiaries",
    *POPULATION_GROUPS,
    *ALL_AGE_GENDER_COLUMNS,
)
"""The columns that an activity can count. The value of a transfer alone makes no report."""


class ActivityColumns(dict[str, pd.Series]):
    """The columns of a plan's activities by name, each with the index of ``plan.activities``.

    A derived column is computed when an expression first reads it (``DERIVATION_BY_COLUMN``). A DataFrame would have to
    hold all columns, but many rules are not run for a plan (``not_run_because``, plan year), and some columns cost a
    comparison of all rows. A column that depends neither on the period nor on the method is computed once a plan,
    because the gate, its sheets and the review read the same columns under three methods.
    """

    def __init__(self, plan: Plan, period: Period = EVERY_MONTH_PERIOD, method: Method = Method()) -> None:  # noqa: B008
        """Take the columns of ``plan.activities``. No column is derived yet."""
        super().__init__((str(name), cells) for name, cells in plan.activities.items())
        self.plan, self.period, self.method = plan, period, method
        self._shared = _shared_results(plan)

    def __missing__(self, name: str) -> pd.Series:
        """Derive a column when it is first read. Store it with the other columns that its function derives.

        Raises ``KeyError`` for a name without a derivation.
        """
        if name not in DERIVATION_BY_COLUMN:
            raise KeyError(name)
        results = self if name in COLUMNS_BY_METHOD else self._shared
        if name not in results:
            derived = DERIVATION_BY_COLUMN[name](self)
            columns = dict(derived.items()) if isinstance(derived, pd.DataFrame) else {name: derived}
            results.update(columns)  # type: ignore[arg-type]
        return results[name]

    def evaluate(self, expression: str, column: str = "") -> pd.Series:
        """Evaluate an expression of ``DataFrame.eval`` on the activities, with ``column`` in place of ``{column}``.

        Returns a Series with the index of ``plan.activities``. A constant is repeated. Expressions may call the
        functions in ``RULE_FUNCTION_BY_NAME``.
        """
        text = expression.replace("{column}", column)
        result = pd.eval(text, engine="python", resolvers=[self, RULE_FUNCTION_BY_NAME], local_dict={}, global_dict={})
        return result if isinstance(result, pd.Series) else pd.Series(result, index=self.plan.activities.index)

    def meets(self, condition: str, column: str = "") -> pd.Series:
        """Return a mask of ``plan.activities`` (with its index) for a condition. False if a value is missing."""
        text = condition.replace("{column}", column)
        is_shared = COLUMNS_BY_METHOD.isdisjoint(re.findall(r"\w+", text))
        results: dict[str, pd.Series] = self._shared if is_shared else {}
        mask = results.get(f"?{text}")
        if mask is None:
            mask = results[f"?{text}"] = self.evaluate(text).fillna(value=False).astype("bool")
        return mask

    def numbers(self, columns: tuple[str, ...]) -> pd.DataFrame:
        """Return columns of numbers, with 0 for an empty cell (NaN) and the index of ``plan.activities``."""
        return self.plan.activities[list(columns)].fillna(0.0)

    def list_names(self, reference: str, *columns: str) -> frozenset[str]:
        """Return the names in these columns of a reference list, normalised by ``fold``. Empty without the list."""
        table = self.plan.references.get(reference)
        return frozenset() if table is None else frozenset(fold(text) for name in columns for text in table[name])


@cached_by_args
def _shared_results(_: Plan) -> dict[str, pd.Series]:
    """Return the columns and masks of a plan that no method changes. ``ActivityColumns`` fills them in."""
    return {}


Derivation = Callable[[ActivityColumns], pd.Series | pd.DataFrame]
"""A function that derives one column of activities, or several as a table."""
DERIVATION_BY_COLUMN: dict[str, Derivation] = {}
"""The function that derives each column. One function may derive several columns."""

COLUMNS_BY_METHOD: set[str] = set()
"""The derived columns that depend on the period or on the method."""

RULE_FUNCTION_BY_NAME: dict[str, Callable[..., Any]] = {"rounded": lambda numbers: numbers.round(6)}


def derives(*columns: str, by_method: bool = False) -> Callable[[Derivation], Derivation]:
    """Return a decorator that registers a function as the derivation of these columns.

    ``by_method``: they depend on the period or on the method, or follow from such a column.
    """

    def register(derivation: Derivation) -> Derivation:
        """Enter the function in ``DERIVATION_BY_COLUMN`` and return it unchanged."""
        DERIVATION_BY_COLUMN.update(dict.fromkeys(columns, derivation))
        COLUMNS_BY_METHOD.update(columns if by_method else ())
        return derivation

    return register


def matches(texts: pd.Series, condition: Callable[[str], bool]) -> pd.Series:
    """Return a mask of the texts that meet a condition, which is called once for each different text.

    The mask has the index of ``texts``. It is false for a missing text.
    """
    categories = texts.astype("category").cat.categories
    return texts.isin([text for text in categories if condition(text)])


def join_texts(left: pd.Series, right: pd.Series) -> pd.Series:
    """Join two columns to one text a row, as a key of both, with the index of ``left``."""
    return left.astype("str") + "\n" + right.astype("str")


def as_text(cells: pd.Series) -> pd.Series:
    """Return cells as texts that a person types: 13 and not 13.0, at most 12 digits. NaN becomes an empty text."""
    if not pd.api.types.is_float_dtype(cells):
        return cells.astype("str").fillna("")
    texts = cells.map(lambda number: str(int(number)) if number.is_integer() else f"{number:.12g}", na_action="ignore")
    return texts.astype("str").where(cells.notna(), "")
