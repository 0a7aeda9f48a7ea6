"""Settings of the documentation site: ``make docs``."""

import os
import re
import sys
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from rmrp_analysis import __version__, theme

sys.path.append(str(Path(__file__).parent))  # this folder's own extensions
os.environ["JUPYTER_PATH"] = str(Path(__file__).parent / "kernels")  # a kernel that prints nothing but errors

project = "rmrp-analysis"
author = "R4V"
copyright = "2026, the authors of rmrp-analysis; MIT licence"  # noqa: A001 - Sphinx's own name
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "pages", "search_words", "showcase", "steps"]
step_pages = [["index"], ["tutorial", "months"], ["es/tutorial", "es/months"]]

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
html_favicon = "_static/icon.svg"
html_context = {"default_mode": "auto"}  # the scheme of the system
html_sidebars = {"index": [], "**": ["sidebar-nav-bs"]}
html_theme_options = {
    "logo": {"text": f"rmrp-analysis {version}", "image_light": "_static/icon.svg", "image_dark": "_static/icon.svg"},
    "navbar_end": ["theme-switcher"],
    "article_header_end": ["twin"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
templates_path = ["_templates"]


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


def setup(app: Sphinx) -> None:
    """Register what is done to pages."""
    app.add_post_transform(InlineDrawings)
