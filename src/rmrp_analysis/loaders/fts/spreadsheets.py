"""Tables about FTS money: HDX flow and requirement files, lists of plans, the table of a plan's page, HAPI."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.cells import read_cells_of_any_name
from rmrp_analysis.loaders.fts import names
from rmrp_analysis.loaders.fts.rows import NOTHING_KNOWN, Record, Rows
from rmrp_analysis.loaders.tabular import fault_rows
from rmrp_analysis.vocabulary import (
    ALL,
    FTS_COUNTRY_SPELLINGS,
    FTS_PLAN_NAMES,
    FTS_SECTOR_SPELLINGS,
    FUNDING_STATUSES,
    GLOBAL_CLUSTERS,
    NOT_SPECIFIED,
    SECTOR_OF_GLOBAL_CLUSTER,
    SHARED,
    fold,
)

Cells = Mapping[str, str]
SPARE_CELLS = 64
"""A row may have so many cells more than its header; it is refused then, and not its whole file."""

SEVERAL = "Multiple"
"""What HDX writes for several values where it lists none."""


class Unusable(Exception):
    """A cell for which its row cannot be used."""

    def __init__(self, column: str, check: str, value: str, allowed: str) -> None:
        super().__init__(column, check, value, allowed)
        self.fault = (column, check, [value], allowed)


@dataclass(frozen=True)
class Layout:
    """A kind of table: the headers that it is known by, and what a row of it says."""

    name: str
    headers: tuple[str, ...]
    record: Callable[[Cells], Record]
    kind: Literal["flows", "totals"] = "totals"

    def fits(self, row: Iterable[str]) -> bool:
        """Whether a row of cells is the header of such a table."""
        return set(map(_header, self.headers)) <= set(map(_header, row))


def read_spreadsheet(path: Path) -> Rows:
    """The rows of any table about money. Raises ``InputRefused`` when it is damaged or none of the known ones."""
    cells = read_cells_of_any_name(path, lambda row: _layout(row) is not None, spare=SPARE_CELLS)
    header = [str(name) for name in cells.columns if isinstance(name, str)]
    layout = _layout(header)
    if layout is None:
        kinds = "; ".join(f"{layout.name} ({', '.join(layout.headers)} …)" for layout in LAYOUTS)
        raise InputRefused(
            f"{path}: is no table that is read (it begins with: {', '.join(header[:12])}); expected an answer of the "
            f"FTS API as JSON, or one of these tables: {kinds}"
        )
    records, faults = [], []
    for line, *row in cells.itertuples(name=None):
        filled = [cell for cell in row if cell]
        if not filled or all(cell.startswith("#") for cell in filled):  # nothing, or HXL tags
            continue
        try:
            record = layout.record(_by_header(header, row))
            records.append({"source_file": path.name, "source_line": line, **record})
        except Unusable as problem:
            faults.append(fault_rows(path.name, line, *problem.fault))
    return Rows(layout.kind, _by_known_clusters(records), pd.concat(faults) if faults else None)


def _layout(row: Sequence[str]) -> Layout | None:
    return next((layout for layout in LAYOUTS if layout.fits(row)), None)


def _by_header(header: Sequence[str], row: Sequence[str]) -> Cells:
    beyond = " | ".join(cell for cell in row[len(header) :] if cell)
    if beyond:
        raise Unusable("row", "not_allowed", beyond, f"{len(header)} cells, as in the header")
    return dict(zip(map(_header, header), row, strict=False))


def _header(text: str) -> str:
    return fold(text.removesuffix("US$"))


def _text(cells: Cells, header: str) -> str:
    return names.name(cells.get(_header(header), ""))


def _amount(cells: Cells, header: str) -> float:
    text = cells.get(_header(header), "")
    try:
        return names.amount(text)
    except ValueError:
        raise Unusable(header, "not_number", text, "a number") from None


def _totals(grouped_by: str, part: Callable[[str], str], **columns: str) -> Callable[[Cells], Record]:
    """Reads a row of totals: ``columns`` says where each of our columns stands, ``part`` names a part as we do.

    A plan is known by its id; where a table writes none, by its name.
    """

    def record(cells: Cells) -> Record:
        if error := _text(cells, "error"):
            raise Unusable("error", "not_allowed", error, "empty; HAPI itself leaves such rows out")
        amounts = {name: _amount(cells, header) for name, header in columns.items() if name.endswith("_usd")}
        texts = {name: _text(cells, header) for name, header in columns.items() if name not in amounts}
        years, name = names.listed(texts.get("plan_year", "")), texts["fts_name"]
        fts_id = names.global_cluster(name) if grouped_by == "sector" else names.identifier(texts.get("fts_id", ""))
        by_name = FTS_PLAN_NAMES.get(fold(texts.get("plan_name", "")), "")
        ours = {
            "plan_id": names.identifier(texts.get("plan_id", "")) or str(by_name),
            "plan_year": years[0][:4] if len(years) == 1 else "",
            "grouped_by": grouped_by,
            "part": part(name),
            "fts_id": fts_id,
        }
        whole = {"grouped_by": "plan", "part": ALL} if fold(name) == "total" else {}
        return {**NOTHING_KNOWN, **texts, **amounts, **ours, **whole}

    return record


def _country(code: str) -> str:
    return FTS_COUNTRY_SPELLINGS.get(fold(code), code) or NOT_SPECIFIED


def _sector(cluster: str) -> str:
    return FTS_SECTOR_SPELLINGS.get(fold(cluster), cluster)


def _own_cluster(cluster: str) -> str:
    """A plan's own cluster keeps its name, though it may be spelt like one of our sectors."""
    known = _sector(cluster)
    return known if known in (NOT_SPECIFIED, SHARED) else cluster


