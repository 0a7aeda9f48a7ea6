"""Finds in a text its numbers, the figures that it mentions, and the names of sectors, places and groups."""

import heapq
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice, product

from babel.dates import get_month_names

from rmrp_analysis.figures import BREAKDOWNS, FIGURES
from rmrp_analysis.locale.languages import Closeness, declared
from rmrp_analysis.page.typed_numbers import MAX_DISTANCE_SHARE, TypedNumber, find_typed_numbers
from rmrp_analysis.vocabulary import (
    ALL,
    CALLED_TELEPHONE_PATTERN,
    INTERSECTOR,
    NAME_BY_GROUP,
    REGION,
    REGIONAL,
    fold,
    full_name,
    labels,
    plan_lists,
    short_name,
)
from rmrp_analysis.words import Translator

MIN_COUNTRY_LETTERS = 4
"""The least letters of a spelling of a country. Shorter ones are also words of a language: ``per``, ``pan``."""

MAX_WORDS_AFTER_NUMBER = 4
"""The words after four digits that may hold a word for people. This word makes the digits a number and no year."""

MAX_WORDS_OF_APPROXIMATION = 4
"""The most words of a phrase such as *a little more than*."""
MAX_WORDS_AFTER_INTENTION = 3
"""The words after *plans to* or *expected to* in which a word for reaching means the target."""

REACHING_FIGURES = frozenset({"people_reached", "people_to_reach"})
"""The figures that mean the target after a word of intention."""
POSSIBLE_YEARS = range(1990, 2041)
"""Four digits in this range may be a year."""
MAX_LETTERS_BEFORE_NUMBER = 30
"""The letters before a number that may name the figure it counts."""
WORD_WITH_MARKS_PATTERN = re.compile(r"\S+")
"""A word with its marks: all letters up to the next blank."""
WORD_OR_MARK_PATTERN = re.compile(r"[^\W_]+|[,;:.!?()\n]")
"""A word, or a mark between words."""
PUNCTUATION_MARKS = frozenset(",;:.!?()\n")
"""Marks that are tokens of their own."""
YEAR_PATTERN = r"(?:19|20)\d\d"
"""A year of the last or this century."""
NON_FIGURE_NUMBER_PATTERNS = (
    r"\{\{.*?\}\}",  # a figure by its name
    r"https?://\S+|www\.\S+|\S+@\S+",
    rf"\d{{1,4}}([-/.])\d{{1,2}}\1\d{{2,4}}(?:T[\d:.]+Z?)?|\b{YEAR_PATTERN}\s?[-–/]\s?\d{{2,4}}\b|\b\d{{1,2}}/{YEAR_PATTERN}\b",
    r"\b\d{1,2}[:h]\d{2}(?::\d{2})?\b|\b\d{1,2}\s?(?:[ap]\.?\s?m\b\.?|h\b|hrs?\b)|\b(?:GMT|UTC)?[+-]\d{1,4}\b",
    r"\[\d{1,3}\]|(?<=[.*]\s)\d{1,2}\s(?=(?-i:[A-ZÁÉÍÓÚ][a-zà-ý]))",  # notes at the foot
    rf"{CALLED_TELEPHONE_PATTERN}|\+\d[\d ().-]{{6,}}\d|\(\d{{2,4}}\)\s?\d[\d -]{{5,}}\d",
    r"(?m:^\s*\(?\d{1,2}(?:\.\d{1,2})*[.)]\s)|\b\d+\.?(?:[ºª°]|(?:st|nd|rd|th|er|ra|ro|do|da|to|ta)\b)|\b\d{1,3}\+",
)
"""Patterns of numbers that are no figures: dates, times, addresses, telephones, ordinals, numbers of lists."""


@dataclass(frozen=True)
class Token:
    """A normalised word, a mark or a number of a text, so that distances can be counted. A number has no ``text``."""

    text: str
    start: int
    is_capital: bool = False
    number: TypedNumber | None = None


@dataclass(frozen=True)
class Mention:
    """The keys of sectors, places and categories, or the names of figures, that some tokens name."""

    keys: frozenset[str]
    start: int
    end: int
    is_capital: bool = False


@dataclass(frozen=True)
class OneIn(TypedNumber):
    """A share written as *1 in 3*. Shares from ``lower`` to ``upper`` round to this share, and match it."""

    lower: float = 0.0
    upper: float = 0.0

    def matches(self, value: float) -> bool:
        """Whether a value rounds to this share."""
        return self.lower <= value < self.upper


