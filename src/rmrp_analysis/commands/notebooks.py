"""Tell the notebooks of a project from those of the package; copy them for JupyterLab."""

import ast
import json
from pathlib import Path
from typing import Any

from rmrp_analysis.commands.terminal import translate
from rmrp_analysis.errors import RequestError
from rmrp_analysis.files import write_whole
from rmrp_analysis.packs import pack
from rmrp_analysis.params import NOTEBOOKS_FOLDER, SHIPPED_FOLDER_NAMES, find_shipped_folder
from rmrp_analysis.words import Translator

LAB_FOLDER = "lab"
"""The folder of a project's copies of notebooks, for experiments."""

MAX_CELLS_NAMED = 5
"""How many cells that differ are named."""


def copy_notebooks(project: Path) -> tuple[Path, list[str]]:
    """Copy the notebooks of a project into its folder ``lab``; a copy that is there is kept.

    A folder without notebooks gets copies of those that come with the package, which read the plan that comes with it.
    Returns the folder, and the names of the copies that differ from their notebook. Raises ``RequestError`` where the
    package's notebooks are not there.
    """
    project_notebook_folder = project / NOTEBOOKS_FOLDER
    in_project = project_notebook_folder.is_dir() and any(project_notebook_folder.glob("*.ipynb"))
    folder = project_notebook_folder if in_project else find_shipped_folder(NOTEBOOKS_FOLDER)
    if not folder.is_dir():
        raise RequestError(translate("the notebooks folder {folder} is not there", folder=folder))
    other = []
    for path in sorted(folder.glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        for shipped in () if in_project else SHIPPED_FOLDER_NAMES:
            absolute_path_json = json.dumps(find_shipped_folder(shipped).as_posix())  # as Python writes it
            # In a cell, which is JSON
            old, new = (json.dumps(path_code)[1:-1] for path_code in (f'"../{shipped}"', absolute_path_json))
            text = text.replace(old, new)
        copy = project / LAB_FOLDER / path.name
        if not copy.exists():
            write_whole(copy, text)
        elif _read_cells(copy.read_text(encoding="utf-8")) != _read_cells(text):
            other.append(path.name)
    return project / LAB_FOLDER, other


def describe_changed_notebook(path: Path) -> str:
    """Say in which cells a notebook differs from the package's notebook of that name; empty where in none.

    Says where only their order differs, too; empty without such a notebook. Neither outputs nor the cell of parameters
    count, nor in which language its texts are.
    """
    shipped = find_shipped_folder(NOTEBOOKS_FOLDER) / path.name
    if not shipped.is_file() or path.resolve() == shipped.resolve():
        return ""
    cell_sources, shipped_cell_sources = (
        _read_cells(notebook.read_text(encoding="utf-8")) for notebook in (path, shipped)
    )
    in_english = {
        Translator(language).known(source): source for language in pack.languages() for source in shipped_cell_sources
    }
    cell_sources = [in_english.get(source, source) for source in cell_sources]
    other = [number for number, source in enumerate(cell_sources, start=1) if source not in shipped_cell_sources]
    left_out = sum(source not in cell_sources for source in shipped_cell_sources)
    if not other and not left_out:
        moved = translate("the cells of {file} are in another order than in the package's notebook", file=path)
        return "" if cell_sources == shipped_cell_sources else moved
    cell_numbers_text = ", ".join(map(str, other[:MAX_CELLS_NAMED])) + (" …" if len(other) > MAX_CELLS_NAMED else "")
    return translate(
        "the notebook {file} is not the one that comes with the package; cells that it does not have: {other}; "
        "cells of it that are not here: {count}",
        file=path,
        other=cell_numbers_text or translate("none"),
        count=left_out,
    )


def find_shown_texts(source: str) -> dict[str, str]:
    """Find the texts of a code cell that its page or chart shows: titles, captions, names, sentences.

    Each by the code in which it is written.
    """
    texts = {}
    for node in ast.walk(ast.parse(source)):
        shown_expressions: list[ast.expr] = []
        if isinstance(node, ast.Call):
            shown_expressions = [
                shown_expression.value
                for shown_expression in node.keywords
                if shown_expression.arg in ("title", "kicker", "caption", "alt")
            ]
            shown_expressions += node.args[:1] if getattr(node.func, "attr", "") == "text" else []
        elif isinstance(node, ast.Dict):
            shown_expressions = node.values
        for shown_expression in shown_expressions:
            if isinstance(shown_expression, ast.Constant) and isinstance(shown_expression.value, str):
                texts[ast.get_source_segment(source, shown_expression) or ""] = shown_expression.value
    return texts


def translate_code(source: str, language: str) -> str:
    """Return a code cell with the texts that it shows, and the language of its page, in a project's language."""
    for written, text in find_shown_texts(source).items():
        source = source.replace(written, json.dumps(Translator(language).known(text), ensure_ascii=False))
    return source.replace('language="en"', f'language="{language}"')


def _read_cells(text: str) -> list[str]:
    """Return the text of each cell, in order, an empty one for that of parameters; an empty list for no notebook."""
    try:
        cells: list[dict[str, Any]] = json.loads(text)["cells"]
        return [
            "" if "parameters" in cell["metadata"].get("tags", []) else "".join(cell["source"]).strip()
            for cell in cells
        ]
    except (ValueError, KeyError, TypeError):
        return []
