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
    COMPARED_FIGURE,
    DIFFERENCE_FIGURES,
    FIGURES,
    PART_BY_DERIVED_FIGURE,
    WHOLE_BY_DERIVED_FIGURE,
    BreakdownDefinition,
    Parts,
    row_facts,
)
from rmrp_analysis.metrics import EMPTY_SUM_BY_COLUMN, Contributions, Sheets, cached_by_args
from rmrp_analysis.vocabulary import (
    INTERSECTOR,
    NATIONAL_LEVEL,
    NO_PARTNER_PART,
    NOT_SPECIFIED,
    PLANNED_FIGURES,
    POPULATION_GROUPS,
    REGION,
    REGIONAL,
    SHARED_PART,
    plan_lists,
)

ROUNDING_KEY_COLUMNS = ("key", "assisted_key", "doubt_key")
"""Sums of rounding keys, each of the people in one column of ``EMPTY_SUM_BY_COLUMN``."""
DONOR_ARROW = " → "
"""Stands between donor and organisation in the key of a part."""

MONEY_FOR_ONE_PART = "single"
"""Money that names one sector (country)."""

LARGEST_FIRST_ORDER = "largest first"
"""How parts are ordered of which a sheet shows those that there are, if not by name."""
LAST_PARTS = (NATIONAL_LEVEL, NO_PARTNER_PART, NOT_SPECIFIED)
"""These stand last, whatever they hold."""

MAX_COUNTRIES_LISTED = 5
"""An organisation that reported from so few countries has its people by country, too."""


