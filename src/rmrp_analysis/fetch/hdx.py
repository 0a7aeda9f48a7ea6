"""The files of a dataset at HDX, by CKAN's API: each with its checksum, size, time and licence.

Source: CKAN's API guide, ``package_show``. A resource's ``hash`` is a free text there. If it is an MD5, SHA-1 or
SHA-256, it is compared with the file. The SHA-256 of each file is always our own.
"""

import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from rmrp_analysis.errors import HalfAnswer, InputRefused, RequestError, did_you_mean
from rmrp_analysis.fetch.api import MAX_DIGITS_OF_COUNT, WEB_PAGE_STARTS, Answer, Api, check_address
from rmrp_analysis.fetch.entry import Fetching, add_date, read_entries
from rmrp_analysis.files import json_text
from rmrp_analysis.loaders.sheet_inputs import recognise_sheets, year_in
from rmrp_analysis.tables import TABLE_BY_INPUT
from rmrp_analysis.vocabulary import fold

BASE_ADDRESS = "https://data.humdata.org"
LISTING_FILE = "listing.json"
"""The file that lists a dataset's files with checksum, size, time and licence."""
ADVICE_BY_STATUS: Mapping[int, str] = {
    403: "the dataset is not public; ask its producer for the file",
    404: "there is no such dataset or file; the name of a dataset stands in its address, after dataset/",
}
"""The meaning of a status code of HDX, and the advice."""
CHECKSUM_ALGORITHM_BY_LENGTH: Mapping[int, str] = {32: "md5", 40: "sha1", 64: "sha256"}
"""The algorithm of a checksum in hexadecimal, by the number of its digits."""

_DATASET_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{1,99}")
_CHECKSUM_PATTERN = re.compile(r"(?:(?:md5|sha1|sha256):)?([0-9a-f]+)")
"""A checksum in hexadecimal, after the name of its algorithm or alone."""
_UNSAFE_CHARACTERS_PATTERN = re.compile(r"[^\w.()-]+")
"""Characters that a file name does not get."""
Resource = Mapping[str, Any]
"""The facts that HDX gives about one file of a dataset, by key."""


@dataclass(frozen=True)
class HdxFile:
    """One file of a dataset: its name here, its description by HDX, and its content."""

    name: str
    resource: Resource
    body: bytes


@dataclass(frozen=True)
class Dataset:
    """A dataset of HDX with the files that were asked for, and the file and sheet of each input in them."""

    about: Mapping[str, Any]
    address: str
    fetched: datetime
    files: Sequence[HdxFile]
    inputs: Mapping[str, tuple[HdxFile, str]]
    notes: tuple[str, ...]

    def fetching(self) -> Fetching:
        """Return a folder with files and listing, and an entry of ``sources.yml`` for each of the ``inputs``.

        The entry's ``as_of`` is the day of the file's last change at HDX, or of the fetch.
        """
        folder = f"hdx-{self.about['name']}-{self.fetched:%Y%m%dT%H%M%SZ}"
        files = {f"{folder}/{file.name}": file.body for file in self.files}
        title = str(self.about.get("title") or self.about["name"])
        year = year_in(f"{self.about['name']} {title}")
        entries = {}
        for name, (file, sheet) in self.inputs.items():
            entry = {
                "file": f"{folder}/{file.name}",
                **({"sheet": sheet} if sheet else {}),
                "producer": str(self.about.get("dataset_source") or _name_organisation(self.about)),
                "url": self.address,
                "licence": str(self.about.get("license_title") or self.about.get("license_id") or "not stated"),
            }
            day = str(file.resource.get("last_modified") or "")[:10]
            entries[name] = add_date(entry, self.fetched) | ({"as_of": day} if day else {})
        files[f"{folder}/{LISTING_FILE}"] = json_text(self.listing(), 1).encode()
        return Fetching(title, year, files, entries)

    def listing(self) -> dict[str, Any]:
        """Return HDX's description of the dataset and its files, with our size and SHA-256, without people's names."""
        names = ("id", "name", "title", "dataset_source", "dataset_date", "license_id", "license_title", "license_url")
        keys = ("id", "name", "description", "format", "url", "hash", "size", "last_modified")
        return {
            **{name: self.about[name] for name in names if self.about.get(name)},
            "organization": _name_organisation(self.about),
            "url": self.address,
            "fetched": f"{self.fetched:%Y-%m-%dT%H:%M:%SZ}",
            "files": [
                {
                    "file": file.name,
                    "bytes": len(file.body),
                    "sha256": hashlib.sha256(file.body).hexdigest(),
                    "checked_by": read_checksum(file.resource)[0],
                    **{key: file.resource[key] for key in keys if file.resource.get(key)},
                }
                for file in self.files
            ],
        }


