"""Add up the rows of the table of figures: figures and parts of breakdowns, of every sheet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures import counting
from rmrp_analysis.figures.cautions import add_doubt
from rmrp_analysis.figures.registry import (
    BREAKDOWNS,
    COMPARED,
    DIFFERENCES,
    FIGURES,
    PARTS,
    WHOLES,
    BreakdownDefinition,
    row_facts,
)
from rmrp_analysis.metrics import EMPTY_SUMS, Contributions, Sheets, cached_by_args
from rmrp_analysis.vocabulary import (
    DIRECTLY,
    INTERSECTOR,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    PLANNED_FIGURES,
    POPULATION_GROUPS,
    REGION,
    REGIONAL,
    SHARED,
    plan_lists,
)

KEY_COLUMNS = ("key", "assisted_key", "doubt_key")
FROM_TO = " → "
"""Stands between donor and organisation in the key of a part."""

SINGLE = "single"
"""Money that names one sector (country)."""

LARGEST_FIRST = "largest first"
"""How parts are ordered of which a sheet shows those that there are, if not by name."""
LAST = (NATIONAL_LEVEL, DIRECTLY, NOT_SPECIFIED)
"""These stand last, whatever they hold."""

MAX_COUNTRIES_LISTED = 5
"""An organisation that reported from so few countries has its people by country, too."""


def list_fixed_parts_by_word(sheets: Sheets) -> dict[str, Sequence[str]]:
    """Return the parts that a sheet always shows, in order, by the words of ``parts`` in ``breakdowns.csv``."""
    return {
        "areas": (*plan_lists().platforms, REGIONAL),
        "platforms": tuple(plan_lists().platforms),
        "months": sheets.period.months,
        "population_groups": (*POPULATION_GROUPS, NOT_SPECIFIED),
        "planned_groups": POPULATION_GROUPS,
        "age_groups": (*sheets.dataset.year.age_gender_groups, NOT_SPECIFIED),
        "sectors": plan_lists().sectors,
        "sectors_with_people": plan_lists().with_people,
        "sectors_of_money": (*plan_lists().sectors, SHARED, NOT_SPECIFIED),
        "models": (*sheets.dataset.year.consolidation, metrics.LOWER_BOUND),
        "named": (SINGLE, SHARED, NOT_SPECIFIED),
    }


@dataclass(frozen=True, eq=False)
class FigureSums:
    """The contributions of every figure and breakdown of some sheets, computed once and added up on request.

    People carry how many of them are in doubt. ``only_figures`` leaves the breakdowns out.
    """

    sheets: Sheets
    only_figures: bool = False

    @cached_property
    def sheet_facts(self) -> pd.DataFrame:
        """Facts of each sheet (bool), one column for each word that ``shown`` of ``breakdowns.csv`` uses."""
        sheets, table, data = self.sheets, self.sheets.table, self.sheets.dataset
        is_of_organisation, is_named = table["organisation"] != "", counting.is_named_in_money(sheets)
        is_all_sectors, is_region = table["sector"] == INTERSECTOR, table["place"] == REGION
        countries = table["place"].map(
            {place: len(countries_of_place) for place, countries_of_place in plan_lists().places.items()}
        )
        presence = replace(sheets, table=table[is_of_organisation].assign(sector=INTERSECTOR)).presence
        reported_from = (
            presence.groupby(presence["sheet"].astype("str"))["country"].nunique().reindex(table.index, fill_value=0)
        )
        has_flows = is_named & (data.funding_flows is not None and not sheets.admin1)
        has_totals = ~is_of_organisation & (data.totals_by_sector is not None and not sheets.admin1)
        facts = {
            "people": ~table["sector"].isin(plan_lists().without_people),
            "need": ~table["sector"].isin(plan_lists().without_need),
            "all_sectors": is_all_sectors,
            "region": is_region,
            "platform": table["place"].isin(plan_lists().platforms),
            "one_country": countries == 1,
            "several_countries": countries > 1,
            "by_country": (countries > 1) | reported_from.between(1, MAX_COUNTRIES_LISTED),
            "of_organisation": is_of_organisation,
            "reported": table.index.isin(sheets.presence["sheet"].astype("str").unique()),
            "in_admin1": bool(sheets.admin1),
            "planning": len(data.planning) > 0,
            "money": "funding" in data.sources,
            "ledger": data.funding_flows is not None,
            "flows": has_flows,
            "named": is_named,
            "totals": data.totals_by_sector is not None,
            "money_by_sector": has_flows | (has_totals & is_region),
            "money_of_plan": has_flows | has_totals,
            "model_of_countries": is_all_sectors & (sheets.method.intersector_level == "country"),
            "year_in_data": {*sheets.period.to_date.months} - {*sheets.period.months} <= {*data.months_reported},
        }
        return pd.DataFrame(facts, index=table.index)

    @cached_property
    def sheets_by_breakdown(self) -> Mapping[str, pd.Index]:
        """The sheets that have each breakdown, by its name; breakdowns of no sheet are left out."""
        if self.only_figures:  # one that no sheet states gives the columns
            return {next(iter(BREAKDOWNS)): self.sheet_facts.index[:0]}
        holds = {str(word): fact.to_numpy("bool") for word, fact in self.sheet_facts.items()}
        holds |= {f"not {word}": ~fact for word, fact in holds.items()} | {"": np.ones(len(self.sheet_facts), "bool")}
        shown = {
            name: self.sheet_facts.index[np.all([holds[word] for word in breakdown.shown.split(" and ")], axis=0)]
            for name, breakdown in BREAKDOWNS.items()
        }
        return {name: sheets for name, sheets in shown.items() if len(sheets)}

    @cached_property
    def figures(self) -> Mapping[str, Contributions]:
        """The contributions of each figure that is counted, by name."""
        return {
            name: self.contributions_of(name)
            for name in (*(name for name, definition in FIGURES.items() if definition.count), COMPARED)
        }

    @cached_by_args
    def contributions_of(self, name: str) -> Contributions:
        """Return the contributions of a figure or breakdown."""
        breakdown = BREAKDOWNS.get(name)
        figure, by = (breakdown.sum_of, breakdown.by[0]) if breakdown else (name, "")
        if figure in ("people_reached", COMPARED):
            people = self.people if figure == "people_reached" else self.people_compared
            return people(by_sector=by == "sector")
        if by and figure in PLANNED_FIGURES:
            return counting.count_planned(figure, by)(self.sheets)
        return self.contributions_of(figure) if by else FIGURES[figure].count(self.sheets)  # type: ignore[misc]

    @cached_by_args
    def people(self, *, by_sector: bool) -> Contributions:
        """Return the people reached in the period, of all sectors together by a model, or everybody of every sector.

        Where there are sheets of all sectors, everybody of every sector is of these alone: no other sheet shows them.
        """
        sheets, table = self.sheets, self.sheets.table
        if by_sector and sheets.has_all_sectors:
            sheets = replace(sheets, table=table[table["sector"] == INTERSECTOR])
        people = counting.people_reached(sheets, by_sector=by_sector)
        entries = add_doubt(people.entries, sheets).astype({"sheet": pd.CategoricalDtype(table.index)})
        return replace(people, entries=entries)

    @cached_by_args
    def people_compared(self, *, by_sector: bool) -> Contributions:
        """Return the people reached in the year so far, without those whom need and target do not count."""
        return counting.as_planned(self.to_date.people(by_sector=by_sector), self.sheets)

    @cached_property
    def to_date(self) -> "FigureSums":
        """The same sheets of the year so far: from January to the end of the period."""
        period = self.sheets.period.to_date
        return self if period == self.sheets.period else replace(self, sheets=replace(self.sheets, period=period))

    def sums(self, breakdown: BreakdownDefinition) -> pd.DataFrame:
        """Add a breakdown up: ``sheet``, ``part``, and what ``EMPTY_SUMS`` names."""
        sums = SPECIAL_SUMS.get(breakdown.special, _sums_by_dimension)(self, breakdown)
        return sums.assign(**{**EMPTY_SUMS, **sums})


def _sums_by_dimension(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return the sums of a breakdown by its dimensions: ``sheet``, ``part``, and the columns of ``EMPTY_SUMS``."""
    sums = figure_sums.contributions_of(breakdown.name).sums("sheet", *breakdown.by).reset_index()
    return sums.rename(columns={breakdown.by[0]: "part"}).astype({"sheet": "str", "part": "str"})


