"""Writes the news of a run's folder as an Atom feed: each edition, and each sector that moved, with the reason.

https://www.rfc-editor.org/rfc/rfc4287
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import NAMESPACE_OID, uuid5

from defusedxml.ElementTree import parse

from rmrp_analysis import numbers, theme
from rmrp_analysis.files import write_whole
from rmrp_analysis.method import Revision
from rmrp_analysis.packs import pack
from rmrp_analysis.page.change import MAX_REPORT_LINES, format_changed_reports, format_changed_tables, format_movement
from rmrp_analysis.params import INDEX_PAGE_FILE
from rmrp_analysis.publish.after import FILE_BY_STEP, EndedRun
from rmrp_analysis.publish.comparison.published import parse_report_id
from rmrp_analysis.publish.records.manifest import MANIFEST, NO_SHEET_OUTCOMES, Manifest, SheetRecord
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.publish.records.results import ReportResult, count_in_words
from rmrp_analysis.vocabulary.labels import label, sheet_name
from rmrp_analysis.words import INTERNAL_MARK, SOURCE_LANGUAGE, Translator

FEED_FILE = FILE_BY_STEP["feed"]
ATOM_NAMESPACE_BY_PREFIX = {"": "http://www.w3.org/2005/Atom"}
"""The namespace of the elements of a feed, as ``ElementTree`` takes it."""
MAX_FEED_ENTRIES = 200
"""The most entries of a feed. Older entries are left out."""


class Entry(NamedTuple):
    """One entry of the feed: its lines of ``text``, and the page of the folder that it links to."""

    id: str
    updated: str
    title: str
    page: str
    text: str


def read_feed(folder: Path) -> list[Entry]:
    """Return the entries of a run's feed, the newest first, or an empty list without a feed."""
    entries: list[Entry] = []
    if not (folder / FEED_FILE).is_file():
        return entries
    for entry in parse(folder / FEED_FILE).iterfind("entry", ATOM_NAMESPACE_BY_PREFIX):
        texts = {name: entry.findtext(name, "", ATOM_NAMESPACE_BY_PREFIX) for name in ("id", "updated", "title")}
        page = next(entry.iterfind("link", ATOM_NAMESPACE_BY_PREFIX)).get("href", "")
        entries.append(Entry(**texts, page=page, text=entry.findtext("content", "", ATOM_NAMESPACE_BY_PREFIX)))
    return entries


def read_latest_news(folder: Path) -> list[Entry]:
    """Read the entries with the time when the run in a folder ended, except the entry of the edition itself."""
    manifest = Manifest.read(folder / MANIFEST) or Manifest()
    languages = manifest.params.get("languages") or [SOURCE_LANGUAGE]
    edition = Translator(languages[0])("Edition {edition}", edition=manifest.edition)
    added = [entry for entry in read_feed(folder) if entry.updated == manifest.ended]
    return [entry for entry in added if entry.title != edition]


