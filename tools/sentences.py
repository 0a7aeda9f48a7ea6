"""Finds the sentences of errors, which are filled in where they are raised, and translated where they are shown."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "rmrp_analysis"
FOR_ANALYSTS = ("charts/", "metrics/", "api.py", "page/", "theme/", "figures/", "completion.py", "__init__.py")
"""What is called from notebooks alone: its sentences are read beside code, in English."""
FOR_OFFICERS = (
    "figures/trace.py",
    "metrics/rounding_key.py",
    "page/narrative.py",
    "page/placeholders.py",
    "page/proofread.py",
    "page/typed_numbers.py",
)
"""The rooms among these whose sentences commands show."""
FOR_MACHINES = (
    "commands/sample/faults.py",
    "loaders/planning.py",
    "locale/",
    "publish/engine/shell.py",
    "publish/records/crate.py",
    "publish/records/datapackage.py",
    "publish/run/remote.py",
    "tables.py",
    "vocabulary/lists.py",
)
LINES_FOR_MACHINES = ("describe", "describe_for", "__repr__", "names", "explained")
"""Functions that describe a method in one line, by which a run is compared."""
BEFORE_A_NAME = ("check_allowed", "fault_of")
"""Calls whose last text is followed by the name that is not allowed."""
TRANSLATED = {"translate", "N_", "plural", "show", "tell", "alert", "note"}
"""Calls whose texts are found as those of gettext are."""
NO_SENTENCES = {
    "Option",
    "Argument",
    "rare",
    "first",
    "file_option",
    "compile",
    "query",
    "eval",
    "add_column",
    "getattr",
    "Literal",
}
_CODE = re.compile(
    r"[<=\\]|\(\?|\| |@|::|^ *[#|]|//$|[\w\]] != |^[\w./-]+$|^\W*rmrp |pip install|import | > |https?:"
    r"|^\.//|^cell |^cd |^pack: |: pack$|} pack {|^accept:|^rmrp-|^--replaces \"|^april|^`replaces: |^Todas|\n|^ {2}"
)
"""Texts that no sentence holds: of code, settings, files, commands."""
NOT_SHOWN = (
    "Housing, Land and Property",
    "country not in",
    "day or money",
    "{name} partners",
    "kind of place",
    "review of sheets",
)
_WORD = re.compile(r"[A-Za-z]{2,}")


def sentences() -> Iterator[str]:
    """Give every sentence that an officer may meet, with ``{name}`` for what is filled in."""
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        is_for_analysts = name.startswith(FOR_ANALYSTS) and name not in FOR_OFFICERS
        if not is_for_analysts and not name.startswith(FOR_MACHINES):
            yield from dict.fromkeys(filter(is_sentence, _texts(ast.parse(path.read_text(encoding="utf-8")))))


def is_sentence(text: str) -> bool:
    """Whether a text of the code is one that a person reads."""
    words = _WORD.findall(re.sub(r"\{[^}]*\}", "", text))
    is_long = len(words) > 2 or "{" in text
    is_text = bool(words) and " " in text.strip() and any(word.islower() for word in words)
    return is_text and is_long and text not in NOT_SHOWN and not _CODE.search(text)


def _texts(node: ast.AST) -> Iterator[str]:
    """Give the texts of code, but not docstrings, annotations, and what gettext finds."""
    if _holds_no_sentence(node):
        return
    if isinstance(node, ast.Call) and call_name(node.func) in BEFORE_A_NAME and len(node.args) > 2:
        yield from (f"{text} '{{name}}'" for text in _texts(node.args[2]))
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, ast.JoinedStr):
        yield pattern_of(node)
    for field, child in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        for each in child if isinstance(child, list) else [child]:
            if isinstance(each, ast.AST) and not (isinstance(node, ast.JoinedStr) and isinstance(each, ast.Constant)):
                yield from _texts(each)


def _holds_no_sentence(node: ast.AST) -> bool:
    """Whether code is a docstring, a line for machines, or a call whose texts are found elsewhere or are none."""
    if isinstance(node, ast.Call):
        return call_name(node.func) in TRANSLATED | NO_SENTENCES
    if isinstance(node, ast.FunctionDef):
        return node.name in LINES_FOR_MACHINES
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def pattern_of(text: ast.JoinedStr) -> str:
    """Write an f-string with a name for each value."""
    pieces, names = [], list[str]()
    for piece in text.values:
        if isinstance(piece, ast.FormattedValue):
            base = name = _value_name(piece.value)
            names.append(base)
            name = base if names.count(base) == 1 else f"{base}{names.count(base)}"
            pieces.append(f"{{{name}}}")
        else:
            pieces.append(str(getattr(piece, "value", "")))
    return "".join(pieces)


def _value_name(node: ast.expr) -> str:
    identifiers = [each.attr if isinstance(each, ast.Attribute) else each.id for each in ast.walk(node)
                   if isinstance(each, (ast.Attribute, ast.Name))]  # fmt: skip
    nouns = [
        name for name in identifiers if name not in ("join", "map", "str", "len", "sorted", "type", "max", "filter")
    ]
    return nouns[0].lstrip("_").lower() if nouns else "value"


def call_name(function: ast.expr) -> str:
    """Return the name of what is called."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
