"""A run's folder at an address that fsspec knows, such as ``s3://bucket/sheets``, whole or absent.

A run is made in a folder of the user's cache, from what the address has, and uploaded aside, in ``.<run>.work``. Only
then it takes its place: ``run.json`` goes first and comes last, so that a folder without it is no publication. A step
that was cut off is finished by the next run.
"""

import hashlib
import mimetypes
import os
import posixpath
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from platformdirs import user_cache_path

from rmrp_analysis.errors import InputRefused, RequestError, RmrpError
from rmrp_analysis.files import is_address, write_whole
from rmrp_analysis.provenance import PACKAGE
from rmrp_analysis.publish.records.manifest import MANIFEST, Manifest, StatedFile
from rmrp_analysis.publish.records.publication import Publication, described, earlier_editions, edition_folder

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem


@contextmanager
def folder_at(out: str, run: str, warn: Callable[[str], object], keep: int = 0) -> Iterator[tuple[Path, int]]:
    """Give the folder in which a run's folder is made, with how many earlier editions are to be kept in it.

    Where ``out`` is an address, the run is published there at the end, and editions are kept there. Where the block
    raises, the address stays as it is. Raises ``RequestError`` where the address holds anything but a run,
    ``InputRefused`` where it cannot be reached.
    """
    if not is_address(out):
        yield Path(out), keep
        return
    if urlsplit(out).password:
        raise RequestError("--out: write no password in an address; keep it in a variable of the environment")
    with _reached(out):
        system, root = _file_system(out)
    if "file" in system.protocol:
        yield Path(root), keep
        return
    mirror = user_cache_path(PACKAGE, appauthor=False) / "published" / hashlib.sha256(out.encode()).hexdigest()[:16]
    mirror.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = _Place(system, posixpath.join(root, run), posixpath.join(root, f".{run}.work"), mirror / run)
    with _reached(out):
        place.bring()
    yield mirror, 0
    with _reached(out):
        place.take(warn, keep)


@contextmanager
def _reached(address: str) -> Iterator[None]:
    try:
        yield
    except RmrpError:
        raise
    except Exception as problem:  # each file system has its own
        raise InputRefused(f"{address} cannot be used ({type(problem).__name__}: {problem})") from None


def _file_system(address: str) -> tuple["AbstractFileSystem", str]:
    """The file system of an address, and the path in it. Where its own library is not there, obstore may know it."""
    try:
        from fsspec.core import url_to_fs

        try:
            system, root = url_to_fs(address)
        except ImportError:
            from obstore.fsspec import register

            register(urlsplit(address).scheme)
            system, root = url_to_fs(address)
    except ImportError as missing:
        raise RequestError(f'{address} needs a library: pip install "rmrp-analysis[remote]" ({missing})') from None
    return system, root.rstrip("/")


