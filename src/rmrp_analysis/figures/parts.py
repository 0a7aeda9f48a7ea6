"""Add up the rows of the table of figures: figures and parts of breakdowns, of every sheet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures import counting
from rmrp_analysis.figures.doubt import add_doubt
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

ROUNDING_KEY_COLUMNS = ("key", "low_key", "high_key", "assisted_key", "doubt_key")
"""Sums of rounding keys: of ``amount``, its bounds, ``assisted_not_counted`` and ``in_doubt``."""
DONOR_ARROW = " → "
"""Stands between donor and organisation in the key of a part."""

MONEY_FOR_ONE_PART = "single"
"""Money that names one sector (country)."""

LARGEST_FIRST_ORDER = "largest first"
"""The order, unless it is by name, of parts that are not always shown."""
LAST_PARTS = (NATIONAL_LEVEL, NO_PARTNER_PART, NOT_SPECIFIED)
"""Parts that stand last, whatever their amount."""

MAX_COUNTRIES_LISTED = 5
"""An organisation that reported from at most so many countries has its people by country, too."""


def list_fixed_parts_by_word(sheets: Sheets) -> dict[Parts, Sequence[str]]:
    """Return the parts that a sheet always shows, in order, by the words of the column ``parts`` of ``breakdowns.csv``.

    Two kinds of words are left out: *countries*, which depend on the place of a sheet, and words for an order.
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

    Contributions of people also say how many people are in doubt. ``only_figures`` leaves the breakdowns out.
    """

    sheets: Sheets
    only_figures: bool = False

    @cached_property
    def sheet_facts(self) -> pd.DataFrame:
        """Facts (bool) of each sheet (index): a column for each word of ``shown`` in ``breakdowns.csv``."""
        sheets, table, data = self.sheets, self.sheets.table, self.sheets.dataset
        is_of_one, is_named = table["organisation"] != "", counting.is_named_in_money(sheets)
        is_all, is_region = table["sector"] == INTERSECTOR, table["place"] == REGION
        countries = table["place"].map({place: len(codes) for place, codes in plan_lists().places.items()})
        presence = replace(sheets, table=table[is_of_one].assign(sector=INTERSECTOR)).presence
        reporting = presence.groupby(presence["sheet"].astype("str"))["country"].nunique()
        reporting = reporting.reindex(table.index, fill_value=0)
        has_flows = is_named & (data.funding_flows is not None and not sheets.admin1)
        has_totals = ~is_of_one & (data.totals_by_sector is not None and not sheets.admin1)
        facts = {
            "people": ~table["sector"].isin(plan_lists().without_people),
            "need": ~table["sector"].isin(plan_lists().without_need),
            "all_sectors": is_all,
            "region": is_region,
            "platform": table["place"].isin(plan_lists().platforms),
            "one_country": countries == 1,
            "several_countries": countries > 1,
            "by_country": (countries > 1) | reporting.between(1, MAX_COUNTRIES_LISTED),
            "of_organisation": is_of_one,
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
            "model_of_countries": is_all & (sheets.method.intersector_level == "country"),
            "year_in_data": {*sheets.period.to_date.months} - {*sheets.period.months} <= {*data.months_reported},
        }
        return pd.DataFrame(facts, index=table.index)

    @cached_property
    def sheets_by_breakdown(self) -> Mapping[str, pd.Index]:
        """The ids of the sheets that have a breakdown, by its name. Breakdowns of no sheet are left out.

        With ``only_figures`` there is one breakdown, without sheets.
        """
        if self.only_figures:  # a breakdown of no sheet still gives the columns
            return {next(iter(BREAKDOWNS)): self.sheet_facts.index[:0]}
        holds = {str(word): fact.to_numpy("bool") for word, fact in self.sheet_facts.items()}
        holds |= {f"not {word}": ~fact for word, fact in holds.items()} | {"": np.ones(len(self.sheet_facts), "bool")}
        sheets = {
            name: self.sheet_facts.index[np.all([holds[word] for word in breakdown.shown.split(" and ")], axis=0)]
            for name, breakdown in BREAKDOWNS.items()
        }
        return {name: index for name, index in sheets.items() if len(index)}

    @cached_property
    def figures(self) -> Mapping[str, Contributions]:
        """The contributions of each figure with a count function, and of the people compared, by name."""
        names = [name for name, figure in FIGURES.items() if figure.count]
        return {name: self.contributions_of(name) for name in (*names, COMPARED_FIGURE)}

    @cached_by_args
    def contributions_of(self, name: str) -> Contributions:
        """Return the contributions of a figure, or of the figure that a breakdown adds up (``sum_of``). Cached.

        Raises ``KeyError`` for an unknown name, ``TypeError`` for a figure that follows from two others.
        """
        breakdown = BREAKDOWNS.get(name)
        figure, dimension = (breakdown.sum_of, breakdown.by[0]) if breakdown else (name, "")
        if figure in ("people_reached", COMPARED_FIGURE):
            people = self.people if figure == "people_reached" else self.people_compared
            return people(by_sector=dimension == "sector")
        if dimension and figure in PLANNED_FIGURES:
            return counting.count_planned(figure, dimension)(self.sheets)
        if dimension:
            return self.contributions_of(figure)
        return FIGURES[figure].count(self.sheets)  # type: ignore[misc]

    @cached_by_args
    def people(self, *, by_sector: bool) -> Contributions:
        """Return the contributions of people reached in the period, with ``in_doubt`` and ``doubt_key``. Cached.

        On a sheet of all sectors a model counts them. ``by_sector`` keeps everybody of every sector instead. Then only
        sheets of all sectors, if any, have entries: no other sheet shows people by sector.
        """
        sheets, table = self.sheets, self.sheets.table
        if by_sector and sheets.has_all_sectors:
            sheets = replace(sheets, table=table[table["sector"] == INTERSECTOR])
        reached = counting.people_reached(sheets, by_sector=by_sector)
        entries = add_doubt(reached.entries, sheets).astype({"sheet": pd.CategoricalDtype(table.index)})
        return replace(reached, entries=entries)

    @cached_by_args
    def people_compared(self, *, by_sector: bool) -> Contributions:
        """Return the people reached in the year so far, without people whom need and target do not count. Cached."""
        return counting.as_planned(self.to_date.people(by_sector=by_sector), self.sheets)

    @cached_property
    def to_date(self) -> "FigureSums":
        """The same sheets of the year so far: from January, or the period's first month if earlier, to its end."""
        period = self.sheets.period.to_date
        return self if period == self.sheets.period else replace(self, sheets=replace(self.sheets, period=period))

    def sums(self, breakdown: BreakdownDefinition) -> pd.DataFrame:
        """Return the sums of a breakdown: ``sheet``, ``part`` and the columns of ``EMPTY_SUM_BY_COLUMN``.

        A column that the breakdown does not add up holds the value of ``EMPTY_SUM_BY_COLUMN``.
        """
        sums = SUM_FUNCTION_BY_SPECIAL.get(breakdown.special, _sums_by_dimension)(self, breakdown)
        return sums.assign(**{**EMPTY_SUM_BY_COLUMN, **sums})


