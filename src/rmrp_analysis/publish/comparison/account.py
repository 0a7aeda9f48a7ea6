"""Split the difference of each number between two issues into amounts by kind of change, which add up.

The issue before is changed into the next one step by step, one kind of change at a time. Every number is counted after
each step, and the amount of a kind is what its step moved. For the public every step is rounded as its issue is, so
amounts of people are multiples of the base.
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
"""Kinds of change: method, rounding key or base, version of the code; and a difference whose kind is not known."""
EXPECTED_CHANGE_KINDS = (NEW_MONTHS_KIND,)
"""The kinds of change that every month brings; all others are news."""
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
"""A difference up to this share of a number is no change: floats were added up in another order."""


@dataclass(frozen=True, eq=False)
class Issue:
    """The data, period, method and audience of an issue, from which its numbers can be counted at each step.

    ``numbers`` are those of an issue that is counted already. With ``only_figures`` no breakdown is counted.
    """

    dataset: Dataset
    period: Period
    method: Method
    audience: str
    numbers: pd.Series | None = None
    only_figures: bool = False

    def count_values(self, sheets: Iterable[Selected]) -> pd.Series:
        """Count the numbers of these sheets as the audience sees them: index ``NUMBER_KEY_COLUMNS``, NaN where missing.

        Where the issue has ``numbers``, return these unchanged, whatever the sheets.
        """
        if self.numbers is not None:
            return self.numbers
        compared_sheets = Sheets(self.dataset, sheets_of(sheets), self.period, self.method)
        figures_table = figures.table(compared_sheets, only_figures=self.only_figures)
        if self.audience == "public" and any(self.method.bases):
            figures_table = figures.public(figures_table)
        return select_published_values(figures_table)


@dataclass(frozen=True, eq=False)
class Account:
    """The numbers that differ between two issues, with the amount of each kind of change.

    ``numbers`` has a row for each number that differs: index ``NUMBER_KEY_COLUMNS``; columns ``before``, ``after``,
    ``difference`` and one for each of ``CHANGE_KINDS`` that moved a number, all float in the unit of the figure. The
    amounts add up to the difference; amounts and difference are NaN where one side is missing. ``reports`` are those
    that are late, corrected or gone (see ``ledger.report_changes``). ``steps`` are the kinds of change on the way, also
    those without an effect.
    """

    numbers: pd.DataFrame
    reports: pd.DataFrame
    steps: tuple[str, ...]

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds of change that moved a number, in the order of ``CHANGE_KINDS``."""
        return [change_kind for change_kind in CHANGE_KINDS if change_kind in self.numbers]

    @property
    def kinds_of_tables(self) -> tuple[str, ...]:
        """The kinds of change that can have moved a breakdown alone: all steps after the first, or the only step."""
        return self.steps[1:] or self.steps

    def amounts_by_kind(self, report: str, figure: str, part: str = "") -> dict[str, float]:
        """Return the amounts that add up to the difference of a number, by kind of change.

        Amounts of 0 and NaN are left out; empty for a number that does not differ.
        """
        if (report, figure, part) not in self.numbers.index:
            return {}
        amount_series_by_kind = self.numbers.loc[(report, figure, part), self.kinds]
        return {
            str(change_kind): kind_amount
            for change_kind, kind_amount in amount_series_by_kind.dropna().astype("float64").to_dict().items()
            if kind_amount
        }


def select_published_values(rows: pd.DataFrame) -> pd.Series:
    """Return ``value`` of a table of figures: index ``NUMBER_KEY_COLUMNS``; rows of ``kind`` unpublished left out."""
    return rows[rows["kind"] != UNPUBLISHED_KIND].set_index(NUMBER_KEY_COLUMNS)["value"]


