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
    feed_entries: list[Entry] = []
    if not (folder / FEED_FILE).is_file():
        return feed_entries
    for entry_element in parse(folder / FEED_FILE).iterfind("entry", ATOM_NAMESPACE_BY_PREFIX):
        text_by_field = {
            field_name: entry_element.findtext(field_name, "", ATOM_NAMESPACE_BY_PREFIX)
            for field_name in ("id", "updated", "title")
        }
        page_address = next(entry_element.iterfind("link", ATOM_NAMESPACE_BY_PREFIX)).get("href", "")
        feed_entries.append(
            Entry(
                **text_by_field, page=page_address, text=entry_element.findtext("content", "", ATOM_NAMESPACE_BY_PREFIX)
            )
        )
    return feed_entries


def read_latest_news(folder: Path) -> list[Entry]:
    """Read the entries that the run in a folder added to its feed, without the entry of the edition itself.

    They are those with the time when the run ended; empty where it added none.
    """
    manifest = Manifest.read(folder / MANIFEST) or Manifest()
    run_languages = manifest.params.get("languages") or [SOURCE_LANGUAGE]
    edition_title = Translator(run_languages[0])("Edition {edition}", edition=manifest.edition)
    added_entries = [feed_entry for feed_entry in read_feed(folder) if feed_entry.updated == manifest.ended]
    return [feed_entry for feed_entry in added_entries if feed_entry.title != edition_title]


def write_feed(run: EndedRun) -> Iterator[str]:
    """Write ``feed.xml`` into a run's folder: its news, then those of the feed that it replaces, if that is intact.

    News are the edition, sheets that are no longer made, and each sector of which a sheet changed. An entry that the
    feed had before is not repeated; the oldest beyond ``MAX_FEED_ENTRIES`` are left out. The step yields nothing.
    """
    run_params, manifest, report_results = run.params, run.manifest, run.results
    previous_publication = Publication(run.before)
    if previous_publication.is_intact([FEED_FILE]):
        previous_publication.link_files([FEED_FILE], run.folder)  # earlier news stay, whatever happens
    translate, publisher = Translator(run_params.languages[0]), run_params.publisher or pack.about().publisher
    internal_mark = translate(INTERNAL_MARK) if run_params.audience == "internal" else ""
    feed_title = " · ".join(filter(None, (internal_mark, translate(run_params.title_in(translate.language)))))
    author_name = publisher.name if publisher else manifest.code.name

    def make_id(*names: str) -> str:
        """Return an id that is the same in every edition for the same names."""
        return uuid5(NAMESPACE_OID, "/".join((author_name, run_params.run, *names))).urn

    good_results = [report_result for report_result in report_results if report_result.status in ("ok", "unchanged")]
    sheet_count_text = count_in_words(translate, report_results)
    period_text = next(
        (new_sheet.period_printed for report_result in good_results if (new_sheet := report_result.figures)),
        str(manifest.period),
    )
    has_invented_figures = any(
        report_result.figures and report_result.figures.illustrative for report_result in good_results
    )
    invented_notice = f"{translate('Illustrative data')}.\n" if has_invented_figures else ""
    page_line_dict_by_sector = _describe_changes_by_sector(good_results, previous_publication, translate)
    edition_title, end_time_text = translate("Edition {edition}", edition=manifest.edition), manifest.ended or ""
    edition_text = f"{invented_notice}{period_text}: {sheet_count_text}."
    news_entries = [Entry(make_id(manifest.edition), end_time_text, edition_title, INDEX_PAGE_FILE, edition_text)]
    if gone_sheets_text := _name_gone_sheets(report_results, previous_publication, translate):
        entry_id = make_id(manifest.edition, "gone", end_time_text)
        news_entries.append(
            Entry(
                entry_id,
                end_time_text,
                translate("{edition}: sheets no longer made", edition=edition_title),
                INDEX_PAGE_FILE,
                gone_sheets_text,
            )
        )
    for sector, page_and_line_by_report in page_line_dict_by_sector.items():
        page_names, change_lines = zip(*page_and_line_by_report.values(), strict=True)
        entry_id = make_id(manifest.edition, sector, end_time_text)
        entry_title = f"{label(sector, translate.language)}: {edition_title}"
        entry_text = invented_notice + "\n".join(change_lines)
        news_entries.append(Entry(entry_id, end_time_text, entry_title, page_names[0], entry_text))
    earlier_entries = read_feed(previous_publication.folder) if previous_publication.is_intact([FEED_FILE]) else []
    earlier_entry_ids = {feed_entry.id for feed_entry in earlier_entries}
    feed_entries = [
        *(feed_entry for feed_entry in news_entries if feed_entry.id not in earlier_entry_ids),
        *earlier_entries,
    ][:MAX_FEED_ENTRIES]
    feed_metadata = {"language": translate.language, "id": make_id(), "title": feed_title, "author": author_name}
    write_whole(run.folder / FEED_FILE, theme.render("feed.xml.j2", **feed_metadata, entries=feed_entries))
    yield from ()


