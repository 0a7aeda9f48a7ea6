"""Compares two runs: the sheets, reports and numbers that differ, each number with the reasons."""

import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis import numbers, theme
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, figure_definition
from rmrp_analysis.ledger import changes_by_partner, report_changes
from rmrp_analysis.method import Method, MovedReport
from rmrp_analysis.metrics import Dataset
from rmrp_analysis.page.change import (
    format_changed_reports,
    format_difference,
    format_differences_by_kind,
    format_months_since,
)
from rmrp_analysis.publish.comparison.account import (
    CHANGE_KINDS,
    EXPECTED_CHANGE_KINDS,
    NOT_SPLIT_KIND,
    NUMBER_KEY_COLUMNS,
    Account,
    compare_issues,
    make_account,
    read_issue,
)
from rmrp_analysis.publish.comparison.published import PublishedRun, parse_report_id
from rmrp_analysis.vocabulary.labels import label, place, sheet_name
from rmrp_analysis.words import INTERNAL_MARK, N_, Translator

RUN_MANIFEST_FIELDS = ("run", "title", "audience", "period", "ended", "package_version")
"""The fields of each run's manifest that the JSON of a difference repeats."""
HEADING_BY_FIGURE: Mapping[str, str] = {
    "people_reached": N_("People reached"),
    "target_coverage": N_("Of target"),
    "reporting_partners": N_("Partners"),
    "funding_usd": N_("Funding"),
}
"""The figures of the table of sheets, each with its heading."""
CHANGED_REPORT_COLUMNS = ["change", "organisation", "country", "month", "people_before", "people", "sectors"]
"""The columns of ``ledger.changes_by_partner`` for the lines on late, corrected or gone reports."""
REASON_BY_KIND_WITHOUT_AMOUNT: Mapping[str, str] = {"new": N_("not known before"), "gone": N_("no longer known")}
"""The words for a change without an amount, since one side is missing."""
MAX_LISTED_SHEETS, MAX_LISTED_CATEGORIES = 60, 40
"""The most sheets and the most categories of breakdowns that a page lists. JSON has all."""


