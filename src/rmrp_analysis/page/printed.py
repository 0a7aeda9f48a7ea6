"""A sheet's figures as they are printed in one language."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from rmrp_analysis import labels, numbers
from rmrp_analysis.figures import Breakdown, Cell, Figure, KeyFigures
from rmrp_analysis.vocabulary import REGION
from rmrp_analysis.words import Words


@dataclass(frozen=True)
class Quantity:
    """A figure or a part of a breakdown, by the name an author calls it: its value, its unit, its printed form."""

    name: str
    value: float | None
    unit: str
    text: str


@dataclass(frozen=True)
class Printed:
    """Gives every figure and part of a sheet its printed form."""

    key_figures: KeyFigures
    words: Words

    @property
    def language(self) -> str:
        """The reader's language."""
        return self.words.language

    @cached_property
    def quantities(self) -> Mapping[str, Quantity]:
        """Everything the sheet states, by name: ``people_reached``, ``people_reached_by_platform["Peru"]``."""
        figures = (Quantity(name, of.value, of.unit, self.of(of)) for name, of in self.key_figures.figures.items())
        parts = (
            Quantity(f'{table.name}["{cell.key}"]', cell.value, table.unit, self.part(cell, table))
            for table in self.key_figures.breakdowns.values()
            for cell in table.cells
        )
        return {quantity.name: quantity for quantity in (*figures, *parts)}

    def figure(self, name: str) -> str:
        """A figure by name, as printed."""
        return self.of(self.key_figures.figures[name])

    def of(self, figure: Figure) -> str:
        """A figure, as printed."""
        return self.withheld if figure.suppressed else numbers.printed(figure.value, figure.unit, self.language)

    def part(self, cell: Cell, breakdown: Breakdown) -> str:
        """A part of a breakdown, as printed."""
        return (
            self.withheld_part(cell) if cell.suppressed else numbers.printed(cell.value, breakdown.unit, self.language)
        )

    def breakdown(self, name: str) -> Breakdown:
        """A breakdown by name; one without parts where the figures do not have it."""
        found = self.key_figures.breakdowns.get(name)
        return found or Breakdown(name, "", "group", "", ())

    def share(self, part: float | None, whole: float | None) -> str:
        """A part's share of the whole; empty when it cannot be stated."""
        return numbers.share(part / whole, self.language) if part is not None and whole else ""

    def sector(self) -> str:
        """The sector's name."""
        return self.label(self.key_figures.sector)

    def scope(self) -> str:
        """The region or platform, with the number of its countries."""
        if self.key_figures.platform == REGION:
            return self.words("Region · {countries} countries", countries="17")
        return self.words(self.key_figures.platform)

    def label(self, key: str) -> str:
        """The name of a sector, group, model, platform, country or month."""
        return labels.label(key, self.language)

    def place(self, key: str) -> str:
        """The name of a platform, of a country (by ISO 3166 alpha-3) or of an admin1."""
        return labels.place(key, self.language)

    def period(self) -> str:
        """The months covered."""
        return numbers.months(self.key_figures.period.start, self.key_figures.period.end, self.language)

    def as_of(self, source: str) -> str:
        """The day a source's figures are of, in words: ``as of 31 December 2021``."""
        named = self.key_figures.sources.get(source)
        if named is None or not named.as_of:
            return self.words("of an unknown date")
        return self.words("as of {date}", date=numbers.date(named.as_of, self.language))

    @property
    def withheld(self) -> str:
        """What stands for a count that is withheld because it is small."""
        return numbers.fewer_than(self.key_figures.method.small_count_threshold)

    @property
    def fewer(self) -> str:
        """A withheld small count in words."""
        return self.words("fewer than {few}", few=str(self.key_figures.method.small_count_threshold))

    def withheld_part(self, cell: Cell) -> str:
        """What stands for a withheld part: below the threshold, or a word where it may be a larger one."""
        return self.withheld if cell.reason == "withheld" else self.words("withheld")

    def sentence(self, text: str) -> str:
        """A text with figures in it as the language says it aloud."""
        return numbers.in_sentence(text, self.language)

    def usd(self, amount: float) -> str:
        """An amount of money, as printed."""
        return numbers.usd(amount, self.language)
