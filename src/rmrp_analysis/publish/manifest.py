"""What a run leaves beside its reports: ``run.json``, ``figures.csv`` and the index page."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

import rmrp_analysis
from rmrp_analysis.files import write_csv, write_json, write_whole
from rmrp_analysis.method import CORRECTIONS_BY_HAND
from rmrp_analysis.params import RunParams
from rmrp_analysis.plan import InputFile, JoinAudit
from rmrp_analysis.publish.figure_rows import FIGURE_COLUMNS, figure_rows
from rmrp_analysis.publish.index import index_page
from rmrp_analysis.publish.report import ReportResult
from rmrp_analysis.sources import sha256


def write_manifest(
    folder: Path,
    params: RunParams,
    params_path: Path,
    inputs: Sequence[InputFile],
    joins: Sequence[JoinAudit],
    results: Sequence[ReportResult],
    table: pd.DataFrame,
) -> None:
    """Write the three files of a run's folder that speak of all its reports; ``table`` is the table of figures."""
    made = {result.params.report for result in results if result.status != "failed"}
    write_csv(folder / "figures.csv", FIGURE_COLUMNS, figure_rows(table[table["report"].isin(made)]))
    summary = run_summary(params, params_path, inputs, joins, results)
    write_json(folder / "run.json", summary)
    write_whole(folder / "index.html", index_page(params, summary, results))


def run_summary(
    params: RunParams,
    params_path: Path,
    inputs: Sequence[InputFile],
    joins: Sequence[JoinAudit],
    results: Sequence[ReportResult],
) -> dict[str, Any]:
    """The content of ``run.json``."""
    by_hand = (CORRECTIONS_BY_HAND,) if any(file.name == "corrections" for file in inputs) else ()
    return {
        "run": params.run,
        "title": params.title,
        "package_version": rmrp_analysis.__version__,
        "params_sha256": sha256(params_path),
        "method": params.method.named_for(params.plan, repairs=(*by_hand, *params.repairs)),
        "inputs": [
            {
                "name": file.name,
                "path": file.path.name,
                "sha256": file.sha256,
                "rows": file.rows + file.rows_refused,
                "rows_refused": file.rows_refused,
            }
            for file in inputs
        ],
        "joins": [asdict(audit) for audit in joins],
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
