"""The parts of a figure: what each breakdown is the sum of by sheet and part, and which parts a sheet always shows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures import counted as count
from rmrp_analysis.figures.cautions import areas_in_doubt, with_doubt
from rmrp_analysis.figures.counted import PEOPLED_SECTORS
from rmrp_analysis.figures.registry import BREAKDOWNS, COMPARED, FIGURES, OF_TARGET, BreakdownDefinition
from rmrp_analysis.metrics import Contributions, Sheets, remembered, with_empty_sums
from rmrp_analysis.vocabulary import (
    DIRECTLY,
    INTERSECTOR,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    PLACES,
    PLANNED_FIGURES,
    PLATFORMS,
    POPULATION_GROUPS,
    REGION,
    REGIONAL,
    SECTORS,
    SHARED,
    WITHOUT_NEED,
    WITHOUT_PEOPLE,
)

FROM_TO = " → "
"""Stands between donor and organisation in the key of a part."""

SINGLE = "single"
"""Money that names one sector (country)."""

GROUPED = ("population_group", "age_gender")
BY_NAME, LARGEST_FIRST = "by name", "largest first"
"""How parts are ordered of which a sheet shows those that there are; these stand last, whatever they hold."""
LAST = (NATIONAL_LEVEL, DIRECTLY, NOT_SPECIFIED)

FEW_COUNTRIES = 5
"""An organisation that reported from so few countries has its people by country, too."""


def parts_listed(sheets: Sheets) -> dict[str, Sequence[str]]:
    """Give the parts that a sheet always shows, in their order, by the words of ``parts`` in ``breakdowns.csv``.

    Those of ``countries`` are of its place.
    """
    return {
        "areas": (*PLATFORMS, REGIONAL),
        "platforms": tuple(PLATFORMS),
        "months": sheets.period.months,
        "population_groups": (*POPULATION_GROUPS, NOT_SPECIFIED),
        "planned_groups": POPULATION_GROUPS,
        "age_groups": (*sheets.plan.year.age_gender_groups, NOT_SPECIFIED),
        "sectors": SECTORS,
        "sectors_with_people": PEOPLED_SECTORS,
        "sectors_of_money": (*SECTORS, SHARED, NOT_SPECIFIED),
        "models": (*sheets.plan.year.consolidation, metrics.LOWER_BOUND),
        "named": (SINGLE, SHARED, NOT_SPECIFIED),
    }


@dataclass(frozen=True, eq=False)
class Counts:
    """What the figures of some sheets are added up from, with how much of it is in doubt where that is asked."""

    sheets: Sheets
    with_doubt: bool = False

    @cached_property
    def about(self) -> pd.DataFrame:
        """What decides on the numbers of each sheet: the words of the column ``shown`` of ``breakdowns.csv``."""
        sheets, table, data = self.sheets, self.sheets.table, self.sheets.plan
        of_organisation, named = table["organisation"] != "", count.names_organisation(sheets)
        all_sectors, region = table["sector"] == INTERSECTOR, table["place"] == REGION
        countries = table["place"].map({place: len(of) for place, of in PLACES.items()})
        whole = replace(sheets, table=table[of_organisation].assign(sector=INTERSECTOR)).presence
        reported_from = (
            whole.groupby(whole["sheet"].astype("str"))["country"].nunique().reindex(table.index, fill_value=0)
        )
        flows = named & (data.funding_flows is not None and not sheets.admin1)
        totals = ~of_organisation & (data.totals_by_sector is not None and not sheets.admin1)
        facts = {
            "people": ~table["sector"].isin(WITHOUT_PEOPLE),
            "need": ~table["sector"].isin(WITHOUT_NEED),
            "all_sectors": all_sectors,
            "region": region,
            "platform": table["place"].isin(PLATFORMS),
            "one_country": countries == 1,
            "several_countries": countries > 1,
            "by_country": (countries > 1) | reported_from.between(1, FEW_COUNTRIES),
            "of_organisation": of_organisation,
            "reported": table.index.isin(sheets.presence["sheet"].astype("str").unique()),
            "in_admin1": bool(sheets.admin1),
            "planning": len(data.planning) > 0,
            "money": "funding" in data.sources,
            "ledger": data.funding_flows is not None,
            "flows": flows,
            "named": named,
            "totals": data.totals_by_sector is not None,
            "money_by_sector": flows | (totals & region),
            "money_of_plan": flows | totals,
            "model_of_countries": all_sectors & (sheets.method.intersector_level == "country"),
            "year_in_data": {*sheets.period.to_date.months} - {*sheets.period.months} <= {*data.months_reported},
        }
        return pd.DataFrame(facts, index=table.index)

    @cached_property
    def shown(self) -> Mapping[str, pd.Index]:
        """The sheets that state each breakdown, where there are any."""
        holds = {str(word): fact.to_numpy("bool") for word, fact in self.about.items()}
        holds |= {f"not {word}": ~fact for word, fact in holds.items()} | {"": np.ones(len(self.about), "bool")}
        shown = {
            name: self.about.index[np.all([holds[word] for word in of.shown.split(" and ")], axis=0)]
            for name, of in BREAKDOWNS.items()
        }
        return {name: sheets for name, sheets in shown.items() if len(sheets)}

    @cached_property
    def figures(self) -> Mapping[str, Contributions]:
        """What each figure is the sum of."""
        return {name: self.of(name) for name in (*(name for name, of in FIGURES.items() if of.counted), COMPARED)}

    @cached_property
    def parts(self) -> Mapping[str, Contributions]:
        """What each breakdown that is shown is the sum of."""
        return {name: self.of(name) for name in self.shown}

    @remembered
    def of(self, name: str) -> Contributions:
        """Give what a figure or breakdown is the sum of."""
        figure, by = name, ""
        if name in BREAKDOWNS:
            figure, by = BREAKDOWNS[name].figure.removeprefix("plan_"), BREAKDOWNS[name].by[0]
        if figure in PLANNED_FIGURES and by:
            return count.planned(figure, by)(self.sheets)
        if figure in OF_TARGET and by != "sector":
            return self.of(COMPARED)
        if figure in (COMPARED, *OF_TARGET):
            return count.as_planned(self.people_to_date(by_sector=by == "sector"), self.sheets)
        if figure != "people_reached" or (by and by != "sector"):
            return self.of(figure) if by else FIGURES[figure].counted(self.sheets)  # type: ignore[misc]
        return self.people(by_sector=by == "sector")

    @remembered
    def people(self, *, by_sector: bool) -> Contributions:
        """Return the people reached in the period, with how much of them is in doubt where that is asked."""
        people = count.people_reached(self.sheets, by_sector=by_sector)
        if not self.with_doubt:
            return people
        areas = areas_in_doubt(self.sheets.plan, self.sheets.method, self.sheets.period)
        return replace(people, entries=with_doubt(people.entries, areas))

    def people_to_date(self, *, by_sector: bool = False) -> Contributions:
        """Return the people reached in the year so far: what need and target of the year are compared with."""
        return self.to_date.people(by_sector=by_sector)

    @cached_property
    def to_date(self) -> "Counts":
        """The same sheets of the year so far: from January to the end of the period."""
        period = self.sheets.period.to_date
        return self if period == self.sheets.period else replace(self, sheets=replace(self.sheets, period=period))

    def sums(self, breakdown: BreakdownDefinition) -> pd.DataFrame:
        """Add a breakdown up: ``sheet``, ``part``, and what ``EMPTY_SUMS`` names."""
        special = SUMS.get(breakdown.name)
        sums = special(self) if special else self.parts[breakdown.name].sums("sheet", *breakdown.by).reset_index()
        sums = with_empty_sums(sums.rename(columns={breakdown.by[0]: "part"}).astype({"sheet": "str", "part": "str"}))
        if breakdown.name == "people_reached_by_indicator":  # of the indicators that count
            return sums[sums["rows"] > 0]
        if breakdown.name == "activities_by_implementing_partner":
            return sums.replace({"part": {"": DIRECTLY}})
        return sums


def _people_by_admin1(counts: Counts) -> pd.DataFrame:
    """By the name of the admin1; a model for whole countries knows no places."""
    reached, by = counts.figures["people_reached"], "admin1"
    whole = counts.about.index[counts.about["model_of_countries"] & counts.about["one_country"]]
    sums, totals = reached.sums("sheet", by).reset_index(), reached.sums("sheet").reset_index()
    totals = totals[totals["sheet"].isin(whole)].assign(**{by: NATIONAL_LEVEL})
    return pd.concat([sums[~sums["sheet"].isin(whole)].astype({by: "str"}), totals])


def _people_by_model(counts: Counts) -> pd.DataFrame:
    """By every model, with what is in doubt of each; 0 where something was reported, and a model keeps nobody."""
    sheets = counts.sheets
    areas = areas_in_doubt(sheets.plan, sheets.method, sheets.period)
    people = with_doubt(count.people_by_model(sheets), areas)
    sums = people.groupby(["sheet", "model"], observed=True)[["amount", "key", "in_doubt"]].sum(skipna=False)
    together = counts.about.index[counts.about["all_sectors"] & counts.about["reported"]]
    models = parts_listed(sheets)["models"]
    every = pd.MultiIndex.from_product([together, models], names=["sheet", "model"])
    return sums.round(metrics.ROUNDED).reindex(every, fill_value=0).reset_index()


def _money_by_donor(counts: Counts, *by: str) -> pd.DataFrame:
    """By donor (and organisation), other than 0; what was passed on is not specified."""
    sums = counts.figures["funding_usd"].sums("sheet", *by).reset_index()
    pairs = sums["donor"] if len(by) == 1 else sums["donor"] + FROM_TO + sums[by[1]]
    named = sums.assign(donor=pairs.where(sums["donor"] != metrics.PASSED_ON, NOT_SPECIFIED))
    sums = named.groupby(["sheet", "donor"], observed=True)[["amount"]].sum().round(2).reset_index()
    return sums[sums["amount"] != 0]


def _money_of_plan(counts: Counts, split: str) -> pd.DataFrame:
    """The whole plan's money of one sector (country) alone, of several at once, of none: alike on every sheet."""
    ledger, totals = counts.sheets.plan.ledger, counts.sheets.plan.totals_by_sector
    if counts.sheets.plan.funding_flows is not None:
        amounts = ledger.groupby(split)["amount"].sum()
    else:
        amounts = pd.Series() if totals is None else totals.groupby("part")["funding_usd"].sum()
    apart = {part: float(amounts.get(part, 0.0)) for part in (SHARED, NOT_SPECIFIED)}
    values = pd.Series({SINGLE: float(amounts.sum()) - sum(apart.values()), **apart}, name="amount")
    of_plan = values.rename_axis(f"{split}_named").reset_index()
    return of_plan.merge(counts.about.index.to_frame(), how="cross")


