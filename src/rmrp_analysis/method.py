"""The choices that decide how a figure is counted."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from rmrp_analysis.arguments import ModelInSentences
from rmrp_analysis.arguments import Period as Period  # its name here stays for one release
from rmrp_analysis.errors import RequestError
from rmrp_analysis.messages import say
from rmrp_analysis.packs import pack
from rmrp_analysis.vocabulary import AS_REPORTED, USUAL_MODEL, IndicatorType, Model, find_sector, plan_years, split_list

IntersectorLevel = Literal["admin1", "country"]
"""The places in which the intersector model is applied."""
ProportionsOf = Literal["people_in_need", "target"]
"""The people (in need or targeted) that give the age and gender of population groups."""
WithoutProportions = Literal["leave_sector_out", "country_proportions"]
"""The treatment of a sector that has no proportions of age and gender."""
RepairName = Literal[
    "mend_accents",
    "empty_covid_to_no",
    "empty_support_space_to_no",
    "empty_rmrp_to_yes",
    "cva_to_yes",
    "new_from_population_groups",
    "new_from_age_gender",
    "pin_benef_fill",
    "total_lower_new",
    "assign_in_destination",
    "assign_all_destination",
    "pin_auto_apportioning",
    "complete_pin_apportioning",
    "rounding_diff1",
    "pin_erase_quantity",
    "people_fill",
    "total_lower_new_people",
    "people_erase_extradata",
    "other_fill",
    "other_erase_extradata",
]
"""The repairs that a run may declare, in the order in which they are applied (see ``quality.repairs``)."""

CORRECTIONS_REPAIR_NAME = "corrections by hand"
"""The repair, as the method names it, of a plan with a file of corrections."""


def in_order(repairs: Sequence[RepairName]) -> tuple[RepairName, ...]:
    """Return the repairs in the order in which they are applied, each once."""
    return tuple(name for name in get_args(RepairName) if name in repairs)


Share = Annotated[float, Field(ge=0, le=1)]
"""A share from 0 to 1."""


class Movement(BaseModel):
    """A figure that moved since the last issue: the old number, and the causes.

    ``before`` is empty if the figure was not known. ``parts`` are amounts in the figure's unit by kind of change (see
    ``publish.comparison.account``). They add up to the difference, and are empty if a side is not known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    before: str = ""
    parts: dict[str, float] = Field(default_factory=dict)


class MovedReport(BaseModel):
    """Reports of a country and month that are late, corrected or gone. Internal ones have organisation and people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    change: str
    country: str
    month: str
    organisation: str = ""
    sectors: tuple[str, ...] = ()
    people_before: float | None = None
    people: float | None = None


class Revision(BaseModel):
    """The changes from the sheet that a sheet replaces, as the new sheet tells them.

    If the earlier sheet had fewer months, ``until`` is its last month, and the new sheet goes on from it. Otherwise the
    sheet is revised. ``figures`` are the main figures that moved. ``reports`` are the changed reports behind these
    figures. ``tables`` are the kinds of change that moved only parts of its tables.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    until: str = ""
    figures: dict[str, Movement] = Field(default_factory=dict)
    reports: tuple[MovedReport, ...] = ()
    tables: tuple[str, ...] = ()


NO_SECRET_CONDITION = "no_secret"  # noqa: S105 - a name
"""The condition that counts of people are rounded without a secret (see ``quality.gate``)."""


class Limits(BaseModel):
    """The share of the data up to which a run publishes in spite of a fault (see ``quality.gate``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    no_usable_rows: Share = 0.0
    people_refused: Share = 0.01
    people_lost_by_joins: Share = 0.01
    same_content_twice: Share = 0.03
    period_outside_data: Share = 0.0
    months_missing: Share = 0.0
    other_plan_year: Share = 0.01
    sums_among_rows: Share = 0.002
    people_not_whole: Share = 0.01
    negative_people: Share = 0.0
    new_above_total: Share = 0.01
    people_of_another_column: Share = 0.02
    people_empty: Share = 0.01
    people_of_other_kinds: Share = 0.25
    nobody_new: Share = 0.9
    misspelt_places: Share = 0.01
    people_with_errors: Share = 0.5

    def list_accepted(self) -> dict[str, float]:
        """Return the limits above the usual ones, by name."""
        usual = Limits()
        return {name: limit for name, limit in self if limit > getattr(usual, name)}


class CautionLimits(BaseModel):
    """The limits above which a number has a caution.

    See ``ledger.causes`` for the causes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    groups_exceed_total: Share = 0.05
    """The share of the people reached by which groups of people add up to more."""
    coverage_above: Annotated[float, Field(ge=1)] = 1.5
    """The share of the target, the need or the requirement that was reached."""
    one_report: Share = 0.5
    """The share of the people reached that is in a single report."""
    not_specified: Share = 0.3
    """The share of the people reached that is in no group."""
    left_out: Share = 0.1
    """The share of left-out people in the people reached and left out."""
    people_from: Annotated[int, Field(ge=0)] = 1000
    """The least number of people for the cautions *everybody new* and *one report*."""

    def describe(self) -> str:
        """Return the limits in one line."""
        return (
            f"groups above the total by {self.groups_exceed_total:.0%}, coverage above {self.coverage_above:.0%}, "
            f"one report above {self.one_report:.0%}, not specified above {self.not_specified:.0%}, "
            f"left out above {self.left_out:.0%}, from {self.people_from} people"
        )


EXACT_BASE = 0
"""The base of rounding that leaves counts of people exact."""
ROUNDING_BASES = range(5, 21)
"""The bases of rounding for counts of people: a lower one protects too little, a higher one says too little."""
USUAL_ROUNDING_BASE = 10
"""The base of rounding for counts of people, unless another is chosen."""
DEFAULT_BASE_KEY = "default"
"""The key of the base of all sectors without a base of their own."""
EARLIER_ROUNDING_KEY = "small_count_threshold"
"""The earlier name of the parameter ``rounding``, which is still read."""


def _base(base: Any) -> int:
    """Read one base of rounding as a number. Raise ``ValueError`` if it is not allowed."""
    number = int(base) if isinstance(base, str) and base.isdecimal() else base
    if type(number) is not int or (number != EXACT_BASE and number not in ROUNDING_BASES):
        raise ValueError(
            say(
                "'{given}' is no base of rounding; write a whole number from {least} to {most}, or {exact} to publish "
                "exact counts of people",
                given=base,
                least=ROUNDING_BASES.start,
                most=ROUNDING_BASES.stop - 1,
                exact=EXACT_BASE,
            )
        )
    return number


def _bases(bases: Any) -> Any:
    """Read the bases of rounding as pairs of sector and base: ``default`` first, then by sector.

    They are written ``10``, or ``{default: 10, human-trafficking-and-smuggling: 20}`` with sectors in any spelling.
    Without ``default`` it is ``USUAL_ROUNDING_BASE``. Raises ``ValueError`` for anything else.
    """
    if not isinstance(bases, list | tuple):
        bases = (bases if isinstance(bases, Mapping) else {DEFAULT_BASE_KEY: bases}).items()
    try:
        chosen = {
            str(name) if name == DEFAULT_BASE_KEY else find_sector(str(name)): _base(base) for name, base in bases
        }
    except RequestError as problem:
        raise ValueError(str(problem)) from None
    except TypeError:
        raise ValueError(say("write a number, or {default: 10, human-trafficking-and-smuggling: 20}")) from None
    default = chosen.pop(DEFAULT_BASE_KEY, USUAL_ROUNDING_BASE)
    return ((DEFAULT_BASE_KEY, default), *sorted(chosen.items()))


