"""What a sheet says of the one that it replaces: which main figures moved, for which reasons."""

from collections.abc import Callable

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.method import Revision
from rmrp_analysis.page.cards import REVISED_BECAUSE
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.params import ReportParams
from rmrp_analysis.publish.comparison.causes import Cause
from rmrp_analysis.publish.comparison.changes import with_facts
from rmrp_analysis.publish.records.manifest import Months, StatedSheet
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.words import Words

MAIN = ("people_reached", "target", "people_in_need", "funding_usd", "requirement_usd")
"""The figures that a note names; others only where none of these moved."""

OTHERS = 3
"""How many other figures a note names."""


def as_published(report: ReportParams, published: Publication) -> ReportParams:
    """The report with the note that its published sheet bears: it stays until a number changes again."""
    before = published.sheet(report.stem)
    noted = before.revision if before and _is_of(report, before) else None
    return report.model_copy(update={"revision": Revision.model_validate(noted)}) if noted else report


def revised(
    report: ReportParams, published: Publication, figures: Callable[[], KeyFigures], causes: list[Cause]
) -> ReportParams:
    """The report with a note on what it changes of its published sheet, if a printed number changes.

    ``figures`` gives what the new sheet will state, ``causes`` what differs between the two runs. A sheet of some of
    the months is gone on from: the note holds its main figures.
    """
    before = published.sheet(report.stem)
    if before is None or not before.printed:
        return report
    if (before.period.start, before.period.end < report.period.end) == (report.period.start, True):
        main = {name: before.printed[name] for name in MAIN if name in before.printed}
        return report.model_copy(update={"revision": Revision(before=main, until=before.period.end)})
    if not _is_of(report, before):
        return report
    printed = Printed(figures(), Words(report.language))
    stated = {figure.name: figure.value for figure in before.figures}
    moved = {
        name: before.printed[name]
        for name, figure in printed.key_figures.figures.items()
        if before.printed.get(name, printed.figure(name)) != printed.figure(name) and stated.get(name) != figure.value
    }
    names = [*moved] or [
        name
        for name, breakdown in printed.key_figures.breakdowns.items()
        if {cell.key: numbers.printed(cell.value, breakdown.unit, report.language) for cell in breakdown.cells}
        != {
            row[breakdown.dimension]: numbers.printed(row["value"], breakdown.unit, report.language)
            for row in before.tables.get(name, ())
        }
    ]
    if not names:
        return report
    changes = with_facts(pd.DataFrame({"report": report.report, "figure": names, "part": "", "kind": "changed"}))
    kinds = {cause.kind for cause in causes if cause.explains(changes).any()}
    named = [name for name in MAIN if name in moved] or [*moved][:OTHERS]
    why = tuple(kind for kind in REVISED_BECAUSE if kind in kinds)
    revision = Revision(before={name: moved[name] for name in named}, why=why)
    return report.model_copy(update={"revision": revision})


def _is_of(report: ReportParams, published: StatedSheet) -> bool:
    """Whether a published sheet is of the same period as the report."""
    return published.period == Months(**report.period.model_dump())
