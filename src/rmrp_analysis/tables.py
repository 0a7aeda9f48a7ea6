"""The tables that figures are counted from, as ``tables.csv`` and ``columns.csv`` declare them.

A loader reads a file into one table by the declarations. Afterwards no code checks whether a column exists or a value
is allowed. The headers of a column in source files stand in ``headers.csv`` of the plan pack. The data dictionary in
``data/README.md`` is printed from the same declarations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from rmrp_analysis import vocabulary
from rmrp_analysis.packs import pack

DECLARATIONS_FOLDER = Path(__file__).parent
DTYPE_BY_KIND = {"number": "float64", "whole number": "int64", "list": "object"}
"""The pandas type of a column by its kind. Any other kind is a text."""


@pack.cached_by_pack
def allowed_texts() -> Mapping[str, tuple[str, ...]]:
    """Return the lists of texts that may stand in columns, by their names in ``columns.csv``."""
    lists = vocabulary.plan_lists()
    return {
        "": (),
        "activity sectors": (*lists.sectors, *lists.other_sectors),
        "planned sectors": (*lists.sectors, vocabulary.ALL),
        "countries": (*lists.countries,),
        "countries or Regional": (*lists.countries, vocabulary.REGIONAL),
        "indicator types": vocabulary.INDICATOR_TYPES,
        "indicator types or unknown": (*vocabulary.INDICATOR_TYPES, vocabulary.UNKNOWN_INDICATOR_TYPE),
        "scopes": lists.scopes,
        "population groups or all": (vocabulary.ALL, *vocabulary.POPULATION_GROUPS),
        "measures": vocabulary.PLANNED_FIGURES,
        "funding groupings": vocabulary.FUNDING_GROUPINGS,
        "funding statuses": vocabulary.FUNDING_STATUSES,
        "report states": vocabulary.REPORT_STATES,
        "report causes": vocabulary.REPORT_CAUSES,
    }


class Column(pack.Row):
    """A row of ``columns.csv``: a column, its meaning and its allowed values.

    A row of a file is refused if its cell is not of the column's ``kind`` or not among the ``choices``, or if it is
    empty although ``required``. In a column that is ``not counted``, only the cell is left out. A file without the
    column is refused unless it is ``optional``. A text of more than ``longest`` letters is cut. A ``derived`` column
    does not stand in files.
    """

    table: str
    column: str
    kind: str
    unit: str
    allowed: str
    flags: str
    longest: str
    meaning: str

    @property
    def choices(self) -> tuple[str, ...]:
        """The allowed texts of the column. Empty if any text is allowed."""
        return allowed_texts()[self.allowed]

    @property
    def headers(self) -> tuple[str, ...]:
        """The column's headers in source files: the usual one first, its own name last."""
        return (*vocabulary.headers_of(self.table).get(self.column, ()), self.column)

    @property
    def required(self) -> bool:
        """Whether no cell may be empty."""
        return "required" in self.flags

    @property
    def optional(self) -> bool:
        """Whether a file may lack the column."""
        return "optional" in self.flags

    @property
    def counted(self) -> bool:
        """Whether a row is refused if its cell in this column cannot be used."""
        return "not counted" not in self.flags

    @property
    def derived(self) -> bool:
        """Whether loaders fill the column and do not read it."""
        return "derived" in self.flags


class TableRow(pack.Row):
    """A row of ``tables.csv``: a table, its inputs, the meaning of one row, and the table that it extends.

    A table also has the columns of the table that it extends.
    """

    table: str
    extends: str
    inputs: str
    row: str


@dataclass(frozen=True, eq=False)
class Table:
    """A table: the meaning of one row, and its columns by name, first the columns of the table that it extends."""

    name: str
    row: str
    columns: Mapping[str, Column]

    @cached_property
    def source_columns(self) -> Mapping[str, Column]:
        """The columns that are read from files."""
        return {name: column for name, column in self.columns.items() if not column.derived}

    def set_types(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows with only the columns of this table, in its order and with its types.

        Raises ``KeyError`` if a column is missing.
        """
        types = {name: DTYPE_BY_KIND.get(column.kind, "string") for name, column in self.columns.items()}
        return rows[list(types)].astype(types)

    def empty(self) -> pd.DataFrame:
        """Return the table without a row."""
        return self.set_types(pd.DataFrame(columns=list(self.columns)))


_COLUMN_ROWS = pack.rows("columns.csv", Column, within=DECLARATIONS_FOLDER)
TABLE_BY_NAME, TABLE_BY_INPUT = dict[str, Table](), dict[str, Table]()
"""Every table by its name, and by the input of ``sources.yml`` that is read into it (except money)."""
for _row in pack.rows("tables.csv", TableRow, within=DECLARATIONS_FOLDER, unique="table"):
    _inherited = TABLE_BY_NAME[_row.extends].columns if _row.extends else {}
    _own = {column.column: column for column in _COLUMN_ROWS if column.table == _row.table}
    TABLE_BY_NAME[_row.table] = Table(_row.table, _row.row, {**_inherited, **_own})
    TABLE_BY_INPUT |= dict.fromkeys(_row.inputs.split(), TABLE_BY_NAME[_row.table])
Activities, JoinedActivities = TABLE_BY_NAME["Activities"], TABLE_BY_NAME["JoinedActivities"]
"""Activities as files have them, and joined to their indicators and places."""
Indicators, Admin1, Organisations = TABLE_BY_NAME["Indicators"], TABLE_BY_NAME["Admin1"], TABLE_BY_NAME["Organisations"]
"""Lists that activities are joined to and checked with."""
Planning, PlacedPlanning, PlanningSheet = (
    TABLE_BY_NAME["Planning"],
    TABLE_BY_NAME["PlacedPlanning"],
    TABLE_BY_NAME["PlanningSheet"],
)
"""Planned figures: a row each, the same with their places, and as a wide sheet."""
Proportions, PlacedProportions = TABLE_BY_NAME["Proportions"], TABLE_BY_NAME["PlacedProportions"]
"""Shares by age and gender: as they are read, and with their places."""
FundingFlows, FundingTotals = TABLE_BY_NAME["FundingFlows"], TABLE_BY_NAME["FundingTotals"]
"""Money at FTS: single flows, and totals."""
Reports = TABLE_BY_NAME["Reports"]
"""The ledger: a row for each organisation, country, sector and month."""

OPTIONAL_ACTIVITY_COLUMNS = frozenset(
    name for name, column in Activities.columns.items() if "of some years" in column.flags
)
"""Columns that only the layouts of some plan years have. A file may always lack free text."""
