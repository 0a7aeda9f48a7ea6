"""Change the code in small ways, one at a time, and see whether the nearest tests notice: ``make mutate``.

mutmut makes the changes. Each is tried in a fork of this process, which has imported all other libraries; mutmut's own
runner leaves out decorated functions, constants, and tests that need the repository around them. ``[tool.mutate]`` in
pyproject.toml says which tests are nearest to which files.
"""

import csv
import os
import random
import signal
import sys
import time
import tomllib
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators
from mutmut.mutation.file_mutation import MutationVisitor, deep_replace
from mutmut.mutation.pragma_handling import IgnoredCode

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "rmrp_analysis"
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.csv")
"""Changes that change no result, each with its reason: they are not sampled."""
OPPOSITES = (
    *("min max", "first last", "any all", "idxmin idxmax", "head tail", "nsmallest nlargest", "isna notna"),
    *("cummin cummax", "lower upper", "lstrip rstrip", "ffill bfill"),
)
RESULTS, HEADING = ROOT / "benchmarks" / "results.md", "\n## make mutate\n"
NO_LIMIT = 3600.0
"""Seconds for tests of unchanged code."""
SWAPPED = {name: other for pair in map(str.split, OPPOSITES) for name, other in (pair, pair[::-1])}
DROPPED = frozenset(
    [
        *("abs", "clip", "drop", "drop_duplicates", "dropna", "fillna", "mask", "reindex", "replace", "round"),
        *("sort_index", "sort_values", "where"),
    ]
)
"""Calls of methods that are left out: ``rows.dropna()`` becomes ``rows``."""


def drop_call(call: cst.Call) -> Iterator[cst.BaseExpression]:
    """Leave out a call of one of the ``DROPPED`` methods."""
    if isinstance(call.func, cst.Attribute) and call.func.attr.value in DROPPED:
        yield call.func.value


def swap_name(name: cst.Name) -> Iterator[cst.Name]:
    """Put the opposite in place of a function or method."""
    if name.value in SWAPPED:
        yield name.with_changes(value=SWAPPED[name.value])


def subtract_one(number: cst.Integer) -> Iterator[cst.BaseExpression]:
    """Make a number smaller by 1; mutmut makes it larger."""
    if number.evaluated_value > 0:
        yield cst.Integer(str(number.evaluated_value - 1))


def negate(branch: cst.If) -> Iterator[cst.If]:
    """Turn the condition of a branch round."""
    test = branch.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield branch.with_changes(test=cst.UnaryOperation(cst.Not(), test))


OPERATORS: Any = [
    (cst.BaseNumber, mutators.operator_number),
    (cst.Integer, subtract_one),
    (cst.Name, mutators.operator_name),
    (cst.Name, swap_name),
    (cst.UnaryOperation, mutators.operator_remove_unary_ops),
    (cst.Call, drop_call),
    (cst.CSTNode, mutators.operator_keywords),
    (cst.CSTNode, mutators.operator_swap_op),
    (cst.IfExp, mutators.operator_if_exp),
    (cst.If, negate),
]
"""What is changed. Texts, and arguments that become ``None``, are left out: such changes fail wherever a line runs."""


@dataclass(frozen=True)
class Mutant:
    """A changed module: its file within the package, the line, that line before and after, and the whole text."""

    file: str
    line: int
    before: str
    after: str
    source: str


class Visitor(MutationVisitor):
    """Visits decorated functions, too, which mutmut leaves out."""

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, cst.FunctionDef) and super()._skip_node_and_children(node)


def mutants(path: Path) -> Iterator[list[Mutant]]:
    """Give the mutants of each place of a module, in its order."""
    text = path.read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(text))
    visitor = Visitor(OPERATORS, IgnoredCode(set(), set(), set()))
    module, positions = wrapper.visit(visitor), wrapper.resolve(PositionProvider)
    places: dict[tuple[int, int], list[Mutant]] = {}
    for mutation in visitor.mutations:
        position = positions[mutation.original_node].start
        changed_module = deep_replace(module, mutation.original_node, mutation.mutated_node)
        assert isinstance(changed_module, cst.Module)  # noqa: S101 - what is replaced stands within the module
        source = changed_module.code
        lines, changed = text.splitlines(), source.splitlines()
        at = next((at for at, pair in enumerate(zip(lines, changed, strict=False)) if pair[0] != pair[1]), 0)
        mutant = Mutant(str(path.relative_to(PACKAGE)), at + 1, lines[at].strip(), changed[at].strip(), source)
        places.setdefault((position.line, position.column), []).append(mutant)
    yield from places.values()


def sample(patterns: Sequence[str], count: int, seed: int) -> list[Mutant]:
    """Draw mutants from the files that patterns name: one of each place that is drawn, the same with the same seed."""
    with EQUIVALENT.open(encoding="utf-8", newline="") as file:
        equivalent = {(row["file"], row["before"], row["after"]) for row in csv.DictReader(file)}
    files = sorted({path for pattern in patterns for path in PACKAGE.glob(pattern)})
    draw = random.Random(seed)  # noqa: S311 - nothing is secret
    places = [
        [mutant for mutant in place if (mutant.file, mutant.before, mutant.after) not in equivalent]
        for path in files
        for place in mutants(path)
    ]
    places = [place for place in places if place]
    return [draw.choice(place) for place in draw.sample(places, min(count, len(places)))]


