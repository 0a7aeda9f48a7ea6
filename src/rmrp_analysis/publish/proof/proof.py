"""Say of every number in a document whether a published run supports it, and by which figure.

A figure or category of the run supports a number if it has its unit, fits the words around it (see ``reading``) and,
printed to the digits of the text, is that number: the verdict is *borne*. It is *derived* where a sentence of the run
claims the number in much the same words, or where it is a sum of named categories, or their share of the total;
*printed* where a page of the run has it between the same words; *earlier* where only an earlier edition supports it.
Counts of few people and missing figures support no number.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from math import nan
from operator import eq
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis.messages import language
from rmrp_analysis.packs import pack
from rmrp_analysis.page.typed_numbers import TypedNumber
from rmrp_analysis.publish.comparison.difference import DifferenceView, compare_runs
from rmrp_analysis.publish.comparison.published import PublishedRun, read_run
from rmrp_analysis.publish.proof.documents import LINE_LABEL, READER_BY_SUFFIX, Passage, read_file_passages, read_text
from rmrp_analysis.publish.proof.reading import Context, Place, Reader, find_numbers
from rmrp_analysis.publish.proof.statements import SECTOR_DIMENSION, Statement, Statements, Verdict
from rmrp_analysis.publish.proof.wording import Wording, split_words
from rmrp_analysis.publish.records.manifest import SentenceRecord, SheetRecord
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.vocabulary import file_stem
from rmrp_analysis.words import Translator

SUPPORTED_VERDICTS: tuple[Verdict, ...] = ("borne", "derived", "printed")
"""The verdicts on a number that the run supports."""
PROOF_COLUMNS = [
    "number",
    "verdict",
    "report",
    "figure",
    "part",
    "value",
    "unit",
    "sentence",
    "file",
    "place",
    "at",
    "edition",
    "why",
]
"""The columns of the table of a document's numbers."""

MIN_COMMON_WORD_SHARE, MIN_SHARE_IF_NEIGHBOUR_DIFFERS = 0.5, 0.8
"""The least share of a claim's words that a sentence of the same meaning has; more where a word beside it differs."""
WORD_COUNTS_BEFORE_AND_AFTER = ((7, 0), (3, 3), (0, 6))
"""How many words before and after a number must be the same as on a page; one of these pairs suffices."""


@dataclass(frozen=True)
class Claim:
    """A number that a sentence of the run claims, with what a text must share with it to say the same.

    ``words`` are those of the sentence, ``names`` what it names, ``neighbours`` the words next to the number.
    """

    words: frozenset[str]
    names: frozenset[str]
    neighbours: tuple[tuple[str, ...], tuple[str, ...]]
    statement: Statement


