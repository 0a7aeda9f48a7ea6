"""One plan's money from the API of OCHA's Financial Tracking Service: its flows, and FTS's own totals beside them.

Nothing is written before every answer is complete and fits the others: pages must hold as many flows as FTS counts,
parts must add up to their total, and no part that money went to may be missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import pandas as pd

from rmrp_analysis.errors import HalfAnswer, InputRefused
from rmrp_analysis.fetch.api import Answer, Api, Refused, check_address
from rmrp_analysis.fetch.entry import Fetching, add_date
from rmrp_analysis.loaders.fts.answers import read_answer
from rmrp_analysis.loaders.fts.rows import valid_flows, valid_totals
from rmrp_analysis.metrics.funding import Split, funding_ledger, funding_usd_by
from rmrp_analysis.vocabulary import ALL, fts_plans

BASE_ADDRESS = "https://api.hpc.tools"
PRODUCER, LICENCE = "OCHA Financial Tracking Service", "cc-by-igo"
"""The producer and the licence that an entry of ``sources.yml`` names for funding."""
MAX_FLOWS_OF_PAGE = 1000
SPLIT_BY_GROUPING: Mapping[str, Split] = {
    "globalcluster": "global_cluster",
    "cluster": "cluster",
    "location": "location",
}
"""The split of our ledger, by FTS's name of the same grouping."""

OPTIONAL_GROUPINGS = frozenset({"location"})
"""Groupings that a server need not have, since sectors are known without the country."""

FLOW_BOUNDARIES = ("incoming", "internal", "outgoing")
"""FTS's names of how flows cross the boundary of a plan."""
MAX_ROUNDING_USD = 1
"""US$ by which sums of rounded dollars may differ."""

_ANSWER_PATH_IN_MESSAGES = Path("the answer")
"""The name of an answer in messages of its reader, which expects a file."""


@dataclass(frozen=True)
class Fetched:
    """One plan's money as FTS states it, checked for completeness. Amounts are in USD, net, as FTS counts.

    ``differences`` are sentences on totals of FTS that differ from the sums of its flows.
    """

    plan_id: int
    address: str
    pages: tuple[Answer, ...]
    totals: Mapping[str, Answer]
    flows: int
    funding_usd: float
    pledges_usd: float
    differences: tuple[str, ...]

    @property
    def left_out(self) -> tuple[str, ...]:
        """The groupings of ``SPLIT_BY_GROUPING`` without totals from the server."""
        return tuple(grouping for grouping in SPLIT_BY_GROUPING if grouping not in self.totals)

    @property
    def fetched(self) -> datetime:
        """When the oldest of the answers was fetched."""
        return min(answer.fetched for answer in (*self.pages, *self.totals.values()))

    def fetching(self) -> Fetching:
        """Return a file for every answer as it came, and the entry of ``sources.yml`` on funding."""
        opening = f"fts-{self.plan_id}-{self.fetched:%Y%m%dT%H%M%SZ}"
        files = {f"{opening}-flows-{number}.json": page.body for number, page in enumerate(self.pages, start=1)}
        files |= {f"{opening}-by-{grouping}.json": answer.body for grouping, answer in self.totals.items()}
        entry = {"files": list(files), "producer": PRODUCER, "url": self.address, "licence": LICENCE}
        year = next((year for year, plan in fts_plans().items() if plan.id == self.plan_id), None)
        return Fetching(f"FTS plan {self.plan_id}", year, files, {"funding": add_date(entry, self.fetched)})


def fetch_plan_funding(api: Api, *, plan_id: int, base_address: str = BASE_ADDRESS) -> Fetched:
    """Fetch a plan's flows, and its totals by global cluster, cluster of the plan and country. Writes no file.

    If the server refuses totals by country, they are left out. Raises ``HalfAnswer`` when the server fails, refuses
    anything else, or leaves anything out.
    """
    base = check_address(base_address, BASE_ADDRESS)
    # A base address may already name the version
    address = base + ("/fts/flow" if "/v1" in urlsplit(base).path else "/v1/public/fts/flow")
    return api.agreeing(lambda: _fetch_whole_plan(api, address, plan_id))


