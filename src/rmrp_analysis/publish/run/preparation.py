"""A run before it starts: its trusted data, its reports, the manifest of what it is made from.

Nothing that draws is imported for it. Loaders and checks are imported where data are read: a process that gets a
prepared run needs neither.
"""

import hashlib
import posixpath
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import rmrp_analysis
from rmrp_analysis import provenance
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.method import CORRECTIONS_BY_HAND
from rmrp_analysis.packs import pack
from rmrp_analysis.params import ReportParams, RunParams, check_same_plan
from rmrp_analysis.plan import Condition, JoinAudit, Plan, keep_plan, kept_plan
from rmrp_analysis.publish.comparison.rows import rows_by_organisation
from rmrp_analysis.publish.engine import workers
from rmrp_analysis.publish.engine.privacy import path_for_readers
from rmrp_analysis.publish.records.figures import count_figures, published_figures
from rmrp_analysis.publish.records.fingerprint import NOT_STATED, narratives_of
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.sources import sha256
from rmrp_analysis.vocabulary import INTERSECTOR, sector_named


@dataclass(frozen=True)
class Run:
    """What a run consists of before it starts: nothing is written and no notebook run yet.

    ``plan`` are its tables with its repairs made; ``joins`` what each join matched; ``conditions`` what was accepted;
    ``fingerprint`` what all of it follows from.
    """

    params: RunParams
    params_path: Path
    reports: tuple[ReportParams, ...]
    plan: Plan
    joins: tuple[JoinAudit, ...]
    conditions: tuple[Condition, ...]
    fingerprint: str = ""

    @cached_property
    def empty(self) -> frozenset[str]:
        """The ids of reports of which nothing is known: there is nothing reported, designated or planned."""
        selected = {report.report: self.plan.select(**report.selected) for report in self.reports}
        nothing = {name for name, selection in selected.items() if selection.key_figures().nothing_known}
        return frozenset(report.id for report in self.reports if report.report in nothing)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The sha256 of the numbers of each report as its audience sees them, by which a new rounding key is known."""
        by_report = {report.report: published_figures(self.plan, report) for report in self.reports}
        numbers = {name: figures.rows["value"].to_numpy().tobytes() for name, figures in by_report.items()}
        return {name: hashlib.sha256(content).hexdigest() for name, content in numbers.items()}


def read_plan(params_path: Path, params: RunParams) -> Plan:
    """The run's tables with its repairs made; this process keeps them as they were read."""
    from rmrp_analysis.loaders import load_plan
    from rmrp_analysis.quality import repaired

    check_same_plan(params, params_path)
    raw = load_plan(params.data)
    keep_plan(params.data, raw)
    return repaired(raw, params.repairs)


def check_trust(plan: Plan, params_path: Path, params: RunParams) -> tuple[Condition, ...]:
    """The conditions of a repaired plan that the parameters accept; ``InputRefused`` for one that they do not."""
    from rmrp_analysis.quality import check_trusted, conditions

    language = params.languages[0]
    found = conditions(plan, period=params.period, method=params.method, language=language)
    check_trusted(found, params_path, language)
    return found


def prepare_run(
    params_path: Path,
    params: RunParams,
    *,
    only: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
    places: Sequence[str] | None = None,
    organisations: Sequence[str] | None = None,
    fingerprint: str = "",
) -> Run:
    """Read and count the data of a parameter file, and name its reports.

    With ``only``, the reports of these sectors (in any spelling); ``languages``, ``places`` and ``organisations``
    replace the file's. This process keeps the plan. Raises ``InputRefused`` when the data cannot be read, or are over a
    limit of the method that is not accepted.
    """
    from rmrp_analysis.quality import join_audits, people_to_review

    sectors = {sector_named(name) for name in only or ()}
    asked = params.in_languages(languages or ()).changed(places=places, organisations=organisations)
    if sectors and not any(report.sector in sectors for report in asked.reports()):
        raise RequestError(f"{params_path} asks for none of the sectors of --sector")
    plan = read_plan(params_path, params)
    asked = asked.of_organisations(plan.organisations_named)
    with suppress(Exception):  # data that cannot be counted are refused below
        count_figures(plan, asked.reports())
        people_to_review(plan.select(INTERSECTOR, period=asked.period, method=asked.method))
    conditions = check_trust(plan, params_path, params)
    joins = join_audits(plan, period=params.period, method=params.method)
    reports = tuple(report for report in asked.reports() if not sectors or report.sector in sectors)
    run = Run(params, params_path, reports, plan, joins, conditions, fingerprint)
    _ = run.empty  # found where the plan was counted, and known to whoever gets the run
    return run


def started_run(params_path: Path, params: RunParams, **asked: Any) -> Run:
    """As ``prepare_run``, which gets what is ``asked``, in a process of its own, beside the imports of what draws.

    Reading starts threads of pyarrow, which forks of this process would not have. It keeps the plan for them.
    """
    if not workers.CAN_FORK:
        return prepare_run(params_path, params, **asked)
    with closing(workers.Worker("fork", _answer, params_path, params, asked)) as reader:
        from rmrp_analysis.publish.run import batch, rehearsal  # noqa: F401 - what draws, for those who go on

        with suppress(Exception):  # the reports will tell
            rehearsal.warm_up()
        try:
            plan, run = reader.connection.recv()
        except EOFError:
            advice = "perhaps the computer has too little memory"
            raise InputRefused(f"the data could not be read to their end; {advice}") from None
    if isinstance(run, Exception):
        raise run
    keep_plan(params.data, plan)
    return run


def _answer(connection: Connection, params_path: Path, params: RunParams, asked: dict[str, Any]) -> None:
    workers.belong_to_parent()
    try:
        run = prepare_run(params_path, params, **asked)
        connection.send((kept_plan(params.data), run))
    except Exception as problem:
        connection.send((None, problem))


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
    repairs, own = (*by_hand, *params.repairs), provenance.code()
    asked: dict[str, Any] = {"period": params.period, "method": params.method}
    stated = {
        "run": params.run,
        "title": params.title,
        "package_version": rmrp_analysis.__version__,
        "edition": provenance.edition(plan, own["sha256"], **asked, audience=params.audience),
        "code": own,
        "pack": pack.identity(),
        "environment": provenance.environment(),
        "sources": provenance.about_sources(plan),
        "rounding_key": provenance.OWN_KEY if plan.secret.own else provenance.PACKS_KEY,
        "params": {**params.model_dump(mode="json", exclude=NOT_STATED), "data": data},
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
