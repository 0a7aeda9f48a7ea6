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
from rmrp_analysis.figures.registry import UNPUBLISHED
from rmrp_analysis.ledger import CORRECTED, GONE, LATE, REPORT_KEY_COLUMNS, report_changes
from rmrp_analysis.loaders.editions import concat_tables, dataset_tables, read_edition, table_digest
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import Dataset, Sheets, sheets_of
from rmrp_analysis.plan import Selected
from rmrp_analysis.publish.records.manifest import Manifest, list_params_folders

NEW_MONTHS, OTHER_MONTHS, LISTS_CHANGED, TARGET_CHANGED, MONEY_CHANGED = (
    "new_months",
    "other_months",
    "lists",
    "target",
    "money",
)
METHOD_CHANGED, ROUNDING_CHANGED, CODE_CHANGED, NOT_SPLIT = "method", "rounding", "code", "not_split"
EXPECTED_KINDS = (NEW_MONTHS,)
"""The kinds of change that every month brings; all others are news."""
KINDS = (
    NEW_MONTHS,
    OTHER_MONTHS,
    LATE,
    CORRECTED,
    GONE,
    LISTS_CHANGED,
    TARGET_CHANGED,
    MONEY_CHANGED,
    METHOD_CHANGED,
    ROUNDING_CHANGED,
    CODE_CHANGED,
    NOT_SPLIT,
)
"""The kinds of change that move a number, in the order in which texts name them."""
NUMBER_KEY = ["report", "figure", "part"]
"""The index that identifies a number: ``part`` is the category in a breakdown, empty for a figure."""
NO_CHANGED_REPORTS = pd.DataFrame(
    columns=["change", "new_before", "new", "rows_before", "rows"],
    index=pd.MultiIndex.from_arrays([[]] * 4, names=REPORT_KEY_COLUMNS),
)
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
        """Count the numbers of these sheets as the audience sees them: index ``NUMBER_KEY``, NaN where missing."""
        if self.numbers is not None:
            return self.numbers
        selected_sheets = Sheets(self.dataset, sheets_of(sheets), self.period, self.method)
        figure_rows = figures.table(selected_sheets, only_figures=self.only_figures)
        if self.audience == "public" and any(self.method.bases):
            figure_rows = figures.public(figure_rows)
        return select_published_values(figure_rows)


