"""The names, layout and rules of each plan year: one YAML file a year, read from ``plan_years/``.

To add a year, write its file: ``fts`` (the plan's id, code, requirement and names at FTS) and, as soon as its
activities are to be read, ``name`` and the other fields of ``PlanYear``. A year ``like`` another inherits every field
that it leaves out.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, field_validator

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.packs import pack
from rmrp_analysis.packs.pack import LanguageCode, Row, Text
from rmrp_analysis.vocabulary.lists import IndicatorType, plan_lists
from rmrp_analysis.vocabulary.text import fold
from rmrp_analysis.yaml_text import read_yaml

AS_REPORTED: Literal["reported"] = "reported"
"""The rule of plan years with a form that asks for new beneficiaries."""
Model = Literal["sum", "max_sector", "max_age_gender", "southern_cone"]
"""How people reached by several sectors are counted once."""
USUAL_MODEL: Model = "max_sector"
"""The model if neither parameters nor options name one."""
MODELS_OF_EVERY_YEAR = frozenset(get_args(Model)) - {"southern_cone"}
"""Models for which each plan year has a rule."""
Rule = Literal[
    "sum_of_sectors",
    "largest_sector",
    "largest_age_gender_cells",
    "southern_cone_rows",
    "largest_modelled_cells",
    "southern_cone_modelled",
]
"""How a plan year applies a model."""
RULES_WITH_PROPORTIONS = frozenset({"largest_modelled_cells", "southern_cone_modelled"})
"""Rules that work by age-gender proportions."""


class FtsPlan(Row):
    """A plan as FTS knows it. The id stays, while codes are used twice, and names change."""

    id: int
    code: Text
    requirement_usd: int
    """Revised requirement, regional part included. Source: OCHA HDX, humanitarian response plans, April 2026."""
    names: tuple[Text, ...]
    """The names that tables without an id write. A missing bracket is theirs."""


class PlanYear(Row):
    """The declaration of one plan year."""

    year: int
    name: Text
    name_in: Mapping[LanguageCode, Text] = Field(default_factory=dict)
    """The name in other languages."""
    people: str = ""
    """The people of the plan, in its own words."""
    people_in: Mapping[LanguageCode, Text] = Field(default_factory=dict)
    fts_plan_id: int
    """The plan's id at FTS."""
    indicator_types: Mapping[str, IndicatorType]
    """The plan's words of the year for types of indicators, each with our type."""
    columns_not_reported: frozenset[str]
    """Columns of activities that the year's layout does not have. Every other column is required."""
    age_gender_groups: tuple[str, ...]
    new_beneficiaries: Literal["reported", "groups_that_agree"] = AS_REPORTED
    """``reported``, or the rule that derives them (see ``loaders.new_beneficiaries``)."""
    consolidation: Mapping[Model, Rule]
    """The rule by which the year applies each intersector model (see ``metrics``)."""
    checks: Mapping[str, str] = Field(default_factory=dict)
    """The plan's name for each of our checks in its quality reports of the year. Empty if only we make the check.

    If the plan makes two checks, the text has two names with a comma between. A check that holds only in some years
    (see ``quality.Check``) holds in the years that name it here.
    """
    empty_is_0: bool = False
    """Whether the plan's checks of the year read an empty number as 0. Otherwise they ignore it."""
    delivery_mechanisms: tuple[str, ...] = ()
    """How cash and vouchers may be handed over. Empty if the plan's checks of the year do not ask."""

    @field_validator("consolidation")
    @classmethod
    def _every_model(cls, rules: Mapping[Model, Rule]) -> Mapping[Model, Rule]:
        """Return the rules. Raise ``ValueError`` if a model of every year has no rule, or southern_cone no sectors."""
        if missing := sorted(MODELS_OF_EVERY_YEAR - set(rules)):
            raise ValueError(f"says no rule for {', '.join(missing)}")
        if "southern_cone" in rules and not (*plan_lists().alternatives, *plan_lists().added):
            raise ValueError("has a rule for southern_cone, of which sectors.csv names no sector")
        return rules

    def name_for(self, language: str) -> str:
        """Return the name in a language. Without one, as it is."""
        return self.name_in.get(language, self.name)

    def whom(self, language: str) -> str:
        """Return the words for the people of the plan in a language. Without them, in the plan's own language."""
        return self.people_in.get(language, self.people)

    def rule_of(self, model: str) -> str:
        """Return the rule by which the year applies a model. Raises ``RequestError`` for a model it does not have."""
        if model not in self.consolidation:
            raise RequestError(
                f"plan {self.year} has no intersector model '{model}'; allowed: {', '.join(self.consolidation)}"
            )
        return dict(self.consolidation)[model]  # type: ignore[index]

    @cached_property
    def indicator_words(self) -> Mapping[str, str]:
        """The plan's word for each of its folded spellings, in any language."""
        words = {fold(word): word for word in self.indicator_types}
        spellings = plan_lists().find_spellings((), "indicator type")
        return {spelling: word for spelling, word in spellings.items() if word in self.indicator_types} | words

    @property
    def derives_new(self) -> bool:
        """Whether new beneficiaries are derived, because the form does not ask for them."""
        return self.new_beneficiaries != AS_REPORTED


