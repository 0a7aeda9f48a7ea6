"""Money as OCHA's Financial Tracking Service (FTS) gives it, in whichever of its formats.

A file is recognised by its content: flows (API pages, HDX flow files) or totals (grouped API answers, plan overviews,
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
    """The content of the files on money. None if they hold no flows, or no totals."""

    flows: Loaded | None
    totals: Loaded | None

    @property
    def rows(self) -> Loaded:
        """The source lines of used rows, the refused rows and the faults, as a loaded table for counting rows."""
        parts = [part for part in (self.flows, self.totals) if part is not None]
        lines = [part.table[["source_file", "source_line"]].drop_duplicates() for part in parts]
        refused = pd.concat([part.refused for part in parts], ignore_index=True)
        faults = pd.concat([part.faults for part in parts], ignore_index=True)
        return Loaded(pd.concat(lines, ignore_index=True), refused, faults[list(FAULT_COLUMNS)])


def load_plan_funding(paths: Iterable[Path], *, plan_id: int, reading: Reading = Reading()) -> Funding:  # noqa: B008
    """Read funding of every plan as ``load_funding`` does, and check that this plan is among them.

    Raises ``InputRefused`` also when rows name plans, but never this one: another plan's file must not look like a plan
    without money. Nothing is raised if a total names no plan.
    """
    paths = list(paths)
    funding = load_funding(paths, reading)
    plans = set[str]()  # their ids, or else their names; "" for rows of totals that name none
    if funding.flows is not None:
        plans |= {plan for listed in funding.flows.table["destination_plans"] for plan in listed} - {""}
    if funding.totals is not None:
        totals = funding.totals.table
        plans |= set(totals["plan_id"].where(totals["plan_id"] != "", totals["plan_name"]))
    if plans and not plans & {str(plan_id), ""}:
        names = ", ".join(sorted(plans)[:8])
        raise InputRefused(f"{', '.join(map(str, paths))}: no row of FTS plan {plan_id}; the plans there are: {names}")
    return funding


def load_funding(paths: Iterable[Path], reading: Reading = Reading()) -> Funding:  # noqa: B008 - frozen
    """Read every file of a folder's money, in any mixture of FTS's formats, into a table of flows and one of totals.

    The tables are ``tables.FundingFlows`` and ``tables.FundingTotals``, with rows of every plan in the files. A flow
    that several files repeat is used once. Its repetitions are refused, so every row is accounted for. Raises
    ``InputRefused``, which lists the formats, when a file has another format.
    """
    files: list[Rows] = []
    for path in paths:
        check_content(path, suffix_by_content(path))
        with open_content(path) as file:
            if file.read(HEAD_BYTES).removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"["):
                file.seek(0)
                files.append(read_answer(path, file.read()))
                continue
        files.append(read_spreadsheet(path, reading))
    flows = [rows for rows in files if rows.kind == "flows"]
    totals = [rows for rows in files if rows.kind == "totals"]
    return Funding(valid_flows(flows) if flows else None, valid_totals(totals) if totals else None)
