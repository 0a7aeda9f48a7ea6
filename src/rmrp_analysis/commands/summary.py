"""Say how a run ended: its sheets by status and cause, the changes, the time it took, and where to look."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rmrp_analysis.commands import terminal
from rmrp_analysis.commands.options import quote_path
from rmrp_analysis.commands.terminal import (
    STATUS_STYLES,
    alert,
    format_number,
    group_by_cause,
    name_sheets,
    tell,
    translate,
)
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.publish.comparison.account import Account
from rmrp_analysis.publish.comparison.difference import describe_changed_reports
from rmrp_analysis.publish.documents.feed import FEED_FILE, read_latest_news
from rmrp_analysis.publish.records.manifest import NO_SHEET_OUTCOMES, NOT_MADE_OUTCOMES, ReportRecord
from rmrp_analysis.publish.records.results import SHORT_LABEL_BY_CAUSE, ReportResult
from rmrp_analysis.publish.run.review import QUALITY_CSV_FILES
from rmrp_analysis.vocabulary.labels import sheet_name
from rmrp_analysis.words import N_

MAX_NEWS_LINES = 12
"""The lines of news at the end of a run. The feed and ``rmrp diff`` have all lines."""
NO_SHEET_REASON_BY_STATUS = {
    "empty": N_("nothing reported, designated or planned"),
    "nobody": N_("a line of the index: nobody or few people reached, no target and no funding"),
}
NO_SHEET_REASON_BY_STATUS["few"] = NO_SHEET_REASON_BY_STATUS["nobody"]
COUNT_HEADING_BY_STATUS = {
    "ok": N_("sheets made"),
    "to_mend": N_("sheets to mend"),
    "failed": N_("sheets failed"),
    "refused": N_("sheets refused"),
    "held": N_("sheets held"),
    "unchanged": N_("sheets unchanged"),
    "without_sheet": N_("reports without a sheet"),
}
"""The heading of the number of sheets of each status, in the order of the summary."""
ALWAYS_COUNTED_STATUSES = ("ok", "failed")
"""Statuses with a number of sheets that is shown even if it is 0."""


def status_of(report: ReportResult | ReportRecord) -> str:
    """Return the status of a sheet, a key of ``COUNT_HEADING_BY_STATUS``.

    A page to mend of an internal run is ``to_mend``, although it was made.
    """
    figures = report.figures if isinstance(report, ReportResult) else None
    if figures and figures.to_mend:
        return "to_mend"
    return "without_sheet" if report.status in NO_SHEET_OUTCOMES else report.status


def show_causes(reports: Sequence[ReportResult]) -> None:
    """Say each cause once with its sheets in any language. The worst causes come last."""
    names = {report.id: _name_sheet(report.params) for report in reports}
    reasons = (
        (translate(NO_SHEET_REASON_BY_STATUS[report.status]), names[report.id])
        for report in reports
        if report.status in NO_SHEET_REASON_BY_STATUS
    )
    terminal.tell_groups("without_sheet", reasons)
    warnings = group_by_cause((line, report.id) for report in reports for line in report.warnings)
    for warning, sheets in warnings.items():
        tell("{warning} ({sheets})", warning=warning, sheets=name_sheets(sheets))
    doubts = ((translate(SHORT_LABEL_BY_CAUSE[rule]), names[report.id]) for report in reports for rule in report.doubts)
    terminal.tell_groups("in_doubt", doubts)
    causes = (
        (translate(SHORT_LABEL_BY_CAUSE[cause]), names[report.id])
        for report in reports
        if status_of(report) == "to_mend"
        for cause in report.causes
    )
    terminal.tell_groups("to_mend", causes)
    for status in NOT_MADE_OUTCOMES:
        failures = ((_say_failure(report), report.params.id) for report in reports if report.status == status)
        for reason, ids in group_by_cause(failures).items():
            alert("{reports}. {reason}", status=status, reports=name_sheets(ids), reason=reason)


def _name_sheet(report: ReportParams) -> str:
    """Return the name of a report's sheet in the language of messages."""
    return sheet_name(report.sector, report.place, terminal.log.language, report.organisation)


def _say_failure(report: ReportResult) -> str:
    """Return why a report failed, with the detail that its sentence lacks."""
    detail = f" ({report.detail})" if report.detail and report.detail not in report.error else ""
    return f"{translate(report.error)}{detail}"


def show_summary(
    reports: Sequence[ReportResult | ReportRecord],
    accounts: Sequence[Account],
    params: RunParams,
    path: Path,
    folder: Path,
    *,
    seconds: float,
) -> None:
    """Print the number of sheets by status, the changes, the time, and the place of rows to correct.

    News are ``MAX_NEWS_LINES`` at most, and only of a run that made sheets now. Warns if an internal run has no page on
    its data.
    """
    news: list[str] = []
    if any(isinstance(report, ReportResult) for report in reports):
        news += dict.fromkeys(line for entry in read_latest_news(folder) for line in entry.text.splitlines())
        for account in accounts:
            news += describe_changed_reports(account.reports, terminal.log.language)
    counts = Counter(map(status_of, reports))
    rows = [
        (translate(heading), format_number(counts[status]), STATUS_STYLES.get(status, "") if counts[status] else "")
        for status, heading in COUNT_HEADING_BY_STATUS.items()
        if counts[status] or status in ALWAYS_COUNTED_STATUSES
    ]
    rows += [(translate("news") if line is news[0] else "", line, "") for line in news[:MAX_NEWS_LINES]]
    if len(news) > MAX_NEWS_LINES:
        rest = translate("... and {count} more in {file}", count=len(news) - MAX_NEWS_LINES, file=FEED_FILE)
        rows.append(("", rest, ""))
    time = translate("{minutes} min {seconds} s", minutes=round(seconds) // 60, seconds=round(seconds) % 60)
    rows.append((translate("time"), time, ""))
    findings = folder / QUALITY_CSV_FILES[0]
    check = translate("`rmrp check {params}` writes {file}", params=quote_path(path), file=QUALITY_CSV_FILES[0])
    rows.append((translate("rows to correct"), str(findings) if findings.is_file() else check, ""))
    terminal.tell_rows(rows, counts=dict(counts), seconds=round(seconds, 1))
    if params.audience == "internal" and not (folder / "data_quality.html").is_file():
        alert("the page on the data could not be made; `rmrp check {params} --page` says why", params=path)
