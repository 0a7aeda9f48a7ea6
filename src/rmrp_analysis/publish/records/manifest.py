"""The manifest of a run as types: ``run.json`` of the whole, ``<id>.json`` of each sheet.

No other module reads them. An earlier version of this package did not state everything: what is missing has a default.
What a file holds beside these fields is left out. Nothing of a plan pack is read for them, since it may have to be
chosen by them first.
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
"""What to do about a file of a run that was cut or changed."""

Number = int | float | None
"""A number as it is printed in JSON: whole or not; None where it is not known."""

Outcome = Literal["ok", "unchanged", "failed", "refused", "to_mend", "empty", "nobody", "few"]
"""What became of a report."""
CORRECTED: tuple[Outcome, ...] = ("refused", "to_mend")
"""Of a report that is being corrected: the gate refuses its sheet, or its main number cannot be used."""
FAILURES: tuple[Outcome, ...] = ("failed", "refused")
"""Of which the exit code of a run tells; a sheet to mend is no failure of the run."""
NOT_MADE: tuple[Outcome, ...] = ("failed", *CORRECTED)
"""Of a report that should be there, and is not as its data are now: the last good sheet stays."""
LINES = ("nobody", "few")
"""Of a report that is a line of the index and of its place's sheet: nobody or few people, no target and no money."""
WITHOUT_SHEET = ("empty", *LINES)
"""Of a report that has no sheet; ``empty``: nothing was reported, designated or planned."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class _RecordFile(_Record):
    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read a file; None where there is none, or it holds anything else."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValueError):
            return None

    @classmethod
    def check(cls, path: Path) -> None:
        """Raise ``InputRefused`` where a file that is there holds anything else: with the line, and what is wrong."""
        if not path.is_file():
            return
        text = path.read_bytes().decode("utf-8", errors="replace")
        try:
            cls.model_validate(json.loads(text))
        except json.JSONDecodeError as problem:
            raise InputRefused(f"{path}:{problem.lineno}: the JSON is cut or broken; {AS_WRITTEN}") from None
        except ValidationError as problem:
            keys = ".".join(map(str, problem.errors()[0]["loc"])) or "{}"
            location = f"{path}:{find_line_of_key(text, keys.partition('.')[0])}"
            raise InputRefused(f"{location}: '{keys}' is not what a run writes; {AS_WRITTEN}") from None


def find_line_of_key(text: str, key: str) -> int:
    """Return the line of a key at the top of a JSON text; 1 where it is not found."""
    match = re.search(rf'^ *"{re.escape(key)}":', text, re.MULTILINE)
    return text.count("\n", 0, match.start() if match else 0) + 1


class Months(_Record):
    """The period of a run: its first month, its last one."""

    start: str = ""
    end: str = ""

    def __str__(self) -> str:
        return f"{self.start}/{self.end}"

    @property
    def count(self) -> int:
        """How many months it has; none where it is not stated."""
        (first_year, first_month), (last_year, last_month) = (
            map(int, (day or "0-0").split("-")) for day in (self.start, self.end)
        )
        return 12 * (last_year - first_year) + last_month - first_month + bool(self.end)


class Code(_Record):
    """What made the numbers: this package, or a plan pack, which has no version."""

    name: str = ""
    version: str = ""
    sha256: str = ""


class InputRecord(_Record):
    """A file that was read; see ``plan.InputFile``. Its rows are all that it has, its path that of the parameters."""

    name: str = ""
    path: str = ""
    sha256: str = ""
    rows: int = 0
    rows_refused: int = 0
    sheet: str = ""
    content: str = ""

    @property
    def file(self) -> str:
        """The name of the file, without the folder as Windows or others write it."""
        return PurePosixPath(self.path.replace("\\", "/")).name


class SourceRecord(_Record):
    """Where an input comes from; see ``sources.Source``."""

    producer: str = ""
    url: str = ""
    as_of: str = ""
    fetched: str = ""
    licence: str = ""
    illustrative: bool = False

    @property
    def web_address(self) -> str:
        """The address, where a browser can open it."""
        return self.url if self.url.startswith(("http://", "https://")) else ""


class ReportRecord(_Record):
    """What became of a report; see ``results.ReportResult``. ``since`` is when a refused one was refused first."""

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
    """A file of the run's folder."""

    sha256: str = ""
    bytes: int = 0


class Notebook(_Record):
    """The notebook that every report of the run is made by."""

    file: str = ""
    sha256: str = ""


class ParamsRecord(_Record):
    """What is read of the parameters of a run by their names."""

    languages: tuple[str, ...] = ()
    method: dict[str, Any] = {}
    data: str = ""


def _check_params(params: dict[str, Any]) -> dict[str, Any]:
    ParamsRecord.model_validate(params)
    return params


class Manifest(_RecordFile):
    """The content of ``run.json``; that of a folder without one states nothing.

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
        """The content of the file, as people can read it: the fields that were stated, in their order."""
        return json_text(self.model_dump(mode="json", exclude_unset=True))

    def params_file(self, folder: Path) -> Path | None:
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
        """The choices of the run's method by their names."""
        return dict(self.params.get("method", {}))

    @property
    def languages(self) -> dict[str, str]:
        """The language of each file that is of a report."""
        return {name: report.id.rpartition(".")[2] for report in self.reports for name in report.outputs}


LEVELS = 4
"""How many folders above a run, and above the current folder, may hold its parameter file."""


def list_params_folders(run_folder: Path) -> Iterator[Path]:
    """The folders in which the parameter file of a run may lie: those above, and a folder ``params`` in each."""
    starts = (Path.cwd(), run_folder.resolve())
    for folder in dict.fromkeys(folder for start in starts for folder in (start, *list(start.parents)[:LEVELS])):
        yield from (folder, folder / "params")


class Provenance(_Record):
    """What the numbers of a sheet follow from; see ``provenance.provenance``."""

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
    """What one number of a sentence says; see ``page.claims.Claim``."""

    figure: str = ""
    part: str = ""
    value: Number = None
    base: Number = None
    unit: str = ""
    printed: str = ""


class SentenceRecord(_Record):
    """A sentence of a sheet, and what its numbers say."""

    text: str = ""
    claims: tuple[ClaimRecord, ...] = ()


class CautionRecord(SentenceRecord):
    """Why a figure or breakdown is in doubt, in words; ``rule`` is the cause by its name."""

    of: str = ""
    rule: str = ""


class SheetRecord(_RecordFile):
    """What is read of an ``<id>.json``: numbers of a sheet, as its audience sees them, with texts that hold them.

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
