"""One plan's tables together with their origins: all that a sheet is computed from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import PlanYear


@dataclass(frozen=True)
class InputFile:
    """One file that was read: rows = rows used + rows refused."""

    name: str
    path: Path
    sha256: str
    rows: int
    rows_refused: int


@dataclass(frozen=True)
class Plan:
    """The valid tables of one data folder (columns: see ``tables``).

    ``activities`` carries each row's indicator type. Money comes as ``funding_flows``, as ``funding_totals``, or both;
    what the source does not give is None, and totals may hold rows of other plans. ``faults`` and ``refused`` say what
    was not read, and why.
    """

    title: str
    year: PlanYear
    activities: pd.DataFrame
    planning: pd.DataFrame
    funding_flows: pd.DataFrame | None
    funding_totals: pd.DataFrame | None
    sources: Mapping[str, Source]
    inputs: tuple[InputFile, ...]
    faults: pd.DataFrame
    refused: Mapping[str, pd.DataFrame]
