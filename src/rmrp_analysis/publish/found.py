"""What a run was asked for, as its ``run.json`` holds it, and where its inputs are found again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.params import ReportParams, RunParams, load_run_params
from rmrp_analysis.publish.private import path_for_readers
from rmrp_analysis.sources import sha256

PLACES = ("pack", "data", "notebook", "narratives", "published")
"""Parameters that are paths."""


def request(params: RunParams, params_path: Path) -> dict[str, Any]:
    """What ``run.json`` says so that a run can be repeated: its parameters, and the texts it read, by their sha256.

    The parameters are those of the run, as its file or its command has them; the data folder is seen from the file.
    """
    folder = params_path.resolve().parent
    narratives = sorted(filter(Path.is_file, params.narratives.glob("*.md"))) if params.narratives else []
    return {
        "params": {
            **params.model_dump(mode="json", exclude=set(PLACES)),
            "data": path_for_readers(params.data, folder),
        },
        "notebook": {"file": params.notebook.name, "sha256": sha256(params.notebook)},
        "narratives": {path.name: sha256(path) for path in narratives},
    }


def params_of(manifest: Mapping[str, Any], params_path: Path, *, data: Path | None = None) -> RunParams:
    """The parameters of a run as it was asked for, with the places that its parameter file names now.

    ``data`` takes the place of its data folder. Raises ``InputRefused`` where that is not there.
    """
    now = load_run_params(params_path)
    recorded = params_path.resolve().parent / str(manifest["params"]["data"])
    folder = data.resolve() if data else recorded.resolve() if recorded.is_dir() else now.data
    if not folder.is_dir():
        raise InputRefused(f"the data folder of the run, {folder}, is not there; name it by --data")
    places = {
        "pack": now.pack,
        "data": folder,
        "notebook": now.notebook,
        "narratives": now.narratives,
    }
    return RunParams.of({**manifest["params"], **places})


def reports_of(manifest: Mapping[str, Any], params: RunParams) -> list[ReportParams]:
    """The parameters of every report that a run's folder holds, in its order."""
    return [params.report_named(str(entry["id"])) for entry in manifest["reports"]]
