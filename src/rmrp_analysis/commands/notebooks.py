"""Tell the notebooks of a project from those of the package; copy them for JupyterLab."""

import ast
import json
from pathlib import Path
from typing import Any

from rmrp_analysis.commands.terminal import translate
from rmrp_analysis.errors import RequestError
from rmrp_analysis.files import write_whole
from rmrp_analysis.packs import pack
from rmrp_analysis.params import NOTEBOOKS, SHIPPED_PATHS, shipped_folder
from rmrp_analysis.words import Translator

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
        raise RequestError(translate("the notebooks folder {folder} is not there", folder=folder))
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
    in_english = {Translator(language).known(source): source for language in pack.languages() for source in known}
    own = [in_english.get(source, source) for source in own]
    other = [number for number, source in enumerate(own, start=1) if source not in known]
    left_out = sum(source not in own for source in known)
    if not other and not left_out:
        moved = translate("the cells of {file} are in another order than in the package's notebook", file=path)
        return "" if own == known else moved
    named = ", ".join(map(str, other[:MOST_CELLS_NAMED])) + (" …" if len(other) > MOST_CELLS_NAMED else "")
    return translate(
        "the notebook {file} is not the one that comes with the package; cells that it does not have: {other}; "
        "cells of it that are not here: {count}",
        file=path,
        other=named or translate("none"),
        count=left_out,
    )


def shown_texts(source: str) -> dict[str, str]:
    """Find the texts of a code cell that its page or chart shows: titles, captions, names, sentences.

    Each by the code in which it is written.
    """
    texts = {}
    for node in ast.walk(ast.parse(source)):
        shown: list[ast.expr] = []
        if isinstance(node, ast.Call):
            shown = [each.value for each in node.keywords if each.arg in ("title", "kicker", "caption", "alt")]
            shown += node.args[:1] if getattr(node.func, "attr", "") == "text" else []
        elif isinstance(node, ast.Dict):
            shown = node.values
        for each in shown:
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                texts[ast.get_source_segment(source, each) or ""] = each.value
    return texts


def code_in_language(source: str, language: str) -> str:
    """Write the texts that a code cell shows, and the language of its page, in a project's language."""
    for written, text in shown_texts(source).items():
        source = source.replace(written, json.dumps(Translator(language).known(text), ensure_ascii=False))
    return source.replace('language="en"', f'language="{language}"')


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
