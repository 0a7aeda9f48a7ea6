"""Money for a plan as FTS counts it: net of internal flows, shared and unspecified money apart, pledges apart.

A flow into the plan adds its amount on the destination side; a flow inside the plan also takes its amount away on the
source side, since that money came in before. Each side is one part (sector, country …), ``not specified`` when it
names none, ``shared`` when it names several. So every split adds up to the plan's total. Source: the FTS glossary and
FTS's own answers, which these rules give to the dollar.
"""

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis.method import OrganisationsAlsoIn, SeveralCountries
from rmrp_analysis.metrics.contributions import AMOUNT, ROWS
from rmrp_analysis.metrics.sums import Cells, Inside
from rmrp_analysis.vocabulary import (
    NOT_SPECIFIED,
    OVERLAP,
    PLATFORM_OF,
    PLATFORMS,
    REGION,
    REGIONAL,
    SHARED,
    fold,
    full_name,
)

Standing = Literal["funded", "pledged"]
Split = Literal["sector", "global_cluster", "cluster", "country", "location", "platform", "organisation"]

LISTS: Mapping[str, str] = {
    "sector": "sectors",
    "global_cluster": "global_clusters",
    "cluster": "clusters",
    "country": "countries",
    "location": "locations",
    "platform": "countries",
    "organisation": "organisations",
}
"""The list of a flow that each split goes by. Sectors are global clusters, some of them joined: ours, not FTS's."""

_MARKED_AS: Mapping[str, str] = {
    **LISTS,
    "sector": "global_clusters",
    "country": "locations",
    "platform": "locations",
}
_UNUSED = frozenset(
    {"source_file", "source_line", "status", "flow_type", "contribution_type", "boundary", "on_boundary"}
)
INCOMING, PASSED_ON_TO, PASSED_ON_FROM = "incoming", "passed on to", "passed on from"
PASSED_ON = "passed on within the plan"
LEDGER_COLUMNS = (
    "flow_id",
    "amount_usd",
    "entry",
    "date",
    *LISTS,
    "sectors",
    "countries",
    "donor_ids",
    "donors",
    "recipient_ids",
    "recipients",
)


def funding_ledger(
    flows: pd.DataFrame,
    *,
    plan_id: int,
    standing: Standing = "funded",
    several_countries: SeveralCountries = "apart",
) -> pd.DataFrame:
    """The signed entries that the plan's flows make: ``LEDGER_COLUMNS``, amounts in USD, one or two rows a flow.

    ``entry`` tells money from outside the plan (``incoming``) from money inside it: ``passed on to`` and, negative,
    ``passed on from``. An amount that FTS counts in full in each of several parts has a row for each, and a negative
    one ``counted more than once``. ``funded`` is paid and committed money, ``pledged`` the rest; the two are never
    added. With ``several_countries`` as ``own_platform``, a flow for several countries of one platform is that
    platform's; FTS itself has it in no country.
    """
    pledge = flows["status"] == "pledge"
    into = flows[(pledge if standing == "pledged" else ~pledge) & _holds(flows["destination_plans"], str(plan_id))]
    inside = _holds(into["source_plans"], str(plan_id))
    entries: list[dict[str, Any]] = []
    for flow, internal in zip(into.drop(columns=list(_UNUSED)).to_dict("records"), inside, strict=True):
        entries += _entries(flow, "destination", PASSED_ON_TO if internal else INCOMING, several_countries)
        if internal:
            entries += _entries(flow, "source", PASSED_ON_FROM, several_countries)
    ledger = pd.DataFrame(entries, columns=list(LEDGER_COLUMNS))
    texts = ["flow_id", "entry", "date", *LISTS]
    return ledger.astype(dict.fromkeys(texts, "str") | {"amount_usd": "float64"})


def boundary_usd(flows: pd.DataFrame, *, standing: Standing = "funded") -> float:
    """USD that came in over the boundary a source was asked for (a country in a year), as FTS heads its answer.

    Internal and outgoing flows are no part of it, and neither are flows shared with what lies outside. For a plan, use
    ``funding_ledger``.
    """
    pledge = flows["status"] == "pledge"
    counted = (pledge if standing == "pledged" else ~pledge) & (flows["on_boundary"] == "single")
    return float(flows.loc[counted & (flows["boundary"] == "incoming"), "amount_usd"].sum())


