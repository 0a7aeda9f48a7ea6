"""Illustrative 5W activity records that add up to the sector profiles exactly."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bundled_plan import organisations, profiles
from bundled_plan.shares import Integers, dealt, heavy_tailed, picked, shared, shared_within, split_rows

BUNDLED = Path(__file__).parents[2] / "data" / "rmrp-2021"
HTS = "Human Trafficking & Smuggling"
SECTOR_NAMES = tuple(profiles.SECTORS)
N_SECTORS, N_COUNTRIES, N_MONTHS = len(SECTOR_NAMES), len(profiles.COUNTRIES), len(profiles.MONTHS)
COLOMBIA = profiles.COUNTRIES.index("Colombia")
GROUP_COLUMNS = [
    "Refugees.and.Migrants.IN.DESTINATION",
    "Refugees.and.Migrants.IN.TRANSIT",
    "Host.Communities.Beneficiaries",
    "Refugees.and.Migrants.PENDULARS",
    "Colombian.Returnees",
]
AGE_COLUMNS = ["Women.under.18", "Men.under.18", "Women.above.18", "Men.above.18"]
TOTAL, NEW = "Total.monthly.beneficiaries", "New.beneficiaries.of.the.month"


@dataclass(frozen=True)
class Skeleton:
    """Rows by sector, country, month and whether they count people in need, sorted in that order."""

    sector: Integers
    counted: Integers
    country: Integers
    month: Integers


def reference(name: str) -> pd.DataFrame:
    """A table of facts of the bundled plan, as text: written by hand, so read where it lies."""
    return pd.read_csv(BUNDLED / name, dtype=str, keep_default_na=False)


def used_activities(rows: int, rng: np.random.RandomState) -> tuple[pd.DataFrame, np.ndarray]:
    """``rows`` faultless records, and which of them must keep their names for the partner counts to hold."""
    skeleton = skeleton_rows(rows, rng)
    new = new_beneficiaries(skeleton, rows, rng)
    indicators = reference("indicators.csv")
    indicator, admin1 = indicators_and_places(skeleton, indicators, rng)
    appealing, implementing, kept = partners(skeleton, rng)
    kind = indicators["Indicator_Type"].to_numpy()[indicator]
    new = np.where(kind == "People", heavy_tailed(rng, 0.9, rows) // 60 + 1, new)
    cells = breakdowns(skeleton, kind, new, rng)
    total = monthly_totals(new, kind, rng)
    cva, value, mechanism = cash(skeleton, indicators["CBI"].to_numpy()[indicator] == "Yes", kind, total, rng)
    name, description = descriptions(skeleton, rng)
    yes_no = np.array(["No", "Yes"], dtype=object)
    quantity = np.where(kind == "Other", heavy_tailed(rng, 1.0, rows) // 400 + 1, 0)
    support_space = (rng.random_sample(rows) < 0.05) | (skeleton.sector == SECTOR_NAMES.index("Support Spaces"))
    columns = {
        "Appealing.Organization.Name": appealing,
        "Implementation.Set.up": yes_no[(implementing != "").astype(int)],
        "Implementing.partner.Name": implementing,
        "Reporting.Month": np.array(profiles.MONTHS, dtype=object)[skeleton.month],
        "Sector...Subsector...WG": indicators["Sector...Subsector...WG"].to_numpy(dtype=object)[indicator],
        "Indicator": indicators["Indicator"].to_numpy(dtype=object)[indicator],
        "Activity.name": name,
        "Activity.description": description,
        "COVID.19.situation": yes_no[(rng.random_sample(rows) < 0.6).astype(int)],
        "RMRP.Activity": yes_no[(rng.random_sample(rows) < 0.8).astype(int)],
        "Support.Space.activity": yes_no[support_space.astype(int)],
        "CVA": yes_no[cva.astype(int)],
        "Value.of.Transfer.in.USD": value,
        "Delivery.Mechanism": mechanism,
        "Country": np.array(profiles.COUNTRIES, dtype=object)[skeleton.country],
        "Admin1": admin1,
        "Quantity.of.unit.measured": quantity,
        TOTAL: total,
        NEW: new,
        **{column: cells[:, place] for place, column in enumerate([*GROUP_COLUMNS, *AGE_COLUMNS])},
    }
    return pd.DataFrame(columns), kept


def people_weights() -> Integers:
    """People reached at 20,000 rows by sector and country."""
    people = np.zeros((N_SECTORS, N_COUNTRIES), dtype=np.int64)
    for sector, (name, profile) in enumerate(profiles.SECTORS.items()):
        for platform, total in profile.people.items():
            members = profiles.COUNTRIES_OF_PLATFORM[platform]
            served = {country: weight for country, weight in members.items() if country not in profile.absent}
            parts = shared(total, np.array(list(served.values()), dtype=np.int64))
            people[sector, [profiles.COUNTRIES.index(country) for country in served]] = parts
        if name == HTS:
            people[sector] = [sum(profiles.HTS_PEOPLE.get(country, ())) for country in profiles.COUNTRIES]
    return people


def month_weights() -> Integers:
    """People by sector, country and month; exact for Human Trafficking & Smuggling, a season's shape elsewhere."""
    seasons = np.array([profile.months for profile in profiles.SECTORS.values()], dtype=np.int64)
    weights = people_weights()[:, :, None] * seasons[:, None, :]
    table = [profiles.HTS_PEOPLE.get(country, (0,) * N_MONTHS) for country in profiles.COUNTRIES]
    weights[SECTOR_NAMES.index(HTS)] = table
    return weights