@dataclass(frozen=True, eq=False)
class Proof:
    """Compares documents with one run; what it has read of the run's pages and earlier editions is cached."""

    run: PublishedRun
    suffix: str = ".html"
    _places_by_pages: dict[tuple[str, str, bool], dict[Any, set[TypedNumber]]] = field(
        default_factory=dict, init=False, repr=False
    )
    _differences: dict[tuple[Path, str], DifferenceView] = field(default_factory=dict, init=False, repr=False)
    _claims_by_sheet: dict[tuple[str, str], list[Claim]] = field(default_factory=dict, init=False, repr=False)

    def of(self, document: Sequence[Passage]) -> pd.DataFrame:
        """Return a table of the numbers of a document: ``PROOF_COLUMNS``, texts but ``at`` (int) and ``value`` (float).

        A row has the number as written, the verdict, where it stands, and the statement that supports it. For a number
        that is not supported this is the nearest statement that its words may mean; without one its columns are empty
        and ``value`` is NaN.
        """
        document = [replace(passage, text=unicodedata.normalize("NFC", passage.text)) for passage in document]
        number_records = []
        line_offset_in_passage, last_passage_offset_pair = 0, (-1, 0)
        for passage_index, typed_number, number_context in self.contexts(document):
            passage = document[passage_index]
            verdict_word, statement = self._judge_number(typed_number, number_context)
            if passage.place == LINE_LABEL:
                line_offset_in_passage = line_offset_in_passage if last_passage_offset_pair[0] == passage_index else 0
                line_offset_in_passage += passage.text.count(
                    "\n",
                    last_passage_offset_pair[1] if last_passage_offset_pair[0] == passage_index else 0,
                    typed_number.start,
                )
                last_passage_offset_pair = passage_index, typed_number.start
            location_fields = {
                "file": passage.file,
                "place": passage.place,
                "at": passage.number + line_offset_in_passage,
            }
            statement_fields = {
                field_name: getattr(statement, field_name, "")
                for field_name in ("report", "figure", "part", "unit", "edition", "why")
            }
            statement_value = getattr(statement, "value", None)
            number_fields = {"number": typed_number.text, "verdict": verdict_word, "sentence": number_context.sentence}
            number_records.append({**number_fields, **location_fields, **statement_fields, "value": statement_value})
        return pd.DataFrame(number_records, columns=PROOF_COLUMNS).astype({"value": "float64"})

    def contexts(self, document: Sequence[Passage]) -> Iterator[tuple[int, TypedNumber, Context]]:
        """Yield each number of a document with the position of its passage and what the words around it say."""
        return Reader(self.wording, self.statements.reports, self.statements.dimensions).list_contexts(document)

    def _judge_number(self, number: TypedNumber, context: Context) -> tuple[Verdict, Statement | None]:
        """Return the verdict on a number, and the statement that supports it.

        With *not borne* it is a statement that the words may mean, or None. With *earlier* it has the value of this run
        (NaN if gone), the day of the earlier edition, and what moved the number since.
        """
        for claimed_statement in self._find_claims(context):
            if number.is_of_unit(claimed_statement.unit) and number.matches(claimed_statement.value):
                return "derived", claimed_statement
        printed_statement_lists = [
            [
                candidate_statement
                for candidate_statement in same_words_statements
                if candidate_statement.unit == number.kind
            ]
            for same_words_statements in self._find_printed(context)
        ]
        matching_printed_statements = [
            candidate_statement
            for same_words_statements in printed_statement_lists
            for candidate_statement in same_words_statements
            if number.matches(candidate_statement.value)
        ]
        unmatched_statement_lists = [
            same_words_statements
            for same_words_statements in printed_statement_lists
            if not any(
                candidate_statement in matching_printed_statements for candidate_statement in same_words_statements
            )
        ]
        if any(
            0 < candidate_statement.step <= number.step
            for same_words_statements in unmatched_statement_lists
            for candidate_statement in same_words_statements
        ):
            # A finer number may be truer than it
            return "not borne", unmatched_statement_lists[0][0]
        supporting_statement = self.statements.find_supporting(number, context)
        if supporting_statement:
            return "borne", supporting_statement
        for statement in self.statements.list_derived(number, context):
            if number.matches(statement.value):
                return "derived", statement
        if matching_printed_statements and not unmatched_statement_lists:
            return "printed", matching_printed_statements[0]
        for edition_day_text, edition_statements in self._earlier:
            if earlier_statement := edition_statements.find_supporting(number, context):
                statement_key = earlier_statement.report, earlier_statement.figure, earlier_statement.part
                current_statement = self.statements.by_key.get(statement_key)
                change_explanation = (
                    self._compare_report(edition_statements.run, earlier_statement.report).explain_change(
                        *statement_key
                    )
                    if current_statement
                    else ""
                )
                return "earlier", replace(
                    earlier_statement,
                    edition=edition_day_text,
                    value=current_statement.value if current_statement else nan,
                    why=change_explanation,
                )
        return "not borne", self.statements.find_nearest(number, context)

    def _compare_report(self, earlier: PublishedRun, report: str) -> DifferenceView:
        """Compare a report with its earlier edition, for texts in the language of messages; the result is cached."""
        cache_key = earlier.folder, report
        if cache_key not in self._differences:
            run_difference = compare_runs(earlier, self.run, reports=[report])
            self._differences[cache_key] = DifferenceView(run_difference, Translator(language()))
        return self._differences[cache_key]

    def _find_claims(self, context: Context) -> Iterator[Statement]:
        """Yield the claims of the run's sentences that say it in much the same words, as statements.

        Both words next to the number are the same and half of all words, or one of the two and nearly all words. The
        claim's names are in the text, too. Numbers are not compared.
        """
        sentence_words, neighbour_words_pair = context.words, (context.before[0][-1:], context.after[0][:1])
        nearest_sector_names = context.nearest.get(SECTOR_DIMENSION, frozenset())
        for report_name, (sector, place_key, _) in self.statements.reports.items():
            if (
                sector in context.sectors
                and place_key in context.places
                and (not nearest_sector_names or sector in nearest_sector_names)
            ):
                for claim in self._read_claims(report_name, context.language):
                    same_neighbour_count = sum(map(eq, claim.neighbours, neighbour_words_pair))
                    common_word_share = len(claim.words & sentence_words) / len(claim.words)
                    has_same_meaning = (
                        common_word_share >= MIN_SHARE_IF_NEIGHBOUR_DIFFERS
                        if same_neighbour_count == 1
                        else same_neighbour_count == 2 and common_word_share >= MIN_COMMON_WORD_SHARE
                    )
                    if has_same_meaning and claim.names <= context.names | context.title:
                        yield claim.statement

    def _read_claims(self, report: str, language: str) -> list[Claim]:
        """Read the claims in the sentences of a sheet from its ``<id>.json``, and cache them; none without the file."""
        if (report, language) not in self._claims_by_sheet:
            sheet_file_stem = file_stem(report, language, self.run.manifest.audience)
            sheet_record = SheetRecord.read(self.run.folder / f"{sheet_file_stem}.json") or SheetRecord()
            self._claims_by_sheet[report, language] = [
                claim
                for sentence_record in (*sheet_record.statements, *sheet_record.cautions)
                for claim in self._list_claims(sentence_record, report)
            ]
        return self._claims_by_sheet[report, language]

    def _list_claims(self, sentence: SentenceRecord, report: str) -> Iterator[Claim]:
        """Yield the numbers that a sentence of a report's sheet claims; those without a value are left out.

        The value of a claim with a ``base`` is divided by it.
        """
        sentence_words = frozenset(split_words(sentence.text))
        sentence_name_keys = frozenset(self.wording.find_keys(sentence.text))
        claim_end_offset = 0
        for published_claim_record in sentence.claims:
            if published_claim_record.value is None:
                continue
            claim_start_offset = max(
                sentence.text.find(published_claim_record.printed, claim_end_offset),
                sentence.text.find(published_claim_record.printed),
            )
            claim_end_offset = claim_start_offset + len(published_claim_record.printed)
            words_before_claim, words_after_claim = (
                tuple(split_words(side_text))
                for side_text in (sentence.text[:claim_start_offset], sentence.text[claim_end_offset:])
            )
            claimed_report_name, _, figure_name = published_claim_record.figure.rpartition("/")
            claim_value = (
                published_claim_record.value / published_claim_record.base
                if published_claim_record.base
                else published_claim_record.value
            )
            statement_arguments = (
                claimed_report_name or report,
                figure_name,
                published_claim_record.part,
                claim_value,
                published_claim_record.unit,
                *self.statements.reports[report],
            )
            yield Claim(
                sentence_words,
                sentence_name_keys,
                (words_before_claim[-1:], words_after_claim[:1]),
                Statement(*statement_arguments, verdict="derived"),
            )

    def _find_printed(self, context: Context) -> list[list[Statement]]:
        """Return the numbers that the run's pages have between the same words: a list for each such place.

        They are statements with the verdict *printed*, of any value, without a figure; ``part`` is the number as
        printed.
        """
        statement_lists_by_word_key: dict[Any, list[Statement]] = {}
        for report_name, (sector, place_of_report, organisation) in self.statements.reports.items():
            if sector in context.sectors and place_of_report in context.places:
                page_cache_key = report_name, context.language, sector in context.title
                if page_cache_key not in self._places_by_pages:
                    self._places_by_pages[page_cache_key] = self._read_pages(*page_cache_key)
                for word_key in _list_word_keys(context.before, context.after):
                    for printed_number in self._places_by_pages[page_cache_key].get(word_key, ()):
                        statement_arguments = (
                            report_name,
                            "",
                            printed_number.text,
                            printed_number.number,
                            printed_number.kind,
                        )
                        statement = Statement(
                            *statement_arguments,
                            sector,
                            place_of_report,
                            organisation,
                            verdict="printed",
                            step=printed_number.step,
                        )
                        statement_lists_by_word_key.setdefault(word_key, []).append(statement)
        return list(statement_lists_by_word_key.values())

    def _read_pages(self, report: str, language: str, as_titled: bool) -> dict[Any, set[TypedNumber]]:
        """Read the numbers of a report's HTML page by ``_list_word_keys``; a missing page has none.

        Its PDF is read, too, if ``as_titled`` and a PDF is proofread.
        """
        number_sets_by_word_key: dict[Any, set[TypedNumber]] = {}
        page_path_without_suffix = self.run.folder / file_stem(report, language, self.run.manifest.audience)
        for page_suffix in {".html", ".pdf" if as_titled and self.suffix == ".pdf" else ".html"}:
            page_path = page_path_without_suffix.with_name(f"{page_path_without_suffix.name}{page_suffix}")
            if page_path.is_file():
                passage_texts = [passage.text for passage in read_file_passages(page_path)]
                for typed_number, words_and_count_before, words_and_count_after in chain.from_iterable(
                    find_numbers(passage_texts, self.wording)
                ):
                    for word_key in _list_word_keys(words_and_count_before, words_and_count_after):
                        number_sets_by_word_key.setdefault(word_key, set()).add(typed_number)
        return number_sets_by_word_key

    @cached_property
    def statements(self) -> Statements:
        """The statements of the run."""
        return Statements(self.run)

    @cached_property
    def _earlier(self) -> list[tuple[str, Statements]]:
        """The day and the statements of each earlier edition next to the run's folder, the newest first.

        Editions of another run or audience, or without ``figures.csv``, are left out.
        """
        edition_folders = self.run.folder.with_name(f"{self.run.folder.name}.earlier").glob("*")
        day_statements_pairs = []
        for edition_folder in sorted(edition_folders, reverse=True):
            edition_manifest, identifying_field_names = Publication(edition_folder).manifest, ("run", "audience")
            is_same_run = all(
                getattr(edition_manifest, field_name) == getattr(self.run.manifest, field_name)
                for field_name in identifying_field_names
            )
            if is_same_run and (edition_folder / "figures.csv").is_file():
                edition_run = read_run(edition_folder)
                day_statements_pairs.append(((edition_run.manifest.ended or "")[:10], Statements(edition_run)))
        return day_statements_pairs

    @cached_property
    def wording(self) -> Wording:
        """The words for figures and names of the run, in every language."""
        return Wording(tuple(pack.languages()), self.statements.parts)


