"""Files that appear whole or not at all, without texts that a program would run or show as another text."""

import csv
import ctypes
import errno
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from itertools import chain, count
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Any

if sys.platform != "win32":
    import fcntl

from rmrp_analysis.yaml_text import escape_unprintable

if TYPE_CHECKING:
    import pandas as pd

UNFINISHED_SUFFIX = ".part"
"""The end of the name of a file that is being written."""

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
"""How Linux writes "from the current folder", and the flag of ``renameat2`` to exchange two files."""
_NO_EXCHANGE_ERRNOS = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
"""The error numbers of a system or a disk that cannot exchange folders."""
_IN_USE_ERRNOS = (errno.EACCES, errno.EPERM, errno.EBUSY)
"""The error numbers of a file that another program has open."""
DISK_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
"""The error numbers of a full, closed or broken disk, where nothing can be written."""
MAX_SECONDS_FILE_IN_USE = 10
"""The most seconds to wait until a program such as a virus scanner closes a file that is to be replaced."""

MAX_FILE_NAME_LENGTH = 80
"""The most characters of a file name, before its number and its suffix."""
FORMULA_FIRST_CHARACTERS = tuple("=+-@\t\r\n＝＋－＠")
"""The characters that may begin a formula, which a spreadsheet program may run."""

NUMBER_PATTERN = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
"""The text of a number, which a file may hold: despite its sign, it is no formula."""

RESERVED_WINDOWS_NAMES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
"""The names that Windows keeps for devices. No file may have such a name, whatever its suffix."""


def is_address(text: str) -> bool:
    """Return whether a text is an address such as ``s3://…``, not a folder of this computer such as ``C:/``."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", text) is not None


def write_whole(path: Path, content: str | bytes, *, durable: bool = True) -> Path:
    """Write a file in UTF-8 beside its target, then put it in its place. Return its path.

    A reader never sees half a file, not even after a power cut. A file that is not ``durable`` may be lost in a power
    cut until ``make_durable`` is called for its folder. Makes the folder. Raises ``OSError`` that names the target.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = content.encode("utf-8", errors="replace") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}{UNFINISHED_SUFFIX}")
    try:
        with temporary.open("wb") as file:
            file.write(raw)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        _replace(temporary, path)
    except OSError as problem:
        raise _in_words(problem, path) from None  # a full disk names no file itself
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    if durable:
        keep_names(path.parent)
    return path


def make_durable(folder: Path) -> None:
    """Make all files in a folder and its subfolders, and the names in it, survive a power cut.

    Raises ``OSError``, for example for a full disk.
    """
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    keep_names(folder)


