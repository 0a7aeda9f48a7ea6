"""Start a project, move it on, try its notebooks: ``rmrp new``, ``rmrp next``, ``rmrp lab``."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Context, Option

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.terminal import show, tell, translate

Files = Annotated[
    list[Path] | None,
    Option("--from", metavar="FILE…", help="Activities (5W), and more; or folders: .xlsx, .csv, .parquet, .json."),
]
"""The option ``--from``: files of producers, or folders of such files."""

Replaces = Annotated[
    str,
    Option(
        metavar="FILE: [FILE, …]",
        help="Which file's reports stand in place of those of others: 'april.xlsx: [march.xlsx]'; [] where all count.",
    ),
]
"""The option ``--replaces``: the files that each file replaces, as YAML."""


def new(
    folder: Annotated[Path, Argument(metavar="DIR", help="The folder to write.")],
    files: Files = None,
    plan: Annotated[int | None, Option(metavar="YEAR", help="The plan year; default: of the activities.")] = None,
    language: options.Languages = None,
    replaces: Replaces = "",
    publisher: Annotated[str, Option(metavar="NAME", help="Who publishes the sheets.")] = "",
    contact: Annotated[str, Option(metavar="ADDRESS", help="How readers write to them.")] = "",
    issue: Annotated[
        list[str] | None, Option(metavar="DAY…", help="Days of issue, this one and the next: 2021-06-15.")
    ] = None,
) -> None:
    """Start a project of your own: parameters, data, notebooks, an empty folder of narratives.

    On a terminal it asks what stands beside the title of every sheet, where no option says it.
    """
    from rmrp_analysis.commands.new import Masthead, new_project

    if not (publisher or contact or issue) and sys.stdin.isatty() and terminal.messages.is_terminal:
        terminal.speak(language[0] if language else "")
        publisher = _ask(translate("Who publishes the sheets (Enter: say it later in params.yml)"))
        contact = _ask(translate("How readers write to them, such as a mail address"))
        days = _ask(translate("Days of this issue and the next, such as 2021-06-15 2021-07-15"))
        issue = days.replace(",", " ").split()
    masthead = Masthead(publisher, contact, issue or ())
    notes, missing = new_project(folder, files or (), plan, language or (), replaces, masthead)
    for note in notes:
        tell(note)
    show(str(folder))
    if missing:
        tell("Next, once there is a file for {inputs}:", inputs=", ".join(missing))
    else:
        tell("Next:")
    place = options.quote_path(folder)
    for command in (f"cd {place}", "rmrp check params.yml", "rmrp run params.yml"):
        tell(f"  {command}")


def _ask(question: str) -> str:
    """Return the answer of a person on the terminal, or an empty text."""
    return str(typer.prompt(question, default="", show_default=False, err=True)).strip()


def next_month(
    path: options.ParamsFile,
    month: Annotated[str, Option(metavar="YYYY-MM", help="The last month; default: the one after the last.")] = "",
    files: Files = None,
    replaces: Replaces = "",
) -> None:
    """Move a project to the next month: its period, its notebooks, and the files that --from names."""
    from rmrp_analysis.commands.next_month import move_project

    for change in move_project(path, month, files or (), replaces):
        show(change)
    tell("Next:")
    for command in ("check", "run"):
        tell(f"  rmrp {command} {path}")


def lab(context: Context) -> None:
    """Open JupyterLab on copies of the project's notebooks; takes the options of `jupyter lab`."""
    from jupyterlab.labapp import LabApp

    from rmrp_analysis.commands.notebooks import copy_notebooks

    copies, changed = copy_notebooks(Path.cwd())
    tell(
        "Copies of the notebooks, for experiments: {folder}. `rmrp run` uses the notebook that PARAMS names.",
        folder=copies,
    )
    for name in changed:
        tell("{copy} was changed, or its notebook was; delete the copy to get a new one.", copy=copies / name)
    # in this process: a signal that ends the command ends the server and its kernels
    LabApp.launch_instance([f"--ServerApp.preferred_dir={copies}", *context.args])
