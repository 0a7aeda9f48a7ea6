"""Compare two runs: the sheets, reports and numbers that differ, each number with the reasons."""

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
"""What a line tells of each late, corrected or gone report: columns of ``ledger.changes_by_partner``."""
REASON_BY_KIND_WITHOUT_AMOUNT: Mapping[str, str] = {"new": N_("not known before"), "gone": N_("no longer known")}
"""The words for a change without an amount, by its kind: one side is missing."""
MAX_LISTED_SHEETS, MAX_LISTED_CATEGORIES = 60, 40
"""The most sheets and the most categories of breakdowns that a page lists; JSON has all."""


@dataclass(frozen=True, eq=False)
class Difference:
    """The comparison of two runs, which page, JSON and ``rmrp diff`` all read; ``account`` is of their common sheets.

    ``is_split`` is whether the tables of both runs are kept, so that each difference is a sum of amounts by kind.
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
        """The organisations with sheets of their own, as the parameters of both runs name them; some stand twice."""
        return [
            organisation
            for published_run in (self.before, self.after)
            for organisation in published_run.manifest.params.get("organisations", ())
        ]

    @property
    def is_internal(self) -> bool:
        """Whether it is not for publication: it shows numbers of an internal run, or whose reports changed."""
        return len(self.partners) > 0 or "internal" in (self.before.manifest.audience, self.after.manifest.audience)

    @cached_property
    def partners(self) -> pd.DataFrame:
        """The reports that are late, corrected or gone, most people first (see ``ledger.changes_by_partner``)."""
        return changes_by_partner(self.account.reports)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """The numbers that differ, a row each: people, then counts, then others; within these, most news first.

        Columns: ``report``, ``figure``, ``part`` (category, empty for a figure), ``unit``, ``kind``, ``before``,
        ``after``, ``difference``. ``kind`` is *changed*, *new* (``before`` is NaN) or *gone* (``after`` is NaN).
        ``news`` is the sum of the absolute amounts of all kinds but new months; then comes a column for each of
        ``CHANGE_KINDS`` that moved a number: 0 where it did not move this one, NaN where one side is missing. The kinds
        add up to the difference.
        """
        change_table = self.account.numbers.reset_index()
        kind_amount_table = change_table[self.account.kinds].fillna(0.0)
        unit_by_figure = {
            figure_name: figure_definition(figure_name).unit for figure_name in change_table["figure"].unique()
        }
        change_table = change_table.assign(
            unit=change_table["figure"].map(unit_by_figure),
            kind=change_table["before"]
            .isna()
            .map({True: "new", False: "changed"})
            .mask(change_table["after"].isna(), "gone"),
            news=kind_amount_table.drop(columns=list(EXPECTED_CHANGE_KINDS), errors="ignore").abs().sum(axis="columns"),
        )
        unit_rank_series = change_table["unit"].map({"people": 2, "count": 1}).fillna(0)
        sorted_change_table = change_table.assign(
            scale=unit_rank_series, is_part=change_table["part"] != "", moved=change_table["difference"].abs()
        )
        sorted_change_table = sorted_change_table.sort_values(
            ["scale", "news", "moved", "is_part", *NUMBER_KEY_COLUMNS],
            ascending=[False, False, False, *[True] * 4],
            kind="stable",
        )
        change_column_names = [
            *NUMBER_KEY_COLUMNS,
            "unit",
            "kind",
            "before",
            "after",
            "difference",
            "news",
            *self.account.kinds,
        ]
        return sorted_change_table[change_column_names].reset_index(drop=True)

    def select_large_changes(self, min_share: float) -> pd.DataFrame:
        """Select figures, not breakdowns, that moved by more than this share of their earlier value, or are gone.

        Returns rows of ``changes`` with the column ``share`` (of the earlier value; infinite if that was 0, NaN if
        gone). New figures are left out, and changes of a public run that one step of rounding explains.
        """
        figure_change_table = self.changes[self.changes["part"] == ""]
        figure_change_table = figure_change_table.assign(
            share=figure_change_table["difference"] / figure_change_table["before"].abs()
        )
        method_choice_dicts = [
            published_run.manifest.choices
            for published_run in (self.before, self.after)
            if published_run.manifest.audience == "public"
        ]
        max_rounding_base = max(
            [
                0,
                *(
                    rounding_base
                    for method_choice_dict in method_choice_dicts
                    for rounding_base in Method(rounding=method_choice_dict.get("rounding", 0)).bases
                ),
            ]
        )
        is_rounded_figure = (
            figure_change_table["figure"]
            .map(lambda figure_name: figure_definition(figure_name).protected)
            .astype("bool")
        )
        is_rounding_step = is_rounded_figure & (figure_change_table["difference"].abs() <= max_rounding_base)
        return figure_change_table[
            ~is_rounding_step
            & ((figure_change_table["kind"] == "gone") | (figure_change_table["share"].abs() > min_share))
        ]

    def to_records(self) -> dict[str, Any]:
        """Return the comparison as plain values for JSON, None where missing.

        It has facts of both runs, sheets that are new or gone, ``counts`` of changes by kind, ``reports`` that changed,
        and all ``changes``, each with ``parts``: its amounts by kind of change.
        """
        previous_manifest_record, current_manifest_record = (
            published_run.manifest.model_dump(mode="json") for published_run in (self.before, self.after)
        )
        change_table = self.changes.drop(columns=self.account.kinds).astype("object")
        change_table = change_table.where(change_table.notna(), None)
        kind_amounts_list = [
            self.account.amounts_by_kind(*number_key)
            for number_key in self.changes[NUMBER_KEY_COLUMNS].itertuples(index=False, name=None)
        ]
        return {
            "before": {field_name: previous_manifest_record[field_name] for field_name in RUN_MANIFEST_FIELDS},
            "after": {field_name: current_manifest_record[field_name] for field_name in RUN_MANIFEST_FIELDS},
            "audience": "internal" if self.is_internal else "public",
            "new_sheets": self.new_sheets,
            "gone_sheets": self.gone_sheets,
            "counts": dict(Counter(change_table["kind"])),
            "is_split": self.is_split,
            "reports": self.partners.astype("object").to_dict("records"),
            "changes": change_table.assign(parts=pd.Series(kind_amounts_list, dtype="object")).to_dict("records"),
        }


def describe_changed_reports(changes: pd.DataFrame, language: str) -> list[str]:
    """Return a line for each kind of change, organisation and month of reports, most people moved first.

    ``changes`` are those of ``ledger.report_changes``; reports of which only texts changed are left out.
    """
    partner_change_records = changes_by_partner(changes)[CHANGED_REPORT_COLUMNS].to_dict("records")
    changed_reports = [
        MovedReport(**{str(field_name): field_value for field_name, field_value in partner_change_record.items()})
        for partner_change_record in partner_change_records
    ]
    return format_changed_reports(changed_reports, Translator(language), limit=len(changed_reports))


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
    """Compare two runs: what changed from one to the other, and why; of these ``reports`` alone, by default of all.

    New and gone sheets are always those of all. ``params`` are the parameter files of the two, None where not given:
    the tables that are kept of the data are then looked for near the run's folder and the current one. Where they are
    not found for both, no difference is split: each is one amount of the kind ``not_split``.
    """
    common_report_ids = previous.sheets & current.sheets & (current.sheets if reports is None else {*reports})
    run_value_series = [published_run.select_values(common_report_ids) for published_run in (previous, current)]
    unsplit_difference = Difference(
        previous,
        current,
        make_account(run_value_series[0], run_value_series[1], [(NOT_SPLIT_KIND, run_value_series[1])]),
        is_split=False,
    )
    previous_issue = read_issue(previous.manifest, previous.folder, params[0])
    current_issue = read_issue(current.manifest, current.folder, params[1])
    if not common_report_ids or previous_issue is None or current_issue is None:
        return unsplit_difference
    report_key_triples = [
        parse_report_id(report_name, unsplit_difference.organisations) for report_name in sorted(common_report_ids)
    ]
    return replace(
        unsplit_difference,
        account=compare_issues(
            run_value_series[0], previous_issue, current_issue, report_key_triples, run_value_series[1]
        ),
        is_split=True,
    )


@dataclass(frozen=True, eq=False)
class DifferenceView:
    """The texts of a comparison in one language: a list each for sheets, reports and categories of breakdowns."""

    difference: Difference
    translate: Translator

    @cached_property
    def months(self) -> str:
        """The months that only the later run has, in words; empty unless it has the same start and a later end."""
        run_periods = [
            published_run.manifest.period for published_run in (self.difference.before, self.difference.after)
        ]
        if run_periods[0].start != run_periods[1].start or not run_periods[0].end < run_periods[1].end:
            return ""
        return format_months_since(run_periods[0].end, run_periods[1].end, self.translate.language)

    @cached_property
    def sheets(self) -> list[dict[str, Any]]:
        """The sheets that differ, in the order of ``changes``: ``name``, ``report``, ``cells``, ``why``.

        Only the figures of ``HEADING_BY_FIGURE`` count, with a cell each; sheets that print the same are left out.
        A cell has ``before`` (empty where the printed number is the same), ``after`` and ``moved``.
        """
        number_change_table = self.difference.changes
        figure_change_table = number_change_table[
            (number_change_table["part"] == "") & number_change_table["figure"].isin([*HEADING_BY_FIGURE])
        ]
        sheet_row_dicts = []
        for report_name in figure_change_table["report"].drop_duplicates():
            sheet_title = self.name_sheet(report_name)
            change_record_by_figure = {
                str(number_change_record["figure"]): number_change_record
                for number_change_record in figure_change_table[figure_change_table["report"] == report_name].to_dict(
                    "records"
                )
            }
            figure_cell_dicts = [self._make_cell(report_name, figure_name) for figure_name in HEADING_BY_FIGURE]
            explanation_by_kind: dict[
                str, str
            ] = {}  # each kind of change once, in the unit of the first figure that it moved
            for figure_name, figure_cell_dict in zip(HEADING_BY_FIGURE, figure_cell_dicts, strict=True):
                if figure_cell_dict["before"]:
                    explanation_by_kind = (
                        self._explain_by_kind(change_record_by_figure[figure_name]) | explanation_by_kind
                    )
            sheet_change_kind_dict = dict.fromkeys(
                number_change_record["kind"] for number_change_record in change_record_by_figure.values()
            )
            explanation_texts = [
                explanation_by_kind[change_kind] for change_kind in CHANGE_KINDS if change_kind in explanation_by_kind
            ]
            explanation_texts += [
                self.translate(REASON_BY_KIND_WITHOUT_AMOUNT[change_kind])
                for change_kind in sheet_change_kind_dict
                if change_kind in REASON_BY_KIND_WITHOUT_AMOUNT
            ]
            if explanation_texts:
                sheet_row_dicts.append(
                    {
                        "name": sheet_title,
                        "report": report_name,
                        "cells": figure_cell_dicts,
                        "why": ", ".join(explanation_texts),
                    }
                )
        return sheet_row_dicts

    @cached_property
    def reports(self) -> list[str]:
        """The lines on late, corrected or gone reports (see ``describe_changed_reports``)."""
        return describe_changed_reports(self.difference.account.reports, self.translate.language)

    @cached_property
    def parts(self) -> list[str]:
        """A line for each category of a breakdown that moved in months that both runs have.

        The order is that of ``changes``; categories whose amounts would all be printed as 0 are left out.
        """
        number_change_table = self.difference.changes
        category_change_table = number_change_table[
            (number_change_table["part"] != "") & (number_change_table["news"] > 0)
        ]
        part_lines = [
            self._write_part_line(category_change_record)
            for category_change_record in category_change_table.to_dict("records")
        ]
        return [part_line for part_line in part_lines if part_line]

    @property
    def expected(self) -> int:
        """The number of figures and categories that the new months alone moved."""
        number_change_table = self.difference.changes
        return int(((number_change_table["news"] == 0) & number_change_table["difference"].notna()).sum())

    def name_sheet(self, report: str) -> str:
        """Name the sheet of a report in the language of the view."""
        sector, place_key, organisation = parse_report_id(report, self.difference.organisations)
        return sheet_name(sector, place_key, self.translate.language, organisation)

    def explain_change(self, report: str, figure: str, part: str = "") -> str:
        """Return in words what moved a number, with the amount of each kind of change; empty without a change.

        Where differences are not split, a sentence says why that is not known.
        """
        if not self.difference.is_split:
            return self.translate("why is not known here, since the tables of one of the editions are not kept")
        amount_by_kind = self.difference.account.amounts_by_kind(report, figure, part)
        figure_unit = figure_definition(figure).unit
        return ", ".join(
            format_differences_by_kind(
                amount_by_kind, figure_unit, self.translate, months=self.months, in_full=True
            ).values()
        )

    def _explain_by_kind(self, change: Mapping[Any, Any]) -> dict[str, str]:
        """Return texts on what moved the number of a row of ``changes``, by kind; amounts printed as 0 are left out."""
        amount_by_kind = {
            change_kind: float(change[change_kind])
            for change_kind in CHANGE_KINDS
            if pd.notna(change.get(change_kind)) and change[change_kind]
        }
        return format_differences_by_kind(
            amount_by_kind, str(change["unit"]), self.translate, months=self.months, in_full=True
        )

    def _make_cell(self, report: str, figure: str) -> dict[str, str]:
        """Return the texts ``before``, ``after`` and ``moved`` of a figure; only ``after`` where both print the same.

        ``moved`` is empty where one side is missing.
        """
        figure_unit, compared_runs = FIGURES[figure].unit, (self.difference.before, self.difference.after)
        run_values = [
            published_run.values_by_number.get((report, figure, ""), float("nan")) for published_run in compared_runs
        ]
        previous_text, current_text = (
            numbers.format_value(None if isnan(run_value) else run_value, figure_unit, self.translate.language)
            for run_value in run_values
        )
        if previous_text == current_text:
            return {"before": "", "after": current_text, "moved": ""}
        value_difference = run_values[1] - run_values[0]
        difference_text = (
            "" if isnan(value_difference) else format_difference(value_difference, figure_unit, self.translate)
        )
        return {"before": previous_text, "after": current_text, "moved": difference_text}

    def _write_part_line(self, change: Mapping[Any, Any]) -> str:
        """Return the line of a category that moved: sheet, breakdown, category, and what moved it but new months.

        It is empty where each amount would be printed as 0.
        """
        translate, breakdown_definition = self.translate, BREAKDOWNS[change["figure"]]
        breakdown_label = translate(breakdown_definition.label, level=translate("first administrative level"))
        category_label = (place if breakdown_definition.by[0] == "admin1" else label)(
            change["part"], translate.language
        )
        news_text_by_kind = {
            change_kind: explanation_text
            for change_kind, explanation_text in self._explain_by_kind(change).items()
            if change_kind not in EXPECTED_CHANGE_KINDS
        }
        news_text = ", ".join(news_text_by_kind.values())
        if not news_text:
            return ""
        return f"{self.name_sheet(change['report'])}: {breakdown_label}: {category_label}: {news_text}"


def render_difference_page(difference: Difference, language: str, folder: Path) -> str:
    """Render the comparison as an HTML page in one language; its links are relative to the folder where it will lie.

    It lists at most ``MAX_LISTED_SHEETS`` sheets and ``MAX_LISTED_CATEGORIES`` categories, and counts the rest.
    """
    translate = Translator(language)
    difference_view = DifferenceView(difference, translate)

    def find_address(report_name: str) -> str:
        """Return the address of a report's page from the folder: in this language, else another; empty without one."""
        output_name_lists_by_report = {
            report_record.id: report_record.outputs
            for report_record in difference.after.manifest.reports
            if report_record.id.rpartition(".")[0] == report_name
        }
        report_output_names = output_name_lists_by_report.get(f"{report_name}.{language}") or next(
            iter(output_name_lists_by_report.values()), ()
        )
        page_path = next(
            (difference.after.folder / file_name for file_name in report_output_names if file_name.endswith(".html")),
            None,
        )
        return Path(os.path.relpath(page_path, folder)).as_posix() if page_path else ""

    id_lists_by_heading = {
        translate("New sheets"): difference.new_sheets,
        translate("No longer made"): difference.gone_sheets,
    }
    return theme.render(
        "_difference.html.j2",
        css=theme.index_style_sheet(),
        language=language,
        title=translate("What changed"),
        mark=translate(INTERNAL_MARK) if difference.is_internal else "",
        runs=[
            (translate(heading), published_run.manifest.title, (published_run.manifest.ended or "")[:10])
            for heading, published_run in zip(
                (N_("Before"), N_("After")), (difference.before, difference.after), strict=True
            )
        ],
        is_split=difference.is_split,
        lists={
            heading: numbers.join_names(
                [difference_view.name_sheet(report_name) for report_name in listed_report_ids], language
            )
            for heading, listed_report_ids in id_lists_by_heading.items()
            if listed_report_ids
        },
        headings=[translate(heading) for heading in HEADING_BY_FIGURE.values()],
        sheets=[
            sheet_row_dict | {"address": find_address(sheet_row_dict["report"])}
            for sheet_row_dict in difference_view.sheets[:MAX_LISTED_SHEETS]
        ],
        more_sheets=max(len(difference_view.sheets) - MAX_LISTED_SHEETS, 0),
        reports=difference_view.reports,
        parts=difference_view.parts[:MAX_LISTED_CATEGORIES],
        more=max(len(difference_view.parts) - MAX_LISTED_CATEGORIES, 0),
        expected=numbers.count(difference_view.expected, language) if difference_view.expected else "",
        months=difference_view.months,
        translate=translate,
    )