def fetch_dataset(
    api: Api, dataset: str, folder: Path, *, resources: Sequence[str] = (), base_address: str = BASE_ADDRESS
) -> Dataset:
    """Fetch the files of a dataset, by default all, and recognise the inputs among them. Writes no file.

    ``resources`` are names of files. An input that the folder's ``sources.yml`` has from another address is left out,
    with a note. Raises ``RequestError`` for an invalid name or address and a file that the dataset does not have, and
    ``HalfAnswer`` when the server fails, refuses, or gives another file than it describes.
    """
    base = check_address(base_address, BASE_ADDRESS)
    if not _DATASET_NAME_PATTERN.fullmatch(dataset):
        match = re.search(r"dataset/([a-z0-9_-]+)", dataset)
        advice = f"did you mean '{match[1]}'?" if match else "it stands in its address, after dataset/"
        raise RequestError(f"'{dataset}' is no name of a dataset; {advice}")
    listing = api.get(f"{base}/api/3/action/package_show?id={dataset}", missing=_check_dataset)
    facts = listing.content["result"]
    files = []
    for name, resource in _choose_resources(facts["resources"], resources).items():
        url = urljoin(base, str(resource.get("download_url") or resource.get("url") or ""))
        if urlsplit(url).scheme not in ("http", "https"):
            raise HalfAnswer(f"{url}: is no address of a file; choose others by --resource")
        answer = api.file(url, missing=partial(_check_file, resource), home=base)
        files.append(HdxFile(name, resource, answer.body))
    address = f"{base}/dataset/{facts['name']}"
    matches, notes = _recognise_inputs(files)
    entries = {name: entry for name, entry in read_entries(folder).items() if isinstance(entry, dict)}
    retained = [name for name in matches if name in entries and entries[name].get("url") != address]
    notes += [
        f"{name} stays as {folder} has it; {matches[name][0].name} could be named in its place" for name in retained
    ]
    inputs = {name: pair for name, pair in matches.items() if name not in retained}
    return Dataset(facts, address, listing.fetched, files, inputs, tuple(notes))


def read_checksum(resource: Resource) -> tuple[str, str]:
    """Read the algorithm and checksum that a resource states. Both are empty for an unknown algorithm."""
    match = _CHECKSUM_PATTERN.fullmatch(str(resource.get("hash") or "").strip().lower())
    algorithm = CHECKSUM_ALGORITHM_BY_LENGTH.get(len(match[1]), "") if match else ""
    return (algorithm, match[1]) if match and algorithm else ("", "")


def _check_dataset(answer: Answer) -> str:
    """Return the fault of the description of a dataset. Empty without a fault."""
    result = answer.content.get("result")
    if answer.content.get("success") is not True or not isinstance(result, dict):
        return "the answer does not say that it is one (success)"
    resources = result.get("resources")
    if not _DATASET_NAME_PATTERN.fullmatch(str(result.get("name"))) or not isinstance(resources, list) or not resources:
        return "the dataset has no name or no files"
    total = result.get("num_resources")
    if isinstance(total, int) and total != len(resources):
        return f"the dataset has {total:,} files, and {len(resources):,} are named"
    if not all(isinstance(resource, dict) for resource in resources):
        return "the dataset names something else"
    for address in (str(resource.get(key) or "") for resource in resources for key in ("url", "download_url")):
        try:
            urlsplit(address)
        except ValueError as problem:
            return f"the dataset names a file at '{address}', which is no address ({problem})"
    return ""