def _people_by_place(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Sum by the name of the admin1; under a model for whole countries all stand under the national level.

    Columns: those of ``_sums_by_dimension``.
    """
    sums, totals = (
        _sums_by_dimension(figure_sums, breakdown),
        figure_sums.contributions_of(breakdown.name).sums("sheet").reset_index(),
    )
    sheets_without_places = figure_sums.sheet_facts.index[
        figure_sums.sheet_facts["model_of_countries"] & figure_sums.sheet_facts["one_country"]
    ]
    totals = totals[totals["sheet"].isin(sheets_without_places)].assign(part=NATIONAL_LEVEL).astype({"sheet": "str"})
    return pd.concat([sums[~sums["sheet"].isin(sheets_without_places)], totals])


def _people_by_model(figure_sums: FigureSums, _: BreakdownDefinition) -> pd.DataFrame:
    """Sum by model, with the people in doubt; 0 where something was reported, and a model keeps nobody.

    Columns: ``sheet``, ``part`` (the model), ``amount``, ``key``, ``in_doubt``, ``doubt_key``, ``base``.
    """
    people = add_doubt(counting.people_by_model(figure_sums.sheets), figure_sums.sheets)
    models = people.groupby(["sheet", "model"], observed=True)
    sums = models[["amount", "key", "in_doubt", "doubt_key"]].sum(skipna=False).assign(base=models["base"].max())
    sheets_of_all_sectors = figure_sums.sheet_facts.index[
        figure_sums.sheet_facts["all_sectors"] & figure_sums.sheet_facts["reported"]
    ]
    all_parts = pd.MultiIndex.from_product(
        [sheets_of_all_sectors, list_fixed_parts_by_word(figure_sums.sheets)["models"]], names=["sheet", "model"]
    )
    sums = sums.round(metrics.ROUNDED).reindex(all_parts, fill_value=0).reset_index()
    return sums.rename(columns={"model": "part"})


def _money_by_donor(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Sum by donor (and organisation), without zeros; money passed on inside the plan is not specified.

    Columns: ``sheet``, ``part``, ``amount`` (US$).
    """
    sums = _sums_by_dimension(figure_sums, breakdown)
    pairs = sums["part"] + FROM_TO + sums["organisation"] if "organisation" in sums else sums["part"]
    sums = sums.assign(part=pairs.where(sums["part"] != metrics.PASSED_ON, NOT_SPECIFIED))
    sums = sums.groupby(["sheet", "part"])[["amount"]].sum().round(2).reset_index()
    return sums[sums["amount"] != 0]


def _money_of_plan(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Sum the whole plan's money of a single sector (country), of several, of none; the same on every sheet.

    Columns: ``part``, ``amount`` (US$), ``sheet``.
    """
    ledger, totals = figure_sums.sheets.dataset.ledger, figure_sums.sheets.dataset.totals_by_sector
    if figure_sums.sheets.dataset.funding_flows is not None:
        amounts = ledger.groupby(NAMED_BY_MONEY[breakdown.by[0]])["amount"].sum()
    else:
        amounts = pd.Series() if totals is None else totals.groupby("part")["funding_usd"].sum()
    unassigned = {part: float(amounts.get(part, 0.0)) for part in (SHARED, NOT_SPECIFIED)}
    values = pd.Series({SINGLE: float(amounts.sum()) - sum(unassigned.values()), **unassigned}, name="amount")
    return values.rename_axis("part").reset_index().merge(figure_sums.sheet_facts.index.to_frame(), how="cross")


def _activities_by_indicator(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Sum by indicator; an empty one is not specified. A report without a usable row is no activity."""
    sums = _sums_by_dimension(figure_sums, breakdown).replace({"part": {"": NOT_SPECIFIED}})
    return sums[sums["amount"] > 0]


SPECIAL_SUMS: Mapping[str, Callable[[FigureSums, BreakdownDefinition], pd.DataFrame]] = {
    "done": _activities_by_indicator,
    "donors": _money_by_donor,
    "indicators": lambda *counted: _sums_by_dimension(*counted).query("rows > 0"),
    "models": _people_by_model,
    "partners": lambda *counted: _sums_by_dimension(*counted).replace({"part": {"": DIRECTLY}}),
    "places": _people_by_place,
    "plan": _money_of_plan,
}
"""Breakdowns whose parts are more than sums by their dimension, by the column ``special`` of ``breakdowns.csv``."""

NAMED_BY_MONEY = {"sector_named": "sector", "country_named": "country"}
"""The column of the money ledger that says whether money names one sector (country), several or none."""


def figure_rows(figure_sums: FigureSums) -> pd.DataFrame:
    """Return the figures of every sheet, and the people compared, as they are added up.

    Columns: ``report``, ``figure``, ``part`` (empty), ``value`` (NaN: nothing was added up, or it is not known), what
    else ``EMPTY_SUMS`` names, ``found`` (whether there was anything to add up), and those of ``row_facts``.
    """
    sums = {name: contributions.sums("sheet") for name, contributions in figure_sums.figures.items()}
    all_rows = pd.DataFrame(product(figure_sums.sheet_facts.index, [*FIGURES, COMPARED]), columns=["sheet", "figure"])
    return _add_facts(_join_sums(all_rows.assign(part=""), pd.concat(sums, names=["figure"]).reset_index()))


def part_rows(figure_sums: FigureSums) -> pd.DataFrame:
    """Return the parts of the breakdowns of every sheet as they are added up, those of a sheet in their order.

    Columns: those of ``figure_rows``.
    """
    sheets_of_breakdowns = {
        name: sheets for name, sheets in figure_sums.sheets_by_breakdown.items() if name not in PARTS
    }
    frames = [
        _parts_of_breakdown(figure_sums, BREAKDOWNS[name], sheets) for name, sheets in sheets_of_breakdowns.items()
    ]
    rows = pd.concat(frames)
    rows = rows[rows["part"] != NOT_SPECIFIED]
    for name in [
        name for name in figure_sums.sheets_by_breakdown if name in PARTS
    ]:  # what follows from each part that has a target
        parts_with_total = rows[
            (rows["figure"] == WHOLES[name]) & rows["sheet"].isin(figure_sums.sheets_by_breakdown[name])
        ][["sheet", "part"]]
        frames.append(parts_with_total.assign(figure=name))
        if len(parts_with_total) and name not in DIFFERENCES:
            frames.append(_join_sums(parts_with_total.assign(figure=PARTS[name]), figure_sums.sums(BREAKDOWNS[name])))
    return _add_facts(pd.concat(frames, ignore_index=True))


def _parts_of_breakdown(figure_sums: FigureSums, breakdown: BreakdownDefinition, sheets: pd.Index) -> pd.DataFrame:
    """Return the rows of a breakdown: fixed parts in their order, else those that exist, by name or largest first.

    Columns: ``sheet``, ``part``, ``figure``, those of ``EMPTY_SUMS``, and ``found`` (NaN: nothing to add up).
    """
    sums, place = figure_sums.sums(breakdown).assign(figure=breakdown.name), figure_sums.sheets.table["place"]
    if breakdown.if_any:
        sheets = sheets[sheets.isin(sums["sheet"])]
    lists, has_countries = list_fixed_parts_by_word(figure_sums.sheets), breakdown.parts == "countries"
    fixed = [
        (sheet, part, breakdown.name)
        for sheet in sheets
        for part in (plan_lists().places[place[sheet]] if has_countries else lists.get(breakdown.parts, ()))
    ]
    fixed_rows = pd.DataFrame(fixed, columns=["sheet", "part", "figure"])
    rows = _join_sums(fixed_rows, sums)
    if breakdown.parts == "sectors_of_money":  # money of no single sector, where there is any
        rows = rows[rows["found"].notna() | ~rows["part"].isin([SHARED, NOT_SPECIFIED])]
    other_sums = sums[sums["sheet"].isin(sheets.difference(pd.Index(fixed_rows["sheet"])))]
    other_sums = other_sums.replace({"part": {"": NOT_SPECIFIED}})  # rows whose cell of the dimension is empty
    size = -other_sums["amount"] if breakdown.parts == LARGEST_FIRST else 0.0
    other_sums = other_sums.assign(size=size, last=other_sums["part"].isin(LAST)).sort_values(["last", "size", "part"])
    return pd.concat([rows, other_sums.drop(columns=["size", "last"]).assign(found=True)])


def _join_sums(rows: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Join sums to rows by sheet, figure and part; ``found`` is NaN without sums. Keys become nullable integers."""
    keys = [name for name in ("sheet", "figure", "part") if name in rows and name in sums]
    sums = sums.assign(found=True).astype({"sheet": "str", **dict.fromkeys(KEY_COLUMNS, "UInt64")})
    return rows.merge(sums, on=keys, how="left")


def _add_facts(rows: pd.DataFrame) -> pd.DataFrame:
    """Fill in what ``EMPTY_SUMS`` says where nothing was found, and join ``row_facts``."""
    empty = {name: nothing for name, nothing in EMPTY_SUMS.items() if name != "amount"}
    rows = rows.fillna({**empty, "found": False}).astype({**dict.fromkeys(KEY_COLUMNS, "uint64"), "found": "bool"})
    return rows.join(row_facts(), on="figure").rename(columns={"sheet": "report", "amount": "value"})
