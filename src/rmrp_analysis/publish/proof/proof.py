"""Says of every number in a document whether a published run bears it, and where it stands there.

A number is borne where a figure or part of the run, printed to the digits that the text gives, is that number, and
fits its unit and what its words name (see ``reading``). It is *derived* where a sentence of the run claims it in much
the same words, or where it is a sum of parts that are named, or their share of the whole; *printed* where a page of the
run has it between the same words; *earlier* where only an earlier edition bears it. Of few people and of what is not
known nothing is told: neither bears a number.
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
from rmrp_analysis.publish.comparison.difference import DifferenceView, difference
from rmrp_analysis.publish.comparison.published import PublishedRun, read_run
from rmrp_analysis.publish.proof.documents import LINE, READERS, Passage, of_text, passages_of_file
from rmrp_analysis.publish.proof.reading import Context, Place, Reader, flow_of
from rmrp_analysis.publish.proof.statements import SECTOR, Statement, Statements, Verdict
from rmrp_analysis.publish.proof.wording import Wording, tokens_of
from rmrp_analysis.publish.records.manifest import StatedSentence, StatedSheet
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.vocabulary import file_stem
from rmrp_analysis.words import Translator

BORNE: tuple[Verdict, ...] = ("borne", "derived", "printed")
COLUMNS = [
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

SAME_WORDS, NEARLY_ALL_WORDS = 0.5, 0.8
"""So much of the words of a claim's sentence must stand in one that says the same; more where a word beside differs."""
BEFORE_AND_AFTER = ((7, 0), (3, 3), (0, 6))
"""How many words before and after a number make the same place in a page of the run."""


@dataclass(frozen=True)
class Claimed:
    """What a sentence of the run says: its words, whom it names, the words beside its number, and what that states."""

    words: frozenset[str]
    names: frozenset[str]
    beside: tuple[tuple[str, ...], tuple[str, ...]]
    statement: Statement


