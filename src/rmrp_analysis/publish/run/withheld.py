"""Makes the page of a sheet that is held or refused: like the others, with all that is sure and without people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nbformat.v4 import new_code_cell, new_notebook, new_output

import rmrp_analysis
from rmrp_analysis import numbers
from rmrp_analysis.errors import ReportFailed, ReportHeld
from rmrp_analysis.page import Page
from rmrp_analysis.page.block import Block, build_notice_block, build_text_block, bundle_views
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.params import ReportParams
from rmrp_analysis.publish.documents.html import render_html_page
from rmrp_analysis.publish.documents.navigation import make_navigation_bar
from rmrp_analysis.publish.documents.outputs import read_document
from rmrp_analysis.publish.documents.pdf import render_pdf
from rmrp_analysis.theme import prose
from rmrp_analysis.words import Translator

SURE_FIGURES = (
    *("reporting_partners", "implementing_partners", "activities"),
    *("funding_usd", "unmet_usd", "donors", "funded_organisations"),
)
"""Figures that do not depend on how many people were reached."""


@dataclass(frozen=True)
class Withheld:
    """Why a sheet is not published, ``since`` which day, and its last good sheet: its files and its ``day``, if any.

    Days are in ISO 8601.
    """

    problem: ReportFailed
    since: str
    last_good: Sequence[str] = ()
    day: str = ""


def make_withheld_sheet(
    params: ReportParams, withheld: Withheld, sheets: Sequence[ReportParams], formats: Sequence[str]
) -> Mapping[str, str | bytes]:
    """Make the page that stands in place of a sheet, and return its contents by suffix (``html``, ``pdf``).

    It has the masthead, the reason, partners, activities, money, what was done, the last good sheet and the sources.
    The process must keep the plan (see ``plan.keep_plan``).
    """
    page = Page(
        rmrp_analysis.load_plan(params.data, repairs=params.repairs).select(**params.selected),
        title=params.title,
        language=params.language,
        audience=params.audience,
        publisher=params.publisher,
        calendar=params.calendar,
    )
    page.opening(notice=False)
    page.blocks.append(build_notice_block(*_explain(withheld, page.next_issue, Translator(params.language))))
    page.cards(*SURE_FIGURES)
    page.bars(page.breakdown("activities_by_indicator"), most=6)
    page.bars(page.table("funding_usd", "donor"), most=4)
    page.blocks.append(_build_last_good(withheld, Translator(params.language)))
    page.account()
    notebook = new_notebook(cells=[new_code_cell(outputs=[new_output("display_data", bundle_views(page.blocks))])])
    document = read_document(notebook)
    contents: dict[str, str | bytes] = {}
    if "html" in formats:
        bar = make_navigation_bar(params, sheets, formats)
        bar["files"] = [file for file in bar["files"] if file["href"].endswith(".pdf")]  # it has no data
        contents["html"] = render_html_page(document, bar)
    if "pdf" in formats:
        contents["pdf"] = render_pdf(document)
    return contents


def _explain(withheld: Withheld, next_issue: str, translate: Translator) -> tuple[str, str]:
    """Write that the sheet is not published; then why, since when, and when the next issue comes, if it is known."""
    problem, day = withheld.problem, numbers.date(withheld.since[:10], translate.language)
    lead = translate("How many people were reached is being corrected.")
    if isinstance(problem, ReportHeld):
        lead = translate("How many people were reached is not published yet.")
    reason = SheetFormatter.complete_sentence(translate(problem.reason, **problem.values))
    issue = translate("Corrected sheet: with the next issue, {day}.", day=next_issue) if next_issue else ""
    since = translate("It has been so since {day}.", day=day)
    return lead, " ".join(filter(None, (reason, since, issue, translate("What is sure is below."))))


def _build_last_good(withheld: Withheld, translate: Translator) -> Block:
    """Build the block with links to the last good sheet, or with the words that there is none."""
    text = translate("There is no earlier sheet of this run.")
    links = []
    if withheld.last_good:
        day = numbers.date(withheld.day, translate.language)
        text = translate("The last sheet that could be made, of {day}", day=day) + ": "
        for name in withheld.last_good:
            label = translate("Page") if name.endswith(".html") else "PDF"
            links += [prose.run(label) | {"href": name}, prose.run(" ")]
    heading = translate("Last good sheet")
    section = {"kind": "section", "heading": heading, "nodes": [prose.paragraph([prose.run(text), *links])], "span": 12}
    return build_text_block([section], "narrative")
