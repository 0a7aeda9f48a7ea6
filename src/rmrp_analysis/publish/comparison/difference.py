"""All that differs between two runs: the sheets, the reports behind them, the parts that moved, each with its why."""

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
    EXPECTED,
    KINDS,
    NOT_SPLIT,
    NUMBER,
    Account,
    account_of,
    account_of_issues,
    issue_of_run,
)
from rmrp_analysis.publish.comparison.published import PublishedRun, selected
from rmrp_analysis.vocabulary.labels import label, place, sheet_name
from rmrp_analysis.words import INTERNAL_MARK, N_, Translator

ABOUT = ("run", "title", "audience", "period", "ended", "package_version")
"""What the JSON of a difference says of each run."""
SHEET_FIGURES: Mapping[str, str] = {
    "people_reached": N_("People reached"),
    "target_coverage": N_("Of target"),
    "reporting_partners": N_("Partners"),
    "funding_usd": N_("Funding"),
}
"""The figures of the table of sheets, each with its heading."""
PARTNER_COLUMNS = ["change", "organisation", "country", "month", "people_before", "people", "sectors"]
UNKNOWN: Mapping[str, str] = {"new": N_("not known before"), "gone": N_("no longer known")}
"""Why the difference of a figure is not known, by the kind of its change."""
MAX_SHEETS, MAX_PARTS = 60, 40
"""So many sheets and parts are on a page; JSON has all."""


