"""Settings of the documentation site: ``make docs``."""

import os
import sys
from pathlib import Path

from rmrp_analysis import __version__, theme

sys.path.append(str(Path(__file__).parent))  # the extensions of this folder
os.environ["JUPYTER_PATH"] = str(Path(__file__).parent / "kernels")  # a kernel that prints nothing but errors

project = "rmrp-analysis"
author = "R4V"
copyright = "2026, the authors of rmrp-analysis; MIT licence"  # noqa: A001 - Sphinx's own name
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
extensions += ["api_pages", "drawings", "pages", "search_words", "showcase", "steps"]
step_pages = [["index"], ["tutorial", "months"], ["es/tutorial", "es/months"]]

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
html_static_path = ["_static", str(theme.FONTS_FOLDER)]
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
