"""Money as OCHA's Financial Tracking Service (FTS) gives it, in whichever of its formats.

A file is recognised by what it holds: flows (API pages, HDX flow files) or totals (grouped API answers, plan overviews,
HDX requirement files, plan page tables). The rules by which flows become totals are in ``metrics.funding``.
"""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.content import HEAD_BYTES, check_content, open_content, suffix_by_content
from rmrp_analysis.loaders.fts.answers import read_answer
from rmrp_analysis.loaders.fts.rows import Rows, valid_flows, valid_totals
from rmrp_analysis.loaders.fts.spreadsheets import read_spreadsheet
from rmrp_analysis.loaders.table import FAULT_COLUMNS, Loaded
from rmrp_analysis.sources import Reading

__all__ = ["Funding", "load_funding", "load_plan_funding"]


@dataclass(frozen=True)
class Funding:
    """What the files on money hold; None where they hold no flows, or no totals."""

    flows: Loaded | None
    totals: Loaded | None

    @property
    def rows(self) -> Loaded:
        """The source lines of all rows, used or refused, with what was refused, as a loaded table to count rows by."""
        loaded_tables = [
            loaded_funding_input
            for loaded_funding_input in (self.flows, self.totals)
            if loaded_funding_input is not None
        ]
        source_line_tables = [
            loaded_funding_input.table[["source_file", "source_line"]].drop_duplicates()
            for loaded_funding_input in loaded_tables
        ]
        refused_rows = pd.concat(
            [loaded_funding_input.refused for loaded_funding_input in loaded_tables], ignore_index=True
        )
        fault_rows = pd.concat(
            [loaded_funding_input.faults for loaded_funding_input in loaded_tables], ignore_index=True
        )
        return Loaded(pd.concat(source_line_tables, ignore_index=True), refused_rows, fault_rows[list(FAULT_COLUMNS)])


def load_plan_funding(paths: Iterable[Path], *, plan_id: int, reading: Reading = Reading()) -> Funding:  # noqa: B008
    """Read funding as ``load_funding`` does, rows of every plan; check that the plan of this id is among them.

    Raises ``InputRefused`` also when rows name plans, and never this one: another plan's file must not look like a
    plan without money. Where a total names no plan, nothing is raised.
    """
    paths = list(paths)
    funding = load_funding(paths, reading)
    plan_ids_or_names = set[str]()  # their ids, or else their names; "" for rows of totals that name none
    if funding.flows is not None:
        plan_ids_or_names |= {
            plan_id_or_name
            for plan_ids_of_flow in funding.flows.table["destination_plans"]
            for plan_id_or_name in plan_ids_of_flow
        } - {""}
    if funding.totals is not None:
        funding_totals = funding.totals.table
        plan_ids_or_names |= set(
            funding_totals["plan_id"].where(funding_totals["plan_id"] != "", funding_totals["plan_name"])
        )
    if plan_ids_or_names and not plan_ids_or_names & {str(plan_id), ""}:
        names = ", ".join(sorted(plan_ids_or_names)[:8])
        raise InputRefused(f"{', '.join(map(str, paths))}: no row of FTS plan {plan_id}; the plans there are: {names}")
    return funding


def load_funding(paths: Iterable[Path], reading: Reading = Reading()) -> Funding:  # noqa: B008 - frozen
    """Read every file of a folder's money, flows and totals apart, in any mixture of FTS's formats.

    Columns are those of ``tables.FundingFlows`` and ``tables.FundingTotals``, rows those of every plan in the files. A
    flow that several files repeat is used once; its repetitions are refused, so that no row goes unaccounted for.
    Raises ``InputRefused`` when a file is none of the formats, and says which are.
    """
    rows_of_files: list[Rows] = []
    for funding_path in paths:
        check_content(funding_path, suffix_by_content(funding_path))
        with open_content(funding_path) as opened_file:
            if opened_file.read(HEAD_BYTES).removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"["):
                opened_file.seek(0)
                rows_of_files.append(read_answer(funding_path, opened_file.read()))
                continue
        rows_of_files.append(read_spreadsheet(funding_path, reading))
    flow_rows_of_files = [file_rows for file_rows in rows_of_files if file_rows.kind == "flows"]
    total_rows_of_files = [file_rows for file_rows in rows_of_files if file_rows.kind == "totals"]
    return Funding(
        valid_flows(flow_rows_of_files) if flow_rows_of_files else None,
        valid_totals(total_rows_of_files) if total_rows_of_files else None,
    )
