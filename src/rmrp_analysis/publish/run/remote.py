"""Publishes a run's folder as a whole at an address that fsspec knows, such as ``s3://bucket/sheets``.

A run is made in a folder of the user's cache, from the files at the address, and uploaded into a new folder,
``<run>/<edition>/``. Then a small file, ``<run>/latest.json``, names that folder. Until then the previous publication
counts. Pages in ``<run>/`` lead to the pages of the same name in the edition, so that their addresses do not change.
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
from rmrp_analysis.files import UNFINISHED_SUFFIX, is_address, json_text, lock_of, write_whole
from rmrp_analysis.params import INDEX_PAGE_FILE
from rmrp_analysis.provenance import DISTRIBUTION_NAME
from rmrp_analysis.publish.after import EndedRun
from rmrp_analysis.publish.documents.feed import FEED_FILE
from rmrp_analysis.publish.records.manifest import MANIFEST, Manifest
from rmrp_analysis.publish.records.publication import Publication, describe_file, name_edition_folder
from rmrp_analysis.words import INTERNAL_MARK, N_, Translator

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

POINTER = "latest.json"
"""The file of a run's folder that names the folder of its last edition, which is always complete."""
LIBRARIES_NEEDED_MESSAGE = N_("{address} needs a library: pip install fsspec obstore ({missing})")
_EDITION_FOLDER_PATTERN = re.compile(r"\d*-(?P<edition>\w*)-[0-9a-f]{8}")
"""The form of the name of an edition's folder: its time, its edition, a digest of its ``run.json``."""
_LEADING_PAGE_TEMPLATE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={page}">
<link rel="canonical" href="{page}"><title>{title}</title></head>
<body><p><a href="{page}">{title}</a></p></body></html>
"""
"""The page that leads from the folder of a run to a page of its last edition."""


@contextmanager
def open_run_folder(out: str, run: str, keep: int = 0) -> Iterator[tuple[Path, int, "Place | None"]]:
    """Yield the parent folder for a run, the number of earlier editions to keep in it, and the address's place.

    If ``out`` is a folder or a ``file:`` address, the place is None. For another address, the folder is a mirror of the
    publication, and the place keeps the editions. Nothing is published before the step ``upload``, within the block.
    Raises ``RequestError`` if the address has a password or holds anything but a run, or if another run is at work, and
    ``InputRefused`` if it cannot be reached.
    """
    if not is_address(out):
        yield Path(out), keep, None
        return
    if urlsplit(out).password:
        raise RequestError("--out: write no password in an address; keep it in a variable of the environment")
    with _refuse_unusable(out):
        system, root = _file_system(out)
    if "file" in system.protocol:
        yield Path(root), keep, None
        return
    mirror = resolve_mirror(out, run)
    mirror.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock_of(mirror) as ours:
        if not ours:
            raise RequestError(f"another run writes to {out}; wait until it ends, or choose another address by --out")
        place = Place(out, system, posixpath.join(root, run), mirror / run, keep)
        with _refuse_unusable(out):
            place.download()
        yield mirror, 0, place


def resolve_mirror(out: str, run: str) -> Path:
    """Return the folder of the user's cache for a run that is published at an address, without making it."""
    name = hashlib.sha256(posixpath.join(out, run).encode()).hexdigest()[:16]
    return user_cache_path(DISTRIBUTION_NAME, appauthor=False) / "published" / name


def upload(run: EndedRun) -> Iterator[str]:
    """Publish a run's folder at its address, if it has one, as a step after a run.

    Yields a line for each foreign file that is removed, and for editions that cannot be removed. If it raises
    ``InputRefused``, the previous publication stays.
    """
    if run.destination:
        yield from run.destination.publish()


@contextmanager
def _refuse_unusable(address: str) -> Iterator[None]:
    """Raise ``InputRefused`` for any exception within the block, except errors of this package."""
    try:
        yield
    except RmrpError:
        raise
    except Exception as problem:  # each file system has its own
        raise InputRefused(f"{address} cannot be used ({type(problem).__name__}: {problem})") from None


def _file_system(address: str) -> tuple["AbstractFileSystem", str]:
    """Return the file system of an address and the path there, by obstore as the second choice.

    Raises ``RequestError`` if fsspec, or both libraries, are not installed.
    """
    try:
        from fsspec.core import url_to_fs

        try:
            system, root = url_to_fs(address)
        except ImportError:
            from obstore.fsspec import register

            register(urlsplit(address).scheme)
            system, root = url_to_fs(address)
    except ImportError as missing:
        raise RequestError(LIBRARIES_NEEDED_MESSAGE.format(address=address, missing=missing)) from None
    return system, root.rstrip("/")