SUMS: Mapping[str, Callable[[Counts], pd.DataFrame]] = {
    "people_reached_by_model": _people_by_model,
    "people_reached_by_admin1": _people_by_admin1,
    "funding_usd_by_donor": lambda counts: _money_by_donor(counts, "donor"),
    "funding_usd_by_donor_and_organisation": lambda counts: _money_by_donor(counts, "donor", "organisation"),
    "plan_funding_usd_by_sector_named": lambda counts: _money_of_plan(counts, "sector"),
    "plan_funding_usd_by_country_named": lambda counts: _money_of_plan(counts, "country"),
}
"""Breakdowns whose parts are more than the sums of their figure by a dimension."""

COVERED = tuple(breakdown.by[0] for breakdown in BREAKDOWNS.values() if breakdown.figure == "target_coverage")
"""The dimensions by which people reached are held against the target."""

SHEET_FIGURE_PART = ["sheet", "figure", "part"]


def stated(counts: Counts) -> pd.DataFrame:
    """Give what every sheet states as it is added up: ``sheet``, ``figure``, ``part`` (empty: the figure), measures.

    A sheet has every figure, and the parts that are always shown or that there are, in their order. ``found`` tells
    what was added up from what is stated without it.
    """
    sums = {name: counts.sums(BREAKDOWNS[name]) for name in counts.parts if not name.startswith(OF_TARGET)}
    sums |= {name: of.sums("sheet").reset_index().assign(part="") for name, of in counts.figures.items()}
    found = pd.concat(sums, names=["figure"]).reset_index("figure").astype({"sheet": "str", "key": "UInt64"})
    found = found.assign(found=True)
    shown = {
        name: of[of.isin(sums[name]["sheet"])] if BREAKDOWNS[name].if_any else of for name, of in counts.shown.items()
    }
    # The figures and parts that sheets state whether or not there is anything of them
    place, lists = counts.sheets.table["place"], parts_listed(counts.sheets)
    listed = [(sheet, name, "") for sheet in place.index for name in (*FIGURES, COMPARED)]
    for name, sheets in shown.items():
        word = BREAKDOWNS[name].parts
        for sheet in sheets:
            parts = PLACES[place[sheet]] if word == "countries" else lists.get(word, ())
            listed += [(sheet, name, part) for part in parts]
    always = pd.DataFrame(listed, columns=SHEET_FIGURE_PART)
    states = pd.MultiIndex.from_tuples(
        [(sheet, name) for name in shown for sheet in shown[name]], names=SHEET_FIGURE_PART[:2]
    )
    of_sheets, has_list = (pd.MultiIndex.from_frame(rows[SHEET_FIGURE_PART[:2]]) for rows in (found, always))
    others = found[of_sheets.isin(states) & ~of_sheets.isin(has_list)]
    # By name, or the largest first; what is in none of them stands last
    largest = others["figure"].map({name: of.parts == LARGEST_FIRST for name, of in BREAKDOWNS.items()})
    size = -others["amount"].where(largest.astype("bool"), 0.0)
    in_order = others.assign(size=size, last=others["part"].isin(LAST)).sort_values(["last", "size", "part"])
    rows = pd.concat([always.merge(found, on=SHEET_FIGURE_PART, how="left"), in_order.drop(columns=["size", "last"])])
    of_no_sector = (rows["figure"] == "funding_usd_by_sector") & rows["part"].isin([SHARED, NOT_SPECIFIED])
    rows = rows[~of_no_sector | rows["found"].notna()]
    rows = pd.concat([rows, *_compared(counts, rows, states)], ignore_index=True)
    known = {name: rows[name].fillna(empty) for name, empty in metrics.EMPTY_SUMS.items() if name != "amount"}
    return rows.assign(**known, found=rows["found"].notna()).astype({"key": "uint64"})


def _compared(counts: Counts, rows: pd.DataFrame, states: pd.MultiIndex) -> Iterator[pd.DataFrame]:
    """For each part that has a target, what follows from it, and the people who are held against it."""
    for by in COVERED:
        targets = rows.loc[(rows["figure"] == f"target_by_{by}") & (rows["part"] != NOT_SPECIFIED), ["sheet", "part"]]
        of_targets = pd.concat([targets.assign(figure=f"{figure}_by_{by}") for figure in OF_TARGET])
        of_targets = of_targets[pd.MultiIndex.from_frame(of_targets[["sheet", "figure"]]).isin(states)]
        yield of_targets
        share = of_targets[of_targets["figure"] == f"target_coverage_by_{by}"]
        if len(share):
            people = counts.sums(BREAKDOWNS[f"target_coverage_by_{by}"]).assign(found=True).astype({"key": "UInt64"})
            yield share.assign(figure=f"{COMPARED}_by_{by}").merge(people, on=["sheet", "part"], how="left")
