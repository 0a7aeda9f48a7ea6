"""The files of a data folder: each file's producer, date, licence, checksum, and whether its rows are illustrative."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rmrp_analysis.errors import InputRefused, fault_of
from rmrp_analysis.vocabulary import REGION, find_place, find_sector
from rmrp_analysis.yaml_text import YamlText, read_yaml

SOURCES_FILE = "sources.yml"
"""The file that describes a data folder."""
EARLIEST_ZONE_UTC_OFFSET = timedelta(hours=14)
"""How far the first time zone is ahead of UTC. A day that has not begun there is in the future."""
EDITIONS_FOLDER = "editions"
"""The folder, beside the files, in which the tables of earlier runs are kept (see ``loaders.editions``)."""

BY_HAND_MARK = "by_hand"
"""Marks a key of an entry that only a person writes: it stays when its files are fetched again."""


class Reading(BaseModel):
    """How a file is read, if its cells leave that open: its sheet, the line of its header, its notation.

    With ``empty`` of 0, an empty cell in a column of people means nobody. Otherwise it is not known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sheet: str = ""
    header_row: Annotated[int, Field(ge=0), BY_HAND_MARK] = 0
    numbers: Annotated[Literal["", "1,234.5", "1.234,5"], BY_HAND_MARK] = ""
    dates: Annotated[Literal["", "day first", "month first"], BY_HAND_MARK] = ""
    empty: Annotated[Literal["", "0"], BY_HAND_MARK] = ""


class Published(BaseModel):
    """An amount of money in US$ as a published sheet prints it. The sheets made here may print another amount."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sector: Annotated[str, AfterValidator(find_sector)]
    scope: Annotated[str, AfterValidator(find_place)] = REGION
    figure: Literal["requirement_usd", "funding_usd", "unmet_usd"]
    value: float
    source: str


def replaces_by_name(replaces: Any) -> Any:
    """Return which file replaces which, by the names of files without folders. A single name becomes a list.

    Anything but a mapping is returned as it is.
    """
    if not isinstance(replaces, dict):
        return replaces
    lists = {}
    for name, names in replaces.items():
        names = [names] if isinstance(names, str) else names
        if isinstance(names, list | tuple):
            names = [Path(str(item)).name for item in names]
        lists[Path(str(name)).name] = names
    return lists


class Source(Reading):
    """One input: its file or files, and their origin.

    ``replaces`` lists for a file the files that its reports replace. Without it, the reports of all files count. An
    input from a form has the form's id, its number of ``records``, and the file with their ``history``. ``other_names``
    are names in reports, with the code of the indicator that each means, as a person confirmed it.
    """

    file: str = ""
    files: tuple[str, ...] = ()
    producer: str
    url: str = ""
    as_of: str = ""
    fetched: str = ""
    form: str = ""
    records: Annotated[int | None, Field(ge=0)] = None
    history: str = ""
    licence: str = ""
    sha256: str | tuple[str, ...] = ""
    illustrative: bool = False
    published: Annotated[tuple[Published, ...], BY_HAND_MARK] = ()
    replaces: Annotated[dict[str, tuple[str, ...]], BeforeValidator(replaces_by_name)] = Field(default_factory=dict)
    other_names: Annotated[Mapping[str, str], BY_HAND_MARK] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _one_way_to_name_files(cls, keys: dict[str, Any]) -> dict[str, Any]:
        """Return the keys as they are. Raise ``ValueError`` unless they have either ``file`` or ``files``."""
        if isinstance(keys, dict) and ("file" in keys) == ("files" in keys):
            raise ValueError("name either 'file' or 'files'")
        return keys

    @model_validator(mode="after")
    def _a_checksum_for_each_file(self) -> "Source":
        """Raise ``ValueError`` if a list of checksums has another length than the files."""
        if not isinstance(self.sha256, str) and len(self.sha256) != len(self.names):
            raise ValueError(f"{len(self.sha256)} checksums for {len(self.names)} files")
        return self

    @model_validator(mode="after")
    def _check_file_names(self) -> "Source":
        """Raise ``ValueError`` for a file that is named twice, and for a wrong ``replaces``.

        ``replaces`` may name only these files. No file may replace itself, and no two may replace each other.
        """
        names = [Path(name).name for name in self.names]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"{twice[0]} is named {names.count(twice[0])} times; name each file once, by its own name")
        for name, replaced in self.replaces.items():
            for file in (name, *replaced):
                if fault := fault_of(file, names, "replaces: there is no file"):
                    raise ValueError(fault)
            if name in replaced or any(name in self.replaces.get(file, ()) for file in replaced):
                raise ValueError(f"replaces: {name} would be replaced by itself")
        return self

    @property
    def reading(self) -> Reading:
        """How the files are read."""
        return Reading.model_validate({name: getattr(self, name) for name in Reading.model_fields})

    @property
    def names(self) -> tuple[str, ...]:
        """The files' paths, relative to the data folder."""
        return self.files or (self.file,)

    @property
    def checksums(self) -> tuple[str, ...]:
        """The checksum of each file, empty without one. A single checksum holds for every file."""
        return (self.sha256,) * len(self.names) if isinstance(self.sha256, str) else self.sha256


