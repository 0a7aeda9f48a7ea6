"""The documents that are made of what a notebook shows: one self-contained HTML page, and an accessible PDF.

The exporters of nbconvert (see ``exporters``) and a run make them by the same functions.
"""

import copy
import datetime
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import typst
from nbformat import NotebookNode
from pikepdf import ObjectStreamMode, Pdf

import rmrp_analysis
from rmrp_analysis import theme
from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.publish.outputs import Document, read_document
from rmrp_analysis.publish.row_headers import add_row_headers
from rmrp_analysis.publish.structure import clear_layout
from rmrp_analysis.vocabulary import slug
from rmrp_analysis.words import Words

LAYOUTS_KEPT = 11
"""Documents of which Typst keeps the layouts."""
FIXED_TIME = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""Written into every PDF, so that the same sheet is the same bytes."""


def document_of(notebook: NotebookNode, name: str = "Notebook", folder: Path | None = None) -> Document:
    """All that an executed notebook shows; see ``read_document``. The notebook stays as it is."""
    return read_document(_without_pieces(notebook), name, folder)


def _without_pieces(notebook: NotebookNode) -> NotebookNode:
    """The notebook with what a cell printed in pieces as one output; the one received stays as it is."""
    cells = list(notebook.cells)
    for place, cell in enumerate(cells):
        if any(output["output_type"] == "stream" for output in cell.get("outputs", ())):
            from nbconvert.preprocessors import CoalesceStreamsPreprocessor  # brings much along, and is rarely needed

            cells[place], _ = CoalesceStreamsPreprocessor().preprocess_cell(copy.deepcopy(cell), {}, place)
    return NotebookNode({**notebook, "cells": cells})


def html_page(document: Document, bar: Mapping[str, Any] | None = None) -> str:
    """One HTML file without outside address: the page around the blocks, whole without its script.

    ``bar`` is what it leads to in its folder (see ``neighbours``); that is known to a run alone.
    """
    blocks = [block for sheet in document.sheets for block in sheet]
    words, anchor = Words(document.masthead["lang"]), anchors()
    return theme.render(
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
        bar=bar,
        content=words("To the content"),
        blocks=[theme.block_html(block["kind"], block["view"], block["name"], anchor) for block in blocks],
        generator=f"rmrp-analysis {rmrp_analysis.__version__}",
    )


def anchors() -> Callable[[str], str]:
    """Names places of one page: the id of a name, with a number where another place has it; none for an empty name."""
    given = Counter(["content"])  # the page itself has this one

    def anchor(name: str) -> str:
        place = slug(name)
        given[place] += 1
        return f"{place}-{given[place]}" if place and given[place] > 1 else place

    return anchor


def pdf_file(document: Document) -> bytes:
    """Give a PDF (PDF/UA-1 and PDF/A-2a) with the package's own fonts; the same document is the same bytes.

    Raises ``ReportFailed`` when Typst refuses what is shown.
    """
    return _typeset(theme.typst_source(document.sheets))


_has_layouts = False
"""Whether Typst keeps layouts of a document that this process has set before."""


def _typeset(source: str) -> bytes:
    global _has_layouts
    compiler = typst.Compiler(font_paths=fonts(), root=theme.FOLDER)
    for _ in range(LAYOUTS_KEPT if _has_layouts else 0):  # empty ones take the place of those, some 50 MB each
        compiler.compile(b"", format="pdf")
    _has_layouts = True
    try:
        pdf = compiler.compile(source.encode(), format="pdf", pdf_standards=["ua-1", "a-2a"], timestamp=FIXED_TIME)
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
        document.save(
            packed,
            deterministic_id=True,
            object_stream_mode=ObjectStreamMode.generate,
            fix_metadata_version=False,  # it is as Typst wrote it
        )
    return packed.getvalue()


@cache
def fonts() -> Any:
    """The package's fonts, and Typst's own for text in columns; read once."""
    return typst.Fonts(font_paths=[str(theme.FONTS)], include_system_fonts=False, include_embedded_fonts=True)
