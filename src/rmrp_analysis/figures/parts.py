"""The rows of the table of figures as they are added up: figures, and the parts of breakdowns, of every sheet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures import counted as count
from rmrp_analysis.figures.cautions import with_doubt
from rmrp_analysis.figures.counted import PEOPLED_SECTORS
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
from rmrp_analysis.metrics import EMPTY_SUMS, Contributions, Sheets, remembered, with_empty_sums
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

KEYS = ("key", "assisted_key", "doubt_key")
FROM_TO = " → "
"""Stands between donor and organisation in the key of a part."""

SINGLE = "single"
"""Money that names one sector (country)."""

LARGEST_FIRST = "largest first"
"""How parts are ordered of which a sheet shows those that there are, if not by name."""
LAST = (NATIONAL_LEVEL, DIRECTLY, NOT_SPECIFIED)
"""These stand last, whatever they hold."""

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
    """What the figures of some sheets are added up from, with how much of it is in doubt."""

    sheets: Sheets
    only_figures: bool = False

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
        if self.only_figures:  # one that no sheet states gives the columns
            return {next(iter(BREAKDOWNS)): self.about.index[:0]}
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

    @remembered
    def of(self, name: str) -> Contributions:
        """Give what a figure or breakdown is the sum of."""
        breakdown = BREAKDOWNS.get(name)
        figure, by = (breakdown.sum_of, breakdown.by[0]) if breakdown else (name, "")
        if figure in ("people_reached", COMPARED):
            people = self.people if figure == "people_reached" else self.people_compared
            return people(by_sector=by == "sector")
        if by and figure in PLANNED_FIGURES:
            return count.planned(figure, by)(self.sheets)
        return self.of(figure) if by else FIGURES[figure].counted(self.sheets)  # type: ignore[misc]

    @remembered
    def people(self, *, by_sector: bool) -> Contributions:
        """Return the people reached in the period, of all sectors together by a model, or everybody of every sector."""
        people = count.people_reached(self.sheets, by_sector=by_sector)
        return replace(people, entries=with_doubt(people.entries, self.sheets))

    @remembered
    def people_compared(self, *, by_sector: bool) -> Contributions:
        """Return the people reached in the year so far whom need and target count, too."""
        return count.as_planned(self.to_date.people(by_sector=by_sector), self.sheets)

    @cached_property
    def to_date(self) -> "Counts":
        """The same sheets of the year so far: from January to the end of the period."""
        period = self.sheets.period.to_date
        return self if period == self.sheets.period else replace(self, sheets=replace(self.sheets, period=period))

    def sums(self, breakdown: BreakdownDefinition) -> pd.DataFrame:
        """Add a breakdown up: ``sheet``, ``part``, and what ``EMPTY_SUMS`` names."""
        return with_empty_sums(SPECIAL_SUMS.get(breakdown.special, _sums_by_dimension)(self, breakdown))


def _sums_by_dimension(counts: Counts, breakdown: BreakdownDefinition) -> pd.DataFrame:
    sums = counts.of(breakdown.name).sums("sheet", *breakdown.by).reset_index()
    return sums.rename(columns={breakdown.by[0]: "part"}).astype({"sheet": "str", "part": "str"})


def _people_by_place(counts: Counts, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """By the name of the admin1; a model for whole countries knows no places."""
    sums, totals = _sums_by_dimension(counts, breakdown), counts.of(breakdown.name).sums("sheet").reset_index()
    whole = counts.about.index[counts.about["model_of_countries"] & counts.about["one_country"]]
    totals = totals[totals["sheet"].isin(whole)].assign(part=NATIONAL_LEVEL).astype({"sheet": "str"})
    return pd.concat([sums[~sums["sheet"].isin(whole)], totals])


def _people_by_model(counts: Counts, _: BreakdownDefinition) -> pd.DataFrame:
    """By every model, with what is in doubt of each; 0 where something was reported, and a model keeps nobody."""
    people = with_doubt(count.people_by_model(counts.sheets), counts.sheets)
    models = people.groupby(["sheet", "model"], observed=True)
    sums = models[["amount", "key", "in_doubt", "doubt_key"]].sum(skipna=False).assign(base=models["base"].max())
    together = counts.about.index[counts.about["all_sectors"] & counts.about["reported"]]
    every = pd.MultiIndex.from_product([together, parts_listed(counts.sheets)["models"]], names=["sheet", "model"])
    sums = sums.round(metrics.ROUNDED).reindex(every, fill_value=0).reset_index()
    return sums.rename(columns={"model": "part"})


def _money_by_donor(counts: Counts, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """By donor (and organisation), other than 0; what was passed on is not specified."""
    sums = _sums_by_dimension(counts, breakdown)
    pairs = sums["part"] + FROM_TO + sums["organisation"] if "organisation" in sums else sums["part"]
    sums = sums.assign(part=pairs.where(sums["part"] != metrics.PASSED_ON, NOT_SPECIFIED))
    sums = sums.groupby(["sheet", "part"])[["amount"]].sum().round(2).reset_index()
    return sums[sums["amount"] != 0]


def _money_of_plan(counts: Counts, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """The whole plan's money of one sector (country) alone, of several at once, of none: alike on every sheet."""
    ledger, totals = counts.sheets.plan.ledger, counts.sheets.plan.totals_by_sector
    if counts.sheets.plan.funding_flows is not None:
        amounts = ledger.groupby(NAMED_BY_MONEY[breakdown.by[0]])["amount"].sum()
    else:
        amounts = pd.Series() if totals is None else totals.groupby("part")["funding_usd"].sum()
    apart = {part: float(amounts.get(part, 0.0)) for part in (SHARED, NOT_SPECIFIED)}
    values = pd.Series({SINGLE: float(amounts.sum()) - sum(apart.values()), **apart}, name="amount")
    return values.rename_axis("part").reset_index().merge(counts.about.index.to_frame(), how="cross")


