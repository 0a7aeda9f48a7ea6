"""Publishes a run's folder as a whole at an address that fsspec knows, such as ``s3://bucket/sheets``.

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
"""The file of a run's folder that names the folder of its last edition; whatever it names is whole."""
LIBRARIES_NEEDED_MESSAGE = N_("{address} needs a library: pip install fsspec obstore ({missing})")
"""What an analyst reads where the library of a file system is not installed."""
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
    """Give the folder in which a run's folder is made, how many earlier editions it keeps, and the place of an address.

    Where ``out`` is an address, the folder is a mirror of what is published there, and the place keeps the editions; it
    stays as it is until the step ``upload``, within the block, publishes the mirror. Else, and for ``file:``, the place
    is None. Raises ``RequestError`` where the address has a password or holds anything but a run, or another run is at
    work, ``InputRefused`` where it cannot be reached.
    """
    if not is_address(out):
        yield Path(out), keep, None
        return
    if urlsplit(out).password:
        raise RequestError("--out: write no password in an address; keep it in a variable of the environment")
    with _refuse_unusable(out):
        file_system, root_path_text = _file_system(out)
    if "file" in file_system.protocol:
        yield Path(root_path_text), keep, None
        return
    mirror_folder = resolve_mirror(out, run)
    mirror_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock_of(mirror_folder) as has_lock:
        if not has_lock:
            raise RequestError(f"another run writes to {out}; wait until it ends, or choose another address by --out")
        remote_place = Place(out, file_system, posixpath.join(root_path_text, run), mirror_folder / run, keep)
        with _refuse_unusable(out):
            remote_place.download()
        yield mirror_folder, 0, remote_place


def resolve_mirror(out: str, run: str) -> Path:
    """Return the folder in the user's cache in which a run is made that is published at an address; do not make it."""
    mirror_name = hashlib.sha256(posixpath.join(out, run).encode()).hexdigest()[:16]
    return user_cache_path(DISTRIBUTION_NAME, appauthor=False) / "published" / mirror_name


def upload(run: EndedRun) -> Iterator[str]:
    """Publish a run's folder at its address, as a step after a run; yield what else was removed, or could not be.

    A run without an address stays as it is. Raises ``InputRefused``; what was published stands then.
    """
    if run.destination:
        yield from run.destination.publish()


@contextmanager
def _refuse_unusable(address: str) -> Iterator[None]:
    """Raise ``InputRefused`` for any exception within the block, but leave errors of this package as they are."""
    try:
        yield
    except RmrpError:
        raise
    except Exception as problem:  # each file system has its own
        raise InputRefused(f"{address} cannot be used ({type(problem).__name__}: {problem})") from None


def _file_system(address: str) -> tuple["AbstractFileSystem", str]:
    """Return the file system of an address, and the path in it; by obstore where its own library is not installed.

    Raises ``RequestError`` where fsspec, or both libraries, are not installed.
    """
    try:
        from fsspec.core import url_to_fs

        try:
            file_system, root_path_text = url_to_fs(address)
        except ImportError:
            from obstore.fsspec import register

            register(urlsplit(address).scheme)
            file_system, root_path_text = url_to_fs(address)
    except ImportError as missing:
        raise RequestError(LIBRARIES_NEEDED_MESSAGE.format(address=address, missing=missing)) from None
    return file_system, root_path_text.rstrip("/")


