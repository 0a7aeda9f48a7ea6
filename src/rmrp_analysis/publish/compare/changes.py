"""The figures of two published runs side by side: what changed, and how much that matters."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis.errors import RequestError
from rmrp_analysis.figures import BREAKDOWNS, FIGURES
from rmrp_analysis.files import harmless
from rmrp_analysis.method import Method
from rmrp_analysis.params import REPORTED
from rmrp_analysis.publish.publication import Publication, json_object
from rmrp_analysis.vocabulary import PLACES, report_id

KEY = ["report", "figure", "platform", "group", "month"]
"""What names a row of ``figures.csv``; a single figure has the last three empty."""

TIERS: Mapping[str, float] = {"large": 0.15, "medium": 0.01, "small": 0.0}
"""How much a change matters: its score is above this bound."""

SELECTIONS = {report_id(sector, place): (sector, place) for sector, place in product(REPORTED, PLACES)}
"""What a report is about, by its id without language."""

SAME = 1e-9
"""Numbers that differ by less than this share of themselves are the same: sums of floats in another order."""

Kind = Literal["changed", "new", "gone", "withheld", "no_longer_withheld"]
KINDS: Mapping[tuple[str, str], Kind] = {
    ("value", "value"): "changed",
    ("value", "withheld"): "withheld",
    ("withheld", "value"): "no_longer_withheld",
    ("unknown", "value"): "new",
    ("unknown", "withheld"): "new",
    ("value", "unknown"): "gone",
    ("withheld", "unknown"): "gone",
}
"""What happened to a number, by what was known of it before and after; another pair is no change."""


@dataclass(frozen=True)
class Change:
    """A figure, or a ``part`` of a breakdown, that two runs state differently.

    ``before`` and ``after`` are None where one of the runs withholds the number, or does not know it. Of people, a
    difference below ``few`` is not told in a number.
    """

    report: str
    figure: str
    part: str
    unit: str
    kind: Kind
    before: float | None = None
    after: float | None = None
    few: int = 0

    @property
    def name(self) -> str:
        """The figure as an author names it: ``people_reached``, ``people_reached_by_platform["Peru"]``."""
        return f'{self.figure}["{self.part}"]' if self.part else self.figure

    @property
    def of(self) -> str:
        """The figure that a breakdown splits, or the figure itself."""
        return BREAKDOWNS[self.figure].figure if self.figure in BREAKDOWNS else self.figure

    @property
    def score(self) -> float:
        """How far the numbers are apart: |a − b| / (|a| + |b|), 0 to 1; 1 where only one of them is there."""
        if self.before is None or self.after is None:
            return 1.0
        return abs(self.after - self.before) / (abs(self.after) + abs(self.before))

    @property
    def share(self) -> float | None:
        """The change as a share of the number before; None where there is none, or it is 0."""
        return (self.after - self.before) / abs(self.before) if self.after is not None and self.before else None

    @property
    def tier(self) -> str:
        """How much the change matters (``TIERS``)."""
        return next(name for name, bound in TIERS.items() if self.score > bound or not bound)

    @property
    def is_few_people(self) -> bool:
        """Whether the difference is of so few people that it is not told."""
        return (
            self.before is not None
            and self.after is not None
            and self.of in FIGURES
            and FIGURES[self.of].protected
            and abs(self.after - self.before) < self.few
        )

    @property
    def difference(self) -> float | None:
        """What was added to the number before; None where it is not told."""
        return None if self.before is None or self.after is None or self.is_few_people else self.after - self.before


@dataclass(frozen=True, eq=False)
class PublishedRun:
    """A run as it was read from its folder: its ``run.json``, and its numbers (see ``read_run``)."""

    folder: Path
    manifest: Mapping[str, Any]
    numbers: pd.DataFrame

    @property
    def sheets(self) -> set[str]:
        """The reports of which it has figures, without their languages."""
        return set(self.numbers.index.get_level_values("report"))


def changes_between(before: PublishedRun, after: PublishedRun) -> list[Change]:
    """What the second run states differently of the sheets that both have: those that matter most first."""
    few = 0
    if "public" in (before.manifest.get("audience"), after.manifest.get("audience")):
        few = max(_threshold(run.manifest) for run in (before, after))
    sides = before.numbers.add_suffix("_before").join(after.numbers.add_suffix("_after"), how="outer")
    sides = sides[sides.index.get_level_values("report").isin(before.sheets & after.sheets)]
    same = np.isclose(sides["value_before"], sides["value_after"], rtol=SAME, atol=0, equal_nan=True)
    sides = sides[~(same & (sides["state_before"] == sides["state_after"]).fillna(value=False))]
    found = []
    for key, row in zip(sides.index, sides.to_dict("records"), strict=True):
        states = ["unknown" if pd.isna(row[name]) else row[name] for name in ("state_before", "state_after")]
        if kind := KINDS.get((states[0], states[1])):
            numbers = {
                side: None if "withheld" in states or pd.isna(row[f"value_{side}"]) else float(row[f"value_{side}"])
                for side in ("before", "after")
            }
            unit = row["unit_after"] if isinstance(row["unit_after"], str) else row["unit_before"]
            part = next(filter(None, key[2:]), "")
            found.append(Change(key[0], key[1], part, unit, kind, **numbers, few=few))
    return sorted(found, key=lambda change: (-change.score, bool(change.part), change.report, change.name))


def read_run(folder: Path) -> PublishedRun:
    """What a run's folder states now: every number of ``figures.csv``, by ``KEY``: ``value``, ``unit``, and ``state``.

    Raises ``RequestError`` where the folder holds no run, or one of another plan pack.
    """
    run = Publication(folder)
    path = folder / "figures.csv"
    if not run.manifest or not path.is_file():
        raise RequestError(f"{folder} is not the folder of a run: it has no run.json with a figures.csv beside it")
    run.check_pack()
    rows = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    missing = [name for name in (*KEY, "value", "unit") if name not in rows.columns]
    if missing:
        raise RequestError(f"{path} has no column '{missing[0]}'; it is not the table of figures that a run writes")
    rows = rows.drop_duplicates(KEY).set_index(KEY)
    value = pd.to_numeric(rows["value"], errors="coerce")
    withheld = _withheld(run, {str(report) for report in rows.index.get_level_values("report")})
    state = np.where(value.notna(), "value", np.where(rows.index.isin(withheld), "withheld", "unknown"))
    numbers = pd.DataFrame({"value": value, "unit": rows["unit"], "state": state}, index=rows.index)
    return PublishedRun(folder, run.manifest, numbers)


def _withheld(run: Publication, reports: set[str]) -> list[tuple[str, ...]]:
    """What a run withholds, as ``KEY`` names it; its sheets say so, and ``figures.csv`` has an empty cell."""
    keys: list[tuple[str, ...]] = []
    stated: dict[str, Mapping[str, Any]] = {}
    for name, entry in run.reports.items():
        report = name.rpartition(".")[0]
        for output in entry.get("outputs", ()):
            if report in reports and output.endswith(".json"):
                stated.setdefault(report, json_object(run.folder / output))
    for report, content in stated.items():
        keys += [(report, row["name"], "", "", "") for row in content.get("figures", ()) if row["suppressed"]]
        keys += [
            (report, table, *(str(harmless(row.get(dimension, ""))) for dimension in KEY[2:]))
            for table, rows in content.get("tables", {}).items()
            for row in rows
            if row["suppressed"]
        ]
    return keys


def _threshold(manifest: Mapping[str, Any]) -> int:
    """The largest threshold of a run, of whatever sector."""
    method = manifest.get("params", {}).get("method", {})
    own = (people for _, people in method.get("small_count_thresholds", ()))
    return max(method.get("small_count_threshold", Method().small_count_threshold), *own, 0)
