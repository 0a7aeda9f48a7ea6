"""The worked examples in docstrings run as they are printed, and each public function has one."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import rmrp_analysis as rmrp
from rmrp_analysis import charts
from rmrp_analysis.metrics import Contributions
from rmrp_analysis.plan import Plan, Selection

ROOT = Path(__file__).parents[1]
PACKAGE = Path(rmrp.__file__).parent
MODULES = [
    module.name
    for module in pkgutil.walk_packages([str(PACKAGE)], "rmrp_analysis.")
    if ">>>" in Path(importlib.util.find_spec(module.name).origin).read_text("utf-8")
]
PUBLIC = [
    *(getattr(rmrp, name) for name in rmrp.__all__ if callable(getattr(rmrp, name))),
    *(getattr(charts, name) for name in charts.__all__),
    Plan.select,
    Plan.figures,
    *(getattr(Selection, name) for name in ("people_reached", "funding", "__getitem__", "figures", "models", "trace")),
    *(Contributions.total.fget, Contributions.by, Contributions.where, Contributions.to_excel, Contributions.rows.fget),
]


@pytest.mark.parametrize("name", ["rmrp_analysis", *MODULES])
def test_examples_give_what_they_say(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("params", "data", "notebooks"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)
    tried = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert tried.attempted
    assert not tried.failed


@pytest.mark.parametrize("function", PUBLIC, ids=lambda function: function.__qualname__)
def test_every_public_function_has_an_example(function: object) -> None:
    assert ">>>" in (function.__doc__ or "")
