"""The parts of the breakdowns that are no plain grouping of a figure's contributions."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures.counted import (
    Counted,
    Unknown,
    as_planned,
    designated_funding,
    funding,
    of_planning,
    plan_money,
    planned,
    requirement,
    source_of,
    sources_of,
    totals_by_sector,
)
from rmrp_analysis.metrics import Contributions
from rmrp_analysis.vocabulary import (
    DIRECTLY,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    PLATFORMS,
    POPULATION_GROUPS,
    REGION,
    SECTORS,
    SHARED,
    WITHOUT_PEOPLE,
)

if TYPE_CHECKING:
    from rmrp_analysis.selection import Selection

FROM_TO = " → "
"""Stands between donor and organisation in the key of a part."""

SINGLE = "single"
"""Money that names one sector (country)."""

PEOPLED_SECTORS = tuple(sector for sector in SECTORS if sector not in WITHOUT_PEOPLE)


@dataclass(frozen=True)
class Parts:
    """The parts of a breakdown, by name (or tuple of names), in their order; NaN for one of which nothing is known.

    ``source`` says where they come from, if not from where the figure does.
    """

    amounts: Mapping[Any, float]
    source: str | None = None

    def known(self) -> dict[Any, float]:
        """The parts that are known."""
        return {part: amount for part, amount in self.amounts.items() if not math.isnan(amount)}


def targets_by_group(selection: "Selection") -> Parts:
    """Targets of each population group."""
    targets = _targets_by_group(selection).parts_by("population_group")
    return Parts({group: targets.get(group, math.nan) for group in POPULATION_GROUPS})


def rows_of_targets_by_group(selection: "Selection") -> pd.DataFrame:
    """The planning rows of each population group's target."""
    rows = _targets_by_group(selection).rows
    return rows.assign(part=rows["population_group"])


def _targets_by_group(selection: "Selection") -> Contributions:
    rows = selection.plan.planned.rows_by_group("target", selection.sector, scope=selection.place)
    return of_planning(selection, "target", rows)


Dimension = Literal["sector", "platform", "country", "admin1"]
"""What a plan gives figures by."""

Parted = Callable[["Selection"], Mapping[str, Contributions | Unknown]]
"""What the plan gives for each part of a dimension."""

Parting = Callable[["Selection"], Parts]


def _each_sector(counted: Counted, sectors: Sequence[str]) -> Parted:
    return lambda selection: {sector: counted(replace(selection, sector=sector)) for sector in sectors}


def _each_platform(counted: Counted) -> Parted:
    """Of the region alone, which has platforms."""

    def of(selection: "Selection") -> Mapping[str, Contributions | Unknown]:
        platforms = PLATFORMS if selection.place == REGION else ()
        return {platform: counted(replace(selection, place=platform)) for platform in platforms}

    return of


def _each_country(counted: Counted) -> Parted:
    """Of a platform of several countries."""

    def of(selection: "Selection") -> Mapping[str, Contributions | Unknown]:
        countries = selection.countries if len(selection.countries) > 1 else ()
        return {country: counted(replace(selection, place=country)) for country in countries}

    return of


def _each_admin1(measure: str) -> Parted:
    """Of one country, by the names that its activities have; what it plans for no admin1 is not specified.

    A plan states nothing by organisation. Where admin1 exceed their country, less than nothing is left for no admin1.
    """

    def parts_of(selection: "Selection") -> Mapping[str, Contributions | Unknown]:
        country = selection.countries[0] if len(selection.countries) == 1 and not selection.organisation else ""
        planned_rows, of_activities = selection.plan.planned, selection.plan.names_of_places
        rows = planned_rows.rows_by_admin1(measure, selection.sector, country=country, method=selection.method)
        by_name: dict[str, list[int]] = {}
        for row in rows:
            place, name = planned_rows.place_of(row)
            by_name.setdefault(of_activities.get((country, place), name), []).append(row)
        parts: dict[str, Contributions | Unknown] = {
            name: of_planning(selection, measure, of_name) for name, of_name in sorted(by_name.items())
        }
        if parts:
            whole = planned_rows.rows(measure, selection.sector, scope=selection.place, method=selection.method)
            rest = of_planning(selection, measure, whole, less=rows)
            parts |= {NOT_SPECIFIED: rest} if whole and rest.total else {}
        return parts

    return lambda selection: selection.once(("by admin1", measure), lambda: parts_of(selection))


