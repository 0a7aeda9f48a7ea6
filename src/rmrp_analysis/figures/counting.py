"""Count each figure: from sheets to contributions, of all sheets at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis import ledger, metrics
from rmrp_analysis.figures.missing import missing_by_sector, missing_under_model
from rmrp_analysis.metrics import EMPTY_SUM_BY_COLUMN, NEW_BENEFICIARIES, Contributions, Sheets
from rmrp_analysis.vocabulary import (
    INTERSECTOR,
    POPULATION_GROUPS,
    REGION,
    REGIONAL,
    RULES_WITH_PROPORTIONS,
    fold,
    full_name,
    plan_lists,
)

CountFunction = Callable[[Sheets], Contributions]
LEDGER_SUM_COLUMNS = ("assisted", "assisted_not_counted", "assisted_key", "people_left_out", "rows", "rows_not_known")
"""The columns of ``ledger.row_states`` that are added up (see ``metrics.EMPTY_SUM_BY_COLUMN``)."""


# ---- Activities ----


def list_fixed_parts(sheets: Sheets) -> dict[str, Sequence[str]]:
    """Return the parts that breakdowns of a single sheet always show, by dimension, in order, even without a report.

    - ``platform``: every platform and the regional level.
    - ``month``: the months of the period.
    - ``country``: the countries of the first sheet's place. The region has no such key.
    """
    countries = plan_lists().places[sheets.table["place"].iloc[0]]
    parts: dict[str, Sequence[str]] = {"platform": (*plan_lists().platforms, REGIONAL), "month": sheets.period.months}
    return parts | ({"country": countries} if countries else {})


def count_activities(name: str, distinct: str = "", *, last_month: bool = False) -> CountFunction:
    """Return a function that gives the contributions of activities to the figure ``name``.

    The figure counts activities, or the different names in the column ``distinct``. With ``last_month``, activities
    count 0 if their partner did not report from the same country for the last month of the period. A report of any
    sector is enough: a partner that works in another sector is not silent.
    """

    def count(sheets: Sheets) -> Contributions:
        """Return the activities of each sheet. ``rows`` and ``amount`` are the number of reports of each activity."""
        presence, counts = sheets.presence, sheets.presence["rows"]
        if last_month:
            partner = ["organisation", "country"]
            reports = sheets.dataset.presence
            active = reports.loc[reports["month"] == sheets.period.end, partner].drop_duplicates()
            has_reported = pd.MultiIndex.from_frame(presence[partner]).isin(pd.MultiIndex.from_frame(active))
            counts = counts.where(has_reported, 0)
        return Contributions(
            name=name,
            unit="count",
            entries=presence.assign(rows=counts, amount=counts.astype("float64")),
            dimensions=metrics.DIMENSION_COLUMNS,
            origin="activities",
            always=list_fixed_parts(sheets),
            distinct=distinct,
        )

    return count


def people_reached(sheets: Sheets, model: str = "", *, by_sector: bool = False) -> Contributions:
    """Return the contributions of people reached: new people of a sector, or people of all sectors that a model keeps.

    A report counts a person as new once a year under a partner and indicator, so new beneficiaries of all months are
    added up. Each row of the ledger is an entry, too, with an amount of 0.

    ``model`` replaces the model of the method, if it is named. Amounts are NaN if the model cannot count them.
    ``by_sector`` uses no model: it keeps everybody of every sector. Do not add up these parts, since some people are in
    several sectors. Raises ``RequestError`` for a model that the plan year does not have. Source: R4V, RMRP 2021
    activity repository.
    """
    data, method = sheets.dataset, sheets.method
    people, states = data.select_counted_people(data.people, method), ledger.row_states(data, method)
    if by_sector or not sheets.has_all_sectors:
        people, states = sheets.rows_by_sheet(people), sheets.rows_by_sheet(states)
    else:
        model = model or method.intersector_model
        kept_states = missing_under_model(sheets, states, model)
        people = sheets.rows_by_sheet(people, _apply_model(sheets, people, model))
        states = sheets.rows_by_sheet(states, kept_states)
    # Nobody is not the same as not reported: each row of the ledger stands beside the people, with an amount of 0
    states = states.assign(part=NEW_BENEFICIARIES, amount=0.0, key=np.uint64(0)).astype({"part": people["part"].dtype})
    states = states.assign(low=0.0, low_key=np.uint64(0)).rename(columns={"missing": "high", "missing_key": "high_key"})
    empty = {name: EMPTY_SUM_BY_COLUMN[name] for name in LEDGER_SUM_COLUMNS}
    people = _add_bounds(people, sheets).assign(**empty)
    entries = pd.concat([people, states], ignore_index=True)
    return Contributions(
        name="people_reached",
        unit="people",
        entries=metrics.add_base(entries, sheets.method),
        dimensions=metrics.DIMENSION_COLUMNS,
        origin="activities",
        whole=NEW_BENEFICIARIES,
        splits=sheets.dataset.splits,
        always=list_fixed_parts(sheets),
    )


def _add_bounds(people: pd.DataFrame, sheets: Sheets) -> pd.DataFrame:
    """Add ``metrics.BOUND_COLUMNS`` to people: ``low`` has only activities that are sure, ``high`` is ``amount``.

    Columns read: ``row`` (the label of the activity), ``amount``, ``key``. See ``ledger.row_bounds``; people who may be
    missing come with the rows of the ledger.
    """
    is_sure = people["row"].map(ledger.row_bounds(sheets.dataset, sheets.method)["is_sure"]) | people["amount"].isna()
    low, low_key = people["amount"].where(is_sure, 0.0), people["key"].where(is_sure, np.uint64(0))
    return people.assign(low=low, low_key=low_key, high=people["amount"], high_key=people["key"])


def _apply_model(sheets: Sheets, people: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return the people of all sectors that a model keeps, of everybody and of each organisation with a sheet.

    ``people`` are all counted people of the dataset (columns of ``Dataset.people``). They show whom the model cannot
    count. Columns: as ``people``, and ``sheet_organisation`` (see ``metrics.repeat_by_organisation``). ``amount`` is
    NaN for groups and for reports of countries that the model cannot count, and in every row if the proportions that
    the model needs are missing.
    """
    organisations, rule = sheets.organisations, sheets.dataset.year.rule_of(model)
    people = metrics.repeat_by_organisation(people, organisations)
    modelled = metrics.modelled_people(sheets.dataset, sheets.method, model, organisations)
    if modelled is None:
        return people.assign(amount=np.nan)
    new = people[people["part"] == NEW_BENEFICIARIES].assign(amount=np.nan)
    groups = [new.assign(part=group) for group in metrics.PARTS_NOT_MODELLED_BY_RULE.get(rule, ())]
    reports = metrics.repeat_by_organisation(sheets.dataset.presence, organisations)
    unmodelled = _find_unmodelled(sheets, reports, people, modelled, rule)
    is_partial = len(unmodelled) or groups
    return pd.concat([modelled, unmodelled, *groups], ignore_index=True) if is_partial else modelled


