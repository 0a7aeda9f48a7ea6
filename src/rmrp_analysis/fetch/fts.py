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
        return min(fts_answer.fetched for fts_answer in (*self.pages, *self.totals.values()))

    def fetching(self) -> Fetching:
        """Return what a data folder gets: every answer as it came, and the entry on funding."""
        file_name_start = f"fts-{self.plan_id}-{self.fetched:%Y%m%dT%H%M%SZ}"
        content_by_file = {
            f"{file_name_start}-flows-{page_number}.json": page_answer.body
            for page_number, page_answer in enumerate(self.pages, start=1)
        }
        content_by_file |= {
            f"{file_name_start}-by-{grouping}.json": totals_answer.body
            for grouping, totals_answer in self.totals.items()
        }
        funding_entry = {"files": list(content_by_file), "producer": PRODUCER, "url": self.address, "licence": LICENCE}
        fts_year = next((fts_year for fts_year, fts_plan in fts_plans().items() if fts_plan.id == self.plan_id), None)
        return Fetching(
            f"FTS plan {self.plan_id}", fts_year, content_by_file, {"funding": add_date(funding_entry, self.fetched)}
        )


def fetch_plan_funding(api: Api, *, plan_id: int, base_address: str = BASE_ADDRESS) -> Fetched:
    """Fetch a plan's flows, and its totals by global cluster, cluster of the plan and country.

    Totals by country may be refused; they are left out then. Raises ``HalfAnswer`` when the server fails, refuses
    anything else, or leaves anything out. Writes no file.
    """
    base_url = check_address(base_address, BASE_ADDRESS)
    # A base address may already name the version
    flow_address = base_url + ("/fts/flow" if "/v1" in urlsplit(base_url).path else "/v1/public/fts/flow")
    return api.agreeing(lambda: _fetch_whole_plan(api, flow_address, plan_id))


def _fetch_whole_plan(api: Api, address: str, plan_id: int) -> Fetched:
    """Fetch every page of flows and every total; a refusal of one of ``OPTIONAL_GROUPINGS`` is accepted.

    Raises ``HalfAnswer`` where flows are not as many as FTS counts, or go to a part without a total; where amounts
    differ, ``differences`` says so.
    """
    first_url = f"{address}?{urlencode({'planid': plan_id, 'limit': MAX_FLOWS_OF_PAGE})}"
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

    page_answers = api.pages(first_url, following, missing=partial(_find_missing, kind="flows"))
    loaded_flows = valid_flows([read_answer(_ANSWER_PATH_IN_MESSAGES, page.body) for page in page_answers])
    flows, repeated = loaded_flows.table, len(loaded_flows.refused)
    stated_flow_counts = {page.content["meta"]["count"] for page in page_answers}
    if repeated or stated_flow_counts != {len(flows)}:
        stated_count = " or ".join(f"{count:,}" for count in sorted(stated_flow_counts))
        raise HalfAnswer(
            f"{address}: the pages hold {len(flows):,} flows and {repeated:,} repetitions, FTS counts {stated_count}; "
            "a page is missing, or FTS changed while it was read"
        )
    for boundary in FLOW_BOUNDARIES:
        flow_count = int(flows["boundary"].eq(boundary).sum())
        stated_count = (page_answers[0].content["data"].get(boundary) or {}).get("flowCount", flow_count)
        if stated_count != flow_count:
            raise HalfAnswer(f"{address}: {flow_count:,} {boundary} flows, FTS counts {stated_count:,}")
    answer_by_grouping: dict[str, Answer] = {}
    for grouping in SPLIT_BY_GROUPING:
        totals_url = f"{address}?{urlencode({'planid': plan_id, 'groupby': grouping})}"
        try:
            answer_by_grouping[grouping] = api.get(totals_url, missing=partial(_find_missing, kind="totals"))
        except Refused:
            if grouping not in OPTIONAL_GROUPINGS:
                raise
    funding_table = funding_ledger(flows, plan_id=plan_id)
    pledge_table = funding_ledger(flows, plan_id=plan_id, standing="pledged")
    return Fetched(
        plan_id=plan_id,
        address=f"{address}?planid={plan_id}",
        pages=tuple(page_answers),
        totals=answer_by_grouping,
        flows=len(flows),
        funding_usd=float(funding_table["amount_usd"].sum()),
        pledges_usd=float(pledge_table["amount_usd"].sum()),
        differences=tuple(_compare_totals(answer_by_grouping, funding_table)),
    )


