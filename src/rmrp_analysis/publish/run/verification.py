"""Whether a published run can be made again: its files, its inputs, its figures, if wanted its sheets."""

import io
import tempfile
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis.errors import InputRefused, RequestError, RmrpError
from rmrp_analysis.figures import FEW_TO_DIVIDE, STATUS, figure_definition, rounding_steps
from rmrp_analysis.files import csv_text
from rmrp_analysis.metrics.rounding_key import KEY_FILE, KEY_VARIABLE
from rmrp_analysis.packs import pack
from rmrp_analysis.params import RunParams, load_run_params
from rmrp_analysis.provenance import PACKS_KEY
from rmrp_analysis.publish.after import STEP_FILES
from rmrp_analysis.publish.comparison.published import PublishedRun, read_run, side_by_side
from rmrp_analysis.publish.comparison.revision import as_published
from rmrp_analysis.publish.records.figures import FIGURE_COLUMNS, KEY, STATED, figure_rows, read_rows, table_of_run
from rmrp_analysis.publish.records.manifest import MANIFEST, NOT_MADE, Manifest, line_of_key
from rmrp_analysis.publish.records.publication import Publication, described, files_in
from rmrp_analysis.publish.records.results import LAST_GOOD, ReportResult
from rmrp_analysis.publish.run.batch import render
from rmrp_analysis.publish.run.preparation import Run, manifest_of, prepare_run

NEEDED = frozenset({"run", "params", "params_sha256", "inputs", "reports", "files", "edition"})
WITHOUT_FIGURES = (*NOT_MADE, "empty")
"""Of a report that ``figures.csv`` has no rows of."""


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
    remarks: tuple[str, ...] = ()

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
    published.check()
    if lacking := sorted(NEEDED - manifest.model_fields_set):
        raise RequestError(
            f"{folder / MANIFEST} does not say what is needed to make the run again ({', '.join(lacking)}); an older "
            "version of this package wrote it"
        )
    path = params_path or manifest.params_file(folder)
    if path is None:
        raise InputRefused(
            f"the parameter file of the run '{manifest.run}' is not found near this folder or near the run "
            f"(its sha256 is {manifest.params_sha256}); name it: rmrp verify {folder} PARAMS"
        )
    run = _again(published, path, data)
    now = manifest_of(run)
    there = {name: described(path) for name, path in files_in(folder).items()}
    other = "{} is not the file that the run made"
    files = _part("Files", published.files, there, gone="{} is missing", new="{} is not of the run", other=other)
    inputs = _part(
        "Inputs",
        *({f"{file.name}: {file.file}": (file.sheet, file.sha256) for file in of.inputs} for of in (manifest, now)),
        gone="{} is no longer among the inputs",
        new="{} was not among the inputs of the run",
        other="{} is another file now",
    )
    figures, near = _figures(published, run, now)
    why_not = "they are rounded by another key" if near else "" if sheets else "--sheets makes them"
    of_sheets = Part("Sheets", why_not=why_not) if why_not else _sheets(published, run, jobs, when_done)
    remarks = [*_remarks(published, run, now)]
    if near:
        remarks.append(
            f"the run was rounded by another key than there is here: {near:,} numbers differ by less than the base of "
            f"rounding, and count as the same; with its own key ({KEY_VARIABLE} or {KEY_FILE}) they come out exactly"
        )
    return Verification(manifest.run, manifest.edition, (files, inputs, figures, of_sheets), tuple(remarks))


def _again(published: Publication, path: Path, data: Path | None) -> Run:
    """The run as it was asked for, with all reports of its folder and their notes, from where its files lie now."""
    stated, now = published.manifest.params, load_run_params(path)
    recorded = path.resolve().parent / str(stated.get("data", now.data))
    folder = data.resolve() if data else recorded.resolve() if recorded.is_dir() else now.data
    if not folder.is_dir():
        raise InputRefused(f"the data folder of the run, {folder}, is not there; name it by --data")
    places = {"pack": now.pack, "data": folder, "notebook": now.notebook, "narratives": now.narratives}
    key = "params"
    try:
        params = RunParams.of({**stated, **places})
        key = "reports"
        held = [params.report_named(name) for name in published.reports]
    except RequestError as problem:
        file = published.folder / MANIFEST
        where = f"{file}:{line_of_key(file.read_text('utf-8'), key)}: {key}"
        raise InputRefused("\n".join(f"{where}: {fault}" for fault in str(problem).splitlines())) from None
    names = {
        name: list(dict.fromkeys(filter(None, (getattr(report, name) for report in held))))
        for name in ("sector", "place", "organisation", "language")
    }
    asked: dict[str, Any] = {"only": names["sector"], "places": names["place"], "organisations": names["organisation"]}
    prepared = prepare_run(path, params, **asked, languages=names["language"])
    by_id = {report.id: report for report in prepared.reports}
    return replace(prepared, reports=tuple(as_published(by_id.get(report.id, report), published) for report in held))


def _part(name: str, before: Mapping[str, Any], now: Mapping[str, Any], *, gone: str, new: str, other: str) -> Part:
    """Hold what there was against what there is: a sentence for each thing that is gone, new, or another one."""
    differences = [
        (gone if key not in now else new if key not in before else other).format(key)
        for key in {**before, **now}
        if before.get(key) != now.get(key)
    ]
    return Part(name, sum(now.get(key) == stated for key, stated in before.items()), tuple(differences))


