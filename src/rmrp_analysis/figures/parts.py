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
        sheets, sheet_table, dataset = self.sheets, self.sheets.table, self.sheets.dataset
        is_of_organisation, is_named_by_source = sheet_table["organisation"] != "", counting.is_named_in_money(sheets)
        is_all_sectors_sheet, is_region_sheet = sheet_table["sector"] == INTERSECTOR, sheet_table["place"] == REGION
        country_count_series = sheet_table["place"].map(
            {place_name: len(country_codes) for place_name, country_codes in plan_lists().places.items()}
        )
        organisation_presence_rows = replace(
            sheets, table=sheet_table[is_of_organisation].assign(sector=INTERSECTOR)
        ).presence
        reported_country_count_series = (
            organisation_presence_rows.groupby(organisation_presence_rows["sheet"].astype("str"))["country"]
            .nunique()
            .reindex(sheet_table.index, fill_value=0)
        )
        has_money_flows = is_named_by_source & (dataset.funding_flows is not None and not sheets.admin1)
        has_money_totals = ~is_of_organisation & (dataset.totals_by_sector is not None and not sheets.admin1)
        fact_mask_by_word = {
            "people": ~sheet_table["sector"].isin(plan_lists().without_people),
            "need": ~sheet_table["sector"].isin(plan_lists().without_need),
            "all_sectors": is_all_sectors_sheet,
            "region": is_region_sheet,
            "platform": sheet_table["place"].isin(plan_lists().platforms),
            "one_country": country_count_series == 1,
            "several_countries": country_count_series > 1,
            "by_country": (country_count_series > 1) | reported_country_count_series.between(1, MAX_COUNTRIES_LISTED),
            "of_organisation": is_of_organisation,
            "reported": sheet_table.index.isin(sheets.presence["sheet"].astype("str").unique()),
            "in_admin1": bool(sheets.admin1),
            "planning": len(dataset.planning) > 0,
            "money": "funding" in dataset.sources,
            "ledger": dataset.funding_flows is not None,
            "flows": has_money_flows,
            "named": is_named_by_source,
            "totals": dataset.totals_by_sector is not None,
            "money_by_sector": has_money_flows | (has_money_totals & is_region_sheet),
            "money_of_plan": has_money_flows | has_money_totals,
            "model_of_countries": is_all_sectors_sheet & (sheets.method.intersector_level == "country"),
            "year_in_data": {*sheets.period.to_date.months} - {*sheets.period.months} <= {*dataset.months_reported},
        }
        return pd.DataFrame(fact_mask_by_word, index=sheet_table.index)

    @cached_property
    def sheets_by_breakdown(self) -> Mapping[str, pd.Index]:
        """The sheets that have each breakdown, by its name; breakdowns of no sheet are left out.

        With ``only_figures`` there is one breakdown, which no sheet has.
        """
        if self.only_figures:  # one that no sheet states gives the columns
            return {next(iter(BREAKDOWNS)): self.sheet_facts.index[:0]}
        mask_by_word = {str(fact_word): fact_mask.to_numpy("bool") for fact_word, fact_mask in self.sheet_facts.items()}
        mask_by_word |= {f"not {fact_word}": ~fact_mask for fact_word, fact_mask in mask_by_word.items()} | {
            "": np.ones(len(self.sheet_facts), "bool")
        }
        sheet_index_by_breakdown = {
            breakdown_name: self.sheet_facts.index[
                np.all([mask_by_word[fact_word] for fact_word in breakdown.shown.split(" and ")], axis=0)
            ]
            for breakdown_name, breakdown in BREAKDOWNS.items()
        }
        return {
            breakdown_name: sheet_index
            for breakdown_name, sheet_index in sheet_index_by_breakdown.items()
            if len(sheet_index)
        }

    @cached_property
    def figures(self) -> Mapping[str, Contributions]:
        """The contributions of each figure that is counted, and of the people compared, by name."""
        return {
            figure_name: self.contributions_of(figure_name)
            for figure_name in (
                *(figure_name for figure_name, figure_declaration in FIGURES.items() if figure_declaration.count),
                COMPARED_FIGURE,
            )
        }

    @cached_by_args
    def contributions_of(self, name: str) -> Contributions:
        """Return the contributions of a figure, or of what a breakdown adds up (``sum_of``). Cached.

        Raises ``KeyError`` for an unknown name, ``TypeError`` for a figure that follows from two others.
        """
        breakdown = BREAKDOWNS.get(name)
        counted_figure_name, dimension = (breakdown.sum_of, breakdown.by[0]) if breakdown else (name, "")
        if counted_figure_name in ("people_reached", COMPARED_FIGURE):
            count_people = self.people if counted_figure_name == "people_reached" else self.people_compared
            return count_people(by_sector=dimension == "sector")
        if dimension and counted_figure_name in PLANNED_FIGURES:
            return counting.count_planned(counted_figure_name, dimension)(self.sheets)
        if dimension:
            return self.contributions_of(counted_figure_name)
        return FIGURES[counted_figure_name].count(self.sheets)  # type: ignore[misc]

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
        period_to_date = self.sheets.period.to_date
        return (
            self
            if period_to_date == self.sheets.period
            else replace(self, sheets=replace(self.sheets, period=period_to_date))
        )

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
    part_sum_table = figure_sums.contributions_of(breakdown.name).sums("sheet", *breakdown.by).reset_index()
    return part_sum_table.rename(columns={breakdown.by[0]: "part"}).astype({"sheet": "str", "part": "str"})


