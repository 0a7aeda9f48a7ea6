"""The files of a dataset at HDX, by CKAN's API: each with its checksum, size, time and licence.

Source: CKAN's API guide, ``package_show``. A resource's ``hash`` is a free text there: it is held against the file
where it is an MD5, SHA-1 or SHA-256. The SHA-256 of each file is always our own.
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
"""The address of HDX."""
LISTING_FILE = "listing.json"
"""The file that lists a dataset's files with checksum, size, time and licence."""
ADVICE_BY_STATUS: Mapping[int, str] = {
    403: "the dataset is not public; ask its producer for the file",
    404: "there is no such dataset or file; the name of a dataset stands in its address, after dataset/",
}
"""What a status code of HDX means, and what to do."""
CHECKSUM_ALGORITHM_BY_LENGTH: Mapping[int, str] = {32: "md5", 40: "sha1", 64: "sha256"}
"""The algorithm of a checksum in hexadecimal, by how many digits it has."""

_DATASET_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{1,99}")
"""The name of a dataset, as its address has it."""
_CHECKSUM_PATTERN = re.compile(r"(?:(?:md5|sha1|sha256):)?([0-9a-f]+)")
"""A checksum in hexadecimal, after the name of its algorithm or alone."""
_UNSAFE_CHARACTERS_PATTERN = re.compile(r"[^\w.()-]+")
"""Characters that a file name does not get."""
Resource = Mapping[str, Any]
"""What HDX says of one file of a dataset, by key."""


@dataclass(frozen=True)
class HdxFile:
    """One file of a dataset: its name here, what HDX says of it, and its content."""

    name: str
    resource: Resource
    body: bytes


@dataclass(frozen=True)
class Dataset:
    """A dataset of HDX with the files that were asked for, and the inputs that they are (``SheetInput`` by file)."""

    about: Mapping[str, Any]
    address: str
    fetched: datetime
    files: Sequence[HdxFile]
    inputs: Mapping[str, tuple[HdxFile, str]]
    notes: tuple[str, ...]

    def fetching(self) -> Fetching:
        """Return what a data folder gets: a folder with files and listing, and an entry for each of the ``inputs``.

        Its ``as_of`` is the day of the file's last change at HDX, else that of the fetch.
        """
        folder_name = f"hdx-{self.about['name']}-{self.fetched:%Y%m%dT%H%M%SZ}"
        content_by_file = {f"{folder_name}/{hdx_file.name}": hdx_file.body for hdx_file in self.files}
        dataset_title = str(self.about.get("title") or self.about["name"])
        dataset_year = year_in(f"{self.about['name']} {dataset_title}")
        source_entry_by_input = {}
        for input_name, (hdx_file, sheet_name) in self.inputs.items():
            source_entry = {
                "file": f"{folder_name}/{hdx_file.name}",
                **({"sheet": sheet_name} if sheet_name else {}),
                "producer": str(self.about.get("dataset_source") or _name_organisation(self.about)),
                "url": self.address,
                "licence": str(self.about.get("license_title") or self.about.get("license_id") or "not stated"),
            }
            file_day_text = str(hdx_file.resource.get("last_modified") or "")[:10]
            source_entry_by_input[input_name] = add_date(source_entry, self.fetched) | (
                {"as_of": file_day_text} if file_day_text else {}
            )
        return Fetching(
            dataset_title,
            dataset_year,
            {**content_by_file, f"{folder_name}/{LISTING_FILE}": json_text(self.listing(), 1).encode()},
            source_entry_by_input,
        )

    def listing(self) -> dict[str, Any]:
        """Return what HDX says of the dataset and of each file, with our size and SHA-256, without people's names."""
        fact_names = (
            "id",
            "name",
            "title",
            "dataset_source",
            "dataset_date",
            "license_id",
            "license_title",
            "license_url",
        )
        return {
            **{fact_name: self.about[fact_name] for fact_name in fact_names if self.about.get(fact_name)},
            "organization": _name_organisation(self.about),
            "url": self.address,
            "fetched": f"{self.fetched:%Y-%m-%dT%H:%M:%SZ}",
            "files": [
                {
                    "file": hdx_file.name,
                    "bytes": len(hdx_file.body),
                    "sha256": hashlib.sha256(hdx_file.body).hexdigest(),
                    "checked_by": read_checksum(hdx_file.resource)[0],
                    **{
                        fact_name: hdx_file.resource[fact_name]
                        for fact_name in ("id", "name", "description", "format", "url", "hash", "size", "last_modified")
                        if hdx_file.resource.get(fact_name)
                    },
                }
                for hdx_file in self.files
            ],
        }


