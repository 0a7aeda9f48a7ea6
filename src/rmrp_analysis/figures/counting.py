"""Count each figure: from sheets to contributions, of all sheets at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis import ledger, metrics
from rmrp_analysis.metrics import EMPTY_SUMS, NEW, Contributions, Sheets
from rmrp_analysis.vocabulary import (
    INTERSECTOR,
    NEEDS_PROPORTIONS,
    POPULATION_GROUPS,
    REGION,
    REGIONAL,
    fold,
    full_name,
    plan_lists,
)

CountFunction = Callable[[Sheets], Contributions]
LEDGER_SUMS = ("assisted", "assisted_not_counted", "assisted_key", "people_left_out", "rows", "rows_not_known")
"""Columns of ``ledger.row_states`` that are added up; see ``metrics.EMPTY_SUMS``."""


# ---- Activities ----


def list_fixed_parts(sheets: Sheets) -> dict[str, Sequence[str]]:
    """Return the parts that a breakdown of a single sheet always shows, by dimension, even without a report."""
    countries = plan_lists().places[sheets.table["place"].iloc[0]]
    always: dict[str, Sequence[str]] = {"platform": (*plan_lists().platforms, REGIONAL), "month": sheets.period.months}
    return always | ({"country": countries} if countries else {})


def activities(name: str, distinct: str = "", *, last_month: bool = False) -> CountFunction:
    """Count the activities, or the different names in a column of them.

    With ``last_month``, only activities of partners that reported for the period's last month from the same country,
    whatever the sector: who works in another sector is not silent. Where nobody did, the count is 0.
    """

    def count(sheets: Sheets) -> Contributions:
        presence, rows = sheets.presence, sheets.presence["rows"]
        if last_month:
            partner_keys = ["organisation", "country"]
            reports = sheets.dataset.presence
            last_reports = reports.loc[reports["month"] == sheets.period.end, partner_keys].drop_duplicates()
            has_reported = pd.MultiIndex.from_frame(presence[partner_keys]).isin(pd.MultiIndex.from_frame(last_reports))
            rows = rows.where(has_reported, 0)
        return Contributions(
            name=name,
            unit="count",
            entries=presence.assign(rows=rows, amount=rows.astype("float64")),
            dimensions=metrics.DIMENSIONS,
            origin="activities",
            always=list_fixed_parts(sheets),
            distinct=distinct,
        )

    return count


def people_reached(sheets: Sheets, model: str = "", *, by_sector: bool = False) -> Contributions:
    """Count the people reached: of one sector its new beneficiaries, of all sectors what a consolidation model keeps.

    The method's own ``model`` unless one is named; ``by_sector`` keeps everybody of every sector, whose parts by sector
    must not be added up, since some people are in several. A report counts a person as new once a year under a partner
    and indicator, so new beneficiaries of all months are added. Source: R4V, RMRP 2021 activity repository.
    """
    people = sheets.dataset.select_counted_people(sheets.dataset.people, sheets.method)
    if by_sector or not sheets.has_all_sectors:
        people = sheets.rows_by_sheet(people)
    else:
        modelled = _apply_model(sheets, people, model or sheets.method.intersector_model)
        people = sheets.rows_by_sheet(people, modelled)
    # Nobody is not the same as not reported: each row of the ledger stands beside the people, with an amount of 0
    reported = sheets.rows_by_sheet(ledger.row_states(sheets.dataset, sheets.method))
    reported = reported.assign(part=NEW, amount=0.0, key=np.uint64(0)).astype({"part": people["part"].dtype})
    empty = {name: EMPTY_SUMS[name] for name in LEDGER_SUMS}
    entries = pd.concat([people.assign(**empty), reported], ignore_index=True)
    return Contributions(
        name="people_reached",
        unit="people",
        entries=metrics.add_base(entries, sheets.method),
        dimensions=metrics.DIMENSIONS,
        origin="activities",
        whole=NEW,
        splits=sheets.dataset.splits,
        always=list_fixed_parts(sheets),
    )


def _apply_model(sheets: Sheets, people: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return the people of all sectors that a model keeps, of everybody and of each organisation with a sheet.

    ``people`` and what is returned have the columns of ``Dataset.people``; ``amount`` is NaN where the model cannot
    count. ``sheet_organisation`` is added: see ``metrics.repeat_by_organisation``.
    """
    dataset, organisations, rule = sheets.dataset, sheets.organisations, sheets.dataset.year.rule_of(model)
    people = metrics.repeat_by_organisation(people, organisations)
    modelled = metrics.modelled_people(dataset, sheets.method, model, organisations, source="activities")
    if modelled is None:
        return people.assign(amount=np.nan)
    new = people[people["part"] == NEW].assign(amount=np.nan)
    parts_not_modelled = [new.assign(part=group) for group in metrics.PARTS_NOT_MODELLED.get(rule, ())]
    reports = metrics.repeat_by_organisation(dataset.presence, organisations)
    unmodelled = _find_unmodelled(sheets, reports, people, modelled, rule)
    has_unknown = len(unmodelled) or parts_not_modelled
    return pd.concat([modelled, unmodelled, *parts_not_modelled], ignore_index=True) if has_unknown else modelled


