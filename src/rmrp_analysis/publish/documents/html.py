"""One self-contained HTML page of what a notebook shows.

The exporters of nbconvert (see ``exporters``) make it by the same function as a run.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import rmrp_analysis
from rmrp_analysis import theme
from rmrp_analysis.publish.documents.outputs import Document
from rmrp_analysis.theme import prose
from rmrp_analysis.vocabulary import slug
from rmrp_analysis.words import Translator


def render_html_page(
    document: Document, bar: Mapping[str, Any] | None = None, data_set: Mapping[str, Any] | None = None
) -> str:
    """One HTML file without outside address: the page around the blocks, whole without its script.

    ``bar`` is what it leads to in its folder (see ``navigation``), ``data_set`` what search engines find its figures
    by; a run alone knows both.
    """
    blocks = [block for sheet in document.sheets for block in sheet]
    page_names = {link["href"] for menu in (bar or {}).get("menus", []) for link in menu["links"]}
    translate, anchor = Translator(document.masthead["lang"]), make_anchor_namer()
    return theme.render(
        "page.html.j2",
        title=document.masthead["document"],
        on_paper=make_margin_texts(document.masthead, blocks),
        description=prose.headline_in(block["view"] for block in blocks),
        css=theme.style_sheet(),
        script=theme.script(),
        policy=theme.content_policy(),
        translate=translate,
        bar=bar,
        data_set=data_set,
        blocks=[
            link_other_sheets(
                theme.block_html(block["kind"], block["view"], block["name"], anchor), translate.language, page_names
            )
            for block in blocks
        ],
        generator=f"rmrp-analysis {rmrp_analysis.__version__}",
    )


def make_margin_texts(masthead: Mapping[str, Any], blocks: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The texts in the margins of a printed page, by their place as CSS names it, as the PDF has them.

    Above, what the page is about; below, what it is part of, and its number.
    """
    edition = next((block["view"].get("edition", "") for block in blocks if block["kind"] == "account"), "")
    return {
        "top-left": " · ".join(filter(None, (masthead["mark"], masthead["sector"]))),
        "top-right": masthead["beside_name"],
        "bottom-left": " · ".join(filter(None, (masthead["document"], edition))),
        "bottom-right": masthead["page_number"],
    }


def link_other_sheets(html: str, language: str, page_names: Collection[str]) -> str:
    """The HTML with addresses of other sheets (``prose.SHEET``) as links to their pages, as far as these are there."""

    def link(match: re.Match[str]) -> str:
        page = next(
            (name for name in page_names if re.fullmatch(rf"{match[1]}\.{language}(\.internal)?\.html", name)), ""
        )
        return f'<a href="{page}">{match[2]}</a>' if page else match[2]

    return re.sub(rf'<a href="{prose.SHEET}([\w.-]+)">(.*?)</a>', link, html)


def make_anchor_namer() -> Callable[[str], str]:
    """Names places of one page: the id of a name, with a number where another place has it; none for an empty name."""
    anchor_counts = Counter(["content"])  # the page itself has this one

    def anchor(name: str) -> str:
        place = slug(name)
        anchor_counts[place] += 1
        return f"{place}-{anchor_counts[place]}" if place and anchor_counts[place] > 1 else place

    return anchor
