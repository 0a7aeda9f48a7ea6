"""Lists the points to review before the sheets of a run: rows, doubtful figures, faults of narratives."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from rmrp_analysis.files import file_names, write_table, write_whole
from rmrp_analysis.locale.sentences import Sentences
from rmrp_analysis.numbers import count
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.records.figures import COLUMNS_BY_FILE, count_figures, select_published_figures
from rmrp_analysis.publish.records.results import SHORT_LABEL_BY_CAUSE
from rmrp_analysis.vocabulary.labels import sheet_name
from rmrp_analysis.words import SOURCE_LANGUAGE, Translator

if TYPE_CHECKING:
    from rmrp_analysis.figures import KeyFigures
    from rmrp_analysis.page.narrative import Fault
    from rmrp_analysis.page.sheets_to_mend import SheetToMend
    from rmrp_analysis.quality import Review

QUALITY_CSV_FILES = ("quality.csv", "refused.csv", "repairs.csv")
"""The tables on the data of a run."""


def write_tables(review: "Review", folder: Path, language: str = SOURCE_LANGUAGE) -> list[Path]:
    """Write tables of findings, refused rows and changes, and return the three paths.

    Sentences are in this language: ``reason`` of a refused row, ``allowed`` of a finding, and its ``value`` if the
    finding is about a whole file (``column`` is empty). Names of checks, columns and severities are codes and stay.
    Adds the column ``finding`` with the sentence of the check.
    """
    from rmrp_analysis.quality.checks import check_sentence

    translate = Translator(language)
    sentences = Sentences(language, number=partial(count, language=language))
    parts = [table.assign(input=name) for name, table in review.plan.refused.items()]
    refused = pd.concat(parts or [pd.DataFrame(columns=list(COLUMNS_BY_FILE["refused.csv"]))], ignore_index=True)
    refused["reason"] = translate_column(refused["reason"], sentences)
    findings = review.faults()
    is_of_file = findings["column"] == ""
    findings["value"] = findings["value"].mask(is_of_file, translate_column(findings["value"], sentences))
    findings["allowed"] = translate_column(findings["allowed"], sentences)
    checks = {check: translate(check_sentence(check)) for check in findings["check"].unique()}
    findings.insert([*findings].index("check") + 1, "finding", findings["check"].map(checks).astype("str"))
    tables = zip(QUALITY_CSV_FILES, (findings, refused, review.changes()), strict=True)
    return [write_table(folder / name, table) for name, table in tables]


def translate_column(texts: pd.Series, translate: Callable[[str], str]) -> pd.Series:
    """Translate the sentences of a column, which are its texts with a space, each different one once."""
    sentences = [text for text in texts.unique() if isinstance(text, str) and " " in text]
    return texts.replace({text: translate(text) for text in sentences})


def write_workbooks(review: "Review", params: RunParams, folder: Path, language: str = "") -> Path:
    """Write a workbook for each organisation with rows to review, in its own language if ``language`` is empty.

    A workbook also tells the changes of the organisation's reports since the last run that has tables in the data
    folder. Returns the folder, which is not made if no organisation has rows.
    """
    from rmrp_analysis.loaders.editions import read_edition_before
    from rmrp_analysis.page.review_workbook import build_review_workbook
    from rmrp_analysis.publish.documents.data_files import make_origin
    from rmrp_analysis.quality.feedback import rows_to_review

    origin = make_origin(params)
    organisations = list(rows_to_review(review, read_edition_before(params.data, review.after)))
    names = file_names([rows.organisation for rows in organisations])
    for rows, name in zip(organisations, names, strict=True):
        workbook = build_review_workbook(rows, language=language or rows.language, origin=origin)
        write_whole(folder / f"{name}.xlsx", workbook)
    return folder


def list_reports_to_mend(plan: Plan, reports: Sequence[ReportParams], language: str) -> list["SheetToMend"]:
    """List the reports with a main number that cannot be used, most people concerned first.

    Period, method and audience are taken from the first report.
    """
    from rmrp_analysis.page.sheets_to_mend import find_sheets_to_mend

    if not reports:
        return []
    sample = reports[0]  # all reports of a run are counted in one way
    return find_sheets_to_mend(
        plan,
        [(report.sector, report.place, report.organisation) for report in reports],
        period=sample.period,
        method=sample.method,
        audience=sample.audience,
        language=language,
    )


def list_cautions(params: RunParams, plan: Plan, language: str) -> list[tuple[str, str]]:
    """List the doubts that do not make a sheet *to mend*: cause and name of the sheet, in words.

    A sheet in several languages has each cause once. The plan caches the figures that are counted.
    """
    translate = Translator(language)
    reports = {report.report: report for report in params.reports()}
    count_figures(plan, reports.values())
    pairs = []
    for report in reports.values():
        figures = select_published_figures(plan, report)
        name = sheet_name(report.sector, report.place, language, report.organisation)
        rules = dict.fromkeys(caution.rule for caution in figures.cautions if caution not in figures.unusable)
        pairs += [(translate(SHORT_LABEL_BY_CAUSE[rule]), name) for rule in rules]
    return pairs


def find_narrative_faults(params: RunParams, plan: Plan) -> tuple[list["Fault"], list["Fault"]]:
    """Return the faults in the narratives that would fail a sheet, and the faults that an author should check.

    The narratives are read with the published figures of ``plan``, which is repaired. Both lists are empty without
    narratives.
    """
    if not params.narratives:
        return [], []
    from rmrp_analysis.page.proofread import proofread

    reports = _index_reports(params)

    def figures_of(report: str) -> "KeyFigures | None":
        """Return the published figures of a report, or None if the run does not make its sector."""
        return select_published_figures(plan, reports[report]) if reports[report].sector in params.sectors else None

    return proofread(params.narratives, reports, figures_of)


def find_unread_narratives(params: RunParams) -> list["Fault"]:
    """Find the narratives that no sheet reads. Each fault proposes a name for the file, if possible.

    The list is empty if the parameters name no narratives.
    """
    from rmrp_analysis.page.proofread import find_unread_files

    return list(find_unread_files(params.narratives, _index_reports(params))) if params.narratives else []


def _index_reports(params: RunParams) -> dict[str, ReportParams]:
    """Return every report that the run makes or could make, by its id without language."""
    return {report.report: report for report in (*params.possible_reports(), *params.reports())}
