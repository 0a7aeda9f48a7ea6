"""The kind of a file by its content, whatever its name. A file that would fill the memory is refused, not unpacked."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, cast

from rmrp_analysis.errors import InputRefused

MAX_UNPACKED_BYTES, USUAL_UNPACKED_RATIO = 2 * 2**30, 50
"""A file may unpack to so many bytes, or so many times its own size, whichever is larger."""
MIN_SUSPICIOUS_BYTES, MAX_UNPACKED_RATIO = 64 * 2**20, 500
"""Real tables shrink to a tenth or a thirtieth. Only a trap shrinks to less than a five-hundredth."""

HEAD_BYTES = 4096
"""The first bytes of a file, which show its kind."""
PIECE_BYTES = 2**20
"""Bytes that are unpacked at once."""
_GZIP_SIGNATURE, _OLE_SIGNATURE = b"\x1f\x8b", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of files packed with gzip, and of the old formats of Office."""
_ENCRYPTED_MARK = "EncryptedPackage".encode("utf-16-le")
"""The bytes in a workbook that a password protects."""
_KIND_BY_SIGNATURE = {
    b"PK\x03\x04": "zip",
    _GZIP_SIGNATURE: "gzip",
    b"PAR1": "parquet",
    b"%PDF": "pdf",
    _OLE_SIGNATURE: "ole",
}
_UNPACKING_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError)
_WEB_PAGE_STARTS = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<style")
"""The beginnings of a web page that was saved as a table."""
WORKBOOK_PART_BY_SUFFIX = {
    ".xlsx": "xl/workbook.xml",
    ".xlsm": "xl/workbook.xml",
    ".xlsb": "xl/workbook.bin",
    ".ods": "content.xml",
}
"""The part of each kind of packed workbook that lists its sheets."""

WORKBOOK_SUFFIXES = (*WORKBOOK_PART_BY_SUFFIX, ".xls")
_CONTAINER_BY_SUFFIX = {
    **dict.fromkeys(WORKBOOK_PART_BY_SUFFIX, "zip"),
    ".csv.gz": "gzip",
    ".parquet": "parquet",
    ".xls": "ole",
}
"""The kind of file that each suffix promises. Any other suffix promises text."""
_INSTEAD = {
    "zip": "it is an Excel workbook or a zip archive; a workbook's name ends in .xlsx",
    "gzip": "it is packed with gzip; the name of packed text ends in .csv.gz",
    "parquet": "it is a Parquet file; its name should end in .parquet",
    "pdf": "it is a PDF document; ask for the table itself",
    "html": "it is a web page (HTML) that was saved as a table; open it in a spreadsheet program and save it as .xlsx",
    "ole": "it is a workbook of the old format (.xls); its name should end in .xls",
    "locked": "it is protected by a password; save it without one",
}
"""The content of a file of each kind, and the advice, if its name promises another kind."""


def suffix_by_name(path: Path) -> str:
    """Return the suffix of a file's name in lower case, such as ``.xlsx`` or ``.csv.gz``."""
    return ".csv.gz" if path.name.lower().endswith(".csv.gz") else path.suffix.lower()


def suffix_by_content(path: Path) -> str:
    """Return the suffix that fits a file's content, if possible its own. ``.csv`` for text and any other kind.

    Raises ``InputRefused`` if there is no file.
    """
    kind = _kind(path)
    suffixes = (suffix_by_name(path), *_CONTAINER_BY_SUFFIX)
    return next((suffix for suffix in suffixes if _CONTAINER_BY_SUFFIX.get(suffix) == kind), ".csv")


