"""Reads from the words around each number of a text its figure, sector, place, month or group.

In a sentence the nearest words name a number. Other numbers, commas and semicolons between them make the distance
larger. If numbers and names take turns, each number has the name next to it. If a sentence does not name something, its
paragraph may name it, or the short passages before it, the heading, or the title.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, islice, pairwise

from rmrp_analysis.figures import FIGURES
from rmrp_analysis.locale.languages import Closeness
from rmrp_analysis.page.typed_numbers import TypedNumber
from rmrp_analysis.publish.proof.documents import Passage
from rmrp_analysis.publish.proof.wording import WORD_WITH_MARKS_PATTERN, Mention, Token, Wording, split_words
from rmrp_analysis.vocabulary import INTERSECTOR, REGION

MAX_TITLE_SEARCH_PASSAGES = 8
"""The first passages, which are searched for a title. A title names a sector."""
MAX_TITLE_WORDS = 25
MIN_PARAGRAPH_WORDS = 12
"""The least words of a paragraph. A shorter passage without a full stop is read with the passages before it."""
SENTENCE_END_MARKS = (".", "!", "?")
"""Marks that end a sentence: a passage that ends with one is prose and no heading."""
MIN_NUMBER_IF_NOTHING_NAMED = 1000
"""The least number that may be a figure if its sentence names nothing of the run. Smaller ones may count rooms."""
MAX_WORDS_UNTIL_PEOPLE_WORD = 3
"""The words after a number that may hold a word for people."""
MAX_NAME_DISTANCE = 9
"""The largest distance of a name that belongs to a number (see ``DISTANCE_BY_MARK``)."""
MAX_ADJACENT_NAME_DISTANCE = 1
"""The largest distance of a name that stands next to a number. It belongs to the number if only one thing has it."""
MAX_EXCERPT_LETTERS = 600
"""The most letters that are quoted around a number. A table without full stops is a longer sentence."""
DISTANCE_BY_MARK: Mapping[str, float] = {
    ",": 2,
    ";": 8,
    "(": 1,
    ")": 1,
    ":": 1,
    ".": 6,
    "?": 12,
    "!": 12,
    "\n": 3,
    "": 4,
}
"""The distance that a mark between two words adds. The empty text is a number. Each other word adds 1."""
ADDED_DISTANCE_TO_TOTAL = 6
"""The distance that *N of the people targeted* adds between N and the target."""
TURN_DISTANCE_BONUS = 3
"""The distance that is taken off a mention at its turn, in a sentence in which numbers and mentions take turns."""
MAX_TIE_DISTANCE = 0.5
"""A mention may be meant as well if it is at most this much farther than the nearest one."""

FIGURE_ADDRESS_PATTERN = re.compile(r"(?<![\w.-])(?P<report>[\w.-]+)\.[a-z]{2,3}\.html#(?P<place>[\w-]+)")
"""The address of a figure on a page of a run."""

Place = tuple[tuple[str, ...], int]
"""Words next to a number, and the count of other numbers between them."""


@dataclass(frozen=True)
class Context:
    """The names and words around a number, from which its statement is found.

    The number may be about ``sectors`` and ``places``. ``figures`` are named in its sentence. If it names no figure,
    they come from the passages before it. ``nearest`` has the nearest names in its sentence, by dimension. ``strict``
    are the dimensions with a name next to the number. ``words`` are the words of the sentence, ``before`` and ``after``
    the words next to the number.
    """

    language: str
    title: set[str]
    sentence: str
    words: frozenset[str]
    names: set[str]
    sectors: set[str]
    places: set[str]
    figures: frozenset[str]
    nearest_figures: frozenset[str]
    nearest: Mapping[str, frozenset[str]]
    strict: frozenset[str]
    in_sentence: frozenset[str]
    names_on_sides: tuple[set[str], set[str]]
    total_figures: frozenset[str]
    of_people: bool
    closeness: Closeness | None
    before: Place
    after: Place


@dataclass(frozen=True)
class Sentence:
    """A sentence as tokens, with the names in it. Each list is made once, since all its numbers need it."""

    text: str
    start: int
    tokens: Sequence[Token]
    wording: Wording

    @cached_property
    def names(self) -> list[Mention]:
        """The mentions of sectors, places and categories."""
        return self.wording.find_names(self.tokens)

    @cached_property
    def figures(self) -> list[Mention]:
        """The mentions of figures."""
        return self.wording.find_figures(self.tokens)

    @cached_property
    def numbers(self) -> list[int]:
        """The positions of the numbers among the tokens."""
        return [index for index, token in enumerate(self.tokens) if token.number]

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words, normalised."""
        return frozenset(split_words(self.text))

    def excerpt(self, number: TypedNumber) -> str:
        """Return the text, or only the letters around a number if the sentence is long."""
        text = self.text.strip()
        if len(text) <= MAX_EXCERPT_LETTERS:
            return text
        offset = number.start - self.start
        start = max(offset - MAX_EXCERPT_LETTERS // 2, 0)
        return f"…{self.text[start : offset + MAX_EXCERPT_LETTERS // 2].strip()}…"

    def find_nearest(self, token_index: int, mentions: Sequence[Mention]) -> tuple[float, frozenset[str]]:
        """Return the distance of the mention nearest to the number at a token, and the keys of all equally near ones.

        Mentions up to ``MAX_TIE_DISTANCE`` farther are equally near. There are no keys if the nearest mention is
        farther than ``MAX_NAME_DISTANCE``. Without mentions, return infinity and no keys.
        """
        if not mentions:
            return float("inf"), frozenset()
        turns = self._find_turn(mentions, token_index)
        following = next((mention for mention in mentions if mention.start > token_index), None)
        distances = [
            self._distance(token_index, mention)
            - TURN_DISTANCE_BONUS * (mention in turns)
            + self._add_total_distance(token_index, mention, following)
            for mention in mentions
        ]
        nearest = min(distances)
        if nearest > MAX_NAME_DISTANCE:
            return nearest, frozenset()
        limit = nearest + MAX_TIE_DISTANCE
        close = (mention for mention, distance in zip(mentions, distances, strict=True) if distance <= limit)
        return nearest, frozenset(key for mention in close for key in mention.keys)

    def find_total(self, token_index: int, mentions: Sequence[Mention]) -> frozenset[str]:
        """Return the keys of the total of the share at a token.

        They come from the first of these mentions between this share and the next one. Without such a mention, they
        come from all mentions before the share.
        """
        shares = [index for index in self.numbers if index > token_index and self._kind(index) == "share"]
        until = min(shares, default=len(self.tokens))
        keys = next((mention.keys for mention in mentions if token_index < mention.start < until), None)
        return keys or frozenset(key for mention in mentions if mention.end <= token_index for key in mention.keys)

    def list_sides(self, token_index: int) -> tuple[set[str], set[str]]:
        """Return the keys of names between a number and the previous one, and between the number and the next one."""
        start = max((index + 1 for index in self.numbers if index < token_index), default=0)
        end = min((index for index in self.numbers if index > token_index), default=len(self.tokens))
        previous = {key for mention in self.names if start <= mention.start < token_index for key in mention.keys}
        following = {key for mention in self.names if token_index < mention.start < end for key in mention.keys}
        return previous, following

    def _kind(self, token_index: int) -> str:
        """Return the kind of the number at a token, such as ``share``, or an empty text for a word."""
        number = self.tokens[token_index].number
        return number.kind if number else ""

    def _distance(self, token_index: int, mention: Mention) -> float:
        """Return the distance between a number and a mention: 1 for a word, ``DISTANCE_BY_MARK`` for a mark."""
        is_after = mention.start > token_index
        start, end = (token_index + 1, mention.start) if is_after else (mention.end, token_index)
        return sum(DISTANCE_BY_MARK.get(token.text, 1.0) for token in self.tokens[start:end])

    def _add_total_distance(self, token_index: int, mention: Mention, first_after: Mention | None) -> float:
        """Return the distance to add if a mention names the total of a number, or 0.

        The mention must be ``first_after``, the first one after the number, with *of the* between them.
        """
        between = self.tokens[token_index + 1 : mention.start]
        is_whole = mention is first_after and any(self.wording.is_partitive(between[skipped:]) for skipped in (0, 1))
        return ADDED_DISTANCE_TO_TOTAL if is_whole else 0

    def _find_turn(self, mentions: Sequence[Mention], token_index: int) -> list[Mention]:
        """Return the mentions that belong to a number if numbers of its kind and mentions take turns.

        They must take turns in the whole sentence, in two pairs or more. Otherwise the list is empty.
        """
        kind = self._kind(token_index)
        places = [(mention.start, mention) for mention in mentions]
        numbers = [(index, index) for index in self.numbers if self._kind(index) == kind]
        order = [item for _, item in sorted([*places, *numbers], key=lambda pair: pair[0])]
        turns = [
            list(group)
            for _, group in groupby(order, key=lambda item: item.keys if isinstance(item, Mention) else item)
        ]
        is_mention = [isinstance(group[0], Mention) for group in turns]
        if len(turns) % 2 or len(turns) < 4 or any(former == latter for former, latter in pairwise(is_mention)):
            return []
        return next(
            [item for item in (*turn, *following) if isinstance(item, Mention)]
            for turn, following in zip(turns[::2], turns[1::2], strict=True)
            if token_index in (*turn, *following)
        )


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads the numbers of documents with their contexts, for one run.

    ``reports`` are the run's reports, with the sector, place and organisation of each. ``dimensions`` are the kinds of
    each name, such as place or month.
    """

    wording: Wording
    reports: Mapping[str, tuple[str, str, str]]
    dimensions: Mapping[str, frozenset[str]]

    @cached_property
    def sectors(self) -> set[str]:
        """The sectors of the reports."""
        return {sector for sector, *_ in self.reports.values()}

    @cached_property
    def report_places(self) -> set[str]:
        """The places of the reports."""
        return {place for _, place, _ in self.reports.values()}

    def list_contexts(self, document: Sequence[Passage]) -> Iterator[tuple[int, TypedNumber, Context]]:
        """Yield each number with the position of its passage and its context.

        A small number in a sentence that names nothing of the run is left out, except in headings. If the address of a
        figure stands with a number, as in a text copied from a page, the number is of the report in the address.
        """
        texts = [passage.text for passage in document]
        numbers = find_numbers(texts, self.wording)
        tokens = [
            self.wording.split_tokens(text, [number for number, *_ in typed])
            for text, typed in zip(texts, numbers, strict=True)
        ]
        counts = [sum(token.number is None for token in passage) for passage in tokens]
        names = [{key for mention in self.wording.find_names(passage) for key in mention.keys} for passage in tokens]
        is_prose = [text.rstrip().endswith(SENTENCE_END_MARKS) for text in texts]
        title = self._find_title_names(names, counts, is_prose)
        language = self.wording.find_language(" ".join(texts))
        sectors = next(filter(None, (keys & self.sectors for keys in names)), set())
        addresses = [self._find_address(text) for text in [*texts, ""]]
        heading = set[str]()
        for index, text in enumerate(texts):
            is_short = counts[index] < MIN_PARAGRAPH_WORDS and not is_prose[index]
            nearby = slice(max(index - 2, 0) if is_short else index, index + 1)
            subjects = [*reversed(names[nearby]), heading, sectors]
            mentions = map(self.wording.find_figures, reversed(tokens[nearby]))
            figures = (frozenset(key for mention in group for key in mention.keys) for group in mentions)
            mentioned = next(filter(None, figures), frozenset())
            direct, following = addresses[index : index + 2]
            address = direct or (following if is_short else None)
            prefix = text.partition(" · ")[0] if direct else text
            upcoming = iter(numbers[index])
            for sentence in self._split_sentences(text, tokens[index]):
                for token in sentence.numbers:
                    number, *sides = next(upcoming)
                    context = self._make_context(
                        sentence, token, number, sides, subjects, title, language, mentioned, is_short
                    )
                    if address:
                        is_first = number.start < len(prefix)
                        context = self._set_report(context, number, address, is_first=is_first)
                    if is_short or not self._counts_something_else(sentence, number):
                        yield index, number, context
            if is_short and names[index] & (self.sectors | self.report_places):
                heading = names[index]

    def _find_title_names(
        self, names_by_passage: Sequence[set[str]], word_counts: Sequence[int], is_prose: Sequence[bool]
    ) -> set[str]:
        """Return the names in the title, the first short passage without a full stop that names a sector."""
        opening = islice(zip(names_by_passage, word_counts, is_prose, strict=True), MAX_TITLE_SEARCH_PASSAGES)
        for keys, count, is_sentence in opening:
            if count <= MAX_TITLE_WORDS and not is_sentence and keys & self.sectors:
                return keys
        return set()

    def _find_address(self, text: str) -> tuple[str, str] | None:
        """Return report and anchor (figure) of the first address in a text, or None without a report of the run."""
        match = FIGURE_ADDRESS_PATTERN.search(text)
        return (match["report"], match["place"]) if match and match["report"] in self.reports else None

    def _set_report(
        self, context: Context, number: TypedNumber, address: tuple[str, str], *, is_first: bool
    ) -> Context:
        """Return a context with the report of an address.

        It also gets the figure of the address if the number ``is_first`` and no share.
        """
        sector, place, organisation = self.reports[address[0]]
        figure = frozenset({address[1].replace("-", "_")} & set(FIGURES))
        located = replace(context, sectors={sector}, places={place}, names=context.names | {organisation} - {""})
        if figure and is_first and number.kind != "share":
            return replace(located, figures=figure, nearest_figures=figure, nearest={}, strict=frozenset())
        return located

    def _make_context(
        self,
        sentence: Sentence,
        token_index: int,
        number: TypedNumber,
        sides: Sequence[Place],
        nearby_names: Sequence[set[str]],
        title: set[str],
        language: str,
        figures_before: frozenset[str],
        is_short: bool,
    ) -> Context:
        """Make the context of the number at a token, from its sentence and from the names before it.

        ``sides`` are the words before and after it. ``nearby_names`` are the names of its own passage, then of others.
        ``figures_before`` count if its sentence mentions no figure. With ``is_short``, its passage is something like a
        heading, and names around it count as names in its sentence.
        """
        names = {key for mention in sentence.names for key in mention.keys}
        spoken = frozenset(key for mention in sentence.figures for key in mention.keys)
        in_reach = names | nearby_names[0] or next(filter(None, nearby_names), set())
        nearest, strict = self._find_nearest_names(sentence, token_index)
        words = WORD_WITH_MARKS_PATTERN.finditer(sentence.text, number.end - sentence.start)
        following = " ".join(word[0] for word in islice(words, MAX_WORDS_UNTIL_PEOPLE_WORD))
        of_people = self.wording.tells_of_people(following)
        units = {"people"} if of_people else {"usd"} if number.kind == "usd" else {"people", "count", "usd"}
        if number.kind == "share":
            nearest_figures = spoken
            totals = sentence.find_total(token_index, sentence.figures)
        else:
            mentions = [mention for mention in sentence.figures if self._units(mention) & units]
            nearest_figures = sentence.find_nearest(token_index, mentions)[1]
            totals = frozenset[str]()
        return Context(
            language,
            title,
            sentence.excerpt(number),
            sentence.words,
            names=in_reach,
            sectors=self._scope([names, *nearby_names], title, self.sectors, INTERSECTOR),
            places=self._scope([names, *nearby_names], title, self.report_places, REGION),
            figures=spoken or figures_before,
            nearest_figures=nearest_figures,
            nearest=nearest,
            strict=strict,
            in_sentence=frozenset(in_reach if is_short else names),
            names_on_sides=sentence.list_sides(token_index),
            total_figures=totals,
            of_people=of_people,
            closeness=self.wording.find_closeness(sides[0][0]),
            before=sides[0],
            after=sides[1],
        )

    @staticmethod
    def _units(mention: Mention) -> set[str]:
        """Return the units of the figures that a mention names."""
        return {FIGURES[figure].unit for figure in mention.keys}

    def _find_nearest_names(
        self, sentence: Sentence, token_index: int
    ) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
        """Return the names nearest to a number, by dimension, and the dimensions with a name next to it.

        If no name of a dimension is near, all of its names in the sentence are returned. A name that can be of several
        dimensions does not count as next to the number.
        """
        dimensions: dict[str, list[Mention]] = {}
        for mention in sentence.names:
            for dimension in {kind for key in mention.keys for kind in self.dimensions.get(key, ())}:
                dimensions.setdefault(dimension, []).append(mention)
        nearest, strict = dict[str, frozenset[str]](), set[str]()
        for dimension, mentions in dimensions.items():
            distance, keys = sentence.find_nearest(token_index, mentions)
            nearest[dimension] = keys or frozenset(key for mention in mentions for key in mention.keys)
            kinds = {kind for key in keys for kind in self.dimensions.get(key, ())}
            if distance <= MAX_ADJACENT_NAME_DISTANCE and len(kinds) == 1:
                strict.add(dimension)
        return nearest, frozenset(strict)

    def _counts_something_else(self, sentence: Sentence, number: TypedNumber) -> bool:
        """Whether a number is small, plain and whole, in a sentence that mentions no figure and no name of the run."""
        if number.kind != "plain" or number.number >= MIN_NUMBER_IF_NOTHING_NAMED or number.bound or number.step != 1:
            return False
        return not (sentence.figures or sentence.names)

    def _split_sentences(self, text: str, tokens: Sequence[Token]) -> Iterator[Sentence]:
        """Yield the sentences of a text that have tokens. A semicolon also ends a sentence."""
        ends = [0, *(match.end() for match in re.finditer(r"[.!?;]\s+(?=\S)", text)), len(text)]
        for start, end in pairwise(ends):
            selected = [token for token in tokens if start <= token.start < end]
            if selected:
                yield Sentence(text[start:end], start, selected, self.wording)

    @staticmethod
    def _scope(nearby_names: Iterable[set[str]], title: set[str], candidates: set[str], total: str) -> set[str]:
        """Return the sectors, or places, that a number may be about: the nearest ones, and the ones in the title.

        If the title names no candidate, ``total`` counts if it is a candidate. If nothing counts so far, all candidates
        count.
        """
        nearest = next((keys for names in nearby_names if (keys := names & candidates)), set())
        scope = title & candidates or {total} & candidates
        return nearest | scope or candidates


def find_numbers(texts: Sequence[str], wording: Wording) -> list[list[tuple[TypedNumber, Place, Place]]]:
    """Return the numbers of each text, each with up to 7 words before it and 6 words after it.

    The words may belong to the texts before and after. Each side also has the count of other numbers between the number
    and the nearest word.
    """
    words: list[str] = []
    places: list[tuple[int, TypedNumber, int]] = []
    for index, text in enumerate(texts):
        end = 0
        for number in wording.find_numbers(text):
            words += split_words(text[end : number.start])
            places.append((index, number, len(words)))
            end = number.end
        words += split_words(text[end:])
    totals = Counter(position for *_, position in places)
    passed = Counter[int]()
    rows: list[list[tuple[TypedNumber, Place, Place]]] = [[] for _ in texts]
    for index, number, position in places:
        preceding = tuple(words[max(position - 7, 0) : position])
        following = tuple(words[position : position + 6])
        rows[index].append((number, (preceding, passed[position]), (following, totals[position] - passed[position])))
        passed[position] += 1
    return rows
