"""Collects the message on a run that has ended: one record, which mail and webhook both write out.

It follows from the printed sheets, the feed and the manifest. The message on an internal run holds no number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from rmrp_analysis import numbers
from rmrp_analysis.figures import FIGURES, REACHED_FIGURE
from rmrp_analysis.method import NO_SECRET_CONDITION
from rmrp_analysis.page.formatter import WORDS_BY_KIND, SheetFormatter
from rmrp_analysis.params import INDEX_PAGE_FILE, RunParams
from rmrp_analysis.publish.after import EndedRun
from rmrp_analysis.publish.documents.feed import read_latest_news
from rmrp_analysis.publish.documents.index import ZERO_LABEL_BY_REASON
from rmrp_analysis.publish.documents.navigation import label_choice, name_sheet
from rmrp_analysis.publish.engine.privacy import remove_folders
from rmrp_analysis.publish.records.manifest import NOT_MADE_OUTCOMES, FigureRecord, SheetRecord
from rmrp_analysis.publish.records.results import SHORT_LABEL_BY_CAUSE, ReportResult, count_in_words
from rmrp_analysis.publish.run.preparation import REFUSED_SHEET_REASON
from rmrp_analysis.vocabulary import INTERSECTOR, PLANNED_FIGURES
from rmrp_analysis.vocabulary.labels import label
from rmrp_analysis.words import INTERNAL_MARK, N_, Translator

MAX_SUBJECT_CHARACTERS = 100
"""The most characters of a subject. A longer headline is cut at a clause, or at a word."""
MESSAGE_FIGURES = (
    "people_reached",
    "target",
    "people_in_need",
    "target_coverage",
    "funding_usd",
    "funding_coverage",
    "unmet_usd",
    "requirement_usd",
)
"""The figures of a message, in its order."""
JANUARY_SUFFIX = "-01"
"""The end of a month (YYYY-MM) that is January. A period that begins then is the year so far."""
MIN_HEADLINE_CHARACTERS = 30
"""The characters of a headline that a subject keeps, even if the name of the place is long."""
REMEDY_BY_CAUSE = WORDS_BY_KIND["to do"]
CORRECT_ROWS_ADVICE = REMEDY_BY_CAUSE["condition"]
"""The advice for a sheet to mend if its cause has no advice."""
CORRECT_AND_RUN_ADVICE = N_(
    "Correct this and start the run again; `rmrp check` lists all that is to be corrected. "
    "What was published before stays as it was."
)
"""The advice for a run that made nothing."""
READ_LOG_ADVICE = N_("Read the run's log, which says more, and start the run again.")
"""The advice for a failed sheet."""


@dataclass(frozen=True)
class MainNumber:
    """A number of the main sheet as printed. ``caution`` is its reason of doubt, ``note`` the people left out."""

    name: str
    label: str
    value: float | None
    unit: str
    printed: str
    caution: str
    note: str
    illustrative: bool


@dataclass(frozen=True)
class Movement:
    """A line of the feed on a change of a sheet since the previous edition, with the reason."""

    text: str
    page: str


@dataclass(frozen=True)
class Fault:
    """A sheet that was not made, or is to be mended, with the cause and the one thing to do."""

    id: str
    name: str
    status: str
    cause: str
    to_do: str
    page: str


@dataclass(frozen=True)
class Page:
    """A sheet that was made. ``page`` is its address, or the name of its file if readers have no address."""

    id: str
    name: str
    page: str


@dataclass(frozen=True)
class Message:
    """The message on a run. A webhook gets its fields as JSON, so their names stay.

    ``notices`` say that the run is internal, or which figures are invented. A run with a ``problem`` made nothing.
    """

    language: str
    subject: str
    run: str
    edition: str
    place: str
    period: Mapping[str, str]
    sheet: str
    headline: str
    notices: Sequence[str]
    count: str
    figures: Sequence[MainNumber]
    moved: Sequence[Movement]
    silent: Sequence[str]
    to_mend: Sequence[Fault]
    failed: Sequence[Fault]
    pages: Sequence[Page]
    made: Sequence[str]
    index: str
    problem: str
    to_do: str


def make_message(run: EndedRun) -> Message | None:
    """Make the message on a run, or None if every report is unchanged or has no sheet.

    The message on an internal run holds no figure. The message on a run with a problem holds no sheet. The subject is
    one line of at most ``MAX_SUBJECT_CHARACTERS``, or longer if its headline would get less than
    ``MIN_HEADLINE_CHARACTERS``.
    """
    if not (run.problem or any(result.status in ("ok", *NOT_MADE_OUTCOMES) for result in run.results)):
        return None
    params, language = run.params, choose_language(run)
    results = [] if run.problem else sort_results(params, run.results)
    translate, is_internal = Translator(language), params.audience == "internal"
    main = next(filter(_is_usable, results), None)
    sheet = main.figures if main and main.figures and not is_internal else SheetRecord()
    published = [result for result in results if result.status in ("ok", "unchanged")]
    place, start, end = _name_place(params, main, translate), params.period.start, params.period.end
    period = sheet.period_printed or numbers.months(start, end, language)
    count = translate("nothing was published") if run.problem else count_in_words(translate, results)
    notices = [f"{translate(INTERNAL_MARK)}."] if is_internal else _say_what_is_invented(sheet, translate)
    mark = translate(INTERNAL_MARK) if is_internal else translate(N_("Example")) if notices else ""
    month = numbers.month_and_year(end, language) if start.endswith(JANUARY_SUFFIX) else period
    opening = f"{' · '.join(filter(None, (mark, place)))}, {month}: "
    room = max(MIN_HEADLINE_CHARACTERS, MAX_SUBJECT_CHARACTERS - len(opening))
    faults = [_state_fault(result, translate, params) for result in results if _is_faulty(result)]
    return Message(
        language=language,
        subject=write_as_header(opening + shorten_text(sheet.headline or count, room)),
        run=params.run,
        edition=run.manifest.edition,
        place=place,
        period={"start": start, "end": end, "printed": period},
        sheet=_name_sheet(main, translate) if main else translate(params.title_in(language)),
        headline=sheet.headline,
        notices=notices,
        count=count,
        figures=list(_list_numbers(sheet, translate)),
        moved=[] if run.problem else list(_list_movements(run, internal=is_internal)),
        silent=[] if is_internal else list(_list_silences(published, translate)),
        to_mend=[fault for fault in faults if fault.status != "failed"],
        failed=[fault for fault in faults if fault.status == "failed"],
        pages=[Page(result.id, _name_sheet(result, translate), find_page(params, result)) for result in published],
        made=[result.id for result in published if result.status == "ok"],
        index="" if run.problem else find_address(params, INDEX_PAGE_FILE),
        problem=_state_cause(run.problem, translate),
        to_do=translate(CORRECT_AND_RUN_ADVICE) if run.problem else "",
    )


def choose_language(run: EndedRun) -> str:
    """Return the run's first language, or the first result's language if all results have others.

    Without results, it is the run's first language.
    """
    languages = [result.params.language for result in run.results]
    first = run.params.languages[0]
    return first if first in languages or not languages else languages[0]


def sort_results(params: RunParams, results: Iterable[ReportResult]) -> list[ReportResult]:
    """Sort results for a reader: first the results in the first language of the parameters, then all others.

    In both groups main sheets (all sectors in the first place) come first, sheets of organisations last. Otherwise the
    order stays.
    """
    main = (INTERSECTOR, params.places[0], "")

    def rank(result: ReportResult) -> tuple[bool, bool, bool]:
        """Return the key by which results are sorted: language, main sheet, organisation."""
        report = result.params
        is_main = (report.sector, report.place, report.organisation) == main
        return report.language != params.languages[0], not is_main, bool(report.organisation)

    return sorted(results, key=rank)


def find_page(params: RunParams, result: ReportResult) -> str:
    """Return the address or the file name of a sheet's page, or of its PDF if it has no page.

    Empty without page and PDF. The page of a last good sheet does not count.
    """
    for suffix in (".html", ".pdf"):
        for name in result.outputs:
            if name.endswith(suffix) and ".last-good." not in name:
                return find_address(params, name) or name
    return ""


def find_address(params: RunParams, name: str) -> str:
    """Return the address of a file of the run for readers, or an empty text if the parameters state no address."""
    return f"{params.notify.address}/{quote(name)}" if params.notify.address else ""


def write_as_header(text: str) -> str:
    """Return a text on one line, without characters that end a header of a mail or turn its direction.

    Characters that cannot be printed become spaces, and several spaces become one.
    """
    signs = (sign if sign.isprintable() or sign == numbers.NARROW_SPACE else " " for sign in text)
    return " ".join(filter(None, "".join(signs).split(" ")))


def shorten_text(text: str, limit: int) -> str:
    """Shorten a text to a number of characters: at the end of a clause, before its explanation, or at a word.

    Every text loses the full stop at its end.

    >>> shorten_text("By May, 8% were reached; furthest behind: WASH, at 2%.", 40)
    'By May, 8% were reached'
    >>> shorten_text("WASH is furthest behind: 2% of its target, and it has little funding.", 40)
    'WASH is furthest behind'
    >>> shorten_text("By May, 8% of the people targeted were reached.", 40)
    'By May, 8% of the people targeted were…'
    """
    text = text.removesuffix(".")
    if len(text) <= limit:
        return text
    clauses = (text[: limit + 1].rpartition(mark)[0] for mark in ("; ", ": "))
    return next(filter(None, clauses), "") or f"{text[:limit].rpartition(' ')[0]}…"


def _is_usable(result: ReportResult) -> bool:
    """Return whether a report has a sheet with a usable main number."""
    return result.status in ("ok", "unchanged") and bool(result.figures and not result.figures.to_mend)


def _is_faulty(result: ReportResult) -> bool:
    """Return whether a report was not made, or has a sheet to mend."""
    return result.status in NOT_MADE_OUTCOMES or bool(result.figures and result.figures.to_mend)


def _name_place(params: RunParams, main: ReportResult | None, translate: Translator) -> str:
    """Name the organisation or place of the main sheet (without one, the first place), and its sector if it has one."""
    report = main.params if main else params.report(INTERSECTOR, params.places[0])
    sector = "" if report.sector == INTERSECTOR else label(report.sector, translate.language)
    name = label_choice(report, "organisation" if report.organisation else "place", translate)
    return " · ".join(filter(None, (name, sector)))


def _name_sheet(result: ReportResult, translate: Translator) -> str:
    """Name a sheet as ``name_sheet`` does, with its language if that is not the message's."""
    title = name_sheet(result.params, translate)
    if result.params.language == translate.language:
        return title
    return f"{title} ({label_choice(result.params, 'language', translate)})"


