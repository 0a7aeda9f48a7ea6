"""Splits the difference of each number between two issues into amounts by kind of change, which add up.

The previous issue is changed into the next one step by step, one kind of change at a time. Every number is counted
after each step, and the amount of a kind is the difference that its step makes. For the public every step is rounded as
its issue is, so amounts of people are multiples of the base.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis import figures
from rmrp_analysis.arguments import Period
from rmrp_analysis.figures.registry import UNPUBLISHED_KIND
from rmrp_analysis.ledger import CORRECTED, GONE, LATE, REPORT_KEY_COLUMNS, report_changes
from rmrp_analysis.loaders.editions import concat_tables, dataset_tables, read_edition, table_digest
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import Dataset, Sheets, sheets_of
from rmrp_analysis.plan import Selected
from rmrp_analysis.publish.records.manifest import Manifest, list_params_folders

NEW_MONTHS_KIND = "new_months"
OTHER_MONTHS_KIND = "other_months"
ROWS_OR_LISTS_CHANGE_KIND = "lists"
PLANNING_CHANGE_KIND = "target"
MONEY_CHANGE_KIND = "money"
"""Kinds of change: later months, other months, lists or activities, planning, money."""
METHOD_CHANGE_KIND, ROUNDING_CHANGE_KIND, CODE_CHANGE_KIND, NOT_SPLIT_KIND = "method", "rounding", "code", "not_split"
"""Kinds of change: method, rounding key or base, version of the code, and a difference of unknown kind."""
EXPECTED_CHANGE_KINDS = (NEW_MONTHS_KIND,)
"""The kinds of change that every month brings. All others are news."""
CHANGE_KINDS = (
    NEW_MONTHS_KIND,
    OTHER_MONTHS_KIND,
    LATE,
    CORRECTED,
    GONE,
    ROWS_OR_LISTS_CHANGE_KIND,
    PLANNING_CHANGE_KIND,
    MONEY_CHANGE_KIND,
    METHOD_CHANGE_KIND,
    ROUNDING_CHANGE_KIND,
    CODE_CHANGE_KIND,
    NOT_SPLIT_KIND,
)
"""The kinds of change that move a number, in the order in which texts name them."""
NUMBER_KEY_COLUMNS = ["report", "figure", "part"]
"""The index that identifies a number: ``part`` is the category in a breakdown, empty for a figure."""
EMPTY_CHANGED_REPORTS = pd.DataFrame(
    columns=["change", "new_before", "new", "rows_before", "rows"],
    index=pd.MultiIndex.from_arrays([[]] * 4, names=REPORT_KEY_COLUMNS),
)
"""The table of ``ledger.report_changes`` without a row."""
MAX_NOISE_SHARE = 1e-9
"""A difference up to this share of a number is no change, since floats were added up in another order."""


@dataclass(frozen=True, eq=False)
class Issue:
    """The data, period, method and audience of an issue, from which its numbers can be counted at each step.

    ``numbers`` are the numbers of an issue that is counted already. With ``only_figures`` no breakdown is counted.
    """

    dataset: Dataset
    period: Period
    method: Method
    audience: str
    numbers: pd.Series | None = None
    only_figures: bool = False

    def count_values(self, sheets: Iterable[Selected]) -> pd.Series:
        """Count the numbers of these sheets as the audience sees them: index ``NUMBER_KEY_COLUMNS``, NaN if missing.

        If the issue has ``numbers``, return these unchanged, whatever the sheets.
        """
        if self.numbers is not None:
            return self.numbers
        selection = Sheets(self.dataset, sheets_of(sheets), self.period, self.method)
        rows = figures.table(selection, only_figures=self.only_figures)
        if self.audience == "public" and any(self.method.bases):
            rows = figures.public(rows)
        return select_published_values(rows)


@dataclass(frozen=True, eq=False)
class Account:
    """The numbers that differ between two issues, with the amount of each kind of change.

    ``numbers`` has a row for each number that differs: index ``NUMBER_KEY_COLUMNS``, columns ``before``, ``after``,
    ``difference`` and one for each of ``CHANGE_KINDS`` that moved a number, all float in the unit of the figure. The
    amounts add up to the difference. Amounts and difference are NaN if one side is missing. ``reports`` are the reports
    that are late, corrected or gone (see ``ledger.report_changes``). ``steps`` are the kinds of change on the way, also
    those without an effect.
    """

    numbers: pd.DataFrame
    reports: pd.DataFrame
    steps: tuple[str, ...]

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds of change that moved a number, in the order of ``CHANGE_KINDS``."""
        return [kind for kind in CHANGE_KINDS if kind in self.numbers]

    @property
    def kinds_of_tables(self) -> tuple[str, ...]:
        """The kinds of change that can have moved a breakdown alone: all steps after the first, or the only step."""
        return self.steps[1:] or self.steps

    def amounts_by_kind(self, report: str, figure: str, part: str = "") -> dict[str, float]:
        """Return the amounts that add up to the difference of a number, by kind of change.

        Amounts of 0 and NaN are left out. Empty for a number that does not differ.
        """
        if (report, figure, part) not in self.numbers.index:
            return {}
        amounts = self.numbers.loc[(report, figure, part), self.kinds]
        return {str(kind): amount for kind, amount in amounts.dropna().astype("float64").to_dict().items() if amount}


