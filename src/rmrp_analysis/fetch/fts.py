"""One plan's money from the API of OCHA's Financial Tracking Service: its flows, and FTS's own totals beside them.

Nothing is written before every answer is there and fits the others: pages must hold as many flows as FTS counts, parts
must add up to their total, and no part that money went to may be missing.
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
"""The address of FTS's API."""
PRODUCER, LICENCE = "OCHA Financial Tracking Service", "cc-by-igo"
"""The producer and the licence that an entry of ``sources.yml`` names for funding."""
MAX_FLOWS_OF_PAGE = 1000
"""How many flows a page has at most."""
SPLIT_BY_GROUPING: Mapping[str, Split] = {
    "globalcluster": "global_cluster",
    "cluster": "cluster",
    "location": "location",
}
"""How our ledger is split, by the grouping that FTS calls the same."""

OPTIONAL_GROUPINGS = frozenset({"location"})
"""Groupings that a server need not have: sectors are known without the country."""

FLOW_BOUNDARIES = ("incoming", "internal", "outgoing")
"""Where flows cross the boundary of a plan, as FTS calls it."""
MAX_ROUNDING_USD = 1
"""US$ by which sums of rounded dollars may differ."""

_ANSWER_PATH_IN_MESSAGES = Path("the answer")
"""The name of an answer in messages of its reader, which expects a file."""


