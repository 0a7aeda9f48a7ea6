"""Tell the notebooks of a project from those of the package; copy them for JupyterLab."""

import json
from pathlib import Path
from typing import Any

from rmrp_analysis.commands.terminal import words
from rmrp_analysis.errors import RequestError
from rmrp_analysis.files import write_whole
from rmrp_analysis.packs import pack
from rmrp_analysis.params import NOTEBOOKS, SHIPPED_PATHS, shipped_folder
from rmrp_analysis.words import Words

LAB = "lab"
"""The folder of a project's copies of notebooks, for experiments."""

MOST_CELLS_NAMED = 5


def lab_copies(project: Path) -> tuple[Path, list[str]]:
    """The folder ``lab`` of a project, with a copy of each of its notebooks; a copy that is there is kept.

    A folder without notebooks gets copies of those that come with the package, which read the plan that comes with it.
    Returns the folder, and the names of the copies that differ from their notebook.
    """
    own = project / NOTEBOOKS
    in_project = own.is_dir() and any(own.glob("*.ipynb"))
    folder = own if in_project else shipped_folder(NOTEBOOKS)
    if not folder.is_dir():
        raise RequestError(words("the notebooks folder {folder} is not there", folder=folder))
    other = []
    for path in sorted(folder.glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        for shipped in () if in_project else SHIPPED_PATHS:
            whole = json.dumps(shipped_folder(shipped).as_posix())  # as Python writes it
            old, new = (json.dumps(path)[1:-1] for path in (f'"../{shipped}"', whole))  # in a cell, which is JSON
            text = text.replace(old, new)
        copy = project / LAB / path.name
        if not copy.exists():
            write_whole(copy, text)
        elif _sources(copy.read_text(encoding="utf-8")) != _sources(text):
            other.append(path.name)
    return project / LAB, other


def changed_notebook(path: Path) -> str:
    """What a run says of a notebook that has the name of one that comes with the package, and other cells; else empty.

    Neither outputs nor the cell of parameters count, nor in which language its texts are.
    """
    shipped = shipped_folder(NOTEBOOKS) / path.name
    if not shipped.is_file() or path.resolve() == shipped.resolve():
        return ""
    own, known = (_sources(notebook.read_text(encoding="utf-8")) for notebook in (path, shipped))
    in_english = {Words(language).known(source): source for language in pack.languages() for source in known}
    own = [in_english.get(source, source) for source in own]
    other = [number for number, source in enumerate(own, start=1) if source not in known]
    left_out = sum(source not in own for source in known)
    if not other and not left_out:
        moved = words("the cells of {file} are in another order than in the package's notebook", file=path)
        return "" if own == known else moved
    named = ", ".join(map(str, other[:MOST_CELLS_NAMED])) + (" …" if len(other) > MOST_CELLS_NAMED else "")
    return words(
        "the notebook {file} is not the one that comes with the package; cells that it does not have: {other}; "
        "cells of it that are not here: {count}",
        file=path,
        other=named or words("none"),
        count=left_out,
    )


def _sources(text: str) -> list[str]:
    """The text of each cell, in order; the cell of parameters counts as empty. Nothing for what is no notebook."""
    try:
        cells: list[dict[str, Any]] = json.loads(text)["cells"]
        return [
            "" if "parameters" in cell["metadata"].get("tags", []) else "".join(cell["source"]).strip()
            for cell in cells
        ]
    except (ValueError, KeyError, TypeError):
        return []
