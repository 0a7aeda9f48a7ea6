"""The account of change: the difference of each number between two issues, as a sum of parts that adds up.

A part is what one change moves: the way from one issue to the next is gone step by step, each number is counted after
each step, and what a step moves is its part. For the public every step is rounded as its issue is, so parts of people
are multiples of the base.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis import figures
from rmrp_analysis.figures.registry import UNPUBLISHED
from rmrp_analysis.ledger import CORRECTED, GONE, LATE, REPORT, report_changes
from rmrp_analysis.loaders.editions import concat_tables, dataset_tables, read_edition, table_digest
from rmrp_analysis.method import Method, Period
from rmrp_analysis.metrics import Dataset, Sheets, sheets_of
from rmrp_analysis.plan import Selected
from rmrp_analysis.publish.records.manifest import Manifest, list_params_folders

NEW_MONTHS, OTHER_MONTHS, LISTS, TARGET, MONEY = "new_months", "other_months", "lists", "target", "money"
METHOD, ROUNDING, CODE, NOT_SPLIT = "method", "rounding", "code", "not_split"
EXPECTED = (NEW_MONTHS,)
"""Changes that every month brings; all others are news."""
KINDS = (NEW_MONTHS, OTHER_MONTHS, LATE, CORRECTED, GONE, LISTS, TARGET, MONEY, METHOD, ROUNDING, CODE, NOT_SPLIT)
"""What moves a number, in the order in which it is told."""
NUMBER = ["report", "figure", "part"]
"""What names a number: ``part`` is empty for a figure."""
NO_CHANGES = pd.DataFrame(
    columns=["change", "new_before", "new", "rows_before", "rows"],
    index=pd.MultiIndex.from_arrays([[]] * 4, names=REPORT),
)
SAME = 1e-9
"""Numbers that differ by less than this share of themselves are the same: sums of floats in another order."""


@dataclass(frozen=True, eq=False)
class Issue:
    """What the numbers of an issue follow from; ``numbers`` where they are counted already.

    With ``only_figures`` no breakdown is counted.
    """

    dataset: Dataset
    period: Period
    method: Method
    audience: str
    numbers: pd.Series | None = None
    only_figures: bool = False

    def values(self, sheets: Iterable[Selected]) -> pd.Series:
        """Count the numbers of these sheets as the audience sees them: index ``NUMBER``, NaN where not known."""
        if self.numbers is not None:
            return self.numbers
        every = Sheets(self.dataset, sheets_of(sheets), self.period, self.method)
        rows = figures.table(every, only_figures=self.only_figures)
        if self.audience == "public" and any(self.method.bases):
            rows = figures.public(rows)
        return select_published_values(rows)


@dataclass(frozen=True, eq=False)
class Account:
    """What moved between two issues, and why.

    ``numbers`` has a row each number that differs: index ``NUMBER``; ``before``, ``after``, ``difference``, and a
    column for each of ``KINDS`` that moved one: they add up to the difference. It is NaN where one side is not known.
    ``reports`` are those that are late, corrected or gone (see ``ledger.report_changes``). ``steps`` are the kinds of
    change on the way, also those that moved no number.
    """

    numbers: pd.DataFrame
    reports: pd.DataFrame
    steps: tuple[str, ...]

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds of change that moved a number, in the order of ``KINDS``."""
        return [kind for kind in KINDS if kind in self.numbers]

    @property
    def kinds_of_tables(self) -> tuple[str, ...]:
        """The kinds of change that can have moved parts of breakdowns where no figure tells: rounding, if alone."""
        return self.steps[1:] or self.steps

    def parts(self, report: str, figure: str, part: str = "") -> dict[str, float]:
        """Return what moved a number, by kind; empty where it did not move."""
        if (report, figure, part) not in self.numbers.index:
            return {}
        amounts = self.numbers.loc[(report, figure, part), self.kinds]
        return {str(kind): amount for kind, amount in amounts.dropna().astype("float64").to_dict().items() if amount}


def select_published_values(rows: pd.DataFrame) -> pd.Series:
    """Return the values of the published rows of a table of figures: index ``NUMBER``."""
    return rows[rows["kind"] != UNPUBLISHED].set_index(NUMBER)["value"]


def make_account(
    previous: pd.Series, current: pd.Series, steps: Iterable[tuple[str, pd.Series]], reports: pd.DataFrame | None = None
) -> Account:
    """Return the account of two issues from their numbers, and from the numbers after each step between them.

    The numbers after the last step are those of the later issue. A number that is not known after a step is taken as
    it was before it, so that the step that makes it known again has what moved it.
    """
    names, sides = [], [previous]
    for kind, numbers in steps:
        names.append(kind)
        sides.append(numbers)
    sides[-1] = current
    every = previous.index.union(current.index)
    values = pd.DataFrame({step: side.reindex(every) for step, side in enumerate(sides)})
    previous_values, current_values = values.iloc[:, 0], values.iloc[:, -1]
    amounts = values.ffill(axis="columns").diff(axis="columns").iloc[:, 1:].set_axis(names, axis="columns")
    is_noise = amounts.abs().le(SAME * values.abs().max(axis="columns"), axis="index")
    amounts = amounts.mask(is_noise, 0.0).T.groupby(level=0, sort=False).sum(min_count=1).T
    amounts = amounts[previous_values.notna() & current_values.notna()].reindex(values.index)
    is_moved = ~np.isclose(previous_values, current_values, rtol=SAME, atol=0, equal_nan=True)
    columns = amounts.loc[:, amounts.fillna(0).ne(0).any()]
    ends = pd.DataFrame(
        {"before": previous_values, "after": current_values, "difference": current_values - previous_values}
    ).join(columns)
    changed_numbers = ends[is_moved].rename_axis(index=NUMBER)
    return Account(changed_numbers, NO_CHANGES if reports is None else reports, tuple(names))


