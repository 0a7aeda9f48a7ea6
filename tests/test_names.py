"""Names say what they hold: few local names are grammar words, and no function is called by a participle."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "rmrp_analysis"
GRAMMAR_WORDS = frozenset(
    [
        *("about", "after", "again", "all", "another", "any", "apart", "asked", "aside", "at", "before", "beside"),
        *("both", "by", "counted", "done", "drawn", "each", "else", "ever", "few", "first", "for", "found", "from"),
        *("given", "gone", "got", "held", "here", "in", "kept", "known", "last", "least", "left", "less", "made"),
        *("many", "meant", "more", "most", "moved", "named", "near", "no", "none", "of", "on", "once", "one", "only"),
        *("other", "others", "own", "per", "printed", "put", "read", "said", "same", "seen", "shown", "so", "some"),
        *("stated", "still", "such", "taken", "that", "there", "these", "this", "those", "to", "told", "used"),
        *("very", "wanted", "whose", "where", "which", "who", "with", "within", "without", "written"),
    ]
)
"""Words that carry no noun: a reader of one of them as a name does not know what it holds."""
MAX_SHARE = 0.04
PUBLIC = {"api.py"}
"""What an analyst types, such as ``rmrp.diff(before, after)``, stays as it is."""
NO_PARTICIPLES = ("cached", "embed", "exceed", "feed", "need", "seed")
"""Verbs, and what the standard library calls decorators and properties that cache."""

ROOMS = sorted({path.relative_to(PACKAGE).parts[0] for path in PACKAGE.rglob("*.py")} - PUBLIC)


def functions(room: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function of a room, with the module that it stands in."""
    path = PACKAGE / room
    for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield module.relative_to(PACKAGE).as_posix(), node


def local_names(function: ast.FunctionDef) -> set[str]:
    """The arguments of a function and what it assigns, but not what functions within it do."""
    arguments = function.args
    names = {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    nodes = list(ast.iter_child_nodes(function))
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        if not isinstance(node, ast.FunctionDef):
            nodes += ast.iter_child_nodes(node)
    return names - {"self", "cls", "_"}


@pytest.mark.parametrize("room", ROOMS)
def test_few_local_names_of_a_room_are_grammar_words(room: str) -> None:
    names = [(module, function.name, name) for module, function in functions(room) for name in local_names(function)]
    unclear = [each for each in names if each[-1] in GRAMMAR_WORDS]
    assert len(unclear) <= MAX_SHARE * len(names), unclear


@pytest.mark.parametrize("room", ROOMS)
def test_a_function_is_named_by_a_verb_and_not_by_a_participle(room: str) -> None:
    participles = [
        (module, function.name)
        for module, function in functions(room)
        if not function.decorator_list
        and (first := function.name.lstrip("_").partition("_")[0]).endswith("ed")
        and first not in NO_PARTICIPLES
    ]
    assert participles == []