def keep_names(folder: Path) -> None:
    """Make the names of the files in a folder survive a power cut. Do nothing if the system cannot."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def put_in_place(new_folder: Path, folder: Path, previous: Path) -> None:
    """Put ``new_folder`` in the place of ``folder``, which may exist.

    If the system can exchange folders, this is one step, and the old folder is then at ``new_folder``. Otherwise these
    are two renames, and the old folder is at ``previous``. If it raises ``OSError``, the old folder is back in its
    place.
    """
    try:
        if folder.exists() and not _exchange_folders(new_folder, folder):
            _replace(folder, previous)
        if not folder.exists():
            _replace(new_folder, folder)
    except OSError as problem:
        if previous.exists() and not folder.exists():
            _replace(previous, folder)
        raise _in_words(problem, folder) from None
    keep_names(folder.parent)


def _replace(replacement: Path, path: Path) -> None:
    """Rename a file or folder in place of another one. Raise ``OSError`` if that fails.

    On Windows, wait up to ``MAX_SECONDS_FILE_IN_USE`` for a program that has one of its files open.
    """
    try:
        os.replace(replacement, path)  # noqa: PTH105 - tests stand in for it
    except PermissionError:
        waits = sys.platform == "win32"
        if not waits:
            raise
        from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

        in_use = retry_if_exception_type(PermissionError)
        stop, pause = stop_after_delay(MAX_SECONDS_FILE_IN_USE), wait_fixed(MAX_SECONDS_FILE_IN_USE / 50)
        retry(retry=in_use, stop=stop, wait=pause, reraise=True)(os.replace)(replacement, path)


def _in_words(problem: OSError, path: Path) -> OSError:
    """Return an error that names the path that could not be replaced, and why. On Windows, name the files in use."""
    reason, in_use, names = str(problem.strerror), problem.errno in _IN_USE_ERRNOS, list[str]()
    looks = in_use and sys.platform == "win32"
    for file in filter(Path.is_file, (path, *path.rglob("*"))) if looks else ():
        try:
            os.replace(file, file)  # noqa: PTH105
        except PermissionError:  # another program may have it open
            names.append(file.name)
    if names or (in_use and path.is_dir()):
        cause = "a program may have one of its files open"
        cause = f"{', '.join(names)} is open in another program" if names else f"{reason}: {cause}"
        reason = f"{cause}; close it and run again, which takes up what was made"
    return OSError(problem.errno, reason, str(path))


def _exchange_folders(folder: Path, other_folder: Path) -> bool:
    """Exchange two folders in one step, and return whether the system can. No moment is without either folder.

    Raises ``OSError`` if the system can, but this exchange failed.
    """
    if sys.platform != "linux":
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # a C library without it
        return False
    if renameat2(_AT_FDCWD, os.fsencode(folder), _AT_FDCWD, os.fsencode(other_folder), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _NO_EXCHANGE_ERRNOS:
        return False
    raise OSError(number, os.strerror(number), str(other_folder))


@contextmanager
def lock_of(folder: Path) -> Iterator[bool]:
    """Lock a folder for the ``with`` block. Yield whether this process has the lock.

    The lock ends with its process. On a drive without locks every process has it. No file remains: the folder itself is
    locked. Nobody has a folder that was removed meanwhile. On Windows, the lock is a file beside the folder, which is
    removed when it is closed.
    """
    if sys.platform == "win32":
        import msvcrt

        try:
            opened = os.open(f"{folder}.lock", os.O_RDWR | os.O_CREAT | os.O_TEMPORARY)
        except PermissionError:  # it is being closed
            yield False
            return
        lock = partial(msvcrt.locking, opened, msvcrt.LK_NBLCK, 1)
    else:
        opened = os.open(folder, os.O_RDONLY)
        lock = partial(fcntl.flock, opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        has_lock = True
        try:
            lock()
        except (BlockingIOError, PermissionError):
            has_lock = False
        except OSError:  # some network drives have no locks
            pass
        is_same = sys.platform == "win32" or (folder.exists() and os.path.samestat(os.fstat(opened), folder.stat()))
        yield has_lock and is_same
    finally:
        os.close(opened)


def file_names(names: Sequence[str]) -> list[str]:
    """Return a file name without suffix for each name: safe on every system, and no two equal."""
    from rmrp_analysis.vocabulary import slug  # a process chooses its plan pack before the pack's lists are read

    unique: list[str] = []
    for name in names:
        short = slug(name)[:MAX_FILE_NAME_LENGTH].strip("-").encode("ascii", "ignore").decode() or "unnamed"
        safe = f"{short}-1" if short in RESERVED_WINDOWS_NAMES else short
        candidates = chain([safe], (f"{safe}-{number}" for number in count(2)))
        unique.append(next(candidate for candidate in candidates if candidate not in unique))
    return unique


def harmless(cell: Any) -> Any:
    """Return a cell of CSV that no spreadsheet program runs as a formula.

    In a text, unprintable characters are escaped. A text that could run gets an apostrophe before it. Any other cell
    stays.
    """
    if not isinstance(cell, str):
        return cell
    return _harmless_text(cell)


@lru_cache(maxsize=4096)  # rows of a file repeat their texts: names of figures, the method
def _harmless_text(text: str) -> str:
    """Return a text that no spreadsheet program runs as a formula."""
    text = escape_unprintable(text)
    return f"'{text}" if text.startswith(FORMULA_FIRST_CHARACTERS) else text


def write_json(path: Path, content: Any) -> Path:
    """Write a file of JSON that people can read. Return its path."""
    return write_whole(path, json_text(content))


def json_text(content: Any, indent: int = 2) -> str:
    """Return JSON text that people can read, unprintable characters escaped."""
    return escape_unprintable(json.dumps(content, ensure_ascii=False, indent=indent)) + "\n"


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write rows as CSV that spreadsheet programs open. Return the file's path.

    The file is UTF-8 with its mark. An unknown value is an empty cell.
    """
    return write_whole(path, "\ufeff" + csv_text(columns, rows))


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, decimal: str = ".") -> str:
    """Return rows as CSV text, each text harmless.

    Floats have the sign ``decimal`` before their decimals, and the delimiter goes with it. A column that a row lacks is
    an empty cell. A key that is no column raises ``ValueError``.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=csv_delimiter(decimal), lineterminator="\n", restval="")
    writer.writeheader()
    for row in rows:
        cells = {column: harmless(cell) for column, cell in row.items()}
        numbers = {name: repr(cell).replace(".", decimal) for name, cell in cells.items() if isinstance(cell, float)}
        writer.writerow(cells | numbers)
    return text.getvalue()


def csv_delimiter(decimal: str) -> str:
    """Return the delimiter of CSV that goes with this sign before decimals.

    >>> csv_delimiter("."), csv_delimiter(",")
    (',', ';')
    """
    return ";" if decimal == "," else ","


def write_table(path: Path, table: "pd.DataFrame") -> Path:
    """Write a table as CSV that spreadsheet programs open (see ``table_text``). Return the file's path."""
    return write_whole(path, "\ufeff" + table_text(table))


def table_text(table: "pd.DataFrame") -> str:
    """Return a table, without its index, as CSV text in which no cell runs as a formula."""
    return str(without_formulas(table).to_csv(index=False, lineterminator="\n"))


def without_formulas(table: "pd.DataFrame") -> "pd.DataFrame":
    """Return the table with its texts, and the names of its columns, made ``harmless``.

    A text that is a number, such as ``-5``, stays. Columns of anything but numbers become text, with missing cells
    empty. A column of floats that are all whole becomes ``Int64``.
    """
    texts = table.select_dtypes(exclude="number").astype("str").fillna("")
    safe = {
        str(name): cells.map(
            {text: text if NUMBER_PATTERN.fullmatch(text) else harmless(text) for text in cells.unique()}
        )
        for name, cells in texts.items()
    }
    integers = {
        str(name): numbers.astype("Int64")
        for name, numbers in table.select_dtypes("float").items()
        if (numbers.dropna() % 1 == 0).all()
    }
    return table.assign(**safe, **integers).rename(columns=harmless)