@dataclass(frozen=True, eq=False)
class Account:
    """The numbers that differ between two issues, with the amount of each kind of change.

    ``numbers`` has a row for each number that differs: index ``NUMBER_KEY``; columns ``before``, ``after``,
    ``difference`` and one for each of ``KINDS`` that moved a number, all float in the unit of the figure. The amounts
    add up to the difference; amounts and difference are NaN where one side is missing. ``reports`` are those that are
    late, corrected or gone (see ``ledger.report_changes``). ``steps`` are the kinds of change on the way, also those
    without an effect.
    """

    numbers: pd.DataFrame
    reports: pd.DataFrame
    steps: tuple[str, ...]

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds of change that moved a number, in the order of ``KINDS``."""
        return [change_kind for change_kind in KINDS if change_kind in self.numbers]

    @property
    def kinds_of_tables(self) -> tuple[str, ...]:
        """The kinds of change that can have moved a breakdown though no figure moved: rounding only if it is alone."""
        return self.steps[1:] or self.steps

    def amounts_by_kind(self, report: str, figure: str, part: str = "") -> dict[str, float]:
        """Return the amounts that add up to the difference of a number, by kind of change; empty without a change."""
        if (report, figure, part) not in self.numbers.index:
            return {}
        amount_by_kind = self.numbers.loc[(report, figure, part), self.kinds]
        return {
            str(change_kind): amount
            for change_kind, amount in amount_by_kind.dropna().astype("float64").to_dict().items()
            if amount
        }


def select_published_values(rows: pd.DataFrame) -> pd.Series:
    """Return the values of the published rows of a table of figures: index ``NUMBER_KEY``."""
    return rows[rows["kind"] != UNPUBLISHED].set_index(NUMBER_KEY)["value"]


def make_account(
    previous: pd.Series, current: pd.Series, steps: Iterable[tuple[str, pd.Series]], reports: pd.DataFrame | None = None
) -> Account:
    """Make the account of two issues from their numbers, and from the numbers after each step between them.

    The numbers after the last step are those of the later issue. A number that is missing after a step keeps its value
    from before it, so that the step after which it is back gets the whole amount.
    """
    change_kinds, step_series = [], [previous]
    for change_kind, step_numbers in steps:
        change_kinds.append(change_kind)
        step_series.append(step_numbers)
    step_series[-1] = current
    number_index = previous.index.union(current.index)
    values_by_step = pd.DataFrame(
        {step_index: step_values.reindex(number_index) for step_index, step_values in enumerate(step_series)}
    )
    previous_values, current_values = values_by_step.iloc[:, 0], values_by_step.iloc[:, -1]
    amounts_by_kind = (
        values_by_step.ffill(axis="columns").diff(axis="columns").iloc[:, 1:].set_axis(change_kinds, axis="columns")
    )
    is_noise = amounts_by_kind.abs().le(MAX_NOISE_SHARE * values_by_step.abs().max(axis="columns"), axis="index")
    amounts_by_kind = amounts_by_kind.mask(is_noise, 0.0).T.groupby(level=0, sort=False).sum(min_count=1).T
    amounts_by_kind = amounts_by_kind[previous_values.notna() & current_values.notna()].reindex(values_by_step.index)
    is_moved = ~np.isclose(previous_values, current_values, rtol=MAX_NOISE_SHARE, atol=0, equal_nan=True)
    amount_columns = amounts_by_kind.loc[:, amounts_by_kind.fillna(0).ne(0).any()]
    number_changes = pd.DataFrame(
        {"before": previous_values, "after": current_values, "difference": current_values - previous_values}
    ).join(amount_columns)
    changed_numbers = number_changes[is_moved].rename_axis(index=NUMBER_KEY)
    return Account(changed_numbers, NO_CHANGED_REPORTS if reports is None else reports, tuple(change_kinds))


def compare_issues(
    published: pd.Series, previous: Issue, current: Issue, sheets: Iterable[Selected], numbers: pd.Series | None = None
) -> Account:
    """Make the account of a ``published`` issue (its numbers) and of the one that takes its place, step by step.

    ``numbers`` are those of the later issue as it was published; without them they are counted here. Where counting an
    issue again gives other numbers, the kind is ``rounding`` (another key) or ``code`` (another version).
    """
    selections = list(sheets)
    changed_reports = report_changes(previous.dataset, current.dataset, current.method, previous.period.months)
    step_values = [
        (change_kind, step_issue.count_values(selections))
        for change_kind, step_issue in list_issue_steps(previous, current, changed_reports)
    ]
    step_values[0] = _classify_recount(published, step_values[0][1], current.method), step_values[0][1]
    if previous.period != current.period:
        has_new_months = previous.period.start == current.period.start and previous.period.end < current.period.end
        step_values.append((NEW_MONTHS if has_new_months else OTHER_MONTHS, current.count_values(selections)))
    if numbers is not None:
        step_values.append((_classify_recount(step_values[-1][1], numbers, current.method), numbers))
    return make_account(
        published, current.count_values(selections) if numbers is None else numbers, step_values, changed_reports
    )


def list_issue_steps(previous: Issue, current: Issue, changes: pd.DataFrame) -> Iterator[tuple[str, Issue]]:
    """Yield each kind of change between two issues with the issue after it, one change at a time.

    Steps that change nothing are left out. The last issue differs from ``after`` by its months alone.
    """
    rounding_update = {"rounding": current.method.rounding}
    step_issue = replace(previous, method=previous.method.model_copy(update=rounding_update), audience=current.audience)
    yield ROUNDING_CHANGED, step_issue  # another key is seen by the numbers alone
    if step_issue.method != current.method:
        step_issue = replace(step_issue, method=current.method)
        yield METHOD_CHANGED, step_issue
    for change_kind in (GONE, CORRECTED, LATE):
        changed_reports = pd.MultiIndex.from_frame(changes[changes["change"] == change_kind].index.to_frame())
        if len(changed_reports):
            step_issue = replace(step_issue, dataset=take_reports(step_issue.dataset, current.dataset, changed_reports))
            yield change_kind, step_issue
    issue_tables, current_tables = dataset_tables(step_issue.dataset), dataset_tables(current.dataset)
    changed_tables = {
        table_name
        for table_name in {*issue_tables, *current_tables}
        if table_name not in issue_tables
        or table_name not in current_tables
        or table_digest(issue_tables[table_name]) != table_digest(current_tables[table_name])
    }
    tables_by_kind = {
        LISTS_CHANGED: ["activities", "refused_activities", "references"],
        TARGET_CHANGED: ["planning", "planned_places", "proportions"],
        MONEY_CHANGED: ["funding_flows", "funding_totals"],
    }
    for change_kind, table_names in tables_by_kind.items():
        if any(table_name.partition(".")[0] in table_names for table_name in changed_tables):
            new_tables: Any = {
                table_name: getattr(current.dataset, table_name) for table_name in (*table_names, "sources")
            }
            step_issue = replace(step_issue, dataset=replace(step_issue.dataset, **new_tables))
            yield change_kind, step_issue


def take_reports(dataset: Dataset, source: Dataset, reports: pd.MultiIndex) -> Dataset:
    """Return the dataset with these reports as ``source`` has them: corrected, added or removed.

    ``reports`` are known by ``ledger.REPORT_KEY_COLUMNS``.
    """
    table_by_name: dict[str, Any] = {}
    for table_name, rows_name in (("activities", "rows"), ("refused_activities", "refused_rows")):
        kept_tables = [
            getattr(origin_dataset, table_name)[is_taken]
            for origin_dataset, is_taken in (
                (dataset, ~_is_in_reports(getattr(dataset, rows_name), reports)),
                (source, _is_in_reports(getattr(source, rows_name), reports)),
            )
            if len(getattr(origin_dataset, table_name))
        ]
        table_by_name[table_name] = concat_tables(kept_tables) if kept_tables else getattr(dataset, table_name)
    return replace(dataset, **table_by_name)


def _is_in_reports(rows: pd.DataFrame, reports: pd.MultiIndex) -> "np.typing.NDArray[np.bool_]":
    return pd.MultiIndex.from_frame(rows[REPORT_KEY_COLUMNS].astype("str")).isin(reports)


def _classify_recount(published: pd.Series, recounted: pd.Series, method: Method) -> str:
    """Return ``rounding`` where another rounding key can explain how recounted numbers differ, else ``code``."""
    number_pairs = pd.concat([published, recounted], axis="columns", join="inner", keys=["published", "again"])
    number_changes = (number_pairs["again"] - number_pairs["published"]).abs()
    number_changes = number_changes[number_changes > MAX_NOISE_SHARE * number_pairs["published"].abs()]
    figure_definitions = number_changes.index.get_level_values("figure").map(figures.figure_definition)
    is_of_people = np.array([definition.tells_of_people for definition in figure_definitions], dtype=bool)
    is_share = np.array([definition.unit == "share" for definition in figure_definitions], dtype=bool)
    is_within_base = is_of_people & (is_share | (number_changes.to_numpy() <= max(method.bases, default=0)))
    return ROUNDING_CHANGED if is_within_base.all() else CODE_CHANGED


def read_issue(manifest: Manifest, folder: Path, params_path: Path | None = None) -> Issue | None:
    """Read the data of a published run from the editions that are kept of them; None where there are none.

    They lie in the data folder that its parameters name, relative to its parameter file or to a folder near the run.
    """
    data_folder = str(manifest.params.get("data", ""))
    params_folders = [params_path.parent] if params_path else list_params_folders(folder)
    project_folders = (
        [params_folder.resolve() for params_folder in dict.fromkeys(params_folders)]
        if data_folder and manifest.ledger
        else []
    )
    edition_datasets = (
        read_edition(project_folder / data_folder, manifest.ledger, project=project_folder)
        for project_folder in project_folders
    )
    dataset = next(filter(None, edition_datasets), None)
    if dataset is None:
        return None
    method = Method.model_validate(manifest.choices)
    return Issue(dataset, Period.parse(str(manifest.period)), method, manifest.audience)
