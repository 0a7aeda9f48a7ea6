"""Render what a notebook shows as one self-contained HTML page.

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

    ``bar`` holds the links to its folder (see ``navigation``), ``data_set`` the description for search engines; only a
    run has both.
    """
    blocks = [block for sheet in document.sheets for block in sheet]
    near = {link["href"] for menu in (bar or {}).get("menus", []) for link in menu["links"]}
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
                theme.block_html(block["kind"], block["view"], block["name"], anchor), translate.language, near
            )
            for block in blocks
        ],
        generator=f"rmrp-analysis {rmrp_analysis.__version__}",
    )


def make_margin_texts(masthead: Mapping[str, Any], blocks: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Make the texts in the margins of a printed page, by their position as CSS names it; the PDF has the same.

    Above stands what the page is about; below, the document with its edition, and the number of the page.
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

    Where ``page_names`` has no such page, the text stays without a link.
    """

    def link(match: re.Match[str]) -> str:
        """Return the link of an address, or its text alone where the run has no such page."""
        page_address = next(
            (
                page_name
                for page_name in page_names
                if re.fullmatch(rf"{match[1]}\.{language}(\.internal)?\.html", page_name)
            ),
            "",
        )
        return f'<a href="{page_address}">{match[2]}</a>' if page_address else match[2]

    return re.sub(rf'<a href="{prose.SHEET_ADDRESS_START}([\w.-]+)">(.*?)</a>', link, html)


def make_anchor_namer() -> Callable[[str], str]:
    """Return a function that names anchors of one page: the slug of a name, with a number where it was given before."""
    count_by_anchor = Counter(["content"])  # the id of the page itself

    def next_anchor(name: str) -> str:
        """Count the slug of a name; return it, with its count from the second time on; empty for an empty slug."""
        anchor_slug = slug(name)
        count_by_anchor[anchor_slug] += 1
        anchor_count = count_by_anchor[anchor_slug]
        return f"{anchor_slug}-{anchor_count}" if anchor_slug and anchor_count > 1 else anchor_slug

    return next_anchor