def people_by_model(sheets: Sheets) -> pd.DataFrame:
    """Return the new people that each ``model`` keeps on sheets of all sectors, by ``sheet``, sector, place and month.

    ``amount`` is NaN if a model cannot count them. ``low`` and ``high`` bound it. Keys and ``base`` are for
    rounding. The last model is the lower bound: the largest sector of each place over the whole period.
    """
    data, method, organisations = sheets.dataset, sheets.method, sheets.organisations
    people = _add_bounds(data.select_counted_people(data.people, method), sheets)
    everybody = metrics.sum_by_sector(metrics.repeat_by_organisation(people, organisations))
    states = ledger.row_states(data, method)
    everyone = metrics.repeat_by_organisation(states, organisations)
    tables = {metrics.LOWER_BOUND_MODEL: pd.concat([everybody, missing_by_sector(everybody, everyone)])}
    for model in data.year.consolidation:
        retained = metrics.find_fractions(data, method, model, organisations)
        modelled, unmodelled = None, everybody
        if retained is not None:
            modelled = metrics.apply_fractions(everybody, retained, method.intersector_level)
            unmodelled = _find_unmodelled(sheets, everybody, everybody, modelled, data.year.rule_of(model))
        missing = missing_by_sector(everybody, missing_under_model(sheets, states, model))
        tables[model] = pd.concat([modelled, missing, unmodelled.assign(amount=np.nan, low=np.nan, high=np.nan)])
    rows = pd.concat(tables, names=["model"]).reset_index("model")
    rows = rows[rows["part"] == NEW_BENEFICIARIES].assign(rmrp_activity="Yes")
    rows = rows.assign(organisation=rows["sheet_organisation"].astype(data.presence["organisation"].dtype))
    people = sheets.rows_by_sheet(rows.iloc[:0].drop(columns="sheet_organisation"), rows)
    is_bound = people["model"] == metrics.LOWER_BOUND_MODEL
    largest = metrics.largest_of_period(people[is_bound], ["sheet"], method.intersector_level)
    return metrics.add_base(pd.concat([people[~is_bound], largest]), method)


