"""What a sheet says of the one that it replaces: which main figures moved, and why."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.method import Revision
from rmrp_analysis.page.cards import REVISED_BECAUSE
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.params import ReportParams
from rmrp_analysis.publish.compare.causes import Cause
from rmrp_analysis.publish.compare.changes import with_facts
from rmrp_analysis.publish.publication import Publication, json_object
from rmrp_analysis.words import Words

MAIN = ("people_reached", "target", "people_in_need", "funding_usd", "requirement_usd")
"""The figures that a note names; others only where none of these moved."""

OTHERS = 3
"""How many other figures a note names."""


def as_published(report: ReportParams, published: Publication) -> ReportParams:
    """The report with the note that its published sheet bears: it stays until a number changes again."""
    noted = _before(report, published).get("revision")
    return report.model_copy(update={"revision": Revision.model_validate(noted)}) if noted else report


def revised(
    report: ReportParams, published: Publication, figures: Callable[[], KeyFigures], causes: list[Cause]
) -> ReportParams:
    """The report with a note on what it changes of its published sheet, if a printed number changes.

    ``figures`` gives what the new sheet will state, ``causes`` what differs between the two runs.
    """
    before = _before(report, published)
    if not before or "printed" not in before:
        return report
    printed = Printed(figures(), Words(report.language))
    moved = dict(_moved(before, printed))
    main = [name for name in MAIN if name in moved]
    named = {name: moved[name] for name in main or [*moved][:OTHERS]}
    figures_moved = [*moved] or [*_tables_moved(before, printed)]
    if not figures_moved:
        return report
    facts = {"report": report.report, "part": "", "kind": "changed"}
    changes = with_facts(pd.DataFrame({"figure": figures_moved}).assign(**facts))
    kinds = [cause.kind for cause in causes if cause.explains(changes).any()]
    why = tuple(kind for kind in REVISED_BECAUSE if kind in kinds)
    return report.model_copy(update={"revision": Revision(before=named, why=why)})


def _before(report: ReportParams, published: Publication) -> Mapping[str, Any]:
    """What the published sheet of a report states, if it is of the same period."""
    stated = json_object(published.folder / f"{report.stem}.json")
    return stated if stated.get("period") == {"start": report.period.start, "end": report.period.end} else {}


def _moved(before: Mapping[str, Any], printed: Printed) -> Iterator[tuple[str, str]]:
    """The figures that are printed otherwise, with what was printed."""
    stated = {figure["name"]: figure for figure in before["figures"]}
    for name, figure in printed.key_figures.figures.items():
        old, text = stated.get(name), before["printed"].get(name)
        if old is not None and text is not None and old["value"] != figure.value and text != printed.figure(name):
            yield name, text


def _tables_moved(before: Mapping[str, Any], printed: Printed) -> Iterator[str]:
    """The breakdowns of which a part is printed otherwise."""
    for name, breakdown in printed.key_figures.breakdowns.items():
        before_parts = {row[breakdown.dimension]: row["value"] for row in before.get("tables", {}).get(name, ())}
        parts = {cell.key: cell.value for cell in breakdown.cells}
        old, new = (
            {key: numbers.printed(value, breakdown.unit, printed.language) for key, value in side.items()}
            for side in (before_parts, parts)
        )
        if old != new:
            yield name
