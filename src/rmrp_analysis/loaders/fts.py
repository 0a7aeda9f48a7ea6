"""Funding as OCHA's Financial Tracking Service gives it: flows from its API, or a plan page's table by sector.

The rules by which flows become totals are in ``metrics.funding``; nothing is added up here.
"""

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.tabular import FAULT_COLUMNS, Loaded, load_table
from rmrp_analysis.tables import FundingBySector, FundingFlows
from rmrp_analysis.vocabulary import (
    COUNTRY_OF_FTS_LOCATION,
    NOT_SPECIFIED,
    SECTOR_OF_GLOBAL_CLUSTER,
    SECTORS,
    SHARED,
    PlanYear,
)

STATUSES = ("paid", "commitment", "pledge")


def is_api_answer(path: Path) -> bool:
    """Whether the file is an answer of the FTS API, rather than a table."""
    return path.name.lower().endswith((".json", ".json.gz"))


def load_funding_by_sector(path: Path, *, plan_year: PlanYear) -> Loaded:
    """The table by sector of an FTS plan page; rows of other plans may stand in the same file.

    Raises ``InputRefused`` when this plan has no row in it, or one whose sector is not known.
    """
    loaded = load_table(path, FundingBySector, year=plan_year.year)
    own = loaded.table[of_plan(loaded.table, plan_year)]
    if own.empty:
        raise InputRefused(f"{path}: no row of plan {plan_year.fts_plan_id} ('{plan_year.fts_plan_names[0]}')")
    unknown = own[~own["sector"].isin([*SECTORS, NOT_SPECIFIED, SHARED])]
    if len(unknown):
        lines = ", ".join(
            f"line {line}: '{name}'" for line, name in zip(unknown["source_line"], unknown["sector"], strict=True)
        )
        raise InputRefused(f"{path}: money of this plan in sectors that are not known ({lines})")
    return loaded


def of_plan(funding_by_sector: pd.DataFrame, plan_year: PlanYear) -> pd.Series:
    """Which rows belong to the plan; a file that names no plan holds one plan alone."""
    names = funding_by_sector["plan_name"]
    return names.isin(plan_year.fts_plan_names) | (names == "")


def load_funding_flows(paths: Iterable[Path]) -> Loaded:
    """The flows of one or more API pages, each flow once however many pages repeat it.

    Raises ``InputRefused`` when a page is no FTS answer, says that it failed, or holds totals instead of flows.
    """
    flows = [(path, position, flow) for path in paths for position, flow in enumerate(_flows(path), start=1)]
    rows = [_row(path, position, flow) for path, position, flow in flows]
    table = pd.DataFrame(rows, columns=list(FundingFlows.to_schema().columns)).drop_duplicates("flow_id")
    texts = ["source_file", "flow_id", "status"]
    typed = table.reset_index(drop=True).astype(
        dict.fromkeys(texts, "string[pyarrow]") | {"amount_usd": "float64", "source_line": "int64"}
    )
    nothing = pd.DataFrame(columns=["file", "line", "reason"])
    return Loaded(FundingFlows.validate(typed, lazy=True), nothing, pd.DataFrame(columns=list(FAULT_COLUMNS)))


def _flows(path: Path) -> list[Mapping[str, Any]]:
    try:
        opened = gzip.open if path.name.endswith(".gz") else open
        with opened(path, "rt", encoding="utf-8-sig") as text:
            answer = json.load(text)
    except FileNotFoundError:
        raise InputRefused(f"{path}: there is no such file") from None
    except (OSError, EOFError, ValueError) as problem:
        raise InputRefused(f"{path}: cannot be read as an FTS API answer ({problem})") from None
    if not isinstance(answer, dict) or answer.get("status") != "ok":
        raise InputRefused(f"{path}: is no successful answer of the FTS API (its status is not 'ok')")
    content = answer.get("data")
    flows = content.get("flows") if isinstance(content, dict) else None
    if flows is None:
        raise InputRefused(f"{path}: holds no flows; ask the FTS API without 'groupby'")
    return list(flows)


def _row(path: Path, position: int, flow: Mapping[str, Any]) -> dict[str, Any]:
    try:
        sides = _side("source", flow["sourceObjects"]) | _side("destination", flow["destinationObjects"])
        return {
            "source_file": path.name,
            "source_line": position,
            "flow_id": str(flow["id"]),
            "amount_usd": float(flow["amountUSD"]),
            "status": _status(flow["status"]),
            **sides,
        }
    except (KeyError, TypeError, ValueError) as problem:
        raise InputRefused(
            f"{path}: flow {position} is not as FTS gives flows ({type(problem).__name__}: {problem})"
        ) from None


def _status(status: str) -> str:
    if status not in STATUSES:
        raise ValueError(f"status '{status}'; allowed: {', '.join(STATUSES)}")
    return status


def _side(side: str, objects: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    by_type: dict[str, list[Mapping[str, Any]]] = {}
    for item in objects:
        by_type.setdefault(item["type"], []).append(item)
    organisations = by_type.get("Organization", [])
    return {
        f"{side}_plans": _ids(by_type.get("Plan", [])),
        f"{side}_sectors": _named(by_type.get("GlobalCluster", []), SECTOR_OF_GLOBAL_CLUSTER),
        f"{side}_countries": _named(by_type.get("Location", []), COUNTRY_OF_FTS_LOCATION),
        f"{side}_organisations": _ids(organisations),
        f"{side}_names": tuple(str(item["name"]) for item in organisations),
    }


def _ids(objects: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(str(item["id"]) for item in objects)


def _named(objects: Iterable[Mapping[str, Any]], names: Mapping[int, str]) -> tuple[str, ...]:
    """Our name for each object, by id; one that we have no name for keeps its own, so that no money is lost."""
    return tuple(names.get(int(item["id"]), str(item["name"])) for item in objects)
