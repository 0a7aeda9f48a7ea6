"""Keeps out of what is published where, when or by whom it was made: folders, times, the names of a computer."""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import rmrp_analysis
from rmrp_analysis.params import FOLDERS, QualityParams, ReportParams, RunParams
from rmrp_analysis.publish.engine.remote_paths import as_here

if TYPE_CHECKING:
    from nbformat import NotebookNode

OF_ONE_EXECUTION = ("papermill", "execution")
"""What a cell's metadata say of when it ran, and how long."""
PICTURES = ("image/png", "image/jpeg")
INJECTED = "injected-parameters"

_OF_PEOPLE = ("home", "Users")
_OF_SYSTEMS = ("root", "tmp", "var", "mnt", "media", "srv", "opt", "private", "Volumes")
_USUAL_PLACES = (
    rf"[/\\]+(?:{'|'.join(_OF_PEOPLE)})[/\\]+[^/\\\s'\"<>]+",
    rf"/(?:{'|'.join(_OF_SYSTEMS)})(?=/)",
    r"[A-Za-z]:[/\\]+Users[/\\]+[^/\\\s'\"<>]+",
    r"[A-Za-z]:(?=\\)",
    r"\\\\[\w.-]+",
)
"""Where the folders of people and of systems begin."""
_SIGNS = (":\\", r"\\", *(f"{mark}{name}" for name in (*_OF_PEOPLE, *_OF_SYSTEMS) for mark in "/\\"))
"""A text without one of these names no usual place."""
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


def folders_here() -> tuple[str, ...]:
    """The folders of this computer and this process that nobody should read of."""
    package = Path(rmrp_analysis.__file__).parent
    return tuple(map(str, (Path.home(), tempfile.gettempdir(), Path.cwd(), sys.prefix, sys.base_prefix, package)))


def hiding_folders(known: Iterable[str], others: Iterable[str] = ()) -> Callable[[str], str]:
    """A function that takes folders out of any text: ``known`` ones, ``others``, this computer's, usual places.

    What lies in them keeps its name, and so does a folder in ``known`` itself.
    """
    named = {str(folder): Path(folder).name for name in known if name for folder in (name, Path(name).resolve())}
    roots = sorted({*named, *others, *folders_here()} - {"/"}, key=len, reverse=True)
    exact = "|".join(rf"{re.escape(root)}(?![\w-])" for root in roots)
    begin = r"(?:(?<![\w.+-])|(?<=\dm))"  # after a colour of a traceback, too; never within a name or base64
    pattern = re.compile(rf"{begin}(?P<root>{exact}|{'|'.join(_USUAL_PLACES)}){_BELOW}")
    signs = (*roots, *_SIGNS)

    def name(found: re.Match[str]) -> str:
        return re.split(r"[/\\]", found["below"])[-1] or named.get(found["root"], "…")

    def hidden(text: str) -> str:
        may_have_one = ("/" in text or "\\" in text) and any(sign in text for sign in signs)
        return pattern.sub(name, text) if may_have_one else text  # the pattern takes a hundred times as long

    return hidden


@dataclass(frozen=True)
class Seen:
    """What readers see of a run's paths, by the parameter's name, and the folders that they do not see.

    Both are those of the computer and the process from which a run is made, whatever process makes a report.
    """

    paths: Mapping[str, str]
    folders: tuple[str, ...]


def seen_of(params: RunParams | ReportParams | QualityParams, folder: Path) -> Seen:
    """What readers see of the paths among the parameters of a notebook of this folder."""
    paths = {name: Path(path) for name in FOLDERS if (path := getattr(params, name, None))}
    return Seen({name: path_for_readers(path, folder) for name, path in paths.items()}, folders_here())


def for_readers(
    executed: "NotebookNode", params: ReportParams | QualityParams, folder: Path, seen: Seen
) -> "NotebookNode":
    """An executed notebook of this folder, changed so that it may be published.

    It has no times, its paths are seen from the folder, and its texts name files without the folders they lie in. The
    same parameters and outputs are the same bytes. One that ran on another computer (see ``remote_paths``) is as if it
    had run in the folder itself.
    """
    from papermill.translators import translate_parameters

    content = params.model_dump(mode="json") | dict(seen.paths)
    executed.metadata["papermill"] = {"parameters": content}
    paths = [str(path) for name in FOLDERS if (path := getattr(params, name, ""))]
    hidden = hiding_folders([*paths, str(folder)], seen.folders)

    def hide(text: str) -> str:
        return hidden(as_here(text))

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