@dataclass
class _Place:
    """The folder of a run in a file system, and the one beside it to which the next publication is uploaded.

    ``local`` is its folder on this computer; ``before`` is what was published, of which some files are ``there``.
    """

    system: "AbstractFileSystem"
    folder: str
    work: str
    local: Path
    before: Manifest = field(default_factory=Manifest)
    there: dict[str, StatedFile] = field(default_factory=dict)

    def bring(self) -> None:
        """Make the local folder what is published."""
        self.system.invalidate_cache()
        if MANIFEST in (uploaded := self._files(self.work)):
            self._put_in_place(uploaded)
        elif uploaded:
            self.system.rm(self.work, recursive=True)
        files, manifest = self._files(self.folder), self._manifest(self.folder)
        if files and not manifest.model_fields_set:
            raise RequestError(
                f"{self.folder} is not the folder of a run: it holds {min(files)} and no run.json of a run; choose "
                "another address by --out, or delete that one"
            )
        there = {name: file for name, file in manifest.files.items() if files.get(name) == file.bytes}
        self.before, self.there, local = manifest, there, self.local
        made = {name: report.made for report in manifest.reports for name in report.outputs}
        if not files:
            shutil.rmtree(local, ignore_errors=True)
            return
        local.mkdir(exist_ok=True)
        (local / MANIFEST).unlink(missing_ok=True)
        for path in [path for path in local.rglob("*") if path.is_file()]:
            if described(path) != there.get(path.relative_to(local).as_posix()):
                path.unlink()
        for name in there:
            path = local / name
            if path.exists() or not path.resolve().is_relative_to(local.resolve()):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            self.system.get_file(f"{self.folder}/{name}", str(path))
            if made.get(name):
                ended = datetime.fromisoformat(made[name]).timestamp()
                os.utime(path, (ended, ended))  # the day it was made is printed of a sheet that was good
        write_whole(local / MANIFEST, self.system.cat_file(f"{self.folder}/{MANIFEST}"))

    def take(self, warn: Callable[[str], object], keep: int) -> None:
        """Publish the local folder, where it is another one than ``before``."""
        now = Publication(self.local).manifest
        if now == self.before:
            return
        self.system.invalidate_cache()
        if self._manifest(self.folder) != self.before:
            raise InputRefused(f"another run was published at {self.folder} meanwhile; run again")
        for name in [name for name, file in now.files.items() if self.there.get(name) != file] + [MANIFEST]:
            self._upload(self.local / name, f"{self.work}/{name}")
        room = earlier_editions(self.folder)
        if keep and self.before.edition not in ("", now.edition):
            for name in (*self.there, MANIFEST):
                kept = f"{room}/{edition_folder(self.before)}/{name}"
                self.system.makedirs(posixpath.dirname(kept), exist_ok=True)
                self.system.copy(f"{self.folder}/{name}", kept)
        for edition in sorted({name.partition("/")[0] for name in self._files(room)})[:-keep] if keep else ():
            if self._manifest(f"{room}/{edition}").run in ("", now.run):
                self.system.rm(f"{room}/{edition}", recursive=True)
        foreign = self._files(self.folder).keys() - now.files.keys() - self.before.files.keys() - {MANIFEST}
        for name in sorted(foreign):
            warn(f"{self.folder}/{name} is removed: the run did not make it")
        self._put_in_place(self._files(self.work))

    def _put_in_place(self, uploaded: dict[str, int]) -> None:
        manifest = self._manifest(self.work)
        with suppress(FileNotFoundError):
            self.system.rm_file(f"{self.folder}/{MANIFEST}")
        for name in uploaded.keys() - {MANIFEST}:
            self.system.mv(f"{self.work}/{name}", f"{self.folder}/{name}")
        for name in self._files(self.folder).keys() - manifest.files.keys():
            self.system.rm_file(f"{self.folder}/{name}")
        self.system.mv(f"{self.work}/{MANIFEST}", f"{self.folder}/{MANIFEST}")
        self.system.invalidate_cache()

    def _upload(self, path: Path, target: str) -> None:
        """Write a file with its kind, by which browsers show it; most file systems know it by themselves."""
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        store = sys.modules.get("obstore.fsspec")
        if store and isinstance(self.system, store.FsspecStore):
            with self.system.open(target, "wb", attributes={"Content-Type": kind}) as file:
                file.write(path.read_bytes())
        else:
            self.system.makedirs(posixpath.dirname(target), exist_ok=True)
            self.system.put_file(str(path), target)

    def _files(self, folder: str) -> dict[str, int]:
        """The size of each file of a folder by its name there; none where there is no such folder."""
        try:
            found: dict[str, Any] = self.system.find(folder, detail=True)
        except FileNotFoundError:
            return {}
        return {posixpath.relpath(path, folder): int(stated["size"]) for path, stated in found.items()}

    def _manifest(self, folder: str) -> Manifest:
        try:
            return Manifest.model_validate_json(self.system.cat_file(f"{folder}/{MANIFEST}"))
        except (FileNotFoundError, ValueError):
            return Manifest()
