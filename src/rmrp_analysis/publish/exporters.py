"""Two nbconvert exporters: what a notebook shows as one self-contained HTML page, or as an accessible PDF."""

import datetime
from collections.abc import Iterator
from functools import cache
from typing import Any

import typst
from nbconvert.exporters import Exporter
from nbformat import NotebookNode

import rmrp_analysis
from rmrp_analysis import theme
from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.publish.row_headers import with_row_headers

TYPST_MIME = "text/vnd.typst"
HTML_MIME = "text/html"
LAB_ONLY = "lab-only"
"""Cells with this tag are for the notebook itself; what they show is not exported."""

LAYOUTS_KEPT = 11
FIXED_TIME = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""Written into every PDF, so that the same sheet is the same bytes."""


class _SheetExporter(Exporter):
    def _shown(self, notebook: NotebookNode, mime: str) -> list[str]:
        parts = [_joined(output["data"][mime]) for output in _outputs(notebook) if mime in output.get("data", {})]
        if not parts:
            raise ReportFailed(
                "This notebook shows no block of a sheet; run it first, or export it with nbconvert's own formats."
            )
        return parts


class SheetHTMLExporter(_SheetExporter):
    """One HTML file without script or outside address: the page around the blocks a notebook shows."""

    file_extension = ".html"
    output_mimetype = HTML_MIME
    export_from_notebook = "R4V sheet (HTML)"

    def from_notebook_node(  # type: ignore[override]  # nbconvert types all exports as notebooks
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page and nbconvert's resources."""
        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        document = _document(notebook)
        page = theme.render(
            "page.html.j2",
            lang=document.get("lang", "en"),
            title=document.get("title", "R4V key figures"),
            css=theme.style_sheet(with_fonts=True),
            blocks=[theme.within_page(block) for block in self._shown(notebook, HTML_MIME)],
            generator=f"rmrp-analysis {rmrp_analysis.__version__}",
        )
        return page, resources


class SheetPDFExporter(_SheetExporter):
    """A tagged PDF (PDF/UA-1) set by Typst with the package's own fonts; the same notebook gives the same bytes."""

    file_extension = ".pdf"
    output_mimetype = "application/pdf"
    export_from_notebook = "R4V sheet (PDF)"

    def from_notebook_node(  # type: ignore[override]  # nbconvert types all exports as notebooks
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """The PDF and nbconvert's resources. Raises ``ReportFailed`` when Typst refuses what is shown."""
        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        blocks = "".join(f"  {expression},\n" for expression in self._shown(notebook, TYPST_MIME))
        components = theme.TYPST_COMPONENTS.read_text(encoding="utf-8")
        return _typeset(f"{components}\n#sheet((\n{blocks}))\n"), resources


def _typeset(source: str) -> bytes:
    compiler = typst.Compiler(font_paths=_fonts(), root=theme.FOLDER)
    try:
        pdf = compiler.compile(source.encode(), format="pdf", pdf_standards=["ua-1"], timestamp=FIXED_TIME)
    except typst.TypstError as problem:
        raise ReportFailed(f"Typst cannot set this sheet: {problem.diagnostic or problem}") from None
    _forget_layouts(compiler)
    assert isinstance(pdf, bytes)  # noqa: S101 - one document, one file
    return with_row_headers(pdf)


def _forget_layouts(compiler: typst.Compiler) -> None:
    """Typst keeps the layouts of its last ten documents, some 50 MB each; empty ones take their place."""
    for _ in range(LAYOUTS_KEPT):
        compiler.compile(b"", format="pdf")


@cache
def _fonts() -> Any:
    """The package's fonts alone, read once."""
    return typst.Fonts(font_paths=[str(theme.FONTS)], include_system_fonts=False, include_embedded_fonts=False)


def _outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    for cell in notebook.cells:
        if LAB_ONLY not in cell.metadata.get("tags", []):
            yield from cell.get("outputs", [])


def _document(notebook: NotebookNode) -> dict[str, str]:
    """Title and language, from the metadata of the output that carries them."""
    for output in _outputs(notebook):
        if "rmrp" in output.get("metadata", {}):
            return dict(output["metadata"]["rmrp"])
    return {}


def _joined(text: str | list[str]) -> str:
    """A notebook file keeps a text as a list of lines."""
    return text if isinstance(text, str) else "".join(text)
