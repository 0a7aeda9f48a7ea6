"""The rows that an organisation should look at again: each as it was sent, with what is wrong in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rmrp_analysis.loaders.cells import read_cells
from rmrp_analysis.loaders.tabular import is_header, matched_headers
from rmrp_analysis.quality.checks import CHECKS
from rmrp_analysis.quality.review import Review
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import SPANISH_SPEAKING

ASKED_ABOUT = ("refused", "error", "warning")
"""Severities that an organisation is asked about; a note is for the analyst."""


@dataclass(frozen=True)
class Doubt:
    """One fault of a row: the check (empty when the cell was refused), the file's header, what would be right there."""

    check: str
    header: str
    value: str
    allowed: str
    expected: str


@dataclass(frozen=True)
class SentRow:
    """A row as it was sent, by the file's own headers, with its faults."""

    file: str
    line: int
    cells: Mapping[str, str]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True)
class RowsToReview:
    """What one appealing organisation should look at again, most people first, and the language of its countries."""

    organisation: str
    language: str
    rows: tuple[SentRow, ...]


def rows_to_review(review: Review) -> Iterator[RowsToReview]:
    """Every organisation with rows in doubt, by name; the files are read again, since a plan keeps what cells mean."""
    faults = review.faults()
    asked = faults[faults["severity"].isin(ASKED_ABOUT) & (faults["line"] > 1)]
    sent = {file.path.name: _cells_of(file.path) for file in review.plan.inputs if file.name == "activities"}
    asked = asked[asked["file"].isin(list(sent))]
    names = _organisations(asked, sent)
    languages = _languages(review)
    for name, of_organisation in asked.groupby(names, sort=True):
        rows = tuple(_rows(of_organisation, sent))
        yield RowsToReview(str(name), languages.get(str(name), "en"), rows)


def _cells_of(path: Path) -> pd.DataFrame:
    cells = read_cells(path, lambda row: is_header(row, Activities))
    headers = {name: str(column.name) for name, column in matched_headers(cells, Activities, path).items()}
    cells.attrs["headers"] = headers
    return cells


def _organisations(asked: pd.DataFrame, sent: Mapping[str, pd.DataFrame]) -> pd.Series:
    named = {
        (file, line): cells.loc[line, cells.attrs["headers"]["appealing_organisation"]]
        for file, cells in sent.items()
        for line in asked.loc[asked["file"] == file, "line"].unique()
        if line in cells.index
    }
    places = zip(asked["file"], asked["line"], strict=True)
    return pd.Series([named.get(place, "") for place in places], index=asked.index, dtype="str")


def _languages(review: Review) -> Mapping[str, str]:
    """Spanish for an organisation most of whose rows are from countries that speak it."""
    activities = review.plan.activities
    spanish = activities["country"].isin(list(SPANISH_SPEAKING)).astype(bool)
    share = spanish.groupby(activities["appealing_organisation"].astype("str")).mean()
    return {str(name): "es" if part > 1 / 2 else "en" for name, part in share.items()}


def _rows(faults: pd.DataFrame, sent: Mapping[str, pd.DataFrame]) -> Iterator[SentRow]:
    people = faults.groupby(["file", "line"])["people"].transform("max")
    ranked = faults.assign(rank=-people).sort_values(["rank", "file", "line", "check"], kind="stable")
    for (file, line), of_row in ranked.groupby(["file", "line"], sort=False):
        cells = sent[str(file)]
        doubts = tuple(_doubt(fault, cells.attrs["headers"]) for fault in of_row.to_dict("records"))
        yield SentRow(str(file), int(str(line)), cells.loc[line].to_dict(), doubts)


def _doubt(fault: Mapping[str, str], headers: Mapping[str, str]) -> Doubt:
    check = CHECKS.get(fault["check"])
    allowed = check.allowed if check else fault["allowed"]
    before, filled, after = allowed.partition("{expected}")
    expected = fault["allowed"][len(before) : len(fault["allowed"]) - len(after)] if filled else ""
    header = headers.get(fault["column"], fault["column"])
    return Doubt(fault["check"] if check else "", header, fault["value"], allowed, expected)
