"""Exports the outputs of a notebook by nbconvert, as one self-contained HTML page or as an accessible PDF.

The exporters are called ``rmrp_html`` and ``rmrp_pdf``. The command line also knows them as ``rmrp-html`` and
``rmrp-pdf``.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode

from rmrp_analysis.publish.documents.html import render_html_page
from rmrp_analysis.publish.documents.outputs import Document, read_document
from rmrp_analysis.publish.documents.pdf import render_pdf


class _SheetExporter(Exporter):
    """An nbconvert exporter of a notebook's outputs, so that JupyterLab and a run make the same page."""

    render: Callable[[Document], str | bytes]

    def from_notebook_node(  # type: ignore[override]  # nbconvert types all exports as notebooks
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str | bytes, dict[str, Any]]:
        """Return the page or PDF, and nbconvert's resources, which have the ``Document`` as ``rmrp``.

        Logs the outputs that are left out. The name of an internal file has ``.internal`` before its suffix. Raises
        ``ReportFailed`` if a public page shows exact counts of people, or if Typst refuses the content.
        """
        if any(getattr(preprocessor, "enabled", True) for preprocessor in self._preprocessors):
            nb, resources = super().from_notebook_node(nb, resources, **kw)
        else:  # nbconvert would copy the whole notebook for preprocessors that may change it
            resources = self._init_resources(resources)
        file = resources.get("metadata", {})
        document = read_document(nb, file.get("name") or "Notebook", Path(file["path"]) if file.get("path") else None)
        for warning in document.warnings:
            self.log.warning(warning)
        resources["rmrp"] = document
        if document.internal and not file.get("name", "").endswith(".internal"):
            resources["output_extension"] = f".internal{self.file_extension}"
        return self.render(document), resources


class SheetHTMLExporter(_SheetExporter):
    """The notebook as an HTML page (see ``render_html_page``)."""

    file_extension = ".html"
    output_mimetype = "text/html"
    export_from_notebook = "Key figures sheet (HTML)"
    render = staticmethod(render_html_page)


class SheetPDFExporter(_SheetExporter):
    """The notebook as a PDF (see ``render_pdf``)."""

    file_extension = ".pdf"
    output_mimetype = "application/pdf"
    export_from_notebook = "Key figures sheet (PDF)"
    render = staticmethod(render_pdf)


class _Hyphenated(Exporter):
    """An exporter with a hyphen in its name, which the menu of a Jupyter server must not offer.

    No address of the server can hold its name.
    """

    def __init__(self, config: Any = None, **keywords: Any) -> None:
        """Enable the exporter outside a Jupyter server."""
        super().__init__(config, **keywords)
        self.enabled = "jupyter_server.serverapp" not in sys.modules


class HyphenHTMLExporter(_Hyphenated, SheetHTMLExporter):
    """``rmrp-html``: as ``rmrp_html``."""


class HyphenPDFExporter(_Hyphenated, SheetPDFExporter):
    """``rmrp-pdf``: as ``rmrp_pdf``."""
