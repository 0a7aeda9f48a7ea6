"""What each plan year names, reports and consolidates in its own way: one YAML file a year, read from ``plan_years/``.

To add a year, write its file: ``fts`` (the plan's id, code, requirement and names at FTS) and, once its activities are
to be read, ``name`` and the other fields of ``PlanYear``. A year ``like`` another takes from it what it does not say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from rmrp_analysis.errors import RequestError
from rmrp_analysis.vocabulary.lists import FOLDER
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


def _declared() -> dict[int, dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    files = sorted((FOLDER / "plan_years").glob("*.yml"))
    texts = {int(path.stem): path.read_text(encoding="utf-8-sig") for path in files}
    years: dict[int, dict[str, Any]] = {year: yaml.load(text, loader) for year, text in texts.items()}  # noqa: S506
    for year, declaration in years.items():  # in the order of years: an earlier one is complete
        years[year] = years.get(declaration.pop("like", None), {}) | declaration
    return years


def _plan_year(year: int, declaration: Mapping[str, Any]) -> PlanYear:
    fields = {key: value for key, value in declaration.items() if key != "fts"} | {
        "columns_not_reported": frozenset(declaration["columns_not_reported"]),
        "age_gender_groups": tuple(declaration["age_gender_groups"]),
    }
    return PlanYear(year=year, fts_plan_id=FTS_PLANS[year].id, **fields)


_DECLARED = _declared()
FTS_PLANS: Mapping[int, FtsPlan] = {
    year: FtsPlan(**declaration["fts"] | {"names": tuple(declaration["fts"]["names"])})
    for year, declaration in _DECLARED.items()
}
"""The regional plans for refugees and migrants from Venezuela at FTS, by year."""

FTS_PLAN_NAMES: Mapping[str, int] = {fold(name): plan.id for plan in FTS_PLANS.values() for name in plan.names}
"""FTS plan ids by the folded names that tables without an id write."""

PLAN_YEARS: Mapping[int, PlanYear] = {
    year: _plan_year(year, declaration) for year, declaration in _DECLARED.items() if "name" in declaration
}
"""The plan years whose activities are read."""