def _people_by_place(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return people by the name of the admin1; columns: those of ``_sums_by_dimension``.

    Under a model for whole countries, a sheet of one country and all sectors has one part, the national level.
    """
    place_sum_table = _sums_by_dimension(figure_sums, breakdown)
    sheet_total_table = figure_sums.contributions_of(breakdown.name).sums("sheet").reset_index()
    sheet_index_without_places = figure_sums.sheet_facts.index[
        figure_sums.sheet_facts["model_of_countries"] & figure_sums.sheet_facts["one_country"]
    ]
    sheet_total_table = (
        sheet_total_table[sheet_total_table["sheet"].isin(sheet_index_without_places)]
        .assign(part=NATIONAL_LEVEL)
        .astype({"sheet": "str"})
    )
    return pd.concat([place_sum_table[~place_sum_table["sheet"].isin(sheet_index_without_places)], sheet_total_table])


def _people_by_model(figure_sums: FigureSums, _: BreakdownDefinition) -> pd.DataFrame:
    """Return people by model, of sheets of all sectors: a row for each model and each sheet that has a report.

    ``amount`` is 0 where a model keeps nobody, NaN where that is not known. Columns: ``sheet``, ``part`` (the model),
    ``amount``, ``key``, ``in_doubt``, ``doubt_key``, ``base``.
    """
    people_entry_table = add_doubt(counting.people_by_model(figure_sums.sheets), figure_sums.sheets)
    grouped_entries = people_entry_table.groupby(["sheet", "model"], observed=True)
    model_sum_table = (
        grouped_entries[["amount", "key", "in_doubt", "doubt_key"]]
        .sum(skipna=False)
        .assign(base=grouped_entries["base"].max())
    )
    all_sectors_sheet_index = figure_sums.sheet_facts.index[
        figure_sums.sheet_facts["all_sectors"] & figure_sums.sheet_facts["reported"]
    ]
    sheet_model_index = pd.MultiIndex.from_product(
        [all_sectors_sheet_index, list_fixed_parts_by_word(figure_sums.sheets)["models"]], names=["sheet", "model"]
    )
    model_sum_table = (
        model_sum_table.round(metrics.DECIMALS_BY_COLUMN).reindex(sheet_model_index, fill_value=0).reset_index()
    )
    return model_sum_table.rename(columns={"model": "part"})


def _money_by_donor(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return money by donor, or by donor and organisation (``DONOR_ARROW`` between them); parts of 0 are left out.

    Columns: ``sheet``, ``part``, ``amount`` (US$). Money passed on inside the plan is not specified.
    """
    donor_sum_table = _sums_by_dimension(figure_sums, breakdown)
    donor_label_series = (
        donor_sum_table["part"] + DONOR_ARROW + donor_sum_table["organisation"]
        if "organisation" in donor_sum_table
        else donor_sum_table["part"]
    )
    donor_sum_table = donor_sum_table.assign(
        part=donor_label_series.where(donor_sum_table["part"] != metrics.PASSED_ON_NAME, NOT_SPECIFIED)
    )
    donor_sum_table = donor_sum_table.groupby(["sheet", "part"])[["amount"]].sum().round(2).reset_index()
    return donor_sum_table[donor_sum_table["amount"] != 0]


def _money_of_plan(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return the whole plan's money of a single sector (country), of several, of none; the same on every sheet.

    Columns: ``part``, ``amount`` (US$; 0 where there is none), ``sheet``.
    """
    money_ledger, sector_total_table = figure_sums.sheets.dataset.ledger, figure_sums.sheets.dataset.totals_by_sector
    if figure_sums.sheets.dataset.funding_flows is not None:
        money_sum_series = money_ledger.groupby(LEDGER_COLUMN_BY_DIMENSION[breakdown.by[0]])["amount"].sum()
    else:
        money_sum_series = (
            pd.Series() if sector_total_table is None else sector_total_table.groupby("part")["funding_usd"].sum()
        )
    unassigned_amount_by_part = {
        part_name: float(money_sum_series.get(part_name, 0.0)) for part_name in (SHARED_PART, NOT_SPECIFIED)
    }
    part_amount_series = pd.Series(
        {
            MONEY_FOR_ONE_PART: float(money_sum_series.sum()) - sum(unassigned_amount_by_part.values()),
            **unassigned_amount_by_part,
        },
        name="amount",
    )
    return (
        part_amount_series.rename_axis("part")
        .reset_index()
        .merge(figure_sums.sheet_facts.index.to_frame(), how="cross")
    )


def _activities_by_indicator(figure_sums: FigureSums, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """Return ``_sums_by_dimension`` of activities by indicator; an empty one is not specified, 0 is left out."""
    indicator_sum_table = _sums_by_dimension(figure_sums, breakdown).replace({"part": {"": NOT_SPECIFIED}})
    return indicator_sum_table[indicator_sum_table["amount"] > 0]


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
    sum_tables_by_figure = {
        figure_name: contributions.sums("sheet") for figure_name, contributions in figure_sums.figures.items()
    }
    figure_key_table = pd.DataFrame(
        product(figure_sums.sheet_facts.index, [*FIGURES, COMPARED_FIGURE]), columns=["sheet", "figure"]
    )
    return _add_facts(
        _join_sums(figure_key_table.assign(part=""), pd.concat(sum_tables_by_figure, names=["figure"]).reset_index())
    )


def part_rows(figure_sums: FigureSums) -> pd.DataFrame:
    """Return the parts of the breakdowns of every sheet as they are added up, those of a breakdown in their order.

    Columns: those of ``figure_rows``. Shares and differences have a row without sums for each part of their whole but
    *not specified*; for shares there are also rows of the people compared.
    """
    sheet_index_by_breakdown = {
        breakdown_name: sheet_index
        for breakdown_name, sheet_index in figure_sums.sheets_by_breakdown.items()
        if breakdown_name not in PART_BY_DERIVED_FIGURE
    }
    part_tables = [
        _parts_of_breakdown(figure_sums, BREAKDOWNS[breakdown_name], sheet_index)
        for breakdown_name, sheet_index in sheet_index_by_breakdown.items()
    ]
    specified_part_rows = pd.concat(part_tables)
    specified_part_rows = specified_part_rows[specified_part_rows["part"] != NOT_SPECIFIED]
    for breakdown_name in [
        breakdown_name for breakdown_name in figure_sums.sheets_by_breakdown if breakdown_name in PART_BY_DERIVED_FIGURE
    ]:
        # What follows from each part that has a target
        part_rows_with_total = specified_part_rows[
            (specified_part_rows["figure"] == WHOLE_BY_DERIVED_FIGURE[breakdown_name])
            & specified_part_rows["sheet"].isin(figure_sums.sheets_by_breakdown[breakdown_name])
        ][["sheet", "part"]]
        part_tables.append(part_rows_with_total.assign(figure=breakdown_name))
        if len(part_rows_with_total) and breakdown_name not in DIFFERENCE_FIGURES:
            part_tables.append(
                _join_sums(
                    part_rows_with_total.assign(figure=PART_BY_DERIVED_FIGURE[breakdown_name]),
                    figure_sums.sums(BREAKDOWNS[breakdown_name]),
                )
            )
    return _add_facts(pd.concat(part_tables, ignore_index=True))


def _parts_of_breakdown(figure_sums: FigureSums, breakdown: BreakdownDefinition, sheet_index: pd.Index) -> pd.DataFrame:
    """Return the rows of a breakdown: fixed parts in their order, else those that exist, by name or largest first.

    Of the latter, ``LAST_PARTS`` always stand last. Money of several sectors or of none has a row only where there is
    some. With ``if_any``, sheets without a part have no rows. Columns: ``sheet``, ``part``, ``figure``, those of
    ``EMPTY_SUM_BY_COLUMN``, and ``found`` (NaN: nothing to add up).
    """
    part_sum_table = figure_sums.sums(breakdown).assign(figure=breakdown.name)
    sheet_place_series = figure_sums.sheets.table["place"]
    if breakdown.if_any:
        sheet_index = sheet_index[sheet_index.isin(part_sum_table["sheet"])]
    parts_by_word, has_country_parts = list_fixed_parts_by_word(figure_sums.sheets), breakdown.parts == "countries"
    fixed_part_keys = [
        (sheet_name, part_name, breakdown.name)
        for sheet_name in sheet_index
        for part_name in (
            plan_lists().places[sheet_place_series[sheet_name]]
            if has_country_parts
            else parts_by_word.get(breakdown.parts, ())
        )
    ]
    fixed_part_rows = pd.DataFrame(fixed_part_keys, columns=["sheet", "part", "figure"])
    fixed_part_sum_table = _join_sums(fixed_part_rows, part_sum_table)
    if breakdown.parts == "sectors_of_money":  # money of no single sector, where there is any
        fixed_part_sum_table = fixed_part_sum_table[
            fixed_part_sum_table["found"].notna() | ~fixed_part_sum_table["part"].isin([SHARED_PART, NOT_SPECIFIED])
        ]
    other_part_sum_table = part_sum_table[
        part_sum_table["sheet"].isin(sheet_index.difference(pd.Index(fixed_part_rows["sheet"])))
    ]
    # Rows whose cell of the dimension is empty are not specified
    other_part_sum_table = other_part_sum_table.replace({"part": {"": NOT_SPECIFIED}})
    sort_size_series = -other_part_sum_table["amount"] if breakdown.parts == LARGEST_FIRST_ORDER else 0.0
    other_part_sum_table = other_part_sum_table.assign(
        size=sort_size_series, last=other_part_sum_table["part"].isin(LAST_PARTS)
    ).sort_values(["last", "size", "part"])
    return pd.concat([fixed_part_sum_table, other_part_sum_table.drop(columns=["size", "last"]).assign(found=True)])


def _join_sums(rows: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Join sums to rows by those of ``sheet``, ``figure`` and ``part`` that both have; all rows stay.

    Added columns: those of ``sums``, rounding keys as nullable integers, and ``found`` (NaN: no sums).
    """
    key_columns = [
        column_name for column_name in ("sheet", "figure", "part") if column_name in rows and column_name in sums
    ]
    sums = sums.assign(found=True).astype({"sheet": "str", **dict.fromkeys(ROUNDING_KEY_COLUMNS, "UInt64")})
    return rows.merge(sums, on=key_columns, how="left")


def _add_facts(rows: pd.DataFrame) -> pd.DataFrame:
    """Join ``row_facts``, and rename ``sheet`` to ``report`` and ``amount`` to ``value``.

    Missing sums get the value of ``EMPTY_SUM_BY_COLUMN``; ``value`` stays NaN, ``found`` becomes false.
    """
    empty_value_by_column = {
        column_name: empty_value for column_name, empty_value in EMPTY_SUM_BY_COLUMN.items() if column_name != "amount"
    }
    rows = rows.fillna({**empty_value_by_column, "found": False}).astype(
        {**dict.fromkeys(ROUNDING_KEY_COLUMNS, "uint64"), "found": "bool"}
    )
    return rows.join(row_facts(), on="figure").rename(columns={"sheet": "report", "amount": "value"})
