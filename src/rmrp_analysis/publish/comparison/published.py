"""A published run as its folder has it: its manifest, its table of figures, what its sheets are about."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import pandas as pd

from rmrp_analysis.errors import RequestError
from rmrp_analysis.params import REPORT_SECTORS
from rmrp_analysis.publish.records.figures import NEEDED_COLUMNS, read_figure_rows
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.vocabulary import INTERSECTOR, PLACES, REGION, report_id, short_name, slug

SELECTIONS = {report_id(sector, place): (sector, place) for sector, place in product(REPORT_SECTORS, PLACES)}
"""What the report of everybody is about, by its id without language."""

OF_ORGANISATION = ".by-"
"""Stands in the id of a report of one organisation, before the organisation's acronym."""


@dataclass(frozen=True, eq=False)
class PublishedRun:
    """A run as its folder has it: its ``run.json``, and the texts of its ``figures.csv`` by ``KEY``."""

    folder: Path
    manifest: Manifest
    rows: pd.DataFrame

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """Every ``value`` as a number, NaN where it is not known, with its ``unit``."""
        return self.rows[["unit"]].assign(value=pd.to_numeric(self.rows["value"], errors="coerce"))

    @cached_property
    def values_by_number(self) -> pd.Series:
        """Every number, NaN where it is not known: index report, figure, part (empty for a figure)."""
        keys = self.rows.index.to_frame(index=False)
        keys = keys.assign(part=keys["platform"] + keys["group"] + keys["month"])
        index = pd.MultiIndex.from_frame(keys[["report", "figure", "part"]])
        return self.numbers["value"].astype("float64").set_axis(index)

    def values_of(self, reports: Collection[str]) -> pd.Series:
        """The ``values_by_number`` of these reports."""
        return self.values_by_number[self.values_by_number.index.get_level_values("report").isin(reports)]

    @property
    def sheets(self) -> set[str]:
        """The reports of which it has figures, without their languages."""
        return set(self.rows.index.get_level_values("report"))


def join_runs(previous: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of two runs by ``KEY``, a column of each; what one of them does not have is NaN."""
    return pd.concat([previous.add_suffix("_before"), current.add_suffix("_after")], axis="columns")


def parse_report_id(report: str, organisations: Iterable[str] = ()) -> tuple[str, str, str]:
    """Give what a report is about, from its id: sector, place, and which of these organisations (empty: everybody)."""
    without_organisation, _, acronym = report.partition(OF_ORGANISATION)
    name = next((name for name in organisations if slug(short_name(name)) == acronym), acronym) if acronym else ""
    return *SELECTIONS.get(without_organisation, (INTERSECTOR, REGION)), name


def read_run(folder: Path, columns: Sequence[str] = NEEDED_COLUMNS) -> PublishedRun:
    """Read what a run's folder states now; its table of figures must have these columns.

    Raises ``RequestError`` where the folder holds no run, or one of another plan pack, ``InputRefused`` where a file
    of it is cut or changed, so that it cannot be read.
    """
    run = Publication(folder)
    run.check()
    path = folder / "figures.csv"
    if not path.is_file():
        raise RequestError(f"{folder} is not the folder of a run: it has no figures.csv")
    return PublishedRun(folder, run.manifest, read_figure_rows(path, columns))
