"""Tell the notebooks of a project from those of the package; copy them for JupyterLab."""

import ast
import json
from pathlib import Path
from typing import Any

from rmrp_analysis.commands.terminal import translate
from rmrp_analysis.errors import RequestError
from rmrp_analysis.files import write_whole
from rmrp_analysis.packs import pack
from rmrp_analysis.params import NOTEBOOKS, SHIPPED_PATHS, find_shipped_folder
from rmrp_analysis.words import Translator

LAB = "lab"
"""The folder of a project's copies of notebooks, for experiments."""

MAX_CELLS_NAMED = 5
"""How many cells that differ are named."""


def copy_notebooks(project: Path) -> tuple[Path, list[str]]:
    """Copy the notebooks of a project into its folder ``lab``; a copy that is there is kept.

    A folder without notebooks gets copies of those that come with the package, which read the plan that comes with it.
    Returns the folder, and the names of the copies that differ from their notebook.
    """
    project_notebooks = project / NOTEBOOKS
    in_project = project_notebooks.is_dir() and any(project_notebooks.glob("*.ipynb"))
    folder = project_notebooks if in_project else find_shipped_folder(NOTEBOOKS)
    if not folder.is_dir():
        raise RequestError(translate("the notebooks folder {folder} is not there", folder=folder))
    changed_names = []
    for path in sorted(folder.glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        for shipped in () if in_project else SHIPPED_PATHS:
            whole = json.dumps(find_shipped_folder(shipped).as_posix())  # as Python writes it
            old, new = (json.dumps(path)[1:-1] for path in (f'"../{shipped}"', whole))  # in a cell, which is JSON
            text = text.replace(old, new)
        copy = project / LAB / path.name
        if not copy.exists():
            write_whole(copy, text)
        elif _read_cells(copy.read_text(encoding="utf-8")) != _read_cells(text):
            changed_names.append(path.name)
    return project / LAB, changed_names


def describe_changed_notebook(path: Path) -> str:
    """Say in which cells a notebook differs from the package's notebook of that name; empty where in none.

    Neither outputs nor the cell of parameters count, nor in which language its texts are.
    """
    shipped = find_shipped_folder(NOTEBOOKS) / path.name
    if not shipped.is_file() or path.resolve() == shipped.resolve():
        return ""
    cells, shipped_cells = (_read_cells(notebook.read_text(encoding="utf-8")) for notebook in (path, shipped))
    in_english = {
        Translator(language).known(source): source for language in pack.languages() for source in shipped_cells
    }
    cells = [in_english.get(source, source) for source in cells]
    other_cells = [number for number, source in enumerate(cells, start=1) if source not in shipped_cells]
    left_out = sum(source not in cells for source in shipped_cells)
    if not other_cells and not left_out:
        order_message = translate("the cells of {file} are in another order than in the package's notebook", file=path)
        return "" if cells == shipped_cells else order_message
    cell_numbers = ", ".join(map(str, other_cells[:MAX_CELLS_NAMED])) + (
        " …" if len(other_cells) > MAX_CELLS_NAMED else ""
    )
    return translate(
        "the notebook {file} is not the one that comes with the package; cells that it does not have: {other}; "
        "cells of it that are not here: {count}",
        file=path,
        other=cell_numbers or translate("none"),
        count=left_out,
    )


def find_shown_texts(source: str) -> dict[str, str]:
    """Find the texts of a code cell that its page or chart shows: titles, captions, names, sentences.

    Each by the code in which it is written.
    """
    texts = {}
    for node in ast.walk(ast.parse(source)):
        expressions: list[ast.expr] = []
        if isinstance(node, ast.Call):
            expressions = [
                expression.value
                for expression in node.keywords
                if expression.arg in ("title", "kicker", "caption", "alt")
            ]
            expressions += node.args[:1] if getattr(node.func, "attr", "") == "text" else []
        elif isinstance(node, ast.Dict):
            expressions = node.values
        for expression in expressions:
            if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
                texts[ast.get_source_segment(source, expression) or ""] = expression.value
    return texts


def translate_code(source: str, language: str) -> str:
    """Write the texts that a code cell shows, and the language of its page, in a project's language."""
    for code, text in find_shown_texts(source).items():
        source = source.replace(code, json.dumps(Translator(language).known(text), ensure_ascii=False))
    return source.replace('language="en"', f'language="{language}"')


def _read_cells(text: str) -> list[str]:
    """Read the text of each cell, in order, that of parameters as empty; no cell of what is no notebook."""
    try:
        cells: list[dict[str, Any]] = json.loads(text)["cells"]
        return [
            "" if "parameters" in cell["metadata"].get("tags", []) else "".join(cell["source"]).strip()
            for cell in cells
        ]
    except (ValueError, KeyError, TypeError):
        return []
