"""What a file is by its content, whatever its name says; what would fill the memory is refused, not unpacked."""

import gzip
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from rmrp_analysis.errors import InputRefused

MOST_UNPACKED = 2 * 2**30
SUSPICIOUS_FROM, MOST_RATIO = 64 * 2**20, 500
"""Real tables shrink to a tenth or a thirtieth; nothing but a trap shrinks to less than a five-hundredth."""

HEAD = 4096
_CHUNK = 2**20
_OLE, _ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "EncryptedPackage".encode("utf-16-le")
_SIGNATURES = {b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip", b"PAR1": "parquet", b"%PDF": "pdf", _OLE: "ole"}
_BY_SUFFIX = {".xlsx": "zip", ".csv.gz": "gzip", ".parquet": "parquet"}
_INSTEAD = {
    "zip": "it is an Excel workbook or a zip archive; a workbook's name ends in .xlsx",
    "gzip": "it is packed with gzip; the name of packed text ends in .csv.gz",
    "parquet": "it is a Parquet file; its name should end in .parquet",
    "pdf": "it is a PDF document; ask for the table itself",
    "html": "it is a web page (HTML) that was saved as a table; open it in a spreadsheet program and save it as .xlsx",
    "old": "it is a workbook of the old format (.xls); open it in a spreadsheet program and save it as .xlsx",
    "locked": "it is protected by a password; save it without one",
}


def check_content(path: Path, suffix: str) -> None:
    """Raise ``InputRefused`` when the file is empty, not what its name says, or unpacks to more than memory holds."""
    kind = _kind(path)
    if kind == "empty":
        raise InputRefused(f"{path}: is empty")
    if kind in _INSTEAD and _BY_SUFFIX.get(suffix) != kind:
        raise InputRefused(f"{path}: cannot be read as {suffix}; {_INSTEAD[kind]}")
    check: Callable[[Path], None] | None = {"zip": _check_zip, "gzip": _check_gzip}.get(kind)
    if check:
        check(path)


def _kind(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(HEAD)
    known = next((kind for signature, kind in _SIGNATURES.items() if head.startswith(signature)), "")
    if known == "ole":
        return "locked" if _holds(path, _ENCRYPTED) else "old"
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00").replace(b"\x00", b"").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<style")):
        return "html"
    return known or ("text" if head else "empty")


def _holds(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        kept = b""
        while chunk := file.read(_CHUNK):
            if mark in kept + chunk:
                return True
            kept = chunk[-len(mark) :]
    return False


def _check_zip(path: Path) -> None:
    """By the sizes that the archive states first, then by what each part really unpacks to."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_size(path, sum(part.file_size for part in parts))
            if any(part.flag_bits & 1 for part in parts):
                raise InputRefused(f"{path}: cannot be read as .xlsx; {_INSTEAD['locked']}")
            damaged = archive.testzip()
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ) as problem:
        raise _damaged(path, str(problem)) from None
    if damaged:
        raise _damaged(path, f"{damaged} is not what the archive says")
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise InputRefused(f"{path}: cannot be read as .xlsx; it is a zip archive without a workbook")


def _check_gzip(path: Path) -> None:
    unpacked = 0
    try:
        with gzip.open(path) as file:
            while chunk := file.read(_CHUNK):
                unpacked += len(chunk)
                _check_size(path, unpacked)
    except (zlib.error, EOFError, OSError) as problem:
        raise _damaged(path, str(problem)) from None


def _check_size(path: Path, unpacked: int) -> None:
    packed = path.stat().st_size
    if unpacked > MOST_UNPACKED or (unpacked > SUSPICIOUS_FROM and unpacked > MOST_RATIO * packed):
        raise InputRefused(
            f"{path}: {packed:,} bytes unpack to {unpacked:,} or more; no table of activities is like that, so it is "
            "not unpacked"
        )


def _damaged(path: Path, problem: str) -> InputRefused:
    suffix = ".csv.gz" if path.name.lower().endswith(".csv.gz") else path.suffix.lower()
    return InputRefused(f"{path}: cannot be read as {suffix}; it is damaged or something else ({problem})")
