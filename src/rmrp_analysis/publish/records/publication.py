"""Makes the folder of a run in a work folder, and puts it in place as a whole."""

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rmrp_analysis.errors import RequestError
from rmrp_analysis.files import lock_of, make_durable, put_in_place
from rmrp_analysis.packs import pack
from rmrp_analysis.publish.records.manifest import MANIFEST, FileRecord, Manifest, ReportRecord, SheetRecord
from rmrp_analysis.sources import sha256

NEXT_FOLDER, STOPPED_FOLDER, PREVIOUS_FOLDER = "next", "stopped", "previous"
"""Subfolders of the work folder: for the publication being made, a stopped run, the replaced publication."""


@dataclass(frozen=True)
class Publication:
    """A run's folder as its ``run.json`` describes it. Without ``run.json`` the manifest is empty.

    It exists so that files are compared with their sha256 in one place.
    """

    folder: Path
    _sheets: dict[str, SheetRecord | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def manifest(self) -> Manifest:
        """The content of ``run.json``, read once. It is empty if the file is missing or cannot be read."""
        return Manifest.read(self.folder / MANIFEST) or Manifest()

    def read_sheet(self, stem: str) -> SheetRecord | None:
        """Read the ``<stem>.json`` of a sheet once. Return None if it is missing or cannot be read."""
        if stem not in self._sheets:
            self._sheets[stem] = SheetRecord.read(self.folder / f"{stem}.json")
        return self._sheets[stem]

    def find_pack(self) -> Path | None:
        """Return the folder of the run's plan pack, or None if its parameter file is not found or names no pack.

        Raises ``RequestError`` if the file names a folder that is no pack.
        """
        path = self.manifest.find_params_file(self.folder) if self.manifest.model_fields_set else None
        return path and pack.find_pack(path)

    def check(self) -> None:
        """Raise ``RequestError`` if the folder holds no run, or a run of another plan pack than this process has.

        Raises ``InputRefused`` if ``run.json`` cannot be read, since it is cut or changed.
        """
        if not self.manifest.model_fields_set:
            Manifest.check(self.folder / MANIFEST)
            raise RequestError(f"{self.folder} is not the folder of a run: there is no {MANIFEST}")
        if (name := self.manifest.pack.name) and name != (pack_name := pack.about().name):
            raise RequestError(
                f"{self.folder}: is of the plan pack '{name}', and this process speaks of '{pack_name}'; name its "
                f"parameter file, or set {pack.PACK_VARIABLE}"
            )

    @property
    def files(self) -> Mapping[str, FileRecord]:
        """The record of every file by its name, except ``run.json``."""
        return self.manifest.files

    @cached_property
    def reports(self) -> Mapping[str, ReportRecord]:
        """The records of the reports, by report id."""
        return {report.id: report for report in self.manifest.reports}

    def has_files(self, names: Iterable[str]) -> bool:
        """Whether the folder has files of all these names, whatever their content."""
        return all((self.folder / name).is_file() for name in names)

    def is_intact(self, names: Iterable[str]) -> bool:
        """Whether the folder has all these files, each with the sha256 and size that ``run.json`` states."""
        return all(
            name in self.files and self.has_files([name]) and describe_file(self.folder / name) == self.files[name]
            for name in names
        )

    def link_files(self, names: Iterable[str], folder: Path) -> None:
        """Put these files into another folder, which is made if needed: as hard links, or copies if links fail."""
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(self.folder / name, folder / name)
            except OSError:
                shutil.copy2(self.folder / name, folder / name)


def describe_file(path: Path) -> FileRecord:
    """Read a file and return its sha256 and size, as ``run.json`` states them."""
    return FileRecord(sha256=sha256(path), bytes=path.stat().st_size)


def list_files(folder: Path) -> dict[str, Path]:
    """List the files of a run's folder and its subfolders by their path in the folder, sorted.

    ``run.json`` of the run is left out.
    """
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path for name, path in paths.items() if name != MANIFEST}


def check_folder(folder: Path, audience: str) -> None:
    """Raise ``RequestError`` if a run for this audience must not replace the content of a folder.

    It must not replace a run for another audience, anything that is no run, a git repository, or, if it is public, an
    internal file. A folder that is empty or does not exist is accepted. The folder belongs to the run: files that its
    ``run.json`` does not name are removed.
    """
    if not folder.exists():
        return
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else [folder.name]
    advice = "choose another folder by --out, or delete that one"
    manifest = Publication(folder).manifest
    if manifest.audience not in ("", audience):
        raise RequestError(
            f"{folder} holds reports for the audience '{manifest.audience}', and this run is for '{audience}'; {advice}"
        )
    if names and not {"run", "reports", "audience"} <= manifest.model_fields_set:
        raise RequestError(
            f"{folder} is not the folder of a run: it holds {names[0]} and no run.json of a run; {advice}"
        )
    if ".git" in names:
        raise RequestError(f"{folder} is a git repository, and a run replaces its folder; choose another one by --out")
    internal = [name for name in names if ".internal." in name]
    if audience == "public" and internal:
        raise RequestError(f"{folder} holds {internal[0]}, which is not for publication; {advice}")


def locate_work_folder(folder: Path) -> Path:
    """Return the hidden folder beside a run's folder that holds its next publication."""
    return folder.with_name(f".{folder.name}.work")


def name_edition_folder(manifest: Manifest) -> str:
    """Name the folder of an earlier edition by time and edition, so that the oldest one sorts first."""
    return f"{re.sub('[^0-9]', '', (manifest.ended or '')[:19])}-{manifest.edition}"


@contextmanager
def open_next_publication(folder: Path, keep: int = 0) -> Iterator[tuple[Path, Publication, Publication]]:
    """Yield a new folder and two publications. The folder replaces ``folder`` when the block ends.

    The new folder is empty. The publications give files to take over: the finished files of a stopped run, and the
    content of ``folder``. Until the end of the block ``folder`` does not change. If the block raises, ``folder`` stays,
    and the unfinished work waits for the next run. The last ``keep`` earlier editions stay in ``<run>.earlier``. With 0
    that subfolder does not change. Raises ``RequestError`` if another run is at work.
    """
    work = locate_work_folder(folder)
    work.mkdir(parents=True, exist_ok=True)
    with lock_of(work) as ours:
        if not ours:
            raise RequestError(f"another run writes to {folder}; wait until it ends, or choose another folder by --out")
        following, stopped, previous = (work / name for name in (NEXT_FOLDER, STOPPED_FOLDER, PREVIOUS_FOLDER))
        if previous.exists() and not folder.exists():  # a run was killed between two renames
            previous.rename(folder)
        if following.exists() and not stopped.exists():  # if both exist, a run was killed before it took all files
            following.rename(stopped)
        for leftover in (following, previous):
            shutil.rmtree(leftover, ignore_errors=True)
        following.mkdir()
        yield following, Publication(stopped), Publication(folder)
        make_durable(following)
        put_in_place(following, folder, previous)
        if keep:
            replaced = following if following.exists() else previous
            room = folder.with_name(f"{folder.name}.earlier")
            earlier, now = Publication(replaced).manifest, Publication(folder).manifest
            if earlier.edition not in ("", now.edition):
                room.mkdir(exist_ok=True)
                replaced.rename(room / name_edition_folder(earlier))
            editions = [path for path in room.glob("*") if Publication(path).manifest.run == now.run]
            for path in sorted(editions)[:-keep]:  # the newest ones stay
                shutil.rmtree(path)
        shutil.rmtree(work, ignore_errors=True)
