"""States what a run is made from, before a report of it is made."""

import posixpath
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import rmrp_analysis
from rmrp_analysis.method import CORRECTIONS_BY_HAND
from rmrp_analysis.plan import Condition, JoinAudit
from rmrp_analysis.provenance import provenance_of_run
from rmrp_analysis.publish.compare.rows import rows_by_organisation
from rmrp_analysis.publish.manifest import Manifest
from rmrp_analysis.publish.prepare import Run
from rmrp_analysis.publish.private import path_for_readers
from rmrp_analysis.publish.unchanged import PATHS, narratives_of
from rmrp_analysis.sources import sha256


def manifest_of(run: Run) -> Manifest:
    """What ``run.json`` says of a run but its times, reports and files, so that it can be repeated or compared.

    Paths are seen from the parameter file; an input that ``sources.yml`` names by its whole path has its name alone.
    The parameters are those of the run, as its file or its command has them.
    """
    params, plan = run.params, run.plan
    base, beside = run.params_path.resolve().parent, params.data.resolve().parent
    data = path_for_readers(params.data, base)

    def seen(path: Path) -> str:
        inside = path.resolve().is_relative_to(beside)
        return posixpath.normpath(f"{data}/{path_for_readers(path, params.data)}") if inside else path.name

    def without_people(items: Sequence[JoinAudit | Condition], *numbers: str) -> list[dict[str, Any]]:
        """The fields of these; in a public run without those that tell numbers of people, which may be few."""
        left_out = numbers if params.audience == "public" else ()
        return [{name: content for name, content in asdict(item).items() if name not in left_out} for item in items]

    by_hand = (CORRECTIONS_BY_HAND,) if any(file.name == "corrections" for file in plan.inputs) else ()
    repairs = (*by_hand, *params.repairs)
    stated = {
        "run": params.run,
        "title": params.title,
        "package_version": rmrp_analysis.__version__,
        **provenance_of_run(plan, period=params.period, method=params.method, audience=params.audience),
        "params": {**params.model_dump(mode="json", exclude=PATHS), "data": data},
        "notebook": {"file": params.notebook.name, "sha256": sha256(params.notebook)},
        "narratives": {path.name: sha256(path) for path in narratives_of(params)},
        "cells_changed": plan.changes["rule"].value_counts().to_dict(),
        "rows_by_organisation": dict(sorted(rows_by_organisation(plan).items())),
        "params_sha256": sha256(run.params_path),
        "fingerprint": run.fingerprint,
        "audience": params.audience,
        "period": params.period.model_dump(),
        "method": params.method.named_for(params.plan, repairs=repairs, audience=params.audience),
        "inputs": [
            asdict(file) | {"path": seen(file.path), "rows": file.rows + file.rows_refused} for file in plan.inputs
        ],
        "joins": without_people(run.joins, "people_matched", "people_unmatched"),
        "names_withheld": plan.names_withheld,
        "accepted": without_people(run.conditions, "share", "sentence"),
    }
    return Manifest.model_validate(stated)
