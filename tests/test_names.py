"""Names are as long as their way, hold a noun, and functions are called by verbs."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, quantiles

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "rmrp_analysis"
MAX_MEAN_LENGTH, MAX_90TH_PERCENTILE = 7.5, 12
"""Letters of the locals of a room: seaborn, datasette and httpx have 6 to 7 on average, and 11 to 13."""
GRAMMAR_WORDS = frozenset(
    [
        *("about", "after", "again", "another", "apart", "asked", "aside", "at", "before", "beside", "by", "counted"),
        *("done", "drawn", "each", "else", "ever", "few", "for", "found", "from", "given", "gone", "got", "held"),
        *("here", "in", "kept", "known", "less", "made", "many", "meant", "moved", "named", "near", "no", "none"),
        *("of", "on", "once", "one", "only", "others", "own", "per", "printed", "put", "read", "said", "same", "seen"),
        *("shown", "so", "some", "stated", "still", "such", "taken", "that", "there", "these", "this", "those", "to"),
        *("together", "told", "used", "very", "wanted", "where", "which", "who", "whole", "whose", "with", "within"),
        *("without", "written"),
    ]
)
"""Words that carry no noun: a reader of one of them as a name does not know what it holds."""
NO_PARTICIPLES = ("cached", "embed", "exceed", "feed", "need", "seed")
"""Verbs, and what the standard library calls decorators and properties that cache."""
PUBLIC = {"api.py"}
"""What an analyst types, such as ``rmrp.diff(before, after)``, stays as it is."""
ROOMS = sorted({path.relative_to(PACKAGE).parts[0] for path in PACKAGE.rglob("*.py")} - PUBLIC)


def functions(room: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function of a room, with the module that it stands in."""
    path = PACKAGE / room
    for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield module.relative_to(PACKAGE).as_posix(), node


def local_names(function: ast.FunctionDef) -> set[str]:
    """What a function assigns, but not its arguments, and not what functions within it assign."""
    arguments = {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}
    names, nodes = set(), list(ast.iter_child_nodes(function))
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        if not isinstance(node, ast.FunctionDef):
            nodes += ast.iter_child_nodes(node)
    return names - arguments - {"_"}


def test_a_local_name_is_as_long_as_its_way() -> None:
    lengths = {
        room: [len(name) for _, function in functions(room) for name in local_names(function)]
        for room in ROOMS
        if (PACKAGE / room).is_dir()
    }
    assert {room for room, letters in lengths.items() if mean(letters) > MAX_MEAN_LENGTH} == set()
    assert {room for room, letters in lengths.items() if quantiles(letters, n=10)[8] > MAX_90TH_PERCENTILE} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_no_local_name_is_a_grammar_word(room: str) -> None:
    names = [(module, function.name, name) for module, function in functions(room) for name in local_names(function)]
    assert [each for each in names if each[-1] in GRAMMAR_WORDS] == []


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