@dataclass(frozen=True, eq=False)
class Difference:
    """The comparison of two runs, for the page, the JSON and ``rmrp diff``.

    ``account`` covers their common sheets. ``is_split`` says whether the tables of both runs are kept, so that each
    difference is a sum of amounts by kind.
    """

    before: PublishedRun
    after: PublishedRun
    account: Account
    is_split: bool

    @property
    def new_sheets(self) -> list[str]:
        """The ids of the reports that only the later run has, sorted."""
        return sorted(self.after.sheets - self.before.sheets)

    @property
    def gone_sheets(self) -> list[str]:
        """The ids of the reports that only the earlier run has, sorted."""
        return sorted(self.before.sheets - self.after.sheets)

    @property
    def organisations(self) -> list[str]:
        """The organisations with their own sheets, as the parameters of both runs name them, some of them twice."""
        return [name for run in (self.before, self.after) for name in run.manifest.params.get("organisations", ())]

    @property
    def is_internal(self) -> bool:
        """Whether it is not for publication, since it shows numbers of an internal run, or changed reports."""
        return len(self.partners) > 0 or "internal" in (self.before.manifest.audience, self.after.manifest.audience)

    @cached_property
    def partners(self) -> pd.DataFrame:
        """The reports that are late, corrected or gone, most people first (see ``ledger.changes_by_partner``)."""
        return changes_by_partner(self.account.reports)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """The numbers that differ: people, then counts, then others. Within these, most news come first.

        Columns: ``report``, ``figure``, ``part`` (category, empty for a figure), ``unit``, ``kind``, ``before``,
        ``after``, ``difference``. ``kind`` is *changed*, *new* (``before`` is NaN) or *gone* (``after`` is NaN).
        ``news`` is the sum of the absolute amounts of all kinds but new months. Then comes a column for each of
        ``CHANGE_KINDS`` that moved a number: 0 if it did not move this one, NaN if one side is missing. The kinds add
        up to the difference.
        """
        rows = self.account.numbers.reset_index()
        parts = rows[self.account.kinds].fillna(0.0)
        units = {name: figure_definition(name).unit for name in rows["figure"].unique()}
        rows = rows.assign(
            unit=rows["figure"].map(units),
            kind=rows["before"].isna().map({True: "new", False: "changed"}).mask(rows["after"].isna(), "gone"),
            news=parts.drop(columns=list(EXPECTED_CHANGE_KINDS), errors="ignore").abs().sum(axis="columns"),
        )
        scale = rows["unit"].map({"people": 2, "count": 1}).fillna(0)
        rows = rows.assign(scale=scale, is_part=rows["part"] != "", moved=rows["difference"].abs())
        order = ["scale", "news", "moved", "is_part", *NUMBER_KEY_COLUMNS]
        rows = rows.sort_values(order, ascending=[False] * 3 + [True] * 4, kind="stable", ignore_index=True)
        return rows[[*NUMBER_KEY_COLUMNS, "unit", "kind", "before", "after", "difference", "news", *self.account.kinds]]

    def select_large_changes(self, min_share: float) -> pd.DataFrame:
        """Select figures, not breakdowns, that moved by more than this share of their earlier value, or are gone.

        Returns rows of ``changes`` with the column ``share`` (of the earlier value, infinite if that was 0, NaN if
        gone). New figures are left out, and changes of a public run that one step of rounding explains.
        """
        figures = self.changes[self.changes["part"] == ""]
        figures = figures.assign(share=figures["difference"] / figures["before"].abs())
        methods = [run.manifest.choices for run in (self.before, self.after) if run.manifest.audience == "public"]
        base = max([0, *(base for method in methods for base in Method(rounding=method.get("rounding", 0)).bases)])
        is_rounded = figures["figure"].map(lambda name: figure_definition(name).protected).astype("bool")
        is_step = is_rounded & (figures["difference"].abs() <= base)
        return figures[~is_step & ((figures["kind"] == "gone") | (figures["share"].abs() > min_share))]

    def to_records(self) -> dict[str, Any]:
        """Return the comparison as plain values for JSON, None if missing.

        It has facts of both runs, sheets that are new or gone, ``counts`` of changes by kind, ``reports`` that changed,
        and all ``changes``, each with ``parts``: its amounts by kind of change.
        """
        old, new = (run.manifest.model_dump(mode="json") for run in (self.before, self.after))
        changes = self.changes.drop(columns=self.account.kinds).astype("object")
        changes = changes.where(changes.notna(), None)
        parts = [
            self.account.amounts_by_kind(*number)
            for number in self.changes[NUMBER_KEY_COLUMNS].itertuples(index=False, name=None)
        ]
        return {
            "before": {name: old[name] for name in RUN_MANIFEST_FIELDS},
            "after": {name: new[name] for name in RUN_MANIFEST_FIELDS},
            "audience": "internal" if self.is_internal else "public",
            "new_sheets": self.new_sheets,
            "gone_sheets": self.gone_sheets,
            "counts": dict(Counter(changes["kind"])),
            "is_split": self.is_split,
            "reports": self.partners.astype("object").to_dict("records"),
            "changes": changes.assign(parts=pd.Series(parts, dtype="object")).to_dict("records"),
        }


def describe_changed_reports(changes: pd.DataFrame, language: str) -> list[str]:
    """Return a line for each kind of change, organisation and month of reports, most people moved first.

    ``changes`` come from ``ledger.report_changes``. Reports with changes of texts alone are left out.
    """
    rows = changes_by_partner(changes)[CHANGED_REPORT_COLUMNS].to_dict("records")
    reports = [MovedReport(**{str(name): value for name, value in row.items()}) for row in rows]
    return format_changed_reports(reports, Translator(language), limit=len(reports))


def describe_edition_changes(
    previous: Dataset, current: Dataset, *, method: Method, months: Sequence[str], language: str
) -> list[str]:
    """Return the lines of ``describe_changed_reports`` on two editions of the data, for these months."""
    return describe_changed_reports(report_changes(previous, current, method, months), language)


