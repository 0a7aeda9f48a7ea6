"""What each figure is the sum of: from a selection to contributions, or to the reason why there is nothing to count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import AMOUNT, ROWS, Cells, Contributions
from rmrp_analysis.vocabulary import PLATFORMS, REGION, REGIONAL, WITHOUT_NEED, WITHOUT_PEOPLE

if TYPE_CHECKING:
    from rmrp_analysis.selection import Selection

PLANNED = ("people_in_need", "target")
NEW_NOT_KNOWN = "new_not_known"
"""The reason where no report tells how many people are new, and the cause for which those of some reports are lost."""

PLANNING_KEYS = ("sector", "scope", "admin1", "population_group", "measure", "value", "source")


@dataclass(frozen=True)
class Unknown:
    """Why a figure is not known (a key of ``REASONS``), the source that would hold it, and what there is of it."""

    reason: str
    source: str = ""
    known_parts: Contributions | None = None


Counted = Callable[["Selection"], Contributions | Unknown]


def source_of(selection: "Selection", table: str) -> str:
    """The producer of a table and the day it is of."""
    source = selection.plan.sources[table]
    return f"{source.producer}, {source.as_of or 'no date'}"


def sources_of(selection: "Selection", counted: Contributions) -> list[str]:
    """Where the rows behind a figure come from; planning rows name their own source."""
    if counted.origin == "planning":
        return counted.cells.different("source")
    return [source_of(selection, counted.origin)]


def people_reached(selection: "Selection") -> Contributions | Unknown:
    """See ``Selection.people_reached``; not known where nobody reported, or the model does not see all people, or no
    report tells how many are new.
    """
    source = source_of(selection, "activities")
    if selection.sector in WITHOUT_PEOPLE:
        return Unknown("no_people", source)
    counted = selection.people_reached()
    if not len(selection.coded_cells):
        return Unknown("no_report", source, counted)
    if counted.total is None:
        return Unknown("no_proportions", source, counted)
    of_people = selection.counted_cells
    if len(of_people) and of_people.numbers(ROWS).sum() == of_people.numbers(metrics.ROWS_NOT_KNOWN).sum():
        return Unknown(NEW_NOT_KNOWN, source, counted)
    return counted


def people_compared(selection: "Selection") -> Contributions | Unknown:
    """The people reached whom need and target count, too: people in transit are on both sides, or on neither.

    Not known where the model does not tell who is in transit, or more are said to be in transit than were reached.
    Source: R4V planning figures, whose totals exclude people in transit.
    """
    reached = people_reached(selection)
    if isinstance(reached, Unknown):
        return reached
    compared = as_planned(reached, selection.method)
    if compared.total is None or compared.total < 0:
        return Unknown("in_transit_not_known", source_of(selection, "activities"))
    return compared


def as_planned(reached: Contributions, method: Method) -> Contributions:
    """People reached, with people in transit where need and target have them, and without where they do not."""
    if method.in_transit_in_denominators:
        return reached
    amounts = reached.cells.numbers(AMOUNT) - reached.cells.numbers(metrics.IN_TRANSIT)

    def source_rows() -> pd.DataFrame:
        rows = reached.rows
        return rows.assign(contribution=rows["contribution"] - rows[metrics.IN_TRANSIT])

    return replace(reached, cells=reached.cells.with_numbers({AMOUNT: amounts}), source_rows=source_rows, splits={})


def planned(measure: str) -> Counted:
    """What the plan foresees for a sector and scope, as planning rows; it states nothing by organisation."""

    def counted(selection: "Selection") -> Contributions | Unknown:
        if selection.organisation:
            return Unknown("not_by_organisation")
        planned = selection.plan.planned
        rows = planned.rows(measure, selection.sector, scope=selection.place, method=selection.method)
        if rows:
            return of_planning(selection, measure, rows)
        if measure != "requirement_usd" and selection.sector in WITHOUT_PEOPLE:
            return Unknown("no_people")
        if measure == "people_in_need" and selection.sector in WITHOUT_NEED:
            return Unknown("no_need_defined")
        return Unknown("no_planning" if planned.is_empty else "not_in_plan")

    return counted


def of_planning(
    selection: "Selection", measure: str, rows: Sequence[int], *, less: Sequence[int] = ()
) -> Contributions:
    """Planning rows (see ``metrics.Planned``) as contributions to a planned figure; those of ``less`` come off it."""
    cells = selection.plan.planned.cells.take(np.array([*rows, *less], dtype=np.intp))
    if less:
        signs = np.repeat([1.0, -1.0], [len(rows), len(less)])
        cells = cells.with_numbers({AMOUNT: cells.numbers(AMOUNT) * signs})

    def source_rows() -> pd.DataFrame:
        signed = cells.table
        return signed[["source_file", "source_line", *PLANNING_KEYS]].assign(contribution=signed[AMOUNT])

    return Contributions(
        name=measure,
        unit="usd" if measure == "requirement_usd" else "people",
        cells=cells,
        dimensions=("sector", "scope", "population_group", "source"),
        origin="planning",
        source_rows=source_rows,
    )


def activities(selection: "Selection") -> Contributions:
    """The activities, each row one."""
    return _of_activities(selection, "activities")


def distinct_organisations(column: str, name: str) -> Counted:
    """The different organisations named in a column of activities, whatever its spelling."""
    return lambda selection: _of_activities(selection, name, distinct=column)


def _of_activities(selection: "Selection", name: str, distinct: str = "") -> Contributions:
    def source_rows() -> pd.DataFrame:
        rows = selection.measured_rows.table
        if not distinct:
            return rows.assign(contribution=1.0)
        first = (rows[distinct] != "") & ~rows[distinct].duplicated()
        return rows.assign(contribution=first.astype("float64"))

    return Contributions(
        name=name,
        unit="count",
        cells=selection.coded_cells.with_numbers({AMOUNT: selection.coded_cells.numbers(ROWS)}),
        dimensions=metrics.DIMENSIONS,
        origin="activities",
        source_rows=source_rows,
        parts=selection.parts,
        distinct=distinct,
    )


def requirement(selection: "Selection") -> Contributions | Unknown:
    """As planned; where the planning figures give none, as FTS states it for the sector."""
    foreseen, totals = planned("requirement_usd")(selection), _totals(selection, "requirement_usd")
    if isinstance(foreseen, Contributions) or totals is None or not len(totals.cells):
        return foreseen
    return totals


def funding(selection: "Selection") -> Contributions:
    """The entries of money that name this sector and place alone; see ``metrics.funding_ledger``.

    For an organisation, those from outside the plan that name it as their only recipient. Where the source does not
    tell money apart there is none of them, and ``reason`` is a key of ``REASONS``.
    """
    money = _money(selection, "funding_usd", _of_selection(selection, _entries(selection)))
    if knows_organisation(selection):
        return money
    stated = designated_funding(selection)
    return replace(money, parts={}, reason=stated.reason if isinstance(stated, Unknown) else "no_organisations")


def plan_money(selection: "Selection") -> pd.DataFrame:
    """The rows of the whole plan's money, whatever sector or place they name."""
    totals = totals_by_sector(selection)
    if selection.plan.ledger(selection.method) is not None:
        return _money(selection, "funding_usd", _entries(selection)).rows
    assert totals is not None  # noqa: S101 - only where one of them is known
    return totals.assign(sector=totals["part"], contribution=totals["funding_usd"].fillna(0.0))


