"""Says of every number in a document whether a published run bears it, and where it stands there.

A number is borne where a figure or part of the run, printed to the digits that the text gives, is that number, and
fits its unit and what the text names: sector, place, part and figure, in its sentence or else around it. It is
*derived* where a sentence of the run claims it in much the same words, or where it is a sum of parts that are named, or
their share of the whole; *printed* where a page of the run has
it between the same words. Of few people and of what is not known nothing is told: neither bears a number.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, islice, pairwise, starmap
from operator import eq
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, figure_definition
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.method import Method
from rmrp_analysis.packs import pack
from rmrp_analysis.page.typed import TypedNumber, holds, read_number
from rmrp_analysis.publish.comparison.published import PublishedRun, read_run, selected
from rmrp_analysis.publish.proof.documents import LINE, READERS, Passage, of_text, passages_of_file
from rmrp_analysis.publish.proof.wording import NEXT_WORD, Wording, tokens_of
from rmrp_analysis.publish.records.manifest import StatedSentence, StatedSheet
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, file_stem

Verdict = Literal["borne", "derived", "printed", "not borne"]
BORNE: tuple[Verdict, ...] = ("borne", "derived", "printed")
COLUMNS = ["number", "verdict", "report", "figure", "part", "value", "unit", "sentence", "file", "place", "at"]

TITLE = 8
"""The first of so many passages that is no longer than ``HEADLINE`` words, and names a sector, is the title."""
HEADLINE = 25
SHORT = 12
"""A passage of fewer words is read with those before it, as a heading or a card is."""
WORDS_AFTER = 8
"""So many words after a number may say what it counts."""
PRECISE, LARGE = 100, 1000
"""A number of three digits and this size is hardly met by chance; others need a word that names their figure."""
SAME_WORDS = 0.5
"""So much of the words of a claim's sentence must stand in a sentence that says the same."""
LONGEST_SENTENCE = 600
"""Of a longer sentence, such as a table without full stops, so many letters around its number are told."""
BEFORE_AND_AFTER = ((7, 0), (3, 3), (0, 6))
"""How many words before and after a number make the same place in a page of the run."""

Place = tuple[tuple[str, ...], int]
"""Words beside a number, and how many numbers stand between."""


@dataclass(frozen=True)
class Context:
    """What the words around a number say: whom they name, and of which figures they speak.

    ``words`` and ``own_names`` are those of its sentence, ``counted`` the figures of the words directly beside it.
    """

    language: str
    title: set[str]
    sentence: str
    words: frozenset[str]
    names: set[str]
    sectors: set[str]
    places: set[str]
    own_names: set[str]
    figures: set[str]
    counted: set[str]
    before: Place
    after: Place