def check_content(path: Path, suffix: str) -> None:
    """Raise ``InputRefused`` when the file is missing, empty, not of the kind of ``suffix``, or unpacks to too much.

    Gzip is unpacked for this check, piece by piece. Parts of an archive are checked while they are read (``pieces``).
    """
    kind = _kind(path)
    if kind == "empty":
        raise InputRefused(f"{path}: is empty")
    if kind in _INSTEAD and _CONTAINER_BY_SUFFIX.get(suffix) != kind:
        raise InputRefused(f"{path}: cannot be read as {suffix}; {_INSTEAD[kind]}")
    if kind != _CONTAINER_BY_SUFFIX.get(suffix, kind):
        raise refuse_damaged(path, suffix, "its content is not of this format")
    try:
        if kind == "gzip":
            with gzip.open(path) as file:
                while file.read(PIECE_BYTES):
                    check_size(path, file.tell())
        elif kind == "zip":
            _check_archive(path, suffix)
    except _UNPACKING_ERRORS as problem:
        raise refuse_damaged(path, suffix, problem) from None


def _check_archive(path: Path, suffix: str) -> None:
    """Raise ``InputRefused`` if an archive unpacks to too much, has a password, or is no workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    check_size(path, sum(part.file_size for part in parts))  # as the archive states them
    if any(part.flag_bits & 1 for part in parts):
        raise InputRefused(f"{path}: cannot be read as {suffix}; {_INSTEAD['locked']}")
    if WORKBOOK_PART_BY_SUFFIX[suffix] not in {part.filename for part in parts}:
        raise InputRefused(f"{path}: cannot be read as {suffix}; it is a zip archive without a workbook")


def check_size(path: Path, unpacked: int) -> None:
    """Raise ``InputRefused`` if a file unpacks to too many bytes for its size (see ``check_ratio``)."""
    check_ratio(path, path.stat().st_size, unpacked)


def check_ratio(path: Path | str, packed: int, unpacked: int) -> None:
    """Raise ``InputRefused`` if ``packed`` bytes, of a file or a part of it, unpack to too many.

    Too many are more than both ``MAX_UNPACKED_BYTES`` and ``USUAL_UNPACKED_RATIO`` times ``packed``. Above
    ``MIN_SUSPICIOUS_BYTES``, more than ``MAX_UNPACKED_RATIO`` times ``packed`` are also too many.
    """
    limit = max(MAX_UNPACKED_BYTES, USUAL_UNPACKED_RATIO * packed)
    if unpacked > limit or (unpacked > MIN_SUSPICIOUS_BYTES and unpacked > MAX_UNPACKED_RATIO * packed):
        raise InputRefused(
            f"{path}: {packed:,} bytes unpack to {unpacked:,} or more; no real table or answer is like that, so it is "
            "not unpacked"
        )


def open_content(path: Path) -> IO[bytes]:
    """Open a file that was checked, to read its bytes. Gzip is unpacked."""
    with path.open("rb") as file:
        packed = file.read(len(_GZIP_SIGNATURE)) == _GZIP_SIGNATURE
    return cast(IO[bytes], gzip.open(path)) if packed else path.open("rb")


def pieces(path: Path, archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield a part of an archive piece by piece. Raises ``InputRefused`` if it differs from the archive's index."""
    try:
        with archive.open(part) as file:
            while piece := file.read(PIECE_BYTES):
                yield piece
    except zipfile.BadZipFile:
        raise refuse_damaged(path, suffix_by_content(path), f"{part} is not what the archive says") from None
    except _UNPACKING_ERRORS as problem:
        raise refuse_damaged(path, suffix_by_content(path), problem) from None


def refuse_damaged(path: Path, suffix: str, problem: object) -> InputRefused:
    """Return the refusal of a file that cannot be read in the format of its suffix."""
    return InputRefused(f"{path}: cannot be read as {suffix}; it is damaged or something else ({problem})")


def _kind(path: Path) -> str:
    """Return the kind of a file by its first bytes: a key of ``_INSTEAD``, ``text`` or ``empty``.

    Raises ``InputRefused`` if there is no file.
    """
    if not path.is_file():
        raise InputRefused(f"{path}: there is no such file")
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = next((kind for signature, kind in _KIND_BY_SIGNATURE.items() if head.startswith(signature)), "")
    if kind == "ole":
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            return "locked" if content.find(_ENCRYPTED_MARK) >= 0 else kind
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00").replace(b"\x00", b"").lower()
    if text.startswith(_WEB_PAGE_STARTS):
        return "html"
    return kind or ("text" if head else "empty")