def amounts_of(parted: Parted) -> Parting:
    """What is planned for each part, with its sources; NaN where it is not."""

    def parts(selection: "Selection") -> Parts:
        of_parts = parted(selection)
        amounts, sources = dict.fromkeys(of_parts, math.nan), dict[str, None]()
        for name, of in of_parts.items():
            if isinstance(of, Contributions):
                amounts[name] = math.nan if of.total is None else of.total
                sources |= dict.fromkeys(sources_of(selection, of))
        return Parts(amounts, "; ".join(sources))

    return parts


def rows_of(parted: Parted) -> "Callable[[Selection], pd.DataFrame]":
    """The rows of what is planned for each part."""

    def rows(selection: "Selection") -> pd.DataFrame:
        of_parts = parted(selection).items()
        return pd.concat([of.rows.assign(part=name) for name, of in of_parts if isinstance(of, Contributions)])

    return rows


def coverage_by(dimension: Dimension) -> Parting:
    """The share of its target that each part reached; of the same people on both sides."""

    def shares(selection: "Selection") -> Parts:
        targets = amounts_of(TARGETS[dimension])(selection)
        people = _compared(selection, dimension).parts_by(dimension)
        of_targets = {
            part: reached / target if (reached := people.get(part, math.nan)) >= 0 and target > 0 else math.nan
            for part, target in targets.amounts.items()
            if part != NOT_SPECIFIED
        }
        return Parts(of_targets, f"{source_of(selection, 'activities')}; {targets.source}")

    return shares


def rows_of_coverage_by(dimension: Dimension) -> "Callable[[Selection], pd.DataFrame]":
    """The counted activities of each part, each with its share of the target."""

    def rows(selection: "Selection") -> pd.DataFrame:
        counted, known = _compared(selection, dimension).rows, coverage_by(dimension)(selection).known()
        counted = counted[counted[dimension].isin(known)]
        whole = counted[dimension].map(amounts_of(TARGETS[dimension])(selection).amounts)
        return counted.assign(part=counted[dimension], contribution=counted["contribution"] / whole)

    return rows


def _compared(selection: "Selection", dimension: Dimension) -> Contributions:
    reached = selection.people_by_sector() if dimension == "sector" else selection.people_reached()
    return as_planned(reached, selection.method)


def money_by_sector(selection: "Selection") -> Parts:
    """Money by sector, 0 where none is designated; what names several sectors or none stands last."""
    counted = designated_funding(selection)
    if isinstance(counted, Unknown):
        return Parts({})
    by_sector = counted.parts_by("sector")
    parts = (*SECTORS, *(part for part in (SHARED, NOT_SPECIFIED) if part in by_sector))
    return Parts({part: _or_nothing(by_sector.get(part, 0.0)) for part in parts})


def _or_nothing(amount: float) -> float:
    return 0.0 if math.isnan(amount) else amount


def people_by_admin1(selection: "Selection") -> Parts:
    """People by the name of the admin1, in the order of the alphabet; what names none comes last.

    A model for whole countries knows no places.
    """
    reached = selection.people_reached()
    if selection.is_intersector and selection.method.intersector_level == "country":
        total = reached.total
        return Parts({NATIONAL_LEVEL: math.nan if total is None else total})
    by_name = reached.parts_by("admin1")
    return Parts(dict(sorted(by_name.items(), key=lambda part: (part[0] == NATIONAL_LEVEL, part[0]))))