@dataclass
class Place:
    """The folder of a run in a file system: a folder for each edition, and the files that lead to the last one.

    It exists since a store of objects cannot rename a folder. A small file, the pointer, names the edition that counts.
    ``address`` is as the user wrote it, ``local`` the run's folder on this computer. ``keep`` earlier editions stay.
    ``before`` is the manifest of the folder ``edition``, ``others`` are the other editions.
    """

    address: str
    system: "AbstractFileSystem"
    folder: str
    local: Path
    keep: int = 0
    edition: str = ""
    before: Manifest = field(default_factory=Manifest)
    others: set[str] = field(default_factory=set)

    def download(self) -> None:
        """Make the local folder equal to the publication, and set ``edition``, ``before`` and ``others``.

        Local files that are the same stay. A file that is missing or cut off at the address is left out. If nothing is
        published, the local folder is removed. Raises ``RequestError`` if the address holds files of no run.
        """
        self.system.invalidate_cache()
        local = self.local
        files = self._list_sizes("")
        self.edition = self._read_pointer()
        tops = {name: name.partition("/")[0] for name in files}
        editions = {top for top in tops.values() if _EDITION_FOLDER_PATTERN.fullmatch(top)}
        foreign = [name for name in files if tops[name] not in editions and not name.endswith(UNFINISHED_SUFFIX)]
        if foreign and not self.edition:
            raise RequestError(
                f"{self.folder} is not the folder of a run: it holds {min(foreign)} and no {POINTER} of a run; "
                "choose another address by --out, or delete that one"
            )
        self.others = editions - {self.edition}
        self.before = self._read_manifest(self.edition)
        listed = self.before.files
        complete = {name: listed[name] for name in listed if files.get(f"{self.edition}/{name}") == listed[name].bytes}
        times = {name: report.made for report in self.before.reports for name in report.outputs}
        if not self.before.model_fields_set:
            shutil.rmtree(local, ignore_errors=True)
            return
        local.mkdir(exist_ok=True)
        (local / MANIFEST).unlink(missing_ok=True)
        for path in list(local.rglob("*")):
            if path.is_file() and describe_file(path) != complete.get(path.relative_to(local).as_posix()):
                path.unlink()
        for name in complete:
            path = local / name
            if path.exists() or not path.resolve().is_relative_to(local.resolve()):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            self.system.get_file(self._join(self.edition, name), str(path))
            if times.get(name):  # a page in place of a failed sheet prints the day of the last good one
                ended = datetime.fromisoformat(times[name]).timestamp()
                os.utime(path, (ended, ended))
        write_whole(local / MANIFEST, self.system.cat_file(self._join(self.edition, MANIFEST)))

    def publish(self) -> list[str]:
        """Publish the local folder, and return a line for each foreign file removed and each failed removal.

        Raises ``InputRefused`` if the address cannot be used, or another run was published meanwhile.
        """
        warnings: list[str] = []
        with _refuse_unusable(self.address):
            self.publish_local(warnings.append)
        return warnings

    def publish_local(self, warn: Callable[[str], object]) -> None:
        """Publish the local folder if it differs from ``before``, and write the pages that lead to it.

        Earlier editions are removed except the last one, since somebody may be reading it. Does nothing if the local
        folder has no run. Calls ``warn`` for each foreign file that is removed, and if editions cannot be removed.
        """
        now = Publication(self.local).manifest
        if not now.model_fields_set:
            return
        if (now.edition, now.files) != (self.before.edition, self.before.files):
            edition = f"{name_edition_folder(now)}-{hashlib.sha256(now.text.encode()).hexdigest()[:8]}"
            self._upload_edition(now, edition)
        elif self._make_leading_page(INDEX_PAGE_FILE, self.edition, now) == self._read_content(INDEX_PAGE_FILE):
            return
        else:  # the files after the pointer were cut off
            edition = self.edition
        self._write_leading_pages(edition, now, warn)
        try:
            self._remove_earlier(edition, now)
        except Exception as problem:  # each file system has its own errors, and the run is published
            warn(f"earlier editions at {self.folder} could not be removed ({type(problem).__name__}: {problem})")

    def _remove_earlier(self, edition_folder: str, manifest: Manifest) -> None:
        """Remove the editions from before the run, except the last one and the newest ``keep`` - 1."""
        matches = map(_EDITION_FOLDER_PATTERN.fullmatch, self.others - {edition_folder})
        ids = {match[0]: match["edition"] for match in matches if match}
        complete = [name for name in ids if self._read_manifest(name).run == manifest.run]
        latest = {ids[name]: name for name in sorted(complete) if ids[name] != manifest.edition}
        newest = sorted(latest.values(), reverse=True)[: max(self.keep, 1) - 1]
        for name in sorted(ids.keys() - newest):
            with suppress(FileNotFoundError):  # another run has removed it, too
                self.system.rm(self._join(name), recursive=True)

    def _upload_edition(self, manifest: Manifest, edition_folder: str) -> None:
        """Upload the local folder as an edition, then write the pointer.

        If another run was published meanwhile, removes the uploaded files and raises ``InputRefused``.
        """
        for name in (*manifest.files, MANIFEST):
            self._write(self._join(edition_folder, name), (self.local / name).read_bytes())
        self.system.invalidate_cache()
        sizes = {name: file.bytes for name, file in manifest.files.items()}
        if self._read_pointer() != self.edition or not sizes.items() <= self._list_sizes(edition_folder).items():
            if self._read_pointer() != edition_folder:
                self.system.rm(self._join(edition_folder), recursive=True)
            raise InputRefused(f"another run was published at {self.folder} meanwhile; run again")
        pointer = {"run": manifest.run, "edition": manifest.edition, "ended": manifest.ended, "folder": edition_folder}
        self._replace(POINTER, json_text(pointer).encode())

    def _write_leading_pages(self, edition_folder: str, manifest: Manifest, warn: Callable[[str], object]) -> None:
        """Write the pages that lead to an edition, the index last, and the feed. Remove all other files.

        Warns of a removed file that the previous run did not make. Folders of editions and unfinished files stay.
        """
        pages = [name for name in manifest.files if name.endswith(".html") and name != INDEX_PAGE_FILE]
        files = {name: self._make_leading_page(name, edition_folder, manifest) for name in pages}
        if FEED_FILE in manifest.files:
            files[FEED_FILE] = (self.local / FEED_FILE).read_bytes()
        files[INDEX_PAGE_FILE] = self._make_leading_page(INDEX_PAGE_FILE, edition_folder, manifest)
        for name, content in files.items():
            self._replace(name, content)
        self.system.invalidate_cache()
        for name in sorted(self._list_sizes("").keys() - {*files, POINTER}):
            if _EDITION_FOLDER_PATTERN.match(name) or name.endswith(UNFINISHED_SUFFIX):
                continue
            if name not in self.before.files:
                warn(f"{self.folder}/{name} is removed: the run did not make it")
            self.system.rm_file(self._join(name))

    def _make_leading_page(self, name: str, edition_folder: str, manifest: Manifest) -> bytes:
        """Make the page of the run's folder that leads to the page of this name in an edition."""
        translate = Translator(manifest.languages.get(name, "en"))
        mark = translate(INTERNAL_MARK) if manifest.audience == "internal" else ""
        title = " · ".join(filter(None, (mark, translate(manifest.title or manifest.run))))
        page = posixpath.relpath(f"{edition_folder}/{name}", posixpath.dirname(name) or ".")
        texts = {"page": quote(page), "title": html.escape(title), "language": translate.language}
        return _LEADING_PAGE_TEMPLATE.format(**texts).encode()

    def _write(self, target: str, content: bytes) -> None:
        """Write a file. A store of objects also gets its media type, which browsers need."""
        kind = mimetypes.guess_type(target.removesuffix(UNFINISHED_SUFFIX))[0] or "application/octet-stream"
        if self._is_store:
            with self.system.open(target, "wb", attributes={"Content-Type": kind}) as file:
                file.write(content)
        else:
            self.system.makedirs(posixpath.dirname(target), exist_ok=True)
            self.system.pipe_file(target, content)

    def _replace(self, name: str, content: bytes) -> None:
        """Replace a file in one step, as a store of objects does by itself."""
        target = self._join(name)
        if self._is_store:
            self._write(target, content)
        else:
            self._write(target + UNFINISHED_SUFFIX, content)
            self.system.mv(target + UNFINISHED_SUFFIX, target)

    @property
    def _is_store(self) -> bool:
        """Whether the file system is a store of objects, as obstore has it."""
        store = sys.modules.get("obstore.fsspec")
        return store is not None and isinstance(self.system, store.FsspecStore)

    def _join(self, *names: str) -> str:
        """Return the path of a file or folder of the run's folder."""
        return posixpath.join(self.folder, *names).rstrip("/")

    def _list_sizes(self, edition: str) -> dict[str, int]:
        """Return the bytes of each file of an edition, or of the run's folder, by its path."""
        folder = self._join(edition)
        try:
            details: dict[str, Any] = self.system.find(folder, detail=True)
        except FileNotFoundError:
            return {}
        return {posixpath.relpath(path, folder): int(detail["size"]) for path, detail in details.items()}

    def _read_content(self, *names: str) -> bytes:
        """Return the content of a file, empty if the file is missing."""
        try:
            return bytes(self.system.cat_file(self._join(*names)))
        except FileNotFoundError:
            return b""

    def _read_pointer(self) -> str:
        """Return the folder that the pointer names, or an empty text if it is missing or names no edition."""
        with suppress(ValueError, TypeError, KeyError):
            folder = json.loads(self._read_content(POINTER))["folder"]
            return folder if _EDITION_FOLDER_PATTERN.fullmatch(folder) else ""
        return ""

    def _read_manifest(self, edition: str) -> Manifest:
        """Return the ``run.json`` of an edition, empty if it is missing or cannot be read."""
        with suppress(ValueError):
            return Manifest.model_validate_json(self._read_content(edition, MANIFEST)) if edition else Manifest()
        return Manifest()
