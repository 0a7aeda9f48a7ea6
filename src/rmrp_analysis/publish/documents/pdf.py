"""Renders the outputs of a notebook as an accessible PDF, set by Typst.

The exporters of nbconvert (see ``exporters``) call the same function as a run.
"""

import datetime
from functools import cache
from io import BytesIO
from typing import Any

import typst
from pikepdf import ObjectStreamMode, Pdf

from rmrp_analysis import theme
from rmrp_analysis.arguments import MONTH_OF_UNDATED_FILE, last_day
from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.publish.documents.outputs import Document
from rmrp_analysis.publish.documents.pdf_tags import add_row_headers, clear_layout

TYPST_CACHE_DOCUMENT_COUNT = 11


def render_pdf(document: Document) -> bytes:
    """Render a document as PDF (PDF/UA-1 and PDF/A-2a) with the package's own fonts.

    The same document gives the same bytes: its date is the end of its period, and its author is the publisher. Its
    structure is made for screen readers, and packed, which makes the file a third smaller. Raises ``ReportFailed`` if
    Typst refuses the content.
    """
    compiler = typst.Compiler(font_paths=load_fonts(), root=theme.THEME_FOLDER)
    end = last_day(document.masthead.get("last_month") or MONTH_OF_UNDATED_FILE)
    timestamp = datetime.datetime.combine(end, datetime.time(), datetime.UTC)
    source = theme.typst_source(document.sheets).encode()
    try:
        pdf = compiler.compile(source, format="pdf", pdf_standards=["ua-1", "a-2a"], timestamp=timestamp)
    except typst.TypstError as problem:
        raise ReportFailed(f"Typst cannot set this sheet: {problem.diagnostic or problem}") from None
    for _ in range(TYPST_CACHE_DOCUMENT_COUNT):  # empty documents replace this one, which takes about 50 MB
        compiler.compile(b"", format="pdf")
    assert isinstance(pdf, bytes)  # noqa: S101 - one document, one file
    packed, packing = BytesIO(), ObjectStreamMode.generate
    with Pdf.open(BytesIO(pdf)) as tagged:
        add_row_headers(tagged)
        clear_layout(tagged)
        # The metadata keep the version that Typst wrote
        tagged.save(packed, deterministic_id=True, object_stream_mode=packing, fix_metadata_version=False)
    return packed.getvalue()


@cache
def load_fonts() -> Any:
    """Load the fonts of the package and of Typst, without system fonts, once for the process."""
    return typst.Fonts(font_paths=[str(theme.FONTS_FOLDER)], include_system_fonts=False, include_embedded_fonts=True)