def _say_what_is_invented(sheet: SheetRecord, translate: Translator) -> list[str]:
    """Return one text on the invented and the real figures of a sheet, or no text if no figure is invented."""
    if not sheet.illustrative:
        return []
    valued = {figure.name for figure in sheet.figures if figure.value is not None}
    phrases = {name: translate(phrase) for name, phrase in WORDS_BY_KIND["origin"].items() if name in valued}
    is_partly = {*PLANNED_FIGURES} & valued - {*sheet.illustrative}
    texts = [(translate("Partly illustrative") if is_partly else translate("Illustrative data")) + "."]
    for is_invented, sentence in ((False, N_("Real: {list}.")), (True, N_("Invented: {list}."))):
        if names := [text for name, text in phrases.items() if (name in sheet.illustrative) == is_invented]:
            texts.append(translate(sentence, list=numbers.join_names(names, translate.language)))
    return [" ".join(texts)]


def _list_numbers(sheet: SheetRecord, translate: Translator) -> Iterator[MainNumber]:
    """Yield the figures of ``MESSAGE_FIGURES`` that have a value on a sheet, in that order, as its cards print them."""
    figures = {figure.name: figure for figure in sheet.figures if figure.value is not None}
    for name in MESSAGE_FIGURES:
        if not (figure := figures.get(name)):
            continue
        text = translate(FIGURES[name].label)
        if name == REACHED_FIGURE and not sheet.period.start.endswith(JANUARY_SUFFIX):
            text = translate("{label}, {period}", label=text, period=sheet.period_printed)
        yield MainNumber(
            name=name,
            label=text,
            value=figure.value,
            unit=figure.unit,
            printed=_format_number(figure, sheet.printed.get(name, ""), translate),
            caution=_say_caution(figure, sheet, translate),
            note=sheet.notes.get(name, ""),
            illustrative=name in sheet.illustrative,
        )


