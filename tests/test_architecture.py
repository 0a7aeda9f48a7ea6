"""Imports go one way: each room knows only the rooms before it."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "rmrp_analysis"
LEAVES = {
    "arguments",
    "errors",
    "exact",
    "files",
    "locale",
    "messages",
    "method",
    "packs",
    "theme",
    "vocabulary",
    "words",
}
LEAVES |= {"yaml_faults", "yaml_text"}
MAY_IMPORT = {
    "deadline": set(),
    "messages": set(),
    "errors": {"messages"},
    "yaml_faults": {"errors", "messages"},
    "yaml_text": {"errors", "messages", "yaml_faults"},
    "packs": {"errors", "messages", "yaml_text"},
    "locale": {"errors", "packs", "yaml_text"},
    "numbers": {"locale", "packs"},
    "words": {"messages", "packs"},
    "vocabulary": {"errors", "locale", "messages", "numbers", "packs", "words", "yaml_text"},
    "files": {"vocabulary", "yaml_text"},
    "exact": set(),
    "extensions": set(),
    "theme": {"exact", "locale", "numbers", "packs", "words"},
    "arguments": {"errors", "messages", "vocabulary"},
    "method": {"arguments", "errors", "messages", "packs", "vocabulary"},
    "charts": {"arguments", "errors", "method", "numbers", "packs", "theme", "vocabulary", "words"},
    "tables": {"packs", "vocabulary"},
    "sources": {"errors", "packs", "vocabulary", "yaml_text"},
    "metrics": {"arguments", "errors", "exact", "method", "packs", "sources", "vocabulary"},
    "ledger": {"arguments", "method", "metrics", "tables", "vocabulary"},
    "figures": {"arguments", "errors", "ledger", "method", "metrics", "packs", "sources", "vocabulary", "words"},
    "plan": {
        "arguments",
        "errors",
        "exact",
        "figures",
        "ledger",
        "messages",
        "method",
        "metrics",
        "packs",
        "sources",
        "tables",
    }
    | {"vocabulary"},
    "loaders": LEAVES - {"method", "theme", "words"} | {"figures", "metrics", "plan", "sources", "tables"},
    "quality": {
        "arguments",
        "errors",
        "ledger",
        "loaders",
        "method",
        "metrics",
        "numbers",
        "packs",
        "plan",
        "sources",
        "tables",
    }
    | {"vocabulary", "words"},
    "provenance": {"arguments", "figures", "method", "packs"},
    "page": LEAVES | {"charts", "figures", "ledger", "metrics", "numbers", "plan", "provenance", "quality"},
    "params": LEAVES - {"theme"} | {"figures", "numbers", "sources"},
    "publish": LEAVES
    | {
        "deadline",
        "extensions",
        "figures",
        "ledger",
        "loaders",
        "metrics",
        "numbers",
        "page",
        "params",
        "plan",
        "provenance",
    }
    | {"quality", "sources", "tables"},
    "fetch": {"deadline", "errors", "files", "packs", "loaders", "metrics", "sources", "tables", "vocabulary"}
    | {"messages", "yaml_text"},
    "api": {"arguments", "errors", "loaders", "method", "packs", "params", "plan", "publish", "quality", "sources"},
    "commands": {
        "errors",
        "extensions",
        "fetch",
        "figures",
        "files",
        "loaders",
        "locale",
        "messages",
        "numbers",
        "packs",
        "params",
        "publish",
    }
    | {"quality", "metrics", "yaml_faults", "sources", "tables", "vocabulary", "words", "yaml_text"},
    "completion": {"figures", "metrics", "page", "plan", "vocabulary"},
    "__main__": {"commands"},
}


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