def _list_word_keys(place_before: Place, place_after: Place) -> Iterator[tuple[Place, Place]]:
    """Yield the keys by which the place of a number is compared: some words before it with some after it.

    There is one for each pair of ``WORD_COUNTS_BEFORE_AND_AFTER`` for which the number has enough words.
    """
    (words_before_number, skipped_number_count_before), (words_after_number, number_count_after) = (
        place_before,
        place_after,
    )
    for needed_word_count_before, needed_word_count_after in WORD_COUNTS_BEFORE_AND_AFTER:
        if len(words_before_number) >= needed_word_count_before and len(words_after_number) >= needed_word_count_after:
            shortened_words_and_count = (
                words_before_number[len(words_before_number) - needed_word_count_before :],
                skipped_number_count_before if needed_word_count_before else 0,
            )
            yield (
                shortened_words_and_count,
                (words_after_number[:needed_word_count_after], number_count_after if needed_word_count_after else 0),
            )


def proofread_document(text: str | Path, run: Path | str) -> pd.DataFrame:
    """Return a table of whether a run supports each number in a document (see ``Proof.of``).

    ``text`` is a file if it is a ``Path``, or one line that ends with a suffix that is read, else the text itself.
    ``run`` is its folder. Raises as ``read_run`` and ``read_file_passages``.
    """
    document_path = Path(text)
    is_file_path = isinstance(text, Path) or ("\n" not in text and document_path.suffix.lower() in READER_BY_SUFFIX)
    document_passages = read_file_passages(document_path) if is_file_path else list(read_text(str(text)))
    return Proof(read_run(Path(run)), suffix=document_path.suffix.lower() if is_file_path else "").of(document_passages)
