"""The worked examples in the docstrings of charts and labels run as they are printed."""

import doctest
import importlib
import pkgutil

import pytest

from rmrp_analysis import charts

MODULES = [
    "rmrp_analysis.labels",
    *(f"rmrp_analysis.charts.{module.name}" for module in pkgutil.iter_modules(charts.__path__)),
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_say(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_every_public_function_has_an_example() -> None:
    silent = [name for name in charts.__all__ if ">>>" not in (getattr(charts, name).__doc__ or "")]
    assert silent == []
