"""What each figure is the sum of: from sheets to contributions, of all of them at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis import ledger, metrics
from rmrp_analysis.metrics import EMPTY_SUMS, NEW, Contributions, Sheets
from rmrp_analysis.vocabulary import (
    ADDED,
    ALTERNATIVES,
    INTERSECTOR,
    NEEDS_PROPORTIONS,
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
LEDGER_SUMS = ("assisted", "assisted_not_counted", "assisted_key", "people_left_out")
"""What reports say beside their people; see ``metrics.EMPTY_SUMS``."""
PEOPLED_SECTORS = tuple(sector for sector in SECTORS if sector not in WITHOUT_PEOPLE)


# ---- Activities ----


def always_shown(sheets: Sheets) -> dict[str, Sequence[str]]:
    """Give the parts that a breakdown of a single sheet always shows, whether or not anything was reported of them."""
    countries = PLACES[sheets.table["place"].iloc[0]]
    always: dict[str, Sequence[str]] = {"platform": (*PLATFORMS, REGIONAL), "month": sheets.period.months}
    return always | ({"country": countries} if countries else {})


def activities(name: str, distinct: str = "", *, last_month: bool = False) -> Counted:
    """Count the activities, or the different names in a column of them.

    With ``last_month``, only activities of partners that reported for the period's last month from the same country,
    whatever the sector: who works in another sector is not silent. Where nobody did, the count is 0.
    """

    def counted(sheets: Sheets) -> Contributions:
        there, rows = sheets.presence, sheets.presence["rows"]
        if last_month:
            partner = ["organisation", "country"]
            reports = sheets.plan.presence
            last = reports.loc[reports["month"] == sheets.period.end, partner].drop_duplicates()
            is_in = pd.MultiIndex.from_frame(there[partner]).isin(pd.MultiIndex.from_frame(last))
            rows = rows.where(is_in, 0)
        return Contributions(
            name=name,
            unit="count",
            entries=there.assign(rows=rows, amount=rows.astype("float64")),
            dimensions=metrics.DIMENSIONS,
            origin="activities",
            always=always_shown(sheets),
            distinct=distinct,
        )

    return counted


def people_reached(sheets: Sheets, model: str = "", *, by_sector: bool = False) -> Contributions:
    """Count the people reached: of one sector its new beneficiaries, of all sectors what a consolidation model keeps.

    The method's own ``model`` unless one is named; ``by_sector`` keeps everybody of every sector, whose parts by sector
    must not be added up, since some people are in several. A report counts a person as new once a year under a partner
    and indicator, so new beneficiaries of all months are added. Source: R4V, RMRP 2021 activity repository.
    """
    people = _parts_of_people(sheets, "" if by_sector else model or sheets.method.intersector_model)
    reported = _report_entries(sheets).assign(part=NEW, amount=0.0, key=np.uint64(0))
    empty = {name: EMPTY_SUMS[name] for name in (*LEDGER_SUMS, "rows", "rows_not_known")}
    both = pd.concat([people.assign(**empty), reported.astype({"part": people["part"].dtype})], ignore_index=True)
    return Contributions(
        name="people_reached",
        unit="people",
        entries=metrics.with_base(both, sheets.method),
        dimensions=metrics.DIMENSIONS,
        origin="activities",
        whole=NEW,
        splits=metrics.splits_of(sheets.plan.year),
        always=always_shown(sheets),
    )


def _report_entries(sheets: Sheets) -> pd.DataFrame:
    """Return what reports say beside their people: an entry for each activity, and for each refused one, of a sheet.

    Columns: ``LEDGER_SUMS``, ``rows`` and ``rows_not_known`` (of indicators that count people), and those of
    ``sheets.presence``. So nobody is not the same as not reported.
    """
    activities = sheets.presence
    is_counted = activities["indicator_type"].isin(sheets.method.counted_indicator_types)
    states = ledger.row_states(sheets.plan, sheets.method)[[*LEDGER_SUMS]].loc[activities["row"]]
    numbers = activities[["rows", "rows_not_known"]].where(is_counted, 0)
    entries = activities.assign(**numbers, **states.set_axis(activities.index))
    refused = ledger.refused_people(sheets.plan, sheets.method)
    missing = {name: EMPTY_SUMS[name] for name in (*LEDGER_SUMS, "rows_not_known") if name != "people_left_out"}
    own = sheets.belonging(refused[[*metrics.DIMENSIONS, *metrics.SOURCE, "people_left_out"]].assign(row=refused.index))
    return pd.concat([entries, own.assign(**missing, rows=0)], ignore_index=True) if len(own) else entries


def _parts_of_people(sheets: Sheets, model: str) -> pd.DataFrame:
    """The people who count on each sheet, in parts: of all sectors those that a model keeps, without one everybody."""
    dataset, method, of = sheets.plan, sheets.method, sheets.organisations
    counted = dataset.counted(dataset.people, method)
    if not model or not sheets.has_all_sectors:
        return sheets.belonging(counted)
    everything, kept = metrics.whose(counted, of), dataset.people_under(method, model, of, of="activities")
    if kept is None:
        return sheets.belonging(counted, everything.assign(amount=np.nan))
    rule, new = dataset.year.rule_of(model), everything[everything["part"] == NEW].assign(amount=np.nan)
    not_told = [new.assign(part=group) for group in metrics.NOT_KEPT.get(rule, ())]
    unseen = _unseen(sheets, metrics.whose(dataset.presence, of), everything, kept, rule)
    more = len(unseen) or not_told
    return sheets.belonging(counted, pd.concat([kept, unseen, *not_told], ignore_index=True) if more else kept)


def people_by_model(sheets: Sheets) -> pd.DataFrame:
    """Give the people of sheets of all sectors by ``model``, as their sectors and countries make them (NaN: not known).

    Last stands the lower bound, the largest sector of each place over the whole period: nobody is counted in two.
    """
    data, method, of = sheets.plan, sheets.method, sheets.organisations
    everybody = data.people_by_sector(method, of)
    by_model = {metrics.LOWER_BOUND: everybody}
    for model in data.year.consolidation:
        people = data.people_under(method, model, of, of="sectors")
        unseen = (
            everybody if people is None else _unseen(sheets, everybody, everybody, people, data.year.rule_of(model))
        )
        by_model[model] = pd.concat([people, unseen.assign(amount=np.nan)])
    rows = pd.concat(by_model, names=["model"]).reset_index("model")
    rows = rows[rows["part"] == NEW].assign(rmrp_activity="Yes")
    rows = rows.assign(organisation=rows["of"].astype(data.presence["organisation"].dtype))
    kept = sheets.belonging(rows.iloc[:0].drop(columns="of"), rows)
    is_bound = kept["model"] == metrics.LOWER_BOUND
    largest = metrics.largest_of_period(kept[is_bound], ["sheet"], method.intersector_level)
    return metrics.with_base(pd.concat([kept[~is_bound], largest]), method)


def _unseen(sheets: Sheets, reports: pd.DataFrame, people: pd.DataFrame, kept: pd.DataFrame, rule: str) -> pd.DataFrame:
    """What was reported of countries of whose people a model sees nobody, as not known: what they reached is not 0."""
    if rule not in NEEDS_PROPORTIONS:
        return kept.iloc[:0]
    if rule == "southern_cone_modelled":
        people = people[people["sector"].isin([*ALTERNATIVES, *ADDED])]
    reached, seen = (
        rows[(rows["part"] == NEW) & rows["month"].isin(sheets.period.months)]
        .groupby(["of", "country"], observed=True)["amount"]
        .sum()
        for rows in (people, kept)
    )
    unseen = reached.index[(reached > 0) & (seen.reindex(reached.index, fill_value=0.0) == 0)]
    if unseen.empty:
        return kept.iloc[:0]
    countries = unseen.to_frame(index=False)
    hidden = reports.merge(countries.astype({"country": reports["country"].dtype}), on=["of", "country"])
    return hidden.assign(amount=np.nan, key=np.uint64(0), part=NEW).astype({"part": people["part"].dtype})


def as_planned(reached: Contributions, sheets: Sheets) -> Contributions:
    """Count people in transit where need and target have them, and not where they do not have them.

    Source: R4V planning figures, whose totals exclude people in transit.
    """
    reached = replace(reached, splits={})
    if sheets.method.in_transit_in_denominators:
        return reached

    new, transit = (reached.entries[reached.entries["part"] == part] for part in (NEW, metrics.IN_TRANSIT))
    taken_away = {name: -transit[name] for name in ("amount", "key", "in_doubt", "doubt_key") if name in transit}
    less = transit.assign(part=NEW, **taken_away).astype({"part": reached.entries["part"].dtype})
    return replace(reached, entries=pd.concat([new, less], ignore_index=True))


# ---- The plan ----


def planned(measure: str, by: str = "") -> Counted:
    """Count what the plan foresees for a sector and place, or for its parts, as planning rows.

    The plan states nothing by organisation, and of first administrative levels nothing but their own figures.
    """

    def counted(sheets: Sheets) -> Contributions:
        data, own = sheets.plan, sheets.of_everybody
        rows = data.planned_rows(measure, sheets.method)
        if by == "admin1" or sheets.admin1:
            entries = _planned_by_admin1(sheets, measure, own)
            every = entries.groupby("sheet", observed=True)["place"].transform("nunique") == len(sheets.admin1)
            entries = entries if by == "admin1" else entries[every] if not by else entries.iloc[:0]
        elif by == "population_group":
            groups = metrics.planned_groups(data.planned, measure)
            entries = own.merge(groups[groups[by].isin(POPULATION_GROUPS)], on=["sector", "in_place"])
        elif by == "sector":
            together = own[own["sector"] == INTERSECTOR].drop(columns="sector")
            entries = together.merge(rows[rows["sector"] != INTERSECTOR], on="in_place")
        elif by:
            # The region has platforms, a platform of several has countries
            parted = {REGION: tuple(PLATFORMS)} if by == "platform" else {of: PLACES[of] for of in PLATFORMS}
            listed = [(place, part) for place, of in parted.items() if len(of) > 1 for part in of]
            places = pd.DataFrame(listed, columns=["in_place", by])
            parts = own.merge(places, on="in_place").drop(columns="in_place")
            entries = parts.merge(rows.rename(columns={"in_place": by}), on=["sector", by])
        else:
            entries = own.merge(rows, on=["sector", "in_place"])
        foreseen = Contributions(
            name=measure,
            unit="usd" if measure == "requirement_usd" else "people",
            entries=entries,
            dimensions=list(dict.fromkeys([by or "scope", "sector", "scope", "population_group", "source"])),
            origin="planning",
        )
        # Where the planning figures give no requirement of a sector, it is what FTS states
        totals = _totals(sheets, measure) if measure == "requirement_usd" and by in ("", "sector") else None
        if totals is None:
            return foreseen
        keys = ["sheet", by] if by else ["sheet"]
        stated, known = (pd.MultiIndex.from_frame(of[keys].astype("str")) for of in (totals.entries, entries))
        missing = ~stated.isin(known)
        both = [entries, totals.entries[missing]] if missing.any() else [entries]
        return replace(foreseen, entries=pd.concat(both, ignore_index=len(both) > 1))

    return counted


def _planned_by_admin1(sheets: Sheets, measure: str, own: pd.DataFrame) -> pd.DataFrame:
    """Of one country, by the names that its activities have; what is planned for no admin1 is not specified."""
    data, method = sheets.plan, sheets.method
    countries = own["in_place"].map({place: of[0] for place, of in PLACES.items() if len(of) == 1})
    rows = metrics.planned_admin1(data.planned, measure, method)
    parts = own.assign(scope=countries).drop(columns="in_place").merge(rows, on=["sector", "scope"])
    names = data.presence[["country", "place", "admin1"]].drop_duplicates(["country", "place"]).astype("str")
    parts = parts.merge(names.rename(columns={"country": "scope", "admin1": "name"}), on=["scope", "place"], how="left")
    parts = parts.assign(admin1=parts.pop("name").fillna(parts["place_name"]))
    if sheets.admin1:
        return parts[parts["place"].isin(sheets.admin1)]
    whole = own.merge(data.planned_rows(measure, method), on=["sector", "in_place"])
    return pd.concat([parts, metrics.not_in_admin1(whole, parts, ["sheet"])], ignore_index=True)


# ---- Money ----


def designated_funding(sheets: Sheets) -> Contributions:
    """Count the money designated to a sector and place alone: from flows, else from the totals of the source."""
    totals = _totals(sheets, "funding_usd")
    return flows_of_money(sheets) if sheets.plan.funding_flows is not None or totals is None else totals


def flows_of_money(sheets: Sheets) -> Contributions:
    """Count the entries of money that name a sector and place alone; none where the source gives no flows.

    For an organisation, money from outside the plan that names it as the only recipient.
    """
    return _money(sheets, "funding_usd", sheets.plan.ledger)


def organisations_of_money(name: str, side: Literal["donor", "recipient"]) -> Counted:
    """Count the different organisations that give (or receive) incoming money above 0, by FTS id."""

    def counted(sheets: Sheets) -> Contributions:
        entries = metrics.named_organisations(sheets.plan.ledger, side).assign(amount=1.0)
        entries["rows"] = (~entries.index.duplicated()).astype("int64")
        return _money(sheets, name, entries, distinct="id")

    return counted


def names_organisation(sheets: Sheets) -> pd.Series:
    """Tell for each sheet whether the source of money names its organisation at all; without one, it is true."""
    known = sheets.plan.ledger["organisation"].unique()
    recipients = {"", *map(_recipient, known)} if sheets.plan.funding_flows is not None else set[str]()
    return sheets.table["organisation"].map(_recipient).isin(recipients)


def _recipient(organisation: str) -> str:
    """Names as they are compared, since FTS and the activities have no ids of organisations in common."""
    return fold(full_name(organisation))


def _money(sheets: Sheets, name: str, ledger: pd.DataFrame, distinct: str = "") -> Contributions:
    """Each entry once for every sheet of its sector alone, and of all sectors, in its place alone and the region."""
    names = {name: _recipient(name) or None for name in ledger["organisation"].unique()}
    choices: dict[str, tuple[Any, ...]] = {
        "of_sector": (INTERSECTOR, ledger["sector"]),
        "of_place": (REGION, ledger["platform"], ledger["country"]),
        "of_recipient": ("", ledger["organisation"].map(names)),
    }
    placed = [ledger.assign(**dict(zip(choices, each, strict=True))) for each in product(*choices.values())]
    table = sheets.table.iloc[:0] if sheets.admin1 else sheets.table  # money names no admin1
    wanted = table.assign(organisation=table["organisation"].map(_recipient)).set_axis([*choices], axis="columns")
    own = wanted.reset_index().merge(pd.concat(placed), on=[*choices]).drop(columns=[*choices])
    return Contributions(
        name=name,
        unit="count" if distinct else "usd",
        entries=own.astype({"sheet": sheets.dtype}),
        dimensions=["sector", "platform", "country", "donor", "organisation", "entry", "date"],
        origin="funding",
        always=always_shown(sheets),
        distinct=distinct,
    )


def _totals(sheets: Sheets, measure: str) -> Contributions | None:
    """A measure of the source's own totals by sector, which it gives for the region alone; None without any."""
    by_sector = sheets.plan.totals_by_sector
    if by_sector is None or sheets.admin1:
        return None
    is_requirement = measure == "requirement_usd"
    amounts = metrics.requirements_usd(by_sector) if is_requirement else by_sector[measure].fillna(0.0)
    rows = by_sector.assign(
        **dict.fromkeys(("amount", "amount_usd", "value"), amounts),
        source=sheets.plan.source("funding"),
        origin="funding",
        illustrative=sheets.plan.is_illustrative("funding"),
    ).dropna(subset="amount")
    own = sheets.of_everybody
    own = own[own["in_place"] == REGION].drop(columns="in_place").rename(columns={"sector": "of_sector"})
    both = pd.concat([rows.assign(of_sector=of) for of in (rows["sector"], INTERSECTOR)])
    entries = own.merge(both, on="of_sector").drop(columns="of_sector")
    return Contributions(name=measure, unit="usd", entries=entries, dimensions=["sector"], origin="funding")