@dataclass(frozen=True)
class Wording:
    """The words of these languages for figures and names of a run. Patterns and phrases are made once.

    ``parts`` are the categories of the run's breakdowns.
    """

    languages: tuple[str, ...]
    parts: frozenset[str]
    _phrases_by_word: dict[str, list[tuple[tuple[str, ...], str]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def find_numbers(self, text: str) -> Iterator[TypedNumber]:
        """Yield the numbers that may be figures: no dates, years, ordinals, ages, page numbers or digits in names."""
        hidden = text
        for pattern in (self._spelt_with_digits, self._not_figures):
            hidden = pattern.sub(lambda match: re.sub(r"\d", "_", match[0]), hidden)
        shares = [self._one_in(match) for match in self._shares_in_words.finditer(hidden)]
        hidden = self._shares_in_words.sub(lambda match: "_" * len(match[0]), hidden)
        for number in heapq.merge(shares, find_typed_numbers(hidden, *self.languages), key=lambda number: number.start):
            if not number.is_year or self._is_no_year(number, hidden):
                yield number

    def _is_no_year(self, number: TypedNumber, text: str) -> bool:
        """Whether four digits are a number and no year.

        They are a number if words after them name people, or if they are not among ``POSSIBLE_YEARS`` and words before
        them name a figure.
        """
        words = islice(WORD_WITH_MARKS_PATTERN.finditer(text, number.end), MAX_WORDS_AFTER_NUMBER)
        following = re.split(r"[\d;:]", " ".join(word[0] for word in words))[0]
        preceding = text[max(number.start - MAX_LETTERS_BEFORE_NUMBER, 0) : number.start]
        is_impossible = number.number not in POSSIBLE_YEARS
        return self.tells_of_people(following) or (is_impossible and bool(self.list_figures(preceding)))

    def split_tokens(self, text: str, numbers: Sequence[TypedNumber]) -> list[Token]:
        """Split a text into words, marks and these numbers, without words of dates, pages and addresses."""
        tokens, end = list[Token](), 0
        hidden = self._not_figures.sub(lambda match: " " * len(match[0]), text)
        for number in [*numbers, None]:
            for word in WORD_OR_MARK_PATTERN.finditer(hidden, end, number.start if number else len(text)):
                token = word[0] if word[0] in PUNCTUATION_MARKS else fold(word[0])
                tokens.append(Token(token, word.start(), word[0][0].isupper()))
            if number:
                tokens.append(Token("", number.start, number=number))
                end = number.end
        return tokens

    def find_keys(self, text: str) -> set[str]:
        """Return the keys of everything that a text names."""
        return {key for mention in self.find_names(self.split_tokens(text, ())) for key in mention.keys}

    def find_names(self, tokens: Sequence[Token]) -> list[Mention]:
        """Find the names in tokens. Of names inside each other, return only the longest."""
        words = [(index, token.text) for index, token in enumerate(tokens) if token.text not in PUNCTUATION_MARKS]
        texts = tuple(text for _, text in words)
        first = 0
        longest = max(map(len, self._names))
        mentions = list[Mention]()
        while first < len(words):
            ends = range(min(first + longest, len(words)), first, -1)
            end = next((end for end in ends if texts[first:end] in self._names), first)
            if end > first:
                start = words[first][0]
                keys = frozenset(self._names[texts[first:end]])
                mentions.append(Mention(keys, start, words[end - 1][0] + 1, tokens[start].is_capital))
            first = max(end, first + 1)
        return mentions

    def find_figures(self, tokens: Sequence[Token]) -> list[Mention]:
        """Find the figures that tokens mention. Of phrases inside each other, use only the longest.

        *Planned to be reached* means the target, and so does *the target was to reach*.
        """
        words = [(index, token.text) for index, token in enumerate(tokens) if token.text not in PUNCTUATION_MARKS]
        mentions, first, intended, targeted = list[Mention](), 0, 0, 0
        while first < len(words):
            text = words[first][1]
            phrases = [
                (len(phrase), len(phrase[-1]), figure)
                for phrase, figure in self._list_phrases(text)
                if self._stands_at(phrase, words, first)
            ]
            longest = max((phrase[:2] for phrase in phrases), default=(1, 0))
            keys = frozenset(figure for *size, figure in phrases if tuple(size) == longest)
            is_to_do = text.endswith("r") or words[max(first - 1, 0)][1] == "to"
            if keys & REACHING_FIGURES and (intended > first or (targeted > first and is_to_do)):
                keys = frozenset({"target"})
            if keys:
                mentions.append(Mention(keys, words[first][0], words[first + longest[0] - 1][0] + 1))
            until = first + 1 + MAX_WORDS_AFTER_INTENTION
            intended = until if text.startswith(self._intentions) else intended if text else 0
            targeted = until if "target" in keys else targeted if text else 0
            first += longest[0]
        return mentions

    @staticmethod
    def _stands_at(phrase: tuple[str, ...], indexed_words: Sequence[tuple[int, str]], word_index: int) -> bool:
        """Whether a phrase stands at a word. Only the beginning of its last word must be the same."""
        texts = [text for _, text in indexed_words[word_index : word_index + len(phrase)]]
        return len(texts) == len(phrase) and tuple(texts[:-1]) == phrase[:-1] and texts[-1].startswith(phrase[-1])

    def _list_phrases(self, word: str) -> list[tuple[tuple[str, ...], str]]:
        """List the phrases for figures that may begin with a word, each with its figure. Cached by word."""
        if word not in self._phrases_by_word:
            self._phrases_by_word[word] = [
                (phrase, figure)
                for phrase, figure in self._figure_phrases
                if (word == phrase[0] if len(phrase) > 1 else word.startswith(phrase[0]))
            ]
        return self._phrases_by_word[word]

    def find_language(self, text: str) -> str:
        """Return the language with most of its declared words in a text, on a tie the first one."""
        words = Counter(re.findall(r"[^\W\d_]+", text.lower()))

        def count_words(language: str) -> int:
            """Return how many words of ``text`` are declared for a language. Repeated words count each time."""
            definition = declared(language)
            phrases = (
                definition.people,
                definition.within,
                *definition.contractions.values(),
                *definition.of_them,
                *definition.shares,
                *definition.closeness,
            )
            return sum(words[word] for word in set(re.findall(r"[^\W\d_]+", " ".join(phrases))))

        return max(self.languages, key=count_words)

    def list_figures(self, text: str) -> set[str]:
        """Return the names of the figures that a text mentions."""
        return {key for mention in self.find_figures(self.split_tokens(text, ())) for key in mention.keys}

    def is_partitive(self, tokens: Sequence[Token]) -> bool:
        """Whether tokens begin with *of the*, so that the number before them is a part of the next thing."""
        opening = " ".join(token.text for token in tokens[:MAX_WORDS_AFTER_NUMBER])
        return opening.startswith(self._partitives)

    def find_closeness(self, words: tuple[str, ...]) -> Closeness | None:
        """Return *almost*, *over* or *about* if these words end with such a phrase, or None."""
        sizes = range(min(MAX_WORDS_OF_APPROXIMATION, len(words)), 0, -1)
        return next((self._closeness[words[-size:]] for size in sizes if words[-size:] in self._closeness), None)

    def tells_of_people(self, text: str) -> bool:
        """Whether a text has the word for people, or the name of a group."""
        return bool(self._people.search(text)) or bool(self.find_keys(text) & set(NAME_BY_GROUP))

    @cached_property
    def _people(self) -> re.Pattern[str]:
        """A pattern of the words for people."""
        return re.compile("|".join(declared(language).people or "people" for language in self.languages), re.IGNORECASE)

    @cached_property
    def _not_figures(self) -> re.Pattern[str]:
        """A pattern of numbers that are no figures: dates, numbered names, measures."""
        definitions = [declared(language) for language in self.languages]
        codes = [definition.code for definition in definitions]
        calendars = (get_month_names(width, locale=code) for width in ("wide", "abbreviated") for code in codes)
        months = {name for calendar in calendars for name in calendar.values()}
        month = "|".join(sorted(map(re.escape, months), key=len, reverse=True))
        day = r"\d{1,2}(?:[ºª°]|st|nd|rd|th)?"
        span = rf"{day}(?:\s?(?:[-–,]|and|to|al?|y|e)\s?(?:el\s)?{day})?"
        days = rf"{span}\s(?:de\s|of\s)?(?:{month})\b"
        american_day = r"(?:[12]?\d|3[01])(?!\d)(?:st|nd|rd|th)?"
        ending = rf"(?:,\s{YEAR_PATTERN}|(?=[.,;)](?!\d)|$))"
        american = rf"(?<!in )\b(?:{month})\s{american_day}{ending}"
        titles = "|".join(re.escape(word) for definition in definitions for word in definition.names_with_numbers)
        measures = "|".join(re.escape(word) for definition in definitions for word in definition.not_counted)
        numbered = rf"(?<!\w)(?:{titles})[\s:°#]*\+?\d[\d.–-]*(?:\s?(?:/|of|de)\s?\d+)?"
        measured = rf"\b\d{{1,3}}(?:\s?(?:[-–]|to|and|al?|y|e)\s?\d{{1,3}})?[\s-](?:{measures})\b"
        patterns = [*NON_FIGURE_NUMBER_PATTERNS, days, american, numbered, measured]
        return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)

    @cached_property
    def _spelt_with_digits(self) -> re.Pattern[str]:
        """A pattern of the names of organisations and groups that have digits."""
        names = chain.from_iterable(self._list_spellings(part) for part in self.parts if not labels.is_month(part))
        spellings = sorted({name for name in names if re.search(r"\d", name)}, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, spellings)) or "(?!)", re.IGNORECASE)

    def _list_spellings(self, category_name: str) -> Iterator[str]:
        """Yield the spellings of a category in each language, full and short. A month also stands without its year."""
        for language in self.languages:
            name = labels.label(category_name, language)
            place = labels.place(category_name, language)
            in_sentence = labels.place_in_sentence(category_name, language)
            yield from (name, place, short_name(name), full_name(name))
            if in_sentence != place:
                yield in_sentence.partition(" ")[2]  # without its article, which a preposition may contain
            if labels.is_month(category_name):
                yield name.split()[0]

    @cached_property
    def _names(self) -> Mapping[tuple[str, ...], set[str]]:
        """The keys of each name, by its words. The name of a breakdown gives the key of the breakdown."""
        sectors = {name: INTERSECTOR if key == ALL else key for name, key in plan_lists().sector_spellings.items()}
        sectors.pop(ALL, "")  # which means each sector, where sectors are listed
        parts = ((spelling, part) for part in self.parts for spelling in self._list_spellings(part))
        spellings = {
            name: code
            for name, code in plan_lists().country_spellings.items()
            if len(name) >= MIN_COUNTRY_LETTERS and code != REGIONAL
        }
        platforms = (
            (name, code if code in plan_lists().places else plan_lists().platform_of[code])
            for name, code in spellings.items()
        )
        # Countries may be platforms, too
        countries = chain(spellings.items(), platforms)
        places = product(set(plan_lists().places) - {REGION}, self.languages)
        inside = ((labels.in_place(place, language).partition(" ")[2], place) for place, language in places)
        pairs = product(self.languages, BREAKDOWNS.items())
        breakdowns = ((Translator(language)(breakdown.label), name) for language, (name, breakdown) in pairs)
        keys: dict[tuple[str, ...], set[str]] = {}
        regions = plan_lists().platform_spellings.items()
        for spelling, key in chain(sectors.items(), regions, countries, inside, parts, breakdowns):
            if tokens := tuple(split_words(spelling)):
                keys.setdefault(tokens, set()).add(key)
        return keys

    @cached_property
    def _figure_phrases(self) -> list[tuple[tuple[str, ...], str]]:
        """The phrases for figures, each with its figure. The last word of a phrase may be the beginning of a word."""
        phrases = {
            (tuple(split_words(words)), figure)
            for figure, language in product(FIGURES, self.languages)
            for words in (*declared(language).figure_words.get(figure, ()), Translator(language)(FIGURES[figure].label))
        }
        return sorted(phrases)

    @cached_property
    def _closeness(self) -> Mapping[tuple[str, ...], Closeness]:
        """The meaning of phrases such as *a little more than*, by their words."""
        pairs = (item for language in self.languages for item in declared(language).closeness.items())
        return {tuple(split_words(phrase.replace("_", " "))): closeness for phrase, closeness in pairs}

    @cached_property
    def _intentions(self) -> tuple[str, ...]:
        """Beginnings of words for an intention, such as *plan*."""
        return tuple(fold(word) for language in self.languages for word in declared(language).intentions)

    @cached_property
    def _partitives(self) -> tuple[str, ...]:
        """Phrases such as *of the*, normalised."""
        return tuple(fold(word) for language in self.languages for word in declared(language).partitives)

    @cached_property
    def _shares_in_words(self) -> re.Pattern[str]:
        """A pattern of shares such as *1 in 3*."""
        words = {word for language in self.languages for word in declared(language).one_in}
        return re.compile(rf"(?<![\w.,])(\d{{1,2}})\s(?:{'|'.join(sorted(words))})\s(\d{{1,5}})(?![\w%]|[.,]\d)", re.I)

    @staticmethod
    def _one_in(match: re.Match[str]) -> OneIn:
        """Read a share such as *1 in 3* with the range of shares that round to this share. *1 in 0* is 0."""
        part, total = int(match[1]), int(match[2])
        share = part / total if total else 0.0
        lower, upper = share * (1 - MAX_DISTANCE_SHARE), share * (1 + MAX_DISTANCE_SHARE)
        if total in (10, 100, 1000):
            lower = (part - 0.5) / total
            upper = (part + 0.5) / total
        elif part == 1 and total:
            lower, upper = 1 / (total + 0.5), 1 / (total - 0.5)
        return OneIn(match[0], match.start(), share, "share", 0.0, "", lower, upper)


def split_words(text: str) -> list[str]:
    """Split a text into its words, normalised."""
    return re.findall(r"[^\W_]+", fold(text))
