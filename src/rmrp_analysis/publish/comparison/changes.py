"""The figures of two published runs side by side: what changed, with a score of how much that matters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, product
from pathlib import Path

import numpy as np
import pandas as pd

from rmrp_analysis.errors import RequestError
from rmrp_analysis.figures import BREAKDOWNS, FIGURES
from rmrp_analysis.method import Method
from rmrp_analysis.params import REPORT_SECTORS
from rmrp_analysis.publish.records.figures import read_rows
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.vocabulary import INTERSECTOR, PLACES, REGION, report_id, short_name, slug

TIERS: Mapping[str, float] = {"large": 0.15, "medium": 0.01, "small": 0.0}
"""How much a change matters: its score is above this bound."""

SELECTIONS = {report_id(sector, place): (sector, place) for sector, place in product(REPORT_SECTORS, PLACES)}
"""What the report of everybody is about, by its id without language."""

OF_ORGANISATION = ".by-"
"""Stands in the id of a report of one organisation, before the organisation's acronym."""

SAME = 1e-9
"""Numbers that differ by less than this share of themselves are the same: sums of floats in another order."""


@dataclass(frozen=True, eq=False)
class PublishedRun:
    """A run as its folder has it: its ``run.json``, and the texts of its ``figures.csv`` by ``KEY``."""

    folder: Path
    manifest: Manifest
    rows: pd.DataFrame

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """Every ``value`` as a number, NaN where it is not known, with its ``unit``."""
        return self.rows[["unit"]].assign(value=pd.to_numeric(self.rows["value"], errors="coerce"))

    @property
    def sheets(self) -> set[str]:
        """The reports of which it has figures, without their languages."""
        return set(self.rows.index.get_level_values("report"))


def changes_between(before: PublishedRun, after: PublishedRun) -> pd.DataFrame:
    """Give what the second run states differently of the sheets that both have: what matters most first.

    A row is a figure, or a ``part`` of a breakdown. ``kind`` is *changed*, *new* or *gone*: ``before`` or ``after`` is
    not known. ``score`` is how far the numbers are apart, |a − b| / (|a| + |b|): 0 to 1, and 1 where only one is known;
    ``tier`` says how much that matters, ``share`` is the change as a share of the number before. ``rounding`` tells
    whether it may be a step of rounding alone. For the other columns see ``with_facts``.
    """
    sides = side_by_side(before.numbers, after.numbers)
    old, new = sides["value_before"], sides["value_after"]
    both = sides.index.get_level_values("report").isin(before.sheets & after.sheets)
    changes = sides[both & ~np.isclose(old, new, rtol=SAME, atol=0, equal_nan=True)].reset_index()
    old, new = changes["value_before"], changes["value_after"]
    score = ((new - old).abs() / (new.abs() + old.abs())).round(6).fillna(1.0)
    changes = changes.assign(
        part=changes["platform"] + changes["group"] + changes["month"],
        unit=changes["unit_after"].fillna(changes["unit_before"]),
        kind=np.select([old.isna(), new.isna()], ["new", "gone"], "changed"),
        before=old,
        after=new,
        difference=new - old,
        share=(new - old) / old.abs(),
        score=score,
        tier=np.select([score > bound for bound in TIERS.values()], [*TIERS], "small"),
    )
    changes = with_facts(changes)
    public = [run.manifest.choices for run in (before, after) if run.manifest.audience == "public"]
    bases = [Method(rounding=method.get("rounding", 0)).bases for method in public]  # earlier versions did not round
    base = max(chain([0], *bases))
    counted = changes["of"].map(lambda figure: figure in FIGURES and FIGURES[figure].protected).astype("bool")
    changes = changes.assign(rounding=counted & (changes["difference"].abs() <= base), is_part=changes["part"] != "")
    order = ["score", "is_part", "report", "figure", "part"]
    return changes.sort_values(order, ascending=[False, *[True] * 4], ignore_index=True).drop(columns="is_part")


def side_by_side(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of two runs by ``KEY``, a column of each; what one of them does not have is NaN."""
    return pd.concat([before.add_suffix("_before"), after.add_suffix("_after")], axis="columns")


def with_facts(changes: pd.DataFrame) -> pd.DataFrame:
    """Add what decides which cause explains a change.

    ``name`` is the figure as an author names it, ``of`` the figure that a breakdown splits, ``by`` the dimension of a
    part, ``sector`` that of the sheet; ``people`` tells whether people reached are counted, or a share of them.
    """
    figures, parts = changes["figure"], changes["part"]
    of = figures.map(lambda name: BREAKDOWNS[name].figure if name in BREAKDOWNS else name)
    return changes.assign(
        name=figures.where(parts == "", figures + '["' + parts + '"]'),
        of=of,
        by=figures.map(lambda name: BREAKDOWNS[name].by[0] if name in BREAKDOWNS else ""),
        sector=changes["report"].map(lambda report: selected(report)[0]),
        people=of.map(lambda name: name in FIGURES and FIGURES[name].tells_of_people).astype("bool"),
    )


def selected(report: str, organisations: Iterable[str] = ()) -> tuple[str, str, str]:
    """Give what a report is about, from its id: sector, place, and which of these organisations (empty: everybody)."""
    of_everybody, _, acronym = report.partition(OF_ORGANISATION)
    name = next((name for name in organisations if slug(short_name(name)) == acronym), acronym) if acronym else ""
    return *SELECTIONS.get(of_everybody, (INTERSECTOR, REGION)), name


def read_run(folder: Path) -> PublishedRun:
    """Read what a run's folder states now.

    Raises ``RequestError`` where the folder holds no run, or one of another plan pack.
    """
    run = Publication(folder)
    path = folder / "figures.csv"
    if not run.manifest.model_fields_set or not path.is_file():
        raise RequestError(f"{folder} is not the folder of a run: it has no run.json with a figures.csv beside it")
    run.check_pack()
    return PublishedRun(folder, run.manifest, read_rows(path))
