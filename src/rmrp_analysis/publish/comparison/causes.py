"""Why the figures of two runs differ: by their ``run.json``, or by their rows where these are known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from rmrp_analysis.figures import FIGURES
from rmrp_analysis.publish.comparison.rows import BY_HAND, RowChanges, Touched, are_touched, inputs_that_differ
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.vocabulary import INTERSECTOR, fold
from rmrp_analysis.words import N_, SOURCE_LANGUAGE, Words

NAMED = 5
"""How many organisations or cells are named of a cause."""

ROUNDING, ACTIVITIES = frozenset({"rounding"}), frozenset({"activities"})
"""``rounding`` moves counts of people by less than the base to which they are rounded."""

EVERYTHING = ROUNDING | ACTIVITIES | {"planning", "funding"}
DECIDED_BY: Mapping[str, frozenset[str]] = {
    "in_transit_in_denominators": frozenset({"planning"}),
    "rounding": ROUNDING,
    "limits": frozenset(),
    "cautions": frozenset(),
}
"""What a choice of the method decides, where that is not what is counted of activities."""

OF_ALL_SECTORS = ("intersector_model", "intersector_level", "age_gender_proportions", "without_proportions")
"""Choices of the method that decide on sheets of all sectors alone."""


@dataclass(frozen=True, eq=False)
class Cause:
    """Something that differs between two runs: a sentence with values in it, and which changes it can explain.

    ``kind`` is ``activities``, ``organisation``, ``planning``, ``funding``, ``lists``, ``corrections``, ``repairs``,
    ``method``, ``plan``, ``period``, ``audience``, ``code`` or ``unknown``. It can explain what is made of its
    ``inputs``; where rows are known, only the parts of sheets that they have ``touched``.
    """

    kind: str
    text: str
    values: Mapping[str, str] = field(default_factory=dict)
    inputs: frozenset[str] = EVERYTHING
    touched: Touched | None = None
    of_all_sectors: bool = False

    def sentence(self, language: str = SOURCE_LANGUAGE) -> str:
        """Say what differs."""
        return Words(language)(self.text, **self.values)

    def explains(self, changes: pd.DataFrame) -> pd.Series:
        """Tell which changes may come from it."""
        may = changes["of"].map(lambda figure: bool(inputs_of(figure) & self.inputs)).astype("bool")
        if self.of_all_sectors:
            may &= changes["sector"] == INTERSECTOR
        return may if self.touched is None else may & are_touched(changes, self.touched)


def inputs_of(figure: str) -> frozenset[str]:
    """Give what a figure is made from: ``activities``, ``planning``, ``funding``, ``rounding``.

    >>> sorted(inputs_of("target_coverage"))
    ['activities', 'planning', 'rounding']
    """
    name = figure.removeprefix("plan_")
    if name not in FIGURES:
        return EVERYTHING
    definition = FIGURES[name]
    if definition.part:
        return inputs_of(definition.part) | inputs_of(definition.whole)
    if definition.planned:
        return frozenset({"planning"})
    if name == "requirement_usd":
        return frozenset({"planning", "funding"})
    if name in ("funding_usd", "donors", "funded_organisations"):
        return frozenset({"funding"})
    return ACTIVITIES | ROUNDING if definition.protected else ACTIVITIES


def causes(
    before: Manifest, after: Manifest, rows: RowChanges | None = None, *, with_people: bool = False
) -> list[Cause]:
    """Give what differs between two runs, from the contents of their ``run.json``.

    ``rows`` say which activities differ, where that is known. ``with_people`` says how many people are in them; only
    for internal use.
    """
    differing = inputs_that_differ(before, after)
    found: list[Cause] = []
    for name, (old, new) in differing.items():
        files = ", ".join(f"{file.file}, sheet '{file.sheet}'" if file.content else file.file for file in new or old)
        if name == "corrections":
            found.append(_of_corrections(files, before, after, rows))
        elif name == "activities" and old and new:
            found += _of_activities(files, before, after, rows, with_people=with_people)
        else:
            alone = N_("{input}: {file} is new") if new else N_("{input}: {file} is gone")
            sentence = N_("{input}: {file} was replaced by another file") if old and new else alone
            kind, inputs = (name, frozenset({name})) if name in EVERYTHING else ("lists", ACTIVITIES)
            found.append(Cause(kind, sentence, {"input": name, "file": files}, inputs))
    return [*found, *_of_choices(before, after)]


def _of_activities(
    files: str, before: Manifest, after: Manifest, rows: RowChanges | None, *, with_people: bool
) -> Iterator[Cause]:
    """The organisations, in any spelling, that only one of the runs has; then what differs of the others."""
    counted = rows.by_organisation if rows else [run.rows_by_organisation for run in (before, after)]
    gone = N_("activities: {organisation} no longer reports in {file} (rows: {rows})")
    come = N_("activities: {organisation} now reports in {file} (rows: {rows})")
    apart: list[str] = []
    for sentence, (mine, others) in ((gone, counted), (come, counted[::-1])) if rows or all(counted) else ():
        known = set(map(fold, others))
        for name in (name for name in mine if fold(name) not in known):
            values = {"file": files, "organisation": name, "rows": str(mine[name])}
            parts = rows.touched(rows.table[rows.table["organisation"] == name]) if rows else None
            apart.append(name)
            yield Cause("organisation", sentence, values, ACTIVITIES, parts)
    if rows:
        rest = rows.table[~rows.table["organisation"].isin(apart)]
        whose = [f"{name or '?'} {count}" for name, count in rest["organisation"].value_counts().items()]
        changes = rest["change"].value_counts().reindex(["added", "removed", "changed"], fill_value=0)
        values = {"file": files, "organisations": _listed(whose), **changes.astype("str")} if whose else {"file": files}
        sentence = N_("activities: other content of {file}, with the same rows")
        if whose and with_people:
            values["people"] = f"{rest['people'].sum():+,.0f}"
            sentence = N_(
                "activities: other content of {file}; rows added: {added}, removed: {removed}, changed: {changed} "
                "({organisations}); new beneficiaries: {people}"
            )
        elif whose:
            sentence = N_(
                "activities: other content of {file}; rows added: {added}, removed: {removed}, changed: {changed} "
                "({organisations})"
            )
    else:
        old, new = counted
        whose = [f"{name} {new[name] - count:+d}" for name, count in old.items() if new.get(name, count) != count]
        values = {"file": files, "organisations": ", ".join(whose)}
        sentence = N_("activities: other content of {file}")
        if whose:
            sentence = N_("activities: other content of {file}; rows by organization: {organisations}")
    if whose or not apart:
        yield Cause("activities", sentence, values, ACTIVITIES, rows.touched(rest) if rows else None)


def _of_corrections(files: str, before: Manifest, after: Manifest, rows: RowChanges | None) -> Cause:
    if rows is None:
        old, new = (str(run.cells_changed.get(BY_HAND, 0)) for run in (before, after))
        sentence = N_("corrections by hand: {file} differs; cells corrected: {before}, now {after}")
        return Cause("corrections", sentence, {"file": files, "before": old, "after": new}, ACTIVITIES)
    cells = rows.corrections
    named = [f"{file}:{line} {column}" for file, line, column in cells[["file", "line", "column"]].to_numpy()]
    counts = cells["side"].value_counts()
    values = {"new": str(counts.get("new", 0)), "taken_back": str(counts.get("taken back", 0)), "cells": _listed(named)}
    sentence = N_("corrections by hand: new {new}, taken back {taken_back} ({cells})")
    return Cause("corrections", sentence, values, ACTIVITIES, rows.touched(cells))


def _of_choices(before: Manifest, after: Manifest) -> Iterator[Cause]:
    """What is counted at all, repairs, choices of the method, and the code."""
    choices: list[tuple[str, str, frozenset[str], Any, Any]] = [
        ("audience", "audience", ROUNDING, before.audience, after.audience),
        ("period", "period", EVERYTHING, before.period, after.period),
        ("plan", "plan", EVERYTHING, before.params.get("plan"), after.params.get("plan")),
    ]
    choices += [
        ("method", name, DECIDED_BY.get(name, ACTIVITIES), before.choices[name], choice)
        for name, choice in after.choices.items()
        if name in before.choices  # a version may not know it
    ]
    for kind, name, inputs, was, now in choices:
        if was != now:
            values = {"choice": name, "before": _written(was), "after": _written(now)}
            sentence = N_("{choice} was {before}, is {after}")
            yield Cause(kind, sentence, values, inputs, of_all_sectors=name in OF_ALL_SECTORS)
    made = [run.params.get("repairs", ()) for run in (before, after)]
    for name in dict.fromkeys((*made[0], *made[1])):
        if not (name in made[0] and name in made[1]):
            sentence = N_("the repair {name} is made") if name in made[1] else N_("the repair {name} is no longer made")
            yield Cause("repairs", sentence, {"name": name}, ACTIVITIES)
    was, now = (f"{run.code.version or '?'} ({run.code.sha256[:8]})" for run in (before, after))
    if was != now:
        yield Cause("code", N_("rmrp-analysis was {before}, is {after}"), {"before": was, "after": now})


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")


def _written(choice: Any) -> str:
    if isinstance(choice, Mapping):
        return ", ".join(f"{name} {_written(each)}" for name, each in choice.items())
    if isinstance(choice, list):
        return ", ".join(map(str, choice)) or "none"
    if isinstance(choice, bool):
        return "yes" if choice else "no"
    return str(choice)
