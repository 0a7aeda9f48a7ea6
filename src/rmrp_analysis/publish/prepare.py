"""A run before it starts: its reports and its data; nothing that draws is imported for it."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rmrp_analysis.errors import RequestError
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.plan import Condition, JoinAudit, Plan
from rmrp_analysis.publish.figure_rows import count_figures, published_figures
from rmrp_analysis.vocabulary import sector_named


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
        by_report = {report.report: report for report in self.reports}
        return {
            name: hashlib.sha256(published_figures(self.plan, report).rows["value"].to_numpy().tobytes()).hexdigest()
            for name, report in by_report.items()
        }


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
    from rmrp_analysis.publish.door import check_trust, read_plan  # who gets a prepared run needs no loaders
    from rmrp_analysis.quality import join_audits

    sectors = {sector_named(name) for name in only or ()}
    asked = params.in_languages(languages or ()).changed(places=places, organisations=organisations)
    if sectors and not any(report.sector in sectors for report in asked.reports()):
        raise RequestError(f"{params_path} asks for none of the sectors of --sector")
    _, plan = read_plan(params_path, params)
    asked = asked.of_organisations(plan.organisations_named)
    with suppress(Exception):  # data that cannot be counted are refused below
        count_figures(plan, asked.reports())
    conditions = check_trust(plan, params_path, params)
    joins = join_audits(plan, period=params.period, method=params.method)
    reports = tuple(report for report in asked.reports() if not sectors or report.sector in sectors)
    run = Run(params, params_path, reports, plan, joins, conditions, fingerprint)
    _ = run.empty  # found where the plan was counted, and known to whoever gets the run
    return run
