"""A whole run: every report side by side, then the manifest, the figures and the index."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import rmrp_analysis
from rmrp_analysis.errors import RequestError
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.plan import InputFile, JoinAudit
from rmrp_analysis.publish.kernels import warm_kernels
from rmrp_analysis.publish.manifest import write_manifest
from rmrp_analysis.publish.report import ReportResult, output_names, render_report
from rmrp_analysis.vocabulary import sector_named

Told = Callable[[ReportResult], None]

JOBS = (os.cpu_count() or 1) + 1
"""Reports made side by side: one more than cores, since a kernel that starts waits more than it works."""


@dataclass(frozen=True)
class Run:
    """What a run consists of before it starts: nothing is written and no kernel started yet."""

    params: RunParams
    params_path: Path
    reports: tuple[ReportParams, ...]


def prepare_run(params_path: Path, params: RunParams, *, only: Sequence[str] = ()) -> Run:
    """The reports a parameter file asks for, restricted to some sectors (in any spelling) if ``only`` is given."""
    wanted = {sector_named(name) for name in only}
    reports = tuple(report for report in params.reports() if not wanted or report.sector in wanted)
    if not reports:
        raise RequestError(f"{params_path} asks for none of the sectors given with --only")
    return Run(params, params_path, reports)


def render(
    run: Run,
    inputs: Sequence[InputFile],
    out: Path,
    *,
    joins: Sequence[JoinAudit] = (),
    jobs: int | None = None,
    force: bool = False,
    told: Told,
) -> list[ReportResult]:
    """Render every report of a run into ``out/<run>``; one that fails leaves the others alone.

    A report whose parameters, inputs, notebook and code are those of the last time is not run again unless ``force``.
    ``joins`` are told in the run's summary; ``told`` is called as each report ends. Returns the results in the run's
    order.
    """
    folder = out / run.params.run
    folder.mkdir(parents=True, exist_ok=True)
    prints = {report.id: _fingerprint(run, inputs, report) for report in run.reports}
    results = {} if force else _unchanged(run, folder, prints)
    for result in results.values():
        told(result)
    todo = [report for report in run.reports if report.id not in results]
    if todo:
        results |= _rendered(run, todo, folder, prints, jobs or JOBS, told)
    ordered = [results[report.id] for report in run.reports]
    write_manifest(folder, run.params, run.params_path, inputs, joins, ordered)
    return ordered


def _unchanged(run: Run, folder: Path, prints: Mapping[str, str]) -> dict[str, ReportResult]:
    """The reports that are there as they would be made again."""
    results = {}
    for report in run.reports:
        names = output_names(report, run.params.formats)
        if all((folder / name).is_file() for name in names):
            figures = json.loads((folder / f"{report.id}.json").read_text(encoding="utf-8"))
            if figures.get("fingerprint") == prints[report.id]:
                results[report.id] = ReportResult(report, "unchanged", 0, names, figures=figures)
    return results


def _rendered(
    run: Run, reports: Sequence[ReportParams], folder: Path, prints: Mapping[str, str], jobs: int, told: Told
) -> dict[str, ReportResult]:
    """These reports, run side by side."""
    results = {}
    with warm_kernels(run.params.data) as kernels, ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = [
            pool.submit(
                render_report,
                report,
                notebook=run.params.notebook_of(report),
                folder=folder,
                formats=run.params.formats,
                fingerprint=prints[report.id],
                kernels=kernels,
            )
            for report in reports
        ]
        for future in as_completed(futures):
            result = future.result()
            results[result.params.id] = result
            told(result)
    return results


def _fingerprint(run: Run, inputs: Sequence[InputFile], report: ReportParams) -> str:
    """Changes whenever the report could: with its parameters, inputs, narratives, notebook or code."""
    parts = [report.model_dump_json(), *(file.sha256 for file in inputs), _code_digest()]
    files = [
        run.params.notebook_of(report),
        *(sorted(run.params.narratives.iterdir()) if run.params.narratives else []),
    ]
    digest = hashlib.sha256("\n".join(parts).encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _code_digest() -> str:
    package = Path(rmrp_analysis.__file__).parent
    return _digest(
        path
        for path in sorted(package.rglob("*"))
        if path.suffix in {".py", ".typ", ".css", ".j2", ".json", ".mo", ".csv", ".yml"}
    )


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
