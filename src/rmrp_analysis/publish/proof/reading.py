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
from rmrp_analysis.publish.proof.wording import NEXT_WORD, Mention, Token, Wording, tokens_of
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
        return [at for at, token in enumerate(self.tokens) if token.number]

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words."""
        return frozenset(tokens_of(self.text))

    def excerpt(self, number: TypedNumber) -> str:
        """Give its text, of a long one what is around a number."""
        text = self.text.strip()
        if len(text) <= LONGEST_SENTENCE:
            return text
        at = number.start - self.start
        return f"…{self.text[max(at - LONGEST_SENTENCE // 2, 0) : at + LONGEST_SENTENCE // 2].strip()}…"

    def nearest(self, at: int, mentions: Sequence[Mention]) -> tuple[float, frozenset[str]]:
        """Give how near the nearest of these mentions is to the number at a token, with the keys of those as near."""
        if not mentions:
            return float("inf"), frozenset()
        turns = self._turns(mentions, at)
        first_after = next((mention for mention in mentions if mention.start > at), None)
        distances = [
            self._distance(at, mention) - ITS_TURN * (mention in turns) + self._of_a_whole(at, mention, first_after)
            for mention in mentions
        ]
        least = min(distances)
        if least > FAR:
            return least, frozenset()
        near = (mention for mention, far in zip(mentions, distances, strict=True) if far <= least + AS_NEAR)
        return least, frozenset(key for mention in near for key in mention.keys)

    def whole(self, at: int, mentions: Sequence[Mention]) -> frozenset[str]:
        """Give what a share is a share of: the first of these mentions after it, else all before it."""
        others = [other for other in self.numbers if other > at and self._kind(other) == "share"]
        until = min(others, default=len(self.tokens))
        after = next((mention.keys for mention in mentions if at < mention.start < until), None)
        return after or frozenset(key for mention in mentions if mention.end <= at for key in mention.keys)

    def beside(self, at: int) -> tuple[set[str], set[str]]:
        """Give what is named between a number and the one before it, and between it and the next."""
        start = max((other + 1 for other in self.numbers if other < at), default=0)
        end = min((other for other in self.numbers if other > at), default=len(self.tokens))
        before = {key for mention in self.names if start <= mention.start < at for key in mention.keys}
        return before, {key for mention in self.names if at < mention.start < end for key in mention.keys}

    def _kind(self, at: int) -> str:
        number = self.tokens[at].number
        return number.kind if number else ""

    def _distance(self, at: int, mention: Mention) -> float:
        between = self.tokens[at + 1 : mention.start] if mention.start > at else self.tokens[mention.end : at]
        return sum(DISTANCE.get(token.text, 1.0) for token in between)

    def _of_a_whole(self, at: int, mention: Mention, first_after: Mention | None) -> float:
        """Give how much farther a mention is since it names the whole of which the number is a part."""
        between = self.tokens[at + 1 : mention.start]
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
        flow = flow_of(texts, self.wording)
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
        found = ADDRESS.search(text)
        return (found["report"], found["place"]) if found and found["report"] in self.reports else None

    def _at_address(
        self, context: Context, number: TypedNumber, address: tuple[str, str], *, is_first: bool
    ) -> Context:
        """Give a context whose report is known, and of a number that stands first the figure."""
        sector, place, organisation = self.reports[address[0]]
        figure = frozenset({address[1].replace("-", "_")} & set(FIGURES))
        named = replace(context, sectors={sector}, places={place}, names=context.names | {organisation} - {""})
        if figure and is_first and number.kind != "share":
            return replace(named, figures=figure, nearest_figures=figure, nearest={}, strict=frozenset())
        return named

    def _context(
        self,
        sentence: Sentence,
        at: int,
        number: TypedNumber,
        sides: Sequence[Place],
        near: Sequence[set[str]],
        title: set[str],
        language: str,
        figures_before: frozenset[str],
        is_short: bool,
    ) -> Context:
        names = {key for mention in sentence.names for key in mention.keys}
        spoken = frozenset(key for mention in sentence.figures for key in mention.keys)
        named = names | near[0] or next(filter(None, near), set())
        nearest, strict = self._nearest_names(sentence, at)
        after = islice(NEXT_WORD.finditer(sentence.text, number.end - sentence.start), NEARBY_WORDS)
        of_people = self.wording.tells_of_people(" ".join(word[0] for word in after))
        units = {"people"} if of_people else {"usd"} if number.kind == "usd" else {"people", "count", "usd"}
        if number.kind == "share":
            nearest_figures, whole = spoken, sentence.whole(at, sentence.figures)
        else:
            of_unit = [mention for mention in sentence.figures if self._units(mention) & units]
            nearest_figures, whole = sentence.nearest(at, of_unit)[1], frozenset[str]()
        return Context(
            language,
            title,
            sentence.excerpt(number),
            sentence.words,
            names=named,
            sectors=self._scope([names, *near], title, self.sectors, INTERSECTOR),
            places=self._scope([names, *near], title, self.report_places, REGION),
            figures=spoken or figures_before,
            nearest_figures=nearest_figures,
            nearest=nearest,
            strict=strict,
            in_sentence=frozenset(named if is_short else names),
            names_beside=sentence.beside(at),
            whole=whole,
            of_people=of_people,
            closeness=self.wording.closeness(sides[0][0]),
            before=sides[0],
            after=sides[1],
        )

    @staticmethod
    def _units(mention: Mention) -> set[str]:
        return {FIGURES[figure].unit for figure in mention.keys}

    def _nearest_names(self, sentence: Sentence, at: int) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
        """Give what a sentence names nearest to a number, by dimension, and which of these stand beside it."""
        by_dimension: dict[str, list[Mention]] = {}
        for mention in sentence.names:
            for dimension in {each for key in mention.keys for each in self.dimensions.get(key, ())}:
                by_dimension.setdefault(dimension, []).append(mention)
        nearest, strict = dict[str, frozenset[str]](), set[str]()
        for dimension, mentions in by_dimension.items():
            far, keys = sentence.nearest(at, mentions)
            nearest[dimension] = keys or frozenset(key for mention in mentions for key in mention.keys)
            if far <= BESIDE and len({each for key in keys for each in self.dimensions.get(key, ())}) == 1:
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
        ends = [0, *(found.end() for found in re.finditer(r"[.!?;]\s+(?=\S)", text)), len(text)]
        for start, end in pairwise(ends):
            of_sentence = [token for token in tokens if start <= token.start < end]
            if of_sentence:
                yield Sentence(text[start:end], start, of_sentence, self.wording)

    @staticmethod
    def _scope(near: Iterable[set[str]], title: set[str], known: set[str], whole: str) -> set[str]:
        """Give the sectors, or places, that a number may be of: those named nearest, and those of the title."""
        nearest = next((found for names in near if (found := names & known)), set())
        about = title & known or ({whole} if whole in known else set() if nearest else known)
        return nearest | about


def flow_of(texts: Sequence[str], wording: Wording) -> list[list[tuple[TypedNumber, Place, Place]]]:
    """Give the numbers of each text with the words before and after them."""
    words: list[str] = []
    places: list[tuple[int, TypedNumber, int]] = []
    for number_of_text, text in enumerate(texts):
        end = 0
        for number in wording.numbers(text):
            words += tokens_of(text[end : number.start])
            places.append((number_of_text, number, len(words)))
            end = number.end
        words += tokens_of(text[end:])
    total, seen = Counter(at for *_, at in places), Counter[int]()
    found: list[list[tuple[TypedNumber, Place, Place]]] = [[] for _ in texts]
    for number_of_text, number, at in places:
        before, after = tuple(words[max(at - 7, 0) : at]), tuple(words[at : at + 6])
        found[number_of_text].append((number, (before, seen[at]), (after, total[at] - seen[at])))
        seen[at] += 1
    return found
