"""What each figure is the sum of: from a selection to contributions, or to the reason why there is nothing to count."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import AMOUNT, ROWS, Contributions
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


def people_reached(selection: "Selection") -> Contributions | Unknown:
    """See ``Selection.people_reached``; not known where nobody reported, or the model does not see all people, or no
    report tells how many are new.
    """
    source = source_of(selection, "activities")
    if selection.sector in WITHOUT_PEOPLE:
        return Unknown("no_people", source)
    counted = selection.people_reached()
    if selection.cells.empty:
        return Unknown("no_report", source, counted)
    if counted.total is None:
        return Unknown("no_proportions", source, counted)
    of_people = selection.counted_cells
    if len(of_people) and of_people[ROWS].sum() == of_people[metrics.ROWS_NOT_KNOWN].sum():
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
    amounts = reached.table[AMOUNT] - reached.table[metrics.IN_TRANSIT]

    def source_rows() -> pd.DataFrame:
        rows = reached.rows
        return rows.assign(contribution=rows["contribution"] - rows[metrics.IN_TRANSIT])

    return replace(reached, table=reached.table.assign(**{AMOUNT: amounts}), source_rows=source_rows, splits={})


def planned(measure: str) -> Counted:
    """What the plan foresees for a sector and scope, as planning rows; it states nothing by organisation."""

    def counted(selection: "Selection") -> Contributions | Unknown:
        if selection.organisation:
            return Unknown("not_by_organisation")
        rows = metrics.planned(
            selection.plan.planning,
            measure,
            selection.sector,
            scope=selection.place,
            method=selection.method,
        )
        if len(rows):
            return of_planning(measure, rows)
        if measure != "requirement_usd" and selection.sector in WITHOUT_PEOPLE:
            return Unknown("no_people")
        if measure == "people_in_need" and selection.sector in WITHOUT_NEED:
            return Unknown("no_need_defined")
        return Unknown("no_planning" if selection.plan.planning.empty else "not_in_plan")

    return counted


def of_planning(measure: str, rows: pd.DataFrame, *, less: pd.DataFrame | None = None) -> Contributions:
    """Planning rows as contributions to a planned figure; those of ``less`` are taken off it."""
    signed = pd.concat([rows, less]) if less is not None else rows
    amounts = signed["value"] * ([1.0] * len(rows) + [-1.0] * (len(signed) - len(rows)))
    return Contributions(
        name=measure,
        unit="usd" if measure == "requirement_usd" else "people",
        table=signed.assign(amount=amounts, rows=1),
        dimensions=("sector", "scope", "population_group", "source"),
        origin="planning",
        source_rows=lambda: signed[["source_file", "source_line", *PLANNING_KEYS]].assign(contribution=amounts),
    )


def activities(selection: "Selection") -> Contributions:
    """The activities, each row one."""
    return _of_activities(selection, "activities")


def distinct_organisations(column: str, name: str) -> Counted:
    """The different organisations named in a column of activities, whatever its spelling."""
    return lambda selection: _of_activities(selection, name, distinct=column)


def _of_activities(selection: "Selection", name: str, distinct: str = "") -> Contributions:
    def source_rows() -> pd.DataFrame:
        rows = selection.measured_rows
        if not distinct:
            return rows.assign(contribution=1.0)
        first = (rows[distinct] != "") & ~rows[distinct].duplicated()
        return rows.assign(contribution=first.astype("float64"))

    return Contributions(
        name=name,
        unit="count",
        table=selection.cells.assign(**{AMOUNT: selection.cells[ROWS].astype("float64")}),
        dimensions=metrics.DIMENSIONS,
        origin="activities",
        source_rows=source_rows,
        parts=selection.parts,
        distinct=distinct,
    )


def requirement(selection: "Selection") -> Contributions | Unknown:
    """As planned; where the planning figures give none, as FTS states it for the sector."""
    foreseen, totals = planned("requirement_usd")(selection), _totals(selection, "requirement_usd")
    if isinstance(foreseen, Contributions) or totals is None or totals.table.empty:
        return foreseen
    return totals


def funding(selection: "Selection") -> Contributions:
    """The entries of money that name this sector and place alone; see ``metrics.funding_ledger``.

    For an organisation, those from outside the plan that name it as their only recipient.
    """
    return _money(selection, "funding_usd", _entries(selection))


def plan_money(selection: "Selection") -> pd.DataFrame:
    """The rows of the whole plan's money, whatever sector or place they name."""
    ledger, totals = selection.plan.ledger(selection.method), totals_by_sector(selection)
    if ledger is not None:
        return _money(selection, "funding_usd", ledger).rows
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
    ledger = selection.plan.ledger(selection.method)
    return ledger is not None and (not selection.organisation or len(_received(selection, ledger)) > 0)


