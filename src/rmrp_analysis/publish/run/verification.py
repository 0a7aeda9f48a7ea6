"""Tells whether a published run can be made again: its files, its inputs, its figures and, on request, its sheets.

The run is made again in a temporary folder, and both folders are compared. ``rmrp diff`` explains numbers. Here every
text of every row counts.
"""

import tempfile
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis.errors import InputRefused, RequestError, RmrpError
from rmrp_analysis.figures import FEW_TO_DIVIDE_REASON, STATUS_BY_REASON, figure_definition, rounding_steps
from rmrp_analysis.files import write_csv, write_whole
from rmrp_analysis.metrics.rounding_key import KEY_FILE, KEY_VARIABLE
from rmrp_analysis.packs import pack
from rmrp_analysis.params import RunParams, load_run_params
from rmrp_analysis.provenance import PACK_ROUNDING_KEY_TEXT
from rmrp_analysis.publish.after import FILE_BY_STEP
from rmrp_analysis.publish.comparison.published import PublishedRun, join_runs, read_run
from rmrp_analysis.publish.comparison.revision import keep_revision_note
from rmrp_analysis.publish.records.figures import (
    FIGURE_COLUMNS,
    ROW_KEY,
    VALUE_COLUMNS,
    list_figure_rows,
    make_run_table,
)
from rmrp_analysis.publish.records.manifest import MANIFEST, NOT_MADE_OUTCOMES, Manifest, find_line_of_key
from rmrp_analysis.publish.records.publication import Publication, describe_file, list_files
from rmrp_analysis.publish.records.results import LAST_GOOD_MARK, ReportResult
from rmrp_analysis.publish.run.batch import render
from rmrp_analysis.publish.run.preparation import Run, describe_run, prepare_run

NEEDED_MANIFEST_FIELDS = frozenset({"run", "params", "params_sha256", "inputs", "reports", "files", "edition"})
"""The fields that ``run.json`` must state, so that the run can be made again."""
STATUSES_WITHOUT_FIGURES = (*NOT_MADE_OUTCOMES, "empty")
"""The statuses of reports without rows in ``figures.csv``."""
CHANGE_TEMPLATES_BY_PART: Mapping[str, tuple[str, str, str]] = {
    "Files": ("{} is missing", "{} is not of the run", "{} is not the file that the run made"),
    "Inputs": ("{} is no longer among the inputs", "{} was not among the inputs of the run", "{} is another file now"),
    "Sheets": ("{} is not made again", "{} comes out otherwise", "{} comes out otherwise"),
}
"""The sentences for a thing that is gone, new, or different."""
FLOAT_TOLERANCE = 1e-9
"""The share of a rounding step that is added to the step. Floats summed in another order differ slightly."""


@dataclass(frozen=True)
class Part:
    """The result of one comparison, such as of files: the number that is the ``same``, and the differences.

    It exists so that the command prints all parts in one way. ``differences`` has a sentence each. ``why_not`` says why
    nothing was compared.
    """

    name: str
    same: int = 0
    differences: tuple[str, ...] = ()
    why_not: str = ""