def make_account(
    previous: pd.Series, current: pd.Series, steps: Iterable[tuple[str, pd.Series]], reports: pd.DataFrame | None = None
) -> Account:
    """Make the account of two issues from their numbers, and from the numbers after each step between them.

    ``current`` takes the place of the numbers after the last step. Steps of one kind are added up; a difference up to
    ``MAX_NOISE_SHARE`` is none. A number that is missing after a step keeps its value from before it, so that the step
    after which it is back gets the whole amount. There must be a step. Without ``reports`` their table is empty.
    """
    change_kinds, number_series_list = [], [previous]
    for change_kind, step_number_series in steps:
        change_kinds.append(change_kind)
        number_series_list.append(step_number_series)
    number_series_list[-1] = current
    number_index = previous.index.union(current.index)
    step_value_table = pd.DataFrame(
        {step_index: number_series.reindex(number_index) for step_index, number_series in enumerate(number_series_list)}
    )
    previous_value_series, current_value_series = step_value_table.iloc[:, 0], step_value_table.iloc[:, -1]
    kind_amount_table = (
        step_value_table.ffill(axis="columns").diff(axis="columns").iloc[:, 1:].set_axis(change_kinds, axis="columns")
    )
    is_noise_amount = kind_amount_table.abs().le(
        MAX_NOISE_SHARE * step_value_table.abs().max(axis="columns"), axis="index"
    )
    kind_amount_table = kind_amount_table.mask(is_noise_amount, 0.0).T.groupby(level=0, sort=False).sum(min_count=1).T
    kind_amount_table = kind_amount_table[previous_value_series.notna() & current_value_series.notna()].reindex(
        step_value_table.index
    )
    is_changed_number = ~np.isclose(
        previous_value_series, current_value_series, rtol=MAX_NOISE_SHARE, atol=0, equal_nan=True
    )
    nonzero_amount_table = kind_amount_table.loc[:, kind_amount_table.fillna(0).ne(0).any()]
    number_change_table = pd.DataFrame(
        {
            "before": previous_value_series,
            "after": current_value_series,
            "difference": current_value_series - previous_value_series,
        }
    ).join(nonzero_amount_table)
    changed_number_table = number_change_table[is_changed_number].rename_axis(index=NUMBER_KEY_COLUMNS)
    return Account(changed_number_table, EMPTY_CHANGED_REPORTS if reports is None else reports, tuple(change_kinds))


def compare_issues(
    published: pd.Series, previous: Issue, current: Issue, sheets: Iterable[Selected], numbers: pd.Series | None = None
) -> Account:
    """Make the account of a ``published`` issue (its numbers) and of the one that takes its place, step by step.

    ``numbers`` are those of the later issue as it was published; without them they are counted here. Where counting an
    issue again gives other numbers, the kind is ``rounding`` (another key) or ``code`` (another version).
    """
    sheet_key_triples = list(sheets)
    changed_report_table = report_changes(previous.dataset, current.dataset, current.method, previous.period.months)
    kind_series_pairs = [
        (change_kind, step_issue.count_values(sheet_key_triples))
        for change_kind, step_issue in list_issue_steps(previous, current, changed_report_table)
    ]
    kind_series_pairs[0] = (
        _classify_recount(published, kind_series_pairs[0][1], current.method),
        kind_series_pairs[0][1],
    )
    if previous.period != current.period:
        has_new_months = previous.period.start == current.period.start and previous.period.end < current.period.end
        kind_series_pairs.append(
            (NEW_MONTHS_KIND if has_new_months else OTHER_MONTHS_KIND, current.count_values(sheet_key_triples))
        )
    if numbers is not None:
        kind_series_pairs.append((_classify_recount(kind_series_pairs[-1][1], numbers, current.method), numbers))
    return make_account(
        published,
        current.count_values(sheet_key_triples) if numbers is None else numbers,
        kind_series_pairs,
        changed_report_table,
    )


def list_issue_steps(previous: Issue, current: Issue, changes: pd.DataFrame) -> Iterator[tuple[str, Issue]]:
    """Yield each kind of change between two issues with the issue after it, one change at a time.

    The first step is always rounding; then come method, reports that are gone, corrected and late, lists, planning and
    money, each only where it differs. The last issue differs from ``current`` by its months alone. ``changes`` are
    those of ``ledger.report_changes``.
    """
    rounding_override_dict = {"rounding": current.method.rounding}
    step_issue = replace(
        previous, method=previous.method.model_copy(update=rounding_override_dict), audience=current.audience
    )
    yield ROUNDING_CHANGE_KIND, step_issue  # another key is seen by the numbers alone
    if step_issue.method != current.method:
        step_issue = replace(step_issue, method=current.method)
        yield METHOD_CHANGE_KIND, step_issue
    for change_kind in (GONE, CORRECTED, LATE):
        changed_report_index = pd.MultiIndex.from_frame(changes[changes["change"] == change_kind].index.to_frame())
        if len(changed_report_index):
            step_issue = replace(
                step_issue, dataset=take_reports(step_issue.dataset, current.dataset, changed_report_index)
            )
            yield change_kind, step_issue
    issue_table_by_name, current_table_by_name = dataset_tables(step_issue.dataset), dataset_tables(current.dataset)
    changed_table_names = {
        table_name
        for table_name in {*issue_table_by_name, *current_table_by_name}
        if table_name not in issue_table_by_name
        or table_name not in current_table_by_name
        or table_digest(issue_table_by_name[table_name]) != table_digest(current_table_by_name[table_name])
    }
    table_name_lists_by_kind = {
        ROWS_OR_LISTS_CHANGE_KIND: ["activities", "refused_activities", "references"],
        PLANNING_CHANGE_KIND: ["planning", "planned_places", "proportions"],
        MONEY_CHANGE_KIND: ["funding_flows", "funding_totals"],
    }
    for change_kind, table_names in table_name_lists_by_kind.items():
        if any(table_name.partition(".")[0] in table_names for table_name in changed_table_names):
            new_table_by_name: Any = {
                table_name: getattr(current.dataset, table_name) for table_name in (*table_names, "sources")
            }
            step_issue = replace(step_issue, dataset=replace(step_issue.dataset, **new_table_by_name))
            yield change_kind, step_issue


