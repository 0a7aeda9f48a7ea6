"""What goes back to organisations: the rows that each should look at again, as it sent them, with their faults."""

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
"""Severities for the organisation that sent the row; a note is for the analyst."""
REPORT_STATES_TO_ANSWER = ("not counted", "left out", "late", "missed")
"""States of reports of which only the organisation knows more."""
STATES_WITHOUT_EXPECTED_REPORT = ("nothing here", "not yet", "irregular", "gone")
"""States of months for which no report is expected."""


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
    """What one appealing organisation should look at again, most people first, and the language of its countries.

    ``reports`` are its rows of the ledger (``tables.Reports``) in which it reported, or should have.
    """

    organisation: str
    language: str
    rows: tuple[SentRow, ...]
    reports: pd.DataFrame = field(default_factory=Reports.empty)
    changes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["country", "sector", "month"]))
    """What became of its reports since the last run: as ``ledger.report_changes``, with its index as columns."""


def rows_to_review(review: Review, previous_data: Dataset | None = None) -> Iterator[RowsToReview]:
    """Yield every organisation with rows in doubt, or with reports that are not counted, missing or gone, by name.

    ``previous_data`` are the tables of the last run; without them no report is known to be gone. The language is
    English where no language has more than half of an organisation's activities, or sheets are not in it.
    """
    rows_by_organisation = _list_sent_rows(review)
    rows_by_key = {fold(name): sent_rows for name, sent_rows in rows_by_organisation.items()}
    language_by_key = _find_languages(review.plan.activities)
    ledger = review.plan.reports(period=review.period, method=review.method)
    ledger = ledger[~ledger["state"].isin(STATES_WITHOUT_EXPECTED_REPORT)]
    reports = {fold(str(name)): (str(name), rows) for name, rows in ledger.groupby("organisation")}
    report_moves = pd.DataFrame(columns=[*REPORT_KEY_COLUMNS, "change"])
    if previous_data is not None:
        report_moves = _list_changed_reports(review, previous_data)
    organisation_names_to_answer = ledger.loc[ledger["state"].isin(REPORT_STATES_TO_ANSWER), "organisation"].unique()
    gone_organisations = report_moves.loc[report_moves["change"] == GONE, "organisation"].unique()
    names = {
        key: reports.get(key, (name,))[0]  # as in the ledger, where that has it
        for name in (*gone_organisations, *organisation_names_to_answer, *rows_by_organisation)
        for key in [fold(name)]
    }
    for organisation_key, organisation in sorted(names.items(), key=lambda key_and_name: key_and_name[1]):
        organisation_language = language_by_key.get(organisation_key, "")
        yield RowsToReview(
            organisation,
            organisation_language if organisation_language in pack.languages() else SOURCE_LANGUAGE,
            tuple(rows_by_key.get(organisation_key, ())),
            reports[organisation_key][1] if organisation_key in reports else Reports.empty(),
            report_moves[report_moves["organisation"].map(fold) == organisation_key],
        )


def _list_sent_rows(review: Review) -> dict[str, list[SentRow]]:
    """Return the rows with faults that each organisation sent, by its name, most people first.

    Spellings of an organisation that differ by accents or case are one: it has the name of its first row.
    """
    sent = read_sent_files(review.plan)
    ranked = _rank_row_faults(review, sent)
    texts_of = {
        name: sent[str(name)].texts.table.loc[of_file["line"].unique()].astype("str").to_dict("index")
        for name, of_file in ranked.groupby("file", sort=False)
    }
    rows_by_organisation, name_by_key = dict[str, list[SentRow]](), dict[str, str]()
    for _, of_row in ranked.groupby(["file", "line"], sort=False):
        row_faults = of_row.to_dict("records")
        name, line = str(row_faults[0]["file"]), int(row_faults[0]["line"])
        texts = {str(header): str(text) for header, text in texts_of[name][line].items()}
        header_by_column = sent[name].headers
        row_doubts = tuple(_doubt_of(fault_record, header_by_column) for fault_record in row_faults)
        sent_row = SentRow(name, line, texts, row_doubts)
        sent_name = texts[header_by_column["appealing_organisation"]]
        organisation_name = name_by_key.setdefault(fold(sent_name), sent_name)
        rows_by_organisation.setdefault(organisation_name, []).append(sent_row)
    return rows_by_organisation


def _rank_row_faults(review: Review, sent_files: Mapping[str, SentFile]) -> pd.DataFrame:
    """Return the faults of single rows of activities, for the organisations that sent them; most people first.

    These are faults of the loaders, and findings before repairs, each once: those of ``SEVERITIES_TO_REVIEW`` in lines
    of ``sent_files``. Columns: those of ``list_loader_faults``, and ``rank``: minus the most ``people`` of a fault of
    the row.
    """
    loader_fault_table = list_loader_faults(review.plan)
    activity_fault_table = loader_fault_table[loader_fault_table["input"] == "activities"]
    all_fault_table = pd.concat([activity_fault_table, review.findings], ignore_index=True)
    all_fault_table = all_fault_table.drop_duplicates(FAULT_KEY_COLUMNS)
    # A fault that is of no row is of the whole file
    is_of_sent_row = [
        file_name in sent_files and line_number in sent_files[file_name].texts.table.index
        for file_name, line_number in zip(all_fault_table["file"], all_fault_table["line"], strict=True)
    ]
    row_fault_table = all_fault_table[
        all_fault_table["severity"].isin(SEVERITIES_TO_REVIEW)
        & pd.Series(is_of_sent_row, index=all_fault_table.index, dtype="bool")
    ]
    max_people_by_row = row_fault_table.groupby(["file", "line"])["people"].transform("max")
    return row_fault_table.assign(rank=-max_people_by_row).sort_values(["rank", "file", "line", "check"], kind="stable")


def _doubt_of(fault_record: Mapping[Hashable, Any], header_by_column: Mapping[str, str]) -> Doubt:
    """Return one fault as the organisation reads it, by the header of its own file; a loader's fault has no check.

    ``allowed`` is that of the check itself, with its ``{expected}``.
    """
    file_header = header_by_column.get(fault_record["column"], fault_record["column"])
    failed_check = CHECK_BY_NAME.get(fault_record["check"])
    if failed_check is None:
        return Doubt("", file_header, fault_record["value"], fault_record["allowed"], "")
    expected_text = failed_check.read_expected(fault_record["allowed"])
    return Doubt(failed_check.check, file_header, fault_record["value"], failed_check.allowed, expected_text)


def _find_languages(activities: pd.DataFrame) -> dict[str, str]:
    """Return the language of more than half of the activities of each organisation, by its folded name.

    The language is that of the activity's country, empty where the country has none. An organisation without a
    language of more than half is left out.
    """
    language_by_activity = activities["country"].astype("str").map(plan_lists().language_of).fillna("")
    organisation_by_activity = activities["appealing_organisation"].astype("str").map(fold)
    language_share_series = language_by_activity.groupby(organisation_by_activity).value_counts(normalize=True)
    return dict(language_share_series[language_share_series > 1 / 2].index.to_list())


def _list_changed_reports(review: Review, previous_data: Dataset) -> pd.DataFrame:
    """Return what became of the reports of the last run: as ``ledger.report_changes``, with its index as columns.

    Months after the last month of ``previous_data`` are left out.
    """
    last_month = max(previous_data.months_reported, default="")
    months = [month for month in review.period.months if month <= last_month]  # a later one is no late report
    return report_changes(previous_data, review.after, review.method, months).reset_index()
