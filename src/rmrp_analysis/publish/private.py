"""Keeps out of what is published where, when and by whom it was made: folders, times, the names of a computer."""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import rmrp_analysis
from rmrp_analysis.params import QualityParams, ReportParams

if TYPE_CHECKING:
    from nbformat import NotebookNode

OF_ONE_EXECUTION = ("papermill", "execution")
"""What a cell's metadata say of when it ran, and how long."""
PICTURES = ("image/png", "image/jpeg")
INJECTED = "injected-parameters"

_USUAL_PLACES = (
    r"[/\\]+(?:home|Users)[/\\]+[^/\\\s'\"<>]+",
    r"/(?:root|tmp|var|mnt|media|srv|opt|private|Volumes)(?=/)",
    r"[A-Za-z]:[/\\]+Users[/\\]+[^/\\\s'\"<>]+",
    r"[A-Za-z]:(?=\\)",
    r"\\\\[\w.-]+",
)
"""Where the folders of people and of systems begin."""
_BELOW = r"(?P<below>(?:[/\\]+[^\s/\\'\"<>:*?|]+)*)[/\\]*"
_FOLDERS = re.compile(r"(?:\b[A-Za-z]:|(?<![\w.:/<]))[/\\][^\s:'\"<>]*[/\\]")
"""The folders before a file's name, in plain text. In HTML this would take the ends of elements for folders."""


def path_for_readers(path: Path, base: Path) -> str:
    """A path as seen from a folder, or its name alone where a folder of all users is the only one above both.

    >>> path_for_readers(Path("/x/plan/data/rmrp-2021"), Path("/x/plan/params"))
    '../data/rmrp-2021'
    >>> path_for_readers(Path("/y/rmrp-2021"), Path("/x/plan/params"))
    'rmrp-2021'
    """
    try:
        above = Path(os.path.commonpath([path, base]))
    except ValueError:  # on another disk of Windows
        return path.name
    shared = Path(tempfile.gettempdir()).resolve().is_relative_to(above) or above in Path.home().resolve().parents
    return path.name if shared else PurePath(os.path.relpath(path, base)).as_posix()


def without_folders(text: str, known: Iterable[str] = ()) -> str:
    """A plain text with files by their names alone; of the folders in ``known`` the name stays, too.

    >>> without_folders("'/x/plan/data/a.csv', line 3: no such month")
    "'a.csv', line 3: no such month"
    """
    return _FOLDERS.sub("", hiding_folders(known)(text))


def hiding_folders(known: Iterable[str]) -> Callable[[str], str]:
    """A function that takes folders out of a text of any kind: those in ``known``, this computer's, usual places.

    What lies in them keeps its name, and so does a folder in ``known`` itself.
    """
    named = {str(folder): Path(folder).name for name in known if name for folder in (name, Path(name).resolve())}
    package = Path(rmrp_analysis.__file__).parent
    of_computer = map(str, (Path.home(), tempfile.gettempdir(), Path.cwd(), sys.prefix, sys.base_prefix, package))
    roots = sorted({*named, *of_computer} - {"/"}, key=len, reverse=True)
    exact = "|".join(rf"{re.escape(root)}(?![\w-])" for root in roots)
    begin = r"(?:(?<![\w.+-])|(?<=\dm))"  # after a colour of a traceback, too; never within a name or base64
    pattern = re.compile(rf"{begin}(?P<root>{exact}|{'|'.join(_USUAL_PLACES)}){_BELOW}")

    def name(found: re.Match[str]) -> str:
        return re.split(r"[/\\]", found["below"])[-1] or named.get(found["root"], "…")

    return lambda text: pattern.sub(name, text)


def for_readers(executed: "NotebookNode", params: ReportParams | QualityParams, folder: Path) -> "NotebookNode":
    """An executed notebook of this folder, changed so that it may be published.

    It has no times, its paths are seen from the folder, and its texts name files without the folders they lie in. The
    same parameters and outputs are the same bytes.
    """
    from papermill.translators import translate_parameters

    content = params.model_dump(mode="json")
    paths = {name: content[name] for name in ("data", "narratives") if content.get(name)}
    content |= {name: path_for_readers(Path(path), folder) for name, path in paths.items()}
    executed.metadata["papermill"] = {"parameters": content}
    hide = hiding_folders([*paths.values(), str(folder)])
    for cell in executed.cells:
        for key in OF_ONE_EXECUTION:
            cell.metadata.pop(key, None)
        if INJECTED in cell.metadata.get("tags", ()):
            cell["id"] = INJECTED  # papermill's own is another one each time
            cell["source"] = translate_parameters("python3", "python", content, "Parameters")
        else:
            cell["source"] = hide(cell.source)
        for output in cell.get("outputs", ()):
            for key in {"text", "ename", "evalue", "traceback"}.intersection(output):
                output[key] = _changed(output[key], lambda text: _FOLDERS.sub("", hide(text)))
            for mime in set(output.get("data", ())).difference(PICTURES):
                output["data"][mime] = _changed(output["data"][mime], hide)
    return executed


def _changed(content: Any, change: Callable[[str], str]) -> Any:
    """JSON with every text changed; names of keys stay."""
    if isinstance(content, str):
        return change(content)
    if isinstance(content, list):
        return [_changed(item, change) for item in content]
    if isinstance(content, dict):
        return {key: _changed(item, change) for key, item in content.items()}
    return content