class MutantLoader(SourceFileLoader):
    """Imports a module with another text than its file's."""

    source = ""

    def get_code(self, _: str) -> CodeType:
        """Compile the text that stands in for the file's."""
        return compile(self.source, self.path, "exec", dont_inherit=True)


class Finder:
    """Finds the mutated module in place of the one in the package."""

    def __init__(self, mutant: Mutant) -> None:
        parts = Path("rmrp_analysis", mutant.file).with_suffix("").parts
        self.mutant, self.name = mutant, ".".join(parts).removesuffix(".__init__")

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Give the module where it is this one."""
        if name != self.name:
            return None
        path = PACKAGE / self.mutant.file
        loader = MutantLoader(name, str(path))
        loader.source = self.mutant.source
        folder = [str(path.parent)] if path.name == "__init__.py" else None
        return spec_from_file_location(name, path, loader=loader, submodule_search_locations=folder)


def start(mutant: Mutant | None, tests: Sequence[str]) -> int:
    """Run tests in a fork that imports the package with a mutant; give its process id. It exits as pytest does."""
    if process := os.fork():
        return process
    code = 1
    try:
        os.setpgid(0, 0)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        if mutant:
            sys.meta_path.insert(0, Finder(mutant))
        import pytest

        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *tests]))
    finally:
        os._exit(code)


def outcomes(
    tasks: Iterable[tuple[Mutant | None, Sequence[str]]], *, seconds: float, jobs: int
) -> Iterator[tuple[Mutant | None, str, float]]:
    """Try mutants side by side; give each with ``killed``, ``survived`` or ``late``, and its seconds, as it ends."""
    waiting = iter(tasks)
    running: dict[int, tuple[Mutant | None, float]] = {}
    while True:
        while len(running) < jobs and (task := next(waiting, None)):
            running[start(*task)] = task[0], time.monotonic()
        if not running:
            return
        for process, (mutant, begun) in [*running.items()]:
            ended, status = os.waitpid(process, os.WNOHANG)
            late = not ended and time.monotonic() - begun > seconds
            if late:
                os.killpg(process, signal.SIGKILL)
                os.waitpid(process, 0)
            if ended or late:
                del running[process]
                yield mutant, "late" if late else "killed" if status else "survived", time.monotonic() - begun
        time.sleep(0.05)


def warm_up(tests: Sequence[str]) -> None:
    """Import every library that the tests need, and no module of the package or of the tests."""
    import pytest

    before = set(sys.modules)
    pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", *tests])
    ours = [str(ROOT / "src"), str(ROOT / "tests"), str(ROOT / "tools")]
    for name in {*sys.modules} - before:
        if str(getattr(sys.modules[name], "__file__", "") or "").startswith(tuple(ours)):
            del sys.modules[name]


def main(arguments: Sequence[str]) -> None:
    """Print which mutants of these rooms survive, and keep how many of all rooms are killed in benchmarks/results.md.

    Exits with 1 where fewer are killed than is aimed at.
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutate"]
    parser = ArgumentParser(description="Print which mutants of rooms survive their nearest tests.")
    parser.add_argument("rooms", nargs="*", help="by default all of them")
    for name, meaning in (("mutants", "how many of each room"), ("seed", "which ones are drawn")):
        parser.add_argument(f"--{name}", type=int, default=settings[name], help=meaning)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many are tried side by side")
    options = parser.parse_args(arguments)
    names = options.rooms
    sys.path[:0] = [str(SOURCE), str(ROOT / "tools"), str(ROOT / "tests")]
    os.chdir(ROOT)
    rooms = {name: room for name, room in settings["rooms"].items() if not names or name in names}
    warm_up([test for room in rooms.values() for test in room["tests"]])
    lines, is_weak = [f"{'room':<12}{'mutants':>8}{'killed':>8}{'share':>8}{'seconds':>9}"], False
    for name, room in rooms.items():
        ((_, unchanged, seconds),) = outcomes([(None, room["tests"])], seconds=NO_LIMIT, jobs=1)
        if unchanged != "survived":
            sys.exit(f"{name}: its tests fail without any mutant")
        drawn = sample(room["files"], options.mutants, options.seed)
        tasks = [(mutant, room["tests"]) for mutant in drawn]
        begun, killed = time.monotonic(), 0
        for mutant, outcome, _ in outcomes(tasks, seconds=settings["times"] * seconds + 10, jobs=options.jobs):
            killed += outcome != "survived"
            if mutant and outcome == "survived":
                print(f"{mutant.file}:{mutant.line}\n  - {mutant.before}\n  + {mutant.after}", flush=True)
        share = killed / len(drawn)
        is_weak |= share < settings["aim"]
        lines.append(f"{name:<12}{len(drawn):>8}{killed:>8}{share:>8.0%}{time.monotonic() - begun:>9.0f}")
        print(lines[-1], flush=True)
    if not arguments:
        text, _, _ = RESULTS.read_text(encoding="utf-8").partition(HEADING)
        table = "\n".join(lines)
        RESULTS.write_text(f"{text}{HEADING}\n```\n{table}\n```\n", encoding="utf-8")
    sys.exit(int(is_weak))


if __name__ == "__main__":
    main(sys.argv[1:])
