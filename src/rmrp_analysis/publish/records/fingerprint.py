"""Finds out whether a run would only repeat its folder, by the sha256 of everything that the run uses.

This reads no table and imports nothing that draws.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rmrp_analysis.files import write_whole
from rmrp_analysis.metrics.rounding_key import KEY_VARIABLE, secret_file
from rmrp_analysis.params import RunParams
from rmrp_analysis.provenance import code, digest, environment
from rmrp_analysis.publish.records.manifest import FAILED_OUTCOMES, MANIFEST, ReportRecord
from rmrp_analysis.publish.records.publication import Publication, list_files, locate_work_folder
from rmrp_analysis.publish.records.results import utc_now
from rmrp_analysis.sources import SOURCES_FILE, load_sources, sha256

PARAMS_WITHOUT_EFFECT = {"pack", "data", "notebook", "narratives", "notify", "keep"}
"""Parameters that the fingerprint and ``run.json`` leave out: settings of later steps, and paths, since only the files
count."""


def compute_fingerprint(params: RunParams, params_path: Path, options: Mapping[str, Sequence[str] | None]) -> str:
    """Compute the sha256 of everything that a run uses, empty if the environment holds the rounding key.

    A run uses its parameters and the ``options`` of the command, its inputs, texts and notebook, the code of the
    package and the libraries. For the rounding key only the time of its file is used, since no output may hold more. A
    variable of the environment has no time. Raises ``InputRefused`` as ``load_sources`` does.
    """
    if os.environ.get(KEY_VARIABLE, "").strip():
        return ""
    key, data = secret_file(params.data, params_path.parent), params.data
    inputs = [data / SOURCES_FILE, *(data / name for _, source in load_sources(data).items() for name in source.names)]
    return digest(
        {
            "params": params.model_dump(mode="json", exclude=PARAMS_WITHOUT_EFFECT),
            "asked": {name: list(values or ()) for name, values in options.items()},
            "inputs": [f"{path.name} {sha256(path)}" for path in inputs],
            "notebook": sha256(params.notebook),
            "narratives": [f"{path.name} {sha256(path)}" for path in list_narratives(params)],
            "rounding key": key.stat().st_mtime_ns if key else 0,
            "code": code()["sha256"],
            "libraries": [sys.version, environment()],
        }
    )


def list_narratives(params: RunParams) -> list[Path]:
    """List the text files that authors wrote for a run, sorted by name."""
    return sorted(filter(Path.is_file, params.narratives.glob("*.md"))) if params.narratives else []


def find_unchanged_reports(folder: Path, fingerprint: str) -> tuple[ReportRecord, ...] | None:
    """Return the reports in a folder if its run has this fingerprint and exactly its files, or None.

    Also None if the fingerprint is empty, a report failed or is refused, or a run is at work or was stopped. Reports
    that were ``ok`` become ``unchanged``, with 0 seconds. Writes this into ``run.json``, with the time of the check as
    start and end.
    """
    publication = Publication(folder)
    manifest = publication.manifest
    if not fingerprint or manifest.fingerprint != fingerprint or not manifest.reports:
        return None
    if locate_work_folder(folder).exists() or any(report.status in FAILED_OUTCOMES for report in manifest.reports):
        return None
    if not publication.is_intact(publication.files) or list_files(folder).keys() != publication.files.keys():
        return None
    update = {"status": "unchanged", "seconds": 0}
    reports = tuple(
        report.model_copy(update=update) if report.status == "ok" else report for report in manifest.reports
    )
    now = utc_now()
    write_whole(folder / MANIFEST, manifest.model_copy(update={"reports": reports, "started": now, "ended": now}).text)
    return reports