def people_by_model(sheets: Sheets) -> pd.DataFrame:
    """Return people of the sheets of all sectors by ``model``, sector, country and month (``amount``: NaN not known).

    The last model is the lower bound, the largest sector of each place over the whole period.
    """
    data, method, organisations = sheets.dataset, sheets.method, sheets.organisations
    everybody = metrics.people_by_sector(data, method, organisations)
    by_model = {metrics.LOWER_BOUND: everybody}
    for model in data.year.consolidation:
        people = metrics.modelled_people(data, method, model, organisations, source="sectors")
        unmodelled = (
            everybody
            if people is None
            else _find_unmodelled(sheets, everybody, everybody, people, data.year.rule_of(model))
        )
        by_model[model] = pd.concat([people, unmodelled.assign(amount=np.nan)])
    rows = pd.concat(by_model, names=["model"]).reset_index("model")
    rows = rows[rows["part"] == NEW].assign(rmrp_activity="Yes")
    rows = rows.assign(organisation=rows["sheet_organisation"].astype(data.presence["organisation"].dtype))
    people_on_sheets = sheets.rows_by_sheet(rows.iloc[:0].drop(columns="sheet_organisation"), rows)
    is_bound = people_on_sheets["model"] == metrics.LOWER_BOUND
    largest = metrics.largest_of_period(people_on_sheets[is_bound], ["sheet"], method.intersector_level)
    return metrics.add_base(pd.concat([people_on_sheets[~is_bound], largest]), method)


def _find_unmodelled(
    sheets: Sheets, reports: pd.DataFrame, people: pd.DataFrame, modelled: pd.DataFrame, rule: str
) -> pd.DataFrame:
    """Return the reports of countries in which a model counts nobody, with an unknown ``amount``: it is not 0."""
    if rule not in NEEDS_PROPORTIONS:
        return modelled.iloc[:0]
    if rule == "southern_cone_modelled":
        people = people[people["sector"].isin([*plan_lists().alternatives, *plan_lists().added])]
    reached, modelled_sums = (
        rows[(rows["part"] == NEW) & rows["month"].isin(sheets.period.months)]
        .groupby(["sheet_organisation", "country"], observed=True)["amount"]
        .sum()
        for rows in (people, modelled)
    )
    unmodelled_keys = reached.index[(reached > 0) & (modelled_sums.reindex(reached.index, fill_value=0.0) == 0)]
    if unmodelled_keys.empty:
        return modelled.iloc[:0]
    countries = unmodelled_keys.to_frame(index=False)
    unmodelled_reports = reports.merge(
        countries.astype({"country": reports["country"].dtype}), on=["sheet_organisation", "country"]
    )
    return unmodelled_reports.assign(amount=np.nan, key=np.uint64(0), part=NEW).astype({"part": people["part"].dtype})


def as_planned(reached: Contributions, sheets: Sheets) -> Contributions:
    """Count people in transit where need and target have them, and not where they do not have them.

    Source: R4V planning figures, whose totals exclude people in transit.
    """
    reached = replace(reached, splits={})
    if sheets.method.in_transit_in_denominators:
        return reached

    new, transit = (reached.entries[reached.entries["part"] == part] for part in (NEW, metrics.IN_TRANSIT))
    subtracted = {name: -transit[name] for name in ("amount", "key", "in_doubt", "doubt_key") if name in transit}
    subtracted_entries = transit.assign(part=NEW, **subtracted).astype({"part": reached.entries["part"].dtype})
    return replace(reached, entries=pd.concat([new, subtracted_entries], ignore_index=True))


# ---- The plan ----


