"""Judges for every number in a document whether a published run supports it, and by which figure.

A figure or category of the run supports a number if it has the same unit, fits the words around the number (see
``reading``) and, printed to the digits of the text, is that number. Verdicts:

- *borne*: a figure or category supports the number.
- *derived*: a sentence of the run claims it in much the same words, or it is a sum of named categories, or their share
  of the total.
- *printed*: a page of the run has it between the same words.
- *earlier*: only an earlier edition supports it.

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
"""The verdicts on numbers that the run supports."""
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
"""The least share of a claim's words in a sentence that says the same. More words are needed if a word next to the
number differs."""
WORD_COUNTS_BEFORE_AND_AFTER = ((7, 0), (3, 3), (0, 6))
"""The words before and after a number that must be the same as on a page. One of these pairs is enough."""


@dataclass(frozen=True)
class Claim:
    """A number that a sentence of the run claims, with the words that a text must share to say the same.

    ``words`` are the words of the sentence, ``names`` the keys that it names, ``neighbours`` the words next to the
    number.
    """

    words: frozenset[str]
    names: frozenset[str]
    neighbours: tuple[tuple[str, ...], tuple[str, ...]]
    statement: Statement


@dataclass(frozen=True, eq=False)
class Proof:
    """Compares documents with one run. The content of the run's pages and earlier editions is cached."""

    run: PublishedRun
    suffix: str = ".html"
    _places_by_pages: dict[tuple[str, str, bool], dict[Any, set[TypedNumber]]] = field(
        default_factory=dict, init=False, repr=False
    )
    _differences: dict[tuple[Path, str], DifferenceView] = field(default_factory=dict, init=False, repr=False)
    _claims_by_sheet: dict[tuple[str, str], list[Claim]] = field(default_factory=dict, init=False, repr=False)

    def of(self, document: Sequence[Passage]) -> pd.DataFrame:
        """Return a table of the numbers of a document: ``PROOF_COLUMNS``.

        Columns are texts, except ``at`` (int) and ``value`` (float). A row has the number as written, the verdict,
        where the number stands, and the statement that supports it. Without support, it has the nearest statement that
        the words may mean. Without any statement, its columns are empty and ``value`` is NaN.
        """
        document = [replace(passage, text=unicodedata.normalize("NFC", passage.text)) for passage in document]
        names = ("report", "figure", "part", "unit", "edition", "why")
        rows = []
        line, position = 0, (-1, 0)
        for index, number, context in self.contexts(document):
            passage = document[index]
            verdict, statement = self._judge_number(number, context)
            if passage.place == LINE_LABEL:
                line = line if position[0] == index else 0
                line += passage.text.count("\n", position[1] if position[0] == index else 0, number.start)
                position = index, number.start
            words = {"number": number.text, "verdict": verdict, "sentence": context.sentence}
            location = {"file": passage.file, "place": passage.place, "at": passage.number + line}
            support = {name: getattr(statement, name, "") for name in names}
            rows.append({**words, **location, **support, "value": getattr(statement, "value", None)})
        return pd.DataFrame(rows, columns=PROOF_COLUMNS).astype({"value": "float64"})

    def contexts(self, document: Sequence[Passage]) -> Iterator[tuple[int, TypedNumber, Context]]:
        """Yield each number of a document with the position of its passage and its context."""
        return Reader(self.wording, self.statements.reports, self.statements.dimensions).list_contexts(document)

    def _judge_number(self, number: TypedNumber, context: Context) -> tuple[Verdict, Statement | None]:
        """Return the verdict on a number, and the statement that supports it.

        With *not borne*, return the statement that the words may mean, or None. With *earlier*, the statement has the
        value of this run (NaN if it is gone), the day of the earlier edition, and the cause of the change.
        """
        for claim in self._find_claims(context):
            if number.is_of_unit(claim.unit) and number.matches(claim.value):
                return "derived", claim
        places = [[value for value in place if value.unit == number.kind] for place in self._find_printed(context)]
        in_print = [value for place in places for value in place if number.matches(value.value)]
        unmatched = [place for place in places if not any(value in in_print for value in place)]
        if any(0 < value.step <= number.step for place in unmatched for value in place):
            # A finer number may be truer than it
            return "not borne", unmatched[0][0]
        if support := self.statements.find_supporting(number, context):
            return "borne", support
        for statement in self.statements.list_derived(number, context):
            if number.matches(statement.value):
                return "derived", statement
        if in_print and not unmatched:
            return "printed", in_print[0]
        for edition, statements in self._earlier:
            if earlier := statements.find_supporting(number, context):
                key = earlier.report, earlier.figure, earlier.part
                current = self.statements.by_key.get(key)
                why = self._compare_report(statements.run, earlier.report).explain_change(*key) if current else ""
                return "earlier", replace(earlier, edition=edition, value=current.value if current else nan, why=why)
        return "not borne", self.statements.find_nearest(number, context)

    def _compare_report(self, earlier: PublishedRun, report: str) -> DifferenceView:
        """Compare a report with its earlier edition, with texts in the language of messages. Cached."""
        key = earlier.folder, report
        if key not in self._differences:
            difference = compare_runs(earlier, self.run, reports=[report])
            self._differences[key] = DifferenceView(difference, Translator(language()))
        return self._differences[key]

    def _find_claims(self, context: Context) -> Iterator[Statement]:
        """Yield, as statements, the claims of the run's sentences in much the same words as the text.

        If both words next to the number are the same, half of all words must be the same. If only one is the same,
        nearly all words must be. The names of the claim must be in the text, too. If the text names a sector next to
        the number, the claim must be of that sector's sheet, or name it. Numbers are not compared.
        """
        words, neighbours = context.words, (context.before[0][-1:], context.after[0][:1])
        sectors = context.nearest.get(SECTOR_DIMENSION, frozenset())
        for report, (sector, place, _) in self.statements.reports.items():
            if sector in context.sectors and place in context.places:
                for claim in self._read_claims(report, context.language):
                    if sectors and sector not in sectors and not sectors <= claim.names:
                        continue
                    matches = sum(map(eq, claim.neighbours, neighbours))
                    share = len(claim.words & words) / len(claim.words)
                    needed = MIN_COMMON_WORD_SHARE if matches == 2 else MIN_SHARE_IF_NEIGHBOUR_DIFFERS
                    if matches and share >= needed and claim.names <= context.names | context.title:
                        yield claim.statement

    def _read_claims(self, report: str, language: str) -> list[Claim]:
        """Read the claims in the sentences of a sheet from its ``<id>.json``, if it exists. Cached."""
        if (report, language) not in self._claims_by_sheet:
            stem = file_stem(report, language, self.run.manifest.audience)
            sheet = SheetRecord.read(self.run.folder / f"{stem}.json") or SheetRecord()
            self._claims_by_sheet[report, language] = [
                claim
                for sentence in (*sheet.statements, *sheet.cautions)
                for claim in self._list_claims(sentence, report)
            ]
        return self._claims_by_sheet[report, language]

    def _list_claims(self, sentence: SentenceRecord, report: str) -> Iterator[Claim]:
        """Yield the numbers that a sentence of a report's sheet claims, except claims without a value."""
        words = frozenset(split_words(sentence.text))
        names = frozenset(self.wording.find_keys(sentence.text))
        end = 0
        for claim in sentence.claims:
            if claim.value is None:
                continue
            start = max(sentence.text.find(claim.printed, end), sentence.text.find(claim.printed))
            end = start + len(claim.printed)
            prefix, suffix = (tuple(split_words(text)) for text in (sentence.text[:start], sentence.text[end:]))
            source, _, figure = claim.figure.rpartition("/")
            value = claim.value / claim.base if claim.base else claim.value
            facts = (source or report, figure, claim.part, value, claim.unit, *self.statements.reports[report])
            yield Claim(words, names, (prefix[-1:], suffix[:1]), Statement(*facts, verdict="derived"))

    def _find_printed(self, context: Context) -> list[list[Statement]]:
        """Return the numbers between the same words on the run's pages: a list for each such place.

        They are statements of any value, with the verdict *printed* and without a figure. ``part`` is the number as
        printed.
        """
        statements: dict[Any, list[Statement]] = {}
        for report, (sector, place, organisation) in self.statements.reports.items():
            if sector in context.sectors and place in context.places:
                page = report, context.language, sector in context.title
                if page not in self._places_by_pages:
                    self._places_by_pages[page] = self._read_pages(*page)
                for key in _list_word_keys(context.before, context.after):
                    for number in self._places_by_pages[page].get(key, ()):
                        facts = (report, "", number.text, number.number, number.kind)
                        statement = Statement(*facts, sector, place, organisation, verdict="printed", step=number.step)
                        statements.setdefault(key, []).append(statement)
        return list(statements.values())

    def _read_pages(self, report: str, language: str, as_titled: bool) -> dict[Any, set[TypedNumber]]:
        """Read the numbers of a report's HTML page, if it exists, by the keys of ``_list_word_keys``."""
        numbers: dict[Any, set[TypedNumber]] = {}
        stem = self.run.folder / file_stem(report, language, self.run.manifest.audience)
        for suffix in {".html", ".pdf" if as_titled and self.suffix == ".pdf" else ".html"}:
            path = stem.with_name(f"{stem.name}{suffix}")
            if path.is_file():
                texts = [passage.text for passage in read_file_passages(path)]
                for number, *sides in chain.from_iterable(find_numbers(texts, self.wording)):
                    for key in _list_word_keys(*sides):
                        numbers.setdefault(key, set()).add(number)
        return numbers

    @cached_property
    def statements(self) -> Statements:
        """The statements of the run."""
        return Statements(self.run)

    @cached_property
    def _earlier(self) -> list[tuple[str, Statements]]:
        """The day and the statements of each earlier edition beside the run's folder, newest first."""
        folders = self.run.folder.with_name(f"{self.run.folder.name}.earlier").glob("*")
        editions = []
        for folder in sorted(folders, reverse=True):
            manifest, names = Publication(folder).manifest, ("run", "audience")
            is_same = all(getattr(manifest, name) == getattr(self.run.manifest, name) for name in names)
            if is_same and (folder / "figures.csv").is_file():
                edition = read_run(folder)
                editions.append(((edition.manifest.ended or "")[:10], Statements(edition)))
        return editions

    @cached_property
    def wording(self) -> Wording:
        """The words for figures and names of the run, in every language."""
        return Wording(tuple(pack.languages()), self.statements.parts)