@dataclass(frozen=True)
class Statement:
    """A figure or part of a run, or what follows from parts of it."""

    report: str
    figure: str
    part: str
    value: float
    unit: str
    sector: str
    place: str
    organisation: str
    few: bool = False
    verdict: Verdict = "borne"

    @property
    def parts(self) -> list[str]:
        """The names in its part, such as both ends of a flow of money."""
        return self.part.split(" → ") if self.part else []


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
    _printed: dict[tuple[str, str, bool], dict[Any, set[TypedNumber]]] = field(
        default_factory=dict, init=False, repr=False
    )
    _claims_of: dict[tuple[str, str], list[Claimed]] = field(default_factory=dict, init=False, repr=False)

    def of(self, document: Sequence[Passage]) -> pd.DataFrame:
        """Give a row for each number: as it stands, where, the verdict, and the statement that bears it.

        Of a number that is not borne, the statement is the nearest one that its words may mean, if there is one.
        """
        rows = []
        line, counted = 0, (-1, 0)
        for at, number, context in self._numbers(document):
            passage = document[at]
            verdict, statement = self._judged(number, context)
            if passage.place == LINE:
                line = line if counted[0] == at else 0
                line += passage.text.count("\n", counted[1] if counted[0] == at else 0, number.start)
                counted = at, number.start
            stands = {"file": passage.file, "place": passage.place, "at": passage.number + line}
            borne = {name: getattr(statement, name, "") for name in ("report", "figure", "part", "unit")}
            value = getattr(statement, "value", None)
            about = {"number": number.text, "verdict": verdict, "sentence": context.sentence}
            rows.append({**about, **stands, **borne, "value": value})
        return pd.DataFrame(rows, columns=COLUMNS).astype({"value": "float64"})

    # ---- What the text says ----

    def _numbers(self, document: Sequence[Passage]) -> Iterator[tuple[int, TypedNumber, Context]]:
        """Give each number with the place of its passage and its context; a sentence is read once for all it has."""
        texts = [passage.text for passage in document]
        words = [tokens_of(text) for text in texts]
        short = [len(each) < SHORT for each in words]
        named = [self.wording.names(text) for text in texts]
        first = zip(named[:TITLE], words, strict=False)
        headlines = (names for names, each in first if len(each) <= HEADLINE)
        sectors, places = ({selection[at] for selection in self._reports.values()} for at in (0, 1))
        title = next((names for names in headlines if names & sectors), None)
        if title is None:  # it may be of everything, or of the sector that it comes to speak of
            title = next((names & sectors for names in named if names & sectors), set()) | {INTERSECTOR}
        heading = set[str]()
        language = self.wording.language(" ".join(texts))
        flow = _flow(texts, self.wording)
        for at, text in enumerate(texts):
            around = texts[max(at - 2, 0) : at][::-1] if short[at] else []
            near_passage = [named[at], *(named[max(at - 2, 0) : at][::-1] if short[at] else []), heading]
            figures_nearby = (
                next(filter(None, map(self.wording.figures, (text, *around))), set()) if flow[at] else set()
            )
            ends = [0, *(found.end() for found in re.finditer(r"[.!?;]\s+(?=\S)", text)), len(text)]
            sentences, start, end = pairwise(ends), 0, 0
            beyond = [*(number.start for number, *_ in flow[at][1:]), len(text)]
            beside = [0, *(number.end for number, *_ in flow[at])]
            for place, (number, before, following) in enumerate(flow[at]):
                while number.start >= end:
                    start, end = next(sentences)
                    sentence = text[start:end].strip()
                    names, spoken = self.wording.names(sentence), self.wording.figures(sentence)
                    own_words = frozenset(tokens_of(sentence))
                after = NEXT_WORD.finditer(text, number.end, end if number.kind == "share" else min(beyond[place], end))
                clauses = (
                    " ".join(word[0] for word in islice(after, WORDS_AFTER)),
                    text[max(beside[place], start) : number.start],
                )
                excerpt = slice(
                    max(start, number.start - LONGEST_SENTENCE // 2), min(end, number.end + LONGEST_SENTENCE // 2)
                )
                near = (names, *near_passage)
                meant = names | named[at] or next(filter(None, near), set())
                context = Context(
                    language,
                    title,
                    sentence if len(sentence) <= LONGEST_SENTENCE else f"…{text[excerpt].strip()}…",
                    own_words,
                    names=meant,
                    sectors=self._scope(near, title, sectors, INTERSECTOR),
                    places=self._scope(near, title, places, REGION),
                    own_names=meant if around else names,
                    figures=spoken or figures_nearby,
                    counted=next(filter(None, map(self.wording.figures, clauses)), set()),
                    before=before,
                    after=following,
                )
                yield at, number, context
            in_passage = named[at]
            if short[at] and (in_passage & (sectors | places)):
                heading = in_passage

    @staticmethod
    def _scope(near: Iterable[set[str]], title: set[str], known: set[str], whole: str) -> set[str]:
        """Give the sectors, or places, that a number may be of: those named nearest, and those of the title."""
        nearest = next((found for names in near if (found := names & known)), set())
        about = title & known or ({whole} if whole in known else set() if nearest else known)
        return nearest | about

    # ---- What the run bears ----

    def _judged(self, number: TypedNumber, context: Context) -> tuple[Verdict, Statement | None]:
        in_scope = [
            statement
            for report, statements in self._statements.items()
            if self._reports[report][0] in context.sectors and self._reports[report][1] in context.places
            for statement in statements
        ]
        fitting = [
            statement
            for statement in in_scope
            if number.is_of(statement.unit)
            and statement.organisation in ("", *context.names)
            and (set(statement.parts) <= context.names or statement.figure in context.names)
        ]
        for claim in self._claimed(context):
            if number.is_of(claim.unit) and number.states(claim.value):
                return "derived", claim
        places = self._printed_at(context)
        printed = [each for place in places for each in place if each.unit == number.kind]
        in_print = [each for each in printed if number.states(each.value)]
        if any(not set(place) & set(in_print) for place in places):
            return "not borne", printed[0] if printed else None
        stating = (each for each in fitting if self._states(number, each, context))
        meant = [each for each in stating if self._is_meant(number, each, context)]
        if meant:
            return "borne", min(meant, key=lambda each: (abs(each.value - number.number), bool(each.part)))
        for statement in self._derived(number, context, in_scope):
            if number.states(statement.value):
                return "derived", statement
        if in_print:
            return "printed", in_print[0]
        known = [statement for statement in fitting if not statement.few and statement.value]
        likely = [statement for statement in known if self._about(statement) & context.figures] or known
        return "not borne", min(likely, key=lambda each: abs(each.value - number.number) / each.value, default=None)

    def _states(self, number: TypedNumber, statement: Statement, context: Context) -> bool:
        if number.bound:
            return statement.few and number.number in self.bases
        if statement.few:
            return False
        printed = read_number(numbers.printed(statement.value, statement.unit, context.language), context.language)
        # 251 K may be written in full, 251,000: its zeros count nothing
        as_printed = printed and printed.number == number.number and number.step <= printed.step
        return number.states(statement.value) or bool(as_printed) or self._is_close(number, statement.value, context)

    def _is_close(self, number: TypedNumber, value: float, context: Context) -> bool:
        """Whether a word of closeness holds of a value: within what the last digit that is no zero counts."""
        digits = round(number.number / number.step)
        zeros = len(str(digits)) - len(str(digits).rstrip("0"))
        if abs(number.number - value) > number.step * 10**zeros:
            return False
        before = " ".join(context.before[0])
        return any(
            before.endswith(" ".join(tokens_of(phrase.replace("_", " ")))) and holds(closeness, value, number.number)
            for language in self.wording.languages
            for phrase, closeness in declared(language).closeness.items()
        )

    def _is_meant(self, number: TypedNumber, statement: Statement, context: Context) -> bool:
        """Whether words name figure and part, where the number alone may be met by chance."""
        if number.number >= max(PRECISE * number.step, LARGE) and statement.unit in ("people", "usd"):
            return number.kind == "usd" or statement.unit != "usd" or bool(self._about(statement) & context.figures)
        if statement.figure == "partners_last_month" and self.run.manifest.period.end not in context.names:
            return False
        figures = context.counted or context.figures
        has_name = statement.figure in context.names or set(statement.parts) <= context.own_names
        return has_name and (bool(self._about(statement) & figures) or (not figures and statement.unit == "people"))

    @staticmethod
    def _about(statement: Statement) -> set[str]:
        """Give the figures that a statement tells of."""
        definition = figure_definition(statement.figure)
        compared = {definition.part, definition.whole} if definition.unit == "share" else set()
        return {definition.name, *compared} - {""}

    def _claimed(self, context: Context) -> Iterator[Statement]:
        """Give what sentences of the run claim that name the same and say it in much the same words.

        One of the two words directly beside the number is the same, too.
        """
        own, beside = context.words, (context.before[0][-1:], context.after[0][:1])
        for report, (sector, place, _) in self._reports.items():
            if sector in context.sectors and place in context.places:
                for claim in self._claims(report, context.language):
                    is_beside = any(starmap(eq, zip(claim.beside, beside, strict=True)))
                    is_same = is_beside and len(claim.words & own) >= SAME_WORDS * len(claim.words)
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
            about = (of or report, figure, claim.part, value, claim.unit, *self._reports[report])
            yield Claimed(words, names, (before[-1:], after[:1]), Statement(*about, verdict="derived"))

    def _derived(self, number: TypedNumber, context: Context, in_scope: Iterable[Statement]) -> Iterator[Statement]:
        """Give sums of the parts that the text names, and their shares of the figure."""
        named: dict[tuple[str, str], list[Statement]] = {}
        for part in in_scope:
            is_named = part.figure in BREAKDOWNS and set(part.parts) <= context.own_names
            if is_named and not part.few and part.unit in ("people", "usd"):
                named.setdefault((part.report, part.figure), []).append(part)
        for (report, breakdown), parts in named.items():
            figure = BREAKDOWNS[breakdown].figure
            if number.kind == "share":
                yield from self._compared(parts, named)
            whole = next((each.value for each in self._statements[report] if each.figure == figure), 0)
            if context.figures and figure not in context.figures:
                continue
            for some in [parts, *([part] for part in parts)]:
                total = sum(part.value for part in some)
                names = " + ".join(part.part for part in some)
                if number.kind == "share" and whole:
                    yield replace(some[0], part=names, value=total / whole, unit="share", verdict="derived")
                elif number.kind != "share" and len(some) > 1:
                    yield replace(some[0], part=names, value=total, verdict="derived")

    @staticmethod
    def _compared(parts: Sequence[Statement], named: Mapping[tuple[str, str], list[Statement]]) -> Iterator[Statement]:
        """Give what parts are of the same parts of the figure that theirs is compared with, such as their target."""
        report, figure, dimension = parts[0].report, *parts[0].figure.split("_by_")
        for share in FIGURES.values():
            if share.unit == "share" and share.part == figure:
                wholes = {whole.part: whole.value for whole in named.get((report, f"{share.whole}_by_{dimension}"), [])}
                for part in parts:
                    if wholes.get(part.part):
                        value = part.value / wholes[part.part]
                        yield replace(part, figure=share.name, value=value, unit="share", verdict="derived")

    def _printed_at(self, context: Context) -> list[list[Statement]]:
        """Give the numbers that pages of the run have between the same words: a list for each such place."""
        found: dict[Any, list[Statement]] = {}
        for report, (sector, place, organisation) in self._reports.items():
            if sector in context.sectors and place in context.places:
                of = report, context.language, sector in context.title
                if of not in self._printed:
                    self._printed[of] = self._places_in_pages(*of)
                for key in _keys(context.before, context.after):
                    for number in self._printed[of].get(key, ()):
                        about = (report, "", number.text, number.number, number.kind)
                        stated = Statement(*about, sector, place, organisation, verdict="printed")
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
                for number, before, after in chain.from_iterable(_flow(texts, self.wording)):
                    for key in _keys(before, after):
                        found.setdefault(key, set()).add(number)
        return found

    @cached_property
    def wording(self) -> Wording:
        """The words for what the run has, in every language."""
        keys = self.run.rows.index
        of_rows = {part for level in ("platform", "group", "month") for part in keys.unique(level)}
        parts = {name for part in of_rows for name in part.split(" → ")}
        return Wording(tuple(pack.languages()), frozenset(parts - {""}))

    @cached_property
    def _reports(self) -> dict[str, tuple[str, str, str]]:
        organisations = self.run.manifest.rows_by_organisation
        return {report: selected(report, organisations) for report in sorted(self.run.sheets)}

    @cached_property
    def bases(self) -> set[int]:
        """The numbers of which the run says that there are fewer."""
        return set(Method(rounding=self.run.manifest.choices.get("rounding", 0)).bases)

    @cached_property
    def _statements(self) -> dict[str, list[Statement]]:
        """The statements of each report."""
        rows = self.run.rows.reset_index().assign(value=self.run.numbers["value"].to_numpy()).dropna(subset="value")
        rows = rows[rows["figure"].isin([*FIGURES, *BREAKDOWNS])]
        columns = ["report", "figure", "platform", "group", "month", "value", "unit", "status"]
        found: dict[str, list[Statement]] = {report: [] for report in rows["report"].unique()}
        for report, figure, place, group, month, value, unit, status in rows[columns].itertuples(index=False):
            stated = (report, figure, place + group + month, value, unit, *self._reports[report])
            found[report].append(Statement(*stated, few=status == "few"))
        return found


def _flow(texts: Sequence[str], wording: Wording) -> list[list[tuple[TypedNumber, Place, Place]]]:
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