def designated_funding(selection: "Selection") -> Contributions | Unknown:
    """The money designated to a sector and place: from flows, else from the totals that the source gives."""
    if "funding" not in selection.plan.sources:
        return Unknown("no_source")
    if selection.plan.funding_flows is not None:
        named = knows_organisation(selection)
        return funding(selection) if named else Unknown("not_at_source", source_of(selection, "funding"))
    if selection.organisation:
        return Unknown("no_organisations", source_of(selection, "funding"))
    totals = _totals(selection, "funding_usd")
    if totals is not None:
        return totals
    by_sector = totals_by_sector(selection)
    return Unknown(
        "no_funding_by_sector" if by_sector is None else "no_funding_by_platform", source_of(selection, "funding")
    )


def knows_organisation(selection: "Selection") -> bool:
    """Whether the source of money names the selection's organisation at all; without one, it is true."""
    if selection.plan.ledger(selection.method) is None:
        return False
    return not selection.organisation or bool(metrics.received_by(_entries(selection), selection.organisation).any())


def organisations_of_money(name: str, side: Literal["donor", "recipient"]) -> Counted:
    """The different organisations that give (or receive) money above 0, by FTS id; see ``metrics.donors``."""

    def counted(selection: "Selection") -> Contributions | Unknown:
        if "funding" not in selection.plan.sources:
            return Unknown("no_source")
        ledger = selection.plan.ledger(selection.method)
        if ledger is None:
            return Unknown("no_organisations", source_of(selection, "funding"))
        if not knows_organisation(selection):
            return Unknown("not_at_source", source_of(selection, "funding"))
        also_in, rule = selection.method.organisations_also_in, selection.method.money_of_several_countries
        entries = selection.plan.once(
            ("organisations of money", side, also_in, rule),
            lambda: metrics.named_organisations(ledger, side, also_in=also_in),
        )
        return _money(selection, name, _of_selection(selection, entries, shared="shared" in also_in), distinct="id")

    return counted