def _compare_totals(totals: Mapping[str, Answer], funded: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence for each part whose total and flows differ by more than ``MAX_ROUNDING_USD``.

    Raises ``HalfAnswer`` where a part that flows go to has no row in the totals.
    """
    for grouping, totals_answer in totals.items():
        fts_total_table = valid_totals([read_answer(_ANSWER_PATH_IN_MESSAGES, totals_answer.body)]).table
        fts_total_table = fts_total_table[fts_total_table["part"] != ALL].dropna(subset=["funding_usd"])
        fts_usd_series = fts_total_table.groupby(
            fts_total_table["fts_id"].where(fts_total_table["fts_id"] != "", fts_total_table["part"])
        )["funding_usd"].sum()
        flow_usd_series = funding_usd_by(funded, SPLIT_BY_GROUPING[grouping])
        # Every part that flows go to must have its row, though FTS may leave rows out of an answer that looks whole.
        missing_parts = [
            str(part) for part, dollars in flow_usd_series.items() if dollars and part not in fts_usd_series.index
        ]
        if missing_parts:
            raise HalfAnswer(f"{totals_answer.url}: no row for {', '.join(missing_parts)}, to which flows go")
        for part, dollars in fts_usd_series.sub(flow_usd_series, fill_value=0).items():
            if abs(dollars) > MAX_ROUNDING_USD:
                yield f"by {grouping}, {part}: FTS states {dollars:+,.0f} US$ against the sum of its flows"


def _find_next_page(page: Answer) -> str:
    """Return the address of the next page; empty after the last.

    An address at FTS becomes that of the mirror that was asked.
    """
    next_link = page.content["meta"].get("nextLink")
    next_url_parts = urlsplit(urljoin(page.url, str(next_link or "")))
    if not next_link or next_url_parts.netloc != urlsplit(BASE_ADDRESS).netloc:
        return next_url_parts.geturl() if next_link else ""
    return urlsplit(page.url)._replace(query=next_url_parts.query).geturl()


def _find_missing(answer: Answer, kind: str) -> str:
    """Return what is wrong with an answer of this ``kind`` (*flows* or *totals*); empty where nothing is.

    Flows need their counts; the parts of totals must add up to the whole (R4).
    """
    answer_meta, answer_data = (
        answer_section if isinstance(answer_section := answer.content.get(section_name), dict) else {}
        for section_name in ("meta", "data")
    )
    if kind == "flows" and not isinstance(answer_meta.get("count"), int):
        return "the page does not say how many flows there are (meta.count)"
    try:
        answer_rows = read_answer(_ANSWER_PATH_IN_MESSAGES, answer.body)
    except InputRefused as problem:
        return str(problem).removeprefix(f"{_ANSWER_PATH_IN_MESSAGES}: ")
    if answer_rows.kind != kind:
        return f"the answer holds {answer_rows.kind} instead of {kind}"
    if kind == "flows":
        flow_counts = (
            boundary_facts.get("flowCount", 0)
            for boundary_name in FLOW_BOUNDARIES
            if (boundary_facts := answer_data.get(boundary_name))
        )
        return (
            ""
            if all(isinstance(flow_count, int) for flow_count in flow_counts)
            else "a count of flows is no number (flowCount)"
        )
    totals_table = valid_totals([answer_rows]).table
    is_whole_plan_row = totals_table["grouped_by"].eq("plan") & totals_table["part"].eq(ALL)
    for measure in ("funding_usd", "pledges_usd"):
        parts_make = totals_table.loc[~is_whole_plan_row, measure].sum()
        total = totals_table.loc[is_whole_plan_row, measure].sum()
        if abs(parts_make - total) > MAX_ROUNDING_USD:
            return f"its parts make {parts_make:,.0f}, its total is {total:,.0f} ({measure}): rows are missing"
    return ""
