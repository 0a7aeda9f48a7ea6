"""Settings of the documentation site: ``make docs``."""

import re
import sys
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from rmrp_analysis import __version__, theme

sys.path.append(str(Path(__file__).parent))  # this folder's own extensions

project = "rmrp-analysis"
author = "R4V"
copyright = "2026, the authors of rmrp-analysis; MIT licence"  # noqa: A001 - Sphinx's own name
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "steps"]
step_pages = [["tutorial", "months"], ["es/tutorial", "es/months"]]

myst_heading_anchors = 3
exclude_patterns = ["scheduling/*.ipynb"]  # a recipe, which is downloaded
nb_execution_mode = "force"  # a chart is what the code beside it draws today
nb_execution_raise_on_error = True
autodoc_typehints = "none"  # the signature has them
autodoc_default_options = {"exclude-members": "model_config"}
autodoc_member_order = "bysource"

html_theme = "pydata_sphinx_theme"
html_title = "rmrp-analysis"
html_show_sourcelink = False
html_static_path = ["_static", str(theme.FONTS)]
html_css_files = ["site.css"]
html_context = {"default_mode": "light"}
html_sidebars = {"**": ["globaltoc.html"]}
html_theme_options = {"navbar_center": [], "footer_start": ["copyright"], "footer_end": []}


class InlineDrawings(SphinxPostTransform):
    """Put each drawing of the gallery into its page, where its texts have the page's font, with its words beside it."""

    default_priority = 3  # before one form of each output is chosen

    def run(self, **_: object) -> None:
        bundles = self.document.findall(nodes.container)
        for number, bundle in enumerate([node for node in bundles if node.get("nb_element") == "mime_bundle"]):
            forms = {form["mime_type"]: form for form in bundle.children}
            if drawing := forms.get("image/svg+xml"):
                file = Path(self.env.srcdir, next(drawing.findall(nodes.image))["uri"])
                svg = re.sub(r'(?<=["#])chart-', f"chart-{number}-", file.read_text("utf-8"))  # ids are of a page
                html = f'<div role="img" aria-label="{escape(forms["text/plain"].astext())}">{svg}</div>'
                bundle.replace_self(nodes.raw("", html, format="html"))


def name_language(_app: Sphinx, pagename: str, _template: str, context: dict, _doctree: object) -> None:
    """Say in which language a page is, so that a voice reads it rightly."""
    context["language"] = pagename.split("/")[0] if "/" in pagename else "en"


def setup(app: Sphinx) -> None:
    """Register what is done to pages."""
    app.add_post_transform(InlineDrawings)
    app.connect("html-page-context", name_language)
