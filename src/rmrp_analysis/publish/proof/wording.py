"""Finds in a text the numbers of a plan, the figures that it speaks of, whom and where it names."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, product

from babel.dates import get_month_names

from rmrp_analysis.figures import BREAKDOWNS, FIGURES
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.page.typed import TypedNumber, typed_numbers
from rmrp_analysis.vocabulary import (
    ALL,
    CALLED,
    COUNTRY_SPELLINGS,
    GROUP_NAMES,
    INTERSECTOR,
    PLACES,
    PLATFORM_OF,
    PLATFORM_SPELLINGS,
    REGION,
    REGIONAL,
    SECTOR_SPELLINGS,
    fold,
    full_name,
    labels,
    short_name,
)
from rmrp_analysis.words import Words

SHORTEST_NAME = 4
"""Shorter spellings of countries are words of a language, too: ``per``, ``pan``."""

WORDS_OF_A_GROUP = 4
"""A year is a number of people where so many words after it tell of people."""

NEXT_WORD = re.compile(r"\S+")
YEAR = r"(?:19|20)\d\d"
DATES = (
    r"\{\{.*?\}\}",  # a figure by its name
    r"https?://\S+|www\.\S+|\S+@\S+",
    rf"\d{{1,4}}([-/.])\d{{1,2}}\1\d{{2,4}}(?:T[\d:.]+Z?)?|\b{YEAR}\s?[-–/]\s?\d{{2,4}}\b|\b\d{{1,2}}/{YEAR}\b",
    r"\b\d{1,2}[:h]\d{2}(?::\d{2})?\b|\b\d{1,2}\s?(?:[ap]\.?\s?m\b\.?|hrs?\b)|\b(?:GMT|UTC)?[+-]\d{1,4}\b",
    rf"{CALLED}|\+\d[\d ().-]{{6,}}\d|\(\d{{2,4}}\)\s?\d[\d -]{{5,}}\d",
    r"(?m:^\s*\(?\d{1,2}(?:\.\d{1,2})*[.)]\s)|\b\d+\.?(?:[ºª°]|(?:st|nd|rd|th|er|ra|ro|do|da|to|ta)\b)|\b\d{1,3}\+",
)
"""Dates, times, addresses, telephone numbers, ordinals and numbers of lists, as every language writes them."""


@dataclass(frozen=True)
class Wording:
    """The words of these languages for what a run has: ``parts`` are those of its breakdowns."""

    languages: tuple[str, ...]
    parts: frozenset[str]

    def numbers(self, text: str) -> Iterator[TypedNumber]:
        """Give the numbers that may be figures: no dates, years, ordinals, ages, numbers of pages or of names."""
        hidden = text
        for pattern in (self._spelt_with_digits, self._not_figures):
            hidden = pattern.sub(lambda found: re.sub(r"\d", "_", found[0]), hidden)
        for number in typed_numbers(hidden, *self.languages):
            after = islice(NEXT_WORD.finditer(hidden, number.end), WORDS_OF_A_GROUP if number.is_year else 0)
            following = " ".join(word[0] for word in after)
            if not number.is_year or self.names(following) & set(GROUP_NAMES) or self._people.search(following):
                yield number

    def names(self, text: str) -> set[str]:
        """Give the keys of everything that a text names; of names within each other the longest."""
        tokens, found, at = tokens_of(self._not_figures.sub(" ", text)), set[str](), 0
        longest = max(map(len, self._names))
        while at < len(tokens):
            ends = range(min(at + longest, len(tokens)), at, -1)
            end = next((end for end in ends if tuple(tokens[at:end]) in self._names), at)
            found |= self._names.get(tuple(tokens[at:end]), set())
            at = max(end, at + 1)
        return found

    def language(self, text: str) -> str:
        """Give the language of a text: that of which it has most words, of those that a language declares."""
        words = Counter(re.findall(r"[^\W\d_]+", text.lower()))

        def known(language: str) -> int:
            of = declared(language)
            phrases = (of.people, of.within, *of.contractions.values(), *of.of_them, *of.shares, *of.closeness)
            return sum(words[word] for word in set(re.findall(r"[^\W\d_]+", " ".join(phrases))))

        return max(self.languages, key=known)

    def figures(self, text: str) -> set[str]:
        """Give the figures of which a text speaks; of words within each other the longest."""
        folded = fold(text)
        found = [(each.span(), name) for name, words in self._figure_words.items() for each in words.finditer(folded)]
        figures, longest = set[str](), (0, 0)
        for span, name in sorted(found, key=lambda each: (each[0][0], -each[0][1])):
            if span[1] > longest[1] or span == longest:
                figures.add(name)
                longest = span
        return figures

    @cached_property
    def _people(self) -> re.Pattern[str]:
        return re.compile("|".join(declared(language).people or "people" for language in self.languages), re.IGNORECASE)

    @cached_property
    def _not_figures(self) -> re.Pattern[str]:
        typed = [declared(language) for language in self.languages]
        names = (get_month_names(width, locale=of.code) for width in ("wide", "abbreviated") for of in typed)
        months = {name for of_language in names for name in of_language.values()}
        month, day = "|".join(sorted(map(re.escape, months), key=len, reverse=True)), r"\d{1,2}(?:[ºª°]|st|nd|rd|th)?"
        days = rf"{day}(?:\s?(?:[-–,]|and|to|al?|y|e)\s?(?:el\s)?{day})?\s(?:de\s|of\s)?(?:{month})\b"
        american = rf"\b(?:{month})\s{day}(?:,\s{YEAR}|(?=[.,;)]|$))"
        before = "|".join(re.escape(word) for of in typed for word in of.names_with_numbers)
        after = "|".join(re.escape(word) for of in typed for word in of.not_counted)
        named = rf"(?<!\w)(?:{before})[\s:°#]*\+?\d[\d.-]*(?:\s?(?:/|of|de)\s?\d+)?"
        measured = rf"\b\d{{1,3}}(?:\s?(?:[-–]|to|and|al?|y|e)\s?\d{{1,3}})?[\s-](?:{after})\b"
        patterns = [*DATES, days, american, named, measured]
        return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)

    @cached_property
    def _spelt_with_digits(self) -> re.Pattern[str]:
        """Names of organisations and groups that have digits in them."""
        names = chain.from_iterable(self._spellings(part) for part in self.parts if not labels.is_month(part))
        with_digits = sorted({name for name in names if re.search(r"\d", name)}, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, with_digits)) or "(?!)", re.IGNORECASE)

    def _spellings(self, part: str) -> Iterator[str]:
        """Give how a part of a breakdown is called: in each language, in full, in short."""
        for language in self.languages:
            name = labels.label(part, language)
            place, in_sentence = labels.place(part, language), labels.place_in_sentence(part, language)
            yield from (name, place, short_name(name), full_name(name))
            if in_sentence != place:
                yield in_sentence.partition(" ")[2]  # without its article, which a preposition may hold
            if labels.is_month(part):
                yield name.split()[0]

    @cached_property
    def _names(self) -> Mapping[tuple[str, ...], set[str]]:
        """Give what each name stands for, by its words; that of a breakdown for all of its parts."""
        sectors = {**SECTOR_SPELLINGS, **{name: INTERSECTOR for name, key in SECTOR_SPELLINGS.items() if key == ALL}}
        sectors.pop(ALL, "")  # which means each sector, where sectors are listed
        parts = ((spelling, part) for part in self.parts for spelling in self._spellings(part))
        spelt = {
            name: code for name, code in COUNTRY_SPELLINGS.items() if len(name) >= SHORTEST_NAME and code != REGIONAL
        }
        of_platforms = ((name, code if code in PLACES else PLATFORM_OF[code]) for name, code in spelt.items())
        countries = chain(spelt.items(), of_platforms)  # which may be platforms, too
        in_sentences = product(set(PLACES) - {REGION}, self.languages)
        inside = ((labels.in_place(place, language).partition(" ")[2], place) for place, language in in_sentences)
        named_breakdowns = product(self.languages, BREAKDOWNS.items())
        breakdowns = ((Words(language)(each.label), name) for language, (name, each) in named_breakdowns)
        named: dict[tuple[str, ...], set[str]] = {}
        for spelling, key in chain(sectors.items(), PLATFORM_SPELLINGS.items(), countries, inside, parts, breakdowns):
            if tokens := tuple(tokens_of(spelling)):
                named.setdefault(tokens, set()).add(key)
        return named

    @cached_property
    def _figure_words(self) -> Mapping[str, re.Pattern[str]]:
        def spoken(name: str) -> Iterable[str]:
            for language in self.languages:
                yield from declared(language).figure_words.get(name, ())
                yield Words(language)(FIGURES[name].label)

        phrases = {name: sorted(map(fold, spoken(name)), key=len, reverse=True) for name in FIGURES}
        return {name: re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})") for name, words in phrases.items()}


def tokens_of(text: str) -> list[str]:
    """Give the words of a text, folded."""
    return re.findall(r"[^\W_]+", fold(text))