def money(ledger: pd.DataFrame) -> Cells:
    """The entries of ``named_entries``, held to be added up: in US$, by platform as figures tell them apart."""
    amounts = ledger["amount_usd"]
    entries = Cells(_with_platforms(ledger).assign(contribution=amounts))
    return entries.with_numbers({AMOUNT: amounts.to_numpy("float64"), ROWS: np.ones(len(ledger))})


def named_organisations(
    ledger: pd.DataFrame, side: Literal["donor", "recipient"], *, also_in: Collection[OrganisationsAlsoIn] = ()
) -> Cells:
    """The same entries, each once for every organisation (``id``) that gives or receives; none where it does not count.

    ``rows`` is 1 for the first of an entry alone. See ``giving`` for the entries whose organisations count.
    """
    counts = ledger.index.isin(giving(ledger, also_in=also_in).index)
    ids = [(listed if inside else ()) or ("",) for listed, inside in zip(ledger[f"{side}_ids"], counts, strict=True)]
    places = np.repeat(np.arange(len(ledger)), [len(listed) for listed in ids])
    named = _with_platforms(ledger).take(places).assign(id=pd.array(list(itertools.chain(*ids)), dtype="str"))
    first = ~named.index.duplicated()
    return Cells(named).with_numbers({AMOUNT: np.ones(len(named)), ROWS: first.astype("float64")})


def _with_platforms(ledger: pd.DataFrame) -> pd.DataFrame:
    platform = ledger["platform"].where(ledger["platform"].isin(PLATFORMS), REGIONAL)
    return ledger.assign(platform=platform, recipient_id=ledger["recipient_ids"].map("; ".join))


def in_sector(entries: Cells, sector: str) -> Inside:
    """The entries of one sector alone; money shared by several sectors is in none of them."""
    return entries.has("sector", (sector,))


def in_place(entries: Cells, place: str) -> Inside:
    """The entries of one platform or country alone, or all of them for the region."""
    if place == REGION:
        return np.ones(len(entries), dtype=bool)
    return entries.has("platform" if place in PLATFORMS else "country", (place,))


def received_by(entries: Cells, organisation: str) -> Inside:
    """The entries with this organisation as their only recipient; none where FTS does not name it.

    Names are compared folded and without the acronym in brackets, since FTS and the activities have no ids in common.
    Money passed on inside the plan is nobody's: it came in before.
    """
    wanted = fold(full_name(organisation))
    return entries.has(
        "organisation", {name for name in entries.names("organisation") if fold(full_name(name)) == wanted}
    )


def touching(entries: Cells, *, sector: str | None = None, place: str = REGION) -> Inside:
    """The entries that name a sector (None: any) and platform alone or among others.

    For counting organisations; the amounts of shared flows are no sector's and must not be added up here.
    """
    named = zip(entries.table["sectors"], entries.table["countries"], strict=True)
    inside = [
        (sector is None or sector in sectors) and (place == REGION or place in (*countries, *map(_platform, countries)))
        for sectors, countries in named
    ]
    return np.array(inside, dtype=bool)


def funding_usd_by(ledger: pd.DataFrame, split: Split) -> pd.Series:
    """USD by part, with ``not specified`` and ``shared`` as rows of their own. A row may be below 0.

    The rows add up to the ledger's total. Parts are our names for ``sector``, ``country`` (ISO 3166 alpha-3) and
    ``platform``, and FTS ids for ``global_cluster``, ``cluster``, ``location`` and ``organisation``.
    """
    return ledger.groupby(split)["amount_usd"].sum().sort_index()


def named_entries(ledger: pd.DataFrame) -> pd.DataFrame:
    """The entries with the ``donor`` and the ``organisation`` of each, by name, to add amounts up by.

    Organisations are told apart by id, whatever FTS calls them in a flow. Where a flow names none or several, it is
    ``not specified``; money passed on inside the plan came in before and has neither (``PASSED_ON``).
    """
    incoming = ledger["entry"] == INCOMING
    named: dict[str, pd.Series] = {}
    for column, side in (("donor", "donor"), ("organisation", "recipient")):
        ids, names = _only(ledger[f"{side}_ids"]), _only(ledger[f"{side}s"])
        last_names = dict(zip(ids[incoming], names[incoming], strict=True)) | {"": NOT_SPECIFIED}
        named[column] = ids.map(last_names).where(incoming, PASSED_ON)
    return ledger.assign(**named)