def _list_word_keys(place_before: Place, place_after: Place) -> Iterator[tuple[Place, Place]]:
    """Yield the keys by which the place of a number is compared: some words before it and some words after it."""
    (words_before, numbers_before), (words_after, numbers_after) = place_before, place_after
    for leading, trailing in WORD_COUNTS_BEFORE_AND_AFTER:
        if len(words_before) >= leading and len(words_after) >= trailing:
            key = (words_before[len(words_before) - leading :], numbers_before if leading else 0)
            yield (key, (words_after[:trailing], numbers_after if trailing else 0))


def proofread_document(text: str | Path, run: Path | str) -> pd.DataFrame:
    """Return a table of whether a run supports each number in a document (see ``Proof.of``).

    ``text`` is a file if it is a ``Path``, or one line that ends with a suffix in ``READER_BY_SUFFIX``. Otherwise it is
    the text itself. ``run`` is the folder of the run. Raises as ``read_run`` and ``read_file_passages``.
    """
    path = Path(text)
    is_file = isinstance(text, Path) or ("\n" not in text and path.suffix.lower() in READER_BY_SUFFIX)
    document = read_file_passages(path) if is_file else list(read_text(str(text)))
    return Proof(read_run(Path(run)), suffix=path.suffix.lower() if is_file else "").of(document)