def write_feed(run: EndedRun) -> Iterator[str]:
    """Write ``feed.xml`` into a run's folder, as a step after a run that yields nothing.

    It has the news, then the entries of the replaced feed, if that is intact. News are the edition, sheets that are no
    longer made, and each sector with a changed sheet. No entry is repeated. The oldest entries beyond
    ``MAX_FEED_ENTRIES`` are left out.
    """
    params, manifest = run.params, run.manifest
    published = Publication(run.before)
    if published.is_intact([FEED_FILE]):
        published.link_files([FEED_FILE], run.folder)  # earlier news stay, whatever happens
    translate = Translator(params.languages[0])
    publisher = params.publisher or pack.about().publisher
    mark = translate(INTERNAL_MARK) if params.audience == "internal" else ""
    title = " · ".join(filter(None, (mark, translate(params.title_in(translate.language)))))
    author = publisher.name if publisher else manifest.code.name

    def make_id(*names: str) -> str:
        """Make an id that is the same in every edition for the same names."""
        return uuid5(NAMESPACE_OID, "/".join((author, params.run, *names))).urn

    good = [result for result in run.results if result.status in ("ok", "unchanged")]
    period = next((sheet.period_printed for result in good if (sheet := result.figures)), str(manifest.period))
    is_invented = any(result.figures and result.figures.illustrative for result in good)
    invented = f"{translate('Illustrative data')}.\n" if is_invented else ""
    edition = translate("Edition {edition}", edition=manifest.edition)
    ended = manifest.ended or ""
    text = f"{invented}{period}: {count_in_words(translate, run.results)}."
    news = [Entry(make_id(manifest.edition), ended, edition, INDEX_PAGE_FILE, text)]
    if text := _name_gone_sheets(run.results, published, translate):
        heading = translate("{edition}: sheets no longer made", edition=edition)
        news.append(Entry(make_id(manifest.edition, "gone", ended), ended, heading, INDEX_PAGE_FILE, text))
    for sector, changes in _describe_changes_by_sector(good, published, translate).items():
        pages, lines = zip(*changes.values(), strict=True)
        heading, text = f"{label(sector, translate.language)}: {edition}", invented + "\n".join(lines)
        news.append(Entry(make_id(manifest.edition, sector, ended), ended, heading, pages[0], text))
    earlier = read_feed(published.folder) if published.is_intact([FEED_FILE]) else []
    ids = {entry.id for entry in earlier}
    entries = [*(entry for entry in news if entry.id not in ids), *earlier][:MAX_FEED_ENTRIES]
    facts = {"language": translate.language, "id": make_id(), "title": title, "author": author}
    write_whole(run.folder / FEED_FILE, theme.render("feed.xml.j2", **facts, entries=entries))
    yield from ()


def _describe_changes_by_sector(
    good_results: Sequence[ReportResult], published: Publication, translate: Translator
) -> dict[str, dict[str, tuple[str, str]]]:
    """Return page and news of each report that changed, in its first language, by sector and report."""
    changes: dict[str, dict[str, tuple[str, str]]] = {}
    for result in good_results:
        report, sheet = result.params, result.figures
        previous = published.read_sheet(report.stem)
        if sheet and previous and sheet.revision and sheet.revision != previous.revision:
            name = sheet_name(report.sector, report.place, translate.language, report.organisation)
            if line := _describe_changes(sheet, Translator(report.language)):
                changes.setdefault(report.sector, {}).setdefault(report.report, (result.outputs[0], f"{name}: {line}"))
    return changes


def _describe_changes(sheet: SheetRecord, translate: Translator) -> str:
    """Return one line on the changed content of a sheet and the causes, or an empty text."""
    revision, end = Revision.model_validate(sheet.revision), sheet.period.end
    now = {name: sheet.printed.get(name, "") for name in revision.figures}
    is_news = {name: text not in (numbers.NO_NUMBER_TEXT, revision.figures[name].before) for name, text in now.items()}
    lines = [format_movement(name, now[name], revision, end, translate) for name in now if is_news[name]]
    lines += [format_changed_tables(revision, translate)] if revision.tables else []
    return "; ".join([*lines, *format_changed_reports(revision.reports, translate, limit=MAX_REPORT_LINES)])


def _name_gone_sheets(results: Sequence[ReportResult], published: Publication, translate: Translator) -> str:
    """Return a sentence with the published sheets that are no longer made, or an empty text."""
    current = {result.params.report for result in results if result.status not in NO_SHEET_OUTCOMES}
    reports = [record for record in published.manifest.reports if record.status in ("ok", "unchanged")]
    organisations = published.manifest.params.get("organisations", ())
    names = []
    for report in sorted({record.id.rpartition(".")[0] for record in reports} - current):
        sector, place, organisation = parse_report_id(report, organisations)
        names.append(sheet_name(sector, place, translate.language, organisation))
    return translate("No longer made: {sheets}.", sheets=numbers.join_names(names, translate.language)) if names else ""
