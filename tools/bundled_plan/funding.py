"""Illustrative flows of money to the plan, in the shape of one page of the FTS API."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bundled_plan import organisations, profiles
from bundled_plan.shares import heavy_tailed, shared

Flow = dict[str, Any]
PLAN = {"type": "Plan", "id": "1021", "name": "Venezuela Regional Refugee and Migrant Response Plan (RMRP) 2021"}
NEXT_PLAN = {"type": "Plan", "id": "1069", "name": "Venezuela Regional Refugee and Migrant Response Plan (RMRP) 2022"}
YEAR_2021 = {"type": "UsageYear", "id": "42", "name": "2021"}
YEAR_2022 = {"type": "UsageYear", "id": "43", "name": "2022"}
FUND = {
    "type": "Organization",
    "id": "920001",
    "name": "Sample pooled fund (SPF)",
    "organizationTypes": ["Pooled Funds"],
}
FIRST_FLOW = 2_100_001


@dataclass(frozen=True)
class Gift:
    """Money on its way: who gives, who gets, for which global clusters and countries (none: not specified)."""

    giver: dict[str, Any]
    taker: dict[str, Any]
    clusters: tuple[int, ...]
    countries: tuple[str, ...]
    amount_usd: int
    status: str = "paid"
    boundary: str = "incoming"
    flow_type: str = "Standard"


def fts_page(seed: int) -> dict[str, Any]:
    """Every flow of the plan as one FTS page: incoming (some pledged, shared, parked), internal, one outgoing."""
    rng = np.random.RandomState(seed)
    flows = [_flow(number, gift, rng) for number, gift in enumerate(_gifts(rng), start=FIRST_FLOW)]
    _link_parked_parent(flows)
    incoming = [flow for flow in flows if flow["boundary"] == "incoming"]
    outgoing = [flow for flow in flows if flow["boundary"] == "outgoing"]
    internal = [flow for flow in flows if flow["boundary"] == "internal"]
    return {
        "status": "ok",
        "data": {
            "incoming": _totals(incoming),
            "outgoing": _totals(outgoing),
            "internal": {"flowCount": len(internal)},
            "flows": flows,
        },
        "meta": {"language": "en", "count": len(flows)},
    }


def _totals(flows: list[Flow]) -> dict[str, int]:
    return {
        "flowCount": len(flows),
        "fundingTotal": sum(flow["amountUSD"] for flow in flows if flow["status"] != "pledge"),
        "pledgeTotal": sum(flow["amountUSD"] for flow in flows if flow["status"] == "pledge"),
    }


def _gifts(rng: np.random.RandomState) -> Iterator[Gift]:
    for place, (sector, profile) in enumerate(profiles.FUNDING.items()):
        yield from _sector_gifts(sector, profile, place, rng)
    lead = _recipient(0)
    for donor, countries, amount in profiles.HTS_FLOWS:
        yield Gift(_donor(donor), lead, (26546,), countries, amount, status="commitment" if donor == 2 else "paid")
    for number, (clusters, countries, amount) in enumerate(profiles.SHARED_FLOWS):
        yield Gift(_donor(number), _recipient(number), clusters, countries, amount)
    for donor, cluster, countries, amount in profiles.PLEDGES:
        clusters = (cluster,) if cluster else ()
        yield Gift(_donor(donor), _recipient(donor), clusters, countries, amount, status="pledge")
    yield Gift(_donor(6), _recipient(2), (26546,), (), 0, status="commitment", flow_type="Parked")
    yield Gift(lead, _recipient(0), (), (), 310_000, boundary="outgoing", flow_type="Carryover")


def _sector_gifts(
    sector: str, profile: profiles.FundingProfile, place: int, rng: np.random.RandomState
) -> Iterator[Gift]:
    """One sector's flows: what donors gave crossed with where it went, and what came through the pooled fund.

    Money that the fund passed on is taken from what donors gave to Colombia for the sector, and from what they gave
    to the fund without a sector, so that totals net of internal flows are those of the profile.
    """
    clusters = (profile.cluster,) if profile.cluster else ()
    passed_on = sum(other.internal_usd for other in profiles.FUNDING.values())
    donated = profile.total_usd - profile.internal_usd
    cells = _designations(sector, profile, rng)
    cells["Colombia",] -= profile.internal_usd
    donors = _donor_amounts(sector, donated, profile.donors, rng)
    takers = _takers(profile, place)
    for number, (donor, countries, amount) in enumerate(_crossed(donors, cells)):
        status = "commitment" if rng.random_sample() < 0.3 else "paid"
        yield Gift(_donor((donor + 3 * place) % 26), takers[number % len(takers)], clusters, countries, amount, status)
    if profile.internal_usd:
        yield Gift(FUND, takers[0], clusters, ("Colombia",), profile.internal_usd, boundary="internal")
    if not clusters:
        yield Gift(_donor(0), FUND, (), (), passed_on)


def _designations(
    sector: str, profile: profiles.FundingProfile, rng: np.random.RandomState
) -> dict[tuple[str, ...], int]:
    """US$ by the countries that a sector's money names."""
    if sector == "Health":
        return _health_designations()
    weights = np.array(list(profiles.FUNDING_WEIGHTS.values()), dtype=np.int64)
    amounts = shared(profile.total_usd, weights * heavy_tailed(rng, 0.4, len(weights)))
    return dict(zip(profiles.FUNDING_WEIGHTS, (int(amount) for amount in amounts), strict=True))


