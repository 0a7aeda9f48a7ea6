"""The files of activities and lists as they were sent. A plan keeps the meaning of cells, not the typed texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from rmrp_analysis.loaders.header import header_fit, match_headers
from rmrp_analysis.loaders.read import read
from rmrp_analysis.loaders.texts import Texts
from rmrp_analysis.packs import pack
from rmrp_analysis.plan import Plan
from rmrp_analysis.sources import Reading
from rmrp_analysis.tables import TABLE_BY_INPUT


@dataclass(frozen=True, eq=False)
class SentFile:
    """The texts of a file, and its header of each column of the table that it is read into."""

    path: Path
    texts: Texts
    headers: Mapping[str, str]

    def column(self, name: str) -> pd.Series:
        """Return the texts of a column by line. ``name`` is the column of the table, whatever the file's header.

        Raises ``KeyError`` for a column that the file does not have.
        """
        return self.texts.table[self.headers[name]]


def read_sent_files(plan: Plan, name: str = "activities") -> dict[str, SentFile]:
    """Read the files of an input of ``sources.yml`` as texts, by their names. Empty if the plan has no such files.

    The last eight files are cached. Raises ``InputRefused`` for a file that cannot be read.
    """
    layout = plan.year.columns_not_reported if name == "activities" else frozenset[str]()
    files = [file for file in plan.inputs if file.name == name]
    return {
        file.path.name: _sent(file.path, file.sha256, pack.folder(), name, plan.sources[name].reading, layout)
        for file in files
    }


@lru_cache(maxsize=8)
def _sent(
    path: Path, _sha256: str, _pack_folder: Path, name: str, reading: Reading, columns_not_reported: frozenset[str]
) -> SentFile:
    """Read a file of an input as texts, with its header of each column. Cached by path and checksum."""
    texts = read(path, lambda row: header_fit(row, TABLE_BY_INPUT[name]), reading)
    matched = match_headers(
        texts.table, TABLE_BY_INPUT[name], path, sheet=texts.sheet, not_reported=columns_not_reported
    )
    return SentFile(path, texts, {name: str(column.name) for name, column in matched.items()})