def count_planned(measure: str, dimension: str = "") -> CountFunction:
    """Count what the plan foresees for a sector and place, or for its parts, as planning rows.

    The plan states nothing by organisation, and of first administrative levels nothing but their own figures.
    """

    def count(sheets: Sheets) -> Contributions:
        data, sheet_keys = sheets.dataset, sheets.without_organisation
        rows = data.select_planned_rows(measure, sheets.method)
        if dimension == "admin1" or sheets.admin1:
            entries = _split_planned_by_admin1(sheets, measure, sheet_keys)
            is_complete = entries.groupby("sheet", observed=True)["place"].transform("nunique") == len(sheets.admin1)
            entries = entries if dimension == "admin1" else entries[is_complete] if not dimension else entries.iloc[:0]
        elif dimension == "population_group":
            groups = metrics.select_planned_groups(data.planned, measure)
            entries = sheet_keys.merge(groups[groups[dimension].isin(POPULATION_GROUPS)], on=["sector", "sheet_place"])
        elif dimension == "sector":
            all_sectors = sheet_keys[sheet_keys["sector"] == INTERSECTOR].drop(columns="sector")
            entries = all_sectors.merge(rows[rows["sector"] != INTERSECTOR], on="sheet_place")
        elif dimension:
            # The region has platforms, a platform of several has countries
            places_within = (
                {REGION: tuple(plan_lists().platforms)}
                if dimension == "platform"
                else {place: plan_lists().places[place] for place in plan_lists().platforms}
            )
            pairs = [(place, part) for place, parts in places_within.items() if len(parts) > 1 for part in parts]
            places = pd.DataFrame(pairs, columns=["sheet_place", dimension])
            sheets_by_part = sheet_keys.merge(places, on="sheet_place").drop(columns="sheet_place")
            entries = sheets_by_part.merge(rows.rename(columns={"sheet_place": dimension}), on=["sector", dimension])
        else:
            entries = sheet_keys.merge(rows, on=["sector", "sheet_place"])
        contributions = Contributions(
            name=measure,
            unit="usd" if measure == "requirement_usd" else "people",
            entries=entries,
            dimensions=list(dict.fromkeys([dimension or "scope", "sector", "scope", "population_group", "source"])),
            origin="planning",
        )
        # Where the planning figures give no requirement of a sector, it is what FTS states
        totals = (
            _find_published_totals(sheets, measure)
            if measure == "requirement_usd" and dimension in ("", "sector")
            else None
        )
        if totals is None:
            return contributions
        keys = ["sheet", dimension] if dimension else ["sheet"]
        total_keys, entry_keys = (
            pd.MultiIndex.from_frame(place[keys].astype("str")) for place in (totals.entries, entries)
        )
        is_missing = ~total_keys.isin(entry_keys)
        tables = [entries, totals.entries[is_missing]] if is_missing.any() else [entries]
        return replace(contributions, entries=pd.concat(tables, ignore_index=len(tables) > 1))

    return count


def _split_planned_by_admin1(sheets: Sheets, measure: str, sheet_keys: pd.DataFrame) -> pd.DataFrame:
    """Return planning rows of one country by ``admin1``, named as in its activities; the rest is not specified."""
    data, method = sheets.dataset, sheets.method
    countries = sheet_keys["sheet_place"].map(
        {
            place: countries_of_place[0]
            for place, countries_of_place in plan_lists().places.items()
            if len(countries_of_place) == 1
        }
    )
    rows = metrics.select_planned_admin1(data.planned, measure, method)
    parts = sheet_keys.assign(scope=countries).drop(columns="sheet_place").merge(rows, on=["sector", "scope"])
    names = data.presence[["country", "place", "admin1"]].drop_duplicates(["country", "place"]).astype("str")
    parts = parts.merge(names.rename(columns={"country": "scope", "admin1": "name"}), on=["scope", "place"], how="left")
    parts = parts.assign(admin1=parts.pop("name").fillna(parts["place_name"]))
    if sheets.admin1:
        return parts[parts["place"].isin(sheets.admin1)]
    totals = sheet_keys.merge(data.select_planned_rows(measure, method), on=["sector", "sheet_place"])
    return pd.concat([parts, metrics.subtract_planned_admin1(totals, parts, ["sheet"])], ignore_index=True)


# ---- Money ----


