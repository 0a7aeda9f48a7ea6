"""Removes private facts from published notebooks and texts: folders, times, names of a computer."""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import rmrp_analysis
from rmrp_analysis.params import FOLDER_PARAMETERS, QualityParams, ReportParams, RunParams
from rmrp_analysis.publish.engine.remote_paths import remove_root

if TYPE_CHECKING:
    from nbformat import NotebookNode

EXECUTION_METADATA_KEYS = ("papermill", "execution")
"""The keys of a cell's metadata that say when it ran, and how long."""
PICTURE_MIME_TYPES = ("image/png", "image/jpeg")
"""The types of outputs without text."""
INJECTED_CELL_TAG = "injected-parameters"
"""Papermill's tag for the cell with the parameters."""

_USERS_FOLDER_NAMES = ("home", "Users")
"""The folders in which a system keeps its users' folders."""
_SYSTEM_FOLDER_NAMES = ("root", "tmp", "var", "mnt", "media", "srv", "opt", "private", "Volumes")
"""The top folders of a system in which files of a run may lie."""
_USUAL_ROOT_PATTERNS = (
    rf"[/\\]+(?:{'|'.join(_USERS_FOLDER_NAMES)})[/\\]+[^/\\\s'\"<>]+",
    rf"/(?:{'|'.join(_SYSTEM_FOLDER_NAMES)})(?=/)",
    r"[A-Za-z]:[/\\]+Users[/\\]+[^/\\\s'\"<>]+",
    r"[A-Za-z]:(?=\\)",
    r"\\\\[\w.-]+",
)
"""How the folders of people and of systems begin."""
_ROOT_PATH_FRAGMENTS = (
    ":\\",
    r"\\",
    *(f"{mark}{name}" for name in (*_USERS_FOLDER_NAMES, *_SYSTEM_FOLDER_NAMES) for mark in "/\\"),
)
"""Any path below a usual root has one of these texts."""
_PATH_BELOW_ROOT_PATTERN = r"(?P<below>(?:[/\\]+[^\s/\\'\"<>:*?|]+)*)[/\\]*"
"""The rest of a path, below a root."""
_FILE_FOLDERS_PATTERN = re.compile(r"(?:\b[A-Za-z]:|(?<![\w.:/<]))[/\\][^\s:'\"<>]*[/\\]")
"""The folders before a file's name, in plain text. In HTML it would also match the ends of elements."""


def shorten_path(path: Path, base: Path) -> str:
    """Return a path relative to a folder, with ``/``, or only its name if the path would show too much.

    A path shows too much if both share only a folder of all users, such as ``/home``. Paths on different disks give
    only the name, too.

    >>> shorten_path(Path("/x/plan/data/rmrp-2021"), Path("/x/plan/params"))
    '../data/rmrp-2021'
    >>> shorten_path(Path("/y/rmrp-2021"), Path("/x/plan/params"))
    'rmrp-2021'
    """
    try:
        above = Path(os.path.commonpath([path, base]))
    except ValueError:  # on another disk of Windows
        return path.name
    if Path(tempfile.gettempdir()).resolve().is_relative_to(above) or above in Path.home().resolve().parents:
        return path.name
    return PurePath(os.path.relpath(path, base)).as_posix()


def remove_folders(text: str, named_folders: Iterable[str] = ()) -> str:
    """Remove the folders before file names from a plain text, except the names of ``named_folders``.

    >>> remove_folders("'/x/plan/data/a.csv', line 3: no such month")
    "'a.csv', line 3: no such month"
    """
    return _FILE_FOLDERS_PATTERN.sub("", make_folder_hider(named_folders)(text))


def list_private_folders() -> tuple[str, ...]:
    """List the folders that no reader should see: home, temporary, current, of Python and of the package."""
    package = Path(rmrp_analysis.__file__).parent
    return tuple(map(str, (Path.home(), tempfile.gettempdir(), Path.cwd(), sys.prefix, sys.base_prefix, package)))


