"""Reads of each number in a text what its words say: of which figure, sector, place, month or group it is.

In a sentence the words that are nearest to a number name it: other numbers, commas and semicolons between make them
farther, and where numbers and names take turns, the one beside it is its own. What a sentence does not say, its
paragraph says, the short passages before it, the heading, the title.
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

TITLE = 8
"""The first of so many passages that is no longer than ``HEADLINE`` words, and names a sector, is the title."""
HEADLINE = 25
SHORT = 12
"""A passage of fewer words without a full stop is read with those before it, as a heading or a card is."""
END_OF_SENTENCE = (".", "!", "?")
LARGE = 1000
"""A smaller number in a sentence that speaks of nothing of the run counts something else, such as rooms."""
NEARBY_WORDS = 3
"""So many words after a number may say that it counts people."""
FAR = 9
"""A word that is farther from a number than this does not name it."""
BESIDE = 1
"""A name that is no farther from a number than this can mean nothing else, if it is the name of one thing alone."""
LONGEST_SENTENCE = 600
"""Of a longer sentence, such as a table without full stops, so many letters around its number are told."""
DISTANCE: Mapping[str, float] = {",": 2, ";": 8, "(": 1, ")": 1, ":": 1, ".": 6, "?": 12, "!": 12, "\n": 3, "": 4}
"""How far apart a mark sets two words, or a number between them (its text is empty); each other word sets them 1."""
OF_A_WHOLE = 6
"""How much farther *N of the people targeted* sets the target from N."""
ITS_TURN = 3
"""How much nearer a mention is whose turn it is, where numbers and mentions take turns."""
AS_NEAR = 0.5
"""Mentions that are farther than the nearest by no more than this may both be meant."""

ADDRESS = re.compile(r"(?<![\w.-])(?P<report>[\w.-]+)\.[a-z]{2,3}\.html#(?P<place>[\w-]+)")
"""Where a figure stands on a page."""

Place = tuple[tuple[str, ...], int]
"""Words beside a number, and how many numbers stand between."""
Turn = tuple[bool, int]
"""A mention (true) or number of a sentence, by its place in the list of them."""


@dataclass(frozen=True)
class Context:
    """What the words around a number say.

    ``sectors`` and ``places`` are those that it may be of; ``figures`` those of its sentence, or else of what stands
    before it. ``nearest`` has what its own sentence names of each dimension, ``near`` those of which it tells by name
    nearest. ``words`` are those of the sentence, ``before`` and ``after`` those beside the number.
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
    names_beside: tuple[set[str], set[str]]
    whole: frozenset[str]
    of_people: bool
    closeness: Closeness | None
    before: Place
    after: Place


