"""Key figures of the response for refugees and migrants from Venezuela, from activity reports to printed sheets."""

import sys
from importlib.metadata import version

__version__ = version("rmrp-analysis")

# In a notebook, figures are shown as the exporters carry them. No library is imported for it here.
if (_shell := getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()) is not None:
    _shell.extension_manager.load_extension("rmrp_analysis.inline")
