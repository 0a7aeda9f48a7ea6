"""The folder of a run as one publication: what its ``run.json`` says, made aside, and put in place as a whole."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rmrp_analysis import pack
from rmrp_analysis.errors import RequestError
from rmrp_analysis.files import lock_of, make_durable, put_in_place
from rmrp_analysis.sources import sha256

MANIFEST = "run.json"
NEXT, STOPPED, PREVIOUS = "next", "stopped", "previous"
"""In the folder of work: the publication that is made, what a stopped run had finished, the one that was replaced."""


@dataclass(frozen=True)
class Publication:
    """A folder as its ``run.json`` describes it. A folder without one is a publication of nothing."""

    folder: Path

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """The content of ``run.json``."""
        return json_object(self.folder / MANIFEST)

    def check_pack(self) -> None:
        """Raise ``RequestError`` where the run is of another plan pack than the one that this process speaks of."""
        if named := self.manifest.get("pack"):
            pack.check_named(str(named["name"]), self.folder)

    @property
    def files(self) -> Mapping[str, Mapping[str, Any]]:
        """The ``sha256`` and ``bytes`` of every file by its name, without ``run.json`` itself."""
        return self.manifest.get("files", {})

    @cached_property
    def reports(self) -> Mapping[str, Mapping[str, Any]]:
        """What ``run.json`` says of each report, by its id."""
        return {str(entry.get("id")): entry for entry in self.manifest.get("reports", ())}

    def has(self, names: Iterable[str]) -> bool:
        """Whether there are files of these names, whatever is in them."""
        return all((self.folder / name).is_file() for name in names)

    def is_intact(self, names: Iterable[str]) -> bool:
        """Whether these files are there, with the very bytes that ``run.json`` names."""
        return all(
            name in self.files and self.has([name]) and described(self.folder / name) == self.files[name]
            for name in names
        )

    def give(self, names: Iterable[str], folder: Path) -> None:
        """Put the same files into another folder, without a copy where the disk can."""
        for name in names:
            try:
                os.link(self.folder / name, folder / name)
            except OSError:
                shutil.copy2(self.folder / name, folder / name)


def described(path: Path) -> dict[str, Any]:
    """What ``run.json`` says of a file."""
    return {"sha256": sha256(path), "bytes": path.stat().st_size}


def json_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file; an empty one where there is none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def check_folder(folder: Path, audience: str) -> None:
    """Raise ``RequestError`` where a run for this audience must not replace what lies in a folder.

    That is the run of another audience, and whatever is no run: a run's folder belongs to the run alone, and files
    that its ``run.json`` does not name are removed.
    """
    if not folder.exists():
        return
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else [folder.name]
    other = "choose another folder by --out, or delete that one"
    manifest = json_object(folder / MANIFEST)
    before = manifest.get("audience")
    if before not in (None, audience):
        raise RequestError(
            f"{folder} holds reports for the audience '{before}', and this run is for '{audience}'; {other}"
        )
    if names and not {"run", "reports", "audience"} <= set(manifest):
        raise RequestError(
            f"{folder} is not the folder of a run: it holds {names[0]} and no run.json of a run; {other}"
        )
    if ".git" in names:
        raise RequestError(f"{folder} is a git repository, and a run replaces its folder; choose another one by --out")
    internal = [name for name in names if ".internal." in name]
    if audience == "public" and internal:
        raise RequestError(f"{folder} holds {internal[0]}, which is not for publication; {other}")


def work_folder(folder: Path) -> Path:
    """The hidden folder beside a run's folder in which its next publication is made."""
    return folder.with_name(f".{folder.name}.work")


@contextmanager
def publication_of(folder: Path) -> Iterator[tuple[Path, Publication, Publication]]:
    """An empty folder to make the next publication in, which takes the place of ``folder`` when the block ends.

    Beside it come two publications whose files may be given to it: what a stopped run had finished, and what stands
    in ``folder``. Until the end of the block ``folder`` stays as it is; where the block raises, it stays for good, and
    what was made is kept for the next run. Raises ``RequestError`` where another run is at work.
    """
    work = work_folder(folder)
    work.mkdir(parents=True, exist_ok=True)
    with lock_of(work) as ours:
        if not ours:
            raise RequestError(f"another run writes to {folder}; wait until it ends, or choose another folder by --out")
        following, stopped, previous = (work / name for name in (NEXT, STOPPED, PREVIOUS))
        if previous.exists() and not folder.exists():  # a run was killed between two renames
            previous.rename(folder)
        if following.exists() and not stopped.exists():  # else a run was killed before it had taken all of it
            following.rename(stopped)
        for left in (following, previous):
            shutil.rmtree(left, ignore_errors=True)
        following.mkdir()
        yield following, Publication(stopped), Publication(folder)
        make_durable(following)
        put_in_place(following, folder, previous)
        shutil.rmtree(work, ignore_errors=True)


def forget(publication: Publication) -> None:
    """Remove what a stopped run had finished, once its files are given to the next publication."""
    shutil.rmtree(publication.folder, ignore_errors=True)
