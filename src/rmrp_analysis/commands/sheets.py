"""Read, count and make the sheets of a run, with messages on the progress, for ``rmrp run``.

The libraries that read tables are loaded with this module. Drawing libraries are loaded only if a sheet is made.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.notebooks import describe_changed_notebook
from rmrp_analysis.commands.terminal import alert, show, tell, translate
from rmrp_analysis.files import is_address
from rmrp_analysis.params import INDEX_PAGE_FILE, RunParams
from rmrp_analysis.publish.after import Destination
from rmrp_analysis.publish.records.fingerprint import compute_fingerprint
from rmrp_analysis.publish.records.publication import Publication, check_folder
from rmrp_analysis.publish.run import parallel_preparation
from rmrp_analysis.publish.run.preparation import Run
from rmrp_analysis.publish.run.remote import open_run_folder

if TYPE_CHECKING:
    from rmrp_analysis.publish.comparison.account import Account
    from rmrp_analysis.publish.engine.runners import Runner
    from rmrp_analysis.publish.records.results import ReportResult


@dataclass(frozen=True)
class Target:
    """The place of a run's folder (``room``), the editions that stay (``keep``), and the place of publication.

    ``statuses`` are the statuses of the reports of the previous run, by report id.
    """

    room: Path
    folder: Path
    keep: int
    address: str
    destination: Destination | None
    statuses: Mapping[str, str]


@contextmanager
def open_target(out: str, params: RunParams, keep: int) -> Iterator[Target]:
    """Yield the place where the run's folder is made. ``out`` is a folder or an address.

    Raises ``RequestError`` if the place is not free for a run with this audience (see ``check_folder``).
    """
    with open_run_folder(out, params.run, keep) as (room, editions, destination):
        folder = room / params.run
        check_folder(folder, params.audience)
        address = str(folder / INDEX_PAGE_FILE)
        if is_address(out):
            address = f"{out.rstrip('/')}/{params.run}/{INDEX_PAGE_FILE}"
        statuses = {name: report.status for name, report in Publication(folder).reports.items()}
        yield Target(room, folder, editions, address, destination, statuses)


def prepare(path: Path, params: RunParams, requested: Mapping[str, Any]) -> Run:
    """Return a run with its data counted, with messages on read, omitted, lost, accepted or unread data.

    Also warns of a notebook that differs from the package's.
    """
    from rmrp_analysis.publish.run.review import find_unread_narratives
    from rmrp_analysis.quality import LARGE_SHARE_WARNING, shares_accepted

    alert(describe_changed_notebook(params.notebook))
    run = parallel_preparation.prepare_run_in_parallel(
        path,
        params,
        when_read=lambda plan: tell("Counting the figures of {rows} rows", rows=len(plan.activities)),
        fingerprint=compute_fingerprint(params, path, requested),
        **requested,
    )
    project = params.data.parent
    for file in run.plan.inputs:
        if file.sheet:
            names = {"input": file.name, "sheet": file.sheet, "file": file.path.name}
            tell("{input}: the sheet '{sheet}' of {file} is read.", **names)
        if not file.path.resolve().is_relative_to(project.resolve()):
            alert("{input} is read from outside of {folder}: {file}", input=file.name, folder=project, file=file.path)
    for condition in run.conditions:
        alert("accepted: {name}: {sentence}", name=condition.name, sentence=condition.sentence.split(". ")[0])
    for share in shares_accepted(run.conditions, terminal.log.language):
        alert(LARGE_SHARE_WARNING, **share)
    if refused := sum(file.rows_refused for file in run.plan.inputs):
        tell("Rows that cannot be used and are left out: {rows}. `rmrp check` lists them with reasons.", rows=refused)
    if withheld := run.plan.names_withheld:
        alert("{count} names hold contact details and are withheld; `rmrp check` lists them.", count=withheld)
    options.warn_of_losses(run.plan, params.period, run.joins)
    options.tell_decisions(params)
    for fault in find_unread_narratives(params):
        alert(fault)
    return run


def show_dry_run(run: Run, folder: Path) -> None:
    """Say which reports a run would make, which have no sheet or are to be mended, and which files it reads."""
    from rmrp_analysis.publish.run.review import list_reports_to_mend

    params, formats = run.params, ", ".join(run.params.formats)
    facts = {"count": len(run.reports), "folder": folder, "formats": formats}
    show("{count} reports in {folder}, each as {formats} and data files:", **facts)
    line = translate("no sheet, a line of the index: nobody or few people reached, no target and no funding")
    reasons = {"empty": translate("no sheet: nothing reported, designated or planned"), "nobody": line, "few": line}
    to_mend = {
        sheet.report: translate(
            "to mend: {cause}; people concerned: {people}", cause=sheet.cause, people=sheet.people_printed
        )
        for sheet in list_reports_to_mend(run.plan, run.reports, terminal.log.language)
    }
    refused = {name: translate("to mend: {cause}", cause=reason) for name, reason in run.refused.items()}
    refused |= {name: translate("held: {reason}", reason=reason) for name, reason in params.hold.items()}
    for report in run.reports:
        why = reasons.get(run.without_sheet.get(report.id, "")) or (refused | to_mend).get(report.report)
        show(f"  {report.id}" + (f" ({why})" if why else ""))
    show("notebook: {file}", file=params.notebook)
    show("narratives: {folder}", folder=params.narratives or translate("none"))
    for file in run.plan.inputs:
        show("{input}: {file} ({rows} rows)", input=file.name, file=file.path, rows=file.rows)
    tell("Nothing was made: --dry-run.")


def choose_way(engine: str, cluster: str) -> "AbstractContextManager[Runner]":
    """Return a context with the runner of the sheets: processes of this computer, or a cluster."""
    from rmrp_analysis.publish.engine.cluster import open_cluster
    from rmrp_analysis.publish.engine.runners import choose_runner

    return open_cluster(cluster) if cluster else nullcontext(choose_runner(engine))


def make(
    run: Run,
    target: Target,
    way: "AbstractContextManager[Runner]",
    ended_reports: "list[ReportResult]",
    accounts: "list[Account]",
    *,
    jobs: int | None,
    force: bool,
    seconds: int,
    memory: int,
) -> None:
    """Make the sheets of a run and show each as it ends.

    Fills ``ended_reports``, and adds the account of changes to ``accounts``. A report may take these ``seconds``, and
    MiB of ``memory``.
    """
    from rmrp_analysis.publish.engine.workers import Limits
    from rmrp_analysis.publish.run import batch

    tell("Making sheets: {count}", count=len(run.reports))
    with way as runner, terminal.progress(len(run.reports), ended_reports) as when_done:
        ended_reports[:] = batch.render(
            run,
            target.room,
            jobs=jobs,
            force=force,
            limits=Limits(seconds=seconds, memory=memory),
            runner=runner,
            keep=target.keep,
            when_done=when_done,
            when_compared=accounts.append,
            warn=alert,
        )
