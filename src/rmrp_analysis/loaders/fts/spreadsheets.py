"""Tables about FTS money: HDX flow and requirement files, lists of plans, the table of a plan's page, HAPI."""

from collections.abc import Callable, Iterable, Mapping
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
"""The texts and amounts of a row by our names of their columns; a column that the file does not have is not there."""

MAX_SPARE_CELLS = 64
"""A row may have so many cells more than its header; it is refused then, and not its whole file."""

MULTIPLE_MARK = "Multiple"
"""What HDX writes for several values where it lists none."""


class Unusable(Exception):
    """A cell for which its row cannot be used."""

    def __init__(self, column: str, check: str, value: str, allowed: str) -> None:
        """Keep the column, and as ``details`` the check, the value and what is allowed."""
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
        header_cell_by_key = {_normalise_header(header_cell): header_cell for header_cell in row}
        known_header_keys_by_column = {
            our_column: map(_normalise_header, column_headers)
            for our_column, column_headers in headers_of(self.name).items()
        }
        header_by_column = {
            our_column: next(
                (
                    header_cell_by_key[known_header_key]
                    for known_header_key in known_header_keys
                    if known_header_key in header_cell_by_key
                ),
                "",
            )
            for our_column, known_header_keys in known_header_keys_by_column.items()
        }
        is_of_layout = all(map(header_by_column.get, self.known_by))
        return (
            {our_column: header_cell for our_column, header_cell in header_by_column.items() if header_cell}
            if is_of_layout
            else {}
        )


def read_spreadsheet(path: Path, reading: Reading) -> Rows:
    """Return the rows of any table about money; a row that cannot be used becomes a fault, HXL tags are left out.

    Raises ``InputRefused`` when it is damaged, none of the known ones, or writes amounts that read two ways.
    """
    sheet_texts = next(
        texts_of(
            path,
            suffix_by_content(path),
            lambda row: any(layout.headers(row) for layout in LAYOUTS),
            reading,
            spare=MAX_SPARE_CELLS,
        )
    )
    cell_table = sheet_texts.table
    column_labels: list[Any] = list(cell_table.columns)
    unnamed_column_numbers = [column_label for column_label in column_labels if isinstance(column_label, int)]
    header = column_labels[: len(column_labels) - len(unnamed_column_numbers)]
    layout = _find_layout(path, header)
    header_by_column = layout.headers(header)
    decimal_line_sets_by_header = {
        their_header: frozenset(sheet_texts.decimals.get(their_header, ()))
        for our_column, their_header in header_by_column.items()
        if our_column.endswith("_usd")
    }
    amount_text_series = pd.concat(
        [
            cell_table.loc[~cell_table.index.isin(stored_number_lines), their_header].astype("str")
            for their_header, stored_number_lines in decimal_line_sets_by_header.items()
        ]
    )
    try:
        amount_notation_text = reading.numbers or rows.notation(amount_text_series.unique())
    except TwoWays as problem:
        raise reads_two_ways(path, "the amounts read", problem, cells_by_text(amount_text_series)) from None
    row_records, cell_faults = [], []
    for line_number, row in zip(map(int, cell_table.index), cell_table.to_dict("records"), strict=True):
        filled_cell_texts = [row_cell for row_cell in row.values() if row_cell]
        has_hxl_tags_only = all(row_cell.startswith("#") for row_cell in filled_cell_texts)
        if not filled_cell_texts or has_hxl_tags_only:
            continue
        try:
            if extra_cells_text := " | ".join(
                row[unnamed_column_number]
                for unnamed_column_number in unnamed_column_numbers
                if row[unnamed_column_number]
            ):
                raise Unusable("row", "not_allowed", extra_cells_text, f"{len(header)} cells, as in the header")  # noqa: TRY301
            our_row: dict[str, Any] = {
                our_column: row[their_header] for our_column, their_header in header_by_column.items()
            }
            if our_row.get("error"):
                raise Unusable("error", "not_allowed", our_row["error"], "empty; HAPI itself leaves such rows out")  # noqa: TRY301
            for our_column, their_header in header_by_column.items():
                if their_header in decimal_line_sets_by_header:
                    is_cell_stored_number = line_number in decimal_line_sets_by_header[their_header]
                    cell_notation = POINT if is_cell_stored_number else amount_notation_text
                    our_row[our_column] = _amount(our_column, row[their_header], cell_notation)
            row_records.append({"source_file": path.name, "source_line": line_number, **layout.record(our_row)})
        except Unusable as problem:
            faulty_header = header_by_column.get(problem.column, problem.column)
            cell_faults.append((path.name, line_number, faulty_header, *problem.details))
    return Rows(layout.kind, _by_known_clusters(row_records), cell_faults)


def _find_layout(path: Path, header: list[str]) -> Layout:
    """Return the layout that a header is of; raise ``InputRefused`` where it is of none."""
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
    """Return a cell in dollars, NaN where none is stated. Raises ``Unusable`` where it is no number."""
    try:
        return rows.amount(text, notation)
    except ValueError:
        raise Unusable(column, "not_number", text, "a number") from None


