"""Count each figure: from sheets to contributions, of all sheets at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis import ledger, metrics
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
"""Columns of ``ledger.row_states`` that are added up; see ``metrics.EMPTY_SUM_BY_COLUMN``."""


# ---- Activities ----


def list_fixed_parts(sheets: Sheets) -> dict[str, Sequence[str]]:
    """Return the parts that breakdowns of a single sheet always show, by dimension, in order, even without a report.

    ``platform``: every platform and the regional level; ``month``: those of the period; ``country``: those of the first
    sheet's place (no such key where it is the region).
    """
    country_codes = plan_lists().places[sheets.table["place"].iloc[0]]
    parts_by_dimension: dict[str, Sequence[str]] = {
        "platform": (*plan_lists().platforms, REGIONAL),
        "month": sheets.period.months,
    }
    return parts_by_dimension | ({"country": country_codes} if country_codes else {})


def count_activities(name: str, distinct: str = "", *, last_month: bool = False) -> CountFunction:
    """Return a function that gives the contributions of activities to the figure ``name``.

    The figure counts activities, or the different names in the column ``distinct``. With ``last_month``, activities of
    partners that did not report for the period's last month from the same country count 0. A report of any sector is
    enough: who works in another sector is not silent.
    """

    def count(sheets: Sheets) -> Contributions:
        """Return the activities of each sheet, with the reports that each stands for as ``rows`` and ``amount``."""
        presence_rows, row_count_series = sheets.presence, sheets.presence["rows"]
        if last_month:
            partner_columns = ["organisation", "country"]
            report_rows = sheets.dataset.presence
            last_month_partner_rows = report_rows.loc[
                report_rows["month"] == sheets.period.end, partner_columns
            ].drop_duplicates()
            has_reported_last_month = pd.MultiIndex.from_frame(presence_rows[partner_columns]).isin(
                pd.MultiIndex.from_frame(last_month_partner_rows)
            )
            row_count_series = row_count_series.where(has_reported_last_month, 0)
        return Contributions(
            name=name,
            unit="count",
            entries=presence_rows.assign(rows=row_count_series, amount=row_count_series.astype("float64")),
            dimensions=metrics.DIMENSION_COLUMNS,
            origin="activities",
            always=list_fixed_parts(sheets),
            distinct=distinct,
        )

    return count


def people_reached(sheets: Sheets, model: str = "", *, by_sector: bool = False) -> Contributions:
    """Return the contributions of people reached: of a sector its new beneficiaries, of all sectors what a model keeps.

    The method's own ``model`` unless one is named; amounts are NaN where it cannot count. ``by_sector`` keeps everybody
    of every sector, whose parts by sector must not be added up, since some people are in several. A report counts a
    person as new once a year under a partner and indicator, so new beneficiaries of all months are added. Each row of
    the ledger is an entry, too, with an amount of 0. Raises ``RequestError`` for a model that the plan year does not
    have. Source: R4V, RMRP 2021 activity repository.
    """
    people_rows = sheets.dataset.select_counted_people(sheets.dataset.people, sheets.method)
    if by_sector or not sheets.has_all_sectors:
        people_rows = sheets.rows_by_sheet(people_rows)
    else:
        modelled_people_rows = _apply_model(sheets, people_rows, model or sheets.method.intersector_model)
        people_rows = sheets.rows_by_sheet(people_rows, modelled_people_rows)
    # Nobody is not the same as not reported: each row of the ledger stands beside the people, with an amount of 0
    ledger_rows = sheets.rows_by_sheet(ledger.row_states(sheets.dataset, sheets.method))
    ledger_rows = ledger_rows.assign(part=NEW_BENEFICIARIES, amount=0.0, key=np.uint64(0)).astype(
        {"part": people_rows["part"].dtype}
    )
    empty_sum_by_column = {column_name: EMPTY_SUM_BY_COLUMN[column_name] for column_name in LEDGER_SUM_COLUMNS}
    people_entry_table = pd.concat([people_rows.assign(**empty_sum_by_column), ledger_rows], ignore_index=True)
    return Contributions(
        name="people_reached",
        unit="people",
        entries=metrics.add_base(people_entry_table, sheets.method),
        dimensions=metrics.DIMENSION_COLUMNS,
        origin="activities",
        whole=NEW_BENEFICIARIES,
        splits=sheets.dataset.splits,
        always=list_fixed_parts(sheets),
    )


def _apply_model(sheets: Sheets, people: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return the people of all sectors that a model keeps, of everybody and of each organisation with a sheet.

    The model counts the whole dataset (see ``metrics.modelled_people``). ``people`` must be all its counted people
    (columns of ``Dataset.people``): it shows whom the model cannot count. ``amount`` is NaN for such groups, and for
    such reports of countries; where the proportions that it needs are missing, the rows of ``people`` are returned, all
    NaN. ``sheet_organisation`` is added (see ``metrics.repeat_by_organisation``).
    """
    dataset, organisation_names, model_rule_name = (
        sheets.dataset,
        sheets.organisations,
        sheets.dataset.year.rule_of(model),
    )
    people = metrics.repeat_by_organisation(people, organisation_names)
    modelled_rows = metrics.modelled_people(dataset, sheets.method, model, organisation_names, source="activities")
    if modelled_rows is None:
        return people.assign(amount=np.nan)
    new_people_rows = people[people["part"] == NEW_BENEFICIARIES].assign(amount=np.nan)
    unmodelled_group_tables = [
        new_people_rows.assign(part=group_name)
        for group_name in metrics.PARTS_NOT_MODELLED_BY_RULE.get(model_rule_name, ())
    ]
    report_rows = metrics.repeat_by_organisation(dataset.presence, organisation_names)
    unmodelled_report_rows = _find_unmodelled(sheets, report_rows, people, modelled_rows, model_rule_name)
    are_some_people_unknown = len(unmodelled_report_rows) or unmodelled_group_tables
    return (
        pd.concat([modelled_rows, unmodelled_report_rows, *unmodelled_group_tables], ignore_index=True)
        if are_some_people_unknown
        else modelled_rows
    )