def take_reports(dataset: Dataset, source: Dataset, reports: pd.MultiIndex) -> Dataset:
    """Return the dataset with the rows of these reports as ``source`` has them: corrected, added or removed.

    Its other tables stay. ``reports`` are known by ``ledger.REPORT_KEY_COLUMNS``.
    """
    dataset_table_by_name: dict[str, Any] = {}
    for table_name, row_table_name in (("activities", "rows"), ("refused_activities", "refused_rows")):
        tables_to_join = [
            getattr(origin_dataset, table_name)[is_row_taken]
            for origin_dataset, is_row_taken in (
                (dataset, ~_is_in_reports(getattr(dataset, row_table_name), reports)),
                (source, _is_in_reports(getattr(source, row_table_name), reports)),
            )
            if len(getattr(origin_dataset, table_name))
        ]
        dataset_table_by_name[table_name] = (
            concat_tables(tables_to_join) if tables_to_join else getattr(dataset, table_name)
        )
    return replace(dataset, **dataset_table_by_name)


def _is_in_reports(rows: pd.DataFrame, reports: pd.MultiIndex) -> "np.typing.NDArray[np.bool_]":
    """Return a mask of the rows that belong to these reports (``ledger.REPORT_KEY_COLUMNS``)."""
    return pd.MultiIndex.from_frame(rows[REPORT_KEY_COLUMNS].astype("str")).isin(reports)


def _classify_recount(published: pd.Series, recounted: pd.Series, method: Method) -> str:
    """Return ``rounding`` where another rounding key can explain how recounted numbers differ, else ``code``.

    A key can move a share of people by any amount, and people by at most the base of rounding. Only numbers that are
    known in both are compared, by their index (with the level ``figure``). Without a difference: ``rounding``.
    """
    recount_table = pd.concat([published, recounted], axis="columns", join="inner", keys=["published", "again"])
    recount_difference_series = (recount_table["again"] - recount_table["published"]).abs()
    recount_difference_series = recount_difference_series[
        recount_difference_series > MAX_NOISE_SHARE * recount_table["published"].abs()
    ]
    figure_definition_index = recount_difference_series.index.get_level_values("figure").map(figures.figure_definition)
    is_people_figure = np.array(
        [figure_definition.tells_of_people for figure_definition in figure_definition_index], dtype=bool
    )
    is_share_figure = np.array(
        [figure_definition.unit == "share" for figure_definition in figure_definition_index], dtype=bool
    )
    is_within_rounding_base = is_people_figure & (
        is_share_figure | (recount_difference_series.to_numpy() <= max(method.bases, default=0))
    )
    return ROUNDING_CHANGE_KIND if is_within_rounding_base.all() else CODE_CHANGE_KIND


def read_issue(manifest: Manifest, folder: Path, params_path: Path | None = None) -> Issue | None:
    """Read the data of a published run from the edition that is kept of them, and the rest from its manifest.

    None where no edition is found. It lies in the data folder that the run's parameters name, relative to its parameter
    file, or without one to a folder near the run.
    """
    data_folder_name = str(manifest.params.get("data", ""))
    params_folders = [params_path.parent] if params_path else list_params_folders(folder)
    project_folders = (
        [params_folder.resolve() for params_folder in dict.fromkeys(params_folders)]
        if data_folder_name and manifest.ledger
        else []
    )
    edition_datasets = (
        read_edition(project_folder / data_folder_name, manifest.ledger, project=project_folder)
        for project_folder in project_folders
    )
    edition_dataset = next(filter(None, edition_datasets), None)
    if edition_dataset is None:
        return None
    published_method = Method.model_validate(manifest.choices)
    return Issue(edition_dataset, Period.parse(str(manifest.period)), published_method, manifest.audience)