@dataclass(frozen=True, eq=False)
class Proof:
    """Holds documents against one run."""

    run: PublishedRun
    suffix: str = ".html"
    _places_by_pages: dict[tuple[str, str, bool], dict[Any, set[TypedNumber]]] = field(
        default_factory=dict, init=False, repr=False
    )
    _differences: dict[tuple[Path, str], DifferenceView] = field(default_factory=dict, init=False, repr=False)
    _claims_of: dict[tuple[str, str], list[Claimed]] = field(default_factory=dict, init=False, repr=False)

    def of(self, document: Sequence[Passage]) -> pd.DataFrame:
        """Give a row for each number: as it stands, where, the verdict, and the statement that bears it.

        Of a number that is not borne, the statement is the nearest one that its words may mean, if there is one.
        """
        document = [replace(passage, text=unicodedata.normalize("NFC", passage.text)) for passage in document]
        rows = []
        line, counted = 0, (-1, 0)
        for at, number, context in self.contexts(document):
            passage = document[at]
            verdict, statement = self._judge(number, context)
            if passage.place == LINE:
                line = line if counted[0] == at else 0
                line += passage.text.count("\n", counted[1] if counted[0] == at else 0, number.start)
                counted = at, number.start
            stands = {"file": passage.file, "place": passage.place, "at": passage.number + line}
            borne = {
                name: getattr(statement, name, "") for name in ("report", "figure", "part", "unit", "edition", "why")
            }
            value = getattr(statement, "value", None)
            about = {"number": number.text, "verdict": verdict, "sentence": context.sentence}
            rows.append({**about, **stands, **borne, "value": value})
        return pd.DataFrame(rows, columns=COLUMNS).astype({"value": "float64"})

    def contexts(self, document: Sequence[Passage]) -> Iterator[tuple[int, TypedNumber, Context]]:
        """Give each number of a document with the place of its passage and what its words say."""
        return Reader(self.wording, self.statements.reports, self.statements.dimensions).contexts(document)

    def _judge(self, number: TypedNumber, context: Context) -> tuple[Verdict, Statement | None]:
        for claim in self._claimed(context):
            if number.is_of_unit(claim.unit) and number.matches(claim.value):
                return "derived", claim
        places = [[each for each in place if each.unit == number.kind] for place in self._printed_at(context)]
        in_print = [each for place in places for each in place if number.matches(each.value)]
        others = [place for place in places if not any(each in in_print for each in place)]
        if any(
            0 < each.step <= number.step for place in others for each in place
        ):  # a finer number may be truer than it
            return "not borne", others[0][0]
        bearing = self.statements.bearing(number, context)
        if bearing:
            return "borne", bearing
        for statement in self.statements.derived(number, context):
            if number.matches(statement.value):
                return "derived", statement
        if in_print and not others:
            return "printed", in_print[0]
        for edition, statements in self._earlier:
            if earlier := statements.bearing(number, context):
                key = earlier.report, earlier.figure, earlier.part
                now = self.statements.by_key.get(key)
                why = self._changes(statements.run, earlier.report).reason(*key) if now else ""
                return "earlier", replace(earlier, edition=edition, value=now.value if now else nan, why=why)
        return "not borne", self.statements.nearest(number, context)

    def _changes(self, earlier: PublishedRun, report: str) -> DifferenceView:
        """Return what changed in a report since an earlier edition, in the language of messages."""
        key = earlier.folder, report
        if key not in self._differences:
            found = difference(earlier, self.run, reports=[report])
            self._differences[key] = DifferenceView(found, Translator(language()))
        return self._differences[key]

    def _claimed(self, context: Context) -> Iterator[Statement]:
        """Give what sentences of the run claim that name the same and say it in much the same words.

        The two words directly beside the number are the same, or one is, and nearly all others are.
        """
        own, beside = context.words, (context.before[0][-1:], context.after[0][:1])
        sectors = context.nearest.get(SECTOR, frozenset())
        for report, (sector, place, _) in self.statements.reports.items():
            if sector in context.sectors and place in context.places and (not sectors or sector in sectors):
                for claim in self._claims(report, context.language):
                    same = sum(map(eq, claim.beside, beside))
                    share = len(claim.words & own) / len(claim.words)
                    is_same = share >= NEARLY_ALL_WORDS if same == 1 else same == 2 and share >= SAME_WORDS
                    if is_same and claim.names <= context.names | context.title:
                        yield claim.statement

    def _claims(self, report: str, language: str) -> list[Claimed]:
        """What the sentences of a sheet claim by its ``<id>.json``."""
        if (report, language) not in self._claims_of:
            stem = file_stem(report, language, self.run.manifest.audience)
            sheet = StatedSheet.read(self.run.folder / f"{stem}.json") or StatedSheet()
            self._claims_of[report, language] = [
                claimed
                for sentence in (*sheet.statements, *sheet.cautions)
                for claimed in self._claims_in(sentence, report)
            ]
        return self._claims_of[report, language]

    def _claims_in(self, sentence: StatedSentence, report: str) -> Iterator[Claimed]:
        words, names = frozenset(tokens_of(sentence.text)), frozenset(self.wording.names(sentence.text))
        end = 0
        for claim in sentence.claims:
            if claim.value is None:
                continue
            at = max(sentence.text.find(claim.printed, end), sentence.text.find(claim.printed))
            end = at + len(claim.printed)
            before, after = (tuple(tokens_of(text)) for text in (sentence.text[:at], sentence.text[end:]))
            of, _, figure = claim.figure.rpartition("/")
            value = claim.value / claim.base if claim.base else claim.value
            about = (of or report, figure, claim.part, value, claim.unit, *self.statements.reports[report])
            yield Claimed(words, names, (before[-1:], after[:1]), Statement(*about, verdict="derived"))

    def _printed_at(self, context: Context) -> list[list[Statement]]:
        """Give the numbers that pages of the run have between the same words: a list for each such place."""
        found: dict[Any, list[Statement]] = {}
        for report, (sector, place, organisation) in self.statements.reports.items():
            if sector in context.sectors and place in context.places:
                of = report, context.language, sector in context.title
                if of not in self._places_by_pages:
                    self._places_by_pages[of] = self._places_in_pages(*of)
                for key in _keys(context.before, context.after):
                    for number in self._places_by_pages[of].get(key, ()):
                        about = (report, "", number.text, number.number, number.kind)
                        stated = Statement(*about, sector, place, organisation, verdict="printed", step=number.step)
                        found.setdefault(key, []).append(stated)
        return list(found.values())

    def _places_in_pages(self, report: str, language: str, as_titled: bool) -> dict[Any, set[TypedNumber]]:
        """Give the numbers of a report's pages by the words around them; of its PDF, too, where one is proofread."""
        found: dict[Any, set[TypedNumber]] = {}
        stem = self.run.folder / file_stem(report, language, self.run.manifest.audience)
        for suffix in {".html", ".pdf" if as_titled and self.suffix == ".pdf" else ".html"}:
            path = stem.with_name(f"{stem.name}{suffix}")
            if path.is_file():
                texts = [passage.text for passage in passages_of_file(path)]
                for number, before, after in chain.from_iterable(flow_of(texts, self.wording)):
                    for key in _keys(before, after):
                        found.setdefault(key, set()).add(number)
        return found

    @cached_property
    def statements(self) -> Statements:
        """What the run states."""
        return Statements(self.run)

    @cached_property
    def _earlier(self) -> list[tuple[str, Statements]]:
        """What earlier editions state that are kept beside the run's folder, the newest first, each with its day."""
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
        """The words for what the run has, in every language."""
        return Wording(tuple(pack.languages()), self.statements.parts)


def _keys(before: Place, after: Place) -> Iterator[tuple[Place, Place]]:
    (words_before, numbers_before), (words_after, numbers_after) = before, after
    for left, right in BEFORE_AND_AFTER:
        if len(words_before) >= left and len(words_after) >= right:
            near = words_before[len(words_before) - left :], numbers_before if left else 0
            yield near, (words_after[:right], numbers_after if right else 0)


def proof(text: str | Path, run: Path | str) -> pd.DataFrame:
    """Say of each number in a document whether a run bears it (see ``api.proof``)."""
    path = Path(text)
    is_file = isinstance(text, Path) or ("\n" not in text and path.suffix.lower() in READERS)
    document = passages_of_file(path) if is_file else list(of_text(str(text)))
    return Proof(read_run(Path(run)), suffix=path.suffix.lower() if is_file else "").of(document)
