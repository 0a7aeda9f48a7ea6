"""Prepares a run before any sheet is made: reads, counts and judges its data, names its reports, states its manifest.

Nothing that draws is imported here. Loaders and checks are imported where data are read: a process that gets a
prepared run needs neither.
"""

import hashlib
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import rmrp_analysis
from rmrp_analysis import provenance
from rmrp_analysis.errors import ReportFailed, ReportHeld, ReportRefused
from rmrp_analysis.figures.sheet import causes_against, reason_for_no_sheet
from rmrp_analysis.loaders.editions import edition_id
from rmrp_analysis.method import CORRECTIONS_REPAIR_NAME
from rmrp_analysis.packs import pack
from rmrp_analysis.params import ReportParams, RunParams, check_same_plan
from rmrp_analysis.plan import Condition, JoinAudit, Plan, keep_plan, kept_plan
from rmrp_analysis.publish.engine import fast_start
from rmrp_analysis.publish.engine.privacy import shorten_path
from rmrp_analysis.publish.records.figures import count_figures, select_rows_by_report
from rmrp_analysis.publish.records.fingerprint import PARAMS_WITHOUT_EFFECT, list_narratives
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.sources import sha256
from rmrp_analysis.vocabulary import find_sectors
from rmrp_analysis.words import N_

REFUSED_SHEET_REASON = N_("Too many of its people are in rows that cannot be right, and are to be corrected first.")
HELD_REASON = N_("It is held: {why}")