def _find_unmodelled(
    sheets: Sheets, reports: pd.DataFrame, people: pd.DataFrame, modelled: pd.DataFrame, rule: str
) -> pd.DataFrame:
    """Return the reports of countries where people were reached but a model keeps nobody: ``amount`` is NaN, not 0.

    A country is looked at for everybody, and again for each ``sheet_organisation``. ``part`` is ``NEW_BENEFICIARIES``,
    ``key`` is 0. The rule *southern_cone_modelled* looks only at its own sectors. Empty for a rule that needs no
    proportions.
    """
    if rule not in RULES_WITH_PROPORTIONS:
        return modelled.iloc[:0]
    if rule == "southern_cone_modelled":
        people = people[people["sector"].isin([*plan_lists().alternatives, *plan_lists().added])]
    keys = ["sheet_organisation", "country"]
    reached, retained = (
        table[(table["part"] == NEW_BENEFICIARIES) & table["month"].isin(sheets.period.months)]
        .groupby(keys, observed=True)["amount"]
        .sum()
        for table in (people, modelled)
    )
    lacking = reached.index[(reached > 0) & (retained.reindex(reached.index, fill_value=0.0) == 0)]
    if lacking.empty:
        return modelled.iloc[:0]
    countries = lacking.to_frame(index=False).astype({"country": reports["country"].dtype})
    unmodelled = reports.merge(countries, on=keys).assign(amount=np.nan, key=np.uint64(0), part=NEW_BENEFICIARIES)
    return unmodelled.astype({"part": people["part"].dtype})


def as_planned(reached: Contributions, sheets: Sheets) -> Contributions:
    """Return the contributions of people reached, without people in transit unless the method's target has them.

    An entry with a negative ``amount`` and ``key`` takes them off. The result has no splits. Source: the totals of R4V
    planning figures exclude people in transit.
    """
    reached = replace(reached, splits={})
    if sheets.method.in_transit_in_denominators:
        return reached

    entries = reached.entries
    transit = entries[entries["part"] == metrics.IN_TRANSIT]
    names = ("amount", "key", *metrics.BOUND_COLUMNS, "in_doubt", "doubt_key")
    columns = {name: -transit[name] for name in names if name in transit}
    subtracted = transit.assign(part=NEW_BENEFICIARIES, **columns).astype({"part": entries["part"].dtype})
    new = entries[entries["part"] == NEW_BENEFICIARIES]
    return replace(reached, entries=pd.concat([new, subtracted], ignore_index=True))


# ---- The plan ----


