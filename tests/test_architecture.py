"""Imports go one way: each room knows only the rooms before it."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "rmrp_analysis"
LEAVES = {"errors", "formulas", "vocabulary", "counting", "theme", "words", "yaml_text"}
MAY_IMPORT = {
    "errors": set(),
    "formulas": set(),
    "theme": set(),
    "words": set(),
    "vocabulary": {"errors"},
    "counting": {"errors", "vocabulary"},
    "yaml_text": {"errors"},
    "tables": {"vocabulary"},
    "sources": {"errors", "yaml_text"},
    "plan": {"sources", "vocabulary"},
    "loaders": LEAVES - {"theme", "words"} | {"plan", "sources", "tables"},
    "quality": {"counting", "errors", "loaders", "metrics", "plan", "sources", "tables", "vocabulary"},
    "metrics": {"counting", "tables", "vocabulary"},
    "key_figures": LEAVES - {"theme", "words"} | {"metrics", "plan", "sources", "tables"},
    "disclosure": {"key_figures", "vocabulary"},
    "trace": {"counting", "errors", "key_figures", "metrics", "plan", "vocabulary"},
    "show": LEAVES | {"disclosure", "key_figures", "quality"},
    "params": LEAVES - {"theme", "words"} | {"sources"},
    "publish": LEAVES | {"params", "plan", "sources"},
    "fetch": {"errors", "loaders", "metrics", "publish", "sources", "vocabulary"},
    "sample": {"vocabulary"},
    "cli": LEAVES
    | {"disclosure", "fetch", "key_figures", "loaders", "params", "publish", "quality", "sample", "show", "sources"}
    | {"trace"},
}


def rooms_imported(path: Path) -> set[str]:
    """The rooms a module imports, at its head or inside a function."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "rmrp_analysis":
            names += [f"rmrp_analysis.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return {name.split(".")[1] for name in names if name.startswith("rmrp_analysis.")} & set(MAY_IMPORT)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_the_rooms_before_it(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room == "__init__":
        assert rooms_imported(path) == set()
    else:
        assert rooms_imported(path) - {room} <= MAY_IMPORT[room]


def test_nothing_is_read_or_styled_at_import() -> None:
    code = (
        "import sys, rmrp_analysis.show, rmrp_analysis.loaders; sys.exit('matplotlib.pyplot' in sys.modules and bool("
    )
    code += "sys.modules['matplotlib.pyplot'].get_fignums()))"
    import subprocess
    import sys

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_module_opens_with_what_it_is_for() -> None:
    silent = [path for path in PACKAGE.rglob("*.py") if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []
