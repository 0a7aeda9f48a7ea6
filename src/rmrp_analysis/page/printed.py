"""A sheet's figures, and parts of breakdowns, as they are printed in one language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from rmrp_analysis import numbers
from rmrp_analysis.figures import FIGURES, REASONS, Breakdown, Caution, Cell, Figure, KeyFigures
from rmrp_analysis.method import Revision
from rmrp_analysis.packs.pack import Publisher
from rmrp_analysis.vocabulary import (
    COUNTRIES,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    PLACES,
    REGION,
    REGIONAL,
    SECTORS,
    labels,
    short_name,
)
from rmrp_analysis.words import N_, Words, words_of

WHOLE_BREAKDOWN = {"not_kept", "no_proportions"}  # reasons for which a breakdown has no part at all
WORDS_OF = words_of(Path(__file__).parent)
"""What a sheet says of things of a kind, by their name in the code.

``caution`` by its rule, of coverage by the figure (``caution without numbers``: of people of whom fewer are printed
than can be compared). ``model rule`` by the rule of the consolidation: how a person whom several sectors reached is
counted. ``new beneficiaries`` by the rule of a plan year whose form does not ask for them. ``counted`` by the type of
an indicator: whom it counts. ``limit``: what a limit of the method measures, where a run accepts more than usual.
``revised because``: why a sheet prints other numbers than the one that it replaces. ``sign`` is what stands in a cell
that has no value. ``invented`` and ``file`` are the inputs that may be illustrative, and the files beside it, on the
page on data quality.
"""


@dataclass(frozen=True)
class Quantity:
    """A figure or a part of a breakdown, by the name an author calls it: its value, its unit, its printed form."""

    name: str
    value: float | None
    unit: str
    text: str

    @property
    def is_part(self) -> bool:
        """Whether this is a part of a breakdown."""
        return "[" in self.name


@dataclass(frozen=True)
class Printed:
    """Gives every figure and part of a sheet its printed form.

    ``provisional`` names the figures that may still change; ``revision`` says what the sheet before printed otherwise.
    ``calendar`` has the days on which sheets are issued.
    """

    key_figures: KeyFigures
    words: Words
    provisional: tuple[str, ...] = ()
    revision: Revision | None = None
    publisher: Publisher | None = None
    calendar: tuple[date, ...] = ()
    MONTHS_OF_A_PLAN: ClassVar[int] = 12
    SHARED_FROM: ClassVar[int] = 10
    """So many times the base of rounding people are at least of whom shares are told."""

    @property
    def internal(self) -> bool:
        """Whether the sheet is not for publication, and shows what is in doubt."""
        return self.key_figures.audience == "internal"

    @property
    def language(self) -> str:
        """The reader's language."""
        return self.words.language

    @cached_property
    def quantities(self) -> Mapping[str, Quantity]:
        """Everything the sheet states, by name: ``people_reached``, ``people_reached_by_platform["Peru"]``."""
        stated: dict[str, tuple[Figure | Cell, str]] = {
            name: (figure, figure.unit) for name, figure in self.key_figures.figures.items()
        }
        for table in self.key_figures.breakdowns.values():
            stated |= {f'{table.name}["{cell.key}"]': (cell, table.unit) for cell in table.cells}
        return {
            name: Quantity(name, each.value, unit, self.number(each, unit)) for name, (each, unit) in stated.items()
        }

    # ---- Figures ----

    def number(self, stated: Figure | Cell, unit: str) -> str:
        """A figure or a part of a breakdown, as printed."""
        if stated.status == "few":
            whole = 1.0
            if unit == "share" and isinstance(stated, Figure):
                whole = self.key_figures.value(FIGURES[stated.name].whole) or 1.0
            elif unit == "share" and isinstance(stated, Cell):
                tables = self.key_figures.breakdowns.values()
                shares = next(table for table in tables if table.unit == "share" and stated in table.cells)
                (dimension,), figure = shares.definition.by, shares.definition.figure_definition.whole
                whole = self.breakdown(f"{figure}_by_{dimension}").values()[stated.key]
            return numbers.less_than(self._base(stated) / whole, unit, self.language)
        return numbers.printed(stated.value, unit, self.language)

    def _base(self, stated: Figure | Cell) -> int:
        """The base to which a figure or part is rounded: that of its sector, where the parts are sectors."""
        figures = self.key_figures
        return figures.method.base(stated.key if isinstance(stated, Cell) and stated.key in SECTORS else figures.sector)

    def figure(self, name: str, unknown: str = numbers.NOTHING) -> str:
        """A figure by name, as printed; ``unknown`` where it has no value."""
        figure = self.key_figures.figures[name]
        return self.number(figure, figure.unit) if figure.value is not None else unknown

    def count(self, number: int) -> str:
        """Things that are counted, in full."""
        return numbers.count(number, self.language)

    def people(self, number: float) -> str:
        """A number of people."""
        return numbers.people(number, self.language)

    def share(self, part: float | None, whole: float | None) -> str:
        """A part's share of the whole; empty when it cannot be stated."""
        return numbers.share(part / whole, self.language) if part is not None and whole else ""

    def share_of(self, figure: str, part: float | None) -> str:
        """A part's share of a figure; empty when it cannot be stated."""
        return self.share(part, self.key_figures.value(figure))

    def value(self, number: float, unit: str) -> str:
        """A number of a unit."""
        return numbers.printed(number, unit, self.language)

    @property
    def has_money(self) -> bool:
        """Whether the sheet has money to tell of: what was given is known, and of an organisation not nothing."""
        money = self.key_figures.value("funding_usd")
        return bool(money) if self.organisation else money is not None

    # ---- What may be said ----

    def sound(self, breakdown: str) -> bool:
        """Whether a finding may be drawn from a breakdown: it is not in doubt, and most people are in its parts."""
        parts, figures = self.breakdown(breakdown), self.key_figures
        if figures.in_doubt(breakdown) or (parts.unit == "people" and figures.in_doubt("people_reached")):
            return False
        total = figures.value(parts.definition.figure) if breakdown in figures.breakdowns else None
        if parts.unit == "people" and self.is_small(total):
            return False
        values, cautions = parts.values(), figures.method.cautions
        rest = sum(values.get(part, 0.0) for part in (NOT_SPECIFIED, NATIONAL_LEVEL))
        return total is not None and -cautions.groups_exceed_total * total <= rest <= cautions.not_specified * total

    def is_small(self, people: float | None) -> bool:
        """Whether people are so few that parts of them, each rounded, make wrong shares."""
        return people is not None and people < self.SHARED_FROM * self.key_figures.base

    def cautions(self, *names: str, said: str = "") -> str:
        """How figures or breakdowns of these names must be read, in one line, but for the reasons ``said`` already."""
        reasons = self.doubts(*names, said=said)
        return self.words("Read with care: {reasons}.", reasons=reasons) if reasons else ""

    def doubts(self, *names: str, said: str = "") -> str:
        """Why figures or breakdowns of these names are in doubt, but for the reasons ``said`` already."""
        reasons = dict.fromkeys(self.caution(each) for each in self.key_figures.cautions if each.of in names)
        return "; ".join(reason for reason in reasons if reason not in said)

    def caution(self, caution: Caution) -> str:
        """Why a number is in doubt, as a part of a sentence."""
        kind = caution.rule if caution.rule != "coverage_above" else caution.of
        sentence = WORDS_OF["caution"][kind]
        if caution.share is None and caution.people is None:
            sentence = WORDS_OF["caution without numbers"].get(kind, sentence)
        return self.words(
            sentence,
            share=numbers.share(caution.share, self.language),
            month=self.month(caution.month) if caution.month else "",
            people="" if caution.people is None else self.people(caution.people),
            reports=self.count(self.key_figures.figures["people_reached"].rows),
        )

    @property
    def is_planned(self) -> bool:
        """Whether the plan says how many people are in need or targeted here."""
        return any(self.key_figures.value(name) is not None for name in ("people_in_need", "target"))

    @property
    def is_whole_year(self) -> bool:
        """Whether the period has every month of a plan."""
        return len(self.key_figures.period.months) >= self.MONTHS_OF_A_PLAN

    @property
    def months_left(self) -> int:
        """How many months of the plan follow the period."""
        return self.MONTHS_OF_A_PLAN - int(self.key_figures.period.end[-2:])

    @property
    def completeness(self) -> str:
        """How many of the partners that reported in the period did so for its last month; empty where all did."""
        partners, reported = map(self.key_figures.value, ("reporting_partners", "partners_last_month"))
        if not partners or reported is None or reported >= partners or self.organisation:
            return ""
        some = N_("{reported} of {partners} partners have reported for {month}.")
        nobody = N_("None of the {partners} partners has reported for {month}.")
        nobody = nobody if partners > 1 else N_("No partner has reported for {month}.")
        counts = {"reported": self.count(int(reported)), "partners": self.count(int(partners))}
        return self.words(some if reported else nobody, month=self.month(self.key_figures.period.end), **counts)

    @property
    def pace(self) -> float | None:
        """The people a month that the target needs; None where it is not known."""
        target = self.key_figures.value("target")
        return target / self.MONTHS_OF_A_PLAN if target and not self.key_figures.in_doubt("people_reached") else None

    @property
    def counts_as_target(self) -> bool:
        """Whether the people reached are all such as the target counts, too: none of them is in transit."""
        in_transit = self.breakdown("people_reached_by_population_group").values().get("in_transit")
        return self.key_figures.method.in_transit_in_denominators or in_transit == 0

    def reason(self, stated: Figure | Cell) -> str:
        """Why there is no number; empty where there is one."""
        return self.words(REASONS.get(stated.reason, ""))

    def rounding(self) -> str:
        """How counts of people are rounded on the sheet, in a sentence."""
        figures, words = self.key_figures, self.words
        if self.internal:
            return words("Counts of people are exact: they are not for publication.")
        bases = dict(figures.method.rounding).items()
        of_sectors = {sector: base for sector, base in bases if sector in SECTORS and figures.is_intersector}
        if not figures.base and not any(of_sectors.values()):
            return words("Counts of people are exact.")
        rounded = self.count(figures.base)
        if of_sectors:
            own = ", ".join(f"{self.label(sector)}: {self.count(base)}" for sector, base in of_sectors.items())
            rounded = f"{rounded} ({own})"
        return words(
            "Numbers of people are rounded to multiples of {base} to protect individuals; "
            "parts may not add up to the total.",
            base=rounded,
        )

    # ---- Breakdowns ----

    def breakdown(self, name: str) -> Breakdown:
        """A breakdown by name; one without parts where the figures do not have it."""
        return self.key_figures.breakdowns.get(name) or Breakdown(name, "", "group", "", ())

    def part(self, cell: Cell, unit: str, longest: float = 0) -> dict[str, Any]:
        """A part in a table with bars: its state, the length of its bar (``longest`` is 1), its text.

        ``spoken`` is what a voice says where the text is a sign that it would leave out.
        """
        words, text = self.words, self.number(cell, unit)
        if cell.present:
            state = "value"
        elif cell.value is not None:
            state = "zero"
            text = words("none designated") if unit == "usd" else words("none reported")
        elif cell.reason in WHOLE_BREAKDOWN or cell.key == REGIONAL:
            state = "not_applicable"
        elif cell.reason == "new_not_known":
            state, text = "no_report", words("not known")
        else:
            state, text = "no_report", words("no report")
        bar = self.length(cell) / longest if longest > 0 else 0
        spoken = words("does not apply") if text == numbers.NOTHING else ""
        if cell.status == "few":
            spoken = self.aloud(text)
        return bar_part(state, text, bar=bar, spoken=spoken)

    def length(self, cell: Cell) -> float:
        """How long the bar of a part is: its value; a tenth of the base for few people, so that it can be seen."""
        return self._base(cell) / 10 if cell.status == "few" else max(cell.value or 0.0, 0.0)

    def longest(self, cells: Iterable[Cell]) -> float:
        """How long the longest bar of these parts is: that of few people is none."""
        return max((self._base(cell) if cell.status == "few" else self.length(cell) for cell in cells), default=0.0)

    def spoken(self, cell: Cell, unit: str) -> str:
        """A part as an alternative text tells it: without signs that a voice leaves out."""
        part = self.part(cell, unit)
        return str(part["spoken"] or part["text"])

    # ---- Names ----

    def sheet(self) -> str:
        """What the sheet is called: its sector, and the place or organisation that it is of."""
        of = self.key_figures
        return labels.sheet_name(of.sector, of.place, self.language, of.organisation)

    def document(self, title: str) -> str:
        """What the whole document is called: the sheet, its title, and its scope where the sheet does not say it."""
        return " · ".join(filter(None, (self.sheet(), self.words(title), self.scope_beside_title())))

    def scope_beside_title(self) -> str:
        """The region, or the organisation in full: what the name of the sheet does not say; empty where it does."""
        of = self.key_figures
        if of.organisation:
            return self.scope() if self.organisation != self.scope() else ""
        return self.scope() if of.place == REGION else ""

    @property
    def organisation(self) -> str:
        """The short name of the organisation whose sheet this is; empty on the sheet of a place."""
        return short_name(self.label(self.key_figures.organisation))

    def scope(self) -> str:
        """The organisation, or the region or platform with the number of its countries."""
        if self.key_figures.organisation:
            return self.label(self.key_figures.organisation)
        if self.key_figures.place == REGION:
            return self.words("Region · {countries} countries", countries=str(len(COUNTRIES)))
        return self.label(self.key_figures.place)

    def label(self, key: str) -> str:
        """The name of a sector, group, model, platform, country, month, organisation or donor."""
        return labels.label(key, self.language)

    def part_name(self, key: str, dimension: str) -> str:
        """The name of a part of a breakdown by this dimension."""
        if dimension in ("check", "family"):
            from rmrp_analysis.page.quality_page import FAMILIES, rule_sentence  # most sheets do without

            return rule_sentence(key, self.words) if dimension == "check" else self.words(FAMILIES[key])
        if dimension == "model" and key == self.key_figures.method.intersector_model:
            return self.words("{model} (used)", model=self.label(key))
        return self.place(key) if dimension in ("admin1", "country", "platform") else self.label(key)

    def place(self, key: str) -> str:
        """The name of a platform, of a country (by ISO 3166 alpha-3) or of an admin1."""
        return labels.place(key, self.language)

    def level(self, count: int = 1) -> str:
        """The country's own word for its first administrative level, one of it or several."""
        return labels.level(self.key_figures.place, self.language, count)

    def month(self, month: str) -> str:
        """The name of a month given as ``YYYY-MM``."""
        return numbers.month_name(month, self.language)

    def listed(self, texts: list[str]) -> str:
        """Texts as a list in words."""
        return numbers.listed(texts, self.language)

    def places(self) -> str:
        """The dimension by which the sheet tells places apart: platforms, of a platform countries, of a country admin1.

        An organisation that works in few countries has these.
        """
        of = self.key_figures
        if self.organisation and "people_reached_by_country" in of.breakdowns:
            return "country"
        return "platform" if of.place == REGION else "admin1" if len(PLACES[of.place]) == 1 else "country"

    # ---- Times and sentences ----

    def period(self) -> str:
        """The months covered."""
        return numbers.months(self.key_figures.period.start, self.key_figures.period.end, self.language)

    def as_of(self, source: str) -> str:
        """The day a source's figures are of, in words: ``as of 31 December 2021``."""
        named = self.key_figures.sources.get(source)
        if named is None or not named.as_of:
            return self.words("of an unknown date")
        return self.words("as of {date}", date=numbers.date(named.as_of, self.language))

    def aloud(self, text: str) -> str:
        """A text that is heard and not seen, with its numbers as a person says them."""
        return numbers.aloud(text, self.language)

    def sentence(self, text: str) -> str:
        """A text with figures in it as the language says it aloud."""
        return numbers.in_sentence(text, self.language)


def falling(cell: Cell) -> tuple[bool, int, float, str]:
    """The order of parts: values falling, few people, zeros, those without a report, each by name.

    What belongs to no single part comes last.
    """
    kind = 1 if cell.status == "few" else 3 if cell.value is None else 0 if cell.value else 2
    return cell.key in (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL), kind, -(cell.value or 0), cell.key


def bar_part(state: str, text: str, *, bar: float = 0, share: str = "", spoken: str = "") -> dict[str, Any]:
    """A part in a table with bars, as the view of its block has it; lengths are shares of the longest bar."""
    return {"state": state, "text": text, "bar": bar, "target": None, "share": share, "spoken": spoken}
