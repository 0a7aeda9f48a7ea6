"""Make the sheets of the bundled plan for the site, and show on a page what the run made."""

import json
import subprocess
import sys
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from rmrp_analysis.publish.documents.index import OVERALL_FIGURE_LABELS
from rmrp_analysis.vocabulary.labels import label
from rmrp_analysis.words import Translator
from steps import draw_paper

PARAMS = Path(__file__).parents[1] / "params" / "2021-end-of-year.yml"
RUN = f"sheets/{PARAMS.stem}"
LANGUAGES = ("en", "es", "pt")
TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "caption": "The sheets of the bundled plan",
        "sector": "Sector",
        "sheet": "Sheet",
        "share": "Of target",
        "index": "The index of the run, in three languages",
    },
    "es": {
        "caption": "Las fichas del plan incluido",
        "sector": "Sector",
        "sheet": "Ficha",
        "share": "De la meta",
        "index": "El índice de la ejecución, en tres idiomas",
    },
}
"""What the table of sheets says beside the names of figures, which the package has."""
SHARE = "target_coverage"
FIGURES = ("people_in_need", "target", "people_reached", SHARE, "funding_usd")


def make_sheets(app: Sphinx) -> None:
    """Render every sheet of the bundled plan into the site; a sheet that stands there unchanged is not made again."""
    options = ["--language", *LANGUAGES, "--out", str(Path(app.outdir, RUN).parent), "--quiet"]
    command = [sys.executable, "-m", "rmrp_analysis", "run", str(PARAMS), *options]
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if ended.returncode:
        raise ExtensionError(f"The sheets of the front page could not be made:\n{ended.stdout}{ended.stderr}")


class SiteDirective(SphinxDirective):
    """A directive that shows a run of the site."""

    @property
    def run_address(self) -> str:
        """The address of the run's folder from the page."""
        return "../" * self.env.docname.count("/") + RUN


class SheetTable(SiteDirective):
    """``{sheets}``: a row for each sheet of the run in the page's language, with its main numbers, HTML and PDF."""

    def run(self) -> list[nodes.Node]:
        """Return the table as HTML."""
        language = "es" if self.env.docname.startswith("es/") else "en"
        texts, translate = TEXTS[language], Translator(language)
        names = {
            name: translate(OVERALL_FIGURE_LABELS[name]) if name in OVERALL_FIGURE_LABELS else texts["share"]
            for name in FIGURES
        }
        manifest = json.loads(Path(self.env.app.outdir, RUN, "run.json").read_text("utf-8"))
        sheets = [report["id"] for report in manifest["reports"] if report["id"].endswith(f".{language}")]
        rows = [self.row(sheet, language, names, texts) for sheet in sheets]
        head = "".join(
            f'<th scope="col">{escape(text)}</th>' for text in (texts["sector"], *names.values(), texts["sheet"])
        )
        table = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
        html = f'<table class="sheets"><caption>{texts["caption"]}</caption>{table}</table>'
        html += f'<p><a href="{self.run_address}/index.html">{texts["index"]}</a></p>'
        return [nodes.raw("", html, format="html")]

    def row(self, sheet: str, language: str, names: Mapping[str, str], texts: Mapping[str, str]) -> str:
        """Return a row of the table: a sector, its numbers as its sheet prints them, its files."""
        content: Mapping[str, Any] = json.loads(Path(self.env.app.outdir, RUN, f"{sheet}.json").read_text("utf-8"))
        shares = {figure["name"]: figure["value"] for figure in content["figures"]}
        address, sector = f"{self.run_address}/{sheet}", escape(label(content["sector"], language))
        cells = []
        for name, text in names.items():
            share = min(shares.get(SHARE) or 0, 1)
            bar = f'<span class="share" style="--share:{share:.0%}"></span>' if name == SHARE and share else ""
            cells.append(f'<td data-label="{escape(text)}">{content["printed"][name]}{bar}</td>')
        kinds = {"HTML": "html", "PDF": "pdf"}
        links = [f'<a href="{address}.{kind}" aria-label="{sector}, {name}">{name}</a>' for name, kind in kinds.items()]
        title = f'<th scope="row"><a href="{address}.html">{sector}</a></th>'
        return f'<tr>{title}{"".join(cells)}<td data-label="{texts["sheet"]}">{" ".join(links)}</td></tr>'


class SheetPicture(SiteDirective):
    """``{sheet-picture} ID``: a picture of the two pages of a sheet's PDF, which leads to the sheet."""

    required_arguments = 1
    option_spec = {"alt": directives.unchanged_required}  # noqa: RUF012 - as docutils declares it

    def run(self) -> list[nodes.Node]:
        """Draw the picture into the site, and return it as HTML."""
        sheet = self.arguments[0]
        made = Path(self.env.app.outdir, RUN, f"{sheet}.pdf")
        made.parent.with_name(f"{sheet}.png").write_bytes(draw_paper(made, 1, 2))
        address = f"{self.run_address.removesuffix(PARAMS.stem)}{sheet}.png"
        image = f'<img class="dark-light" src="{address}" alt="{escape(self.options["alt"])}">'
        html = f'<a class="sheet-picture" href="{self.run_address}/{sheet}.html">{image}</a>'
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the sheets before Sphinx reads a page."""
    app.connect("builder-inited", make_sheets)
    app.add_directive("sheets", SheetTable)
    app.add_directive("sheet-picture", SheetPicture)
    return {"parallel_read_safe": True}
