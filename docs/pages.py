"""Give each page its language, its description, the way to the other language, and tables that a phone can show."""

from html import escape
from textwrap import shorten

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx

MAX_DESCRIPTION_LETTERS = 160
SPANISH = "es"


def name_language(app: Sphinx, pagename: str, _template: str, context: dict, _doctree: object) -> None:
    """Set ``language``, so that a voice reads the page rightly, and ``twin``, the same page in the other language."""
    is_spanish = pagename.startswith(f"{SPANISH}/")
    twin = pagename.removeprefix(f"{SPANISH}/") if is_spanish else f"{SPANISH}/{pagename}"
    context["language"] = SPANISH if is_spanish else "en"
    context["twin"] = twin if twin in app.env.found_docs else ""


def describe_page(_app: Sphinx, _name: str, _template: str, context: dict, doctree: nodes.document | None) -> None:
    """Add the first paragraph outside a table as the description, for search engines and previews of links."""
    paragraphs = doctree.findall(nodes.paragraph) if doctree else ()
    texts = (paragraph.astext() for paragraph in paragraphs if not isinstance(paragraph.parent, nodes.entry))
    if text := next(texts, ""):
        description = shorten(text, MAX_DESCRIPTION_LETTERS, placeholder="…")
        context["metatags"] += f'<meta name="description" content="{escape(description)}">\n'


def label_cells(_app: Sphinx, _name: str, _template: str, context: dict, _doctree: object) -> None:
    """Give each cell with a text the header of its column as ``data-label``, which a narrow screen shows before it."""
    if "<table" in context.get("body", ""):
        body = BeautifulSoup(context["body"], "html.parser")
        for table in body.select("table.table:has(thead)"):
            headers = [header.get_text(" ", strip=True) for header in table.select("thead th")]
            for row in table.select("tbody tr"):
                for header, cell in zip(headers, row.find_all("td", recursive=False), strict=False):
                    if cell.get_text(strip=True):
                        cell["data-label"] = header
        context["body"] = str(body)


def mark_arguments(_app: Sphinx, _name: str, _template: str, context: dict, _doctree: object) -> None:
    """Make spans of the arguments of a long signature: Sphinx writes a list of definitions without a term."""
    if "<dd><em" in context.get("body", ""):
        body = BeautifulSoup(context["body"], "html.parser")
        for arguments in body.select("dt.sig > dl"):
            for argument in arguments.find_all("dd", recursive=False):
                argument.name, argument["class"] = "span", "argument"
            arguments.name = "span"
        context["body"] = str(body)


def setup(app: Sphinx) -> dict[str, bool]:
    """Complete every page of HTML."""
    for complete in (name_language, describe_page, label_cells, mark_arguments):
        app.connect("html-page-context", complete)
    return {"parallel_read_safe": True}
