"""Cells: activities alike in everything that figures are counted by, added up once for a whole plan."""

import numpy as np
import pandas as pd

from rmrp_analysis.coded import ROWS_AT_ONCE, CodedTable, Codes, Column, smallest
from rmrp_analysis.metrics.contributions import ROWS
from rmrp_analysis.metrics.sums import Cells
from rmrp_analysis.vocabulary import (
    AGE_GENDER_GROUPS,
    NATIONAL,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    OTHER_GENDER_GROUPS,
    PLATFORM_OF,
    POPULATION_GROUPS,
    fold,
)

NEW = "new_beneficiaries"
NEW_WITH_CVA = "new_with_cva"
TOTAL_MONTHLY = "total_monthly_beneficiaries"
AGE_GENDER_CELLS = (*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS)
PEOPLE = (NEW, *POPULATION_GROUPS, *AGE_GENDER_CELLS, NEW_WITH_CVA)
"""Columns of new beneficiaries: all, by population group, by age and gender, with cash or vouchers."""

NOT_KNOWN = "people_not_known"
"""People of whom it is not known how many are new; they are in no other column of people."""

ROWS_NOT_KNOWN = "rows_not_known"
"""Source rows of which that is so, among ``rows``."""

OTHER_MEASURES = (TOTAL_MONTHLY, "transfer_value_usd", "quantity", NOT_KNOWN)
DIMENSIONS = (
    "sector",
    "platform",
    "country",
    "place",
    "admin1",
    "month",
    "organisation",
    "organisation_type",
    "implementing_partner",
    "indicator",
    "indicator_code",
    "indicator_type",
    "cva",
    "delivery_mechanism",
    "rmrp_activity",
)
"""What activities are told apart by. ``place`` is the key of the admin1, ``admin1`` its name."""


MEASURES = (*PEOPLE, *OTHER_MEASURES, ROWS, ROWS_NOT_KNOWN)


def measured_rows(activities: pd.DataFrame) -> pd.DataFrame:
    """As ``measured``, of activities as a table with an index of its own."""
    return measured(CodedTable.of(activities)).table().set_axis(activities.index)


def measured(activities: CodedTable, organisations: pd.DataFrame | None = None) -> CodedTable:
    """Each activity with the columns of ``DIMENSIONS``, its measures (0 where nothing is reported), file and line.

    What a report's groups hold is no measure where its new beneficiaries are not known.

    Spellings of an organisation that differ by accents, case or blanks are one: the most frequent stands for all. Its
    type is that in the list ``organisations``. A place goes by its canonical name, or its key where that is unknown.
    """
    columns = activities.columns
    reporting, types = columns["appealing_organisation"], {}
    if organisations is not None:
        listed = zip(organisations["name"], organisations["organisation_type"], strict=True)
        types = {fold(name): kind for name, kind in listed if kind}
    number, places = activities.combinations(["place", "place_name"])
    named = places["place_name"].where(places["place_name"] != "", places["place"])
    named = named.where(places["place"] != NATIONAL, NATIONAL_LEVEL)
    rows = activities.assign(
        platform=columns["country"].mapped(PLATFORM_OF.get, "str"),
        admin1=Column(smallest(number, len(places)), named.astype("str").array),
        organisation=_one_spelling(reporting),
        organisation_type=reporting.mapped(lambda name: types.get(fold(name), NOT_SPECIFIED), "str"),
        implementing_partner=_one_spelling(columns["implementing_partner"]),
        **{name: columns[name].filled() for name in (*PEOPLE, *OTHER_MEASURES) if name != NEW_WITH_CVA},
        **{ROWS: Column.constant(1, len(activities), "int64")},
    )
    not_known = rows.columns[NOT_KNOWN]
    unsure = np.asarray(not_known.contents) > 0
    rows = rows.assign(**{ROWS_NOT_KNOWN: Column(not_known.codes, unsure.astype("int64"))})
    if unsure.any():
        known = ~unsure.take(not_known.codes)
        people = [name for name in PEOPLE if name != NEW_WITH_CVA]
        rows = rows.assign(**{name: Column.of(rows[name].where(known, 0.0)) for name in people})
    number, with_cva = rows.combinations([NEW, "cva"])
    new = with_cva[NEW].where((with_cva["cva"] == "Yes").fillna(value=False), 0.0)
    rows = rows.assign(**{NEW_WITH_CVA: Column(smallest(number, len(with_cva)), new.to_numpy("float64"))})
    texts = {name: Column(rows.columns[name].codes, _texts(rows.columns[name])) for name in DIMENSIONS}
    found = rows.assign(**texts).columns
    return CodedTable({name: found[name] for name in (*DIMENSIONS, *MEASURES, "source_file", "source_line")}, len(rows))


def cells_of(rows: CodedTable) -> tuple[CodedTable, Codes]:
    """The cells of measured rows, and the number of each row's cell.

    A cell is a row for each combination of ``DIMENSIONS``, with sums and the number of rows.
    """
    number, first = rows.first_rows(DIMENSIONS)
    cells = rows.only(DIMENSIONS).taken(first)
    texts = Cells(cells)
    order = np.lexsort([texts.coded(name).codes for name in reversed(DIMENSIONS)])
    place = np.empty(len(order), dtype=number.dtype)
    place[order] = np.arange(len(order))
    cell = place.take(number)
    sums = {name: _sums(rows.columns[name], cell, len(order)) for name in MEASURES}
    each = smallest(np.arange(len(order)), len(order))
    return cells.taken(order).assign(**{name: Column(each, amounts) for name, amounts in sums.items()}), cell


def _sums(measure: Column, cell: np.ndarray, cells: int) -> np.ndarray:
    """What a measure comes to in each cell, from the number of each row's; whole numbers add up in any order."""
    values = np.asarray(measure.contents)
    if not values.any():
        return np.zeros(cells, dtype=values.dtype)
    if (values == np.trunc(values)).all():
        sums = np.zeros(cells)
        for start in range(0, len(cell), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            sums += np.bincount(cell[rows], values.take(measure.codes[rows]), minlength=cells)
        return sums.astype(values.dtype)
    return pd.Series(values.take(measure.codes)).groupby(cell).sum().to_numpy()


def _texts(dimension: Column) -> pd.api.extensions.ExtensionArray:
    return pd.Series(dimension.contents).astype("str").fillna("").array


def _one_spelling(names: Column) -> Column:
    """The names with one spelling each: the most frequent, of equal ones the first of the alphabet."""
    rows = pd.Series(np.bincount(names.codes, minlength=len(names.contents))).groupby(np.asarray(names.contents)).sum()
    counts = rows.rename_axis("name").reset_index(name="rows")
    chosen: dict[str, str] = {}
    for name in counts.sort_values(["rows", "name"], ascending=[False, True])["name"]:
        chosen.setdefault(fold(name), str(name) if fold(name) else "")
    return names.mapped(lambda name: chosen[fold(name)], "str")
