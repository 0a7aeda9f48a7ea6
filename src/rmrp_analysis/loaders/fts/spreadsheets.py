"""Tables about FTS money: HDX flow and requirement files, lists of plans, the table of a plan's page, HAPI."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.content import suffix_by_content
from rmrp_analysis.loaders.fts import rows
from rmrp_analysis.loaders.fts.rows import FLOW_TEXTS, Record, Rows
from rmrp_analysis.loaders.notation import POINT, TwoWays
from rmrp_analysis.loaders.read import texts_of
from rmrp_analysis.loaders.table import cells_by_text, reads_two_ways
from rmrp_analysis.sources import Reading
from rmrp_analysis.vocabulary import (
    ALL,
    FUNDING_STATUSES,
    GLOBAL_CLUSTERS,
    NOT_SPECIFIED,
    SHARED,
    fold,
    fts_plan_names,
    headers_of,
    plan_lists,
)

Row = Mapping[str, Any]
"""The texts and amounts of a row by our names of their columns; a column that the file does not have is not there."""

SPARE_CELLS = 64
"""A row may have so many cells more than its header; it is refused then, and not its whole file."""

SEVERAL = "Multiple"
"""What HDX writes for several values where it lists none."""


class Unusable(Exception):
    """A cell for which its row cannot be used."""

    def __init__(self, column: str, check: str, value: str, allowed: str) -> None:
        super().__init__(column, check, value, allowed)
        self.column, self.details = column, (check, value, allowed)


@dataclass(frozen=True)
class Layout:
    """A kind of table: its name in ``general_headers.csv``, the columns it is known by, and what a row says."""

    name: str
    known_by: tuple[str, ...]
    record: Callable[[Row], Record]
    kind: Literal["flows", "totals"] = "totals"

    def headers(self, row: Iterable[str]) -> dict[str, str]:
        """Return the header of each of our columns among the cells of a row; empty where the row is no such header."""
        cells = {_normalise_header(cell): cell for cell in row}
        options = {column: map(_normalise_header, headers) for column, headers in headers_of(self.name).items()}
        matches = {
            column: next((cells[key] for key in known_headers if key in cells), "")
            for column, known_headers in options.items()
        }
        is_layout = all(map(matches.get, self.known_by))
        return {column: cell for column, cell in matches.items() if cell} if is_layout else {}


def read_spreadsheet(path: Path, reading: Reading) -> Rows:
    """Return the rows of any table about money.

    Raises ``InputRefused`` when it is damaged, none of the known ones, or writes amounts that read two ways.
    """
    suffix = suffix_by_content(path)
    texts_sent = next(
        texts_of(path, suffix, lambda row: any(layout.headers(row) for layout in LAYOUTS), reading, spare=SPARE_CELLS)
    )
    cells = texts_sent.table
    columns: list[Any] = list(cells.columns)
    beyond = [name for name in columns if isinstance(name, int)]
    header = columns[: len(columns) - len(beyond)]
    layout = next((layout for layout in LAYOUTS if layout.headers(header)), None)
    if layout is None:
        described = "; ".join(
            f"{layout.name} ({', '.join(headers_of(layout.name)[column][0] for column in layout.known_by)} …)"
            for layout in LAYOUTS
        )
        raise InputRefused(
            f"{path}: is no table that is read (it begins with: {', '.join(header[:12])}); expected an answer of the "
            f"FTS API as JSON, or one of these tables: {described}"
        )
    headers = layout.headers(header)
    as_numbers = {name: frozenset(lines) for name, lines in texts_sent.decimals.items()}
    money = {theirs: cells[theirs] for column, theirs in headers.items() if column.endswith("_usd")}
    texts = pd.concat(
        [column[~column.index.isin(as_numbers.get(name, ()))].astype("str") for name, column in money.items()]
    )
    try:
        notation = reading.numbers or rows.notation(texts.unique())
    except TwoWays as problem:
        raise reads_two_ways(path, "the amounts read", problem, cells_by_text(texts)) from None
    records, faults = [], []
    for line, row in zip(map(int, cells.index), cells.to_dict("records"), strict=True):
        filled = [cell for cell in row.values() if cell]
        if not filled or all(cell.startswith("#") for cell in filled):  # nothing, or HXL tags
            continue
        try:
            if extra := " | ".join(row[name] for name in beyond if row[name]):
                raise Unusable("row", "not_allowed", extra, f"{len(header)} cells, as in the header")  # noqa: TRY301
            ours: dict[str, Any] = {column: row[theirs] for column, theirs in headers.items()}
            if ours.get("error"):
                raise Unusable("error", "not_allowed", ours["error"], "empty; HAPI itself leaves such rows out")  # noqa: TRY301
            for column, theirs in headers.items():
                if theirs in money:
                    typed = line in as_numbers.get(theirs, ())
                    ours[column] = _amount(column, row[theirs], POINT if typed else notation)
            records.append({"source_file": path.name, "source_line": line, **layout.record(ours)})
        except Unusable as problem:
            column = headers.get(problem.column, problem.column)
            faults.append((path.name, line, column, *problem.details))
    return Rows(layout.kind, _by_known_clusters(records), faults)


def _normalise_header(header: str) -> str:
    return fold(header.removesuffix("US$"))


def _amount(column: str, text: str, notation: str) -> float:
    try:
        return rows.amount(text, notation)
    except ValueError:
        raise Unusable(column, "not_number", text, "a number") from None


def _totals(grouped_by: str, part: Callable[[str], str]) -> Callable[[Row], Record]:
    """Return a reader of rows of totals; ``part`` turns FTS's name of a part into ours.

    A plan is known by its id, or else by its name.
    """

    def record(row: Row) -> Record:
        amounts = {column: dollars for column, dollars in row.items() if column.endswith("_usd")}
        texts = {column: rows.name(row.get(column, "")) for column in ("plan_name", "fts_name")}
        fts_id = rows.identifier(row.get("fts_id", ""))
        years = rows.split_codes(row.get("plan_year", ""))
        by_name = fts_plan_names().get(fold(texts["plan_name"]), "")
        ours = {
            "plan_id": rows.identifier(row.get("plan_id", "")) or str(by_name),
            "plan_year": years[0][:4] if len(years) == 1 else "",
            "grouped_by": grouped_by,
            "part": part(texts["fts_name"]),
            "fts_id": rows.global_cluster(texts["fts_name"]) if grouped_by == "sector" else fts_id,
        }
        whole = {"grouped_by": "plan", "part": ALL} if fold(texts["fts_name"]) == "total" else {}
        return {**texts, **amounts, **ours, **whole}

    return record


def _country(code: str) -> str:
    return plan_lists().fts_country_spellings.get(fold(code), code) or NOT_SPECIFIED


def _sector(cluster: str) -> str:
    return plan_lists().fts_sector_spellings.get(fold(cluster), cluster)


def _by_known_clusters(records: list[Record]) -> list[Record]:
    """Group records by sector where every cluster is a global one: HDX writes those and plan clusters alike."""
    ids = {record["fts_id"] for record in records if record.get("grouped_by") == "cluster"} - {""}
    if not ids or not ids <= {str(number) for number in GLOBAL_CLUSTERS}:
        return records
    sectors = {str(number): sector for number, sector in plan_lists().sector_of_global_cluster.items()}
    return [
        record | {"grouped_by": "sector", "part": sectors.get(record["fts_id"], record["part"])} for record in records
    ]


def _hdx_flow(row: Row) -> Record:
    """Return a flow of an HDX file, which has no ids of organisations and no source plan.

    Its ``internal`` rows stay within one country; they are read as passed on inside their plan, since FTS counts them
    in no country's money.
    """
    texts = {column: rows.name(row.get(column, "")) for column in ("flow_id", "status", *FLOW_TEXTS)}
    dollars = row["amount_usd"]
    if texts["status"] not in FUNDING_STATUSES:
        check = "not_allowed" if texts["status"] else "empty"
        raise Unusable("status", check, texts["status"], ", ".join(FUNDING_STATUSES))
    if not texts["flow_id"] or dollars != dollars:
        raise Unusable("amount_usd" if texts["flow_id"] else "flow_id", "empty", "", "not empty")
    plans = _several(row["destination_plans"])
    clusters = rows.cluster_names(row["destination_global_clusters"])
    return {
        **texts,
        "amount_usd": dollars,
        "source_plans": plans if texts["boundary"] == "internal" else (),
        **_places_and_givers(row, "source"),
        "destination_plans": plans,
        "destination_global_clusters": tuple(rows.global_cluster(cluster) or cluster for cluster in clusters),
        "destination_global_cluster_names": clusters,
        "destination_sectors": tuple(dict.fromkeys(map(_sector, clusters))),
        **_places_and_givers(row, "destination"),
    }


def _places_and_givers(row: Row, side: str) -> Record:
    """Return the locations and organisations of one side, which HDX knows by their names alone."""
    places = rows.split_codes(row.get(f"{side}_locations", ""))
    organisations = _several(row.get(f"{side}_organisations", ""))
    return {
        f"{side}_locations": places,
        f"{side}_location_names": places,
        f"{side}_countries": tuple(plan_lists().fts_country_spellings.get(fold(place), place) for place in places),
        f"{side}_organisations": tuple(map(fold, organisations)),
        f"{side}_organisation_names": organisations,
    }


def _several(text: str) -> tuple[str, ...]:
    name = rows.name(text)
    return (SEVERAL, SEVERAL) if name == SEVERAL else (name,) if name else ()


LAYOUTS = (
    Layout(
        "HDX flows",
        ("flow_id", "amount_usd", "status", "destination_plans", "destination_global_clusters"),
        _hdx_flow,
        kind="flows",
    ),
    Layout(
        "HDX requirements by cluster",
        ("plan_id", "plan_name", "fts_id", "requirement_usd", "funding_usd"),
        # A plan's own cluster keeps its name, though it may be spelt like one of our sectors
        _totals("cluster", lambda name: known if (known := _sector(name)) in (NOT_SPECIFIED, SHARED) else name),
    ),
    Layout(
        "HDX requirements by country",
        ("fts_name", "plan_id", "requirement_usd", "funding_usd"),
        _totals("country", _country),
    ),
    Layout("HDX list of plans", ("plan_name", "fts_name", "requirement_usd"), _totals("plan", lambda _: ALL)),
    Layout("FTS plan page", ("fts_name", "requirement_usd", "funding_usd"), _totals("sector", _sector)),
    Layout("HAPI funding", ("fts_name", "plan_name", "requirement_usd", "funding_usd"), _totals("country", _country)),
)