def _describe_changes_by_sector(
    good_results: Sequence[ReportResult], published: Publication, translate: Translator
) -> dict[str, dict[str, tuple[str, str]]]:
    """Return page name and line of change of each sheet that changed, by sector, then by report without language.

    Of the languages of a report, the first one stands for all.
    """
    page_line_dict_by_sector: dict[str, dict[str, tuple[str, str]]] = {}
    for report_result in good_results:
        report_params, new_sheet = report_result.params, report_result.figures
        previous_sheet = published.read_sheet(report_params.stem)
        if new_sheet and previous_sheet and new_sheet.revision and new_sheet.revision != previous_sheet.revision:
            sheet_title = sheet_name(
                report_params.sector, report_params.place, translate.language, report_params.organisation
            )
            if change_line := _describe_changes(new_sheet, Translator(report_params.language)):
                page_line_dict_by_sector.setdefault(report_params.sector, {}).setdefault(
                    report_params.report, (report_result.outputs[0], f"{sheet_title}: {change_line}")
                )
    return page_line_dict_by_sector


def _describe_changes(sheet: SheetRecord, translate: Translator) -> str:
    """Return in a line what a sheet prints otherwise than the one before, and what moved the numbers; may be empty."""
    revision, last_month_text = Revision.model_validate(sheet.revision), sheet.period.end
    printed_text_by_figure = {figure_name: sheet.printed.get(figure_name, "") for figure_name in revision.figures}
    is_news_by_figure = {
        figure_name: printed_text not in (numbers.NO_NUMBER_TEXT, revision.figures[figure_name].before)
        for figure_name, printed_text in printed_text_by_figure.items()
    }
    change_lines = [
        format_movement(figure_name, printed_text_by_figure[figure_name], revision, last_month_text, translate)
        for figure_name in printed_text_by_figure
        if is_news_by_figure[figure_name]
    ]
    change_lines += [format_changed_tables(revision, translate)] if revision.tables else []
    return "; ".join([*change_lines, *format_changed_reports(revision.reports, translate, limit=MAX_REPORT_LINES)])


def _name_gone_sheets(results: Sequence[ReportResult], published: Publication, translate: Translator) -> str:
    """Name in a sentence the sheets of the publication whose report now has no result or no sheet; empty without any.

    One that failed or is being corrected is not gone.
    """
    current_report_ids = {
        report_result.params.report for report_result in results if report_result.status not in NO_SHEET_OUTCOMES
    }
    gone_report_ids = sorted(
        {
            report_record.id.rpartition(".")[0]
            for report_record in published.manifest.reports
            if report_record.status in ("ok", "unchanged")
        }
        - current_report_ids
    )
    organisations = published.manifest.params.get("organisations", ())
    sheet_names = []
    for gone_report_id in gone_report_ids:
        sector, place_key, organisation = parse_report_id(gone_report_id, organisations)
        sheet_names.append(sheet_name(sector, place_key, translate.language, organisation))
    return (
        translate("No longer made: {sheets}.", sheets=numbers.join_names(sheet_names, translate.language))
        if sheet_names
        else ""
    )