def _totals(grouped_by: str, part: Callable[[str], str]) -> Callable[[Row], Record]:
    """Return a reader of rows of totals; ``part`` turns FTS's name of a part into ours.

    A plan is known by its id, or else by its name.
    """

    def record(row: Row) -> Record:
        """Return the total of a row; one that is named *total* is that of the plan."""
        dollars_by_column = {
            column_name: dollars for column_name, dollars in row.items() if column_name.endswith("_usd")
        }
        text_by_column = {column_name: rows.name(row.get(column_name, "")) for column_name in ("plan_name", "fts_name")}
        fts_id = rows.identifier(row.get("fts_id", ""))
        year_codes = rows.split_codes(row.get("plan_year", ""))
        plan_id_number = fts_plan_names().get(fold(text_by_column["plan_name"]), "")
        plan_and_part_fields = {
            "plan_id": rows.identifier(row.get("plan_id", "")) or str(plan_id_number),
            "plan_year": year_codes[0][:4] if len(year_codes) == 1 else "",
            "grouped_by": grouped_by,
            "part": part(text_by_column["fts_name"]),
            "fts_id": rows.global_cluster(text_by_column["fts_name"]) if grouped_by == "sector" else fts_id,
        }
        fields_of_plan_total = (
            {"grouped_by": "plan", "part": ALL} if fold(text_by_column["fts_name"]) == "total" else {}
        )
        return {**text_by_column, **dollars_by_column, **plan_and_part_fields, **fields_of_plan_total}

    return record


def _country(country_text: str) -> str:
    """Return the code of a country by FTS's name; the name itself where the plan has none.

    *not specified* for an empty one.
    """
    return plan_lists().fts_country_spellings.get(fold(country_text), country_text) or NOT_SPECIFIED


def _sector(cluster: str) -> str:
    """Return the sector of a cluster by FTS's name; the name itself where no sector has it."""
    return plan_lists().fts_sector_spellings.get(fold(cluster), cluster)


def _by_known_clusters(records: list[Record]) -> list[Record]:
    """Group records by sector where every cluster is a global one: HDX writes those and plan clusters alike."""
    cluster_ids = {
        total_record["fts_id"] for total_record in records if total_record.get("grouped_by") == "cluster"
    } - {""}
    if not cluster_ids or not cluster_ids <= {str(numeric_cluster_id) for numeric_cluster_id in CLUSTER_NAME_BY_ID}:
        return records
    sector_by_cluster_id = {
        str(numeric_cluster_id): sector for numeric_cluster_id, sector in plan_lists().sector_of_global_cluster.items()
    }
    return [
        total_record
        | {"grouped_by": "sector", "part": sector_by_cluster_id.get(total_record["fts_id"], total_record["part"])}
        if total_record.get("grouped_by") == "cluster"
        else total_record
        for total_record in records
    ]


def _hdx_flow(row: Row) -> Record:
    """Return a flow of an HDX file, which has no ids of organisations and no source plan.

    Its ``internal`` rows stay within one country; they are read as passed on inside their plan, since FTS counts them
    in no country's money. Raises ``Unusable`` for an unknown status, and without an id or an amount.
    """
    text_by_column = {
        column_name: rows.name(row.get(column_name, ""))
        for column_name in ("flow_id", "status", *FTS_KEY_BY_FLOW_COLUMN)
    }
    dollars = row["amount_usd"]
    if text_by_column["status"] not in FUNDING_STATUSES:
        check_name = "not_allowed" if text_by_column["status"] else "empty"
        raise Unusable("status", check_name, text_by_column["status"], ", ".join(FUNDING_STATUSES))
    if not text_by_column["flow_id"] or dollars != dollars:
        raise Unusable("amount_usd" if text_by_column["flow_id"] else "flow_id", "empty", "", "not empty")
    plan_ids = _several(row["destination_plans"])
    cluster_names = rows.cluster_names(row["destination_global_clusters"])
    return {
        **text_by_column,
        "amount_usd": dollars,
        "source_plans": plan_ids if text_by_column["boundary"] == "internal" else (),
        **_places_and_givers(row, "source"),
        "destination_plans": plan_ids,
        "destination_global_clusters": tuple(
            rows.global_cluster(cluster_name) or cluster_name for cluster_name in cluster_names
        ),
        "destination_global_cluster_names": cluster_names,
        "destination_sectors": tuple(dict.fromkeys(map(_sector, cluster_names))),
        **_places_and_givers(row, "destination"),
    }


def _places_and_givers(row: Row, side: str) -> Record:
    """Return the locations and organisations of one side, which HDX knows by their names alone."""
    location_names = rows.split_codes(row.get(f"{side}_locations", ""))
    organisation_names = _several(row.get(f"{side}_organisations", ""))
    return {
        f"{side}_locations": location_names,
        f"{side}_location_names": location_names,
        f"{side}_countries": tuple(
            plan_lists().fts_country_spellings.get(fold(location_name), location_name)
            for location_name in location_names
        ),
        f"{side}_organisations": tuple(map(fold, organisation_names)),
        f"{side}_organisation_names": organisation_names,
    }


def _several(text: str) -> tuple[str, ...]:
    """Return the names of a cell: one, two of ``MULTIPLE_MARK`` where HDX lists none, or no name."""
    name_in_cell = rows.name(text)
    return (MULTIPLE_MARK, MULTIPLE_MARK) if name_in_cell == MULTIPLE_MARK else (name_in_cell,) if name_in_cell else ()


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
"""The kinds of tables about money that are read; a header is of the first one that fits it."""
