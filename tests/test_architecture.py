"""Imports go one way: each room knows only the rooms before it."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml

PACKAGE = Path(__file__).parents[1] / "src" / "rmrp_analysis"
ROOMS = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
MAY_IMPORT = {room: set(rooms) for room, rooms in ROOMS.items()}
EXTRAS = {
    *("fetch", "commands.fetch", "commands.proof", "commands.sample", "publish.proof"),
    *("publish.documents.feed", "publish.records.crate", "publish.run.remote"),
    *("publish.after.mail", "publish.after.webhook", "publish.after.message", "publish.after.text"),
    *("publish.engine.cluster", "publish.engine.cluster_worker"),
}
"""What is no core: steps after a run, commands added by entry points, the engine of a cluster."""
CORE = {*MAY_IMPORT} - {"fetch", "api", "commands", "completion", "__main__"}


def modules_imported(path: Path) -> list[str]:
    """The modules of this package that a module imports, at its head or inside a function."""
    names = []
    for node in ast.walk(_without_type_checking(ast.parse(path.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name.removeprefix("rmrp_analysis.") for name in names if name.startswith("rmrp_analysis.")]


def rooms_imported(path: Path) -> set[str]:
    return {name.split(".")[0] for name in modules_imported(path)} & set(MAY_IMPORT)


def is_within(name: str, modules: set[str]) -> bool:
    """Whether a name such as ``publish.run.remote.folder_at`` is one of these modules, or something in one."""
    return any(f"{name}.".startswith(f"{module}.") for module in modules)


def _without_type_checking(module: ast.Module) -> ast.Module:
    kept = [
        node for node in module.body if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]
    return ast.Module(kept, [])


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_the_rooms_before_it(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room == "__init__":
        assert rooms_imported(path) == set()
    else:
        assert rooms_imported(path) - {room} <= MAY_IMPORT[room]


def test_no_modules_import_each_other_in_a_circle() -> None:
    paths = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}
    modules = {name.removesuffix(".__init__"): modules_imported(path) for name, path in paths.items()}
    graph = {
        module: [name if name in modules else name.rpartition(".")[0] for name in names]
        for module, names in modules.items()
    }
    TopologicalSorter(graph).prepare()


def test_the_core_imports_no_extra() -> None:
    modules = {path: ".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in PACKAGE.rglob("*.py")}
    core = [path for path, name in modules.items() if is_within(name, CORE) and not is_within(name, EXTRAS)]
    assert {name for name in EXTRAS if not any(is_within(module, {name}) for module in modules.values())} == set()
    imports = [(modules[path], name) for path in core for name in modules_imported(path) if is_within(name, EXTRAS)]
    assert imports == []


def test_matplotlib_waits_until_something_is_drawn_and_nothing_is_at_import() -> None:
    code = """
import sys, rmrp_analysis.loaders, rmrp_analysis.numbers
assert "matplotlib" not in sys.modules
import rmrp_analysis.page
assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_module_opens_with_what_it_is_for() -> None:
    silent = [path for path in PACKAGE.rglob("*.py") if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []
