"""Whether a published run can be made again: its files, its inputs, its figures, and if wanted its sheets."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis import pack
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.figures import steps_of
from rmrp_analysis.files import csv_text
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.provenance import PACKS, code, environment, rounding_key
from rmrp_analysis.publish.batch import render
from rmrp_analysis.publish.compare.revision import as_published
from rmrp_analysis.publish.crate import CRATE
from rmrp_analysis.publish.figure_rows import FIGURE_COLUMNS, figure_rows, table_of_run
from rmrp_analysis.publish.found import params_of, reports_of, request
from rmrp_analysis.publish.near import params_file
from rmrp_analysis.publish.prepare import Run, prepare_run
from rmrp_analysis.publish.publication import MANIFEST, Publication, described, json_object
from rmrp_analysis.publish.report import LAST_GOOD, ReportResult
from rmrp_analysis.rounding_key import FILE, VARIABLE
from rmrp_analysis.sources import sha256

NEEDED = frozenset({"run", "params", "params_sha256", "inputs", "reports", "files", "edition"})
KEY = ("report", "figure", "platform", "group", "month")
"""What names a row of ``figures.csv``."""

Row = Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """One thing that was looked at, such as files: how many ``same``, and a sentence for each that differs.

    ``why_not`` says why it was not looked at.
    """

    name: str
    same: int = 0
    differences: tuple[str, ...] = ()
    why_not: str = ""


@dataclass(frozen=True)
class Verification:
    """What became of a run that was made again: its parts, and remarks on what differs and need not move a figure."""

    run: str
    edition: str
    parts: tuple[Part, ...]
    remarks: tuple[str, ...] = field(default=())

    @property
    def same(self) -> bool:
        """Whether nothing that was looked at differs."""
        return not any(part.differences for part in self.parts)


def verify(
    folder: Path,
    params_path: Path | None = None,
    *,
    data: Path | None = None,
    sheets: bool = False,
    jobs: int | None = None,
    when_done: Callable[[ReportResult], object] = lambda _: None,
) -> Verification:
    """Hold the folder of a run against what its ``run.json`` says, and against a run made again from the same inputs.

    The parameters are those in ``run.json``. ``params_path`` tells where the inputs lie, and is looked for near the
    current folder and near the run if it is not given; ``data`` takes the place of its data folder. With ``sheets``
    every report is made again in a temporary folder, and all files are compared byte for byte; ``when_done`` is called
    as each ends. Nothing is written into the folder. Raises ``RequestError`` where there is no run, ``InputRefused``
    where its inputs are not found or cannot be used.
    """
    published = Publication(folder)
    manifest = published.manifest
    if not manifest:
        raise RequestError(f"{folder} is not the folder of a run: there is no {MANIFEST} that can be read")
    published.check_pack()
    if lacking := sorted(NEEDED - set(manifest)):
        raise RequestError(
            f"{folder / MANIFEST} does not say what is needed to make the run again ({', '.join(lacking)}); an older "
            "version of this package wrote it"
        )
    path = params_path or params_file(manifest, folder)
    if path is None:
        raise InputRefused(
            f"the parameter file of the run '{manifest['run']}' is not found near this folder or near the run "
            f"(its sha256 is {manifest['params_sha256']}); name it: rmrp verify {folder} PARAMS"
        )
    run = _again(published, path, data)
    figures, other_key = _figures(published, run)
    why_not = "they are rounded by another key" if other_key else "" if sheets else "--sheets makes them"
    of_sheets = Part("Sheets", why_not=why_not) if why_not else _sheets(published, run, jobs, when_done)
    parts = (_files(published), _inputs(manifest, run.plan), figures, of_sheets)
    return Verification(
        manifest["run"], manifest["edition"], parts, (*_remarks(published, path, run), *filter(None, [other_key]))
    )


def _again(published: Publication, path: Path, data: Path | None) -> Run:
    """The run as it was asked for, with all reports that its folder holds and their notes, before anything is made."""
    manifest = published.manifest
    params = params_of(manifest, path, data=data)
    held = reports_of(manifest, params)
    names = {
        name: list(dict.fromkeys(filter(None, (getattr(report, name) for report in held))))
        for name in ("sector", "place", "organisation", "language")
    }
    prepared = prepare_run(
        path,
        params,
        only=names["sector"],
        places=names["place"],
        organisations=names["organisation"],
        languages=names["language"],
    )
    by_id = {report.id: report for report in prepared.reports}
    noted = tuple(as_published(by_id.get(report.id, report), published) for report in held)
    return replace(prepared, reports=noted)


def _files(published: Publication) -> Part:
    """Every file against its sha256 in ``run.json``, and files that it does not name."""
    folder, stated = published.folder, published.files
    differences = [
        f"{name} is missing" if not published.has([name]) else f"{name} is not the file that the run made"
        for name in stated
        if not published.is_intact([name])
    ]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    more = [f"{name} is not of the run" for name in sorted(there - set(stated) - {MANIFEST})]
    return Part("Files", len(stated) - len(differences), (*differences, *more))


def _inputs(manifest: Mapping[str, Any], plan: Plan) -> Part:
    """The inputs that lie there now against those that the run read."""
    now = {(file.name, file.path.name, file.sheet): file.sha256 for file in plan.inputs}
    before = {
        (file["name"], Path(file["path"]).name, file.get("sheet", "")): file["sha256"] for file in manifest["inputs"]
    }
    differences = []
    for key in {**before, **now}:
        name, file, _ = key
        if key not in now:
            differences.append(f"{name}: {file} is no longer among the inputs")
        elif key not in before:
            differences.append(f"{name}: {file} was not among the inputs of the run")
        elif now[key] != before[key]:
            differences.append(f"{name}: {file} is another file now")
    return Part("Inputs", sum(before[key] == now.get(key) for key in before), tuple(differences))


def _figures(published: Publication, run: Run) -> tuple[Part, str]:
    """``figures.csv`` row by row against the figures computed again, and a remark where another key rounds them.

    Numbers of people that another key rounds agree where they are next to each other.
    """
    made = [report for report in run.reports if _status(published, report.id) not in ("failed", "empty")]
    try:
        with (published.folder / "figures.csv").open(encoding="utf-8-sig", newline="") as file:
            before = _by_key(csv.DictReader(file))
    except OSError:
        return Part("Figures", differences=("figures.csv is missing",)), ""
    table = table_of_run(run.plan, made) if made else pd.DataFrame(columns=["figure"])
    rows = list(csv.DictReader(io.StringIO(csv_text(FIGURE_COLUMNS, figure_rows(table))))) if made else []
    now = _by_key(rows)
    steps = dict(zip(map(_key, rows), _steps(table, run.params.method), strict=True)) if made else {}
    same_key = {published.manifest.get("rounding_key"), rounding_key(run.plan)} == {PACKS}
    near = {
        key
        for key, row in before.items()
        if not same_key and run.params.audience == "public" and key in now and _is_near(row, now[key], steps[key])
    }
    keys = [key for key in {**before, **now} if key not in near]
    moved = chain.from_iterable(_moved(key, before.get(key), now.get(key)) for key in keys)
    part = Part("Figures", sum(row == now.get(key) for key, row in before.items()) + len(near), tuple(moved))
    remark = (
        f"the run was rounded by another key than there is here: {len(near):,} numbers differ by less than the base of "
        f"rounding, and count as the same; with its own key ({VARIABLE} or {FILE}) they come out exactly"
    )
    return part, remark if near else ""


def _steps(table: pd.DataFrame, method: Method) -> list[float]:
    """By how much another rounding key may move each number: a base of people, or the share that it makes."""
    return steps_of(table, method).tolist()


def _is_near(before: Row, now: Row, step: float) -> bool:
    """Whether two numbers differ, and by no more than a step; nothing else of the rows does."""
    old, new = before["value"], now["value"]
    alike = all(before[name] == now[name] for name in ("unit", "caution", "method", "source"))
    return alike and old != new and bool(old and new) and abs(float(old) - float(new)) <= step * (1 + 1e-9)


def _status(published: Publication, report: str) -> str:
    return str(published.reports[report].get("status", ""))


def _by_key(rows: Iterable[Row]) -> dict[tuple[str, ...], Row]:
    return {_key(row): row for row in rows}


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row.get(name) or "" for name in KEY)


def _moved(key: tuple[str, ...], before: Row | None, now: Row | None) -> Iterator[str]:
    """What differs of one figure."""
    report, figure, *parts = key
    name = f"{report}: {figure}" + "".join(f", {part}" for part in parts if part)
    if before is None or now is None:
        yield f"{name}: not {'in the run' if before is None else 'among the figures now'}"
        return
    if before["value"] != now["value"]:
        yield f"{name}: {before['value'] or 'no value'} in the run, {now['value'] or 'no value'} now"
    for column in ("unit", "status", "caution", "method", "source"):
        if before[column] != now[column]:
            yield f"{name}: another {column} ('{before[column]}' in the run, '{now[column]}' now)"


def _sheets(published: Publication, run: Run, jobs: int | None, when_done: Callable[[ReportResult], object]) -> Part:
    """Every file of the folder byte for byte against those of a run made again in a temporary folder.

    Left out are the two accounts of the run, which hold times, and reports that failed, with the sheets that were good
    before.
    """
    failed = [f"{name}." for name in published.reports if _status(published, name) == "failed"]
    with tempfile.TemporaryDirectory(prefix="verify-") as temporary:  # no name that the scratch folders of runs have
        render(run, Path(temporary), jobs=jobs, when_done=when_done)
        again = Publication(Path(temporary) / run.params.run)
        names = [
            name
            for name in sorted({*published.files, *again.files} - {CRATE})
            if f".{LAST_GOOD}." not in name and not name.startswith(tuple(failed))
        ]
        differences = []
        for name in names:
            path = published.folder / name
            if name not in again.files:
                differences.append(f"{name} is not made again")
            elif not path.is_file() or described(path) != again.files[name]:
                differences.append(f"{name} comes out otherwise")
    return Part("Sheets", len(names) - len(differences), tuple(differences))


def _remarks(published: Publication, path: Path, run: Run) -> Iterator[str]:
    """What is not as it was when the run was made; whether it moves a figure, the figures say."""
    manifest = published.manifest
    ours, theirs = code(), manifest.get("code", {})
    if ours["sha256"] != theirs.get("sha256"):
        yield f"the run was made by other code (version {theirs.get('version')}; here is {ours['version']})"
    if pack.identity() != manifest.get("pack", pack.identity()):
        yield f"the run was made with another state of its plan pack; here is that in {pack.folder()}"
    if sha256(path) != manifest["params_sha256"]:
        yield f"{path} is not the parameter file of the run, or was changed; the parameters in {MANIFEST} were used"
    libraries = manifest.get("environment", {})
    changed = [
        f"{name} {libraries[name]}, here {version}"
        for name, version in environment().items()
        if libraries.get(name, version) != version
    ]
    if changed:
        yield f"the run was made with other libraries: {'; '.join(changed)}"
    earlier = [name for name, edition in _editions(published, run) if edition != manifest["edition"]]
    if earlier:
        yield f"these reports are of an earlier edition and cannot be made again from here: {', '.join(earlier)}"
    now = request(run.params, path)
    if now["notebook"] != manifest.get("notebook"):
        yield f"the notebook of the run is another one now: {now['notebook']['file']}"
    if now["narratives"] != manifest.get("narratives"):
        yield "the narratives of the run are others now"
    failed = [name for name in published.reports if _status(published, name) == "failed"]
    if failed:
        yield f"reports that failed in the run were not compared: {', '.join(failed)}"


def _editions(published: Publication, run: Run) -> Iterator[tuple[str, str]]:
    """Each report that has figures, with the edition that its JSON states."""
    for report in run.reports:
        stated = json_object(published.folder / f"{report.stem}.json")
        if stated:
            yield report.id, stated.get("provenance", {}).get("edition", "")