def fetch_dataset(
    api: Api, dataset: str, folder: Path, *, resources: Sequence[str] = (), base_address: str = BASE_ADDRESS
) -> Dataset:
    """Fetch the files of a dataset, or those that ``resources`` names, and recognise the inputs among them.

    An input that the ``sources.yml`` of a folder has from another address is left out, with a note. Raises
    ``RequestError`` for an invalid name or address and a file that the dataset does not have, ``HalfAnswer`` when the
    server fails, refuses, or gives another file than it describes. Writes no file.
    """
    base_url = check_address(base_address, BASE_ADDRESS)
    if not _DATASET_NAME_PATTERN.fullmatch(dataset):
        in_address = re.search(r"dataset/([a-z0-9_-]+)", dataset)
        advice = f"did you mean '{in_address[1]}'?" if in_address else "it stands in its address, after dataset/"
        raise RequestError(f"'{dataset}' is no name of a dataset; {advice}")
    dataset_answer = api.get(f"{base_url}/api/3/action/package_show?id={dataset}", missing=_check_dataset)
    dataset_facts = dataset_answer.content["result"]
    hdx_files = []
    for name, resource in _choose_resources(dataset_facts["resources"], resources).items():
        url = urljoin(base_url, str(resource.get("download_url") or resource.get("url") or ""))
        if urlsplit(url).scheme not in ("http", "https"):
            raise HalfAnswer(f"{url}: is no address of a file; choose others by --resource")
        file_answer = api.file(url, missing=partial(_check_file, resource), home=base_url)
        hdx_files.append(HdxFile(name, resource, file_answer.body))
    dataset_address = f"{base_url}/dataset/{dataset_facts['name']}"
    file_and_sheet_by_input, dataset_notes = _recognise_inputs(hdx_files)
    earlier_entry_by_input = {
        name: source_entry for name, source_entry in read_entries(folder).items() if isinstance(source_entry, dict)
    }
    kept_input_names = [
        name
        for name in file_and_sheet_by_input
        if name in earlier_entry_by_input and earlier_entry_by_input[name].get("url") != dataset_address
    ]
    dataset_notes += [
        f"{name} stays as {folder} has it; {file_and_sheet_by_input[name][0].name} could be named in its place"
        for name in kept_input_names
    ]
    file_sheet_pair_by_input = {
        name: file_and_sheet for name, file_and_sheet in file_and_sheet_by_input.items() if name not in kept_input_names
    }
    return Dataset(
        dataset_facts,
        dataset_address,
        dataset_answer.fetched,
        hdx_files,
        file_sheet_pair_by_input,
        tuple(dataset_notes),
    )


def read_checksum(resource: Resource) -> tuple[str, str]:
    """Read the algorithm and checksum that a resource states; both empty for an unknown algorithm."""
    checksum_match = _CHECKSUM_PATTERN.fullmatch(str(resource.get("hash") or "").strip().lower())
    algorithm = CHECKSUM_ALGORITHM_BY_LENGTH.get(len(checksum_match[1]), "") if checksum_match else ""
    return (algorithm, checksum_match[1]) if checksum_match and algorithm else ("", "")


def _check_dataset(answer: Answer) -> str:
    """Return what is wrong with the description of a dataset; empty where nothing is."""
    dataset_facts = answer.content.get("result")
    if answer.content.get("success") is not True or not isinstance(dataset_facts, dict):
        return "the answer does not say that it is one (success)"
    resources = dataset_facts.get("resources")
    if (
        not _DATASET_NAME_PATTERN.fullmatch(str(dataset_facts.get("name")))
        or not isinstance(resources, list)
        or not resources
    ):
        return "the dataset has no name or no files"
    stated_count = dataset_facts.get("num_resources")
    if isinstance(stated_count, int) and stated_count != len(resources):
        return f"the dataset has {stated_count:,} files, and {len(resources):,} are named"
    if not all(isinstance(resource, dict) for resource in resources):
        return "the dataset names something else"
    for address in (str(resource.get(url_key) or "") for resource in resources for url_key in ("url", "download_url")):
        try:
            urlsplit(address)
        except ValueError as problem:
            return f"the dataset names a file at '{address}', which is no address ({problem})"
    return ""