def compare_runs(
    previous: PublishedRun,
    current: PublishedRun,
    *,
    params: Sequence[Path | None] = (None, None),
    reports: Collection[str] | None = None,
) -> Difference:
    """Compare two runs: the changes from one to the other, and the reasons.

    ``reports`` limits the comparison, but not the new and gone sheets. ``params`` are the parameter files of the two
    runs. For a None, the kept tables of the data are searched near the run's folder and the current one. If they are
    not found for both runs, each difference is one amount of the kind ``not_split``.
    """
    sheets = previous.sheets & current.sheets & (current.sheets if reports is None else {*reports})
    sides = [run.select_values(sheets) for run in (previous, current)]
    account = make_account(sides[0], sides[1], [(NOT_SPLIT_KIND, sides[1])])
    not_split = Difference(previous, current, account, is_split=False)
    first = read_issue(previous.manifest, previous.folder, params[0])
    last = read_issue(current.manifest, current.folder, params[1])
    if not sheets or first is None or last is None:
        return not_split
    selections = [parse_report_id(report, not_split.organisations) for report in sorted(sheets)]
    return replace(not_split, account=compare_issues(sides[0], first, last, selections, sides[1]), is_split=True)


@dataclass(frozen=True, eq=False)
class DifferenceView:
    """The texts of a comparison in one language: a list each for sheets, reports and categories of breakdowns."""

    difference: Difference
    translate: Translator

    @cached_property
    def months(self) -> str:
        """The months that only the later run has, in words, if it has the same start and a later end."""
        periods = [run.manifest.period for run in (self.difference.before, self.difference.after)]
        if periods[0].start != periods[1].start or not periods[0].end < periods[1].end:
            return ""
        return format_months_since(periods[0].end, periods[1].end, self.translate.language)

    @cached_property
    def sheets(self) -> list[dict[str, Any]]:
        """The sheets that differ, in the order of ``changes``: ``name``, ``report``, ``cells``, ``why``.

        Only the figures of ``HEADING_BY_FIGURE`` count, with a cell each. Sheets that print the same are left out. A
        cell has ``before`` (empty if the printed number is the same), ``after`` and ``moved``.
        """
        changes = self.difference.changes
        figures = changes[(changes["part"] == "") & changes["figure"].isin([*HEADING_BY_FIGURE])]
        rows = []
        for report in figures["report"].drop_duplicates():
            name = self.name_sheet(report)
            records = {str(row["figure"]): row for row in figures[figures["report"] == report].to_dict("records")}
            cells = [self._make_cell(report, figure) for figure in HEADING_BY_FIGURE]
            why: dict[str, str] = {}  # each kind of change once, in the unit of the first figure that it moved
            for figure, cell in zip(HEADING_BY_FIGURE, cells, strict=True):
                if cell["before"]:
                    why = self._explain_by_kind(records[figure]) | why
            kinds = dict.fromkeys(row["kind"] for row in records.values())
            reasons = [why[kind] for kind in CHANGE_KINDS if kind in why]
            reasons += [
                self.translate(REASON_BY_KIND_WITHOUT_AMOUNT[kind])
                for kind in kinds
                if kind in REASON_BY_KIND_WITHOUT_AMOUNT
            ]
            if reasons:
                rows.append({"name": name, "report": report, "cells": cells, "why": ", ".join(reasons)})
        return rows

    @cached_property
    def reports(self) -> list[str]:
        """The lines on late, corrected or gone reports (see ``describe_changed_reports``)."""
        return describe_changed_reports(self.difference.account.reports, self.translate.language)

    @cached_property
    def parts(self) -> list[str]:
        """A line for each category of a breakdown that moved in months that both runs have.

        The order is the order of ``changes``. A category is left out if all its amounts would be printed as 0.
        """
        changes = self.difference.changes
        rows = changes[(changes["part"] != "") & (changes["news"] > 0)]
        return [*filter(None, map(self._write_part_line, rows.to_dict("records")))]

    @property
    def expected(self) -> int:
        """The number of figures and categories that the new months alone moved."""
        changes = self.difference.changes
        return int(((changes["news"] == 0) & changes["difference"].notna()).sum())

    def name_sheet(self, report: str) -> str:
        """Name the sheet of a report in the language of the view."""
        sector, area, organisation = parse_report_id(report, self.difference.organisations)
        return sheet_name(sector, area, self.translate.language, organisation)

    def explain_change(self, report: str, figure: str, part: str = "") -> str:
        """Return in words the amount of each kind of change of a number, or an empty text without a change.

        If differences are not split, a sentence says why the reason is not known.
        """
        if not self.difference.is_split:
            return self.translate("why is not known here, since the tables of one of the editions are not kept")
        parts = self.difference.account.amounts_by_kind(report, figure, part)
        unit = figure_definition(figure).unit
        texts = format_differences_by_kind(parts, unit, self.translate, months=self.months, in_full=True)
        return ", ".join(texts.values())

    def _explain_by_kind(self, change: Mapping[Any, Any]) -> dict[str, str]:
        """Return texts on the amounts of a row of ``changes``, by kind, without amounts printed as 0."""
        parts = {kind: float(change[kind]) for kind in CHANGE_KINDS if pd.notna(change.get(kind)) and change[kind]}
        return format_differences_by_kind(parts, str(change["unit"]), self.translate, months=self.months, in_full=True)

    def _make_cell(self, report: str, figure: str) -> dict[str, str]:
        """Return the texts ``before``, ``after`` and ``moved`` of a figure, only ``after`` if both print the same."""
        unit, runs = FIGURES[figure].unit, (self.difference.before, self.difference.after)
        values = [run.values_by_number.get((report, figure, ""), float("nan")) for run in runs]
        language = self.translate.language
        old, new = (numbers.format_value(None if isnan(value) else value, unit, language) for value in values)
        if old == new:
            return {"before": "", "after": new, "moved": ""}
        change = values[1] - values[0]
        difference = "" if isnan(change) else format_difference(change, unit, self.translate)
        return {"before": old, "after": new, "moved": difference}

    def _write_part_line(self, change: Mapping[Any, Any]) -> str:
        """Return the line of a category that moved: sheet, breakdown, category, and causes but new months."""
        texts = self._explain_by_kind(change).items()
        news = ", ".join(text for kind, text in texts if kind not in EXPECTED_CHANGE_KINDS)
        if not news:
            return ""
        translate, breakdown = self.translate, BREAKDOWNS[change["figure"]]
        name = translate(breakdown.label, level=translate("first administrative level"))
        part = (place if breakdown.by[0] == "admin1" else label)(change["part"], translate.language)
        return f"{self.name_sheet(change['report'])}: {name}: {part}: {news}"


