"""Why the figures of two runs differ, from what their ``run.json`` say, and from their rows where they are known."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rmrp_analysis.figures import FIGURES
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.compare.changes import SELECTIONS, Change
from rmrp_analysis.publish.compare.inputs import RowChanges, Touched, record_marks, touched
from rmrp_analysis.vocabulary import INTERSECTOR, PLATFORM_OF, REGION
from rmrp_analysis.words import N_, SOURCE_LANGUAGE, Words

NAMED = 5
"""How many organisations or cells are named of a cause."""

ANY: frozenset[str] = frozenset({"activities", "planning", "funding"})
WITHHOLDING = "withholding"
"""What a choice decides that moves no number, but may withhold it."""

DECIDED_BY: Mapping[str, frozenset[str]] = {
    "money_of_several_countries": frozenset({"funding"}),
    "organisations_also_in": frozenset({"funding"}),
    "in_transit_in_denominators": frozenset({"planning"}),
    "small_count_threshold": frozenset({WITHHOLDING}),
    "small_count_thresholds": frozenset({WITHHOLDING}),
    "small_counts": frozenset({"activities", WITHHOLDING}),
    "limits": frozenset(),
    "cautions": frozenset(),
}
"""What a choice of the method decides, where that is not what is counted of activities."""


@dataclass(frozen=True)
class Cause:
    """Something that differs between two runs: a sentence with values in it, and which changes it can explain.

    ``kind`` is ``activities``, ``organisation``, ``planning``, ``funding``, ``lists``, ``corrections``, ``repairs``,
    ``method``, ``plan``, ``period``, ``audience``, ``code`` or ``unknown``.
    """

    kind: str
    text: str
    values: Mapping[str, str] = field(default_factory=dict)
    explains: Callable[[Change], bool] = lambda _: True

    def sentence(self, language: str = SOURCE_LANGUAGE) -> str:
        """What differs, in words."""
        return Words(language)(self.text, **self.values)


def run_facts(plan: Plan) -> dict[str, Any]:
    """What ``run.json`` says for comparisons with later runs: cells changed by rule, and by organisation its rows.

    Where records have ids, ``records_by_organisation`` marks those of each organisation (see ``record_marks``).
    """
    rules = plan.changes["rule"].value_counts()
    organisations = plan.reported["appealing_organisation"].value_counts().sort_index()
    return {
        "cells_changed": {str(rule): int(cells) for rule, cells in rules.items()},
        "rows_by_organisation": {str(name): int(rows) for name, rows in organisations.items()},
        "records_by_organisation": record_marks(plan.reported),
    }


def causes(
    before: Mapping[str, Any], after: Mapping[str, Any], rows: RowChanges | None = None, *, with_people: bool = False
) -> list[Cause]:
    """What differs between two runs, from the contents of their ``run.json``.

    ``rows`` say which activities differ, where that is known. ``with_people`` says how many people are in them; only
    for internal use.
    """
    return [
        *_of_inputs(before, after, rows, with_people=with_people),
        *_of_choices(before, after),
        *_of_code(before, after),
    ]


def _of_inputs(
    before: Mapping[str, Any], after: Mapping[str, Any], rows: RowChanges | None, *, with_people: bool
) -> Iterator[Cause]:
    files = [_files(manifest) for manifest in (before, after)]
    for name in dict.fromkeys((*files[0], *files[1])):
        old, new = (side.get(name, {}) for side in files)
        if sorted(old.values()) == sorted(new.values()):  # the same content, under whatever names
            continue
        if name == "corrections":
            yield _of_corrections(old, new, rows, before, after)
        elif name == "activities" and old and new:
            yield from _of_activities(new, rows, before, after, with_people=with_people)
        else:
            kind = name if name in ANY else "lists"
            from_input = _explains(frozenset({name if name in ANY else "activities"}))
            replaced = N_("{input}: {file} was replaced by another file")
            sentence = (
                replaced if old and new else N_("{input}: {file} is new") if new else N_("{input}: {file} is gone")
            )
            yield Cause(kind, sentence, {"input": name, "file": ", ".join(new or old)}, from_input)


def _files(manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The sha256 of each file, by input and name."""
    found: dict[str, dict[str, str]] = {}
    for file in manifest.get("inputs", ()):
        found.setdefault(file["name"], {})[Path(file["path"]).name] = file["sha256"]
    return found