def count_planned(measure: str, dimension: str = "") -> CountFunction:
    """Return a function that gives the planning rows of a ``measure`` as contributions, by a ``dimension`` if named.

    Sheets of one organisation have none. Sheets of selected admin1 have figures by ``admin1`` alone, and a total only
    if each of these admin1 has a figure. Requirements that the plan does not give come from the totals of the source.
    """

    def count(sheets: Sheets) -> Contributions:
        """Return the planning rows of each sheet. By ``sector``, only sheets of all sectors have rows."""
        keys = sheets.without_organisation
        planned = sheets.dataset.select_planned_rows(measure, sheets.method)
        if dimension == "admin1" or sheets.admin1:
            entries = _split_planned_by_admin1(sheets, measure, keys)
            if not dimension:
                places = entries.groupby("sheet", observed=True)["place"].transform("nunique")
                entries = entries[places == len(sheets.admin1)]
            elif dimension != "admin1":
                entries = entries.iloc[:0]
        elif dimension == "population_group":
            groups = metrics.select_planned_groups(sheets.dataset.planned, measure)
            entries = keys.merge(groups[groups[dimension].isin(POPULATION_GROUPS)], on=["sector", "sheet_place"])
        elif dimension == "sector":
            all_keys = keys[keys["sector"] == INTERSECTOR].drop(columns="sector")
            entries = all_keys.merge(planned[planned["sector"] != INTERSECTOR], on="sheet_place")
        elif dimension:
            entries = _split_planned_by_place(planned, dimension, keys)
        else:
            entries = keys.merge(planned, on=["sector", "sheet_place"])
        figure = Contributions(
            name=measure,
            unit="usd" if measure == "requirement_usd" else "people",
            entries=entries,
            dimensions=list(dict.fromkeys([dimension or "scope", "sector", "scope", "population_group", "source"])),
            origin="planning",
        )
        has_totals = measure == "requirement_usd" and dimension in ("", "sector")
        return _add_published_totals(figure, sheets, dimension) if has_totals else figure

    return count


def _split_planned_by_place(planned_rows: pd.DataFrame, dimension: str, sheet_keys: pd.DataFrame) -> pd.DataFrame:
    """Return the planning rows of the parts of each sheet, with the name of the part in the column ``dimension``.

    By ``platform``, sheets of the region have parts. By ``country``, sheets of platforms with several countries have
    parts. Other sheets have no rows.
    """
    places = {REGION: tuple(plan_lists().platforms)}
    if dimension != "platform":
        places = {place: plan_lists().places[place] for place in plan_lists().platforms}
    pairs = [(place, part) for place, parts in places.items() if len(parts) > 1 for part in parts]
    links = pd.DataFrame(pairs, columns=["sheet_place", dimension])
    rows = sheet_keys.merge(links, on="sheet_place").drop(columns="sheet_place")
    return rows.merge(planned_rows.rename(columns={"sheet_place": dimension}), on=["sector", dimension])


def _add_published_totals(planned: Contributions, sheets: Sheets, dimension: str) -> Contributions:
    """Add the source's totals for sheets (or their parts by ``dimension``) that have no row in ``planned``."""
    totals = _find_published_totals(sheets, planned.name)
    if totals is None:
        return planned
    keys = ["sheet", dimension] if dimension else ["sheet"]
    total_keys, planned_keys = (
        pd.MultiIndex.from_frame(figure.entries[keys].astype("str")) for figure in (totals, planned)
    )
    missing = totals.entries[~total_keys.isin(planned_keys)]
    if missing.empty:
        return planned
    return replace(planned, entries=pd.concat([planned.entries, missing], ignore_index=True))