def count_designated_funding(sheets: Sheets) -> Contributions:
    """Count the money designated to a sector and place alone: from flows, else from the totals of the source."""
    totals = _find_published_totals(sheets, "funding_usd")
    return flows_of_money(sheets) if sheets.dataset.funding_flows is not None or totals is None else totals


def flows_of_money(sheets: Sheets) -> Contributions:
    """Count the entries of money that name a sector and place alone; none where the source gives no flows.

    For an organisation, money from outside the plan that names it as the only recipient.
    """
    return _repeat_money(sheets, "funding_usd", sheets.dataset.ledger)


def organisations_of_money(name: str, side: Literal["donor", "recipient"]) -> CountFunction:
    """Count the different organisations that give (or receive) incoming money above 0, by FTS id."""

    def count(sheets: Sheets) -> Contributions:
        entries = metrics.explode_organisations(sheets.dataset.ledger, side).assign(amount=1.0)
        entries["rows"] = (~entries.index.duplicated()).astype("int64")
        return _repeat_money(sheets, name, entries, distinct="id")

    return count


def is_named_in_money(sheets: Sheets) -> pd.Series:
    """Return a mask of the sheets whose organisation the source of money names; true for all organisations.

    Its index is that of ``Sheets.table``.
    """
    names_in_money = sheets.dataset.ledger["organisation"].unique()
    recipients = {"", *map(_recipient, names_in_money)} if sheets.dataset.funding_flows is not None else set[str]()
    return sheets.table["organisation"].map(_recipient).isin(recipients)


def _recipient(organisation: str) -> str:
    """Normalise the name of an organisation: FTS and the activities have no ids in common."""
    return fold(full_name(organisation))


def _repeat_money(sheets: Sheets, name: str, ledger: pd.DataFrame, distinct: str = "") -> Contributions:
    """Repeat each entry of money for every sheet that it counts in.

    These are the sheets of its sector or of all, of its country, its platform or the region, of its recipient or of
    everybody. With ``distinct`` the unit is a count of the names in that column. A sheet of an admin1 has none.
    """
    names = {name: _recipient(name) or None for name in ledger["organisation"].unique()}
    choices: dict[str, tuple[Any, ...]] = {
        "of_sector": (INTERSECTOR, ledger["sector"]),
        "of_place": (REGION, ledger["platform"], ledger["country"]),
        "of_recipient": ("", ledger["organisation"].map(names)),
    }
    entries_by_choice = [
        ledger.assign(**dict(zip(choices, choice, strict=True))) for choice in product(*choices.values())
    ]
    table = sheets.table.iloc[:0] if sheets.admin1 else sheets.table  # money names no admin1
    sheet_choices = table.assign(organisation=table["organisation"].map(_recipient)).set_axis(
        [*choices], axis="columns"
    )
    entries = sheet_choices.reset_index().merge(pd.concat(entries_by_choice), on=[*choices]).drop(columns=[*choices])
    return Contributions(
        name=name,
        unit="count" if distinct else "usd",
        entries=entries.astype({"sheet": pd.CategoricalDtype(sheets.table.index)}),
        dimensions=["sector", "platform", "country", "donor", "organisation", "entry", "date"],
        origin="funding",
        always=list_fixed_parts(sheets),
        distinct=distinct,
    )


def _find_published_totals(sheets: Sheets, measure: str) -> Contributions | None:
    """Return the contributions of totals that the source itself gives, by sector for the region; None without any."""
    by_sector = sheets.dataset.totals_by_sector
    if by_sector is None or sheets.admin1:
        return None
    is_requirement = measure == "requirement_usd"
    amounts = metrics.requirements_usd(by_sector) if is_requirement else by_sector[measure].fillna(0.0)
    rows = by_sector.assign(
        **dict.fromkeys(("amount", "amount_usd", "value"), amounts),
        source=sheets.dataset.source("funding"),
        origin="funding",
        illustrative=sheets.dataset.is_illustrative("funding"),
    ).dropna(subset="amount")
    sheet_keys = sheets.without_organisation
    sheet_keys = (
        sheet_keys[sheet_keys["sheet_place"] == REGION]
        .drop(columns="sheet_place")
        .rename(columns={"sector": "of_sector"})
    )
    rows_by_sector = pd.concat([rows.assign(of_sector=sector) for sector in (rows["sector"], INTERSECTOR)])
    entries = sheet_keys.merge(rows_by_sector, on="of_sector").drop(columns="of_sector")
    return Contributions(name=measure, unit="usd", entries=entries, dimensions=["sector"], origin="funding")