@dataclass(frozen=True, eq=False)
class Difference:
    """Two runs held against each other: the ``account`` of the sheets that both have.

    ``is_split`` tells whether the tables of both runs are kept, so that each difference is a sum of parts.
    """

    before: PublishedRun
    after: PublishedRun
    account: Account
    is_split: bool

    @property
    def new_sheets(self) -> list[str]:
        """The reports that only the second run has."""
        return sorted(self.after.sheets - self.before.sheets)

    @property
    def gone_sheets(self) -> list[str]:
        """The reports that only the first run has."""
        return sorted(self.before.sheets - self.after.sheets)

    @property
    def organisations(self) -> list[str]:
        """The organisations that have sheets of their own."""
        return [name for run in (self.before, self.after) for name in run.manifest.params.get("organisations", ())]

    @property
    def internal(self) -> bool:
        """Whether it may not be published: it shows numbers of an internal run, or whose reports changed."""
        return len(self.partners) > 0 or "internal" in (self.before.manifest.audience, self.after.manifest.audience)

    @cached_property
    def partners(self) -> pd.DataFrame:
        """The reports that are late, corrected or gone, by organisation, country and month, most people first."""
        return changes_by_partner(self.account.reports)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """The numbers that differ, what is news first: report, figure, part, unit, kind, before, after, difference.

        ``kind`` is *changed*, *new* or *gone*: ``before`` or ``after`` is not known. ``news`` is what moved in months
        that both runs have, then a column for each of ``KINDS`` that moved a number; they add up to the difference.
        """
        rows = self.account.numbers.reset_index()
        parts = rows[self.account.kinds].fillna(0.0)
        units = {name: figure_definition(name).unit for name in rows["figure"].unique()}
        rows = rows.assign(
            unit=rows["figure"].map(units),
            kind=rows["before"].isna().map({True: "new", False: "changed"}).mask(rows["after"].isna(), "gone"),
            news=parts.drop(columns=list(EXPECTED), errors="ignore").abs().sum(axis="columns"),
        )
        scale = rows["unit"].map({"people": 2, "count": 1}).fillna(0)
        order = rows.assign(scale=scale, is_part=rows["part"] != "", moved=rows["difference"].abs())
        order = order.sort_values(
            ["scale", "news", "moved", "is_part", *NUMBER], ascending=[False, False, False, *[True] * 4], kind="stable"
        )
        names = [*NUMBER, "unit", "kind", "before", "after", "difference", "news", *self.account.kinds]
        return order[names].reset_index(drop=True)

    def over(self, share: float) -> pd.DataFrame:
        """Give figures of sheets, not parts, that moved by more than this share of what they were, or are gone.

        What a step of rounding may have moved is left out.
        """
        figures = self.changes[self.changes["part"] == ""]
        figures = figures.assign(share=figures["difference"] / figures["before"].abs())
        methods = [run.manifest.choices for run in (self.before, self.after) if run.manifest.audience == "public"]
        base = max([0, *(each for method in methods for each in Method(rounding=method.get("rounding", 0)).bases)])
        is_rounded = figures["figure"].map(lambda name: figure_definition(name).protected).astype("bool")
        is_step = is_rounded & (figures["difference"].abs() <= base)
        return figures[~is_step & ((figures["kind"] == "gone") | (figures["share"].abs() > share))]

    def as_records(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        before, after = (run.manifest.model_dump(mode="json") for run in (self.before, self.after))
        changes = self.changes.drop(columns=self.account.kinds).astype("object")
        changes = changes.where(changes.notna(), None)
        parts = [self.account.parts(*number) for number in self.changes[NUMBER].itertuples(index=False, name=None)]
        return {
            "before": {name: before[name] for name in ABOUT},
            "after": {name: after[name] for name in ABOUT},
            "audience": "internal" if self.internal else "public",
            "new_sheets": self.new_sheets,
            "gone_sheets": self.gone_sheets,
            "counts": dict(Counter(changes["kind"])),
            "is_split": self.is_split,
            "reports": self.partners.astype("object").to_dict("records"),
            "changes": changes.assign(parts=pd.Series(parts, dtype="object")).to_dict("records"),
        }


def changed_reports(changes: pd.DataFrame, language: str) -> list[str]:
    """Say by organisation, country and month whose reports are late, corrected or gone, most people first.

    ``changes`` are those of ``ledger.report_changes``.
    """
    rows = changes_by_partner(changes)[PARTNER_COLUMNS].to_dict("records")
    moved = [MovedReport(**{str(name): value for name, value in row.items()}) for row in rows]
    return format_changed_reports(moved, Translator(language), limit=len(moved))


def changes_between(
    before: Dataset, after: Dataset, *, method: Method, months: Sequence[str], language: str
) -> list[str]:
    """Say whose reports of these months are late, corrected or gone between two editions of the data."""
    return changed_reports(report_changes(before, after, method, months), language)


def difference(
    before: PublishedRun,
    after: PublishedRun,
    *,
    params: Sequence[Path | None] = (None, None),
    reports: Collection[str] | None = None,
) -> Difference:
    """Give what changed from one run to another, and why; of these ``reports`` alone, by default of all.

    ``params`` are the parameter files of the two, where they are known; else the tables that are kept of their data are
    looked for near the run's folder and the current one.
    """
    sheets = before.sheets & after.sheets & (after.sheets if reports is None else {*reports})
    sides = [run.values_of(sheets) for run in (before, after)]
    not_split = Difference(before, after, account_of(sides[0], sides[1], [(NOT_SPLIT, sides[1])]), is_split=False)
    first = issue_of_run(before.manifest, before.folder, params[0])
    last = issue_of_run(after.manifest, after.folder, params[1])
    if not sheets or first is None or last is None:
        return not_split
    every = [selected(report, not_split.organisations) for report in sorted(sheets)]
    return replace(not_split, account=account_of_issues(sides[0], first, last, every, sides[1]), is_split=True)


@dataclass(frozen=True, eq=False)
class DifferenceView:
    """What readers see of a difference, in one language: a list each for sheets, reports and parts."""

    found: Difference
    translate: Translator

    @cached_property
    def months(self) -> str:
        """The new months, in words; empty where both runs are of the same ones."""
        periods = [run.manifest.period for run in (self.found.before, self.found.after)]
        if periods[0].start != periods[1].start or not periods[0].end < periods[1].end:
            return ""
        return format_months_since(periods[0].end, periods[1].end, self.translate.language)

    @cached_property
    def sheets(self) -> list[dict[str, Any]]:
        """The sheets that moved, those with most news first: name, report, a cell each figure, and why.

        A cell has ``before`` (empty where the printed number is the same), ``after`` and ``moved``.
        """
        changes = self.found.changes
        figures = changes[(changes["part"] == "") & changes["figure"].isin([*SHEET_FIGURES])]
        rows = []
        for report in figures["report"].drop_duplicates():
            name = self.sheet(report)
            moved = {str(row["figure"]): row for row in figures[figures["report"] == report].to_dict("records")}
            cells = [self._cell(report, figure) for figure in SHEET_FIGURES]
            why: dict[str, str] = {}  # each kind of change once, in the unit of the first figure that it moved
            for figure, cell in zip(SHEET_FIGURES, cells, strict=True):
                if cell["before"]:
                    why = self._why(moved[figure]) | why
            kinds = dict.fromkeys(row["kind"] for row in moved.values())
            told = [why[kind] for kind in KINDS if kind in why]
            told += [self.translate(UNKNOWN[kind]) for kind in kinds if kind in UNKNOWN]
            if told:
                rows.append({"name": name, "report": report, "cells": cells, "why": ", ".join(told)})
        return rows

    @cached_property
    def reports(self) -> list[str]:
        """A line for each organisation, country and month whose reports are late, corrected or gone."""
        return changed_reports(self.found.account.reports, self.translate.language)

    @cached_property
    def parts(self) -> list[str]:
        """A line for each part of a breakdown that moved in months that both runs have, most people first."""
        changes = self.found.changes
        rows = changes[(changes["part"] != "") & (changes["news"] > 0)]
        return [self._part_line(row) for row in rows.to_dict("records")]

    @property
    def expected(self) -> int:
        """How many numbers the new months alone moved."""
        changes = self.found.changes
        return int(((changes["news"] == 0) & changes["difference"].notna()).sum())

    def sheet(self, report: str) -> str:
        """The name of a sheet."""
        sector, where, organisation = selected(report, self.found.organisations)
        return sheet_name(sector, where, self.translate.language, organisation)

    def reason(self, report: str, figure: str, part: str = "") -> str:
        """Say what moved a number, in words."""
        if not self.found.is_split:
            return self.translate("why is not known here, since the tables of one of the editions are not kept")
        parts, unit = self.found.account.parts(report, figure, part), figure_definition(figure).unit
        return ", ".join(
            format_differences_by_kind(parts, unit, self.translate, months=self.months, in_full=True).values()
        )

    def _why(self, change: Mapping[Any, Any]) -> dict[str, str]:
        """What moved a number, in words by kind of change."""
        parts = {kind: float(change[kind]) for kind in KINDS if pd.notna(change.get(kind)) and change[kind]}
        return format_differences_by_kind(parts, str(change["unit"]), self.translate, months=self.months, in_full=True)

    def _cell(self, report: str, figure: str) -> dict[str, str]:
        """A figure before and after; of one that is printed as before what it is."""
        unit, runs = FIGURES[figure].unit, (self.found.before, self.found.after)
        values = [run.values_by_number.get((report, figure, ""), float("nan")) for run in runs]
        before, after = (
            numbers.format_value(None if isnan(value) else value, unit, self.translate.language) for value in values
        )
        if before == after:
            return {"before": "", "after": after, "moved": ""}
        difference = values[1] - values[0]
        moved = "" if isnan(difference) else format_difference(difference, unit, self.translate)
        return {"before": before, "after": after, "moved": moved}

    def _part_line(self, change: Mapping[Any, Any]) -> str:
        translate, breakdown = self.translate, BREAKDOWNS[change["figure"]]
        name = translate(breakdown.label, level=translate("first administrative level"))
        part = (place if breakdown.by[0] == "admin1" else label)(change["part"], translate.language)
        news = {kind: text for kind, text in self._why(change).items() if kind not in EXPECTED}
        return f"{self.sheet(change['report'])}: {name}: {part}: {', '.join(news.values())}"


def difference_page(found: Difference, language: str, folder: Path) -> str:
    """Write the difference as a page of its own, in one language, which will lie in a folder."""
    translate = Translator(language)
    view = DifferenceView(found, translate)

    def address(report: str) -> str:
        made = {each.id: each.outputs for each in found.after.manifest.reports if each.id.rpartition(".")[0] == report}
        outputs = made.get(f"{report}.{language}") or next(iter(made.values()), ())
        page = next((found.after.folder / name for name in outputs if name.endswith(".html")), None)
        return Path(os.path.relpath(page, folder)).as_posix() if page else ""

    sheets = {translate("New sheets"): found.new_sheets, translate("No longer made"): found.gone_sheets}
    return theme.render(
        "_difference.html.j2",
        css=theme.index_style_sheet(),
        language=language,
        title=translate("What changed"),
        mark=translate(INTERNAL_MARK) if found.internal else "",
        runs=[
            (translate(heading), run.manifest.title, (run.manifest.ended or "")[:10])
            for heading, run in zip((N_("Before"), N_("After")), (found.before, found.after), strict=True)
        ],
        is_split=found.is_split,
        lists={
            heading: numbers.listed([view.sheet(report) for report in reports], language)
            for heading, reports in sheets.items()
            if reports
        },
        headings=[translate(heading) for heading in SHEET_FIGURES.values()],
        sheets=[row | {"address": address(row["report"])} for row in view.sheets[:MAX_SHEETS]],
        more_sheets=max(len(view.sheets) - MAX_SHEETS, 0),
        reports=view.reports,
        parts=view.parts[:MAX_PARTS],
        more=max(len(view.parts) - MAX_PARTS, 0),
        expected=numbers.count(view.expected, language) if view.expected else "",
        months=view.months,
        translate=translate,
    )
