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
from rmrp_analysis.publish.proof.wording import WORD_WITH_MARKS_PATTERN, Mention, Token, Wording, split_words
from rmrp_analysis.vocabulary import INTERSECTOR, REGION

MAX_TITLE_SEARCH_PASSAGES = 8
"""In how many passages from the start a title is looked for, which names a sector."""
MAX_TITLE_WORDS = 25
"""The most words of a title."""
MIN_PARAGRAPH_WORDS = 12
"""The least words of a paragraph; a shorter passage without a full stop, as a heading, is read with those before."""
SENTENCE_END_MARKS = (".", "!", "?")
"""Marks that end a sentence, and so tell prose from headings."""
MIN_NUMBER_IF_NOTHING_NAMED = 1000
"""The least number that may be a figure in a sentence that names nothing of the run; smaller ones count rooms, say."""
MAX_WORDS_UNTIL_PEOPLE_WORD = 3
"""How many words after a number are read for the word that says that it counts people."""
MAX_NAME_DISTANCE = 9
"""The largest distance of a name that belongs to a number (see ``DISTANCE_BY_MARK``)."""
MAX_ADJACENT_NAME_DISTANCE = 1
"""The largest distance of a name that stands next to a number, and so belongs to it if only one thing has the name."""
MAX_EXCERPT_LETTERS = 600
"""The most letters of a sentence that are quoted around its number; a table without full stops has more."""
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
"""The distance that a mark, or a number (its text is empty), adds between two words; each other word adds 1."""
ADDED_DISTANCE_TO_TOTAL = 6
"""The distance that *N of the people targeted* adds between N and the target."""
TURN_DISTANCE_BONUS = 3
"""How much nearer a mention counts whose turn it is, where numbers and mentions take turns."""
MAX_TIE_DISTANCE = 0.5
"""Mentions that are no farther than the nearest one plus this may be meant as well."""

FIGURE_ADDRESS_PATTERN = re.compile(r"(?<![\w.-])(?P<report>[\w.-]+)\.[a-z]{2,3}\.html#(?P<place>[\w-]+)")
"""The address of a figure on a page of a run."""

