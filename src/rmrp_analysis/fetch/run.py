"""The data of a published run, fetched by its ``datapackage.json``: every CSV file as its checksum says, or nothing."""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from rmrp_analysis.errors import HalfAnswer, InputRefused, RequestError
from rmrp_analysis.fetch.api import Api, checked_address
from rmrp_analysis.files import put_in_place

DATAPACKAGE = "datapackage.json"
EXAMPLE = "https://example.org/reports/2026-10"
MOST_FILES = 100_000

_NAME = re.compile(r"[^/\\:\x00-\x1f.][^/\\:\x00-\x1f]*")
_HASH = re.compile(r"sha256:([0-9a-f]{64})")
Read = Callable[[str, Callable[[bytes], str]], bytes]
"""Gives a file of the run by its name, when nothing is wrong with it, or raises."""


@dataclass(frozen=True)
class PublishedData:
    """What a run published: its description, and every file that this names."""

    descriptor: Mapping[str, Any]
    files: Mapping[str, bytes]

    @property
    def internal(self) -> bool:
        """Whether it is not for publication."""
        return self.descriptor.get("audience") == "internal"


def fetch_run(api: Api, place: str) -> PublishedData:
    """The data of the run at an address or in a folder; the file ``datapackage.json`` itself may be named, too.

    Raises ``HalfAnswer`` where a file is missing or is not the one that is described, and ``RequestError`` where there
    is no run.
    """
    if urlsplit(place).scheme in ("http", "https"):
        address = checked_address(place, EXAMPLE)
        base = address if address.endswith(".json") else f"{address}/{DATAPACKAGE}"
        return api.agreeing(partial(_published, partial(_from_server, api, base), base))
    path = Path(place)
    folder = path.parent if path.name == DATAPACKAGE else path
    if not (folder / DATAPACKAGE).is_file():
        raise RequestError(f"{folder} holds no published run: there is no {DATAPACKAGE}")
    return _published(partial(_from_folder, folder), str(folder / DATAPACKAGE))


def _from_server(api: Api, base: str, name: str, fault: Callable[[bytes], str]) -> bytes:
    url = base if name == DATAPACKAGE else urljoin(base, quote(name))
    return api.file(url, missing=lambda answer: fault(answer.body)).body


def _from_folder(folder: Path, name: str, fault: Callable[[bytes], str]) -> bytes:
    path = folder / name
    if not path.is_file():
        raise HalfAnswer(f"{path}: there is no such file; nothing was written")
    content = path.read_bytes()
    if problem := fault(content):
        raise HalfAnswer(f"{path}: {problem}; nothing was written")
    return content


def _published(read: Read, where: str) -> PublishedData:
    body = read(DATAPACKAGE, _no_descriptor)
    descriptor = json.loads(body)
    described: dict[str, Mapping[str, Any]] = {}
    for resource in descriptor["resources"]:
        name = str(resource.get("path", "")) if isinstance(resource, dict) else ""
        if not _NAME.fullmatch(name) or name in described or name == DATAPACKAGE:
            raise InputRefused(f"{where}: '{name}' is no name of a file beside it; nothing was written")
        if not _HASH.fullmatch(str(resource.get("hash", ""))):
            raise InputRefused(f"{where}: says no sha256 of {name}, so it cannot be checked; nothing was written")
        described[name] = resource
    files = {name: read(name, partial(_other_file, resource)) for name, resource in described.items()}
    return PublishedData(descriptor, {**files, DATAPACKAGE: body})


def _no_descriptor(body: bytes) -> str:
    """What is wrong with a ``datapackage.json``."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return "is no JSON; it may have been cut, or be a page for people"
    resources = content.get("resources") if isinstance(content, dict) else None
    return "" if isinstance(resources, list) and 0 < len(resources) <= MOST_FILES else "names no files (resources)"


def _other_file(resource: Mapping[str, Any], body: bytes) -> str:
    """Why a file is not the one described."""
    stated = _HASH.fullmatch(str(resource["hash"]))
    if stated and hashlib.sha256(body).hexdigest() == stated[1]:
        return ""
    size = resource.get("bytes")
    sizes = (
        f" ({len(body):,} bytes came, {size:,} are described)" if isinstance(size, int) and size != len(body) else ""
    )
    return f"is not the file that {DATAPACKAGE} describes: another sha256{sizes}"


def write_run(data: PublishedData, folder: Path) -> Path:
    """Put the files into a folder, in one step; those of an earlier fetch there are replaced as a whole.

    Raises ``RequestError`` where the folder holds anything else. Returns its ``datapackage.json``.
    """
    _check_own(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as temporary:
        made, previous = Path(temporary) / "made", Path(temporary) / "previous"
        made.mkdir()
        for name, content in data.files.items():
            (made / name).write_bytes(content)
        put_in_place(made, folder.resolve(), previous)
        shutil.rmtree(previous, ignore_errors=True)
    return folder / DATAPACKAGE


def _check_own(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if not names:
        return
    try:
        descriptor = json.loads((folder / DATAPACKAGE).read_bytes())
        own = {DATAPACKAGE, *(resource["path"] for resource in descriptor["resources"])}
    except (OSError, ValueError, KeyError, TypeError):
        own = set()
    if other := sorted(names - own):
        raise RequestError(
            f"{folder} holds {other[0]}, which was not fetched from a run; choose another folder by --out"
        )