class Sources(BaseModel):
    """The content of a folder's ``sources.yml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    plan: int
    activities: Source
    indicators: Source | None = None
    planning: Source | None = None
    funding: Source | None = None
    admin1: Source | None = None
    admin2: Source | None = None
    people_in_need_proportions: Source | None = None
    target_proportions: Source | None = None
    age_gender_proportions: Source | None = None
    appealing_organisations: Source | None = None
    implementing_partners: Source | None = None
    corrections: Source | None = None

    def items(self) -> Iterator[tuple[str, Source]]:
        """Yield each input of the folder, with its name."""
        for name in type(self).model_fields:
            source = getattr(self, name)
            if isinstance(source, Source):
                yield name, source


def load_sources(folder: Path) -> Sources:
    """Read ``sources.yml``, and check its days, its files and their checksums.

    Raises ``InputRefused`` if it is missing or wrong, if a day ``as_of`` is no day or in the future, or if a file is
    missing, has another checksum, or lies outside the folder and its neighbours (unless its path is absolute).
    """
    text = read_yaml(folder / SOURCES_FILE, InputRefused)
    sources = text.valid(Sources)
    if faults := [*_faults_of_days(text, sources)]:
        raise InputRefused("\n".join(faults))
    for name, source in sources.items():
        place = f"{text.path}:{text.line((name,))}"
        for file, checksum in zip(source.names, source.checksums, strict=True):
            path = folder / file
            if not Path(file).is_absolute() and not path.resolve().is_relative_to(folder.resolve().parent):
                advice = "copy the file there, or write its whole path"
                raise InputRefused(f"{place}: {file} leaves {folder} and its neighbours; {advice}")
            if not path.is_file():
                raise InputRefused(f"{place}: {name} names {file}, but there is no such file in {folder}")
            if checksum and sha256(path) != checksum:
                raise InputRefused(
                    f"{place}: {file} is not the file described here (its sha256 is {sha256(path)}); "
                    "put the right file back, or describe the new one"
                )
    return sources


def _faults_of_days(text: YamlText, sources: Sources) -> Iterator[str]:
    """Yield a sentence, with its line, for each ``as_of`` that is no day or has not begun anywhere."""
    latest = (datetime.now(UTC) + EARLIEST_ZONE_UTC_OFFSET).date()
    for name, source in sources.items():
        place = f"{text.path}:{text.line((name, 'as_of'))}: {name}.as_of:"
        try:
            day = date.fromisoformat(source.as_of) if source.as_of else latest
        except ValueError:
            day = date.max
        if source.as_of and source.as_of != day.isoformat():
            yield f"{place} '{source.as_of}' is no day; write it as 2021-06-30, or leave it empty"
        elif day > latest:
            yield f"{place} {day} is in the future; write the day on which the data were taken from their producer"


def sha256(path: Path) -> str:
    """Return the file's checksum, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
