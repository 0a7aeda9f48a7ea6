"""Reads and checks the records of a run: ``run.json`` of the whole run, ``<id>.json`` of each sheet.

No other module reads these files. A field that an earlier version of this package did not write has a default, and an
unknown field is ignored. This module reads nothing of a plan pack, since ``run.json`` may have to choose it.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.files import json_text

MANIFEST = "run.json"
AS_WRITTEN = "put the file back as the run wrote it, or move the folder away and run again"
"""The advice for a file of a run that was cut or changed."""

Number = int | float | None
"""A number from JSON, or None if it is not known."""

Outcome = Literal["ok", "unchanged", "failed", "refused", "held", "empty", "nobody", "few"]
WITHHELD_OUTCOMES: tuple[Outcome, ...] = ("refused", "held")
"""The gate refuses the sheet, or a person holds it."""
FAILED_OUTCOMES: tuple[Outcome, ...] = ("failed", "refused")
"""The outcomes that make the exit code of a run 1. A sheet that a person holds does not."""
MADE_OUTCOMES: tuple[Outcome, ...] = ("ok", "unchanged")
"""The report has a sheet. A run without any such report has failed."""
NOT_MADE_OUTCOMES: tuple[Outcome, ...] = ("failed", *WITHHELD_OUTCOMES)
"""The report should have a sheet, but the present data give none. The last good sheet stays."""
INDEX_LINE_OUTCOMES = ("nobody", "few")
"""The report is only a line of the index: no people or few people, no target and no money."""
NO_SHEET_OUTCOMES = ("empty", *INDEX_LINE_OUTCOMES)
"""The report has no sheet. ``empty`` means that nothing was reported, designated or planned."""


class _Record(BaseModel):
    """A part of a record that cannot be changed. Pydantic checks its fields on reading."""

    model_config = ConfigDict(frozen=True)


class _RecordFile(_Record):
    """A record with its own file, so that it can be read and checked by its path."""

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return the record in a file, or None if the file is missing or does not hold this record."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValueError):
            return None

    @classmethod
    def check(cls, path: Path) -> None:
        """Raise ``InputRefused``, with line and cause, if a file exists and does not hold this record."""
        if not path.is_file():
            return
        text = path.read_bytes().decode("utf-8", errors="replace")
        try:
            cls.model_validate(json.loads(text))
        except json.JSONDecodeError as problem:
            raise InputRefused(f"{path}:{problem.lineno}: the JSON is cut or broken; {AS_WRITTEN}") from None
        except ValidationError as problem:
            keys = ".".join(map(str, problem.errors()[0]["loc"])) or "{}"
            position = f"{path}:{find_line_of_key(text, keys.partition('.')[0])}"
            raise InputRefused(f"{position}: '{keys}' is not what a run writes; {AS_WRITTEN}") from None


def find_line_of_key(text: str, key: str) -> int:
    """Return the line of a top-level key in a JSON text, or 1 if the text has no such key."""
    matches = re.finditer(rf'^( *)"{re.escape(key)}":', text, re.MULTILINE)
    match = min(matches, key=lambda match: len(match[1]), default=None)  # deeper keys may have the same name
    return text.count("\n", 0, match.start() if match else 0) + 1


class Months(_Record):
    """The first and last month of a run, as ``2021-01``, or empty texts if the record has no period."""

    start: str = ""
    end: str = ""

    def __str__(self) -> str:
        """Return the first and the last month as ``2021-01/2021-05``."""
        return f"{self.start}/{self.end}"

    @property
    def count(self) -> int:
        """The number of months from the first to the last, with both, or 0 without a period."""
        (year, month), (end_year, end_month) = (map(int, (day or "0-0").split("-")) for day in (self.start, self.end))
        return 12 * (end_year - year) + end_month - month + bool(self.end)


class Code(_Record):
    """The code that made the numbers: this package, or a plan pack, which has no ``version``."""

    name: str = ""
    version: str = ""
    sha256: str = ""


class InputRecord(_Record):
    """A file that the run read (see ``plan.InputFile``). ``rows`` counts all rows, ``path`` is as in the parameters."""

    name: str = ""
    path: str = ""
    sha256: str = ""
    rows: int = 0
    rows_refused: int = 0
    sheet: str = ""
    content: str = ""

    @property
    def file(self) -> str:
        """The name of the file without its folder, also for a path of Windows."""
        return PurePosixPath(self.path.replace("\\", "/")).name


class SourceRecord(_Record):
    """The source of an input, with producer and licence (see ``sources.Source``)."""

    producer: str = ""
    url: str = ""
    as_of: str = ""
    fetched: str = ""
    licence: str = ""
    illustrative: bool = False

    @property
    def web_address(self) -> str:
        """The address, or an empty text if a browser cannot open it."""
        return self.url if self.url.startswith(("http://", "https://")) else ""


class ReportRecord(_Record):
    """The outcome of a report (see ``results.ReportResult``). ``since`` is when a refused report was first refused."""

    id: str = ""
    status: Outcome = "ok"
    made: str = ""
    seconds: float | int = 0
    outputs: tuple[str, ...] = ()
    since: str = ""
    error: str = ""
    warnings: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()


class FileRecord(_Record):
    """The sha256 and size of a file in the run's folder, so that a later run sees if it was changed."""

    sha256: str = ""
    bytes: int = 0


class Notebook(_Record):
    """The notebook that makes every report of the run."""

    file: str = ""
    sha256: str = ""


class ParamsRecord(_Record):
    """The parameters of a run that are read from ``run.json``, so that their types are checked at once."""

    languages: tuple[str, ...] = ()
    method: dict[str, Any] = {}
    data: str = ""


