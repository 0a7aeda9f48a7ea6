"""A sheet's figures, and parts of breakdowns, as they are printed in one language."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from rmrp_analysis import labels, numbers
from rmrp_analysis.figures import REASONS, Breakdown, Caution, Cell, Figure, KeyFigures
from rmrp_analysis.method import Revision
from rmrp_analysis.vocabulary import COUNTRIES, NATIONAL_LEVEL, NOT_SPECIFIED, REGION, REGIONAL, short_name
from rmrp_analysis.words import N_, Words

WHOLE_BREAKDOWN = {"not_kept", "no_proportions"}
"""Reasons for which a breakdown has no part at all."""


CAUTIONS: Mapping[str, str] = {
    "one_report": N_("one report of {month} makes {share} of this number"),
    "target_coverage": N_("reach equals {share} of the target"),
    "need_coverage": N_("reach equals {share} of the people in need"),
    "funding_coverage": N_("funding equals {share} of the requirement"),
    "total_below_parts": N_("one of its breakdowns adds up to {people}, which is more"),
    "new_is_total": N_("every report counts all of its people as new, month after month"),
    "groups_exceed_total": N_("these groups add up to {people}, more than the people reached"),
    "not_specified": N_("for {share} of the people reached no group is reported"),
}
"""What is said of a caution, by its rule; of coverage, by the figure."""

CAUTIONS_WITHHELD: Mapping[str, str] = {
    "total_below_parts": N_("one of its breakdowns adds up to more"),
    "groups_exceed_total": N_("these groups add up to more than the people reached"),
    "not_specified": N_("for many of the people reached no group is reported"),
    "one_report": N_("one report of {month} makes most of this number"),
}
"""The same where the numbers are withheld."""


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
    """

    key_figures: KeyFigures
    words: Words
    provisional: tuple[str, ...] = ()
    revision: Revision | None = None
    MONTHS_OF_A_PLAN: ClassVar[int] = 12

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
        stated: list[tuple[str, Figure | Cell, str]] = [
            *((name, figure, figure.unit) for name, figure in self.key_figures.figures.items()),
            *(
                (f'{table.name}["{cell.key}"]', cell, table.unit)
                for table in self.key_figures.breakdowns.values()
                for cell in table.cells
            ),
        ]
        return {name: Quantity(name, number.value, unit, self.number(number, unit)) for name, number, unit in stated}

    # ---- Figures ----

    def number(self, stated: Figure | Cell, unit: str) -> str:
        """A figure or a part of a breakdown, as printed."""
        return self.withheld_text(stated) if stated.suppressed else numbers.printed(stated.value, unit, self.language)

    def figure(self, name: str, unknown: str = numbers.NOTHING) -> str:
        """A figure by name, as printed; ``unknown`` where it has no value and is not withheld."""
        figure = self.key_figures.figures[name]
        return self.number(figure, figure.unit) if figure.value is not None or figure.suppressed else unknown

    def count(self, number: int) -> str:
        """Things that are counted, in full."""
        return numbers.count(number, self.language)

    def people(self, number: float) -> str:
        """A number of people."""
        return numbers.people(number, self.language)

    def usd(self, amount: float) -> str:
        """An amount of money."""
        return numbers.usd(amount, self.language)

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
        """Whether the sheet has money to tell of; one of a place always does, or says why not."""
        return not self.organisation or bool(self.key_figures.value("funding_usd"))

    # ---- What may be said ----

    def sound(self, breakdown: str) -> bool:
        """Whether a finding may be drawn from a breakdown: it is not in doubt, and most people are in its parts."""
        parts, figures = self.breakdown(breakdown), self.key_figures
        if figures.in_doubt(breakdown) or (parts.unit == "people" and figures.in_doubt("people_reached")):
            return False
        total = figures.value(parts.definition.figure) if breakdown in figures.breakdowns else None
        values, cautions = parts.values(), figures.method.cautions
        rest = sum(values.get(part, 0.0) for part in (NOT_SPECIFIED, NATIONAL_LEVEL))
        return total is not None and -cautions.groups_exceed_total * total <= rest <= cautions.not_specified * total

    def cautions(self, *names: str) -> str:
        """What is being checked about figures or breakdowns of these names, in one line; empty where nothing is."""
        found = [caution for caution in self.key_figures.cautions if caution.of in names]
        reasons = "; ".join(dict.fromkeys(self.caution(caution) for caution in found))
        return self.words("Being checked: {reasons}.", reasons=reasons) if found else ""

    def caution(self, caution: Caution) -> str:
        """Why a number is in doubt, as a part of a sentence."""
        sentence = CAUTIONS[caution.rule if caution.rule != "coverage_above" else caution.of]
        if caution.share is None and caution.people is None:
            sentence = CAUTIONS_WITHHELD.get(caution.rule, sentence)
        return self.words(
            sentence,
            share=numbers.share(caution.share, self.language),
            month=self.month(caution.month) if caution.month else "",
            people="" if caution.people is None else self.people(caution.people),
        )

    @cached_property
    def pace(self) -> float | None:
        """The people a month that the target needs; None where it is not known of the same people as those reached.

        The months count people in transit, and the target does as far as the plan gives one for them.
        """
        target, figures = self.key_figures.value("target"), self.key_figures
        if not target or figures.in_doubt("people_reached"):
            return None
        if not figures.method.in_transit_in_denominators:
            of_transit = self.breakdown("target_by_population_group").values().get("in_transit")
            reached = self.breakdown("people_reached_by_population_group").values().get("in_transit")
            if of_transit is None and reached != 0:
                return None
            target += of_transit or 0.0
        return target / self.MONTHS_OF_A_PLAN

    @property
    def rounded_to(self) -> int:
        """The base to whose multiples the sheet's counts of people are rounded; 0 where they are not."""
        return 0 if self.internal else self.key_figures.method.rounded_to

    @property
    def few(self) -> str:
        """The number below which counts are withheld."""
        return str(self.key_figures.threshold)

    def withheld_text(self, stated: Figure | Cell) -> str:
        """What stands for what is withheld: the range that is printed in its place, or a word."""
        return "–".join(self._ends(stated)) or self.words("withheld")

    def between(self, stated: Figure | Cell) -> str:
        """The range that is printed in place of a number, as a person says it; empty where there is none."""
        if stated.range is None:
            return ""
        least, most = self._ends(stated)
        return self.words("between {least} and {most}", least=least, most=most)

    def _ends(self, stated: Figure | Cell) -> list[str]:
        return [self.count(int(end)) for end in stated.range or ()]

    def reason(self, stated: Figure | Cell) -> str:
        """Why there is no number; empty where there is one."""
        if stated.range is None:
            return self.words(REASONS.get(stated.reason, ""))
        return self.words(
            "{between}: of few people, or it would reveal a number of few people", between=self.between(stated)
        )

    def withheld_note(self, breakdown: Breakdown) -> str:
        """Why parts are withheld; nothing where none is."""
        if not any(cell.suppressed for cell in breakdown.cells):
            return ""
        if any(cell.range for cell in breakdown.cells):
            return self.words("Withheld, or a range, so that no count below {few} can be worked out.", few=self.few)
        return self.words("Withheld, so that no count below {few} can be worked out.", few=self.few)

    # ---- Breakdowns ----

    def breakdown(self, name: str) -> Breakdown:
        """A breakdown by name; one without parts where the figures do not have it."""
        return self.key_figures.breakdowns.get(name) or Breakdown(name, "", "group", "", ())

    def part(self, cell: Cell, breakdown: Breakdown) -> dict[str, Any]:
        """A part in a table with bars: its state, the length of its bar (the longest is 1), its text.

        ``spoken`` is what a voice says where the text is a sign that it would leave out.
        """
        words, text = self.words, self.number(cell, breakdown.unit)
        if cell.suppressed:
            state = "withheld"
        elif cell.value:
            state = "value"
        elif cell.value is not None:
            state = "zero"  # where counts are rounded, it may be of few people
            if breakdown.unit == "usd" or not self.rounded_to:
                text = words("none designated") if breakdown.unit == "usd" else words("none reported")
        elif cell.reason in WHOLE_BREAKDOWN or cell.key == REGIONAL:
            state = "not_applicable"
        elif cell.reason == "new_not_known":
            state, text = "no_report", words("not known")
        else:
            state, text = "no_report", words("no report")
        longest = max(breakdown.values().values(), default=0)
        bar = max(cell.value or 0, 0) / longest if longest > 0 else 0
        spoken = words("does not apply") if text == numbers.NOTHING else self.between(cell)
        return bar_part(state, text, bar=bar, spoken=spoken)

    def spoken(self, cell: Cell, breakdown: Breakdown) -> str:
        """A part as an alternative text tells it: without signs that a voice leaves out."""
        part = self.part(cell, breakdown)
        return str(part["spoken"] or part["text"])

    def chart_table(self, breakdown: Breakdown) -> pd.DataFrame:
        """A breakdown as the table that a chart draws."""
        rows = {cell.key: (cell.value, cell.suppressed, cell.reason) for cell in breakdown.cells}
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "suppressed", "reason"])
        threshold = self.key_figures.threshold
        table.attrs |= {"unit": breakdown.unit, "small_count_threshold": threshold, "rounded_to": self.rounded_to}
        return table

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
            return of.organisation if self.organisation != of.organisation else ""
        return self.scope() if of.place == REGION else ""

    @property
    def organisation(self) -> str:
        """The short name of the organisation whose sheet this is; empty on the sheet of a place."""
        return short_name(self.key_figures.organisation)

    def scope(self) -> str:
        """The organisation, or the region or platform with the number of its countries."""
        if self.key_figures.organisation:
            return self.key_figures.organisation
        if self.key_figures.place == REGION:
            return self.words("Region · {countries} countries", countries=str(len(COUNTRIES)))
        return self.label(self.key_figures.place)

    def label(self, key: str) -> str:
        """The name of a sector, group, model, platform, country or month."""
        return labels.label(key, self.language)

    def place(self, key: str) -> str:
        """The name of a platform, of a country (by ISO 3166 alpha-3) or of an admin1."""
        return labels.place(key, self.language)

    def model(self, key: str) -> str:
        """The name of a consolidation model; of the one that the figures use, with a word that says so."""
        used = key == self.key_figures.method.intersector_model
        return self.words("{model} (used)", model=self.label(key)) if used else self.label(key)

    def month(self, month: str) -> str:
        """The name of a month given as ``YYYY-MM``."""
        return numbers.month_name(month, self.language)

    def listed(self, texts: list[str]) -> str:
        """Texts as a list in words."""
        return numbers.listed(texts, self.language)

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
    """The order of parts: values falling, withheld ones, zeros, those without a report, each by name.

    What belongs to no single part comes last.
    """
    kind = 1 if cell.suppressed else 3 if cell.value is None else 0 if cell.value else 2
    return cell.key in (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL), kind, -(cell.value or 0), cell.key


def bar_part(
    state: str, text: str, *, bar: float = 0, target: float | None = None, share: str = "", spoken: str = ""
) -> dict[str, Any]:
    """A part in a table with bars, as the view of its block has it; lengths are shares of the longest bar."""
    return {"state": state, "text": text, "bar": bar, "target": target, "share": share, "spoken": spoken}
