"""Write the news of a run's folder as an Atom feed: each edition, and each sector that moved, with the reason.

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
"""The file name of the feed in a run's folder."""
ATOM_NAMESPACE_BY_PREFIX = {"": "http://www.w3.org/2005/Atom"}
"""The namespace of the elements of a feed, as ``ElementTree`` takes it."""
MAX_FEED_ENTRIES = 200
"""The most entries of a feed; older ones are left out."""


class Entry(NamedTuple):
    """One piece of news in the feed: its lines of ``text``, and the page of the folder that it links to."""

    id: str
    updated: str
    title: str
    page: str
    text: str


def read_feed(folder: Path) -> list[Entry]:
    """Read the entries of a run's feed, the newest first; empty where the folder has no feed."""
    entries: list[Entry] = []
    if not (folder / FEED_FILE).is_file():
        return entries
    for entry in parse(folder / FEED_FILE).iterfind("entry", ATOM_NAMESPACE_BY_PREFIX):
        text_by_field = {
            name: entry.findtext(name, "", ATOM_NAMESPACE_BY_PREFIX) for name in ("id", "updated", "title")
        }
        page = next(entry.iterfind("link", ATOM_NAMESPACE_BY_PREFIX)).get("href", "")
        entries.append(Entry(**text_by_field, page=page, text=entry.findtext("content", "", ATOM_NAMESPACE_BY_PREFIX)))
    return entries


def read_latest_news(folder: Path) -> list[Entry]:
    """Read the entries that the run in a folder added to its feed, without the entry of the edition itself.

    They are those with the time when the run ended; empty where it added none.
    """
    manifest = Manifest.read(folder / MANIFEST) or Manifest()
    languages = manifest.params.get("languages") or [SOURCE_LANGUAGE]
    edition = Translator(languages[0])("Edition {edition}", edition=manifest.edition)
    added = [entry for entry in read_feed(folder) if entry.updated == manifest.ended]
    return [entry for entry in added if entry.title != edition]


def write_feed(run: EndedRun) -> Iterator[str]:
    """Write ``feed.xml`` into a run's folder: its news, then those of the feed that it replaces, if that is intact.

    News are the edition, sheets that are no longer made, and each sector of which a sheet changed. An entry that the
    feed had before is not repeated; the oldest beyond ``MAX_FEED_ENTRIES`` are left out. The step yields nothing.
    """
    params, manifest, results = run.params, run.manifest, run.results
    published = Publication(run.before)
    if published.is_intact([FEED_FILE]):
        published.link_files([FEED_FILE], run.folder)  # earlier news stay, whatever happens
    translate, publisher = Translator(params.languages[0]), params.publisher or pack.about().publisher
    mark = translate(INTERNAL_MARK) if params.audience == "internal" else ""
    title = " · ".join(filter(None, (mark, translate(params.title_in(translate.language)))))
    author = publisher.name if publisher else manifest.code.name

    def make_id(*names: str) -> str:
        """Return an id that is the same in every edition for the same names."""
        return uuid5(NAMESPACE_OID, "/".join((author, params.run, *names))).urn

    good_results = [result for result in results if result.status in ("ok", "unchanged")]
    sheet_count_text = count_in_words(translate, results)
    period = next((sheet.period_printed for result in good_results if (sheet := result.figures)), str(manifest.period))
    is_invented = any(result.figures and result.figures.illustrative for result in good_results)
    invented = f"{translate('Illustrative data')}.\n" if is_invented else ""
    moved = _describe_changes_by_sector(good_results, published, translate)
    edition, ended = translate("Edition {edition}", edition=manifest.edition), manifest.ended or ""
    edition_text = f"{invented}{period}: {sheet_count_text}."
    news = [Entry(make_id(manifest.edition), ended, edition, INDEX_PAGE_FILE, edition_text)]
    if gone := _name_gone_sheets(results, published, translate):
        gone_id = make_id(manifest.edition, "gone", ended)
        news.append(
            Entry(gone_id, ended, translate("{edition}: sheets no longer made", edition=edition), INDEX_PAGE_FILE, gone)
        )
    for sector, pieces in moved.items():
        pages, lines = zip(*pieces.values(), strict=True)
        gone_id = make_id(manifest.edition, sector, ended)
        entry_title = f"{label(sector, translate.language)}: {edition}"
        entry_text = invented + "\n".join(lines)
        news.append(Entry(gone_id, ended, entry_title, pages[0], entry_text))
    earlier = read_feed(published.folder) if published.is_intact([FEED_FILE]) else []
    earlier_entry_ids = {entry.id for entry in earlier}
    entries = [*(entry for entry in news if entry.id not in earlier_entry_ids), *earlier][:MAX_FEED_ENTRIES]
    feed_metadata = {"language": translate.language, "id": make_id(), "title": title, "author": author}
    write_whole(run.folder / FEED_FILE, theme.render("feed.xml.j2", **feed_metadata, entries=entries))
    yield from ()


def _describe_changes_by_sector(
    good_results: Sequence[ReportResult], published: Publication, translate: Translator
) -> dict[str, dict[str, tuple[str, str]]]:
    """Return page name and line of change of each sheet that changed, by sector, then by report without language.

    Of the languages of a report, the first one stands for all.
    """
    moved: dict[str, dict[str, tuple[str, str]]] = {}
    for result in good_results:
        at, sheet = result.params, result.figures
        previous_sheet = published.read_sheet(at.stem)
        if sheet and previous_sheet and sheet.revision and sheet.revision != previous_sheet.revision:
            name = sheet_name(at.sector, at.place, translate.language, at.organisation)
            if line := _describe_changes(sheet, Translator(at.language)):
                moved.setdefault(at.sector, {}).setdefault(at.report, (result.outputs[0], f"{name}: {line}"))
    return moved


def _describe_changes(sheet: SheetRecord, translate: Translator) -> str:
    """Return in a line what a sheet prints otherwise than the one before, and what moved the numbers; may be empty."""
    revision, end = Revision.model_validate(sheet.revision), sheet.period.end
    now = {name: sheet.printed.get(name, "") for name in revision.figures}
    is_news = {name: text not in (numbers.NO_NUMBER_TEXT, revision.figures[name].before) for name, text in now.items()}
    lines = [format_movement(name, now[name], revision, end, translate) for name in now if is_news[name]]
    lines += [format_changed_tables(revision, translate)] if revision.tables else []
    return "; ".join([*lines, *format_changed_reports(revision.reports, translate, limit=MAX_REPORT_LINES)])


def _name_gone_sheets(results: Sequence[ReportResult], published: Publication, translate: Translator) -> str:
    """Name in a sentence the sheets of the publication whose report now has no result or no sheet; empty without any.

    One that failed or is being corrected is not gone.
    """
    current_report_ids = {result.params.report for result in results if result.status not in NO_SHEET_OUTCOMES}
    gone = sorted(
        {
            report_record.id.rpartition(".")[0]
            for report_record in published.manifest.reports
            if report_record.status in ("ok", "unchanged")
        }
        - current_report_ids
    )
    organisations = published.manifest.params.get("organisations", ())
    names = []
    for report in gone:
        sector, place, organisation = parse_report_id(report, organisations)
        names.append(sheet_name(sector, place, translate.language, organisation))
    return translate("No longer made: {sheets}.", sheets=numbers.join_names(names, translate.language)) if names else ""
