"""Start the ``rmrp`` command: its commands by name, its exit codes.

Exit codes: 0 all well, 1 some reports failed, 2 the request is wrong, 3 input refused, or results cannot be written,
4 nothing new (``rmrp month``), 130 stopped. Each command imports what it needs, so that a wrong request is answered at
once, and the plan pack that a parameter file names is chosen before any of its lists is read.
"""

import errno
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated

import typer

from rmrp_analysis.commands import check, compare, figures, month, project, run, terminal, trace, usage
from rmrp_analysis.commands.fetch import fetch
from rmrp_analysis.commands.help import Group
from rmrp_analysis.commands.options import Command
from rmrp_analysis.commands.terminal import alert, translate
from rmrp_analysis.errors import InputRefused, RequestError, RmrpError
from rmrp_analysis.files import DISK_PROBLEMS
from rmrp_analysis.publish.engine import fast_start

NOT_WRITABLE = (*DISK_PROBLEMS, errno.EACCES, errno.EPERM)
"""A full or closed disk or folder: the request is right, and yet nothing can be written."""
OTHER_PROGRAMS_OPTIONS = {"allow_extra_args": True, "ignore_unknown_options": True}

EXAMPLES: Mapping[str, str] = {
    "new": 'rmrp new peru --from "5W May.xlsx"',
    "next": 'rmrp next params.yml --from "5W June.xlsx"',
    "month": "rmrp month params.yml --quiet",
    "run": "rmrp run params.yml --sector Health --language es en",
    "check": "rmrp check params.yml --workbooks",
    "figures": "rmrp figures params.yml --out figures.csv",
    "trace": "rmrp trace params.yml --sector Health --figure people_reached",
    "diff": "rmrp diff reports/2021-05 reports/2021-06",
    "proof": "rmrp proof press.docx --run reports/2021-05",
    "verify": "rmrp verify reports/2021-05",
    "params": "rmrp params params.yml --report health.peru.es",
    "fetch activityinfo": "rmrp fetch activityinfo --activities cov6wkem4 --out data",
    "fetch fts": "rmrp fetch fts --plan-id 1021 --out data",
    "fetch hdx": "rmrp fetch hdx rmrp-2021-lists --out data",
    "sample": "rmrp sample --rows 3000 --out sample",
    "lab": "rmrp lab --no-browser",
}
"""What may be typed for each command; its help ends with it, and the page on commands has it, too."""

app = typer.Typer(
    cls=Group,
    epilog=EXAMPLES["run"],
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
for asked in (project.new, run.run, compare.diff, check.check, figures.figures, compare.verify, trace.trace):
    app.command(cls=Command)(asked)
app.command(cls=Command)(compare.proof)
app.command("params", cls=Command)(figures.report_params)
app.command("next", cls=Command)(project.next_month)
app.command("month", cls=Command)(month.month)
app.command(cls=Command)(project.sample)
app.command(cls=Command, context_settings=OTHER_PROGRAMS_OPTIONS)(project.lab)
app.add_typer(fetch, name="fetch", epilog=EXAMPLES["fetch fts"])
for prefix, group in (("", app), ("fetch ", fetch)):
    for each in group.registered_commands:
        each.epilog = EXAMPLES[f"{prefix}{each.name or getattr(each.callback, '__name__', '')}"]


def main() -> None:
    """Answer what the command is asked for: a mistake ends in a sentence and an exit code, never in a traceback."""
    fast_start.begin_imports()
    terminal.log = terminal.Log()  # nothing stays of a command that this process answered before
    terminal.print_in_any_encoding()
    terminal.speak()
    try:
        code = app(standalone_mode=False)
        sys.exit(code if type(code) is int else 0)  # a command that gives anything else ended well
    except RmrpError as problem:
        alert(problem)
        sys.exit(problem.exit_code)
    except usage.UsageError as problem:
        if type(problem).__name__ == "NoArgsIsHelpError":  # which is no mistake
            problem.show()
        else:
            alert(usage.explain_usage(problem))
        sys.exit(RequestError.exit_code)
    except typer.Abort:
        sys.exit(terminal.STOPPED)
    except BrokenPipeError:  # whoever read the results has enough
        sys.exit(1)
    except OSError as problem:
        file = problem.filename or translate("a file")
        alert("{file} cannot be used ({reason})", file=file, reason=usage.explain_os_error(problem))
        sys.exit(InputRefused.exit_code if problem.errno in NOT_WRITABLE else RequestError.exit_code)


def command() -> None:
    """Answer as a process, which ends at once: without waiting for threads, or tidying up its memory."""
    code = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    with suppress(BrokenPipeError):  # whoever read the results has enough
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


@app.callback(invoke_without_command=True)
def options(version: Annotated[bool, typer.Option("--version", help="The version; nothing else.")] = False) -> None:
    """Key-figures sheets of the regional response plan for refugees and migrants (RMRP)."""
    if version:
        import rmrp_analysis

        terminal.show(f"rmrp-analysis {rmrp_analysis.__version__}")
        raise typer.Exit
