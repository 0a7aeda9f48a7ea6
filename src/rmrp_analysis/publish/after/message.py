"""Collect the message on a run that has ended: one record, which mail and webhook both write out.

All of it follows from the sheets as they are printed, from the feed and from the manifest. The message on an internal
run holds no number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from rmrp_analysis import numbers
from rmrp_analysis.figures import FIGURES, REACHED, REASONS
from rmrp_analysis.method import NO_SECRET
from rmrp_analysis.page.cards import PLANNED_FIGURES
from rmrp_analysis.page.formatter import WORDS_BY_KIND, SheetFormatter
from rmrp_analysis.params import RunParams
from rmrp_analysis.publish.after import EndedRun
from rmrp_analysis.publish.documents.feed import read_latest_news
from rmrp_analysis.publish.documents.navigation import label_choice
from rmrp_analysis.publish.engine.privacy import remove_folders
from rmrp_analysis.publish.records.manifest import CORRECTED, NOT_MADE, FigureRecord, SheetRecord
from rmrp_analysis.publish.records.results import IN_SHORT, ReportResult, count_in_words
from rmrp_analysis.publish.run.batch import REFUSED_SHEET
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, ZERO_NAMES
from rmrp_analysis.vocabulary.labels import label, sheet_name
from rmrp_analysis.words import INTERNAL_MARK, N_, Translator

INDEX = "index.html"
MAX_SUBJECT = 100
"""The most characters of a subject; a longer headline ends at a clause, or at a word."""
MAIN_FIGURES = (
    "people_reached",
    "target",
    "people_in_need",
    "target_coverage",
    "funding_usd",
    "funding_coverage",
    "unmet_usd",
    "requirement_usd",
)
ZEROS = {REASONS[reason]: name for reason, name in ZERO_NAMES.items()}
"""The words that stand for a 0, by the reason as files have it."""
JANUARY = "-01"
"""The end of the first month of a period that is the year so far."""
MIN_HEADLINE = 30
"""The characters of a headline that stay in a subject, however long the name of the place is."""
REMEDIES = WORDS_BY_KIND["to do"]
"""What to do about each cause of a doubt."""
CORRECT_ROWS = REMEDIES["condition"]
CORRECT_AND_RUN = N_(
    "Correct this and start the run again; `rmrp check` lists all that is to be corrected. "
    "What was published before stays as it was."
)
READ_LOG = N_("Read the run's log, which says more, and start the run again.")
"""What to do about a sheet to mend whose cause has no advice, about a run that made nothing, about a failed sheet."""


@dataclass(frozen=True)
class MainNumber:
    """A number of the main sheet as it is printed there; ``caution`` says why to doubt it, ``note`` whom it lacks."""

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
    """A line of the feed on what moved on a sheet since the edition before, and why."""

    text: str
    page: str


@dataclass(frozen=True)
class Fault:
    """A sheet that was not made, or is to be mended: why, and the one thing to do."""

    id: str
    name: str
    status: str
    cause: str
    to_do: str
    page: str


@dataclass(frozen=True)
class Page:
    """A sheet that was made; ``page`` is its address, or the name of its file where readers have no address."""

    id: str
    name: str
    page: str


@dataclass(frozen=True)
class Message:
    """The message on a run. Its fields are those of the JSON that a webhook gets, so their names stay.

    ``notices`` say that the run is internal, or what is invented. A run with a ``problem`` made nothing.
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
    """Make the message on a run; None where no sheet was made and none failed, so that nobody needs one."""
    if not (run.problem or any(result.status in ("ok", *NOT_MADE) for result in run.results)):
        return None
    params, results = run.params, [] if run.problem else sort_results(run.params, run.results)
    language = choose_language(run)
    translate, main = Translator(language), next(filter(_is_usable, results), None)
    internal, end = params.audience == "internal", params.period.end
    sheet = main.figures if main and main.figures and not internal else SheetRecord()
    place = _name_place(params, main, translate)
    period = sheet.period_printed or numbers.months(params.period.start, end, language)
    good_results = [result for result in results if result.status in ("ok", "unchanged")]
    count = translate("nothing was published") if run.problem else count_in_words(translate, len(good_results), results)
    notices = [f"{translate(INTERNAL_MARK)}."] if internal else _say_what_is_invented(sheet, translate)
    status = translate(INTERNAL_MARK) if internal else translate(N_("Example")) if notices else ""
    month = numbers.month_and_year(end, language) if params.period.start.endswith(JANUARY) else period
    subject_start = f"{' · '.join(filter(None, (status, place)))}, {month}: "
    room = max(MIN_HEADLINE, MAX_SUBJECT - len(subject_start))
    faults = [_state_fault(result, translate, params) for result in results if _is_faulty(result)]
    return Message(
        language=language,
        subject=write_as_header(subject_start + shorten_text(sheet.headline or count, room)),
        run=params.run,
        edition=run.manifest.edition,
        place=place,
        period={"start": params.period.start, "end": end, "printed": period},
        sheet=_name_sheet(main, translate) if main else translate(params.title_in(language)),
        headline=sheet.headline,
        notices=notices,
        count=count,
        figures=list(_list_numbers(sheet, translate)),
        moved=[] if run.problem else list(_list_movements(run, internal=internal)),
        silent=[] if internal else list(_list_silences(good_results, translate)),
        to_mend=[fault for fault in faults if fault.status != "failed"],
        failed=[fault for fault in faults if fault.status == "failed"],
        pages=[Page(result.id, _name_sheet(result, translate), find_page(params, result)) for result in good_results],
        made=[result.id for result in good_results if result.status == "ok"],
        index="" if run.problem else find_address(params, INDEX),
        problem=_state_cause(run.problem, translate),
        to_do=translate(CORRECT_AND_RUN) if run.problem else "",
    )