def _sums_by_dimension(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return the sums of a breakdown by its dimensions: ``sheet``, ``part``, columns of ``EMPTY_SUM_BY_COLUMN``.

    ``part`` is the first dimension. Other dimensions keep their names.
    """
    sums = figure_sums.contributions_of(breakdown.name).sums("sheet", *breakdown.by).reset_index()
    return sums.rename(columns={breakdown.by[0]: "part"}).astype({"sheet": "str", "part": "str"})


def _people_by_place(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return people by the name of the admin1, with the columns of ``_sums_by_dimension``.

    Under a model for whole countries, a sheet of one country and all sectors has one part, the national level.
    """
    sums, facts = _sums_by_dimension(figure_sums, breakdown), figure_sums.sheet_facts
    totals = figure_sums.contributions_of(breakdown.name).sums("sheet").reset_index()
    national = facts.index[facts["model_of_countries"] & facts["one_country"]]
    totals = totals[totals["sheet"].isin(national)].assign(part=NATIONAL_LEVEL).astype({"sheet": "str"})
    return pd.concat([sums[~sums["sheet"].isin(national)], totals])


def _people_by_model(figure_sums: FigureSums, _: BreakdownDefinition) -> pd.DataFrame:
    """Return people by model on sheets of all sectors: a row for each model and each such sheet with a report.

    Columns: ``sheet``, ``part`` (the model), ``amount`` (0: the model keeps nobody, NaN: not known), ``key``,
    ``metrics.BOUND_COLUMNS``, ``in_doubt``, ``doubt_key``, ``base``.
    """
    people = add_doubt(counting.people_by_model(figure_sums.sheets), figure_sums.sheets)
    models = people.groupby(["sheet", "model"], observed=True)
    columns = ["amount", "key", *metrics.BOUND_COLUMNS, "in_doubt", "doubt_key"]
    sums = metrics.order_bounds(models[columns].sum(skipna=False).assign(base=models["base"].max()))
    facts = figure_sums.sheet_facts
    sheets = facts.index[facts["all_sectors"] & facts["reported"]]
    names = list_fixed_parts_by_word(figure_sums.sheets)["models"]
    parts = pd.MultiIndex.from_product([sheets, names], names=["sheet", "model"])
    sums = sums.round(metrics.DECIMALS_BY_COLUMN).reindex(parts, fill_value=0).reset_index()
    return sums.rename(columns={"model": "part"})


def _money_by_donor(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return money by donor, or by donor and organisation with ``DONOR_ARROW`` between them.

    Columns: ``sheet``, ``part``, ``amount`` (US$). Money passed on inside the plan is *not specified*. Parts of 0 are
    left out.
    """
    sums = _sums_by_dimension(figure_sums, breakdown)
    parts = sums["part"] + DONOR_ARROW + sums["organisation"] if "organisation" in sums else sums["part"]
    sums = sums.assign(part=parts.where(sums["part"] != metrics.PASSED_ON_NAME, NOT_SPECIFIED))
    sums = sums.groupby(["sheet", "part"])[["amount"]].sum().round(2).reset_index()
    return sums[sums["amount"] != 0]


def _money_of_plan(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return the whole plan's money for one sector (country), for several and for no sector, the same on every sheet.

    Columns: ``part``, ``amount`` (US$, 0 without money), ``sheet``.
    """
    data = figure_sums.sheets.dataset
    if data.funding_flows is not None:
        amounts = data.ledger.groupby(LEDGER_COLUMN_BY_DIMENSION[breakdown.by[0]])["amount"].sum()
    elif data.totals_by_sector is not None:
        amounts = data.totals_by_sector.groupby("part")["funding_usd"].sum()
    else:
        amounts = pd.Series()
    unassigned = {part: float(amounts.get(part, 0.0)) for part in (SHARED_PART, NOT_SPECIFIED)}
    single = float(amounts.sum()) - sum(unassigned.values())
    money = pd.Series({MONEY_FOR_ONE_PART: single, **unassigned}, name="amount")
    return money.rename_axis("part").reset_index().merge(figure_sums.sheet_facts.index.to_frame(), how="cross")


def _activities_by_indicator(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return activities by indicator: an empty indicator is *not specified*, an amount of 0 is left out."""
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
"""The function for parts that are more than sums by a dimension, by the column ``special`` of ``breakdowns.csv``."""

LEDGER_COLUMN_BY_DIMENSION = {"sector_named": "sector", "country_named": "country"}
"""The column of the money ledger that says whether money names one sector (country), several or none, by dimension."""


def figure_rows(figure_sums: FigureSums) -> pd.DataFrame:
    """Return the sums of the figures of every sheet, and of the people compared.

    Columns: ``report``, ``figure``, ``part`` (empty), ``value`` (NaN: there was nothing to add up, or it is not known),
    the other columns of ``EMPTY_SUM_BY_COLUMN``, ``found`` (whether there was anything to add up), and the columns of
    ``row_facts``.
    """
    sums = {name: figure.sums("sheet") for name, figure in figure_sums.figures.items()}
    keys = product(figure_sums.sheet_facts.index, [*FIGURES, COMPARED_FIGURE])
    rows = pd.DataFrame(keys, columns=["sheet", "figure"]).assign(part="")
    return _add_facts(_join_sums(rows, pd.concat(sums, names=["figure"]).reset_index()))


def part_rows(figure_sums: FigureSums) -> pd.DataFrame:
    """Return the sums of the parts of the breakdowns of every sheet, the parts of a breakdown in their order.

    Columns: see ``figure_rows``. A share or difference has a row without sums for each part of its whole, except *not
    specified*. Shares also have rows of the people compared.
    """
    sheets, fixed, existing_parts, sums = figure_sums.sheets_by_breakdown, [], [], []
    for name in [name for name in sheets if name not in PART_BY_DERIVED_FIGURE]:
        breakdown, index = BREAKDOWNS[name], sheets[name]
        parts = figure_sums.sums(breakdown).assign(figure=name)
        if breakdown.if_any:
            index = index[index.isin(parts["sheet"])]
        keys = _list_fixed_parts(figure_sums, breakdown, index, parts)
        has_fixed_parts = parts["sheet"].isin(keys["sheet"])
        fixed.append(keys)
        existing_parts.append(_order_parts(parts[parts["sheet"].isin(index) & ~has_fixed_parts], breakdown))
        sums.append(parts)
    rows = pd.concat([_join_sums(pd.concat(fixed), pd.concat(sums)), *existing_parts])
    return _add_facts(pd.concat([rows, *_derive_parts(figure_sums, rows)], ignore_index=True))


def _list_fixed_parts(
    figure_sums: FigureSums, breakdown: BreakdownDefinition, sheet_index: pd.Index, sums: pd.DataFrame
) -> pd.DataFrame:
    """Return ``sheet``, ``part`` and ``figure`` of the parts that these sheets always show, in their order.

    Money of several sectors or of none has a row only if ``sums`` has some.
    """
    if breakdown.parts == "countries":
        places = figure_sums.sheets.table["place"]
        keys = [(sheet, part) for sheet in sheet_index for part in plan_lists().places[places[sheet]]]
    else:
        keys = [*product(sheet_index, list_fixed_parts_by_word(figure_sums.sheets).get(breakdown.parts, ()))]
    if breakdown.parts == "sectors_of_money":
        existing = {*zip(sums["sheet"], sums["part"], strict=True)}
        keys = [key for key in keys if key[1] not in (SHARED_PART, NOT_SPECIFIED) or key in existing]
    return pd.DataFrame(keys, columns=["sheet", "part"]).assign(figure=breakdown.name)


def _order_parts(sums: pd.DataFrame, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return the parts that exist, by name or largest first, with ``found``. ``LAST_PARTS`` always stand last."""
    rows = sums.replace({"part": {"": NOT_SPECIFIED}})  # the cell of the dimension is empty
    size = -rows["amount"] if breakdown.parts == LARGEST_FIRST_ORDER else 0.0
    rows = rows.assign(size=size, last=rows["part"].isin(LAST_PARTS)).sort_values(["last", "size", "part"])
    return rows.drop(columns=["size", "last"]).assign(found=True)


def _derive_parts(figure_sums: FigureSums, rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the rows of shares and differences, without sums, and the rows of the people compared of shares."""
    wholes, sheets = rows[rows["part"] != NOT_SPECIFIED], figure_sums.sheets_by_breakdown
    derived, people, sums = list[pd.DataFrame](), list[pd.DataFrame](), list[pd.DataFrame]()
    for name in [name for name in sheets if name in PART_BY_DERIVED_FIGURE]:
        is_whole = (wholes["figure"] == WHOLE_BY_DERIVED_FIGURE[name]) & wholes["sheet"].isin(sheets[name])
        parts = wholes.loc[is_whole, ["sheet", "part"]]
        derived.append(parts.assign(figure=name))
        if len(parts) and name not in DIFFERENCE_FIGURES:
            compared = PART_BY_DERIVED_FIGURE[name]
            people.append(parts.assign(figure=compared))
            sums.append(figure_sums.sums(BREAKDOWNS[name]).assign(figure=compared))
    return [*derived, *([_join_sums(pd.concat(people), pd.concat(sums))] if people else [])]


def _join_sums(rows: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Join sums to rows by the columns ``sheet``, ``figure`` and ``part`` that both tables have. All rows stay.

    Added columns: the columns of ``sums``, with rounding keys as nullable integers, and ``found`` (NaN: no sums).
    """
    keys = [name for name in ("sheet", "figure", "part") if name in rows and name in sums]
    sums = sums.assign(found=True).astype({"sheet": "str", **dict.fromkeys(ROUNDING_KEY_COLUMNS, "UInt64")})
    return rows.merge(sums, on=keys, how="left")


def _add_facts(rows: pd.DataFrame) -> pd.DataFrame:
    """Join ``row_facts``, and rename ``sheet`` to ``report`` and ``amount`` to ``value``.

    Missing sums get the value of ``EMPTY_SUM_BY_COLUMN``. A missing ``value`` stays NaN, ``found`` becomes false.
    """
    empty = {name: nothing for name, nothing in EMPTY_SUM_BY_COLUMN.items() if name != "amount"}
    dtypes = {**dict.fromkeys(ROUNDING_KEY_COLUMNS, "uint64"), "found": "bool"}
    rows = rows.fillna({**empty, "found": False}).astype(dtypes)
    return rows.join(row_facts(), on="figure").rename(columns={"sheet": "report", "amount": "value"})