def _format_number(figure: FigureRecord, text: str, translate: Translator) -> str:
    """Return a figure's text as its card shows it: a word for a 0 that has a reason, and words for ``<``."""
    if figure.reason in ZERO_LABEL_BY_REASON:
        return translate(ZERO_LABEL_BY_REASON[figure.reason])
    if figure.name == "unmet_usd" and (figure.value or 0) < 0:
        return numbers.format_value(0, "usd", translate.language)
    return numbers.to_spoken(text, translate.language) if text.startswith("<") else text


def _say_caution(figure: FigureRecord, sheet: SheetRecord, translate: Translator) -> str:
    """Return what is sure of the people reached, or the reasons of a caution about another figure. It may be empty."""
    if figure.name == REACHED_FIGURE:
        return sheet.doubt
    reasons = [*dict.fromkeys(caution.text for caution in sheet.cautions if caution.of == figure.name)]
    if not reasons and (cause := SHORT_LABEL_BY_CAUSE.get(figure.caution)):
        reasons = [translate(cause)]
    return translate("Read with care: {reasons}.", reasons="; ".join(reasons)) if reasons else ""


def _list_movements(run: EndedRun, *, internal: bool) -> Iterator[Movement]:
    """Yield each line that the run has added to its feed, without the notice on invented data."""
    translate = Translator(run.params.languages[0])  # as the feed is written
    edition = translate("Edition {edition}", edition=run.manifest.edition)
    invented = f"{translate('Illustrative data')}."
    for entry in read_latest_news(run.folder):
        page = find_address(run.params, entry.page) or entry.page
        if internal and entry.page != INDEX_PAGE_FILE:
            yield Movement(entry.title.removesuffix(f": {edition}"), page)
        else:
            yield from (Movement(line, page) for line in entry.text.splitlines() if line != invented)


