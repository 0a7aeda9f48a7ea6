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
        return [token_index for token_index, token in enumerate(self.tokens) if token.number]

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words, normalised."""
        return frozenset(split_words(self.text))

    def excerpt(self, number: TypedNumber) -> str:
        """Return its text; of a long sentence only the letters around a number."""
        sentence_text = self.text.strip()
        if len(sentence_text) <= MAX_EXCERPT_LETTERS:
            return sentence_text
        number_offset = number.start - self.start
        excerpt_start_offset = max(number_offset - MAX_EXCERPT_LETTERS // 2, 0)
        return f"…{self.text[excerpt_start_offset : number_offset + MAX_EXCERPT_LETTERS // 2].strip()}…"

    def find_nearest(self, token_index: int, mentions: Sequence[Mention]) -> tuple[float, frozenset[str]]:
        """Return the distance of the mention nearest to the number at a token, and the keys of all as near.

        Mentions up to ``MAX_TIE_DISTANCE`` farther are as near. No keys where it is farther than ``MAX_NAME_DISTANCE``;
        infinity and no keys without mentions.
        """
        if not mentions:
            return float("inf"), frozenset()
        turn_mentions = self._find_turn(mentions, token_index)
        next_mention = next((mention for mention in mentions if mention.start > token_index), None)
        mention_distances = [
            self._distance(token_index, mention)
            - TURN_DISTANCE_BONUS * (mention in turn_mentions)
            + self._add_total_distance(token_index, mention, next_mention)
            for mention in mentions
        ]
        smallest_distance = min(mention_distances)
        if smallest_distance > MAX_NAME_DISTANCE:
            return smallest_distance, frozenset()
        nearest_mentions = (
            mention
            for mention, mention_distance in zip(mentions, mention_distances, strict=True)
            if mention_distance <= smallest_distance + MAX_TIE_DISTANCE
        )
        return smallest_distance, frozenset(name_key for mention in nearest_mentions for name_key in mention.keys)

    def find_total(self, token_index: int, mentions: Sequence[Mention]) -> frozenset[str]:
        """Return the keys of the total that a share at a token is a share of.

        They are those of the first of these mentions between it and the next share, else of all before it.
        """
        later_share_token_indexes = [
            number_token_index
            for number_token_index in self.numbers
            if number_token_index > token_index and self._kind(number_token_index) == "share"
        ]
        end_token_index = min(later_share_token_indexes, default=len(self.tokens))
        figure_names_after_number = next(
            (mention.keys for mention in mentions if token_index < mention.start < end_token_index), None
        )
        return figure_names_after_number or frozenset(
            figure_name for mention in mentions if mention.end <= token_index for figure_name in mention.keys
        )

    def list_sides(self, token_index: int) -> tuple[set[str], set[str]]:
        """Return the keys of names between a number and the one before it, and between it and the next."""
        start_token_index = max(
            (number_token_index + 1 for number_token_index in self.numbers if number_token_index < token_index),
            default=0,
        )
        end_token_index = min(
            (number_token_index for number_token_index in self.numbers if number_token_index > token_index),
            default=len(self.tokens),
        )
        name_keys_before_number = {
            name_key
            for mention in self.names
            if start_token_index <= mention.start < token_index
            for name_key in mention.keys
        }
        return name_keys_before_number, {
            name_key
            for mention in self.names
            if token_index < mention.start < end_token_index
            for name_key in mention.keys
        }

    def _kind(self, token_index: int) -> str:
        """Return the kind of the number at a token, such as ``share``; empty for a word."""
        typed_number = self.tokens[token_index].number
        return typed_number.kind if typed_number else ""

    def _distance(self, token_index: int, mention: Mention) -> float:
        """Return the distance between a number and a mention: words count 1, marks as ``DISTANCE_BY_MARK`` says."""
        tokens_between = (
            self.tokens[token_index + 1 : mention.start]
            if mention.start > token_index
            else self.tokens[mention.end : token_index]
        )
        return sum(DISTANCE_BY_MARK.get(token.text, 1.0) for token in tokens_between)

    def _add_total_distance(self, token_index: int, mention: Mention, first_after: Mention | None) -> float:
        """Return the distance to add where a mention names the total of which the number is a part; else 0.

        It does if it is ``first_after``, the first mention after the number, and *of the* stands between.
        """
        tokens_between = self.tokens[token_index + 1 : mention.start]
        is_mention_of_total = mention is first_after and any(
            self.wording.is_partitive(tokens_between[skipped_token_count:]) for skipped_token_count in (0, 1)
        )
        return ADDED_DISTANCE_TO_TOTAL if is_mention_of_total else 0

    def _find_turn(self, mentions: Sequence[Mention], token_index: int) -> list[Mention]:
        """Return the mentions that belong to a number where numbers of its kind and mentions take turns.

        They must take turns in the whole sentence, in two pairs or more; else the list is empty.
        """
        number_kind = self._kind(token_index)
        position_mention_pairs = [(mention.start, mention) for mention in mentions]
        number_index_pairs = [
            (number_token_index, number_token_index)
            for number_token_index in self.numbers
            if self._kind(number_token_index) == number_kind
        ]
        mentions_and_number_indexes = [
            turn_item
            for _, turn_item in sorted([*position_mention_pairs, *number_index_pairs], key=lambda pair: pair[0])
        ]
        mention_or_number_groups = [
            list(turn_items)
            for _, turn_items in groupby(
                mentions_and_number_indexes,
                key=lambda turn_item: turn_item.keys if isinstance(turn_item, Mention) else turn_item,
            )
        ]
        group_is_mention_flags = [isinstance(turn_items[0], Mention) for turn_items in mention_or_number_groups]
        if (
            len(mention_or_number_groups) % 2
            or len(mention_or_number_groups) < 4
            or any(
                is_mention_group == is_next_mention_group
                for is_mention_group, is_next_mention_group in pairwise(group_is_mention_flags)
            )
        ):
            return []
        return next(
            [turn_item for turn_item in (*turn_group, *next_group) if isinstance(turn_item, Mention)]
            for turn_group, next_group in zip(
                mention_or_number_groups[::2], mention_or_number_groups[1::2], strict=True
            )
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
        return {place_key for _, place_key, _ in self.reports.values()}

    def list_contexts(self, document: Sequence[Passage]) -> Iterator[tuple[int, TypedNumber, Context]]:
        """Yield each number with the position of its passage and what the words around it say.

        A small number in a sentence that names nothing of the run is left out, except in headings. Where the address of
        a figure stands with a number, as in a text copied from a page, the number is of that report.
        """
        passage_texts = [passage.text for passage in document]
        numbers_by_passage = find_numbers(passage_texts, self.wording)
        tokens_by_passage = [
            self.wording.split_tokens(passage_text, [typed_number for typed_number, *_ in passage_number_triples])
            for passage_text, passage_number_triples in zip(passage_texts, numbers_by_passage, strict=True)
        ]
        passage_word_counts = [
            sum(token.number is None for token in passage_tokens) for passage_tokens in tokens_by_passage
        ]
        name_keys_by_passage = [
            {name_key for mention in self.wording.find_names(passage_tokens) for name_key in mention.keys}
            for passage_tokens in tokens_by_passage
        ]
        prose_flags_of_passages = [passage_text.rstrip().endswith(SENTENCE_END_MARKS) for passage_text in passage_texts]
        title_name_keys = self._find_title_names(name_keys_by_passage, passage_word_counts, prose_flags_of_passages)
        document_language = self.wording.find_language(" ".join(passage_texts))
        first_named_sectors = next(
            filter(None, (passage_name_keys & self.sectors for passage_name_keys in name_keys_by_passage)), set()
        )
        report_figure_pairs = [self._find_address(passage_text) for passage_text in [*passage_texts, ""]]
        heading_name_keys = set[str]()
        for passage_index, passage_text in enumerate(passage_texts):
            is_short_passage = (
                passage_word_counts[passage_index] < MIN_PARAGRAPH_WORDS and not prose_flags_of_passages[passage_index]
            )
            first_nearby_index = max(passage_index - 2, 0) if is_short_passage else passage_index
            nearby_passages = slice(first_nearby_index, passage_index + 1)
            nearby_name_key_sets = [
                *reversed(name_keys_by_passage[nearby_passages]),
                heading_name_keys,
                first_named_sectors,
            ]
            figure_names_by_passage = map(self._find_figures, reversed(tokens_by_passage[nearby_passages]))
            figure_names_in_reach = next(filter(None, figure_names_by_passage), frozenset())
            report_figure_pair_here, report_figure_pair_next = report_figure_pairs[passage_index : passage_index + 2]
            report_figure_pair = report_figure_pair_here or (report_figure_pair_next if is_short_passage else None)
            text_before_address = passage_text.partition(" · ")[0] if report_figure_pair_here else passage_text
            numbers_of_passage = iter(numbers_by_passage[passage_index])
            for sentence in self._split_sentences(passage_text, tokens_by_passage[passage_index]):
                for token_index in sentence.numbers:
                    typed_number, *words_and_count_pairs = next(numbers_of_passage)
                    number_context = self._make_context(
                        sentence,
                        token_index,
                        typed_number,
                        words_and_count_pairs,
                        nearby_name_key_sets,
                        title_name_keys,
                        document_language,
                        figure_names_in_reach,
                        is_short_passage,
                    )
                    if report_figure_pair:
                        is_first_number = typed_number.start < len(text_before_address)
                        number_context = self._set_report(
                            number_context, typed_number, report_figure_pair, is_first=is_first_number
                        )
                    if is_short_passage or not self._counts_something_else(sentence, typed_number):
                        yield passage_index, typed_number, number_context
            if is_short_passage and name_keys_by_passage[passage_index] & (self.sectors | self.report_places):
                heading_name_keys = name_keys_by_passage[passage_index]

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
        sector, place_key, organisation = self.reports[address[0]]
        figure_names_of_address = frozenset({address[1].replace("-", "_")} & set(FIGURES))
        located_context = replace(
            context, sectors={sector}, places={place_key}, names=context.names | {organisation} - {""}
        )
        if figure_names_of_address and is_first and number.kind != "share":
            return replace(
                located_context,
                figures=figure_names_of_address,
                nearest_figures=figure_names_of_address,
                nearest={},
                strict=frozenset(),
            )
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
        sentence_name_keys = {name_key for mention in sentence.names for name_key in mention.keys}
        sentence_figure_names = frozenset(name_key for mention in sentence.figures for name_key in mention.keys)
        name_keys_in_reach = sentence_name_keys | nearby_names[0] or next(filter(None, nearby_names), set())
        nearest_names_by_dimension, strict_dimensions = self._find_nearest_names(sentence, token_index)
        following_word_matches = islice(
            WORD_WITH_MARKS_PATTERN.finditer(sentence.text, number.end - sentence.start), MAX_WORDS_UNTIL_PEOPLE_WORD
        )
        is_people_number = self.wording.tells_of_people(
            " ".join(word_match[0] for word_match in following_word_matches)
        )
        possible_figure_units = (
            {"people"} if is_people_number else {"usd"} if number.kind == "usd" else {"people", "count", "usd"}
        )
        if number.kind == "share":
            nearest_figure_names = sentence_figure_names
            total_figure_names = sentence.find_total(token_index, sentence.figures)
        else:
            mentions_with_unit = [
                mention for mention in sentence.figures if self._units(mention) & possible_figure_units
            ]
            nearest_figure_names = sentence.find_nearest(token_index, mentions_with_unit)[1]
            total_figure_names = frozenset[str]()
        return Context(
            language,
            title,
            sentence.excerpt(number),
            sentence.words,
            names=name_keys_in_reach,
            sectors=self._scope([sentence_name_keys, *nearby_names], title, self.sectors, INTERSECTOR),
            places=self._scope([sentence_name_keys, *nearby_names], title, self.report_places, REGION),
            figures=sentence_figure_names or figures_before,
            nearest_figures=nearest_figure_names,
            nearest=nearest_names_by_dimension,
            strict=strict_dimensions,
            in_sentence=frozenset(name_keys_in_reach if is_short else sentence_name_keys),
            names_on_sides=sentence.list_sides(token_index),
            total_figures=total_figure_names,
            of_people=is_people_number,
            closeness=self.wording.find_closeness(sides[0][0]),
            before=sides[0],
            after=sides[1],
        )

    @staticmethod
    def _units(mention: Mention) -> set[str]:
        """Return the units of the figures that a mention names."""
        return {FIGURES[figure_name].unit for figure_name in mention.keys}

    def _find_nearest_names(
        self, sentence: Sentence, token_index: int
    ) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
        """Return the names nearest to a number, by dimension, and the dimensions whose name stands next to it.

        Where no name of a dimension is near, all of its names in the sentence are given. A name that can be of
        several dimensions does not count as next to the number.
        """
        mention_lists_by_dimension: dict[str, list[Mention]] = {}
        for mention in sentence.names:
            for name_dimension in {
                key_dimension
                for name_key_text in mention.keys
                for key_dimension in self.dimensions.get(name_key_text, ())
            }:
                mention_lists_by_dimension.setdefault(name_dimension, []).append(mention)
        nearest_key_sets_by_dimension, strict_dimensions = dict[str, frozenset[str]](), set[str]()
        for name_dimension, dimension_mentions in mention_lists_by_dimension.items():
            smallest_distance, nearest_name_keys = sentence.find_nearest(token_index, dimension_mentions)
            nearest_key_sets_by_dimension[name_dimension] = nearest_name_keys or frozenset(
                name_key_text for mention in dimension_mentions for name_key_text in mention.keys
            )
            if (
                smallest_distance <= MAX_ADJACENT_NAME_DISTANCE
                and len(
                    {
                        key_dimension
                        for name_key_text in nearest_name_keys
                        for key_dimension in self.dimensions.get(name_key_text, ())
                    }
                )
                == 1
            ):
                strict_dimensions.add(name_dimension)
        return nearest_key_sets_by_dimension, frozenset(strict_dimensions)

    def _counts_something_else(self, sentence: Sentence, number: TypedNumber) -> bool:
        """Whether a number is small, plain and whole, in a sentence that mentions no figure and no name of the run."""
        if number.kind != "plain" or number.number >= MIN_NUMBER_IF_NOTHING_NAMED or number.bound or number.step != 1:
            return False
        return not (sentence.figures or sentence.names)

    def _find_figures(self, tokens: Sequence[Token]) -> frozenset[str]:
        """Return the names of the figures that tokens mention."""
        return frozenset(figure_name for mention in self.wording.find_figures(tokens) for figure_name in mention.keys)

    def _split_sentences(self, text: str, tokens: Sequence[Token]) -> Iterator[Sentence]:
        """Yield the sentences of a text that have tokens; a semicolon ends a sentence, too."""
        sentence_end_offsets = [0, *(end_match.end() for end_match in re.finditer(r"[.!?;]\s+(?=\S)", text)), len(text)]
        for sentence_start_offset, sentence_end_offset in pairwise(sentence_end_offsets):
            sentence_tokens = [token for token in tokens if sentence_start_offset <= token.start < sentence_end_offset]
            if sentence_tokens:
                yield Sentence(
                    text[sentence_start_offset:sentence_end_offset],
                    sentence_start_offset,
                    sentence_tokens,
                    self.wording,
                )

    @staticmethod
    def _scope(nearby_names: Iterable[set[str]], title: set[str], candidates: set[str], total: str) -> set[str]:
        """Return the sectors, or places, that a number may be about: those named nearest, and those of the title.

        Without any in the title, ``total`` if it is a candidate; else all candidates where nothing is named.
        """
        nearest_name_keys = next(
            (
                matching_name_keys
                for passage_name_keys in nearby_names
                if (matching_name_keys := passage_name_keys & candidates)
            ),
            set(),
        )
        title_keys_or_default = title & candidates or (
            {total} if total in candidates else set() if nearest_name_keys else candidates
        )
        return nearest_name_keys | title_keys_or_default


def find_numbers(texts: Sequence[str], wording: Wording) -> list[list[tuple[TypedNumber, Place, Place]]]:
    """Return the numbers of each text, each with up to 7 words before it and 6 after it.

    The words may be of the texts before and after. With them comes how many other numbers stand between the number and
    the first of these words.
    """
    all_words: list[str] = []
    number_position_triples: list[tuple[int, TypedNumber, int]] = []
    for passage_index, passage_text in enumerate(texts):
        previous_number_end = 0
        for typed_number in wording.find_numbers(passage_text):
            all_words += split_words(passage_text[previous_number_end : typed_number.start])
            number_position_triples.append((passage_index, typed_number, len(all_words)))
            previous_number_end = typed_number.end
        all_words += split_words(passage_text[previous_number_end:])
    number_count_by_word_index = Counter(word_index for *_, word_index in number_position_triples)
    earlier_count_by_word_index = Counter[int]()
    number_triples_by_text: list[list[tuple[TypedNumber, Place, Place]]] = [[] for _ in texts]
    for passage_index, typed_number, word_index in number_position_triples:
        words_before_number = tuple(all_words[max(word_index - 7, 0) : word_index])
        words_after_number = tuple(all_words[word_index : word_index + 6])
        number_triples_by_text[passage_index].append(
            (
                typed_number,
                (words_before_number, earlier_count_by_word_index[word_index]),
                (words_after_number, number_count_by_word_index[word_index] - earlier_count_by_word_index[word_index]),
            )
        )
        earlier_count_by_word_index[word_index] += 1
    return number_triples_by_text