def _activities_by_indicator(counts: Counts, breakdown: BreakdownDefinition) -> pd.DataFrame:
    """By indicator, with those of none; a report of which no row can be used is no activity."""
    sums = _sums_by_dimension(counts, breakdown).replace({"part": {"": NOT_SPECIFIED}})
    return sums[sums["amount"] > 0]


SPECIAL_SUMS: Mapping[str, Callable[[Counts, BreakdownDefinition], pd.DataFrame]] = {
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


def figure_rows(counts: Counts) -> pd.DataFrame:
    """Return the figures of every sheet, and the people compared, as they are added up.

    Columns: ``report``, ``figure``, ``part`` (empty), ``value`` (NaN: nothing was added up, or it is not known), what
    else ``EMPTY_SUMS`` names, ``found`` (whether there was anything to add up), and those of ``row_facts``.
    """
    sums = {name: contributions.sums("sheet") for name, contributions in counts.figures.items()}
    every = pd.DataFrame(product(counts.about.index, [*FIGURES, COMPARED]), columns=["sheet", "figure"])
    return _with_facts(_with_sums(every.assign(part=""), pd.concat(sums, names=["figure"]).reset_index()))


def part_rows(counts: Counts) -> pd.DataFrame:
    """Return the parts of the breakdowns of every sheet as they are added up, those of a sheet in their order.

    Columns: those of ``figure_rows``.
    """
    counted = {name: sheets for name, sheets in counts.shown.items() if name not in PARTS}
    frames = [_parts_of_breakdown(counts, BREAKDOWNS[name], sheets) for name, sheets in counted.items()]
    rows = pd.concat(frames)
    rows = rows[rows["part"] != NOT_SPECIFIED]
    for name in [name for name in counts.shown if name in PARTS]:  # what follows from each part that has a target
        compared = rows[(rows["figure"] == WHOLES[name]) & rows["sheet"].isin(counts.shown[name])][["sheet", "part"]]
        frames.append(compared.assign(figure=name))
        if len(compared) and name not in DIFFERENCES:
            frames.append(_with_sums(compared.assign(figure=PARTS[name]), counts.sums(BREAKDOWNS[name])))
    return _with_facts(pd.concat(frames, ignore_index=True))


def _parts_of_breakdown(counts: Counts, breakdown: BreakdownDefinition, sheets: pd.Index) -> pd.DataFrame:
    """The parts that these sheets always state, else those that there are: by name, or the largest first."""
    sums, place = counts.sums(breakdown).assign(figure=breakdown.name), counts.sheets.table["place"]
    if breakdown.if_any:
        sheets = sheets[sheets.isin(sums["sheet"])]
    lists, has_countries = parts_listed(counts.sheets), breakdown.parts == "countries"
    listed = [
        (sheet, part, breakdown.name)
        for sheet in sheets
        for part in (PLACES[place[sheet]] if has_countries else lists.get(breakdown.parts, ()))
    ]
    always = pd.DataFrame(listed, columns=["sheet", "part", "figure"])
    rows = _with_sums(always, sums)
    if breakdown.parts == "sectors_of_money":  # money of no single sector, where there is any
        rows = rows[rows["found"].notna() | ~rows["part"].isin([SHARED, NOT_SPECIFIED])]
    others = sums[sums["sheet"].isin(sheets.difference(pd.Index(always["sheet"])))]
    size = -others["amount"] if breakdown.parts == LARGEST_FIRST else 0.0
    others = others.assign(size=size, last=others["part"].isin(LAST)).sort_values(["last", "size", "part"])
    return pd.concat([rows, others.drop(columns=["size", "last"]).assign(found=True)])


def _with_sums(rows: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Join what was ``found`` by sheet, figure and part to rows, whose keys are nullable integers, not floats."""
    keys = [name for name in ("sheet", "figure", "part") if name in rows and name in sums]
    sums = sums.assign(found=True).astype({"sheet": "str", **dict.fromkeys(KEYS, "UInt64")})
    return rows.merge(sums, on=keys, how="left")


def _with_facts(rows: pd.DataFrame) -> pd.DataFrame:
    """Fill in what ``EMPTY_SUMS`` says where nothing was found, and join ``row_facts``."""
    empty = {name: nothing for name, nothing in EMPTY_SUMS.items() if name != "amount"}
    rows = rows.fillna({**empty, "found": False}).astype({**dict.fromkeys(KEYS, "uint64"), "found": "bool"})
    return rows.join(row_facts(), on="figure").rename(columns={"sheet": "report", "amount": "value"})