def _list_silences(good_results: Sequence[ReportResult], translate: Translator) -> Iterator[str]:
    """Yield the text on missing reports for the last month, from the first sheet of each place.

    Only sheets in the message's language and of no organisation are read. A text begins with the name of its place, or
    of its sheet if the sheet is of one sector. The text of the first result's place has no name.
    """
    sheets: dict[str, ReportResult] = {}
    for result in good_results:
        if not result.params.organisation and result.params.language == translate.language:
            sheets.setdefault(result.params.place, result)
    for place, result in sheets.items():
        if not (text := result.figures.completeness if result.figures else ""):
            continue
        is_of_all = result.params.sector == INTERSECTOR
        name = label_choice(result.params, "place", translate) if is_of_all else _name_sheet(result, translate)
        yield text if place == good_results[0].params.place else f"{name}: {text}"


def _state_fault(result: ReportResult, translate: Translator, params: RunParams) -> Fault:
    """Return cause and advice for a sheet that was not made or cannot be published, without numbers of people.

    The advice of a notebook may hold a number of people, so only a public run has it. A sheet to mend that was made has
    the status ``to_mend``.
    """
    problem, sentence = result.problem, SheetFormatter.complete_sentence
    reason = translate(problem.reason, **problem.values) if problem else translate(result.error)
    causes = "; ".join(translate(SHORT_LABEL_BY_CAUSE[cause]) for cause in result.causes)
    advice = problem.advice if problem and params.audience == "public" else ""
    remedy = next((REMEDY_BY_CAUSE[cause] for cause in result.causes if cause in REMEDY_BY_CAUSE), CORRECT_ROWS_ADVICE)
    if result.status == "failed":
        remedy = READ_LOG_ADVICE
    return Fault(
        id=result.id,
        name=_name_sheet(result, translate),
        status=result.status if result.status in NOT_MADE_OUTCOMES else "to_mend",
        cause=remove_folders(sentence(causes) or reason or translate(REFUSED_SHEET_REASON)),
        to_do=sentence(remove_folders(" ".join(advice.split())) or translate(remedy)),
        page=find_page(params, result),
    )


def _state_cause(problem: str, translate: Translator) -> str:
    """Return the reason why nothing was made as a sentence without folders, or an empty text.

    It has the gate's conditions without their numbers, or the first line and the count of other lines.
    """
    lines = [line for line in remove_folders(problem).splitlines() if line.strip()]
    reasons = []
    for name, _, sentence in (line.partition(": ") for line in lines):
        if limit := WORDS_BY_KIND["limit"].get(name):
            reasons.append(translate(limit))
        elif name == NO_SECRET_CONDITION:
            reasons.append(sentence)
    if reasons:
        return translate("The data were refused: {reasons}.", reasons="; ".join(reasons))
    rest = len(lines) - 1
    if rest < 1:
        return "".join(lines)
    more = translate.plural("{count} more", "{count} more", rest).format(count=rest)
    return f"{lines[0]} ({more})"
