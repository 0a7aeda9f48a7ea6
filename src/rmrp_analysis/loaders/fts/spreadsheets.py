"""Tables about FTS money: HDX flow and requirement files, lists of plans, the table of a plan's page, HAPI."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.content import suffix_by_content
from rmrp_analysis.loaders.fts import rows
from rmrp_analysis.loaders.fts.rows import FTS_KEY_BY_FLOW_COLUMN, Record, Rows
from rmrp_analysis.loaders.notation import POINT, TwoWays
from rmrp_analysis.loaders.read import texts_of
from rmrp_analysis.loaders.table import cells_by_text, reads_two_ways
from rmrp_analysis.sources import Reading
from rmrp_analysis.vocabulary import (
    ALL,
    CLUSTER_NAME_BY_ID,
    FUNDING_STATUSES,
    NOT_SPECIFIED,
    SHARED_PART,
    fold,
    fts_plan_names,
    headers_of,
    plan_lists,
)

Row = Mapping[str, Any]
"""The texts and amounts of a row by our names of the columns. Columns that the file lacks are left out."""

MAX_SPARE_CELLS = 64
"""A row with up to so many cells more than its header is refused alone, and not the whole file."""

MULTIPLE_MARK = "Multiple"
"""HDX writes it for several values that it does not list."""


class Unusable(Exception):
    """A cell that makes its row unusable."""

    def __init__(self, column: str, check: str, value: str, allowed: str) -> None:
        """Keep the column, and the check, the value and the allowed text as ``details``."""
        super().__init__(column, check, value, allowed)
        self.column, self.details = column, (check, value, allowed)


@dataclass(frozen=True)
class Layout:
    """A kind of table: its name in ``general_headers.csv``, the columns that show it, and the reader of its rows."""

    name: str
    known_by: tuple[str, ...]
    record: Callable[[Row], Record]
    kind: Literal["flows", "totals"] = "totals"

    def headers(self, row: Iterable[str]) -> dict[str, str]:
        """Return the header of each of our columns among the cells of a row. Empty if the row is no such header."""
        cells = {_normalise_header(cell): cell for cell in row}
        options = {column: map(_normalise_header, names) for column, names in headers_of(self.name).items()}
        matches = {column: next((cells[key] for key in keys if key in cells), "") for column, keys in options.items()}
        if not all(map(matches.get, self.known_by)):
            return {}
        return {column: cell for column, cell in matches.items() if cell}


def read_spreadsheet(path: Path, reading: Reading) -> Rows:
    """Return the rows of any table about money. An unusable row becomes a fault, and HXL tags are left out.

    Raises ``InputRefused`` if the table is damaged or of no known kind, or writes amounts that read two ways.
    """

    def fit(row: Sequence[str]) -> bool:
        """Return whether a row is the header of any layout."""
        return any(layout.headers(row) for layout in LAYOUTS)

    content = next(texts_of(path, suffix_by_content(path), fit, reading, spare=MAX_SPARE_CELLS))
    cells = content.table
    columns: list[Any] = list(cells.columns)
    beyond = [name for name in columns if isinstance(name, int)]
    header = columns[: len(columns) - len(beyond)]
    layout = _find_layout(path, header)
    headers = layout.headers(header)
    money = {
        theirs: frozenset(content.decimals.get(theirs, ()))
        for column, theirs in headers.items()
        if column.endswith("_usd")
    }
    texts = pd.concat([cells.loc[~cells.index.isin(lines), theirs].astype("str") for theirs, lines in money.items()])
    try:
        notation = reading.numbers or rows.notation(texts.unique())
    except TwoWays as problem:
        raise reads_two_ways(path, "the amounts read", problem, cells_by_text(texts)) from None
    records, faults = [], []
    for line, row in zip(map(int, cells.index), cells.to_dict("records"), strict=True):
        if all(cell.startswith("#") for cell in row.values() if cell):  # empty, or HXL tags
            continue
        try:
            if extra := " | ".join(row[place] for place in beyond if row[place]):
                raise Unusable("row", "not_allowed", extra, f"{len(header)} cells, as in the header")  # noqa: TRY301
            ours: dict[str, Any] = {column: row[theirs] for column, theirs in headers.items()}
            if ours.get("error"):
                raise Unusable("error", "not_allowed", ours["error"], "empty; HAPI itself leaves such rows out")  # noqa: TRY301
            for column, theirs in headers.items():
                if theirs in money:
                    ours[column] = _amount(column, row[theirs], POINT if line in money[theirs] else notation)
            records.append({"source_file": path.name, "source_line": line, **layout.record(ours)})
        except Unusable as problem:
            faults.append((path.name, line, headers.get(problem.column, problem.column), *problem.details))
    return Rows(layout.kind, _by_known_clusters(records), faults)


def _find_layout(path: Path, header: list[str]) -> Layout:
    """Return the first layout that fits a header. Raises ``InputRefused`` if none does."""
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
    return layout


def _normalise_header(header: str) -> str:
    """Return a header as it is compared, without accents, case and currency."""
    return fold(header.removesuffix("US$"))


def _amount(column: str, text: str, notation: str) -> float:
    """Return a cell in dollars, NaN if none is stated. Raises ``Unusable`` if it is no number."""
    try:
        return rows.amount(text, notation)
    except ValueError:
        raise Unusable(column, "not_number", text, "a number") from None


def _totals(grouped_by: str, part: Callable[[str], str]) -> Callable[[Row], Record]:
    """Return a reader of rows of totals. ``part`` turns FTS's name of a part into ours."""

    def record(row: Row) -> Record:
        """Return the total of a row. A row named *total* is the plan's."""
        dollars = {column: amount for column, amount in row.items() if column.endswith("_usd")}
        names = {column: rows.name(row.get(column, "")) for column in ("plan_name", "fts_name")}
        fts_id = rows.identifier(row.get("fts_id", ""))
        years = rows.split_codes(row.get("plan_year", ""))
        plan = fts_plan_names().get(fold(names["plan_name"]), "")
        fields = {
            "plan_id": rows.identifier(row.get("plan_id", "")) or str(plan),
            "plan_year": years[0][:4] if len(years) == 1 else "",
            "grouped_by": grouped_by,
            "part": part(names["fts_name"]),
            "fts_id": rows.global_cluster(names["fts_name"]) if grouped_by == "sector" else fts_id,
        }
        total = {"grouped_by": "plan", "part": ALL} if fold(names["fts_name"]) == "total" else {}
        return {**names, **dollars, **fields, **total}

    return record


