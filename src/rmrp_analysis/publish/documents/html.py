"""Renders the outputs of a notebook as one self-contained HTML page.

The exporters of nbconvert (see ``exporters``) call the same function as a run.
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
    """Render a document as one HTML file that loads nothing from elsewhere, and can be read without its script.

    A run also gives ``bar``, the links to its folder (see ``navigation``), and ``data_set``, the description for search
    engines.
    """
    blocks = [block for sheet in document.sheets for block in sheet]
    pages = {link["href"] for menu in (bar or {}).get("menus", []) for link in menu["links"]}
    anchor = make_anchor_namer()
    language = document.masthead["lang"]
    contents = [theme.block_html(block["kind"], block["view"], block["name"], anchor) for block in blocks]
    return theme.render(
        "page.html.j2",
        title=document.masthead["document"],
        on_paper=make_margin_texts(document.masthead, blocks),
        description=prose.headline_in(block["view"] for block in blocks),
        css=theme.style_sheet(),
        script=theme.script(),
        policy=theme.content_policy(),
        translate=Translator(language),
        bar=bar,
        data_set=data_set,
        blocks=[link_other_sheets(content, language, pages) for content in contents],
        generator=f"rmrp-analysis {rmrp_analysis.__version__}",
    )


def make_margin_texts(masthead: Mapping[str, Any], blocks: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Make the texts in the margins of a printed page, by their position in CSS.

    The PDF has the same texts. The top has the name of the sheet, its period and scope. The bottom has the document
    with its edition, and the page number.
    """
    edition = next((block["view"].get("edition", "") for block in blocks if block["kind"] == "account"), "")
    return {
        "top-left": " · ".join(filter(None, (masthead["mark"], masthead["sector"]))),
        "top-right": masthead["beside_name"],
        "bottom-left": " · ".join(filter(None, (masthead["document"], edition))),
        "bottom-right": masthead["page_number"],
    }


def link_other_sheets(html: str, language: str, page_names: Collection[str]) -> str:
    """Replace addresses of other sheets (``prose.SHEET_ADDRESS_START``) by links to their pages in this language.

    If ``page_names`` has no such page, the text stays without a link.
    """

    def link(match: re.Match[str]) -> str:
        pattern = re.compile(rf"{match[1]}\.{language}(\.internal)?\.html")
        page = next(filter(pattern.fullmatch, page_names), "")
        return f'<a href="{page}">{match[2]}</a>' if page else match[2]

    return re.sub(rf'<a href="{prose.SHEET_ADDRESS_START}([\w.-]+)">(.*?)</a>', link, html)


def make_anchor_namer() -> Callable[[str], str]:
    """Return a function that names the anchors of one page: the slug of a name, with a number if it is used already."""
    counts = Counter(["content"])  # the id of the page itself

    def next_anchor(name: str) -> str:
        anchor = slug(name)
        counts[anchor] += 1
        number = counts[anchor]
        return f"{anchor}-{number}" if anchor and number > 1 else anchor

    return next_anchor
