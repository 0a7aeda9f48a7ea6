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
from rmrp_analysis.publish.after import STEP_FILES, EndedRun
from rmrp_analysis.publish.comparison.published import parse_report_id
from rmrp_analysis.publish.records.manifest import MANIFEST, WITHOUT_SHEET, Manifest, SheetRecord
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.publish.records.results import ReportResult, count_in_words
from rmrp_analysis.vocabulary.labels import label, sheet_name
from rmrp_analysis.words import INTERNAL_MARK, SOURCE_LANGUAGE, Translator

FEED = STEP_FILES["feed"]
ATOM = {"": "http://www.w3.org/2005/Atom"}
MAX_ENTRIES = 200
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
    if not (folder / FEED).is_file():
        return entries
    for entry in parse(folder / FEED).iterfind("entry", ATOM):
        texts = {name: entry.findtext(name, "", ATOM) for name in ("id", "updated", "title")}
        address = next(entry.iterfind("link", ATOM)).get("href", "")
        entries.append(Entry(**texts, page=address, text=entry.findtext("content", "", ATOM)))
    return entries


def read_latest_news(folder: Path) -> list[Entry]:
    """Read the entries that the run in a folder added to its feed, without the entry of the edition itself.

    An edition that is published a second time adds no entry.
    """
    manifest = Manifest.read(folder / MANIFEST) or Manifest()
    languages = manifest.params.get("languages") or [SOURCE_LANGUAGE]
    edition = Translator(languages[0])("Edition {edition}", edition=manifest.edition)
    added = [entry for entry in read_feed(folder) if entry.updated == manifest.ended]
    return [entry for entry in added if entry.title != edition]


def write_feed(run: EndedRun) -> Iterator[str]:
    """Write ``feed.xml`` into a run's folder: its news, then those of the publication that it replaces.

    It is a step after a run, and yields nothing.
    """
    params, manifest, results, published = run.params, run.manifest, run.results, Publication(run.before)
    if published.is_intact([FEED]):
        published.link_files([FEED], run.folder)  # earlier news stay, whatever happens
    translate, publisher = Translator(params.languages[0]), params.publisher or pack.about().publisher
    mark = translate(INTERNAL_MARK) if params.audience == "internal" else ""
    title = " · ".join(filter(None, (mark, translate(params.title_in(translate.language)))))
    author = publisher.name if publisher else manifest.code.name

    def make_id(*names: str) -> str:
        return uuid5(NAMESPACE_OID, "/".join((author, params.run, *names))).urn

    good_results = [result for result in results if result.status in ("ok", "unchanged")]
    sheets = count_in_words(translate, len(good_results), results)
    period = next((sheet.period_printed for result in good_results if (sheet := result.figures)), str(manifest.period))
    is_invented = any(result.figures and result.figures.illustrative for result in good_results)
    invented = f"{translate('Illustrative data')}.\n" if is_invented else ""
    changes_by_sector: dict[str, dict[str, tuple[str, str]]] = {}
    for result in good_results:
        report, sheet, previous_sheet = result.params, result.figures, published.read_sheet(result.params.stem)
        if sheet and previous_sheet and sheet.revision and sheet.revision != previous_sheet.revision:
            name = sheet_name(report.sector, report.place, translate.language, report.organisation)
            if line := _describe_changes(sheet, Translator(report.language)):
                changes_by_sector.setdefault(report.sector, {}).setdefault(
                    report.report, (result.outputs[0], f"{name}: {line}")
                )
    edition, ended = translate("Edition {edition}", edition=manifest.edition), manifest.ended or ""
    news = [Entry(make_id(manifest.edition), ended, edition, "index.html", f"{invented}{period}: {sheets}.")]
    if gone_sheets := _name_gone_sheets(results, published, translate):
        entry_id = make_id(manifest.edition, "gone", ended)
        news.append(Entry(entry_id, ended, f"{translate('No longer made')}: {edition}", "index.html", gone_sheets))
    for sector, pieces in changes_by_sector.items():
        pages, lines = zip(*pieces.values(), strict=True)
        name, text = label(sector, translate.language), invented + "\n".join(lines)
        news.append(Entry(make_id(manifest.edition, sector, ended), ended, f"{name}: {edition}", pages[0], text))
    earlier = read_feed(published.folder) if published.is_intact([FEED]) else []
    published_ids = {entry.id for entry in earlier}
    entries = [*(entry for entry in news if entry.id not in published_ids), *earlier][:MAX_ENTRIES]
    names = {"language": translate.language, "id": make_id(), "title": title, "author": author}
    write_whole(run.folder / FEED, theme.render("feed.xml.j2", **names, entries=entries))
    yield from ()


def _describe_changes(sheet: SheetRecord, translate: Translator) -> str:
    """Say in a line what a sheet prints otherwise than the sheet before it, and what moved the numbers."""
    revision, end = Revision.model_validate(sheet.revision), sheet.period.end
    now = {name: sheet.printed.get(name, "") for name in revision.figures}
    is_news = {name: text not in (numbers.NOTHING, revision.figures[name].before) for name, text in now.items()}
    lines = [format_movement(name, now[name], revision, end, translate) for name in now if is_news[name]]
    lines += [format_changed_tables(revision, translate)] if revision.tables else []
    return "; ".join([*lines, *format_changed_reports(revision.reports, translate, limit=MAX_REPORT_LINES)])


def _name_gone_sheets(results: Sequence[ReportResult], published: Publication, translate: Translator) -> str:
    """Name in a sentence the sheets that were published and are not made any more; empty without any."""
    current_reports = {result.params.report for result in results if result.status not in WITHOUT_SHEET}
    gone_reports = sorted(
        {entry.id.rpartition(".")[0] for entry in published.manifest.reports if entry.status in ("ok", "unchanged")}
        - current_reports
    )
    organisations = published.manifest.params.get("organisations", ())
    names = []
    for report in gone_reports:
        sector, place, organisation = parse_report_id(report, organisations)
        names.append(sheet_name(sector, place, translate.language, organisation))
    return translate("No longer made: {sheets}.", sheets=numbers.join_names(names, translate.language)) if names else ""
