"""Reads a published run from its folder: its manifest, its table of figures, and the subject of each sheet."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import pandas as pd

from rmrp_analysis.errors import RequestError
from rmrp_analysis.packs import pack
from rmrp_analysis.publish.records.figures import NEEDED_FIGURE_COLUMNS, read_figure_rows
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, plan_lists, report_id, short_name, slug

ORGANISATION_ID_SEPARATOR = ".by-"
"""The text before the organisation's acronym in the id of a report of one organisation."""


@dataclass(frozen=True, eq=False)
class PublishedRun:
    """A run as its folder has it: ``run.json``, and ``figures.csv`` as texts (index ``ROW_KEY``).

    pandas alone would forget which texts were empty. So ``rows`` keeps them, and ``numbers`` is read from them once.
    """

    folder: Path
    manifest: Manifest
    rows: pd.DataFrame

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """The columns ``value``, ``low``, ``high`` (float, NaN if missing) and ``unit``, with the index of ``rows``.

        An earlier run may have no ``low`` and ``high``.
        """
        names = [name for name in ("value", "low", "high") if name in self.rows]
        return self.rows[["unit", *names]].assign(
            **{name: pd.to_numeric(self.rows[name], errors="coerce") for name in names}
        )

    @cached_property
    def values_by_number(self) -> pd.Series:
        """Every number, NaN if missing: index ``report``, ``figure``, ``part`` (category, empty for a figure)."""
        keys = self.rows.index.to_frame(index=False)
        keys = keys.assign(part=keys["platform"] + keys["group"] + keys["month"])
        index = pd.MultiIndex.from_frame(keys[["report", "figure", "part"]])
        return self.numbers["value"].astype("float64").set_axis(index)

    def select_values(self, reports: Collection[str]) -> pd.Series:
        """Select the ``values_by_number`` of these reports."""
        return self.values_by_number[self.values_by_number.index.get_level_values("report").isin(reports)]

    @property
    def sheets(self) -> set[str]:
        """The ids, without language, of the reports that have figures in this run."""
        return set(self.rows.index.get_level_values("report"))


def join_runs(previous: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Join the rows of two runs by their index: each column as ``…_before`` and ``…_after``, NaN if missing."""
    return pd.concat([previous.add_suffix("_before"), current.add_suffix("_after")], axis="columns")


@pack.cached_by_pack
def selections_by_id() -> Mapping[str, tuple[str, str]]:
    """Return sector and place of each report of all organisations, by its id without language."""
    pairs = product(plan_lists().report_sectors, plan_lists().places)
    return {report_id(sector, place): (sector, place) for sector, place in pairs}


def parse_report_id(report: str, organisations: Iterable[str] = ()) -> tuple[str, str, str]:
    """Return sector, place and organisation of a report from its id. All organisations together are empty.

    An organisation that is not among ``organisations`` is returned as the id has it. An id without known sector and
    place is of all sectors and the region.
    """
    selection, _, acronym = report.partition(ORGANISATION_ID_SEPARATOR)
    name = next((name for name in organisations if slug(short_name(name)) == acronym), acronym) if acronym else ""
    return *selections_by_id().get(selection, (INTERSECTOR, REGION)), name


def read_run(folder: Path, columns: Sequence[str] = NEEDED_FIGURE_COLUMNS) -> PublishedRun:
    """Read the run in a folder. Its table of figures must have these columns.

    Raises ``RequestError`` if the folder holds no run, a run of another plan pack, or a table without the columns.
    Raises ``InputRefused`` if one of its files is cut or changed, so that it cannot be read.
    """
    run = Publication(folder)
    run.check()
    path = folder / "figures.csv"
    if not path.is_file():
        raise RequestError(f"{folder} is not the folder of a run: it has no figures.csv")
    return PublishedRun(folder, run.manifest, read_figure_rows(path, columns))