def _by_known_clusters(records: list[Record]) -> list[Record]:
    """HDX writes clusters of plans and global clusters alike: global ones when FTS knows every id as one."""
    ids = {record["fts_id"] for record in records if record.get("grouped_by") == "cluster"} - {""}
    if not ids or not ids <= {str(number) for number in GLOBAL_CLUSTERS}:
        return records
    sectors = {str(number): sector for number, sector in SECTOR_OF_GLOBAL_CLUSTER.items()}
    return [
        record | {"grouped_by": "sector", "part": sectors.get(record["fts_id"], record["part"])} for record in records
    ]


def _hdx_flow(cells: Cells) -> Record:
    """A flow of an HDX file, which has no ids of organisations and no source plan.

    Its ``internal`` rows stay within one country; they are read as passed on inside their plan, since FTS counts them
    in no country's money.
    """
    status, flow_id, dollars = _text(cells, "status"), _text(cells, "id"), _amount(cells, "amountUSD")
    if status not in FUNDING_STATUSES:
        raise Unusable("status", "not_allowed" if status else "empty", status, ", ".join(FUNDING_STATUSES))
    if not flow_id or dollars != dollars:
        raise Unusable("amountUSD" if flow_id else "id", "empty", "", "not empty")
    plans = _several(_text(cells, "destPlanId"))
    inside = _text(cells, "boundary") == "internal"
    return {
        "flow_id": flow_id,
        "amount_usd": dollars,
        "status": status,
        "date": _text(cells, "date"),
        "flow_type": _text(cells, "flowType"),
        "contribution_type": _text(cells, "contributionType"),
        "boundary": _text(cells, "boundary"),
        "on_boundary": _text(cells, "onBoundary"),
        **_hdx_side("source", cells, "src", plans if inside else (), ()),
        **_hdx_side("destination", cells, "dest", plans, names.cluster_names(_text(cells, "destGlobalClusters"))),
    }


def _hdx_side(side: str, cells: Cells, prefix: str, plans: tuple[str, ...], clusters: tuple[str, ...]) -> Record:
    places = names.listed(_text(cells, f"{prefix}Locations"))
    organisations = _several(_text(cells, f"{prefix}Organization"))
    lists = {
        "plans": plans,
        "clusters": (),
        "cluster_names": (),
        "global_clusters": tuple(names.global_cluster(cluster) or cluster for cluster in clusters),
        "global_cluster_names": clusters,
        "sectors": tuple(dict.fromkeys(map(_sector, clusters))),
        "locations": places,
        "location_names": places,
        "countries": tuple(FTS_COUNTRY_SPELLINGS.get(fold(place), place) for place in places),
        "organisations": tuple(map(fold, organisations)),
        "organisation_names": organisations,
        "overlaps": (),
    }
    return {f"{side}_{kind}": values for kind, values in lists.items()}


def _several(text: str) -> tuple[str, ...]:
    return (SEVERAL, SEVERAL) if text == SEVERAL else (text,) if text else ()


PLAN = {"plan_id": "id", "plan_year": "year"}
MONEY = {"requirement_usd": "requirements", "funding_usd": "funding"}
PLAN_PAGE = PLAN | {
    "plan_name": "plan_name",
    "requirement_usd": "Current requirements US$",
    "original_requirement_usd": "Original requirements US$",
    "funding_usd": "Funding US$",
    "pledges_usd": "Pledges US$",
}
HAPI = {"plan_name": "appeal_name", "plan_year": "reference_period_start"} | {
    name: f"{header}_usd" for name, header in MONEY.items()
}
HDX_LIST = {  # whose ``internalId`` is not the plan's id
    "plan_name": "planVersion",
    "plan_year": "years",
    "requirement_usd": "revisedRequirements",
    "original_requirement_usd": "origRequirements",
}
LAYOUTS = (
    Layout("HDX flows", ("id", "amountUSD", "status", "destPlanId", "destGlobalClusters"), _hdx_flow, "flows"),
    Layout(
        "HDX requirements by cluster",
        ("id", "name", "clusterCode", "requirements", "funding"),
        _totals("cluster", _own_cluster, **PLAN, **MONEY, plan_name="name", fts_id="clusterCode", fts_name="cluster"),
    ),
    Layout(
        "HDX requirements by country",
        ("countryCode", "id", "requirements", "funding"),
        _totals("country", _country, **PLAN, **MONEY, plan_name="name", fts_name="countryCode"),
    ),
    Layout(
        "HDX list of plans",
        ("code", "internalId", "planVersion", "revisedRequirements"),
        _totals("plan", lambda _: ALL, **HDX_LIST, fts_name="code"),
    ),
    *(
        Layout(
            "FTS plan page",
            (cluster, "Current requirements US$", "Funding US$"),
            _totals("sector", _sector, **PLAN_PAGE, fts_name=cluster),
        )
        for cluster in ("Cluster", "Cluster/Sector")
    ),
    Layout(
        "HAPI funding",
        ("location_code", "appeal_code", "requirements_usd", "funding_usd"),
        _totals("country", _country, **HAPI, fts_name="location_code"),
    ),
)