def people_by_model(sheets: Sheets) -> pd.DataFrame:
    """Return the new people of sheets of all sectors that each ``model`` keeps, by ``sheet``, sector, place and month.

    ``amount`` is NaN where a model cannot count them; ``key`` and ``base`` are for rounding. The last model is the
    lower bound, the largest sector of each place over the whole period.
    """
    data, method, organisations = sheets.dataset, sheets.method, sheets.organisations
    everybody = metrics.people_by_sector(data, method, organisations)
    by_model = {metrics.LOWER_BOUND_MODEL: everybody}
    for model in data.year.consolidation:
        people = metrics.modelled_people(data, method, model, organisations, source="sectors")
        unmodelled = (
            everybody
            if people is None
            else _find_unmodelled(sheets, everybody, everybody, people, data.year.rule_of(model))
        )
        by_model[model] = pd.concat([people, unmodelled.assign(amount=np.nan)])
    rows = pd.concat(by_model, names=["model"]).reset_index("model")
    rows = rows[rows["part"] == NEW_BENEFICIARIES].assign(rmrp_activity="Yes")
    rows = rows.assign(organisation=rows["sheet_organisation"].astype(data.presence["organisation"].dtype))
    people_on_sheets = sheets.rows_by_sheet(rows.iloc[:0].drop(columns="sheet_organisation"), rows)
    is_bound = people_on_sheets["model"] == metrics.LOWER_BOUND_MODEL
    largest = metrics.largest_of_period(people_on_sheets[is_bound], ["sheet"], method.intersector_level)
    return metrics.add_base(pd.concat([people_on_sheets[~is_bound], largest]), method)


def _find_unmodelled(
    sheets: Sheets, reports: pd.DataFrame, people: pd.DataFrame, modelled: pd.DataFrame, rule: str
) -> pd.DataFrame:
    """Return the reports of countries where people were reached and a model keeps nobody: ``amount`` is NaN, not 0.

    They are found for everybody and for each ``sheet_organisation``; ``part`` is ``NEW_BENEFICIARIES``, ``key`` 0.
    *southern_cone_modelled* looks at its own sectors alone. There are none for a rule that needs no proportions.
    """
    if rule not in RULES_WITH_PROPORTIONS:
        return modelled.iloc[:0]
    if rule == "southern_cone_modelled":
        people = people[people["sector"].isin([*plan_lists().alternatives, *plan_lists().added])]
    reached, modelled_sums = (
        people_rows[(people_rows["part"] == NEW_BENEFICIARIES) & people_rows["month"].isin(sheets.period.months)]
        .groupby(["sheet_organisation", "country"], observed=True)["amount"]
        .sum()
        for people_rows in (people, modelled)
    )
    unmodelled_keys = reached.index[(reached > 0) & (modelled_sums.reindex(reached.index, fill_value=0.0) == 0)]
    if unmodelled_keys.empty:
        return modelled.iloc[:0]
    countries = unmodelled_keys.to_frame(index=False)
    unmodelled_reports = reports.merge(
        countries.astype({"country": reports["country"].dtype}), on=["sheet_organisation", "country"]
    )
    return unmodelled_reports.assign(amount=np.nan, key=np.uint64(0), part=NEW_BENEFICIARIES).astype(
        {"part": people["part"].dtype}
    )