def choose_language(run: EndedRun) -> str:
    """Return the office's language: the run's first, or that of its sheets where they were asked for in another one."""
    languages = [result.params.language for result in run.results]
    office_language = run.params.languages[0]
    return office_language if office_language in languages or not languages else languages[0]


def sort_results(params: RunParams, results: Iterable[ReportResult]) -> list[ReportResult]:
    """Sort results as a reader wants them: the office's language first, in it the first place with all sectors."""

    def rank(result: ReportResult) -> tuple[bool, bool, bool]:
        report = result.params
        is_main = (report.sector, report.place, report.organisation) == (INTERSECTOR, params.places[0], "")
        return report.language != params.languages[0], not is_main, bool(report.organisation)

    return sorted(results, key=rank)


def find_page(params: RunParams, result: ReportResult) -> str:
    """Return where the page of a sheet is, or its PDF without one: an address, or the name of the file."""
    files = sorted(
        (name for name in result.outputs if name.endswith((".html", ".pdf")) and ".last-good." not in name),
        key=lambda name: name.endswith(".pdf"),
    )
    return (find_address(params, files[0]) or files[0]) if files else ""


def find_address(params: RunParams, name: str) -> str:
    """Return the address at which readers find a file of the run; empty where the parameters state none."""
    return f"{params.notify.address}/{quote(name)}" if params.notify.address else ""


def write_as_header(text: str) -> str:
    """Write a text on one line, without control characters: nobody ends a header of a mail, or turns its direction."""
    signs = (sign if sign.isprintable() or sign == numbers.NARROW_SPACE else " " for sign in text)
    return " ".join(filter(None, "".join(signs).split(" ")))


def shorten_text(text: str, limit: int) -> str:
    """Shorten a text to a number of characters: at the end of a clause, before what explains it, else at a word.

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
    """Whether a report has a sheet whose main number can be used."""
    return result.status in ("ok", "unchanged") and bool(result.figures and not result.figures.to_mend)


def _is_faulty(result: ReportResult) -> bool:
    """Whether a report was not made, or has a sheet to mend."""
    return result.status in NOT_MADE or bool(result.figures and result.figures.to_mend)


def _name_place(params: RunParams, main: ReportResult | None, translate: Translator) -> str:
    """Name the place of the main sheet, with its sector or organisation where it is not of all sectors together."""
    report = main.params if main else params.report(INTERSECTOR, params.places[0])
    sector = "" if report.sector == INTERSECTOR else label(report.sector, translate.language)
    organisation = label_choice(report, "organisation", translate) if report.organisation else ""
    return " · ".join(filter(None, (organisation or label_choice(report, "place", translate), sector)))


def _name_sheet(result: ReportResult, translate: Translator) -> str:
    """Name a sheet, with its language where that is not the message's."""
    report = result.params
    name = sheet_name(report.sector, report.place, translate.language, report.organisation)
    name = f"{name}, {translate('Region')}" if report.place == REGION and not report.organisation else name
    return name if report.language == translate.language else f"{name} ({label_choice(report, 'language', translate)})"


def _say_what_is_invented(sheet: SheetRecord, translate: Translator) -> list[str]:
    """Say which numbers of a sheet are invented, and which are not; empty where none is."""
    if not sheet.illustrative:
        return []
    names = {figure.name for figure in sheet.figures if figure.value is not None}
    origins = {name: translate(text) for name, text in WORDS_BY_KIND["origin"].items() if name in names}
    real = [text for name, text in origins.items() if name not in sheet.illustrative]
    invented = [text for name, text in origins.items() if name in sheet.illustrative]
    is_partly = {*PLANNED_FIGURES} & names - {*sheet.illustrative}
    status = translate("Partly illustrative") if is_partly else translate("Illustrative data")
    sentences = {N_("Real: {list}."): real, N_("Invented: {list}."): invented}
    lists = [
        translate(text, list=numbers.join_names(listed, translate.language))
        for text, listed in sentences.items()
        if listed
    ]
    return [" ".join([f"{status}.", *lists])]


