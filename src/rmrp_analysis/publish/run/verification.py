"""Tells whether a published run can be made again: its files, its inputs, its figures, if wanted its sheets.

The run is made again in a temporary folder, and both folders are read and laid side by side as ``rmrp diff`` does. The
differences are not those of ``rmrp diff``, which explains numbers: here every text of every row counts.
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
"""What ``run.json`` must state, so that the run can be made again."""
STATUSES_WITHOUT_FIGURES = (*NOT_MADE_OUTCOMES, "empty")
"""The statuses of reports that ``figures.csv`` has no rows of."""
CHANGE_TEMPLATES_BY_PART: Mapping[str, tuple[str, str, str]] = {
    "Files": ("{} is missing", "{} is not of the run", "{} is not the file that the run made"),
    "Inputs": ("{} is no longer among the inputs", "{} was not among the inputs of the run", "{} is another file now"),
    "Sheets": ("{} is not made again", "{} comes out otherwise", "{} comes out otherwise"),
}
"""By what is compared, the sentence for what is gone, new, or another one."""
FLOAT_TOLERANCE = 1e-9
"""The share of a rounding step by which two numbers may differ more than that step: sums of floats in another order."""


@dataclass(frozen=True)
class Part:
    """The result of comparing one thing, such as files: how many are the ``same``, a sentence for each that differs.

    It exists so that the command prints all parts in one way. ``why_not`` says why it was not compared.
    """

    name: str
    same: int = 0
    differences: tuple[str, ...] = ()
    why_not: str = ""


@dataclass(frozen=True)
class Verification:
    """The results of making a run again; ``remarks`` say what is not as it was and need not move a figure."""

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

    The parameters are those in ``run.json``. ``params_path`` tells where the inputs lie, and is looked for near the
    current folder and near the run if it is not given; ``data`` takes the place of its data folder. The run is made in
    a temporary folder: its figures, and with ``sheets`` every report, to compare all files byte for byte, but not where
    another rounding key moved a figure; ``when_done`` is called as each report ends. Nothing is written into
    ``folder``. Raises ``RequestError`` where there is no run, ``InputRefused`` where its inputs are not found or cannot
    be used.
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
        figures, moved_by_key = _compare_figures(folder, repeated, steps)
        if moved_by_key or not sheets:
            why_not = "they are rounded by another key" if moved_by_key else "--sheets makes them"
            of_sheets = Part("Sheets", why_not=why_not)
        else:
            render(run, Path(temporary), jobs=jobs, when_done=when_done)
            of_sheets = _compare_sheets(published, Publication(Path(temporary) / run.params.run))
    files = _compare("Files", published.files, {name: describe_file(path) for name, path in list_files(folder).items()})
    inputs = _compare("Inputs", _list_inputs(manifest), _list_inputs(repeated.manifest))
    remarks = [*_remark_on_changes(published, run, repeated.manifest)]
    if moved_by_key:
        remarks.append(
            f"the run was rounded by another key than there is here: {moved_by_key:,} numbers differ by less than "
            f"the base of rounding, and count as the same; with its own key ({KEY_VARIABLE} or {KEY_FILE}) they come "
            "out exactly"
        )
    return Verification(manifest.run, manifest.edition, (files, inputs, figures, of_sheets), tuple(remarks))


def _prepare_again(published: Publication, params_path: Path | None, data: Path | None) -> Run:
    """Prepare the run of a folder with the same parameters, reports and notes, from where its files lie now.

    Raises ``InputRefused`` where the parameter file or the data are not found, or ``run.json`` holds wrong parameters.
    """
    manifest, folder = published.manifest, published.folder
    path = params_path or manifest.find_params_file(folder)
    if path is None:
        raise InputRefused(
            f"the parameter file of the run '{manifest.run}' is not found near this folder or near the run "
            f"(its sha256 is {manifest.params_sha256}); name it: rmrp verify {folder} PARAMS"
        )
    file_params = load_run_params(path)
    recorded_data = path.resolve().parent / str(manifest.params.get("data", file_params.data))
    data_folder = data.resolve() if data else recorded_data.resolve() if recorded_data.is_dir() else file_params.data
    if not data_folder.is_dir():
        raise InputRefused(f"the data folder of the run, {data_folder}, is not there; name it by --data")
    locations = {name: getattr(file_params, name) for name in ("pack", "notebook", "narratives")} | {
        "data": data_folder
    }
    key = "params"
    try:
        params = RunParams.of({**manifest.params, **locations})
        key = "reports"
        reports = [params.report_named(report_name) for report_name in published.reports]
    except RequestError as problem:
        file = folder / MANIFEST
        key_line_number = find_line_of_key(file.read_text("utf-8"), key)
        where = f"{file}:{key_line_number}: {key}"
        raise InputRefused("\n".join(f"{where}: {fault}" for fault in str(problem).splitlines())) from None
    sectors, places, organisations, languages = (
        list(dict.fromkeys(filter(None, (getattr(report, name) for report in reports))))
        for name in ("sector", "place", "organisation", "language")
    )
    run = prepare_run(path, params, only=sectors, places=places, organisations=organisations, languages=languages)
    by_id = {report.id: report for report in run.reports}
    return replace(
        run, reports=tuple(keep_revision_note(by_id.get(report.id, report), published) for report in reports)
    )


def _repeat_figures(published: Publication, run: Run, folder: Path) -> tuple[PublishedRun, pd.Series]:
    """Write ``run.json`` and ``figures.csv`` of a run made again into a folder, and read them.

    Also returns how far another rounding key may move each number, by ``ROW_KEY``; empty where no other key rounds
    them.
    """
    reports = [report for report in run.reports if published.reports[report.id].status not in STATUSES_WITHOUT_FIGURES]
    table = make_run_table(run.plan, reports) if reports else pd.DataFrame()
    manifest = describe_run(run)
    folder.mkdir()
    write_whole(folder / MANIFEST, manifest.text)
    write_csv(folder / "figures.csv", FIGURE_COLUMNS, list_figure_rows(table) if reports else ())
    repeated = read_run(folder, FIGURE_COLUMNS)
    both_by_pack = {published.manifest.rounding_key, manifest.rounding_key} == {PACK_ROUNDING_KEY_TEXT}
    if both_by_pack or run.params.audience != "public" or not reports:
        return repeated, pd.Series(dtype="float64")
    return repeated, pd.Series(rounding_steps(table).to_numpy(), repeated.rows.index)


def _list_inputs(manifest: Manifest) -> dict[str, tuple[str, str]]:
    """Return sheet and sha256 of each input of a run, by the input's name and its file's."""
    return {f"{file.name}: {file.file}": (file.sheet, file.sha256) for file in manifest.inputs}


def _compare(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Part:
    """Compare two mappings: how many keys have the same value, and a sentence for each that is gone, new or differs.

    ``name`` is a key of ``CHANGE_TEMPLATES_BY_PART``.
    """
    gone, new, other = CHANGE_TEMPLATES_BY_PART[name]
    differences = [
        (gone if key not in after else new if key not in before else other).format(key)
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    ]
    return Part(name, sum(after.get(key) == value for key, value in before.items()), tuple(differences))


def _compare_figures(folder: Path, repeated: PublishedRun, steps: pd.Series) -> tuple[Part, int]:
    """Compare ``figures.csv`` of a folder with that of the run made again, every text of every row.

    Also returns how many rows another rounding key alone may have moved; they count as the same. A file that is missing
    or cannot be read is one difference.
    """
    if not (folder / "figures.csv").is_file():
        return Part("Figures", differences=("figures.csv is missing",)), 0
    try:
        published = read_run(folder, FIGURE_COLUMNS)
    except RmrpError as problem:
        return Part("Figures", differences=(str(problem),)), 0
    rows = join_runs(published.rows, repeated.rows)
    differs = pd.DataFrame({name: rows[f"{name}_before"].ne(rows[f"{name}_after"]) for name in VALUE_COLUMNS})
    is_moved_by_key = _is_moved_by_key(published, repeated, differs, steps)
    moved = rows[differs.any(axis="columns") & ~is_moved_by_key]
    sentences = [sentence for row in moved.reset_index().to_dict("records") for sentence in _describe_row(row)]
    same = len(published.rows) - int(moved["value_before"].notna().sum())
    return Part("Figures", same, tuple(sentences)), int(is_moved_by_key.sum())


def _is_moved_by_key(before: PublishedRun, after: PublishedRun, differs: pd.DataFrame, steps: pd.Series) -> pd.Series:
    """Mask the rows that another rounding key alone may have moved; ``steps`` as ``_repeat_figures`` returns them.

    Their numbers are no more than a base of people apart, or the share that it makes; or one run divides people whom
    the other one finds too few to be divided.
    """
    if steps.empty:
        return pd.Series(data=False, index=differs.index)
    numbers = join_runs(before.numbers, after.numbers)
    limits = steps.reindex(differs.index) * (1 + FLOAT_TOLERANCE)
    is_within_step = (numbers["value_before"] - numbers["value_after"]).abs() <= limits
    is_number_alone = differs["value"] & ~differs.drop(columns=["value", "status"]).any(axis="columns")
    # An edited table may name a figure that does not exist
    figures = set(after.rows.index.get_level_values("figure"))
    figures_of_people = [name for name in figures if figure_definition(name).tells_of_people]
    statuses = join_runs(before.rows[["status"]], after.rows[["status"]])
    is_divided_once = (statuses == STATUS_BY_REASON[FEW_TO_DIVIDE_REASON]).sum(axis="columns") == 1
    is_of_people = differs.index.get_level_values("figure").isin(figures_of_people)
    return is_within_step & is_number_alone | is_of_people & is_divided_once


def _describe_row(row: Mapping[Hashable, Any]) -> Iterator[str]:
    """Yield what differs of a row of ``figures.csv``: a sentence for each column, or one where a run lacks the row.

    The row has the columns of ``ROW_KEY``, and each of ``VALUE_COLUMNS`` with ``_before`` and ``_after``, NaN for none.
    """
    report, figure, *categories = (row[name] for name in ROW_KEY)
    name = f"{report}: {figure}" + "".join(f", {category}" for category in categories if category)
    if pd.isna(row["value_before"]) or pd.isna(row["value_after"]):
        yield (f"{name}: not in the run" if pd.isna(row["value_before"]) else f"{name}: not among the figures now")
        return
    for column in VALUE_COLUMNS:
        before, now = row[f"{column}_before"], row[f"{column}_after"]
        if before != now and column == "value":
            yield f"{name}: {before or 'no value'} in the run, {now or 'no value'} now"
        elif before != now:
            yield f"{name}: another {column} ('{before}' in the run, '{now}' now)"


def _compare_sheets(published: Publication, repeated: Publication) -> Part:
    """Compare the files of a run byte for byte with those of the run made again.

    Left out are files that hold times, reports that the run did not make, and sheets that it kept from before.
    """
    not_made = tuple(f"{report.id}." for report in published.manifest.reports if report.status in NOT_MADE_OUTCOMES)
    names = [
        name
        for name in sorted({*published.files, *repeated.files} - {*FILE_BY_STEP.values()})
        if f".{LAST_GOOD_MARK}." not in name and not name.startswith(not_made)
    ]
    paths = list_files(published.folder)
    file_record_by_name = {name: describe_file(paths[name]) if name in paths else None for name in names}
    return _compare(
        "Sheets", file_record_by_name, {name: repeated.files[name] for name in names if name in repeated.files}
    )


def _remark_on_changes(published: Publication, run: Run, now: Manifest) -> Iterator[str]:
    """Yield a sentence for each thing that is not as it was when the run was made.

    That is code, plan pack, parameter file, libraries, notebook and narratives; also for the reports of an earlier
    edition, and for those that the run did not make.
    """
    published_manifest = published.manifest
    if published_manifest.code.sha256 != now.code.sha256:
        yield f"the run was made by other code (version {published_manifest.code.version}; here is {now.code.version})"
    if published_manifest.pack.name and published_manifest.pack != now.pack:
        yield f"the run was made with another state of its plan pack; here is that in {pack.folder()}"
    if published_manifest.params_sha256 != now.params_sha256:
        file = run.params_path
        yield f"{file} is not the parameter file of the run, or was changed; the parameters in {MANIFEST} were used"
    changed = [
        f"{name} {published_manifest.environment[name]}, here {version}"
        for name, version in now.environment.items()
        if published_manifest.environment.get(name, version) != version
    ]
    if changed:
        yield f"the run was made with other libraries: {'; '.join(changed)}"
    sheets = {report.id: published.read_sheet(report.stem) for report in run.reports}
    earlier = [
        report_name
        for report_name, sheet in sheets.items()
        if sheet and sheet.provenance.edition != published_manifest.edition
    ]
    if earlier:
        yield f"these reports are of an earlier edition and cannot be made again from here: {', '.join(earlier)}"
    if published_manifest.notebook != now.notebook:
        yield f"the notebook of the run is another one now: {now.notebook.file}"
    if published_manifest.narratives != now.narratives:
        yield "the narratives of the run are others now"
    failed = [report.id for report in published_manifest.reports if report.status in NOT_MADE_OUTCOMES]
    if failed:
        yield f"reports that the run did not make were not compared: {', '.join(failed)}"
