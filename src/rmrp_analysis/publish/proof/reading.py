"""Read from the words around each number of a text its figure, sector, place, month or group.

In a sentence the nearest words name a number: other numbers, commas and semicolons between make them farther, and where
numbers and names take turns, each number has the name next to it. What a sentence does not say, its paragraph says, or
the short passages before it, the heading, the title.
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
from rmrp_analysis.publish.proof.wording import NEXT_WORD, Mention, Token, Wording, split_words
from rmrp_analysis.vocabulary import INTERSECTOR, REGION

MAX_TITLE_PASSAGES = 8
"""The title is looked for in so many passages: it names a sector, and has at most ``MAX_TITLE_WORDS`` words."""
MAX_TITLE_WORDS = 25
MIN_PARAGRAPH_WORDS = 12
"""A passage of fewer words without a full stop is read with those before it, as a heading or a card is."""
END_OF_SENTENCE = (".", "!", "?")
MIN_NUMBER_OF_FIGURE = 1000
"""A smaller number in a sentence that speaks of nothing of the run counts something else, such as rooms."""
NEARBY_WORDS = 3
"""So many words after a number may say that it counts people."""
MAX_NAME_DISTANCE = 9
"""A word that is farther from a number than this does not name it."""
MAX_NEXT_DISTANCE = 1
"""A name that is no farther from a number than this belongs to it, if only one thing has this name."""
MAX_EXCERPT = 600
"""Letters of a longer sentence, such as a table without full stops, that are quoted around its number."""
MARK_DISTANCES: Mapping[str, float] = {",": 2, ";": 8, "(": 1, ")": 1, ":": 1, ".": 6, "?": 12, "!": 12, "\n": 3, "": 4}
"""The distance that a mark, or a number (its text is empty), adds between two words; each other word adds 1."""
TOTAL_DISTANCE = 6
"""The distance that *N of the people targeted* adds between N and the target."""
TURN_BONUS = 3
"""How much nearer a mention counts whose turn it is, where numbers and mentions take turns."""
MAX_TIE_DISTANCE = 0.5
"""Mentions that are no farther than the nearest one plus this may be meant as well."""

FIGURE_ADDRESS = re.compile(r"(?<![\w.-])(?P<report>[\w.-]+)\.[a-z]{2,3}\.html#(?P<place>[\w-]+)")
"""The address of a figure on a page of a run."""

Place = tuple[tuple[str, ...], int]
"""Words next to a number, and how many numbers stand between."""
Turn = tuple[bool, int]
"""A mention (true) or number of a sentence, by its position in their list."""


@dataclass(frozen=True)
class Context:
    """The names and words around a number, from which its statement is found.

    ``sectors`` and ``places`` are those that it may be about; ``figures`` those of its sentence, or else of the
    passages before. ``nearest`` has the nearest names in its sentence by dimension, ``strict`` the dimensions whose
    name stands next to it. ``words`` are those of the sentence, ``before`` and ``after`` those next to the number.
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
    """A sentence as tokens, with what it names; each list is made once, since all its numbers need it."""

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
        """The positions of its numbers among the tokens."""
        return [token_index for token_index, token in enumerate(self.tokens) if token.number]

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words, normalised."""
        return frozenset(split_words(self.text))

    def excerpt(self, number: TypedNumber) -> str:
        """Return its text; of a long sentence only the letters around a number."""
        text = self.text.strip()
        if len(text) <= MAX_EXCERPT:
            return text
        offset = number.start - self.start
        return f"…{self.text[max(offset - MAX_EXCERPT // 2, 0) : offset + MAX_EXCERPT // 2].strip()}…"

    def find_nearest(self, token_index: int, mentions: Sequence[Mention]) -> tuple[float, frozenset[str]]:
        """Return the distance of the mention nearest to the number at a token, and the keys of all as near."""
        if not mentions:
            return float("inf"), frozenset()
        turns = self._find_turn(mentions, token_index)
        first_after = next((mention for mention in mentions if mention.start > token_index), None)
        distances = [
            self._distance(token_index, mention)
            - TURN_BONUS * (mention in turns)
            + self._add_total_distance(token_index, mention, first_after)
            for mention in mentions
        ]
        smallest_distance = min(distances)
        if smallest_distance > MAX_NAME_DISTANCE:
            return smallest_distance, frozenset()
        nearest_mentions = (
            mention
            for mention, distance in zip(mentions, distances, strict=True)
            if distance <= smallest_distance + MAX_TIE_DISTANCE
        )
        return smallest_distance, frozenset(key for mention in nearest_mentions for key in mention.keys)

    def find_total(self, token_index: int, mentions: Sequence[Mention]) -> frozenset[str]:
        """Return what a share is a share of: the first of these mentions after it, else all before it."""
        later_shares = [
            number_index
            for number_index in self.numbers
            if number_index > token_index and self._kind(number_index) == "share"
        ]
        end_index = min(later_shares, default=len(self.tokens))
        keys_after = next((mention.keys for mention in mentions if token_index < mention.start < end_index), None)
        return keys_after or frozenset(
            key for mention in mentions if mention.end <= token_index for key in mention.keys
        )

    def list_sides(self, token_index: int) -> tuple[set[str], set[str]]:
        """Return what is named between a number and the one before it, and between it and the next."""
        start = max((number_index + 1 for number_index in self.numbers if number_index < token_index), default=0)
        end = min(
            (number_index for number_index in self.numbers if number_index > token_index), default=len(self.tokens)
        )
        keys_before = {key for mention in self.names if start <= mention.start < token_index for key in mention.keys}
        return keys_before, {key for mention in self.names if token_index < mention.start < end for key in mention.keys}

    def _kind(self, token_index: int) -> str:
        """Return the kind of the number at a token, such as ``share``; empty for a word."""
        number = self.tokens[token_index].number
        return number.kind if number else ""

    def _distance(self, token_index: int, mention: Mention) -> float:
        """Return the distance between a number and a mention: words count 1, marks as ``MARK_DISTANCES`` says."""
        between = (
            self.tokens[token_index + 1 : mention.start]
            if mention.start > token_index
            else self.tokens[mention.end : token_index]
        )
        return sum(MARK_DISTANCES.get(token.text, 1.0) for token in between)

    def _add_total_distance(self, token_index: int, mention: Mention, first_after: Mention | None) -> float:
        """Return the distance to add where a mention names the total of which the number is a part; else 0."""
        between = self.tokens[token_index + 1 : mention.start]
        is_whole = mention is first_after and any(self.wording.is_partitive(between[skipped:]) for skipped in (0, 1))
        return TOTAL_DISTANCE if is_whole else 0

    def _find_turn(self, mentions: Sequence[Mention], token_index: int) -> list[Mention]:
        """Find the mention next to a number where numbers and mentions take turns in the whole sentence; else none."""
        kind = self._kind(token_index)
        places = [(mention.start, mention) for mention in mentions]
        numbers = [(index, index) for index in self.numbers if self._kind(index) == kind]
        order = [thing for _, thing in sorted([*places, *numbers], key=lambda pair: pair[0])]
        turns = [
            list(things)
            for _, things in groupby(order, key=lambda thing: thing.keys if isinstance(thing, Mention) else thing)
        ]
        are_mentions = [isinstance(things[0], Mention) for things in turns]
        if len(turns) % 2 or len(turns) < 4 or any(kind == next_kind for kind, next_kind in pairwise(are_mentions)):
            return []
        return next(
            [thing for thing in (*turn, *next_turn) if isinstance(thing, Mention)]
            for turn, next_turn in zip(turns[::2], turns[1::2], strict=True)
            if token_index in (*turn, *next_turn)
        )


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads the numbers of documents with their contexts; what it needs of a run is given once.

    ``reports`` are the run's reports, with sector, place and organisation of each; ``dimensions`` are the kinds of each
    name, such as place or month.
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
        """Yield each number with the position of its passage and what the words around it say."""
        texts = [passage.text for passage in document]
        flow = find_numbers(texts, self.wording)
        tokens = [
            self.wording.split_tokens(text, [number for number, *_ in of_text])
            for text, of_text in zip(texts, flow, strict=True)
        ]
        word_counts = [sum(token.number is None for token in passage) for passage in tokens]
        names_by_passage = [
            {key for mention in self.wording.find_names(passage) for key in mention.keys} for passage in tokens
        ]
        is_prose = [text.rstrip().endswith(END_OF_SENTENCE) for text in texts]
        titles = names_by_passage[:MAX_TITLE_PASSAGES]
        headlines = zip(titles, (count > MAX_TITLE_WORDS for count in word_counts), is_prose, strict=False)
        title = next((names for names, *is_long in headlines if not any(is_long) and names & self.sectors), set())
        language = self.wording.find_language(" ".join(texts))
        first_sectors = next((names & self.sectors for names in names_by_passage if names & self.sectors), set())
        names_in_heading, addresses = set[str](), [self._find_address(text) for text in [*texts, ""]]
        for index, text in enumerate(texts):
            is_short = word_counts[index] < MIN_PARAGRAPH_WORDS and not is_prose[index]
            earlier = range(index - 1, max(index - 3, -1), -1) if is_short else ()
            nearby_names = [names_by_passage[i] for i in (index, *earlier)] + [names_in_heading, first_sectors]
            figures_by_passage = (self._find_figures(tokens[i]) for i in (index, *earlier))
            figures_before = next(filter(None, figures_by_passage), frozenset())
            numbers = iter(flow[index])
            for sentence in self._split_sentences(text, tokens[index]):
                for place in sentence.numbers:
                    number, *sides = next(numbers)
                    context = self._make_context(
                        sentence, place, number, sides, nearby_names, title, language, figures_before, is_short
                    )
                    address = addresses[index] or (addresses[index + 1] if is_short else None)
                    if address:
                        head = text.partition(" · ")[0] if addresses[index] else text
                        context = self._set_report(context, number, address, is_first=number.start < len(head))
                    if is_short or not self._counts_something_else(sentence, number):
                        yield index, number, context
            if is_short and names_by_passage[index] & (self.sectors | self.report_places):
                names_in_heading = names_by_passage[index]

    def _find_address(self, text: str) -> tuple[str, str] | None:
        """Find the report and figure whose address stands in a text, as in a text copied from a page; else None."""
        match = FIGURE_ADDRESS.search(text)
        return (match["report"], match["place"]) if match and match["report"] in self.reports else None

    def _set_report(
        self, context: Context, number: TypedNumber, address: tuple[str, str], *, is_first: bool
    ) -> Context:
        """Return a context with the report of an address, and for the first number with its figure."""
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
        """Make the context of the number at a token, from its sentence and from the names before it."""
        names = {key for mention in sentence.names for key in mention.keys}
        spoken = frozenset(key for mention in sentence.figures for key in mention.keys)
        names_in_reach = names | nearby_names[0] or next(filter(None, nearby_names), set())
        nearest, strict = self._find_nearest_names(sentence, token_index)
        following_words = islice(NEXT_WORD.finditer(sentence.text, number.end - sentence.start), NEARBY_WORDS)
        of_people = self.wording.tells_of_people(" ".join(word[0] for word in following_words))
        units = {"people"} if of_people else {"usd"} if number.kind == "usd" else {"people", "count", "usd"}
        if number.kind == "share":
            nearest_figures, total_figures = spoken, sentence.find_total(token_index, sentence.figures)
        else:
            of_unit = [mention for mention in sentence.figures if self._units(mention) & units]
            nearest_figures, total_figures = sentence.find_nearest(token_index, of_unit)[1], frozenset[str]()
        return Context(
            language,
            title,
            sentence.excerpt(number),
            sentence.words,
            names=names_in_reach,
            sectors=self._scope([names, *nearby_names], title, self.sectors, INTERSECTOR),
            places=self._scope([names, *nearby_names], title, self.report_places, REGION),
            figures=spoken or figures_before,
            nearest_figures=nearest_figures,
            nearest=nearest,
            strict=strict,
            in_sentence=frozenset(names_in_reach if is_short else names),
            names_on_sides=sentence.list_sides(token_index),
            total_figures=total_figures,
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
        """Find the names nearest to a number, by dimension, and the dimensions whose name stands next to it."""
        by_dimension: dict[str, list[Mention]] = {}
        for mention in sentence.names:
            for dimension in {kind for key in mention.keys for kind in self.dimensions.get(key, ())}:
                by_dimension.setdefault(dimension, []).append(mention)
        nearest, strict = dict[str, frozenset[str]](), set[str]()
        for dimension, mentions in by_dimension.items():
            distance, keys = sentence.find_nearest(token_index, mentions)
            nearest[dimension] = keys or frozenset(key for mention in mentions for key in mention.keys)
            if (
                distance <= MAX_NEXT_DISTANCE
                and len({kind for key in keys for kind in self.dimensions.get(key, ())}) == 1
            ):
                strict.add(dimension)
        return nearest, frozenset(strict)

    def _counts_something_else(self, sentence: Sentence, number: TypedNumber) -> bool:
        """Whether a small number stands in a sentence that mentions no figure and no name of the run."""
        if number.kind != "plain" or number.number >= MIN_NUMBER_OF_FIGURE or number.bound or number.step != 1:
            return False
        return not (sentence.figures or sentence.names)

    def _find_figures(self, tokens: Sequence[Token]) -> frozenset[str]:
        """Find the figures that tokens mention."""
        return frozenset(key for mention in self.wording.find_figures(tokens) for key in mention.keys)

    def _split_sentences(self, text: str, tokens: Sequence[Token]) -> Iterator[Sentence]:
        """Yield the sentences of a text that have tokens."""
        ends = [0, *(match.end() for match in re.finditer(r"[.!?;]\s+(?=\S)", text)), len(text)]
        for start, end in pairwise(ends):
            of_sentence = [token for token in tokens if start <= token.start < end]
            if of_sentence:
                yield Sentence(text[start:end], start, of_sentence, self.wording)

    @staticmethod
    def _scope(nearby_names: Iterable[set[str]], title: set[str], candidates: set[str], total: str) -> set[str]:
        """Return the sectors, or places, that a number may be about: those named nearest, and those of the title."""
        nearest = next((matches for names in nearby_names if (matches := names & candidates)), set())
        possible = title & candidates or ({total} if total in candidates else set() if nearest else candidates)
        return nearest | possible


def find_numbers(texts: Sequence[str], wording: Wording) -> list[list[tuple[TypedNumber, Place, Place]]]:
    """Find the numbers of each text, each with the words before and after it."""
    words: list[str] = []
    places: list[tuple[int, TypedNumber, int]] = []
    for number_of_text, text in enumerate(texts):
        end = 0
        for number in wording.find_numbers(text):
            words += split_words(text[end : number.start])
            places.append((number_of_text, number, len(words)))
            end = number.end
        words += split_words(text[end:])
    total, numbers_so_far = Counter(word_index for *_, word_index in places), Counter[int]()
    numbers_by_text: list[list[tuple[TypedNumber, Place, Place]]] = [[] for _ in texts]
    for number_of_text, number, word_index in places:
        words_before, words_after = (
            tuple(words[max(word_index - 7, 0) : word_index]),
            tuple(words[word_index : word_index + 6]),
        )
        numbers_by_text[number_of_text].append(
            (
                number,
                (words_before, numbers_so_far[word_index]),
                (words_after, total[word_index] - numbers_so_far[word_index]),
            )
        )
        numbers_so_far[word_index] += 1
    return numbers_by_text
