"""Start the ``rmrp`` command: its commands by name, its exit codes.

Exit codes: 0 success, 1 some reports failed, 2 the request is wrong, 3 input refused or results cannot be written, 4
nothing new (``rmrp month``), 130 stopped. Each command imports its own needs. So a wrong request is answered at once,
and the plan pack of a parameter file is active before any of its lists is read.
"""

import errno
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Annotated, Any

import typer

from rmrp_analysis.commands import check, compare, figures, month, project, run, terminal, trace, usage
from rmrp_analysis.commands.options import Command
from rmrp_analysis.commands.registry import ANY_ARGUMENTS_SETTINGS, COMMAND_EXAMPLES, Commands
from rmrp_analysis.commands.terminal import alert, translate
from rmrp_analysis.errors import InputRefused, RequestError, RmrpError
from rmrp_analysis.files import DISK_ERRNOS
from rmrp_analysis.publish.engine import fast_start

NOT_WRITABLE_ERRNOS = (*DISK_ERRNOS, errno.EACCES, errno.EPERM)
"""System errors of a right request: the disk or folder is full, read-only or not allowed."""
app = typer.Typer(
    cls=Commands,
    epilog=COMMAND_EXAMPLES["run"],
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
CORE_COMMANDS: Mapping[str, Callable[..., Any]] = {
    "new": project.new,
    "run": run.run,
    "diff": compare.diff,
    "check": check.check,
    "figures": figures.figures,
    "verify": compare.verify,
    "trace": trace.trace,
    "params": figures.report_params,
    "next": project.next_month,
    "month": month.month,
}
"""The commands that are always imported, by name."""
for name, function in CORE_COMMANDS.items():
    app.command(name, cls=Command, epilog=COMMAND_EXAMPLES[name])(function)
app.command("lab", cls=Command, epilog=COMMAND_EXAMPLES["lab"], context_settings=ANY_ARGUMENTS_SETTINGS)(project.lab)


def main() -> None:
    """Run the command line and exit: a mistake ends in a sentence and an exit code, never in a traceback."""
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
        sys.exit(terminal.STOPPED_EXIT_CODE)
    except BrokenPipeError:  # whoever read the results has enough
        sys.exit(1)
    except OSError as problem:
        file = problem.filename or translate("a file")
        alert("{file} cannot be used ({reason})", file=file, reason=usage.explain_os_error(problem))
        sys.exit(InputRefused.exit_code if problem.errno in NOT_WRITABLE_ERRNOS else RequestError.exit_code)


def command() -> None:
    """Run the command line in a process that ends at once, without waiting for threads or tidying up its memory."""
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
