"""What each plan year names, reports and consolidates in its own way: one YAML file a year, read from ``plan_years/``.

To add a year, write its file: ``fts`` (the plan's id, code, requirement and names at FTS) and, once its activities are
to be read, ``name`` and the other fields of ``PlanYear``. A year ``like`` another takes from it what it does not say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from rmrp_analysis import pack
from rmrp_analysis.errors import RequestError
from rmrp_analysis.vocabulary.lists import spelled
from rmrp_analysis.vocabulary.text import fold

REPORTED = "reported"


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
    """R4V's words of the year for what an indicator counts, and what that is to us."""
    columns_not_reported: frozenset[str]
    """Columns of activities that the year's layout does not have; every other one must be there."""
    age_gender_groups: tuple[str, ...]
    consolidation: Mapping[str, str]
    """The rule by which the year applies each intersector model (see ``metrics``)."""
    new_beneficiaries: str = REPORTED
    """``reported``, or the rule that they are derived by (see ``loaders.new_beneficiaries``)."""
    checks: Mapping[str, str] = field(default_factory=dict)
    """R4V's name for each of our checks in its quality reports of the year; empty where we alone make it.

    A check that holds in some years only (see ``quality.Check``) holds in those that name it here.
    """
    delivery_mechanisms: tuple[str, ...] = ()
    """How cash and vouchers may be handed over; none where R4V's checks of the year do not ask."""

    @cached_property
    def indicator_words(self) -> Mapping[str, str]:
        """R4V's word for each folded spelling of it, in any language."""
        own = {fold(word): word for word in self.indicator_types}
        known = spelled((), "indicator type")
        return {spelling: word for spelling, word in known.items() if word in self.indicator_types} | own

    @property
    def derives_new(self) -> bool:
        """Whether the form does not ask how many beneficiaries are new, so that it follows from what it asks."""
        return self.new_beneficiaries != REPORTED


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
                fields["delivery_mechanisms"] = tuple(fields.get("delivery_mechanisms", ()))
                plan_years[year] = PlanYear(year=year, fts_plan_id=fts["id"], **fields)
        except (KeyError, TypeError) as problem:
            raise ValueError(f"{path}: does not declare a plan year ({problem})") from None
    return fts_plans, plan_years


FTS_PLANS, PLAN_YEARS = read_plan_years(pack.FOLDER / "plan_years")
"""The regional plans at FTS, and the plan years whose activities are read, by year."""

FTS_PLAN_NAMES: Mapping[str, int] = {fold(name): plan.id for plan in FTS_PLANS.values() for name in plan.names}
"""FTS plan ids by the folded names that tables without an id write."""