def giving(ledger: pd.DataFrame, *, also_in: Collection[OrganisationsAlsoIn] = ()) -> pd.DataFrame:
    """The entries whose organisations count: incoming money above 0, and what is passed on inside if asked for."""
    kinds = [INCOMING, PASSED_ON_TO] if "internal" in also_in else [INCOMING]
    return ledger[ledger["entry"].isin(kinds) & (ledger["amount_usd"] > 0)]


def donors(ledger: pd.DataFrame, *, also_in: Collection[OrganisationsAlsoIn] = ()) -> int:
    """Distinct organisations that give: by id, over incoming flows above 0 (our rule; FTS publishes none).

    With ``internal`` in ``also_in``, a pooled fund that passes money on is a donor, too. Whether shared flows count is
    decided by what the ledger was narrowed to (see ``touching``).
    """
    return len(_ids(ledger, "donor_ids", also_in))


def funded_organisations(ledger: pd.DataFrame, *, also_in: Collection[OrganisationsAlsoIn] = ()) -> int:
    """Distinct organisations that receive: by id, over the same flows as ``donors``.

    Those that only receive sub-grants count with ``internal`` in ``also_in``.
    """
    return len(_ids(ledger, "recipient_ids", also_in))


def _holds(lists: pd.Series, item: str) -> pd.Series:
    return pd.Series([item in listed for listed in lists], index=lists.index, dtype=bool)


def _entries(
    flow: Mapping[Any, Any], side: str, entry: str, several_countries: SeveralCountries
) -> Iterator[dict[str, Any]]:
    """One entry of a side; several, whose sum it is, where an amount counts in full in several parts."""
    sign = -1 if entry == PASSED_ON_FROM else 1
    shared_columns = {
        "flow_id": flow["flow_id"],
        "entry": entry,
        "date": flow["date"],
        "sectors": flow[f"{side}_sectors"],
        "countries": flow[f"{side}_countries"],
        "donor_ids": flow["source_organisations"],
        "donors": flow["source_organisation_names"],
        "recipient_ids": flow["destination_organisations"],
        "recipients": flow["destination_organisation_names"],
    }
    for parts, times in _placements(flow, side, several_countries):
        yield shared_columns | parts | {"amount_usd": times * sign * flow["amount_usd"]}


def _placements(
    flow: Mapping[str, Any], side: str, several_countries: SeveralCountries
) -> Iterator[tuple[dict[str, str], int]]:
    """The parts one side of a flow falls into, and how many times its amount counts there; the times make 1."""
    overlaps = flow[f"{side}_overlaps"]
    choices = [
        _parts(_named(split, flow[f"{side}_{LISTS[split]}"], several_countries), overlap=_MARKED_AS[split] in overlaps)
        for split in LISTS
    ]
    for placed in itertools.product(*choices):
        yield dict(zip(LISTS, (part for part, _ in placed), strict=True)), math.prod(times for _, times in placed)


def _named(split: str, listed: Sequence[str], several_countries: SeveralCountries) -> tuple[str, ...]:
    if split != "platform":
        return tuple(listed)
    platforms = map(_platform, listed)
    return tuple(dict.fromkeys(platforms) if several_countries == "own_platform" else platforms)


def _parts(listed: Sequence[str], *, overlap: bool) -> list[tuple[str, int]]:
    """The one part of a list; where FTS counts the amount in each of several, all of them and what comes off again."""
    if overlap and len(listed) > 1:
        parts = dict.fromkeys(listed)
        return [*((part, 1) for part in parts), (OVERLAP, 1 - len(parts))]
    return [(NOT_SPECIFIED if not listed else listed[0] if len(listed) == 1 else SHARED, 1)]


def _platform(country: str) -> str:
    """The platform of a country; a place outside the plan keeps its name."""
    return PLATFORM_OF.get(country, country)


def _ids(ledger: pd.DataFrame, side: str, also_in: Collection[OrganisationsAlsoIn]) -> set[str]:
    return {identifier for listed in giving(ledger, also_in=also_in)[side] for identifier in listed if identifier}


def _only(lists: pd.Series) -> pd.Series:
    return pd.Series([listed[0] if len(listed) == 1 else "" for listed in lists], index=lists.index, dtype="str")
