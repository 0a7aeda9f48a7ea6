"""One plan's tables together with their origins: all that a sheet is computed from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import PlanYear

CHANGE_COLUMNS = ("file", "line", "column", "before", "after", "rule", "reason", "by", "date")
"""A changed cell; the last three are those of a correction by hand."""


@dataclass(frozen=True)
class InputFile:
    """One file that was read: rows = rows used + rows refused."""

    name: str
    path: Path
    sha256: str
    rows: int
    rows_refused: int


@dataclass(frozen=True)
class JoinAudit:
    """What a join found: rows and people (new beneficiaries) with a partner on the other side, and without.

    ``loses_people`` when what is unmatched is not counted. ``duplicated`` counts keys that the other side gives more
    than once (the first is used); ``unmatched_keys`` are the keys without a partner, most people first.
    """

    name: str
    rows_matched: int
    rows_unmatched: int
    people_matched: float
    people_unmatched: float
    duplicated: int
    unmatched_keys: tuple[str, ...] = ()
    loses_people: bool = False

    @property
    def rows(self) -> int:
        """Rows before the join, which are the rows after it."""
        return self.rows_matched + self.rows_unmatched


@dataclass(frozen=True)
class Plan:
    """The valid tables of one data folder (columns: see ``tables``).

    ``activities`` carries each row's indicator type. Money comes as ``funding_flows``, as ``funding_totals``, or both;
    what the source does not give is None, and totals may hold rows of other plans. ``proportions`` holds age-gender
    shares by what they were made from (``people_in_need``, ``target``). ``joins`` says what each join matched;
    ``faults`` and ``refused`` what was not read, and why. ``references`` are the folder's lists (indicators, places,
    organisations) by their name in ``sources.yml``. A plan as it was loaded is raw: ``repairs`` and ``changes`` (a row
    a cell) say what was changed since then (see ``quality.repaired``).
    """

    title: str
    year: PlanYear
    activities: pd.DataFrame
    planning: pd.DataFrame
    funding_flows: pd.DataFrame | None
    funding_totals: pd.DataFrame | None
    proportions: Mapping[str, pd.DataFrame]
    joins: tuple[JoinAudit, ...]
    sources: Mapping[str, Source]
    inputs: tuple[InputFile, ...]
    faults: pd.DataFrame
    refused: Mapping[str, pd.DataFrame]
    references: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()
    changes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CHANGE_COLUMNS)))