@dataclass(frozen=True)
class Verification:
    """The results of making a run again. ``remarks`` name changes that need not move a figure."""

    run: str
    edition: str
    parts: tuple[Part, ...]
    remarks: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing that was compared differs."""
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
    """Compare the folder of a run with its ``run.json``, and with the run made again from the same inputs.

    The parameters come from ``run.json``, and the paths of the inputs from the file ``params_path``. By default, this
    file is searched near the current folder and near the run. ``data`` replaces its data folder. Makes the figures in a
    temporary folder. With ``sheets`` also makes every report, to compare all files byte for byte, unless another
    rounding key moved a figure. Calls ``when_done`` with each result. Writes nothing into ``folder``. Raises
    ``RequestError`` if there is no run, and ``InputRefused`` if its inputs are not found or cannot be used.
    """
    published = Publication(folder)
    manifest = published.manifest
    published.check()
    if lacking := sorted(NEEDED_MANIFEST_FIELDS - manifest.model_fields_set):
        raise RequestError(
            f"{folder / MANIFEST} does not say what is needed to make the run again ({', '.join(lacking)}); an older "
            "version of this package wrote it"
        )
    run = _prepare_again(published, params_path, data)
    with tempfile.TemporaryDirectory(prefix="verify-") as temporary:  # no name that the scratch folders of runs have
        repeated, steps = _repeat_figures(published, run, Path(temporary) / "figures")
        figures, shifts = _compare_figures(folder, repeated, steps)
        if shifts or not sheets:
            why_not = "they are rounded by another key" if shifts else "--sheets makes them"
            remade = Part("Sheets", why_not=why_not)
        else:
            render(run, Path(temporary), jobs=jobs, when_done=when_done)
            remade = _compare_sheets(published, Publication(Path(temporary) / run.params.run))
    files = _compare("Files", published.files, {name: describe_file(path) for name, path in list_files(folder).items()})
    inputs = _compare("Inputs", _list_inputs(manifest), _list_inputs(repeated.manifest))
    remarks = [*_remark_on_changes(published, run, repeated.manifest)]
    if shifts:
        remarks.append(
            f"the run was rounded by another key than there is here: {shifts:,} numbers differ by less than "
            f"the base of rounding, and count as the same; with its own key ({KEY_VARIABLE} or {KEY_FILE}) they come "
            "out exactly"
        )
    return Verification(manifest.run, manifest.edition, (files, inputs, figures, remade), tuple(remarks))


def _prepare_again(published: Publication, params_path: Path | None, data: Path | None) -> Run:
    """Prepare the run of a folder with the same parameters, reports and notes.

    Raises ``InputRefused`` if the parameter file or the data are not found, or ``run.json`` holds wrong parameters.
    """
    manifest, folder = published.manifest, published.folder
    path = params_path or manifest.find_params_file(folder)
    if path is None:
        raise InputRefused(
            f"the parameter file of the run '{manifest.run}' is not found near this folder or near the run "
            f"(its sha256 is {manifest.params_sha256}); name it: rmrp verify {folder} PARAMS"
        )
    loaded = load_run_params(path)
    recorded = path.resolve().parent / str(manifest.params.get("data", loaded.data))
    data_folder = (data or recorded).resolve() if data or recorded.is_dir() else loaded.data
    if not data_folder.is_dir():
        raise InputRefused(f"the data folder of the run, {data_folder}, is not there; name it by --data")
    locations = {name: getattr(loaded, name) for name in ("pack", "notebook", "narratives")} | {"data": data_folder}
    key = "params"
    try:
        params = RunParams.of({**manifest.params, **locations})
        key = "reports"
        reports = [params.report_named(name) for name in published.reports]
    except RequestError as problem:
        file = folder / MANIFEST
        line = find_line_of_key(file.read_text("utf-8"), key)
        position = f"{file}:{line}: {key}"
        raise InputRefused("\n".join(f"{position}: {fault}" for fault in str(problem).splitlines())) from None
    sectors, places, organisations, languages = (
        list(dict.fromkeys(filter(None, (getattr(report, name) for report in reports))))
        for name in ("sector", "place", "organisation", "language")
    )
    run = prepare_run(path, params, only=sectors, places=places, organisations=organisations, languages=languages)
    prepared = {report.id: report for report in run.reports}
    notes = (keep_revision_note(prepared.get(report.id, report), published) for report in reports)
    return replace(run, reports=tuple(notes))


def _repeat_figures(published: Publication, run: Run, folder: Path) -> tuple[PublishedRun, pd.Series]:
    """Write ``run.json`` and ``figures.csv`` of a run made again into a folder, and read them.

    Also returns how far another rounding key may move each number, by ``ROW_KEY``. This is empty if no other key rounds
    the numbers.
    """
    reports = [report for report in run.reports if published.reports[report.id].status not in STATUSES_WITHOUT_FIGURES]
    table = make_run_table(run.plan, reports) if reports else pd.DataFrame()
    manifest = describe_run(run)
    folder.mkdir()
    write_whole(folder / MANIFEST, manifest.text)
    write_csv(folder / "figures.csv", FIGURE_COLUMNS, list_figure_rows(table) if reports else ())
    repeated = read_run(folder, FIGURE_COLUMNS)
    is_by_pack = {published.manifest.rounding_key, manifest.rounding_key} == {PACK_ROUNDING_KEY_TEXT}
    if is_by_pack or run.params.audience != "public" or not reports:
        return repeated, pd.Series(dtype="float64")
    return repeated, pd.Series(rounding_steps(table).to_numpy(), repeated.rows.index)


def _list_inputs(manifest: Manifest) -> dict[str, tuple[str, str]]:
    """Return sheet and sha256 of each input of a run, by the names of the input and of its file."""
    return {f"{file.name}: {file.file}": (file.sheet, file.sha256) for file in manifest.inputs}


def _compare(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Part:
    """Compare two mappings, by the sentences for this ``name`` in ``CHANGE_TEMPLATES_BY_PART``."""
    missing, new, changed = CHANGE_TEMPLATES_BY_PART[name]
    differences = [
        (missing if key not in after else new if key not in before else changed).format(key)
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    ]
    return Part(name, sum(after.get(key) == value for key, value in before.items()), tuple(differences))


def _compare_figures(folder: Path, repeated: PublishedRun, steps: pd.Series) -> tuple[Part, int]:
    """Compare every text of ``figures.csv`` with the run made again.

    Also returns how many rows another rounding key alone may have moved. These count as the same. A missing or
    unreadable file is one difference.
    """
    if not (folder / "figures.csv").is_file():
        return Part("Figures", differences=("figures.csv is missing",)), 0
    try:
        published = read_run(folder, FIGURE_COLUMNS)
    except RmrpError as problem:
        return Part("Figures", differences=(str(problem),)), 0
    rows = join_runs(published.rows, repeated.rows)
    differs = pd.DataFrame({name: rows[f"{name}_before"].ne(rows[f"{name}_after"]) for name in VALUE_COLUMNS})
    is_shifted = _is_moved_by_key(published, repeated, differs, steps)
    changed = rows[differs.any(axis="columns") & ~is_shifted]
    sentences = [sentence for row in changed.reset_index().to_dict("records") for sentence in _describe_row(row)]
    equal = len(published.rows) - int(changed["value_before"].notna().sum())
    return Part("Figures", equal, tuple(sentences)), int(is_shifted.sum())


def _is_moved_by_key(before: PublishedRun, after: PublishedRun, differs: pd.DataFrame, steps: pd.Series) -> pd.Series:
    """Mask the rows that another rounding key alone may have moved, by the steps of ``_repeat_figures``.

    Either numbers and bounds differ by at most one step, or only one run has too few people to divide.
    """
    if steps.empty:
        return pd.Series(data=False, index=differs.index)
    numbers = join_runs(before.numbers, after.numbers)
    limits = steps.reindex(differs.index) * (1 + FLOAT_TOLERANCE)
    changes = differs[[name for name in ("value", "low", "high") if f"{name}_before" in numbers]]
    is_close = pd.Series(data=True, index=differs.index)
    for name in changes:
        distance = (numbers[f"{name}_before"].astype("float64") - numbers[f"{name}_after"].astype("float64")).abs()
        is_close &= ~changes[name] | (distance <= limits)
    is_number = changes.any(axis="columns") & ~differs.drop(columns=[*changes, "status"]).any(axis="columns")
    figures = set(after.rows.index.get_level_values("figure"))  # an edited table may name one that does not exist
    people = [name for name in figures if figure_definition(name).tells_of_people]
    statuses = join_runs(before.rows[["status"]], after.rows[["status"]])
    is_divided = (statuses == STATUS_BY_REASON[FEW_TO_DIVIDE_REASON]).sum(axis="columns") == 1
    is_of_people = differs.index.get_level_values("figure").isin(people)
    return is_close & is_number | is_of_people & is_divided


def _describe_row(row: Mapping[Hashable, Any]) -> Iterator[str]:
    """Yield a sentence for each column that differs in a row, or one sentence if a run lacks the row.

    The row has the columns of ``ROW_KEY``, and ``VALUE_COLUMNS`` with ``_before`` and ``_after`` (NaN: no such row).
    """
    report, figure, *categories = (row[name] for name in ROW_KEY)
    name = f"{report}: {figure}" + "".join(f", {category}" for category in categories if category)
    if pd.isna(row["value_before"]) or pd.isna(row["value_after"]):
        yield (f"{name}: not in the run" if pd.isna(row["value_before"]) else f"{name}: not among the figures now")
        return
    for column in VALUE_COLUMNS:
        earlier, now = row[f"{column}_before"], row[f"{column}_after"]
        if earlier != now and column == "value":
            yield f"{name}: {earlier or 'no value'} in the run, {now or 'no value'} now"
        elif earlier != now:
            yield f"{name}: another {column} ('{earlier}' in the run, '{now}' now)"


def _compare_sheets(published: Publication, repeated: Publication) -> Part:
    """Compare files byte for byte, without files that hold times, unmade reports and last good sheets."""
    failed = tuple(f"{report.id}." for report in published.manifest.reports if report.status in NOT_MADE_OUTCOMES)
    names = [
        name
        for name in sorted({*published.files, *repeated.files} - {*FILE_BY_STEP.values()})
        if f".{LAST_GOOD_MARK}." not in name and not name.startswith(failed)
    ]
    paths = list_files(published.folder)
    records = {name: describe_file(paths[name]) if name in paths else None for name in names}
    return _compare("Sheets", records, {name: repeated.files[name] for name in names if name in repeated.files})


def _remark_on_changes(published: Publication, run: Run, now: Manifest) -> Iterator[str]:
    """Yield a sentence for each change since the run was made, and for reports that were not compared."""
    manifest = published.manifest
    if manifest.code.sha256 != now.code.sha256:
        yield f"the run was made by other code (version {manifest.code.version}; here is {now.code.version})"
    if manifest.pack.name and manifest.pack != now.pack:
        yield f"the run was made with another state of its plan pack; here is that in {pack.folder()}"
    if manifest.params_sha256 != now.params_sha256:
        file = run.params_path
        yield f"{file} is not the parameter file of the run, or was changed; the parameters in {MANIFEST} were used"
    changed = [
        f"{name} {manifest.environment[name]}, here {version}"
        for name, version in now.environment.items()
        if manifest.environment.get(name, version) != version
    ]
    if changed:
        yield f"the run was made with other libraries: {'; '.join(changed)}"
    sheets = {report.id: published.read_sheet(report.stem) for report in run.reports}
    earlier = [name for name, sheet in sheets.items() if sheet and sheet.provenance.edition != manifest.edition]
    if earlier:
        yield f"these reports are of an earlier edition and cannot be made again from here: {', '.join(earlier)}"
    if manifest.notebook != now.notebook:
        yield f"the notebook of the run is another one now: {now.notebook.file}"
    if manifest.narratives != now.narratives:
        yield "the narratives of the run are others now"
    failed = [report.id for report in manifest.reports if report.status in NOT_MADE_OUTCOMES]
    if failed:
        yield f"reports that the run did not make were not compared: {', '.join(failed)}"
