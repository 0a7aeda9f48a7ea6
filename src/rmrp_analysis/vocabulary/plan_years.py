"""What each plan year names, reports and consolidates in its own way: one YAML file a year, read from ``plan_years/``.

To add a year, write its file: ``fts`` (the plan's id, code, requirement and names at FTS) and, once its activities are
to be read, ``name`` and the other fields of ``PlanYear``. A year ``like`` another takes from it what it does not say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rmrp_analysis import pack
from rmrp_analysis.errors import RequestError
from rmrp_analysis.vocabulary.text import fold


@dataclass(frozen=True)
class FtsPlan:
    """A plan as FTS knows it. The id stays; codes are used twice, and names change."""

    id: int
    code: str
    requirement_usd: int
    """Revised requirement, regional part included. Source: OCHA HDX, humanitarian response plans, April 2026."""
    names: tuple[str, ...]
    """The names that tables without an id write; a missing bracket is theirs."""


@dataclass(frozen=True)
class PlanYear:
    """The declaration of one plan year."""

    year: int
    name: str
    fts_plan_id: int
    """The plan's id at FTS."""
    indicator_types: Mapping[str, str]
    """The year's words for what an indicator counts."""
    columns_not_reported: frozenset[str]
    """Columns of activities that the year's layout does not have; every other one must be there."""
    age_gender_groups: tuple[str, ...]
    consolidation: Mapping[str, str]
    """The rule by which the year applies each intersector model (see ``metrics``)."""


def plan_year(year: int) -> PlanYear:
    """The declaration of a plan year. Raises ``RequestError`` for a year that has none."""
    if year not in PLAN_YEARS:
        known = ", ".join(map(str, sorted(PLAN_YEARS)))
        raise RequestError(f"plan {year} is not known; known plan years: {known}")
    return PLAN_YEARS[year]


def read_plan_years(folder: Path) -> tuple[dict[int, FtsPlan], dict[int, PlanYear]]:
    """The plans at FTS and the plan years that the files of a folder declare, by year.

    Raises ``ValueError`` that names the file whose declaration is incomplete, or holds a key that is not known.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    fts_plans: dict[int, FtsPlan] = {}
    plan_years: dict[int, PlanYear] = {}
    declared: dict[int, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.yml")):  # in the order of years, so that one is complete before it is copied
        year, own = int(path.stem), yaml.load(path.read_text(encoding="utf-8-sig"), loader)  # noqa: S506
        declared[year] = declared.get(own.pop("like", None), {}) | own
        try:
            fts = declared[year]["fts"]
            fts_plans[year] = FtsPlan(**fts | {"names": tuple(fts["names"])})
            fields = {key: value for key, value in declared[year].items() if key != "fts"}
            if fields:
                fields["columns_not_reported"] = frozenset(fields["columns_not_reported"])
                fields["age_gender_groups"] = tuple(fields["age_gender_groups"])
                plan_years[year] = PlanYear(year=year, fts_plan_id=fts["id"], **fields)
        except (KeyError, TypeError) as problem:
            raise ValueError(f"{path}: does not declare a plan year ({problem})") from None
    return fts_plans, plan_years


FTS_PLANS, PLAN_YEARS = read_plan_years(pack.FOLDER / "plan_years")
"""The regional plans at FTS, and the plan years whose activities are read, by year."""

FTS_PLAN_NAMES: Mapping[str, int] = {fold(name): plan.id for plan in FTS_PLANS.values() for name in plan.names}
"""FTS plan ids by the folded names that tables without an id write."""