def select_published_values(rows: pd.DataFrame) -> pd.Series:
    """Return ``value`` of a table of figures, without rows of ``kind`` unpublished: index ``NUMBER_KEY_COLUMNS``."""
    return rows[rows["kind"] != UNPUBLISHED_KIND].set_index(NUMBER_KEY_COLUMNS)["value"]


def make_account(
    previous: pd.Series, current: pd.Series, steps: Iterable[tuple[str, pd.Series]], reports: pd.DataFrame | None = None
) -> Account:
    """Make the account of two issues from their numbers, and from the numbers after each step between them.

    ``current`` takes the place of the numbers after the last step. Steps of one kind are added up. A difference up to
    ``MAX_NOISE_SHARE`` does not count. A number that is missing after a step keeps its earlier value, so the step that
    brings it back gets the whole amount. There must be a step. Without ``reports`` their table is empty.
    """
    names, sides = [], [previous]
    for kind, numbers in steps:
        names.append(kind)
        sides.append(numbers)
    sides[-1] = current
    keys = previous.index.union(current.index)
    values = pd.DataFrame({step: side.reindex(keys) for step, side in enumerate(sides)})
    first, last = values.iloc[:, 0], values.iloc[:, -1]
    amounts = values.ffill(axis="columns").diff(axis="columns").iloc[:, 1:].set_axis(names, axis="columns")
    is_noise = amounts.abs().le(MAX_NOISE_SHARE * values.abs().max(axis="columns"), axis="index")
    amounts = amounts.mask(is_noise, 0.0).T.groupby(level=0, sort=False).sum(min_count=1).T
    amounts = amounts[first.notna() & last.notna()].reindex(values.index)
    is_moved = ~np.isclose(first, last, rtol=MAX_NOISE_SHARE, atol=0, equal_nan=True)
    columns = amounts.loc[:, amounts.fillna(0).ne(0).any()]
    ends = pd.DataFrame({"before": first, "after": last, "difference": last - first}).join(columns)
    changed = ends[is_moved].rename_axis(index=NUMBER_KEY_COLUMNS)
    return Account(changed, EMPTY_CHANGED_REPORTS if reports is None else reports, tuple(names))


def compare_issues(
    published: pd.Series, previous: Issue, current: Issue, sheets: Iterable[Selected], numbers: pd.Series | None = None
) -> Account:
    """Make the account of a published issue (its numbers are ``published``) and the next one, step by step.

    ``numbers`` are the numbers of the later issue as it was published. By default, they are counted here. If counting
    an issue again gives other numbers, the kind is ``rounding`` (another key) or ``code`` (another version).
    """
    selected = list(sheets)
    changes = report_changes(previous.dataset, current.dataset, current.method, previous.period.months)
    steps = [(kind, issue.count_values(selected)) for kind, issue in list_issue_steps(previous, current, changes)]
    steps[0] = (_classify_recount(published, steps[0][1], current.method), steps[0][1])
    if previous.period != current.period:
        is_longer = previous.period.start == current.period.start and previous.period.end < current.period.end
        steps.append((NEW_MONTHS_KIND if is_longer else OTHER_MONTHS_KIND, current.count_values(selected)))
    if numbers is not None:
        steps.append((_classify_recount(steps[-1][1], numbers, current.method), numbers))
    return make_account(published, current.count_values(selected) if numbers is None else numbers, steps, changes)