def _check_params(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters, or raise pydantic's error if one has a type that no run writes."""
    ParamsRecord.model_validate(params)
    return params


class Manifest(_RecordFile):
    """The content of ``run.json``. A folder without this file has the defaults.

    ``params`` are all parameters of the run by name, also if this version has others. ``ledger`` is the id of the kept
    edition of its data (see ``loaders.editions``). In a public run ``joins`` and ``accepted`` hold no number of people.
    """

    run: str = ""
    title: str = ""
    package_version: str = ""
    edition: str = ""
    code: Code = Code()
    pack: Code = Code()
    environment: dict[str, str] = {}
    sources: dict[str, SourceRecord] = {}
    rounding_key: str = ""
    ledger: str = ""
    params: Annotated[dict[str, Any], AfterValidator(_check_params)] = {}
    notebook: Notebook = Notebook()
    narratives: dict[str, str] = {}
    cells_changed: dict[str, int] = {}
    rows_by_organisation: dict[str, int] = {}
    params_sha256: str = ""
    fingerprint: str = ""
    started: str = ""
    ended: str | None = None
    audience: str = ""
    period: Months = Months()
    method: str = ""
    inputs: tuple[InputRecord, ...] = ()
    joins: tuple[dict[str, Any], ...] = ()
    names_withheld: int = 0
    accepted: tuple[dict[str, Any], ...] = ()
    reports: tuple[ReportRecord, ...] = ()
    files: dict[str, FileRecord] = {}

    @property
    def text(self) -> str:
        """The content of the file as readable JSON: the fields that were set, in their order."""
        return json_text(self.model_dump(mode="json", exclude_unset=True))

    def find_params_file(self, folder: Path) -> Path | None:
        """Return the parameter file of the run in this folder, or None if it is not found.

        The file is found by its sha256, since a run names no folder of a computer. It may be near this folder or near
        the current one (see ``list_params_folders``). If the sha256 is not stated, it is the file with a run of the
        folder's name.
        """
        is_of_run = re.compile(rf"^run: *{re.escape(folder.resolve().name)} *$".encode(), re.MULTILINE)
        paths = (path for place in list_params_folders(folder) for path in place.glob("*.y*ml"))
        for path in filter(Path.is_file, paths):
            content = path.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            if sha256 == self.params_sha256 if self.params_sha256 else is_of_run.search(content):
                return path
        return None

    @property
    def choices(self) -> dict[str, Any]:
        """The choices of the run's method by name, empty if the record has no method."""
        return dict(self.params.get("method", {}))

    @property
    def languages(self) -> dict[str, str]:
        """The language of each file of a report, by file name."""
        return {name: report.id.rpartition(".")[2] for report in self.reports for name in report.outputs}


MAX_PARENT_FOLDERS = 4
"""The number of folders above the run and above the current folder that may have its parameter file."""


def list_params_folders(run_folder: Path) -> Iterator[Path]:
    """Yield the folders that may hold a run's parameter file, whether or not they exist.

    The current folder is first, then ``MAX_PARENT_FOLDERS`` above it, then the same for the run. After each folder
    comes its subfolder ``params``.
    """
    starts = (Path.cwd(), run_folder.resolve())
    folders = [folder for start in starts for folder in (start, *list(start.parents)[:MAX_PARENT_FOLDERS])]
    for folder in dict.fromkeys(folders):
        yield from (folder, folder / "params")


class Provenance(_Record):
    """The edition of the data and code behind the numbers of a sheet (see ``provenance.provenance``)."""

    edition: str = ""


class FigureRecord(_Record):
    """A single figure of a sheet (see ``figures.Figure``)."""

    name: str
    value: Number = None
    unit: str = ""
    status: str = ""
    caution: str = ""
    reason: str = ""


class ClaimRecord(_Record):
    """What one number of a sentence claims (see ``page.claims.Claim``)."""

    figure: str = ""
    part: str = ""
    value: Number = None
    base: Number = None
    unit: str = ""
    printed: str = ""


class SentenceRecord(_Record):
    """A sentence of a sheet with the claims of its numbers."""

    text: str = ""
    claims: tuple[ClaimRecord, ...] = ()


class CautionRecord(SentenceRecord):
    """A sentence on the doubt about the figure or breakdown ``of``. ``rule`` is the name of the cause."""

    of: str = ""
    rule: str = ""


class SheetRecord(_RecordFile):
    """The fields of an ``<id>.json`` that are read again: a sheet's texts, and its numbers for its audience.

    ``tables`` are the breakdowns. A part has its name under its dimension, and the fields of a figure. ``revision`` has
    the fields of ``method.Revision``. ``completeness`` says who has not reported for the last month. ``notes`` are the
    additions to a number, by figure. ``doubt`` says which people reached are sure if not all are. The office must mend
    an internal sheet ``to_mend``.
    """

    fingerprint: str = ""
    provenance: Provenance = Provenance()
    period: Months = Months()
    illustrative: tuple[str, ...] = ()
    sources: dict[str, SourceRecord] = {}
    figures: tuple[FigureRecord, ...] = ()
    tables: dict[str, tuple[dict[str, Any], ...]] = {}
    cautions: tuple[CautionRecord, ...] = ()
    statements: tuple[SentenceRecord, ...] = ()
    headline: str = ""
    completeness: str = ""
    doubt: str = ""
    notes: dict[str, str] = {}
    period_printed: str = ""
    to_mend: bool = False
    printed: dict[str, str] = {}
    provisional: tuple[str, ...] = ()
    revision: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()