def compare_issues(
    published: pd.Series, previous: Issue, current: Issue, sheets: Iterable[Selected], numbers: pd.Series | None = None
) -> Account:
    """Return the account of an issue that was ``published`` (its numbers) and of the one that takes its place.

    ``numbers`` are those of the later issue as it was published; without them they are counted here. What counting an
    issue again does not give is a matter of another rounding key, or of the package's version.
    """
    selected = list(sheets)
    changes = report_changes(previous.dataset, current.dataset, current.method, previous.period.months)
    steps = [(kind, issue.values(selected)) for kind, issue in list_issue_steps(previous, current, changes)]
    steps[0] = _classify_recount(published, steps[0][1], current.method), steps[0][1]
    if previous.period != current.period:
        is_longer = previous.period.start == current.period.start and previous.period.end < current.period.end
        steps.append((NEW_MONTHS if is_longer else OTHER_MONTHS, current.values(selected)))
    if numbers is not None:
        steps.append((_classify_recount(steps[-1][1], numbers, current.method), numbers))
    return make_account(published, current.values(selected) if numbers is None else numbers, steps, changes)


def list_issue_steps(previous: Issue, current: Issue, changes: pd.DataFrame) -> Iterator[tuple[str, Issue]]:
    """Go from one issue to the next, one change at a time: yield the kind of change and the issue after it.

    Steps that change nothing are left out. The last issue differs from ``after`` by its months alone.
    """
    bases = {"rounding": current.method.rounding}
    issue = replace(previous, method=previous.method.model_copy(update=bases), audience=current.audience)
    yield ROUNDING, issue  # another key is seen by the numbers alone
    if issue.method != current.method:
        issue = replace(issue, method=current.method)
        yield METHOD, issue
    for kind in (GONE, CORRECTED, LATE):
        reports = pd.MultiIndex.from_frame(changes[changes["change"] == kind].index.to_frame())
        if len(reports):
            issue = replace(issue, dataset=take_reports(issue.dataset, current.dataset, reports))
            yield kind, issue
    issue_tables, current_tables = dataset_tables(issue.dataset), dataset_tables(current.dataset)
    differs = {
        name
        for name in {*issue_tables, *current_tables}
        if name not in issue_tables
        or name not in current_tables
        or table_digest(issue_tables[name]) != table_digest(current_tables[name])
    }
    groups = {
        LISTS: ["activities", "refused_activities", "references"],
        TARGET: ["planning", "planned_places", "proportions"],
        MONEY: ["funding_flows", "funding_totals"],
    }
    for kind, names in groups.items():
        if any(name.partition(".")[0] in names for name in differs):
            new_tables: Any = {name: getattr(current.dataset, name) for name in (*names, "sources")}
            issue = replace(issue, dataset=replace(issue.dataset, **new_tables))
            yield kind, issue


def take_reports(dataset: Dataset, source: Dataset, reports: pd.MultiIndex) -> Dataset:
    """Return the dataset with these reports (``ledger.REPORT``) as another one has them, or without them."""
    tables: dict[str, Any] = {}
    for name, rows in (("activities", "rows"), ("refused_activities", "refused_rows")):
        sides = [
            getattr(origin, name)[is_taken]
            for origin, is_taken in (
                (dataset, ~_is_in_reports(getattr(dataset, rows), reports)),
                (source, _is_in_reports(getattr(source, rows), reports)),
            )
            if len(getattr(origin, name))
        ]
        tables[name] = concat_tables(sides) if sides else getattr(dataset, name)
    return replace(dataset, **tables)


def _is_in_reports(rows: pd.DataFrame, reports: pd.MultiIndex) -> "np.typing.NDArray[np.bool_]":
    return pd.MultiIndex.from_frame(rows[REPORT].astype("str")).isin(reports)


def _classify_recount(published: pd.Series, recounted: pd.Series, method: Method) -> str:
    """Say whether numbers differ from those counted again by no more than another rounding key can move them."""
    pairs = pd.concat([published, recounted], axis="columns", join="inner", keys=["published", "again"])
    changes = (pairs["again"] - pairs["published"]).abs()
    changes = changes[changes > SAME * pairs["published"].abs()]
    definitions = changes.index.get_level_values("figure").map(figures.figure_definition)
    is_of_people = np.array([definition.tells_of_people for definition in definitions], dtype=bool)
    is_share = np.array([definition.unit == "share" for definition in definitions], dtype=bool)
    is_step = is_of_people & (is_share | (changes.to_numpy() <= max(method.bases, default=0)))
    return ROUNDING if is_step.all() else CODE


def read_issue(manifest: Manifest, folder: Path, params_path: Path | None = None) -> Issue | None:
    """Return what the numbers of a published run follow from; None where its tables are not kept near it.

    They lie in the data folder that its parameters name, as seen from its parameter file or from near its folder.
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
