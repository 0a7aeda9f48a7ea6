"""Read the facts of a language that sheets need: its file ``language.yml``, and otherwise Babel's data."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol
from babel.units import format_unit
from pydantic import AfterValidator, Field

from rmrp_analysis.errors import RequestError
from rmrp_analysis.packs import pack
from rmrp_analysis.packs.pack import Row, Text
from rmrp_analysis.yaml_text import read_yaml

NARROW_SPACE = "\u202f"
"""The narrow no-break space between thousands, and before a sign of percent."""
Closeness = Literal["almost", "over", "about"]
"""The meaning of a word before a figure: a little less, a little more, or either."""
Share = Literal["nearly all", "most", "half", "a third", "a quarter"]
"""The meanings of words for a share."""
Pattern = Annotated[str, Field(pattern=r"\{\}"), AfterValidator(lambda pattern: pattern.replace(" ", NARROW_SPACE))]
"""A text with ``{}`` for a number, in which blanks become narrow."""


class Language(Row):
    """A language of sheets, as its file ``language.yml`` declares it: how it writes numbers, and words to recognise.

    ``dollars`` is the pattern of an amount, with ``{}`` for the number. ``millions_of`` joins millions to the noun that
    is counted. If it is set, sentences write millions of ``people`` in words. ``contractions`` give the word that joins
    a preposition and an article. ``closeness`` and ``shares`` are words that narratives may use, with ``_`` for a
    blank, and their meanings. ``of_them`` are the ways to say that a share is one of people. ``figure_words`` are
    beginnings of the words for a figure. A number after one of ``names_with_numbers`` (a page, a law) or before one of
    ``not_counted`` (years, hours) is no figure of a plan. A number reached after a word that begins as one of
    ``intentions`` is a target. After ``partitives`` comes the total of a share. ``one_in`` stands in shares such as *1
    in 3*.
    """

    code: Text
    regional: str = ""
    """The locale of dates and lists, if it is another one."""
    first_day: Text = "1"
    """The first day of a month in a date."""
    dollars: Pattern
    spoken_dollars: Text
    less_than: Text
    fewer_than: str = ""
    """The word in place of ``less_than`` before a number of people, if the language has another."""
    in_full_below: int = 10_000
    """From this number on, people and money have a unit, and numbers in full have a sign between thousands."""
    longer: float = 1.2
    """How much longer a text may be than in English, as a factor."""
    millions_of: str = ""
    people: str = ""
    within: Text
    """The preposition before the place of an event."""
    contractions: Mapping[str, str] = Field(default_factory=dict)
    closeness: Mapping[str, Closeness]
    shares: Mapping[str, Share]
    of_them: tuple[Text, ...]
    figure_words: Mapping[str, tuple[Text, ...]] = Field(default_factory=dict)
    names_with_numbers: tuple[Text, ...] = ()
    not_counted: tuple[Text, ...] = ()
    intentions: tuple[Text, ...] = ()
    partitives: tuple[Text, ...] = ()
    one_in: tuple[Text, ...] = ()

    @cached_property
    def locale(self) -> Locale:
        """Babel's data on the language."""
        return Locale.parse(self.code)

    @cached_property
    def name(self) -> str:
        """The language by its own name, such as Español."""
        return str(self.locale.display_name).capitalize()

    @cached_property
    def decimal(self) -> str:
        """The sign before decimals."""
        return get_decimal_symbol(self.code)

    @cached_property
    def thousands(self) -> str:
        """The sign between thousands in print: a comma or a narrow space. A point could be a decimal."""
        as_typed = get_group_symbol(self.code)
        return as_typed if as_typed == "," else NARROW_SPACE

    @cached_property
    def signs(self) -> Mapping[int, str]:
        """The signs of the language by the code of the sign that Python writes."""
        return {ord(","): self.thousands, ord("."): self.decimal, ord("-"): "−"}

    @cached_property
    def percent(self) -> str:
        """The pattern of a share in percent, with ``{}`` for the number and a narrow blank."""
        _, suffix = self.locale.percent_formats[None].suffix
        return "{}" + re.sub(r"\s", NARROW_SPACE, suffix)

    @cached_property
    def percent_words(self) -> tuple[str, ...]:
        """The sign and the words that people type after a share."""
        locales = (self.code, self.regional or self.code)
        translate = (format_unit(2, "concentr-percent", "long", locale=locale) for locale in locales)
        return "%", *dict.fromkeys(words_of_two.lstrip("2\xa0 ") for words_of_two in translate)

    @cached_property
    def units(self) -> Mapping[str, int]:
        """The short words for powers of ten, largest first, of one word only: ``{"M": 6, "mil": 3}``."""
        return {unit: power for unit, power in self._powers("short") if " " not in unit}

    @cached_property
    def typed_units(self) -> Mapping[str, int]:
        """Every word for a power of ten that people type, short or in full, also the international K and M."""
        return {"K": 3, "k": 3, "M": 6} | dict([*self._powers("long"), *self._powers("short")])

    def spoken_unit(self, power: int, number: float) -> str:
        """Return the word for a power of ten in the form that a number takes: ``1.57`` is singular in Portuguese."""
        forms = self.locale.compact_decimal_formats["long"]
        formats = forms.get(self.locale.plural_form(number), forms["other"])
        return str(formats[str(10**power)].suffix[0].strip())

    def _powers(self, length: Literal["short", "long"]) -> list[tuple[str, int]]:
        """List the words for powers of ten, the largest first, each with its power: ``0000 M`` for 10⁹ has 6."""
        power_by_word = {
            " ".join(pattern.suffix[0].split()): len(magnitude) - pattern.pattern.count("0")
            for formats in self.locale.compact_decimal_formats[length].values()
            for magnitude, pattern in formats.items()
            if len(magnitude) <= 12
        }
        return sorted(((unit, power) for unit, power in power_by_word.items() if unit), key=lambda item: -item[1])


@pack.cached_by_pack
def declared(code: str) -> Language:
    """Read the language of this code, one of ``pack.languages()``. Cached by pack.

    Raises ``RequestError`` with every fault of its file and its line, ``KeyError`` for another code.
    """
    text = read_yaml(pack.languages()[code] / pack.LANGUAGE_FILE, RequestError)
    return text.valid(Language, {**text.content, "code": code})