def make_folder_hider(named_folders: Iterable[str], hidden_folders: Iterable[str] = ()) -> Callable[[str], str]:
    """Return a function that removes folders from any text.

    It removes the folders of both arguments, of ``list_private_folders``, and usual roots of systems such as
    ``/home/…``. A file or folder below them keeps its name, and so does each of ``named_folders``. Any other removed
    folder becomes ``…``.
    """
    names = {
        str(folder): Path(folder).name for name in named_folders if name for folder in (name, Path(name).resolve())
    }
    roots = sorted({*names, *hidden_folders, *list_private_folders()} - {"/"}, key=len, reverse=True)
    exact = "|".join(rf"{re.escape(root)}(?![\w-])" for root in roots)
    start = r"(?:(?<![\w.+-])|(?<=\dm))"  # after a colour of a traceback, too; never within a name or base64
    pattern = re.compile(rf"{start}(?P<root>{exact}|{'|'.join(_USUAL_ROOT_PATTERNS)}){_PATH_BELOW_ROOT_PATTERN}")
    signs = (*roots, *_ROOT_PATH_FRAGMENTS)

    def keep_name(match: re.Match[str]) -> str:
        """Return the last name of a path, or for a root its name or ``…``."""
        return re.split(r"[/\\]", match["below"])[-1] or names.get(match["root"], "…")

    def hide_folders(text: str) -> str:
        # The pattern takes a hundred times as long as the signs
        has_path = ("/" in text or "\\" in text) and any(sign in text for sign in signs)
        return pattern.sub(keep_name, text) if has_path else text

    return hide_folders


@dataclass(frozen=True)
class VisiblePaths:
    """The paths of a run as readers see them, by parameter, and the folders to hide.

    It exists since both must come from the process that starts a run, whichever process or computer makes a report.
    """

    paths: Mapping[str, str]
    folders: tuple[str, ...]


def find_visible_paths(params: RunParams | ReportParams | QualityParams, folder: Path) -> VisiblePaths:
    """Return the paths of a notebook in this folder as readers see them, and the folders to hide.

    The paths are relative to the folder. Parameters without a path are left out.
    """
    paths = {name: Path(path) for name in FOLDER_PARAMETERS if (path := getattr(params, name, None))}
    return VisiblePaths({name: shorten_path(path, folder) for name, path in paths.items()}, list_private_folders())


def prepare_for_readers(
    executed: "NotebookNode", params: ReportParams | QualityParams, folder: Path, visible: VisiblePaths
) -> "NotebookNode":
    """Change an executed notebook of this folder so that it can be published, and return it.

    Times are removed. Its parameters get the paths of ``visible``, and code and outputs name files without private
    folders. The same parameters and outputs give the same bytes, also if the notebook ran on another computer (see
    ``remote_paths``).
    """
    from papermill.translators import translate_parameters

    content = params.model_dump(mode="json") | dict(visible.paths)
    executed.metadata["papermill"] = {"parameters": content}
    paths = [str(path) for name in FOLDER_PARAMETERS if (path := getattr(params, name, ""))]
    hider = make_folder_hider([*paths, str(folder)], visible.folders)

    def hide(text: str) -> str:
        """Remove the root of another computer and folders from a text."""
        return hider(remove_root(text))

    for cell in executed.cells:
        for key in EXECUTION_METADATA_KEYS:
            cell.metadata.pop(key, None)
        if INJECTED_CELL_TAG in cell.metadata.get("tags", ()):
            cell["id"] = INJECTED_CELL_TAG  # papermill's id changes each time
            cell["source"] = translate_parameters("python3", "python", content, "Parameters")
        else:
            cell["source"] = hide(cell.source)
        for output in cell.get("outputs", ()):
            for key in {"text", "ename", "evalue", "traceback"}.intersection(output):
                output[key] = _change_texts(output[key], lambda text: _FILE_FOLDERS_PATTERN.sub("", hide(text)))
            for mime in set(output.get("data", ())).difference(PICTURE_MIME_TYPES):
                output["data"][mime] = _change_texts(output["data"][mime], hide)
    return executed


def _change_texts(content: Any, change: Callable[[str], str]) -> Any:
    """Return JSON content with each text changed by a function. Keys and other values stay."""
    if isinstance(content, str):
        return change(content)
    if isinstance(content, list):
        return [_change_texts(item, change) for item in content]
    if isinstance(content, dict):
        return {key: _change_texts(item, change) for key, item in content.items()}
    return content
