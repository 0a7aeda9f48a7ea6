"""Settings of the documentation site: ``make docs``."""

from rmrp_analysis import __version__, theme

project = "rmrp-analysis"
author = "R4V"
copyright = "2026, the authors of rmrp-analysis; MIT licence"  # noqa: A001 - Sphinx's own name
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc"]

myst_heading_anchors = 3
nb_execution_mode = "force"  # a chart is what the code beside it draws today
nb_execution_raise_on_error = True
autodoc_typehints = "none"  # the signature has them
autodoc_default_options = {"exclude-members": "model_config"}
autodoc_member_order = "bysource"

html_theme = "pydata_sphinx_theme"
html_title = "rmrp-analysis"
html_show_sourcelink = False
html_static_path = ["_static", str(theme.FOLDER / "fonts")]
html_css_files = ["site.css"]
html_context = {"default_mode": "light"}
html_sidebars = {"**": ["globaltoc.html"]}
html_theme_options = {"navbar_center": [], "footer_start": ["copyright"], "footer_end": []}
