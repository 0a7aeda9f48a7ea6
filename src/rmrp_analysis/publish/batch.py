"""A whole run: every report side by side, then ``run.json``, ``figures.csv`` and the index page."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import rmrp_analysis
from rmrp_analysis.errors import RequestError
from rmrp_analysis.files import write_csv, write_json, write_whole
from rmrp_analysis.method import CORRECTIONS_BY_HAND
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.plan import JoinAudit, Plan
from rmrp_analysis.publish.door import trusted_plan
from rmrp_analysis.publish.figure_rows import FIGURE_COLUMNS, figure_rows, table_of_run
from rmrp_analysis.publish.index import index_page
from rmrp_analysis.publish.kernels import warm_kernels
from rmrp_analysis.publish.report import ReportResult, output_names, render_report
from rmrp_analysis.quality import Condition, join_audits
from rmrp_analysis.sources import sha256
from rmrp_analysis.vocabulary import sector_named

CODE = frozenset({".py", ".typ", ".css", ".j2", ".json", ".mo", ".csv", ".yml"})
JOBS = (os.cpu_count() or 1) + 1
"""Reports made side by side: one more than cores, since a kernel that starts waits more than it works."""


@dataclass(frozen=True)
class Run:
    """What a run consists of before it starts: nothing is written and no kernel started yet.

    ``plan`` are its tables with its repairs made; ``joins`` what each join matched; ``conditions`` what was accepted.
    """

    params: RunParams
    params_path: Path
    reports: tuple[ReportParams, ...]
    plan: Plan
    joins: tuple[JoinAudit, ...]
    conditions: tuple[Condition, ...]


def prepare_run(params_path: Path, params: RunParams, *, only: Sequence[str] = ()) -> Run:
    """The reports of a parameter file, and its data; with ``only``, the reports of these sectors (in any spelling).

    Raises as ``trusted_plan`` does.
    """
    sectors = {sector_named(name) for name in only}
    reports = tuple(report for report in params.reports() if not sectors or report.sector in sectors)
    if not reports:
        raise RequestError(f"{params_path} asks for none of the sectors of --only")
    plan, conditions = trusted_plan(params_path, params)
    joins = join_audits(plan, period=params.period, method=params.method)
    return Run(params, params_path, reports, plan, joins, conditions)


def render(
    run: Run,
    out: Path,
    *,
    jobs: int | None = None,
    force: bool = False,
    when_done: Callable[[ReportResult], object] = lambda _: None,
) -> list[ReportResult]:
    """Render every report of a run into ``out/<run>``; one that fails leaves the others alone.

    A report whose parameters, inputs, notebook and code are those of the last time is not run again unless ``force``.
    ``when_done`` is called as each report ends. Returns the results in the run's order.
    """
    folder = out / run.params.run
    folder.mkdir(parents=True, exist_ok=True)
    fingerprints = _fingerprints(run)
    results = {} if force else _unchanged(run, folder, fingerprints)
    for result in results.values():
        when_done(result)
    changed = [report for report in run.reports if report.id not in results]
    if changed:
        with warm_kernels(run.params.data) as kernels, ThreadPoolExecutor(max_workers=jobs or JOBS) as pool:
            futures = [
                pool.submit(
                    render_report,
                    report,
                    notebook=run.params.notebook,
                    folder=folder,
                    formats=run.params.formats,
                    fingerprint=fingerprints[report.id],
                    kernels=kernels,
                )
                for report in changed
            ]
            table = table_of_run(run.plan, run.reports)  # while kernels work
            for future in as_completed(futures):
                result = future.result()
                results[result.params.id] = result
                when_done(result)
    else:
        table = table_of_run(run.plan, run.reports)
    in_order = [results[report.id] for report in run.reports]
    made = {result.params.report for result in in_order if result.status != "failed"}
    write_csv(folder / "figures.csv", FIGURE_COLUMNS, figure_rows(table[table["report"].isin(made)]))
    summary = _summary(run, in_order)
    write_json(folder / "run.json", summary)
    write_whole(folder / "index.html", index_page(run.params, summary, in_order))
    return in_order


def _summary(run: Run, results: Sequence[ReportResult]) -> dict[str, Any]:
    """The content of ``run.json``."""
    by_hand = (CORRECTIONS_BY_HAND,) if any(file.name == "corrections" for file in run.plan.inputs) else ()
    return {
        "run": run.params.run,
        "title": run.params.title,
        "package_version": rmrp_analysis.__version__,
        "params_sha256": sha256(run.params_path),
        "audience": run.params.audience,
        "method": run.params.method.named_for(run.params.plan, repairs=(*by_hand, *run.params.repairs)),
        "inputs": [
            asdict(file)
            | {"path": os.path.relpath(file.path, run.params_path.parent), "rows": file.rows + file.rows_refused}
            for file in run.plan.inputs
        ],
        "joins": [asdict(audit) for audit in run.joins],
        "accepted": [asdict(condition) for condition in run.conditions],
        "reports": [
            {
                "id": result.params.id,
                "status": result.status,
                "seconds": result.seconds,
                "outputs": list(result.outputs),
                "error": result.error,
                "warnings": list(result.warnings),
            }
            for result in results
        ],
    }


def _unchanged(run: Run, folder: Path, fingerprints: Mapping[str, str]) -> dict[str, ReportResult]:
    """The reports that are there as they would be made again."""
    results = {}
    for report in run.reports:
        names = output_names(report, run.params.formats)
        if all((folder / name).is_file() for name in names):
            figures = json.loads((folder / f"{report.id}.json").read_text(encoding="utf-8"))
            if figures.get("fingerprint") == fingerprints[report.id]:
                warnings = tuple(figures.get("warnings", ()))
                results[report.id] = ReportResult(report, "unchanged", 0, names, warnings=warnings, figures=figures)
    return results


def _fingerprints(run: Run) -> dict[str, str]:
    """By report, what changes whenever it could: with its parameters, inputs, narratives, notebook or code."""
    narratives = sorted(run.params.narratives.glob("*.md")) if run.params.narratives else []
    code = [path for path in sorted(Path(rmrp_analysis.__file__).parent.rglob("*")) if path.suffix in CODE]
    shared = [*(file.sha256 for file in run.plan.inputs), *map(sha256, (run.params.notebook, *narratives, *code))]
    texts = {report.id: "\n".join((report.model_dump_json(), *shared)) for report in run.reports}
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
