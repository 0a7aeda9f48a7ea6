"""Settings of the documentation site: ``make docs``."""

import sys
from pathlib import Path

from sphinx.application import Sphinx

from rmrp_analysis import __version__, theme

sys.path.append(str(Path(__file__).parent))  # the extensions of this folder

project = "rmrp-analysis"
author = "R4V"
copyright = "2026, the authors of rmrp-analysis; MIT licence"  # noqa: A001 - Sphinx's own name
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
extensions += ["api_pages", "drawings"]

myst_heading_anchors = 3
exclude_patterns = ["scheduling/*.ipynb"]  # a recipe, which is downloaded
nb_execution_mode = "force"  # a chart is what the code beside it draws today
nb_execution_raise_on_error = True
autodoc_typehints_format = "short"
python_use_unqualified_type_names = python_display_short_literal_types = True
autodoc_default_options = {"exclude-members": "model_config"}
autodoc_member_order = "bysource"
autosummary_generate = False
python_maximum_signature_line_length = 72  # a longer one has an argument a line
napoleon_use_ivar = True

html_theme = "pydata_sphinx_theme"
html_title = "rmrp-analysis"
html_show_sourcelink = False
html_static_path = ["_static", str(theme.FONTS)]
html_css_files = ["site.css"]
html_extra_path = ["example"]  # a sheet, served as the run made it
html_context = {"default_mode": "light"}
html_sidebars = {"**": ["globaltoc.html"]}
html_theme_options = {"navbar_center": [], "footer_start": ["copyright"], "footer_end": []}


def name_language(_app: Sphinx, pagename: str, _template: str, context: dict, _doctree: object) -> None:
    """Say in which language a page is, so that a voice reads it rightly."""
    context["language"] = "es" if pagename.startswith("es/") else "en"


def setup(app: Sphinx) -> None:
    """Register what is done to pages."""
    app.connect("html-page-context", name_language)
