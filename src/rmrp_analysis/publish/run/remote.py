"""A run's folder at an address that fsspec knows, such as ``s3://bucket/sheets``, always one whole publication.

A run is made in a folder of the user's cache, from what the address has, and uploaded into a folder of its own,
``<run>/<edition>/``. Then one small file, ``<run>/latest.json``, names that folder: until it does, the publication
before stands. Pages in ``<run>/`` lead to those of the same name in the edition, so that their links stay as they are.
"""

import hashlib
import html
import json
import mimetypes
import os
import posixpath
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from platformdirs import user_cache_path

from rmrp_analysis.errors import InputRefused, RequestError, RmrpError
from rmrp_analysis.files import UNFINISHED, is_address, json_text, lock_of, write_whole
from rmrp_analysis.provenance import PACKAGE
from rmrp_analysis.publish.after import EndedRun
from rmrp_analysis.publish.documents.feed import FEED
from rmrp_analysis.publish.records.manifest import MANIFEST, Manifest
from rmrp_analysis.publish.records.publication import Publication, describe_file, name_edition_folder
from rmrp_analysis.words import INTERNAL_MARK, N_, Translator

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

POINTER = "latest.json"
"""The file of a run's folder that names the folder of its last edition; whatever it names is whole."""
INDEX = "index.html"
LIBRARIES_NEEDED = N_("{address} needs a library: pip install fsspec obstore ({missing})")
_EDITION = re.compile(r"\d*-(?P<edition>\w*)-[0-9a-f]{8}")
_LEADING_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={page}">
<link rel="canonical" href="{page}"><title>{title}</title></head>
<body><p><a href="{page}">{title}</a></p></body></html>
"""


@contextmanager
def folder_at(out: str, run: str, keep: int = 0) -> Iterator[tuple[Path, int, "Place | None"]]:
    """Give the folder in which a run's folder is made, and how many earlier editions are to be kept in it.

    Where ``out`` is an address, the place there comes third: it has editions of its own, and stays as it is until the
    step ``upload``, within the block, publishes what was made. Else it is None. Raises ``RequestError`` where the
    address holds anything but a run, ``InputRefused`` where it cannot be reached.
    """
    if not is_address(out):
        yield Path(out), keep, None
        return
    if urlsplit(out).password:
        raise RequestError("--out: write no password in an address; keep it in a variable of the environment")
    with _reached(out):
        system, root = _file_system(out)
    if "file" in system.protocol:
        yield Path(root), keep, None
        return
    mirror = mirror_of(out, run)
    mirror.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock_of(mirror) as ours:
        if not ours:
            raise RequestError(f"another run writes to {out}; wait until it ends, or choose another address by --out")
        place = Place(out, system, posixpath.join(root, run), mirror / run, keep)
        with _reached(out):
            place.bring()
        yield mirror, 0, place


def mirror_of(out: str, run: str) -> Path:
    """Return the folder of this computer in which a run is made that is published at an address."""
    name = hashlib.sha256(posixpath.join(out, run).encode()).hexdigest()[:16]
    return user_cache_path(PACKAGE, appauthor=False) / "published" / name


def upload(run: EndedRun) -> Iterator[str]:
    """Publish a run's folder at its address, as a step after a run; yield what else was removed, or could not be.

    A run without an address stays as it is. Raises ``InputRefused``; what was published stands then.
    """
    if run.destination:
        yield from run.destination.publish()


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
        raise RequestError(LIBRARIES_NEEDED.format(address=address, missing=missing)) from None
    return system, root.rstrip("/")


@dataclass
class Place:
    """The folder of a run in a file system: its editions, each in a folder of its own, and what leads to the last.

    ``address`` is as it was asked for; ``local`` is the run's folder on this computer; ``keep`` earlier editions stay.
    ``before`` is what was published, in the folder ``edition``; ``others`` are the editions beside it.
    """

    address: str
    system: "AbstractFileSystem"
    folder: str
    local: Path
    keep: int = 0
    edition: str = ""
    before: Manifest = field(default_factory=Manifest)
    others: set[str] = field(default_factory=set)

    def bring(self) -> None:
        """Make the local folder what is published."""
        self.system.invalidate_cache()
        files, self.edition, local = self._files(""), self._pointed(), self.local
        editions = {folder for folder in (name.partition("/")[0] for name in files) if _EDITION.fullmatch(folder)}
        foreign = [name for name in files if name.partition("/")[0] not in editions and not name.endswith(UNFINISHED)]
        if foreign and not self.edition:
            raise RequestError(
                f"{self.folder} is not the folder of a run: it holds {min(foreign)} and no {POINTER} of a run; choose "
                "another address by --out, or delete that one"
            )
        self.others, self.before = editions - {self.edition}, self._manifest(self.edition)
        stated = self.before.files
        there = {name: stated[name] for name in stated if files.get(f"{self.edition}/{name}") == stated[name].bytes}
        made = {name: report.made for report in self.before.reports for name in report.outputs}
        if not self.before.model_fields_set:
            shutil.rmtree(local, ignore_errors=True)
            return
        local.mkdir(exist_ok=True)
        (local / MANIFEST).unlink(missing_ok=True)
        for path in [path for path in local.rglob("*") if path.is_file()]:
            if describe_file(path) != there.get(path.relative_to(local).as_posix()):
                path.unlink()
        for name in there:
            path = local / name
            if path.exists() or not path.resolve().is_relative_to(local.resolve()):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            self.system.get_file(self._path(self.edition, name), str(path))
            if made.get(name):
                ended = datetime.fromisoformat(made[name]).timestamp()
                os.utime(path, (ended, ended))  # the day it was made is printed of a sheet that was good
        write_whole(local / MANIFEST, self.system.cat_file(self._path(self.edition, MANIFEST)))

    def publish(self) -> list[str]:
        """Publish the local folder; return a line for what else was removed, or could not be."""
        warnings: list[str] = []
        with _reached(self.address):
            self.take(warnings.append)
        return warnings

    def take(self, warn: Callable[[str], object]) -> None:
        """Publish the local folder, where it is another one than ``before``, and have every page lead to it.

        An earlier edition is removed once nothing leads to it; the one before stays, since somebody may be reading it.
        """
        now = Publication(self.local).manifest
        if not now.model_fields_set:
            return
        if (now.edition, now.files) != (self.before.edition, self.before.files):
            edition = f"{name_edition_folder(now)}-{hashlib.sha256(now.text.encode()).hexdigest()[:8]}"
            self._publish(now, edition)
        elif self._page(INDEX, self.edition, now) == self._content(INDEX):
            return
        else:  # what follows the pointer was cut off
            edition = self.edition
        self._lead_to(edition, now, warn)
        try:
            self._remove_earlier(edition, now)
        except Exception as problem:  # each file system has its own; the run is published
            warn(f"earlier editions at {self.folder} could not be removed ({type(problem).__name__}: {problem})")

    def _remove_earlier(self, edition: str, now: Manifest) -> None:
        """Remove what was there when the run began, but for the edition before and those to be kept."""
        ids = {name: stated["edition"] for name in self.others - {edition} if (stated := _EDITION.fullmatch(name))}
        whole = {name for name in ids if self._manifest(name).run == now.run and ids[name] != now.edition}
        newest_of_each = {ids[name]: name for name in sorted(whole)}
        kept = sorted(newest_of_each.values(), reverse=True)[: max(self.keep, 1) - 1]
        for name in sorted(ids.keys() - kept):
            with suppress(FileNotFoundError):  # another run has removed it, too
                self.system.rm(self._path(name), recursive=True)

    def _publish(self, now: Manifest, edition: str) -> None:
        """Upload the local folder as an edition, then have the pointer name it."""
        for name in (*now.files, MANIFEST):
            self._write(self._path(edition, name), (self.local / name).read_bytes())
        self.system.invalidate_cache()
        sizes = {name: file.bytes for name, file in now.files.items()}
        if self._pointed() != self.edition or not sizes.items() <= self._files(edition).items():
            if self._pointed() != edition:
                self.system.rm(self._path(edition), recursive=True)
            raise InputRefused(f"another run was published at {self.folder} meanwhile; run again")
        stated = {"run": now.run, "edition": now.edition, "ended": now.ended, "folder": edition}
        self._write_whole(POINTER, json_text(stated).encode())

    def _lead_to(self, edition: str, now: Manifest, warn: Callable[[str], object]) -> None:
        """Write what leads from the run's folder to an edition, the index last; remove what leads nowhere."""
        pages = {name: self._page(name, edition, now) for name in now.files if name.endswith(".html") and name != INDEX}
        news = {FEED: (self.local / FEED).read_bytes()} if FEED in now.files else {}
        for name, content in {**pages, **news, INDEX: self._page(INDEX, edition, now)}.items():
            self._write_whole(name, content)
        self.system.invalidate_cache()
        for name in sorted(self._files("").keys() - {*pages, *news, INDEX, POINTER}):
            if _EDITION.match(name) or name.endswith(UNFINISHED):
                continue
            if name not in self.before.files:
                warn(f"{self.folder}/{name} is removed: the run did not make it")
            self.system.rm_file(self._path(name))

    def _page(self, name: str, edition: str, now: Manifest) -> bytes:
        """The page of the run's folder that leads to the one of this name in an edition."""
        translate = Translator(now.languages.get(name, "en"))
        mark = translate(INTERNAL_MARK) if now.audience == "internal" else ""
        title = " · ".join(filter(None, (mark, translate(now.title or now.run))))
        page = posixpath.relpath(f"{edition}/{name}", posixpath.dirname(name) or ".")
        texts = {"page": quote(page), "title": html.escape(title), "language": translate.language}
        return _LEADING_PAGE.format(**texts).encode()

    def _write(self, target: str, content: bytes) -> None:
        """Write a file with its kind, by which browsers show it; most file systems know it by themselves."""
        kind = mimetypes.guess_type(target.removesuffix(UNFINISHED))[0] or "application/octet-stream"
        if self._is_store:
            with self.system.open(target, "wb", attributes={"Content-Type": kind}) as file:
                file.write(content)
        else:
            self.system.makedirs(posixpath.dirname(target), exist_ok=True)
            self.system.pipe_file(target, content)

    def _write_whole(self, name: str, content: bytes) -> None:
        """Let a file take the place of another; a store of objects does so by itself."""
        target = self._path(name)
        if self._is_store:
            self._write(target, content)
        else:
            self._write(target + UNFINISHED, content)
            self.system.mv(target + UNFINISHED, target)

    @property
    def _is_store(self) -> bool:
        store = sys.modules.get("obstore.fsspec")
        return store is not None and isinstance(self.system, store.FsspecStore)

    def _path(self, *names: str) -> str:
        return posixpath.join(self.folder, *names).rstrip("/")

    def _files(self, edition: str) -> dict[str, int]:
        """The size of each file of an edition, or of the run's folder, by its name there."""
        folder = self._path(edition)
        try:
            found: dict[str, Any] = self.system.find(folder, detail=True)
        except FileNotFoundError:
            return {}
        return {posixpath.relpath(path, folder): int(stated["size"]) for path, stated in found.items()}

    def _content(self, *names: str) -> bytes:
        """The content of a file; nothing where there is none."""
        try:
            return bytes(self.system.cat_file(self._path(*names)))
        except FileNotFoundError:
            return b""

    def _pointed(self) -> str:
        """The folder that the pointer names; empty where there is none."""
        with suppress(ValueError, TypeError, KeyError):
            folder = json.loads(self._content(POINTER))["folder"]
            return folder if _EDITION.fullmatch(folder) else ""
        return ""

    def _manifest(self, edition: str) -> Manifest:
        with suppress(ValueError):
            return Manifest.model_validate_json(self._content(edition, MANIFEST)) if edition else Manifest()
        return Manifest()
