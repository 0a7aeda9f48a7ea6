"""A run before it starts: its reports, its data, and what is withheld; nothing that draws is imported for it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rmrp_analysis.disclosure import Decision, Rounding
from rmrp_analysis.errors import RequestError
from rmrp_analysis.figures import nothing_known
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.plan import Condition, JoinAudit, Plan
from rmrp_analysis.publish.earlier import earlier_sheets
from rmrp_analysis.publish.figure_rows import check_audit, exact_figures, with_decision
from rmrp_analysis.vocabulary import sector_named


@dataclass(frozen=True)
class Run:
    """What a run consists of before it starts: nothing is written and no notebook run yet.

    ``plan`` are its tables with its repairs made; ``joins`` what each join matched; ``conditions`` what was accepted;
    ``decision`` what is withheld of a public run; ``fingerprint`` what all of it follows from.
    """

    params: RunParams
    params_path: Path
    reports: tuple[ReportParams, ...]
    plan: Plan
    joins: tuple[JoinAudit, ...]
    conditions: tuple[Condition, ...]
    decision: Decision | Rounding | None = None
    fingerprint: str = ""

    @cached_property
    def empty(self) -> frozenset[str]:
        """The ids of reports of which nothing is known: there is nothing reported, designated or planned."""
        selected = {report.report: self.plan.select(**report.selected) for report in self.reports}
        nothing = {name for name, selection in selected.items() if nothing_known(selection)}
        return frozenset(report.id for report in self.reports if report.report in nothing)


@dataclass(frozen=True)
class Counted:
    """A plan whose figures are counted, as it was read and as its repairs leave it, and the reports asked of it."""

    raw: Plan
    plan: Plan
    reports: tuple[ReportParams, ...]


def prepare_run(params_path: Path, params: RunParams, **asked: Any) -> Run:
    """The reports of a parameter file, and its data; see ``preparation`` for what may be ``asked``."""
    *_, run = preparation(params_path, params, **asked)
    assert isinstance(run, Run)  # noqa: S101 - the last of its steps
    return run


def preparation(
    params_path: Path,
    params: RunParams,
    *,
    only: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
    places: Sequence[str] | None = None,
    organisations: Sequence[str] | None = None,
    out: Path | None = None,
    fingerprint: str = "",
) -> Iterator[Counted | Run]:
    """The steps of preparing a run: its data are counted, then they are weighed, and it is decided what is withheld.

    With ``only``, the reports of these sectors (in any spelling); ``languages``, ``places`` and ``organisations``
    replace the file's. ``out`` is where earlier runs lie, whose numbers a reader knows. This process keeps the plan.
    Raises ``InputRefused`` when the data cannot be read, or are over a limit of the method that is not accepted, and
    ``NotSafe`` where a reader could work out what a public run withholds.
    """
    from rmrp_analysis.publish.door import check_trust, read_plan  # who gets a prepared run needs no loaders
    from rmrp_analysis.quality import join_audits

    sectors = {sector_named(name) for name in only or ()}
    asked = params.in_languages(languages or ()).changed(places=places, organisations=organisations)
    if sectors and not any(report.sector in sectors for report in asked.reports()):
        raise RequestError(f"{params_path} asks for none of the sectors of --only")
    raw, plan = read_plan(params_path, params)
    asked = asked.of_organisations(plan.organisations_named)
    with suppress(Exception):  # data that cannot be counted are refused below
        for report in asked.reports():
            exact_figures(plan, report)
        yield Counted(raw, plan, asked.reports())
    conditions = check_trust(plan, params_path, params)
    joins = join_audits(plan, period=params.period, method=params.method)
    earlier = earlier_sheets(out, asked, plan) if out else []
    decided = with_decision(plan, asked.reports(), earlier)  # on all reports: another run may add the others
    check_audit(decided.decision)
    reports = tuple(report for report in decided.reports if not sectors or report.sector in sectors)
    run = Run(params, params_path, reports, plan, joins, conditions, decided.decision, fingerprint)
    _ = run.empty  # found where the plan was counted, and known to whoever gets the run
    yield run