@dataclass(frozen=True)
class Fetched:
    """One plan's money as FTS states it, every answer whole and fitting the others. Amounts in USD, net, as FTS counts.

    ``differences`` says where FTS's own totals are not those of its flows.
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
        """The groupings of ``SPLIT_BY_GROUPING`` of which the server gave no totals."""
        return tuple(grouping for grouping in SPLIT_BY_GROUPING if grouping not in self.totals)

    @property
    def fetched(self) -> datetime:
        """When the oldest of the answers was fetched."""
        return min(answer.fetched for answer in (*self.pages, *self.totals.values()))

    def fetching(self) -> Fetching:
        """Return what a data folder gets: every answer as it came, and the entry on funding."""
        opening = f"fts-{self.plan_id}-{self.fetched:%Y%m%dT%H%M%SZ}"
        files = {f"{opening}-flows-{number}.json": page.body for number, page in enumerate(self.pages, start=1)}
        files |= {f"{opening}-by-{grouping}.json": answer.body for grouping, answer in self.totals.items()}
        about = {"files": list(files), "producer": PRODUCER, "url": self.address, "licence": LICENCE}
        year = next((year for year, fts_plan in fts_plans().items() if fts_plan.id == self.plan_id), None)
        return Fetching(f"FTS plan {self.plan_id}", year, files, {"funding": add_date(about, self.fetched)})


def fetch_plan_funding(api: Api, *, plan_id: int, base_address: str = BASE_ADDRESS) -> Fetched:
    """Fetch a plan's flows, and its totals by global cluster, cluster of the plan and country.

    Totals by country may be refused; they are left out then. Raises ``HalfAnswer`` when the server fails, refuses
    anything else, or leaves anything out. Writes no file.
    """
    base = check_address(base_address, BASE_ADDRESS)
    # A base address may already name the version
    address = base + ("/fts/flow" if "/v1" in urlsplit(base).path else "/v1/public/fts/flow")
    return api.agreeing(lambda: _fetch_whole_plan(api, address, plan_id))


def _fetch_whole_plan(api: Api, address: str, plan_id: int) -> Fetched:
    """Fetch every page of flows and every total; a refusal of one of ``OPTIONAL_GROUPINGS`` is accepted.

    Raises ``HalfAnswer`` where flows are not as many as FTS counts, or go to a part without a total; where amounts
    differ, ``differences`` says so.
    """
    first = f"{address}?{urlencode({'planid': plan_id, 'limit': MAX_FLOWS_OF_PAGE})}"
    flow_count_so_far = 0

    def following(page: Answer) -> str:
        """Count the flows of a page; return the address of the next page, empty after the last.

        Raises ``HalfAnswer`` where the pages so far hold more flows than FTS counts.
        """
        nonlocal flow_count_so_far
        flow_count_so_far += len(page.content["data"]["flows"])
        if flow_count_so_far > page.content["meta"]["count"]:
            raise HalfAnswer(f"{page.url}: the pages hold more flows than FTS counts; they may go round in a circle")
        return _find_next_page(page)

    pages = api.pages(first, following, missing=partial(_find_missing, kind="flows"))
    valid = valid_flows([read_answer(_ANSWER_PATH_IN_MESSAGES, page.body) for page in pages])
    flows, repeated = valid.table, len(valid.refused)
    counts = {page.content["meta"]["count"] for page in pages}
    if repeated or counts != {len(flows)}:
        stated_count = " or ".join(f"{count:,}" for count in sorted(counts))
        raise HalfAnswer(
            f"{address}: the pages hold {len(flows):,} flows and {repeated:,} repetitions, FTS counts {stated_count}; "
            "a page is missing, or FTS changed while it was read"
        )
    for boundary in FLOW_BOUNDARIES:
        flow_count = int(flows["boundary"].eq(boundary).sum())
        stated_count = (pages[0].content["data"].get(boundary) or {}).get("flowCount", flow_count)
        if stated_count != flow_count:
            raise HalfAnswer(f"{address}: {flow_count:,} {boundary} flows, FTS counts {stated_count:,}")
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
    """Yield a sentence for each part whose total and flows differ by more than ``MAX_ROUNDING_USD``.

    Raises ``HalfAnswer`` where a part that flows go to has no row in the totals.
    """
    for grouping, answer in totals.items():
        rows = valid_totals([read_answer(_ANSWER_PATH_IN_MESSAGES, answer.body)]).table
        rows = rows[rows["part"] != ALL].dropna(subset=["funding_usd"])
        theirs = rows.groupby(rows["fts_id"].where(rows["fts_id"] != "", rows["part"]))["funding_usd"].sum()
        ours = funding_usd_by(funded, SPLIT_BY_GROUPING[grouping])
        # Every part that flows go to must have its row, though FTS may leave rows out of an answer that looks whole.
        gone = [str(part) for part, dollars in ours.items() if dollars and part not in theirs.index]
        if gone:
            raise HalfAnswer(f"{answer.url}: no row for {', '.join(gone)}, to which flows go")
        for part, dollars in theirs.sub(ours, fill_value=0).items():
            if abs(dollars) > MAX_ROUNDING_USD:
                yield f"by {grouping}, {part}: FTS states {dollars:+,.0f} US$ against the sum of its flows"


def _find_next_page(page: Answer) -> str:
    """Return the address of the next page; empty after the last.

    An address at FTS becomes that of the mirror that was asked.
    """
    link = page.content["meta"].get("nextLink")
    following = urlsplit(urljoin(page.url, str(link or "")))
    if not link or following.netloc != urlsplit(BASE_ADDRESS).netloc:
        return following.geturl() if link else ""
    return urlsplit(page.url)._replace(query=following.query).geturl()


def _find_missing(answer: Answer, kind: str) -> str:
    """Return what is wrong with an answer of this ``kind`` (*flows* or *totals*); empty where nothing is.

    Flows need their counts; the parts of totals must add up to the whole (R4).
    """
    meta, body = (part if isinstance(part := answer.content.get(name), dict) else {} for name in ("meta", "data"))
    if kind == "flows" and not isinstance(meta.get("count"), int):
        return "the page does not say how many flows there are (meta.count)"
    try:
        rows = read_answer(_ANSWER_PATH_IN_MESSAGES, answer.body)
    except InputRefused as problem:
        return str(problem).removeprefix(f"{_ANSWER_PATH_IN_MESSAGES}: ")
    if rows.kind != kind:
        return f"the answer holds {rows.kind} instead of {kind}"
    if kind == "flows":
        counts = (
            boundary_facts.get("flowCount", 0) for boundary in FLOW_BOUNDARIES if (boundary_facts := body.get(boundary))
        )
        return "" if all(isinstance(count, int) for count in counts) else "a count of flows is no number (flowCount)"
    table = valid_totals([rows]).table
    is_whole_plan_row = table["grouped_by"].eq("plan") & table["part"].eq(ALL)
    for measure in ("funding_usd", "pledges_usd"):
        parts_make = table.loc[~is_whole_plan_row, measure].sum()
        total = table.loc[is_whole_plan_row, measure].sum()
        if abs(parts_make - total) > MAX_ROUNDING_USD:
            return f"its parts make {parts_make:,.0f}, its total is {total:,.0f} ({measure}): rows are missing"
    return ""