def list_issue_steps(previous: Issue, current: Issue, changes: pd.DataFrame) -> Iterator[tuple[str, Issue]]:
    """Yield each kind of change between two issues with the issue after it, one change at a time.

    The first step is always rounding. Then come method, reports that are gone, corrected and late, lists, planning and
    money, each only if it differs. The last issue differs from ``current`` only by its months. ``changes`` come from
    ``ledger.report_changes``.
    """
    bases = {"rounding": current.method.rounding}
    issue = replace(previous, method=previous.method.model_copy(update=bases), audience=current.audience)
    yield ROUNDING_CHANGE_KIND, issue  # only the numbers show another key
    if issue.method != current.method:
        issue = replace(issue, method=current.method)
        yield METHOD_CHANGE_KIND, issue
    for kind in (GONE, CORRECTED, LATE):
        reports = pd.MultiIndex.from_frame(changes[changes["change"] == kind].index.to_frame())
        if len(reports):
            issue = replace(issue, dataset=take_reports(issue.dataset, current.dataset, reports))
            yield kind, issue
    earlier, later = dataset_tables(issue.dataset), dataset_tables(current.dataset)
    changed = {
        name
        for name in {*earlier, *later}
        if name not in earlier or name not in later or table_digest(earlier[name]) != table_digest(later[name])
    }
    groups = {
        ROWS_OR_LISTS_CHANGE_KIND: ["activities", "refused_activities", "references"],
        PLANNING_CHANGE_KIND: ["planning", "planned_places", "proportions"],
        MONEY_CHANGE_KIND: ["funding_flows", "funding_totals"],
    }
    for kind, names in groups.items():
        if any(name.partition(".")[0] in names for name in changed):
            tables: Any = {name: getattr(current.dataset, name) for name in (*names, "sources")}
            issue = replace(issue, dataset=replace(issue.dataset, **tables))
            yield kind, issue


def take_reports(dataset: Dataset, source: Dataset, reports: pd.MultiIndex) -> Dataset:
    """Return the dataset with the rows of these reports as ``source`` has them: corrected, added or removed.

    Its other tables stay. ``reports`` have the levels ``ledger.REPORT_KEY_COLUMNS``.
    """
    tables: dict[str, Any] = {}
    for name, rows in (("activities", "rows"), ("refused_activities", "refused_rows")):
        is_kept = ~_is_in_reports(getattr(dataset, rows), reports)
        is_taken = _is_in_reports(getattr(source, rows), reports)
        masks = ((getattr(dataset, name), is_kept), (getattr(source, name), is_taken))
        sides = [table[mask] for table, mask in masks if len(table)]
        tables[name] = concat_tables(sides) if sides else getattr(dataset, name)
    return replace(dataset, **tables)


def _is_in_reports(rows: pd.DataFrame, reports: pd.MultiIndex) -> "np.typing.NDArray[np.bool_]":
    """Return a mask of the rows that belong to these reports (``ledger.REPORT_KEY_COLUMNS``)."""
    return pd.MultiIndex.from_frame(rows[REPORT_KEY_COLUMNS].astype("str")).isin(reports)


def _classify_recount(published: pd.Series, recounted: pd.Series, method: Method) -> str:
    """Return ``rounding`` if another rounding key can explain the differences of a recount, or ``code``.

    A key can move a share of people by any amount, and people by at most the base of rounding. Only numbers of both
    sides are compared, by their index (with the level ``figure``). Without a difference the kind is ``rounding``.
    """
    sides = pd.concat([published, recounted], axis="columns", join="inner", keys=["published", "again"])
    amounts = (sides["again"] - sides["published"]).abs()
    amounts = amounts[amounts > MAX_NOISE_SHARE * sides["published"].abs()]
    definitions = amounts.index.get_level_values("figure").map(figures.figure_definition)
    is_people = np.array([item.tells_of_people for item in definitions], dtype=bool)
    is_share = np.array([item.unit == "share" for item in definitions], dtype=bool)
    is_step = is_people & (is_share | (amounts.to_numpy() <= max(method.bases, default=0)))
    return ROUNDING_CHANGE_KIND if is_step.all() else CODE_CHANGE_KIND


def read_issue(manifest: Manifest, folder: Path, params_path: Path | None = None) -> Issue | None:
    """Read the data of a published run from their kept edition, and the rest from its manifest.

    Returns None if no edition is found. The edition lies in the data folder that the run's parameters name, relative to
    their file, or without that file to a folder near the run.
    """
    data = str(manifest.params.get("data", ""))
    places = [params_path.parent] if params_path else list_params_folders(folder)
    projects = [place.resolve() for place in dict.fromkeys(places)] if data and manifest.ledger else []
    editions = (read_edition(project / data, manifest.ledger, project=project) for project in projects)
    dataset = next(filter(None, editions), None)
    if dataset is None:
        return None
    method = Method.model_validate(manifest.choices)
    return Issue(dataset, Period.parse(str(manifest.period)), method, manifest.audience)
