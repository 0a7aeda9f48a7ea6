"""Two nbconvert exporters: what a notebook shows as one self-contained HTML page, or as an accessible PDF.

They are called ``rmrp_html`` and ``rmrp_pdf``; the command line knows them as ``rmrp-html`` and ``rmrp-pdf``, too.
"""

import copy
import datetime
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import typst
from nbconvert.exporters import Exporter
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from pikepdf import ObjectStreamMode, Pdf

import rmrp_analysis
from rmrp_analysis import pack, theme
from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.publish.outputs import Document, read_document
from rmrp_analysis.publish.row_headers import add_row_headers
from rmrp_analysis.publish.structure import clear_layout
from rmrp_analysis.vocabulary import slug
from rmrp_analysis.words import Words

BAR = "rmrp_bar"
"""In nbconvert's resources: the bar at the top of a page, see ``neighbours``."""
LAYOUTS_KEPT = 11
"""Documents of which Typst keeps the layouts."""
FIXED_TIME = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""Written into every PDF, so that the same sheet is the same bytes."""


class _SheetExporter(Exporter):
    def _document(
        self, nb: NotebookNode, resources: dict[str, Any] | None, **kw: Any
    ) -> tuple[Document, dict[str, Any]]:
        """What the notebook shows, and nbconvert's resources.

        What is left out is logged, and noted in the resources as ``rmrp``. The name of a file that is not for
        publication says so.
        """
        if any(getattr(each, "enabled", True) for each in self._preprocessors):
            nb, resources = super().from_notebook_node(nb, resources, **kw)
        else:  # nbconvert would copy the whole notebook for those that may change it
            resources = self._init_resources(resources)
        file = resources.get("metadata", {})
        document = read_document(
            _without_pieces(nb), file.get("name") or "Notebook", Path(file["path"]) if file.get("path") else None
        )
        for warning in document.warnings:
            self.log.warning(warning)
        resources["rmrp"] = document
        if document.internal and not file.get("name", "").endswith(".internal"):
            resources["output_extension"] = f".internal{self.file_extension}"
        return document, resources


def _without_pieces(notebook: NotebookNode) -> NotebookNode:
    """The notebook with what a cell printed in pieces as one output; the one received stays as it is."""
    cells = list(notebook.cells)
    for place, cell in enumerate(cells):
        if any(output["output_type"] == "stream" for output in cell.get("outputs", ())):
            cells[place], _ = CoalesceStreamsPreprocessor().preprocess_cell(copy.deepcopy(cell), {}, place)
    return NotebookNode({**notebook, "cells": cells})


class SheetHTMLExporter(_SheetExporter):
    """One HTML file without outside address: the page around the blocks a notebook shows, whole without its script.

    What the page leads to in its folder is known to a run alone, which passes it in the resources as ``BAR``.
    """

    file_extension = ".html"
    output_mimetype = "text/html"
    export_from_notebook = f"{pack.about().name} sheet (HTML)"

    def from_notebook_node(  # type: ignore[override]  # nbconvert types all exports as notebooks
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page and nbconvert's resources."""
        document, resources = self._document(nb, resources, **kw)
        blocks = [block for sheet in document.sheets for block in sheet]
        words, anchor = Words(document.masthead["lang"]), anchors()
        page = theme.render(
            "page.html.j2",
            lang=words.language,
            title=theme.document_title(document.masthead),
            mark=document.masthead["mark"],
            description=next((block["view"]["text"] for block in blocks if block["kind"] == "headline"), ""),
            css=theme.style_sheet(),
            script=theme.script(),
            policy=theme.content_policy(),
            menu={
                "label": words("Share or save"),
                "acts": {
                    "link": words("Copy link"),
                    "png": words("Save picture (PNG)"),
                    "svg": words("Save picture (SVG)"),
                    "csv": words("Save table (CSV)"),
                },
                "copied": words("Link copied"),
                "address": words("The link stands in the address bar"),
            },
            bar=resources.get(BAR),
            content=words("To the content"),
            blocks=[theme.block_html(block["kind"], block["view"], block["name"], anchor) for block in blocks],
            generator=f"rmrp-analysis {rmrp_analysis.__version__}",
        )
        return page, resources


def anchors() -> Callable[[str], str]:
    """Names places of one page: the id of a name, with a number where another place has it; none for an empty name."""
    given = Counter(["content"])  # the page itself has this one

    def anchor(name: str) -> str:
        place = slug(name)
        given[place] += 1
        return f"{place}-{given[place]}" if place and given[place] > 1 else place

    return anchor


class SheetPDFExporter(_SheetExporter):
    """A tagged PDF (PDF/UA-1) set by Typst with the package's own fonts; the same notebook gives the same bytes."""

    file_extension = ".pdf"
    output_mimetype = "application/pdf"
    export_from_notebook = f"{pack.about().name} sheet (PDF)"

    def from_notebook_node(  # type: ignore[override]  # nbconvert types all exports as notebooks
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """The PDF and nbconvert's resources. Raises ``ReportFailed`` when Typst refuses what is shown."""
        document, resources = self._document(nb, resources, **kw)
        return _typeset(theme.typst_source(document.sheets)), resources


class _Hyphenated(Exporter):
    """An exporter by a name that the address of a Jupyter server cannot hold, so that its menu does not offer it."""

    def __init__(self, config: Any = None, **keywords: Any) -> None:
        super().__init__(config, **keywords)
        self.enabled = "jupyter_server.serverapp" not in sys.modules


class HyphenHTMLExporter(_Hyphenated, SheetHTMLExporter):
    """``rmrp-html``: as ``rmrp_html``."""


class HyphenPDFExporter(_Hyphenated, SheetPDFExporter):
    """``rmrp-pdf``: as ``rmrp_pdf``."""


_has_layouts = False
"""Whether Typst keeps layouts of a document that this process has set before."""


def _typeset(source: str) -> bytes:
    global _has_layouts
    compiler = typst.Compiler(font_paths=fonts(), root=theme.FOLDER)
    for _ in range(LAYOUTS_KEPT if _has_layouts else 0):  # empty ones take the place of those, some 50 MB each
        compiler.compile(b"", format="pdf")
    _has_layouts = True
    try:
        pdf = compiler.compile(source.encode(), format="pdf", pdf_standards=["ua-1"], timestamp=FIXED_TIME)
    except typst.TypstError as problem:
        raise ReportFailed(f"Typst cannot set this sheet: {problem.diagnostic or problem}") from None
    assert isinstance(pdf, bytes)  # noqa: S101 - one document, one file
    return _readable_aloud(pdf)


def _readable_aloud(pdf: bytes) -> bytes:
    """The PDF with a structure that a voice can follow, packed, which makes the file a third smaller.

    The same bytes give the same bytes.
    """
    with Pdf.open(BytesIO(pdf)) as document:
        add_row_headers(document)
        clear_layout(document)
        packed = BytesIO()
        document.save(packed, deterministic_id=True, object_stream_mode=ObjectStreamMode.generate)
    return packed.getvalue()


@cache
def fonts() -> Any:
    """The package's fonts, and Typst's own for text in columns; read once."""
    return typst.Fonts(font_paths=[str(theme.FONTS)], include_system_fonts=False, include_embedded_fonts=True)