def _health_designations() -> dict[tuple[str, ...], int]:
    cells: dict[tuple[str, ...], int] = {}
    for platform, total in profiles.HEALTH_PLATFORMS_USD.items():
        members = profiles.COUNTRIES_OF_PLATFORM.get(platform, {})
        if not members:
            cells[()] = total
            continue
        parts = shared(total, np.array(list(members.values()), dtype=np.int64))
        cells |= {(country,): int(part) for country, part in zip(members, parts, strict=True)}
    return cells


def _donor_amounts(sector: str, total: int, donors: int, rng: np.random.RandomState) -> list[int]:
    """What each donor gave, the largest first."""
    largest = list(profiles.HEALTH_DONORS_USD) if sector == "Health" else []
    others = donors - len(largest)
    weights = heavy_tailed(rng, 0.2, others) * (160 // (np.arange(others) + 2))
    rest = shared(total - sum(largest), weights)
    return largest + sorted((int(amount) for amount in rest), reverse=True)


def _crossed(donors: list[int], cells: dict[tuple[str, ...], int]) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """Flows with exactly these amounts by donor and by designation: both laid along one line and cut at every end."""
    donor_ends = np.cumsum(donors)
    cell_ends = np.cumsum(list(cells.values()))
    names = list(cells)
    cuts = np.unique(np.concatenate([donor_ends, cell_ends]))
    for start, stop in zip(np.concatenate([[0], cuts[:-1]]), cuts, strict=True):
        donor = int(np.searchsorted(donor_ends, start, side="right"))
        cell = int(np.searchsorted(cell_ends, start, side="right"))
        yield donor, names[cell], int(stop - start)


def _takers(profile: profiles.FundingProfile, place: int) -> list[dict[str, Any]]:
    return [_recipient((7 * place + number) % 60) for number in range(profile.recipients)]


def _donor(number: int) -> dict[str, Any]:
    name = f"Donor {chr(ord('A') + number)} (sample)"
    return {"type": "Organization", "id": str(900_001 + number), "name": name, "organizationTypes": ["Governments"]}


def _recipient(number: int) -> dict[str, Any]:
    known = organisations.appealing_roster()
    name = organisations.full_names(known)[number]
    kind = "Multilateral Organizations" if known.kinds[number] == "UN" else "NGOs"
    return {"type": "Organization", "id": str(910_001 + number), "name": name, "organizationTypes": [kind]}


def _flow(number: int, gift: Gift, rng: np.random.RandomState) -> Flow:
    """A flow as FTS writes it; keys that FTS leaves out when empty are left out."""
    day = f"2021-{1 + int(rng.random_sample() * 12):02d}-{1 + int(rng.random_sample() * 28):02d}T00:00:00Z"
    return {
        "id": str(number),
        "amountUSD": gift.amount_usd,
        "budgetYear": "2021",
        "childFlowIds": None,
        "contributionType": "financial",
        "createdAt": day,
        "date": day,
        "decisionDate": day,
        "description": "Sample flow",
        "grandBargainEarmarkingType": None,
        "exchangeRate": None,
        "firstReportedDate": day,
        "flowType": gift.flow_type,
        "keywords": None,
        "newMoney": gift.boundary == "incoming",
        "method": "Traditional aid",
        "parentFlowId": None,
        "status": gift.status,
        "updatedAt": "2021-12-31T00:00:00Z",
        "versionId": 1,
        "sourceObjects": _source(gift),
        "destinationObjects": _destination(gift),
        "boundary": gift.boundary,
        "onBoundary": "single",
        "reportDetails": [
            {"sourceType": "Primary", "organization": gift.giver["name"], "reportChannel": "Sample", "date": day}
        ],
    }


def _source(gift: Gift) -> list[dict[str, Any]]:
    plan = [] if gift.boundary == "incoming" else [PLAN]
    return [{**thing, "behavior": "single"} for thing in (*plan, gift.giver, YEAR_2021)]


def _destination(gift: Gift) -> list[dict[str, Any]]:
    outgoing = gift.boundary == "outgoing"
    named_clusters = [("GlobalCluster", (cluster, profiles.CLUSTER_NAMES[cluster])) for cluster in gift.clusters]
    named_countries = [("Location", profiles.LOCATIONS[country]) for country in gift.countries]
    ends = [{**thing, "behavior": "single"} for thing in (NEXT_PLAN if outgoing else PLAN, gift.taker)]
    year = {**(YEAR_2022 if outgoing else YEAR_2021), "behavior": "single"}
    return [*ends, *_named(named_clusters), *_named(named_countries), year]


def _named(things: list[tuple[str, tuple[int, str]]]) -> list[dict[str, Any]]:
    """Clusters or countries of a flow; several share its money."""
    behaviour = "shared" if len(things) > 1 else "single"
    return [{"type": kind, "id": str(id_), "name": name, "behavior": behaviour} for kind, (id_, name) in things]


def _link_parked_parent(flows: list[Flow]) -> None:
    """Make two flows of the same donor the children of the parked one, whose money they took over."""
    parent = next(flow for flow in flows if flow["flowType"] == "Parked")
    children = [flow for flow in flows if flow["sourceObjects"] == parent["sourceObjects"] and flow["amountUSD"]][:2]
    parent["childFlowIds"] = [int(child["id"]) for child in children]
    for child in children:
        child["parentFlowId"] = int(parent["id"])
