"""Tables about FTS money: HDX flow and requirement files, lists of plans, the table of a plan's page, HAPI."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from python_calamine import CalamineError

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.fts import names
from rmrp_analysis.loaders.fts.answers import NOTHING_KNOWN
from rmrp_analysis.loaders.fts.content import is_workbook
from rmrp_analysis.loaders.fts.valid import Fault, Rows
from rmrp_analysis.tables import STATUSES
from rmrp_analysis.vocabulary import (
    ALL,
    FTS_COUNTRY_SPELLINGS,
    FTS_PLAN_NAMES,
    FTS_SECTOR_SPELLINGS,
    GLOBAL_CLUSTERS,
    NOT_SPECIFIED,
    SECTOR_OF_GLOBAL_CLUSTER,
    SHARED,
    fold,
)

Cells = Mapping[str, str]
Record = dict[str, Any]
HEADER_WITHIN = 10
"""Website exports have up to three lines above their header."""

SEVERAL = "Multiple"
"""What HDX writes for several values where it lists none."""


@dataclass(frozen=True)
class Layout:
    """A kind of table: the headers that it is known by, and what a row of it says."""

    name: str
    headers: tuple[str, ...]
    of: Literal["flows", "totals"]
    record: Callable[[Cells], Record]


def read_spreadsheet(path: Path, content: bytes) -> Rows:
    """The rows of any table about money. Raises ``InputRefused`` when it is damaged or none of the known ones."""
    layout, header, body = _recognised(path, list(_lines(path, content)))
    records, faults = [], []
    for number, cells in body:
        try:
            record = layout.record(_by_header(header, cells))
            records.append({"source_file": path.name, "source_line": number, **record})
        except Unusable as problem:
            faults.append(Fault(path.name, number, problem.column, problem.check, problem.found, problem.allowed))
    return Rows(layout.of, _by_known_clusters(records), faults)


class Unusable(Exception):
    """A cell for which its row cannot be used."""

    def __init__(self, column: str, found: str, allowed: str) -> None:
        super().__init__(column, found, allowed)
        self.column, self.found, self.allowed = column, found, allowed

    @property
    def check(self) -> str:
        """The name of the rule that the cell breaks."""
        return "not_number" if self.allowed == A_NUMBER else "not_allowed" if self.found else "empty"


A_NUMBER = "a number"


def _lines(path: Path, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each record's cells with the line a spreadsheet shows it on: a cell may hold line breaks."""
    try:
        rows = _workbook_rows(content) if is_workbook(content) else _text_rows(content)
        for number, cells in enumerate(rows, start=1):
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield number, stripped
    except (csv.Error, CalamineError, zipfile.BadZipFile, ValueError) as problem:
        raise InputRefused(f"{path}: cannot be read as a table ({problem}); {_expected()}") from None


def _text_rows(content: bytes) -> Iterator[list[str]]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    yield from csv.reader(text, strict=True)


def _workbook_rows(content: bytes) -> Iterator[list[str]]:
    sheet = pd.read_excel(io.BytesIO(content), engine="calamine", header=None, dtype="object", keep_default_na=False)
    for row in sheet.itertuples(index=False):
        yield ["" if cell is None else str(cell) for cell in row]


def _recognised(
    path: Path, lines: Sequence[tuple[int, list[str]]]
) -> tuple[Layout, list[str], Iterable[tuple[int, list[str]]]]:
    """The table's layout, its header, and its rows without a row of HXL tags."""
    for place, (_, cells) in enumerate(lines[:HEADER_WITHIN]):
        header = [_header(cell) for cell in cells]
        layout = next((one for one in LAYOUTS if {_header(name) for name in one.headers} <= set(header)), None)
        if layout is not None:
            return layout, header, [line for line in lines[place + 1 :] if not _is_hxl(line[1])]
    found = ", ".join(lines[0][1][:12]) if lines else "nothing"
    raise InputRefused(f"{path}: is no table that is read (it begins with: {found}); {_expected()}")


