"""Imports go one way: each room knows only the rooms before it."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "rmrp_analysis"
LEAVES = {"errors", "files", "languages", "pack", "printable", "vocabulary", "method", "theme", "words", "yaml_text"}
MAY_IMPORT = {
    "errors": set(),
    "printable": set(),
    "yaml_text": {"errors", "printable"},
    "pack": {"errors", "yaml_text"},
    "files": {"vocabulary"},
    "own_process": set(),
    "languages": {"errors", "pack", "yaml_text"},
    "theme": {"languages", "pack"},
    "words": {"pack"},
    "workbook": {"files"},
    "inline": {"numbers", "pack", "theme", "words"},
    "method": {"errors", "pack", "vocabulary"},
    "rounding_key": {"errors", "pack"},
    "vocabulary": {"errors", "pack", "yaml_text"},
    "numbers": {"languages"},
    "labels": {"languages", "numbers", "pack", "vocabulary", "words"},
    "charts": {"errors", "inline", "labels", "method", "numbers", "pack", "theme", "vocabulary", "words"},
    "tables": {"pack", "vocabulary"},
    "sources": {"errors", "pack", "vocabulary", "yaml_text"},
    "metrics": {"errors", "method", "sources", "vocabulary"},
    "figures": {"errors", "method", "metrics", "sources", "vocabulary", "words"},
    "plan": {"errors", "figures", "method", "metrics", "rounding_key", "sources", "tables", "vocabulary"},
    "loaders": LEAVES - {"theme", "words"} | {"plan", "rounding_key", "sources", "tables"},
    "quality": {"errors", "loaders", "method", "metrics", "pack", "plan", "sources", "tables", "vocabulary", "words"},
    "provenance": {"figures", "method", "pack"},
    "page": LEAVES
    | {"charts", "figures", "inline", "labels", "metrics", "numbers", "plan", "provenance", "quality", "workbook"},
    "in_notebook": {"errors"},
    "params": LEAVES - {"theme", "words"} | {"figures", "in_notebook", "sources"},
    "publish": LEAVES
    | {"figures", "in_notebook", "inline", "labels", "loaders", "metrics", "numbers", "own_process", "page"}
    | {"params", "plan", "provenance", "quality", "rounding_key", "sources", "tables", "workbook"},
    "fetch": {"errors", "files", "pack", "loaders", "metrics", "sources", "tables", "vocabulary", "yaml_text"},
    "api": {"errors", "in_notebook", "loaders", "method", "params", "plan", "publish", "quality"},
    "commands": {"errors", "fetch", "files", "in_notebook", "loaders", "numbers", "own_process", "pack", "params"}
    | {"publish", "quality", "rounding_key", "sources", "tables", "vocabulary", "words", "yaml_text"},
    "__main__": {"commands"},
}


def rooms_imported(path: Path) -> set[str]:
    """The rooms a module imports, at its head or inside a function."""
    names = []
    for node in ast.walk(_without_type_checking(ast.parse(path.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "rmrp_analysis":
            names += [f"rmrp_analysis.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return {name.split(".")[1] for name in names if name.startswith("rmrp_analysis.")} & set(MAY_IMPORT)


def _without_type_checking(module: ast.Module) -> ast.Module:
    """The module without what it imports for type checkers alone."""
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


def test_nothing_is_read_or_styled_at_import() -> None:
    code = (
        "import sys, rmrp_analysis.page, rmrp_analysis.loaders; sys.exit('matplotlib.pyplot' in sys.modules and bool("
    )
    code += "sys.modules['matplotlib.pyplot'].get_fignums()))"
    import subprocess
    import sys

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_module_opens_with_what_it_is_for() -> None:
    silent = [path for path in PACKAGE.rglob("*.py") if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []
