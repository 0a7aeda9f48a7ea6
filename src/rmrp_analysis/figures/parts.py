"""The parts of a figure on every sheet that shows them: one group-by by sheet and part, in the order of the reader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures import counted as count
from rmrp_analysis.figures.counted import PEOPLED_SECTORS, every_part
from rmrp_analysis.metrics import AMOUNT, IN_DOUBT, KEY, PART, SHEET, Contributions, Sheets
from rmrp_analysis.vocabulary import (
    DIRECTLY,
    INTERSECTOR,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    PLACES,
    PLATFORMS,
    REGION,
    SECTORS,
    SHARED,
)

FROM_TO = " → "
"""Stands between donor and organisation in the key of a part."""

SINGLE = "single"
"""Money that names one sector (country)."""

VALUE = "value"
EMPTY: dict[str, Any] = {VALUE: np.nan, KEY: np.uint64(0), IN_DOUBT: 0.0}
"""What a part has of which there is nothing."""


@dataclass(frozen=True)
class Counts:
    """What the figures of some sheets are added up from, and what decides on which sheets they stand (``about``)."""

    sheets: Sheets
    about: pd.DataFrame
    sums: Mapping[str, Contributions]
    compared: Contributions
    by_sector: Contributions | None

    @property
    def every_sector(self) -> Contributions:
        """The people of each sector, which sheets of all sectors alone have."""
        assert self.by_sector is not None  # noqa: S101 - shown on these sheets alone
        return self.by_sector

    def people_by_group(self, split: str) -> pd.DataFrame:
        """Give people by the groups of a split on every sheet, whether or not anything was reported."""
        reached = self.sums["people_reached"]
        groups = every_part(self.sheets, PART, [*reached.splits[split], NOT_SPECIFIED])
        return every(parts_of(reached, split), groups)

    def people_by_admin1(self) -> pd.DataFrame:
        """Give people by the name of the admin1; a model for whole countries knows no places."""
        whole = self.about.index[self.about["model_of_countries"] & (self.about["countries"] == 1)]
        totals = self.sums["people_reached"].sums(SHEET).rename(columns={AMOUNT: VALUE})
        totals = totals.set_axis(totals.index.astype("str").rename(SHEET), axis="index")
        return people_by_admin1(self.sums["people_reached"], totals[totals.index.isin(whole)])


def parts_of(counted: Contributions, *by: str) -> pd.DataFrame:
    """Give the sums of a figure by ``sheet`` and ``part``: ``value``, ``key``, ``in_doubt``."""
    sums = counted.sums(SHEET, *by).reset_index().rename(columns={AMOUNT: VALUE, by[0]: PART})
    return sums.astype({SHEET: "str", PART: "str"})


def every(parts: pd.DataFrame, index: pd.MultiIndex) -> pd.DataFrame:
    """Give the parts of an index, whether or not there is anything of them."""
    indexed = parts.set_index([SHEET, PART])
    found = {name: indexed[name].reindex(index, fill_value=empty) for name, empty in EMPTY.items()}
    return pd.DataFrame(found).reset_index(names=[SHEET, PART])


def people_by_sector(counted: Contributions, sheets: Sheets) -> pd.DataFrame:
    """Give the people of each sector that reaches people; whoever is in two of them counts in both."""
    parts = parts_of(counted, "sector")
    return every(parts[parts[PART].isin(PEOPLED_SECTORS)], every_part(sheets, PART, PEOPLED_SECTORS))


def people_by_admin1(counted: Contributions, whole: pd.DataFrame) -> pd.DataFrame:
    """Give people by the name of the admin1, what names none last; sheets of ``whole`` countries know no places."""
    parts = parts_of(counted, "admin1")
    named = parts[PART] != NATIONAL_LEVEL
    parts = pd.concat([parts[named].sort_values([SHEET, PART]), parts[~named]])
    of_whole = whole.reset_index().assign(**{PART: NATIONAL_LEVEL})[[SHEET, PART, *EMPTY]]
    return pd.concat([parts[~parts[SHEET].isin(whole.index)], of_whole], ignore_index=True)


def people_by_indicator(counted: Contributions) -> pd.DataFrame:
    """Give people by the text of each indicator that counts, those with most people first."""
    counts = counted.cells[counted.cells[metrics.ROWS] > 0].rename(columns={"indicator": PART})
    there = counts[[SHEET, PART]].astype("str").drop_duplicates()
    parts = parts_of(counted, "indicator").merge(there, on=[SHEET, PART])
    return parts.sort_values([SHEET, VALUE, PART], ascending=[True, False, True])


def people_by_model(sheets: Sheets, by_sector: Contributions) -> pd.DataFrame:
    """Give people of all sectors together under each consolidation model, then the lower bound.

    The lower bound is the largest sector of each place over the whole period: nobody is counted in two sectors.
    """
    table = sheets.table[sheets.table["sector"] == INTERSECTOR]
    together = Sheets(sheets.dataset, table, sheets.period, sheets.method)
    models = list[str](sheets.dataset.year.consolidation)
    sums = {model: count.people_under(together, model) for model in models}
    whole = by_sector.amounts[by_sector.amounts[SHEET].isin(table.index)]
    largest = metrics.largest_of_period(whole, [SHEET], sheets.method.intersector_level)
    bound = largest.groupby(SHEET, observed=True)[[AMOUNT, KEY]].sum().round({AMOUNT: metrics.DECIMALS})
    sums[metrics.LOWER_BOUND] = bound
    there = together.presence[SHEET].astype("str").unique()
    sums = {
        name: of.set_axis(of.index.astype("str")).reindex(pd.Index(there, name=SHEET), fill_value=0)
        for name, of in sums.items()
    }
    parts = pd.concat(sums, names=[PART]).reset_index().rename(columns={AMOUNT: VALUE}).assign(**{IN_DOUBT: 0.0})
    return every(parts, every_part(together, PART, list(sums)))


def activities_by_partner(counted: Contributions) -> pd.DataFrame:
    """Give activities by implementing partner, those with most first; last what was done without one."""
    return _largest_first(parts_of(counted, "implementing_partner").replace({PART: {"": DIRECTLY}}), DIRECTLY)


def planned_parts(counted: Contributions, by: str, shown: pd.DataFrame) -> pd.DataFrame:
    """Give what is planned for each part of the ``shown`` sheets; what is planned for no part is not specified."""
    parts = parts_of(counted, by)
    if by == "admin1":
        last = parts[PART] == NOT_SPECIFIED
        return pd.concat([parts[~last].sort_values([SHEET, PART]), parts[last]])
    if by not in ("platform", "country"):
        return parts
    places = pd.DataFrame(places_with_parts(by), columns=["place", PART])
    return every(parts, pd.MultiIndex.from_frame(shown.reset_index().merge(places, on="place")[[SHEET, PART]]))


def places_with_parts(by: str) -> list[tuple[str, str]]:
    """Give each place with its parts: the region has platforms, a platform of several has countries."""
    if by == "platform":
        return [(REGION, platform) for platform in PLATFORMS]
    return [(place, country) for place, of in PLACES.items() if len(of) > 1 for country in of]


def money_by_sector(funding: Contributions, sheets: Sheets) -> pd.DataFrame:
    """Give money by sector, 0 where none is designated; what names several sectors or none stands last."""
    parts = parts_of(funding, "sector")
    apart = parts[parts[PART].isin([SHARED, NOT_SPECIFIED])].sort_values(PART, ascending=False)
    index = every_part(sheets, PART, SECTORS).append(pd.MultiIndex.from_frame(apart[[SHEET, PART]]))
    return every(parts, index).fillna({VALUE: 0.0})


def money_by_donor(funding: Contributions, *by: str) -> pd.DataFrame:
    """Give money by donor (and organisation), the largest first; what was passed on is not specified."""
    parts = parts_of(funding, *by)
    pairs = parts[PART] if len(by) == 1 else parts[PART] + FROM_TO + parts[by[1]].astype("str")
    named = parts.assign(**{PART: pairs.where(parts[PART] != metrics.PASSED_ON, NOT_SPECIFIED)})
    sums = named.groupby([SHEET, PART])[[VALUE]].sum().round(2).reset_index()
    return _largest_first(sums.assign(**{KEY: EMPTY[KEY], IN_DOUBT: 0.0}), NOT_SPECIFIED)


def money_of_plan(sheets: Sheets, split: str) -> pd.DataFrame:
    """Give the whole plan's money of one sector (country) alone, of several at once, of none: alike on every sheet."""
    ledger, totals = sheets.dataset.ledger, sheets.dataset.totals_by_sector
    if ledger is not None:
        amounts = ledger.groupby(split)[AMOUNT].sum()
    else:
        amounts = pd.Series() if totals is None else totals.groupby("part")["funding_usd"].sum()
    apart = {part: float(amounts.get(part, 0.0)) for part in (SHARED, NOT_SPECIFIED)}
    values = {SINGLE: float(amounts.sum()) - sum(apart.values()), **apart}
    parts = every_part(sheets, PART, list(values)).to_frame(index=False)
    return parts.assign(**EMPTY).assign(**{VALUE: parts[PART].map(values)})


def _largest_first(parts: pd.DataFrame, last: str) -> pd.DataFrame:
    """Parts other than 0, the largest first, then by name; ``last`` at the end."""
    known = parts[parts[VALUE] != 0].assign(is_last=lambda rows: rows[PART] == last)
    return known.sort_values([SHEET, "is_last", VALUE, PART], ascending=[True, True, False, True]).drop(
        columns="is_last"
    )


PARTS: Mapping[str, Callable[[Counts], pd.DataFrame]] = {
    "people_reached_by_sector": lambda counts: people_by_sector(counts.every_sector, counts.sheets),
    "people_reached_by_model": lambda counts: people_by_model(counts.sheets, counts.every_sector),
    "people_reached_by_admin1": Counts.people_by_admin1,
    "people_reached_by_indicator": lambda counts: people_by_indicator(counts.sums["people_reached"]),
    "people_reached_by_population_group": lambda counts: counts.people_by_group("population_group"),
    "people_reached_by_age_gender": lambda counts: counts.people_by_group("age_gender"),
    "activities_by_implementing_partner": lambda counts: activities_by_partner(counts.sums["activities"]),
    "funding_usd_by_platform": lambda counts: parts_of(counts.sums["funding_usd"], "platform").fillna({VALUE: 0.0}),
    "funding_usd_by_country": lambda counts: parts_of(counts.sums["funding_usd"], "country").fillna({VALUE: 0.0}),
    "funding_usd_by_sector": lambda counts: money_by_sector(counts.sums["funding_usd"], counts.sheets),
    "funding_usd_by_donor": lambda counts: money_by_donor(counts.sums["funding_usd"], "donor"),
    "funding_usd_by_donor_and_organisation": lambda counts: money_by_donor(
        counts.sums["funding_usd"], "donor", "organisation"
    ),
    "plan_funding_usd_by_sector_named": lambda counts: money_of_plan(counts.sheets, "sector"),
    "plan_funding_usd_by_country_named": lambda counts: money_of_plan(counts.sheets, "country"),
}
"""Breakdowns whose parts are more than the sums of their figure by a dimension."""