def _figures(published: Publication, run: Run, manifest: Manifest) -> tuple[Part, int]:
    """``figures.csv`` row by row against the figures computed again, and how many of another rounding key are near.

    Numbers of people that another key rounds agree where they are no more than a base of people apart, or the share
    that it makes; and where one run divides people whom the other finds too few to be divided.
    """
    if not (published.folder / "figures.csv").is_file():
        return Part("Figures", differences=("figures.csv is missing",)), 0
    made = [report for report in run.reports if published.reports[report.id].status not in WITHOUT_FIGURES]
    table = table_of_run(run.plan, made) if made else pd.DataFrame(columns=["figure"])
    text = csv_text(FIGURE_COLUMNS, figure_rows(table) if made else ())
    try:
        before = read_run(published.folder, FIGURE_COLUMNS)
    except RmrpError as problem:
        return Part("Figures", differences=(str(problem),)), 0
    now = PublishedRun(run.params.data, manifest, read_rows(io.StringIO(text)))
    sides = side_by_side(before.rows, now.rows)
    differs = pd.DataFrame({name: sides[f"{name}_before"].ne(sides[f"{name}_after"]) for name in STATED})
    near = pd.Series(data=False, index=sides.index)
    has_own_key = {published.manifest.rounding_key, manifest.rounding_key} != {PACKS_KEY}
    if run.params.audience == "public" and has_own_key and made:
        steps = pd.Series(rounding_steps(table).to_numpy(), now.rows.index).reindex(sides.index)
        numbers = side_by_side(before.numbers, now.numbers)
        within = (numbers["value_before"] - numbers["value_after"]).abs() <= steps * (1 + 1e-9)
        near = within & differs["value"] & ~differs.drop(columns=["value", "status"]).any(axis="columns")
        figures_now = set(now.rows.index.get_level_values("figure"))  # what was edited may name a figure there is not
        of_people = [name for name in figures_now if figure_definition(name).tells_of_people]
        is_of_people = sides.index.get_level_values("figure").isin(of_people)
        is_not_known = [sides[f"status_{side}"].eq(STATUS[FEW_TO_DIVIDE]) for side in ("before", "after")]
        near |= is_of_people & (is_not_known[0] ^ is_not_known[1])
    moved = sides[differs.any(axis="columns") & ~near]
    sentences = [sentence for row in moved.reset_index().to_dict("records") for sentence in _moved(row)]
    same = len(before.rows) - int(moved["value_before"].notna().sum())
    return Part("Figures", same, tuple(sentences)), int(near.sum())


def _moved(row: Mapping[Hashable, Any]) -> Iterator[str]:
    """What differs of one figure."""
    report, figure, *parts = (row[name] for name in KEY)
    name = f"{report}: {figure}" + "".join(f", {part}" for part in parts if part)
    if pd.isna(row["value_before"]) or pd.isna(row["value_after"]):
        yield f"{name}: not in the run" if pd.isna(row["value_before"]) else f"{name}: not among the figures now"
        return
    for column in STATED:
        before, now = row[f"{column}_before"], row[f"{column}_after"]
        if before != now and column == "value":
            yield f"{name}: {before or 'no value'} in the run, {now or 'no value'} now"
        elif before != now:
            yield f"{name}: another {column} ('{before}' in the run, '{now}' now)"


def _sheets(published: Publication, run: Run, jobs: int | None, when_done: Callable[[ReportResult], object]) -> Part:
    """Every file of the folder byte for byte against those of a run made again in a temporary folder."""
    failed = tuple(f"{report.id}." for report in published.manifest.reports if report.status in NOT_MADE)
    there = files_in(published.folder)
    with tempfile.TemporaryDirectory(prefix="verify-") as temporary:  # no name that the scratch folders of runs have
        render(run, Path(temporary), jobs=jobs, when_done=when_done)
        again = Publication(Path(temporary) / run.params.run).files
    names = [
        name
        for name in sorted({*published.files, *again} - {*STEP_FILES.values()})  # which hold times
        if f".{LAST_GOOD}." not in name and not name.startswith(failed)
    ]
    before = {name: described(there[name]) if name in there else None for name in names}
    now = {name: again[name] for name in names if name in again}
    other = "{} comes out otherwise"
    return _part("Sheets", before, now, gone="{} is not made again", new=other, other=other)


def _remarks(published: Publication, run: Run, now: Manifest) -> Iterator[str]:
    """What is not as it was when the run was made; whether it moves a figure, the figures say."""
    before = published.manifest
    if before.code.sha256 != now.code.sha256:
        yield f"the run was made by other code (version {before.code.version}; here is {now.code.version})"
    if before.pack.name and before.pack != now.pack:
        yield f"the run was made with another state of its plan pack; here is that in {pack.folder()}"
    if before.params_sha256 != now.params_sha256:
        file = run.params_path
        yield f"{file} is not the parameter file of the run, or was changed; the parameters in {MANIFEST} were used"
    changed = [
        f"{name} {before.environment[name]}, here {version}"
        for name, version in now.environment.items()
        if before.environment.get(name, version) != version
    ]
    if changed:
        yield f"the run was made with other libraries: {'; '.join(changed)}"
    sheets = {report.id: published.sheet(report.stem) for report in run.reports}
    earlier = [name for name, sheet in sheets.items() if sheet and sheet.provenance.edition != before.edition]
    if earlier:
        yield f"these reports are of an earlier edition and cannot be made again from here: {', '.join(earlier)}"
    if before.notebook != now.notebook:
        yield f"the notebook of the run is another one now: {now.notebook.file}"
    if before.narratives != now.narratives:
        yield "the narratives of the run are others now"
    failed = [report.id for report in before.reports if report.status in NOT_MADE]
    if failed:
        yield f"reports that the run did not make were not compared: {', '.join(failed)}"