def _split_planned_by_admin1(sheets: Sheets, measure: str, sheet_keys: pd.DataFrame) -> pd.DataFrame:
    """Return planning rows of sheets of one country by ``admin1``, named as in activities, otherwise as in the plan.

    The rest of the country's figure is *not specified*. With ``Sheets.admin1`` only the selected admin1 are returned,
    without the rest.
    """
    data, method = sheets.dataset, sheets.method
    countries = sheet_keys["sheet_place"].map(
        {place: codes[0] for place, codes in plan_lists().places.items() if len(codes) == 1}
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
    """Return the contributions of money for a sector and place alone: from flows, or without flows from totals."""
    totals = _find_published_totals(sheets, "funding_usd")
    return flows_of_money(sheets) if sheets.dataset.funding_flows is not None or totals is None else totals


def flows_of_money(sheets: Sheets) -> Contributions:
    """Return the entries of money (US$) that name a sector and place alone. Empty if the source gives no flows.

    For an organisation, this is money from outside the plan that names it as the only recipient.
    """
    return _repeat_money(sheets, "funding_usd", sheets.dataset.ledger)


def count_organisations_of_money(name: str, side: Literal["donor", "recipient"]) -> CountFunction:
    """Return a function that gives the contributions of a figure ``name``: a count of organisations by FTS id.

    It counts donors, or recipients, of incoming money above 0.
    """

    def count(sheets: Sheets) -> Contributions:
        """Return each entry of money once for every organisation. Only the first one has ``rows`` 1, the rest 0."""
        entries = metrics.explode_organisations(sheets.dataset.ledger, side).assign(amount=1.0)
        entries["rows"] = (~entries.index.duplicated()).astype("int64")
        return _repeat_money(sheets, name, entries, distinct="id")

    return count


def is_named_in_money(sheets: Sheets) -> pd.Series:
    """Mark the sheets of everybody, and the sheets of an organisation that the source of money names.

    The mask has the index of ``Sheets.table``. It is false for all sheets if the source gives no flows.
    """
    names = sheets.dataset.ledger["organisation"].unique()
    recipients = {"", *map(_recipient, names)} if sheets.dataset.funding_flows is not None else set[str]()
    return sheets.table["organisation"].map(_recipient).isin(recipients)


def _recipient(organisation: str) -> str:
    """Normalise the name of an organisation, without its acronym: FTS and activities have no ids in common."""
    return fold(full_name(organisation))


def _repeat_money(sheets: Sheets, name: str, ledger: pd.DataFrame, distinct: str = "") -> Contributions:
    """Return the contributions of a figure ``name``: each entry of money once for every sheet that it counts in.

    An entry counts in sheets of its sector and of all sectors, of its country, its platform and the region, of its
    recipient and of everybody. With ``distinct`` the figure counts the names in that column. Sheets of admin1 have no
    entries.
    """
    names = {name: _recipient(name) or None for name in ledger["organisation"].unique()}
    choices: dict[str, tuple[Any, ...]] = {
        "of_sector": (INTERSECTOR, ledger["sector"]),
        "of_place": (REGION, ledger["platform"], ledger["country"]),
        "of_recipient": ("", ledger["organisation"].map(names)),
    }
    tables = [ledger.assign(**dict(zip(choices, choice, strict=True))) for choice in product(*choices.values())]
    table = sheets.table.iloc[:0] if sheets.admin1 else sheets.table  # money names no admin1
    keys = table.assign(organisation=table["organisation"].map(_recipient)).set_axis([*choices], axis="columns")
    entries = keys.reset_index().merge(pd.concat(tables), on=[*choices]).drop(columns=[*choices])
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
    """Return the source's own totals by sector as contributions to sheets of the region and of everybody.

    A sheet of all sectors has the totals of every sector. None without such totals, or with ``Sheets.admin1``. A
    missing requirement has no entry, missing funding is 0.
    """
    totals = sheets.dataset.totals_by_sector
    if totals is None or sheets.admin1:
        return None
    is_requirement = measure == "requirement_usd"
    amounts = metrics.requirements_usd(totals) if is_requirement else totals[measure].fillna(0.0)
    rows = totals.assign(
        **dict.fromkeys(("amount", "amount_usd", "value"), amounts),
        source=sheets.dataset.source("funding"),
        origin="funding",
        illustrative=sheets.dataset.is_illustrative("funding"),
    ).dropna(subset="amount")
    keys = sheets.without_organisation
    keys = keys[keys["sheet_place"] == REGION].drop(columns="sheet_place").rename(columns={"sector": "of_sector"})
    repeated = pd.concat([rows.assign(of_sector=sector) for sector in (rows["sector"], INTERSECTOR)])
    entries = keys.merge(repeated, on="of_sector").drop(columns="of_sector")
    return Contributions(name=measure, unit="usd", entries=entries, dimensions=["sector"], origin="funding")