def _fetch_whole_plan(api: Api, address: str, plan_id: int) -> Fetched:
    """Fetch every page of flows and every total. ``OPTIONAL_GROUPINGS`` may be refused.

    Raises ``HalfAnswer`` if the number of flows is not FTS's count, or flows go to a part without a total. Differences
    of amounts become ``differences``.
    """
    start = f"{address}?{urlencode({'planid': plan_id, 'limit': MAX_FLOWS_OF_PAGE})}"
    received = 0

    def following(page: Answer) -> str:
        """Count the flows of a page. Return the address of the next page, empty after the last.

        Raises ``HalfAnswer`` if the pages so far hold more flows than FTS counts.
        """
        nonlocal received
        received += len(page.content["data"]["flows"])
        if received > page.content["meta"]["count"]:
            raise HalfAnswer(f"{page.url}: the pages hold more flows than FTS counts; they may go round in a circle")
        return _find_next_page(page)

    pages = api.pages(start, following, missing=partial(_find_missing, kind="flows"))
    valid = valid_flows([read_answer(_ANSWER_PATH_IN_MESSAGES, page.body) for page in pages])
    flows, repeated = valid.table, len(valid.refused)
    counts = {page.content["meta"]["count"] for page in pages}
    if repeated or counts != {len(flows)}:
        expected = " or ".join(f"{count:,}" for count in sorted(counts))
        raise HalfAnswer(
            f"{address}: the pages hold {len(flows):,} flows and {repeated:,} repetitions, FTS counts {expected}; "
            "a page is missing, or FTS changed while it was read"
        )
    for boundary in FLOW_BOUNDARIES:
        actual = int(flows["boundary"].eq(boundary).sum())
        expected = (pages[0].content["data"].get(boundary) or {}).get("flowCount", actual)
        if expected != actual:
            raise HalfAnswer(f"{address}: {actual:,} {boundary} flows, FTS counts {expected:,}")
    totals: dict[str, Answer] = {}
    for grouping in SPLIT_BY_GROUPING:
        url = f"{address}?{urlencode({'planid': plan_id, 'groupby': grouping})}"
        try:
            totals[grouping] = api.get(url, missing=partial(_find_missing, kind="totals"))
        except Refused:
            if grouping not in OPTIONAL_GROUPINGS:
                raise
    funded = funding_ledger(flows, plan_id=plan_id)
    pledged = funding_ledger(flows, plan_id=plan_id, standing="pledged")
    return Fetched(
        plan_id=plan_id,
        address=f"{address}?planid={plan_id}",
        pages=tuple(pages),
        totals=totals,
        flows=len(flows),
        funding_usd=float(funded["amount_usd"].sum()),
        pledges_usd=float(pledged["amount_usd"].sum()),
        differences=tuple(_compare_totals(totals, funded)),
    )


def _compare_totals(totals: Mapping[str, Answer], funded: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence for each part with a total and flows that differ by more than ``MAX_ROUNDING_USD``.

    Raises ``HalfAnswer`` if a part that flows go to has no row in the totals.
    """
    for grouping, answer in totals.items():
        rows = valid_totals([read_answer(_ANSWER_PATH_IN_MESSAGES, answer.body)]).table
        rows = rows[rows["part"] != ALL].dropna(subset=["funding_usd"])
        theirs = rows.groupby(rows["fts_id"].where(rows["fts_id"] != "", rows["part"]))["funding_usd"].sum()
        ours = funding_usd_by(funded, SPLIT_BY_GROUPING[grouping])
        # Every part that flows go to must have its row: FTS may leave rows out of an answer that looks complete.
        missing = [str(part) for part, dollars in ours.items() if dollars and part not in theirs.index]
        if missing:
            raise HalfAnswer(f"{answer.url}: no row for {', '.join(missing)}, to which flows go")
        for part, dollars in theirs.sub(ours, fill_value=0).items():
            if abs(dollars) > MAX_ROUNDING_USD:
                yield f"by {grouping}, {part}: FTS states {dollars:+,.0f} US$ against the sum of its flows"


def _find_next_page(page: Answer) -> str:
    """Return the address of the next page, on the mirror that was asked. Empty after the last page."""
    link = page.content["meta"].get("nextLink")
    following = urlsplit(urljoin(page.url, str(link or "")))
    if not link or following.netloc != urlsplit(BASE_ADDRESS).netloc:
        return following.geturl() if link else ""
    return urlsplit(page.url)._replace(query=following.query).geturl()


def _find_missing(answer: Answer, kind: str) -> str:
    """Return the fault of an answer of this ``kind`` (*flows* or *totals*). Empty without a fault.

    Flows need their counts. The parts of totals must add up to the whole (R4).
    """
    meta, body = (section if isinstance(section := answer.content.get(name), dict) else {} for name in ("meta", "data"))
    if kind == "flows" and not isinstance(meta.get("count"), int):
        return "the page does not say how many flows there are (meta.count)"
    try:
        rows = read_answer(_ANSWER_PATH_IN_MESSAGES, answer.body)
    except InputRefused as problem:
        return str(problem).removeprefix(f"{_ANSWER_PATH_IN_MESSAGES}: ")
    if rows.kind != kind:
        return f"the answer holds {rows.kind} instead of {kind}"
    if kind == "flows":
        counts = (facts.get("flowCount", 0) for boundary in FLOW_BOUNDARIES if (facts := body.get(boundary)))
        return "" if all(isinstance(count, int) for count in counts) else "a count of flows is no number (flowCount)"
    table = valid_totals([rows]).table
    is_total = table["grouped_by"].eq("plan") & table["part"].eq(ALL)
    for measure in ("funding_usd", "pledges_usd"):
        parts = table.loc[~is_total, measure].sum()
        total = table.loc[is_total, measure].sum()
        if abs(parts - total) > MAX_ROUNDING_USD:
            return f"its parts make {parts:,.0f}, its total is {total:,.0f} ({measure}): rows are missing"
    return ""
