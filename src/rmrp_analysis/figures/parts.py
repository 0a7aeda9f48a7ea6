"""The parts of the breakdowns that are no plain grouping of a figure's contributions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

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


def targets_by_group(selection: "Selection") -> pd.Series:
    """Targets of each population group."""
    rows = metrics.planned_groups(selection.plan.planning, "target", selection.sector, scope=selection.place)
    return rows.groupby("population_group")["value"].sum().reindex(list(POPULATION_GROUPS))


def rows_of_targets_by_group(selection: "Selection") -> pd.DataFrame:
    """The planning rows of each population group's target."""
    rows = metrics.planned_groups(selection.plan.planning, "target", selection.sector, scope=selection.place)
    return rows.assign(part=rows["population_group"], contribution=rows["value"])


Dimension = Literal["sector", "platform", "country", "admin1"]
"""What a plan gives figures by."""

Parted = Callable[["Selection"], Mapping[str, Contributions | Unknown]]
"""What the plan gives for each part of a dimension."""


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

    def of(selection: "Selection") -> Mapping[str, Contributions | Unknown]:
        country = selection.countries[0] if len(selection.countries) == 1 and not selection.organisation else ""
        rows = metrics.planned_by_admin1(
            selection.plan.planned_places, measure, selection.sector, country=country, method=selection.method
        )
        of_activities = selection.plan.names_of_places
        places = zip(rows["place"], rows["place_name"], strict=True)
        names = pd.Series([of_activities.get((country, place), name) for place, name in places], rows.index, "str")
        parts = {str(name): of_planning(measure, of_name) for name, of_name in rows.groupby(names)}
        whole = planned(measure)(selection)
        if parts and isinstance(whole, Contributions):
            rest = of_planning(measure, whole.table, less=rows)
            parts |= {NOT_SPECIFIED: rest} if rest.total else {}
        return parts

    return of


def amounts_of(parted: Parted) -> "Callable[[Selection], pd.Series]":
    """What is planned for each part, with the sources in ``attrs``; NaN where it is not."""

    def parts(selection: "Selection") -> pd.Series:
        of_parts = parted(selection)
        known = {name: of for name, of in of_parts.items() if isinstance(of, Contributions)}
        amounts = pd.Series({name: of.total for name, of in known.items()}, dtype="float64").reindex(list(of_parts))
        sources = (
            source
            for of in known.values()
            for source in (of.table["source"] if of.origin == "planning" else [source_of(selection, of.origin)])
        )
        amounts.attrs["source"] = "; ".join(dict.fromkeys(sources))
        return amounts

    return parts


def rows_of(parted: Parted) -> "Callable[[Selection], pd.DataFrame]":
    """The rows of what is planned for each part."""

    def rows(selection: "Selection") -> pd.DataFrame:
        of_parts = parted(selection).items()
        return pd.concat([of.rows.assign(part=name) for name, of in of_parts if isinstance(of, Contributions)])

    return rows


def coverage_by(dimension: Dimension) -> "Callable[[Selection], pd.Series]":
    """The share of its target that each part reached; of the same people on both sides."""

    def shares(selection: "Selection") -> pd.Series:
        targets = amounts_of(TARGETS[dimension])(selection).drop(NOT_SPECIFIED, errors="ignore")
        people = _compared(selection, dimension).by(dimension).reindex(targets.index)
        of_targets = people.where(people >= 0) / targets.where(targets > 0)
        of_targets.attrs["source"] = "; ".join((source_of(selection, "activities"), targets.attrs["source"]))
        return of_targets

    return shares


def rows_of_coverage_by(dimension: Dimension) -> "Callable[[Selection], pd.DataFrame]":
    """The counted activities of each part, each with its share of the target."""

    def rows(selection: "Selection") -> pd.DataFrame:
        counted, known = _compared(selection, dimension).rows, coverage_by(dimension)(selection).dropna()
        counted = counted[counted[dimension].isin(known.index)]
        whole = counted[dimension].map(amounts_of(TARGETS[dimension])(selection))
        return counted.assign(part=counted[dimension], contribution=counted["contribution"] / whole)

    return rows


def _compared(selection: "Selection", dimension: Dimension) -> Contributions:
    reached = selection.people_by_sector() if dimension == "sector" else selection.people_reached()
    return as_planned(reached, selection.method)


def money_by_sector(selection: "Selection") -> pd.Series:
    """Money by sector, 0 where none is designated; what names several sectors or none stands last."""
    counted = designated_funding(selection)
    if isinstance(counted, Unknown):
        return pd.Series(dtype="float64")
    by_sector = counted.by("sector")
    return by_sector.reindex([*SECTORS, *(part for part in (SHARED, NOT_SPECIFIED) if part in by_sector)]).fillna(0.0)


