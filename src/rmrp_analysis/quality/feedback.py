"""What goes back to organisations: the rows that each should look at again, as it sent them, with their faults."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from rmrp_analysis.ledger import GONE, REPORT, report_changes
from rmrp_analysis.metrics import Dataset
from rmrp_analysis.packs import pack
from rmrp_analysis.quality.checks import CHECKS, FAULT_KEYS
from rmrp_analysis.quality.review import Review
from rmrp_analysis.quality.sent_files import read_sent_files
from rmrp_analysis.tables import Reports
from rmrp_analysis.vocabulary import fold, plan_lists
from rmrp_analysis.words import SOURCE_LANGUAGE

TO_REVIEW = ("refused", "error", "warning")
"""Severities for the organisation that sent the row; a note is for the analyst."""
TO_ANSWER = ("not counted", "left out", "late", "missed")
"""States of reports of which only the organisation knows more."""
NO_REPORT_EXPECTED = ("nothing here", "not yet", "irregular", "gone")


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
    """Give every organisation with rows in doubt, or with reports that are not counted, missing or gone, by name.

    ``before`` are the tables of the last run, where they are kept.
    """
    sent = read_sent_files(review.plan)
    faults = review.faults().drop_duplicates(FAULT_KEYS)
    places = zip(faults["file"], faults["line"], strict=True)
    is_of_row = [file in sent and line in sent[file].texts.table.index for file, line in places]  # else of a file
    faults = faults[faults["severity"].isin(TO_REVIEW) & pd.Series(is_of_row, index=faults.index, dtype="bool")]
    most_people = faults.groupby(["file", "line"])["people"].transform("max")
    ranked = faults.assign(rank=-most_people).sort_values(["rank", "file", "line", "check"], kind="stable")
    texts_of = {
        name: sent[str(name)].texts.table.loc[of_file["line"].unique()].astype("str").to_dict("index")
        for name, of_file in ranked.groupby("file", sort=False)
    }
    of_organisation: dict[str, list[SentRow]] = {}
    for _, of_row in ranked.groupby(["file", "line"], sort=False):
        row_faults = of_row.to_dict("records")
        name, line = str(row_faults[0]["file"]), int(row_faults[0]["line"])
        texts = {str(header): str(text) for header, text in texts_of[name][line].items()}
        headers, doubts = sent[name].headers, []
        for fault in row_faults:
            header, check = headers.get(fault["column"], fault["column"]), CHECKS.get(fault["check"])
            if check:
                expected = check.read_expected(fault["allowed"])
                doubts.append(Doubt(check.check, header, fault["value"], check.allowed, expected))
            else:
                doubts.append(Doubt("", header, fault["value"], fault["allowed"], ""))
        row = SentRow(name, line, texts, tuple(doubts))
        of_organisation.setdefault(texts[headers["appealing_organisation"]], []).append(row)
    activities = review.plan.activities
    spoken = activities["country"].astype("str").map(plan_lists().language_of).fillna("")
    shares = spoken.groupby(activities["appealing_organisation"].astype("str")).value_counts(normalize=True)
    language_of = dict(shares[shares > 1 / 2].index.to_list())
    ledger = review.plan.reports(period=review.period, method=review.method)
    ledger = ledger[~ledger["state"].isin(NO_REPORT_EXPECTED)]
    reports = {fold(str(name)): (str(name), rows) for name, rows in ledger.groupby("organisation")}
    unanswered = ledger.loc[ledger["state"].isin(TO_ANSWER), "organisation"].unique()
    report_moves = pd.DataFrame(columns=[*REPORT, "change"])
    if previous_data is not None:
        last_month = max(previous_data.months_reported, default="")
        months = [month for month in review.period.months if month <= last_month]  # a later one is no late report
        report_moves = report_changes(previous_data, review.after, review.method, months).reset_index()
    gone_organisations = report_moves.loc[report_moves["change"] == GONE, "organisation"].unique()
    names = {fold(name): name for name in (*gone_organisations, *unanswered, *of_organisation)}
    for key, organisation in sorted(names.items(), key=lambda pair: pair[1]):
        spoken_by = [organisation, *reports.get(key, ())[:1]]
        language = next((str(language_of[name]) for name in spoken_by if name in language_of), "")
        language = language if language in pack.languages() else SOURCE_LANGUAGE
        rows = tuple(of_organisation.get(organisation, ()))
        own_reports = reports[key][1] if key in reports else Reports.empty()
        yield RowsToReview(
            organisation, language, rows, own_reports, report_moves[report_moves["organisation"].map(fold) == key]
        )