def _list_numbers(sheet: SheetRecord, translate: Translator) -> Iterator[MainNumber]:
    """Yield the main numbers that a sheet has, as its cards print them."""
    figures = {figure.name: figure for figure in sheet.figures if figure.value is not None}
    for figure in (figures[name] for name in MAIN_FIGURES if name in figures):
        name_of_number = translate(FIGURES[figure.name].label)
        if figure.name == REACHED and not sheet.period.start.endswith(JANUARY):
            name_of_number = translate("{label}, {period}", label=name_of_number, period=sheet.period_printed)
        yield MainNumber(
            name=figure.name,
            label=name_of_number,
            value=figure.value,
            unit=figure.unit,
            printed=_print_number(figure, sheet.printed.get(figure.name, ""), translate),
            caution=_say_caution(figure, sheet, translate),
            note=sheet.notes.get(figure.name, ""),
            illustrative=figure.name in sheet.illustrative,
        )


def _print_number(figure: FigureRecord, text: str, translate: Translator) -> str:
    """Return what the sheet's card shows: which kind of 0 it is, and no money below 0 that is still to be found."""
    if figure.reason in ZEROS:
        return translate(ZEROS[figure.reason])
    if figure.name == "unmet_usd" and (figure.value or 0) < 0:
        return numbers.format_value(0, "usd", translate.language)
    return numbers.to_spoken(text, translate.language) if text.startswith("<") else text


def _say_caution(figure: FigureRecord, sheet: SheetRecord, translate: Translator) -> str:
    """Say how a number must be read; empty where it is well."""
    reasons = dict.fromkeys(caution.text for caution in sheet.cautions if caution.of == figure.name)
    short = IN_SHORT.get(figure.caution, "")
    texts = [*reasons] or [translate(short)] * bool(short)
    return translate("Read with care: {reasons}.", reasons="; ".join(texts)) if texts else ""


def _list_movements(run: EndedRun, *, internal: bool) -> Iterator[Movement]:
    """Yield what the run has added to its feed; of an internal run the names of sectors alone, without numbers."""
    translate = Translator(run.params.languages[0])  # as the feed is written
    edition, invented = (
        translate("Edition {edition}", edition=run.manifest.edition),
        f"{translate('Illustrative data')}.",
    )
    for entry in read_latest_news(run.folder):
        page = find_address(run.params, entry.page) or entry.page
        if internal and entry.page != INDEX:
            yield Movement(entry.title.removesuffix(f": {edition}"), page)
        else:
            yield from (Movement(line, page) for line in entry.text.splitlines() if line != invented)


def _list_silences(good_results: Sequence[ReportResult], translate: Translator) -> Iterator[str]:
    """Yield who has not reported for the last month: what the first sheet of each place says of it."""
    places: dict[str, ReportResult] = {}
    for result in good_results:
        if not result.params.organisation and result.params.language == translate.language:
            places.setdefault(result.params.place, result)
    for place, result in places.items():
        is_whole = result.params.sector == INTERSECTOR
        name = label_choice(result.params, "place", translate) if is_whole else _name_sheet(result, translate)
        if text := result.figures.completeness if result.figures else "":
            yield text if place == good_results[0].params.place else f"{name}: {text}"


def _state_fault(result: ReportResult, translate: Translator, params: RunParams) -> Fault:
    """State why a sheet was not made, or cannot be published yet, and what to do; it holds no number of people.

    What a notebook says of its error may hold one, so of an internal run it is for the log alone.
    """
    problem, causes = result.problem, result.causes
    texts = [translate(IN_SHORT[cause]) for cause in causes]
    reason = translate(problem.reason, **problem.values) if problem else translate(result.error)
    advice = problem.advice if problem and params.audience == "public" else ""
    of_cause = next((REMEDIES[cause] for cause in causes if cause in REMEDIES), CORRECT_ROWS)
    remedy = READ_LOG if result.status == "failed" else of_cause
    return Fault(
        id=result.id,
        name=_name_sheet(result, translate),
        status=result.status if result.status in NOT_MADE else CORRECTED[1],
        cause=remove_folders(SheetFormatter.complete_sentence("; ".join(texts)) or reason or translate(REFUSED_SHEET)),
        to_do=SheetFormatter.complete_sentence(remove_folders(" ".join(advice.split())) or translate(remedy)),
        page=find_page(params, result),
    )


def _state_cause(problem: str, translate: Translator) -> str:
    """Say in one sentence why nothing was made, without folders; conditions of the gate without their numbers."""
    lines = [line for line in remove_folders(problem).splitlines() if line.strip()]
    reasons = []
    for name, _, sentence in (line.partition(": ") for line in lines):
        if limit := WORDS_BY_KIND["limit"].get(name):
            reasons.append(translate(limit))
        elif name == NO_SECRET:
            reasons.append(sentence)
    if reasons:
        return translate("The data were refused: {reasons}.", reasons="; ".join(reasons))
    rest = len(lines) - 1
    rest_text = translate.plural("{count} more", "{count} more", rest).format(count=rest) if rest > 0 else ""
    return f"{lines[0]} ({rest_text})" if rest_text else "".join(lines)