def _of_activities(
    files: Mapping[str, str],
    rows: RowChanges | None,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    with_people: bool,
) -> Iterator[Cause]:
    """Organisations that are gone or new, and the other rows."""
    named = {"file": ", ".join(files)}
    counted = [manifest.get("rows_by_organisation", {}) for manifest in (before, after)]
    gone = rows.gone if rows else {name: count for name, count in counted[0].items() if name not in counted[1]}
    new = rows.new if rows else {name: count for name, count in counted[1].items() if name not in counted[0]}
    if rows is None and not all(counted):  # one of the runs does not say
        gone, new = {}, {}
    for sentence, organisations in (
        (N_("activities: {organisation} no longer reports in {file} (rows: {rows})"), gone),
        (N_("activities: {organisation} now reports in {file} (rows: {rows})"), new),
    ):
        for organisation, count in organisations.items():
            of_it = _touched_by(rows, [organisation])
            values = named | {"organisation": organisation, "rows": str(count)}
            yield Cause("organisation", sentence, values, _explains(frozenset({"activities"}), of_it))
    if rows is None:
        edited = _other_records(before, after)
        moved = {
            name: counted[1][name] - count
            for name, count in counted[0].items()
            if name in counted[1] and (counted[1][name] != count or name in edited)
        }
        if not moved and (gone or new):
            return
        of_rows = N_("activities: {file} was replaced by another file; rows by organization: {organisations}")
        told = ", ".join(f"{name} {count:+d}" if count else f"{name} ±0" for name, count in moved.items())
        sentence = of_rows if moved else N_("activities: {file} was replaced by another file")
        yield Cause("activities", sentence, named | {"organisations": told}, _explains(frozenset({"activities"})))
        return
    others = rows.table[~rows.table["organisation"].isin([*gone, *new])]
    if len(others) or not (gone or new):
        by = others["organisation"].value_counts()
        whose = ", ".join(f"{name or '?'} {count}" for name, count in by.head(NAMED).items())
        changed = others["change"].value_counts()
        values = named | {name: str(changed.get(name, 0)) for name in ("added", "removed", "changed")}
        values |= {"organisations": whose + (" …" if len(by) > NAMED else "")}
        sentence = N_(
            "activities: {file} was replaced; rows added: {added}, removed: {removed}, changed: {changed} "
            "({organisations})"
        )
        if not len(others):
            sentence = N_("activities: {file} was replaced, with the same rows")
        elif with_people:
            values |= {"people": f"{others['people'].sum():+,.0f}"}
            sentence = N_(
                "activities: {file} was replaced; rows added: {added}, removed: {removed}, changed: {changed} "
                "({organisations}); new beneficiaries: {people}"
            )
        yield Cause("activities", sentence, values, _explains(frozenset({"activities"}), touched(others)))