def _by_header(header: Sequence[str], cells: Sequence[str]) -> Cells:
    if len(cells) > len(header):
        raise Unusable("row", " | ".join(cells[len(header) :]), f"{len(header)} cells, as in the header")
    return dict(zip(header, cells, strict=False))


def _header(text: str) -> str:
    return fold(text.removesuffix("US$"))


def _is_hxl(cells: Sequence[str]) -> bool:
    """HXL tags: every cell begins with ``#``. A ``#`` elsewhere in a row is text."""
    return all(cell.startswith("#") for cell in cells if cell)


def _expected() -> str:
    kinds = "; ".join(f"{layout.name} ({', '.join(layout.headers)} …)" for layout in LAYOUTS)
    return f"expected an answer of the FTS API as JSON, or one of these tables: {kinds}"


def _amount(cells: Cells, header: str) -> float:
    try:
        return names.amount(cells.get(_header(header), ""))
    except ValueError:
        raise Unusable(header, cells[_header(header)], A_NUMBER) from None


def _text(cells: Cells, header: str) -> str:
    return names.name(cells.get(_header(header), ""))


def _plan(cells: Cells, header: str = "name") -> Record:
    """The plan by its id; a table that writes none is joined by the plan's name."""
    plan_name = _text(cells, header)
    return NOTHING_KNOWN | {
        "plan_id": names.identifier(cells.get("id", "")) or str(FTS_PLAN_NAMES.get(fold(plan_name), "")),
        "plan_name": plan_name,
        "plan_year": _text(cells, "year"),
    }


def _hdx_country(cells: Cells) -> Record:
    code = _text(cells, "countryCode")
    return _plan(cells) | {
        "grouped_by": "country",
        "part": FTS_COUNTRY_SPELLINGS.get(fold(code), code) or NOT_SPECIFIED,
        "fts_name": code,
        "requirement_usd": _amount(cells, "requirements"),
        "funding_usd": _amount(cells, "funding"),
    }


def _hdx_cluster(cells: Cells) -> Record:
    return _plan(cells) | {
        "grouped_by": "cluster",
        "part": _own_cluster(_text(cells, "cluster")),
        "fts_id": names.identifier(_text(cells, "clusterCode")),
        "fts_name": _text(cells, "cluster"),
        "requirement_usd": _amount(cells, "requirements"),
        "funding_usd": _amount(cells, "funding"),
    }


def _cluster_part(cluster: str) -> str:
    return FTS_SECTOR_SPELLINGS.get(fold(cluster), cluster)


def _own_cluster(cluster: str) -> str:
    """A plan's own cluster keeps its name, though it may be spelt like one of our sectors."""
    known = _cluster_part(cluster)
    return known if known in (NOT_SPECIFIED, SHARED) else cluster


def _by_known_clusters(records: list[Record]) -> list[Record]:
    """HDX writes clusters of plans and global clusters alike: global ones when FTS knows every id as one."""
    ids = {record["fts_id"] for record in records if record.get("grouped_by") == "cluster"} - {""}
    if not ids or not ids <= {str(number) for number in GLOBAL_CLUSTERS}:
        return records
    return [
        record | {"grouped_by": "sector", "part": SECTOR_OF_GLOBAL_CLUSTER.get(int(record["fts_id"]), record["part"])}
        if record["fts_id"]
        else record | {"grouped_by": "sector"}
        for record in records
    ]


def _plan_page(cells: Cells) -> Record:
    cluster = _text(cells, "cluster") or _text(cells, "cluster/sector")
    whole = fold(cluster) == "total"
    return _plan(cells, "plan_name") | {
        "grouped_by": "plan" if whole else "sector",
        "part": ALL if whole else _cluster_part(cluster),
        "fts_id": names.global_cluster(cluster),
        "fts_name": cluster,
        "requirement_usd": _amount(cells, "Current requirements US$"),
        "original_requirement_usd": _amount(cells, "Original requirements US$"),
        "funding_usd": _amount(cells, "Funding US$"),
        "pledges_usd": _amount(cells, "Pledges US$"),
    }