def _country(country_text: str) -> str:
    """Return the code of a country by FTS's name, or the name if the plan has no code. *not specified* if empty."""
    return plan_lists().fts_country_spellings.get(fold(country_text), country_text) or NOT_SPECIFIED


def _sector(cluster: str) -> str:
    """Return the sector of a cluster by FTS's name, or the name if no sector has it."""
    return plan_lists().fts_sector_spellings.get(fold(cluster), cluster)


def _by_known_clusters(records: list[Record]) -> list[Record]:
    """Group records by sector if every cluster is a global one. HDX writes global and plan clusters alike."""
    ids = {record["fts_id"] for record in records if record.get("grouped_by") == "cluster"} - {""}
    if not ids or not ids <= {str(number) for number in CLUSTER_NAME_BY_ID}:
        return records
    sectors = {str(number): sector for number, sector in plan_lists().sector_of_global_cluster.items()}
    return [
        record | {"grouped_by": "sector", "part": sectors.get(record["fts_id"], record["part"])}
        if record.get("grouped_by") == "cluster"
        else record
        for record in records
    ]


def _hdx_flow(row: Row) -> Record:
    """Return a flow of an HDX file, which has no ids of organisations and no source plan.

    Its ``internal`` rows stay within one country. They are read as passed on inside their plan, since FTS counts them
    in no country's money. Raises ``Unusable`` for an unknown status, and without an id or an amount.
    """
    texts = {column: rows.name(row.get(column, "")) for column in ("flow_id", "status", *FTS_KEY_BY_FLOW_COLUMN)}
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
    givers = _several(row.get(f"{side}_organisations", ""))
    return {
        f"{side}_locations": places,
        f"{side}_location_names": places,
        f"{side}_countries": tuple(plan_lists().fts_country_spellings.get(fold(name), name) for name in places),
        f"{side}_organisations": tuple(map(fold, givers)),
        f"{side}_organisation_names": givers,
    }


def _several(text: str) -> tuple[str, ...]:
    """Return the names of a cell: one, none, or ``MULTIPLE_MARK`` twice if HDX does not list them."""
    name = rows.name(text)
    return (MULTIPLE_MARK, MULTIPLE_MARK) if name == MULTIPLE_MARK else (name,) if name else ()


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
        _totals("cluster", lambda name: known if (known := _sector(name)) in (NOT_SPECIFIED, SHARED_PART) else name),
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
"""The kinds of tables about money that are read. The first layout that fits a header counts."""