def _entries(selection: "Selection") -> Cells:
    """The entries of the whole plan's money, held to be added up; none where there are no flows."""
    ledger = selection.plan.ledger(selection.method)
    if ledger is None:
        ledger = pd.DataFrame(columns=[*metrics.LEDGER_COLUMNS, "donor"], dtype="str")
    rule = selection.method.money_of_several_countries
    return selection.plan.once(("money", rule), lambda: metrics.money(ledger))


def _of_selection(selection: "Selection", entries: Cells, *, shared: bool = False) -> Cells:
    """The entries that name this sector and place alone (``shared``: or among others), and this organisation."""
    sector, place = selection.sector, selection.place
    if shared:
        inside = metrics.touching(entries, sector=None if selection.is_intersector else sector, place=place)
    else:
        inside = metrics.in_place(entries, place)
        if not selection.is_intersector:
            inside = inside & metrics.in_sector(entries, sector)
    if selection.organisation:
        inside = inside & metrics.received_by(entries, selection.organisation)
    return entries.take(inside)


def _money(selection: "Selection", name: str, entries: Cells, distinct: str = "") -> Contributions:
    """Entries of money as contributions of US$, or of the different ids in the column ``distinct``."""

    def source_rows() -> pd.DataFrame:
        flows, rows = selection.plan.funding_flows, entries.table
        if flows is None:
            flows = pd.DataFrame(columns=["flow_id", "source_file", "source_line"], dtype="str")
        if distinct:
            first = ~rows[distinct].duplicated() & (rows[distinct] != "")
            rows = rows.assign(contribution=first.astype("float64"))
        return rows.merge(flows[["flow_id", "source_file", "source_line"]], on="flow_id", how="left")

    countries = {"country": selection.countries} if selection.countries else {}
    return Contributions(
        name=name,
        unit="count" if distinct else "usd",
        cells=entries,
        dimensions=("sector", "platform", "country", "donor", "organisation", "entry", "date"),
        origin="funding",
        source_rows=source_rows,
        parts={"platform": (*PLATFORMS, REGIONAL), **countries},
        distinct=distinct,
    )


def totals_by_sector(selection: "Selection") -> pd.DataFrame | None:
    """This plan's totals by sector, where the source gives them."""
    plan = selection.plan

    def by_sector() -> pd.DataFrame | None:
        if plan.funding_totals is None:
            return None
        own = metrics.totals_of_plan(plan.funding_totals, plan.year.fts_plan_id)
        rows = own[own["grouped_by"] == "sector"]
        return rows if len(rows) else None

    return plan.once(("totals by sector",), by_sector)


def nothing_known(selection: "Selection") -> bool:
    """Whether nothing was reported of the selection, nothing designated to it and nothing planned for it."""
    if len(selection.coded_cells):
        return False
    stated = (designated_funding(selection), requirement(selection), *(planned(name)(selection) for name in PLANNED))
    return not any(isinstance(counted, Contributions) and counted.total for counted in stated)


def _totals(selection: "Selection", measure: str) -> Contributions | None:
    """A measure of the source's own totals for the sector, which it gives for the region alone."""
    by_sector = totals_by_sector(selection)
    if by_sector is None or selection.place != REGION or selection.organisation:
        return None

    def stated() -> Cells:
        is_requirement = measure == "requirement_usd"
        amounts = metrics.requirements_usd(by_sector) if is_requirement else by_sector[measure].fillna(0.0)
        known = by_sector[amounts.notna()] if is_requirement else by_sector
        cells = Cells(known.assign(sector=known["part"]))
        return cells.with_numbers({AMOUNT: amounts[known.index].to_numpy("float64"), ROWS: np.ones(len(known))})

    of_plan = selection.plan.once(("totals", measure), stated)
    cells = of_plan if selection.is_intersector else of_plan.where("sector", selection.sector)
    return Contributions(
        name=measure,
        unit="usd",
        cells=cells,
        dimensions=("sector",),
        origin="funding",
        source_rows=lambda: cells.table.assign(amount_usd=cells.table[AMOUNT], contribution=cells.table[AMOUNT]),
    )