def people_by_indicator(selection: "Selection") -> Parts:
    """People by the text of each indicator that counts, those with most people first."""
    people = selection.people_reached().parts_by("indicator")
    counted = [(text, people[text]) for text in selection.counted_cells.names("indicator")]
    return Parts(dict(sorted(counted, key=lambda part: (-part[1], part[0]))))


def rows_of_people_by_indicator(selection: "Selection") -> pd.DataFrame:
    """The counted activities with their indicator."""
    rows = selection.people_reached().rows
    return rows.assign(part=rows["indicator"])


def activities_by_partner(selection: "Selection") -> Parts:
    """Activities by implementing partner, those with most first; last what was done without one."""
    numbers, groups = selection.coded_cells.groups(["implementing_partner"])
    rows = selection.coded_cells.sums(metrics.ROWS, numbers, len(groups)).tolist()
    by_partner = {partner or DIRECTLY: count for (partner,), count in zip(groups, rows, strict=True)}
    return Parts(largest_first(by_partner, last=DIRECTLY))


def rows_of_activities_by_partner(selection: "Selection") -> pd.DataFrame:
    """The activities with their implementing partner."""
    rows = selection.measured_rows.table
    return rows.assign(part=rows["implementing_partner"].replace("", DIRECTLY), contribution=1.0)


def people_by_sector(selection: "Selection") -> Parts:
    """People reached by each sector that reaches people; whoever is in two of them counts in both."""
    people = selection.people_by_sector().parts_by("sector")
    return Parts({sector: people.get(sector, math.nan) for sector in PEOPLED_SECTORS})


def rows_of_people_by_sector(selection: "Selection") -> pd.DataFrame:
    """The counted activities of each sector."""
    rows = selection.people_by_sector().rows
    return rows[rows["sector"].isin(PEOPLED_SECTORS)].assign(part=lambda kept: kept["sector"])


def rows_of_models(selection: "Selection") -> pd.DataFrame:
    """The counted activities with what each model keeps of them, for every model that has a figure.

    To the lower bound those of the largest sector of each place contribute in full; where a model gives less, its own.
    """
    people = selection.models().dropna()
    models = people.drop(metrics.LOWER_BOUND)
    rows = {model: selection.people_under(str(model)).rows for model in models.index}
    bound = _rows_of_largest_sectors(selection)
    if people[metrics.LOWER_BOUND] < round(bound["contribution"].sum(), metrics.DECIMALS):
        bound = rows[models.idxmin()]
    rows[metrics.LOWER_BOUND] = bound
    return pd.concat([of_model.assign(part=model) for model, of_model in rows.items()])


def _rows_of_largest_sectors(selection: "Selection") -> pd.DataFrame:
    """The counted activities; those of the largest sector of the whole period in each place contribute."""
    rows = selection.people_by_sector().rows
    placed = rows.assign(place="") if selection.method.intersector_level == "country" else rows
    place, sector = ["country", "place"], ["country", "place", "sector"]
    largest = placed.groupby(sector)["contribution"].sum().groupby(level=place).idxmax()
    chosen = pd.MultiIndex.from_frame(placed[sector]).isin(largest.to_list())
    return rows.assign(contribution=rows["contribution"].where(chosen, 0.0))


def models(selection: "Selection") -> Parts:
    """People of all sectors together under each consolidation model."""
    return Parts({str(model): float(people) for model, people in selection.models().items()})


def largest_first(amounts: Mapping[str, float], *, last: str) -> dict[str, float]:
    """Amounts other than 0, the largest first, then by name; ``last`` at the end."""
    known = [(name, amount) for name, amount in amounts.items() if amount != 0]
    return dict(sorted(known, key=lambda part: (part[0] == last, -part[1], part[0])))