Place = tuple[tuple[str, ...], int]
"""Words next to a number, and how many numbers stand between."""


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
        return [at for at, token in enumerate(self.tokens) if token.number]

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words, normalised."""
        return frozenset(split_words(self.text))

    def excerpt(self, number: TypedNumber) -> str:
        """Return its text; of a long sentence only the letters around a number."""
        text = self.text.strip()
        if len(text) <= MAX_EXCERPT_LETTERS:
            return text
        at = number.start - self.start
        excerpt_start_offset = max(at - MAX_EXCERPT_LETTERS // 2, 0)
        return f"…{self.text[excerpt_start_offset : at + MAX_EXCERPT_LETTERS // 2].strip()}…"

    def find_nearest(self, token_index: int, mentions: Sequence[Mention]) -> tuple[float, frozenset[str]]:
        """Return the distance of the mention nearest to the number at a token, and the keys of all as near.

        Mentions up to ``MAX_TIE_DISTANCE`` farther are as near. No keys where it is farther than ``MAX_NAME_DISTANCE``;
        infinity and no keys without mentions.
        """
        if not mentions:
            return float("inf"), frozenset()
        turns = self._find_turn(mentions, token_index)
        first_after = next((mention for mention in mentions if mention.start > token_index), None)
        distances = [
            self._distance(token_index, mention)
            - TURN_DISTANCE_BONUS * (mention in turns)
            + self._add_total_distance(token_index, mention, first_after)
            for mention in mentions
        ]
        least = min(distances)
        if least > MAX_NAME_DISTANCE:
            return least, frozenset()
        near = (mention for mention, far in zip(mentions, distances, strict=True) if far <= least + MAX_TIE_DISTANCE)
        return least, frozenset(key for mention in near for key in mention.keys)

    def find_total(self, token_index: int, mentions: Sequence[Mention]) -> frozenset[str]:
        """Return the keys of the total that a share at a token is a share of.

        They are those of the first of these mentions between it and the next share, else of all before it.
        """
        later_share_token_indexes = [
            other for other in self.numbers if other > token_index and self._kind(other) == "share"
        ]
        until = min(later_share_token_indexes, default=len(self.tokens))
        figure_names_after_number = next(
            (mention.keys for mention in mentions if token_index < mention.start < until), None
        )
        return figure_names_after_number or frozenset(
            key for mention in mentions if mention.end <= token_index for key in mention.keys
        )

    def list_sides(self, token_index: int) -> tuple[set[str], set[str]]:
        """Return the keys of names between a number and the one before it, and between it and the next."""
        start = max((other + 1 for other in self.numbers if other < token_index), default=0)
        end = min((other for other in self.numbers if other > token_index), default=len(self.tokens))
        name_keys_before_number = {
            key for mention in self.names if start <= mention.start < token_index for key in mention.keys
        }
        return name_keys_before_number, {
            key for mention in self.names if token_index < mention.start < end for key in mention.keys
        }

    def _kind(self, token_index: int) -> str:
        """Return the kind of the number at a token, such as ``share``; empty for a word."""
        number = self.tokens[token_index].number
        return number.kind if number else ""

    def _distance(self, token_index: int, mention: Mention) -> float:
        """Return the distance between a number and a mention: words count 1, marks as ``DISTANCE_BY_MARK`` says."""
        between = (
            self.tokens[token_index + 1 : mention.start]
            if mention.start > token_index
            else self.tokens[mention.end : token_index]
        )
        return sum(DISTANCE_BY_MARK.get(token.text, 1.0) for token in between)

    def _add_total_distance(self, token_index: int, mention: Mention, first_after: Mention | None) -> float:
        """Return the distance to add where a mention names the total of which the number is a part; else 0.

        It does if it is ``first_after``, the first mention after the number, and *of the* stands between.
        """
        between = self.tokens[token_index + 1 : mention.start]
        is_whole = mention is first_after and any(self.wording.is_partitive(between[skipped:]) for skipped in (0, 1))
        return ADDED_DISTANCE_TO_TOTAL if is_whole else 0

    def _find_turn(self, mentions: Sequence[Mention], token_index: int) -> list[Mention]:
        """Return the mentions that belong to a number where numbers of its kind and mentions take turns.

        They must take turns in the whole sentence, in two pairs or more; else the list is empty.
        """
        kind = self._kind(token_index)
        places = [(mention.start, mention) for mention in mentions]
        number_index_pairs = [
            (number_token_index, number_token_index)
            for number_token_index in self.numbers
            if self._kind(number_token_index) == kind
        ]
        order = [turn_item for _, turn_item in sorted([*places, *number_index_pairs], key=lambda pair: pair[0])]
        turns = [
            list(things)
            for _, things in groupby(
                order, key=lambda turn_item: turn_item.keys if isinstance(turn_item, Mention) else turn_item
            )
        ]
        are_mentions = [isinstance(things[0], Mention) for things in turns]
        if (
            len(turns) % 2
            or len(turns) < 4
            or any(is_mention_group == other for is_mention_group, other in pairwise(are_mentions))
        ):
            return []
        return next(
            [turn_item for turn_item in (*turn_group, *next_group) if isinstance(turn_item, Mention)]
            for turn_group, next_group in zip(turns[::2], turns[1::2], strict=True)
            if token_index in (*turn_group, *next_group)
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
        """Yield each number with the position of its passage and what the words around it say.

        A small number in a sentence that names nothing of the run is left out, except in headings. Where the address of
        a figure stands with a number, as in a text copied from a page, the number is of that report.
        """
        texts = [passage.text for passage in document]
        flow = find_numbers(texts, self.wording)
        tokens = [
            self.wording.split_tokens(text, [number for number, *_ in of_text])
            for text, of_text in zip(texts, flow, strict=True)
        ]
        words = [sum(token.number is None for token in passage_tokens) for passage_tokens in tokens]
        name_keys_by_passage = [
            {key for mention in self.wording.find_names(passage_tokens) for key in mention.keys}
            for passage_tokens in tokens
        ]
        is_prose = [text.rstrip().endswith(SENTENCE_END_MARKS) for text in texts]
        title = self._find_title_names(name_keys_by_passage, words, is_prose)
        language = self.wording.find_language(" ".join(texts))
        first_named_sectors = next(
            filter(None, (passage_name_keys & self.sectors for passage_name_keys in name_keys_by_passage)), set()
        )
        report_figure_pairs = [self._find_address(text) for text in [*texts, ""]]
        heading = set[str]()
        for at, text in enumerate(texts):
            is_short = words[at] < MIN_PARAGRAPH_WORDS and not is_prose[at]
            first_nearby_index = max(at - 2, 0) if is_short else at
            nearby_passages = slice(first_nearby_index, at + 1)
            near = [*reversed(name_keys_by_passage[nearby_passages]), heading, first_named_sectors]
            figure_names_by_passage = map(self._find_figures, reversed(tokens[nearby_passages]))
            figures_before = next(filter(None, figure_names_by_passage), frozenset())
            report_figure_pair_here, report_figure_pair_next = report_figure_pairs[at : at + 2]
            address = report_figure_pair_here or (report_figure_pair_next if is_short else None)
            text_before_address = text.partition(" · ")[0] if report_figure_pair_here else text
            numbers_of_passage = iter(flow[at])
            for sentence in self._split_sentences(text, tokens[at]):
                for place in sentence.numbers:
                    number, *sides = next(numbers_of_passage)
                    context = self._make_context(
                        sentence, place, number, sides, near, title, language, figures_before, is_short
                    )
                    if address:
                        is_first_number = number.start < len(text_before_address)
                        context = self._set_report(context, number, address, is_first=is_first_number)
                    if is_short or not self._counts_something_else(sentence, number):
                        yield at, number, context
            if is_short and name_keys_by_passage[at] & (self.sectors | self.report_places):
                heading = name_keys_by_passage[at]

    def _find_title_names(
        self, names_by_passage: Sequence[set[str]], word_counts: Sequence[int], is_prose: Sequence[bool]
    ) -> set[str]:
        """Return the names in the title: the first short passage without a full stop that names a sector.

        Only the first ``MAX_TITLE_SEARCH_PASSAGES`` passages are read; empty without a title.
        """
        opening_passage_triples = islice(
            zip(names_by_passage, word_counts, is_prose, strict=True), MAX_TITLE_SEARCH_PASSAGES
        )
        for passage_name_keys, word_count, is_prose_passage in opening_passage_triples:
            if word_count <= MAX_TITLE_WORDS and not is_prose_passage and passage_name_keys & self.sectors:
                return passage_name_keys
        return set()

    def _find_address(self, text: str) -> tuple[str, str] | None:
        """Find the report and figure whose address stands in a text, as in a text copied from a page; else None.

        Only the first address counts, and only of a report of the run. The figure is the anchor as it stands there.
        """
        address_match = FIGURE_ADDRESS_PATTERN.search(text)
        return (
            (address_match["report"], address_match["place"])
            if address_match and address_match["report"] in self.reports
            else None
        )

    def _set_report(
        self, context: Context, number: TypedNumber, address: tuple[str, str], *, is_first: bool
    ) -> Context:
        """Return a context with the report of an address, and with its figure if known, ``is_first`` and no share."""
        sector, place, organisation = self.reports[address[0]]
        figure = frozenset({address[1].replace("-", "_")} & set(FIGURES))
        located_context = replace(
            context, sectors={sector}, places={place}, names=context.names | {organisation} - {""}
        )
        if figure and is_first and number.kind != "share":
            return replace(located_context, figures=figure, nearest_figures=figure, nearest={}, strict=frozenset())
        return located_context

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

        ``sides`` are the words before and after it. ``nearby_names`` are the names of passages, those of its own first;
        ``figures_before`` count where its sentence mentions no figure. With ``is_short``, its passage is a heading or
        the like, and names around it count as in its sentence.
        """
        names = {key for mention in sentence.names for key in mention.keys}
        spoken = frozenset(key for mention in sentence.figures for key in mention.keys)
        name_keys_in_reach = names | nearby_names[0] or next(filter(None, nearby_names), set())
        nearest, strict = self._find_nearest_names(sentence, token_index)
        following_word_matches = islice(
            WORD_WITH_MARKS_PATTERN.finditer(sentence.text, number.end - sentence.start), MAX_WORDS_UNTIL_PEOPLE_WORD
        )
        of_people = self.wording.tells_of_people(" ".join(word[0] for word in following_word_matches))
        units = {"people"} if of_people else {"usd"} if number.kind == "usd" else {"people", "count", "usd"}
        if number.kind == "share":
            nearest_figures = spoken
            total_figure_names = sentence.find_total(token_index, sentence.figures)
        else:
            of_unit = [mention for mention in sentence.figures if self._units(mention) & units]
            nearest_figures = sentence.find_nearest(token_index, of_unit)[1]
            total_figure_names = frozenset[str]()
        return Context(
            language,
            title,
            sentence.excerpt(number),
            sentence.words,
            names=name_keys_in_reach,
            sectors=self._scope([names, *nearby_names], title, self.sectors, INTERSECTOR),
            places=self._scope([names, *nearby_names], title, self.report_places, REGION),
            figures=spoken or figures_before,
            nearest_figures=nearest_figures,
            nearest=nearest,
            strict=strict,
            in_sentence=frozenset(name_keys_in_reach if is_short else names),
            names_on_sides=sentence.list_sides(token_index),
            total_figures=total_figure_names,
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
        """Return the names nearest to a number, by dimension, and the dimensions whose name stands next to it.

        Where no name of a dimension is near, all of its names in the sentence are given. A name that can be of
        several dimensions does not count as next to the number.
        """
        by_dimension: dict[str, list[Mention]] = {}
        for mention in sentence.names:
            for dimension in {key_dimension for key in mention.keys for key_dimension in self.dimensions.get(key, ())}:
                by_dimension.setdefault(dimension, []).append(mention)
        nearest, strict = dict[str, frozenset[str]](), set[str]()
        for dimension, mentions in by_dimension.items():
            far, keys = sentence.find_nearest(token_index, mentions)
            nearest[dimension] = keys or frozenset(key for mention in mentions for key in mention.keys)
            if (
                far <= MAX_ADJACENT_NAME_DISTANCE
                and len({key_dimension for key in keys for key_dimension in self.dimensions.get(key, ())}) == 1
            ):
                strict.add(dimension)
        return nearest, frozenset(strict)

    def _counts_something_else(self, sentence: Sentence, number: TypedNumber) -> bool:
        """Whether a number is small, plain and whole, in a sentence that mentions no figure and no name of the run."""
        if number.kind != "plain" or number.number >= MIN_NUMBER_IF_NOTHING_NAMED or number.bound or number.step != 1:
            return False
        return not (sentence.figures or sentence.names)

    def _find_figures(self, tokens: Sequence[Token]) -> frozenset[str]:
        """Return the names of the figures that tokens mention."""
        return frozenset(key for mention in self.wording.find_figures(tokens) for key in mention.keys)

    def _split_sentences(self, text: str, tokens: Sequence[Token]) -> Iterator[Sentence]:
        """Yield the sentences of a text that have tokens; a semicolon ends a sentence, too."""
        ends = [0, *(end_match.end() for end_match in re.finditer(r"[.!?;]\s+(?=\S)", text)), len(text)]
        for start, end in pairwise(ends):
            of_sentence = [token for token in tokens if start <= token.start < end]
            if of_sentence:
                yield Sentence(text[start:end], start, of_sentence, self.wording)

    @staticmethod
    def _scope(nearby_names: Iterable[set[str]], title: set[str], candidates: set[str], total: str) -> set[str]:
        """Return the sectors, or places, that a number may be about: those named nearest, and those of the title.

        Without any in the title, ``total`` if it is a candidate; else all candidates where nothing is named.
        """
        nearest = next(
            (matching_name_keys for names in nearby_names if (matching_name_keys := names & candidates)), set()
        )
        about = title & candidates or ({total} if total in candidates else set() if nearest else candidates)
        return nearest | about


def find_numbers(texts: Sequence[str], wording: Wording) -> list[list[tuple[TypedNumber, Place, Place]]]:
    """Return the numbers of each text, each with up to 7 words before it and 6 after it.

    The words may be of the texts before and after. With them comes how many other numbers stand between the number and
    the first of these words.
    """
    words: list[str] = []
    places: list[tuple[int, TypedNumber, int]] = []
    for passage_index, text in enumerate(texts):
        end = 0
        for number in wording.find_numbers(text):
            words += split_words(text[end : number.start])
            places.append((passage_index, number, len(words)))
            end = number.end
        words += split_words(text[end:])
    total = Counter(at for *_, at in places)
    seen = Counter[int]()
    number_triples_by_text: list[list[tuple[TypedNumber, Place, Place]]] = [[] for _ in texts]
    for passage_index, number, at in places:
        words_before_number = tuple(words[max(at - 7, 0) : at])
        words_after_number = tuple(words[at : at + 6])
        number_triples_by_text[passage_index].append(
            (number, (words_before_number, seen[at]), (words_after_number, total[at] - seen[at]))
        )
        seen[at] += 1
    return number_triples_by_text
