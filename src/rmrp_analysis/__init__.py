"""Key figures of the regional response for refugees and migrants (RMRP), from activity reports to printed sheets.

An analyst types these lines in a notebook. Every other example goes on from them:

>>> import rmrp_analysis as rmrp
>>> plan = rmrp.load_plan(rmrp.bundled_plan())
>>> health = plan.select("Salud", place="Perú", period="2021-01/2021-06")
>>> reached = health.people_reached()
>>> round(reached.total), reached.by("month").idxmax()
(144029, '2021-05')
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from rmrp_analysis.arguments import Period as Period
    from rmrp_analysis.method import Method as Method

_ROOMS = {
    **dict.fromkeys(("bundled_plan", "check", "diff", "load_plan", "proof", "run"), "api"),
    **dict.fromkeys(("BREAKDOWNS", "FIGURES"), "figures"),
    "Method": "method",
    "Page": "page",
    "Period": "arguments",
}
"""The module that defines each public name. ``charts`` is a module itself."""

__all__ = [*sorted((*_ROOMS, "charts")), "__version__"]


def __getattr__(name: str) -> Any:
    if name == "charts":
        return import_module("rmrp_analysis.charts")
    if name == "__version__":
        return import_module("importlib.metadata").version("rmrp-analysis")
    if name in _ROOMS:
        return getattr(import_module(f"rmrp_analysis.{_ROOMS[name]}"), name)
    raise AttributeError(f"rmrp_analysis has no '{name}'; it has: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__


# In a notebook, figures are shown as the exporters need them, and Tab completes names. This imports no library.
if (_shell := getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()) is not None:
    for _extension in ("theme.inline", "completion"):
        _shell.extension_manager.load_extension(f"rmrp_analysis.{_extension}")