class Method(BaseModel, metaclass=ModelInSentences):
    """How figures are counted. Stored with every figure and printed on every sheet.

    >>> bases = {"default": 10, "human-trafficking-and-smuggling": 20}
    >>> rmrp.Method(rounding=bases).base("Human Trafficking & Smuggling")
    20
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)

    counted_indicator_types: Annotated[
        tuple[IndicatorType, ...],
        BeforeValidator(lambda listed: split_list(listed) if isinstance(listed, str) else listed),
        Field(min_length=1),
    ] = ("people in need",)
    """The types of indicators that count people."""
    rmrp_activities_only: bool = False
    """Whether only activities count that the report marks as part of the plan."""
    intersector_model: Model = USUAL_MODEL
    """How people of several sectors are added up without counting them twice (see ``docs/counting.md``)."""
    intersector_level: IntersectorLevel = "admin1"
    """The places in which this model is applied, within each month."""
    age_gender_proportions: ProportionsOf = "people_in_need"
    """The people that give age and gender to population groups, in the models of 2022 and later."""
    without_proportions: WithoutProportions = "country_proportions"
    """The treatment of a sector that has no such proportions, in these models."""
    in_transit_in_denominators: bool = False
    """Whether people in transit are part of need and target, if the plan has separate figures for them."""
    rounding: Annotated[
        tuple[tuple[str, int], ...],
        BeforeValidator(_bases),
        PlainSerializer(lambda bases: dict(bases) if len(bases) > 1 else bases[0][1]),  # as a parameter file has them
        Field(validation_alias=AliasChoices("rounding", EARLIER_ROUNDING_KEY)),
    ] = ((DEFAULT_BASE_KEY, USUAL_ROUNDING_BASE),)
    """The base of public counts of people, 5 to 20, or 0 for exact counts. Or one base for each sector beside a
    ``default``. Another word for it is ``small_count_threshold``.
    """
    limits: Limits = Limits()
    """The faults of the data up to which a run publishes. ``accept`` raises these limits."""
    cautions: CautionLimits = CautionLimits()
    """The limits from which a number bears a caution."""

    def base(self, sector: str) -> int:
        """Return the base to which public counts of people of a sector are rounded. 0 means exact counts.

        ``sector`` is the name in the plan pack. Any other text has the base of most sectors.

        >>> rmrp.Method().base("Health")
        10
        """
        bases = dict(self.rounding)
        return bases.get(sector, bases[DEFAULT_BASE_KEY])

    @property
    def bases(self) -> tuple[int, ...]:
        """Every base: first the base of most sectors, then the bases of single ones.

        >>> rmrp.Method(rounding={"default": 10, "Health": 5}).bases
        (10, 5)
        """
        return tuple(base for _, base in self.rounding)

    def describe_for(self, plan_year: int, *, repairs: Sequence[str] = (), audience: str = "public") -> str:
        """Describe the method in one line, for files and logs.

        For the ``audience`` *internal*, counts of people are exact, and no base of rounding is named. Methods have the
        same line if they differ only in choices that the line does not name, or in less than the percentages show.

        >>> rmrp.Method().describe_for(2021).split("; ")[:3]
        ['RMRP 2021 rules', 'new beneficiaries of indicators: people in need', 'all activities']
        """
        if audience == "internal":
            counts = "exact (internal: not for publication)"
        elif any(self.bases):
            usual = f"rounded to {self.bases[0]}" if self.bases[0] else "exact"
            sectors = ", ".join(f"{sector}: {base or 'exact'}" for sector, base in self.rounding[1:])
            counts = f"{usual}{sectors and f' ({sectors})'}, parts need not add up"
        else:
            counts = "exact"
        plan = pack.about().plan
        rule = plan_years()[plan_year].new_beneficiaries if plan_year in plan_years() else AS_REPORTED
        return "; ".join(
            (
                f"{plan} {plan_year} rules",
                f"new beneficiaries of indicators: {', '.join(self.counted_indicator_types)}",
                *([f"new beneficiaries: {rule}"] if rule != AS_REPORTED else []),
                f"{plan} activities only" if self.rmrp_activities_only else "all activities",
                f"intersector: {self.intersector_model} by {self.intersector_level}",
                f"proportions of {self.age_gender_proportions}, where missing {self.without_proportions}",
                f"in transit {'in' if self.in_transit_in_denominators else 'not in'} denominators",
                f"counts of people {counts}",
                f"cautions: {self.cautions.describe()}",
                *([f"repairs: {', '.join(repairs)}"] if repairs else []),
                *(f"accepted: {name} up to {limit:.1%}" for name, limit in self.limits.list_accepted().items()),
            )
        )

    named_for = describe_for
    """The earlier name, for one release."""