def organisations_of_money(name: str, side: str) -> Counted:
    """The different organisations that give (or receive) money above 0, by FTS id; see ``metrics.donors``."""

    def counted(selection: "Selection") -> Contributions | Unknown:
        if "funding" not in selection.plan.sources:
            return Unknown("no_source")
        ledger = selection.plan.ledger(selection.method)
        if ledger is None:
            return Unknown("no_organisations", source_of(selection, "funding"))
        if not knows_organisation(selection):
            return Unknown("not_at_source", source_of(selection, "funding"))
        also_in = selection.method.organisations_also_in
        entries = _entries(selection)
        if "shared" in also_in:
            sector = None if selection.is_intersector else selection.sector
            entries = metrics.touching(_received(selection, ledger), sector=sector, place=selection.place)
        giving = entries.index.isin(metrics.giving(entries, also_in=also_in).index)
        named = entries.assign(id=entries[f"{side}_ids"].where(giving, "")).explode("id")
        return _money(selection, name, named.assign(id=named["id"].fillna("").astype("str")), distinct="id")

    return counted


def _entries(selection: "Selection") -> pd.DataFrame:
    """The entries of money that name this sector and place alone."""
    ledger = selection.plan.ledger(selection.method)
    assert ledger is not None  # noqa: S101 - only where there are flows
    received = _received(selection, ledger)
    of_sector = received if selection.is_intersector else metrics.in_sector(received, selection.sector)
    return metrics.in_place(of_sector, selection.place)


def _received(selection: "Selection", ledger: pd.DataFrame) -> pd.DataFrame:
    """The entries of money that the selection's organisation received; without one, all."""
    return metrics.received_by(ledger, selection.organisation) if selection.organisation else ledger


def _money(selection: "Selection", name: str, entries: pd.DataFrame, distinct: str = "") -> Contributions:
    """Entries of money as contributions of US$, or of the different ids in the column ``distinct``."""
    if distinct:
        amounts = (~entries[distinct].duplicated() & (entries[distinct] != "")).astype("float64")
    else:
        amounts = entries["amount_usd"]
    table = entries.assign(
        platform=entries["platform"].where(entries["platform"].isin(PLATFORMS), REGIONAL),
        recipient_id=entries["recipient_ids"].map("; ".join),
        contribution=amounts,
        **{AMOUNT: 1.0 if distinct else amounts, ROWS: (~entries.index.duplicated()).astype("int64")},
    )

    def source_rows() -> pd.DataFrame:
        flows = selection.plan.funding_flows
        assert flows is not None  # noqa: S101 - entries are made from flows
        return table.merge(flows[["flow_id", "source_file", "source_line"]], on="flow_id", how="left")

    countries = {"country": selection.countries} if selection.countries else {}
    return Contributions(
        name=name,
        unit="count" if distinct else "usd",
        table=table,
        dimensions=("sector", "platform", "country", "donor", "organisation", "entry", "date"),
        origin="funding",
        source_rows=source_rows,
        parts={"platform": (*PLATFORMS, REGIONAL), **countries},
        distinct=distinct,
    )


def totals_by_sector(selection: "Selection") -> pd.DataFrame | None:
    """This plan's totals by sector, where the source gives them."""
    if selection.plan.funding_totals is None:
        return None
    own = metrics.totals_of_plan(selection.plan.funding_totals, selection.plan.year.fts_plan_id)
    rows = own[own["grouped_by"] == "sector"]
    return rows if len(rows) else None


def nothing_known(selection: "Selection") -> bool:
    """Whether nothing was reported of the selection, nothing designated to it and nothing planned for it."""
    if len(selection.cells):
        return False
    stated = (designated_funding(selection), requirement(selection), *(planned(name)(selection) for name in PLANNED))
    return not any(isinstance(counted, Contributions) and counted.total for counted in stated)


def _totals(selection: "Selection", measure: str) -> Contributions | None:
    """A measure of the source's own totals for the sector, which it gives for the region alone."""
    by_sector = totals_by_sector(selection)
    if by_sector is None or selection.place != REGION or selection.organisation:
        return None
    rows = by_sector if selection.is_intersector else by_sector[by_sector["part"] == selection.sector]
    amounts = metrics.requirements_usd(rows) if measure == "requirement_usd" else rows[measure].fillna(0.0)
    stated = rows.assign(amount=amounts, rows=1)
    known = stated.dropna(subset=AMOUNT) if measure == "requirement_usd" else stated
    return Contributions(
        name=measure,
        unit="usd",
        table=known.assign(sector=known["part"]),
        dimensions=("sector",),
        origin="funding",
        source_rows=lambda: known.assign(sector=known["part"], amount_usd=known[AMOUNT], contribution=known[AMOUNT]),
    )