def _other_records(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The organisations whose records differ, as their marks tell; nothing where other cells were changed by rules."""
    repairs = [manifest.get("params", {}).get("repairs") for manifest in (before, after)]
    corrections = [_files(manifest).get("corrections") for manifest in (before, after)]
    marks = [manifest.get("records_by_organisation", {}) for manifest in (before, after)]
    if repairs[0] != repairs[1] or corrections[0] != corrections[1]:
        return set()
    return {name for name in marks[0].keys() & marks[1].keys() if marks[0][name] != marks[1][name]}


def _touched_by(rows: RowChanges | None, organisations: list[str]) -> Touched | None:
    return touched(rows.table[rows.table["organisation"].isin(organisations)]) if rows else None


def _of_corrections(
    old: Mapping[str, str],
    new: Mapping[str, str],
    rows: RowChanges | None,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> Cause:
    if rows is None:
        cells = [str(manifest.get("cells_changed", {}).get("correction", 0)) for manifest in (before, after)]
        values = {"file": ", ".join(new or old), "before": cells[0], "after": cells[1]}
        sentence = N_("corrections by hand: {file} differs; cells corrected: {before}, now {after}")
        return Cause("corrections", sentence, values, _explains(frozenset({"activities"})))
    cells_named = [f"{row.file}:{row.line} {row.column}" for row in rows.corrections.head(NAMED).itertuples()]
    counts = rows.corrections["side"].value_counts()
    values = {
        "new": str(counts.get("new", 0)),
        "taken_back": str(counts.get("taken back", 0)),
        "cells": ", ".join(cells_named) + (" …" if len(rows.corrections) > NAMED else ""),
    }
    sentence = N_("corrections by hand: new {new}, taken back {taken_back} ({cells})")
    return Cause("corrections", sentence, values, _explains(frozenset({"activities"}), touched(rows.corrections)))


def _of_choices(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Cause]:
    """Repairs, choices of the method, and what is counted at all."""
    was_is = N_("{choice} was {before}, is {after}")
    for name in ("audience", "period"):
        if before.get(name) != after.get(name):
            explains = _explains(frozenset({WITHHOLDING}) if name == "audience" else ANY)
            values = {"choice": name, "before": _written(before.get(name)), "after": _written(after.get(name))}
            yield Cause(name, was_is, values, explains)
    old, new = before.get("params"), after.get("params")
    if not old or not new:  # of a version that did not say
        if before.get("method") != after.get("method"):
            values = {"choice": "method", "before": str(before.get("method")), "after": str(after.get("method"))}
            yield Cause("method", was_is, values)
        return
    if old["plan"] != new["plan"]:
        values = {"choice": "plan", "before": str(old["plan"]), "after": str(new["plan"])}
        yield Cause("plan", was_is, values)
    for sentence, names in (
        (N_("the repair {name} is made"), [name for name in new["repairs"] if name not in old["repairs"]]),
        (N_("the repair {name} is no longer made"), [name for name in old["repairs"] if name not in new["repairs"]]),
    ):
        for name in names:
            yield Cause("repairs", sentence, {"name": name}, _explains(frozenset({"activities"})))
    for choice in (choice for choice in new["method"] if choice in old["method"]):  # a version may not know it
        sides = [_written(params["method"][choice]) for params in (old, new)]
        if sides[0] != sides[1]:
            values = {"choice": choice, "before": sides[0], "after": sides[1]}
            explains = _explains(DECIDED_BY.get(choice, frozenset({"activities"})), of_choice=choice)
            yield Cause("method", was_is, values, explains)


def _written(choice: Any) -> str:
    if isinstance(choice, Mapping) and set(choice) == {"start", "end"}:
        return f"{choice['start']}/{choice['end']}"
    if isinstance(choice, Mapping):
        return ", ".join(f"{name} {_written(each)}" for name, each in choice.items())
    if isinstance(choice, list):
        return ", ".join(map(str, choice)) or "none"
    if isinstance(choice, bool):
        return "yes" if choice else "no"
    return str(choice)


def _of_code(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Cause]:
    sides = []
    for manifest in (before, after):
        code = manifest.get("code", {})
        version, checksum = code.get("version", manifest.get("package_version", "?")), code.get("sha256", "")
        sides.append(f"{version} ({checksum[:8]})" if checksum else version)
    if sides[0] != sides[1]:
        values = {"before": sides[0], "after": sides[1]}
        yield Cause("code", N_("rmrp-analysis was {before}, is {after}"), values)


def _explains(
    inputs: frozenset[str], places: Touched | None = None, *, of_choice: str = ""
) -> Callable[[Change], bool]:
    """Whether a change may come from these inputs, and from rows of these sectors and countries."""

    def explains(change: Change) -> bool:
        if WITHHOLDING in inputs and "withheld" in change.kind:
            return True
        if change.kind in ("withheld", "no_longer_withheld") and places is not None:
            return bool(inputs_of(change.of) & inputs)  # a number elsewhere may have to be withheld together with it
        if not inputs_of(change.of) & inputs:
            return False
        sector, place = SELECTIONS.get(change.report, (INTERSECTOR, REGION))
        if of_choice.startswith("intersector_") or of_choice in ("age_gender_proportions", "without_proportions"):
            return sector == INTERSECTOR
        return places is None or any(
            sector in (INTERSECTOR, of_row) and place in (REGION, country, PLATFORM_OF.get(country, REGION))
            for of_row, country in places
        )

    return explains


def inputs_of(figure: str) -> frozenset[str]:
    """What a figure is made from: ``activities``, ``planning``, ``funding``.

    >>> sorted(inputs_of("target_coverage"))
    ['activities', 'planning']
    """
    name = figure.removeprefix("plan_")
    if name not in FIGURES:
        return ANY
    definition = FIGURES[name]
    if definition.part:
        return inputs_of(definition.part) | inputs_of(definition.whole)
    if definition.planned:
        return frozenset({"planning"})
    if name == "requirement_usd":
        return frozenset({"planning", "funding"})
    return frozenset({"funding" if name in ("funding_usd", "donors", "funded_organisations") else "activities"})
