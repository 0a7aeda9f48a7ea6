"""A run before it starts: its trusted data, its reports, the manifest of what it is made from.

Nothing that draws is imported for it. Loaders and checks are imported where data are read: a process that gets a
prepared run needs neither.
"""

import gc
import hashlib
import pickle
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Literal

import rmrp_analysis
from rmrp_analysis import provenance
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.figures.sheet import causes_against, reason_for_no_sheet
from rmrp_analysis.loaders.editions import edition_id
from rmrp_analysis.method import CORRECTIONS_BY_HAND
from rmrp_analysis.packs import pack
from rmrp_analysis.params import ReportParams, RunParams, check_same_plan
from rmrp_analysis.plan import Condition, JoinAudit, Plan, as_new, keep_plan, kept_plan
from rmrp_analysis.publish.engine import workers
from rmrp_analysis.publish.engine.privacy import path_for_readers
from rmrp_analysis.publish.records.figures import count_figures, rows_by_report
from rmrp_analysis.publish.records.fingerprint import NOT_STATED, narratives_of
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.sources import sha256
from rmrp_analysis.vocabulary import find_sectors


@dataclass(frozen=True)
class Run:
    """What a run consists of before it starts: nothing is written and no notebook run yet.

    ``plan`` are its tables with its repairs made; ``joins`` what each join matched; ``conditions`` what was accepted;
    ``refused`` says of each report that the gate of its sheet refuses, by its id without the language, why;
    ``fingerprint`` what all of it follows from.
    """

    params: RunParams
    params_path: Path
    reports: tuple[ReportParams, ...]
    plan: Plan
    joins: tuple[JoinAudit, ...]
    conditions: tuple[Condition, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""

    @cached_property
    def without_sheet(self) -> Mapping[str, Literal["empty", "nobody", "few"]]:
        """Why reports have no sheet, by their ids (see ``manifest.WITHOUT_SHEET``).

        One that is refused, or about which an author wrote, says more than that it has nobody or few people.
        """
        says_more = {*self.refused, *(path.stem.rpartition(".")[0] for path in narratives_of(self.params))}
        reasons = {name: reason_for_no_sheet(rows) for name, rows in rows_by_report(self.plan, self.reports).items()}
        return {
            report.id: reason
            for report in self.reports
            if (reason := reasons[report.report]) and (reason == "empty" or report.report not in says_more)
        }

    @cached_property
    def unusable(self) -> Mapping[str, Sequence[str]]:
        """The causes for which the main number of a report cannot be used, by the report's id without the language."""
        causes = {name: causes_against(rows) for name, rows in rows_by_report(self.plan, self.reports).items()}
        return {name: each for name, each in causes.items() if each}

    def is_to_mend(self, report: ReportParams) -> bool:
        """Whether the ledger, or the gate of its sheet, is against a report of which something is known."""
        return (report.report in self.refused or report.report in self.unusable) and report.id not in self.without_sheet

    def refuses(self, report: ReportParams) -> bool:
        """Whether a report is not published until it is mended; an internal run makes the page to mend of it."""
        return report.audience == "public" and self.is_to_mend(report)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The sha256 of the numbers of each report as its audience sees them, by which a new rounding key is known."""
        numbers = {name: rows["value"].to_numpy() for name, rows in rows_by_report(self.plan, self.reports).items()}
        return {name: hashlib.sha256(values.tobytes()).hexdigest() for name, values in numbers.items()}


def read_plan(params_path: Path, params: RunParams) -> Plan:
    """The run's tables with its repairs made; this process keeps them as they were read."""
    from rmrp_analysis.loaders import load_plan
    from rmrp_analysis.quality import repair_plan

    check_same_plan(params, params_path)
    raw = load_plan(params.data, project=params_path.parent)
    keep_plan(params.data, raw)
    return repair_plan(raw, params.repairs)


def check_trust(plan: Plan, params_path: Path, params: RunParams) -> tuple[Condition, ...]:
    """The conditions of a repaired plan that the parameters accept; ``InputRefused`` for one that they do not."""
    from rmrp_analysis.quality import check_trusted, conditions, secret_condition

    language = params.languages[0]
    found = conditions(plan, period=params.period, method=params.method, language=language)
    found += secret_condition(plan, params.audience, params.method, params.accept, language)
    check_trusted(found, params_path, language)
    return found


def why_refused(plan: Plan, params: RunParams) -> Mapping[str, str]:
    """Why the gate of its sheet refuses a report of these parameters, by its id without the language."""
    from rmrp_analysis.quality import refused_sheets

    sheets = [(each.sector, each.place, each.organisation) for each in params.reports()]
    return refused_sheets(plan, sheets, period=params.period, method=params.method, language=params.languages[0])


Judged = tuple[tuple[JoinAudit, ...], tuple[Condition, ...], Mapping[str, str]]


@dataclass(frozen=True)
class Preparation:
    """How data are read, counted and judged for the reports of a parameter file, or for those that are asked for.

    With ``only``, the reports of these sectors (in any spelling); ``languages``, ``places`` and ``organisations``
    replace the file's. Counting and judging need the plan alone, so two processes can do them side by side.
    """

    params_path: Path
    params: RunParams
    only: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    places: Sequence[str] | None = None
    organisations: Sequence[str] | None = None
    fingerprint: str = ""

    def read(self) -> Plan:
        """The plan with its repairs made."""
        if self.only:
            self.params.of_sectors(self.only)  # which has one of them, at least
        return read_plan(self.params_path, self.params)

    def count(self, plan: Plan) -> None:
        """Count the figures of all sheets; the plan keeps them."""
        with suppress(Exception):  # data that cannot be counted are refused when they are judged
            count_figures(plan, self._of_plan(plan).reports())

    def judge(self, plan: Plan) -> Judged:
        """What each join matched, the conditions that are accepted, the reports that are refused, and why.

        The plan keeps what is to review.
        """
        from rmrp_analysis.quality import join_audits, review_of_sheets

        period, method = self._asked.period, self._asked.method
        with suppress(Exception):  # as above
            reports = self._of_plan(plan).reports()
            review_of_sheets(plan, [(each.sector, each.place, each.organisation) for each in reports], period, method)
        conditions = check_trust(plan, self.params_path, self.params)
        refused = why_refused(plan, self._of_plan(plan))
        return join_audits(plan, period=period, method=method), conditions, refused

    def reading(self) -> Iterator[object]:
        """What is read, and counted: the plan as it was sent, with its repairs, and what it keeps of the count."""
        plan = self.read()
        yield kept_plan(self.params.data), plan
        self.count(plan)
        yield plan.results_to_send

    def run(self, plan: Plan, judged: Judged) -> Run:
        """The run of a plan that is counted and ``judged``."""
        every, sectors = self._of_plan(plan).reports(), self._sectors
        reports = tuple(report for report in every if not sectors or report.sector in sectors)
        return Run(self.params, self.params_path, reports, plan, *judged, self.fingerprint)

    @property
    def _sectors(self) -> set[str]:
        return set(find_sectors(self.only or ()))

    @property
    def _asked(self) -> RunParams:
        asked = self.params.in_languages(self.languages or ())
        return asked.changed(places=self.places, organisations=self.organisations)

    def _of_plan(self, plan: Plan) -> RunParams:
        return self._asked.of_organisations(plan.organisations_named)


def prepare_run(
    params_path: Path, params: RunParams, *, when_read: Callable[[Plan], object] = lambda _: None, **asked: Any
) -> Run:
    """Read, count and judge the data of a parameter file, and name its reports; ``asked`` as ``Preparation`` has it.

    This process keeps the plan; ``when_read`` is called with it before it is counted. Raises ``InputRefused`` when the
    data cannot be read, or are over a limit of the method that is not accepted.
    """
    preparation = Preparation(params_path, params, **asked)
    plan = preparation.read()
    when_read(plan)
    preparation.count(plan)
    return preparation.run(plan, preparation.judge(plan))


def started_run(
    params_path: Path, params: RunParams, *, when_read: Callable[[Plan], object] = lambda _: None, **asked: Any
) -> Run:
    """The same by two processes: one reads and counts, while this one imports what draws, and judges what was read.

    ``when_read`` is called with the plan before it is judged. Counting takes more memory than all else; it ends with
    its process. This one keeps the plan for its forks. Where the other is ended by something else, both begin once
    more.
    """
    if not workers.CAN_FORK:
        return prepare_run(params_path, params, when_read=when_read, **asked)
    for _ in range(workers.TRIES):
        with suppress(_LostProcess):
            return _started_run(params_path, params, when_read, **asked)
    advice = "perhaps the computer has too little memory"
    raise InputRefused(f"the process that reads the data was ended from outside, two times; {advice}")


class _LostProcess(Exception):
    """A process ended without having sent what it was to send."""


def _started_run(params_path: Path, params: RunParams, when_read: Callable[[Plan], object], **asked: Any) -> Run:
    from rmrp_analysis import loaders, quality  # noqa: F401 - for both processes

    preparation = Preparation(params_path, params, **asked)
    with closing(workers.Worker("fork", _send, preparation.reading)) as reader:
        from rmrp_analysis.publish.run import batch, report  # noqa: F401 - what draws, for those who go on

        with suppress(Exception):  # the reports will tell
            report.warm_up()
        raw, plan = _received(reader)
        keep_plan(params.data, raw)
        when_read(plan)
        judged_plan = as_new(plan)  # what is counted to judge it is not kept
        judged = preparation.judge(judged_plan)
        plan.add_results(judged_plan.results_to_send | _received(reader))
    return preparation.run(plan, judged)


def _send(connection: Connection, steps: Callable[[], Iterator[object]]) -> None:
    """Be a process that sends what each of its steps gives, while it goes on, or the problem that ends them."""
    workers.belong_to_parent()
    gc.freeze()  # to look through what is there would copy it
    workers.return_large_blocks()
    with ThreadPoolExecutor(1) as sender:
        try:
            for made in steps():
                sender.submit(connection.send_bytes, pickle.dumps(made))
                workers.return_memory()
        except Exception as problem:
            sender.submit(connection.send, problem)


def _received(worker: workers.Worker) -> Any:
    """What a process sent; raises its problem, or ``_LostProcess``."""
    wait([worker.connection])
    try:
        received = worker.connection.recv()
    except (EOFError, OSError):  # before a message, or within one
        raise _LostProcess from None
    if isinstance(received, Exception):
        raise received
    return received


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
    rows_by_organisation = plan.activities["appealing_organisation"].astype("str").value_counts().to_dict()
    stated = {
        "run": params.run,
        "title": params.title_in(params.languages[0]),
        "package_version": rmrp_analysis.__version__,
        "edition": provenance.edition(plan, own["sha256"], **asked, audience=params.audience),
        "code": own,
        "pack": pack.identity(),
        "environment": provenance.environment(),
        "sources": provenance.about_sources(plan),
        "ledger": edition_id(plan),
        "rounding_key": provenance.OWN_KEY if plan.secret.own else provenance.PACKS_KEY,
        "params": {**params.model_dump(mode="json", exclude=NOT_STATED), "data": data},
        "notebook": {"file": params.notebook.name, "sha256": sha256(params.notebook)},
        "narratives": {path.name: sha256(path) for path in narratives_of(params)},
        "cells_changed": plan.changes["rule"].value_counts().to_dict(),
        "rows_by_organisation": dict(sorted(rows_by_organisation.items())),
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