def _choose_resources(resources: Sequence[Resource], names: Sequence[str]) -> dict[str, Resource]:
    """Return the resources with these names, ids or file names, by a unique file name of safe characters.

    Without ``names`` all are returned. Raises ``RequestError`` for a name that the dataset does not have.
    """
    files = [PurePosixPath(unquote(urlsplit(str(resource.get("url") or "")).path)).name for resource in resources]
    positions = {
        fold(unquote(str(text))): number
        for number, resource in enumerate(resources)
        for text in (resource.get("id"), files[number], resource.get("name"))
        if text
    }
    for name in names:
        if fold(unquote(name)) not in positions:
            allowed = [str(resource.get("name")) for resource in resources]
            raise RequestError(f"the dataset has no file '{name}'; {did_you_mean(name, allowed)}")
    chosen: dict[str, Resource] = {}
    for number in dict.fromkeys(positions[fold(unquote(name))] for name in names) if names else range(len(resources)):
        resource, file = resources[number], files[number]
        suffix = f".{str(resource.get('format') or '').lower()}"
        name = file if PurePosixPath(file).suffix else f"{resource.get('name') or file}{suffix}"
        safe = _UNSAFE_CHARACTERS_PATTERN.sub("-", name).strip("-.") or f"file-{len(chosen) + 1}"
        chosen[safe if safe not in (LISTING_FILE, *chosen) else f"{len(chosen) + 1}-{safe}"] = resource
    return chosen


def _check_file(resource: Resource, answer: Answer) -> str:
    """Return why a file is not the one that HDX describes. Empty if it is the same file.

    It may be a web page, have another checksum, or be shorter, if no known checksum is stated.
    """
    name, body = resource.get("name"), answer.body
    is_page = body.lstrip()[:20].lower().startswith(WEB_PAGE_STARTS)
    if is_page and str(resource.get("format") or "").lower() not in ("html", "web app"):
        return f"{name} is a web page instead of a file; choose others by --resource"
    algorithm, expected = read_checksum(resource)
    if algorithm:
        is_same = hashlib.new(algorithm, body, usedforsecurity=False).hexdigest() == expected
        return "" if is_same else f"{name} is not the file that the dataset describes: another {algorithm}"
    size = str(resource.get("size") or "")
    is_short = size.isdecimal() and len(size) <= MAX_DIGITS_OF_COUNT and len(body) < int(size)
    return f"{name} has {len(body):,} bytes, and {int(size):,} are described" if is_short else ""


def _recognise_inputs(files: Sequence[HdxFile]) -> tuple[dict[str, tuple[HdxFile, str]], list[str]]:
    """Return the file and sheet with most known columns for each input, and notes.

    Notes name each file that is no input, and each file that fits an input already seen. A file that cannot be read is
    no input.
    """
    best: dict[str, tuple[int, HdxFile, str]] = {}
    notes = []
    with tempfile.TemporaryDirectory(prefix="hdx-") as temporary:
        for file in files:
            path = Path(temporary) / file.name
            path.write_bytes(file.body)
            try:
                sheets = [sheet for sheet in recognise_sheets(path) if sheet.name in TABLE_BY_INPUT]
            except InputRefused:
                sheets = []
            if not sheets:
                notes.append(f"{file.name}: is none of the inputs of a plan; it is not in sources.yml")
            for sheet in sheets:
                if sheet.name in best:
                    notes.append(f"{sheet.name}: {file.name} fits, too")
                if sheet.columns > best.get(sheet.name, (0,))[0]:
                    best[sheet.name] = (sheet.columns, file, sheet.sheet)
            path.unlink()
    return {name: (file, sheet) for name, (_, file, sheet) in best.items()}, notes


def _name_organisation(dataset_facts: Mapping[str, Any]) -> str:
    """Return the name of the organisation that publishes a dataset, or *HDX*."""
    publisher = dataset_facts.get("organization")
    return str(publisher.get("title") or "HDX") if isinstance(publisher, dict) else "HDX"