def plan_year(year: int) -> PlanYear:
    """Return the declaration of a plan year. Raises ``RequestError`` for a year that has none."""
    if year not in plan_years():
        years = ", ".join(map(str, sorted(plan_years())))
        raise RequestError(f"plan {year} is not known; known plan years: {years}")
    return plan_years()[year]


class _AtFts(Row):
    fts: FtsPlan


def read_plan_years(folder: Path) -> tuple[dict[int, FtsPlan], dict[int, PlanYear]]:
    """Return the plans at FTS and the plan years that the files of a folder declare, by year.

    Raises ``RequestError`` with file and line if a declaration is incomplete or holds an unknown key. Also raises it if
    the name of a file is no year, or no plan year is declared.
    """
    fts_plans: dict[int, FtsPlan] = {}
    plan_years: dict[int, PlanYear] = {}
    declared: dict[int, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.yml")):  # in the order of years: a year is complete before it is copied
        if not path.stem.isdecimal():
            raise RequestError(f"{path}: its name is not that of a year, such as 2027.yml")
        text = read_yaml(path, RequestError)
        year, content = int(path.stem), dict(text.content)
        like = content.pop("like", None)
        if like is not None and like not in map(str, declared):
            raise RequestError(f"{path}:{text.line(('like',))}: like: {did_you_mean(str(like), map(str, declared))}")
        base = declared[int(like)] if like is not None else {}
        inherited = {name: value for name, value in base.items() if name not in ("name", "name_in")}
        declared[year] = inherited | content
        fields = {name: value for name, value in declared[year].items() if name != "fts"}
        fts_plans[year] = text.valid(_AtFts, {name: value for name, value in content.items() if name == "fts"}).fts
        if fields:
            plan_years[year] = text.valid(PlanYear, {**fields, "year": year, "fts_plan_id": fts_plans[year].id})
    if not plan_years:
        raise RequestError(f"{folder}: the plan pack declares no plan year; write one, such as 2027.yml")
    return fts_plans, plan_years


@pack.cached_by_pack
def _declared_years() -> tuple[Mapping[int, FtsPlan], Mapping[int, PlanYear]]:
    """Read the plans and years of the active pack once."""
    return read_plan_years(pack.folder() / "plan_years")


def fts_plans() -> Mapping[int, FtsPlan]:
    """Return the regional plans at FTS by plan year."""
    return _declared_years()[0]


def plan_years() -> Mapping[int, PlanYear]:
    """Return the plan years with activities to read, by year."""
    return _declared_years()[1]


@pack.cached_by_pack
def fts_plan_names() -> Mapping[str, int]:
    """Return FTS plan ids by the folded plan names of tables without an id."""
    return {fold(name): plan.id for plan in fts_plans().values() for name in plan.names}