@dataclass(frozen=True)
class Sentence:
    """A sentence in tokens, with what it names and the figures of which it speaks."""

    text: str
    start: int
    tokens: Sequence[Token]
    wording: Wording

    @cached_property
    def names(self) -> list[Mention]:
        """What it names."""
        return self.wording.named(self.tokens)

    @cached_property
    def figures(self) -> list[Mention]:
        """The figures of which it speaks."""
        return self.wording.spoken(self.tokens)

    @cached_property
    def numbers(self) -> list[int]:
        """Where its numbers stand among the tokens."""
        return [token_index for token_index, token in enumerate(self.tokens) if token.number]

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words."""
        return frozenset(split_words(self.text))

    def excerpt(self, number: TypedNumber) -> str:
        """Give its text, of a long one what is around a number."""
        text = self.text.strip()
        if len(text) <= LONGEST_SENTENCE:
            return text
        offset = number.start - self.start
        return f"…{self.text[max(offset - LONGEST_SENTENCE // 2, 0) : offset + LONGEST_SENTENCE // 2].strip()}…"

    def nearest(self, token_index: int, mentions: Sequence[Mention]) -> tuple[float, frozenset[str]]:
        """Give how near the nearest of these mentions is to the number at a token, with the keys of those as near."""
        if not mentions:
            return float("inf"), frozenset()
        turns = self._turns(mentions, token_index)
        first_after = next((mention for mention in mentions if mention.start > token_index), None)
        distances = [
            self._distance(token_index, mention)
            - ITS_TURN * (mention in turns)
            + self._of_a_whole(token_index, mention, first_after)
            for mention in mentions
        ]
        smallest_distance = min(distances)
        if smallest_distance > FAR:
            return smallest_distance, frozenset()
        nearest_mentions = (
            mention
            for mention, distance in zip(mentions, distances, strict=True)
            if distance <= smallest_distance + AS_NEAR
        )
        return smallest_distance, frozenset(key for mention in nearest_mentions for key in mention.keys)

    def whole(self, token_index: int, mentions: Sequence[Mention]) -> frozenset[str]:
        """Give what a share is a share of: the first of these mentions after it, else all before it."""
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

    def beside(self, token_index: int) -> tuple[set[str], set[str]]:
        """Give what is named between a number and the one before it, and between it and the next."""
        start = max((number_index + 1 for number_index in self.numbers if number_index < token_index), default=0)
        end = min(
            (number_index for number_index in self.numbers if number_index > token_index), default=len(self.tokens)
        )
        keys_before = {key for mention in self.names if start <= mention.start < token_index for key in mention.keys}
        return keys_before, {key for mention in self.names if token_index < mention.start < end for key in mention.keys}

    def _kind(self, token_index: int) -> str:
        number = self.tokens[token_index].number
        return number.kind if number else ""

    def _distance(self, token_index: int, mention: Mention) -> float:
        between = (
            self.tokens[token_index + 1 : mention.start]
            if mention.start > token_index
            else self.tokens[mention.end : token_index]
        )
        return sum(DISTANCE.get(token.text, 1.0) for token in between)

    def _of_a_whole(self, token_index: int, mention: Mention, first_after: Mention | None) -> float:
        """Give how much farther a mention is since it names the whole of which the number is a part."""
        between = self.tokens[token_index + 1 : mention.start]
        is_whole = mention is first_after and any(self.wording.partitive(between[skipped:]) for skipped in (0, 1))
        return OF_A_WHOLE if is_whole else 0

    def _turns(self, mentions: Sequence[Mention], at: int) -> list[Mention]:
        """Give the mention that stands beside a number where numbers and mentions take turns all over the sentence."""
        kind = self._kind(at)
        places = [(mention.start, mention) for mention in mentions]
        others = [(other, other) for other in self.numbers if self._kind(other) == kind]
        order = [thing for _, thing in sorted([*places, *others], key=lambda each: each[0])]
        turns = [
            list(things)
            for _, things in groupby(order, key=lambda thing: thing.keys if isinstance(thing, Mention) else thing)
        ]
        are_mentions = [isinstance(things[0], Mention) for things in turns]
        if len(turns) % 2 or len(turns) < 4 or any(one == other for one, other in pairwise(are_mentions)):
            return []
        return next(
            [thing for thing in (*one, *other) if isinstance(thing, Mention)]
            for one, other in zip(turns[::2], turns[1::2], strict=True)
            if at in (*one, *other)
        )


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads documents about what a run has.

    ``reports`` are its reports, with sector, place and organisation of each; ``dimensions`` say of a key what it may
    be, such as a place or month.
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

    def contexts(self, document: Sequence[Passage]) -> Iterator[tuple[int, TypedNumber, Context]]:
        """Give each number with the place of its passage and what its words say."""
        texts = [passage.text for passage in document]
        flow = find_numbers(texts, self.wording)
        tokens = [
            self.wording.tokens(text, [number for number, *_ in of_text])
            for text, of_text in zip(texts, flow, strict=True)
        ]
        words = [sum(token.number is None for token in each) for each in tokens]
        named = [{key for mention in self.wording.named(each) for key in mention.keys} for each in tokens]
        is_prose = [text.rstrip().endswith(END_OF_SENTENCE) for text in texts]
        headlines = zip(named[:TITLE], (each > HEADLINE for each in words), is_prose, strict=False)
        title = next((names for names, *is_long in headlines if not any(is_long) and names & self.sectors), set())
        language = self.wording.language(" ".join(texts))
        first_sectors = next((names & self.sectors for names in named if names & self.sectors), set())
        heading, addresses = set[str](), [self._address(text) for text in [*texts, ""]]
        for at, text in enumerate(texts):
            is_short = words[at] < SHORT and not is_prose[at]
            before = range(at - 1, max(at - 3, -1), -1) if is_short else ()
            near = [named[at], *(named[each] for each in before), heading, first_sectors]
            figures_before = next(filter(None, (self._figures(tokens[each]) for each in (at, *before))), frozenset())
            beside = iter(flow[at])
            for sentence in self._sentences(text, tokens[at]):
                for place in sentence.numbers:
                    number, *sides = next(beside)
                    context = self._context(
                        sentence, place, number, sides, near, title, language, figures_before, is_short
                    )
                    address = addresses[at] or (addresses[at + 1] if is_short else None)
                    if address:
                        head = text.partition(" · ")[0] if addresses[at] else text
                        context = self._at_address(context, number, address, is_first=number.start < len(head))
                    if is_short or not self._counts_something_else(sentence, number):
                        yield at, number, context
            if is_short and named[at] & (self.sectors | self.report_places):
                heading = named[at]

    def _address(self, text: str) -> tuple[str, str] | None:
        """Give the report and the figure or block of which a text has the address, as what is copied of a page has."""
        match = ADDRESS.search(text)
        return (match["report"], match["place"]) if match and match["report"] in self.reports else None

    def _at_address(
        self, context: Context, number: TypedNumber, address: tuple[str, str], *, is_first: bool
    ) -> Context:
        """Give a context whose report is known, and of a number that stands first the figure."""
        sector, place, organisation = self.reports[address[0]]
        figure = frozenset({address[1].replace("-", "_")} & set(FIGURES))
        located = replace(context, sectors={sector}, places={place}, names=context.names | {organisation} - {""})
        if figure and is_first and number.kind != "share":
            return replace(located, figures=figure, nearest_figures=figure, nearest={}, strict=frozenset())
        return located

    def _context(
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
        names = {key for mention in sentence.names for key in mention.keys}
        spoken = frozenset(key for mention in sentence.figures for key in mention.keys)
        names_in_reach = names | nearby_names[0] or next(filter(None, nearby_names), set())
        nearest, strict = self._nearest_names(sentence, token_index)
        following_words = islice(NEXT_WORD.finditer(sentence.text, number.end - sentence.start), NEARBY_WORDS)
        of_people = self.wording.tells_of_people(" ".join(word[0] for word in following_words))
        units = {"people"} if of_people else {"usd"} if number.kind == "usd" else {"people", "count", "usd"}
        if number.kind == "share":
            nearest_figures, whole = spoken, sentence.whole(token_index, sentence.figures)
        else:
            of_unit = [mention for mention in sentence.figures if self._units(mention) & units]
            nearest_figures, whole = sentence.nearest(token_index, of_unit)[1], frozenset[str]()
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
            names_beside=sentence.beside(token_index),
            whole=whole,
            of_people=of_people,
            closeness=self.wording.closeness(sides[0][0]),
            before=sides[0],
            after=sides[1],
        )

    @staticmethod
    def _units(mention: Mention) -> set[str]:
        return {FIGURES[figure].unit for figure in mention.keys}

    def _nearest_names(self, sentence: Sentence, token_index: int) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
        """Give what a sentence names nearest to a number, by dimension, and which of these stand beside it."""
        by_dimension: dict[str, list[Mention]] = {}
        for mention in sentence.names:
            for dimension in {kind for key in mention.keys for kind in self.dimensions.get(key, ())}:
                by_dimension.setdefault(dimension, []).append(mention)
        nearest, strict = dict[str, frozenset[str]](), set[str]()
        for dimension, mentions in by_dimension.items():
            distance, keys = sentence.nearest(token_index, mentions)
            nearest[dimension] = keys or frozenset(key for mention in mentions for key in mention.keys)
            if distance <= BESIDE and len({kind for key in keys for kind in self.dimensions.get(key, ())}) == 1:
                strict.add(dimension)
        return nearest, frozenset(strict)

    def _counts_something_else(self, sentence: Sentence, number: TypedNumber) -> bool:
        """Whether a small number stands in a sentence that speaks of no figure and names no part near it."""
        if number.kind != "plain" or number.number >= LARGE or number.bound or number.step != 1:
            return False
        return not (sentence.figures or sentence.names)

    def _figures(self, tokens: Sequence[Token]) -> frozenset[str]:
        return frozenset(key for mention in self.wording.spoken(tokens) for key in mention.keys)

    def _sentences(self, text: str, tokens: Sequence[Token]) -> Iterator[Sentence]:
        ends = [0, *(match.end() for match in re.finditer(r"[.!?;]\s+(?=\S)", text)), len(text)]
        for start, end in pairwise(ends):
            of_sentence = [token for token in tokens if start <= token.start < end]
            if of_sentence:
                yield Sentence(text[start:end], start, of_sentence, self.wording)

    @staticmethod
    def _scope(nearby_names: Iterable[set[str]], title: set[str], candidates: set[str], total: str) -> set[str]:
        """Give the sectors, or places, that a number may be of: those named nearest, and those of the title."""
        nearest = next((matches for names in nearby_names if (matches := names & candidates)), set())
        possible = title & candidates or ({total} if total in candidates else set() if nearest else candidates)
        return nearest | possible


def find_numbers(texts: Sequence[str], wording: Wording) -> list[list[tuple[TypedNumber, Place, Place]]]:
    """Give the numbers of each text with the words before and after them."""
    words: list[str] = []
    places: list[tuple[int, TypedNumber, int]] = []
    for number_of_text, text in enumerate(texts):
        end = 0
        for number in wording.numbers(text):
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