def people_by_admin1(selection: "Selection") -> pd.Series:
    """People by the name of the admin1, in the order of the alphabet; what names none comes last.

    A model for whole countries knows no places.
    """
    reached = selection.people_reached()
    if selection.is_intersector and selection.method.intersector_level == "country":
        return pd.Series({NATIONAL_LEVEL: float("nan") if reached.total is None else reached.total}, dtype="float64")
    by_name = reached.by("admin1")
    return by_name.loc[sorted(by_name.index, key=lambda name: (name == NATIONAL_LEVEL, name))]


def people_by_indicator(selection: "Selection") -> pd.Series:
    """People by the text of each indicator that counts, those with most people first."""
    counted = selection.counted_cells["indicator"].unique()
    people = selection.people_reached().by("indicator")
    people = people[people.index.isin(counted)]
    return people.loc[sorted(people.index, key=lambda text: (-people[text], text))]


def rows_of_people_by_indicator(selection: "Selection") -> pd.DataFrame:
    """The counted activities with their indicator."""
    rows = selection.people_reached().rows
    return rows.assign(part=rows["indicator"])


def activities_by_partner(selection: "Selection") -> pd.Series:
    """Activities by implementing partner, those with most first; last what was done without one."""
    partners = selection.cells["implementing_partner"].replace("", DIRECTLY)
    return largest_first(selection.cells.groupby(partners)[metrics.ROWS].sum().astype("float64"), last=[DIRECTLY])


def rows_of_activities_by_partner(selection: "Selection") -> pd.DataFrame:
    """The activities with their implementing partner."""
    rows = selection.measured_rows
    return rows.assign(part=rows["implementing_partner"].replace("", DIRECTLY), contribution=1.0)


def people_by_sector(selection: "Selection") -> pd.Series:
    """People reached by each sector that reaches people; whoever is in two of them counts in both."""
    return selection.people_by_sector().by("sector").reindex(list(PEOPLED_SECTORS))


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


def largest_first(amounts: pd.Series, *, last: Sequence[str]) -> pd.Series:
    """Amounts other than 0, the largest first, then by name; ``last`` at the end."""
    named = amounts[(amounts != 0) & ~amounts.index.isin(last)]
    order = sorted(named.index, key=lambda name: (-named[name], name))
    rest = amounts[amounts.index.isin(last) & (amounts != 0)]
    ordered: pd.Series = pd.concat([named.loc[order], rest])
    return ordered


def donors(selection: "Selection") -> pd.Series:
    """Money by donor; what was passed on inside the plan or names no donor is not specified."""
    by_donor = funding(selection).by("donor").rename({metrics.PASSED_ON: NOT_SPECIFIED}).groupby(level=0).sum()
    return largest_first(by_donor.round(2), last=[NOT_SPECIFIED])


def donors_to_organisations(selection: "Selection") -> pd.Series:
    """Money by donor and organisation in one key."""
    pairs = funding(selection).by("donor", "organisation")
    keys = [NOT_SPECIFIED if donor == metrics.PASSED_ON else f"{donor}{FROM_TO}{to}" for donor, to in pairs.index]
    by_pair = pd.Series(pairs.to_numpy(), index=keys, dtype="float64").groupby(level=0).sum()
    return largest_first(by_pair.round(2), last=[NOT_SPECIFIED])


def rows_of_donors(selection: "Selection") -> pd.DataFrame:
    """The entries of money with their donor."""
    rows = funding(selection).rows
    return rows.assign(part=rows["donor"].replace(metrics.PASSED_ON, NOT_SPECIFIED))


def rows_of_donors_to_organisations(selection: "Selection") -> pd.DataFrame:
    """The entries of money with their donor and organisation in one key."""
    rows = funding(selection).rows
    pairs = rows["donor"] + FROM_TO + rows["organisation"]
    return rows.assign(part=pairs.where(rows["donor"] != metrics.PASSED_ON, NOT_SPECIFIED))


def money_by_platform(selection: "Selection") -> pd.Series:
    """Money by platform, 0 where none is designated."""
    return funding(selection).by("platform").fillna(0.0)


def money_by_country(selection: "Selection") -> pd.Series:
    """Money by country of the platform, 0 where none is designated."""
    return funding(selection).by("country").fillna(0.0)


def named(split: Literal["sector", "country"]) -> "Callable[[Selection], pd.Series]":
    """The whole plan's money of one sector (country) alone, of several at once, of none."""

    def parts(selection: "Selection") -> pd.Series:
        ledger, totals = selection.plan.ledger(selection.method), totals_by_sector(selection)
        if ledger is not None:
            amounts = metrics.funding_usd_by(ledger, split)
        else:
            assert totals is not None  # noqa: S101 - shown only where one of them is known
            amounts = totals.groupby("part")["funding_usd"].sum()
        apart = {part: float(amounts.get(part, 0.0)) for part in (SHARED, NOT_SPECIFIED)}
        return pd.Series({SINGLE: float(amounts.sum()) - sum(apart.values()), **apart})

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