def list_fixed_parts_by_word(sheets: Sheets) -> dict[Parts, Sequence[str]]:
    """Return the parts that a sheet always shows, in order, by the words of ``parts`` in ``breakdowns.csv``.

    *countries*, which follow from the place of a sheet, and words for an order of parts are left out.
    """
    return {
        "areas": (*plan_lists().platforms, REGIONAL),
        "platforms": tuple(plan_lists().platforms),
        "months": sheets.period.months,
        "population_groups": (*POPULATION_GROUPS, NOT_SPECIFIED),
        "planned_groups": POPULATION_GROUPS,
        "age_groups": (*sheets.dataset.year.age_gender_groups, NOT_SPECIFIED),
        "sectors": plan_lists().sectors,
        "sectors_with_people": plan_lists().with_people,
        "sectors_of_money": (*plan_lists().sectors, SHARED_PART, NOT_SPECIFIED),
        "models": (*sheets.dataset.year.consolidation, metrics.LOWER_BOUND_MODEL),
        "named": (MONEY_FOR_ONE_PART, SHARED_PART, NOT_SPECIFIED),
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
        """Facts of each sheet (index; bool), a column for each word that ``shown`` of ``breakdowns.csv`` uses."""
        sheets, table, data = self.sheets, self.sheets.table, self.sheets.dataset
        is_of_organisation, is_named = table["organisation"] != "", counting.is_named_in_money(sheets)
        is_all_sectors, is_region = table["sector"] == INTERSECTOR, table["place"] == REGION
        country_count_series = table["place"].map(
            {place_name: len(country_codes) for place_name, country_codes in plan_lists().places.items()}
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
            "one_country": country_count_series == 1,
            "several_countries": country_count_series > 1,
            "by_country": (country_count_series > 1) | reported_from.between(1, MAX_COUNTRIES_LISTED),
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
        """The sheets that have each breakdown, by its name; breakdowns of no sheet are left out.

        With ``only_figures`` there is one breakdown, which no sheet has.
        """
        if self.only_figures:  # one that no sheet states gives the columns
            return {next(iter(BREAKDOWNS)): self.sheet_facts.index[:0]}
        holds = {str(word): fact.to_numpy("bool") for word, fact in self.sheet_facts.items()}
        holds |= {f"not {word}": ~fact for word, fact in holds.items()} | {"": np.ones(len(self.sheet_facts), "bool")}
        sheet_index_by_breakdown = {
            name: self.sheet_facts.index[np.all([holds[word] for word in breakdown.shown.split(" and ")], axis=0)]
            for name, breakdown in BREAKDOWNS.items()
        }
        return {name: sheets for name, sheets in sheet_index_by_breakdown.items() if len(sheets)}

    @cached_property
    def figures(self) -> Mapping[str, Contributions]:
        """The contributions of each figure that is counted, and of the people compared, by name."""
        return {
            name: self.contributions_of(name)
            for name in (*(name for name, definition in FIGURES.items() if definition.count), COMPARED_FIGURE)
        }

    @cached_by_args
    def contributions_of(self, name: str) -> Contributions:
        """Return the contributions of a figure, or of what a breakdown adds up (``sum_of``). Cached.

        Raises ``KeyError`` for an unknown name, ``TypeError`` for a figure that follows from two others.
        """
        breakdown = BREAKDOWNS.get(name)
        figure, by = (breakdown.sum_of, breakdown.by[0]) if breakdown else (name, "")
        if figure in ("people_reached", COMPARED_FIGURE):
            people = self.people if figure == "people_reached" else self.people_compared
            return people(by_sector=by == "sector")
        if by and figure in PLANNED_FIGURES:
            return counting.count_planned(figure, by)(self.sheets)
        if by:
            return self.contributions_of(figure)
        return FIGURES[figure].count(self.sheets)  # type: ignore[misc]

    @cached_by_args
    def people(self, *, by_sector: bool) -> Contributions:
        """Return the contributions of people reached in the period, with ``in_doubt`` and ``doubt_key``. Cached.

        Of all sectors together a model counts them; ``by_sector`` keeps everybody of every sector. Then, where there
        are sheets of all sectors, only these have entries: no other sheet shows people by sector.
        """
        sheets, sheet_table = self.sheets, self.sheets.table
        if by_sector and sheets.has_all_sectors:
            sheets = replace(sheets, table=sheet_table[sheet_table["sector"] == INTERSECTOR])
        people_contributions = counting.people_reached(sheets, by_sector=by_sector)
        people_entry_table = add_doubt(people_contributions.entries, sheets).astype(
            {"sheet": pd.CategoricalDtype(sheet_table.index)}
        )
        return replace(people_contributions, entries=people_entry_table)

    @cached_by_args
    def people_compared(self, *, by_sector: bool) -> Contributions:
        """Return the people reached in the year so far, without those whom need and target do not count. Cached."""
        return counting.as_planned(self.to_date.people(by_sector=by_sector), self.sheets)

    @cached_property
    def to_date(self) -> "FigureSums":
        """The same sheets of the year so far: from January, or the period's first month if earlier, to its end."""
        period = self.sheets.period.to_date
        return self if period == self.sheets.period else replace(self, sheets=replace(self.sheets, period=period))

    def sums(self, breakdown: BreakdownDefinition) -> pd.DataFrame:
        """Return the sums of a breakdown: ``sheet``, ``part`` and the columns of ``EMPTY_SUM_BY_COLUMN``.

        A column that its rule does not add up holds the value of ``EMPTY_SUM_BY_COLUMN``.
        """
        part_sum_table = SUM_FUNCTION_BY_SPECIAL.get(breakdown.special, _sums_by_dimension)(self, breakdown)
        return part_sum_table.assign(**{**EMPTY_SUM_BY_COLUMN, **part_sum_table})


def _sums_by_dimension(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return the sums of a breakdown by its dimensions: ``sheet``, ``part``, columns of ``EMPTY_SUM_BY_COLUMN``.

    ``part`` is the first dimension; the others are columns by their names.
    """
    sums = figure_sums.contributions_of(breakdown.name).sums("sheet", *breakdown.by).reset_index()
    return sums.rename(columns={breakdown.by[0]: "part"}).astype({"sheet": "str", "part": "str"})


def _people_by_place(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return people by the name of the admin1; columns: those of ``_sums_by_dimension``.

    Under a model for whole countries, a sheet of one country and all sectors has one part, the national level.
    """
    sums = _sums_by_dimension(figure_sums, breakdown)
    totals = figure_sums.contributions_of(breakdown.name).sums("sheet").reset_index()
    sheets_without_places = figure_sums.sheet_facts.index[
        figure_sums.sheet_facts["model_of_countries"] & figure_sums.sheet_facts["one_country"]
    ]
    totals = totals[totals["sheet"].isin(sheets_without_places)].assign(part=NATIONAL_LEVEL).astype({"sheet": "str"})
    return pd.concat([sums[~sums["sheet"].isin(sheets_without_places)], totals])


def _people_by_model(figure_sums: FigureSums, _: BreakdownDefinition) -> pd.DataFrame:
    """Return people by model, of sheets of all sectors: a row for each model and each sheet that has a report.

    ``amount`` is 0 where a model keeps nobody, NaN where that is not known. Columns: ``sheet``, ``part`` (the model),
    ``amount``, ``key``, ``in_doubt``, ``doubt_key``, ``base``.
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
    sums = sums.round(metrics.DECIMALS_BY_COLUMN).reindex(all_parts, fill_value=0).reset_index()
    return sums.rename(columns={"model": "part"})


def _money_by_donor(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return money by donor, or by donor and organisation (``DONOR_ARROW`` between them); parts of 0 are left out.

    Columns: ``sheet``, ``part``, ``amount`` (US$). Money passed on inside the plan is not specified.
    """
    sums = _sums_by_dimension(figure_sums, breakdown)
    pairs = sums["part"] + DONOR_ARROW + sums["organisation"] if "organisation" in sums else sums["part"]
    sums = sums.assign(part=pairs.where(sums["part"] != metrics.PASSED_ON_NAME, NOT_SPECIFIED))
    sums = sums.groupby(["sheet", "part"])[["amount"]].sum().round(2).reset_index()
    return sums[sums["amount"] != 0]


def _money_of_plan(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return the whole plan's money of a single sector (country), of several, of none; the same on every sheet.

    Columns: ``part``, ``amount`` (US$; 0 where there is none), ``sheet``.
    """
    ledger, totals = figure_sums.sheets.dataset.ledger, figure_sums.sheets.dataset.totals_by_sector
    if figure_sums.sheets.dataset.funding_flows is not None:
        amounts = ledger.groupby(LEDGER_COLUMN_BY_DIMENSION[breakdown.by[0]])["amount"].sum()
    else:
        amounts = pd.Series() if totals is None else totals.groupby("part")["funding_usd"].sum()
    unassigned = {part: float(amounts.get(part, 0.0)) for part in (SHARED_PART, NOT_SPECIFIED)}
    values = pd.Series(
        {MONEY_FOR_ONE_PART: float(amounts.sum()) - sum(unassigned.values()), **unassigned}, name="amount"
    )
    return values.rename_axis("part").reset_index().merge(figure_sums.sheet_facts.index.to_frame(), how="cross")


def _activities_by_indicator(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return ``_sums_by_dimension`` of activities by indicator; an empty one is not specified, 0 is left out."""
    sums = _sums_by_dimension(figure_sums, breakdown).replace({"part": {"": NOT_SPECIFIED}})
    return sums[sums["amount"] > 0]


SUM_FUNCTION_BY_SPECIAL: Mapping[str, Callable[[FigureSums, BreakdownDefinition], pd.DataFrame]] = {
    "done": _activities_by_indicator,
    "donors": _money_by_donor,
    "indicators": lambda *arguments: _sums_by_dimension(*arguments).query("rows > 0"),
    "models": _people_by_model,
    "partners": lambda *arguments: _sums_by_dimension(*arguments).replace({"part": {"": NO_PARTNER_PART}}),
    "places": _people_by_place,
    "plan": _money_of_plan,
}
"""Breakdowns whose parts are more than sums by their dimension, by the column ``special`` of ``breakdowns.csv``."""

LEDGER_COLUMN_BY_DIMENSION = {"sector_named": "sector", "country_named": "country"}
"""The column of the money ledger that says whether money names one sector (country), several or none."""


def figure_rows(figure_sums: FigureSums) -> pd.DataFrame:
    """Return the figures of every sheet, and the people compared, as they are added up.

    Columns: ``report``, ``figure``, ``part`` (empty), ``value`` (NaN: nothing was added up, or it is not known), what
    else ``EMPTY_SUM_BY_COLUMN`` names, ``found`` (whether there was anything to add up), and those of ``row_facts``.
    """
    sums = {name: contributions.sums("sheet") for name, contributions in figure_sums.figures.items()}
    all_rows = pd.DataFrame(
        product(figure_sums.sheet_facts.index, [*FIGURES, COMPARED_FIGURE]), columns=["sheet", "figure"]
    )
    return _add_facts(_join_sums(all_rows.assign(part=""), pd.concat(sums, names=["figure"]).reset_index()))


def part_rows(figure_sums: FigureSums) -> pd.DataFrame:
    """Return the parts of the breakdowns of every sheet as they are added up, those of a breakdown in their order.

    Columns: those of ``figure_rows``. Shares and differences have a row without sums for each part of their whole but
    *not specified*; for shares there are also rows of the people compared.
    """
    sheets_of_breakdowns = {
        name: sheets for name, sheets in figure_sums.sheets_by_breakdown.items() if name not in PART_BY_DERIVED_FIGURE
    }
    frames = [
        _parts_of_breakdown(figure_sums, BREAKDOWNS[name], sheets) for name, sheets in sheets_of_breakdowns.items()
    ]
    rows = pd.concat(frames)
    rows = rows[rows["part"] != NOT_SPECIFIED]
    for name in [name for name in figure_sums.sheets_by_breakdown if name in PART_BY_DERIVED_FIGURE]:
        # What follows from each part that has a target
        parts_with_total = rows[
            (rows["figure"] == WHOLE_BY_DERIVED_FIGURE[name])
            & rows["sheet"].isin(figure_sums.sheets_by_breakdown[name])
        ][["sheet", "part"]]
        frames.append(parts_with_total.assign(figure=name))
        if len(parts_with_total) and name not in DIFFERENCE_FIGURES:
            frames.append(
                _join_sums(
                    parts_with_total.assign(figure=PART_BY_DERIVED_FIGURE[name]), figure_sums.sums(BREAKDOWNS[name])
                )
            )
    return _add_facts(pd.concat(frames, ignore_index=True))


def _parts_of_breakdown(figure_sums: FigureSums, breakdown: BreakdownDefinition, sheet_index: pd.Index) -> pd.DataFrame:
    """Return the rows of a breakdown: fixed parts in their order, else those that exist, by name or largest first.

    Of the latter, ``LAST_PARTS`` always stand last. Money of several sectors or of none has a row only where there is
    some. With ``if_any``, sheets without a part have no rows. Columns: ``sheet``, ``part``, ``figure``, those of
    ``EMPTY_SUM_BY_COLUMN``, and ``found`` (NaN: nothing to add up).
    """
    sums = figure_sums.sums(breakdown).assign(figure=breakdown.name)
    sheet_place_series = figure_sums.sheets.table["place"]
    if breakdown.if_any:
        sheet_index = sheet_index[sheet_index.isin(sums["sheet"])]
    lists, has_countries = list_fixed_parts_by_word(figure_sums.sheets), breakdown.parts == "countries"
    fixed = [
        (sheet_name, part_name, breakdown.name)
        for sheet_name in sheet_index
        for part_name in (
            plan_lists().places[sheet_place_series[sheet_name]] if has_countries else lists.get(breakdown.parts, ())
        )
    ]
    fixed_rows = pd.DataFrame(fixed, columns=["sheet", "part", "figure"])
    rows = _join_sums(fixed_rows, sums)
    if breakdown.parts == "sectors_of_money":  # money of no single sector, where there is any
        rows = rows[rows["found"].notna() | ~rows["part"].isin([SHARED_PART, NOT_SPECIFIED])]
    other_sums = sums[sums["sheet"].isin(sheet_index.difference(pd.Index(fixed_rows["sheet"])))]
    # Rows whose cell of the dimension is empty are not specified
    other_sums = other_sums.replace({"part": {"": NOT_SPECIFIED}})
    size = -other_sums["amount"] if breakdown.parts == LARGEST_FIRST_ORDER else 0.0
    other_sums = other_sums.assign(size=size, last=other_sums["part"].isin(LAST_PARTS)).sort_values(
        ["last", "size", "part"]
    )
    return pd.concat([rows, other_sums.drop(columns=["size", "last"]).assign(found=True)])


def _join_sums(rows: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Join sums to rows by those of ``sheet``, ``figure`` and ``part`` that both have; all rows stay.

    Added columns: those of ``sums``, rounding keys as nullable integers, and ``found`` (NaN: no sums).
    """
    keys = [name for name in ("sheet", "figure", "part") if name in rows and name in sums]
    sums = sums.assign(found=True).astype({"sheet": "str", **dict.fromkeys(ROUNDING_KEY_COLUMNS, "UInt64")})
    return rows.merge(sums, on=keys, how="left")


def _add_facts(rows: pd.DataFrame) -> pd.DataFrame:
    """Join ``row_facts``, and rename ``sheet`` to ``report`` and ``amount`` to ``value``.

    Missing sums get the value of ``EMPTY_SUM_BY_COLUMN``; ``value`` stays NaN, ``found`` becomes false.
    """
    empty = {name: nothing for name, nothing in EMPTY_SUM_BY_COLUMN.items() if name != "amount"}
    rows = rows.fillna({**empty, "found": False}).astype(
        {**dict.fromkeys(ROUNDING_KEY_COLUMNS, "uint64"), "found": "bool"}
    )
    return rows.join(row_facts(), on="figure").rename(columns={"sheet": "report", "amount": "value"})