def as_planned(reached: Contributions, sheets: Sheets) -> Contributions:
    """Return the contributions of people reached, without people in transit unless the method's target has them.

    An entry with a negative ``amount`` and ``key`` takes them off. The result has no splits. Source: R4V planning
    figures, whose totals exclude people in transit.
    """
    reached = replace(reached, splits={})
    if sheets.method.in_transit_in_denominators:
        return reached

    new, transit = (
        reached.entries[reached.entries["part"] == part] for part in (NEW_BENEFICIARIES, metrics.IN_TRANSIT)
    )
    subtracted = {name: -transit[name] for name in ("amount", "key", "in_doubt", "doubt_key") if name in transit}
    subtracted_entries = transit.assign(part=NEW_BENEFICIARIES, **subtracted).astype(
        {"part": reached.entries["part"].dtype}
    )
    return replace(reached, entries=pd.concat([new, subtracted_entries], ignore_index=True))


# ---- The plan ----


def count_planned(measure: str, dimension: str = "") -> CountFunction:
    """Return a function that gives the planning rows of a ``measure`` as contributions, by a ``dimension`` if named.

    Sheets of one organisation have none. Sheets of selected admin1 have figures by ``admin1`` alone, and a total only
    where each of these has one. Requirements that the plan does not give come from the totals of the source.
    """

    def count(sheets: Sheets) -> Contributions:
        """Return the planning rows of each sheet; by ``sector`` those of the sheets of all sectors alone."""
        dataset, sheet_key_rows = sheets.dataset, sheets.without_organisation
        planned_rows = dataset.select_planned_rows(measure, sheets.method)
        if dimension == "admin1" or sheets.admin1:
            planned_entry_table = _split_planned_by_admin1(sheets, measure, sheet_key_rows)
            is_complete_sheet = planned_entry_table.groupby("sheet", observed=True)["place"].transform(
                "nunique"
            ) == len(sheets.admin1)
            planned_entry_table = (
                planned_entry_table
                if dimension == "admin1"
                else planned_entry_table[is_complete_sheet]
                if not dimension
                else planned_entry_table.iloc[:0]
            )
        elif dimension == "population_group":
            group_rows = metrics.select_planned_groups(dataset.planned, measure)
            planned_entry_table = sheet_key_rows.merge(
                group_rows[group_rows[dimension].isin(POPULATION_GROUPS)], on=["sector", "sheet_place"]
            )
        elif dimension == "sector":
            all_sectors_sheet_rows = sheet_key_rows[sheet_key_rows["sector"] == INTERSECTOR].drop(columns="sector")
            planned_entry_table = all_sectors_sheet_rows.merge(
                planned_rows[planned_rows["sector"] != INTERSECTOR], on="sheet_place"
            )
        elif dimension:
            planned_entry_table = _split_planned_by_place(planned_rows, dimension, sheet_key_rows)
        else:
            planned_entry_table = sheet_key_rows.merge(planned_rows, on=["sector", "sheet_place"])
        contributions = Contributions(
            name=measure,
            unit="usd" if measure == "requirement_usd" else "people",
            entries=planned_entry_table,
            dimensions=list(dict.fromkeys([dimension or "scope", "sector", "scope", "population_group", "source"])),
            origin="planning",
        )
        has_published_totals = measure == "requirement_usd" and dimension in ("", "sector")
        return _add_published_totals(contributions, sheets, dimension) if has_published_totals else contributions

    return count


def _split_planned_by_place(planned_rows: pd.DataFrame, dimension: str, sheet_keys: pd.DataFrame) -> pd.DataFrame:
    """Return the planning rows of parts, named in the column ``dimension``: of the region by ``platform``.

    By ``country``, those of platforms that have several countries. Other sheets have no rows.
    """
    part_names_by_place = (
        {REGION: tuple(plan_lists().platforms)}
        if dimension == "platform"
        else {place_name: plan_lists().places[place_name] for place_name in plan_lists().platforms}
    )
    place_part_pairs = [
        (place_name, part_name)
        for place_name, part_names in part_names_by_place.items()
        if len(part_names) > 1
        for part_name in part_names
    ]
    place_part_rows = pd.DataFrame(place_part_pairs, columns=["sheet_place", dimension])
    sheet_part_rows = sheet_keys.merge(place_part_rows, on="sheet_place").drop(columns="sheet_place")
    return sheet_part_rows.merge(planned_rows.rename(columns={"sheet_place": dimension}), on=["sector", dimension])


