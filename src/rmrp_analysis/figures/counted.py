"""What each figure is the sum of: from sheets to contributions, of all of them at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.metrics import AMOUNT, KEY, NEW, PART, ROWS, ROWS_NOT_KNOWN, SHEET, Contributions, Sheets
from rmrp_analysis.vocabulary import (
    COUNTRIES,
    INTERSECTOR,
    PLACES,
    PLATFORMS,
    POPULATION_GROUPS,
    REGION,
    REGIONAL,
    SECTORS,
    WITHOUT_PEOPLE,
    fold,
    full_name,
)

Counted = Callable[[Sheets], Contributions]
PLANNED = ("people_in_need", "target")
PEOPLED_SECTORS = tuple(sector for sector in SECTORS if sector not in WITHOUT_PEOPLE)
PLANNING_KEYS = ["sector", "scope", "admin1", "population_group", "measure", "value", "source"]
SOURCE = ["source_file", "source_line"]
ILLUSTRATIVE = "illustrative"


# ---- Activities ----


def always_shown(sheets: Sheets) -> dict[str, pd.MultiIndex]:
    """Give the parts that a breakdown always shows, whether or not anything was reported of them, by sheet."""
    countries = [(sheet, country) for sheet, place in sheets.table["place"].items() for country in PLACES[place]]
    return {
        "platform": every_part(sheets, "platform", (*PLATFORMS, REGIONAL)),
        "month": every_part(sheets, "month", sheets.period.months),
        **({"country": pd.MultiIndex.from_tuples(countries, names=[SHEET, "country"])} if countries else {}),
    }


def every_part(sheets: Sheets, dimension: str, parts: Sequence[str]) -> pd.MultiIndex:
    """Give each of these parts of each sheet."""
    return pd.MultiIndex.from_product([sheets.table.index, parts], names=[SHEET, dimension])


def activities(sheets: Sheets) -> Contributions:
    """Count the activities, each row one."""
    return _of_activities(sheets, "activities")


def distinct_organisations(column: str, name: str) -> Counted:
    """Count the different organisations named in a column of activities, whatever their spelling."""
    return lambda sheets: _of_activities(sheets, name, distinct=column)


def _of_activities(sheets: Sheets, name: str, distinct: str = "") -> Contributions:
    def source_rows() -> pd.DataFrame:
        rows = sheets.belonging(_numbered(sheets))
        first = (rows[distinct] != "") & ~rows[distinct].duplicated() if distinct else pd.Series(True, rows.index)
        return rows.assign(contribution=first.astype("float64")).set_index("row")

    columns: dict[str, Any] = {AMOUNT: sheets.presence[ROWS].astype("float64"), KEY: np.uint64(0)}
    cells = sheets.presence.assign(**columns)
    return Contributions(
        name=name,
        unit="count",
        cells=cells,
        amounts=cells,
        dimensions=metrics.DIMENSIONS,
        origin="activities",
        source_rows=source_rows,
        always=always_shown(sheets),
        distinct=distinct,
    )


def _numbered(sheets: Sheets) -> pd.DataFrame:
    rows = sheets.dataset.rows
    return rows.assign(row=rows.index)


def people_reached(sheets: Sheets, model: str = "", *, by_sector: bool = False) -> Contributions:
    """Count the people reached: of one sector its new beneficiaries, of all sectors what a consolidation model keeps.

    The method's own ``model`` unless one is named; ``by_sector`` keeps everybody of every sector, whose parts by sector
    must not be added up, since some people are in several. A report counts a person as new once a year under a partner
    and indicator, so new beneficiaries of all months are added. Source: R4V, RMRP 2021 activity repository.
    """
    dataset, method = sheets.dataset, sheets.method
    model = model or method.intersector_model
    rule = "" if by_sector else dataset.year.rule_of(model)

    def parts_of(*, of_rows: bool = False) -> pd.DataFrame:
        counted = dataset.counted(dataset.people_of_rows if of_rows else dataset.cells.people, method)
        if by_sector:
            return sheets.belonging(counted)
        if not sheets.has_all_sectors:
            return sheets.belonging(counted, counted.iloc[:0].assign(**{metrics.OF: ""}))
        everything = metrics.whose(counted, sheets.organisations)
        kept = dataset.people_under(method, model, sheets.organisations, of="rows" if of_rows else "cells")
        if kept is None:
            return sheets.belonging(counted, everything.assign(**{AMOUNT: np.nan}))
        new = everything[everything[PART] == NEW].assign(**{AMOUNT: np.nan})
        not_told = [new.assign(**{PART: group}) for group in metrics.NOT_KEPT.get(rule, ())]
        unseen = _unseen(sheets, everything, kept, rule)
        return sheets.belonging(
            counted, pd.concat([kept, unseen, *not_told], ignore_index=True) if len(unseen) or not_told else kept
        )

    def source_rows() -> pd.DataFrame:
        keys = [SHEET, "row", PART]
        sums = parts_of(of_rows=True).astype({PART: "str"}).groupby(keys, observed=True)[AMOUNT].sum(skipna=False)
        every = sheets.belonging(_numbered(sheets))
        every = every[every["indicator_type"].isin(method.counted_indicator_types)]
        nobody = pd.MultiIndex.from_frame(every[[SHEET, "row"]].assign(**{PART: NEW}))
        sums = sums.reindex(nobody.append(sums.index[~sums.index.isin(nobody)]), fill_value=0.0)
        rows = sums.rename("contribution").reset_index().merge(every[[SHEET, "row", *metrics.DIMENSIONS, *SOURCE]])
        return rows.set_index("row").sort_index(kind="stable")

    counts = sheets.presence["indicator_type"].isin(method.counted_indicator_types)
    numbers = [ROWS, ROWS_NOT_KNOWN]
    return Contributions(
        name="people_reached",
        unit="people",
        cells=sheets.presence.assign(**sheets.presence[numbers].where(counts, 0)),
        amounts=parts_of(),
        dimensions=metrics.DIMENSIONS,
        origin="activities",
        source_rows=source_rows,
        whole=NEW,
        splits=metrics.splits_of(dataset.year),
        always=always_shown(sheets),
    )


def people_under(sheets: Sheets, model: str) -> pd.DataFrame:
    """Give the people of sheets of all sectors under a model: ``amount`` and ``key`` by sheet."""
    data, method, of = sheets.dataset, sheets.method, sheets.organisations
    everybody = data.people_by_sector(method, of)
    people = data.people_under(method, model, of, of="sectors")
    if people is None:
        people = everybody.assign(**{AMOUNT: np.nan})
    else:
        people = pd.concat([people, _unseen(sheets, everybody, people, data.year.rule_of(model))], ignore_index=True)
    people = people[people[PART] == NEW]
    people = people.assign(organisation=people[metrics.OF].astype(data.cells.presence["organisation"].dtype))
    kept = sheets.belonging(people.iloc[:0], people.assign(rmrp_activity="Yes"))
    return kept.groupby(SHEET, observed=True)[[AMOUNT, KEY]].sum(skipna=False).round({AMOUNT: metrics.DECIMALS})


def _unseen(sheets: Sheets, people: pd.DataFrame, kept: pd.DataFrame, rule: str) -> pd.DataFrame:
    """The parts of people of countries of whom a model sees nobody, as not known: what they reached is not 0."""
    if rule not in metrics.NEEDS_PROPORTIONS:
        return kept.iloc[:0]
    within = [rows[rows["month"].isin(sheets.period.months)] for rows in (people, kept)]
    countries = metrics.countries_unseen(*within, rule=rule)
    if countries.empty:
        return kept.iloc[:0]
    hidden = people.merge(countries.astype({"country": people["country"].dtype}), on=[metrics.OF, "country"])
    return hidden.assign(**{AMOUNT: np.nan})


def people_compared(sheets: Sheets) -> Contributions:
    """Count the people reached whom need and target count, too; see ``as_planned``."""
    return as_planned(people_reached(sheets), sheets)


def as_planned(reached: Contributions, sheets: Sheets) -> Contributions:
    """Count people in transit where need and target have them, and not where they do not have them.

    Source: R4V planning figures, whose totals exclude people in transit.
    """
    reached = replace(reached, splits={})
    if sheets.method.in_transit_in_denominators:
        return reached

    new, transit = (reached.amounts[reached.amounts[PART] == part] for part in (NEW, metrics.IN_TRANSIT))
    less = transit.assign(**{PART: NEW}, **{name: -transit[name] for name in (AMOUNT, KEY)})

    def source_rows() -> pd.DataFrame:
        rows = reached.source_rows()
        of_new, in_transit = (rows[rows[PART] == part] for part in (NEW, metrics.IN_TRANSIT))
        others = in_transit["contribution"].reindex(of_new.index, fill_value=0.0)
        return of_new.assign(contribution=of_new["contribution"] - others)

    return replace(reached, amounts=pd.concat([new, less], ignore_index=True), source_rows=source_rows)


# ---- The plan ----


def planned(measure: str) -> Counted:
    """Count what the plan foresees for a sector and place, as planning rows; it states nothing by organisation."""

    def counted(sheets: Sheets) -> Contributions:
        rows = sheets.dataset.planned_rows(measure, sheets.method)
        own = _of_everybody(sheets).rename(columns={"place": "in_place"})
        return _of_planning(sheets, measure, own.merge(rows, on=["sector", "in_place"]))

    return counted


def planned_by(measure: str, dimension: str) -> Counted:
    """Count what the plan foresees for each part of a dimension, as planning rows that name it in its column."""

    def counted(sheets: Sheets) -> Contributions:
        planned, own = sheets.dataset.planned, _of_everybody(sheets)
        if dimension == "admin1":
            cells = _planned_by_admin1(sheets, measure, own)
        elif dimension == "population_group":
            rows = metrics.planned_groups(planned, measure)
            rows = rows[rows["population_group"].isin(POPULATION_GROUPS)]
            cells = own.rename(columns={"place": "in_place"}).merge(rows, on=["sector", "in_place"])
        else:
            rows = sheets.dataset.planned_rows(measure, sheets.method)
            if dimension == "sector":
                together = (
                    own[own["sector"] == INTERSECTOR].drop(columns="sector").rename(columns={"place": "in_place"})
                )
                cells = together.merge(rows, on="in_place")
            else:
                places = pd.DataFrame(list(_places_of(dimension)), columns=["place", dimension])
                rows = rows.rename(columns={"in_place": dimension})
                cells = own.merge(places, on="place").drop(columns="place").merge(rows, on=["sector", dimension])
        return _of_planning(sheets, measure, cells, dimension)

    return counted


def _places_of(dimension: str) -> "list[tuple[str, str]]":
    """The places that have parts by platform (the region) or by country (a platform of several), with each part."""
    if dimension == "platform":
        return [(REGION, platform) for platform in PLATFORMS]
    return [(place, country) for place, of in PLACES.items() if len(of) > 1 for country in of]


def _planned_by_admin1(sheets: Sheets, measure: str, own: pd.DataFrame) -> pd.DataFrame:
    """Of one country, by the names that its activities have; what is planned for no admin1 is not specified."""
    own = own.assign(scope=own["place"].map({place: of[0] for place, of in PLACES.items() if len(of) == 1}))
    rows = metrics.planned_admin1(sheets.dataset.planned, measure, sheets.method)
    parts = own.drop(columns="place").merge(rows, on=["sector", "scope"])
    names = (
        sheets.dataset.cells.presence[["country", "place", "admin1"]]
        .astype("str")
        .drop_duplicates(["country", "place"])
    )
    known = names.set_index(["country", "place"])["admin1"]
    of_reports = known.reindex(pd.MultiIndex.from_frame(parts[["scope", "place"]])).set_axis(parts.index)
    parts = parts.assign(admin1=of_reports.fillna(parts["place_name"]))
    whole = (
        own.rename(columns={"place": "in_place"})
        .drop(columns="scope")
        .merge(sheets.dataset.planned_rows(measure, sheets.method), on=["sector", "in_place"])
    )
    return pd.concat([parts, metrics.not_in_admin1(whole, parts, [SHEET])], ignore_index=True)


def _of_everybody(sheets: Sheets) -> pd.DataFrame:
    table = sheets.table.reset_index()
    return table.loc[table["organisation"] == "", [SHEET, "sector", "place"]].astype({SHEET: sheets.dtype})


def _of_planning(sheets: Sheets, measure: str, cells: pd.DataFrame, dimension: str = "scope") -> Contributions:
    invented = cells["source"].str.lower().str.startswith(ILLUSTRATIVE)
    facts: dict[str, Any] = {"value": cells[AMOUNT].abs(), "origin": "planning", ILLUSTRATIVE: invented}
    cells = cells.assign(**{KEY: np.uint64(0)}, **facts)
    kinds = {"sector": SECTORS if measure == "requirement_usd" else PEOPLED_SECTORS}
    kinds["population_group"] = POPULATION_GROUPS

    def source_rows() -> pd.DataFrame:
        return cells.rename(columns={AMOUNT: "contribution"})

    return Contributions(
        name=measure,
        unit="usd" if measure == "requirement_usd" else "people",
        cells=cells,
        amounts=cells,
        dimensions=list(dict.fromkeys([dimension, "sector", "scope", "population_group", "source"])),
        origin="planning",
        source_rows=source_rows,
        always={dimension: every_part(sheets, dimension, kinds[dimension])} if dimension in kinds else {},
    )


# ---- Money ----


def requirement(sheets: Sheets) -> Contributions:
    """Count the requirement as planned; where the planning figures give none, as FTS states it for the sector."""
    foreseen, totals = planned("requirement_usd")(sheets), _totals(sheets, "requirement_usd")
    return _either(foreseen, totals) if totals is not None else foreseen


def requirement_by(dimension: str) -> Counted:
    """Count the requirement of each part of a dimension, as ``requirement`` does."""

    def counted(sheets: Sheets) -> Contributions:
        foreseen = planned_by("requirement_usd", dimension)(sheets)
        totals = _totals(sheets, "requirement_usd") if dimension == "sector" else None
        return _either(foreseen, totals, dimension) if totals is not None else foreseen

    return counted


def _either(foreseen: Contributions, totals: Contributions, *by: str) -> Contributions:
    """What is planned, and the totals of the source where nothing is."""
    known = pd.MultiIndex.from_frame(foreseen.cells[[SHEET, *by]].astype("str"))
    missing = ~pd.MultiIndex.from_frame(totals.cells[[SHEET, *by]].astype("str")).isin(known)
    if not missing.any():
        return foreseen
    cells = pd.concat([foreseen.cells, totals.cells[missing]], ignore_index=True)
    rows = cells.rename(columns={AMOUNT: "contribution"})
    return replace(foreseen, cells=cells, amounts=cells, source_rows=lambda: rows)


def designated_funding(sheets: Sheets) -> Contributions:
    """Count the money designated to a sector and place alone: from flows, else from the totals of the source."""
    totals = _totals(sheets, "funding_usd")
    return flows_of_money(sheets) if sheets.dataset.ledger is not None or totals is None else totals


def flows_of_money(sheets: Sheets) -> Contributions:
    """Count the entries of money that name a sector and place alone; none where the source gives no flows.

    For an organisation, money from outside the plan that names it as the only recipient.
    """
    ledger = sheets.dataset.ledger
    return _money(sheets, "funding_usd", _no_money(sheets) if ledger is None else _of_sheets(sheets, ledger))


def organisations_of_money(name: str, side: Literal["donor", "recipient"]) -> Counted:
    """Count the different organisations that give (or receive) incoming money above 0, by FTS id."""

    def counted(sheets: Sheets) -> Contributions:
        ledger = sheets.dataset.ledger
        if ledger is None:
            return _money(sheets, name, _no_money(sheets).assign(id=""), distinct="id")
        entries = metrics.named_organisations(ledger, side).assign(**{AMOUNT: 1.0})
        entries[ROWS] = (~entries.index.duplicated()).astype("int64")
        return _money(sheets, name, _of_sheets(sheets, entries), distinct="id")

    return counted


def names_organisation(sheets: Sheets) -> pd.Series:
    """Tell for each sheet whether the source of money names its organisation at all; without one, it is true."""
    ledger, organisations = sheets.dataset.ledger, sheets.table["organisation"]
    recipients = {"", *map(_recipient, ledger["organisation"].unique())} if ledger is not None else set[str]()
    return organisations.map(_recipient).isin(recipients)


def _recipient(organisation: str) -> str:
    """Names as they are compared, since FTS and the activities have no ids of organisations in common."""
    return fold(full_name(organisation))


def _of_sheets(sheets: Sheets, entries: pd.DataFrame) -> pd.DataFrame:
    """Each entry once for every sheet of its sector alone, and of all sectors, in its place alone and the region."""
    platforms, countries = [*PLATFORMS], [place for place in PLACES if place in COUNTRIES]
    placed = pd.concat(
        [
            entries.assign(of_place=REGION),
            entries[entries["platform"].isin(platforms)].assign(of_place=lambda rows: rows["platform"]),
            entries[entries["country"].isin(countries)].assign(of_place=lambda rows: rows["country"]),
        ]
    )
    parted = pd.concat([placed.assign(of_sector=INTERSECTOR), placed.assign(of_sector=placed["sector"])])
    parted["of_recipient"] = parted["organisation"].map(
        {name: _recipient(name) for name in parted["organisation"].unique()}
    )
    wanted = sheets.table.reset_index().rename(columns={"sector": "of_sector", "place": "of_place"})
    wanted["of_recipient"] = wanted.pop("organisation").map(_recipient)
    of_one = wanted["of_recipient"] != ""
    every = wanted[~of_one].drop(columns="of_recipient").merge(parted, on=["of_sector", "of_place"])
    own = wanted[of_one].merge(parted, on=["of_sector", "of_place", "of_recipient"])
    return pd.concat([every, own], ignore_index=True).astype({SHEET: sheets.dtype})


def _no_money(sheets: Sheets) -> pd.DataFrame:
    columns = [
        SHEET,
        "sector",
        "platform",
        "country",
        "donor",
        "organisation",
        "entry",
        "date",
        "flow_id",
        AMOUNT,
        ROWS,
    ]
    return pd.DataFrame(columns=columns).astype({SHEET: sheets.dtype, AMOUNT: "float64", ROWS: "int64"})


def _money(sheets: Sheets, name: str, entries: pd.DataFrame, distinct: str = "") -> Contributions:
    entries = entries.assign(**{KEY: np.uint64(0)})

    def source_rows() -> pd.DataFrame:
        flows = sheets.dataset.flows
        rows = entries.assign(contribution=entries[AMOUNT])
        if distinct:
            first = ~rows[distinct].duplicated() & (rows[distinct] != "")
            rows = rows.assign(contribution=first.astype("float64"))
        return rows if flows is None else rows.merge(flows[["flow_id", *SOURCE]], on="flow_id", how="left")

    parts = {name: shown for name, shown in always_shown(sheets).items() if name != "month"}
    return Contributions(
        name=name,
        unit="count" if distinct else "usd",
        cells=entries,
        amounts=entries,
        dimensions=["sector", "platform", "country", "donor", "organisation", "entry", "date"],
        origin="funding",
        source_rows=source_rows,
        always=parts,
        distinct=distinct,
    )


def _totals(sheets: Sheets, measure: str) -> Contributions | None:
    """A measure of the source's own totals by sector, which it gives for the region alone; None without any."""
    by_sector = sheets.dataset.totals_by_sector
    if by_sector is None:
        return None
    is_requirement = measure == "requirement_usd"
    amounts = metrics.requirements_usd(by_sector) if is_requirement else by_sector[measure].fillna(0.0)
    data = sheets.dataset
    origin: dict[str, Any] = {
        AMOUNT: amounts,
        KEY: np.uint64(0),
        "source": data.source("funding"),
        "origin": "funding",
        ILLUSTRATIVE: data.is_illustrative("funding"),
    }
    rows = by_sector.assign(**origin).dropna(subset=AMOUNT)
    own = _of_everybody(sheets)
    own = own[own["place"] == REGION].drop(columns="place")
    together = own["sector"] == INTERSECTOR
    cells = pd.concat(
        [own[~together].merge(rows, on="sector"), own[together].drop(columns="sector").merge(rows, how="cross")],
        ignore_index=True,
    ).astype({SHEET: sheets.dtype})
    return Contributions(
        name=measure,
        unit="usd",
        cells=cells,
        amounts=cells,
        dimensions=["sector"],
        origin="funding",
        source_rows=lambda: cells.assign(amount_usd=cells[AMOUNT], contribution=cells[AMOUNT]),
    )