@dataclass
class Place:
    """The folder of a run in a file system: its editions, each in a folder of its own, and what leads to the last.

    It exists since a store of objects cannot rename a folder: a small file, the pointer, names the edition that counts.
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

    def download(self) -> None:
        """Make the local folder equal to what is published, and set ``edition``, ``before`` and ``others``.

        Files that are the same stay. A file that is missing or cut off at the address is left out; where nothing is
        published, the local folder is removed. Raises ``RequestError`` where the address holds files of no run.
        """
        self.system.invalidate_cache()
        size_by_file, self.edition, local_folder = self._list_sizes(""), self._read_pointer(), self.local
        edition_folder_names = {
            edition_folder_name
            for edition_folder_name in (file_name.partition("/")[0] for file_name in size_by_file)
            if _EDITION_FOLDER_PATTERN.fullmatch(edition_folder_name)
        }
        foreign_files = [
            file_name
            for file_name in size_by_file
            if file_name.partition("/")[0] not in edition_folder_names and not file_name.endswith(UNFINISHED_SUFFIX)
        ]
        if foreign_files and not self.edition:
            raise RequestError(
                f"{self.folder} is not the folder of a run: it holds {min(foreign_files)} and no {POINTER} of a run; "
                "choose another address by --out, or delete that one"
            )
        self.others, self.before = edition_folder_names - {self.edition}, self._read_manifest(self.edition)
        record_by_file = self.before.files
        complete_record_by_file = {
            file_name: record_by_file[file_name]
            for file_name in record_by_file
            if size_by_file.get(f"{self.edition}/{file_name}") == record_by_file[file_name].bytes
        }
        end_time_text_by_file = {
            file_name: report_record.made
            for report_record in self.before.reports
            for file_name in report_record.outputs
        }
        if not self.before.model_fields_set:
            shutil.rmtree(local_folder, ignore_errors=True)
            return
        local_folder.mkdir(exist_ok=True)
        (local_folder / MANIFEST).unlink(missing_ok=True)
        for local_path in [local_path for local_path in local_folder.rglob("*") if local_path.is_file()]:
            if describe_file(local_path) != complete_record_by_file.get(
                local_path.relative_to(local_folder).as_posix()
            ):
                local_path.unlink()
        for file_name in complete_record_by_file:
            local_path = local_folder / file_name
            if local_path.exists() or not local_path.resolve().is_relative_to(local_folder.resolve()):
                continue
            local_path.parent.mkdir(parents=True, exist_ok=True)
            self.system.get_file(self._join(self.edition, file_name), str(local_path))
            if end_time_text_by_file.get(file_name):
                end_timestamp = datetime.fromisoformat(end_time_text_by_file[file_name]).timestamp()
                # The day it was made is printed of a sheet that was good
                os.utime(local_path, (end_timestamp, end_timestamp))
        write_whole(local_folder / MANIFEST, self.system.cat_file(self._join(self.edition, MANIFEST)))

    def publish(self) -> list[str]:
        """Publish the local folder; return a line for what else was removed, or could not be.

        Raises ``InputRefused`` where the address cannot be used, or another run was published meanwhile.
        """
        warning_lines: list[str] = []
        with _refuse_unusable(self.address):
            self.publish_local(warning_lines.append)
        return warning_lines

    def publish_local(self, warn: Callable[[str], object]) -> None:
        """Publish the local folder, where it is another one than ``before``, and write the pages that lead to it.

        An earlier edition is removed once nothing leads to it; the one before stays, since somebody may be reading it.
        Does nothing where the local folder has no run. ``warn`` is called for what else was removed, or could not be.
        """
        manifest = Publication(self.local).manifest
        if not manifest.model_fields_set:
            return
        if (manifest.edition, manifest.files) != (self.before.edition, self.before.files):
            edition_folder_name = (
                f"{name_edition_folder(manifest)}-{hashlib.sha256(manifest.text.encode()).hexdigest()[:8]}"
            )
            self._upload_edition(manifest, edition_folder_name)
        elif self._make_leading_page(INDEX_PAGE_FILE, self.edition, manifest) == self._read_content(INDEX_PAGE_FILE):
            return
        else:  # what follows the pointer was cut off
            edition_folder_name = self.edition
        self._write_leading_pages(edition_folder_name, manifest, warn)
        try:
            self._remove_earlier(edition_folder_name, manifest)
        except Exception as problem:  # each file system has its own; the run is published
            warn(f"earlier editions at {self.folder} could not be removed ({type(problem).__name__}: {problem})")

    def _remove_earlier(self, edition_folder: str, manifest: Manifest) -> None:
        """Remove the editions that were there when the run began; the one before and the newest ``keep`` - 1 stay."""
        edition_by_folder = {
            folder_name: folder_match["edition"]
            for folder_name in self.others - {edition_folder}
            if (folder_match := _EDITION_FOLDER_PATTERN.fullmatch(folder_name))
        }
        complete_folder_names = {
            folder_name
            for folder_name in edition_by_folder
            if self._read_manifest(folder_name).run == manifest.run
            and edition_by_folder[folder_name] != manifest.edition
        }
        newest_folder_by_edition = {
            edition_by_folder[folder_name]: folder_name for folder_name in sorted(complete_folder_names)
        }
        kept_folder_names = sorted(newest_folder_by_edition.values(), reverse=True)[: max(self.keep, 1) - 1]
        for folder_name in sorted(edition_by_folder.keys() - kept_folder_names):
            with suppress(FileNotFoundError):  # another run has removed it, too
                self.system.rm(self._join(folder_name), recursive=True)

    def _upload_edition(self, manifest: Manifest, edition_folder: str) -> None:
        """Upload the local folder as an edition, then write the pointer.

        Raises ``InputRefused`` where another run was published meanwhile, and removes what it uploaded.
        """
        for file_name in (*manifest.files, MANIFEST):
            self._write(self._join(edition_folder, file_name), (self.local / file_name).read_bytes())
        self.system.invalidate_cache()
        size_by_file = {file_name: file_record.bytes for file_name, file_record in manifest.files.items()}
        if self._read_pointer() != self.edition or not size_by_file.items() <= self._list_sizes(edition_folder).items():
            if self._read_pointer() != edition_folder:
                self.system.rm(self._join(edition_folder), recursive=True)
            raise InputRefused(f"another run was published at {self.folder} meanwhile; run again")
        pointer_fields = {
            "run": manifest.run,
            "edition": manifest.edition,
            "ended": manifest.ended,
            "folder": edition_folder,
        }
        self._replace(POINTER, json_text(pointer_fields).encode())

    def _write_leading_pages(self, edition_folder: str, manifest: Manifest, warn: Callable[[str], object]) -> None:
        """Write what leads from the run's folder to an edition, with the feed, the index last; remove all other files.

        Warns of a removed file that the run before did not make. Folders of editions and unfinished files stay.
        """
        page_content_by_file = {
            file_name: self._make_leading_page(file_name, edition_folder, manifest)
            for file_name in manifest.files
            if file_name.endswith(".html") and file_name != INDEX_PAGE_FILE
        }
        feed_content_by_file = {FEED_FILE: (self.local / FEED_FILE).read_bytes()} if FEED_FILE in manifest.files else {}
        for file_name, file_content in {
            **page_content_by_file,
            **feed_content_by_file,
            INDEX_PAGE_FILE: self._make_leading_page(INDEX_PAGE_FILE, edition_folder, manifest),
        }.items():
            self._replace(file_name, file_content)
        self.system.invalidate_cache()
        for file_name in sorted(
            self._list_sizes("").keys() - {*page_content_by_file, *feed_content_by_file, INDEX_PAGE_FILE, POINTER}
        ):
            if _EDITION_FOLDER_PATTERN.match(file_name) or file_name.endswith(UNFINISHED_SUFFIX):
                continue
            if file_name not in self.before.files:
                warn(f"{self.folder}/{file_name} is removed: the run did not make it")
            self.system.rm_file(self._join(file_name))

    def _make_leading_page(self, name: str, edition_folder: str, manifest: Manifest) -> bytes:
        """Return the page of the run's folder that leads to the page of this name in an edition."""
        translate = Translator(manifest.languages.get(name, "en"))
        internal_mark = translate(INTERNAL_MARK) if manifest.audience == "internal" else ""
        page_title = " · ".join(filter(None, (internal_mark, translate(manifest.title or manifest.run))))
        page_address = posixpath.relpath(f"{edition_folder}/{name}", posixpath.dirname(name) or ".")
        text_by_placeholder = {
            "page": quote(page_address),
            "title": html.escape(page_title),
            "language": translate.language,
        }
        return _LEADING_PAGE_TEMPLATE.format(**text_by_placeholder).encode()

    def _write(self, target: str, content: bytes) -> None:
        """Write a file with its media type, by which browsers show it; most file systems know it by themselves."""
        media_type = mimetypes.guess_type(target.removesuffix(UNFINISHED_SUFFIX))[0] or "application/octet-stream"
        if self._is_store:
            with self.system.open(target, "wb", attributes={"Content-Type": media_type}) as remote_file:
                remote_file.write(content)
        else:
            self.system.makedirs(posixpath.dirname(target), exist_ok=True)
            self.system.pipe_file(target, content)

    def _replace(self, name: str, content: bytes) -> None:
        """Write a file in place of another one in one step; a store of objects does so by itself."""
        target_path_text = self._join(name)
        if self._is_store:
            self._write(target_path_text, content)
        else:
            self._write(target_path_text + UNFINISHED_SUFFIX, content)
            self.system.mv(target_path_text + UNFINISHED_SUFFIX, target_path_text)

    @property
    def _is_store(self) -> bool:
        """Whether the file system is a store of objects, as obstore has it."""
        store_module = sys.modules.get("obstore.fsspec")
        return store_module is not None and isinstance(self.system, store_module.FsspecStore)

    def _join(self, *names: str) -> str:
        """Return the path of a file or folder of the run's folder."""
        return posixpath.join(self.folder, *names).rstrip("/")

    def _list_sizes(self, edition: str) -> dict[str, int]:
        """Return the size in bytes of each file of an edition, by its path in that folder; empty where there is none.

        An empty ``edition`` is the folder of the run.
        """
        folder_path_text = self._join(edition)
        try:
            details_by_path: dict[str, Any] = self.system.find(folder_path_text, detail=True)
        except FileNotFoundError:
            return {}
        return {
            posixpath.relpath(remote_path_text, folder_path_text): int(file_detail["size"])
            for remote_path_text, file_detail in details_by_path.items()
        }

    def _read_content(self, *names: str) -> bytes:
        """Return the content of a file; empty where there is none."""
        try:
            return bytes(self.system.cat_file(self._join(*names)))
        except FileNotFoundError:
            return b""

    def _read_pointer(self) -> str:
        """Return the folder that the pointer names; empty where it is missing or names no such folder."""
        with suppress(ValueError, TypeError, KeyError):
            edition_folder_name = json.loads(self._read_content(POINTER))["folder"]
            return edition_folder_name if _EDITION_FOLDER_PATTERN.fullmatch(edition_folder_name) else ""
        return ""

    def _read_manifest(self, edition: str) -> Manifest:
        """Read the ``run.json`` of the folder of an edition; an empty one where there is none or it cannot be read."""
        with suppress(ValueError):
            return Manifest.model_validate_json(self._read_content(edition, MANIFEST)) if edition else Manifest()
        return Manifest()
