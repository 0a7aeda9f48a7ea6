"""What a sheet says of the one that it replaces: which main figures moved, and what moved them."""

from collections.abc import Callable, Collection, Sequence

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.ledger import changes_by_partner
from rmrp_analysis.method import MovedReport, Movement, Revision
from rmrp_analysis.metrics import MEMBERS
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.params import ReportParams
from rmrp_analysis.publish.comparison.account import Account
from rmrp_analysis.publish.records.manifest import Months, StatedSheet
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.vocabulary import INTERSECTOR
from rmrp_analysis.words import Translator

MAIN = ("people_reached", "target", "people_in_need", "funding_usd", "requirement_usd")
"""The figures that a note names; others only where none of these moved."""
MAX_OTHERS = 3


def as_published(report: ReportParams, published: Publication) -> ReportParams:
    """The report with the note that its published sheet bears: it stays until a number changes again."""
    before = published.sheet(report.stem)
    noted = before.revision if before and _is_of(report, before) else None
    return report.model_copy(update={"revision": Revision.model_validate(noted)}) if noted else report


def follows(report: ReportParams, before: StatedSheet | None) -> bool:
    """Tell whether a report takes the place of a published sheet: one of its months, or of its first ones."""
    if before is None or not before.printed:
        return False
    return _is_of(report, before) or (before.period.start, before.period.end < report.period.end) == (
        report.period.start,
        True,
    )


def revised(
    report: ReportParams, published: Publication, figures: Callable[[], KeyFigures], account: Account
) -> ReportParams:
    """The report with a note on what it changes of its published sheet, if a printed number changes.

    ``figures`` gives what the new sheet will print. What is not known now, or was not printed otherwise, is not noted.
    """
    before = published.sheet(report.stem)
    if before is None or not follows(report, before):
        return report
    formatter = SheetFormatter(figures(), Translator(report.language))
    known = {figure.name: figure.value for figure in before.figures}
    moved = {
        name: Movement(
            before="" if known.get(name) is None else before.printed.get(name, ""),
            parts=account.parts(report.report, name),
        )
        for name, figure in formatter.key_figures.figures.items()
        if figure.value is not None
        and known.get(name) != figure.value
        and before.printed.get(name, "") != formatter.format_figure(name)
    }
    until = "" if _is_of(report, before) else before.period.end
    named = [name for name in MAIN if name in moved] or ([] if until else [*moved][:MAX_OTHERS])
    tables = not moved and not until and _tables_differ(formatter, before)
    if not named and not tables and not until:
        return report
    revision = Revision(
        until=until,
        figures={name: moved[name] for name in named},
        reports=tuple(moved_reports(account.reports, report, moved["people_reached"].parts))
        if "people_reached" in named
        else (),
        tables=account.kinds_of_tables if tables else (),
    )
    return report.model_copy(update={"revision": revision})


def moved_reports(changes: pd.DataFrame, report: ReportParams, kinds: Collection[str]) -> list[MovedReport]:
    """Return the changed reports of these kinds that a sheet counts, most people first.

    A public sheet names neither their organisations nor their people.
    """
    sectors, countries, organisations = (
        changes.index.get_level_values(name) for name in ("sector", "country", "organisation")
    )
    is_here = countries.isin(MEMBERS.loc[MEMBERS["place"] == report.place, "country"])
    if report.sector != INTERSECTOR:
        is_here &= sectors == report.sector
    if report.organisation:
        is_here &= organisations == report.organisation
    partners = changes_by_partner(changes[is_here & changes["change"].isin(kinds).to_numpy("bool")])
    partners = partners[partners["people"] != partners["people_before"]]
    names = ["change", "country", "month"]
    if report.audience == "public":
        partners = partners[names].drop_duplicates().sort_values(names)
    else:
        names += ["organisation", "people_before", "people"]
    return [
        MovedReport(**{str(name): value for name, value in row.items()}) for row in partners[names].to_dict("records")
    ]


def _tables_differ(formatter: SheetFormatter, before: StatedSheet) -> bool:
    """Whether any breakdown prints other numbers than before."""
    language = formatter.language
    return any(
        {cell.key: numbers.format_value(cell.value, breakdown.unit, language) for cell in breakdown.cells}
        != {
            row[breakdown.dimension]: numbers.format_value(row["value"], breakdown.unit, language)
            for row in before.tables.get(name, ())
        }
        for name, breakdown in formatter.key_figures.breakdowns.items()
    )


def _is_of(report: ReportParams, published: StatedSheet) -> bool:
    """Whether a published sheet is of the same period as the report."""
    return published.period == Months(**report.period.model_dump())


def selected_sheets(reports: Sequence[ReportParams]) -> list[tuple[str, str, str]]:
    """Return sector, place and organisation of each of these reports, each once whatever its languages."""
    return [*dict.fromkeys((each.sector, each.place, each.organisation) for each in reports)]
