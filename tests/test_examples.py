"""The worked examples in docstrings run as they are printed, and each public name has one."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

import rmrp_analysis as rmrp
from rmrp_analysis import charts, page

ROOT = Path(__file__).parents[1]
PACKAGE = Path(rmrp.__file__).parent
MODULES = [
    module.name
    for module in pkgutil.walk_packages([str(PACKAGE)], "rmrp_analysis.")
    if ">>>" in Path(importlib.util.find_spec(module.name).origin).read_text("utf-8")
]
REFERENCE = "".join(path.read_text("utf-8") for path in sorted((ROOT / "docs" / "api").glob("*.md")))
CLASSES = re.findall(r"autoclass:: (\S+)\n   :members: (.+)", REFERENCE)
"""The classes of the reference, each with the members that it tells of."""
PUBLIC = [
    *(f"rmrp_analysis.{name}" for name in rmrp.__all__ if callable(getattr(rmrp, name))),
    *(f"rmrp_analysis.{room}.{name}" for room, of in (("charts", charts), ("page", page)) for name in of.__all__),
    *(f"{name}.{member}" for name, members in CLASSES for member in ["__doc__", *members.split(", ")]),
]


@pytest.fixture(scope="module")
def first_lines() -> dict[str, Any]:
    """The names that the package's own example makes, from which the others go on."""
    names: dict[str, Any] = {}
    for example in doctest.DocTestParser().get_examples(rmrp.__doc__):
        exec(compile(example.source, "example", "single"), names)  # noqa: S102 - what the page has an analyst type
    return {name: names[name] for name in ("rmrp", "plan", "health", "reached")}


@pytest.mark.parametrize("name", ["rmrp_analysis", *MODULES])
def test_examples_give_what_they_say(
    name: str, first_lines: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("params", "data", "notebooks"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever an earlier test left
        tried = doctest.testmod(module, extraglobs=first_lines, optionflags=doctest.ELLIPSIS)
    assert tried.attempted
    assert not tried.failed


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "api").glob("*.md")), ids=lambda page: page.stem)
def test_examples_of_the_reference_give_what_they_say(
    page: Path, first_lines: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert not doctest.testfile(str(page), module_relative=False, globs=dict(first_lines), encoding="utf-8").failed


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_has_an_example(name: str) -> None:
    of = pkgutil.resolve_name(name)
    assert ">>>" in ((of if isinstance(of, str) else of.__doc__) or "")


def test_the_tables_of_public_names_have_each_of_them() -> None:
    listed = set(re.findall(r"^   ([\w.]+)$", (ROOT / "docs" / "api.md").read_text("utf-8"), re.MULTILINE))
    callables = {name for name in rmrp.__all__ if callable(getattr(rmrp, name))}
    of_rooms = {f"charts.{name}" for name in charts.__all__} | {f"page.{name}" for name in {*page.__all__} - callables}
    classes = {name.removeprefix("rmrp_analysis.") for name, _ in CLASSES}
    assert listed == callables | of_rooms | classes


@pytest.mark.parametrize("room", ["", ".charts", ".figures", ".metrics", ".page"])
def test_a_room_has_a_list_of_its_names(room: str) -> None:
    module = importlib.import_module(f"rmrp_analysis{room}")
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert {*module.__all__} <= {*dir(module)}
    assert not hasattr(module, "pd")
