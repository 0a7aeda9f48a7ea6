"""Tell a project's notebooks from the package's, and copy them for JupyterLab."""

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
"""The folder of a project with copies of notebooks, for experiments."""

MAX_CELLS_NAMED = 5


def copy_notebooks(project: Path) -> tuple[Path, list[str]]:
    """Copy the notebooks of a project into its folder ``lab``. An existing copy stays.

    A folder without notebooks gets copies of the package's, which read the package's plan. Returns the folder, and the
    names of the copies that differ from their notebook. Raises ``RequestError`` if the package's notebooks are missing.
    """
    notebooks = project / NOTEBOOKS_FOLDER
    has_notebooks = notebooks.is_dir() and any(notebooks.glob("*.ipynb"))
    folder = notebooks if has_notebooks else find_shipped_folder(NOTEBOOKS_FOLDER)
    if not folder.is_dir():
        raise RequestError(translate("the notebooks folder {folder} is not there", folder=folder))
    changed = []
    for path in sorted(folder.glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        for shipped in () if has_notebooks else SHIPPED_FOLDER_NAMES:
            absolute = json.dumps(find_shipped_folder(shipped).as_posix())  # as Python writes it
            old, new = (json.dumps(code)[1:-1] for code in (f'"../{shipped}"', absolute))  # in a cell, in JSON
            text = text.replace(old, new)
        copy = project / LAB_FOLDER / path.name
        if not copy.exists():
            write_whole(copy, text)
        elif _read_cells(copy.read_text(encoding="utf-8")) != _read_cells(text):
            changed.append(path.name)
    return project / LAB_FOLDER, changed


def describe_changed_notebook(path: Path) -> str:
    """Return a sentence on the cells or the order of cells in which a notebook differs from the package's.

    The package's notebook has the same name. The text is empty if nothing differs, and if the package has no such
    notebook. Outputs, the cell of parameters and the language of texts do not count.
    """
    shipped = find_shipped_folder(NOTEBOOKS_FOLDER) / path.name
    if not shipped.is_file() or path.resolve() == shipped.resolve():
        return ""
    sources, shipped_sources = (_read_cells(notebook.read_text(encoding="utf-8")) for notebook in (path, shipped))
    english = {
        Translator(language).known(source): source for language in pack.languages() for source in shipped_sources
    }
    sources = [english.get(source, source) for source in sources]
    foreign = [number for number, source in enumerate(sources, start=1) if source not in shipped_sources]
    missing = sum(source not in sources for source in shipped_sources)
    if not foreign and not missing:
        message = translate("the cells of {file} are in another order than in the package's notebook", file=path)
        return "" if sources == shipped_sources else message
    cells = ", ".join(map(str, foreign[:MAX_CELLS_NAMED])) + (" …" if len(foreign) > MAX_CELLS_NAMED else "")
    return translate(
        "the notebook {file} is not the one that comes with the package; cells that it does not have: {other}; "
        "cells of it that are not here: {count}",
        file=path,
        other=cells or translate("none"),
        count=missing,
    )


def find_shown_texts(source: str) -> dict[str, str]:
    """Return the texts of a code cell that its page or chart shows, by the code in which each is written.

    They are titles, captions, names and sentences.
    """
    texts = {}
    for node in ast.walk(ast.parse(source)):
        nodes: list[ast.expr] = []
        if isinstance(node, ast.Call):
            nodes = [keyword.value for keyword in node.keywords if keyword.arg in ("title", "kicker", "caption", "alt")]
            nodes += node.args[:1] if getattr(node.func, "attr", "") == "text" else []
        elif isinstance(node, ast.Dict):
            nodes = node.values
        for child in nodes:
            if isinstance(child, ast.Constant) and isinstance(child.value, str):
                texts[ast.get_source_segment(source, child) or ""] = child.value
    return texts


def translate_code(source: str, language: str) -> str:
    """Return a code cell with the texts that it shows, and the language of its page, in another language."""
    for literal, text in find_shown_texts(source).items():
        source = source.replace(literal, json.dumps(Translator(language).known(text), ensure_ascii=False))
    return source.replace('language="en"', f'language="{language}"')


def _read_cells(text: str) -> list[str]:
    """Return the text of each cell in order, "" for the cell of parameters, or an empty list for no notebook."""
    try:
        cells: list[dict[str, Any]] = json.loads(text)["cells"]
        return [
            "" if "parameters" in cell["metadata"].get("tags", []) else "".join(cell["source"]).strip()
            for cell in cells
        ]
    except (ValueError, KeyError, TypeError):
        return []
