"""The news of a run's folder as an Atom feed: each edition, each sector that moved with the reason.

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
from rmrp_analysis.page.change import MAX_REPORTS, movement_line, report_lines, tables_line
from rmrp_analysis.publish.after import STEP_FILES, EndedRun
from rmrp_analysis.publish.comparison.published import selected
from rmrp_analysis.publish.records.manifest import MANIFEST, WITHOUT_SHEET, Manifest, StatedSheet
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.publish.records.results import ReportResult, counted
from rmrp_analysis.vocabulary.labels import label, sheet_name
from rmrp_analysis.words import INTERNAL_MARK, SOURCE_LANGUAGE, Translator

FEED = STEP_FILES["feed"]
ATOM = {"": "http://www.w3.org/2005/Atom"}
LONGEST_FEED = 200
"""Entries of a feed; older ones are left out."""


class Entry(NamedTuple):
    """One piece of news: lines of ``text``, and the page of the folder that it leads to."""

    id: str
    updated: str
    title: str
    page: str
    text: str


def read_feed(folder: Path) -> list[Entry]:
    """Read the entries of a run's feed, the newest first; none where it has no feed."""
    entries: list[Entry] = []
    if not (folder / FEED).is_file():
        return entries
    for entry in parse(folder / FEED).iterfind("entry", ATOM):
        stated = {name: entry.findtext(name, "", ATOM) for name in ("id", "updated", "title")}
        page = next(entry.iterfind("link", ATOM)).get("href", "")
        entries.append(Entry(**stated, page=page, text=entry.findtext("content", "", ATOM)))
    return entries


def latest_news(folder: Path) -> list[Entry]:
    """Read the entries that the run in a folder has added to its feed, but for that of the edition itself.

    An edition that was published before, and is again, has no second entry.
    """
    manifest = Manifest.read(folder / MANIFEST) or Manifest()
    languages = manifest.params.get("languages") or [SOURCE_LANGUAGE]
    edition = Translator(languages[0])("Edition {edition}", edition=manifest.edition)
    added = [entry for entry in read_feed(folder) if entry.updated == manifest.ended]
    return [entry for entry in added if entry.title != edition]


def write_feed(run: EndedRun) -> Iterator[str]:
    """Write ``feed.xml`` into a run's folder: its news before those of the publication that it takes the place of.

    As a step after a run; yields nothing.
    """
    params, manifest, results, published = run.params, run.manifest, run.results, Publication(run.before)
    if published.is_intact([FEED]):
        published.give([FEED], run.folder)  # what was told before stays, whatever happens
    translate, publisher = Translator(params.languages[0]), params.publisher or pack.about().publisher
    mark = translate(INTERNAL_MARK) if params.audience == "internal" else ""
    title = " · ".join(filter(None, (mark, translate(params.title_in(translate.language)))))
    author = publisher.name if publisher else manifest.code.name

    def identity(*names: str) -> str:
        return uuid5(NAMESPACE_OID, "/".join((author, params.run, *names))).urn

    made = [result for result in results if result.status in ("ok", "unchanged")]
    sheets = counted(translate, len(made), results)
    period = next((sheet.period_printed for result in made if (sheet := result.figures)), str(manifest.period))
    is_invented = any(each.figures and each.figures.illustrative for each in made)
    invented = f"{translate('Illustrative data')}.\n" if is_invented else ""
    moved: dict[str, dict[str, tuple[str, str]]] = {}
    for result in made:
        at, sheet, before = result.params, result.figures, published.sheet(result.params.stem)
        if sheet and before and sheet.revision and sheet.revision != before.revision:
            name = sheet_name(at.sector, at.place, translate.language, at.organisation)
            if line := _moved(sheet, Translator(at.language)):
                moved.setdefault(at.sector, {}).setdefault(at.report, (result.outputs[0], f"{name}: {line}"))
    edition, ended = translate("Edition {edition}", edition=manifest.edition), manifest.ended or ""
    news = [Entry(identity(manifest.edition), ended, edition, "index.html", f"{invented}{period}: {sheets}.")]
    if gone := _gone(results, published, translate):
        gone_id = identity(manifest.edition, "gone", ended)
        news.append(Entry(gone_id, ended, f"{translate('No longer made')}: {edition}", "index.html", gone))
    for sector, pieces in moved.items():
        pages, lines = zip(*pieces.values(), strict=True)
        name, text = label(sector, translate.language), invented + "\n".join(lines)
        news.append(Entry(identity(manifest.edition, sector, ended), ended, f"{name}: {edition}", pages[0], text))
    earlier = read_feed(published.folder) if published.is_intact([FEED]) else []
    known = {entry.id for entry in earlier}
    entries = [*(entry for entry in news if entry.id not in known), *earlier][:LONGEST_FEED]
    names = {"language": translate.language, "id": identity(), "title": title, "author": author}
    write_whole(run.folder / FEED, theme.render("feed.xml.j2", **names, entries=entries))
    yield from ()


def _moved(sheet: StatedSheet, translate: Translator) -> str:
    """What a sheet prints otherwise than the one before it, and what moved it."""
    revision, end = Revision.model_validate(sheet.revision), sheet.period.end
    now = {name: sheet.printed.get(name, "") for name in revision.figures}
    is_news = {name: text not in (numbers.NOTHING, revision.figures[name].before) for name, text in now.items()}
    lines = [movement_line(name, now[name], revision, end, translate) for name in now if is_news[name]]
    lines += [tables_line(revision, translate)] if revision.tables else []
    return "; ".join([*lines, *report_lines(revision.reports, translate, limit=MAX_REPORTS)])


def _gone(results: Sequence[ReportResult], published: Publication, translate: Translator) -> str:
    """The sheets that were published and are not made any more, by name."""
    made = {result.params.report for result in results if result.status not in WITHOUT_SHEET}
    gone = sorted(
        {each.id.rpartition(".")[0] for each in published.manifest.reports if each.status in ("ok", "unchanged")} - made
    )
    organisations = published.manifest.params.get("organisations", ())
    names = []
    for report in gone:
        sector, place, organisation = selected(report, organisations)
        names.append(sheet_name(sector, place, translate.language, organisation))
    return translate("No longer made: {sheets}.", sheets=numbers.listed(names, translate.language)) if names else ""
