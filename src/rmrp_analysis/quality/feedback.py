"""The rows that each organisation should review, as it sent them, with their faults."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from rmrp_analysis.ledger import GONE, REPORT_KEY_COLUMNS, report_changes
from rmrp_analysis.metrics import Dataset
from rmrp_analysis.packs import pack
from rmrp_analysis.quality.checks import CHECK_BY_NAME, FAULT_KEY_COLUMNS
from rmrp_analysis.quality.review import Review, list_loader_faults
from rmrp_analysis.quality.sent_files import SentFile, read_sent_files
from rmrp_analysis.tables import Reports
from rmrp_analysis.vocabulary import fold, plan_lists
from rmrp_analysis.words import SOURCE_LANGUAGE

SEVERITIES_TO_REVIEW = ("refused", "error", "warning")
"""Severities that go to the organisation that sent the row. A note is for the analyst."""
REPORT_STATES_TO_ANSWER = ("not counted", "left out", "late", "missed")
"""States of reports that only the organisation can explain."""
STATES_WITHOUT_EXPECTED_REPORT = ("nothing here", "not yet", "irregular", "gone")
"""States of months for which no report is expected."""


@dataclass(frozen=True)
class Doubt:
    """One fault of a row: the check (empty for a refused cell), the file's header, and the right content."""

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
    """The rows that one appealing organisation should review, most people first, and the language of its countries.

    ``reports`` are its rows of the ledger (``tables.Reports``) in which it reported, or should have reported.
    """

    organisation: str
    language: str
    rows: tuple[SentRow, ...]
    reports: pd.DataFrame = field(default_factory=Reports.empty)
    changes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["country", "sector", "month"]))
    """The changes of its reports since the last run: ``ledger.report_changes`` with its index as columns."""


def rows_to_review(review: Review, previous_data: Dataset | None = None) -> Iterator[RowsToReview]:
    """Yield every organisation with rows in doubt, or with reports that are not counted, missing or gone, by name.

    ``previous_data`` are the tables of the last run. Without them no report is known to be gone. The language is the
    one of more than half of an organisation's activities, or English without such a language or without sheets in it.
    """
    sent = _list_sent_rows(review)
    rows = {fold(name): items for name, items in sent.items()}
    languages = _find_languages(review.plan.activities)
    ledger = review.plan.reports(period=review.period, method=review.method)
    ledger = ledger[~ledger["state"].isin(STATES_WITHOUT_EXPECTED_REPORT)]
    reports = {fold(str(name)): (str(name), group) for name, group in ledger.groupby("organisation")}
    moves = pd.DataFrame(columns=[*REPORT_KEY_COLUMNS, "change"])
    if previous_data is not None:
        end = max(previous_data.months_reported, default="")
        months = [month for month in review.period.months if month <= end]  # a later one is no late report
        moves = report_changes(previous_data, review.after, review.method, months).reset_index()
    unanswered = ledger.loc[ledger["state"].isin(REPORT_STATES_TO_ANSWER), "organisation"].unique()
    vanished = moves.loc[moves["change"] == GONE, "organisation"].unique()
    names = {fold(name): name for name in (*vanished, *unanswered, *sent)}
    names = {key: reports.get(key, (name,))[0] for key, name in names.items()}  # as in the ledger, if it has the name
    for key, name in sorted(names.items(), key=lambda pair: pair[1]):
        language = languages.get(key, "")
        yield RowsToReview(
            name,
            language if language in pack.languages() else SOURCE_LANGUAGE,
            tuple(rows.get(key, ())),
            reports[key][1] if key in reports else Reports.empty(),
            moves[moves["organisation"].map(fold) == key],
        )


def _list_sent_rows(review: Review) -> dict[str, list[SentRow]]:
    """Return the rows with faults of each organisation, by its name in the first row, most people first."""
    files = read_sent_files(review.plan)
    ranked = _rank_row_faults(review, files)
    cells = {
        file: files[str(file)].texts.table.loc[group["line"].unique()].astype("str").to_dict("index")
        for file, group in ranked.groupby("file", sort=False)
    }
    rows, names = dict[str, list[SentRow]](), dict[str, str]()
    for _, group in ranked.groupby(["file", "line"], sort=False):
        faults = group.to_dict("records")
        file, line = str(faults[0]["file"]), int(faults[0]["line"])
        texts = {str(header): str(text) for header, text in cells[file][line].items()}
        headers = files[file].headers
        row = SentRow(file, line, texts, tuple(_doubt_of(fault, headers) for fault in faults))
        name = texts[headers["appealing_organisation"]]
        name = names.setdefault(fold(name), name)  # one spelling, whatever the accents and case
        rows.setdefault(name, []).append(row)
    return rows


def _rank_row_faults(review: Review, sent_files: Mapping[str, SentFile]) -> pd.DataFrame:
    """Return the faults of single rows of activities, for the organisations that sent them, most people first.

    These are faults of the loaders, and findings before repairs, each once, if they have one of
    ``SEVERITIES_TO_REVIEW`` and stand in a line of ``sent_files``. Columns are as in ``list_loader_faults``, and
    ``rank``: the most ``people`` of a fault of the row, with a minus.
    """
    faults = list_loader_faults(review.plan)
    faults = pd.concat([faults[faults["input"] == "activities"], review.findings], ignore_index=True)
    faults = faults.drop_duplicates(FAULT_KEY_COLUMNS)
    faults = faults[faults["severity"].isin(SEVERITIES_TO_REVIEW)]
    # A fault of no row is one of the whole file
    is_sent = [
        file in sent_files and line in sent_files[file].texts.table.index
        for file, line in zip(faults["file"], faults["line"], strict=True)
    ]
    rows = faults[pd.Series(is_sent, index=faults.index, dtype="bool")]
    people = rows.groupby(["file", "line"])["people"].transform("max")
    return rows.assign(rank=-people).sort_values(["rank", "file", "line", "check"], kind="stable")


def _doubt_of(fault_record: Mapping[Hashable, Any], header_by_column: Mapping[str, str]) -> Doubt:
    """Return one fault with the header of the organisation's own file. A loader's fault has no check."""
    header = header_by_column.get(fault_record["column"], fault_record["column"])
    check = CHECK_BY_NAME.get(fault_record["check"])
    if check is None:
        return Doubt("", header, fault_record["value"], fault_record["allowed"], "")
    expected = check.read_expected(fault_record["allowed"])
    return Doubt(check.check, header, fault_record["value"], check.allowed, expected)


def _find_languages(activities: pd.DataFrame) -> dict[str, str]:
    """Return the language that more than half of an organisation's activities have, by its folded name.

    An activity has the language of its country, empty without one. Other organisations are left out.
    """
    languages = activities["country"].astype("str").map(plan_lists().language_of).fillna("")
    organisations = activities["appealing_organisation"].astype("str").map(fold)
    shares = languages.groupby(organisations).value_counts(normalize=True)
    return dict(shares[shares > 1 / 2].index.to_list())
