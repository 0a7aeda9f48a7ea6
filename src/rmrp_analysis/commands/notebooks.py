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
    has_project_notebooks = project_notebook_folder.is_dir() and any(project_notebook_folder.glob("*.ipynb"))
    notebook_folder = project_notebook_folder if has_project_notebooks else find_shipped_folder(NOTEBOOKS_FOLDER)
    if not notebook_folder.is_dir():
        raise RequestError(translate("the notebooks folder {folder} is not there", folder=notebook_folder))
    changed_copy_names = []
    for notebook_path in sorted(notebook_folder.glob("*.ipynb")):
        notebook_text = notebook_path.read_text(encoding="utf-8")
        for shipped_folder_name in () if has_project_notebooks else SHIPPED_FOLDER_NAMES:
            absolute_path_json = json.dumps(find_shipped_folder(shipped_folder_name).as_posix())  # as Python writes it
            # In a cell, which is JSON
            old_path_code, new_path_code = (
                json.dumps(path_code)[1:-1] for path_code in (f'"../{shipped_folder_name}"', absolute_path_json)
            )
            notebook_text = notebook_text.replace(old_path_code, new_path_code)
        copy_path = project / LAB_FOLDER / notebook_path.name
        if not copy_path.exists():
            write_whole(copy_path, notebook_text)
        elif _read_cells(copy_path.read_text(encoding="utf-8")) != _read_cells(notebook_text):
            changed_copy_names.append(notebook_path.name)
    return project / LAB_FOLDER, changed_copy_names


def describe_changed_notebook(path: Path) -> str:
    """Say in which cells a notebook differs from the package's notebook of that name; empty where in none.

    Says where only their order differs, too; empty without such a notebook. Neither outputs nor the cell of parameters
    count, nor in which language its texts are.
    """
    shipped_notebook_path = find_shipped_folder(NOTEBOOKS_FOLDER) / path.name
    if not shipped_notebook_path.is_file() or path.resolve() == shipped_notebook_path.resolve():
        return ""
    cell_sources, shipped_cell_sources = (
        _read_cells(notebook_path.read_text(encoding="utf-8")) for notebook_path in (path, shipped_notebook_path)
    )
    english_source_by_translation = {
        Translator(language).known(cell_source): cell_source
        for language in pack.languages()
        for cell_source in shipped_cell_sources
    }
    cell_sources = [english_source_by_translation.get(cell_source, cell_source) for cell_source in cell_sources]
    changed_cell_numbers = [
        cell_number
        for cell_number, cell_source in enumerate(cell_sources, start=1)
        if cell_source not in shipped_cell_sources
    ]
    missing_cell_count = sum(cell_source not in cell_sources for cell_source in shipped_cell_sources)
    if not changed_cell_numbers and not missing_cell_count:
        order_message = translate("the cells of {file} are in another order than in the package's notebook", file=path)
        return "" if cell_sources == shipped_cell_sources else order_message
    cell_numbers_text = ", ".join(map(str, changed_cell_numbers[:MAX_CELLS_NAMED])) + (
        " …" if len(changed_cell_numbers) > MAX_CELLS_NAMED else ""
    )
    return translate(
        "the notebook {file} is not the one that comes with the package; cells that it does not have: {other}; "
        "cells of it that are not here: {count}",
        file=path,
        other=cell_numbers_text or translate("none"),
        count=missing_cell_count,
    )


def find_shown_texts(source: str) -> dict[str, str]:
    """Find the texts of a code cell that its page or chart shows: titles, captions, names, sentences.

    Each by the code in which it is written.
    """
    text_by_code = {}
    for syntax_node in ast.walk(ast.parse(source)):
        shown_expressions: list[ast.expr] = []
        if isinstance(syntax_node, ast.Call):
            shown_expressions = [
                shown_expression.value
                for shown_expression in syntax_node.keywords
                if shown_expression.arg in ("title", "kicker", "caption", "alt")
            ]
            shown_expressions += syntax_node.args[:1] if getattr(syntax_node.func, "attr", "") == "text" else []
        elif isinstance(syntax_node, ast.Dict):
            shown_expressions = syntax_node.values
        for shown_expression in shown_expressions:
            if isinstance(shown_expression, ast.Constant) and isinstance(shown_expression.value, str):
                text_by_code[ast.get_source_segment(source, shown_expression) or ""] = shown_expression.value
    return text_by_code


def translate_code(source: str, language: str) -> str:
    """Return a code cell with the texts that it shows, and the language of its page, in a project's language."""
    for string_code, shown_text in find_shown_texts(source).items():
        source = source.replace(string_code, json.dumps(Translator(language).known(shown_text), ensure_ascii=False))
    return source.replace('language="en"', f'language="{language}"')


def _read_cells(text: str) -> list[str]:
    """Return the text of each cell, in order, an empty one for that of parameters; an empty list for no notebook."""
    try:
        notebook_cells: list[dict[str, Any]] = json.loads(text)["cells"]
        return [
            ""
            if "parameters" in notebook_cell["metadata"].get("tags", [])
            else "".join(notebook_cell["source"]).strip()
            for notebook_cell in notebook_cells
        ]
    except (ValueError, KeyError, TypeError):
        return []
