"""Read and check the records of a run: ``run.json`` of the whole run, ``<id>.json`` of each sheet.

No other module reads these files. A field that an earlier version of this package did not write has a default; one that
is not declared here is ignored. This module reads nothing of a plan pack, since ``run.json`` may have to choose it.
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
"""The file name of the record of a whole run, in its folder."""
AS_WRITTEN = "put the file back as the run wrote it, or move the folder away and run again"
"""What to do about a file of a run that was cut or changed."""

Number = int | float | None
"""A number as it is printed in JSON: whole or not; None where it is not known."""

Outcome = Literal["ok", "unchanged", "failed", "refused", "to_mend", "empty", "nobody", "few"]
"""What became of a report."""
CORRECTION_OUTCOMES: tuple[Outcome, ...] = ("refused", "to_mend")
"""The outcomes of a report that is being corrected: its sheet is refused, or its main number cannot be used."""
FAILED_OUTCOMES: tuple[Outcome, ...] = ("failed", "refused")
"""The outcomes that make the exit code of a run 1; a sheet to mend does not."""
NOT_MADE_OUTCOMES: tuple[Outcome, ...] = ("failed", *CORRECTION_OUTCOMES)
"""The outcomes of a report that should have a sheet, and has none as its data are now: the last good one stays."""
INDEX_LINE_OUTCOMES = ("nobody", "few")
"""The outcomes of a report that is only a line of the index: nobody or few people, no target and no money."""
NO_SHEET_OUTCOMES = ("empty", *INDEX_LINE_OUTCOMES)
"""The outcomes of a report without a sheet; ``empty``: nothing was reported, designated or planned."""


class _Record(BaseModel):
    """A part of a record that cannot be changed; pydantic checks its fields as it is read."""

    model_config = ConfigDict(frozen=True)


class _RecordFile(_Record):
    """A record that is a file of its own, so that it can be read and checked by its path."""

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read a record from a file; None where there is no file, or it does not hold this record."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValueError):
            return None

    @classmethod
    def check(cls, path: Path) -> None:
        """Raise ``InputRefused``, with line and cause, where a file is there and does not hold this record."""
        if not path.is_file():
            return
        text = path.read_bytes().decode("utf-8", errors="replace")
        try:
            cls.model_validate(json.loads(text))
        except json.JSONDecodeError as problem:
            raise InputRefused(f"{path}:{problem.lineno}: the JSON is cut or broken; {AS_WRITTEN}") from None
        except ValidationError as problem:
            keys = ".".join(map(str, problem.errors()[0]["loc"])) or "{}"
            where = f"{path}:{find_line_of_key(text, keys.partition('.')[0])}"
            raise InputRefused(f"{where}: '{keys}' is not what a run writes; {AS_WRITTEN}") from None


def find_line_of_key(text: str, key: str) -> int:
    """Find the line of a top-level key in a JSON text; 1 where the text has no such key."""
    key_matches = re.finditer(rf'^( *)"{re.escape(key)}":', text, re.MULTILINE)
    key_match = min(key_matches, key=lambda match: len(match[1]), default=None)  # deeper keys may have the same name
    return text.count("\n", 0, key_match.start() if key_match else 0) + 1


class Months(_Record):
    """The period of a run: its first and its last month, as ``2021-01``; empty where the record has none."""

    start: str = ""
    end: str = ""

    def __str__(self) -> str:
        """Return the first and the last month as ``2021-01/2021-05``."""
        return f"{self.start}/{self.end}"

    @property
    def count(self) -> int:
        """The number of months from the first to the last, with both; 0 where the record has none."""
        (first, month), (last, end) = (map(int, (day or "0-0").split("-")) for day in (self.start, self.end))
        return 12 * (last - first) + end - month + bool(self.end)


class Code(_Record):
    """The code that made the numbers: this package, or a plan pack, which has no version."""

    name: str = ""
    version: str = ""
    sha256: str = ""


class InputRecord(_Record):
    """A file that the run read; see ``plan.InputFile``. ``rows`` are all rows, ``path`` is as in the parameters."""

    name: str = ""
    path: str = ""
    sha256: str = ""
    rows: int = 0
    rows_refused: int = 0
    sheet: str = ""
    content: str = ""

    @property
    def file(self) -> str:
        """The name of the file without its folder, also where Windows wrote the path."""
        return PurePosixPath(self.path.replace("\\", "/")).name


class SourceRecord(_Record):
    """The source of an input, with producer and licence; see ``sources.Source``."""

    producer: str = ""
    url: str = ""
    as_of: str = ""
    fetched: str = ""
    licence: str = ""
    illustrative: bool = False

    @property
    def web_address(self) -> str:
        """The address, if a browser can open it; else empty."""
        return self.url if self.url.startswith(("http://", "https://")) else ""


class ReportRecord(_Record):
    """The outcome of a report; see ``results.ReportResult``. ``since`` is when a refused report was first refused."""

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
    """The sha256 and size of a file in the run's folder, by which a later run sees whether it was changed."""

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
    """Return the parameters as they are; raise pydantic's error where one has another type than a run writes."""
    ParamsRecord.model_validate(params)
    return params