@dataclass(frozen=True)
class Run:
    """The input of a run, before any file is written and any notebook is run.

    It exists so that one process can read and judge, and others make the sheets. ``plan`` has the run's repairs.
    ``joins`` are the audits of the joins. ``conditions`` are the accepted conditions. ``refused`` has the reason why
    the gate refuses a report, by report id without language. ``fingerprint`` digests everything that the run uses.
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
        """The reason why a report has no sheet, by the report's id (see ``manifest.NO_SHEET_OUTCOMES``).

        A report with no people or few people has a sheet if it is refused or held, or if an author wrote about it.
        """
        exempt = {
            *self.refused,
            *self.params.hold,
            *(path.stem.rpartition(".")[0] for path in list_narratives(self.params)),
        }
        tables = select_rows_by_report(self.plan, self.reports)
        reasons = {name: reason_for_no_sheet(rows) for name, rows in tables.items()}
        return {
            report.id: reason
            for report in self.reports
            if (reason := reasons[report.report]) and (reason == "empty" or report.report not in exempt)
        }

    @cached_property
    def unusable(self) -> Mapping[str, Sequence[str]]:
        """The causes that make the main number of a report unusable, by the report's id without the language."""
        tables = select_rows_by_report(self.plan, self.reports)
        return {name: causes for name, rows in tables.items() if (causes := causes_against(rows))}

    def is_to_mend(self, report: ReportParams) -> bool:
        """Tell whether a report has a sheet, and the gate refuses it or its main number cannot be used."""
        return (report.report in self.refused or report.report in self.unusable) and report.id not in self.without_sheet

    def find_withholding(self, report: ReportParams) -> ReportFailed | None:
        """Return why a report is not published: a person holds it, or the gate refuses it. None for any other report.

        Internal sheets are never withheld.
        """
        if report.audience != "public" or report.id in self.without_sheet:
            return None
        if reason := self.params.hold.get(report.report):
            return ReportHeld(HELD_REASON, why=reason)
        refused = self.refused.get(report.report)
        return ReportRefused(REFUSED_SHEET_REASON, detail=refused) if refused else None

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The sha256 of each report's numbers as its audience sees them, by the report's id without the language.

        It depends on the rounding key.
        """
        tables = select_rows_by_report(self.plan, self.reports)
        return {name: hashlib.sha256(rows["value"].to_numpy().tobytes()).hexdigest() for name, rows in tables.items()}


def read_plan(params_path: Path, params: RunParams) -> Plan:
    """Read the run's data and return them with its repairs. This process keeps them as they were read.

    Raises ``RequestError`` if they are of another plan year, and ``InputRefused`` if they cannot be read.
    """
    from rmrp_analysis.loaders import load_plan
    from rmrp_analysis.quality import repair_plan

    check_same_plan(params, params_path)
    fast_start.begin_tables()
    raw = load_plan(params.data, project=params_path.parent)
    keep_plan(params.data, raw)
    return repair_plan(raw, params.repairs)


def check_trust(plan: Plan, params_path: Path, params: RunParams) -> tuple[Condition, ...]:
    """Return the conditions of a repaired plan that the parameters accept.

    Raises ``InputRefused`` if the plan is over a limit that they do not accept.
    """
    from rmrp_analysis.quality import check_trusted, conditions, secret_condition

    language = params.languages[0]
    exceeded = conditions(plan, period=params.period, method=params.method, language=language)
    exceeded += secret_condition(plan, params.audience, params.method, params.accept, language)
    check_trusted(exceeded, params_path, language)
    return exceeded


def explain_refusals(plan: Plan, params: RunParams) -> Mapping[str, str]:
    """Return the reason of the gate for each refused report, by its id without the language.

    Reports that a person publishes (``publish:`` in the parameters) are left out.
    """
    from rmrp_analysis.quality import explain_refused_sheets

    sheets = [(report.sector, report.place, report.organisation) for report in params.reports()]
    reasons = explain_refused_sheets(
        plan, sheets, period=params.period, method=params.method, language=params.languages[0]
    )
    return {report: reason for report, reason in reasons.items() if report not in params.publish}


Judgement = tuple[tuple[JoinAudit, ...], tuple[Condition, ...], Mapping[str, str]]
"""The fields ``joins``, ``conditions`` and ``refused`` of a ``Run``."""


@dataclass(frozen=True)
class Preparation:
    """The steps from a parameter file to a ``Run``: reading, counting and judging its data.

    They are separate so that two processes can count and judge side by side, each from the plan alone. ``only`` limits
    the run to the reports of these sectors, in any spelling. ``languages``, ``places`` and ``organisations`` replace
    the same fields of the file.
    """

    params_path: Path
    params: RunParams
    only: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    places: Sequence[str] | None = None
    organisations: Sequence[str] | None = None
    fingerprint: str = ""

    def __post_init__(self) -> None:
        """Set up tables before this process starts others."""
        fast_start.begin_tables()

    def read(self) -> Plan:
        """Read the plan and return it with its repairs. Raise ``RequestError`` for unknown sectors."""
        if self.only:
            self.params.of_sectors(self.only)
        return read_plan(self.params_path, self.params)

    def count(self, plan: Plan) -> None:
        """Count the figures of all sheets for the cache of the plan. Data that cannot be counted raise nothing."""
        with suppress(Exception):  # ``judge`` refuses such data
            count_figures(plan, self._resolve_params(plan).reports())

    def judge(self, plan: Plan) -> Judgement:
        """Return the audits of the joins, the accepted conditions, and the reasons for refused reports.

        The plan caches the rows to review. Raises ``InputRefused`` if it is over a limit that is not accepted.
        """
        from rmrp_analysis.quality import join_audits, review_of_sheets

        params = self._resolve_params(plan)
        with suppress(Exception):  # as in ``count``
            sheets = [(report.sector, report.place, report.organisation) for report in params.reports()]
            review_of_sheets(plan, sheets, params.period, params.method)
        conditions = check_trust(plan, self.params_path, self.params)
        joins = join_audits(plan, period=params.period, method=params.method)
        return joins, conditions, explain_refusals(plan, params)

    def read_and_count(self) -> Iterator[object]:
        """Yield the plan as it was read and with its repairs, as a pair, then its results once it is counted."""
        plan = self.read()
        yield kept_plan(self.params.data), plan
        self.count(plan)
        yield plan.results_to_send

    def build_run(self, plan: Plan, judgement: Judgement) -> Run:
        """Return the run of a counted and judged plan, with the reports of the sectors in ``only``, or with all."""
        sectors = set(find_sectors(self.only or ()))
        reports = self._resolve_params(plan).reports()
        selected = tuple(report for report in reports if not sectors or report.sector in sectors)
        return Run(self.params, self.params_path, selected, plan, *judgement, self.fingerprint)

    def _resolve_params(self, plan: Plan) -> RunParams:
        """Return the parameters with the overrides. Organisations, also *all*, get their names in the plan."""
        params = self.params.in_languages(self.languages or ())
        params = params.change(places=self.places, organisations=self.organisations)
        return params.of_organisations(plan.organisations_named)


def prepare_run(
    params_path: Path, params: RunParams, *, when_read: Callable[[Plan], object] = lambda _: None, **overrides: Any
) -> Run:
    """Read, count and judge the data of a parameter file, and name its reports.

    ``overrides`` are fields of ``Preparation``. This process keeps the plan. Calls ``when_read`` with the plan before
    counting. Raises ``InputRefused`` if the data cannot be read or are over a limit that is not accepted. Raises
    ``RequestError`` for sectors that the run does not have, or data of another plan year.
    """
    preparation = Preparation(params_path, params, **overrides)
    plan = preparation.read()
    when_read(plan)
    preparation.count(plan)
    return preparation.build_run(plan, preparation.judge(plan))


def describe_run(run: Run) -> Manifest:
    """Return the content of ``run.json``, except times, reports and files.

    Paths are relative to the parameter file. An input outside the parent of the data folder has only its name. The
    parameters are ``run.params``, without the overrides of ``Preparation``.
    """
    params, plan = run.params, run.plan
    project, parent = run.params_path.resolve().parent, params.data.resolve().parent
    data = shorten_path(params.data, project)

    def input_path(path: Path) -> str:
        """Return the path of an input relative to the parameter file, or only its name."""
        is_inside = path.resolve().is_relative_to(parent)
        return posixpath.normpath(f"{data}/{shorten_path(path, params.data)}") if is_inside else path.name

    by_hand = (CORRECTIONS_REPAIR_NAME,) if any(file.name == "corrections" for file in plan.inputs) else ()
    repairs, code = (*by_hand, *params.repairs), provenance.code()
    choices: dict[str, Any] = {"period": params.period, "method": params.method}
    rows = plan.activities["appealing_organisation"].astype("str").value_counts().to_dict()
    content = {
        "run": params.run,
        "title": params.title_in(params.languages[0]),
        "package_version": rmrp_analysis.__version__,
        "edition": provenance.edition(plan, code["sha256"], **choices, audience=params.audience),
        "code": code,
        "pack": pack.identity(),
        "environment": provenance.environment(),
        "sources": provenance.about_sources(plan),
        "ledger": edition_id(plan),
        "rounding_key": provenance.OWN_ROUNDING_KEY_TEXT if plan.secret.own else provenance.PACK_ROUNDING_KEY_TEXT,
        "params": {**params.model_dump(mode="json", exclude=PARAMS_WITHOUT_EFFECT), "data": data},
        "notebook": {"file": params.notebook.name, "sha256": sha256(params.notebook)},
        "narratives": {path.name: sha256(path) for path in list_narratives(params)},
        "cells_changed": plan.changes["rule"].value_counts().to_dict(),
        "rows_by_organisation": dict(sorted(rows.items())),
        "params_sha256": sha256(run.params_path),
        "fingerprint": run.fingerprint,
        "audience": params.audience,
        "period": params.period.model_dump(),
        "method": params.method.describe_for(params.plan, repairs=repairs, audience=params.audience),
        "inputs": [
            asdict(file) | {"path": input_path(file.path), "rows": file.rows + file.rows_refused}
            for file in plan.inputs
        ],
        "joins": _list_fields(run.joins, params.audience, "people_matched", "people_unmatched"),
        "names_withheld": plan.names_withheld,
        "accepted": _list_fields(run.conditions, params.audience, "share", "sentence"),
    }
    return Manifest.model_validate(content)


def _list_fields(records: Sequence[JoinAudit | Condition], audience: str, *people_fields: str) -> list[dict[str, Any]]:
    """List the fields of each record, for the public without ``people_fields``, which may be few people."""
    omitted = people_fields if audience == "public" else ()
    return [{name: value for name, value in asdict(record).items() if name not in omitted} for record in records]