def skeleton_rows(rows: int, rng: np.random.RandomState) -> Skeleton:
    """Where and when the rows are: sector counts exact, a row for each country and month with people if possible."""
    by_sector = shared(rows, np.array([profile.rows for profile in profiles.SECTORS.values()], dtype=np.int64))
    people = month_weights()
    blocks = []
    for sector, profile in enumerate(profiles.SECTORS.values()):
        counted = _counted_rows(int(by_sector[sector]), profile)
        pin_cells = _counted_cells(counted, people[sector].ravel(), rng)
        other_cells = _shared_at_random(int(by_sector[sector]) - counted, _other_weights(profile), rng)
        blocks += [np.stack([pin_cells, other_cells])]
    counts = np.stack(blocks)
    by_row, block, cell = (np.repeat(axis.ravel(), counts.ravel()) for axis in np.indices(counts.shape))
    return Skeleton(sector=by_row, counted=1 - block, country=cell // N_MONTHS, month=cell % N_MONTHS)


def _counted_rows(rows: int, profile: profiles.SectorProfile) -> int:
    if not profile.counted_rows or not rows:
        return 0
    return max(1, (rows * profile.counted_rows + profile.rows // 2) // profile.rows)


def _counted_cells(rows: int, people: Integers, rng: np.random.RandomState) -> Integers:
    """Rows by country and month: one for each cell with people if there are enough, more where more people are."""
    weights = np.rint(people.astype(float) ** 0.7).astype(np.int64)
    served = (people > 0).astype(np.int64)
    if rows < served.sum():
        return _shared_at_random(rows, weights, rng)
    return served + _shared_at_random(rows - int(served.sum()), weights, rng)


def _other_weights(profile: profiles.SectorProfile) -> Integers:
    served = set(profile.other_countries or profiles.COUNTRIES) - set(profile.absent)
    weights = {country: weight for country, weight in profiles.ACTIVITY_WEIGHTS.items() if country in served}
    by_country = np.array([weights.get(country, 0) for country in profiles.COUNTRIES], dtype=np.int64)
    by_country[-1] = profile.regional
    return np.outer(by_country, np.array(profiles.ACTIVITY_MONTHS, dtype=np.int64)).ravel()


def _shared_at_random(total: int, weights: Integers, rng: np.random.RandomState) -> Integers:
    groups = np.zeros(len(weights), dtype=np.int64)
    offsets = np.floor(rng.random_sample(1) * weights.sum()).astype(np.int64)
    return shared_within(np.array([total], dtype=np.int64), weights, groups, offsets)


def new_beneficiaries(skeleton: Skeleton, rows: int, rng: np.random.RandomState) -> Integers:
    """People per row: each sector's total by country, then by month, then by row with a heavy tail.

    Where a country or month has no row that counts people, its people go to those that have one.
    """
    people, months = people_weights(), month_weights()
    cell = (skeleton.sector * N_COUNTRIES + skeleton.country) * N_MONTHS + skeleton.month
    pin = skeleton.counted == 1
    has_row = np.zeros(months.size, dtype=np.int64)
    has_row[cell[pin]] = 1
    base_rows = sum(profile.rows for profile in profiles.SECTORS.values())
    sector_totals = (people.sum(axis=1) * rows + base_rows // 2) // base_rows
    country_has_row = has_row.reshape(-1, N_MONTHS).max(axis=1)
    by_country = shared_within(
        sector_totals, people.ravel() * country_has_row, np.repeat(np.arange(N_SECTORS), N_COUNTRIES)
    )
    shape = np.where(np.arange(N_SECTORS) == SECTOR_NAMES.index(HTS), 0, 1)[:, None, None]
    wobble = 100 + shape * np.floor(rng.random_sample(months.shape) * 40 - 20).astype(np.int64)
    by_month = shared_within(
        by_country, (months * wobble).ravel() // 100 * has_row, np.repeat(np.arange(by_country.size), N_MONTHS)
    )
    sigmas = np.array([profile.spread for profile in profiles.SECTORS.values()], dtype=np.float64)
    weights = heavy_tailed(rng, sigmas[skeleton.sector], len(cell))
    new = np.zeros(len(cell), dtype=np.int64)
    new[pin] = shared_within(by_month, weights[pin], cell[pin])
    return new


def indicators_and_places(
    skeleton: Skeleton, indicators: pd.DataFrame, rng: np.random.RandomState
) -> tuple[Integers, np.ndarray]:
    """Positions in the indicator table, and first administrative levels, drawn within each sector and country."""
    position = {code: place for place, code in enumerate(indicators["CODE"])}
    kinds = dict(zip(indicators["CODE"], indicators["Indicator_Type"], strict=True))
    places = reference("admin1.csv")
    indicator = np.zeros(len(skeleton.sector), dtype=np.int64)
    admin1 = np.empty(len(skeleton.sector), dtype=object)
    for rows, sector, counted, country in _blocks(skeleton):
        weights = _indicator_weights(profiles.SECTORS[SECTOR_NAMES[sector]], bool(counted), country, kinds)
        codes = np.array([position[code] for code in weights])
        indicator[rows] = codes[picked(rng, np.array(list(weights.values()), dtype=np.int64), rows.stop - rows.start)]
        names, chances = _admin1_weights(places, profiles.COUNTRIES[country])
        admin1[rows] = names[picked(rng, chances, rows.stop - rows.start)]
    return indicator, admin1


def _blocks(skeleton: Skeleton) -> list[tuple[slice, int, int, int]]:
    """Runs of rows of one sector, one kind of indicator and one country."""
    key = (skeleton.sector * 2 + 1 - skeleton.counted) * N_COUNTRIES + skeleton.country
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    stops = np.append(starts[1:], len(key))
    return [
        (slice(start, stop), skeleton.sector[start], skeleton.counted[start], skeleton.country[start])
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)
    ]


def _indicator_weights(
    profile: profiles.SectorProfile, counted: bool, country: int, kinds: dict[str, str]
) -> dict[str, int]:
    """Codes in use: national ones (RE-…_PER) in their own country only."""
    national = {"_PER": "Peru", "_COL": "Colombia", "_BRA": "Brazil"}
    return {
        code: weight
        for code, weight in profile.indicators.items()
        if (kinds[code] == "Pin") == counted
        and national.get(code[-4:], profiles.COUNTRIES[country]) == profiles.COUNTRIES[country]
    }


def _admin1_weights(places: pd.DataFrame, country: str) -> tuple[np.ndarray, Integers]:
    names = places.loc[places["Country"] == country, "Admin1"].to_numpy(dtype=object)
    known = profiles.ADMIN1_WEIGHTS.get(country, {})
    usual = 0 if country == "Regional" else 1
    return names, np.array([known.get(name, usual) for name in names], dtype=np.int64)


def partners(skeleton: Skeleton, rng: np.random.RandomState) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Appealing organisations, implementing partners ("" where none), and the rows that must keep both."""
    appealing, implementing = organisations.appealing_roster(), organisations.implementing_roster()
    names = np.array(organisations.full_names(appealing), dtype=object)
    partner_names = np.array(implementing.names, dtype=object)
    size = len(skeleton.sector)
    organisation, partner = np.empty(size, dtype=object), np.full(size, "", dtype=object)
    kept = np.zeros(size, dtype=bool)
    next_organisation = next_partner = 0
    for sector, profile in enumerate(profiles.SECTORS.values()):
        rows = np.flatnonzero(skeleton.sector == sector)
        served = _served(sector, profile)
        chosen, next_organisation = organisations.members(appealing, profile.organisations, served, next_organisation)
        drawn, keep = organisations.assigned(appealing, chosen, skeleton.country[rows], rng)
        organisation[rows], kept[rows] = names[drawn], keep
        chosen, next_partner = organisations.members(implementing, profile.partners, served, next_partner)
        through = rows[_through_partners(len(rows), len(chosen), rng)]
        drawn, keep = organisations.assigned(implementing, chosen, skeleton.country[through], rng)
        partner[through] = partner_names[drawn]
        kept[through] |= keep
    return organisation, partner, kept


def _served(sector: int, profile: profiles.SectorProfile) -> set[int]:
    others = _other_weights(profile).reshape(N_COUNTRIES, N_MONTHS).sum(axis=1)
    return {int(country) for country in np.flatnonzero((people_weights()[sector] > 0) | (others > 0))}


def _through_partners(rows: int, needed: int, rng: np.random.RandomState) -> Integers:
    """Which rows are done through a partner: 44 %, or as many as name every partner."""
    count = min(rows, max(needed, rows * 44 // 100))
    return np.sort(np.argsort(rng.random_sample(rows), kind="stable")[:count])


def breakdowns(skeleton: Skeleton, kind: np.ndarray, new: Integers, rng: np.random.RandomState) -> Integers:
    """Five population groups and four age-gender cells a row; each breakdown adds up to the new beneficiaries."""
    groups = split_rows(np.where(kind == "Pin", new, 0), _unlike(_group_weights(skeleton), rng), rng)
    ages = np.array([profile.ages for profile in profiles.SECTORS.values()], dtype=np.int64)
    cells = np.hstack([groups, split_rows(new, _unlike(ages[skeleton.sector], rng), rng)])
    hts = np.flatnonzero((skeleton.sector == SECTOR_NAMES.index(HTS)) & (skeleton.counted == 1))
    if len(hts):
        cells[hts] = _hts_breakdowns(skeleton.country[hts], new[hts])
    return cells


def _unlike(weights: Integers, rng: np.random.RandomState) -> Integers:
    """The weights with a heavy-tailed factor in each cell, so that no two rows are composed alike."""
    return weights * heavy_tailed(rng, 0.6, weights.size).reshape(weights.shape)


def _group_weights(skeleton: Skeleton) -> Integers:
    """Weights of the population groups; pendular people and returnees are in Colombia above all."""
    usual = 10 * np.array([profile.groups for profile in profiles.SECTORS.values()], dtype=np.int64)
    colombia = usual * np.array([1, 1, 1, 12, 0]) + np.array([0, 0, 0, 0, 45])
    return np.where((skeleton.country == COLOMBIA)[:, None], colombia[skeleton.sector], usual[skeleton.sector])


def _hts_breakdowns(country: Integers, new: Integers) -> Integers:
    """The tables of the profile dealt to the rows, group by country, age and gender over all."""
    groups = np.zeros((len(new), len(GROUP_COLUMNS)), dtype=np.int64)
    for place in np.unique(country):
        rows = np.flatnonzero(country == place)
        weights = np.array(profiles.HTS_GROUPS[profiles.COUNTRIES[place]], dtype=np.int64)
        groups[rows] = dealt(new[rows], shared(int(new[rows].sum()), weights))
    ages = dealt(new, shared(int(new.sum()), np.array(profiles.HTS_AGES, dtype=np.int64)))
    return np.hstack([groups, ages])


def monthly_totals(new: Integers, kind: np.ndarray, rng: np.random.RandomState) -> Integers:
    """People attended in the month: the new ones and some who came before, or only those where none is new."""
    before = new * np.floor(rng.random_sample(len(new)) ** 2 * 140).astype(np.int64) // 100
    alone = 1 + np.floor(rng.random_sample(len(new)) * 9).astype(np.int64)
    return np.where(kind == "Other", 0, np.where(new > 0, new + before, alone))


def cash(
    skeleton: Skeleton, possible: np.ndarray, kind: np.ndarray, total: Integers, rng: np.random.RandomState
) -> tuple[np.ndarray, pd.Series, np.ndarray]:
    """Whether a row is cash or voucher assistance; if so the US$ transferred, else missing; the mechanism, else ""."""
    share = np.array([profile.cva_share for profile in profiles.SECTORS.values()])[skeleton.sector]
    cva = possible & (kind == "Pin") & (rng.random_sample(len(total)) < share)
    each_usd = 15 + np.floor(rng.random_sample(len(total)) * 70).astype(np.int64)
    value = pd.Series(total * each_usd, dtype="Int64").mask(~cva)
    weights = np.array(list(profiles.MECHANISMS.values()), dtype=np.int64)
    mechanisms = np.array(list(profiles.MECHANISMS), dtype=object)[picked(rng, weights, len(total))]
    return cva, value, np.where(cva, mechanisms, "")


def descriptions(skeleton: Skeleton, rng: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
    """Names and descriptions of activities: a few general words, nothing about anyone."""
    names = np.empty(len(skeleton.sector), dtype=object)
    for sector, profile in enumerate(profiles.SECTORS.values()):
        rows = np.flatnonzero(skeleton.sector == sector)
        even = np.ones(len(profile.activity_names), dtype=np.int64)
        names[rows] = np.array(profile.activity_names, dtype=object)[picked(rng, even, len(rows))]
    return names, "Sample record: " + names
