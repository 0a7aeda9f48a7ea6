"""What a notebook's kernel knows of how it was started: the parameters that papermill put in, and relative paths."""

import ast
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import rmrp_analysis
from rmrp_analysis.errors import RequestError, did_you_mean

NOTEBOOKS = "notebooks"
BUNDLED_PLAN = "data/rmrp-2021"
SHIPPED_PATHS = (BUNDLED_PLAN, "params/narratives/2021-end-of-year")
"""Where the plan that comes with the package lies, and its narratives."""

EXECUTED = "In"
"""The name by which a notebook knows the text of its executed cells."""

FOLDERS = {"data": "data folder", "narratives": "narratives folder"}
_INJECTED = "# Parameters"
"""How the cell begins that papermill puts in."""


def notebook_parameters(names: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """The names of a notebook with relative paths resolved.

    Raises ``RequestError`` when papermill put in a name that neither a report nor the notebook knows, or a folder is
    not found.
    """
    own = set(known)
    for cell in names[EXECUTED]:
        assigned = _assigned(cell)
        unknown = [name for name in assigned if name not in own] if cell.startswith(_INJECTED) else []
        if unknown:
            raise RequestError(
                "\n".join(f"unknown parameter '{name}'; {did_you_mean(name, known)}" for name in unknown)
            )
        own |= set(assigned)
    paths = {
        name: names[name] for name in FOLDERS if name in known and isinstance(names.get(name), str) and names[name]
    }
    return {**names, **{name: _found(path, name) for name, path in paths.items()}}


def shipped_folder(name: str) -> Path:
    """Where a folder that comes with the package lies: inside it when installed, beside ``src`` in a checkout."""
    package = Path(rmrp_analysis.__file__).parent
    installed = package / name
    return installed if installed.is_dir() else package.parents[1] / name


def _assigned(cell: str) -> list[str]:
    """The names that a cell gives a value; none for what is no plain Python."""
    try:
        lines = ast.parse(cell).body
    except SyntaxError:
        return []
    targets = [target for line in lines if isinstance(line, ast.Assign) for target in line.targets]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _found(path: str, name: str) -> str:
    """The folder as it is seen from the current folder, or else from the notebook's."""
    if Path(path).is_dir():
        return path
    started = _started_notebook()
    seen = [started.parent / path] if started else []
    if path.removeprefix("../") in SHIPPED_PATHS:
        seen.append(shipped_folder(NOTEBOOKS) / path)
    found = next((folder for folder in seen if folder.is_dir()), None)
    if not found:
        raise RequestError(
            f"{name}: the {FOLDERS[name]} '{path}' is not there, seen from "
            f"{started.parent if started else Path.cwd()}; write its whole path"
        )
    return str(found.resolve())


def _started_notebook() -> Path | None:
    """The notebook that the command names which started this kernel, such as ``papermill NOTEBOOK OUT``."""
    import psutil

    try:
        parent = psutil.Process(os.getppid())
        paths = [Path(parent.cwd(), argument) for argument in parent.cmdline() if argument.endswith(".ipynb")]
    except (psutil.Error, OSError):
        return None
    return next((path.resolve() for path in paths if path.is_file()), None)
