"""What a sheet says of the one that it replaces: which main figures moved, and why."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rmrp_analysis import numbers
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.method import Revision
from rmrp_analysis.page.cards import REVISED_BECAUSE
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.params import ReportParams
from rmrp_analysis.publish.compare.causes import Cause
from rmrp_analysis.publish.compare.changes import Change, Kind
from rmrp_analysis.publish.publication import Publication, json_object
from rmrp_analysis.words import Words

MAIN = ("people_reached", "target", "people_in_need", "funding_usd", "requirement_usd")
"""The figures that a note names; others only where none of these moved."""

WITHHELD = "withheld"
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
    texts = {name: text for name, (text, _) in moved.items()}
    main = [name for name in MAIN if name in moved]
    named = {name: texts[name] for name in main or [*moved][:OTHERS]}
    kinds_of = {name: kind for name, (_, kind) in moved.items()} or dict(_tables_moved(before, printed))
    changes = [Change(report.report, name, "", "", kind) for name, kind in kinds_of.items()]
    if not changes:
        return report
    kinds = [cause.kind for cause in causes if any(map(cause.explains, changes))]
    why = tuple(kind for kind in REVISED_BECAUSE if kind in kinds)
    return report.model_copy(update={"revision": Revision(before=named, why=why)})


def _before(report: ReportParams, published: Publication) -> Mapping[str, Any]:
    """What the published sheet of a report states, if it is of the same period."""
    stated = json_object(published.folder / f"{report.stem}.json")
    return stated if stated.get("period") == {"start": report.period.start, "end": report.period.end} else {}


def _moved(before: Mapping[str, Any], printed: Printed) -> Iterator[tuple[str, tuple[str, Kind]]]:
    """The figures that are printed otherwise, with what was printed: nothing where the number is withheld now."""
    stated = {figure["name"]: figure for figure in before["figures"]}
    for name, figure in printed.key_figures.figures.items():
        old, text = stated.get(name), before["printed"].get(name)
        if old is None or text is None or (old["value"], old["suppressed"]) == (figure.value, figure.suppressed):
            continue
        if text != printed.figure(name):
            kind: Kind = "changed" if old["suppressed"] == figure.suppressed else "withheld"
            yield name, ("" if figure.suppressed else text, kind)


def _tables_moved(before: Mapping[str, Any], printed: Printed) -> Iterator[tuple[str, Kind]]:
    """The breakdowns of which a part is printed otherwise, and whether only what is withheld differs."""
    for name, breakdown in printed.key_figures.breakdowns.items():
        rows = before.get("tables", {}).get(name, ())
        parts = {row[breakdown.dimension]: _text(row, breakdown.unit, printed) for row in rows}
        now = {cell.key: _text(vars(cell), breakdown.unit, printed) for cell in breakdown.cells}
        differing = {key for key in {*parts, *now} if parts.get(key) != now.get(key)}
        if differing:
            of_withholding = all(WITHHELD in (parts.get(key), now.get(key)) for key in differing)
            yield name, "withheld" if of_withholding else "changed"


def _text(stated: Mapping[str, Any], unit: str, printed: Printed) -> str:
    return WITHHELD if stated["suppressed"] else numbers.printed(stated["value"], unit, printed.language)