def donors(selection: "Selection") -> Parts:
    """Money by donor; what was passed on inside the plan or names no donor is not specified."""
    return _largest_donors((donor, donor, amount) for donor, amount in funding(selection).parts_by("donor").items())


def donors_to_organisations(selection: "Selection") -> Parts:
    """Money by donor and organisation in one key."""
    pairs = funding(selection).parts_by("donor", "organisation").items()
    return _largest_donors((donor, f"{donor}{FROM_TO}{to}", amount) for (donor, to), amount in pairs)


def _largest_donors(named: Iterable[tuple[str, str, float]]) -> Parts:
    """The amounts of these donors, each with the part that it is in; what was passed on is not specified."""
    by_part: dict[str, float] = {}
    for donor, part, amount in named:
        key = NOT_SPECIFIED if donor == metrics.PASSED_ON else part
        by_part[key] = by_part.get(key, 0.0) + amount
    rounded = {part: float(np.round(amount, 2)) for part, amount in by_part.items()}
    return Parts(largest_first(rounded, last=NOT_SPECIFIED))


def rows_of_donors(selection: "Selection") -> pd.DataFrame:
    """The entries of money with their donor."""
    rows = funding(selection).rows
    return rows.assign(part=rows["donor"].replace(metrics.PASSED_ON, NOT_SPECIFIED))


def rows_of_donors_to_organisations(selection: "Selection") -> pd.DataFrame:
    """The entries of money with their donor and organisation in one key."""
    rows = funding(selection).rows
    pairs = rows["donor"] + FROM_TO + rows["organisation"]
    return rows.assign(part=pairs.where(rows["donor"] != metrics.PASSED_ON, NOT_SPECIFIED))


def money_by(dimension: Literal["platform", "country"]) -> Parting:
    """Money by platform (by country of the platform), 0 where none is designated."""

    def parts(selection: "Selection") -> Parts:
        by_part = funding(selection).parts_by(dimension)
        return Parts({part: _or_nothing(amount) for part, amount in by_part.items()})

    return parts


def named(split: Literal["sector", "country"]) -> Parting:
    """The whole plan's money of one sector (country) alone, of several at once, of none."""

    def of_plan(selection: "Selection") -> Parts:
        ledger, totals = selection.plan.ledger(selection.method), totals_by_sector(selection)
        if ledger is not None:
            amounts = metrics.funding_usd_by(ledger, split)
        else:
            assert totals is not None  # noqa: S101 - shown only where one of them is known
            amounts = totals.groupby("part")["funding_usd"].sum()
        apart = {part: float(amounts.get(part, 0.0)) for part in (SHARED, NOT_SPECIFIED)}
        return Parts({SINGLE: float(amounts.sum()) - sum(apart.values()), **apart})

    def parts(selection: "Selection") -> Parts:
        key = ("money of the plan", split, selection.method.money_of_several_countries)
        return selection.plan.once(key, lambda: of_plan(selection))

    return parts


def rows_named(split: Literal["sector", "country"]) -> "Callable[[Selection], pd.DataFrame]":
    """The entries of the whole plan's money, by whether they name one sector (country), several or none."""

    def rows(selection: "Selection") -> pd.DataFrame:
        entries = plan_money(selection)
        apart = entries[split].where(entries[split].isin([SHARED, NOT_SPECIFIED]), SINGLE)
        return entries.assign(part=apart)

    return rows


TARGETS: Mapping[Dimension, Parted] = {
    "sector": _each_sector(planned("target"), PEOPLED_SECTORS),
    "platform": _each_platform(planned("target")),
    "country": _each_country(planned("target")),
    "admin1": _each_admin1("target"),
}
NEEDS: Mapping[Dimension, Parted] = {
    "country": _each_country(planned("people_in_need")),
    "admin1": _each_admin1("people_in_need"),
}
REQUIREMENTS: Mapping[Dimension, Parted] = {
    "sector": _each_sector(requirement, SECTORS),
    "platform": _each_platform(requirement),
}