def render_difference_page(difference: Difference, language: str, folder: Path) -> str:
    """Render the comparison as an HTML page in one language, with links relative to the folder where it will lie.

    It lists at most ``MAX_LISTED_SHEETS`` sheets and ``MAX_LISTED_CATEGORIES`` categories, and counts the rest.
    """
    translate = Translator(language)
    view = DifferenceView(difference, translate)

    def find_address(report_name: str) -> str:
        """Return the address of a report's page from the folder, in any language if not in this one, or ""."""
        outputs = {
            record.id: record.outputs
            for record in difference.after.manifest.reports
            if record.id.rpartition(".")[0] == report_name
        }
        names = outputs.get(f"{report_name}.{language}") or next(iter(outputs.values()), ())
        page = next((difference.after.folder / name for name in names if name.endswith(".html")), None)
        return Path(os.path.relpath(page, folder)).as_posix() if page else ""

    sheets = {translate("New sheets"): difference.new_sheets, translate("No longer made"): difference.gone_sheets}
    return theme.render(
        "_difference.html.j2",
        css=theme.index_style_sheet(),
        language=language,
        title=translate("What changed"),
        mark=translate(INTERNAL_MARK) if difference.is_internal else "",
        runs=[
            (translate(heading), run.manifest.title, (run.manifest.ended or "")[:10])
            for heading, run in zip((N_("Before"), N_("After")), (difference.before, difference.after), strict=True)
        ],
        is_split=difference.is_split,
        lists={
            heading: numbers.join_names([view.name_sheet(report) for report in reports], language)
            for heading, reports in sheets.items()
            if reports
        },
        headings=[translate(heading) for heading in HEADING_BY_FIGURE.values()],
        sheets=[row | {"address": find_address(row["report"])} for row in view.sheets[:MAX_LISTED_SHEETS]],
        more_sheets=max(len(view.sheets) - MAX_LISTED_SHEETS, 0),
        reports=view.reports,
        parts=view.parts[:MAX_LISTED_CATEGORIES],
        more=max(len(view.parts) - MAX_LISTED_CATEGORIES, 0),
        expected=numbers.count(view.expected, language) if view.expected else "",
        months=view.months,
        translate=translate,
    )