class Manifest(_RecordFile):
    """The content of ``run.json``; a folder without one has the defaults.

    ``params`` are those of the run by their names, also where this version knows others. ``ledger`` is the id of the
    edition of the data that is kept of it (see ``loaders.editions``). In a public run ``joins`` and
    ``accepted`` hold no number of people.
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
        """The content of the file as JSON that people can read: the fields that were given, in their order."""
        return json_text(self.model_dump(mode="json", exclude_unset=True))

    def find_params_file(self, folder: Path) -> Path | None:
        """Find the parameter file of the run in this folder by its sha256, since a run names no folder of a computer.

        It may lie near the folder or near the current one (see ``list_params_folders``); None where it does not. Where
        the sha256 is not stated, it is the file whose run is called as the folder.
        """
        is_of_run = re.compile(rf"^run: *{re.escape(folder.resolve().name)} *$".encode(), re.MULTILINE)
        for path in (path for place in list_params_folders(folder) for path in place.glob("*.y*ml") if path.is_file()):
            content = path.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            if sha256 == self.params_sha256 if self.params_sha256 else is_of_run.search(content):
                return path
        return None

    @property
    def choices(self) -> dict[str, Any]:
        """The choices of the run's method by their names; empty where the record has none."""
        return dict(self.params.get("method", {}))

    @property
    def languages(self) -> dict[str, str]:
        """The language of each file of a report, by the name of the file."""
        return {name: report.id.rpartition(".")[2] for report in self.reports for name in report.outputs}


MAX_PARENT_FOLDERS = 4
"""The parameter file of a run is looked for in so many folders above the run, and above the current folder."""


def list_params_folders(run_folder: Path) -> Iterator[Path]:
    """Yield the folders that may hold a run's parameter file: the current one, the run's, and those above each.

    The current folder comes first, then ``MAX_PARENT_FOLDERS`` above it, then the same of the run. Each is followed by
    its ``params``; no folder is asked whether it exists.
    """
    starts = (Path.cwd(), run_folder.resolve())
    for folder in dict.fromkeys(
        folder for start in starts for folder in (start, *list(start.parents)[:MAX_PARENT_FOLDERS])
    ):
        yield from (folder, folder / "params")


class Provenance(_Record):
    """The edition of what the numbers of a sheet follow from; see ``provenance.provenance``."""

    edition: str = ""


class FigureRecord(_Record):
    """A single figure of a sheet; see ``figures.Figure``."""

    name: str
    value: Number = None
    unit: str = ""
    status: str = ""
    caution: str = ""
    reason: str = ""


class ClaimRecord(_Record):
    """What one number of a sentence claims; see ``page.claims.Claim``."""

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
    """A sentence on why a figure or breakdown, ``of``, is in doubt; ``rule`` is the name of the cause."""

    of: str = ""
    rule: str = ""


class SheetRecord(_RecordFile):
    """The fields of an ``<id>.json`` that are read again: a sheet's numbers as its audience sees them, its texts.

    ``tables`` are the breakdowns: a part has its name under its dimension, its ``value``, and what a figure has.
    ``revision`` is as ``method.Revision`` has it, ``completeness`` says who has not reported for the last month,
    ``notes`` by figure what belongs to a number. A sheet ``to_mend`` cannot be published as it is.
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
    notes: dict[str, str] = {}
    period_printed: str = ""
    to_mend: bool = False
    printed: dict[str, str] = {}
    provisional: tuple[str, ...] = ()
    revision: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()