def _hdx_plan(cells: Cells) -> Record:
    """A plan of HDX's list, whose ``internalId`` is not the plan's id."""
    plan_name = _text(cells, "planVersion")
    years = names.listed(_text(cells, "years"))
    return NOTHING_KNOWN | {
        "plan_id": str(FTS_PLAN_NAMES.get(fold(plan_name), "")),
        "plan_name": plan_name,
        "plan_year": years[0] if len(years) == 1 else "",
        "grouped_by": "plan",
        "part": ALL,
        "fts_name": _text(cells, "code"),
        "requirement_usd": _amount(cells, "revisedRequirements"),
        "original_requirement_usd": _amount(cells, "origRequirements"),
    }


def _hapi(cells: Cells) -> Record:
    if _text(cells, "error"):
        raise Unusable("error", _text(cells, "error"), "empty; HAPI itself leaves such rows out")
    plan_name = _text(cells, "appeal_name")
    return _hdx_country({**cells, "countrycode": cells["location_code"], "requirements": "", "funding": ""}) | {
        "plan_id": str(FTS_PLAN_NAMES.get(fold(plan_name), "")),
        "plan_name": plan_name,
        "plan_year": _text(cells, "reference_period_start")[:4],
        "requirement_usd": _amount(cells, "requirements_usd"),
        "funding_usd": _amount(cells, "funding_usd"),
    }


def _hdx_flow(cells: Cells) -> Record:
    """A flow of an HDX file, which has no ids of organisations and no source plan.

    Its ``internal`` rows stay within one country; they are read as passed on inside their plan, since FTS counts them
    in no country's money.
    """
    status, flow_id, dollars = _text(cells, "status"), _text(cells, "id"), _amount(cells, "amountUSD")
    if status not in STATUSES:
        raise Unusable("status", status, ", ".join(STATUSES))
    if not flow_id or dollars != dollars:
        raise Unusable("id" if not flow_id else "amountUSD", "", "not empty")
    plans = _several(_text(cells, "destPlanId"))
    clusters = names.cluster_names(cells.get("destglobalclusters", ""))
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
        **_hdx_side("destination", cells, "dest", plans, clusters),
    }


def _hdx_side(
    side: str, cells: Cells, prefix: str, plans: tuple[str, ...], clusters: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    places = names.listed(_text(cells, f"{prefix}Locations"))
    organisations = _several(_text(cells, f"{prefix}Organization"))
    lists: dict[str, tuple[str, ...]] = {
        "plans": plans,
        "clusters": (),
        "cluster_names": (),
        "global_clusters": tuple(names.global_cluster(cluster) or cluster for cluster in clusters),
        "global_cluster_names": clusters,
        "sectors": tuple(dict.fromkeys(map(_cluster_part, clusters))),
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


LAYOUTS = (
    Layout("HDX flows", ("id", "amountUSD", "status", "destPlanId", "destGlobalClusters"), "flows", _hdx_flow),
    Layout(
        "HDX requirements by cluster", ("id", "name", "clusterCode", "requirements", "funding"), "totals", _hdx_cluster
    ),
    Layout("HDX requirements by country", ("countryCode", "id", "requirements", "funding"), "totals", _hdx_country),
    Layout("HDX list of plans", ("code", "internalId", "planVersion", "revisedRequirements"), "totals", _hdx_plan),
    Layout("FTS plan page", ("Cluster", "Current requirements US$", "Funding US$"), "totals", _plan_page),
    Layout("FTS plan page", ("Cluster/Sector", "Current requirements US$", "Funding US$"), "totals", _plan_page),
    Layout("HAPI funding", ("location_code", "appeal_code", "requirements_usd", "funding_usd"), "totals", _hapi),
)