def _choose_resources(resources: Sequence[Resource], names: Sequence[str]) -> dict[str, Resource]:
    """Return the resources of these names, ids or file names, or else all, by a unique file name of safe characters.

    Raises ``RequestError`` for a name that the dataset does not have.
    """
    file_names = [PurePosixPath(unquote(urlsplit(str(resource.get("url") or "")).path)).name for resource in resources]
    resource_index_by_name = {
        fold(unquote(str(resource_name))): resource_index
        for resource_index, resource in enumerate(resources)
        for resource_name in (resource.get("id"), file_names[resource_index], resource.get("name"))
        if resource_name
    }
    for name in names:
        if fold(unquote(name)) not in resource_index_by_name:
            allowed_names = [str(resource.get("name")) for resource in resources]
            raise RequestError(f"the dataset has no file '{name}'; {did_you_mean(name, allowed_names)}")
    resource_by_file: dict[str, Resource] = {}
    for resource_index in (
        dict.fromkeys(resource_index_by_name[fold(unquote(name))] for name in names) if names else range(len(resources))
    ):
        resource, file_name = resources[resource_index], file_names[resource_index]
        file_suffix = f".{str(resource.get('format') or '').lower()}"
        name = file_name if PurePosixPath(file_name).suffix else f"{resource.get('name') or file_name}{file_suffix}"
        safe_name = _UNSAFE_CHARACTERS_PATTERN.sub("-", name).strip("-.") or f"file-{len(resource_by_file) + 1}"
        resource_by_file[
            safe_name
            if safe_name not in (LISTING_FILE, *resource_by_file)
            else f"{len(resource_by_file) + 1}-{safe_name}"
        ] = resource
    return resource_by_file


def _check_file(resource: Resource, answer: Answer) -> str:
    """Return why a file is not the one that HDX describes; empty where it is.

    It may be a web page, have another checksum, or, where no known checksum is stated, be shorter.
    """
    name, body = resource.get("name"), answer.body
    is_web_page = body.lstrip()[:20].lower().startswith(WEB_PAGE_STARTS)
    if is_web_page and str(resource.get("format") or "").lower() not in ("html", "web app"):
        return f"{name} is a web page instead of a file; choose others by --resource"
    algorithm, stated_checksum = read_checksum(resource)
    if algorithm:
        is_same_file = hashlib.new(algorithm, body, usedforsecurity=False).hexdigest() == stated_checksum
        return "" if is_same_file else f"{name} is not the file that the dataset describes: another {algorithm}"
    stated_size = str(resource.get("size") or "")
    is_cut_short = stated_size.isdecimal() and len(stated_size) <= MAX_DIGITS_OF_COUNT and len(body) < int(stated_size)
    return f"{name} has {len(body):,} bytes, and {int(stated_size):,} are described" if is_cut_short else ""


def _recognise_inputs(files: Sequence[HdxFile]) -> tuple[dict[str, tuple[HdxFile, str]], list[str]]:
    """Return the file and sheet of each input, those with most known columns, and notes.

    Notes name each file that is no input, and each one that fits an input already seen. A file that cannot be read is
    no input.
    """
    best_match_triple_by_input: dict[str, tuple[int, HdxFile, str]] = {}
    file_notes = []
    with tempfile.TemporaryDirectory(prefix="hdx-") as temporary_folder_name:
        for hdx_file in files:
            file_path = Path(temporary_folder_name) / hdx_file.name
            file_path.write_bytes(hdx_file.body)
            try:
                input_sheets = [sheet for sheet in recognise_sheets(file_path) if sheet.name in TABLE_BY_INPUT]
            except InputRefused:
                input_sheets = []
            if not input_sheets:
                file_notes.append(f"{hdx_file.name}: is none of the inputs of a plan; it is not in sources.yml")
            for sheet in input_sheets:
                if sheet.name in best_match_triple_by_input:
                    file_notes.append(f"{sheet.name}: {hdx_file.name} fits, too")
                if sheet.columns > best_match_triple_by_input.get(sheet.name, (0,))[0]:
                    best_match_triple_by_input[sheet.name] = (sheet.columns, hdx_file, sheet.sheet)
            file_path.unlink()
    return {
        input_name: (hdx_file, sheet) for input_name, (_, hdx_file, sheet) in best_match_triple_by_input.items()
    }, file_notes


def _name_organisation(dataset_facts: Mapping[str, Any]) -> str:
    """Return the name of the organisation that publishes a dataset, else *HDX*."""
    organisation_facts = dataset_facts.get("organization")
    return str(organisation_facts.get("title") or "HDX") if isinstance(organisation_facts, dict) else "HDX"
