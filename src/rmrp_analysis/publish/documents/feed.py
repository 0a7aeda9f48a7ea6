"""The news of a run's folder as an Atom feed: each edition, each sector that moved with the reason.

https://www.rfc-editor.org/rfc/rfc4287
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import NAMESPACE_OID, uuid5

from defusedxml.ElementTree import parse

from rmrp_analysis import numbers, theme
from rmrp_analysis.figures import FIGURES
from rmrp_analysis.method import Revision
from rmrp_analysis.packs import pack
from rmrp_analysis.page.cards import revision_note
from rmrp_analysis.params import RunParams
from rmrp_analysis.publish.records.manifest import Manifest, StatedSheet
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.publish.records.results import ReportResult, counted
from rmrp_analysis.vocabulary.labels import label, sheet_name
from rmrp_analysis.words import INTERNAL_MARK, Words

FEED = "feed.xml"
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
    """Read the entries of a run's feed, the newest first."""
    entries = []
    for entry in parse(folder / FEED).iterfind("entry", ATOM):
        stated = {name: entry.findtext(name, "", ATOM) for name in ("id", "updated", "title")}
        page = next(entry.iterfind("link", ATOM)).get("href", "")
        entries.append(Entry(**stated, page=page, text=entry.findtext("content", "", ATOM)))
    return entries


def feed(params: RunParams, manifest: Manifest, results: Sequence[ReportResult], published: Publication) -> str:
    """Write the feed of a run that has ended: its news before those of the publication that it takes the place of."""
    words, publisher = Words(params.languages[0]), params.publisher or pack.about().publisher
    mark = words(INTERNAL_MARK) if params.audience == "internal" else ""
    title = " · ".join(filter(None, (mark, words(params.title))))
    author = publisher.name if publisher else manifest.code.name

    def identity(*names: str) -> str:
        return uuid5(NAMESPACE_OID, "/".join((author, params.run, *names))).urn

    made = [result for result in results if result.status in ("ok", "unchanged")]
    sheets = counted(words, len(made), sum(result.status == "failed" for result in results))
    period = next((sheet.period_printed for result in made if (sheet := result.figures)), str(manifest.period))
    is_invented = any(each.figures and each.figures.illustrative for each in made)
    invented = f"{words('Illustrative data')}.\n" if is_invented else ""
    moved: dict[str, dict[str, tuple[str, str]]] = {}
    for result in made:
        at, sheet, before = result.params, result.figures, published.sheet(result.params.stem)
        if sheet and before and sheet.revision and sheet.revision != before.revision:
            name = sheet_name(at.sector, at.place, words.language, at.organisation)
            line = f"{name}: {_moved(sheet, Words(at.language))}"
            moved.setdefault(at.sector, {}).setdefault(at.report, (result.outputs[0], line))
    edition, ended = words("Edition {edition}", edition=manifest.edition), manifest.ended or ""
    news = [Entry(identity(manifest.edition), ended, edition, "index.html", f"{invented}{period}: {sheets}.")]
    for sector, pieces in moved.items():
        pages, lines = zip(*pieces.values(), strict=True)
        name, text = label(sector, words.language), invented + "\n".join(lines)
        news.append(Entry(identity(manifest.edition, sector), ended, f"{name}: {edition}", pages[0], text))
    earlier = read_feed(published.folder) if published.is_intact([FEED]) else []
    known = {entry.id for entry in earlier}
    entries = [*(entry for entry in news if entry.id not in known), *earlier][:LONGEST_FEED]
    names = {"language": words.language, "id": identity(), "title": title, "author": author}
    return theme.render("feed.xml.j2", **names, entries=entries)


def _moved(sheet: StatedSheet, words: Words) -> str:
    """What a sheet prints otherwise than the one before it."""
    revision = Revision.model_validate(sheet.revision)
    if not revision.until:
        return revision_note(revision, words, lambda name: sheet.printed.get(name, ""))
    month = numbers.month_name(revision.until, words.language)
    moved = []
    for name, text in revision.before.items():
        figure, before = words(FIGURES[name].label), words("{before} up to {month}", before=text, month=month)
        moved.append(f"{figure} {sheet.printed.get(name, '')} ({before})")
    return "; ".join(moved)
