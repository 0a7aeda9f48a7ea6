"""Read, count and make the sheets of a run, and say so as it passes, for ``rmrp run``.

The libraries that read tables are loaded with this module, those that draw only where a sheet is made.
"""

from collections.abc import Iterator, Mapping, Sequence
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
from rmrp_analysis.publish.records.fingerprint import compute_fingerprint, find_unchanged_reports
from rmrp_analysis.publish.records.manifest import ReportRecord
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
    """Where a run's folder is made: in ``room``, beside ``keep`` earlier editions, and published at ``address``.

    ``statuses`` are those of the reports of the run before, by their ids.
    """

    room: Path
    folder: Path
    keep: int
    address: str
    destination: Destination | None
    statuses: Mapping[str, str]


@contextmanager
def open_target(out: str, params: RunParams, keep: int) -> Iterator[Target]:
    """Yield where the run's folder is made; ``out`` is a folder or an address.

    Raises ``RequestError`` where the place is not free for a run with this audience (see ``check_folder``).
    """
    with open_run_folder(out, params.run, keep) as (runs_folder, kept_edition_count, destination):
        run_folder = runs_folder / params.run
        check_folder(run_folder, params.audience)
        index_path_text = str(run_folder / INDEX_PAGE_FILE)
        index_address = f"{out.rstrip('/')}/{params.run}/{INDEX_PAGE_FILE}" if is_address(out) else index_path_text
        status_by_report = {
            report_id: report_record.status for report_id, report_record in Publication(run_folder).reports.items()
        }
        yield Target(runs_folder, run_folder, kept_edition_count, index_address, destination, status_by_report)


def find_unchanged(
    path: Path, params: RunParams, requested: Mapping[str, Any], target: Target
) -> Sequence[ReportRecord]:
    """Return the reports of the last run where nothing that they follow from has changed; else an empty sequence."""
    return find_unchanged_reports(target.folder, compute_fingerprint(params, path, requested)) or ()


def prepare(path: Path, params: RunParams, requested: Mapping[str, Any]) -> Run:
    """Return a run with its data counted; say what was read from where, left out, lost, accepted or is unread.

    Warns of a notebook that is not the package's, too.
    """
    from rmrp_analysis.publish.run.review import find_unread_narratives
    from rmrp_analysis.quality import LARGE_SHARE_WARNING, shares_accepted

    alert(describe_changed_notebook(params.notebook))
    prepared_run = parallel_preparation.prepare_run_in_parallel(
        path,
        params,
        when_read=lambda plan: tell("Counting the figures of {rows} rows", rows=len(plan.activities)),
        fingerprint=compute_fingerprint(params, path, requested),
        **requested,
    )
    project_folder = params.data.parent
    for input_file_record in prepared_run.plan.inputs:
        if input_file_record.sheet:
            input_message_values = {
                "input": input_file_record.name,
                "sheet": input_file_record.sheet,
                "file": input_file_record.path.name,
            }
            tell("{input}: the sheet '{sheet}' of {file} is read.", **input_message_values)
        if not input_file_record.path.resolve().is_relative_to(project_folder.resolve()):
            alert(
                "{input} is read from outside of {folder}: {file}",
                input=input_file_record.name,
                folder=project_folder,
                file=input_file_record.path,
            )
    for gate_condition in prepared_run.conditions:
        alert("accepted: {name}: {sentence}", name=gate_condition.name, sentence=gate_condition.sentence.split(". ")[0])
    for share_message_values in shares_accepted(prepared_run.conditions, terminal.log.language):
        alert(LARGE_SHARE_WARNING, **share_message_values)
    if refused_row_count := sum(input_file_record.rows_refused for input_file_record in prepared_run.plan.inputs):
        tell(
            "Rows that cannot be used and are left out: {rows}. `rmrp check` lists them with reasons.",
            rows=refused_row_count,
        )
    if withheld_name_count := prepared_run.plan.names_withheld:
        alert(
            "{count} names hold contact details and are withheld; `rmrp check` lists them.", count=withheld_name_count
        )
    options.warn_of_losses(prepared_run.plan, params.period, prepared_run.joins)
    for narrative_fault in find_unread_narratives(params):
        alert(narrative_fault)
    return prepared_run


def show_dry_run(run: Run, folder: Path) -> None:
    """Say which reports a run would make, which have no sheet or are to be mended, and from which files it reads."""
    from rmrp_analysis.publish.run.review import list_reports_to_mend

    run_params, formats_text = run.params, ", ".join(run.params.formats)
    run_message_values = {"count": len(run.reports), "folder": folder, "formats": formats_text}
    show("{count} reports in {folder}, each as {formats} and data files:", **run_message_values)
    index_line = translate("no sheet, a line of the index: nobody or few people reached, no target and no funding")
    reason_by_sheet_state = {
        "empty": translate("no sheet: nothing reported, designated or planned"),
        "nobody": index_line,
        "few": index_line,
    }
    cause_by_report = {
        sheet_to_mend.report: translate(
            "to mend: {cause}; people concerned: {people}",
            cause=sheet_to_mend.cause,
            people=sheet_to_mend.people_printed,
        )
        for sheet_to_mend in list_reports_to_mend(run.plan, run.reports, terminal.log.language)
    }
    refusal_by_report = {
        report_name: translate("to mend: {cause}", cause=refusal_reason)
        for report_name, refusal_reason in run.refused.items()
    }
    for report_params in run.reports:
        report_note = reason_by_sheet_state.get(run.without_sheet.get(report_params.id, "")) or (
            refusal_by_report | cause_by_report
        ).get(report_params.report)
        show(f"  {report_params.id}" + (f" ({report_note})" if report_note else ""))
    show("notebook: {file}", file=run_params.notebook)
    show("narratives: {folder}", folder=run_params.narratives or translate("none"))
    for input_file_record in run.plan.inputs:
        show(
            "{input}: {file} ({rows} rows)",
            input=input_file_record.name,
            file=input_file_record.path,
            rows=input_file_record.rows,
        )
    tell("Nothing was made: --dry-run.")


def choose_way(engine: str, cluster: str) -> "AbstractContextManager[Runner]":
    """Return how processes make the sheets, as a context that ends what it begins: here, or on a cluster."""
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
    """Make the sheets of a run and show each as it ends; fill ``ended_reports``, and add what moved to ``accounts``.

    A report may take these ``seconds``, and MiB of ``memory``.
    """
    from rmrp_analysis.publish.engine.workers import Limits
    from rmrp_analysis.publish.run import batch

    tell("Making sheets: {count}", count=len(run.reports))
    with way as runner_function, terminal.progress(len(run.reports), ended_reports) as show_ended_report:
        ended_reports[:] = batch.render(
            run,
            target.room,
            jobs=jobs,
            force=force,
            limits=Limits(seconds=seconds, memory=memory),
            runner=runner_function,
            keep=target.keep,
            when_done=show_ended_report,
            when_compared=accounts.append,
            warn=alert,
        )