def _add_published_totals(planned: Contributions, sheets: Sheets, dimension: str) -> Contributions:
    """Return ``planned`` with the source's totals for sheets, or parts by ``dimension``, of which it has no row."""
    published_contributions = _find_published_totals(sheets, planned.name)
    if published_contributions is None:
        return planned
    key_columns = ["sheet", dimension] if dimension else ["sheet"]
    total_key_index, planned_key_index = (
        pd.MultiIndex.from_frame(contributions.entries[key_columns].astype("str"))
        for contributions in (published_contributions, planned)
    )
    missing_entry_table = published_contributions.entries[~total_key_index.isin(planned_key_index)]
    if missing_entry_table.empty:
        return planned
    return replace(planned, entries=pd.concat([planned.entries, missing_entry_table], ignore_index=True))


def _split_planned_by_admin1(sheets: Sheets, measure: str, sheet_keys: pd.DataFrame) -> pd.DataFrame:
    """Return planning rows of sheets of one country by ``admin1``, named as in its activities, else as in the plan.

    What the country's figure has beyond them is *not specified*. With ``Sheets.admin1`` only these stand there, without
    the rest.
    """
    data, method = sheets.dataset, sheets.method
    sheet_country_series = sheet_keys["sheet_place"].map(
        {
            place_name: country_codes[0]
            for place_name, country_codes in plan_lists().places.items()
            if len(country_codes) == 1
        }
    )
    rows = metrics.select_planned_admin1(data.planned, measure, method)
    parts = (
        sheet_keys.assign(scope=sheet_country_series).drop(columns="sheet_place").merge(rows, on=["sector", "scope"])
    )
    names = data.presence[["country", "place", "admin1"]].drop_duplicates(["country", "place"]).astype("str")
    parts = parts.merge(names.rename(columns={"country": "scope", "admin1": "name"}), on=["scope", "place"], how="left")
    parts = parts.assign(admin1=parts.pop("name").fillna(parts["place_name"]))
    if sheets.admin1:
        return parts[parts["place"].isin(sheets.admin1)]
    totals = sheet_keys.merge(data.select_planned_rows(measure, method), on=["sector", "sheet_place"])
    return pd.concat([parts, metrics.subtract_planned_admin1(totals, parts, ["sheet"])], ignore_index=True)


# ---- Money ----


def count_designated_funding(sheets: Sheets) -> Contributions:
    """Return the contributions of money for a sector and place alone: from flows, else from totals of the source."""
    totals = _find_published_totals(sheets, "funding_usd")
    return flows_of_money(sheets) if sheets.dataset.funding_flows is not None or totals is None else totals


def flows_of_money(sheets: Sheets) -> Contributions:
    """Return the entries of money (US$) that name a sector and place alone; none where the source gives no flows.

    For an organisation, money from outside the plan that names it as the only recipient.
    """
    return _repeat_money(sheets, "funding_usd", sheets.dataset.ledger)


def count_organisations_of_money(name: str, side: Literal["donor", "recipient"]) -> CountFunction:
    """Return a function that gives the contributions of a figure ``name``: a count of organisations by FTS id.

    It counts donors, or recipients, of incoming money above 0.
    """

    def count(sheets: Sheets) -> Contributions:
        """Return each entry of money once for every organisation; ``rows`` is 1 in the first of these, else 0."""
        organisation_entry_table = metrics.explode_organisations(sheets.dataset.ledger, side).assign(amount=1.0)
        organisation_entry_table["rows"] = (~organisation_entry_table.index.duplicated()).astype("int64")
        return _repeat_money(sheets, name, organisation_entry_table, distinct="id")

    return count


def is_named_in_money(sheets: Sheets) -> pd.Series:
    """Return a mask of the sheets whose organisation the source of money names; true for sheets of everybody.

    It is false for all sheets where the source gives no flows. Its index is that of ``Sheets.table``.
    """
    names_in_money = sheets.dataset.ledger["organisation"].unique()
    recipients = {"", *map(_recipient, names_in_money)} if sheets.dataset.funding_flows is not None else set[str]()
    return sheets.table["organisation"].map(_recipient).isin(recipients)


def _recipient(organisation: str) -> str:
    """Return the folded name of an organisation without its acronym: FTS and activities have no ids in common."""
    return fold(full_name(organisation))


def _repeat_money(sheets: Sheets, name: str, ledger: pd.DataFrame, distinct: str = "") -> Contributions:
    """Return the contributions of a figure ``name``: each entry of money once for every sheet that it counts in.

    These are the sheets of its sector or of all sectors, of its country, its platform or the region, of its recipient
    or of everybody. With ``distinct`` the unit is a count of the names in that column. A sheet of an admin1 has none.
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
    """Return the contributions of the source's own totals by sector to sheets of the region and of everybody.

    A sheet of all sectors has those of every sector. None without such totals, or with ``Sheets.admin1``. A missing
    requirement has no entry, missing funding is 0.
    """
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
